// Playing very many scripts on a provider, in several processes, since a provider is the state of a process. It must
// not know where the scripts come from, nor how a report is printed.
#pragma once

#include <string>
#include <vector>

#include "conformance/providers.hpp"
#include "conformance/script.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {

// Plays the scripts on the provider of that name, in as many processes, each with a network of its own where that is
// permitted. What a script claims and does not exercise is no error. Of what conforms, the outcomes come without their
// traces. This process should have no other threads.
SuiteOutcome run_apart(const std::vector<Script>& scripts, const std::string& provider, const SuiteOptions& options,
                       unsigned processes, const ProviderOptions& provider_options = {});

}  // namespace asyncselect::conformance
