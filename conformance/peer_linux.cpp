// The peer with Linux sockets. Knows errno and the system's tables; must not know any provider, scenario or clause.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "conformance/peer.hpp"

namespace asyncselect::conformance {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error("peer: " + what + ": " + std::generic_category().message(errno));
}

struct Address {
    sockaddr_storage storage{};
    socklen_t length = sizeof(sockaddr_storage);

    Address() = default;
    explicit Address(Endpoint endpoint) {
        if (endpoint.ipv6) {
            sockaddr_in6 address{};
            address.sin6_family = AF_INET6;
            address.sin6_port = htons(endpoint.port);
            address.sin6_addr = in6addr_loopback;
            if (endpoint.address) std::memcpy(&address.sin6_addr, endpoint.address->data(), sizeof address.sin6_addr);
            std::memcpy(&storage, &address, sizeof address);
            length = sizeof address;
        } else {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(endpoint.port);
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            if (endpoint.address) std::memcpy(&address.sin_addr, endpoint.address->data(), sizeof address.sin_addr);
            std::memcpy(&storage, &address, sizeof address);
            length = sizeof address;
        }
    }
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] Endpoint endpoint() const {
        AddressBytes bytes{};
        if (storage.ss_family == AF_INET6) {
            sockaddr_in6 address{};
            std::memcpy(&address, &storage, sizeof address);
            std::memcpy(bytes.data(), &address.sin6_addr, sizeof address.sin6_addr);
            return {true, ntohs(address.sin6_port), bytes};
        }
        sockaddr_in address{};
        std::memcpy(&address, &storage, sizeof address);
        std::memcpy(bytes.data(), &address.sin_addr, sizeof address.sin_addr);
        return {false, ntohs(address.sin_port), bytes};
    }
};

Endpoint local_of(int descriptor) {
    Address address;
    if (::getsockname(descriptor, address.get(), &address.length) != 0) fail("getsockname");
    return address.endpoint();
}

Descriptor open_stream(bool ipv6) {
    Descriptor descriptor(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!descriptor.valid()) fail("socket");
    return descriptor;
}

Descriptor open_datagram(Endpoint at) {
    Descriptor descriptor(::socket(at.ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!descriptor.valid()) fail("socket");
    Address address(at);
    if (::bind(descriptor.get(), address.get(), address.length) != 0) fail("bind");
    return descriptor;
}

int remaining(Deadline deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<long long>(left.count(), 0, 60'000));
}

bool ready(int descriptor, short events, Deadline deadline) {
    pollfd waited{descriptor, events, 0};
    return ::poll(&waited, 1, remaining(deadline)) > 0;
}

void set_nonblocking(int descriptor) {
    if (::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK) != 0) fail("fcntl");
}

// Asks the system for one connection by its two ends. `known` is false where it cannot be asked so.
struct Answer {
    bool known = false;
    std::optional<unsigned> state;
};
Answer ask_for_state(Endpoint local, Endpoint remote) {
    const Descriptor asked(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!asked.valid()) return {};
    struct {
        nlmsghdr header;
        inet_diag_req_v2 request;
    } question{};
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.request.sdiag_family = local.ipv6 ? AF_INET6 : AF_INET;
    question.request.sdiag_protocol = IPPROTO_TCP;
    question.request.idiag_states = ~0U;
    inet_diag_sockid& id = question.request.id;
    id.idiag_sport = htons(local.port);
    id.idiag_dport = htons(remote.port);
    id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (local.ipv6) {
        std::memcpy(id.idiag_src, &in6addr_loopback, sizeof id.idiag_src);
        std::memcpy(id.idiag_dst, &in6addr_loopback, sizeof id.idiag_dst);
    } else {
        id.idiag_src[0] = htonl(INADDR_LOOPBACK);
        id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
    }
    if (::send(asked.get(), &question, sizeof question, 0) != static_cast<ssize_t>(sizeof question)) return {};
    alignas(nlmsghdr) std::array<char, 8192> answer{};
    const ssize_t length = ::recv(asked.get(), answer.data(), answer.size(), 0);
    nlmsghdr header{};
    if (length < static_cast<ssize_t>(sizeof header)) return {};
    std::memcpy(&header, answer.data(), sizeof header);
    if (header.nlmsg_type == NLMSG_ERROR) {
        nlmsgerr error{};
        if (length < static_cast<ssize_t>(NLMSG_HDRLEN + sizeof error)) return {};
        std::memcpy(&error, answer.data() + NLMSG_HDRLEN, sizeof error);
        return {error.error == -ENOENT, std::nullopt};
    }
    inet_diag_msg told{};
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || length < static_cast<ssize_t>(NLMSG_HDRLEN + sizeof told))
        return {};
    std::memcpy(&told, answer.data() + NLMSG_HDRLEN, sizeof told);
    // Where there is none, the system names who listens there.
    if (told.id.idiag_dport != htons(remote.port)) return {true, std::nullopt};
    return {true, told.idiag_state};
}

// The state of the provider's end, as /proc/net/tcp numbers it, or nothing if there is no such connection any more.
std::optional<unsigned> state_of(Endpoint local, Endpoint remote) {
    // The table names all connections of all namespaces to find one: it is the slow way.
    if (const Answer answer = ask_for_state(local, remote); answer.known) return answer.state;
    std::ifstream table(local.ipv6 ? "/proc/net/tcp6" : "/proc/net/tcp");
    std::string line;
    std::getline(table, line);
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        std::string slot;
        std::string here;
        std::string there;
        std::string state;
        fields >> slot >> here >> there >> state;
        const auto port = [](const std::string& address) {
            return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1), nullptr, 16));
        };
        if (state.empty() || port(here) != local.port || port(there) != remote.port) continue;
        return static_cast<unsigned>(std::stoul(state, nullptr, 16));
    }
    return std::nullopt;
}

constexpr unsigned state_established = 1;
constexpr unsigned state_fin_wait_1 = 4;
constexpr unsigned state_fin_wait_2 = 5;
constexpr unsigned state_last_ack = 9;
constexpr unsigned state_closing = 11;

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        number_ = other.release();
    }
    return *this;
}

int Descriptor::release() noexcept {
    const int number = number_;
    number_ = -1;
    return number;
}

void Descriptor::close() noexcept {
    if (number_ >= 0) ::close(release());
}

PeerConnection::PeerConnection(Descriptor descriptor, Endpoint here, Endpoint there)
    : descriptor_(std::move(descriptor)), here_(here), there_(there) {
    set_nonblocking(descriptor_.get());
    const int on = 1;
    ::setsockopt(descriptor_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Whatever the provider sends can be counted.
    ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
}

PeerConnection PeerConnection::connect(Endpoint there, Deadline deadline) {
    Descriptor descriptor = open_stream(there.ipv6);
    set_nonblocking(descriptor.get());
    Address address(there);
    if (::connect(descriptor.get(), address.get(), address.length) != 0) {
        if (errno != EINPROGRESS) fail("connect");
        int error = 0;
        socklen_t length = sizeof error;
        if (!ready(descriptor.get(), POLLOUT, deadline))
            error = ETIMEDOUT;
        else
            ::getsockopt(descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &length);
        errno = error;
        if (error != 0) fail("connect");
    }
    const Endpoint here = local_of(descriptor.get());
    // The request is in the listener's queue once the last packet of the handshake has come there.
    while (state_of(there, here).value_or(state_established) != state_established) {
        if (std::chrono::steady_clock::now() >= deadline) break;
        std::this_thread::sleep_for(std::chrono::microseconds(200));  // between two looks at a condition
    }
    return {std::move(descriptor), here, there};
}

void PeerConnection::send(std::uint32_t bytes, Deadline deadline) {
    std::vector<char> data(std::min<std::size_t>(bytes, 65536), 'x');
    std::size_t left = bytes;
    while (left > 0) {
        const ssize_t sent = ::send(descriptor_.get(), data.data(), std::min(left, data.size()), MSG_NOSIGNAL);
        if (sent >= 0) {
            left -= static_cast<std::size_t>(sent);
        } else if ((errno != EAGAIN && errno != EINTR) || !ready(descriptor_.get(), POLLOUT, deadline)) {
            fail("send");
        }
    }
}

void PeerConnection::send_urgent() {
    const char byte = 'u';
    if (::send(descriptor_.get(), &byte, 1, MSG_OOB | MSG_NOSIGNAL) != 1) fail("send of an urgent byte");
}

void PeerConnection::shut_down() {
    if (::shutdown(descriptor_.get(), SHUT_WR) != 0) fail("shutdown");
    ended_ = true;
}

void PeerConnection::close() {
    descriptor_.close();
    ended_ = true;
}

void PeerConnection::reset() {
    const linger hard{1, 0};
    ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    descriptor_.close();
    gone_ = true;
}

std::uint64_t PeerConnection::receive(std::uint64_t bytes, Deadline deadline) {
    std::vector<char> data(65536);
    std::uint64_t got = 0;
    while (got < bytes) {
        const std::size_t wanted = std::min<std::uint64_t>(bytes - got, data.size());
        const ssize_t came = ::recv(descriptor_.get(), data.data(), wanted, 0);
        if (came > 0) {
            got += static_cast<std::uint64_t>(came);
            continue;
        }
        const bool over = came == 0 || (errno != EAGAIN && errno != EINTR);
        if (over || !ready(descriptor_.get(), POLLIN, deadline)) break;
    }
    return got;
}

bool PeerConnection::ended(Deadline deadline) {
    std::vector<char> data(4096);
    while (true) {
        const ssize_t came = ::recv(descriptor_.get(), data.data(), data.size(), 0);
        if (came > 0) continue;
        if (came == 0 || (errno != EAGAIN && errno != EINTR)) return true;
        if (!ready(descriptor_.get(), POLLIN, deadline)) return false;
    }
}

bool PeerConnection::arrived(Deadline deadline) const {
    const auto done = [this] {
        if (descriptor_.valid()) {
            int unacknowledged = 0;
            if (::ioctl(descriptor_.get(), SIOCOUTQ, &unacknowledged) == 0 && unacknowledged > 0) return false;
        }
        std::optional<unsigned> state = state_of(there_, here_);
        // Another host's table is not there to be read; this one's tells whether the end has been acknowledged.
        if (!state && ended_ && !gone_) {
            const std::optional<unsigned> own = state_of(here_, there_);
            return !own || (*own != state_fin_wait_1 && *own != state_closing && *own != state_last_ack);
        }
        if (gone_) return !state.has_value();
        if (!ended_ || !state.has_value()) return true;
        return *state != state_established && *state != state_fin_wait_1 && *state != state_fin_wait_2;
    };
    while (!over_ && !done()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(200));  // between two looks at a condition
    }
    over_ = !descriptor_.valid();
    return true;
}

PeerListener::PeerListener(Endpoint at, bool stalled) : descriptor_(open_stream(at.ipv6)) {
    Address address(at);
    if (::bind(descriptor_.get(), address.get(), address.length) != 0) fail("bind");
    if (::listen(descriptor_.get(), stalled ? 0 : 128) != 0) fail("listen");
    endpoint_ = local_of(descriptor_.get());
    if (!stalled) return;
    filler_ = open_stream(at.ipv6);
    Address to(endpoint_);
    if (::connect(filler_.get(), to.get(), to.length) != 0) fail("connect");
}

void PeerListener::unblock() {
    if (::listen(descriptor_.get(), 128) != 0) fail("listen");
}

std::optional<PeerConnection> PeerListener::accept(Deadline deadline) {
    while (ready(descriptor_.get(), POLLIN, deadline)) {
        Address address;
        Descriptor taken(::accept4(descriptor_.get(), address.get(), &address.length, SOCK_CLOEXEC));
        if (!taken.valid()) fail("accept");
        if (filler_.valid() && local_of(filler_.get()) == address.endpoint()) {
            filler_.close();
            continue;
        }
        return PeerConnection(std::move(taken), endpoint_, address.endpoint());
    }
    return std::nullopt;
}

PeerDatagrams::PeerDatagrams(Endpoint at) : descriptor_(open_datagram(at)), endpoint_(local_of(descriptor_.get())) {
    set_nonblocking(descriptor_.get());
}

void PeerDatagrams::send(std::uint32_t bytes, Endpoint to) {
    const std::vector<char> data(bytes, 'd');
    Address address(to);
    // An error that an earlier datagram has met is told first.
    for (int attempt = 0; attempt < 2; ++attempt) {
        const ssize_t sent =
            ::sendto(descriptor_.get(), data.data(), data.size(), MSG_NOSIGNAL, address.get(), address.length);
        if (sent >= 0) return;
    }
    fail("sendto");
}

std::uint64_t PeerDatagrams::receive(std::uint64_t bytes, Deadline deadline) {
    std::vector<char> data(65536);
    std::uint64_t got = 0;
    while (got < bytes) {
        const ssize_t came = ::recv(descriptor_.get(), data.data(), data.size(), 0);
        if (came >= 0) {
            got += static_cast<std::uint64_t>(came);
        } else if ((errno != EAGAIN && errno != EINTR) || !ready(descriptor_.get(), POLLIN, deadline)) {
            break;
        }
    }
    return got;
}

bool datagrams_arrived(Deadline deadline) {
    PeerDatagrams probe(Endpoint{});
    probe.send(1, probe.endpoint());
    return probe.receive(1, deadline) == 1;
}

ClosedPort::ClosedPort(Endpoint at, bool datagram) : descriptor_(datagram ? open_datagram(at) : open_stream(at.ipv6)) {
    Address address(at);
    if (!datagram && ::bind(descriptor_.get(), address.get(), address.length) != 0) fail("bind");
    endpoint_ = local_of(descriptor_.get());
    if (!datagram) return;
    // Connected to itself it takes nothing from others.
    Address itself(endpoint_);
    if (::connect(descriptor_.get(), itself.get(), itself.length) != 0) fail("connect");
}

}  // namespace asyncselect::conformance
