// How many observations a second the oracle judges, on one core: of all scenarios as the native provider plays them, in
// both ways of posting. They are played once, before it is measured. It must not know what they are about.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/judging.hpp"
#include "conformance/network.hpp"
#include "conformance/provider.hpp"
#include "conformance/suite.hpp"
#include "model/oracle.hpp"

namespace asyncselect {
namespace {

using conformance::Posting;

// What the scenarios show of the native provider.
std::vector<model::Trace> record(Posting posting, const std::string& no_network) {
    const std::unique_ptr<conformance::Provider> provider = conformance::make_native_provider(posting);
    conformance::SuiteOptions options;
    options.no_network = no_network;
    std::vector<model::Trace> traces;
    for (conformance::ScenarioOutcome& outcome :
         conformance::run(conformance::embedded_suite(), *provider, options).scenarios) {
        if (outcome.played.violation || !outcome.played.trouble.empty())
            std::cerr << "oracle_benchmark: " << outcome.script.name << " does not conform\n";
        // What overlaps is for the follower to put in order; see limits_benchmark.
        const bool overlaps = std::ranges::any_of(outcome.played.trace, [](const model::Observation& observation) {
            return std::holds_alternative<model::observation::Began>(observation);
        });
        if (!outcome.played.trace.empty() && !overlaps) traces.push_back(std::move(outcome.played.trace));
    }
    return traces;
}

// In one way of posting: recorded when it is asked for first.
const std::vector<model::Trace>& recorded(Posting posting, const std::string& no_network) {
    static std::map<Posting, std::vector<model::Trace>> known;
    if (!known.contains(posting)) known[posting] = record(posting, no_network);
    return known[posting];
}

}  // namespace
}  // namespace asyncselect

int main(int count, char** arguments) {
    using namespace asyncselect;
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
    // Before any thread is started.
    const std::string no_network = conformance::network::enter_namespace().value_or("");
    if (!no_network.empty()) std::cerr << "oracle_benchmark: without a network of its own: " << no_network << '\n';
    for (const bool binds : {true, false}) {
        for (const Posting posting : {Posting::pump, Posting::eager}) {
            const std::string name = std::string("scenarios/") + (posting == Posting::pump ? "pump" : "eager") +
                                     (binds ? "/ours" : "/any_provider");
            benchmark::RegisterBenchmark(name.c_str(), [posting, binds, &no_network](benchmark::State& state) {
                bench::judge(state, recorded(posting, no_network), model::OracleOptions{model::spec_profile, binds});
            });
        }
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
