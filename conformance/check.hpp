// Judges a trace as it is read: holds what is not decided yet, and of a violation its surroundings. It must not know
// where a trace comes from, nor how the command line looks.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/script_of_trace.hpp"
#include "conformance/trace_file.hpp"
#include "conformance/trace_source.hpp"
#include "model/coverage.hpp"
#include "model/oracle.hpp"

namespace asyncselect::conformance {

struct CheckOptions {
    model::Profile profile = model::spec_profile;
    std::string profile_name = "spec";
    bool ours = false;    // the readings marked *ours* bind the provider, whatever the header says
    bool smaller = true;  // search the smallest part of the trace that is wrong in the same way
    // Called now and then with the number of the line that was read last, if set.
    std::function<void(std::size_t)> on_line;
};

// A line of a trace, in words.
struct SeenLine {
    std::size_t line = 0;
    bool note = false;
    std::string text;
};

// Where a trace leaves what is allowed.
struct Departure {
    model::Violation violation;
    std::size_t line = 0;          // of the observation, from 1
    std::string observed;          // the observation, in words
    std::vector<SeenLine> before;  // the last lines before it
};

// As little of the trace as is wrong in the same way, and a script that brings it about again.
struct Smaller {
    model::Trace trace;
    bool cut_short = false;  // perhaps it can be made smaller still
    ScriptOfTrace script;
};

struct Checked {
    std::string name;
    TraceHeader header;
    std::string profile;
    bool ours = false;
    model::Outcome outcome = model::Outcome::conforms;
    std::size_t observations = 0;  // that were judged
    std::size_t lines = 0;         // that were read
    std::set<std::string> evidence;
    model::Coverage coverage;  // the transitions exercised
    std::vector<std::string> deviations;
    std::string undecided;             // why
    std::optional<Departure> finding;  // of what violates or deviates: of a deviation, the first place
    std::optional<Smaller> smaller;    // of what violates or deviates, where it was asked for
    std::string not_smaller;           // why there is none, where it was asked for
};

// Throws TraceError: it is no trace; std::runtime_error: it cannot be read.
Checked check(TraceSource& source, const CheckOptions& options);

// The verdict in lines for people, the first of which says it all. Any thread.
std::string text_of(const Checked& checked);

// The small trace as a file has it, with what it shows as a note. Any thread.
std::string trace_text(const Checked& checked);

// All verdicts as one JSON object with a newline behind it; `version` counts changes of its form. Any thread.
std::string json_of(const std::vector<Checked>& all);

}  // namespace asyncselect::conformance
