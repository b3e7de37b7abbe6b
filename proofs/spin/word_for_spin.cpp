// See word_for_spin.h. What is here stands in impl/winsock/slot.cpp between two atomic operations; the functions that
// it stands for are named in call.pml, and proofs/spin/run fails when one of them has changed.
extern "C" {
#include "proofs/spin/word_for_spin.h"
}

#include <bit>

#include "impl/winsock/slot.hpp"

namespace {

using namespace asyncselect;  // NOLINT: this file is nothing else
using core::Event;
using core::events;
using core::Events;
using core::Word;
namespace owners = winsock::owners;
namespace stimulus = core::stimulus;

core::Stimulus told_by(const Thread& thread) { return {thread.keep, thread.set, thread.occasion, thread.recall}; }

void tell(Thread* thread, const core::Stimulus& told) {
    thread->keep = told.keep;
    thread->set = told.set;
    thread->occasion = told.occasion;
    thread->recall = told.recall;
}

void tell_besides(Thread* thread, const core::Stimulus& told) { tell(thread, stimulus::both(told_by(*thread), told)); }

// What compare_exchange does.
bool exchange(std::uint64_t* word, Thread* thread, Word wanted) {
    if (*word != thread->seen) {
        thread->seen = *word;
        return false;
    }
    *word = wanted;
    return true;
}

constexpr auto levels = events(Event::read, Event::oob, Event::accept);
constexpr auto room = events(Event::write);
constexpr Word conditions_of(Events lanes) { return core::met(lanes & levels) | core::fact(lanes & room); }

Events in_doubt(const Thread& thread, enum Unsure fault) {
    const Word seen = thread.seen;
    const auto told = told_by(thread);
    if ((seen & owners::open) == 0 || (seen & core::layout::subsystem_failed) != 0) return 0;
    const auto doubtful = core::step(seen, told).posts & (levels | room);
    if (fault == unsure_believes_itself && (told.set & conditions_of(doubtful)) != 0) return 0;
    constexpr auto fin = core::fact(events(Event::close));
    const bool receives = (told.set & core::enabled(events(Event::read))) != 0;
    const bool fin_came = receives && (seen & fin) != 0 && (thread.before & fin) == 0 &&
                          (told.set & (core::met(events(Event::close, Event::read)))) == 0;
    return fin_came ? doubtful | events(Event::read, Event::close) : doubtful;
}

// What is not needed any more would only tell states apart that are alike.
void forget_told(Thread* thread) { thread->seen = thread->keep = thread->set = thread->occasion = thread->recall = 0; }

static_assert(lane_accept == events(Event::accept) && lane_read == events(Event::read));
static_assert(lane_write == events(Event::write) && lane_close == events(Event::close));

}  // namespace

extern "C" {

const uint64_t bit_posting = owners::posting;
const uint64_t bit_open = owners::open;
const uint64_t bit_one_call = owners::one_call;
const uint64_t bits_of_calls = owners::calls;
const uint64_t bit_refused = core::layout::refused;
const uint64_t bit_room = core::fact(events(Event::write));

uint64_t word_of_new_stream() { return core::enabled(core::all_events); }

uint64_t word_opened(uint64_t word, unsigned generation) {
    constexpr Word owned = owners::open | owners::posting | owners::calls | owners::turns | owners::generation;
    return (word & ~owned) | owners::open | Word{generation} << owners::generation_shift;
}

uint64_t word_given_back(unsigned generation) {
    const Word word = Word{generation} << owners::generation_shift;
    return (word & ~owners::generation) | ((word + (Word{1} << owners::generation_shift)) & owners::generation);
}

uint64_t word_established(uint64_t word) { return word | core::fact(events(Event::connect, Event::write)); }
int word_is_open(uint64_t word) { return (word & owners::open) != 0; }
int word_is_held(uint64_t word) { return (word & owners::posting) != 0; }
int word_is_refused(uint64_t word) { return (word & core::layout::refused) != 0; }
int word_wants(uint64_t word, unsigned lanes) { return (word & core::wanted(lanes)) != 0; }
int word_enables(uint64_t word, unsigned lanes) { return (word & core::enabled(lanes)) != 0; }
int word_met(uint64_t word, unsigned lanes) { return (word & core::met(lanes)) != 0; }
unsigned word_calls(uint64_t word) { return static_cast<unsigned>((word & owners::calls) / owners::one_call); }
unsigned word_generation(uint64_t word) { return static_cast<unsigned>(word >> owners::generation_shift); }

int word_knows_fin(uint64_t word) { return (word & core::fact(events(Event::close))) != 0; }

int names_it(uint64_t word, unsigned generation) {
    return (word & (owners::open | owners::generation)) ==
           (owners::open | Word{generation} << owners::generation_shift);
}

void tell_nothing(Thread* thread) { tell(thread, stimulus::nothing); }
void tell_data_arrived(Thread* thread) { tell_besides(thread, stimulus::data_arrived()); }
void tell_space_available(Thread* thread) { tell_besides(thread, stimulus::send_space_available()); }
void tell_peer_closed(Thread* thread, int nothing_left) {
    tell_besides(thread, stimulus::peer_closed(nothing_left != 0));
}
void tell_end_of_data(Thread* thread) { tell_besides(thread, stimulus::end_of_data()); }
void tell_received(Thread* thread, int data_left) { tell_besides(thread, stimulus::received(data_left != 0, false)); }
void tell_sent(Thread* thread, int room_as_before) { tell_besides(thread, stimulus::sent(room_as_before != 0)); }
void tell_send_blocked(Thread* thread) { tell_besides(thread, stimulus::send_blocked()); }
void tell_connection_request(Thread* thread) { tell_besides(thread, stimulus::connection_request()); }
void tell_accept_begins(Thread* thread) { tell_besides(thread, stimulus::accept_begins()); }
void tell_accepted(Thread* thread, int another) { tell_besides(thread, stimulus::accepted(another != 0)); }
void tell_select(Thread* thread, unsigned mask) { tell_besides(thread, stimulus::select(mask)); }
void tell_forgotten_conditions(Thread* thread) {
    constexpr Events conditions = events(Event::read, Event::accept, Event::oob);
    tell_besides(thread, {~(core::met(conditions) | core::fact(events(Event::write))), 0, 0, 0});
}
void tell_refused(Thread* thread, unsigned lanes) { tell_besides(thread, stimulus::refused(lanes)); }
void tell_room(Thread* thread) { tell_besides(thread, stimulus::room()); }
void tell_receive_begins(Thread* thread) { tell_besides(thread, stimulus::receive_begins()); }
void tell_send_begins(Thread* thread) { tell_besides(thread, stimulus::send_begins()); }

void begin_call(uint64_t* word, Thread* thread, unsigned generation) {
    if (names_it(thread->seen, generation) == 0) {
        thread->came = came_closed;
        return;
    }
    const Word begun = ((thread->seen & thread->keep) | thread->set) + owners::one_call;
    thread->came = exchange(word, thread, begun) ? came_done : came_changed;
    if (thread->came == came_done) {
        thread->before = thread->seen;
        forget_told(thread);
    }
}

void step_word(uint64_t* word, Thread* thread, unsigned generation, int counted) {
    if (names_it(thread->seen, generation) == 0) {
        thread->came = came_closed;
        return;
    }
    const Word call = counted != 0 ? owners::one_call : Word{0};
    auto [stepped, posts] = core::step(thread->seen, told_by(*thread));
    if (counted != 0) stepped = (stepped & ~owners::turns) | ((stepped + owners::one_turn) & owners::turns);
    if (posts == 0) {
        thread->came = exchange(word, thread, stepped - call) ? came_done : came_changed;
        if (thread->came == came_done) forget_told(thread);
        return;
    }
    if ((thread->seen & owners::posting) != 0) {
        thread->came = came_held;
        return;
    }
    if (!exchange(word, thread, stepped | owners::posting)) {
        thread->came = came_changed;
        return;
    }
    thread->posts = static_cast<std::uint16_t>(posts);
    thread->came = came_posting;
    forget_told(thread);
}

void release_after_posting(uint64_t* word, int counted) {
    *word -= owners::posting + (counted != 0 ? owners::one_call : Word{0});
}

void step_word_without_bit(uint64_t* word, Thread* thread, unsigned generation, int counted) {
    const Word held = *word & owners::posting;
    *word &= ~owners::posting;
    thread->seen &= ~owners::posting;
    step_word(word, thread, generation, counted);
    *word = (*word & ~owners::posting) | held;
}

void release_nothing(uint64_t* word, int counted) { *word -= counted != 0 ? owners::one_call : Word{0}; }

void count_no_more(uint64_t* word) { *word -= owners::one_call; }

void prepare_end(Thread* thread, unsigned found_none_of) {
    if (found_none_of != 0) thread->set &= ~(thread->before & ~thread->seen & core::enabled(core::all_events));
}

void check_found_none(Thread* thread, unsigned found_none_of) {
    const bool due = (core::step(thread->seen, told_by(*thread)).posts & found_none_of) != 0;
    thread->came = due ? came_again : came_ready;
}

void end_shared(uint64_t* word, Thread* thread, enum Unsure fault) {
    const bool held = (thread->seen & (owners::posting | owners::open)) == (owners::posting | owners::open);
    const bool waits = fault != unsure_does_not_wait || core::step(thread->seen, told_by(*thread)).posts != 0;
    if (held && waits)
        thread->came = came_held;
    else if (in_doubt(*thread, fault) == 0)
        thread->came = came_ready;
    else
        thread->came = exchange(word, thread, thread->seen | owners::posting) ? came_sure : came_changed;
}

void doubt(const uint64_t* word, Thread* thread, enum Unsure fault) {
    thread->seen = *word;
    thread->doubtful = static_cast<std::uint16_t>(in_doubt(*thread, fault));
    thread->came = thread->doubtful != 0 ? came_asking : came_asked;
}

void end_sure(uint64_t* word, Thread* thread, unsigned found_none_of) {
    const Thread before = *thread;
    const Events doubtful = thread->doubtful;
    const Events holding = thread->holding;
    tell_besides(thread, {~conditions_of(doubtful), conditions_of(holding), 0, 0});
    // Nobody shuts a direction down in these models.
    if ((doubtful & lane_close) != 0 && (holding & lane_read) == 0) tell_besides(thread, stimulus::end_of_data());
    check_found_none(thread, found_none_of);
    if (thread->came == came_again) {
        thread->came = came_let_go;
        thread->doubtful = thread->holding = 0;
        return;
    }
    end_holding(word, thread);
    if (thread->came == came_changed) {
        *thread = before;
        thread->came = came_sure;
    }
    thread->doubtful = thread->holding = 0;
}

void hold(uint64_t* word, Thread* thread, unsigned generation) {
    if (names_it(thread->seen, generation) == 0)
        thread->came = came_closed;
    else if ((thread->seen & owners::posting) != 0)
        thread->came = came_held;
    else
        thread->came = exchange(word, thread, thread->seen | owners::posting) ? came_done : came_changed;
    if (thread->came == came_done) forget_told(thread);
}

void step_holding(uint64_t* word, Thread* thread) {
    const auto [stepped, posts] = core::step(thread->seen, told_by(*thread));
    if (!exchange(word, thread, stepped)) {
        thread->came = came_changed;
        return;
    }
    thread->posts = static_cast<std::uint16_t>(posts);
    thread->came = posts != 0 ? came_posting : came_done;
    forget_told(thread);
}

void refuse_lanes(uint64_t* word, unsigned lanes) { *word = core::step(*word, stimulus::refused(lanes)).word; }

void end_holding(uint64_t* word, Thread* thread) {
    const auto [stepped, posts] = core::step(thread->seen, told_by(*thread));
    const Word counted = (stepped & ~owners::turns) | ((stepped + owners::one_turn) & owners::turns);
    if (!exchange(word, thread, posts == 0 ? counted - owners::posting - owners::one_call : counted)) {
        thread->came = came_changed;
        return;
    }
    thread->posts = static_cast<std::uint16_t>(posts);
    thread->came = posts != 0 ? came_posting : came_done;
    forget_told(thread);
}

void end_holding_unnoticed(uint64_t* word, Thread* thread) {
    const Word turns = *word & owners::turns;
    end_holding(word, thread);
    if (thread->came != came_changed) *word = (*word & ~owners::turns) | turns;
}

void release(uint64_t* word) { *word &= ~owners::posting; }

void close_word(uint64_t* word, Thread* thread) {
    const Word closed = thread->seen & ~(owners::open | core::wanted(core::all_events));
    thread->came = exchange(word, thread, closed) ? came_done : came_changed;
}

void forget_thread(Thread* thread) { *thread = Thread{}; }

}  // extern "C"
