// FD_WRITE.
//
// The rule: FD_WRITE says that sends are possible, from now on and until one meets WSAEWOULDBLOCK. It is posted when
// WSAAsyncSelect is called and a send is possible; when a connection is established by connect or accept; and, after a
// send that met WSAEWOULDBLOCK or took fewer bytes than it was given, when there is room again. That a send succeeded
// posts nothing.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct Write : EventMachine<Write, Event::write> {
    using AsWindows = Both<W4, Both<IsDatagram, SendPossible>>;
    using StillOwed = Both<Refused, SendPossible>;

    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus            target   action guard
        by<"AS-WRITE-1",   Off,     Select,             Posted,  Post, Both<SendPossible, Not<IsDatagram>>>,
        by<"R-14",         Off,     Select,             Posted,  Post, Both<SendPossible, IsDatagram>>,
        by<"R-2",          Off,     Select,             Enabled, none, Not<SendPossible>>,
        by<"AS-WRITE-2",   Off,     Inherit,            Posted,  Post, SendPossible>,
        by<"AS-INHERIT-1", Off,     Inherit,            Enabled, none, Not<SendPossible>>,

        by<"AS-WRITE-2",   Enabled, ConnectCalled,      Posted,  Post, Both<Succeeded, Both<SendPossible, Not<IsDatagram>>>>,
        by<"R-16",         Enabled, ConnectCalled,      Posted,  Post, Both<Succeeded, Both<SendPossible, IsDatagram>>>,
        by<"R-28",         Enabled, ConnectCalled,      none,    none, Both<Succeeded, Not<SendPossible>>>,
        by<"R-4",          Enabled, ConnectCalled,      none,    none, Either<WouldBlock, Failed>>,
        by<"AS-WRITE-2",   Enabled, ConnectOutcome,     Posted,  Post, Succeeded>,
        by<"R-4",          Enabled, ConnectOutcome,     none,    none, Failed>,
        by<"AS-WRITE-3",   Enabled, SendSpaceAvailable, Posted,  Post, SendPossible>,
        by<"R-28",         Enabled, SendSpaceAvailable, none,    none, Not<SendPossible>>,
        by<"AS-WRITE-5",   Enabled, Sent,               none,    none, Succeeded>,
        by<"AS-WRITE-3",   Enabled, Sent,               none,    none, WouldBlock>,
        by<"R-19",         Enabled, Sent,               none,    none, Short>,
        by<"AS-WRITE-4",   Enabled, Bound,              none>,

        by<"W-4",          Posted,  ConnectCalled,      Posted,  Post, Both<Succeeded, AsWindows>>,
        by<"AS-ENABLE-1",  Posted,  ConnectCalled,      none,    none, Both<Succeeded, Not<AsWindows>>>,
        by<"AS-WRITE-5",   Posted,  Sent,               Enabled, none, Both<Succeeded, Not<StillOwed>>>,
        by<"AS-ENABLE-3",  Posted,  Sent,               Enabled, none, WouldBlock>,
        by<"R-19",         Posted,  Sent,               Enabled, none, Short>,
        by<"AS-ENABLE-8",  Posted,  Sent,               Enabled, none, Both<Failed, Not<StillOwed>>>,
        by<"R-13",         Posted,  Sent,               none,    none, Both<Either<Succeeded, Failed>, StillOwed>>,
        by<"AS-WRITE-4",   Posted,  Bound,              none>,
        by<"R-13",         Posted,  QueueHasRoom,       Posted,  Post, SendPossible>,
        by<"R-13",         Posted,  QueueHasRoom,       Enabled, none, Not<SendPossible>>,

        by<"AS-REG-1",     Enabled, Deselect,           Off>,
        by<"AS-REG-1",     Posted,  Deselect,           Off>,
        by<"AS-CANCEL-3",  Enabled, Closed,             Off>,
        by<"AS-CANCEL-3",  Posted,  Closed,             Off>>;
    // clang-format on
};

// Not modelled:
//  - SendSpaceAvailable in Posted: the send that found no room has led to Enabled.
//  - How much room there is: one send may meet WSAEWOULDBLOCK right after the message (AS-ROBUST-1).
//  - FD_WRITE after bind on a datagram socket: such a socket can send at once, so the message was posted by
//    WSAAsyncSelect already; another one is a provider's choice (AS-WRITE-4).

}  // namespace asyncselect::model::machine
