// Before the header of this name in impl/window/ on the include path of the library for Windows, where windows,
// messages and their queues are user32's: what is left is posting, and trying again where there was no room. It
// must not know what sockets are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "impl/net/poller.hpp"

namespace asyncselect::window {

using Handle = std::uintptr_t;  // HWND

class Queue;

enum class Post { posted, full, no_window };

// How the layer above takes part.
struct SocketHooks {
    // On the thread that retrieves.
    void (*ready)(Queue& queue, std::span<const net::Readiness> entries) noexcept = nullptr;
    // There may be room again for the token that waits longest. Returns true when it needs no more of it, false when a
    // post found the queue full again. On a thread of the system's; can be called once more for a token that is being
    // forgotten at this moment.
    bool (*room)(Queue& queue, std::uint64_t token) noexcept = nullptr;
};

// Once, before the first socket. Any thread.
void set_socket_hooks(const SocketHooks& hooks) noexcept;

[[nodiscard]] const SocketHooks& socket_hooks() noexcept;

// Waits for what the poller has to report, for the harvester's thread, the only one that does. While a thread that
// retrieves messages looks at the sockets itself (pump.hpp), this reports nothing. Can return early, with nothing.
[[nodiscard]] std::size_t wait_for_sockets(net::Poller& poller, std::span<net::Readiness> out) noexcept;
// Ends that wait, or the next one at once. Any thread.
void end_wait_for_sockets(net::Poller& poller) noexcept;

// How many messages a queue takes is user32's affair.
inline void set_post_limit(std::size_t) noexcept {}

// PostMessage. Never changes the last error. Any thread.
[[nodiscard]] Post post_notification(Handle window, std::uint32_t number, std::uintptr_t w_param,
                                     std::intptr_t l_param) noexcept;

// Whether the handle names a window. Any thread.
[[nodiscard]] bool exists(Handle window) noexcept;

// user32 decides when it uses the number of a window again; a registration can only be made for one that exists.
[[nodiscard]] inline bool retain(Handle window) noexcept { return exists(window); }
inline void release(Handle) noexcept {}

// What waits in user32's queues cannot be known, so no mark is ever passed: a handle that was used up stays so.
struct Mark {};
inline Mark mark_now() noexcept { return {}; }
inline bool all_retrieved_since(const Mark&) noexcept { return false; }

// One for all threads: the line of those that wait for room. user32 tells nobody that there is some, so a timer asks.
class Queue {
  public:
    [[nodiscard]] static Queue* of_window(Handle window) noexcept;
    [[nodiscard]] static Queue& the_one() noexcept;
    // user32's pump looks at no sockets.
    static constexpr bool can_harvest = false;
    [[nodiscard]] net::Poller& poller() noexcept;
    [[nodiscard]] bool owned_by_this_thread() const noexcept { return false; }

    void wait_for_room(std::uint64_t token);
    void forget_waiting(std::uint64_t token) noexcept;
};

}  // namespace asyncselect::window
