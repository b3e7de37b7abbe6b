// See scheduler.hpp. Also what makes the library's waits known to it: std::this_thread::yield is sched_yield.
#include "proofs/linearizability/scheduler.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "proofs/linearizability/scheduled.hpp"

namespace asyncselect::proofs {

using asyncselect_scheduled::Store;

namespace {

struct Membership {
    Scheduler* scheduler = nullptr;
    std::size_t number = 0;
};
thread_local Membership membership;

// Who waits in turn for others so often waits for ever, and who has come so far in one run goes on for ever.
constexpr std::size_t most_idle = 1000;
constexpr std::size_t most_points = 100'000;

}  // namespace

namespace {

// Not std::binary_semaphore: that yields while it waits.
class Signal {
  public:
    void release() {
        const std::lock_guard lock{mutex_};
        given_ = true;
        changed_.notify_one();
    }
    void acquire() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return given_; });
        given_ = false;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool given_ = false;
};

}  // namespace

struct Scheduler::Turn {
    std::unique_ptr<Signal> begins = std::make_unique<Signal>();
    bool finished = false;
    bool looks_again = false;     // it has waited, and has not done anything since
    std::function<bool()> woken;  // empty: it is awake
    std::deque<Store> stored;     // what the memory does not have yet

    [[nodiscard]] bool able() const { return !finished && (!woken || woken()); }
};

Scheduler::Scheduler(unsigned most_preemptions, Fault fault) : most_preemptions_{most_preemptions}, fault_{fault} {}
Scheduler::~Scheduler() = default;

Scheduler* Scheduler::of_this_thread() noexcept { return membership.scheduler; }

void Scheduler::run(std::span<const std::function<void()>> bodies) {
    turns_ = std::vector<Turn>(bodies.size());
    made_ = preemptions_ = 0;
    idle_ = run_points_ = 0;
    slept_for_ever_ = false;
    std::vector<std::thread> threads;
    for (std::size_t number = 1; number < bodies.size(); ++number) {
        threads.emplace_back([this, number, &body = bodies[number]] {
            turns_[number].begins->acquire();
            membership = {this, number};
            body();
            finish(number);
        });
    }
    membership = {this, 0};
    // Who is the first is a choice too.
    if (const auto first = choose(bodies.size()); first != 0) give(0, first);
    bodies.front()();
    finish(0);
    membership = {};
    for (auto& thread : threads) thread.join();
}

bool Scheduler::next() {
    while (!choices_.empty()) {
        auto& last = choices_.back();
        if (++last.chosen < last.count) return true;
        choices_.pop_back();
    }
    return false;
}

std::size_t Scheduler::choose(std::size_t count) {
    if (count == 1) return 0;
    if (made_ == choices_.size()) choices_.push_back({0, count});
    if (choices_[made_].count != count) std::_Exit(not_repeatable);
    return choices_[made_++].chosen;
}

std::vector<std::size_t> Scheduler::able_beside(std::size_t me) const {
    std::vector<std::size_t> able;
    for (std::size_t other = 0; other < turns_.size(); ++other)
        if (other != me && turns_[other].able()) able.push_back(other);
    return able;
}

void Scheduler::point() noexcept {
    ++points_;
    if (++run_points_ > most_points) std::abort();
    const auto me = membership.number;
    if (std::exchange(turns_[me].looks_again, false)) return;
    idle_ = 0;
    if (preemptions_ == most_preemptions_) return;
    const auto others = able_beside(me);
    const auto chosen = choose(others.size() + 1);
    if (chosen == 0) return;
    ++preemptions_;
    give(me, others[chosen - 1]);
}

// The others in turn, or it would be tried for ever who waits how often.
void Scheduler::wait() noexcept {
    settle();
    const auto me = membership.number;
    if (++idle_ > most_idle) std::abort();
    turns_[me].looks_again = true;
    for (std::size_t step = 1; step < turns_.size(); ++step) {
        const auto other = (me + step) % turns_.size();
        if (turns_[other].able()) return give(me, other);
    }
}

bool Scheduler::sleep(std::function<bool()> woken) {
    settle();
    const auto me = membership.number;
    if (const auto others = able_beside(me); !others.empty()) {
        turns_[me].woken = std::move(woken);
        give(me, others[choose(others.size())]);
        if (std::exchange(turns_[me].woken, nullptr)()) return true;
    }
    slept_for_ever_ = true;
    return false;
}

void Scheduler::give(std::size_t from, std::size_t to) {
    if (from == to) return;
    turns_[to].begins->release();
    turns_[from].begins->acquire();
}

void Scheduler::finish(std::size_t me) {
    settle();
    membership = {};
    turns_[me].finished = true;
    auto open = able_beside(me);
    // Who sleeps for ever is to know it.
    for (std::size_t other = 0; open.empty() && other < turns_.size(); ++other)
        if (!turns_[other].finished) open.push_back(other);
    if (!open.empty()) turns_[open[choose(open.size())]].begins->release();
}

bool Scheduler::keeps(const Store& store, std::memory_order order) {
    if (order == std::memory_order_seq_cst && fault_ != Fault::all_stores_wait) return false;
    turns_[membership.number].stored.push_back(store);
    return true;
}

void Scheduler::settle() {
    auto& stored = turns_[membership.number].stored;
    while (!stored.empty()) {
        const auto first = stored.front();
        stored.pop_front();
        arrive(first.to);
        first.write(first.to, first.value);
    }
}

const Store* Scheduler::look(const void* where) {
    const auto& stored = turns_[membership.number].stored;
    const auto last = std::find_if(stored.rbegin(), stored.rend(), [&](const Store& one) { return one.to == where; });
    if (last != stored.rend()) return &*last;
    arrive(where);
    return nullptr;
}

// Of what other threads have stored there and the memory does not have, none has arrived, or the first, or two, ...,
// each with all that was stored before it.
void Scheduler::arrive(const void* where) {
    for (std::size_t other = 0; other < turns_.size(); ++other) {
        if (other == membership.number) continue;
        auto& stored = turns_[other].stored;
        const auto count =
            std::count_if(stored.begin(), stored.end(), [&](const Store& one) { return one.to == where; });
        for (auto left = choose(static_cast<std::size_t>(count) + 1); left > 0;) {
            const auto first = stored.front();
            stored.pop_front();
            first.write(first.to, first.value);
            if (first.to == where) --left;
        }
    }
}

}  // namespace asyncselect::proofs

namespace asyncselect_scheduled {

using asyncselect::proofs::Fault;
using asyncselect::proofs::Scheduler;

void point() noexcept {
    if (auto* scheduler = Scheduler::of_this_thread()) scheduler->point();
}
void wait() noexcept {
    if (auto* scheduler = Scheduler::of_this_thread()) scheduler->wait();
}
bool keeps(const Store& store, std::memory_order order) noexcept {
    auto* scheduler = Scheduler::of_this_thread();
    return scheduler != nullptr && scheduler->keeps(store, order);
}
void settle() noexcept {
    if (auto* scheduler = Scheduler::of_this_thread()) scheduler->settle();
}
const Store* look(const void* where) noexcept {
    auto* scheduler = Scheduler::of_this_thread();
    return scheduler != nullptr ? scheduler->look(where) : nullptr;
}
bool sees_nothing_shared() noexcept {
    auto* scheduler = Scheduler::of_this_thread();
    return scheduler != nullptr && scheduler->fault() == Fault::nothing_is_shared;
}
bool does_not_look(std::memory_order order) noexcept {
    auto* scheduler = Scheduler::of_this_thread();
    return scheduler != nullptr && scheduler->fault() == Fault::no_last_look && order == std::memory_order_seq_cst;
}

}  // namespace asyncselect_scheduled

// In the place of the system's: who yields waits for another thread.
extern "C" int sched_yield() noexcept {
    asyncselect_scheduled::wait();
    return 0;
}
