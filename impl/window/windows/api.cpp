// The functions that retrieve messages, as the library declares them; types and messages are user32's, with other
// names. It must not know how a message is found.
#include <asyncselect/asyncselect.h>

#include <windows.h>

#include <bit>
#include <cstddef>

#include "impl/window/windows/pump.hpp"

static_assert(sizeof(asyncselect_MSG) == sizeof(MSG) && offsetof(asyncselect_MSG, pt) == offsetof(MSG, pt));

namespace {

MSG* to_msg(asyncselect_MSG* message) noexcept { return reinterpret_cast<MSG*>(message); }
HWND to_hwnd(asyncselect_HWND window) noexcept { return reinterpret_cast<HWND>(window); }

// Whether it is found here; else user32 is to be asked, which has all messages then.
bool retrieved(asyncselect_MSG* message, asyncselect_HWND window, unsigned first, unsigned last, bool wide) noexcept {
    using namespace asyncselect::window;
    MSG found;
    if (message != nullptr && window == nullptr && first == 0 && last == 0 &&
        pump::retrieve(found, wide, INFINITE) == pump::Retrieved::message) {
        *to_msg(message) = found;
        return true;
    }
    pump::give_away();
    return false;
}

}  // namespace

int asyncselect_GetMessageA(asyncselect_MSG* message, asyncselect_HWND window, unsigned first, unsigned last) {
    if (retrieved(message, window, first, last, false)) return message->message == WM_QUIT ? 0 : 1;
    return ::GetMessageA(to_msg(message), to_hwnd(window), first, last);
}

int asyncselect_GetMessageW(asyncselect_MSG* message, asyncselect_HWND window, unsigned first, unsigned last) {
    if (retrieved(message, window, first, last, true)) return message->message == WM_QUIT ? 0 : 1;
    return ::GetMessageW(to_msg(message), to_hwnd(window), first, last);
}

int asyncselect_PeekMessageA(asyncselect_MSG* message, asyncselect_HWND window, unsigned first, unsigned last,
                             unsigned remove) {
    asyncselect::window::pump::give_away();
    return ::PeekMessageA(to_msg(message), to_hwnd(window), first, last, remove);
}

int asyncselect_PeekMessageW(asyncselect_MSG* message, asyncselect_HWND window, unsigned first, unsigned last,
                             unsigned remove) {
    asyncselect::window::pump::give_away();
    return ::PeekMessageW(to_msg(message), to_hwnd(window), first, last, remove);
}
