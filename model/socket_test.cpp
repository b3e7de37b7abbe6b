// What one socket posts, clause by clause, as sequences of what happens to it. The steps say it in the page's words; no
// test looks at a state or a table.
#include "model/socket.hpp"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>
#include <vector>

#include "model/cite.hpp"
#include "model/possible.hpp"

namespace asyncselect::model {
namespace {

using namespace stimulus;  // the steps of every test below

constexpr std::uint32_t fd_read = bit_of(Event::read);
constexpr std::uint32_t fd_write = bit_of(Event::write);
constexpr std::uint32_t fd_oob = bit_of(Event::oob);
constexpr std::uint32_t fd_accept = bit_of(Event::accept);
constexpr std::uint32_t fd_connect = bit_of(Event::connect);
constexpr std::uint32_t fd_close = bit_of(Event::close);
constexpr std::uint32_t fd_qos = bit_of(Event::qos);
constexpr std::uint32_t fd_group_qos = bit_of(Event::group_qos);
constexpr std::uint32_t fd_route = bit_of(Event::routing_interface_change);
constexpr std::uint32_t fd_addresses = bit_of(Event::address_list_change);

constexpr ErrorCode refused = 10061;
constexpr ErrorCode reset = 10054;
constexpr ErrorCode aborted = 10053;

// Applies one step, which must be possible, and tells what was posted: "FD_READ FD_CLOSE(10054)", or "" for nothing.
std::string after(Socket& socket, const Stimulus& stimulus) {
    EXPECT_TRUE(possible(socket, stimulus)) << "this step cannot happen here";
    std::string told;
    for (const Post& post : socket.apply(stimulus)) {
        if (!told.empty()) told += ' ';
        told += name_of(post.event);
        if (post.error != 0) told += '(' + std::to_string(post.error) + ')';
    }
    return told;
}

Socket connected(const Profile& profile = spec_profile) {
    Socket socket(Kind::stream, profile);
    socket.apply(ConnectCalled{Outcome::success});
    return socket;
}

Socket listening() {
    Socket socket(Kind::stream);
    socket.apply(Listened{});
    return socket;
}

// ---- Registration and cancellation

TEST(Registration, PostsWhatHoldsAlready) {
    cite<"AS-REG-3", "AS-ACCEPT-1">();
    Socket socket = listening();
    EXPECT_EQ(after(socket, ConnectionRequest{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_accept}), "FD_ACCEPT");
}

TEST(Registration, ReplacesTheOneBefore) {
    cite<"AS-REG-1", "AS-REG-2">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, DataArrived{}), "") << "only FD_WRITE is reported now";
    EXPECT_EQ(socket.mask(), fd_write);
}

TEST(Registration, IsAFreshRecord) {
    cite<"R-2", "AS-REG-1">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, DataArrived{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_write}), "FD_READ FD_WRITE");
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_write}), "FD_READ FD_WRITE") << "whatever was posted before";
}

TEST(Registration, WithAFullBufferOwesFdWrite) {
    cite<"R-2", "AS-WRITE-3">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, Sent{SentOutcome::would_block}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_write}), "");
    EXPECT_EQ(after(socket, SendSpaceAvailable{}), "FD_WRITE") << "though no send has failed since";
}

TEST(Registration, TakesEventsThatCannotOccur) {
    cite<"R-11">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, AsyncSelect{fd_accept | fd_oob | fd_close}), "");
    EXPECT_EQ(after(socket, DatagramArrived{}), "");
    EXPECT_EQ(after(socket, Accepted{AcceptOutcome::failure}), "");
}

TEST(Cancellation, WithZeroStopsAtOnce) {
    cite<"AS-CANCEL-1">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_close}), "");
    EXPECT_EQ(after(socket, AsyncSelect{0}), "");
    EXPECT_EQ(after(socket, DataArrived{}), "");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, Received{1}), "");
}

TEST(Cancellation, ByWsaEventSelect) {
    cite<"AS-CANCEL-4">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, EventSelect{fd_read}), "");
    EXPECT_EQ(after(socket, DataArrived{}), "");
    EXPECT_EQ(socket.mask(), 0U);
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "FD_READ") << "and the other way round (AS-REG-1)";
}

TEST(Cancellation, ByClosesocket) {
    cite<"AS-CANCEL-3", "AS-CLOSE-6">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{every_event}), "FD_CONNECT FD_WRITE");
    EXPECT_EQ(after(socket, Closed{}), "");
    for (const Event event : events_in_posting_order) EXPECT_EQ(socket.state(event), "Off");
    EXPECT_FALSE(possible(socket, DataArrived{})) << "nothing happens to a closed socket";
}

TEST(Cancellation, OfAPendingConnectByClosesocket) {
    cite<"AS-CLOSE-6", "AS-CANCEL-3">();
    Socket socket(Kind::stream);
    EXPECT_EQ(after(socket, AsyncSelect{every_event}), "");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::would_block}), "");
    EXPECT_EQ(after(socket, Closed{}), "");
}

// ---- Accepted sockets

TEST(AcceptedSocket, InheritsAndIsWritable) {
    cite<"AS-INHERIT-1", "AS-WRITE-2", "R-3">();
    Socket socket = Socket::accepted();
    EXPECT_EQ(after(socket, Inherit{fd_accept | fd_connect | fd_read | fd_write | fd_close}), "FD_WRITE");
    EXPECT_EQ(after(socket, DataArrived{}), "FD_READ");
}

TEST(AcceptedSocket, PostsWhatHoldsWhenItInherits) {
    cite<"R-3">();
    Socket socket = Socket::accepted();
    EXPECT_EQ(after(socket, DataArrived{}), "");
    EXPECT_EQ(after(socket, OobArrived{}), "");
    EXPECT_EQ(after(socket, ConnectionAborted{reset}), "");
    EXPECT_EQ(after(socket, Inherit{every_event}), "FD_OOB FD_READ FD_CLOSE(10054)");
}

TEST(AcceptedSocket, ItsOwnRegistrationReplacesTheInheritedOne) {
    cite<"AS-INHERIT-2", "R-3", "AS-CONNECT-1">();
    Socket socket = Socket::accepted();
    EXPECT_EQ(after(socket, Inherit{fd_read | fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect}), "FD_CONNECT") << "the application itself asked for it";
    EXPECT_EQ(after(socket, DataArrived{}), "");
}

// ---- FD_READ

TEST(Read, OneHundredBytesInTwoHalves) {
    cite<"AS-LEVEL-2", "AS-READ-2", "AS-READ-3", "AS-ENABLE-2">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, DataArrived{100}), "FD_READ");
    EXPECT_EQ(after(socket, Received{50}), "FD_READ");
    EXPECT_EQ(after(socket, Received{50}), "");
    EXPECT_EQ(after(socket, DataArrived{1}), "FD_READ") << "re-enabled by the last recv";
}

TEST(Read, AtRegistration) {
    cite<"AS-READ-1">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, DataArrived{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "FD_READ");
}

TEST(Read, NoFloodWhileItIsPosted) {
    cite<"AS-ENABLE-1", "AS-READ-2">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, DataArrived{}), "FD_READ");
    EXPECT_EQ(after(socket, DataArrived{}), "");
    EXPECT_EQ(after(socket, Sent{}), "") << "send is not FD_READ's re-enabling function";
    EXPECT_EQ(after(socket, DataArrived{}), "");
}

TEST(Read, AfterAPeek) {
    cite<"AS-READ-3", "AS-LEVEL-1">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, DataArrived{10}), "FD_READ");
    EXPECT_EQ(after(socket, Received{}), "FD_READ");
}

TEST(Read, ReEnabledByACallThatFails) {
    cite<"AS-ENABLE-8", "R-20", "R-1">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, DataArrived{10}), "FD_READ");
    EXPECT_EQ(after(socket, Received{}), "FD_READ") << "WSAEFAULT, with data still there: a second message";
    EXPECT_EQ(after(socket, Received{}), "FD_READ") << "and a third, whether or not the others were retrieved";
}

TEST(Read, SeveralRecvsYieldSeveralMessages) {
    cite<"AS-LEVEL-3", "AS-ROBUST-1", "R-1">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, DataArrived{3}), "FD_READ");
    EXPECT_EQ(after(socket, Received{1}), "FD_READ");
    EXPECT_EQ(after(socket, Received{1}), "FD_READ");
    EXPECT_EQ(after(socket, Received{1}), "") << "two messages are stale by now";
    EXPECT_EQ(after(socket, Received{}), "") << "WSAEWOULDBLOCK";
    EXPECT_EQ(after(socket, DataArrived{}), "FD_READ");
}

TEST(Read, EndOfDataIsNoData) {
    cite<"AS-CLOSE-7", "R-28">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, Received{}), "") << "recv returned 0";
    EXPECT_EQ(after(socket, ConnectionAborted{reset}), "") << "a pending error alone is no data";
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
}

TEST(Read, DatagramsOfLengthZeroCount) {
    cite<"R-15">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, DatagramArrived{0}), "FD_READ");
    EXPECT_EQ(after(socket, DatagramArrived{0}), "");
    EXPECT_EQ(after(socket, Received{1}), "FD_READ");
    EXPECT_EQ(after(socket, Received{1}), "");
}

TEST(Read, NothingIsLeftAfterShutdownOfReceiving) {
    cite<"R-6">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, DataArrived{5}), "");
    EXPECT_EQ(after(socket, ShutDown{How::receive}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_oob}), "");
    EXPECT_EQ(after(socket, DataArrived{5}), "");
    EXPECT_EQ(after(socket, OobArrived{}), "");
}

// ---- FD_OOB

TEST(Oob, ArrivesAndStaysUntilItIsRead) {
    cite<"AS-OOB-3", "AS-OOB-4", "AS-ENABLE-1", "AS-ENABLE-2">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_oob | fd_read}), "");
    EXPECT_EQ(after(socket, OobArrived{}), "FD_OOB");
    EXPECT_EQ(after(socket, OobArrived{}), "") << "a newer byte replaces the older";
    EXPECT_EQ(after(socket, Received{}), "FD_OOB");
    EXPECT_EQ(after(socket, Received{0, true}), "");
    EXPECT_EQ(after(socket, OobArrived{}), "FD_OOB");
}

TEST(Oob, AtRegistration) {
    cite<"AS-OOB-2", "R-26">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, OobArrived{}), "");
    EXPECT_EQ(after(socket, DataArrived{10}), "");
    EXPECT_EQ(after(socket, Received{10}), "") << "past the mark: the urgent byte stays";
    EXPECT_EQ(after(socket, AsyncSelect{fd_oob | fd_read}), "FD_OOB");
}

TEST(Oob, IsReEnabledTogetherWithRead) {
    cite<"R-8", "AS-LEVEL-1">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_oob | fd_read}), "");
    EXPECT_EQ(after(socket, OobArrived{}), "FD_OOB");
    EXPECT_EQ(after(socket, DataArrived{10}), "FD_READ");
    EXPECT_EQ(after(socket, Received{5}), "FD_OOB FD_READ") << "the urgent byte waits still";
    EXPECT_EQ(after(socket, Received{0, true}), "FD_READ") << "and here the normal data does";
}

TEST(Oob, InlineIsNormalData) {
    cite<"AS-OOB-1", "AS-READ-4">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_oob | fd_read}), "");
    EXPECT_EQ(after(socket, OobInlineSet{true}), "");
    EXPECT_EQ(after(socket, OobArrived{}), "FD_READ");
    EXPECT_EQ(after(socket, AsyncSelect{fd_oob | fd_read}), "FD_READ");
    EXPECT_EQ(after(socket, Received{1}), "");
}

TEST(Oob, SettingInlinePostsNothing) {
    cite<"R-26">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_oob | fd_read}), "");
    EXPECT_EQ(after(socket, OobArrived{}), "FD_OOB");
    EXPECT_EQ(after(socket, OobInlineSet{true}), "") << "it governs what arrives from now on";
    EXPECT_EQ(after(socket, Received{}), "FD_OOB") << "this byte is still to be had with MSG_OOB";
}

TEST(Oob, UrgentBytesQueueOnWindows) {
    cite<"W-5">();
    Socket socket = connected({.urgent_bytes_queue = true});
    EXPECT_EQ(after(socket, AsyncSelect{fd_oob}), "");
    EXPECT_EQ(after(socket, OobArrived{}), "FD_OOB");
    EXPECT_EQ(after(socket, OobArrived{}), "");
    EXPECT_EQ(after(socket, Received{0, true}), "FD_OOB") << "the next one";
    EXPECT_EQ(after(socket, Received{0, true}), "");
}

// ---- FD_WRITE

TEST(Write, OnceUntilASendWouldBlock) {
    cite<"AS-WRITE-1", "AS-WRITE-3", "AS-WRITE-5", "AS-ENABLE-3">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, Sent{}), "");
    EXPECT_EQ(after(socket, Sent{}), "");
    EXPECT_EQ(after(socket, Sent{SentOutcome::would_block}), "");
    EXPECT_EQ(after(socket, SendSpaceAvailable{}), "FD_WRITE");
    EXPECT_EQ(after(socket, Sent{}), "");
}

TEST(Write, AfterAShortSend) {
    cite<"R-19">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, Sent{SentOutcome::short_count}), "");
    EXPECT_EQ(after(socket, SendSpaceAvailable{}), "FD_WRITE");
}

TEST(Write, FollowsConnect) {
    cite<"AS-WRITE-2", "R-9", "AS-MSG-2">();
    Socket socket(Kind::stream);
    EXPECT_EQ(after(socket, AsyncSelect{fd_write | fd_connect}), "") << "an unconnected stream cannot send (R-14)";
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::would_block}), "");
    EXPECT_EQ(after(socket, ConnectOutcome{}), "FD_CONNECT FD_WRITE");
}

TEST(Write, ADatagramSocketCanSendAtOnce) {
    cite<"R-14", "AS-WRITE-4">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, AsyncSelect{fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, Bound{}), "") << "it may be posted again; ours is not";
}

TEST(Write, NeedsASendingSide) {
    cite<"R-28">();
    Socket half = connected();
    EXPECT_EQ(after(half, PeerClosed{}), "");
    EXPECT_EQ(after(half, AsyncSelect{fd_write}), "FD_WRITE") << "the peer's FIN does not hinder sending";
    EXPECT_EQ(after(half, ShutDown{How::send}), "");
    EXPECT_EQ(after(half, AsyncSelect{fd_write}), "");

    Socket broken = connected();
    EXPECT_EQ(after(broken, ConnectionAborted{reset}), "");
    EXPECT_EQ(after(broken, AsyncSelect{fd_write}), "");
}

TEST(Write, AfterAFailedSendOfAnotherKind) {
    cite<"AS-ENABLE-8", "AS-WRITE-5">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, Sent{SentOutcome::failure}), "") << "re-enabled; sends are possible as before";
}

// ---- FD_ACCEPT

TEST(Accept, OneMessageForEachRequestThatIsAccepted) {
    cite<"AS-ACCEPT-2", "AS-ACCEPT-3", "AS-ENABLE-1", "AS-ENABLE-4", "AS-LEVEL-1">();
    Socket socket = listening();
    EXPECT_EQ(after(socket, AsyncSelect{fd_accept}), "");
    EXPECT_EQ(after(socket, ConnectionRequest{}), "FD_ACCEPT");
    EXPECT_EQ(after(socket, ConnectionRequest{}), "");
    EXPECT_EQ(after(socket, Accepted{}), "FD_ACCEPT");
    EXPECT_EQ(after(socket, Accepted{}), "");
    EXPECT_EQ(after(socket, ConnectionRequest{}), "FD_ACCEPT");
}

TEST(Accept, AcceptingUntilItWouldBlockLosesNothing) {
    cite<"AS-ENABLE-8", "R-20">();
    Socket socket = listening();
    EXPECT_EQ(after(socket, AsyncSelect{fd_accept}), "");
    for (int connection = 0; connection < 100; ++connection) {
        EXPECT_EQ(after(socket, ConnectionRequest{}), "FD_ACCEPT");
        EXPECT_EQ(after(socket, Accepted{}), "");
        EXPECT_EQ(after(socket, Accepted{AcceptOutcome::failure}), "") << "WSAEWOULDBLOCK";
    }
    EXPECT_EQ(after(socket, ConnectionRequest{}), "FD_ACCEPT");
    EXPECT_EQ(after(socket, Accepted{AcceptOutcome::failure}), "FD_ACCEPT")
        << "a bad argument: the request is still there";
}

TEST(Accept, ADeferredRequestSilencesUntilTheNextAccept) {
    cite<"AS-ENABLE-4">();
    Socket socket = listening();
    EXPECT_EQ(after(socket, AsyncSelect{fd_accept}), "");
    EXPECT_EQ(after(socket, ConnectionRequest{}), "FD_ACCEPT");
    EXPECT_EQ(after(socket, Accepted{AcceptOutcome::deferred}), "");
    EXPECT_EQ(after(socket, ConnectionRequest{}), "") << "not for a newer one either";
    EXPECT_EQ(after(socket, Accepted{AcceptOutcome::deferred}), "");
    EXPECT_EQ(after(socket, Accepted{}), "FD_ACCEPT");
    EXPECT_EQ(after(socket, Accepted{AcceptOutcome::deferred}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_accept}), "FD_ACCEPT") << "a fresh record (R-2)";
}

TEST(Accept, ARejectionReEnables) {
    cite<"AS-ENABLE-4">();
    Socket socket = listening();
    EXPECT_EQ(after(socket, AsyncSelect{fd_accept}), "");
    EXPECT_EQ(after(socket, ConnectionRequest{}), "FD_ACCEPT");
    EXPECT_EQ(after(socket, ConnectionRequest{}), "");
    EXPECT_EQ(after(socket, Accepted{AcceptOutcome::rejected}), "FD_ACCEPT");
    EXPECT_EQ(after(socket, Accepted{AcceptOutcome::rejected}), "");
}

// ---- FD_CONNECT

TEST(Connect, AtRegistration) {
    cite<"AS-CONNECT-1", "R-28">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect}), "FD_CONNECT");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect}), "") << "it has been closed";
}

TEST(Connect, AtRegistrationButNotOnWindows) {
    cite<"W-3">();
    Socket socket = connected({.no_connect_at_select = true});
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect | fd_write}), "FD_WRITE");
}

TEST(Connect, WhenConnectSucceedsAtOnce) {
    cite<"AS-CONNECT-2">();
    Socket socket(Kind::stream);
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect}), "");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::success}), "FD_CONNECT");
}

TEST(Connect, RefusedThenTriedAgain) {
    cite<"AS-CONNECT-4", "AS-ERROR-1", "R-4", "AS-ENABLE-5">();
    Socket socket(Kind::stream);
    EXPECT_EQ(after(socket, AsyncSelect{every_event}), "");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::would_block}), "");
    EXPECT_EQ(after(socket, ConnectOutcome{refused}), "FD_CONNECT(10061)") << "neither FD_WRITE nor FD_CLOSE";
    EXPECT_EQ(after(socket, AsyncSelect{every_event}), "") << "not told again";
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::would_block}), "");
    EXPECT_EQ(after(socket, ConnectOutcome{}), "FD_CONNECT FD_WRITE") << "a second attempt is a new occurrence";
}

TEST(Connect, ACallThatTellsItsFailurePostsNothing) {
    cite<"R-4">();
    Socket socket(Kind::stream);
    EXPECT_EQ(after(socket, AsyncSelect{every_event}), "");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::failure}), "");
}

TEST(Connect, OfADatagramSocket) {
    cite<"R-16", "AS-CONNECT-2", "AS-ENABLE-1", "R-4">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect | fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::success}), "FD_CONNECT") << "FD_WRITE is posted already";
    EXPECT_EQ(after(socket, Sent{}), "");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::success}), "FD_CONNECT FD_WRITE");
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect}), "FD_CONNECT");
}

TEST(Connect, OfADatagramSocketOnWindows) {
    cite<"W-4">();
    Socket socket(Kind::datagram, {.datagram_connect_posts_write = true});
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect | fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::success}), "FD_WRITE") << "not re-enabled, and posted again";
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect}), "FD_CONNECT") << "W-3 is another switch";
}

TEST(Connect, WhenAJoinCompletes) {
    cite<"AS-CONNECT-3", "AS-CONNECT-4", "R-29">();
    Socket socket(Kind::datagram, windows_profile);
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect}), "");
    EXPECT_EQ(after(socket, JoinCalled{Outcome::success}), "FD_CONNECT") << "W-4 speaks of connect only";
    EXPECT_EQ(after(socket, JoinCalled{Outcome::failure}), "");

    Socket stream(Kind::stream);
    EXPECT_EQ(after(stream, AsyncSelect{fd_connect}), "");
    EXPECT_EQ(after(stream, JoinCalled{Outcome::would_block}), "");
    EXPECT_EQ(after(stream, JoinOutcome{10055}), "FD_CONNECT(10055)");
    EXPECT_EQ(after(stream, JoinCalled{Outcome::would_block}), "");
    EXPECT_EQ(after(stream, JoinOutcome{}), "FD_CONNECT");
}

// ---- FD_CLOSE

TEST(Close, WaitsForTheData) {
    cite<"AS-CLOSE-3", "AS-CLOSE-7", "AS-ERROR-2">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_close}), "");
    EXPECT_EQ(after(socket, DataArrived{100}), "FD_READ");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, Received{50}), "FD_READ");
    EXPECT_EQ(after(socket, Received{50}), "FD_CLOSE");
    EXPECT_EQ(after(socket, Received{}), "");
}

TEST(Close, DoesNotWaitOnWindows) {
    cite<"W-1">();
    Socket socket = connected({.close_at_fin = true});
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_close}), "");
    EXPECT_EQ(after(socket, DataArrived{100}), "FD_READ");
    EXPECT_EQ(after(socket, PeerClosed{}), "FD_CLOSE");
    EXPECT_EQ(after(socket, Received{50}), "FD_READ") << "for the rest";
    EXPECT_EQ(after(socket, Received{50}), "") << "not again";
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "FD_CLOSE");
}

TEST(Close, AtOnceWithNothingToRead) {
    cite<"AS-CLOSE-3">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "");
    EXPECT_EQ(after(socket, PeerClosed{}), "FD_CLOSE");
}

TEST(Close, AnswersALocalShutdown) {
    cite<"AS-CLOSE-4", "R-7">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_close}), "");
    EXPECT_EQ(after(socket, ShutDown{How::send}), "") << "local shutdown alone posts nothing";
    EXPECT_EQ(after(socket, DataArrived{1}), "FD_READ");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, Received{1}), "FD_CLOSE");

    Socket both = connected();
    EXPECT_EQ(after(both, AsyncSelect{fd_close}), "");
    EXPECT_EQ(after(both, ShutDown{How::both}), "");
    EXPECT_EQ(after(both, PeerClosed{}), "FD_CLOSE");
}

TEST(Close, AShutdownOfReceivingLeavesNothingToReadFirst) {
    cite<"R-6">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "");
    EXPECT_EQ(after(socket, DataArrived{1}), "");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, ShutDown{How::receive}), "FD_CLOSE");
}

TEST(Close, AResetIsToldAtOnce) {
    cite<"AS-CLOSE-5", "R-6", "AS-ERROR-2">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_close}), "");
    EXPECT_EQ(after(socket, DataArrived{100}), "FD_READ");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, ConnectionAborted{reset}), "FD_CLOSE(10054)") << "overtakes the graceful close that waited";

    Socket timed_out = connected();
    EXPECT_EQ(after(timed_out, AsyncSelect{fd_close}), "");
    EXPECT_EQ(after(timed_out, ConnectionAborted{aborted}), "FD_CLOSE(10053)");
}

TEST(Close, AResetThatACallTellsFirst) {
    cite<"AS-CLOSE-5">();
    Socket receiving = connected();
    EXPECT_EQ(after(receiving, AsyncSelect{fd_read | fd_close}), "");
    EXPECT_EQ(after(receiving, DataArrived{100}), "FD_READ");
    EXPECT_EQ(after(receiving, Received{0, false, reset}), "FD_CLOSE(10054)");

    Socket sending = connected();
    EXPECT_EQ(after(sending, AsyncSelect{fd_close}), "");
    EXPECT_EQ(after(sending, Sent{SentOutcome::failure, reset}), "FD_CLOSE(10054)");
}

TEST(Close, AResetOnWindows) {
    cite<"W-2">();
    Socket socket = connected({.reset_tells_aborted = true});
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "");
    EXPECT_EQ(after(socket, ConnectionAborted{reset}), "FD_CLOSE(10053)");
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "FD_CLOSE(10053)");
}

TEST(Close, OnceForEachRegistration) {
    cite<"R-5", "AS-ENABLE-5", "AS-CLOSE-2">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "");
    EXPECT_EQ(after(socket, PeerClosed{}), "FD_CLOSE");
    EXPECT_EQ(after(socket, Sent{}), "");
    EXPECT_EQ(after(socket, ConnectionAborted{reset}), "") << "no second one";
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "FD_CLOSE(10054)") << "the present state";
}

TEST(Close, IsToldWhenItIsRegisteredLater) {
    cite<"AS-CLOSE-2">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_close}), "FD_CLOSE");
}

TEST(Close, NeverOfADatagramSocket) {
    cite<"AS-CLOSE-1">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::success}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "");
    EXPECT_EQ(after(socket, ShutDown{How::both}), "");
    EXPECT_FALSE(possible(socket, PeerClosed{}));
    EXPECT_FALSE(possible(socket, ConnectionAborted{reset}));
    EXPECT_EQ(after(socket, AsyncSelect{fd_close}), "");
}

// ---- FD_QOS, FD_GROUP_QOS, FD_ROUTING_INTERFACE_CHANGE, FD_ADDRESS_LIST_CHANGE

TEST(Qos, OneMessageAChange) {
    cite<"AS-QOS-2", "AS-EDGE-1", "AS-ENABLE-6", "R-22">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_qos}), "");
    EXPECT_EQ(after(socket, QosChanged{}), "FD_QOS");
    EXPECT_EQ(after(socket, QosChanged{}), "") << "not remembered";
    EXPECT_EQ(after(socket, QosFetched{}), "");
    EXPECT_EQ(after(socket, QosChanged{}), "FD_QOS");
    EXPECT_EQ(after(socket, AsyncSelect{fd_qos}), "") << "told already";
}

TEST(Qos, AtRegistration) {
    cite<"AS-QOS-1", "R-22">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, QosChanged{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_qos}), "FD_QOS");
    EXPECT_EQ(after(socket, AsyncSelect{0}), "");
    EXPECT_EQ(after(socket, QosChanged{}), "");
    EXPECT_EQ(after(socket, QosFetched{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_qos}), "") << "fetched already";
}

TEST(GroupQos, IsReserved) {
    cite<"AS-GQOS-1", "AS-ENABLE-6">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_group_qos}), "");
    EXPECT_EQ(after(socket, QosChanged{}), "");
    EXPECT_EQ(after(socket, GroupQosFetched{}), "");
    EXPECT_EQ(after(socket, QosChanged{}), "");
}

TEST(RoutingInterfaceChange, OnceForEachIoctl) {
    cite<"AS-ROUTE-1", "AS-EDGE-2", "AS-ENABLE-7", "AS-ERROR-4">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, AsyncSelect{fd_route}), "");
    EXPECT_EQ(after(socket, RouteChanged{}), "") << "nobody asked";
    EXPECT_EQ(after(socket, RouteRequested{}), "");
    EXPECT_EQ(after(socket, RouteChanged{}), "FD_ROUTING_INTERFACE_CHANGE");
    EXPECT_EQ(after(socket, RouteChanged{}), "");
    EXPECT_EQ(after(socket, RouteRequested{}), "") << "what came in between is not remembered";
    EXPECT_EQ(after(socket, RouteChanged{10051}), "FD_ROUTING_INTERFACE_CHANGE(10051)");
}

TEST(RoutingInterfaceChange, ARequestOutlivesTheRegistration) {
    cite<"R-21", "AS-REG-3">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, RouteRequested{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_route}), "");
    EXPECT_EQ(after(socket, AsyncSelect{0}), "");
    EXPECT_EQ(after(socket, RouteChanged{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_route}), "FD_ROUTING_INTERFACE_CHANGE");
    EXPECT_EQ(after(socket, AsyncSelect{fd_route}), "") << "once";
}

TEST(AddressListChange, OnceForEachIoctl) {
    cite<"AS-ADDR-1", "AS-EDGE-2", "AS-ENABLE-7", "R-21">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, AsyncSelect{fd_addresses}), "");
    EXPECT_EQ(after(socket, AddressListChanged{}), "");
    EXPECT_EQ(after(socket, AddressListRequested{}), "");
    EXPECT_EQ(after(socket, AddressListChanged{}), "FD_ADDRESS_LIST_CHANGE");
    EXPECT_EQ(after(socket, AddressListChanged{}), "");
    EXPECT_EQ(after(socket, AddressListRequested{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{0}), "");
    EXPECT_EQ(after(socket, AddressListChanged{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_addresses}), "FD_ADDRESS_LIST_CHANGE");
}

// ---- All of them

TEST(Order, IsThatOfTheSpecification) {
    cite<"R-9", "AS-MSG-2">();
    Socket socket = Socket::accepted();
    for (const Stimulus& step : std::vector<Stimulus>{RouteRequested{}, AddressListRequested{}, DataArrived{},
                                                      OobArrived{}, RouteChanged{}, AddressListChanged{}, QosChanged{}})
        EXPECT_EQ(after(socket, step), "");
    EXPECT_EQ(after(socket, AsyncSelect{every_event}),
              "FD_CONNECT FD_OOB FD_READ FD_WRITE FD_QOS FD_ROUTING_INTERFACE_CHANGE FD_ADDRESS_LIST_CHANGE");
}

TEST(SubsystemFailure, IsToldWhereItsOwnerWaits) {
    cite<"R-18", "AS-ERROR-2", "AS-ERROR-3">();
    Socket stream = connected();
    EXPECT_EQ(after(stream, AsyncSelect{every_event & ~fd_connect & ~fd_write}), "");
    EXPECT_EQ(after(stream, SubsystemFailed{}), "FD_CLOSE(10050)");

    Socket listener = listening();
    EXPECT_EQ(after(listener, AsyncSelect{every_event}), "");
    EXPECT_EQ(after(listener, SubsystemFailed{}), "FD_ACCEPT(10050)");
    EXPECT_EQ(after(listener, Accepted{AcceptOutcome::failure}), "");

    Socket datagram(Kind::datagram);
    EXPECT_EQ(after(datagram, AsyncSelect{fd_read | fd_accept | fd_close}), "");
    EXPECT_EQ(after(datagram, SubsystemFailed{}), "FD_READ(10050)");
    EXPECT_EQ(after(datagram, Received{}), "");
}

// ---- A full queue

TEST(FullQueue, LosesNothing) {
    cite<"R-13", "R-9">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read | fd_close | fd_write}), "FD_WRITE");
    EXPECT_EQ(after(socket, QueueFilled{}), "");
    EXPECT_EQ(after(socket, PeerClosed{}), "");
    EXPECT_EQ(after(socket, ConnectionAborted{reset}), "");
    EXPECT_EQ(socket.pending(), fd_close);
    EXPECT_EQ(after(socket, QueueHasRoom{}), "FD_CLOSE(10054)") << "what holds then: the reset has overtaken the end";
    EXPECT_EQ(socket.pending(), 0U);
}

TEST(FullQueue, KeepsEachEventOnce) {
    cite<"R-13">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, QueueFilled{}), "");
    EXPECT_EQ(after(socket, DataArrived{10}), "");
    EXPECT_EQ(after(socket, Received{1}), "");
    EXPECT_EQ(after(socket, Received{1}), "");
    EXPECT_EQ(after(socket, QueueHasRoom{}), "FD_READ");
    EXPECT_EQ(after(socket, DataArrived{10}), "");
}

TEST(FullQueue, ForgetsWhatHoldsNoLonger) {
    cite<"R-13">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, AsyncSelect{fd_read}), "");
    EXPECT_EQ(after(socket, QueueFilled{}), "");
    EXPECT_EQ(after(socket, DataArrived{10}), "");
    EXPECT_EQ(after(socket, Received{10}), "");
    EXPECT_EQ(after(socket, QueueHasRoom{}), "");
    EXPECT_EQ(after(socket, DataArrived{10}), "FD_READ");
}

TEST(FullQueue, KeepsAnOutcomeAndItsError) {
    cite<"R-13", "R-4">();
    Socket socket(Kind::stream);
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect | fd_write}), "");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::would_block}), "");
    EXPECT_EQ(after(socket, QueueFilled{}), "");
    EXPECT_EQ(after(socket, ConnectOutcome{refused}), "");
    EXPECT_EQ(after(socket, QueueHasRoom{}), "FD_CONNECT(10061)");
}

TEST(FullQueue, AConnectionThatBreaksMeanwhileWasEstablished) {
    cite<"R-13", "R-4">();
    Socket socket(Kind::stream);
    EXPECT_EQ(after(socket, AsyncSelect{fd_connect | fd_write | fd_close}), "");
    EXPECT_EQ(after(socket, QueueFilled{}), "");
    EXPECT_EQ(after(socket, ConnectCalled{Outcome::success}), "");
    EXPECT_EQ(after(socket, ConnectionAborted{reset}), "");
    EXPECT_EQ(after(socket, QueueHasRoom{}), "FD_CONNECT FD_CLOSE(10054)") << "no send is possible any more";
}

TEST(FullQueue, ASuccessfulSendDoesNotUseUpFdWrite) {
    cite<"R-13">();
    Socket socket = connected();
    EXPECT_EQ(after(socket, QueueFilled{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_write}), "");
    EXPECT_EQ(after(socket, Sent{}), "");
    EXPECT_EQ(after(socket, QueueHasRoom{}), "FD_WRITE") << "nobody was told yet";
}

TEST(FullQueue, AChangeIsNotToldUntilItIsPosted) {
    cite<"R-13", "R-21", "R-22">();
    Socket socket(Kind::datagram);
    EXPECT_EQ(after(socket, RouteRequested{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_route | fd_qos}), "");
    EXPECT_EQ(after(socket, QueueFilled{}), "");
    EXPECT_EQ(after(socket, RouteChanged{}), "");
    EXPECT_EQ(after(socket, QosChanged{}), "");
    EXPECT_EQ(after(socket, QosChanged{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{0}), "") << "drops the messages, not the changes";
    EXPECT_EQ(socket.pending(), 0U);
    EXPECT_EQ(after(socket, QueueHasRoom{}), "");
    EXPECT_EQ(after(socket, AsyncSelect{fd_route | fd_qos}), "FD_QOS FD_ROUTING_INTERFACE_CHANGE");
}

// ---- Values

TEST(Value, ACopyGoesItsOwnWay) {
    Socket socket = connected();
    socket.apply(AsyncSelect{fd_read});
    Socket copy = socket;
    EXPECT_EQ(copy, socket);
    EXPECT_EQ(copy.hash(), socket.hash());
    EXPECT_EQ(after(copy, DataArrived{}), "FD_READ");
    EXPECT_FALSE(copy == socket);
    EXPECT_EQ(socket.state(Event::read), "Enabled");
    EXPECT_EQ(copy.state(Event::read), "Posted");
    socket = copy;
    EXPECT_EQ(socket, copy);
    EXPECT_TRUE(socket.fired().empty()) << "what the last step did stays with the original";
}

TEST(Value, EqualWhateverTheWayThatLedThere) {
    Socket one = connected();
    one.apply(AsyncSelect{fd_read});
    one.apply(DataArrived{3});
    Socket other = connected();
    other.apply(DataArrived{3});
    other.apply(AsyncSelect{fd_read});
    EXPECT_EQ(one, other);
    EXPECT_EQ(one.hash(), other.hash());
    EXPECT_FALSE(one == connected(windows_profile));

    std::unordered_set<std::size_t> hashes;
    Socket counting = connected();
    for (int i = 0; i < 1000; ++i) {
        counting.apply(DataArrived{1});
        hashes.insert(counting.hash());
    }
    EXPECT_EQ(hashes.size(), 1000U);
}

TEST(Value, WhatCannotHappenIsIgnored) {
    const std::vector<Stimulus> never{DataArrived{1},       DatagramArrived{}, ConnectionRequest{},  ConnectOutcome{},
                                      SendSpaceAvailable{}, PeerClosed{},      ConnectionAborted{},  Received{1},
                                      Accepted{},           ShutDown{},        Inherit{every_event}, AsyncSelect{1024},
                                      QueueHasRoom{}};
    const Socket fresh(Kind::stream);
    for (const Stimulus& stimulus : never) {
        Socket socket = fresh;
        EXPECT_FALSE(possible(socket, stimulus)) << "index " << stimulus.index();
        EXPECT_TRUE(socket.apply(stimulus).empty());
        EXPECT_TRUE(socket.fired().empty());
        EXPECT_EQ(socket, fresh);
    }
}

}  // namespace
}  // namespace asyncselect::model
