// What is said of a file that cannot be read or written: which, and the system's reason. It must not know what is in
// it.
#pragma once

#include <string>

namespace asyncselect::conformance {

// To be called at once after what failed, while errno is its own. Any thread.
std::string unreadable(const std::string& file);
std::string unwritable(const std::string& file);

}  // namespace asyncselect::conformance
