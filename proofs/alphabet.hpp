// Every stimulus with parameters that matter, and how each reads in a report. Serves the property tests, the fuzzers
// and the exhaustive proof. Knows the model's alphabet only.
#pragma once

#include <span>
#include <string>

#include "model/stimulus.hpp"

namespace asyncselect::proofs {

// All stimuli but registrations, each with the parameters that make a difference to some machine.
[[nodiscard]] std::span<const model::Stimulus> alphabet();

// As one would say it: "Received{taken 50}", "AsyncSelect{FD_READ|FD_CLOSE}".
[[nodiscard]] std::string show(const model::Stimulus& stimulus);

}  // namespace asyncselect::proofs
