// Runs model/read.hpp.
#include "model/read.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& read_machine() { return machine::instance<machine::Read>(); }

}  // namespace asyncselect::model
