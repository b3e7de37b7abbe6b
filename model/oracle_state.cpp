// See model/oracle_state.hpp.
#include "model/oracle_state.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

namespace asyncselect::model {

Evidence bit(std::string_view clause) {
    Evidence evidence;
    if (const std::size_t place = clause_places.of(clause); place < clauses.size()) evidence.set(place);
    return evidence;
}

namespace {

bool same(const Besides& a, const Besides& b) {
    const Besides::Words left = a.words();
    const Besides::Words right = b.words();
    std::uint64_t differing = 0;
    for (std::size_t index = 0; index < left.size(); ++index) differing |= left[index] ^ right[index];
    return differing == 0;
}

// What differs most often comes first.
bool same_but_for_messages(const State& a, const State& b) {
    return a.socket == b.socket && same(a, b) && a.effects == b.effects && a.changes == b.changes;
}

// Whether `more` has the messages of `less` and besides them only such that need not come, at the front.
bool covers(const Queue& more, const Queue& less) {
    const auto optional = [](const Posted& posted) { return posted.optional; };
    const auto due_more = std::ranges::find_if_not(more, optional);
    const auto due_less = std::ranges::find_if_not(less, optional);
    if (!std::ranges::equal(due_more, more.end(), due_less, less.end())) return false;
    const Posted* wanted = less.begin();
    for (const Posted* there = more.begin(); there != due_more && wanted != due_less; ++there) {
        if (*there == *wanted) ++wanted;
    }
    return wanted == due_less;
}

// Equal for states of which one may stand for the other. A few things that differ do: what is equal is compared anyway.
std::size_t rough_hash(const State& state) {
    std::uint64_t value = state.socket.hash();
    const auto mix = [&value](std::uint64_t more) {
        value = (value ^ more) * 0x9e3779b97f4a7c15U;
        value ^= value >> 32U;
    };
    const auto* due = std::ranges::find_if_not(state.posted, [](const Posted& posted) { return posted.optional; });
    const auto due_count = static_cast<std::uint64_t>(state.posted.end() - due);
    std::uint64_t all_due = 0;
    for (; due != state.posted.end(); ++due)
        all_due = all_due * 31U +
                  (std::uint64_t{due->message} << 20U ^ std::uint64_t{due->error} << 4U ^ index_of(due->event));
    std::uint64_t besides = 0;
    for (const std::uint64_t word : state.words()) besides = besides * 31U + word;
    const std::uint64_t next_effect = state.effects.empty() ? 0 : state.effects.front().count;
    const std::uint64_t next_change =
        state.changes.empty() ? 0 : static_cast<std::uint64_t>(state.changes.front().what);
    mix(state.effects.size() | state.changes.size() << 8U | next_change << 16U | due_count << 24U);
    mix(besides + next_effect + all_due * 0xc2b2ae3d27d4eb4fU);
    return static_cast<std::size_t>(value);
}

}  // namespace

void sort_as_posted(Posts& posts) {
    for (auto* next = posts.begin(); next != posts.end(); ++next) {
        const auto behind = [next](const Post& other) { return index_of(other.event) > index_of(next->event); };
        std::rotate(std::find_if(posts.begin(), next, behind), next, next + 1);
    }
}

bool operator==(const State& a, const State& b) { return same_but_for_messages(a, b) && a.posted == b.posted; }

bool alike(const Track& a, const Track& b) {
    const auto small = [](const Track& track) {
        return std::tuple(track.handle, track.kind, track.ipv6, track.closed, track.registration, track.event_record,
                          track.event_object_mask, track.had_urgent, track.addresses_requested, track.qos, track.sent,
                          track.sent_any, track.peer_received, track.peer_closed, track.short_send);
    };
    const auto lists = [](const Track& track) {
        return std::tie(track.connection, track.requests, track.deferred, track.correspondents, track.datagrams,
                        track.destinations);
    };
    return small(a) == small(b) && lists(a) == lists(b) && a.states.size() == b.states.size() &&
           std::ranges::all_of(
               a.states, [&b](const State& state) { return std::ranges::find(b.states, state) != b.states.end(); });
}

bool StateSet::merge(State& present, State& state) {
    // Most differ in this, and it is quickly seen.
    if (present.effects.size() != state.effects.size() || !same_but_for_messages(present, state)) return false;
    const bool kept = present.posted == state.posted || covers(present.posted, state.posted);
    if (!kept && !covers(state.posted, present.posted)) return false;
    if (!kept) std::swap(present, state);
    present.evidence &= state.evidence;
    present.coverage &= state.coverage;
    return true;
}

void StateSet::make_places() {
    hashes_.reserve(states_.size() * 2);
    for (std::size_t index = hashes_.size(); index < states_.size(); ++index)
        hashes_.push_back(rough_hash(states_[index]));
    places_.assign(std::bit_ceil(states_.size() * 4), 0);
    const std::size_t last = places_.size() - 1;
    for (std::size_t index = 0; index < states_.size(); ++index) {
        std::size_t slot = hashes_[index] & last;
        while (places_[slot] != 0) slot = (slot + 1) & last;
        places_[slot] = static_cast<std::uint32_t>(index + 1);
    }
}

namespace {

constexpr std::size_t least_kept = 16;

// What a thread has to spare, as long as it runs: what is static may go later.
thread_local bool spare_is_gone = false;
struct Spare {
    std::array<std::vector<State>, 8> all;
    std::size_t count = 0;

    Spare() = default;
    Spare(const Spare&) = delete;
    Spare& operator=(const Spare&) = delete;
    ~Spare() { spare_is_gone = true; }
};
thread_local Spare spare;

}  // namespace

States::States(std::initializer_list<State> some) : std::vector<State>(some) {}
States& States::operator=(States&& other) noexcept {
    if (this == &other) return *this;
    give_back();
    std::vector<State>::operator=(std::move(other));
    return *this;
}
States States::in_spare_memory() {
    if (!spare_is_gone && spare.count > 0) return States(std::move(spare.all[--spare.count]));
    States made;
    made.reserve(least_kept);
    return made;
}
void States::give_back() noexcept {
    constexpr std::size_t most_kept = 64;
    if (capacity() < least_kept || spare_is_gone) return;
    clear();
    if (capacity() <= most_kept && spare.count < spare.all.size())
        spare.all[spare.count++] = std::move(static_cast<std::vector<State>&>(*this));
}

namespace {

// To compare with these is quicker than to compute a hash.
constexpr std::size_t few = 8;

}  // namespace

StateSet::StateSet(States&& states) : states_(std::move(states)) {
    if (states_.size() <= few) {
        for (auto state = states_.begin(); state != states_.end();) {
            const bool there =
                std::any_of(states_.begin(), state, [&](State& present) { return merge(present, *state); });
            state = there ? states_.erase(state) : state + 1;
        }
        return;
    }
    States each = std::exchange(states_, States::in_spare_memory());
    for (State& state : each) add(std::move(state));
}

void StateSet::add(State&& state) {
    if (states_.size() < few) {
        for (State& present : states_) {
            if (merge(present, state)) return;
        }
        states_.push_back(std::move(state));
        return;
    }
    if (states_.size() * 2 >= places_.size()) make_places();
    const std::size_t hash = rough_hash(state);
    const std::size_t last = places_.size() - 1;
    std::size_t slot = hash & last;
    for (; places_[slot] != 0; slot = (slot + 1) & last) {
        const std::size_t index = places_[slot] - 1U;
        if (hashes_[index] == hash && merge(states_[index], state)) return;
    }
    hashes_.push_back(hash);
    states_.push_back(std::move(state));
    places_[slot] = static_cast<std::uint32_t>(states_.size());
}

namespace {

std::string show_effect(const Track& track, const Effect& effect) {
    switch (effect.what) {
        case Effect::What::data:
            return std::to_string(effect.count) + " bytes";
        case Effect::What::datagrams:
            return std::to_string(effect.count) + (effect.count == 1 ? " datagram" : " datagrams");
        case Effect::What::urgent:
            return "an urgent byte";
        case Effect::What::fin:
            return "the end of data";
        case Effect::What::reset:
            return "a reset";
        case Effect::What::request:
            return "a connection request";
        case Effect::What::outcome:
            return "the outcome of connect (" + show_error(effect.error) + ')';
        case Effect::What::joined:
            return "the outcome of WSAJoinLeaf (" + show_error(effect.error) + ')';
        case Effect::What::qos:
            return "a change of the quality of service";
        case Effect::What::route:
            return "a change of the route to " + track.destinations.at(effect.count);
        case Effect::What::addresses:
            return "a change of the address list";
        case Effect::What::subsystem:
            break;
    }
    return "the failure of the network subsystem";
}

}  // namespace

bool Posted::explains(const observation::Message& retrieved) const {
    const std::uint32_t retrieved_error = retrieved.lparam >> 16U;
    const bool same_error = error == any_failure ? retrieved_error != 0 && permitted_error(event, retrieved_error)
                                                 : error == retrieved_error;
    return window == retrieved.window && message == retrieved.message &&
           bit_of(event) == (retrieved.lparam & 0xffffU) && same_error;
}

bool permitted_error(Event event, std::uint32_t error) {
    constexpr std::array<std::uint32_t, 11> connect{0,     10047, 10061, 10051, 10014, 10022,
                                                    10056, 10024, 10055, 10057, 10060};
    switch (event) {
        case Event::connect:
            return std::ranges::find(connect, error) != connect.end();
        case Event::close:
            return error == 0 || error == 10050 || error == 10054 || error == 10053;
        case Event::routing_interface_change:
            return error == 0 || error == 10051 || error == 10050;
        default:
            return error == 0 || error == 10050;
    }
}

std::string show_posted(const Posted& posted) {
    std::string text{name_of(posted.event)};
    if (posted.error == any_failure)
        text += " with an error";
    else if (posted.error != 0)
        text += " with " + show_error(posted.error);
    text += " as message " + std::to_string(posted.message) + " to window " + std::to_string(posted.window);
    if (!posted.clause.empty()) text += " (" + std::string(posted.clause) + ')';
    return text;
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty()) text += between;
        text += part;
    }
    return text;
}

std::string describe(const Track& track, const State& state) {
    const Facts& facts = state.socket.facts();
    std::vector<std::string> parts;
    std::string first = "socket " + std::to_string(track.handle) + ": ";
    if (facts.closed) {
        first += "closed";
    } else {
        switch (facts.phase) {
            case Phase::idle:
                first += "not connected";
                break;
            case Phase::listening:
                first += "listening, " + std::to_string(facts.requests) + " requests";
                break;
            case Phase::connecting:
                first += "connecting";
                break;
            case Phase::established:
                first += facts.connection_established() ? "connected" : "was connected";
                break;
        }
    }
    parts.push_back(first);
    if (facts.readable > 0) {
        parts.push_back(std::to_string(facts.readable + state.more) +
                        (track.kind == Kind::datagram ? " datagrams to read" : " to read"));
    }
    if (facts.urgent) parts.emplace_back("an urgent byte to read");
    if (state.loose > 0) parts.emplace_back("perhaps a replaced urgent byte to read");
    if (facts.oob_inline) parts.emplace_back("SO_OOBINLINE on");
    if (facts.fin) parts.emplace_back("end of data has arrived");
    if (facts.subsystem_failed) parts.emplace_back("the network subsystem has failed");
    if (facts.aborted != 0) parts.push_back("aborted with " + show_error(facts.aborted));
    if ((facts.phase == Phase::established || track.kind == Kind::datagram) && !facts.closed && !facts.send_possible)
        parts.emplace_back("no room to send");
    if (facts.send_shut) parts.emplace_back("sending shut down");
    if (facts.receive_shut) parts.emplace_back("receiving shut down");
    if (facts.joining) parts.emplace_back("joining");
    if (facts.qos_changed) parts.emplace_back("the quality of service has changed");
    if (facts.route == Watch::requested) parts.emplace_back("a change of the route is to be told");
    if (facts.route == Watch::changed) parts.emplace_back("the route has changed");
    if (facts.addresses == Watch::requested) parts.emplace_back("a change of the address list is to be told");
    if (facts.addresses == Watch::changed) parts.emplace_back("the address list has changed");
    if (facts.queue_full) parts.emplace_back("the queue is full");
    std::string machines;
    for (const Event event : events_in_posting_order) {
        if ((state.socket.mask() & bit_of(event)) == 0) continue;
        if (!machines.empty()) machines += ", ";
        machines += std::string(name_of(event)) + ' ' + std::string(state.socket.state(event));
    }
    parts.push_back(machines.empty() ? "no events registered" : machines);
    std::vector<std::string> queue;
    for (const Posted& posted : state.posted)
        queue.push_back((posted.optional ? "perhaps " : "") + show_posted(posted));
    if (!queue.empty()) parts.push_back("in the queue: " + join(queue, ", "));
    std::vector<std::string> effects;
    for (const Effect& effect : state.effects) effects.push_back(show_effect(track, effect));
    for (const Effect& effect : state.changes) effects.push_back(show_effect(track, effect));
    if (!effects.empty()) parts.push_back("still to take effect: " + join(effects, ", "));
    return join(parts, "; ");
}

std::vector<std::string> describe(const Track& track, const States& states) {
    constexpr std::size_t enough = 8;
    std::vector<std::string> lines;
    for (const State& state : states) {
        if (lines.size() == enough) {
            lines.push_back("and " + std::to_string(states.size() - enough) + " more");
            break;
        }
        lines.push_back(describe(track, state));
    }
    return lines;
}

}  // namespace asyncselect::model
