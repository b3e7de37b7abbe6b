// How a queue falls asleep and is woken (impl/window/queue.cpp): no wake-up is lost. One owner, POSTERS threads that post
// MESSAGES messages each. It must not know sockets.
//
// The processor's store buffer is a part of the model: what the owner stores waits in `buffer`, first in, first out, and
// reaches the memory at any later moment. A sequentially consistent store waits until the buffer is empty, and so does
// each read-modify-write. That is x86 (TSO); the posters store nothing but by read-modify-write.
//
// FOREIGN_LOOP: the owner waits for the bell of a foreign loop (Queue::descriptor) instead of in the queue.
//
// FAULT 1: the store that says that the owner sleeps is relaxed
// FAULT 2: the owner looks for the last time, and then says that it sleeps
// FAULT 3: a poster looks whether the owner sleeps, and then says what it has left
// FAULT 4: the bell is said to be silent, and then silenced
// FAULT 5: no last look after the bell fell silent
// FAULT 6: a poster looks whether it has to call before it takes the mutex
//
// Functions that the steps stand for; `run` fails when one of them has changed.
//# impl/window/queue.cpp Queue::sleep
//# impl/window/queue.cpp Queue::nothing_to_attend
//# impl/window/queue.cpp Queue::wake_if_asleep
//# impl/window/queue.cpp Queue::put_into_inbox
//# impl/window/queue.cpp Queue::hand_in
//# impl/window/queue.cpp Queue::take_inbox
//# impl/window/queue.cpp Queue::take_posted
//# impl/window/queue.cpp Queue::retrieve
//# impl/window/queue.cpp Queue::wait_at_once
//# impl/window/queue.hpp Queue::take_at_once
//# impl/window/queue.hpp Queue::call_for
//# impl/window/queue.cpp Queue::ring_bell
//# impl/window/queue.cpp Queue::fall_silent
//# impl/net/poller.cpp Poller::wait
//# impl/net/poller.cpp Poller::wake
//# impl/net/bell.cpp Bell::ring
//# impl/net/bell.cpp Bell::silence

#ifndef FAULT
#define FAULT 0
#endif
#ifndef POSTERS
#define POSTERS 2
#endif
#ifndef MESSAGES
#define MESSAGES 1
#endif

c_decl {
    \#include "said.h"
}
#define SAY(who, what) c_code { say(who, what); }
#define POSTER_SAYS(what) c_code { say(Pposter->me == 1 ? "The first poster" : Pposter->me == 2 ? "The second poster" : "The third poster", what); }

bool sleeping;   // sleeping_, as the memory has it
bool attention;  // the inbox bit of attention_
bool rings;      // rings_
bool bell;       // the counter of the bell's eventfd is not 0
bool wake;       // an edge of the poller's eventfd that was not told
bool locked;     // mutex_
byte inbox;
byte ring;
byte retrieved;

chan buffer = [2] of { bool };  // stores to sleeping_ on their way to the memory

#define LOCK atomic { !locked && empty(buffer); locked = true }
#define UNLOCK locked = false

// The memory takes what was stored, in its order, at any moment.
active proctype memory() {
    bool value;
end:
    do
    :: d_step { buffer?value -> sleeping = value; SAY("The memory", "takes the owner's store to sleeping_.") }
    od
}

inline take_inbox() {
    LOCK;
    d_step {
        ring = ring + inbox; inbox = 0; attention = false;     //= taken_.swap(inbox_); ... calm(inbox_bit);
        SAY("The owner", "takes what is in the inbox, and calms attention_.")
    }
    UNLOCK
}

// Queue::take_posted: at most one message, into `found`. Queue::take_at_once leaves the inbox as long as the ring has one.
inline take_posted() {
    if
    :: attention -> take_inbox()
    :: !attention || ring > 0
    fi;
    if
    :: d_step { ring > 0 -> ring--; retrieved++; found = true; SAY("The owner", "retrieves a message.") }
    :: else -> found = false
    fi
}

// Poller::wait without end: until somebody wakes.
inline wait() {
    SAY("The owner", "waits for the poller.");
    d_step { wake -> wake = false; SAY("The owner", "is woken.") }
}

active proctype owner() {
    bool found, nothing;
#ifdef FOREIGN_LOOP
#define NOTHING_TO_ATTEND !attention
end_of_loop:
    do
    // The loop waits for the bell's descriptor, which is readable while the bell rings (level-triggered).
    :: d_step { bell -> SAY("The owner's loop", "hears the bell, and looks for messages.") };
        do
        :: take_posted();
            if
            :: found
            :: else ->
                // Waiting::no: the poller is looked at once (there are no sockets here), and the queue once more.
                take_posted();
                if
                :: found
                :: else -> break
                fi
            fi
        od;
        // Queue::fall_silent
        if
        :: rings ->
#if FAULT == 4
            d_step { rings = false; SAY("The owner", "says that the bell does not ring.") }
            d_step { bell = false; SAY("The owner", "silences the bell.") }
#else
            d_step { bell = false; SAY("The owner", "silences the bell.") }
            d_step { rings = false; SAY("The owner", "says that the bell does not ring.") }
#endif
#if FAULT != 5
            if
            :: d_step { attention -> SAY("The owner", "looks for the last time: there is something.") };
                if
                :: d_step { !rings -> rings = true; SAY("The owner", "says that the bell rings.") };
                    d_step { bell = true; SAY("The owner", "rings the bell.") }
                :: rings
                fi
            :: d_step { !attention -> SAY("The owner", "looks for the last time: there is nothing.") }
            fi
#endif
        :: !rings
        fi
    od
#else
end_of_pump:
    do
    :: take_posted();
        if
        :: found
        :: else ->
#if FAULT == 1
            d_step { nfull(buffer) -> buffer!true; SAY("The owner", "stores that it sleeps; the store waits in its processor.") }
#elif FAULT == 2
            nothing = !attention;
            SAY("The owner", "looks for the last time, and then says that it sleeps.");
            d_step { empty(buffer) -> sleeping = true }
#else
            d_step { empty(buffer) -> sleeping = true; SAY("The owner", "says that it sleeps.") }
#endif
#if FAULT != 2
            d_step { nothing = !attention; SAY("The owner", "looks for the last time.") }
#endif
            if
            :: nothing -> wait()
            :: !nothing
            fi;
            d_step { nfull(buffer) -> buffer!false; nothing = false; SAY("The owner", "stores that it does not sleep; the store waits in its processor.") }
        fi
    od
#endif
}

proctype poster(byte me) {
    byte left = MESSAGES;
    bool asleep;
#if FAULT == 6
    bool called;
#endif
    do
    :: left > 0 -> left--;
#if FAULT == 3
        d_step { asleep = sleeping; POSTER_SAYS("looks whether the owner sleeps, before it has left its message.") }
#endif
#if FAULT == 6
        d_step { called = attention; POSTER_SAYS("looks whether somebody has called for attention.") }
#else
#define called attention
#endif
        d_step { !locked -> locked = true };
        // Queue::put_into_inbox; Queue::call_for looks first, under the mutex, under which alone the bit changes.
        d_step { inbox++; POSTER_SAYS("puts a message into the inbox.") }
        if
        :: d_step { !called -> attention = true; POSTER_SAYS("calls for attention.") }
        :: called
        fi;
        UNLOCK;
        // Queue::wake_if_asleep
#if FAULT != 3
        d_step { asleep = sleeping; POSTER_SAYS("looks whether the owner sleeps.") }
#endif
        if
        :: asleep ->
            if
            :: d_step { sleeping -> sleeping = false; POSTER_SAYS("finds it asleep, and takes the flag.") };
                d_step { wake = true; POSTER_SAYS("wakes the owner.") }
            :: !sleeping
            fi
        :: else
        fi;
        asleep = false;
#ifdef FOREIGN_LOOP
        if
        :: d_step { !rings -> rings = true; POSTER_SAYS("says that the bell rings.") };
            d_step { bell = true; POSTER_SAYS("rings the bell.") }
        :: d_step { rings -> POSTER_SAYS("finds that the bell rings already.") }
        fi
#endif
    :: else -> break
    od
}

// Time goes on where nothing else does: a deadlock is an endless run too.
active proctype time() {
end:
    do
    :: timeout
    od
}

init {
    byte number = 1;
    atomic {
#ifdef FOREIGN_LOOP
        // Queue::descriptor has rung.
        rings = true;
        bell = true;
#endif
        do
        :: number <= POSTERS -> run poster(number); number++
        :: else -> break
        od
    }
}

// Each message that was posted is retrieved.
ltl all_retrieved { <> [] (retrieved == POSTERS * MESSAGES) }
