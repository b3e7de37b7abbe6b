// What objects.hpp declares of events, with those of Windows: a handle is Windows' own, so a program may use any
// function of Windows with it.
#include "impl/window/objects.hpp"

#include <windows.h>

#include <array>
#include <new>

namespace asyncselect::window {

namespace {

HANDLE to_handle(ObjectHandle handle) noexcept { return reinterpret_cast<HANDLE>(handle); }

}  // namespace

// Another handle for the same event, so that it lives as long as somebody refers to it.
class Object {
  public:
    explicit Object(HANDLE own) noexcept : own_{own} {}
    ~Object() { ::CloseHandle(own_); }
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    [[nodiscard]] HANDLE get() const noexcept { return own_; }

  private:
    HANDLE own_;
};

ObjectHandle make_event(bool manual_reset, bool signaled) noexcept {
    return reinterpret_cast<ObjectHandle>(::CreateEventW(nullptr, manual_reset, signaled, nullptr));
}

ObjectReference event_of(ObjectHandle handle) noexcept {
    HANDLE own = nullptr;
    HANDLE const process = ::GetCurrentProcess();
    if (handle == no_object ||
        ::DuplicateHandle(process, to_handle(handle), process, &own, EVENT_MODIFY_STATE | SYNCHRONIZE, FALSE, 0) == 0)
        return nullptr;
    try {
        return std::make_shared<Object>(own);
    } catch (const std::bad_alloc&) {
        ::CloseHandle(own);
        return nullptr;
    }
}

void set_event(Object& event) noexcept { ::SetEvent(event.get()); }
void reset_event(Object& event) noexcept { ::ResetEvent(event.get()); }

bool close_object(ObjectHandle handle) noexcept { return ::CloseHandle(to_handle(handle)) != 0; }

std::uint32_t wait_for_objects(std::span<const ObjectHandle> handles, bool all, std::uint32_t milliseconds,
                               std::uint32_t& error) noexcept {
    std::array<HANDLE, wait_limit> system{};
    for (std::size_t index = 0; index < handles.size(); ++index) system[index] = to_handle(handles[index]);
    const auto came_to = ::WaitForMultipleObjects(static_cast<DWORD>(handles.size()), system.data(), all, milliseconds);
    if (came_to == WAIT_FAILED) error = ::GetLastError();
    return came_to;
}

}  // namespace asyncselect::window
