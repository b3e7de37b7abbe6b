// The project's own library over a simulated network, as a provider: everything happens in this process and in virtual
// time, and the same seed shows the same, always. It must not know scenarios or clauses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

struct Simulation {
    Posting posting = Posting::pump;
    // What arrives when, in which pieces and in the middle of which calls, and in which order readiness is told. 0: all
    // at once and in order, as on a quiet loopback interface.
    std::uint64_t seed = 0;
    // Of a thousand calls to the system so many fail as they can: no memory, no descriptors, short sends.
    unsigned failures = 0;
    // Of a thousand changes so many are told to nobody who waits, which no network does: for tests of those who judge.
    unsigned untold = 0;
    // Of a thousand datagrams so many are lost, and as many come after the one that was sent after them.
    unsigned lost = 0;

    friend bool operator==(const Simulation&, const Simulation&) = default;
};

// "simulated" or "simulated-eager", a seed behind a colon, then a number of failures, and then one of lost datagrams:
// "simulated:7:20", "simulated:7:0:100". Nothing if the name is none of them.
std::optional<Simulation> simulation_called(std::string_view name);

// One at a time in a process.
std::unique_ptr<Provider> make_simulated_provider(const Simulation& simulation = {});

}  // namespace asyncselect::conformance
