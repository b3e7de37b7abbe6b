// WSAStartup, WSACleanup, the last error, and how the process wants its messages posted. Knows how many times Winsock
// was started, nothing of any one socket.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

#include "impl/core/last_error.hpp"
#include "impl/net/memory.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/harvest.hpp"
#include "impl/winsock/harvester.hpp"

namespace asyncselect::winsock {

constinit std::atomic<std::uint32_t> startups{0};

namespace {
constexpr std::uint16_t highest_version = 0x0202;

void close_left_open(Handle handle) noexcept { asyncselect_closesocket(handle); }

// Between being started and not, and of what is chosen before. Not held while sockets are closed.
std::mutex changing;
bool posting_is_chosen = false;
bool post_limit_is_chosen = false;

void ignored(const char* name, const char* value, const char* expected) noexcept {
    std::fprintf(stderr, "asyncselect: %s=%s is ignored: it is to be %s\n", name, value, expected);
}

// For programs that do not know this library. What the program itself has chosen stands.
void read_environment() noexcept {
    constexpr const char* posting_name = "ASYNCSELECT_POSTING";
    constexpr const char* limit_name = "ASYNCSELECT_POST_LIMIT";
    if (const char* const value = std::getenv(posting_name); value != nullptr && !posting_is_chosen) {
        const std::string_view wanted{value};
        if (wanted == "eager")
            set_posting(Posting::eager);
        else if (wanted != "pump")
            ignored(posting_name, value, "pump or eager");
    }
    if (const char* const value = std::getenv(limit_name); value != nullptr && !post_limit_is_chosen) {
        const std::string_view wanted{value};
        std::uint32_t limit = 0;
        const auto [end, bad] = std::from_chars(wanted.begin(), wanted.end(), limit);
        if (bad == std::errc{} && end == wanted.end() && limit != 0)
            window::set_post_limit(limit);
        else
            ignored(limit_name, value, "a number of messages, 1 at least");
    }
}
}  // namespace

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
    const std::scoped_lock lock{changing};
    static bool first = true;
    if (std::exchange(first, false)) {
        begin_harvesting();
        read_environment();
    }
    startups.fetch_add(1);
    return 0;
}

int asyncselect_WSACleanup(void) {
    for (auto count = startups.load();;) {
        if (count == 0) return failed(core::error::not_initialised);
        if (in_condition_function) return failed(core::error::in_progress);
        // The last one closes while calls are still possible: closesocket itself is one.
        if (count == 1) for_each_open(close_left_open);
        const std::scoped_lock lock{changing};
        if (!startups.compare_exchange_strong(count, count - 1)) continue;
        if (count == 1) end_harvester();
        return 0;
    }
}

int asyncselect_SetPosting(int posting) {
    if (posting != asyncselect_POSTING_PUMP && posting != asyncselect_POSTING_EAGER)
        return failed(core::error::invalid);
    const std::scoped_lock lock{changing};
    if (started()) return failed(core::error::already);
    posting_is_chosen = true;
    set_posting(posting == asyncselect_POSTING_EAGER ? Posting::eager : Posting::pump);
    return 0;
}

int asyncselect_SetPostLimit(uint32_t messages) {
    if (messages == 0) return failed(core::error::invalid);
    const std::scoped_lock lock{changing};
    post_limit_is_chosen = true;
    window::set_post_limit(messages);
    return 0;
}

int asyncselect_WSAGetLastError(void) { return static_cast<int>(core::last_error()); }
void asyncselect_WSASetLastError(int iError) { core::set_last_error(static_cast<std::uint32_t>(iError)); }
