// The report as JUnit XML, for CI systems: a test suite for each provider, a test case for each clause. It must not
// judge.
#pragma once

#include <string>
#include <vector>

#include "conformance/suite.hpp"

namespace asyncselect::conformance {

// One document. docs/reports.md says what becomes what. Any thread.
std::string junit_report(const std::vector<SuiteOutcome>& outcomes);

}  // namespace asyncselect::conformance
