// The report of a suite: for people, 80 columns wide, and as JSON. It must not judge.
#pragma once

#include <string>

#include "conformance/suite.hpp"

namespace asyncselect::conformance {

// The text; the last line is `N clauses: A conform, B deviate, C fail, D not covered`, with a newline behind it.
// `colours`: with the escapes of a terminal. Any thread.
std::string text_report(const SuiteOutcome& outcome, bool colours);

// The same content as one JSON object, with a newline behind it. Any thread.
std::string json_report(const SuiteOutcome& outcome);

// The last line, without the newline.
std::string summary_line(const SuiteOutcome& outcome);

}  // namespace asyncselect::conformance
