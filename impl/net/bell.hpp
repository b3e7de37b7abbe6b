// One descriptor that a foreign loop can wait for: readable, and level-triggered, while a poller has something to tell,
// while the bell rings, or from a moment on. It must not know messages, queues or timers.
#pragma once

#include <cstdint>

#include "impl/net/poller.hpp"

namespace asyncselect::net {

class Bell {
  public:
    // `valid()` tells whether the system gave the descriptors. The poller must outlive the bell.
    explicit Bell(const Poller& poller) noexcept;
    ~Bell();
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    [[nodiscard]] bool valid() const noexcept { return valid_; }
    [[nodiscard]] int descriptor() const noexcept { return all_; }

    // Any thread.
    void ring() noexcept;
    void silence() noexcept;
    // Readable from then on, in milliseconds of the system's monotonic clock; 0: never. Replaces an earlier moment.
    void ring_at(std::uint64_t milliseconds) noexcept;

  private:
    [[nodiscard]] bool add(int descriptor) const noexcept;

    int all_;
    int bell_;
    int clock_;
    bool valid_;
};

}  // namespace asyncselect::net
