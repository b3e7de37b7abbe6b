// For benchmarks of the library through its API: a window, sockets on loopback, messages. It must not know what is
// measured.
#pragma once

#include <asyncselect/asyncselect.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace asyncselect::bench {

inline constexpr unsigned socket_message = 0x0401;
inline constexpr long fd_read = 1;
inline constexpr long fd_write = 2;
inline constexpr long fd_accept = 8;
inline constexpr long fd_connect = 16;
inline constexpr long fd_close = 32;
inline constexpr asyncselect_SOCKET invalid_socket = ~asyncselect_SOCKET{0};

// A figure of what has failed would be none.
inline void must(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "benchmark: %s failed: error %d\n", what, asyncselect_WSAGetLastError());
    std::exit(1);
}

// Winsock, and a message-only window of this thread, for as long as it lives.
class Window {
  public:
    Window() {
        asyncselect_WSADATA data{};
        must(asyncselect_WSAStartup(0x0202, &data) == 0, "WSAStartup");
        asyncselect_WNDCLASSA window_class{};
        window_class.lpfnWndProc = asyncselect_DefWindowProcA;
        window_class.lpszClassName = "benchmark";
        asyncselect_RegisterClassA(&window_class);
        window_ = asyncselect_CreateWindowExA(0, "benchmark", "", 0, 0, 0, 0, 0,
                                              reinterpret_cast<asyncselect_HWND>(std::intptr_t{-3}), nullptr, nullptr,
                                              nullptr);
        must(window_ != nullptr, "CreateWindow");
    }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;
    ~Window() {
        asyncselect_DestroyWindow(window_);
        asyncselect_WSACleanup();
    }

    [[nodiscard]] asyncselect_HWND handle() const { return window_; }
    void registers(asyncselect_SOCKET s, long events) const {
        must(asyncselect_WSAAsyncSelect(s, window_, socket_message, events) == 0, "WSAAsyncSelect");
    }

  private:
    asyncselect_HWND window_ = nullptr;
};

// The next message, waited for.
inline asyncselect_MSG next_message() {
    asyncselect_MSG message{};
    must(asyncselect_GetMessageA(&message, nullptr, 0, 0) > 0, "GetMessage");
    return message;
}
inline long event_of(const asyncselect_MSG& message) { return static_cast<long>(message.lParam & 0xffff); }

// The next message of this event; others are dropped.
inline asyncselect_MSG next_of(long event) {
    for (;;) {
        const auto message = next_message();
        if (event_of(message) == event) return message;
    }
}
inline void drop_messages() {
    asyncselect_MSG message{};
    while (asyncselect_PeekMessageA(&message, nullptr, 0, 0, 1) != 0) {
    }
}

inline asyncselect_sockaddr_in on_loopback() {
    asyncselect_sockaddr_in address{};
    address.sin_family = 2;
    const std::array<unsigned char, 4> host{127, 0, 0, 1};
    std::memcpy(&address.sin_addr, host.data(), host.size());
    return address;
}

// A socket (1: a stream, 2: for datagrams), bound to a port that the system chooses, and its address.
inline asyncselect_SOCKET bound(int type, asyncselect_sockaddr_in& address) {
    const auto s = asyncselect_socket(2, type, 0);
    address = on_loopback();
    int length = sizeof address;
    auto* const name = reinterpret_cast<asyncselect_sockaddr*>(&address);
    must(s != invalid_socket && asyncselect_bind(s, name, sizeof address) == 0 &&
             asyncselect_getsockname(s, name, &length) == 0,
         "bind");
    return s;
}

inline int connect(asyncselect_SOCKET s, const asyncselect_sockaddr_in& address) {
    return asyncselect_connect(s, reinterpret_cast<const asyncselect_sockaddr*>(&address), sizeof address);
}

// The two ends of a connection; both block.
inline std::array<asyncselect_SOCKET, 2> connection() {
    asyncselect_sockaddr_in address{};
    const auto listener = bound(1, address);
    must(asyncselect_listen(listener, 8) == 0, "listen");
    const auto one = asyncselect_socket(2, 1, 0);
    must(connect(one, address) == 0, "connect");
    const auto other = asyncselect_accept(listener, nullptr, nullptr);
    must(other != invalid_socket, "accept");
    asyncselect_closesocket(listener);
    return {one, other};
}

}  // namespace asyncselect::bench
