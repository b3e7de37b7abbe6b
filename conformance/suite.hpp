// The scenarios and what playing them all has shown of each clause. It must not know how a report is printed.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/executor.hpp"
#include "conformance/known.hpp"
#include "conformance/provider.hpp"
#include "conformance/script.hpp"
#include "model/clauses.hpp"

namespace asyncselect::conformance {

// A script as it is in the executable: name and text.
struct EmbeddedScript {
    std::string_view name;
    std::string_view text;
};

// Every file of conformance/scenarios, in the order of names; put in at build time.
std::span<const EmbeddedScript> embedded_scripts();

// All of them, parsed. Throws ScriptError, with the name of the script in its text; also where one makes no claims.
std::vector<Script> embedded_suite();

// Whether a clause is counted: must and may clauses and readings. Duties of the application (there is nothing to
// judge) and the deviations W-1 to W-5 (told beside the clause that they depart from) are not.
bool counted(const model::Clause& clause);

// The clause that a violation is told beside: for W-1 to W-4, which only the windows profile demands, the one that
// Windows departs from; otherwise the clause itself.
std::string_view counted_as(std::string_view id);

// Whether one of the selections names the clause: "AS-READ-3", "AS-READ", "AS" or "R". None selects all.
bool selected(std::string_view id, std::span<const std::string> selections);

// `not_possible`: the provider's transport cannot bring it about; `skipped`: this machine does not permit it.
enum class Status { conforms, deviates, fails, not_covered, not_possible, skipped };

struct ClauseVerdict {
    const model::Clause* clause = nullptr;
    Status status = Status::not_covered;
    std::vector<std::string> deviations;  // "W-1", where it deviates
    std::vector<std::string> scenarios;   // the evidence: names of scenarios
    std::string reason;                   // why it is not possible, skipped or not covered
};

struct ScenarioOutcome {
    Script script;
    Played played;
    std::vector<std::string> vacuous;    // claimed and not exercised
    Status left_out = Status::conforms;  // not_possible or skipped: it was not played
    std::string reason;                  // why
    std::optional<Script> minimized;     // a small script that breaks the same clause, if one was looked for
    std::string minimized_remark;        // what is to be said of it: that it does not always do so; may be empty
};

struct SuiteOutcome {
    std::string provider;
    std::string chosen_as;  // what --provider named it; empty: by its name
    std::string version;    // of the provider; may be empty
    bool ours = false;      // the readings marked *ours* bind it
    std::string profile;
    bool given_scripts = false;  // played were the user's own, not those of the suite
    std::vector<ScenarioOutcome> scenarios;
    std::vector<ClauseVerdict> clauses;  // in the order of the specification
    // What is not counted and cannot be shown: the deviations of Windows that the transport has no means for.
    std::vector<ClauseVerdict> not_counted;
    std::vector<std::string> errors;       // what is wrong with the suite itself, was not shown or could not be played
    bool stuck = false;                    // a call hangs for ever: end the process without tidying up
    std::optional<Comparison> comparison;  // with what the provider is known to do, where there is a list

    [[nodiscard]] std::size_t count(Status status) const;
    // The transitions of the model's tables that its scenarios have exercised.
    [[nodiscard]] model::Coverage transitions() const;
    // No clause fails and the suite has no error. That a clause is not covered is one, where all were asked for. Where
    // there is a list of what is known: exactly that was found.
    [[nodiscard]] bool passes() const;
};

struct SuiteOptions {
    ExecutorOptions executor;
    std::string profile = "spec";
    std::vector<std::string> only;  // selections of clauses
    bool given_scripts = false;     // they are not those of the suite
    bool complete = false;          // every clause must be covered
    // A clause that a script claims and does not exercise is an error: of the suite, so only where our own is played.
    bool claims = true;
    bool first_failure = false;                       // plays no scenario after one that fails
    std::string no_network;                           // why there is no network of our own, where there is none
    std::size_t minimize = 0;                         // how many that break a clause are minimized
    std::chrono::milliseconds minimize_limit{10000};  // how long each of them may take
    // Called before a scenario is minimized, if set.
    std::function<void(const Script&)> on_minimize;
    // Called before each scenario with its number, from 0, and how many there are; if set.
    std::function<void(const Script&, std::size_t, std::size_t)> on_scenario;
    // Called after each, if set.
    std::function<void(const ScenarioOutcome&)> on_outcome;
};

// Why a script cannot be played on the provider here: its transport cannot bring it about, or this machine does not
// permit it. `no_network`: why there is no network of our own, where there is none. Nothing if it can be played.
struct LeftOut {
    Status status;
    std::string reason;
};
std::optional<LeftOut> left_out(const Script& script, const Provider& provider, const std::string& no_network);

// Plays the scripts one after the other.
SuiteOutcome run(const std::vector<Script>& scripts, Provider& provider, const SuiteOptions& options);

// What is known of the clauses after some scenarios; part of `run`, for tests.
std::vector<ClauseVerdict> judge_clauses(const std::vector<ScenarioOutcome>& scenarios,
                                         std::span<const std::string> only);

}  // namespace asyncselect::conformance
