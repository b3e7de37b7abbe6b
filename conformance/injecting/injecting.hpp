// The transport for Linux with a place for a fault before each call: for what Linux cannot be brought to do by itself.
// It must not know anything above descriptors.
#pragma once

#include "conformance/injecting/injection.hpp"
#include "impl/net/linux.hpp"

namespace asyncselect::net {

struct Injecting : Linux {
    static bool available() noexcept { return !injection::subsystem_failed(); }
    static Result open(int family, int type, int protocol) noexcept;
    static void close(Descriptor descriptor) noexcept;
    static Result bind(Descriptor descriptor, const Address& to) noexcept;
    static Result listen(Descriptor descriptor, int backlog) noexcept;
    static Result accept(Descriptor descriptor, Address& peer) noexcept;
    static Result connect(Descriptor descriptor, const Address& to) noexcept;
    static Result send(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept;
    static Result receive(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept;
    static Result shut_down(Descriptor descriptor, int how) noexcept;
    static core::Error take_error(Descriptor descriptor) noexcept;
    static Result bytes_available(Descriptor descriptor) noexcept;
    static Conditions conditions_now(Descriptor descriptor) noexcept;
    static Conditions conditions(std::uint32_t events) noexcept;
};
static_assert(Transport<Injecting>);

}  // namespace asyncselect::net
