// Whom to judge, by name. It must not know what is judged.
#include "conformance/providers.hpp"

#include <stdexcept>

namespace asyncselect::conformance {

std::vector<std::string> providers_named(const std::string& name) {
    if (name == "all") return {"pump", "eager"};
    return {name};
}

std::string known_provider(const std::string& name) {
    if (name == "all" || name == "pump" || name == "eager") return "";
    return "there is no provider \"" + name + "\": pump, eager or all";
}

std::unique_ptr<Provider> make_provider(const std::string& name) {
    if (name == "pump") return make_native_provider(Posting::pump);
    if (name == "eager") return make_native_provider(Posting::eager);
    throw std::runtime_error("there is no provider \"" + name + '"');
}

}  // namespace asyncselect::conformance
