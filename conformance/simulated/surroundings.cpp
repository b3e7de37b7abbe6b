// See surroundings.hpp. A peer is a socket of the simulated network like any other, but meets no failures.
#include "conformance/simulated/surroundings.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "conformance/exec_provider.hpp"

namespace asyncselect::conformance {

using simulated::Name;
using simulated::Outcome;
using simulated::World;

namespace {

World& world() { return World::get(); }

[[noreturn]] void fail(const std::string& what, const Outcome& outcome) {
    throw std::runtime_error("peer: " + what + ": error " + std::to_string(outcome.error));
}

Name name_of(Endpoint endpoint) {
    Name name;
    name.ipv6 = endpoint.ipv6;
    name.port = endpoint.port;
    if (endpoint.address)
        name.host = *endpoint.address;
    else if (endpoint.ipv6)
        name.host[15] = 1;
    else
        name.host = {127, 0, 0, 1};
    return name;
}

Endpoint endpoint_of(const Name& name) { return {name.ipv6, name.port, name.host}; }

// A socket of the peer's.
class Held {
  public:
    Held(bool ipv6, bool stream) : descriptor_(opened(ipv6, stream)) {}
    explicit Held(int descriptor) : descriptor_(descriptor) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { close(); }

    [[nodiscard]] int get() const { return descriptor_; }
    void close() {
        const World::ByPeer peer(world());
        if (descriptor_ >= 0) world().close(std::exchange(descriptor_, -1));
    }
    [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }
    void abort() {
        const World::ByPeer peer(world());
        if (descriptor_ >= 0) world().abort(std::exchange(descriptor_, -1));
    }
    Name bind(Endpoint at) {
        const World::ByPeer peer(world());
        if (const Outcome bound = world().bind(descriptor_, name_of(at)); !bound.ok()) fail("bind", bound);
        return local();
    }
    [[nodiscard]] Name local() const {
        Name name;
        if (const Outcome asked = world().local(descriptor_, name); !asked.ok()) fail("getsockname", asked);
        return name;
    }

  private:
    static int opened(bool ipv6, bool stream) {
        const World::ByPeer peer(world());
        const Outcome made = world().open(ipv6, stream);
        if (!made.ok()) fail("socket", made);
        return static_cast<int>(made.value);
    }
    int descriptor_;
};

class SimulatedConnection final : public Surroundings::Connection {
  public:
    explicit SimulatedConnection(int descriptor) : socket_(descriptor) {
        world().set_inline(descriptor, true);
        here_ = endpoint_of(socket_.local());
    }

    void send(std::uint32_t bytes, Deadline) override {
        const World::ByPeer peer(world());
        while (bytes > 0) {
            const Outcome sent = world().send(socket_.get(), bytes, false, false);
            if (sent.ok()) {
                bytes -= static_cast<std::uint32_t>(sent.value);
                continue;
            }
            if (sent.error != simulated::error::would_block || !world().deliver_all_of(socket_.get()))
                fail("send", sent);
        }
    }
    void send_urgent() override {
        const World::ByPeer peer(world());
        const Outcome sent = world().send(socket_.get(), 1, true, false);
        if (!sent.ok()) fail("send of an urgent byte", sent);
    }
    void shut_down() override {
        const World::ByPeer peer(world());
        constexpr int sending = 1;
        if (const Outcome shut = world().shut_down(socket_.get(), sending); !shut.ok()) fail("shutdown", shut);
    }
    void close() override { socket_.close(); }
    void reset() override { socket_.abort(); }
    std::uint64_t receive(std::uint64_t bytes, Deadline) override {
        std::uint64_t got = 0;
        while (got < bytes) {
            const Outcome came = take(bytes - got);
            if (came.ok() && came.value > 0) {
                got += static_cast<std::uint64_t>(came.value);
                continue;
            }
            if (came.ok() || came.error != simulated::error::would_block || !move()) break;
        }
        return got;
    }
    bool ended(Deadline) override {
        for (;;) {
            const Outcome came = take(65536);
            if (came.ok() && came.value > 0) continue;
            if (came.ok() || came.error != simulated::error::would_block) return true;
            if (!move()) return false;
        }
    }
    bool arrived(Deadline) const override {
        // One that is closed lives on in the network until its end has been heard.
        if (socket_.get() >= 0)
            move();
        else
            world().deliver_all();
        return true;
    }
    Endpoint here() const override { return here_; }

  private:
    Outcome take(std::uint64_t bytes) {
        const World::ByPeer peer(world());
        std::optional<std::size_t> urgent_at;
        return world().receive(socket_.get(), bytes, false, false, false, urgent_at);
    }
    bool move() const {
        const World::ByPeer peer(world());
        return world().deliver_all_of(socket_.get());
    }

    Held socket_;
    Endpoint here_;
};

class SimulatedListener final : public Surroundings::Listener {
  public:
    SimulatedListener(Endpoint at, bool stalled) : socket_(at.ipv6, true) {
        endpoint_ = endpoint_of(socket_.bind(at));
        const World::ByPeer peer(world());
        constexpr int many = 128;
        if (const Outcome made = world().listen(socket_.get(), many); !made.ok()) fail("listen", made);
        world().stall(socket_.get(), stalled);
    }
    Endpoint endpoint() const override { return endpoint_; }
    void unblock() override { world().stall(socket_.get(), false); }
    std::unique_ptr<Surroundings::Connection> accept(Deadline) override {
        const World::ByPeer peer(world());
        for (;;) {
            Name caller;
            const Outcome taken = world().accept(socket_.get(), caller);
            if (taken.ok()) return std::make_unique<SimulatedConnection>(static_cast<int>(taken.value));
            if (taken.error != simulated::error::would_block) fail("accept", taken);
            if (!world().deliver()) return nullptr;
        }
    }

  private:
    Held socket_;
    Endpoint endpoint_;
};

class SimulatedDatagrams final : public Surroundings::Datagrams {
  public:
    explicit SimulatedDatagrams(Endpoint at) : socket_(at.ipv6, false), endpoint_(endpoint_of(socket_.bind(at))) {}
    Endpoint endpoint() const override { return endpoint_; }
    void send(std::uint32_t bytes, Endpoint to) override {
        const World::ByPeer peer(world());
        const Name where = name_of(to);
        // An error that an earlier datagram has met is told first.
        for (int attempt = 0; attempt < 2; ++attempt) {
            if (world().send_to(socket_.get(), bytes, &where, false).ok()) return;
        }
        throw std::runtime_error("peer: sendto");
    }
    std::uint64_t receive(std::uint64_t bytes, Deadline) override {
        const World::ByPeer peer(world());
        std::uint64_t got = 0;
        while (got < bytes) {
            Name from;
            const Outcome came = world().receive_from(socket_.get(), 65536, false, false, from);
            if (came.ok()) {
                got += static_cast<std::uint64_t>(came.value);
            } else if (came.error == simulated::error::would_block && !world().deliver()) {
                break;
            }
        }
        return got;
    }
    // Decided before it is sent: what never comes here, or later, is not told of before it does.
    Surroundings::Fate fate() override {
        const simulated::Disorder& disorder = world().disorder();
        if (disorder.lost != 0 && world().choose(1000) < disorder.lost) return Surroundings::Fate::lost;
        if (disorder.overtaking != 0 && world().choose(1000) < disorder.overtaking) return Surroundings::Fate::late;
        return Surroundings::Fate::carried;
    }
    bool lossy() const override { return world().disorder().lost != 0; }

  private:
    Held socket_;
    Endpoint endpoint_;
};

class SimulatedClosed final : public Surroundings::Closed {
  public:
    SimulatedClosed(Endpoint at, bool datagram)
        : socket_(at.ipv6, !datagram), endpoint_(endpoint_of(socket_.bind(at))) {
        if (!datagram) return;
        // Connected to itself it takes nothing from others.
        const World::ByPeer peer(world());
        if (const Outcome made = world().connect(socket_.get(), socket_.local()); !made.ok()) fail("connect", made);
    }
    Endpoint endpoint() const override { return endpoint_; }

  private:
    Held socket_;
    Endpoint endpoint_;
};

// "192.0.2.1/24", on an interface of that name.
simulated::Way way_of(std::string_view text, std::string_view interface) {
    const std::size_t slash = text.find('/');
    const std::optional<RemoteAddress> address = address_in(std::string(text.substr(0, slash)));
    if (!address || slash == std::string_view::npos) throw std::runtime_error("no prefix: " + std::string(text));
    simulated::Way way;
    way.to.ipv6 = address->ipv6;
    way.to.host = address->bytes;
    way.length = static_cast<std::uint8_t>(std::stoul(std::string(text.substr(slash + 1))));
    // The loopback interface is the first.
    way.interface = interface == "one" ? 2 : 3;
    return way;
}

}  // namespace

std::unique_ptr<Surroundings::Connection> SimulatedSurroundings::connect(Endpoint there, Deadline) {
    const World::ByPeer peer(world());
    Held socket(there.ipv6, true);
    const Outcome asked = world().connect(socket.get(), name_of(there));
    if (!asked.ok() && asked.error != simulated::error::would_block) fail("connect", asked);
    world().deliver_all_of(socket.get());
    if (const auto refused = world().take_error(socket.get()); refused != 0) fail("connect", {-1, refused});
    Name name;
    if (const Outcome connected = world().peer(socket.get(), name); !connected.ok()) fail("connect", connected);
    return std::make_unique<SimulatedConnection>(socket.release());
}

std::unique_ptr<Surroundings::Listener> SimulatedSurroundings::listen(Endpoint at, bool stalled) {
    return std::make_unique<SimulatedListener>(at, stalled);
}

std::unique_ptr<Surroundings::Datagrams> SimulatedSurroundings::datagrams(Endpoint at) {
    return std::make_unique<SimulatedDatagrams>(at);
}

std::unique_ptr<Surroundings::Closed> SimulatedSurroundings::closed_port(Endpoint at, bool datagram) {
    return std::make_unique<SimulatedClosed>(at, datagram);
}

bool SimulatedSurroundings::datagrams_arrived(Deadline) {
    const World::ByPeer peer(world());
    world().deliver_all();
    return true;
}

void SimulatedSurroundings::add_interfaces(std::string_view, std::string_view) {}
void SimulatedSurroundings::add_address(std::string_view interface, std::string_view address) {
    world().change({way_of(address, interface), true, true});
}
void SimulatedSurroundings::remove_address(std::string_view interface, std::string_view address) {
    world().change({way_of(address, interface), true, false});
}
void SimulatedSurroundings::add_route(std::string_view destination, std::string_view interface) {
    world().change({way_of(destination, interface), false, true});
}
void SimulatedSurroundings::remove_route(std::string_view destination, std::string_view interface) {
    world().change({way_of(destination, interface), false, false});
}

Deadline SimulatedSurroundings::now() const { return Deadline(std::chrono::milliseconds(world().milliseconds())); }
bool SimulatedSurroundings::told() const { return world().told(); }
bool SimulatedSurroundings::at_rest() const { return told() && !world().disorder().arrivals; }
std::uint32_t SimulatedSurroundings::choose(std::uint32_t bound) { return world().choose(bound); }

}  // namespace asyncselect::conformance
