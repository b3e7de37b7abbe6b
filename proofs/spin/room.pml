// A full queue, and the line of those that wait for room (R-13; impl/window/queue.cpp, impl/winsock/slot.cpp): what was
// refused is posted when there is room, once, and the owner does not sleep while it is to be. A queue with room for LIMIT
// messages, one connected stream. The threads: the owner, which retrieves, receives when it is told to and posts for itself
// where data is left; the library's own, which harvests and posts from there (eager posting); and OTHERS times somebody who
// posts a message that is no notification. The peer sends BYTES bytes. It must not know windows.
//
// FAULT_FORGOTTEN: what was refused is not put back into the word
// FAULT_LINE_LAST: the owner is woken, and then the socket put into the line
// FAULT_SLEEPS: the owner sleeps though somebody waits in line and there is room
// FAULT_LEAVES: who finds the queue full again leaves the line
// FAULT_NO_LINE: who was refused does not wait in line
//
//# impl/window/queue.cpp Queue::append
//# impl/window/queue.hpp Queue::append_at_once
//# impl/window/queue.hpp Queue::push_behind
//# impl/window/queue.cpp Queue::put_into_inbox
//# impl/window/queue.cpp Queue::hand_in
//# impl/window/queue.cpp Queue::wait_for_room
//# impl/window/queue.cpp Queue::serve_line
//# impl/window/queue.cpp Queue::attend
//# impl/window/queue.cpp Queue::sleep
//# impl/window/queue.cpp Queue::nothing_to_attend
//# impl/winsock/slot.cpp refuse
//# impl/winsock/slot.cpp post_or_wait_for_room
//# impl/winsock/slot.cpp Call::take_room

#ifndef LIMIT
#define LIMIT 1
#endif
#ifndef OTHERS
#define OTHERS 1
#endif

#define OWNER 0
#define HARVEST 1
#define PEER 2
#define THREADS 2
#define NAMES { "The owner", "The harvesting thread" }
#define FOR_ALL(what) what(OWNER); what(HARVEST)
#define NOBODY_IS_BUSY (!busy[OWNER] && !busy[HARVEST] && !busy[PEER])
#define GENERATION 0
#define POLLERS 1
#define POLLER(thread) 0
#define REPORT edge[0] = true
#define OWNED(thread) false

// What is in the queue: notifications, and messages of others.
byte ring_reads;
byte ring_others;
byte inbox_reads;
byte inbox_others;
bool inbox_bit;  // of attention_
bool line_bit;
byte line;       // how often the socket stands in it
bool serving;
bool sleeping;
bool wake;
#define RING (ring_reads + ring_others)
#define INBOX (inbox_reads + inbox_others)

byte may_post = 1;  // FD_READ so many times: once, and once for each receive
#define RECEIVES may_post++

// Where a thread is that posts.
#define TRIES 0
#define WAKES 1
#define REFUSES 2
#define STANDS_IN_LINE 3
byte stage[THREADS];
bool refused[THREADS];
bool dismissed;

#define TAKE_INBOX \
    ring_reads = ring_reads + inbox_reads; ring_others = ring_others + inbox_others; \
    inbox_reads = 0; inbox_others = 0; inbox_bit = false

#define POSTED(thread) \
    assert(may_post > 0); \
    may_post--; \
    told = told || fresh[thread]; \
    stage[thread] = WAKES; \
    SAY(thread, "posts FD_READ.")

#define LAST_STAGE(thread) c_code { now.t[thread].posts = 0; }; stage[thread] = TRIES

#ifdef FAULT_LINE_LAST
#define AFTER_REFUSAL WAKES
#else
#define AFTER_REFUSAL STANDS_IN_LINE
#endif

#define POSTS_READ(thread) c_expr { now.t[thread].came == came_posting && (now.t[thread].posts & lane_read) }
#define POST(thread) \
    :: d_step { POSTS_READ(thread) && stage[thread] == TRIES && thread == OWNER -> \
        /* Queue::append */ \
        if \
        :: inbox_bit || line_bit -> TAKE_INBOX \
        :: else \
        fi; \
        if \
        :: (line_bit && !serving) || RING >= LIMIT -> refused[thread] = true; stage[thread] = REFUSES; SAY(thread, "finds its queue full.") \
        :: else -> ring_reads++; POSTED(thread) \
        fi }; \
    :: d_step { POSTS_READ(thread) && stage[thread] == TRIES && thread != OWNER -> \
        /* Queue::put_into_inbox */ \
        if \
        :: line_bit || RING + INBOX >= LIMIT -> refused[thread] = true; stage[thread] = REFUSES; SAY(thread, "finds the queue full.") \
        :: else -> inbox_reads++; inbox_bit = true; POSTED(thread) \
        fi }; \
    :: d_step { POSTS_READ(thread) && stage[thread] == REFUSES -> \
        REFUSE(thread); \
        SAY(thread, "puts what was refused back into the word."); \
        if \
        :: serving && thread == OWNER -> refused[thread] = false; dismissed = true; LAST_STAGE(thread) \
        :: else -> stage[thread] = AFTER_REFUSAL \
        fi }; \
    :: d_step { POSTS_READ(thread) && stage[thread] == STANDS_IN_LINE -> \
        /* Queue::wait_for_room */ \
        STAND_IN_LINE(thread); \
        refused[thread] = false; \
        AFTER_LINE(thread) }; \
    :: d_step { POSTS_READ(thread) && stage[thread] == WAKES -> \
        /* Queue::wake_if_asleep */ \
        if \
        :: sleeping && thread != OWNER -> sleeping = false; wake = true; SAY(thread, "wakes the owner.") \
        :: else \
        fi; \
        AFTER_WAKE(thread) };

#ifdef FAULT_FORGOTTEN
#define REFUSE(thread) skip
#else
#define REFUSE(thread) c_code { refuse_lanes(&now.word, now.t[thread].posts); }
#endif
#ifdef FAULT_NO_LINE
#define STAND_IN_LINE(thread) skip
#else
#define STAND_IN_LINE(thread) \
    line++; line_bit = true; SAY(thread, "stands in line for room."); \
    assert(line == 1)
#endif
#ifdef FAULT_LINE_LAST
#define AFTER_LINE(thread) LAST_STAGE(thread)
#define AFTER_WAKE(thread) \
    if \
    :: refused[thread] -> stage[thread] = STANDS_IN_LINE \
    :: else -> LAST_STAGE(thread) \
    fi
#else
#define AFTER_LINE(thread) stage[thread] = WAKES
#define AFTER_WAKE(thread) LAST_STAGE(thread)
#endif
#ifdef FAULT_SLEEPS
#define LINE_TO_ATTEND false
#else
#define LINE_TO_ATTEND (line_bit && RING < LIMIT)
#endif
#ifdef FAULT_LEAVES
#define STAYS false
#else
#define STAYS dismissed
#endif

#include "stream.pml"

// Queue::serve_line, and Call::take_room for the only one that stands there.
#define SERVE_LINE \
    d_step { serving = true; busy[OWNER] = true; SAY(OWNER, "serves the line.") }; \
    do \
    :: RING < LIMIT && line > 0 -> \
        dismissed = false; \
        HOLD(OWNER); \
        LOAD(OWNER); \
        do \
        :: d_step { c_expr { now.t[OWNER].came == came_changed && (now.word & bit_refused) } -> c_code { \
            now.t[OWNER].seen = now.word; \
            tell_nothing(&now.t[OWNER]); \
            tell_room(&now.t[OWNER]); \
            step_holding(&now.word, &now.t[OWNER]); \
            say(names[OWNER], "steps the word: there is room."); \
            } ; cause[OWNER] = true; fresh[OWNER] = (bytes > 0) }; \
        POST(OWNER) \
        :: d_step { c_expr { now.t[OWNER].came == came_posting && now.t[OWNER].posts == 0 } -> c_code { now.t[OWNER].came = came_done; } }; \
        :: CAME(OWNER, came_done) -> break \
        :: c_expr { now.t[OWNER].came == came_changed && !(now.word & bit_refused) } -> break \
        od; \
        LET_GO(OWNER); \
        if \
        :: STAYS -> break \
        :: else -> d_step { line--; line_bit = (line > 0); SAY(OWNER, "takes the socket out of the line.") } \
        fi \
    :: else -> break \
    od; \
    atomic { FORGET(OWNER); dismissed = false; serving = false; DONE(OWNER) }

proctype owner() {
    byte got, size;
    bool nothing;
end_of_pump:
    do
    :: // Queue::take_posted: attends, and takes a message. Queue::take_at_once: leaves the inbox as long as something is in the
        // ring and nobody stands in the line.
        if
        :: inbox_bit -> d_step { TAKE_INBOX; SAY(OWNER, "takes what is in the inbox.") }
        :: !inbox_bit || (RING > 0 && !line_bit)
        fi;
        if
        :: line_bit -> SERVE_LINE
        :: else
        fi;
        if
        :: d_step { ring_reads > 0 -> ring_reads--; size = 1; SAY(OWNER, "retrieves FD_READ.") };
            RECEIVE(OWNER)
        :: d_step { ring_others > 0 -> ring_others--; SAY(OWNER, "retrieves a message of another.") }
        :: else ->
            // Queue::sleep
            d_step { sleeping = true; SAY(OWNER, "says that it sleeps.") };
            d_step { nothing = !inbox_bit && !LINE_TO_ATTEND };
            if
            :: nothing -> d_step { wake -> wake = false; SAY(OWNER, "is woken.") }
            :: else
            fi;
            d_step { sleeping = false; nothing = false }
        fi
    od
}

proctype harvester() {
    byte got, size;
    bool readable, end, careful;
end_of_harvester:
    do
    :: edge[0] -> HARVEST_ONE(HARVEST)
    od
}

// Somebody who posts messages of a program's own.
proctype other() {
    byte left = OTHERS;
    bool posted;
    do
    :: left > 0 ->
        left--;
        d_step {
            if
            :: RING + INBOX < LIMIT -> inbox_others++; inbox_bit = true; posted = true; c_code { say("Another thread", "posts a message."); }
            :: else -> posted = false
            fi
        };
        if
        :: posted ->
            d_step {
                posted = false;
                if
                :: sleeping -> sleeping = false; wake = true; c_code { say("Another thread", "wakes the owner."); }
                :: else
                fi
            }
        :: else
        fi
    :: else -> break
    od
}

// Looks on. While nobody does anything and no report waits, data that is there was told of since anybody took some, or the
// socket waits for room.
active proctype onlooker() {
end:
    atomic { NOBODY_IS_BUSY && !edge[0] && bytes > 0 && !told && c_expr { !(now.word & bit_refused) } -> assert(told) }
}

init {
    atomic {
        watched[0] = true;
        shared = true;
        c_code {
            now.word = word_opened(word_established(word_of_new_stream()), GENERATION);
            // WSAAsyncSelect with FD_READ has been called.
            tell_nothing(&now.t[0]);
            tell_select(&now.t[0], 1);
            now.t[0].seen = now.word;
            step_holding(&now.word, &now.t[0]);
            forget_thread(&now.t[0]);
        }
        run peer();
        run owner();
        run harvester();
        run other();
    }
}

// All that the peer sends is received, by an owner that receives only when it is told to.
ltl all_received { <> [] (sent == BYTES && bytes == 0) }
