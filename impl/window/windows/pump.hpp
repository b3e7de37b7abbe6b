// GetMessage for a thread whose sockets are the library's: it waits for user32's messages and for the sockets at once,
// and is handed what becomes due without PostMessage and without another thread. Only one thread at a time does so: it
// leads, and looks at the sockets of all threads. A thread of the library's (the harvester) leads where nobody does,
// and takes over from one that has not retrieved for some milliseconds: then what is kept here goes to user32's queue,
// where any retrieval finds it.
//
// Messages of a socket keep their order: all that is for windows of the leading thread is kept here, whoever
// posts it; and what went to user32's queue is retrieved from there before anything is kept again. Between the two
// queues there is no order. It must not know what sockets are.
#pragma once

#include <windows.h>

#include <cstdint>
#include <optional>

#include "impl/window/queue.hpp"

namespace asyncselect::window::pump {

// Takes the message if it is for a window of the thread that leads. Nothing: it is to be posted. Any thread.
[[nodiscard]] std::optional<Post> keep(HWND window, UINT number, WPARAM w_param, LPARAM l_param) noexcept;

enum class Retrieved : std::uint8_t { message, nothing, elsewhere };

// The next message of this thread, kept or user32's; `nothing`: none came for so many milliseconds (INFINITE: without
// end). `elsewhere`: another thread leads, or there are no sockets; user32 has all messages of this thread.
[[nodiscard]] Retrieved retrieve(MSG& out, bool wide, DWORD milliseconds) noexcept;

// Gives what is kept for this thread to user32, for a retrieval that is not `retrieve`.
void give_away() noexcept;

}  // namespace asyncselect::window::pump
