// WSAJoinLeaf for IP multicast. A socket that is connected, as the system understands it, receives from its peer alone;
// so a sender is not connected to the group: where its sends go is remembered beside the slot.
#include "impl/winsock/join_leaf.hpp"

#include "impl/winsock/address.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/quality_of_service.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Error;
using net::Network;

namespace {

constexpr std::uint32_t sender_only = 1;
constexpr std::uint32_t receiver_only = 2;
constexpr std::uint32_t both = 4;

bool names_a_group(const net::Address& address) noexcept {
    return family_of(address) == inet6_family ? address.bytes[8] == std::byte{0xff}
                                              : (address.bytes[4] & std::byte{0xf0}) == std::byte{0xe0};
}

bool is_same(const net::Address& one, const net::Address& other) noexcept {
    return one.length == other.length && std::equal(one.bytes, one.bytes + one.length, other.bytes);
}

Error cannot_join(const Slot& slot, const net::Address& own, const net::Address& group, std::uint32_t flags) noexcept {
    if (slot.kind != Kind::datagram) return error::operation_not_supported;
    if (flags != sender_only && flags != receiver_only && flags != both) return error::invalid;
    if (family_of(group) != family_of(own)) return error::family_not_supported;
    if (!names_a_group(group)) return error::address_not_available;
    if (flags != receiver_only && !port_is_set(group)) return error::address_not_available;
    return slot.phase.load() == Phase::established ? error::is_connected : error::none;
}

// Becomes a member and a sender, as far as it is neither yet.
Error join(Slot& slot, const net::Address& group, std::uint32_t flags) noexcept {
    auto* seldom = seldom_of(slot);
    if (seldom == nullptr) return error::no_buffers;
    const std::lock_guard lock{seldom->mutex};
    bool is_news = false;
    if (flags != sender_only) {
        const auto joined = Network::join_group(slot.descriptor, group);
        if (!joined.ok() && joined.error != error::address_in_use) return joined.error;
        is_news = joined.ok();
    }
    if (flags != receiver_only) {
        is_news = is_news || !seldom->is_sender || !is_same(seldom->destination, group);
        seldom->destination = group;
        seldom->is_sender = true;
    }
    return is_news ? error::none : error::is_connected;
}

Error join_leaf(Call& call, const net::Address& group, std::uint32_t flags, const asyncselect_QOS* quality) noexcept {
    auto& slot = call.slot();
    net::Address own;
    if (const auto asked = Network::local_address(slot.descriptor, own); !asked.ok()) return asked.error;
    if (const auto reason = cannot_join(slot, own, group, flags); reason != error::none) return reason;
    if (!port_is_set(own)) {
        // Another thread can be faster.
        const auto bound = Network::bind(slot.descriptor, own);
        if (!bound.ok() && bound.error != error::invalid) return bound.error;
    }
    const auto change = quality != nullptr ? set_quality(slot, *quality) : QualityChange{};
    if (change.error != error::none) return change.error;
    const auto reason = join(slot, group, flags);
    call.end(change.with(reason == error::none ? stimulus::joined_at_once() : stimulus::nothing));
    return reason;
}

// Sets an option of this number, which is the same for both protocols.
Error set_multicast_option(const Slot& slot, int name, std::uint32_t value) noexcept {
    if (slot.kind != Kind::datagram) return error::operation_not_supported;
    net::Address own;
    if (const auto asked = Network::local_address(slot.descriptor, own); !asked.ok()) return asked.error;
    constexpr int inet_level = 0;
    constexpr int inet6_level = 41;
    const int level = family_of(own) == inet6_family ? inet6_level : inet_level;
    return Network::set_option(slot.descriptor, level, name, std::as_bytes(std::span{&value, 1})).error;
}

}  // namespace

bool default_destination(const Slot& slot, net::Address& group) noexcept {
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr) return false;
    const std::lock_guard lock{seldom->mutex};
    if (seldom->is_sender) group = seldom->destination;
    return seldom->is_sender;
}

Error sio_multipoint_loopback(Call& call, const Ioctl& request) noexcept {
    std::uint32_t on = 0;
    if (const auto bad = request.check(sizeof on, 0); bad != error::none) return bad;
    if (const auto bad = request.read(on); bad != error::none) return bad;
    constexpr int multicast_loop = 11;
    return set_multicast_option(call.slot(), multicast_loop, on != 0 ? 1 : 0);
}

Error sio_multicast_scope(Call& call, const Ioctl& request) noexcept {
    std::uint32_t hops = 0;
    if (const auto bad = request.check(sizeof hops, 0); bad != error::none) return bad;
    if (const auto bad = request.read(hops); bad != error::none) return bad;
    constexpr int multicast_ttl = 10;
    return hops > 255 ? error::invalid : set_multicast_option(call.slot(), multicast_ttl, hops);
}

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

asyncselect_SOCKET asyncselect_WSAJoinLeaf(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen,
                                           const asyncselect_WSABUF* lpCallerData, asyncselect_WSABUF* lpCalleeData,
                                           const asyncselect_QOS* lpSQOS, const asyncselect_QOS* lpGQOS,
                                           uint32_t dwFlags) {
    auto entry = enter(s);
    auto& call = entry.call;
    net::Address group;
    asyncselect_QOS quality{};
    const Extras extras{lpCallerData, lpCalleeData, lpSQOS, lpGQOS};
    Error reason = entry.error;
    if (call) reason = read_address(name, namelen, group);
    if (reason == error::none) reason = extras.read(quality);
    if (reason == error::none) reason = join_leaf(*call, group, dwFlags, lpSQOS != nullptr ? &quality : nullptr);
    if (reason == error::none) return s;
    failed(reason);
    return invalid_handle;
}
