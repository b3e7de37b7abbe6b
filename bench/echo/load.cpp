// The load of the comparison of echo servers: N connections, each with one message of 64 bytes under way, always. It
// counts round trips and the processor time that the server's process needs for them, and prints one object of JSON.
// It must not know what it measures: any server that returns what it is sent will do.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr const char* usage =
    R"(usage: echo_load --port P [--connections N] [--seconds S] [--warm-up S] [--server PID] [--processor I] [--idle N]
       echo_load --port P [--connections N] --round-trips K

Keeps one message of 64 bytes under way on each of N connections to an echo server on 127.0.0.1.
  --seconds S      measures for so long (2), after --warm-up S (0.3)
  --server PID     whose processor time is measured, all threads, user and system
  --processor I    runs on that processor only
  --idle N         so many further connections, on which nothing is sent
  --round-trips K  instead: K waves of one message on every connection, each wave answered before the next is sent, and
                   no clock; every byte is compared
Prints one object of JSON. Exit: 0, 1 the server has failed, 2 bad usage.
)";

constexpr std::size_t message_size = 64;
using Message = std::array<char, message_size>;

struct Options {
    int port = 0;
    int connections = 1;
    int idle = 0;
    long waves = 0;
    double seconds = 2;
    double warm_up = 0.3;
    pid_t server = 0;
    int processor = -1;
};

struct Connection {
    int descriptor;
    std::size_t received = 0;
    std::uint64_t sent_at = 0;
};

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "echo_load: %s: %s\n", what, errno == 0 ? "the server has closed it" : std::strerror(errno));
    std::exit(1);
}

std::uint64_t nanoseconds(clockid_t clock) {
    timespec now{};
    if (clock_gettime(clock, &now) != 0) fail("the server's clock");
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

int connect_to(int port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int on = 1;
    if (descriptor < 0 || connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        fail("cannot connect");
    return descriptor;
}

void send_message(int descriptor, const Message& message) {
    if (send(descriptor, message.data(), message.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(message.size()))
        fail("cannot send");
}

// One answer, waited for, and compared.
void receive_message(int descriptor, const Message& expected) {
    Message in{};
    errno = 0;
    if (recv(descriptor, in.data(), in.size(), MSG_WAITALL) != static_cast<ssize_t>(in.size())) fail("cannot receive");
    if (in != expected) {
        std::fputs("echo_load: an answer is not what was sent\n", stderr);
        std::exit(1);
    }
}

Message numbered(long number) {
    Message message{};
    std::snprintf(message.data(), message.size(), "message %ld of sixty-four bytes", number);
    return message;
}

std::vector<Connection> open(const Options& options, int count) {
    std::vector<Connection> connections;
    // Served before the next one comes: how connections are made is not what is measured.
    for (int i = 0; i < count; ++i) {
        connections.push_back({connect_to(options.port)});
        send_message(connections.back().descriptor, numbered(i));
        receive_message(connections.back().descriptor, numbered(i));
    }
    return connections;
}

void waves(const std::vector<Connection>& connections, long count) {
    for (long wave = 0; wave < count; ++wave) {
        for (const auto& connection : connections) send_message(connection.descriptor, numbered(wave));
        for (const auto& connection : connections) receive_message(connection.descriptor, numbered(wave));
    }
}

class Measurement {
  public:
    Measurement(std::vector<Connection> connections, const Options& options)
        : options_{options}, connections_{std::move(connections)}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {
        for (auto& connection : connections_) {
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.ptr = &connection;
            if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor, &event) != 0) fail("epoll_ctl");
        }
        if (options.server != 0 && clock_getcpuclockid(options.server, &servers_clock_) != 0)
            fail("the server's clock");
    }

    void run() {
        for (auto& connection : connections_) send(connection);
        run_for(options_.warm_up);
        latencies_.clear();
        const auto begin = nanoseconds(CLOCK_MONOTONIC);
        const auto server = servers_time();
        const auto own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
        const auto count = run_for(options_.seconds);
        const auto servers = static_cast<double>(servers_time() - server) / 1e9;
        const auto owns = static_cast<double>(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - own) / 1e9;
        const auto seconds = static_cast<double>(nanoseconds(CLOCK_MONOTONIC) - begin) / 1e9;
        std::sort(latencies_.begin(), latencies_.end());
        std::printf(R"({"connections": %zu, "idle": %d, "round_trips": %lu, "seconds": %.6f, "server_seconds": %.6f, )"
                    R"("load_seconds": %.6f, "latency_ns": {"median": %u, "p90": %u, "p99": %u, "p999": %u}})"
                    "\n",
                    connections_.size(), options_.idle, count, seconds, servers, owns, latency(0.5), latency(0.9),
                    latency(0.99), latency(0.999));
    }

  private:
    [[nodiscard]] std::uint64_t servers_time() const { return options_.server == 0 ? 0 : nanoseconds(servers_clock_); }

    [[nodiscard]] unsigned latency(double share) const {
        if (latencies_.empty()) return 0;
        const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies_.size()));
        return latencies_[std::min(index, latencies_.size() - 1)];
    }

    void send(Connection& connection) {
        connection.sent_at = now_;
        send_message(connection.descriptor, message_);
    }

    // How many round trips it has seen.
    std::uint64_t run_for(double seconds) {
        std::array<epoll_event, 256> events;
        std::uint64_t count = 0;
        now_ = nanoseconds(CLOCK_MONOTONIC);
        const auto end = now_ + static_cast<std::uint64_t>(seconds * 1e9);
        while (now_ < end) {
            const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10'000);
            if (ready == 0) {
                std::fputs("echo_load: no answer for ten seconds\n", stderr);
                std::exit(1);
            }
            // One look at the clock a batch: it costs what a fiftieth of a round trip does.
            now_ = nanoseconds(CLOCK_MONOTONIC);
            for (int i = 0; i < ready; ++i) {
                auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
                Message in;
                errno = 0;
                const ssize_t got = recv(connection.descriptor, in.data(), in.size() - connection.received, 0);
                if (got <= 0) fail("cannot receive");
                connection.received += static_cast<std::size_t>(got);
                if (connection.received < message_size) continue;
                connection.received = 0;
                latencies_.push_back(static_cast<std::uint32_t>(now_ - connection.sent_at));
                send(connection);
                ++count;
            }
        }
        return count;
    }

    const Options& options_;
    std::vector<Connection> connections_;
    int epoll_;
    clockid_t servers_clock_{};
    std::uint64_t now_ = 0;
    const Message message_ = numbered(0);
    std::vector<std::uint32_t> latencies_ = [] {
        std::vector<std::uint32_t> room;
        room.reserve(8'000'000);  // no growing while it is measured
        return room;
    }();
};

[[noreturn]] void wrong(const std::string& what) {
    std::fprintf(stderr, "echo_load: %s\n%s", what.c_str(), usage);
    std::exit(2);
}

Options read(int count, char** arguments) {
    Options options;
    std::map<std::string_view, double*> reals{{"--seconds", &options.seconds}, {"--warm-up", &options.warm_up}};
    std::map<std::string_view, int*> numbers{{"--port", &options.port},
                                             {"--connections", &options.connections},
                                             {"--idle", &options.idle},
                                             {"--server", &options.server},
                                             {"--processor", &options.processor}};
    for (int i = 1; i < count; i += 2) {
        const std::string_view name = arguments[i];
        if (name == "--help" || name == "-h") {
            std::fputs(usage, stdout);
            std::exit(0);
        }
        if (i + 1 == count) wrong("a value is missing after " + std::string(name));
        if (reals.contains(name))
            *reals[name] = std::atof(arguments[i + 1]);
        else if (numbers.contains(name))
            *numbers[name] = std::atoi(arguments[i + 1]);
        else if (name == "--round-trips")
            options.waves = std::atol(arguments[i + 1]);
        else
            wrong("\"" + std::string(name) + "\" is not understood");
    }
    if (options.port <= 0 || options.connections <= 0) wrong("a port, and at least one connection, are needed");
    return options;
}

}  // namespace

int main(int count, char** arguments) {
    const Options options = read(count, arguments);
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (options.processor >= 0) {
        cpu_set_t only;
        CPU_ZERO(&only);
        CPU_SET(static_cast<std::size_t>(options.processor), &only);
        if (sched_setaffinity(0, sizeof only, &only) != 0) fail("cannot run on that processor");
    }
    const auto idle = open(options, options.idle);
    auto connections = open(options, options.connections);
    if (options.waves > 0) {
        waves(connections, options.waves);
        std::printf("{\"connections\": %d, \"idle\": %d, \"round_trips\": %ld}\n", options.connections, options.idle,
                    options.waves * options.connections);
        return 0;
    }
    Measurement{std::move(connections), options}.run();
    return 0;
}
