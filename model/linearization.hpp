// Judges what several threads did at once. Each call takes effect at one moment between its start and its return; so
// there is an order of such moments that the oracle accepts, or the provider has done wrong. Knows no provider, no
// threads and no clock: stamps are numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "model/oracle.hpp"
#include "model/trace.hpp"

namespace asyncselect::model {

// An observation with the time it took. Stamps come from one counter that all threads increment: one before the call,
// one after it. What a peer does takes effect after its start, and is over at its end.
struct Happening {
    Observation observation;
    std::uint64_t start = 0;
    std::uint64_t end = 0;     // not before `start`
    std::uint32_t thread = 0;  // of the same thread, what ends first takes effect first: also a call within a call
};

struct LinearizationLimits {
    std::size_t steps = 200'000;      // observations tried; beyond, the history is undecided
    std::size_t remembered = 10'000;  // positions that need not be tried twice
    std::size_t ends = 64;            // see Linearization::ends; beyond, undecided
};

struct Linearization {
    enum class Outcome : std::uint8_t {
        accepted,
        violation,  // no order is allowed
        undecided,  // the limits did not suffice, or an oracle became undecided
    };
    Outcome outcome = Outcome::undecided;
    std::vector<std::size_t> order;      // indices of the history: an order that is allowed; otherwise the longest one
                                         // that was found, then the observation that it does not allow
    std::optional<Violation> violation;  // of that observation; its `step` is the index in the history
    std::size_t steps = 0;               // observations tried
    std::string reason;                  // why it is undecided
    std::set<std::string> evidence;      // of the order
    Coverage coverage;                   // of the order
    std::vector<Oracle> ends;            // where accepted: every oracle in which an allowed order can end

    [[nodiscard]] bool accepted() const { return outcome == Outcome::accepted; }
};

// Searches an order of the whole history that agrees with real time (what ended before something else started comes
// before it) and with each thread's own order, and that an oracle accepts. Stops at the first. Any thread.
Linearization linearize(std::span<const Happening> history, const OracleOptions& options = {},
                        const LinearizationLimits& limits = {});

// The same for a history that continues another: from each of the `ends` of that one. Looks at every order, and tells
// in turn every end; so a long history can be judged in rounds. A round should end with a moment of quiet: it leaves
// few ends.
Linearization linearize_from(std::span<const Oracle> starts, std::span<const Happening> history,
                             const LinearizationLimits& limits = {});

}  // namespace asyncselect::model
