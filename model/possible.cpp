// See model/possible.hpp. Knows the facts only.
#include "model/possible.hpp"

#include <limits>
#include <variant>

namespace asyncselect::model {

namespace {

namespace st = stimulus;

bool stream(const Facts& f) { return f.kind == Kind::stream; }
bool datagram(const Facts& f) { return f.kind == Kind::datagram; }
bool connected_stream(const Facts& f) { return stream(f) && f.phase == Phase::established; }
// The peer can still send something on this connection.
bool peer_can_send(const Facts& f) { return connected_stream(f) && !f.fin && f.aborted == 0; }
// There is something to send to, whether or not there is room.
bool can_take_a_send(const Facts& f) {
    return !f.send_shut && !f.subsystem_failed && (datagram(f) || (connected_stream(f) && f.aborted == 0));
}
bool can_begin_a_connection(const Facts& f) {
    return !f.joining && !f.subsystem_failed &&
           (f.phase == Phase::idle || (datagram(f) && f.phase == Phase::established));
}
bool room_for(std::uint32_t count, std::uint32_t more) {
    return more <= std::numeric_limits<std::uint32_t>::max() - count;
}
// A call may tell a reset before the network did, or again.
bool may_tell(ErrorCode reset, const Facts& f) {
    return reset == 0 || (connected_stream(f) && (f.aborted == 0 || f.aborted == reset));
}

struct Possible {
    const Facts& f;

    // The network. Once its subsystem has failed, nothing comes from it any more. Routes and addresses are the host's
    //
    bool operator()(const st::DataArrived& s) const {
        return up() && peer_can_send(f) && s.bytes > 0 && room_for(f.readable, s.bytes);
    }
    bool operator()(const st::DatagramArrived&) const { return up() && datagram(f) && room_for(f.readable, 1); }
    bool operator()(const st::OobArrived&) const {
        return up() && peer_can_send(f) && room_for(f.readable, 1) && room_for(f.urgent_queued, 1);
    }
    bool operator()(const st::ConnectionRequest&) const {
        return up() && f.phase == Phase::listening && room_for(f.requests, 1);
    }
    bool operator()(const st::ConnectOutcome&) const { return up() && f.phase == Phase::connecting; }
    bool operator()(const st::JoinOutcome&) const { return up() && f.joining; }
    bool operator()(const st::SendSpaceAvailable&) const {
        return up() && !f.send_possible && (datagram(f) || (connected_stream(f) && f.aborted == 0));
    }
    bool operator()(const st::PeerClosed&) const { return up() && peer_can_send(f); }
    bool operator()(const st::ConnectionAborted& s) const {
        return up() && connected_stream(f) && f.aborted == 0 && s.error != 0;
    }
    bool operator()(const st::QosChanged&) const { return up(); }
    bool operator()(const st::RouteChanged&) const { return true; }
    bool operator()(const st::AddressListChanged&) const { return true; }
    bool operator()(const st::SubsystemFailed&) const { return up(); }

    // The application. Calls that failed come through nearly always.
    bool operator()(const st::AsyncSelect& s) const { return up() && (s.mask & ~every_event) == 0; }  // AS-API-3, -7
    bool operator()(const st::EventSelect& s) const { return up() && (s.mask & ~every_event) == 0; }
    bool operator()(const st::Inherit& s) const { return up() && f.just_accepted && (s.mask & ~every_event) == 0; }
    bool operator()(const st::Received& s) const {
        return s.taken <= f.readable && (!s.urgent_taken || f.urgent) && may_tell(s.reset, f);
    }
    bool operator()(const st::Sent& s) const {
        if (s.outcome != st::SentOutcome::failure) return s.reset == 0 && can_take_a_send(f);
        return may_tell(s.reset, f);
    }
    bool operator()(const st::Accepted& s) const { return s.outcome == st::AcceptOutcome::failure || f.requests > 0; }
    bool operator()(const st::ConnectCalled& s) const { return s.outcome == st::Outcome::failure || begins(s.outcome); }
    bool operator()(const st::JoinCalled& s) const { return s.outcome == st::Outcome::failure || begins(s.outcome); }
    bool operator()(const st::Bound&) const { return f.phase == Phase::idle; }
    bool operator()(const st::Listened&) const {
        return stream(f) && !f.joining && (f.phase == Phase::idle || f.phase == Phase::listening);
    }
    bool operator()(const st::ShutDown&) const { return up() && (datagram(f) || connected_stream(f)); }
    bool operator()(const st::Closed&) const { return true; }
    bool operator()(const st::QosFetched&) const { return true; }
    bool operator()(const st::GroupQosFetched&) const { return true; }
    bool operator()(const st::RouteRequested&) const { return up(); }
    bool operator()(const st::AddressListRequested&) const { return up(); }
    bool operator()(const st::OobInlineSet&) const { return stream(f); }

    // The window's queue.
    bool operator()(const st::QueueFilled&) const { return !f.queue_full; }
    bool operator()(const st::QueueHasRoom&) const { return f.queue_full; }

    // A connectionless socket knows the outcome at once (AS-CONNECT-2, AS-CONNECT-4).
    bool begins(st::Outcome outcome) const {
        return can_begin_a_connection(f) && (stream(f) || outcome == st::Outcome::success);
    }
    bool up() const { return !f.subsystem_failed; }
};

}  // namespace

bool possible(const Socket& socket, const Stimulus& stimulus) {
    return !socket.facts().closed && std::visit(Possible{socket.facts()}, stimulus);
}

}  // namespace asyncselect::model
