// Before the header of this name in impl/net/ on the include path of the library for Windows: one I/O completion port,
// through which poll requests to AFD complete. Sockets are told of as edge-triggered ones are (poll_requests.hpp tells
// how). It must know nothing of windows, messages, events of the page or handles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace asyncselect::net {

// What AFD said of one socket: the token that it was added with, and the bits of afd.hpp as they came.
struct Readiness {
    std::uint64_t token;
    std::uint32_t events;
};

class Poller {
  public:
    // `valid()` tells whether the system gave the port and the way to AFD.
    Poller() noexcept;
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    [[nodiscard]] bool valid() const noexcept { return port_ != nullptr && afd_ != nullptr; }

    // Begins to watch the socket. Returns 0, or a number that says that the system refused. Any thread.
    [[nodiscard]] int add(int descriptor, std::uint64_t token) noexcept;

    // Ends what `add` began. Any thread. A socket that was not added is ignored.
    void remove(int descriptor) noexcept;

    // Waits up to `milliseconds` (0: looks only; -1: without end) and returns how many entries of `out` were filled. A
    // call of `wake` ends the wait early and fills nothing by itself. One thread at a time.
    [[nodiscard]] std::size_t wait(std::span<Readiness> out, int milliseconds) noexcept;

    // Ends a wait that is going on, or the next one at once. Any thread.
    void wake() noexcept;

    // HANDLEs: the port, and the way to AFD.
    [[nodiscard]] void* port() const noexcept { return port_; }
    [[nodiscard]] void* afd() const noexcept { return afd_; }

  private:
    void* port_;
    void* afd_;
};

}  // namespace asyncselect::net
