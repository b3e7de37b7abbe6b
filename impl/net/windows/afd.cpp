// Requests that are waited for where they are made go through one handle of their own, each with its thread's event.
#include "impl/net/windows/afd.hpp"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <new>
#include <span>
#include <utility>
#include <vector>

#ifdef __MINGW32__
#include <cxxabi.h>
#endif

extern "C" NTSTATUS NTAPI NtDeviceIoControlFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, ULONG, PVOID,
                                                ULONG, PVOID, ULONG);

namespace asyncselect::net::afd {

namespace {

constexpr ULONG ioctl_poll = 0x00012024;
constexpr NTSTATUS timed_out = 0x102;

#ifdef __MINGW32__
// What mingw-w64's g++ keeps for a thread is given back in the order in which it was first asked for, and its variables
// are asked for before their destructors: these would run on memory that is free, in every program. So something with a
// destructor comes first.
[[gnu::constructor(101)]] void destroy_before_memory_is_free() noexcept {
    abi::__cxa_thread_atexit([](void*) {}, nullptr, nullptr);
}
#endif

class Event {
  public:
    Event() noexcept : handle_{::CreateEventW(nullptr, TRUE, FALSE, nullptr)} {}
    ~Event() {
        if (handle_ != nullptr) ::CloseHandle(handle_);
    }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    [[nodiscard]] HANDLE get() const noexcept { return handle_; }

  private:
    HANDLE handle_;
};

HANDLE event_of_this_thread() noexcept {
    thread_local const Event event;
    return event.get();
}

HANDLE common() noexcept {
    static HANDLE const opened = open();
    return opened;
}

// Those that wait, so that they can be interrupted.
struct Wait {
    IO_STATUS_BLOCK status{};
    std::span<const Asked> asked;
    Wait* next = nullptr;
};

class Waits {
  public:
    void add(Wait& wait) noexcept {
        const std::lock_guard lock{mutex_};
        wait.next = std::exchange(first_, &wait);
    }
    void remove(const Wait& wait) noexcept {
        const std::lock_guard lock{mutex_};
        auto** place = &first_;
        while (*place != &wait) place = &(*place)->next;
        *place = wait.next;
    }
    void interrupt(SOCKET socket) noexcept {
        const std::lock_guard lock{mutex_};
        const auto names_it = [socket](const Asked& one) { return reinterpret_cast<SOCKET>(one.socket) == socket; };
        for (auto* wait = first_; wait != nullptr; wait = wait->next)
            if (std::ranges::any_of(wait->asked, names_it))
                ::CancelIoEx(common(), reinterpret_cast<OVERLAPPED*>(&wait->status));
    }

  private:
    std::mutex mutex_;
    Wait* first_ = nullptr;
};

Waits& waits() noexcept {
    static Waits all;
    return all;
}

// What came of it, when it has completed; the answer is in the place of the request.
NTSTATUS poll_here(Request& request, ULONG size) noexcept {
    IO_STATUS_BLOCK status{};
    HANDLE const event = event_of_this_thread();
    const auto made = poll(common(), event, nullptr, status, &request, &request, size);
    if (made != pending) return made;
    ::WaitForSingleObject(event, INFINITE);
    return status.Status;
}

}  // namespace

HANDLE open() noexcept {
    wchar_t path[] = L"\\Device\\Afd\\asyncselect";
    UNICODE_STRING name{};
    name.Buffer = path;
    name.Length = sizeof path - sizeof path[0];
    name.MaximumLength = sizeof path;
    OBJECT_ATTRIBUTES attributes{};
    attributes.Length = sizeof attributes;
    attributes.ObjectName = &name;
    IO_STATUS_BLOCK status{};
    HANDLE opened = nullptr;
    const auto made = ::NtCreateFile(&opened, SYNCHRONIZE, &attributes, &status, nullptr, 0,
                                     FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0, nullptr, 0);
    return made == 0 ? opened : nullptr;
}

NTSTATUS poll(HANDLE afd, HANDLE event, void* context, IO_STATUS_BLOCK& status, const void* request, void* answer,
              ULONG size) noexcept {
    status.Status = pending;
    return ::NtDeviceIoControlFile(afd, event, nullptr, context, &status, ioctl_poll, const_cast<void*>(request), size,
                                   answer, size);
}

std::uint32_t holding(SOCKET socket, std::uint32_t conditions) noexcept {
    Request request{{}, 1, 0, {{reinterpret_cast<HANDLE>(socket), conditions, 0}}};
    if (poll_here(request, sizeof request) != 0 || request.sockets == 0) return 0;
    return request.asked[0].conditions;
}

int await(Request& request, ULONG size, int milliseconds) noexcept {
    constexpr std::int64_t units_a_millisecond = 10'000;
    constexpr auto cancelled = static_cast<NTSTATUS>(0xc0000120);
    request.timeout.QuadPart = milliseconds < 0 ? without_end : -milliseconds * units_a_millisecond;
    HANDLE const event = event_of_this_thread();
    Wait wait;
    wait.asked = {request.asked, request.sockets};
    // The answer goes elsewhere: what was asked is looked at meanwhile.
    std::vector<std::byte> answer;
    try {
        answer.resize(size);
    } catch (const std::bad_alloc&) {
        return -1;
    }
    waits().add(wait);
    auto came_to = poll(common(), event, nullptr, wait.status, &request, answer.data(), size);
    if (came_to == pending) {
        ::WaitForSingleObject(event, INFINITE);
        came_to = wait.status.Status;
    }
    waits().remove(wait);
    if (came_to == timed_out) return 0;
    return came_to == 0 || came_to == cancelled ? 1 : -1;
}

void interrupt(SOCKET socket) noexcept { waits().interrupt(socket); }

}  // namespace asyncselect::net::afd
