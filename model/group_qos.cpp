// Runs model/group_qos.hpp.
#include "model/group_qos.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& group_qos_machine() { return machine::instance<machine::GroupQos>(); }

}  // namespace asyncselect::model
