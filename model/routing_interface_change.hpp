// FD_ROUTING_INTERFACE_CHANGE.
//
// The rule: FD_ROUTING_INTERFACE_CHANGE says that the local interface to use for a destination has changed since the
// application asked with SIO_ROUTING_INTERFACE_CHANGE. It is posted once for each such ioctl: at the first change after
// it, or by WSAAsyncSelect if that change came while the event was not registered. Where the destination cannot be
// reached any more, the error says so.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct RoutingInterfaceChange : EventMachine<RoutingInterfaceChange, Event::routing_interface_change> {
    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus        target   action guard
        by<"R-21",         Off,     Select,         Posted,  Post, ChangeOfRoute>,
        by<"R-2",          Off,     Select,         Enabled, none, Not<ChangeOfRoute>>,
        by<"AS-INHERIT-1", Off,     Inherit,        Enabled>,

        by<"AS-ROUTE-1",   Enabled, RouteChanged,   Posted,  Post, ChangeOfRoute>,
        by<"AS-EDGE-2",    Enabled, RouteChanged,   none,    none, Not<ChangeOfRoute>>,

        by<"AS-EDGE-2",    Posted,  RouteChanged,   none>,
        by<"AS-ENABLE-7",  Posted,  RouteRequested, Enabled>,
        by<"R-13",         Posted,  QueueHasRoom,   Posted,  Post>,

        by<"AS-REG-1",     Enabled, Deselect,       Off>,
        by<"AS-REG-1",     Posted,  Deselect,       Off>,
        by<"AS-CANCEL-3",  Enabled, Closed,         Off>,
        by<"AS-CANCEL-3",  Posted,  Closed,         Off>>;
    // clang-format on
};

// Not modelled:
//  - RouteChanged and RouteRequested in Off: the facts remember both for the next Select.
//  - RouteRequested in Enabled: the facts remember it; nothing is posted by it.
//  - Which destination was asked for, and which interface leads to it now.

}  // namespace asyncselect::model::machine
