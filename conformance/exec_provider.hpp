// A provider behind a separate program: the adapter, which makes the calls that it is asked for in lines of JSON and
// answers each. docs/adapter.md describes that for its author. It must not know scenarios or clauses.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

// Counts changes of the protocol. An adapter says which one it speaks.
inline constexpr int adapter_version = 1;

struct ExecOptions {
    std::string command;  // for /bin/sh
    // How long the adapter may take until its first line.
    std::chrono::milliseconds start{30'000};
    // How long it may take to read a request.
    std::chrono::milliseconds taking{20'000};
    // Where peers listen, one address for each family; none: on the loopback interface, for both.
    std::vector<RemoteAddress> peers_at;
    // Under which peers reach the provider; none: on the loopback interface.
    std::vector<RemoteAddress> provider_at;
    // How long what peers did may be on its way unseen, where the provider is elsewhere.
    std::chrono::milliseconds out_of_sight{100};
};

// Starts the adapter and waits for its first line. An adapter that has ended is started again before the next script.
// Throws std::runtime_error: it does not start, says nothing, or something else than that line.
std::unique_ptr<Provider> make_exec_provider(ExecOptions options);

// An address in digits, "192.0.2.1" or "2001:db8::1", or nothing.
std::optional<RemoteAddress> address_in(const std::string& text);

}  // namespace asyncselect::conformance
