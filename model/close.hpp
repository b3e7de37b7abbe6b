// FD_CLOSE.
//
// The rule: FD_CLOSE says that the connection has been closed: by the peer's end of data, once everything before it has
// been read, with error 0; or by a reset or a breakdown, at once and with the error that says so. It is posted once for
// each registration; no function re-enables it; WSAAsyncSelect on a connection that is closed already posts it too.
// What the application does itself, shutdown or closesocket, is not told. Only a connection-oriented socket can be
// closed.
#pragma once

#include "model/vocabulary.hpp"

namespace asyncselect::model::machine {

struct Close : EventMachine<Close, Event::close> {
    using ClosedAlready = Either<EndOfData, ConnectionBroken>;
    using AtFin = Both<W1, FinArrived>;

    // clang-format off
    using transition_table = mpl::vector<
        //  clause         source   stimulus           target   action guard
        by<"AS-CLOSE-2",   Off,     Select,            Posted,  Post, ClosedAlready>,
        by<"W-1",          Off,     Select,            Posted,  Post, Both<Not<ClosedAlready>, AtFin>>,
        by<"R-2",          Off,     Select,            Enabled, none, Both<Not<ClosedAlready>, Not<AtFin>>>,
        by<"R-3",          Off,     Inherit,           Posted,  Post, Either<ClosedAlready, AtFin>>,
        by<"AS-INHERIT-1", Off,     Inherit,           Enabled, none, Not<Either<ClosedAlready, AtFin>>>,

        by<"AS-CLOSE-3",   Enabled, PeerClosed,        Posted,  Post, Both<EndOfData, Not<SendShut>>>,
        by<"AS-CLOSE-4",   Enabled, PeerClosed,        Posted,  Post, Both<EndOfData, SendShut>>,
        by<"W-1",          Enabled, PeerClosed,        Posted,  Post, Both<Not<EndOfData>, W1>>,
        by<"AS-CLOSE-3",   Enabled, PeerClosed,        none,    none, Both<Not<EndOfData>, Not<W1>>>,
        by<"AS-CLOSE-3",   Enabled, Received,          Posted,  Post, Both<Not<ConnectionBroken>, Both<EndOfData, Not<SendShut>>>>,
        by<"AS-CLOSE-4",   Enabled, Received,          Posted,  Post, Both<Not<ConnectionBroken>, Both<EndOfData, SendShut>>>,
        by<"AS-CLOSE-5",   Enabled, Received,          Posted,  Post, ConnectionBroken>,
        by<"AS-CLOSE-5",   Enabled, Sent,              Posted,  Post, ConnectionBroken>,
        by<"R-6",          Enabled, ShutDown,          Posted,  Post, EndOfData>,
        by<"R-7",          Enabled, ShutDown,          none,    none, Not<EndOfData>>,
        by<"AS-CLOSE-5",   Enabled, ConnectionAborted, Posted,  Post, Not<Both<W2, WasReset>>>,
        by<"W-2",          Enabled, ConnectionAborted, Posted,  Post, Both<W2, WasReset>>,
        by<"R-4",          Enabled, ConnectOutcome,    none,    none, Failed>,
        by<"R-18",         Enabled, SubsystemFailed,   Posted,  Post, ConnectionBroken>,

        by<"R-5",          Posted,  ConnectionAborted, none>,
        by<"AS-ENABLE-5",  Posted,  Received,          none>,
        by<"AS-ENABLE-5",  Posted,  Sent,              none>,
        by<"R-7",          Posted,  ShutDown,          none>,
        by<"AS-ENABLE-5",  Posted,  SubsystemFailed,   none>,
        by<"R-13",         Posted,  QueueHasRoom,      Posted,  Post>,

        by<"AS-REG-1",     Enabled, Deselect,          Off>,
        by<"AS-REG-1",     Posted,  Deselect,          Off>,
        by<"AS-CLOSE-6",   Enabled, Closed,            Off>,
        by<"AS-CLOSE-6",   Posted,  Closed,            Off>>;
    // clang-format on
};

// Not modelled:
//  - PeerClosed in Posted: the connection was closed before.
//  - FD_CLOSE on a datagram socket: none of its facts ever says that it is closed (AS-CLOSE-1).
//  - What became of unread data after a reset: it may still be read or not; FD_CLOSE does not wait for it.

}  // namespace asyncselect::model::machine
