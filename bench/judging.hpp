// Measures how fast the oracle judges traces. It must not know where they come from.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/oracle.hpp"
#include "model/trace.hpp"

namespace asyncselect::bench {

// Items are observations. The counters tell how many there are, how many states a trace was in at most, and how many
// traces were left undecided.
inline void judge(benchmark::State& state, const std::vector<model::Trace>& traces,
                  const model::OracleOptions& options) {
    std::size_t observations = 0;
    for (auto _ : state) {
        for (const model::Trace& trace : traces) {
            model::Oracle oracle(options);
            for (const model::Observation& observation : trace) {
                if (oracle.observe(observation)) state.SkipWithError("a trace was rejected");
                if (!oracle.undecided().empty()) break;
                ++observations;
            }
            benchmark::DoNotOptimize(oracle);
        }
    }
    std::size_t all = 0;
    std::size_t most_states = 0;
    std::size_t undecided = 0;
    for (const model::Trace& trace : traces) {
        model::Oracle oracle(options);
        for (const model::Observation& observation : trace) {
            oracle.observe(observation);
            most_states = std::max(most_states, oracle.states());
        }
        all += trace.size();
        if (!oracle.undecided().empty()) ++undecided;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(observations));
    state.counters["observations"] = static_cast<double>(all);
    state.counters["undecided"] = static_cast<double>(undecided);
    state.counters["most_states"] = static_cast<double>(most_states);
}

}  // namespace asyncselect::bench
