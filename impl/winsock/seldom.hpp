// What few sockets need, kept out of the slot so that a slot stays one cache line. Each part is the business of one
// file, which says so. Knows no slot and no word.
#pragma once

#include <asyncselect/asyncselect.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "impl/core/error.hpp"
#include "impl/core/event.hpp"
#include "impl/net/transport.hpp"
#include "impl/window/objects.hpp"

namespace asyncselect::winsock {

// A connection request that was taken from the system to be looked at.
struct HeldRequest {
    std::uint64_t number = 0;  // grows; no other request of the process has it
    net::Descriptor descriptor = net::no_descriptor;
    net::Address peer;
    bool examined = false;  // a condition function looks at it; otherwise it is deferred
};

// A socket's quality of service: until one is set, nothing is specified and best effort is what it gets.
struct FlowSpecifications {
    static constexpr std::uint32_t none = 0xffffffffU;  // QOS_NOT_SPECIFIED
    static constexpr asyncselect_FLOWSPEC best_effort{none, none, none, none, none, 1, none, none};
    asyncselect_FLOWSPEC sending = best_effort;
    asyncselect_FLOWSPEC receiving = best_effort;
};

// The record of a WSAEventSelect: the event object, and what happened since it was last looked at.
struct EventRecord {
    window::ObjectReference event;  // null: the socket is not registered for one
    std::uint32_t happened = 0;     // FD_... bits
    std::array<core::Error, core::event_count> errors{};

    void add(core::Event what, core::Error error) noexcept {
        const auto bit = core::bit_of(what);
        happened |= bit;
        errors[static_cast<std::size_t>(std::countr_zero(bit))] = error;  // by FD_..._BIT
    }
};

// Urgent data; urgent.cpp tells what the parts are for.
struct Urgent {
    static constexpr std::int16_t none = -1;

    std::atomic<std::int16_t> kept{none};  // the byte that MSG_OOB receives
    bool wanted_inline = false;            // SO_OOBINLINE as the application set it
    bool in_place = false;                 // the positions below are counted
    std::uint64_t position = 0;            // bytes that were taken from the stream
    std::vector<std::uint64_t> cuts;       // where bytes are to be left out, ascending
    // Where the system keeps it apart:
    bool fetched = false;           // one was, and no receive has come past the place where it stood
    bool inline_postponed = false;  // the system hears of SO_OOBINLINE when that place is passed
    std::optional<std::uint64_t> inline_mark;

    void reset() noexcept {
        kept = none;
        wanted_inline = false;
        in_place = false;
        position = 0;
        cuts = {};
        fetched = false;
        inline_postponed = false;
        inline_mark.reset();
    }
};

// What every datagram socket has beside its slot; not guarded.
struct Datagrams {
    bool inet6 = false;                                    // set before anybody else knows the socket
    std::atomic<bool> bound{false};                        // it has a local port, as far as was asked
    std::atomic<bool> tells_resets{true};                  // SIO_UDP_CONNRESET
    std::atomic<core::Error> reported{core::error::none};  // the next receive fails with it

    void reset() noexcept {
        inet6 = false;
        bound = false;
        tells_resets = true;
        reported = core::error::none;
    }
};

struct Seldom {
    // Guards all that follows. Held briefly: never while a message is posted, a call waits or a callback runs.
    std::mutex mutex;

    // ---- urgent data (urgent.cpp), datagram sockets (datagram.cpp)
    Urgent urgent;
    Datagrams datagrams;

    // ---- deferred connection requests (accept.cpp)
    std::vector<HeldRequest> held_requests;  // the one that has waited longest first

    // ---- the group that was joined last as a sender (join_leaf.cpp)
    net::Address destination;
    bool is_sender = false;

    // ---- the flow specification (quality_of_service.cpp)
    FlowSpecifications quality;
    bool quality_was_set = false;

    // ---- the record of WSAEventSelect (async_select.cpp, event_select.cpp): held by the posting bit, not by the mutex
    EventRecord record;

    // As for a socket that needed nothing of this yet. Nobody else uses it.
    void reset() noexcept {
        held_requests.clear();
        is_sender = false;
        quality = {};
        quality_was_set = false;
        record = {};
        urgent.reset();
        datagrams.reset();
    }
};

}  // namespace asyncselect::winsock
