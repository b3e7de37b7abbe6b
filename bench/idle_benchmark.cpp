// Few busy sockets among as many idle ones as no machine's descriptors allow: over the network in memory, what a round
// trip takes and what an idle registered socket takes of the library's memory.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
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

// Some busy connections and so many idle sockets, kept for as long as as many are wanted: a benchmark is called several
// times, and a million sockets take longer to open than what is measured beside them.
struct Scene {
    explicit Scene(std::int64_t count) {
        const auto before = in_use();
        idle = idle_sockets(window, count);
        bytes = in_use() - before - idle.size() * sizeof(asyncselect_SOCKET);
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    ~Scene() {
        close_all(busy);
        close_all(idle);
    }

    Window window;
    std::vector<Ends> busy =
        busy_connections(window);  // before the others: the network looks for their ports among all
    std::vector<asyncselect_SOCKET> idle;
    std::size_t bytes = 0;  // for the idle ones, of the library and of the network
};

void busy_among_idle(benchmark::State& state) {
    static std::unique_ptr<Scene> kept;
    static std::int64_t most_before = 0;
    static double bytes_of_one = 0;
    const std::int64_t count = state.range(0);
    if (!kept || static_cast<std::int64_t>(kept->idle.size()) != count) {
        kept.reset();
        World::get().reset({});
        kept = std::make_unique<Scene>(count);
        // What was used once is kept for the next, so only those count that there are more of than ever before.
        if (count == most)
            bytes_of_one = static_cast<double>(kept->bytes) / static_cast<double>(count - most_before) -
                           static_cast<double>(of_network(most)) / most;
        most_before = std::max(most_before, count);
    }
    echo_among_idle(state, kept->busy);
    if (count == most) state.counters["bytes_of_an_idle_socket"] = bytes_of_one;
}
BENCHMARK(busy_among_idle)->Arg(0)->Arg(10'000)->Arg(100'000)->Arg(most);

}  // namespace
}  // namespace asyncselect::bench

int main(int argc, char** argv) {
    using namespace asyncselect::bench;  // NOLINT: this file is nothing else
    World::get().allow_descriptors(most + 1000);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
}
