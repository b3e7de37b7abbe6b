// The network of a namespace, changed over rtnetlink: no program such as `ip` is needed. Knows errno and netlink; must
// not know any provider, scenario or clause.
#include <arpa/inet.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "conformance/network.hpp"

namespace asyncselect::conformance::network {

namespace {

std::atomic<bool> entered{false};

std::string reason(int number) { return std::generic_category().message(number); }

[[noreturn]] void fail(const std::string& what, int number) {
    throw std::runtime_error("network: " + what + ": " + reason(number));
}

// One request, and the system's answer to it.
class Request {
  public:
    Request(std::string what, std::uint16_t type, unsigned flags) : what_{std::move(what)} {
        if (!in_namespace()) throw std::runtime_error("network: " + what_ + ": not in a namespace of our own");
        header_ = mnl_nlmsg_put_header(buffer_.data());
        header_->nlmsg_type = type;
        header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
        header_->nlmsg_seq = 1;
    }

    template <class Extra>
    Extra& extra() {
        return *static_cast<Extra*>(mnl_nlmsg_put_extra_header(header_, sizeof(Extra)));
    }
    nlmsghdr* header() { return header_; }
    [[nodiscard]] const std::string& what() const { return what_; }

    // Throws when the system refuses. `answer`, if there is one, is called with the message of the answer.
    void make(mnl_cb_t answer = nullptr, void* data = nullptr) {
        const std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket{mnl_socket_open(NETLINK_ROUTE),
                                                                       mnl_socket_close};
        if (socket == nullptr || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0 ||
            mnl_socket_sendto(socket.get(), header_, header_->nlmsg_len) < 0)
            fail(what_, errno);
        const auto got = mnl_socket_recvfrom(socket.get(), buffer_.data(), buffer_.size());
        if (got < 0 || mnl_cb_run(buffer_.data(), static_cast<std::size_t>(got), 1, mnl_socket_get_portid(socket.get()),
                                  answer, data) < 0)
            fail(what_, errno);
    }

  private:
    std::string what_;
    alignas(nlmsghdr) std::array<char, 8192> buffer_{};
    nlmsghdr* header_ = nullptr;
};

int index_of(std::string_view interface, const std::string& what) {
    const auto index = if_nametoindex(std::string{interface}.c_str());
    if (index == 0) fail(what, errno);
    return static_cast<int>(index);
}

// "192.0.2.1/24"
struct Prefix {
    unsigned char family = AF_INET;
    unsigned char length = 0;
    std::array<char, 16> address{};

    [[nodiscard]] std::size_t size() const { return family == AF_INET ? 4 : 16; }
};

Prefix prefix_of(std::string_view text) {
    Prefix prefix;
    const auto slash = text.find('/');
    const std::string address{text.substr(0, slash)};
    prefix.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
    const auto* end = text.data() + text.size();
    if (slash == std::string_view::npos || inet_pton(prefix.family, address.c_str(), prefix.address.data()) != 1 ||
        std::from_chars(text.data() + slash + 1, end, prefix.length).ptr != end)
        throw std::runtime_error("network: \"" + std::string{text} + "\" is no address with the length of a prefix");
    return prefix;
}

// Whether packets to an address come back to this host.
bool leads_here(const Prefix& prefix) {
    Request request{"asking for a route", RTM_GETROUTE, 0};
    auto& message = request.extra<rtmsg>();
    message.rtm_family = prefix.family;
    message.rtm_dst_len = static_cast<unsigned char>(prefix.size() * 8);
    mnl_attr_put(request.header(), RTA_DST, prefix.size(), prefix.address.data());
    bool local = false;
    const auto read_type = [](const nlmsghdr* answer, void* data) -> int {
        *static_cast<bool*>(data) = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(answer))->rtm_type == RTN_LOCAL;
        return MNL_CB_STOP;
    };
    request.make(read_type, &local);
    return local;
}

bool is_up(std::string_view interface) {
    Request request{"asking for interface " + std::string{interface}, RTM_GETLINK, 0};
    request.extra<ifinfomsg>().ifi_index = index_of(interface, request.what());
    bool up = false;
    const auto read_flags = [](const nlmsghdr* answer, void* data) -> int {
        *static_cast<bool*>(data) =
            (static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(answer))->ifi_flags & IFF_UP) != 0;
        return MNL_CB_STOP;
    };
    request.make(read_flags, &up);
    return up;
}

enum class Action { add, renew, remove };

void change_address(std::string_view interface, std::string_view address, Action action) {
    const bool add = action != Action::remove;
    const auto prefix = prefix_of(address);
    Request request{(add ? "adding address " : "removing address ") + std::string{address},
                    static_cast<std::uint16_t>(add ? RTM_NEWADDR : RTM_DELADDR),
                    action == Action::add     ? unsigned{NLM_F_CREATE | NLM_F_EXCL}
                    : action == Action::renew ? unsigned{NLM_F_REPLACE}
                                              : 0U};
    auto& message = request.extra<ifaddrmsg>();
    message.ifa_family = prefix.family;
    message.ifa_prefixlen = prefix.length;
    // Without duplicate address detection an address is usable at once.
    message.ifa_flags = prefix.family == AF_INET6 ? IFA_F_NODAD : 0;
    message.ifa_scope = RT_SCOPE_UNIVERSE;
    message.ifa_index = static_cast<unsigned>(index_of(interface, request.what()));
    mnl_attr_put(request.header(), IFA_LOCAL, prefix.size(), prefix.address.data());
    mnl_attr_put(request.header(), IFA_ADDRESS, prefix.size(), prefix.address.data());
    if (action == Action::renew) {
        const ifa_cacheinfo lifetime{3600, 7200, 0, 0};
        mnl_attr_put(request.header(), IFA_CACHEINFO, sizeof lifetime, &lifetime);
    }
    request.make();
}

void change_route(std::string_view destination, std::string_view interface, std::string_view router, bool add) {
    const auto prefix = prefix_of(destination);
    Request request{(add ? "adding a route to " : "removing the route to ") + std::string{destination},
                    static_cast<std::uint16_t>(add ? RTM_NEWROUTE : RTM_DELROUTE),
                    add ? unsigned{NLM_F_CREATE | NLM_F_EXCL} : 0U};
    auto& message = request.extra<rtmsg>();
    message.rtm_family = prefix.family;
    message.rtm_dst_len = prefix.length;
    message.rtm_table = RT_TABLE_MAIN;
    message.rtm_protocol = add ? RTPROT_STATIC : RTPROT_UNSPEC;
    message.rtm_scope = static_cast<unsigned char>(!add                       ? RT_SCOPE_NOWHERE
                                                   : prefix.family == AF_INET ? RT_SCOPE_LINK
                                                                              : RT_SCOPE_UNIVERSE);
    message.rtm_type = static_cast<unsigned char>(add ? RTN_UNICAST : RTN_UNSPEC);
    mnl_attr_put(request.header(), RTA_DST, prefix.size(), prefix.address.data());
    if (!router.empty()) {
        const auto gateway = prefix_of(std::string{router} + "/0");
        mnl_attr_put(request.header(), RTA_GATEWAY, gateway.size(), gateway.address.data());
        message.rtm_scope = RT_SCOPE_UNIVERSE;
    }
    mnl_attr_put_u32(request.header(), RTA_OIF, static_cast<std::uint32_t>(index_of(interface, request.what())));
    request.make();
}

// The system then adds no addresses of its own to the interface, at a time of its choice.
void without_link_local_addresses(std::string_view interface) {
    Request request{"configuring interface " + std::string{interface}, RTM_SETLINK, 0};
    request.extra<ifinfomsg>().ifi_index = index_of(interface, request.what());
    auto* families = mnl_attr_nest_start(request.header(), IFLA_AF_SPEC);
    auto* family = mnl_attr_nest_start(request.header(), AF_INET6);
    mnl_attr_put_u8(request.header(), IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    mnl_attr_nest_end(request.header(), family);
    mnl_attr_nest_end(request.header(), families);
    request.make();
}

void write_file(const char* path, const std::string& text) {
    std::ofstream file{path};
    file << text;
    file.flush();
    if (!file) fail(path, errno);
}

}  // namespace

std::optional<std::string> enter_namespace() {
    if (in_namespace()) return std::nullopt;
    try {
        if (unshare(CLONE_NEWNET) != 0) {
            if (errno != EPERM) fail("a network namespace", errno);
            const auto user = std::to_string(geteuid());
            const auto group = std::to_string(getegid());
            if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) fail("a user and network namespace", errno);
            write_file("/proc/self/setgroups", "deny");
            write_file("/proc/self/uid_map", "0 " + user + " 1");
            write_file("/proc/self/gid_map", "0 " + group + " 1");
        }
        entered = true;
        set_up("lo", true);
    } catch (const std::exception& error) {
        entered = false;
        return error.what();
    }
    return std::nullopt;
}

bool in_namespace() noexcept { return entered; }

void add_interfaces(std::string_view one, std::string_view other) {
    Request request{"adding interfaces " + std::string{one} + " and " + std::string{other}, RTM_NEWLINK,
                    NLM_F_CREATE | NLM_F_EXCL};
    request.extra<ifinfomsg>();
    const std::string first{one};
    const std::string second{other};
    mnl_attr_put_strz(request.header(), IFLA_IFNAME, first.c_str());
    auto* info = mnl_attr_nest_start(request.header(), IFLA_LINKINFO);
    mnl_attr_put_strz(request.header(), IFLA_INFO_KIND, "veth");
    auto* data = mnl_attr_nest_start(request.header(), IFLA_INFO_DATA);
    auto* peer = mnl_attr_nest_start(request.header(), VETH_INFO_PEER);
    request.extra<ifinfomsg>();
    mnl_attr_put_strz(request.header(), IFLA_IFNAME, second.c_str());
    mnl_attr_nest_end(request.header(), peer);
    mnl_attr_nest_end(request.header(), data);
    mnl_attr_nest_end(request.header(), info);
    request.make();
    for (const auto interface : {one, other}) {
        without_link_local_addresses(interface);
        set_up(interface, true);
    }
}

void remove_interface(std::string_view name) {
    Request request{"removing interface " + std::string{name}, RTM_DELLINK, 0};
    request.extra<ifinfomsg>().ifi_index = index_of(name, request.what());
    request.make();
}

void set_up(std::string_view interface, bool up) {
    Request request{(up ? "setting up interface " : "setting down interface ") + std::string{interface}, RTM_NEWLINK,
                    0};
    auto& message = request.extra<ifinfomsg>();
    message.ifi_index = index_of(interface, request.what());
    message.ifi_change = IFF_UP;
    message.ifi_flags = up ? IFF_UP : 0;
    request.make();
}

void add_address(std::string_view interface, std::string_view address) {
    change_address(interface, address, Action::add);
    // The system completes it later where it is one of IPv6.
    const auto prefix = prefix_of(address);
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (prefix.family == AF_INET6 && is_up(interface) && !leads_here(prefix)) {
        if (std::chrono::steady_clock::now() > give_up) fail("adding address " + std::string{address}, ETIMEDOUT);
        std::this_thread::yield();
    }
}
void remove_address(std::string_view interface, std::string_view address) {
    change_address(interface, address, Action::remove);
}
void renew_address(std::string_view interface, std::string_view address) {
    change_address(interface, address, Action::renew);
}

void add_route(std::string_view destination, std::string_view interface, std::string_view router) {
    change_route(destination, interface, router, true);
}
void remove_route(std::string_view destination, std::string_view interface) {
    change_route(destination, interface, {}, false);
}

void set_parameter(std::string_view name, std::string_view value) {
    if (!in_namespace()) throw std::runtime_error("network: a parameter: not in a namespace of our own");
    write_file(("/proc/sys/net/" + std::string{name}).c_str(), std::string{value});
}

struct Host::Inside {
    std::mutex mutex;
    std::condition_variable changed;
    std::function<void()> work;
    std::exception_ptr thrown;
    bool done = false;
    bool ending = false;
    int descriptor = -1;  // of the namespace
    std::thread thread;

    void live() {
        std::unique_lock lock{mutex};
        for (;;) {
            changed.wait(lock, [&] { return ending || (work && !done); });
            if (ending) return;
            try {
                work();
            } catch (...) {
                thrown = std::current_exception();
            }
            done = true;
            changed.notify_all();
        }
    }
};

Host::Host() : inside_{std::make_unique<Inside>()} {
    if (!in_namespace()) throw std::runtime_error("network: another host: not in a namespace of our own");
    inside_->thread = std::thread{[inside = inside_.get()] { inside->live(); }};
    run([inside = inside_.get()] {
        if (unshare(CLONE_NEWNET) != 0) fail("another host", errno);
        inside->descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        if (inside->descriptor < 0) fail("another host", errno);
        set_up("lo", true);
    });
}

Host::~Host() {
    {
        const std::lock_guard lock{inside_->mutex};
        inside_->ending = true;
        inside_->changed.notify_all();
    }
    inside_->thread.join();
    if (inside_->descriptor >= 0) close(inside_->descriptor);
}

void Host::take(std::string_view interface) {
    Request request{"handing over interface " + std::string{interface}, RTM_SETLINK, 0};
    request.extra<ifinfomsg>().ifi_index = index_of(interface, request.what());
    mnl_attr_put_u32(request.header(), IFLA_NET_NS_FD, static_cast<std::uint32_t>(inside_->descriptor));
    request.make();
    run([name = std::string{interface}] { without_link_local_addresses(name); });
}

void Host::run(std::function<void()> work) {
    std::unique_lock lock{inside_->mutex};
    inside_->work = std::move(work);
    inside_->done = false;
    inside_->thrown = nullptr;
    inside_->changed.notify_all();
    inside_->changed.wait(lock, [&] { return inside_->done; });
    inside_->work = nullptr;
    if (inside_->thrown) std::rethrow_exception(inside_->thrown);
}

}  // namespace asyncselect::conformance::network
