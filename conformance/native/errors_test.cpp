// The error codes of the page's tables, produced by the real system: by hosts that refuse, say nothing, reset and go
// away, routers that have no route, and limits that are reached. Two hosts: this one with interface `one`, and another
// with `other`, which is a router to nowhere. IPv4 and IPv6.
//
//   code              event or call             how it is produced here
//   WSAECONNREFUSED   FD_CONNECT                nobody listens there
//   WSAENETUNREACH    FD_CONNECT                a router has no route and says so (ICMP); the route goes while the
//   request
//                                               is under way; nobody has the address (Linux: EHOSTUNREACH; the page
//                                               lists no closer code)
//                     connect                   no route; on a datagram socket too
//                     FD_ROUTING_INTERFACE_...  changes_test.cpp
//   WSAETIMEDOUT      FD_CONNECT                a host that forwards nothing drops what is sent through it
//                     recv                      SO_RCVTIMEO
//   WSAECONNRESET     FD_CLOSE, recv, send      the peer closes hard
//   WSAECONNABORTED   FD_CLOSE                  the peer's interface goes down: what was sent stays unacknowledged
//                                               (TCP_MAXRTMS), or nothing was sent (SO_KEEPALIVE)
//   WSAEAFNOSUPPORT   connect, socket           an address of another family, or of none
//   WSAEFAULT         connect                   namelen too small, no memory there
//   WSAEINVAL         connect                   the socket listens
//                     WSAAsyncSelect            no such window, no such event
//   WSAEISCONN        connect                   a second time
//   WSAEMFILE         socket, accept            no descriptor is left (RLIMIT_NOFILE)
//   WSAENOBUFS        WSAJoinLeaf, setsockopt   more groups than the system allows a socket
//   WSAENOTCONN       send, recv, shutdown      before there is a connection
//   WSANOTINITIALISED WSAAsyncSelect            before WSAStartup
//   WSAENOTSOCK       WSAAsyncSelect            no socket
//
// What Linux cannot be brought to do is injected in faults_test.cpp:
//   WSAENETDOWN       every event               Linux has no state in which its network as a whole has failed
//   WSAEAFNOSUPPORT, WSAEFAULT, WSAEINVAL, WSAEISCONN, WSAEMFILE, WSAENOBUFS, WSAENOTCONN as FD_CONNECT's error: here
//                     connect itself tells what is wrong with its arguments, the socket or the host, and nothing of it
//                     turns up later
// WSAEINPROGRESS, inside a condition function, is in accept_test.cpp.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "conformance/native/families.hpp"
#include "conformance/native/namespace.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;
using Got = std::vector<Notification>;

constexpr long all_events = 1023;

class Errors : public ::testing::TestWithParam<Family> {
  protected:
    static void SetUpTestSuite() {
        if (not_permitted()) return;
        network::add_interfaces("one", "other");
        network::add_address("one", "192.0.2.1/24");
        network::add_address("one", "2001:db8::1/64");
        network::add_route("198.51.100.0/24", "one", "192.0.2.2");
        network::add_route("2001:db8:1::/64", "one", "2001:db8::2");
        another_host() = std::make_unique<network::Host>();
        another_host()->take("other");
    }
    static void TearDownTestSuite() {
        another_host().reset();
        if (!not_permitted()) network::remove_interface("one");
    }
    void SetUp() override {
        if (not_permitted()) GTEST_SKIP() << *not_permitted();
        // The fewest attempts that Linux makes; it uses the same for both families.
        network::set_parameter("ipv4/tcp_syn_retries", "1");
        host().run([] {
            network::set_up("other", true);
            network::add_address("other", "192.0.2.2/24");
            network::add_address("other", "2001:db8::2/64");
        });
    }
    void TearDown() override {
        if (not_permitted()) return;
        host().run([] {
            network::remove_address("other", "192.0.2.2/24");
            // That of IPv6 goes with the interface.
            network::set_up("other", false);
        });
    }

    static std::unique_ptr<network::Host>& another_host() {
        static std::unique_ptr<network::Host> host;
        return host;
    }
    static network::Host& host() { return *another_host(); }
    // The other host as a router: it knows no way beyond, and says so.
    static void make_router() {
        host().run([] {
            network::set_parameter("ipv4/ip_forward", "1");
            network::set_parameter("ipv6/conf/all/forwarding", "1");
        });
    }
    // It knows a way beyond, and is no router: what is to go there vanishes.
    static void make_silent() {
        host().run([] {
            network::set_parameter("ipv4/ip_forward", "0");
            network::set_parameter("ipv6/conf/all/forwarding", "0");
            // The route goes with the interface.
            network::add_route("198.51.100.0/24", "other");
            network::add_route("2001:db8:1::/64", "other");
        });
    }

    [[nodiscard]] static bool is_ipv4() { return GetParam() == Family::ipv4; }
    static Name name(const char* inet, const char* inet6, std::uint16_t port) {
        std::array<unsigned char, 16> bytes{};
        EXPECT_EQ(inet_pton(is_ipv4() ? AF_INET : AF_INET6, is_ipv4() ? inet : inet6, bytes.data()), 1);
        return name_with(GetParam(), std::span{bytes}.first(is_ipv4() ? 4 : 16), htons(port));
    }
    static Name the_host(std::uint16_t port) { return name("192.0.2.2", "2001:db8::2", port); }
    static Name beyond() { return name("198.51.100.7", "2001:db8:1::7", 7); }
    static Name nobody() { return name("192.0.2.77", "2001:db8::77", 7); }
    static Name nowhere() { return name("203.0.113.7", "2001:db8:9::7", 7); }

    static int connect(asyncselect_SOCKET s, const Name& to) {
        asyncselect_WSASetLastError(0);
        return asyncselect_connect(s, to.get(), to.length) == 0 ? 0 : last_error();
    }
    int select(asyncselect_SOCKET s, long events) {
        return asyncselect_WSAAsyncSelect(s, mailbox_.window(), socket_message, events);
    }
    asyncselect_SOCKET registered(asyncselect_SOCKET s) {
        EXPECT_EQ(select(s, all_events), 0);
        return s;
    }
    // The outcome of a connect: one message.
    int outcome(const Name& to) {
        const auto s = registered(stream_of(GetParam()));
        EXPECT_EQ(connect(s, to), error::would_block);
        const auto told = mailbox_.next();
        EXPECT_EQ(told.socket, s);
        EXPECT_EQ(told.event, fd_connect);
        EXPECT_EQ(mailbox_.drain(), Got{});
        return told.error;
    }

    // A connection to the other host: our end is registered and has been told of it, and theirs is theirs.
    struct Connection {
        asyncselect_SOCKET ours;
        int theirs;
    };
    Connection connection() {
        int listening = -1;
        std::uint16_t port = 0;
        host().run([&] {
            const int family = is_ipv4() ? AF_INET : AF_INET6;
            listening = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
            EXPECT_EQ(::listen(listening, 1), 0);
            sockaddr_storage own{};
            socklen_t length = sizeof own;
            EXPECT_EQ(::getsockname(listening, reinterpret_cast<sockaddr*>(&own), &length), 0);
            port = ntohs(reinterpret_cast<const sockaddr_in*>(&own)->sin_port);
        });
        const auto s = registered(stream_of(GetParam()));
        EXPECT_EQ(connect(s, the_host(port)), error::would_block);
        EXPECT_EQ(mailbox_.collect(2), (Got{{s, fd_connect, 0}, {s, fd_write, 0}}));
        const int theirs = ::accept(listening, nullptr, nullptr);
        EXPECT_GE(theirs, 0);
        ::close(listening);
        return {s, theirs};
    }

    Winsock winsock_;
    Mailbox mailbox_;
};
INSTANTIATE_TEST_SUITE_P(Families, Errors, ::testing::Values(Family::ipv4, Family::ipv6), text_of);

// ---- FD_CONNECT

TEST_P(Errors, RefusedWhereNobodyListens) {
    cite<"AS-ERROR-1", "AS-CONNECT-4">();
    EXPECT_EQ(outcome(the_host(7)), error::connection_refused);
}

TEST_P(Errors, UnreachableWhereARouterKnowsNoWay) {
    cite<"AS-ERROR-1", "AS-CONNECT-4">();
    make_router();
    EXPECT_EQ(outcome(beyond()), error::net_unreachable);
}

TEST_P(Errors, UnreachableWhereNobodyHasTheAddress) {
    cite<"AS-ERROR-1", "AS-CONNECT-4">();
    // Asked for once, and then known not to be there, long before the connect is given up.
    network::set_parameter(is_ipv4() ? "ipv4/neigh/one/mcast_solicit" : "ipv6/neigh/one/mcast_solicit", "1");
    network::set_parameter("ipv4/tcp_syn_retries", "4");
    EXPECT_EQ(outcome(nobody()), error::net_unreachable);
}

TEST_P(Errors, UnreachableWhereTheRouteGoesMeanwhile) {
    cite<"AS-ERROR-1", "AS-CONNECT-4">();
    make_silent();
    const auto* net = is_ipv4() ? "198.51.100.0/24" : "2001:db8:1::/64";
    const auto s = registered(stream_of(GetParam()));
    EXPECT_EQ(connect(s, beyond()), error::would_block);
    network::remove_route(net, "one");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_connect, error::net_unreachable}));
    network::add_route(net, "one", is_ipv4() ? "192.0.2.2" : "2001:db8::2");
}

TEST_P(Errors, TimedOutWhereNobodyAnswers) {
    cite<"AS-ERROR-1", "AS-CONNECT-4">();
    make_silent();
    EXPECT_EQ(outcome(beyond()), error::timed_out);
}

TEST_P(Errors, ABlockingConnectTellsTheSame) {
    cite<"AS-ERROR-1">();
    make_silent();
    EXPECT_EQ(connect(stream_of(GetParam()), the_host(7)), error::connection_refused);
    EXPECT_EQ(connect(stream_of(GetParam()), beyond()), error::timed_out);
}

// ---- what connect itself tells: no message follows

TEST_P(Errors, WhatConnectTellsItselfIsNotPosted) {
    cite<"AS-ERROR-1", "R-4">();
    const auto s = registered(stream_of(GetParam()));
    const auto to = the_host(7);
    const auto of_other_family = loopback_of(is_ipv4() ? Family::ipv6 : Family::ipv4, htons(7));
    auto of_no_family = to;
    of_no_family.storage.ss_family = 99;
    EXPECT_EQ(connect(s, nowhere()), error::net_unreachable);
    EXPECT_EQ(connect(s, of_other_family), error::family_not_supported);
    EXPECT_EQ(connect(s, of_no_family), error::family_not_supported);
    EXPECT_EQ(asyncselect_connect(s, to.get(), 3), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_connect(s, to.get(), to.length - 1), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_connect(s, nullptr, to.length), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_connect(s, wild<asyncselect_sockaddr>(), to.length), -1);
    EXPECT_EQ(last_error(), error::fault);
    const auto listening = registered(listener_of(GetParam()));
    EXPECT_EQ(connect(listening, to), error::invalid);
    const auto connected = request_to(listening, GetParam());
    EXPECT_EQ(mailbox_.next(), (Notification{listening, fd_accept, 0}));
    registered(connected);
    mailbox_.drain();
    EXPECT_EQ(connect(connected, to), error::is_connected);
    EXPECT_EQ(connect(datagram_of(GetParam()), nowhere()), error::net_unreachable);
    EXPECT_EQ(mailbox_.drain(), Got{});
    EXPECT_EQ(asyncselect_socket(99, 1, 0), invalid_socket);
    EXPECT_EQ(last_error(), error::family_not_supported);
}

TEST_P(Errors, NotConnectedBeforeThereIsAConnection) {
    cite<"AS-ERROR-1">();
    const auto s = registered(stream_of(GetParam()));
    char byte = 0;
    EXPECT_EQ(asyncselect_send(s, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::not_connected);
    EXPECT_EQ(asyncselect_recv(s, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::not_connected);
    EXPECT_EQ(asyncselect_shutdown(s, 2), -1);
    EXPECT_EQ(last_error(), error::not_connected);
    EXPECT_EQ(mailbox_.drain(), Got{});
}

// ---- limits

// No descriptor is left as long as it lives.
class NoDescriptors {
  public:
    NoDescriptors() {
        EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
        // The lowest that is free is the first that is forbidden.
        const int free = dup(0);
        EXPECT_GE(free, 0);
        close(free);
        auto fewer = before_;
        fewer.rlim_cur = static_cast<rlim_t>(free);
        EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &fewer), 0);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit before_{};
};

TEST_P(Errors, TooManyFiles) {
    cite<"AS-ERROR-1", "AS-ENABLE-8">();
    const auto listening = registered(listener_of(GetParam()));
    request_to(listening, GetParam());
    EXPECT_EQ(mailbox_.next(), (Notification{listening, fd_accept, 0}));
    {
        const NoDescriptors none;
        EXPECT_EQ(stream_of(GetParam()), invalid_socket);
        EXPECT_EQ(last_error(), error::too_many_files);
        EXPECT_EQ(asyncselect_accept(listening, nullptr, nullptr), invalid_socket);
        EXPECT_EQ(last_error(), error::too_many_files);
    }
    EXPECT_EQ(mailbox_.next(), (Notification{listening, fd_accept, 0})) << "the request waits, and accept re-enables";
    EXPECT_NE(asyncselect_accept(listening, nullptr, nullptr), invalid_socket);
    EXPECT_NE(stream_of(GetParam()), invalid_socket);
}

TEST_P(Errors, NoBuffersForAnotherGroup) {
    cite<"AS-ERROR-1", "AS-CONNECT-3", "R-4">();
    // IPv4 has a limit of its own, IPv6 the memory that a socket's options may take.
    if (is_ipv4()) network::set_parameter("ipv4/igmp_max_memberships", "20");
    const auto* groups = is_ipv4() ? "224.0.0.0/4" : "ff00::/8";
    network::add_route(groups, "one");
    constexpr std::uint32_t leaf = 0x01 | 0x04 | 0x10;
    const auto family = static_cast<int>(GetParam());
    const auto s = registered(bound(asyncselect_WSASocketA(family, 2, 0, nullptr, 0, leaf), any_of(GetParam())));
    mailbox_.drain();
    const auto port = ntohs(name_of(s).port());
    const auto join = [&](unsigned number) {
        auto to = name("239.1.0.0", "ff05::", port);
        auto* end = reinterpret_cast<unsigned char*>(&to.storage) + (is_ipv4() ? 8 : 24);
        end[-1] = static_cast<unsigned char>(number & 0xff);
        end[-2] = static_cast<unsigned char>(number >> 8);
        return asyncselect_WSAJoinLeaf(s, to.get(), to.length, nullptr, nullptr, nullptr, nullptr, 2);
    };
    unsigned joined = 1;
    while (joined < 0xffff && join(joined) == s) {
        EXPECT_EQ(mailbox_.drain(), (Got{{s, fd_connect, 0}}));
        ++joined;
    }
    EXPECT_EQ(last_error(), error::no_buffers) << joined;
    EXPECT_EQ(mailbox_.drain(), Got{});
    EXPECT_EQ(asyncselect_closesocket(s), 0);
    network::remove_route(groups, "one");
}

// ---- FD_CLOSE, and what the calls say then

TEST_P(Errors, ResetWhereThePeerClosesHard) {
    cite<"AS-ERROR-2", "AS-CLOSE-5">();
    const auto [s, theirs] = connection();
    const linger hard{1, 0};
    EXPECT_EQ(::setsockopt(theirs, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    ::close(theirs);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_close, error::connection_reset}));
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(s, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::connection_reset);
    EXPECT_EQ(asyncselect_send(s, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::connection_reset);
}

TEST_P(Errors, AbortedWhereWhatWasSentStaysUnacknowledged) {
    cite<"AS-ERROR-2", "AS-CLOSE-5">();
    const auto [s, theirs] = connection();
    const int milliseconds = 500;
    EXPECT_EQ(asyncselect_setsockopt(s, 6, 14, reinterpret_cast<const char*>(&milliseconds), sizeof milliseconds), 0);
    host().run([] { network::set_up("other", false); });
    EXPECT_EQ(send_text(s, "x"), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_close, error::connection_aborted}));
    EXPECT_EQ(send_text(s, "x"), -1);
    EXPECT_EQ(last_error(), error::connection_aborted);
    ::close(theirs);
}

TEST_P(Errors, AbortedWhereNobodyIsThereAnyMore) {
    cite<"AS-ERROR-2", "AS-CLOSE-5">();
    const auto [s, theirs] = connection();
    const int once = 1;
    const auto* value = reinterpret_cast<const char*>(&once);
    EXPECT_EQ(asyncselect_setsockopt(s, 6, 3, value, sizeof once), 0) << "TCP_KEEPIDLE, in seconds";
    EXPECT_EQ(asyncselect_setsockopt(s, 6, 17, value, sizeof once), 0) << "TCP_KEEPINTVL";
    EXPECT_EQ(asyncselect_setsockopt(s, 6, 16, value, sizeof once), 0) << "TCP_KEEPCNT";
    EXPECT_EQ(asyncselect_setsockopt(s, 0xffff, 0x0008, value, sizeof once), 0) << "SO_KEEPALIVE";
    host().run([] { network::set_up("other", false); });
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_close, error::connection_aborted}));
    ::close(theirs);
}

TEST_P(Errors, TheTimeUntilItIsGivenUpCanBeToldInSecondsToo) {
    const auto s = stream_of(GetParam());
    const auto set = [&](int option, int value) {
        return asyncselect_setsockopt(s, 6, option, reinterpret_cast<const char*>(&value), sizeof value);
    };
    const auto get = [&](int option) {
        int value = 0;
        int length = sizeof value;
        EXPECT_EQ(asyncselect_getsockopt(s, 6, option, reinterpret_cast<char*>(&value), &length), 0);
        return value;
    };
    constexpr int seconds = 5;
    constexpr int milliseconds = 14;
    EXPECT_EQ(get(seconds), 0);
    EXPECT_EQ(set(seconds, 3), 0);
    EXPECT_EQ(get(milliseconds), 3000);
    EXPECT_EQ(set(milliseconds, 4500), 0);
    EXPECT_EQ(get(seconds), 4);
    EXPECT_EQ(set(seconds, -1), 0) << "without end";
    EXPECT_EQ(get(seconds), -1);
    EXPECT_EQ(get(milliseconds), -1);
    EXPECT_EQ(set(seconds, 2'147'483'647), 0) << "more than Linux can count";
    EXPECT_EQ(get(seconds), -1);
    EXPECT_EQ(set(milliseconds, -2), -1);
    EXPECT_EQ(last_error(), error::invalid);
}

TEST_P(Errors, ARoutersAnswerEndsNoConnection) {
    cite<"AS-CLOSE-5">();
    // What a router says of a connection that is established may pass: the connection goes on.
    const auto [s, theirs] = connection();
    host().run([] { network::set_up("other", false); });
    EXPECT_EQ(send_text(s, "patience"), 8);
    host().run([] {
        network::set_up("other", true);
        if (!is_ipv4()) network::add_address("other", "2001:db8::2/64");
    });
    std::array<char, 8> got{};
    EXPECT_EQ(::recv(theirs, got.data(), got.size(), MSG_WAITALL), 8);
    for (const auto& message : mailbox_.drain()) EXPECT_NE(message.event, fd_close);
    ::close(theirs);
}

TEST_P(Errors, ABlockingReceiveThatIsOver) {
    const auto [s, theirs] = connection();
    EXPECT_EQ(select(s, 0), 0);
    std::uint32_t off = 0;
    EXPECT_EQ(asyncselect_ioctlsocket(s, static_cast<long>(0x8004667eU), &off), 0);
    const int milliseconds = 20;
    EXPECT_EQ(
        asyncselect_setsockopt(s, 0xffff, 0x1006, reinterpret_cast<const char*>(&milliseconds), sizeof milliseconds),
        0);
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(s, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::timed_out);
    ::close(theirs);
}

// ---- WSAAsyncSelect itself

TEST(TheCall, HasErrorsOfItsOwn) {
    cite<"AS-API-2", "AS-API-4", "AS-API-6", "AS-API-7", "R-23">();
    Mailbox mailbox;
    const auto call = [&](asyncselect_SOCKET s, asyncselect_HWND window, long events) {
        EXPECT_EQ(asyncselect_WSAAsyncSelect(s, window, socket_message, events), -1);
        return last_error();
    };
    EXPECT_EQ(call(4, mailbox.window(), fd_read), error::not_initialised);
    const Winsock winsock;
    EXPECT_EQ(call(4, mailbox.window(), fd_read), error::not_socket);
    EXPECT_EQ(call(stream(), nullptr, fd_read), error::invalid);
    EXPECT_EQ(call(stream(), mailbox.window(), 1024), error::invalid);
}

}  // namespace
}  // namespace asyncselect::conformance::native

int main(int argc, char** argv) { return asyncselect::conformance::native::run_in_namespace(argc, argv); }
