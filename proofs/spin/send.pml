// Sending, harvesting and a peer that receives, on one connected stream (impl/winsock/transfer.cpp, harvest.cpp): after a
// send that did not find room for all, no FD_WRITE is lost, none is posted a second time without another such send, and none
// before there is room again. The threads: the window's, which harvests, and sends LEFT units until one does not find room,
// when it is told to; and another one, which makes CALLS sends whenever it likes. The system has room for ROOM units, and the
// peer receives all of them, one by one. Whatever else the poller reports, it also looks for room: NEWS times. It must not know windows or queues: a post is
// one step here.
//
// FAULT_ROOM_AS_BEFORE: a send that did not find room says that there is as much as before
// FAULT_NOT_OWED: a send that took less than it was given is not owed FD_WRITE (R-19)
// and those of call.pml
//
//# impl/winsock/transfer.cpp send
//# impl/winsock/transfer.cpp send_plainly
//# impl/winsock/harvest.cpp harvest
//# impl/winsock/harvest.cpp harvest_with_care
//# impl/winsock/harvest.cpp told_by
//# impl/winsock/harvest.cpp holding_now
//# impl/net/poller.cpp Poller::wait

#ifndef ROOM
#define ROOM 1
#endif
#ifndef LEFT
#define LEFT 3
#endif
#ifndef CALLS
#define CALLS 1
#endif
#ifndef NEWS
#define NEWS 1
#endif

#define WINDOW 0
#define OTHER 1
#define THREADS 2
#define NAMES { "The window's thread", "The other thread" }
#define NOBODY_IS_BUSY (!busy[WINDOW] && !busy[OTHER])
#define GENERATION 0
#define OWNED(thread) (thread == WINDOW)

// What the system knows.
byte room = ROOM;  // in units
bool asked;        // a send, or who looked, has not found room: the poller reports when there is some
bool edge;         // the poller has something to report

byte left = LEFT;        // what the window's thread has to send
byte writes = 1;         // FD_WRITE, in the window's queue: of the registration
byte may_post;           // so many times: once for each send that did not find room for all
bool owed;               // there was one since FD_WRITE was posted last
bool roomy = true;       // there was room at a moment since the last of them, of those that have ended
bool since[THREADS];     // the same since the thread has not found room in the send that it makes
bool busy[THREADS];      // with a call or a harvest

#define DONE(thread) busy[thread] = false

#define ASK(thread) \
    if \
    :: room > 0 -> c_code { now.t[thread].holding = now.t[thread].doubtful & lane_write; }; \
    :: else -> asked = true \
    fi; \
    SAY(thread, now.room > 0 ? "asks whether there is room: yes." : "asks whether there is room: no.")

#define POST(thread) \
    :: d_step { c_expr { now.t[thread].came == came_posting && now.t[thread].posts == lane_write } -> \
        writes++; \
        assert(may_post > 0); \
        may_post--; \
        owed = false; \
        assert(roomy && since[thread]); \
        c_code { now.t[thread].posts = 0; say(names[thread], "posts FD_WRITE."); } };

#include "call.pml"

#ifdef FAULT_ROOM_AS_BEFORE
#define SAYS_BLOCKED(thread) tell_sent(&now.t[thread], 1)
#else
#define SAYS_BLOCKED(thread) tell_send_blocked(&now.t[thread])
#endif
#ifdef FAULT_NOT_OWED
#define BLOCKED (got == 0)
#else
#define BLOCKED (got < size)
#endif

// send, of `size` units; `got` are taken.
#define SEND(thread) \
    busy[thread] = true; \
    BEGIN_CALL(thread, tell_send_begins(&now.t[thread]), "begins a send, and forgets that there was room."); \
    atomic { \
        SAY(thread, now.room > 0 ? "makes its send." : "makes its send, and finds no room."); \
        got = (room < size -> room : size); \
        room = room - got; \
        if \
        :: got < size -> asked = true; may_post++; owed = true; since[thread] = false; \
        :: else \
        fi; \
        c_code { tell_nothing(&now.t[thread]); }; \
        if \
        :: BLOCKED -> c_code { SAYS_BLOCKED(thread); }; \
        :: else -> c_code { tell_sent(&now.t[thread], (now.t[thread].before & bit_room) != 0); }; \
        fi; \
    }; \
    END_CALL(thread, 0); \
    atomic { FORGET(thread); DONE(thread); roomy = roomy && since[thread]; since[thread] = true }

#define LOOK(thread) \
    d_step { writable = (room > 0); \
        asked = asked || !writable; \
        SAY(thread, now.room > 0 ? "looks at what holds now: room." : "looks at what holds now: no room.") }

#define TELL_WHAT_HOLDS(thread) \
    c_code { tell_nothing(&now.t[thread]); }; \
    if \
    :: writable -> c_code { tell_space_available(&now.t[thread]); }; \
    :: else \
    fi

// harvest, of one report.
#define HARVEST_ONE(thread) \
    d_step { edge = false; busy[thread] = true; SAY(thread, "takes the report of the socket.") }; \
    LOOK(thread); \
    /* harvest_step, and what harvest_read_at_once does of it with less code */ \
    atomic { TELL_WHAT_HOLDS(thread); LOAD(thread) }; \
    do \
    :: atomic { CAME(thread, came_changed) -> \
        if \
        :: shared -> careful = true; break \
        :: else -> c_code { now.t[thread].came = came_ready; }; \
        fi }; \
    :: d_step { CAME(thread, came_ready) -> c_code { \
        STEP_WORD(thread, 0); \
        if (now.t[thread].came == came_done || now.t[thread].came == came_posting) \
            say(names[thread], "steps the word with its report."); \
        } }; \
    AFTER_STEP(thread, 0) \
    :: CAME(thread, came_done) -> break \
    od; \
    if \
    :: careful -> \
        /* harvest_with_care */ \
        BEGIN_CALL(thread, , "harvests with care: begins a call."); \
        LOAD(thread); \
        do \
        :: atomic { CAME(thread, came_changed) -> LOAD(thread) }; \
            if \
            :: shared -> LOOK(thread) \
            :: else \
            fi; \
            atomic { TELL_WHAT_HOLDS(thread); c_code { now.t[thread].came = came_ready; } }; \
        :: d_step { CAME(thread, came_ready) -> c_code { \
            STEP_WORD(thread, 1); \
            if (now.t[thread].came == came_done || now.t[thread].came == came_posting) \
                say(names[thread], "steps the word with what it has found, and ends its call."); \
            } }; \
        AFTER_STEP(thread, 1) \
        :: CAME(thread, came_done) -> break \
        od; \
    :: else \
    fi; \
    atomic { FORGET(thread); writable = false; careful = false; DONE(thread) }

proctype peer() {
    byte news = NEWS;
end_of_peer:
    do
    // The system holds the socket, as a send does, from where there is room to where it has told the poller.
    :: d_step { room < ROOM -> room++; roomy = true; since[WINDOW] = true; since[OTHER] = true; edge = edge || asked; asked = false;
            c_code { say("The peer", "receives a unit: there is room for another."); } }
    :: d_step { news > 0 -> news--; edge = true; c_code { say("The peer", "does something that the poller reports."); } }
    od
}

// Retrieves, and sends until there is no room when it is told to; harvests at any time.
proctype window_thread() {
    byte got, size;
    bool writable, careful;
end_of_pump:
    do
    :: d_step { writes > 0 -> writes--; busy[WINDOW] = true; SAY(WINDOW, "retrieves FD_WRITE.") };
        do
        :: left > 0 ->
            if
            :: size = 1
            :: left > 1 -> size = 2
            fi;
            SEND(WINDOW);
            left = left - got;
            if
            :: got < size -> break
            :: else
            fi
        :: left == 0 -> break
        od;
        atomic { got = 0; size = 0; busy[WINDOW] = false }
    :: edge -> HARVEST_ONE(WINDOW)
    od
}

proctype other_thread() {
    byte got, size, calls;
    do
    :: calls < CALLS -> calls++;
        if
        :: size = 1
        :: size = 2
        fi;
        SEND(OTHER);
        atomic { got = 0; size = 0 }
    :: calls == CALLS -> break
    od
}

// No call is counted, and nobody holds the posting bit, while nobody does anything.
active proctype counter() {
end:
    atomic { NOBODY_IS_BUSY && c_expr { now.word & (bits_of_calls | bit_posting) } -> assert(false) }
}

// Time goes on where nothing else does: a deadlock is an endless run too.
active proctype time() {
end:
    do
    :: timeout
    od
}

// Looks on. While nobody does anything and no report waits, nobody who did not find room is owed a message that there is.
active proctype onlooker() {
end:
    atomic { NOBODY_IS_BUSY && !edge && room > 0 && owed -> assert(!owed) }
}

init {
    atomic {
        since[WINDOW] = true;
        since[OTHER] = true;
        c_code {
            now.word = word_opened(word_established(word_of_new_stream()), GENERATION);
            // WSAAsyncSelect with FD_WRITE has been called, which posted it.
            tell_nothing(&now.t[0]);
            tell_select(&now.t[0], 2);
            now.t[0].seen = now.word;
            step_holding(&now.word, &now.t[0]);
            forget_thread(&now.t[0]);
        }
        run peer();
        run window_thread();
        run other_thread();
    }
}

// All is sent, by a window's thread that sends only when it is told to.
ltl all_sent { <> [] (left == 0) }
