// A thread of a scenario hands over what it was asked for, and keeps nothing of it.
#include "conformance/agent.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <memory>
#include <stdexcept>
#include <thread>

namespace asyncselect::conformance {
namespace {

struct Thrown {
    std::thread::id* destroyed_by;
    ~Thrown() { *destroyed_by = std::this_thread::get_id(); }
};

// The calling thread's: one processor for it and what it starts.
class OneProcessor {
  public:
    OneProcessor() {
        EXPECT_EQ(pthread_getaffinity_np(pthread_self(), sizeof before_, &before_), 0);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(sched_getcpu(), &one);
        EXPECT_EQ(pthread_setaffinity_np(pthread_self(), sizeof one, &one), 0);
    }
    OneProcessor(const OneProcessor&) = delete;
    OneProcessor& operator=(const OneProcessor&) = delete;
    ~OneProcessor() { pthread_setaffinity_np(pthread_self(), sizeof before_, &before_); }

  private:
    cpu_set_t before_{};
};

TEST(Agent, AnExceptionIsDestroyedByWhoHandledIt) {
    const OneProcessor processor;
    std::thread::id destroyed_by;
    Agent agent("t");
    auto started = agent.start([&]() -> int {
        // Who waits goes first as soon as there is a result: this thread lets go of the task after that.
        const sched_param none{};
        EXPECT_EQ(sched_setscheduler(0, SCHED_IDLE, &none), 0);
        throw Thrown{&destroyed_by};
    });
    EXPECT_THROW(started.get(), Thrown);
    agent.run([] { return 0; });
    EXPECT_EQ(destroyed_by, std::this_thread::get_id());
}

TEST(Agent, WhoWaitsGetsWhatIsThrown) {
    Agent agent("t");
    EXPECT_THROW(agent.run([]() -> int { throw std::runtime_error("no"); }), std::runtime_error);
    EXPECT_EQ(agent.run([] { return 7; }), 7);
    EXPECT_THROW(agent.run([&] { return agent.run_where_waited_for([]() -> int { throw std::logic_error("no"); }); }),
                 std::logic_error);
}

TEST(Agent, ValuesNeedNotBeCopied) {
    Agent agent("t");
    EXPECT_EQ(*agent.start([] { return std::make_unique<int>(7); }).get(), 7);
    EXPECT_EQ(*agent.run([] { return std::make_unique<int>(8); }), 8);
}

}  // namespace
}  // namespace asyncselect::conformance
