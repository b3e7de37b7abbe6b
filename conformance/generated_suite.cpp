// See conformance/generated_suite.hpp.
#include "conformance/generated_suite.hpp"

#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "conformance/network.hpp"
#include "conformance/provider.hpp"
#include "conformance/providers.hpp"
#include "conformance/trace_file.hpp"
#include "conformance/workers.hpp"

namespace asyncselect::conformance {

namespace {

using nlohmann::json;

// What one process tells of one script.
json told_of(const SuiteOutcome& outcome) {
    json told{{"provider", outcome.provider},
              {"version", outcome.version},
              {"ours", outcome.ours},
              {"errors", outcome.errors}};
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
        told["violation"] = {{"clause", violation.clause},   {"step", violation.step},
                             {"due", violation.due},         {"came", violation.came},
                             {"allowed", violation.allowed}, {"states", violation.states}};
        json lines = json::array();
        for (const model::Observation& observation : played.trace) lines.push_back(write_observation(observation));
        told["trace"] = std::move(lines);
        told["step_of"] = played.step_of;
        if (scenario.minimized) told["minimized"] = show(*scenario.minimized);
        told["minimized_remark"] = scenario.minimized_remark;
    }
    return told;
}

ScenarioOutcome scenario_of(const Script& script, const json& told) {
    ScenarioOutcome scenario;
    scenario.script = script;
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
        model::Violation& found = played.violation.emplace();
        found.clause = violation->at("clause").get<std::string>();
        found.step = violation->at("step").get<std::size_t>();
        found.due = violation->at("due").get<std::string>();
        found.came = violation->at("came").get<std::string>();
        found.allowed = violation->at("allowed").get<std::vector<std::string>>();
        found.states = violation->at("states").get<std::vector<std::string>>();
        for (const json& line : told.at("trace")) played.trace.push_back(parse_observation(line.get<std::string>()));
        played.step_of = told.at("step_of").get<std::vector<std::size_t>>();
        if (const auto small = told.find("minimized"); small != told.end())
            scenario.minimized = parse(small->get<std::string>(), script.name);
        scenario.minimized_remark = told.at("minimized_remark").get<std::string>();
    }
    return scenario;
}

}  // namespace

SuiteOutcome run_apart(const std::vector<Script>& scripts, const std::string& provider, const SuiteOptions& options,
                       unsigned processes, const ProviderOptions& provider_options) {
    SuiteOutcome all;
    all.provider = provider;
    all.profile = options.profile;
    all.given_scripts = options.given_scripts;
    std::vector<std::optional<ScenarioOutcome>> scenarios(scripts.size());
    std::size_t done = 0;
    std::unique_ptr<Provider> made;  // in each process its own
    std::string not_made;            // why there is none
    SuiteOptions here = options;
    here.claims = false;
    here.on_scenario = nullptr;
    here.on_outcome = nullptr;

    Work work;
    work.pieces = scripts.size();
    work.prepare = [&] {
        // A provider on another host is not reached from there.
        const bool elsewhere = !provider_options.provider_at.empty();
        here.no_network =
            elsewhere ? "the provider is on another host" : network::enter_namespace().value_or(std::string());
        try {
            made = make_provider(provider, provider_options);
        } catch (const std::runtime_error& error) {
            not_made = error.what();
        }
    };
    work.perform = [&](std::size_t piece, bool& last) {
        if (!made) return json{{"provider", provider}, {"errors", {scripts[piece].name + ": " + not_made}}}.dump();
        const SuiteOutcome outcome = run({scripts[piece]}, *made, here);
        last = outcome.stuck;
        return told_of(outcome).dump();
    };
    work.take = [&](std::size_t piece, std::string_view text) {
        const json told = json::parse(text);
        all.provider = told.at("provider").get<std::string>();
        all.version = told.at("version").get<std::string>();
        all.ours = told.at("ours").get<bool>();
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
