// Any text as a script: it is read or refused with a place, and what was read is written and read again as the same.
// Knows the language; must not play anything.
#include <cstdio>
#include <cstdlib>

#include "conformance/script.hpp"
#include "fuzz/lines.hpp"
#include "fuzz/script_mutator.hpp"
#include "fuzz/target.hpp"

using namespace asyncselect;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

[[noreturn]] void fail(const char* what, const std::string& text) {
    std::fprintf(stderr, "%s:\n%s\n", what, text.c_str());
    std::abort();
}

// `show` writes each operation for itself; nothing else is compared of a step.
bool same(const conformance::Script& one, const conformance::Script& other) {
    if (one.title != other.title || one.clauses != other.clauses || one.only != other.only) return false;
    if (one.steps.size() != other.steps.size()) return false;
    for (std::size_t index = 0; index < one.steps.size(); ++index)
        if (conformance::show(one.steps[index]) != conformance::show(other.steps[index])) return false;
    return true;
}

}  // namespace

std::string fuzz::show_input(std::span<const std::uint8_t> input) { return std::string(text_of(input)); }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of({data, size});
    conformance::Script script;
    try {
        script = conformance::parse(text, "fuzzed");
    } catch (const conformance::ScriptError& error) {
        if (error.line == 0 || error.column == 0) fail("refused without a place", error.what());
        return 0;
    }
    if (script.steps.size() > 1000) return 0;  // `times` a hundred thousand: the same, for long
    const std::string shown = conformance::show(script);
    try {
        const conformance::Script again = conformance::parse(shown, "fuzzed");
        if (!same(script, again)) fail("what was read is written otherwise", shown);
        if (conformance::show(again) != shown) fail("what was written is written otherwise the next time", shown);
    } catch (const conformance::ScriptError& error) {
        fail(error.what(), shown);
    }
    return 0;
}

// Half of them by bytes, so that what is no script comes as well.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
    if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
    return fuzz::store(fuzz::mutated_script(fuzz::text_of({data, size}), seed / 2), data, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t max_size, unsigned int seed) {
    return fuzz::store(fuzz::crossed_scripts(fuzz::text_of({one, one_size}), fuzz::text_of({other, other_size}), seed),
                       out, max_size);
}
