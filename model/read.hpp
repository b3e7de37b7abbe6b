// FD_READ.
//
// The rule: FD_READ says that there is something to receive. It is posted when WSAAsyncSelect is called and something
// is there already; when something arrives and FD_READ is not posted yet; and after each receiving call that leaves
// something. Between a message and the next receiving call nothing more is posted, however much arrives. An empty
// datagram is something; out-of-band data is, with SO_OOBINLINE; the end of data is not, that is for FD_CLOSE to tell;
// an error is not either.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct Read : EventMachine<Read, Event::read> {
    using StillDue = Either<DataAvailable, Both<NetworkDown, IsDatagram>>;

    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus           target   action guard
        by<"AS-READ-1",    Off,     Select,            Posted,  Post, DataAvailable>,
        by<"R-2",          Off,     Select,            Enabled, none, Not<DataAvailable>>,
        by<"R-3",          Off,     Inherit,           Posted,  Post, DataAvailable>,
        by<"AS-INHERIT-1", Off,     Inherit,           Enabled, none, Not<DataAvailable>>,

        by<"AS-READ-2",    Enabled, DataArrived,       Posted,  Post, DataAvailable>,
        by<"R-6",          Enabled, DataArrived,       none,    none, Not<DataAvailable>>,
        by<"R-15",         Enabled, DatagramArrived,   Posted,  Post, DataAvailable>,
        by<"R-6",          Enabled, DatagramArrived,   none,    none, Not<DataAvailable>>,
        by<"AS-READ-4",    Enabled, OobArrived,        Posted,  Post, Both<OobInline, DataAvailable>>,
        by<"R-6",          Enabled, OobArrived,        none,    none, Both<OobInline, Not<DataAvailable>>>,
        by<"AS-OOB-1",     Enabled, OobArrived,        none,    none, Not<OobInline>>,
        by<"R-26",         Enabled, OobInlineSet,      none>,
        by<"AS-CLOSE-7",   Enabled, PeerClosed,        none>,
        by<"R-28",         Enabled, ConnectionAborted, none>,
        by<"R-18",         Enabled, SubsystemFailed,   Posted,  Post, IsDatagram>,

        by<"AS-ENABLE-1",  Posted,  DataArrived,       none>,
        by<"AS-ENABLE-1",  Posted,  DatagramArrived,   none>,
        by<"AS-ENABLE-1",  Posted,  OobArrived,        none>,
        by<"AS-ENABLE-1",  Posted,  SubsystemFailed,   none>,
        by<"AS-CLOSE-7",   Posted,  PeerClosed,        none>,
        by<"AS-LEVEL-2",   Posted,  Received,          Posted,  Post, Both<TookData, DataAvailable>>,
        by<"AS-READ-3",    Posted,  Received,          Posted,  Post, Both<Not<TookData>, DataAvailable>>,
        by<"AS-ENABLE-2",  Posted,  Received,          Enabled, none, Not<DataAvailable>>,
        by<"R-13",         Posted,  QueueHasRoom,      Posted,  Post, StillDue>,
        by<"R-13",         Posted,  QueueHasRoom,      Enabled, none, Not<StillDue>>,

        by<"AS-REG-1",     Enabled, Deselect,          Off>,
        by<"AS-REG-1",     Posted,  Deselect,          Off>,
        by<"AS-CANCEL-3",  Enabled, Closed,            Off>,
        by<"AS-CANCEL-3",  Posted,  Closed,            Off>>;
    // clang-format on
};

// Not modelled:
//  - Received in Enabled: nothing can be received then, so nothing would be posted.
//  - Whether a message still waits in the queue: it makes no difference, and it may be stale when it is retrieved
//    (AS-LEVEL-3, AS-ROBUST-1).
//  - How much arrived: only whether something is left decides.

}  // namespace asyncselect::model::machine
