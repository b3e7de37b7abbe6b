// Few busy sockets among as many idle ones as no machine's descriptors allow: over the network in memory, what a round
// trip takes and what an idle registered socket takes of the library's memory.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <memory>
#include <string>

#include "bench/api.hpp"
#include "bench/idle.hpp"
#include "impl/net/simulated/world.hpp"

namespace asyncselect::bench {
namespace {

using simulated::World;

constexpr std::int64_t most = 1'000'000;

std::size_t in_use() {
    const auto memory = mallinfo2();
    return memory.uordblks + memory.hblkhd;
}

// What the network itself takes for so many sockets that somebody waits for.
std::size_t of_network(std::int64_t count) {
    const auto before = in_use();
    const auto alone = std::make_unique<World>();
    alone->allow_descriptors(static_cast<std::size_t>(count));
    const int poller = alone->add_poller();
    for (std::int64_t i = 0; i < count; ++i) {
        const auto opened = alone->open(false, true);
        must(opened.ok() && alone->watch(poller, static_cast<int>(opened.value), 0), "opening a socket of the network");
    }
    return in_use() - before;
}

void busy_among_idle(benchmark::State& state) {
    World::get().reset({});
    const Window window;
    echo_among_idle(state, window, idle_sockets(window, state.range(0)));
}
BENCHMARK(busy_among_idle)->Arg(0)->Arg(10'000)->Arg(100'000)->Arg(most);

// Of the library's own, for each socket. Asked once, and first: memory that was used once is kept for the next.
std::string bytes_of_an_idle_socket() {
    const auto network = of_network(most);
    const Window window;
    const auto before = in_use();
    const auto idle = idle_sockets(window, most);
    const auto taken = in_use() - before - idle.size() * sizeof idle.front();
    for (const auto one : idle) asyncselect_closesocket(one);
    return std::to_string((static_cast<double>(taken) - static_cast<double>(network)) / most);
}

}  // namespace
}  // namespace asyncselect::bench

int main(int argc, char** argv) {
    using namespace asyncselect::bench;  // NOLINT: this file is nothing else
    World::get().allow_descriptors(most + 1000);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::AddCustomContext("bytes of the library for each of " + std::to_string(most) + " idle sockets",
                                bytes_of_an_idle_socket());
    benchmark::RunSpecifiedBenchmarks();
}
