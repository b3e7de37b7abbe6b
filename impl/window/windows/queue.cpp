// Posting to user32's windows, and a timer of the system's that runs while somebody waits for room.
#include "impl/window/queue.hpp"

#include <windows.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <mutex>

#include "impl/window/immortal.hpp"
#include "impl/window/windows/pump.hpp"

namespace asyncselect::window {

namespace {

HWND to_hwnd(Handle window) noexcept { return reinterpret_cast<HWND>(window); }

class LastErrorKept {
  public:
    LastErrorKept() noexcept : code_{::GetLastError()} {}
    ~LastErrorKept() { ::SetLastError(code_); }
    LastErrorKept(const LastErrorKept&) = delete;
    LastErrorKept& operator=(const LastErrorKept&) = delete;

  private:
    DWORD code_;
};

struct Line {
    std::mutex mutex;
    std::deque<std::uint64_t> tokens;
    PTP_TIMER timer = nullptr;
    SocketHooks hooks;
};

Line& line() noexcept {
    static Immortal<Line> the_line;
    return *the_line;
}

Queue the_queue;

void ask_again_soon(PTP_TIMER timer) noexcept {
    constexpr std::int64_t ten_milliseconds = -100'000;  // in 100 ns, from now on
    FILETIME due{static_cast<DWORD>(ten_milliseconds & 0xffffffff), static_cast<DWORD>(ten_milliseconds >> 32)};
    ::SetThreadpoolTimer(timer, &due, 0, 0);
}

void CALLBACK serve(PTP_CALLBACK_INSTANCE, void*, PTP_TIMER timer) {
    auto& self = line();
    for (;;) {
        std::uint64_t token = 0;
        {
            const std::lock_guard lock{self.mutex};
            if (self.tokens.empty()) return;
            token = self.tokens.front();
        }
        // The first stays first until it has posted all.
        if (!self.hooks.room(the_queue, token)) return ask_again_soon(timer);
        const std::lock_guard lock{self.mutex};
        if (!self.tokens.empty() && self.tokens.front() == token) self.tokens.pop_front();
    }
}

}  // namespace

void set_socket_hooks(const SocketHooks& hooks) noexcept { line().hooks = hooks; }
const SocketHooks& socket_hooks() noexcept { return line().hooks; }

Post post_notification(Handle window, std::uint32_t number, std::uintptr_t w_param, std::intptr_t l_param) noexcept {
    const LastErrorKept kept;
    if (const auto came_to = pump::keep(to_hwnd(window), number, w_param, l_param)) return *came_to;
    if (::PostMessageW(to_hwnd(window), number, w_param, l_param) != 0) return Post::posted;
    return exists(window) ? Post::full : Post::no_window;
}

bool exists(Handle window) noexcept {
    const LastErrorKept kept;
    return ::IsWindow(to_hwnd(window)) != 0;
}

Queue* Queue::of_window(Handle window) noexcept { return exists(window) ? &the_queue : nullptr; }

Queue& Queue::the_one() noexcept { return the_queue; }

net::Poller& Queue::poller() noexcept { std::abort(); }  // nobody asks where can_harvest is false

void Queue::wait_for_room(std::uint64_t token) {
    auto& self = line();
    const std::lock_guard lock{self.mutex};
    if (self.timer == nullptr) self.timer = ::CreateThreadpoolTimer(serve, nullptr, nullptr);
    self.tokens.push_back(token);
    if (self.tokens.size() == 1 && self.timer != nullptr) ask_again_soon(self.timer);
}

void Queue::forget_waiting(std::uint64_t token) noexcept {
    auto& self = line();
    const std::lock_guard lock{self.mutex};
    std::erase(self.tokens, token);
}

}  // namespace asyncselect::window
