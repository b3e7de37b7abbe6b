// Tests of what several threads do to each other's queues: posting to a sleeper, sending both ways, windows and threads
// that end meanwhile. They wait for conditions, never for time to pass; ThreadSanitizer watches them too.
#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "impl/window/support_test.hpp"

namespace asyncselect::window::test {
namespace {

using Threads = WindowTest;

// What std::jthread is; g++ 12 warns of that one when it adds sanitizers.
class JoiningThread {
  public:
    JoiningThread() = default;
    template <class Work>
    explicit JoiningThread(Work work) : thread_{std::move(work)} {}
    template <class Work, class Argument>
    JoiningThread(Work work, Argument argument) : thread_{std::move(work), argument} {}
    JoiningThread(JoiningThread&&) = default;
    JoiningThread& operator=(JoiningThread&&) = default;
    ~JoiningThread() { join(); }

    void join() {
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] bool joinable() const { return thread_.joinable(); }

  private:
    std::thread thread_;
};

// Does it on a thread of its own, and waits for its end.
template <class Work>
void on_a_thread(Work work) {
    JoiningThread{std::move(work)}.join();
}

// A thread with a window and a message loop, until it is told to quit.
class Pump {
  public:
    explicit Pump(Procedure procedure = {}) {
        std::promise<void> begun;
        auto window_is_there = begun.get_future();
        thread_ = JoiningThread{[this, procedure = std::move(procedure), begun = std::move(begun)]() mutable {
            const Mailbox window{procedure};
            window_ = window.get();
            id_ = asyncselect_GetCurrentThreadId();
            begun.set_value();
            asyncselect_MSG message{};
            while (asyncselect_GetMessageA(&message, nullptr, 0, 0) > 0) asyncselect_DispatchMessageA(&message);
        }};
        window_is_there.wait();
    }
    ~Pump() { quit(); }
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;

    void quit() {
        if (!thread_.joinable()) return;
        // The queue may be full at this moment.
        while (asyncselect_PostThreadMessageA(id_, asyncselect_WM_QUIT, 0, 0) == 0 &&
               asyncselect_GetLastError() == asyncselect_ERROR_NOT_ENOUGH_QUOTA) {
            std::this_thread::yield();
        }
        thread_.join();
    }
    [[nodiscard]] asyncselect_HWND window() const { return window_; }
    [[nodiscard]] uint32_t id() const { return id_; }

  private:
    asyncselect_HWND window_ = nullptr;
    uint32_t id_ = 0;
    JoiningThread thread_;
};

void post_surely(asyncselect_HWND window, unsigned int number, uintptr_t w, intptr_t l = 0) {
    while (!post(window, number, w, l)) {
        ASSERT_EQ(asyncselect_GetLastError(), 1816U);
        std::this_thread::yield();
    }
}

TEST_F(Threads, TwoSendersLoseNothingAndKeepTheirOrder) {
    constexpr uintptr_t count = 100'000;
    const Mailbox window;
    const auto sender = [&](unsigned int number) {
        for (uintptr_t i = 0; i < count; ++i) post_surely(window.get(), number, i);
    };
    const JoiningThread one{sender, user};
    const JoiningThread two{sender, user + 1};
    uintptr_t next[2] = {0, 0};
    for (uintptr_t i = 0; i < 2 * count; ++i) {
        const auto message = get();
        ASSERT_EQ(message.wParam, next[message.message - user]++);
    }
    EXPECT_EQ(peek().message, 0U);
}

// Each side sleeps until the other one posts: every message meets a sleeper or one that is about to sleep.
TEST_F(Threads, PingPongNeverSleepsThroughAMessage) {
    constexpr uintptr_t count = 20'000;
    const Mailbox here;
    const Pump there{[reply_to = here.get()](asyncselect_HWND window, unsigned int number, uintptr_t w, intptr_t l) {
        if (number == user) post(reply_to, user + 1, w);
        return asyncselect_DefWindowProcA(window, number, w, l);
    }};
    for (uintptr_t i = 0; i < count; ++i) {
        ASSERT_TRUE(post(there.window(), user, i));
        const auto message = get();
        ASSERT_EQ(message.message, user + 1);
        ASSERT_EQ(message.wParam, i);
    }
}

// The other thread posts at every moment of falling asleep in turn.
TEST_F(Threads, NoMomentBeforeSleepingLosesAMessage) {
    constexpr int count = 60'000;
    const Mailbox window;
    std::atomic<int> round{0};
    const JoiningThread poster{[&] {
        for (int i = 1; i <= count; ++i) {
            for (int looks = 1; round.load(std::memory_order_acquire) < i; ++looks) {
                if (looks % 1'000 == 0) std::this_thread::yield();
            }
            for (std::atomic<int> spin{0}; spin.load(std::memory_order_relaxed) < i % 300;) {
                spin.store(spin.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            }
            post(window.get(), user, static_cast<uintptr_t>(i));
        }
    }};
    for (int i = 1; i <= count; ++i) {
        round.store(i, std::memory_order_release);
        ASSERT_EQ(get().wParam, static_cast<uintptr_t>(i));
    }
}

// A message that this thread posts in answer to one that waits in its inbox comes after it.
TEST_F(Threads, WhatCausedAMessageComesBeforeIt) {
    const Mailbox window;
    for (int i = 0; i < 1'000; ++i) {
        std::atomic<bool> posted{false};
        const JoiningThread other{[&] {
            post(window.get(), user);
            posted.store(true, std::memory_order_release);
        }};
        while (!posted.load(std::memory_order_acquire)) std::this_thread::yield();
        post(window.get(), user + 1);
        ASSERT_EQ(get().message, user);
        ASSERT_EQ(get().message, user + 1);
    }
}

TEST_F(Threads, SendWaitsForTheAnswer) {
    const Pump there{[](asyncselect_HWND window, unsigned int number, uintptr_t w, intptr_t l) {
        return number == user ? static_cast<intptr_t>(w) + l : asyncselect_DefWindowProcA(window, number, w, l);
    }};
    for (intptr_t i = 0; i < 2'000; ++i) ASSERT_EQ(asyncselect_SendMessageA(there.window(), user, 10, i), 10 + i);
}

// Both threads send to each other at once, and a procedure that is called sends back: nobody waits for ever.
// Whatever waits in the ring: a sender is not kept waiting until it is empty.
TEST_F(Threads, WhatIsSentComesBeforeWhatWasPosted) {
    std::vector<unsigned int> seen;
    const Mailbox window{[&seen](asyncselect_HWND, unsigned int number, uintptr_t, intptr_t) -> intptr_t {
        if (number >= user) seen.push_back(number);
        return 1;
    }};
    for (unsigned int number = user; number < user + 3; ++number) post_surely(window.get(), number, 0);
    EXPECT_EQ(get().message, user);
    const JoiningThread sender{
        [target = window.get()] { EXPECT_EQ(asyncselect_SendMessageA(target, user + 9, 0, 0), 1); }};
    ASSERT_EQ(asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, asyncselect_INFINITE, asyncselect_QS_SENDMESSAGE),
              asyncselect_WAIT_OBJECT_0);
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(get().message, user + 1);
    EXPECT_EQ(seen, std::vector{user + 9});
}

TEST_F(Threads, SendingToEachOtherDoesNotDeadlock) {
    std::atomic<int> handled{0};
    const auto make_procedure = [&](std::atomic<asyncselect_HWND>& peer) {
        return [&](asyncselect_HWND window, unsigned int number, uintptr_t w, intptr_t l) -> intptr_t {
            if (number == user) {
                ++handled;
                return w == 0 ? 1 : 1 + asyncselect_SendMessageA(peer.load(), user, w - 1, 0);
            }
            if (number == user + 1) {
                for (int i = 0; i < 500; ++i) EXPECT_EQ(asyncselect_SendMessageA(peer.load(), user, 3, 0), 4);
                asyncselect_PostQuitMessage(0);
                return 0;
            }
            return asyncselect_DefWindowProcA(window, number, w, l);
        };
    };
    std::atomic<asyncselect_HWND> one{nullptr};
    std::atomic<asyncselect_HWND> two{nullptr};
    std::atomic<int> finished{0};
    const auto loop = [&](std::atomic<asyncselect_HWND>& mine, std::atomic<asyncselect_HWND>& peer) {
        const Mailbox window{make_procedure(peer)};
        mine.store(window.get());
        while (peer.load() == nullptr) std::this_thread::yield();
        post(window.get(), user + 1);
        asyncselect_MSG message{};
        while (asyncselect_GetMessageA(&message, nullptr, 0, 0) > 0) asyncselect_DispatchMessageA(&message);
        ++finished;
        // The other one may still need answers.
        while (finished.load() < 2) {
            peek();
            std::this_thread::yield();
        }
    };
    JoiningThread first{[&] { loop(one, two); }};
    JoiningThread second{[&] { loop(two, one); }};
    first.join();
    second.join();
    EXPECT_EQ(handled.load(), 2 * 500 * 4);
}

TEST_F(Threads, SendReturnsWhenTheWindowOrItsThreadGoes) {
    for (int round = 0; round < 200; ++round) {
        std::promise<asyncselect_HWND> made;
        JoiningThread owner{[&] {
            asyncselect_HWND window = create();
            made.set_value(window);
            // Until somebody waits for an answer.
            while (asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, asyncselect_INFINITE,
                                                         asyncselect_QS_SENDMESSAGE) != 0) {
            }
            if (round % 2 == 0) asyncselect_DestroyWindow(window);
        }};
        const asyncselect_HWND window = made.get_future().get();
        EXPECT_EQ(asyncselect_SendMessageA(window, user, 0, 0), 0);
        owner.join();
        EXPECT_EQ(asyncselect_IsWindow(window), 0);
    }
}

TEST_F(Threads, SendReturnsWhenTheProcedureThrows) {
    std::promise<asyncselect_HWND> made;
    JoiningThread owner{[&] {
        const Mailbox window{[](asyncselect_HWND handle, unsigned int number, uintptr_t w, intptr_t l) -> intptr_t {
            if (number == user) throw std::runtime_error{"out of a procedure"};
            return asyncselect_DefWindowProcA(handle, number, w, l);
        }};
        made.set_value(window.get());
        asyncselect_MSG message{};
        EXPECT_THROW(asyncselect_GetMessageA(&message, nullptr, 0, 0), std::runtime_error);
    }};
    EXPECT_EQ(asyncselect_SendMessageA(made.get_future().get(), user, 0, 0), 0);
}

TEST_F(Threads, OnlyTheOwnerDestroysAndSetsTimers) {
    const Pump there;
    EXPECT_EQ(asyncselect_DestroyWindow(there.window()), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 5U);
    EXPECT_EQ(asyncselect_SetTimer(there.window(), 1, 10, nullptr), 0U);
    EXPECT_EQ(asyncselect_GetLastError(), 5U);
    EXPECT_EQ(asyncselect_KillTimer(there.window(), 1), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 5U);
    asyncselect_MSG message{};
    EXPECT_EQ(asyncselect_GetMessageA(&message, there.window(), 0, 0), -1);
    EXPECT_EQ(asyncselect_GetLastError(), 1400U);
    message.hwnd = there.window();
    message.message = user;
    EXPECT_EQ(asyncselect_DispatchMessageA(&message), 0);
    EXPECT_NE(asyncselect_IsWindow(there.window()), 0);
    EXPECT_EQ(asyncselect_SetWindowLongPtrA(there.window(), 0, 5), 0);
    EXPECT_EQ(asyncselect_GetWindowLongPtrA(there.window(), 0), 5);
}

TEST_F(Threads, AChildOfAnotherThreadGoesWithItsParent) {
    Mailbox parent;
    std::promise<asyncselect_HWND> made;
    JoiningThread other{[&] {
        const asyncselect_HWND child = create(nullptr, parent.get());
        made.set_value(child);
        while (asyncselect_IsWindow(child) != 0) peek();
    }};
    const asyncselect_HWND child = made.get_future().get();
    asyncselect_DestroyWindow(parent.get());
    other.join();
    EXPECT_EQ(asyncselect_IsWindow(child), 0);
}

TEST_F(Threads, MessagesNeedAQueueToGoTo) {
    std::promise<uint32_t> id;
    std::promise<void> end;
    JoiningThread without_queue{[&, ended = end.get_future()]() mutable {
        id.set_value(asyncselect_GetCurrentThreadId());
        ended.wait();
    }};
    EXPECT_EQ(asyncselect_PostThreadMessageA(id.get_future().get(), user, 0, 0), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1444U);
    end.set_value();
    uint32_t of_the_ended = 0;
    {
        Pump there;
        of_the_ended = there.id();
        EXPECT_NE(asyncselect_PostThreadMessageA(of_the_ended, user, 0, 0), 0);
        there.quit();
    }
    EXPECT_EQ(asyncselect_PostThreadMessageA(of_the_ended, user, 0, 0), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1444U);
}

TEST_F(Threads, AQueueIsUsedAgainAndEmpty) {
    Queue* first = nullptr;
    asyncselect_HWND window = nullptr;
    on_a_thread([&] {
        first = &Queue::of_this_thread();
        window = create();
        post(window, user);
        post(nullptr, user);
        asyncselect_PostQuitMessage(1);
        asyncselect_SetTimer(window, 1, 10, nullptr);
    });
    EXPECT_EQ(asyncselect_IsWindow(window), 0);
    EXPECT_FALSE(post(window, user));
    EXPECT_EQ(asyncselect_GetLastError(), 1400U);
    EXPECT_TRUE(mark_now().entries.empty());
    on_a_thread([&] {
        EXPECT_EQ(&Queue::of_this_thread(), first);
        EXPECT_EQ(peek().message, 0U);
        EXPECT_TRUE(first->timers().empty());
    });
}

// Threads come and go while another one posts to whatever window it saw last.
TEST_F(Threads, PostingToDyingThreadsIsHarmless) {
    std::atomic<asyncselect_HWND> latest{nullptr};
    std::atomic<bool> done{false};
    JoiningThread poster{[&] {
        while (!done.load()) {
            const asyncselect_HWND window = latest.load();
            post(window, user);
            (void)post_notification(to_handle(window), user, 0, 0);
            if (window == nullptr) empty_queue();  // those went to ourselves
            (void)all_retrieved_since(mark_now());
        }
    }};
    for (int round = 0; round < 300; ++round) {
        on_a_thread([&] {
            const asyncselect_HWND window = create();
            latest.store(window);
            for (int i = 0; i < 20; ++i) peek();
            if (round % 2 == 0) asyncselect_DestroyWindow(window);
            for (int i = 0; i < 20; ++i) EXPECT_NE(peek().hwnd, round % 2 == 0 ? window : hwnd(1));
        });
    }
    done.store(true);
}

TEST_F(Threads, RegistrationsAreCountedFromAllThreads) {
    //
    const Mailbox window;
    {
        constexpr int count = 4;
        std::vector<JoiningThread> threads;
        threads.reserve(count);
        for (int i = 0; i < count; ++i) {
            threads.emplace_back([&] {
                for (int k = 0; k < 10'000; ++k) {
                    EXPECT_TRUE(retain(window.handle()));
                    release(window.handle());
                }
            });
        }
    }
    EXPECT_TRUE(exists(window.handle()));
    asyncselect_DestroyWindow(window.get());
    EXPECT_FALSE(retain(window.handle()));
}

// Tokens from other threads wait for room in a small queue while programs post to it, too: all are served.
std::atomic<int> served{0};
Handle window_of_tokens = no_window;

bool room(Queue&, std::uint64_t token) noexcept {
    const Post result = post_notification(window_of_tokens, user + 1, token, 0);
    if (result == Post::full) return false;
    ++served;
    return true;
}

TEST_F(Threads, AreToldOfRoomExactly) {
    // what the owner posts to itself counts, and what it has retrieved does not any more.
    set_post_limit(8);
    const Mailbox window;
    const auto accepted = [&] {
        int count = 0;
        on_a_thread([&] {
            while (count < 100 && post_message(window.handle(), user, 0, 0) == Post::posted) ++count;
        });
        return count;
    };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(post(window.get(), user));
    EXPECT_EQ(accepted(), 5);
    EXPECT_EQ(accepted(), 0);
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 6; ++i) (void)get();
        for (int i = 0; i < 2; ++i) ASSERT_TRUE(post(window.get(), user));
        EXPECT_EQ(accepted(), 4);
    }
}

TEST_F(Threads, AllThatWaitForRoomAreServed) {
    //
    constexpr std::uint64_t count = 20'000;
    served = 0;
    set_post_limit(3);
    const Mailbox window;
    window_of_tokens = window.handle();
    set_socket_hooks({.ready = nullptr, .room = &room});
    const auto notifier = [&](std::uint64_t first) {
        for (std::uint64_t i = 0; i < count; ++i) {
            if (post_notification(window.handle(), user + 1, first + i, 0) == Post::full) {
                Queue::of_window(window.handle())->wait_for_room(first + i);
            }
        }
    };
    std::vector<bool> seen(2 * count);
    {
        const JoiningThread one{notifier, 0};
        const JoiningThread two{notifier, count};
        const JoiningThread program{[&] {
            for (int i = 0; i < 1'000; ++i) post_surely(window.get(), user, 0);
        }};
        for (std::uint64_t i = 0; i < 2 * count + 1'000; ++i) {
            const auto message = get();
            if (message.message == user) continue;
            ASSERT_FALSE(seen[message.wParam]);
            seen[message.wParam] = true;
        }
    }
    EXPECT_EQ(peek().message, 0U);
    EXPECT_GT(served.load(), 0);
}

TEST_F(Threads, NobodyOvertakesThoseThatWaitForRoom) {
    //
    served = 0;
    const Mailbox window;
    window_of_tokens = window.handle();
    set_socket_hooks({.ready = nullptr, .room = &room});
    // The queue was emptied since the post that failed, and there is room for all.
    Queue::of_this_thread().wait_for_room(5);
    on_a_thread([&] { EXPECT_EQ(post_notification(window.handle(), user + 1, 6, 0), Post::full); });
    EXPECT_EQ(get().wParam, 5U);
    EXPECT_EQ(peek().message, 0U);
}

TEST_F(Threads, TokensOfAnEndedThreadAreAskedOnceMore) {
    //
    served = 0;
    set_post_limit(1);
    set_socket_hooks({.ready = nullptr, .room = &room});
    Queue* queue = nullptr;
    on_a_thread([&] {
        const asyncselect_HWND window = create();
        window_of_tokens = to_handle(window);
        queue = Queue::of_window(window_of_tokens);
        post(window, user);
        queue->wait_for_room(5);
    });
    EXPECT_EQ(served.load(), 1);
    queue->wait_for_room(6);  // nobody is there: ignored
    EXPECT_EQ(served.load(), 1);
}

TEST_F(Threads, MarksCountWhatIsStillInAnInbox) {
    //
    const Mailbox stays;
    Mark mark;
    {
        const Mailbox goes;
        on_a_thread([&] {
            post(goes.get(), user);
            post(stays.get(), user);
            post(goes.get(), user);
            mark = mark_now();
            post(goes.get(), user);
            post(stays.get(), user + 1);
        });
        EXPECT_FALSE(all_retrieved_since(mark));
    }
    EXPECT_FALSE(all_retrieved_since(mark));
    EXPECT_EQ(get().message, user);
    EXPECT_TRUE(all_retrieved_since(mark));
    EXPECT_EQ(get().message, user + 1);
}

TEST_F(Threads, EachHasItsOwnLastError) {
    core::set_last_error(1);
    on_a_thread([] {
        EXPECT_EQ(asyncselect_GetLastError(), 0U);
        asyncselect_SetLastError(2);
    });
    EXPECT_EQ(asyncselect_GetLastError(), 1U);
}

}  // namespace
}  // namespace asyncselect::window::test
