// The oracle on random traces of a provider that does what the model says: whatever it does is right, so every trace
// must be accepted, at each of its steps. It must not know any other provider.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <string>

#include "model/oracle.hpp"
#include "model/story.hpp"
#include "model/test_simulation.hpp"

namespace asyncselect::model {
namespace {

using simulation::Provider;
using story::Story;

// The trace of somebody who saw nothing of peers and network.
Story stripped(const Story& story) {
    Story left = Story::empty();
    for (const Observation& observation : story.trace()) {
        const bool unseen = std::holds_alternative<observation::Peer>(observation) ||
                            std::holds_alternative<observation::Change>(observation);
        if (!unseen) left.add(observation);
    }
    return left;
}

// Holds if the oracle accepts the trace; says where not.
void expect_accepted(const Story& story, const OracleOptions& options, std::uint32_t seed, std::size_t& most_states) {
    OracleOptions unlimited = options;
    unlimited.most_states = 1'000'000;
    Oracle oracle(unlimited);
    for (std::size_t step = 0; step < story.trace().size(); ++step) {
        const auto violation = oracle.observe(story.trace()[step]);
        most_states = std::max(most_states, oracle.states());
        if (!violation) continue;
        std::string told;
        for (std::size_t index = 0; index <= step; ++index) told += "\n  " + show(story.trace()[index]);
        for (const std::string& state : violation->states) told += "\n    " + state;
        FAIL() << "seed " << seed << ": " << violation->clause << ", due " << violation->due << ", came "
               << violation->came << told;
    }
    ASSERT_EQ(oracle.undecided(), "");
}

void expect_accepted_always(Kind kind, const Profile& profile) {
    std::size_t most_states = 0;
    std::size_t most_states_unobserved = 0;
    for (std::uint32_t seed = 0; seed < 150; ++seed) {
        const Story story = Provider(seed, kind, profile).run(60);
        expect_accepted(story, {profile, true}, seed, most_states);
        expect_accepted(story, {profile, false}, seed, most_states);
        // How many urgent bytes queue (W-5), nobody knows who does not see the peers: left out here.
        Profile without_queue = profile;
        without_queue.urgent_bytes_queue = false;
        const Story unobserved = stripped(Provider(seed, kind, without_queue).run(60));
        expect_accepted(unobserved, {without_queue, true, true}, seed, most_states_unobserved);
        expect_accepted(unobserved, {without_queue, false, true}, seed, most_states_unobserved);
        if (::testing::Test::HasFatalFailure()) return;
    }
    std::cout << "at most " << most_states << " states, " << most_states_unobserved << " with unobserved peers\n";
}

TEST(OracleSimulation, DatagramSockets) { expect_accepted_always(Kind::datagram, spec_profile); }
TEST(OracleSimulation, StreamSockets) { expect_accepted_always(Kind::stream, spec_profile); }
TEST(OracleSimulation, DatagramSocketsAsOnWindows) { expect_accepted_always(Kind::datagram, windows_profile); }
TEST(OracleSimulation, StreamSocketsAsOnWindows) { expect_accepted_always(Kind::stream, windows_profile); }

}  // namespace
}  // namespace asyncselect::model
