// What can happen to a socket now. Generators ask before they choose, and Socket::apply ignores the rest. Knows the
// facts only: what is possible is a matter of the network and of the calls, never of what was posted.
#pragma once

#include "model/socket.hpp"
#include "model/stimulus.hpp"

namespace asyncselect::model {

// Whether the stimulus can happen to this socket now: data arrives only on an established connection, an accept that
// succeeds needs a request, and so on. A call that fails can happen nearly always. Any thread, as long as none changes
// the socket.
[[nodiscard]] bool possible(const Socket& socket, const Stimulus& stimulus);

}  // namespace asyncselect::model
