// What a thread can wait for besides messages: events and threads, behind handles. One lock for all of them: who
// signals an object also decides whose wait that ends, so that no wait is passed over and a SetEvent that is followed
// by a ResetEvent at once has its effect. It must not know sockets, nor the forms in which the public functions take
// their arguments (objects_api.cpp).
#pragma once

#include <asyncselect/asyncselect.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace asyncselect::window {

// A multiple of four below 2^31, as programs expect; not used again for long after it was closed.
using ObjectHandle = std::uintptr_t;
inline constexpr ObjectHandle no_object = 0;

// Lives until its handle is closed and nobody waits for it or refers to it otherwise.
class Object;
using ObjectReference = std::shared_ptr<Object>;

// Returns no_object when there is no memory, or no handle left. Any thread.
[[nodiscard]] ObjectHandle make_event(bool manual_reset, bool signaled) noexcept;

// The event that the handle names; null when it names none. Any thread.
[[nodiscard]] ObjectReference event_of(ObjectHandle handle) noexcept;

// Signals an event: ends the waits that it completes, of one thread only if the event resets itself. Any thread.
void set_event(Object& event) noexcept;
void reset_event(Object& event) noexcept;

// Ends the handle. False when it names nothing. Who waits goes on waiting. Any thread.
[[nodiscard]] bool close_object(ObjectHandle handle) noexcept;

// Starts a thread that runs `routine(parameter)`, with a stack of so many bytes at least; 0: as the system likes. Its
// handle is signaled when the thread has ended, its windows too. Returns no_object when the system refuses. Any thread.
[[nodiscard]] ObjectHandle start_thread(std::size_t stack, asyncselect_THREAD_START_ROUTINE routine, void* parameter,
                                        std::uint32_t& thread) noexcept;

// Ends the calling thread; what stands on its stack is unwound.
[[noreturn]] void exit_thread(std::uint32_t code);

// What the thread returned, STILL_ACTIVE before; false when the handle names no thread. Any thread.
[[nodiscard]] bool exit_code_of(ObjectHandle handle, std::uint32_t& code) noexcept;

// What a wait for objects came to: the index of the object (0 for all of them), or one of these.
inline constexpr std::uint32_t wait_timed_out = asyncselect_WAIT_TIMEOUT;
inline constexpr std::uint32_t wait_failed = 0xffffffffU;

inline constexpr std::size_t wait_limit = asyncselect_MAXIMUM_WAIT_OBJECTS;

// Waits for one object, or for all of them at one moment; what resets itself is taken. `milliseconds` may be INFINITE.
// On wait_failed `error` says why: a handle that names nothing, the same one twice among all, no memory. Any thread.
[[nodiscard]] std::uint32_t wait_for_objects(std::span<const ObjectHandle> handles, bool all,
                                             std::uint32_t milliseconds, std::uint32_t& error) noexcept;

class Queue;

// The same, or until the queue has input of the kinds in `wake_mask` (see Queue::wait_for_input), which is told as the
// number of handles; `all` waits for the objects and for input. The queue's owner.
[[nodiscard]] std::uint32_t wait_for_objects_or_input(Queue& queue, std::span<const ObjectHandle> handles, bool all,
                                                      std::uint32_t milliseconds, std::uint32_t wake_mask,
                                                      bool seen_counts, std::uint32_t& error) noexcept;

}  // namespace asyncselect::window
