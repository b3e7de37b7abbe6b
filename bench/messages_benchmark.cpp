// Messages: posted and retrieved by one thread, and from one thread to another. It must not know sockets.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "bench/api.hpp"

namespace asyncselect::bench {
namespace {

void one_thread(benchmark::State& state) {
    const Window window;
    for (auto _ : state) {
        asyncselect_PostMessageA(window.handle(), socket_message, 1, 2);
        benchmark::DoNotOptimize(next_message());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(one_thread);

void one_thread_in_batches(benchmark::State& state) {
    const Window window;
    const auto batch = state.range(0);
    for (auto _ : state) {
        for (std::int64_t i = 0; i < batch; ++i) asyncselect_PostMessageA(window.handle(), socket_message, 1, 2);
        for (std::int64_t i = 0; i < batch; ++i) benchmark::DoNotOptimize(next_message());
    }
    state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(one_thread_in_batches)->Arg(64)->Arg(1000);

void dispatched(benchmark::State& state) {
    const Window window;
    for (auto _ : state) {
        asyncselect_PostMessageA(window.handle(), socket_message, 1, 2);
        const auto message = next_message();
        asyncselect_DispatchMessageA(&message);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(dispatched);

// Another thread posts as fast as it can, as long as fewer than so many wait: with more of them than the queue holds it
// finds it full, and tries again. Time on the wall: both work.
void between_threads(benchmark::State& state) {
    const Window window;
    const auto most_waiting = static_cast<std::uint64_t>(state.range(0));
    std::atomic<bool> over{false};
    alignas(64) std::atomic<std::uint64_t> retrieved{0};
    std::thread poster([&] {
        std::uint64_t posted = 0;
        for (std::uint64_t seen = 0; !over.load(std::memory_order_relaxed);) {
            if (posted - seen >= most_waiting) {
                seen = retrieved.load(std::memory_order_relaxed);
                continue;
            }
            if (asyncselect_PostMessageA(window.handle(), socket_message, 1, 2) == 0)
                std::this_thread::yield();
            else
                ++posted;
        }
    });
    std::uint64_t count = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(next_message());
        if (++count % 64 == 0) retrieved.store(count, std::memory_order_relaxed);
    }
    over = true;
    poster.join();
    drop_messages();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(between_threads)->Arg(1000)->Arg(1'000'000)->UseRealTime();

// There and back: each waits for the other, so each message wakes a thread. How long that takes, for which share of
// them.
void there_and_back(benchmark::State& state) {
    const Window here;
    std::atomic<asyncselect_HWND> there{nullptr};
    std::thread other([&] {
        const Window window;
        there = window.handle();
        there.notify_one();
        while (next_message().wParam != 0) asyncselect_PostMessageA(here.handle(), socket_message, 1, 2);
    });
    there.wait(nullptr);
    std::vector<std::uint64_t> took;
    took.reserve(1'000'000);
    for (auto _ : state) {
        const auto begin = std::chrono::steady_clock::now();
        asyncselect_PostMessageA(there, socket_message, 1, 2);
        benchmark::DoNotOptimize(next_message());
        if (took.size() < took.capacity())
            took.push_back(static_cast<std::uint64_t>((std::chrono::steady_clock::now() - begin).count()));
    }
    asyncselect_PostMessageA(there, socket_message, 0, 2);
    other.join();
    state.SetItemsProcessed(2 * state.iterations());
    std::sort(took.begin(), took.end());
    for (const auto& [name, share] :
         {std::pair{"ns_half", 0.5}, {"ns_90%", 0.9}, {"ns_99%", 0.99}, {"ns_99.9%", 0.999}})
        state.counters[name] =
            static_cast<double>(took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1))]);
}
BENCHMARK(there_and_back)->UseRealTime();

}  // namespace
}  // namespace asyncselect::bench

BENCHMARK_MAIN();
