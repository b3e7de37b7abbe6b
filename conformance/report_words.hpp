// The words that every form of the report uses: of sections, verdicts, what is known. It must not know any form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/suite.hpp"

namespace asyncselect::conformance {

// "FD_READ", "The call", "Readings": the section of the specification that a clause stands in.
std::string_view section_of(std::string_view clause);

// "conforms", "not yet covered", ...
std::string_view name_of(Status status);

// The same with the deviations: "deviates (W-2)".
std::string words_for(const ClauseVerdict& verdict);

// What the errors of an outcome are headed with: our own provider has to show everything, another one need not.
std::string_view errors_title(const SuiteOutcome& outcome);

// What of this verdict is on a list of what is known, and so no news: "known"; "new" where such a list does not have
// it;
// "" where there is no list, or nothing to be known.
std::string_view news_of(const SuiteOutcome& outcome, const ClauseVerdict& verdict);

// Whether a violation of this scenario is on the list.
bool is_known(const SuiteOutcome& outcome, const ScenarioOutcome& scenario);

std::string join(const std::vector<std::string>& parts, std::string_view between);

// The text as UTF-8 that a reader cannot refuse: what is none, and control characters besides tab and newline, become
// U+FFFD.
std::string readable(std::string_view text);

// The same for XML and HTML, in text and in attributes.
std::string escaped(std::string_view text);

}  // namespace asyncselect::conformance
