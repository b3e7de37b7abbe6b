// What Winsock programs use of windows.h beside windows: the texts of errors, formatted text, local memory, the
// debugger's output, the fine clock, critical sections. Each function is complete in itself. It must not know windows
// or sockets.
#include <asyncselect/asyncselect.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "impl/core/last_error.hpp"
#include "impl/window/text.hpp"

namespace asyncselect::window {

namespace {

// ---- the texts of errors, in our words

struct ErrorText {
    std::uint32_t code;
    const char* text;
};

constexpr std::array error_texts{
    ErrorText{0, "The operation has succeeded."},
    ErrorText{1, "The function is not offered."},
    ErrorText{5, "Access is denied."},
    ErrorText{6, "The handle is invalid."},
    ErrorText{8, "There is not enough memory."},
    ErrorText{14, "There is not enough memory."},
    ErrorText{50, "The request is not supported."},
    ErrorText{87, "A parameter is invalid."},
    ErrorText{120, "The function is not implemented."},
    ErrorText{122, "The buffer is too small."},
    ErrorText{126, "The module was not found."},
    ErrorText{183, "It exists already."},
    ErrorText{258, "The time to wait is over."},
    ErrorText{317, "There is no text for this number."},
    ErrorText{995, "The operation was aborted."},
    ErrorText{996, "The overlapped operation is not complete."},
    ErrorText{997, "The overlapped operation is under way."},
    ErrorText{998, "A memory location is not accessible."},
    ErrorText{1400, "There is no such window."},
    ErrorText{1407, "There is no such window class."},
    ErrorText{1408, "The window belongs to another thread."},
    ErrorText{1410, "The window class exists already."},
    ErrorText{1411, "The window class does not exist."},
    ErrorText{1412, "The window class has windows still."},
    ErrorText{1413, "The index is invalid."},
    ErrorText{1444, "There is no such thread, or it has no message queue."},
    ErrorText{1460, "The time for the operation is over."},
    ErrorText{1816, "A quota is used up."},
    ErrorText{10004, "A blocking call was cancelled."},
    ErrorText{10009, "The file handle is invalid."},
    ErrorText{10013, "The socket may not be used in this way: permission is denied."},
    ErrorText{10014, "A pointer is not accessible, or a length is too small."},
    ErrorText{10022, "An argument is invalid."},
    ErrorText{10024, "Too many sockets are open."},
    ErrorText{10035, "The operation cannot be completed at once."},
    ErrorText{10036, "A blocking operation is in progress."},
    ErrorText{10037, "The operation is under way already."},
    ErrorText{10038, "The handle is not a socket."},
    ErrorText{10039, "A destination address is required."},
    ErrorText{10040, "The datagram is larger than the buffer or a limit of the network."},
    ErrorText{10041, "The protocol does not go with the socket type."},
    ErrorText{10042, "There is no such option at this level."},
    ErrorText{10043, "The protocol is not supported."},
    ErrorText{10044, "The socket type is not supported in this address family."},
    ErrorText{10045, "The operation is not supported by this kind of socket."},
    ErrorText{10046, "The protocol family is not supported."},
    ErrorText{10047, "The address family is not supported."},
    ErrorText{10048, "The address is in use."},
    ErrorText{10049, "The address is not available on this host."},
    ErrorText{10050, "The network is down."},
    ErrorText{10051, "The network cannot be reached."},
    ErrorText{10052, "The connection was lost when the network reset."},
    ErrorText{10053, "The connection was aborted on this host."},
    ErrorText{10054, "The connection was reset by the peer."},
    ErrorText{10055, "There is no room in a buffer or a queue."},
    ErrorText{10056, "The socket is connected already."},
    ErrorText{10057, "The socket is not connected."},
    ErrorText{10058, "The socket was shut down in this direction."},
    ErrorText{10059, "There are too many references."},
    ErrorText{10060, "The peer did not answer in time."},
    ErrorText{10061, "The connection was refused by the peer."},
    ErrorText{10062, "The name cannot be translated."},
    ErrorText{10063, "The name is too long."},
    ErrorText{10064, "The host is down."},
    ErrorText{10065, "There is no route to the host."},
    ErrorText{10066, "The directory is not empty."},
    ErrorText{10067, "Too many processes use Winsock."},
    ErrorText{10068, "A quota of users is used up."},
    ErrorText{10069, "A quota of the disk is used up."},
    ErrorText{10070, "The file handle is stale."},
    ErrorText{10071, "The item is not on this host."},
    ErrorText{10091, "The network subsystem cannot be used now."},
    ErrorText{10092, "The version of Winsock is not offered."},
    ErrorText{10093, "WSAStartup was not called, or has failed."},
    ErrorText{10101, "The peer has begun to close the connection."},
    ErrorText{10102, "There are no more results."},
    ErrorText{10103, "The call was cancelled."},
    ErrorText{10104, "The provider's table of functions is invalid."},
    ErrorText{10105, "The provider is invalid."},
    ErrorText{10106, "The provider could not be initialised."},
    ErrorText{10107, "A call of the system has failed."},
    ErrorText{10108, "There is no such service."},
    ErrorText{10109, "There is no such class of services."},
    ErrorText{10110, "There are no more results."},
    ErrorText{10111, "The call was cancelled."},
    ErrorText{10112, "The query was refused."},
    ErrorText{11001, "There is no such host."},
    ErrorText{11002, "The name server did not answer; it may do so later."},
    ErrorText{11003, "The name server failed for good."},
    ErrorText{11004, "The name is valid, but has no such data."},
};

constexpr std::uint32_t allocate_buffer = 0x0100;
constexpr std::uint32_t ignore_inserts = 0x0200;
constexpr std::uint32_t from_system = 0x1000;
constexpr std::uint32_t argument_array = 0x2000;
constexpr std::uint32_t max_width_mask = 0x00ff;

constexpr std::size_t most_allocated = 64 * 1024;  // bytes

constexpr std::uint32_t invalid_parameter = 87;
constexpr std::uint32_t insufficient_buffer = 122;
constexpr std::uint32_t no_text = 317;
constexpr std::uint32_t not_enough_memory = 8;

std::uint32_t fail(std::uint32_t error) noexcept {
    core::set_last_error(error);
    return 0;
}

template <class Character>
std::uint32_t hand_over(const std::basic_string<Character>& text, bool allocates, Character* buffer,
                        std::uint32_t size) {
    const auto length = static_cast<std::uint32_t>(text.size());
    if (buffer == nullptr) return fail(invalid_parameter);
    if (!allocates) {
        if (size <= length) return fail(insufficient_buffer);
        std::copy_n(text.c_str(), length + 1, buffer);
        return length;
    }
    if (size > most_allocated / sizeof(Character)) return fail(invalid_parameter);
    // The parameter is the address of a pointer then.
    auto memory = std::make_unique<std::byte[]>((std::size_t{std::max(length, size)} + 1) * sizeof(Character));
    auto* place = reinterpret_cast<Character*>(memory.release());
    std::copy_n(text.c_str(), length + 1, place);
    *reinterpret_cast<Character**>(buffer) = place;
    return length;
}

template <class Character>
std::uint32_t format_message(std::uint32_t flags, std::uint32_t id, Character* buffer, std::uint32_t size) noexcept {
    constexpr auto known = allocate_buffer | ignore_inserts | from_system | argument_array | max_width_mask;
    if ((flags & from_system) == 0 || (flags & ~known) != 0) return fail(invalid_parameter);
    const auto found = std::ranges::find(error_texts, id, &ErrorText::code);
    if (found == error_texts.end()) return fail(no_text);
    try {
        std::string text{found->text};
        text += (flags & max_width_mask) == max_width_mask ? " " : "\r\n";
        const bool allocates = (flags & allocate_buffer) != 0;
        if constexpr (std::is_same_v<Character, char>)
            return hand_over(text, allocates, buffer, size);
        else
            return hand_over(to_wide(text), allocates, buffer, size);
    } catch (const std::bad_alloc&) {
        return fail(not_enough_memory);
    }
}

// ---- formatted text: wsprintf's `l` has 32 bits, and it never writes more than this

constexpr std::size_t longest_text = 1024;

// One conversion, rewritten for snprintf with the width that the argument has on Windows.
struct Conversion {
    std::array<char, 40> format{};
    char kind = 0;
    bool wide = false;   // a string or character of wchar_t
    bool large = false;  // 64 bits
};

// Reads the conversion behind a percent sign, and moves on behind it.
Conversion read_conversion(const char*& at) noexcept {
    Conversion out;
    std::size_t used = 0;
    out.format[used++] = '%';
    while (*at != '\0' && std::strchr("-#0123456789.", *at) != nullptr && used < 30) out.format[used++] = *at++;
    for (;; ++at) {
        if (std::strncmp(at, "I64", 3) == 0) {
            out.large = true;
            at += 2;
        } else if (*at == 'l' || *at == 'w') {
            out.wide = true;
        } else if (*at != 'h') {
            break;
        }
    }
    if (*at == '\0') return out;
    out.kind = *at++;
    if (out.kind == 'S' || out.kind == 'C') {
        out.wide = true;
        out.kind = out.kind == 'S' ? 's' : 'c';
    }
    const bool text = out.kind == 's' || out.kind == 'c';
    if (out.large || out.kind == 'p') {
        out.format[used++] = 'l';
        out.format[used++] = 'l';
    } else if (text && out.wide) {
        out.format[used++] = 'l';
    }
    // Windows writes pointers as sixteen capital digits.
    if (out.kind == 'p') {
        out.format = {"%016llX"};
    } else {
        out.format[used] = out.kind;
    }
    return out;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
template <class Value>
std::string converted(const Conversion& conversion, Value value) {
    std::array<char, longest_text> text{};
    const int length = std::snprintf(text.data(), text.size(), conversion.format.data(), value);
    return {text.data(), std::min(static_cast<std::size_t>(std::max(length, 0)), text.size() - 1)};
}
#pragma GCC diagnostic pop

std::string formatted(const char* format, va_list& arguments) {
    std::string text;
    while (*format != '\0' && text.size() < longest_text) {
        if (*format != '%') {
            text += *format++;
            continue;
        }
        ++format;
        const auto conversion = read_conversion(format);
        switch (conversion.kind) {
            case 's':
                if (conversion.wide)
                    text += converted(conversion, va_arg(arguments, const wchar_t*));
                else
                    text += converted(conversion, va_arg(arguments, const char*));
                break;
            case 'c':
                if (conversion.wide)
                    text += converted(conversion, static_cast<wint_t>(va_arg(arguments, unsigned)));
                else
                    text += converted(conversion, va_arg(arguments, int));
                break;
            case 'd':
            case 'i':
            case 'u':
            case 'x':
            case 'X':
                if (conversion.large)
                    text += converted(conversion, va_arg(arguments, long long));
                else
                    text += converted(conversion, va_arg(arguments, int));
                break;
            case 'p':
                text += converted(conversion, reinterpret_cast<unsigned long long>(va_arg(arguments, void*)));
                break;
            case '\0':
                break;
            default:
                text += conversion.kind;
                break;
        }
    }
    if (text.size() >= longest_text) text.resize(longest_text - 1);
    return text;
}

// ---- critical sections: 0 is free, 1 held, 2 held while somebody may wait

std::atomic_ref<std::int32_t> lock_of(asyncselect_CRITICAL_SECTION& section) noexcept {
    return std::atomic_ref{section.LockCount};
}

std::atomic_ref<asyncselect_HANDLE> owner_of(asyncselect_CRITICAL_SECTION& section) noexcept {
    return std::atomic_ref{section.OwningThread};
}

asyncselect_HANDLE this_thread() noexcept {
    return reinterpret_cast<asyncselect_HANDLE>(std::uintptr_t{asyncselect_GetCurrentThreadId()});
}

// Whether it was free, or is this thread's already.
bool try_enter(asyncselect_CRITICAL_SECTION& section) noexcept {
    if (owner_of(section).load(std::memory_order_relaxed) == this_thread()) {
        ++section.RecursionCount;
        return true;
    }
    std::int32_t free = 0;
    if (!lock_of(section).compare_exchange_strong(free, 1)) return false;
    owner_of(section).store(this_thread(), std::memory_order_relaxed);
    section.RecursionCount = 1;
    return true;
}

}  // namespace

}  // namespace asyncselect::window

using namespace asyncselect;
using namespace asyncselect::window;

uint32_t asyncselect_FormatMessageA(uint32_t dwFlags, const void*, uint32_t dwMessageId, uint32_t, char* lpBuffer,
                                    uint32_t nSize, va_list*) {
    return format_message(dwFlags, dwMessageId, lpBuffer, nSize);
}

uint32_t asyncselect_FormatMessageW(uint32_t dwFlags, const void*, uint32_t dwMessageId, uint32_t, wchar_t* lpBuffer,
                                    uint32_t nSize, va_list*) {
    return format_message(dwFlags, dwMessageId, lpBuffer, nSize);
}

void* asyncselect_LocalAlloc(unsigned int, size_t uBytes) {
    try {
        return std::make_unique<std::byte[]>(uBytes).release();
    } catch (const std::bad_alloc&) {
        fail(not_enough_memory);
        return nullptr;
    }
}

void* asyncselect_LocalFree(void* hMem) {
    const std::unique_ptr<std::byte[]> owned{static_cast<std::byte*>(hMem)};
    return nullptr;
}

int asyncselect_wvsprintfA(char* buffer, const char* format, va_list arguments) {
    try {
        va_list own;
        va_copy(own, arguments);
        const auto text = formatted(format, own);
        va_end(own);
        std::copy_n(text.c_str(), text.size() + 1, buffer);
        return static_cast<int>(text.size());
    } catch (const std::bad_alloc&) {
        fail(not_enough_memory);
        return 0;
    }
}

int asyncselect_wsprintfA(char* buffer, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length = asyncselect_wvsprintfA(buffer, format, arguments);
    va_end(arguments);
    return length;
}

void asyncselect_OutputDebugStringA(const char* lpOutputString) {
    if (lpOutputString != nullptr) std::fputs(lpOutputString, stderr);
}

void asyncselect_OutputDebugStringW(const wchar_t* lpOutputString) {
    if (lpOutputString == nullptr) return;
    try {
        std::fputs(to_utf8(lpOutputString).c_str(), stderr);
    } catch (const std::bad_alloc&) {
        fail(not_enough_memory);
    }
}

int asyncselect_QueryPerformanceCounter(int64_t* lpPerformanceCount) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    *lpPerformanceCount = std::int64_t{now.tv_sec} * 10'000'000 + now.tv_nsec / 100;
    return 1;
}

int asyncselect_QueryPerformanceFrequency(int64_t* lpFrequency) {
    *lpFrequency = 10'000'000;
    return 1;
}

void asyncselect_InitializeCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection) { *lpCriticalSection = {}; }

int asyncselect_InitializeCriticalSectionAndSpinCount(asyncselect_CRITICAL_SECTION* lpCriticalSection,
                                                      uint32_t dwSpinCount) {
    *lpCriticalSection = {};
    lpCriticalSection->SpinCount = dwSpinCount;
    return 1;
}

void asyncselect_DeleteCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection) { *lpCriticalSection = {}; }

void asyncselect_EnterCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection) {
    auto& section = *lpCriticalSection;
    if (try_enter(section)) return;
    const auto lock = lock_of(section);
    while (lock.exchange(2) != 0) lock.wait(2);
    owner_of(section).store(this_thread(), std::memory_order_relaxed);
    section.RecursionCount = 1;
}

int asyncselect_TryEnterCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection) {
    return try_enter(*lpCriticalSection) ? 1 : 0;
}

void asyncselect_LeaveCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection) {
    auto& section = *lpCriticalSection;
    if (owner_of(section).load(std::memory_order_relaxed) != this_thread() || --section.RecursionCount != 0) return;
    owner_of(section).store(nullptr, std::memory_order_relaxed);
    const auto lock = lock_of(section);
    if (lock.exchange(0) == 2) lock.notify_one();
}
