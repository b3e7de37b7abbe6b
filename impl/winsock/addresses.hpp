// Socket addresses as the application passes them: its memory and its lengths are not to be trusted. Knows the SDK's
// layouts; must know no sockets.
#pragma once

#include <asyncselect/asyncselect.h>

#include <algorithm>
#include <cstring>

#include "impl/core/error.hpp"
#include "impl/net/memory.hpp"
#include "impl/net/transport.hpp"

namespace asyncselect::winsock {

inline constexpr std::uint32_t inet_length = sizeof(asyncselect_sockaddr_in);
inline constexpr std::uint32_t inet6_length = sizeof(asyncselect_sockaddr_in6);
inline constexpr std::uint16_t inet_family = 2;
inline constexpr std::uint16_t inet6_family = 23;

inline std::uint16_t family_of(const net::Address& address) noexcept {
    std::uint16_t family = 0;
    std::memcpy(&family, address.bytes, sizeof family);
    return family;
}

// The bytes that name the host.
inline std::span<const std::byte> host_of(const net::Address& address) noexcept {
    if (family_of(address) == inet6_family) return std::span{address.bytes}.subspan<8, 16>();
    return std::span{address.bytes}.subspan<4, 4>();
}

inline bool port_is_set(const net::Address& address) noexcept {
    return address.bytes[2] != std::byte{0} || address.bytes[3] != std::byte{0};
}

// Windows connects to no address that names no host or no port.
inline bool names_a_destination(const net::Address& address) noexcept {
    return port_is_set(address) &&
           std::ranges::any_of(host_of(address), [](std::byte part) { return part != std::byte{0}; });
}

// Reads `namelen` bytes at `name`. WSAEFAULT where they are too few or not there.
inline core::Error read_address(const asyncselect_sockaddr* name, int namelen, net::Address& out) noexcept {
    if (name == nullptr || namelen < static_cast<int>(inet_length)) return core::error::fault;
    out.length = std::min<std::uint32_t>(static_cast<std::uint32_t>(namelen), sizeof out.bytes);
    if (!net::read_memory(out.bytes, name, out.length)) return core::error::fault;
    const auto family = family_of(out);
    if (family == inet6_family && out.length < inet6_length) return core::error::fault;
    out.length = std::min(out.length, family == inet6_family ? inet6_length : inet_length);
    return core::error::none;
}

// Writes to `name`, which has *namelen bytes, and the length to *namelen. WSAEFAULT where it does not fit.
inline core::Error write_address(const net::Address& from, asyncselect_sockaddr* name, int* namelen) noexcept {
    int room = 0;
    if (!net::read_memory(&room, namelen, sizeof room)) return core::error::fault;
    if (room < static_cast<int>(from.length)) return core::error::fault;
    const int length = static_cast<int>(from.length);
    if (!net::write_memory(name, from.bytes, from.length)) return core::error::fault;
    return net::write_memory(namelen, &length, sizeof length) ? core::error::none : core::error::fault;
}

}  // namespace asyncselect::winsock
