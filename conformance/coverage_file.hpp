// Which transitions and clauses some scripts have exercised, as a file. It must not know how they were played.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "conformance/suite.hpp"
#include "model/coverage.hpp"

namespace asyncselect::conformance {

struct Exercised {
    model::Coverage transitions;
    std::set<std::string> clauses;
};

// What all of them have exercised together.
Exercised coverage_of(const std::vector<SuiteOutcome>& outcomes);

// The names of these transitions: "read-1". In the order of model::transitions().
std::vector<std::string> keys_of(const model::Coverage& exercised);

struct ShownTransitions {
    std::string text;    // how many of those that can be shown, and what is missing or cannot be, with the reasons
    bool exact = false;  // exactly those that can be shown were
};

// What has been shown of all transitions.
ShownTransitions shown_transitions(const model::Coverage& exercised);

// {"transitions": ["read-1", ...], "clauses": ["AS-READ-1", ...]}. Throws std::runtime_error if it cannot be written.
void write_coverage(const std::string& file, const Exercised& exercised);

}  // namespace asyncselect::conformance
