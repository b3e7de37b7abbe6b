// Datagram sockets. An ICMP error that an earlier datagram has brought about makes the system fail whichever call comes
// next. Here it is fetched and remembered instead: the next receive tells it (WSAECONNRESET), whatever came meanwhile
// is received after it, and a send is never lost to it.
#include "impl/winsock/datagram.hpp"

#include <algorithm>

#include "impl/net/memory.hpp"
#include "impl/winsock/address.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
using core::Error;
using net::Buffer;
using net::Network;
using net::Result;

namespace {

// A call that keeps meeting news of the network gives up after so many: somebody else drains, or it is a storm.
constexpr int most_attempts = 64;

Datagrams& datagrams_of(const Slot& slot) noexcept { return slot.seldom.load()->datagrams; }

void remember(Slot& slot, Error report) noexcept {
    auto& datagrams = datagrams_of(slot);
    if (report != error::none && datagrams.tells_resets.load()) datagrams.reported = report;
}

// Whether there was anything.
bool collect(Slot& slot) noexcept {
    const auto reports = Network::take_reports(slot.descriptor);
    remember(slot, reports.error);
    return reports.any;
}

// Whether a failed call has met the news of the network, which now are fetched, and is to be tried again.
bool met_reports(Slot& slot, Error failure) noexcept {
    const bool any = collect(slot);
    // The datagram protocol refuses nothing by itself: another thread has fetched it between the failure and now.
    if (failure == error::connection_refused) {
        if (!any) remember(slot, error::connection_reset);
        return true;
    }
    return any;
}

bool has_port(Slot& slot) noexcept {
    auto& bound = datagrams_of(slot).bound;
    if (bound.load()) return true;
    net::Address own;
    const bool set = Network::local_address(slot.descriptor, own).ok() && port_is_set(own);
    if (set) bound = true;
    return set;
}

}  // namespace

bool begin_datagrams(Slot& slot, bool inet6) noexcept {
    slot.kind = Kind::datagram;
    auto* seldom = seldom_of(slot);
    if (seldom == nullptr) return false;
    seldom->datagrams.inet6 = inet6;
    return true;
}

bool is_inet6(const Slot& slot) noexcept { return datagrams_of(slot).inet6; }

Result send_datagram(Slot& slot, std::span<const Buffer> buffers, int flags, const net::Address* to) noexcept {
    for (int attempt = 1;; ++attempt) {
        const auto took = Network::send_to(slot.descriptor, buffers, flags, to);
        if (took.ok() || took.error == error::would_block || took.error == error::fault) return took;
        if (!met_reports(slot, took.error) || attempt == most_attempts) return took;
    }
}

Result receive_datagram(Slot& slot, std::span<const Buffer> buffers, int flags, net::Address* from) noexcept {
    // The system would take the datagram first, and then find no place for it.
    if (!std::ranges::all_of(buffers, [](const Buffer& one) { return net::can_be_written(one.base, one.length); }))
        return {-1, error::fault};
    for (int attempt = 1;; ++attempt) {
        if (const auto report = take_report(slot); report != error::none) return {-1, report};
        const auto got = Network::receive_from(slot.descriptor, buffers, flags, from);
        if (got.ok() || got.error == error::message_size || got.error == error::fault) return got;
        if (got.error == error::would_block)
            return slot.phase.load() == Phase::established || has_port(slot) ? got : Result{-1, error::invalid};
        if (!met_reports(slot, got.error) || attempt == most_attempts) return got;
    }
}

Error connect_datagrams(Slot& slot, const net::Address& to) noexcept {
    auto connected = Network::connect(slot.descriptor, to);
    if (!connected.ok() && slot.phase.load() == Phase::established) {
        // The local address that suited the former peer need not suit this one.
        if (const auto reason = disconnect_datagrams(slot); reason != error::none) return reason;
        connected = Network::connect(slot.descriptor, to);
    }
    if (connected.ok()) slot.phase = Phase::established;
    return connected.error;
}

Error disconnect_datagrams(Slot& slot) noexcept {
    const auto ended = Network::disconnect(slot.descriptor);
    if (ended.ok()) slot.phase = Phase::idle;
    return ended.error;
}

void collect_reports(Slot& slot) noexcept { static_cast<void>(collect(slot)); }

bool report_waits(const Slot& slot) noexcept { return datagrams_of(slot).reported.load() != error::none; }

Error take_report(Slot& slot) noexcept {
    auto& reported = datagrams_of(slot).reported;
    return reported.load() == error::none ? error::none : reported.exchange(error::none);
}

Error set_reset_reports(Call& call, const Ioctl& request) noexcept {
    auto& slot = call.slot();
    std::uint32_t on = 0;
    if (const auto bad = request.check(sizeof on, 0); bad != error::none) return bad;
    if (slot.kind != Kind::datagram) return error::operation_not_supported;
    if (const auto bad = request.read(on); bad != error::none) return bad;
    auto& datagrams = datagrams_of(slot);
    datagrams.tells_resets = on != 0;
    if (on == 0) datagrams.reported = error::none;
    return error::none;
}

}  // namespace asyncselect::winsock
