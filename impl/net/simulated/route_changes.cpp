// What route_changes.hpp declares, over the simulated network, which has few routes and loses no news of them.
#include <algorithm>
#include <cstring>

#include "impl/net/route_numbers.hpp"
#include "impl/net/simulated/world.hpp"

namespace asyncselect::net {

using simulated::Way;
using simulated::World;

namespace {

constexpr std::uint32_t loopback_interface = 1;
constexpr std::uint32_t main_table = 254;

Number number_of_host(const simulated::Number& host) {
    Number number{};
    std::memcpy(number.data(), host.data(), host.size());
    return number;
}

std::uint16_t family_of_name(const simulated::Name& name) { return name.ipv6 ? inet6 : inet; }

bool leads_to(const Way& way, std::uint16_t family, const Number& number) {
    if (family_of_name(way.to) != family) return false;
    for (std::size_t bit = 0; bit < way.length; ++bit) {
        const auto mask = static_cast<std::byte>(0x80U >> bit % 8);
        if ((number[bit / 8] & mask) != (std::byte{way.to.host[bit / 8]} & mask)) return false;
    }
    return true;
}

bool is_loopback(std::uint16_t family, const Number& number) {
    if (family == inet) return number[0] == std::byte{127};
    Number loopback{};
    loopback[15] = std::byte{1};
    return number == loopback;
}

Address address_of(std::uint16_t family, const Number& number) {
    Address address{};
    std::memcpy(address.bytes, &family, sizeof family);
    std::memcpy(address.bytes + number_at(family), number.data(), size_of_number(family));
    address.length = length_of(family);
    return address;
}

AddressTable::Entry entry_of(const Way& way) {
    return {family_of_name(way.to), way.length, way.interface, number_of_host(way.to.host)};
}

AddressTable table_now() {
    AddressTable table;
    for (const Way& way : World::get().addresses()) table.add(entry_of(way));
    return table;
}

}  // namespace

// Nothing of the system's is held: the pointer only says that there is a connection.
void RouteQuery::Close::operator()(mnl_socket*) const noexcept {}
RouteQuery::RouteQuery() noexcept : socket_{reinterpret_cast<mnl_socket*>(this)} {}
RouteQuery::RouteQuery(RouteQuery&&) noexcept = default;
RouteQuery& RouteQuery::operator=(RouteQuery&&) noexcept = default;
RouteQuery::~RouteQuery() = default;

core::Error RouteQuery::route_to(const Address& destination, Route& out) noexcept {
    const auto family = family_of(destination);
    const auto number = number_of(destination);
    out = {};
    if (is_loopback(family, number)) {
        out.reachable = true;
        out.interface = loopback_interface;
        out.source = address_of(family, number);
        return core::error::none;
    }
    const Way* best = nullptr;
    for (const Way& route : World::get().routes()) {
        if (leads_to(route, family, number) && (best == nullptr || route.length > best->length)) best = &route;
    }
    out.reachable = best != nullptr;
    out.no_entry = best == nullptr;
    if (best == nullptr) return core::error::none;
    out.interface = best->interface;
    out.entry = RouteEntry{main_table, 0, best->length};
    for (const Way& address : World::get().addresses()) {
        if (address.interface != best->interface || family_of_name(address.to) != family) continue;
        out.source = address_of(family, number_of_host(address.to.host));
        break;
    }
    return core::error::none;
}

core::Error RouteQuery::local_addresses(std::uint16_t family, std::vector<Address>& out) noexcept {
    try {
        out.clear();
        for (const auto& entry : table_now().list(family)) out.push_back(address_of(family, entry.number));
        return core::error::none;
    } catch (const std::bad_alloc&) {
        return core::error::no_buffers;
    }
}

RouteWatch::RouteWatch() noexcept : any_socket_{no_descriptor}, table_{table_now()}, valid_{true} {
    static_cast<void>(World::get().take_changes());
}
RouteWatch::~RouteWatch() = default;

void RouteWatch::add_to(Poller& poller, std::uint64_t token) const noexcept {
    static_cast<void>(poller.add(World::get().changes_descriptor(), token));
}

void RouteWatch::keep_at_most(int) noexcept {}

Changes RouteWatch::take() noexcept {
    Changes changes;
    for (const auto& told : World::get().take_changes()) {
        const auto entry = entry_of(told.way);
        changes.any = true;
        if (!told.address) {
            changes.news.push_back({told.added ? News::What::route_added : News::What::route_removed, entry.family,
                                    entry.interface, RouteEntry{main_table, 0, entry.length}, false, entry.number});
            continue;
        }
        if (!(told.added ? table_.add(entry) : table_.remove(entry))) continue;
        (entry.family == inet6 ? changes.inet6_list : changes.inet_list) = true;
        if (!told.added)
            changes.news.push_back({News::What::address_gone, entry.family, entry.interface, {}, false, entry.number});
    }
    return changes;
}

Changes RouteWatch::take_and_compare() noexcept {
    auto changes = take();
    const auto now = table_now();
    changes.inet_list |= !now.same_list(table_, inet);
    changes.inet6_list |= !now.same_list(table_, inet6);
    table_ = now;
    return changes;
}

}  // namespace asyncselect::net
