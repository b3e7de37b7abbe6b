// The other end: plain sockets of the system, on the loopback interface unless the provider is on another host, and
// what the system tells of how far their doings have come. It must not know any provider, scenario or clause.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

// A descriptor that is closed when its owner goes.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { close(); }

    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] bool valid() const { return number_ >= 0; }
    int release() noexcept;
    void close() noexcept;

  private:
    int number_;
};

using Deadline = std::chrono::steady_clock::time_point;

// One end of a connection that the peer holds.
class PeerConnection {
  public:
    // `here` is the peer's own address, `there` the provider's.
    PeerConnection(Descriptor descriptor, Endpoint here, Endpoint there);

    // Connects to a listening socket. Throws std::runtime_error when the system refuses or the deadline passes.
    static PeerConnection connect(Endpoint there, Deadline deadline);

    // All of them throw std::runtime_error when the system refuses.
    void send(std::uint32_t bytes, Deadline deadline);
    void send_urgent();
    void shut_down();
    void close();
    void reset();
    // Reads until so many bytes came, the stream ended or the deadline passed; returns how many came.
    std::uint64_t receive(std::uint64_t bytes, Deadline deadline);

    // Reads whatever comes until the stream ends or is reset. Whether that came before the deadline.
    bool ended(Deadline deadline);

    // Waits until the provider's host has all that was sent, and has seen the end or the reset. Whether it has. Of
    // another host a reset is not known to have come there, nor a connection that was just made.
    bool arrived(Deadline deadline) const;

    [[nodiscard]] Endpoint here() const { return here_; }

  private:
    Descriptor descriptor_;
    Endpoint here_;
    Endpoint there_;
    bool ended_ = false;
    bool gone_ = false;
    mutable bool over_ = false;  // it is closed, and the provider's host has seen that
};

// Takes connections, or lets them wait.
class PeerListener {
  public:
    // `at`: the address. `stalled`: its queue is full, so that a connection stays under way until `unblock`. Throws
    // std::runtime_error.
    PeerListener(Endpoint at, bool stalled);

    [[nodiscard]] Endpoint endpoint() const { return endpoint_; }
    void unblock();
    // The next connection, or nothing when the deadline passes.
    std::optional<PeerConnection> accept(Deadline deadline);

  private:
    Descriptor descriptor_;
    Endpoint endpoint_;
    Descriptor filler_;
};

// One end that sends and receives datagrams.
class PeerDatagrams {
  public:
    explicit PeerDatagrams(Endpoint at);

    [[nodiscard]] Endpoint endpoint() const { return endpoint_; }
    // One datagram. Throws std::runtime_error when the system refuses.
    void send(std::uint32_t bytes, Endpoint to);
    // Takes datagrams until they amount to so many bytes or the deadline passed; returns to how many they amount.
    std::uint64_t receive(std::uint64_t bytes, Deadline deadline);

  private:
    Descriptor descriptor_;
    Endpoint endpoint_;
};

// Waits until a datagram that is sent now has gone through the loopback interface, and with it all that were sent
// before. Whether it has.
bool datagrams_arrived(Deadline deadline);

// A port on which nobody listens, kept from others as long as the object lives. A datagram to it is answered by ICMP.
class ClosedPort {
  public:
    ClosedPort(Endpoint at, bool datagram);
    [[nodiscard]] Endpoint endpoint() const { return endpoint_; }

  private:
    Descriptor descriptor_;
    Endpoint endpoint_;
};

}  // namespace asyncselect::conformance
