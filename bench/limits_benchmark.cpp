// What it costs the oracle that something happens unseen: random walks of an application that hardly ever looks at its
// queue, peers and a network of whose doings nothing is known yet, and threads whose calls overlap. docs/oracle.md
// tells the figures.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/judging.hpp"
#include "model/linearization.hpp"
#include "model/oracle.hpp"
#include "model/story.hpp"
#include "model/test_simulation.hpp"

namespace asyncselect {
namespace {

using model::OracleOptions;
using model::observation::PeerVerb;
using model::story::Story;

// ---- walks

// What a provider shows that does what the model says.
std::vector<model::Trace> walks(model::Kind kind, const model::Profile& profile) {
    std::vector<model::Trace> traces;
    for (std::uint32_t seed = 0; seed < 100; ++seed)
        traces.push_back(model::simulation::Provider(seed, kind, profile).run(60).trace());
    return traces;
}

void register_walks() {
    for (const bool is_windows : {false, true}) {
        for (const bool is_stream : {false, true}) {
            for (const bool binds : {true, false}) {
                const std::string name = std::string("walks/") + (is_stream ? "stream/" : "datagram/") +
                                         (is_windows ? "windows" : "spec") + (binds ? "/ours" : "/any_provider");
                benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
                    const model::Profile profile = is_windows ? model::windows_profile : model::spec_profile;
                    bench::judge(state, walks(is_stream ? model::Kind::stream : model::Kind::datagram, profile),
                                 OracleOptions{profile, binds});
                });
            }
        }
    }
}

// ---- doings that may have taken effect or not

enum class Doings : std::uint8_t { data, urgent_and_data, urgent_data_and_calls, changes };

// A socket that is registered for everything, `count` things of which nobody knows whether they have happened already,
// and none of their messages retrieved.
model::Trace pending(Doings doings, std::int64_t count) {
    Story story;
    if (doings == Doings::changes)
        story.datagram_socket(1);
    else
        story.connection(1);
    story.select(1, model::every_event);
    for (std::int64_t number = 0; number < count; ++number) {
        switch (doings) {
            case Doings::data:
                story.sends(1, 1);
                break;
            case Doings::urgent_data_and_calls:
                story.recv(1, 1, 0, model::wsa::would_block);
                [[fallthrough]];
            case Doings::urgent_and_data:
                if (number % 2 == 0)
                    story.peer(1, PeerVerb::urgent);
                else
                    story.sends(1, 1);
                break;
            case Doings::changes:
                if (number % 2 == 0)
                    story.watch_route(1, "d").route_changes("d");
                else
                    story.watch_addresses(1).addresses_change();
                break;
        }
    }
    return story.trace();
}

void register_pending() {
    struct Family {
        const char* name;
        Doings doings;
    };
    for (const Family& family : {Family{"pending/data", Doings::data},
                                 {"pending/urgent_and_data", Doings::urgent_and_data},
                                 {"pending/urgent_data_and_calls", Doings::urgent_data_and_calls},
                                 {"pending/changes", Doings::changes}}) {
        for (const bool binds : {true, false}) {
            const std::string name = std::string(family.name) + (binds ? "/ours" : "/any_provider");
            benchmark::RegisterBenchmark(
                name.c_str(),
                [doings = family.doings, binds](benchmark::State& state) {
                    bench::judge(state, {pending(doings, state.range(0))}, OracleOptions{model::spec_profile, binds});
                })
                ->Arg(4)
                ->Arg(8)
                ->Arg(12)
                ->Arg(16)
                ->Arg(24)
                ->Arg(32)
                ->Unit(benchmark::kMillisecond);
        }
    }
}

// ---- calls that overlap

enum class Calls : std::uint8_t { receive, register_anew, mixed };

// So many threads, each with two calls on the same socket, all of which overlap; then the messages, and quiet.
std::vector<model::Happening> overlapping(Calls calls, std::int64_t threads) {
    Story before;
    before.connection(1).select(1, model::story::fd_read | model::story::fd_oob);
    before.sends(1, static_cast<std::uint32_t>(8 * threads)).message(1, model::story::fd_read).quiet();
    std::vector<model::Happening> history = model::story::without_overlap(before.trace());
    const std::uint64_t start = 2 * history.size();
    const auto add = [&](const Story& call, std::uint64_t from, std::uint64_t to, std::int64_t thread) {
        history.push_back({call.trace().front(), from, to, static_cast<std::uint32_t>(thread)});
    };
    for (std::int64_t thread = 0; thread < threads; ++thread) {
        for (std::uint64_t round = 0; round < 2; ++round) {
            Story call = Story::empty();
            const bool registers = calls == Calls::register_anew || (calls == Calls::mixed && thread % 2 == 0);
            if (registers)
                call.select(1, model::story::fd_oob, model::story::window, 2000 + static_cast<std::uint32_t>(thread));
            else
                call.recv(1, 1, 1);
            add(call, start + 2 * round, start + 100 + 2 * round, 10 + thread);
        }
    }
    return history;
}

void register_overlap() {
    struct Family {
        const char* name;
        Calls calls;
    };
    for (const Family& family : {Family{"overlap/receive", Calls::receive},
                                 {"overlap/register_anew", Calls::register_anew},
                                 {"overlap/mixed", Calls::mixed}}) {
        benchmark::RegisterBenchmark(family.name,
                                     [calls = family.calls](benchmark::State& state) {
                                         const model::Oracle start;
                                         const auto history = overlapping(calls, state.range(0));
                                         model::Linearization found;
                                         for (auto _ : state)
                                             found = model::linearize_from(std::span(&start, 1), history);
                                         state.counters["steps"] = static_cast<double>(found.steps);
                                         state.counters["ends"] = static_cast<double>(found.ends.size());
                                         state.counters["accepted"] = found.accepted() ? 1 : 0;
                                     })
            ->DenseRange(2, 8)
            ->Unit(benchmark::kMillisecond);
    }
}

}  // namespace
}  // namespace asyncselect

int main(int count, char** arguments) {
    using namespace asyncselect;
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
    register_walks();
    register_pending();
    register_overlap();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
