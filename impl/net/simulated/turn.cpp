// By the standard library's mutex and condition.
#include "impl/net/simulated/turn.hpp"

#include <condition_variable>
#include <mutex>

namespace simulated {

struct Turn::State {
    std::mutex mutex;
    std::condition_variable changed;
    bool given = false;
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

void Turn::acquire() noexcept {
    std::unique_lock lock{state_->mutex};
    state_->changed.wait(lock, [this] { return state_->given; });
    state_->given = false;
}

}  // namespace simulated
