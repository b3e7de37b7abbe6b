// See conformance/generated_suite.hpp.
#include "conformance/generated_suite.hpp"

#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "conformance/network.hpp"
#include "conformance/provider.hpp"
#include "conformance/providers.hpp"
#include "conformance/workers.hpp"

namespace asyncselect::conformance {

namespace {

using nlohmann::json;

// What one process tells of one script.
json told_of(const SuiteOutcome& outcome) {
    json told{{"provider", outcome.provider}, {"errors", outcome.errors}};
    if (outcome.scenarios.empty()) return told;
    const ScenarioOutcome& scenario = outcome.scenarios.front();
    const Played& played = scenario.played;
    told["left_out"] = static_cast<int>(scenario.left_out);
    told["reason"] = scenario.reason;
    told["outcome"] = static_cast<int>(played.outcome);
    told["deviations"] = played.deviations;
    told["undecided"] = played.undecided;
    told["evidence"] = played.evidence;
    told["coverage"] = played.coverage.to_string();
    told["trouble"] = played.trouble;
    told["last_step"] = played.last_step;
    told["stuck"] = played.stuck;
    if (played.violation) {
        const model::Violation& violation = *played.violation;
        told["violation"] = {{"clause", violation.clause},
                             {"step", violation.step},
                             {"due", violation.due},
                             {"came", violation.came},
                             {"states", violation.states}};
    }
    return told;
}

ScenarioOutcome scenario_of(const Script& script, const json& told) {
    ScenarioOutcome scenario{script, {}, {}, Status::conforms, {}};
    scenario.left_out = static_cast<Status>(told.at("left_out").get<int>());
    scenario.reason = told.at("reason").get<std::string>();
    Played& played = scenario.played;
    played.outcome = static_cast<model::Outcome>(told.at("outcome").get<int>());
    played.deviations = told.at("deviations").get<std::vector<std::string>>();
    played.undecided = told.at("undecided").get<std::string>();
    played.evidence = told.at("evidence").get<std::set<std::string>>();
    played.coverage = model::Coverage(told.at("coverage").get<std::string>());
    played.trouble = told.at("trouble").get<std::string>();
    played.last_step = told.at("last_step").get<std::size_t>();
    played.stuck = told.at("stuck").get<bool>();
    if (const auto violation = told.find("violation"); violation != told.end()) {
        played.violation = {violation->at("clause").get<std::string>(), violation->at("step").get<std::size_t>(),
                            violation->at("due").get<std::string>(), violation->at("came").get<std::string>(),
                            violation->at("states").get<std::vector<std::string>>()};
    }
    return scenario;
}

}  // namespace

SuiteOutcome run_apart(const std::vector<Script>& scripts, const std::string& provider, const SuiteOptions& options,
                       unsigned processes, const ProviderOptions& provider_options) {
    SuiteOutcome all;
    all.provider = provider;
    all.profile = options.profile;
    std::vector<std::optional<ScenarioOutcome>> scenarios(scripts.size());
    std::size_t done = 0;
    std::unique_ptr<Provider> made;  // in each process its own
    SuiteOptions here = options;
    here.claims = false;
    here.on_scenario = nullptr;
    here.on_outcome = nullptr;

    Work work;
    work.pieces = scripts.size();
    work.prepare = [&] {
        here.no_network = network::enter_namespace().value_or("");
        made = make_provider(provider, provider_options);
    };
    work.perform = [&](std::size_t piece, bool& last) {
        const SuiteOutcome outcome = run({scripts[piece]}, *made, here);
        last = outcome.stuck;
        return told_of(outcome).dump();
    };
    work.take = [&](std::size_t piece, std::string_view text) {
        const json told = json::parse(text);
        all.provider = told.at("provider").get<std::string>();
        for (const json& error : told.at("errors")) all.errors.push_back(error.get<std::string>());
        if (told.contains("outcome")) scenarios[piece] = scenario_of(scripts[piece], told);
        if (options.on_scenario) options.on_scenario(scripts[piece], done, scripts.size());
        if (options.on_outcome && scenarios[piece]) options.on_outcome(*scenarios[piece]);
        ++done;
    };
    work.lost = [&](std::size_t piece, std::string_view how) {
        all.errors.push_back(scripts[piece].name + ": the process that played it has ended: " + std::string(how));
        ++done;
    };
    in_processes(processes, work);

    for (std::optional<ScenarioOutcome>& scenario : scenarios) {
        if (scenario) all.scenarios.push_back(std::move(*scenario));
    }
    all.clauses = judge_clauses(all.scenarios, options.only);
    return all;
}

}  // namespace asyncselect::conformance
