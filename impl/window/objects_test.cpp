// Events, threads and the waits for them, through the public functions, on one thread and on several. Waits on
// conditions: where a thread is to be asleep before something happens the test only makes it likely, and holds either
// way.
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "impl/window/clock.hpp"
#include "impl/window/support_test.hpp"

namespace asyncselect::window::test {
namespace {

using Handles = std::vector<asyncselect_HANDLE>;

constexpr std::uint32_t timed_out = asyncselect_WAIT_TIMEOUT;
constexpr std::uint32_t failed = 0xffffffffU;
constexpr std::uint32_t patience = 20'000;
constexpr bool manual = true;
constexpr bool automatic = false;

class Event {
  public:
    explicit Event(bool manual_reset, bool signaled = false)
        : handle_{asyncselect_CreateEventA(nullptr, manual_reset ? 1 : 0, signaled ? 1 : 0, nullptr)} {
        EXPECT_NE(handle_, nullptr);
    }
    ~Event() {
        if (handle_ != nullptr) {
            EXPECT_NE(asyncselect_CloseHandle(handle_), 0);
        }
    }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    [[nodiscard]] asyncselect_HANDLE get() const { return handle_; }
    void set() const { EXPECT_NE(asyncselect_SetEvent(handle_), 0); }
    void reset() const { EXPECT_NE(asyncselect_ResetEvent(handle_), 0); }
    [[nodiscard]] bool is_signaled() const { return asyncselect_WaitForSingleObject(handle_, 0) == 0; }
    void close() { EXPECT_NE(asyncselect_CloseHandle(std::exchange(handle_, nullptr)), 0); }

  private:
    asyncselect_HANDLE handle_;
};

std::uint32_t wait_one(const Event& event, std::uint32_t milliseconds = patience) {
    return asyncselect_WaitForSingleObject(event.get(), milliseconds);
}
std::uint32_t wait_many(const Handles& handles, bool all, std::uint32_t milliseconds = patience) {
    return asyncselect_WaitForMultipleObjects(static_cast<std::uint32_t>(handles.size()), handles.data(), all ? 1 : 0,
                                              milliseconds);
}
std::uint32_t wait_or_message(const Handles& handles, std::uint32_t flags, std::uint32_t milliseconds = patience,
                              std::uint32_t mask = asyncselect_QS_ALLINPUT) {
    return asyncselect_MsgWaitForMultipleObjectsEx(static_cast<std::uint32_t>(handles.size()), handles.data(),
                                                   milliseconds, mask, flags);
}
std::uint32_t last_error() { return asyncselect_GetLastError(); }

using Objects = WindowTest;

TEST_F(Objects, EventsStaySignaledOrAreTaken) {
    const Event stays{manual};
    EXPECT_EQ(wait_one(stays, 0), timed_out);
    stays.set();
    EXPECT_EQ(wait_one(stays), 0U);
    EXPECT_EQ(wait_one(stays), 0U);
    stays.reset();
    EXPECT_EQ(wait_one(stays, 1), timed_out);

    const Event goes{automatic, true};
    EXPECT_EQ(wait_one(goes), 0U);
    EXPECT_EQ(wait_one(goes, 0), timed_out);
    goes.set();
    goes.set();
    EXPECT_EQ(wait_one(goes), 0U);
    EXPECT_EQ(wait_one(goes, 0), timed_out);
}

TEST_F(Objects, WaitsForOneTakeTheFirstAndLeaveTheOthers) {
    const Event first{automatic};
    const Event second{automatic};
    const Event third{manual};
    const Handles all{first.get(), second.get(), third.get()};
    EXPECT_EQ(wait_many(all, false, 0), timed_out);
    third.set();
    second.set();
    EXPECT_EQ(wait_many(all, false), 1U);
    EXPECT_EQ(wait_many(all, false), 2U);
    EXPECT_EQ(wait_many(all, false), 2U);
    // One event twice is one event.
    EXPECT_EQ(wait_many({first.get(), first.get(), third.get()}, false), 2U);
}

TEST_F(Objects, WaitsForAllTakeAllAtOnceOrNothing) {
    const Event first{automatic};
    const Event second{automatic};
    const Event third{manual, true};
    const Handles all{first.get(), second.get(), third.get()};
    first.set();
    EXPECT_EQ(wait_many(all, true, 1), timed_out);
    EXPECT_TRUE(first.is_signaled()) << "taken by a wait that was not satisfied";
    first.set();
    second.set();
    EXPECT_EQ(wait_many(all, true), 0U);
    EXPECT_FALSE(first.is_signaled());
    EXPECT_FALSE(second.is_signaled());
    EXPECT_TRUE(third.is_signaled());
}

TEST_F(Objects, AsManyAsTheLimitCanBeWaitedFor) {
    std::vector<std::unique_ptr<Event>> events;
    Handles all;
    for (std::size_t i = 0; i < asyncselect_MAXIMUM_WAIT_OBJECTS; ++i) {
        events.push_back(std::make_unique<Event>(automatic));
        all.push_back(events.back()->get());
    }
    events.back()->set();
    EXPECT_EQ(wait_many(all, false), all.size() - 1);
    for (const auto& event : events) event->set();
    EXPECT_EQ(wait_many(all, true), 0U);
    EXPECT_EQ(wait_many(all, false, 0), timed_out);
    all.push_back(all.front());
    EXPECT_EQ(wait_many(all, false, 0), failed);
    EXPECT_EQ(last_error(), 87U);
    all.pop_back();
    EXPECT_EQ(wait_or_message(all, 0, 0), failed) << "one place is the messages'";
    EXPECT_EQ(last_error(), 87U);
}

TEST_F(Objects, BadArgumentsAreTold) {
    void* const page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const Event event{manual, true};
    asyncselect_HANDLE stale = nullptr;
    {
        const Event gone{manual, true};
        stale = gone.get();
    }
    EXPECT_NE(stale, event.get());
    const auto no_handles = {stale, asyncselect_HANDLE{nullptr}, reinterpret_cast<asyncselect_HANDLE>(intptr_t{-1}),
                             reinterpret_cast<asyncselect_HANDLE>(intptr_t{3}), page};
    for (auto* const bad : no_handles) {
        EXPECT_EQ(asyncselect_SetEvent(bad), 0);
        EXPECT_EQ(last_error(), 6U);
        EXPECT_EQ(asyncselect_ResetEvent(bad), 0);
        EXPECT_EQ(asyncselect_CloseHandle(bad), 0);
        EXPECT_EQ(asyncselect_WaitForSingleObject(bad, 0), failed);
        EXPECT_EQ(wait_many({event.get(), bad}, false, 0), failed);
        EXPECT_EQ(wait_or_message({bad}, 0, 0), failed);
        EXPECT_EQ(last_error(), 6U);
        std::uint32_t code = 0;
        EXPECT_EQ(asyncselect_GetExitCodeThread(bad, &code), 0);
        EXPECT_EQ(last_error(), 6U);
    }
    EXPECT_EQ(wait_many({}, false, 0), failed);
    EXPECT_EQ(last_error(), 87U);
    EXPECT_EQ(wait_many({event.get(), event.get()}, true, 0), failed);
    EXPECT_EQ(last_error(), 87U);
    EXPECT_EQ(asyncselect_WaitForMultipleObjects(2, static_cast<asyncselect_HANDLE*>(page), 0, 0), failed);
    EXPECT_EQ(last_error(), 998U);
    EXPECT_EQ(asyncselect_MsgWaitForMultipleObjects(2, nullptr, 0, 0, asyncselect_QS_ALLINPUT), failed);
    EXPECT_EQ(last_error(), 998U);
    EXPECT_EQ(asyncselect_CreateEventA(nullptr, 0, 0, "a name"), nullptr);
    EXPECT_EQ(last_error(), 50U);
    EXPECT_EQ(asyncselect_CreateEventW(nullptr, 0, 0, L"a name"), nullptr);
    std::uint32_t code = 0;
    EXPECT_EQ(asyncselect_GetExitCodeThread(event.get(), &code), 0);
    EXPECT_EQ(last_error(), 6U);
    const asyncselect_THREAD_START_ROUTINE nothing = [](void*) -> std::uint32_t { return 0; };
    const asyncselect_THREAD_START_ROUTINE none = nullptr;
    EXPECT_EQ(asyncselect_CreateThread(nullptr, 0, none, nullptr, 0, nullptr), nullptr);
    EXPECT_EQ(last_error(), 87U);
    EXPECT_EQ(asyncselect_CreateThread(nullptr, 0, nothing, nullptr, 1, nullptr), nullptr);
    EXPECT_EQ(last_error(), 87U);
    EXPECT_EQ(asyncselect_CreateThread(nullptr, 0, nothing, nullptr, asyncselect_CREATE_SUSPENDED, nullptr), nullptr);
    EXPECT_EQ(last_error(), 50U);
    EXPECT_EQ(asyncselect_CreateThread(nullptr, 0, nothing, nullptr, 0, static_cast<std::uint32_t*>(page)), nullptr);
    EXPECT_EQ(last_error(), 998U);
    EXPECT_EQ(asyncselect_CreateThread(nullptr, SIZE_MAX - 5, nothing, nullptr, 0, nullptr), nullptr);
    EXPECT_EQ(last_error(), 8U);
    munmap(page, 4096);
}

TEST_F(Objects, HandlesAreSmallAndNotUsedAgainForLong) {
    std::vector<asyncselect_HANDLE> seen;
    for (int i = 0; i < 2'000; ++i) {
        const Event event{manual};
        const auto number = reinterpret_cast<std::uintptr_t>(event.get());
        EXPECT_EQ(number % 4, 0U);
        EXPECT_LT(number, std::uintptr_t{1} << 31);
        seen.push_back(event.get());
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

TEST_F(Objects, WaitsTakeTheirTime) {
    const Event event{manual};
    const auto before = exact_time();
    EXPECT_EQ(wait_one(event, 30), timed_out);
    EXPECT_EQ(wait_or_message({event.get()}, 0, 30), timed_out);
    asyncselect_Sleep(30);
    EXPECT_GE(exact_time() - before, 88U);
    asyncselect_Sleep(0);
}

// ---- threads

// A thread that waits; `result` is valid once it was joined.
class Waiting {
  public:
    explicit Waiting(std::function<std::uint32_t()> wait)
        : thread_{[this, wait = std::move(wait)] {
              begun_ = true;
              result_ = wait();
              over_ = true;
          }} {
        while (!begun_) std::this_thread::yield();
    }
    ~Waiting() {
        if (thread_.joinable()) thread_.join();
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    [[nodiscard]] bool is_over() const { return over_; }
    std::uint32_t result() {
        thread_.join();
        return result_;
    }

  private:
    std::atomic<bool> begun_{false};
    std::atomic<bool> over_{false};
    std::uint32_t result_ = failed;
    std::thread thread_;
};

void likely_asleep() { std::this_thread::sleep_for(std::chrono::milliseconds{5}); }

TEST_F(Objects, AnEventThatResetsItselfWakesOne) {
    const Event event{automatic};
    std::vector<std::unique_ptr<Waiting>> waiting;
    waiting.reserve(4);
    for (int i = 0; i < 4; ++i) waiting.push_back(std::make_unique<Waiting>([&] { return wait_one(event); }));
    std::size_t over = 0;
    for (std::size_t set = 1; set <= waiting.size(); ++set) {
        event.set();
        while (over < set) {
            over = static_cast<std::size_t>(
                std::count_if(waiting.begin(), waiting.end(), [](const auto& one) { return one->is_over(); }));
            std::this_thread::yield();
        }
        EXPECT_EQ(over, set);
    }
    for (auto& one : waiting) EXPECT_EQ(one->result(), 0U);
    EXPECT_FALSE(event.is_signaled());
}

// SetEvent itself ends the waits: that it is undone at once takes nothing back from those that wait already.
TEST_F(Objects, SettingAndResettingWakesWhoWaits) {
    const Event event{manual};
    const Event ready{automatic};
    Waiting waiting{[&] {
        ready.set();
        return wait_one(event);
    }};
    EXPECT_EQ(wait_one(ready), 0U);
    while (!waiting.is_over()) {
        event.set();
        event.reset();
        likely_asleep();
    }
    EXPECT_EQ(waiting.result(), 0U);
    EXPECT_FALSE(event.is_signaled());
}

TEST_F(Objects, AnEventThatIsClosedDoesNotEndTheWait) {
    Event closed{manual};
    const Event other{manual};
    Waiting waiting{[&, handle = closed.get()] { return wait_many({handle, other.get()}, false); }};
    likely_asleep();
    closed.close();
    other.set();
    const auto result = waiting.result();
    // It may have come too late.
    EXPECT_TRUE(result == 1 || result == failed) << result;
}

// Each of two threads takes what the other sets, many times: no wake-up is lost.
TEST_F(Objects, PingPongLosesNothing) {
    constexpr int rounds = 5'000;
    const Event ping{automatic};
    const Event pong{automatic};
    Waiting other{[&] {
        for (int i = 0; i < rounds; ++i) {
            if (wait_one(ping) != 0) return failed;
            pong.set();
        }
        return 0U;
    }};
    for (int i = 0; i < rounds; ++i) {
        ping.set();
        ASSERT_EQ(wait_one(pong), 0U) << "in round " << i;
    }
    EXPECT_EQ(other.result(), 0U);
}

// Threads that want both of two events and threads that want either never take one for nothing.
TEST_F(Objects, WhatIsTakenIsTakenOnce) {
    constexpr int rounds = 1'000;
    const Event first{automatic};
    const Event second{automatic};
    const Event stop{manual};
    std::atomic<int> taken{0};
    const auto take = [&](bool all) {
        return [&, all] {
            for (;;) {
                const auto result = all ? wait_many({first.get(), second.get()}, true, 10)
                                        : wait_many({first.get(), second.get(), stop.get()}, false);
                if (result == 2 || (all && stop.is_signaled())) return 0U;
                if (result == failed) return failed;
                if (result != timed_out) taken += all ? 2 : 1;
            }
        };
    };
    Waiting both{take(true)};
    Waiting either{take(false)};
    Waiting another{take(false)};
    for (int i = 0; i < rounds; ++i) {
        first.set();
        second.set();
        // Both are gone again before the next round.
        const auto deadline = exact_time() + patience;
        while (taken < 2 * (i + 1) && exact_time() < deadline) std::this_thread::yield();
        ASSERT_EQ(taken, 2 * (i + 1));
    }
    stop.set();
    EXPECT_EQ(both.result(), 0U);
    EXPECT_EQ(either.result(), 0U);
    EXPECT_EQ(another.result(), 0U);
}

TEST_F(Objects, ThreadsAreSignaledWhenTheyHaveEnded) {
    struct Shared {
        Event go{manual};
        std::atomic<std::uint32_t> id{0};
        std::atomic<asyncselect_HWND> window{nullptr};
    } shared;
    std::uint32_t id = 0;
    auto* const thread = asyncselect_CreateThread(
        nullptr, 4096,
        [](void* given) -> std::uint32_t {
            auto& of = *static_cast<Shared*>(given);
            of.id = asyncselect_GetCurrentThreadId();
            of.window = create();
            asyncselect_WaitForSingleObject(of.go.get(), patience);
            return 42;
        },
        &shared, 0, &id);
    ASSERT_NE(thread, nullptr);
    std::uint32_t code = 0;
    EXPECT_NE(asyncselect_GetExitCodeThread(thread, &code), 0);
    EXPECT_EQ(code, 259U);
    EXPECT_EQ(asyncselect_WaitForSingleObject(thread, 1), timed_out);
    shared.go.set();
    EXPECT_EQ(asyncselect_WaitForSingleObject(thread, patience), 0U);
    EXPECT_EQ(asyncselect_WaitForSingleObject(thread, 0), 0U);
    EXPECT_NE(asyncselect_GetExitCodeThread(thread, &code), 0);
    EXPECT_EQ(code, 42U);
    EXPECT_EQ(id, shared.id);
    EXPECT_NE(shared.window, nullptr);
    EXPECT_EQ(asyncselect_IsWindow(shared.window), 0) << "its windows go before it";
    EXPECT_EQ(asyncselect_SetEvent(thread), 0);
    EXPECT_EQ(last_error(), 6U);
    EXPECT_NE(asyncselect_CloseHandle(thread), 0);
}

TEST_F(Objects, ThreadsThatNobodyWaitsForRunOn) {
    static std::atomic<int> ended;
    ended = 0;
    struct AtEnd {
        ~AtEnd() { ++ended; }
    };
    for (int i = 0; i < 20; ++i) {
        auto* const thread = asyncselect_CreateThread(
            nullptr, 0,
            [](void*) -> std::uint32_t {
                const AtEnd counted;
                asyncselect_ExitThread(7);
            },
            nullptr, asyncselect_STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
        ASSERT_NE(thread, nullptr);
        if (i % 2 == 0) {
            EXPECT_EQ(asyncselect_WaitForSingleObject(thread, patience), 0U);
            std::uint32_t code = 0;
            EXPECT_NE(asyncselect_GetExitCodeThread(thread, &code), 0);
            EXPECT_EQ(code, 7U);
        }
        EXPECT_NE(asyncselect_CloseHandle(thread), 0);
    }
    const auto deadline = exact_time() + patience;
    while (ended < 20 && exact_time() < deadline) std::this_thread::yield();
    EXPECT_EQ(ended, 20);
}

// ---- objects and messages

TEST_F(Objects, EitherAnObjectOrAMessageEndsTheWait) {
    const Mailbox window;
    const Event first{automatic};
    const Event second{manual};
    const Handles both{first.get(), second.get()};
    EXPECT_EQ(wait_or_message(both, 0, 0), timed_out);
    post(window.get(), user);
    EXPECT_EQ(wait_or_message(both, 0), 2U);
    EXPECT_EQ(wait_or_message(both, 0, 0), timed_out) << "the message was told already";
    EXPECT_EQ(wait_or_message(both, asyncselect_MWMO_INPUTAVAILABLE), 2U);
    second.set();
    EXPECT_EQ(wait_or_message(both, asyncselect_MWMO_INPUTAVAILABLE), 1U) << "objects go first";
    second.reset();
    first.set();
    post(window.get(), user);
    EXPECT_EQ(wait_or_message(both, 0), 0U);
    EXPECT_EQ(wait_or_message(both, 0), 2U) << "and leave a new message new";
    EXPECT_EQ(wait_or_message(both, 0, 1), timed_out);
    empty_queue();
}

TEST_F(Objects, AllMeansAMessageToo) {
    const Mailbox window;
    const Event first{automatic, true};
    const Event second{automatic};
    const Handles both{first.get(), second.get()};
    post(window.get(), user);
    EXPECT_EQ(wait_or_message(both, asyncselect_MWMO_WAITALL, 1), timed_out);
    second.set();
    EXPECT_EQ(wait_or_message(both, asyncselect_MWMO_WAITALL), 0U);
    first.set();
    second.set();
    EXPECT_EQ(wait_or_message(both, asyncselect_MWMO_WAITALL, 1), timed_out) << "no new message";
    EXPECT_TRUE(first.is_signaled());
    EXPECT_TRUE(second.is_signaled());
    empty_queue();
}

TEST_F(Objects, AWaitForMessagesIsWokenByBoth) {
    constexpr int rounds = 2'000;
    const Event ask{automatic};
    const Event answered{automatic};
    std::atomic<asyncselect_HWND> theirs{nullptr};
    Waiting other{[&] {
        const Mailbox window;
        theirs = window.get();
        for (int left = 2 * rounds; left > 0;) {
            const auto result = wait_or_message({ask.get()}, 0);
            if (result == 0) {
                --left;
            } else if (result == 1) {
                while (peek().message != 0) --left;
            } else {
                return failed;
            }
            answered.set();
        }
        return 0U;
    }};
    while (theirs == nullptr) std::this_thread::yield();
    for (int i = 0; i < rounds; ++i) {
        ask.set();
        ASSERT_EQ(wait_one(answered), 0U) << "in round " << i;
        post(theirs, user);
        ASSERT_EQ(wait_one(answered), 0U) << "in round " << i;
    }
    EXPECT_EQ(other.result(), 0U);
}

TEST_F(Objects, AWaitForAllIsWokenByTheLast) {
    constexpr int rounds = 300;
    const Event one{automatic};
    const Event answered{automatic};
    std::atomic<asyncselect_HWND> theirs{nullptr};
    Waiting other{[&] {
        const Mailbox window;
        theirs = window.get();
        for (int i = 0; i < rounds; ++i) {
            if (wait_or_message({one.get()}, asyncselect_MWMO_WAITALL) != 0) return failed;
            if (peek().message != user) return failed;
            answered.set();
        }
        return 0U;
    }};
    while (theirs == nullptr) std::this_thread::yield();
    for (int i = 0; i < rounds; ++i) {
        if (i % 2 == 0) one.set();
        post(theirs, user);
        if (i % 2 != 0) one.set();
        ASSERT_EQ(wait_one(answered), 0U) << "in round " << i;
    }
    EXPECT_EQ(other.result(), 0U);
}

}  // namespace
}  // namespace asyncselect::window::test
