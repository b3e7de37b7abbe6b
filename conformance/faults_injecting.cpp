// Beside the library over the transport that faults can be injected into.
#include "conformance/faults.hpp"
#include "conformance/injecting/injection.hpp"

namespace asyncselect::conformance::faults {

std::optional<std::string> not_possible() { return std::nullopt; }
bool fail_subsystem() {
    net::injection::fail_subsystem();
    return true;
}
void restore() { net::injection::restore(); }

}  // namespace asyncselect::conformance::faults
