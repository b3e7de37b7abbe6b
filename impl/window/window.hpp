// A window: a mailbox with a procedure. Making one, ending one, and the values it carries. It must not know how its
// messages wait (queue.hpp), nor the forms in which the public functions take their arguments (api.cpp).
#pragma once

#include <asyncselect/asyncselect.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "impl/window/class_registry.hpp"
#include "impl/window/handle_table.hpp"
#include "impl/window/message.hpp"
#include "impl/window/queue.hpp"

namespace asyncselect::window {

struct Window {
    Handle handle = no_window;
    Queue* owner = nullptr;
    const WindowClass* window_class = nullptr;
    // Read by the owner at every message without a lock.
    std::atomic<asyncselect_WNDPROC> procedure{nullptr};
    std::atomic<std::intptr_t> user_data{0};
    // The owner's alone.
    bool being_destroyed = false;
    // With the lock of all windows.
    Handle parent = no_window;
    std::intptr_t instance = 0;
    std::intptr_t id = 0;
    std::uint32_t style = 0;
    std::uint32_t extended_style = 0;
    std::vector<std::byte> extra;
};

inline Handle to_handle(asyncselect_HWND window) noexcept { return reinterpret_cast<Handle>(window); }
inline asyncselect_HWND to_hwnd(Handle window) noexcept { return reinterpret_cast<asyncselect_HWND>(window); }

// What CreateWindowEx was given. The two structures say the same: the window's procedure sees the one whose strings
// have the width in which its class was registered. Those of `wide` are made only where they are seen.
struct Creation {
    ClassName class_name;
    asyncselect_CREATESTRUCTA bytes{};
    asyncselect_CREATESTRUCTW wide{};
    std::wstring wide_class;
    std::wstring wide_name;
};

// Makes a window of this thread and sends it WM_NCCREATE and WM_CREATE. Returns no_window on failure, with an error
// number, or with 0 when the procedure refused.
[[nodiscard]] Handle create_window(Creation& creation, std::uint32_t& error);

// Sends WM_DESTROY, ends the children, sends WM_NCDESTROY, ends the window. Returns an error number, 0 for success.
// The owner's thread.
[[nodiscard]] std::uint32_t destroy_window(Handle window);

// Ends all windows of a thread that ends, without a message to them. On that thread.
void end_windows_of(Queue& owner) noexcept;

// The window of this thread; null for any other.
[[nodiscard]] inline Window* own_window(Handle handle) noexcept {
    const detail::Slot* slot = detail::slot_of(handle);
    if (slot == nullptr || !detail::names(slot->state.load(std::memory_order_acquire), handle)) [[unlikely]]
        return nullptr;
    // Only this thread can end it, or give its number to another window that is this thread's too.
    const Queue* owner = slot->owner.load(std::memory_order_acquire);
    if (owner == nullptr || !owner->owned_by_this_thread()) [[unlikely]]
        return nullptr;
    return slot->window.load(std::memory_order_relaxed);
}

// Calls the procedure of a window of this thread; 0 when there is no such window.
inline std::intptr_t call_procedure(const Window& window, std::uint32_t number, std::uintptr_t w_param,
                                    std::intptr_t l_param) {
    // The window can end in its procedure: nothing of it may be touched afterwards.
    return window.procedure.load(std::memory_order_relaxed)(to_hwnd(window.handle), number, w_param, l_param);
}
inline std::intptr_t call_procedure(Handle handle, std::uint32_t number, std::uintptr_t w_param,
                                    std::intptr_t l_param) {
    const Window* const window = own_window(handle);
    return window == nullptr ? 0 : call_procedure(*window, number, w_param, l_param);
}

// GetWindowLongPtr and SetWindowLongPtr. Return an error number, 0 for success. Any thread.
[[nodiscard]] std::uint32_t get_value(Handle window, int index, std::intptr_t& value) noexcept;
[[nodiscard]] std::uint32_t set_value(Handle window, int index, std::intptr_t value, std::intptr_t& former) noexcept;

// Whether `window` stands below `ancestor`. Any thread.
[[nodiscard]] bool is_child(Handle ancestor, Handle window) noexcept;

// Windows without a parent, for HWND_BROADCAST. Any thread. Throws std::bad_alloc.
[[nodiscard]] std::vector<Handle> top_level_windows();

}  // namespace asyncselect::window
