// The provider over the simulated network. Compiled with the names of the library over it.
#include <charconv>
#include <memory>
#include <string>

#include "conformance/native_provider.hpp"
#include "conformance/simulated/surroundings.hpp"
#include "conformance/simulated_provider.hpp"
#include "impl/net/simulated/turns.hpp"
#include "impl/net/simulated/world.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::string_view pump_name = "simulated";
constexpr std::string_view eager_name = "simulated-eager";

class OverTheSimulation final : public NativeProvider {
  public:
    explicit OverTheSimulation(const Simulation& simulation)
        : NativeProvider(simulation.posting), simulation_(simulation), name_(eager() ? eager_name : pump_name) {
        if (simulation.seed != 0 || simulation.failures != 0 || simulation.lost != 0)
            name_ += ':' + std::to_string(simulation.seed);
        if (simulation.failures != 0 || simulation.lost != 0) name_ += ':' + std::to_string(simulation.failures);
        if (simulation.lost != 0) name_ += ':' + std::to_string(simulation.lost);
        // What filling a queue costs is this many messages; no other script posts so many. More than are taken without
        // a look at the sockets.
        asyncselect_SetPostLimit(post_limit);
        watch_the_host();
        prepare();
    }

    std::string_view name() const override { return name_; }
    void prepare() override {
        simulated::Disorder disorder;
        disorder.seed = simulation_.seed;
        disorder.arrivals = simulation_.seed != 0;
        disorder.failures = simulation_.failures;
        disorder.untold = simulation_.untold;
        disorder.lost = simulation_.lost;
        disorder.overtaking = simulation_.lost;
        simulated::World::get().reset(disorder);
    }
    Surroundings* surroundings() const override { return &surroundings_; }

    std::optional<WindowMessage> peek(bool remove) override {
        simulated::let_background_work();
        return NativeProvider::peek(remove);
    }
    void wait(int milliseconds) override {
        if (simulated::let_background_work()) return;
        // Where nothing is under way nothing comes, however long the wait.
        simulated::World& world = simulated::World::get();
        const bool quiescent = !world.deliver();
        NativeProvider::wait(quiescent ? std::max(milliseconds, very_long) : milliseconds);
    }

    std::optional<std::string> cannot_fail_subsystem() const override { return std::nullopt; }
    bool fail_subsystem() override {
        simulated::World::get().fail(true);
        return true;
    }
    void restore_subsystem() override { simulated::World::get().fail(false); }

  private:
    // From the first request on the library watches the host's addresses, as long as the process runs. So that a script
    // is the same execution before one that makes such a request and behind it, this makes one.
    void watch_the_host() {
        simulated::World::get().reset({});
        if (!startup().ok()) return;
        const Result socket = open_datagram(false);
        if (socket.ok()) {
            const auto handle = static_cast<Handle>(socket.value);
            set_nonblocking(handle, 1);
            watch_addresses(handle);
            close(handle);
        }
        cleanup();
    }

    static constexpr int very_long = 1000;
    static constexpr std::uint32_t post_limit = 72;

    Simulation simulation_;
    std::string name_;
    mutable SimulatedSurroundings surroundings_;
};

// Takes a number, with a colon before it, from the front.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
    if (text.empty()) return true;
    if (text.front() != ':') return false;
    text.remove_prefix(1);
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (bad != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

}  // namespace

std::optional<Simulation> simulation_called(std::string_view name) {
    Simulation simulation;
    if (name.starts_with(eager_name)) {
        simulation.posting = Posting::eager;
        name.remove_prefix(eager_name.size());
    } else if (name.starts_with(pump_name)) {
        name.remove_prefix(pump_name.size());
    } else {
        return std::nullopt;
    }
    if (!take_number(name, simulation.seed) || !take_number(name, simulation.failures) ||
        !take_number(name, simulation.lost) || !name.empty())
        return std::nullopt;
    return simulation.failures <= 1000 && simulation.lost <= 1000 ? std::optional(simulation) : std::nullopt;
}

std::unique_ptr<Provider> make_simulated_provider(const Simulation& simulation) {
    return std::make_unique<OverTheSimulation>(simulation);
}

}  // namespace asyncselect::conformance
