// Generated scripts on our own provider: a sample of every kind, in both ways of posting. What all of them show is told
// by `asyncselect conformance --generated`. With ASYNCSELECT_GENERATED=2000 in the environment the sample is larger.
#include "conformance/generated_suite.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/coverage_file.hpp"
#include "conformance/generate.hpp"
#include "conformance/network.hpp"
#include "conformance/provider.hpp"
#include "conformance/workers.hpp"

namespace asyncselect::conformance {
namespace {

std::vector<Script> sample(std::size_t count) {
    GenerateOptions options;
    options.count = count;
    std::vector<Script> scripts;
    for (GeneratedScript& generated : generate(options)) scripts.push_back(std::move(generated.script));
    return scripts;
}

std::size_t asked_for() {
    const char* const text = std::getenv("ASYNCSELECT_GENERATED");
    return text == nullptr ? 300 : static_cast<std::size_t>(std::atol(text));
}

class GeneratedScripts : public ::testing::TestWithParam<const char*> {};

TEST_P(GeneratedScripts, NothingIsViolated) {
    SuiteOptions options;
    const SuiteOutcome outcome = run_apart(sample(asked_for()), GetParam(), options, processors() * 2);
    EXPECT_EQ(outcome.scenarios.size(), asked_for());
    EXPECT_TRUE(outcome.errors.empty()) << outcome.errors.front();
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        const Played& played = scenario.played;
        if (!played.fails() && !played.deviates()) continue;
        ADD_FAILURE() << text_of(scenario.script) << "at \"" << show(scenario.script.steps[played.last_step]) << "\": "
                      << (played.violation ? played.violation->clause + ", due " + played.violation->due + ", came " +
                                                 played.violation->came
                                           : played.trouble);
    }
    EXPECT_GT(coverage_of({outcome}).transitions.count(), 100U);
}

INSTANTIATE_TEST_SUITE_P(Posting, GeneratedScripts, ::testing::Values("pump", "eager"),
                         [](const auto& instance) { return std::string(instance.param); });

// The control: where nothing was shown, or everything, what should be is not what is.
TEST(GeneratedSuite, WhatIsShownAndShouldNotBeIsTold) {
    EXPECT_FALSE(shown_transitions({}).exact);
    EXPECT_FALSE(shown_transitions(model::Coverage{}.set()).exact);
    EXPECT_NE(shown_transitions({}).text.find("transitions: 0 of "), std::string::npos);
}

TEST(GeneratedSuite, AProcessThatEndsIsTold) {
    std::vector<std::string> told;
    std::vector<std::size_t> lost;
    Work work;
    work.pieces = 5;
    work.prepare = [] {};
    work.perform = [](std::size_t piece, bool& last) {
        if (piece == 2) std::_Exit(7);
        last = piece == 3;
        return std::to_string(piece);
    };
    work.take = [&](std::size_t, std::string_view text) { told.emplace_back(text); };
    work.lost = [&](std::size_t piece, std::string_view) { lost.push_back(piece); };
    in_processes(2, work);
    EXPECT_EQ(told.size(), 4U);
    EXPECT_EQ(lost, std::vector<std::size_t>{2});
}

}  // namespace
}  // namespace asyncselect::conformance
