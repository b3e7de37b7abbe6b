// By which of the functions that the page treats alike a call is made: plain values that scripts and providers share.
// It must not know either.
#pragma once

#include <cstdint>

namespace asyncselect::conformance {

enum class Way : std::uint8_t {
    plain,        // recv, send
    address,      // recvfrom, sendto
    wsa,          // WSARecv, WSASend
    wsa_address,  // WSARecvFrom, WSASendTo
};

}  // namespace asyncselect::conformance
