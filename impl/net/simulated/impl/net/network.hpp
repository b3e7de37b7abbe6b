// Before the header of this name in impl/net/ on the include path of the library over the simulated network.
#pragma once

#include "impl/net/simulated/transport.hpp"

namespace asyncselect::net {

using Network = Simulated;

}  // namespace asyncselect::net
