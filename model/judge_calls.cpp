// What the application calls, and what the calls returned.
#include <algorithm>
#include <limits>
#include <utility>

#include "model/judge.hpp"
#include "model/possible.hpp"

namespace asyncselect::model {

using observation::Call;

namespace {

// Fails once the network subsystem has failed. Of the rest some touch no network, and some may as well succeed.
bool needs_the_network(Function function) {
    switch (function) {
        case Function::bind:
        case Function::listen:
        case Function::connect:
        case Function::accept:
        case Function::recv:
        case Function::send:
        case Function::event_select:
        case Function::join_leaf:
        case Function::set_qos:
        case Function::get_qos:
        case Function::routing_interface_change:
        case Function::address_list_change:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::optional<Violation> Oracle::Judge::take(const Call& call) {
    Result broken = take_call(call);
    if (call.function == Function::get_last_error) return broken;
    if (!last_errors_->retrieved_a_message.empty() && last_errors_->retrieved_a_message.contains(call.thread))
        last_errors_.change().retrieved_a_message.erase(call.thread);
    const auto known = last_errors_->of(call.thread);
    const bool is_known = known != last_errors_->known.end();
    if (call.failed() || call.function == Function::set_last_error) {
        const int error = call.failed() ? call.error : static_cast<int>(call.value);
        if (!is_known || known->second != error) last_errors_.change().known[call.thread] = error;
    } else if (is_known) {
        last_errors_.change().known.erase(call.thread);  // a success may leave it or clear it
    }
    return broken;
}

std::optional<Violation> Oracle::Judge::take_call(const Call& call) {
    switch (call.function) {
        case Function::startup:
            if (!call.failed()) ++startups_;
            return std::nullopt;
        case Function::cleanup:
            if (!call.failed() && startups_ > 0 && --startups_ == 0) {
                for (Shared<Track>& track : tracks_) {
                    if (!track->closed) close_track(track.change());
                }
            }
            return std::nullopt;
        case Function::get_last_error:
            return take_last_error(call);
        case Function::set_last_error:
            return std::nullopt;
        case Function::create_window:
            if (!call.failed()) {
                World& world = world_.change();
                world.windows.insert(call.created);
                world.threads[call.created] = call.thread;
            }
            return std::nullopt;
        case Function::destroy_window:
            if (!call.failed()) destroy(call.window);
            return std::nullopt;
        case Function::socket:
            if (call.failed()) return std::nullopt;
            return open(call.created, Socket(call.datagram ? Kind::datagram : Kind::stream, options_.profile),
                        call.ipv6);
        case Function::async_select:
            return take_select(call);
        default:
            break;
    }
    Track* track = startups_ > 0 ? find_open(call.socket) : nullptr;
    if (track == nullptr) {
        if (startups_ == 0) return std::nullopt;
        // In a condition function WSAEINPROGRESS comes first, in the order of R-23.
        const bool told_of_callback = call.in_callback && call.error == wsa::in_progress;
        if (options_.ours && call.error != wsa::not_a_socket && call.error != wsa::net_down && !told_of_callback) {
            return violation(known(call.socket) ? "R-17" : "", "WSAENOTSOCK");
        }
        if (known(call.socket) && call.error == wsa::not_a_socket) note<"R-17">();
        return std::nullopt;
    }
    const bool counts = call.function == Function::recv || call.function == Function::send;
    if (counts && !call.failed() && call.length >= 0 && (call.result < 0 || call.result > call.length))
        return violation("", "a count from 0 to " + std::to_string(call.length));
    if (call.error == wsa::not_a_socket) return violation("", "the socket is open");
    if (call.error == wsa::net_down && subsystem_ == Subsystem::failing) subsystem_ = Subsystem::down;
    if (subsystem_ == Subsystem::down && needs_the_network(call.function) && !call.failed())
        return violation("AS-API-3", "WSAENETDOWN: the network subsystem has failed", "", words(*track, track->states));
    const bool had_states = !track->states.empty();
    if (options_.unobserved_peers) foresee(*track, call);
    if (Result broken = take_on_socket(*track, call)) return broken;
    if (had_states && track->states.empty()) {
        return violation("", "a result that agrees with what the peers did and with the results before", "",
                         words(*track, replaced_));
    }
    close_under_the_unseen(*track);
    return std::nullopt;
}

std::optional<Violation> Oracle::Judge::take_last_error(const Call& call) {
    const auto expected = last_errors_->of(call.thread);
    if (expected == last_errors_->known.end()) return std::nullopt;
    const bool retrieved = last_errors_->retrieved_a_message.contains(call.thread);
    if (call.result != expected->second) {
        if (retrieved && !options_.ours) return std::nullopt;
        return violation(retrieved ? "R-27" : "AS-API-1", show_error(expected->second) + ", as the last call left it");
    }
    note(retrieved ? "R-27" : "AS-API-1");
    return std::nullopt;
}

std::optional<Violation> Oracle::Judge::take_on_socket(Track& track, const Call& call) {
    switch (call.function) {
        case Function::bind:
            if (call.failed()) return std::nullopt;
            fire_all(track, stimulus::Bound{});
            if (!options_.ours && track.kind == Kind::datagram && track.wants(Event::write)) {
                for (State& state : track.states) {
                    const std::size_t before = state.posted.size();
                    put(track, state, {{Event::write, 0, "AS-WRITE-4"}});
                    if (state.posted.size() > before) state.posted.back().optional = true;
                }
            }
            return std::nullopt;
        case Function::listen:
            if (!call.failed()) fire_all(track, stimulus::Listened{});
            return std::nullopt;
        case Function::connect:
        case Function::join_leaf:
            return take_attempt(track, call);
        case Function::accept:
            return take_accept(track, call);
        case Function::recv:
            return take_recv(track, call);
        case Function::send:
            take_send(track, call);
            return std::nullopt;
        case Function::shutdown:
            if (!call.failed()) {
                track.shut_down = true;
                fire_all(track, stimulus::ShutDown{call.value == 0   ? stimulus::How::receive
                                                   : call.value == 1 ? stimulus::How::send
                                                                     : stimulus::How::both});
            }
            return std::nullopt;
        case Function::closesocket:
            if (!call.failed()) close_track(track);
            return std::nullopt;
        case Function::set_nonblocking:
            return take_nonblocking(track, call);
        case Function::set_oob_inline:
            if (!call.failed()) take_oob_inline(track, call);
            return std::nullopt;
        case Function::event_select:
            if (!call.failed()) take_event_select(track, call);
            return std::nullopt;
        case Function::set_qos:
            if (!call.failed() && track.qos != call.value) {
                const bool perhaps = !track.qos.has_value();
                track.qos = call.value;
                change_qos(track, perhaps);
            }
            return std::nullopt;
        case Function::get_qos:
            take_get_qos(track, call);
            return std::nullopt;
        case Function::get_group_qos:
            return take_get_group_qos(track, call);
        case Function::routing_interface_change:
        case Function::address_list_change:
            request_change(track, call);
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

// ---- sockets and windows ------------------------------------------------------------------------------------------

std::optional<Violation> Oracle::Judge::open(Handle handle, Socket socket, bool ipv6) {
    for (const Shared<Track>& before : tracks_) {
        if (before->handle != handle) continue;
        if (!before->closed) return violation("", "a handle that is not in use");
        if (options_.ours && !options_.unobserved_peers &&
            std::ranges::any_of(before->states, [](const State& state) { return !state.posted.empty(); })) {
            return violation("R-17", "a handle that no message in a queue bears", "", words(*before, before->states));
        }
    }
    constexpr std::size_t few = 8;
    Track track;
    if (options_.unobserved_peers) forget_outlived(track, 0);
    track.handle = handle;
    track.kind = socket.facts().kind;
    track.ipv6 = ipv6;
    State state{std::move(socket)};
    if (subsystem_ != Subsystem::up) state.changes.push_back({Effect::What::subsystem, 0, 0});
    track.states = States::in_spare_memory();
    track.states.push_back(std::move(state));
    close_under_the_unseen(track);
    if (tracks_.empty()) tracks_.reserve(few);
    tracks_.emplace_back(std::move(track));
    return std::nullopt;
}

void Oracle::Judge::close_track(Track& track) const {
    if (options_.unobserved_peers) {
        for (State& state : track.states) leave_perhaps(track, state, every_event);
    }
    make_optional(track);
    for (State& state : track.states) {
        fire(state, stimulus::Closed{});
        after_reset(state);
        state.changes.clear();
        state.down_owed = false;
    }
    track.closed = true;
    track.closed_at = step_;
}

void Oracle::Judge::destroy(Handle window) {
    world_.change().windows.erase(window);
    for (Shared<Track>& shared : tracks_) {
        Track& track = shared.change();
        const bool died = track.registration && track.registration->window == window;
        StateSet left;
        for (State& state : track.states) {
            erase_if(state.posted, [window](const Posted& posted) { return posted.window == window; });
            if (died) state.down_owed = false;
            left.add(std::move(state));
        }
        left.take_into(track.states);
        if (died) track.window_died = true;
    }
}

// ---- registration -------------------------------------------------------------------------------------------------

void Oracle::Judge::cancel(Track& track) {
    make_optional(track);
    for (State& state : track.states) state.down_owed = false;
    if (track.registration && std::ranges::find(track.earlier, *track.registration) == track.earlier.end())
        track.earlier.push_back(*track.registration);
    track.registration.reset();
    track.effects_after_cancel = false;
    track.retrieved.fill(0);
    track.enabled_again.fill(false);
}

std::optional<Violation> Oracle::Judge::take_select(const Call& call) {
    // Every error that applies, in the order of R-23.
    struct Applying {
        int error;
        std::string_view clause;
    };
    std::vector<Applying> errors;
    if (options_.unobserved_peers && call.error == wsa::net_down && startups_ > 0) suspect_failure();
    if (startups_ == 0) errors.push_back({wsa::not_initialised, "AS-API-2"});
    if (startups_ > 0 && call.error == wsa::net_down && subsystem_ == Subsystem::failing) subsystem_ = Subsystem::down;
    if (subsystem_ == Subsystem::down) errors.push_back({wsa::net_down, "AS-API-3"});
    if (call.in_callback) errors.push_back({wsa::in_progress, "AS-API-5"});
    Track* track = find_open(call.socket);
    if (track == nullptr)
        errors.push_back({wsa::not_a_socket, known(call.socket) && options_.ours ? "R-17" : "AS-API-6"});
    if ((call.mask & ~every_event) != 0) {
        errors.push_back({wsa::invalid, "R-10"});
    } else if (call.mask != 0 && !alive(call.window)) {
        errors.push_back({wsa::invalid, call.window == 0 ? "R-10" : "AS-API-4"});
    }
    if (call.failed() != (call.result == socket_error) || (!call.failed() && call.result != 0)) {
        return violation("AS-API-1", "0, or SOCKET_ERROR and an error code",
                         std::to_string(call.result) + " with " + show_error(call.error));
    }
    if (!errors.empty()) {
        const Applying& first = errors.front();
        if (call.error != first.error) {
            const bool later =
                std::ranges::any_of(errors, [&](const Applying& other) { return other.error == call.error; });
            return violation(later ? "R-23" : first.clause, show_error(first.error));
        }
        note<"AS-API-1">();
        note(first.clause);
        if (first.clause == "R-10") note<"AS-API-4">();
        if (first.clause == "R-17") note<"AS-API-6">();
        if (first.clause == "AS-API-5") note<"R-25">();
        if (errors.size() > 1) note<"R-23">();
        if (track != nullptr && track->registration) track->refused_call = true;
        return std::nullopt;
    }
    if (call.failed()) {
        std::string_view clause = "AS-API-1";
        if (call.error == wsa::invalid) clause = call.mask == 0 ? "R-10" : call.window != 0 ? "AS-API-7" : "AS-API-4";
        if (call.error == wsa::in_progress) clause = "R-25";
        if (call.error == wsa::net_down) clause = "AS-API-3";
        return violation(clause, "0: nothing is wrong with this call", "", words(*track, track->states));
    }
    // Where the network subsystem is failing, it has not yet.
    std::erase_if(track->states, [](const State& state) { return state.socket.facts().subsystem_failed; });
    if (track->states.empty()) return violation("AS-API-3", "WSAENETDOWN: the network subsystem has failed");
    note<"AS-API-1">();
    if (call.mask == every_event) note<"AS-API-7">();
    if (call.mask == 0 && !alive(call.window)) note<"R-10">();
    if (std::ranges::all_of(track->states,
                            [](const State& state) { return !state.socket.facts().connection_established(); })) {
        note<"R-24">();
    }
    register_anew(*track, call);
    return std::nullopt;
}

void Oracle::Judge::register_anew(Track& track, const Call& call) {
    const bool had_messages = std::ranges::any_of(track.states, [](const State& s) { return !s.posted.empty(); });
    const std::array<unsigned, event_count> before = track.retrieved;
    const bool again = track.registration.has_value();
    if (options_.unobserved_peers) foresee_registration(track, call.mask, true);
    cancel(track);
    track.event_record = EventRecord::none;
    may_have_reported_otherwise(track);
    if (!track.nonblocking) {
        track.nonblocking = true;
        track.nonblocking_by_select = true;
        track.nonblocking_inherited = false;
    }
    track.refused_call = false;
    if (call.mask == 0) {
        track.cancelled = true;
        fire_all(track, stimulus::AsyncSelect{0});
        if (had_messages) note<"AS-CANCEL-2">();
        return;
    }
    track.cancelled = false;
    if (limited_) track.due_while_full = true;
    track.registration = Registration{call.window, call.message, call.mask};
    ++track.registrations;
    track.registered_at = step_;
    if (track.accepted) track.own_select = true;
    StateSet next;
    for (State& state : track.states) {
        Posts posts = fire(state, stimulus::AsyncSelect{call.mask});
        // Whether a failure that nobody could be told of is news for this registration, the page leaves open.
        if (track.wants(Event::connect) && state.untold != 0) {
            State told = state;
            Posts with_failure;
            with_failure.push_back({Event::connect, std::exchange(told.untold, 0), "R-4"});
            for (const Post& post : posts) with_failure.push_back(post);
            put(track, told, with_failure);
            next.add(std::move(told));
            state.untold = 0;
        }
        put(track, state, posts, bit<"AS-REG-3">());
        for (Posted& posted : state.posted) {
            if (!posted.optional && again && before[index_of(posted.event)] > 0) posted.shows |= bit<"R-2">();
        }
        next.add(std::move(state));
    }
    next.take_into(track.states);
    close_under_the_unseen(track);
}

// What an event object reported is no news for a message, and no trace tells what one has reported.
void Oracle::Judge::may_have_reported_otherwise(Track& track) {
    for (const Event event : {Event::qos, Event::routing_interface_change, Event::address_list_change}) {
        if ((track.event_object_mask & bit_of(event)) == 0) continue;
        StateSet either;
        for (State& state : track.states) {
            State reported = state;
            reported.socket.reported_otherwise(event);
            either.add(std::move(state));
            either.add(std::move(reported));
        }
        either.take_into(track.states);
    }
    track.event_object_mask = 0;
}

void Oracle::Judge::take_event_select(Track& track, const Call& call) {
    StateSet up;
    for (const State& state : track.states) {
        if (!state.socket.facts().subsystem_failed) up.add(state);
    }
    replace(track, up);
    cancel(track);
    track.cancelled = false;
    track.event_record = call.mask == 0 ? EventRecord::none : EventRecord::set;
    track.event_object_mask |= call.mask;
    if (!track.nonblocking) {
        track.nonblocking = true;
        track.nonblocking_by_select = false;
        track.nonblocking_inherited = false;
    }
    fire_all(track, stimulus::EventSelect{call.mask});
}

std::optional<Violation> Oracle::Judge::take_nonblocking(Track& track, const Call& call) {
    if (call.value == 0) {
        if (track.registration || track.event_record == EventRecord::set) {
            if (call.error != wsa::invalid && call.error != wsa::net_down)
                return violation("AS-MODE-2", "WSAEINVAL while an event record is set");
            if (call.error == wsa::invalid) note<"AS-MODE-2">();
            return std::nullopt;
        }
        const bool may_fail = track.event_record == EventRecord::perhaps || subsystem_ != Subsystem::up;
        if (call.failed()) {
            if (may_fail) return std::nullopt;
            return violation(track.cancelled ? "AS-MODE-3" : "", "0: no event record is set");
        }
        if (track.cancelled) note<"AS-MODE-3">();
    }
    if (!call.failed()) {
        track.nonblocking = call.value != 0;
        track.nonblocking_by_select = false;
        track.nonblocking_inherited = false;
    }
    return std::nullopt;
}

// Remembers that the re-enabling function of an event was called.
void Oracle::Judge::enable(Track& track, Event event, bool failed) {
    track.enabled_again[index_of(event)] = true;
    track.enabled_by_failure[index_of(event)] = failed;
}

void Oracle::Judge::note_would_block(const Track& track) {
    if (track.nonblocking_by_select) note<"AS-MODE-1">();
    if (track.nonblocking_inherited) note<"AS-INHERIT-1">();
}

// ---- connect, WSAJoinLeaf, accept ---------------------------------------------------------------------------------

std::optional<Violation> Oracle::Judge::take_attempt(Track& track, const Call& call) {
    const bool joins = call.function == Function::join_leaf;
    const bool failed = call.failed() && call.error != wsa::would_block;
    ++track.connects;
    track.joined_last = joins;
    if (joins && !call.failed()) {
        const Handle returned = call.created != invalid_handle ? call.created : static_cast<Handle>(call.result);
        if (returned != call.socket && returned != 0) return violation("R-29", "the socket that joined");
    }
    const stimulus::Outcome outcome = failed          ? stimulus::Outcome::failure
                                      : call.failed() ? stimulus::Outcome::would_block
                                                      : stimulus::Outcome::success;
    const Stimulus called =
        joins ? Stimulus{stimulus::JoinCalled{outcome}} : Stimulus{stimulus::ConnectCalled{outcome}};
    // The call can come with a flow specification. Whether one that fails leaves it in force is open.
    const bool renegotiates = call.value != 0 && track.qos != call.value;
    const bool perhaps = renegotiates && (failed || !track.qos.has_value());
    StateSet next;
    for (const State& state : track.states) {
        if (!failed && !possible(state.socket, called)) continue;
        if (!renegotiates || perhaps || !options_.ours) {
            State after = state;
            if (!failed) after.untold = 0;
            const Posts posts = fire(after, called);
            put(track, after, posts);
            if (perhaps && !options_.ours) next.add(after);
            if (renegotiates && !options_.ours) push_change(after, {Effect::What::qos, 0, 0});
            next.add(std::move(after));
        }
        if (renegotiates && options_.ours) {
            State together = state;
            if (!failed) together.untold = 0;
            Posts posts = fire(together, called);
            for (const Post& post : fire(together, stimulus::QosChanged{})) posts.push_back(post);
            put(track, together, posts);
            next.add(std::move(together));
            State before = state;
            if (!failed) before.untold = 0;
            put(track, before, fire(before, stimulus::QosChanged{}));
            put(track, before, fire(before, called));
            next.add(std::move(before));
        }
    }
    replace(track, next);
    if (renegotiates) {
        track.qos_changed = true;
        track.qos = failed ? std::nullopt : std::optional(call.value);
    }
    close_under_the_unseen(track);
    if (!failed || !track.wants(Event::connect)) return std::nullopt;
    // the call has told it; a message with that error is accepted all the same.
    States both = track.states;
    for (State& state : both) {
        const std::size_t before = state.posted.size();
        put(track, state, {{Event::connect, static_cast<ErrorCode>(call.error), "R-4"}});
        if (state.posted.size() > before) state.posted.back().optional = true;
    }
    StateSet all;
    for (State& state : track.states) all.add(std::move(state));
    for (State& state : both) all.add(std::move(state));
    all.take_into(track.states);
    return std::nullopt;
}

std::optional<Violation> Oracle::Judge::take_accept(Track& track, const Call& call) {
    if (call.condition == Condition::reject && call.error != wsa::refused && call.error != wsa::net_down)
        return violation("AS-ENABLE-4", "WSAECONNREFUSED: the condition function returned CF_REJECT");
    if (call.condition == Condition::defer && call.error != wsa::try_again && call.error != wsa::net_down)
        return violation("AS-ENABLE-4", "WSATRY_AGAIN: the condition function returned CF_DEFER");
    stimulus::AcceptOutcome outcome = stimulus::AcceptOutcome::success;
    if (call.failed()) outcome = stimulus::AcceptOutcome::failure;
    if (call.error == wsa::refused && call.condition == Condition::reject) outcome = stimulus::AcceptOutcome::rejected;
    if (call.error == wsa::try_again && call.condition == Condition::defer) outcome = stimulus::AcceptOutcome::deferred;
    const bool failure = outcome == stimulus::AcceptOutcome::failure;
    const bool deferred = outcome == stimulus::AcceptOutcome::deferred;

    std::string name = call.connection;
    if (!failure) {
        if (options_.ours && !track.deferred.empty() && !name.empty() && name != track.deferred)
            return violation("AS-ENABLE-4", "the request that was deferred: " + track.deferred);
        if (name.empty() && !track.deferred.empty()) name = track.deferred;
        if (name.empty() && !track.requests.empty()) name = track.requests.front();
    }
    if (!deferred) enable(track, Event::accept, failure);
    Evidence shows = bit<"AS-LEVEL-1">();
    if (failure) shows |= bit<"AS-ENABLE-8">() | bit<"R-20">();
    if (outcome == stimulus::AcceptOutcome::rejected) shows |= bit<"AS-ENABLE-4">();
    if (call.error == wsa::would_block) note_would_block(track);
    StateSet next;
    for (const State& state : track.states) {
        State after = state;
        if (failure) {
            const bool waits = state.socket.facts().requests > 0;
            if (call.error == wsa::would_block && waits) continue;
            if (options_.unobserved_peers && waits && (call.error == wsa::reset || call.error == wsa::aborted)) {
                // Who asked for the connection has given up.
                State gone = state;
                fire_untold(gone, stimulus::Accepted{stimulus::AcceptOutcome::rejected});
                next.add(std::move(gone));
            }
        } else if (state.socket.facts().requests == 0) {
            // A request that arrives at the moment of the call is taken before a message was posted for it.
            if (after.effects.empty() || after.effects.front().what != Effect::What::request) continue;
            after.effects.erase(after.effects.begin());
            fire_untold(after, stimulus::ConnectionRequest{});
        }
        const Posts posts = fire(after, stimulus::Accepted{outcome});
        put(track, after, posts, shows);
        next.add(std::move(after));
    }
    replace(track, next);
    if (failure || track.states.empty()) return std::nullopt;
    if (deferred) {
        // Which one it is, is known where the call tells or no other waits.
        if (!call.connection.empty() || track.requests.size() == 1) track.deferred = name;
        return std::nullopt;
    }
    track.deferred.clear();
    std::erase(track.requests, name);
    if (outcome == stimulus::AcceptOutcome::rejected) {
        world_.change().connections.erase(name);
        return std::nullopt;
    }
    close_under_the_unseen(track);
    return make_accepted(track, call.created, name);
}

std::optional<Violation> Oracle::Judge::make_accepted(const Track& from, Handle handle, const std::string& name) {
    if (Result broken = open(handle, Socket::accepted(options_.profile), from.ipv6)) return broken;
    Track& made = tracks_.back().change();
    made.accepted = true;
    made.nonblocking = from.nonblocking;
    made.nonblocking_inherited = from.nonblocking;
    made.connection = name;
    made.event_record = from.event_record == EventRecord::none ? EventRecord::none : EventRecord::perhaps;
    made.window_died = from.registration && !alive(from.registration->window);
    // With a flow specification on the listener, what the accepted socket has is open.
    if (from.qos != std::int64_t{0}) made.qos.reset();
    if (const auto early = world_->connections.find(name); early != world_->connections.end()) {
        made.peer_closed = early->second.peer_closed;
        made.had_urgent = early->second.had_urgent;
        for (State& state : made.states) state.effects = early->second.effects;
        world_.change().connections.erase(name);
    }
    // What had arrived before accept is seen by it at one moment: with no registration yet, nothing is posted.
    close_under_the_unseen(made);
    if (options_.unobserved_peers && from.registration) foresee_registration(made, from.registration->mask, false);
    made.registration = from.registration;
    made.registered_at = step_;
    if (made.registration) {
        for (State& state : made.states) {
            const Posts posts = fire(state, stimulus::Inherit{made.registration->mask});
            put(made, state, posts, bit<"AS-INHERIT-1">() | bit<"R-3">());
        }
        close_under_the_unseen(made);
    }
    return std::nullopt;
}

// ---- recv ---------------------------------------------------------------------------------------------------------

std::optional<Violation> Oracle::Judge::take_recv(Track& track, const Call& call) {
    const bool of_urgent = (call.flags & flag_oob) != 0;
    enable(track, Event::read, call.failed());
    enable(track, Event::oob, call.failed());
    ++track.receives_since_read;
    if (track.retrieved[index_of(Event::close)] > 0) ++track.calls_since_close;
    if (call.error == wsa::would_block) {
        note_would_block(track);
        if (track.retrieved[index_of(Event::read)] > 0) note<"AS-ROBUST-1">();
    }
    track.peeked = (call.flags & flag_peek) != 0;
    Evidence shows = bit<"AS-LEVEL-1">();
    if (call.failed()) shows |= bit<"AS-ENABLE-8">() | bit<"R-20">();
    if (call.length == 0) shows |= bit<"R-20">();
    if (call.result > 0 && !track.peeked && !of_urgent) shows |= bit<"AS-LEVEL-2">();
    StateSet next;
    const auto proceed = [&](State&& after, const stimulus::Received& received) {
        if (!possible(after.socket, received)) return;
        if (asks_later(after, received)) {
            const Facts& facts = after.socket.facts();
            after.socket.recount({facts.readable - received.taken, facts.urgent_queued, facts.requests});
            after.unasked |= std::uint64_t{1} << *taking_;
            return next.add(std::move(after));
        }
        if (received.reset != 0 && after.socket.facts().urgent) {
            next.add(told_of_reset(track, after, received, shows));
            // Or the provider has told it just before.
            State told = after;
            put(track, told, fire(told, stimulus::ConnectionAborted{received.reset}));
            put(track, told, fire(told, stimulus::Received{told.socket.facts().readable, false, 0}), shows);
            next.add(std::move(told));
        }
        const Posts posts = fire(after, received);
        put(track, after, posts, shows);
        next.add(std::move(after));
    };
    for (const State& state : track.states) {
        receive(track, state, call, proceed);
        if (meets_the_end(state, call)) next.add(at_the_end(track, state, shows));
    }
    // An answer to what was sent: nobody is there.
    if (track.kind == Kind::datagram && call.error == wsa::reset) track.peer_closed = true;
    if (next.empty() && options_.ours && of_urgent && call.failed())
        return violation("R-26", "the urgent byte, which was neither read nor replaced", "",
                         words(track, track.states));
    replace(track, next);
    return std::nullopt;
}

// Only where all of the data has arrived: otherwise the rest may come later (`receive`).
bool Oracle::Judge::asks_later(const State& state, const stimulus::Received& received) const {
    const Facts& facts = state.socket.facts();
    return taking_ && facts.kind == Kind::stream && (facts.fin || facts.aborted != 0) && received.taken > 0 &&
           !received.urgent_taken && received.reset == 0 && facts.readable > received.taken;
}

std::optional<Violation> Oracle::Judge::observe_taking(const Call& receive, unsigned number) {
    if (!options_.unobserved_peers) taking_ = number;
    Result found = observe(receive);
    taking_.reset();
    return found;
}

bool Oracle::Judge::accept_taking(const Call& receive, unsigned number) {
    if (!options_.unobserved_peers) taking_ = number;
    const bool accepted = accept(receive);
    taking_.reset();
    return accepted;
}

bool Oracle::Judge::asks(Handle socket, unsigned number) const {
    const std::uint64_t one = std::uint64_t{1} << number;
    return std::ranges::any_of(tracks_, [&](const Shared<Track>& track) {
        return track->handle == socket && !track->closed &&
               std::ranges::any_of(track->states, [one](const State& state) { return (state.unasked & one) != 0; });
    });
}

void Oracle::Judge::ask(Handle socket, unsigned number) {
    if (ended_ || !asks(socket, number)) return;
    Track& track = *find_open(socket);
    const std::uint64_t one = std::uint64_t{1} << number;
    StateSet next;
    for (State& state : track.states) {
        if ((state.unasked & one) != 0) {
            state.unasked &= ~one;
            const Posts posts = fire(state, stimulus::Received{});
            put(track, state, posts, bit<"AS-LEVEL-1">() | bit<"AS-LEVEL-2">());
        }
        next.add(std::move(state));
    }
    track.states = next.take();
    try {
        close_under_the_unseen(track);
    } catch (const TooManyStates& many) {
        give_up(many.socket);
    }
}

// The call that tells a reset leaves the urgent byte where it is: at one moment the byte is told of again and
// the connection as over.
State Oracle::Judge::told_of_reset(const Track& track, State state, const stimulus::Received& received,
                                   const Evidence& shows) const {
    Posts posts = fire(state, stimulus::ConnectionAborted{received.reset});
    for (const Post& post : fire(state, stimulus::Received{state.socket.facts().readable, false, 0}))
        posts.push_back(post);
    sort_as_posted(posts);
    put(track, state, posts, shows);
    return state;
}

// Whether the call itself can have found the end of data, which nobody has seen before.
bool Oracle::Judge::meets_the_end(const State& state, const Call& call) const {
    const Facts& facts = state.socket.facts();
    const auto* const first = std::ranges::find_if_not(
        state.effects, [](const Effect& effect) { return effect.what == Effect::What::urgent; });
    const bool urgent_too = first != state.effects.begin();
    return !options_.unobserved_peers && facts.kind == Kind::stream && call.result == 0 && call.length != 0 &&
           (call.flags & flag_oob) == 0 && facts.readable == 0 && !facts.receive_shut && facts.aborted == 0 &&
           !(urgent_too && facts.oob_inline) && first != state.effects.end() && first->what == Effect::What::fin;
}

// What the call re-enables is due at the same moment as FD_CLOSE, and before it; the same for an urgent byte in front
// of the end, which no message was posted for either.
State Oracle::Judge::at_the_end(const Track& track, const State& state, const Evidence& shows) const {
    State after = state;
    Posts again = fire(after, stimulus::Received{});
    while (after.effects.front().what == Effect::What::urgent) {
        const Effect urgent = after.effects.front();
        after.effects.erase(after.effects.begin());
        for (const Post& post : happen(track, after, urgent)) again.push_back(post);
    }
    after.effects.erase(after.effects.begin());
    put(track, after, again, shows);
    const Posts closed = fire(after, stimulus::PeerClosed{});
    put(track, after, closed);
    return after;
}

// Takes at most so many urgent bytes that have been replaced: known ones, and those that are on their way with the one
// that replaces them. Returns how many.
std::uint32_t Oracle::Judge::take_replaced(State& state, std::uint32_t most) {
    std::uint32_t took = std::min(state.loose, most);
    state.loose -= took;
    const auto urgent = [](const Effect& effect) { return effect.what == Effect::What::urgent; };
    while (took < most) {
        auto* const first = std::ranges::find_if(state.effects, urgent);
        auto* const last = std::ranges::find_if_not(
            state.effects, [&](const Effect& effect) { return urgent(effect) || effect.what == Effect::What::data; });
        if (first >= last || std::find_if(first + 1, last, urgent) == last) break;
        state.effects.erase(first);
        ++took;
    }
    return took;
}

// The ways in which one state explains what recv returned.
template <class Proceed>
void Oracle::Judge::receive(const Track& track, const State& state, const Call& call, const Proceed& proceed) const {
    if (track.kind == Kind::datagram && (!call.failed() || call.error == wsa::message_size))
        return receive_datagram(track, state, call, proceed);
    if (call.failed()) return fail_to_receive(track, state, call, proceed);
    if ((call.flags & flag_oob) != 0) return receive_urgent(state, call, proceed);
    const Facts& facts = state.socket.facts();
    const bool peek = (call.flags & flag_peek) != 0;
    const auto got = static_cast<std::uint32_t>(call.result);
    if (got == 0) {
        if (call.length != 0 && !facts.end_of_data() && !facts.receive_shut && facts.aborted == 0) return;
        return proceed(State(state), {});
    }
    // Data that arrives at the moment of the call may be taken by it before any message was posted for it.
    const bool ended = facts.fin || facts.aborted != 0;
    if (options_.unobserved_peers && (facts.readable > 0 || facts.aborted != 0) &&
        (ended ? facts.readable <= got : facts.readable < got)) {
        // Some stands for any amount; where no more can come, some of it may be left.
        if (facts.readable > 0 && ended && !peek) receive_data(state, call, 0, proceed);
        return receive_data(state, call, peek ? 0 : facts.readable, proceed);
    }
    if (facts.readable < got) {
        const std::uint32_t fresh = got - facts.readable;
        if (facts.fin || facts.aborted != 0) return;
        State after = state;
        // Urgent bytes before it have arrived as well, and no message was posted for them yet either.
        std::uint32_t left = fresh;
        for (std::size_t index = 0; index < after.effects.size() && left > 0; ++index) {
            Effect& effect = after.effects[index];
            const bool in_line = effect.what == Effect::What::urgent && facts.oob_inline;
            if (effect.what != Effect::What::data && effect.what != Effect::What::urgent) break;
            if (effect.what == Effect::What::urgent && !in_line) continue;
            const std::uint32_t took = std::min(left, in_line ? 1U : effect.count);
            left -= took;
            if (!in_line && took < effect.count) {
                effect.count -= took;
            } else {
                after.effects.erase(after.effects.begin() + static_cast<std::ptrdiff_t>(index--));
            }
        }
        if (peek && left == 0) return proceed(State(state), {});
        if (left > 0 && state.loose < fresh) {
            // So have those that others replaced at the same moment: they are normal data, or gone.
            left -= take_replaced(after, left);
            if (left > 0) return;
            if (peek) return proceed(State(state), {});
        } else if (left > 0) {
            after = state;
            if (peek) return proceed(std::move(after), {});
            after.loose -= fresh;
        }
        return receive_data(std::move(after), call, facts.readable, proceed);
    }
    const std::uint32_t taken = peek ? 0 : got;
    const std::uint32_t rest = facts.readable - got;
    const bool took_less = got < call.length;
    // The rest may not have arrived yet: then it goes back among what is to come. What an urgent byte has followed has.
    const std::uint32_t there = facts.urgent && state.before_mark > got ? state.before_mark - got : 0;
    if (rest > there && !facts.fin && facts.aborted == 0 && !peek) {
        State later = state;
        const bool data_next = !later.effects.empty() && later.effects.front().what == Effect::What::data;
        if (data_next)
            later.effects.front().count += rest - there;
        else
            later.effects.insert(later.effects.begin(), Effect{Effect::What::data, rest - there, 0});
        receive_data(std::move(later), call, facts.readable - there, proceed);
    }
    if (rest == 0 || !took_less || peek || track.had_urgent) receive_data(state, call, taken, proceed);
}

// Normal data, with what becomes of an urgent byte that it passes: it stays (R-26 binds our own); another provider may
// lose it then, or when it is inline.
template <class Proceed>
void Oracle::Judge::receive_data(State after, const Call& call, std::uint32_t taken, const Proceed& proceed) const {
    const auto got = static_cast<std::uint32_t>(call.result);
    const Facts& facts = after.socket.facts();
    if (facts.urgent && (call.flags & flag_peek) == 0) {
        const bool passes = got > after.before_mark;
        after.before_mark -= std::min(after.before_mark, got);
        if (!options_.ours && (passes || facts.oob_inline)) {
            State lost = after;
            lost.passed = false;
            proceed(std::move(lost), {taken, true, 0});
        }
        after.passed = after.passed || passes;
    }
    proceed(std::move(after), {taken, false, 0});
}

// An urgent byte that arrives at the moment of the call, and perhaps data before it, for which no message was posted
// yet. Of several the call gets any, as they replace each other.
template <class Proceed>
void Oracle::Judge::receive_arriving(const State& state, bool takes, const Proceed& proceed) const {
    if (state.socket.facts().oob_inline && !options_.unobserved_peers) return;
    State after = state;
    for (std::size_t index = 0; index < after.effects.size(); ++index) {
        const Effect::What what = after.effects[index].what;
        if (what == Effect::What::data) continue;
        if (what != Effect::What::urgent) return;
        State got = after;
        if (!takes) proceed(State(got), {});
        got.effects.erase(got.effects.begin() + static_cast<std::ptrdiff_t>(index));
        // Where it is left, the call tells of it, together with what else it re-enables.
        if (!takes) fire(got, stimulus::OobArrived{});
        proceed(std::move(got), {});
        if (options_.profile.urgent_bytes_queue) return;
        after.effects.erase(after.effects.begin() + static_cast<std::ptrdiff_t>(index--));
        ++after.loose;
    }
}

template <class Proceed>
void Oracle::Judge::receive_urgent(const State& state, const Call& call, const Proceed& proceed) const {
    const bool takes = call.result > 0 && (call.flags & flag_peek) == 0;
    State after = state;
    // One that nobody has seen yet is of the call's moment, whether it takes it or not.
    const bool arrives = !state.socket.facts().urgent;
    if (arrives) receive_arriving(after, takes, proceed);
    if (call.result <= 0) return proceed(std::move(after), {});
    if (arrives) return;
    // A newer one that arrives at the moment of the call.
    if (!options_.profile.urgent_bytes_queue) {
        State replaced = after;
        ++replaced.loose;
        receive_arriving(replaced, takes, [&](State&& newer, const stimulus::Received&) {
            if (takes) newer.passed = false;
            proceed(std::move(newer), {0, takes, 0});
        });
    }
    if (takes && after.passed) after.evidence |= bit<"R-26">();
    if (takes) after.passed = false;
    proceed(std::move(after), {0, takes, 0});
}

// One datagram, whole or cut off; also of none at all.
template <class Proceed>
void Oracle::Judge::receive_datagram(const Track& track, const State& state, const Call& call,
                                     const Proceed& proceed) const {
    const Facts& facts = state.socket.facts();
    const bool peek = (call.flags & flag_peek) != 0;
    if (!call.failed() && call.result == 0 && facts.receive_shut) proceed(State(state), {});
    if (state.taken >= track.datagrams.size()) return;
    const std::int64_t size = track.datagrams[state.taken];
    if (call.failed() ? size <= call.length : call.result != std::min(size, call.length)) return;
    if (facts.readable == 0) {
        // One that arrives at the moment of the call.
        if (state.effects.empty() || state.effects.front().what != Effect::What::datagrams) return;
        State after = state;
        if (peek) return proceed(std::move(after), {});
        if (--after.effects.front().count == 0) after.effects.erase(after.effects.begin());
        ++after.taken;
        return proceed(std::move(after), {});
    }
    if (peek) return proceed(State(state), {});
    const std::uint32_t rest = facts.readable + state.more - 1;
    // The rest may not have arrived yet.
    if (rest > 0) {
        State later = state;
        const bool more_next = !later.effects.empty() && later.effects.front().what == Effect::What::datagrams;
        if (more_next)
            later.effects.front().count += rest;
        else
            later.effects.insert(later.effects.begin(), Effect{Effect::What::datagrams, rest, 0});
        later.more = 0;
        ++later.taken;
        proceed(std::move(later), {facts.readable, false, 0});
    }
    State after = state;
    if (facts.readable == 1 && after.more > 0) {
        fire_untold(after, stimulus::DatagramArrived{});
        --after.more;
    }
    ++after.taken;
    proceed(std::move(after), {1, false, 0});
}

template <class Proceed>
void Oracle::Judge::fail_to_receive(const Track& track, const State& state, const Call& call,
                                    const Proceed& proceed) const {
    const Facts& facts = state.socket.facts();
    const bool none_there = call.error == wsa::would_block || call.error == wsa::invalid;
    if ((call.flags & flag_oob) != 0) {
        if (!none_there || call.length <= 0 || !facts.urgent_available() || facts.aborted != 0)
            return proceed(State(state), {});
        // Another provider may treat one that came before SO_OOBINLINE as normal data after it.
        if (options_.ours || !facts.oob_inline) return;
        return proceed(State(state), {0, true, 0});
    }
    if (call.error == wsa::would_block) {
        if (facts.data_available() || facts.fin || facts.aborted != 0) return;
        return proceed(State(state), {});
    }
    if (call.error != wsa::reset && call.error != wsa::aborted) return proceed(State(state), {});
    if (track.kind == Kind::datagram) {
        // What was sent came to nobody; nothing that was received is lost by that.
        if (track.sent_any) proceed(State(state), {});
        return;
    }
    const bool coming = !state.effects.empty() && state.effects.front().what == Effect::What::reset;
    if (coming) {
        State after = state;
        after_reset(after);
        return proceed(std::move(after), {0, false, static_cast<ErrorCode>(call.error)});
    }
    if (facts.aborted == 0) return;
    if (facts.readable == 0) return proceed(State(state), {});
    // Data that was not read before the reset may be gone.
    proceed(State(state), {facts.readable, false, 0});
}

// The ways in which urgent bytes can have come before SO_OOBINLINE was set, so that what held before governs them,
// though no message was posted yet for the data before them, or for themselves where they are data.
void Oracle::Judge::arrive_before_setting(const Track& track, const State& state, StateSet& ways) const {
    ways.add(state);
    State after = state;
    std::uint32_t data = 0;
    for (std::size_t index = 0; index < after.effects.size(); ++index) {
        Effect& effect = after.effects[index];
        if (effect.what != Effect::What::data && effect.what != Effect::What::urgent) return;
        if (effect.what == Effect::What::data) {
            data += effect.count;
        } else if (after.socket.facts().oob_inline) {
            effect.what = Effect::What::data;
            effect.count = 1;
            ways.add(after);
        } else {
            const Effect urgent = effect;
            after.effects.erase(after.effects.begin() + static_cast<std::ptrdiff_t>(index--));
            const Posts posts = happen(track, after, urgent);
            after.before_mark += data;
            put(track, after, posts);
            ways.add(after);
        }
    }
}

// An urgent byte that came before stays one (R-26, ours); for another provider it may be normal data from now on.
void Oracle::Judge::take_oob_inline(Track& track, const Call& call) {
    const bool on = call.value != 0;
    StateSet next;
    StateSet ways;
    for (const State& state : track.states) arrive_before_setting(track, state, ways);
    ways.take_into(track.states);
    for (State& state : track.states) {
        const Posts posts = fire(state, stimulus::OobInlineSet{on});
        put(track, state, posts);
        if (on && !options_.ours && state.socket.facts().urgent) {
            State moved = state;
            ++moved.loose;
            next.add(std::move(moved));
        }
        next.add(std::move(state));
    }
    replace(track, next);
}

// ---- send ---------------------------------------------------------------------------------------------------------

void Oracle::Judge::take_send(Track& track, const Call& call) {
    enable(track, Event::write, call.failed());
    if (track.retrieved[index_of(Event::close)] > 0) ++track.calls_since_close;
    if (call.error == wsa::would_block) note_would_block(track);
    const bool success = !call.failed();
    const bool is_short = success && call.result < call.length && track.kind == Kind::stream;
    if (success) {
        track.sent += static_cast<std::uint64_t>(call.result);
        track.sent_any = true;
    }
    track.sent_since_write = success && !is_short;
    track.short_send = is_short;
    Evidence shows = bit<"AS-LEVEL-1">();
    if (call.failed()) shows = bit<"AS-ENABLE-8">();
    StateSet next;
    const auto proceed = [&](State&& after, stimulus::Sent sent) {
        if (!possible(after.socket, sent)) {
            // Nothing can be taken from a socket that is not connected, but a send can meet WSAEWOULDBLOCK there.
            if (sent.outcome != stimulus::SentOutcome::would_block) return;
            sent.outcome = stimulus::SentOutcome::failure;
        }
        const Posts posts = fire(after, sent);
        put(track, after, posts, shows);
        next.add(std::move(after));
    };
    for (const State& state : track.states) {
        const Facts& facts = state.socket.facts();
        if (success) {
            if (facts.aborted != 0) continue;
            State after = state;
            // Nobody is there to read it.
            if (track.peer_closed && call.length > 0 && track.kind == Kind::stream) after.reset_possible = true;
            if (is_short) {
                proceed(State(after), {stimulus::SentOutcome::short_count, 0});
                if (!options_.ours) proceed(std::move(after), {stimulus::SentOutcome::success, 0});
                continue;
            }
            if (!facts.send_possible && !options_.ours) {
                State waived = after;
                waived.space_waived = true;
                proceed(std::move(waived), {stimulus::SentOutcome::success, 0});
            }
            proceed(std::move(after), {stimulus::SentOutcome::success, 0});
        } else if (call.error == wsa::would_block) {
            if (facts.aborted != 0) continue;
            State after = state;
            after.space_waived = false;
            proceed(std::move(after), {stimulus::SentOutcome::would_block, 0});
        } else if ((call.error == wsa::reset || call.error == wsa::aborted) && track.kind == Kind::stream) {
            const bool coming =
                state.reset_possible || (!state.effects.empty() && state.effects.front().what == Effect::What::reset);
            if (facts.aborted == 0 && !coming) continue;
            State after = state;
            after_reset(after);
            proceed(std::move(after), {stimulus::SentOutcome::failure,
                                       facts.aborted == 0 ? static_cast<ErrorCode>(call.error) : ErrorCode{0}});
        } else {
            proceed(State(state), {stimulus::SentOutcome::failure, 0});
        }
    }
    replace(track, next);
}

// ---- quality of service, routes, addresses ------------------------------------------------------------------------

// Our own providers tell a change that the application itself makes at once; others when they notice it.
void Oracle::Judge::change_qos(Track& track, bool perhaps) {
    track.qos_changed = true;
    StateSet next;
    for (State& state : track.states) {
        if (perhaps) next.add(state);
        if (options_.ours)
            put(track, state, fire(state, stimulus::QosChanged{}));
        else
            push_change(state, {Effect::What::qos, 0, 0});
        next.add(std::move(state));
    }
    replace(track, next);
    close_under_the_unseen(track);
}

void Oracle::Judge::take_get_qos(Track& track, const Call& call) {
    enable(track, Event::qos, call.failed());
    StateSet next;
    for (State& state : track.states) {
        // Where nobody waits for FD_QOS, a call that fails has fetched nothing and re-enabled nothing, or has.
        if (call.failed() && state.socket.state(Event::qos) == "Off") next.add(state);
        fire(state, stimulus::QosFetched{});
        if (call.failed()) state.evidence |= bit<"AS-ENABLE-8">();
        next.add(std::move(state));
    }
    replace(track, next);
}

std::optional<Violation> Oracle::Judge::take_get_group_qos(Track& track, const Call& call) {
    const bool another_matter =
        call.error == wsa::net_down || call.error == wsa::in_progress || call.error == wsa::fault;
    if (call.error != wsa::not_supported && !another_matter) return violation("AS-GQOS-1", "WSAEOPNOTSUPP");
    if (!another_matter) note<"AS-GQOS-1">();
    fire_all(track, stimulus::GroupQosFetched{});
    return std::nullopt;
}

// A call that fails with anything but WSAEWOULDBLOCK re-enables too (AS-ENABLE-8), but asks for nothing: without a
// request no message follows (AS-EDGE-2), and the next request re-enables again. So it makes no difference.
void Oracle::Judge::request_change(Track& track, const Call& call) {
    if (call.failed() && call.error != wsa::would_block) return;
    track.changes = 0;
    if (call.function == Function::address_list_change) {
        enable(track, Event::address_list_change, false);
        track.addresses_requested = true;
        fire_all(track, stimulus::AddressListRequested{});
        return;
    }
    enable(track, Event::routing_interface_change, false);
    auto found = std::ranges::find(track.destinations, call.destination);
    if (found == track.destinations.end()) found = track.destinations.insert(found, call.destination);
    const std::uint64_t destination = std::uint64_t{1} << (found - track.destinations.begin()) % 64;
    for (State& state : track.states) {
        if (options_.unobserved_peers) break;
        state.requested |= destination;
        state.left_over &= ~destination;
    }
    fire_all(track, stimulus::RouteRequested{});
}

}  // namespace asyncselect::model
