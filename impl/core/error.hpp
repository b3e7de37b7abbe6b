// The WSAE numbers of the SDK that the provider returns, and the short index by which the notification word
// remembers the few of them that a message can carry. No errno here: that stays in net/.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace asyncselect::core {

using Error = std::int32_t;

namespace error {
inline constexpr Error none = 0;
inline constexpr Error intr = 10004;
inline constexpr Error bad_file = 10009;
inline constexpr Error access = 10013;
inline constexpr Error fault = 10014;
inline constexpr Error invalid = 10022;
inline constexpr Error too_many_files = 10024;
inline constexpr Error would_block = 10035;
inline constexpr Error in_progress = 10036;
inline constexpr Error already = 10037;
inline constexpr Error not_socket = 10038;
inline constexpr Error destination_required = 10039;
inline constexpr Error message_size = 10040;
inline constexpr Error wrong_protocol_type = 10041;
inline constexpr Error no_such_option = 10042;
inline constexpr Error protocol_not_supported = 10043;
inline constexpr Error socket_type_not_supported = 10044;
inline constexpr Error operation_not_supported = 10045;
inline constexpr Error family_not_supported = 10047;
inline constexpr Error address_in_use = 10048;
inline constexpr Error address_not_available = 10049;
inline constexpr Error net_down = 10050;
inline constexpr Error net_unreachable = 10051;
inline constexpr Error net_reset = 10052;
inline constexpr Error connection_aborted = 10053;
inline constexpr Error connection_reset = 10054;
inline constexpr Error no_buffers = 10055;
inline constexpr Error is_connected = 10056;
inline constexpr Error not_connected = 10057;
inline constexpr Error shut_down = 10058;
inline constexpr Error timed_out = 10060;
inline constexpr Error connection_refused = 10061;
inline constexpr Error host_unreachable = 10065;
inline constexpr Error version_not_supported = 10092;
inline constexpr Error not_initialised = 10093;
inline constexpr Error try_again = 11002;
}  // namespace error

// What HIWORD(lParam) can say for FD_CONNECT and FD_CLOSE (AS-ERROR-1, AS-ERROR-2): sixteen at most, so that four
// bits of the word remember one.
inline constexpr std::array<Error, 16> message_errors{
    error::none,
    error::family_not_supported,
    error::connection_refused,
    error::net_unreachable,
    error::fault,
    error::invalid,
    error::is_connected,
    error::too_many_files,
    error::no_buffers,
    error::not_connected,
    error::timed_out,
    error::net_down,
    error::connection_reset,
    error::connection_aborted,
    error::none,
    error::none,
};

// The index of `code`; a code that no message may carry becomes WSAENETUNREACH while connecting is what failed:
// the page lists no closer one for an address that cannot be reached.
constexpr std::uint64_t index_of_error(Error code) {
    for (std::size_t index = 0; index < message_errors.size(); ++index)
        if (message_errors[index] == code) return index;
    return index_of_error(error::net_unreachable);
}

// The same for the failure of a connect: what only FD_CLOSE may carry becomes WSAENETUNREACH too (AS-ERROR-1).
constexpr std::uint64_t index_of_connect_error(Error code) {
    const auto index = index_of_error(code);
    return index < index_of_error(error::net_down) ? index : index_of_error(error::net_unreachable);
}

}  // namespace asyncselect::core
