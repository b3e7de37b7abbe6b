// Programs of windows, of messages between threads, of objects that are waited for, and of text.
#include <asyncselect/asyncselect.h>

#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/api_programs.hpp"

namespace asyncselect::fuzz {

namespace {

constexpr const char* class_name = "of-programs";
constexpr const wchar_t* wide_class_name = L"of-programs-too";
constexpr std::uint32_t long_enough = 20'000;  // milliseconds; what takes longer is taken for a hang

// ---- a window procedure that is told what to do
// ------------------------------------------------------------------------

enum class Doing : std::uint8_t {
    nothing,
    refuse_nccreate,
    refuse_create,
    destroy_in_create,
    destroy_again,
    child_at_the_end,
};

constexpr unsigned int send_back = asyncselect_WM_APP + 1;   // wParam: the window to send a message to
constexpr unsigned int end_thread = asyncselect_WM_APP + 2;  // from within the procedure
constexpr unsigned int tell = asyncselect_WM_APP + 3;        // yields wParam + 1
constexpr unsigned int post_back = asyncselect_WM_APP + 4;   // wParam: the window to post a message to
constexpr unsigned int end_later = asyncselect_WM_APP + 5;   // the thread, when others have had the time to wait for it

thread_local Doing doing = Doing::nothing;
std::wstring name_seen;  // of the window that was made last with the wide class

asyncselect_HWND window_in(std::uintptr_t parameter) { return std::bit_cast<asyncselect_HWND>(parameter); }

asyncselect_HWND make_window(asyncselect_HWND parent) {
    return asyncselect_CreateWindowExA(0x200, class_name, "one", 7, 1, 2, 3, 4, parent, nullptr, nullptr, nullptr);
}

std::intptr_t procedure(asyncselect_HWND window, unsigned int message, std::uintptr_t wparam, std::intptr_t lparam) {
    switch (message) {
        case asyncselect_WM_NCCREATE:
            if (doing == Doing::refuse_nccreate) return 0;
            break;
        case asyncselect_WM_CREATE:
            if (doing == Doing::refuse_create) return -1;
            if (doing == Doing::destroy_in_create) asyncselect_DestroyWindow(window);
            break;
        case asyncselect_WM_DESTROY:
            if (doing == Doing::destroy_again) asyncselect_DestroyWindow(window);
            break;
        case asyncselect_WM_NCDESTROY:
            if (doing == Doing::child_at_the_end) {
                doing = Doing::nothing;
                make_window(window);
            }
            break;
        case send_back:
            return asyncselect_SendMessageA(window_in(wparam), tell, 40, 0);
        case post_back:
            return asyncselect_PostMessageA(window_in(wparam), asyncselect_WM_APP, 0, 0);
        case end_later:
            asyncselect_Sleep(2);
            asyncselect_ExitThread(7);
        case end_thread:
            asyncselect_ExitThread(7);
        case tell:
            return static_cast<std::intptr_t>(wparam) + 1;
        default:
            break;
    }
    return asyncselect_DefWindowProcA(window, message, wparam, lparam);
}

std::intptr_t wide_procedure(asyncselect_HWND window, unsigned int message, std::uintptr_t wparam,
                             std::intptr_t lparam) {
    if (message == asyncselect_WM_NCCREATE) {
        const auto* const made = std::bit_cast<const asyncselect_CREATESTRUCTW*>(lparam);
        name_seen = made->lpszName == nullptr ? L"" : made->lpszName;
    }
    return asyncselect_DefWindowProcW(window, message, wparam, lparam);
}

// The two classes, and before and behind them no message of this thread's: a WM_QUIT passes every filter.
class Classes {
  public:
    Classes() {
        asyncselect_SetPostLimit(10'000);
        take_all();
        asyncselect_WNDCLASSA made{};
        made.lpfnWndProc = procedure;
        made.cbWndExtra = 16;
        made.lpszClassName = class_name;
        asyncselect_RegisterClassA(&made);
        asyncselect_WNDCLASSW wide{};
        wide.lpfnWndProc = wide_procedure;
        wide.lpszClassName = wide_class_name;
        asyncselect_RegisterClassW(&wide);
    }
    Classes(const Classes&) = delete;
    Classes& operator=(const Classes&) = delete;
    ~Classes() {
        doing = Doing::nothing;
        take_all();
        if (asyncselect_UnregisterClassA(class_name, nullptr) == 0 ||
            asyncselect_UnregisterClassW(wide_class_name, nullptr) == 0)
            fail("UnregisterClass", "windows are left");
    }

  private:
    static void take_all() {
        asyncselect_MSG message{};
        while (asyncselect_PeekMessageA(&message, nullptr, 0, 0, asyncselect_PM_REMOVE) != 0) {
        }
    }
};

// ---- windows --------------------------------------------------------------------------------------------------------

constexpr auto places = std::to_array<int>({
    asyncselect_GWLP_USERDATA,
    asyncselect_GWLP_HWNDPARENT,
    asyncselect_GWLP_HINSTANCE,
    asyncselect_GWLP_ID,
    asyncselect_GWL_STYLE,
    asyncselect_GWL_EXSTYLE,
    asyncselect_GWLP_WNDPROC,
    0,
    8,
    9,
    -1,
});

bool holds_32_bits(int place) { return place == asyncselect_GWL_STYLE || place == asyncselect_GWL_EXSTYLE; }

// A value that can stand there.
std::intptr_t value_for(int place, asyncselect_HWND parent, Draw& draw) {
    if (place == asyncselect_GWLP_WNDPROC) return std::bit_cast<std::intptr_t>(&wide_procedure);
    if (place == asyncselect_GWLP_HWNDPARENT) return draw.one_in(4) ? 77 : std::bit_cast<std::intptr_t>(parent);
    return std::intptr_t{draw.byte()} * 0x1000001;
}

// What is put there is what is told, and a window is never below itself.
void values_of_windows(Draw& draw) {
    const Classes classes;
    const int place = draw.one_of(places);
    const asyncselect_HWND first = make_window(nullptr);
    const asyncselect_HWND child = make_window(first);
    const asyncselect_HWND grandchild = make_window(child);
    const std::array<asyncselect_HWND, 3> all{first, child, grandchild};
    for (int count = 0; count < 3; ++count) {
        const asyncselect_HWND window = draw.one_of(all);
        const std::intptr_t value = value_for(place, draw.one_of(all), draw);
        const std::intptr_t before = asyncselect_GetWindowLongPtrA(window, place);
        asyncselect_SetLastError(0);
        const std::intptr_t former = asyncselect_SetWindowLongPtrA(window, place, value);
        if (asyncselect_GetLastError() != 0) continue;
        if (former != before) fail("SetWindowLongPtrA", "another value was there");
        const std::intptr_t now = asyncselect_GetWindowLongPtrA(window, place);
        if (now != (holds_32_bits(place) ? static_cast<std::int32_t>(value) : value))
            fail("GetWindowLongPtrA", "not what was put there");
    }
    asyncselect_MSG message{};
    asyncselect_PostMessageA(grandchild, asyncselect_WM_APP, 1, 2);
    asyncselect_PeekMessageA(&message, first, 0, 0, asyncselect_PM_REMOVE);
    for (const asyncselect_HWND window : all) asyncselect_DestroyWindow(window);
}

// A window that does not want to be, or does not want to end as others.
void windows_that_refuse(Draw& draw) {
    const Classes classes;
    const auto what = static_cast<Doing>(draw.below(6));
    doing = what;
    const asyncselect_HWND window = make_window(nullptr);
    const bool never =
        what == Doing::refuse_nccreate || what == Doing::refuse_create || what == Doing::destroy_in_create;
    if (never != (window == nullptr)) fail("CreateWindowExA", "what the procedure says does not count");
    const asyncselect_HWND child = draw.one_in(2) ? make_window(window) : nullptr;
    asyncselect_SetTimer(window, 1, 10, nullptr);
    asyncselect_SetTimer(window, 1, 20, nullptr);
    asyncselect_PostMessageA(window, asyncselect_WM_APP, 0, 0);
    asyncselect_DestroyWindow(window);
    doing = Doing::nothing;
    if (child != nullptr) asyncselect_DestroyWindow(child);
    if (window != nullptr && asyncselect_IsWindow(window) != 0) fail("DestroyWindow", "the window is still there");
}

// A timer's procedure is called for its message, and for no other.
void on_timer(asyncselect_HWND /*window*/, unsigned int /*message*/, std::uintptr_t /*id*/, std::uint32_t /*time*/) {}
void on_no_timer(asyncselect_HWND /*window*/, unsigned int /*message*/, std::uintptr_t /*id*/, std::uint32_t /*time*/) {
    fail("DispatchMessageA", "calls a procedure that no timer has");
}

void timers(Draw& draw) {
    const Classes classes;
    const asyncselect_HWND window = draw.one_in(2) ? make_window(nullptr) : nullptr;
    const std::uintptr_t id = asyncselect_SetTimer(window, 3, 10, draw.one_in(4) ? nullptr : on_timer);
    asyncselect_MSG message{};
    const bool waits = draw.one_in(4);
    if (waits &&
        asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, 15, asyncselect_QS_TIMER) == asyncselect_WAIT_OBJECT_0 &&
        asyncselect_PeekMessageA(&message, nullptr, asyncselect_WM_TIMER, asyncselect_WM_TIMER,
                                 asyncselect_PM_REMOVE) != 0)
        asyncselect_DispatchMessageA(&message);
    message = {};
    message.hwnd = window;
    message.message = asyncselect_WM_TIMER;
    message.lParam = std::bit_cast<std::intptr_t>(&on_no_timer);
    asyncselect_DispatchMessageA(&message);
    if (asyncselect_KillTimer(window, id) == 0) fail("KillTimer", "no such timer");
    if (window != nullptr) asyncselect_DestroyWindow(window);
}

// ---- text -----------------------------------------------------------------------------------------------------------

constexpr auto well_formed = std::to_array<std::string_view>(
    {"plain", "\xc3\xa4", "\xe2\x82\xac uro", "\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", ""});
constexpr auto ill_formed =
    std::to_array<std::string_view>({"\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                     "\xff"
                                     "a",
                                     "\xc3"
                                     "a"});
constexpr auto wide_texts = std::to_array<std::wstring_view>(
    {L"plain", L"\u00e4", L"\u20ac uro", L"\U0001f600", L"\u00e4\u20ac\U0001f600", L""});

// A name in one width is seen as the same name in the other.
void names_of_windows(Draw& draw) {
    const Classes classes;
    const std::size_t which = draw.below(well_formed.size() + ill_formed.size());
    const bool good = which < well_formed.size();
    const std::string name(good ? well_formed[which] : ill_formed[which - well_formed.size()]);
    name_seen.clear();
    const asyncselect_HWND one = asyncselect_CreateWindowExA(0, "of-programs-too", name.c_str(), 0, 0, 0, 0, 0, nullptr,
                                                             nullptr, nullptr, nullptr);
    if (one == nullptr) fail("CreateWindowExA", "makes none of the wide class");
    if (good && name_seen != wide_texts[which]) fail("CreateWindowExA", "the name is seen as another");
    asyncselect_DestroyWindow(one);
    std::wstring wide(good ? wide_texts[which] : L"\U0001f600");
    if (!good) wide.insert(wide.begin(), static_cast<wchar_t>(0xd800 + which));
    const asyncselect_HWND two = asyncselect_CreateWindowExW(0, wide_class_name, wide.c_str(), 0, 0, 0, 0, 0, nullptr,
                                                             nullptr, nullptr, nullptr);
    if (two == nullptr) fail("CreateWindowExW", "makes none of the wide class");
    if (good && name_seen != wide) fail("CreateWindowExW", "the name is seen as another");
    asyncselect_DestroyWindow(two);
}

// Conversions that take pointers, each with one to text of its width, and those of single characters.
void formats_of_text(Draw& draw) {
    static constexpr auto narrow = std::to_array<const char*>({"%s", "%hs", "%-10s|", "%.3s", "%8.2s", "%s%%"});
    static constexpr auto wide = std::to_array<const char*>({"%S", "%ls", "%ws", "%.2S", "%-9S|"});
    static const std::string long_one(2000, 'y');
    static const std::wstring wide_long_one(2000, L'y');
    std::array<char, 1100> text{};
    const bool is_long = draw.one_in(4);
    const char* const format = draw.one_of(narrow);
    const int length = asyncselect_wsprintfA(text.data(), format, is_long ? long_one.c_str() : "abcdef");
    if (length != static_cast<int>(std::strlen(text.data())) || length > 1024)
        fail("wsprintfA", "yields another length than that of the text");
    asyncselect_wsprintfA(text.data(), draw.one_of(wide), is_long ? wide_long_one.c_str() : L"abc");
    static constexpr auto single = std::to_array<const char*>({"%hc|", "%C|", "%lc|", "%hC|", "%-3c|"});
    asyncselect_wsprintfA(text.data(), draw.one_of(single), 1 + draw.byte() * 0x101);
    std::array<wchar_t, 512> told{};
    asyncselect_FormatMessageW(asyncselect_FORMAT_MESSAGE_FROM_SYSTEM, nullptr, 10035, 0, told.data(), told.size(),
                               nullptr);
    asyncselect_OutputDebugStringW(nullptr);
}

// ---- threads --------------------------------------------------------------------------------------------------------

// A thread with a window, and what of it others must know. It takes messages until WM_QUIT comes.
struct Partner {
    asyncselect_HWND parent = nullptr;
    void* ready = nullptr;
    void* thread = nullptr;
    asyncselect_HWND window = nullptr;
    std::uint32_t id = 0;
};

std::uint32_t live_as_partner(void* given) {
    auto& self = *static_cast<Partner*>(given);
    self.window = make_window(self.parent);
    asyncselect_SetEvent(self.ready);
    asyncselect_MSG message{};
    while (asyncselect_GetMessageA(&message, nullptr, 0, 0) > 0) asyncselect_DispatchMessageA(&message);
    return 5;
}

void start(Partner& partner, asyncselect_HWND parent) {
    partner.parent = parent;
    partner.ready = asyncselect_CreateEventA(nullptr, 0, 0, nullptr);
    partner.thread = asyncselect_CreateThread(nullptr, 0, live_as_partner, &partner, 0, &partner.id);
    if (partner.ready == nullptr || partner.thread == nullptr) fail("CreateThread", "no thread");
    if (asyncselect_WaitForSingleObject(partner.ready, asyncselect_INFINITE) != asyncselect_WAIT_OBJECT_0)
        fail("WaitForSingleObject", "the event is set");
}

void end(Partner& partner, std::uint32_t code) {
    asyncselect_PostThreadMessageA(partner.id, asyncselect_WM_QUIT, 0, 0);
    if (asyncselect_WaitForSingleObject(partner.thread, long_enough) != asyncselect_WAIT_OBJECT_0)
        fail("PostThreadMessageA", "the thread goes on");
    std::uint32_t ended = 0;
    if (asyncselect_GetExitCodeThread(partner.thread, &ended) == 0 || ended != code)
        fail("GetExitCodeThread", "another code");
    if (asyncselect_IsWindow(partner.window) != 0) fail("IsWindow", "the window of a thread that has ended");
    asyncselect_CloseHandle(partner.thread);
    asyncselect_CloseHandle(partner.ready);
}

void messages_between_threads(Draw& draw) {
    const std::size_t kind = draw.below(12);
    const Classes classes;
    const asyncselect_HWND own = make_window(nullptr);
    Partner partner;
    start(partner, kind == 3 ? own : nullptr);
    std::uint32_t code = 5;
    switch (kind) {
        case 0:
            if (asyncselect_SendMessageA(partner.window, tell, 6, 0) != 7) fail("SendMessageA", "another answer");
            break;
        case 1:
            // The sender answers while it waits for its own answer.
            if (asyncselect_SendMessageW(partner.window, send_back, std::bit_cast<std::uintptr_t>(own), 0) != 41)
                fail("SendMessageW", "another answer");
            break;
        case 2:
            // The procedure ends its thread: that is an answer too.
            asyncselect_SendMessageA(partner.window, end_thread, 0, 0);
            code = 7;
            break;
        case 3:
            // The partner's window is a child: it ends with its parent, on its own thread.
            asyncselect_DestroyWindow(own);
            break;
        case 4: {
            // It is told once the partner has taken what was posted to it.
            asyncselect_PostMessageA(partner.window, post_back, std::bit_cast<std::uintptr_t>(own), 0);
            asyncselect_MSG message{};
            if (asyncselect_GetMessageA(&message, own, asyncselect_WM_APP, asyncselect_WM_APP) <= 0)
                fail("GetMessageA", "no message");
            break;
        }
        case 5: {
            const auto to_all = std::bit_cast<asyncselect_HWND>(std::uintptr_t{asyncselect_HWND_BROADCAST});
            asyncselect_SendMessageA(to_all, tell, 0, 0);
            asyncselect_PostMessageA(to_all, tell, 0, 0);
            break;
        }
        case 6:
            // Neither its window nor its timer is this thread's to end.
            if (asyncselect_DestroyWindow(partner.window) != 0) fail("DestroyWindow", "ends another thread's window");
            if (asyncselect_SetTimer(partner.window, 1, 10, nullptr) != 0) fail("SetTimer", "another thread's window");
            asyncselect_SetWindowLongPtrA(partner.window, asyncselect_GWLP_USERDATA, 9);
            if (asyncselect_GetWindowLongPtrA(partner.window, asyncselect_GWLP_USERDATA) != 9)
                fail("GetWindowLongPtrA", "not what was put there");
            break;
        case 7: {
            // The partner ends while this thread waits for it and for messages, which come meanwhile.
            asyncselect_PostMessageA(partner.window, post_back, std::bit_cast<std::uintptr_t>(own), 0);
            asyncselect_PostThreadMessageA(partner.id, asyncselect_WM_QUIT, 0, 0);
            const std::uint32_t came = asyncselect_MsgWaitForMultipleObjectsEx(
                1, &partner.thread, long_enough, asyncselect_QS_ALLINPUT,
                draw.one_in(2) ? asyncselect_MWMO_WAITALL : asyncselect_MWMO_INPUTAVAILABLE);
            if (came == asyncselect_WAIT_TIMEOUT || came == asyncselect_WAIT_FAILED)
                fail("MsgWaitForMultipleObjectsEx", "a thread that has ended is not told of");
            break;
        }
        case 9:
            // The window ends while the partner waits for its answer.
            asyncselect_PostMessageA(partner.window, send_back, std::bit_cast<std::uintptr_t>(own), 0);
            asyncselect_Sleep(2);
            asyncselect_DestroyWindow(own);
            break;
        case 10:
            // The partner ends while this thread waits for its answer.
            asyncselect_PostMessageA(partner.window, end_later, 0, 0);
            asyncselect_SendMessageA(partner.window, tell, 6, 0);
            code = 7;
            break;
        case 8: {
            // A window of this thread below the partner's ends with that one.
            const asyncselect_HWND below = make_window(partner.window);
            end(partner, 5);
            asyncselect_MSG message{};
            while (asyncselect_PeekMessageA(&message, nullptr, 0, 0, asyncselect_PM_REMOVE) != 0) {
            }
            asyncselect_DestroyWindow(below);
            asyncselect_DestroyWindow(own);
            return;
        }
        default:
            // More than it may hold.
            asyncselect_SetPostLimit(3);
            for (int count = 0; count < 6; ++count) asyncselect_PostMessageA(partner.window, asyncselect_WM_APP, 0, 0);
            asyncselect_SetPostLimit(10'000);
            if (asyncselect_SendMessageA(partner.window, tell, 6, 0) != 7) fail("SendMessageA", "another answer");
    }
    end(partner, code);
    asyncselect_DestroyWindow(own);
}

// ---- objects --------------------------------------------------------------------------------------------------------

struct Beside {
    void* event = nullptr;
    void* other = nullptr;
    asyncselect_CRITICAL_SECTION* lock = nullptr;
};

std::uint32_t set_events(void* given) {
    const auto& beside = *static_cast<const Beside*>(given);
    if (beside.lock != nullptr) asyncselect_EnterCriticalSection(beside.lock);
    asyncselect_SetEvent(beside.event);
    asyncselect_Sleep(1);
    if (beside.lock != nullptr) asyncselect_LeaveCriticalSection(beside.lock);
    asyncselect_SetEvent(beside.other);
    return 0;
}

// Another thread sets them, one after the other.
void wait_for_objects(Draw& draw) {
    const std::size_t kind = draw.below(8);
    std::array<void*, 3> events{};
    for (void*& event : events) event = asyncselect_CreateEventW(nullptr, draw.one_in(2) ? 1 : 0, 0, nullptr);
    asyncselect_CRITICAL_SECTION lock;
    asyncselect_InitializeCriticalSection(&lock);
    Beside beside{events[0], events[1], kind == 0 ? &lock : nullptr};
    void* const thread = asyncselect_CreateThread(nullptr, 0, set_events, &beside, 0, nullptr);
    if (thread == nullptr) fail("CreateThread", "no thread");
    std::uint32_t waited = asyncselect_WAIT_OBJECT_0;
    switch (kind) {
        case 0:
            waited = asyncselect_WaitForSingleObject(events[0], asyncselect_INFINITE);
            asyncselect_EnterCriticalSection(&lock);  // the thread has it
            asyncselect_LeaveCriticalSection(&lock);
            break;
        case 1:
            waited = asyncselect_WaitForMultipleObjects(2, events.data(), 1, long_enough);
            break;
        case 2:
            waited = asyncselect_WaitForMultipleObjects(3, events.data(), 0, asyncselect_INFINITE);
            if (waited < 3) waited = asyncselect_WAIT_OBJECT_0;
            break;
        case 3: {
            const std::array<void*, 2> twice{events[2], events[2]};
            if (asyncselect_WaitForMultipleObjects(2, twice.data(), 1, 0) != asyncselect_WAIT_FAILED)
                fail("WaitForMultipleObjects", "all of the same");
            break;
        }
        case 4:
            waited = asyncselect_WSAWaitForMultipleEvents(2, events.data(), 1, long_enough, 0);
            break;
        case 5:
            waited = asyncselect_MsgWaitForMultipleObjects(1, &events[1], 0, long_enough, 0);
            break;
        case 6:
            // Messages would have to come as well: never.
            waited = asyncselect_MsgWaitForMultipleObjects(2, events.data(), 1, 3, asyncselect_QS_TIMER);
            if (waited == asyncselect_WAIT_TIMEOUT) waited = asyncselect_WAIT_OBJECT_0;
            break;
        default:
            asyncselect_SetEvent(events[2]);
            asyncselect_ResetEvent(events[2]);
            if (asyncselect_WaitForSingleObject(events[2], 1) != asyncselect_WAIT_TIMEOUT)
                fail("ResetEvent", "the event is signaled");
    }
    // Without a start of Winsock its functions fail.
    const bool of_winsock = kind == 4;
    if (waited != asyncselect_WAIT_OBJECT_0 && !(of_winsock && waited == asyncselect_WSA_WAIT_FAILED))
        fail("waiting for objects", "what another thread sets does not end it");
    if (asyncselect_WaitForSingleObject(thread, asyncselect_INFINITE) != asyncselect_WAIT_OBJECT_0)
        fail("WaitForSingleObject", "the thread goes on");
    asyncselect_CloseHandle(thread);
    for (void* const event : events) asyncselect_CloseHandle(event);
    asyncselect_DeleteCriticalSection(&lock);
}

constexpr auto programs = std::to_array<Program>({
    {"values of windows", values_of_windows},
    {"windows that refuse", windows_that_refuse},
    {"timers", timers},
    {"names of windows", names_of_windows},
    {"formats of text", formats_of_text},
    {"messages between threads", messages_between_threads},
    {"waiting for objects", wait_for_objects},
});

}  // namespace

std::span<const Program> window_programs() { return programs; }

}  // namespace asyncselect::fuzz
