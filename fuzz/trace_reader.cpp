// Any bytes as a trace: read or refused with a place, judged without a crash (fuzz/trace_property.hpp).
#include "fuzz/lines.hpp"
#include "fuzz/target.hpp"
#include "fuzz/trace_property.hpp"

std::string asyncselect::fuzz::show_input(std::span<const std::uint8_t> input) { return std::string(text_of(input)); }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asyncselect;
    fuzz::check_trace(fuzz::text_of({data, size}));
    return 0;
}
