// Runs model/address_list_change.hpp.
#include "model/address_list_change.hpp"

#include "model/machine_instance.hpp"

namespace asyncselect::model {

const Machine& address_list_change_machine() { return machine::instance<machine::AddressListChange>(); }

}  // namespace asyncselect::model
