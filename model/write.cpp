// Runs model/write.hpp.
#include "model/write.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& write_machine() { return machine::instance<machine::Write>(); }

}  // namespace asyncselect::model
