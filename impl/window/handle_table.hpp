// Window handles: which numbers name a window now, whose they are, and when a number may be used again. A handle is
// an index and a generation, so that a stale one is no window; one that a socket is registered for is not used again
// even when its window is gone. It must not know what a window is or does.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "impl/window/message.hpp"

namespace asyncselect::window {

class Queue;
struct Window;

// Windows that can exist at a time, those kept by registrations included: as many as a process has on Windows.
inline constexpr std::size_t handle_limit = 10'000;

namespace detail {

// One word tells all of a slot, so that it changes in one step:
//   bits 63..32 the handle (kept when the slot is free: the next generation follows it)
//   bit  31     the window exists
//   bits 30..0  who keeps the handle: the window itself while it exists, and registrations
struct Slot {
    std::atomic<std::uint64_t> state{0};
    std::atomic<Queue*> owner{nullptr};
    std::atomic<Window*> window{nullptr};
};
inline constexpr std::uint64_t alive = std::uint64_t{1} << 31;
inline constexpr std::uint64_t holds_mask = alive - 1;
inline constexpr unsigned handle_shift = 32;

// A handle is generation << 16 | index; generations run from 1, so no handle is 0 or 0xffff (HWND_BROADCAST).
inline constexpr std::uint32_t index_mask = 0xffff;

extern std::array<Slot, handle_limit> slots;

// The slot that the handle would be in; null for what cannot be a handle. A slot's own state decides the rest.
inline Slot* slot_of(Handle handle) noexcept {
    const std::size_t index = handle & index_mask;
    return index < handle_limit && handle >> 31 == 0 ? &slots[index] : nullptr;
}

inline bool names(std::uint64_t state, Handle handle) noexcept {
    return (state & ~holds_mask) == (handle << handle_shift | alive);
}

}  // namespace detail

// Gives a window its handle; from here on it exists. Returns no_window when handle_limit is reached. Any thread.
[[nodiscard]] Handle add_handle(Queue& owner, Window& window) noexcept;

// The window exists no more. The number becomes free when the last registration has released it. Once.
void end_handle(Handle handle) noexcept;

// Whether the handle names a window. Any thread; a single load.
[[nodiscard]] inline bool exists(Handle handle) noexcept {
    const detail::Slot* slot = detail::slot_of(handle);
    return slot != nullptr && detail::names(slot->state.load(std::memory_order_acquire), handle);
}

// Keeps the handle from being used again, the window may end all the same. Succeeds also for a window that has
// ended while another registration keeps its handle (R-3: it is inherited as such). Any thread, no lock.
[[nodiscard]] bool retain(Handle handle) noexcept;
void release(Handle handle) noexcept;

// The queue of the thread that the window belongs to; null when there is no such window. Any thread.
[[nodiscard]] inline Queue* queue_of(Handle handle) noexcept {
    const detail::Slot* slot = detail::slot_of(handle);
    if (slot == nullptr || !detail::names(slot->state.load(std::memory_order_acquire), handle)) [[unlikely]]
        return nullptr;
    Queue* owner = slot->owner.load(std::memory_order_acquire);
    // The number could have gone to another window between the two loads; then the state has changed by now.
    if (!detail::names(slot->state.load(std::memory_order_relaxed), handle)) [[unlikely]]
        return nullptr;
    return owner;
}

// The window itself. Only its owner may follow the pointer without further ado: others can see the window end.
[[nodiscard]] inline Window* window_of(Handle handle) noexcept {
    const detail::Slot* slot = detail::slot_of(handle);
    if (slot == nullptr || !detail::names(slot->state.load(std::memory_order_acquire), handle)) return nullptr;
    return slot->window.load(std::memory_order_relaxed);
}

}  // namespace asyncselect::window
