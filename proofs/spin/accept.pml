// Accepting, harvesting and what asks for connections, on one listening socket (impl/winsock/accept.cpp, harvest.cpp): no
// FD_ACCEPT is lost, none is posted a second time without an accept, and none without a request. The threads: the window's,
// which harvests, and accepts when it is told to; and another one, which calls accept CALLS times whenever it likes.
// REQUESTS peers ask for a connection, one by one. It must not know windows, queues, or what is accepted: a post is one step.
//
// FAULT_FORGETS_EARLY: what was harvested while an accept took its request is not forgotten
// FAULT_GOES_UNNOTICED: the step of an accept that has got a request does not count as a completed call
// FAULT_NOBODY_ELSE: after an accept nobody asks whether another request waits
// FAULT_OLD_REPORT: a harvest believes its report though other threads make calls
// and those of call.pml
//
//# impl/winsock/accept.cpp accept
//# impl/winsock/accept.cpp take
//# impl/winsock/accept.cpp take_from_system
//# impl/winsock/accept.cpp take_over
//# impl/winsock/accept.cpp another
//# impl/winsock/slot.cpp Call::end_holding_if_unchanged
//# impl/winsock/harvest.cpp harvest
//# impl/winsock/harvest.cpp harvest_with_care
//# impl/winsock/harvest.cpp told_by
//# impl/winsock/harvest.cpp holding_now
//# impl/net/poller.cpp Poller::wait

#ifndef REQUESTS
#define REQUESTS 2
#endif
#ifndef CALLS
#define CALLS 1
#endif

#define WINDOW 0
#define OTHER 1
#define PEER 2
#define THREADS 2
#define NAMES { "The window's thread", "The other thread" }
#define NOBODY_IS_BUSY (!busy[WINDOW] && !busy[OTHER] && !busy[PEER])
#define GENERATION 0
#define OWNED(thread) (thread == WINDOW)

// What the system knows.
byte requests;  // that wait
byte asked;     // in all
bool edge;      // the poller has something to report

byte accepts;             // FD_ACCEPT, in the window's queue
byte may_post = 1;        // so many times: once, and once for each accept
bool cause[THREADS];      // a request waited at a moment since the thread looked last
bool fresh[THREADS];      // the same, and since anybody accepted
bool told;                // FD_ACCEPT was posted for a request that waited since anybody accepted
bool busy[THREADS + 1];   // with a call, a harvest, or as the peers

#define LOOKED(thread) cause[thread] = (requests > 0); fresh[thread] = (requests > 0)
#define DONE(thread) busy[thread] = false; cause[thread] = false; fresh[thread] = false
#define ARRIVED_FOR(thread) cause[thread] = busy[thread]; fresh[thread] = busy[thread]
#define TAKEN_FOR(thread) fresh[thread] = (busy[thread] && requests > 0)

#define ASK(thread) \
    if \
    :: requests > 0 -> c_code { now.t[thread].holding = now.t[thread].doubtful & lane_accept; }; \
    :: else \
    fi; \
    LOOKED(thread); \
    SAY(thread, now.requests > 0 ? "asks whether a request waits: yes." : "asks whether a request waits: no.")

#define POST(thread) \
    :: d_step { c_expr { now.t[thread].came == came_posting && now.t[thread].posts == lane_accept } -> \
        accepts++; \
        assert(may_post > 0); \
        may_post--; \
        told = told || fresh[thread]; \
        c_code { now.t[thread].posts = 0; say(names[thread], "posts FD_ACCEPT."); }; \
        assert(cause[thread]) };

#include "call.pml"

#ifdef FAULT_FORGETS_EARLY
#define FORGETS_WHAT_IT_TOOK(thread)
#else
#define FORGETS_WHAT_IT_TOOK(thread) tell_accept_begins(&now.t[thread])
#endif
#ifdef FAULT_NOBODY_ELSE
#define SAYS_ANOTHER 0
#else
#define SAYS_ANOTHER now.requests > 0
#endif
#ifdef FAULT_GOES_UNNOTICED
#define END_HOLDING end_holding_unnoticed
#else
#define END_HOLDING end_holding
#endif
#ifdef FAULT_OLD_REPORT
#define CARES false
#else
#define CARES true
#endif

// accept, without a condition function.
#define ACCEPT(thread) \
    busy[thread] = true; \
    do \
    :: BEGIN_CALL(thread, tell_accept_begins(&now.t[thread]), "begins an accept, and forgets what was harvested."); \
        HOLD(thread); \
        atomic { \
            may_post++; \
            SAY(thread, now.requests > 0 ? "takes a request." : "finds no request."); \
            got = (requests > 0); \
            requests = (got -> requests - 1 : 0); \
            told = false; \
            TAKEN_FOR(WINDOW); \
            TAKEN_FOR(OTHER); \
            LOOKED(thread); \
        }; \
        if \
        :: got -> \
            /* take_over */ \
            LOAD(thread); \
            do \
            :: atomic { CAME(thread, came_changed) -> \
                c_code { \
                    tell_nothing(&now.t[thread]); \
                    FORGETS_WHAT_IT_TOOK(thread); \
                    tell_accepted(&now.t[thread], SAYS_ANOTHER); \
                    now.t[thread].came = came_ready; \
                }; \
                LOOKED(thread); \
                SAY(thread, now.requests > 0 ? "asks whether another request waits: yes." : "asks whether another request waits: no.") }; \
            :: d_step { CAME(thread, came_ready) -> c_code { \
                END_HOLDING(&now.word, &now.t[thread]); \
                if (now.t[thread].came == came_done || now.t[thread].came == came_posting) \
                    say(names[thread], "steps the word with what it has found."); \
                } }; \
            POST(thread) \
            :: d_step { c_expr { now.t[thread].came == came_posting && now.t[thread].posts == 0 } -> c_code { \
                release_after_posting(&now.word, 1); \
                now.t[thread].came = came_done; \
                } }; \
            :: CAME(thread, came_done) -> break \
            od; \
            SAY(thread, "lets go of the posting bit, and has ended its call."); \
            break \
        :: else -> \
            LET_GO(thread); \
            c_code { tell_nothing(&now.t[thread]); tell_accepted(&now.t[thread], 0); }; \
            END_CALL(thread, lane_accept); \
            if \
            :: atomic { CAME(thread, came_again) -> \
                c_code { tell_nothing(&now.t[thread]); }; SAY(thread, "calls accept once more, for what has come.") }; \
                END_CALL(thread, 0) \
            :: else -> break \
            fi \
        fi \
    od; \
    atomic { FORGET(thread); got = false; DONE(thread) }

// harvest: a listener's report always needs care.
#define HARVEST_ONE(thread) \
    d_step { edge = false; busy[thread] = true; SAY(thread, "takes the report of the socket.") }; \
    LOOK(thread); \
    BEGIN_CALL(thread, , "harvests: begins a call."); \
    LOAD(thread); \
    do \
    :: atomic { CAME(thread, came_changed) -> LOAD(thread) }; \
        if \
        :: shared && CARES -> LOOK(thread) \
        :: else \
        fi; \
        atomic { \
            c_code { tell_nothing(&now.t[thread]); }; \
            if \
            :: readable -> c_code { tell_connection_request(&now.t[thread]); }; \
            :: else \
            fi; \
            c_code { now.t[thread].came = came_ready; }; \
        }; \
    :: d_step { CAME(thread, came_ready) -> c_code { \
        STEP_WORD(thread, 1); \
        if (now.t[thread].came == came_done || now.t[thread].came == came_posting) \
            say(names[thread], "steps the word with what it has found, and ends its call."); \
        } }; \
    AFTER_STEP(thread, 1) \
    :: CAME(thread, came_done) -> break \
    od; \
    atomic { FORGET(thread); readable = false; DONE(thread) }

#define LOOK(thread) \
    d_step { readable = (requests > 0); \
        LOOKED(thread); \
        SAY(thread, now.requests > 0 ? "looks at what holds now: a request waits." : "looks at what holds now: no request.") }

proctype peers() {
    do
    :: d_step { asked < REQUESTS -> busy[PEER] = true; requests++; asked++; ARRIVED_FOR(WINDOW); ARRIVED_FOR(OTHER); \
            c_code { say("A peer", "asks for a connection, and its request arrives."); } };
        d_step { edge = true; busy[PEER] = false }
    :: asked == REQUESTS -> break
    od
}

// Retrieves, and accepts when it is told to; harvests at any time.
proctype window_thread() {
    bool got, readable;
end_of_pump:
    do
    :: d_step { accepts > 0 -> accepts--; busy[WINDOW] = true; SAY(WINDOW, "retrieves FD_ACCEPT.") }; ACCEPT(WINDOW)
    :: edge -> HARVEST_ONE(WINDOW)
    od
}

proctype other_thread() {
    bool got;
    byte calls;
    do
    :: calls < CALLS -> calls++; ACCEPT(OTHER)
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

// Looks on. While nobody does anything and no report waits, a request that waits was told of since anybody accepted.
active proctype onlooker() {
end:
    atomic { NOBODY_IS_BUSY && !edge && requests > 0 && !told -> assert(told) }
}

init {
    atomic {
        c_code {
            now.word = word_opened(word_of_new_stream(), GENERATION);
            // WSAAsyncSelect with FD_ACCEPT has been called.
            tell_nothing(&now.t[0]);
            tell_select(&now.t[0], 8);
            now.t[0].seen = now.word;
            step_holding(&now.word, &now.t[0]);
            forget_thread(&now.t[0]);
        }
        run peers();
        run window_thread();
        run other_thread();
    }
}

// Every request is accepted, by a window's thread that accepts only when it is told to.
ltl all_accepted { <> [] (asked == REQUESTS && requests == 0) }
