// Makes a trace that is wrong at its end small: leaves out what can be left out so that the end is still wrong in the
// same way. Results stay as they were, so what is left is a part of what was seen. It must not know what is wrong.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "model/trace.hpp"

namespace asyncselect::conformance {

// Whether a trace is wrong at its last observation, and only there, in the way that is looked for.
using WrongAtItsEnd = std::function<bool(std::span<const model::Observation>)>;

struct Slice {
    model::Trace trace;
    bool cut_short = false;      // there was no time for more: perhaps it can be made smaller still
    std::size_t considered = 0;  // observations that were looked at, over all attempts
};

// First whole sockets are left out, then runs of observations, then single ones; with each goes what depends on it: the
// calls on a socket that is not made, the messages to a window that is not made, the peer of a connection that is not.
// `wrong` must hold for `trace` itself. At most `most_considered` observations are looked at. Any thread.
Slice smallest_slice(const model::Trace& trace, const WrongAtItsEnd& wrong, std::size_t most_considered = 3'000'000);

}  // namespace asyncselect::conformance
