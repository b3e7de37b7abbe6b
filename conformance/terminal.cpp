// The terminal. It must not know what is run.
#include "conformance/terminal.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace asyncselect::conformance {

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool wants_colours() {
    const char* const no_color = std::getenv("NO_COLOR");
    return on_terminal() && (no_color == nullptr || *no_color == '\0');
}

Progress::Progress(bool to_error)
    : to_error_(to_error), rewrites_(::isatty(to_error ? STDERR_FILENO : STDOUT_FILENO) == 1) {}

void Progress::step(std::string_view text) {
    std::ostream& out = to_error_ ? std::cerr : std::cout;
    constexpr std::size_t room = 79;
    if (rewrites_)
        out << "\r\033[K" << text.substr(0, room) << std::flush;
    else
        out << text << '\n' << std::flush;
}

void Progress::done() {
    std::ostream& out = to_error_ ? std::cerr : std::cout;
    if (rewrites_)
        out << "\r\033[K" << std::flush;
    else
        out << '\n';
}

}  // namespace asyncselect::conformance
