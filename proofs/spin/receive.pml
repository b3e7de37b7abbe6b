// Receiving, harvesting and what the peer sends, on one connected stream (impl/winsock/transfer.cpp, harvest.cpp): no
// FD_READ is lost, none is posted twice or without a cause; FD_CLOSE comes after the last of the data and nothing comes
// after it. The threads: the window's, which receives when it is told to; another one, which makes CALLS receives whenever
// it likes; and where HARVESTER is defined (eager posting) the one that harvests, else the window's does so too. The peer
// sends BYTES bytes one by one, and ends if PEER_ENDS. It must not know windows or queues: a post is one step here.
//
// FAULT_FORGETS_LATE: a receive forgets what was harvested after it has looked at the data, not before
// FAULT_NOT_SURE: what was harvested during a call is not asked of again at its end
// FAULT_STORE: a step of the word is a store, not a compare-and-swap
// FAULT_OLD_REPORT: a harvest believes its report though other threads make calls
// //
//# impl/winsock/harvest.cpp harvest
//# impl/winsock/harvest.cpp harvest_with_care
//# impl/winsock/harvest.cpp told_by
//# impl/winsock/harvest.cpp data_left
//# impl/winsock/harvest.cpp holding_now
//# impl/winsock/transfer.cpp asked_what_is_left
//# impl/winsock/transfer.cpp after_receive
//# impl/winsock/transfer.cpp receive
//# impl/net/poller.cpp Poller::wait

#ifndef BYTES
#define BYTES 2
#endif
#ifndef CALLS
#define CALLS 2
#endif

#define WINDOW 0
#define OTHER 1
#define HARVEST 2
#define THREADS 3
#define NAMES { "The window's thread", "The other thread", "The harvesting thread" }
#define GENERATION 0
#ifdef HARVESTER
#define OWNED(thread) false
#define PUMPED false
#else
#define OWNED(thread) (thread == WINDOW)
#define PUMPED true
#endif

// What the system knows.
byte bytes;  // received and not taken
bool ended;  // the FIN is there, behind them
bool edge;   // the poller has something to report
byte sent;

// What is in the window's queue.
byte reads;
byte closes;

// What the claims speak of.
byte receives_begun;
byte reads_posted;
bool close_posted;
bool closed_told;
bool cause[3];  // there was data at a moment since the thread looked last
bool fresh[3];  // the same, and since anybody took data
bool told;      // FD_READ was posted for data that was there since anybody took data
byte busy;      // calls, harvests and doings of the peer that have begun and not ended

#define ASK(thread) \
    if \
    :: bytes > 0 -> c_code { now.t[thread].holding = now.t[thread].doubtful & lane_read; }; \
    :: else \
    fi; \
    LOOKED(thread); \
    SAY(thread, now.bytes > 0 ? "asks whether data is left: yes." : "asks whether data is left: no.")

#define POST(thread) \
    :: d_step { c_expr { now.t[thread].came == came_posting && (now.t[thread].posts & lane_read) } -> \
        reads++; \
        reads_posted++; \
        told = told || fresh[thread]; \
        c_code { now.t[thread].posts &= ~lane_read; say(names[thread], "posts FD_READ."); }; \
        assert(reads_posted <= receives_begun + 1); \
        assert(cause[thread]); \
        assert(!close_posted) }; \
    :: d_step { c_expr { now.t[thread].came == came_posting && now.t[thread].posts == lane_close } -> \
        closes++; \
        c_code { now.t[thread].posts = 0; say(names[thread], "posts FD_CLOSE."); }; \
        assert(!close_posted); \
        close_posted = true; \
        assert(ended && bytes == 0) };

#include "call.pml"

#define ARRIVED \
    cause[WINDOW] = true; cause[OTHER] = true; cause[HARVEST] = true; \
    fresh[WINDOW] = true; fresh[OTHER] = true; fresh[HARVEST] = true
#define LOOKED(thread) cause[thread] = (bytes > 0); fresh[thread] = (bytes > 0)

active proctype peer() {
    do
    :: d_step { sent < BYTES -> busy++; bytes++; sent++; ARRIVED; c_code { say("The peer", "sends a byte, and it arrives."); } };
        d_step { edge = true; busy-- }
    :: sent == BYTES -> break
    od;
#ifdef PEER_ENDS
    atomic { busy++; ended = true; c_code { say("The peer", "ends its side: the FIN arrives."); } };
    d_step { edge = true; busy-- }
#endif
}

#ifdef FAULT_FORGETS_LATE
#define FORGETS_FIRST(thread)
#define FORGETS_LAST(thread) tell_receive_begins(&now.t[thread])
#else
#define FORGETS_FIRST(thread) tell_receive_begins(&now.t[thread])
#define FORGETS_LAST(thread)
#endif
#ifdef FAULT_OLD_REPORT
#define CARES false
#else
#define CARES true
#endif

// recv with room for `size` bytes.
#define RECEIVE(thread) \
    busy++; \
    do \
    :: BEGIN_CALL(thread, FORGETS_FIRST(thread), "begins a receive, and forgets what was harvested."); \
        atomic { \
            receives_begun++; \
            got = (bytes < size -> bytes : size); \
            bytes = bytes - got; \
            told = false; \
            fresh[WINDOW] = (bytes > 0); fresh[OTHER] = fresh[WINDOW]; fresh[HARVEST] = fresh[WINDOW]; \
            LOOKED(thread); \
            c_code { tell_nothing(&now.t[thread]); FORGETS_LAST(thread); now.t[thread].none_of = 0; }; \
            SAY(thread, "makes its receive."); \
            /* after_receive */ \
            if \
            :: got == 0 && ended -> c_code { tell_received(&now.t[thread], 0); tell_end_of_data(&now.t[thread]); }; \
            :: got == 0 && !ended -> c_code { tell_received(&now.t[thread], 0); now.t[thread].none_of = lane_read; }; \
            :: got > 0 && got < size -> \
                /* there was room for more: nothing is left, and after a FIN that was known nothing ever will be */ \
                c_code { \
                    tell_received(&now.t[thread], 0); \
                    if (word_knows_fin(now.t[thread].before)) tell_end_of_data(&now.t[thread]); \
                }; \
            :: got == size \
            fi; \
        }; \
        if \
        :: atomic { got == size -> \
            c_code { \
                tell_received(&now.t[thread], now.bytes > 0); \
                if (now.bytes == 0 && word_knows_fin(now.t[thread].before)) tell_end_of_data(&now.t[thread]); \
            }; \
            LOOKED(thread); \
            SAY(thread, now.bytes > 0 ? "asks what is left: data." : "asks what is left: nothing.") }; \
        :: else \
        fi; \
        END_CALL(thread, now.t[thread].none_of); \
        if \
        :: atomic { CAME(thread, came_again) -> \
                c_code { tell_nothing(&now.t[thread]); }; SAY(thread, "makes its receive once more, for what has come.") }; \
            END_CALL(thread, 0) \
        :: else -> break \
        fi; \
    od; \
    atomic { FORGET(thread); got = 0; size = 0; busy-- }

#define LOOK(thread) \
    readable = (bytes > 0 || ended); \
    end = ended; \
    LOOKED(thread); \
    SAY(thread, now.bytes > 0 ? "looks at what holds now: data." : "looks at what holds now: no data.")

// told_by: where the FIN is there, whether data is before it is asked of the system.
#define TELL_WHAT_HOLDS(thread) \
    c_code { tell_nothing(&now.t[thread]); }; \
    if \
    :: end -> \
        c_code { \
            if (now.bytes > 0) { tell_data_arrived(&now.t[thread]); tell_peer_closed(&now.t[thread], 0); } \
            else { tell_end_of_data(&now.t[thread]); tell_peer_closed(&now.t[thread], 1); } \
        }; \
        LOOKED(thread); \
        SAY(thread, now.bytes > 0 ? "finds the FIN, and data before it." : "finds the FIN, and no data before it."); \
    :: !end && readable -> c_code { tell_data_arrived(&now.t[thread]); }; \
    :: else \
    fi

// harvest, of one report: Poller::wait looks at the socket once it has taken it off its list.
#define HARVEST_ONE(thread) \
    d_step { edge = false; busy++; SAY(thread, "takes the report of the socket.") }; \
    atomic { LOOK(thread); careful = end }; \
    if \
    :: !end && readable -> \
        /* harvest_step */ \
        atomic { c_code { tell_nothing(&now.t[thread]); tell_data_arrived(&now.t[thread]); }; LOAD(thread) }; \
        do \
        :: atomic { CAME(thread, came_changed) -> \
            if \
            :: shared && CARES -> careful = true; break \
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
    :: else \
    fi; \
    if \
    :: careful -> \
        /* harvest_with_care */ \
        BEGIN_CALL(thread, , "harvests with care: begins a call."); \
        LOAD(thread); \
        do \
        :: atomic { CAME(thread, came_changed) -> LOAD(thread) }; \
            if \
            :: d_step { shared && CARES -> LOOK(thread) }; \
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
    atomic { FORGET(thread); readable = false; end = false; careful = false; busy-- }

// Retrieves, and receives when it is told to, with room for one byte or two; harvests at any time (a filter can hold back what is in the queue).
proctype window_thread() {
    byte got, size;
    bool readable, end, careful;
end_of_pump:
    do
    :: d_step { reads > 0 -> reads--; SAY(WINDOW, "retrieves FD_READ.") };
        if
        :: size = 1
        :: size = 2
        fi;
        RECEIVE(WINDOW)
    :: d_step { closes > 0 -> closes--; closed_told = true; SAY(WINDOW, "retrieves FD_CLOSE.") }
    :: PUMPED && edge -> HARVEST_ONE(WINDOW)
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
        RECEIVE(OTHER)
    :: calls == CALLS -> break
    od
}

#ifdef HARVESTER
proctype harvester() {
    bool readable, end, careful;
end_of_harvester:
    do
    :: edge -> HARVEST_ONE(HARVEST)
    od
}
#endif

// Looks on. While nobody does anything and no report waits, data that is there was told of since anybody took some; no call
// is counted, and nobody holds the posting bit.
active proctype onlooker() {
end:
    atomic { busy == 0 && !edge && bytes > 0 && !told -> assert(told) }
}
active proctype counter() {
end:
    atomic { busy == 0 && c_expr { now.word & (bits_of_calls | bit_posting) } -> assert(false) }
}

// Time goes on where nothing else does: a deadlock is an endless run too.
active proctype time() {
end:
    do
    :: timeout
    od
}

init {
    atomic {
        c_code {
            now.word = word_opened(word_established(word_of_new_stream()), GENERATION);
            // WSAAsyncSelect with FD_READ | FD_CLOSE has been called.
            tell_nothing(&now.t[0]);
            tell_select(&now.t[0], 1 | 32);
            now.t[0].seen = now.word;
            step_holding(&now.word, &now.t[0]);
            forget_thread(&now.t[0]);
        }
        run window_thread();
        run other_thread();
#ifdef HARVESTER
        shared = true;
        run harvester();
#endif
    }
}

#ifdef PEER_ENDS
#define ALL_TOLD closed_told
#else
#define ALL_TOLD true
#endif
// All that the peer sends is received, by a window's thread that receives only when it is told to; and it is told of the end.
ltl all_told { <> [] (sent == BYTES && bytes == 0 && ALL_TOLD) }
