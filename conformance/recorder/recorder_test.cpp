// Runs programs that were built with the recorder and judges the traces that they leave: they conform, in both ways of
// posting, and a trace in which a line is doubled, lost or changed is rejected. It must not know how lines are written.
#include <arpa/inet.h>
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
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace_file.hpp"
#include "model/follower.hpp"

extern "C" char** environ;

namespace asyncselect::conformance {
namespace {

using model::Observation;
using model::Outcome;
namespace seen = model::observation;
constexpr int patience_ms = 30'000;

// A program with its trace in a file of its own.
class Program {
  public:
    Program(const char* file, std::vector<std::string> arguments, const char* way = "pump") {
        std::string pattern = (std::filesystem::temp_directory_path() / "recorded-XXXXXX").string();
        const int made = mkstemp(pattern.data());
        if (made >= 0) close(made);
        trace_ = pattern;
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
        output_ = ends[0];
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        arguments.insert(arguments.begin(), file);
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        std::vector<std::string> variables{"ASYNCSELECT_TRACE=" + trace_, std::string("ASYNCSELECT_POSTING=") + way};
        for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
        std::vector<char*> environment;
        for (std::string& variable : variables) environment.push_back(variable.data());
        environment.push_back(nullptr);
        if (posix_spawn(&process_, file, &actions, nullptr, argv.data(), environment.data()) != 0) process_ = -1;
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
    }
    ~Program() {
        if (process_ > 0) kill(process_, SIGKILL);
        wait();
        if (output_ >= 0) close(output_);
        std::filesystem::remove(trace_);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    // The next line that it prints, or "".
    std::string line() {
        std::string text;
        char letter{};
        pollfd ready{output_, POLLIN, 0};
        while (poll(&ready, 1, patience_ms) == 1 && read(output_, &letter, 1) == 1 && letter != '\n') text += letter;
        return text;
    }
    // The number at the end of the line that tells where it listens.
    std::uint16_t port() {
        std::string text = line();
        while (!text.empty() && !text.starts_with("listening")) text = line();
        const auto space = text.rfind(' ');
        return space == std::string::npos ? 0 : static_cast<std::uint16_t>(std::stoi(text.substr(space + 1)));
    }
    // What it ends with.
    int wait() {
        if (process_ > 0) {
            int status = 0;
            waitpid(process_, &status, 0);
            process_ = -1;
            ended_with_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        return ended_with_;
    }
    void terminate() {
        if (process_ > 0) kill(process_, SIGKILL);
        wait();
    }
    [[nodiscard]] std::string trace() const {
        std::ifstream in(trace_);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

  private:
    pid_t process_ = -1;
    int output_ = -1;
    int ended_with_ = -1;
    std::string trace_;
};

// A client with the system's sockets.
class Client {
  public:
    explicit Client(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~Client() { close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }
    // Whether the text comes back.
    bool echo(const std::string& text) {
        if (send(socket_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) return false;
        std::string back(text.size(), '\0');
        std::size_t got = 0;
        pollfd ready{socket_, POLLIN, 0};
        while (got < back.size() && poll(&ready, 1, patience_ms) == 1) {
            const ssize_t more = recv(socket_, back.data() + got, back.size() - got, 0);
            if (more <= 0) break;
            got += static_cast<std::size_t>(more);
        }
        return back == text;
    }
    void reset() const {
        const linger hard{1, 0};
        setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }

  private:
    int socket_;
    bool connected_ = false;
};

struct Judged {
    Outcome outcome = Outcome::undecided;
    std::string clause;
    std::string words;
    std::set<std::string> evidence;
    std::size_t observed = 0;
    bool overlaps = false;
};

// Reads the trace and follows it, with a change on the way. Ours: the readings that bind our own providers.
Judged judge(const std::string& text, bool ours = true, const std::function<bool(Observation&)>& change = {}) {
    std::istringstream in(text);
    Judged judged;
    TraceReader reader(in);
    EXPECT_TRUE(reader.header().unobserved_peers);
    model::OracleOptions options;
    options.ours = ours;
    options.unobserved_peers = reader.header().unobserved_peers;
    model::Follower follower(options);
    while (std::optional<Observation> observation = reader.next()) {
        judged.overlaps = judged.overlaps || std::holds_alternative<seen::Began>(*observation);
        const bool doubled = change && change(*observation);
        if (!follower.observe(*observation)) break;
        if (doubled && !follower.observe(*observation)) break;
    }
    follower.end();
    judged.outcome = follower.outcome();
    judged.observed = follower.observed();
    judged.evidence = follower.evidence();
    if (follower.violation()) {
        judged.clause = follower.violation()->clause;
        judged.words = follower.violation()->clause + ": due " + follower.violation()->due + ", came " +
                       follower.violation()->came + " at " + std::to_string(follower.violation()->step);
        for (const std::string& state : follower.violation()->states) judged.words += "\n  " + state;
    }
    judged.words += follower.reason();
    return judged;
}

class Recorded : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Ways, Recorded, ::testing::Values("pump", "eager"),
                         [](const auto& each) { return std::string(each.param); });

// Lets the echo server serve several clients, one of which resets, and returns its trace.
std::string trace_of_echo_server(const char* way) {
    Program server(ECHO_SERVER, {"5"}, way);
    const std::uint16_t port = server.port();
    EXPECT_NE(port, 0);
    {
        Client first(port);
        EXPECT_TRUE(first.connected());
        EXPECT_TRUE(first.echo("hello"));
        Client second(port);
        EXPECT_TRUE(second.echo(std::string(300'000, 'x')));
        EXPECT_TRUE(first.echo("again"));
    }
    {
        Client third(port);
        EXPECT_TRUE(third.echo("x"));
        third.reset();
    }
    {
        Client fourth(port);
        Client fifth(port);
        EXPECT_TRUE(fifth.echo("one"));
        EXPECT_TRUE(fourth.echo("another"));
    }
    EXPECT_EQ(server.wait(), 0);
    return server.trace();
}

TEST_P(Recorded, TheEchoServerConforms) {
    const std::string trace = trace_of_echo_server(GetParam());
    for (const bool ours : {true, false}) {
        const Judged judged = judge(trace, ours);
        EXPECT_EQ(judged.outcome, Outcome::conforms) << judged.words << '\n' << trace;
        EXPECT_FALSE(judged.overlaps) << "a program of one thread";
        for (const char* clause : {"AS-MSG-1", "AS-MSG-3", "AS-API-1"})
            EXPECT_TRUE(judged.evidence.contains(clause)) << clause;
        EXPECT_GT(judged.observed, 40U);
    }
}

// The control: what a wrong provider would have left behind.
TEST_P(Recorded, TheEchoServersTraceSpoiledIsRejected) {
    const std::string trace = trace_of_echo_server(GetParam());
    int changed = 0;
    const auto message_of = [&changed](Observation& observation, std::uint32_t event) -> seen::Message* {
        auto* const message = std::get_if<seen::Message>(&observation);
        if (message == nullptr || message->event != event || message->error != 0 || changed > 0) return nullptr;
        ++changed;
        return message;
    };
    const auto rejected = [&](const std::function<bool(Observation&)>& change, std::string_view clause) {
        changed = 0;
        const Judged judged = judge(trace, true, change);
        EXPECT_EQ(changed, 1);
        EXPECT_EQ(judged.outcome, Outcome::violates) << clause;
        if (!clause.empty()) {
            EXPECT_EQ(judged.clause, clause) << judged.words;
        }
    };
    constexpr std::uint32_t fd_read = 1;
    constexpr std::uint32_t fd_write = 2;
    constexpr std::uint32_t fd_close = 32;
    // What is doubled may be a message from before the server's own registration: then what follows shows it.
    rejected([&](Observation& o) { return message_of(o, fd_read) != nullptr; }, "");
    rejected([&](Observation& o) { return message_of(o, fd_write) != nullptr; }, "");
    rejected(
        [&](Observation& o) {
            if (auto* const message = message_of(o, fd_read))
                *message = seen::message(message->window, message->message, message->socket, fd_read | fd_write);
            return false;
        },
        "AS-MSG-2");
    rejected(
        [&](Observation& o) {
            if (auto* const message = message_of(o, fd_read)) ++message->message;
            return false;
        },
        "AS-MSG-1");
    rejected(
        [&](Observation& o) {
            if (auto* const message = message_of(o, fd_close))
                *message = seen::message(message->window, message->message, message->socket, fd_close, 10061);
            return false;
        },
        "AS-ERROR-2");
}

TEST_P(Recorded, TheChatConforms) {
    Program server(CHAT_SERVER, {"2"}, GetParam());
    const std::string port = std::to_string(server.port());
    Program first(CHAT_CLIENT, {"127.0.0.1", port, "one", "two"}, GetParam());
    Program second(CHAT_CLIENT, {"localhost", port, "three"}, GetParam());
    EXPECT_EQ(first.wait(), 0);
    EXPECT_EQ(second.wait(), 0);
    EXPECT_EQ(server.wait(), 0);
    for (const Program* program : {&server, &first, &second}) {
        const Judged judged = judge(program->trace());
        EXPECT_EQ(judged.outcome, Outcome::conforms) << judged.words << '\n' << program->trace();
    }
}

TEST_P(Recorded, ThreadsConform) {
    Program program(THREADS, {}, GetParam());
    EXPECT_EQ(program.line(), "400 bytes");
    EXPECT_EQ(program.wait(), 0);
    const Judged judged = judge(program.trace());
    EXPECT_EQ(judged.outcome, Outcome::conforms) << judged.words;
    EXPECT_TRUE(judged.overlaps) << "the threads never met";
    std::cout << judged.observed << " lines\n";
}

TEST(Recorder, WhatACrashLeavesCanBeJudged) {
    Program server(ECHO_SERVER, {"0"});
    Client client(server.port());
    EXPECT_TRUE(client.echo("hello"));
    server.terminate();
    const std::string trace = server.trace();
    EXPECT_EQ(trace.back(), '\n');
    EXPECT_EQ(judge(trace).outcome, Outcome::conforms);
}

}  // namespace
}  // namespace asyncselect::conformance
