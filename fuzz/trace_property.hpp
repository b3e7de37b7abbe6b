// What holds of every text that is given to the trace reader and the oracle. Two targets ask it: one makes texts of
// bytes, the other of lines.
#pragma once

#include <string_view>

namespace asyncselect::fuzz {

// Reads the text as a trace and judges it. Prints and aborts where something does not hold:
//  - what is no trace is refused with a line and a column,
//  - each observation is written and read again as the same,
//  - what is accepted with the readings marked *ours* is accepted without them,
//  - a copy of the oracle goes on as the oracle does,
//  - the script that a trace is told as is a script.
void check_trace(std::string_view text);

}  // namespace asyncselect::fuzz
