// The numbers and names of the transitions, and what the oracle says that a trace has exercised. Must not know what any
// row means.
#include "model/coverage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "model/oracle.hpp"
#include "model/story.hpp"
#include "model/tables.hpp"

namespace asyncselect::model {
namespace {

TEST(Transitions, AreTheRowsOfTheMachinesThenTheRules) {
    std::size_t number = 0;
    for (const Event event : events_in_posting_order) {
        for (const Row& row : rows(event)) {
            ASSERT_LT(number, transitions().size());
            EXPECT_EQ(transitions()[number++], &row);
        }
    }
    for (; number < transitions().size(); ++number) {
        const auto rules = composition_rows();
        EXPECT_TRUE(std::ranges::find(rules, transitions()[number]) != rules.end());
    }
    EXPECT_LE(transitions().size(), Coverage{}.size());
}

TEST(Transitions, AreFoundByTheirNumbersAndKeys) {
    std::set<std::string> keys;
    for (std::size_t number = 0; number < transitions().size(); ++number) {
        const Row& row = *transitions()[number];
        EXPECT_EQ(number_of(row), number);
        EXPECT_EQ(row_named(key_of(row)), &row) << key_of(row);
        EXPECT_TRUE(keys.insert(key_of(row)).second) << key_of(row);
    }
    EXPECT_EQ(row_named("read-0"), nullptr);
    EXPECT_EQ(row_named("read"), nullptr);
    EXPECT_EQ(row_named(""), nullptr);
    EXPECT_EQ(row_named("socket-in-order-connect"), nullptr) << "nothing is posted before FD_CONNECT";
    for (const Row* const rule : composition_rows()) {
        if (row_named(key_of(*rule)) == nullptr) {
            EXPECT_EQ(number_of(*rule), transitions().size());
        }
    }
}

TEST(Transitions, AreShownInALine) {
    const Row* const row = row_named("read-21");
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(show(*row), "FD_READ Posted --Received [TookData and DataAvailable]--> Posted (AS-LEVEL-2)");
    EXPECT_EQ(show(*row_named("read-13")), "FD_READ Enabled --PeerClosed--> Enabled (AS-CLOSE-7)");
    EXPECT_EQ(show(*row_named("socket-cancelled-read")),
              "FD_READ any --AsyncSelect [the mask is 0]--> Off (AS-CANCEL-1)");
    EXPECT_EQ(show(*row_named("socket-inherited-close")),
              "FD_CLOSE Off --Inherit [the event is in the mask]--> any (AS-INHERIT-1)");
}

// ---- what a trace exercises

using namespace story;

std::set<std::string> keys(const Coverage& coverage) {
    std::set<std::string> found;
    for (std::size_t number = 0; number < transitions().size(); ++number) {
        if (coverage.test(number)) found.insert(key_of(*transitions()[number]));
    }
    return found;
}

std::set<std::string> exercised(const Story& story) { return keys(judge(story.trace()).coverage); }

TEST(Coverage, IsWhatFiredUpToTheLastQuiet) {
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read);
    EXPECT_EQ(exercised(story), std::set<std::string>{}) << "there was no quiet";
    story.quiet();
    EXPECT_EQ(exercised(story), (std::set<std::string>{"read-2", "read-5"}));
    story.recv(1, 10, 10).select(1, 0);
    EXPECT_EQ(exercised(story), (std::set<std::string>{"read-2", "read-5"}));
    story.quiet();
    EXPECT_EQ(exercised(story),
              (std::set<std::string>{"read-2", "read-5", "read-23", "read-26", "socket-cancelled-read"}));
}

TEST(Coverage, IsOfEverySurvivingPath) {
    // Whether the data came before the registration or after it, nobody knows.
    Story story;
    story.connection(1).sends(1, 10).select(1, fd_read).message(1, fd_read).quiet();
    EXPECT_EQ(exercised(story), std::set<std::string>{});
    Story known;
    known.connection(1).sends(1, 10).quiet().select(1, fd_read).message(1, fd_read).quiet();
    EXPECT_EQ(exercised(known), (std::set<std::string>{"read-1", "socket-posted-at-once-read"}));
}

TEST(Coverage, OfAViolationIsWhatCameBefore) {
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read).quiet().message(1, fd_read);
    const Verdict verdict = judge(story.trace());
    ASSERT_FALSE(verdict.conforms());
    EXPECT_EQ(keys(verdict.coverage), (std::set<std::string>{"read-2", "read-5"}));
}

TEST(Coverage, OfADeviationIsThatOfItsExplanation) {
    Story story;
    story.connection(1).select(1, fd_close).sends(1, 10).peer(1, PeerVerb::shutdown).message(1, fd_close).quiet();
    const Verdict verdict = judge_with_deviations(story.trace());
    ASSERT_EQ(verdict.deviations, std::vector<std::string>{"W-1"});
    OracleOptions explanation;
    explanation.profile.close_at_fin = true;
    EXPECT_EQ(verdict.coverage, judge(story.trace(), explanation).coverage);
    EXPECT_TRUE(verdict.coverage.any());
}

// Datagrams behind the first are counted, not told to the machine one by one; what they would do is exercised all the
// same.
TEST(Coverage, CountsTheDatagramsBehindTheFirst) {
    Story story;
    story.datagram_socket(1).select(1, fd_read).datagram(1, 5).message(1, fd_read).quiet().datagram(1, 5).quiet();
    EXPECT_EQ(exercised(story), (std::set<std::string>{"read-2", "read-7", "read-17"}));
}

}  // namespace
}  // namespace asyncselect::model
