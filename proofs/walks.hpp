// Walks of the twin through sequences of stimuli, and faults that each such walk must find sooner or later. It must not
// know where the stimuli come from.
#pragma once

#include <cstddef>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "proofs/twin.hpp"

namespace asyncselect::proofs {

// The start of a life worth testing, 0 to 3: without it a random walk seldom gets a connection. 0 is none.
[[nodiscard]] std::vector<model::Stimulus> beginning(int which);
inline constexpr int beginnings = 4;

struct Walk {
    std::size_t steps = 0;
    std::optional<std::string> difference;
};

// Steps through what is possible of the sequence, up to the first difference.
[[nodiscard]] Walk walk(Twin& twin, const std::vector<model::Stimulus>& sequence);

// A fault as one could type it; it leaves the word's type and layout alone.
struct Seeded {
    const char* name;
    Twin::Fault fault;

    friend void PrintTo(const Seeded& seeded, std::ostream* out) { *out << seeded.name; }
};

[[nodiscard]] std::span<const Seeded> seeded_faults();

}  // namespace asyncselect::proofs
