// Does one thing so many times, for system_calls_test.cpp, which counts the system calls: `calls_of WHAT COUNT`. Of the
// library it knows the public API alone. Exit: 0, 1 something failed, 2 bad usage.
#include <arpa/inet.h>
#include <asyncselect/asyncselect.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace asyncselect::conformance::native {
namespace {

constexpr unsigned socket_message = 0x0400 + 1;
constexpr long fd_read = 1;
constexpr long fd_accept = 8;
constexpr long fd_close = 32;

void demand(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "calls_of: %s failed: %d\n", what, asyncselect_WSAGetLastError());
    std::exit(1);
}

asyncselect_HWND make_window() {
    asyncselect_WNDCLASSA window_class{};
    window_class.lpfnWndProc = asyncselect_DefWindowProcA;
    window_class.lpszClassName = "calls";
    asyncselect_RegisterClassA(&window_class);
    asyncselect_HWND window =
        asyncselect_CreateWindowExA(0, "calls", "", 0, 0, 0, 0, 0,
                                    reinterpret_cast<asyncselect_HWND>(std::intptr_t{-3}), nullptr, nullptr, nullptr);
    demand(window != nullptr, "CreateWindowEx");
    return window;
}

asyncselect_SOCKET stream() {
    const auto socket = asyncselect_socket(AF_INET, SOCK_STREAM, 0);
    demand(socket != ~asyncselect_SOCKET{0}, "socket");
    return socket;
}

void select(asyncselect_SOCKET socket, asyncselect_HWND window, long events) {
    demand(asyncselect_WSAAsyncSelect(socket, window, socket_message, events) == 0, "WSAAsyncSelect");
}

asyncselect_MSG next_message() {
    asyncselect_MSG message{};
    demand(asyncselect_GetMessageA(&message, nullptr, 0, 0) > 0, "GetMessage");
    return message;
}

// Another process: whose calls are not counted.
void connect_from_elsewhere(std::uint16_t port_in_network_order, int count) {
    std::array<int, 2> ends{};
    demand(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0, "socketpair");
    const auto child = fork();
    demand(child >= 0, "fork");
    close(ends[child == 0 ? 0 : 1]);
    if (child != 0) {
        char done = 0;
        demand(read(ends[0], &done, 1) == 1, "connecting from elsewhere");
        return;
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = port_in_network_order;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; ++i) {
        const int client = ::socket(AF_INET, SOCK_STREAM, 0);
        if (client < 0 || ::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) _exit(1);
    }
    char byte = 0;
    if (write(ends[1], &byte, 1) != 1) _exit(1);
    // The connections last as long as the one that accepts them.
    _exit(read(ends[1], &byte, 1) == 0 ? 0 : 1);
}

void sockets(int count) {
    for (int i = 0; i < count; ++i) stream();
}

void register_sockets(int count) {
    asyncselect_HWND window = make_window();
    for (int i = 0; i < count; ++i) select(stream(), window, fd_read | fd_close);
}

asyncselect_SOCKET listening(int backlog, std::uint16_t& port_in_network_order) {
    const auto listener = stream();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int length = sizeof address;
    auto* const any = reinterpret_cast<asyncselect_sockaddr*>(&address);
    demand(asyncselect_bind(listener, any, length) == 0 && asyncselect_listen(listener, backlog) == 0 &&
               asyncselect_getsockname(listener, any, &length) == 0,
           "listening");
    port_in_network_order = address.sin_port;
    return listener;
}

void listeners(int count) {
    std::uint16_t port = 0;
    for (int i = 0; i < count; ++i) listening(1, port);
}

void register_listeners(int count) {
    asyncselect_HWND window = make_window();
    std::uint16_t port = 0;
    for (int i = 0; i < count; ++i) select(listening(1, port), window, fd_accept | fd_close);
}

void register_again(int count) {
    asyncselect_HWND window = make_window();
    std::uint16_t port = 0;
    const auto socket = listening(1, port);
    for (int i = 0; i < count; ++i) select(socket, window, i % 2 == 0 ? fd_accept | fd_close : fd_accept);
}

void accept(int count) {
    asyncselect_HWND window = make_window();
    std::uint16_t port = 0;
    select(listening(count, port), window, fd_accept | fd_read | fd_close);
    connect_from_elsewhere(port, count);
    for (int accepted = 0; accepted < count;) {
        const auto message = next_message();
        if ((message.lParam & 0xffff) != fd_accept) continue;
        demand(asyncselect_accept(message.wParam, nullptr, nullptr) != ~asyncselect_SOCKET{0}, "accept");
        ++accepted;
    }
}

// Another thread posts while this one is awake; then this one retrieves.
void post_to_an_awake_thread(int count) {
    asyncselect_HWND window = make_window();
    std::atomic<bool> posted{false};
    std::thread poster([&] {
        for (int i = 0; i < count; ++i)
            demand(asyncselect_PostMessageA(window, socket_message, 0, 0) != 0, "PostMessage");
        posted = true;
    });
    while (!posted) {
    }
    for (int i = 0; i < count; ++i) (void)next_message();
    poster.join();
}

// The next message is posted when the one before has been retrieved: this thread sleeps in between.
void post_to_a_sleeping_thread(int count) {
    asyncselect_HWND window = make_window();
    std::atomic<int> retrieved{0};
    std::thread poster([&] {
        for (int i = 0; i < count; ++i) {
            demand(asyncselect_PostMessageA(window, socket_message, 0, 0) != 0, "PostMessage");
            while (retrieved <= i) {
            }
        }
    });
    for (int i = 0; i < count; ++i) {
        (void)next_message();
        ++retrieved;
    }
    poster.join();
}

}  // namespace
}  // namespace asyncselect::conformance::native

int main(int argc, char** argv) {
    using namespace asyncselect::conformance::native;
    const std::string_view what = argc == 3 ? argv[1] : "";
    const int count = argc == 3 ? std::atoi(argv[2]) : 0;
    asyncselect_WSADATA data{};
    demand(asyncselect_WSAStartup(0x0202, &data) == 0, "WSAStartup");
    if (what == "sockets")
        sockets(count);
    else if (what == "register")
        register_sockets(count);
    else if (what == "listeners")
        listeners(count);
    else if (what == "register-listeners")
        register_listeners(count);
    else if (what == "register-again")
        register_again(count);
    else if (what == "accept")
        accept(count);
    else if (what == "post-to-an-awake-thread")
        post_to_an_awake_thread(count);
    else if (what == "post-to-a-sleeping-thread")
        post_to_a_sleeping_thread(count);
    else
        return 2;
    return 0;
}
