// Addresses, flags, buffers and options between the SDK's form and the simulated network's. Memory that was not
// received into holds what it held; received bytes are all the same, but for the urgent one.
#include "impl/net/simulated/transport.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "impl/net/simulated/world.hpp"

namespace asyncselect::net {

namespace error = core::error;
using simulated::Name;
using simulated::Outcome;
using simulated::World;

namespace {

constexpr std::uint16_t sdk_inet = 2;
constexpr std::uint16_t sdk_inet6 = 23;
constexpr int sdk_stream = 1;
constexpr int sdk_datagram = 2;
constexpr int tcp = 6;
constexpr int udp = 17;
constexpr int sdk_oob = 1;
constexpr int sdk_peek = 2;
constexpr std::uint32_t inet_size = 16;
constexpr std::uint32_t inet6_size = 28;
constexpr std::size_t inet_host_at = 4;
constexpr std::size_t inet6_host_at = 8;
// The first page of an address space is never there.
constexpr std::uintptr_t lowest_address = 65536;
constexpr std::byte received{'x'};
constexpr std::byte urgent_byte{'u'};

World& world() noexcept { return World::get(); }

Result of(const Outcome& outcome) noexcept { return {outcome.value, outcome.error}; }

std::optional<Name> name_of(const Address& address) noexcept {
    std::uint16_t family = 0;
    std::memcpy(&family, address.bytes, sizeof family);
    if (family != sdk_inet && family != sdk_inet6) return std::nullopt;
    Name name;
    name.ipv6 = family == sdk_inet6;
    name.port = static_cast<std::uint16_t>(std::to_integer<unsigned>(address.bytes[2]) << 8U |
                                           std::to_integer<unsigned>(address.bytes[3]));
    std::memcpy(name.host.data(), address.bytes + (name.ipv6 ? inet6_host_at : inet_host_at), name.ipv6 ? 16 : 4);
    return name;
}

Address address_of(const Name& name) noexcept {
    Address address{};
    const std::uint16_t family = name.ipv6 ? sdk_inet6 : sdk_inet;
    std::memcpy(address.bytes, &family, sizeof family);
    address.bytes[2] = static_cast<std::byte>(name.port >> 8U);
    address.bytes[3] = static_cast<std::byte>(name.port & 0xffU);
    std::memcpy(address.bytes + (name.ipv6 ? inet6_host_at : inet_host_at), name.host.data(), name.ipv6 ? 16 : 4);
    address.length = name.ipv6 ? inet6_size : inet_size;
    return address;
}

bool wild(std::span<const Buffer> buffers) noexcept {
    return std::ranges::any_of(buffers, [](const Buffer& buffer) {
        return buffer.length != 0 && reinterpret_cast<std::uintptr_t>(buffer.base) < lowest_address;
    });
}

std::size_t total(std::span<const Buffer> buffers) noexcept {
    std::size_t bytes = 0;
    for (const auto& buffer : buffers) bytes += buffer.length;
    return bytes;
}

void fill(std::span<const Buffer> buffers, std::int64_t bytes, std::optional<std::size_t> urgent_at) noexcept {
    auto left = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 0));
    std::size_t position = 0;
    for (const auto& buffer : buffers) {
        const std::size_t here = std::min(buffer.length, left);
        if (here == 0) continue;
        std::memset(buffer.base, std::to_integer<int>(received), here);
        if (urgent_at && *urgent_at >= position && *urgent_at < position + here)
            static_cast<std::byte*>(buffer.base)[*urgent_at - position] = urgent_byte;
        position += here;
        left -= here;
    }
}

// ---- options

constexpr int sdk_socket = 0xffff;
constexpr int sdk_linger = 0x0080;
constexpr int sdk_oob_inline = 0x0100;
constexpr int sdk_send_buffer = 0x1001;
constexpr int sdk_receive_buffer = 0x1002;
constexpr int sdk_error = 0x1007;
constexpr int sdk_type = 0x1008;
constexpr int sdk_accepting = 0x0002;

// The SDK's struct linger: two halves of 16 bits.
struct SdkLinger {
    std::uint16_t on;
    std::uint16_t seconds;
};

bool known_level(int level) noexcept { return level == sdk_socket || level == tcp || level == 0 || level == 41; }

}  // namespace

bool Simulated::available() noexcept { return !world().failed(); }

Result Simulated::open(int family, int type, int protocol) noexcept {
    if (family != sdk_inet && family != sdk_inet6) return {-1, error::family_not_supported};
    if (type != sdk_stream && type != sdk_datagram) return {-1, error::socket_type_not_supported};
    if (protocol != 0 && protocol != (type == sdk_stream ? tcp : udp))
        return {-1, protocol == tcp || protocol == udp ? error::wrong_protocol_type : error::protocol_not_supported};
    return of(world().open(family == sdk_inet6, type == sdk_stream));
}

void Simulated::close(Descriptor descriptor) noexcept { world().close(descriptor); }
void Simulated::reset(Descriptor descriptor) noexcept { world().abort(descriptor); }

Result Simulated::bind(Descriptor descriptor, const Address& to) noexcept {
    const auto name = name_of(to);
    if (!name || name->ipv6 != world().ipv6(descriptor)) return {-1, error::family_not_supported};
    return of(world().bind(descriptor, *name));
}

Result Simulated::listen(Descriptor descriptor, int backlog) noexcept {
    return of(world().listen(descriptor, backlog));
}

Result Simulated::accept(Descriptor descriptor, Address& peer) noexcept {
    Name name;
    const auto accepted = world().accept(descriptor, name);
    if (accepted.ok()) peer = address_of(name);
    return of(accepted);
}

Result Simulated::connect(Descriptor descriptor, const Address& to) noexcept {
    const auto name = name_of(to);
    if (!name || name->ipv6 != world().ipv6(descriptor)) return {-1, error::family_not_supported};
    return of(world().connect(descriptor, *name));
}

Result Simulated::send(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    return of(world().send(descriptor, total(buffers), (flags & sdk_oob) != 0, wild(buffers)));
}

Result Simulated::receive(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    if (!world().stream(descriptor)) return receive_from(descriptor, buffers, flags, nullptr);
    std::optional<std::size_t> urgent_at;
    const auto got = world().receive(descriptor, total(buffers), (flags & sdk_oob) != 0, (flags & sdk_peek) != 0,
                                     wild(buffers), urgent_at);
    if (got.ok()) fill(buffers, got.value, urgent_at);
    return of(got);
}

Result Simulated::send_to(Descriptor descriptor, std::span<const Buffer> buffers, int flags,
                          const Address* to) noexcept {
    if (to == nullptr) return send(descriptor, buffers, flags);
    const auto name = name_of(*to);
    if (!name || name->ipv6 != world().ipv6(descriptor)) return {-1, error::family_not_supported};
    return of(world().send_to(descriptor, total(buffers), &*name, wild(buffers)));
}

Result Simulated::receive_from(Descriptor descriptor, std::span<const Buffer> buffers, int flags,
                               Address* from) noexcept {
    if ((flags & sdk_oob) != 0) return {-1, error::operation_not_supported};
    Name name;
    const auto got = world().receive_from(descriptor, total(buffers), (flags & sdk_peek) != 0, wild(buffers), name);
    if (!got.ok() && got.error != error::message_size) return of(got);
    fill(buffers, got.value, std::nullopt);
    if (from != nullptr) *from = address_of(name);
    return of(got);
}

Result Simulated::disconnect(Descriptor descriptor) noexcept { return of(world().disconnect(descriptor)); }

Reports Simulated::take_reports(Descriptor descriptor) noexcept {
    const auto [any, told] = world().take_reports(descriptor);
    return {any, told};
}

Result Simulated::shut_down(Descriptor descriptor, int how) noexcept { return of(world().shut_down(descriptor, how)); }
Result Simulated::bytes_available(Descriptor descriptor) noexcept { return of(world().bytes_available(descriptor)); }
Result Simulated::at_mark(Descriptor descriptor) noexcept { return of(world().at_mark(descriptor)); }
Result Simulated::bytes_before_mark(Descriptor descriptor) noexcept {
    return of(world().bytes_before_mark(descriptor));
}
core::Error Simulated::take_error(Descriptor descriptor) noexcept { return world().take_error(descriptor); }

Conditions Simulated::conditions_now(Descriptor descriptor) noexcept {
    return conditions(world().readiness(descriptor));
}

Conditions Simulated::conditions(std::uint32_t events) noexcept {
    return {(events & simulated::in) != 0,  (events & simulated::out) != 0,     (events & simulated::urgent) != 0,
            (events & simulated::end) != 0, (events & simulated::hung_up) != 0, (events & simulated::broken) != 0};
}

// A wait that nothing can end is told as one that was broken off: a simulation must not hang.
Result Simulated::await(Descriptor descriptor, Await what, int milliseconds) noexcept {
    World& here = world();
    const auto ready = [&] {
        const auto now = conditions(here.readiness(descriptor));
        return now.broken || now.hung_up || (what == Await::readable ? now.readable || now.end : now.writable);
    };
    while (!ready()) {
        if (here.deliver()) continue;
        if (milliseconds < 0) return {-1, error::intr};
        here.pass(static_cast<std::uint64_t>(milliseconds));
        return {-1, error::timed_out};
    }
    return {1, error::none};
}

Result Simulated::get_option(Descriptor descriptor, int level, int name, std::span<std::byte> value,
                             std::uint32_t& length) noexcept {
    if (!known_level(level)) return {-1, error::invalid};
    World& here = world();
    if (level == sdk_socket && name == sdk_linger) {
        const auto kept = static_cast<std::uint32_t>(here.option(descriptor, level, name));
        const SdkLinger out{static_cast<std::uint16_t>(kept & 0xffffU), static_cast<std::uint16_t>(kept >> 16U)};
        if (value.size() < sizeof out) return {-1, error::fault};
        std::memcpy(value.data(), &out, sizeof out);
        length = sizeof out;
        return {};
    }
    auto number = static_cast<int>(here.option(descriptor, level, name));
    if (level == sdk_socket) {
        if (name == sdk_error) number = here.take_error(descriptor);
        if (name == sdk_type) number = here.stream(descriptor) ? sdk_stream : sdk_datagram;
        if (name == sdk_accepting) number = here.listening(descriptor) ? 1 : 0;
    }
    length = static_cast<std::uint32_t>(std::min(value.size(), sizeof number));
    if (length == 0) return {-1, error::fault};
    std::memcpy(value.data(), &number, length);
    return {};
}

Result Simulated::set_option(Descriptor descriptor, int level, int name, std::span<const std::byte> value) noexcept {
    if (!known_level(level)) return {-1, error::invalid};
    World& here = world();
    if (value.empty()) return {-1, error::fault};
    if (level == sdk_socket && name == sdk_linger) {
        SdkLinger in{};
        if (value.size() < sizeof in) return {-1, error::fault};
        std::memcpy(&in, value.data(), sizeof in);
        here.option(descriptor, level, name) = in.on | static_cast<std::int64_t>(in.seconds) << 16U;
        here.set_abortive(descriptor, in.on != 0 && in.seconds == 0);
        return {};
    }
    int number = 0;
    std::memcpy(&number, value.data(), std::min(value.size(), sizeof number));
    here.option(descriptor, level, name) = number;
    if (level == sdk_socket && name == sdk_oob_inline) here.set_inline(descriptor, number != 0);
    if (level == sdk_socket && (name == sdk_send_buffer || name == sdk_receive_buffer))
        here.set_buffer(descriptor, name == sdk_send_buffer, number);
    return {};
}

Result Simulated::join_group(Descriptor descriptor, const Address& group) noexcept {
    const auto name = name_of(group);
    if (!name || name->ipv6 != world().ipv6(descriptor)) return {-1, error::family_not_supported};
    return of(world().join(descriptor, *name));
}

Result Simulated::shape(Descriptor, const Shape&) noexcept { return {}; }

Result Simulated::local_address(Descriptor descriptor, Address& address) noexcept {
    Name name;
    const auto asked = world().local(descriptor, name);
    if (asked.ok()) address = address_of(name);
    return of(asked);
}

Result Simulated::peer_address(Descriptor descriptor, Address& address) noexcept {
    Name name;
    const auto asked = world().peer(descriptor, name);
    if (asked.ok()) address = address_of(name);
    return of(asked);
}

}  // namespace asyncselect::net
