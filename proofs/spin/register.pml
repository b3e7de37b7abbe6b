// Registering a connected stream anew, for the window of another thread or none (impl/winsock/async_select.cpp): once
// WSAAsyncSelect has returned nothing is posted any more for what was registered before; window and message of a post belong
// together; what holds is posted for the new registration, once. The threads: those of two windows, each of which harvests
// what its poller watches, and the first of which makes CALLS receives when it is told to; and a third one that registers
// OPERATIONS times, for the one window, for the other or for none. The peer sends BYTES bytes. It must not know queues: a post is one step here.
//
// FAULT_NO_BIT: what is due is posted without the posting bit
// FAULT_CANCEL_NO_HOLD: a cancellation does not wait for the posting bit
// FAULT_NOT_ASKED: what holds at the registration is not asked for
// FAULT_LATE_WINDOW: window and message are written when the posting bit is free again
//
//# impl/winsock/async_select.cpp register_for
//# impl/winsock/async_select.cpp cancel
//# impl/winsock/async_select.cpp end_registration
//# impl/winsock/async_select.cpp step_what_holds
//# impl/net/poller.cpp Poller::add
//# impl/net/poller.cpp Poller::remove

#ifndef CALLS
#define CALLS 0
#endif
#ifndef OPERATIONS
#define OPERATIONS 2
#endif

#define FIRST 0
#define SECOND 1
#define REGISTRAR 2
#define PEER 3
#define THREADS 3
#define NAMES { "The first window's thread", "The second window's thread", "The registering thread" }
#define FOR_ALL(what) what(FIRST); what(SECOND); what(REGISTRAR)
#define NOBODY_IS_BUSY (!busy[FIRST] && !busy[SECOND] && !busy[REGISTRAR] && !busy[PEER])
#define GENERATION 0
#define POLLERS 2
#define POLLER(thread) thread
#define REPORT edge[FIRST] = edge[FIRST] || watched[FIRST]; edge[SECOND] = edge[SECOND] || watched[SECOND]
// Slot::queue is that of the window.
#define OWNED(thread) (queue == thread || queue == NO_WINDOW)

#define NO_WINDOW 2
#define UNREAD 3

byte window = FIRST;   // Slot::window, with NO_WINDOW for 0
byte message = 1;      // Slot::message: which registration it is
byte queue = FIRST;    // Slot::queue
byte waiting;          // messages in the first window's queue

byte newest = 1;       // the latest registration that has begun
bool changing;         // and it has not returned
bool cancelled;        // it is one for nothing
byte posted[OPERATIONS + 2];  // FD_READ, for each registration
byte receives;
byte aim[THREADS] = UNREAD;

#define RECEIVES receives++

#define POST(thread) \
    :: d_step { c_expr { now.t[thread].came == came_posting && (now.t[thread].posts & lane_read) } && aim[thread] == UNREAD -> \
        aim[thread] = window; \
        if \
        :: window == NO_WINDOW -> aim[thread] = UNREAD; c_code { now.t[thread].posts = 0; }; \
        :: else \
        fi }; \
    :: d_step { c_expr { now.t[thread].came == came_posting && (now.t[thread].posts & lane_read) } && aim[thread] != UNREAD -> \
        if \
        :: CALLS > 0 && aim[thread] == FIRST -> waiting++ \
        :: else \
        fi; \
        posted[message]++; \
        told = told || (fresh[thread] && message == newest); \
        c_code { now.t[thread].posts = 0; \
            say(names[thread], now.aim[thread] == 0 ? "posts FD_READ to the first window." : "posts FD_READ to the second window."); }; \
        /* nothing for a registration that was cancelled or replaced */ \
        assert(changing || (!cancelled && message == newest)); \
        /* not the window of one and the message of another */ \
        assert(aim[thread] == window_of[message]); \
        /* once, and once for each receive */ \
        assert(posted[message] <= receives + 1); \
        assert(cause[thread]); \
        aim[thread] = UNREAD };

byte window_of[OPERATIONS + 2];

#include "stream.pml"

proctype first_thread() {
    byte got, size, left = CALLS;
    bool readable, end, careful;
end_of_pump:
    do
#if CALLS
    :: d_step { waiting > 0 && left > 0 -> waiting--; left--; size = 1; SAY(FIRST, "retrieves FD_READ.") };
        RECEIVE(FIRST)
#endif
    :: edge[FIRST] -> HARVEST_ONE(FIRST)
    od
}

proctype second_thread() {
    bool readable, end, careful;
end_of_pump:
    do
    :: edge[SECOND] -> HARVEST_ONE(SECOND)
    od
}

// Call::step_holding_if_unchanged, again and again: with what `tell` says.
#define STEP_HOLDING(thread, tell, what) \
    LOAD(thread); \
    do \
    :: d_step { CAME(thread, came_changed) -> c_code { \
        tell_nothing(&now.t[thread]); \
        tell; \
        step_holding(&now.word, &now.t[thread]); \
        if (now.t[thread].came != came_changed) say(names[thread], what); \
        } }; \
    POST(thread) \
    :: d_step { c_expr { now.t[thread].came == came_posting && now.t[thread].posts == 0 } -> c_code { now.t[thread].came = came_done; } }; \
    :: CAME(thread, came_done) -> break \
    od

#define WRITE_DESTINATION \
    atomic { window = to; SAY(REGISTRAR, now.window == 0 ? "writes the first window." : "writes the second window.") }; \
    atomic { message = newest; SAY(REGISTRAR, "writes the message.") }

proctype registrar() {
    byte to, left = OPERATIONS;
    byte poller = FIRST;  // Slot::poller
    do
    :: left > 0 ->
        left--;
        if
        :: to = NO_WINDOW
        :: to = FIRST
        :: to = SECOND
        fi;
        atomic {
            busy[REGISTRAR] = true;
            changing = true;
            newest++;
            window_of[newest] = to;
            told = false;
            if
            :: to == FIRST -> SAY(REGISTRAR, "calls WSAAsyncSelect for the first window.");
            :: to == SECOND -> SAY(REGISTRAR, "calls WSAAsyncSelect for the second window.");
            :: to == NO_WINDOW -> SAY(REGISTRAR, "calls WSAAsyncSelect for no events.");
            fi
        };
        BEGIN_CALL(REGISTRAR, , "begins its call.");
        if
        :: to == NO_WINDOW ->
            // cancel
#ifndef FAULT_CANCEL_NO_HOLD
            HOLD(REGISTRAR);
#endif
            STEP_HOLDING(REGISTRAR, tell_select(&now.t[REGISTRAR], 0), "steps the word: nothing is wanted.");
            if
            :: poller != NO_WINDOW -> d_step { watched[poller] = false; edge[poller] = false; poller = NO_WINDOW }
            :: else
            fi;
            atomic { queue = NO_WINDOW; window = NO_WINDOW };
#ifndef FAULT_CANCEL_NO_HOLD
            LET_GO(REGISTRAR);
#endif
        :: else ->
            // register_for
            HOLD(REGISTRAR);
            // "Before another thread than this one can harvest it": it is no window's thread.
            shared = true;
            STEP_HOLDING(REGISTRAR, tell_forgotten_conditions(&now.t[REGISTRAR]), "forgets what was harvested.");
            if
            :: poller != to ->
                d_step { watched[to] = true; edge[to] = (bytes > 0); SAY(REGISTRAR, "has the new poller watch.") };
                if
                :: poller != NO_WINDOW -> d_step { watched[poller] = false; edge[poller] = false; SAY(REGISTRAR, "has the old poller watch no more.") }
                :: else
                fi;
                poller = to
            :: else
            fi;
            queue = to;
#ifndef FAULT_LATE_WINDOW
            WRITE_DESTINATION;
#endif
            // step_what_holds
            LOAD(REGISTRAR);
            do
            :: atomic { CAME(REGISTRAR, came_changed) ->
                c_code { tell_nothing(&now.t[REGISTRAR]); tell_forgotten_conditions(&now.t[REGISTRAR]); };
#ifndef FAULT_NOT_ASKED
                if
                :: bytes > 0 -> c_code { tell_data_arrived(&now.t[REGISTRAR]); };
                :: else
                fi;
#endif
                LOOKED(REGISTRAR);
                c_code { tell_select(&now.t[REGISTRAR], 1); now.t[REGISTRAR].came = came_ready; };
                SAY(REGISTRAR, now.bytes > 0 ? "asks what holds: data." : "asks what holds: no data.") };
            :: d_step { CAME(REGISTRAR, came_ready) -> c_code {
                step_holding(&now.word, &now.t[REGISTRAR]);
                if (now.t[REGISTRAR].came != came_changed) say(names[REGISTRAR], "steps the word: a fresh record, with what holds.");
                } };
            POST(REGISTRAR)
            :: d_step { c_expr { now.t[REGISTRAR].came == came_posting && now.t[REGISTRAR].posts == 0 } -> c_code { now.t[REGISTRAR].came = came_done; } };
            :: CAME(REGISTRAR, came_done) -> break
            od;
            LET_GO(REGISTRAR);
#ifdef FAULT_LATE_WINDOW
            WRITE_DESTINATION;
#endif
        fi;
        c_code { tell_nothing(&now.t[REGISTRAR]); };
        END_CALL(REGISTRAR, 0);
        atomic {
            FORGET(REGISTRAR);
            changing = false;
            cancelled = (to == NO_WINDOW);
            DONE(REGISTRAR);
            SAY(REGISTRAR, "returns from WSAAsyncSelect.");
        }
    :: else -> break
    od
}

// Looks on. While nobody does anything and no report waits, data that is there was told of to the window that is registered,
// since it was registered and since anybody took some.
active proctype onlooker() {
end:
    atomic { NOBODY_IS_BUSY && !edge[FIRST] && !edge[SECOND] && bytes > 0 && !cancelled && !told -> assert(told) }
}

init {
    atomic {
        watched[FIRST] = true;
        window_of[1] = FIRST;
        c_code {
            now.word = word_opened(word_established(word_of_new_stream()), GENERATION);
            // WSAAsyncSelect with FD_READ has been called for the first window.
            tell_nothing(&now.t[0]);
            tell_select(&now.t[0], 1);
            now.t[0].seen = now.word;
            step_holding(&now.word, &now.t[0]);
            forget_thread(&now.t[0]);
        }
        run peer();
        run first_thread();
        run second_thread();
        run registrar();
    }
}

// Data that is there in the end, and wanted, was told of to whom it was registered for.
ltl told_in_the_end { <> [] (!changing && (told || cancelled || bytes == 0) && sent == BYTES) }
