// See conformance/terminal.hpp.
#include <windows.h>

#include "conformance/terminal.hpp"

namespace asyncselect::conformance {

namespace {

// A console that understands escape sequences, which it does not by itself.
bool is_terminal(DWORD which) {
    HANDLE const output = ::GetStdHandle(which);
    DWORD mode = 0;
    constexpr DWORD escape_sequences = 0x0004;  // ENABLE_VIRTUAL_TERMINAL_PROCESSING
    return ::GetConsoleMode(output, &mode) != 0 && ::SetConsoleMode(output, mode | escape_sequences) != 0;
}

}  // namespace

bool on_terminal() { return is_terminal(STD_OUTPUT_HANDLE); }

bool watched() { return is_terminal(STD_ERROR_HANDLE); }

}  // namespace asyncselect::conformance
