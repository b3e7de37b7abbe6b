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

ScenarioOutcome scenario(const char* name, const char* text) { return {parse(text, name), {}, {}}; }

// One clause of each kind of verdict, a failure, a deviation and an error of the suite.
SuiteOutcome example() {
    SuiteOutcome outcome;
    outcome.provider = "example";
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
    bad.played.violation = model::Violation{"AS-ENABLE-1",
                                            3,
                                            "no further FD_READ until recv",
                                            model::show(bad.played.trace.back()),
                                            {"socket 4: connected; 10 to read; FD_READ Posted"}};

    ScenarioOutcome deviating = scenario("close-reset", "# A reset\nclauses AS-CLOSE-5\nquiet\n");
    deviating.played.trace = {model::observation::message(65540, 1025, 4, 32, 10053)};
    deviating.played.step_of = {0};
    deviating.played.violation = model::Violation{
        "AS-CLOSE-5", 0, "FD_CLOSE with the error of the reset", model::show(deviating.played.trace.back()), {}};
    deviating.played.deviations = {"W-2"};

    outcome.scenarios = {good, bad, deviating};
    outcome.errors = {"read-late claims AS-READ-2 but did not exercise it"};
    const std::vector<std::string> only{"AS-READ-1", "AS-ENABLE-1", "AS-CLOSE-5", "R-15", "AS-MSG"};
    outcome.clauses = judge_clauses(outcome.scenarios, only);
    return outcome;
}

TEST(Report, IsAsInTheSnapshot) {
    const std::string report = text_report(example(), false);
    if (std::getenv("ASYNCSELECT_UPDATE_SNAPSHOT") != nullptr) std::ofstream(ASYNCSELECT_REPORT_SNAPSHOT) << report;
    std::ifstream stream(ASYNCSELECT_REPORT_SNAPSHOT);
    const std::string snapshot{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(report, snapshot);
}

TEST(Report, FitsInto80Columns) {
    std::istringstream lines(text_report(example(), false));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(Report, HasColoursOnlyWhereAsked) {
    EXPECT_EQ(text_report(example(), false).find('\033'), std::string::npos);
    EXPECT_NE(text_report(example(), true).find("\033[32mconforms"), std::string::npos);
}

TEST(Report, EndsWithTheSummary) {
    EXPECT_EQ(summary_line(example()), "7 clauses: 1 conform, 1 deviate, 1 fail, 4 not covered");
    EXPECT_TRUE(text_report(example(), false).ends_with("\n7 clauses: 1 conform, 1 deviate, 1 fail, 4 not covered\n"));
    EXPECT_FALSE(example().passes());
}

TEST(Report, SaysTheSameInJson) {
    const nlohmann::json report = nlohmann::json::parse(json_report(example()));
    EXPECT_EQ(report["provider"], "example");
    EXPECT_EQ(report["profile"], "spec");
    ASSERT_EQ(report["clauses"].size(), 7U);
    EXPECT_EQ(report["summary"]["clauses"], 7);
    EXPECT_EQ(report["summary"]["conform"], 1);
    EXPECT_EQ(report["summary"]["deviate"], 1);
    EXPECT_EQ(report["summary"]["fail"], 1);
    EXPECT_EQ(report["summary"]["not_covered"], 4);
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
