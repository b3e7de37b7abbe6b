// Every pair of states, of the model's socket and of the word, that stimuli can lead to; in each of them every
// stimulus, through both. Knows the twin and the alphabet; must know no claim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/profile.hpp"
#include "model/socket.hpp"
#include "proofs/exhaustive/script.hpp"
#include "proofs/twin.hpp"

namespace asyncselect::proofs {

// What is explored.
struct Range {
    std::uint32_t events = 0;  // FD_ bits: registrations are for any subset of these
    model::Profile profile;
    Twin::Fault fault = nullptr;  // put into the word's step on purpose
    // Looks at each step of the word, and returns what is wrong with it.
    const char* (*look)(const model::Profile& profile, core::Word before, const core::Stimulus& told,
                        core::Word after) = nullptr;
};

// A sequence of stimuli after which the two disagree: none is shorter.
struct Divergence {
    Beginning beginning = Beginning::stream;
    std::vector<model::Stimulus> path;
    std::string difference;
};

// As a script that `asyncselect play` takes: what differs stands in the first comment, each stimulus beside its line.
// `said` is what is to stand there besides.
[[nodiscard]] std::string show(const Divergence& divergence, std::string_view said, const model::Profile& profile);

struct Explored {
    std::size_t states = 0;
    std::size_t steps = 0;
    std::set<const model::Row*> fired;
    std::optional<Divergence> divergence;
};

// Breadth first, from a stream, from a datagram socket and from one that accept returned. How many bytes, datagrams,
// requests or urgent bytes wait is none, one or many: a call that takes some of many leaves many, one or none. Stimuli
// that concern no fact but that of an event outside of `events` are left out. Stops at the first divergence, or
// where `look` finds something.
[[nodiscard]] Explored explore(const Range& range);

// All facts of a connection that stimuli can lead to, with what concerns one event alone left as in the beginning.
[[nodiscard]] std::vector<model::Facts> reachable_facts(const model::Profile& profile);

}  // namespace asyncselect::proofs
