// The claims that are proved by looking at every reachable pair of states, and their controls. Knows what is claimed;
// how it is explored stands in exploration.hpp and apart.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/machine.hpp"
#include "proofs/claim.hpp"
#include "proofs/exhaustive/apart.hpp"
#include "proofs/exhaustive/exploration.hpp"
#include "proofs/smt/assumptions.hpp"

namespace asyncselect::proofs {

namespace {

using core::Step;
using core::Word;
using model::Event;

constexpr Word lane(Event event) { return Word{1} << model::index_of(event); }
constexpr bool has(Word word, Word bits) { return (word & bits) != 0; }

struct NamedProfile {
    const char* name;
    model::Profile profile;
};
constexpr std::array profiles{NamedProfile{"spec", model::spec_profile},
                              NamedProfile{"windows", model::windows_profile}};

// Explores the same in both profiles; a row of `machines` that never fires leaves the claim open.
Outcome explore_both(const std::vector<std::uint32_t>& sets, const std::vector<Event>& machines, Twin::Fault fault,
                     decltype(Range::look) look = nullptr) {
    Outcome outcome;
    outcome.verdict = Verdict::proved;
    std::uint64_t states = 0;
    std::uint64_t steps = 0;
    std::set<const model::Row*> fired;
    for (const auto& [name, profile] : profiles) {
        for (const auto events : sets) {
            const auto explored = explore({events, profile, fault, look});
            states += explored.states;
            steps += explored.steps;
            fired.insert(explored.fired.begin(), explored.fired.end());
            if (explored.divergence) {
                outcome.verdict = Verdict::refuted;
                outcome.counterexample = show(*explored.divergence, fmt::format("{} profile", name), profile);
                return outcome;
            }
        }
    }
    outcome.measure = {{"states", states}, {"steps", steps}};
    for (const auto machine : machines) {
        for (const auto& row : model::machine_of(machine).rows) {
            if (fired.contains(&row)) continue;
            outcome.verdict = Verdict::unknown;
            outcome.counterexample += fmt::format("{}: the row {} {} {} never fired\n", model::name_of(machine),
                                                  row.clause, row.source, row.stimulus);
        }
    }
    return outcome;
}

struct OfEvent {
    Event event;
    const char* name;
    const char* claim;
    const char* control;
    const char* fault;
    Twin::Fault seeded;
};

const OfEvent of_events[] = {
    {Event::connect, "connect",
     "Whatever happens to a socket, the word posts FD_CONNECT exactly when its machine does, with the same error: once "
     "for "
     "each connect or join whose outcome the call did not tell.",
     "failure-forgotten", "A failed connect is told without its error.",
     [](Word, Step result) {
         result.word &= ~core::layout::connect_failed;
         return result;
     }},
    {Event::accept, "accept",
     "Whatever happens to a socket, the word posts FD_ACCEPT exactly when its machine does: for each request that "
     "waits, once "
     "until accept is called, and not after a deferral.",
     "posted-stays-enabled", "A posted FD_ACCEPT stays enabled.",
     [](Word, Step result) {
         result.word |= core::enabled(result.posts & lane(Event::accept));
         return result;
     }},
    {Event::oob, "oob",
     "Whatever happens to a socket, the word posts FD_OOB exactly when its machine does: for an urgent byte that is "
     "not "
     "inline, once until a receiving call.",
     "urgent-always-apart", "SO_OOBINLINE is not remembered.",
     [](Word, Step result) {
         result.word &= ~core::fact(lane(Event::oob));
         return result;
     }},
    {Event::read, "read",
     "Whatever happens to a socket, the word posts FD_READ exactly when its machine does: while there is something to "
     "receive, once until a receiving call, and never for the end of the data.",
     "receive-does-not-enable", "A receiving call does not enable FD_READ again.",
     [](Word before, Step result) {
         const auto read = core::enabled(lane(Event::read));
         const auto wanted = core::wanted(core::all_events);
         if (!has(before, read) && has(before, core::wanted(lane(Event::read))) &&
             (result.word & wanted) == (before & wanted))
             result.word &= ~read;
         return result;
     }},
    {Event::write, "write",
     "Whatever happens to a socket, the word posts FD_WRITE exactly when its machine does: when sends become possible, "
     "and "
     "not because one succeeded.",
     "after-every-send", "FD_WRITE is posted after every send.",
     [](Word before, Step result) {
         const auto write = lane(Event::write);
         if (!has(before, core::enabled(write)) && has(result.word, core::enabled(write)) &&
             has(result.word, core::wanted(write)) && has(result.word, core::fact(write)))
             result.posts |= write;
         return result;
     }},
    {Event::close, "close",
     "Whatever happens to a socket, the word posts FD_CLOSE exactly when its machine does, with the same error: once a "
     "graceful close has left nothing to read, or at once after an abort.",
     "does-not-wait-for-the-data", "FD_CLOSE does not wait until the data is read.",
     [](Word before, Step result) {
         const auto close = lane(Event::close);
         if (!has(before, core::fact(close)) && has(result.word, core::fact(close)) &&
             has(result.word, core::wanted(close)) && has(result.word, core::enabled(close)))
             result.posts |= close;
         return result;
     }},
    {Event::qos, "qos",
     "Whatever happens to a socket, the word posts FD_QOS exactly when its machine does: once a change, until "
     "SIO_GET_QOS.",
     "told-twice", "A change that was told stays to be told.",
     [](Word, Step result) {
         result.word |= core::met(result.posts & lane(Event::qos));
         return result;
     }},
    {Event::group_qos, "group-qos", "Whatever happens to a socket, FD_GROUP_QOS is never posted.",
     "posted-at-registration", "FD_GROUP_QOS is posted when it is registered.",
     [](Word before, Step result) {
         const auto wanted = core::wanted(lane(Event::group_qos));
         if (!has(before, wanted) && has(result.word, wanted)) result.posts |= lane(Event::group_qos);
         return result;
     }},
    {Event::routing_interface_change, "routing-interface-change",
     "Whatever happens to a socket, the word posts FD_ROUTING_INTERFACE_CHANGE exactly when its machine does, with the "
     "same "
     "error: once for each ioctl, at the first change after it.",
     "request-outlives-its-change", "The request is not used up by the change.",
     [](Word before, Step result) {
         result.word |= before & core::fact(lane(Event::routing_interface_change));
         return result;
     }},
    {Event::address_list_change, "address-list-change",
     "Whatever happens to a socket, the word posts FD_ADDRESS_LIST_CHANGE exactly when its machine does: once for each "
     "ioctl, at the first change after it.",
     "unregistered-change-forgotten", "A change while the event is not registered is forgotten.",
     [](Word, Step result) {
         if (!has(result.word, core::wanted(lane(Event::address_list_change))))
             result.word &= ~core::met(lane(Event::address_list_change));
         return result;
     }},
};

// The clauses of a machine's rows, each once.
std::vector<std::string> clauses_of(Event event) {
    std::vector<std::string> found;
    for (const auto& row : model::machine_of(event).rows)
        if (std::ranges::find(found, row.clause) == found.end()) found.emplace_back(row.clause);
    return found;
}

constexpr const char* tool = "exhaustion";
constexpr const char* file = "proofs/exhaustive/prove.cpp";
constexpr const char* start = "from a stream, a datagram socket and an accepted one, both profiles";

Claim claim_of(const OfEvent& one) {
    const auto set = model::bit_of(one.event);
    return {
        .id = fmt::format("exhaustive.{}", one.name),
        .claim = one.claim,
        .clauses = clauses_of(one.event),
        .tool = tool,
        .scope = fmt::format(
            "all stimuli in every reachable pair of states, {}; registrations with and without the event", start),
        .not_covered =
            "Counts beyond none, one and many, on which nothing depends. Other events registered beside it: "
            "exhaustive.machines-apart and smt.lanes-apart say that they make no difference.",
        .file = file,
        .prove = [set, event = one.event](Bounds) { return explore_both({set}, {event}, nullptr); },
        .controls = {{one.control, one.fault, [set, seeded = one.seeded] { return explore_both({set}, {}, seeded); }}},
    };
}

Step only_the_first(Word, Step result) {
    result.posts &= ~result.posts + 1;
    return result;
}
Step room_is_never_taken(Word before, Step result) {
    result.word |= before & core::layout::refused;
    return result;
}

std::vector<std::uint32_t> every_pair() {
    std::vector<std::uint32_t> pairs;
    for (std::uint32_t mask = 0; mask <= model::every_event; ++mask)
        if (std::popcount(mask) == 2) pairs.push_back(mask);
    return pairs;
}

Claim together() {
    static constexpr auto three =
        model::bit_of(Event::read) | model::bit_of(Event::write) | model::bit_of(Event::close);
    // Every event that has to do with the connection.
    static constexpr auto six =
        three | model::bit_of(Event::connect) | model::bit_of(Event::accept) | model::bit_of(Event::oob);
    return {
        .id = "exhaustive.together",
        .claim =
            "Events that are registered together are posted as their machines post them, one message each, in the "
            "order "
            "in which the machines are asked; what a full queue refuses is posted when there is room.",
        .clauses = {"AS-MSG-2", "AS-REG-1", "AS-REG-2", "AS-REG-3", "AS-CANCEL-1", "AS-CANCEL-3", "AS-CANCEL-4",
                    "AS-INHERIT-1", "AS-INHERIT-2", "R-9", "R-13"},
        .tool = tool,
        .scope = fmt::format(
            "all stimuli in every reachable pair of states, {}; FD_READ, FD_WRITE and FD_CLOSE in all eight "
            "registrations (--full: the six events of a connection in all 64, and every two of the ten)",
            start),
        .not_covered =
            "Other registrations of three and more events: that events do not concern each other is "
            "exhaustive.machines-apart and smt.lanes-apart. That the owner of the word posts in this order.",
        .file = file,
        .prove =
            [](Bounds bounds) {
                auto sets = bounds == Bounds::full ? every_pair() : std::vector<std::uint32_t>{};
                sets.push_back(bounds == Bounds::full ? six : three);
                return explore_both(sets, {Event::read, Event::write, Event::close}, nullptr);
            },
        .controls = {{"only-the-first", "Of several that are due at one moment only the first is posted.",
                      [] { return explore_both({three}, {}, only_the_first); }},
                     {"room-is-never-taken", "A socket that waits for room in the queue never leaves the line.",
                      [] { return explore_both({three}, {}, room_is_never_taken); }}},
    };
}

Outcome apart_in_both(TellMachine tell) {
    Outcome outcome;
    outcome.verdict = Verdict::proved;
    std::uint64_t situations = 0;
    for (const auto& [name, profile] : profiles) {
        const auto facts = reachable_facts(profile);
        const auto apart = machines_are_apart(facts, profile, tell);
        situations += apart.situations;
        if (apart.counterexample) {
            outcome.verdict = Verdict::refuted;
            outcome.counterexample = fmt::format("{} profile: {}", name, *apart.counterexample);
        }
    }
    outcome.measure = {{"situations", situations}};
    return outcome;
}

std::uint8_t as_it_is(const model::Machine& machine, std::uint8_t state, const model::Signal& signal,
                      const model::Situation& situation, model::Journal& journal) {
    return machine.tell(state, signal, situation, journal);
}

std::uint8_t qos_taken_for_an_abort(const model::Machine& machine, std::uint8_t state, const model::Signal& signal,
                                    const model::Situation& situation, model::Journal& journal) {
    auto facts = situation.facts;
    if (machine.event == Event::close && facts.qos_changed) facts.aborted = 10054;
    return machine.tell(state, signal, {facts, situation.profile, situation.refused, situation.kept_error}, journal);
}

Claim apart() {
    return {
        .id = "exhaustive.machines-apart",
        .claim =
            "Each of the ten machines does the same whatever the facts of other events are, and changes none of them: "
            "what "
            "is proved of an event alone holds beside any others.",
        .clauses = {"AS-MSG-2", "AS-REG-2", "R-11"},
        .tool = tool,
        .scope = "every machine, state and signal, with all reachable facts of the connection, both profiles",
        .not_covered =
            "That the socket that composes the machines tells each its own state: it is a loop over them "
            "(model/socket.cpp), looked at with several events by exhaustive.together.",
        .file = file,
        .prove = [](Bounds) { return apart_in_both(as_it_is); },
        .controls = {{"change-taken-for-an-abort", "FD_CLOSE takes a changed quality of service for an abort.",
                      [] { return apart_in_both(qos_taken_for_an_abort); }}},
    };
}

const char* broken_assumption(const model::Profile& profile, Word before, const core::Stimulus& told, Word after) {
    const bool close_at_fin = profile.close_at_fin;
    if (const auto* broken = first_broken(form(told, close_at_fin))) return broken;
    if (const auto* broken = first_broken(possible(before, told, close_at_fin))) return broken;
    return first_broken(invariant(after, close_at_fin));
}

Step qos_for_the_group_too(Word, Step result) {
    if (has(result.posts, lane(Event::qos))) result.word |= core::met(lane(Event::group_qos));
    return result;
}

Claim assumptions() {
    return {
        .id = "exhaustive.assumptions",
        .claim =
            "What the solver assumes holds wherever a word can get: every reachable word keeps the invariant, every "
            "stimulus that it is told has the form and is possible then.",
        .clauses = {"AS-CLOSE-7", "AS-CLOSE-1"},
        .tool = tool,
        .scope = fmt::format("all stimuli in every reachable pair of states, {}; each event alone", start),
        .not_covered =
            "What the provider tells the word where several threads use a socket: a report can be older than what "
            "another thread was told.",
        .file = file,
        .prove =
            [](Bounds) {
                std::vector<std::uint32_t> each;
                for (const auto event : model::events_in_posting_order) each.push_back(model::bit_of(event));
                return explore_both(each, {}, nullptr, broken_assumption);
            },
        .controls =
            {{"qos-for-the-group-too", "A change of the quality of service meets FD_GROUP_QOS, which nobody wants.",
              [] { return explore_both({model::bit_of(Event::qos)}, {}, qos_for_the_group_too, broken_assumption); }}},
    };
}

std::vector<Claim> claims() {
    std::vector<Claim> all;
    for (const auto& one : of_events) all.push_back(claim_of(one));
    all.push_back(together());
    all.push_back(apart());
    all.push_back(assumptions());
    return all;
}

}  // namespace

}  // namespace asyncselect::proofs

int main(int argc, char** argv) {
    return asyncselect::proofs::tell(
        "Every reachable pair of states of the model's socket and of the notification word, and every stimulus in "
        "each.",
        asyncselect::proofs::claims(), argc, argv);
}
