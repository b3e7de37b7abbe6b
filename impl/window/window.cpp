// All windows of the process. The lock of all windows guards who is whose child and the values that any thread may
// read; a window's own thread finds it and its procedure without the lock, since nobody else can end it.
#include "impl/window/window.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>

#include "impl/window/handle_table.hpp"
#include "impl/window/immortal.hpp"
#include "impl/window/queue.hpp"
#include "impl/window/sent_messages.hpp"
#include "impl/window/text.hpp"

namespace asyncselect::window {

namespace {

struct AllWindows {
    std::mutex mutex;
    std::unordered_map<Handle, std::unique_ptr<Window>> windows;
};

// Made at first use: this map is not constinit.
AllWindows& all() {
    static Immortal<AllWindows> instance;
    return *instance;
}

bool is_parent(Handle parent) noexcept {
    return parent == no_window || parent == message_only_parent || exists(parent);
}

// Unlinks and frees the window, with all that waits for it.
void end_window(Handle handle) noexcept {
    std::unique_ptr<Window> ended;
    {
        const std::scoped_lock lock{all().mutex};
        const auto found = all().windows.find(handle);
        if (found == all().windows.end()) return;
        ended = std::move(found->second);
        all().windows.erase(found);
        end_handle(handle);
    }
    ended->owner->discard_messages_of(handle);
    end_use_of_class(*ended->window_class);
}

// Takes the children away from their parent; the caller ends them.
std::vector<Handle> detach_children(Handle parent) {
    std::vector<Handle> children;
    const std::scoped_lock lock{all().mutex};
    for (const auto& [handle, window] : all().windows) {
        if (window->parent == parent) children.push_back(handle);
    }
    for (const Handle child : children) all().windows.at(child)->parent = no_window;
    std::sort(children.begin(), children.end());
    return children;
}

void destroy_children(Handle parent) {
    for (const Handle child : detach_children(parent)) {
        if (own_window(child) != nullptr) {
            (void)destroy_window(child);
        } else {
            send_destroy(child);
        }
    }
}

// Makes the window known, before its procedure hears of it. The class is counted for it already.
Handle add_window(Queue& queue, const WindowClass& window_class, const Creation& creation, std::uint32_t& error) try {
    auto window = std::make_unique<Window>();
    window->owner = &queue;
    window->window_class = &window_class;
    window->procedure.store(window_class.procedure, std::memory_order_relaxed);
    window->parent = to_handle(creation.bytes.hwndParent);
    window->instance = reinterpret_cast<std::intptr_t>(creation.bytes.hInstance);
    window->id = reinterpret_cast<std::intptr_t>(creation.bytes.hMenu);
    window->style = static_cast<std::uint32_t>(creation.bytes.style);
    window->extended_style = creation.bytes.dwExStyle;
    window->extra.resize(static_cast<std::size_t>(window_class.window_extra));

    const std::scoped_lock lock{all().mutex};
    if (!is_parent(window->parent)) {
        error = asyncselect_ERROR_INVALID_WINDOW_HANDLE;
        return no_window;
    }
    all().windows.reserve(all().windows.size() + 1);
    const Handle handle = add_handle(queue, *window);
    if (handle == no_window) {
        error = asyncselect_ERROR_NOT_ENOUGH_MEMORY;
        return no_window;
    }
    window->handle = handle;
    try {
        all().windows.emplace(handle, std::move(window));
    } catch (...) {
        end_handle(handle);
        throw;
    }
    return handle;
} catch (const std::bad_alloc&) {
    error = asyncselect_ERROR_NOT_ENOUGH_MEMORY;
    return no_window;
}

// An atom or null stays what it is.
const wchar_t* widened(const char* text, std::wstring& wide) {
    constexpr std::uintptr_t last_atom = 0xffff;
    if (const auto value = reinterpret_cast<std::uintptr_t>(text); value <= last_atom)
        return reinterpret_cast<const wchar_t*>(value);
    wide = to_wide(text);
    return wide.c_str();
}

bool widen(Creation& creation) noexcept try {
    creation.wide.lpszClass = widened(creation.bytes.lpszClass, creation.wide_class);
    creation.wide.lpszName = widened(creation.bytes.lpszName, creation.wide_name);
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

}  // namespace

Handle create_window(Creation& creation, std::uint32_t& error) {
    error = asyncselect_ERROR_SUCCESS;
    Queue& queue = Queue::of_this_thread();
    if (!queue.usable()) {
        error = asyncselect_ERROR_NOT_ENOUGH_MEMORY;
        return no_window;
    }
    const WindowClass* const window_class = use_class(creation.class_name, creation.bytes.hInstance);
    if (window_class == nullptr) {
        error = asyncselect_ERROR_CANNOT_FIND_WND_CLASS;
        return no_window;
    }
    if (window_class->wide && !widen(creation)) {
        end_use_of_class(*window_class);
        error = asyncselect_ERROR_NOT_ENOUGH_MEMORY;
        return no_window;
    }
    const auto structure = window_class->wide ? reinterpret_cast<std::intptr_t>(&creation.wide)
                                              : reinterpret_cast<std::intptr_t>(&creation.bytes);
    const Handle handle = add_window(queue, *window_class, creation, error);
    if (handle == no_window) {
        end_use_of_class(*window_class);
        return no_window;
    }
    if (call_procedure(handle, asyncselect_WM_NCCREATE, 0, structure) == 0) {
        call_procedure(handle, asyncselect_WM_NCDESTROY, 0, 0);
        end_window(handle);
        return no_window;
    }
    if (call_procedure(handle, asyncselect_WM_CREATE, 0, structure) == -1) {
        (void)destroy_window(handle);
        return no_window;
    }
    return exists(handle) ? handle : no_window;
}

std::uint32_t destroy_window(Handle handle) {
    const Queue* const owner = queue_of(handle);
    if (owner == nullptr) return asyncselect_ERROR_INVALID_WINDOW_HANDLE;
    if (!owner->owned_by_this_thread()) return asyncselect_ERROR_ACCESS_DENIED;
    bool& being_destroyed = window_of(handle)->being_destroyed;
    // From within WM_DESTROY: it is on its way already.
    if (std::exchange(being_destroyed, true)) return asyncselect_ERROR_SUCCESS;
    call_procedure(handle, asyncselect_WM_DESTROY, 0, 0);
    destroy_children(handle);
    call_procedure(handle, asyncselect_WM_NCDESTROY, 0, 0);
    end_window(handle);
    destroy_children(handle);  // those that the procedure made at the last moment
    return asyncselect_ERROR_SUCCESS;
}

void end_windows_of(Queue& owner) noexcept try {
    std::vector<Handle> ending;
    {
        const std::scoped_lock lock{all().mutex};
        for (const auto& [handle, window] : all().windows) {
            if (window->owner == &owner) ending.push_back(handle);
        }
    }
    for (const Handle handle : ending) {
        end_window(handle);
        for (const Handle child : detach_children(handle)) {
            if (own_window(child) == nullptr) send_destroy(child);
        }
    }
} catch (const std::bad_alloc&) {
    // The rest stays, as windows of a thread that nobody can reach any more.
}

std::uint32_t get_value(Handle handle, int index, std::intptr_t& value) noexcept {
    if (index == asyncselect_GWLP_USERDATA) {
        if (const Window* const own = own_window(handle); own != nullptr) {
            value = own->user_data.load(std::memory_order_relaxed);
            return asyncselect_ERROR_SUCCESS;
        }
    }
    const std::scoped_lock lock{all().mutex};
    const Window* const window = window_of(handle);
    if (window == nullptr) return asyncselect_ERROR_INVALID_WINDOW_HANDLE;
    switch (index) {
        case asyncselect_GWLP_USERDATA:
            value = window->user_data.load(std::memory_order_relaxed);
            break;
        case asyncselect_GWLP_WNDPROC:
            value = reinterpret_cast<std::intptr_t>(window->procedure.load(std::memory_order_relaxed));
            break;
        case asyncselect_GWLP_HINSTANCE:
            value = window->instance;
            break;
        case asyncselect_GWLP_HWNDPARENT:
            value = static_cast<std::intptr_t>(window->parent);
            break;
        case asyncselect_GWLP_ID:
            value = window->id;
            break;
        case asyncselect_GWL_STYLE:
            value = static_cast<std::int32_t>(window->style);
            break;
        case asyncselect_GWL_EXSTYLE:
            value = static_cast<std::int32_t>(window->extended_style);
            break;
        default: {
            const auto offset = static_cast<std::size_t>(index);
            if (index < 0 || offset + sizeof value > window->extra.size()) return asyncselect_ERROR_INVALID_INDEX;
            std::memcpy(&value, window->extra.data() + offset, sizeof value);
        }
    }
    return asyncselect_ERROR_SUCCESS;
}

namespace {

// With the lock of all windows held.
bool stands_below(Handle ancestor, Handle handle) noexcept {
    for (std::size_t depth = 0; depth < handle_limit; ++depth) {
        const Window* const window = window_of(handle);
        if (window == nullptr || window->parent == no_window) return false;
        if (window->parent == ancestor) return true;
        handle = window->parent;
    }
    return false;
}

}  // namespace

std::uint32_t set_value(Handle handle, int index, std::intptr_t value, std::intptr_t& former) noexcept {
    if (const std::uint32_t error = get_value(handle, index, former); error != asyncselect_ERROR_SUCCESS) return error;
    if (index == asyncselect_GWLP_USERDATA) {
        if (Window* const own = own_window(handle); own != nullptr) {
            former = own->user_data.exchange(value, std::memory_order_relaxed);
            return asyncselect_ERROR_SUCCESS;
        }
    }
    const std::scoped_lock lock{all().mutex};
    Window* const window = window_of(handle);
    if (window == nullptr) return asyncselect_ERROR_INVALID_WINDOW_HANDLE;
    switch (index) {
        case asyncselect_GWLP_USERDATA:
            former = window->user_data.exchange(value, std::memory_order_relaxed);
            break;
        case asyncselect_GWLP_WNDPROC: {
            if (value == 0) return asyncselect_ERROR_INVALID_PARAMETER;
            const auto procedure = reinterpret_cast<asyncselect_WNDPROC>(value);
            former = reinterpret_cast<std::intptr_t>(window->procedure.exchange(procedure, std::memory_order_relaxed));
            break;
        }
        case asyncselect_GWLP_HINSTANCE:
            former = std::exchange(window->instance, value);
            break;
        case asyncselect_GWLP_HWNDPARENT: {
            const auto parent = static_cast<Handle>(value);
            if (!is_parent(parent)) return asyncselect_ERROR_INVALID_WINDOW_HANDLE;
            // A window below itself would never end.
            if (parent == handle || stands_below(handle, parent)) return asyncselect_ERROR_INVALID_PARAMETER;
            former = static_cast<std::intptr_t>(std::exchange(window->parent, parent));
            break;
        }
        case asyncselect_GWLP_ID:
            former = std::exchange(window->id, value);
            break;
        case asyncselect_GWL_STYLE:
            former = static_cast<std::int32_t>(std::exchange(window->style, static_cast<std::uint32_t>(value)));
            break;
        case asyncselect_GWL_EXSTYLE:
            former =
                static_cast<std::int32_t>(std::exchange(window->extended_style, static_cast<std::uint32_t>(value)));
            break;
        default: {
            std::byte* const place = window->extra.data() + static_cast<std::size_t>(index);
            std::memcpy(&former, place, sizeof former);
            std::memcpy(place, &value, sizeof value);
        }
    }
    return asyncselect_ERROR_SUCCESS;
}

bool is_child(Handle ancestor, Handle handle) noexcept {
    const std::scoped_lock lock{all().mutex};
    return stands_below(ancestor, handle);
}

std::vector<Handle> top_level_windows() {
    std::vector<Handle> found;
    const std::scoped_lock lock{all().mutex};
    for (const auto& [handle, window] : all().windows) {
        if (window->parent == no_window) found.push_back(handle);
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace asyncselect::window
