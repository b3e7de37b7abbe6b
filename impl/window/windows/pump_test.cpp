// Tests of the pump that need no socket: reports are those of a subscription. A thread stands for the library's
// harvester, as there is one for the whole process. They must not know how the pump keeps messages.
#include "impl/window/windows/pump.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace asyncselect::window {

namespace {

constexpr UINT number = WM_USER + 7;
constexpr std::uint64_t token = 1;
constexpr DWORD long_enough = 5000;

HWND told_window = nullptr;
std::atomic<DWORD> told_on{0};  // the thread

Handle handle_of(HWND window) { return reinterpret_cast<Handle>(window); }

Post post(HWND window, WPARAM value) { return post_notification(handle_of(window), number, value, 0); }

void ready(Queue&, std::span<const net::Readiness> reports) noexcept {
    told_on = ::GetCurrentThreadId();
    for (const auto& report : reports) static_cast<void>(post(told_window, static_cast<WPARAM>(report.token)));
}

class Harvester {
  public:
    Harvester() {
        set_socket_hooks({ready, nullptr});
        poller_.subscribe(token);
        thread_ = std::thread{[this] {
            std::array<net::Readiness, 8> reports{};
            for (id_ = ::GetCurrentThreadId(); !ends_.load();) {
                const auto count = wait_for_sockets(poller_, reports);
                if (count != 0) ready(Queue::the_one(), std::span{reports}.first(count));
            }
        }};
        while (id_.load() == 0) std::this_thread::yield();
    }
    ~Harvester() {
        ends_ = true;
        end_wait_for_sockets(poller_);
        thread_.join();
    }
    Harvester(const Harvester&) = delete;
    Harvester& operator=(const Harvester&) = delete;
    [[nodiscard]] DWORD id() const { return id_.load(); }

  private:
    net::Poller poller_;
    std::atomic<bool> ends_{false};
    std::atomic<DWORD> id_{0};
    std::thread thread_;
};

Harvester& harvester() {
    static Harvester the_harvester;
    return the_harvester;
}

HWND make_window() {
    return ::CreateWindowW(L"STATIC", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, nullptr, ::GetModuleHandleW(nullptr), nullptr);
}

// On a busy machine this thread may be away for longer than the pump waits for it, but not each time.
template <class Attempt>
bool at_last(Attempt attempt) {
    constexpr int attempts = 100;
    for (int count = 0; count < attempts; ++count)
        if (attempt()) return true;
    return false;
}

class Pump : public testing::Test {
  protected:
    Pump() : window{make_window()} {
        harvester();
        told_window = window;
        // Whatever the test before has left, and this thread leads from here on: not before the harvester has begun to
        // wait, and the thread that led last was away for a while.
        MSG message;
        while (pump::retrieve(message, true, 0) != pump::Retrieved::nothing) std::this_thread::yield();
    }
    ~Pump() override { ::DestroyWindow(window); }

    // The next of ours: those for the window only. 0: none came.
    WPARAM next(DWORD milliseconds) {
        MSG message;
        while (pump::retrieve(message, true, milliseconds) == pump::Retrieved::message)
            if (message.hwnd == window && message.message == number) return message.wParam;
        return 0;
    }
    std::vector<WPARAM> next_of(std::size_t count) {
        std::vector<WPARAM> found;
        while (found.size() < count) found.push_back(next(long_enough));
        EXPECT_EQ(next(0), 0U);
        return found;
    }

    HWND window;
};

TEST_F(Pump, TheThreadThatRetrievesIsHandedReportsWithoutUser32) {
    EXPECT_TRUE(at_last([this] {
        net::Poller::tell_subscribers();
        EXPECT_EQ(next(long_enough), token);
        return told_on.load() == ::GetCurrentThreadId();
    }));
    EXPECT_TRUE(at_last([this] {
        // What user32 has is first; then it is seen to have nothing.
        EXPECT_EQ(next(0), 0U);
        EXPECT_EQ(post(window, 2), Post::posted);
        MSG message;
        const bool has_it = ::PeekMessageW(&message, nullptr, number, number, PM_NOREMOVE) != 0;
        EXPECT_EQ(next(long_enough), 2U);
        return !has_it;
    }));
}

TEST_F(Pump, WaitsUntilAnotherThreadPosts) {
    std::thread poster{[this] {
        ::Sleep(50);
        static_cast<void>(post(window, 3));
    }};
    EXPECT_EQ(next(long_enough), 3U);
    poster.join();
    EXPECT_EQ(next(1), 0U);
}

// Many times, since it matters when user32 was looked at last.
TEST_F(Pump, MessagesKeepTheirOrderAcrossBothQueues) {
    constexpr int times = 50;
    for (int time = 0; time < times; ++time) {
        ASSERT_EQ(next(0), 0U);
        ASSERT_EQ(post(window, 1), Post::posted);
        ASSERT_EQ(post(window, 2), Post::posted);
        pump::give_away();
        ASSERT_EQ(post(window, 3), Post::posted);
        std::thread{[this] { EXPECT_EQ(post(window, 4), Post::posted); }}.join();
        ASSERT_EQ(next_of(4), (std::vector<WPARAM>{1, 2, 3, 4}));
    }
}

// The control of the one above: what goes past the pump is seen to come out of order.
TEST_F(Pump, WhatGoesPastItIsOutOfOrder) {
    ASSERT_EQ(post(window, 1), Post::posted);
    ASSERT_NE(::PostMessageW(window, number, 2, 0), 0);
    ASSERT_EQ(post(window, 3), Post::posted);
    EXPECT_NE(next_of(3), (std::vector<WPARAM>{1, 2, 3}));
}

TEST_F(Pump, WhoDoesNotRetrieveIsPostedTo) {
    net::Poller::tell_subscribers();
    MSG message;
    ASSERT_EQ(::MsgWaitForMultipleObjects(0, nullptr, FALSE, long_enough, QS_POSTMESSAGE), WAIT_OBJECT_0);
    ASSERT_NE(::PeekMessageW(&message, window, number, number, PM_REMOVE), 0);
    EXPECT_EQ(message.wParam, token);
    EXPECT_EQ(told_on.load(), harvester().id());
    // And is handed reports again as soon as it does.
    EXPECT_TRUE(at_last([this] {
        EXPECT_EQ(next(0), 0U);
        net::Poller::tell_subscribers();
        EXPECT_EQ(next(long_enough), token);
        return told_on.load() == ::GetCurrentThreadId();
    }));
}

TEST_F(Pump, OneThreadAtATimeLeads) {
    auto came_to = pump::Retrieved::message;
    std::thread{[&came_to] {
        MSG message;
        came_to = pump::retrieve(message, true, 0);
    }}.join();
    EXPECT_EQ(came_to, pump::Retrieved::elsewhere);
}

// A notification waits at any moment, and user32 is looked at all the same.
TEST_F(Pump, TimersAreServedBesideNotifications) {
    ASSERT_NE(::SetTimer(window, 1, 10, nullptr), 0U);
    const auto begin = ::GetTickCount64();
    bool came = false;
    while (!came && ::GetTickCount64() - begin < long_enough) {
        ASSERT_EQ(post(window, 1), Post::posted);
        MSG message;
        ASSERT_EQ(pump::retrieve(message, true, 0), pump::Retrieved::message);
        came = message.message == WM_TIMER;
    }
    EXPECT_TRUE(came);
}

TEST_F(Pump, TakesAsManyAsUser32AndSaysSo) {
    constexpr WPARAM as_many = 10'000;
    for (WPARAM value = 1; value <= as_many; ++value) ASSERT_EQ(post(window, value), Post::posted);
    EXPECT_EQ(post(window, as_many + 1), Post::full);
    EXPECT_EQ(next_of(as_many).back(), as_many);
}

// user32's PostMessage, as this program has imported it.
using PostFunction = BOOL(WINAPI*)(HWND, UINT, WPARAM, LPARAM);
extern "C" PostFunction imported_post asm("__imp_PostMessageW");

// While it lives PostMessage refuses, as where a queue is full. Wine's own never does.
class Refusal {
  public:
    Refusal() : post_{imported_post} {
        put([](HWND, UINT, WPARAM, LPARAM) -> BOOL {
            ::SetLastError(ERROR_NOT_ENOUGH_QUOTA);
            return FALSE;
        });
    }
    ~Refusal() { put(post_); }
    Refusal(const Refusal&) = delete;
    Refusal& operator=(const Refusal&) = delete;

  private:
    static void put(PostFunction post) {
        DWORD before = 0;
        ASSERT_NE(::VirtualProtect(&imported_post, sizeof imported_post, PAGE_READWRITE, &before), 0);
        imported_post = post;
        ::VirtualProtect(&imported_post, sizeof imported_post, before, &before);
    }

    PostFunction post_;
};

std::atomic<int> asked_for_room{0};
HWND window_without_room = nullptr;

bool room(Queue&, std::uint64_t waiting) noexcept {
    ++asked_for_room;
    return post(window_without_room, static_cast<WPARAM>(waiting)) != Post::full;
}

// what is due stays due, is tried again, and comes once. The window is one of a thread that user32 serves.
TEST_F(Pump, WhatPostMessageRefusesIsPostedOnceThereIsRoom) {
    std::atomic<HWND> served{nullptr};
    std::vector<WPARAM> came;
    std::atomic<std::size_t> count{0};
    std::thread owner{[&] {
        const auto own = make_window();
        served = own;
        MSG message;
        while (::GetMessageW(&message, nullptr, 0, 0) > 0)
            if (message.hwnd == own && message.message == number) {
                came.push_back(message.wParam);
                ++count;
            }
    }};
    while (served.load() == nullptr) std::this_thread::yield();
    window_without_room = served.load();
    set_socket_hooks({ready, room});
    {
        const Refusal refusal;
        ::SetLastError(7);
        EXPECT_EQ(post(window_without_room, 8), Post::full);
        EXPECT_EQ(::GetLastError(), 7U) << "R-27";
        Queue::the_one().wait_for_room(9);
        Queue::the_one().wait_for_room(10);
        for (asked_for_room = 0; asked_for_room.load() < 3;) std::this_thread::yield();
    }
    while (count.load() < 2) std::this_thread::yield();
    while (::PostThreadMessageW(::GetWindowThreadProcessId(window_without_room, nullptr), WM_QUIT, 0, 0) == 0)
        std::this_thread::yield();
    owner.join();
    EXPECT_EQ(came, (std::vector<WPARAM>{9, 10}));
    set_socket_hooks({ready, nullptr});
}

TEST_F(Pump, WhatIsForAWindowThatIsGoneIsNotRetrieved) {
    HWND const other = make_window();
    ASSERT_EQ(post(other, 5), Post::posted);
    ASSERT_EQ(post(window, 6), Post::posted);
    ::DestroyWindow(other);
    MSG message;
    ASSERT_EQ(pump::retrieve(message, true, 0), pump::Retrieved::message);
    EXPECT_EQ(message.wParam, 6U);
    EXPECT_EQ(post(other, 7), Post::no_window);
}

}  // namespace

}  // namespace asyncselect::window
