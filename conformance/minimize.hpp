// Makes a script small that fails or deviates, by playing: what can be left out or made plainer, so that the same
// clause is still broken in the same way, is. It must not know what is expected of a provider, nor how a report looks.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "conformance/executor.hpp"
#include "conformance/provider.hpp"
#include "conformance/script.hpp"

namespace asyncselect::conformance {

struct MinimizeOptions {
    ExecutorOptions executor;
    // How long it may take altogether; a play that has begun is finished.
    std::chrono::milliseconds limit{10000};
    // How it deviates from the clause ("W-3"); none: it fails.
    std::vector<std::string> deviations = {};
};

struct Minimized {
    Script script;
    Played played;                             // of the script, as it breaks the clause
    std::size_t plays = 0;                     // how many it took to find it
    bool cut_short = false;                    // the time was over: it may be made smaller still
    unsigned happened = 0;                     // how often the clause was broken...
    unsigned of = 0;                           // ...in so many plays of the script
    [[nodiscard]] std::string remark() const;  // of the last three, in words; empty if there is nothing to tell
};

// Nothing if the script does not do so when it is played again. Throws nothing that has to do with the
// provider. `clause` may be empty: what was observed contradicted itself.
std::optional<Minimized> minimize(const Script& script, Provider& provider, const std::string& clause,
                                  const MinimizeOptions& options = {});

// The plainer operations that `minimize` tries in the place of one; part of it, for tests.
std::vector<Operation> plainer(const Operation& operation);

}  // namespace asyncselect::conformance
