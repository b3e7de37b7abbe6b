// What every function of the API begins and ends with: is Winsock started, is this a socket, how failure is told.
// Must know nothing of what the functions do.
#pragma once

#include <asyncselect/asyncselect.h>

#include <cstdint>
#include <optional>

#include "impl/core/error.hpp"
#include "impl/core/last_error.hpp"
#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

inline constexpr int socket_error = -1;

// Whether a WSAStartup is in force (AS-API-2). Any thread.
[[nodiscard]] bool started() noexcept;

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

enum class Needs : std::uint8_t { network, nothing };

[[nodiscard]] inline Entry enter(Handle handle, const core::Stimulus& first = core::stimulus::nothing,
                                 Needs needs = Needs::network) noexcept {
    if (!started()) return {std::nullopt, core::error::not_initialised};
    if (needs == Needs::network && !net::Network::available()) return {std::nullopt, core::error::net_down};
    auto call = Call::begin(handle, first);
    if (!call) return {std::nullopt, core::error::not_socket};
    return {std::move(call), core::error::none};
}

}  // namespace asyncselect::winsock
