// Datagram sockets over loopback, both families: what is sent and received, what is refused, the notifications, and the
// ICMP errors that lose nothing. Runs under ThreadSanitizer too, for those of two threads at one socket.
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>

#include "conformance/native/families.hpp"
#include "impl/net/network.hpp"
#include "impl/winsock/slot.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;

constexpr int socket_level = 0xffff;
constexpr int receive_timeout = 0x1006;
constexpr int peek = 2;
// A datagram and who sent it, or why there is none.
struct Came {
    std::optional<std::string> data;
    Name from;
    int error = 0;
};

Came receive_from(asyncselect_SOCKET s, int size = 65536, int flags = 0) {
    std::string buffer(static_cast<std::size_t>(size), '\0');
    Came came;
    const int got = asyncselect_recvfrom(s, buffer.data(), size, flags, came.from.put(), &came.from.length);
    if (got < 0) {
        came.error = last_error();
    } else {
        buffer.resize(static_cast<std::size_t>(got));
        came.data = buffer;
    }
    return came;
}

int send_to(asyncselect_SOCKET s, const Name& to, std::string_view text) {
    return asyncselect_sendto(s, text.data(), static_cast<int>(text.size()), 0, to.get(), to.length);
}

class Datagrams : public BothFamilies {
  protected:
    static asyncselect_SOCKET datagram() { return datagram_of(GetParam()); }

    static asyncselect_SOCKET bound() { return native::bound(datagram(), loopback_of(GetParam())); }

    // Where nobody is.
    static Name nowhere() {
        const auto s = bound();
        const auto name = name_of(s);
        EXPECT_EQ(asyncselect_closesocket(s), 0);
        return name;
    }

    static int connect_to_name(asyncselect_SOCKET s, const Name& to) {
        return asyncselect_connect(s, to.get(), to.length);
    }

    static int set_nonblocking(asyncselect_SOCKET s) {
        std::uint32_t on = 1;
        return asyncselect_ioctlsocket(s, asyncselect_FIONBIO, &on);
    }

    static int set_reset_reports(asyncselect_SOCKET s, std::uint32_t on) {
        std::uint32_t returned = 0;
        return asyncselect_WSAIoctl(s, asyncselect_SIO_UDP_CONNRESET, &on, sizeof on, nullptr, 0, &returned, nullptr,
                                    nullptr);
    }

    static net::Conditions conditions(asyncselect_SOCKET s) {
        return net::Network::conditions_now(winsock::slot_of(s)->descriptor);
    }
};

INSTANTIATE_TEST_SUITE_P(Families, Datagrams, ::testing::Values(Family::ipv4, Family::ipv6), text_of);

TEST_P(Datagrams, EachIsReceivedByItselfWithItsSender) {
    cite<"AS-READ-1", "AS-READ-2", "AS-READ-3", "AS-ENABLE-2", "AS-LEVEL-1">();
    const auto to = bound();
    const auto from = bound();
    EXPECT_EQ(select(to, fd_read), 0);
    for (const auto* text : {"one", "two", "three"}) EXPECT_GT(send_to(from, name_of(to), text), 0);
    for (const auto* text : {"one", "two", "three"}) {
        EXPECT_EQ(mailbox_.next(), (Notification{to, fd_read, 0}));
        const auto came = receive_from(to);
        EXPECT_EQ(came.data, text);
        EXPECT_EQ(came.from, name_of(from));
    }
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(receive_from(to).error, error::would_block);
    EXPECT_GT(send_to(from, name_of(to), "four"), 0);
    EXPECT_EQ(select(to, fd_read), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{to, fd_read, 0}));
    EXPECT_EQ(receive_text(to), "four") << "without asking who sent it";
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Datagrams, AnEmptyOneIsDataAndNoEnd) {
    cite<"R-15", "AS-READ-2", "AS-READ-3", "AS-CLOSE-1">();
    const auto to = bound();
    const auto from = bound();
    EXPECT_EQ(select(to, fd_read | fd_close), 0);
    EXPECT_EQ(send_to(from, name_of(to), ""), 0);
    EXPECT_EQ(send_to(from, name_of(to), ""), 0);
    EXPECT_EQ(send_to(from, name_of(to), "then"), 4);
    for (const auto* text : {"", "", "then"}) {
        EXPECT_EQ(mailbox_.next(), (Notification{to, fd_read, 0}));
        EXPECT_EQ(receive_from(to).data, text);
    }
    EXPECT_EQ(receive_from(to).error, error::would_block);
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Datagrams, TooSmallABufferIsFilledAndTheRestIsLost) {
    cite<"AS-ENABLE-8", "AS-READ-3">();
    const auto to = bound();
    const auto from = bound();
    EXPECT_EQ(select(to, fd_read), 0);
    for (const auto* text : {"abcdef", "ghijkl", "mnopqr", "stuvwx"}) EXPECT_EQ(send_to(from, name_of(to), text), 6);
    EXPECT_EQ(mailbox_.next(), (Notification{to, fd_read, 0}));

    std::array<char, 4> small{};
    Name sender;
    EXPECT_EQ(asyncselect_recvfrom(to, small.data(), 4, peek, sender.put(), &sender.length), -1);
    EXPECT_EQ(last_error(), error::message_size);
    EXPECT_EQ(mailbox_.next(), (Notification{to, fd_read, 0}));
    EXPECT_EQ(std::string(small.data(), 4), "abcd");
    sender = {};
    small = {};
    EXPECT_EQ(asyncselect_recvfrom(to, small.data(), 4, 0, sender.put(), &sender.length), -1)
        << "the peek took nothing";
    EXPECT_EQ(last_error(), error::message_size);
    EXPECT_EQ(std::string(small.data(), 4), "abcd");
    EXPECT_EQ(sender, name_of(from));
    EXPECT_EQ(mailbox_.next(), (Notification{to, fd_read, 0}));

    EXPECT_EQ(asyncselect_recv(to, small.data(), 4, 0), -1);
    EXPECT_EQ(last_error(), error::message_size);
    EXPECT_EQ(std::string(small.data(), 4), "ghij");

    std::array<asyncselect_WSABUF, 2> buffers{{{1, small.data()}, {3, small.data() + 1}}};
    std::uint32_t count = 77;
    std::uint32_t flags = 0;
    EXPECT_EQ(asyncselect_WSARecv(to, buffers.data(), 2, &count, &flags, nullptr, nullptr), -1);
    EXPECT_EQ(last_error(), error::message_size);
    EXPECT_EQ(count, 4U);
    EXPECT_EQ(std::string(small.data(), 4), "mnop");
    sender = {};
    EXPECT_EQ(
        asyncselect_WSARecvFrom(to, buffers.data(), 2, &count, &flags, sender.put(), &sender.length, nullptr, nullptr),
        -1);
    EXPECT_EQ(last_error(), error::message_size);
    EXPECT_EQ(count, 4U);
    EXPECT_EQ(std::string(small.data(), 4), "stuv");
    EXPECT_EQ(sender, name_of(from));
    EXPECT_EQ(receive_from(to).error, error::would_block);
}

TEST_P(Datagrams, ScatteredBuffersAreOneDatagram) {
    const auto to = bound();
    const auto from = bound();
    std::array<char, 3> first{'a', 'b', 'c'};
    std::array<char, 2> second{'d', 'e'};
    std::array<asyncselect_WSABUF, 2> out{{{3, first.data()}, {2, second.data()}}};
    std::uint32_t count = 0;
    const auto name = name_of(to);
    EXPECT_EQ(asyncselect_WSASendTo(from, out.data(), 2, &count, 0, name.get(), name.length, nullptr, nullptr), 0);
    EXPECT_EQ(count, 5U);
    std::array<char, 2> head{};
    std::array<char, 10> tail{};
    std::array<asyncselect_WSABUF, 2> in{{{2, head.data()}, {10, tail.data()}}};
    std::uint32_t flags = 0;
    Name sender;
    EXPECT_EQ(asyncselect_WSARecvFrom(to, in.data(), 2, &count, &flags, sender.put(), &sender.length, nullptr, nullptr),
              0);
    EXPECT_EQ(count, 5U);
    EXPECT_EQ(sender, name_of(from));
    EXPECT_EQ(std::string(head.data(), 2) + std::string(tail.data(), 3), "abcde");
}

TEST_P(Datagrams, TheLongestIsWhatTheOptionTells) {
    const auto to = bound();
    const auto from = bound();
    std::uint32_t longest = 0;
    int size = sizeof longest;
    ASSERT_EQ(asyncselect_getsockopt(from, socket_level, 0x2003, reinterpret_cast<char*>(&longest), &size), 0);
    EXPECT_EQ(longest, GetParam() == Family::ipv4 ? 65507U : 65527U);
    std::uint32_t room = 1 << 20;
    for (const auto s : {to, from})
        for (const int option : {0x1001, 0x1002})
            EXPECT_EQ(asyncselect_setsockopt(s, socket_level, option, reinterpret_cast<const char*>(&room), 4), 0);
    EXPECT_EQ(set_nonblocking(from), 0);
    EXPECT_EQ(send_to(from, name_of(to), std::string(longest, 'x')), static_cast<int>(longest));
    EXPECT_EQ(receive_from(to, 1 << 17).data, std::string(longest, 'x'));
    EXPECT_EQ(send_to(from, name_of(to), std::string(longest + 1, 'x')), -1);
    EXPECT_EQ(last_error(), error::message_size);
    EXPECT_EQ(send_to(from, name_of(to), std::string(70'000, 'x')), -1);
    EXPECT_EQ(last_error(), error::message_size);
    EXPECT_EQ(receive_from(from).error, error::would_block) << "a send that was too long is no reset";
    EXPECT_FALSE(conditions(from).broken);

    const auto tcp = stream();
    EXPECT_EQ(asyncselect_getsockopt(tcp, socket_level, 0x2003, reinterpret_cast<char*>(&longest), &size), -1);
    EXPECT_EQ(last_error(), error::no_such_option);
}

TEST_P(Datagrams, AnUnconnectedSocketCanSendAtOnce) {
    cite<"R-14", "AS-WRITE-1", "AS-WRITE-5", "AS-ENABLE-1", "R-11", "AS-CLOSE-1">();
    const auto s = datagram();
    EXPECT_EQ(select(s, 1023), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_write, 0}));
    EXPECT_TRUE(mailbox_.drain().empty());
    const auto to = bound();
    EXPECT_EQ(send_to(s, name_of(to), "x"), 1);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(receive_from(to).data, "x");
    EXPECT_EQ(receive_from(s).error, error::would_block) << "the send has bound it";
}

TEST_P(Datagrams, ConnectingIsAConnection) {
    cite<"R-16", "AS-CONNECT-1", "AS-CONNECT-2", "AS-WRITE-2", "AS-ENABLE-1", "R-4", "R-9">();
    const auto s = datagram();
    const auto first = bound();
    const auto second = bound();
    EXPECT_EQ(connect_to_name(s, name_of(first)), 0);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(s, fd_connect | fd_write), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}, {s, fd_write, 0}}));
    EXPECT_EQ(connect_to_name(s, name_of(second)), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}})) << "FD_WRITE is posted already";
    EXPECT_EQ(send_text(s, "x"), 1);
    EXPECT_EQ(connect_to_name(s, name_of(second)), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}, {s, fd_write, 0}}))
        << "the send has enabled it";
}

TEST_P(Datagrams, TheAssociationCanBeChangedAndEnded) {
    cite<"R-16", "AS-CONNECT-1">();
    const auto s = datagram();
    const auto first = bound();
    const auto second = bound();
    EXPECT_EQ(connect_to_name(s, name_of(first)), 0);
    EXPECT_EQ(send_text(s, "to the first"), 12);
    EXPECT_EQ(receive_from(first).data, "to the first");
    const auto own = name_of(s);
    EXPECT_EQ(connect_to_name(s, name_of(second)), 0);
    EXPECT_EQ(send_text(s, "to the second"), 13);
    EXPECT_EQ(receive_from(second).data, "to the second");
    EXPECT_EQ(set_nonblocking(first), 0);
    EXPECT_EQ(send_to(s, name_of(first), "past it"), 7) << "an address of its own";
    EXPECT_EQ(receive_from(first).data, "past it");
    EXPECT_EQ(send_to(first, own, "not connected to me"), 19);
    EXPECT_EQ(send_to(second, own, "for you"), 7);
    EXPECT_EQ(receive_from(s).data, "for you");
    Name peer;
    EXPECT_EQ(asyncselect_getpeername(s, peer.put(), &peer.length), 0);
    EXPECT_EQ(peer, name_of(second));

    auto zeros = loopback_of(GetParam());
    std::memset(reinterpret_cast<char*>(&zeros.storage) + 2, 0, sizeof zeros.storage - 2);
    const Name no_family{{}, GetParam() == Family::ipv4 ? 16 : 28};
    for (const auto& ended : {zeros, no_family}) {
        EXPECT_EQ(select(s, fd_connect), 0);
        EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}}));
        EXPECT_EQ(connect_to_name(s, ended), 0);
        EXPECT_TRUE(mailbox_.drain().empty());
        EXPECT_EQ(send_text(s, "x"), -1);
        EXPECT_EQ(last_error(), error::not_connected);
        EXPECT_EQ(asyncselect_getpeername(s, peer.put(), &peer.length), -1);
        EXPECT_EQ(last_error(), error::not_connected);
        EXPECT_EQ(select(s, fd_connect), 0);
        EXPECT_TRUE(mailbox_.drain().empty());
        EXPECT_EQ(name_of(s).port(), own.port()) << "it keeps its port";
        EXPECT_EQ(send_to(first, own, "anybody may"), 11);
        wait_until([&] { return conditions(s).readable; });
        EXPECT_EQ(receive_from(s).data, "anybody may");
        EXPECT_EQ(connect_to_name(s, name_of(second)), 0);
        EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}}));
    }
    auto no_port = name_of(second);
    no_port.set_port(0);
    EXPECT_EQ(connect_to_name(s, no_port), -1);
    EXPECT_EQ(last_error(), error::address_not_available);
    EXPECT_EQ(send_text(s, "still there"), 11);
}

TEST_P(Datagrams, WhatCannotBeSentIsRefused) {
    cite<"AS-ENABLE-3", "AS-ENABLE-8">();
    const auto s = datagram();
    const auto to = name_of(bound());
    EXPECT_EQ(select(s, fd_connect | fd_write), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_write, 0}));
    const auto refused = [&](int code, const asyncselect_sockaddr* name, int length, int flags = 0) {
        EXPECT_EQ(asyncselect_sendto(s, "x", 1, flags, name, length), -1);
        EXPECT_EQ(last_error(), code);
    };
    EXPECT_EQ(send_text(s, "x"), -1);
    EXPECT_EQ(last_error(), error::not_connected);
    refused(error::not_connected, nullptr, 0);
    refused(error::fault, to.get(), 15);
    refused(error::fault, to.get(), -1);
    refused(error::fault, wild<asyncselect_sockaddr>(), to.length);
    refused(error::operation_not_supported, to.get(), to.length, 1);
    refused(error::operation_not_supported, to.get(), to.length, 0x40);
    auto nobody = to;
    nobody.set_port(0);
    refused(error::address_not_available, nobody.get(), nobody.length);
    nobody = loopback_of(GetParam());
    std::memset(reinterpret_cast<char*>(&nobody.storage) + 4, 0, 24);
    nobody.set_port(to.port());
    refused(error::address_not_available, nobody.get(), nobody.length);
    const auto other_family = loopback_of(GetParam() == Family::ipv4 ? Family::ipv6 : Family::ipv4);
    refused(error::family_not_supported, other_family.get(), other_family.length);
    EXPECT_EQ(asyncselect_sendto(s, "x", -1, 0, to.get(), to.length), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(asyncselect_sendto(s, wild<char>(), 1, 0, to.get(), to.length), -1);
    EXPECT_EQ(last_error(), error::fault);
    // Each of them has enabled FD_WRITE again.
    EXPECT_EQ(connect_to_name(s, to), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}, {s, fd_write, 0}}));
    EXPECT_EQ(asyncselect_closesocket(s), 0);
    EXPECT_EQ(send_to(s, to, "x"), -1);
    EXPECT_EQ(last_error(), error::not_socket);
    EXPECT_EQ(receive_from(s).error, error::not_socket);
}

TEST_P(Datagrams, WhatCannotBeReceivedIsRefusedAndTakesNothing) {
    cite<"AS-ENABLE-2", "AS-ENABLE-8", "R-20">();
    const auto s = datagram();
    EXPECT_EQ(receive_from(s).error, error::invalid) << "no datagram could come, so it does not wait either";
    EXPECT_EQ(set_nonblocking(s), 0);
    EXPECT_EQ(receive_from(s).error, error::invalid);
    const auto any = loopback_of(GetParam());
    EXPECT_EQ(asyncselect_bind(s, any.get(), any.length), 0);
    EXPECT_EQ(receive_from(s).error, error::would_block);

    const auto from = bound();
    EXPECT_EQ(select(s, fd_read), 0);
    EXPECT_EQ(send_to(from, name_of(s), "data"), 4);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    std::array<char, 16> buffer{};
    Name sender;
    int small = GetParam() == Family::ipv4 ? 15 : 27;
    const std::pair<std::function<int()>, int> calls[] = {
        {[&] { return asyncselect_recvfrom(s, buffer.data(), 16, 0, sender.put(), &small); }, error::fault},
        {[&] { return asyncselect_recvfrom(s, buffer.data(), 16, 0, sender.put(), nullptr); }, error::fault},
        {[&] { return asyncselect_recvfrom(s, buffer.data(), 16, 0, sender.put(), wild<int>()); }, error::fault},
        {[&] { return asyncselect_recvfrom(s, buffer.data(), 16, 0, wild<asyncselect_sockaddr>(), &sender.length); },
         error::fault},
        {[&] { return asyncselect_recvfrom(s, nullptr, 16, 0, sender.put(), &sender.length); }, error::fault},
        {[&] { return asyncselect_recvfrom(s, buffer.data(), -1, 0, sender.put(), &sender.length); }, error::invalid},
        {[&] { return asyncselect_recvfrom(s, buffer.data(), 16, 1, sender.put(), &sender.length); },
         error::operation_not_supported},
        {[&] { return asyncselect_recvfrom(s, buffer.data(), 16, 8, sender.put(), &sender.length); },
         error::operation_not_supported},
    };
    for (const auto& [call, code] : calls) {
        EXPECT_EQ(call(), -1);
        EXPECT_EQ(last_error(), code);
        EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    }
    int ignored = 1;
    EXPECT_EQ(asyncselect_recvfrom(s, buffer.data(), 16, 0, nullptr, &ignored), 4);
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Datagrams, AnIcmpErrorIsToldOnceByTheNextReceive) {
    cite<"R-28", "AS-CLOSE-1", "AS-CLOSE-5">();
    for (const bool connected : {false, true}) {
        const auto s = bound();
        const auto dead = nowhere();
        EXPECT_EQ(select(s, fd_read | fd_close), 0);
        if (connected) {
            EXPECT_EQ(connect_to_name(s, dead), 0);
        }
        EXPECT_EQ(connected ? send_text(s, "x") : send_to(s, dead, "x"), 1);
        wait_until([&] { return conditions(s).broken; });
        EXPECT_TRUE(mailbox_.drain().empty()) << "an error is no data";
        EXPECT_FALSE(conditions(s).broken) << "it does not stay with the system";
        EXPECT_EQ(receive_from(s).error, error::connection_reset);
        EXPECT_EQ(receive_from(s).error, error::would_block);
        EXPECT_TRUE(mailbox_.drain().empty());
        // Without a harvest in between.
        EXPECT_EQ(connected ? send_text(s, "x") : send_to(s, dead, "x"), 1);
        wait_until([&] { return conditions(s).broken; });
        EXPECT_EQ(receive_from(s).error, error::connection_reset);
        EXPECT_EQ(receive_from(s).error, error::would_block);
        EXPECT_FALSE(conditions(s).broken);
    }
}

TEST_P(Datagrams, AnIcmpErrorLosesNoDatagramThatWaits) {
    cite<"AS-ENABLE-8", "AS-READ-3", "AS-LEVEL-1">();
    const auto s = bound();
    const auto other = bound();
    EXPECT_EQ(select(s, fd_read), 0);
    for (const auto* text : {"", "second"}) EXPECT_GE(send_to(other, name_of(s), text), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    EXPECT_EQ(send_to(s, nowhere(), "x"), 1);
    wait_until([&] { return conditions(s).broken; });
    EXPECT_EQ(receive_from(s).error, error::connection_reset);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0})) << "the receive that failed has enabled it";
    EXPECT_EQ(receive_from(s).data, "");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    EXPECT_EQ(receive_from(s).data, "second");
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Datagrams, AsManyArriveAsAreSentThroughIcmpErrors) {
    constexpr int rounds = 2000;
    const auto one = bound();
    const auto other = bound();
    const auto dead = nowhere();
    const auto to_one = name_of(one);
    const auto to_other = name_of(other);
    EXPECT_EQ(select(one, fd_read), 0);
    EXPECT_EQ(set_nonblocking(other), 0);
    int came = 0;
    int resets = 0;
    const auto answer = [&](const Notification& told) {
        EXPECT_EQ(told, (Notification{one, fd_read, 0}));
        const auto got = receive_from(one);
        if (got.data) ++came;
        if (got.error == error::connection_reset) ++resets;
    };
    for (int round = 0; round < rounds; ++round) {
        // Each send may meet the error that the one before has brought about.
        ASSERT_EQ(send_to(one, dead, "into the void"), 13) << last_error();
        ASSERT_EQ(send_to(one, to_other, std::to_string(round)), static_cast<int>(std::to_string(round).size()))
            << last_error();
        ASSERT_EQ(receive_from(other).data, std::to_string(round));
        ASSERT_GE(send_to(other, to_one, round % 3 == 0 ? "" : "back"), 0);
        // Some wait while errors come, never more than there is room for.
        while (round % 50 == 0 && came <= round && !HasFailure()) answer(mailbox_.next());
    }
    // What is left is told of without anything else having to happen.
    while (came < rounds && !HasFailure()) answer(mailbox_.next());
    EXPECT_EQ(came, rounds);
    EXPECT_GT(resets, 0);
}

// An ICMP message as a router on the way would send it, about a datagram from `port` on this host.
class Router {
  public:
    Router() : raw_{::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)} {}
    ~Router() {
        if (raw_ >= 0) ::close(raw_);
    }
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    [[nodiscard]] bool permitted() const { return raw_ >= 0; }

    void tell(std::uint8_t type, std::uint8_t code, std::uint16_t port) const {
        struct {
            icmphdr message{};
            iphdr about{};
            udphdr datagram{};
        } packet;
        static_assert(sizeof packet == 36);
        packet.message.type = type;
        packet.message.code = code;
        if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) packet.message.un.frag.mtu = htons(1200);
        packet.about.ihl = 5;
        packet.about.version = 4;
        packet.about.ttl = 1;
        packet.about.protocol = IPPROTO_UDP;
        packet.about.saddr = htonl(INADDR_LOOPBACK);
        packet.about.daddr = htonl(INADDR_LOOPBACK + 76);
        packet.datagram.source = port;
        packet.datagram.dest = htons(9);
        std::array<std::uint16_t, sizeof packet / 2> halves{};
        std::memcpy(halves.data(), &packet, sizeof packet);
        std::uint32_t sum = 0;
        for (const auto half : halves) sum += half;
        sum = (sum & 0xffff) + (sum >> 16);
        packet.message.checksum = static_cast<std::uint16_t>(~(sum + (sum >> 16)));
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::sendto(raw_, &packet, sizeof packet, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to),
                  static_cast<ssize_t>(sizeof packet));
    }

  private:
    int raw_;
};

TEST_P(Datagrams, NotEveryIcmpErrorIsAReset) {
    if (GetParam() != Family::ipv4) GTEST_SKIP() << "the messages of this test are of IPv4";
    const Router router;
    if (!router.permitted()) GTEST_SKIP() << "ICMP messages can be sent by root only";
    const auto s = bound();
    const auto other = bound();
    EXPECT_EQ(set_nonblocking(s), 0);
    const auto told = [&](std::uint8_t type, std::uint8_t code) {
        router.tell(type, code, name_of(s).port());
        wait_until([&] { return conditions(s).broken; });
        EXPECT_EQ(send_to(s, name_of(other), "not lost"), 8);
        EXPECT_EQ(receive_from(other).data, "not lost");
        const auto reason = receive_from(s).error;
        EXPECT_FALSE(conditions(s).broken);
        return reason;
    };
    EXPECT_EQ(told(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH), error::connection_reset);
    EXPECT_EQ(told(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH), error::connection_reset);
    EXPECT_EQ(told(ICMP_TIME_EXCEEDED, ICMP_EXC_TTL), error::net_reset);
    EXPECT_EQ(told(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED), error::would_block) << "smaller ones will pass";
}

TEST_P(Datagrams, ReportsOfResetsCanBeSwitchedOff) {
    const auto s = bound();
    const auto dead = nowhere();
    EXPECT_EQ(set_nonblocking(s), 0);
    EXPECT_EQ(set_reset_reports(s, 0), 0);
    for (const bool connected : {false, true}) {
        if (connected) {
            EXPECT_EQ(connect_to_name(s, dead), 0);
        }
        EXPECT_EQ(connected ? send_text(s, "x") : send_to(s, dead, "x"), 1);
        wait_until([&] { return conditions(s).broken; });
        EXPECT_EQ(receive_from(s).error, error::would_block);
        EXPECT_FALSE(conditions(s).broken);
    }
    EXPECT_EQ(set_reset_reports(s, 1), 0);
    EXPECT_EQ(send_text(s, "x"), 1);
    wait_until([&] { return conditions(s).broken; });
    EXPECT_EQ(receive_from(s).error, error::connection_reset);

    EXPECT_EQ(send_text(s, "x"), 1);
    wait_until([&] { return conditions(s).broken; });
    int reason = 0;
    int length = sizeof reason;
    EXPECT_EQ(asyncselect_getsockopt(s, socket_level, 0x1007, reinterpret_cast<char*>(&reason), &length), 0);
    EXPECT_EQ(reason, error::connection_reset);
    EXPECT_EQ(receive_from(s).error, error::would_block) << "SO_ERROR has told it";

    EXPECT_EQ(set_reset_reports(stream(), 0), -1);
    EXPECT_EQ(last_error(), error::operation_not_supported);
    std::uint32_t returned = 0;
    EXPECT_EQ(
        asyncselect_WSAIoctl(s, asyncselect_SIO_UDP_CONNRESET, nullptr, 4, nullptr, 0, &returned, nullptr, nullptr),
        -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(
        asyncselect_WSAIoctl(s, asyncselect_SIO_UDP_CONNRESET, &reason, 1, nullptr, 0, &returned, nullptr, nullptr),
        -1);
    EXPECT_EQ(last_error(), error::fault);
}

TEST_P(Datagrams, ABlockingReceiveWaits) {
    const auto s = bound();
    const auto other = bound();
    const auto name = name_of(s);
    {
        std::thread sender{[&] { EXPECT_EQ(send_to(other, name, ""), 0); }};
        EXPECT_EQ(receive_from(s).data, "");
        sender.join();
    }
    // An ICMP error ends the wait.
    const auto dead = nowhere();
    {
        std::thread sender{[&] { EXPECT_EQ(send_to(s, dead, "x"), 1); }};
        EXPECT_EQ(receive_from(s).error, error::connection_reset);
        sender.join();
    }
    std::uint32_t milliseconds = 20;
    EXPECT_EQ(asyncselect_setsockopt(s, socket_level, receive_timeout, reinterpret_cast<const char*>(&milliseconds), 4),
              0);
    EXPECT_EQ(receive_from(s).error, error::timed_out);
    // Reports that are switched off do not, and do not keep it busy either.
    EXPECT_EQ(set_reset_reports(s, 0), 0);
    EXPECT_EQ(send_to(s, dead, "x"), 1);
    EXPECT_EQ(receive_from(s).error, error::timed_out);
    milliseconds = 0;
    EXPECT_EQ(asyncselect_setsockopt(s, socket_level, receive_timeout, reinterpret_cast<const char*>(&milliseconds), 4),
              0);
    std::thread closer{[&] {
        wait_until([&] { return winsock::slot_of(s)->waiting.load() != 0; });
        EXPECT_EQ(asyncselect_closesocket(s), 0);
    }};
    EXPECT_EQ(receive_from(s).error, error::intr);
    closer.join();
}

TEST_P(Datagrams, NothingEverClosesThem) {
    cite<"AS-CLOSE-1", "R-7">();
    const auto s = bound();
    const auto peer = bound();
    EXPECT_EQ(connect_to_name(s, name_of(peer)), 0);
    EXPECT_EQ(select(s, fd_read | fd_close), 0);
    EXPECT_EQ(asyncselect_closesocket(peer), 0);
    EXPECT_EQ(send_text(s, "x"), 1);
    wait_until([&] { return conditions(s).broken; });
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(receive_from(s).error, error::connection_reset);
    EXPECT_EQ(asyncselect_shutdown(s, 2), 0);
    EXPECT_EQ(send_text(s, "x"), -1);
    EXPECT_EQ(last_error(), error::shut_down);
    EXPECT_EQ(receive_from(s).error, error::shut_down);
    EXPECT_EQ(select(s, 1023), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}}));
    EXPECT_EQ(asyncselect_shutdown(datagram(), 1), 0) << "also one that is connected to nobody";
}

TEST_P(Datagrams, TheFirstOnesSizeIsAsked) {
    const auto s = bound();
    const auto other = bound();
    std::uint32_t bytes = 77;
    EXPECT_EQ(asyncselect_ioctlsocket(s, asyncselect_FIONREAD, &bytes), 0);
    EXPECT_EQ(bytes, 0U);
    EXPECT_EQ(send_to(other, name_of(s), "five!"), 5);
    EXPECT_EQ(send_to(other, name_of(s), "and six"), 7);
    EXPECT_EQ(asyncselect_ioctlsocket(s, asyncselect_FIONREAD, &bytes), 0);
    EXPECT_EQ(bytes, 5U);
}

TEST_P(Datagrams, AnAddressIsSharedWhereBothWish) {
    const auto first = datagram();
    const auto second = datagram();
    const int on = 1;
    const auto any = loopback_of(GetParam());
    EXPECT_EQ(asyncselect_setsockopt(first, socket_level, 4, reinterpret_cast<const char*>(&on), sizeof on), 0);
    EXPECT_EQ(asyncselect_bind(first, any.get(), any.length), 0);
    const auto name = name_of(first);
    EXPECT_EQ(asyncselect_bind(second, name.get(), name.length), -1);
    EXPECT_EQ(last_error(), error::address_in_use);
    EXPECT_EQ(asyncselect_setsockopt(second, socket_level, 4, reinterpret_cast<const char*>(&on), sizeof on), 0);
    EXPECT_EQ(asyncselect_bind(second, name.get(), name.length), 0);
}

TEST_P(Datagrams, BroadcastsAreForThoseThatAsked) {
    if (GetParam() != Family::ipv4) GTEST_SKIP() << "IPv6 has no broadcast addresses";
    const auto s = datagram();
    const auto receiver = datagram();
    auto address = native::loopback();
    address.sin_addr = 0;
    EXPECT_EQ(asyncselect_bind(receiver, as_address(address), sizeof address), 0);
    address = address_of(receiver);
    const std::array<unsigned char, 4> everybody{127, 255, 255, 255};
    std::memcpy(&address.sin_addr, everybody.data(), everybody.size());
    EXPECT_EQ(asyncselect_sendto(s, "all", 3, 0, as_address(address), sizeof address), -1);
    EXPECT_EQ(last_error(), error::access);
    const int on = 1;
    EXPECT_EQ(asyncselect_setsockopt(s, socket_level, 0x20, reinterpret_cast<const char*>(&on), sizeof on), 0);
    EXPECT_EQ(asyncselect_sendto(s, "all", 3, 0, as_address(address), sizeof address), 3);
    EXPECT_EQ(receive_from(receiver).data, "all");
}

TEST_P(Datagrams, StreamsIgnoreTheAddresses) {
    const auto pair = connected_pair();
    EXPECT_EQ(asyncselect_sendto(pair.one, "abc", 3, 0, wild<asyncselect_sockaddr>(), -5), 3);
    std::array<char, 8> buffer{};
    int length = -1;
    EXPECT_EQ(asyncselect_recvfrom(pair.other, buffer.data(), 3, 0, wild<asyncselect_sockaddr>(), &length), 3);
    EXPECT_EQ(length, -1);
    EXPECT_EQ(std::string(buffer.data(), 3), "abc");
    asyncselect_WSABUF one{3, buffer.data()};
    std::uint32_t count = 0;
    std::uint32_t flags = 0;
    EXPECT_EQ(asyncselect_WSASendTo(pair.one, &one, 1, &count, 0, wild<asyncselect_sockaddr>(), 1, nullptr, nullptr),
              0);
    EXPECT_EQ(asyncselect_WSARecvFrom(pair.other, &one, 1, &count, &flags, wild<asyncselect_sockaddr>(), nullptr,
                                      nullptr, nullptr),
              0);
    EXPECT_EQ(count, 3U);
}

// Two threads receive at one socket, one of them the window's, while others send to it and through it into the void.
TEST_P(Datagrams, TwoThreadsAtOneSocketLoseNothing) {
    cite<"AS-ENABLE-2", "AS-LEVEL-1", "AS-READ-2">();
    constexpr int total = 3000;
    constexpr int window = 16;  // never more on the way than the socket has room for
    const auto s = bound();
    const auto other = bound();
    const auto to = name_of(s);
    const auto dead = nowhere();
    ASSERT_EQ(select(s, fd_read), 0);
    std::atomic<int> came{0};
    std::atomic<bool> over{false};
    const auto receive_one = [&] {
        const auto got = receive_from(s);
        if (got.data) ++came;
        return got.data || got.error == error::connection_reset;
    };
    std::thread worker{[&] {
        while (!over) {
            if (!receive_one()) std::this_thread::yield();
        }
    }};
    std::thread sender{[&] {
        for (int sent = 0; sent < total && !over; ++sent) {
            while (sent - came >= window && !over) std::this_thread::yield();
            EXPECT_GE(send_to(other, to, sent % 2 == 0 ? "" : "x"), 0);
            EXPECT_EQ(send_to(s, dead, "x"), 1);
        }
    }};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (came < total && std::chrono::steady_clock::now() < deadline) {
        asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, 5, 0x04ff, 0x0004);
        for (const auto& told : mailbox_.drain()) {
            EXPECT_EQ(told, (Notification{s, fd_read, 0}));
            receive_one();
        }
    }
    over = true;
    worker.join();
    sender.join();
    EXPECT_EQ(came, total);
    // Alone again: what comes is told.
    while (!receive_from(s).error) {
    }
    mailbox_.drain();
    EXPECT_EQ(send_to(other, to, "last"), 4);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
}

}  // namespace
}  // namespace asyncselect::conformance::native
