// The quality of service of a socket: its flow specification, what of it takes effect on the network, and FD_QOS. Knows
// slots and the transport; must know nothing of the functions that take a flow specification beside other arguments.
#pragma once

#include <asyncselect/asyncselect.h>

#include "impl/winsock/ioctl.hpp"
#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

// Reads what the application asks for from memory that is not to be trusted. WSAEFAULT; WSAEINVAL (a service type or
// sizes that cannot be); WSAEOPNOTSUPP (objects of a provider: there are none).
[[nodiscard]] core::Error read_quality(const void* from, asyncselect_QOS& out) noexcept;

struct QualityChange {
    core::Error error = core::error::none;
    bool changed = false;  // any parameter: the caller steps the word, with what else it has to tell at that moment

    // `other`, and the change if there was one (AS-QOS-2).
    [[nodiscard]] core::Stimulus with(const core::Stimulus& other) const noexcept {
        return changed ? core::stimulus::both(other, core::stimulus::qos_changed()) : other;
    }
};

// Gives the socket a quality that was read; it takes effect at once. Any thread that is in a call on the socket.
[[nodiscard]] QualityChange set_quality(Slot& slot, const asyncselect_QOS& wanted) noexcept;

// An accepted socket has the listener's quality (AS-INHERIT-1), as it is when it is accepted. That is no change.
[[nodiscard]] core::Error inherit_quality(const Slot& listener, Slot& accepted) noexcept;

// What WSAConnect and WSAJoinLeaf take beside an address: data to go along with the request, which TCP and UDP do not
// carry, and flow specifications of the socket and of its group, which is reserved.
struct Extras {
    const asyncselect_WSABUF* caller_data;
    asyncselect_WSABUF* callee_data;
    const asyncselect_QOS* quality;
    const asyncselect_QOS* group_quality;

    // Reads the flow specification, if there is one, and tells that no data came back. WSAEFAULT, WSAEPROTONOSUPPORT
    // (data for the peer), WSAEOPNOTSUPP (of a group), and the errors of read_quality.
    [[nodiscard]] core::Error read(asyncselect_QOS& out) const noexcept;
};

// SIO_SET_QOS, SIO_GET_QOS, SIO_SET_GROUP_QOS, SIO_GET_GROUP_QOS.
[[nodiscard]] core::Error sio_set_qos(Call& call, const Ioctl& request) noexcept;
[[nodiscard]] core::Error sio_get_qos(Call& call, const Ioctl& request) noexcept;
[[nodiscard]] core::Error sio_set_group_qos(Call& call, const Ioctl& request) noexcept;
[[nodiscard]] core::Error sio_get_group_qos(Call& call, const Ioctl& request) noexcept;

}  // namespace asyncselect::winsock
