// FD_OOB.
//
// The rule: FD_OOB says that an urgent byte can be received with MSG_OOB. It is posted when WSAAsyncSelect is called
// and one is there already; when one arrives and FD_OOB is not posted yet; and after each receiving call, with MSG_OOB
// or without, that leaves one. It concerns bytes that arrive while SO_OOBINLINE is off; those that arrive while it is
// on are normal data, which FD_READ tells.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct Oob : EventMachine<Oob, Event::oob> {
    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus      target   action guard
        by<"AS-OOB-2",     Off,     Select,       Posted,  Post, UrgentAvailable>,
        by<"R-2",          Off,     Select,       Enabled, none, Not<UrgentAvailable>>,
        by<"R-3",          Off,     Inherit,      Posted,  Post, UrgentAvailable>,
        by<"AS-INHERIT-1", Off,     Inherit,      Enabled, none, Not<UrgentAvailable>>,

        by<"AS-OOB-3",     Enabled, OobArrived,   Posted,  Post, Both<Not<OobInline>, UrgentAvailable>>,
        by<"R-6",          Enabled, OobArrived,   none,    none, Both<Not<OobInline>, Not<UrgentAvailable>>>,
        by<"AS-OOB-1",     Enabled, OobArrived,   none,    none, OobInline>,
        by<"R-26",         Enabled, OobInlineSet, none>,

        by<"AS-ENABLE-1",  Posted,  OobArrived,   none>,
        by<"R-26",         Posted,  OobInlineSet, none>,
        by<"W-5",          Posted,  Received,     Posted,  Post, Both<TookUrgent, UrgentAvailable>>,
        by<"R-8",          Posted,  Received,     Posted,  Post, Both<Not<TookUrgent>, Both<TookData, UrgentAvailable>>>,
        by<"AS-OOB-4",     Posted,  Received,     Posted,  Post, Both<Not<TookUrgent>, Both<Not<TookData>, UrgentAvailable>>>,
        by<"AS-ENABLE-2",  Posted,  Received,     Enabled, none, Not<UrgentAvailable>>,
        by<"R-13",         Posted,  QueueHasRoom, Posted,  Post, UrgentAvailable>,
        by<"R-13",         Posted,  QueueHasRoom, Enabled, none, Not<UrgentAvailable>>,

        by<"AS-REG-1",     Enabled, Deselect,     Off>,
        by<"AS-REG-1",     Posted,  Deselect,     Off>,
        by<"AS-CANCEL-3",  Enabled, Closed,       Off>,
        by<"AS-CANCEL-3",  Posted,  Closed,       Off>>;
    // clang-format on
};

// Not modelled:
//  - Received in Enabled: no urgent byte can be received then, so nothing would be posted.
//  - The mark and its place in the data: an urgent byte stays until it is read or replaced.
//  - Urgent data that is normal data: model/read.hpp.

}  // namespace asyncselect::model::machine
