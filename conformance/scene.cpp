// See conformance/scene.hpp.
#include "conformance/scene.hpp"

#include <algorithm>
#include <utility>

#include "model/event.hpp"
#include "model/possible.hpp"

namespace asyncselect::conformance {

namespace {

namespace op = operation;
namespace st = model::stimulus;
using model::Event;
using model::Kind;
using model::Phase;

constexpr std::uint32_t piece = 10;          // what a peer sends at once
constexpr std::uint32_t part = 5;            // what is received of it
constexpr std::uint32_t plenty = 100;        // more than a peer ever sends
constexpr std::uint32_t most_datagrams = 3;  // that wait
constexpr std::uint32_t most_requests = 3;
constexpr std::uint8_t most_callers = 9;
constexpr std::uint32_t too_much = 32U << 20U;  // for any send buffer
constexpr model::ErrorCode was_refused = 10061;
constexpr model::ErrorCode unreachable = 10051;

}  // namespace

Scene::Scene(Root root, std::uint32_t mask, std::uint32_t others, const model::Profile& profile)
    : socket_(root == Root::accepted   ? model::Socket::accepted(profile)
              : root == Root::datagram ? model::Socket(Kind::datagram, profile)
                                       : model::Socket(Kind::stream, profile)),
      mask_(mask),
      others_(others),
      root_(root) {
    if (root == Root::connection) {
        tell(st::ConnectCalled{st::Outcome::success});
        peer_ = Peer::there;
    }
    if (root == Root::listener) {
        tell(st::Bound{});
        tell(st::Listened{});
        bound_ = true;
    }
    if (root == Root::accepted) {
        waiting_ = true;
        peer_ = Peer::there;
    }
    fired_.clear();
}

std::vector<Operation> Scene::opening(const Cast& cast) const {
    switch (root_) {
        case Root::stream:
            return {op::MakeSocket{cast.socket, false, cast.ipv6}};
        case Root::datagram:
            return {op::MakeSocket{cast.socket, true, cast.ipv6}};
        case Root::connection:
            return {op::Connection{cast.socket, false, cast.ipv6}};
        case Root::listener:
            return {op::Listener{cast.socket, cast.ipv6}};
        default:
            return {op::Listener{cast.listener, cast.ipv6}, op::Select{cast.listener, mask_, cast.window, cast.message},
                    op::PeerConnect{cast.socket, cast.listener}};
    }
}

std::uint64_t Scene::hash() const {
    std::uint64_t value = socket_.hash();
    const auto mix = [&value](std::uint64_t more) { value = (value ^ more) * 0x100000001b3U + 0x9e3779b97f4a7c15U; };
    mix(socket_.mask());
    mix(mask_);
    mix(static_cast<std::uint64_t>(root_ == Root::accepted) << 8U | static_cast<std::uint64_t>(peer_));
    for (const bool flag : {nonblocking_, bound_, waiting_, unread_, full_, urgent_passed_, address_})
        mix(flag ? 1 : 0);
    mix(before_mark_);
    mix(route_);
    for (const model::Stimulus& stimulus : early_) mix(stimulus.index() + 1);
    return value;
}

bool Scene::tell(const model::Stimulus& stimulus) {
    if (!possible(socket_, stimulus)) return false;
    socket_.apply(stimulus);
    fired_.insert(fired_.end(), socket_.fired().begin(), socket_.fired().end());
    return true;
}

bool Scene::make(Move move) {
    fired_.clear();
    const model::Facts& facts = socket_.facts();
    if (over()) return false;
    const bool stream = facts.kind == Kind::stream;
    const bool connected = stream && facts.phase == Phase::established;
    if (waiting_) {
        switch (move) {
            case Move::accept:
                become_accepted();
                return tell(st::Inherit{mask_});
            case Move::peer_sends:
            case Move::peer_sends_urgent:
            case Move::peer_shuts_down:
            case Move::peer_resets:
                return early_.size() < 2 && peer(move);
            case Move::fill_queue:
                return tell(st::QueueFilled{});
            case Move::make_room:
                return tell(st::QueueHasRoom{});
            case Move::route_through_one:
            case Move::route_through_other:
            case Move::route_to_nothing:
                return route(static_cast<std::uint8_t>(move == Move::route_through_one     ? 1
                                                       : move == Move::route_through_other ? 2
                                                                                           : 0));
            default:
                return false;
        }
    }
    switch (move) {
        case Move::select_event:
            return select(mask_);
        case Move::select_all:
            return select(model::every_event);
        case Move::select_others:
            return select(others_);
        case Move::select_none:
            return select(0);
        case Move::event_select:
        case Move::event_select_none:
            nonblocking_ = true;
            return tell(st::EventSelect{move == Move::event_select ? model::bit_of(Event::read) : 0});
        case Move::receive_part:
            return receive(part, false);
        case Move::receive_all:
            return receive(plenty, false);
        case Move::receive_nothing:
            return nonblocking_ && stream && tell(st::Received{});
        case Move::peek:
            return receive(plenty, true);
        case Move::receive_urgent:
        case Move::peek_urgent:
            return connected && receive_urgent(move == Move::peek_urgent);
        case Move::oob_inline_on:
        case Move::oob_inline_off:
            if (facts.oob_inline == (move == Move::oob_inline_on)) return false;
            return connected && tell(st::OobInlineSet{move == Move::oob_inline_on});
        case Move::receive_reset:
        case Move::send_reset:
            return told_of_reset(move);
        case Move::send:
        case Move::send_refused:
            return send(move == Move::send_refused);
        case Move::send_in_vain:
            if (!nonblocking_ || facts.phase != Phase::established || facts.aborted != 0) return false;
            return tell(st::Sent{st::SentOutcome::failure});
        case Move::send_too_much:
        case Move::fill:
            return fill(move == Move::send_too_much);
        case Move::shut_down_receive:
            return shut_down(st::How::receive);
        case Move::shut_down_send:
            return shut_down(st::How::send);
        case Move::shut_down_both:
            return shut_down(st::How::both);
        case Move::bind:
            return !std::exchange(bound_, true) && peer_ == Peer::none && tell(st::Bound{});
        case Move::connect:
        case Move::connect_at_once:
        case Move::connect_nowhere:
        case Move::connect_stalled:
            return connect(move);
        case Move::join:
            if (!nonblocking_) return false;
            if (stream) return tell(st::JoinCalled{st::Outcome::failure});
            bound_ = true;
            return tell(st::JoinCalled{st::Outcome::success});
        case Move::accept:
        case Move::reject:
        case Move::defer:
            return accept(move);
        case Move::change_qos:
            qos_ = qos_ % 2 + 1;
            return tell(st::QosChanged{});
        case Move::get_qos:
            return tell(st::QosFetched{});
        case Move::get_group_qos:
            return tell(st::GroupQosFetched{});
        case Move::watch_route:
            // Where nothing leads there, whether the request is taken is up to the provider.
            return nonblocking_ && route_ != 0 && tell(st::RouteRequested{});
        case Move::watch_addresses:
            return nonblocking_ && tell(st::AddressListRequested{});
        case Move::close:
            return tell(st::Closed{});
        case Move::route_through_one:
            return route(1);
        case Move::route_through_other:
            return route(2);
        case Move::route_to_nothing:
            return route(0);
        case Move::address_changes:
            address_ = !address_;
            return tell(st::AddressListChanged{});
        case Move::subsystem_fails:
            return tell(st::SubsystemFailed{});
        case Move::fill_queue:
            return tell(st::QueueFilled{});
        case Move::make_room:
            return tell(st::QueueHasRoom{});
        default:
            return peer(move);
    }
}

bool Scene::select(std::uint32_t mask) {
    nonblocking_ = true;
    return tell(st::AsyncSelect{mask});
}

void Scene::become_accepted() {
    waiting_ = false;
    nonblocking_ = mask_ != 0;
    for (const model::Stimulus& stimulus : std::exchange(early_, {})) tell(stimulus);
    fired_.clear();
}

bool Scene::receive(std::uint32_t length, bool peek) {
    const model::Facts& facts = socket_.facts();
    if (!nonblocking_) return false;
    if (facts.kind == Kind::datagram) {
        // A part of a datagram is all of it (WSAEMSGSIZE).
        return tell(st::Received{peek ? 0U : std::min(facts.readable, 1U)});
    }
    if (facts.phase != Phase::established) return tell(st::Received{});
    if (facts.aborted != 0) return !peek && length == plenty && tell(st::Received{facts.readable});
    if (facts.receive_shut && facts.readable > 0) return false;  // what is left is up to the system
    if (length == part && facts.readable <= part) return false;  // as if for all of it
    std::uint32_t got = std::min(length, facts.readable);
    if (facts.urgent) {
        if (before_mark_ > 0) {
            got = std::min<std::uint32_t>(got, before_mark_);
        } else if ((socket_.mask() & model::bit_of(Event::oob)) == 0) {
            // Where nobody waits for FD_OOB, the system may discard an urgent byte that is passed, and a call that
            // finds no data passes it too.
            return false;
        }
        if (!peek) before_mark_ = static_cast<std::uint8_t>(before_mark_ - std::min<std::uint32_t>(got, before_mark_));
    }
    return tell(st::Received{peek ? 0 : got});
}

bool Scene::receive_urgent(bool peek) {
    const model::Facts& facts = socket_.facts();
    if (!nonblocking_ || facts.aborted != 0 || (facts.receive_shut && facts.urgent)) return false;
    const bool takes = facts.urgent && !peek;
    if (peek && !facts.urgent) return false;
    return tell(st::Received{0, takes, 0});
}

bool Scene::told_of_reset(Move move) {
    const model::Facts& facts = socket_.facts();
    if (!nonblocking_ || (peer_ != Peer::there && peer_ != Peer::shut)) return false;
    if (facts.kind == Kind::datagram || facts.phase != Phase::established || facts.send_shut) return false;
    peer_ = Peer::gone;
    constexpr model::ErrorCode was_reset = 10054;
    if (move == Move::receive_reset) return tell(st::Received{facts.readable, false, was_reset});
    return tell(st::Sent{st::SentOutcome::failure, was_reset});
}

bool Scene::send(bool refused) {
    const model::Facts& facts = socket_.facts();
    if (!nonblocking_) return false;
    if (facts.kind == Kind::datagram) {
        if (facts.phase != Phase::established || facts.send_shut) return false;
        if (refused) return tell(st::Sent{st::SentOutcome::would_block}) && tell(st::SendSpaceAvailable{});
        return tell(st::Sent{st::SentOutcome::success});
    }
    if (facts.phase == Phase::connecting) return false;  // WSAENOTCONN or WSAEWOULDBLOCK
    const bool fails = facts.phase != Phase::established || facts.send_shut || facts.aborted != 0;
    if (fails) return !refused && tell(st::Sent{st::SentOutcome::failure});
    if (peer_ == Peer::gone) return false;  // may be answered by a reset
    if (refused) return !full_ && tell(st::Sent{st::SentOutcome::would_block}) && tell(st::SendSpaceAvailable{});
    if (full_) return tell(st::Sent{st::SentOutcome::would_block});
    unread_ = true;
    return tell(st::Sent{st::SentOutcome::success});
}

bool Scene::fill(bool at_once) {
    const model::Facts& facts = socket_.facts();
    const bool connected = facts.kind == Kind::stream && facts.phase == Phase::established;
    const bool there = peer_ == Peer::there || peer_ == Peer::shut;
    if (!nonblocking_ || !connected || !there || facts.send_shut || facts.aborted != 0 || full_) return false;
    full_ = true;
    unread_ = true;
    if (!at_once && !tell(st::Sent{st::SentOutcome::success})) return false;
    if (!tell(st::Sent{st::SentOutcome::short_count})) return false;
    return at_once || tell(st::Sent{st::SentOutcome::would_block});
}

bool Scene::shut_down(st::How how) {
    const model::Facts& facts = socket_.facts();
    // Of what is not connected any more, or not at all, it fails.
    if (facts.phase != Phase::established || facts.aborted != 0 || (facts.fin && facts.send_shut)) return false;
    if (facts.kind == Kind::datagram && peer_ == Peer::none) return false;
    return tell(st::ShutDown{how});
}

bool Scene::connect(Move move) {
    const model::Facts& facts = socket_.facts();
    if (facts.kind == Kind::datagram) {
        if (move == Move::connect_stalled || move == Move::connect_at_once) return false;
        if (move == Move::connect_nowhere) return false;  // each send is answered by an error then
        bound_ = true;
        peer_ = Peer::there;
        return tell(st::ConnectCalled{st::Outcome::success});
    }
    if (facts.phase != Phase::idle) {
        return move == Move::connect && nonblocking_ && tell(st::ConnectCalled{st::Outcome::failure});
    }
    if (facts.joining) return false;
    bound_ = true;
    if (!nonblocking_) {
        if (move != Move::connect) return false;
        peer_ = Peer::there;
        return tell(st::ConnectCalled{st::Outcome::success});
    }
    if (move == Move::connect_at_once) {
        peer_ = Peer::there;
        return tell(st::ConnectCalled{st::Outcome::success});
    }
    if (!tell(st::ConnectCalled{st::Outcome::would_block})) return false;
    if (move == Move::connect_stalled) {
        peer_ = Peer::stalled;
        return true;
    }
    if (move == Move::connect_nowhere) return tell(st::ConnectOutcome{was_refused});
    peer_ = Peer::there;
    return tell(st::ConnectOutcome{0});
}

bool Scene::accept(Move move) {
    const model::Facts& facts = socket_.facts();
    if (facts.phase != Phase::listening || !nonblocking_) return false;
    if (facts.requests == 0) return move == Move::accept && tell(st::Accepted{st::AcceptOutcome::failure});
    if (move == Move::reject) return tell(st::Accepted{st::AcceptOutcome::rejected});
    if (move == Move::defer) return tell(st::Accepted{st::AcceptOutcome::deferred});
    ++accepted_;
    return tell(st::Accepted{st::AcceptOutcome::success});
}

bool Scene::route(std::uint8_t through) {
    if (route_ == through || (route_ == 0 && through == 2)) return false;
    route_ = through;
    return tell(st::RouteChanged{through == 0 ? unreachable : model::ErrorCode{0}});
}

bool Scene::peer_receives() {
    if (!unread_ || (peer_ != Peer::there && peer_ != Peer::shut)) return false;
    unread_ = false;
    if (!std::exchange(full_, false)) return true;
    // Unless that did not come to pass: the model knows it from the send that met WSAEWOULDBLOCK.
    return socket_.facts().send_possible || tell(st::SendSpaceAvailable{});
}

bool Scene::peer(Move move) {
    const model::Facts& facts = socket_.facts();
    const auto happens = [this](const model::Stimulus& stimulus) {
        if (!waiting_) return tell(stimulus);
        early_.push_back(stimulus);
        return true;
    };
    switch (move) {
        case Move::peer_sends:
            if (peer_ != Peer::there || facts.readable > 2 * piece || facts.kind == Kind::datagram) return false;
            // A third piece only where little else is left to combine it with.
            if (facts.readable > piece && (facts.urgent || facts.oob_inline || facts.queue_full)) return false;
            return happens(st::DataArrived{piece});
        case Move::peer_sends_urgent: {
            if (peer_ != Peer::there || facts.kind == Kind::datagram || facts.urgent_queued > 1) return false;
            if (facts.oob_inline ? facts.readable > (facts.receive_shut ? piece : 1) : facts.readable % piece != 0)
                return false;
            std::uint32_t readable = facts.readable;
            for (const model::Stimulus& stimulus : early_)
                if (std::holds_alternative<st::DataArrived>(stimulus)) readable += piece;
            if (!facts.oob_inline) before_mark_ = static_cast<std::uint8_t>(readable);
            return happens(st::OobArrived{});
        }
        case Move::peer_sends_datagram:
            if (facts.kind != Kind::datagram || !bound_) return false;
            // The peer that bears the socket's name is its only correspondent where it is connected.
            return facts.readable < most_datagrams && tell(st::DatagramArrived{piece});
        case Move::peer_shuts_down:
            if (peer_ != Peer::there || facts.kind == Kind::datagram) return false;
            peer_ = Peer::shut;
            return happens(st::PeerClosed{});
        case Move::peer_closes:
            if (peer_ != Peer::there || facts.kind == Kind::datagram || unread_ || waiting_) return false;
            peer_ = Peer::gone;
            return happens(st::PeerClosed{});
        case Move::peer_resets:
            if ((peer_ != Peer::there && peer_ != Peer::shut) || facts.kind == Kind::datagram) return false;
            // What becomes of an urgent byte whose message waits for room is up to the system.
            if (facts.queue_full && facts.urgent) return false;
            // A connection that both have ended is gone.
            if (peer_ == Peer::shut && facts.send_shut) return false;
            peer_ = Peer::gone;
            return happens(st::ConnectionAborted{});
        case Move::peer_receives:
            return !waiting_ && facts.kind == Kind::stream && facts.aborted == 0 && peer_receives();
        case Move::peer_admits:
            if (peer_ != Peer::stalled) return false;
            peer_ = Peer::there;
            return tell(st::ConnectOutcome{0});
        case Move::peer_asks:
            if (facts.requests >= most_requests || callers_ >= most_callers) return false;
            if (!tell(st::ConnectionRequest{})) return false;
            ++callers_;
            return true;
        default:
            return false;
    }
}

std::vector<Operation> Scene::operations(Move move, const Cast& cast) const {
    const std::string& s = cast.socket;
    const auto select = [&](std::uint32_t mask) -> std::vector<Operation> {
        return {op::Select{s, mask, cast.window, cast.message}};
    };
    const op::Network red = cast.ipv6 ? op::Network::red6 : op::Network::red;
    switch (move) {
        case Move::select_event:
            return select(mask_);
        case Move::select_all:
            return select(model::every_event);
        case Move::select_others:
            return select(others_);
        case Move::select_none:
            return select(0);
        case Move::event_select:
            return {op::EventSelect{s, model::bit_of(Event::read)}};
        case Move::event_select_none:
            return {op::EventSelect{s, 0}};
        case Move::receive_part:
            return {op::Receive{s, part}};
        case Move::receive_all:
            return {op::Receive{s, plenty}};
        case Move::receive_nothing:
            return {op::Receive{s, 0}};
        case Move::peek:
            return {op::Receive{s, plenty, Way::plain, true}};
        case Move::receive_urgent:
            return {op::Receive{s, 1, Way::plain, false, true}};
        case Move::peek_urgent:
            return {op::Receive{s, 1, Way::plain, true, true}};
        case Move::oob_inline_on:
            return {op::SetOobInline{s, true}};
        case Move::oob_inline_off:
            return {op::SetOobInline{s, false}};
        case Move::receive_reset:
            return {op::PeerReset{s}, op::Arrived{}, op::Receive{s, plenty}};
        case Move::send_reset:
            return {op::PeerReset{s}, op::Arrived{}, op::Send{s, piece}};
        case Move::send:
        case Move::send_refused:
            return {op::Send{s, piece}};
        case Move::send_in_vain:
            return {op::Send{s, piece, Way::plain, std::nullopt, false, true}};
        case Move::send_too_much:
            return {op::Send{s, too_much}};
        case Move::fill:
            return {op::Fill{s}};
        case Move::shut_down_receive:
            return {op::ShutDown{s, op::How::receive}};
        case Move::shut_down_send:
            return {op::ShutDown{s, op::How::send}};
        case Move::shut_down_both:
            return {op::ShutDown{s, op::How::both}};
        case Move::bind:
            return {op::Bind{s}};
        case Move::connect:
        case Move::connect_at_once:
            return {op::Connect{s, op::Target::peer}};
        case Move::connect_nowhere:
            return {op::Connect{s, op::Target::nowhere}};
        case Move::connect_stalled:
            return {op::Connect{s, op::Target::stalled}};
        case Move::join:
            return {op::Join{s}};
        case Move::accept:
            if (root_ == Root::accepted) return {op::Accept{cast.listener, s}};
            return {op::Accept{s, ""}};
        case Move::reject:
            return {op::Accept{s, "", true, model::Condition::reject}};
        case Move::defer:
            return {op::Accept{s, "", true, model::Condition::defer}};
        case Move::change_qos:
            return {op::SetQos{s, qos_}};
        case Move::get_qos:
            return {op::GetQos{s}};
        case Move::get_group_qos:
            return {op::GetGroupQos{s}};
        case Move::watch_route:
            return {op::WatchRoute{s, red}};
        case Move::watch_addresses:
            return {op::WatchAddresses{s}};
        case Move::close:
            return {op::Close{s}};
        case Move::peer_sends:
            return {op::PeerSend{s, piece}};
        case Move::peer_sends_urgent:
            return {op::PeerUrgent{s}};
        case Move::peer_sends_datagram:
            return {op::PeerDatagram{s, s, piece}};
        case Move::peer_shuts_down:
            return {op::PeerShutDown{s}};
        case Move::peer_closes:
            return {op::PeerClose{s}};
        case Move::peer_resets:
            return {op::PeerReset{s}};
        case Move::peer_receives:
            return {op::PeerReceive{s, 0}};
        case Move::peer_admits:
            return {op::PeerAdmit{s}};
        case Move::peer_asks:
            return {op::PeerConnect{cast.caller + std::to_string(callers_), s}};
        case Move::route_through_one:
            return {op::Route{red, op::Through::one}};
        case Move::route_through_other:
            return {op::Route{red, op::Through::other}};
        case Move::route_to_nothing:
            return {op::Route{red, op::Through::nothing}};
        case Move::address_changes:
            return {op::Address{address_, cast.ipv6}};
        case Move::subsystem_fails:
            return {op::FailSubsystem{}};
        case Move::fill_queue:
            return {op::FillQueue{cast.window}};
        case Move::make_room:
            return {op::Quiet{}};
    }
    return {};
}

}  // namespace asyncselect::conformance
