// From what the network reports to what the notification word is told: every branch of readiness, the ones that mean
// nothing included. Knows slots and the transport; must know nothing of the API.
#pragma once

#include <optional>
#include <span>

#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// Tells the windows' queues how to harvest. Once, before the first socket. Any thread.
void begin_harvesting() noexcept;

// Tells the words what a poller has reported, and posts what that makes due. Any thread.
void harvest_all(std::span<const net::Readiness> reports) noexcept;

// Finds out whether a connect that was under way has an outcome, and steps it. Any thread.
void resolve_connecting(Handle handle) noexcept;

// How a connect that was under way has ended, as far as that is known: `error` says why it failed, `aborted` that it
// was established and has been reset since. The phase follows, and the system tells it once. For who holds the posting
// bit.
struct Outcome {
    core::Error error;
    core::Error aborted;
};
[[nodiscard]] std::optional<Outcome> outcome_known(Slot& slot) noexcept;

// What holds on the socket now: the stimulus for a registration, or after a poller has reported. `conditions` is what
// the descriptor is ready for; what it leaves open is asked. An abort that is found is remembered in `aborted`, since
// the system tells it once; one that was found before is told from there, after what came before it.
[[nodiscard]] core::Stimulus told_by(Slot& slot, core::Word word, const net::Conditions& conditions,
                                     core::Error& aborted) noexcept;

// The stimulus of a connection that has ended with this error: reset, or broken down (AS-CLOSE-5).
[[nodiscard]] core::Stimulus aborted_with(core::Error error) noexcept;

// Ends the call with `last` and with what has become known by it: the connection has ended with this error.
void end_aborted(Call& call, const core::Stimulus& last, core::Error error) noexcept;

// Whether there is something to receive at this moment.
[[nodiscard]] bool data_left(Slot& slot) noexcept;

// After a shutdown of receiving: takes what nobody will receive any more, where the system would not tell of the FIN
// behind it.
void take_unreceivable(Slot& slot) noexcept;

// Has a transport that tells of urgent bytes only where it is asked to do so for a registration for these events.
template <class Transport = net::Network>
void tell_of_urgent(const Slot& slot, std::uint32_t mask) noexcept {
    if constexpr (requires { Transport::tell_of_urgent(slot.descriptor); })
        if ((mask & core::mask_of(core::events(core::Event::oob))) != 0) Transport::tell_of_urgent(slot.descriptor);
}

// Those of the given conditions that hold at this moment: FD_READ, FD_OOB, FD_ACCEPT, and room to send in for FD_WRITE.
[[nodiscard]] core::Events holding_now(Slot& slot, core::Events asked) noexcept;

}  // namespace asyncselect::winsock
