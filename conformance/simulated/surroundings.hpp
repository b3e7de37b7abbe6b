// What is around a provider over the simulated network: peers, routes, addresses and virtual time. It must not know the
// provider, scenarios or clauses.
#pragma once

#include "conformance/surroundings.hpp"
#include "impl/net/simulated/world.hpp"

namespace asyncselect::conformance {

class SimulatedSurroundings final : public Surroundings {
  public:
    std::unique_ptr<Connection> connect(Endpoint there, Deadline deadline) override;
    std::unique_ptr<Listener> listen(Endpoint at, bool stalled) override;
    std::unique_ptr<Datagrams> datagrams(Endpoint at) override;
    std::unique_ptr<Closed> closed_port(Endpoint at, bool datagram) override;
    bool datagrams_arrived(Deadline deadline) override;

    void add_interfaces(std::string_view one, std::string_view other) override;
    void add_address(std::string_view interface, std::string_view address) override;
    void remove_address(std::string_view interface, std::string_view address) override;
    void add_route(std::string_view destination, std::string_view interface) override;
    void remove_route(std::string_view destination, std::string_view interface) override;
    [[nodiscard]] bool fresh() const override { return true; }

    [[nodiscard]] Deadline now() const override;
    [[nodiscard]] bool deterministic() const override { return true; }
    std::uint32_t choose(std::uint32_t bound) override;
    bool told() const override;
    bool at_rest() const override;
};

}  // namespace asyncselect::conformance
