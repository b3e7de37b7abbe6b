// Where the SDK's addresses keep what routes are about: for those who implement route_changes.hpp. It must not know
// where routes come from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "impl/net/route_changes.hpp"

namespace asyncselect::net {

constexpr std::size_t size_of_number(std::uint16_t family) { return family == inet6 ? 16 : 4; }
constexpr std::size_t number_at(std::uint16_t family) { return family == inet6 ? 8 : 4; }
constexpr std::uint32_t length_of(std::uint16_t family) { return family == inet6 ? 28 : 16; }

inline bool link_local(std::uint16_t family, const Number& number) {
    return family == inet6 && number[0] == std::byte{0xfe} && (number[1] & std::byte{0xc0}) == std::byte{0x80};
}

}  // namespace asyncselect::net
