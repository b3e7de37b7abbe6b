// Urgent (out-of-band) data of a stream: what MSG_OOB receives, and what a receive of normal data has to leave out. All
// functions are for who is in a call on a stream socket.
// Knows slots and the transport; must know nothing of the API.
#pragma once

#include <span>

#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// Whether a byte is there for MSG_OOB.
[[nodiscard]] bool urgent_waits(const Slot& slot) noexcept;

// SO_OOBINLINE as the application has set it.
[[nodiscard]] bool wants_inline(const Slot& slot) noexcept;
// Sets it for what arrives from now on.
[[nodiscard]] core::Error set_inline(Call& call, bool on) noexcept;
// The same for a socket that was just accepted and that nobody else knows: as its listener has it.
[[nodiscard]] core::Error inherit_inline(const Slot& listener, Slot& accepted) noexcept;

// Fetches an urgent byte that the system holds. What was there before is replaced.
void look_for_urgent(Slot& slot) noexcept;

// Receives it: with MSG_OOB. invalid: there is none.
[[nodiscard]] net::Result receive_urgent(Slot& slot, std::span<const net::Buffer> buffers, bool peek) noexcept;

// What a receive knows of what it has left.
enum class Left : std::uint8_t { unknown, nothing, something };

struct Received {
    net::Result result;
    Left left = Left::unknown;
};

// Receives normal data where an urgent byte was seen, and leaves that out.
[[nodiscard]] Received receive_around_marks(Slot& slot, std::span<net::Buffer> buffers, int flags) noexcept;

// Receives normal data where none was seen yet, but would not be lost: it never passes a byte that comes meanwhile.
[[nodiscard]] Received receive_watchfully(Slot& slot, std::span<net::Buffer> buffers, int flags) noexcept;

// FIONREAD and SIOCATMARK.
[[nodiscard]] net::Result bytes_to_mark(Call& call) noexcept;
[[nodiscard]] net::Result at_mark(Call& call) noexcept;

// Whether there is normal data to receive, where an urgent byte was seen.
[[nodiscard]] bool data_left_around_marks(Slot& slot) noexcept;

}  // namespace asyncselect::winsock
