// Following traces: overlaps, deviations, and what cannot be decided. It must not know any provider.
#include "model/follower.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/cite.hpp"
#include "model/story.hpp"

namespace asyncselect::model {
namespace {

using namespace story;

// Takes all of the story; whether it is explained to its end.
bool follow(Follower& follower, const Story& story) {
    for (const Observation& observation : story.trace()) {
        if (!follower.observe(observation)) return false;
    }
    return follower.end();
}

observation::Began began(std::uint64_t number, const std::string& thread) { return {number, thread, ""}; }
// The last call of the story, as the end of what began with that number.
observation::Ended ended(std::uint64_t number, const std::string& thread, const Story& story) {
    Call call = std::get<Call>(story.trace().back());
    call.thread = thread;
    return {number, call};
}

Story data_that_was_told() { return Story().connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read).quiet(); }

// One thread receives while another registers anew.
Story receive_while_registering() {
    return data_that_was_told()
        .add(began(1, "u"))
        .add(began(2, "v"))
        .add(ended(1, "u", Story::empty().recv(1, 10, 10)))
        .add(ended(2, "v", Story::empty().select(1, fd_read)));
}

TEST(Follower, EveryOrderOfAnOverlapIsTried) {
    cite<"AS-READ-1", "AS-REG-3">();
    // Registered first, FD_READ is due; received first, it is not.
    for (const bool told : {false, true}) {
        Story story = receive_while_registering();
        if (told) story.message(1, fd_read);
        Follower follower;
        EXPECT_TRUE(follow(follower, story.quiet())) << told;
        EXPECT_EQ(follower.outcome(), Outcome::conforms);
        EXPECT_TRUE(follower.settled());
        EXPECT_TRUE(follower.coverage().any());
    }
}

TEST(Follower, NoOrderOfAnOverlapExplains) {
    cite<"AS-READ-2">();
    const Story story = receive_while_registering().message(1, fd_read).message(1, fd_read);
    Follower follower;
    EXPECT_FALSE(follow(follower, story));
    EXPECT_EQ(follower.outcome(), Outcome::violates);
    EXPECT_EQ(follower.violation()->clause, "AS-READ-2");
    EXPECT_EQ(follower.violation()->step, story.trace().size() - 1);
}

TEST(Follower, AViolationWithinAnOverlapIsToldWhereItEnded) {
    cite<"AS-API-4">();
    const Story story = data_that_was_told()
                            .add(began(1, "u"))
                            .add(began(2, "v"))
                            .add(ended(1, "u", Story::empty().select(1, fd_read, 77)))
                            .add(ended(2, "v", Story::empty().recv(1, 10, 10)));
    Follower follower;
    EXPECT_FALSE(follow(follower, story));
    EXPECT_EQ(follower.violation()->clause, "AS-API-4");
    EXPECT_EQ(follower.violation()->step, story.trace().size() - 2);
}

TEST(Follower, WhatNeverEndsMayHaveTakenEffectOrNot) {
    Follower follower;
    EXPECT_TRUE(follow(follower, data_that_was_told().add(began(1, "u")).recv(1, 10, 10)));
    EXPECT_EQ(follower.outcome(), Outcome::conforms);
    Follower other;
    EXPECT_FALSE(follow(other, data_that_was_told().add(began(1, "u")).message(1, fd_read)));
    EXPECT_EQ(other.outcome(), Outcome::undecided);
}

// A reset is told as Windows does (W-2).
Story deviating() {
    return Story()
        .connection(1)
        .select(1, fd_read | fd_close)
        .peer(1, PeerVerb::reset)
        .message(1, fd_close, wsa::aborted)
        .quiet();
}

TEST(Follower, ADeviationIsFoundAndFollowed) {
    cite<"AS-CLOSE-5">();
    Follower follower;
    EXPECT_TRUE(follow(follower, deviating()));
    EXPECT_EQ(follower.outcome(), Outcome::deviates);
    EXPECT_EQ(follower.deviations(), std::vector<std::string>{"W-2"});
    EXPECT_EQ(follower.violation()->clause, "AS-CLOSE-5");
}

TEST(Follower, AViolationAfterADeviationIsAViolation) {
    cite<"AS-ENABLE-5">();
    const Story story = deviating().message(1, fd_close, wsa::aborted);
    Follower follower;
    EXPECT_FALSE(follow(follower, story));
    EXPECT_EQ(follower.outcome(), Outcome::violates);
    EXPECT_EQ(follower.deviations(), std::vector<std::string>{"W-2"});
    EXPECT_EQ(follower.violation()->step, story.trace().size() - 1);
}

TEST(Follower, AnotherShowsTheTraceAgain) {
    const Story story = deviating();
    std::size_t shown = 0;
    Follower follower({}, [&](const std::function<bool(const Observation&)>& take) {
        for (const Observation& observation : story.trace()) {
            ++shown;
            if (!take(observation)) return;
        }
    });
    EXPECT_TRUE(follow(follower, story));
    EXPECT_EQ(follower.outcome(), Outcome::deviates);
    EXPECT_EQ(shown, story.trace().size() - 1);  // not the quiet, which came later
}

TEST(Follower, TooMuchAtOnceIsUndecided) {
    Story story = data_that_was_told().add(began(1, "u"));
    for (std::size_t count = 0; count < Follower::most_at_once; ++count) story.call(Function::get_last_error);
    Follower follower;
    EXPECT_FALSE(follow(follower, story.add(ended(1, "u", Story::empty().recv(1, 10, 10)))));
    EXPECT_EQ(follower.outcome(), Outcome::undecided);
    EXPECT_FALSE(follower.reason().empty());
}

TEST(Follower, TheLimitsOfTheSearchAreKept) {
    LinearizationLimits limits;
    limits.steps = 1;
    Follower follower({}, {}, limits);
    EXPECT_FALSE(follow(follower, receive_while_registering()));
    EXPECT_EQ(follower.outcome(), Outcome::undecided);
}

}  // namespace
}  // namespace asyncselect::model
