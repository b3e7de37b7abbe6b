// Runs the echo server as a program of its own and talks to it over loopback with the system's sockets: every byte
// comes back, also when the client reads nothing until its sends block. It must not know how the server is written.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <vector>

extern "C" char** environ;

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;
constexpr int patience_ms = 30'000;

class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return value_; }

  private:
    int value_;
};

class Server {
  public:
    explicit Server(int connections) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
        const Descriptor read_end(ends[0]);
        {
            const Descriptor write_end(ends[1]);
            posix_spawn_file_actions_t actions;
            posix_spawn_file_actions_init(&actions);
            posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
            std::string program = ECHO_SERVER;
            std::string argument = std::to_string(connections);
            std::array<char*, 3> arguments{program.data(), argument.data(), nullptr};
            if (posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments.data(), environ) != 0)
                process_ = -1;
            posix_spawn_file_actions_destroy(&actions);
        }
        std::string line;
        char letter{};
        pollfd ready{read_end.get(), POLLIN, 0};
        while (poll(&ready, 1, patience_ms) == 1 && read(read_end.get(), &letter, 1) == 1 && letter != '\n')
            line += letter;
        const auto space = line.rfind(' ');
        if (space != std::string::npos) port_ = static_cast<std::uint16_t>(std::stoi(line.substr(space + 1)));
        output_ = dup(read_end.get());
    }
    ~Server() {
        if (process_ > 0) {
            kill(process_, SIGKILL);
            waitpid(process_, nullptr, 0);
        }
        if (output_ >= 0) close(output_);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    // The exit code, or -1 when it has not ended by itself in time or was killed by a signal.
    int wait() {
        int status = 0;
        for (const auto deadline = Clock::now() + std::chrono::milliseconds(patience_ms); Clock::now() < deadline;) {
            if (waitpid(process_, &status, WNOHANG) == process_) {
                process_ = -1;
                return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            }
            std::this_thread::sleep_for(2ms);
        }
        return -1;
    }

  private:
    pid_t process_ = -1;
    std::uint16_t port_ = 0;
    int output_ = -1;
};

std::string pattern(std::size_t size, std::uint32_t seed) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes) {
        seed = seed * 1664525U + 1013904223U;
        byte = static_cast<char>(seed >> 24);
    }
    return bytes;
}

enum class Reading { at_once, when_sending_blocks };

// Sends `bytes`, then its end of data, and returns all that comes back until the server's end of data; on a failure the
// reason instead.
std::string echo(std::uint16_t port, const std::string& bytes, Reading reading, std::size_t piece) {
    const Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
        return "connect failed";
    }
    std::string received;
    std::vector<char> buffer(65536);
    std::size_t sent = 0;
    bool ended = false;
    bool may_read = reading == Reading::at_once;
    while (true) {
        const bool must_send = sent < bytes.size() || !ended;
        pollfd ready{client.get(), static_cast<short>((must_send ? POLLOUT : 0) | (may_read ? POLLIN : 0)), 0};
        // Nothing can be sent for a while: only now read, so that the server has met a full buffer too.
        const int found = poll(&ready, 1, may_read ? patience_ms : 200);
        if (found == 0 && !may_read) {
            may_read = true;
            continue;
        }
        if (found != 1) return "nothing happens any more";
        if (must_send && (ready.revents & POLLOUT) != 0) {
            if (sent < bytes.size()) {
                const auto count =
                    send(client.get(), bytes.data() + sent, std::min(piece, bytes.size() - sent), MSG_NOSIGNAL);
                if (count < 0 && errno != EAGAIN) return "send failed";
                if (count > 0) sent += static_cast<std::size_t>(count);
            }
            if (sent == bytes.size() && !ended) {
                shutdown(client.get(), SHUT_WR);
                ended = true;
                may_read = true;
            }
        }
        if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            const auto count = recv(client.get(), buffer.data(), buffer.size(), 0);
            if (count == 0) return received;
            if (count < 0 && errno != EAGAIN) return "recv failed";
            if (count > 0) received.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
}

TEST(EchoServer, ReturnsEveryByteOfSeveralConnectionsAtOnceAndEnds) {
    struct Case {
        std::size_t size;
        std::size_t piece;
    };
    const std::vector<Case> cases{{0, 1},         {1, 1},          {64, 64},          {1000, 7},
                                  {65536, 65536}, {200'001, 1460}, {1 << 20, 1 << 20}};
    Server server(static_cast<int>(cases.size()));
    ASSERT_NE(server.port(), 0) << "the server does not say where it listens";
    std::vector<std::future<std::string>> answers;
    for (const auto& [size, piece] : cases) {
        answers.push_back(std::async(std::launch::async, [&server, size = size, piece = piece] {
            return echo(server.port(), pattern(size, static_cast<std::uint32_t>(size)), Reading::at_once, piece);
        }));
    }
    for (std::size_t i = 0; i < cases.size(); ++i) {
        // Not EXPECT_EQ: a megabyte would be printed.
        EXPECT_TRUE(answers[i].get() == pattern(cases[i].size, static_cast<std::uint32_t>(cases[i].size)))
            << cases[i].size << " bytes in pieces of " << cases[i].piece;
    }
    EXPECT_EQ(server.wait(), 0);
}

// The client reads nothing until its own sends block: the server's sends have met a full buffer by then, and it goes on
// with FD_WRITE (AS-WRITE-3).
TEST(EchoServer, LosesNothingWhenTheClientReadsLate) {
    Server server(2);
    ASSERT_NE(server.port(), 0) << "the server does not say where it listens";
    constexpr std::size_t size = 32 << 20;
    auto late = std::async(std::launch::async, [&] {
        return echo(server.port(), pattern(size, 1), Reading::when_sending_blocks, 1 << 20);
    });
    EXPECT_TRUE(echo(server.port(), pattern(1 << 20, 2), Reading::at_once, 1 << 20) == pattern(1 << 20, 2))
        << "another connection meanwhile";
    EXPECT_TRUE(late.get() == pattern(size, 1));
    EXPECT_EQ(server.wait(), 0);
}

TEST(EchoServer, OutlivesClientsThatReset) {
    Server server(3);
    ASSERT_NE(server.port(), 0) << "the server does not say where it listens";
    for (int i = 0; i < 2; ++i) {
        const Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        char byte = 'x';
        ASSERT_EQ(send(client.get(), &byte, 1, MSG_NOSIGNAL), 1);
        ASSERT_EQ(recv(client.get(), &byte, 1, 0), 1);
        const linger abort{1, 0};
        setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    }
    EXPECT_TRUE(echo(server.port(), pattern(1000, 3), Reading::at_once, 1000) == pattern(1000, 3));
    EXPECT_EQ(server.wait(), 0);
}

}  // namespace
