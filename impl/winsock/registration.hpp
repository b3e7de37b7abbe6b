// The registration of a socket: to which window, with which message, or for which event object; watched by which
// poller.
// Knows slots and queues; must know nothing of the other functions of the API.
#pragma once

#include <cstdint>
#include <optional>

#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// Where the notifications of a socket go: to a window, or into an event record.
struct Destination {
    window::Handle window = 0;  // 0: to the event
    std::uint32_t message = 0;
    window::ObjectReference event;
};

// WSAAsyncSelect and WSAEventSelect with events: a fresh record, what holds is posted at once; each replaces the other.
[[nodiscard]] core::Error register_for(Call& call, const Destination& destination, std::uint32_t mask) noexcept;

// The same without events.
[[nodiscard]] core::Error cancel(Call& call) noexcept;

// Takes a socket that holds its posting bit, or is closed, out of its queue: no poller watches it, it stands in no
// line, and its window's handle is given free.
void end_registration(Slot& slot, Handle handle) noexcept;

// Gives a slot that nobody else knows yet the registration of a listener that holds its posting bit (AS-INHERIT-1),
// and returns its events. The descriptor is not watched yet: `slot.poller`, if there is one, is to be told of it.
// Nothing: out of memory.
[[nodiscard]] std::optional<std::uint32_t> inherit_registration(const Slot& listener, Slot& slot) noexcept;

}  // namespace asyncselect::winsock
