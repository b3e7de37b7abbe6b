// FD_ACCEPT.
//
// The rule: FD_ACCEPT says that a connection request can be accepted. It is posted when WSAAsyncSelect is called and
// one waits already; when one arrives and FD_ACCEPT is not posted yet; and after each accept that leaves another, also
// after one that failed or rejected its request. Only after an accept whose condition function deferred the request
// nothing is posted, whatever waits or arrives, until accept is called again.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct Accept : EventMachine<Accept, Event::accept> {
    // clang-format off
    using transition_table = mpl::vector<
        //  clause        source    stimulus           target    action guard
        by<"AS-ACCEPT-1", Off,      Select,            Posted,   Post, RequestWaiting>,
        by<"R-2",         Off,      Select,            Enabled,  none, Not<RequestWaiting>>,
        by<"R-11",        Off,      Inherit,           Enabled>,

        by<"AS-ACCEPT-2", Enabled,  ConnectionRequest, Posted,   Post>,
        by<"R-18",        Enabled,  SubsystemFailed,   Posted,   Post, IsListening>,

        by<"AS-ENABLE-1", Posted,   ConnectionRequest, none>,
        by<"AS-ENABLE-1", Posted,   SubsystemFailed,   none>,
        by<"AS-ACCEPT-3", Posted,   Accepted,          Posted,   Post, Both<Succeeded, RequestWaiting>>,
        by<"AS-LEVEL-1",  Posted,   Accepted,          Posted,   Post, Both<Either<Rejected, Failed>, RequestWaiting>>,
        by<"AS-ENABLE-4", Posted,   Accepted,          Enabled,  none, Both<Either<Succeeded, Rejected>, Not<RequestWaiting>>>,
        by<"AS-ENABLE-8", Posted,   Accepted,          Enabled,  none, Both<Failed, Not<RequestWaiting>>>,
        by<"AS-ENABLE-4", Posted,   Accepted,          Deferred, none, WasDeferred>,
        by<"R-13",        Posted,   QueueHasRoom,      Posted,   Post>,

        by<"AS-ENABLE-4", Deferred, ConnectionRequest, none>,
        by<"AS-ENABLE-4", Deferred, Accepted,          Posted,   Post, Both<Not<WasDeferred>, RequestWaiting>>,
        by<"AS-ENABLE-4", Deferred, Accepted,          Enabled,  none, Both<Not<WasDeferred>, Not<RequestWaiting>>>,
        by<"AS-ENABLE-4", Deferred, Accepted,          none,     none, WasDeferred>,

        by<"AS-REG-1",    Enabled,  Deselect,          Off>,
        by<"AS-REG-1",    Posted,   Deselect,          Off>,
        by<"AS-REG-1",    Deferred, Deselect,          Off>,
        by<"AS-CANCEL-3", Enabled,  Closed,            Off>,
        by<"AS-CANCEL-3", Posted,   Closed,            Off>,
        by<"AS-CANCEL-3", Deferred, Closed,            Off>>;
    // clang-format on
};

// Not modelled:
//  - Accepted in Enabled: no request waits then, so that the call fails and nothing is posted.
//  - Which request an accept takes or defers, and requests that the peer withdraws: the message may be stale
//    (AS-ROBUST-1).

}  // namespace asyncselect::model::machine
