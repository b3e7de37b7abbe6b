// What a provider is known to do otherwise: lists of it in files, and the comparison of what was found with them. News
// is what is not on the list, and what is and does not occur any more. docs/reports.md describes the form. It must not
// know how a report is printed.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace asyncselect::conformance {

struct SuiteOutcome;
struct ScenarioOutcome;

// One kind of departure from a clause, and the scenarios that show it.
struct Finding {
    std::string clause;                  // empty: an error of the suite
    std::string as;                      // "fails", "W-2" (several: "W-1, W-2"), "not covered" or "error"
    std::vector<std::string> scenarios;  // on a list: empty means any
    std::string why;                     // what the list says of it
    bool at_times = false;               // on a list: some runs do not show it
};

// "AS-CLOSE-5 deviates (W-2) in close-reset, close-then-reset".
std::string show(const Finding& finding);

struct KnownList {
    std::string provider;  // by name, without version
    std::string profile;
    std::vector<Finding> known;
};

// Why a text is no such list. `line` and `column` count from 1.
struct KnownError : std::runtime_error {
    KnownError(std::size_t at_line, std::size_t at_column, const std::string& what)
        : std::runtime_error(what), line(at_line), column(at_column) {}
    std::size_t line;
    std::size_t column;
};

// One list, or an array of several. Throws KnownError: no JSON, an unknown or missing field, a value of the wrong kind,
// a clause that does not exist, an entry twice. Any thread.
std::vector<KnownList> parse_known(std::string_view text);

// The text of these lists: one is written as itself, several as an array.
std::string write_known(const std::vector<KnownList>& lists);

// What was found, beside a list.
struct Comparison {
    std::vector<Finding> known;       // on the list, and found
    std::vector<Finding> fresh;       // found, and not on the list
    std::vector<Finding> gone;        // on the list, looked for and not found: fixed
    std::vector<Finding> unexamined;  // on the list, and nothing that was played could have shown it, or need have

    [[nodiscard]] bool holds() const { return fresh.empty() && gone.empty(); }
};

// Everything that was found: a finding for each clause and kind.
std::vector<Finding> findings_of(const SuiteOutcome& outcome);

// The one of a scenario that has a violation.
Finding finding_of(const ScenarioOutcome& scenario);

// Whether an error of the suite, as it is told there, is on the list that the outcome was compared with.
bool is_known_error(const SuiteOutcome& outcome, const std::string& told);

Comparison compare(const KnownList& list, const SuiteOutcome& outcome);

// The present state as a list; what `before` (may be null) says of the reasons is kept.
KnownList known_now(const SuiteOutcome& outcome, const KnownList* before);

}  // namespace asyncselect::conformance
