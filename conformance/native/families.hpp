// For the tests of our own provider that run with IPv4 and with IPv6: addresses of either, and sockets on loopback.
// Uses the public API alone.
#pragma once

#include <sys/mman.h>

#include <span>
#include <thread>

#include "conformance/native/mailbox.hpp"

namespace asyncselect::conformance::native {

constexpr auto invalid_socket = ~asyncselect_SOCKET{0};
constexpr long fd_qos = 64;
constexpr long fd_group_qos = 128;

inline int last_error() { return asyncselect_WSAGetLastError(); }

// A page that nothing can be read from or written to.
template <class T>
T* wild() {
    static void* const page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return static_cast<T*>(page);
}

enum class Family : int { ipv4 = 2, ipv6 = 23 };

inline std::string text_of(const ::testing::TestParamInfo<Family>& family) {
    return family.param == Family::ipv4 ? "IPv4" : "IPv6";
}

// An address of either family.
struct Name {
    asyncselect_sockaddr_storage storage{};
    int length = sizeof storage;

    [[nodiscard]] const asyncselect_sockaddr* get() const {
        return reinterpret_cast<const asyncselect_sockaddr*>(&storage);
    }
    asyncselect_sockaddr* put() { return reinterpret_cast<asyncselect_sockaddr*>(&storage); }
    // In network byte order; at the same place in both families.
    [[nodiscard]] std::uint16_t port() const {
        return reinterpret_cast<const asyncselect_sockaddr_in*>(&storage)->sin_port;
    }
    void set_port(std::uint16_t in_network_order) {
        reinterpret_cast<asyncselect_sockaddr_in*>(&storage)->sin_port = in_network_order;
    }

    friend bool operator==(const Name& a, const Name& b) {
        return a.length == b.length && std::memcmp(&a.storage, &b.storage, static_cast<std::size_t>(a.length)) == 0;
    }
};

// The address with these bytes for a host: 4, or 16.
inline Name name_with(Family family, std::span<const unsigned char> host, std::uint16_t port_in_network_order = 0) {
    Name name;
    name.storage.ss_family = static_cast<std::uint16_t>(family);
    name.length = family == Family::ipv4 ? sizeof(asyncselect_sockaddr_in) : sizeof(asyncselect_sockaddr_in6);
    name.set_port(port_in_network_order);
    std::memcpy(reinterpret_cast<unsigned char*>(&name.storage) + (family == Family::ipv4 ? 4 : 8), host.data(),
                host.size());
    return name;
}

inline Name loopback_of(Family family, std::uint16_t port_in_network_order = 0) {
    constexpr std::array<unsigned char, 4> host{127, 0, 0, 1};
    constexpr std::array<unsigned char, 16> host6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return family == Family::ipv4 ? name_with(family, host, port_in_network_order)
                                  : name_with(family, host6, port_in_network_order);
}

inline Name any_of(Family family, std::uint16_t port_in_network_order = 0) {
    constexpr std::array<unsigned char, 16> nobody{};
    return name_with(family, std::span{nobody}.first(family == Family::ipv4 ? 4 : 16), port_in_network_order);
}

inline Name name_of(asyncselect_SOCKET s) {
    Name name;
    EXPECT_EQ(asyncselect_getsockname(s, name.put(), &name.length), 0) << last_error();
    return name;
}

inline Name peer_of(asyncselect_SOCKET s) {
    Name name;
    EXPECT_EQ(asyncselect_getpeername(s, name.put(), &name.length), 0) << last_error();
    return name;
}

inline asyncselect_SOCKET stream_of(Family family) { return asyncselect_socket(static_cast<int>(family), 1, 0); }
inline asyncselect_SOCKET datagram_of(Family family) { return asyncselect_socket(static_cast<int>(family), 2, 0); }

inline asyncselect_SOCKET bound(asyncselect_SOCKET s, const Name& name) {
    EXPECT_EQ(asyncselect_bind(s, name.get(), name.length), 0) << last_error();
    return s;
}

inline asyncselect_SOCKET listener_of(Family family) {
    const auto s = bound(stream_of(family), loopback_of(family));
    EXPECT_EQ(asyncselect_listen(s, 128), 0);
    return s;
}

// A connection to the listener, made and not accepted yet.
inline asyncselect_SOCKET request_to(asyncselect_SOCKET listener, Family family) {
    const auto s = stream_of(family);
    const auto to = name_of(listener);
    EXPECT_EQ(asyncselect_connect(s, to.get(), to.length), 0) << last_error();
    return s;
}

// False where the machine has no such addresses.
inline bool offers(Family family) {
    const auto s = datagram_of(family);
    const auto own = loopback_of(family);
    const bool offered = asyncselect_bind(s, own.get(), own.length) == 0;
    asyncselect_closesocket(s);
    return offered;
}

// Until the system knows of what another socket did.
template <class Condition>
void wait_until(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) {
            ADD_FAILURE() << "it has not come to pass within ten seconds";
            return;
        }
        std::this_thread::yield();
    }
}

// For both families; what the machine does not offer is skipped.
class BothFamilies : public ::testing::TestWithParam<Family> {
  protected:
    void SetUp() override {
        if (!offers(GetParam())) GTEST_SKIP() << "the machine has no IPv6 loopback address";
    }

    int select(asyncselect_SOCKET s, long events) {
        return asyncselect_WSAAsyncSelect(s, mailbox_.window(), socket_message, events);
    }

    Winsock winsock_;
    Mailbox mailbox_;
};

}  // namespace asyncselect::conformance::native
