// Addresses as Winsock has them, for whoever calls it: the system's provider and the peers. It must not know who does.
#pragma once

#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstdint>
#include <cstring>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

class SystemAddress {
  public:
    explicit SystemAddress(const RemoteAddress& remote) {
        if (remote.ipv6) {
            sockaddr_in6 address{};
            address.sin6_family = AF_INET6;
            address.sin6_port = htons(remote.port);
            std::memcpy(&address.sin6_addr, remote.bytes.data(), sizeof address.sin6_addr);
            set(address);
        } else {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(remote.port);
            std::memcpy(&address.sin_addr, remote.bytes.data(), sizeof address.sin_addr);
            set(address);
        }
    }
    // Of the loopback interface, or of every one.
    explicit SystemAddress(Endpoint endpoint, bool any = false) : SystemAddress(remote(endpoint, any)) {}
    SystemAddress() = default;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
    int* length() { return &length_; }

    // An address as it stands in a buffer.
    static Endpoint endpoint_in(const WSABUF& buffer) {
        SystemAddress address;
        if (buffer.len <= sizeof address.storage_) std::memcpy(&address.storage_, buffer.buf, buffer.len);
        return address.endpoint();
    }

    [[nodiscard]] Endpoint endpoint() const {
        AddressBytes bytes{};
        if (storage_.ss_family == AF_INET6) {
            sockaddr_in6 address{};
            std::memcpy(&address, &storage_, sizeof address);
            std::memcpy(bytes.data(), &address.sin6_addr, sizeof address.sin6_addr);
            return {true, ntohs(address.sin6_port), bytes};
        }
        sockaddr_in address{};
        std::memcpy(&address, &storage_, sizeof address);
        std::memcpy(bytes.data(), &address.sin_addr, sizeof address.sin_addr);
        return {false, ntohs(address.sin_port), bytes};
    }

  private:
    static RemoteAddress remote(Endpoint endpoint, bool any) {
        RemoteAddress address{endpoint.ipv6, {}, endpoint.port};
        if (any) return address;
        if (endpoint.address) {
            address.bytes = *endpoint.address;
        } else if (endpoint.ipv6) {
            address.bytes[15] = 1;
        } else {
            address.bytes = {127, 0, 0, 1};
        }
        return address;
    }
    template <class T>
    void set(const T& address) {
        std::memcpy(&storage_, &address, sizeof address);
        length_ = sizeof address;
    }

    sockaddr_storage storage_{};
    int length_ = sizeof(sockaddr_storage);
};

}  // namespace asyncselect::conformance
