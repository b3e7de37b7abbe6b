// What programs use beside windows and sockets, through the public API: texts of errors, formatted text, clock and
// locks. Runs under ThreadSanitizer too. It must not know how any of it works.
#include <asyncselect/asyncselect.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::uint32_t from_system =
    asyncselect_FORMAT_MESSAGE_FROM_SYSTEM | asyncselect_FORMAT_MESSAGE_IGNORE_INSERTS;

std::string text_of(std::uint32_t error, std::uint32_t flags = from_system) {
    std::array<char, 256> text{};
    const auto length = asyncselect_FormatMessageA(flags, nullptr, error, 0, text.data(), text.size(), nullptr);
    EXPECT_EQ(length, std::strlen(text.data()));
    return text.data();
}

TEST(Companions, EveryErrorOfTheLibraryHasAText) {
    for (const std::uint32_t error : {asyncselect_WSAEWOULDBLOCK, asyncselect_WSAECONNREFUSED,
                                      asyncselect_WSAHOST_NOT_FOUND, asyncselect_WSAEREFUSED})
        EXPECT_NE(text_of(error), "") << error;
    for (const std::uint32_t error :
         {asyncselect_ERROR_SUCCESS, asyncselect_ERROR_NOT_ENOUGH_QUOTA, asyncselect_ERROR_INVALID_WINDOW_HANDLE})
        EXPECT_NE(text_of(error), "") << error;
    EXPECT_EQ(text_of(asyncselect_WSAECONNREFUSED), "The connection was refused by the peer.\r\n");
    EXPECT_EQ(text_of(asyncselect_WSAECONNREFUSED, from_system | asyncselect_FORMAT_MESSAGE_MAX_WIDTH_MASK),
              "The connection was refused by the peer. ");
    EXPECT_EQ(text_of(4'000'000'000U), "");
    EXPECT_EQ(asyncselect_GetLastError(), std::uint32_t{asyncselect_ERROR_MR_MID_NOT_FOUND});
    EXPECT_EQ(text_of(0, 0x400), "") << "formats of one's own are not offered";
    EXPECT_EQ(asyncselect_GetLastError(), std::uint32_t{asyncselect_ERROR_INVALID_PARAMETER});
}

TEST(Companions, ATextNeedsRoomOrGetsIt) {
    const auto whole = text_of(asyncselect_WSAEFAULT);
    std::vector<char> room(whole.size());
    const auto format = [](std::uint32_t flags, void* buffer, std::uint32_t size) {
        return asyncselect_FormatMessageA(flags, nullptr, asyncselect_WSAEFAULT, 0, static_cast<char*>(buffer), size,
                                          nullptr);
    };
    EXPECT_EQ(format(from_system, room.data(), static_cast<std::uint32_t>(room.size())), 0U);
    EXPECT_EQ(asyncselect_GetLastError(), std::uint32_t{asyncselect_ERROR_INSUFFICIENT_BUFFER});
    EXPECT_EQ(format(from_system, nullptr, 100), 0U);
    char* allocated = nullptr;
    EXPECT_EQ(format(from_system | asyncselect_FORMAT_MESSAGE_ALLOCATE_BUFFER, &allocated, 0), whole.size());
    ASSERT_NE(allocated, nullptr);
    EXPECT_EQ(allocated, whole);
    EXPECT_EQ(asyncselect_LocalFree(allocated), nullptr);
    EXPECT_EQ(asyncselect_LocalFree(nullptr), nullptr);
    for (const std::uint32_t too_much : {65'537U, 0xffffffffU}) {
        EXPECT_EQ(format(from_system | asyncselect_FORMAT_MESSAGE_ALLOCATE_BUFFER, &allocated, too_much), 0U);
        EXPECT_EQ(asyncselect_GetLastError(), std::uint32_t{asyncselect_ERROR_INVALID_PARAMETER});
    }
    EXPECT_EQ(format(from_system | asyncselect_FORMAT_MESSAGE_ALLOCATE_BUFFER, &allocated, 65'536), whole.size());
    EXPECT_EQ(asyncselect_LocalFree(allocated), nullptr);

    std::array<wchar_t, 100> wide{};
    const auto length =
        asyncselect_FormatMessageW(from_system, nullptr, asyncselect_WSAEFAULT, 0, wide.data(), 100, nullptr);
    EXPECT_EQ(length, whole.size());
    EXPECT_EQ(wide[0], static_cast<wchar_t>(whole[0]));
}

TEST(Companions, FormattedTextHasTheWidthsOfWindows) {
    std::array<char, 1024> text{};
    const auto formatted = [&text](const char* format, auto... arguments) {
        const int length = asyncselect_wsprintfA(text.data(), format, arguments...);
        EXPECT_EQ(length, static_cast<int>(std::strlen(text.data())));
        return std::string{text.data()};
    };
    EXPECT_EQ(formatted("%d %i %u %x %X%%", -1, 2, 3U, 0xabU, 0xabU), "-1 2 3 ab AB%");
    EXPECT_EQ(formatted("%ld %lu %08lx", -1, 4294967295U, 0xbeefU), "-1 4294967295 0000beef");
    EXPECT_EQ(formatted("%I64d", -5'000'000'000LL), "-5000000000");
    EXPECT_EQ(formatted("[%-5s][%5s][%.2s]", "ab", "cd", "efg"), "[ab   ][   cd][ef]");
    EXPECT_EQ(formatted("%S %ls %c%hc", L"wide", L"too", 'x', 'y'), "wide too xy");
    EXPECT_EQ(formatted("%p", reinterpret_cast<void*>(0xab)), "00000000000000AB");
    EXPECT_EQ(formatted("%"), "");
    EXPECT_EQ(formatted("%s", std::string(2000, 'x').c_str()), std::string(1023, 'x'));
}

TEST(Companions, TheFineClockRunsAtItsFrequency) {
    std::int64_t frequency = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    ASSERT_NE(asyncselect_QueryPerformanceFrequency(&frequency), 0);
    const auto ticks = asyncselect_GetTickCount64();
    ASSERT_NE(asyncselect_QueryPerformanceCounter(&begin), 0);
    do {
        asyncselect_QueryPerformanceCounter(&end);
        ASSERT_GE(end, begin);
    } while (asyncselect_GetTickCount64() < ticks + 100);
    const auto milliseconds = (end - begin) * 1000 / frequency;
    EXPECT_GE(milliseconds, 80);
    EXPECT_LT(milliseconds, 10'000);
}

TEST(Companions, LocalMemoryIsEmpty) {
    auto* memory = static_cast<char*>(asyncselect_LocalAlloc(0, 100));
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(std::string(memory, 100), std::string(100, '\0'));
    asyncselect_LocalFree(memory);
}

TEST(Companions, ACriticalSectionIsHeldByOneThread) {
    asyncselect_CRITICAL_SECTION section{};
    asyncselect_InitializeCriticalSection(&section);
    asyncselect_EnterCriticalSection(&section);
    asyncselect_EnterCriticalSection(&section);
    EXPECT_NE(asyncselect_TryEnterCriticalSection(&section), 0) << "its owner may";
    const auto others_may = [&section] {
        int may = -1;
        std::thread{[&] {
            asyncselect_LeaveCriticalSection(&section);  // is nothing to it
            may = asyncselect_TryEnterCriticalSection(&section);
            if (may != 0) asyncselect_LeaveCriticalSection(&section);
        }}.join();
        return may != 0;
    };
    for (int held = 3; held > 0; --held) {
        EXPECT_FALSE(others_may());
        asyncselect_LeaveCriticalSection(&section);
    }
    EXPECT_TRUE(others_may());

    // What it protects is no atomic: ThreadSanitizer sees whether it does.
    int sum = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 10'000; ++j) {
                asyncselect_EnterCriticalSection(&section);
                ++sum;
                asyncselect_LeaveCriticalSection(&section);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(sum, 40'000);
    asyncselect_DeleteCriticalSection(&section);
}

}  // namespace
