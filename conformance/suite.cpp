// Playing the suite and drawing its verdicts together. It must not know how a report is printed.
#include "conformance/suite.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "conformance/minimize.hpp"
#include "conformance/network.hpp"
#include "conformance/surroundings.hpp"

namespace asyncselect::conformance {

std::vector<Script> embedded_suite() {
    std::vector<Script> scripts;
    for (const EmbeddedScript& embedded : embedded_scripts()) {
        try {
            scripts.push_back(parse(embedded.text, std::string(embedded.name)));
            demand_claims(scripts.back());
        } catch (const ScriptError& error) {
            throw ScriptError(error.line, error.column,
                              std::string(embedded.name) + ".script:" + std::to_string(error.line) + ':' +
                                  std::to_string(error.column) + ": " + error.what());
        }
    }
    return scripts;
}

bool counted(const model::Clause& clause) {
    return clause.id.starts_with("AS-") ? clause.id != "AS-MSG-4" : clause.id.starts_with("R-");
}

bool selected(std::string_view id, std::span<const std::string> selections) {
    return selections.empty() || std::ranges::any_of(selections, [id](const std::string& selection) {
               return id == selection || id.starts_with(selection + '-');
           });
}

std::size_t SuiteOutcome::count(Status status) const {
    return static_cast<std::size_t>(std::ranges::count(clauses, status, &ClauseVerdict::status));
}

model::Coverage SuiteOutcome::transitions() const {
    model::Coverage exercised;
    for (const ScenarioOutcome& scenario : scenarios) exercised |= scenario.played.coverage;
    return exercised;
}

bool SuiteOutcome::passes() const {
    return comparison ? comparison->holds() : count(Status::fails) == 0 && errors.empty();
}

std::string_view counted_as(std::string_view id) {
    if (id == "W-1") return "AS-CLOSE-3";
    if (id == "W-2") return "AS-CLOSE-5";
    if (id == "W-3") return "AS-CONNECT-1";
    if (id == "W-4") return "AS-CONNECT-2";
    return id;
}

namespace {

// What became of the scenarios that should have shown a clause, or nothing where there are none.
std::string why_not_covered(const model::Clause& clause, const std::vector<ScenarioOutcome>& scenarios) {
    std::map<std::string, std::vector<std::string>> ends;
    for (const ScenarioOutcome& outcome : scenarios) {
        if (std::ranges::find(outcome.script.clauses, clause.id) == outcome.script.clauses.end()) continue;
        const Played& played = outcome.played;
        std::string end = "did not show it, and broke nothing";
        if (!played.trouble.empty()) {
            end = "could not be played to the end";
        } else if (!outcome.reason.empty()) {
            end = "is " + std::string(outcome.left_out == Status::skipped ? "skipped" : "not possible");
        } else if (!played.undecided.empty()) {
            end = "is undecided";
        } else if (played.violation) {
            end = (played.deviates() ? "deviated first, from " : "failed first, at ") + played.violation->clause;
        }
        ends[end].push_back(outcome.script.name);
    }
    std::string text;
    for (const auto& [end, names] : ends) {
        text += text.empty() ? "" : "; ";
        for (const std::string& name : names) text += (&name == &names.front() ? "" : ", ") + name;
        text += ' ' + end;
    }
    return text;
}

}  // namespace

std::vector<ClauseVerdict> judge_clauses(const std::vector<ScenarioOutcome>& scenarios,
                                         std::span<const std::string> only) {
    std::vector<ClauseVerdict> verdicts;
    for (const model::Clause& clause : model::clauses) {
        if (!counted(clause) || !selected(clause.id, only)) continue;
        ClauseVerdict verdict;
        verdict.clause = &clause;
        std::vector<std::string> deviating;
        std::vector<std::string> failing;
        for (const ScenarioOutcome& outcome : scenarios) {
            const Played& played = outcome.played;
            if (played.violation && counted_as(played.violation->clause) == clause.id) {
                (played.deviates() ? deviating : failing).push_back(outcome.script.name);
                if (played.deviates()) {
                    for (const std::string& name : played.deviations) {
                        if (std::ranges::find(verdict.deviations, name) == verdict.deviations.end()) {
                            verdict.deviations.push_back(name);
                        }
                    }
                }
            } else if (played.evidence.contains(std::string(clause.id))) {
                verdict.scenarios.push_back(outcome.script.name);
            }
        }
        for (const ScenarioOutcome& outcome : scenarios) {
            const bool claimed = std::ranges::find(outcome.script.clauses, clause.id) != outcome.script.clauses.end();
            if (outcome.reason.empty() || !claimed) continue;
            verdict.status = outcome.left_out;
            verdict.reason = outcome.reason;
        }
        if (!verdict.scenarios.empty()) verdict.status = Status::conforms;
        if (!deviating.empty()) {
            verdict.status = Status::deviates;
            verdict.scenarios = std::move(deviating);
        }
        if (!failing.empty()) {
            verdict.status = Status::fails;
            verdict.scenarios = std::move(failing);
            verdict.deviations.clear();
        }
        if (!verdict.scenarios.empty()) verdict.reason.clear();
        if (verdict.status == Status::not_covered) verdict.reason = why_not_covered(clause, scenarios);
        verdicts.push_back(std::move(verdict));
    }
    return verdicts;
}

std::optional<LeftOut> left_out(const Script& script, const Provider& provider, const std::string& no_network) {
    for (const Need need : needs_of(script)) {
        const Surroundings* const around = provider.surroundings();
        const bool has_network = around != nullptr ? around->fresh() : network::in_namespace();
        if (need == Need::own_network && !has_network) {
            return LeftOut{Status::skipped, no_network.empty() ? "there is no network of our own" : no_network};
        }
        if (need == Need::fault_injection) {
            if (std::optional<std::string> reason = provider.cannot_fail_subsystem()) {
                return LeftOut{Status::not_possible, std::move(*reason)};
            }
        }
    }
    return std::nullopt;
}

namespace {

// The first failures and deviations of each clause, so that a provider with many does not take for ever.
void minimize_failures(SuiteOutcome& outcome, Provider& provider, const SuiteOptions& options) {
    std::map<std::string, std::size_t> done;
    for (ScenarioOutcome& scenario : outcome.scenarios) {
        if ((scenario.played.outcome != model::Outcome::violates && !scenario.played.deviates()) || outcome.stuck)
            continue;
        const std::string& clause = scenario.played.violation->clause;
        if (done[clause]++ >= options.minimize) continue;
        if (options.on_minimize) options.on_minimize(scenario.script);
        const MinimizeOptions small{
            options.executor, options.minimize_limit,
            scenario.played.deviates() ? scenario.played.deviations : std::vector<std::string>{}};
        if (std::optional<Minimized> found = minimize(scenario.script, provider, clause, small)) {
            scenario.minimized_remark = found->remark();
            scenario.minimized = std::move(found->script);
            outcome.stuck = found->played.stuck;
        } else {
            scenario.minimized_remark = "when it was played again it did not break the clause";
        }
    }
}

}  // namespace

SuiteOutcome run(const std::vector<Script>& scripts, Provider& provider, const SuiteOptions& options) {
    SuiteOutcome outcome;
    bool complete = options.complete;
    outcome.provider = provider.name();
    outcome.version = provider.version();
    outcome.ours = provider.ours();
    outcome.profile = options.profile;
    outcome.given_scripts = options.given_scripts;
    if (std::optional<std::string> reason = provider.cannot_queue_urgent(); reason && selected("W-5", options.only)) {
        outcome.not_counted.push_back({model::find("W-5"), Status::not_possible, {}, {}, std::move(*reason)});
    }
    std::vector<const Script*> chosen;
    for (const Script& script : scripts) {
        const bool wanted =
            std::ranges::any_of(script.clauses, [&](const std::string& id) { return selected(id, options.only); });
        const bool meant = script.only.empty() || script.only == (provider.eager() ? "eager" : "pump");
        if (wanted && meant) chosen.push_back(&script);
    }
    for (std::size_t index = 0; index < chosen.size(); ++index) {
        const Script& script = *chosen[index];
        if (options.on_scenario) options.on_scenario(script, index, chosen.size());
        if (std::optional<LeftOut> why = left_out(script, provider, options.no_network)) {
            outcome.scenarios.push_back({script, {}, {}, why->status, std::move(why->reason), {}, {}});
            continue;
        }
        ScenarioOutcome played{script, play(script, provider, options.executor), {}, Status::conforms, {}, {}, {}};
        const Played& result = played.played;
        if (!result.not_possible.empty() && !result.fails()) {
            played.left_out = Status::not_possible;
            played.reason = result.not_possible;
        } else if (!result.trouble.empty()) {
            outcome.errors.push_back(script.name + ", at \"" + show(script.steps[result.last_step]) +
                                     "\": " + result.trouble);
        } else if (!result.undecided.empty()) {
            outcome.errors.push_back(script.name + " is undecided: " + result.undecided);
        } else if (!result.fails()) {
            for (const std::string& id : script.clauses) {
                if (!options.claims || result.evidence.contains(id) || result.deviates()) continue;
                played.vacuous.push_back(id);
                // Another provider may well have no means for it; then the clause is not covered, and why is told
                // there.
                if (!provider.shows_claims()) continue;
                outcome.errors.push_back(script.name + " claims " + id + " but did not exercise it");
            }
        } else if (result.violation->clause.empty()) {
            outcome.errors.push_back(script.name + ", at \"" + show(script.steps[result.last_step]) +
                                     "\": what was observed contradicts itself: due " + result.violation->due +
                                     ", came " + result.violation->came);
        }
        if (result.violation && result.trouble.empty() && !result.violation->clause.empty() && !result.deviates()) {
            const std::string_view id = counted_as(result.violation->clause);
            const model::Clause* const clause = model::find(id);
            if (clause == nullptr || !counted(*clause) || !selected(id, options.only)) {
                outcome.errors.push_back(script.name + " breaks " + result.violation->clause +
                                         ", which is not among the clauses of this report");
            }
        }
        outcome.stuck = result.stuck;
        if (options.on_outcome) options.on_outcome(played);
        outcome.scenarios.push_back(std::move(played));
        if (outcome.stuck) {
            outcome.errors.push_back("a call hangs for ever: the rest was not played");
            break;
        }
        if (options.first_failure && (result.fails() || !outcome.errors.empty())) {
            complete = false;
            break;
        }
    }
    if (!outcome.stuck) minimize_failures(outcome, provider, options);
    outcome.clauses = judge_clauses(outcome.scenarios, options.only);
    for (const ClauseVerdict& verdict : outcome.clauses) {
        if (!complete || verdict.status != Status::not_covered) continue;
        outcome.errors.push_back("no scenario covers " + std::string(verdict.clause->id) +
                                 (verdict.reason.empty() ? "" : ": " + verdict.reason));
    }
    return outcome;
}

}  // namespace asyncselect::conformance
