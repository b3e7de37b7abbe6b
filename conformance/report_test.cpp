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

#include "conformance/report_example.hpp"
#include "conformance/report_words.hpp"
#include "conformance/versions.hpp"

namespace asyncselect::conformance {
namespace {

TEST(Report, IsAsInTheSnapshot) {
    std::string report = text_report({example()}, false) + "\n====\n\n" + text_report(examples(), false);
    // The hashes change with every scenario and clause.
    for (const std::string_view hash : {versions().scripts_sha256, versions().clauses_sha256}) {
        for (std::size_t at = 0; (at = report.find(hash.substr(0, 16), at)) != std::string::npos;)
            report.replace(at, 16, "0123456789abcdef");
    }
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
    EXPECT_EQ(whole["version"], 4);
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
    EXPECT_EQ(report["transitions"]["exercised"], nlohmann::json::array({"read-1"}));
    EXPECT_EQ(report["transitions"]["all"], model::transitions().size());
    ASSERT_EQ(report["scenarios"].size(), 5U);
    EXPECT_EQ(report["scenarios"][0]["played"], true);
    EXPECT_EQ(report["scenarios"][4]["played"], false);
}

TEST(Report, TellsVersionsAndHashes) {
    const nlohmann::json whole = nlohmann::json::parse(json_report({example()}));
    EXPECT_EQ(whole["suite"]["version"], versions().suite);
    EXPECT_EQ(whole["suite"]["scripts_sha256"].get<std::string>().size(), 64U);
    EXPECT_EQ(whole["suite"]["clauses_sha256"], versions().clauses_sha256);
    SuiteOutcome given = example();
    given.given_scripts = true;
    given.version = "7.1";
    EXPECT_EQ(nlohmann::json::parse(json_report({given}))["suite"]["scripts_sha256"], "");
    const std::string text = text_report({given}, false);
    EXPECT_NE(text.find("scripts as given, clauses"), std::string::npos);
    EXPECT_NE(text.find("\nProvider example 7.1, spec profile"), std::string::npos);
}

TEST(Report, WhateverAProviderSaysIsReadable) {
    SuiteOutcome outcome = example();
    outcome.errors = {"\x01 \xff <&>\"' \xe2\x82\xac \xed\xa0\x80"};
    EXPECT_EQ(readable(outcome.errors[0]), "\ufffd \ufffd <&>\"' \u20ac \ufffd\ufffd\ufffd");
    EXPECT_NO_THROW(EXPECT_TRUE(nlohmann::json::parse(json_report({outcome})).is_object()));
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
