// A mutex that is held for a few instructions at a time: who finds it taken looks again before it sleeps, since to
// sleep and be woken takes a hundred times as long. It must not know what it guards.
#pragma once

#include <mutex>

namespace asyncselect::window {

class BriefMutex : public std::mutex {
  public:
    void lock() {
        for (int looks = 0; looks < most_looks; ++looks) {
            if (try_lock()) return;
            pause();
        }
        std::mutex::lock();
    }

  private:
    static constexpr int most_looks = 50;

    // Lets the processor's other thread have its turn, where it has one.
    static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    }
};

}  // namespace asyncselect::window
