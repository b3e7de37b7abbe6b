// Records what several threads do at once, with the moments of start and return: a history for model/linearization.hpp.
// It must not know any provider.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/linearization.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

// What one thread did, in its order; the stamps of all threads are of one clock.
class Recorder {
  public:
    Recorder(std::atomic<std::uint64_t>& stamps, std::string name, std::uint32_t thread)
        : stamps_{stamps}, name_{std::move(name)}, thread_{thread} {}

    // Runs `act`, which returns the observation that it made, if any.
    template <class Act>
    void record(Act act) {
        const auto start = ++stamps_;
        std::optional<model::Observation> seen = act();
        const auto end = ++stamps_;
        if (seen) history_.push_back({*std::move(seen), start, end, thread_});
    }

    [[nodiscard]] model::observation::Call call(model::Function function, model::Handle socket) const {
        model::observation::Call made;
        made.thread = name_;
        made.function = function;
        made.socket = socket;
        return made;
    }

    [[nodiscard]] const std::vector<model::Happening>& history() const { return history_; }

  private:
    std::atomic<std::uint64_t>& stamps_;
    std::string name_;
    std::uint32_t thread_;
    std::vector<model::Happening> history_;
};

}  // namespace asyncselect::conformance
