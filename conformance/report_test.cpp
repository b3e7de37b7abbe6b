// The report: compared with a snapshot (report_snapshot.txt; ASYNCSELECT_UPDATE_SNAPSHOT=1 writes it anew), 80 columns,
// the same content as JSON.
#include "conformance/report.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace asyncselect::conformance {
namespace {

using model::observation::Call;

ScenarioOutcome scenario(const char* name, const char* text) {
    ScenarioOutcome made;
    made.script = parse(text, name);
    return made;
}

// One clause of each kind of verdict, a failure, a deviation and an error of the suite.
SuiteOutcome example(const char* provider = "example") {
    SuiteOutcome outcome;
    outcome.provider = provider;
    outcome.profile = "spec";

    ScenarioOutcome good = scenario("read-late", "# Data before the registration\nclauses AS-READ-1\nquiet\n");
    good.played.evidence = {"AS-READ-1", "AS-REG-3"};

    ScenarioOutcome bad = scenario("read-once",
                                   "# No further FD_READ until recv, however much arrives meanwhile and however long "
                                   "it takes\nclauses AS-ENABLE-1\nselect s FD_READ\npeer s send 10\nquiet\n");
    Call select;
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
std::vector<SuiteOutcome> examples() {
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

TEST(Report, IsAsInTheSnapshot) {
    const std::string report = text_report({example()}, false) + "\n====\n\n" + text_report(examples(), false);
    if (std::getenv("ASYNCSELECT_UPDATE_SNAPSHOT") != nullptr) std::ofstream(ASYNCSELECT_REPORT_SNAPSHOT) << report;
    std::ifstream stream(ASYNCSELECT_REPORT_SNAPSHOT);
    const std::string snapshot{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(report, snapshot);
}

TEST(Report, FitsInto80Columns) {
    for (const std::vector<SuiteOutcome>& outcomes : {std::vector{example()}, examples()}) {
        std::istringstream lines(text_report(outcomes, false));
        for (std::string line; std::getline(lines, line);) {
            const bool last = line.find(" clauses: ") != std::string::npos;  // one line, however much it counts
            EXPECT_LE(line.size(), last ? 120U : 80U) << line;
        }
    }
}

TEST(Report, HasColoursOnlyWhereAsked) {
    EXPECT_EQ(text_report({example()}, false).find('\033'), std::string::npos);
    EXPECT_NE(text_report({example()}, true).find("\033[32mconforms"), std::string::npos);
}

TEST(Report, EndsWithASummaryOfEachProvider) {
    const std::string line = "10 clauses: 1 conform, 1 deviate, 1 fail, 4 not covered, 2 not possible, 1 skipped";
    EXPECT_EQ(summary_line(example()), line);
    EXPECT_TRUE(text_report({example()}, false).ends_with("\n\nexample: " + line + "\n"));
    EXPECT_TRUE(text_report(examples(), false)
                    .ends_with("\n\none:   " + line +
                               "\nother: 10 clauses: 2 conform, 1 deviate, 0 fail, 4 not covered, 3 not possible\n"));
    EXPECT_FALSE(example().passes());
}

TEST(Report, AClauseOnWhichProvidersAgreeIsToldOnce) {
    const std::string report = text_report(examples(), false);
    EXPECT_NE(report.find("  AS-READ-1    conforms "), std::string::npos);
    EXPECT_EQ(report.find("AS-READ-1    conforms"), report.rfind("AS-READ-1    conforms"));
    EXPECT_NE(report.find("  AS-ENABLE-1  one: fails "), std::string::npos);
    EXPECT_NE(report.find("\n               other: conforms\n"), std::string::npos);
}

TEST(Report, SaysTheSameInJson) {
    const nlohmann::json whole = nlohmann::json::parse(json_report(examples()));
    EXPECT_EQ(whole["version"], 2);
    EXPECT_EQ(whole["profile"], "spec");
    ASSERT_EQ(whole["providers"].size(), 2U);
    EXPECT_EQ(whole["providers"][1]["provider"], "other");
    EXPECT_EQ(whole["providers"][1]["summary"]["fail"], 0);
    const nlohmann::json& report = whole["providers"][0];
    EXPECT_EQ(report["provider"], "one");
    ASSERT_EQ(report["clauses"].size(), 10U);
    EXPECT_EQ(report["clauses"][0]["id"], "AS-API-3");
    EXPECT_EQ(report["clauses"][0]["verdict"], "not possible");
    EXPECT_NE(report["clauses"][0]["reason"], "");
    EXPECT_EQ(report["not_counted"][0]["id"], "W-5");
    EXPECT_EQ(report["summary"]["clauses"], 10);
    EXPECT_EQ(report["summary"]["conform"], 1);
    EXPECT_EQ(report["summary"]["deviate"], 1);
    EXPECT_EQ(report["summary"]["fail"], 1);
    EXPECT_EQ(report["summary"]["not_covered"], 4);
    EXPECT_EQ(report["summary"]["not_possible"], 2);
    EXPECT_EQ(report["summary"]["skipped"], 1);
    ASSERT_EQ(report["failures"].size(), 2U);
    const nlohmann::json& failure = report["failures"][0];
    EXPECT_EQ(failure["clause"], "AS-ENABLE-1");
    EXPECT_EQ(failure["scenario"], "read-once");
    EXPECT_EQ(failure["steps"].size(), 4U);
    EXPECT_EQ(failure["steps"][1]["step"], "peer s send 10");
    EXPECT_EQ(failure["steps"][1]["observed"], "peer s sends 10");
    EXPECT_EQ(failure["due"], "no further FD_READ until recv");
    EXPECT_EQ(report["failures"][1]["deviations"][0], "W-2");
    EXPECT_EQ(report["errors"].size(), 1U);
    ASSERT_EQ(report["scenarios"].size(), 5U);
    EXPECT_EQ(report["scenarios"][0]["played"], true);
    EXPECT_EQ(report["scenarios"][4]["played"], false);
}

TEST(Report, CountsClausesAsTheHelpSays) {
    std::size_t counted_clauses = 0;
    for (const model::Clause& clause : model::clauses) counted_clauses += counted(clause) ? 1 : 0;
    EXPECT_EQ(counted_clauses, 102U);
    EXPECT_FALSE(counted(*model::find("AS-MSG-4")));
    EXPECT_FALSE(counted(*model::find("W-1")));
    EXPECT_TRUE(counted(*model::find("AS-WRITE-4")));
    EXPECT_TRUE(counted(*model::find("R-29")));
}

TEST(Report, SelectsByClauseAndSection) {
    const std::vector<std::string> read{"AS-READ"};
    EXPECT_TRUE(selected("AS-READ-3", read));
    EXPECT_FALSE(
        selected("AS-READY"
                 "-3",
                 read));
    EXPECT_FALSE(selected("R-3", read));
    EXPECT_TRUE(selected("R-3", {}));
    const std::vector<std::string> one{"AS-READ-1"};
    EXPECT_TRUE(selected("AS-READ-1", one));
    EXPECT_FALSE(
        selected("AS-READ"
                 "-11",
                 one));
}

}  // namespace
}  // namespace asyncselect::conformance
