// The list.
#include "proofs/smt/named.hpp"

#include <fmt/format.h>

#include <array>

namespace asyncselect::proofs {

namespace {

namespace stimulus = core::stimulus;
namespace error = core::error;
using core::Event;

const char* yes_or_no(bool yes) { return yes ? "yes" : "no"; }

}  // namespace

std::vector<Named> named_stimuli(const core::Profile& profile) {
    std::vector<Named> all{
        {"nothing", stimulus::nothing},
        {"data arrived", stimulus::data_arrived()},
        {"an urgent byte arrived", stimulus::urgent_arrived(false)},
        {"an urgent byte arrived inline", stimulus::urgent_arrived(true)},
        {"a connection request", stimulus::connection_request()},
        {"send space available", stimulus::send_space_available()},
        {"the FIN arrived, data is left", stimulus::peer_closed(false, profile)},
        {"the FIN arrived, nothing is left",
         stimulus::both(stimulus::end_of_data(), stimulus::peer_closed(true, profile))},
        {"the end of the data", stimulus::end_of_data()},
        {"the quality of service changed", stimulus::qos_changed()},
        {"the route changed", stimulus::route_changed(false)},
        {"the route changed: unreachable", stimulus::route_changed(true)},
        {"the addresses changed", stimulus::address_list_changed()},
        {"the subsystem failed under a connection", stimulus::subsystem_failed(Event::close)},
        {"the subsystem failed under a datagram socket", stimulus::subsystem_failed(Event::read)},
        {"the subsystem failed under a listener", stimulus::subsystem_failed(Event::accept)},
        {"there is room in the queue", stimulus::room()},

        {"recv begins", stimulus::receive_begins()},
        {"send begins", stimulus::send_begins()},
        {"send took all", stimulus::sent(false), Call::send},
        {"send took all, room as before", stimulus::sent(true), Call::send},
        {"send blocked or fell short", stimulus::send_blocked(), Call::send},
        {"accept begins", stimulus::accept_begins()},
        {"accept returned, none is left", stimulus::accepted(false), Call::accept},
        {"accept returned, another is left", stimulus::accepted(true), Call::accept},
        {"accept deferred", stimulus::accept_deferred()},

        {"connect began", stimulus::connect_begun(), Call::connect},
        {"connect succeeded at once", stimulus::connected_at_once(false, profile), Call::connect},
        {"connect of a datagram socket", stimulus::connected_at_once(true, profile), Call::connect},
        {"a join succeeded at once", stimulus::joined_at_once(), Call::connect},
        {"connect's outcome: established", stimulus::connect_outcome(error::none)},
        {"a join's outcome: success", stimulus::join_outcome(error::none)},

        {"SIO_GET_QOS", stimulus::qos_fetched(), Call::get_qos},
        {"SIO_GET_GROUP_QOS", stimulus::group_qos_fetched(), Call::get_group_qos},
        {"SIO_ROUTING_INTERFACE_CHANGE", stimulus::route_requested(), Call::ask_route},
        {"SIO_ADDRESS_LIST_CHANGE", stimulus::address_list_requested(), Call::ask_addresses},
        {"SO_OOBINLINE on", stimulus::oob_inline(true)},
        {"SO_OOBINLINE off", stimulus::oob_inline(false)},
    };
    for (const auto code : {error::connection_reset, error::connection_aborted})
        all.push_back(
            {fmt::format("the connection was aborted ({})", code), stimulus::connection_aborted(code, profile)});
    for (std::size_t index = 1; index < core::message_errors.size(); ++index) {
        const auto code = core::message_errors.at(index);
        if (code == error::none) continue;
        all.push_back({fmt::format("connect's outcome: {}", code), stimulus::connect_outcome(code)});
        all.push_back({fmt::format("a join's outcome: {}", code), stimulus::join_outcome(code)});
    }
    for (const bool data : {false, true}) {
        for (const bool urgent : {false, true}) {
            all.push_back(
                {fmt::format("recv returned: data left {}, urgent left {}", yes_or_no(data), yes_or_no(urgent)),
                 stimulus::received(data, urgent), Call::receive});
        }
        all.push_back({fmt::format("recv found the end: urgent left {}", yes_or_no(data)),
                       stimulus::both(stimulus::received(false, data), stimulus::end_of_data()), Call::receive});
    }
    for (const bool receiving : {false, true})
        for (const bool sending : {false, true})
            if (receiving || sending)
                all.push_back(
                    {fmt::format("shutdown of receiving {}, of sending {}", yes_or_no(receiving), yes_or_no(sending)),
                     stimulus::shut_down(receiving, sending)});
    return all;
}

}  // namespace asyncselect::proofs
