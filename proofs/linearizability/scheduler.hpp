// Lets the threads of a small program run in every order, one at a time: at each point where they could disturb one
// another one of them is chosen, and the program is run again until each choice was made. Each thread has a store
// buffer as a processor with x86's order (TSO) has it: what it stores waits there, first in, first out, and is seen by
// itself alone. Whether it has arrived is a choice where another thread looks. It must not know programs.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "proofs/linearizability/scheduled.hpp"

namespace asyncselect::proofs {

// A fault in what threads do, for controls.
enum class Fault : std::uint8_t {
    none,
    closes_nothing,     // closesocket returns, and has done nothing
    nothing_is_shared,  // a thread never sees that another one makes calls on the socket
    no_last_look,       // who falls asleep does not see what has come
    all_stores_wait,    // in the store buffer, those too that are sequentially consistent
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
    // one another or go on for ever, or what is run again goes another way.
    void run(std::span<const std::function<void()>> bodies);
    // Whether there is another order.
    [[nodiscard]] bool next();
    [[nodiscard]] std::size_t points() const { return points_; }

    // Of the thread that runs: another one can be chosen; the others come first, because this one waits for them.
    void point() noexcept;
    void wait() noexcept;
    // The others go on until `woken` says so; false where nobody is left who could bring that about.
    [[nodiscard]] bool sleep(std::function<bool()> woken);
    // Whether there was such a sleep in this run.
    [[nodiscard]] bool slept_for_ever() const { return slept_for_ever_; }

    // See scheduled.hpp.
    [[nodiscard]] bool keeps(const asyncselect_scheduled::Store& store, std::memory_order order);
    void settle();
    [[nodiscard]] const asyncselect_scheduled::Store* look(const void* where);

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
    [[nodiscard]] std::vector<std::size_t> able_beside(std::size_t me) const;
    void arrive(const void* where);
    void give(std::size_t from, std::size_t to);

    unsigned most_preemptions_;
    Fault fault_;
    std::vector<Choice> choices_;
    std::vector<Turn> turns_;
    std::size_t made_ = 0;  // of the choices, in this run
    unsigned preemptions_ = 0;
    std::size_t points_ = 0;
    std::size_t run_points_ = 0;  // in this run
    std::size_t idle_ = 0;        // since somebody last did something
    bool slept_for_ever_ = false;
};

}  // namespace asyncselect::proofs
