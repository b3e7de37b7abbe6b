// The terminal. It must not know what is run.
#include "conformance/terminal.hpp"

#include <cstdlib>
#include <iostream>

namespace asyncselect::conformance {

bool wants_colours() {
    const char* const no_color = std::getenv("NO_COLOR");
    return on_terminal() && (no_color == nullptr || *no_color == '\0');
}

Progress::Progress() : rewrites_(watched()) {}

void Progress::step(std::string_view text) {
    constexpr std::size_t room = 79;
    if (rewrites_)
        std::cerr << "\r\033[K" << text.substr(0, room) << std::flush;
    else
        std::cerr << text << '\n' << std::flush;
}

void Progress::done() {
    if (rewrites_) std::cerr << "\r\033[K" << std::flush;
}

}  // namespace asyncselect::conformance
