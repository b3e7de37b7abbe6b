// That each of the ten machines sees its own facts and those of the connection, never those of another event: what lets
// them be explored one by one. Knows the model only; must know no word.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/machine.hpp"
#include "model/profile.hpp"

namespace asyncselect::proofs {

// How a machine is told a signal; a fault can stand in.
using TellMachine = std::uint8_t (*)(const model::Machine& machine, std::uint8_t state, const model::Signal& signal,
                                     const model::Situation& situation, model::Journal& journal);

struct Apart {
    std::size_t situations = 0;
    std::optional<std::string> counterexample;
};

// Tells every machine in every state every signal that it has a row for, with each of the facts, each state of its own
// facts and each of the others'. The others' must make no difference, and must stay as they are, as must the
// connection's.
[[nodiscard]] Apart machines_are_apart(const std::vector<model::Facts>& reachable, const model::Profile& profile,
                                       TellMachine tell);

}  // namespace asyncselect::proofs
