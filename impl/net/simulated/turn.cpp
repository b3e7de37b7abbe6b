// By the standard library's semaphore.
#include "impl/net/simulated/turn.hpp"

#include <semaphore>

namespace simulated {

struct Turn::State {
    std::binary_semaphore given{0};
};

Turn::Turn() : state_{std::make_unique<State>()} {}
Turn::~Turn() = default;
void Turn::release() noexcept { state_->given.release(); }
void Turn::acquire() noexcept { state_->given.acquire(); }

}  // namespace simulated
