// How long a step of the model takes, all ten machines of one socket, beside one of the word (word_benchmark): what a
// test or a proof pays for each. It must not know the library.
#include <benchmark/benchmark.h>

#include <array>

#include "model/socket.hpp"
#include "model/stimulus.hpp"

namespace asyncselect::model {
namespace {

// A socket that is connected and registered for everything.
Socket registered() {
    auto socket = Socket::accepted();
    socket.apply(stimulus::AsyncSelect{0x3ff});
    return socket;
}

// The echo of word_benchmark: data arrives, it is received, and sent back.
void steps(benchmark::State& state) {
    auto socket = registered();
    const std::array<Stimulus, 3> an_echo{stimulus::DataArrived{1}, stimulus::Received{1}, stimulus::Sent{}};
    std::size_t posts = 0;
    for (auto _ : state)
        for (const auto& one : an_echo) posts += socket.apply(one).size();
    // FD_READ for each that arrives: else nothing was measured.
    if (posts != static_cast<std::size_t>(state.iterations())) state.SkipWithError("the machines do not post FD_READ");
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(an_echo.size()));
}
BENCHMARK(steps);

// A copy, as a search makes one for each step that it tries.
void copies(benchmark::State& state) {
    const auto socket = registered();
    for (auto _ : state) {
        auto copy = socket;
        benchmark::DoNotOptimize(copy);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(copies);

}  // namespace
}  // namespace asyncselect::model

BENCHMARK_MAIN();
