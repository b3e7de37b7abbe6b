// From readiness to stimuli. The system reports edges: each is news, none is repeated, so none may be dropped.
#include "impl/winsock/harvest.hpp"

#include <array>

#include "impl/winsock/accept.hpp"
#include "impl/winsock/changes.hpp"
#include "impl/winsock/datagram.hpp"
#include "impl/winsock/urgent.hpp"

namespace asyncselect::winsock {

using core::Event;
using core::events;
using core::Word;
namespace stimulus = core::stimulus;
using net::Conditions;
using net::Network;

namespace {

bool is_set(Word word, Word bits) { return (word & bits) != 0; }

// The event that the socket's owner would wait for next tells it, once.
core::Stimulus network_is_down(const Slot& slot, Word word) noexcept {
    if (is_set(word, core::layout::subsystem_failed)) return stimulus::nothing;
    if (slot.kind == Kind::datagram) return stimulus::subsystem_failed(Event::read);
    switch (slot.phase.load()) {
        case Phase::listening:
            return stimulus::subsystem_failed(Event::accept);
        case Phase::established:
            return stimulus::subsystem_failed(Event::close);
        default:
            return stimulus::nothing;
    }
}

core::Stimulus told_with_abort(Slot& slot, Word seen, const core::Stimulus& told, core::Error error) noexcept {
    return stimulus::both(told, told_by(slot, seen, Network::conditions_now(slot.descriptor), error));
}

void step_holding_aborted(Call& call, const core::Stimulus& told, core::Error error) noexcept {
    auto& slot = call.slot();
    auto seen = slot.word.load();
    while (!call.step_holding_if_unchanged(seen, told_with_abort(slot, seen, told, error))) {
    }
}

void resolve(Call& call) noexcept {
    if (!call.hold()) return;
    if (const auto outcome = outcome_known(call.slot())) {
        const auto told = stimulus::connect_outcome(outcome->error);
        if (outcome->aborted == core::error::none)
            call.step_holding(told);
        else
            step_holding_aborted(call, told, outcome->aborted);
    }
    call.release();
}

// Whether what was reported holds still, though other threads make calls too: no call is inside, and none has taken it.
// An urgent byte that came before is told by a report of its own, and its message has to be the first.
template <class Transport, class Report>
bool holds_still(const Slot& slot, Word seen, const Report& report) noexcept {
    if constexpr (requires { Transport::unchanged_since(slot.descriptor, report.number); })
        return !is_set(seen, core::wanted(events(Event::oob))) && (seen & owners::calls) == owners::one_call &&
               Transport::unchanged_since(slot.descriptor, report.number);
    return false;
}

// Not a part of its caller, whose common case would have to make room for it.
[[gnu::noinline]] void harvest_with_care(const net::Readiness& report, Conditions conditions) noexcept;

// The report needs more than its bits: the error, the data before a FIN, or the state at this moment because other
// threads make calls too.
void harvest_with_care(const net::Readiness& report, Conditions conditions) noexcept {
    auto call = Call::begin(report.token);
    if (!call) return;
    auto& slot = call->slot();
    bool asked = false;
    if (slot.phase.load() == Phase::connecting) {
        resolve(*call);
        conditions = Network::conditions_now(slot.descriptor);
        asked = true;
    }
    core::Error aborted = core::error::none;
    bool held = false;
    for (auto seen = slot.word.load();;) {
        // A call that ended since the poller looked may have taken what it saw: only what holds now counts.
        if (slot.shared.load() && (asked || !holds_still<Network>(slot, seen, report))) {
            conditions = Network::conditions_now(slot.descriptor);
            asked = true;
        }
        // The system tells the error once. Held from there to the step, so that a receive which met the end meanwhile
        // can find out how it came about.
        if (conditions.broken && !held) {
            if (!call->hold()) return;
            held = true;
            seen = slot.word.load();
            continue;
        }
        const auto told = told_by(slot, seen, conditions, aborted);
        if (held ? call->step_holding_if_unchanged(seen, told) : call->end_if_unchanged(seen, told)) break;
    }
    if (held) call->release();
}

// What a report says to the word that tells of data or of room and of nothing else; 0 if it does not.
template <class Transport>
Word plainly_told(std::uint32_t events) noexcept {
    constexpr auto data = core::met(core::events(Event::read));
    constexpr auto room = core::fact(core::events(Event::write));
    if (!Transport::available()) return 0;
    if constexpr (requires { Transport::tells_data | Transport::tells_room; }) {
        if ((events & ~(Transport::tells_data | Transport::tells_room)) != 0) return 0;
        return ((events & Transport::tells_data) != 0 ? data : 0) | ((events & Transport::tells_room) != 0 ? room : 0);
    } else {
        const auto told = Transport::conditions(events);
        if (told.end || told.hung_up || told.broken || told.urgent) return 0;
        return (told.readable ? data : 0) | (told.writable ? room : 0);
    }
}

void harvest(const net::Readiness& report) noexcept {
    auto* slot = slot_of(report.token);
    if (slot == nullptr) [[unlikely]] {
        if (report.token == changes_token) look_for_changes();
        return;
    }
    // The common case: data, or room, on a socket that only its window's thread uses.
    if (const auto sets = plainly_told<Network>(report.events);
        sets != 0 && (slot->phase.load(std::memory_order_relaxed) == Phase::established ||
                      slot->kind == Kind::datagram)) [[likely]] {
        if (harvest_read_at_once(*slot, report.token, sets)) [[likely]]
            return;
        if (harvest_step(*slot, report.token, sets)) return;
    }
    harvest_with_care(report, Network::conditions(report.events));
}

void ready(window::Queue&, std::span<const net::Readiness> reports) noexcept { harvest_all(reports); }

bool room(window::Queue&, std::uint64_t token) noexcept {
    auto call = Call::begin(token);
    return !call || call->take_room();
}

}  // namespace

void begin_harvesting() noexcept { window::set_socket_hooks({ready, room}); }

void harvest_all(std::span<const net::Readiness> reports) noexcept {
    for (const auto& report : reports) harvest(report);
}

std::optional<Outcome> outcome_known(Slot& slot) noexcept {
    if (slot.phase.load() != Phase::connecting || !Network::available()) return std::nullopt;
    // Asked anew: a report can be older than the connect, from when the socket was idle.
    const auto now = Network::conditions_now(slot.descriptor);
    if (!now.writable && !now.broken && !now.hung_up) return std::nullopt;
    const auto error = Network::take_error(slot.descriptor);
    // Hung up without a reason: another thread is about to connect, and the system does not know of it yet.
    if (error == core::error::none && now.hung_up) return std::nullopt;
    // A reset is no answer to a SYN (that is a refusal): the connection was established, and then reset.
    const bool established = error == core::error::none || error == core::error::connection_reset;
    slot.phase = established ? Phase::established : Phase::idle;
    return established ? Outcome{core::error::none, error} : Outcome{error, core::error::none};
}

void resolve_connecting(Handle handle) noexcept {
    if (auto call = Call::begin(handle)) resolve(*call);
}

core::Stimulus aborted_with(core::Error error) noexcept {
    return stimulus::connection_aborted(error == core::error::connection_reset ? core::error::connection_reset
                                                                               : core::error::connection_aborted);
}

void end_aborted(Call& call, const core::Stimulus& last, core::Error error) noexcept {
    auto& slot = call.slot();
    auto seen = slot.word.load();
    while (!call.end_if_unchanged(seen, told_with_abort(slot, seen, last, error))) {
    }
}

bool data_left(Slot& slot) noexcept {
    // A datagram can be empty, and an error that waits is no data.
    if (slot.kind == Kind::datagram) return Network::conditions_now(slot.descriptor).readable;
    if (slot.urgent_seen.load()) return data_left_around_marks(slot);
    const auto bytes = Network::bytes_available(slot.descriptor);
    return bytes.ok() && bytes.value > 0;
}

void take_unreceivable(Slot& slot) noexcept {
    if constexpr (!Network::tells_end_behind_data) {
        std::array<std::byte, 4096> room;
        const net::Buffer buffer{room.data(), room.size()};
        while (Network::receive(slot.descriptor, {&buffer, 1}, 0).value > 0) {
        }
    }
}

core::Events holding_now(Slot& slot, core::Events asked) noexcept {
    core::Events holding = 0;
    if ((asked & events(Event::read)) != 0 && data_left(slot)) holding |= events(Event::read);
    if ((asked & events(Event::oob)) != 0 && urgent_waits(slot)) holding |= events(Event::oob);
    if ((asked & events(Event::accept, Event::write)) == 0) return holding;
    const auto now = Network::conditions_now(slot.descriptor);
    if ((now.readable && !now.hung_up) || request_held(slot)) holding |= events(Event::accept);
    if (now.writable) holding |= events(Event::write);
    return holding & asked;
}

core::Stimulus told_by(Slot& slot, Word word, const Conditions& reported, core::Error& aborted) noexcept {
    auto found = stimulus::nothing;
    if (!Network::available()) return network_is_down(slot, word);
    switch (slot.phase.load()) {
        case Phase::idle:
            // A stream that is not connected reports itself as hung up and writable: that is no event.
            if (slot.kind == Kind::stream) return found;
            break;
        case Phase::connecting:
            return found;  // no outcome yet
        case Phase::listening:
            // Anything but a request on a listener is news of its own shutdown.
            return (reported.readable && !reported.hung_up) || request_held(slot) ? stimulus::connection_request()
                                                                                  : found;
        case Phase::established:
            break;
    }

    auto conditions = reported;
    if (slot.kind == Kind::datagram) {
        // Left where it is, an error would fail the next send, and hide the news of those that follow.
        if (conditions.broken) collect_reports(slot);
        if (conditions.readable) found = stimulus::both(found, stimulus::data_arrived());
        if (conditions.writable) found = stimulus::both(found, stimulus::send_space_available());
        return found;
    }

    if (!Network::tells_end_behind_data && is_set(word, core::layout::unreceivable) && conditions.readable &&
        !conditions.end) {
        take_unreceivable(slot);
        conditions = Network::conditions_now(slot.descriptor);
    }
    if (conditions.urgent || slot.urgent_seen.load()) {
        look_for_urgent(slot);
        conditions.readable = conditions.end || data_left(slot);
    }
    if (urgent_waits(slot)) found = stimulus::urgent_arrived(false);
    if (conditions.broken && aborted == core::error::none) aborted = Network::take_error(slot.descriptor);
    const bool was_aborted = is_set(word, core::layout::aborted);
    if (aborted != core::error::none && !was_aborted) {
        if (conditions.readable && data_left(slot)) found = stimulus::both(found, stimulus::data_arrived());
        return stimulus::both(found, aborted_with(aborted));
    }
    // Over in both directions though we did not end ours: a call of another thread was told of the reset, and tells it.
    const bool reset_told_elsewhere = conditions.hung_up && !is_set(word, core::layout::unsendable);
    if (conditions.end && !was_aborted && !reset_told_elsewhere) {
        // The FIN is in the same report as the data before it: which of them is there must be asked.
        const bool left = !is_set(word, core::layout::unreceivable) && data_left(slot);
        found = stimulus::both(found, left ? stimulus::both(stimulus::data_arrived(), stimulus::peer_closed(false))
                                           : stimulus::both(stimulus::end_of_data(), stimulus::peer_closed(true)));
    } else if (conditions.readable && data_left(slot)) {
        // Asked, since Linux counts a FIN among what can be read a moment before it tells of the end.
        found = stimulus::both(found, stimulus::data_arrived());
    }
    // After a reset the descriptor is writable for good; the word knows that no send is possible.
    if (conditions.writable) found = stimulus::both(found, stimulus::send_space_available());
    return found;
}

}  // namespace asyncselect::winsock
