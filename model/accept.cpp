// Runs model/accept.hpp.
#include "model/accept.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& accept_machine() { return machine::instance<machine::Accept>(); }

}  // namespace asyncselect::model
