// Addresses in and out of the application's memory.
#include "impl/winsock/address.hpp"

#include <algorithm>
#include <cstring>

#include "impl/net/memory.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
using core::Error;

Error read_address(const asyncselect_sockaddr* name, int namelen, net::Address& out) noexcept {
    if (name == nullptr || namelen < static_cast<int>(inet_length)) return error::fault;
    out.length = std::min<std::uint32_t>(static_cast<std::uint32_t>(namelen), sizeof out.bytes);
    if (!net::read_memory(out.bytes, name, out.length)) return error::fault;
    const auto family = family_of(out);
    if (family == inet6_family && out.length < inet6_length) return error::fault;
    if (family != inet6_family) out.length = std::min(out.length, inet_length);
    return error::none;
}

Error write_address(const net::Address& from, asyncselect_sockaddr* name, int* namelen) noexcept {
    int room = 0;
    if (!net::read_memory(&room, namelen, sizeof room)) return error::fault;
    if (room < static_cast<int>(from.length)) return error::fault;
    const int length = static_cast<int>(from.length);
    if (!net::write_memory(name, from.bytes, from.length)) return error::fault;
    return net::write_memory(namelen, &length, sizeof length) ? error::none : error::fault;
}

Error check_address_room(asyncselect_sockaddr* name, int* namelen, std::uint32_t length) noexcept {
    int room = 0;
    std::byte present[inet6_length];
    const auto size = std::min<std::size_t>(length, sizeof present);
    const bool fits = net::read_memory(&room, namelen, sizeof room) && room >= static_cast<int>(length) &&
                      net::read_memory(present, name, size) && net::write_memory(name, present, size) &&
                      net::write_memory(namelen, &room, sizeof room);
    return fits ? error::none : error::fault;
}

std::uint16_t family_of(const net::Address& address) noexcept {
    std::uint16_t family = 0;
    std::memcpy(&family, address.bytes, sizeof family);
    return family;
}

bool port_is_set(const net::Address& address) noexcept {
    return address.bytes[2] != std::byte{0} || address.bytes[3] != std::byte{0};
}

bool host_is_set(const net::Address& address) noexcept {
    const bool inet6 = family_of(address) == inet6_family;
    const auto* host = address.bytes + (inet6 ? 8 : 4);
    return std::any_of(host, host + (inet6 ? 16 : 4), [](std::byte b) { return b != std::byte{0}; });
}

}  // namespace asyncselect::winsock
