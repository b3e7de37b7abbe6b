// What all models of a socket share: a call and a harvest step between them, as impl/winsock/slot.cpp has them. What lies
// between two atomic operations is C over the real word (word_for_spin.h); each atomic operation is one step here, in the
// order of the code. It must not know what calls do. A model that includes it defines
//   GENERATION      of the handle that the thread uses
//   OWNED(thread)   whether it is the thread of the socket's queue (Queue::owned_by_this_thread)
//   ASK(thread)     Call::end asks the system of the lanes in `doubtful`, and leaves those that hold in its `holding`
//   POST(thread)    options of a loop: each posts the message of a lane in `posts` and takes the lane out
//   THREADS         how many there are that use the word
//   NAMES           of the threads, for the sentences that tell a trail
// Where the process has one thread, `replace` and `take_off` do not lock: there is nobody to meet, and nothing to model.
//
//# impl/winsock/slot.cpp step_once
//# impl/winsock/slot.cpp await_posting_bit
//# impl/winsock/slot.cpp held_by_another
//# impl/winsock/slot.cpp in_doubt
//# impl/winsock/slot.cpp conditions_of
//# impl/winsock/slot.cpp with_answer
//# impl/winsock/slot.hpp names
//# impl/winsock/slot.hpp next_turn
//# impl/winsock/slot.cpp Call::begin
//# impl/winsock/slot.hpp begin_at_once
//# impl/winsock/slot.hpp end_at_once
//# impl/winsock/slot.hpp replace
//# impl/winsock/slot.hpp take_off
//# impl/winsock/slot.cpp Call::end
//# impl/winsock/slot.cpp Call::end_sure
//# impl/winsock/slot.cpp Call::end_holding_if_unchanged
//# impl/winsock/slot.cpp Call::end_if_unchanged
//# impl/winsock/slot.cpp Call::hold
//# impl/winsock/slot.cpp Call::release
//# impl/winsock/slot.cpp Call::step_holding
//# impl/winsock/slot.cpp Call::step_holding_if_unchanged
//# impl/winsock/slot.cpp harvest_step
//# impl/winsock/slot.cpp harvest_read_at_once
//# impl/winsock/slot.cpp post
//# impl/winsock/slot.cpp publish
//# impl/winsock/slot.cpp next_generation

c_decl {
    \#include "said.h"
    \#include "word_for_spin.h"
    enum { threads = THREADS };
    static const char* const names[] = NAMES;
}

c_state "uint64_t word" "Global"
c_state "Thread t[threads]" "Global"

bool shared;  // Slot::shared


#define SAY(thread, what) c_code { say(names[thread], what); }
#define CAME(thread, what) c_expr { now.t[thread].came == what }
#define LOAD(thread) c_code { now.t[thread].seen = now.word; now.t[thread].came = came_changed; }
// One compare-and-swap. FAULT_STORE: what another thread has stepped meanwhile is overwritten. FAULT_NO_BIT: what is due is
// posted without the posting bit.
#if defined(FAULT_STORE)
#define STEP_WORD(thread, counted) now.word = now.t[thread].seen; step_word(&now.word, &now.t[thread], GENERATION, counted)
#define RELEASE(counted) release_after_posting(&now.word, counted)
#elif defined(FAULT_NO_BIT)
#define STEP_WORD(thread, counted) step_word_without_bit(&now.word, &now.t[thread], GENERATION, counted)
#define RELEASE(counted) release_nothing(&now.word, counted)
#else
#define STEP_WORD(thread, counted) step_word(&now.word, &now.t[thread], GENERATION, counted)
#define RELEASE(counted) release_after_posting(&now.word, counted)
#endif
// FAULT_NOT_SURE: nothing is asked of again at the end of a call. FAULT_DOES_NOT_WAIT: one that posts nothing does not wait for
// who holds the posting bit. FAULT_BELIEVES_ITSELF: only what was harvested is asked of again.
#if defined(FAULT_NOT_SURE) || defined(FAULT_NO_BIT)
#define MAKES_SURE false
#else
#define MAKES_SURE true
#endif
#if defined(FAULT_DOES_NOT_WAIT)
#define UNSURE unsure_does_not_wait
#elif defined(FAULT_BELIEVES_ITSELF)
#define UNSURE unsure_believes_itself
#else
#define UNSURE unsure_nothing
#endif
#define FORGET(thread) c_code { forget_thread(&now.t[thread]); }

// Call::begin, and begin_at_once where it succeeds: the same step. `first` tells what is forgotten. Comes to came_done or came_closed.
#define BEGIN_CALL(thread, first, what) \
    atomic { c_code { tell_nothing(&now.t[thread]); first; }; LOAD(thread) }; \
    do \
    :: d_step { CAME(thread, came_changed) -> \
        if \
        :: OWNED(thread) \
        :: else -> shared = true \
        fi; \
        c_code { now.t[thread].came = came_ready; } }; \
    :: d_step { CAME(thread, came_ready) -> c_code { \
        begin_call(&now.word, &now.t[thread], GENERATION); \
        if (now.t[thread].came == came_done) say(names[thread], what); \
        } }; \
    :: CAME(thread, came_done) -> break \
    :: CAME(thread, came_closed) -> break \
    od

// What follows a step in step_once: the messages are posted and the posting bit let go, or it is waited for.
#define AFTER_STEP(thread, counted) \
    POST(thread) \
    :: d_step { c_expr { now.t[thread].came == came_posting && now.t[thread].posts == 0 } -> c_code { \
        RELEASE(counted); \
        now.t[thread].came = came_done; \
        say(names[thread], "lets go of the posting bit."); \
        } }; \
    :: d_step { c_expr { now.t[thread].came == came_held && \
                         (now.word & (bit_posting | bit_open)) != (bit_posting | bit_open) } -> LOAD(thread) };

// Call::hold. Comes to came_done or came_closed.
#define HOLD(thread) \
    LOAD(thread); \
    do \
    :: d_step { CAME(thread, came_changed) -> c_code { \
        hold(&now.word, &now.t[thread], GENERATION); \
        if (now.t[thread].came == came_done) say(names[thread], "holds the posting bit."); \
        } }; \
    :: d_step { c_expr { now.t[thread].came == came_held && \
                         (now.word & (bit_posting | bit_open)) != (bit_posting | bit_open) } -> LOAD(thread) }; \
    :: CAME(thread, came_done) -> break \
    :: CAME(thread, came_closed) -> break \
    od

// Call::release.
#define LET_GO(thread) atomic { c_code { release(&now.word); }; SAY(thread, "lets go of the posting bit.") }

// Call::end, and end_at_once where it succeeds: the socket is not shared, and the step has no posts. Comes to came_done or
// came_again. `none_of`: lanes of which nothing was found.
#define END_CALL(thread, none_of) \
    LOAD(thread); \
    do \
    :: d_step { CAME(thread, came_changed) -> \
        c_code { prepare_end(&now.t[thread], none_of); }; \
        if \
        :: shared && MAKES_SURE -> c_code { now.t[thread].came = came_shared; }; \
        :: else -> c_code { now.t[thread].came = came_ready; }; \
        fi }; \
    :: d_step { CAME(thread, came_shared) -> c_code { \
        end_shared(&now.word, &now.t[thread], UNSURE); \
        if (now.t[thread].came == came_sure) say(names[thread], "holds the posting bit, to ask what holds."); \
        } }; \
    :: d_step { CAME(thread, came_sure) -> c_code { doubt(&now.word, &now.t[thread], UNSURE); } }; \
    :: d_step { CAME(thread, came_asking) -> ASK(thread); c_code { now.t[thread].came = came_asked; } }; \
    :: d_step { CAME(thread, came_asked) -> c_code { \
        end_sure(&now.word, &now.t[thread], none_of); \
        if (now.t[thread].came == came_done || now.t[thread].came == came_posting) say(names[thread], "ends its call."); \
        } }; \
    :: d_step { CAME(thread, came_let_go) -> c_code { \
        release(&now.word); now.t[thread].came = came_again; say(names[thread], "lets go of the posting bit."); } }; \
    :: d_step { CAME(thread, came_ready) -> c_code { \
        check_found_none(&now.t[thread], none_of); \
        if (now.t[thread].came == came_ready) { \
            STEP_WORD(thread, 1); \
            if (now.t[thread].came == came_done || now.t[thread].came == came_posting) say(names[thread], "ends its call."); \
        } } }; \
    AFTER_STEP(thread, 1) \
    :: d_step { CAME(thread, came_closed) -> c_code { count_no_more(&now.word); now.t[thread].came = came_done; } }; \
    :: CAME(thread, came_done) -> break \
    :: CAME(thread, came_again) -> break \
    od
