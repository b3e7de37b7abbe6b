// The provider over the simulated network: every scenario conforms, whatever arrives when; the same seed shows the
// same; and a network that breaks its promises is refuted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "conformance/providers.hpp"
#include "conformance/simulated/shown.hpp"
#include "conformance/simulated_provider.hpp"
#include "conformance/suite.hpp"
#include "conformance/surroundings.hpp"

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
                             return std::string(instance.param).substr(9).empty() ? "pump" : "eager";
                         });

// Who asks for quiet relies on it, and then posts no markers.
TEST(Simulated, IsAtRestOnlyWhereNothingIsLate) {
    EXPECT_TRUE(make_simulated_provider({})->surroundings()->at_rest());
    EXPECT_FALSE(make_simulated_provider({Posting::pump, 7, 0, 0})->surroundings()->at_rest());
}

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

// The sizes of the datagrams that reach a socket, of twenty whose sizes grow.
std::vector<std::uint32_t> arriving(const Simulation& simulation) {
    std::string text = "socket s datagram\nbind s\nblocking s off\nselect s all\n";
    for (int bytes = 1; bytes <= 20; ++bytes) text += "peer s datagram s " + std::to_string(bytes) + '\n';
    const auto provider = make_simulated_provider(simulation);
    const Played played = play(parse(text + "drain s\nquiet\ndrain s\nquiet\n", "datagrams"), *provider);
    EXPECT_EQ(played.outcome, model::Outcome::conforms) << provider->name() << ": " << played.trouble;
    std::vector<std::uint32_t> received;
    for (const model::Observation& observation : played.trace) {
        const auto* const call = std::get_if<model::observation::Call>(&observation);
        if (call != nullptr && call->function == model::Function::recv && !call->failed())
            received.push_back(static_cast<std::uint32_t>(call->result));
    }
    return received;
}

// From its first request on the library watches the host's addresses, as long as the process runs.
TEST(Simulated, AScriptShowsTheSameBehindOneThatWatchesAddresses) {
    const Simulation simulation{Posting::pump, 7, 0, 0, 300};
    const std::vector<std::uint32_t> before = arriving(simulation);
    const Played watching =
        play(parse("socket s datagram\nblocking s off\nwatch-addresses s\n", "watching"), *make_simulated_provider({}));
    EXPECT_EQ(watching.outcome, model::Outcome::conforms) << watching.trouble;
    EXPECT_EQ(arriving(simulation), before);
}

TEST(Simulated, DatagramsAreLostAndOvertakeEachOther) {
    std::size_t fewer = 0;
    std::size_t out_of_order = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        // The control: nothing is lost and all is in order where nobody asks for it.
        const std::vector<std::uint32_t> all = arriving({Posting::pump, seed, 0, 0});
        EXPECT_EQ(all.size(), 20U);
        EXPECT_TRUE(std::ranges::is_sorted(all));

        const std::vector<std::uint32_t> some = arriving({Posting::pump, seed, 0, 0, 200});
        if (some.size() < 20) ++fewer;
        if (!std::ranges::is_sorted(some)) ++out_of_order;
    }
    EXPECT_GE(fewer, 8U);
    EXPECT_GE(out_of_order, 8U);
}

// What waits for a datagram that is lost waits in vain; nothing that was seen is wrong for that.
TEST(Simulated, NoScenarioIsRejectedWhereDatagramsAreLost) {
    for (const Script& script : embedded_suite()) {
        if (script.only == "eager") continue;
        const auto provider = make_simulated_provider({Posting::pump, 5, 0, 0, 300});
        const Played played = play(script, *provider);
        EXPECT_FALSE(played.violation) << script.name << ": " << played.violation->clause;
    }
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
    for (const char* const name :
         {"simulated", "simulated-eager", "simulated:7", "simulated-eager:7:20", "simulated:7:0:100"}) {
        const auto simulation = simulation_called(name);
        ASSERT_TRUE(simulation) << name;
        EXPECT_EQ(make_simulated_provider(*simulation)->name(), name);
        EXPECT_EQ(known_provider(name), "");
    }
    for (const char* const name :
         {"simulate", "simulated:", "simulated:x", "simulated:1:2000", "simulated:1:2:2000", "simulated:1:2:3:4"})
        EXPECT_NE(known_provider(name), "") << name;
}

}  // namespace
}  // namespace asyncselect::conformance
