// A thread of the library's own. It runs nothing of the program's, and so handles none of its signals. It must not know
// what it is for.
#pragma once

#include <thread>

namespace asyncselect::net {

class Background {
  public:
    Background() = default;
    ~Background() { join(); }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    // Begins to run `body`. False: the system gives no thread. Not while one runs.
    [[nodiscard]] bool start(void (*body)() noexcept) noexcept;
    [[nodiscard]] bool running() const noexcept { return thread_.joinable(); }
    // Waits for the end of `body`, which must be on its way.
    void join() noexcept;

  private:
    std::thread thread_;
};

}  // namespace asyncselect::net
