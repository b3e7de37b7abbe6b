// Steps that overlap: what is recorded of them, and that our own provider does as the model says in every order. Under
// ThreadSanitizer too.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "conformance/executor.hpp"
#include "conformance/provider.hpp"
#include "conformance/suite.hpp"
#include "conformance/trace_file.hpp"
#include "model/follower.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {
namespace {

namespace seen = model::observation;

class Overlap : public ::testing::TestWithParam<Posting> {
  protected:
    Played play_text(const std::string& text, const ExecutorOptions& options = {}) {
        return play(parse(text, "overlap"), *provider_, options);
    }
    std::unique_ptr<Provider> provider_ = make_native_provider(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Posting, Overlap, ::testing::Values(Posting::pump, Posting::eager),
                         [](const auto& instance) { return instance.param == Posting::pump ? "pump" : "eager"; });

TEST_P(Overlap, TheScenariosConformEachTime) {
    std::size_t scenarios = 0;
    for (const Script& script : embedded_suite()) {
        if (!script.name.starts_with("overlap-")) continue;
        ++scenarios;
        for (int round = 0; round < 5; ++round) {
            const Played played = play(script, *provider_);
            EXPECT_EQ(played.trouble, "") << script.name;
            EXPECT_EQ(played.outcome, model::Outcome::conforms) << script.name;
            if (played.violation) {
                FAIL() << script.name << ": due " << played.violation->due << ", came " << played.violation->came;
            }
        }
    }
    EXPECT_GE(scenarios, 6U);
}

TEST_P(Overlap, WhatIsBegunTogetherIsRecordedBeforeAnyOfItEnds) {
    const Played played =
        play_text("connection s\nu: recv s 10\nmeanwhile peer s send 5\nmeanwhile v: select s FD_CLOSE\nquiet\n");
    ASSERT_EQ(played.trouble, "");
    ASSERT_EQ(played.outcome, model::Outcome::conforms);
    std::map<std::uint64_t, std::string> open;
    std::size_t most = 0;
    std::size_t ended = 0;
    for (const model::Observation& observation : played.trace) {
        if (const auto* began = std::get_if<seen::Began>(&observation)) {
            EXPECT_TRUE(open.emplace(began->number, began->thread).second);
            EXPECT_EQ(ended, 0U);
        } else if (const auto* end = std::get_if<seen::Ended>(&observation)) {
            ++ended;
            if (const auto* call = std::get_if<seen::Call>(&end->what)) {
                EXPECT_EQ(open[end->number], call->thread);
            } else {
                EXPECT_EQ(open[end->number], "peer s");
            }
            EXPECT_EQ(open.erase(end->number), 1U);
        }
        most = std::max(most, open.size());
    }
    EXPECT_EQ(most, 3U);
    EXPECT_EQ(ended, 3U);
    EXPECT_TRUE(open.empty());
}

TEST_P(Overlap, StepsOfOneThreadAreInOrder) {
    const Played played = play_text(
        "connection s\nselect s FD_READ\npeer s send 1\nmeanwhile u: times 3 recv s 1\nmeanwhile peer s send "
        "2\nquiet\n");
    ASSERT_EQ(played.trouble, "");
    EXPECT_EQ(played.outcome, model::Outcome::conforms);
    std::vector<std::string> threads;
    for (const model::Observation& observation : played.trace) {
        const auto* began = std::get_if<seen::Began>(&observation);
        if (began != nullptr) threads.push_back(began->thread);
    }
    EXPECT_EQ(std::ranges::count(threads, "u"), 3);
    EXPECT_EQ(std::ranges::count(threads, "peer s"), 2);
}

TEST_P(Overlap, ABlockingAcceptKnowsThePeerThatAsksMeanwhile) {
    const Played played = play_text("listener l\nu: accept l s\nmeanwhile peer c connect l\npeer c send 3\nrecv s 3\n");
    ASSERT_EQ(played.trouble, "");
    EXPECT_EQ(played.outcome, model::Outcome::conforms);
    bool found = false;
    for (const model::Observation& observation : played.trace) {
        const auto* end = std::get_if<seen::Ended>(&observation);
        if (end == nullptr) continue;
        if (const auto* call = std::get_if<seen::Call>(&end->what)) found = call->connection == "c";
    }
    EXPECT_TRUE(found);
}

TEST_P(Overlap, ItsTraceIsReadAndJudgedAgain) {
    const Script script = parse("connection s\nu: recv s 10\nmeanwhile peer s send 5\nselect s FD_READ\nquiet\n", "a");
    const Played played = play(script, *provider_);
    std::stringstream text;
    write_trace(text, trace_header(*provider_, script), script, played);
    TraceReader reader(text);
    model::Follower follower({model::spec_profile, true, false});
    std::size_t count = 0;
    while (const auto observation = reader.next()) {
        EXPECT_TRUE(follower.observe(*observation));
        ++count;
    }
    EXPECT_TRUE(follower.end());
    EXPECT_EQ(count, played.trace.size());
}

TEST_P(Overlap, ACallThatNothingEndsIsTold) {
    ExecutorOptions options;
    options.watchdog = std::chrono::milliseconds(300);
    const Played played = play_text("connection s\nu: recv s 10\nmeanwhile select s 0x800\n", options);
    EXPECT_EQ(played.trouble, "the call does not return");
    EXPECT_EQ(played.last_step, 1U);
}

}  // namespace
}  // namespace asyncselect::conformance
