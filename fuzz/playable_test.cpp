// What the fuzz targets leave out of scripts, and above all what they do not. It must not play anything.
#include "fuzz/playable.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "conformance/script.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::fuzz {
namespace {

namespace op = conformance::operation;
using conformance::Script;

constexpr std::array networks{Network::loopback, Network::simulated};

std::string played(std::string_view text) {
    return conformance::show(playable(conformance::parse(text, "test"), Network::simulated));
}

// Without what later steps need, they would not be played either.
bool makes_something(const conformance::Step& step) {
    return std::holds_alternative<op::MakeSocket>(step.operation) ||
           std::holds_alternative<op::Listener>(step.operation) ||
           std::holds_alternative<op::Connection>(step.operation) ||
           std::holds_alternative<op::Connect>(step.operation) || std::holds_alternative<op::Accept>(step.operation) ||
           std::holds_alternative<op::PeerConnect>(step.operation);
}

TEST(Playable, MakesEverySocketAndConnectionOfTheScenarios) {
    constexpr std::size_t most_steps = 40;
    unsigned compared = 0;
    for (const Network network : networks) {
        for (const Script& scenario : conformance::embedded_suite()) {
            if (scenario.steps.size() > most_steps) continue;
            const Script left = playable(scenario, network);
            EXPECT_EQ(std::ranges::count_if(left.steps, makes_something),
                      std::ranges::count_if(scenario.steps, makes_something))
                << conformance::show(scenario) << "becomes\n"
                << conformance::show(left);
            ++compared;
        }
    }
    EXPECT_GT(compared, 200U);
}

TEST(Playable, AnAcceptedSocketMayBearTheNameOfItsConnection) {
    EXPECT_EQ(played("listener l\npeer s connect l\naccept l s\npeer s send 1\nrecv s 1\n"),
              "listener l\nblocking l off\npeer s connect l\naccept l s\npeer s send 1\nrecv s 1\n");
}

TEST(Playable, ASocketThatConnectsMayNot) {
    EXPECT_EQ(played("listener l\npeer s connect l\nconnection s\n"), "listener l\nblocking l off\npeer s connect l\n");
    EXPECT_EQ(played("listener l\nconnection s\npeer s connect l\n"),
              "listener l\nblocking l off\nconnection s\nblocking s off\n");
}

TEST(Playable, AcceptedSocketsGetUrgentBytes) {
    EXPECT_EQ(played("listener l\npeer a connect l\naccept l s\nselect s FD_OOB\npeer a urgent\n"),
              "listener l\nblocking l off\npeer a connect l\naccept l s\nselect s FD_OOB\npeer a urgent\nmessages\n");
    EXPECT_EQ(played("listener l\nselect l FD_OOB\npeer a connect l\naccept l s\npeer a urgent\n"),
              "listener l\nblocking l off\nselect l FD_OOB\npeer a connect l\naccept l s\npeer a urgent\nmessages\n");
}

TEST(Playable, NoReceivePassesAnUrgentByteThatNobodyLooksForYet) {
    const std::string begin = "connection s\nblocking s off\npeer s urgent\n";
    EXPECT_EQ(played("connection s\npeer s urgent\nrecv s 1\ndrain s\nselect s FD_OOB\nrecv s 1\n"),
              begin + "select s FD_OOB\nmessages\nrecv s 1\n");
    EXPECT_EQ(played("connection s\npeer s urgent\nselect s FD_READ\nselect s FD_OOB window none\nrecv s 1\n"), begin);
    EXPECT_EQ(played("connection s\npeer s urgent\npeer s urgent\nrecv s 1 oob\n"), begin + "recv s 1 oob\n");
    EXPECT_EQ(played("connection s\npeer s urgent\ninside select s FD_OOB\nrecv s 1\n"),
              begin + "select s FD_OOB\nmessages\nrecv s 1\n");
}

TEST(Playable, UrgentBytesAreLeftOutWhereTheirSocketMayNotWantThem) {
    const std::string begin = "listener l\nblocking l off\nselect l FD_OOB\npeer a connect l\n";
    const std::string of_two = "listener l\nselect l FD_OOB\npeer a connect l\npeer b connect l\naccept l s\n";
    EXPECT_EQ(played(of_two + "peer a urgent\n"), begin + "peer b connect l\naccept l s\n");
    EXPECT_EQ(played("listener l\nselect l FD_OOB\npeer a connect l\npeer a urgent\n"), begin);
}

}  // namespace
}  // namespace asyncselect::fuzz
