// Whom to judge, by name. It must not know what is judged.
#include "conformance/providers.hpp"

#include <optional>
#include <stdexcept>
#include <string_view>

#include "conformance/exec_provider.hpp"
#include "conformance/own_providers.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::string_view separate = "exec:";

std::vector<RemoteAddress> addresses_in(const std::vector<std::string>& texts, const std::string& option) {
    std::vector<RemoteAddress> addresses;
    for (const std::string& text : texts) {
        const std::optional<RemoteAddress> address = address_in(text);
        if (!address) throw std::runtime_error(option + ": \"" + text + "\" is no address in digits, as 192.0.2.1");
        for (const RemoteAddress& other : addresses) {
            if (other.ipv6 == address->ipv6) throw std::runtime_error(option + " gives two addresses of one family");
        }
        addresses.push_back(*address);
    }
    return addresses;
}

}  // namespace

std::vector<std::string> providers_named(const std::string& name) {
    if (name == "all") return own_providers();
    return {name};
}

std::string known_provider(const std::string& name) {
    if (name == "all" || is_own_provider(name)) return "";
    if (is_separate(name)) return name.size() > separate.size() ? "" : "exec: names a command, as exec:./adapter";
    return "there is no provider \"" + name + "\": " + std::string(provider_names_told());
}

bool is_separate(const std::string& name) { return name.starts_with(separate); }

std::unique_ptr<Provider> make_provider(const std::string& name, const ProviderOptions& options) {
    if (!is_separate(name)) {
        if (!options.peers_at.empty() || !options.provider_at.empty()) {
            throw std::runtime_error("the provider \"" + name +
                                     "\" is in this process: --peers-at and --provider-at are for exec:COMMAND");
        }
        if (std::unique_ptr<Provider> own = make_own_provider(name)) return own;
        throw std::runtime_error("there is no provider \"" + name + '"');
    }
    ExecOptions exec;
    exec.command = name.substr(separate.size());
    exec.start = options.start;
    exec.peers_at = addresses_in(options.peers_at, "--peers-at");
    exec.provider_at = addresses_in(options.provider_at, "--provider-at");
    exec.out_of_sight = options.out_of_sight;
    return make_exec_provider(exec);
}

}  // namespace asyncselect::conformance
