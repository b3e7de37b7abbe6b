// Following a trace: overlaps, and the search for the switches that explain it. It must not know where the trace comes
// from.
#include "model/follower.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <variant>

#include "model/allowed.hpp"

namespace asyncselect::model {

namespace {

constexpr std::array<bool Profile::*, 5> switches{&Profile::close_at_fin, &Profile::reset_tells_aborted,
                                                  &Profile::no_connect_at_select,
                                                  &Profile::datagram_connect_posts_write, &Profile::urgent_bytes_queue};

// Which of what overlaps is in an order by itself: the calls of a thread, the doings of a peer.
std::string actor_of(const Observation& observation) {
    if (const auto* call = std::get_if<observation::Call>(&observation)) return "thread " + call->thread;
    if (const auto* message = std::get_if<observation::Message>(&observation)) return "thread " + message->thread;
    if (const auto* peer = std::get_if<observation::Peer>(&observation)) return "peer " + peer->connection;
    if (std::get_if<observation::Change>(&observation) != nullptr) return "network";
    return "observer";
}

std::uint32_t number_of(const std::string& actor, std::vector<std::string>& actors) {
    const auto found = std::ranges::find(actors, actor);
    const auto number = static_cast<std::uint32_t>(found - actors.begin());
    if (found == actors.end()) actors.push_back(actor);
    return number;
}

}  // namespace

// What has begun and not ended, and everything since the first of it began. Stamps are places in `order`.
struct Follower::Overlap {
    struct Entry {
        std::optional<Observation> observation;  // none: it has not ended yet
        std::uint64_t start = 0;
        std::uint64_t end = 0;
        std::size_t step = 0;
    };
    std::vector<Entry> entries;
    std::vector<std::pair<std::uint64_t, std::size_t>>
        open;  // the number of what has begun, and its place in `entries`
    std::uint64_t stamp = 0;

    // Whether everything has ended.
    bool take(const Observation& observation, std::size_t step) {
        ++stamp;
        if (const auto* began = std::get_if<observation::Began>(&observation)) {
            open.emplace_back(began->number, entries.size());
            entries.push_back({std::nullopt, stamp, 0, step});
        } else if (const auto* ended = std::get_if<observation::Ended>(&observation)) {
            const auto found = std::ranges::find(open, ended->number, &std::pair<std::uint64_t, std::size_t>::first);
            if (found != open.end()) {
                Entry& entry = entries[found->second];
                entry = {done(*ended), entry.start, stamp, step};
                open.erase(found);
            } else {
                entries.push_back({done(*ended), stamp, stamp, step});
            }
        } else {
            entries.push_back({observation, stamp, stamp, step});
        }
        return open.empty();
    }

    [[nodiscard]] std::vector<Entry> ended() const {
        std::vector<Entry> found;
        std::ranges::copy_if(entries, std::back_inserter(found),
                             [](const Entry& entry) { return entry.observation.has_value(); });
        return found;
    }
};

Follower::Follower(const OracleOptions& options, Replay replay, const LinearizationLimits& limits)
    : options_(options), replay_(std::move(replay)), limits_(limits), explanation_(begin(options, {})) {}
Follower::~Follower() = default;
Follower::Follower(Follower&&) noexcept = default;
Follower& Follower::operator=(Follower&&) noexcept = default;

Follower::Explanation Follower::begin(const OracleOptions& options, std::vector<std::string> deviations) {
    Explanation explanation;
    explanation.options = options;
    explanation.deviations = std::move(deviations);
    explanation.oracles.emplace_back(options);
    return explanation;
}

std::optional<Violation> Follower::take(Explanation& explanation, const Observation& observation,
                                        std::size_t step) const {
    const bool begins = std::holds_alternative<observation::Began>(observation);
    if (begins && !explanation.overlap) explanation.overlap = std::make_unique<Overlap>();
    if (explanation.overlap) {
        if (explanation.overlap->take(observation, step)) return close_overlap(explanation);
        if (explanation.overlap->entries.size() > most_at_once)
            explanation.reason = "more than " + std::to_string(most_at_once) + " observations overlap";
        return std::nullopt;
    }
    if (explanation.oracles.size() == 1) {
        Oracle& oracle = explanation.oracles.front();
        std::optional<Violation> broken = oracle.observe(observation);
        if (broken) {
            broken->step = step;
        } else if (!oracle.undecided().empty() && explanation.reason.empty()) {
            explanation.reason = oracle.undecided();
        }
        return broken;
    }
    // Only the words of the first are told, so only it need find them.
    std::optional<Violation> broken;
    std::vector<Oracle> left;
    for (Oracle& oracle : explanation.oracles) {
        if (std::optional<Violation> found = oracle.observe(observation)) {
            if (!broken) broken = std::move(found);
        } else {
            if (explanation.reason.empty()) explanation.reason = oracle.undecided();
            left.push_back(std::move(oracle));
        }
    }
    if (left.empty()) {
        broken->step = step;
        return broken;
    }
    explanation.oracles = std::move(left);
    return std::nullopt;
}

// Everything that overlapped has ended: keeps every oracle in which an order of it can end.
std::optional<Violation> Follower::close_overlap(Explanation& explanation) const {
    if (!explanation.overlap) return std::nullopt;
    const std::vector<Overlap::Entry> entries = explanation.overlap->ended();
    explanation.overlap.reset();
    std::vector<Happening> history;
    std::vector<std::string> actors;
    for (const Overlap::Entry& entry : entries)
        history.push_back(
            {*entry.observation, entry.start, entry.end, number_of(actor_of(*entry.observation), actors)});
    if (history.empty()) return std::nullopt;
    Linearization found = linearize_from(explanation.oracles, history, limits_);
    switch (found.outcome) {
        case Linearization::Outcome::accepted:
            explanation.oracles = std::move(found.ends);
            break;
        case Linearization::Outcome::violation:
            if (!found.violation) found.violation = Violation{};
            found.violation->step = entries[std::min(found.violation->step, entries.size() - 1)].step;
            return std::move(found.violation);
        case Linearization::Outcome::undecided:
            explanation.reason = "the orders of " + std::to_string(history.size()) +
                                 " observations that overlap are more than can be tried: " + found.reason;
            break;
    }
    return std::nullopt;
}

void Follower::each_earlier(const std::function<bool(const Observation&)>& take) const {
    if (replay_) {
        replay_(take);
        return;
    }
    for (const Observation& observation : remembered_) {
        if (!take(observation)) return;
    }
}

// Searches the fewest switches with which everything so far is explained, the last observation included.
bool Follower::deviate() {
    std::vector<unsigned> combinations;
    for (unsigned combination = 1; combination < 1U << switches.size(); ++combination)
        combinations.push_back(combination);
    std::ranges::stable_sort(combinations, {}, [](unsigned combination) { return std::popcount(combination); });
    std::vector<Explanation> candidates;
    for (const unsigned combination : combinations) {
        OracleOptions other = options_;
        std::vector<std::string> names;
        for (std::size_t index = 0; index < switches.size(); ++index) {
            if ((combination >> index & 1U) == 0) continue;
            bool& position = other.profile.*switches[index];
            names.push_back((position ? "not W-" : "W-") + std::to_string(index + 1));
            position = !position;
        }
        candidates.push_back(begin(other, std::move(names)));
    }
    std::size_t step = 0;
    each_earlier([&](const Observation& observation) {
        std::vector<Explanation> left;
        for (Explanation& candidate : candidates) {
            if (!take(candidate, observation, step)) left.push_back(std::move(candidate));
        }
        candidates = std::move(left);
        ++step;
        return !candidates.empty() && step < observed_;
    });
    if (ended_)
        std::erase_if(candidates, [this](Explanation& candidate) { return close_overlap(candidate).has_value(); });
    if (candidates.empty()) return false;
    // What could not be followed explains nothing, but nothing that needs more switches may stand for it.
    const auto nearest = std::ranges::find_if(candidates, [&](const Explanation& candidate) {
        return candidate.reason.empty() && candidate.deviations.size() == candidates.front().deviations.size();
    });
    explanation_ = std::move(nearest == candidates.end() ? candidates.front() : *nearest);
    return true;
}

bool Follower::observe(const Observation& observation) {
    if (outcome_ == Outcome::violates || outcome_ == Outcome::undecided) return false;
    if (!replay_) remembered_.push_back(observation);
    const std::size_t step = observed_++;
    return judged(take(explanation_, observation, step));
}

bool Follower::end() {
    if (outcome_ == Outcome::violates || outcome_ == Outcome::undecided) return false;
    if (!explanation_.overlap) return true;
    ended_ = true;
    if (judged(close_overlap(explanation_)) || outcome_ == Outcome::undecided) return outcome_ != Outcome::undecided;
    outcome_ = Outcome::undecided;
    reason_ = "something has begun and not ended: what it has done by then is not known";
    return false;
}

// What follows from it for the trace as a whole.
bool Follower::judged(std::optional<Violation> broken) {
    if (broken) {
        const std::vector<std::string> before = explanation_.deviations;
        if (deviate()) {
            if (before.empty()) violation_ = std::move(broken);
            deviations_ = explanation_.deviations;
            outcome_ = Outcome::deviates;
        } else {
            violation_ = std::move(broken);
            deviations_ = before;
            outcome_ = Outcome::violates;
            return false;
        }
    }
    if (explanation_.reason.empty()) return true;
    outcome_ = Outcome::undecided;
    reason_ = explanation_.reason;
    return false;
}

std::vector<std::string> Follower::allowed() const {
    if (!violation_) return {};
    Explanation before = begin(outcome_ == Outcome::violates ? explanation_.options : options_, {});
    std::vector<std::string> found;
    std::size_t step = 0;
    each_earlier([&](const Observation& observation) {
        if (step < violation_->step) return !take(before, observation, step++);
        if (!before.overlap) found = allowed_instead(before.oracles, observation);
        return false;
    });
    return found;
}

bool Follower::settled() const {
    return !explanation_.overlap && std::ranges::any_of(explanation_.oracles, &Oracle::settled);
}

std::vector<std::string> Follower::owed() const {
    return explanation_.oracles.empty() ? std::vector<std::string>{} : explanation_.oracles.front().owed();
}

std::set<std::string> Follower::evidence() const {
    std::set<std::string> common;
    bool first = true;
    for (const Oracle& oracle : explanation_.oracles) {
        std::set<std::string> found = oracle.evidence();
        if (first) {
            common = std::move(found);
        } else {
            std::erase_if(common, [&found](const std::string& id) { return !found.contains(id); });
        }
        first = false;
    }
    return common;
}

Coverage Follower::coverage() const {
    Coverage common;
    if (!explanation_.oracles.empty()) common.set();
    for (const Oracle& oracle : explanation_.oracles) common &= oracle.coverage();
    return common;
}

}  // namespace asyncselect::model
