// The requests for changes of routes and address lists, and the one place that looks whether they are due.
//
// One lock for the process, taken before any posting bit and never by who holds one: what is recorded with a request,
// what is looked at later and the steps of the words have one order. Sockets are stepped without being counted as
// calls, so that calls which wait for the lock keep nobody waiting.
#include "impl/winsock/changes.hpp"

#include <asyncselect/asyncselect.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <vector>

#include "impl/net/route_changes.hpp"
#include "impl/window/immortal.hpp"
#include "impl/winsock/address.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Error;
using core::Event;
using core::events;
using net::Address;
using net::Network;

namespace {

constexpr core::Events route_lane = events(Event::routing_interface_change);
constexpr core::Events addresses_lane = events(Event::address_list_change);

// The call has re-enabled the event, and asked for nothing (AS-ENABLE-8).
Error failed_with(Error reason, Call& call, core::Events lane) noexcept {
    call.end(stimulus::sets(core::enabled(lane)));
    return reason;
}

bool same(const Address& one, const Address& other) noexcept {
    return one.length == other.length && std::memcmp(one.bytes, other.bytes, one.length) == 0;
}

struct RouteRequest {
    Address address;
    net::Route route;      // as it was when it was asked for
    bool changed = false;  // and used up
};

// What one socket has asked for.
struct Requests {
    std::uint16_t family = 0;
    bool addresses = false;  // outstanding
    bool routes = false;
    std::vector<RouteRequest> destinations;

    [[nodiscard]] bool unreachable() const {
        return std::ranges::any_of(destinations, [](const RouteRequest& d) { return d.changed && !d.route.reachable; });
    }
};

// A blocking call, on the stack of its thread.
struct Waiter {
    std::uint16_t family = 0;
    std::optional<RouteRequest> destination;  // none: waits for the address list
    net::Poller* poller = nullptr;
    bool happened = false;
};

// How destinations are reached at one moment: asked once for each.
class Routes {
  public:
    explicit Routes(net::RouteQuery& query) noexcept : query_{query} {}

    // Nothing: the system could not say.
    std::optional<net::Route> to(const Address& destination) noexcept {
        const auto known = std::ranges::find_if(known_, [&](const auto& d) { return same(d.address, destination); });
        if (known != known_.end()) return known->route;
        net::Route route;
        if (query_.route_to(destination, route) != error::none) return std::nullopt;
        try {
            known_.push_back({destination, route, false});
        } catch (const std::bad_alloc&) {  // then it is asked again
        }
        return route;
    }

  private:
    net::RouteQuery& query_;
    std::vector<RouteRequest> known_;
};

class Watch {
  public:
    std::mutex mutex;

    // The rest with the lock held.

    [[nodiscard]] bool open() {
        if (watch_ == nullptr) {
            auto opened = std::make_unique<net::RouteWatch>();
            if (!opened->valid()) return false;
            watch_ = std::move(opened);
            published_.store(watch_.get(), std::memory_order_release);
        }
        return true;
    }

    // Without the lock: it never goes once it is there.
    [[nodiscard]] net::RouteWatch* published() const noexcept { return published_.load(std::memory_order_acquire); }

    [[nodiscard]] net::RouteQuery& query() { return watch_->query(); }

    void look() noexcept { tell(watch_->take()); }
    void look_and_compare() noexcept { tell(watch_->take_and_compare()); }

    Requests& requests_of(Handle handle, std::uint16_t family) {
        auto& requests = requests_[handle];
        requests.family = family;
        return requests;
    }
    void forget(Handle handle) noexcept { requests_.erase(handle); }

    void begin_waiting(Waiter& waiter) { waiters_.push_back(&waiter); }
    void end_waiting(Waiter& waiter) noexcept { std::erase(waiters_, &waiter); }

  private:
    void tell(const net::Changes& changes) noexcept {
        if (!changes.any && !changes.inet_list && !changes.inet6_list) return;
        Routes routes{watch_->query()};
        for (auto* waiter : waiters_) {
            const bool happened = waiter->destination ? has_changed(*waiter->destination, changes, routes)
                                                      : changes.list_of(waiter->family);
            if (!happened) continue;
            waiter->happened = true;
            waiter->poller->wake();
        }
        for (auto& [handle, requests] : requests_) tell_one(handle, requests, changes, routes);
    }

    // Whether the route is, or was, another one than when it was asked for; what it is now is kept if so.
    static bool has_changed(RouteRequest& destination, const net::Changes& changes, Routes& routes) noexcept {
        const auto now = routes.to(destination.address);
        // Where the system cannot say, a change cannot be excluded.
        if (now && net::same_way(*now, destination.route) &&
            !net::displaced(destination.route, destination.address, changes)) {
            destination.route = *now;
            return false;
        }
        if (now) destination.route = *now;
        return true;
    }

    static void tell_one(Handle handle, Requests& requests, const net::Changes& changes, Routes& routes) noexcept {
        auto found = stimulus::nothing;
        bool anything = false;
        if (requests.addresses && changes.list_of(requests.family)) {
            requests.addresses = false;
            anything = true;
            found = stimulus::address_list_changed();
        }
        if (changes.any) {
            const bool was_unreachable = requests.unreachable();
            bool told = false;
            for (auto& destination : requests.destinations) {
                if (destination.changed) {
                    // Perhaps not yet posted: the message says what holds when it is.
                    if (const auto now = routes.to(destination.address)) destination.route = *now;
                } else if (requests.routes && has_changed(destination, changes, routes)) {
                    told = destination.changed = true;
                }
            }
            if (told) requests.routes = false;
            if (told || requests.unreachable() != was_unreachable) {
                anything = true;
                found = stimulus::both(found, stimulus::route_changed(requests.unreachable()));
            }
        }
        if (anything) step_uncounted(handle, found);
    }

    std::unique_ptr<net::RouteWatch> watch_;
    std::atomic<net::RouteWatch*> published_{nullptr};
    std::map<Handle, Requests> requests_;
    std::vector<Waiter*> waiters_;
};

// Sockets may be used while the process ends.
Watch& the_watch() noexcept {
    static window::Immortal<Watch> watch;
    return *watch;
}

std::uint16_t family_of(const Slot& slot) noexcept {
    Address own;
    return Network::local_address(slot.descriptor, own).ok() ? net::family_of(own) : std::uint16_t{0};
}

// The destination that a request is about: what of it says where, and nothing else.
Error read_destination(const Slot& slot, const Ioctl& request, Address& out) noexcept {
    const auto size = std::min<std::uint32_t>(request.in_size, sizeof(asyncselect_sockaddr_storage));
    const auto* given = static_cast<const asyncselect_sockaddr*>(request.in);
    if (const auto bad = read_address(given, static_cast<int>(size), out); bad != error::none) return bad;
    const auto family = net::family_of(out);
    if (family != family_of(slot)) return error::family_not_supported;
    if (family == inet6_family) {
        asyncselect_sockaddr_in6 address{};
        std::memcpy(&address, out.bytes, sizeof address);
        address.sin6_port = 0;
        address.sin6_flowinfo = 0;
        std::memcpy(out.bytes, &address, sizeof address);
        out.length = sizeof address;
    } else {
        asyncselect_sockaddr_in address{};
        std::memcpy(&address, out.bytes, sizeof address);
        address.sin_port = 0;
        std::memset(address.sin_zero, 0, sizeof address.sin_zero);
        std::memcpy(out.bytes, &address, sizeof address);
        out.length = sizeof address;
    }
    return error::none;
}

// Puts an answer into the output buffer, or the size that it needs into the count.
Error answer_or_size(const Ioctl& request, std::span<const std::byte> answer) noexcept {
    if (const auto bad = request.check(0, 0); bad != error::none) return bad;
    if (request.out_size >= answer.size()) return request.answer(answer);
    const auto needed = static_cast<std::uint32_t>(answer.size());
    static_cast<void>(net::write_memory(request.returned, &needed, sizeof needed));
    return error::fault;
}

// Makes the request known to the word; then whoever watches the socket watches for changes too.
bool step_requested(Call& call, const core::Stimulus& requested, core::Events lane) noexcept {
    if (!call.hold()) return false;
    call.step_holding(requested);
    const auto& slot = call.slot();
    auto* poller = slot.poller.load();
    if (poller != nullptr && (slot.word.load() & core::wanted(lane)) != 0) watch_changes(*poller);
    call.release();
    return true;
}

// On a blocking socket the call ends with the change. `waiter` is known to the watch already.
Error wait_until_changed(Call& call, Waiter& waiter, core::Events lane) noexcept {
    auto& watch = the_watch();
    const auto happened = [&] {
        const std::lock_guard lock{watch.mutex};
        watch.look();
        return waiter.happened;
    };
    bool open = true;
    while (!happened() && open) open = call.await(*waiter.poller);
    {
        const std::lock_guard lock{watch.mutex};
        watch.end_waiting(waiter);
    }
    if (!open) return error::intr;
    // The return of the call has told it.
    call.end({~core::met(lane), 0, 0, 0});
    return error::none;
}

// What both kinds of requests have in common. `record(requests, waiter)` notes with the lock held what holds now.
template <class Record>
Error request_change(Call& call, std::uint16_t family, core::Events lane, const core::Stimulus& requested,
                     Record record) noexcept {
    auto& slot = call.slot();
    auto& watch = the_watch();
    const bool blocking = slot.blocking.load();
    try {
        std::optional<net::Poller> poller;
        Waiter waiter;
        waiter.family = family;
        {
            const std::lock_guard lock{watch.mutex};
            if (!watch.open()) return failed_with(error::no_buffers, call, lane);
            if (blocking) {
                poller.emplace();
                waiter.poller = &*poller;
                if (!poller->valid() || poller->add(slot.descriptor, 0) != 0)
                    return failed_with(error::no_buffers, call, lane);
                watch_changes(*poller);
            }
            if (const auto bad = record(watch, waiter); bad != error::none) return failed_with(bad, call, lane);
            if (blocking) watch.begin_waiting(waiter);
            if (!step_requested(call, requested, lane)) {
                watch.forget(call.handle());
                watch.end_waiting(waiter);
                return blocking ? error::intr : error::not_socket;  // closed meanwhile
            }
        }
        return blocking ? wait_until_changed(call, waiter, lane) : error::would_block;
    } catch (const std::bad_alloc&) {
        return failed_with(error::no_buffers, call, lane);
    }
}

}  // namespace

void watch_changes(net::Poller& poller) noexcept {
    if (const auto* watch = the_watch().published()) watch->add_to(poller, changes_token);
}

void look_for_changes() noexcept {
    auto& watch = the_watch();
    if (watch.published() == nullptr) return;
    const std::lock_guard lock{watch.mutex};
    watch.look();
}

void forget_changes(Handle handle) noexcept {
    auto& watch = the_watch();
    if (watch.published() == nullptr) return;
    const std::lock_guard lock{watch.mutex};
    watch.forget(handle);
}

void keep_at_most(int bytes) noexcept {
    if (auto* watch = the_watch().published()) watch->keep_at_most(bytes);
}

Error query_route(Call& call, const Ioctl& request) noexcept {
    if (request.overlapped) return error::operation_not_supported;
    Address destination;
    if (const auto bad = read_destination(call.slot(), request, destination); bad != error::none) return bad;
    net::RouteQuery query;
    net::Route route;
    if (!query.valid()) return error::no_buffers;
    if (const auto bad = query.route_to(destination, route); bad != error::none) return bad;
    if (!route.reachable) return error::net_unreachable;
    // An interface without an address of its own: any.
    if (route.source.length == 0) {
        const auto family = net::family_of(destination);
        std::memcpy(route.source.bytes, &family, sizeof family);
        route.source.length = destination.length;
    }
    return answer_or_size(request, {route.source.bytes, route.source.length});
}

Error request_route_change(Call& call, const Ioctl& request) noexcept {
    if (const auto bad = request.check(0, 0); bad != error::none) return failed_with(bad, call, route_lane);
    Address destination;
    if (const auto bad = read_destination(call.slot(), request, destination); bad != error::none)
        return failed_with(bad, call, route_lane);
    const auto family = net::family_of(destination);
    const auto record = [&](Watch& watch, Waiter& waiter) {
        // What is told until here is older than the request.
        watch.look();
        net::Route now;
        if (const auto bad = watch.query().route_to(destination, now); bad != error::none) return bad;
        auto& requests = watch.requests_of(call.handle(), family);
        auto& asked = requests.destinations;
        std::erase_if(asked, [&](const RouteRequest& d) { return d.changed || same(d.address, destination); });
        // Changes between a message and this request are not remembered.
        if (!requests.routes)
            for (auto& other : asked)
                if (net::Route route; watch.query().route_to(other.address, route) == error::none) other.route = route;
        asked.push_back({destination, now, false});
        requests.routes = true;
        waiter.destination = asked.back();
        return error::none;
    };
    return request_change(call, family, route_lane, stimulus::route_requested(), record);
}

Error query_address_list(Call& call, const Ioctl& request) noexcept {
    if (request.overlapped) return error::operation_not_supported;
    net::RouteQuery query;
    if (!query.valid()) return error::no_buffers;
    try {
        std::vector<Address> addresses;
        if (const auto bad = query.local_addresses(family_of(call.slot()), addresses); bad != error::none) return bad;
        // The list, and behind it the addresses that it points to, in the application's buffer.
        constexpr auto head = offsetof(asyncselect_SOCKET_ADDRESS_LIST, Address);
        const auto entries = addresses.size() * sizeof(asyncselect_SOCKET_ADDRESS);
        std::vector<std::byte> answer(head + entries);
        const auto count = static_cast<std::int32_t>(addresses.size());
        std::memcpy(answer.data(), &count, sizeof count);
        const auto place = reinterpret_cast<std::uintptr_t>(request.out);
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            asyncselect_SOCKET_ADDRESS entry{};
            entry.lpSockaddr = reinterpret_cast<asyncselect_sockaddr*>(place + answer.size());
            entry.iSockaddrLength = static_cast<int>(addresses[i].length);
            std::memcpy(answer.data() + head + i * sizeof entry, &entry, sizeof entry);
            // Each begins where its widest member may.
            answer.insert(answer.end(), addresses[i].bytes, addresses[i].bytes + addresses[i].length);
            answer.resize((answer.size() + 7) / 8 * 8);
        }
        return answer_or_size(request, answer);
    } catch (const std::bad_alloc&) {
        return error::no_buffers;
    }
}

Error request_address_list_change(Call& call, const Ioctl& request) noexcept {
    if (const auto bad = request.check(0, 0); bad != error::none) return failed_with(bad, call, addresses_lane);
    const auto family = family_of(call.slot());
    const auto record = [&](Watch& watch, Waiter&) {
        // An address that is there already can still be told of: then it is no news.
        watch.look_and_compare();
        watch.requests_of(call.handle(), family).addresses = true;
        return error::none;
    };
    return request_change(call, family, addresses_lane, stimulus::address_list_requested(), record);
}

}  // namespace asyncselect::winsock
