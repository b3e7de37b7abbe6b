// Traces that do not tell what peers did, nor what became of this host's network: whatever they can do may have
// happened at any time. A state in which nothing has happened yet accepts whatever can come after it. So a thing is
// taken to happen at the moment when somebody sees it: a message tells of it, or a call's result. What it may have
// posted before, unseen, is left in the queue as a message that need not come. Amounts are told apart as none and some,
// for which 1 stands: what is left of some may as well have come later.
#include <algorithm>
#include <array>
#include <utility>

#include "model/judge.hpp"

namespace asyncselect::model {

using observation::Call;
using observation::Message;

namespace {

constexpr ErrorCode reset_error = wsa::reset;
constexpr ErrorCode aborted_error = wsa::aborted;
constexpr ErrorCode unreachable_error = wsa::net_unreachable;
constexpr std::uint32_t data_events = bit_of(Event::read) | bit_of(Event::oob);

bool of_a_connection(const Facts& facts) {
    return facts.kind == Kind::stream && facts.phase == Phase::established && facts.aborted == 0;
}

bool lacks_room(const Facts& facts) {
    return !facts.send_possible && !facts.send_shut &&
           (facts.kind == Kind::datagram || (facts.phase == Phase::established && facts.aborted == 0));
}

// Whether the event's message can become due without any call.
bool can_come(const Facts& facts, Event event) {
    if (facts.closed || facts.subsystem_failed) return false;
    const bool connecting = facts.kind == Kind::stream && facts.phase == Phase::connecting;
    const bool peer_can_send = connecting || (of_a_connection(facts) && !facts.fin);
    switch (event) {
        case Event::connect:
            return connecting || facts.joining;
        case Event::accept:
            return facts.phase == Phase::listening && facts.requests == 0;
        case Event::oob:
            return peer_can_send && !facts.urgent && !facts.oob_inline && !facts.receive_shut;
        case Event::read:
            return (peer_can_send || facts.kind == Kind::datagram) && facts.readable == 0 && !facts.receive_shut;
        case Event::write:
            return connecting || lacks_room(facts);
        case Event::close:
            return connecting || of_a_connection(facts);
        case Event::routing_interface_change:
            return facts.route == Watch::requested;
        case Event::address_list_change:
            return facts.addresses == Watch::requested;
        default:
            return false;
    }
}

// Whether what was posted unseen may stand in front of the other. The end of data is behind all data.
bool may_precede(const Posted& unseen, const Posted& other) {
    const bool end = unseen.event == Event::close && unseen.error == 0;
    return (other.before & bit_of(unseen.event)) != 0 && !(end && (bit_of(other.event) & data_events) != 0);
}

// Stands for any number of messages.
constexpr std::uint8_t many = 8;

std::uint32_t before_in_posting_order(Event event) {
    std::uint32_t bits = 0;
    for (const Event other : events_in_posting_order) {
        if (index_of(other) < index_of(event)) bits |= bit_of(other);
    }
    return bits;
}

}  // namespace

// The events whose message may have been posted by now, though nobody has seen it.
std::uint32_t Oracle::Judge::perhaps_posted(const Track& track, const State& state) const {
    if (!track.registration || track.closed || !alive(track.registration->window)) return 0;
    std::uint32_t bits = 0;
    for (const Event event : events_in_posting_order) {
        if (track.wants(event) && can_come(state.socket.facts(), event) && state.socket.state(event) == "Enabled")
            bits |= bit_of(event);
    }
    return bits;
}

// What may precede a message that is posted now: everything that was enabled before, and of a connection that begins
// with it what comes before it in one moment.
std::uint32_t Oracle::Judge::perhaps_before(const Track& track, const State& state, Event event, bool begins) const {
    std::uint32_t bits = perhaps_posted(track, state);
    if (begins && options_.ours) bits &= before_in_posting_order(event);
    if (begins && event == Event::connect) bits &= ~bit_of(Event::write);
    return bits;
}

// Puts one message into the queue that need not come.
void Oracle::Judge::leave_behind(const Track& track, State& state, Event event, ErrorCode error) const {
    if (!track.wants(event) || !alive(track.registration->window)) return;
    Posted perhaps{track.registration->window, track.registration->message, event, error, true, false, "", {}};
    perhaps.floating = true;
    perhaps.registration = track.registrations;
    const auto equal = std::ranges::find_if(state.posted, [&](const Posted& there) {
        return there.floating && there.optional && there.registration == perhaps.registration &&
               there.window == perhaps.window && there.message == perhaps.message && there.event == event &&
               there.error == error;
    });
    if (equal != state.posted.end()) {
        equal->count = std::min(many, static_cast<std::uint8_t>(equal->count + 1));
        return;
    }
    const auto behind = std::ranges::find_if(state.posted, [&](const Posted& there) {
        return !there.optional && same_queue(there, perhaps) && (there.before & bit_of(event)) != 0;
    });
    state.posted.insert(behind, perhaps);
}

// Puts the messages that may have been posted unseen into the queue, as such that need not come.
void Oracle::Judge::leave_perhaps(const Track& track, State& state, std::uint32_t events) const {
    const std::uint32_t bits = perhaps_posted(track, state) & events;
    if (bits == 0) return;
    for (const Event event : events_in_posting_order) {
        if ((bits & bit_of(event)) == 0) continue;
        leave_behind(track, state, event, 0);
        if (event == Event::connect) leave_behind(track, state, event, any_failure);
        if (event == Event::routing_interface_change) leave_behind(track, state, event, unreachable_error);
        if (event == Event::close) {
            if (!options_.profile.reset_tells_aborted) leave_behind(track, state, event, reset_error);
            leave_behind(track, state, event, aborted_error);
        }
    }
}

// The events are enabled anew: what comes from now on comes behind what is in the queue.
void Oracle::Judge::enable_anew(State& state, std::uint32_t events) {
    for (Posted& posted : state.posted) posted.before &= ~events;
}

// Puts what something unseen has posted into the queue: it may stand in front of what came later.
void Oracle::Judge::put_unseen(const Track& track, State& state, const Stimulus& stimulus) const {
    const std::size_t there = state.posted.size();
    put(track, state, fire(state, stimulus));
    move_forward(state, there);
}

void Oracle::Judge::move_forward(State& state, std::size_t there) const {
    for (std::size_t index = there; index < state.posted.size(); ++index) {
        Posted posted = state.posted[index];
        const auto end = state.posted.begin() + static_cast<std::ptrdiff_t>(there);
        const auto behind = std::find_if(state.posted.begin(), end, [&](const Posted& other) {
            return !other.optional && same_queue(other, posted) && may_precede(posted, other);
        });
        if (behind == end) continue;
        posted.floating = true;
        posted.together = false;
        state.posted.erase(state.posted.begin() + static_cast<std::ptrdiff_t>(index));
        state.posted.insert(behind, posted);
    }
}

// ---- messages -----------------------------------------------------------------------------------------------------

// The state after the stimulus, if that has posted the message and nothing that must come earlier is in the queue.
void Oracle::Judge::retrieve_posted_by(const Track& track, State state, const Stimulus& stimulus,
                                       const Message& message, StateSet& explained) const {
    const std::size_t there = state.posted.size();
    put(track, state, fire(state, stimulus));
    for (std::size_t index = there; index < state.posted.size(); ++index) {
        const Posted posted = state.posted[index];
        if (!posted.explains(message)) continue;
        for (std::size_t before = 0; before < index; ++before) {
            const Posted& other = state.posted[before];
            if (other.optional || other.floating || !same_queue(other, posted)) continue;
            if (before >= there || !may_precede(posted, other)) return;
        }
        State next = std::move(state);
        next.evidence |= bit(posted.clause);
        remove_retrieved(next, index);
        explained.add(std::move(next));
        return;
    }
}

// What was in the queue already explains as much as what may have come since, which can still come. Not so where that
// can be ruled out later, or is due at quiet.
bool Oracle::Judge::tells_more(const Message& message) const {
    const std::uint32_t events =
        bit_of(Event::write) | bit_of(Event::oob) | (options_.profile.close_at_fin ? bit_of(Event::read) : 0);
    return (message.lparam & events) != 0;
}

// The states in which it has happened unseen what the message tells of.
void Oracle::Judge::retrieve_unseen(const Track& track, const State& before, const Message& message,
                                    StateSet& explained) const {
    const ErrorCode error = static_cast<ErrorCode>(message.lparam >> 16U);
    for (const Event event : events_in_posting_order) {
        if ((message.lparam & 0xffffU) != bit_of(event)) continue;
        if ((perhaps_posted(track, before) & bit_of(event)) == 0 || !permitted_error(event, error)) continue;
        State state = before;
        const auto by = [&](const Stimulus& stimulus) {
            retrieve_posted_by(track, state, stimulus, message, explained);
        };
        const bool connecting = state.socket.facts().phase == Phase::connecting;
        if (event == Event::connect) {
            if (connecting) by(stimulus::ConnectOutcome{error});
            if (state.socket.facts().joining) by(stimulus::JoinOutcome{error});
            continue;
        }
        if (connecting) {
            if (event == Event::write) {
                by(stimulus::ConnectOutcome{0});
                continue;
            }
            establish(track, state);
        }
        switch (event) {
            case Event::accept:
                by(stimulus::ConnectionRequest{});
                break;
            case Event::oob:
                by(stimulus::OobArrived{});
                break;
            case Event::read:
                if (track.kind == Kind::datagram)
                    by(stimulus::DatagramArrived{1});
                else
                    by(stimulus::DataArrived{1});
                break;
            case Event::write:
                by(stimulus::SendSpaceAvailable{});
                break;
            case Event::routing_interface_change:
                by(stimulus::RouteChanged{error});
                break;
            case Event::address_list_change:
                by(stimulus::AddressListChanged{});
                break;
            default: {
                const auto closes = [&] {
                    if (error == 0) {
                        by(stimulus::PeerClosed{});
                    } else {
                        // Of what is left to read, a message can come behind this one.
                        leave_perhaps(track, state, data_events);
                        by(stimulus::ConnectionAborted{reset_error});
                        by(stimulus::ConnectionAborted{aborted_error});
                    }
                };
                closes();
                // Nobody was told of what is unread.
                const bool data = !track.wants(Event::read) && (error != 0 || options_.profile.close_at_fin);
                if (!track.wants(Event::oob)) {
                    const State without = state;
                    fire(state, stimulus::OobArrived{});
                    closes();
                    if (data) {
                        fire(state, stimulus::DataArrived{1});
                        closes();
                    }
                    state = without;
                }
                if (data) {
                    fire(state, stimulus::DataArrived{1});
                    closes();
                }
            }
        }
    }
}

// Takes out what was retrieved, and what can come no more after it.
void Oracle::Judge::remove_retrieved(State& state, std::size_t index) const {
    const Posted retrieved = state.posted[index];
    Queue left;
    for (std::size_t place = 0; place < state.posted.size(); ++place) {
        Posted kept = state.posted[place];
        if (place == index) {
            if (kept.count == 1) continue;
            if (kept.count < many) --kept.count;
        } else if (kept.optional && same_queue(kept, retrieved)) {
            // Passed over.
            if (kept.registration < retrieved.registration) continue;
            if (place < index && !kept.floating && !retrieved.floating) continue;
            if (kept.window == retrieved.window && kept.message == retrieved.message && kept.floating) {
                // Of these there is one, with one outcome.
                const bool once = retrieved.event == Event::close || retrieved.event == Event::connect;
                if (once && kept.event == retrieved.event) continue;
                // Nothing was left to read.
                const bool end = retrieved.event == Event::close && retrieved.error == 0 && !retrieved.optional;
                if (end && !options_.profile.close_at_fin && (bit_of(kept.event) & data_events) != 0) continue;
            }
        }
        // The first that is left of its moment.
        if (place > index && !left.empty() && place == index + 1 && !retrieved.together) kept.together = false;
        left.push_back(kept);
    }
    if (!left.empty()) left.front().together = false;
    state.posted = std::move(left);
}

// ---- calls --------------------------------------------------------------------------------------------------------

// The connection is there: the call's result shows it.
void Oracle::Judge::establish(const Track& track, State& state) const {
    if (state.socket.facts().phase == Phase::connecting) put(track, state, fire(state, stimulus::ConnectOutcome{0}));
}

// Those in which a connection that is awaited was established and reset before anybody looked: it takes no send, so
// FD_WRITE was not posted, as in `take_next_effects`.
States Oracle::Judge::reset_unseen(const Track& track, const State& state) const {
    States gone;
    if (track.kind != Kind::stream || state.socket.facts().phase != Phase::connecting) return gone;
    for (const ErrorCode error : {reset_error, aborted_error}) {
        State after = state;
        Posts posts = fire(after, stimulus::ConnectOutcome{0});
        erase_if(posts, [](const Post& post) { return post.event == Event::write; });
        put(track, after, posts);
        // Of what is left to read, a message can come.
        leave_perhaps(track, after, data_events);
        put(track, after, fire(after, stimulus::ConnectionAborted{error}));
        gone.push_back(std::move(after));
    }
    return gone;
}

// Brings about what must have happened before the call, since it returned what it did, and leaves in the queue what may
// have been posted before it.
void Oracle::Judge::foresee(Track& track, const Call& call) const {
    StateSet foreseen;
    if (call.function == Function::recv || call.function == Function::send || call.function == Function::shutdown) {
        for (std::size_t index = track.states.size(); index-- > 0;) {
            for (State& gone : reset_unseen(track, track.states[index])) track.states.push_back(std::move(gone));
        }
    }
    for (State& state : track.states) {
        switch (call.function) {
            case Function::recv:
                foresee_recv(track, state, call, foreseen);
                break;
            case Function::send:
                foresee_send(track, state, call, foreseen);
                break;
            case Function::accept:
                if (call.error != wsa::would_block) leave_perhaps(track, state, bit_of(Event::accept));
                enable_anew(state, bit_of(Event::accept));
                if (can_come(state.socket.facts(), Event::accept) &&
                    (!call.failed() || call.condition == Condition::reject || call.condition == Condition::defer))
                    state.effects.push_back({Effect::What::request, 0, 0});
                break;
            case Function::connect:
                // Another attempt is possible after a failed one.
                if (state.socket.facts().phase == Phase::connecting &&
                    (!call.failed() || call.error == wsa::would_block))
                    put_unseen(track, state, stimulus::ConnectOutcome{any_failure});
                // W-4: it posts FD_WRITE where there is room.
                if (track.kind == Kind::datagram && lacks_room(state.socket.facts())) {
                    State roomy = state;
                    put_unseen(track, roomy, stimulus::SendSpaceAvailable{});
                    foreseen.add(std::move(roomy));
                }
                break;
            case Function::shutdown:
                if (call.failed()) break;
                establish(track, state);
                leave_perhaps(track, state,
                              call.value == 1 ? bit_of(Event::write) : data_events | bit_of(Event::write));
                break;
            case Function::set_oob_inline:
                // An urgent byte that came before stays one.
                if (call.value != 0 && !call.failed() && can_come(state.socket.facts(), Event::oob) &&
                    of_a_connection(state.socket.facts())) {
                    State urgent = state;
                    put(track, urgent, fire(urgent, stimulus::OobArrived{}));
                    foreseen.add(std::move(urgent));
                }
                // W-5: others may be behind it.
                for (unsigned each = 0; call.value != 0 && options_.profile.urgent_bytes_queue && each < many; ++each)
                    leave_behind(track, state, Event::oob, 0);
                break;
            case Function::routing_interface_change:
                leave_perhaps(track, state, bit_of(Event::routing_interface_change));
                enable_anew(state, bit_of(Event::routing_interface_change));
                break;
            case Function::address_list_change:
                leave_perhaps(track, state, bit_of(Event::address_list_change));
                enable_anew(state, bit_of(Event::address_list_change));
                break;
            case Function::event_select:
                if (!call.failed()) leave_perhaps(track, state, every_event);
                break;
            default:
                break;
        }
        foreseen.add(std::move(state));
    }
    foreseen.take_into(track.states);
}

void Oracle::Judge::foresee_recv(Track& track, State& state, const Call& call, StateSet& foreseen) const {
    const bool peek = (call.flags & flag_peek) != 0;
    const bool of_urgent = (call.flags & flag_oob) != 0;
    const bool too_long = call.error == wsa::message_size && track.kind == Kind::datagram;
    const bool broken = call.error == wsa::reset || call.error == wsa::aborted;
    if ((!call.failed() && call.length > 0) || broken) establish(track, state);
    const Facts& facts = state.socket.facts();
    const State before = state;
    // A call that finds nothing tells that nothing had come.
    std::uint32_t perhaps = data_events;
    if (call.error == wsa::would_block || call.error == wsa::invalid)
        perhaps &= ~bit_of(of_urgent ? Event::oob : Event::read);
    leave_perhaps(track, state, perhaps);
    enable_anew(state, data_events);
    state.passed = false;
    if (track.kind == Kind::datagram) {
        if (call.failed() && !too_long) return;
        track.datagrams.assign(1, static_cast<std::uint32_t>(too_long ? call.length + 1 : call.result));
        state.taken = 0;
        if (facts.readable == 0) state.effects.push_back({Effect::What::datagrams, 1, 0});
        return;
    }
    if (facts.aborted != 0 && !call.failed() && call.result > 0 && !of_urgent)
        leave_behind(track, state, Event::read, 0);
    const bool ended = facts.phase == Phase::established && (facts.fin || facts.aborted != 0);
    const bool queue = options_.profile.urgent_bytes_queue;
    if (of_urgent && (ended || (queue && facts.oob_inline)) && call.result > 0 && !facts.urgent) {
        // It had come before the end, if nobody was told of it, or if there were several.
        if (!track.wants(Event::oob) || queue) state.effects.push_back({Effect::What::urgent, 1, 0});
    }
    // How many wait in the queue of W-5, nobody knows.
    if (queue && (facts.oob_inline || ended)) leave_behind(track, state, Event::oob, 0);
    if (!of_a_connection(facts)) return;
    if (call.failed()) {
        if (broken && !of_urgent) state.effects.push_back({Effect::What::reset, 0, 0});
    } else if (of_urgent) {
        if (call.result > 0 && !facts.fin && !facts.urgent && !facts.oob_inline)
            state.effects.push_back({Effect::What::urgent, 1, 0});
    } else if (call.result == 0) {
        if (call.length > 0 && !facts.fin && facts.readable == 0 && !facts.receive_shut) {
            if (can_come(facts, Event::oob)) {
                // Told before the call, if it is wanted, and again after the call has passed it.
                State urgent = track.wants(Event::oob) ? before : state;
                put_unseen(track, urgent, stimulus::OobArrived{});
                enable_anew(urgent, data_events);
                put_unseen(track, urgent, stimulus::PeerClosed{});
                // The end may be told after that: the call may be the first to find it.
                for (Posted& posted : urgent.posted) posted.floating |= posted.event == Event::close;
                foreseen.add(std::move(urgent));
            }
            put_unseen(track, state, stimulus::PeerClosed{});
        }
    } else if (!facts.fin && facts.readable == 0) {
        state.effects.push_back({Effect::What::data, static_cast<std::uint32_t>(call.result), 0});
    } else if (const auto got = static_cast<std::uint32_t>(call.result); peek && !facts.fin && got > facts.readable) {
        fire(state, stimulus::DataArrived{got - facts.readable});
    }
}

void Oracle::Judge::foresee_send(const Track& track, State& state, const Call& call, StateSet& foreseen) const {
    const Facts& facts = state.socket.facts();
    const bool broken = call.error == wsa::reset || call.error == wsa::aborted;
    if (facts.phase == Phase::connecting && (!call.failed() || call.error == wsa::would_block || broken)) {
        if (call.error == wsa::would_block) foreseen.add(state);
        establish(track, state);
    }
    if (broken && of_a_connection(facts)) {
        leave_perhaps(track, state, data_events);
        state.reset_possible = true;
    }
    if (lacks_room(facts)) {
        // Room may have come; where the call says that there is none any more, it makes no difference but the message.
        const bool takes_all = !call.failed() && (call.result >= call.length || track.kind == Kind::datagram);
        if (takes_all) {
            State roomy = state;
            put_unseen(track, roomy, stimulus::SendSpaceAvailable{});
            enable_anew(roomy, bit_of(Event::write));
            foreseen.add(std::move(roomy));
        } else {
            leave_perhaps(track, state, bit_of(Event::write));
        }
    }
    enable_anew(state, bit_of(Event::write));
}

// What was there already when the registration began, where it is then posted or not: FD_CONNECT and FD_WRITE are not
// posted once the connection has ended.
void Oracle::Judge::foresee_registration(Track& track, std::uint32_t mask, bool connect_too) const {
    for (State& state : track.states) leave_perhaps(track, state, every_event);
    const bool connect = connect_too && (mask & bit_of(Event::connect)) != 0;
    const bool write = (mask & bit_of(Event::write)) != 0;
    const bool close = (mask & bit_of(Event::close)) != 0;
    StateSet foreseen;
    // A connect that was under way may have been over before, and what came of it too.
    States known = track.states;
    for (const State& state : track.states) {
        if (state.socket.facts().phase != Phase::connecting) continue;
        known.push_back(state);
        fire(known.back(), stimulus::ConnectOutcome{0});
    }
    for (State& state : known) {
        States begun{state};
        if (of_a_connection(state.socket.facts()) && (connect || write || (close && state.socket.facts().fin))) {
            const auto with = [&begun](bool wanted, const Stimulus& stimulus) {
                if (!wanted) return;
                for (std::size_t index = begun.size(); index-- > 0;) {
                    State after = begun[index];
                    fire(after, stimulus);
                    begun.push_back(std::move(after));
                }
            };
            const Facts facts = state.socket.facts();
            with(can_come(facts, Event::read), stimulus::DataArrived{1});
            with((mask & bit_of(Event::oob)) != 0 && can_come(facts, Event::oob), stimulus::OobArrived{});
            const std::size_t before = begun.size();
            if (connect && !facts.fin) with(true, stimulus::PeerClosed{});
            for (std::size_t index = 0; index < before; ++index) {
                for (const ErrorCode error : {reset_error, aborted_error}) {
                    State after = begun[index];
                    fire(after, stimulus::ConnectionAborted{error});
                    begun.push_back(std::move(after));
                }
            }
            // What has not ended may as well come later.
            std::erase_if(begun, [&](const State& other) {
                return !(other.socket == state.socket) && other.socket.facts().fin == facts.fin &&
                       other.socket.facts().aborted == 0;
            });
        }
        for (State& other : begun) foreseen.add(std::move(other));
    }
    foreseen.take_into(track.states);
}

// ---- what becomes of the network ----------------------------------------------------------------------------------

// What a call has shown to have come, has.
void Oracle::Judge::settle_effects(Track& track) const {
    StateSet settled;
    for (State& state : track.states) {
        while (!state.effects.empty()) {
            const Effect effect = state.effects.front();
            state.effects.erase(state.effects.begin());
            const std::size_t there = state.posted.size();
            put(track, state, happen(track, state, effect));
            move_forward(state, there);
        }
        settled.add(std::move(state));
    }
    settled.take_into(track.states);
}

// Somebody was told that the network subsystem has failed: so it has, at some moment before.
void Oracle::Judge::suspect_failure() {
    if (subsystem_ != Subsystem::up) return;
    subsystem_ = Subsystem::failing;
    for (Shared<Track>& shared : tracks_) {
        if (shared->closed) continue;
        Track& track = shared.change();
        for (State& state : track.states) push_change(state, {Effect::What::subsystem, 0, 0});
        close_under_the_unseen(track);
    }
}

// ---- without moments of quiet -------------------------------------------------------------------------------------

// What the retrieval shows whichever state explains it: nobody says when every message has come.
void Oracle::Judge::note_retrieved(const States& before, const Message& message) {
    Evidence common;
    common.set();
    for (const State& state : before) {
        for (const Posted& posted : state.posted) {
            if (posted.explains(message)) common &= posted.shows | bit(posted.clause);
        }
    }
    if (!common.all()) evidence_ |= common;
}

// A message of a registration that was made after a socket was closed has come: in the same queue nothing is left of
// that socket. What can have nothing in any queue is forgotten too.
void Oracle::Judge::forget_outlived(const Track& by, Handle window) {
    const bool posted_since = by.registration && by.earlier.empty();
    Posted here;
    here.window = window;
    const auto outlived = [&](const Track& track) {
        if (!track.closed) return false;
        const bool since = posted_since && track.closed_at < by.registered_at;
        return std::ranges::all_of(track.states, [&](const State& state) {
            return std::ranges::all_of(state.posted,
                                       [&](const Posted& posted) { return since && same_queue(posted, here); });
        });
    };
    forget(outlived);
}

// Whether the sockets were closed before and after the same registrations.
bool Oracle::Judge::closed_alike(const Judge& other) const {
    for (std::size_t closed = 0; closed < tracks_.size(); ++closed) {
        if (!tracks_[closed]->closed) continue;
        for (std::size_t open = 0; open < tracks_.size(); ++open) {
            const bool before = tracks_[closed]->closed_at < tracks_[open]->registered_at;
            if (before != (other.tracks_[closed]->closed_at < other.tracks_[open]->registered_at)) return false;
        }
    }
    return true;
}

}  // namespace asyncselect::model
