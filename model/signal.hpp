// What a single event's machine can be told. It is the socket's alphabet (model/stimulus.hpp) with the registration
// already split up: a machine hears Select or Deselect, never a mask. Knows no machine and no MSM.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "model/stimulus.hpp"

namespace asyncselect::model {

namespace signal {

struct Select {};    // a WSAAsyncSelect whose mask has this event; whatever was registered is cancelled already
struct Deselect {};  // the registration that had this event is cancelled

}  // namespace signal

using Signal =
    std::variant<signal::Select, signal::Deselect, stimulus::Inherit, stimulus::Closed, stimulus::QueueHasRoom,
                 stimulus::DataArrived, stimulus::DatagramArrived, stimulus::OobArrived, stimulus::ConnectionRequest,
                 stimulus::ConnectOutcome, stimulus::JoinOutcome, stimulus::SendSpaceAvailable, stimulus::PeerClosed,
                 stimulus::ConnectionAborted, stimulus::QosChanged, stimulus::RouteChanged,
                 stimulus::AddressListChanged, stimulus::SubsystemFailed, stimulus::Received, stimulus::Sent,
                 stimulus::Accepted, stimulus::ConnectCalled, stimulus::JoinCalled, stimulus::Bound, stimulus::Listened,
                 stimulus::ShutDown, stimulus::QosFetched, stimulus::GroupQosFetched, stimulus::RouteRequested,
                 stimulus::AddressListRequested, stimulus::OobInlineSet>;

inline constexpr std::size_t signal_count = std::variant_size_v<Signal>;

// The names in the order of the variant; the matrices list the signals in this order.
inline constexpr std::array<std::string_view, signal_count> signal_names{
    "Select",
    "Deselect",
    "Inherit",
    "Closed",
    "QueueHasRoom",
    "DataArrived",
    "DatagramArrived",
    "OobArrived",
    "ConnectionRequest",
    "ConnectOutcome",
    "JoinOutcome",
    "SendSpaceAvailable",
    "PeerClosed",
    "ConnectionAborted",
    "QosChanged",
    "RouteChanged",
    "AddressListChanged",
    "SubsystemFailed",
    "Received",
    "Sent",
    "Accepted",
    "ConnectCalled",
    "JoinCalled",
    "Bound",
    "Listened",
    "ShutDown",
    "QosFetched",
    "GroupQosFetched",
    "RouteRequested",
    "AddressListRequested",
    "OobInlineSet",
};

// The place of a signal's type in the variant.
template <class What>
inline constexpr std::size_t signal_index = []<std::size_t... I>(std::index_sequence<I...>) {
    return ((std::is_same_v<What, std::variant_alternative_t<I, Signal>> ? I : 0) + ...);
}
(std::make_index_sequence<signal_count>{});

}  // namespace asyncselect::model
