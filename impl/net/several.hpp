// Several descriptors at once: what holds on each now, and a wait until something changes on one of them. Knows
// descriptors and conditions as transport.hpp has them; must know nothing of sets, sockets' phases or handles.
#pragma once

#include <span>

#include "impl/net/transport.hpp"

namespace asyncselect::net {

// A descriptor, what would end a wait for it, and what held on it when it was last looked at.
struct Watched {
    Descriptor descriptor = no_descriptor;
    bool readable = false;
    bool writable = false;
    bool urgent = false;
    Conditions now{};
};

// Fills `now` of each. no_buffers when memory runs out.
[[nodiscard]] core::Error look(std::span<Watched> watched) noexcept;

// Waits at most `milliseconds` (-1: without end) until something has changed since `look`, or may have: look again.
// Conditions that the system always tells of (broken, hung up) and that held already do not end the wait.
[[nodiscard]] core::Error await_any(std::span<const Watched> watched, int milliseconds) noexcept;

}  // namespace asyncselect::net
