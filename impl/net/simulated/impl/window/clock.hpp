// Before the header of this name in impl/window/ on the include path of the library over the simulated network: both
// clocks show virtual time.
#pragma once

#include <cstdint>

#include "impl/net/simulated/world.hpp"

namespace asyncselect::window {

inline std::uint64_t tick_count() noexcept { return simulated::World::get().milliseconds(); }
inline std::uint64_t exact_time() noexcept { return simulated::World::get().milliseconds(); }

}  // namespace asyncselect::window
