// Which fields the lines of a trace have, and the words in them: for the reader, the writer and the schema. It must not
// know how a line is read or written.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "model/trace.hpp"

namespace asyncselect::conformance::trace_fields {

// ---- words --------------------------------------------------------------------------------------------------------

inline constexpr auto last_function = model::Function::destroy_window;

inline constexpr std::array<std::pair<model::observation::PeerVerb, std::string_view>, 10> verbs{
    {{model::observation::PeerVerb::connect, "connect"},
     {model::observation::PeerVerb::established, "established"},
     {model::observation::PeerVerb::refused, "refused"},
     {model::observation::PeerVerb::send, "send"},
     {model::observation::PeerVerb::datagram, "datagram"},
     {model::observation::PeerVerb::urgent, "urgent"},
     {model::observation::PeerVerb::shutdown, "shutdown"},
     {model::observation::PeerVerb::close, "close"},
     {model::observation::PeerVerb::reset, "reset"},
     {model::observation::PeerVerb::receive, "receive"}}};

// Whether the line of what a peer does names a socket of ours.
constexpr bool names_a_socket(model::observation::PeerVerb verb) {
    using model::observation::PeerVerb;
    return verb == PeerVerb::connect || verb == PeerVerb::established || verb == PeerVerb::refused ||
           verb == PeerVerb::datagram;
}

inline constexpr std::array<std::pair<model::observation::Change::What, std::string_view>, 3> changes{
    {{model::observation::Change::What::route, "route"},
     {model::observation::Change::What::address_list, "addresses"},
     {model::observation::Change::What::subsystem, "subsystem"}}};

inline constexpr std::array<std::pair<model::Condition, std::string_view>, 3> conditions{
    {{model::Condition::accept, "CF_ACCEPT"},
     {model::Condition::reject, "CF_REJECT"},
     {model::Condition::defer, "CF_DEFER"}}};

// Whether the trace does not tell what peers did.
inline constexpr std::array<std::pair<bool, std::string_view>, 2> peer_kinds{
    {{false, "observed"}, {true, "unobserved"}}};

// ---- which fields a call has --------------------------------------------------------------------------------------

enum Field : unsigned {
    has_socket = 1U << 0U,
    has_window = 1U << 1U,
    has_message = 1U << 2U,
    has_events = 1U << 3U,
    has_length = 1U << 4U,
    has_flags = 1U << 5U,
    has_value = 1U << 6U,
    has_kind = 1U << 7U,  // datagram, ipv6
    has_condition = 1U << 8U,
    has_destination = 1U << 9U,
    has_created = 1U << 10U,
    has_connection = 1U << 11U,
};

constexpr unsigned fields_of(model::Function function) {
    using model::Function;
    switch (function) {
        case Function::startup:
        case Function::cleanup:
        case Function::get_last_error:
            return 0;
        case Function::set_last_error:
            return has_value;
        case Function::socket:
            return has_kind | has_created;
        case Function::bind:
        case Function::listen:
        case Function::closesocket:
        case Function::bytes_available:
        case Function::get_qos:
        case Function::get_group_qos:
        case Function::address_list_change:
            return has_socket;
        case Function::connect:
        case Function::shutdown:
        case Function::set_nonblocking:
        case Function::set_oob_inline:
        case Function::set_option:
        case Function::set_qos:
            return has_socket | has_value;
        case Function::join_leaf:
            return has_socket | has_value | has_created;
        case Function::accept:
            return has_socket | has_kind | has_condition | has_connection | has_created;
        case Function::recv:
        case Function::send:
            return has_socket | has_length | has_flags;
        case Function::async_select:
            return has_socket | has_window | has_message | has_events;
        case Function::event_select:
            return has_socket | has_events;
        case Function::routing_interface_change:
            return has_socket | has_destination;
        case Function::create_window:
            return has_created;
        case Function::destroy_window:
            return has_window;
    }
    return 0;
}

// Whether the call, where it succeeds, must say what it has made.
constexpr bool makes_something(model::Function function) {
    return (fields_of(function) & has_created) != 0 && function != model::Function::join_leaf;
}

}  // namespace asyncselect::conformance::trace_fields
