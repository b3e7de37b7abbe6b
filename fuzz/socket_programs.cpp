// Programs of sockets, and of names and addresses.
#include <asyncselect/asyncselect.h>

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/api_programs.hpp"

namespace asyncselect::fuzz {

namespace {

constexpr std::uint32_t loopback = 0x0100007f;  // 127.0.0.1 in network order on a little-endian machine
constexpr std::uint32_t group = 0x070000ef;     // 239.0.0.7

// What fails says why.
void must_say_why(std::string_view function, bool failed) {
    if (failed && asyncselect_WSAGetLastError() == 0) fail(function, "fails and does not say why");
}

// ---- sockets ------------------------------------------------------------------------------------------------------

// Nonblocking until it is told otherwise.
class OwnSocket {
  public:
    OwnSocket() = default;
    OwnSocket(int family, int type) : OwnSocket(asyncselect_socket(family, type, 0)) {}
    explicit OwnSocket(asyncselect_SOCKET socket) : socket_(socket) { set_blocking(false); }
    OwnSocket(const OwnSocket&) = delete;
    OwnSocket& operator=(const OwnSocket&) = delete;
    OwnSocket(OwnSocket&& other) noexcept : socket_(std::exchange(other.socket_, asyncselect_INVALID_SOCKET)) {}
    OwnSocket& operator=(OwnSocket&& other) noexcept {
        std::swap(socket_, other.socket_);
        return *this;
    }
    ~OwnSocket() {
        // One that lingers would be waited for.
        set_blocking(false);
        const asyncselect_linger off{};
        set(asyncselect_SOL_SOCKET, asyncselect_SO_LINGER, off);
        asyncselect_closesocket(socket_);
    }

    [[nodiscard]] asyncselect_SOCKET get() const { return socket_; }
    [[nodiscard]] bool valid() const { return socket_ != asyncselect_INVALID_SOCKET; }
    void set_blocking(bool blocking) const {
        std::uint32_t on = blocking ? 0 : 1;
        asyncselect_ioctlsocket(socket_, static_cast<long>(asyncselect_FIONBIO), &on);
    }
    template <class T>
    int set(int level, int name, const T& value) const {
        return asyncselect_setsockopt(socket_, level, name, reinterpret_cast<const char*>(&value), sizeof value);
    }

  private:
    asyncselect_SOCKET socket_ = asyncselect_INVALID_SOCKET;
};

// An address of either family, and its length.
struct Place {
    asyncselect_sockaddr_in6 six{};
    int length = 0;

    [[nodiscard]] const asyncselect_sockaddr* get() const {
        return reinterpret_cast<const asyncselect_sockaddr*>(&six);
    }
    [[nodiscard]] asyncselect_sockaddr* get() { return reinterpret_cast<asyncselect_sockaddr*>(&six); }
};

Place inet(std::uint32_t host, std::uint16_t port) {
    const asyncselect_sockaddr_in four{asyncselect_AF_INET, port, host, {}};
    Place place;
    std::memcpy(&place.six, &four, sizeof four);
    place.length = sizeof four;
    return place;
}

// The first bytes and the last of 16; the others are 0.
Place inet6(std::uint8_t first, std::uint8_t second, std::uint8_t last, std::uint16_t port) {
    Place place;
    place.six.sin6_family = asyncselect_AF_INET6;
    place.six.sin6_port = port;
    place.six.sin6_addr[0] = first;
    place.six.sin6_addr[1] = second;
    place.six.sin6_addr[15] = last;
    place.length = sizeof place.six;
    return place;
}

Place own_host(int family, std::uint16_t port) {
    return family == asyncselect_AF_INET6 ? inet6(0, 0, 1, port) : inet(loopback, port);
}

// The port is in the same place for both families.
std::uint16_t port_of(const OwnSocket& socket) {
    Place place;
    int length = sizeof place.six;
    asyncselect_getsockname(socket.get(), place.get(), &length);
    return place.six.sin6_port;
}

int connect_to(const OwnSocket& socket, const Place& place) {
    return asyncselect_connect(socket.get(), place.get(), place.length);
}

OwnSocket listener(int family, int backlog) {
    OwnSocket made(family, asyncselect_SOCK_STREAM);
    const Place here = own_host(family, 0);
    asyncselect_bind(made.get(), here.get(), here.length);
    asyncselect_listen(made.get(), backlog);
    return made;
}

// Two ends of one connection.
struct Pair {
    OwnSocket one;
    OwnSocket other;

    explicit Pair(int family) : one(family, asyncselect_SOCK_STREAM) {
        const OwnSocket listening = listener(family, 1);
        if (!one.valid() || !listening.valid()) return;
        one.set_blocking(true);
        listening.set_blocking(true);
        if (connect_to(one, own_host(family, port_of(listening))) != 0) return;
        other = OwnSocket(asyncselect_accept(listening.get(), nullptr, nullptr));
        one.set_blocking(false);
    }
};

// One of every kind and phase.
OwnSocket some_socket(Draw& draw) {
    const std::size_t kind = draw.below(8);
    const int family = kind % 2 == 0 ? asyncselect_AF_INET : asyncselect_AF_INET6;
    if (kind >= 6) return listener(family, 1);
    if (kind >= 4) return std::move(Pair(family).one);
    return {family, kind < 2 ? asyncselect_SOCK_STREAM : asyncselect_SOCK_DGRAM};
}

// ---- options ------------------------------------------------------------------------------------------------------

enum class Form : std::uint8_t { truth, number, linger, interface, membership, inet6_membership };

struct Option {
    int level;
    int name;
    Form form;
};

constexpr auto options = std::to_array<Option>({
    {asyncselect_SOL_SOCKET, asyncselect_SO_DEBUG, Form::truth},
    {asyncselect_SOL_SOCKET, asyncselect_SO_ACCEPTCONN, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_REUSEADDR, Form::truth},
    {asyncselect_SOL_SOCKET, asyncselect_SO_KEEPALIVE, Form::truth},
    {asyncselect_SOL_SOCKET, asyncselect_SO_DONTROUTE, Form::truth},
    {asyncselect_SOL_SOCKET, asyncselect_SO_BROADCAST, Form::truth},
    {asyncselect_SOL_SOCKET, asyncselect_SO_LINGER, Form::linger},
    {asyncselect_SOL_SOCKET, asyncselect_SO_OOBINLINE, Form::truth},
    {asyncselect_SOL_SOCKET, asyncselect_SO_SNDBUF, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_RCVBUF, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_SNDLOWAT, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_RCVLOWAT, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_SNDTIMEO, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_RCVTIMEO, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_ERROR, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_TYPE, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_MAX_MSG_SIZE, Form::number},
    {asyncselect_SOL_SOCKET, asyncselect_SO_USELOOPBACK, Form::number},
    {asyncselect_IPPROTO_TCP, asyncselect_TCP_NODELAY, Form::truth},
    {asyncselect_IPPROTO_TCP, asyncselect_TCP_KEEPIDLE, Form::number},
    {asyncselect_IPPROTO_TCP, asyncselect_TCP_MAXRT, Form::number},
    {asyncselect_IPPROTO_TCP, asyncselect_TCP_MAXRTMS, Form::number},
    {asyncselect_IPPROTO_TCP, asyncselect_TCP_KEEPCNT, Form::number},
    {asyncselect_IPPROTO_TCP, asyncselect_TCP_KEEPINTVL, Form::number},
    {asyncselect_IPPROTO_IP, asyncselect_IP_TOS, Form::number},
    {asyncselect_IPPROTO_IP, asyncselect_IP_TTL, Form::number},
    {asyncselect_IPPROTO_IP, asyncselect_IP_MULTICAST_IF, Form::interface},
    {asyncselect_IPPROTO_IP, asyncselect_IP_MULTICAST_TTL, Form::number},
    {asyncselect_IPPROTO_IP, asyncselect_IP_MULTICAST_LOOP, Form::truth},
    {asyncselect_IPPROTO_IP, asyncselect_IP_ADD_MEMBERSHIP, Form::membership},
    {asyncselect_IPPROTO_IP, asyncselect_IP_DROP_MEMBERSHIP, Form::membership},
    {asyncselect_IPPROTO_IPV6, asyncselect_IPV6_UNICAST_HOPS, Form::number},
    {asyncselect_IPPROTO_IPV6, asyncselect_IPV6_MULTICAST_IF, Form::number},
    {asyncselect_IPPROTO_IPV6, asyncselect_IPV6_MULTICAST_HOPS, Form::number},
    {asyncselect_IPPROTO_IPV6, asyncselect_IPV6_MULTICAST_LOOP, Form::truth},
    {asyncselect_IPPROTO_IPV6, asyncselect_IPV6_ADD_MEMBERSHIP, Form::inet6_membership},
    {asyncselect_IPPROTO_IPV6, asyncselect_IPV6_DROP_MEMBERSHIP, Form::inet6_membership},
    {asyncselect_IPPROTO_IPV6, asyncselect_IPV6_V6ONLY, Form::truth},
});

template <class T>
std::string bytes_of(const T& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

// Interfaces are this host's own, or there is none.
std::string value_of(Form form, Draw& draw) {
    static constexpr std::array<std::int32_t, 10> some{0, 1, -1, -2, 2, 5, 100, 4096, 3'000'000, 0x7fffffff};
    static constexpr std::array<std::uint32_t, 4> interfaces{loopback, 0x01000000, 0x4d000000, 0x04030201};
    switch (form) {
        case Form::truth:
            return bytes_of(static_cast<int>(draw.below(3)));
        case Form::linger:
            return bytes_of(asyncselect_linger{static_cast<std::uint16_t>(draw.below(2)),
                                               static_cast<std::uint16_t>(draw.below(3) * 0x7fff)});
        case Form::interface:
            return bytes_of(draw.one_of(interfaces));
        case Form::membership:
            return bytes_of(asyncselect_ip_mreq{draw.one_in(4) ? loopback : group, draw.one_of(interfaces)});
        case Form::inet6_membership: {
            asyncselect_ipv6_mreq membership{};
            membership.ipv6mr_multiaddr[0] = draw.one_in(4) ? 0x20 : 0xff;
            membership.ipv6mr_multiaddr[1] = 0x15;
            membership.ipv6mr_multiaddr[15] = 7;
            membership.ipv6mr_interface = draw.one_in(4) ? 77 : 1;
            return bytes_of(membership);
        }
        case Form::number:
            break;
    }
    return bytes_of(draw.one_of(some));
}

int number_in(const std::array<char, 64>& value) {
    int number = 0;
    std::memcpy(&number, value.data(), sizeof number);
    return number;
}

void set_and_get_option(Draw& draw) {
    const Option& option = draw.one_of(options);
    const OwnSocket socket = some_socket(draw);
    if (!socket.valid()) return;
    // Twice: what is there may not be added, nor what has gone be dropped.
    for (int count = 0; count < 2; ++count) {
        std::string value = value_of(option.form, draw);
        if (draw.one_in(8)) value.resize(draw.below(value.size() + 1));
        asyncselect_WSASetLastError(0);
        const bool set = asyncselect_setsockopt(socket.get(), option.level, option.name, value.data(),
                                                static_cast<int>(value.size())) == 0;
        must_say_why("setsockopt", !set);
        std::array<char, 64> told{};
        const int room = draw.one_in(4) ? static_cast<int>(draw.below(9)) : static_cast<int>(told.size());
        int length = room;
        asyncselect_WSASetLastError(0);
        const bool got = asyncselect_getsockopt(socket.get(), option.level, option.name, told.data(), &length) == 0;
        must_say_why("getsockopt", !got);
        if (got && (length <= 0 || length > room)) fail("getsockopt", "tells a length that there is no room for");
        if (!set || !got || option.form != Form::truth || value.size() < sizeof(int) || length < 4) continue;
        int wanted = 0;
        std::memcpy(&wanted, value.data(), sizeof wanted);
        if ((wanted != 0) != (number_in(told) != 0)) fail("getsockopt", "not what was set");
    }
}

// ---- controls -----------------------------------------------------------------------------------------------------

constexpr auto codes = std::to_array<std::uint32_t>({
    asyncselect_FIONREAD,
    asyncselect_SIOCATMARK,
    asyncselect_SIO_UDP_CONNRESET,
    asyncselect_SIO_MULTIPOINT_LOOPBACK,
    asyncselect_SIO_MULTICAST_SCOPE,
    asyncselect_SIO_SET_QOS,
    asyncselect_SIO_GET_QOS,
    asyncselect_SIO_ROUTING_INTERFACE_QUERY,
    asyncselect_SIO_ROUTING_INTERFACE_CHANGE,
    asyncselect_SIO_ADDRESS_LIST_QUERY,
    asyncselect_SIO_ADDRESS_LIST_CHANGE,
    asyncselect_SIO_SET_GROUP_QOS,
    asyncselect_SIO_GET_GROUP_QOS,
});

asyncselect_FLOWSPEC some_flow(Draw& draw) {
    static constexpr std::array<std::uint32_t, 4> rates{asyncselect_QOS_NOT_SPECIFIED, 1000, 2000, 0};
    asyncselect_FLOWSPEC flow{};
    flow.TokenRate = draw.one_of(rates);
    flow.TokenBucketSize = flow.Latency = flow.DelayVariation = asyncselect_QOS_NOT_SPECIFIED;
    flow.PeakBandwidth = draw.one_of(rates);
    flow.MaxSduSize = draw.one_of(rates);
    flow.MinimumPolicedSize = draw.one_of(rates);
    static constexpr std::array<std::uint32_t, 8> types{
        asyncselect_SERVICETYPE_BESTEFFORT,      asyncselect_SERVICETYPE_CONTROLLEDLOAD,
        asyncselect_SERVICETYPE_GUARANTEED,      asyncselect_SERVICETYPE_NOCHANGE,
        asyncselect_SERVICETYPE_NETWORK_CONTROL, asyncselect_SERVICETYPE_QUALITATIVE,
        asyncselect_SERVICETYPE_NOTRAFFIC,       asyncselect_SERVICETYPE_NONCONFORMING};
    flow.ServiceType = draw.one_of(types);
    if (draw.one_in(8)) flow.ServiceType |= asyncselect_SERVICE_NO_TRAFFIC_CONTROL;
    if (draw.one_in(8)) flow.ServiceType |= asyncselect_SERVICE_NO_QOS_SIGNALING;
    return flow;
}

asyncselect_QOS some_quality(Draw& draw) { return {some_flow(draw), some_flow(draw), {}}; }

// Loopback, what is behind a gateway if there is one, what cannot be reached.
Place some_destination(Draw& draw) {
    switch (draw.below(6)) {
        case 0:
            return inet6(0, 0, 1, 0);
        case 1:
            return inet6(0x20, 0x01, 9, 0);
        case 2:
            return inet(0x010200c0, 0);  // 192.0.2.1
        case 3:
            return inet(0x010000f0, 0);  // 240.0.0.1
        default:
            return inet(loopback, 0);
    }
}

std::string input_of(std::uint32_t code, Draw& draw) {
    static constexpr std::array<std::uint32_t, 4> some{0, 1, 255, 256};
    if (code == asyncselect_SIO_SET_QOS) return bytes_of(some_quality(draw));
    if (code == asyncselect_SIO_ROUTING_INTERFACE_QUERY || code == asyncselect_SIO_ROUTING_INTERFACE_CHANGE) {
        const Place place = some_destination(draw);
        return {reinterpret_cast<const char*>(place.get()), static_cast<std::size_t>(place.length)};
    }
    return bytes_of(draw.one_of(some));
}

void control(Draw& draw) {
    static constexpr std::array<std::uint32_t, 6> rooms{4096, 0, 4, 16, 28, sizeof(asyncselect_QOS)};
    const std::uint32_t code = draw.one_of(codes);
    const OwnSocket socket = some_socket(draw);
    if (!socket.valid()) return;
    void* const event = draw.one_in(2) ? asyncselect_WSACreateEvent() : nullptr;
    if (event != nullptr) asyncselect_WSAEventSelect(socket.get(), event, asyncselect_FD_ALL_EVENTS);
    for (int count = 0; count < 2; ++count) {
        std::string in = input_of(code, draw);
        alignas(8) std::array<char, 4096> out{};
        const std::uint32_t room = draw.one_of(rooms);
        std::uint32_t returned = 0;
        asyncselect_WSASetLastError(0);
        const bool failed = asyncselect_WSAIoctl(socket.get(), code, in.data(), static_cast<std::uint32_t>(in.size()),
                                                 out.data(), room, &returned, nullptr, nullptr) != 0;
        must_say_why("WSAIoctl", failed);
        if (!failed && returned > room) fail("WSAIoctl", "returns more than there is room for");
    }
    if (event == nullptr) return;
    asyncselect_WSANETWORKEVENTS happened{};
    asyncselect_WSAEnumNetworkEvents(socket.get(), event, &happened);
    asyncselect_WSACloseEvent(event);
}

// ---- groups -------------------------------------------------------------------------------------------------------

// Nothing leaves this host: the interface is the loopback interface.
void join_a_group(Draw& draw) {
    static constexpr std::array<std::uint32_t, 4> flags{4, 2, 1, 3};
    const bool is_inet6 = draw.one_in(2);
    const std::uint32_t as = draw.one_of(flags);
    const int family = is_inet6 ? asyncselect_AF_INET6 : asyncselect_AF_INET;
    const OwnSocket socket(family, draw.one_in(8) ? asyncselect_SOCK_STREAM : asyncselect_SOCK_DGRAM);
    if (!socket.valid()) return;
    if (is_inet6)
        socket.set(asyncselect_IPPROTO_IPV6, asyncselect_IPV6_MULTICAST_IF, 1);
    else
        socket.set(asyncselect_IPPROTO_IP, asyncselect_IP_MULTICAST_IF, loopback);
    if (draw.one_in(2)) {
        const Place here = own_host(family, 0);
        asyncselect_bind(socket.get(), here.get(), here.length);
    }
    for (std::size_t count = 1 + draw.below(2); count > 0; --count) {
        const std::uint16_t port = draw.one_in(8) ? std::uint16_t{0} : port_of(socket);
        Place where = is_inet6 ? inet6(0xff, 0x15, static_cast<std::uint8_t>(7 + draw.below(2)), port)
                               : inet(group + (static_cast<std::uint32_t>(draw.below(2)) << 24U), port);
        if (draw.one_in(8)) where = own_host(family, port);
        if (is_inet6 && draw.one_in(4)) where.six.sin6_scope_id = draw.one_in(2) ? 77 : 1;
        const asyncselect_QOS quality = some_quality(draw);
        asyncselect_WSASetLastError(0);
        const auto leaf = asyncselect_WSAJoinLeaf(socket.get(), where.get(), where.length, nullptr, nullptr,
                                                  draw.one_in(4) ? &quality : nullptr, nullptr, as);
        must_say_why("WSAJoinLeaf", leaf == asyncselect_INVALID_SOCKET);
        if (leaf != asyncselect_INVALID_SOCKET && leaf != socket.get()) fail("WSAJoinLeaf", "another socket");
    }
    const std::array<char, 8> text{};
    asyncselect_WSASetLastError(0);
    must_say_why("send", asyncselect_send(socket.get(), text.data(), text.size(), 0) < 0);
    std::array<char, 8> got{};
    asyncselect_WSASetLastError(0);
    must_say_why("recv", asyncselect_recv(socket.get(), got.data(), got.size(), 0) < 0);
    // Not permitted, so it does not leave either.
    const Place everybody = inet(0xffffffff, 9);
    asyncselect_WSASetLastError(0);
    must_say_why("sendto", asyncselect_sendto(socket.get(), text.data(), 1, 0, everybody.get(), everybody.length) < 0);
}

// ---- names and addresses --------------------------------------------------------------------------------------------

constexpr auto hosts = std::to_array<const char*>({"127.0.0.1", "::1", "localhost", "fe80::1%1", "1.2.3.4.5",
                                                   "::ffff:1.2.3.4", "", "0x7f.1", "fe80::1%77777", "a b", nullptr});
constexpr auto services =
    std::to_array<const char*>({"80", "http", "domain", "ftp", "65536", "none-such", "", nullptr});
constexpr auto protocols = std::to_array<const char*>({"tcp", "udp", "icmp", "none-such", nullptr});

// Longer than the library reads, and without an end.
const char* endless_text() {
    static const std::vector<char> text(80'000, 'x');
    return text.data();
}

// Without a name server: a name that is none, or one that the host itself knows.
void resolve(Draw& draw) {
    static constexpr std::array<int, 4> families{asyncselect_AF_UNSPEC, asyncselect_AF_INET, asyncselect_AF_INET6, 1};
    static constexpr std::array<int, 4> types{0, asyncselect_SOCK_STREAM, asyncselect_SOCK_DGRAM, asyncselect_SOCK_RAW};
    static constexpr std::array<int, 5> wanted{0, asyncselect_AI_PASSIVE, asyncselect_AI_CANONNAME,
                                               asyncselect_AI_V4MAPPED | asyncselect_AI_ALL, 0x40};
    const char* const host = draw.one_of(hosts);
    const char* const service = draw.one_of(services);
    asyncselect_ADDRINFOA hints{};
    hints.ai_flags = draw.one_of(wanted);
    // A name is asked for, and there is none.
    if (host == nullptr && draw.one_in(2)) hints.ai_flags = asyncselect_AI_CANONNAME;
    if (host != nullptr && std::string_view(host) != "localhost") hints.ai_flags |= asyncselect_AI_NUMERICHOST;
    if (draw.one_in(4)) hints.ai_flags |= asyncselect_AI_NUMERICSERV;
    hints.ai_family = draw.one_of(families);
    hints.ai_socktype = draw.one_of(types);
    hints.ai_protocol = draw.one_in(4) ? asyncselect_IPPROTO_UDP : 0;
    asyncselect_ADDRINFOA* found = nullptr;
    const int error = asyncselect_getaddrinfo(host, service, &hints, &found);
    if (error != 0) {
        if (found != nullptr) fail("getaddrinfo", "fails and finds something");
        return;
    }
    static constexpr std::array<int, 5> ways{asyncselect_NI_NUMERICHOST,
                                             asyncselect_NI_NUMERICHOST | asyncselect_NI_DGRAM,
                                             asyncselect_NI_NUMERICHOST | asyncselect_NI_NUMERICSERV, 0x100,
                                             asyncselect_NI_NUMERICHOST | asyncselect_NI_NAMEREQD};
    for (const auto* one = found; one != nullptr; one = one->ai_next) {
        std::array<char, asyncselect_NI_MAXHOST> node{};
        std::array<char, asyncselect_NI_MAXSERV> port{};
        asyncselect_getnameinfo(one->ai_addr, static_cast<int>(one->ai_addrlen), node.data(),
                                draw.one_in(4) ? 3U : static_cast<std::uint32_t>(node.size()), port.data(),
                                draw.one_in(4) ? 0U : static_cast<std::uint32_t>(port.size()), draw.one_of(ways));
    }
    asyncselect_freeaddrinfo(found);
}

void ask_the_data_bases(Draw& draw) {
    switch (draw.below(8)) {
        case 0:
            asyncselect_getservbyname(draw.one_of(services), draw.one_of(protocols));
            break;
        case 1:
            asyncselect_getservbyport(0x5000, draw.one_of(protocols));  // 80 in network order
            break;
        case 2:
            asyncselect_getprotobyname(draw.one_of(protocols));
            break;
        case 3:
            asyncselect_getprotobynumber(static_cast<int>(draw.byte()));
            break;
        case 4:
            asyncselect_gethostbyname(endless_text());
            break;
        case 5: {
            const Place here = inet6(0, 0, 1, 0);
            asyncselect_gethostbyaddr(reinterpret_cast<const char*>(here.six.sin6_addr), 16, asyncselect_AF_INET6);
            break;
        }
        case 6: {
            std::array<char, 257> own{};
            if (asyncselect_gethostname(own.data(), own.size()) == 0) asyncselect_gethostbyname(own.data());
            break;
        }
        default:
            asyncselect_getservbyname(endless_text(), nullptr);
    }
}

// What is written of an address is read as that address.
void write_and_read_address(Draw& draw) {
    static constexpr auto texts = std::to_array<const char*>(
        {"1.2.3.4", "1.2.3.4:80", "1.2.3.4:", "1.2.3.4:65536", "1.2.3:80", "[::1]:80", "[::1", "[::1]80", "[::1]:x",
         "[fe80::1%3]:80", "fe80::1%3", "fe80::1%x", "::1", "[::1]", ":80", "[]:80"});
    const char* const given = draw.one_of(texts);
    const int family = draw.one_in(2) ? asyncselect_AF_INET : asyncselect_AF_INET6;
    std::string text(given);
    Place place;
    int length = draw.one_in(8) ? 15 : static_cast<int>(sizeof place.six);
    if (asyncselect_WSAStringToAddressA(text.data(), family, nullptr, place.get(), &length) != 0) {
        place = draw.one_in(2) ? inet(static_cast<std::uint32_t>(draw.byte()) << 8U | 10U, draw.byte())
                               : inet6(draw.byte(), 1, draw.byte(), draw.byte());
        if (place.six.sin6_family == asyncselect_AF_INET6) place.six.sin6_scope_id = draw.byte();
    } else {
        place.length = length;
    }
    std::array<char, 80> written{};
    std::uint32_t room = draw.one_in(8) ? 9 : static_cast<std::uint32_t>(written.size());
    if (asyncselect_WSAAddressToStringA(place.get(), static_cast<std::uint32_t>(place.length), nullptr, written.data(),
                                        &room) != 0)
        return;
    Place again;
    length = sizeof again.six;
    if (asyncselect_WSAStringToAddressA(written.data(), place.six.sin6_family, nullptr, again.get(), &length) != 0)
        fail("WSAStringToAddressA", std::string("does not read ") + written.data());
    if (length != place.length || std::memcmp(&again.six, &place.six, static_cast<std::size_t>(length)) != 0)
        fail("WSAStringToAddressA", std::string("reads another address in ") + written.data());
}

// ---- calls that wait ------------------------------------------------------------------------------------------------

constexpr std::size_t much = std::size_t{1} << 18U;  // bytes: more than the buffers of a connection that are made small

// What another thread does while the call waits, if it waits yet.
struct Beside {
    enum class What : std::uint8_t { close, send, connect, receive } what;
    asyncselect_SOCKET socket;
    std::uint16_t port;
};

std::uint32_t do_beside(void* given) {
    const auto& beside = *static_cast<const Beside*>(given);
    asyncselect_Sleep(1);
    switch (beside.what) {
        case Beside::What::close:
            asyncselect_closesocket(beside.socket);
            break;
        case Beside::What::send:
            asyncselect_send(beside.socket, "ab", 2, 0);
            break;
        case Beside::What::connect: {
            const OwnSocket one(asyncselect_AF_INET, asyncselect_SOCK_STREAM);
            connect_to(one, own_host(asyncselect_AF_INET, beside.port));
            break;
        }
        case Beside::What::receive: {
            std::vector<char> room(much);
            std::size_t got = 0;
            for (int more = 20; more > 0 && got < much; --more) {
                const int result = asyncselect_recv(beside.socket, room.data(), static_cast<int>(room.size()), 0);
                if (result > 0)
                    got += static_cast<std::size_t>(result);
                else
                    asyncselect_Sleep(1);
            }
        }
    }
    return 0;
}

class Thread {
  public:
    explicit Thread(Beside beside) : beside_(beside) {
        thread_ = asyncselect_CreateThread(nullptr, 0, do_beside, &beside_, 0, nullptr);
    }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;
    ~Thread() {
        if (thread_ == nullptr) return;
        asyncselect_WaitForSingleObject(thread_, asyncselect_INFINITE);
        asyncselect_CloseHandle(thread_);
    }
    [[nodiscard]] bool runs() const { return thread_ != nullptr; }

  private:
    Beside beside_;
    void* thread_;
};

constexpr std::uint32_t a_moment = 2;  // milliseconds

void receive_and_wait(Draw& draw) {
    const std::size_t kind = draw.below(6);
    const Pair pair(asyncselect_AF_INET);
    if (!pair.other.valid()) return;
    pair.one.set_blocking(true);
    if (kind < 3) pair.one.set(asyncselect_SOL_SOCKET, asyncselect_SO_RCVTIMEO, a_moment);
    if (kind % 3 == 1) asyncselect_send(pair.other.get(), "abc", 3, 0);
    std::array<char, 4> one{};
    std::array<char, 2> two{};
    std::array<asyncselect_WSABUF, 2> buffers{{{2, two.data()}, {4, one.data()}}};
    std::uint32_t got = 0;
    std::uint32_t flags = kind % 3 == 2 ? 0 : asyncselect_MSG_WAITALL;
    // The one that is still waited for comes from another thread, or the socket is closed there.
    std::optional<Thread> thread;
    if (kind >= 3) {
        const bool closes = draw.one_in(2);
        if (!closes) asyncselect_send(pair.other.get(), "cdef", 4, 0);
        thread.emplace(
            Beside{closes ? Beside::What::close : Beside::What::send, closes ? pair.one.get() : pair.other.get(), 0});
        if (!thread->runs()) return;
    }
    asyncselect_WSASetLastError(0);
    must_say_why("WSARecv",
                 asyncselect_WSARecv(pair.one.get(), buffers.data(), 2, &got, &flags, nullptr, nullptr) != 0);
    if (got > 6) fail("WSARecv", "more than there is room for");
}

void send_and_wait(Draw& draw) {
    const std::size_t kind = draw.below(3);
    const Pair pair(asyncselect_AF_INET);
    if (!pair.other.valid()) return;
    pair.one.set(asyncselect_SOL_SOCKET, asyncselect_SO_SNDBUF, 4096);
    pair.other.set(asyncselect_SOL_SOCKET, asyncselect_SO_RCVBUF, 4096);
    pair.one.set(asyncselect_SOL_SOCKET, asyncselect_SO_SNDTIMEO, kind == 0 ? a_moment : 20 * a_moment);
    pair.one.set_blocking(true);
    std::vector<char> bytes(much);
    std::array<asyncselect_WSABUF, 2> buffers{
        {{100, bytes.data()}, {static_cast<std::uint32_t>(much - 100), bytes.data()}}};
    std::uint32_t sent = 0;
    std::optional<Thread> thread;
    if (kind != 0) {
        thread.emplace(Beside{kind == 1 ? Beside::What::close : Beside::What::receive,
                              kind == 1 ? pair.one.get() : pair.other.get(), 0});
        if (!thread->runs()) return;
    }
    asyncselect_WSASetLastError(0);
    must_say_why("WSASend", asyncselect_WSASend(pair.one.get(), buffers.data(), 2, &sent, 0, nullptr, nullptr) != 0);
}

// Each ends after a moment, or because of the other thread.
void wait_for_others(Draw& draw) {
    const std::size_t kind = draw.below(10);
    const OwnSocket listening = listener(asyncselect_AF_INET, 1);
    const OwnSocket datagrams(asyncselect_AF_INET, asyncselect_SOCK_DGRAM);
    if (!datagrams.valid()) return;
    const Place here = own_host(asyncselect_AF_INET, 0);
    asyncselect_bind(datagrams.get(), here.get(), here.length);
    listening.set_blocking(true);
    datagrams.set_blocking(true);
    const bool of_datagrams = kind == 2 || kind >= 6;
    const OwnSocket& waiting = of_datagrams ? datagrams : listening;
    std::optional<Thread> thread;
    if (kind == 0) {
        waiting.set(asyncselect_SOL_SOCKET, asyncselect_SO_RCVTIMEO, a_moment);
    } else {
        const bool connects = kind == 1 || kind == 5;
        thread.emplace(
            Beside{connects ? Beside::What::connect : Beside::What::close, waiting.get(), port_of(listening)});
        if (!thread->runs()) return;
    }
    asyncselect_WSASetLastError(0);
    std::array<char, 8> room{};
    switch (kind) {
        case 2:
            must_say_why("recvfrom", asyncselect_recvfrom(waiting.get(), room.data(), 8, 0, nullptr, nullptr) < 0);
            break;
        case 3:
        case 5: {
            asyncselect_fd_set set{1, {waiting.get()}};
            const asyncselect_timeval time{0, 5'000};
            must_say_why("select", asyncselect_select(0, &set, nullptr, nullptr, &time) < 0);
            break;
        }
        case 4: {
            std::array<asyncselect_WSAPOLLFD, 1> asked{{{waiting.get(), asyncselect_POLLIN, 0}}};
            must_say_why("WSAPoll", asyncselect_WSAPoll(asked.data(), 1, 5) < 0);
            break;
        }
        case 6:
        case 7:
        case 8: {
            // Only closing ends it: this host's addresses and routes stay.
            const bool of_routes = kind == 7;
            Place where = inet(loopback, 0);
            std::uint32_t returned = 0;
            const int failed = asyncselect_WSAIoctl(
                waiting.get(),
                of_routes ? asyncselect_SIO_ROUTING_INTERFACE_CHANGE : asyncselect_SIO_ADDRESS_LIST_CHANGE,
                of_routes ? where.get() : nullptr, of_routes ? static_cast<std::uint32_t>(where.length) : 0, nullptr, 0,
                &returned, nullptr, nullptr);
            must_say_why("WSAIoctl", failed != 0);
            break;
        }
        case 9: {
            asyncselect_fd_set set{2, {waiting.get(), listening.get()}};
            const asyncselect_timeval time{0, 5'000};
            must_say_why("select", asyncselect_select(0, &set, nullptr, nullptr, &time) < 0);
            break;
        }
        default: {
            const OwnSocket accepted(asyncselect_accept(waiting.get(), nullptr, nullptr));
            must_say_why("accept", !accepted.valid());
        }
    }
}

// ---- connections ----------------------------------------------------------------------------------------------------

constexpr std::uintptr_t close_and_accept = 6;
constexpr std::uintptr_t close_and_defer = 7;
thread_local asyncselect_SOCKET listening_now = asyncselect_INVALID_SOCKET;

int on_request(asyncselect_WSABUF* /*caller*/, asyncselect_WSABUF* /*data*/, asyncselect_QOS* /*quality*/,
               asyncselect_QOS* /*group*/, asyncselect_WSABUF* /*callee*/, asyncselect_WSABUF* /*answer*/,
               unsigned int* /*of_group*/, std::uintptr_t data) {
    if (data != close_and_accept && data != close_and_defer) return static_cast<int>(data);
    // On this thread it could not be closed.
    const Thread thread(Beside{Beside::What::close, listening_now, 0});
    return data == close_and_accept ? asyncselect_CF_ACCEPT : asyncselect_CF_DEFER;
}

// What a listener has, those that are accepted inherit.
void accept_and_inherit(Draw& draw) {
    const std::size_t kind = draw.below(12);
    const int family = draw.one_in(2) ? asyncselect_AF_INET6 : asyncselect_AF_INET;
    const OwnSocket listening = listener(family, 2);
    listening_now = listening.get();
    if (!listening.valid()) return;
    void* const event = asyncselect_WSACreateEvent();
    if (draw.one_in(2)) asyncselect_WSAEventSelect(listening.get(), event, asyncselect_FD_ALL_EVENTS);
    if (draw.one_in(2)) listening.set(asyncselect_SOL_SOCKET, asyncselect_SO_OOBINLINE, 1);
    if (draw.one_in(2)) {
        asyncselect_QOS quality = some_quality(draw);
        std::uint32_t returned = 0;
        asyncselect_WSAIoctl(listening.get(), asyncselect_SIO_SET_QOS, &quality, sizeof quality, nullptr, 0, &returned,
                             nullptr, nullptr);
    }
    const OwnSocket one(family, asyncselect_SOCK_STREAM);
    one.set_blocking(true);
    if (connect_to(one, own_host(family, port_of(listening))) == 0) {
        Place peer;
        int length = kind == 1 ? 4 : static_cast<int>(sizeof peer.six);
        auto* const to = kind == 2 ? std::bit_cast<asyncselect_sockaddr*>(std::uintptr_t{16}) : peer.get();
        const auto condition = kind == 11 ? std::bit_cast<asyncselect_LPCONDITIONPROC>(std::uintptr_t{16}) : on_request;
        asyncselect_WSASetLastError(0);
        const OwnSocket accepted(
            kind < 3 ? asyncselect_accept(listening.get(), to, &length)
                     : asyncselect_WSAAccept(listening.get(), to, &length, condition, std::uintptr_t{kind} - 3));
        must_say_why("accept", !accepted.valid());
        if (accepted.valid()) asyncselect_send(accepted.get(), "x", 1, asyncselect_MSG_OOB);
        // Of what was deferred it knows still.
        asyncselect_fd_set set{1, {listening.get()}};
        const asyncselect_timeval at_once{};
        asyncselect_select(0, &set, nullptr, nullptr, &at_once);
    }
    asyncselect_WSACloseEvent(event);
}

// More connections than a listener holds: those that are left over go on connecting.
void look_while_connecting(Draw& draw) {
    const bool by_poll = draw.one_in(2);
    const OwnSocket listening = listener(asyncselect_AF_INET, 0);
    if (!listening.valid()) return;
    const Place there = own_host(asyncselect_AF_INET, port_of(listening));
    std::vector<OwnSocket> connecting;
    for (int count = 0; count < 4; ++count) {
        connecting.emplace_back(asyncselect_AF_INET, asyncselect_SOCK_STREAM);
        connect_to(connecting.back(), there);
    }
    const asyncselect_QOS quality = some_quality(draw);
    asyncselect_WSABUF answer{4, nullptr};
    // Of another family, and with what belongs to a connection.
    const OwnSocket other(asyncselect_AF_INET6, draw.one_in(2) ? asyncselect_SOCK_STREAM : asyncselect_SOCK_DGRAM);
    asyncselect_WSASetLastError(0);
    must_say_why("connect", connect_to(other, there) != 0);
    asyncselect_WSAConnect(other.get(), there.get(), there.length, nullptr, draw.one_in(2) ? &answer : nullptr,
                           &quality, nullptr);
    // Established and reset before anybody looks.
    const OwnSocket accepting = listener(asyncselect_AF_INET, 1);
    void* const event = asyncselect_WSACreateEvent();
    OwnSocket reset(asyncselect_AF_INET, asyncselect_SOCK_STREAM);
    asyncselect_WSAEventSelect(reset.get(), event, asyncselect_FD_ALL_EVENTS);
    connect_to(reset, own_host(asyncselect_AF_INET, port_of(accepting)));
    {
        const asyncselect_SOCKET accepted = asyncselect_accept(accepting.get(), nullptr, nullptr);
        const asyncselect_linger at_once{1, 0};
        asyncselect_setsockopt(accepted, asyncselect_SOL_SOCKET, asyncselect_SO_LINGER,
                               reinterpret_cast<const char*>(&at_once), sizeof at_once);
        asyncselect_closesocket(accepted);
    }
    connecting.push_back(std::move(reset));
    // Refused: nobody listens there any more.
    const std::uint16_t closed = port_of(listener(asyncselect_AF_INET, 0));
    connecting.emplace_back(asyncselect_AF_INET, asyncselect_SOCK_STREAM);
    connect_to(connecting.back(), own_host(asyncselect_AF_INET, closed));
    connecting.emplace_back(asyncselect_AF_INET, asyncselect_SOCK_STREAM);  // idle
    if (by_poll) {
        std::vector<asyncselect_WSAPOLLFD> asked;
        for (const OwnSocket& one : connecting)
            asked.push_back({one.get(), asyncselect_POLLIN | asyncselect_POLLOUT, 0});
        asyncselect_WSASetLastError(0);
        must_say_why("WSAPoll", asyncselect_WSAPoll(asked.data(), static_cast<std::uint32_t>(asked.size()), 0) < 0);
    } else {
        asyncselect_fd_set sets{};
        for (const OwnSocket& one : connecting) sets.fd_array[sets.fd_count++] = one.get();
        std::array<asyncselect_fd_set, 3> three{sets, sets, sets};
        const asyncselect_timeval at_once{};
        asyncselect_WSASetLastError(0);
        must_say_why("select", asyncselect_select(0, &three[0], &three[1], &three[2], &at_once) < 0);
    }
    asyncselect_WSACloseEvent(event);
    for (const OwnSocket& one : connecting) {
        int error = 0;
        int length = sizeof error;
        asyncselect_getsockopt(one.get(), asyncselect_SOL_SOCKET, asyncselect_SO_ERROR, reinterpret_cast<char*>(&error),
                               &length);
    }
}

// What one end does with urgent bytes that come one upon the other, and with the end of a connection, in any order.
// Which of them Linux loses is its affair; none of it may invent any.
void a_connection(Draw& draw) {
    std::size_t steps = 8 + draw.below(40);
    Pair pair(asyncselect_AF_INET);
    if (!pair.other.valid()) return;
    void* const event = asyncselect_WSACreateEvent();
    std::vector<char> room(64);
    std::size_t sent = 0;
    std::size_t got = 0;
    const auto count = [](std::size_t& of, int result) { of += result > 0 ? static_cast<std::size_t>(result) : 0; };
    const auto send = [&](std::size_t size, int flags) {
        count(sent, asyncselect_send(pair.other.get(), room.data(), static_cast<int>(size), flags));
    };
    const auto receive = [&](std::size_t size, int flags) {
        const int result = asyncselect_recv(pair.one.get(), room.data(), static_cast<int>(size), flags);
        if ((flags & asyncselect_MSG_PEEK) == 0) count(got, result);
    };
    for (; steps > 0; --steps) {
        switch (draw.below(16)) {
            case 0:
            case 1:
                send(1 + draw.below(room.size()), 0);
                break;
            case 2:
            case 3:
                send(1 + draw.below(3), asyncselect_MSG_OOB);
                break;
            case 4:
            case 5:
                receive(1 + draw.below(room.size()), 0);
                break;
            case 6:
                receive(1 + draw.below(room.size()), asyncselect_MSG_PEEK);
                break;
            case 7:
                receive(1, asyncselect_MSG_OOB);
                break;
            case 8:
                pair.one.set(asyncselect_SOL_SOCKET, asyncselect_SO_OOBINLINE, static_cast<int>(draw.below(2)));
                break;
            case 9:
            case 10: {
                std::uint32_t answer = 0;
                asyncselect_ioctlsocket(
                    pair.one.get(), static_cast<long>(draw.one_in(2) ? asyncselect_FIONREAD : asyncselect_SIOCATMARK),
                    &answer);
                break;
            }
            case 11: {
                asyncselect_WSANETWORKEVENTS happened{};
                asyncselect_WSAEventSelect(pair.one.get(), event,
                                           draw.one_in(2) ? asyncselect_FD_ALL_EVENTS : asyncselect_FD_READ);
                asyncselect_WSAEnumNetworkEvents(pair.one.get(), event, &happened);
                break;
            }
            case 12: {
                asyncselect_fd_set sets{1, {pair.one.get()}};
                std::array<asyncselect_fd_set, 3> three{sets, sets, sets};
                const asyncselect_timeval at_once{};
                asyncselect_select(0, &three[0], &three[1], &three[2], &at_once);
                std::array<asyncselect_WSAPOLLFD, 1> asked{{{pair.one.get(), asyncselect_POLLIN, 0}}};
                asyncselect_WSAPoll(asked.data(), 1, 0);
                break;
            }
            case 13: {
                int error = 0;
                int length = sizeof error;
                asyncselect_getsockopt(pair.one.get(), asyncselect_SOL_SOCKET, asyncselect_SO_ERROR,
                                       reinterpret_cast<char*>(&error), &length);
                break;
            }
            case 14:
                asyncselect_shutdown(draw.one_in(2) ? pair.one.get() : pair.other.get(),
                                     static_cast<int>(draw.below(3)));
                break;
            default:
                // Closed, or reset.
                if (draw.one_in(2))
                    pair.other.set(asyncselect_SOL_SOCKET, asyncselect_SO_LINGER, asyncselect_linger{1, 0});
                asyncselect_closesocket(pair.other.get());
        }
    }
    if (got > sent) fail("recv", "more than was sent");
    asyncselect_WSACloseEvent(event);
}

constexpr auto programs = std::to_array<Program>({
    {"options", set_and_get_option},
    {"controls", control},
    {"groups", join_a_group},
    {"names", resolve},
    {"data bases", ask_the_data_bases},
    {"addresses as text", write_and_read_address},
    {"waiting to receive", receive_and_wait},
    {"waiting to send", send_and_wait},
    {"waiting for others", wait_for_others},
    {"accepting", accept_and_inherit},
    {"connecting", look_while_connecting},
    {"a connection", a_connection},
});

}  // namespace

std::span<const Program> socket_programs() { return programs; }

}  // namespace asyncselect::fuzz
