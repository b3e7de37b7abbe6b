// Any thread may call any socket function: several at once on one socket, with nothing lost, nothing after a
// cancellation, and nothing torn. Runs under ThreadSanitizer too.
#include <atomic>
#include <thread>

#include "conformance/native/mailbox.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;

class Threads : public ::testing::Test {
  protected:
    Winsock winsock_;
    Mailbox mailbox_;
};

// Field note 22: a worker receives while the window's thread pumps. Every message that the pump retrieves is answered
// by one recv on the worker; if a wake-up were lost, the stream would stop short of its end.
TEST_F(Threads, AWorkerReceivesWhileTheWindowsThreadPumps) {
    cite<"AS-ENABLE-2", "AS-LEVEL-1", "AS-READ-2", "AS-READ-3">();
    constexpr std::size_t total = 2'000'000;
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    ASSERT_EQ(asyncselect_WSAAsyncSelect(one, mailbox_.window(), socket_message, fd_read | fd_close), 0);

    std::atomic<int> owed{0};
    std::atomic<bool> over{false};
    std::size_t received = 0;
    std::thread worker{[&] {
        std::array<char, 1500> buffer{};
        while (!over) {
            if (owed.load() == 0) {
                owed.wait(0);
                continue;
            }
            --owed;
            const int got = asyncselect_recv(one, buffer.data(), static_cast<int>(buffer.size()), 0);
            if (got > 0) received += static_cast<std::size_t>(got);
        }
    }};
    std::thread sender{[&, s = other] {
        const std::string chunk(777, 'c');
        for (std::size_t sent = 0; sent < total;) {
            const int took =
                asyncselect_send(s, chunk.data(), static_cast<int>(std::min(chunk.size(), total - sent)), 0);
            if (took <= 0) break;
            sent += static_cast<std::size_t>(took);
        }
        asyncselect_shutdown(s, 1);
    }};
    const auto got = mailbox_.collect([&](const auto& messages) {
        if (messages.empty()) return false;
        if (messages.back().event == fd_close) return true;
        ++owed;
        owed.notify_one();
        return false;
    });
    over = true;
    ++owed;
    owed.notify_one();
    worker.join();
    // If it did not come to its end, the sender must not wait for ever.
    if (got.empty() || got.back().event != fd_close) asyncselect_closesocket(other);
    sender.join();
    ASSERT_FALSE(got.empty());
    EXPECT_EQ(got.back(), (Notification{one, fd_close, 0}));
    EXPECT_EQ(received, total);
}

// The socket goes back and forth between the windows of two threads while data keeps coming: whoever has it at the end
// is told of what is left.
TEST_F(Threads, ASocketHandedToAnotherThreadsWindowIsTold) {
    cite<"AS-REG-1", "AS-REG-3", "R-2">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    std::atomic<asyncselect_HWND> theirs{nullptr};
    std::atomic<bool> over{false};
    std::atomic<int> told_there{0};
    std::thread second{[&] {
        Mailbox mailbox;
        theirs = mailbox.window();
        theirs.notify_one();
        while (!over) {
            asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, 5, 0x04ff, 0x0004);
            told_there += static_cast<int>(mailbox.drain().size());
        }
    }};
    theirs.wait(nullptr);
    // Joined whatever happens: a failed assertion leaves the loop early.
    struct Joined {
        std::atomic<bool>& over;
        std::thread& thread;
        ~Joined() {
            over = true;
            thread.join();
        }
    } const joined{over, second};
    for (int round = 0; round < 300; ++round) {
        send_text(other, "x");
        const int before = told_there;
        const auto window = round % 2 == 0 ? theirs.load() : mailbox_.window();
        ASSERT_EQ(asyncselect_WSAAsyncSelect(one, window, socket_message, fd_read), 0);
        if (round % 2 != 0) {
            const auto told = mailbox_.next();
            EXPECT_EQ(told, (Notification{one, fd_read, 0})) << "in round " << round;
            receive_text(one, 1);
            mailbox_.drain();
        } else {
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
            while (told_there.load() == before && std::chrono::steady_clock::now() < deadline)
                std::this_thread::yield();
            ASSERT_GT(told_there.load(), before) << "in round " << round;
        }
    }
}

// One thread receives, another registers anew and cancels, the peer sends. When all is still, what is left is told.
TEST_F(Threads, ReceivingAndRegisteringAtOnceLosesNothing) {
    cite<"AS-REG-1", "AS-CANCEL-1", "AS-ENABLE-2">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    std::uint32_t on = 1;
    ASSERT_EQ(asyncselect_ioctlsocket(one, static_cast<long>(0x8004667eU), &on), 0);
    std::atomic<bool> over{false};
    std::thread receiver{[&, s = one] {
        std::array<char, 64> buffer{};
        while (!over) asyncselect_recv(s, buffer.data(), static_cast<int>(buffer.size()), 0);
    }};
    std::thread sender{[&, s = other] {
        for (int i = 0; i < 3000; ++i) send_text(s, "0123456789");
    }};
    for (int i = 0; i < 2000; ++i) {
        ASSERT_EQ(
            asyncselect_WSAAsyncSelect(one, mailbox_.window(), socket_message, i % 3 == 0 ? 0 : fd_read | fd_close), 0);
        mailbox_.drain();
    }
    sender.join();
    over = true;
    receiver.join();
    ASSERT_EQ(asyncselect_WSAAsyncSelect(one, mailbox_.window(), socket_message, fd_read | fd_close), 0);
    while (!receive_text(one).empty()) {
    }
    mailbox_.drain();
    send_text(other, "the end");
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    ASSERT_EQ(asyncselect_WSAAsyncSelect(one, mailbox_.window(), socket_message, 0), 0);
    mailbox_.drain();
    send_text(other, "unheard");
    EXPECT_TRUE(mailbox_.drain().empty());
}

// The registration's own first report, of a socket that is still idle, must not be taken for the outcome of a connect
// that another thread begins at this moment.
TEST_F(Threads, AConnectOnAnotherThreadTellsItsOwnOutcome) {
    cite<"AS-CONNECT-4", "R-4">();
    const auto gone = listener();
    const auto nobody = address_of(gone);
    asyncselect_closesocket(gone);
    for (int round = 0; round < 500; ++round) {
        const auto s = stream();
        std::uint32_t on = 1;
        ASSERT_EQ(asyncselect_ioctlsocket(s, static_cast<long>(0x8004667eU), &on), 0);
        std::atomic<bool> go{false};
        int reason = 0;
        std::thread connecting{[&] {
            while (!go) {
            }
            if (asyncselect_connect(s, as_address(nobody), sizeof nobody) != 0) reason = asyncselect_WSAGetLastError();
        }};
        go = true;
        ASSERT_EQ(asyncselect_WSAAsyncSelect(s, mailbox_.window(), socket_message, fd_connect | fd_write | fd_close),
                  0);
        const auto told = mailbox_.next();
        connecting.join();
        EXPECT_EQ(reason, error::would_block);
        EXPECT_EQ(told, (Notification{s, fd_connect, error::connection_refused})) << "in round " << round;
        EXPECT_TRUE(mailbox_.drain().empty());
        asyncselect_closesocket(s);
    }
}

TEST_F(Threads, OneOfManyThatCloseSucceeds) {
    cite<"AS-API-6">();
    for (int round = 0; round < 200; ++round) {
        const auto pair = connected_pair();
        const auto one = pair.one;
        const auto other = pair.other;
        ASSERT_EQ(asyncselect_WSAAsyncSelect(one, mailbox_.window(), socket_message, fd_read | fd_write | fd_close), 0);
        std::atomic<int> closed{0};
        std::atomic<int> not_sockets{0};
        std::atomic<bool> go{false};
        std::vector<std::thread> threads;
        threads.reserve(4);
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&, s = one] {
                go.wait(false);
                char byte = 0;
                asyncselect_recv(s, &byte, 1, 0);
                if (asyncselect_closesocket(s) == 0)
                    ++closed;
                else if (asyncselect_WSAGetLastError() == error::not_socket)
                    ++not_sockets;
            });
        }
        go = true;
        go.notify_all();
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(closed, 1);
        EXPECT_EQ(not_sockets, 3);
        asyncselect_closesocket(other);
        mailbox_.drain();
    }
}

TEST_F(Threads, ClosingWakesThoseThatWait) {
    for (int round = 0; round < 20; ++round) {
        const auto pair = connected_pair();
        const auto one = pair.one;
        const auto other = pair.other;
        const auto from = listener();
        std::atomic<int> interrupted{0};
        std::thread receiving{[&, s = one] {
            char byte = 0;
            if (asyncselect_recv(s, &byte, 1, 0) == -1 && asyncselect_WSAGetLastError() == error::intr) ++interrupted;
        }};
        std::thread accepting{[&] {
            if (asyncselect_accept(from, nullptr, nullptr) == ~asyncselect_SOCKET{0} &&
                asyncselect_WSAGetLastError() == error::intr)
                ++interrupted;
        }};
        // Whether the threads wait already or come too late (WSAENOTSOCK), none may hang.
        if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds{2});
        asyncselect_closesocket(one);
        asyncselect_closesocket(from);
        receiving.join();
        accepting.join();
        EXPECT_LE(interrupted.load(), 2);
        asyncselect_closesocket(other);
    }
}

// Sockets come and go on several threads, registered for one window: every accepted connection is served to its end.
TEST_F(Threads, ManyThreadsConnectToOneWindow) {
    cite<"AS-INHERIT-1", "AS-ACCEPT-2", "AS-ACCEPT-3">();
    constexpr int clients = 4;
    constexpr int connections = 100;
    const auto from = listener();
    const auto address = address_of(from);
    ASSERT_EQ(asyncselect_WSAAsyncSelect(from, mailbox_.window(), socket_message, fd_accept | fd_read | fd_close), 0);
    std::atomic<int> echoed{0};
    std::atomic<bool> failed{false};
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < clients; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < connections; ++j) {
                const auto s = stream();
                const std::uint32_t patience = 10'000;
                asyncselect_setsockopt(s, 0xffff, 0x1006, reinterpret_cast<const char*>(&patience), sizeof patience);
                if (failed) break;
                if (asyncselect_connect(s, as_address(address), sizeof address) == 0 && send_text(s, "ping") == 4 &&
                    receive_text(s, 4) == "ping")
                    ++echoed;
                else
                    failed = true;
                asyncselect_closesocket(s);
            }
        });
    }
    int closed = 0;
    mailbox_.collect([&](const auto& messages) {
        if (messages.empty()) return false;
        const auto& told = messages.back();
        if (told.event == fd_accept) asyncselect_accept(told.socket, nullptr, nullptr);
        if (told.event == fd_read) send_text(told.socket, receive_text(told.socket));
        if (told.event == fd_close && ++closed > 0) asyncselect_closesocket(told.socket);
        return closed == clients * connections;
    });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(echoed, clients * connections);
}

}  // namespace
}  // namespace asyncselect::conformance::native
