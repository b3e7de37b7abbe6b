// What the system knows of routes and local addresses, and what it tells of their changes: rtnetlink. Addresses are
// laid out as the SDK does, without a port. It knows no sockets of the application; it must know nothing of handles,
// events or who asks.
//
// The system tells of changes through a descriptor, after they were made, in order. It drops what nobody reads fast
// enough and says so: then everything is read anew, and nothing can be excluded of what lies between.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "impl/net/transport.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace asyncselect::net {

inline constexpr std::uint16_t inet = 2;
inline constexpr std::uint16_t inet6 = 23;

// The number of an address alone: four bytes, or sixteen.
using Number = std::array<std::byte, 16>;

// The SDK's family of an address that is long enough to have one, and its number.
[[nodiscard]] std::uint16_t family_of(const Address& address) noexcept;
[[nodiscard]] Number number_of(const Address& address) noexcept;

// An entry of the routing tables, as queries and notifications name it.
struct RouteEntry {
    std::uint32_t table = 0;
    std::uint32_t metric = 0;  // the lowest wins, among entries of the same length
    std::uint8_t length = 0;   // of the destinations' common prefix, in bits: the longest wins

    friend bool operator==(const RouteEntry&, const RouteEntry&) = default;
};

// The way to a destination.
struct Route {
    bool reachable = false;
    std::uint32_t interface = 0;      // its index
    Address source;                   // the local address that is used; of length 0 if there is none
    std::optional<RouteEntry> entry;  // that leads there, where the system tells
    bool no_entry = false;            // not reachable, because none does
};

// Whether two are the same to somebody who only uses them: the interface and its address.
[[nodiscard]] bool same_way(const Route& one, const Route& other) noexcept;

// One notification.
struct News {
    enum class What : std::uint8_t { route_added, route_removed, interface_down, address_gone };
    What what = What::route_added;
    std::uint16_t family = 0;     // route_..., address_gone
    std::uint32_t interface = 0;  // its index, several_interfaces or nowhere
    RouteEntry entry;             // route_...
    bool replaces = false;        // route_added: takes the place of an equal entry
    Number number{};              // of the prefix, or of the address
};
inline constexpr std::uint32_t several_interfaces = 0;
inline constexpr std::uint32_t nowhere = 0xffffffffU;  // a route that says: not reachable

// What has been told since the last time.
struct Changes {
    bool any = false;        // routes can have changed
    bool news_lost = false;  // there were more changes than `news` says
    bool inet_list = false;  // the list of local addresses was another one, for a time at least
    bool inet6_list = false;
    std::vector<News> news;  // in order

    [[nodiscard]] bool list_of(std::uint16_t family) const { return family == inet6 ? inet6_list : inet_list; }
};

// Whether the news make it certain that the route to `destination` was not `recorded` for a time, even if it is again.
[[nodiscard]] bool displaced(const Route& recorded, const Address& destination, const Changes& changes) noexcept;

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

// What is known of the local addresses between two notifications.
class AddressTable {
  public:
    struct Entry {
        std::uint16_t family = 0;
        std::uint8_t length = 0;  // of the prefix, in bits
        std::uint32_t interface = 0;
        Number number{};

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    // Each returns whether the list of addresses that sockets can be bound to is another one now.
    bool add(const Entry& entry);
    bool remove(const Entry& entry);

    // Whether sockets can be bound to it.
    [[nodiscard]] bool usable(const Entry& entry) const;
    // The list, each address once.
    [[nodiscard]] std::vector<Entry> list(std::uint16_t family) const;
    [[nodiscard]] bool same_list(const AddressTable& other, std::uint16_t family) const;

  private:
    std::vector<Entry> entries_;
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
