// Two locks: one is held by who leads while it looks and waits, the other by who posts, keeps or takes. The second is
// never held while the first is waited for.
#include "impl/window/windows/pump.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <new>
#include <span>

#include "impl/window/immortal.hpp"

namespace asyncselect::window {

namespace {

constexpr DWORD harvester = 0;  // no thread's id

// As many as user32's queue takes.
constexpr std::size_t limit = 10'000;

// How long a thread that leads may be away before the harvester takes over.
constexpr DWORD patience = 20;

class Lock {
  public:
    explicit Lock(SRWLOCK& lock) noexcept : lock_{lock} { ::AcquireSRWLockExclusive(&lock_); }
    ~Lock() { ::ReleaseSRWLockExclusive(&lock_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    SRWLOCK& lock_;
};

struct Message {
    HWND window;
    UINT number;
    WPARAM w_param;
    LPARAM l_param;
    DWORD time;
};

// What waits for the thread that leads, or led last.
struct Kept {
    SRWLOCK lock = SRWLOCK_INIT;
    std::atomic<DWORD> thread{0};  // whose windows these messages are for; changed with the lock
    // With the lock.
    bool keeps = false;        // else what comes goes to user32
    std::uint64_t posted = 0;  // how many of them did
    std::deque<Message> queue;
};

struct Lead {
    SRWLOCK lock = SRWLOCK_INIT;  // of who looks at the poller
    std::atomic<DWORD> leader{harvester};
    std::atomic<std::uint32_t> retrievals{0};
    std::atomic<bool> asked_for{false};  // by a thread that is to lead from now on
    std::atomic<bool> asleep{false};     // the harvester, until a thread that leads goes away
    HANDLE alarm = ::CreateEventW(nullptr, FALSE, FALSE, nullptr);
    HANDLE thread = nullptr;  // that leads, or led last; with the lock
    std::atomic<net::Poller*> poller{nullptr};
};

Kept& kept() noexcept {
    static Immortal<Kept> all;
    return *all;
}

Lead& lead() noexcept {
    static Immortal<Lead> the_lead;
    return *the_lead;
}

// Gives all to user32, in order. With the lock. Where it has no room the rest is kept, and what comes behind it.
void give_to_user32(Kept& all) noexcept {
    all.keeps = false;
    while (!all.queue.empty()) {
        const auto& first = all.queue.front();
        if (::PostMessageW(first.window, first.number, first.w_param, first.l_param) == 0 &&
            ::IsWindow(first.window) != 0)
            return;
        ++all.posted;
        all.queue.pop_front();
    }
}

bool take_kept(MSG& out) noexcept {
    auto& all = kept();
    const Lock lock{all.lock};
    if (all.thread.load() != ::GetCurrentThreadId()) return false;
    while (!all.queue.empty()) {
        const auto message = all.queue.front();
        all.queue.pop_front();
        if (::IsWindow(message.window) == 0) continue;
        out = {};
        out.hwnd = message.window;
        out.message = message.number;
        out.wParam = message.w_param;
        out.lParam = message.l_param;
        out.time = message.time;
        return true;
    }
    return false;
}

std::uint64_t posted_until_now() noexcept {
    auto& all = kept();
    const Lock lock{all.lock};
    return all.posted;
}

// user32 has no message left for this thread: if none was posted since, what comes is kept.
void begin_to_keep(std::uint64_t posted_before) noexcept {
    auto& all = kept();
    const Lock lock{all.lock};
    if (all.thread.load() == ::GetCurrentThreadId() && all.posted == posted_before) all.keeps = true;
}

std::int64_t microseconds_now() noexcept {
    static const std::int64_t frequency = [] {
        LARGE_INTEGER per_second{};
        ::QueryPerformanceFrequency(&per_second);
        return per_second.QuadPart;
    }();
    LARGE_INTEGER now{};
    ::QueryPerformanceCounter(&now);
    return now.QuadPart / (frequency / 1'000'000 > 0 ? frequency / 1'000'000 : 1);
}

// From here on this thread leads. With the lead's lock.
void begin_to_lead(Lead& self) noexcept {
    HANDLE thread = nullptr;
    ::DuplicateHandle(::GetCurrentProcess(), ::GetCurrentThread(), ::GetCurrentProcess(), &thread, 0, FALSE,
                      DUPLICATE_SAME_ACCESS);
    if (self.thread != nullptr) ::CloseHandle(self.thread);
    self.thread = thread;
    {
        auto& all = kept();
        const Lock lock{all.lock};
        give_to_user32(all);
        // A queue that is full keeps what is left, for windows of the thread before this one.
        if (!all.queue.empty()) return;
        all.thread = ::GetCurrentThreadId();
    }
    self.leader = ::GetCurrentThreadId();
    self.poller.load()->complete_by_event(true);
}

// With the lead's lock, on the harvester's thread.
void take_over(Lead& self) noexcept {
    auto& poller = *self.poller.load();
    self.leader = harvester;
    poller.complete_by_event(false);
    // What a thread has left under way that has ended completes on Windows, and under Wine it does not.
    if (self.thread != nullptr && ::WaitForSingleObject(self.thread, 0) == WAIT_OBJECT_0) poller.forget_by_event();
    auto& all = kept();
    const Lock lock{all.lock};
    give_to_user32(all);
}

// The lead's lock, for a thread that retrieves: false where another one leads.
bool enter(Lead& self, bool& anew) noexcept {
    const auto own = ::GetCurrentThreadId();
    anew = false;
    if (self.leader.load() == own) {
        ::AcquireSRWLockExclusive(&self.lock);
        if (self.leader.load() == own) return true;
        ::ReleaseSRWLockExclusive(&self.lock);
    }
    if (self.leader.load() != harvester) return false;
    self.asked_for = true;
    self.poller.load()->wake();
    ::AcquireSRWLockExclusive(&self.lock);
    self.asked_for = false;
    if (self.leader.load() == harvester) begin_to_lead(self);
    anew = self.leader.load() == own;
    ::ReleaseSRWLockExclusive(&self.lock);
    return false;
}

void leave(Lead& self) noexcept {
    ::ReleaseSRWLockExclusive(&self.lock);
    if (self.asleep.load() && self.asleep.exchange(false)) ::SetEvent(self.alarm);
}

// While this thread leads: looks once, and waits if there is nothing. Whether user32 is to be looked at.
bool look_and_wait(Lead& self, DWORD milliseconds) noexcept {
    auto& poller = *self.poller.load();
    std::array<net::Readiness, 64> reports;
    int due = -1;
    const auto count = poller.look(reports, due);
    if (count != 0) {
        socket_hooks().ready(Queue::the_one(), std::span{reports}.first(count));
        return false;
    }
    if (due == 0) return false;
    const auto time = due < 0 ? milliseconds : std::min(milliseconds, static_cast<DWORD>(due));
    HANDLE const event = poller.event();
    const auto came = ::MsgWaitForMultipleObjectsEx(1, &event, time, QS_ALLINPUT, MWMO_INPUTAVAILABLE);
    if (came == WAIT_TIMEOUT && due > 0) poller.time_is_over();
    return came != WAIT_OBJECT_0;
}

}  // namespace

namespace pump {

std::optional<Post> keep(HWND window, UINT number, WPARAM w_param, LPARAM l_param) noexcept {
    auto& all = kept();
    const auto thread = all.thread.load();
    if (thread == 0 || ::GetWindowThreadProcessId(window, nullptr) != thread) return std::nullopt;
    const bool by_itself = thread == ::GetCurrentThreadId();
    {
        const Lock lock{all.lock};
        if (all.thread.load() != thread) return std::nullopt;
        if (!all.keeps && all.queue.empty()) {
            // With the lock, so that what is kept later comes later.
            if (::PostMessageW(window, number, w_param, l_param) == 0)
                return ::IsWindow(window) != 0 ? Post::full : Post::no_window;
            ++all.posted;
            return Post::posted;
        }
        if (all.queue.size() >= limit) return Post::full;
        try {
            all.queue.push_back({window, number, w_param, l_param, ::GetTickCount()});
        } catch (const std::bad_alloc&) {
            return Post::full;
        }
    }
    if (!by_itself) lead().poller.load()->wake();
    return Post::posted;
}

Retrieved retrieve(MSG& out, bool wide, DWORD milliseconds) noexcept {
    constexpr std::int64_t at_most = 4000;  // user32 is looked at as often, in microseconds
    auto& self = lead();
    if (self.poller.load() == nullptr) return Retrieved::elsewhere;
    thread_local std::int64_t looked_at = 0;
    const auto begin = ::GetTickCount64();
    bool look = self.leader.load() != ::GetCurrentThreadId() || microseconds_now() - looked_at > at_most;
    for (bool last = false;;) {
        // Of another thread's retrievals nobody learns whether the one that leads is still there.
        if (self.leader.load() == ::GetCurrentThreadId()) ++self.retrievals;
        if (look) {
            const auto before = posted_until_now();
            const auto peek = wide ? ::PeekMessageW : ::PeekMessageA;
            if (peek(&out, nullptr, 0, 0, PM_REMOVE) != 0) return Retrieved::message;
            begin_to_keep(before);
            looked_at = microseconds_now();
        }
        if (take_kept(out)) return Retrieved::message;
        if (last) return Retrieved::nothing;
        bool anew = false;
        if (!enter(self, anew)) {
            if (!anew) return Retrieved::elsewhere;
            look = true;
            continue;
        }
        DWORD left = INFINITE;
        if (milliseconds != INFINITE) {
            const auto spent = ::GetTickCount64() - begin;
            left = spent < milliseconds ? milliseconds - static_cast<DWORD>(spent) : 0;
            last = left == 0;
        }
        look = look_and_wait(self, left);
        leave(self);
    }
}

void give_away() noexcept {
    auto& all = kept();
    if (all.thread.load() != ::GetCurrentThreadId()) return;
    const Lock lock{all.lock};
    give_to_user32(all);
}

}  // namespace pump

std::size_t wait_for_sockets(net::Poller& poller, std::span<net::Readiness> out) noexcept {
    auto& self = lead();
    self.poller = &poller;
    if (self.asked_for.load()) {
        // A thread is about to lead.
        ::WaitForSingleObject(self.alarm, 1);
        return 0;
    }
    if (self.leader.load() == harvester) {
        const Lock lock{self.lock};
        if (self.leader.load() != harvester) return 0;
        int milliseconds = -1;
        {
            auto& all = kept();
            const Lock also{all.lock};
            give_to_user32(all);
            constexpr int soon = 10;
            if (!all.queue.empty()) milliseconds = soon;
        }
        return poller.wait(out, milliseconds);
    }
    const auto seen = self.retrievals.load();
    if (::TryAcquireSRWLockExclusive(&self.lock) == 0) {
        // It waits. Looked at once more after this is said, since it may just have gone away.
        self.asleep = true;
        if (::TryAcquireSRWLockExclusive(&self.lock) == 0) {
            ::WaitForSingleObject(self.alarm, INFINITE);
            self.asleep = false;
            return 0;
        }
        self.asleep = false;
    }
    ::ReleaseSRWLockExclusive(&self.lock);
    ::WaitForSingleObject(self.alarm, patience);
    if (self.retrievals.load() != seen || ::TryAcquireSRWLockExclusive(&self.lock) == 0) return 0;
    if (self.retrievals.load() == seen && self.leader.load() != harvester) take_over(self);
    ::ReleaseSRWLockExclusive(&self.lock);
    return 0;
}

void end_wait_for_sockets(net::Poller& poller) noexcept {
    poller.wake();
    ::SetEvent(lead().alarm);
}

}  // namespace asyncselect::window
