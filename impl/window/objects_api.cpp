// The public functions for events and threads, and for waiting (asyncselect.h says what each of them promises).
// Arguments are checked here and errors told. It must not know objects from within.
#include <asyncselect/asyncselect.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <thread>

#include "impl/core/last_error.hpp"
#include "impl/net/memory.hpp"
#include "impl/window/objects.hpp"

namespace asyncselect::window {

namespace {

int fail(std::uint32_t error) noexcept {
    core::set_last_error(error);
    return 0;
}

ObjectHandle to_object(asyncselect_HANDLE handle) noexcept { return reinterpret_cast<ObjectHandle>(handle); }
asyncselect_HANDLE to_handle(ObjectHandle object) noexcept { return reinterpret_cast<asyncselect_HANDLE>(object); }

asyncselect_HANDLE create_event(bool manual_reset, bool signaled, const void* name) noexcept {
    // Nothing outside this process could find it by its name.
    if (name != nullptr) {
        fail(asyncselect_ERROR_NOT_SUPPORTED);
        return nullptr;
    }
    const auto made = make_event(manual_reset, signaled);
    if (made == no_object) fail(asyncselect_ERROR_NOT_ENOUGH_MEMORY);
    return to_handle(made);
}

int with_event(asyncselect_HANDLE handle, void (*action)(Object&) noexcept) noexcept {
    const auto event = event_of(to_object(handle));
    if (event == nullptr) return fail(asyncselect_ERROR_INVALID_HANDLE);
    action(*event);
    return 1;
}

std::uint32_t wait(std::span<const ObjectHandle> handles, bool all, std::uint32_t milliseconds) noexcept {
    std::uint32_t error = asyncselect_ERROR_SUCCESS;
    const auto result = wait_for_objects(handles, all, milliseconds, error);
    if (result == wait_failed) fail(error);
    return result;
}

// On Windows a stack has a megabyte unless the flag says that the number means what it says, and 64 KB at least.
constexpr std::size_t usual_stack = std::size_t{1} << 20;
constexpr std::size_t least_stack = std::size_t{1} << 16;

std::size_t stack_for(std::size_t wanted, std::uint32_t flags) noexcept {
    if (wanted == 0) return 0;
    const bool exact = (flags & asyncselect_STACK_SIZE_PARAM_IS_A_RESERVATION) != 0;
    return std::max(wanted, exact ? least_stack : usual_stack);
}

}  // namespace

}  // namespace asyncselect::window

namespace window = asyncselect::window;

extern "C" {

asyncselect_HANDLE asyncselect_CreateEventA(const asyncselect_SECURITY_ATTRIBUTES*, int bManualReset, int bInitialState,
                                            const char* lpName) {
    return window::create_event(bManualReset != 0, bInitialState != 0, lpName);
}
asyncselect_HANDLE asyncselect_CreateEventW(const asyncselect_SECURITY_ATTRIBUTES*, int bManualReset, int bInitialState,
                                            const wchar_t* lpName) {
    return window::create_event(bManualReset != 0, bInitialState != 0, lpName);
}
int asyncselect_SetEvent(asyncselect_HANDLE hEvent) { return window::with_event(hEvent, window::set_event); }
int asyncselect_ResetEvent(asyncselect_HANDLE hEvent) { return window::with_event(hEvent, window::reset_event); }
int asyncselect_CloseHandle(asyncselect_HANDLE hObject) {
    return window::close_object(window::to_object(hObject)) ? 1 : window::fail(asyncselect_ERROR_INVALID_HANDLE);
}

uint32_t asyncselect_WaitForSingleObject(asyncselect_HANDLE hHandle, uint32_t dwMilliseconds) {
    const auto handle = window::to_object(hHandle);
    return window::wait({&handle, 1}, false, dwMilliseconds);
}
uint32_t asyncselect_WaitForMultipleObjects(uint32_t nCount, const asyncselect_HANDLE* lpHandles, int bWaitAll,
                                            uint32_t dwMilliseconds) {
    std::array<window::ObjectHandle, window::wait_limit> handles{};
    std::uint32_t error = asyncselect_ERROR_SUCCESS;
    if (nCount == 0 || nCount > handles.size())
        error = asyncselect_ERROR_INVALID_PARAMETER;
    else if (!asyncselect::net::read_memory(handles.data(), lpHandles, nCount * sizeof handles[0]))
        error = asyncselect_ERROR_NOACCESS;
    if (error != asyncselect_ERROR_SUCCESS) {
        window::fail(error);
        return window::wait_failed;
    }
    return window::wait(std::span{handles}.first(nCount), bWaitAll != 0, dwMilliseconds);
}

asyncselect_HANDLE asyncselect_CreateThread(const asyncselect_SECURITY_ATTRIBUTES*, size_t dwStackSize,
                                            asyncselect_THREAD_START_ROUTINE lpStartAddress, void* lpParameter,
                                            uint32_t dwCreationFlags, uint32_t* lpThreadId) {
    constexpr std::uint32_t known = asyncselect_STACK_SIZE_PARAM_IS_A_RESERVATION | asyncselect_CREATE_SUSPENDED;
    std::uint32_t error = asyncselect_ERROR_SUCCESS;
    std::uint32_t thread = 0;
    if (lpStartAddress == nullptr || (dwCreationFlags & ~known) != 0)
        error = asyncselect_ERROR_INVALID_PARAMETER;
    else if ((dwCreationFlags & asyncselect_CREATE_SUSPENDED) != 0)
        error = asyncselect_ERROR_NOT_SUPPORTED;
    else if (lpThreadId != nullptr && !asyncselect::net::write_memory(lpThreadId, &thread, sizeof thread))
        error = asyncselect_ERROR_NOACCESS;
    auto made = window::no_object;
    if (error == asyncselect_ERROR_SUCCESS) {
        made =
            window::start_thread(window::stack_for(dwStackSize, dwCreationFlags), lpStartAddress, lpParameter, thread);
        if (made == window::no_object) error = asyncselect_ERROR_NOT_ENOUGH_MEMORY;
    }
    if (error != asyncselect_ERROR_SUCCESS) {
        window::fail(error);
        return nullptr;
    }
    if (lpThreadId != nullptr) *lpThreadId = thread;
    return window::to_handle(made);
}
int asyncselect_GetExitCodeThread(asyncselect_HANDLE hThread, uint32_t* lpExitCode) {
    std::uint32_t code = 0;
    if (!window::exit_code_of(window::to_object(hThread), code)) return window::fail(asyncselect_ERROR_INVALID_HANDLE);
    return asyncselect::net::write_memory(lpExitCode, &code, sizeof code) ? 1
                                                                          : window::fail(asyncselect_ERROR_NOACCESS);
}
void asyncselect_ExitThread(uint32_t dwExitCode) { window::exit_thread(dwExitCode); }

void asyncselect_Sleep(uint32_t dwMilliseconds) {
    if (dwMilliseconds == 0) std::this_thread::yield();
    const bool for_ever = dwMilliseconds == asyncselect_INFINITE;
    do std::this_thread::sleep_for(std::chrono::milliseconds{dwMilliseconds});
    while (for_ever);
}

}  // extern "C"
