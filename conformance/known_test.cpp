// Lists of known departures: reading them, the errors with their places, the comparison with what was found.
#include "conformance/known.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "conformance/report.hpp"
#include "conformance/report_example.hpp"
#include "conformance/report_words.hpp"

namespace asyncselect::conformance {
namespace {

// Where and why a text is no list: "2:5: what".
std::string complaint(std::string_view text) {
    try {
        parse_known(text);
    } catch (const KnownError& error) {
        return std::to_string(error.line) + ':' + std::to_string(error.column) + ": " + error.what();
    }
    return "none";
}

std::string list_with(const std::string& entries) {
    return "{\"provider\": \"example\",\n \"profile\": \"spec\",\n \"known\": [\n" + entries + "\n]}";
}

std::vector<std::string> shown(const std::vector<Finding>& findings) {
    std::vector<std::string> all;
    for (const Finding& finding : findings) all.push_back(show(finding));
    return all;
}

using Strings = std::vector<std::string>;

// Everything that example() does otherwise.
constexpr const char* everything = R"(
  {"clause": "AS-ENABLE-1", "as": "fails", "scenarios": ["read-once"], "why": "in the works"},
  {"clause": "AS-CLOSE-5", "as": "W-2"},
  {"as": "error", "scenarios": ["read-late"]})";

Comparison compared(const std::string& entries, const SuiteOutcome& outcome = example()) {
    return compare(parse_known(list_with(entries)).front(), outcome);
}

TEST(Known, IsReadAndWritten) {
    const std::vector<KnownList> lists = parse_known(list_with(everything));
    ASSERT_EQ(lists.size(), 1U);
    EXPECT_EQ(lists[0].provider, "example");
    EXPECT_EQ(lists[0].profile, "spec");
    ASSERT_EQ(lists[0].known.size(), 3U);
    EXPECT_EQ(lists[0].known[0].why, "in the works");
    EXPECT_EQ(show(lists[0].known[1]), "AS-CLOSE-5 deviates (W-2)");
    const std::string written = write_known(lists);
    EXPECT_EQ(write_known(parse_known(written)), written);
    EXPECT_EQ(written.front(), '{');

    const std::vector<KnownList> two = parse_known('[' + list_with("") + ',' + list_with(everything) + ']');
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(write_known(parse_known(write_known(two))), write_known(two));
}

TEST(Known, WhatIsNoListIsToldWithItsPlace) {
    EXPECT_EQ(complaint("").substr(0, 20), "1:1: this is no JSON");
    EXPECT_EQ(complaint("{\"provider\":\n  \"x\" \"profile\"}").substr(0, 4), "2:15");
    EXPECT_EQ(complaint("7"), "1:1: an object is expected here");
    EXPECT_EQ(complaint("[{}]"), "1:2: the field \"provider\" is missing");
    EXPECT_EQ(complaint("{\"provider\": \"x\",\n \"profile\": 3, \"known\": []}"), "2:13: \"profile\" is a text");
    EXPECT_EQ(complaint("{\"provider\": \"x\",\n \"profile\": \"y\", \"known\": []}"),
              "2:13: the profile is spec or windows");
    EXPECT_EQ(complaint("{\"provider\": \"x\", \"profile\": \"spec\"}"), "1:1: the field \"known\" is missing");
    EXPECT_EQ(complaint("{\"provider\": \"x\", \"profile\": \"spec\", \"known\": {}}"), "1:47: \"known\" is an array");
    EXPECT_EQ(complaint(list_with("  7")), "4:3: an object is expected here");
    EXPECT_EQ(complaint(list_with("  {\"as\": \"fails\"}")), "4:3: the field \"clause\" is missing");
    EXPECT_EQ(complaint(list_with("  {\"clause\": \"AS-CLOSE"
                                  "-99\", \"as\": \"fails\"}")),
              "4:14: no clause is called AS-CLOSE"
              "-99");
    EXPECT_EQ(complaint(list_with("{\"clause\": \"W-2\", \"as\": \"fails\"}")),
              "4:12: W-2 is not counted: nothing is reported for it");
    for (const char* as : {"W"
                           "-9",
                           "breaks", "W-1,W-2", "AS-READ-1", ""}) {
        EXPECT_EQ(complaint(list_with("{\"clause\": \"AS-CLOSE-5\", \"as\": \"" + std::string(as) + "\"}")),
                  "4:32: \"as\" is \"fails\", \"not covered\", \"error\" or deviations, as \"W-2\" or \"W-1, W-2\"");
    }
    EXPECT_EQ(complaint(list_with("{\"clause\": \"AS-CLOSE-5\", \"as\": \"W-1, not W-2\"}")), "none");
    EXPECT_EQ(complaint(list_with("{\"clause\": \"AS-CLOSE-5\", \"as\": \"fails\", \"scenarios\": []}")),
              "4:54: \"scenarios\" is an array of names; without the field any is meant");
    EXPECT_EQ(complaint(list_with("{\"clause\": \"AS-CLOSE-5\", \"as\": \"fails\", \"because\": \"\"}")).substr(0, 45),
              "4:52: the field \"because\" is not known here: ");
    EXPECT_EQ(complaint(list_with("{\"as\": \"error\"}")), "4:1: an error is known of scenarios: name them");
    EXPECT_EQ(complaint(list_with("{\"clause\": \"AS-CLOSE-5\", \"as\": \"fails\"},\n"
                                  "{\"clause\": \"AS-CLOSE-5\", \"as\": \"fails\", \"scenarios\": [\"a\\\"]\"]}")),
              "5:1: this is on the list already");
}

TEST(Known, WhatIsOnTheListIsNoNews) {
    SuiteOutcome outcome = example();
    EXPECT_FALSE(outcome.passes());
    outcome.comparison = compared(everything);
    EXPECT_TRUE(outcome.passes());
    EXPECT_EQ(shown(outcome.comparison->known),
              (Strings{"AS-ENABLE-1 fails in read-once", "AS-CLOSE-5 deviates (W-2) in close-reset",
                       "an error of the suite in read-late"}));
    EXPECT_TRUE(outcome.comparison->fresh.empty());
    EXPECT_TRUE(outcome.comparison->gone.empty());
    EXPECT_TRUE(is_known_error(outcome, outcome.errors[0]));
    EXPECT_TRUE(is_known(outcome, outcome.scenarios[1]));
    EXPECT_FALSE(is_known(outcome, outcome.scenarios[0]));
}

TEST(Known, WhatIsNotOnTheListIsNew) {
    SuiteOutcome outcome = example();
    outcome.comparison =
        compared(R"({"clause": "AS-ENABLE-1", "as": "fails"}, {"as": "error", "scenarios": ["read-late"]})");
    EXPECT_EQ(shown(outcome.comparison->fresh), Strings{"AS-CLOSE-5 deviates (W-2) in close-reset"});
    EXPECT_FALSE(outcome.passes()) << "a deviation alone is a failure where there is a list";
    // Of another kind, or of another scenario.
    EXPECT_EQ(compared(R"({"clause": "AS-CLOSE-5", "as": "fails"})").fresh.size(), 3U);
    EXPECT_EQ(compared(R"({"clause": "AS-CLOSE-5", "as": "W-2", "scenarios": ["other"]})").fresh.size(), 3U);
    // What nobody can put on a list.
    outcome.errors = {"a call hangs for ever: the rest was not played"};
    EXPECT_EQ(shown(compared(everything, outcome).fresh), outcome.errors);
}

TEST(Known, WhatNoLongerOccursIsTold) {
    SuiteOutcome outcome = example();
    const std::string more = std::string(everything) + R"(,
        {"clause": "AS-READ-1", "as": "fails"},
        {"clause": "AS-REG-3", "as": "fails"},
        {"clause": "AS-MSG-1", "as": "not covered"},
        {"clause": "AS-READ-1", "as": "not covered"},
        {"clause": "R-29", "as": "fails"},
        {"clause": "R-29", "as": "not covered"},
        {"clause": "AS-CLOSE-5", "as": "W-1", "scenarios": ["close-reset", "joins", "nowhere"]})";
    outcome.comparison = compared(more);
    EXPECT_EQ(shown(outcome.comparison->gone),
              (Strings{"AS-READ-1 fails", "AS-READ-1 is not covered", "AS-CLOSE-5 deviates (W-1) in close-reset"}));
    EXPECT_EQ(shown(outcome.comparison->unexamined),
              (Strings{"AS-REG-3 fails", "AS-MSG-1 is not covered", "R-29 fails", "R-29 is not covered",
                       "AS-CLOSE-5 deviates (W-1) in joins, nowhere"}));
    EXPECT_TRUE(outcome.comparison->fresh.empty());
    EXPECT_FALSE(outcome.passes());
    const std::string report = text_report({outcome}, false);
    EXPECT_NE(report.find("\nNews\n  fixed     it is no longer so, take it off the list: AS-READ-1 fails\n"),
              std::string::npos)
        << report;
    EXPECT_NE(report.find("\nKnown\n  AS-ENABLE-1 fails in read-once: in the works\n"), std::string::npos);
    EXPECT_NE(report.find("  AS-ENABLE-1  known: fails"), std::string::npos);
    EXPECT_NE(report.find("\nKnown, and not examined\n  AS-REG-3 fails\n"), std::string::npos);
    EXPECT_TRUE(report.ends_with("; 3 known, 0 new, 3 fixed\n")) << report;
    EXPECT_EQ(report.find("\nAS-ENABLE-1 known"), std::string::npos) << "what is known is told in one line";
}

TEST(Known, WhatIsShownAtTimesIsNeitherNewsNorMissed) {
    SuiteOutcome outcome = example();
    const std::string more = std::string(everything) + R"(,
        {"clause": "AS-READ-1", "as": "fails", "at_times": true},
        {"clause": "AS-CLOSE-5", "as": "W-1", "scenarios": ["close-reset"], "at_times": true, "why": "a race"})";
    outcome.comparison = compared(more);
    EXPECT_TRUE(outcome.comparison->holds());
    EXPECT_EQ(shown(outcome.comparison->unexamined),
              (Strings{"AS-READ-1 fails", "AS-CLOSE-5 deviates (W-1) in close-reset"}));
    // Where it is shown; written anew the list says the same.
    const std::string shown_now = R"({"clause": "AS-ENABLE-1", "as": "fails", "at_times": true},
        {"clause": "AS-CLOSE-5", "as": "W-2"}, {"as": "error", "scenarios": ["read-late"]})";
    EXPECT_TRUE(compared(shown_now).holds());
    EXPECT_THROW(compared(R"({"clause": "AS-READ-1", "as": "fails", "at_times": 1})"), KnownError);
    const KnownList before = parse_known(list_with(more)).front();
    const std::string written = write_known({known_now(outcome, &before)});
    const KnownList again = parse_known(written).front();
    EXPECT_EQ(std::ranges::count_if(again.known, &Finding::at_times), 2);
    EXPECT_TRUE(compare(again, outcome).holds());
}

TEST(Known, WhatIsNotCoveredCanBeKnown) {
    SuiteOutcome outcome = example();
    outcome.errors = {"no scenario covers AS-MSG-1"};
    const std::string entries = R"({"clause": "AS-ENABLE-1", "as": "fails"}, {"clause": "AS-CLOSE-5", "as": "W-2"})";
    EXPECT_EQ(shown(compared(entries, outcome).fresh), Strings{"AS-MSG-1 is not covered"});
    EXPECT_TRUE(compared(entries + R"(, {"clause": "AS-MSG-1", "as": "not covered"})", outcome).holds());
}

TEST(Known, ThePresentStateWrittenAsAListHolds) {
    SuiteOutcome outcome = example();
    outcome.errors.emplace_back("no scenario covers AS-MSG-1");
    const KnownList before = parse_known(list_with(everything)).front();
    for (const KnownList* const list : std::vector<const KnownList*>{nullptr, &before}) {
        const KnownList now = parse_known(write_known({known_now(outcome, list)})).front();
        EXPECT_EQ(now.known.size(), 4U);
        EXPECT_TRUE(compare(now, outcome).holds());
        EXPECT_EQ(now.known[0].why, list == nullptr ? "" : "in the works");
    }
}

}  // namespace
}  // namespace asyncselect::conformance
