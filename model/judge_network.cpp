// What peers do, and what becomes of this host's network.
#include <algorithm>

#include "model/judge.hpp"

namespace asyncselect::model {

using observation::Change;
using observation::Peer;
using observation::PeerVerb;

namespace {

// A run of data is one effect, and so is a run of datagrams.
void push(Effects& effects, const Effect& effect) {
    const bool run = effect.what == Effect::What::data || effect.what == Effect::What::datagrams;
    if (run && !effects.empty() && effects.back().what == effect.what)
        effects.back().count += effect.count;
    else
        effects.push_back(effect);
}

}  // namespace

void Oracle::Judge::note_arrival(Track& track) const {
    if (!track.registration) track.effects_after_cancel = true;
    if (limited_) track.due_while_full = true;
}

void Oracle::Judge::append(Track& track, const Effect& effect) {
    States over;
    for (State& state : track.states) {
        if (state.socket.facts().aborted != 0 || state.socket.facts().subsystem_failed) continue;
        const bool doomed = !state.effects.empty() && state.effects.back().what == Effect::What::reset;
        const bool ended = state.socket.facts().fin ||
                           std::ranges::find(state.effects, Effect::What::fin, &Effect::what) != state.effects.end();
        // Where both ends have ended their sending nothing is left that could be reset, unless the peer was quicker
        // than the last acknowledgement (AS-CLOSE-5).
        if (effect.what == Effect::What::reset && ended && state.socket.facts().send_shut) over.push_back(state);
        // Who ends its sending a second time does nothing: there is one FIN (AS-CLOSE-3).
        const bool again = effect.what == Effect::What::fin && ended;
        if (!doomed && !again) push(state.effects, effect);
    }
    for (State& state : over) track.states.push_back(std::move(state));
    note_arrival(track);
    close_under_the_unseen(track);
}

std::optional<Violation> Oracle::Judge::take(const Peer& peer) {
    if (options_.unobserved_peers) return std::nullopt;  // it may have happened anyway
    switch (peer.verb) {
        case PeerVerb::connect: {
            world_.change().connections[peer.connection] = {};
            Track* listener = find_open(peer.socket);
            if (listener == nullptr) return violation("", "a listening socket");
            listener->requests.push_back(peer.connection);
            append(*listener, {Effect::What::request, 0, 0});
            return std::nullopt;
        }
        case PeerVerb::established:
        case PeerVerb::refused:
            take_outcome(peer);
            return std::nullopt;
        case PeerVerb::datagram:
            if (Track* track = find_open(peer.socket)) take_datagram(*track, peer);
            return std::nullopt;
        default:
            break;
    }
    Track* track = find_connected(peer.connection);
    if (track == nullptr || track->kind == Kind::datagram) {
        if (track != nullptr && peer.verb == PeerVerb::send) {
            take_datagram(*track, peer);
        } else if (peer.verb != PeerVerb::send && peer.verb != PeerVerb::receive) {
            end_correspondence(peer);
        }
        if (track == nullptr) take_early(peer);
        return std::nullopt;
    }
    switch (peer.verb) {
        case PeerVerb::send:
            append(*track, {Effect::What::data, peer.bytes, 0});
            break;
        case PeerVerb::urgent:
            track->had_urgent = true;
            append(*track, {Effect::What::urgent, 1, 0});
            break;
        case PeerVerb::shutdown:
            append(*track, {Effect::What::fin, 0, 0});
            break;
        case PeerVerb::reset:
            track->peer_closed = true;
            append(*track, {Effect::What::reset, 0, 0});
            break;
        case PeerVerb::close:
            close_peer(*track);
            break;
        case PeerVerb::receive:
            track->peer_received += peer.bytes;
            break;
        default:
            break;
    }
    return std::nullopt;
}

void Oracle::Judge::take_outcome(const Peer& peer) {
    Track* track = find_open(peer.socket);
    if (track == nullptr) return;
    if (peer.verb == PeerVerb::established) track->connection = peer.connection;
    for (State& state : track->states) {
        const Facts& facts = state.socket.facts();
        const auto error = static_cast<ErrorCode>(peer.error);
        if (facts.phase == Phase::connecting) state.effects.push_back({Effect::What::outcome, 0, error});
        if (facts.joining) state.effects.push_back({Effect::What::joined, 0, error});
    }
    note_arrival(*track);
    close_under_the_unseen(*track);
}

void Oracle::Judge::take_datagram(Track& track, const Peer& peer) {
    if (track.kind != Kind::datagram) return;
    constexpr std::size_t most_correspondents = 1024;  // they are evidence only
    if (track.correspondents.size() < most_correspondents &&
        std::ranges::find(track.correspondents, peer.connection) == track.correspondents.end())
        track.correspondents.push_back(peer.connection);
    track.datagrams.push_back(peer.bytes);
    append(track, {Effect::What::datagrams, 1, 0});
}

// The other end of datagrams is gone: nothing follows from that (AS-CLOSE-1).
void Oracle::Judge::end_correspondence(const Peer& peer) {
    for (Shared<Track>& shared : tracks_) {
        if (shared->kind != Kind::datagram) continue;
        const bool known = shared->handle == peer.socket || shared->connection == peer.connection ||
                           std::ranges::find(shared->correspondents, peer.connection) != shared->correspondents.end();
        if (known) shared.change().peer_closed = true;
    }
}

// A peer that closes with something unread answers with a reset; what is still on its way to it, too.
void Oracle::Judge::close_peer(Track& track) {
    track.peer_closed = true;
    const bool unread = track.sent > track.peer_received;
    if (unread) {
        States both = track.states;
        for (State& state : both) {
            const Facts& facts = state.socket.facts();
            if (facts.aborted == 0) state.effects.push_back({Effect::What::reset, 0, 0});
        }
        for (State& state : track.states) {
            state.reset_possible = true;
            both.push_back(std::move(state));
        }
        // The reset alone, or the end of data with perhaps a reset behind it.
        for (std::size_t index = both.size() / 2; index < both.size(); ++index) push_fin(both[index]);
        track.states = std::move(both);
    } else {
        for (State& state : track.states) push_fin(state);
    }
    note_arrival(track);
    close_under_the_unseen(track);
}

void Oracle::Judge::push_fin(State& state) {
    const Facts& facts = state.socket.facts();
    const bool there = facts.fin || std::ranges::any_of(state.effects, [](const Effect& effect) {
                           return effect.what == Effect::What::fin || effect.what == Effect::What::reset;
                       });
    if (!there && facts.aborted == 0) state.effects.push_back({Effect::What::fin, 0, 0});
}

// On a connection that waits to be accepted, or whose connect has not been seen to succeed.
void Oracle::Judge::take_early(const Peer& peer) {
    if (!world_->connections.contains(peer.connection)) return;  // its socket is closed, or it is nobody's
    Connection& connection = world_.change().connections[peer.connection];
    switch (peer.verb) {
        case PeerVerb::send:
            push(connection.effects, {Effect::What::data, peer.bytes, 0});
            break;
        case PeerVerb::urgent:
            connection.had_urgent = true;
            connection.effects.push_back({Effect::What::urgent, 1, 0});
            break;
        case PeerVerb::close:
            connection.peer_closed = true;
            [[fallthrough]];
        case PeerVerb::shutdown:
            if (connection.effects.empty() || connection.effects.back().what != Effect::What::fin) {
                connection.effects.push_back({Effect::What::fin, 0, 0});
            }
            break;
        case PeerVerb::reset:
            connection.peer_closed = true;
            connection.effects.push_back({Effect::What::reset, 0, 0});
            break;
        default:
            break;
    }
}

// A change that was not asked for: nothing comes of it, whenever it takes place.
void Oracle::Judge::ignore_change(Shared<Track>& shared, const Stimulus& change) {
    const bool route = std::holds_alternative<stimulus::RouteChanged>(change);
    const bool asked = std::ranges::any_of(shared->states, [route](const State& state) {
        const Facts& facts = state.socket.facts();
        return (route ? facts.route : facts.addresses) != Watch::not_requested;
    });
    if (!asked && shared->registration) fire_all(shared.change(), change);
}

std::optional<Violation> Oracle::Judge::take(const Change& change) {
    if (options_.unobserved_peers) return std::nullopt;  // it may have happened anyway
    if (change.what == Change::What::subsystem && subsystem_ == Subsystem::up) subsystem_ = Subsystem::failing;
    for (Shared<Track>& shared : tracks_) {
        if (shared->closed) continue;
        Effect effect{Effect::What::subsystem, 0, 0};
        if (change.what == Change::What::route) {
            const auto found = std::ranges::find(shared->destinations, change.destination);
            if (found == shared->destinations.end()) {
                ignore_change(shared, stimulus::RouteChanged{static_cast<ErrorCode>(change.error)});
                continue;
            }
            effect = {Effect::What::route, static_cast<std::uint32_t>(found - shared->destinations.begin()),
                      static_cast<ErrorCode>(change.error)};
        } else if (change.what == Change::What::address_list) {
            if (!shared->addresses_requested || shared->ipv6 != change.ipv6) {
                ignore_change(shared, stimulus::AddressListChanged{});
                continue;
            }
            effect = {Effect::What::addresses, 0, 0};
        }
        Track& track = shared.change();
        ++track.changes;
        for (State& state : track.states) push_change(state, effect);
        note_arrival(track);
        close_under_the_unseen(track);
    }
    return std::nullopt;
}

std::optional<Violation> Oracle::Judge::take(const observation::QueueLimit& limit) {
    limited_ = limit.on;
    for (Shared<Track>& shared : tracks_) {
        Track& track = shared.change();
        if (!limited_) track.due_while_full = false;
        close_under_the_unseen(track);
    }
    return std::nullopt;
}

}  // namespace asyncselect::model
