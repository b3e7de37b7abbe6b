// Windows and messages of user32, for a provider whose sockets are whosever: message-only windows, which need no
// display. It must not know scenarios or clauses.
#pragma once

#include <winsock2.h>

#include <windows.h>

#include <bit>
#include <cstdint>
#include <optional>
#include <utility>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

inline HWND system_window(Handle handle) { return std::bit_cast<HWND>(static_cast<std::uintptr_t>(handle)); }
inline Handle handle_of_window(HWND window) { return std::bit_cast<std::uintptr_t>(window); }

template <class Base>
class WithSystemWindows : public Base {
  public:
    template <class... Arguments>
    explicit WithSystemWindows(Arguments&&... arguments) : Base(std::forward<Arguments>(arguments)...) {
        WNDCLASSA made{};
        made.lpfnWndProc = ::DefWindowProcA;
        made.hInstance = ::GetModuleHandleA(nullptr);
        made.lpszClassName = class_of_windows;
        ::RegisterClassA(&made);
    }
    ~WithSystemWindows() override { ::UnregisterClassA(class_of_windows, ::GetModuleHandleA(nullptr)); }

    Result create_window() override {
        const HWND window = ::CreateWindowExA(0, class_of_windows, "", 0, 0, 0, 0, 0, HWND_MESSAGE, nullptr,
                                              ::GetModuleHandleA(nullptr), nullptr);
        return outcome(static_cast<std::int64_t>(handle_of_window(window)), window != nullptr);
    }
    Result destroy_window(Handle window) override { return outcome(0, ::DestroyWindow(system_window(window)) != 0); }
    bool post(Handle window, std::uint32_t number) override {
        return ::PostMessageA(system_window(window), number, 0, 0) != 0;
    }
    std::optional<WindowMessage> peek(bool remove) override {
        MSG message{};
        if (::PeekMessageA(&message, nullptr, 0, 0, remove ? PM_REMOVE : PM_NOREMOVE) == 0) return std::nullopt;
        return told(message);
    }
    void wait(int milliseconds) override {
        ::MsgWaitForMultipleObjectsEx(0, nullptr, static_cast<DWORD>(milliseconds), QS_ALLINPUT, MWMO_INPUTAVAILABLE);
    }

  protected:
    static WindowMessage told(const MSG& message) {
        return {handle_of_window(message.hwnd),
                message.message,
                message.wParam,
                static_cast<std::uint32_t>(message.lParam),
                WSAGETSELECTEVENT(message.lParam),
                WSAGETSELECTERROR(message.lParam)};
    }

  private:
    static constexpr const char* class_of_windows = "asyncselect conformance";

    static Result outcome(std::int64_t value, bool ok) {
        return ok ? Result{value, 0} : Result{0, static_cast<int>(::GetLastError())};
    }
};

}  // namespace asyncselect::conformance
