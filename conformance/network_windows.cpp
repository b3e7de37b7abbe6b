// See conformance/network.hpp: Windows has no network that would be a process's own, so nothing is ever changed.
#include <stdexcept>

#include "conformance/network.hpp"

namespace asyncselect::conformance::network {

namespace {

constexpr const char* why = "Windows has no network namespaces: routes and addresses would be those of the machine";

[[noreturn]] void refuse() { throw std::runtime_error(std::string("network: ") + why); }

}  // namespace

std::optional<std::string> enter_namespace() { return why; }

bool in_namespace() noexcept { return false; }

void add_interfaces(std::string_view, std::string_view) { refuse(); }
void remove_interface(std::string_view) { refuse(); }
void set_up(std::string_view, bool) { refuse(); }
void add_address(std::string_view, std::string_view) { refuse(); }
void remove_address(std::string_view, std::string_view) { refuse(); }
void renew_address(std::string_view, std::string_view) { refuse(); }
void add_route(std::string_view, std::string_view, std::string_view) { refuse(); }
void remove_route(std::string_view, std::string_view) { refuse(); }
void set_parameter(std::string_view, std::string_view) { refuse(); }

struct Host::Inside {};

Host::Host() { refuse(); }
Host::~Host() = default;
void Host::take(std::string_view) { refuse(); }
void Host::run(std::function<void()>) { refuse(); }

}  // namespace asyncselect::conformance::network
