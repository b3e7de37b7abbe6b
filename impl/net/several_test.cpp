// Waiting for several descriptors: what changes between a look and the wait that follows it is not lost. That is
// brought about here, not left to chance: the look is given to the wait.
#include "impl/net/several.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace asyncselect::net {
namespace {

class Several : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair_.data()), 0); }
    ~Several() override {
        for (const int descriptor : {pair_[0], pair_[1], never_connected_}) close(descriptor);
    }

    // Whether a wait ends at once that begins after one byte came, though it was not there at the look.
    bool ends_at_once(std::span<Watched> watched) {
        EXPECT_EQ(look(watched), core::error::none);
        EXPECT_EQ(write(pair_[1], "x", 1), 1);
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(await_any(watched, patience), core::error::none);
        return std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{patience};
    }

    static constexpr int patience = 5000;  // only where it fails
    std::array<int, 2> pair_{};
    int never_connected_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
};

TEST_F(Several, WhatComesAfterTheLookEndsTheWait) {
    std::array watched{Watched{pair_[0], true, false, false, {}}};
    EXPECT_TRUE(ends_at_once(watched));
}

// It is hung up, which ends every wait that is not told to look for changes alone.
TEST_F(Several, AlsoBesideAStreamThatWasNeverConnected) {
    std::array watched{Watched{pair_[0], true, false, false, {}}, Watched{never_connected_, true, false, false, {}}};
    EXPECT_TRUE(ends_at_once(watched));
    EXPECT_TRUE(watched[1].now.hung_up);
}

}  // namespace
}  // namespace asyncselect::net
