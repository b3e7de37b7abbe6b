// By what costs no system call where nobody waits; of the standard library's, each costs several of Wine's server.
#include <windows.h>

#include "impl/net/simulated/turn.hpp"

namespace simulated {

struct Turn::State {
    SRWLOCK lock = SRWLOCK_INIT;
    CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
    bool given = false;
};

Turn::Turn() : state_{std::make_unique<State>()} {}
Turn::~Turn() = default;

void Turn::release() noexcept {
    ::AcquireSRWLockExclusive(&state_->lock);
    state_->given = true;
    ::ReleaseSRWLockExclusive(&state_->lock);
    ::WakeConditionVariable(&state_->changed);
}

// Where it runs is the system's to say: a thread's processors are asked of Wine's server.
void Turn::release_nearby() noexcept { release(); }

void Turn::acquire() noexcept {
    ::AcquireSRWLockExclusive(&state_->lock);
    while (!state_->given) ::SleepConditionVariableSRW(&state_->changed, &state_->lock, INFINITE, 0);
    state_->given = false;
    ::ReleaseSRWLockExclusive(&state_->lock);
}

}  // namespace simulated
