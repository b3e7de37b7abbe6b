// Each machine, told the same with different facts of others.
#include "proofs/exhaustive/apart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace asyncselect::proofs {

namespace {

using model::Event;
using model::Facts;
using model::Watch;

// What belongs to one event alone.
constexpr std::array owners{Event::qos, Event::routing_interface_change, Event::address_list_change};

std::size_t choices(Event event) { return event == Event::qos ? 2 : event == Event::routing_interface_change ? 4 : 3; }

// A change of the route leaves an error or none.
void choose(Facts& facts, Event event, std::size_t choice) {
    constexpr std::array watches{Watch::not_requested, Watch::requested, Watch::changed, Watch::changed};
    if (event == Event::qos) {
        facts.qos_changed = choice == 1;
    } else if (event == Event::routing_interface_change) {
        facts.route = watches.at(choice);
        facts.route_error = choice == 3 ? 10051 : 0;
    } else {
        facts.addresses = watches.at(choice);
    }
}

// All that telling a machine can change.
struct Effect {
    std::uint8_t state = 0;
    Facts facts;
    std::uint32_t pending = 0;
    model::ErrorCode kept_error = 0;
    std::vector<model::Post> posts;
    std::vector<const model::Row*> fired;

    friend bool operator==(const Effect&, const Effect&) = default;
};

void tell_into(Effect& effect, const model::Machine& machine, std::uint8_t state, const model::Signal& signal,
               const Facts& facts, const model::Profile& profile, bool refused, model::ErrorCode kept_error,
               TellMachine tell) {
    effect.facts = facts;
    effect.pending = 0;
    effect.kept_error = kept_error;
    effect.posts.clear();
    effect.fired.clear();
    model::Journal journal(effect.facts, profile, effect.pending, effect.kept_error, effect.posts, effect.fired);
    effect.state = tell(machine, state, signal, {effect.facts, profile, refused, kept_error}, journal);
}

template <std::size_t... I>
std::vector<model::Signal> one_of_each(std::index_sequence<I...>) {
    return {model::Signal{std::in_place_index<I>}...};
}

// Every signal, with each of its parameters that a guard or an action looks at.
const std::vector<model::Signal>& signals() {
    static const std::vector<model::Signal> all = [] {
        namespace st = model::stimulus;
        auto found = one_of_each(std::make_index_sequence<model::signal_count>{});
        for (const auto outcome :
             {st::SentOutcome::would_block, st::SentOutcome::short_count, st::SentOutcome::failure})
            found.emplace_back(st::Sent{outcome, 0});
        for (const auto outcome :
             {st::AcceptOutcome::deferred, st::AcceptOutcome::rejected, st::AcceptOutcome::failure})
            found.emplace_back(st::Accepted{outcome});
        for (const auto outcome : {st::Outcome::success, st::Outcome::would_block, st::Outcome::failure}) {
            found.emplace_back(st::ConnectCalled{outcome});
            found.emplace_back(st::JoinCalled{outcome});
        }
        found.emplace_back(st::ConnectOutcome{10061});
        found.emplace_back(st::JoinOutcome{10051});
        found.emplace_back(st::Received{1, false, 0});
        found.emplace_back(st::Received{0, true, 0});
        return found;
    }();
    return all;
}

class Check {
  public:
    Check(const std::vector<Facts>& reachable, const model::Profile& profile, TellMachine tell)
        : reachable_{reachable}, profile_{profile}, tell_{tell} {}

    Apart run() && {
        look_who_hears();
        for (const auto event : model::events_in_posting_order) {
            const auto& machine = model::machine_of(event);
            for (std::uint8_t state = 0; state < machine.states.size(); ++state)
                for (const auto& signal : signals())
                    if (hears(machine, state, signal)) look(machine, state, signal);
        }
        return std::move(done_);
    }

  private:
    // What concerns one event alone makes no other machine do anything.
    void look_who_hears() {
        constexpr std::array<std::pair<std::string_view, Event>, 7> concern{{
            {"QosChanged", Event::qos},
            {"QosFetched", Event::qos},
            {"GroupQosFetched", Event::group_qos},
            {"RouteChanged", Event::routing_interface_change},
            {"RouteRequested", Event::routing_interface_change},
            {"AddressListChanged", Event::address_list_change},
            {"AddressListRequested", Event::address_list_change},
        }};
        for (const auto& [signal, owner] : concern) {
            for (const auto event : model::events_in_posting_order) {
                for (const auto& row : model::machine_of(event).rows) {
                    const bool does_something =
                        !row.action.empty() || (!row.target.empty() && row.target != row.source);
                    if (event == owner || row.stimulus != signal || !does_something) continue;
                    done_.counterexample = fmt::format("{} does something at {}", model::name_of(event), signal);
                }
            }
        }
    }

    static bool hears(const model::Machine& machine, std::uint8_t state, const model::Signal& signal) {
        return std::ranges::any_of(machine.rows, [&](const model::Row& row) {
            return row.source == machine.states[state] && row.stimulus == model::signal_names[signal.index()];
        });
    }

    void look(const model::Machine& machine, std::uint8_t state, const model::Signal& signal) {
        for (const auto& facts : reachable_) {
            for (const bool refused : {false, true}) {
                if (done_.counterexample) return;
                auto own = facts;
                const bool owner = std::ranges::find(owners, machine.event) != owners.end();
                for (std::size_t choice = 0; choice < (owner ? choices(machine.event) : 1); ++choice) {
                    if (owner) choose(own, machine.event, choice);
                    compare(machine, state, signal, own, refused);
                }
            }
        }
    }

    void compare(const model::Machine& machine, std::uint8_t state, const model::Signal& signal, const Facts& own,
                 bool refused) {
        auto& expected = expected_;
        auto& found = found_;
        tell_into(expected, machine, state, signal, own, profile_, refused, 0, tell_);
        auto foreign = own;
        for (std::size_t qos = 0; qos < 2; ++qos) {
            for (std::size_t route = 0; route < 4; ++route) {
                for (std::size_t addresses = 0; addresses < 3; ++addresses) {
                    foreign = own;
                    if (machine.event != Event::qos) choose(foreign, Event::qos, qos);
                    if (machine.event != Event::routing_interface_change)
                        choose(foreign, Event::routing_interface_change, route);
                    if (machine.event != Event::address_list_change)
                        choose(foreign, Event::address_list_change, addresses);
                    ++done_.situations;
                    // What a refused FD_CONNECT is to tell belongs to that event.
                    const model::ErrorCode kept = machine.event == Event::connect || addresses == 0 ? 0 : 10061;
                    tell_into(found, machine, state, signal, foreign, profile_, refused, kept, tell_);
                    const bool leaves_all_else =
                        connection_of(found.facts, machine.event) == connection_of(foreign, machine.event);
                    copy_others(own, found.facts, machine.event);
                    if (kept == found.kept_error) found.kept_error = 0;
                    if (!leaves_all_else || found != expected) {
                        done_.counterexample =
                            fmt::format("{} in {} is told {}: with changes of {}it does something else than without",
                                        model::name_of(machine.event), machine.states[state],
                                        model::signal_names[signal.index()], told(qos, route, addresses));
                        return;
                    }
                }
            }
        }
    }

    static std::string told(std::size_t qos, std::size_t route, std::size_t addresses) {
        return fmt::format("{}{}{}", qos != 0 ? "the quality of service, " : "", route != 0 ? "the route, " : "",
                           addresses != 0 ? "the addresses, " : "");
    }

    // Without what belongs to the event itself.
    static Facts connection_of(Facts facts, Event event) {
        if (std::ranges::find(owners, event) != owners.end()) choose(facts, event, 0);
        return facts;
    }
    static void copy_others(const Facts& from, Facts& facts, Event event) {
        if (event != Event::qos) facts.qos_changed = from.qos_changed;
        if (event != Event::routing_interface_change) {
            facts.route = from.route;
            facts.route_error = from.route_error;
        }
        if (event != Event::address_list_change) facts.addresses = from.addresses;
    }

    const std::vector<Facts>& reachable_;
    model::Profile profile_;
    TellMachine tell_;
    Effect expected_;  // kept, so that millions of situations need no memory of their own
    Effect found_;
    Apart done_;
};

}  // namespace

Apart machines_are_apart(const std::vector<Facts>& reachable, const model::Profile& profile, TellMachine tell) {
    return Check{reachable, profile, tell}.run();
}

}  // namespace asyncselect::proofs
