// The library, and the machine's own Winsock. It must not know what is judged.
#include "conformance/own_providers.hpp"
#include "conformance/system_provider.hpp"

namespace asyncselect::conformance {

std::vector<std::string> own_providers() { return {"iocp", "system"}; }

std::string_view provider_names() { return "iocp|system|all"; }
std::string_view provider_names_told() { return "iocp, system or all"; }

std::string_view usual_provider() { return "iocp"; }

bool is_own_provider(const std::string& name) { return name == "iocp" || name == "system"; }

std::unique_ptr<Provider> make_own_provider(const std::string& name) {
    if (name == "iocp") return make_iocp_provider();
    if (name == "system") return make_system_provider();
    return nullptr;
}

}  // namespace asyncselect::conformance
