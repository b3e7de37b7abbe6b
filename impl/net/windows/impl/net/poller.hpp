// Before the header of this name in impl/net/ on the include path of the library for Windows: one I/O completion port,
// through which poll requests to AFD complete. Sockets are told of as edge-triggered ones are (poll_requests.hpp tells
// how). It must know nothing of windows, messages, events of the page or handles.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace asyncselect::net {

namespace poll_requests {
class Requests;
}

// What AFD said of one socket: the token that it was added with, the bits of afd.hpp as they came, and by what number
// one can know whether they hold still (poll_requests.hpp).
struct Readiness {
    std::uint64_t token;
    std::uint32_t events;
    std::uint64_t number;
};

class Poller {
  public:
    // `valid()` tells whether the system gave the port, the way to AFD and memory.
    Poller() noexcept;
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    [[nodiscard]] bool valid() const noexcept { return requests_ != nullptr; }

    // Begins to watch the socket. Returns 0, or a number that says that the system refused. Any thread.
    [[nodiscard]] int add(int descriptor, std::uint64_t token) noexcept;

    // Ends what `add` began. Any thread. A socket that was not added is ignored.
    void remove(int descriptor) noexcept;

    // Waits up to `milliseconds` (0: looks only; -1: without end) and returns how many entries of `out` were filled. A
    // call of `wake` ends the wait early and fills nothing by itself. One thread at a time.
    [[nodiscard]] std::size_t wait(std::span<Readiness> out, int milliseconds) noexcept;

    // Ends a wait that is going on, or the next one at once. Any thread.
    void wake() noexcept;

    // Has this poller report `token` whenever `tell_subscribers` is called. A second time does nothing. Any thread.
    void subscribe(std::uint64_t token) noexcept;
    static void tell_subscribers() noexcept;

    // For a thread with a wait of its own: what is asked for from now on completes by the event instead of the port, or
    // the other way round, and what is under way is asked for anew. By the thread that is to wait from now on.
    void complete_by_event(bool by_event) noexcept;

    // Instead of `wait` while requests complete by the event: looks only, and says in how many milliseconds it is to
    // look again at the latest (-1: when the event is signaled). `time_is_over` tells that they have passed with no
    // event.
    [[nodiscard]] std::size_t look(std::span<Readiness> out, int& milliseconds) noexcept;
    void time_is_over() noexcept;
    // What is still to complete by the event never will: it is asked for anew.
    void forget_by_event() noexcept;
    [[nodiscard]] void* event() const noexcept { return event_; }

    // HANDLEs: the port, and the way to AFD.
    [[nodiscard]] void* port() const noexcept { return port_; }
    [[nodiscard]] void* afd() const noexcept { return afd_; }

    [[nodiscard]] poll_requests::Requests& requests() noexcept { return *requests_; }

  private:
    [[nodiscard]] bool look_at_port(int milliseconds) noexcept;

    void* port_;
    void* afd_;
    void* event_;
    std::atomic<std::uint32_t> by_event_of_{0};  // the thread that waits for the event; 0: somebody waits for the port
    std::atomic<bool> woken_{false};             // since the event may have been reset by a request
    std::unique_ptr<poll_requests::Requests> requests_;
    int passed_by_ = 0;  // the port, since there was something to tell without it
};

}  // namespace asyncselect::net
