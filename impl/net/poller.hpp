// One epoll instance for one message queue: the single place where a window's thread waits, for its sockets and for
// messages from other threads alike. It knows descriptors and readiness bits; it must know nothing of windows,
// messages, events of the page or handles: what a token means is the caller's affair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace asyncselect::net {

// What the kernel said of one descriptor: the token that it was added with, and epoll's bits as they came.
struct Readiness {
    std::uint64_t token;
    std::uint32_t events;
};

class Poller {
  public:
    // Opens the epoll instance and the eventfd that wakes it. `valid()` tells whether the system gave both
    // (it refuses when descriptors or memory run out).
    Poller() noexcept;
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    [[nodiscard]] bool valid() const noexcept { return epoll_ >= 0 && wake_ >= 0; }

    // Registers every interest of `descriptor`, edge-triggered, once and for good. Returns 0 or errno. Any thread.
    [[nodiscard]] int add(int descriptor, std::uint64_t token) noexcept;

    // Ends what `add` began. Any thread. A descriptor that was not added is ignored.
    void remove(int descriptor) noexcept;

    // Waits up to `milliseconds` (0: looks only; -1: without end) and returns how many entries of `out` were
    // filled. A call of `wake` ends the wait early and fills nothing by itself. One thread at a time.
    [[nodiscard]] std::size_t wait(std::span<Readiness> out, int milliseconds) noexcept;

    // Ends a wait that is going on, or the next one at once. Any thread.
    void wake() noexcept;

    // The epoll descriptor, readable when there is something to harvest or a wake-up: for foreign loops.
    [[nodiscard]] int descriptor() const noexcept { return epoll_; }

  private:
    int epoll_;
    int wake_;
};

}  // namespace asyncselect::net
