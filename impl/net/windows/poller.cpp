// The completion port. What completes on it was asked for in poll_requests.cpp.
#include "impl/net/poller.hpp"

#include <algorithm>
#include <array>

#include "impl/net/windows/afd.hpp"
#include "impl/net/windows/poll_requests.hpp"

namespace asyncselect::net {

namespace {
constexpr ULONG_PTR of_afd = 1;
constexpr ULONG_PTR wake_up = 2;
constexpr std::size_t batch = 64;
}  // namespace

Poller::Poller() noexcept : port_{::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1)}, afd_{afd::open()} {
    if (!valid() || ::CreateIoCompletionPort(afd_, port_, of_afd, 1) == port_) return;
    ::CloseHandle(afd_);
    afd_ = nullptr;
}

Poller::~Poller() {
    if (afd_ != nullptr) ::CloseHandle(afd_);
    if (port_ != nullptr) ::CloseHandle(port_);
}

int Poller::add(int descriptor, std::uint64_t token) noexcept {
    return poll_requests::begin(*this, descriptor, token) ? 0 : ERROR_NO_SYSTEM_RESOURCES;
}

void Poller::remove(int descriptor) noexcept { poll_requests::end(*this, descriptor); }

std::size_t Poller::wait(std::span<Readiness> out, int milliseconds) noexcept {
    std::array<OVERLAPPED_ENTRY, batch> entries;
    const auto room = static_cast<ULONG>(std::min(out.size(), entries.size()));
    ULONG count = 0;
    const int due = poll_requests::attend();
    if (due >= 0 && (milliseconds < 0 || due < milliseconds)) milliseconds = due;
    const auto time = milliseconds < 0 ? INFINITE : static_cast<DWORD>(milliseconds);
    if (::GetQueuedCompletionStatusEx(port_, entries.data(), room, &count, time, FALSE) == 0) return 0;
    std::size_t filled = 0;
    for (ULONG index = 0; index < count; ++index) {
        const auto& entry = entries[index];
        if (entry.lpCompletionKey != of_afd) continue;
        if (poll_requests::completed(entry.lpOverlapped, out[filled])) ++filled;
    }
    return filled;
}

void Poller::wake() noexcept { ::PostQueuedCompletionStatus(port_, 0, wake_up, nullptr); }

}  // namespace asyncselect::net
