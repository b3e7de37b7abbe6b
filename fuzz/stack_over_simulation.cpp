// The winsock and the window layer over the network in memory: each input is a script, which is played, and the oracle
// judges. A first line `# simulated:SEED:FAILURES:LOST`, as the provider is called, says what arrives when, in which
// pieces, of a thousand calls to the system how many fail, and of a thousand datagrams how many are lost and how many
// late; without one everything goes well. A line `only eager` plays it in that way of posting. The same input is the
// same execution. Knows scripts; must not know what is expected of one.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "conformance/executor.hpp"
#include "conformance/provider.hpp"
#include "conformance/script.hpp"
#include "conformance/simulated_provider.hpp"
#include "fuzz/lines.hpp"
#include "fuzz/playable.hpp"
#include "fuzz/script_mutator.hpp"
#include "fuzz/target.hpp"

using namespace asyncselect;

namespace {

std::optional<conformance::Script> script_in(std::string_view text) {
    try {
        return conformance::parse(text, "fuzzed");
    } catch (const conformance::ScriptError&) {
        return std::nullopt;
    }
}

conformance::Simulation simulation_of(const conformance::Script& script) {
    conformance::Simulation simulation =
        conformance::simulation_called(script.title).value_or(conformance::Simulation{});
    if (script.only == "eager") simulation.posting = conformance::Posting::eager;
    return simulation;
}

// The network begins anew with each script; the provider is made anew only where it is another one.
conformance::Provider& provider_of(const conformance::Simulation& simulation) {
    static conformance::Simulation made;
    static std::unique_ptr<conformance::Provider> provider;
    if (!provider || made != simulation) {
        provider.reset();
        provider = conformance::make_simulated_provider(simulation);
        made = simulation;
    }
    return *provider;
}

std::string head_of(const conformance::Simulation& simulation) {
    if (simulation.seed == 0 && simulation.failures == 0 && simulation.lost == 0) return "";
    std::string head = "# simulated:" + std::to_string(simulation.seed) + ':' + std::to_string(simulation.failures);
    if (simulation.lost != 0) head += ':' + std::to_string(simulation.lost);
    return head + '\n';
}

std::string text_of(const conformance::Script& program, const conformance::Simulation& simulation) {
    return head_of(simulation) + conformance::show(program);
}

[[noreturn]] void fail(const conformance::Script& program, const conformance::Simulation& simulation,
                       const conformance::Played& played) {
    std::fprintf(stderr, "asyncselect play --judge --provider %s\n%s",
                 std::string(provider_of(simulation).name()).c_str(), text_of(program, simulation).c_str());
    std::fprintf(stderr, "violates %s: due: %s; came: %s\n", played.violation->clause.c_str(),
                 played.violation->due.c_str(), played.violation->came.c_str());
    for (const auto& observation : played.trace) std::fprintf(stderr, "    %s\n", model::show(observation).c_str());
    std::abort();
}

std::string kept_or_changed(const conformance::Simulation& before, std::uint64_t seed) {
    fuzz::Chance chance(~seed);
    conformance::Simulation simulation = before;
    if (chance.one_in(8)) {
        constexpr std::array<unsigned, 4> failures{0, 0, 15, 150};
        constexpr std::array<unsigned, 4> lost{0, 0, 100, 400};
        simulation.seed = chance.below(1000);
        simulation.failures = failures[chance.below(failures.size())];
        simulation.lost = lost[chance.below(lost.size())];
    }
    return head_of(simulation);
}

}  // namespace

std::string fuzz::show_input(std::span<const std::uint8_t> input) {
    const auto script = script_in(text_of(input));
    if (!script) return std::string(text_of(input));
    return ::text_of(playable(*script, Network::simulated), simulation_of(*script));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto script = script_in(fuzz::text_of({data, size}));
    if (!script) return 0;
    const auto simulation = simulation_of(*script);
    const auto program = fuzz::playable(std::move(*script), fuzz::Network::simulated);
    // What a failure has left without what the rest needs is not played to its end: that is no find.
    conformance::ExecutorOptions options;
    options.tell_evidence = false;
    const auto played = conformance::play(program, provider_of(simulation), options);
    if (played.violation) fail(program, simulation, played);
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
    const std::string_view text = fuzz::text_of({data, size});
    const auto script = script_in(text);
    const auto simulation = script ? simulation_of(*script) : conformance::Simulation{};
    return fuzz::store(kept_or_changed(simulation, seed) + fuzz::mutated_script(text, seed), data, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t max_size, unsigned int seed) {
    const std::string_view text = fuzz::text_of({one, one_size});
    const auto script = script_in(text);
    const auto simulation = script ? simulation_of(*script) : conformance::Simulation{};
    return fuzz::store(head_of(simulation) + fuzz::crossed_scripts(text, fuzz::text_of({other, other_size}), seed), out,
                       max_size);
}
