// What the tests of this folder share: a window with a procedure given as a function object, and short forms of the
// public functions. It must not know what is tested.
#pragma once

#include <asyncselect/asyncselect.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "impl/core/last_error.hpp"
#include "impl/window/queue.hpp"
#include "impl/window/window.hpp"

namespace asyncselect::window::test {

using Procedure = std::function<intptr_t(asyncselect_HWND, unsigned int, uintptr_t, intptr_t)>;

constexpr unsigned int user = asyncselect_WM_USER;

inline asyncselect_HWND hwnd(std::intptr_t value) { return reinterpret_cast<asyncselect_HWND>(value); }
inline asyncselect_HWND message_only() { return hwnd(asyncselect_HWND_MESSAGE); }

// A procedure that finds its function object in the window's user data, put there by WM_NCCREATE.
inline intptr_t forward(asyncselect_HWND window, unsigned int message, uintptr_t w, intptr_t l) {
    if (message == asyncselect_WM_NCCREATE) {
        const auto* create = reinterpret_cast<const asyncselect_CREATESTRUCTA*>(l);
        asyncselect_SetWindowLongPtrA(window, asyncselect_GWLP_USERDATA,
                                      reinterpret_cast<intptr_t>(create->lpCreateParams));
    }
    const auto* procedure =
        reinterpret_cast<const Procedure*>(asyncselect_GetWindowLongPtrA(window, asyncselect_GWLP_USERDATA));
    if (procedure == nullptr || !*procedure) return asyncselect_DefWindowProcA(window, message, w, l);
    return (*procedure)(window, message, w, l);
}

inline constexpr const char* class_of_tests = "asyncselect.window.test";

inline void register_class_of_tests() {
    asyncselect_WNDCLASSA wanted{};
    wanted.lpfnWndProc = forward;
    wanted.lpszClassName = class_of_tests;
    wanted.cbWndExtra = 2 * sizeof(intptr_t);
    const std::uint32_t error = core::last_error();
    asyncselect_RegisterClassA(&wanted);  // again and again: the second time it exists
    core::set_last_error(error);
}

inline asyncselect_HWND create(const Procedure* procedure = nullptr, asyncselect_HWND parent = message_only()) {
    register_class_of_tests();
    return asyncselect_CreateWindowExA(0, class_of_tests, "a window", 0, 1, 2, 3, 4, parent, nullptr, nullptr,
                                       const_cast<Procedure*>(procedure));
}

// A window of the calling thread, destroyed at the end of the scope if it still exists.
class Mailbox {
  public:
    explicit Mailbox(Procedure procedure = {}, asyncselect_HWND parent = message_only())
        : procedure_{std::move(procedure)}, window_{create(&procedure_, parent)} {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    ~Mailbox() {
        if (asyncselect_IsWindow(window_) != 0) asyncselect_DestroyWindow(window_);
    }

    [[nodiscard]] asyncselect_HWND get() const { return window_; }
    [[nodiscard]] Handle handle() const { return to_handle(window_); }

  private:
    Procedure procedure_;
    asyncselect_HWND window_;
};

inline bool post(asyncselect_HWND window, unsigned int number, uintptr_t w = 0, intptr_t l = 0) {
    return asyncselect_PostMessageA(window, number, w, l) != 0;
}

// The next message if there is one already; its number is 0 otherwise.
inline asyncselect_MSG peek(asyncselect_HWND window = nullptr, unsigned int first = 0, unsigned int last = 0,
                            unsigned int remove = asyncselect_PM_REMOVE) {
    asyncselect_MSG message{};
    if (asyncselect_PeekMessageA(&message, window, first, last, remove) == 0) message.message = 0;
    return message;
}

inline asyncselect_MSG get(asyncselect_HWND window = nullptr, unsigned int first = 0, unsigned int last = 0) {
    asyncselect_MSG message{};
    EXPECT_NE(asyncselect_GetMessageA(&message, window, first, last), -1);
    return message;
}

inline void empty_queue() {
    while (peek().message != 0) {
    }
}

// Every test begins with an empty queue, no hooks, the usual limit and no error.
class WindowTest : public ::testing::Test {
  protected:
    void SetUp() override { reset(); }
    void TearDown() override { reset(); }

  private:
    static void reset() {
        set_socket_hooks({});
        set_post_limit(default_post_limit);
        empty_queue();
        core::set_last_error(0);
    }
};

}  // namespace asyncselect::window::test
