// closesocket beside calls in progress, a wait, a look of select, a late report and another closesocket
// (impl/winsock/slot.cpp, sockets.cpp): nobody uses the descriptor of a closed socket, nothing is posted for it once
// closesocket has returned, the socket that gets the slot next is not touched by the old handle, and closesocket ends. The
// threads: one that closes, and as they are defined: CALLS, one that receives, and waits where nothing is there; LOOKS, one that
// looks and waits as select does; HARVESTS, one that harvests a report that can be older than the close; TWO_CLOSERS, one that
// closes too. When the slot was given back it is opened for another socket. It must not know queues.
//
// FAULT_NOT_AWAITED: closesocket does not wait for the calls in progress
// FAULT_NOT_WOKEN: closesocket does not end waits
// FAULT_WAITS_UNCOUNTED: who begins to wait is not counted for a moment
// FAULT_STAYS_UNCOUNTED: who begins to look is not counted for a moment
// FAULT_ANY_GENERATION: a harvest does not compare the generation
// FAULT_CLOSES_TWICE: who closes does not look whether another thread was faster
//
//# impl/winsock/slot.cpp Call::close
//# impl/winsock/slot.cpp Call::await
//# impl/winsock/slot.cpp Call::begin_waiting
//# impl/winsock/slot.cpp Call::end_waiting
//# impl/winsock/slot.cpp Stay::begin
//# impl/winsock/slot.cpp Stay::open
//# impl/winsock/slot.cpp give_back
//# impl/winsock/slot.cpp reserve_slot
//# impl/winsock/sockets.cpp asyncselect_closesocket

#define CLOSER 0
#define CALLER 1
#define LOOKER 2
#define HARVEST 3
#define THREADS 4
#ifdef TWO_CLOSERS
#define NAMES { "The closing thread", "The receiving thread", "The other closing thread", "The harvesting thread" }
#else
#define NAMES { "The closing thread", "The receiving thread", "The looking thread", "The harvesting thread" }
#endif
#define GENERATION 0
#define OWNED(thread) (thread == HARVEST)

// What the system knows: which descriptor is open, 0 if none; it can be read without waiting; it was shut down.
byte descriptor = 1;
bool readable;
bool shut_down;

byte waiting;    // Slot::waiting
bool closed;     // closesocket has returned
bool given_back;
bool opened;     // for another socket

#define USES_IT assert(descriptor == 1)

#define ASK(thread) \
    USES_IT; \
    if \
    :: readable -> c_code { now.t[thread].holding = now.t[thread].doubtful; }; \
    :: else \
    fi

#define POST(thread) \
    :: d_step { c_expr { now.t[thread].came == came_posting && now.t[thread].posts } -> \
        c_code { now.t[thread].posts = 0; say(names[thread], "posts FD_READ."); }; \
        assert(!closed) };

#include "call.pml"

c_state "uint64_t word_of_next" "Global"

// ---- closesocket

#ifdef FAULT_NOT_AWAITED
#define AWAITED true
#else
#define AWAITED false
#endif
#ifdef FAULT_NOT_WOKEN
#define WAKES skip
#else
#define WAKES atomic { USES_IT; shut_down = true }
#endif
#ifdef FAULT_CLOSES_TWICE
#define FASTER(thread) false
#else
#define FASTER(thread) CAME(thread, came_closed)
#endif

#define CLOSE(thread) \
    BEGIN_CALL(thread, , "calls closesocket."); \
    if \
    :: CAME(thread, came_closed) \
    :: else -> \
        HOLD(thread); \
        if \
        :: FASTER(thread) -> \
            c_code { tell_nothing(&now.t[thread]); }; \
            END_CALL(thread, 0) \
        :: else -> \
            LOAD(thread); \
            do \
            :: d_step { CAME(thread, came_changed) -> c_code { \
                close_word(&now.word, &now.t[thread]); \
                if (now.t[thread].came == came_done) say(names[thread], "says that the socket is not open."); \
                } }; \
            :: CAME(thread, came_done) -> break \
            od; \
            do \
            :: atomic { AWAITED -> break } \
            :: d_step { c_expr { (now.word & bits_of_calls) != bit_one_call } -> SAY(thread, "waits: there are calls in progress.") }; \
                if \
                :: waiting > 0 -> WAKES \
                :: else \
                fi \
            :: c_expr { (now.word & bits_of_calls) == bit_one_call } -> \
                if \
                :: waiting > 0 -> WAKES \
                :: else -> break \
                fi \
            od; \
            atomic { USES_IT; descriptor = 0; SAY(thread, "closes the descriptor.") }; \
            atomic { c_code { now.word = word_given_back(GENERATION); }; given_back = true; SAY(thread, "gives the slot back.") }; \
            atomic { closed = true; SAY(thread, "returns from closesocket.") } \
        fi \
    fi; \
    FORGET(thread)

proctype closer() {
    CLOSE(CLOSER)
}

// ---- a call that waits

proctype caller() {
    bool found, over;
    do
    :: over -> break
    :: else ->
        BEGIN_CALL(CALLER, tell_receive_begins(&now.t[CALLER]), "begins a receive.");
        if
        :: CAME(CALLER, came_closed) -> over = true
        :: else ->
            atomic { USES_IT; found = readable; readable = false; c_code { tell_nothing(&now.t[CALLER]); tell_received(&now.t[CALLER], 0); };
                SAY(CALLER, "makes its receive.") };
            if
            :: found || shut_down ->
                END_CALL(CALLER, 0);
                over = true
            :: else ->
                // Call::begin_waiting
#ifdef FAULT_WAITS_UNCOUNTED
                c_code { count_no_more(&now.word); };
                atomic { waiting++; SAY(CALLER, "waits.") };
#else
                atomic { waiting++; SAY(CALLER, "waits.") };
                c_code { count_no_more(&now.word); };
#endif
                // Network::await
                USES_IT;
                atomic { (readable || shut_down) -> SAY(CALLER, "waits no more.") };
                USES_IT;
                // Call::end_waiting
                LOAD(CALLER);
                do
                :: d_step { CAME(CALLER, came_changed) -> c_code { tell_nothing(&now.t[CALLER]); begin_call(&now.word, &now.t[CALLER], GENERATION); } };
                :: CAME(CALLER, came_done) -> break
                :: CAME(CALLER, came_closed) -> break
                od;
                if
                :: CAME(CALLER, came_closed) -> over = true
                :: else
                fi;
                waiting--;
                if
                :: !over -> c_code { tell_nothing(&now.t[CALLER]); }; END_CALL(CALLER, 0)
                :: else
                fi
            fi
        fi
    od;
    atomic { FORGET(CALLER); found = false }
}

// ---- a look, as select makes one

proctype looker() {
#ifdef TWO_CLOSERS
    CLOSE(LOOKER)
#else
    // Stay::begin
    LOAD(LOOKER);
    do
    :: d_step { CAME(LOOKER, came_changed) -> c_code { tell_nothing(&now.t[LOOKER]); begin_call(&now.word, &now.t[LOOKER], GENERATION); } };
    :: CAME(LOOKER, came_done) -> break
    :: CAME(LOOKER, came_closed) -> break
    od;
    if
    :: CAME(LOOKER, came_done) ->
#ifdef FAULT_STAYS_UNCOUNTED
        c_code { count_no_more(&now.word); };
        atomic { waiting++; SAY(LOOKER, "stays.") };
#else
        atomic { waiting++; SAY(LOOKER, "stays.") };
        c_code { count_no_more(&now.word); };
#endif
        // Question::ask: looks, and waits until there is something, or the socket is closed.
        atomic { USES_IT; SAY(LOOKER, "looks.") };
        atomic { (readable || shut_down) -> USES_IT; SAY(LOOKER, "looks again.") };
        waiting--
    :: else
    fi;
    FORGET(LOOKER)
#endif
}

// ---- a late report

#ifdef FAULT_ANY_GENERATION
#define STEP_OF_REPORT(thread) step_word(&now.word, &now.t[thread], word_generation(now.t[thread].seen), 0)
#else
#define STEP_OF_REPORT(thread) step_word(&now.word, &now.t[thread], GENERATION, 0)
#endif

proctype harvester() {
    if
    :: atomic { readable -> SAY(HARVEST, "has a report of data.") }
    fi;
    atomic { c_code { tell_nothing(&now.t[HARVEST]); tell_data_arrived(&now.t[HARVEST]); }; LOAD(HARVEST) };
    do
    :: atomic { CAME(HARVEST, came_changed) ->
        if
        :: shared -> c_code { now.t[HARVEST].came = came_shared; };
        :: else -> c_code { now.t[HARVEST].came = came_ready; };
        fi };
    :: d_step { CAME(HARVEST, came_ready) -> c_code {
        STEP_OF_REPORT(HARVEST);
        if (now.t[HARVEST].came == came_done || now.t[HARVEST].came == came_posting) say(names[HARVEST], "steps the word with its report.");
        } };
    AFTER_STEP(HARVEST, 0)
    :: CAME(HARVEST, came_done) -> break
    :: CAME(HARVEST, came_closed) -> break
    :: CAME(HARVEST, came_shared) -> break
    od;
    if
    :: CAME(HARVEST, came_shared) ->
        BEGIN_CALL(HARVEST, , "harvests with care: begins a call.");
        if
        :: CAME(HARVEST, came_done) ->
            LOAD(HARVEST);
            do
            :: atomic { CAME(HARVEST, came_changed) -> LOAD(HARVEST) };
                atomic { USES_IT;
                    c_code { tell_nothing(&now.t[HARVEST]); };
                    if
                    :: readable -> c_code { tell_data_arrived(&now.t[HARVEST]); };
                    :: else
                    fi;
                    c_code { now.t[HARVEST].came = came_ready; };
                    SAY(HARVEST, "looks at what holds now.") };
            :: d_step { CAME(HARVEST, came_ready) -> c_code {
                step_word(&now.word, &now.t[HARVEST], GENERATION, 1);
                if (now.t[HARVEST].came == came_done || now.t[HARVEST].came == came_posting) say(names[HARVEST], "steps the word with what it has found.");
                } };
            AFTER_STEP(HARVEST, 1)
            :: d_step { CAME(HARVEST, came_closed) -> c_code { count_no_more(&now.word); now.t[HARVEST].came = came_done; } };
            :: CAME(HARVEST, came_done) -> break
            od
        :: else
        fi
    :: else
    fi;
    FORGET(HARVEST)
}

proctype peer() {
    if
    :: readable = true
    :: true
    fi
}

// The slot is used anew.
proctype opener() {
end:
    atomic { given_back -> shared = false; c_code { now.word_of_next = word_opened(word_established(word_of_new_stream()), word_generation(now.word)); };
        descriptor = 2;
        c_code { say("Another thread", "opens the slot for another socket."); } };
    atomic { c_code { now.word = now.word_of_next; }; opened = true }
}

active proctype onlooker() {
end:
    atomic { opened && c_expr { now.word != now.word_of_next } -> assert(false) }
}

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
            tell_nothing(&now.t[0]);
            tell_select(&now.t[0], 1);
            now.t[0].seen = now.word;
            step_holding(&now.word, &now.t[0]);
            forget_thread(&now.t[0]);
        }
        run closer();
#ifdef CALLS
        run caller();
#endif
#if defined(LOOKS) || defined(TWO_CLOSERS)
        run looker();
#endif
#ifdef HARVESTS
        run harvester();
#endif
        run peer();
        run opener();
    }
}

// closesocket returns.
ltl closes { <> closed }
