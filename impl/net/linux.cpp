// The Linux transport: one system call a function, its errno as the SDK's number, addresses and options translated.
// Knows nothing above descriptors.
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/sockios.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>

#include "impl/net/linux.hpp"

namespace asyncselect::net {

namespace {

namespace error = core::error;

core::Error error_of(int number) noexcept {
    switch (number) {
        case 0:
            return error::none;
        case EINTR:
            return error::intr;
        case EBADF:
        case ENOTSOCK:
            return error::not_socket;
        case EACCES:
        case EPERM:
            return error::access;
        case EFAULT:
            return error::fault;
        case EINVAL:
            return error::invalid;
        case EMFILE:
        case ENFILE:
            return error::too_many_files;
        case EAGAIN:
        case EINPROGRESS:
            return error::would_block;
        case EALREADY:
            return error::already;
        case EDESTADDRREQ:
            return error::not_connected;
        case EMSGSIZE:
            return error::message_size;
        case EPROTOTYPE:
            return error::wrong_protocol_type;
        case ENOPROTOOPT:
            return error::no_such_option;
        case EPROTONOSUPPORT:
            return error::protocol_not_supported;
        case ESOCKTNOSUPPORT:
            return error::socket_type_not_supported;
        case EOPNOTSUPP:
            return error::operation_not_supported;
        case EAFNOSUPPORT:
            return error::family_not_supported;
        case EADDRINUSE:
            return error::address_in_use;
        case EADDRNOTAVAIL:
        case ENODEV:
            return error::address_not_available;
        case ENETDOWN:
            return error::net_down;
        case ENETUNREACH:
            return error::net_unreachable;
        case EHOSTUNREACH:
        case EHOSTDOWN:
            return error::host_unreachable;
        case ENETRESET:
            return error::net_reset;
        case ECONNABORTED:
            return error::connection_aborted;
        case ECONNRESET:
        case EPIPE:
            return error::connection_reset;
        case ENOBUFS:
        case ENOMEM:
            return error::no_buffers;
        case EISCONN:
            return error::is_connected;
        case ENOTCONN:
            return error::not_connected;
        case ETIMEDOUT:
            return error::timed_out;
        case ECONNREFUSED:
            return error::connection_refused;
        default:
            return error::invalid;
    }
}

Result result_of(std::int64_t returned) noexcept {
    if (returned >= 0) return {returned, error::none};
    return {-1, error_of(errno)};
}

template <class Call>
Result retried(Call call) noexcept {
    for (;;) {
        const auto returned = call();
        if (returned >= 0 || errno != EINTR) return result_of(returned);
    }
}

constexpr std::uint16_t sdk_inet = 2;
constexpr std::uint16_t sdk_inet6 = 23;
constexpr int sdk_stream = 1;
constexpr int sdk_datagram = 2;

std::optional<int> family_of(std::uint16_t sdk) noexcept {
    if (sdk == sdk_inet) return AF_INET;
    if (sdk == sdk_inet6) return AF_INET6;
    return std::nullopt;
}

// The SDK lays addresses out as Linux does; only the number of the family differs.
struct SystemAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

std::optional<SystemAddress> to_system(const Address& address) noexcept {
    std::uint16_t sdk = 0;
    std::memcpy(&sdk, address.bytes, sizeof sdk);
    const auto family = family_of(sdk);
    if (!family) return std::nullopt;
    SystemAddress out;
    out.length = std::min<socklen_t>(address.length, sizeof out.storage);
    std::memcpy(&out.storage, address.bytes, out.length);
    out.storage.ss_family = static_cast<sa_family_t>(*family);
    return out;
}

void to_sdk(const SystemAddress& from, Address& to) noexcept {
    const auto length = std::min<std::size_t>(from.length, sizeof to.bytes);
    std::memcpy(to.bytes, &from.storage, length);
    to.length = static_cast<std::uint32_t>(length);
    const std::uint16_t sdk = from.storage.ss_family == AF_INET6 ? sdk_inet6 : sdk_inet;
    if (length >= sizeof sdk) std::memcpy(to.bytes, &sdk, sizeof sdk);
}

constexpr int sdk_oob = 1;
constexpr int sdk_peek = 2;
constexpr int sdk_dont_route = 4;

// Flags that the system does not know under the SDK's number; MSG_WAITALL is the caller's affair on a nonblocking
// descriptor.
int flags_of(int sdk) noexcept {
    return (sdk & sdk_oob ? MSG_OOB : 0) | (sdk & sdk_peek ? MSG_PEEK : 0) | (sdk & sdk_dont_route ? MSG_DONTROUTE : 0);
}

msghdr message_of(std::span<const Buffer> buffers) noexcept {
    static_assert(sizeof(Buffer) == sizeof(iovec) && offsetof(Buffer, length) == offsetof(iovec, iov_len));
    msghdr message{};
    message.msg_iov = reinterpret_cast<iovec*>(const_cast<Buffer*>(buffers.data()));
    message.msg_iovlen = buffers.size();
    return message;
}

Conditions conditions_of_poll(short events) noexcept {
    return {(events & POLLIN) != 0,    (events & POLLOUT) != 0, (events & POLLPRI) != 0,
            (events & POLLRDHUP) != 0, (events & POLLHUP) != 0, (events & POLLERR) != 0};
}

// How the SDK lays a value out.
enum class Form : std::uint8_t {
    number,
    truth,
    linger,
    buffer_size,
    interface,         // an IPv4 address, or the index of an interface as 0.x.x.x
    membership,        // struct ip_mreq; written only
    inet6_membership,  // struct ipv6_mreq; written only
    seconds,           // Linux wants milliseconds
    milliseconds,
};

struct Option {
    int sdk_level;
    int sdk_name;
    int level;
    int name;
    Form form;
    bool read_only = false;
};

constexpr int sdk_socket = 0xffff;

constexpr std::array options{
    Option{sdk_socket, 0x0001, SOL_SOCKET, SO_DEBUG, Form::truth},
    Option{sdk_socket, 0x0002, SOL_SOCKET, SO_ACCEPTCONN, Form::truth, true},
    Option{sdk_socket, 0x0004, SOL_SOCKET, SO_REUSEADDR, Form::truth},
    Option{sdk_socket, 0x0008, SOL_SOCKET, SO_KEEPALIVE, Form::truth},
    Option{sdk_socket, 0x0010, SOL_SOCKET, SO_DONTROUTE, Form::truth},
    Option{sdk_socket, 0x0020, SOL_SOCKET, SO_BROADCAST, Form::truth},
    Option{sdk_socket, 0x0080, SOL_SOCKET, SO_LINGER, Form::linger},
    Option{sdk_socket, 0x0100, SOL_SOCKET, SO_OOBINLINE, Form::truth},
    Option{sdk_socket, 0x1001, SOL_SOCKET, SO_SNDBUF, Form::buffer_size},
    Option{sdk_socket, 0x1002, SOL_SOCKET, SO_RCVBUF, Form::buffer_size},
    Option{sdk_socket, 0x1003, SOL_SOCKET, SO_SNDLOWAT, Form::number},
    Option{sdk_socket, 0x1004, SOL_SOCKET, SO_RCVLOWAT, Form::number},
    Option{sdk_socket, 0x1007, SOL_SOCKET, SO_ERROR, Form::number, true},
    Option{sdk_socket, 0x1008, SOL_SOCKET, SO_TYPE, Form::number, true},
    Option{IPPROTO_TCP, 0x0001, IPPROTO_TCP, TCP_NODELAY, Form::truth},
    Option{IPPROTO_TCP, 0x0003, IPPROTO_TCP, TCP_KEEPIDLE, Form::number},
    Option{IPPROTO_TCP, 0x0005, IPPROTO_TCP, TCP_USER_TIMEOUT, Form::seconds},
    Option{IPPROTO_TCP, 0x000e, IPPROTO_TCP, TCP_USER_TIMEOUT, Form::milliseconds},
    Option{IPPROTO_TCP, 0x0010, IPPROTO_TCP, TCP_KEEPCNT, Form::number},
    Option{IPPROTO_TCP, 0x0011, IPPROTO_TCP, TCP_KEEPINTVL, Form::number},
    Option{IPPROTO_IP, 3, IPPROTO_IP, IP_TOS, Form::number},
    Option{IPPROTO_IP, 4, IPPROTO_IP, IP_TTL, Form::number},
    Option{IPPROTO_IP, 9, IPPROTO_IP, IP_MULTICAST_IF, Form::interface},
    Option{IPPROTO_IP, 10, IPPROTO_IP, IP_MULTICAST_TTL, Form::number},
    Option{IPPROTO_IP, 11, IPPROTO_IP, IP_MULTICAST_LOOP, Form::truth},
    Option{IPPROTO_IP, 12, IPPROTO_IP, IP_ADD_MEMBERSHIP, Form::membership},
    Option{IPPROTO_IP, 13, IPPROTO_IP, IP_DROP_MEMBERSHIP, Form::membership},
    Option{IPPROTO_IPV6, 4, IPPROTO_IPV6, IPV6_UNICAST_HOPS, Form::number},
    Option{IPPROTO_IPV6, 9, IPPROTO_IPV6, IPV6_MULTICAST_IF, Form::number},
    Option{IPPROTO_IPV6, 10, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, Form::number},
    Option{IPPROTO_IPV6, 11, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, Form::truth},
    Option{IPPROTO_IPV6, 12, IPPROTO_IPV6, IPV6_JOIN_GROUP, Form::inet6_membership},
    Option{IPPROTO_IPV6, 13, IPPROTO_IPV6, IPV6_LEAVE_GROUP, Form::inet6_membership},
    Option{IPPROTO_IPV6, 27, IPPROTO_IPV6, IPV6_V6ONLY, Form::truth},
};

const Option* find_option(int level, int name) noexcept {
    const auto found = std::ranges::find_if(
        options, [&](const Option& option) { return option.sdk_level == level && option.sdk_name == name; });
    return found == options.end() ? nullptr : &*found;
}

bool known_level(int level) noexcept {
    return level == sdk_socket || level == IPPROTO_TCP || level == IPPROTO_IP || level == IPPROTO_IPV6;
}

// The interface that an IPv4 address stands for: its own, or the one whose index is in 0.x.x.x.
ip_mreqn interface_at(Descriptor descriptor, std::uint32_t address) noexcept {
    ip_mreqn named{};
    const auto index = ntohl(address);
    if (index > 0xffffff) {
        named.imr_address.s_addr = address;
    } else if (index != 0) {
        named.imr_ifindex = static_cast<int>(index);
        // Linux tells the address that it was told when it is asked for the interface.
        ifreq asked{};
        if (if_indextoname(index, asked.ifr_name) != nullptr && ioctl(descriptor, SIOCGIFADDR, &asked) == 0)
            named.imr_address = reinterpret_cast<const sockaddr_in&>(asked.ifr_addr).sin_addr;
    }
    return named;
}

// The index of the interface that has this address; 0 if none has.
unsigned interface_of(const sockaddr_in6& address) noexcept {
    if (address.sin6_scope_id != 0) return address.sin6_scope_id;
    if (IN6_IS_ADDR_UNSPECIFIED(&address.sin6_addr)) return 0;
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0) return 0;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> freed{all, freeifaddrs};
    for (const auto* one = all; one != nullptr; one = one->ifa_next)
        if (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET6 &&
            IN6_ARE_ADDR_EQUAL(&reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr, &address.sin6_addr))
            return if_nametoindex(one->ifa_name);
    return 0;
}

Result set_membership(Descriptor descriptor, const Option& option, std::span<const std::byte> value) noexcept {
    if (option.form == Form::inet6_membership) {
        ipv6_mreq membership{};  // laid out as the SDK's
        if (value.size() < sizeof membership) return {-1, error::fault};
        std::memcpy(&membership, value.data(), sizeof membership);
        return result_of(setsockopt(descriptor, option.level, option.name, &membership, sizeof membership));
    }
    ip_mreq given{};  // laid out as the SDK's
    if (value.size() < sizeof given) return {-1, error::fault};
    std::memcpy(&given, value.data(), sizeof given);
    auto membership = interface_at(descriptor, given.imr_interface.s_addr);
    membership.imr_multiaddr = given.imr_multiaddr;
    return result_of(setsockopt(descriptor, option.level, option.name, &membership, sizeof membership));
}

Result set_interface(Descriptor descriptor, const Option& option, std::span<const std::byte> value) noexcept {
    std::uint32_t address = 0;
    if (value.size() < sizeof address) return {-1, error::fault};
    std::memcpy(&address, value.data(), sizeof address);
    const auto interface = interface_at(descriptor, address);
    return result_of(setsockopt(descriptor, option.level, option.name, &interface, sizeof interface));
}

bool is_membership(Form form) noexcept { return form == Form::membership || form == Form::inet6_membership; }

// For how long unacknowledged data is sent again: -1 is without end, for which Linux has no number.
constexpr int without_end = std::numeric_limits<int>::max();

std::optional<int> to_system_timeout(Form form, int sdk) noexcept {
    if (sdk < -1) return std::nullopt;
    if (sdk == -1) return without_end;
    if (form == Form::milliseconds) return sdk;
    return sdk > without_end / 1000 ? without_end : sdk * 1000;
}

int to_sdk_timeout(Form form, int system) noexcept {
    if (system == without_end) return -1;
    return form == Form::seconds ? system / 1000 : system;
}

// An address of IPv4 is too short for a socket of IPv6, and Linux says that instead.
bool is_of_family(Descriptor descriptor, int family) noexcept {
    int own = 0;
    socklen_t length = sizeof own;
    return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &own, &length) == 0 && own == family;
}

// What a receive tells of an entry in the error queue. The route that is too narrow is no reset: the next datagram will
// fit it, and who sends one that does not is told by that call.
core::Error told_of(const sock_extended_err& entry) noexcept {
    if (entry.ee_errno == EMSGSIZE) return error::none;
    const bool expired = entry.ee_origin == SO_EE_ORIGIN_ICMP ? entry.ee_type == ICMP_TIME_EXCEEDED
                                                              : entry.ee_type == ICMP6_TIME_EXCEEDED;
    return expired ? error::net_reset : error::connection_reset;
}

// The entry of an error queue that a control message holds, if it came from the network and not from this host.
std::optional<sock_extended_err> report_in(const cmsghdr& control) noexcept {
    const bool is_error = (control.cmsg_level == SOL_IP && control.cmsg_type == IP_RECVERR) ||
                          (control.cmsg_level == SOL_IPV6 && control.cmsg_type == IPV6_RECVERR);
    if (!is_error) return std::nullopt;
    sock_extended_err entry{};
    std::memcpy(&entry, CMSG_DATA(&control), sizeof entry);
    if (entry.ee_origin != SO_EE_ORIGIN_ICMP && entry.ee_origin != SO_EE_ORIGIN_ICMP6) return std::nullopt;
    return entry;
}

// The SDK's struct linger: two halves of 16 bits.
struct SdkLinger {
    std::uint16_t on;
    std::uint16_t seconds;
};

}  // namespace

Result Linux::open(int family, int type, int protocol) noexcept {
    const auto system_family =
        family >= 0 && family <= 0xffff ? family_of(static_cast<std::uint16_t>(family)) : std::nullopt;
    if (!system_family) return {-1, error::family_not_supported};
    if (type != sdk_stream && type != sdk_datagram) return {-1, error::socket_type_not_supported};
    const int natural = type == sdk_stream ? IPPROTO_TCP : IPPROTO_UDP;
    if (protocol != 0 && protocol != natural)
        return {-1, protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ? error::wrong_protocol_type
                                                                       : error::protocol_not_supported};
    const int system_type = (type == sdk_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
    const auto opened = result_of(socket(*system_family, system_type, natural));
    if (opened.ok() && *system_family == AF_INET6) {
        // On Windows an IPv6 socket leaves IPv4 alone unless it is asked otherwise.
        const int on = 1;
        setsockopt(static_cast<int>(opened.value), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (opened.ok() && type == sdk_datagram) {
        // On Windows a socket receives what is sent to the groups that it has joined itself, not to those of others.
        const int off = 0;
        setsockopt(static_cast<int>(opened.value), IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off);
        if (*system_family == AF_INET6)
            setsockopt(static_cast<int>(opened.value), IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off, sizeof off);
        // Told of every ICMP error, also while it is not connected, as on Windows: each in the error queue.
        const int on = 1;
        setsockopt(static_cast<int>(opened.value), IPPROTO_IP, IP_RECVERR, &on, sizeof on);
        if (*system_family == AF_INET6)
            setsockopt(static_cast<int>(opened.value), IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    }
    return opened;
}

void Linux::close(Descriptor descriptor) noexcept { ::close(descriptor); }

void Linux::reset(Descriptor descriptor) noexcept {
    const linger at_once{1, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(descriptor);
}

Result Linux::bind(Descriptor descriptor, const Address& to) noexcept {
    const auto address = to_system(to);
    if (!address) return {-1, error::family_not_supported};
    return result_of(::bind(descriptor, address->get(), address->length));
}

Result Linux::listen(Descriptor descriptor, int backlog) noexcept { return result_of(::listen(descriptor, backlog)); }

Result Linux::accept(Descriptor descriptor, Address& peer) noexcept {
    SystemAddress address;
    address.length = sizeof address.storage;
    const auto accepted =
        retried([&] { return accept4(descriptor, address.get(), &address.length, SOCK_CLOEXEC | SOCK_NONBLOCK); });
    if (accepted.ok()) to_sdk(address, peer);
    return accepted;
}

Result Linux::connect(Descriptor descriptor, const Address& to) noexcept {
    const auto address = to_system(to);
    if (!address) return {-1, error::family_not_supported};
    const auto connected = retried([&] { return ::connect(descriptor, address->get(), address->length); });
    // Linux says so once, instead of trying, on the socket of an attempt that failed before.
    if (connected.error == error::connection_aborted)
        return retried([&] { return ::connect(descriptor, address->get(), address->length); });
    if (connected.error == error::invalid && !is_of_family(descriptor, address->storage.ss_family))
        return {-1, error::family_not_supported};
    return connected;
}

bool Linux::interrupted() noexcept { return errno == EINTR; }
Result Linux::failed() noexcept { return result_of(-1); }

Result Linux::send_anyhow(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    const int system_flags = flags_of(flags) | MSG_NOSIGNAL;
    if (buffers.size() == 1)
        return retried([&] { return ::send(descriptor, buffers[0].base, buffers[0].length, system_flags); });
    const auto message = message_of(buffers);
    return retried([&] { return sendmsg(descriptor, &message, system_flags); });
}

Result Linux::receive_anyhow(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    const int system_flags = flags_of(flags);
    if (buffers.size() == 1)
        return retried([&] { return recv(descriptor, buffers[0].base, buffers[0].length, system_flags); });
    auto message = message_of(buffers);
    return retried([&] { return recvmsg(descriptor, &message, system_flags); });
}

Result Linux::send_to(Descriptor descriptor, std::span<const Buffer> buffers, int flags, const Address* to) noexcept {
    if (to == nullptr) return send(descriptor, buffers, flags);
    auto address = to_system(*to);
    if (!address) return {-1, error::family_not_supported};
    auto message = message_of(buffers);
    message.msg_name = address->get();
    message.msg_namelen = address->length;
    return retried([&] { return sendmsg(descriptor, &message, flags_of(flags) | MSG_NOSIGNAL); });
}

Result Linux::receive_from(Descriptor descriptor, std::span<const Buffer> buffers, int flags, Address* from) noexcept {
    SystemAddress address;
    auto message = message_of(buffers);
    if (from != nullptr) {
        message.msg_name = address.get();
        message.msg_namelen = sizeof address.storage;
    }
    auto got = retried([&] { return recvmsg(descriptor, &message, flags_of(flags)); });
    if (!got.ok()) return got;
    if (from != nullptr) {
        address.length = message.msg_namelen;
        to_sdk(address, *from);
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) got.error = error::message_size;
    return got;
}

Result Linux::disconnect(Descriptor descriptor) noexcept {
    Address before;
    if (const auto asked = local_address(descriptor, before); !asked.ok()) return asked;
    const sockaddr nowhere{};
    static_assert(AF_UNSPEC == 0);
    const auto ended = retried([&] { return ::connect(descriptor, &nowhere, sizeof nowhere); });
    if (!ended.ok()) return ended;
    // A port that the system has chosen goes with the association, and is taken again.
    Address after;
    if (const auto asked = local_address(descriptor, after); !asked.ok()) return asked;
    constexpr std::size_t port = 2;
    if (std::memcmp(after.bytes + port, before.bytes + port, sizeof(in_port_t)) == 0) return {};
    std::memcpy(after.bytes + port, before.bytes + port, sizeof(in_port_t));
    return bind(descriptor, after);
}

Reports Linux::take_reports(Descriptor descriptor) noexcept {
    Reports found;
    for (;;) {
        alignas(cmsghdr) std::array<std::byte, 512> room;
        msghdr message{};
        message.msg_control = room.data();
        message.msg_controllen = room.size();
        const auto taken = retried([&] { return recvmsg(descriptor, &message, MSG_ERRQUEUE); });
        if (!taken.ok()) break;
        for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr; control = CMSG_NXTHDR(&message, control)) {
            const auto report = report_in(*control);
            if (!report) continue;
            found.any = true;
            if (found.error == error::none) found.error = told_of(*report);
        }
    }
    // What found no room in the queue has left its number alone.
    int number = 0;
    socklen_t length = sizeof number;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0 && number != 0) {
        found.any = true;
        if (found.error == error::none && number != EMSGSIZE) found.error = error::connection_reset;
    }
    return found;
}

Result Linux::shut_down(Descriptor descriptor, int how) noexcept {
    static_assert(SHUT_RD == 0 && SHUT_WR == 1 && SHUT_RDWR == 2,
                  "SD_RECEIVE, SD_SEND and SD_BOTH are the same numbers");
    return result_of(shutdown(descriptor, how));
}

Result Linux::bytes_available(Descriptor descriptor) noexcept {
    int bytes = 0;
    const auto asked = result_of(ioctl(descriptor, FIONREAD, &bytes));
    return asked.ok() ? Result{bytes, error::none} : asked;
}

Result Linux::at_mark(Descriptor descriptor) noexcept {
    int mark = 0;
    const auto asked = result_of(ioctl(descriptor, SIOCATMARK, &mark));
    return asked.ok() ? Result{mark, error::none} : asked;
}

Result Linux::bytes_before_mark(Descriptor descriptor) noexcept {
    const auto there = bytes_available(descriptor);
    if (!there.ok()) return there;
    if (there.value == 0) return {-1, error::invalid};
    const auto next = at_mark(descriptor);
    if (!next.ok()) return next;
    if (next.value != 0) return {0, error::none};
    // A look at everything, which copies nothing, ends before the mark.
    constexpr std::size_t everything = std::numeric_limits<int>::max();
    const auto before = retried([&] { return recv(descriptor, nullptr, everything, MSG_PEEK | MSG_TRUNC); });
    if (before.ok() && before.value < there.value) return before;
    return {-1, error::invalid};
}

core::Error Linux::take_error(Descriptor descriptor) noexcept {
    int number = 0;
    socklen_t length = sizeof number;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) != 0) return error_of(errno);
    return error_of(number);
}

Conditions Linux::conditions_now(Descriptor descriptor) noexcept {
    pollfd asked{descriptor, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
    if (!retried([&] { return poll(&asked, 1, 0); }).ok()) return {};
    return conditions_of_poll(asked.revents);
}

Conditions Linux::conditions(std::uint32_t events) noexcept {
    static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLPRI == POLLPRI && EPOLLERR == POLLERR &&
                  EPOLLHUP == POLLHUP && EPOLLRDHUP == POLLRDHUP && EPOLLIN == tells_data && EPOLLOUT == tells_room);
    return conditions_of_poll(static_cast<short>(events & 0x7fffU));
}

Result Linux::await(Descriptor descriptor, Await what, int milliseconds) noexcept {
    pollfd asked{descriptor, static_cast<short>(what == Await::readable ? POLLIN : POLLOUT), 0};
    const auto ready = retried([&] { return poll(&asked, 1, milliseconds); });
    if (ready.ok() && ready.value == 0) return {-1, error::timed_out};
    return ready;
}

Result Linux::get_option(Descriptor descriptor, int level, int name, std::span<std::byte> value,
                         std::uint32_t& length) noexcept {
    if (!known_level(level)) return {-1, error::invalid};
    const auto* option = find_option(level, name);
    if (option == nullptr || is_membership(option->form)) return {-1, error::no_such_option};
    if (option->form == Form::linger) {
        linger system{};
        socklen_t size = sizeof system;
        const auto asked = result_of(getsockopt(descriptor, option->level, option->name, &system, &size));
        if (!asked.ok()) return asked;
        const SdkLinger out{static_cast<std::uint16_t>(system.l_onoff != 0),
                            static_cast<std::uint16_t>(std::min(system.l_linger, 0xffff))};
        if (value.size() < sizeof out) return {-1, error::fault};
        std::memcpy(value.data(), &out, sizeof out);
        length = sizeof out;
        return {};
    }
    int number = 0;
    socklen_t size = sizeof number;
    const auto asked = result_of(getsockopt(descriptor, option->level, option->name, &number, &size));
    if (!asked.ok()) return asked;
    if (name == 0x1007 && level == sdk_socket) number = error_of(number);
    // Linux sets aside twice what was asked for, and tells that.
    if (option->form == Form::buffer_size) number /= 2;
    if (option->form == Form::truth) number = number != 0;
    if (option->form == Form::seconds || option->form == Form::milliseconds)
        number = to_sdk_timeout(option->form, number);
    length = static_cast<std::uint32_t>(std::min(value.size(), sizeof number));
    if (length == 0) return {-1, error::fault};
    std::memcpy(value.data(), &number, length);
    return {};
}

Result Linux::set_option(Descriptor descriptor, int level, int name, std::span<const std::byte> value) noexcept {
    if (!known_level(level)) return {-1, error::invalid};
    const auto* option = find_option(level, name);
    if (option == nullptr || option->read_only) return {-1, error::no_such_option};
    if (option->form == Form::linger) {
        SdkLinger in{};
        if (value.size() < sizeof in) return {-1, error::fault};
        std::memcpy(&in, value.data(), sizeof in);
        const linger system{in.on != 0, in.seconds};
        return result_of(setsockopt(descriptor, option->level, option->name, &system, sizeof system));
    }
    if (is_membership(option->form)) return set_membership(descriptor, *option, value);
    if (option->form == Form::interface) return set_interface(descriptor, *option, value);
    // One byte will do for a truth value: programs pass a BOOLEAN where a BOOL is asked for.
    int number = 0;
    if (value.empty() || (option->form != Form::truth && value.size() < sizeof number)) return {-1, error::fault};
    std::memcpy(&number, value.data(), std::min(value.size(), sizeof number));
    if (option->form == Form::truth) number = number != 0;
    if (option->form == Form::seconds || option->form == Form::milliseconds) {
        const auto timeout = to_system_timeout(option->form, number);
        if (!timeout) return {-1, error::invalid};
        number = *timeout;
    }
    return result_of(setsockopt(descriptor, option->level, option->name, &number, sizeof number));
}

Result Linux::join_group(Descriptor descriptor, const Address& group) noexcept {
    const auto to = to_system(group);
    SystemAddress own;
    own.length = sizeof own.storage;
    if (!to) return {-1, error::family_not_supported};
    if (const auto asked = result_of(getsockname(descriptor, own.get(), &own.length)); !asked.ok()) return asked;
    Result joined;
    if (to->storage.ss_family == AF_INET6) {
        const auto& name = reinterpret_cast<const sockaddr_in6&>(to->storage);
        ipv6_mreq membership{name.sin6_addr, name.sin6_scope_id};
        if (membership.ipv6mr_interface == 0)
            membership.ipv6mr_interface = interface_of(reinterpret_cast<const sockaddr_in6&>(own.storage));
        if (membership.ipv6mr_interface == 0) {
            socklen_t size = sizeof membership.ipv6mr_interface;
            getsockopt(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_IF, &membership.ipv6mr_interface, &size);
        }
        joined = result_of(setsockopt(descriptor, IPPROTO_IPV6, IPV6_JOIN_GROUP, &membership, sizeof membership));
    } else {
        ip_mreqn membership{};
        membership.imr_multiaddr = reinterpret_cast<const sockaddr_in&>(to->storage).sin_addr;
        membership.imr_address = reinterpret_cast<const sockaddr_in&>(own.storage).sin_addr;
        if (membership.imr_address.s_addr == INADDR_ANY || IN_MULTICAST(ntohl(membership.imr_address.s_addr))) {
            socklen_t size = sizeof membership.imr_address;
            getsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &membership.imr_address, &size);
        }
        joined = result_of(setsockopt(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership));
    }
    // No interface leads there.
    if (joined.error == error::address_not_available) joined.error = error::net_unreachable;
    return joined;
}

// A stream is paced by TCP itself; datagrams only where the interface has the fq discipline.
Result Linux::shape(Descriptor descriptor, const Shape& shape) noexcept {
    static_assert(Shape::unlimited == ~0U, "what Linux takes for no limit");
    int family = 0;
    socklen_t size = sizeof family;
    const auto asked = result_of(getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size));
    if (!asked.ok()) return asked;
    const auto paced = result_of(
        setsockopt(descriptor, SOL_SOCKET, SO_MAX_PACING_RATE, &shape.bytes_a_second, sizeof shape.bytes_a_second));
    if (!paced.ok()) return paced;
    const int field = shape.code_point << 2;  // the lowest two bits are those of ECN
    // An IPv6 socket can send to IPv4 addresses as well.
    const auto marked = result_of(setsockopt(descriptor, IPPROTO_IP, IP_TOS, &field, sizeof field));
    if (family == AF_INET) return marked;
    return result_of(setsockopt(descriptor, IPPROTO_IPV6, IPV6_TCLASS, &field, sizeof field));
}

Result Linux::local_address(Descriptor descriptor, Address& address) noexcept {
    SystemAddress system;
    system.length = sizeof system.storage;
    const auto asked = result_of(getsockname(descriptor, system.get(), &system.length));
    if (asked.ok()) to_sdk(system, address);
    return asked;
}

Result Linux::peer_address(Descriptor descriptor, Address& address) noexcept {
    SystemAddress system;
    system.length = sizeof system.storage;
    const auto asked = result_of(getpeername(descriptor, system.get(), &system.length));
    if (asked.ok()) to_sdk(system, address);
    return asked;
}

}  // namespace asyncselect::net
