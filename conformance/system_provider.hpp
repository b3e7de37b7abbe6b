// Whatever Winsock and windows the machine has, through ws2_32 and user32: the functions that every program for Windows
// calls. It must not know scenarios or clauses.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

// One at a time in a process.
std::unique_ptr<Provider> make_system_provider();

// This project's own implementation: AFD and a completion port below, the same windows above. One at a time in a
// process.
std::unique_ptr<Provider> make_iocp_provider(bool pumps);

// The version of Wine, where this is Wine. Windows has no such thing.
std::optional<std::string> wine_version();

// Why the network below keeps a single urgent byte (W-5), or nothing.
std::optional<std::string> why_urgent_is_single();

}  // namespace asyncselect::conformance
