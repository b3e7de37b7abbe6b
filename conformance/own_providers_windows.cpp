// The library, the machine's own Winsock, and the library over the simulated network. It must not know what is judged.
#include <optional>

#include "conformance/own_providers.hpp"
#include "conformance/simulated_provider.hpp"
#include "conformance/system_provider.hpp"

namespace asyncselect::conformance {

std::vector<std::string> own_providers() { return {"iocp", "system"}; }

std::string_view provider_names() {
    return "iocp|iocp-eager|system|all|simulated[:SEED[:FAILURES]]|simulated-eager[...]";
}
std::string_view provider_names_told() { return "iocp, iocp-eager, system, all or simulated[:SEED[:FAILURES]]"; }

std::string_view usual_provider() { return "iocp"; }

bool is_own_provider(const std::string& name) {
    return name == "iocp" || name == "iocp-eager" || name == "system" || simulation_called(name).has_value();
}

std::unique_ptr<Provider> make_own_provider(const std::string& name) {
    if (name == "iocp") return make_iocp_provider(true);
    if (name == "iocp-eager") return make_iocp_provider(false);
    if (name == "system") return make_system_provider();
    if (const std::optional<Simulation> simulation = simulation_called(name))
        return make_simulated_provider(*simulation);
    return nullptr;
}

}  // namespace asyncselect::conformance
