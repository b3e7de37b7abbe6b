// Three ways in which the system tells: NotifyRouteChange2, NotifyUnicastIpAddressChange, and SIO_ADDRESS_LIST_CHANGE
// on sockets of our own. The first two are the better ones, since they say what; Wine takes them and never calls back,
// and has the third, for IPv4. Where the system has no GetBestRoute2 nothing is told of routes, so it is asked ten
// times a second, as long as somebody may want to know.
#include "impl/net/route_changes.hpp"

#include <winsock2.h>
#include <ws2ipdef.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <new>
#include <span>
#include <utility>

#include "impl/net/network.hpp"
#include "impl/net/route_numbers.hpp"

#undef interface  // a word of Windows' headers

namespace asyncselect::net {

namespace error = core::error;

namespace {

static_assert(inet == AF_INET && inet6 == AF_INET6);

SOCKADDR_INET system_address(const Address& address) noexcept {
    SOCKADDR_INET system{};
    std::memcpy(&system, address.bytes, std::min<std::size_t>(address.length, sizeof system));
    return system;
}

// Of a given port nothing remains.
Address address_of(const SOCKADDR_INET& system) noexcept {
    Address address{};
    auto without = system;
    if (system.si_family == AF_INET6) {
        without.Ipv6.sin6_port = 0;
        without.Ipv6.sin6_flowinfo = 0;
    } else {
        without.Ipv4.sin_port = 0;
    }
    address.length = length_of(system.si_family);
    std::memcpy(address.bytes, &without, address.length);
    return address;
}

AddressTable::Entry entry_of(const MIB_UNICASTIPADDRESS_ROW& row) noexcept {
    AddressTable::Entry entry;
    entry.family = row.Address.si_family;
    entry.length = row.OnLinkPrefixLength;
    entry.interface = row.InterfaceIndex;
    entry.number = number_of(address_of(row.Address));
    return entry;
}

bool loopback(const MIB_UNICASTIPADDRESS_ROW& row) noexcept {
    if (row.Address.si_family == AF_INET) return row.Address.Ipv4.sin_addr.S_un.S_un_b.s_b1 == 127;
    return IN6_IS_ADDR_LOOPBACK(&row.Address.Ipv6.sin6_addr) != 0;
}

bool can_be_bound_to(const MIB_UNICASTIPADDRESS_ROW& row) noexcept {
    return (row.DadState == IpDadStatePreferred || row.DadState == IpDadStateDeprecated) && !loopback(row);
}

// Calls `visit(row)` for each address. False: the system could not say. What `visit` throws comes out.
template <class Visit>
bool for_each_address(Visit visit) {
    MIB_UNICASTIPADDRESS_TABLE* read = nullptr;
    if (::GetUnicastIpAddressTable(AF_UNSPEC, &read) != NO_ERROR) return false;
    struct Free {
        void operator()(MIB_UNICASTIPADDRESS_TABLE* table) const noexcept { ::FreeMibTable(table); }
    };
    const std::unique_ptr<MIB_UNICASTIPADDRESS_TABLE, Free> table{read};
    for (const auto& row : std::span{table->Table, table->NumEntries})
        if (can_be_bound_to(row)) visit(row);
    return true;
}

bool read_addresses(AddressTable& table) {
    AddressTable now;
    if (!for_each_address([&now](const auto& row) { now.add(entry_of(row)); })) return false;
    table = std::move(now);
    return true;
}

// The address that a socket sends from to there: by a socket that is connected, and sends nothing.
Address source_towards(const Address& destination) noexcept {
    const auto family = family_of(destination);
    const auto opened = Network::open(family, SOCK_DGRAM, IPPROTO_UDP);
    if (!opened.ok()) return {};
    const auto descriptor = static_cast<Descriptor>(opened.value);
    auto system = system_address(destination);
    constexpr u_short discard = 9;
    (family == inet6 ? system.Ipv6.sin6_port : system.Ipv4.sin_port) = ::htons(discard);
    Address to = destination;
    std::memcpy(to.bytes, &system, to.length);
    Address source{};
    if (!Network::connect(descriptor, to).ok() || !Network::local_address(descriptor, source).ok()) source = {};
    Network::close(descriptor);
    return source.length == 0 ? source : address_of(system_address(source));
}

}  // namespace

core::Error RouteQuery::route_to(const Address& destination, Route& out) noexcept {
    auto to = system_address(destination);
    DWORD interface = 0;
    out = {};
    switch (::GetBestInterfaceEx(reinterpret_cast<sockaddr*>(&to), &interface)) {
        case NO_ERROR:
            break;
        case ERROR_NOT_ENOUGH_MEMORY:
        case ERROR_NO_SYSTEM_RESOURCES:
            return error::no_buffers;
        default:
            out.no_entry = true;
            return error::none;
    }
    out.reachable = true;
    out.interface = interface;
    MIB_IPFORWARD_ROW2 row{};
    SOCKADDR_INET source{};
    if (::GetBestRoute2(nullptr, 0, nullptr, &to, 0, &row, &source) == NO_ERROR) {
        out.interface = row.InterfaceIndex;
        out.source = address_of(source);
    } else {
        out.source = source_towards(destination);  // Wine does not have it
    }
    return error::none;
}

core::Error RouteQuery::local_addresses(std::uint16_t family, std::vector<Address>& out) noexcept {
    try {
        out.clear();
        const auto keep = [&](const MIB_UNICASTIPADDRESS_ROW& row) {
            if (row.Address.si_family != family) return;
            auto address = row.Address;
            if (family == inet6)
                address.Ipv6.sin6_scope_id = link_local(family, entry_of(row).number) ? row.InterfaceIndex : 0;
            out.push_back(address_of(address));
        };
        return for_each_address(keep) ? error::none : error::no_buffers;
    } catch (const std::bad_alloc&) {
        return error::no_buffers;
    }
}

// What the system's threads have told, until it is taken.
class RouteWatch::Told {
  public:
    // A change of the address list of one family, on a socket of our own. One request tells of one change.
    class List {
      public:
        List(Told& told, int family) noexcept : told_{told} {
            const auto opened = Network::open(family, SOCK_DGRAM, IPPROTO_UDP);
            if (!opened.ok()) return;  // the family is not installed
            socket_ = static_cast<SOCKET>(opened.value);
            request_.hEvent = ::CreateEventW(nullptr, FALSE, FALSE, nullptr);
            if (request_.hEvent == nullptr || !ask()) return;
            ::RegisterWaitForSingleObject(&wait_, request_.hEvent, changed, this, INFINITE,
                                          WT_EXECUTEINPERSISTENTTHREAD);
        }
        List(const List&) = delete;
        List& operator=(const List&) = delete;
        ~List() {
            ending_ = true;
            if (wait_ != nullptr) static_cast<void>(::UnregisterWaitEx(wait_, INVALID_HANDLE_VALUE));
            if (socket_ != INVALID_SOCKET) Network::close(static_cast<Descriptor>(socket_));
            // The request ends with its socket; what it is told in must not go before.
            if (asked_) ::WaitForSingleObject(request_.hEvent, a_second);
            if (request_.hEvent != nullptr) ::CloseHandle(request_.hEvent);
        }

      private:
        static constexpr DWORD a_second = 1000;

        bool ask() noexcept {
            DWORD returned = 0;
            constexpr DWORD address_list_change = 0x28000017;  // SIO_ADDRESS_LIST_CHANGE
            const bool now =
                ::WSAIoctl(socket_, address_list_change, nullptr, 0, nullptr, 0, &returned, &request_, nullptr) == 0;
            asked_ = now || ::WSAGetLastError() == WSA_IO_PENDING;
            return asked_;
        }
        static void CALLBACK changed(void* self, BOOLEAN) {
            auto& list = *static_cast<List*>(self);
            if (list.ending_) return;
            // Before it is looked, so that nothing that comes later is missed.
            static_cast<void>(list.ask());
            list.told_.something_changed();
        }

        Told& told_;
        SOCKET socket_ = INVALID_SOCKET;
        OVERLAPPED request_{};
        HANDLE wait_ = nullptr;
        std::atomic<bool> asked_{false};
        std::atomic<bool> ending_{false};
    };

    Told() noexcept : inet_{*this, inet}, inet6_{*this, inet6} {
        const auto routes = ::NotifyRouteChange2(AF_UNSPEC, route_changed, this, FALSE, &routes_);
        const auto addresses = ::NotifyUnicastIpAddressChange(AF_UNSPEC, address_changed, this, FALSE, &addresses_);
        valid_ = routes == NO_ERROR && addresses == NO_ERROR;
        SOCKADDR_INET anywhere{};
        anywhere.si_family = AF_INET;
        MIB_IPFORWARD_ROW2 row{};
        SOCKADDR_INET source{};
        if (::GetBestRoute2(nullptr, 0, nullptr, &anywhere, 0, &row, &source) == ERROR_NOT_SUPPORTED)
            look_now_and_then();
    }
    Told(const Told&) = delete;
    Told& operator=(const Told&) = delete;
    ~Told() {
        if (timer_ != nullptr) static_cast<void>(::DeleteTimerQueueTimer(nullptr, timer_, INVALID_HANDLE_VALUE));
        for (auto* notification : {routes_, addresses_})
            if (notification != nullptr) ::CancelMibChangeNotify2(notification);
    }

    [[nodiscard]] bool valid() const noexcept { return valid_; }

    // Whether anything was told, and which addresses have gone; true in `lost` if some of these are not known.
    bool take(std::vector<AddressTable::Entry>& gone, bool& lost) noexcept {
        const std::lock_guard lock{mutex_};
        gone.swap(gone_);
        gone_.clear();
        lost = std::exchange(lost_, false);
        return std::exchange(any_, false);
    }

  private:
    void something_changed() noexcept {
        {
            const std::lock_guard lock{mutex_};
            any_ = true;
        }
        Poller::tell_subscribers();
    }
    void look_now_and_then() noexcept {
        constexpr DWORD now_and_then = 100;
        const auto look = [](void* self, BOOLEAN) { static_cast<Told*>(self)->something_changed(); };
        valid_ =
            ::CreateTimerQueueTimer(&timer_, nullptr, look, this, now_and_then, now_and_then, WT_EXECUTEDEFAULT) != 0;
    }
    static void WINAPI route_changed(void* self, MIB_IPFORWARD_ROW2*, MIB_NOTIFICATION_TYPE) {
        static_cast<Told*>(self)->something_changed();
    }
    static void WINAPI address_changed(void* self, MIB_UNICASTIPADDRESS_ROW* row, MIB_NOTIFICATION_TYPE what) {
        auto& told = *static_cast<Told*>(self);
        if (row != nullptr && what == MibDeleteInstance && !loopback(*row)) {
            const std::lock_guard lock{told.mutex_};
            try {
                told.gone_.push_back(entry_of(*row));
            } catch (const std::bad_alloc&) {
                told.lost_ = true;
            }
        }
        told.something_changed();
    }

    std::mutex mutex_;
    std::vector<AddressTable::Entry> gone_;
    bool any_ = false;
    bool lost_ = false;
    bool valid_ = false;
    HANDLE routes_ = nullptr;
    HANDLE addresses_ = nullptr;
    HANDLE timer_ = nullptr;
    List inet_;
    List inet6_;
};

RouteWatch::RouteWatch() noexcept : told_{new (std::nothrow) Told} {
    if (told_ == nullptr || !told_->valid()) return;
    try {
        valid_ = read_addresses(table_);
    } catch (const std::bad_alloc&) {
    }
}

RouteWatch::~RouteWatch() = default;

void RouteWatch::add_to(Poller& poller, std::uint64_t token) const noexcept { poller.subscribe(token); }

void RouteWatch::compare(Changes& changes) noexcept {
    try {
        AddressTable now;
        if (!read_addresses(now)) return;
        changes.inet_list |= !now.same_list(table_, inet);
        changes.inet6_list |= !now.same_list(table_, inet6);
        table_ = std::move(now);
    } catch (const std::bad_alloc&) {
        // What is known stays, and is compared the next time.
    }
}

Changes RouteWatch::take() noexcept {
    Changes changes;
    std::vector<AddressTable::Entry> gone;
    if (!told_->take(gone, changes.news_lost)) return changes;
    changes.any = true;
    if (changes.news_lost) changes.inet_list = changes.inet6_list = true;
    try {
        for (const auto& entry : gone) {
            // Also where it has come again since.
            if (!table_.usable(entry)) continue;
            (entry.family == inet6 ? changes.inet6_list : changes.inet_list) = true;
            changes.news.push_back({News::What::address_gone, entry.family, entry.interface, {}, false, entry.number});
        }
    } catch (const std::bad_alloc&) {
        changes.news_lost = changes.inet_list = changes.inet6_list = true;
        changes.news.clear();
    }
    compare(changes);
    return changes;
}

Changes RouteWatch::take_and_compare() noexcept {
    auto changes = take();
    compare(changes);
    return changes;
}

}  // namespace asyncselect::net
