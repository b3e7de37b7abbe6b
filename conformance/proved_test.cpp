// What ./dev prove writes is read as it was written. Run under sanitizers too: what is read out of a document must not
// outlive it.
#include "conformance/proved.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace asyncselect::conformance {
namespace {

class Proved : public ::testing::Test {
  protected:
    ~Proved() override { std::filesystem::remove(file_); }

    std::vector<ProvedClaim> read(const std::string& text) {
        std::ofstream(file_) << text;
        return proved_claims(file_.string());
    }

    std::filesystem::path file_ = std::filesystem::temp_directory_path() /
                                  (std::string{"asyncselect-proved-"} +
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".json");
};

std::string claim(const std::string& id, const std::string& controls) {
    return R"({"id": ")" + id +
           R"(", "claim": "What is met, wanted and enabled is posted.", "tool": "z3", "verdict": "proved",
             "clauses": ["AS-READ-1", "AS-READ-2"], "controls": [)" +
           controls + "]}";
}

TEST_F(Proved, IsReadAsItWasWritten) {
    const std::vector<ProvedClaim> claims =
        read(R"({"claims": [)" + claim("smt.one", R"({"refuted": true}, {"refuted": true})") + ", " +
             claim("smt.other", R"({"refuted": true}, {"refuted": false})") + ", " + claim("smt.alone", "") + "]}");
    ASSERT_EQ(claims.size(), 3U);
    EXPECT_EQ(claims[0].id, "smt.one");
    EXPECT_EQ(claims[0].claim, "What is met, wanted and enabled is posted.");
    EXPECT_EQ(claims[0].tool, "z3");
    EXPECT_TRUE(claims[0].speaks_of("AS-READ-2"));
    EXPECT_FALSE(claims[0].speaks_of("AS-READ-3"));
    EXPECT_TRUE(claims[0].holds());
    EXPECT_FALSE(claims[1].holds()) << "a control that passes proves nothing";
    EXPECT_FALSE(claims[2].holds()) << "nor does a claim without a control";
}

TEST_F(Proved, WhatIsNoSuchFileIsRefusedByItsName) {
    for (const char* const text : {"", "{}", R"({"claims": [{"id": 1}]})"}) {
        try {
            read(text);
            ADD_FAILURE() << "was read: " << text;
        } catch (const std::runtime_error& error) {
            EXPECT_NE(std::string(error.what()).find(file_.string()), std::string::npos) << error.what();
        }
    }
    EXPECT_THROW(proved_claims("/no/such/file"), std::runtime_error);
}

}  // namespace
}  // namespace asyncselect::conformance
