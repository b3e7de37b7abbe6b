// This host's surroundings: peer.hpp and network.hpp behind surroundings.hpp.
#include "conformance/surroundings.hpp"

#include <stdexcept>
#include <utility>

#include "conformance/network.hpp"

namespace asyncselect::conformance {

namespace {

class SystemConnection final : public Surroundings::Connection {
  public:
    explicit SystemConnection(PeerConnection connection) : connection_(std::move(connection)) {}
    void send(std::uint32_t bytes, Deadline deadline) override { connection_.send(bytes, deadline); }
    void send_urgent() override { connection_.send_urgent(); }
    void shut_down() override { connection_.shut_down(); }
    void close() override { connection_.close(); }
    void reset() override { connection_.reset(); }
    std::uint64_t receive(std::uint64_t bytes, Deadline deadline) override {
        return connection_.receive(bytes, deadline);
    }
    bool ended(Deadline deadline) override { return connection_.ended(deadline); }
    bool arrived(Deadline deadline) const override { return connection_.arrived(deadline); }
    Endpoint here() const override { return connection_.here(); }

  private:
    PeerConnection connection_;
};

class SystemListener final : public Surroundings::Listener {
  public:
    SystemListener(Endpoint at, bool stalled) : listener_(at, stalled) {}
    Endpoint endpoint() const override { return listener_.endpoint(); }
    void unblock() override { listener_.unblock(); }
    std::unique_ptr<Surroundings::Connection> accept(Deadline deadline) override {
        std::optional<PeerConnection> accepted = listener_.accept(deadline);
        return accepted ? std::make_unique<SystemConnection>(*std::move(accepted)) : nullptr;
    }

  private:
    PeerListener listener_;
};

class SystemDatagrams final : public Surroundings::Datagrams {
  public:
    explicit SystemDatagrams(Endpoint at) : datagrams_(at) {}
    Endpoint endpoint() const override { return datagrams_.endpoint(); }
    void send(std::uint32_t bytes, Endpoint to) override { datagrams_.send(bytes, to); }
    std::uint64_t receive(std::uint64_t bytes, Deadline deadline) override {
        return datagrams_.receive(bytes, deadline);
    }

  private:
    PeerDatagrams datagrams_;
};

class SystemClosed final : public Surroundings::Closed {
  public:
    SystemClosed(Endpoint at, bool datagram) : port_(at, datagram) {}
    Endpoint endpoint() const override { return port_.endpoint(); }

  private:
    ClosedPort port_;
};

class System final : public Surroundings {
  public:
    std::unique_ptr<Connection> connect(Endpoint there, Deadline deadline) override {
        return std::make_unique<SystemConnection>(PeerConnection::connect(there, deadline));
    }
    std::unique_ptr<Listener> listen(Endpoint at, bool stalled) override {
        return std::make_unique<SystemListener>(at, stalled);
    }
    std::unique_ptr<Datagrams> datagrams(Endpoint at) override { return std::make_unique<SystemDatagrams>(at); }
    std::unique_ptr<Closed> closed_port(Endpoint at, bool datagram) override {
        return std::make_unique<SystemClosed>(at, datagram);
    }
    bool datagrams_arrived(Deadline deadline) override { return conformance::datagrams_arrived(deadline); }

    void add_interfaces(std::string_view one, std::string_view other) override { network::add_interfaces(one, other); }
    void add_address(std::string_view interface, std::string_view address) override {
        network::add_address(interface, address);
    }
    void remove_address(std::string_view interface, std::string_view address) override {
        network::remove_address(interface, address);
    }
    void add_route(std::string_view destination, std::string_view interface) override {
        network::add_route(destination, interface);
    }
    void remove_route(std::string_view destination, std::string_view interface) override {
        network::remove_route(destination, interface);
    }
    bool fresh() const override { return false; }

    Deadline now() const override { return Deadline::clock::now(); }
    bool deterministic() const override { return false; }
    std::uint32_t choose(std::uint32_t) override { throw std::logic_error("what happens is not ours to choose"); }
};

}  // namespace

Surroundings& system_surroundings() {
    static System system;
    return system;
}

}  // namespace asyncselect::conformance
