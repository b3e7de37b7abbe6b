// Traces that tell nothing of peers: what is wrong whatever they did is rejected, and what some doing of theirs
// explains is accepted. Each story is as small as it can be. It must not know how the oracle keeps its states.
#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "model/cite.hpp"
#include "model/follower.hpp"
#include "model/oracle.hpp"
#include "model/story.hpp"

namespace asyncselect::model {
namespace {

using namespace story;

constexpr OracleOptions unobserved{spec_profile, true, true};
constexpr OracleOptions unobserved_other{spec_profile, false, true};
constexpr std::uint32_t any_mask = fd_read | fd_write | fd_close | fd_connect;

// A socket that has connected without blocking and is registered.
Story connected(std::uint32_t mask) {
    Story story;
    story.socket(1).call(Function::connect, 1).select(1, mask);
    if ((mask & fd_connect) != 0) story.message(1, fd_connect);
    if ((mask & fd_write) != 0) story.message(1, fd_write);
    return story;
}
Story listening(std::uint32_t mask = fd_accept) { return Story().listener(1).select(1, mask); }

void expect_rejected(const Story& story, std::string_view clause) {
    expect_broken(story, clause, unobserved);
    expect_broken(story, clause, unobserved_other);
}
void expect_accepted(const Story& story) {
    expect_allowed(story, unobserved);
    expect_allowed(story, unobserved_other);
}

// ---- rejected -----------------------------------------------------------------------------------------------------

TEST(Unobserved, ASecondReadWithoutAReceivingCall) {
    cite<"AS-ENABLE-1">();
    expect_rejected(connected(any_mask).message(1, fd_read).message(1, fd_read), "AS-ENABLE-1");
    expect_rejected(connected(any_mask).message(1, fd_read).recv(1, 5, 5).message(1, fd_read).message(1, fd_read),
                    "AS-ENABLE-1");
    expect_rejected(Story().datagram_socket(1).select(1, fd_read).message(1, fd_read).message(1, fd_read),
                    "AS-ENABLE-1");
}
TEST(Unobserved, ReadAfterCloseHasToldTheEnd) {
    expect_rejected(connected(any_mask).message(1, fd_close).message(1, fd_read), "AS-CLOSE-7");
    expect_rejected(connected(any_mask).message(1, fd_read).recv(1, 9, 3).message(1, fd_close).message(1, fd_read),
                    "AS-CLOSE-7");
}
TEST(Unobserved, CloseTwice) {
    expect_rejected(connected(any_mask).message(1, fd_close).message(1, fd_close), "AS-ENABLE-5");
    expect_rejected(connected(any_mask).message(1, fd_close).message(1, fd_close, wsa::reset), "AS-ENABLE-5");
}
TEST(Unobserved, AnEventThatNobodyAskedFor) {
    expect_rejected(connected(fd_write | fd_close).message(1, fd_read), "AS-REG-1");
    expect_rejected(connected(fd_read).message(1, fd_close), "AS-REG-1");
}
TEST(Unobserved, MessagesAfterACancellation) {
    // One of each may have been in the queue.
    expect_rejected(connected(any_mask).select(1, 0).message(1, fd_read).message(1, fd_read), "AS-CANCEL-1");
    expect_rejected(connected(any_mask).message(1, fd_read).select(1, 0).message(1, fd_read), "AS-CANCEL-1");
    expect_rejected(connected(any_mask).select(1, 0).quiet().message(1, fd_read), "AS-CANCEL-1");
    expect_rejected(connected(any_mask).message(1, fd_read).call(Function::closesocket, 1).message(1, fd_read),
                    "AS-CANCEL-3");
    expect_rejected(connected(fd_read).message(1, fd_read).event_select(1, fd_read).message(1, fd_read), "AS-CANCEL-4");
    expect_rejected(connected(fd_read).call(Function::closesocket, 1).quiet().message(1, fd_read), "AS-CANCEL-3");
}
TEST(Unobserved, TheWrongWindowOrMessage) {
    expect_rejected(connected(any_mask).message(1, fd_read, 0, other_window), "AS-MSG-1");
    expect_rejected(connected(any_mask).message(1, fd_read, 0, window, wm + 7), "AS-MSG-1");
}
TEST(Unobserved, CombinedEvents) { expect_rejected(connected(any_mask).message(1, fd_read | fd_close), "AS-MSG-2"); }
TEST(Unobserved, WrongErrors) {
    expect_rejected(connected(any_mask).message(1, fd_read, wsa::reset), "AS-ERROR-3");
    expect_rejected(connected(any_mask).message(1, fd_close, wsa::refused), "AS-ERROR-2");
    expect_rejected(Story()
                        .socket(1)
                        .select(1, fd_connect)
                        .call(Function::connect, 1, wsa::would_block)
                        .message(1, fd_connect, 10054),
                    "AS-ERROR-1");
    // A graceful end was seen, so it is no reset that closed it.
    expect_rejected(
        connected(any_mask).message(1, fd_read).recv(1, 5, 5).recv(1, 5, 0).message(1, fd_close, wsa::reset),
        "AS-CLOSE-3");
}
TEST(Unobserved, WriteWithoutNeed) {
    expect_rejected(connected(any_mask).send(1, 5, 5).message(1, fd_write), "AS-WRITE-5");
    expect_rejected(connected(any_mask).message(1, fd_write), "AS-ENABLE-1");
    expect_rejected(
        connected(any_mask).send(1, 5, 0, wsa::would_block).message(1, fd_write).send(1, 5, 5).message(1, fd_write),
        "AS-WRITE-5");
}
TEST(Unobserved, AcceptTwice) {
    expect_rejected(listening().message(1, fd_accept).message(1, fd_accept), "AS-ENABLE-1");
    expect_rejected(listening().message(1, fd_accept).accept(1, 2, "").message(1, fd_accept).message(1, fd_accept),
                    "AS-ENABLE-1");
    expect_rejected(
        listening().message(1, fd_accept).accept_if(1, Condition::defer, wsa::try_again).message(1, fd_accept),
        "AS-ENABLE-4");
}
TEST(Unobserved, ConnectTwice) {
    Story story;
    story.socket(1).select(1, fd_connect).call(Function::connect, 1, wsa::would_block);
    expect_rejected(Story(story).message(1, fd_connect).message(1, fd_connect), "AS-ENABLE-5");
    expect_rejected(Story(story).message(1, fd_connect, wsa::refused).message(1, fd_connect, wsa::refused),
                    "AS-ENABLE-5");
    expect_rejected(Story(story).message(1, fd_connect, wsa::refused).message(1, fd_connect), "AS-ENABLE-5");
}
TEST(Unobserved, ConnectAfterWrite) {
    Story story;
    story.socket(1).select(1, any_mask).call(Function::connect, 1, wsa::would_block);
    expect_rejected(Story(story).message(1, fd_write), "AS-WRITE-2");
    expect_rejected(Story(story).message(1, fd_connect, wsa::refused).message(1, fd_write), "AS-WRITE-2");
}
TEST(Unobserved, DataAfterTheEndOfData) {
    expect_rejected(connected(any_mask).recv(1, 5, 0).recv(1, 5, 5), "");
    // AS-CLOSE-3: nothing is left to read when FD_CLOSE is posted.
    expect_rejected(connected(any_mask).message(1, fd_close).recv(1, 5, 5), "");
    expect_rejected(connected(any_mask).message(1, fd_read).message(1, fd_close), "AS-CLOSE-3");
}
TEST(Unobserved, BlockingWhileRegistered) {
    expect_rejected(connected(any_mask).nonblocking(1, 0), "AS-MODE-2");
    expect_rejected(connected(any_mask).select(1, 0).nonblocking(1, 0, wsa::invalid), "AS-MODE-3");
}
TEST(Unobserved, NothingThereAfterAMessage) {
    expect_rejected(connected(any_mask).message(1, fd_read).recv(1, 5, 0, wsa::would_block), "");
    expect_rejected(listening().message(1, fd_accept).accept(1, 0, "", wsa::would_block), "");
    expect_rejected(connected(any_mask).recv(1, 5, 5, 0, flag_peek).recv(1, 5, 0, wsa::would_block), "");
}
TEST(Unobserved, WhatIsCertainlyDueIsMissingAtQuiet) {
    expect_rejected(connected(any_mask).recv(1, 5, 5, 0, flag_peek).quiet(), "AS-READ-2");
    expect_rejected(connected(any_mask).message(1, fd_read).recv(1, 5, 5, 0, flag_peek).quiet(), "AS-READ-3");
    expect_rejected(connected(any_mask).message(1, fd_read).recv(1, 5, 0, wsa::fault).quiet(), "AS-READ-3");
    expect_rejected(connected(any_mask).recv(1, 5, 5, 0, flag_peek).message(1, fd_read).recv(1, 2, 2).quiet(),
                    "AS-READ-2");
    expect_rejected(connected(any_mask).recv(1, 5, 0).quiet(), "AS-CLOSE-3");
    expect_rejected(connected(any_mask).recv(1, 5, 0, wsa::reset).quiet(), "AS-CLOSE-5");
    expect_rejected(connected(any_mask).send(1, 5, 0, wsa::reset).quiet(), "AS-CLOSE-5");
    expect_rejected(Story().socket(1).call(Function::connect, 1).select(1, fd_write | fd_close).quiet(), "AS-WRITE-1");
    expect_rejected(listening().message(1, fd_accept).accept(1, 0, "", 10024).quiet(), "AS-LEVEL-1");
    expect_rejected(
        Story().socket(1).select(1, fd_connect).call(Function::connect, 1, wsa::would_block).send(1, 5, 5).quiet(),
        "AS-CONNECT-2");
    expect_rejected(Story().datagram_socket(1).select(1, fd_write).quiet(), "R-14");
    expect_rejected(Story().datagram_socket(1).select(1, fd_read).recv(1, 5, 5, 0, flag_peek).quiet(), "AS-READ-2");
}
TEST(Unobserved, ChangesAreToldOnceForARequest) {
    constexpr std::uint32_t route = bit_of(Event::routing_interface_change);
    constexpr std::uint32_t addresses = bit_of(Event::address_list_change);
    Story story;
    story.datagram_socket(1).select(1, route | addresses);
    expect_rejected(Story(story).message(1, route), "AS-ROUTE-1");
    expect_rejected(Story(story).watch_route(1, "d").message(1, route).message(1, route), "AS-EDGE-2");
    expect_rejected(Story(story).watch_addresses(1).message(1, addresses).message(1, addresses), "AS-EDGE-2");
    expect_accepted(Story(story).watch_route(1, "d").message(1, route, 10051).watch_route(1, "d").message(1, route));
}
TEST(Unobserved, AnUrgentByteTwice) {
    expect_rejected(connected(fd_oob).message(1, fd_oob).message(1, fd_oob), "AS-ENABLE-1");
    Story story = connected(fd_oob | fd_read).oob_inline(1, true).select(1, fd_oob | fd_read).quiet();
    expect_rejected(story.message(1, fd_oob), "AS-OOB-1");
}
TEST(Unobserved, TheSubsystemFailsOnce) {
    expect_rejected(connected(any_mask).message(1, fd_close, wsa::net_down).message(1, fd_close, wsa::net_down),
                    "R-18");
}

// ---- accepted -----------------------------------------------------------------------------------------------------

TEST(Unobserved, WhatPeersMayHaveDone) {
    expect_accepted(connected(any_mask).message(1, fd_read).recv(1, 5, 5).recv(1, 5, 0, wsa::would_block).quiet());
    expect_accepted(connected(any_mask).recv(1, 5, 5).recv(1, 5, 5).message(1, fd_read).message(1, fd_read).quiet());
    expect_accepted(connected(any_mask).message(1, fd_close, wsa::reset).recv(1, 5, 0, wsa::reset).quiet());
    expect_accepted(connected(any_mask).message(1, fd_close, wsa::aborted).quiet());
    expect_accepted(connected(any_mask).message(1, fd_read).message(1, fd_close, wsa::reset).recv(1, 5, 5).quiet());
    expect_accepted(connected(any_mask).send(1, 5, 3).message(1, fd_write).quiet());
    expect_accepted(connected(any_mask).send(1, 5, 0, wsa::would_block).quiet());
    expect_accepted(connected(any_mask).message(1, fd_read).recv(1, 5, 5).recv(1, 5, 0).message(1, fd_close).quiet());
    expect_accepted(listening().message(1, fd_accept).accept(1, 2, "").message(1, fd_accept).accept(1, 3, "").quiet());
    expect_accepted(listening().accept(1, 2, "").message(1, fd_accept).accept(1, 0, "", wsa::would_block).quiet());
    expect_accepted(listening().message(1, fd_accept).accept(1, 0, "", wsa::reset).quiet());
    expect_accepted(
        Story().socket(1).call(Function::connect, 1).select(1, any_mask).message(1, fd_close, wsa::reset).quiet());
    expect_accepted(Story()
                        .socket(1)
                        .call(Function::connect, 1)
                        .select(1, any_mask)
                        .message(1, fd_write)
                        .message(1, fd_close)
                        .quiet());
    expect_accepted(connected(any_mask).select(1, 0).message(1, fd_read).message(1, fd_close).quiet());
    for (const int error : {10060, 10061, 10051}) {
        expect_accepted(Story()
                            .socket(1)
                            .select(1, any_mask)
                            .call(Function::connect, 1, wsa::would_block)
                            .message(1, fd_connect, static_cast<std::uint32_t>(error))
                            .call(Function::connect, 1, wsa::would_block)
                            .message(1, fd_connect)
                            .message(1, fd_write)
                            .quiet());
    }
}
// Then no send was possible, and FD_WRITE was not posted.
TEST(Unobserved, ResetBeforeAnybodyLooked) {
    cite<"R-28", "AS-WRITE-2", "AS-CLOSE-5">();
    const auto connecting = [](std::uint32_t mask) {
        return Story().socket(1).select(1, mask).call(Function::connect, 1, wsa::would_block);
    };
    for (const ErrorCode error : {static_cast<ErrorCode>(wsa::reset), static_cast<ErrorCode>(wsa::aborted)}) {
        const auto told = [&] { return connecting(any_mask).message(1, fd_connect); };
        expect_accepted(told().message(1, fd_close, error).quiet());
        expect_accepted(told().message(1, fd_read).message(1, fd_close, error).quiet());
        expect_accepted(told().recv(1, 5, 0, error).message(1, fd_close, error).quiet());
        expect_accepted(told().send(1, 5, 0, error).message(1, fd_close, error).quiet());
        // Nobody was told of it yet, nor of the connection.
        const auto untold = [&] { return connecting(any_mask).recv(1, 5, 0, error).message(1, fd_connect); };
        expect_accepted(untold().message(1, fd_close, error).quiet());
        // Or somebody had looked in between.
        expect_accepted(untold().message(1, fd_write).message(1, fd_close, error).quiet());
        expect_accepted(connecting(fd_write | fd_close).message(1, fd_close, error).quiet());
        expect_rejected(told().recv(1, 5, 0, error).quiet(), "AS-CLOSE-5");
    }
    // Where no FD_CLOSE is wanted nothing tells of it, until a call shows that there is a connection.
    const auto without_close = [&] { return connecting(fd_connect | fd_write).message(1, fd_connect); };
    expect_accepted(without_close().quiet());
    expect_rejected(without_close().send(1, 5, 5).quiet(), "AS-WRITE-2");
    expect_rejected(without_close().recv(1, 5, 0, wsa::would_block).quiet(), "AS-WRITE-2");
    expect_rejected(connecting(any_mask).message(1, fd_connect).quiet(), "AS-WRITE-2");
    // A connection that ends otherwise had its FD_WRITE: of ours in front, in the order of R-9.
    const Story closed = connecting(any_mask).message(1, fd_connect).message(1, fd_close);
    expect_broken(closed, "AS-CLOSE-5", unobserved);
    expect_broken(Story(closed).quiet(), "AS-WRITE-2", unobserved_other);
    const Story sent = connecting(any_mask).message(1, fd_connect).send(1, 5, 5).message(1, fd_close, wsa::reset);
    expect_broken(sent, "AS-CLOSE-3", unobserved);
    expect_broken(Story(sent).quiet(), "AS-WRITE-2", unobserved_other);
}
TEST(Unobserved, AnAcceptedSocketInherits) {
    const Story story = listening(fd_accept | any_mask).message(1, fd_accept).accept(1, 2, "");
    expect_accepted(Story(story).message(2, fd_read).message(2, fd_write).message(2, fd_close, wsa::reset).quiet());
    expect_accepted(Story(story).message(2, fd_close, wsa::reset).quiet());
    expect_rejected(Story(story).message(2, fd_write).message(2, fd_connect), "R-3");
    expect_rejected(Story(story).quiet(), "AS-INHERIT-1");
}
TEST(Unobserved, WhatPeersDidMakesNoDifferenceIfItIsTold) {
    expect_rejected(connected(any_mask).sends(1, 5).message(1, fd_read).message(1, fd_read), "AS-ENABLE-1");
    expect_accepted(connected(any_mask).sends(1, 5).quiet());
}
TEST(Unobserved, TheDeviationsOfWindowsAreFound) {
    const auto outcome_of = [](const Story& story, const char* deviation) {
        Follower follower(unobserved_other);
        for (const Observation& observation : story.trace()) follower.observe(observation);
        EXPECT_EQ(follower.outcome(), Outcome::deviates) << deviation;
        EXPECT_EQ(follower.deviations(), std::vector<std::string>{deviation});
    };
    outcome_of(connected(any_mask).message(1, fd_read).message(1, fd_close).recv(1, 5, 5).quiet(), "W-1");
    outcome_of(
        connected(fd_read).recv(1, 9, 5, wsa::reset).select(1, fd_close).message(1, fd_close, wsa::aborted).quiet(),
        "W-2");
}

// ---- bounds -------------------------------------------------------------------------------------------------------

// An echo server with many sockets that nobody ends, and never a moment of quiet.
TEST(Unobserved, StatesAreFewAndClosedSocketsAreForgotten) {
    constexpr Handle sockets = 500;
    constexpr Handle generations = 6;
    std::size_t most = 0;
    std::size_t observations = 0;
    Oracle oracle(unobserved);
    const auto take = [&](const Story& story) {
        for (const Observation& observation : story.trace()) {
            const auto broken = oracle.observe(observation);
            ASSERT_FALSE(broken) << broken->clause << broken->due << broken->came;
            ++observations;
        }
        most = std::max(most, oracle.states());
    };
    take(listening(fd_accept));
    for (Handle generation = 0; generation < generations; ++generation) {
        for (Handle number = 0; number < sockets; ++number) {
            const Handle made = 10 + generation * sockets + number;
            take(Story::empty().message(1, fd_accept).accept(1, made, "").select(made, fd_read | fd_write | fd_close));
            take(Story::empty().message(made, fd_write));
        }
        for (int round = 0; round < 3; ++round) {
            for (Handle number = 0; number < sockets; ++number) {
                const Handle made = 10 + generation * sockets + number;
                take(Story::empty().message(made, fd_read).recv(made, 100, 50).send(made, 50, 50));
                take(Story::empty().recv(made, 100, 0, wsa::would_block));
            }
        }
        for (Handle number = 0; number < sockets; ++number) {
            const Handle made = 10 + generation * sockets + number;
            take(Story::empty().message(made, fd_close).recv(made, 100, 0).call(Function::closesocket, made));
        }
    }
    std::cout << observations << " observations, at most " << most << " states of " << sockets << " sockets\n";
    EXPECT_LE(most, 3 * sockets);
}

}  // namespace
}  // namespace asyncselect::model
