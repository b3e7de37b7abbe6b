// WSAStartup, WSACleanup and the last error. Knows how many times Winsock was started, nothing of any one socket.
#include <cstring>
#include <mutex>

#include "impl/core/last_error.hpp"
#include "impl/net/memory.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/harvest.hpp"

namespace asyncselect::winsock {

namespace {
std::atomic<std::uint32_t> startups{0};
constexpr std::uint16_t highest_version = 0x0202;

void close_left_open(Handle handle) noexcept { asyncselect_closesocket(handle); }
}  // namespace

bool started() noexcept { return startups.load(std::memory_order_relaxed) != 0; }

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

int asyncselect_WSAStartup(uint16_t wVersionRequested, asyncselect_WSADATA* lpWSAData) {
    if (in_condition_function) return core::error::in_progress;
    const unsigned major = wVersionRequested & 0xffU;
    const unsigned minor = wVersionRequested >> 8U;
    if (major == 0) return core::error::version_not_supported;
    asyncselect_WSADATA offered{};
    // What was asked for, if it is offered, else the highest that is.
    const bool offers_it = major < 2 || (major == 2 && minor <= 2);
    offered.wVersion = offers_it ? wVersionRequested : highest_version;
    offered.wHighVersion = highest_version;
    if (major < 2) {
        offered.iMaxSockets = 32767;
        offered.iMaxUdpDg = 65467;
    }
    std::strcpy(offered.szDescription, "asyncselect");
    std::strcpy(offered.szSystemStatus, "Running");
    if (!net::write_memory(lpWSAData, &offered, sizeof offered)) return core::error::fault;
    static std::once_flag once;
    std::call_once(once, begin_harvesting);
    startups.fetch_add(1);
    return 0;
}

int asyncselect_WSACleanup(void) {
    for (auto count = startups.load();;) {
        if (count == 0) return failed(core::error::not_initialised);
        if (in_condition_function) return failed(core::error::in_progress);
        // The last one closes while calls are still possible: closesocket itself is one.
        if (count == 1) for_each_open(close_left_open);
        if (startups.compare_exchange_strong(count, count - 1)) return 0;
    }
}

int asyncselect_WSAGetLastError(void) { return static_cast<int>(core::last_error()); }
void asyncselect_WSASetLastError(int iError) { core::set_last_error(static_cast<std::uint32_t>(iError)); }
