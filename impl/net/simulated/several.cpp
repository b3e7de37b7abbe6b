// What several.hpp declares, over the simulated network.
#include "impl/net/several.hpp"

#include <algorithm>

#include "impl/net/simulated/transport.hpp"
#include "impl/net/simulated/world.hpp"

namespace asyncselect::net {

core::Error look(std::span<Watched> watched) noexcept {
    for (auto& one : watched) one.now = Simulated::conditions_now(one.descriptor);
    return core::error::none;
}

core::Error await_any(std::span<const Watched> watched, int milliseconds) noexcept {
    auto& world = simulated::World::get();
    const auto changed = [&] {
        return std::ranges::any_of(
            watched, [](const Watched& one) { return !(Simulated::conditions_now(one.descriptor) == one.now); });
    };
    while (!changed()) {
        if (world.deliver()) continue;
        if (milliseconds < 0) return core::error::intr;
        world.pass(static_cast<std::uint64_t>(milliseconds));
        return core::error::none;
    }
    return core::error::none;
}

}  // namespace asyncselect::net
