// Composes the ten machines: changes the facts, splits a registration into its events, tells the machines in the order
// of R-9 and keeps what a full queue refuses. Decides no message itself: the tables do.
#include "model/socket.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <variant>

#include "model/composition.hpp"
#include "model/journal.hpp"
#include "model/machine.hpp"
#include "model/possible.hpp"

namespace asyncselect::model {

namespace {

namespace st = stimulus;

// WSAE numbers that messages carry.
constexpr ErrorCode network_down = 10050;
constexpr ErrorCode connection_aborted = 10053;
constexpr ErrorCode connection_reset = 10054;

// More than any machine has.
constexpr std::size_t most_states = 8;

bool has(std::uint32_t mask, Event event) { return (mask & bit_of(event)) != 0; }

// HIWORD(lParam) as it follows from the facts (AS-ERROR-1 to AS-ERROR-4).
ErrorCode error_now(Event event, const Facts& facts, const Profile& profile) {
    switch (event) {
        case Event::close:
            if (facts.aborted == connection_reset && profile.reset_tells_aborted) return connection_aborted;  // W-2
            return facts.aborted;
        case Event::read:
        case Event::accept:
            return facts.subsystem_failed ? network_down : ErrorCode{0};
        case Event::routing_interface_change:
            return facts.route_error;
        default:
            return 0;
    }
}

// What was told of the events whose change is told once.
void mark_told(Event event, Facts& facts) {
    if (event == Event::qos) facts.qos_changed = false;
    if (event == Event::routing_interface_change) {
        facts.route = Watch::not_requested;
        facts.route_error = 0;
    }
    if (event == Event::address_list_change) facts.addresses = Watch::not_requested;
}

// Each stimulus as it changes the facts. It is possible (model/possible.hpp).
struct ChangeFacts {
    Facts& f;
    const Profile& profile;

    void operator()(const st::DataArrived& s) { f.readable += s.bytes; }
    void operator()(const st::DatagramArrived&) { ++f.readable; }
    void operator()(const st::OobArrived&) {
        if (f.oob_inline)
            ++f.readable;
        else if (f.urgent && profile.urgent_bytes_queue)  // W-5; without it the newer byte replaces the older
            ++f.urgent_queued;
        else
            f.urgent = true;
    }
    void operator()(const st::ConnectionRequest&) { ++f.requests; }
    void operator()(const st::ConnectOutcome& s) {
        if (s.error == 0)
            establish();
        else
            f.phase = Phase::idle;
    }
    void operator()(const st::JoinOutcome& s) {
        f.joining = false;
        if (s.error == 0) f.phase = Phase::established;
    }
    void operator()(const st::SendSpaceAvailable&) { f.send_possible = true; }
    void operator()(const st::PeerClosed&) { f.fin = true; }
    void operator()(const st::ConnectionAborted& s) { f.aborted = s.error; }
    void operator()(const st::QosChanged&) { f.qos_changed = true; }
    void operator()(const st::RouteChanged& s) {
        if (f.route == Watch::not_requested) return;
        f.route = Watch::changed;
        f.route_error = s.error;
    }
    void operator()(const st::AddressListChanged&) {
        if (f.addresses != Watch::not_requested) f.addresses = Watch::changed;
    }
    void operator()(const st::SubsystemFailed&) {
        f.subsystem_failed = true;
        nothing_to_receive();
        f.requests = 0;
        if (f.kind == Kind::stream && f.phase == Phase::established && f.aborted == 0) f.aborted = network_down;
    }
    void operator()(const st::AsyncSelect&) { used(); }
    void operator()(const st::EventSelect&) { used(); }
    void operator()(const st::Inherit&) { used(); }
    void operator()(const st::Received& s) {
        used();
        f.readable -= s.taken;
        if (s.urgent_taken) {
            f.urgent = f.urgent_queued > 0;
            if (f.urgent) --f.urgent_queued;
        }
        told_reset(s.reset);
        if (s.reset != 0) nothing_to_receive();
    }
    void operator()(const st::Sent& s) {
        used();
        if (s.outcome == st::SentOutcome::would_block || s.outcome == st::SentOutcome::short_count)
            f.send_possible = false;
        told_reset(s.reset);
    }
    void operator()(const st::Accepted& s) {
        used();
        if (s.outcome == st::AcceptOutcome::success || s.outcome == st::AcceptOutcome::rejected) --f.requests;
    }
    void operator()(const st::ConnectCalled& s) {
        used();
        if (s.outcome == st::Outcome::would_block) f.phase = Phase::connecting;
        if (s.outcome == st::Outcome::success) establish();
    }
    void operator()(const st::JoinCalled& s) {
        used();
        if (s.outcome == st::Outcome::would_block) f.joining = true;
        if (s.outcome == st::Outcome::success) f.phase = Phase::established;
    }
    void operator()(const st::Bound&) { used(); }
    void operator()(const st::Listened&) { f.phase = Phase::listening; }
    void operator()(const st::ShutDown& s) {
        used();
        if (s.how != st::How::send) f.receive_shut = true;
        if (s.how != st::How::receive) f.send_shut = true;
    }
    void operator()(const st::Closed&) {
        const Kind kind = f.kind;
        f = Facts{};
        f.kind = kind;
        f.closed = true;
    }
    void operator()(const st::QosFetched&) {
        used();
        f.qos_changed = false;
    }
    void operator()(const st::GroupQosFetched&) { used(); }
    void operator()(const st::RouteRequested&) {
        used();
        f.route = Watch::requested;
        f.route_error = 0;
    }
    void operator()(const st::AddressListRequested&) {
        used();
        f.addresses = Watch::requested;
    }
    void operator()(const st::OobInlineSet& s) {
        used();
        f.oob_inline = s.on;
    }
    void operator()(const st::QueueFilled&) { f.queue_full = true; }
    void operator()(const st::QueueHasRoom&) { f.queue_full = false; }

    void establish() {
        f.phase = Phase::established;
        if (f.kind == Kind::stream) f.send_possible = true;
    }
    void nothing_to_receive() {
        f.readable = 0;
        f.urgent = false;
        f.urgent_queued = 0;
    }
    void told_reset(ErrorCode reset) {
        if (f.aborted == 0) f.aborted = reset;
    }
    void used() { f.just_accepted = false; }
};

}  // namespace

const Machine& machine_of(Event event) {
    static const std::array<const Machine*, event_count> machines{
        &connect_machine(),
        &accept_machine(),
        &oob_machine(),
        &read_machine(),
        &write_machine(),
        &close_machine(),
        &qos_machine(),
        &group_qos_machine(),
        &routing_interface_change_machine(),
        &address_list_change_machine(),
    };
    return *machines[index_of(event)];
}

namespace {

// Who waits for which signal, so that the others need not be asked.
struct Hearing {
    std::array<std::uint32_t, signal_count> hearers{};                           // of each signal: bit i: machine i
    std::array<std::array<std::uint64_t, most_states>, event_count> in_state{};  // bit i: there is a row for signal i

    [[nodiscard]] bool in(Event event, std::uint8_t state, const Signal& signal) const {
        return (in_state[index_of(event)][state] >> signal.index() & 1U) != 0;
    }

    Hearing();
};

// Made once and asked often: whoever asks shall not keep room for the making.
[[gnu::noinline]] Hearing::Hearing() {
    for (const Event event : events_in_posting_order) {
        const Machine& machine = machine_of(event);
        for (const Row& row : machine.rows) {
            const auto signal =
                static_cast<std::size_t>(std::ranges::find(signal_names, row.stimulus) - signal_names.begin());
            const auto state =
                static_cast<std::size_t>(std::ranges::find(machine.states, row.source) - machine.states.begin());
            hearers[signal] |= 1U << index_of(event);
            in_state[index_of(event)].at(state) |= std::uint64_t{1} << signal;
        }
    }
}

// Two of them for every signal that a machine hears: no call.
[[gnu::always_inline]] inline const Hearing& hearing() {
    static const Hearing all;
    return all;
}

}  // namespace

void Journal::post(const Row& row, ErrorCode outcome) {
    const Event event = row.machine;
    const ErrorCode error = event == Event::connect ? outcome : error_now(event, facts_, profile_);
    if (facts_.queue_full) {
        pending_ |= bit_of(event);
        if (event == Event::connect) kept_error_ = error;
        record(composition::refused[index_of(event)]);
        return;
    }
    if (!posts_.empty()) {
        record(composition::one_message_each[index_of(event)]);
        record(composition::in_order[index_of(event)]);
    }
    posts_.push_back({event, error, row.clause});
    mark_told(event, facts_);
}

Socket::Socket(Kind kind, const Profile& profile) : profile_(profile) {
    facts_.kind = kind;
    facts_.send_possible = kind == Kind::datagram;
}

Socket Socket::accepted(const Profile& profile) {
    Socket socket(Kind::stream, profile);
    socket.facts_.phase = Phase::established;
    socket.facts_.send_possible = true;
    socket.facts_.just_accepted = true;
    return socket;
}

Socket& Socket::operator=(const Socket& other) {
    if (this != &other) {
        states_ = other.states_;
        facts_ = other.facts_;
        profile_ = other.profile_;
        mask_ = other.mask_;
        pending_ = other.pending_;
        kept_error_ = other.kept_error_;
        last_.reset();
    }
    return *this;
}

const std::vector<Post>& Socket::apply(const Stimulus& stimulus) {
    if (!last_) last_ = std::make_unique<Applied>();
    apply(stimulus, *last_);
    return last_->posts;
}

const std::vector<const Row*>& Socket::fired() const {
    static const std::vector<const Row*> none;
    return last_ ? last_->fired : none;
}

void Socket::apply(const Stimulus& stimulus, Applied& applied) {
    applied.posts.clear();
    applied.fired.clear();
    if (!possible(*this, stimulus)) return;
    std::visit(ChangeFacts{facts_, profile_}, stimulus);
    dispatch(stimulus, applied);
}

void Socket::dispatch(const Stimulus& stimulus, Applied& applied) {
    if (const auto* const select = std::get_if<st::AsyncSelect>(&stimulus)) {
        for (const Event event : events_in_posting_order)
            if (has(mask_, event) && !has(select->mask, event))
                applied.fired.push_back(
                    &(select->mask == 0 ? composition::cancelled : composition::replaced)[index_of(event)]);
        tell_all(signal::Deselect{}, applied);  // AS-REG-1: whatever was before is cancelled, ...
        mask_ = select->mask;
        for (const Event event : events_in_posting_order) {
            if (!has(mask_, event)) continue;
            const std::size_t before = applied.posts.size();
            tell(event, signal::Select{}, applied);  // ... and what follows is a fresh record.
            if (applied.posts.size() > before) applied.fired.push_back(&composition::posted_at_once[index_of(event)]);
        }
    } else if (std::get_if<st::EventSelect>(&stimulus)) {
        for (const Event event : events_in_posting_order)
            if (has(mask_, event)) applied.fired.push_back(&composition::other_record[index_of(event)]);
        tell_all(signal::Deselect{}, applied);
        mask_ = 0;
    } else if (const auto* const inherit = std::get_if<st::Inherit>(&stimulus)) {
        mask_ = inherit->mask;
        for (const Event event : events_in_posting_order) {
            if (!has(mask_, event)) continue;
            applied.fired.push_back(&composition::inherited[index_of(event)]);
            tell(event, *inherit, applied);
        }
    } else if (std::get_if<st::QueueHasRoom>(&stimulus)) {
        for (const Event event : events_in_posting_order)
            if (has(pending_, event)) tell(event, st::QueueHasRoom{}, applied);
    } else {
        if (std::get_if<st::Closed>(&stimulus)) mask_ = 0;
        std::visit(
            [&]<class What>(const What& what) {
                if constexpr (std::is_constructible_v<Signal, What>) tell_all(what, applied);
            },
            stimulus);
    }
}

void Socket::recount(const Counts& counts) {
    facts_.readable = counts.readable;
    facts_.urgent_queued = counts.urgent_queued;
    facts_.requests = counts.requests;
}

void Socket::reported_otherwise(Event event) {
    const bool unreported = event == Event::qos                        ? facts_.qos_changed
                            : event == Event::routing_interface_change ? facts_.route == Watch::changed
                            : event == Event::address_list_change      ? facts_.addresses == Watch::changed
                                                                       : false;
    if (unreported) mark_told(event, facts_);
}

void Socket::tell_all(const Signal& signal, Applied& applied) {
    const Hearing& all = hearing();
    for (std::uint32_t hearers = all.hearers[signal.index()]; hearers != 0; hearers &= hearers - 1) {
        const auto event = static_cast<Event>(std::countr_zero(hearers));
        if (all.in(event, states_[index_of(event)], signal)) tell(event, signal, applied);
    }
}

void Socket::tell(Event event, const Signal& signal, Applied& applied) {
    const std::size_t index = index_of(event);
    std::uint8_t& state = states_[index];
    const bool refused = has(pending_, event);
    if (refused && std::holds_alternative<st::QueueHasRoom>(signal)) pending_ &= ~bit_of(event);
    // Without a row nothing changes.
    if (hearing().in(event, state, signal)) {
        const Machine& machine = machine_of(event);
        Journal journal(facts_, profile_, pending_, kept_error_, applied.posts, applied.fired);
        state = machine.tell(state, signal, {facts_, profile_, refused, kept_error_}, journal);
        if (has(pending_, event) && state != machine.posted) {
            pending_ &= ~bit_of(event);
            applied.fired.push_back(&composition::dropped[index]);
        }
    }
    if (event == Event::connect && !has(pending_, event)) kept_error_ = 0;
}

std::string_view Socket::state(Event event) const { return machine_of(event).states[states_[index_of(event)]]; }

std::size_t Socket::hash() const {
    std::uint64_t value = 0xcbf29ce484222325U;  // FNV-1a, a whole number at a time
    const auto mix = [&value](std::uint64_t more) {
        value = (value ^ more) * 0x100000001b3U;
        value ^= value >> 29U;
    };
    // Written without loops: it is asked of many states.
    const std::uint64_t states = [this]<std::size_t... index>(std::index_sequence<index...>) {
        return (std::uint64_t{0} | ... | (std::uint64_t{states_[index]} << 2U * index));
    }
    (std::make_index_sequence<event_count>{});
    mix(states | std::uint64_t{mask_} << 20U | std::uint64_t{pending_} << 30U | std::uint64_t{kept_error_} << 40U);
    const Facts::Words facts = facts_.words();
    mix(facts[0]);
    mix(facts[1]);
    mix(facts[2]);
    mix(facts[3]);
    return static_cast<std::size_t>(value);
}

}  // namespace asyncselect::model
