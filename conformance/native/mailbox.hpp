// For the tests of our own provider: Winsock started, a window of this thread, its messages collected, connected pairs
// of sockets. Waits on conditions, never for a fixed time. Uses the public API alone.
#pragma once

#include <asyncselect/asyncselect.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "impl/core/error.hpp"

namespace asyncselect::conformance::native {

constexpr unsigned socket_message = 0x0400 + 1;
constexpr long fd_read = 1;
constexpr long fd_write = 2;
constexpr long fd_oob = 4;
constexpr long fd_accept = 8;
constexpr long fd_connect = 16;
constexpr long fd_close = 32;

struct Notification {
    asyncselect_SOCKET socket;
    long event;
    int error;
    unsigned message = socket_message;

    friend bool operator==(const Notification&, const Notification&) = default;
};

inline void PrintTo(const Notification& n, std::ostream* out) {
    *out << "{socket " << n.socket << ", event " << n.event << ", error " << n.error << ", message " << n.message
         << "}";
}

// A WSAStartup for as long as it lives.
class Winsock {
  public:
    Winsock() {
        asyncselect_WSADATA data{};
        EXPECT_EQ(asyncselect_WSAStartup(0x0202, &data), 0);
    }
    ~Winsock() { asyncselect_WSACleanup(); }
    Winsock(const Winsock&) = delete;
    Winsock& operator=(const Winsock&) = delete;
};

// A message-only window of this thread.
class Mailbox {
  public:
    Mailbox() {
        asyncselect_WNDCLASSA window_class{};
        window_class.lpfnWndProc = asyncselect_DefWindowProcA;
        window_class.lpszClassName = "mailbox";
        asyncselect_RegisterClassA(&window_class);
        window_ = asyncselect_CreateWindowExA(0, "mailbox", "", 0, 0, 0, 0, 0,
                                              reinterpret_cast<asyncselect_HWND>(std::intptr_t{-3}), nullptr, nullptr,
                                              nullptr);
        EXPECT_NE(window_, nullptr);
    }
    ~Mailbox() {
        if (window_ != nullptr) asyncselect_DestroyWindow(window_);
    }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    [[nodiscard]] asyncselect_HWND window() const { return window_; }
    void destroy() { asyncselect_DestroyWindow(std::exchange(window_, nullptr)); }

    // All that is in the queue now.
    std::vector<Notification> drain() {
        std::vector<Notification> got;
        asyncselect_MSG message{};
        while (asyncselect_PeekMessageA(&message, nullptr, 0, 0, 1)) got.push_back(to_notification(message));
        return got;
    }

    // Collects messages until `enough` says so. Fails the test when none has come for ten seconds.
    std::vector<Notification> collect(const std::function<bool(const std::vector<Notification>&)>& enough) {
        std::vector<Notification> got;
        while (!enough(got)) {
            if (asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, 10'000, 0x04ff, 0x0004) != 0) {
                ADD_FAILURE() << "no message came for ten seconds after " << got.size();
                return got;
            }
            asyncselect_MSG message{};
            if (asyncselect_PeekMessageA(&message, nullptr, 0, 0, 1)) got.push_back(to_notification(message));
        }
        return got;
    }

    std::vector<Notification> collect(std::size_t count) {
        return collect([count](const auto& got) { return got.size() >= count; });
    }

    Notification next() {
        const auto got = collect(1);
        return got.empty() ? Notification{} : got.front();
    }

  private:
    static Notification to_notification(const asyncselect_MSG& message) {
        return {message.wParam, static_cast<long>(message.lParam & 0xffff), static_cast<int>(message.lParam >> 16),
                message.message};
    }

    asyncselect_HWND window_ = nullptr;
};

inline asyncselect_sockaddr_in loopback(std::uint16_t port_in_network_order = 0) {
    asyncselect_sockaddr_in address{};
    address.sin_family = 2;
    address.sin_port = port_in_network_order;
    const std::array<unsigned char, 4> host{127, 0, 0, 1};
    std::memcpy(&address.sin_addr, host.data(), host.size());
    return address;
}

inline const asyncselect_sockaddr* as_address(const asyncselect_sockaddr_in& address) {
    return reinterpret_cast<const asyncselect_sockaddr*>(&address);
}

inline asyncselect_SOCKET stream() { return asyncselect_socket(2, 1, 0); }

inline asyncselect_SOCKET listener(int backlog = 128) {
    const auto s = stream();
    const auto any = loopback();
    EXPECT_EQ(asyncselect_bind(s, as_address(any), sizeof any), 0);
    EXPECT_EQ(asyncselect_listen(s, backlog), 0);
    return s;
}

inline asyncselect_sockaddr_in address_of(asyncselect_SOCKET s) {
    asyncselect_sockaddr_in address{};
    int length = sizeof address;
    EXPECT_EQ(asyncselect_getsockname(s, reinterpret_cast<asyncselect_sockaddr*>(&address), &length), 0);
    return address;
}

inline int connect_to(asyncselect_SOCKET s, asyncselect_SOCKET to) {
    const auto address = address_of(to);
    return asyncselect_connect(s, as_address(address), sizeof address);
}

// Two ends of a connection, both ours, both blocking and unregistered.
struct Pair {
    asyncselect_SOCKET one;
    asyncselect_SOCKET other;
};

inline Pair connected_pair() {
    const auto from = listener();
    const auto one = stream();
    EXPECT_EQ(connect_to(one, from), 0);
    const auto other = asyncselect_accept(from, nullptr, nullptr);
    EXPECT_NE(other, ~asyncselect_SOCKET{0});
    EXPECT_EQ(asyncselect_closesocket(from), 0);
    return {one, other};
}

inline int send_text(asyncselect_SOCKET s, std::string_view text) {
    return asyncselect_send(s, text.data(), static_cast<int>(text.size()), 0);
}

inline std::string receive_text(asyncselect_SOCKET s, std::size_t most = 65536) {
    std::string text(most, '\0');
    const int got = asyncselect_recv(s, text.data(), static_cast<int>(most), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

}  // namespace asyncselect::conformance::native
