// FD_ROUTING_INTERFACE_CHANGE and FD_ADDRESS_LIST_CHANGE on real routes and addresses: each test changes those of a
// network namespace of its own. Two interfaces, `one` and `other`, with an address of each family each.
#include <arpa/inet.h>
#include <net/if.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "conformance/native/mailbox.hpp"
#include "conformance/native/namespace.hpp"
#include "impl/winsock/changes.hpp"
#include "impl/winsock/harvester.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;
using Got = std::vector<Notification>;

constexpr long fd_route = 256;
constexpr long fd_addresses = 512;
constexpr int inet = 2;
constexpr int inet6 = 23;
constexpr std::uint32_t route_query = 0xC8000014U;
constexpr std::uint32_t route_change = 0x88000015U;
constexpr std::uint32_t addresses_query = 0x48000016U;
constexpr std::uint32_t addresses_change = 0x28000017U;

// An address as Winsock has it.
struct Destination {
    asyncselect_sockaddr_storage storage{};
    int length = 0;

    explicit Destination(const std::string& text, std::uint16_t port = 0) {
        if (text.find(':') == std::string::npos) {
            asyncselect_sockaddr_in address{};
            address.sin_family = inet;
            address.sin_port = htons(port);
            EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &address.sin_addr), 1) << text;
            length = sizeof address;
            std::memcpy(&storage, &address, sizeof address);
        } else {
            asyncselect_sockaddr_in6 address{};
            address.sin6_family = inet6;
            address.sin6_port = htons(port);
            EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), address.sin6_addr), 1) << text;
            length = sizeof address;
            std::memcpy(&storage, &address, sizeof address);
        }
    }
};

std::string text_of(const void* sockaddr) {
    std::uint16_t family = 0;
    std::memcpy(&family, sockaddr, sizeof family);
    const auto* bytes = static_cast<const char*>(sockaddr);
    std::array<char, 64> text{};
    inet_ntop(family == inet6 ? AF_INET6 : AF_INET, bytes + (family == inet6 ? 8 : 4), text.data(), text.size());
    std::string result{text.data()};
    std::uint32_t scope = 0;
    if (family == inet6) std::memcpy(&scope, bytes + 24, sizeof scope);
    return scope == 0 ? result : result + "%" + std::to_string(scope);
}

int last_error() { return asyncselect_WSAGetLastError(); }

// WSAIoctl, and what it says: 0 or the error.
int control(asyncselect_SOCKET s, std::uint32_t code, const void* in, std::uint32_t in_size, void* out,
            std::uint32_t out_size, std::uint32_t* returned) {
    asyncselect_WSASetLastError(0);
    const int result =
        asyncselect_WSAIoctl(s, code, const_cast<void*>(in), in_size, out, out_size, returned, nullptr, nullptr);
    if (result == 0) return 0;
    EXPECT_EQ(result, -1);
    return last_error();
}

int ask_for_route(asyncselect_SOCKET s, const std::string& to) {
    const Destination destination{to, 7};
    std::uint32_t returned = 77;
    return control(s, route_change, &destination.storage, static_cast<std::uint32_t>(destination.length), nullptr, 0,
                   &returned);
}

int ask_for_addresses(asyncselect_SOCKET s) {
    std::uint32_t returned = 77;
    return control(s, addresses_change, nullptr, 0, nullptr, 0, &returned);
}

// The local address that leads to a destination, or "error 10051".
std::string route_to(asyncselect_SOCKET s, const std::string& to) {
    const Destination destination{to, 7};
    asyncselect_sockaddr_storage out{};
    std::uint32_t returned = 0;
    const int code = control(s, route_query, &destination.storage, static_cast<std::uint32_t>(destination.length), &out,
                             sizeof out, &returned);
    if (code != 0) return "error " + std::to_string(code);
    EXPECT_EQ(returned, static_cast<std::uint32_t>(destination.length));
    return text_of(&out);
}

std::vector<std::string> addresses(asyncselect_SOCKET s) {
    alignas(8) std::array<std::byte, 4096> out{};
    std::uint32_t returned = 0;
    EXPECT_EQ(control(s, addresses_query, nullptr, 0, out.data(), out.size(), &returned), 0);
    EXPECT_LE(returned, out.size());
    const auto& list = *reinterpret_cast<const asyncselect_SOCKET_ADDRESS_LIST*>(out.data());
    std::vector<std::string> texts;
    for (int i = 0; i < list.iAddressCount; ++i) {
        const auto& entry = list.Address[i];
        const auto* at = reinterpret_cast<const std::byte*>(entry.lpSockaddr);
        EXPECT_GE(at, out.data());
        EXPECT_LE(at + entry.iSockaddrLength, out.data() + returned);
        texts.push_back(text_of(entry.lpSockaddr));
    }
    std::ranges::sort(texts);
    return texts;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
    std::ranges::sort(texts);
    return texts;
}

class Changes : public ::testing::Test {
  protected:
    void SetUp() override {
        if (not_permitted()) GTEST_SKIP() << *not_permitted();
        network::add_interfaces("one", "other");
        network::add_address("one", "192.0.2.1/24");
        network::add_address("one", "2001:db8::1/64");
        network::add_address("other", "203.0.113.1/24");
        network::add_address("other", "2001:db8:2::1/64");
    }
    void TearDown() override {
        if (if_nametoindex("one") != 0) network::remove_interface("one");
    }

    asyncselect_SOCKET socket(int family = inet) {
        const auto s = asyncselect_socket(family, 2, 0);
        std::uint32_t on = 1;
        EXPECT_EQ(asyncselect_ioctlsocket(s, static_cast<long>(0x8004667eU), &on), 0);
        return s;
    }
    int select(asyncselect_SOCKET s, long events, unsigned message = socket_message) {
        return asyncselect_WSAAsyncSelect(s, mailbox_.window(), message, events);
    }
    asyncselect_SOCKET registered(long events, int family = inet) {
        const auto s = socket(family);
        EXPECT_EQ(select(s, events), 0);
        for (const auto& ready : mailbox_.drain()) EXPECT_NE(ready.event & (fd_route | fd_addresses), ready.event);
        return s;
    }
    static bool eager() { return winsock::posting() == winsock::Posting::eager; }
    // What has been posted for the changes that were made by now.
    Got posted() {
        if (eager()) winsock::look_for_changes();  // as the thread does that posts: it may not have come to it
        return mailbox_.drain();
    }
    // The one message of a change that was undone at once. Whether the eager thread saw what was there meanwhile is its
    // affair.
    void expect_one(const Notification& expected) {
        auto got = posted();
        ASSERT_EQ(got.size(), 1U);
        if (eager() && got[0].error == error::net_unreachable) got[0].error = expected.error;
        if (eager() && expected.error == error::net_unreachable) got[0].error = expected.error;
        EXPECT_EQ(got[0], expected);
    }

    Winsock winsock_;
    Mailbox mailbox_;
};

// ---- the queries

struct Family {
    int family;
    const char *destination, *prefix, *elsewhere, *by_one, *by_other, *another, *another_prefix;
};
constexpr Family families[]{{inet, "198.51.100.7", "198.51.100.0/24", "198.51.100.0/25", "192.0.2.1", "203.0.113.1",
                             "192.0.2.9", "192.0.2.9/24"},
                            {inet6, "2001:db8:1::7", "2001:db8:1::/64", "2001:db8:1::/96", "2001:db8::1",
                             "2001:db8:2::1", "2001:db8::9", "2001:db8::9/64"}};

class EachFamily : public Changes, public ::testing::WithParamInterface<Family> {
  protected:
    const Family& f = GetParam();
};
INSTANTIATE_TEST_SUITE_P(Inet, EachFamily, ::testing::ValuesIn(families),
                         [](const auto& info) { return std::string{info.param.family == inet ? "4" : "6"}; });

TEST_P(EachFamily, TheRouteQueryTellsTheInterfacesAddress) {
    const auto s = socket(f.family);
    EXPECT_EQ(route_to(s, f.destination), "error 10051") << "WSAENETUNREACH";
    network::add_route(f.prefix, "one");
    EXPECT_EQ(route_to(s, f.destination), f.by_one);
    network::add_route(f.elsewhere, "other");
    EXPECT_EQ(route_to(s, f.destination), f.by_other);
    EXPECT_EQ(route_to(s, f.by_one), f.by_one) << "to oneself";
}

TEST_P(EachFamily, TheRouteQueryChecksItsArguments) {
    const auto s = socket(f.family);
    network::add_route(f.prefix, "one");
    const Destination destination{f.destination};
    const Destination wrong{f.family == inet ? "2001:db8::1" : "192.0.2.1"};
    asyncselect_sockaddr_storage out{};
    std::uint32_t returned = 0;
    const auto length = static_cast<std::uint32_t>(destination.length);
    EXPECT_EQ(control(s, route_query, &destination.storage, length, &out, length - 1, &returned), error::fault);
    EXPECT_EQ(returned, length) << "what is needed";
    EXPECT_EQ(control(s, route_query, &destination.storage, length - 1, &out, sizeof out, &returned), error::fault);
    EXPECT_EQ(control(s, route_query, nullptr, length, &out, sizeof out, &returned), error::fault);
    EXPECT_EQ(control(s, route_query, &destination.storage, length, nullptr, sizeof out, &returned), error::fault);
    EXPECT_EQ(control(s, route_query, &destination.storage, length, &out, sizeof out, nullptr), error::fault);
    EXPECT_EQ(
        control(s, route_query, &wrong.storage, static_cast<std::uint32_t>(wrong.length), &out, sizeof out, &returned),
        error::family_not_supported);
    EXPECT_EQ(control(s, route_query, &destination.storage, length, &out, length, &returned), 0);
}

TEST_P(EachFamily, TheAddressListHoldsWhatCanBeBoundTo) {
    const auto s = socket(f.family);
    EXPECT_EQ(addresses(s), sorted({f.by_one, f.by_other}));
    network::add_address("one", f.another_prefix);
    EXPECT_EQ(addresses(s), sorted({f.by_one, f.another, f.by_other}));
    // Bound to, each of them, and one that is not in it is not.
    for (const auto& text : addresses(s)) {
        const Destination address{text};
        const auto bound = asyncselect_socket(f.family, 2, 0);
        EXPECT_EQ(
            asyncselect_bind(bound, reinterpret_cast<const asyncselect_sockaddr*>(&address.storage), address.length), 0)
            << text;
    }
    network::remove_address("one", f.another_prefix);
    EXPECT_EQ(addresses(s), sorted({f.by_one, f.by_other}));
    const Destination gone{f.another};
    EXPECT_EQ(asyncselect_bind(s, reinterpret_cast<const asyncselect_sockaddr*>(&gone.storage), gone.length), -1);
    EXPECT_EQ(last_error(), error::address_not_available);
}

TEST_F(Changes, TheAddressListTellsLinkLocalAddressesWithTheirInterface) {
    const auto s = socket(inet6);
    network::add_address("one", "fe80::1/64");
    network::add_address("other", "fe80::1/64");
    const auto list = addresses(s);
    for (const auto* interface : {"one", "other"})
        EXPECT_EQ(std::ranges::count(list, "fe80::1%" + std::to_string(if_nametoindex(interface))), 1) << interface;
}

TEST_P(EachFamily, TheAddressListTellsHowMuchRoomItNeeds) {
    const auto s = socket(f.family);
    std::uint32_t needed = 0;
    std::uint32_t returned = 0;
    alignas(8) std::array<std::byte, 256> out{};
    EXPECT_EQ(control(s, addresses_query, nullptr, 0, nullptr, 0, &needed), error::fault);
    EXPECT_GT(needed, 2 * (sizeof(asyncselect_SOCKET_ADDRESS) + 16));
    ASSERT_LE(needed, out.size());
    EXPECT_EQ(control(s, addresses_query, nullptr, 0, out.data(), needed - 1, &returned), error::fault);
    EXPECT_EQ(returned, needed);
    EXPECT_EQ(control(s, addresses_query, nullptr, 0, out.data(), needed, &returned), 0);
    EXPECT_EQ(returned, needed);
    EXPECT_EQ(control(s, addresses_query, nullptr, 0, nullptr, needed, &returned), error::fault);
    EXPECT_EQ(control(s, addresses_query, nullptr, 0, out.data(), needed, nullptr), error::fault);
}

// ---- routes

TEST_P(EachFamily, AChangeOfRouteIsToldOnceForEachRequest) {
    cite<"AS-ROUTE-1", "AS-EDGE-2", "AS-ENABLE-1", "AS-ENABLE-7">();
    network::add_route(f.prefix, "one");
    const auto s = registered(fd_route, f.family);
    network::add_route(f.elsewhere, "other");
    network::remove_route(f.elsewhere, "other");
    EXPECT_EQ(posted(), Got{}) << "nobody has asked yet";

    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
    EXPECT_EQ(posted(), Got{}) << "what came before the request is no change after it";
    network::add_route(f.elsewhere, "other");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, 0}));
    network::remove_route(f.elsewhere, "other");
    EXPECT_EQ(posted(), Got{}) << "not asked again";
    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
    EXPECT_EQ(posted(), Got{}) << "no other change since";
    network::add_route(f.elsewhere, "other");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, 0}));
    EXPECT_EQ(posted(), Got{});
}

TEST_P(EachFamily, ADestinationThatCannotBeReachedAnyMoreIsToldWithTheError) {
    cite<"AS-ERROR-4", "AS-ROUTE-1">();
    network::add_route(f.prefix, "one");
    const auto s = registered(fd_route, f.family);
    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
    network::remove_route(f.prefix, "one");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, error::net_unreachable}));
    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block) << "also for one that cannot be reached now";
    network::add_route(f.prefix, "other");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, 0}));
    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
    network::set_up("other", false);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, error::net_unreachable}));
}

TEST_P(EachFamily, AnotherLocalAddressIsAnotherInterfaceToTheApplication) {
    cite<"AS-ROUTE-1">();
    const auto s = registered(fd_route, f.family);
    const std::string neighbour = f.family == inet ? "203.0.113.77" : "2001:db8:2::77";
    ASSERT_EQ(route_to(s, neighbour), f.by_other);
    EXPECT_EQ(ask_for_route(s, neighbour), error::would_block);
    network::remove_address("other", std::string{f.by_other} + (f.family == inet ? "/24" : "/64"));
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, error::net_unreachable}));
}

TEST_P(EachFamily, OnlyTheDestinationThatWasGivenCounts) {
    cite<"AS-ROUTE-1">();
    network::add_route(f.prefix, "one");
    const auto s = registered(fd_route, f.family);
    const auto control_socket = registered(fd_route, f.family);
    EXPECT_EQ(ask_for_route(s, f.by_other), error::would_block);
    EXPECT_EQ(ask_for_route(control_socket, f.destination), error::would_block);
    network::add_route(f.elsewhere, "other");
    EXPECT_EQ(mailbox_.next(), (Notification{control_socket, fd_route, 0}));
    EXPECT_EQ(posted(), Got{});
    // An entry that leads there by the same interface is no change.
    EXPECT_EQ(ask_for_route(control_socket, f.destination), error::would_block);
    network::add_route(std::string{f.destination} + (f.family == inet ? "/32" : "/128"), "other");
    network::remove_route(f.elsewhere, "other");
    EXPECT_EQ(posted(), Got{});
    network::remove_route(std::string{f.destination} + (f.family == inet ? "/32" : "/128"), "other");
    EXPECT_EQ(mailbox_.next(), (Notification{control_socket, fd_route, 0}));
    EXPECT_EQ(posted(), Got{});
}

TEST_F(Changes, SeveralDestinationsOfOneSocketAreEachTold) {
    cite<"AS-ROUTE-1", "AS-EDGE-2">();
    network::add_route("198.51.100.0/24", "one");
    network::add_route("198.18.0.0/24", "one");
    const auto s = registered(fd_route);
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    EXPECT_EQ(ask_for_route(s, "198.18.0.7"), error::would_block);
    network::add_route("198.51.100.0/25", "other");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, 0}));
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    network::remove_route("198.18.0.0/24", "one");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, error::net_unreachable})) << "the other request still stands";
    EXPECT_EQ(ask_for_route(s, "192.0.2.99"), error::would_block);
    network::add_route("198.18.0.0/24", "one");
    EXPECT_EQ(posted(), Got{}) << "that one was used up";
    network::remove_route("198.51.100.0/25", "other");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, 0}));
    EXPECT_EQ(posted(), Got{});
}

TEST_P(EachFamily, ARouteThatWasAnotherOneForATimeIsTold) {
    cite<"AS-ROUTE-1">();
    network::add_route(f.prefix, "one");
    const auto s = registered(fd_route, f.family);
    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
    network::remove_route(f.prefix, "one");
    network::add_route(f.prefix, "one");
    expect_one({s, fd_route, 0});  // it was gone
    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
    network::add_route(f.elsewhere, "other");
    network::remove_route(f.elsewhere, "other");
    expect_one({s, fd_route, 0});  // another one came before it
    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
    network::set_up("one", false);
    network::set_up("one", true);
    if (f.family == inet6) network::add_address("one", "2001:db8::1/64");  // went with the interface
    network::add_route(f.prefix, "one");
    expect_one({s, fd_route, 0});  // its interface was down
    network::remove_route(f.prefix, "one");
    EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
    network::add_route(f.prefix, "one");
    network::remove_route(f.prefix, "one");
    expect_one({s, fd_route, error::net_unreachable});  // it could be reached
}

// ---- address lists

TEST_P(EachFamily, AChangeOfTheAddressListIsToldOnceForEachRequest) {
    cite<"AS-ADDR-1", "AS-EDGE-2", "AS-ENABLE-1", "AS-ENABLE-7">();
    const auto s = registered(fd_addresses, f.family);
    network::add_address("one", f.another_prefix);
    EXPECT_EQ(posted(), Got{}) << "nobody has asked yet";
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(posted(), Got{}) << "what came before the request is no change after it";
    network::remove_address("one", f.another_prefix);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0}));
    network::add_address("one", f.another_prefix);
    EXPECT_EQ(posted(), Got{}) << "not asked again";
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(posted(), Got{}) << "no other change since";
    network::remove_address("one", f.another_prefix);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0}));
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    network::add_address("one", f.another_prefix);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0}));
    EXPECT_EQ(posted(), Got{});
}

TEST_F(Changes, OnlyTheSocketsFamilyCounts) {
    cite<"AS-ADDR-1">();
    const auto of_inet = registered(fd_addresses, inet);
    const auto of_inet6 = registered(fd_addresses, inet6);
    EXPECT_EQ(ask_for_addresses(of_inet), error::would_block);
    EXPECT_EQ(ask_for_addresses(of_inet6), error::would_block);
    network::add_address("one", "192.0.2.9/24");
    EXPECT_EQ(mailbox_.next(), (Notification{of_inet, fd_addresses, 0}));
    EXPECT_EQ(posted(), Got{});
    EXPECT_EQ(ask_for_addresses(of_inet), error::would_block);
    network::add_address("one", "2001:db8::9/64");
    EXPECT_EQ(mailbox_.next(), (Notification{of_inet6, fd_addresses, 0}));
    EXPECT_EQ(posted(), Got{});
}

TEST_P(EachFamily, AListThatWasAnotherOneForATimeIsTold) {
    cite<"AS-ADDR-1">();
    const std::string address = std::string{f.by_one} + (f.family == inet ? "/24" : "/64");
    const auto s = registered(fd_addresses, f.family);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    network::remove_address("one", address);
    network::add_address("one", address);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0}));
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    network::set_up("one", false);
    network::set_up("one", true);
    // Those of IPv4 stay with an interface that is down, and sockets can be bound to them.
    EXPECT_EQ(posted(), f.family == inet ? Got{} : (Got{{s, fd_addresses, 0}}));
}

TEST_P(EachFamily, WhatLeavesTheListAsItIsIsNotTold) {
    cite<"AS-ADDR-1">();
    const std::string address = std::string{f.by_one} + (f.family == inet ? "/24" : "/64");
    const auto s = registered(fd_addresses, f.family);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    network::renew_address("one", address);
    if (f.family == inet) {
        network::add_address("lo", "127.7.7.7/32");
        network::remove_address("lo", "127.7.7.7/32");
        // The same address twice on one interface: the list has it once.
        network::add_address("one", "192.0.2.1/25");
        network::remove_address("one", "192.0.2.1/25");
    }
    network::add_route(f.prefix, "one");
    network::remove_route(f.prefix, "one");
    network::renew_address("one", address);
    EXPECT_EQ(posted(), Got{});
    network::remove_address("one", address);
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0})) << "the control";
}

// ---- the socket, the registration, the call

TEST_F(Changes, TheRequestBelongsToTheSocket) {
    cite<"R-21", "AS-REG-3", "AS-EDGE-2", "AS-CANCEL-1">();
    const auto s = socket();
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(select(s, fd_route | fd_addresses), 0);
    EXPECT_EQ(posted(), Got{}) << "nothing has changed";
    network::add_route("198.51.100.0/24", "one");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, 0})) << "asked for before the registration";
    EXPECT_EQ(select(s, fd_route | fd_addresses, socket_message + 1), 0);
    network::add_address("one", "192.0.2.9/24");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0, socket_message + 1})) << "another registration";

    // A change while nobody was registered for it, once.
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    EXPECT_EQ(select(s, 0), 0);
    network::remove_address("one", "192.0.2.9/24");
    network::remove_route("198.51.100.0/24", "one");
    EXPECT_EQ(posted(), Got{}) << "cancelled";
    EXPECT_EQ(select(s, fd_route), 0);
    EXPECT_EQ(posted(), (Got{{s, fd_route, error::net_unreachable}}));
    EXPECT_EQ(select(s, fd_route | fd_addresses), 0);
    EXPECT_EQ(posted(), (Got{{s, fd_addresses, 0}}));
    EXPECT_EQ(select(s, fd_route | fd_addresses), 0);
    EXPECT_EQ(posted(), Got{}) << "once";

    // Between a message and the next request nothing is remembered.
    network::add_address("one", "192.0.2.9/24");
    network::add_route("198.51.100.0/24", "one");
    EXPECT_EQ(select(s, fd_route | fd_addresses), 0);
    EXPECT_EQ(posted(), Got{});
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    EXPECT_EQ(posted(), Got{});
}

TEST_F(Changes, ALateMessageTellsWhetherTheDestinationCanBeReachedThen) {
    cite<"R-21", "AS-ERROR-4">();
    network::add_route("198.51.100.0/24", "one");
    const auto s = socket();
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    network::remove_route("198.51.100.0/24", "one");
    const auto somebody = registered(fd_route);  // has a look, as any registration does
    EXPECT_EQ(ask_for_route(somebody, "198.51.100.7"), error::would_block);
    network::add_route("198.51.100.0/24", "other");
    EXPECT_EQ(mailbox_.next(), (Notification{somebody, fd_route, 0}));
    EXPECT_EQ(select(s, fd_route), 0);
    EXPECT_EQ(posted(), (Got{{s, fd_route, 0}}));
}

TEST_F(Changes, BothAtOnceComeInTheirOrder) {
    cite<"R-9">();
    network::add_route("198.51.100.0/24", "one");
    const auto s = socket();
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    network::remove_address("other", "203.0.113.1/24");
    network::remove_route("198.51.100.0/24", "one");
    EXPECT_EQ(select(s, fd_route | fd_addresses), 0);
    EXPECT_EQ(posted(), (Got{{s, fd_route, error::net_unreachable}, {s, fd_addresses, 0}}));
}

TEST_F(Changes, AFailingRequestAsksForNothingAndUsesNothingUp) {
    cite<"AS-ENABLE-8", "AS-EDGE-2">();
    network::add_route("198.51.100.0/24", "one");
    const auto s = registered(fd_route | fd_addresses);
    const Destination destination{"198.51.100.7"};
    const Destination wrong{"2001:db8::1"};
    std::uint32_t returned = 0;
    asyncselect_WSAOVERLAPPED overlapped{};
    const auto all_fail = [&] {
        EXPECT_EQ(control(s, route_change, nullptr, 16, nullptr, 0, &returned), error::fault);
        EXPECT_EQ(control(s, route_change, &destination.storage, 15, nullptr, 0, &returned), error::fault);
        EXPECT_EQ(control(s, route_change, &destination.storage, 16, nullptr, 0, nullptr), error::fault);
        EXPECT_EQ(control(s, route_change, &wrong.storage, 28, nullptr, 0, &returned), error::family_not_supported);
        EXPECT_EQ(control(s, addresses_change, nullptr, 0, nullptr, 0, nullptr), error::fault);
        EXPECT_EQ(asyncselect_WSAIoctl(s, addresses_change, nullptr, 0, nullptr, 0, &returned, &overlapped, nullptr),
                  -1);
        EXPECT_EQ(last_error(), error::operation_not_supported);
        EXPECT_EQ(control(s + 4, addresses_change, nullptr, 0, nullptr, 0, &returned), error::not_socket);
    };
    all_fail();
    network::remove_route("198.51.100.0/24", "one");
    network::add_address("one", "192.0.2.9/24");
    EXPECT_EQ(posted(), Got{}) << "nothing was asked for";
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    all_fail();
    network::add_route("198.51.100.0/24", "one");
    network::remove_address("one", "192.0.2.9/24");
    EXPECT_EQ(posted(), (Got{{s, fd_route, 0}, {s, fd_addresses, 0}}));
}

TEST_F(Changes, AnAcceptedSocketAsksForItself) {
    cite<"AS-INHERIT-1", "R-21">();
    const auto from = listener();
    EXPECT_EQ(select(from, fd_accept | fd_addresses), 0);
    EXPECT_EQ(ask_for_addresses(from), error::would_block);
    const auto one = stream();
    EXPECT_EQ(connect_to(one, from), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0}));
    const auto accepted = asyncselect_accept(from, nullptr, nullptr);
    network::add_address("one", "192.0.2.9/24");
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_addresses, 0}));
    EXPECT_EQ(posted(), Got{}) << "the request is the listener's";
    EXPECT_EQ(ask_for_addresses(accepted), error::would_block);
    network::remove_address("one", "192.0.2.9/24");
    EXPECT_EQ(mailbox_.next(), (Notification{accepted, fd_addresses, 0}));
    EXPECT_EQ(posted(), Got{});
}

TEST_F(Changes, AnEventRecordIsToldAsAWindowIs) {
    cite<"AS-CANCEL-4", "R-21", "AS-ERROR-4">();
    network::add_route("198.51.100.0/24", "one");
    const auto s = registered(fd_route | fd_addresses);
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    auto* const event = asyncselect_WSACreateEvent();
    EXPECT_EQ(asyncselect_WSAEventSelect(s, event, fd_route | fd_addresses), 0);
    network::remove_route("198.51.100.0/24", "one");
    network::add_address("one", "192.0.2.9/24");
    long told = 0;
    while (told != (fd_route | fd_addresses)) {
        ASSERT_EQ(asyncselect_WSAWaitForMultipleEvents(1, &event, 0, 10'000, 0), 0U);
        asyncselect_WSANETWORKEVENTS record{};
        EXPECT_EQ(asyncselect_WSAEnumNetworkEvents(s, event, &record), 0);
        EXPECT_EQ(told & record.lNetworkEvents, 0) << "once";
        told |= record.lNetworkEvents;
        if (record.lNetworkEvents & fd_route) {
            EXPECT_EQ(record.iErrorCode[8], error::net_unreachable);
        }
        if (record.lNetworkEvents & fd_addresses) {
            EXPECT_EQ(record.iErrorCode[9], 0);
        }
    }
    EXPECT_EQ(posted(), Got{}) << "the window's registration is over";
    asyncselect_WSACloseEvent(event);
}

TEST_F(Changes, AClosedSocketHasAskedForNothing) {
    cite<"AS-CANCEL-3">();
    const auto s = registered(fd_addresses);
    const auto other = registered(fd_addresses);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(ask_for_addresses(other), error::would_block);
    EXPECT_EQ(asyncselect_closesocket(s), 0);
    network::add_address("one", "192.0.2.9/24");
    EXPECT_EQ(mailbox_.next(), (Notification{other, fd_addresses, 0}));
    EXPECT_EQ(posted(), Got{});
}

TEST_F(Changes, AWindowThatIsGoneIsToldNothing) {
    cite<"R-12", "R-21">();
    const auto s = registered(fd_addresses);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    mailbox_.destroy();
    network::add_address("one", "192.0.2.9/24");
    Mailbox another;
    EXPECT_EQ(another.drain(), Got{});
    EXPECT_EQ(asyncselect_WSAAsyncSelect(s, another.window(), socket_message, fd_addresses), 0);
    const auto told = another.drain();
    EXPECT_LE(told.size(), 1U);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    network::remove_address("one", "192.0.2.9/24");
    EXPECT_EQ(another.next(), (Notification{s, fd_addresses, 0}));
}

// ---- blocking sockets

// Runs a call on a thread of its own.
class Caller {
  public:
    explicit Caller(std::function<int()> call)
        : thread_{[this, call = std::move(call)] {
              code_ = call();
              done_ = true;
          }} {}
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;
    ~Caller() {
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] bool done() const { return done_; }
    int result() {
        thread_.join();
        return code_;
    }

  private:
    std::atomic<bool> done_{false};
    int code_ = 0;
    std::thread thread_;
};

TEST_P(EachFamily, OnABlockingSocketTheCallReturnsWithTheChange) {
    cite<"AS-ROUTE-1", "AS-ADDR-1">();
    for (const int type : {1, 2}) {
        const auto s = asyncselect_socket(f.family, type, 0);
        {
            Caller caller{[&] { return ask_for_route(s, f.destination); }};
            // The call has to begin before the change: so there is one after another until it returns.
            while (!caller.done()) {
                network::add_route(f.prefix, "one");
                network::remove_route(f.prefix, "one");
            }
            EXPECT_EQ(caller.result(), 0);
        }
        {
            Caller caller{[&] { return ask_for_addresses(s); }};
            while (!caller.done()) {
                network::add_address("one", f.another_prefix);
                network::remove_address("one", f.another_prefix);
            }
            EXPECT_EQ(caller.result(), 0);
        }
        // The call's return has told it.
        EXPECT_EQ(select(s, fd_route | fd_addresses), 0);
        EXPECT_EQ(posted(), Got{});
        EXPECT_EQ(asyncselect_closesocket(s), 0);
    }
}

TEST_F(Changes, CloseSocketEndsTheWait) {
    for (const int type : {1, 2}) {
        const auto s = asyncselect_socket(inet, type, 0);
        Caller for_route{[&] { return ask_for_route(s, "198.51.100.7"); }};
        Caller for_addresses{[&] { return ask_for_addresses(s); }};
        std::this_thread::yield();
        EXPECT_EQ(asyncselect_closesocket(s), 0);
        for (auto* caller : {&for_route, &for_addresses}) {
            const int code = caller->result();
            EXPECT_TRUE(code == error::intr || code == error::not_socket) << code;
        }
    }
}

TEST_F(Changes, CloseSocketEndsAWaitThatHasBegun) {
    for (const int type : {1, 2}) {
        const auto s = asyncselect_socket(inet, type, 0);
        const auto descriptors = [] {
            return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                                 std::filesystem::directory_iterator{});
        };
        EXPECT_EQ(route_to(s, "198.51.100.7"), "error 10051");
        const auto before = descriptors();
        Caller caller{[&] { return ask_for_route(s, "198.51.100.7"); }};
        while (descriptors() <= before) std::this_thread::yield();
        EXPECT_EQ(asyncselect_closesocket(s), 0);
        EXPECT_EQ(caller.result(), error::intr);
    }
}

// ---- many of everything

TEST_P(EachFamily, InABurstTheLastChangeIsTold) {
    cite<"AS-ROUTE-1", "AS-EDGE-2">();
    constexpr int changes = 2000;
    network::add_route(f.prefix, "one");
    const auto s = registered(fd_route, f.family);
    std::atomic<bool> over{false};
    std::string seen;
    int told = 0;
    const auto ask = [&] {
        EXPECT_EQ(ask_for_route(s, f.destination), error::would_block);
        seen = route_to(s, f.destination);
    };
    ask();
    std::thread changer{[&] {
        for (int i = 0; i < changes; ++i)
            i % 2 == 0 ? network::add_route(f.elsewhere, "other") : network::remove_route(f.elsewhere, "other");
        network::add_route(f.elsewhere, "other");
        over = true;
    }};
    // As a program does it: ask, look, and look again when told. While its tables are being changed Linux can find no
    // route in them for a moment, and that is told as it is.
    while (!over) {
        for (const auto& message : mailbox_.drain()) {
            EXPECT_EQ(message.event, fd_route);
            EXPECT_TRUE(message.error == 0 || message.error == error::net_unreachable);
            ++told;
            ask();
        }
    }
    changer.join();
    while (seen != f.by_other) {
        EXPECT_EQ(mailbox_.next().event, fd_route);
        ++told;
        ask();
        if (HasFailure()) break;
    }
    EXPECT_GT(told, 0);
    EXPECT_LE(told, changes + 1);
}

// The system drops what it has no room to keep. Each test that makes it do so gives it room again.
class Overrun : public Changes {
  protected:
    void SetUp() override {
        Changes::SetUp();
        if (eager()) GTEST_SKIP() << "a thread looks all the time: what is dropped, and when, is a matter of chance";
    }
    void TearDown() override {
        winsock::keep_at_most(1 << 20);
        Changes::TearDown();
    }
    // Some thousands of changes that concern no request, while nobody looks.
    static void flood_of_routes() {
        for (int i = 0; i < 1500; ++i) {
            network::add_route("198.18.0.0/24", "other");
            network::remove_route("198.18.0.0/24", "other");
        }
    }
    static void flood_of_addresses() {
        for (int i = 0; i < 1000; ++i) {
            network::add_address("other", "203.0.113.9/24");
            network::remove_address("other", "203.0.113.9/24");
        }
    }
};

TEST_F(Overrun, NoChangeOfARouteIsLost) {
    cite<"AS-ROUTE-1", "AS-EDGE-2">();
    network::add_route("198.51.100.0/24", "one");
    const auto s = registered(fd_route);
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    winsock::keep_at_most(1);
    flood_of_routes();
    network::remove_route("198.51.100.0/24", "one");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, error::net_unreachable}));
    EXPECT_EQ(posted(), Got{});
    // One that was undone, too.
    network::add_route("198.51.100.0/24", "one");
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    flood_of_routes();
    network::remove_route("198.51.100.0/24", "one");
    network::add_route("198.51.100.0/24", "one");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, 0}));
    EXPECT_EQ(posted(), Got{});
    // And it goes on as before.
    winsock::keep_at_most(1 << 20);
    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
    EXPECT_EQ(posted(), Got{});
    network::remove_route("198.51.100.0/24", "one");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_route, error::net_unreachable}));
}

TEST_F(Overrun, NoChangeOfAnAddressIsLost) {
    cite<"AS-ADDR-1", "AS-EDGE-2">();
    const auto s = registered(fd_addresses);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    winsock::keep_at_most(1);
    flood_of_addresses();
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0}));
    EXPECT_EQ(posted(), Got{});
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    flood_of_addresses();
    network::remove_address("one", "192.0.2.1/24");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0}));
    // What is known of the addresses is what they are: a change that undoes one is a change.
    winsock::keep_at_most(1 << 20);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(posted(), Got{});
    network::add_address("one", "192.0.2.1/24");
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_addresses, 0}));
    EXPECT_EQ(posted(), Got{});
}

TEST_F(Overrun, AFloodOfRoutesIsNoChangeOfAddresses) {
    cite<"AS-EDGE-2">();
    const auto s = registered(fd_addresses);
    const auto of_routes = registered(fd_route);
    EXPECT_EQ(ask_for_addresses(s), error::would_block);
    EXPECT_EQ(ask_for_route(of_routes, "192.0.2.77"), error::would_block);
    winsock::keep_at_most(1);
    flood_of_routes();
    EXPECT_EQ(mailbox_.next(), (Notification{of_routes, fd_route, 0})) << "nothing can be excluded";
    EXPECT_EQ(posted(), Got{});
}

TEST_F(Changes, EverySocketIsToldInItsOwnWindow) {
    cite<"AS-MSG-1", "AS-EDGE-2">();
    constexpr std::size_t each = 50;
    network::add_route("198.51.100.0/24", "one");
    std::atomic<int> ready{0};
    std::atomic<bool> changed{false};
    const auto run = [&] {
        Mailbox mailbox;
        std::vector<asyncselect_SOCKET> sockets;
        for (std::size_t i = 0; i < each; ++i) {
            const auto s = asyncselect_socket(inet, i % 2 == 0 ? 1 : 2, 0);
            EXPECT_EQ(asyncselect_WSAAsyncSelect(s, mailbox.window(), socket_message, fd_route | fd_addresses), 0);
            EXPECT_EQ(ask_for_route(s, i % 3 == 0 ? "192.0.2.77" : "198.51.100.7"), error::would_block);
            EXPECT_EQ(ask_for_addresses(s), error::would_block);
            sockets.push_back(s);
        }
        EXPECT_EQ(mailbox.drain(), Got{});
        ++ready;
        const auto concerned = [&](std::size_t i) { return i % 3 != 0; };
        std::size_t expected = each;
        for (std::size_t i = 0; i < each; ++i) expected += concerned(i) ? 1 : 0;
        const auto got = mailbox.collect(expected);
        while (!changed) std::this_thread::yield();
        EXPECT_EQ(mailbox.drain(), Got{});
        for (std::size_t i = 0; i < each; ++i) {
            EXPECT_EQ(std::ranges::count(got, Notification{sockets[i], fd_route, 0}), concerned(i) ? 1 : 0);
            EXPECT_EQ(std::ranges::count(got, Notification{sockets[i], fd_addresses, 0}), 1);
        }
    };
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int i = 0; i < 3; ++i) threads.emplace_back(run);
    while (ready != 3) std::this_thread::yield();
    network::add_route("198.51.100.0/25", "other");
    network::add_address("other", "203.0.113.9/24");
    changed = true;
    for (auto& thread : threads) thread.join();
}

TEST_F(Changes, SocketsComeAndGoWhileRoutesChange) {
    cite<"R-17", "AS-CANCEL-3">();
    std::atomic<bool> over{false};
    std::thread changer{[&] {
        while (!over) {
            network::add_route("198.51.100.0/24", "one");
            network::add_address("other", "203.0.113.9/24");
            network::remove_route("198.51.100.0/24", "one");
            network::remove_address("other", "203.0.113.9/24");
        }
    }};
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            Mailbox mailbox;
            for (int i = 0; i < 300; ++i) {
                const auto s = asyncselect_socket(inet, 2, 0);
                if (i % 2 == 0) {
                    EXPECT_EQ(asyncselect_WSAAsyncSelect(s, mailbox.window(), socket_message, fd_route | fd_addresses),
                              0);
                    EXPECT_EQ(ask_for_route(s, "198.51.100.7"), error::would_block);
                    EXPECT_EQ(ask_for_addresses(s), error::would_block);
                } else {
                    Caller caller{[&] { return i % 3 == 0 ? ask_for_route(s, "198.51.100.7") : ask_for_addresses(s); }};
                    std::this_thread::yield();
                    EXPECT_EQ(asyncselect_closesocket(s), 0);
                    const int code = caller.result();
                    EXPECT_TRUE(code == 0 || code == error::intr || code == error::not_socket) << code;
                }
                for (const auto& message : mailbox.drain()) EXPECT_NE(message.event & (fd_route | fd_addresses), 0);
                if (i % 2 == 0) {
                    EXPECT_EQ(asyncselect_closesocket(s), 0);
                }
            }
        });
    for (auto& thread : threads) thread.join();
    over = true;
    changer.join();
}

// More threads ask on one socket than can be in a call at once, and one of them looks.
TEST_F(Changes, ManyThreadsAskOnOneSocket) {
    const auto s = registered(fd_route | fd_addresses);
    std::vector<std::thread> threads;
    threads.reserve(12);
    for (int t = 0; t < 12; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 100; ++i)
                EXPECT_EQ(t % 2 == 0 ? ask_for_route(s, "198.51.100.7") : ask_for_addresses(s), error::would_block);
        });
    for (int i = 0; i < 50; ++i) {
        network::add_route("198.51.100.0/24", "one");
        network::add_address("other", "203.0.113.9/24");
        mailbox_.drain();
        network::remove_route("198.51.100.0/24", "one");
        network::remove_address("other", "203.0.113.9/24");
    }
    for (auto& thread : threads) thread.join();
    mailbox_.drain();
}

// ---- who does not ask

using Unused = Changes;
TEST_F(Unused, CostsNothing) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto descriptors = [] {
        int sockets = 0;
        for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
            std::error_code ignored;
            sockets += std::filesystem::read_symlink(entry, ignored).string().starts_with("socket:") ? 1 : 0;
        }
        return sockets;
    };
    EXPECT_EXIT(
        {
            const auto before = descriptors();
            const auto s = socket();
            select(s, fd_read | fd_route | fd_addresses);
            mailbox_.drain();
            const bool only_its_own = descriptors() == before + 1;
            ask_for_addresses(s);
            const bool more_when_asked = descriptors() > before + 1;
            std::_Exit(only_its_own && more_when_asked ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace asyncselect::conformance::native

int main(int argc, char** argv) { return asyncselect::conformance::native::run_in_namespace(argc, argv); }
