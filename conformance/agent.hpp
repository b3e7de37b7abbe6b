// A thread of a scenario: runs what it is given, one after the other, and can be found to hang. It must not know what
// it runs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace asyncselect::conformance {

class Agent {
    // What a task came to. Who asked takes all of it, so that the thread never destroys an exception that another one
    // handles: nothing that a race detector sees orders the two.
    template <class Value>
    struct Outcome {
        std::optional<Value> value;
        std::exception_ptr trouble;

        template <class F>
        static Outcome of(F& function) {
            Outcome outcome;
            try {
                outcome.value.emplace(function());
            } catch (...) {
                outcome.trouble = std::current_exception();
            }
            return outcome;
        }
        Value get() && {
            if (trouble) std::rethrow_exception(std::move(trouble));
            return *std::move(value);
        }
    };

  public:
    // What a task that was started will have returned or thrown.
    template <class Value>
    class Started {
      public:
        explicit Started(std::future<Outcome<Value>> outcome) : outcome_(std::move(outcome)) {}

        template <class Duration>
        std::future_status wait_for(Duration duration) const {
            return outcome_.wait_for(duration);
        }
        // Once. Waits for it; returns or throws what the task did.
        Value get() { return outcome_.get().get(); }

      private:
        std::future<Outcome<Value>> outcome_;
    };

    explicit Agent(std::string name = {})
        : state_(std::make_shared<State>()), thread_([state = state_, name = std::move(name)] {
              named() = &name;
              state->run();
          }) {}
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // Waits for what it runs, unless `abandon` was called.
    ~Agent() {
        if (!thread_.joinable()) return;
        state_->finish();
        thread_.join();
    }

    // Of the agent that the calling thread is; empty where it is none.
    static const std::string& current_name() {
        static const std::string none;
        return named() == nullptr ? none : *named();
    }

    // Runs `function` on the thread. The result is what it returned; use wait_for on it to see a hang. The function
    // must hold by value what it needs if the agent may be abandoned.
    template <class F>
    auto start(F function) {
        using Value = decltype(function());
        auto task = std::make_shared<std::packaged_task<Outcome<Value>()>>(
            [function = std::move(function)]() mutable { return Outcome<Value>::of(function); });
        Started<Value> started(task->get_future());
        state_->add([task] { (*task)(); });
        return started;
    }

    // Runs `function` on the thread and waits for it, however long it takes. Returns or throws what it does.
    template <class F>
    auto run(F&& function) {
        return run_by(&State::run_now, std::forward<F>(function));
    }

    // Of the agent's own thread: the same on the thread that waits for it in `run`.
    template <class F>
    auto run_where_waited_for(F&& function) {
        return run_by(&State::run_back, std::forward<F>(function));
    }

    // Leaves a thread that hangs to itself.
    void abandon() {
        state_->finish();
        if (thread_.joinable()) thread_.detach();
    }

  private:
    // A pointer, since there is nothing to destroy: where a thread ends, g++ for Windows has given the memory of its
    // variables back before it destroys them.
    static const std::string*& named() {
        thread_local const std::string* name = nullptr;
        return name;
    }

    using Task = void (*)(void*);

    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        std::condition_variable done;
        std::condition_variable back_done;
        std::deque<std::function<void()>> tasks;
        Task now = nullptr;  // what somebody waits for
        void* what = nullptr;
        Task back = nullptr;  // what who waits is to run meanwhile
        void* back_what = nullptr;
        bool finished = false;

        void add(std::function<void()> task) {
            {
                const std::lock_guard lock(mutex);
                tasks.push_back(std::move(task));
            }
            changed.notify_one();
        }
        void run_now(Task function, void* argument) {
            std::unique_lock lock(mutex);
            now = function;
            what = argument;
            changed.notify_one();
            while (true) {
                done.wait(lock, [this] { return now == nullptr || back != nullptr; });
                if (back == nullptr) return;
                lock.unlock();
                back(back_what);
                lock.lock();
                back = nullptr;
                back_done.notify_one();
            }
        }
        void run_back(Task function, void* argument) {
            std::unique_lock lock(mutex);
            back = function;
            back_what = argument;
            done.notify_one();
            back_done.wait(lock, [this] { return back == nullptr; });
        }
        void finish() {
            {
                const std::lock_guard lock(mutex);
                finished = true;
            }
            changed.notify_one();
        }
        void run() {
            std::unique_lock lock(mutex);
            while (true) {
                changed.wait(lock, [this] { return finished || !tasks.empty() || now != nullptr; });
                if (now != nullptr) {
                    lock.unlock();
                    now(what);
                    lock.lock();
                    now = nullptr;
                    done.notify_one();
                    continue;
                }
                if (tasks.empty()) return;
                const std::function<void()> task = std::move(tasks.front());
                tasks.pop_front();
                lock.unlock();
                task();
                lock.lock();
            }
        }
    };

    template <class F>
    auto run_by(void (State::*way)(Task, void*), F&& function) {
        Outcome<decltype(function())> outcome;
        auto task = [&] { outcome = decltype(outcome)::of(function); };
        (state_.get()->*way)([](void* what) { (*static_cast<decltype(task)*>(what))(); }, &task);
        return std::move(outcome).get();
    }

    std::shared_ptr<State> state_;
    std::thread thread_;
};

}  // namespace asyncselect::conformance
