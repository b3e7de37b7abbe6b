// The registration of a socket: to which window, with which message, watched by which queue's poller.
// Knows slots and queues; must know nothing of the other functions of the API.
#pragma once

#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// Takes a socket that holds its posting bit, or is closed, out of its queue: no poller watches it, it stands in no
// line, and its window's handle is given free.
void end_registration(Slot& slot, Handle handle) noexcept;

}  // namespace asyncselect::winsock
