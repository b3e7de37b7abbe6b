// Before the header of this name in impl/net/ on the include path of the library for Windows: what the system knows of
// routes and local addresses, and what it tells of their changes, by the IP helper's functions. It knows no sockets of
// the application; it must know nothing of handles, events or who asks.
//
// The system tells that something has changed, and of addresses that have gone which; what holds is asked then. A route
// that was another one for a time only, between two looks, goes unnoticed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "impl/net/poller.hpp"
#include "impl/net/routes.hpp"

namespace asyncselect::net {

// Questions to the system. Any thread.
class RouteQuery {
  public:
    // How `destination` is reached now. That it cannot be is an answer. no_buffers: the system could not say.
    [[nodiscard]] core::Error route_to(const Address& destination, Route& out) noexcept;

    // The addresses of a family that a socket can be bound to now, without 127.0.0.0/8 and ::1, which are always there.
    // Link-local ones of IPv6 are told with the interface in sin6_scope_id. no_buffers: the system could not say.
    [[nodiscard]] core::Error local_addresses(std::uint16_t family, std::vector<Address>& out) noexcept;

    [[nodiscard]] static constexpr bool valid() noexcept { return true; }
};

// Is told by the system of every change from its making on. One thread at a time, but for `add_to`.
class RouteWatch {
  public:
    RouteWatch() noexcept;
    RouteWatch(const RouteWatch&) = delete;
    RouteWatch& operator=(const RouteWatch&) = delete;
    ~RouteWatch();
    // False where the system gives no answer, or will not tell of changes.
    [[nodiscard]] bool valid() const noexcept { return valid_; }

    // Has a poller report `token` when there is something to take. A second time does nothing. Any thread.
    void add_to(Poller& poller, std::uint64_t token) const noexcept;

    // Takes what the system has told since the last time. All of it has taken effect when this returns.
    [[nodiscard]] Changes take() noexcept;
    // The same, and compares what is known of the addresses with what they are now, told or not.
    [[nodiscard]] Changes take_and_compare() noexcept;

    [[nodiscard]] RouteQuery& query() noexcept { return query_; }

    // How much the system keeps until it is taken is its own affair.
    static void keep_at_most(int) noexcept {}

  private:
    class Told;

    void compare(Changes& changes) noexcept;

    RouteQuery query_;
    std::unique_ptr<Told> told_;
    AddressTable table_;
    bool valid_ = false;
};

}  // namespace asyncselect::net
