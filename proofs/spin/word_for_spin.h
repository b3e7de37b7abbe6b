// The real notification word (impl/core/word.hpp) and the owner's bits beside it (impl/winsock/slot.hpp), as C
// functions for the programs that Spin makes of the models: each is what one thread does with the word in one atomic
// step. They are pure but for the word and the thread that they are given. It must not know the models.
#pragma once

#include <stdint.h>

// Events as lanes.
enum { lane_accept = 1 << 1, lane_read = 1 << 3, lane_write = 1 << 4, lane_close = 1 << 5 };

// What a step of a thread came to.
enum Came {
    came_nothing,
    came_done,     // the word was stepped
    came_posting,  // the word was stepped, the posting bit is held, and `posts` are to be posted
    came_changed,  // another thread was faster: `seen` is reloaded
    came_held,     // another thread holds the posting bit
    came_closed,   // the handle does not name the socket
    came_again,    // the call has to be made once more
    came_shared,   // it has seen that other threads make calls
    came_asking,   // `doubtful` is to be asked of the system
    came_asked,    // it was
    came_sure,     // the posting bit is held, and what is in doubt is to be asked
    came_let_go,   // the call has to be made once more, when the posting bit has been let go
    came_ready,    // the word is to be stepped
};

// Faults of an end on a socket that is shared.
enum Unsure {
    unsure_nothing,
    unsure_does_not_wait,    // where it posts nothing, it does not wait for who holds the posting bit
    unsure_believes_itself,  // only what was harvested is in doubt, not what the call has found out itself
};

// What one thread keeps between its steps.
typedef struct {
    uint64_t seen;                         // the word as it saw it last
    uint64_t before;                       // Call::before_
    uint64_t keep, set, occasion, recall;  // the stimulus that it will tell
    uint16_t posts;                        // lanes
    uint16_t doubtful;                     // lanes
    uint16_t holding;                      // lanes: what was asked holds
    uint16_t none_of;                      // lanes: the call found nothing there
    uint8_t came;                          // enum Came
} Thread;

// ---- the word of a socket

// Spin takes no function calls in conditions: the bits, for those.
extern const uint64_t bit_posting, bit_open, bit_one_call, bits_of_calls, bit_refused, bit_room;

uint64_t word_of_new_stream(void);
uint64_t word_opened(uint64_t word, unsigned generation);  // publish
uint64_t word_given_back(unsigned generation);             // give_back; 0: the handles begin anew
uint64_t word_established(uint64_t word);
int word_is_open(uint64_t word);
int word_is_held(uint64_t word);  // the posting bit
int word_is_refused(uint64_t word);
int word_wants(uint64_t word, unsigned lanes);
int word_enables(uint64_t word, unsigned lanes);
int word_met(uint64_t word, unsigned lanes);
unsigned word_calls(uint64_t word);
unsigned word_generation(uint64_t word);
int word_knows_fin(uint64_t word);
int names_it(uint64_t word, unsigned generation);

// ---- what is told: stimuli that are put together

void tell_nothing(Thread* thread);
void tell_data_arrived(Thread* thread);
void tell_space_available(Thread* thread);
void tell_peer_closed(Thread* thread, int nothing_left);
void tell_end_of_data(Thread* thread);
void tell_received(Thread* thread, int data_left);
void tell_sent(Thread* thread, int room_as_before);
void tell_send_blocked(Thread* thread);
void tell_connection_request(Thread* thread);
void tell_accept_begins(Thread* thread);
void tell_accepted(Thread* thread, int another);
void tell_select(Thread* thread, unsigned mask);
void tell_forgotten_conditions(Thread* thread);
void tell_refused(Thread* thread, unsigned lanes);
void tell_room(Thread* thread);
void tell_receive_begins(Thread* thread);
void tell_send_begins(Thread* thread);

// ---- steps

// Call::begin: the step that counts the call and forgets what is told.
void begin_call(uint64_t* word, Thread* thread, unsigned generation);
// step_once up to where it posts. `counted`: it ends a call.
void step_word(uint64_t* word, Thread* thread, unsigned generation, int counted);
// step_once after it has posted.
void release_after_posting(uint64_t* word, int counted);
// The end of a call on a socket that was closed meanwhile.
void count_no_more(uint64_t* word);
// The same as a fault: nobody holds a bit while it posts.
void step_word_without_bit(uint64_t* word, Thread* thread, unsigned generation, int counted);
void release_nothing(uint64_t* word, int counted);
// The parts of Call::end before it steps: came_again if a message of `found_none_of` would be due.
void prepare_end(Thread* thread, unsigned found_none_of);
void check_found_none(Thread* thread, unsigned found_none_of);
// Call::end where other threads make calls too: came_held, came_changed, came_ready (nothing is in doubt) or came_sure,
// with the posting bit held. Then Call::end_sure: loads the word, and comes to came_asking with what is `doubtful`, or
// to came_asked; and steps once that was asked: came_done, came_posting, came_sure (the word has changed) or
// came_let_go.
void end_shared(uint64_t* word, Thread* thread, enum Unsure fault);
void doubt(const uint64_t* word, Thread* thread, enum Unsure fault);
void end_sure(uint64_t* word, Thread* thread, unsigned found_none_of);
// Call::hold: came_done, came_held, came_changed or came_closed.
void hold(uint64_t* word, Thread* thread, unsigned generation);
// refuse: what could not be posted is due still, and waits for room.
void refuse_lanes(uint64_t* word, unsigned lanes);
// Call::step_holding_if_unchanged: came_done, came_posting (the caller holds already) or came_changed.
void step_holding(uint64_t* word, Thread* thread);
void release(uint64_t* word);
// Call::end_holding_if_unchanged up to where it posts: came_done (it has let go, and ended the call), came_posting
// (with release_after_posting to come) or came_changed. The same as a fault: it does not count as a completed call.
void end_holding(uint64_t* word, Thread* thread);
void end_holding_unnoticed(uint64_t* word, Thread* thread);
// The step of Call::close: came_done or came_changed.
void close_word(uint64_t* word, Thread* thread);
void forget_thread(Thread* thread);
