// A connected stream, as models share it: what the system knows of it, a receive and a harvest (impl/winsock/transfer.cpp,
// harvest.cpp). Includes call.pml. It must not know where messages go. A model that includes it defines, besides what
// call.pml wants,
//   THREADS, PEER    how many threads use the word; the number after theirs
//   POLLERS          how many there are
//   POLLER(thread)   the poller of a thread that harvests
//   FOR_ALL(what)    what(thread), for all of them
//
// FAULT_FORGETS_LATE: a receive forgets what was harvested after it has looked at the data, not before
// FAULT_NOTHING_LEFT: after a receive nobody asks whether data is left
// FAULT_END_AT_ONCE: a FIN is told as the end of the data though data is left before it
// FAULT_OLD_REPORT: a harvest believes its report though other threads make calls
//
//# impl/winsock/harvest.cpp harvest
//# impl/winsock/harvest.cpp harvest_with_care
//# impl/winsock/harvest.cpp told_by
//# impl/winsock/harvest.cpp data_left
//# impl/winsock/harvest.cpp holding_now
//# impl/winsock/transfer.cpp asked_what_is_left
//# impl/winsock/transfer.cpp after_receive
//# impl/winsock/transfer.cpp receive
//# impl/winsock/transfer.cpp receive_plainly
//# impl/net/poller.cpp Poller::wait

#ifndef BYTES
#define BYTES 1
#endif

// What the system knows.
byte bytes;  // received and not taken
byte sent;
bool ended;             // the FIN is there, behind them
bool watched[POLLERS];  // by the poller
bool edge[POLLERS];     // the poller has something to report

// What the claims speak of.
bool cause[THREADS];  // there was data at a moment since the thread looked last
bool fresh[THREADS];  // the same, and since anybody took data
bool told;            // FD_READ was posted for data that was there since anybody took some
bool busy[THREADS + 1];  // with a call, a harvest, or as the peer

#define LOOKED(thread) cause[thread] = (bytes > 0); fresh[thread] = (bytes > 0)
#define DONE(thread) busy[thread] = false; cause[thread] = false; fresh[thread] = false
#define ARRIVED_FOR(thread) cause[thread] = busy[thread]; fresh[thread] = busy[thread]
#define TAKEN_FOR(thread) fresh[thread] = (busy[thread] && bytes > 0)
// Somebody took data: what is left is all that is fresh.
#define TAKEN told = false; FOR_ALL(TAKEN_FOR)

#define ASK(thread) \
    if \
    :: bytes > 0 -> c_code { now.t[thread].holding = now.t[thread].doubtful & lane_read; }; \
    :: else \
    fi; \
    LOOKED(thread); \
    SAY(thread, now.bytes > 0 ? "asks whether data is left: yes." : "asks whether data is left: no.")

#include "call.pml"

proctype peer() {
    do
    :: d_step { sent < BYTES ->             busy[PEER] = true; bytes++; sent++; FOR_ALL(ARRIVED_FOR);             c_code { say("The peer", "sends a byte, and it arrives."); } };
        d_step { REPORT; busy[PEER] = false }
    :: sent == BYTES -> break
    od;
#ifdef PEER_ENDS
    atomic { busy[PEER] = true; ended = true; c_code { say("The peer", "ends its side: the FIN arrives."); } };
    d_step { REPORT; busy[PEER] = false }
#endif
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

#ifdef FAULT_FORGETS_LATE
#define FORGETS_FIRST(thread)
#define FORGETS_LAST(thread) tell_receive_begins(&now.t[thread])
#else
#define FORGETS_FIRST(thread) tell_receive_begins(&now.t[thread])
#define FORGETS_LAST(thread)
#endif
#ifdef FAULT_NOTHING_LEFT
#define SAYS_LEFT 0
#else
#define SAYS_LEFT now.bytes > 0
#endif
#ifdef FAULT_END_AT_ONCE
#define DATA_BEFORE_FIN 0
#else
#define DATA_BEFORE_FIN now.bytes > 0
#endif
#ifdef FAULT_OLD_REPORT
#define CARES false
#else
#define CARES true
#endif

// recv with room for `size` bytes.
#define RECEIVE(thread) \
    busy[thread] = true; \
    do \
    :: BEGIN_CALL(thread, FORGETS_FIRST(thread), "begins a receive, and forgets what was harvested."); \
        atomic { \
            RECEIVES; \
            got = (bytes < size -> bytes : size); \
            bytes = bytes - got; \
            TAKEN; \
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
                tell_received(&now.t[thread], SAYS_LEFT); \
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
    atomic { FORGET(thread); got = 0; size = 0; DONE(thread) }

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
            if (DATA_BEFORE_FIN) { tell_data_arrived(&now.t[thread]); tell_peer_closed(&now.t[thread], 0); } \
            else { tell_end_of_data(&now.t[thread]); tell_peer_closed(&now.t[thread], 1); } \
        }; \
        LOOKED(thread); \
        SAY(thread, now.bytes > 0 ? "finds the FIN, and data before it." : "finds the FIN, and no data before it."); \
    :: !end && readable -> c_code { tell_data_arrived(&now.t[thread]); }; \
    :: else \
    fi

// harvest, of one report: Poller::wait looks at the socket once it has taken it off its list.
#define HARVEST_ONE(thread) \
    d_step { edge[POLLER(thread)] = false; busy[thread] = true; SAY(thread, "takes the report of the socket.") }; \
    atomic { LOOK(thread); careful = end }; \
    if \
    :: !end && readable -> \
        /* harvest_step, and what harvest_read_at_once does of it with less code */ \
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
    atomic { FORGET(thread); readable = false; end = false; careful = false; DONE(thread) }

