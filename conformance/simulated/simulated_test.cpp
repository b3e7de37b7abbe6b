// The provider over the simulated network: every scenario conforms, whatever arrives when; the same seed shows the
// same; and a network that breaks its promises is refuted.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "conformance/providers.hpp"
#include "conformance/simulated/shown.hpp"
#include "conformance/simulated_provider.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

SuiteOutcome all_scenarios(Provider& provider) {
    SuiteOptions options;
    options.complete = true;
    return run(embedded_suite(), provider, options);
}

void expect_conforms(const SuiteOutcome& outcome, const std::string& name) {
    EXPECT_TRUE(outcome.errors.empty()) << name << ": " << outcome.errors.front();
    EXPECT_GT(outcome.scenarios.size(), 180U);
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        EXPECT_TRUE(scenario.reason.empty()) << name << ": " << scenario.script.name << ": " << scenario.reason;
        EXPECT_EQ(scenario.played.outcome, model::Outcome::conforms)
            << name << ": " << scenario.script.name << ": "
            << (scenario.played.violation ? scenario.played.violation->due : scenario.played.trouble);
    }
}

class EveryScenario : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryScenario, Conforms) {
    const auto provider = make_provider(GetParam());
    expect_conforms(all_scenarios(*provider), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Simulated, EveryScenario, ::testing::Values("simulated", "simulated-eager"),
                         [](const auto& instance) {
                             return std::string(instance.param).substr(9) == "" ? "pump" : "eager";
                         });

TEST(Simulated, EveryScenarioConformsInAnyOrderOfArrival) {
    for (const Posting posting : {Posting::pump, Posting::eager}) {
        // Of the library's own thread each turn costs two changes of threads.
        const std::uint64_t seeds = posting == Posting::pump ? 10 : 2;
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            const auto provider = make_simulated_provider({posting, seed, 0, 0});
            for (const Script& script : embedded_suite()) {
                if (!script.only.empty() && (script.only == "eager") != provider->eager()) continue;
                const Played played = play(script, *provider);
                EXPECT_EQ(played.trouble, "") << provider->name() << ' ' << script.name;
                EXPECT_EQ(played.outcome, model::Outcome::conforms) << provider->name() << ' ' << script.name;
            }
        }
    }
}

TEST(Simulated, TheSameSeedShowsTheSame) {
    std::size_t different = 0;
    for (const Posting posting : {Posting::pump, Posting::eager}) {
        for (const Script& script : embedded_suite()) {
            if (!script.only.empty()) continue;
            std::vector<std::string> traces;
            for (const std::uint64_t seed : {7, 7, 8}) {
                const auto provider = make_simulated_provider({posting, seed, 10, 0});
                traces.push_back(shown(play(script, *provider)));
            }
            EXPECT_EQ(traces[0], traces[1]) << script.name;
            if (traces[0] != traces[2]) ++different;
        }
    }
    // The control: another seed shows something else.
    EXPECT_GT(different, 20U);
}

// The control of the verdicts: what waits is not told of every change.
TEST(Simulated, ANetworkThatForgetsToTellIsRefuted) {
    std::size_t refuted = 0;
    for (const Script& script : embedded_suite()) {
        const auto provider = make_simulated_provider({Posting::pump, 3, 0, 300});
        if (play(script, *provider).outcome == model::Outcome::violates) ++refuted;
    }
    EXPECT_GT(refuted, 20U);
}

TEST(Simulated, NamesAreReadAsTheyAreTold) {
    for (const char* const name : {"simulated", "simulated-eager", "simulated:7", "simulated-eager:7:20"}) {
        const auto simulation = simulation_called(name);
        ASSERT_TRUE(simulation) << name;
        EXPECT_EQ(make_simulated_provider(*simulation)->name(), name);
        EXPECT_EQ(known_provider(name), "");
    }
    for (const char* const name : {"simulate", "simulated:", "simulated:x", "simulated:1:2000", "simulated:1:2:3"})
        EXPECT_NE(known_provider(name), "") << name;
}

}  // namespace
}  // namespace asyncselect::conformance
