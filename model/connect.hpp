// FD_CONNECT.
//
// The rule: FD_CONNECT tells how connect, WSAConnect or WSAJoinLeaf ended, once for each call that did not tell a
// failure itself: at once where the call succeeds at once, otherwise when the outcome is known, with the error that
// says how. It is posted too when WSAAsyncSelect is called while a connection is established. A socket made by accept
// inherits no message, for nobody called connect on it.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct Connect : EventMachine<Connect, Event::connect> {
    using AsWindows = Both<W4, IsDatagram>;

    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus        target   action    guard
        by<"AS-CONNECT-1", Off,     Select,         Posted,  Post,     Both<ConnectionEstablished, Not<W3>>>,
        by<"W-3",          Off,     Select,         Enabled, none,     Both<ConnectionEstablished, W3>>,
        by<"R-28",         Off,     Select,         Enabled, none,     Not<ConnectionEstablished>>,
        by<"R-3",          Off,     Inherit,        Enabled>,

        by<"AS-CONNECT-2", Enabled, ConnectCalled,  Posted,  Post,     Both<Succeeded, Not<AsWindows>>>,
        by<"W-4",          Enabled, ConnectCalled,  none,    none,     Both<Succeeded, AsWindows>>,
        by<"R-4",          Enabled, ConnectCalled,  none,    none,     Either<WouldBlock, Failed>>,
        by<"AS-CONNECT-2", Enabled, ConnectOutcome, Posted,  Post,     Succeeded>,
        by<"AS-CONNECT-4", Enabled, ConnectOutcome, Posted,  Post,     Failed>,
        by<"AS-CONNECT-3", Enabled, JoinCalled,     Posted,  Post,     Succeeded>,
        by<"R-4",          Enabled, JoinCalled,     none,    none,     Either<WouldBlock, Failed>>,
        by<"AS-CONNECT-3", Enabled, JoinOutcome,    Posted,  Post,     Succeeded>,
        by<"AS-CONNECT-4", Enabled, JoinOutcome,    Posted,  Post,     Failed>,

        by<"R-4",          Posted,  ConnectCalled,  Posted,  Post,     Both<Succeeded, Not<AsWindows>>>,
        by<"W-4",          Posted,  ConnectCalled,  Enabled, none,     Both<Succeeded, AsWindows>>,
        by<"R-4",          Posted,  ConnectCalled,  Enabled, none,     WouldBlock>,
        by<"R-4",          Posted,  ConnectCalled,  none,    none,     Failed>,
        by<"R-4",          Posted,  JoinCalled,     Posted,  Post,     Succeeded>,
        by<"R-4",          Posted,  JoinCalled,     Enabled, none,     WouldBlock>,
        by<"R-4",          Posted,  JoinCalled,     none,    none,     Failed>,
        by<"R-13",         Posted,  QueueHasRoom,   Posted,  PostKept>,

        by<"AS-REG-1",     Enabled, Deselect,       Off>,
        by<"AS-REG-1",     Posted,  Deselect,       Off>,
        by<"AS-CANCEL-3",  Enabled, Closed,         Off>,
        by<"AS-CANCEL-3",  Posted,  Closed,         Off>>;
    // clang-format on
};

// Not modelled:
//  - An outcome in Posted: the call that began the attempt has led to Enabled.
//  - An outcome in Off: a success is an established connection at the next Select; whether a failure is told then, the
//    page leaves open.
//  - Which socket WSAJoinLeaf returned: the one that joined itself.

}  // namespace asyncselect::model::machine
