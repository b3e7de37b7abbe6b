// The form of traces as a JSON Schema, made from the reader's own table of fields. It must not read traces.
#pragma once

#include <string>

namespace asyncselect::conformance {

// A schema (2020-12) of each line of a trace; docs/trace.schema.json is this text. What it cannot say: that the first
// line is a header and no other is, that numbers are written without "." and "e", and which lines can follow which.
// Any thread.
std::string trace_schema();

}  // namespace asyncselect::conformance
