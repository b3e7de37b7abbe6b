// What the system knows of routes and local addresses, and what it tells of their changes: rtnetlink. Addresses are
// laid out as the SDK does, without a port. It knows no sockets of the application; it must know nothing of handles,
// events or who asks.
//
// The system tells of changes through a descriptor, after they were made, in order. It drops what nobody reads fast
// enough and says so: then everything is read anew, and nothing can be excluded of what lies between.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "impl/net/routes.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace asyncselect::net {

// A connection to the system for questions. One thread at a time.
class RouteQuery {
  public:
    RouteQuery() noexcept;
    RouteQuery(RouteQuery&&) noexcept;
    RouteQuery& operator=(RouteQuery&&) noexcept;
    ~RouteQuery();
    // False where the system gave no descriptor.
    [[nodiscard]] bool valid() const noexcept { return socket_ != nullptr; }

    // How `destination` is reached now. That it cannot be is an answer. no_buffers: the system could not say.
    [[nodiscard]] core::Error route_to(const Address& destination, Route& out) noexcept;

    // The addresses of a family that a socket can be bound to now, without 127.0.0.0/8 and ::1, which are always there.
    // Those of an interface that is down are among them as long as the system keeps them (of IPv4 it does). Link-local
    // ones of IPv6 are told with the interface in sin6_scope_id. no_buffers: the system could not say.
    [[nodiscard]] core::Error local_addresses(std::uint16_t family, std::vector<Address>& out) noexcept;

  private:
    friend class RouteWatch;
    struct Close {
        void operator()(mnl_socket* socket) const noexcept;
    };
    using Socket = std::unique_ptr<mnl_socket, Close>;
    Socket socket_;
};

// Is told by the system of every change from its making on. One thread at a time, but for `add_to`.
class RouteWatch {
  public:
    RouteWatch() noexcept;
    RouteWatch(const RouteWatch&) = delete;
    RouteWatch& operator=(const RouteWatch&) = delete;
    ~RouteWatch();
    // False where the system gave no descriptors or no answer.
    [[nodiscard]] bool valid() const noexcept { return valid_; }

    // Has a poller report `token` when there is something to take. A second time does nothing. Any thread.
    void add_to(Poller& poller, std::uint64_t token) const noexcept;

    // Takes what the system has told since the last time. All of it has taken effect when this returns.
    [[nodiscard]] Changes take() noexcept;
    // The same, and compares what is known of the addresses with what they are now, told or not.
    [[nodiscard]] Changes take_and_compare() noexcept;

    [[nodiscard]] RouteQuery& query() noexcept { return query_; }

    // How many bytes the system keeps for us until we take them: for tests.
    void keep_at_most(int bytes) noexcept;

  private:
    enum class Topic { addresses, routes };

    void take_from(Topic topic, Changes& changes);
    void wait_for_changes_in_progress() const noexcept;
    void reread(Changes& changes);
    void told_of_address(const nlmsghdr& message, Changes& changes);

    RouteQuery query_;
    // Apart, so that a flood of routes loses no address.
    RouteQuery::Socket addresses_;
    RouteQuery::Socket routes_;
    Descriptor any_socket_;
    AddressTable table_;
    bool valid_ = false;
    bool lost_ = false;  // the addresses could not be read anew
};

}  // namespace asyncselect::net
