// WSAJoinLeaf and the options of multicast, in a network namespace of the test's own: an interface whose multicasts
// come back to the machine is all it takes. Where namespaces are not permitted it is skipped, and says why.
#include <net/if.h>

#include <bit>
#include <chrono>
#include <thread>

#include "conformance/native/families.hpp"
#include "conformance/network.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;

std::optional<std::string> not_permitted;

constexpr std::uint32_t sender_only = 1;
constexpr std::uint32_t receiver_only = 2;
constexpr std::uint32_t both = 4;

constexpr std::uint32_t multipoint_loopback = 0x88000009U;
constexpr std::uint32_t multicast_scope = 0x8800000aU;

// The system makes the routes of an interface that has come up when it finds the time.
template <class Condition>
bool comes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

class Join : public BothFamilies {
  protected:
    void SetUp() override {
        if (not_permitted) GTEST_SKIP() << *not_permitted;
        network::add_interfaces("one", "other");
        network::add_address("one", "192.0.2.1/24");
        network::add_address("one", "2001:db8::1/64");
        network::add_route("224.0.0.0/4", "one");
        const auto s = datagram_of(GetParam());
        ASSERT_TRUE(comes_true([&] { return send_to(s, "", group(99, 9)) == 0; }));
        EXPECT_EQ(asyncselect_closesocket(s), 0);
    }
    void TearDown() override {
        if (!not_permitted) network::remove_interface("one");
    }

    [[nodiscard]] static bool is_ipv4() { return GetParam() == Family::ipv4; }
    // No router passes these on. That of IPv6 names its interface; for IPv4 the route does.
    static Name group(unsigned char number, std::uint16_t port = 0) {
        const std::array<unsigned char, 4> host{239, 1, 2, number};
        const std::array<unsigned char, 16> host6{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, number};
        auto name = is_ipv4() ? name_with(GetParam(), host, port) : name_with(GetParam(), host6, port);
        if (!is_ipv4()) reinterpret_cast<asyncselect_sockaddr_in6*>(&name.storage)->sin6_scope_id = interface_index();
        return name;
    }
    // One that names none.
    static Name wide_group(std::uint16_t port) {
        constexpr std::array<unsigned char, 16> host6{0xff, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 1};
        return is_ipv4() ? group(1, port) : name_with(GetParam(), host6, port);
    }
    // An index of an interface in the stead of an IPv4 address: 0.x.x.x, in network byte order.
    static std::uint32_t as_address(unsigned index) {
        const std::array<unsigned char, 4> bytes{0, static_cast<unsigned char>(index >> 16U),
                                                 static_cast<unsigned char>(index >> 8U),
                                                 static_cast<unsigned char>(index)};
        return std::bit_cast<std::uint32_t>(bytes);
    }
    static unsigned interface_index() { return if_nametoindex("one"); }
    static Name own_address(std::uint16_t port = 0) {
        const std::array<unsigned char, 4> host{192, 0, 2, 1};
        const std::array<unsigned char, 16> host6{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        return is_ipv4() ? name_with(GetParam(), host, port) : name_with(GetParam(), host6, port);
    }
    static asyncselect_SOCKET leaf() {
        constexpr std::uint32_t leaf_flags = 0x04 | 0x10;
        return asyncselect_WSASocketA(static_cast<int>(GetParam()), 2, 0, nullptr, 0, leaf_flags | 0x01);
    }
    // A leaf with a port, nonblocking: registered for nothing.
    asyncselect_SOCKET receiver() {
        const auto s = bound(leaf(), any_of(GetParam()));
        EXPECT_EQ(select(s, 0), 0);
        return s;
    }
    static asyncselect_SOCKET join(asyncselect_SOCKET s, const Name& to, std::uint32_t flags) {
        return asyncselect_WSAJoinLeaf(s, to.get(), to.length, nullptr, nullptr, nullptr, nullptr, flags);
    }
    static int send_to(asyncselect_SOCKET s, std::string_view text, const Name& to) {
        return asyncselect_sendto(s, text.data(), static_cast<int>(text.size()), 0, to.get(), to.length);
    }
    static int option(asyncselect_SOCKET s, int name) {
        int value = -1;
        int length = sizeof value;
        EXPECT_EQ(asyncselect_getsockopt(s, is_ipv4() ? 0 : 41, name, reinterpret_cast<char*>(&value), &length), 0);
        return value;
    }
    template <class Value>
    static int set_option(asyncselect_SOCKET s, int name, const Value& value, int length = sizeof(Value)) {
        return asyncselect_setsockopt(s, is_ipv4() ? 0 : 41, name, reinterpret_cast<const char*>(&value), length);
    }
    static int control(asyncselect_SOCKET s, std::uint32_t code, std::uint32_t value) {
        std::uint32_t returned = 0;
        return asyncselect_WSAIoctl(s, code, &value, sizeof value, nullptr, 0, &returned, nullptr, nullptr);
    }
    // Group and interface as IP_ADD_MEMBERSHIP or IPV6_ADD_MEMBERSHIP takes them: by index, or by default.
    int membership(asyncselect_SOCKET s, int name, const Name& of, bool by_index) {
        const auto index = by_index ? interface_index() : 0;
        if (is_ipv4()) {
            asyncselect_ip_mreq request{};
            std::memcpy(&request.imr_multiaddr, reinterpret_cast<const char*>(&of.storage) + 4, 4);
            request.imr_interface = as_address(index);
            return set_option(s, name, request);
        }
        asyncselect_ipv6_mreq request{};
        std::memcpy(&request.ipv6mr_multiaddr, reinterpret_cast<const char*>(&of.storage) + 8, 16);
        request.ipv6mr_interface = index;
        return set_option(s, name, request);
    }
};
INSTANTIATE_TEST_SUITE_P(, Join, ::testing::Values(Family::ipv4, Family::ipv6), text_of);

TEST_P(Join, ALeafThatReceivesGetsWhatIsSentToTheGroup) {
    cite<"AS-CONNECT-3", "R-29", "AS-READ-2">();
    const auto s = receiver();
    const auto to = group(1, name_of(s).port());
    EXPECT_EQ(select(s, fd_read | fd_connect), 0);
    const auto sender = datagram_of(GetParam());
    EXPECT_EQ(send_to(sender, "too early", to), 9);
    EXPECT_EQ(join(s, to, receiver_only), s) << "the socket itself";
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}}));
    EXPECT_EQ(send_to(sender, "in time", to), 7);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    EXPECT_EQ(receive_text(s), "in time");
    EXPECT_EQ(send_text(s, "nowhere"), -1) << "it is no sender";
    EXPECT_EQ(last_error(), error::not_connected);
}

TEST_P(Join, AJoinedSocketIsToldByALaterRegistrationToo) {
    cite<"AS-CONNECT-1", "AS-CONNECT-3", "R-29", "AS-WRITE-1", "R-9", "R-14">();
    const auto s = receiver();
    EXPECT_EQ(join(s, group(1, name_of(s).port()), both), s);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(s, fd_connect | fd_write), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}, {s, fd_write, 0}}));
    EXPECT_EQ(join(s, group(2, name_of(s).port()), both), s);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}})) << "each join is an occurrence";
}

TEST_P(Join, ASenderSendsToTheGroupAndReceivesFromAnybody) {
    cite<"AS-CONNECT-3">();
    const auto s = receiver();
    const auto listening = receiver();
    const auto to = group(1, name_of(listening).port());
    EXPECT_EQ(join(listening, to, receiver_only), listening);
    EXPECT_EQ(select(s, fd_read | fd_connect), 0);
    EXPECT_EQ(select(listening, fd_read), 0);
    EXPECT_EQ(join(s, to, sender_only), s);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}}));
    EXPECT_EQ(send_text(s, "to all"), 6);
    EXPECT_EQ(mailbox_.next(), (Notification{listening, fd_read, 0}));
    EXPECT_EQ(receive_text(listening), "to all");
    EXPECT_TRUE(mailbox_.drain().empty()) << "a sender is no member";
    EXPECT_EQ(send_to(listening, "an answer", loopback_of(GetParam(), name_of(s).port())), 9);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    EXPECT_EQ(receive_text(s), "an answer");
    Name peer;
    EXPECT_EQ(asyncselect_getpeername(s, peer.put(), &peer.length), -1);
    EXPECT_EQ(last_error(), error::not_connected);

    char text[] = "scattered";
    asyncselect_WSABUF buffer{9, text};
    std::uint32_t sent = 0;
    EXPECT_EQ(asyncselect_WSASend(s, &buffer, 1, &sent, 0, nullptr, nullptr), 0);
    EXPECT_EQ(sent, 9U);
    EXPECT_EQ(mailbox_.next(), (Notification{listening, fd_read, 0}));
    EXPECT_EQ(receive_text(listening), "scattered");
}

TEST_P(Join, ALeafOfBothKindsHearsItself) {
    const auto s = receiver();
    EXPECT_EQ(join(s, group(1, name_of(s).port()), both), s);
    EXPECT_EQ(select(s, fd_read), 0);
    EXPECT_EQ(send_text(s, "echo"), 4);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    EXPECT_EQ(receive_text(s), "echo");
}

TEST_P(Join, SeveralGroupsOneAfterAnother) {
    cite<"AS-CONNECT-3", "R-29">();
    const auto s = receiver();
    const auto port = name_of(s).port();
    const auto sender = leaf();
    EXPECT_EQ(select(s, fd_read), 0);
    for (unsigned char number = 1; number <= 3; ++number) {
        EXPECT_EQ(join(s, group(number, port), receiver_only), s);
        EXPECT_EQ(join(sender, group(number, port), sender_only), sender);
        EXPECT_EQ(send_text(sender, "now"), 3);
        EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0})) << "of the group that was joined last";
        EXPECT_EQ(receive_text(s), "now");
    }
    EXPECT_EQ(send_to(sender, "the first one still", group(1, port)), 19);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    EXPECT_EQ(receive_text(s), "the first one still");
}

TEST_P(Join, NobodyReceivesForAGroupThatOnlyOthersHaveJoined) {
    const auto member = receiver();
    const auto port = name_of(member).port();
    const auto stranger = leaf();
    const int on = 1;
    // Both on one port, the second one bound while the first one permits it.
    EXPECT_EQ(asyncselect_closesocket(member), 0);
    const auto one = leaf();
    for (const auto s : {one, stranger}) {
        EXPECT_EQ(asyncselect_setsockopt(s, 0xffff, 0x0004, reinterpret_cast<const char*>(&on), sizeof on), 0);
        bound(s, any_of(GetParam(), port));
    }
    EXPECT_EQ(join(one, group(1, port), receiver_only), one);
    EXPECT_EQ(select(stranger, fd_read), 0);
    EXPECT_EQ(select(one, fd_read), 0);
    EXPECT_EQ(send_to(datagram_of(GetParam()), "members only", group(1, port)), 12);
    EXPECT_EQ(mailbox_.next(), (Notification{one, fd_read, 0}));
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Join, AJoinChangesTheQualityToo) {
    cite<"AS-QOS-2", "AS-CONNECT-3", "R-9">();
    const auto s = receiver();
    EXPECT_EQ(select(s, fd_connect | fd_qos), 0);
    constexpr std::uint32_t none = 0xffffffffU;
    constexpr asyncselect_FLOWSPEC guaranteed{none, none, none, none, none, 3, none, none};
    const asyncselect_QOS wanted{guaranteed, guaranteed, {}};
    const auto to = group(1, name_of(s).port());
    char data[2] = "x";
    asyncselect_WSABUF callee{sizeof data, data};
    EXPECT_EQ(asyncselect_WSAJoinLeaf(s, to.get(), to.length, nullptr, &callee, &wanted, nullptr, both), s);
    EXPECT_EQ(callee.len, 0U);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}, {s, fd_qos, 0}}));
    EXPECT_EQ(asyncselect_WSAJoinLeaf(s, to.get(), to.length, nullptr, nullptr, nullptr, &wanted, both),
              invalid_socket);
    EXPECT_EQ(last_error(), error::operation_not_supported);
    EXPECT_EQ(asyncselect_WSAJoinLeaf(s, to.get(), to.length, &callee, nullptr, nullptr, nullptr, both),
              invalid_socket);
    EXPECT_EQ(last_error(), error::is_connected) << "empty data is none";
    callee.len = 1;
    EXPECT_EQ(asyncselect_WSAJoinLeaf(s, to.get(), to.length, &callee, nullptr, nullptr, nullptr, both),
              invalid_socket);
    EXPECT_EQ(last_error(), error::protocol_not_supported);
}

TEST_P(Join, AnUnboundSocketGetsAPort) {
    const auto s = leaf();
    EXPECT_EQ(join(s, group(1), receiver_only), s) << "a receiver needs no port of the group's";
    EXPECT_NE(name_of(s).port(), 0);
}

TEST_P(Join, WhatCannotBeJoined) {
    cite<"R-4", "AS-API-6">();
    const auto s = receiver();
    const auto port = name_of(s).port();
    EXPECT_EQ(select(s, fd_connect), 0);
    const auto fails = [](asyncselect_SOCKET which, const Name& to, std::uint32_t flags, int reason) {
        EXPECT_EQ(join(which, to, flags), invalid_socket);
        EXPECT_EQ(last_error(), reason);
    };
    for (const std::uint32_t flags : {0U, 3U, 5U, 8U, 0x80000000U}) fails(s, group(1, port), flags, error::invalid);
    fails(s, own_address(port), both, error::address_not_available);
    fails(s, any_of(GetParam(), port), both, error::address_not_available);
    fails(s, group(1), sender_only, error::address_not_available);
    fails(s, loopback_of(is_ipv4() ? Family::ipv6 : Family::ipv4, port), both, error::family_not_supported);
    fails(stream_of(GetParam()), group(1, port), both, error::operation_not_supported);
    fails(invalid_socket, group(1, port), both, error::not_socket);
    auto cut = group(1, port);
    cut.length = 15;
    fails(s, cut, both, error::fault);
    EXPECT_EQ(asyncselect_WSAJoinLeaf(s, nullptr, 16, nullptr, nullptr, nullptr, nullptr, both), invalid_socket);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(asyncselect_WSAJoinLeaf(s, wild<asyncselect_sockaddr>(), 28, nullptr, nullptr, nullptr, nullptr, both),
              invalid_socket);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_TRUE(mailbox_.drain().empty()) << "each call has told it";

    EXPECT_EQ(join(s, group(1, port), receiver_only), s);
    fails(s, group(1, port), receiver_only, error::is_connected);
    EXPECT_EQ(join(s, group(1, port), both), s) << "it becomes a sender";
    fails(s, group(1, port), both, error::is_connected);
    fails(s, group(1, port), sender_only, error::is_connected);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}, {s, fd_connect, 0}}))
        << "one for each that succeeded";
    const auto connected = datagram_of(GetParam());
    const auto to = own_address(port);
    EXPECT_EQ(asyncselect_connect(connected, to.get(), to.length), 0);
    fails(connected, group(1, port), both, error::is_connected);
}

TEST_P(Join, WhereNoInterfaceLeadsToTheGroupItIsUnreachable) {
    const auto s = receiver();
    for (const auto* interface : {"one", "other"}) network::set_up(interface, false);
    EXPECT_EQ(join(s, wide_group(name_of(s).port()), receiver_only), invalid_socket);
    EXPECT_EQ(last_error(), error::net_unreachable);
    for (const auto* interface : {"one", "other"}) network::set_up(interface, true);
    if (is_ipv4()) network::add_route("224.0.0.0/4", "one");
    EXPECT_TRUE(comes_true([&] { return join(s, wide_group(name_of(s).port()), receiver_only) == s; }));
}

TEST_P(Join, TheInterfaceIsThatOfTheAddressThatTheSocketIsBoundTo) {
    // On the loopback interface: nothing that comes through the other one is received.
    const auto s = bound(leaf(), loopback_of(GetParam()));
    EXPECT_EQ(join(s, wide_group(name_of(s).port()), receiver_only), s);
    EXPECT_EQ(membership(s, 13, wide_group(0), true), -1) << "it is no member there";
    EXPECT_EQ(last_error(), error::address_not_available);
}

TEST_P(Join, ADefaultDestinationIsNotTheNextSockets) {
    for (int round = 0; round < 200; ++round) {
        const auto s = leaf();
        ASSERT_EQ(send_text(s, "x"), -1) << round;
        ASSERT_EQ(last_error(), error::not_connected);
        ASSERT_EQ(join(s, group(1, 9), sender_only), s);
        ASSERT_EQ(asyncselect_closesocket(s), 0);
    }
}

TEST_P(Join, AConnectedSocketSendsToItsPeer) {
    const auto s = receiver();
    const auto peer = receiver();
    EXPECT_EQ(join(s, group(1, name_of(peer).port()), sender_only), s);
    const auto to = loopback_of(GetParam(), name_of(peer).port());
    EXPECT_EQ(asyncselect_connect(s, to.get(), to.length), 0);
    EXPECT_EQ(select(peer, fd_read), 0);
    EXPECT_EQ(send_text(s, "you alone"), 9);
    EXPECT_EQ(mailbox_.next(), (Notification{peer, fd_read, 0}));
    EXPECT_EQ(receive_text(peer), "you alone");
}

TEST_P(Join, OptionsOfMulticastAreThoseOfTheSender) {
    const auto s = receiver();
    const auto to = group(1, name_of(s).port());
    const auto sender = datagram_of(GetParam());
    EXPECT_EQ(join(sender, to, sender_only), sender);
    EXPECT_EQ(join(s, to, receiver_only), s);
    EXPECT_EQ(select(s, fd_read), 0);
    EXPECT_EQ(option(sender, 10), 1) << "as far as the next router";
    EXPECT_EQ(option(sender, 11), 1);
    EXPECT_EQ(set_option(sender, 11, 0), 0);
    EXPECT_EQ(send_text(sender, "not heard here"), 14);
    EXPECT_EQ(control(sender, multipoint_loopback, 1), 0);
    EXPECT_EQ(option(sender, 11), 1);
    EXPECT_EQ(send_text(sender, "heard"), 5);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
    EXPECT_EQ(receive_text(s), "heard") << "the first one went elsewhere";
    EXPECT_EQ(control(sender, multipoint_loopback, 0), 0);
    EXPECT_EQ(option(sender, 11), 0);

    EXPECT_EQ(control(sender, multicast_scope, 7), 0);
    EXPECT_EQ(option(sender, 10), 7);
    EXPECT_EQ(set_option(sender, 10, 9), 0);
    EXPECT_EQ(option(sender, 10), 9);
    EXPECT_EQ(control(sender, multicast_scope, 256), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(control(stream_of(GetParam()), multicast_scope, 1), -1);
    EXPECT_EQ(last_error(), error::operation_not_supported);
    std::uint32_t returned = 0;
    EXPECT_EQ(asyncselect_WSAIoctl(sender, multipoint_loopback, &returned, 3, nullptr, 0, &returned, nullptr, nullptr),
              -1);
    EXPECT_EQ(last_error(), error::fault);
}

TEST_P(Join, MembershipsCanBeOptionsToo) {
    const auto s = receiver();
    const auto to = group(9, name_of(s).port());
    const auto sender = datagram_of(GetParam());
    EXPECT_EQ(select(s, fd_read | fd_connect), 0);
    for (const bool by_index : {true, false}) {
        if (!by_index && !is_ipv4()) continue;  // any interface that is up: here there are two
        EXPECT_EQ(membership(s, 12, to, by_index), 0);
        EXPECT_EQ(membership(s, 12, to, by_index), -1);
        EXPECT_EQ(last_error(), error::address_in_use);
        EXPECT_EQ(send_to(sender, "member", to), 6);
        EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0})) << "and no FD_CONNECT";
        EXPECT_EQ(receive_text(s), "member");
        EXPECT_EQ(join(s, to, receiver_only), invalid_socket);
        EXPECT_EQ(last_error(), error::is_connected);
        EXPECT_EQ(membership(s, 13, to, by_index), 0);
        EXPECT_EQ(membership(s, 13, to, by_index), -1);
        EXPECT_EQ(last_error(), error::address_not_available);
        EXPECT_EQ(send_to(sender, "member", to), 6);
        EXPECT_TRUE(mailbox_.drain().empty());
    }
    EXPECT_EQ(join(s, to, receiver_only), s) << "it has left, and can join again";
    EXPECT_EQ(set_option(s, 12, std::array<char, 7>{}), -1);
    EXPECT_EQ(last_error(), error::fault);
    char value[32] = {};
    int length = sizeof value;
    EXPECT_EQ(asyncselect_getsockopt(s, is_ipv4() ? 0 : 41, 12, value, &length), -1);
    EXPECT_EQ(last_error(), error::no_such_option);
}

TEST_P(Join, TheInterfaceForSendingAndJoining) {
    const auto s = receiver();
    const auto to = wide_group(name_of(s).port());
    const auto sender = datagram_of(GetParam());
    const auto index = interface_index();
    EXPECT_EQ(option(s, 9), 0);
    if (is_ipv4()) {
        const std::array<unsigned char, 4> address{192, 0, 2, 1};
        int as_number = 0;
        std::memcpy(&as_number, address.data(), sizeof as_number);
        EXPECT_EQ(set_option(s, 9, as_address(index)), 0);
        EXPECT_EQ(option(s, 9), as_number) << "an address of the interface";
        EXPECT_EQ(set_option(sender, 9, address), 0);
        EXPECT_EQ(option(sender, 9), as_number);
        EXPECT_EQ(set_option(sender, 9, std::array<unsigned char, 4>{192, 0, 2, 77}), -1);
        EXPECT_EQ(last_error(), error::address_not_available);
    } else {
        for (const auto which : {s, sender}) {
            EXPECT_EQ(set_option(which, 9, index), 0);
            EXPECT_EQ(option(which, 9), static_cast<int>(index));
            EXPECT_EQ(set_option(which, 9, 4711), -1);
            EXPECT_EQ(last_error(), error::address_not_available);
        }
    }
    if (is_ipv4()) network::remove_route("224.0.0.0/4", "one");
    EXPECT_EQ(select(s, fd_read), 0);
    EXPECT_EQ(join(s, to, receiver_only), s);
    EXPECT_EQ(join(sender, to, sender_only), sender);
    EXPECT_EQ(send_text(sender, "this way"), 8);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_read, 0}));
}

TEST_P(Join, FlagsAndGroupsOfANewSocket) {
    const auto family = static_cast<int>(GetParam());
    const auto make = [&](int type, unsigned group, std::uint32_t flags) {
        return asyncselect_WSASocketA(family, type, 0, nullptr, group, flags);
    };
    EXPECT_NE(make(2, 0, 0x01 | 0x04 | 0x10 | 0x80), invalid_socket);
    for (const unsigned reserved : {1U, 2U}) EXPECT_NE(make(1, reserved, 0), invalid_socket);
    EXPECT_EQ(make(2, 3, 0), invalid_socket);
    EXPECT_EQ(last_error(), error::invalid);
    for (const std::uint32_t flags : {0x02U, 0x08U, 0x20U, 0x40U, 0x100U}) {
        EXPECT_EQ(make(2, 0, flags), invalid_socket) << flags;
        EXPECT_EQ(last_error(), error::invalid);
    }
    EXPECT_EQ(make(1, 0, 0x04 | 0x10), invalid_socket) << "TCP has no multicasts";
    EXPECT_EQ(last_error(), error::invalid);
}

}  // namespace
}  // namespace asyncselect::conformance::native

int main(int argc, char** argv) {
    // Before any thread is started.
    asyncselect::conformance::native::not_permitted = asyncselect::conformance::network::enter_namespace();
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
