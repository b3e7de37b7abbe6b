// The registration of a socket: to which window, with which message, watched by which poller.
// Knows slots and queues; must know nothing of the other functions of the API.
#pragma once

#include <cstdint>
#include <optional>

#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// Takes a socket that holds its posting bit, or is closed, out of its queue: no poller watches it, it stands in no
// line, and its window's handle is given free.
void end_registration(Slot& slot, Handle handle) noexcept;

// Gives a slot that nobody else knows yet the registration of a listener that holds its posting bit (AS-INHERIT-1),
// and returns its events. The descriptor is not watched yet: `slot.poller`, if there is one, is to be told of it.
// Nothing: out of memory.
[[nodiscard]] std::optional<std::uint32_t> inherit_registration(const Slot& listener, Slot& slot) noexcept;

}  // namespace asyncselect::winsock
