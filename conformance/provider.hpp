// What a scenario needs of a Winsock and of the windows beside it: one table for every provider. Addresses are those
// of the loopback interface unless the provider is on another host, so that an address is a family and a port. It must
// not know scenarios or clauses.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conformance/way.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

using model::Handle;

// What a call returned; `error` is WSAGetLastError right after a failure and 0 otherwise.
struct Result {
    std::int64_t value = 0;
    int error = 0;

    [[nodiscard]] bool ok() const { return error == 0; }
};

// In network byte order; four of them for IPv4.
using AddressBytes = std::array<std::uint8_t, 16>;

struct Endpoint {
    bool ipv6 = false;
    std::uint16_t port = 0;
    std::optional<AddressBytes> address = std::nullopt;  // nothing: the loopback interface's

    // The address may be another one when it is seen from the other side.
    friend bool operator==(const Endpoint& one, const Endpoint& other) {
        return one.ipv6 == other.ipv6 && one.port == other.port;
    }
};

// An address that is not the loopback interface's: a destination, a multicast group.
struct RemoteAddress {
    bool ipv6 = false;
    AddressBytes bytes{};
    std::uint16_t port = 0;
};

// What a condition function says of a request, told who asks.
using ConditionFunction = std::function<model::Condition(const Endpoint& caller)>;

// A message as it was taken from the queue; event and error are what the provider's macros make of lParam.
struct WindowMessage {
    Handle window = 0;
    std::uint32_t number = 0;
    std::uint64_t wparam = 0;
    std::uint32_t lparam = 0;
    std::uint32_t event = 0;
    std::uint32_t error = 0;
};

inline constexpr std::uint32_t wm_user = 0x0400;

// What the provider has no means for, thrown by whatever needs it: no fault of the provider, and the script that asked
// for it is not possible. The text says why.
struct Unsupported : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Surroundings;

// Functions do what their Winsock or window namesakes do. Socket functions may be called from any thread; peek, wait,
// create_window and destroy_window concern the calling thread.
class Provider {
  public:
    Provider() = default;
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;
    virtual ~Provider() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;
    // May be empty.
    [[nodiscard]] virtual std::string_view version() const { return {}; }
    // Whether the readings marked *ours* bind it.
    [[nodiscard]] virtual bool ours() const = 0;
    // Whether each scenario shows what it claims on it, so that one which does not is an error of the suite.
    [[nodiscard]] virtual bool shows_claims() const { return ours(); }
    // Whether messages are posted at any time, and not only while the window's thread looks for them.
    [[nodiscard]] virtual bool eager() const = 0;

    // Called before each script. Throws std::runtime_error: there is no provider any more.
    virtual void prepare() {}
    // What is around it, if that is not the system's own: see surroundings.hpp. It lives as long as the provider.
    [[nodiscard]] virtual Surroundings* surroundings() const { return nullptr; }
    // Makes calls that hang return or throw, from any thread. Whether it has a means.
    virtual bool end_calls() { return false; }

    // Where peers listen so that the provider reaches them; port 0. Throws Unsupported: not at all in this family.
    [[nodiscard]] virtual Endpoint peers_at(bool ipv6) const { return {ipv6, 0}; }
    // How long what peers did may be on its way where it cannot be seen to have come: 0 on this host.
    [[nodiscard]] virtual std::chrono::milliseconds out_of_sight() const { return {}; }

    virtual Result startup() = 0;
    virtual Result cleanup() = 0;
    virtual int last_error() = 0;
    virtual void set_last_error(int error) = 0;

    virtual Result open_stream(bool ipv6) = 0;                      // value: the socket
    virtual Result open_datagram(bool ipv6) = 0;                    // the same
    virtual Result bind(Handle socket, Endpoint at, bool any) = 0;  // port 0: any port; `any`: of every interface
    virtual Result listen(Handle socket, int backlog) = 0;
    virtual Result connect(Handle socket, Endpoint to) = 0;
    virtual Result wsa_connect(Handle socket, Endpoint to, std::uint32_t flow) = 0;  // `flow`: as in set_qos; 0: none
    virtual Result accept(Handle socket, Endpoint& peer) = 0;                        // value: the socket
    virtual Result accept_wild(Handle socket) = 0;  // the peer's address is to go where there is no memory
    // WSAAccept; `condition` may be empty.
    virtual Result wsa_accept(Handle socket, Endpoint& peer, const ConditionFunction& condition) = 0;
    virtual Result join(Handle socket, const RemoteAddress& group, bool sends, bool receives, std::uint32_t flow) = 0;
    virtual Result receive(Handle socket, std::span<char> into, int length, std::uint32_t flags, Way way) = 0;
    // `to`: of a datagram, where the way is one that takes an address.
    virtual Result send(Handle socket, std::span<const char> from, int length, std::uint32_t flags, Way way,
                        std::optional<Endpoint> to) = 0;
    virtual Result shut_down(Handle socket, int how) = 0;
    virtual Result close(Handle socket) = 0;
    virtual Result set_nonblocking(Handle socket, std::uint32_t value) = 0;
    virtual Result bytes_available(Handle socket) = 0;  // value: the bytes
    virtual Result set_oob_inline(Handle socket, bool on) = 0;
    virtual Result set_buffer(Handle socket, bool sending, int bytes) = 0;
    // Flow specification `number`, from 1 to 8, differs from the default one in its parameter of that number.
    virtual Result set_qos(Handle socket, std::uint32_t number) = 0;
    virtual Result get_qos(Handle socket, bool wild) = 0;  // wild: the buffer is not accessible
    virtual Result get_group_qos(Handle socket, bool wild) = 0;
    virtual Result watch_route(Handle socket, const RemoteAddress& destination) = 0;
    virtual Result watch_addresses(Handle socket) = 0;
    [[nodiscard]] virtual std::optional<Endpoint> local(Handle socket) = 0;
    virtual Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) = 0;

    virtual Result event_select(Handle socket, std::uint32_t mask) = 0;  // with an event object of its own

    virtual Result create_window() = 0;  // value: the window
    virtual Result destroy_window(Handle window) = 0;
    // Whether the queue took it.
    virtual bool post(Handle window, std::uint32_t number) = 0;
    // A message of this thread, if there is one now; `remove` takes it.
    virtual std::optional<WindowMessage> peek(bool remove) = 0;
    // Waits until there is a message of this thread that was not there before, at most so long.
    virtual void wait(int milliseconds) = 0;

    // Why its network subsystem cannot be made to fail here, or nothing.
    [[nodiscard]] virtual std::optional<std::string> cannot_fail_subsystem() const = 0;
    // Makes it fail until `restore_subsystem`. Whether that was done.
    virtual bool fail_subsystem() = 0;
    virtual void restore_subsystem() = 0;
    // Why it keeps a single urgent byte (W-5), or nothing.
    [[nodiscard]] virtual std::optional<std::string> cannot_queue_urgent() const = 0;
};

// This project's own implementation for the system that the program was built for, in one of its two ways of posting.
enum class Posting : std::uint8_t { pump, eager };
std::unique_ptr<Provider> make_native_provider(Posting posting = Posting::pump);

}  // namespace asyncselect::conformance
