// The exploration: a queue of pairs, and a table of those that were seen.
#include "proofs/exhaustive/exploration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "model/possible.hpp"
#include "proofs/alphabet.hpp"

namespace asyncselect::proofs {

namespace {

namespace st = model::stimulus;

constexpr std::uint32_t many = 2;

// A pair of states, and how it was reached first.
struct Pair {
    model::Socket socket;
    core::Word word = 0;
    std::uint32_t from = 0;  // the pair before it; of a beginning itself
    std::uint32_t stimulus = 0;
};

// All pairs in the order in which they were found, each once.
class Seen {
  public:
    // False if it was there.
    bool insert(const model::Socket& socket, core::Word word, std::uint32_t from, std::uint32_t stimulus) {
        if ((pairs_.size() + 1) * 2 > places_.size()) grow();
        auto& place = find(socket, word);
        if (place != none) return false;
        place = static_cast<std::uint32_t>(pairs_.size());
        pairs_.push_back({socket, word, from, stimulus});
        return true;
    }

    [[nodiscard]] std::size_t size() const { return pairs_.size(); }
    [[nodiscard]] const Pair& operator[](std::size_t index) const { return pairs_[index]; }

  private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    std::uint32_t& find(const model::Socket& socket, core::Word word) {
        auto at = (socket.hash() ^ (word * 0x9e3779b97f4a7c15U) >> 20U) & (places_.size() - 1);
        while (places_[at] != none && !(pairs_[places_[at]].word == word && pairs_[places_[at]].socket == socket))
            at = (at + 1) & (places_.size() - 1);
        return places_[at];
    }

    void grow() {
        places_.assign(places_.size() * 2, none);
        for (std::uint32_t index = 0; index < pairs_.size(); ++index)
            find(pairs_[index].socket, pairs_[index].word) = index;
    }

    std::deque<Pair> pairs_;
    std::vector<std::uint32_t> places_ = std::vector<std::uint32_t>(std::size_t{1} << 12U, none);
};

template <class... What>
bool is_any(const model::Stimulus& stimulus) {
    return (std::holds_alternative<What>(stimulus) || ...);
}

// Whether the stimulus concerns but one event, and that is not among `events`.
bool concerns_another(const model::Stimulus& stimulus, std::uint32_t events) {
    const auto lacks = [events](model::Event event) { return (events & model::bit_of(event)) == 0; };
    using model::Event;
    return (lacks(Event::qos) && lacks(Event::group_qos) && is_any<st::QosChanged>(stimulus)) ||
           (lacks(Event::qos) && is_any<st::QosFetched>(stimulus)) ||
           (lacks(Event::group_qos) && is_any<st::GroupQosFetched>(stimulus)) ||
           (lacks(Event::routing_interface_change) && is_any<st::RouteChanged, st::RouteRequested>(stimulus)) ||
           (lacks(Event::address_list_change) && is_any<st::AddressListChanged, st::AddressListRequested>(stimulus));
}

std::vector<model::Stimulus> stimuli_of(std::uint32_t events) {
    std::vector<model::Stimulus> all;
    for (const auto& stimulus : alphabet())
        if (!concerns_another(stimulus, events)) all.push_back(stimulus);
    for (std::uint32_t mask = events;; mask = (mask - 1) & events) {
        all.push_back(st::AsyncSelect{mask});
        all.push_back(st::Inherit{mask});
        if (mask == 0) break;
    }
    all.push_back(st::EventSelect{0});
    all.push_back(st::EventSelect{model::every_event});
    return all;
}

// What takes away from counts.
bool takes(const model::Stimulus& stimulus) {
    if (const auto* received = std::get_if<st::Received>(&stimulus))
        return received->taken > 0 || received->urgent_taken;
    return is_any<st::Accepted>(stimulus);
}

using Counts = model::Socket::Counts;

// The counts that stand for the abstract ones of a pair: of `many` those from which a call that takes one or two leaves
// one, none, or many still.
std::vector<Counts> counts_of(const model::Facts& facts, bool differ) {
    std::vector<Counts> all;
    const auto choices = [differ](std::uint32_t count) {
        return differ && count == many ? std::vector<std::uint32_t>{many, many + 1, many + 2}
                                       : std::vector<std::uint32_t>{count};
    };
    for (const auto readable : choices(facts.readable))
        for (const auto urgent : choices(facts.urgent_queued))
            for (const auto requests : choices(facts.requests)) all.push_back({readable, urgent, requests});
    return all;
}

class Exploration {
  public:
    explicit Exploration(const Range& range) : range_{range}, stimuli_{stimuli_of(range.events)} {
        twin_.seed(range.fault);
        for (std::uint32_t start = 0; start < starts.size(); ++start) {
            const auto begun = starts[start].begin(range.profile);
            seen_.insert(begun.socket(), begun.word(), start, no_stimulus);
        }
    }

    Explored run() {
        for (std::uint32_t at = 0; at < seen_.size() && !explored_.divergence; ++at) step_from(at);
        explored_.states = seen_.size();
        return std::move(explored_);
    }

    // After `run`.
    [[nodiscard]] std::vector<model::Facts> facts() const {
        std::set<model::Facts> found;
        for (std::size_t at = 0; at < seen_.size(); ++at) found.insert(seen_[at].socket.facts());
        return {found.begin(), found.end()};
    }

  private:
    struct Start {
        Beginning beginning;
        Twin (*begin)(const model::Profile& profile);
    };
    static constexpr std::array starts{
        Start{Beginning::stream,
              [](const model::Profile& profile) {
                  return Twin{model::Kind::stream, profile};
              }},
        Start{Beginning::datagram,
              [](const model::Profile& profile) {
                  return Twin{model::Kind::datagram, profile};
              }},
        Start{Beginning::accepted, [](const model::Profile& profile) { return Twin::accepted(profile); }},
    };
    static constexpr std::uint32_t no_stimulus = ~std::uint32_t{0};

    void step_from(std::uint32_t at) {
        // What is inserted meanwhile leaves it where it is.
        const auto& pair = seen_[at];
        for (std::uint32_t number = 0; number < stimuli_.size(); ++number) {
            const auto& stimulus = stimuli_[number];
            for (const auto& counts : counts_of(pair.socket.facts(), takes(stimulus))) {
                auto socket = pair.socket;
                socket.recount(counts);
                if (!model::possible(socket, stimulus)) continue;
                twin_.go_on(socket, pair.word);
                ++explored_.steps;
                auto difference = twin_.apply(stimulus);
                if (!difference && range_.look != nullptr) {
                    const auto* wrong = range_.look(range_.profile, pair.word, twin_.told(), twin_.word());
                    if (wrong != nullptr)
                        difference =
                            fmt::format("not so: {} (the word was {:#x}, is {:#x})", wrong, pair.word, twin_.word());
                }
                explored_.fired.insert(twin_.fired().begin(), twin_.fired().end());
                if (difference) {
                    explored_.divergence = Divergence{.path = {stimulus}, .difference = *difference};
                    trace_back(at, *explored_.divergence);
                    return;
                }
                socket = twin_.socket();
                const auto& facts = socket.facts();
                socket.recount({std::min(facts.readable, many), std::min(facts.urgent_queued, many),
                                std::min(facts.requests, many)});
                seen_.insert(socket, twin_.word(), at, number);
            }
        }
    }

    void trace_back(std::uint32_t at, Divergence& divergence) const {
        for (; seen_[at].stimulus != no_stimulus; at = seen_[at].from)
            divergence.path.insert(divergence.path.begin(), stimuli_[seen_[at].stimulus]);
        divergence.beginning = starts[seen_[at].from].beginning;
    }

    Range range_;
    std::vector<model::Stimulus> stimuli_;
    Twin twin_{model::Kind::stream, range_.profile};
    Seen seen_;
    Explored explored_;
};

}  // namespace

std::string show(const Divergence& divergence, std::string_view said, const model::Profile& profile) {
    return fmt::format("# {}: {}\n{}", said, divergence.difference,
                       script_of(divergence.beginning, divergence.path, profile));
}

Explored explore(const Range& range) { return Exploration{range}.run(); }

std::vector<model::Facts> reachable_facts(const model::Profile& profile) {
    Exploration exploration{{0, profile}};
    if (exploration.run().divergence) return {};
    return exploration.facts();
}

}  // namespace asyncselect::proofs
