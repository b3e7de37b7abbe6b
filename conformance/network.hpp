// The network of this host, as tests change it: in a namespace of the process's own, so that nothing else sees it.
// It must not know any provider, scenario or clause.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace asyncselect::conformance::network {

// Moves the process into a network namespace of its own, with the loopback interface up. Before any thread is started.
// Returns why that is not permitted here, or nothing. As root or with user namespaces.
std::optional<std::string> enter_namespace();

// Whether it was done.
[[nodiscard]] bool in_namespace() noexcept;

// What follows changes the namespace that the calling thread is in, through rtnetlink, and returns when the change is
// made. All throw std::runtime_error with the system's reason; none is called outside a namespace of the process's own.

// A pair of connected virtual interfaces, both up: what goes into one comes out of the other.
void add_interfaces(std::string_view one, std::string_view other);
void remove_interface(std::string_view name);
void set_up(std::string_view interface, bool up);

// An address with the length of its prefix: "192.0.2.1/24", "2001:db8::1/64". IPv6 addresses are usable at once.
void add_address(std::string_view interface, std::string_view address);
void remove_address(std::string_view interface, std::string_view address);
// Gives an address that is there a new lifetime, as a router's advertisement does.
void renew_address(std::string_view interface, std::string_view address);

// A route to "198.51.100.0/24" or "2001:db8:1::/64" through an interface, to a router there if one is given.
void add_route(std::string_view destination, std::string_view interface, std::string_view router = {});
void remove_route(std::string_view destination, std::string_view interface);

// A parameter of the namespace: "ipv4/ip_forward" and "1".
void set_parameter(std::string_view name, std::string_view value);

// Another host: a second namespace, with a thread in it.
class Host {
  public:
    Host();
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    // Moves an interface there, which is down then and without addresses.
    void take(std::string_view interface);
    // Runs `work` there and waits for it; what it throws is thrown here. A socket that it makes stays that host's,
    // whoever uses it.
    void run(std::function<void()> work);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace asyncselect::conformance::network
