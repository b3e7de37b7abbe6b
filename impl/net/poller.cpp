// The epoll instance of one message queue. Linux only; errno and epoll's constants stay in this folder.
#include "impl/net/poller.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

namespace asyncselect::net {

namespace {
// No socket bears this token: handles stay below 2^31.
constexpr std::uint64_t wake_token = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t batch = 64;
}  // namespace

Poller::Poller() noexcept : epoll_{epoll_create1(EPOLL_CLOEXEC)}, wake_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (!valid()) return;
    epoll_event interest{};
    // Edge-triggered: the counter is never read, each write is a new edge. That saves a read for each wake-up.
    interest.events = EPOLLIN | EPOLLET;
    interest.data.u64 = wake_token;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &interest) != 0) {
        close(wake_);
        wake_ = -1;
    }
}

Poller::~Poller() {
    if (wake_ >= 0) close(wake_);
    if (epoll_ >= 0) close(epoll_);
}

int Poller::add(int descriptor, std::uint64_t token) noexcept {
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
    interest.data.u64 = token;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &interest) == 0) return 0;
    return errno;
}

void Poller::remove(int descriptor) noexcept {
    epoll_event unused{};
    epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, &unused);
}

std::size_t Poller::wait(std::span<Readiness> out, int milliseconds) noexcept {
    std::array<epoll_event, batch> events;
    const int room = static_cast<int>(std::min(out.size(), events.size()));
    const int count = epoll_wait(epoll_, events.data(), room, milliseconds);
    std::size_t filled = 0;
    for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == wake_token) continue;
        out[filled++] = Readiness{event.data.u64, event.events};
    }
    return filled;
}

void Poller::wake() noexcept {
    const std::uint64_t one = 1;
    // The counter can only refuse at 2^64 - 1 wake-ups; a reader that saw it readable then is awake already.
    [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

}  // namespace asyncselect::net
