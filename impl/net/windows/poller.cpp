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
        void* port;
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

Poller::Poller() noexcept : port_{::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1)}, afd_{afd::open()} {
    if (port_ == nullptr || afd_ == nullptr || ::CreateIoCompletionPort(afd_, port_, of_afd, 1) != port_) return;
    requests_.reset(new (std::nothrow) poll_requests::Requests{afd_});
    if (requests_ != nullptr && !requests_->valid()) requests_.reset();
}

Poller::~Poller() {
    {
        auto& subscribed = subscriptions();
        const std::lock_guard lock{subscribed.mutex};
        std::erase_if(subscribed.all, [this](const auto& one) { return one.port == port_; });
    }
    if (requests_ != nullptr) ::CancelIoEx(afd_, nullptr);
    // They write to memory until they have completed.
    constexpr int a_second = 1000;
    while (requests_ != nullptr && requests_->under_way() && look_at_port(a_second)) {
    }
    if (requests_ != nullptr && requests_->under_way()) static_cast<void>(requests_.release());
    if (afd_ != nullptr) ::CloseHandle(afd_);
    if (port_ != nullptr) ::CloseHandle(port_);
}

int Poller::add(int descriptor, std::uint64_t token) noexcept {
    return poll_requests::begin(*this, descriptor, token) ? 0 : ERROR_NO_SYSTEM_RESOURCES;
}

void Poller::remove(int descriptor) noexcept { poll_requests::end(*this, descriptor); }

std::size_t Poller::wait(std::span<Readiness> out, int milliseconds) noexcept {
    constexpr int at_most = 4;
    const int due = requests_->attend();
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
    for (const auto& entry : std::span{entries}.first(count)) {
        if (entry.lpCompletionKey == of_afd) requests_->completed(entry.lpOverlapped);
        if (entry.lpCompletionKey == of_news) requests_->tell(reinterpret_cast<std::uintptr_t>(entry.lpOverlapped));
    }
    return true;
}

void Poller::wake() noexcept { ::PostQueuedCompletionStatus(port_, 0, wake_up, nullptr); }

void Poller::subscribe(std::uint64_t token) noexcept {
    auto& subscribed = subscriptions();
    const std::lock_guard lock{subscribed.mutex};
    const Subscriptions::One own{port_, token};
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
    for (const auto& [port, token] : subscribed.all)
        ::PostQueuedCompletionStatus(port, 0, of_news, reinterpret_cast<OVERLAPPED*>(token));
}

}  // namespace asyncselect::net
