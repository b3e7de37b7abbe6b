// The report as one page for a browser: a matrix of clauses and providers, and the evidence behind each verdict. The
// page needs nothing besides itself. It must not judge.
#pragma once

#include <string>
#include <vector>

#include "conformance/proved.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {

// The page. `proved`: what is proved of the code that runs, told beside the clauses. Any thread.
std::string html_report(const std::vector<SuiteOutcome>& outcomes, const std::vector<ProvedClaim>& proved = {});

}  // namespace asyncselect::conformance
