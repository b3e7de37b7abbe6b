// Multipoint sessions: what WSAJoinLeaf leaves behind on a datagram socket. Knows slots and the transport.
#pragma once

#include "impl/winsock/ioctl.hpp"
#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// Where a send without an address goes: to the group that the socket joined last as a sender. False if there is none.
// Only for a socket that is not connected. Any thread that is in a call on the socket.
[[nodiscard]] bool default_destination(const Slot& slot, net::Address& group) noexcept;

// SIO_MULTIPOINT_LOOPBACK, SIO_MULTICAST_SCOPE.
[[nodiscard]] core::Error sio_multipoint_loopback(Call& call, const Ioctl& request) noexcept;
[[nodiscard]] core::Error sio_multicast_scope(Call& call, const Ioctl& request) noexcept;

}  // namespace asyncselect::winsock
