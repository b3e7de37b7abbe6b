// Tests of the clauses as data: complete, well formed, and citable only where they exist.
#include "model/clauses.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace asyncselect::model {
namespace {

// At compile time already.
static_assert(exists("AS-API-1") && exists("R-29") && exists("W-5"));
static_assert(!exists("") && !exists("AS-API-") && !exists("AS-API-1 ") && !exists("as-api-1"));
static_assert(find("AS-READ-1")->event == "FD_READ");
static_assert(find("R-9")->ours && !find("R-1")->ours);
static_assert(find("AS-CANCEL-2")->kind == ClauseKind::may && find("AS-MSG-4")->kind == ClauseKind::app);
static_assert(ExistingClause<"AS-ENABLE-8">);
static_assert(!ExistingClause<"AS-ENABLE"> && !ExistingClause<"R-">);
static_assert(Citation{"R-1"}.view() == "R-1");

// How many clauses each section has. The ids are stable: a number changes only when the specification does.
TEST(Clauses, EveryClauseOfTheSpecificationIsThere) {
    const std::map<std::string, std::size_t, std::less<>> expected{
        {"AS-API", 8},    {"AS-MODE", 3},   {"AS-REG", 3},     {"AS-CANCEL", 4}, {"AS-INHERIT", 2}, {"AS-MSG", 4},
        {"AS-ENABLE", 8}, {"AS-LEVEL", 3},  {"AS-EDGE", 2},    {"AS-ROBUST", 1}, {"AS-READ", 4},    {"AS-WRITE", 5},
        {"AS-OOB", 4},    {"AS-ACCEPT", 3}, {"AS-CONNECT", 4}, {"AS-CLOSE", 7},  {"AS-QOS", 2},     {"AS-GQOS", 1},
        {"AS-ROUTE", 1},  {"AS-ADDR", 1},   {"AS-ERROR", 4},   {"R", 29},        {"W", 5},
    };
    std::map<std::string, std::size_t, std::less<>> sections;
    for (const Clause& clause : clauses) {
        const std::size_t dash = clause.id.rfind('-');
        const std::string section(clause.id.substr(0, dash));
        // Within a section the numbers run from 1 without a gap.
        EXPECT_EQ(clause.id.substr(dash + 1), std::to_string(++sections[section])) << clause.id;
    }
    EXPECT_EQ(sections, expected);
}

TEST(Clauses, TheKindFollowsFromTheId) {
    for (const Clause& clause : clauses) {
        EXPECT_EQ(clause.kind == ClauseKind::reading, clause.id.starts_with("R-")) << clause.id;
        EXPECT_EQ(clause.kind == ClauseKind::deviation, clause.id.starts_with("W-")) << clause.id;
        if (clause.ours) {
            EXPECT_EQ(clause.kind, ClauseKind::reading) << clause.id;
        }
    }
}

TEST(Clauses, TheReadingsThatBindOurOwnProvidersOnly) {
    std::set<std::string_view> ours;
    for (const Clause& clause : clauses) {
        if (clause.ours) {
            ours.insert(clause.id);
        }
    }
    EXPECT_EQ(ours, (std::set<std::string_view>{"R-9", "R-13", "R-17", "R-26", "R-27"}));
}

// A section that is about one event says so in each of its clauses.
TEST(Clauses, TheEventFollowsFromTheSection) {
    constexpr std::array sections{
        std::pair{"AS-READ-", "FD_READ"},
        std::pair{"AS-WRITE-", "FD_WRITE"},
        std::pair{"AS-OOB-", "FD_OOB"},
        std::pair{"AS-ACCEPT-", "FD_ACCEPT"},
        std::pair{"AS-CONNECT-", "FD_CONNECT"},
        std::pair{"AS-CLOSE-", "FD_CLOSE"},
        std::pair{"AS-QOS-", "FD_QOS"},
        std::pair{"AS-GQOS-", "FD_GROUP_QOS"},
        std::pair{"AS-ROUTE-", "FD_ROUTING_INTERFACE_CHANGE"},
        std::pair{"AS-ADDR-", "FD_ADDRESS_LIST_CHANGE"},
    };
    for (const Clause& clause : clauses) {
        for (const auto& [section, event] : sections) {
            if (clause.id.starts_with(section)) {
                EXPECT_EQ(clause.event, event) << clause.id;
            }
        }
    }
}

TEST(Clauses, TheTextsAreSentences) {
    std::set<std::string_view> texts;
    for (const Clause& clause : clauses) {
        EXPECT_GE(clause.text.size(), 20U) << clause.id;
        EXPECT_TRUE(clause.text.ends_with('.')) << clause.id;
        EXPECT_TRUE(texts.insert(clause.text).second) << clause.id << " has the text of another clause";
        for (const char character : clause.text) {
            EXPECT_TRUE(character >= ' ' && character <= '~') << clause.id << ": a character that is not ASCII";
        }
    }
}

// Each deviation names what it departs from, so that a report can put the two side by side.
TEST(Clauses, ADeviationNamesItsClause) {
    constexpr std::array departures{
        std::pair{"W-1", "AS-CLOSE-3"},
        std::pair{"W-2", "AS-CLOSE-5"},
        std::pair{"W-3", "AS-CONNECT-1"},
        std::pair{"W-4", "AS-CONNECT-2"},
    };
    for (const auto& [deviation, clause] : departures) {
        EXPECT_NE(find(deviation)->text.find(clause), std::string_view::npos) << deviation;
    }
}

TEST(Clauses, EveryClauseIsFoundByItsId) {
    for (const Clause& clause : clauses) {
        EXPECT_EQ(find(clause.id), &clause);
    }
    EXPECT_EQ(find("R-"
                   "0"),
              nullptr);
}

TEST(Clauses, AKindHasTheNameThatTheDataUses) {
    EXPECT_EQ(name(ClauseKind::must), "must");
    EXPECT_EQ(name(ClauseKind::may), "may");
    EXPECT_EQ(name(ClauseKind::app), "app");
    EXPECT_EQ(name(ClauseKind::reading), "reading");
    EXPECT_EQ(name(ClauseKind::deviation), "deviation");
}

}  // namespace
}  // namespace asyncselect::model
