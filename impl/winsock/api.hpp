// What every function of the API begins and ends with: is Winsock started, is this a socket, how failure is told.
// Must know nothing of what the functions do.
#pragma once

#include <asyncselect/asyncselect.h>

#include <atomic>
#include <cstdint>
#include <optional>

#include "impl/core/error.hpp"
#include "impl/core/last_error.hpp"
#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

inline constexpr int socket_error = -1;

// How many WSAStartups are in force.
extern constinit std::atomic<std::uint32_t> startups;

// Whether one is (AS-API-2). Any thread.
[[nodiscard]] inline bool started() noexcept { return startups.load(std::memory_order_relaxed) != 0; }

// Whether this thread runs a condition function of WSAAccept.
inline constinit thread_local bool in_condition_function = false;

// What a function needs beside Winsock: closing does not even need a network.
enum class Needs : std::uint8_t { network, nothing };

// Why no function that needs Winsock can be carried out on this thread now, in the order of R-23, or none.
[[nodiscard]] inline core::Error cannot_begin(Needs needs = Needs::network) noexcept {
    if (!started()) return core::error::not_initialised;
    if (needs == Needs::network && !net::Network::available()) return core::error::net_down;
    return in_condition_function ? core::error::in_progress : core::error::none;
}

// Failure: -1, and the reason is this thread's last error (AS-API-1).
inline int failed(core::Error error) noexcept {
    core::set_last_error(static_cast<std::uint32_t>(error));
    return socket_error;
}

inline int result(core::Error error) noexcept { return error == core::error::none ? 0 : failed(error); }

// A call on a socket that has passed the checks that all share, in the order of R-23, or the error.
struct Entry {
    std::optional<Call> call;
    core::Error error = core::error::none;
};

[[nodiscard]] inline Entry enter(Handle handle, const core::Stimulus& first = core::stimulus::nothing,
                                 Needs needs = Needs::network) noexcept {
    if (const auto reason = cannot_begin(needs); reason != core::error::none) return {std::nullopt, reason};
    auto call = Call::begin(handle, first);
    if (!call) return {std::nullopt, core::error::not_socket};
    return {std::move(call), core::error::none};
}

}  // namespace asyncselect::winsock
