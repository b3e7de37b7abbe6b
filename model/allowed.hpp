// What could have come where something came that cannot be: found by trying. It must not know any rule; the oracle
// does.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/oracle.hpp"
#include "model/trace.hpp"

namespace asyncselect::model {

// In a few lines of words. `before` are the oracles that were possible before `came`: what any of them accepts is
// allowed. In place of a message or of quiet: the messages that may be retrieved now, and whether it may be quiet. In
// place of what a call returned: what else it could return. Empty where nothing of the kind is accepted, and for what
// peers and the network do. Any thread.
std::vector<std::string> allowed_instead(std::span<const Oracle> before, const Observation& came);

}  // namespace asyncselect::model
