// Messages that were retrieved: which state explains them, what they show, and which clause is broken where none does.
#include <algorithm>
#include <utility>

#include "model/judge.hpp"

namespace asyncselect::model {

using observation::Message;

namespace {

std::string_view error_clause(Event event) {
    switch (event) {
        case Event::connect:
            return "AS-ERROR-1";
        case Event::close:
            return "AS-ERROR-2";
        case Event::routing_interface_change:
            return "AS-ERROR-4";
        default:
            return "AS-ERROR-3";
    }
}

std::optional<Event> single_event(std::uint32_t bits) {
    for (const Event event : events_in_posting_order) {
        if (bits == bit_of(event)) return event;
    }
    return std::nullopt;
}

std::uint32_t event_bits(const Message& message) { return message.lparam & 0xffffU; }
std::uint32_t error_of(const Message& message) { return message.lparam >> 16U; }

bool any(const Track& track, auto&& predicate) { return std::ranges::any_of(track.states, predicate); }
bool any_facts(const Track& track, auto&& predicate) {
    return any(track, [&](const State& state) { return predicate(state.socket.facts()); });
}
bool all_facts(const Track& track, auto&& predicate) {
    return std::ranges::all_of(track.states, [&](const State& state) { return predicate(state.socket.facts()); });
}

}  // namespace

// Messages are in order within a queue, and each thread has one.
bool Oracle::Judge::same_queue(const Posted& a, const Posted& b) const {
    if (a.window == b.window) return true;
    const auto of_a = world_->threads.find(a.window);
    const auto of_b = world_->threads.find(b.window);
    return of_a != world_->threads.end() && of_b != world_->threads.end() && of_a->second == of_b->second;
}

// The message in front of the one at `index` for which that one has to wait, or none: it may be retrieved next.
std::optional<Oracle::Judge::InFront> Oracle::Judge::in_front(const Queue& queue, std::size_t index) const {
    for (std::size_t before = 0; before < index; ++before) {
        if (queue[before].optional || !same_queue(queue[before], queue[index])) continue;
        const Event first = queue[before].event;
        const Event second = queue[index].event;
        const bool connects_first = first == Event::connect && second == Event::write;
        if (queue[before].floating && !connects_first) continue;
        bool one_moment = true;
        for (std::size_t between = before + 1; between <= index; ++between)
            one_moment = one_moment && (queue[between].together || queue[between].floating);
        // R-9 for any provider: of one moment, CONNECT comes before WRITE and READ before CLOSE; else any order.
        const bool ordered = options_.ours || connects_first || (first == Event::read && second == Event::close);
        if (!one_moment || ordered) return InFront{&queue[before], one_moment};
    }
    return std::nullopt;
}

States Oracle::Judge::retrieve(const Track& track, const Message& message) const {
    StateSet explained;
    const auto take_from = [&](const State& state) {
        bool found = false;
        for (std::size_t index = 0; index < state.posted.size(); ++index) {
            const Posted& posted = state.posted[index];
            if (!posted.explains(message) || in_front(state.posted, index)) continue;
            found = true;
            State next = state;
            next.evidence |= posted.shows;
            next.evidence |= bit(posted.clause);
            if (posted.optional && !posted.floating) next.evidence |= bit<"AS-CANCEL-2">();
            if (options_.unobserved_peers) {
                remove_retrieved(next, index);
                explained.add(std::move(next));
                continue;
            }
            // What was passed over in the same queue and did not have to come will not come any more.
            Queue left;
            for (std::size_t other = 0; other < state.posted.size(); ++other) {
                if (other == index) continue;
                const Posted& kept = state.posted[other];
                if (other < index && kept.optional && same_queue(kept, posted)) continue;
                left.push_back(kept);
                // The first that is left of its moment.
                if (other == index + 1 && !posted.together) left.back().together = false;
            }
            if (!left.empty()) left.front().together = false;
            next.posted = std::move(left);
            explained.add(std::move(next));
        }
        return found;
    };
    for (const State& state : track.states) {
        const bool found = take_from(state);
        if (!options_.unobserved_peers) continue;
        if (!found || tells_more(message)) retrieve_unseen(track, state, message, explained);
        for (const State& gone : reset_unseen(track, state)) take_from(gone);
    }
    return explained.take();
}

// That the network subsystem has failed, another provider may tell by any event that carries WSAENETDOWN.
States Oracle::Judge::retrieve_failure(const Track& track, const Message& message, Event event) const {
    StateSet explained;
    const bool told_so = !options_.ours && error_of(message) == wsa::net_down && event != Event::connect &&
                         track.wants(event) && !track.closed && track.registration->window == message.window &&
                         track.registration->message == message.message;
    if (!told_so) return {};
    for (const State& state : track.states) {
        if (!state.socket.facts().subsystem_failed || (state.down_told & bit_of(event)) != 0) continue;
        State next = state;
        next.down_owed = false;
        next.down_told |= bit_of(event);
        next.evidence |= bit<"R-18">();
        explained.add(std::move(next));
    }
    return explained.take();
}

std::optional<Violation> Oracle::Judge::take(const Message& message) {
    if (message.event != event_bits(message) || message.error != error_of(message)) {
        return violation("AS-MSG-3", "WSAGETSELECTEVENT is LOWORD(lParam), WSAGETSELECTERROR is HIWORD(lParam)",
                         "event " + std::to_string(message.event) + ", error " + std::to_string(message.error) +
                             " from lParam " + std::to_string(message.lparam));
    }
    if (!last_errors_->retrieved_a_message.contains(message.thread))
        last_errors_.change().retrieved_a_message.insert(message.thread);
    Track* track = find_open(message.socket);
    if (track == nullptr) {
        for (auto closed = tracks_.rbegin(); closed != tracks_.rend() && track == nullptr; ++closed) {
            if ((*closed)->handle == message.socket) track = &closed->change();
        }
    }
    if (track == nullptr) {
        if (!known(message.socket)) return violation("AS-MSG-1", "wParam is a socket that was registered");
        return event_bits(message) == bit_of(Event::close)
                   ? violation("AS-CLOSE-6", "no FD_CLOSE after closesocket")
                   : violation("AS-CANCEL-3", "no message that was posted after closesocket");
    }
    const std::uint32_t bits = event_bits(message);
    const std::optional<Event> event = single_event(bits);
    if (!event) {
        return violation((bits & every_event) == bits && bits != 0 ? "AS-MSG-2" : "AS-MSG-1",
                         "LOWORD(lParam) is exactly one of the ten events", show(message),
                         words(*track, track->states));
    }
    if (options_.unobserved_peers && *event != Event::connect && error_of(message) == wsa::net_down) suspect_failure();
    States explained = retrieve(*track, message);
    if (explained.empty()) explained = retrieve_failure(*track, message, *event);
    if (explained.empty()) {
        // A closed socket whose handle is in use again, by a provider that does so.
        for (Shared<Track>& older : tracks_) {
            if (&*older == track || older->handle != message.socket) continue;
            if (States of_older = retrieve(*older, message); !of_older.empty()) {
                older.change().states = std::move(of_older);
                note<"AS-CANCEL-2">();
                return std::nullopt;
            }
        }
        return terse_ ? violation("", "another message") : diagnose(*track, message, *event);
    }
    if (options_.unobserved_peers) note_retrieved(track->states, message);
    track->states = std::move(explained);
    note_message(*track, message, *event);
    close_under_the_unseen(*track);
    if (options_.unobserved_peers) forget_outlived(*track, message.window);
    return std::nullopt;
}

void Oracle::Judge::note_message(Track& track, const Message& message, Event event) {
    note<"AS-MSG-1">();
    note<"AS-MSG-3">();
    note(error_clause(event));
    const std::size_t index = index_of(event);
    if (track.registration && message.message == track.registration->message &&
        message.window == track.registration->window) {
        if (track.registrations >= 2) {
            note<"AS-REG-1">();
            for (const Registration& other : track.earlier) {
                if (other.message != message.message && (other.mask & bit_of(event)) == 0) note<"AS-REG-2">();
            }
        }
        if (track.accepted) note(track.own_select ? "AS-INHERIT-2" : "AS-INHERIT-1");
        if (track.refused_call) note<"AS-API-8">();
        track.refused_call = false;
        if (track.window_died) note<"R-12">();
    }
    if (track.enabled_again[index] && track.retrieved[index] > 0) {
        if (event == Event::read) {
            note<"AS-ENABLE-2">();
            if (track.peeked) note<"AS-READ-3">();
        }
        if (event == Event::oob) note<"AS-ENABLE-2">();
        if (event == Event::write) note<"AS-ENABLE-3">();
        if (event == Event::accept) note<"AS-ENABLE-4">();
        if (event == Event::qos) note<"AS-ENABLE-6">();
        if (event == Event::routing_interface_change || event == Event::address_list_change) note<"AS-ENABLE-7">();
        if (track.enabled_by_failure[index]) {
            note<"AS-ENABLE-8">();
            if (event != Event::qos) note<"R-20">();
        }
    }
    if (track.due_while_full) note<"R-13">();
    if (event == Event::connect) {
        if (track.connect_failed && track.connects > 1) note<"R-4">();
        if (error_of(message) != 0) track.connect_failed = true;
        if (track.joined_last && track.connects > 0) note<"R-29">();
        if (track.kind == Kind::datagram && !track.joined_last) note<"R-16">();
    }
    if (event == Event::close && error_of(message) != 0 &&
        all_facts(track, [](const Facts& facts) { return facts.readable > 0; })) {
        note<"R-6">();
    }
    if (event == Event::close &&
        all_facts(track, [](const Facts& facts) { return facts.receive_shut && facts.readable > 0; })) {
        note<"R-6">();
    }
    if (event == Event::close && track.registrations >= 2) note<"R-5">();
    ++track.retrieved[index];
    track.enabled_again[index] = false;
    if (event == Event::read) track.receives_since_read = 0;
    if (event == Event::write) track.sent_since_write = false;
}

// The clause that a message breaks which no state explains.
Violation Oracle::Judge::diagnose(const Track& track, const Message& message, Event event) const {
    const std::uint32_t error = error_of(message);
    const auto broken = [&](std::string_view clause, std::string due) {
        return violation(clause, std::move(due), show(message), words(track, track.states));
    };
    const auto queued = [&](auto&& predicate) {
        return any(track, [&](const State& state) { return std::ranges::any_of(state.posted, predicate); });
    };
    const std::string name{name_of(event)};

    if (event == Event::close && track.kind == Kind::datagram)
        return broken("AS-CLOSE-1", "no FD_CLOSE on a socket without connections");
    if (!permitted_error(event, error)) {
        return broken(error_clause(event), "an error code that " + name + " may carry");
    }
    if (track.closed) {
        return event == Event::close ? broken("AS-CLOSE-6", "no FD_CLOSE after closesocket")
                                     : broken("AS-CANCEL-3", "no message that was posted after closesocket");
    }
    if (!alive(message.window) && world_->threads.contains(message.window))
        return broken("R-12", "no message for a window that was destroyed");
    // The right event with something wrong about it.
    const auto right_event = [&](const Posted& posted) { return posted.event == event; };
    if (queued([&](const Posted& posted) {
            return right_event(posted) && posted.error == error &&
                   (posted.window != message.window || posted.message != message.message);
        })) {
        const bool earlier = std::ranges::any_of(track.earlier, [&](const Registration& other) {
            return other.window == message.window && other.message == message.message;
        });
        // What was inherited is the first of them.
        const bool inherited = earlier && track.accepted && track.own_select &&
                               track.earlier.front().window == message.window &&
                               track.earlier.front().message == message.message;
        return broken(inherited ? "AS-INHERIT-2"
                      : earlier ? "AS-REG-1"
                                : "AS-MSG-1",
                      "the window and the message of the last registration");
    }
    if (!track.registration) {
        if (track.cancelled) return broken("AS-CANCEL-1", "no message after lEvent 0");
        if (!track.earlier.empty()) return broken("AS-CANCEL-4", "no message after WSAEventSelect");
        return broken("AS-MSG-1", "no message for a socket that was never registered");
    }
    if (options_.unobserved_peers && track.wants(event) &&
        (track.registration->window != message.window || track.registration->message != message.message)) {
        return broken("AS-MSG-1", "the window and the message of the last registration");
    }
    if (!track.wants(event)) {
        for (const Registration& other : track.earlier) {
            if ((other.mask & bit_of(event)) == 0) continue;
            return broken(other.message == track.registration->message ? "AS-REG-1" : "AS-REG-2",
                          "only the events of the last registration: " + show_mask(track.registration->mask));
        }
        return broken("AS-REG-1", "only the events of the registration: " + show_mask(track.registration->mask));
    }
    if (event == Event::group_qos) return broken("AS-GQOS-1", "FD_GROUP_QOS is never posted");
    if (error == wsa::net_down && event != Event::connect) {
        return broken("R-18", any_facts(track, [](const Facts& facts) { return facts.subsystem_failed; })
                                  ? "the failure of the network subsystem told once, by the event that is due"
                                  : "WSAENETDOWN only when the network subsystem has failed");
    }
    if (queued([&](const Posted& posted) { return right_event(posted) && posted.error != error; })) {
        if (event == Event::connect) {
            return track.joined_last ? broken("AS-CONNECT-4", "FD_CONNECT with the outcome of WSAJoinLeaf")
                                     : broken("AS-CONNECT-4", "FD_CONNECT with the outcome of the connect");
        }
        if (event == Event::close) {
            const bool abortive = queued([&](const Posted& p) { return right_event(p) && p.error != 0; });
            return abortive ? broken("AS-CLOSE-5", "FD_CLOSE with the error of the reset")
                            : broken("AS-CLOSE-3", "FD_CLOSE with error 0 for a graceful close");
        }
        return broken(error_clause(event), name + (error == 0 ? " with the error that says how" : " without an error"));
    }
    if (queued(right_event)) {
        if (event == Event::write && queued([](const Posted& p) { return p.event == Event::connect; })) {
            return broken("AS-WRITE-2", "FD_CONNECT before FD_WRITE");
        }
        // What was posted at an earlier moment is in front in every queue, so it is that one which does not come.
        for (const State& state : track.states) {
            for (std::size_t index = 0; index < state.posted.size(); ++index) {
                if (!state.posted[index].explains(message)) continue;
                const std::optional<InFront> first = in_front(state.posted, index);
                if (!first || first->one_moment) continue;
                const std::string_view clause = first->posted->clause;
                return broken(clause.empty() ? "R-1" : clause, show_posted(*first->posted) + ", before this one");
            }
        }
        return broken("R-9", "the order of posting: CONNECT, ACCEPT, OOB, READ, WRITE, CLOSE");
    }
    auto [clause, due] = diagnose_condition(track, event);
    return broken(clause, std::move(due));
}

// The same, where nothing is wrong with the message but that it came.
std::pair<std::string_view, std::string> Oracle::Judge::diagnose_condition(const Track& track, Event event) const {
    const auto in = [&](std::string_view machine) {
        return any(track, [&](const State& state) { return state.socket.state(event) == machine; });
    };
    const bool already = in("Posted");
    const bool listens = all_facts(track, [](const Facts& facts) { return facts.phase == Phase::listening; });
    const bool of_connections = event == Event::read || event == Event::oob || event == Event::close;
    if (listens ? of_connections : event == Event::accept) return {"R-11", "no event that cannot occur on this socket"};
    switch (event) {
        case Event::read:
            if (any_facts(track, [](const Facts& facts) { return facts.end_of_data(); }) &&
                all_facts(track, [](const Facts& facts) { return !facts.data_available() || facts.fin; })) {
                return {"AS-CLOSE-7", "no FD_READ for end of data"};
            }
            if (all_facts(track, [](const Facts& facts) { return facts.aborted != 0 && !facts.data_available(); }))
                return {"R-28", "no FD_READ for an error alone"};
            if (track.receives_since_read == 0 && already) return {"AS-ENABLE-1", "no further FD_READ until recv"};
            return {track.receives_since_read > 0 ? "AS-READ-3" : "AS-READ-2", "FD_READ only where there is data"};
        case Event::write:
            if (track.kind == Kind::stream &&
                all_facts(track, [](const Facts& facts) { return facts.phase != Phase::established; })) {
                return {"AS-WRITE-2", "no FD_WRITE before the connection is established"};
            }
            if (all_facts(track, [](const Facts& facts) { return facts.send_shut || facts.aborted != 0; }))
                return {"R-28", "no FD_WRITE where nothing can be sent any more"};
            if (already && !track.enabled_again[index_of(Event::write)])
                return {"AS-ENABLE-1", "no further FD_WRITE until send"};
            if (any_facts(track, [](const Facts& facts) { return facts.can_send(); }))
                return {"AS-WRITE-5", "FD_WRITE again only after a send that met WSAEWOULDBLOCK"};
            return {"AS-WRITE-3", "FD_WRITE when a send can succeed again"};
        case Event::oob:
            if (all_facts(track, [](const Facts& facts) { return facts.oob_inline; }))
                return {"AS-OOB-1", "no FD_OOB with SO_OOBINLINE on"};
            if (already && !track.enabled_again[index_of(Event::oob)])
                return {"AS-ENABLE-1", "no further FD_OOB until recv"};
            return {track.retrieved[index_of(Event::oob)] > 0 ? "AS-OOB-4" : "AS-OOB-3",
                    "FD_OOB only where there is an urgent byte"};
        case Event::accept:
            if (in("Deferred")) return {"AS-ENABLE-4", "no FD_ACCEPT after CF_DEFER until accept is called again"};
            return {already ? "AS-ENABLE-1" : "AS-ACCEPT-2", "FD_ACCEPT only for a request, once until accept"};
        case Event::connect:
            if (any_facts(track, [](const Facts& facts) { return facts.phase == Phase::connecting || facts.joining; }))
                return {"AS-CONNECT-4", "FD_CONNECT when the outcome is known"};
            if (track.accepted && !track.own_select) return {"R-3", "no FD_CONNECT on an accepted socket"};
            if (track.kind == Kind::datagram && options_.profile.datagram_connect_posts_write && track.connects > 0 &&
                !track.joined_last) {
                return {"W-4", "no FD_CONNECT for the connect of a datagram socket"};
            }
            if (already || track.retrieved[index_of(event)] > 0)
                return {"AS-ENABLE-5", "one FD_CONNECT for each connect"};
            return {"AS-CONNECT-1", "FD_CONNECT only for a connection"};
        case Event::close:
            if (already) return {"AS-ENABLE-5", "one FD_CLOSE for each registration"};
            if (any_facts(track, [](const Facts& facts) { return facts.fin && facts.data_available(); }))
                return {"AS-CLOSE-3", "FD_CLOSE once no received data is left"};
            if (track.shut_down) return {"R-7", "no FD_CLOSE for a local shutdown"};
            if (track.connect_failed) return {"R-4", "no FD_CLOSE after a failed connect"};
            return {"AS-CLOSE-3", "FD_CLOSE once the peer has closed"};
        case Event::qos:
            if (!track.qos_changed) return {"AS-QOS-2", "FD_QOS only when the quality of service has changed"};
            return {"AS-EDGE-1", "one FD_QOS for each change"};
        default:
            break;
    }
    const bool route = event == Event::routing_interface_change;
    // A change was told already, or the one that there was came before the request.
    if (already || track.retrieved[index_of(event)] > 0 || track.changes > 0)
        return {"AS-EDGE-2", "one message for a change after each request"};
    return route ? std::pair{"AS-ROUTE-1", "a message only for a change of the destination that was asked for"}
                 : std::pair{"AS-ADDR-1", "a message only for a change that was asked for"};
}

}  // namespace asyncselect::model
