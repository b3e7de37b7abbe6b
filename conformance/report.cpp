// Printing reports. It must not judge.
#include "conformance/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/coverage_file.hpp"
#include "conformance/known.hpp"
#include "conformance/report_words.hpp"
#include "conformance/text.hpp"
#include "conformance/versions.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::size_t width = text_width;

// Escapes, or nothing.
class Paint {
  public:
    explicit Paint(bool on) : on_(on) {}
    [[nodiscard]] std::string bold(std::string_view text) const { return with("1", text); }
    [[nodiscard]] std::string dim(std::string_view text) const { return with("2", text); }
    [[nodiscard]] std::string status(Status status, std::string_view text) const {
        switch (status) {
            case Status::conforms:
                return with("32", text);
            case Status::deviates:
                return with("33", text);
            case Status::fails:
                return with("1;31", text);
            case Status::not_covered:
                return with("2", text);
            case Status::not_possible:
            case Status::skipped:
                return with("33", text);
        }
        return std::string(text);
    }

  private:
    [[nodiscard]] std::string with(std::string_view code, std::string_view text) const {
        return on_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
    }
    bool on_;
};

// Where the steps of a scenario are long, the last ones matter.
constexpr std::size_t most_observations = 40;

// `provider`: its name, where there are several.
std::string failure(const ScenarioOutcome& outcome, std::string_view provider, const Paint& paint) {
    const Played& played = outcome.played;
    const model::Violation& violation = *played.violation;
    const bool deviates = played.deviates();
    std::string out = "\n";
    const std::string head =
        violation.clause.empty() ? std::string("The observations contradict each other") : violation.clause;
    const std::string verdict = deviates ? "deviates (" + join(played.deviations, ", ") + ")" : "fails";
    out += paint.status(deviates ? Status::deviates : Status::fails, head + ' ' + verdict) + '\n';
    if (const model::Clause* clause = model::find(violation.clause)) out += wrap(clause->text, 2);
    if (!provider.empty()) out += labelled("provider", provider);
    out += labelled("scenario", outcome.script.name + ": " + outcome.script.title);
    out += "  steps\n";
    const std::size_t last = violation.step;
    std::size_t index = 0;
    if (last + 1 > most_observations) {
        index = last + 1 - most_observations;
        out += fmt::format("    ... {} earlier observations\n", index);
    }
    std::size_t step = ~std::size_t{0};
    for (; index <= last && index < played.trace.size(); ++index) {
        if (played.step_of[index] != step) {
            step = played.step_of[index];
            out += fmt::format("    {}\n", paint.bold(show(outcome.script.steps[step])));
        }
        const std::string shown = model::show(played.trace[index]);
        out += index == last ? wrap("> " + shown, 6) : wrap(shown, 8);
    }
    out += labelled("due", violation.due);
    out += labelled("came", violation.came);
    for (const std::string& line : violation.allowed) out += labelled("allowed", line);
    for (const std::string& state : violation.states) out += labelled("state", state);
    if (outcome.minimized) {
        out += "  minimized\n";
        for (const Step& step : outcome.minimized->steps) out += fmt::format("    {}\n", show(step));
    }
    if (!outcome.minimized_remark.empty()) out += labelled("but", outcome.minimized_remark);
    return out;
}

// What a list of known departures says of what was found, and the other way round.
std::string news(const SuiteOutcome& outcome, std::string_view provider, const Paint& paint) {
    if (!outcome.comparison) return "";
    const Comparison& comparison = *outcome.comparison;
    const auto titled = [&](std::string_view title) {
        return '\n' + paint.bold(std::string(title) + (provider.empty() ? "" : ", " + std::string(provider))) + '\n';
    };
    std::string out;
    if (!comparison.holds()) {
        out += titled("News");
        for (const Finding& finding : comparison.fresh)
            out += paint.status(Status::fails, labelled("new", show(finding)));
        for (const Finding& finding : comparison.gone) {
            out += paint.status(Status::fails,
                                labelled("fixed", "it is no longer so, take it off the list: " + show(finding)));
        }
    }
    const auto list = [&](std::string_view title, const std::vector<Finding>& findings) {
        if (findings.empty()) return;
        out += titled(title);
        for (const Finding& finding : findings)
            out += wrap(show(finding) + (finding.why.empty() ? "" : ": " + finding.why), 2);
    };
    list("Known", comparison.known);
    list("Known, and not examined", comparison.unexamined);
    return out;
}

std::string fitted(std::string_view text, std::size_t room) {
    if (text.size() <= room) return std::string(text);
    const std::size_t cut = text.rfind(' ', room - 3);
    return std::string(text.substr(0, cut == std::string_view::npos ? room - 3 : cut)) + "...";
}

}  // namespace

std::string failure_text(const ScenarioOutcome& outcome) { return failure(outcome, "", Paint(false)).substr(1); }

std::string summary_line(const SuiteOutcome& outcome) {
    std::string line =
        fmt::format("{} clauses: {} conform, {} deviate, {} fail, {} not covered", outcome.clauses.size(),
                    outcome.count(Status::conforms), outcome.count(Status::deviates), outcome.count(Status::fails),
                    outcome.count(Status::not_covered));
    for (const Status status : {Status::not_possible, Status::skipped}) {
        if (const std::size_t count = outcome.count(status); count > 0) {
            line += fmt::format(", {} {}", count, name_of(status));
        }
    }
    if (outcome.comparison) {
        line += fmt::format("; {} known, {} new, {} fixed", outcome.comparison->known.size(),
                            outcome.comparison->fresh.size(), outcome.comparison->gone.size());
    }
    return line;
}

namespace {

// As much of a hash as tells two apart.
std::string_view shortened(std::string_view hash) { return hash.substr(0, 16); }

std::string versions_line(const std::vector<SuiteOutcome>& outcomes) {
    const std::string scripts = outcomes.front().given_scripts
                                    ? "scripts as given"
                                    : fmt::format("scripts {}", shortened(versions().scripts_sha256));
    return fmt::format("Suite {}, {}, clauses {} (SHA-256)\n", versions().suite, scripts,
                       shortened(versions().clauses_sha256));
}

std::string heading(const SuiteOutcome& outcome) {
    const auto left_out = std::ranges::count_if(
        outcome.scenarios, [](const ScenarioOutcome& scenario) { return !scenario.reason.empty(); });
    return fmt::format("Provider {}{}, {} profile, {} scenarios{}\n", outcome.provider,
                       outcome.version.empty() ? "" : ' ' + outcome.version, outcome.profile, outcome.scenarios.size(),
                       left_out == 0 ? "" : fmt::format(", {} of them not played", left_out));
}

// The lines of the clause at `index`: one where the providers agree.
std::string clause_lines(const std::vector<SuiteOutcome>& outcomes, std::size_t index, const Paint& paint) {
    const auto words_of = [index](const SuiteOutcome& outcome) {
        const ClauseVerdict& verdict = outcome.clauses[index];
        const std::string_view what = news_of(outcome, verdict);
        return (what.empty() ? "" : std::string(what) + ": ") + words_for(verdict);
    };
    const bool agreed = std::ranges::all_of(
        outcomes, [&](const SuiteOutcome& outcome) { return words_of(outcome) == words_of(outcomes.front()); });
    std::string out;
    for (const SuiteOutcome& outcome : outcomes) {
        const ClauseVerdict& verdict = outcome.clauses[index];
        const std::string words = (agreed ? "" : outcome.provider + ": ") + words_of(outcome);
        if (!out.empty()) {
            out += fmt::format("{:15}{}\n", "", paint.status(verdict.status, words));
            continue;
        }
        const std::string head = fmt::format("  {:<13}", verdict.clause->id);
        const std::string padded = fmt::format("{:<16}", words);
        const std::size_t used = head.size() + padded.size() + 1;
        out += head + paint.status(verdict.status, padded) + ' ' +
               paint.dim(fitted(verdict.clause->text, used + 10 < width ? width - used : 10)) + '\n';
        if (agreed) break;
    }
    return out;
}

// The clauses that have this status, grouped by the reason.
std::string reasons(const std::vector<SuiteOutcome>& outcomes, Status status, const Paint& paint) {
    struct Group {
        std::string reason;
        std::vector<std::string> ids;
        std::vector<std::string> providers;
    };
    std::vector<Group> groups;
    for (const SuiteOutcome& outcome : outcomes) {
        for (const std::vector<ClauseVerdict>* const verdicts : {&outcome.clauses, &outcome.not_counted}) {
            for (const ClauseVerdict& verdict : *verdicts) {
                if (verdict.status != status) continue;
                auto group = std::ranges::find(groups, verdict.reason, &Group::reason);
                if (group == groups.end()) group = groups.insert(group, {verdict.reason, {}, {}});
                const auto add = [](std::vector<std::string>& to, std::string_view text) {
                    if (std::ranges::find(to, text) == to.end()) to.emplace_back(text);
                };
                const bool windows = verdict.clause->id.starts_with("W-");
                add(group->ids, std::string(verdict.clause->id) + (windows ? " of the windows profile" : ""));
                add(group->providers, outcome.provider);
            }
        }
    }
    if (groups.empty()) return "";
    std::string title{name_of(status)};
    title.front() = status == Status::skipped ? 'S' : 'N';
    std::string out = '\n' + paint.bold(title) + '\n';
    for (const Group& group : groups) {
        const bool everywhere = group.providers.size() == outcomes.size();
        out += wrap(
            join(group.ids, ", ") + (everywhere ? "" : " (" + join(group.providers, ", ") + ')') + ": " + group.reason,
            2);
    }
    return out;
}

}  // namespace

std::string text_report(const std::vector<SuiteOutcome>& outcomes, bool colours) {
    const Paint paint(colours);
    const bool several = outcomes.size() > 1;
    std::string out = versions_line(outcomes);
    for (const SuiteOutcome& outcome : outcomes) out += heading(outcome);
    std::string_view section;
    for (std::size_t index = 0; index < outcomes.front().clauses.size(); ++index) {
        const std::string_view id = outcomes.front().clauses[index].clause->id;
        if (section_of(id) != section) {
            section = section_of(id);
            out += '\n' + paint.bold(section) + '\n';
        }
        out += clause_lines(outcomes, index, paint);
    }
    out += reasons(outcomes, Status::not_possible, paint);
    out += reasons(outcomes, Status::skipped, paint);
    for (const SuiteOutcome& outcome : outcomes) {
        for (const ScenarioOutcome& scenario : outcome.scenarios) {
            // What is known is told in a line of its own.
            if (scenario.played.violation && !is_known(outcome, scenario))
                out += failure(scenario, several ? outcome.provider : "", paint);
        }
    }
    for (const SuiteOutcome& outcome : outcomes) {
        if (outcome.errors.empty()) continue;
        const std::string title = std::string(errors_title(outcome)) + (several ? ", " + outcome.provider : "");
        out += '\n' + paint.status(Status::fails, title) + '\n';
        for (const std::string& error : outcome.errors)
            out += wrap((is_known_error(outcome, error) ? "known: " : "") + error, 2);
    }
    for (const SuiteOutcome& outcome : outcomes) out += news(outcome, several ? outcome.provider : "", paint);
    out += '\n' + paint.bold("Transitions of the model exercised") + '\n';
    for (const SuiteOutcome& outcome : outcomes) {
        out += fmt::format("  {}: {} of {}\n", outcome.provider, outcome.transitions().count(),
                           model::transitions().size());
    }
    out += '\n';
    std::size_t longest = 0;
    for (const SuiteOutcome& outcome : outcomes) longest = std::max(longest, outcome.provider.size());
    for (const SuiteOutcome& outcome : outcomes) {
        out += fmt::format("{:<{}} {}\n", outcome.provider + ':', longest + 1, summary_line(outcome));
    }
    return out;
}

namespace {

using nlohmann::ordered_json;

// Of the form of the report: 1 was that of a single provider, 2 had no versions and no news, 3 no transitions.
constexpr int json_version = 4;

ordered_json json_of(const std::vector<Finding>& findings) {
    ordered_json all = ordered_json::array();
    for (const Finding& finding : findings) {
        all.push_back(
            {{"clause", finding.clause}, {"as", finding.as}, {"scenarios", finding.scenarios}, {"why", finding.why}});
    }
    return all;
}

ordered_json json_of(const SuiteOutcome& outcome, const std::vector<ClauseVerdict>& verdicts) {
    ordered_json clauses = ordered_json::array();
    for (const ClauseVerdict& verdict : verdicts) {
        clauses.push_back({{"id", verdict.clause->id},
                           {"section", section_of(verdict.clause->id)},
                           {"verdict", name_of(verdict.status)},
                           {"deviations", verdict.deviations},
                           {"scenarios", verdict.scenarios},
                           {"reason", verdict.reason},
                           {"news", news_of(outcome, verdict)},
                           {"text", verdict.clause->text}});
    }
    return clauses;
}

ordered_json json_of(const SuiteOutcome& outcome) {
    ordered_json failures = ordered_json::array();
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        const Played& played = scenario.played;
        if (!played.violation) continue;
        ordered_json steps = ordered_json::array();
        for (std::size_t index = 0; index <= played.violation->step && index < played.trace.size(); ++index) {
            steps.push_back({{"step", show(scenario.script.steps[played.step_of[index]])},
                             {"observed", model::show(played.trace[index])}});
        }
        const model::Clause* clause = model::find(played.violation->clause);
        failures.push_back({{"clause", played.violation->clause},
                            {"text", clause != nullptr ? clause->text : ""},
                            {"deviations", played.deviates() ? played.deviations : std::vector<std::string>{}},
                            {"known", is_known(outcome, scenario)},
                            {"scenario", scenario.script.name},
                            {"title", scenario.script.title},
                            {"steps", std::move(steps)},
                            {"due", played.violation->due},
                            {"came", played.violation->came},
                            {"allowed", played.violation->allowed},
                            {"states", played.violation->states},
                            {"minimized", scenario.minimized ? show(*scenario.minimized) : ""},
                            {"minimized_remark", scenario.minimized_remark}});
    }
    ordered_json scenarios = ordered_json::array();
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        scenarios.push_back({{"name", scenario.script.name},
                             {"title", scenario.script.title},
                             {"clauses", scenario.script.clauses},
                             {"played", scenario.reason.empty()},
                             {"reason", scenario.reason},
                             {"exercised", scenario.played.evidence}});
    }
    ordered_json comparison;  // null: there is no list
    if (outcome.comparison) {
        comparison = {{"known", json_of(outcome.comparison->known)},
                      {"new", json_of(outcome.comparison->fresh)},
                      {"fixed", json_of(outcome.comparison->gone)},
                      {"not_examined", json_of(outcome.comparison->unexamined)}};
    }
    return {{"provider", outcome.provider},
            {"version", outcome.version},
            {"ours", outcome.ours},
            {"passes", outcome.passes()},
            {"clauses", json_of(outcome, outcome.clauses)},
            {"not_counted", json_of(outcome, outcome.not_counted)},
            {"failures", std::move(failures)},
            {"errors", outcome.errors},
            {"list", std::move(comparison)},
            {"scenarios", std::move(scenarios)},
            {"transitions", {{"exercised", keys_of(outcome.transitions())}, {"all", model::transitions().size()}}},
            {"summary",
             {{"clauses", outcome.clauses.size()},
              {"conform", outcome.count(Status::conforms)},
              {"deviate", outcome.count(Status::deviates)},
              {"fail", outcome.count(Status::fails)},
              {"not_covered", outcome.count(Status::not_covered)},
              {"not_possible", outcome.count(Status::not_possible)},
              {"skipped", outcome.count(Status::skipped)}}}};
}

}  // namespace

std::string json_report(const std::vector<SuiteOutcome>& outcomes) {
    ordered_json providers = ordered_json::array();
    for (const SuiteOutcome& outcome : outcomes) providers.push_back(json_of(outcome));
    const bool given = outcomes.front().given_scripts;
    const ordered_json report = {{"version", json_version},
                                 {"profile", outcomes.front().profile},
                                 {"suite",
                                  {{"version", versions().suite},
                                   {"scripts", given ? "given" : "of the suite"},
                                   {"scripts_sha256", given ? "" : versions().scripts_sha256},
                                   {"clauses_sha256", versions().clauses_sha256}}},
                                 {"providers", std::move(providers)}};
    // A provider may say what is no UTF-8.
    return report.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace asyncselect::conformance
