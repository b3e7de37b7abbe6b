// The network of this host, as tests change it: in a namespace of the process's own, so that nothing else sees it.
// It must not know any provider, scenario or clause.
#pragma once

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

// A route to "198.51.100.0/24" or "2001:db8:1::/64" through an interface.
void add_route(std::string_view destination, std::string_view interface);
void remove_route(std::string_view destination, std::string_view interface);

}  // namespace asyncselect::conformance::network
