// A script as a C program of plain Winsock, for those who do not want to build this project to see a fault: the calls
// in their order, the peer beside them. It must not know any provider, nor how to play a script.
#pragma once

#include <stdexcept>
#include <string>

#include "conformance/executor.hpp"
#include "conformance/script.hpp"

namespace asyncselect::conformance {

// Why a script cannot be such a program, with the step.
struct NotExportable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The program in C99, for <winsock2.h>. If `played` is a play of the script that violates a clause, the program ends
// with a look at exactly that: its exit code is 1 if the fault shows, 0 if it does not, 2 if it could not be played
// that far. Otherwise it plays the whole script, prints what comes and ends with 0. Throws NotExportable. Any thread.
std::string export_c(const Script& script, const Played* played = nullptr);

}  // namespace asyncselect::conformance
