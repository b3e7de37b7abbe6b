// What news of routes mean for who uses one, and the table of local addresses. It must not know where they come from.
#include <algorithm>
#include <cstring>

#include "impl/net/route_numbers.hpp"

namespace asyncselect::net {

namespace {

// The system's number of the table of local routes.
constexpr std::uint32_t table_local = 255;

bool always_there(std::uint16_t family, const Number& number) {
    if (family == inet) return number[0] == std::byte{127};
    constexpr Number loopback{{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, std::byte{1}}};
    return number == loopback;
}

bool covers(const News& news, std::uint16_t family, const Number& number) {
    if (news.family != family) return false;
    const std::size_t whole = news.entry.length / 8U;
    if (whole > number.size() ||
        !std::equal(number.begin(), number.begin() + static_cast<std::ptrdiff_t>(whole), news.number.begin()))
        return false;
    const unsigned rest = news.entry.length % 8U;
    if (rest == 0) return true;
    const auto mask = static_cast<std::byte>(0xff00U >> rest);
    return whole < number.size() && (number[whole] & mask) == (news.number[whole] & mask);
}

// Whether the system chooses `one` where both lead to a destination, as far as can be said: the order of the tables is
// a matter of rules, except that the local one comes first unless somebody has changed that.
bool preferred(const RouteEntry& one, const RouteEntry& to) {
    if (one.table != to.table) return one.table == table_local;
    return one.length > to.length || (one.length == to.length && one.metric < to.metric);
}

}  // namespace

std::uint16_t family_of(const Address& address) noexcept {
    std::uint16_t family = 0;
    if (address.length >= sizeof family) std::memcpy(&family, address.bytes, sizeof family);
    return family;
}

Number number_of(const Address& address) noexcept {
    Number number{};
    const auto family = family_of(address);
    if (address.length >= length_of(family))
        std::memcpy(number.data(), address.bytes + number_at(family), size_of_number(family));
    return number;
}

bool same_way(const Route& one, const Route& other) noexcept {
    if (one.reachable != other.reachable) return false;
    if (!one.reachable) return true;
    return one.interface == other.interface && one.source.length == other.source.length &&
           std::memcmp(one.source.bytes, other.source.bytes, one.source.length) == 0;
}

bool displaced(const Route& recorded, const Address& destination, const Changes& changes) noexcept {
    if (changes.news_lost) return true;
    const auto family = family_of(destination);
    const auto number = number_of(destination);
    // Where another entry has come before the recorded one, and leads to the same interface.
    std::optional<RouteEntry> before;
    bool recorded_is_gone = false;
    for (const auto& news : changes.news) {
        if (news.what == News::What::interface_down) {
            if (recorded.reachable && news.interface == recorded.interface) return true;
            continue;
        }
        if (news.what == News::What::address_gone) {
            if (recorded.reachable && family_of(recorded.source) == news.family &&
                number_of(recorded.source) == news.number)
                return true;
            continue;
        }
        if (!covers(news, family, number)) continue;
        if (!recorded.reachable) {
            if (recorded.no_entry && news.what == News::What::route_added && news.interface != nowhere) return true;
            continue;
        }
        if (!recorded.entry) continue;
        const auto& present = before ? *before : *recorded.entry;
        if (news.what == News::What::route_added) {
            const bool taken_over = preferred(news.entry, present) || (news.replaces && news.entry == present);
            if (!taken_over || news.interface == several_interfaces) continue;
            if (news.interface != recorded.interface) return true;
            if (news.entry != present) before = news.entry;
        } else if (news.interface != several_interfaces && news.interface != recorded.interface) {
            continue;
        } else if (news.entry == present) {
            if (!before || recorded_is_gone) return true;
            before.reset();
        } else if (news.entry == *recorded.entry) {
            recorded_is_gone = true;
        }
    }
    return false;
}

// ---- addresses

bool AddressTable::usable(const Entry& entry) const {
    return std::ranges::any_of(entries_, [&](const Entry& other) {
        return other.family == entry.family && other.number == entry.number &&
               (other.interface == entry.interface || !link_local(entry.family, entry.number));
    });
}

bool AddressTable::add(const Entry& entry) {
    if (always_there(entry.family, entry.number) || std::ranges::find(entries_, entry) != entries_.end()) return false;
    const bool before = usable(entry);
    entries_.push_back(entry);
    return usable(entry) != before;
}

bool AddressTable::remove(const Entry& entry) {
    const auto found = std::ranges::find(entries_, entry);
    if (found == entries_.end()) return false;
    const bool before = usable(entry);
    entries_.erase(found);
    return usable(entry) != before;
}

bool AddressTable::same_list(const AddressTable& other, std::uint16_t family) const {
    const auto in_other = [&](const Entry& entry) { return other.usable(entry); };
    const auto here = [&](const Entry& entry) { return usable(entry); };
    return std::ranges::all_of(list(family), in_other) && std::ranges::all_of(other.list(family), here);
}

std::vector<AddressTable::Entry> AddressTable::list(std::uint16_t family) const {
    std::vector<Entry> all;
    for (const auto& entry : entries_) {
        const bool there = std::ranges::any_of(all, [&](const Entry& other) {
            return other.number == entry.number &&
                   (other.interface == entry.interface || !link_local(family, entry.number));
        });
        if (entry.family == family && !there) all.push_back(entry);
    }
    return all;
}

}  // namespace asyncselect::net
