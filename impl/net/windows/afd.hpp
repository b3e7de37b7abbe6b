// AFD, the part of Windows that sockets live in, asked what holds on them: a request names sockets and conditions, and
// completes once one of these holds, or at once if it does already. Windows' headers do not tell of it. Knows numbers
// and layouts; must not know what they are asked for.
#pragma once

#include <winsock2.h>

#include <windows.h>

#include <winternl.h>

#include <cstdint>

namespace asyncselect::net::afd {

namespace condition {
inline constexpr std::uint32_t receive = 0x001;
inline constexpr std::uint32_t receive_expedited = 0x002;  // an urgent byte
inline constexpr std::uint32_t send = 0x004;
inline constexpr std::uint32_t disconnect = 0x008;   // the peer's FIN
inline constexpr std::uint32_t abort = 0x010;        // a reset
inline constexpr std::uint32_t local_close = 0x020;  // closesocket
inline constexpr std::uint32_t connect = 0x040;      // it is connected
inline constexpr std::uint32_t accept = 0x080;
inline constexpr std::uint32_t connect_fail = 0x100;
}  // namespace condition

inline constexpr std::uint32_t every_condition = 0x1ff;

struct Asked {
    HANDLE socket;
    ULONG conditions;
    NTSTATUS status;
};

// A request for one socket. Those for several have more of the last member.
struct Request {
    LARGE_INTEGER timeout;  // in 100 ns; negative: from now on
    ULONG sockets;
    ULONG exclusive;
    Asked asked[1];
};

inline constexpr std::int64_t without_end = INT64_MAX;

// A way to AFD, or nullptr where the system refuses.
[[nodiscard]] HANDLE open() noexcept;

// Makes a request of `size` bytes, to be answered in `answer`, which may be the same place. Where it has not completed
// at once, pending is returned. `event` and `context`: how one learns of that; either may be null.
inline constexpr NTSTATUS pending = 0x103;
[[nodiscard]] NTSTATUS poll(HANDLE afd, HANDLE event, void* context, IO_STATUS_BLOCK& status, const void* request,
                            void* answer, ULONG size) noexcept;

// What holds now, of `conditions`.
[[nodiscard]] std::uint32_t holding(SOCKET socket, std::uint32_t conditions) noexcept;

// Waits until one of these holds on one of the sockets, at most so many milliseconds (-1: without end). 1: one does, or
// the wait was interrupted; 0: time is over; -1: the system refuses. The request is changed.
[[nodiscard]] int await(Request& request, ULONG size, int milliseconds) noexcept;

// Ends all waits for the socket. Any thread.
void interrupt(SOCKET socket) noexcept;

}  // namespace asyncselect::net::afd
