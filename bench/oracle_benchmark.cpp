// How many observations a second the oracle judges, on one core: of all scenarios as the native provider plays them, in
// both ways of posting, and of random walks, in which far more happens unseen. All are recorded before it is measured.
// It must not know what they are about.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/network.hpp"
#include "conformance/provider.hpp"
#include "conformance/suite.hpp"
#include "model/oracle.hpp"
#include "model/test_simulation.hpp"

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
        if (!outcome.played.trace.empty()) traces.push_back(std::move(outcome.played.trace));
    }
    return traces;
}

// What a provider shows that does what the model says.
std::vector<model::Trace> walk(model::Kind kind, const model::Profile& profile) {
    std::vector<model::Trace> traces;
    for (std::uint32_t seed = 0; seed < 100; ++seed)
        traces.push_back(model::simulation::Provider(seed, kind, profile).run(60).trace());
    return traces;
}

// Items are observations.
void judge(benchmark::State& state, const std::function<const std::vector<model::Trace>&()>& recorded,
           const model::OracleOptions& options) {
    const std::vector<model::Trace>& traces = recorded();
    std::size_t observations = 0;
    std::size_t most_states = 0;
    std::size_t undecided = 0;
    for (const model::Trace& trace : traces) observations += trace.size();
    for (auto _ : state) {
        for (const model::Trace& trace : traces) {
            model::Oracle oracle(options);
            for (const model::Observation& observation : trace) {
                if (oracle.observe(observation)) state.SkipWithError("a trace was rejected");
            }
            benchmark::DoNotOptimize(oracle);
        }
    }
    for (const model::Trace& trace : traces) {
        model::Oracle oracle(options);
        for (const model::Observation& observation : trace) {
            oracle.observe(observation);
            most_states = std::max(most_states, oracle.states());
        }
        if (!oracle.undecided().empty()) ++undecided;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * observations));
    state.counters["observations"] = static_cast<double>(observations);
    state.counters["undecided"] = static_cast<double>(undecided);
    state.counters["most_states"] = static_cast<double>(most_states);
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
            const auto recorded = [posting, &no_network]() -> const std::vector<model::Trace>& {
                static std::map<Posting, std::vector<model::Trace>> known;
                if (!known.contains(posting)) known[posting] = record(posting, no_network);
                return known[posting];
            };
            const std::string name = std::string("scenarios/") + (posting == Posting::pump ? "pump" : "eager") +
                                     (binds ? "/ours" : "/any_provider");
            benchmark::RegisterBenchmark(name.c_str(), judge, recorded,
                                         model::OracleOptions{model::spec_profile, binds});
        }
    }
    for (const bool is_windows : {false, true}) {
        const model::Profile profile = is_windows ? model::windows_profile : model::spec_profile;
        for (const bool is_stream : {false, true}) {
            const std::vector<model::Trace> walks =
                walk(is_stream ? model::Kind::stream : model::Kind::datagram, profile);
            for (const bool binds : {true, false}) {
                const std::string name = std::string("walks/") + (is_stream ? "stream/" : "datagram/") +
                                         (is_windows ? "windows" : "spec") + (binds ? "/ours" : "/any_provider");
                benchmark::RegisterBenchmark(
                    name.c_str(), judge, [walks]() -> const std::vector<model::Trace>& { return walks; },
                    model::OracleOptions{profile, binds});
            }
        }
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
