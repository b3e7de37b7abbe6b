// What every fuzz target offers: libFuzzer's entry, and its input in words, so that a find can be read and played again.
// Knows no target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

// Runs one input; aborts where it finds a fault. Returns 0, or -1 for what is not worth keeping. Never depends on what
// ran before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace asyncselect::fuzz {

// What the input does, as a person would write it: a script or a trace where it is one.
std::string show_input(std::span<const std::uint8_t> input);

}  // namespace asyncselect::fuzz
