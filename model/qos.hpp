// FD_QOS.
//
// The rule: FD_QOS says that the quality of service has changed. It is posted when WSAAsyncSelect is called after a
// change that was neither told nor fetched; and at a change. After that nothing is posted until SIO_GET_QOS was issued
// and another change follows: the fetch returns what is in force, and so covers what changed before it.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct Qos : EventMachine<Qos, Event::qos> {
    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus      target   action  guard
        by<"AS-QOS-1",     Off,     Select,       Posted,  Post,   ChangeOfQos>,
        by<"R-2",          Off,     Select,       Enabled, none,   Not<ChangeOfQos>>,
        by<"R-3",          Off,     Inherit,      Posted,  Post,   ChangeOfQos>,
        by<"AS-INHERIT-1", Off,     Inherit,      Enabled, none,   Not<ChangeOfQos>>,

        by<"AS-QOS-2",     Enabled, QosChanged,   Posted,  Post>,
        by<"AS-EDGE-1",    Enabled, QosFetched,   none>,

        by<"R-22",         Posted,  QosChanged,   none,    Forget, Not<Refused>>,
        by<"R-13",         Posted,  QosChanged,   none,    none,   Refused>,
        by<"AS-ENABLE-6",  Posted,  QosFetched,   Enabled>,
        by<"R-13",         Posted,  QueueHasRoom, Posted,  Post>,

        by<"AS-REG-1",     Enabled, Deselect,     Off>,
        by<"AS-REG-1",     Posted,  Deselect,     Off>,
        by<"AS-CANCEL-3",  Enabled, Closed,       Off>,
        by<"AS-CANCEL-3",  Posted,  Closed,       Off>>;
    // clang-format on
};

// Not modelled:
//  - QosChanged in Off: the facts remember it for the next Select.
//  - Which parameter of the flow specification changed, and to what: SIO_GET_QOS tells.

}  // namespace asyncselect::model::machine
