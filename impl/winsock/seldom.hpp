// What few sockets need, kept out of the slot so that a slot stays one cache line. Each part is the business of one
// file, which says so. Knows no slot and no word.
#pragma once

#include <mutex>

namespace asyncselect::winsock {

struct Seldom {
    // Guards all that follows. Held briefly: never while a message is posted, a call waits or a callback runs.
    std::mutex mutex;

    // ---- urgent data and ICMP errors (harvest.cpp, transfer.cpp)

    // ---- deferred connection requests (accept.cpp)

    // ---- the flow specification (quality_of_service.cpp)

    // ---- the record of WSAEventSelect (event_select.cpp)

    // ---- requests for route and address list changes (changes.cpp)

    // As for a socket that needed nothing of this yet. Nobody else uses it.
    void reset() noexcept {}
};

}  // namespace asyncselect::winsock
