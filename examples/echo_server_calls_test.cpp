// Counts what an echo costs the example in system calls: at most three a round trip (wait, receive, send) on one
// connection, and little more than two on many, where one wait is for all of them. Start and end are taken out by
// comparing a short run with a long one. Needs strace and the permission to trace.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/system_calls.hpp"

namespace asyncselect::examples {
namespace {

int connect_to(std::uint16_t port) {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
        close(client);
        return -1;
    }
    return client;
}

// Echoes 64 bytes so many times on each of so many connections, all at once, closes them, and waits for the server to
// end.
bool echo(std::uint16_t port, int connections, int rounds) {
    std::vector<int> clients;
    bool good = true;
    std::array<char, 64> out{};
    std::array<char, 64> in{};
    for (int i = 0; good && i < connections; ++i) {
        clients.push_back(connect_to(port));
        good = clients.back() >= 0;
    }
    for (int round = 0; good && round < rounds; ++round) {
        out.fill(static_cast<char>('a' + round % 26));
        for (const int client : clients)
            good = good && send(client, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
        for (const int client : clients)
            good =
                good && recv(client, in.data(), in.size(), MSG_WAITALL) == static_cast<ssize_t>(in.size()) && in == out;
    }
    for (const int client : clients) close(client);
    return good;
}

std::optional<long> calls_for(int connections, int rounds) {
    const auto serve = [&](FILE* server) {
        std::array<char, 256> line{};
        unsigned port = 0;
        const bool listens = std::fgets(line.data(), line.size(), server) != nullptr &&
                             std::sscanf(line.data(), "listening on %*s port %u", &port) == 1;
        EXPECT_TRUE(listens) << "it said: " << line.data();
        const bool good = listens && echo(static_cast<std::uint16_t>(port), connections, rounds);
        EXPECT_TRUE(good) << "not every byte came back";
        return good;
    };
    return conformance::count_system_calls("'" ECHO_SERVER "' " + std::to_string(connections),
                                           conformance::Whose::everybodys, serve);
}

// How many calls so many more round trips cost, beside those of start and end.
std::optional<double> calls_a_round_trip(int connections, int few, int more) {
    const auto before = calls_for(connections, few);
    const auto after = calls_for(connections, few + more);
    if (!before || !after) return std::nullopt;
    // Whether the first bytes come before or after the accept, and the FIN with them or alone, is another matter.
    const long start_and_end = 10L * connections;
    const auto counted = static_cast<double>(*after - *before);
    const double round_trips = static_cast<double>(more) * connections;
    EXPECT_GE(counted, 2 * round_trips - static_cast<double>(start_and_end))
        << "fewer calls than an echo can need: they were not counted";
    return (counted - static_cast<double>(start_and_end)) / round_trips;
}

TEST(EchoServer, NeedsThreeSystemCallsARoundTrip) {
    if (!conformance::can_count_system_calls()) GTEST_SKIP() << "strace is missing, or may not trace here";
    const auto calls = calls_a_round_trip(1, 200, 2000);
    ASSERT_TRUE(calls.has_value()) << "the echo server did not run to its end under strace";
    EXPECT_LE(*calls, 3.0);
}

TEST(EchoServer, NeedsLittleMoreThanTwoOnManyConnections) {
    if (!conformance::can_count_system_calls()) GTEST_SKIP() << "strace is missing, or may not trace here";
    for (const auto& [connections, more] : {std::pair{64, 100}, std::pair{1000, 20}}) {
        const auto calls = calls_a_round_trip(connections, 2, more);
        ASSERT_TRUE(calls.has_value()) << "the echo server did not run to its end under strace";
        EXPECT_LE(*calls, 2.2) << connections << " connections";
    }
}

}  // namespace
}  // namespace asyncselect::examples
