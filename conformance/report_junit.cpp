// See conformance/report_junit.hpp.
#include "conformance/report_junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "conformance/known.hpp"
#include "conformance/report.hpp"
#include "conformance/report_words.hpp"
#include "conformance/versions.hpp"

namespace asyncselect::conformance {

namespace {

// An attribute's newlines would be read as spaces.
std::string attribute(std::string_view name, std::string_view value) {
    std::string text = escaped(value);
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "&#10;");
    return fmt::format(" {}=\"{}\"", name, text);
}

enum class CaseResult { passed, failure, error, skipped };

struct Case {
    std::string group;  // the class name
    std::string name;
    CaseResult result = CaseResult::passed;
    std::string type;
    std::string message;
    std::string text;  // what a failure tells at length
    std::vector<std::pair<std::string, std::string>> properties;
    std::string out;  // what is worth knowing of a case that passes
};

std::string properties(const std::vector<std::pair<std::string, std::string>>& all, std::size_t indent) {
    if (all.empty()) return "";
    const std::string margin(indent, ' ');
    std::string text = margin + "<properties>\n";
    for (const auto& [name, value] : all)
        text += margin + "  <property" + attribute("name", name) + attribute("value", value) + "/>\n";
    return text + margin + "</properties>\n";
}

std::string print(const Case& one) {
    std::string inside = properties(one.properties, 6);
    const std::string attributes =
        attribute("message", one.message) + (one.type.empty() ? "" : attribute("type", one.type));
    switch (one.result) {
        case CaseResult::passed:
            break;
        case CaseResult::failure:
            inside += "      <failure" + attributes + '>' + escaped(one.text) + "</failure>\n";
            break;
        case CaseResult::error:
            inside += "      <error" + attributes + '>' + escaped(one.text) + "</error>\n";
            break;
        case CaseResult::skipped:
            inside += "      <skipped" + attribute("message", one.message) + "/>\n";
            break;
    }
    if (!one.out.empty()) inside += "      <system-out>" + escaped(one.out) + "</system-out>\n";
    const std::string head = "    <testcase" + attribute("classname", one.group) + attribute("name", one.name);
    return inside.empty() ? head + "/>\n" : head + ">\n" + inside + "    </testcase>\n";
}

// What the scenarios that broke the clause have to tell.
std::string told(const SuiteOutcome& outcome, const ClauseVerdict& verdict) {
    std::string text;
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        const Played& played = scenario.played;
        if (!played.violation || counted_as(played.violation->clause) != verdict.clause->id) continue;
        // Of a clause that fails, what deviates besides is no part.
        if (verdict.status == Status::fails && played.deviates()) continue;
        text += (text.empty() ? "" : "\n") + failure_text(scenario);
    }
    return text;
}

std::string first_cause(const SuiteOutcome& outcome, const ClauseVerdict& verdict) {
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        const Played& played = scenario.played;
        if (!played.violation || counted_as(played.violation->clause) != verdict.clause->id) continue;
        if (verdict.status == Status::fails && played.deviates()) continue;
        return scenario.script.name + ": due " + played.violation->due + ", came " + played.violation->came;
    }
    return std::string(verdict.clause->text);
}

// The findings of a clause, in words.
std::string findings(const std::vector<Finding>& all, std::string_view clause) {
    std::string text;
    for (const Finding& finding : all) {
        if (finding.clause != clause) continue;
        text += (text.empty() ? "" : "; ") + show(finding) + (finding.why.empty() ? "" : ": " + finding.why);
    }
    return text;
}

Case case_of(const SuiteOutcome& outcome, const ClauseVerdict& verdict) {
    Case made;
    made.group = section_of(verdict.clause->id);
    made.name = verdict.clause->id;
    made.properties.emplace_back("verdict", words_for(verdict));
    made.properties.emplace_back("profile", outcome.profile);
    made.properties.emplace_back("text", verdict.clause->text);
    const std::string_view news = news_of(outcome, verdict);
    if (!news.empty()) made.properties.emplace_back("news", news);
    if (news == "known") made.properties.emplace_back("known", findings(outcome.comparison->known, verdict.clause->id));
    const std::string gone = outcome.comparison ? findings(outcome.comparison->gone, verdict.clause->id) : "";
    switch (verdict.status) {
        case Status::conforms:
            break;
        case Status::deviates:
            if (news == "new") {
                made.result = CaseResult::failure;
                made.type = "new deviation";
                made.message = first_cause(outcome, verdict);
                made.text = told(outcome, verdict);
            } else {
                made.out = told(outcome, verdict);
            }
            break;
        case Status::fails:
            if (news == "known") {
                made.result = CaseResult::skipped;
                made.message = "known: " + findings(outcome.comparison->known, verdict.clause->id);
            } else {
                made.result = CaseResult::failure;
                made.type = news == "new" ? "new failure" : "violation";
                made.message = first_cause(outcome, verdict);
                made.text = told(outcome, verdict);
            }
            break;
        case Status::not_covered:
            made.result = CaseResult::skipped;
            made.message = "not covered by any scenario that was played";
            if (!verdict.reason.empty()) made.message += ": " + verdict.reason;
            break;
        case Status::not_possible:
        case Status::skipped:
            made.result = CaseResult::skipped;
            made.message = std::string(name_of(verdict.status)) + ": " + verdict.reason;
            break;
    }
    // What no longer occurs is as loud as what is new.
    if (!gone.empty() && made.result != CaseResult::failure) {
        made.result = CaseResult::failure;
        made.type = "fixed";
        made.message = "no longer so, take it off the list: " + gone;
        made.text = made.message;
    }
    return made;
}

// The errors of the suite, each a case of its own.
std::vector<Case> error_cases(const SuiteOutcome& outcome) {
    std::vector<Case> cases;
    for (const std::string& text : outcome.errors) {
        Case made;
        made.group = "The suite";
        made.name = text;
        made.result = is_known_error(outcome, text) ? CaseResult::skipped : CaseResult::error;
        made.type = "error of the suite";
        made.message = (made.result == CaseResult::skipped ? "known: " : "") + text;
        made.text = text;
        cases.push_back(std::move(made));
    }
    if (!outcome.comparison) return cases;
    for (const Finding& finding : outcome.comparison->gone) {
        if (std::ranges::any_of(outcome.clauses,
                                [&](const ClauseVerdict& verdict) { return verdict.clause->id == finding.clause; }))
            continue;
        Case made;
        made.group = "The suite";
        made.name = show(finding);
        made.result = CaseResult::failure;
        made.type = "fixed";
        made.message = "no longer so, take it off the list: " + show(finding);
        made.text = made.message;
        cases.push_back(std::move(made));
    }
    return cases;
}

}  // namespace

std::string junit_report(const std::vector<SuiteOutcome>& outcomes) {
    std::string suites;
    for (const SuiteOutcome& outcome : outcomes) {
        std::vector<Case> cases;
        for (const std::vector<ClauseVerdict>* const verdicts : {&outcome.clauses, &outcome.not_counted}) {
            for (const ClauseVerdict& verdict : *verdicts) cases.push_back(case_of(outcome, verdict));
        }
        std::ranges::move(error_cases(outcome), std::back_inserter(cases));
        const auto count = [&](CaseResult result) { return std::ranges::count(cases, result, &Case::result); };
        suites += "  <testsuite" + attribute("name", outcome.provider) +
                  fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n", cases.size(),
                              count(CaseResult::failure), count(CaseResult::error), count(CaseResult::skipped));
        suites += properties({{"provider", outcome.provider},
                              {"provider.version", outcome.version},
                              {"profile", outcome.profile},
                              {"suite.version", std::string(versions().suite)},
                              {"scripts", outcome.given_scripts ? "given" : "of the suite"},
                              {"scripts.sha256", outcome.given_scripts ? "" : std::string(versions().scripts_sha256)},
                              {"clauses.sha256", std::string(versions().clauses_sha256)},
                              {"summary", summary_line(outcome)}},
                             4);
        for (const Case& one : cases) suites += print(one);
        suites += "  </testsuite>\n";
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"asyncselect conformance\">\n" + suites +
           "</testsuites>\n";
}

}  // namespace asyncselect::conformance
