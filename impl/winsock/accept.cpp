// accept and WSAAccept. A condition function is the application's own: it may take long, and another thread may close
// the listener meanwhile. So no call is counted while it runs, and what it looks at is held under a number that no
// other request ever has.
#include "impl/winsock/accept.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "impl/winsock/address.hpp"
#include "impl/winsock/api.hpp"
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

constexpr int cf_accept = 0;
constexpr int cf_reject = 1;
constexpr int cf_defer = 2;

// A request that was taken, by accept or to be looked at.
struct Taken {
    net::Descriptor descriptor = net::no_descriptor;
    net::Address peer;
    std::uint64_t number = 0;  // if it is held
    Error error = error::none;
};

std::uint64_t next_number() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1) + 1;
}

auto find_deferred(Seldom& seldom) noexcept {
    return std::ranges::find(seldom.held_requests, false, &HeldRequest::examined);
}

auto find_number(Seldom& seldom, std::uint64_t number) noexcept {
    return std::ranges::find(seldom.held_requests, number, &HeldRequest::number);
}

Taken take_from_system(const Slot& slot) noexcept {
    Taken taken;
    const auto accepted = Network::accept(slot.descriptor, taken.peer);
    taken.error = accepted.error;
    if (accepted.ok()) taken.descriptor = static_cast<net::Descriptor>(accepted.value);
    return taken;
}

// The request that has waited longest: a deferred one, if there is one.
Taken take(Slot& slot) noexcept {
    if (auto* seldom = slot.seldom.load()) {
        const std::lock_guard lock{seldom->mutex};
        if (const auto first = find_deferred(*seldom); first != seldom->held_requests.end()) {
            const Taken taken{first->descriptor, first->peer, 0, error::none};
            seldom->held_requests.erase(first);
            return taken;
        }
    }
    return take_from_system(slot);
}

// The same, but the request stays held while a condition function looks at it.
Taken take_to_examine(Slot& slot) noexcept {
    Taken none;
    none.error = error::no_buffers;
    auto* seldom = seldom_of(slot);
    if (seldom == nullptr) return none;
    const std::lock_guard lock{seldom->mutex};
    auto& held = seldom->held_requests;
    if (const auto first = find_deferred(*seldom); first != held.end()) {
        first->examined = true;
        return {first->descriptor, first->peer, first->number, error::none};
    }
    try {
        held.reserve(held.size() + 1);  // before it is taken: it could not be put back
    } catch (const std::bad_alloc&) {
        return none;
    }
    auto taken = take_from_system(slot);
    if (taken.error != error::none) return taken;
    taken.number = next_number();
    held.push_back({taken.number, taken.descriptor, taken.peer, true});
    return taken;
}

// The decision is that there is none: the request is deferred. False if the listener was closed meanwhile.
bool put_back(Slot& slot, std::uint64_t number) noexcept {
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr) return false;
    const std::lock_guard lock{seldom->mutex};
    const auto own = find_number(*seldom, number);
    if (own == seldom->held_requests.end()) return false;
    own->examined = false;
    return true;
}

// The request is nobody's but the caller's from now on. False if the listener was closed meanwhile.
bool take_out(Slot& slot, std::uint64_t number) noexcept {
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr) return false;
    const std::lock_guard lock{seldom->mutex};
    const auto own = find_number(*seldom, number);
    if (own == seldom->held_requests.end()) return false;
    seldom->held_requests.erase(own);
    return true;
}

// What the socket of a connection has from its listener, which holds its posting bit: the mode, quality of service and
// registration (AS-INHERIT-1).
struct Inherited {
    std::uint32_t mask = 0;
    Error error = error::none;
};

Inherited inherit(const Slot& from, Slot& slot, net::Descriptor descriptor) noexcept {
    slot.descriptor = descriptor;
    slot.kind = Kind::stream;
    slot.phase = Phase::established;
    slot.receive_timeout = from.receive_timeout.load();
    slot.send_timeout = from.send_timeout.load();
    slot.blocking = from.blocking.load();

    if (inherit_quality(from, slot) != error::none) return {0, error::no_buffers};
    if (const auto bad = inherit_inline(from, slot); bad != error::none) return {0, bad};
    const auto mask = inherit_registration(from, slot);
    return mask ? Inherited{*mask} : Inherited{0, error::no_buffers};
}

// Opens the socket of a connection, with a fresh record.
Error open(Handle handle, std::uint32_t mask) noexcept {
    auto& slot = *slot_of(handle);
    const auto inline_data = wants_inline(slot) ? core::fact(events(Event::oob)) : core::Word{0};
    publish(handle, (stimulus::inherit(mask).set & ~core::fact(events(Event::write))) | inline_data);
    auto* poller = slot.poller.load();
    if (poller == nullptr) return error::none;
    if (poller->add(slot.descriptor, handle) != 0) return error::no_buffers;
    tell_of_urgent(slot, mask);
    // What holds already is posted now, in the order of R-9.
    if (auto call = Call::begin(handle)) {
        auto aborted = error::none;
        call->end(told_by(slot, call->before(), Network::conditions_now(slot.descriptor), aborted));
    }
    return error::none;
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

// Whether another request waits is asked only if somebody is to be told (AS-ACCEPT-3).
bool another(const Call& call) noexcept {
    const auto& slot = call.slot();
    const bool wanted = (slot.word.load() & core::wanted(events(Event::accept))) != 0;
    return wanted && slot.phase.load() == Phase::listening &&
           (Network::conditions_now(slot.descriptor).readable || request_held(slot));
}

asyncselect_SOCKET fail(Error reason) noexcept {
    failed(reason);
    return invalid_handle;
}

asyncselect_SOCKET end_with(Call& call, Error reason) noexcept {
    call.end(stimulus::accepted(another(call)));
    return fail(reason);
}

// Where the peer's address goes: nowhere, or to memory that is not to be trusted.
struct Place {
    asyncselect_sockaddr* addr;
    int* addrlen;

    [[nodiscard]] bool wanted() const noexcept { return addr != nullptr || addrlen != nullptr; }

    // Asked before the request is taken: it could not be put back.
    [[nodiscard]] bool usable(const Slot& slot) const noexcept {
        net::Address own;
        return addr != nullptr && Network::local_address(slot.descriptor, own).ok() &&
               check_address_room(addr, addrlen, own.length) == error::none;
    }
};

// The last step of an accept that has got a request, and holds since before it was taken: a registration comes before
// all of it or after all of it.
asyncselect_SOCKET take_over(Call call, Handle reserved, const Taken& taken, const Place& place) noexcept {
    const auto inherited = inherit(call.slot(), *slot_of(reserved), taken.descriptor);
    // What was harvested until now may be the request that was taken: it is forgotten, and asked for anew where more is
    // harvested meanwhile.
    for (auto seen = call.slot().word.load();;) {
        const auto told = stimulus::both(stimulus::accept_begins(), stimulus::accepted(another(call)));
        if (call.end_holding_if_unchanged(seen, told)) break;
    }
    const auto bad = inherited.error != error::none ? inherited.error : open(reserved, inherited.mask);
    if (bad != error::none) {
        abandon(reserved);
        return fail(bad);
    }
    if (place.wanted() && write_address(taken.peer, place.addr, place.addrlen) != error::none)
        return fail(error::fault);
    return reserved;
}

// A request while a condition function looks at it, on this thread. Undecided (the function was left by an exception)
// the request is deferred.
class Examination {
  public:
    Examination(Handle listener, Handle reserved, const Taken& taken) noexcept
        : listener_{listener}, reserved_{reserved}, taken_{taken} {}
    Examination(const Examination&) = delete;
    Examination& operator=(const Examination&) = delete;
    ~Examination() {
        in_condition_function = false;
        if (reserved_ != invalid_handle) static_cast<void>(decide(cf_defer, {nullptr, nullptr}));
    }

    int ask(asyncselect_LPCONDITIONPROC condition, std::uintptr_t data) {
        net::Address own;
        static_cast<void>(Network::local_address(taken_.descriptor, own));
        auto peer = taken_.peer;
        asyncselect_WSABUF caller{peer.length, reinterpret_cast<char*>(peer.bytes)};
        asyncselect_WSABUF callee{own.length, reinterpret_cast<char*>(own.bytes)};
        asyncselect_WSABUF no_answer{0, nullptr};  // TCP carries no data with a connection request
        unsigned group = 0;
        in_condition_function = true;
        const int decision = condition(&caller, nullptr, nullptr, nullptr, &callee, &no_answer, &group, data);
        in_condition_function = false;
        return decision;
    }

    asyncselect_SOCKET decide(int decision, const Place& place) noexcept {
        const auto reserved = std::exchange(reserved_, invalid_handle);
        auto call = Call::begin(listener_, stimulus::accept_begins());
        if (decision == cf_accept || decision == cf_reject) {
            const bool holds = call && decision == cf_accept && call->hold();
            const bool own = call && take_out(call->slot(), taken_.number);
            if (own && holds) return take_over(std::move(*call), reserved, taken_, place);
            if (holds) call->release();
            give_back(reserved);
            Network::reset(taken_.descriptor);
            return own && decision == cf_reject ? end_with(*call, error::connection_refused) : fail(error::intr);
        }
        give_back(reserved);
        if (!call || !put_back(call->slot(), taken_.number)) {
            Network::reset(taken_.descriptor);
            return fail(error::intr);
        }
        if (decision != cf_defer) return end_with(*call, error::invalid);
        call->end(stimulus::accept_deferred());
        return fail(error::try_again);
    }

  private:
    Handle listener_;
    Handle reserved_;
    Taken taken_;
};

asyncselect_SOCKET accept(Handle s, const Place& place, asyncselect_LPCONDITIONPROC condition, std::uintptr_t data) {
    bool waited = false;
    for (;;) {
        auto entry = enter(s, stimulus::accept_begins());
        auto& call = entry.call;
        if (!call) return fail(waited && entry.error == error::not_socket ? error::intr : entry.error);
        auto& slot = call->slot();
        if (slot.kind != Kind::stream) return end_with(*call, error::operation_not_supported);
        if (slot.phase.load() != Phase::listening) return end_with(*call, error::invalid);
        if (place.wanted() && !place.usable(slot)) return end_with(*call, error::fault);
        std::byte code{};
        if (condition != nullptr && !net::read_memory(&code, reinterpret_cast<const void*>(condition), 1))
            return end_with(*call, error::fault);
        const auto reserved = reserve_slot();
        if (!reserved) return end_with(*call, error::too_many_files);
        if (!call->hold()) {
            give_back(*reserved);
            return fail(waited ? error::intr : error::not_socket);
        }
        const auto taken = condition == nullptr ? take(slot) : take_to_examine(slot);
        if (condition == nullptr && taken.error == error::none)
            return take_over(std::move(*call), *reserved, taken, place);
        call->release();
        if (taken.error != error::none) {
            give_back(*reserved);
            if (taken.error != error::would_block) return end_with(*call, taken.error);
            if (!slot.blocking.load()) {
                if (call->end_empty(events(Event::accept), stimulus::accepted(false))) return fail(taken.error);
                continue;  // one has come meanwhile
            }
            Error reason = error::none;
            const bool open = call->await(net::Await::readable, slot.receive_timeout.load(), reason);
            if (!open) return fail(error::intr);
            if (reason != error::none) return end_with(*call, reason);
            waited = true;
            call->end(stimulus::nothing);
            continue;
        }
        Examination examination{s, *reserved, taken};
        call->end(stimulus::nothing);
        return examination.decide(examination.ask(condition, data), place);
    }
}

}  // namespace

bool request_held(const Slot& slot) noexcept {
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr) return false;
    const std::lock_guard lock{seldom->mutex};
    return !seldom->held_requests.empty();
}

bool request_waits(const Slot& slot) noexcept {
    const auto now = Network::conditions_now(slot.descriptor);
    if (now.readable && !now.hung_up) return true;
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr) return false;
    const std::lock_guard lock{seldom->mutex};
    return find_deferred(*seldom) != seldom->held_requests.end();
}

void reset_held_requests(Slot& slot) noexcept {
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr) return;
    const std::lock_guard lock{seldom->mutex};
    for (const auto& request : seldom->held_requests)
        if (!request.examined) Network::reset(request.descriptor);  // the others belong to who looks at them
    seldom->held_requests.clear();
}

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

asyncselect_SOCKET asyncselect_accept(asyncselect_SOCKET s, asyncselect_sockaddr* addr, int* addrlen) {
    return winsock::accept(s, {addr, addrlen}, nullptr, 0);
}

asyncselect_SOCKET asyncselect_WSAAccept(asyncselect_SOCKET s, asyncselect_sockaddr* addr, int* addrlen,
                                         asyncselect_LPCONDITIONPROC lpfnCondition, uintptr_t dwCallbackData) {
    return winsock::accept(s, {addr, addrlen}, lpfnCondition, dwCallbackData);
}
