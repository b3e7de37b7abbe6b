// Counts what the library's functions cost in system calls: registering, accepting, and posting to a thread that is
// awake. Start and end are taken out by comparing few of them with many. It must not know how the library works. Needs
// strace and the permission to trace.
#include "conformance/system_calls.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace asyncselect::conformance::native {
namespace {

class SystemCalls : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!can_count_system_calls()) GTEST_SKIP() << "strace is missing, or may not trace here";
    }

    // For each time that `calls_of` does it.
    static double calls_of(const std::string& what, int few, int many, Whose whose = Whose::everybodys) {
        const auto count = [&](int times) {
            return count_system_calls("'" CALLS_OF "' " + what + " " + std::to_string(times), whose);
        };
        const auto before = count(few);
        const auto after = count(many);
        EXPECT_TRUE(before && after) << what << " did not run to its end under strace";
        if (!before || !after) return -1;
        const double each = static_cast<double>(*after - *before) / (many - few);
        RecordProperty(what, std::to_string(each));
        return each;
    }
};

TEST_F(SystemCalls, OneForWSAAsyncSelect) {
    // AS-REG-1
    const double sockets = calls_of("sockets", 100, 1100);
    EXPECT_GE(sockets, 1.0) << "fewer calls than a socket can need: they were not counted";
    const double registered = calls_of("register", 100, 1100);
    EXPECT_LE(registered - sockets, 1.01);
    EXPECT_GE(registered - sockets, 0.99) << "the system is told of a socket once";
    // Of a socket that listens or is connected the system is asked what holds (AS-REG-3): that is one call more at
    // first.
    const double listening = calls_of("register-listeners", 100, 600) - calls_of("listeners", 100, 600);
    EXPECT_LE(listening, 2.01);
    EXPECT_GE(listening, 1.99);
    const double again = calls_of("register-again", 100, 1100);
    EXPECT_LE(again, 1.01);
    EXPECT_GE(again, 0.99);
}

TEST_F(SystemCalls, TwoAtMostForAcceptBesideTheRegistration) {
    // The registration is told to the system, and what holds already is asked for. And a share of the waits: one
    // looks at 64 messages.
    constexpr double registration = 2;
    const double each = calls_of("accept", 64, 564, Whose::the_first_threads);
    EXPECT_LE(each, registration + 2.05);
    EXPECT_GE(each, 1.0) << "fewer calls than an accept can need: they were not counted";
}

TEST_F(SystemCalls, NoneForAMessageToAThreadThatIsAwake) {
    // But for a look at the sockets every 64 messages, and memory for thousands that wait.
    EXPECT_LE(calls_of("post-to-an-awake-thread", 1000, 9000), 0.03);
}

TEST_F(SystemCalls, OfWhoWakesAThreadAreCounted) {
    // The control of the one above: one wakes, one waits, unless it has not fallen asleep yet.
    EXPECT_GE(calls_of("post-to-a-sleeping-thread", 100, 1100), 1.0);
}

}  // namespace
}  // namespace asyncselect::conformance::native
