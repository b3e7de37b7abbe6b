// What every echo server of the comparison does in the same way: its arguments, its listener, how it ends. It must not
// know how they wait.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace asyncselect::bench {

// As examples/echo_server.c: how many connections to serve (0: without end), and the port (0: the system chooses).
struct Serving {
    long connections = 0;
    std::uint16_t port = 0;
    long served = 0;

    Serving(int count, char** arguments)
        : connections{count > 1 ? std::atol(arguments[1]) : 0},
          port{static_cast<std::uint16_t>(count > 2 ? std::atoi(arguments[2]) : 0)} {}

    // A connection has ended. True when it was the last.
    [[nodiscard]] bool ended() { return ++served == connections; }
};

// What a connection's data is read into: one for all, since it is nearly always sent before the next is read.
inline std::array<char, 65536> buffer;

[[noreturn]] inline void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

inline void say_port(std::uint16_t port) {
    std::printf("listening on 127.0.0.1 port %u\n", static_cast<unsigned>(port));
    std::fflush(stdout);
}

// A nonblocking listener, with no option set: those of its connections are the system's own, in every server.
inline int listen_on_loopback(const Serving& serving) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(serving.port);
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, SOMAXCONN) != 0 || getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        fail("cannot listen");
    say_port(ntohs(address.sin_port));
    return listener;
}

// A failure that says that there is nothing (more) to do now.
inline bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace asyncselect::bench
