// Who has turns over the simulated network: the library's own thread, which works only when it is told to, and the
// threads of a program, where somebody gives them turns as well. Its namespace stands beside that of both builds of the
// library, which see it.
#pragma once

namespace simulated {

// Lets the library's own thread, if it has one, do all that there is for it to do. Whether there was anything.
bool let_background_work();

// Who gives turns to the threads of a program is told here of what they do to those who wait; nobody does otherwise.
// Other threads may go on meanwhile.
struct Players {
    // Before a look at what there is for the poller; if it is to wait without end, until there is something or nothing
    // can come any more.
    void (*waits)(int poller, bool without_end) noexcept = nullptr;
    void (*wakes)() noexcept = nullptr;  // before it
};
inline constinit Players players;

}  // namespace simulated
