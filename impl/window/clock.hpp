// The two clocks of the window layer. Both count from the start of the system and are never set; neither knows what
// it is read for.
#pragma once

#include <time.h>

#include <cstdint>

namespace asyncselect::window {

namespace detail {
inline std::uint64_t milliseconds_of(clockid_t clock) noexcept {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}
}  // namespace detail

// Milliseconds, a few of them late: cheap enough for time stamps. The clock of message times and GetTickCount.
inline std::uint64_t tick_count() noexcept { return detail::milliseconds_of(CLOCK_MONOTONIC_COARSE); }

// Milliseconds, exact: for timers and time-outs.
inline std::uint64_t exact_time() noexcept { return detail::milliseconds_of(CLOCK_MONOTONIC); }

}  // namespace asyncselect::window
