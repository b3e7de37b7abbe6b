// Printing reports. It must not judge.
#include "conformance/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/text.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::size_t width = text_width;

// The sections of the specification, by what stands between "AS-" and the number.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> sections{{
    {"API", "The call"},
    {"MODE", "Blocking mode"},
    {"REG", "Registration"},
    {"CANCEL", "Cancellation"},
    {"INHERIT", "Accepted sockets"},
    {"MSG", "The message"},
    {"ENABLE", "No flooding, and re-enabling"},
    {"LEVEL", "Level-triggered events"},
    {"EDGE", "Edge-triggered events"},
    {"ROBUST", "Robustness"},
    {"READ", "FD_READ"},
    {"WRITE", "FD_WRITE"},
    {"OOB", "FD_OOB"},
    {"ACCEPT", "FD_ACCEPT"},
    {"CONNECT", "FD_CONNECT"},
    {"CLOSE", "FD_CLOSE"},
    {"QOS", "FD_QOS"},
    {"GQOS", "FD_GROUP_QOS"},
    {"ROUTE", "FD_ROUTING_INTERFACE_CHANGE"},
    {"ADDR", "FD_ADDRESS_LIST_CHANGE"},
    {"ERROR", "Error codes in the message"},
}};

std::string_view section_of(std::string_view id) {
    if (id.starts_with("W-")) return "Windows profile";
    if (!id.starts_with("AS-")) return "Readings";
    const std::string_view rest = id.substr(3);
    const std::string_view key = rest.substr(0, rest.find('-'));
    const auto* const found = std::ranges::find(sections, key, &std::pair<std::string_view, std::string_view>::first);
    return found == sections.end() ? key : found->second;
}

std::string_view name_of(Status status) {
    switch (status) {
        case Status::conforms:
            return "conforms";
        case Status::deviates:
            return "deviates";
        case Status::fails:
            return "fails";
        case Status::not_covered:
            return "not yet covered";
        case Status::not_possible:
            return "not possible";
        case Status::skipped:
            return "skipped";
    }
    return "";
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
    return fmt::format("{}", fmt::join(parts, between));
}

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

std::string fitted(std::string_view text, std::size_t room) {
    if (text.size() <= room) return std::string(text);
    const std::size_t cut = text.rfind(' ', room - 3);
    return std::string(text.substr(0, cut == std::string_view::npos ? room - 3 : cut)) + "...";
}

}  // namespace

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
    return line;
}

namespace {

std::string heading(const SuiteOutcome& outcome) {
    const auto left_out = std::ranges::count_if(
        outcome.scenarios, [](const ScenarioOutcome& scenario) { return !scenario.reason.empty(); });
    return fmt::format("Provider {}, {} profile, {} scenarios{}\n", outcome.provider, outcome.profile,
                       outcome.scenarios.size(), left_out == 0 ? "" : fmt::format(", {} of them not played", left_out));
}

std::string words_for(const ClauseVerdict& verdict) {
    std::string status{name_of(verdict.status)};
    if (verdict.status == Status::deviates) status += " (" + join(verdict.deviations, ", ") + ')';
    return status;
}

// The lines of the clause at `index`: one where the providers agree.
std::string clause_lines(const std::vector<SuiteOutcome>& outcomes, std::size_t index, const Paint& paint) {
    const ClauseVerdict& first = outcomes.front().clauses[index];
    const bool agreed = std::ranges::all_of(
        outcomes, [&](const SuiteOutcome& outcome) { return words_for(outcome.clauses[index]) == words_for(first); });
    std::string out;
    for (const SuiteOutcome& outcome : outcomes) {
        const ClauseVerdict& verdict = outcome.clauses[index];
        const std::string words = (agreed ? "" : outcome.provider + ": ") + words_for(verdict);
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
    std::string out;
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
            if (scenario.played.violation) out += failure(scenario, several ? outcome.provider : "", paint);
        }
    }
    for (const SuiteOutcome& outcome : outcomes) {
        if (outcome.errors.empty()) continue;
        out +=
            '\n' + paint.status(Status::fails, "Errors of the suite" + (several ? ", " + outcome.provider : "")) + '\n';
        for (const std::string& error : outcome.errors) out += wrap(error, 2);
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

// Of the form of the report: 1 was that of a single provider.
constexpr int json_version = 2;

ordered_json json_of(const std::vector<ClauseVerdict>& verdicts) {
    ordered_json clauses = ordered_json::array();
    for (const ClauseVerdict& verdict : verdicts) {
        clauses.push_back({{"id", verdict.clause->id},
                           {"section", section_of(verdict.clause->id)},
                           {"verdict", name_of(verdict.status)},
                           {"deviations", verdict.deviations},
                           {"scenarios", verdict.scenarios},
                           {"reason", verdict.reason},
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
                            {"deviations", played.deviations},
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
    return {{"provider", outcome.provider},
            {"clauses", json_of(outcome.clauses)},
            {"not_counted", json_of(outcome.not_counted)},
            {"failures", std::move(failures)},
            {"errors", outcome.errors},
            {"scenarios", std::move(scenarios)},
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
    const ordered_json report = {
        {"version", json_version}, {"profile", outcomes.front().profile}, {"providers", std::move(providers)}};
    return report.dump(2) + '\n';
}

}  // namespace asyncselect::conformance
