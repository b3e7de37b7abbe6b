// What is around a provider while a script is played: peers, the host's network, and time. The system's own, or another
// that a provider brings along because it lives in another world. It must not know any provider, scenario or clause.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/peer.hpp"

namespace asyncselect::conformance {

// What its functions do is told in peer.hpp and network.hpp, by the classes and functions of the same names; they throw
// as those do.
class Surroundings {
  public:
    class Connection {
      public:
        virtual ~Connection() = default;
        virtual void send(std::uint32_t bytes, Deadline deadline) = 0;
        virtual void send_urgent() = 0;
        virtual void shut_down() = 0;
        virtual void close() = 0;
        virtual void reset() = 0;
        virtual std::uint64_t receive(std::uint64_t bytes, Deadline deadline) = 0;
        virtual bool ended(Deadline deadline) = 0;
        virtual bool arrived(Deadline deadline) const = 0;
        [[nodiscard]] virtual Endpoint here() const = 0;
    };
    class Listener {
      public:
        virtual ~Listener() = default;
        [[nodiscard]] virtual Endpoint endpoint() const = 0;
        virtual void unblock() = 0;
        // Null when the deadline passes.
        virtual std::unique_ptr<Connection> accept(Deadline deadline) = 0;
    };
    enum class Fate : std::uint8_t { carried, late, lost };
    class Datagrams {
      public:
        virtual ~Datagrams() = default;
        [[nodiscard]] virtual Endpoint endpoint() const = 0;
        virtual void send(std::uint32_t bytes, Endpoint to) = 0;
        virtual std::uint64_t receive(std::uint64_t bytes, Deadline deadline) = 0;
        // What the network will make of the next datagram that is sent from here: where it will not be carried, it is
        // not to be sent, and where it is late, not before the next one.
        virtual Fate fate() { return Fate::carried; }
        // Whether the network may lose what was sent to here.
        [[nodiscard]] virtual bool lossy() const { return false; }
    };
    class Closed {
      public:
        virtual ~Closed() = default;
        [[nodiscard]] virtual Endpoint endpoint() const = 0;
    };

    Surroundings() = default;
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;
    virtual ~Surroundings() = default;

    // Peers.
    virtual std::unique_ptr<Connection> connect(Endpoint there, Deadline deadline) = 0;
    virtual std::unique_ptr<Listener> listen(Endpoint at, bool stalled) = 0;
    virtual std::unique_ptr<Datagrams> datagrams(Endpoint at) = 0;
    virtual std::unique_ptr<Closed> closed_port(Endpoint at, bool datagram) = 0;
    virtual bool datagrams_arrived(Deadline deadline) = 0;

    // The host's network.
    virtual void add_interfaces(std::string_view one, std::string_view other) = 0;
    virtual void add_address(std::string_view interface, std::string_view address) = 0;
    virtual void remove_address(std::string_view interface, std::string_view address) = 0;
    virtual void add_route(std::string_view destination, std::string_view interface) = 0;
    virtual void remove_route(std::string_view destination, std::string_view interface) = 0;
    // Whether it is made anew for each script; otherwise interfaces and their first addresses stay from one to the
    // next.
    [[nodiscard]] virtual bool fresh() const = 0;

    // Time, as the provider sees it.
    [[nodiscard]] virtual Deadline now() const = 0;

    // Whether nothing happens by itself: what is called has done what it will do when it returns. Then there is nothing
    // to wait for in other threads, a script's thread "main" is the calling one, and the steps that overlap are
    // interleaved by `choose`, which gives a number below `bound`.
    [[nodiscard]] virtual bool deterministic() const = 0;
    virtual std::uint32_t choose(std::uint32_t bound) = 0;
    // Whether what has arrived was told to the provider too, as far as that is known: a network can be late with it.
    [[nodiscard]] virtual bool told() const { return true; }
    // Whether nothing can be on its way that was caused before: neither late nor for a thread that has not been there.
    [[nodiscard]] virtual bool at_rest() const { return false; }
};

// This host's.
Surroundings& system_surroundings();

}  // namespace asyncselect::conformance
