// Everything that one machine of the model can be led to by scripts: a breadth-first search over scenes, which finds
// the shortest way to each situation, each transition and each pair of consecutive transitions. It must not know any
// provider, nor how a script is written down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conformance/scene.hpp"
#include "model/event.hpp"
#include "model/profile.hpp"

namespace asyncselect::conformance {

// A way to a goal.
struct Path {
    enum class Goal : std::uint8_t { state, transition, pair, situation };

    Goal goal = Goal::situation;
    std::string name;                     // "read-17", "read-17-22", "read-posted"
    std::string title;                    // what it shows, in words
    std::vector<const model::Row*> rows;  // that it ends with; of a situation: that fired on the way
    Root root = Root::stream;
    std::uint32_t mask = 0;
    std::vector<Move> moves;
};

struct Exploration {
    model::Event event = model::Event::read;
    std::vector<Path> paths;                                          // the shortest first, of each kind
    std::set<const model::Row*> transitions;                          // of the machine and of the rules for its event
    std::set<std::pair<const model::Row*, const model::Row*>> pairs;  // of the machine, consecutive
    std::size_t situations = 0;                                       // different scenes
};

// Explores all scenes in which the machine of the event takes part: once in this process, since it takes a second. Any
// thread.
const Exploration& explore(model::Event event, const model::Profile& profile);

// Whether the second row can follow the first as far as their states tell: the one begins where the other ends.
bool consecutive(const model::Row& first, const model::Row& second);

}  // namespace asyncselect::conformance
