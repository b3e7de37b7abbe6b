// The library in its two ways of posting, and over the simulated network. It must not know what is judged.
#include <optional>

#include "conformance/own_providers.hpp"
#include "conformance/simulated_provider.hpp"

namespace asyncselect::conformance {

std::vector<std::string> own_providers() { return {"pump", "eager"}; }

std::string_view provider_names() {
    return "pump|eager|all|simulated[:SEED[:FAILURES]]|simulated-eager[...]|exec:COMMAND";
}
std::string_view provider_names_told() { return "pump, eager, all, simulated[:SEED[:FAILURES]] or exec:COMMAND"; }

std::string_view usual_provider() { return "pump"; }

bool is_own_provider(const std::string& name) {
    return name == "pump" || name == "eager" || simulation_called(name).has_value();
}

std::unique_ptr<Provider> make_own_provider(const std::string& name) {
    if (name == "pump") return make_native_provider(Posting::pump);
    if (name == "eager") return make_native_provider(Posting::eager);
    if (const std::optional<Simulation> simulation = simulation_called(name)) {
        return make_simulated_provider(*simulation);
    }
    return nullptr;
}

}  // namespace asyncselect::conformance
