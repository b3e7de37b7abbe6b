// Outcomes that nobody played: one clause of each kind of verdict, for the tests of every form of the report.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conformance/suite.hpp"
#include "model/coverage.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

inline ScenarioOutcome scenario(const char* name, const char* text) {
    ScenarioOutcome made;
    made.script = parse(text, name);
    return made;
}

// One clause of each kind of verdict, a failure, a deviation and an error of the suite.
inline SuiteOutcome example(const char* provider = "example") {
    SuiteOutcome outcome;
    outcome.provider = provider;
    outcome.ours = true;
    outcome.profile = "spec";

    ScenarioOutcome good = scenario("read-late", "# Data before the registration\nclauses AS-READ-1\nquiet\n");
    good.played.evidence = {"AS-READ-1", "AS-REG-3"};
    good.played.coverage.set(model::number_of(*model::row_named("read-1")));

    ScenarioOutcome bad = scenario("read-once",
                                   "# No further FD_READ until recv, however much arrives meanwhile and however long "
                                   "it takes\nclauses AS-ENABLE-1\nselect s FD_READ\npeer s send 10\nquiet\n");
    model::observation::Call select;
    select.function = model::Function::async_select;
    select.socket = 4;
    select.window = 65540;
    select.message = 1025;
    select.mask = 1;
    bad.played.trace = {select, model::observation::Peer{"s", model::observation::PeerVerb::send, 4, 10, 0},
                        model::observation::message(65540, 1025, 4, 1), model::observation::message(65540, 1025, 4, 1)};
    bad.played.step_of = {0, 1, 2, 2};
    bad.played.outcome = model::Outcome::violates;
    bad.played.violation = model::Violation{"AS-ENABLE-1",
                                            3,
                                            "no further FD_READ until recv",
                                            model::show(bad.played.trace.back()),
                                            {"socket 4: connected; 10 to read; FD_READ Posted"}};

    ScenarioOutcome deviating = scenario("close-reset", "# A reset\nclauses AS-CLOSE-5\nquiet\n");
    deviating.played.trace = {model::observation::message(65540, 1025, 4, 32, 10053)};
    deviating.played.step_of = {0};
    deviating.played.outcome = model::Outcome::deviates;
    deviating.played.violation = model::Violation{
        "AS-CLOSE-5", 0, "FD_CLOSE with the error of the reset", model::show(deviating.played.trace.back()), {}};
    deviating.played.deviations = {"W-2"};

    ScenarioOutcome impossible = scenario("fails", "# It fails\nclauses AS-API-3 R-18\nfail-subsystem\nquiet\n");
    impossible.left_out = Status::not_possible;
    impossible.reason = "there is no means to let the network subsystem of an example fail, however much one tries";
    ScenarioOutcome skipped = scenario("joins", "# It joins\nclauses R-29\njoin s both\nquiet\n");
    skipped.left_out = Status::skipped;
    skipped.reason = "a network namespace: Operation not permitted";

    outcome.scenarios = {good, bad, deviating, impossible, skipped};
    outcome.errors = {"read-late claims AS-READ-2 but did not exercise it"};
    const std::vector<std::string> only{"AS-READ-1", "AS-ENABLE-1", "AS-CLOSE-5", "R-15",
                                        "AS-MSG",    "AS-API-3",    "R-18",       "R-29"};
    outcome.clauses = judge_clauses(outcome.scenarios, only);
    outcome.not_counted = {{model::find("W-5"), Status::not_possible, {}, {}, "it keeps a single urgent byte"}};
    return outcome;
}

// The same, and a provider that does one thing better and cannot do another.
inline std::vector<SuiteOutcome> examples() {
    SuiteOutcome better = example("other");
    better.scenarios.erase(better.scenarios.begin() + 1);
    better.errors.clear();
    better.not_counted.clear();
    for (ClauseVerdict& verdict : better.clauses) {
        if (verdict.clause->id == "AS-ENABLE-1") verdict.status = Status::conforms;
        if (verdict.clause->id == "R-29") {
            verdict.status = Status::not_possible;
            verdict.reason = "no groups";
        }
    }
    return {example("one"), better};
}

// A provider whose traces the oracle can follow: a reset that is told as W-2 says, twice.
inline SuiteOutcome example_with_a_path() {
    namespace seen = model::observation;
    const auto call = [](model::Function function, model::Handle socket) {
        seen::Call made;
        made.function = function;
        made.socket = socket;
        return made;
    };
    SuiteOutcome outcome = example("path");
    outcome.scenarios.erase(outcome.scenarios.begin() + 1);
    for (ClauseVerdict& verdict : outcome.clauses) {
        if (verdict.clause->id == "AS-ENABLE-1") verdict.status = Status::conforms;
        if (verdict.clause->id == "AS-CLOSE-5") verdict.scenarios = {"reset-once", "reset-again"};
    }
    outcome.errors.clear();
    for (const char* const name : {"reset-once", "reset-again"}) {
        ScenarioOutcome played = scenario(name,
                                          "# A reset\nclauses AS-CLOSE-5\nconnection s\nselect s FD_READ|FD_CLOSE\n"
                                          "peer s reset\nquiet\nclose s\n");
        seen::Call startup = call(model::Function::startup, model::invalid_handle);
        seen::Call window = call(model::Function::create_window, model::invalid_handle);
        window.created = 65536;
        window.result = 65536;
        seen::Call socket = call(model::Function::socket, model::invalid_handle);
        socket.created = 4;
        socket.result = 4;
        const seen::Call connect = call(model::Function::connect, 4);
        seen::Call select = call(model::Function::async_select, 4);
        select.window = 65536;
        select.message = 1025;
        select.mask = 33;
        played.played.trace = {startup,
                               window,
                               socket,
                               connect,
                               seen::Peer{"s", seen::PeerVerb::established, 4, 0, 0},
                               select,
                               seen::Peer{"s", seen::PeerVerb::reset, model::invalid_handle, 0, 0},
                               seen::message(65536, 1025, 4, 32, 10053),
                               seen::Quiet{}};
        played.played.step_of = {0, 0, 0, 0, 0, 1, 2, 3, 3};
        played.played.outcome = model::Outcome::deviates;
        played.played.deviations = {"W-2"};
        played.played.violation =
            model::Violation{"AS-CLOSE-5", 7, "FD_CLOSE, WSAECONNRESET", model::show(played.played.trace[7]), {}};
        if (name == std::string_view("reset-once")) {
            outcome.scenarios[1] = played;
        } else {
            outcome.scenarios.push_back(played);
        }
    }
    return outcome;
}

}  // namespace asyncselect::conformance
