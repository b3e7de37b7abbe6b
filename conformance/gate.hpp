// Where threads meet, so that they go on together. std::latch does the same where it works: in g++ 12's library for
// Windows a wake-up of it can be lost. It must not know who meets.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace asyncselect::conformance {

class Gate {
  public:
    explicit Gate(std::size_t expected) : expected_(expected) {}

    // One less is expected.
    void count_down() {
        const std::lock_guard lock(mutex_);
        if (--expected_ == 0) open_.notify_all();
    }
    // The same, and waits until none is expected.
    void arrive_and_wait() {
        std::unique_lock lock(mutex_);
        if (--expected_ == 0) open_.notify_all();
        open_.wait(lock, [this] { return expected_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable open_;
    std::size_t expected_;
};

}  // namespace asyncselect::conformance
