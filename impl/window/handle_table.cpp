// A fixed table, so that looking a handle up is a few loads and no lock. Only giving numbers out and taking them back
// locks.
#include "impl/window/handle_table.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "impl/window/immortal.hpp"

namespace asyncselect::window {

constinit std::array<detail::Slot, handle_limit> detail::slots{};

namespace {

using detail::alive;
using detail::handle_shift;
using detail::holds_mask;
using detail::index_mask;
using detail::Slot;
using detail::slot_of;
using detail::slots;

constexpr unsigned generation_shift = 16;
constexpr std::uint32_t last_generation = 0x7fff;
static_assert(handle_limit <= index_mask);

// Numbers taken back wait here, the longest free first, and not before there are many: a stale handle meets a new
// window of the same number as late as can be.
constexpr std::size_t free_before_reuse = 1'000;

struct FreeNumbers {
    std::mutex mutex;
    std::array<std::uint16_t, handle_limit> ring{};
    std::size_t head = 0;
    std::size_t size = 0;
    std::size_t never_used = 0;
};
constinit Immortal<FreeNumbers> free_numbers;

std::uint32_t handle_in(std::uint64_t state) noexcept { return static_cast<std::uint32_t>(state >> handle_shift); }

void give_back(Handle handle) noexcept {
    const std::scoped_lock lock{free_numbers->mutex};
    free_numbers->ring[(free_numbers->head + free_numbers->size) % handle_limit] =
        static_cast<std::uint16_t>(handle & index_mask);
    ++free_numbers->size;
}

void drop_hold(Handle handle, std::uint64_t also_clear) noexcept {
    Slot* slot = slot_of(handle);
    if (slot == nullptr) return;
    std::uint64_t state = slot->state.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
        if (handle_in(state) != handle || (state & holds_mask) == 0) return;
        next = (state & ~also_clear) - 1;
    } while (!slot->state.compare_exchange_weak(state, next, std::memory_order_acq_rel, std::memory_order_relaxed));
    if ((next & holds_mask) == 0) give_back(handle);
}

}  // namespace

Handle add_handle(Queue& owner, Window& window) noexcept {
    std::size_t index = 0;
    {
        const std::scoped_lock lock{free_numbers->mutex};
        const bool fresh_left = free_numbers->never_used < handle_limit;
        if (free_numbers->size >= free_before_reuse || (!fresh_left && free_numbers->size > 0)) {
            index = free_numbers->ring[free_numbers->head];
            free_numbers->head = (free_numbers->head + 1) % handle_limit;
            --free_numbers->size;
        } else if (fresh_left) {
            index = free_numbers->never_used++;
        } else {
            return no_window;
        }
    }
    Slot& slot = slots[index];
    std::uint32_t generation = (handle_in(slot.state.load(std::memory_order_relaxed)) >> generation_shift) + 1;
    if (generation > last_generation) generation = 1;
    const std::uint32_t handle = generation << generation_shift | static_cast<std::uint32_t>(index);
    // Released one by one: a reader of the former handle that meets one of these must then see that handle ended.
    slot.owner.store(&owner, std::memory_order_release);
    slot.window.store(&window, std::memory_order_release);
    slot.state.store(std::uint64_t{handle} << handle_shift | alive | 1, std::memory_order_release);
    return handle;
}

void end_handle(Handle handle) noexcept { drop_hold(handle, alive); }

bool retain(Handle handle) noexcept {
    Slot* slot = slot_of(handle);
    if (slot == nullptr) return false;
    std::uint64_t state = slot->state.load(std::memory_order_relaxed);
    do {
        const std::uint64_t holds = state & holds_mask;
        if (handle_in(state) != handle || holds == 0 || holds == holds_mask) return false;
    } while (
        !slot->state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel, std::memory_order_relaxed));
    return true;
}

void release(Handle handle) noexcept { drop_hold(handle, 0); }

}  // namespace asyncselect::window
