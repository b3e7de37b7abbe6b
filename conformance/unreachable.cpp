// See conformance/unreachable.hpp.
#include "conformance/unreachable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "conformance/exploration.hpp"
#include "model/coverage.hpp"
#include "model/event.hpp"

namespace asyncselect::conformance {

namespace {

using model::Event;
using model::Row;

// With which of the two profiles.
enum class With : std::uint8_t { either, spec, windows };

bool concerns(With with, WhoseTables whose) {
    return with == With::either || (with == With::spec) == (whose == WhoseTables::spec);
}

struct Transition {
    std::string_view key;
    With with;
    std::string_view why;
};
// clang-format off
constexpr std::array transitions{
    Transition{"connect-12", With::either, "a script has no join that takes time: on IP multicast the outcome is known at once"},
    Transition{"connect-13", With::either, "a script has no join that takes time: on IP multicast the outcome is known at once"},
    Transition{"connect-19", With::either, "a script has no join that takes time: on IP multicast the outcome is known at once"},
    Transition{"qos-3", With::either, "nobody can change the quality of service of a socket that accept has not returned yet"},
    Transition{"connect-2", With::spec, "W-3 is off"},
    Transition{"connect-6", With::spec, "W-4 is off"},
    Transition{"connect-15", With::spec, "W-4 is off"},
    Transition{"oob-11", With::spec, "W-5 is off"},
    Transition{"write-18", With::spec, "W-4 is off"},
    Transition{"close-2", With::spec, "W-1 is off"},
    Transition{"close-8", With::spec, "W-1 is off"},
    Transition{"close-17", With::spec, "W-2 is off"},
    Transition{"connect-1", With::windows, "W-3 is on"},
    Transition{"socket-posted-at-once-connect", With::windows, "W-3 is on"},
    Transition{"socket-one-message-each-oob", With::windows, "W-3 is on: FD_CONNECT is not due at the same moment"},
    Transition{"socket-in-order-oob", With::windows, "W-3 is on: FD_CONNECT is not due at the same moment"},
    Transition{"close-9", With::windows, "W-1 is on"},
    Transition{"close-10", With::windows, "with W-1 the end of the data was told when it arrived"},
    Transition{"close-11", With::windows, "with W-1 the end of the data was told when it arrived"},
    Transition{"close-14", With::windows, "with W-1 the end of the data was told when it arrived"},
    Transition{"close-16", With::windows, "W-2 is on, and a peer can break a connection by a reset only"}
};
// clang-format on

struct NotShown {
    std::string_view key;
    std::string_view why;
};
// clang-format off
constexpr std::array not_shown{
    NotShown{"write-6", "TCP on Linux: a connect that need not wait never succeeds at once"},
    NotShown{"write-13", "nothing tells when there is room, where nobody can send"},
    NotShown{"write-21", "TCP on Linux: where FD_WRITE was due, the next send takes something"},
    NotShown{"close-12", "the message is the same whether the call or the network tells of the reset first"},
    NotShown{"close-13", "the message is the same whether the call or the network tells of the reset first"},
    NotShown{"routing_interface_change-8", "the message is the same whether the change was refused by the full queue or noticed later"},
    NotShown{"address_list_change-8", "the message is the same whether the change was refused by the full queue or noticed later"},
};
// clang-format on

// All pairs of one of the first rows and one of the second; the numbers are those of the table.
struct Pairs {
    Event event;
    std::string_view first;  // empty: any
    std::string_view second;
    With with;
    std::string_view why;
};
// clang-format off
constexpr std::array pairs{
    Pairs{Event::connect, "4 7 16", "5", With::either, "a connected stream is not connected again, and an attempt that is under way ends first"},
    Pairs{Event::connect, "2 6 15", "5", With::windows, "with W-3 and W-4 the one is of what is connected or has no connections, the other of a stream that is not"},
    Pairs{Event::connect, "4 7 11 16", "6", With::windows, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::connect, "6 15", "7 11", With::windows, "what a socket without connections asks for succeeds at once"},
    Pairs{Event::connect, "4", "8 9 10", With::either, "a connected stream begins no attempt"},
    Pairs{Event::connect, "2 6 15", "8 9", With::windows, "no attempt is under way"},
    Pairs{Event::connect, "3 11", "9", With::either, "a script cannot let an attempt that waits fail: connecting to nobody has failed before anything else is done"},
    Pairs{Event::connect, "7 11 16", "10", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::connect, "8 17", "14", With::either, "a connected stream is not connected again: the call fails"},
    Pairs{Event::connect, "5", "14", With::windows, "a connected stream is not connected again: the call fails"},
    Pairs{Event::connect, "10 14 18", "14", With::windows, "with W-4 a socket without connections does not post for its connect, and a connected stream is not connected again"},
    Pairs{Event::connect, "5 8 9 14 17 20", "15", With::windows, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::connect, "5 8 14 17", "16", With::either, "a connected stream is not connected again: the call fails"},
    Pairs{Event::connect, "10 18", "16", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::connect, "1", "16", With::spec, "the connection is established: the call fails"},
    Pairs{Event::connect, "9", "17", With::either, "after a failed attempt the next one begins"},
    Pairs{Event::connect, "10 18", "17 20", With::either, "what a socket without connections asks for succeeds at once"},
    Pairs{Event::connect, "8 9 17 20", "18", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::connect, "5 14", "18", With::windows, "with W-4 only streams post for their connect, and those do not join"},
    Pairs{Event::accept, "3", "4 5", With::either, "an accepted socket does not listen"},
    Pairs{Event::accept, "11", "4 5 18", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::accept, "5 7", "6 7 8 9 10 12 19", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::accept, "4", "8 9", With::either, "after the first request only one waits"},
    Pairs{Event::accept, "6", "10", With::either, "at least two requests wait"},
    Pairs{Event::accept, "1 4 6 8 9 15", "11", With::either, "a request waits, and an accept takes it"},
    Pairs{Event::oob, "6 16", "5", With::either, "receiving is shut down for good"},
    Pairs{Event::oob, "7", "5 6", With::either, "what the second asks for is brought about by something that the machine hears of: another row comes between (oob-8)"},
    Pairs{Event::oob, "4 6", "7", With::either, "what the second asks for is brought about by something that the machine hears of: another row comes between (oob-8)"},
    Pairs{Event::oob, "5", "11", With::windows, "there is only one urgent byte"},
    Pairs{Event::read, "8", "5", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "6 10 25", "5", With::either, "receiving is shut down for good"},
    Pairs{Event::read, "13 14", "5", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "8", "6", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "13 14", "6", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "4 6 10 11 12 13 14", "7", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "8 25", "7", With::either, "receiving is shut down for good"},
    Pairs{Event::read, "4 6 10 11 12 13 14", "8", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "4 11", "9", With::either, "what the second asks for is brought about by something that the machine hears of: another row comes between (read-12)"},
    Pairs{Event::read, "6 10 25", "9", With::either, "receiving is shut down for good"},
    Pairs{Event::read, "8", "9", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "13 14", "9", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "4 11", "10", With::either, "what the second asks for is brought about by something that the machine hears of: another row comes between (read-12)"},
    Pairs{Event::read, "8", "10", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "13 14", "10", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "8", "11", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "10", "11", With::either, "what the second asks for is brought about by something that the machine hears of: another row comes between (read-12)"},
    Pairs{Event::read, "13 14", "11", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "8", "12 13 14", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "13 14", "13", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "14", "14", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "4 6 10 11 12 13 14", "15", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "7 17", "16", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "15 19", "16", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::read, "20", "16", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "3 5 9 16 18 20", "17", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "15 19", "17", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::read, "7 17", "18", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "15 19", "18", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::read, "20", "18", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "15 19", "19", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::read, "7 17", "20", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::read, "15 19", "20", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::read, "20", "20", With::either, "nothing comes from a peer whose FIN or reset has arrived"},
    Pairs{Event::read, "7 9", "21", With::either, "there is only one byte or datagram"},
    Pairs{Event::read, "15 19", "21 22 27", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::read, "15", "25", With::either, "a failure that was not told yet stays to be told"},
    Pairs{Event::write, "5 13 14 15 16 20 22 23", "6 10", With::either, "the connection is established, or was"},
    Pairs{Event::write, "9", "6", With::either, "the connection is established, or was, or an attempt is under way"},
    Pairs{Event::write, "8", "6 10", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::write, "21 27", "6 10", With::either, "the connection is established, or was"},
    Pairs{Event::write, "11 17", "10", With::either, "the attempt begins first (write-9)"},
    Pairs{Event::write, "3", "7", With::either, "sending is shut down for good"},
    Pairs{Event::write, "5 9 11", "7", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::write, "8 13 27", "7", With::either, "sending is shut down for good"},
    Pairs{Event::write, "15 21", "7", With::either, "what was refused for want of room is followed by room (write-12 or write-13) before anything else"},
    Pairs{Event::write, "16 22", "7", With::either, "a datagram is sent as a whole or not at all"},
    Pairs{Event::write, "17", "7", With::either, "sending is shut down for good"},
    Pairs{Event::write, "5 9 11", "8", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::write, "13 15 21", "8", With::either, "what was refused for want of room is followed by room (write-12 or write-13) before anything else"},
    Pairs{Event::write, "16 22", "8", With::either, "a datagram is sent as a whole or not at all"},
    Pairs{Event::write, "17", "8", With::either, "the socket is bound already"},
    Pairs{Event::write, "8", "9", With::either, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::write, "21", "9", With::either, "what was refused for want of room is followed by room (write-12 or write-13) before anything else"},
    Pairs{Event::write, "3 5 8 11 13 14 15 16 17 20 21 22 23 27", "11", With::either, "the attempt begins first (write-9)"},
    Pairs{Event::write, "5 8 11 13 14 17 20 23 27", "12", With::either, "no send has met WSAEWOULDBLOCK or was cut short, or none is possible any more"},
    Pairs{Event::write, "5 8 11 13 14 17 20 21 23 27", "13", With::either, "no send has met WSAEWOULDBLOCK or was cut short, or there is room before sending is shut down"},
    Pairs{Event::write, "3 5 8 11 13 17 27", "14 16", With::either, "no send succeeds: not connected, no room, or sending shut down"},
    Pairs{Event::write, "15 16 21 22", "14 16", With::either, "there is no room"},
    Pairs{Event::write, "5 8 11 13 17 27", "15", With::either, "a send fails otherwise: not connected, sending shut down, or the connection was reset"},
    Pairs{Event::write, "21", "15", With::either, "what was refused for want of room is followed by room (write-12 or write-13) before anything else"},
    Pairs{Event::write, "5 8 9 11 13 14 15 16 20 21 22 23 27", "17", With::either, "the socket is bound already"},
    Pairs{Event::write, "17", "17", With::either, "the socket is bound already"},
    Pairs{Event::write, "1 4 6 10", "18", With::windows, "the one is of streams, the other of sockets without connections"},
    Pairs{Event::write, "19", "18", With::windows, "a socket whose sending is shut down"},
    Pairs{Event::write, "1 4 6 10", "19", With::either, "a connected stream is not connected again: the call fails"},
    Pairs{Event::write, "24", "20", With::either, "the message is kept, as long as a send is possible"},
    Pairs{Event::write, "25", "20 21 22 23 24 27", With::either, "a socket that was not bound and is not connected sends nothing"},
    Pairs{Event::write, "25", "19", With::windows, "with W-4 its connect posts (write-18)"},
    Pairs{Event::write, "19", "20 21 24 26", With::windows, "with W-4 write-19 is of a socket whose sending is shut down"},
    Pairs{Event::write, "2 7 19", "22", With::either, "a datagram is sent as a whole or not at all"},
    Pairs{Event::write, "18", "22", With::windows, "a datagram is sent as a whole or not at all"},
    Pairs{Event::write, "26", "24", With::either, "there is room again: nothing is kept"},
    Pairs{Event::write, "1 4 6 7 10 12 19 24 25", "25", With::either, "the socket is bound already"},
    Pairs{Event::write, "18", "25", With::windows, "the socket is bound already"},
    Pairs{Event::write, "21", "28 30", With::either, "what was refused for want of room is followed by room (write-12 or write-13) before anything else"},
    Pairs{Event::close, "27", "3", With::either, "a connection that was closed stays so"},
    Pairs{Event::close, "9", "6 7 9", With::spec, "the FIN arrives once"},
    Pairs{Event::close, "5 18", "7", With::either, "what the second asks for is brought about by something that the machine hears of: another row comes between (close-15)"},
    Pairs{Event::close, "15 18", "10 14", With::spec, "what the second asks for is brought about by something that the machine hears of: another row comes between (close-9)"},
    Pairs{Event::close, "5 18", "11", With::spec, "what the second asks for is brought about by something that the machine hears of: another row comes between (close-9, close-15)"},
    Pairs{Event::close, "5 15", "18", With::either, "a connected stream begins no attempt"},
    Pairs{Event::close, "9", "18", With::spec, "a connected stream begins no attempt"},
    Pairs{Event::close, "7 12 13 19 20 24", "20 23", With::either, "the connection is broken, or both have ended it: there is no reset any more, and shutdown fails"},
    Pairs{Event::close, "11 16", "20 23", With::spec, "the connection is broken, or both have ended it: there is no reset any more, and shutdown fails"},
    Pairs{Event::close, "17", "20 23", With::windows, "the connection is broken, or both have ended it: there is no reset any more, and shutdown fails"},
    Pairs{Event::close, "19 24", "24 27", With::either, "once the network subsystem has failed, nothing arrives, waits or is registered any more"},
    Pairs{Event::qos, "8", "7", With::either, "the message is kept until there is room"},
    Pairs{Event::qos, "7 10", "8", With::either, "the queue was not full"},
    Pairs{Event::qos, "7", "10", With::either, "nothing is kept"},
    Pairs{Event::routing_interface_change, "7", "5", With::either, "after the request a change is one that was asked for"},
    Pairs{Event::address_list_change, "7", "5", With::either, "after the request a change is one that was asked for"}
};
// clang-format on

bool among(const Row& row, std::string_view numbers) {
    if (numbers.empty()) return true;
    const std::string wanted = ' ' + std::to_string(row.place + 1) + ' ';
    return (' ' + std::string(numbers) + ' ').find(wanted) != std::string::npos;
}

}  // namespace

std::optional<std::string_view> why_not_shown(const Row& row) {
    const std::string key = model::key_of(row);
    for (const NotShown& listed : not_shown) {
        if (listed.key == key) return listed.why;
    }
    return why_unreachable(row, WhoseTables::spec);
}

std::optional<std::string_view> why_unreachable(const Row& row, WhoseTables whose) {
    const std::string key = model::key_of(row);
    for (const Transition& transition : transitions) {
        if (transition.key == key && concerns(transition.with, whose)) return transition.why;
    }
    return std::nullopt;
}

std::optional<std::string_view> why_unreachable(const Row& first, const Row& second, WhoseTables whose) {
    if (!consecutive(first, second)) return std::nullopt;
    if (const auto why = why_unreachable(first, whose)) return why;
    if (const auto why = why_unreachable(second, whose)) return why;
    if (first.stimulus == "Closed") return "nothing happens to a socket after closesocket";
    if (second.stimulus == "Inherit") return "what accept returns inherits before anything else";
    if (first.stimulus == "QueueHasRoom" && second.stimulus == "QueueHasRoom")
        return "once there is room, nothing is kept any more";
    for (const Pairs& listed : pairs) {
        if (listed.event == first.machine && among(first, listed.first) && among(second, listed.second) &&
            concerns(listed.with, whose)) {
            return listed.why;
        }
    }
    return std::nullopt;
}

}  // namespace asyncselect::conformance
