// FD_ROUTING_INTERFACE_CHANGE and FD_ADDRESS_LIST_CHANGE: what sockets have asked to be told, and who looks whether it
// has happened. No thread of its own: the poller of every registration that wants one of the two events watches what
// the system tells, and whoever harvests it looks for all sockets of the process. A process that never asks pays
// nothing. Knows slots and the network below; must know nothing of windows and of other events.
//
// What counts as a change, after the request was made (AS-EDGE-2):
//   of a route: another interface, another local address, or none where there was one and the reverse. Also for a time
//     only, as far as the system's notifications leave no doubt of it.
//   of the address list: an address can be bound to that could not, or the reverse, be it for a time only.
//   When the system has dropped notifications, everything is read anew; as no change can be excluded then, all requests
//     that the dropped ones can concern are told of one: those for routes always, those for addresses unless only
//     notifications of routes were dropped.
// A socket can ask for several destinations. A message tells that at least one of them has changed, and uses up the
// requests for those that have; WSAENETUNREACH if one of these cannot be reached. The requests for the others stand,
// and count from the next SIO_ROUTING_INTERFACE_CHANGE on.
#pragma once

#include <cstdint>

#include "impl/winsock/ioctl.hpp"
#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// What a poller reports when the system has told of changes: no socket bears it.
inline constexpr std::uint64_t changes_token = std::uint64_t{1} << 32;

// Has a poller that watches a socket with one of the two events watch the changes too, if anybody has asked for any.
// Locks nothing. Any thread.
void watch_changes(net::Poller& poller) noexcept;

// Takes what the system has told and steps the sockets that it concerns, in whatever thread's window. By a thread that
// holds no posting bit. Any thread.
void look_for_changes() noexcept;

// The socket is closed: it has asked for nothing.
void forget_changes(Handle handle) noexcept;

// The four codes of WSAIoctl.
core::Error query_route(Call& call, const Ioctl& request) noexcept;
core::Error request_route_change(Call& call, const Ioctl& request) noexcept;
core::Error query_address_list(Call& call, const Ioctl& request) noexcept;
core::Error request_address_list_change(Call& call, const Ioctl& request) noexcept;

// How many bytes of notifications the system keeps until we look: for tests of what happens when they are too few.
void keep_at_most(int bytes) noexcept;

}  // namespace asyncselect::winsock
