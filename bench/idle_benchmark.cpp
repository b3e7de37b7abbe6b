// Few busy sockets among as many idle ones as no machine's descriptors allow: over the network in memory, what a round
// trip takes and what an idle registered socket takes of the library's memory.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <memory>
#include <vector>

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

// So many idle sockets, kept for as long as as many are wanted: a benchmark is called several times, and a million
// sockets take longer to open than what is measured beside them.
struct Idle {
    explicit Idle(std::int64_t count) {
        const auto before = in_use();
        sockets = idle_sockets(window, count);
        bytes = in_use() - before - sockets.size() * sizeof sockets.front();
    }
    Idle(const Idle&) = delete;
    Idle& operator=(const Idle&) = delete;
    ~Idle() { close_all(sockets); }

    Window window;
    std::vector<asyncselect_SOCKET> sockets;
    std::size_t bytes = 0;  // of the library and of the network
};

const Idle& idle(std::int64_t count) {
    static std::unique_ptr<Idle> kept;
    if (!kept || static_cast<std::int64_t>(kept->sockets.size()) != count) {
        kept.reset();
        World::get().reset({});
        kept = std::make_unique<Idle>(count);
    }
    return *kept;
}

// What the library itself has for each of `most` idle sockets, by what malloc says.
double bytes_of_an_idle_socket() {
    static const double bytes =
        (static_cast<double>(idle(most).bytes) - static_cast<double>(of_network(most))) / static_cast<double>(most);
    return bytes;
}

void busy_among_idle(benchmark::State& state) {
    echo_among_idle(state, idle(state.range(0)).window);
    if (state.range(0) == most) state.counters["bytes_of_an_idle_socket"] = bytes_of_an_idle_socket();
}
// The most first: memory that was used once is kept for the next.
BENCHMARK(busy_among_idle)->Arg(most)->Arg(100'000)->Arg(10'000)->Arg(0);

}  // namespace
}  // namespace asyncselect::bench

int main(int argc, char** argv) {
    using namespace asyncselect::bench;  // NOLINT: this file is nothing else
    World::get().allow_descriptors(most + 1000);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
}
