// Traces that are made of lines of a trace: what the oracle makes of observations that nobody would write
// (fuzz/trace_property.hpp). The mutator keeps lines whole, so that nearly all of the time goes into judging.
#include "fuzz/lines.hpp"
#include "fuzz/target.hpp"
#include "fuzz/trace_mutator.hpp"
#include "fuzz/trace_property.hpp"

using namespace asyncselect;

std::string fuzz::show_input(std::span<const std::uint8_t> input) { return std::string(text_of(input)); }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::check_trace(fuzz::text_of({data, size}));
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
    return fuzz::store(fuzz::mutated_trace(fuzz::text_of({data, size}), seed), data, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t max_size, unsigned int seed) {
    return fuzz::store(fuzz::crossed_traces(fuzz::text_of({one, one_size}), fuzz::text_of({other, other_size}), seed),
                       out, max_size);
}
