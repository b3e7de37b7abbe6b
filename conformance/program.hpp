// The program `asyncselect` as a function, so that tests can call it.
#pragma once

namespace asyncselect::conformance {

// Runs the program; returns its exit code: 0 conform, 1 not, 2 bad usage or input.
int program(int argc, const char* const* argv);

}  // namespace asyncselect::conformance
