// A depth-first search. The oracle is copied where there is a choice, and what was tried once from an equal position is
// not tried again.
#include "model/linearization.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

namespace asyncselect::model {

namespace {

// How many of each thread's observations have taken effect.
using Position = std::vector<std::uint32_t>;

// What a peer does on a connection only makes more possible, and it takes effect at some later moment anyway: so it can
// as well be the next. Not so what makes a connection: it must find the call of the application that waits for it. Nor
// what goes on during a moment of quiet, by which it must have taken effect.
bool can_be_next_at_once(const Happening& happening, const std::vector<Happening>& quiet) {
    using observation::PeerVerb;
    const auto* const peer = std::get_if<observation::Peer>(&happening.observation);
    if (peer == nullptr || peer->verb == PeerVerb::connect || peer->verb == PeerVerb::established ||
        peer->verb == PeerVerb::refused) {
        return false;
    }
    return std::ranges::none_of(quiet, [&happening](const Happening& moment) {
        return moment.start <= happening.end && happening.start <= moment.end;
    });
}

// A receive that took data while another one took some.
bool takes(const Happening& happening) {
    const auto* const call = std::get_if<observation::Call>(&happening.observation);
    return call != nullptr && call->function == Function::recv && call->result > 0 &&
           (call->flags & (flag_peek | flag_oob)) == 0;
}
bool takes_beside_another(std::span<const Happening> history, const Happening& happening) {
    return takes(happening) && std::ranges::any_of(history, [&happening](const Happening& other) {
               return takes(other) && other.thread != happening.thread && other.start <= happening.end &&
                      happening.start <= other.end &&
                      std::get<observation::Call>(other.observation).socket ==
                          std::get<observation::Call>(happening.observation).socket;
           });
}

// What takes effect at one moment: an observation, or a part of a receive that overlaps another one.
struct Moment {
    enum class Part : std::uint8_t { whole, taking, asking };
    std::size_t index = 0;  // in the history
    Part part = Part::whole;
};
using Part = Moment::Part;

class Search {
  public:
    Search(std::span<const Happening> history, const LinearizationLimits& limits, bool every_end)
        : history_(history), limits_(limits), every_end_(every_end) {
        std::map<std::uint32_t, std::vector<std::size_t>> by_thread;
        for (std::size_t index = 0; index < history.size(); ++index) by_thread[history[index].thread].push_back(index);
        for (auto& [thread, indices] : by_thread) {
            std::ranges::stable_sort(indices, {}, [&](std::size_t index) { return history[index].end; });
            std::vector<Moment>& moments = threads_.emplace_back();
            for (const std::size_t index : indices) {
                // The numbers of receives are those of their threads.
                const bool in_two = threads_.size() <= 64 && takes_beside_another(history, history[index]);
                moments.push_back({index, in_two ? Part::taking : Part::whole});
                if (in_two) moments.push_back({index, Part::asking});
            }
        }
        std::vector<Happening> quiet;
        std::ranges::copy_if(history, std::back_inserter(quiet), [](const Happening& happening) {
            return std::holds_alternative<observation::Quiet>(happening.observation);
        });
        for (const Happening& happening : history) at_once_.push_back(can_be_next_at_once(happening, quiet));
    }

    Linearization run(std::span<const Oracle> starts) {
        for (const Oracle& start : starts) {
            start_ = &start;
            if (found_.reason.empty()) found_.reason = start.undecided();
            if (!found_.reason.empty() || !from(start)) {
                found_.outcome = Linearization::Outcome::undecided;
                return std::move(found_);
            }
            if (found_.accepted() && !every_end_) break;
        }
        if (!found_.accepted()) explain();
        return std::move(found_);
    }

  private:
    struct Placed {
        Moment moment;
        std::size_t thread;
    };
    using Order = std::vector<Placed>;

    // A position at which more than one observation can be the next.
    struct Choice {
        Oracle before;
        Position position;
        std::size_t done;  // of the order
        std::vector<std::size_t> threads;
        std::size_t next = 0;
    };

    // The threads whose next observation no other one precedes, what ended first in front; or only one of them, if the
    // others lose nothing by coming later.
    [[nodiscard]] std::vector<std::size_t> candidates(const Position& position, const Oracle& oracle) const {
        std::uint64_t first_end = ~std::uint64_t{0};
        for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
            if (position[thread] < threads_[thread].size())
                first_end = std::min(first_end, next_of(thread, position).end);
        }
        std::vector<std::size_t> found;
        for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
            if (position[thread] < threads_[thread].size() && next_of(thread, position).start <= first_end)
                found.push_back(thread);
        }
        const auto at_once = std::ranges::find_if(found, [&](std::size_t thread) {
            const Moment& next = moment_of_next(thread, position);
            if (next.part == Part::asking) return !oracle.asks(socket_of(next), static_cast<unsigned>(thread));
            return static_cast<bool>(at_once_[next.index]);
        });
        if (at_once != found.end()) return {*at_once};
        std::ranges::stable_sort(found, {}, [&](std::size_t thread) { return next_of(thread, position).end; });
        return found;
    }

    [[nodiscard]] const Moment& moment_of_next(std::size_t thread, const Position& position) const {
        return threads_[thread][position[thread]];
    }
    [[nodiscard]] const Happening& next_of(std::size_t thread, const Position& position) const {
        return history_[moment_of_next(thread, position).index];
    }
    [[nodiscard]] const observation::Call& receive_of(const Moment& moment) const {
        return std::get<observation::Call>(history_[moment.index].observation);
    }
    [[nodiscard]] Handle socket_of(const Moment& moment) const { return receive_of(moment).socket; }

    // Tries every order from this start. False: a limit was met, and is the reason.
    bool from(const Oracle& start) {
        Oracle oracle = start;
        Position position(threads_.size(), 0);
        Order order;
        std::vector<Choice> choices;
        while (true) {
            std::vector<std::size_t> open = candidates(position, oracle);
            bool goes_on = false;
            if (open.empty()) {
                if (!reached_the_end(oracle, order)) return false;
                if (!every_end_) return true;
            } else if (open.size() == 1) {
                goes_on = step(oracle, position, order, open.front());
            } else if (!was_tried(position, oracle)) {
                choices.push_back({oracle, position, order.size(), std::move(open)});
            }
            while (!goes_on) {
                if (!found_.reason.empty()) return false;
                if (choices.empty()) return true;
                Choice& choice = choices.back();
                if (choice.next == choice.threads.size()) {
                    choices.pop_back();
                    continue;
                }
                oracle = choice.before;
                position = choice.position;
                order.resize(choice.done);
                goes_on = step(oracle, position, order, choice.threads[choice.next++]);
            }
        }
    }

    // Lets the next observation of the thread take effect. False: that is not allowed, or a limit was met.
    bool step(Oracle& oracle, Position& position, Order& order, std::size_t thread) {
        if (++found_.steps > limits_.steps) {
            found_.reason = "more than " + std::to_string(limits_.steps) + " observations would have to be tried";
            return false;
        }
        const Moment next = moment_of_next(thread, position);
        order.push_back({next, thread});
        ++position[thread];
        if (take(oracle, order.back())) return true;
        found_.reason = oracle.undecided();
        if (!found_.reason.empty()) return false;
        if (order.size() > longest_.size()) {
            longest_ = order;
            longest_start_ = start_;
        }
        return false;
    }

    bool take(Oracle& oracle, const Placed& placed) const {
        const auto number = static_cast<unsigned>(placed.thread);
        switch (placed.moment.part) {
            case Part::taking:
                return oracle.accept_taking(receive_of(placed.moment), number);
            case Part::asking:
                oracle.ask(socket_of(placed.moment), number);
                return oracle.undecided().empty();
            case Part::whole:
                break;
        }
        return oracle.accept(history_[placed.moment.index].observation);
    }

    // What an order looks like from outside: a receive is where it took.
    static std::vector<std::size_t> indices_of(const Order& order) {
        std::vector<std::size_t> indices;
        for (const Placed& placed : order)
            if (placed.moment.part != Part::asking) indices.push_back(placed.moment.index);
        return indices;
    }

    // False: there are too many ends.
    bool reached_the_end(Oracle& oracle, const Order& order) {
        if (!found_.accepted()) {
            found_.outcome = Linearization::Outcome::accepted;
            found_.order = indices_of(order);
            found_.evidence = oracle.evidence();
            found_.coverage = oracle.coverage();
        }
        const bool known = std::ranges::any_of(found_.ends, [&oracle](const Oracle& end) { return end.alike(oracle); });
        if (known) return true;
        if (found_.ends.size() == limits_.ends) {
            found_.reason = "it can end in more than " + std::to_string(limits_.ends) + " ways";
            return false;
        }
        found_.ends.push_back(oracle);
        return true;
    }

    // Remembers the position. What was tried from it before has led to nothing, or to ends that are known.
    bool was_tried(const Position& position, const Oracle& oracle) {
        std::size_t key = oracle.hash();
        for (const std::uint32_t done : position) key = (key ^ done) * 0x100000001b3U;
        std::vector<std::pair<Position, Oracle>>& alike = tried_[key];
        for (const auto& [other_position, other] : alike) {
            if (other_position == position && other.alike(oracle)) return true;
        }
        if (remembered_ < limits_.remembered) {
            ++remembered_;
            alike.emplace_back(position, oracle);
        }
        return false;
    }

    // Judges the longest order once more, for the words.
    void explain() {
        found_.outcome = Linearization::Outcome::violation;
        found_.order = indices_of(longest_);
        if (longest_.empty() || longest_start_ == nullptr) return;
        Oracle oracle = *longest_start_;
        for (const Placed& placed : longest_) {
            const auto number = static_cast<unsigned>(placed.thread);
            if (placed.moment.part == Part::asking)
                oracle.ask(socket_of(placed.moment), number);
            else if (placed.moment.part == Part::taking)
                found_.violation = oracle.observe_taking(receive_of(placed.moment), number);
            else
                found_.violation = oracle.observe(history_[placed.moment.index].observation);
            if (found_.violation) found_.violation->step = placed.moment.index;
        }
        found_.evidence = oracle.evidence();
        found_.coverage = oracle.coverage();
    }

    std::span<const Happening> history_;
    LinearizationLimits limits_;
    bool every_end_;
    std::vector<std::vector<Moment>> threads_;  // of each thread, in its own order
    std::vector<bool> at_once_;                 // of each observation
    std::unordered_map<std::size_t, std::vector<std::pair<Position, Oracle>>> tried_;
    std::size_t remembered_ = 0;
    const Oracle* start_ = nullptr;
    const Oracle* longest_start_ = nullptr;
    Order longest_;
    Linearization found_;
};

}  // namespace

Linearization linearize(std::span<const Happening> history, const OracleOptions& options,
                        const LinearizationLimits& limits) {
    const Oracle start(options);
    return Search(history, limits, false).run(std::span(&start, 1));
}

Linearization linearize_from(std::span<const Oracle> starts, std::span<const Happening> history,
                             const LinearizationLimits& limits) {
    return Search(history, limits, true).run(starts);
}

}  // namespace asyncselect::model
