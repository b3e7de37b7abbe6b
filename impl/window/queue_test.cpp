// Tests of one thread's queue: the order of messages, filters, the limit and the line before it, timers, waiting, the
// harvest, marks. One thread; what several do together is in queue_threads_test.cpp.
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "impl/window/clock.hpp"
#include "impl/window/support_test.hpp"

namespace asyncselect::window::test {
namespace {

using Messages = WindowTest;
using Limit = WindowTest;
using Time = WindowTest;
using Harvest = WindowTest;
using Marks = WindowTest;

std::vector<unsigned int> numbers_left(asyncselect_HWND window = nullptr) {
    std::vector<unsigned int> numbers;
    for (auto message = peek(window); message.message != 0; message = peek(window)) numbers.push_back(message.message);
    return numbers;
}

// ---- order and filters

TEST_F(Messages, ComeAsTheyWerePosted) {
    const Mailbox window;
    ASSERT_TRUE(post(window.get(), user, 7, -8));
    ASSERT_TRUE(post(nullptr, user + 1));
    ASSERT_TRUE(post(window.get(), user + 2));
    const auto first = get();
    EXPECT_EQ(first.hwnd, window.get());
    EXPECT_EQ(first.message, user);
    EXPECT_EQ(first.wParam, 7U);
    EXPECT_EQ(first.lParam, -8);
    EXPECT_LE(asyncselect_GetTickCount() - first.time, 10'000U);
    EXPECT_EQ(get().hwnd, nullptr);
    EXPECT_EQ(get().message, user + 2);
    EXPECT_EQ(peek().message, 0U);
}

TEST_F(Messages, KeepTheirOrderWhenTheRingGrowsAndTurns) {
    const Mailbox window;
    uintptr_t posted = 0;
    uintptr_t retrieved = 0;
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 300; ++i) ASSERT_TRUE(post(window.get(), user, posted++));
        for (int i = 0; i < 200; ++i) ASSERT_EQ(get().wParam, retrieved++);
    }
    while (retrieved < posted) ASSERT_EQ(get().wParam, retrieved++);
}

TEST_F(Messages, AreFiltered) {
    const Mailbox one;
    const Mailbox other;
    const Mailbox child_of_one{{}, one.get()};
    post(one.get(), user + 1);
    post(nullptr, user + 2);
    post(other.get(), user + 3);
    post(child_of_one.get(), user + 4);
    post(one.get(), user + 5);
    EXPECT_EQ(peek(hwnd(-1)).message, user + 2);
    EXPECT_EQ(peek(hwnd(-1)).message, 0U);
    EXPECT_EQ(peek(nullptr, user + 4, user + 9, asyncselect_PM_NOREMOVE).message, user + 4);
    EXPECT_EQ(peek(nullptr, user + 4, user + 9).message, user + 4);
    post(child_of_one.get(), user + 6);
    EXPECT_EQ(get(one.get(), user + 2, user + 5).message, user + 5);
    EXPECT_EQ(peek(one.get()).message, user + 1);
    EXPECT_EQ(peek(one.get()).message, user + 6);  // a child's
    EXPECT_EQ(peek(one.get()).message, 0U);
    EXPECT_EQ(peek(nullptr, user + 9, user + 1).message, 0U);
    EXPECT_EQ(numbers_left(), std::vector<unsigned int>{user + 3});
}

TEST_F(Messages, StayWithNoRemove) {
    const Mailbox window;
    post(window.get(), user);
    EXPECT_EQ(peek(nullptr, 0, 0, asyncselect_PM_NOREMOVE).message, user);
    EXPECT_EQ(peek(nullptr, 0, 0, asyncselect_PM_NOREMOVE).message, user);
    EXPECT_EQ(peek().message, user);
    EXPECT_EQ(peek().message, 0U);
}

TEST_F(Messages, QuitComesWhenNothingIsLeft) {
    const Mailbox window;
    asyncselect_PostQuitMessage(5);
    post(window.get(), user);
    EXPECT_EQ(get().message, user);
    EXPECT_EQ(peek(window.get(), user, user, asyncselect_PM_NOREMOVE).message, unsigned{asyncselect_WM_QUIT});
    asyncselect_MSG message{};
    EXPECT_EQ(asyncselect_GetMessageW(&message, window.get(), user, user), 0);
    EXPECT_EQ(message.wParam, 5U);
    EXPECT_EQ(peek().message, 0U);
    post(window.get(), asyncselect_WM_QUIT, 6);
    EXPECT_EQ(asyncselect_GetMessageA(&message, nullptr, user, user), 0);
    EXPECT_EQ(message.wParam, 6U);
}

TEST_F(Messages, BadArgumentsAreTold) {
    asyncselect_MSG message{};
    const auto fails_with = [](std::uint32_t error, intptr_t result, intptr_t expected) {
        EXPECT_EQ(result, expected);
        EXPECT_EQ(asyncselect_GetLastError(), error);
        core::set_last_error(0);
    };
    fails_with(998, asyncselect_GetMessageA(nullptr, nullptr, 0, 0), -1);
    fails_with(998, asyncselect_PeekMessageW(nullptr, nullptr, 0, 0, 0), 0);
    fails_with(998, asyncselect_DispatchMessageA(nullptr), 0);
    fails_with(1400, asyncselect_GetMessageA(&message, hwnd(77), 0, 0), -1);
    fails_with(1400, asyncselect_GetMessageA(&message, message_only(), 0, 0), -1);
    fails_with(1400, asyncselect_PeekMessageA(&message, hwnd(77), 0, 0, 0), 0);
    fails_with(1400, asyncselect_PostMessageA(hwnd(77), user, 0, 0), 0);
    fails_with(1400, asyncselect_SendMessageA(nullptr, user, 0, 0), 0);
    fails_with(1444, asyncselect_PostThreadMessageA(0, user, 0, 0), 0);
    fails_with(1444, asyncselect_PostThreadMessageW(0xffffffff, user, 0, 0), 0);
    message.hwnd = hwnd(77);
    message.message = user;
    fails_with(1400, asyncselect_DispatchMessageW(&message), 0);
    EXPECT_EQ(asyncselect_TranslateMessage(nullptr), 0);
    EXPECT_NE(asyncselect_PostThreadMessageA(asyncselect_GetCurrentThreadId(), user, 0, 0), 0);
    EXPECT_EQ(get().message, user);
}

TEST_F(Messages, AreDispatchedToTheProcedure) {
    std::vector<uintptr_t> seen;
    const Mailbox window{[&](asyncselect_HWND handle, unsigned int number, uintptr_t w, intptr_t l) {
        if (number == user) {
            seen.push_back(w);
            return l + 1;
        }
        return asyncselect_DefWindowProcA(handle, number, w, l);
    }};
    post(window.get(), user, 3, 4);
    const auto message = get();
    EXPECT_EQ(asyncselect_DispatchMessageA(&message), 5);
    EXPECT_EQ(asyncselect_SendMessageW(window.get(), user, 9, 10), 11);
    EXPECT_EQ(seen, (std::vector<uintptr_t>{3, 9}));
}

TEST_F(Messages, GoToAllTopLevelWindows) {
    const Mailbox one{{}, nullptr};
    const Mailbox two{{}, nullptr};
    const Mailbox hidden;
    EXPECT_TRUE(post(hwnd(asyncselect_HWND_BROADCAST), user));
    EXPECT_NE(asyncselect_SendMessageA(hwnd(asyncselect_HWND_BROADCAST), user, 0, 0), 0);
    EXPECT_EQ(get().hwnd, one.get());
    EXPECT_EQ(get().hwnd, two.get());
    EXPECT_EQ(peek().message, 0U);
}

TEST_F(Messages, GoWithTheirWindow) {
    //
    const Mailbox stays;
    const Mailbox goes;
    for (unsigned int i = 0; i < 10; ++i) {
        post(goes.get(), user + i);
        post(stays.get(), user + i);
    }
    asyncselect_DestroyWindow(goes.get());
    EXPECT_FALSE(post(goes.get(), user));
    EXPECT_EQ(post_notification(goes.handle(), user, 0, 0), Post::no_window);
    const auto left = numbers_left();
    ASSERT_EQ(left.size(), 10U);
    for (unsigned int i = 0; i < 10; ++i) EXPECT_EQ(left[i], user + i);
}

TEST_F(Messages, LeaveTheLastErrorAlone) {
    //
    const Mailbox window;
    core::set_last_error(4711);
    post(window.get(), user);
    EXPECT_EQ(post_notification(window.handle(), user, 0, 0), Post::posted);
    EXPECT_EQ(post_notification(12345, user, 0, 0), Post::no_window);
    asyncselect_MSG message{};
    while (asyncselect_PeekMessageA(&message, nullptr, 0, 0, asyncselect_PM_REMOVE) != 0) {
        asyncselect_DispatchMessageA(&message);
    }
    asyncselect_PostQuitMessage(0);
    asyncselect_GetMessageA(&message, nullptr, 0, 0);
    EXPECT_EQ(asyncselect_GetLastError(), 4711U);
    EXPECT_EQ(core::last_error(), 4711U);
}

// ---- the limit, and room for those that wait

TEST_F(Limit, StopsPostsAndLosesNothingThatWaits) {
    //
    const Mailbox window;
    for (std::size_t i = 0; i < default_post_limit; ++i) ASSERT_TRUE(post(window.get(), user, i));
    EXPECT_FALSE(post(window.get(), user));
    EXPECT_EQ(asyncselect_GetLastError(), 1816U);
    EXPECT_FALSE(post(nullptr, user));
    EXPECT_EQ(asyncselect_GetLastError(), 1816U);
    core::set_last_error(0);
    EXPECT_EQ(post_notification(window.handle(), user, 0, 0), Post::full);
    EXPECT_EQ(asyncselect_GetLastError(), 0U);
    for (std::size_t i = 0; i < default_post_limit; ++i) ASSERT_EQ(get().wParam, i);
    EXPECT_EQ(peek().message, 0U);
    EXPECT_TRUE(post(window.get(), user));
}

// A layer above that has a number of messages to post for each token.
struct Tokens {
    std::array<int, 8> due{};
    Handle window = no_window;
    std::vector<std::uint64_t> asked;

    static Tokens*& current() {
        static Tokens* tokens = nullptr;
        return tokens;
    }
    Tokens() { current() = this; }
    ~Tokens() { current() = nullptr; }
    Tokens(const Tokens&) = delete;
    Tokens& operator=(const Tokens&) = delete;

    // True when all of the token's messages were posted.
    bool post_due(std::uint64_t token) {
        while (due[token] > 0) {
            const Post result = post_notification(window, user, token, 0);
            if (result == Post::full) return false;
            if (result == Post::no_window) due[token] = 1;
            --due[token];
        }
        return true;
    }
    static bool room(Queue&, std::uint64_t token) noexcept {
        current()->asked.push_back(token);
        return current()->post_due(token);
    }
};

TEST_F(Limit, RoomGoesToTheLongestWaitingFirst) {
    //
    Tokens tokens;
    set_socket_hooks({.ready = nullptr, .room = &Tokens::room});
    set_post_limit(4);
    const Mailbox window;
    tokens.window = window.handle();
    for (std::uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(post(window.get(), user, 100 + i));
    Queue& queue = Queue::of_this_thread();
    tokens.due = {0, 1, 2, 1};
    for (const std::uint64_t token : {2U, 1U, 3U}) {
        ASSERT_FALSE(tokens.post_due(token));
        queue.wait_for_room(token);
    }
    std::vector<uintptr_t> seen;
    for (auto message = peek(); message.message != 0; message = peek()) {
        seen.push_back(message.wParam);
        // Nobody overtakes those in the line.
        if (seen.size() == 1) {
            EXPECT_EQ(post_notification(window.handle(), user, 99, 0), Post::full);
        }
    }
    EXPECT_EQ(seen, (std::vector<uintptr_t>{100, 101, 102, 103, 2, 2, 1, 3}));
    EXPECT_EQ(post_notification(window.handle(), user, 99, 0), Post::posted);
}

TEST_F(Limit, TheForgottenLeaveTheLine) {
    //
    Tokens tokens;
    set_socket_hooks({.ready = nullptr, .room = &Tokens::room});
    set_post_limit(1);
    const Mailbox window;
    tokens.window = window.handle();
    post(window.get(), user, 100);
    Queue& queue = Queue::of_this_thread();
    tokens.due = {0, 1, 1};
    queue.wait_for_room(1);
    queue.wait_for_room(2);
    queue.forget_waiting(1);
    EXPECT_EQ(get().wParam, 100U);
    EXPECT_EQ(get().wParam, 2U);
    EXPECT_EQ(peek().message, 0U);
    EXPECT_EQ(tokens.asked, std::vector<std::uint64_t>{2});
}

TEST_F(Limit, OneThatIsForgottenWhileItIsServedTakesNobodyAlong) {
    //
    Tokens tokens;
    set_socket_hooks({.ready = nullptr, .room = [](Queue& queue, std::uint64_t token) noexcept {
                          if (token == 1) queue.forget_waiting(1);  // as a cancellation does
                          return Tokens::room(queue, token);
                      }});
    const Mailbox window;
    tokens.window = window.handle();
    tokens.due = {0, 1, 1};
    Queue& queue = Queue::of_this_thread();
    queue.wait_for_room(1);
    queue.wait_for_room(2);
    EXPECT_EQ(get().wParam, 1U);
    EXPECT_EQ(peek().wParam, 2U);
    EXPECT_EQ(tokens.asked, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(Limit, RoomFoundBeforeSleepingIsUsed) {
    Tokens tokens;
    set_socket_hooks({.ready = nullptr, .room = &Tokens::room});
    const Mailbox window;
    tokens.window = window.handle();
    tokens.due = {0, 1};
    // The queue was emptied between the post that failed and this.
    Queue::of_this_thread().wait_for_room(1);
    // It is not overtaken by other sockets now; a program's own message is none of the line's business.
    EXPECT_EQ(post_notification(window.handle(), user, 99, 0), Post::full);
    EXPECT_TRUE(post(window.get(), user, 100));
    EXPECT_EQ(get().wParam, 100U);
    EXPECT_EQ(get().wParam, 1U);
    EXPECT_EQ(peek().message, 0U);
}

TEST_F(Limit, AWindowThatGoesMakesRoom) {
    Tokens tokens;
    set_socket_hooks({.ready = nullptr, .room = &Tokens::room});
    set_post_limit(2);
    const Mailbox stays;
    tokens.window = stays.handle();
    tokens.due = {0, 3};
    {
        const Mailbox goes;
        post(goes.get(), user);
        post(goes.get(), user);
        EXPECT_FALSE(tokens.post_due(1));
        Queue::of_this_thread().wait_for_room(1);
    }
    EXPECT_EQ(tokens.due[1], 1);
    EXPECT_EQ(numbers_left().size(), 3U);
}

// ---- timers and waiting

TEST_F(Time, TimersComeAfterEverythingElse) {
    const Mailbox window;
    const auto before = exact_time();
    ASSERT_EQ(asyncselect_SetTimer(window.get(), 3, 1, nullptr), 3U);
    for (int i = 0; i < 3; ++i) {
        const auto message = get();
        EXPECT_EQ(message.message, unsigned{asyncselect_WM_TIMER});
        EXPECT_EQ(message.hwnd, window.get());
        EXPECT_EQ(message.wParam, 3U);
        EXPECT_EQ(message.lParam, 0);
    }
    // Not every millisecond: 10 is the least.
    EXPECT_GE(exact_time() - before, 30U);
    while (asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, asyncselect_INFINITE, asyncselect_QS_TIMER) != 0) {
    }
    asyncselect_PostQuitMessage(0);
    post(window.get(), user);
    EXPECT_EQ(peek(nullptr, 0, 0, asyncselect_PM_NOREMOVE).message, user);
    EXPECT_EQ(peek().message, user);
    EXPECT_EQ(peek().message, unsigned{asyncselect_WM_QUIT});
    EXPECT_EQ(peek(nullptr, 0, 0, asyncselect_PM_NOREMOVE).message, unsigned{asyncselect_WM_TIMER});
    EXPECT_EQ(peek(nullptr, 1, asyncselect_WM_TIMER - 1).message, 0U);
    EXPECT_EQ(peek(hwnd(-1)).message, 0U);
    EXPECT_EQ(peek(window.get()).message, unsigned{asyncselect_WM_TIMER});
    EXPECT_NE(asyncselect_KillTimer(window.get(), 3), 0);
    EXPECT_EQ(asyncselect_KillTimer(window.get(), 3), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 87U);
}

TEST_F(Time, TimerProceduresAreCalledByDispatch) {
    static int calls;
    calls = 0;
    const asyncselect_TIMERPROC procedure = [](asyncselect_HWND window, unsigned int number, uintptr_t, uint32_t) {
        EXPECT_EQ(window, nullptr);
        EXPECT_EQ(number, unsigned{asyncselect_WM_TIMER});
        ++calls;
    };
    const uintptr_t id = asyncselect_SetTimer(nullptr, 0, 10, procedure);
    const uintptr_t other = asyncselect_SetTimer(nullptr, 0, 100'000, nullptr);
    EXPECT_NE(id, 0U);
    EXPECT_NE(other, id);
    EXPECT_EQ(asyncselect_SetTimer(nullptr, id, 11, procedure), id);
    const auto message = get();
    asyncselect_DispatchMessageA(&message);
    EXPECT_EQ(calls, 1);
    // Not every WM_TIMER that somebody posts is trusted.
    const asyncselect_MSG forged{nullptr, asyncselect_WM_TIMER, 1, 0x1234, 0, {0, 0}};
    EXPECT_EQ(asyncselect_DispatchMessageA(&forged), 0);
    EXPECT_NE(asyncselect_KillTimer(nullptr, id), 0);
    EXPECT_NE(asyncselect_KillTimer(nullptr, other), 0);
    EXPECT_EQ(asyncselect_SetTimer(hwnd(77), 1, 10, nullptr), 0U);
    EXPECT_EQ(asyncselect_GetLastError(), 1400U);
}

TEST_F(Time, PeriodsThatPassedUnnoticedAreNotToldLater) {
    Timers timers;
    timers.set(no_window, 0, 100, nullptr, 1'000);
    Timer* const timer = timers.first(Filter{});
    ASSERT_NE(timer, nullptr);
    EXPECT_EQ(timer->due, 1'100U);
    Timers::restart(*timer, 1'130);
    EXPECT_EQ(timer->due, 1'200U) << "told a little late, the next comes in time";
    Timers::restart(*timer, 1'730);
    EXPECT_EQ(timer->due, 1'830U);
}

TEST_F(Time, TimersGoWithTheirWindow) {
    {
        const Mailbox window;
        asyncselect_SetTimer(window.get(), 1, 10, nullptr);
    }
    EXPECT_TRUE(Queue::of_this_thread().timers().empty());
}

TEST_F(Time, WaitsEndInTime) {
    const auto before = exact_time();
    EXPECT_EQ(asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, 20, asyncselect_QS_ALLINPUT), 258U);
    EXPECT_GE(exact_time() - before, 19U);
    EXPECT_EQ(asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, 0, asyncselect_QS_ALLINPUT), 258U);
}

TEST_F(Time, WaitsCountOnlyWhatIsNew) {
    const auto wait = [](std::uint32_t mask, std::uint32_t flags) {
        return asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, 0, mask, flags);
    };
    const Mailbox window;
    post(window.get(), user);
    post(window.get(), user);
    EXPECT_EQ(wait(asyncselect_QS_TIMER, 0), 258U);
    EXPECT_EQ(wait(asyncselect_QS_POSTMESSAGE, 0), 0U);
    EXPECT_EQ(wait(asyncselect_QS_POSTMESSAGE, 0), 258U);
    EXPECT_EQ(wait(asyncselect_QS_POSTMESSAGE, asyncselect_MWMO_INPUTAVAILABLE), 0U);
    EXPECT_EQ(get().message, user);
    EXPECT_EQ(wait(asyncselect_QS_ALLINPUT, 0), 258U);
    post(window.get(), user);
    EXPECT_EQ(wait(asyncselect_QS_ALLINPUT, 0), 0U);
    EXPECT_EQ(get().message, user);
    EXPECT_EQ(get().message, user);
    EXPECT_EQ(wait(asyncselect_QS_ALLINPUT, asyncselect_MWMO_INPUTAVAILABLE), 258U);
    asyncselect_PostQuitMessage(0);
    EXPECT_EQ(wait(asyncselect_QS_ALLINPUT, 0), 0U);
    EXPECT_EQ(wait(asyncselect_QS_ALLINPUT, 0), 258U);
    EXPECT_EQ(peek().message, unsigned{asyncselect_WM_QUIT});
}

TEST_F(Time, WaitsRefuseWhatTheyCannotWaitFor) {
    const asyncselect_HANDLE none = nullptr;
    EXPECT_EQ(asyncselect_MsgWaitForMultipleObjects(1, &none, 0, 0, asyncselect_QS_ALLINPUT), 0xffffffffU);
    EXPECT_EQ(asyncselect_GetLastError(), 6U);
    EXPECT_EQ(asyncselect_MsgWaitForMultipleObjects(64, nullptr, 0, 0, asyncselect_QS_ALLINPUT), 0xffffffffU);
    EXPECT_EQ(asyncselect_GetLastError(), 87U);
    EXPECT_EQ(asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, 0, asyncselect_QS_ALLINPUT, 0x80), 0xffffffffU);
    EXPECT_EQ(asyncselect_GetLastError(), 87U);
}

// ---- the harvest

// A descriptor that becomes readable, and a layer above that posts a message for it.
class Readable {
  public:
    explicit Readable(Handle window) : descriptor_{eventfd(0, EFD_NONBLOCK)} {
        window_of_all() = window;
        harvests() = 0;
        set_socket_hooks({.ready = &Readable::ready, .room = nullptr});
        EXPECT_EQ(Queue::of_this_thread().poller().add(descriptor_, 77), 0);
        empty_queue();  // the descriptor is writable from the first
        harvests() = 0;
    }
    ~Readable() { close(descriptor_); }
    Readable(const Readable&) = delete;
    Readable& operator=(const Readable&) = delete;

    void make_ready() const { EXPECT_EQ(eventfd_write(descriptor_, 1), 0); }
    static int& harvests() {
        static int count = 0;
        return count;
    }

  private:
    static Handle& window_of_all() {
        static Handle window = no_window;
        return window;
    }
    static void ready(Queue& queue, std::span<const net::Readiness> entries) noexcept {
        EXPECT_TRUE(queue.owned_by_this_thread());
        EXPECT_EQ(Queue::of_window(window_of_all()), &queue);
        ++harvests();
        for (const auto& entry : entries) {
            EXPECT_EQ(post_notification(window_of_all(), user + 50, entry.token, 0), Post::posted);
        }
    }
    int descriptor_;
};

TEST_F(Harvest, FeedsGetMessageAndPeekMessage) {
    const Mailbox window;
    const Readable socket{window.handle()};
    EXPECT_EQ(peek().message, 0U);
    socket.make_ready();
    EXPECT_EQ(peek().wParam, 77U);
    socket.make_ready();
    EXPECT_EQ(get().wParam, 77U);
    socket.make_ready();
    EXPECT_EQ(asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, asyncselect_INFINITE, asyncselect_QS_POSTMESSAGE),
              0U);
    EXPECT_EQ(get().wParam, 77U);
    EXPECT_EQ(peek().message, 0U);
}

TEST_F(Harvest, IsNotStarvedByAProgramThatPostsToItself) {
    const Mailbox window;
    const Readable socket{window.handle()};
    post(window.get(), user);
    socket.make_ready();
    int retrieved = 0;
    while (get().message != user + 50) {
        post(window.get(), user);
        ASSERT_LE(++retrieved, 65);
    }
    EXPECT_EQ(get().message, user);
}

TEST_F(Harvest, ComesBeforeATimerThatIsDue) {
    const Mailbox window;
    const Readable socket{window.handle()};
    asyncselect_SetTimer(window.get(), 1, 10, nullptr);
    while (asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, asyncselect_INFINITE, asyncselect_QS_TIMER) != 0) {
    }
    socket.make_ready();
    EXPECT_EQ(get().wParam, 77U);
    EXPECT_EQ(get().message, unsigned{asyncselect_WM_TIMER});
    asyncselect_KillTimer(window.get(), 1);
}

// ---- marks

TEST_F(Marks, TellWhenNothingOlderIsLeft) {
    //
    const Mailbox window;
    EXPECT_TRUE(mark_now().entries.empty());
    post(window.get(), user);
    post(window.get(), user + 1);
    const Mark mark = mark_now();
    post(window.get(), user + 2);
    EXPECT_FALSE(all_retrieved_since(mark));
    EXPECT_EQ(get(nullptr, user + 2, user + 2).message, user + 2);
    EXPECT_EQ(get(nullptr, user + 1, user + 1).message, user + 1);
    post(window.get(), user + 3);
    EXPECT_FALSE(all_retrieved_since(mark));
    EXPECT_EQ(peek(nullptr, 0, 0, asyncselect_PM_NOREMOVE).message, user);
    EXPECT_FALSE(all_retrieved_since(mark));
    EXPECT_EQ(get().message, user);
    EXPECT_TRUE(all_retrieved_since(mark));
    const Mark later = mark_now();
    EXPECT_FALSE(all_retrieved_since(later));
    EXPECT_EQ(get().message, user + 3);
    EXPECT_TRUE(all_retrieved_since(later));
}

TEST_F(Marks, DiscardedMessagesAreGoneToo) {
    //
    const Mailbox stays;
    Mark mark;
    {
        const Mailbox goes;
        post(goes.get(), user);
        post(stays.get(), user);
        post(goes.get(), user);
        mark = mark_now();
    }
    EXPECT_FALSE(all_retrieved_since(mark));
    get();
    EXPECT_TRUE(all_retrieved_since(mark));
}

}  // namespace
}  // namespace asyncselect::window::test
