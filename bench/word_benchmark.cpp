// How long a step of the word takes: one after the other on one word, where each waits for the one before; and on many
// words, as of many sockets. It must not know sockets.
#include <benchmark/benchmark.h>

#include <array>

#include "impl/core/word.hpp"

namespace asyncselect::core {
namespace {

// An echo, as the word sees it: data arrives, it is received, and sent back.
constexpr std::array an_echo{
    stimulus::data_arrived(), stimulus::receive_begins(), stimulus::received(false, false),
    stimulus::send_begins(),  stimulus::sent(true),
};

void steps_of_one(benchmark::State& state) {
    auto word = step(step(Word{0}, stimulus::connected_at_once(false)).word, stimulus::select(0x3ff)).word;
    auto stimuli = an_echo;
    benchmark::DoNotOptimize(stimuli);
    Events posts = 0;
    for (auto _ : state) {
        for (const auto& one : stimuli) {
            const auto stepped = step(word, one);
            word = stepped.word;
            posts ^= stepped.posts;
        }
    }
    benchmark::DoNotOptimize(word);
    benchmark::DoNotOptimize(posts);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(an_echo.size()));
}
BENCHMARK(steps_of_one);

void steps_of_many(benchmark::State& state) {
    const auto fresh = step(step(Word{0}, stimulus::connected_at_once(false)).word, stimulus::select(0x3ff)).word;
    std::array<Word, 64> words{};
    words.fill(fresh);
    Events posts = 0;
    for (auto _ : state) {
        for (auto& word : words) {
            const auto stepped = step(word, stimulus::data_arrived());
            posts ^= stepped.posts;
            word = step(stepped.word, stimulus::received(false, false)).word;
        }
        benchmark::DoNotOptimize(words);
    }
    benchmark::DoNotOptimize(posts);
    state.SetItemsProcessed(2 * state.iterations() * static_cast<std::int64_t>(words.size()));
}
BENCHMARK(steps_of_many);

}  // namespace
}  // namespace asyncselect::core

BENCHMARK_MAIN();
