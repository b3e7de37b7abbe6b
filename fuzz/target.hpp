// What every fuzz target offers: libFuzzer's entry, and its input in words, so that a find can be read and played
// again. Knows no target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

// Runs one input; aborts where it finds a fault. Returns 0, always: services take a target that wants none of its first
// inputs for one that is not instrumented. Never depends on what ran before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Called once before the first input; `--show FILE...` is its doing (fuzz/show.cpp). Returns 0.
extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments);

namespace asyncselect::fuzz {

// What the input does, as a person would write it: a script or a trace where it is one.
std::string show_input(std::span<const std::uint8_t> input);

}  // namespace asyncselect::fuzz
