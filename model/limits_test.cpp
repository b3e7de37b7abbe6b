// What is beyond the limits is undecided: neither allowed nor rejected. Must not know any provider.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "model/follower.hpp"
#include "model/linearization.hpp"
#include "model/oracle.hpp"
#include "model/story.hpp"
#include "model/test_simulation.hpp"

namespace asyncselect::model {
namespace {

using namespace story;

OracleOptions at_most(std::size_t states) {
    OracleOptions options;
    options.most_states = states;
    return options;
}

// A quiet moment with something to show; then so much at once that nobody knows what has come by now.
Story much_unseen() {
    Story story;
    story.connection(1).select(1, fd_read | fd_oob).sends(1, 1).message(1, fd_read).quiet().recv(1, 1, 1).quiet();
    for (int round = 0; round < 6; ++round) story.peer(1, PeerVerb::urgent).sends(1, 1).recv(1, 1, 0, wsa::would_block);
    return story;
}

void add(Story& story, const Story& more) {
    for (const Observation& observation : more.trace()) story.add(observation);
}

std::size_t states_of(const Story& story) {
    Oracle oracle;
    std::size_t most = 0;
    for (const Observation& observation : story.trace()) {
        EXPECT_FALSE(oracle.observe(observation).has_value());
        most = std::max(most, oracle.states());
    }
    return most;
}

TEST(Limits, AreFarAwayForATraceLikeThis) {
    const Verdict verdict = judge(much_unseen().trace());
    EXPECT_EQ(verdict.outcome(), Outcome::conforms);
    EXPECT_EQ(verdict.reason, "");
    EXPECT_GT(states_of(much_unseen()), 10U) << "or else the other tests show nothing";
}

TEST(Limits, LeaveATraceBeyondThemUndecided) {
    const Verdict verdict = judge(much_unseen().trace(), at_most(10));
    EXPECT_EQ(verdict.outcome(), Outcome::undecided);
    EXPECT_FALSE(verdict.conforms());
    EXPECT_FALSE(verdict.deviates());
    EXPECT_FALSE(verdict.violation.has_value());
    EXPECT_TRUE(verdict.reason.starts_with("socket 1 can be in more than 10 states at step ")) << verdict.reason;
}

TEST(Limits, DoNotRejectWhatComesBehindThem) {
    Story wrong = much_unseen();
    wrong.message(1, fd_accept);
    EXPECT_EQ(judge(wrong.trace()).outcome(), Outcome::violates);
    EXPECT_EQ(judge(wrong.trace(), at_most(10)).outcome(), Outcome::undecided);
    EXPECT_EQ(judge_with_deviations(wrong.trace(), at_most(10)).outcome(), Outcome::undecided);
}

TEST(Limits, RejectWhatComesBeforeThem) {
    Story wrong;
    wrong.connection(1).select(1, fd_read).message(1, fd_read);
    add(wrong, much_unseen());
    EXPECT_EQ(judge(wrong.trace(), at_most(10)).outcome(), Outcome::violates);
}

TEST(Limits, LeaveWhatWasShownBefore) {
    Oracle oracle(at_most(10));
    std::set<std::string> evidence;
    Coverage coverage;
    const Story story = much_unseen();
    for (const Observation& observation : story.trace()) {
        EXPECT_FALSE(oracle.observe(observation).has_value());
        if (oracle.undecided().empty()) {
            evidence = oracle.evidence();
            coverage = oracle.coverage();
        }
    }
    EXPECT_FALSE(oracle.undecided().empty());
    EXPECT_TRUE(evidence.contains("AS-READ-2"));
    EXPECT_EQ(oracle.evidence(), evidence);
    EXPECT_EQ(oracle.coverage(), coverage);
    EXPECT_FALSE(oracle.accept(observation::Quiet{}));
    EXPECT_FALSE(oracle.observe(observation::Quiet{}).has_value());
    EXPECT_TRUE(oracle.settled()) << "nothing is to be waited for";
    EXPECT_TRUE(oracle.owed().empty());
}

// Undecided or the verdict that there is without a limit, whatever the limit.
TEST(Limits, NeverChangeAVerdict) {
    std::size_t undecided = 0;
    std::size_t decided = 0;
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        Story story = simulation::Provider(seed, seed % 2 == 0 ? Kind::stream : Kind::datagram, spec_profile).run(25);
        if (seed % 4 > 1) story.message(1, fd_accept).quiet();
        const Verdict without = judge(story.trace(), at_most(1'000'000));
        for (const std::size_t limit : {1U, 2U, 5U, 20U, 100U}) {
            const Verdict verdict = judge(story.trace(), at_most(limit));
            if (verdict.outcome() == Outcome::undecided) {
                ++undecided;
                continue;
            }
            ++decided;
            EXPECT_EQ(verdict.outcome(), without.outcome()) << "seed " << seed;
            EXPECT_EQ(verdict.evidence, without.evidence) << "seed " << seed;
        }
    }
    EXPECT_GT(undecided, 20U);
    EXPECT_GT(decided, 20U);
}

// ---- deviations

// W-1 explains it, as far as it can be followed.
Story deviating() {
    Story story;
    story.connection(2).select(2, fd_close).sends(2, 10).peer(2, PeerVerb::shutdown).message(2, fd_close).quiet();
    add(story, much_unseen());
    return story;
}

TEST(Limits, LeaveADeviationBeyondThemUndecided) {
    const Verdict explained = judge_with_deviations(deviating().trace());
    EXPECT_EQ(explained.outcome(), Outcome::deviates);
    EXPECT_EQ(explained.deviations, std::vector<std::string>{"W-1"});
    const Verdict verdict = judge_with_deviations(deviating().trace(), at_most(10));
    EXPECT_EQ(verdict.outcome(), Outcome::undecided);
    EXPECT_TRUE(verdict.violation.has_value()) << "the profile itself rejects it";
    EXPECT_TRUE(verdict.deviations.empty());
    EXPECT_TRUE(verdict.reason.starts_with("W-1: socket 1 can be in more than 10 states")) << verdict.reason;
}

Outcome followed(const Story& story, const OracleOptions& options) {
    Follower follower(options);
    for (const Observation& observation : story.trace()) follower.observe(observation);
    follower.end();
    EXPECT_EQ(follower.outcome() == Outcome::undecided, !follower.reason().empty());
    return follower.outcome();
}

TEST(Limits, AreTheSameForAFollower) {
    EXPECT_EQ(followed(much_unseen(), {}), Outcome::conforms);
    EXPECT_EQ(followed(much_unseen(), at_most(10)), Outcome::undecided);
    EXPECT_EQ(followed(deviating(), {}), Outcome::deviates);
    EXPECT_EQ(followed(deviating(), at_most(10)), Outcome::undecided);
}

// ---- overlap

TEST(Limits, OfTheOracleLeaveAnOverlapUndecided) {
    const std::vector<Happening> history = without_overlap(much_unseen().trace());
    EXPECT_EQ(linearize(history).outcome, Linearization::Outcome::accepted);
    const Linearization found = linearize(history, at_most(10));
    EXPECT_EQ(found.outcome, Linearization::Outcome::undecided);
    EXPECT_TRUE(found.reason.starts_with("socket 1 can be in more than 10 states")) << found.reason;
    EXPECT_FALSE(found.violation.has_value());
}

TEST(Limits, OfTheSearchAreTold) {
    LinearizationLimits limits;
    limits.steps = 5;
    const Linearization found = linearize(without_overlap(much_unseen().trace()), {}, limits);
    EXPECT_EQ(found.outcome, Linearization::Outcome::undecided);
    EXPECT_EQ(found.reason, "more than 5 observations would have to be tried");
}

}  // namespace
}  // namespace asyncselect::model
