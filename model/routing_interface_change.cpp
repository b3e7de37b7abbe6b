// Runs model/routing_interface_change.hpp.
#include "model/routing_interface_change.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& routing_interface_change_machine() { return machine::instance<machine::RoutingInterfaceChange>(); }

}  // namespace asyncselect::model
