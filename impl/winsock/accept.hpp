// Connection requests that are no longer the system's and not yet anybody's: Linux shows a request only to who takes
// it, so what a condition function looks at, or has deferred, is held here. Knows slots; must know nothing of windows.
#pragma once

#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// Whether a request of this listener is held: deferred, or looked at by a condition function at this moment. As long as
// that has not decided, the request counts as one that is there. Any thread that is in a call on the socket.
[[nodiscard]] bool request_held(const Slot& slot) noexcept;

// Whether an accept would find a request now: for those who poll a listener. Any thread that is in a call on the
// socket, or stays at it.
[[nodiscard]] bool request_waits(const Slot& slot) noexcept;

// closesocket: the peers of deferred requests see a reset, as those in the system's queue do. Nobody is in a call on
// the socket any more.
void reset_held_requests(Slot& slot) noexcept;

}  // namespace asyncselect::winsock
