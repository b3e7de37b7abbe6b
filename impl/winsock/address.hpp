// Socket addresses that the application passes in and out: neither their memory nor their lengths are to be trusted.
// Knows layouts; must know no socket.
#pragma once

#include <asyncselect/asyncselect.h>

#include "impl/net/transport.hpp"

namespace asyncselect::winsock {

inline constexpr std::uint32_t inet_length = sizeof(asyncselect_sockaddr_in);
inline constexpr std::uint32_t inet6_length = sizeof(asyncselect_sockaddr_in6);
inline constexpr std::uint16_t inet_family = 2;
inline constexpr std::uint16_t inet6_family = 23;

// fault: not accessible, or too short for its family.
[[nodiscard]] core::Error read_address(const asyncselect_sockaddr* name, int namelen, net::Address& out) noexcept;
[[nodiscard]] core::Error write_address(const net::Address& from, asyncselect_sockaddr* name, int* namelen) noexcept;

// Whether an address of so many bytes can be written there, as *namelen says and the memory allows: asked before data
// is taken, since it could not be put back.
[[nodiscard]] core::Error check_address_room(asyncselect_sockaddr* name, int* namelen, std::uint32_t length) noexcept;

[[nodiscard]] std::uint16_t family_of(const net::Address& address) noexcept;
[[nodiscard]] bool port_is_set(const net::Address& address) noexcept;
[[nodiscard]] bool host_is_set(const net::Address& address) noexcept;

// Windows connects and sends to no address that names no host or no port.
[[nodiscard]] inline bool names_a_destination(const net::Address& address) noexcept {
    return port_is_set(address) && host_is_set(address);
}

}  // namespace asyncselect::winsock
