// The timers of one queue: when each is due next. One thread's alone. It must not know queues or clocks: the caller
// says what time it is, in milliseconds, and makes the WM_TIMER.
#pragma once

#include <asyncselect/asyncselect.h>

#include <cstdint>
#include <vector>

#include "impl/window/message.hpp"

namespace asyncselect::window {

struct Timer {
    Handle window;  // no_window: the thread's own
    std::uintptr_t id;
    std::uint32_t period;  // milliseconds
    asyncselect_TIMERPROC procedure;
    std::uint64_t due;
};

class Timers {
  public:
    // Starts a timer, or anew the one that has the same window and id. Without a window an id that is not in use is
    // replaced by a new one. Returns the id. Throws std::bad_alloc.
    std::uintptr_t set(Handle window, std::uintptr_t id, std::uint32_t period, asyncselect_TIMERPROC procedure,
                       std::uint64_t now);

    // Returns whether there was one.
    bool kill(Handle window, std::uintptr_t id) noexcept;
    void kill_all_of(Handle window) noexcept;
    void clear() noexcept { timers_.clear(); }

    [[nodiscard]] bool empty() const noexcept { return timers_.empty(); }
    [[nodiscard]] bool has(asyncselect_TIMERPROC procedure) const noexcept;

    // The timer that is due first of those that the filter lets through; null when there is none.
    [[nodiscard]] Timer* first(const Filter& filter) noexcept;

    // The timer has been told. Periods that passed unnoticed are not told later.
    static void restart(Timer& timer, std::uint64_t now) noexcept;

  private:
    [[nodiscard]] Timer* find(Handle window, std::uintptr_t id) noexcept;

    std::vector<Timer> timers_;
    std::uintptr_t last_id_ = 0;
};

}  // namespace asyncselect::window
