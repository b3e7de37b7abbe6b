// FD_ADDRESS_LIST_CHANGE.
//
// The rule: FD_ADDRESS_LIST_CHANGE says that the list of local addresses of the socket's family has changed since the
// application asked with SIO_ADDRESS_LIST_CHANGE. It is posted once for each such ioctl: at the first change after it,
// or by WSAAsyncSelect if that change came while the event was not registered.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct AddressListChange : EventMachine<AddressListChange, Event::address_list_change> {
    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus              target   action guard
        by<"R-21",         Off,     Select,               Posted,  Post, ChangeOfAddresses>,
        by<"R-2",          Off,     Select,               Enabled, none, Not<ChangeOfAddresses>>,
        by<"AS-INHERIT-1", Off,     Inherit,              Enabled>,

        by<"AS-ADDR-1",    Enabled, AddressListChanged,   Posted,  Post, ChangeOfAddresses>,
        by<"AS-EDGE-2",    Enabled, AddressListChanged,   none,    none, Not<ChangeOfAddresses>>,

        by<"AS-EDGE-2",    Posted,  AddressListChanged,   none>,
        by<"AS-ENABLE-7",  Posted,  AddressListRequested, Enabled>,
        by<"R-13",         Posted,  QueueHasRoom,         Posted,  Post>,

        by<"AS-REG-1",     Enabled, Deselect,             Off>,
        by<"AS-REG-1",     Posted,  Deselect,             Off>,
        by<"AS-CANCEL-3",  Enabled, Closed,               Off>,
        by<"AS-CANCEL-3",  Posted,  Closed,               Off>>;
    // clang-format on
};

// Not modelled:
//  - AddressListChanged and AddressListRequested in Off: the facts remember both for the next Select.
//  - AddressListRequested in Enabled: the facts remember it; nothing is posted by it.
//  - Which addresses came or went.

}  // namespace asyncselect::model::machine
