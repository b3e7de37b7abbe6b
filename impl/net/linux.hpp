// What of the Linux transport becomes a part of its callers: to send and to receive what is in one place, as nearly all
// calls do. As functions of their own they were three times as long, and run between two system calls, where each line
// of code has to be fetched anew. Knows nothing above descriptors.
#pragma once

#include <sys/socket.h>

#include "impl/net/transport.hpp"

namespace asyncselect::net {

inline Result Linux::send(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    if (buffers.size() != 1 || flags != 0) [[unlikely]]
        return send_anyhow(descriptor, buffers, flags);
    const auto sent = ::send(descriptor, buffers[0].base, buffers[0].length, MSG_NOSIGNAL);
    if (sent < 0) [[unlikely]]
        return interrupted() ? send_anyhow(descriptor, buffers, flags) : failed();
    return {sent};
}

inline Result Linux::receive(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    if (buffers.size() != 1 || flags != 0) [[unlikely]]
        return receive_anyhow(descriptor, buffers, flags);
    const auto got = ::recv(descriptor, buffers[0].base, buffers[0].length, 0);
    if (got < 0) [[unlikely]]
        return interrupted() ? receive_anyhow(descriptor, buffers, flags) : failed();
    return {got};
}

}  // namespace asyncselect::net
