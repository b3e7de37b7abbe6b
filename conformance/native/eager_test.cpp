// What only eager posting shows: messages that wait while the window's thread does something else, stale ones, full
// queues and windows that are destroyed while another thread posts. And how posting is chosen.
#include <signal.h>
#include <sys/epoll.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "conformance/native/mailbox.hpp"
#include "impl/window/queue.hpp"
#include "impl/winsock/harvest.hpp"
#include "impl/winsock/harvester.hpp"
#include "impl/winsock/slot.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;
using winsock::Posting;

int last_error() { return asyncselect_WSAGetLastError(); }

// How many messages were ever posted to the queues that hold some now.
std::uint64_t posted() {
    std::uint64_t count = 0;
    for (const auto& entry : window::mark_now().entries) count += entry.posted - entry.queue->oldest_waiting();
    return count;
}

bool soon(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

// Found the queue full, and stands in the line.
bool is_refused(asyncselect_SOCKET s) { return (winsock::slot_of(s)->word.load() & core::layout::refused) != 0; }

// Chosen before Winsock is started, and undone after.
struct EagerPosting {
    EagerPosting() : before{winsock::posting()} { EXPECT_EQ(asyncselect_SetPosting(asyncselect_POSTING_EAGER), 0); }
    ~EagerPosting() {
        EXPECT_EQ(asyncselect_SetPosting(before == Posting::eager ? 1 : 0), 0);
        EXPECT_EQ(asyncselect_SetPostLimit(10'000), 0);
    }
    Posting before;
};

class Eager : public ::testing::Test {
  protected:
    EagerPosting eager_;
    Winsock winsock_;
    Mailbox mailbox_;

    int select(asyncselect_SOCKET s, long events) {
        return asyncselect_WSAAsyncSelect(s, mailbox_.window(), socket_message, events);
    }
};

// The sequence of the page: the message waits while the program takes the data, and is stale when it is retrieved.
TEST_F(Eager, AStaleMessageFindsNothingAndNewDataIsTold) {
    cite<"AS-ROBUST-1", "R-1", "AS-READ-2">();
    const auto pair = connected_pair();
    ASSERT_EQ(select(pair.one, fd_read), 0);
    send_text(pair.other, "x");
    ASSERT_TRUE(soon([] { return posted() == 1; })) << "posted though the window's thread does something else";
    EXPECT_EQ(receive_text(pair.one), "x");
    EXPECT_EQ(mailbox_.next(), (Notification{pair.one, fd_read, 0}));
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(pair.one, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_TRUE(mailbox_.drain().empty());
    send_text(pair.other, "y");
    ASSERT_TRUE(soon([] { return posted() == 1; }));
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{pair.one, fd_read, 0}}));
}

// A harvest looks anew: what the poller saw may have been taken since by a thread of the program.
TEST_F(Eager, AReportThatIsOldTellsOfNothing) {
    cite<"AS-READ-2", "AS-ENABLE-1", "R-28">();
    const auto s = asyncselect_socket(2, 2, 0);
    const auto peer = asyncselect_socket(2, 2, 0);
    const auto any = loopback();
    ASSERT_EQ(asyncselect_bind(s, as_address(any), sizeof any), 0);
    ASSERT_EQ(select(s, fd_read), 0);
    const auto own = address_of(s);
    const auto old = std::to_array<net::Readiness>({{s, EPOLLIN}, {s, EPOLLIN | EPOLLRDHUP}, {s, EPOLLIN | EPOLLERR}});
    for (const auto& report : old) {
        ASSERT_EQ(asyncselect_sendto(peer, "x", 1, 0, as_address(own), sizeof own), 1);
        EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
        EXPECT_EQ(receive_text(s), "x");
        winsock::harvest_all({&report, 1});
        EXPECT_TRUE(mailbox_.drain().empty()) << "events " << report.events;
    }
    EXPECT_EQ(asyncselect_closesocket(s), 0);
    EXPECT_EQ(asyncselect_closesocket(peer), 0);
}

// Each byte is received by a thread that asks all the time. One message can come for it before the receive that takes
// it; if that receive's end posts another one, it is for nothing.
TEST_F(Eager, NoMessageIsWithoutACause) {
    cite<"AS-READ-3", "AS-LEVEL-1", "AS-ENABLE-1">();
    constexpr int rounds = 5'000;
    const auto pair = connected_pair();
    ASSERT_EQ(select(pair.one, fd_read), 0);
    std::atomic<int> asked{0};
    std::thread sender{[&, s = pair.other] {
        for (int sent = 0; sent < rounds; ++sent) {
            while (asked == sent) std::this_thread::yield();
            send_text(s, "x");
        }
    }};
    int without_cause = 0;
    for (int round = 0; round < rounds; ++round) {
        ++asked;
        do mailbox_.drain();
        while (receive_text(pair.one, 16).empty());
        if (posted() > 1) ++without_cause;
    }
    sender.join();
    EXPECT_EQ(without_cause, 0);
}

// The last data and the FIN come while the thread receives, and it never asks again after the last byte.
TEST_F(Eager, TheEndIsToldHoweverTheLastDataIsTaken) {
    cite<"AS-CLOSE-3", "AS-CLOSE-7">();
    constexpr int rounds = 500;
    const auto from = listener();
    const auto address = address_of(from);
    std::atomic<int> asked{0};
    std::thread sender{[&] {
        for (int sent = 0; sent < rounds; ++sent) {
            while (asked == sent) std::this_thread::yield();
            const auto s = stream();
            asyncselect_connect(s, as_address(address), sizeof address);
            send_text(s, "last");
            asyncselect_closesocket(s);
        }
    }};
    int told_in_time = 0;
    for (int round = 0; round < rounds; ++round) {
        ++asked;
        const auto s = asyncselect_accept(from, nullptr, nullptr);
        EXPECT_EQ(select(s, round % 2 == 0 ? fd_close : fd_close | fd_read), 0);
        for (std::size_t got = 0; got < 4;) got += receive_text(s, 16).size();
        bool told = false;
        EXPECT_TRUE(soon([&] {
            for (const auto& message : mailbox_.drain()) told = told || message == Notification{s, fd_close, 0};
            return told;
        })) << "in round "
            << round;
        if (!told) break;
        ++told_in_time;
        asyncselect_closesocket(s);
    }
    asked = rounds;
    asyncselect_closesocket(from);
    sender.join();
    EXPECT_EQ(told_in_time, rounds);
}

TEST_F(Eager, TheQueueFillsAndLosesNothing) {
    cite<"R-13">();
    constexpr std::size_t limit = 3;
    constexpr std::size_t sockets = 9;
    ASSERT_EQ(asyncselect_SetPostLimit(limit), 0);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < sockets; ++i) {
        pairs.push_back(connected_pair());
        ASSERT_EQ(select(pairs.back().one, fd_read), 0);
    }
    // One after another, so that it is known who waits longest.
    for (std::size_t i = 0; i < sockets; ++i) {
        send_text(pairs[i].other, "x");
        ASSERT_TRUE(soon([&] { return i < limit ? posted() == i + 1 : is_refused(pairs[i].one); })) << "socket " << i;
        EXPECT_EQ(posted(), std::min(i + 1, limit));
    }
    // More of it changes nothing: each waits once.
    for (const auto& pair : pairs) send_text(pair.other, "y");
    const auto told = mailbox_.collect(sockets);
    ASSERT_EQ(told.size(), sockets);
    for (std::size_t i = 0; i < sockets; ++i) EXPECT_EQ(told[i], (Notification{pairs[i].one, fd_read, 0}));
    EXPECT_TRUE(mailbox_.drain().empty());
    for (const auto& pair : pairs) {
        EXPECT_FALSE(is_refused(pair.one));
        std::string text = receive_text(pair.one);
        while (text.size() < 2) text += receive_text(pair.one);
    }
}

TEST_F(Eager, WhoIsRefusedCanBeCancelledOrClosed) {
    cite<"R-13", "AS-CANCEL-1", "AS-CANCEL-3">();
    ASSERT_EQ(asyncselect_SetPostLimit(1), 0);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < 4; ++i) {
        pairs.push_back(connected_pair());
        ASSERT_EQ(select(pairs.back().one, fd_read), 0);
        send_text(pairs[i].other, "x");
        ASSERT_TRUE(soon([&] { return i == 0 ? posted() == 1 : is_refused(pairs[i].one); }));
    }
    ASSERT_EQ(select(pairs[1].one, 0), 0);
    ASSERT_EQ(asyncselect_closesocket(pairs[2].one), 0);
    const auto told = mailbox_.collect(2);
    EXPECT_EQ(told, (std::vector<Notification>{{pairs[0].one, fd_read, 0}, {pairs[3].one, fd_read, 0}}));
    EXPECT_TRUE(mailbox_.drain().empty());
}

// Many sockets, a small queue, and a window's thread that looks at it now and then: every byte is told and received.
TEST_F(Eager, AFullQueueLosesNothingWhileTheHarvesterPosts) {
    cite<"R-13", "AS-READ-2">();
    constexpr std::size_t sockets = 20;
    constexpr std::size_t each = 4'000;
    ASSERT_EQ(asyncselect_SetPostLimit(4), 0);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < sockets; ++i) {
        pairs.push_back(connected_pair());
        ASSERT_EQ(select(pairs.back().one, fd_read | fd_close), 0);
    }
    std::thread sender{[&] {
        for (std::size_t sent = 0; sent < each; sent += 40) {
            for (const auto& pair : pairs) send_text(pair.other, std::string(40, 'x'));
        }
        for (const auto& pair : pairs) asyncselect_shutdown(pair.other, 1);
    }};
    std::size_t received = 0;
    std::size_t closed = 0;
    mailbox_.collect([&](const auto& told) {
        if (!told.empty()) {
            if (told.back().event == fd_read) received += receive_text(told.back().socket, 30).size();
            if (told.back().event == fd_close) ++closed;
        }
        return closed == sockets;
    });
    sender.join();
    EXPECT_EQ(received, sockets * each);
}

TEST_F(Eager, NothingFollowsACancellation) {
    cite<"AS-CANCEL-1", "AS-CANCEL-2">();
    const auto pair = connected_pair();
    std::atomic<bool> over{false};
    std::thread sender{[&, s = pair.other] {
        while (!over) send_text(s, "0123456789");
    }};
    for (int round = 0; round < 2'000; ++round) {
        ASSERT_EQ(select(pair.one, fd_read), 0);
        receive_text(pair.one);
        if (round % 4 == 0) mailbox_.next();
        ASSERT_EQ(round % 2 == 0 ? select(pair.one, 0) : asyncselect_WSAEventSelect(pair.one, nullptr, 0), 0);
        mailbox_.drain();
        receive_text(pair.one);
        std::this_thread::yield();
        EXPECT_EQ(posted(), 0U) << "in round " << round;
    }
    over = true;
    receive_text(pair.one);
    // The sender can wait for room.
    while (!receive_text(pair.one).empty()) {
    }
    asyncselect_closesocket(pair.one);
    sender.join();
}

TEST_F(Eager, AWindowCanBeDestroyedWhileTheHarvesterPosts) {
    cite<"R-12">();
    constexpr int connections = 4;
    std::vector<Pair> pairs;
    for (int i = 0; i < connections; ++i) pairs.push_back(connected_pair());
    std::atomic<bool> over{false};
    std::thread sender{[&] {
        while (!over) {
            for (const auto& pair : pairs) send_text(pair.other, "x");
            std::this_thread::yield();
        }
    }};
    for (int round = 0; round < 500; ++round) {
        Mailbox doomed;
        for (const auto& pair : pairs)
            ASSERT_EQ(asyncselect_WSAAsyncSelect(pair.one, doomed.window(), socket_message, fd_read), 0);
        for (const auto& pair : pairs) receive_text(pair.one, 100);
        if (round % 2 == 0) doomed.next();
        doomed.destroy();
        EXPECT_EQ(posted(), 0U) << "what waited goes with its window";
        for (const auto& pair : pairs) receive_text(pair.one);
        EXPECT_EQ(posted(), 0U);
    }
    over = true;
    sender.join();
    for (const auto& pair : pairs) {
        while (!receive_text(pair.one).empty()) {
        }
        send_text(pair.other, "y");
        ASSERT_EQ(select(pair.one, fd_read), 0);
        EXPECT_EQ(mailbox_.next(), (Notification{pair.one, fd_read, 0}));
    }
}

// A window's thread that ends, with its window, while the harvester posts to it.
TEST_F(Eager, AWindowsThreadCanEndWhileTheHarvesterPosts) {
    cite<"R-12", "R-13">();
    ASSERT_EQ(asyncselect_SetPostLimit(2), 0);
    std::vector<Pair> pairs;
    for (int i = 0; i < 4; ++i) pairs.push_back(connected_pair());
    for (int round = 0; round < 200; ++round) {
        std::thread{[&] {
            const auto window = asyncselect_CreateWindowExA(0, "mailbox", "", 0, 0, 0, 0, 0,
                                                            reinterpret_cast<asyncselect_HWND>(std::intptr_t{-3}),
                                                            nullptr, nullptr, nullptr);
            for (const auto& pair : pairs) {
                ASSERT_EQ(asyncselect_WSAAsyncSelect(pair.one, window, socket_message, fd_read), 0);
                send_text(pair.other, "x");
            }
        }}.join();
    }
    for (const auto& pair : pairs) ASSERT_EQ(select(pair.one, fd_read), 0);
    EXPECT_EQ(mailbox_.collect(pairs.size()).size(), pairs.size());
}

// The library's thread takes no signal; who starts it takes those that it took before.
TEST_F(Eager, TheProgramsSignalsStayItsOwn) {
    // Whatever an earlier test has left of them.
    sigset_t some{};
    sigemptyset(&some);
    sigaddset(&some, SIGUSR1);
    sigset_t usual{};
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &some, &usual), 0);
    EXPECT_EQ(select(connected_pair().one, fd_read), 0);
    sigset_t after{};
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &usual, &after), 0);
    for (int number = 1; number < NSIG; ++number)
        EXPECT_EQ(sigismember(&after, number) == 1, number == SIGUSR1) << number;
}

TEST_F(Eager, PostingLeavesTheLastErrorAlone) {
    cite<"R-27">();
    const auto pair = connected_pair();
    ASSERT_EQ(select(pair.one, fd_read | fd_close), 0);
    asyncselect_WSASetLastError(4711);
    send_text(pair.other, "x");
    asyncselect_closesocket(pair.other);
    EXPECT_TRUE(soon([] { return posted() == 1; }));
    EXPECT_EQ(mailbox_.next().event, fd_read);
    EXPECT_EQ(last_error(), 4711);
}

// ---- how posting is chosen

TEST(Posting, IsChosenWhileWinsockIsNotStarted) {
    const auto before = winsock::posting() == Posting::eager ? 1 : 0;
    EXPECT_EQ(asyncselect_SetPosting(2), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(asyncselect_SetPosting(-1), -1);
    EXPECT_EQ(asyncselect_SetPostLimit(0), -1);
    EXPECT_EQ(last_error(), error::invalid);
    {
        const Winsock winsock;
        EXPECT_EQ(asyncselect_SetPosting(asyncselect_POSTING_EAGER), -1);
        EXPECT_EQ(last_error(), error::already);
        EXPECT_EQ(asyncselect_SetPosting(asyncselect_POSTING_PUMP), -1);
    }
    EXPECT_EQ(asyncselect_SetPosting(asyncselect_POSTING_EAGER), 0);
    EXPECT_EQ(winsock::posting(), Posting::eager);
    EXPECT_EQ(asyncselect_SetPosting(asyncselect_POSTING_PUMP), 0);
    EXPECT_EQ(winsock::posting(), Posting::pump);
    EXPECT_EQ(asyncselect_SetPosting(before), 0);
}

// The environment is read once, so each of these asks a process of its own. It exits with what it found: the way of
// posting, and how many messages fit into a queue of up to nine.
class Environment : public ::testing::Test {
  protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

    [[noreturn]] static void tell(const char* posting, const char* limit, bool chosen) {
        posting != nullptr ? setenv("ASYNCSELECT_POSTING", posting, 1) : unsetenv("ASYNCSELECT_POSTING");
        limit != nullptr ? setenv("ASYNCSELECT_POST_LIMIT", limit, 1) : unsetenv("ASYNCSELECT_POST_LIMIT");
        if (chosen) {
            asyncselect_SetPosting(asyncselect_POSTING_PUMP);
            asyncselect_SetPostLimit(5);
        }
        const Winsock winsock;
        const Winsock again;
        const Mailbox mailbox;
        int fit = 0;
        while (fit < 9 && asyncselect_PostMessageA(mailbox.window(), socket_message, 0, 0) != 0) ++fit;
        std::_Exit((winsock::posting() == Posting::eager ? 10 : 0) + fit);
    }
};

TEST_F(Environment, SpeaksForProgramsThatCannotBeChanged) {
    EXPECT_EXIT(tell(nullptr, nullptr, false), testing::ExitedWithCode(9), "");
    EXPECT_EXIT(tell("eager", "3", false), testing::ExitedWithCode(13), "");
    EXPECT_EXIT(tell("pump", "1", false), testing::ExitedWithCode(1), "");
}

TEST_F(Environment, IsOverruledByTheProgram) { EXPECT_EXIT(tell("eager", "3", true), testing::ExitedWithCode(5), ""); }

TEST_F(Environment, WrongValuesAreToldAndIgnored) {
    EXPECT_EXIT(tell("Eager", nullptr, false), testing::ExitedWithCode(9), "ASYNCSELECT_POSTING=Eager is ignored");
    for (const char* const wrong : {"", "0", "-1", "3x", "99999999999"}) {
        EXPECT_EXIT(tell("eager", wrong, false), testing::ExitedWithCode(19), "ASYNCSELECT_POST_LIMIT=.* is ignored");
    }
}

}  // namespace
}  // namespace asyncselect::conformance::native
