// Runs model/connect.hpp.
#include "model/connect.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& connect_machine() { return machine::instance<machine::Connect>(); }

}  // namespace asyncselect::model
