// Printing reports. It must not judge.
#include "conformance/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace asyncselect::conformance {

namespace {

constexpr std::size_t width = 80;

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
        }
        return std::string(text);
    }

  private:
    [[nodiscard]] std::string with(std::string_view code, std::string_view text) const {
        return on_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
    }
    bool on_;
};

// Breaks at spaces so that each line, indented, fits.
std::string wrap(std::string_view text, std::size_t indent) {
    std::string out;
    std::string line(indent, ' ');
    bool empty = true;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string_view word = text.substr(at, end - at);
        at = end + 1;
        if (word.empty()) continue;
        if (!empty && line.size() + 1 + word.size() > width) {
            out += line + '\n';
            line.assign(indent, ' ');
            empty = true;
        }
        if (!empty) line += ' ';
        line += word;
        empty = false;
    }
    return empty ? out : out + line + '\n';
}

std::string labelled(std::string_view label, std::string_view text) {
    constexpr std::size_t indent = 12;
    std::string wrapped = wrap(text, indent);
    if (wrapped.size() < indent) return fmt::format("  {}\n", label);
    const std::string head = fmt::format("  {}", label);
    wrapped.replace(0, std::max(head.size() + 1, indent),
                    head + std::string(head.size() + 1 < indent ? indent - head.size() : 1, ' '));
    return wrapped;
}

// Where the steps of a scenario are long, the last ones matter.
constexpr std::size_t most_observations = 40;

std::string failure(const ScenarioOutcome& outcome, const Paint& paint) {
    const Played& played = outcome.played;
    const model::Violation& violation = *played.violation;
    const bool deviates = played.deviates();
    std::string out = "\n";
    const std::string head =
        violation.clause.empty() ? std::string("The observations contradict each other") : violation.clause;
    const std::string verdict = deviates ? "deviates (" + join(played.deviations, ", ") + ")" : "fails";
    out += paint.status(deviates ? Status::deviates : Status::fails, head + ' ' + verdict) + '\n';
    if (const model::Clause* clause = model::find(violation.clause)) out += wrap(clause->text, 2);
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
    for (const std::string& state : violation.states) out += labelled("state", state);
    return out;
}

std::string fitted(std::string_view text, std::size_t room) {
    if (text.size() <= room) return std::string(text);
    const std::size_t cut = text.rfind(' ', room - 3);
    return std::string(text.substr(0, cut == std::string_view::npos ? room - 3 : cut)) + "...";
}

}  // namespace

std::string summary_line(const SuiteOutcome& outcome) {
    return fmt::format("{} clauses: {} conform, {} deviate, {} fail, {} not covered", outcome.clauses.size(),
                       outcome.count(Status::conforms), outcome.count(Status::deviates), outcome.count(Status::fails),
                       outcome.count(Status::not_covered));
}

std::string text_report(const SuiteOutcome& outcome, bool colours) {
    const Paint paint(colours);
    std::string out = fmt::format("Provider {}, {} profile, {} scenarios\n", outcome.provider, outcome.profile,
                                  outcome.scenarios.size());
    std::string_view section;
    for (const ClauseVerdict& verdict : outcome.clauses) {
        const std::string_view id = verdict.clause->id;
        if (section_of(id) != section) {
            section = section_of(id);
            out += '\n' + paint.bold(section) + '\n';
        }
        std::string status{name_of(verdict.status)};
        if (verdict.status == Status::deviates) status += " (" + join(verdict.deviations, ", ") + ')';
        const std::string head = fmt::format("  {:<13}", id);
        const std::string padded = fmt::format("{:<16}", status);
        const std::size_t used = head.size() + padded.size() + 1;
        out += head + paint.status(verdict.status, padded) + ' ' +
               paint.dim(fitted(verdict.clause->text, used + 10 < width ? width - used : 10)) + '\n';
    }
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        if (scenario.played.violation) out += failure(scenario, paint);
    }
    if (!outcome.errors.empty()) {
        out += '\n' + paint.status(Status::fails, "Errors of the suite") + '\n';
        for (const std::string& error : outcome.errors) out += wrap(error, 2);
    }
    out += '\n' + summary_line(outcome) + '\n';
    return out;
}

std::string json_report(const SuiteOutcome& outcome) {
    using nlohmann::ordered_json;
    ordered_json clauses = ordered_json::array();
    for (const ClauseVerdict& verdict : outcome.clauses) {
        clauses.push_back({{"id", verdict.clause->id},
                           {"section", section_of(verdict.clause->id)},
                           {"verdict", name_of(verdict.status)},
                           {"deviations", verdict.deviations},
                           {"scenarios", verdict.scenarios},
                           {"text", verdict.clause->text}});
    }
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
                            {"states", played.violation->states}});
    }
    ordered_json scenarios = ordered_json::array();
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        scenarios.push_back({{"name", scenario.script.name},
                             {"title", scenario.script.title},
                             {"clauses", scenario.script.clauses},
                             {"exercised", scenario.played.evidence}});
    }
    const ordered_json report = {{"provider", outcome.provider},
                                 {"profile", outcome.profile},
                                 {"clauses", std::move(clauses)},
                                 {"failures", std::move(failures)},
                                 {"errors", outcome.errors},
                                 {"scenarios", std::move(scenarios)},
                                 {"summary",
                                  {{"clauses", outcome.clauses.size()},
                                   {"conform", outcome.count(Status::conforms)},
                                   {"deviate", outcome.count(Status::deviates)},
                                   {"fail", outcome.count(Status::fails)},
                                   {"not_covered", outcome.count(Status::not_covered)}}}};
    return report.dump(2) + '\n';
}

}  // namespace asyncselect::conformance
