// Changes scripts so that they stay scripts: the language itself, as conformance/script.hpp describes and reads it,
// says what a line may be. Must not know how scripts are played.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace asyncselect::fuzz {

// Another script, from text that is one (from any other text: any script). It differs by a few lines or words.
std::string mutated_script(std::string_view text, std::uint64_t seed);

// The beginning of the one, and a part of the other.
std::string crossed_scripts(std::string_view one, std::string_view other, std::uint64_t seed);

}  // namespace asyncselect::fuzz
