// Changes traces so that their lines stay lines of a trace: conformance/trace_fields.hpp says which there are. Must not
// know what is allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace asyncselect::fuzz {

// Another trace, from text that is one; of lines that are none some are kept. It differs by a few lines or values.
std::string mutated_trace(std::string_view text, std::uint64_t seed);

// The beginning of the one, and a part of the other.
std::string crossed_traces(std::string_view one, std::string_view other, std::uint64_t seed);

}  // namespace asyncselect::fuzz
