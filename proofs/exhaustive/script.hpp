// A sequence of stimuli as a script that `asyncselect play` takes (docs/scripts.md), so that a divergence can be played
// on a provider. Knows the stimuli and the language's text; must not know how scripts are read or played.
#pragma once

#include <span>
#include <string>

#include "model/profile.hpp"
#include "model/socket.hpp"

namespace asyncselect::proofs {

enum class Beginning : std::uint8_t { stream, datagram, accepted };

// Lines for what an application and its peers can do, each with the stimulus beside it. Where the language has no line
// that brings a stimulus about, a comment says so in its place. Every line ends the text of a line.
[[nodiscard]] std::string script_of(Beginning beginning, std::span<const model::Stimulus> path,
                                    const model::Profile& profile);

}  // namespace asyncselect::proofs
