// What sending, receiving and connecting are for a datagram socket. All are for who is in a call on one.
// Knows slots and the transport; must know nothing of the word's stimuli nor of the application's memory.
#pragma once

#include <span>

#include "impl/winsock/ioctl.hpp"
#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// The largest datagrams that can be sent: what fits the 16 bits of a length beside the headers.
inline constexpr std::uint32_t longest_inet_datagram = 65507;
inline constexpr std::uint32_t longest_inet6_datagram = 65527;

// Makes a slot that nobody else knows yet one of a datagram socket. False: out of memory.
[[nodiscard]] bool begin_datagrams(Slot& slot, bool inet6) noexcept;

[[nodiscard]] bool is_inet6(const Slot& slot) noexcept;

// Sends one datagram, to where the socket is connected if `to` is null. ICMP errors of earlier ones do not fail it.
[[nodiscard]] net::Result send_datagram(Slot& slot, std::span<const net::Buffer> buffers, int flags,
                                        const net::Address* to) noexcept;

// Receives one datagram as net::Transport does, or tells of an ICMP error, once. invalid: there is none, and the socket
// has no port to which one could come.
[[nodiscard]] net::Result receive_datagram(Slot& slot, std::span<const net::Buffer> buffers, int flags,
                                           net::Address* from) noexcept;

// Notes where datagrams go and come from now on.
[[nodiscard]] core::Error connect_datagrams(Slot& slot, const net::Address& to) noexcept;
// Ends that.
[[nodiscard]] core::Error disconnect_datagrams(Slot& slot) noexcept;

// Fetches the ICMP errors that the system holds, so that no other call meets them and none waits for ever.
void collect_reports(Slot& slot) noexcept;
// Whether the next receive fails with one.
[[nodiscard]] bool report_waits(const Slot& slot) noexcept;
// Takes that error away, or none.
[[nodiscard]] core::Error take_report(Slot& slot) noexcept;

// SIO_UDP_CONNRESET.
[[nodiscard]] core::Error set_reset_reports(Call& call, const Ioctl& request) noexcept;

}  // namespace asyncselect::winsock
