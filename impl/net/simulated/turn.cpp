// By the standard library's mutex and condition.
#include "impl/net/simulated/turn.hpp"

#include <pthread.h>
#include <sched.h>

#include <condition_variable>
#include <mutex>
#include <optional>

namespace simulated {

struct Turn::State {
    std::mutex mutex;
    std::condition_variable changed;
    bool given = false;
    std::optional<pthread_t> taker;
    int processor = -1;  // to which the taker keeps
};

Turn::Turn() : state_{std::make_unique<State>()} {}
Turn::~Turn() = default;

void Turn::release() noexcept {
    {
        const std::lock_guard lock{state_->mutex};
        state_->given = true;
    }
    state_->changed.notify_one();
}

void Turn::release_nearby() noexcept {
    if (const int here = sched_getcpu(); here >= 0 && here != state_->processor) {
        const std::lock_guard lock{state_->mutex};
        if (state_->taker) {
            cpu_set_t only;
            CPU_ZERO(&only);
            CPU_SET(static_cast<std::size_t>(here), &only);
            // Where that may not be it is slower, and otherwise the same.
            pthread_setaffinity_np(*state_->taker, sizeof only, &only);
            state_->processor = here;
        }
    }
    release();
}

void Turn::acquire() noexcept {
    std::unique_lock lock{state_->mutex};
    state_->taker = pthread_self();
    state_->changed.wait(lock, [this] { return state_->given; });
    state_->given = false;
}

}  // namespace simulated
