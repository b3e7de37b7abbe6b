// What the injecting transport is told to do. It must not know the transport, nor what is expected to follow.
#pragma once

#include <cstdint>
#include <functional>

#include "impl/core/error.hpp"

namespace asyncselect::net::injection {

// The calls of the transport that can be made to fail. Of conditions_now nothing can fail, and bytes_available is not
// made to.
enum class Function : std::uint8_t {
    open,
    bind,
    listen,
    accept,
    connect,
    send,
    receive,
    shut_down,
    take_error,
    conditions_now,
    bytes_available
};
inline constexpr unsigned function_count = 11;

// The next call of this function, on whatever descriptor, fails with `error`, once. For take_error: that is the error
// which waits on the socket; what really waited there is forgotten. Any thread.
void fail_next(Function function, core::Error error) noexcept;

// Whether a failure that was asked for has not happened yet. Any thread.
[[nodiscard]] bool waiting(Function function) noexcept;

// The next connect, receive, conditions_now or bytes_available, on whatever descriptor, runs `before` and `after` the
// system's call, on the thread that makes it, once: what happens there happens while a call is under way. Any thread.
void surround_next(Function function, std::function<void()> before, std::function<void()> after);

// The network subsystem fails: every call does with WSAENETDOWN from now on, and every open descriptor reports it
// (AS-API-3, R-18). Until `restore`. Any thread.
void fail_subsystem() noexcept;
void restore() noexcept;
[[nodiscard]] bool subsystem_failed() noexcept;

}  // namespace asyncselect::net::injection
