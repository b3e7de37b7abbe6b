// Routes and lists of local addresses as values, and what is told of their changes. Addresses are laid out as the SDK
// does, without a port. It must know no system, and nothing of who asks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "impl/net/transport.hpp"

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

}  // namespace asyncselect::net
