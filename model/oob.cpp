// Runs model/oob.hpp.
#include "model/oob.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& oob_machine() { return machine::instance<machine::Oob>(); }

}  // namespace asyncselect::model
