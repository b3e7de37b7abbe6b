// The beginning of a trace up to a violation, as much of it as fits into memory. It must not judge.
#pragma once

#include "conformance/trace_source.hpp"
#include "model/oracle.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

struct Beginning {
    model::Trace trace;  // the last observation is the one of the violation
    bool whole = true;   // otherwise only what the socket of the violation was part of
};

// At most so many observations are held; where there are more, those that have to do with the violation's socket: its
// own since it was made, its connection's, its listener's as far as it came from there, windows, and moments of quiet.
Beginning beginning_of(TraceSource& source, const model::Violation& violation, std::size_t most = 200'000);

}  // namespace asyncselect::conformance
