// How fast scripts are played over the simulated network, on one core: scenarios, and random walks of 20 steps, with
// the oracle's verdict; the same calls without the oracle and the executor; and the network by itself. Each tells what
// bounds the one above.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "conformance/executor.hpp"
#include "conformance/generate.hpp"
#include "conformance/provider.hpp"
#include "conformance/simulated_provider.hpp"
#include "conformance/suite.hpp"
#include "conformance/surroundings.hpp"
#include "impl/net/simulated/world.hpp"
#include "model/event.hpp"

namespace asyncselect {
namespace {

namespace cf = conformance;

constexpr std::size_t steps_of_a_script = 20;

bool one_thread(const cf::Script& script) {
    return std::ranges::all_of(script.steps,
                               [](const cf::Step& step) { return step.thread == "main" && !step.meanwhile; });
}

// Walks of that many steps, as far as they stay in one thread or do not.
std::vector<cf::Script> walks(bool in_one_thread) {
    static const std::vector<cf::GeneratedScript> all = [] {
        cf::GenerateOptions options;
        options.count = options.walks = 2000;
        options.length = 14;  // moves; an opening and moments of quiet come on top
        return cf::generate(options);
    }();
    std::vector<cf::Script> scripts;
    for (const cf::GeneratedScript& generated : all) {
        cf::Script script = generated.script;
        if (generated.kind != cf::Kind::walk || one_thread(script) != in_one_thread) continue;
        if (script.steps.size() < steps_of_a_script) continue;
        script.steps.resize(steps_of_a_script);
        scripts.push_back(std::move(script));
    }
    return scripts;
}
std::vector<cf::Script> walks_in_one_thread() { return walks(true); }
std::vector<cf::Script> walks_in_several_threads() { return walks(false); }

// The scenarios that stay in one thread.
std::vector<cf::Script> scenarios() {
    std::vector<cf::Script> scripts = cf::embedded_suite();
    std::erase_if(scripts, [](const cf::Script& script) { return !one_thread(script) || !script.only.empty(); });
    return scripts;
}

void play(benchmark::State& state, std::vector<cf::Script> (*made)(), const cf::Simulation& simulation) {
    const std::vector<cf::Script> scripts = made();
    const std::unique_ptr<cf::Provider> provider = cf::make_simulated_provider(simulation);
    if (scripts.empty()) return state.SkipWithError("there are no such scripts");
    std::size_t next = 0;
    std::int64_t observations = 0;
    std::uint64_t troubles = 0;
    for (auto _ : state) {
        const cf::Played played = cf::play(scripts[next++ % scripts.size()], *provider);
        observations += static_cast<std::int64_t>(played.trace.size());
        if (played.fails()) ++troubles;
    }
    if (troubles != 0)
        std::cerr << "simulated_benchmark: " << troubles << " scripts were not played or do not conform\n";
    state.SetItemsProcessed(state.iterations());
    state.counters["observations"] =
        benchmark::Counter(static_cast<double>(observations), benchmark::Counter::kAvgIterations);
}

// A connection comes, is registered, some data is read for its messages, and it is closed: the library alone.
void connections(benchmark::State& state, const cf::Simulation& simulation) {
    const std::unique_ptr<cf::Provider> provider = cf::make_simulated_provider(simulation);
    cf::Surroundings& around = *provider->surroundings();
    provider->startup();
    const auto window = static_cast<cf::Handle>(provider->create_window().value);
    const auto listener = static_cast<cf::Handle>(provider->open_stream(false).value);
    provider->bind(listener, {}, false);
    provider->listen(listener, 128);
    provider->async_select(listener, window, cf::wm_user, model::every_event);
    const cf::Endpoint there = *provider->local(listener);
    std::array<char, 256> buffer{};
    std::uint64_t messages = 0;
    for (auto _ : state) {
        const auto peer = around.connect(there, around.now());
        cf::Endpoint caller;
        const auto accepted = static_cast<cf::Handle>(provider->accept(listener, caller).value);
        for (int turn = 0; turn < 5; ++turn) {
            peer->send(100, around.now());
            while (provider->peek(true)) ++messages;
            provider->receive(accepted, buffer, 256, 0, cf::Way::plain);
        }
        peer->close();
        while (provider->peek(true)) ++messages;
        provider->close(accepted);
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["messages"] = benchmark::Counter(static_cast<double>(messages), benchmark::Counter::kAvgIterations);
    provider->close(listener);
    provider->destroy_window(window);
    provider->cleanup();
}

// The network by itself: the same, without the library.
void network(benchmark::State& state) {
    simulated::World world;
    const int listener = static_cast<int>(world.open(false, true).value);
    benchmark::DoNotOptimize(world.listen(listener, 128));
    simulated::Name there;
    benchmark::DoNotOptimize(world.local(listener, there));
    there.host = {127, 0, 0, 1};
    for (auto _ : state) {
        const int one = static_cast<int>(world.open(false, true).value);
        benchmark::DoNotOptimize(world.connect(one, there));
        simulated::Name caller;
        const int other = static_cast<int>(world.accept(listener, caller).value);
        std::optional<std::size_t> urgent_at;
        for (int turn = 0; turn < 5; ++turn) {
            benchmark::DoNotOptimize(world.send(one, 100, false, false));
            benchmark::DoNotOptimize(world.receive(other, 256, false, false, false, urgent_at));
        }
        world.close(one);
        world.close(other);
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(play, scenarios, scenarios, cf::Simulation{});
BENCHMARK_CAPTURE(play, walks, walks_in_one_thread, cf::Simulation{});
BENCHMARK_CAPTURE(play, walks_in_disorder, walks_in_one_thread, cf::Simulation{cf::Posting::pump, 7, 0});
BENCHMARK_CAPTURE(play, walks_of_several_threads, walks_in_several_threads, cf::Simulation{});
BENCHMARK_CAPTURE(play, walks_eager, walks_in_one_thread, cf::Simulation{cf::Posting::eager, 0, 0});
BENCHMARK_CAPTURE(connections, in_order, cf::Simulation{});
BENCHMARK_CAPTURE(connections, disorder, cf::Simulation{cf::Posting::pump, 7, 0});
BENCHMARK(network);

}  // namespace
}  // namespace asyncselect

int main(int count, char** arguments) {
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
