// What is true of one socket at one moment, as far as a guard of some transition asks for it.
// Plain values, comparable; nothing here decides whether a message is due.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <type_traits>

namespace asyncselect::model {

enum class Kind : std::uint8_t { stream, datagram };
enum class Phase : std::uint8_t { idle, listening, connecting, established };
enum class Watch : std::uint8_t { not_requested, requested, changed };

// A WSAE number as HIWORD(lParam) carries it; 0 is none.
using ErrorCode = std::uint16_t;

// Without room between its members, so that it is compared and hashed a few words at a time.
struct Facts {
    Kind kind = Kind::stream;
    Phase phase = Phase::idle;  // established stays so after a FIN or a reset: see connection_established
    Watch route = Watch::not_requested;
    Watch addresses = Watch::not_requested;
    std::uint32_t readable = 0;       // bytes on a stream, datagrams otherwise
    std::uint32_t urgent_queued = 0;  // urgent bytes behind the one that can be read (only with W-5)
    std::uint32_t requests = 0;       // connection requests to accept
    ErrorCode aborted = 0;            // the connection was reset or broke down: the error that says how
    ErrorCode route_error = 0;
    bool urgent = false;         // an urgent byte can be read with MSG_OOB
    bool oob_inline = false;     // SO_OOBINLINE
    bool fin = false;            // the peer's end of data has arrived
    bool send_possible = false;  // there is room in the send buffer, as far as was told
    bool send_shut = false;      // shutdown(SD_SEND) or SD_BOTH
    bool receive_shut = false;   // shutdown(SD_RECEIVE) or SD_BOTH
    bool qos_changed = false;    // changed, and since then neither reported nor fetched
    bool subsystem_failed = false;
    bool joining = false;        // a WSAJoinLeaf is under way
    bool just_accepted = false;  // made by accept, and the application has not used it yet
    bool queue_full = false;     // the window's queue takes no more messages
    bool closed = false;         // closesocket was called

    // There is something to receive (AS-READ-1; R-28: an error alone is no data).
    [[nodiscard]] constexpr bool data_available() const { return readable > 0 && !receive_shut; }

    // An urgent byte can be received with MSG_OOB; nothing is left to read once receiving is shut down.
    [[nodiscard]] constexpr bool urgent_available() const { return urgent && !receive_shut; }

    // The FIN has arrived and nothing is left to read before it (AS-CLOSE-3, R-6).
    [[nodiscard]] constexpr bool end_of_data() const { return fin && !data_available(); }

    // A connection is currently established (AS-CONNECT-1, R-28).
    [[nodiscard]] constexpr bool connection_established() const {
        return phase == Phase::established && !fin && aborted == 0;
    }

    // A send can be expected to succeed (AS-WRITE-1, R-14, R-28).
    [[nodiscard]] constexpr bool can_send() const {
        return send_possible && !send_shut && aborted == 0 && (kind == Kind::datagram || phase == Phase::established);
    }

    using Words = std::array<std::uint64_t, 4>;
    [[nodiscard]] constexpr Words words() const { return std::bit_cast<Words>(*this); }

    friend auto operator<=>(const Facts&, const Facts&) = default;
    friend constexpr bool operator==(const Facts& a, const Facts& b) {
        const Words left = a.words();
        const Words right = b.words();
        return left[0] == right[0] && left[1] == right[1] && left[2] == right[2] && left[3] == right[3];
    }
};
static_assert(std::has_unique_object_representations_v<Facts> && sizeof(Facts) == sizeof(Facts::Words));

}  // namespace asyncselect::model
