// Routes and local addresses over rtnetlink, with libmnl. errno and netlink's constants stay here.
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include "impl/net/route_numbers.hpp"

namespace asyncselect::net {

namespace error = core::error;

namespace {

constexpr std::size_t largest_message = 32768;
// Of what is told before we have looked; more counts as lost.
constexpr std::size_t most_news = 65536;
constexpr int kept_bytes = 1 << 20;

std::uint16_t sdk_family(unsigned char system) {
    if (system == AF_INET6) return inet6;
    return system == AF_INET ? inet : std::uint16_t{0};
}
unsigned char system_family(std::uint16_t sdk) { return sdk == inet6 ? AF_INET6 : AF_INET; }

constexpr std::size_t scope_at = 24;
Address address_of(std::uint16_t family, const Number& number, std::uint32_t scope) {
    Address address{};
    std::memcpy(address.bytes, &family, sizeof family);
    std::memcpy(address.bytes + number_at(family), number.data(), size_of_number(family));
    if (link_local(family, number)) std::memcpy(address.bytes + scope_at, &scope, sizeof scope);
    address.length = length_of(family);
    return address;
}

std::uint32_t scope_of(const Address& address) {
    std::uint32_t scope = 0;
    if (family_of(address) == inet6) std::memcpy(&scope, address.bytes + scope_at, sizeof scope);
    return scope;
}

// ---- messages

using Storage = std::array<std::byte, largest_message>;

template <class Extra>
const Extra& extra_of(const nlmsghdr& message) {
    return *static_cast<const Extra*>(mnl_nlmsg_get_payload(&message));
}

// Calls `visit(type, value)` for each attribute after the extra header.
template <class Extra, class Visit>
void for_each_attribute(const nlmsghdr& message, Visit visit) {
    const auto* at = static_cast<const std::byte*>(mnl_nlmsg_get_payload_offset(&message, sizeof(Extra)));
    const auto* end = static_cast<const std::byte*>(mnl_nlmsg_get_payload_tail(&message));
    while (at < end) {
        const auto* attribute = reinterpret_cast<const nlattr*>(at);
        if (!mnl_attr_ok(attribute, static_cast<int>(end - at))) return;
        visit(mnl_attr_get_type(attribute), std::span{static_cast<const std::byte*>(mnl_attr_get_payload(attribute)),
                                                      static_cast<std::size_t>(mnl_attr_get_payload_len(attribute))});
        at += MNL_ALIGN(mnl_attr_get_len(attribute));
    }
}

std::uint32_t number32(std::span<const std::byte> value) {
    std::uint32_t number = 0;
    std::memcpy(&number, value.data(), std::min(value.size(), sizeof number));
    return number;
}

Number number_in(std::span<const std::byte> value) {
    Number number{};
    std::memcpy(number.data(), value.data(), std::min(value.size(), number.size()));
    return number;
}

// What a message of the routing tables says.
struct RouteMessage {
    std::uint16_t family = 0;
    RouteEntry entry;
    Number prefix{};
    std::uint32_t interface = several_interfaces;
    Number source{};
    bool has_source = false;
    bool reachable = false;
    bool local = false;  // to an address of our own
    bool for_all_packets = false;
    bool usable = false;
};

RouteMessage route_in(const nlmsghdr& message) {
    const auto& head = extra_of<rtmsg>(message);
    RouteMessage route;
    route.family = sdk_family(head.rtm_family);
    route.entry.length = head.rtm_dst_len;
    route.entry.table = head.rtm_table;
    route.reachable = head.rtm_type == RTN_UNICAST || head.rtm_type == RTN_LOCAL || head.rtm_type == RTN_BROADCAST ||
                      head.rtm_type == RTN_ANYCAST || head.rtm_type == RTN_MULTICAST;
    route.local = head.rtm_type == RTN_LOCAL;
    route.for_all_packets = head.rtm_tos == 0 && head.rtm_src_len == 0 && (head.rtm_flags & RTM_F_CLONED) == 0;
    route.usable = (head.rtm_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) == 0;
    for_each_attribute<rtmsg>(message, [&](std::uint16_t type, std::span<const std::byte> value) {
        if (type == RTA_DST) route.prefix = number_in(value);
        if (type == RTA_OIF) route.interface = number32(value);
        if (type == RTA_TABLE) route.entry.table = number32(value);
        if (type == RTA_PRIORITY) route.entry.metric = number32(value);
        if (type == RTA_PREFSRC) {
            route.source = number_in(value);
            route.has_source = true;
        }
    });
    if (!route.reachable) route.interface = nowhere;
    return route;
}

// What a message about an address says, and whether sockets can be bound to it if its interface is up.
struct AddressMessage {
    AddressTable::Entry entry;
    bool usable = false;
};

AddressMessage address_in(const nlmsghdr& message) {
    const auto& head = extra_of<ifaddrmsg>(message);
    AddressMessage address;
    address.entry.family = sdk_family(head.ifa_family);
    address.entry.length = head.ifa_prefixlen;
    address.entry.interface = head.ifa_index;
    std::uint32_t flags = head.ifa_flags;
    bool is_local = false;
    for_each_attribute<ifaddrmsg>(message, [&](std::uint16_t type, std::span<const std::byte> value) {
        if (type == IFA_FLAGS) flags = number32(value);
        // On a point-to-point interface IFA_ADDRESS is the peer's.
        if (type == IFA_LOCAL || (type == IFA_ADDRESS && !is_local)) address.entry.number = number_in(value);
        if (type == IFA_LOCAL) is_local = true;
    });
    const bool tentative = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
    address.usable = !tentative && (flags & IFA_F_DADFAILED) == 0;
    return address;
}

// A question.
class Request {
  public:
    Request(Storage& storage, int type, int flags) : header_{mnl_nlmsg_put_header(storage.data())} {
        header_->nlmsg_type = static_cast<std::uint16_t>(type);
        header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    }
    template <class Extra>
    Extra& extra() {
        return *static_cast<Extra*>(mnl_nlmsg_put_extra_header(header_, sizeof(Extra)));
    }
    nlmsghdr* get() { return header_; }

  private:
    nlmsghdr* header_;
};

// How far an answer has come.
struct Heard {
    bool all = false;
    bool interrupted = false;  // what it lists has changed meanwhile
    int number = 0;            // the system's error
};

// Calls `visit(message)` for each message in what was received; those of another sequence than `sequence`, if that is
// not 0, are the rest of an answer that nobody waits for.
template <class Visit>
void for_each_message(const Storage& storage, std::size_t size, std::uint32_t sequence, Heard& heard, Visit visit) {
    const auto* message = reinterpret_cast<const nlmsghdr*>(storage.data());
    for (int left = static_cast<int>(size); mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
        if (sequence != 0 && message->nlmsg_seq != sequence) continue;
        if (message->nlmsg_flags & NLM_F_DUMP_INTR) heard.interrupted = true;
        if (message->nlmsg_type == NLMSG_DONE) {
            heard.all = true;
        } else if (message->nlmsg_type == NLMSG_ERROR) {
            heard.all = true;
            heard.number = -extra_of<nlmsgerr>(*message).error;
        } else {
            visit(*message);
            heard.all = (message->nlmsg_flags & NLM_F_MULTI) == 0;
        }
    }
}

// Asks and hears the answer: 0, or errno.
template <class Visit>
int asked(mnl_socket* socket, Storage& storage, Request& request, Visit visit) {
    static std::atomic<std::uint32_t> last_sequence{0};
    auto sequence = ++last_sequence;
    if (sequence == 0) sequence = ++last_sequence;
    request.get()->nlmsg_seq = sequence;
    if (mnl_socket_sendto(socket, request.get(), request.get()->nlmsg_len) < 0) return errno;
    for (Heard heard;;) {
        const auto got = mnl_socket_recvfrom(socket, storage.data(), storage.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        for_each_message(storage, static_cast<std::size_t>(got), sequence, heard, visit);
        if (heard.all) return heard.interrupted ? EINTR : heard.number;
    }
}

// A list that changes while it is read comes again from its beginning, which `begin` is told.
template <class Begin, class Visit>
int asked_for_addresses(mnl_socket* socket, Storage& storage, std::uint16_t family, Begin begin, Visit visit) {
    for (;;) {
        begin();
        Request request{storage, RTM_GETADDR, NLM_F_DUMP};
        request.extra<ifaddrmsg>().ifa_family = system_family(family);
        const int number = asked(socket, storage, request, visit);
        if (number != EINTR) return number;
    }
}

// The table as it is now: 0, or errno.
int read_addresses(mnl_socket* socket, AddressTable& table) {
    const auto storage = std::make_unique_for_overwrite<Storage>();
    AddressTable read;
    std::vector<AddressTable::Entry> entries;
    for (const auto family : {inet, inet6}) {
        const int number = asked_for_addresses(
            socket, *storage, family, [&] { entries.clear(); },
            [&](const nlmsghdr& message) {
                if (const auto address = address_in(message); address.usable) entries.push_back(address.entry);
            });
        // Without IPv6 there are none.
        if (number != 0 && number != EAFNOSUPPORT && number != EOPNOTSUPP) return number;
        for (const auto& entry : entries)
            if (entry.family == family) read.add(entry);
        entries.clear();
    }
    table = std::move(read);
    return 0;
}

mnl_socket* opened(int flags) {
    auto* socket = mnl_socket_open2(NETLINK_ROUTE, flags | SOCK_CLOEXEC);
    if (socket != nullptr && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        mnl_socket_close(socket);
        return nullptr;
    }
    return socket;
}

bool join(mnl_socket* socket, std::initializer_list<int> groups) {
    return std::ranges::all_of(groups, [&](int group) {
        return mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
    });
}

}  // namespace

// ---- questions

void RouteQuery::Close::operator()(mnl_socket* socket) const noexcept { mnl_socket_close(socket); }

RouteQuery::RouteQuery() noexcept : socket_{opened(0)} {}
RouteQuery::RouteQuery(RouteQuery&&) noexcept = default;
RouteQuery& RouteQuery::operator=(RouteQuery&&) noexcept = default;
RouteQuery::~RouteQuery() = default;

core::Error RouteQuery::route_to(const Address& destination, Route& out) noexcept {
    const auto family = family_of(destination);
    const auto number = number_of(destination);
    const auto scope = scope_of(destination);
    try {
        const auto storage = std::make_unique_for_overwrite<Storage>();
        const auto ask = [&](unsigned flags, RouteMessage& answer) {
            Request request{*storage, RTM_GETROUTE, 0};
            auto& head = request.extra<rtmsg>();
            head.rtm_family = system_family(family);
            head.rtm_dst_len = static_cast<unsigned char>(size_of_number(family) * 8);
            head.rtm_flags = flags;
            mnl_attr_put(request.get(), RTA_DST, size_of_number(family), number.data());
            if (scope != 0) mnl_attr_put_u32(request.get(), RTA_OIF, scope);
            return asked(socket_.get(), *storage, request, [&](const nlmsghdr& message) {
                if (message.nlmsg_type == RTM_NEWROUTE) answer = route_in(message);
            });
        };
        // While the tables are being changed the system can find nothing in them for a moment, or give two answers that
        // do not go together: it is asked again then.
        for (int left = 3; left > 0; --left) {
            RouteMessage way;
            const int number = ask(RTM_F_LOOKUP_TABLE, way);
            if (number == ENOBUFS || number == ENOMEM) return error::no_buffers;
            out = {};
            out.no_entry = number == ENETUNREACH;
            out.reachable = number == 0 && way.reachable;
            if (!out.reachable) {
                sched_yield();
                continue;
            }
            out.interface = way.interface;
            if (way.has_source) out.source = address_of(family, way.source, way.interface);
            RouteMessage entry;
            if (ask(RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH, entry) != 0 || entry.family != family) continue;
            out.entry = entry.entry;
            if (entry.interface == way.interface || entry.interface == several_interfaces || way.local) break;
        }
        return error::none;
    } catch (const std::bad_alloc&) {
        return error::no_buffers;
    }
}

core::Error RouteQuery::local_addresses(std::uint16_t family, std::vector<Address>& out) noexcept {
    try {
        AddressTable table;
        if (read_addresses(socket_.get(), table) != 0) return error::no_buffers;
        out.clear();
        for (const auto& entry : table.list(family)) out.push_back(address_of(family, entry.number, entry.interface));
        return error::none;
    } catch (const std::bad_alloc&) {
        return error::no_buffers;
    }
}

// ---- notifications

RouteWatch::RouteWatch() noexcept
    : addresses_{opened(SOCK_NONBLOCK)},
      routes_{opened(SOCK_NONBLOCK)},
      any_socket_{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    if (!query_.valid() || addresses_ == nullptr || routes_ == nullptr || any_socket_ < 0) return;
    keep_at_most(kept_bytes);
    // From before the first look on, so that none comes between.
    if (!join(addresses_.get(), {RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR}) ||
        !join(routes_.get(),
              {RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE}))
        return;
    try {
        valid_ = read_addresses(query_.socket_.get(), table_) == 0;
    } catch (const std::bad_alloc&) {
    }
}

RouteWatch::~RouteWatch() {
    if (any_socket_ >= 0) close(any_socket_);
}

void RouteWatch::add_to(Poller& poller, std::uint64_t token) const noexcept {
    for (const auto* socket : {addresses_.get(), routes_.get()})
        static_cast<void>(poller.add(mnl_socket_get_fd(socket), token));
}

void RouteWatch::keep_at_most(int bytes) noexcept {
    for (const auto* socket : {addresses_.get(), routes_.get()}) {
        const int descriptor = mnl_socket_get_fd(socket);
        if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
}

Changes RouteWatch::take() noexcept {
    Changes changes;
    try {
        take_from(Topic::addresses, changes);
        take_from(Topic::routes, changes);
        if (changes.any) wait_for_changes_in_progress();
        if (lost_) reread(changes);
    } catch (const std::bad_alloc&) {
        lost_ = changes.news_lost = changes.any = changes.inet_list = changes.inet6_list = true;
    }
    if (changes.news_lost) changes.news.clear();
    return changes;
}

Changes RouteWatch::take_and_compare() noexcept {
    auto changes = take();
    try {
        AddressTable now;
        if (read_addresses(query_.socket_.get(), now) != 0) return changes;
        changes.inet_list |= !now.same_list(table_, inet);
        changes.inet6_list |= !now.same_list(table_, inet6);
        table_ = std::move(now);
    } catch (const std::bad_alloc&) {
    }
    return changes;
}

void RouteWatch::take_from(Topic topic, Changes& changes) {
    const bool of_addresses = topic == Topic::addresses;
    auto* socket = (of_addresses ? addresses_ : routes_).get();
    const auto storage = std::make_unique_for_overwrite<Storage>();
    for (;;) {
        const auto got = mnl_socket_recvfrom(socket, storage->data(), storage->size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
            // What was dropped can have been anything, undone since or not.
            changes.any = changes.news_lost = true;
            if (of_addresses) changes.inet_list = changes.inet6_list = lost_ = true;
            continue;
        }
        if (got <= 0) return;
        changes.any = true;
        Heard heard;
        for_each_message(*storage, static_cast<std::size_t>(got), 0, heard, [&](const nlmsghdr& message) {
            switch (message.nlmsg_type) {
                case RTM_NEWADDR:
                case RTM_DELADDR:
                    return told_of_address(message, changes);
                case RTM_NEWLINK:
                case RTM_DELLINK: {
                    const auto& head = extra_of<ifinfomsg>(message);
                    const bool up = message.nlmsg_type == RTM_NEWLINK && (head.ifi_flags & IFF_UP) != 0;
                    if (up || head.ifi_family != AF_UNSPEC) return;  // or news of a bridge's port
                    // The routes of IPv4 go with the interface, and nothing is told of them.
                    changes.news.push_back(
                        {News::What::interface_down, 0, static_cast<std::uint32_t>(head.ifi_index), {}, false, {}});
                    return;
                }
                case RTM_NEWROUTE:
                case RTM_DELROUTE: {
                    const auto route = route_in(message);
                    if (!route.for_all_packets || !route.usable) return;
                    changes.news.push_back(
                        {message.nlmsg_type == RTM_NEWROUTE ? News::What::route_added : News::What::route_removed,
                         route.family, route.interface, route.entry, (message.nlmsg_flags & NLM_F_REPLACE) != 0,
                         route.prefix});
                    return;
                }
                default:
                    return;
            }
        });
        if (changes.news.size() > most_news) {
            changes.news.clear();
            changes.news_lost = true;
        }
    }
}

// The system tells of some changes before it makes them: that a route of IPv4 is removed, that an interface is down. It
// makes one after the other, under a lock; a call that needs this lock returns when what was told is done. To leave a
// group that one is not in is such a call, and nothing else.
void RouteWatch::wait_for_changes_in_progress() const noexcept {
    ip_mreqn group{};
    group.imr_multiaddr.s_addr = htonl(INADDR_ALLHOSTS_GROUP);
    setsockopt(any_socket_, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof group);
}

void RouteWatch::reread(Changes& changes) {
    AddressTable now;
    if (read_addresses(query_.socket_.get(), now) != 0) return;
    table_ = std::move(now);
    lost_ = false;
    changes.any = changes.news_lost = changes.inet_list = changes.inet6_list = true;
}

void RouteWatch::told_of_address(const nlmsghdr& message, Changes& changes) {
    const auto address = address_in(message);
    const auto& entry = address.entry;
    if (entry.family == 0) return;
    const bool there = message.nlmsg_type == RTM_NEWADDR && address.usable;
    if (!(there ? table_.add(entry) : table_.remove(entry))) return;
    (entry.family == inet6 ? changes.inet6_list : changes.inet_list) = true;
    if (!there)
        changes.news.push_back({News::What::address_gone, entry.family, entry.interface, {}, false, entry.number});
}

}  // namespace asyncselect::net
