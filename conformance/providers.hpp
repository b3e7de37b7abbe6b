// Whom to judge, by the names that the command line takes. It must not know what is judged.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

// The names that one stands for: "all" for every provider of our own. Each can be made.
std::vector<std::string> providers_named(const std::string& name);

// What a provider that is a separate program may need to be told.
struct ProviderOptions {
    std::vector<std::string> peers_at;     // addresses in digits, at most one of each family
    std::vector<std::string> provider_at;  // the same
    std::chrono::milliseconds start{30'000};
    std::chrono::milliseconds out_of_sight{100};
};

// "" if `name` is one that providers_named takes, otherwise what is wrong with it.
std::string known_provider(const std::string& name);

// Whether the provider is a separate program: "exec:COMMAND".
bool is_separate(const std::string& name);

// A provider by its own name: "exec:COMMAND" or one that is in this program (own_providers.hpp). Throws
// std::runtime_error: it is not known, does not start, or does not know what to do with the options.
std::unique_ptr<Provider> make_provider(const std::string& name, const ProviderOptions& options = {});

}  // namespace asyncselect::conformance
