// The transport over the simulated network: what transport.hpp asks for, in terms of world.hpp. It must know no more of
// the layers above than they know of it.
#pragma once

#include "impl/net/transport.hpp"

namespace asyncselect::net {

struct Simulated {
    static constexpr bool keeps_urgent_apart = false;
    static constexpr bool tells_end_behind_data = true;
    static bool available() noexcept;
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
    static Result await(Descriptor descriptor, Await what, int milliseconds) noexcept;
    static Result get_option(Descriptor descriptor, int level, int name, std::span<std::byte> value,
                             std::uint32_t& length) noexcept;
    static Result set_option(Descriptor descriptor, int level, int name, std::span<const std::byte> value) noexcept;
    static Result join_group(Descriptor descriptor, const Address& group) noexcept;
    static Result shape(Descriptor descriptor, const Shape& shape) noexcept;
    static Result local_address(Descriptor descriptor, Address& address) noexcept;
    static Result peer_address(Descriptor descriptor, Address& address) noexcept;
};
static_assert(Transport<Simulated>);

}  // namespace asyncselect::net
