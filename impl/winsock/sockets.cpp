// Making, naming, connecting, shutting down and closing sockets. Each function: argument checks, the system call, one
// step of the word.
#include "impl/winsock/accept.hpp"
#include "impl/winsock/address.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/changes.hpp"
#include "impl/winsock/datagram.hpp"
#include "impl/winsock/harvest.hpp"
#include "impl/winsock/quality_of_service.hpp"
#include "impl/winsock/registration.hpp"
#include "impl/winsock/urgent.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Error;
using core::Event;
using core::events;
using net::Network;

namespace {

Handle make(int family, int type, int protocol) noexcept {
    const auto fail = [](Error code) {
        failed(code);
        return invalid_handle;
    };
    if (const auto reason = cannot_begin(); reason != error::none) return fail(reason);
    const auto opened = Network::open(family, type, protocol);
    if (!opened.ok()) return fail(opened.error);
    const auto handle = reserve_slot();
    if (!handle) {
        Network::close(static_cast<net::Descriptor>(opened.value));
        return fail(error::too_many_files);
    }
    auto& slot = *slot_of(*handle);
    slot.descriptor = static_cast<net::Descriptor>(opened.value);
    constexpr int stream = 1;
    slot.kind = Kind::stream;
    if (type != stream && !begin_datagrams(slot, family == inet6_family)) {
        Network::close(slot.descriptor);
        give_back(*handle);
        return fail(error::no_buffers);
    }
    // A datagram socket can send at once.
    publish(*handle,
            core::enabled(core::all_events) | (slot.kind == Kind::datagram ? core::fact(events(Event::write)) : 0));
    return *handle;
}

// What is asked for besides, if it is, takes effect before the connection is there.
QualityChange change_quality(Slot& slot, const asyncselect_QOS* quality) noexcept {
    return quality != nullptr ? set_quality(slot, *quality) : QualityChange{};
}

Error connect_stream(Call call, const net::Address& to, const asyncselect_QOS* quality) noexcept {
    auto& slot = call.slot();
    const auto handle = call.handle();
    if (slot.phase.load() == Phase::connecting) resolve_connecting(handle);
    switch (slot.phase.load()) {
        case Phase::listening:
            return error::invalid;
        case Phase::established:
            return error::is_connected;
        case Phase::connecting:
            return error::already;
        case Phase::idle:
            break;
    }
    // Before the call, since the outcome can be harvested before it returns.
    auto expected = Phase::idle;
    if (!slot.phase.compare_exchange_strong(expected, Phase::connecting)) return error::already;
    const bool was_posted = (call.before() & core::enabled(events(Event::connect))) == 0;
    const auto change = change_quality(slot, quality);
    if (change.error != error::none) {
        slot.phase = Phase::idle;
        return change.error;
    }
    if (!call.hold()) return error::not_socket;
    call.step_holding(change.with(stimulus::connect_begun()));
    call.release();

    const auto connected = Network::connect(slot.descriptor, to);
    if (connected.ok() || connected.error == error::would_block) {
        if (!slot.blocking.load()) {
            if (connected.ok()) resolve_connecting(handle);
            return connected.error;
        }
        while (slot.phase.load() == Phase::connecting) {
            Error reason = error::none;
            if (!call.await(net::Await::writable, 0, reason)) return error::intr;
            if (reason != error::none) return reason;
            // The reason is told once: this call is who asks for it.
            const auto outcome = Network::take_error(slot.descriptor);
            if (outcome == error::connection_reset) {
                // No answer to a SYN: the connection was established, and then reset.
                slot.phase = Phase::established;
                end_aborted(call, stimulus::connect_outcome(error::none), outcome);
                return error::none;
            }
            if (outcome != error::none) {
                slot.phase = Phase::idle;
                call.end(stimulus::connect_outcome(outcome));
                return outcome;
            }
            resolve_connecting(handle);
        }
        return slot.phase.load() == Phase::established ? error::none : error::connection_refused;
    }
    // The call has told it: nothing follows.
    slot.phase = Phase::idle;
    if (was_posted) call.end({~core::enabled(events(Event::connect)), 0, 0, 0});
    return connected.error;
}

// To no address or one of zeros: ends the association, as Winsock has it for connectionless sockets.
Error connect_datagram(Call& call, const net::Address& to, const asyncselect_QOS* quality) noexcept {
    constexpr std::uint16_t no_family = 0;
    auto& slot = call.slot();
    if (family_of(to) == no_family || !host_is_set(to)) {
        const auto ended = disconnect_datagrams(slot);
        if (ended == error::none) call.end({~core::fact(events(Event::connect)), 0, 0, 0});
        return ended;
    }
    if (!port_is_set(to)) return error::address_not_available;
    const auto change = change_quality(slot, quality);
    if (change.error != error::none) return change.error;
    const auto connected = connect_datagrams(slot, to);
    call.end(change.with(connected == error::none ? stimulus::connected_at_once(true) : stimulus::nothing));
    return connected;
}

}  // namespace

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

asyncselect_SOCKET asyncselect_socket(int af, int type, int protocol) { return make(af, type, protocol); }

asyncselect_SOCKET asyncselect_WSASocketA(int af, int type, int protocol, void* lpProtocolInfo, unsigned int g,
                                          uint32_t dwFlags) {
    constexpr std::uint32_t harmless = 0x01 | 0x80;         // overlapped, not inherited
    constexpr std::uint32_t multipoint_leaf = 0x04 | 0x10;  // IP multicast has no roots
    constexpr unsigned constrained_group = 2;
    constexpr int datagrams = 2;
    const auto allowed = harmless | (type == datagrams ? multipoint_leaf : 0);
    if (cannot_begin() == error::none &&
        (lpProtocolInfo != nullptr || g > constrained_group || (dwFlags & ~allowed) != 0)) {
        failed(error::invalid);
        return invalid_handle;
    }
    return make(af, type, protocol);
}

asyncselect_SOCKET asyncselect_WSASocketW(int af, int type, int protocol, void* lpProtocolInfo, unsigned int g,
                                          uint32_t dwFlags) {
    return asyncselect_WSASocketA(af, type, protocol, lpProtocolInfo, g, dwFlags);
}

int asyncselect_bind(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    net::Address address;
    if (const auto bad = read_address(name, namelen, address); bad != error::none) return failed(bad);
    return result(Network::bind(call->slot().descriptor, address).error);
}

int asyncselect_listen(asyncselect_SOCKET s, int backlog) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    auto& slot = call->slot();
    if (slot.kind != Kind::stream) return failed(error::operation_not_supported);
    if (slot.phase.load() == Phase::connecting) resolve_connecting(s);
    if (slot.phase.load() == Phase::established) return failed(error::is_connected);
    if (slot.phase.load() == Phase::connecting) return failed(error::invalid);
    // Linux would choose a port by itself; Winsock wants the socket bound.
    net::Address bound;
    if (Network::local_address(slot.descriptor, bound).ok() && !port_is_set(bound)) return failed(error::invalid);
    // Before the call, since a request can be harvested before it returns.
    const auto before = slot.phase.exchange(Phase::listening);
    const auto listening = Network::listen(slot.descriptor, backlog);
    if (!listening.ok()) slot.phase = before;
    return result(listening.error);
}

int asyncselect_connect(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen) {
    return asyncselect_WSAConnect(s, name, namelen, nullptr, nullptr, nullptr, nullptr);
}

int asyncselect_WSAConnect(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen,
                           const asyncselect_WSABUF* lpCallerData, asyncselect_WSABUF* lpCalleeData,
                           const asyncselect_QOS* lpSQOS, const asyncselect_QOS* lpGQOS) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    net::Address address;
    if (const auto bad = read_address(name, namelen, address); bad != error::none) return failed(bad);
    const bool is_stream = call->slot().kind == Kind::stream;
    const auto family = family_of(address);
    if (is_stream && family != inet_family && family != inet6_family) return failed(error::family_not_supported);
    if (is_stream && !names_a_destination(address)) return failed(error::address_not_available);
    asyncselect_QOS quality{};
    const Extras extras{lpCallerData, lpCalleeData, lpSQOS, lpGQOS};
    if (const auto bad = extras.read(quality); bad != error::none) return failed(bad);
    const auto* wanted = lpSQOS != nullptr ? &quality : nullptr;
    return result(is_stream ? connect_stream(std::move(*call), address, wanted)
                            : connect_datagram(*call, address, wanted));
}

int asyncselect_shutdown(asyncselect_SOCKET s, int how) {
    constexpr int receiving = 0;
    constexpr int sending = 1;
    constexpr int both = 2;
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    auto& slot = call->slot();
    if (how != receiving && how != sending && how != both) return failed(error::invalid);
    if (slot.phase.load() == Phase::connecting) resolve_connecting(s);
    if (slot.kind == Kind::stream && slot.phase.load() != Phase::established) return failed(error::not_connected);
    const auto word = slot.word.load();
    if (word & core::layout::aborted) return failed(core::error_of(word, Event::close));
    // The end of receiving stays between us and the application: told to Linux, it would look like the peer's FIN. For
    // datagrams so does that of sending: there is nobody to tell.
    if (how != receiving && slot.kind == Kind::stream) {
        // Held until the word knows of it: another thread whose send meets it first waits, and finds whose doing it is.
        if (!call->hold()) return failed(error::not_socket);
        const auto shut = Network::shut_down(slot.descriptor, sending);
        if (shut.ok()) call->step_holding(stimulus::shut_down(false, true));
        call->release();
        if (!shut.ok()) return failed(shut.error);
    }
    if (how != sending && slot.kind == Kind::stream) take_unreceivable(slot);
    call->end(stimulus::shut_down(how != sending, how != receiving));
    return 0;
}

int asyncselect_closesocket(asyncselect_SOCKET s) {
    // A socket can be closed whatever became of the network.
    auto entry = enter(s, stimulus::nothing, Needs::nothing);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    auto& slot = call->slot();
    if (!call->close()) return failed(error::not_socket);
    end_registration(slot, s);
    reset_held_requests(slot);
    forget_changes(s);
    Network::close(slot.descriptor);
    give_back(s);
    return 0;
}

int asyncselect_getsockname(asyncselect_SOCKET s, asyncselect_sockaddr* name, int* namelen) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    net::Address address;
    if (const auto asked = Network::local_address(call->slot().descriptor, address); !asked.ok())
        return failed(asked.error);
    if (!port_is_set(address)) return failed(error::invalid);
    return result(write_address(address, name, namelen));
}

int asyncselect_getpeername(asyncselect_SOCKET s, asyncselect_sockaddr* name, int* namelen) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    net::Address address;
    if (const auto asked = Network::peer_address(call->slot().descriptor, address); !asked.ok())
        return failed(asked.error);
    return result(write_address(address, name, namelen));
}
