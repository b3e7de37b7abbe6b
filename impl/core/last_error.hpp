// The last error of each thread: one number, which the window functions (GetLastError) and the socket functions
// (WSAGetLastError) share as they do on Windows. It knows no error by name, and nobody sets it but a function of the
// public interface that has failed: posting and retrieving messages leave it alone.
#pragma once

#include <cstdint>

namespace asyncselect::core {

namespace detail {
// constinit: no guard and no wrapper function stand between a caller and the number.
inline constinit thread_local std::uint32_t last_error_of_this_thread = 0;
}  // namespace detail

// What the last failing function of this thread stored; 0 before any failed.
[[nodiscard]] inline std::uint32_t last_error() noexcept { return detail::last_error_of_this_thread; }

inline void set_last_error(std::uint32_t code) noexcept { detail::last_error_of_this_thread = code; }

}  // namespace asyncselect::core
