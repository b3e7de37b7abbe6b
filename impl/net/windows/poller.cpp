// The completion port. What completes on it was asked for in poll_requests.cpp.
#include "impl/net/poller.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <vector>

#include "impl/net/windows/afd.hpp"
#include "impl/net/windows/poll_requests.hpp"

namespace asyncselect::net {

namespace {
constexpr ULONG_PTR of_afd = 1;
constexpr ULONG_PTR wake_up = 2;
constexpr ULONG_PTR of_news = 3;
constexpr std::size_t batch = 64;

// Those who are told of what concerns no socket.
struct Subscriptions {
    struct One {
        Poller* poller;
        std::uint64_t token;

        friend bool operator==(const One&, const One&) = default;
    };
    std::mutex mutex;
    std::vector<One> all;
};

Subscriptions& subscriptions() noexcept {
    static auto& the_subscriptions = *new Subscriptions;  // the process can end while a thread of the system's tells
    return the_subscriptions;
}

}  // namespace

Poller::Poller() noexcept
    : port_{::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1)},
      afd_{afd::open()},
      event_{::CreateEventW(nullptr, FALSE, FALSE, nullptr)} {
    if (port_ == nullptr || afd_ == nullptr || event_ == nullptr) return;
    if (::CreateIoCompletionPort(afd_, port_, of_afd, 1) != port_) return;
    requests_.reset(new (std::nothrow) poll_requests::Requests{afd_});
    if (requests_ != nullptr && !requests_->valid()) requests_.reset();
}

Poller::~Poller() {
    {
        auto& subscribed = subscriptions();
        const std::lock_guard lock{subscribed.mutex};
        std::erase_if(subscribed.all, [this](const auto& one) { return one.poller == this; });
    }
    if (requests_ != nullptr) complete_by_event(false);
    if (requests_ != nullptr) ::CancelIoEx(afd_, nullptr);
    // They write to memory until they have completed.
    constexpr int a_second = 1000;
    while (requests_ != nullptr && requests_->under_way() && look_at_port(a_second)) {
    }
    if (requests_ != nullptr && requests_->under_way()) static_cast<void>(requests_.release());
    if (afd_ != nullptr) ::CloseHandle(afd_);
    if (port_ != nullptr) ::CloseHandle(port_);
    if (event_ != nullptr) ::CloseHandle(event_);
}

int Poller::add(int descriptor, std::uint64_t token) noexcept {
    return poll_requests::begin(*this, descriptor, token) ? 0 : ERROR_NO_SYSTEM_RESOURCES;
}

void Poller::remove(int descriptor) noexcept { poll_requests::end(*this, descriptor); }

std::size_t Poller::wait(std::span<Readiness> out, int milliseconds) noexcept {
    constexpr int at_most = 4;
    requests_->collect();
    int due = requests_->attend();
    // What a thread has left behind that waited for the event, and could not be cancelled at once.
    constexpr int a_while = 10;
    if (requests_->some_by_event() && (due < 0 || due > a_while)) due = a_while;
    // Looking at the port costs as much as a request.
    if (passed_by_ < at_most) {
        if (const auto filled = requests_->take(out); filled != 0) {
            ++passed_by_;
            return filled;
        }
    } else if (requests_->has_news()) {
        milliseconds = 0;
    }
    passed_by_ = 0;
    const bool by_time = due >= 0 && (milliseconds < 0 || due < milliseconds);
    if (!look_at_port(by_time ? due : milliseconds) && by_time && due > 0) requests_->time_is_over();
    return requests_->take(out);
}

// Whether something was there in time.
bool Poller::look_at_port(int milliseconds) noexcept {
    std::array<OVERLAPPED_ENTRY, batch> entries;
    ULONG count = 0;
    const auto time = milliseconds < 0 ? INFINITE : static_cast<DWORD>(milliseconds);
    if (::GetQueuedCompletionStatusEx(port_, entries.data(), batch, &count, time, FALSE) == 0) return false;
    // Wake-ups that nobody needed wait there too, and there may be more behind them.
    if (count == batch) woken_ = true;
    for (const auto& entry : std::span{entries}.first(count)) {
        if (entry.lpCompletionKey == of_afd) requests_->completed(entry.lpOverlapped);
        if (entry.lpCompletionKey == of_news) requests_->tell(reinterpret_cast<std::uintptr_t>(entry.lpOverlapped));
    }
    return true;
}

void Poller::wake() noexcept {
    const auto waits = by_event_of_.load();
    if (waits == 0) {
        ::PostQueuedCompletionStatus(port_, 0, wake_up, nullptr);
    } else if (waits != ::GetCurrentThreadId()) {
        woken_ = true;
        ::SetEvent(event_);
    }
}

void Poller::complete_by_event(bool by_event) noexcept {
    constexpr int a_moment = 10;
    constexpr int at_most = 10;
    by_event_of_ = by_event ? ::GetCurrentThreadId() : 0;
    if (!requests_->complete_by(by_event ? event_ : nullptr)) return;
    if (by_event)
        ::CancelIoEx(afd_, nullptr);
    else
        requests_->cancel_by_event();
    for (int turn = 0; turn < at_most; ++turn) {
        if (by_event ? !requests_->some_by_port() : !requests_->some_by_event()) break;
        if (by_event) {
            static_cast<void>(look_at_port(a_moment));
        } else {
            ::WaitForSingleObject(event_, a_moment);
            requests_->collect();
        }
    }
    woken_ = true;
}

std::size_t Poller::look(std::span<Readiness> out, int& milliseconds) noexcept {
    milliseconds = 0;
    if (woken_.exchange(false) || requests_->some_by_port()) static_cast<void>(look_at_port(0));
    requests_->collect();
    // Who was told asks for more before it waits: then more of them come together in a request.
    if (!requests_->has_news()) {
        constexpr int a_while = 10;
        milliseconds = requests_->attend();
        requests_->collect();
        if (requests_->some_by_port() && (milliseconds < 0 || milliseconds > a_while)) milliseconds = a_while;
        if (requests_->wants_more() || woken_.load()) milliseconds = 0;
    }
    return requests_->take(out);
}

void Poller::forget_by_event() noexcept { requests_->forget_by_event(); }

void Poller::time_is_over() noexcept { requests_->time_is_over(); }

void Poller::subscribe(std::uint64_t token) noexcept {
    auto& subscribed = subscriptions();
    const std::lock_guard lock{subscribed.mutex};
    const Subscriptions::One own{this, token};
    if (std::ranges::find(subscribed.all, own) != subscribed.all.end()) return;
    try {
        subscribed.all.push_back(own);
    } catch (const std::bad_alloc&) {
        // What it would be told is seen when somebody else is, or asks.
    }
}

void Poller::tell_subscribers() noexcept {
    auto& subscribed = subscriptions();
    const std::lock_guard lock{subscribed.mutex};
    for (const auto& [poller, token] : subscribed.all) {
        ::PostQueuedCompletionStatus(poller->port_, 0, of_news, reinterpret_cast<OVERLAPPED*>(token));
        if (poller->by_event_of_.load() == 0) continue;
        // Also where the thread that waits has called this.
        poller->woken_ = true;
        poller->wake();
    }
}

}  // namespace asyncselect::net
