// Plays a script on a provider and has the oracle judge it as it goes: waits on conditions, never for a while. It must
// not know what a scenario expects, nor what a report looks like.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/provider.hpp"
#include "conformance/script.hpp"
#include "conformance/trace_file.hpp"
#include "model/oracle.hpp"

namespace asyncselect::conformance {

struct ExecutorOptions {
    model::Profile profile = model::spec_profile;
    // How long a message that is due, or a peer's doing, may take.
    std::chrono::milliseconds patience{5000};
    // How long a connection may take: a system whose request was turned away asks again after 1, 3 and 7 seconds.
    std::chrono::milliseconds connecting{10'000};
    // How long one call may take before it is said to hang.
    std::chrono::milliseconds watchdog{20000};
    // Whether the clauses exercised are told.
    bool tell_evidence = true;
    // Called with each step before it is played, if set.
    std::function<void(const Step&)> on_step;
    // Called with each observation, if set.
    std::function<void(const model::Observation&)> on_observation;
};

struct Played {
    model::Trace trace;
    std::vector<std::size_t> step_of;  // for each observation: the index of its step
    model::Outcome outcome = model::Outcome::conforms;
    std::optional<model::Violation> violation;  // of the profile, or of what explained most of the trace
    std::vector<std::string> deviations;        // the switches that explain it, as far as it is explained
    std::string undecided;                      // why
    std::set<std::string> evidence;             // the clauses exercised
    model::Coverage coverage;                   // the transitions exercised
    std::string trouble;                        // the script could not be played: a peer failed, a call hung
    std::string not_possible;                   // why the provider has no means for the last step
    std::size_t last_step = 0;                  // the index of the step that was played last
    bool stuck = false;                         // a call hangs and cannot be ended: the process should end soon

    [[nodiscard]] bool fails() const { return outcome == model::Outcome::violates || !trouble.empty(); }
    [[nodiscard]] bool deviates() const { return outcome == model::Outcome::deviates; }
};

// What was observed, as a trace with the script's steps as notes; each line ends with a newline. Any thread.
void write_trace(std::ostream& out, const TraceHeader& header, const Script& script, const Played& played);

// The header of a trace of this provider and script.
TraceHeader trace_header(const Provider& provider, const Script& script);

// Plays the script. One at a time on a provider. Throws nothing that has to do with the provider: see `trouble`.
Played play(const Script& script, Provider& provider, const ExecutorOptions& options = {});

}  // namespace asyncselect::conformance
