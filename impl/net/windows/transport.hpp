// The transport for Windows: nonblocking sockets of ws2_32, watched by poll requests to AFD. Nothing here posts: of
// WSAAsyncSelect and WSAEventSelect of the system no use is made. Knows nothing above descriptors.
#pragma once

#include "impl/net/transport.hpp"

namespace asyncselect::net {

struct Windows {
    static constexpr bool keeps_urgent_apart = true;
    static constexpr bool tells_end_behind_data = false;
    // What fails is told by each call.
    static constexpr bool available() noexcept { return true; }
    static Result open(int family, int type, int protocol) noexcept;
    static void close(Descriptor descriptor) noexcept;
    static void reset(Descriptor descriptor) noexcept;
    static Result bind(Descriptor descriptor, const Address& to) noexcept;
    static Result listen(Descriptor descriptor, int backlog) noexcept;
    static Result accept(Descriptor descriptor, Address& peer) noexcept;
    static Result connect(Descriptor descriptor, const Address& to) noexcept;
    static Result send(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept;
    static Result receive(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept;
    static Result send_to(Descriptor descriptor, std::span<const Buffer> buffers, int flags,
                          const Address* to) noexcept;
    static Result receive_from(Descriptor descriptor, std::span<const Buffer> buffers, int flags,
                               Address* from) noexcept;
    static Result disconnect(Descriptor descriptor) noexcept;
    static Reports take_reports(Descriptor descriptor) noexcept;
    static Result shut_down(Descriptor descriptor, int how) noexcept;
    static Result bytes_available(Descriptor descriptor) noexcept;
    static Result at_mark(Descriptor descriptor) noexcept;
    static Result bytes_before_mark(Descriptor descriptor) noexcept;
    static core::Error take_error(Descriptor descriptor) noexcept;
    static Conditions conditions_now(Descriptor descriptor) noexcept;
    static Conditions conditions(std::uint32_t events) noexcept;
    // Whether nothing was received or accepted since a poller's report with this number was asked for.
    static bool unchanged_since(Descriptor descriptor, std::uint64_t number) noexcept;
    // Has the socket's poller tell of urgent bytes as well, until it is removed.
    static void tell_of_urgent(Descriptor descriptor) noexcept;
    // For who waits until there is something to receive: has all that comes stay in the system. False: some has come.
    [[nodiscard]] static bool left_to_come(Descriptor descriptor) noexcept;
    static Result await(Descriptor descriptor, Await what, int milliseconds) noexcept;
    static Result get_option(Descriptor descriptor, int level, int name, std::span<std::byte> value,
                             std::uint32_t& length) noexcept;
    static Result set_option(Descriptor descriptor, int level, int name, std::span<const std::byte> value) noexcept;
    static Result join_group(Descriptor descriptor, const Address& group) noexcept;
    static Result shape(Descriptor descriptor, const Shape& shape) noexcept;
    static Result local_address(Descriptor descriptor, Address& address) noexcept;
    static Result peer_address(Descriptor descriptor, Address& address) noexcept;
};
static_assert(Transport<Windows>);

}  // namespace asyncselect::net
