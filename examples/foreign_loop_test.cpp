// Runs the program that lives in GLib's loop, in either way of posting, and talks to it over loopback with the system's
// sockets: every byte is counted, every connection comes to its end, and the loop's other guests run too. It must not
// know how the program is written.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

// Sends so many bytes in pieces, slowly enough for timers to run meanwhile.
bool send_all(std::uint16_t port, std::size_t size) {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{30, 0};
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    bool sent = connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const std::string piece(1'000, 'x');
    for (std::size_t left = size; sent && left > 0;) {
        const auto took = send(client, piece.data(), std::min(left, piece.size()), MSG_NOSIGNAL);
        sent = took > 0;
        if (sent) left -= static_cast<std::size_t>(took);
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    close(client);
    return sent;
}

void run(const std::string& posting) {
    constexpr std::size_t connections = 5;
    const std::string command =
        "ASYNCSELECT_POSTING=" + posting + " timeout 60 " FOREIGN_LOOP " " + std::to_string(connections);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> program{popen(command.c_str(), "re"), pclose};
    ASSERT_NE(program, nullptr);
    unsigned port = 0;
    ASSERT_EQ(std::fscanf(program.get(), "listening on 127.0.0.1 port %u", &port), 1);
    EXPECT_EQ(std::fgetc(program.get()), '\n');
    std::size_t total = 0;
    std::vector<std::thread> clients;
    for (std::size_t i = 1; i <= connections; ++i) {
        const std::size_t size = i * 12'345;
        total += size;
        clients.emplace_back([port, size] { EXPECT_TRUE(send_all(static_cast<std::uint16_t>(port), size)); });
    }
    for (auto& client : clients) client.join();
    std::string said(200, '\0');
    ASSERT_NE(std::fgets(said.data(), static_cast<int>(said.size()), program.get()), nullptr);
    said.resize(said.find('\n'));
    EXPECT_EQ(said,
              std::to_string(connections) + " connections, " + std::to_string(total) + " bytes, both timers have run");
}

TEST(ForeignLoop, CountsEveryByteWithThePump) { run("pump"); }
TEST(ForeignLoop, CountsEveryByteWhenPostingIsEager) { run("eager"); }

}  // namespace
