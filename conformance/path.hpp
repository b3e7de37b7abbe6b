// Which way a trace took through the model's machines. It must not judge, nor know how a path is drawn.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "model/oracle.hpp"

namespace asyncselect::conformance {

// A transition and the observation that showed it for the first time.
struct Fired {
    std::size_t observation = 0;
    const model::Row* row = nullptr;
};

struct PathTaken {
    std::vector<Fired> fired;             // in order
    std::vector<const model::Row*> last;  // of each machine that moved: what fired last
};

// Of a trace that the oracle accepts with these options, or of its beginning. Where several ways are possible, what
// they have in common. Any thread.
PathTaken path_of(std::span<const model::Observation> trace, const model::OracleOptions& options);

// The profile with these switches turned over: "W-1" or "not W-1".
model::Profile with_deviations(model::Profile profile, const std::vector<std::string>& deviations);

}  // namespace asyncselect::conformance
