// The report of a suite: for people, 80 columns wide, and as JSON. It must not judge.
#pragma once

#include <string>
#include <vector>

#include "conformance/suite.hpp"

namespace asyncselect::conformance {

// The text. Where the providers agree on a clause it is told once, otherwise for each by name. The last lines are one
// for each provider, `NAME: N clauses: A conform, B deviate, C fail, D not covered`, with a newline behind each.
// `colours`: with the escapes of a terminal. Any thread.
std::string text_report(const std::vector<SuiteOutcome>& outcomes, bool colours);

// The same content as one JSON object, with a newline behind it; `version` counts changes of its form. Any thread.
std::string json_report(const std::vector<SuiteOutcome>& outcomes);

// What a scenario with a violation has to tell: clause, steps, what was due, what came. Without colours; several lines.
std::string failure_text(const ScenarioOutcome& outcome);

// A provider's line, without its name and the newline: `, N not possible` and `, N skipped` follow where there are
// such; and where there is a list of what is known, `; N known, N new, N fixed`.
std::string summary_line(const SuiteOutcome& outcome);

}  // namespace asyncselect::conformance
