// An epoll instance of its own around the poller's, so that who waits with the poller does not hear the bell.
#include "impl/net/bell.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace asyncselect::net {

Bell::Bell(const Poller& poller) noexcept
    : all_{epoll_create1(EPOLL_CLOEXEC)},
      bell_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      clock_{timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)},
      valid_{all_ >= 0 && add(poller.descriptor()) && add(bell_) && add(clock_)} {}

Bell::~Bell() {
    for (const int descriptor : {clock_, bell_, all_}) {
        if (descriptor >= 0) close(descriptor);
    }
}

bool Bell::add(int descriptor) const noexcept {
    epoll_event interest{};
    interest.events = EPOLLIN;
    return descriptor >= 0 && epoll_ctl(all_, EPOLL_CTL_ADD, descriptor, &interest) == 0;
}

void Bell::ring() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(bell_, &one, sizeof one);
}

void Bell::silence() noexcept {
    std::uint64_t rings = 0;
    [[maybe_unused]] const auto taken = read(bell_, &rings, sizeof rings);
}

void Bell::ring_at(std::uint64_t milliseconds) noexcept {
    itimerspec moment{};
    moment.it_value.tv_sec = static_cast<time_t>(milliseconds / 1000);
    moment.it_value.tv_nsec = static_cast<long>(milliseconds % 1000 * 1'000'000);
    timerfd_settime(clock_, TFD_TIMER_ABSTIME, &moment, nullptr);
}

}  // namespace asyncselect::net
