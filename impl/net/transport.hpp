// What the winsock layer needs of a network: the transport concept, one sentence a function, and the one for Linux
// (network.hpp chooses). Numbers that cross this line are the Windows SDK's; errno and the system's constants stay in
// this folder. A transport knows descriptors; it must know nothing of handles, windows, messages or the notification
// word. No function blocks except `await`.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "impl/core/error.hpp"
#include "impl/net/poller.hpp"

namespace asyncselect::net {

using Descriptor = int;
inline constexpr Descriptor no_descriptor = -1;

// A count or a descriptor, or the WSAE error that says why there is none.
struct Result {
    std::int64_t value = 0;
    core::Error error = core::error::none;

    [[nodiscard]] constexpr bool ok() const { return error == core::error::none; }
};

// A socket address as the SDK lays it out: AF_INET6 is 23.
struct Address {
    alignas(8) std::byte bytes[128];
    std::uint32_t length = 0;
};

// What a descriptor is ready for, whichever way it was found out.
struct Conditions {
    bool readable = false;  // data, a connection request, or the end of either
    bool writable = false;  // room to send in, or the outcome of a connect
    bool urgent = false;    // an urgent byte arrived
    bool end = false;       // the peer's FIN
    bool hung_up = false;   // both directions are over, or there never was a connection
    bool broken = false;    // an error waits: see take_error

    friend constexpr bool operator==(const Conditions&, const Conditions&) = default;
};

// What the network has said of datagrams that were sent before (ICMP).
struct Reports {
    bool any = false;                       // it made a call fail, or would have
    core::Error error = core::error::none;  // what a receive is to fail with; none: nothing that a receive tells
};

enum class Await : std::uint8_t { readable, writable };

// A piece of memory for scattered sends and receives, as the system wants it.
struct Buffer {
    void* base;
    std::size_t length;
};

// How what a socket sends is treated on its way.
struct Shape {
    static constexpr std::uint32_t unlimited = 0xffffffffU;
    std::uint32_t bytes_a_second = unlimited;
    std::uint8_t code_point = 0;  // DSCP, six bits

    friend bool operator==(const Shape&, const Shape&) = default;
};

template <class T>
concept Transport = requires(Descriptor descriptor, Address& address, const Address& to,
                             std::span<const Buffer> buffers, int number, std::span<std::byte> option,
                             std::span<const std::byte> value, std::uint32_t& length, std::uint32_t events,
                             const Shape& shape) {
    // Whether the system itself keeps an urgent byte apart from the normal data, whatever else is received.
    { T::keeps_urgent_apart } -> std::convertible_to<bool>;
    // Whether the peer's FIN is told as long as data before it is unread.
    { T::tells_end_behind_data } -> std::convertible_to<bool>;
    // Whether there is a network at all: false fails every call with WSAENETDOWN (AS-API-3).
    { T::available() }
    noexcept->std::same_as<bool>;
    // A nonblocking socket of the SDK's family, type and protocol, closed on exec.
    { T::open(number, number, number) }
    noexcept->std::same_as<Result>;
    // Gives the descriptor back. Never fails.
    { T::close(descriptor) }
    noexcept->std::same_as<void>;
    // Gives it back so that the peer sees a reset. Never fails.
    { T::reset(descriptor) }
    noexcept->std::same_as<void>;
    // Gives the socket its local address.
    { T::bind(descriptor, to) }
    noexcept->std::same_as<Result>;
    // Begins to take connection requests.
    { T::listen(descriptor, number) }
    noexcept->std::same_as<Result>;
    // Takes one request; the peer's address goes to `address`. would_block: none waits.
    { T::accept(descriptor, address) }
    noexcept->std::same_as<Result>;
    // Begins or completes a connection. would_block: under way, the outcome makes the descriptor writable.
    { T::connect(descriptor, to) }
    noexcept->std::same_as<Result>;
    // Sends from the buffers what there is room for. Flags are the SDK's.
    { T::send(descriptor, buffers, number) }
    noexcept->std::same_as<Result>;
    // Receives into the buffers what is there; 0 is the end of a stream.
    { T::receive(descriptor, buffers, number) }
    noexcept->std::same_as<Result>;
    // Sends one datagram to `&to`, or if that is null to where the socket is connected.
    { T::send_to(descriptor, buffers, number, &to) }
    noexcept->std::same_as<Result>;
    // Receives one datagram, and who sent it if `&address` is not null. message_size: it was longer than the buffers,
    // which hold its first `value` bytes.
    { T::receive_from(descriptor, buffers, number, &address) }
    noexcept->std::same_as<Result>;
    // Ends the association that connect has made of a datagram socket. Its port stays.
    { T::disconnect(descriptor) }
    noexcept->std::same_as<Result>;
    // What the network has said of datagrams sent before, and forgets it. Until then it makes other calls fail.
    { T::take_reports(descriptor) }
    noexcept->std::same_as<Reports>;
    // SD_RECEIVE, SD_SEND or SD_BOTH.
    { T::shut_down(descriptor, number) }
    noexcept->std::same_as<Result>;
    // Bytes that a receive could return now (FIONREAD).
    { T::bytes_available(descriptor) }
    noexcept->std::same_as<Result>;
    // Whether the next byte is the one after the urgent mark (SIOCATMARK).
    { T::at_mark(descriptor) }
    noexcept->std::same_as<Result>;
    // How many bytes come before the urgent one in a stream that has urgent data inline (SO_OOBINLINE). invalid: there
    // is no urgent byte in what has arrived.
    { T::bytes_before_mark(descriptor) }
    noexcept->std::same_as<Result>;
    // The error that waits on the socket, and forgets it.
    { T::take_error(descriptor) }
    noexcept->std::same_as<core::Error>;
    // What the descriptor is ready for at this moment.
    { T::conditions_now(descriptor) }
    noexcept->std::same_as<Conditions>;
    // What a poller's report means.
    { T::conditions(events) }
    noexcept->std::same_as<Conditions>;
    // Waits until the descriptor is ready, for `number` milliseconds (-1: without end). timed_out when they are over.
    { T::await(descriptor, Await::readable, number) }
    noexcept->std::same_as<Result>;
    // Options by the SDK's level and name, values laid out as the SDK does.
    { T::get_option(descriptor, number, number, option, length) }
    noexcept->std::same_as<Result>;
    { T::set_option(descriptor, number, number, value) }
    noexcept->std::same_as<Result>;
    // Makes a datagram socket a member of the group: on the interface of its own address, or else the one that it sends
    // multicasts through, or the one that leads to the group. address_in_use: it is a member.
    { T::join_group(descriptor, to) }
    noexcept->std::same_as<Result>;
    // Paces and marks what is sent from now on.
    { T::shape(descriptor, shape) }
    noexcept->std::same_as<Result>;
    // The two ends of the socket.
    { T::local_address(descriptor, address) }
    noexcept->std::same_as<Result>;
    { T::peer_address(descriptor, address) }
    noexcept->std::same_as<Result>;
};

// Linux sockets: system calls, each retried when a signal interrupts it.
struct Linux {
    static constexpr bool keeps_urgent_apart = false;
    static constexpr bool tells_end_behind_data = true;
    // The bits of a report that tell of data and of room, for who looks whether there are others (EPOLLIN, EPOLLOUT).
    static constexpr std::uint32_t tells_data = 1;
    static constexpr std::uint32_t tells_room = 4;
    // Linux has no state in which its network as a whole has failed; what fails is told by each call.
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
    static Result await(Descriptor descriptor, Await what, int milliseconds) noexcept;
    static Result get_option(Descriptor descriptor, int level, int name, std::span<std::byte> value,
                             std::uint32_t& length) noexcept;
    static Result set_option(Descriptor descriptor, int level, int name, std::span<const std::byte> value) noexcept;
    static Result join_group(Descriptor descriptor, const Address& group) noexcept;
    static Result shape(Descriptor descriptor, const Shape& shape) noexcept;
    static Result local_address(Descriptor descriptor, Address& address) noexcept;
    static Result peer_address(Descriptor descriptor, Address& address) noexcept;

  private:
    // `send` and `receive` of any buffers and flags; and what a call that has failed has to say (linux.hpp).
    static Result send_anyhow(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept;
    static Result receive_anyhow(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept;
    static bool interrupted() noexcept;
    static Result failed() noexcept;
};
static_assert(Transport<Linux>);

}  // namespace asyncselect::net
