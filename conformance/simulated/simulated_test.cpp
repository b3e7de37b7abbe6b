// The provider over the simulated network: every scenario conforms, whatever arrives when; the same seed shows the
// same; and a network that breaks its promises is refuted.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/generate.hpp"
#include "conformance/providers.hpp"
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

// A trace without the numbers of handles, which no program may rely on: each is told by when it was seen first.
std::string shown(const Played& played) {
    std::map<std::uint64_t, std::size_t> numbers;
    std::ostringstream text;
    for (const model::Observation& observation : played.trace) {
        const std::string line = model::show(observation);
        for (std::size_t at = 0; at < line.size();) {
            std::size_t end = at;
            while (end < line.size() && line[end] >= '0' && line[end] <= '9') ++end;
            // Those are longer than what a script sends.
            if (end == at) {
                text << line[at++];
                continue;
            }
            text << '#' << numbers.try_emplace(std::stoull(line.substr(at, end - at)), numbers.size()).first->second;
            at = end;
        }
        text << '\n';
    }
    return text.str();
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

// Sends fill a buffer, and peers empty it: how much it takes is the kernel's own affair.
bool is_about_room(const model::Observation& observation) {
    const auto* const call = std::get_if<model::observation::Call>(&observation);
    const auto* const peer = std::get_if<model::observation::Peer>(&observation);
    return (call != nullptr && call->function == model::Function::send) ||
           (peer != nullptr && peer->verb == model::observation::PeerVerb::receive);
}

// Held against the kernel: what one thread plays over the loopback interface shows the same there, call by call and
// message by message. Where steps overlap, threads decide which of the permitted traces it is; how much of a send that
// is too large is taken, and when there is room again, the kernel decides.
void expect_what_the_kernel_shows(Provider& kernel, Provider& simulated, const Script& script, std::size_t& alike) {
    Played there = play(script, kernel);
    Played here = play(script, simulated);
    EXPECT_EQ(there.outcome, model::Outcome::conforms) << show(script);
    EXPECT_EQ(here.outcome, model::Outcome::conforms) << show(script);
    const auto open = [](const Step& step) {
        constexpr std::uint32_t more_than_fits = 1'000'000;
        const auto* const send = std::get_if<operation::Send>(&step.operation);
        return step.meanwhile || (send != nullptr && send->bytes > more_than_fits);
    };
    if (std::ranges::any_of(script.steps, open)) return;
    const auto fills = [](const Step& step) { return std::holds_alternative<operation::Fill>(step.operation); };
    if (std::ranges::any_of(script.steps, fills)) {
        std::erase_if(there.trace, is_about_room);
        std::erase_if(here.trace, is_about_room);
    }
    EXPECT_EQ(shown(there), shown(here)) << show(script);
    ++alike;
}

TEST(Simulated, ShowsWhatTheKernelShows) {
    const auto kernel = make_native_provider();
    const auto simulated = make_simulated_provider();
    std::size_t alike = 0;
    for (const Script& script : embedded_suite()) {
        if (script.only != "eager" && needs_of(script).empty())
            expect_what_the_kernel_shows(*kernel, *simulated, script, alike);
    }
    EXPECT_GT(alike, 140U);
    GenerateOptions options;
    options.count = 80;
    options.walks = 80;
    alike = 0;
    for (const GeneratedScript& generated : generate(options)) {
        if (needs_of(generated.script).empty())
            expect_what_the_kernel_shows(*kernel, *simulated, generated.script, alike);
    }
    EXPECT_GT(alike, 30U);
}

// Its control: what is late in the simulated network is seen.
TEST(Simulated, ShowsSomethingElseThanTheKernelInDisorder) {
    const auto kernel = make_native_provider();
    const auto simulated = make_simulated_provider({Posting::pump, 7, 0, 0});
    std::size_t different = 0;
    for (const Script& script : embedded_suite()) {
        if (!script.only.empty() || !needs_of(script).empty() || !script.name.starts_with("read-")) continue;
        if (shown(play(script, *kernel)) != shown(play(script, *simulated))) ++different;
    }
    EXPECT_GT(different, 0U);
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
