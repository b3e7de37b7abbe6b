// poll looks, and waits as long as only what is waited for can end it. It also ends for every descriptor that is hung
// up (a stream that was never connected is), so where there is one an edge-triggered epoll instance waits.
#include "impl/net/several.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <vector>

namespace asyncselect::net {

namespace {

constexpr short every_condition = POLLIN | POLLOUT | POLLPRI | POLLRDHUP;

short interest_of(const Watched& one) noexcept {
    return static_cast<short>((one.readable ? POLLIN | POLLRDHUP : 0) | (one.writable ? POLLOUT : 0) |
                              (one.urgent ? POLLPRI : 0));
}

// Whether poll would end at once though nothing has changed.
bool ends_poll(const Watched& one) noexcept {
    return one.now.broken || one.now.hung_up || (one.readable && (one.now.readable || one.now.end)) ||
           (one.writable && one.now.writable) || (one.urgent && one.now.urgent);
}

// Interrupted by a signal: the caller looks again.
core::Error outcome(int returned) noexcept {
    return returned >= 0 || errno == EINTR ? core::error::none : core::error::no_buffers;
}

core::Error await_with_poll(std::span<const Watched> watched, int milliseconds) {
    std::vector<pollfd> asked;
    asked.reserve(watched.size());
    for (const auto& one : watched) asked.push_back({one.descriptor, interest_of(one), 0});
    return outcome(poll(asked.data(), asked.size(), milliseconds));
}

// Tells of each change of the descriptors that it watches, once.
class Edges {
  public:
    explicit Edges(std::span<const Watched> watched) noexcept : epoll_{epoll_create1(EPOLL_CLOEXEC)} {
        for (const auto& one : watched) {
            epoll_event interest{};
            interest.events = static_cast<std::uint32_t>(every_condition) | EPOLLET;
            valid_ = epoll_ctl(epoll_, EPOLL_CTL_ADD, one.descriptor, &interest) == 0 && valid_;
        }
    }
    ~Edges() {
        if (epoll_ >= 0) close(epoll_);
    }
    Edges(const Edges&) = delete;
    Edges& operator=(const Edges&) = delete;

    [[nodiscard]] bool valid() const noexcept { return epoll_ >= 0 && valid_; }

    // What holds already is told too, for having been added.
    void forget() noexcept {
        std::array<epoll_event, 64> reports;
        while (epoll_wait(epoll_, reports.data(), static_cast<int>(reports.size()), 0) > 0) {
        }
    }

    core::Error wait(int milliseconds) noexcept {
        epoll_event report{};
        return outcome(epoll_wait(epoll_, &report, 1, milliseconds));
    }

  private:
    int epoll_;
    bool valid_ = true;
};

core::Error await_with_epoll(std::span<const Watched> watched, int milliseconds) {
    Edges edges{watched};
    if (!edges.valid()) return core::error::no_buffers;
    edges.forget();
    // A change that was forgotten with the rest shows now.
    std::vector<Watched> again{watched.begin(), watched.end()};
    if (const auto error = look(again); error != core::error::none) return error;
    const auto same = [](const Watched& one, const Watched& other) { return one.now == other.now; };
    if (!std::ranges::equal(again, watched, same)) return core::error::none;
    return edges.wait(milliseconds);
}

}  // namespace

core::Error look(std::span<Watched> watched) noexcept {
    try {
        std::vector<pollfd> asked;
        asked.reserve(watched.size());
        for (const auto& one : watched) asked.push_back({one.descriptor, every_condition, 0});
        while (poll(asked.data(), asked.size(), 0) < 0)
            if (errno != EINTR) return core::error::no_buffers;
        for (std::size_t i = 0; i < watched.size(); ++i)
            watched[i].now = Linux::conditions(static_cast<std::uint16_t>(asked[i].revents));
        return core::error::none;
    } catch (const std::bad_alloc&) {
        return core::error::no_buffers;
    }
}

core::Error await_any(std::span<const Watched> watched, int milliseconds) noexcept {
    try {
        for (const auto& one : watched)
            if (ends_poll(one)) return await_with_epoll(watched, milliseconds);
        return await_with_poll(watched, milliseconds);
    } catch (const std::bad_alloc&) {
        return core::error::no_buffers;
    }
}

}  // namespace asyncselect::net
