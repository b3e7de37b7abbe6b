// WSAEventSelect, WSAEnumNetworkEvents, and event objects under their Winsock names. A record for an event is what a
// window is for WSAAsyncSelect: the word decides alike, and what would be posted is recorded (slot.cpp).
#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "impl/net/memory.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/registration.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
using core::Error;

namespace {

// The codes that Winsock shares with the system it stands on.
constexpr Error invalid_handle_error = asyncselect_ERROR_INVALID_HANDLE;
constexpr Error not_enough_memory = asyncselect_ERROR_NOT_ENOUGH_MEMORY;
constexpr Error invalid_parameter = asyncselect_ERROR_INVALID_PARAMETER;

window::ObjectHandle to_object(asyncselect_HANDLE handle) noexcept {
    return reinterpret_cast<window::ObjectHandle>(handle);
}

int told(Error reason) noexcept {
    if (reason == error::none) return 1;
    failed(reason);
    return 0;
}

int with_event(asyncselect_HANDLE handle, void (*action)(window::Object&) noexcept) noexcept {
    if (const auto reason = cannot_begin(Needs::nothing); reason != error::none) return told(reason);
    const auto event = window::event_of(to_object(handle));
    if (event == nullptr) return told(invalid_handle_error);
    action(*event);
    return told(error::none);
}

// Copies the record to the application and clears it, with nothing posted in between.
Error take_record(Call& call, const window::ObjectReference& event, asyncselect_WSANETWORKEVENTS* out) noexcept {
    if (!call.hold()) return error::not_socket;
    auto* seldom = call.slot().seldom.load();
    asyncselect_WSANETWORKEVENTS taken{};
    if (seldom != nullptr) {
        taken.lNetworkEvents = static_cast<std::int32_t>(seldom->record.happened);
        std::copy(seldom->record.errors.begin(), seldom->record.errors.end(), taken.iErrorCode);
    }
    const bool written = net::write_memory(out, &taken, sizeof taken);
    if (written) {
        if (seldom != nullptr) seldom->record = {std::move(seldom->record.event), 0, {}};
        if (event != nullptr) window::reset_event(*event);
    }
    call.release();
    return written ? error::none : error::fault;
}

}  // namespace

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

int asyncselect_WSAEventSelect(asyncselect_SOCKET s, asyncselect_HANDLE hEventObject, long lNetworkEvents) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    if ((static_cast<unsigned long>(lNetworkEvents) & ~static_cast<unsigned long>(core::every_bit)) != 0)
        return failed(error::invalid);
    if (lNetworkEvents == 0) return result(cancel(*call));
    auto event = window::event_of(to_object(hEventObject));
    if (event == nullptr) return failed(error::invalid);
    return result(register_for(*call, {0, 0, std::move(event)}, static_cast<std::uint32_t>(lNetworkEvents)));
}

int asyncselect_WSAEnumNetworkEvents(asyncselect_SOCKET s, asyncselect_HANDLE hEventObject,
                                     asyncselect_WSANETWORKEVENTS* lpNetworkEvents) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    const auto event = window::event_of(to_object(hEventObject));
    if (hEventObject != nullptr && event == nullptr) return failed(error::invalid);
    return result(take_record(*call, event, lpNetworkEvents));
}

asyncselect_HANDLE asyncselect_WSACreateEvent(void) {
    const auto reason = cannot_begin(Needs::nothing);
    const auto made = reason == error::none ? window::make_event(true, false) : window::no_object;
    if (made == window::no_object) failed(reason == error::none ? not_enough_memory : reason);
    return reinterpret_cast<asyncselect_HANDLE>(made);
}
int asyncselect_WSASetEvent(asyncselect_HANDLE hEvent) { return with_event(hEvent, window::set_event); }
int asyncselect_WSAResetEvent(asyncselect_HANDLE hEvent) { return with_event(hEvent, window::reset_event); }
int asyncselect_WSACloseEvent(asyncselect_HANDLE hEvent) {
    if (const auto reason = cannot_begin(Needs::nothing); reason != error::none) return told(reason);
    const auto handle = to_object(hEvent);
    return told(window::event_of(handle) != nullptr && window::close_object(handle) ? error::none
                                                                                    : invalid_handle_error);
}

uint32_t asyncselect_WSAWaitForMultipleEvents(uint32_t cEvents, const asyncselect_HANDLE* lphEvents, int fWaitAll,
                                              uint32_t dwTimeout, int) {
    std::array<window::ObjectHandle, window::wait_limit> handles{};
    auto reason = static_cast<std::uint32_t>(cannot_begin(Needs::nothing));
    if (reason != error::none) {
        // Nothing else is looked at.
    } else if (cEvents == 0 || cEvents > handles.size()) {
        reason = invalid_parameter;
    } else if (!net::read_memory(handles.data(), lphEvents, cEvents * sizeof handles[0])) {
        reason = error::fault;
    }
    auto came_to = window::wait_failed;
    if (reason == error::none)
        came_to = window::wait_for_objects(std::span{handles}.first(cEvents), fWaitAll != 0, dwTimeout, reason);
    if (came_to == window::wait_failed) failed(static_cast<Error>(reason));
    return came_to;
}
