// Runs model/close.hpp.
#include "model/close.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& close_machine() { return machine::instance<machine::Close>(); }

}  // namespace asyncselect::model
