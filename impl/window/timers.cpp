// A plain vector: threads have few timers, and only a pump that found nothing better looks at them.
#include "impl/window/timers.hpp"

#include <algorithm>

namespace asyncselect::window {

Timer* Timers::find(Handle window, std::uintptr_t id) noexcept {
    const auto found = std::find_if(timers_.begin(), timers_.end(),
                                    [&](const Timer& timer) { return timer.window == window && timer.id == id; });
    return found == timers_.end() ? nullptr : &*found;
}

std::uintptr_t Timers::set(Handle window, std::uintptr_t id, std::uint32_t period, asyncselect_TIMERPROC procedure,
                           std::uint64_t now) {
    period = std::clamp<std::uint32_t>(period, asyncselect_USER_TIMER_MINIMUM, asyncselect_USER_TIMER_MAXIMUM);
    Timer* timer = find(window, id);
    if (window == no_window && (id == 0 || timer == nullptr)) {
        do id = ++last_id_;
        while (id == 0 || find(no_window, id) != nullptr);
        timer = nullptr;
    }
    const Timer wanted{window, id, period, procedure, now + period};
    if (timer != nullptr) {
        *timer = wanted;
    } else {
        timers_.push_back(wanted);
    }
    return id;
}

bool Timers::kill(Handle window, std::uintptr_t id) noexcept {
    return std::erase_if(timers_, [&](const Timer& timer) { return timer.window == window && timer.id == id; }) != 0;
}

void Timers::kill_all_of(Handle window) noexcept {
    std::erase_if(timers_, [&](const Timer& timer) { return timer.window == window; });
}

bool Timers::has(asyncselect_TIMERPROC procedure) const noexcept {
    return std::any_of(timers_.begin(), timers_.end(),
                       [&](const Timer& timer) { return timer.procedure == procedure; });
}

Timer* Timers::first(const Filter& filter) noexcept {
    if (timers_.empty() || !filter.passes_number(asyncselect_WM_TIMER)) return nullptr;
    Timer* first = nullptr;
    for (Timer& timer : timers_) {
        if ((first == nullptr || timer.due < first->due) && filter.passes_window(timer.window)) first = &timer;
    }
    return first;
}

void Timers::restart(Timer& timer, std::uint64_t now) noexcept {
    timer.due += timer.period;
    if (timer.due <= now) timer.due = now + timer.period;
}

}  // namespace asyncselect::window
