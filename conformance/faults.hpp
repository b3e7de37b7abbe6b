// Whether the library that a program was linked with can be made to fail, and how. One of two implementations is linked
// beside the library that it belongs to. It must not know any scenario or clause.
#pragma once

#include <optional>
#include <string>

namespace asyncselect::conformance::faults {

// Why the network subsystem cannot be made to fail, or nothing.
std::optional<std::string> not_possible();

// Makes it fail until `restore`. Whether that was done. Any thread.
bool fail_subsystem();
void restore();

}  // namespace asyncselect::conformance::faults
