// What Linux cannot be brought to do by itself: a network subsystem that fails, and the errors of the page's tables
// that no real network here produces. Our own provider over the injecting transport, through its public API.
#include <algorithm>
#include <thread>

#include "conformance/injecting/injection.hpp"
#include "conformance/native/mailbox.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
namespace injection = net::injection;
using injection::Function;
using model::cite;

constexpr auto no_socket = ~asyncselect_SOCKET{0};

// The network is whole again when a test ends, however it does.
class Faults : public testing::Test {
  protected:
    ~Faults() override { injection::restore(); }
};

int select_on(asyncselect_SOCKET s, const Mailbox& mailbox, long events) {
    return asyncselect_WSAAsyncSelect(s, mailbox.window(), socket_message, events);
}

int last_error() { return asyncselect_WSAGetLastError(); }

TEST_F(Faults, EveryCallFailsWhenTheSubsystemHasFailed) {
    cite<"AS-API-3", "R-23">();
    const Winsock winsock;
    const Mailbox mailbox;
    const auto s = stream();
    injection::fail_subsystem();
    EXPECT_EQ(select_on(s, mailbox, fd_read), -1);
    EXPECT_EQ(last_error(), error::net_down);
    EXPECT_EQ(select_on(no_socket, mailbox, fd_read), -1);
    EXPECT_EQ(last_error(), error::net_down) << "before WSAENOTSOCK";
    EXPECT_EQ(stream(), no_socket);
    EXPECT_EQ(last_error(), error::net_down);
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(s, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::net_down);
    EXPECT_EQ(asyncselect_send(s, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::net_down);
    EXPECT_EQ(asyncselect_accept(s, nullptr, nullptr), no_socket);
    EXPECT_EQ(last_error(), error::net_down);
    EXPECT_EQ(asyncselect_closesocket(s), 0) << "what is left can be closed";
}

TEST_F(Faults, BeforeStartupThatIsSaidFirst) {
    cite<"AS-API-2", "R-23">();
    const Mailbox mailbox;
    injection::fail_subsystem();
    EXPECT_EQ(select_on(4, mailbox, fd_read), -1);
    EXPECT_EQ(last_error(), error::not_initialised);
}

TEST_F(Faults, EachSocketTellsItByTheEventThatItsOwnerWaitsFor) {
    cite<"R-18", "AS-ERROR-2", "AS-ERROR-3">();
    const Winsock winsock;
    Mailbox mailbox;
    const auto pair = connected_pair();
    const auto listening = listener();
    const auto datagram = asyncselect_socket(2, 2, 0);
    const auto unconnected = stream();
    constexpr long all = 0x3ff;
    for (const auto s : {pair.one, listening, datagram, unconnected}) ASSERT_EQ(select_on(s, mailbox, all), 0);
    mailbox.drain();
    injection::fail_subsystem();
    auto got = mailbox.collect(3);
    const auto expected = [&](asyncselect_SOCKET s, long event) {
        return std::ranges::count(got, Notification{s, event, error::net_down});
    };
    EXPECT_EQ(expected(pair.one, fd_close), 1);
    EXPECT_EQ(expected(listening, fd_accept), 1);
    EXPECT_EQ(expected(datagram, fd_read), 1);
    EXPECT_EQ(got.size(), 3U);
    EXPECT_TRUE(mailbox.drain().empty()) << "once";
}

TEST_F(Faults, ConnectTellsEveryErrorOfThePagesTable) {
    cite<"AS-ERROR-1", "AS-CONNECT-4">();
    const Winsock winsock;
    Mailbox mailbox;
    for (const core::Error code :
         {error::family_not_supported, error::connection_refused, error::net_unreachable, error::fault, error::invalid,
          error::is_connected, error::too_many_files, error::no_buffers, error::not_connected, error::timed_out}) {
        const auto s = stream();
        ASSERT_EQ(select_on(s, mailbox, fd_connect | fd_write | fd_close), 0);
        injection::fail_next(Function::connect, error::would_block);
        injection::fail_next(Function::take_error, code);
        const auto nowhere = loopback(0x0100);
        EXPECT_EQ(asyncselect_connect(s, as_address(nowhere), sizeof nowhere), -1);
        EXPECT_EQ(last_error(), error::would_block);
        EXPECT_EQ(mailbox.next(), (Notification{s, fd_connect, code}));
        EXPECT_TRUE(mailbox.drain().empty()) << "neither FD_WRITE nor FD_CLOSE (R-4)";
        asyncselect_closesocket(s);
    }
}

TEST_F(Faults, ACodeThatTheTableDoesNotHaveIsToldAsTheClosestOne) {
    cite<"AS-ERROR-1">();
    const Winsock winsock;
    Mailbox mailbox;
    const auto s = stream();
    ASSERT_EQ(select_on(s, mailbox, fd_connect), 0);
    injection::fail_next(Function::connect, error::would_block);
    injection::fail_next(Function::take_error, error::host_unreachable);
    const auto nowhere = loopback(0x0100);
    EXPECT_EQ(asyncselect_connect(s, as_address(nowhere), sizeof nowhere), -1);
    EXPECT_EQ(mailbox.next(), (Notification{s, fd_connect, error::net_unreachable}));
}

TEST_F(Faults, CloseTellsHowTheConnectionEnded) {
    cite<"AS-CLOSE-5", "AS-ERROR-2">();
    const Winsock winsock;
    Mailbox mailbox;
    struct Case {
        core::Error waits;
        core::Error told;
    };
    for (const auto& [waits, told] :
         {Case{error::connection_reset, error::connection_reset}, Case{error::timed_out, error::connection_aborted},
          Case{error::host_unreachable, error::connection_aborted},
          Case{error::connection_aborted, error::connection_aborted}}) {
        const auto pair = connected_pair();
        ASSERT_EQ(select_on(pair.one, mailbox, fd_close), 0);
        injection::fail_next(Function::take_error, waits);
        const asyncselect_linger hard{1, 0};
        asyncselect_setsockopt(pair.other, 0xffff, 0x0080, reinterpret_cast<const char*>(&hard), sizeof hard);
        asyncselect_closesocket(pair.other);
        EXPECT_EQ(mailbox.next(), (Notification{pair.one, fd_close, told}));
        asyncselect_closesocket(pair.one);
    }
}

TEST_F(Faults, ACallThatFailsAtOnceHasToldIt) {
    cite<"R-4">();
    const Winsock winsock;
    Mailbox mailbox;
    const auto s = stream();
    ASSERT_EQ(select_on(s, mailbox, fd_connect), 0);
    for (const core::Error code : {error::no_buffers, error::net_unreachable, error::access}) {
        injection::fail_next(Function::connect, code);
        const auto nowhere = loopback(0x0100);
        EXPECT_EQ(asyncselect_connect(s, as_address(nowhere), sizeof nowhere), -1);
        EXPECT_EQ(last_error(), code);
        EXPECT_TRUE(mailbox.drain().empty());
    }
}

TEST_F(Faults, AnAcceptThatFailsReenables) {
    cite<"AS-ENABLE-8", "AS-ENABLE-4">();
    const Winsock winsock;
    Mailbox mailbox;
    const auto listening = listener();
    ASSERT_EQ(select_on(listening, mailbox, fd_accept), 0);
    const auto client = stream();
    ASSERT_EQ(connect_to(client, listening), 0);
    EXPECT_EQ(mailbox.next(), (Notification{listening, fd_accept, 0}));
    for (const core::Error code : {error::too_many_files, error::no_buffers, error::connection_reset}) {
        injection::fail_next(Function::accept, code);
        EXPECT_EQ(asyncselect_accept(listening, nullptr, nullptr), no_socket);
        EXPECT_EQ(last_error(), code);
        EXPECT_EQ(mailbox.next(), (Notification{listening, fd_accept, 0})) << "the request is still there";
    }
    EXPECT_NE(asyncselect_accept(listening, nullptr, nullptr), no_socket);
}

TEST_F(Faults, TransfersThatFailForWantOfBuffersReenable) {
    cite<"AS-ENABLE-8", "AS-READ-3">();
    const Winsock winsock;
    Mailbox mailbox;
    const auto pair = connected_pair();
    ASSERT_EQ(select_on(pair.one, mailbox, fd_read), 0);
    ASSERT_EQ(send_text(pair.other, "x"), 1);
    EXPECT_EQ(mailbox.next(), (Notification{pair.one, fd_read, 0}));
    injection::fail_next(Function::receive, error::no_buffers);
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(pair.one, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::no_buffers);
    EXPECT_EQ(mailbox.next(), (Notification{pair.one, fd_read, 0})) << "the byte is still there";
    EXPECT_EQ(receive_text(pair.one), "x");
}

TEST_F(Faults, ASocketThatTheSystemDoesNotGive) {
    cite<"AS-API-1">();
    const Winsock winsock;
    for (const core::Error code : {error::too_many_files, error::no_buffers}) {
        injection::fail_next(Function::open, code);
        EXPECT_EQ(stream(), no_socket);
        EXPECT_EQ(last_error(), code);
    }
    EXPECT_NE(stream(), no_socket);
}

// A control: without a fault nothing fails, and a fault is there until it is met.
TEST_F(Faults, NothingHappensUnlessItIsAskedFor) {
    const Winsock winsock;
    EXPECT_FALSE(injection::waiting(Function::open));
    EXPECT_NE(stream(), no_socket);
    injection::fail_next(Function::open, error::no_buffers);
    EXPECT_TRUE(injection::waiting(Function::open));
    EXPECT_EQ(stream(), no_socket);
    EXPECT_FALSE(injection::waiting(Function::open));
}

}  // namespace
}  // namespace asyncselect::conformance::native
