// A queue in a foreign loop: its descriptor is readable whenever a retrieval would find something, whoever put it there
// and when, and not for ever. The loop here is poll.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "impl/window/clock.hpp"
#include "impl/window/support_test.hpp"

namespace asyncselect::window::test {
namespace {

constexpr int patience = 20'000;

class Descriptors : public WindowTest {
  protected:
    void SetUp() override {
        WindowTest::SetUp();
        descriptor_ = asyncselect_QueueDescriptor();
        ASSERT_GE(descriptor_, 0);
        empty_queue();
    }
    [[nodiscard]] bool is_readable(int milliseconds = 0) const {
        pollfd wanted{descriptor_, POLLIN, 0};
        return poll(&wanted, 1, milliseconds) == 1 && (wanted.revents & POLLIN) != 0;
    }
    int descriptor_ = -1;
};

TEST_F(Descriptors, AreReadableUntilNothingIsLeft) {
    const Mailbox window;
    EXPECT_EQ(asyncselect_QueueDescriptor(), descriptor_);
    empty_queue();
    EXPECT_FALSE(is_readable());
    for (unsigned int i = 0; i < 3; ++i) post(window.get(), user + i);
    EXPECT_TRUE(is_readable());
    EXPECT_TRUE(is_readable()) << "level-triggered";
    // A loop that takes one message a turn.
    for (unsigned int i = 0; i < 3; ++i) {
        EXPECT_TRUE(is_readable());
        EXPECT_EQ(peek().message, user + i);
    }
    EXPECT_EQ(peek().message, 0U);
    EXPECT_FALSE(is_readable());
    post(window.get(), user);
    EXPECT_EQ(peek(nullptr, 0, 0, asyncselect_PM_NOREMOVE).message, user);
    EXPECT_TRUE(is_readable());
    EXPECT_EQ(peek(nullptr, user + 1, user + 1).message, 0U);
    EXPECT_TRUE(is_readable()) << "a filter hid what is there still";
    EXPECT_EQ(get().message, user);
    empty_queue();
    EXPECT_FALSE(is_readable());
}

TEST_F(Descriptors, TellWhatCameBeforeTheyWereAskedFor) {
    std::thread{[] {
        const Mailbox window;
        post(window.get(), user);
        const int descriptor = asyncselect_QueueDescriptor();
        ASSERT_GE(descriptor, 0);
        pollfd wanted{descriptor, POLLIN, 0};
        EXPECT_EQ(poll(&wanted, 1, 0), 1);
        EXPECT_EQ(peek().message, user);
        EXPECT_EQ(peek().message, 0U);
        EXPECT_EQ(poll(&wanted, 1, 0), 0);
    }}.join();
}

TEST_F(Descriptors, TellOfQuit) {
    asyncselect_PostQuitMessage(3);
    EXPECT_TRUE(is_readable());
    EXPECT_EQ(peek().message, unsigned{asyncselect_WM_QUIT});
    EXPECT_EQ(peek().message, 0U);
    EXPECT_FALSE(is_readable());
}

TEST_F(Descriptors, TellOfTimers) {
    const Mailbox window;
    const auto before = exact_time();
    asyncselect_SetTimer(window.get(), 1, 30, nullptr);
    for (std::uint64_t turn = 1; turn <= 3; ++turn) {
        ASSERT_TRUE(is_readable(patience));
        EXPECT_GE(exact_time() - before, 30 * turn);
        EXPECT_EQ(peek().message, unsigned{asyncselect_WM_TIMER});
        EXPECT_EQ(peek().message, 0U);
    }
    // A later timer does not hide an earlier one, and a timer that was killed is not waited for.
    asyncselect_SetTimer(window.get(), 2, 100'000, nullptr);
    EXPECT_TRUE(is_readable(patience));
    EXPECT_EQ(peek().wParam, 1U);
    asyncselect_KillTimer(window.get(), 1);
    EXPECT_EQ(peek().message, 0U);
    EXPECT_FALSE(is_readable(40));
    asyncselect_SetTimer(window.get(), 2, 10, nullptr);
    EXPECT_TRUE(is_readable(patience));
    asyncselect_KillTimer(window.get(), 2);
    EXPECT_FALSE(is_readable(20));
}

TEST_F(Descriptors, TellOfSockets) {
    const Mailbox window;
    static Handle to;
    to = window.handle();
    set_socket_hooks({.ready =
                          [](Queue&, std::span<const net::Readiness> entries) noexcept {
                              for (const auto& entry : entries)
                                  static_cast<void>(post_notification(to, user, entry.token, 0));
                          },
                      .room = nullptr});
    const int socket = eventfd(0, EFD_NONBLOCK);
    ASSERT_EQ(Queue::of_this_thread().poller().add(socket, 77), 0);
    empty_queue();
    EXPECT_FALSE(is_readable());
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(eventfd_write(socket, 1), 0);
        EXPECT_TRUE(is_readable(patience));
        EXPECT_EQ(peek().wParam, 77U);
        EXPECT_EQ(peek().message, 0U);
        EXPECT_FALSE(is_readable());
    }
    close(socket);
}

TEST_F(Descriptors, TellOfSentMessages) {
    std::atomic<int> handled{0};
    const Mailbox window{[&](asyncselect_HWND, unsigned int message, uintptr_t, intptr_t) -> intptr_t {
        if (message == user) ++handled;
        return message == user ? 5 : 1;
    }};
    empty_queue();
    std::thread sender{[&] {
        for (int i = 0; i < 100; ++i) EXPECT_EQ(asyncselect_SendMessageA(window.get(), user, 0, 0), 5);
    }};
    while (handled < 100) {
        if (!is_readable(patience)) {
            ADD_FAILURE() << "not told";
            break;
        }
        empty_queue();
    }
    sender.join();
}

// Another thread posts at every moment between the retrieval that finds nothing and the wait: none is slept through.
TEST_F(Descriptors, LoseNoPostOfAnotherThread) {
    constexpr unsigned count = 20'000;
    const Mailbox window;
    empty_queue();
    std::atomic<unsigned> seen{0};
    std::thread poster{[&] {
        for (unsigned i = 0; i < count; ++i) {
            post(window.get(), user, i);
            // Alternately one by one, each when the last was retrieved, and in bursts.
            if (i / 100 % 2 == 0) {
                while (seen <= i) std::this_thread::yield();
            }
            while (seen + 5'000 < i) std::this_thread::yield();
        }
    }};
    bool in_order = true;
    while (seen < count) {
        if (!is_readable(patience)) {
            ADD_FAILURE() << "slept through message " << seen;
            break;
        }
        // One a turn, or all.
        for (auto message = peek(); message.message != 0; message = peek()) {
            in_order = in_order && message.wParam == seen;
            ++seen;
            if (seen % 3 == 0) break;
        }
    }
    seen = count;
    poster.join();
    EXPECT_TRUE(in_order);
}

TEST_F(Descriptors, TellOfRoomThatIsWaitedFor) {
    //
    const Mailbox window;
    static Handle to;
    to = window.handle();
    set_socket_hooks({.ready = nullptr, .room = [](Queue&, std::uint64_t token) noexcept {
                          return post_notification(to, user, token, 0) != Post::full;
                      }});
    std::thread{[&] { Queue::of_window(to)->wait_for_room(7); }}.join();
    EXPECT_TRUE(is_readable(patience));
    EXPECT_EQ(peek().wParam, 7U);
    Queue::of_this_thread().wait_for_room(8);
    EXPECT_TRUE(is_readable());
    EXPECT_EQ(peek().wParam, 8U);
    empty_queue();
    EXPECT_FALSE(is_readable());
}

}  // namespace
}  // namespace asyncselect::window::test
