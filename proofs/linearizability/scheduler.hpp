// Lets the threads of a small program run in every order, one at a time: at each point where they could disturb one
// another one of them is chosen, and the program is run again until each choice was made. It must not know programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace asyncselect::proofs {

// A fault in what threads do, for controls.
enum class Fault : std::uint8_t {
    none,
    closes_nothing,     // closesocket returns, and has done nothing
    nothing_is_shared,  // a thread never sees that another one makes calls on the socket
};

// With this the process ends where a program that is run again does not do the same as before: then it is not known
// which orders were played.
inline constexpr int not_repeatable = 4;

class Scheduler {
  public:
    // `most_preemptions`: how often in a run a thread that could go on is made to wait.
    explicit Scheduler(unsigned most_preemptions, Fault fault = Fault::none);
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;
    ~Scheduler();

    // Runs the bodies, the first on this thread, in the order that comes next. Ends the process where threads wait for
    // one another for ever, or what is run again goes another way.
    void run(std::span<const std::function<void()>> bodies);
    // Whether there is another order.
    [[nodiscard]] bool next();
    [[nodiscard]] std::size_t points() const { return points_; }

    // Of the thread that runs: another one can be chosen; the others come first, because this one waits for them.
    void point() noexcept;
    void wait() noexcept;
    [[nodiscard]] Fault fault() const { return fault_; }

    // The scheduler whose program this thread belongs to, or nullptr.
    [[nodiscard]] static Scheduler* of_this_thread() noexcept;

  private:
    struct Choice {
        std::size_t chosen;
        std::size_t count;
    };
    struct Turn;

    [[nodiscard]] std::size_t choose(std::size_t count);
    void finish(std::size_t me);
    void give(std::size_t from, std::size_t to);

    unsigned most_preemptions_;
    Fault fault_;
    std::vector<Choice> choices_;
    std::vector<Turn> turns_;
    std::size_t made_ = 0;  // of the choices, in this run
    unsigned preemptions_ = 0;
    std::size_t points_ = 0;
    std::size_t idle_ = 0;  // since somebody last did something
};

}  // namespace asyncselect::proofs
