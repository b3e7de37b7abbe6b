// See scheduler.hpp. Also what makes the library's waits known to it: std::this_thread::yield is sched_yield.
#include "proofs/linearizability/scheduler.hpp"

#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "proofs/linearizability/scheduled.hpp"

namespace asyncselect::proofs {

namespace {

struct Membership {
    Scheduler* scheduler = nullptr;
    std::size_t number = 0;
};
thread_local Membership membership;

// Who waits in turn for others so often waits for ever.
constexpr std::size_t most_idle = 1000;

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
    bool looks_again = false;  // it has waited, and has not done anything since
};

Scheduler::Scheduler(unsigned most_preemptions, Fault fault) : most_preemptions_{most_preemptions}, fault_{fault} {}
Scheduler::~Scheduler() = default;

Scheduler* Scheduler::of_this_thread() noexcept { return membership.scheduler; }

void Scheduler::run(std::span<const std::function<void()>> bodies) {
    turns_ = std::vector<Turn>(bodies.size());
    made_ = preemptions_ = 0;
    idle_ = 0;
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

void Scheduler::point() noexcept {
    ++points_;
    const auto me = membership.number;
    if (std::exchange(turns_[me].looks_again, false)) return;
    idle_ = 0;
    if (preemptions_ == most_preemptions_) return;
    std::vector<std::size_t> open{me};
    for (std::size_t other = 0; other < turns_.size(); ++other)
        if (other != me && !turns_[other].finished) open.push_back(other);
    const auto chosen = open[choose(open.size())];
    if (chosen == me) return;
    ++preemptions_;
    give(me, chosen);
}

// The others in turn, or it would be tried for ever who waits how often.
void Scheduler::wait() noexcept {
    const auto me = membership.number;
    if (++idle_ > most_idle) std::abort();
    turns_[me].looks_again = true;
    for (std::size_t step = 1; step < turns_.size(); ++step) {
        const auto other = (me + step) % turns_.size();
        if (!turns_[other].finished) return give(me, other);
    }
}

void Scheduler::give(std::size_t from, std::size_t to) {
    if (from == to) return;
    turns_[to].begins->release();
    turns_[from].begins->acquire();
}

void Scheduler::finish(std::size_t me) {
    membership = {};
    turns_[me].finished = true;
    std::vector<std::size_t> open;
    for (std::size_t other = 0; other < turns_.size(); ++other)
        if (!turns_[other].finished) open.push_back(other);
    if (!open.empty()) turns_[open[choose(open.size())]].begins->release();
}

}  // namespace asyncselect::proofs

namespace asyncselect_scheduled {

void point() noexcept {
    if (auto* scheduler = asyncselect::proofs::Scheduler::of_this_thread()) scheduler->point();
}
void wait() noexcept {
    if (auto* scheduler = asyncselect::proofs::Scheduler::of_this_thread()) scheduler->wait();
}
bool sees_nothing_shared() noexcept {
    auto* scheduler = asyncselect::proofs::Scheduler::of_this_thread();
    return scheduler != nullptr && scheduler->fault() == asyncselect::proofs::Fault::nothing_is_shared;
}

}  // namespace asyncselect_scheduled

// In the place of the system's: who yields waits for another thread.
extern "C" int sched_yield() noexcept {
    asyncselect_scheduled::wait();
    return 0;
}
