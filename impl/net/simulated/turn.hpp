// A semaphore of one, by which two threads take turns. Not std::binary_semaphore: that of g++'s library yields the
// processor a dozen times before it sleeps, and on Windows both threads came to wait for ever. It must not know whose
// turn it is.
#pragma once

#include <memory>

namespace simulated {

class Turn {
  public:
    Turn();
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    void release() noexcept;
    // The same, and who acquires works on the processor of the calling thread from now on: the two are never at work at
    // once, and to wake another processor takes longer than most turns.
    void release_nearby() noexcept;
    void acquire() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace simulated
