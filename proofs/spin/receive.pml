// Receiving, harvesting and what the peer sends, on one connected stream (impl/winsock/transfer.cpp, harvest.cpp): no
// FD_READ is lost, none is posted twice or without a cause; FD_CLOSE comes after the last of the data and nothing comes
// after it. The threads: the window's, which receives when it is told to; another one, which makes CALLS receives whenever
// it likes; and where HARVESTER is defined (eager posting) the one that harvests, else the window's does so too. The peer
// sends BYTES bytes one by one, and ends if PEER_ENDS. It must not know windows or queues: a post is one step here.
//
// FAULT_FORGETS_LATE: a receive forgets what was harvested after it has looked at the data, not before
// FAULT_OLD_REPORT: a harvest believes its report though other threads make calls
// and those of call.pml

#ifndef CALLS
#define CALLS 1
#endif
// Of one byte or two, or where ONE is defined of one.
#ifdef ONE
#define CHOOSE_SIZE size = 1
#else
#define CHOOSE_SIZE if :: size = 1 :: size = 2 fi
#endif

#define WINDOW 0
#define OTHER 1
#define HARVEST 2
#define PEER 3
#define THREADS 3
#define NAMES { "The window's thread", "The other thread", "The harvesting thread" }
#define FOR_ALL(what) what(WINDOW); what(OTHER); what(HARVEST)
#define NOBODY_IS_BUSY (!busy[WINDOW] && !busy[OTHER] && !busy[HARVEST] && !busy[PEER])
#define GENERATION 0
#define POLLERS 1
#define POLLER(thread) 0
#define REPORT edge[0] = true
#ifdef HARVESTER
#define OWNED(thread) false
#define PUMPED false
#else
#define OWNED(thread) (thread == WINDOW)
#define PUMPED true
#endif

// What is in the window's queue.
byte reads;
byte closes;

byte may_post = 1;  // FD_READ so many times: once, and once for each receive
bool close_posted;
bool closed_told;
#define RECEIVES may_post++

#define POST(thread) \
    :: d_step { c_expr { now.t[thread].came == came_posting && (now.t[thread].posts & lane_read) } -> \
        reads++; \
        assert(may_post > 0); \
        may_post--; \
        told = told || fresh[thread]; \
        c_code { now.t[thread].posts &= ~lane_read; say(names[thread], "posts FD_READ."); }; \
        assert(cause[thread]); \
        assert(!close_posted) }; \
    :: d_step { c_expr { now.t[thread].came == came_posting && now.t[thread].posts == lane_close } -> \
        closes++; \
        c_code { now.t[thread].posts = 0; say(names[thread], "posts FD_CLOSE."); }; \
        assert(!close_posted); \
        close_posted = true; \
        assert(ended && bytes == 0) };

#include "stream.pml"

// Retrieves, and receives when it is told to, with room for one byte or two; harvests at any time (a filter can hold back what is in the queue).
proctype window_thread() {
    byte got, size;
    bool readable, end, careful;
end_of_pump:
    do
    :: d_step { reads > 0 -> reads--; SAY(WINDOW, "retrieves FD_READ.") };
        CHOOSE_SIZE;
        RECEIVE(WINDOW)
    :: d_step { closes > 0 -> closes--; closed_told = true; SAY(WINDOW, "retrieves FD_CLOSE.") }
    :: PUMPED && edge[0] -> HARVEST_ONE(WINDOW)
    od
}

proctype other_thread() {
    byte got, size, calls;
    do
    :: calls < CALLS -> calls++;
        CHOOSE_SIZE;
        RECEIVE(OTHER)
    :: calls == CALLS -> break
    od
}

#ifdef HARVESTER
proctype harvester() {
    bool readable, end, careful;
end_of_harvester:
    do
    :: edge[0] -> HARVEST_ONE(HARVEST)
    od
}
#endif

// Looks on. While nobody does anything and no report waits, data that is there was told of since anybody took some.
active proctype onlooker() {
end:
    atomic { NOBODY_IS_BUSY && !edge[0] && bytes > 0 && !told -> assert(told) }
}
init {
    atomic {
        watched[0] = true;
        c_code {
            now.word = word_opened(word_established(word_of_new_stream()), GENERATION);
            // WSAAsyncSelect with FD_READ | FD_CLOSE has been called.
            tell_nothing(&now.t[0]);
            tell_select(&now.t[0], 1 | 32);
            now.t[0].seen = now.word;
            step_holding(&now.word, &now.t[0]);
            forget_thread(&now.t[0]);
        }
        run peer();
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
