// The report as one page for a browser: a matrix of clauses and providers, and the evidence behind each verdict. The
// page needs nothing besides itself. It must not judge.
#pragma once

#include <string>
#include <vector>

#include "conformance/suite.hpp"

namespace asyncselect::conformance {

// The page. Any thread.
std::string html_report(const std::vector<SuiteOutcome>& outcomes);

}  // namespace asyncselect::conformance
