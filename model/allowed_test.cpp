// What could have come instead, on traces made by hand. It must not know any provider.
#include "model/allowed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/follower.hpp"
#include "model/story.hpp"

namespace asyncselect::model {
namespace {

using namespace story;
using Lines = std::vector<std::string>;

// In place of the last observation of the story.
Lines allowed(const Story& told, const OracleOptions& options = {}) {
    Oracle before(options);
    const Trace& trace = told.trace();
    for (std::size_t index = 0; index + 1 < trace.size(); ++index) EXPECT_TRUE(before.accept(trace[index]));
    return allowed_instead(std::vector<Oracle>{before}, trace.back());
}

TEST(Allowed, QuietWhereNothingIsDue) {
    EXPECT_EQ(allowed(Story().connection(1).select(1, fd_read).message(1, fd_read)), Lines{"quiet: nothing is due"});
}

TEST(Allowed, TheMessageThatIsDue) {
    Story told;
    told.connection(1).select(1, fd_read).sends(1, 5).quiet();
    EXPECT_EQ(allowed(told), Lines{"FD_READ for socket 1 (message 1025 to window 100)"});
}

TEST(Allowed, EitherOfTwo) {
    Story told;
    told.connection(1).sends(1, 5).quiet().select(1, fd_read | fd_write).message(1, fd_close);
    EXPECT_EQ(allowed(told), Lines{"FD_READ or FD_WRITE for socket 1 (message 1025 to window 100)"});
}

TEST(Allowed, TheErrorBelongsToTheMessage) {
    Story told;
    told.connection(1).select(1, fd_close).peer(1, PeerVerb::reset).message(1, fd_close);
    EXPECT_EQ(allowed(told), Lines{"FD_CLOSE with WSAECONNRESET for socket 1 (message 1025 to window 100)"});
    EXPECT_EQ(allowed(told, windows), Lines{"FD_CLOSE with WSAECONNABORTED for socket 1 (message 1025 to window 100)"});
}

TEST(Allowed, OldRegistrationsCount) {
    Story told;
    told.connection(1).select(1, fd_read).sends(1, 5).select(1, 0).message(1, fd_write);
    EXPECT_EQ(allowed(told), (Lines{"FD_READ for socket 1 (message 1025 to window 100)", "quiet: nothing is due"}));
}

TEST(Allowed, CountsAndErrorsOfRecv) {
    EXPECT_EQ(allowed(Story().connection(1).sends(1, 50).quiet().recv(1, 100, 51)),
              Lines{"recv could return 1 to 50; or any error but WSAEWOULDBLOCK, WSAENOTSOCK, WSAECONNRESET or "
                    "WSAECONNABORTED"});
    const Lines late = allowed(Story().connection(1).sends(1, 50).recv(1, 100, 51));
    ASSERT_EQ(late.size(), 1U);
    EXPECT_TRUE(late.front().starts_with("recv could return 1 to 50; or any error but")) << late.front();
    EXPECT_EQ(late.front().find("WSAEWOULDBLOCK"), std::string::npos) << late.front();
    const Lines large = allowed(Story().connection(1).sends(1, 50'000).recv(1, 65'536, 51'000));
    ASSERT_EQ(large.size(), 1U);
    EXPECT_TRUE(large.front().starts_with("recv could return 1 to 50000; or any error but")) << large.front();
}

TEST(Allowed, ResultsOfWSAAsyncSelect) {
    EXPECT_EQ(allowed(Story().connection(1).select(1, fd_read, 77)), Lines{"WSAAsyncSelect could return WSAEINVAL"});
    EXPECT_EQ(allowed(Story().connection(1).select(1, fd_read, window, wm, wsa::invalid)),
              Lines{"WSAAsyncSelect could return 0"});
}

TEST(Allowed, HandlesThatAreMade) {
    EXPECT_EQ(allowed(Story().socket(1).socket(1)),
              Lines{"socket could return a handle that is not in use; or any error"});
}

TEST(Allowed, TheFollowerTellsItOfThePlaceThatItNames) {
    Story told;
    told.connection(1).select(1, fd_read).sends(1, 5).quiet();
    Follower follower;
    EXPECT_TRUE(follower.allowed().empty());
    for (const Observation& observation : told.trace()) follower.observe(observation);
    ASSERT_EQ(follower.outcome(), Outcome::violates);
    EXPECT_EQ(follower.allowed(), Lines{"FD_READ for socket 1 (message 1025 to window 100)"});
}

TEST(Allowed, OfADeviationWhatThePageAllows) {
    Story told;
    told.connection(1).select(1, fd_close).peer(1, PeerVerb::reset).message(1, fd_close, wsa::aborted).quiet();
    Follower follower;
    for (const Observation& observation : told.trace()) follower.observe(observation);
    ASSERT_EQ(follower.outcome(), Outcome::deviates);
    EXPECT_EQ(follower.allowed(), Lines{"FD_CLOSE with WSAECONNRESET for socket 1 (message 1025 to window 100)"});
}

}  // namespace
}  // namespace asyncselect::model
