// Histories of several threads: those that some order explains, those that none does, and those that take too long to
// say. It must not know any provider.
#include "model/linearization.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "model/cite.hpp"
#include "model/socket.hpp"
#include "model/story.hpp"

namespace asyncselect::model {
namespace {

using namespace story;

// Makes a history of what stories tell: each observation of a story with the times that it took.
class History {
  public:
    // The whole story, one observation after the other, before anything else that is added later.
    History& in_turn(const Story& story, std::uint32_t thread = 0) {
        for (const Observation& observation : story.trace()) {
            history_.push_back({observation, now_, now_ + 1, thread});
            now_ += 2;
        }
        return *this;
    }
    // The last observation of the story, from `start` to `end` after the present time, which stays as it is.
    History& during(const Story& story, std::uint64_t start, std::uint64_t end, std::uint32_t thread) {
        history_.push_back({story.trace().back(), now_ + start, now_ + end, thread});
        latest_ = std::max(latest_, now_ + end);
        return *this;
    }
    // From now on everything comes after what there is.
    History& afterwards() {
        now_ = std::max(now_, latest_ + 1);
        return *this;
    }

    [[nodiscard]] const std::vector<Happening>& all() const { return history_; }

  private:
    std::vector<Happening> history_;
    std::uint64_t now_ = 1;
    std::uint64_t latest_ = 0;
};

Story only() { return Story::empty(); }

using Outcome = Linearization::Outcome;

// The order is one of the whole history, agrees with real time, and the oracle accepts it.
void expect_explained(const std::vector<Happening>& history, const Linearization& found,
                      const OracleOptions& options = {}) {
    ASSERT_EQ(found.outcome, Outcome::accepted) << (found.violation ? found.violation->due : "");
    ASSERT_EQ(found.order.size(), history.size());
    std::vector<std::size_t> sorted = found.order;
    std::ranges::sort(sorted);
    std::vector<std::size_t> each(history.size());
    std::iota(each.begin(), each.end(), 0U);
    EXPECT_EQ(sorted, each);
    Trace trace;
    for (std::size_t first = 0; first < found.order.size(); ++first) {
        trace.push_back(history[found.order[first]].observation);
        for (std::size_t second = first + 1; second < found.order.size(); ++second)
            EXPECT_GE(history[found.order[second]].end, history[found.order[first]].start);
    }
    const Verdict verdict = judge(trace, options);
    EXPECT_TRUE(verdict.conforms());
    EXPECT_EQ(verdict.evidence, found.evidence);
}

// One thread receives, another registers anew: what was left to read is told, or there was nothing left any more.
History receive_while_registering(bool overlapping) {
    History history;
    history.in_turn(Story().connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read).quiet());
    history.during(only().select(1, fd_read), 1, 2, 1);
    history.during(only().recv(1, 10, 10), overlapping ? 0 : 3, 4, 2);
    return history.afterwards();
}

TEST(Linearization, OnlyTheOtherOrderExplains) {
    cite<"AS-READ-1", "AS-REG-3">();
    // Registered first, FD_READ is due; received first, it is not.
    const History none = receive_while_registering(true).in_turn(only().quiet());
    const Linearization found = linearize(none.all());
    expect_explained(none.all(), found);
    const History told = receive_while_registering(true).in_turn(only().message(1, fd_read).quiet());
    expect_explained(told.all(), linearize(told.all()));
}

TEST(Linearization, RealTimeCounts) {
    cite<"AS-READ-1">();
    const History told = receive_while_registering(false).in_turn(only().message(1, fd_read).quiet());
    expect_explained(told.all(), linearize(told.all()));
    const History none = receive_while_registering(false).in_turn(only().quiet());
    const Linearization found = linearize(none.all());
    ASSERT_EQ(found.outcome, Outcome::violation);
    EXPECT_EQ(found.violation->clause, "AS-READ-1");
    EXPECT_EQ(found.violation->step, none.all().size() - 1);
    EXPECT_FALSE(found.violation->states.empty());
    EXPECT_EQ(found.order.size(), none.all().size());
}

TEST(Linearization, NoOrderExplains) {
    cite<"AS-READ-2">();
    // Two messages, one of them for nothing.
    const History history =
        receive_while_registering(true).in_turn(only().message(1, fd_read).message(1, fd_read).quiet());
    const Linearization found = linearize(history.all());
    ASSERT_EQ(found.outcome, Outcome::violation);
    EXPECT_EQ(found.violation->clause, "AS-READ-2");
    EXPECT_EQ(found.violation->step, history.all().size() - 2);
}

TEST(Linearization, TheOrderOfAThreadCounts) {
    // What a thread does later cannot have happened before, even where another thread's call spans both.
    const auto history = [](std::uint32_t thread) {
        History made;
        made.in_turn(Story().connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read).quiet());
        made.during(only().recv(1, 10, 10), 0, 9, 1);
        made.during(only().recv(1, 10, 0, wsa::would_block), 1, 2, 2);
        made.during(only().recv(1, 5, 5, 0, flag_peek), 3, 4, thread);
        return made.afterwards().in_turn(only().quiet());
    };
    EXPECT_EQ(linearize(history(2).all()).outcome, Outcome::violation);
}

TEST(Linearization, ACallWithinACall) {
    cite<"AS-API-5", "R-25">();
    History history;
    history.in_turn(Story().listener(9).request("a", 9).quiet());
    history.during(only().accept(9, 1, "a"), 0, 9, 1);
    history.during(only().select(9, fd_read, window, wm, wsa::in_progress).in_callback(), 2, 3, 1);
    history.during(only().select(9, fd_accept), 4, 5, 2);
    history.afterwards().in_turn(only().quiet());
    expect_explained(history.all(), linearize(history.all()));
}

TEST(Linearization, PeersTakeEffectAfterTheirStart) {
    const auto history = [](std::uint64_t start) {
        History made;
        made.in_turn(Story().connection(1).select(1, fd_read).quiet());
        made.during(only().recv(1, 10, 10), 1, 2, 1);
        made.during(only().sends(1, 10), start, 5, 2);
        return made.afterwards();
    };
    EXPECT_TRUE(linearize(history(0).all()).accepted());
    EXPECT_EQ(linearize(history(3).all()).outcome, Outcome::violation);
}

// Two receives behind what has ended the connection: one takes a byte, the other one more, though there is room for
// all. Three bytes were sent, or only these two.
enum class Ended { reset, fin };
History receive_twice_at_the_end(Ended ended, bool overlapping, std::uint32_t sent) {
    const bool reset = ended == Ended::reset;
    History history;
    history.in_turn(Story().connection(1).select(1, fd_read | fd_close).sends(1, sent).message(1, fd_read).quiet());
    history.in_turn(only().peer(1, reset ? PeerVerb::reset : PeerVerb::shutdown));
    if (reset) history.in_turn(only().message(1, fd_close, wsa::reset));
    history.in_turn(only().quiet());
    history.during(only().recv(1, 1, 1), 0, 5, 1);
    history.during(only().recv(1, sent == 2 ? 64 : 1, 1), overlapping ? 1 : 6, overlapping ? 4 : 7, 2);
    history.afterwards();
    if (!reset && sent == 2) history.in_turn(only().message(1, fd_close));
    return history;
}

TEST(Linearization, AnotherReceiveCanTakeTheRestBeforeItIsAskedFor) {
    cite<"AS-LEVEL-2", "AS-ENABLE-2">();
    for (const Ended ended : {Ended::reset, Ended::fin}) {
        const History taken = receive_twice_at_the_end(ended, true, 2).in_turn(only().quiet());
        const Linearization found = linearize(taken.all(), ours);
        EXPECT_TRUE(found.accepted()) << (found.violation ? found.violation->clause : found.reason);
        EXPECT_EQ(found.order.size(), taken.all().size());
        const Oracle start(ours);
        EXPECT_TRUE(linearize_from(std::span(&start, 1), taken.all()).accepted());
    }
}

// Controls: one after the other, and where a byte is left in the end, FD_READ is due.
TEST(Linearization, WhatIsLeftBehindOverlappingReceivesIsStillTold) {
    cite<"AS-READ-3">();
    for (const Ended ended : {Ended::reset, Ended::fin}) {
        const History in_turn = receive_twice_at_the_end(ended, false, 2).in_turn(only().quiet());
        EXPECT_EQ(linearize(in_turn.all(), ours).outcome, Outcome::violation);
        // Each of the two has left something.
        for (int messages = 0; messages <= 2; ++messages) {
            History history = receive_twice_at_the_end(ended, true, 3);
            for (int message = 0; message < messages; ++message) history.in_turn(only().message(1, fd_read));
            history.in_turn(only().quiet());
            const Linearization found = linearize(history.all(), ours);
            ASSERT_EQ(found.outcome, messages == 2 ? Outcome::accepted : Outcome::violation);
            if (messages == 2) continue;
            EXPECT_EQ(found.violation->clause, "AS-READ-3");
            EXPECT_EQ(found.violation->step, history.all().size() - 1);
        }
    }
}

// Rounds like those of two threads that hammer one socket while a window pumps and a peer sends.
std::vector<Happening> round(std::uint32_t calls, bool wrong) {
    History history;
    history.in_turn(Story().connection(1).select(1, fd_read).quiet());
    std::uint64_t at = 0;
    for (std::uint32_t turn = 0; turn < calls; ++turn, at += 4) {
        history.during(only().sends(1, 1), at, at + 5, 3);
        history.during(only().recv(1, 1, 1), at + 1, at + 7, 1);
        history.during(only().select(1, fd_read), at + 2, at + 6, 2);
    }
    history.afterwards().in_turn(only().quiet());
    if (wrong) history.in_turn(only().message(1, fd_read));
    return history.all();
}

TEST(Linearization, JudgesARoundSoon) {
    for (const bool wrong : {false, true}) {
        const std::vector<Happening> history = round(14, wrong);
        const auto begin = std::chrono::steady_clock::now();
        const Linearization found = linearize(history, ours);
        const auto took = std::chrono::steady_clock::now() - begin;
        EXPECT_EQ(found.outcome, wrong ? Outcome::violation : Outcome::accepted);
        EXPECT_LT(found.steps, 20'000U);
        std::cout << (wrong ? "a wrong" : "a right") << " round of " << history.size() << ": " << found.steps
                  << " steps, " << std::chrono::duration_cast<std::chrono::microseconds>(took).count() << " us\n";
    }
}

TEST(Linearization, LimitsGiveNoVerdict) {
    for (const bool wrong : {false, true}) {
        const std::vector<Happening> history = round(14, wrong);
        const Linearization found = linearize(history, {}, {.steps = 30});
        EXPECT_EQ(found.outcome, Outcome::undecided);
        EXPECT_FALSE(found.violation);
    }
    // Nothing remembered: slower, and the same.
    const std::vector<Happening> history = round(5, true);
    EXPECT_EQ(linearize(history, {}, {.remembered = 0}).outcome, Outcome::violation);
}

TEST(Linearization, GoesOnFromEveryEnd) {
    cite<"AS-READ-2", "AS-ENABLE-1">();
    // After this round FD_READ is posted and not enabled again, or it is not.
    History first;
    first.in_turn(Story().connection(1).select(1, fd_read).quiet());
    first.during(only().sends(1, 10), 0, 1, 3).during(only().select(1, fd_read), 2, 5, 1);
    first.during(only().message(1, fd_read), 3, 6, 2);
    first.afterwards();
    const Oracle start;
    const Linearization round = linearize_from(std::span(&start, 1), first.all());
    ASSERT_TRUE(round.accepted());
    EXPECT_GT(round.ends.size(), 1U);
    for (const bool again : {false, true}) {
        const Story story = again ? only().message(1, fd_read).quiet() : only().quiet();
        const History second = History().in_turn(story);
        EXPECT_TRUE(linearize_from(round.ends, second.all()).accepted());
    }
    const History second = History().in_turn(only().message(1, fd_read).message(1, fd_read));
    const Linearization wrong = linearize_from(round.ends, second.all());
    ASSERT_EQ(wrong.outcome, Outcome::violation);
    EXPECT_TRUE(wrong.ends.empty());
    EXPECT_EQ(linearize_from(std::span(&start, 1), first.all(), {.ends = 1}).outcome, Outcome::undecided);
}

// A provider that does what the model says, called by threads whose calls take a while: each takes effect somewhere in
// between. So its histories are right by construction.
class Simulation {
  public:
    explicit Simulation(std::uint32_t seed) : random_(seed), socket_(Socket::accepted()) {
        const Story beginning = Story().connection(1).quiet();
        for (const Observation& observation : beginning.trace()) happens(observation, main, true);
    }

    std::vector<Happening> round(int calls) {
        for (int call = 0; call < calls; ++call) {
            switch (below(4)) {
                case 0:
                    receive();
                    break;
                case 1:
                    register_anew();
                    break;
                case 2:
                    retrieve();
                    break;
                default:
                    peer_acts();
                    break;
            }
            if (below(3) == 0) arrive();
        }
        while (!arriving_.empty()) arrive();
        while (!queue_.empty()) retrieve();
        happens(observation::Quiet{}, main, true);
        return std::move(history_);
    }

  private:
    enum Thread : std::uint32_t { main, receiver, registrar, pump, peer };

    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

    // Takes effect now, and takes some time before and after that.
    void happens(const Observation& observation, Thread thread, bool alone = false) {
        const std::uint64_t moment = now_ += 100;
        const std::uint64_t before = alone ? 40 : 40 + below(260);
        const std::uint64_t after = alone ? 40 : 40 + below(260);
        std::uint64_t start = moment - std::min(moment, before);
        if (alone) start = std::max(start, latest_ + 1);
        if (free_.contains(thread)) start = std::max(start, free_[thread] + 1);
        now_ = std::max(now_, start);
        const std::uint64_t end = now_ + after;
        free_[thread] = end;
        latest_ = std::max(latest_, end);
        if (alone) now_ = end;
        history_.push_back({observation, start, end, thread});
    }
    void apply(const Stimulus& stimulus) {
        for (const Post& post : socket_.apply(stimulus))
            queue_.push_back(observation::message(window, number_, 1, bit_of(post.event), post.error));
    }
    void receive() {
        const std::uint32_t wanted = 1 + below(4);
        const std::uint32_t got = std::min(wanted, socket_.facts().readable);
        const bool at_end = socket_.facts().fin;
        happens(only().recv(1, wanted, got, got == 0 && !at_end ? wsa::would_block : 0).trace().back(), receiver);
        apply(stimulus::Received{got});
    }
    void register_anew() {
        constexpr std::array<std::uint32_t, 4> masks{fd_read, fd_read | fd_close, fd_read | fd_write, 0};
        const std::uint32_t mask = masks[below(4)];
        number_ = below(2) == 0 ? wm : other_wm;
        happens(only().select(1, mask, window, number_).trace().back(), registrar);
        apply(stimulus::AsyncSelect{mask});
    }
    void retrieve() {
        if (queue_.empty()) return;
        happens(queue_.front(), pump);
        queue_.erase(queue_.begin());
    }
    void peer_acts() {
        if (closed_) return;
        closed_ = below(12) == 0;
        const std::uint32_t bytes = 1 + below(3);
        happens(closed_ ? only().peer(1, PeerVerb::close).trace().back() : only().sends(1, bytes).trace().back(), peer);
        arriving_.push_back(closed_ ? Stimulus{stimulus::PeerClosed{}} : Stimulus{stimulus::DataArrived{bytes}});
    }
    void arrive() {
        if (arriving_.empty()) return;
        apply(arriving_.front());
        arriving_.erase(arriving_.begin());
    }

    std::mt19937 random_;
    Socket socket_;
    std::uint32_t number_ = wm;
    bool closed_ = false;
    std::vector<Stimulus> arriving_;
    std::vector<observation::Message> queue_;
    std::vector<Happening> history_;
    std::uint64_t now_ = 1000;
    std::uint64_t latest_ = 0;
    std::map<std::uint32_t, std::uint64_t> free_;
};

TEST(Linearization, ExplainsWhateverIsRight) {
    std::size_t steps = 0;
    std::size_t observations = 0;
    std::size_t undecided = 0;
    std::chrono::microseconds longest{0};
    const auto begin = std::chrono::steady_clock::now();
    constexpr std::uint32_t rounds = 1000;
    for (std::uint32_t seed = 0; seed < rounds; ++seed) {
        const std::vector<Happening> history = Simulation(seed).round(40);
        const auto before = std::chrono::steady_clock::now();
        const Linearization found = linearize(history, ours);
        longest = std::max(
            longest, std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - before));
        steps += found.steps;
        observations += history.size();
        if (found.outcome == Outcome::undecided) {
            ++undecided;
            continue;
        }
        ASSERT_EQ(found.outcome, Outcome::accepted) << "seed " << seed << ": " << found.violation->clause << ", due "
                                                    << found.violation->due << ", came " << found.violation->came;
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(undecided, 0U);
    std::cout << rounds << " rounds, " << observations << " observations, " << steps << " steps, "
              << std::chrono::duration_cast<std::chrono::microseconds>(took).count() / rounds
              << " us each, the longest " << longest.count() << " us\n";
}

// A control: the same histories with one message too many or too few. Not each of them is wrong then, for a message of
// an earlier registration may come or not.
TEST(Linearization, DoesNotExplainEverything) {
    constexpr std::uint32_t rounds = 100;
    std::size_t found_out = 0;
    for (std::uint32_t seed = 0; seed < rounds; ++seed) {
        std::vector<Happening> history = Simulation(seed).round(30);
        const bool too_few = seed % 2 == 0;
        const auto message = std::ranges::find_if(history, [](const Happening& happening) {
            return std::holds_alternative<observation::Message>(happening.observation);
        });
        if (message == history.end()) continue;
        if (too_few)
            history.erase(message);
        else
            history.insert(history.end() - 1,
                           {message->observation, history.back().start - 2, history.back().start - 1, message->thread});
        const Linearization found = linearize(history, ours);
        if (!found.accepted()) ++found_out;
    }
    EXPECT_GT(found_out, rounds / 3);
    std::cout << found_out << " of " << rounds << " found out\n";
}

TEST(Linearization, NothingIsExplainedByNothing) { EXPECT_TRUE(linearize({}).accepted()); }

TEST(OracleCopies, GoTheirOwnWays) {
    Oracle first;
    const Trace before = Story().connection(1).select(1, fd_read).sends(1, 10).trace();
    for (const Observation& observation : before) ASSERT_FALSE(first.observe(observation));
    Oracle second = first;
    EXPECT_TRUE(second.alike(first));
    EXPECT_EQ(second.hash(), first.hash());
    EXPECT_TRUE(second.accept(observation::message(window, wm, 1, fd_read)));
    EXPECT_FALSE(second.alike(first));
    EXPECT_FALSE(first.settled());
    EXPECT_TRUE(second.settled());
    EXPECT_TRUE(Oracle(first).accept(observation::message(window, wm, 1, fd_read)));
    EXPECT_FALSE(second.accept(observation::message(window, wm, 1, fd_read)));
    EXPECT_FALSE(second.accept(observation::Quiet{}));  // it is at its end
    EXPECT_TRUE(first.observe(observation::Quiet{}).has_value());
}

}  // namespace
}  // namespace asyncselect::model
