// The providers that are in this program, which are other ones on each system. It must not know what is judged.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

// Those that "all" stands for.
std::vector<std::string> own_providers();

// What may stand for a provider on a command line, as one reads it in help and in a sentence.
std::string_view provider_names();
std::string_view provider_names_told();

// The one that plays a script where none is chosen.
std::string_view usual_provider();

// Whether there is one of this name.
bool is_own_provider(const std::string& name);

// Null: there is none of this name. Throws std::runtime_error: this machine has no means for it.
std::unique_ptr<Provider> make_own_provider(const std::string& name);

}  // namespace asyncselect::conformance
