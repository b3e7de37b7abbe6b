// Beside the library as it is installed: it cannot be made to fail.
#include "conformance/faults.hpp"

namespace asyncselect::conformance::faults {

std::optional<std::string> not_possible() {
    return "the library as it is installed has no means to let the network subsystem fail";
}
bool fail_subsystem() { return false; }
void restore() {}

}  // namespace asyncselect::conformance::faults
