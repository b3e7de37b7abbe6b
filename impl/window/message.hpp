// A message as it waits in a queue, and the filter that GetMessage and PeekMessage put before the queue. It must not
// know what a message means: a socket notification is a message like any other.
#pragma once

#include <cstdint>

namespace asyncselect::window {

// The value of an HWND: a small integer below 2^31 where it names a window of ours, anything where a program gives it.
using Handle = std::uintptr_t;

inline constexpr Handle no_window = 0;
inline constexpr Handle thread_messages_only = ~Handle{0};     // (HWND)-1, as a filter
inline constexpr Handle message_only_parent = ~Handle{0} - 2;  // HWND_MESSAGE, (HWND)-3
inline constexpr Handle every_top_level_window = 0xffff;       // HWND_BROADCAST

struct Message {
    Handle window = no_window;
    std::uintptr_t w_param = 0;
    std::intptr_t l_param = 0;
    // Which message of its queue this is, counted from the beginning and never reused: what a Mark compares.
    std::uint64_t sequence = 0;
    std::uint32_t number = 0;
    std::uint32_t time = 0;  // milliseconds, of tick_count
};

// Which messages a retrieval wants.
struct Filter {
    Handle window = no_window;  // no_window: any; thread_messages_only; or a window and its children
    std::uint32_t first = 0;    // 0 and 0: every number
    std::uint32_t last = 0;
    bool passes_all = true;

    Filter() = default;
    Filter(Handle of_window, std::uint32_t from, std::uint32_t to) noexcept
        : window{of_window}, first{from}, last{to}, passes_all{of_window == no_window && from == 0 && to == 0} {}

    [[nodiscard]] bool passes_number(std::uint32_t number) const noexcept {
        return (first == 0 && last == 0) || (first <= number && number <= last);
    }
    [[nodiscard]] bool passes_window(Handle of_message) const noexcept;
    // WM_QUIT is let through whatever the numbers are.
    [[nodiscard]] bool passes(const Message& message) const noexcept;
};

}  // namespace asyncselect::window
