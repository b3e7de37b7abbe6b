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
#include "model/follower.hpp"
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
    for (const ScenarioOutcome& outcome : run(embedded_suite(), *provider, options).scenarios) {
        const model::Trace trace = stripped(outcome.played.trace);
        for (const bool ours : {true, false}) {
            model::OracleOptions unobserved;
            unobserved.ours = ours;
            unobserved.unobserved_peers = true;
            model::Follower follower(unobserved);
            std::string told;
            for (const model::Observation& observation : trace) {
                told += "\n  " + model::show(observation);
                if (!follower.observe(observation)) break;
            }
            follower.end();
            if (follower.outcome() != model::Outcome::conforms) {
                const model::Violation broken = follower.violation().value_or(model::Violation{});
                ADD_FAILURE() << outcome.script.name << ", ours " << ours << ": " << follower.reason() << broken.clause
                              << ", due " << broken.due << ", came " << broken.came << told;
            }
            ++judged;
        }
    }
    EXPECT_GT(judged, 200U);
    std::cout << judged << " judgements\n";
}

INSTANTIATE_TEST_SUITE_P(Posting, Unobserved, ::testing::Values(Posting::pump, Posting::eager),
                         [](const auto& instance) { return instance.param == Posting::pump ? "pump" : "eager"; });

}  // namespace
}  // namespace asyncselect::conformance
