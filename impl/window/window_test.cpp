// Tests of classes, windows, their handles and the values they carry. One thread.
#include <cwchar>
#include <set>
#include <vector>

#include "impl/window/support_test.hpp"
#include "impl/window/text.hpp"

namespace asyncselect::window::test {
namespace {

using Windows = WindowTest;
using Classes = WindowTest;
using Handles = WindowTest;

intptr_t plain(asyncselect_HWND window, unsigned int message, uintptr_t w, intptr_t l) {
    return asyncselect_DefWindowProcA(window, message, w, l);
}

asyncselect_WNDCLASSA class_named(const char* name) {
    asyncselect_WNDCLASSA wanted{};
    wanted.lpfnWndProc = plain;
    wanted.lpszClassName = name;
    return wanted;
}

asyncselect_HWND make(const char* class_name, void* parameter = nullptr) {
    return asyncselect_CreateWindowExA(0, class_name, "", 0, 0, 0, 0, 0, message_only(), nullptr, nullptr, parameter);
}

// ---- classes

TEST_F(Classes, TwiceIsTooOften) {
    const auto wanted = class_named("twice");
    EXPECT_NE(asyncselect_RegisterClassA(&wanted), 0);
    const auto shouted = class_named("TWICE");
    EXPECT_EQ(asyncselect_RegisterClassA(&shouted), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1410U);
    asyncselect_WNDCLASSW wide{};
    wide.lpfnWndProc = plain;
    wide.lpszClassName = L"Twice";
    EXPECT_EQ(asyncselect_RegisterClassW(&wide), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1410U);
    EXPECT_NE(asyncselect_UnregisterClassW(L"tWICE", nullptr), 0);
}

TEST_F(Classes, IgnoreTheCaseOfEveryLetter) {
    const auto wanted = class_named("abcdefghijklmnopqrstuvwxyz");
    EXPECT_NE(asyncselect_RegisterClassA(&wanted), 0);
    const auto shouted = class_named("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    EXPECT_EQ(asyncselect_RegisterClassA(&shouted), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1410U);
    EXPECT_NE(asyncselect_UnregisterClassA("Abcdefghijklmnopqrstuvwxyz", nullptr), 0);
}

TEST_F(Classes, AreFoundByAtomAndByNameOfEitherWidth) {
    const auto wanted = class_named("either");
    const uint16_t atom = asyncselect_RegisterClassA(&wanted);
    ASSERT_GE(atom, 0xc000);
    for (const asyncselect_HWND window :
         {make("EITHER"), make(reinterpret_cast<const char*>(uintptr_t{atom})),
          asyncselect_CreateWindowExW(0, L"either", nullptr, 0, 0, 0, 0, 0, message_only(), nullptr, nullptr, nullptr),
          asyncselect_CreateWindowExW(0, reinterpret_cast<const wchar_t*>(uintptr_t{atom}), nullptr, 0, 0, 0, 0, 0,
                                      nullptr, nullptr, asyncselect_GetModuleHandleA(nullptr), nullptr)}) {
        EXPECT_NE(asyncselect_IsWindow(window), 0);
        EXPECT_NE(asyncselect_DestroyWindow(window), 0);
    }
    EXPECT_NE(asyncselect_UnregisterClassA(reinterpret_cast<const char*>(uintptr_t{atom}), nullptr), 0);
}

TEST_F(Classes, WithWindowsStay) {
    const auto wanted = class_named("stays");
    asyncselect_RegisterClassA(&wanted);
    const asyncselect_HWND window = make("stays");
    EXPECT_EQ(asyncselect_UnregisterClassA("stays", nullptr), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1412U);
    asyncselect_DestroyWindow(window);
    EXPECT_NE(asyncselect_UnregisterClassA("stays", nullptr), 0);
    EXPECT_EQ(asyncselect_UnregisterClassA("stays", nullptr), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1411U);
}

TEST_F(Classes, BadOnesAreRefused) {
    const auto refused = [](const asyncselect_WNDCLASSA& wanted) {
        core::set_last_error(0);
        return asyncselect_RegisterClassA(&wanted) == 0 && asyncselect_GetLastError() == 87;
    };
    EXPECT_EQ(asyncselect_RegisterClassA(nullptr), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 87U);
    auto wanted = class_named(nullptr);
    EXPECT_TRUE(refused(wanted));
    wanted = class_named("");
    EXPECT_TRUE(refused(wanted));
    const std::string long_name(100'000, 'x');
    wanted = class_named(long_name.c_str());
    EXPECT_TRUE(refused(wanted));
    wanted = class_named("bad");
    wanted.lpfnWndProc = nullptr;
    EXPECT_TRUE(refused(wanted));
    wanted = class_named("bad");
    wanted.cbWndExtra = -1;
    EXPECT_TRUE(refused(wanted));
    wanted = class_named("bad");
    wanted.cbClsExtra = 0x7fffffff;
    EXPECT_TRUE(refused(wanted));
    asyncselect_WNDCLASSEXA extended{};
    extended.lpfnWndProc = plain;
    extended.lpszClassName = "bad";
    EXPECT_EQ(asyncselect_RegisterClassExA(&extended), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 87U);
    extended.cbSize = sizeof extended;
    EXPECT_NE(asyncselect_RegisterClassExA(&extended), 0);
    EXPECT_NE(asyncselect_UnregisterClassA("bad", nullptr), 0);
    asyncselect_WNDCLASSEXW wide{};
    wide.cbSize = sizeof wide;
    wide.lpfnWndProc = plain;
    wide.lpszClassName = L"bad";
    EXPECT_NE(asyncselect_RegisterClassExW(&wide), 0);
    EXPECT_NE(asyncselect_UnregisterClassA("bad", nullptr), 0);
}

TEST_F(Classes, OfOtherInstancesAreTheirOwn) {
    auto wanted = class_named("instance");
    EXPECT_NE(asyncselect_RegisterClassA(&wanted), 0);
    wanted.hInstance = asyncselect_GetModuleHandleA(nullptr);
    EXPECT_NE(asyncselect_RegisterClassA(&wanted), 0);
    EXPECT_NE(asyncselect_UnregisterClassA("instance", asyncselect_GetModuleHandleW(nullptr)), 0);
    EXPECT_NE(asyncselect_UnregisterClassA("instance", nullptr), 0);
}

TEST_F(Classes, TheSystemsOwnAreThere) {
    const asyncselect_HWND window = make("STATIC");
    EXPECT_NE(asyncselect_IsWindow(window), 0);
    asyncselect_DestroyWindow(window);
}

// ---- windows

TEST_F(Windows, AreCreatedAndDestroyedWithTheirMessages) {
    std::vector<unsigned int> seen;
    const Procedure procedure = [&](asyncselect_HWND window, unsigned int message, uintptr_t w, intptr_t l) {
        seen.push_back(message);
        EXPECT_NE(asyncselect_IsWindow(window), 0);
        if (message == asyncselect_WM_CREATE) {
            const auto* create = reinterpret_cast<const asyncselect_CREATESTRUCTA*>(l);
            EXPECT_STREQ(create->lpszName, "a window");
            EXPECT_STREQ(create->lpszClass, class_of_tests);
            EXPECT_EQ(create->x, 1);
            EXPECT_EQ(create->y, 2);
            EXPECT_EQ(create->cx, 3);
            EXPECT_EQ(create->cy, 4);
            EXPECT_EQ(create->hwndParent, message_only());
        }
        return asyncselect_DefWindowProcA(window, message, w, l);
    };
    const asyncselect_HWND window = create(&procedure);
    ASSERT_NE(window, nullptr);
    EXPECT_LT(to_handle(window), Handle{1} << 31);
    EXPECT_NE(asyncselect_DestroyWindow(window), 0);
    EXPECT_EQ(asyncselect_IsWindow(window), 0);
    EXPECT_EQ(asyncselect_DestroyWindow(window), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1400U);
    EXPECT_EQ(seen, (std::vector<unsigned int>{asyncselect_WM_NCCREATE, asyncselect_WM_CREATE, asyncselect_WM_DESTROY,
                                               asyncselect_WM_NCDESTROY}));
}

TEST_F(Windows, CanRefuseToBeCreated) {
    for (const unsigned int at : {unsigned{asyncselect_WM_NCCREATE}, unsigned{asyncselect_WM_CREATE}}) {
        asyncselect_HWND seen = nullptr;
        bool ended = false;
        const Procedure procedure = [&](asyncselect_HWND window, unsigned int message, uintptr_t,
                                        intptr_t) -> intptr_t {
            seen = window;
            if (message == asyncselect_WM_NCDESTROY) ended = true;
            if (message == at) return at == asyncselect_WM_NCCREATE ? 0 : -1;
            return message == asyncselect_WM_NCCREATE ? 1 : 0;
        };
        core::set_last_error(0);
        EXPECT_EQ(create(&procedure), nullptr);
        EXPECT_EQ(asyncselect_GetLastError(), 0U);
        EXPECT_TRUE(ended);
        EXPECT_EQ(asyncselect_IsWindow(seen), 0);
    }
}

TEST_F(Windows, ThatDestroyThemselvesInCreateAreNotReturned) {
    const Procedure procedure = [](asyncselect_HWND window, unsigned int message, uintptr_t w, intptr_t l) {
        if (message == asyncselect_WM_CREATE || message == asyncselect_WM_DESTROY) {
            EXPECT_NE(asyncselect_DestroyWindow(window), 0);
        }
        return asyncselect_DefWindowProcA(window, message, w, l);
    };
    EXPECT_EQ(create(&procedure), nullptr);
}

TEST_F(Windows, NeedAClassAndAParentThatExist) {
    EXPECT_EQ(make("no such class"), nullptr);
    EXPECT_EQ(asyncselect_GetLastError(), 1407U);
    EXPECT_EQ(make(nullptr), nullptr);
    EXPECT_EQ(asyncselect_GetLastError(), 1407U);
    EXPECT_EQ(make(reinterpret_cast<const char*>(uintptr_t{1})), nullptr);
    EXPECT_EQ(asyncselect_GetLastError(), 1407U);
    EXPECT_EQ(create(nullptr, hwnd(12345)), nullptr);
    EXPECT_EQ(asyncselect_GetLastError(), 1400U);
    const Mailbox top{{}, nullptr};
    EXPECT_NE(top.get(), nullptr);
}

TEST_F(Windows, OfAWideClassSeeWideStrings) {
    static std::wstring name;
    static std::wstring class_name;
    asyncselect_WNDCLASSW wanted{};
    wanted.lpszClassName = L"wide";
    wanted.lpfnWndProc = [](asyncselect_HWND window, unsigned int message, uintptr_t w, intptr_t l) -> intptr_t {
        if (message == asyncselect_WM_CREATE) {
            const auto* create = reinterpret_cast<const asyncselect_CREATESTRUCTW*>(l);
            name = create->lpszName;
            class_name = create->lpszClass;
        }
        return asyncselect_DefWindowProcW(window, message, w, l);
    };
    ASSERT_NE(asyncselect_RegisterClassW(&wanted), 0);
    const asyncselect_HWND window =
        asyncselect_CreateWindowExA(0, "wide", "h\xc3\xa9", 0, 0, 0, 0, 0, message_only(), nullptr, nullptr, nullptr);
    EXPECT_EQ(name, L"h\u00e9");
    EXPECT_EQ(class_name, L"wide");
    asyncselect_DestroyWindow(window);
    asyncselect_UnregisterClassA("WIDE", nullptr);
}

TEST_F(Windows, GoWithTheirParent) {
    std::vector<std::pair<char, unsigned int>> seen;
    const auto recorder = [&](char who) {
        return [&seen, who](asyncselect_HWND window, unsigned int message, uintptr_t w, intptr_t l) {
            if (message == asyncselect_WM_DESTROY || message == asyncselect_WM_NCDESTROY)
                seen.emplace_back(who, message);
            return asyncselect_DefWindowProcA(window, message, w, l);
        };
    };
    const Mailbox parent{recorder('p')};
    const Mailbox child{recorder('c'), parent.get()};
    const Mailbox grandchild{recorder('g'), child.get()};
    EXPECT_NE(asyncselect_DestroyWindow(parent.get()), 0);
    EXPECT_EQ(asyncselect_IsWindow(child.get()), 0);
    EXPECT_EQ(asyncselect_IsWindow(grandchild.get()), 0);
    constexpr unsigned int begin = asyncselect_WM_DESTROY;
    constexpr unsigned int end = asyncselect_WM_NCDESTROY;
    EXPECT_EQ(seen, (std::vector<std::pair<char, unsigned int>>{
                        {'p', begin}, {'c', begin}, {'g', begin}, {'g', end}, {'c', end}, {'p', end}}));
}

TEST_F(Windows, CloseDestroys) {
    const Mailbox window;
    EXPECT_EQ(asyncselect_SendMessageA(window.get(), asyncselect_WM_CLOSE, 0, 0), 0);
    EXPECT_EQ(asyncselect_IsWindow(window.get()), 0);
}

TEST_F(Windows, CarryValues) {
    const Mailbox parent;
    const Mailbox window{{}, parent.get()};
    const asyncselect_HWND handle = window.get();
    for (const int index : {0, int{sizeof(intptr_t)}, 3, int{asyncselect_GWLP_ID}, int{asyncselect_GWLP_HINSTANCE}}) {
        core::set_last_error(0);
        EXPECT_EQ(asyncselect_SetWindowLongPtrA(handle, index, -5), 0);
        EXPECT_EQ(asyncselect_GetWindowLongPtrW(handle, index), -5);
        EXPECT_EQ(asyncselect_SetWindowLongPtrW(handle, index, 0), -5);
        EXPECT_EQ(asyncselect_GetLastError(), 0U);
    }
    for (const int index : {int{asyncselect_GWL_STYLE}, int{asyncselect_GWL_EXSTYLE}}) {
        EXPECT_EQ(asyncselect_SetWindowLongPtrA(handle, index, 7), 0);
        EXPECT_EQ(asyncselect_GetWindowLongPtrA(handle, index), 7);
    }
    for (const int index : {9, 16, 1'000'000, 0x7fffffff, -1, -0x7fffffff}) {
        core::set_last_error(0);
        EXPECT_EQ(asyncselect_GetWindowLongPtrA(handle, index), 0);
        EXPECT_EQ(asyncselect_GetLastError(), 1413U) << index;
        core::set_last_error(0);
        EXPECT_EQ(asyncselect_SetWindowLongPtrA(handle, index, 1), 0);
        EXPECT_EQ(asyncselect_GetLastError(), 1413U) << index;
    }
    EXPECT_EQ(asyncselect_GetWindowLongPtrA(handle, asyncselect_GWLP_HWNDPARENT),
              static_cast<intptr_t>(parent.handle()));
    EXPECT_EQ(asyncselect_GetWindowLongPtrA(nullptr, 0), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1400U);
    core::set_last_error(0);
    EXPECT_EQ(asyncselect_SetWindowLongPtrA(hwnd(-1), 0, 1), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 1400U);
}

TEST_F(Windows, CannotStandBelowThemselves) {
    const Mailbox parent;
    const Mailbox child{{}, parent.get()};
    EXPECT_EQ(
        asyncselect_SetWindowLongPtrA(parent.get(), asyncselect_GWLP_HWNDPARENT, static_cast<intptr_t>(child.handle())),
        0);
    EXPECT_EQ(asyncselect_GetLastError(), 87U);
    EXPECT_TRUE(is_child(parent.handle(), child.handle()));
    EXPECT_FALSE(is_child(child.handle(), parent.handle()));
    EXPECT_EQ(asyncselect_SetWindowLongPtrA(child.get(), asyncselect_GWLP_HWNDPARENT, 0),
              static_cast<intptr_t>(parent.handle()));
    EXPECT_FALSE(is_child(parent.handle(), child.handle()));
}

TEST_F(Windows, CanBeGivenAnotherProcedure) {
    const Mailbox window;
    const auto other = [](asyncselect_HWND, unsigned int, uintptr_t, intptr_t) -> intptr_t { return 42; };
    const auto replacement = static_cast<asyncselect_WNDPROC>(other);
    const intptr_t former =
        asyncselect_SetWindowLongPtrA(window.get(), asyncselect_GWLP_WNDPROC, reinterpret_cast<intptr_t>(replacement));
    EXPECT_EQ(former, reinterpret_cast<intptr_t>(&forward));
    EXPECT_EQ(asyncselect_SendMessageA(window.get(), user, 0, 0), 42);
    EXPECT_EQ(asyncselect_SetWindowLongPtrA(window.get(), asyncselect_GWLP_WNDPROC, 0), 0);
    EXPECT_EQ(asyncselect_GetLastError(), 87U);
    asyncselect_SetWindowLongPtrA(window.get(), asyncselect_GWLP_WNDPROC, former);
}

// ---- handles

TEST_F(Handles, AreNotUsedAgainWhileRegistered) {
    //
    Handle kept = no_window;
    {
        const Mailbox window;
        kept = window.handle();
        EXPECT_TRUE(retain(kept));
    }
    EXPECT_FALSE(exists(kept));
    EXPECT_EQ(Queue::of_window(kept), nullptr);
    // A socket accepted now inherits the window as it is: ended.
    EXPECT_TRUE(retain(kept));
    release(kept);
    for (int i = 0; i < 3'000; ++i) {
        const Mailbox window;
        ASSERT_NE(window.handle() & 0xffff, kept & 0xffff);
    }
    release(kept);
    EXPECT_FALSE(retain(kept));
    bool seen_again = false;
    for (int i = 0; i < 3'000; ++i) {
        const Mailbox window;
        ASSERT_NE(window.handle(), kept);
        seen_again = seen_again || (window.handle() & 0xffff) == (kept & 0xffff);
    }
    EXPECT_TRUE(seen_again);
}

TEST_F(Handles, GarbageIsNoWindow) {
    const Mailbox window;
    for (const Handle garbage : {Handle{0}, Handle{1}, Handle{0xffff}, thread_messages_only, message_only_parent,
                                 window.handle() + 1, window.handle() | Handle{1} << 31,
                                 window.handle() | Handle{1} << 32, window.handle() ^ 0x10000, Handle{0x7fffffff}}) {
        EXPECT_FALSE(exists(garbage)) << garbage;
        EXPECT_FALSE(retain(garbage)) << garbage;
        release(garbage);
        EXPECT_EQ(Queue::of_window(garbage), nullptr);
        EXPECT_EQ(asyncselect_IsWindow(hwnd(static_cast<std::intptr_t>(garbage))), 0);
        EXPECT_EQ(post_notification(garbage, user, 0, 0), Post::no_window);
    }
    EXPECT_TRUE(exists(window.handle()));
}

TEST_F(Handles, RunOut) {
    std::vector<asyncselect_HWND> windows;
    for (;;) {
        const asyncselect_HWND window = create();
        if (window == nullptr) break;
        windows.push_back(window);
    }
    EXPECT_EQ(asyncselect_GetLastError(), 8U);
    EXPECT_GT(windows.size(), 9'000U);
    EXPECT_EQ(std::set<asyncselect_HWND>(windows.begin(), windows.end()).size(), windows.size());
    for (const asyncselect_HWND window : windows) EXPECT_NE(asyncselect_DestroyWindow(window), 0);
    const Mailbox again;
    EXPECT_NE(again.get(), nullptr);
}

TEST(Text, GoesBothWays) {
    const std::wstring wide = L"aé€\U0001f600";
    EXPECT_EQ(to_wide(to_utf8(wide)), wide);
    EXPECT_EQ(to_wide("\xff\xe2\x82"), L"\xfffd\xfffd\xfffd");
    EXPECT_EQ(to_utf8(std::wstring{static_cast<wchar_t>(0xd800)}), "\xef\xbf\xbd");
}

TEST(Module, OnlyTheProgramItself) {
    EXPECT_NE(asyncselect_GetModuleHandleA(nullptr), nullptr);
    EXPECT_EQ(asyncselect_GetModuleHandleA("user32"), nullptr);
    EXPECT_EQ(asyncselect_GetLastError(), 126U);
}

}  // namespace
}  // namespace asyncselect::window::test
