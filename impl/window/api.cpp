// The public functions for windows, messages, timers and the thread they run on (asyncselect.h says what each of them
// promises). Arguments are checked here and errors told; what happens then is the rest of this folder's. It must not
// know queues from within, nor sockets.
#include <asyncselect/asyncselect.h>
#include <unistd.h>

#include <array>
#include <new>
#include <span>
#include <string>

#include "impl/core/last_error.hpp"
#include "impl/net/memory.hpp"
#include "impl/window/class_registry.hpp"
#include "impl/window/clock.hpp"
#include "impl/window/handle_table.hpp"
#include "impl/window/objects.hpp"
#include "impl/window/queue.hpp"
#include "impl/window/sent_messages.hpp"
#include "impl/window/text.hpp"
#include "impl/window/window.hpp"

namespace asyncselect::window {

namespace {

int fail(std::uint32_t error) noexcept {
    core::set_last_error(error);
    return 0;
}

// ---- strings

constexpr std::size_t class_name_limit = 256;
constexpr std::size_t window_name_limit = 0x10000;

// The number of an atom that stands in a pointer's place; 0 when it is a pointer.
template <class Character>
std::uint16_t atom_in(const Character* name) noexcept {
    const auto value = reinterpret_cast<std::uintptr_t>(name);
    return value <= 0xffff ? static_cast<std::uint16_t>(value) : std::uint16_t{0};
}

std::string utf8(std::string_view text) { return std::string{text}; }
std::string utf8(std::wstring_view text) { return to_utf8(text); }

// Null gives an empty name, which no class has.
template <class Character>
ClassName class_name(const Character* name) {
    if (name == nullptr) return {};
    if (const std::uint16_t atom = atom_in(name); atom != 0) return {.text = {}, .atom = atom};
    return {.text = utf8(view(name, class_name_limit))};
}

// ---- classes

constexpr int extra_limit = 0x10000;  // bytes; more is taken for garbage

template <class Class>
std::uint16_t register_any(const Class* given, bool wide) try {
    if (given == nullptr || given->lpfnWndProc == nullptr || given->lpszClassName == nullptr ||
        atom_in(given->lpszClassName) != 0 || given->cbClsExtra < 0 || given->cbWndExtra < 0 ||
        given->cbClsExtra > extra_limit || given->cbWndExtra > extra_limit) {
        return static_cast<std::uint16_t>(fail(asyncselect_ERROR_INVALID_PARAMETER));
    }
    const auto name = view(given->lpszClassName, class_name_limit);
    if (name.empty() || name.size() == class_name_limit) {
        return static_cast<std::uint16_t>(fail(asyncselect_ERROR_INVALID_PARAMETER));
    }
    WindowClass wanted;
    wanted.name = utf8(name);
    wanted.instance = given->hInstance;
    wanted.procedure = given->lpfnWndProc;
    wanted.style = given->style;
    wanted.class_extra = given->cbClsExtra;
    wanted.window_extra = given->cbWndExtra;
    wanted.wide = wide;
    std::uint16_t atom = 0;
    const std::uint32_t error = register_class(wanted, atom);
    return error == asyncselect_ERROR_SUCCESS ? atom : static_cast<std::uint16_t>(fail(error));
} catch (const std::bad_alloc&) {
    return static_cast<std::uint16_t>(fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY));
}

template <class Class>
std::uint16_t register_extended(const Class* given, bool wide) {
    if (given != nullptr && given->cbSize != sizeof *given) {
        return static_cast<std::uint16_t>(fail(asyncselect_ERROR_INVALID_PARAMETER));
    }
    return register_any(given, wide);
}

template <class Character>
int unregister_any(const Character* name, asyncselect_HINSTANCE instance) try {
    const std::uint32_t error = unregister_class(class_name(name), instance);
    return error == asyncselect_ERROR_SUCCESS ? 1 : fail(error);
} catch (const std::bad_alloc&) {
    return fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY);
}

// ---- windows

// A string of the caller's. An atom or null stays what it is.
struct Text {
    std::string bytes;
    std::uintptr_t value = 0;
    bool is_text = false;

    template <class Character>
    void set(const Character* text, std::size_t limit) {
        value = reinterpret_cast<std::uintptr_t>(text);
        is_text = value > 0xffff;
        if (is_text) bytes = utf8(view(text, limit));
    }
    [[nodiscard]] const char* get() const { return is_text ? bytes.c_str() : reinterpret_cast<const char*>(value); }
};

// What both create structures share.
struct Placement {
    std::uint32_t extended_style;
    std::uint32_t style;
    int x, y, width, height;
    asyncselect_HWND parent;
    asyncselect_HMENU menu;
    asyncselect_HINSTANCE instance;
    void* parameter;
};

template <class Structure>
void fill(Structure& structure, const Placement& placement) noexcept {
    structure.lpCreateParams = placement.parameter;
    structure.hInstance = placement.instance;
    structure.hMenu = placement.menu;
    structure.hwndParent = placement.parent;
    structure.cy = placement.height;
    structure.cx = placement.width;
    structure.y = placement.y;
    structure.x = placement.x;
    structure.style = static_cast<std::int32_t>(placement.style);
    structure.dwExStyle = placement.extended_style;
}

// A bad_alloc is told as an error as long as it is ours: one out of the window's procedure passes through.
template <class Character>
asyncselect_HWND create_any(const Character* given_class, const Character* given_name, const Placement& placement) {
    Creation creation;
    Text class_text;
    Text name_text;
    try {
        creation.class_name = class_name(given_class);
        class_text.set(given_class, class_name_limit);
        name_text.set(given_name, window_name_limit);
        (void)Queue::of_this_thread();
    } catch (const std::bad_alloc&) {
        fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY);
        return nullptr;
    }
    fill(creation.bytes, placement);
    fill(creation.wide, placement);
    creation.bytes.lpszClass = class_text.get();
    creation.bytes.lpszName = name_text.get();
    std::uint32_t error = asyncselect_ERROR_SUCCESS;
    const Handle handle = create_window(creation, error);
    if (error != asyncselect_ERROR_SUCCESS) fail(error);
    return to_hwnd(handle);
}

std::intptr_t default_procedure(asyncselect_HWND window, unsigned int number) {
    switch (number) {
        case asyncselect_WM_NCCREATE:
            return 1;
        case asyncselect_WM_CLOSE:
            asyncselect_DestroyWindow(window);
            return 0;
        default:
            return 0;
    }
}

std::intptr_t get_long(asyncselect_HWND window, int index) {
    std::intptr_t value = 0;
    const std::uint32_t error = get_value(to_handle(window), index, value);
    return error == asyncselect_ERROR_SUCCESS ? value : fail(error);
}

std::intptr_t set_long(asyncselect_HWND window, int index, std::intptr_t value) {
    std::intptr_t former = 0;
    const std::uint32_t error = set_value(to_handle(window), index, value, former);
    return error == asyncselect_ERROR_SUCCESS ? former : fail(error);
}

// ---- messages

// The queue of this thread, fit for waiting. Null with the last error set when the system refuses.
Queue* queue_for_waiting() try {
    Queue& queue = Queue::of_this_thread();
    if (queue.usable()) return &queue;
    fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY);
    return nullptr;
} catch (const std::bad_alloc&) {
    fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY);
    return nullptr;
}

// Whether a filter names what can have messages here. HWND_MESSAGE and the like are no windows of anybody's.
bool is_filter(Handle window) noexcept {
    if (window == no_window || window == thread_messages_only) return true;
    const Queue* const owner = queue_of(window);
    return owner != nullptr && owner->owned_by_this_thread();
}

void store(asyncselect_MSG& out, const Message& message) noexcept {
    out.hwnd = to_hwnd(message.window);
    out.message = message.number;
    out.wParam = message.w_param;
    out.lParam = message.l_param;
    out.time = message.time;
    out.pt = {0, 0};
}

// The queue, when the arguments of a retrieval are right; null with the last error set when they are not.
Queue* check_retrieval(const asyncselect_MSG* out, Handle window) {
    if (out == nullptr) {
        fail(asyncselect_ERROR_NOACCESS);
        return nullptr;
    }
    if (!is_filter(window)) {
        fail(asyncselect_ERROR_INVALID_WINDOW_HANDLE);
        return nullptr;
    }
    return queue_for_waiting();
}

int give(asyncselect_MSG& out, const Message& message) noexcept {
    store(out, message);
    return message.number == asyncselect_WM_QUIT ? 0 : 1;
}

// Neither is a part of get_message, whose common case would have to make room for them.
[[gnu::noinline]] int wait_for_message(asyncselect_MSG* out, Handle window, unsigned int first, unsigned int last) {
    Queue* const queue = check_retrieval(out, window);
    if (queue == nullptr) return -1;
    Message message;
    (void)queue->retrieve(message, {window, first, last}, Queue::Removal::take, Queue::Waiting::yes);
    return give(*out, message);
}

[[gnu::noinline]] int wait_for_any_message(asyncselect_MSG& out, Queue& own) {
    if (const Message* const next = own.wait_at_once(); next != nullptr) return give(out, *next);
    return wait_for_message(&out, no_window, 0, 0);
}

int get_message(asyncselect_MSG* out, Handle window, unsigned int first, unsigned int last) {
    // The common case, with little code: any message will do, and one is there.
    Queue* const own = detail::queue_of_this_thread;
    if (own == nullptr || out == nullptr || window != no_window || (first | last) != 0) [[unlikely]]
        return wait_for_message(out, window, first, last);
    if (const Message* const next = own->take_at_once(); next != nullptr) [[likely]]
        return give(*out, *next);
    return wait_for_any_message(*out, *own);
}

int peek_message(asyncselect_MSG* out, Handle window, unsigned int first, unsigned int last, unsigned int remove) {
    Queue* const queue = check_retrieval(out, window);
    if (queue == nullptr) return 0;
    const auto removal = (remove & asyncselect_PM_REMOVE) != 0 ? Queue::Removal::take : Queue::Removal::keep;
    Message message;
    if (!queue->retrieve(message, {window, first, last}, removal, Queue::Waiting::no)) return 0;
    store(*out, message);
    return 1;
}

// Any program can post a WM_TIMER, so the procedure must be one of a timer of this thread.
[[gnu::noinline]] std::intptr_t dispatch_timer(const asyncselect_MSG& message) {
    const auto procedure = reinterpret_cast<asyncselect_TIMERPROC>(message.lParam);
    Queue* const queue = queue_for_waiting();
    if (queue == nullptr || !queue->timers().has(procedure)) return 0;
    procedure(message.hwnd, message.message, message.wParam, asyncselect_GetTickCount());
    return 0;
}

std::intptr_t dispatch(const asyncselect_MSG* given) {
    if (given == nullptr) [[unlikely]]
        return fail(asyncselect_ERROR_NOACCESS);
    if (given->message == asyncselect_WM_TIMER && given->lParam != 0) [[unlikely]]
        return dispatch_timer(*given);
    if (given->hwnd == nullptr) [[unlikely]]
        return 0;
    const Window* const receiver = own_window(to_handle(given->hwnd));
    if (receiver == nullptr) [[unlikely]]
        return fail(asyncselect_ERROR_INVALID_WINDOW_HANDLE);
    return call_procedure(*receiver, given->message, given->wParam, given->lParam);
}

int tell(Post result, std::uint32_t no_window_error) noexcept {
    switch (result) {
        case Post::posted:
            return 1;
        case Post::full:
            return fail(asyncselect_ERROR_NOT_ENOUGH_QUOTA);
        case Post::no_window:
            break;
    }
    return fail(no_window_error);
}

int post_to_all(unsigned int number, std::uintptr_t w_param, std::intptr_t l_param) try {
    Post result = Post::posted;
    for (const Handle window : top_level_windows()) {
        if (post_message(window, number, w_param, l_param) == Post::full) result = Post::full;
    }
    return tell(result, asyncselect_ERROR_INVALID_WINDOW_HANDLE);
} catch (const std::bad_alloc&) {
    return fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY);
}

int post(Handle window, unsigned int number, std::uintptr_t w_param, std::intptr_t l_param) {
    if (window == no_window) {
        Queue* const queue = queue_for_waiting();
        if (queue == nullptr) return 0;
        return tell(post_thread_message(queue->thread(), number, w_param, l_param),
                    asyncselect_ERROR_INVALID_THREAD_ID);
    }
    if (window == every_top_level_window) return post_to_all(number, w_param, l_param);
    return tell(post_message(window, number, w_param, l_param), asyncselect_ERROR_INVALID_WINDOW_HANDLE);
}

std::intptr_t send(Handle window, unsigned int number, std::uintptr_t w_param, std::intptr_t l_param) {
    bool no_such_window = false;
    if (window == every_top_level_window) {
        for (const Handle each : top_level_windows()) send_message(each, number, w_param, l_param, no_such_window);
        return 1;
    }
    const std::intptr_t result = send_message(window, number, w_param, l_param, no_such_window);
    return no_such_window ? fail(asyncselect_ERROR_INVALID_WINDOW_HANDLE) : result;
}

int post_to_thread(std::uint32_t thread, unsigned int number, std::uintptr_t w_param, std::intptr_t l_param) {
    return tell(post_thread_message(thread, number, w_param, l_param), asyncselect_ERROR_INVALID_THREAD_ID);
}

// ---- timers

// The queue whose timers a call with this window means; null with the last error set when it is none of this thread's.
Queue* queue_for_timer(Handle window) {
    if (window != no_window) {
        const Queue* const owner = queue_of(window);
        if (owner == nullptr || !owner->owned_by_this_thread()) {
            fail(owner == nullptr ? asyncselect_ERROR_INVALID_WINDOW_HANDLE : asyncselect_ERROR_ACCESS_DENIED);
            return nullptr;
        }
    }
    return queue_for_waiting();
}

// ---- waiting

constexpr std::uint32_t known_flags =
    asyncselect_MWMO_WAITALL | asyncselect_MWMO_ALERTABLE | asyncselect_MWMO_INPUTAVAILABLE;

std::uint32_t fail_to_wait(std::uint32_t error) noexcept {
    core::set_last_error(error);
    return asyncselect_WAIT_FAILED;
}

std::uint32_t wait_for_many(std::uint32_t count, const asyncselect_HANDLE* given, std::uint32_t milliseconds,
                            std::uint32_t wake_mask, std::uint32_t flags) {
    if (count >= asyncselect_MAXIMUM_WAIT_OBJECTS || (flags & ~known_flags) != 0) {
        return fail_to_wait(asyncselect_ERROR_INVALID_PARAMETER);
    }
    std::array<ObjectHandle, wait_limit> handles{};
    if (!net::read_memory(handles.data(), given, count * sizeof(ObjectHandle)))
        return fail_to_wait(asyncselect_ERROR_NOACCESS);
    Queue* const queue = queue_for_waiting();
    if (queue == nullptr) return asyncselect_WAIT_FAILED;
    const bool seen_counts = (flags & asyncselect_MWMO_INPUTAVAILABLE) != 0;
    if (count == 0) {
        return queue->wait_for_input(milliseconds, wake_mask, seen_counts, {}) ? asyncselect_WAIT_OBJECT_0
                                                                               : asyncselect_WAIT_TIMEOUT;
    }
    std::uint32_t error = asyncselect_ERROR_SUCCESS;
    const auto result =
        wait_for_objects_or_input(*queue, std::span{handles}.first(count), (flags & asyncselect_MWMO_WAITALL) != 0,
                                  milliseconds, wake_mask, seen_counts, error);
    return result == wait_failed ? fail_to_wait(error) : result;
}

// Stands for the program: only its address means something.
constexpr char this_program = 0;

asyncselect_HINSTANCE module_handle(bool of_this_program) noexcept {
    if (!of_this_program) {
        fail(asyncselect_ERROR_MOD_NOT_FOUND);
        return nullptr;
    }
    return reinterpret_cast<asyncselect_HINSTANCE>(const_cast<char*>(&this_program));
}

}  // namespace

}  // namespace asyncselect::window

// ---- the exported names. A and W differ where strings do.

namespace window = asyncselect::window;

extern "C" {

uint16_t asyncselect_RegisterClassA(const asyncselect_WNDCLASSA* lpWndClass) {
    return window::register_any(lpWndClass, false);
}
uint16_t asyncselect_RegisterClassW(const asyncselect_WNDCLASSW* lpWndClass) {
    return window::register_any(lpWndClass, true);
}
uint16_t asyncselect_RegisterClassExA(const asyncselect_WNDCLASSEXA* lpWndClass) {
    return window::register_extended(lpWndClass, false);
}
uint16_t asyncselect_RegisterClassExW(const asyncselect_WNDCLASSEXW* lpWndClass) {
    return window::register_extended(lpWndClass, true);
}
int asyncselect_UnregisterClassA(const char* lpClassName, asyncselect_HINSTANCE hInstance) {
    return window::unregister_any(lpClassName, hInstance);
}
int asyncselect_UnregisterClassW(const wchar_t* lpClassName, asyncselect_HINSTANCE hInstance) {
    return window::unregister_any(lpClassName, hInstance);
}

asyncselect_HWND asyncselect_CreateWindowExA(uint32_t dwExStyle, const char* lpClassName, const char* lpWindowName,
                                             uint32_t dwStyle, int X, int Y, int nWidth, int nHeight,
                                             asyncselect_HWND hWndParent, asyncselect_HMENU hMenu,
                                             asyncselect_HINSTANCE hInstance, void* lpParam) {
    return window::create_any(lpClassName, lpWindowName,
                              {dwExStyle, dwStyle, X, Y, nWidth, nHeight, hWndParent, hMenu, hInstance, lpParam});
}
asyncselect_HWND asyncselect_CreateWindowExW(uint32_t dwExStyle, const wchar_t* lpClassName,
                                             const wchar_t* lpWindowName, uint32_t dwStyle, int X, int Y, int nWidth,
                                             int nHeight, asyncselect_HWND hWndParent, asyncselect_HMENU hMenu,
                                             asyncselect_HINSTANCE hInstance, void* lpParam) {
    return window::create_any(lpClassName, lpWindowName,
                              {dwExStyle, dwStyle, X, Y, nWidth, nHeight, hWndParent, hMenu, hInstance, lpParam});
}
int asyncselect_DestroyWindow(asyncselect_HWND hWnd) {
    const std::uint32_t error = window::destroy_window(window::to_handle(hWnd));
    return error == asyncselect_ERROR_SUCCESS ? 1 : window::fail(error);
}
int asyncselect_IsWindow(asyncselect_HWND hWnd) { return window::exists(window::to_handle(hWnd)) ? 1 : 0; }

intptr_t asyncselect_DefWindowProcA(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t, intptr_t) {
    return window::default_procedure(hWnd, Msg);
}
intptr_t asyncselect_DefWindowProcW(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t, intptr_t) {
    return window::default_procedure(hWnd, Msg);
}

intptr_t asyncselect_GetWindowLongPtrA(asyncselect_HWND hWnd, int nIndex) { return window::get_long(hWnd, nIndex); }
intptr_t asyncselect_GetWindowLongPtrW(asyncselect_HWND hWnd, int nIndex) { return window::get_long(hWnd, nIndex); }
intptr_t asyncselect_SetWindowLongPtrA(asyncselect_HWND hWnd, int nIndex, intptr_t dwNewLong) {
    return window::set_long(hWnd, nIndex, dwNewLong);
}
intptr_t asyncselect_SetWindowLongPtrW(asyncselect_HWND hWnd, int nIndex, intptr_t dwNewLong) {
    return window::set_long(hWnd, nIndex, dwNewLong);
}

int asyncselect_GetMessageA(asyncselect_MSG* lpMsg, asyncselect_HWND hWnd, unsigned int wMsgFilterMin,
                            unsigned int wMsgFilterMax) {
    return window::get_message(lpMsg, window::to_handle(hWnd), wMsgFilterMin, wMsgFilterMax);
}
int asyncselect_GetMessageW(asyncselect_MSG* lpMsg, asyncselect_HWND hWnd, unsigned int wMsgFilterMin,
                            unsigned int wMsgFilterMax) {
    return window::get_message(lpMsg, window::to_handle(hWnd), wMsgFilterMin, wMsgFilterMax);
}
int asyncselect_PeekMessageA(asyncselect_MSG* lpMsg, asyncselect_HWND hWnd, unsigned int wMsgFilterMin,
                             unsigned int wMsgFilterMax, unsigned int wRemoveMsg) {
    return window::peek_message(lpMsg, window::to_handle(hWnd), wMsgFilterMin, wMsgFilterMax, wRemoveMsg);
}
int asyncselect_PeekMessageW(asyncselect_MSG* lpMsg, asyncselect_HWND hWnd, unsigned int wMsgFilterMin,
                             unsigned int wMsgFilterMax, unsigned int wRemoveMsg) {
    return window::peek_message(lpMsg, window::to_handle(hWnd), wMsgFilterMin, wMsgFilterMax, wRemoveMsg);
}
intptr_t asyncselect_DispatchMessageA(const asyncselect_MSG* lpMsg) { return window::dispatch(lpMsg); }
intptr_t asyncselect_DispatchMessageW(const asyncselect_MSG* lpMsg) { return window::dispatch(lpMsg); }
int asyncselect_TranslateMessage(const asyncselect_MSG*) { return 0; }

int asyncselect_PostMessageA(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam, intptr_t lParam) {
    return window::post(window::to_handle(hWnd), Msg, wParam, lParam);
}
int asyncselect_PostMessageW(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam, intptr_t lParam) {
    return window::post(window::to_handle(hWnd), Msg, wParam, lParam);
}
intptr_t asyncselect_SendMessageA(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam, intptr_t lParam) {
    return window::send(window::to_handle(hWnd), Msg, wParam, lParam);
}
intptr_t asyncselect_SendMessageW(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam, intptr_t lParam) {
    return window::send(window::to_handle(hWnd), Msg, wParam, lParam);
}
int asyncselect_PostThreadMessageA(uint32_t idThread, unsigned int Msg, uintptr_t wParam, intptr_t lParam) {
    return window::post_to_thread(idThread, Msg, wParam, lParam);
}
int asyncselect_PostThreadMessageW(uint32_t idThread, unsigned int Msg, uintptr_t wParam, intptr_t lParam) {
    return window::post_to_thread(idThread, Msg, wParam, lParam);
}
void asyncselect_PostQuitMessage(int nExitCode) {
    if (window::Queue* const queue = window::queue_for_waiting(); queue != nullptr) queue->post_quit(nExitCode);
}

uintptr_t asyncselect_SetTimer(asyncselect_HWND hWnd, uintptr_t nIDEvent, unsigned int uElapse,
                               asyncselect_TIMERPROC lpTimerFunc) try {
    const window::Handle handle = window::to_handle(hWnd);
    window::Queue* const queue = window::queue_for_timer(handle);
    if (queue == nullptr) return 0;
    const uintptr_t id = queue->timers().set(handle, nIDEvent, uElapse, lpTimerFunc, window::exact_time());
    queue->timers_changed();
    return id != 0 ? id : 1;  // a window's timer may have the id 0; success is not 0
} catch (const std::bad_alloc&) {
    window::fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY);
    return 0;
}
int asyncselect_KillTimer(asyncselect_HWND hWnd, uintptr_t uIDEvent) {
    const window::Handle handle = window::to_handle(hWnd);
    window::Queue* const queue = window::queue_for_timer(handle);
    if (queue == nullptr) return 0;
    if (!queue->timers().kill(handle, uIDEvent)) return window::fail(asyncselect_ERROR_INVALID_PARAMETER);
    queue->timers_changed();
    return 1;
}

uint32_t asyncselect_MsgWaitForMultipleObjects(uint32_t nCount, const asyncselect_HANDLE* pHandles, int fWaitAll,
                                               uint32_t dwMilliseconds, uint32_t dwWakeMask) {
    const uint32_t flags = fWaitAll != 0 ? asyncselect_MWMO_WAITALL : 0;
    return window::wait_for_many(nCount, pHandles, dwMilliseconds, dwWakeMask, flags);
}
uint32_t asyncselect_MsgWaitForMultipleObjectsEx(uint32_t nCount, const asyncselect_HANDLE* pHandles,
                                                 uint32_t dwMilliseconds, uint32_t dwWakeMask, uint32_t dwFlags) {
    return window::wait_for_many(nCount, pHandles, dwMilliseconds, dwWakeMask, dwFlags);
}

int asyncselect_QueueDescriptor(void) {
    window::Queue* const queue = window::queue_for_waiting();
    if (queue == nullptr) return -1;
    const int descriptor = queue->descriptor();
    if (descriptor < 0) window::fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY);
    return descriptor;
}

uint32_t asyncselect_GetLastError(void) { return asyncselect::core::last_error(); }
void asyncselect_SetLastError(uint32_t dwErrCode) { asyncselect::core::set_last_error(dwErrCode); }

uint32_t asyncselect_GetCurrentThreadId(void) { return static_cast<uint32_t>(gettid()); }
asyncselect_HINSTANCE asyncselect_GetModuleHandleA(const char* lpModuleName) {
    return window::module_handle(lpModuleName == nullptr);
}
asyncselect_HINSTANCE asyncselect_GetModuleHandleW(const wchar_t* lpModuleName) {
    return window::module_handle(lpModuleName == nullptr);
}
uint32_t asyncselect_GetTickCount(void) { return static_cast<uint32_t>(window::tick_count()); }
uint64_t asyncselect_GetTickCount64(void) { return window::tick_count(); }

}  // extern "C"
