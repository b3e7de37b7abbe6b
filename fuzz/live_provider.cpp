// The native provider over the loopback interface: each input is a script, which is played, and the oracle judges. A
// line `only eager` plays it in that way of posting. Steps that overlap are played so; then the same input need not run
// the same way twice. Also built with ThreadSanitizer. Knows scripts; must not know what is expected of one.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "conformance/executor.hpp"
#include "conformance/provider.hpp"
#include "conformance/script.hpp"
#include "fuzz/lines.hpp"
#include "fuzz/playable.hpp"
#include "fuzz/script_mutator.hpp"
#include "fuzz/target.hpp"

using namespace asyncselect;

namespace {

// A message that is late on a busy machine is not missing: what is found with the first is played with the second.
constexpr std::chrono::milliseconds short_patience{200};
constexpr std::chrono::milliseconds patience{10'000};

std::optional<conformance::Script> script_in(std::span<const std::uint8_t> input) {
    try {
        return fuzz::playable(conformance::parse(fuzz::text_of(input), "fuzzed"), fuzz::Network::loopback);
    } catch (const conformance::ScriptError&) {
        return std::nullopt;
    }
}

conformance::Played play(const conformance::Script& script, std::chrono::milliseconds patience_of_play) {
    conformance::ExecutorOptions options;
    options.patience = patience_of_play;
    options.watchdog = std::max(patience_of_play, std::chrono::milliseconds{3000});
    const auto provider = conformance::make_native_provider(script.only == "eager" ? conformance::Posting::eager
                                                                                   : conformance::Posting::pump);
    return conformance::play(script, *provider, options);
}

// Nothing that is played here may wait for ever.
bool hangs(const conformance::Played& played) { return played.stuck || played.trouble == "the call does not return"; }

bool refuted(const conformance::Played& played) {
    return played.outcome == model::Outcome::violates || played.outcome == model::Outcome::deviates;
}

// Whether what was observed last is only that something had not come yet.
bool may_be_late(const conformance::Played& played) {
    return hangs(played) ||
           (!played.trace.empty() && std::holds_alternative<model::observation::Quiet>(played.trace.back()));
}

[[noreturn]] void fail(const conformance::Script& script, const conformance::Played& played) {
    std::fprintf(stderr, "%s", conformance::show(script).c_str());
    if (played.violation) {
        std::fprintf(stderr, "violates %s: due: %s; came: %s\n", played.violation->clause.c_str(),
                     played.violation->due.c_str(), played.violation->came.c_str());
    } else {
        std::fprintf(stderr, "at step %zu: %s\n", played.last_step + 1, played.trouble.c_str());
    }
    for (const auto& observation : played.trace) std::fprintf(stderr, "    %s\n", model::show(observation).c_str());
    std::abort();
}

}  // namespace

std::string fuzz::show_input(std::span<const std::uint8_t> input) {
    const auto script = script_in(input);
    return script ? conformance::show(*script) : std::string(text_of(input));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto script = script_in({data, size});
    if (!script) return 0;
    auto played = play(*script, short_patience);
    if (!refuted(played) && !hangs(played)) return 0;
    if (may_be_late(played)) {
        if (played.stuck) fail(*script, played);
        played = play(*script, patience);
        if (!refuted(played) && !hangs(played)) return 0;
    }
    fail(*script, played);
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
    return fuzz::store(fuzz::mutated_script(fuzz::text_of({data, size}), seed), data, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t max_size, unsigned int seed) {
    return fuzz::store(fuzz::crossed_scripts(fuzz::text_of({one, one_size}), fuzz::text_of({other, other_size}), seed),
                       out, max_size);
}
