// Whom to judge, by the names that the command line takes. It must not know what is judged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

// The names that one stands for: "all" for every provider of our own. Each can be made.
std::vector<std::string> providers_named(const std::string& name);

// "" if `name` is one that providers_named takes, otherwise what is wrong with it.
std::string known_provider(const std::string& name);

// A provider by its own name: "pump" or "eager". Throws std::runtime_error: it is not known, or does not start.
std::unique_ptr<Provider> make_provider(const std::string& name);

}  // namespace asyncselect::conformance
