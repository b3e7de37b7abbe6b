// The harvester: a thread with a poller of its own, which harvests the sockets that no window's thread does: all of
// them while posting is eager, and those of WSAEventSelect in either way of posting. And which way that is. It knows
// how to harvest; it must not know who registers what.
#pragma once

#include <cstdint>

#include "impl/net/poller.hpp"

namespace asyncselect::winsock {

enum class Posting : std::uint8_t {
    pump,   // a window's thread harvests its sockets when it looks for messages
    eager,  // the harvester posts whatever the window's thread is doing
};

// Of the process. It is set while Winsock is not started. Any thread.
[[nodiscard]] Posting posting() noexcept;
void set_posting(Posting wanted) noexcept;

// The poller of the harvester, whose thread is started if it does not run. nullptr: the system gives no thread or no
// descriptors. Any thread.
[[nodiscard]] net::Poller* harvester() noexcept;

[[nodiscard]] bool is_harvester(const net::Poller& poller) noexcept;

// Ends the harvester's thread, if it runs, and waits for its end. Any thread but that one.
void end_harvester() noexcept;

}  // namespace asyncselect::winsock
