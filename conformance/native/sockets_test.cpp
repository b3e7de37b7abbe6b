// The API over real loopback connections: errors of the call, modes, the notifications of a stream, bad input.
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <climits>
#include <set>
#include <thread>

#include "conformance/native/families.hpp"
#include "impl/window/queue.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;

class Sockets : public ::testing::Test {
  protected:
    Winsock winsock_;
    Mailbox mailbox_;

    int select(asyncselect_SOCKET s, long events, unsigned message = socket_message) {
        return asyncselect_WSAAsyncSelect(s, mailbox_.window(), message, events);
    }
    int set_nonblocking(asyncselect_SOCKET s, std::uint32_t on) {
        return asyncselect_ioctlsocket(s, asyncselect_FIONBIO, &on);
    }
};

TEST(Startup, IsNeededBeforeEveryFunctionOfASocket) {
    cite<"AS-API-2", "R-23">();
    const asyncselect_sockaddr_in address = loopback();
    char byte = 0;
    std::uint32_t number = 0;
    EXPECT_EQ(asyncselect_WSAAsyncSelect(4, nullptr, 0, 1L << 20), -1);
    EXPECT_EQ(last_error(), error::not_initialised);
    EXPECT_EQ(stream(), invalid_socket);
    EXPECT_EQ(last_error(), error::not_initialised);
    for (const auto& call : std::initializer_list<std::function<int()>>{
             [&] { return asyncselect_bind(4, as_address(address), sizeof address); },
             [&] { return asyncselect_listen(4, 1); },
             [&] { return static_cast<int>(asyncselect_accept(4, nullptr, nullptr)); },
             [&] { return asyncselect_connect(4, as_address(address), sizeof address); },
             [&] { return asyncselect_send(4, &byte, 1, 0); },
             [&] { return asyncselect_recv(4, &byte, 1, 0); },
             [&] { return asyncselect_shutdown(4, 0); },
             [&] { return asyncselect_closesocket(4); },
             [&] { return asyncselect_ioctlsocket(4, asyncselect_FIONBIO, &number); },
             [&] { return asyncselect_WSACleanup(); },
         }) {
        asyncselect_WSASetLastError(0);
        EXPECT_EQ(call(), -1);
        EXPECT_EQ(last_error(), error::not_initialised);
    }
}

TEST(Startup, IsCountedAndTheLastCleanupClosesEverySocket) {
    cite<"AS-API-2">();
    asyncselect_WSADATA data{};
    EXPECT_EQ(asyncselect_WSAStartup(0x0202, nullptr), error::fault);
    EXPECT_EQ(asyncselect_WSAStartup(0x0202, wild<asyncselect_WSADATA>()), error::fault);
    EXPECT_EQ(asyncselect_WSAStartup(0x0000, &data), error::version_not_supported);
    EXPECT_EQ(asyncselect_WSAStartup(0x0303, &data), 0);
    EXPECT_EQ(data.wVersion, 0x0202);
    EXPECT_EQ(asyncselect_WSAStartup(0x0101, &data), 0);
    EXPECT_EQ(data.wVersion, 0x0101);
    const auto s = stream();
    EXPECT_EQ(asyncselect_WSACleanup(), 0);
    EXPECT_EQ(asyncselect_listen(s, 1), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(asyncselect_WSACleanup(), 0);
    EXPECT_EQ(asyncselect_WSAStartup(0x0202, &data), 0);
    EXPECT_EQ(asyncselect_closesocket(s), -1);
    EXPECT_EQ(last_error(), error::not_socket);
    EXPECT_EQ(asyncselect_WSACleanup(), 0);
}

TEST_F(Sockets, ErrorsOfTheCallComeInTheOrderOfTheReading) {
    cite<"AS-API-1", "AS-API-4", "AS-API-6", "AS-API-7", "R-10", "R-23">();
    const auto s = stream();
    for (const asyncselect_SOCKET handle :
         std::initializer_list<asyncselect_SOCKET>{0, invalid_socket, s + 4, s + 1, s | 1UL << 40, 1UL << 22}) {
        EXPECT_EQ(asyncselect_WSAAsyncSelect(handle, nullptr, 0, 1L << 20), -1) << handle;
        EXPECT_EQ(last_error(), error::not_socket) << handle;
    }
    for (const long mask : {1L << 10, -1L, 1L << 40, LONG_MIN}) {
        EXPECT_EQ(select(s, mask), -1) << mask;
        EXPECT_EQ(last_error(), error::invalid) << mask;
    }
    for (const auto window :
         {std::uintptr_t{0}, std::uintptr_t{0x7ffffff0}, ~std::uintptr_t{0}, std::uintptr_t{1} << 40}) {
        EXPECT_EQ(asyncselect_WSAAsyncSelect(s, reinterpret_cast<asyncselect_HWND>(window), 1, fd_read), -1);
        EXPECT_EQ(last_error(), error::invalid);
    }
    EXPECT_EQ(asyncselect_WSAAsyncSelect(s, reinterpret_cast<asyncselect_HWND>(std::uintptr_t{12345}), 1, 0), 0);
    EXPECT_EQ(select(s, 1023), 0);
}

TEST_F(Sockets, NoStateOfAnOpenSocketMakesTheCallFail) {
    cite<"R-24", "AS-API-4">();
    const auto idle = stream();
    EXPECT_EQ(select(idle, 1023), 0);
    const auto from = listener();
    EXPECT_EQ(select(from, 1023), 0);
    EXPECT_EQ(connect_to(idle, from), -1);
    EXPECT_EQ(select(idle, 1023), 0) << "while it connects";
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, 1023), 0);
    EXPECT_EQ(asyncselect_shutdown(one, 2), 0);
    EXPECT_EQ(select(one, 1023), 0) << "shut down";
    EXPECT_EQ(asyncselect_closesocket(other), 0);
    EXPECT_EQ(select(one, 1023), 0) << "closed by the peer";
    EXPECT_EQ(select(asyncselect_socket(2, 2, 0), 1023), 0) << "a datagram socket";
}

TEST_F(Sockets, AFailedCallLeavesTheRegistrationAsItWas) {
    cite<"AS-API-8">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_read), 0);
    EXPECT_EQ(asyncselect_WSAAsyncSelect(one, nullptr, 7, fd_write), -1);
    EXPECT_EQ(select(one, 1L << 12), -1);
    send_text(other, "x");
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_F(Sockets, ARegistrationMakesNonblockingAndForbidsBlocking) {
    cite<"AS-MODE-1", "AS-MODE-2", "AS-MODE-3">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_read), 0);
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(one, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(set_nonblocking(one, 0), -1);
    EXPECT_EQ(last_error(), error::invalid);
    std::uint32_t off = 0;
    std::uint32_t returned = 0;
    EXPECT_EQ(asyncselect_WSAIoctl(one, static_cast<std::uint32_t>(asyncselect_FIONBIO), &off, sizeof off, nullptr, 0,
                                   &returned, nullptr, nullptr),
              -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(set_nonblocking(one, 1), 0) << "which it is already";
    EXPECT_EQ(select(one, 0), 0);
    EXPECT_EQ(asyncselect_recv(one, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(set_nonblocking(one, 0), 0);
    send_text(other, "y");
    EXPECT_EQ(receive_text(one), "y");
}

TEST_F(Sockets, ThePagesHundredBytes) {
    cite<"AS-LEVEL-2", "AS-READ-2", "AS-READ-3", "AS-ENABLE-1">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_read), 0);
    send_text(other, std::string(100, 'a'));
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    send_text(other, "more, without a recv between");
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(receive_text(one, 50).size(), 50U);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    EXPECT_EQ(receive_text(one).size(), 78U);
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_F(Sockets, EveryReceiveReEnablesAlsoOneThatFails) {
    cite<"AS-ENABLE-2", "AS-ENABLE-8", "R-20">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_read), 0);
    send_text(other, "data");
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    char byte = 0;
    std::uint32_t count = 0;
    std::uint32_t flags = 0;
    asyncselect_WSABUF buffer{1, &byte};
    const std::pair<std::function<int()>, int> calls[] = {
        {[&] { return asyncselect_recv(one, wild<char>(), 1, 0); }, error::fault},
        {[&] { return asyncselect_recv(one, nullptr, 1, 0); }, error::fault},
        {[&] { return asyncselect_recv(one, &byte, -1, 0); }, error::invalid},
        {[&] { return asyncselect_recv(one, &byte, INT_MIN, 0); }, error::invalid},
        {[&] { return asyncselect_recv(one, &byte, 1, 0x40); }, error::operation_not_supported},
        {[&] { return asyncselect_recv(one, &byte, 1, 1); }, error::invalid},
        {[&] { return asyncselect_WSARecv(one, nullptr, 1, &count, &flags, nullptr, nullptr); }, error::fault},
        {[&] { return asyncselect_WSARecv(one, &buffer, 0, &count, &flags, nullptr, nullptr); }, error::invalid},
        {[&] { return asyncselect_WSARecv(one, &buffer, 1, nullptr, &flags, nullptr, nullptr); }, error::fault},
        {[&] { return asyncselect_WSARecv(one, wild<asyncselect_WSABUF>(), 1, &count, &flags, nullptr, nullptr); },
         error::fault},
        {[&] {
             return asyncselect_WSARecv(one, &buffer, 1, &count, &flags, wild<asyncselect_WSAOVERLAPPED>(), nullptr);
         },
         error::operation_not_supported},
    };
    for (const auto& [call, reason] : calls) {
        EXPECT_EQ(call(), -1);
        EXPECT_EQ(last_error(), reason);
        EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0})) << "after error " << reason;
    }
    EXPECT_EQ(asyncselect_recv(one, &byte, 0, 0), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    EXPECT_EQ(asyncselect_recv(one, &byte, 1, 2), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    EXPECT_EQ(asyncselect_shutdown(one, 0), 0);
    EXPECT_EQ(asyncselect_recv(one, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::shut_down);
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_F(Sockets, FdWriteAfterAShortSendAndNotAfterAWholeOne) {
    cite<"AS-WRITE-1", "AS-WRITE-3", "AS-WRITE-5", "R-19">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_write), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_write, 0}));
    EXPECT_EQ(send_text(one, "whole"), 5);
    EXPECT_TRUE(mailbox_.drain().empty());
    const std::string much(64U << 20U, 'm');
    const int taken = send_text(one, much);
    ASSERT_GT(taken, 0);
    ASSERT_LT(taken, static_cast<int>(much.size())) << "the send was not short";
    EXPECT_TRUE(mailbox_.drain().empty());
    std::size_t left = 5 + static_cast<std::size_t>(taken);
    while (left > 0) left -= receive_text(other, left).size();
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_write, 0}));
}

TEST_F(Sockets, CloseComesAfterTheLastByteIsRead) {
    cite<"AS-CLOSE-3", "AS-CLOSE-7", "AS-ENABLE-5", "R-5">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_read | fd_close), 0);
    send_text(other, "last words");
    EXPECT_EQ(asyncselect_closesocket(other), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    EXPECT_EQ(receive_text(one, 4), "last");
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    EXPECT_EQ(receive_text(one, 6), " words");
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_close, 0}));
    EXPECT_EQ(receive_text(one), "");
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(one, fd_close), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_close, 0}));
}

TEST_F(Sockets, AResetIsToldAtOnceAndAgainByANewRegistration) {
    cite<"AS-CLOSE-5", "AS-CLOSE-2", "R-5", "R-6", "AS-ERROR-2">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_close), 0);
    send_text(other, "never read");
    const std::array<std::uint16_t, 2> abortive{1, 0};
    EXPECT_EQ(asyncselect_setsockopt(other, 0xffff, 0x0080, reinterpret_cast<const char*>(&abortive), sizeof abortive),
              0);
    EXPECT_EQ(asyncselect_closesocket(other), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_close, error::connection_reset}));
    EXPECT_EQ(send_text(one, "x"), -1);
    EXPECT_EQ(last_error(), error::connection_reset);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(one, fd_close | fd_write | fd_connect), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_close, error::connection_reset}));
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_F(Sockets, ConnectTellsItsOutcomeOnce) {
    cite<"AS-CONNECT-2", "AS-CONNECT-4", "AS-WRITE-2", "R-4", "AS-ERROR-1">();
    const auto from = listener();
    const auto refused_by = listener();
    const auto nobody = address_of(refused_by);
    EXPECT_EQ(asyncselect_closesocket(refused_by), 0);
    const auto s = stream();
    EXPECT_EQ(select(s, 1023), 0);
    EXPECT_EQ(asyncselect_connect(s, as_address(nobody), sizeof nobody), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_connect, error::connection_refused}));
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(connect_to(s, from), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(mailbox_.collect(2), (std::vector<Notification>{{s, fd_connect, 0}, {s, fd_write, 0}}));
    EXPECT_EQ(connect_to(s, from), -1);
    EXPECT_EQ(last_error(), error::is_connected);
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_F(Sockets, AConnectThatFailedBeforeItWasRegisteredIsTold) {
    cite<"AS-CONNECT-4", "R-4">();
    const auto refused_by = listener();
    const auto nobody = address_of(refused_by);
    EXPECT_EQ(asyncselect_closesocket(refused_by), 0);
    const auto s = stream();
    EXPECT_EQ(set_nonblocking(s, 1), 0);
    EXPECT_EQ(asyncselect_connect(s, as_address(nobody), sizeof nobody), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(select(s, fd_connect), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_connect, error::connection_refused}));
}

TEST_F(Sockets, AnAcceptedSocketInherits) {
    cite<"AS-INHERIT-1", "AS-INHERIT-2", "R-3", "R-9">();
    const auto from = listener();
    EXPECT_EQ(select(from, fd_accept | fd_read | fd_write | fd_close | fd_connect), 0);
    const auto client = stream();
    EXPECT_EQ(connect_to(client, from), 0);
    send_text(client, "early");
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0}));
    const auto accepted = asyncselect_accept(from, nullptr, nullptr);
    EXPECT_EQ(mailbox_.collect(2), (std::vector<Notification>{{accepted, fd_read, 0}, {accepted, fd_write, 0}}));
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(asyncselect_WSAAsyncSelect(accepted, mailbox_.window(), 999, fd_connect), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{accepted, fd_connect, 0, 999}));
}

TEST_F(Sockets, AServerThatAcceptsUntilNoneIsLeftGetsTheNextRequestToo) {
    cite<"AS-ENABLE-4", "AS-ENABLE-8", "AS-ACCEPT-2", "AS-ACCEPT-3">();
    const auto from = listener();
    EXPECT_EQ(select(from, fd_accept), 0);
    for (int round = 0; round < 10'000; ++round) {
        const auto client = stream();
        ASSERT_EQ(connect_to(client, from), 0);
        ASSERT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0})) << "in round " << round;
        const auto accepted = asyncselect_accept(from, nullptr, nullptr);
        ASSERT_NE(accepted, invalid_socket);
        ASSERT_EQ(asyncselect_accept(from, nullptr, nullptr), invalid_socket);
        ASSERT_EQ(last_error(), error::would_block);
        asyncselect_closesocket(accepted);
        asyncselect_closesocket(client);
    }
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_F(Sockets, CancellationAndReplacementStopTheOldRegistration) {
    cite<"AS-REG-1", "AS-REG-2", "AS-CANCEL-1", "AS-CANCEL-3">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_read, 100), 0);
    EXPECT_EQ(select(one, fd_write, 200), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_write, 0, 200}));
    send_text(other, "unwanted");
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(one, fd_read, 300), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0, 300}));
    EXPECT_EQ(select(one, 0), 0);
    receive_text(one, 1);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(one, fd_read | fd_close), 0);
    mailbox_.drain();
    EXPECT_EQ(asyncselect_closesocket(one), 0);
    EXPECT_EQ(asyncselect_closesocket(other), 0);
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_F(Sockets, AWindowIsKeptByTheRegistrationThatHolds) {
    cite<"R-12", "AS-REG-1">();
    const auto pair = connected_pair();
    // More than there can be at a time.
    for (int i = 0; i < 10'100 && !HasFailure(); ++i) {
        const Mailbox other;
        EXPECT_EQ(asyncselect_WSAAsyncSelect(pair.one, other.window(), socket_message, fd_read), 0) << i;
        EXPECT_EQ(select(pair.one, fd_read), 0) << i;
    }
}

TEST_F(Sockets, ManyThatAreReadyAtOnceAreToldEach) {
    cite<"AS-READ-2">();
    // More than the harvest takes at a time.
    std::vector<Pair> pairs;
    for (int i = 0; i < 150; ++i) {
        pairs.push_back(connected_pair());
        ASSERT_EQ(select(pairs.back().one, fd_read), 0);
    }
    for (const auto& pair : pairs) send_text(pair.other, "x");
    EXPECT_EQ(mailbox_.collect(pairs.size()).size(), pairs.size());
    for (const auto& pair : pairs) {
        asyncselect_closesocket(pair.one);
        asyncselect_closesocket(pair.other);
    }
}

// Before the next test, which leaves so many slots behind that each handle rests for long anyway.
TEST_F(Sockets, AHandleIsNotUsedAgainForLong) {
    cite<"R-17">();
    std::set<asyncselect_SOCKET> handles;
    for (int i = 0; i < 5'000; ++i) {
        const auto s = stream();
        ASSERT_TRUE(handles.insert(s).second) << i;
        ASSERT_EQ(asyncselect_closesocket(s), 0);
    }
}

TEST_F(Sockets, AHandleIsNotUsedAgainWhileAMessageBearsIt) {
    cite<"R-17", "AS-CANCEL-2">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    send_text(other, "x");
    EXPECT_EQ(select(one, fd_read), 0);
    ASSERT_EQ(asyncselect_PostMessageA(mailbox_.window(), 77, 0, 0), 1);
    asyncselect_MSG peeked{};
    ASSERT_TRUE(asyncselect_PeekMessageA(&peeked, nullptr, socket_message, socket_message, 0));
    EXPECT_EQ(asyncselect_closesocket(one), 0);
    // Far more sockets than there are generations and spare slots.
    for (int i = 0; i < 50'000; ++i) {
        const auto s = stream();
        ASSERT_NE(s, one);
        ASSERT_EQ(asyncselect_closesocket(s), 0);
    }
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(one, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::not_socket);
    EXPECT_EQ(mailbox_.drain().size(), 2U);
}

TEST_F(Sockets, AFullQueueLosesNothingAndServesTheLongestWaitingFirst) {
    cite<"R-13">();
    constexpr std::size_t limit = 8;
    window::set_post_limit(limit);
    std::vector<Pair> pairs;
    for (int i = 0; i < 20; ++i) {
        pairs.push_back(connected_pair());
        EXPECT_EQ(select(pairs.back().one, fd_read), 0);
        send_text(pairs.back().other, "x");
        asyncselect_MSG message{};
        asyncselect_PeekMessageA(&message, nullptr, 1, 1, 0);
    }
    const auto got = mailbox_.collect(pairs.size());
    window::set_post_limit(window::default_post_limit);
    ASSERT_EQ(got.size(), pairs.size());
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], (Notification{pairs[i].one, fd_read, 0})) << i;
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_F(Sockets, RegisteringInALoopFloodsTheQueueButNotTheMemory) {
    cite<"R-13", "R-2">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    for (std::size_t i = 0; i < 3 * window::default_post_limit; ++i) ASSERT_EQ(select(one, fd_write), 0);
    const auto got = mailbox_.drain();
    EXPECT_GE(got.size(), window::default_post_limit);
    EXPECT_LE(got.size(), window::default_post_limit + 1);
    EXPECT_EQ(select(one, fd_read), 0);
    send_text(other, "still alive");
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
}

TEST_F(Sockets, ADestroyedWindowTakesItsMessagesAlong) {
    cite<"R-12">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    {
        Mailbox gone;
        EXPECT_EQ(asyncselect_WSAAsyncSelect(one, gone.window(), 5, fd_read | fd_write), 0);
        send_text(other, "x");
        const auto dead = gone.window();
        gone.destroy();
        EXPECT_EQ(asyncselect_WSAAsyncSelect(one, dead, 5, fd_read), -1);
        EXPECT_EQ(last_error(), error::invalid);
    }
    send_text(other, "y");
    receive_text(one, 1);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(one, fd_read), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
}

TEST_F(Sockets, TheLastErrorIsLeftAloneByMessages) {
    cite<"R-27", "AS-MSG-4">();
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    EXPECT_EQ(select(one, fd_read | fd_write | fd_close), 0);
    asyncselect_WSASetLastError(4711);
    send_text(other, "x");
    EXPECT_EQ(mailbox_.collect(2).size(), 2U);
    EXPECT_EQ(last_error(), 4711);
}

TEST_F(Sockets, BlockingSocketsBlockAndTransferAll) {
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    std::uint32_t milliseconds = 20;
    EXPECT_EQ(
        asyncselect_setsockopt(one, 0xffff, 0x1006, reinterpret_cast<const char*>(&milliseconds), sizeof milliseconds),
        0);
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(one, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::timed_out);
    EXPECT_EQ(send_text(other, "abc"), 3);
    EXPECT_EQ(send_text(other, "def"), 3);
    std::array<char, 6> all{};
    EXPECT_EQ(asyncselect_recv(one, all.data(), 6, 8), 6);
    EXPECT_EQ(std::string(all.data(), 6), "abcdef");
}

std::atomic<int> signals_seen{0};
extern "C" void see_signal(int /*number*/) { ++signals_seen; }

TEST_F(Sockets, SignalsEndNoWait) {
    // Without SA_RESTART: what is interrupted is told so.
    struct sigaction seeing {};
    struct sigaction former {};
    seeing.sa_handler = see_signal;
    ASSERT_EQ(sigaction(SIGUSR1, &seeing, &former), 0);
    const auto pair = connected_pair();
    std::string received;
    std::atomic<bool> ended{false};
    std::thread waiting{[&] {
        received = receive_text(pair.one);
        ended = true;
    }};
    for (int i = 0; i < 200; ++i) {
        const int before = signals_seen;
        pthread_kill(waiting.native_handle(), SIGUSR1);
        while (signals_seen == before && !ended) std::this_thread::yield();
    }
    EXPECT_FALSE(ended);
    send_text(pair.other, "x");
    waiting.join();
    EXPECT_EQ(received, "x");
    EXPECT_EQ(sigaction(SIGUSR1, &former, nullptr), 0);
}

TEST_F(Sockets, ScatteredBuffersAreSentAndReceivedInOrder) {
    const auto pair = connected_pair();
    const auto one = pair.one;
    const auto other = pair.other;
    std::array<char, 3> first{'a', 'b', 'c'};
    std::array<char, 2> second{'d', 'e'};
    std::array<asyncselect_WSABUF, 2> out{{{3, first.data()}, {2, second.data()}}};
    std::uint32_t count = 0;
    EXPECT_EQ(asyncselect_WSASend(other, out.data(), 2, &count, 0, nullptr, nullptr), 0);
    EXPECT_EQ(count, 5U);
    std::array<char, 2> head{};
    std::array<char, 10> tail{};
    std::array<asyncselect_WSABUF, 2> in{{{2, head.data()}, {10, tail.data()}}};
    std::uint32_t flags = 0;
    EXPECT_EQ(asyncselect_WSARecv(one, in.data(), 2, &count, &flags, nullptr, nullptr), 0);
    EXPECT_EQ(count, 5U);
    EXPECT_EQ(std::string(head.data(), 2) + std::string(tail.data(), 3), "abcde");
}

TEST_F(Sockets, WildAddressesAndLengthsAreFaults) {
    const auto from = listener();
    const auto s = stream();
    const auto address = address_of(from);
    EXPECT_EQ(asyncselect_bind(s, nullptr, 16), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_bind(s, wild<asyncselect_sockaddr>(), 16), -1);
    EXPECT_EQ(last_error(), error::fault);
    for (const int length : {INT_MIN, -1, 0, 15}) {
        EXPECT_EQ(asyncselect_connect(s, as_address(address), length), -1);
        EXPECT_EQ(last_error(), error::fault) << length;
    }
    EXPECT_EQ(asyncselect_connect(s, wild<asyncselect_sockaddr>(), INT_MAX), -1);
    EXPECT_EQ(last_error(), error::fault);
    asyncselect_sockaddr_in out{};
    int length = 4;
    EXPECT_EQ(asyncselect_getsockname(from, reinterpret_cast<asyncselect_sockaddr*>(&out), &length), -1);
    EXPECT_EQ(last_error(), error::fault);
    length = sizeof out;
    EXPECT_EQ(asyncselect_getsockname(from, wild<asyncselect_sockaddr>(), &length), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_getsockname(from, reinterpret_cast<asyncselect_sockaddr*>(&out), wild<int>()), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_ioctlsocket(s, asyncselect_FIONBIO, wild<std::uint32_t>()), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_ioctlsocket(s, asyncselect_FIONREAD, nullptr), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_ioctlsocket(s, 1234, nullptr), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(asyncselect_setsockopt(s, 0xffff, 4, wild<char>(), 4), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_getsockopt(s, 0xffff, 4, reinterpret_cast<char*>(&length), wild<int>()), -1);
    EXPECT_EQ(last_error(), error::fault);

    // A request whose taker gave bad places for the address is not lost.
    EXPECT_EQ(connect_to(s, from), 0);
    length = sizeof out;
    EXPECT_EQ(asyncselect_accept(from, wild<asyncselect_sockaddr>(), &length), invalid_socket);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_accept(from, reinterpret_cast<asyncselect_sockaddr*>(&out), wild<int>()), invalid_socket);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_NE(asyncselect_accept(from, reinterpret_cast<asyncselect_sockaddr*>(&out), &length), invalid_socket);
    EXPECT_EQ(out.sin_port, address_of(s).sin_port);
}

TEST_F(Sockets, AStaleHandleIsNoSocketForAnyFunction) {
    cite<"AS-API-6", "R-17">();
    const auto s = stream();
    EXPECT_EQ(asyncselect_closesocket(s), 0);
    const auto address = loopback();
    char byte = 0;
    std::uint32_t number = 0;
    int length = 4;
    for (const auto& call : std::initializer_list<std::function<int()>>{
             [&] { return asyncselect_closesocket(s); },
             [&] { return asyncselect_bind(s, as_address(address), sizeof address); },
             [&] { return asyncselect_listen(s, 1); },
             [&] { return static_cast<int>(asyncselect_accept(s, nullptr, nullptr)); },
             [&] { return asyncselect_connect(s, as_address(address), sizeof address); },
             [&] { return asyncselect_send(s, &byte, 1, 0); },
             [&] { return asyncselect_send(s, &byte, -1, 0); },
             [&] { return asyncselect_recv(s, &byte, 1, 0); },
             [&] { return asyncselect_shutdown(s, 7); },
             [&] { return asyncselect_ioctlsocket(s, asyncselect_FIONBIO, &number); },
             [&] { return asyncselect_getsockopt(s, 0xffff, 4, &byte, &length); },
             [&] { return asyncselect_setsockopt(s, 0xffff, 4, &byte, 1); },
             [&] { return asyncselect_getsockname(s, nullptr, nullptr); },
             [&] { return asyncselect_getpeername(s, nullptr, nullptr); },
             [&] { return select(s, fd_read); },
         }) {
        asyncselect_WSASetLastError(0);
        EXPECT_EQ(call(), -1);
        EXPECT_EQ(last_error(), error::not_socket);
    }
}

}  // namespace
}  // namespace asyncselect::conformance::native
