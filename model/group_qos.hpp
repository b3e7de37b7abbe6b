// FD_GROUP_QOS.
//
// The rule: reserved. The bit may be in the mask; nothing is ever posted for it.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct GroupQos : EventMachine<GroupQos, Event::group_qos> {
    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus         target   action guard
        by<"AS-GQOS-1",    Off,     Select,          Enabled>,
        by<"AS-INHERIT-1", Off,     Inherit,         Enabled>,

        by<"AS-GQOS-1",    Enabled, QosChanged,      none>,
        by<"AS-ENABLE-6",  Enabled, GroupQosFetched, none>,
        by<"AS-REG-1",     Enabled, Deselect,        Off>,
        by<"AS-CANCEL-3",  Enabled, Closed,          Off>>;
    // clang-format on
};

// Not modelled: socket groups, which do not exist here. What SIO_GET_GROUP_QOS returns is the call's business.

}  // namespace asyncselect::model::machine
