// The network of a test, as any program sees it: through sockets. Where namespaces are not permitted it is skipped, and
// says why. Knows no provider.
#include "conformance/network.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace asyncselect::conformance::network {
namespace {

std::optional<std::string> not_permitted;

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;

    explicit Address(const char* text) {
        sockaddr_in inet{};
        sockaddr_in6 inet6{};
        if (inet_pton(AF_INET, text, &inet.sin_addr) == 1) {
            inet.sin_family = AF_INET;
            inet.sin_port = htons(9);
            length = sizeof inet;
            std::memcpy(&storage, &inet, length);
        } else if (inet_pton(AF_INET6, text, &inet6.sin6_addr) == 1) {
            inet6.sin6_family = AF_INET6;
            inet6.sin6_port = htons(9);
            length = sizeof inet6;
            std::memcpy(&storage, &inet6, length);
        } else {
            ADD_FAILURE() << text;
        }
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// 0, or errno.
template <class Function>
int tried(const char* address, Function function) {
    const Address to{address};
    const int descriptor = socket(to.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_GE(descriptor, 0);
    const int code = function(descriptor, to.get(), to.length) == 0 ? 0 : errno;
    close(descriptor);
    return code;
}
int bound(const char* address) { return tried(address, ::bind); }
int reached(const char* address) { return tried(address, ::connect); }

class Network : public ::testing::Test {
  protected:
    void SetUp() override {
        if (not_permitted) GTEST_SKIP() << *not_permitted;
    }
    void TearDown() override {
        if (if_nametoindex("one") != 0) remove_interface("one");
    }
};

TEST_F(Network, TheLoopbackInterfaceIsUp) {
    EXPECT_EQ(reached("127.0.0.1"), 0);
    EXPECT_EQ(reached("192.0.2.1"), ENETUNREACH) << "there is nothing else";
}

TEST_F(Network, InterfacesComeInPairsAndGoInPairs) {
    add_interfaces("one", "other");
    EXPECT_NE(if_nametoindex("one"), 0U);
    EXPECT_NE(if_nametoindex("other"), 0U);
    EXPECT_THROW(add_interfaces("one", "third"), std::runtime_error);
    remove_interface("other");
    EXPECT_EQ(if_nametoindex("one"), 0U);
    EXPECT_THROW(remove_interface("one"), std::runtime_error);
}

TEST_F(Network, AnAddressIsUsableWhenTheCallReturns) {
    add_interfaces("one", "other");
    for (const auto& [address, prefix] :
         {std::pair{"192.0.2.1", "192.0.2.1/24"}, std::pair{"2001:db8::1", "2001:db8::1/64"}}) {
        EXPECT_EQ(bound(address), EADDRNOTAVAIL) << address;
        add_address("one", prefix);
        EXPECT_EQ(bound(address), 0) << address;
        EXPECT_THROW(add_address("one", prefix), std::runtime_error) << "a second time";
        remove_address("one", prefix);
        EXPECT_EQ(bound(address), EADDRNOTAVAIL) << address;
        EXPECT_THROW(remove_address("one", prefix), std::runtime_error) << "a second time";
    }
}

TEST_F(Network, ARouteLeadsThroughItsInterfaceWhileThatIsUp) {
    add_interfaces("one", "other");
    add_address("one", "192.0.2.1/24");
    add_address("one", "2001:db8::1/64");
    for (const auto& [address, prefix] :
         {std::pair{"198.51.100.7", "198.51.100.0/24"}, std::pair{"2001:db8:1::7", "2001:db8:1::/64"}}) {
        EXPECT_EQ(reached(address), ENETUNREACH) << address;
        add_route(prefix, "one");
        EXPECT_EQ(reached(address), 0) << address;
        remove_route(prefix, "one");
        EXPECT_EQ(reached(address), ENETUNREACH) << address;
        EXPECT_THROW(remove_route(prefix, "one"), std::runtime_error) << "a second time";
    }
    add_route("198.51.100.0/24", "one");
    set_up("one", false);
    EXPECT_EQ(reached("198.51.100.7"), ENETUNREACH);
    set_up("one", true);
    add_route("198.51.100.0/24", "one");
    EXPECT_EQ(reached("198.51.100.7"), 0);
}

TEST_F(Network, AnotherHostHasItsOwnAddressesAndAnswers) {
    add_interfaces("one", "other");
    Host host;
    host.take("other");
    EXPECT_EQ(if_nametoindex("other"), 0U);
    add_address("one", "192.0.2.1/24");
    EXPECT_THROW(host.run([] { add_address("one", "192.0.2.2/24"); }), std::runtime_error)
        << "it has no such interface";
    int there = -1;
    host.run([&] {
        set_up("other", true);
        add_address("other", "192.0.2.2/24");
        there = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const Address own{"192.0.2.2"};
        EXPECT_EQ(bind(there, own.get(), own.length), 0);
    });
    const Address to{"192.0.2.2"};
    const int here = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(here, to.get(), to.length), -1);
    EXPECT_EQ(sendto(here, "x", 1, 0, to.get(), to.length), 1);
    char byte = 0;
    EXPECT_EQ(recv(there, &byte, 1, 0), 1);
    close(here);
    close(there);
    add_route("198.51.100.0/24", "one", "192.0.2.2");
    EXPECT_EQ(reached("198.51.100.7"), 0);
    EXPECT_THROW(add_route("198.18.0.0/24", "one", "203.0.113.1"), std::runtime_error) << "no neighbour";
}

TEST_F(Network, ParametersAreTheNamespacesOwn) {
    set_parameter("ipv4/tcp_syn_retries", "2");
    EXPECT_THROW(set_parameter("ipv4/no_such_thing", "2"), std::runtime_error);
}

TEST_F(Network, AFailureTellsTheSystemsReason) {
    try {
        set_up("none", true);
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "network: setting up interface none: No such device");
    }
    for (const auto* nonsense : {"192.0.2.1", "192.0.2/24", "192.0.2.1/x", "192.0.2.1/24/1", ""})
        EXPECT_THROW(add_address("lo", nonsense), std::runtime_error) << nonsense;
}

TEST(Outside, NothingIsChanged) {
    if (in_namespace()) {
        EXPECT_FALSE(enter_namespace()) << "a second time is no other namespace";
        return;
    }
    EXPECT_THROW(set_up("lo", true), std::runtime_error);
}

}  // namespace
}  // namespace asyncselect::conformance::network

int main(int argc, char** argv) {
    // Before any thread is started.
    asyncselect::conformance::network::not_permitted = asyncselect::conformance::network::enter_namespace();
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
