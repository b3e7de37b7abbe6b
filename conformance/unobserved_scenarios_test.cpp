// What every scenario shows of our own provider, told by somebody who saw nothing of peers and network: the oracle
// accepts all of it. It must not know what a scenario expects.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "conformance/network.hpp"
#include "conformance/provider.hpp"
#include "conformance/suite.hpp"
#include "model/oracle.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {
namespace {

// Before any thread is started.
const std::optional<std::string> no_network = network::enter_namespace();

model::Trace stripped(const model::Trace& trace) {
    model::Trace left;
    std::ranges::copy_if(trace, std::back_inserter(left), [](const model::Observation& observation) {
        return !std::holds_alternative<model::observation::Peer>(observation) &&
               !std::holds_alternative<model::observation::Change>(observation);
    });
    return left;
}

class Unobserved : public ::testing::TestWithParam<Posting> {};

TEST_P(Unobserved, EveryScenarioIsAccepted) {
    const std::unique_ptr<Provider> provider = make_native_provider(GetParam());
    SuiteOptions options;
    options.no_network = no_network.value_or("");
    std::size_t judged = 0;
    std::size_t most_states = 0;
    for (const ScenarioOutcome& outcome : run(embedded_suite(), *provider, options).scenarios) {
        const model::Trace trace = stripped(outcome.played.trace);
        for (const bool ours : {true, false}) {
            model::OracleOptions unobserved;
            unobserved.ours = ours;
            unobserved.unobserved_peers = true;
            model::Oracle oracle(unobserved);
            for (std::size_t step = 0; step < trace.size(); ++step) {
                const std::optional<model::Violation> broken = oracle.observe(trace[step]);
                most_states = std::max(most_states, oracle.states());
                if (!broken) continue;
                std::string told;
                for (std::size_t index = 0; index <= step; ++index) told += "\n  " + model::show(trace[index]);
                for (const std::string& state : broken->states) told += "\n    " + state;
                ADD_FAILURE() << outcome.script.name << ", ours " << ours << ": " << broken->clause << ", due "
                              << broken->due << ", came " << broken->came << told;
                break;
            }
            ++judged;
        }
    }
    EXPECT_GT(judged, 200U);
    std::cout << judged << " judgements, at most " << most_states << " states\n";
}

INSTANTIATE_TEST_SUITE_P(Posting, Unobserved, ::testing::Values(Posting::pump, Posting::eager),
                         [](const auto& instance) { return instance.param == Posting::pump ? "pump" : "eager"; });

}  // namespace
}  // namespace asyncselect::conformance
