// The notification word: the ten machines of one socket in 64 bits, and the one pure function that steps them.
// All that decides whether a message is due is here. It knows no system, no thread, no window: whoever owns the word
// stores what `step` returns (a compare-and-swap, see winsock/slot.hpp) and posts what it says.
//
// Four lanes of ten bits, one bit an event:
//   wanted   the events of the registration (lEvent)
//   enabled  not posted since the re-enabling function was called (AS-ENABLE-1); all of them in a fresh record
//   met      a level-triggered condition holds, or an edge has happened and was not told
//   fact     what some events' conditions are made of: CONNECT a connection is established, WRITE a send is possible,
//            CLOSE the FIN has arrived, OOB urgent data is inline, ROUTING_INTERFACE_CHANGE and ADDRESS_LIST_CHANGE
//            the ioctl was issued
// and a few flags. A message is due exactly when wanted & enabled & met, gated by what no lane can say. A stimulus is
// four masks: what to keep, what to set, which edges happened, and which facts make their event met now. Nothing
// branches over events: ten are decided by the same few operations.
//
// Generic over the integer: std::uint64_t runs; a solver's 64-bit vector is proved (it brings its own `left`,
// `right` and `lift` by argument-dependent lookup).
#pragma once

#include <bit>
#include <cstdint>

#include "impl/core/error.hpp"
#include "impl/core/event.hpp"

namespace asyncselect::core {

using Word = std::uint64_t;

// W-1 to W-5 for the implementation: it follows the page unless it is asked to behave as Windows does.
struct Profile {
    bool close_at_fin = false;                  // W-1
    bool reset_tells_aborted = false;           // W-2
    bool no_connect_at_select = false;          // W-3
    bool datagram_connect_posts_write = false;  // W-4
};

inline constexpr Profile spec_profile{};
inline constexpr Profile windows_profile{true, true, true, true};

namespace layout {
inline constexpr unsigned wanted = 0;
inline constexpr unsigned enabled = 10;
inline constexpr unsigned met = 20;
inline constexpr unsigned fact = 30;
inline constexpr unsigned error = 40;  // four bits: index into message_errors, of CONNECT or CLOSE
inline constexpr Word error_bits = Word{15} << error;
// In lanes of events that have no fact.
inline constexpr Word connect_failed = Word{1} << 31;     // FD_CONNECT is met by a failure: `error` says which
inline constexpr Word route_unreachable = Word{1} << 37;  // AS-ERROR-4
inline constexpr unsigned flags = 44;
inline constexpr Word refused = Word{1} << 44;  // the queue was full; waits in line for room
inline constexpr Word aborted = Word{1} << 45;  // reset or broken down (AS-CLOSE-5)
// A bit for each lane that is barred, `flags` above it. Of OOB and READ: shutdown of receiving, nothing is left to read
// the two are always together. Of WRITE: no send is possible for good.
inline constexpr Word unreceivable = events(Event::oob, Event::read) << flags;
inline constexpr Word unsendable = events(Event::write) << flags;
inline constexpr Events bars = (unreceivable | unsendable) >> flags;
inline constexpr Word subsystem_failed = Word{1} << 49;
// Above: what the owner of the shared word keeps beside it; `step` leaves it as it is (winsock/slot.hpp).
inline constexpr unsigned owners_bits = 50;
}  // namespace layout

constexpr Word wanted(Events set) { return set << layout::wanted; }
constexpr Word enabled(Events set) { return set << layout::enabled; }
constexpr Word met(Events set) { return set << layout::met; }
constexpr Word fact(Events set) { return set << layout::fact; }

// Told once each time they happen; the others as long as their condition holds and they are enabled.
inline constexpr Events edges = events(Event::connect, Event::write, Event::qos, Event::group_qos,
                                       Event::routing_interface_change, Event::address_list_change);
// Edges that count only after their ioctl was issued (AS-EDGE-2).
inline constexpr Events requested = events(Event::routing_interface_change, Event::address_list_change);

constexpr std::uint64_t left(std::uint64_t word, unsigned bits) { return word << bits; }
constexpr std::uint64_t right(std::uint64_t word, unsigned bits) { return word >> bits; }
constexpr std::uint64_t lift(std::uint64_t, std::uint64_t constant) { return constant; }

// What happened, as masks over the word.
template <class Bits = std::uint64_t>
struct BasicStimulus {
    Bits keep;      // bits that survive
    Bits set;       // bits that become set, after keep
    Bits occasion;  // lanes whose edge happened: met if the event is enabled, or was requested by its ioctl
    Bits recall;    // lanes whose fact makes the event met now
};
using Stimulus = BasicStimulus<>;

template <class Bits = std::uint64_t>
struct BasicStep {
    Bits word;
    Bits posts;  // lanes whose message is due; the lowest bit is the first to post
};
using Step = BasicStep<>;

// One step. Total: every word and every stimulus has a result. Pure; any thread.
template <class Bits>
constexpr BasicStep<Bits> step(const Bits& before, const BasicStimulus<Bits>& stimulus) {
    const auto constant = [&before](std::uint64_t value) { return lift(before, value); };
    const Bits lane = constant(all_events);

    Bits word = (before & stimulus.keep) | stimulus.set;

    const Bits facts = right(word, layout::fact) & lane;
    const Bits armed =
        (right(word, layout::enabled) & constant(all_events & ~requested)) | (facts & constant(requested));
    const Bits newly_met = (stimulus.occasion & armed) | (stimulus.recall & facts);
    word = word | left(newly_met, layout::met);
    // One change uses up the request (AS-EDGE-2).
    word = word & ~left(stimulus.occasion & constant(requested), layout::fact);

    // FD_WRITE needs room to send in, and a direction that is still open (AS-WRITE-1, R-28).
    const Bits room = right(word, layout::fact) | constant(all_events & ~events(Event::write));
    const Bits flags = right(word, layout::flags);
    const Bits barred = flags & constant(layout::bars);
    const Bits not_in_line = (flags & constant(1)) - constant(1);
    const Bits gate = room & ~barred & not_in_line;
    const Bits posts =
        right(word, layout::wanted) & right(word, layout::enabled) & right(word, layout::met) & gate & lane;

    word = word & ~(left(posts, layout::enabled) | left(posts & constant(edges), layout::met));
    return {word, posts};
}

// Whether a message can be due in a word. Where none can, a stimulus that only sets bits does nothing but that: `step`
// would return the same word, and no posts.
constexpr bool may_post(Word word) {
    return (word >> layout::wanted & word >> layout::enabled & word >> layout::met & all_events) != 0;
}

// Whether FD_READ is due in a word and nothing else can be. Then `step` with a stimulus that only sets bits makes it
// due, without an error to tell, and does no more: the word becomes the one below.
constexpr bool only_read_is_due(Word word) {
    constexpr auto heeded = layout::refused | layout::unreceivable | layout::subsystem_failed;
    return (word >> layout::wanted & word >> layout::enabled & word >> layout::met & all_events) ==
               events(Event::read) &&
           (word & heeded) == 0;
}
constexpr Word with_read_posted(Word word) { return word & ~enabled(events(Event::read)); }

// HIWORD(lParam) for a message that `step` made due (AS-ERROR-1 to AS-ERROR-4).
constexpr Error error_of(Word word, Event event) {
    const auto remembered = message_errors[(word & layout::error_bits) >> layout::error];
    switch (event) {
        case Event::connect:
            // What was aborted since had been established.
            return (word & (layout::connect_failed | layout::aborted)) == layout::connect_failed ? remembered
                                                                                                 : error::none;
        case Event::close:
            if (word & layout::aborted) return remembered;
            return word & layout::subsystem_failed ? error::net_down : error::none;
        case Event::routing_interface_change:
            return word & layout::route_unreachable ? error::net_unreachable : error::none;
        case Event::accept:
        case Event::read:
            return word & layout::subsystem_failed ? error::net_down : error::none;
        default:
            return error::none;
    }
}

// The stimuli, each with the clause that it carries out.
namespace stimulus {

inline constexpr Word everything = ~Word{0};

constexpr Stimulus sets(Word bits) { return {everything, bits, 0, 0}; }

inline constexpr Stimulus nothing = sets(0);

// Two things that are found out at one moment: what they make due is posted in the order of R-9.
constexpr Stimulus both(const Stimulus& first, const Stimulus& second) {
    return {first.keep & second.keep, (first.set & second.keep) | second.set, first.occasion | second.occasion,
            first.recall | second.recall};
}

// WSAAsyncSelect: a fresh record in which every event is enabled; what holds is posted now (AS-REG-1, AS-REG-3, R-2).
// FD_WRITE is owed and waits for room; FD_CONNECT is met again by an established connection (AS-CONNECT-1).
constexpr Stimulus select(std::uint32_t mask, Profile profile = spec_profile) {
    return {~(wanted(all_events) | met(events(Event::connect)) | layout::connect_failed | layout::refused),
            wanted(events_of(mask)) | enabled(all_events) | met(events(Event::write)), 0,
            profile.no_connect_at_select ? Events{0} : events(Event::connect)};
}

// The record that a socket made by accept starts with; FD_CONNECT is not posted (AS-INHERIT-1, R-3).
constexpr Stimulus inherit(std::uint32_t mask) {
    return {~(wanted(all_events) | layout::refused),
            wanted(events_of(mask)) | enabled(all_events) | met(events(Event::write)) |
                fact(events(Event::connect, Event::write)),
            0, 0};
}

// Data or a datagram can be received (AS-READ-2, R-15).
constexpr Stimulus data_arrived() { return sets(met(events(Event::read))); }

// An urgent byte arrived: out of band, or inline as normal data (AS-OOB-1, AS-OOB-3, AS-READ-4).
constexpr Stimulus urgent_arrived(bool inline_data) {
    return sets(met(events(inline_data ? Event::read : Event::oob)));
}

constexpr Stimulus connection_request() { return sets(met(events(Event::accept))); }  // AS-ACCEPT-2

// There is room to send in. Only news if a send failed or fell short before (AS-WRITE-3, R-19).
constexpr Stimulus send_space_available() { return sets(fact(events(Event::write))); }

// The FIN has arrived. `nothing_left`: no received data is left before it (AS-CLOSE-3; W-1 does not wait).
constexpr Stimulus peer_closed(bool nothing_left, Profile profile = spec_profile) {
    const bool due = nothing_left || profile.close_at_fin;
    return {~fact(events(Event::connect)), fact(events(Event::close)) | (due ? met(events(Event::close)) : 0), 0, 0};
}

// Reset or broken down: told at once, unread data or not (AS-CLOSE-5, R-6, W-2). No send is possible any more.
constexpr Stimulus connection_aborted(Error code, Profile profile = spec_profile) {
    const Error told = profile.reset_tells_aborted ? error::connection_aborted : code;
    return {~(fact(events(Event::connect)) | layout::error_bits),
            met(events(Event::close)) | layout::aborted | layout::unsendable | index_of_error(told) << layout::error, 0,
            0};
}

inline constexpr Word connect_error = layout::error_bits | layout::connect_failed;
constexpr Word failed_with(Error code) {
    return layout::connect_failed | index_of_connect_error(code) << layout::error;
}

// connect went ahead and its outcome is not known: a new occurrence of FD_CONNECT.
constexpr Stimulus connect_begun() {
    return {~(met(events(Event::connect)) | connect_error), enabled(events(Event::connect)), 0, 0};
}

// connect succeeded within the call (AS-CONNECT-2), as with a datagram socket (R-16, W-4).
constexpr Stimulus connected_at_once(bool datagram, Profile profile = spec_profile) {
    const bool as_windows = datagram && profile.datagram_connect_posts_write;
    return {~(met(events(Event::connect)) | connect_error),
            enabled(as_windows ? events(Event::connect, Event::write) : events(Event::connect)) |
                fact(datagram ? events(Event::connect) : events(Event::connect, Event::write)),
            as_windows ? events(Event::write) : events(Event::connect, Event::write), 0};
}

// The outcome of a connect that was under way: the connection is established, or why not (AS-CONNECT-4, AS-WRITE-2).
constexpr Stimulus connect_outcome(Error code) {
    if (code == error::none)
        return {~connect_error, fact(events(Event::connect, Event::write)), events(Event::connect, Event::write), 0};
    return {~connect_error, failed_with(code), events(Event::connect), 0};
}

// WSAJoinLeaf succeeded within the call, or the outcome of one that was under way (AS-CONNECT-3, AS-CONNECT-4).
constexpr Stimulus joined_at_once() {
    return {~(met(events(Event::connect)) | connect_error),
            enabled(events(Event::connect)) | fact(events(Event::connect)), events(Event::connect), 0};
}
constexpr Stimulus join_outcome(Error code) {
    return {~connect_error, code == error::none ? fact(events(Event::connect)) : failed_with(code),
            events(Event::connect), 0};
}

// Before recv looks at the data: what is reported from now on is newer than what it will have seen.
constexpr Stimulus receive_begins() { return {~met(events(Event::read, Event::oob)), 0, 0, 0}; }

// After recv, whatever it returned: both events are enabled again, and posted while their data is left
// (AS-ENABLE-2, AS-ENABLE-8, AS-LEVEL-1, R-8).
constexpr Stimulus received(bool data_left, bool urgent_left) {
    return sets(enabled(events(Event::read, Event::oob)) | (data_left ? met(events(Event::read)) : 0) |
                (urgent_left ? met(events(Event::oob)) : 0));
}

// Nothing will ever be left to read again: the FIN has arrived and the data before it was taken (AS-CLOSE-3,
// AS-CLOSE-4, AS-CLOSE-7).
constexpr Stimulus end_of_data() {
    return {~(met(events(Event::read)) | fact(events(Event::connect))),
            fact(events(Event::close)) | met(events(Event::close)), 0, 0};
}

// Before send: room that is reported from now on is newer than what it will have met.
constexpr Stimulus send_begins() { return {~fact(events(Event::write)), 0, 0, 0}; }

// After send took everything, or failed otherwise than for want of room: enabled, not posted (AS-ENABLE-3, AS-WRITE-5).
constexpr Stimulus sent(bool room_as_before) {
    return sets(enabled(events(Event::write)) | (room_as_before ? fact(events(Event::write)) : 0));
}

// After send would have blocked or fell short: FD_WRITE is owed when there is room (AS-WRITE-3, R-19).
constexpr Stimulus send_blocked() { return sets(enabled(events(Event::write)) | met(events(Event::write))); }

constexpr Stimulus accept_begins() { return {~met(events(Event::accept)), 0, 0, 0}; }

// After accept, whatever it returned but a deferral (AS-ENABLE-4, AS-ENABLE-8, AS-ACCEPT-3).
constexpr Stimulus accepted(bool another_request) {
    return sets(enabled(events(Event::accept)) | (another_request ? met(events(Event::accept)) : 0));
}

// The condition function deferred: nothing is posted until another accept is called (AS-ENABLE-4).
constexpr Stimulus accept_deferred() { return {~enabled(events(Event::accept)), met(events(Event::accept)), 0, 0}; }

// shutdown: nothing can be sent, or nothing is left to read. Posts nothing by itself.
constexpr Stimulus shut_down(bool receiving, bool sending) {
    return {everything, (receiving ? layout::unreceivable : 0) | (sending ? layout::unsendable : 0), 0,
            receiving ? events(Event::close) : Events{0}};
}

// SO_OOBINLINE governs what arrives from now on; it posts nothing.
constexpr Stimulus oob_inline(bool on) { return {~fact(events(Event::oob)), on ? fact(events(Event::oob)) : 0, 0, 0}; }

// One edge a change; not remembered while FD_QOS is posted and not yet fetched (AS-EDGE-1, R-22).
constexpr Stimulus qos_changed() { return {everything, 0, events(Event::qos), 0}; }
constexpr Stimulus qos_fetched() { return {~met(events(Event::qos)), enabled(events(Event::qos)), 0, 0}; }
constexpr Stimulus group_qos_fetched() { return sets(enabled(events(Event::group_qos))); }  // AS-GQOS-1

// SIO_ROUTING_INTERFACE_CHANGE, SIO_ADDRESS_LIST_CHANGE: a change after this is told once (AS-EDGE-2, R-21).
constexpr Stimulus route_requested() {
    const auto lane = events(Event::routing_interface_change);
    return {~(met(lane) | layout::route_unreachable), enabled(lane) | fact(lane), 0, 0};
}
constexpr Stimulus route_changed(bool unreachable) {
    return {~layout::route_unreachable, unreachable ? layout::route_unreachable : 0,
            events(Event::routing_interface_change), 0};
}
constexpr Stimulus address_list_requested() {
    const auto lane = events(Event::address_list_change);
    return {~met(lane), enabled(lane) | fact(lane), 0, 0};
}
constexpr Stimulus address_list_changed() { return {everything, 0, events(Event::address_list_change), 0}; }

// The event that the socket's owner would wait for next tells it: FD_READ also where receiving was shut down,
// and with FD_CLOSE the connection is over. Nothing else can be received or accepted any more.
constexpr Stimulus subsystem_failed(Event next) {
    const Word over = next == Event::close ? fact(events(Event::connect)) : 0;
    const Word conditions = met(events(Event::read, Event::oob, Event::accept));
    return {~(over | conditions | (next == Event::read ? layout::unreceivable : 0)),
            met(events(next)) | layout::subsystem_failed | (next == Event::close ? layout::unsendable : 0), 0, 0};
}

// The queue was full: these messages stay due, and the socket waits in line.
constexpr Stimulus refused(Events posts) { return sets(enabled(posts) | met(posts & edges) | layout::refused); }

// The socket's turn has come: what holds now is posted.
constexpr Stimulus room() { return {~layout::refused, 0, 0, 0}; }

}  // namespace stimulus

}  // namespace asyncselect::core
