// The oracle on what is seldom used: datagrams, urgent data, deferred accepts, joins, quality of service, changes of
// the network. Each clause with a trace that is allowed and one that is not. It must not know any provider.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/cite.hpp"
#include "model/event.hpp"
#include "model/oracle.hpp"
#include "model/story.hpp"

namespace asyncselect::model {
namespace {

using namespace story;

constexpr std::uint32_t fd_qos = bit_of(Event::qos);
constexpr std::uint32_t fd_group_qos = bit_of(Event::group_qos);
constexpr std::uint32_t fd_route = bit_of(Event::routing_interface_change);
constexpr std::uint32_t fd_address = bit_of(Event::address_list_change);

constexpr OracleOptions ours_as_windows{windows_profile, true};

// In every way of judging.
void expect_allowed_everywhere(const Story& story) {
    expect_allowed(story);
    expect_allowed(story, ours);
    expect_allowed(story, windows);
    expect_allowed(story, ours_as_windows);
}

void expect_broken_everywhere(const Story& story, std::string_view clause) {
    expect_broken(story, clause);
    expect_broken(story, clause, ours);
    expect_broken(story, clause, windows);
    expect_broken(story, clause, ours_as_windows);
}

// ---- datagrams ----------------------------------------------------------------------------------------------------

TEST(OracleDatagrams, OneAtATime) {
    cite<"AS-READ-2", "AS-READ-3", "AS-LEVEL-2", "AS-ENABLE-1">();
    Story story;
    story.datagram_socket(1).select(1, fd_read).datagram(1, 10).datagram(1, 20).datagram(1, 30).message(1, fd_read);
    story.quiet();
    expect_broken_everywhere(Story(story).message(1, fd_read), "AS-ENABLE-1");
    expect_broken_everywhere(Story(story).recv(1, 100, 10).quiet(), "AS-LEVEL-2");
    expect_broken_everywhere(Story(story).recv(1, 100, 30), "");  // two at once
    expect_broken_everywhere(Story(story).recv(1, 100, 0, wsa::would_block), "");
    story.recv(1, 100, 10).message(1, fd_read).recv(1, 100, 20, 0, flag_peek).message(1, fd_read).recv(1, 100, 20);
    story.message(1, fd_read).recv(1, 100, 30).recv(1, 100, 0, wsa::would_block).quiet();
    expect_allowed_everywhere(story);
    expect_broken_everywhere(Story(story).message(1, fd_read), "AS-READ-3");
    EXPECT_FALSE(shows(story, "R-15"));
    EXPECT_TRUE(shows(story, "AS-READ-2"));
}

TEST(OracleDatagrams, NotArrivedYet) {
    Story story;
    story.datagram_socket(1).select(1, fd_read).datagram(1, 10).datagram(1, 20).message(1, fd_read).recv(1, 100, 10);
    expect_allowed_everywhere(Story(story).recv(1, 100, 0, wsa::would_block).message(1, fd_read).quiet());
    expect_allowed_everywhere(Story(story).message(1, fd_read).recv(1, 100, 20).quiet());
    expect_allowed_everywhere(Story().datagram_socket(1).select(1, fd_read).datagram(1, 10).recv(1, 9, 9).quiet());
    expect_broken_everywhere(Story(story).quiet(), "AS-LEVEL-2");
}

TEST(OracleDatagrams, OneOfNothing) {
    cite<"R-15">();
    Story story;
    story.datagram_socket(1).select(1, fd_read).datagram(1, 0);
    expect_broken_everywhere(Story(story).quiet(), "R-15");
    story.message(1, fd_read).quiet();
    expect_broken_everywhere(Story(story).recv(1, 100, 0, wsa::would_block), "");
    story.recv(1, 100, 0).recv(1, 100, 0, wsa::would_block).quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "R-15"));
}

TEST(OracleDatagrams, CutOff) {
    cite<"AS-ENABLE-8", "R-20">();
    Story story;
    story.datagram_socket(1).select(1, fd_read).datagram(1, 10).datagram(1, 20).message(1, fd_read).quiet();
    expect_broken_everywhere(Story(story).recv(1, 10, 0, wsa::message_size), "");
    expect_allowed_everywhere(
        Story(story).recv(1, 4, 0, wsa::message_size).message(1, fd_read).recv(1, 50, 20).quiet());
    expect_allowed_everywhere(Story(story).recv(1, 4, 4).message(1, fd_read).recv(1, 50, 20).quiet());
    expect_broken_everywhere(Story(story).recv(1, 4, 0, wsa::message_size).quiet(), "AS-LEVEL-2");
    expect_broken_everywhere(Story(story).recv(1, 4, 0, wsa::message_size).recv(1, 50, 10), "");
    story.recv(1, 4, 0, wsa::message_size, flag_peek).message(1, fd_read).recv(1, 50, 10).message(1, fd_read).quiet();
    expect_allowed_everywhere(story);
}

TEST(OracleDatagrams, AnAnswerThatNobodyIsThere) {
    cite<"AS-ENABLE-8", "R-28">();
    Story story;
    story.datagram_socket(1).select(1, fd_read).send(1, 5, 5).datagram(1, 10).message(1, fd_read).quiet();
    expect_allowed_everywhere(Story(story).recv(1, 9, 0, wsa::reset).message(1, fd_read).recv(1, 10, 10).quiet());
    expect_broken_everywhere(Story(story).recv(1, 9, 0, wsa::reset).quiet(), "AS-READ-3");
    // No datagram is lost by it.
    expect_broken_everywhere(Story(story).recv(1, 9, 0, wsa::reset).recv(1, 9, 0, wsa::would_block), "");
    expect_broken_everywhere(Story().datagram_socket(1).recv(1, 9, 0, wsa::reset), "");
    expect_broken_everywhere(Story().datagram_socket(1).select(1, fd_read).send(1, 5, 5).message(1, fd_read),
                             "AS-READ-2");
}

TEST(OracleDatagrams, CanSendAtOnce) {
    cite<"R-14", "AS-WRITE-3", "AS-WRITE-5">();
    Story story;
    story.datagram_socket(1).select(1, fd_write);
    expect_broken_everywhere(Story(story).quiet(), "R-14");
    story.message(1, fd_write).send(1, 5, 5).quiet();
    expect_broken_everywhere(Story(story).message(1, fd_write), "AS-WRITE-5");
    expect_allowed_everywhere(Story(story).send(1, 5, 0, wsa::would_block).message(1, fd_write).quiet());
    expect_broken_everywhere(Story(story).send(1, 5, 0, wsa::would_block).quiet(), "AS-WRITE-3");
    EXPECT_TRUE(shows(story, "R-14"));
}

TEST(OracleDatagrams, ConnectAtOnce) {
    cite<"R-16", "AS-CONNECT-1", "AS-CONNECT-2", "W-4">();
    Story story;
    story.datagram_socket(1).select(1, fd_connect | fd_write).message(1, fd_write).call(Function::connect, 1);
    expect_broken(Story(story).quiet(), "AS-CONNECT-2");
    expect_broken(Story(story).message(1, fd_write), "AS-ENABLE-1");
    Story page = story;
    page.message(1, fd_connect).quiet().select(1, fd_connect).message(1, fd_connect).quiet();
    expect_allowed(page);
    expect_allowed(page, ours);
    EXPECT_TRUE(shows(page, "R-16"));
    Story enabled;
    enabled.datagram_socket(1).select(1, fd_connect | fd_write).message(1, fd_write).send(1, 5, 5);
    enabled.call(Function::connect, 1).message(1, fd_connect);
    expect_broken(Story(enabled).quiet(), "R-16");
    expect_allowed(Story(enabled).message(1, fd_write).quiet(), ours);

    expect_broken(Story(story).message(1, fd_connect), "W-4", windows);
    expect_broken(Story(story).quiet(), "W-4", windows);
    story.message(1, fd_write).quiet();
    expect_allowed(story, windows);
    EXPECT_EQ(judge_with_deviations(story.trace()).deviations, std::vector<std::string>{"W-4"});
}

TEST(OracleDatagrams, NeverClosed) {
    cite<"AS-CLOSE-1", "R-11">();
    Story story;
    story.datagram_socket(1).select(1, fd_read | fd_close | fd_accept).datagram(1, 10).message(1, fd_read);
    story.recv(1, 10, 10).quiet();
    EXPECT_FALSE(shows(story, "AS-CLOSE-1"));
    story.add(Peer{"p", PeerVerb::close, invalid_handle, 0, 0}).quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "AS-CLOSE-1"));
    EXPECT_TRUE(shows(story, "R-11"));
    expect_broken_everywhere(Story(story).message(1, fd_close), "AS-CLOSE-1");
    expect_broken_everywhere(Story(story).message(1, fd_close, wsa::reset), "AS-CLOSE-1");
}

TEST(OracleDatagrams, WritableAfterBind) {
    cite<"AS-WRITE-4">();
    Story story;
    story.datagram_socket(1).select(1, fd_write).message(1, fd_write).call(Function::bind, 1);
    expect_allowed_everywhere(Story(story).quiet());
    expect_allowed(Story(story).message(1, fd_write).quiet());
    expect_broken(Story(story).message(1, fd_write), "AS-ENABLE-1", ours);
    expect_broken(Story(story).message(1, fd_write).message(1, fd_write), "AS-ENABLE-1");
}

TEST(OracleDatagrams, HundredsAreNoMoreWork) {
    Story story;
    story.datagram_socket(1).select(1, fd_read);
    for (int turn = 0; turn < 500; ++turn) story.datagram(1, 10);
    story.message(1, fd_read);
    for (int turn = 0; turn < 499; ++turn) story.recv(1, 10, 10).message(1, fd_read);
    story.recv(1, 10, 10).quiet();
    for (const OracleOptions& options : {OracleOptions{}, ours}) {
        Oracle oracle(options);
        for (const Observation& observation : story.trace()) {
            const auto violation = oracle.observe(observation);
            ASSERT_FALSE(violation) << violation->due;
            ASSERT_LT(oracle.states(), 10U);
        }
    }
}

// ---- out of band --------------------------------------------------------------------------------------------------

TEST(OracleUrgent, ToldAndRead) {
    cite<"AS-OOB-2", "AS-OOB-3", "AS-ENABLE-1">();
    Story story;
    story.connection(1).select(1, fd_read | fd_oob).peer(1, PeerVerb::urgent);
    expect_broken_everywhere(Story(story).quiet(), "AS-OOB-3");
    expect_allowed_everywhere(Story(story).recv(1, 1, 1, 0, flag_oob).quiet());  // at the moment of its arrival
    story.message(1, fd_oob).quiet();
    expect_broken_everywhere(Story(story).message(1, fd_oob), "AS-ENABLE-1");
    expect_broken_everywhere(Story(story).message(1, fd_read), "AS-READ-2");
    expect_broken_everywhere(Story(story).recv(1, 10, 1), "");  // it is no normal data
    story.recv(1, 1, 1, 0, flag_oob).recv(1, 1, 0, wsa::invalid, flag_oob).quiet();
    expect_allowed_everywhere(story);
    expect_broken_everywhere(Story(story).recv(1, 1, 1, 0, flag_oob), "");
    expect_broken_everywhere(Story(story).message(1, fd_oob), "AS-OOB-4");
    Story late;
    late.connection(1).peer(1, PeerVerb::urgent).quiet().select(1, fd_oob);
    expect_broken_everywhere(Story(late).quiet(), "AS-OOB-2");
    expect_allowed_everywhere(Story(late).message(1, fd_oob).quiet());
}

TEST(OracleUrgent, ToldAgainWhileItWaits) {
    cite<"R-8", "AS-ENABLE-2", "AS-LEVEL-1">();
    Story story;
    story.connection(1).select(1, fd_read | fd_oob).sends(1, 10).peer(1, PeerVerb::urgent);
    story.message(1, fd_read).message(1, fd_oob).quiet().recv(1, 5, 5);
    expect_broken_everywhere(Story(story).quiet(), "R-8");
    expect_broken_everywhere(Story(story).message(1, fd_oob).quiet(), "AS-LEVEL-2");
    story.message(1, fd_oob).message(1, fd_read).quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "R-8"));
}

TEST(OracleUrgent, PeekedAndTaken) {
    cite<"AS-OOB-4", "R-8", "AS-READ-3">();
    Story story;
    story.connection(1).select(1, fd_read | fd_oob).sends(1, 10).peer(1, PeerVerb::urgent);
    story.message(1, fd_read).message(1, fd_oob).quiet();
    Story peeked = story;
    peeked.recv(1, 1, 1, 0, flag_oob | flag_peek);
    expect_broken_everywhere(Story(peeked).quiet(), "AS-OOB-4");
    expect_allowed_everywhere(Story(peeked).message(1, fd_oob).message(1, fd_read).quiet());
    Story taken = story;
    taken.recv(1, 1, 1, 0, flag_oob);
    expect_broken_everywhere(Story(taken).quiet(), "AS-READ-3");
    expect_broken_everywhere(Story(taken).message(1, fd_oob), "AS-OOB-4");
    expect_allowed_everywhere(Story(taken).message(1, fd_read).quiet());
}

TEST(OracleUrgent, NormalDataPassesIt) {
    cite<"R-26">();
    Story story;
    story.connection(1).select(1, fd_read | fd_oob).sends(1, 10).peer(1, PeerVerb::urgent).sends(1, 10);
    story.message(1, fd_read).message(1, fd_oob).quiet();
    // A recv that stops at the mark leaves the byte where it is.
    story.recv(1, 100, 10).message(1, fd_oob).message(1, fd_read).quiet();
    expect_allowed_everywhere(story);
    // One that goes on may lose it, but not with us.
    story.recv(1, 100, 10);
    expect_allowed(Story(story).quiet());
    expect_broken(Story(story).quiet(), "R-8", ours);
    story.message(1, fd_oob).quiet().recv(1, 1, 1, 0, flag_oob).quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "R-26", ours));
}

TEST(OracleUrgent, LostBeforeItWasPassed) {
    cite<"R-8", "R-26">();
    Story story;
    story.connection(1).select(1, fd_read | fd_oob).sends(1, 10).peer(1, PeerVerb::urgent).sends(1, 10);
    story.message(1, fd_read).message(1, fd_oob).quiet().recv(1, 4, 4).message(1, fd_read);
    expect_broken(Story(story).quiet(), "R-8");
    expect_broken(Story(story).recv(1, 1, 0, wsa::invalid, flag_oob), "");
    Story own;
    own.connection(1).peer(1, PeerVerb::urgent).sends(1, 10).quiet().recv(1, 10, 10);
    expect_broken(Story(own).recv(1, 1, 0, wsa::invalid, flag_oob), "R-26", ours);
    expect_allowed(Story(own).recv(1, 1, 0, wsa::invalid, flag_oob));
    expect_allowed(Story(own).recv(1, 1, 1, 0, flag_oob), ours);
}

TEST(OracleUrgent, Replaced) {
    cite<"AS-ENABLE-1", "W-5", "R-26">();
    Story story;
    story.connection(1).select(1, fd_read | fd_oob).peer(1, PeerVerb::urgent).message(1, fd_oob).quiet();
    story.peer(1, PeerVerb::urgent);
    expect_broken_everywhere(Story(story).message(1, fd_oob), "AS-ENABLE-1");
    // Where the older one goes, nothing says.
    expect_allowed(Story(story).quiet().recv(1, 1, 1, 0, flag_oob).quiet());
    expect_allowed(Story(story).quiet().recv(1, 1, 1, 0, flag_oob).quiet(), ours);
    expect_allowed(Story(story).message(1, fd_read).recv(1, 10, 1).message(1, fd_oob).quiet(), ours);
    expect_allowed(Story(story).quiet().recv(1, 10, 1).message(1, fd_oob).quiet(), ours);
    Story second = story;
    second.quiet().recv(1, 1, 1, 0, flag_oob).message(1, fd_oob).recv(1, 1, 1, 0, flag_oob).quiet();
    expect_allowed(second, windows);
    EXPECT_TRUE(shows(second, "W-5", windows));
    const Verdict verdict = judge_with_deviations(second.trace());
    EXPECT_EQ(verdict.violation->clause, "AS-OOB-4");
    EXPECT_EQ(verdict.deviations, std::vector<std::string>{"W-5"});
    Story one = story;
    one.quiet().recv(1, 1, 1, 0, flag_oob).quiet();
    expect_broken(one, "W-5", windows);
    EXPECT_EQ(judge_with_deviations(one.trace(), windows).deviations, std::vector<std::string>{"not W-5"});
}

TEST(OracleUrgent, Inline) {
    cite<"AS-READ-4", "AS-OOB-1">();
    Story story;
    story.connection(1).oob_inline(1, true).select(1, fd_read | fd_oob).peer(1, PeerVerb::urgent);
    expect_broken_everywhere(Story(story).quiet(), "AS-READ-4");
    story.message(1, fd_read).quiet();
    expect_broken_everywhere(Story(story).message(1, fd_oob), "AS-OOB-1");
    story.recv(1, 10, 1).quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "AS-READ-4"));
}

TEST(OracleUrgent, InlineAfterItCame) {
    cite<"R-26", "AS-OOB-1">();
    Story story;
    story.connection(1).select(1, fd_read | fd_oob).peer(1, PeerVerb::urgent).message(1, fd_oob).quiet();
    story.oob_inline(1, true).quiet();
    expect_allowed(Story(story).recv(1, 1, 1, 0, flag_oob).quiet(), ours);
    // Another provider may count it as normal data from now on.
    expect_allowed(Story(story).recv(1, 1, 1).quiet());
    expect_allowed(Story(story).message(1, fd_read).recv(1, 1, 1).quiet());
    expect_allowed(Story(story).recv(1, 1, 0, wsa::invalid, flag_oob).quiet());
    expect_broken(Story(story).recv(1, 1, 1), "", ours);
    expect_broken(Story(story).recv(1, 1, 0, wsa::invalid, flag_oob), "R-26", ours);
}

// ---- accept with a condition --------------------------------------------------------------------------------------

TEST(OracleConditions, Deferred) {
    cite<"AS-ENABLE-4">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).message(9, fd_accept).quiet();
    story.accept_if(9, Condition::defer, wsa::try_again).quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "AS-ENABLE-4"));
    expect_broken_everywhere(Story(story).message(9, fd_accept), "AS-ENABLE-4");
    story.request("b", 9).quiet();
    expect_broken_everywhere(Story(story).message(9, fd_accept), "AS-ENABLE-4");
    expect_broken_everywhere(Story(story).accept(9, 0, "", wsa::would_block), "");
    Story again = story;
    again.accept_if(9, Condition::defer, wsa::try_again).quiet();
    expect_allowed_everywhere(again);
    // The deferred one comes first, and the other is told then.
    expect_broken_everywhere(Story(story).accept(9, 1, "a").quiet(), "AS-ENABLE-4");
    expect_allowed_everywhere(Story(story).accept(9, 1, "a").message(9, fd_accept).quiet());
    expect_broken(Story(story).accept(9, 1, "b"), "AS-ENABLE-4", ours);
    expect_allowed(Story(story).accept(9, 1, "b").message(9, fd_accept).quiet());
    // Any other accept enables again, also one that fails.
    Story failing = story;
    failing.accept(9, 0, "", wsa::fault);
    expect_broken_everywhere(Story(failing).quiet(), "AS-ENABLE-4");
    expect_allowed_everywhere(Story(failing).message(9, fd_accept).quiet());
}

TEST(OracleConditions, DeferredAtTheMomentOfArrival) {
    cite<"AS-ENABLE-4">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).accept_if(9, Condition::defer, wsa::try_again);
    expect_allowed_everywhere(Story(story).quiet());
    expect_allowed_everywhere(Story(story).message(9, fd_accept).quiet());
    expect_allowed_everywhere(Story(story).quiet().accept(9, 1, "a").quiet());
}

TEST(OracleConditions, DeferredUnregistered) {
    cite<"R-2", "AS-ACCEPT-1">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).message(9, fd_accept).quiet();
    story.accept_if(9, Condition::defer, wsa::try_again).select(9, fd_accept);
    expect_broken_everywhere(Story(story).quiet(), "AS-ACCEPT-1");
    expect_allowed_everywhere(Story(story).message(9, fd_accept).quiet());
}

TEST(OracleConditions, Rejected) {
    cite<"AS-ENABLE-4", "AS-LEVEL-1">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).request("b", 9).message(9, fd_accept).quiet();
    story.accept_if(9, Condition::reject, wsa::refused, "a");
    expect_broken_everywhere(Story(story).quiet(), "AS-LEVEL-1");
    story.message(9, fd_accept).accept_if(9, Condition::reject, wsa::refused, "b").quiet();
    expect_allowed_everywhere(story);
    expect_broken_everywhere(Story(story).accept(9, 1, "b"), "");
    expect_allowed_everywhere(Story(story).accept(9, 0, "", wsa::would_block).quiet());
    EXPECT_TRUE(shows(story, "AS-ENABLE-4"));
}

TEST(OracleConditions, ResultsThatDoNotFit) {
    cite<"AS-ENABLE-4">();
    Story story;
    story.listener(9).request("a", 9).quiet();
    expect_broken_everywhere(Story(story).accept_if(9, Condition::reject, wsa::try_again), "AS-ENABLE-4");
    expect_broken_everywhere(Story(story).accept_if(9, Condition::defer, wsa::refused), "AS-ENABLE-4");
    // WSATRY_AGAIN without CF_DEFER is a failure like others.
    Story other;
    other.listener(9).select(9, fd_accept).request("a", 9).message(9, fd_accept).quiet();
    other.accept(9, 0, "", wsa::try_again);
    expect_broken_everywhere(Story(other).quiet(), "AS-LEVEL-1");
}

TEST(OracleConditions, CallsOfTheConditionFunction) {
    cite<"AS-API-5", "R-25", "R-23">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).message(9, fd_accept).quiet();
    Story right = story;
    right.select(9, fd_read, window, wm, wsa::in_progress).in_callback();
    right.select(77, fd_read, window, wm, wsa::in_progress).in_callback();
    right.select(9, fd_read, 0, wm, wsa::in_progress).in_callback().accept(9, 1, "a").quiet();
    expect_allowed_everywhere(right);
    for (const char* id : {"AS-API-5", "R-25", "R-23"}) EXPECT_TRUE(shows(right, id)) << id;
    expect_broken_everywhere(Story(story).select(9, fd_read).in_callback(), "AS-API-5");
    expect_broken_everywhere(Story(story).select(9, 0, 0, 0).in_callback(), "AS-API-5");
    expect_broken_everywhere(Story(story).select(77, fd_read, window, wm, wsa::not_a_socket).in_callback(), "R-23");
    // Other threads are not concerned.
    expect_broken_everywhere(Story(story).select(9, fd_read, window, wm, wsa::in_progress), "R-25");
}

// ---- joins --------------------------------------------------------------------------------------------------------

TEST(OracleJoins, TellTheOutcome) {
    cite<"AS-CONNECT-3", "R-29", "AS-ENABLE-5">();
    Story story;
    story.datagram_socket(1).select(1, fd_connect).join(1, 1);
    expect_broken_everywhere(Story(story).quiet(), "AS-CONNECT-3");
    story.message(1, fd_connect).quiet();
    expect_allowed_everywhere(story);
    for (const char* id : {"AS-CONNECT-3", "R-29"}) EXPECT_TRUE(shows(story, id)) << id;
    expect_broken_everywhere(Story(story).message(1, fd_connect), "AS-ENABLE-5");
    expect_broken_everywhere(Story().datagram_socket(1).join(1, 2), "R-29");
    expect_allowed_everywhere(Story(story).join(1, 1).message(1, fd_connect).quiet());
}

TEST(OracleJoins, TellItLater) {
    cite<"AS-CONNECT-4", "AS-CONNECT-3">();
    Story story;
    story.socket(1).select(1, fd_connect).join(1, 1, wsa::would_block).quiet();
    expect_broken_everywhere(Story(story).message(1, fd_connect), "AS-CONNECT-4");
    Story joined = story;
    joined.peer(1, PeerVerb::established, 0, 1);
    expect_broken_everywhere(Story(joined).quiet(), "AS-CONNECT-3");
    expect_allowed_everywhere(Story(joined).message(1, fd_connect).quiet());
    Story refused = story;
    refused.peer(1, PeerVerb::refused, 0, 1, wsa::net_unreachable);
    expect_broken_everywhere(Story(refused).message(1, fd_connect), "AS-CONNECT-4");
    expect_allowed_everywhere(Story(refused).message(1, fd_connect, wsa::net_unreachable).quiet());
}

TEST(OracleJoins, FailAtOnce) {
    cite<"R-4">();
    Story story;
    story.datagram_socket(1).select(1, fd_connect).join(1, 1, wsa::invalid);
    expect_allowed_everywhere(Story(story).quiet());
    expect_broken_everywhere(Story(story).message(1, fd_connect), "AS-CONNECT-4");
}

// ---- quality of service -------------------------------------------------------------------------------------------

TEST(OracleQos, OneMessageForAChange) {
    cite<"AS-QOS-2", "AS-EDGE-1", "AS-ENABLE-6", "R-22">();
    Story story;
    story.datagram_socket(1).select(1, fd_qos).set_qos(1, 1);
    expect_broken_everywhere(Story(story).quiet(), "AS-QOS-2");
    story.message(1, fd_qos).quiet();
    expect_broken_everywhere(Story(story).message(1, fd_qos), "AS-EDGE-1");
    // Not enabled again, and so not remembered.
    Story forgotten = story;
    forgotten.set_qos(1, 2).quiet();
    expect_broken_everywhere(Story(forgotten).message(1, fd_qos), "AS-EDGE-1");
    forgotten.call(Function::get_qos, 1).quiet();
    expect_allowed_everywhere(forgotten);
    EXPECT_TRUE(shows(forgotten, "R-22"));
    expect_broken_everywhere(Story(forgotten).message(1, fd_qos), "AS-EDGE-1");
    expect_allowed_everywhere(Story(forgotten).set_qos(1, 3).message(1, fd_qos).quiet());
    expect_broken_everywhere(Story(forgotten).set_qos(1, 3).quiet(), "AS-QOS-2");
    // The same again is no change.
    expect_allowed_everywhere(Story(story).call(Function::get_qos, 1).set_qos(1, 1).quiet());
    expect_broken_everywhere(Story(story).call(Function::get_qos, 1).set_qos(1, 1).message(1, fd_qos), "AS-EDGE-1");
    for (const char* id : {"AS-QOS-2", "AS-EDGE-1"}) EXPECT_TRUE(shows(story, id)) << id;
    expect_broken_everywhere(Story().datagram_socket(1).select(1, fd_qos).message(1, fd_qos), "AS-QOS-2");
}

TEST(OracleQos, EnabledByAFailingCall) {
    cite<"AS-ENABLE-8", "AS-ENABLE-6">();
    Story story;
    story.datagram_socket(1).select(1, fd_qos).set_qos(1, 1).message(1, fd_qos).quiet();
    story.call(Function::get_qos, 1, wsa::fault).set_qos(1, 2);
    expect_broken_everywhere(Story(story).quiet(), "AS-QOS-2");
    story.message(1, fd_qos).quiet();
    expect_allowed_everywhere(story);
    for (const char* id : {"AS-ENABLE-8", "AS-ENABLE-6"}) EXPECT_TRUE(shows(story, id)) << id;
}

TEST(OracleQos, AtRegistration) {
    cite<"AS-QOS-1">();
    Story story;
    story.datagram_socket(1).set_qos(1, 1).quiet();
    expect_broken_everywhere(Story(story).select(1, fd_qos).quiet(), "AS-QOS-1");
    expect_allowed_everywhere(Story(story).select(1, fd_qos).message(1, fd_qos).quiet().select(1, fd_qos).quiet());
    expect_broken_everywhere(
        Story(story).select(1, fd_qos).message(1, fd_qos).quiet().select(1, fd_qos).message(1, fd_qos), "AS-EDGE-1");
    expect_allowed_everywhere(Story(story).call(Function::get_qos, 1).select(1, fd_qos).quiet());
}

TEST(OracleQos, WithACall) {
    cite<"AS-QOS-2">();
    Story story;
    story.datagram_socket(1).select(1, fd_qos).call(Function::connect, 1).with_qos(4);
    expect_broken_everywhere(Story(story).quiet(), "AS-QOS-2");
    expect_allowed_everywhere(Story(story).message(1, fd_qos).quiet());
    expect_allowed_everywhere(Story().datagram_socket(1).select(1, fd_qos).join(1, 1).with_qos(4).message(1, fd_qos));
    Story stream;
    stream.socket(1).select(1, fd_qos | fd_connect).call(Function::connect, 1, wsa::would_block).with_qos(4);
    stream.message(1, fd_qos).quiet().peer(1, PeerVerb::established, 0, 1).message(1, fd_connect).quiet();
    expect_allowed_everywhere(stream);
}

TEST(OracleQos, HundredsOfChanges) {
    Story story;
    story.datagram_socket(1).select(1, fd_qos);
    for (int turn = 1; turn < 400; ++turn) story.set_qos(1, turn);
    story.message(1, fd_qos).quiet();
    Oracle oracle;
    for (const Observation& observation : story.trace()) {
        ASSERT_FALSE(oracle.observe(observation));
        ASSERT_LT(oracle.states(), 10U);
    }
}

TEST(OracleQos, OfGroupsIsReserved) {
    cite<"AS-GQOS-1">();
    Story story;
    story.datagram_socket(1).select(1, fd_group_qos).set_qos(1, 1).call(Function::get_group_qos, 1, wsa::not_supported);
    story.quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "AS-GQOS-1"));
    expect_broken_everywhere(Story(story).call(Function::get_group_qos, 1), "AS-GQOS-1");
    expect_broken_everywhere(Story(story).call(Function::get_group_qos, 1, wsa::invalid), "AS-GQOS-1");
    expect_broken_everywhere(Story(story).message(1, fd_group_qos), "AS-GQOS-1");
}

// ---- routes and addresses -----------------------------------------------------------------------------------------

TEST(OracleRoutes, OneMessageForARequest) {
    cite<"AS-ROUTE-1", "AS-EDGE-2", "AS-ENABLE-7">();
    Story story;
    story.datagram_socket(1).select(1, fd_route).watch_route(1, "d").quiet();
    expect_broken_everywhere(Story(story).message(1, fd_route), "AS-ROUTE-1");
    expect_broken_everywhere(Story(story).route_changes("e").message(1, fd_route), "AS-ROUTE-1");
    story.route_changes("d");
    expect_broken_everywhere(Story(story).quiet(), "AS-ROUTE-1");
    story.message(1, fd_route).quiet();
    expect_broken_everywhere(Story(story).message(1, fd_route), "AS-EDGE-2");
    story.route_changes("d").quiet();
    expect_broken_everywhere(Story(story).message(1, fd_route), "AS-EDGE-2");
    story.watch_route(1, "d", 0).quiet();  // what changed between is not remembered
    expect_allowed_everywhere(story);
    expect_broken_everywhere(Story(story).message(1, fd_route), "AS-EDGE-2");
    story.route_changes("d").message(1, fd_route).quiet();
    expect_allowed_everywhere(story);
    for (const char* id : {"AS-ROUTE-1", "AS-EDGE-2", "AS-ENABLE-7"}) EXPECT_TRUE(shows(story, id)) << id;
}

TEST(OracleRoutes, NoRequestWithoutSuccess) {
    cite<"AS-ENABLE-8", "AS-EDGE-2">();
    Story story;
    story.datagram_socket(1).select(1, fd_route).watch_route(1, "d", wsa::fault).route_changes("d").quiet();
    expect_allowed_everywhere(story);
    expect_broken_everywhere(Story(story).message(1, fd_route), "AS-ROUTE-1");
}

TEST(OracleRoutes, SeveralDestinations) {
    cite<"AS-ROUTE-1">();
    Story story;
    story.datagram_socket(1).select(1, fd_route).watch_route(1, "d").watch_route(1, "e").route_changes("e");
    expect_broken_everywhere(Story(story).quiet(), "AS-ROUTE-1");
    story.message(1, fd_route).quiet().route_changes("d").quiet();
    expect_broken_everywhere(Story(story).message(1, fd_route), "AS-EDGE-2");
    // Whether the request for d outlives the message for e, the page does not say.
    story.watch_route(1, "e").route_changes("d");
    expect_allowed_everywhere(Story(story).quiet());
    expect_allowed_everywhere(Story(story).message(1, fd_route).quiet());
}

TEST(OracleRoutes, TheError) {
    cite<"AS-ERROR-4">();
    Story story;
    story.datagram_socket(1).select(1, fd_route).watch_route(1, "d").route_changes("d", wsa::net_unreachable);
    expect_allowed_everywhere(Story(story).message(1, fd_route, wsa::net_unreachable).quiet());
    expect_broken_everywhere(Story(story).message(1, fd_route), "AS-ERROR-4");
    expect_broken_everywhere(Story(story).message(1, fd_route, wsa::reset), "AS-ERROR-4");
    EXPECT_TRUE(shows(Story(story).message(1, fd_route, wsa::net_unreachable).quiet(), "AS-ERROR-4"));
}

// Who looks after all of them finds the one or the other first.
TEST(OracleRoutes, TheErrorIsOfAnyDestinationThatHasChanged) {
    cite<"AS-ERROR-4">();
    Story story;
    story.datagram_socket(1).select(1, fd_route).watch_route(1, "d").watch_route(1, "e");
    story.route_changes("d").route_changes("e").route_changes("d", wsa::net_unreachable);
    expect_allowed_everywhere(Story(story).message(1, fd_route, wsa::net_unreachable).quiet());
    expect_allowed_everywhere(Story(story).message(1, fd_route).quiet());
    expect_broken_everywhere(Story(story).message(1, fd_route).message(1, fd_route, wsa::net_unreachable), "AS-EDGE-2");
}

TEST(OracleRoutes, RequestsBelongToTheSocket) {
    cite<"R-21">();
    Story story;
    story.datagram_socket(1).watch_route(1, "d").watch_addresses(1).route_changes("d").addresses_change().quiet();
    story.select(1, fd_route | fd_address);
    expect_broken_everywhere(Story(story).quiet(), "R-21");
    story.message(1, fd_route).message(1, fd_address).quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "R-21"));
    story.select(1, fd_route | fd_address).quiet();
    expect_allowed_everywhere(story);
    expect_broken_everywhere(Story(story).message(1, fd_route), "AS-EDGE-2");
    Story kept;
    kept.datagram_socket(1).watch_route(1, "d").select(1, fd_route).select(1, fd_route).route_changes("d");
    expect_broken_everywhere(Story(kept).quiet(), "AS-ROUTE-1");
    expect_allowed_everywhere(Story(kept).message(1, fd_route).quiet());
}

TEST(OracleAddresses, OfTheFamily) {
    cite<"AS-ADDR-1", "AS-EDGE-2", "AS-ENABLE-7">();
    Story story;
    story.datagram_socket(1, true).select(1, fd_address).watch_addresses(1).addresses_change(false).quiet();
    expect_broken_everywhere(Story(story).message(1, fd_address), "AS-ADDR-1");
    story.addresses_change(true);
    expect_broken_everywhere(Story(story).quiet(), "AS-ADDR-1");
    story.message(1, fd_address).quiet().addresses_change(true).quiet();
    expect_broken_everywhere(Story(story).message(1, fd_address), "AS-EDGE-2");
    story.watch_addresses(1).addresses_change(true).message(1, fd_address).quiet();
    expect_allowed_everywhere(story);
    for (const char* id : {"AS-ADDR-1", "AS-EDGE-2", "AS-ENABLE-7"}) EXPECT_TRUE(shows(story, id)) << id;
}

TEST(OracleAddresses, HundredsOfChanges) {
    Story story;
    story.datagram_socket(1).select(1, fd_address | fd_route).watch_addresses(1).watch_route(1, "d");
    for (int turn = 1; turn < 300; ++turn) story.addresses_change().route_changes("d").route_changes("d", 10051);
    story.message(1, fd_address).message(1, fd_route).quiet();
    Oracle oracle;
    for (const Observation& observation : story.trace()) {
        ASSERT_FALSE(oracle.observe(observation));
        ASSERT_LT(oracle.states(), 400U);
    }
}

// Who ends its sending a second time does nothing: there is one FIN, which a reset may overtake.
TEST(OracleClose, ComesOnceHoweverOftenThePeerEndsItsSending) {
    cite<"AS-CLOSE-3", "AS-CLOSE-5">();
    Story story;
    story.connection(1).select(1, fd_close).shutdown(1, 0);
    story.peer(1, PeerVerb::shutdown).peer(1, PeerVerb::shutdown);
    expect_allowed_everywhere(Story(story).message(1, fd_close).quiet());
    expect_broken_everywhere(Story(story).message(1, fd_close).message(1, fd_close), "AS-ENABLE-5");
    story.peer(1, PeerVerb::reset);
    expect_allowed_everywhere(Story(story).message(1, fd_close).quiet());
    expect_allowed(Story(story).message(1, fd_close, wsa::reset).quiet());
}

// Once both have ended their sending there is nothing left to reset; as long as one has not, there is.
TEST(OracleClose, NeedNotTellAResetOfWhatBothHaveEnded) {
    cite<"AS-CLOSE-3", "AS-CLOSE-5">();
    Story story;
    story.connection(1).peer(1, PeerVerb::send, 10).peer(1, PeerVerb::shutdown).select(1, fd_read | fd_close);
    expect_broken(Story(story).peer(1, PeerVerb::reset).message(1, fd_read).quiet(), "AS-CLOSE-5");
    story.shutdown(1, 1).peer(1, PeerVerb::reset);
    expect_allowed(Story(story).message(1, fd_read).quiet());
    expect_allowed(Story(story).message(1, fd_read).message(1, fd_close, wsa::reset).quiet());
}

// ---- the network subsystem ----------------------------------------------------------------------------------------

TEST(OracleSubsystem, CallsFail) {
    cite<"AS-API-3", "R-23">();
    Story story;
    story.connection(1).select(1, fd_read).subsystem_fails();
    // Until it has taken effect, calls may succeed.
    expect_allowed_everywhere(Story(story).select(1, fd_read));
    expect_allowed_everywhere(Story(story).select(1, fd_read, window, wm, wsa::net_down));
    Story down = story;
    down.quiet();
    expect_allowed_everywhere(Story(down).select(1, fd_read, window, wm, wsa::net_down));
    EXPECT_TRUE(shows(Story(down).select(1, fd_read, window, wm, wsa::net_down), "AS-API-3"));
    expect_broken_everywhere(Story(down).select(1, fd_read), "AS-API-3");
    expect_broken_everywhere(Story(down).send(1, 5, 5), "AS-API-3");
    expect_broken_everywhere(Story(down).select(77, fd_read, window, wm, wsa::not_a_socket), "R-23");
    expect_broken_everywhere(Story(story).select(1, fd_read, window, wm, wsa::net_down).select(1, fd_read), "AS-API-3");
    expect_broken_everywhere(Story().socket(1).select(1, fd_read, window, wm, wsa::net_down), "AS-API-3");
    expect_broken_everywhere(Story(down).call(Function::cleanup).select(1, fd_read, window, wm, wsa::net_down), "R-23");
}

TEST(OracleSubsystem, IsTold) {
    cite<"R-18", "AS-ERROR-2", "AS-ERROR-3">();
    const auto expect = [](const Story& story, Handle handle, std::uint32_t event) {
        expect_broken_everywhere(Story(story).quiet(), "R-18");
        expect_allowed_everywhere(Story(story).message(handle, event, wsa::net_down).quiet());
        expect_broken_everywhere(
            Story(story).message(handle, event, wsa::net_down).message(handle, event, wsa::net_down), "R-18");
        EXPECT_TRUE(shows(Story(story).message(handle, event, wsa::net_down).quiet(), "R-18"));
    };
    constexpr std::uint32_t four = fd_read | fd_accept | fd_close | fd_oob;
    expect(Story().connection(1).select(1, four).subsystem_fails(), 1, fd_close);
    expect(Story().listener(1).select(1, four).subsystem_fails(), 1, fd_accept);
    expect(Story().datagram_socket(1).select(1, four).subsystem_fails(), 1, fd_read);
    // Another provider may choose another event.
    const Story story = Story().connection(1).select(1, four).subsystem_fails();
    expect_allowed(Story(story).message(1, fd_read, wsa::net_down).quiet());
    expect_broken(Story(story).message(1, fd_read, wsa::net_down), "R-18", ours);
    expect_broken_everywhere(Story().connection(1).select(1, four).message(1, fd_close, wsa::net_down), "R-18");
    expect_allowed_everywhere(Story().connection(1).subsystem_fails().quiet());
}

// Routes and addresses are the host's: who asked before may be told, or be told of nothing any more.
TEST(OracleSubsystem, LeavesChangesOfTheHostToBeTold) {
    cite<"R-18", "AS-EDGE-2", "AS-ADDR-1", "AS-ROUTE-1">();
    Story story;
    story.datagram_socket(1).select(1, fd_address | fd_route).watch_addresses(1).watch_route(1, "d");
    story.subsystem_fails().quiet();
    expect_broken_everywhere(Story(story).message(1, fd_address), "AS-EDGE-2");
    story.addresses_change().route_changes("d");
    expect_allowed_everywhere(Story(story).quiet());
    expect_allowed_everywhere(Story(story).message(1, fd_address).message(1, fd_route).quiet());
    expect_allowed_everywhere(Story(story).message(1, fd_route).quiet());
    expect_broken_everywhere(Story(story).message(1, fd_address).quiet().message(1, fd_address), "AS-EDGE-2");
    // Nor need they be told in their order.
    Story before;
    before.datagram_socket(1).select(1, fd_address | fd_read).watch_addresses(1).addresses_change().subsystem_fails();
    expect_allowed_everywhere(Story(before).message(1, fd_read, wsa::net_down).message(1, fd_address).quiet());
    expect_allowed_everywhere(Story(before).message(1, fd_address).message(1, fd_read, wsa::net_down).quiet());
    expect_broken_everywhere(
        Story(before).message(1, fd_read, wsa::net_down).message(1, fd_address).message(1, fd_address), "AS-EDGE-2");
}

// ---- WSAEventSelect -----------------------------------------------------------------------------------------------

TEST(OracleEventSelect, CancelsAndIsCancelled) {
    cite<"AS-CANCEL-4", "AS-REG-1">();
    Story story;
    story.connection(1).select(1, fd_read).quiet().event_select(1, fd_read).sends(1, 10).quiet();
    expect_allowed_everywhere(story);
    EXPECT_TRUE(shows(story, "AS-CANCEL-4"));
    expect_broken_everywhere(Story(story).message(1, fd_read), "AS-CANCEL-4");
    story.select(1, fd_read);
    expect_broken_everywhere(Story(story).quiet(), "AS-READ-1");
    expect_allowed_everywhere(Story(story).message(1, fd_read).quiet());
}

TEST(OracleEventSelect, KeepsTheSocketNonblocking) {
    cite<"AS-MODE-2">();
    Story story;
    story.connection(1).event_select(1, fd_read);
    expect_broken_everywhere(Story(story).nonblocking(1, 0), "AS-MODE-2");
    expect_allowed_everywhere(Story(story).nonblocking(1, 0, wsa::invalid));
    expect_allowed_everywhere(Story(story).event_select(1, 0).nonblocking(1, 0));
    expect_allowed_everywhere(Story(story).select(1, 0).nonblocking(1, 0));
    expect_broken_everywhere(Story(story).event_select(1, 0).nonblocking(1, 0, wsa::invalid), "");
}

}  // namespace
}  // namespace asyncselect::model
