// A process of one thread steps a socket's word without locking, one of several threads with: both do the same. This
// process has one thread until a test makes another, and counts as one of several from then on.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "conformance/native/mailbox.hpp"
#include "impl/net/alone.hpp"
#include "impl/winsock/slot.hpp"

namespace asyncselect::conformance::native {
namespace {

// What a socket's word is after each call of a short life, the handle's generation and which way it went left out; and
// the messages in between.
struct Life {
    std::vector<core::Word> words;
    std::vector<long> events;

    friend bool operator==(const Life&, const Life&) = default;
};

class Living {
  public:
    explicit Living(Mailbox& mailbox) : mailbox_{mailbox}, pair_{connected_pair()} { look(); }
    ~Living() {
        asyncselect_closesocket(pair_.one);
        asyncselect_closesocket(pair_.other);
    }
    Living(const Living&) = delete;
    Living& operator=(const Living&) = delete;

    Life live() {
        EXPECT_EQ(asyncselect_WSAAsyncSelect(pair_.one, mailbox_.window(), socket_message, fd_read | fd_write), 0);
        look();
        hear();
        for (const std::size_t asked : {std::size_t{64}, std::size_t{5}, std::size_t{2}}) {
            // Less than is asked for, all of it, and not all of it: the last two leave the short way at its end.
            EXPECT_EQ(send_text(pair_.other, "hello"), 5);
            hear();
            EXPECT_EQ(receive_text(pair_.one, asked).size(), std::min<std::size_t>(asked, 5));
            look();
            EXPECT_EQ(send_text(pair_.one, "world"), 5);
            look();
        }
        hear();
        EXPECT_EQ(receive_text(pair_.one), "llo");
        look();
        // Nothing is there.
        EXPECT_EQ(receive_text(pair_.one), "");
        look();
        // Posted by a retrieval, and what else holds with it.
        EXPECT_EQ(send_text(pair_.other, "again"), 5);
        hear();
        EXPECT_EQ(asyncselect_WSAAsyncSelect(pair_.one, mailbox_.window(), 0, 0), 0);
        look();
        return life_;
    }

  private:
    // No message is waited for that would not come: each was made due by the call before.
    void hear() {
        life_.events.push_back(mailbox_.next().event);
        look();
    }
    void look() { life_.words.push_back(winsock::slot_of(pair_.one)->word.load() & ~winsock::owners::generation); }

    Mailbox& mailbox_;
    Pair pair_;
    Life life_;
};

TEST(Alone, OneThreadStepsAsSeveralDo) {
    if (!net::alone()) GTEST_SKIP() << "the C library does not tell that a process has one thread, or it has more";
    const Winsock winsock;
    Mailbox mailbox;
    const auto alone = Living{mailbox}.live();
    ASSERT_TRUE(net::alone()) << "the library has made a thread";

    std::thread{[] {}}.join();
    ASSERT_FALSE(net::alone());
    const auto among_others = Living{mailbox}.live();
    EXPECT_EQ(alone.words, among_others.words);
    EXPECT_EQ(alone.events, among_others.events);
    EXPECT_EQ(alone.events, (std::vector<long>{fd_write, fd_read, fd_read, fd_read, fd_read, fd_read}));
    EXPECT_GT(alone.words.size(), 15U);
    for (const auto word : alone.words)
        EXPECT_EQ(word & (winsock::owners::posting | winsock::owners::calls), 0U) << std::hex << word;
}

// Where a word has changed since it was seen, only who is not alone can tell: who is alone need not.
TEST(Alone, OnlyOneOfSeveralThreadsLooksAgain) {
    std::atomic<core::Word> word{1};
    core::Word seen = 0;
    EXPECT_FALSE(winsock::replace(word, seen, 2, false));
    EXPECT_EQ(seen, 1U);
    EXPECT_TRUE(winsock::replace(word, seen, 2, false));
    EXPECT_EQ(word.load(), 2U);
    seen = 2;
    EXPECT_TRUE(winsock::replace(word, seen, 3, true));
    EXPECT_EQ(word.load(), 3U);
    winsock::take_off(word, 2);
    EXPECT_EQ(word.load(), 1U);
}

}  // namespace
}  // namespace asyncselect::conformance::native
