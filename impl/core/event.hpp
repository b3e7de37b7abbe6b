// The ten network events as lanes of the notification word, and the SDK's numbers for them.
// Knows no sockets and no system; the model keeps its own list, and a test holds the two together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace asyncselect::core {

// A lane's number is its place in the order of posting, so that the lowest bit is the next message.
enum class Event : std::uint8_t {
    connect,
    accept,
    oob,
    read,
    write,
    close,
    qos,
    group_qos,
    routing_interface_change,
    address_list_change,
};

inline constexpr unsigned event_count = 10;

// A set of events, one bit a lane.
using Events = std::uint64_t;

template <class... E>
constexpr Events events(E... event) {
    return ((Events{1} << static_cast<unsigned>(event)) | ... | Events{0});
}

inline constexpr Events all_events = (Events{1} << event_count) - 1;

// Outside of the functions that look at them: a table within one is copied to the stack with each call where a
// sanitizer watches the stack.
namespace tables {
inline constexpr std::array<std::uint32_t, event_count> bits{16, 8, 4, 1, 2, 32, 64, 128, 256, 512};
}

// The FD_ bit of a lane: LOWORD(lParam) (AS-MSG-1).
constexpr std::uint32_t bit_of(Event event) { return tables::bits[static_cast<std::size_t>(event)]; }

// Every bit that lEvent may have (AS-API-7).
inline constexpr std::uint32_t every_bit = (1U << event_count) - 1;

namespace tables {
inline constexpr auto lanes_of_low_bits = [] {
    std::array<std::uint8_t, 32> lanes{};
    for (std::uint32_t mask = 0; mask < lanes.size(); ++mask)
        for (unsigned lane = 0; lane < 5; ++lane)
            if (mask & bit_of(static_cast<Event>(lane)))
                lanes[mask] = static_cast<std::uint8_t>(lanes[mask] | (1U << lane));
    return lanes;
}();
}  // namespace tables

// lEvent as lanes. Only the lowest five differ: READ and CONNECT, WRITE and ACCEPT change places with each other.
constexpr Events events_of(std::uint32_t mask) {
    return tables::lanes_of_low_bits[mask & 31U] | (mask & (every_bit & ~31U));
}

constexpr std::uint32_t mask_of(Events set) {
    std::uint32_t mask = 0;
    for (unsigned lane = 0; lane < event_count; ++lane)
        if (set >> lane & 1U) mask |= bit_of(static_cast<Event>(lane));
    return mask;
}

}  // namespace asyncselect::core
