// What of a script can be played thousands of times: nothing that waits for what never comes, and on this host's
// loopback interface nothing that needs a network of one's own. Knows the language; must not play anything.
#pragma once

#include <cstdint>

#include "conformance/script.hpp"

namespace asyncselect::fuzz {

// Where it is to be played.
enum class Network : std::uint8_t { loopback, simulated };

// The script without the steps that cannot be played, and with what makes the rest return: sockets are nonblocking from
// their first moment on. At most 40 steps of the original.
conformance::Script playable(conformance::Script script, Network network);

}  // namespace asyncselect::fuzz
