// See conformance/terminal.hpp.
#include <unistd.h>

#include "conformance/terminal.hpp"

namespace asyncselect::conformance {

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool watched() { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace asyncselect::conformance
