// Runs model/qos.hpp.
#include "model/qos.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& qos_machine() { return machine::instance<machine::Qos>(); }

}  // namespace asyncselect::model
