// Making, naming, connecting, accepting, shutting down and closing sockets. Each function: argument checks, the system
// call, one step of the word.
#include <algorithm>
#include <cstring>

#include "impl/net/memory.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/harvest.hpp"
#include "impl/winsock/registration.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Error;
using core::Event;
using core::events;
using net::Network;

namespace {

constexpr std::uint32_t inet_length = sizeof(asyncselect_sockaddr_in);
constexpr std::uint32_t inet6_length = sizeof(asyncselect_sockaddr_in6);
constexpr std::uint16_t inet6_family = 23;

// An address that the application passes in: its memory and its length are not to be trusted.
Error read_address(const asyncselect_sockaddr* name, int namelen, net::Address& out) noexcept {
    if (name == nullptr || namelen < static_cast<int>(inet_length)) return error::fault;
    out.length = std::min<std::uint32_t>(static_cast<std::uint32_t>(namelen), sizeof out.bytes);
    if (!net::read_memory(out.bytes, name, out.length)) return error::fault;
    std::uint16_t family = 0;
    std::memcpy(&family, out.bytes, sizeof family);
    if (family == inet6_family && out.length < inet6_length) return error::fault;
    if (family != inet6_family) out.length = std::min(out.length, inet_length);
    return error::none;
}

Error write_address(const net::Address& from, asyncselect_sockaddr* name, int* namelen) noexcept {
    int room = 0;
    if (!net::read_memory(&room, namelen, sizeof room)) return error::fault;
    if (room < static_cast<int>(from.length)) return error::fault;
    const int length = static_cast<int>(from.length);
    if (!net::write_memory(name, from.bytes, from.length)) return error::fault;
    return net::write_memory(namelen, &length, sizeof length) ? error::none : error::fault;
}

// Windows connects to no address that names no host or no port.
bool names_a_destination(const net::Address& address) noexcept {
    std::uint16_t family = 0;
    std::uint16_t port = 0;
    std::memcpy(&family, address.bytes, sizeof family);
    std::memcpy(&port, address.bytes + 2, sizeof port);
    const auto* host = address.bytes + (family == inet6_family ? 8 : 4);
    const auto* end = host + (family == inet6_family ? 16 : 4);
    return port != 0 && std::any_of(host, end, [](std::byte b) { return b != std::byte{0}; });
}

bool port_is_set(const net::Address& address) noexcept {
    return address.bytes[2] != std::byte{0} || address.bytes[3] != std::byte{0};
}

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
    slot.kind = type == stream ? Kind::stream : Kind::datagram;
    // A datagram socket can send at once.
    publish(*handle,
            core::enabled(core::all_events) | (slot.kind == Kind::datagram ? core::fact(events(Event::write)) : 0));
    return *handle;
}

// The socket of a connection that was taken: the listener's mode and registration (AS-INHERIT-1), a fresh record.
// A handle, or the error.
struct Adopted {
    Handle handle = invalid_handle;
    Error error = error::none;
};

Adopted adopt(Call& listener, Handle handle, net::Descriptor descriptor) noexcept {
    auto& from = listener.slot();
    auto& slot = *slot_of(handle);
    slot.descriptor = descriptor;
    slot.kind = Kind::stream;
    slot.phase = Phase::established;
    slot.receive_timeout = from.receive_timeout.load();
    slot.send_timeout = from.send_timeout.load();

    if (!listener.hold()) return {invalid_handle, error::not_socket};
    const auto mask = inherit_registration(from, slot);
    slot.blocking = from.blocking.load();
    listener.release();
    if (!mask) return {invalid_handle, error::no_buffers};

    publish(handle, stimulus::inherit(*mask).set & ~core::fact(events(Event::write)));
    auto* poller = slot.poller.load();
    if (poller == nullptr) return {handle, error::none};
    if (poller->add(descriptor, handle) != 0) return {invalid_handle, error::no_buffers};
    // What holds already is posted now, in the order of R-9.
    if (auto call = Call::begin(handle)) {
        auto aborted = error::none;
        call->end(told_by(slot, call->before(), Network::conditions_now(descriptor), aborted));
    }
    return {handle, error::none};
}

void abandon(Handle handle) noexcept {
    auto& slot = *slot_of(handle);
    if (slot.word.load() & owners::open) {
        asyncselect_closesocket(handle);
        return;
    }
    if (slot.window != 0) window::release(slot.window);
    if (slot.descriptor != net::no_descriptor) Network::close(slot.descriptor);
    give_back(handle);
}

Error awaited(std::optional<Call>& call, net::Await what, std::uint32_t milliseconds) noexcept {
    Error code = error::none;
    const bool open = call->await(what, milliseconds, code);
    if (!open) call.reset();
    return open ? code : error::intr;
}

Error connect_stream(Call call, const net::Address& to) noexcept {
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
    if (!call.hold()) return error::not_socket;
    call.step_holding(stimulus::connect_begun());
    call.release();

    const auto connected = Network::connect(slot.descriptor, to);
    if (connected.ok() || connected.error == error::would_block) {
        if (!slot.blocking.load()) {
            if (connected.ok()) resolve_connecting(handle);
            return connected.error;
        }
        std::optional<Call> waiting{std::move(call)};
        while (slot.phase.load() == Phase::connecting) {
            if (const auto code = awaited(waiting, net::Await::writable, 0); code != error::none) return code;
            // The reason is told once: this call is who asks for it.
            const auto outcome = Network::take_error(slot.descriptor);
            if (outcome != error::none) {
                slot.phase = Phase::idle;
                waiting->end(stimulus::connect_outcome(outcome));
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

}  // namespace

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

asyncselect_SOCKET asyncselect_socket(int af, int type, int protocol) { return make(af, type, protocol); }

asyncselect_SOCKET asyncselect_WSASocketA(int af, int type, int protocol, void* lpProtocolInfo, unsigned int g,
                                          uint32_t dwFlags) {
    constexpr std::uint32_t overlapped = 0x01;
    constexpr std::uint32_t not_inherited = 0x80;
    if (started() && (lpProtocolInfo != nullptr || g != 0 || (dwFlags & ~(overlapped | not_inherited)) != 0)) {
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

asyncselect_SOCKET asyncselect_accept(asyncselect_SOCKET s, asyncselect_sockaddr* addr, int* addrlen) {
    const auto fail = [](Error code) {
        failed(code);
        return invalid_handle;
    };
    bool waited = false;
    for (;;) {
        auto entry = enter(s, stimulus::accept_begins());
        auto& call = entry.call;
        if (!call) return fail(waited && entry.error == error::not_socket ? error::intr : entry.error);
        auto& slot = call->slot();
        // Whether another request waits is asked only if somebody is to be told (AS-ACCEPT-3).
        const auto another = [&] {
            return call->wants(events(Event::accept)) && slot.phase.load() == Phase::listening &&
                   Network::conditions_now(slot.descriptor).readable;
        };
        const auto end_with = [&](Error reason) {
            call->end(stimulus::accepted(reason != error::would_block && another()));
            return fail(reason);
        };
        if (slot.kind != Kind::stream) return end_with(error::operation_not_supported);
        if (slot.phase.load() != Phase::listening) return end_with(error::invalid);
        int room = 0;
        if (addr != nullptr || addrlen != nullptr) {
            if (addr == nullptr || !net::read_memory(&room, addrlen, sizeof room)) return end_with(error::fault);
            net::Address own;
            if (!Network::local_address(slot.descriptor, own).ok() || room < static_cast<int>(own.length))
                return end_with(error::fault);
            // Both places must take what is to be written, before the request is taken: it could not be put back.
            std::byte probe[sizeof(asyncselect_sockaddr_in6)];
            const auto length = std::min<std::size_t>(own.length, sizeof probe);
            if (!net::read_memory(probe, addr, length) || !net::write_memory(addr, probe, length) ||
                !net::write_memory(addrlen, &room, sizeof room))
                return end_with(error::fault);
        }
        const auto reserved = reserve_slot();
        if (!reserved) return end_with(error::too_many_files);
        net::Address peer;
        const auto accepted = Network::accept(slot.descriptor, peer);
        if (!accepted.ok()) {
            give_back(*reserved);
            if (accepted.error != error::would_block || !slot.blocking.load()) return end_with(accepted.error);
            Error reason = error::none;
            const bool open = call->await(net::Await::readable, slot.receive_timeout.load(), reason);
            if (!open) return fail(error::intr);
            if (reason != error::none) return end_with(reason);
            waited = true;
            call->end(stimulus::nothing);
            continue;
        }
        const auto adopted = adopt(*call, *reserved, static_cast<net::Descriptor>(accepted.value));
        if (adopted.error != error::none) {
            abandon(*reserved);
            return end_with(adopted.error);
        }
        call->end(stimulus::accepted(another()));
        if (addr != nullptr && write_address(peer, addr, addrlen) != error::none) return fail(error::fault);
        return adopted.handle;
    }
}

int asyncselect_connect(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    net::Address address;
    if (const auto bad = read_address(name, namelen, address); bad != error::none) return failed(bad);
    if (!names_a_destination(address)) return failed(error::address_not_available);
    if (call->slot().kind == Kind::stream) return result(connect_stream(std::move(*call), address));
    auto& slot = call->slot();
    const auto connected = Network::connect(slot.descriptor, address);
    if (connected.ok()) {
        slot.phase = Phase::established;
        call->end(stimulus::connected_at_once(true));
    }
    return result(connected.error);
}

int asyncselect_WSAConnect(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen,
                           const asyncselect_WSABUF* lpCallerData, asyncselect_WSABUF* lpCalleeData,
                           const asyncselect_QOS* lpSQOS, const asyncselect_QOS* lpGQOS) {
    if (lpCallerData != nullptr || lpCalleeData != nullptr || lpSQOS != nullptr || lpGQOS != nullptr) {
        auto entry = enter(s);
        auto& call = entry.call;
        return failed(call ? error::operation_not_supported : entry.error);
    }
    return asyncselect_connect(s, name, namelen);
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
    if (slot.phase.load() != Phase::established) return failed(error::not_connected);
    const auto word = slot.word.load();
    if (word & core::layout::aborted) return failed(core::error_of(word, Event::close));
    // The end of receiving stays between us and the application: told to Linux, it would look like the peer's FIN.
    if (how != receiving)
        if (const auto shut = Network::shut_down(slot.descriptor, sending); !shut.ok()) return failed(shut.error);
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
