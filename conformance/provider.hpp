// What a scenario needs of a Winsock and of the windows beside it: one table for every provider. Addresses are those
// of the loopback interface, so that an address is a family and a port. It must not know scenarios or clauses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "model/trace.hpp"

namespace asyncselect::conformance {

using model::Handle;

// What a call returned; `error` is WSAGetLastError right after a failure and 0 otherwise.
struct Result {
    std::int64_t value = 0;
    int error = 0;

    [[nodiscard]] bool ok() const { return error == 0; }
};

struct Endpoint {
    bool ipv6 = false;
    std::uint16_t port = 0;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

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

// Functions do what their Winsock or window namesakes do. Socket functions may be called from any thread; peek, wait,
// create_window and destroy_window concern the calling thread.
class Provider {
  public:
    Provider() = default;
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;
    virtual ~Provider() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;
    // Whether the readings marked *ours* bind it.
    [[nodiscard]] virtual bool ours() const = 0;

    virtual Result startup() = 0;
    virtual Result cleanup() = 0;
    virtual int last_error() = 0;
    virtual void set_last_error(int error) = 0;

    virtual Result open_stream(bool ipv6) = 0;            // value: the socket
    virtual Result bind(Handle socket, Endpoint at) = 0;  // port 0: any
    virtual Result listen(Handle socket, int backlog) = 0;
    virtual Result connect(Handle socket, Endpoint to) = 0;
    virtual Result accept(Handle socket, Endpoint& peer) = 0;  // value: the socket
    virtual Result receive(Handle socket, std::span<char> into, int length, std::uint32_t flags) = 0;
    virtual Result send(Handle socket, std::span<const char> from, int length, std::uint32_t flags) = 0;
    virtual Result shut_down(Handle socket, int how) = 0;
    virtual Result close(Handle socket) = 0;
    virtual Result set_nonblocking(Handle socket, std::uint32_t value) = 0;
    virtual Result bytes_available(Handle socket) = 0;  // value: the bytes
    virtual Result set_oob_inline(Handle socket, bool on) = 0;
    virtual Result set_buffer(Handle socket, bool sending, int bytes) = 0;
    [[nodiscard]] virtual std::optional<Endpoint> local(Handle socket) = 0;
    virtual Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) = 0;

    virtual Result create_window() = 0;  // value: the window
    virtual Result destroy_window(Handle window) = 0;
    // Whether the queue took it.
    virtual bool post(Handle window, std::uint32_t number) = 0;
    // A message of this thread, if there is one now; `remove` takes it.
    virtual std::optional<WindowMessage> peek(bool remove) = 0;
    // Waits until there is a message of this thread that was not there before, at most so long.
    virtual void wait(int milliseconds) = 0;
};

// This project's own implementation for the system that the program was built for.
std::unique_ptr<Provider> make_native_provider();

}  // namespace asyncselect::conformance
