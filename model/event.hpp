// The ten network events of the page, in the order in which R-9 posts them, and their FD_ bits.
// Knows no sockets, no machines; the implementation keeps its own list, and a test holds the two together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace asyncselect::model {

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

inline constexpr std::size_t event_count = 10;

inline constexpr std::array<Event, event_count> events_in_posting_order{
    Event::connect,
    Event::accept,
    Event::oob,
    Event::read,
    Event::write,
    Event::close,
    Event::qos,
    Event::group_qos,
    Event::routing_interface_change,
    Event::address_list_change,
};

constexpr std::size_t index_of(Event event) { return static_cast<std::size_t>(event); }

// By event. Outside of the function that looks at them: a table within one is copied to the stack with each call where
// a sanitizer watches the stack.
inline constexpr std::array<std::uint32_t, event_count> bits_by_event{16, 8, 4, 1, 2, 32, 64, 128, 256, 512};

// The bit of lEvent and of LOWORD(lParam), as the Windows SDK numbers it (AS-API-7, AS-MSG-1).
constexpr std::uint32_t bit_of(Event event) { return bits_by_event[index_of(event)]; }

constexpr std::string_view name_of(Event event) {
    constexpr std::array<std::string_view, event_count> names{
        "FD_CONNECT",
        "FD_ACCEPT",
        "FD_OOB",
        "FD_READ",
        "FD_WRITE",
        "FD_CLOSE",
        "FD_QOS",
        "FD_GROUP_QOS",
        "FD_ROUTING_INTERFACE_CHANGE",
        "FD_ADDRESS_LIST_CHANGE",
    };
    return names[index_of(event)];
}

// Every bit that AS-API-7 permits in lEvent.
inline constexpr std::uint32_t every_event = 1023;

}  // namespace asyncselect::model
