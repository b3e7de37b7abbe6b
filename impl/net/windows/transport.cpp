// One call of ws2_32 a function, and where it takes something away or finds no room, the word to poll_requests.hpp that
// what comes next is to be told. Errors are the SDK's already.
#include "impl/net/windows/transport.hpp"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "impl/net/windows/afd.hpp"
#include "impl/net/windows/poll_requests.hpp"

namespace asyncselect::net {

namespace {

namespace error = core::error;
namespace condition = afd::condition;
using poll_requests::look_again;
using poll_requests::What;

// Of a handle of the system 32 bits are significant.
SOCKET socket_of(Descriptor descriptor) noexcept { return static_cast<SOCKET>(descriptor); }

Result failure() noexcept { return {-1, static_cast<core::Error>(::WSAGetLastError())}; }
Result result_of(std::int64_t returned) noexcept { return returned == SOCKET_ERROR ? failure() : Result{returned}; }

sockaddr* name_of(Address& address) noexcept { return reinterpret_cast<sockaddr*>(address.bytes); }
const sockaddr* name_of(const Address& address) noexcept { return reinterpret_cast<const sockaddr*>(address.bytes); }

// The library's share of the system's Winsock: as long as the process.
core::Error start_winsock() noexcept {
    static const int came_to = [] {
        WSADATA data{};
        return ::WSAStartup(0x0202, &data);
    }();
    return came_to;
}

bool set_nonblocking(SOCKET socket) noexcept {
    u_long on = 1;
    return ::ioctlsocket(socket, static_cast<long>(FIONBIO), &on) == 0;
}

Result ready_to_use(SOCKET socket) noexcept {
    if (socket == INVALID_SOCKET) return failure();
    if (set_nonblocking(socket)) return {static_cast<std::int64_t>(socket)};
    const auto why = failure();
    ::closesocket(socket);
    return why;
}

// The buffers as the system wants them, without memory for the few that most calls have.
class Buffers {
  public:
    explicit Buffers(std::span<const Buffer> buffers) {
        WSABUF* into = few_.data();
        if (buffers.size() > few_.size()) {
            many_.resize(buffers.size());
            into = many_.data();
        }
        buffers_ = into;
        for (const auto& buffer : buffers)
            *into++ = {static_cast<ULONG>(buffer.length), static_cast<char*>(buffer.base)};
        count_ = static_cast<DWORD>(buffers.size());
    }
    [[nodiscard]] WSABUF* get() noexcept { return buffers_; }
    [[nodiscard]] DWORD count() const noexcept { return count_; }

  private:
    std::array<WSABUF, 8> few_;
    std::vector<WSABUF> many_;
    WSABUF* buffers_;
    DWORD count_;
};

constexpr int known_flags = MSG_OOB | MSG_PEEK | MSG_DONTROUTE;

bool was_reset(Descriptor descriptor) noexcept { return afd::holding(socket_of(descriptor), condition::abort) != 0; }

Result sent(Descriptor descriptor, int failed, DWORD bytes, std::span<const Buffer> buffers) noexcept {
    if (failed != 0) {
        auto why = failure();
        if (why.error == error::would_block) look_again(descriptor, What::room);
        // After a reset the system may say that there is no sending any more, and not why.
        if (why.error == error::shut_down && was_reset(descriptor)) why.error = error::connection_reset;
        return why;
    }
    std::size_t wanted = 0;
    for (const auto& buffer : buffers) wanted += buffer.length;
    if (bytes < wanted) look_again(descriptor, What::room);
    return {bytes};
}

void received_from(Descriptor descriptor, int flags) noexcept {
    if ((flags & MSG_OOB) == 0) look_again(descriptor, What::arriving);
    look_again(descriptor, What::urgent);
}

Result receive_from_system(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    if (buffers.size() == 1)
        return result_of(::recv(socket_of(descriptor), static_cast<char*>(buffers[0].base),
                                static_cast<int>(std::min<std::size_t>(buffers[0].length, INT32_MAX)),
                                flags & known_flags));
    Buffers system{buffers};
    DWORD bytes = 0;
    DWORD changed = static_cast<DWORD>(flags & known_flags);
    const int failed =
        ::WSARecv(socket_of(descriptor), system.get(), system.count(), &bytes, &changed, nullptr, nullptr);
    return failed == 0 ? Result{bytes} : failure();
}

Conditions conditions_of(std::uint32_t holds) noexcept {
    const auto any = [holds](std::uint32_t of) { return (holds & of) != 0; };
    const bool over = any(condition::abort | condition::connect_fail);
    return {any(condition::receive | condition::accept | condition::disconnect | condition::abort),
            any(condition::send | condition::connect | condition::abort),
            any(condition::receive_expedited),
            any(condition::disconnect | condition::abort),
            over,
            over};
}

}  // namespace

Result Windows::open(int family, int type, int protocol) noexcept {
    if (const auto bad = start_winsock(); bad != error::none) return {-1, bad};
    return ready_to_use(::WSASocketW(family, type, protocol, nullptr, 0, WSA_FLAG_OVERLAPPED));
}

// What is unread makes it a reset, wherever it is.
void Windows::close(Descriptor descriptor) noexcept {
    if (poll_requests::closes(descriptor)) return reset(descriptor);
    ::closesocket(socket_of(descriptor));
}

void Windows::reset(Descriptor descriptor) noexcept {
    const linger at_once{1, 0};
    static_cast<void>(poll_requests::closes(descriptor));
    ::setsockopt(socket_of(descriptor), SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&at_once), sizeof at_once);
    ::closesocket(socket_of(descriptor));
}

Result Windows::bind(Descriptor descriptor, const Address& to) noexcept {
    return result_of(::bind(socket_of(descriptor), name_of(to), static_cast<int>(to.length)));
}

Result Windows::listen(Descriptor descriptor, int backlog) noexcept {
    const auto listening = result_of(::listen(socket_of(descriptor), backlog));
    look_again(descriptor, What::arriving);
    return listening;
}

Result Windows::accept(Descriptor descriptor, Address& peer) noexcept {
    int length = sizeof peer.bytes;
    const auto accepted = ready_to_use(::accept(socket_of(descriptor), name_of(peer), &length));
    if (accepted.ok()) peer.length = static_cast<std::uint32_t>(length);
    look_again(descriptor, What::arriving);
    return accepted;
}

Result Windows::connect(Descriptor descriptor, const Address& to) noexcept {
    const auto attempt = [&] {
        return result_of(::connect(socket_of(descriptor), name_of(to), static_cast<int>(to.length)));
    };
    auto connected = attempt();
    // Wine says so once, instead of trying, on the socket of an attempt that failed before.
    if (connected.error == error::connection_aborted) connected = attempt();
    look_again(descriptor, What::room);
    look_again(descriptor, What::arriving);
    return connected;
}

Result Windows::send(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    return send_to(descriptor, buffers, flags, nullptr);
}

Result Windows::receive(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    poll_requests::Receiving alone{descriptor};
    if ((flags & MSG_OOB) != 0) poll_requests::poll_only(descriptor);
    const bool peek = (flags & MSG_PEEK) != 0;
    bool all = true;
    const auto take = [&] {
        return (flags & MSG_OOB) != 0 ? Result{-1, error::would_block} : alone.take(buffers, peek, all);
    };
    auto got = take();
    if (got.error == error::in_progress) {
        // Has the system look: what has arrived is in what is under way then. Nothing is to be taken before that.
        char unwanted = 0;
        static_cast<void>(::recv(socket_of(descriptor), &unwanted, 1, MSG_PEEK));
        got = take();
    }
    if (got.error == error::in_progress) {
        got.error = error::would_block;
    } else if (got.error == error::would_block) {
        got = receive_from_system(descriptor, buffers, flags);
    } else if (got.ok() && !all && !peek && buffers.size() == 1) {
        const auto taken = static_cast<std::size_t>(got.value);
        const Buffer rest{static_cast<std::byte*>(buffers[0].base) + taken, buffers[0].length - taken};
        const auto more = rest.length != 0 ? receive_from_system(descriptor, {&rest, 1}, flags) : Result{};
        if (more.ok()) got.value += more.value;
    }
    received_from(descriptor, flags);
    // Wine tells the error of a reset nobody, and then that the stream has ended.
    const bool asked = std::ranges::any_of(buffers, [](const Buffer& buffer) { return buffer.length != 0; });
    if (got.ok() && got.value == 0 && asked && was_reset(descriptor)) return {-1, error::connection_reset};
    return got;
}

Result Windows::send_to(Descriptor descriptor, std::span<const Buffer> buffers, int flags, const Address* to) noexcept {
    Buffers system{buffers};
    DWORD bytes = 0;
    const int failed = ::WSASendTo(socket_of(descriptor), system.get(), system.count(), &bytes,
                                   static_cast<DWORD>(flags & known_flags), to != nullptr ? name_of(*to) : nullptr,
                                   to != nullptr ? static_cast<int>(to->length) : 0, nullptr, nullptr);
    return sent(descriptor, failed, bytes, buffers);
}

Result Windows::receive_from(Descriptor descriptor, std::span<const Buffer> buffers, int flags,
                             Address* from) noexcept {
    Buffers system{buffers};
    Address unwanted;
    auto& sender = from != nullptr ? *from : unwanted;
    int length = sizeof sender.bytes;
    DWORD bytes = 0;
    DWORD changed = static_cast<DWORD>(flags & known_flags);
    const int failed = ::WSARecvFrom(socket_of(descriptor), system.get(), system.count(), &bytes, &changed,
                                     name_of(sender), &length, nullptr, nullptr);
    auto got = failed == 0 ? Result{bytes} : failure();
    if (got.ok()) sender.length = static_cast<std::uint32_t>(length);
    if (got.error == error::message_size) {
        got.value = bytes;
        sender.length = static_cast<std::uint32_t>(length);
    }
    // What an earlier datagram has brought about.
    if (got.error == error::connection_reset) got.error = error::connection_refused;
    received_from(descriptor, flags);
    return got;
}

Result Windows::disconnect(Descriptor descriptor) noexcept {
    Address nowhere{};
    if (const auto asked = local_address(descriptor, nowhere); !asked.ok()) return asked;
    std::fill(nowhere.bytes + sizeof(ADDRESS_FAMILY), std::end(nowhere.bytes), std::byte{});
    return result_of(::connect(socket_of(descriptor), name_of(nowhere), static_cast<int>(nowhere.length)));
}

// What the system has to say it says to the next receive, and to nobody else.
Reports Windows::take_reports(Descriptor descriptor) noexcept {
    int number = 0;
    int length = sizeof number;
    if (::getsockopt(socket_of(descriptor), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&number), &length) != 0 ||
        number == 0)
        return {};
    return {true, number == error::message_size ? error::none : error::connection_reset};
}

Result Windows::shut_down(Descriptor descriptor, int how) noexcept {
    const auto shut = result_of(::shutdown(socket_of(descriptor), how));
    // Who waits for the socket is to see it, and would not of one that is not connected.
    if (how == SD_BOTH) afd::interrupt(socket_of(descriptor));
    return shut;
}

Result Windows::bytes_available(Descriptor descriptor) noexcept {
    bool all = false;
    const auto ahead = poll_requests::received_ahead(descriptor, all);
    if (all) return {static_cast<std::int64_t>(ahead)};
    u_long bytes = 0;
    const auto asked = result_of(::ioctlsocket(socket_of(descriptor), static_cast<long>(FIONREAD), &bytes));
    return asked.ok() ? Result{static_cast<std::int64_t>(bytes + ahead)} : asked;
}

Result Windows::at_mark(Descriptor descriptor) noexcept {
    poll_requests::poll_only(descriptor);
    bool all = false;
    if (poll_requests::received_ahead(descriptor, all) != 0) return {0};
    u_long mark = 0;
    const auto asked = result_of(::ioctlsocket(socket_of(descriptor), static_cast<long>(SIOCATMARK), &mark));
    return asked.ok() ? Result{static_cast<std::int64_t>(mark)} : asked;
}

// An urgent byte that is inline is data like any other here.
Result Windows::bytes_before_mark(Descriptor /*descriptor*/) noexcept { return {-1, error::invalid}; }

core::Error Windows::take_error(Descriptor descriptor) noexcept {
    int number = 0;
    int length = sizeof number;
    if (::getsockopt(socket_of(descriptor), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&number), &length) != 0)
        return ::WSAGetLastError();
    if (number != 0) return number;
    // AFD knows of it either way.
    const auto holds = afd::holding(socket_of(descriptor), condition::abort | condition::connect_fail);
    if ((holds & condition::abort) != 0) return error::connection_reset;
    return holds != 0 ? error::connection_refused : error::none;
}

Conditions Windows::conditions_now(Descriptor descriptor) noexcept {
    bool all = false;
    const bool ahead = poll_requests::received_ahead(descriptor, all) != 0;
    return conditions_of(afd::holding(socket_of(descriptor), afd::every_condition) | (ahead ? condition::receive : 0));
}

Conditions Windows::conditions(std::uint32_t events) noexcept { return conditions_of(events); }

bool Windows::unchanged_since(Descriptor descriptor, std::uint64_t number) noexcept {
    return poll_requests::unchanged_since(descriptor, number);
}

void Windows::tell_of_urgent(Descriptor descriptor) noexcept { poll_requests::ask_for_urgent(descriptor); }

Result Windows::await(Descriptor descriptor, Await what, int milliseconds) noexcept {
    if (what == Await::readable && !left_to_come(descriptor)) return {1};
    const auto wanted = what == Await::readable ? condition::receive | condition::accept | condition::disconnect
                                                : condition::send | condition::connect;
    afd::Request request{{}, 1, 0, {{reinterpret_cast<HANDLE>(socket_of(descriptor)), 0, 0}}};
    request.asked[0].conditions = wanted | condition::abort | condition::connect_fail | condition::local_close;
    switch (afd::await(request, sizeof request, milliseconds)) {
        case 1:
            return {1};
        case 0:
            return {-1, error::timed_out};
        default:
            return {-1, error::not_socket};
    }
}

bool Windows::left_to_come(Descriptor descriptor) noexcept {
    poll_requests::poll_only(descriptor);
    bool all = false;
    return poll_requests::received_ahead(descriptor, all) == 0;
}

Result Windows::get_option(Descriptor descriptor, int level, int name, std::span<std::byte> value,
                           std::uint32_t& length) noexcept {
    auto size = static_cast<int>(value.size());
    const auto asked =
        result_of(::getsockopt(socket_of(descriptor), level, name, reinterpret_cast<char*>(value.data()), &size));
    if (asked.ok()) length = static_cast<std::uint32_t>(size);
    return asked;
}

Result Windows::set_option(Descriptor descriptor, int level, int name, std::span<const std::byte> value) noexcept {
    const auto set =
        result_of(::setsockopt(socket_of(descriptor), level, name, reinterpret_cast<const char*>(value.data()),
                               static_cast<int>(value.size())));
    // Wine settles what an urgent byte is when it is asked for.
    if (level == SOL_SOCKET && name == SO_OOBINLINE) {
        poll_requests::poll_only(descriptor);
        poll_requests::ask_anew(descriptor, What::urgent);
        poll_requests::ask_anew(descriptor, What::arriving);
    }
    return set;
}

Result Windows::join_group(Descriptor descriptor, const Address& group) noexcept {
    if (name_of(group)->sa_family == AF_INET6) {
        ipv6_mreq membership{};
        membership.ipv6mr_multiaddr = reinterpret_cast<const sockaddr_in6*>(name_of(group))->sin6_addr;
        membership.ipv6mr_interface = reinterpret_cast<const sockaddr_in6*>(name_of(group))->sin6_scope_id;
        return set_option(descriptor, IPPROTO_IPV6, IPV6_JOIN_GROUP, std::as_bytes(std::span{&membership, 1}));
    }
    ip_mreq membership{};
    membership.imr_multiaddr = reinterpret_cast<const sockaddr_in*>(name_of(group))->sin_addr;
    Address own;
    if (local_address(descriptor, own).ok())
        membership.imr_interface = reinterpret_cast<const sockaddr_in*>(name_of(own))->sin_addr;
    return set_option(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, std::as_bytes(std::span{&membership, 1}));
}

// Windows has no means to pace a single socket but its quality-of-service API, which wants an administrator: flow
// specifications are kept and told, and what is sent is not held back.
Result Windows::shape(Descriptor /*descriptor*/, const Shape& /*shape*/) noexcept { return {}; }

Result Windows::local_address(Descriptor descriptor, Address& address) noexcept {
    int length = sizeof address.bytes;
    const auto asked = result_of(::getsockname(socket_of(descriptor), name_of(address), &length));
    if (asked.ok()) address.length = static_cast<std::uint32_t>(length);
    return asked;
}

Result Windows::peer_address(Descriptor descriptor, Address& address) noexcept {
    int length = sizeof address.bytes;
    const auto asked = result_of(::getpeername(socket_of(descriptor), name_of(address), &length));
    if (asked.ok()) address.length = static_cast<std::uint32_t>(length);
    return asked;
}

}  // namespace asyncselect::net
