// How threads share a slot, and the table of slots. The protocol is told in slot.hpp; here is what it takes.
#include "impl/winsock/slot.hpp"

#include <array>
#include <bit>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "impl/window/immortal.hpp"
#include "impl/winsock/harvest.hpp"

namespace asyncselect::winsock {

using core::Word;
using handles::Chunk;
using handles::generation_of;
using handles::index_of;
using handles::names;
using handles::slot_at;
using handles::slot_limit;
using handles::slots_in_chunk;

constinit std::array<std::atomic<Chunk*>, slot_limit / slots_in_chunk> handles::chunks{};

namespace {

constexpr Handle handle_of(std::uint32_t index, Word word) {
    return Handle{index} << handles::index_shift | Handle{(word & owners::generation) >> owners::generation_shift}
                                                       << handles::generation_place;
}

constexpr Word next_generation(Word word) {
    return (word & ~owners::generation) | ((word + (Word{1} << owners::generation_shift)) & owners::generation);
}

class Table {
  public:
    // The slot that has rested longest; slots whose handles begin anew only when no queue can still hold an old one.
    std::optional<std::uint32_t> take() noexcept {
        const std::lock_guard lock{mutex_};
        if (!resting_.empty() && window::all_retrieved_since(resting_.front().since)) {
            free_.push_back(resting_.front().index);
            resting_.pop_front();
        }
        if (free_.size() < spare && used_ + 1 < slot_limit) return grow();
        if (free_.empty()) return std::nullopt;
        const auto index = free_.front();
        free_.pop_front();
        return index;
    }

    void put_back(std::uint32_t index, bool handles_begin_anew) noexcept {
        const std::lock_guard lock{mutex_};
        if (handles_begin_anew)
            resting_.push_back({index, window::mark_now()});
        else
            free_.push_back(index);
    }

    std::uint32_t used() noexcept {
        const std::lock_guard lock{mutex_};
        return used_;
    }

  private:
    // Slots are used in turn, not the latest first, so that a stale handle meets no new socket for long.
    static constexpr std::size_t spare = 64;

    struct Resting {
        std::uint32_t index;
        window::Mark since;
    };

    std::optional<std::uint32_t> grow() noexcept {
        const auto index = ++used_;
        auto& chunk = handles::chunks[index / slots_in_chunk];
        if (chunk.load(std::memory_order_relaxed) == nullptr) {
            owned_.push_back(std::make_unique<Chunk>());
            chunk.store(owned_.back().get(), std::memory_order_release);
        }
        return index;
    }

    std::deque<std::unique_ptr<Chunk>> owned_;
    std::mutex mutex_;
    std::deque<std::uint32_t> free_;
    std::deque<Resting> resting_;
    std::uint32_t used_ = 0;
};

// Sockets may be used while the process ends: the table outlives every static object.
Table& table() noexcept {
    static window::Immortal<Table> the_table;
    return *the_table;
}

// Owns what slots borrow.
class SeldomPool {
  public:
    Seldom* take() {
        const std::lock_guard lock{mutex_};
        if (free_.empty()) {
            free_.reserve(owned_.size() + 1);  // so that giving back needs no memory
            owned_.push_back(std::make_unique<Seldom>());
            free_.push_back(owned_.back().get());
        }
        auto* taken = free_.back();
        free_.pop_back();
        return taken;
    }

    void put_back(Seldom* seldom) noexcept {
        seldom->reset();
        const std::lock_guard lock{mutex_};
        free_.push_back(seldom);
    }

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Seldom>> owned_;
    std::vector<Seldom*> free_;
};

SeldomPool& seldom_pool() noexcept {
    static window::Immortal<SeldomPool> the_pool;
    return *the_pool;
}

constexpr std::uintptr_t lparam_of(core::Event event, core::Error error) {
    return core::bit_of(event) | static_cast<std::uintptr_t>(static_cast<std::uint16_t>(error)) << 16;
}

enum class Stepped : std::uint8_t { done, changed, closed };

// A part of each of few callers, so that little code is run for one.
[[gnu::always_inline]] inline bool post(Slot& slot, Handle handle, Word word, core::Events posts) noexcept;
[[gnu::always_inline]] inline Stepped step_once(Slot& slot, Handle handle, Word& seen, const core::Stimulus& stimulus,
                                                Word counted) noexcept;

// Puts `left` back into the word: they stay due until there is room.
void refuse(Slot& slot, core::Events left) noexcept {
    auto seen = slot.word.load();
    while (!slot.word.compare_exchange_weak(seen, core::step(seen, core::stimulus::refused(left)).word)) {
    }
}

// Where there is no window: into the event record of WSAEventSelect, if there is one.
void record(Slot& slot, Word word, core::Events posts) noexcept {
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr || seldom->record.event == nullptr) return;
    for (auto left = posts; left != 0; left &= left - 1) {
        const auto event = static_cast<core::Event>(std::countr_zero(left));
        seldom->record.add(event, core::error_of(word, event));
    }
    window::set_event(*seldom->record.event);
}

// Posts what a step made due; the caller holds the posting bit. False if the queue became full: what could not be
// posted is due still.
bool post(Slot& slot, Handle handle, Word word, core::Events posts) noexcept {
    if (slot.window == 0) {
        record(slot, word, posts);
        return true;
    }
    for (auto left = posts; left != 0; left &= left - 1) {
        const auto event = static_cast<core::Event>(std::countr_zero(left));
        const auto lparam = lparam_of(event, core::error_of(word, event));
        switch (window::post_notification(slot.window, slot.message, handle, static_cast<std::intptr_t>(lparam))) {
            case window::Post::posted:
                break;
            case window::Post::no_window:
                return true;  // its notifications are dropped
            case window::Post::full:
                refuse(slot, left);
                return false;
        }
    }
    return true;
}

void post_or_wait_for_room(Slot& slot, Handle handle, Word word, core::Events posts) noexcept {
    if (post(slot, handle, word, posts)) return;
    if (auto* queue = window::Queue::of_window(slot.window)) queue->wait_for_room(handle);
}

bool held_by_another(Word seen) noexcept {
    return (seen & (owners::posting | owners::open)) == (owners::posting | owners::open);
}

// Waits until the posting bit is free, or the socket is closed.
void await_posting_bit(Slot& slot) noexcept {
    const Aware receives_no_more{slot};
    do {
        std::this_thread::yield();
    } while (held_by_another(slot.word.load()));
}

// Steps the word once, if it is still what was `seen`; otherwise reloads that. Posts while holding the posting bit,
// then takes `counted` off the word: the count of the call that ends with this step, 0 if none does.
Stepped step_once(Slot& slot, Handle handle, Word& seen, const core::Stimulus& stimulus, Word counted) noexcept {
    if (!names(seen, handle)) return Stepped::closed;
    auto [word, posts] = core::step(seen, stimulus);
    if (counted != 0) word = next_turn(word);
    if (posts == 0) return slot.word.compare_exchange_weak(seen, word - counted) ? Stepped::done : Stepped::changed;
    if (seen & owners::posting) {
        await_posting_bit(slot);
        seen = slot.word.load();
        return Stepped::changed;
    }
    if (!slot.word.compare_exchange_weak(seen, word | owners::posting)) return Stepped::changed;
    post_or_wait_for_room(slot, handle, word, posts);
    slot.word.fetch_sub(owners::posting + counted);
    return Stepped::done;
}

constexpr auto levels = core::events(core::Event::read, core::Event::oob, core::Event::accept);
constexpr auto room = core::events(core::Event::write);

// What a call that ends on a shared socket with `told` may not post, or leave untold, without asking: it, or other
// calls since, may have taken what is known. FD_CLOSE stands for the question whether anything is left before the FIN.
core::Events in_doubt(Word before, Word seen, const core::Stimulus& told) noexcept {
    using core::Event;
    using core::events;
    if (!(seen & owners::open) || (seen & core::layout::subsystem_failed)) return 0;
    const auto doubtful = core::step(seen, told).posts & (levels | room);
    // A receive that did not know of the FIN yet can have taken the last of the data before it (AS-CLOSE-3).
    constexpr auto fin = core::fact(events(Event::close));
    const bool receives = (told.set & core::enabled(events(Event::read))) != 0;
    const bool fin_came = receives && (seen & fin) != 0 && (before & fin) == 0 &&
                          (told.set & (core::met(events(Event::close, Event::read)))) == 0;
    return fin_came ? doubtful | events(Event::read, Event::close) : doubtful;
}

constexpr Word conditions_of(core::Events lanes) { return core::met(lanes & levels) | core::fact(lanes & room); }

// `told` with what the system says now in the place of what is in doubt, and of what was harvested about that.
core::Stimulus with_answer(Slot& slot, Word seen, core::Events doubtful, const core::Stimulus& told) noexcept {
    using core::Event;
    using core::events;
    if (doubtful == 0) return told;
    const auto holding = holding_now(slot, doubtful);
    const core::Stimulus instead{~conditions_of(doubtful), conditions_of(holding), 0, 0};
    const auto sure = core::stimulus::both(told, instead);
    if ((doubtful & events(Event::close)) == 0) return sure;
    const bool nothing_left = (holding & events(Event::read)) == 0 || (seen & core::layout::unreceivable) != 0;
    return nothing_left ? core::stimulus::both(sure, core::stimulus::end_of_data()) : sure;
}

}  // namespace

Seldom* seldom_of(Slot& slot) noexcept {
    if (auto* present = slot.seldom.load()) return present;
    try {
        auto* made = seldom_pool().take();
        Seldom* present = nullptr;
        if (slot.seldom.compare_exchange_strong(present, made)) return made;
        seldom_pool().put_back(made);
        return present;
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

std::optional<Handle> reserve_slot() noexcept {
    const auto index = table().take();
    if (!index) return std::nullopt;
    auto& slot = *slot_at(*index);
    // Not where it was given back: a call with the old handle can have said so since. One that is slower still says it
    // of the new socket, which makes the library careful, no more.
    slot.shared = false;
    return handle_of(*index, slot.word.load());
}

void publish(Handle handle, Word word) noexcept {
    auto& slot = *slot_at(index_of(handle));
    constexpr Word owned = owners::open | owners::posting | owners::calls | owners::turns | owners::generation;
    slot.word.store((word & ~owned) | owners::open | generation_of(handle));
}

void give_back(Handle handle) noexcept {
    auto& slot = *slot_at(index_of(handle));
    slot.descriptor = net::no_descriptor;
    slot.message = 0;
    slot.poller = nullptr;
    slot.queue = nullptr;
    slot.window = 0;
    slot.receive_timeout = 0;
    slot.send_timeout = 0;
    slot.phase = Phase::idle;
    slot.kind = Kind::stream;
    slot.blocking = true;
    slot.urgent_seen = false;
    if (auto* seldom = slot.seldom.exchange(nullptr)) seldom_pool().put_back(seldom);
    const auto next = next_generation(generation_of(handle));
    slot.word.store(next);
    table().put_back(index_of(handle), next == 0);
}

void for_each_open(void (*visit)(Handle) noexcept) noexcept {
    const auto used = table().used();
    for (std::uint32_t index = 1; index <= used; ++index) {
        const auto word = slot_at(index)->word.load();
        if (word & owners::open) visit(handle_of(index, word));
    }
}

std::optional<Call> Call::begin(Handle handle, const core::Stimulus& first) noexcept {
    auto* slot = slot_of(handle);
    if (slot == nullptr) return std::nullopt;
    auto seen = slot->word.load();
    for (;;) {
        if (!names(seen, handle)) return std::nullopt;
        // Before the first step, so that a harvest that does not see this sees that the word has changed.
        if (!slot->shared.load(std::memory_order_relaxed)) {
            const auto* queue = slot->queue.load(std::memory_order_relaxed);
            if (queue != nullptr && !queue->owned_by_this_thread()) slot->shared = true;
        }
        if ((seen & owners::calls) == owners::calls) {
            // Seven threads are inside: none of them waits for anything but the system.
            std::this_thread::yield();
            seen = slot->word.load();
            continue;
        }
        // A first step only forgets: it makes nothing due.
        const auto word = ((seen & first.keep) | first.set) + owners::one_call;
        if (slot->word.compare_exchange_weak(seen, word)) break;
    }
    return Call{slot, handle, seen};
}

void Call::end(const core::Stimulus& last) noexcept { static_cast<void>(end(Left::anything, core::Events{0}, last)); }

bool Call::end_before_abort(const core::Stimulus& last) noexcept { return end(Left::nothing, core::Events{0}, last); }

bool Call::end_empty(core::Events lanes, const core::Stimulus& last) noexcept {
    return end(Left::nothing, lanes, last);
}

bool Call::end(Left left, core::Events found_none_of, const core::Stimulus& last) noexcept {
    auto& slot = *slot_;
    auto told = last;
    auto seen = slot.word.load();
    for (;;) {
        if (told_of_abort_since(left, seen)) return false;
        // Who found nothing was there before all that came since, also before what it did not look for (AS-ENABLE-1).
        if (found_none_of != 0) told.set &= ~(before_ & ~seen & core::enabled(core::all_events));
        if (slot.shared.load(std::memory_order_relaxed)) {
            if (held_by_another(seen)) {
                await_posting_bit(slot);
                seen = slot.word.load();
                continue;
            }
            if (in_doubt(before_, seen, told) != 0) {
                if (!slot.word.compare_exchange_weak(seen, seen | owners::posting)) continue;
                return end_sure(left, found_none_of, told);
            }
        }
        if ((core::step(seen, told).posts & found_none_of) != 0) return false;
        const auto stepped = step_once(slot, handle_, seen, told, owners::one_call);
        if (stepped == Stepped::changed) continue;
        slot_ = nullptr;
        if (stepped == Stepped::closed) slot.word.fetch_sub(owners::one_call);
        return true;
    }
}

bool Call::end_sure(Left left, core::Events found_none_of, const core::Stimulus& last) noexcept {
    for (auto seen = slot_->word.load(); !told_of_abort_since(left, seen);) {
        // Asked after the word was seen: what is harvested from now on is newer, and makes the step fail.
        const auto told = with_answer(*slot_, seen, in_doubt(before_, seen, last), last);
        if ((core::step(seen, told).posts & found_none_of) != 0) break;
        if (end_holding_if_unchanged(seen, told)) return true;
    }
    release();
    return false;
}

bool Call::told_of_abort_since(Left left, Word seen) const noexcept {
    return left == Left::nothing && (seen & ~before_ & core::layout::aborted) != 0;
}

bool Call::end_if_unchanged(Word& seen, const core::Stimulus& last) noexcept {
    auto& slot = *slot_;
    auto expected = seen;
    const auto stepped = step_once(slot, handle_, expected, last, owners::one_call);
    if (stepped == Stepped::changed) {
        seen = slot.word.load();
        return false;
    }
    slot_ = nullptr;
    if (stepped == Stepped::closed) slot.word.fetch_sub(owners::one_call);
    return true;
}

bool Call::hold() noexcept {
    auto seen = slot_->word.load();
    for (;;) {
        if (!names(seen, handle_)) return false;
        if (seen & owners::posting) {
            await_posting_bit(*slot_);
            seen = slot_->word.load();
        } else if (slot_->word.compare_exchange_weak(seen, seen | owners::posting)) {
            return true;
        }
    }
}

void Call::step_holding(const core::Stimulus& stimulus) noexcept {
    auto seen = slot_->word.load();
    while (!step_holding_if_unchanged(seen, stimulus)) {
    }
}

bool Call::step_holding_if_unchanged(Word& seen, const core::Stimulus& stimulus) noexcept {
    const auto [word, posts] = core::step(seen, stimulus);
    if (!slot_->word.compare_exchange_weak(seen, word)) return false;
    if (posts != 0) post_or_wait_for_room(*slot_, handle_, word, posts);
    return true;
}

void Call::release() noexcept { slot_->word.fetch_and(~owners::posting); }

bool Call::end_holding_if_unchanged(Word& seen, const core::Stimulus& last) noexcept {
    const auto [stepped, posts] = core::step(seen, last);
    const auto word = next_turn(stepped);
    constexpr auto held = owners::posting + owners::one_call;
    if (!slot_->word.compare_exchange_weak(seen, posts == 0 ? word - held : word)) return false;
    auto& slot = *std::exchange(slot_, nullptr);
    if (posts == 0) return true;
    post_or_wait_for_room(slot, handle_, word, posts);
    slot.word.fetch_sub(held);
    return true;
}

bool Call::take_room() noexcept {
    if (!hold()) return true;
    auto seen = slot_->word.load();
    bool done = true;
    while (seen & core::layout::refused) {
        const auto [word, posts] = core::step(seen, core::stimulus::room());
        if (!slot_->word.compare_exchange_weak(seen, word)) continue;
        done = post(*slot_, handle_, word, posts);
        break;
    }
    release();
    return done;
}

bool Call::await(net::Await what, std::uint32_t milliseconds, core::Error& error) noexcept {
    begin_waiting();
    const auto ready = net::Network::await(slot_->descriptor, what,
                                           milliseconds == 0 ? -1 : static_cast<int>(milliseconds & 0x7fffffffU));
    error = ready.error;
    return end_waiting();
}

bool Call::await(net::Poller& poller) noexcept {
    begin_waiting();
    std::array<net::Readiness, 4> ready{};
    static_cast<void>(poller.wait(ready, -1));
    return end_waiting();
}

void Call::begin_waiting() noexcept {
    slot_->waiting.fetch_add(1);
    slot_->word.fetch_sub(owners::one_call);
}

bool Call::end_waiting() noexcept {
    auto& slot = *slot_;
    auto seen = slot.word.load();
    for (;;) {
        if (!names(seen, handle_)) {
            slot_ = nullptr;
            slot.waiting.fetch_sub(1);
            return false;
        }
        if ((seen & owners::calls) == owners::calls) {
            std::this_thread::yield();
            seen = slot.word.load();
        } else if (slot.word.compare_exchange_weak(seen, seen + owners::one_call)) {
            break;
        }
    }
    slot.waiting.fetch_sub(1);
    return true;
}

bool Call::close() noexcept {
    if (!hold()) return false;
    auto& slot = *std::exchange(slot_, nullptr);
    auto seen = slot.word.load();
    while (!slot.word.compare_exchange_weak(seen, seen & ~(owners::open | core::wanted(core::all_events)))) {
    }
    const Aware receives_no_more{slot};
    // Those inside end without the posting bit once the socket is not open; those that wait are woken.
    while ((slot.word.load() & owners::calls) != owners::one_call || slot.waiting.load() != 0) {
        if (slot.waiting.load() != 0) static_cast<void>(net::Network::shut_down(slot.descriptor, 2));
        std::this_thread::yield();
    }
    return true;
}

std::optional<Stay> Stay::begin(Handle handle) noexcept {
    auto* slot = slot_of(handle);
    if (slot == nullptr) return std::nullopt;
    auto seen = slot->word.load();
    for (;;) {
        if (!names(seen, handle)) return std::nullopt;
        if ((seen & owners::calls) == owners::calls) {
            std::this_thread::yield();
            seen = slot->word.load();
        } else if (slot->word.compare_exchange_weak(seen, seen + owners::one_call)) {
            break;
        }
    }
    // Staying before it stops to be counted: closesocket sees the one or the other.
    slot->waiting.fetch_add(1);
    slot->word.fetch_sub(owners::one_call);
    return Stay{slot, handle};
}

bool Stay::open() const noexcept { return names(slot_->word.load(), handle_); }

bool harvest_step(Slot& slot, Handle handle, Word sets) noexcept {
    for (auto seen = slot.word.load();;) {
        // Looked at after the word: a call that began before it was loaded has set this, one that begins later makes
        // the step fail.
        if (slot.shared.load()) return false;
        if (step_once(slot, handle, seen, core::stimulus::sets(sets), 0) != Stepped::changed) return true;
    }
}

bool harvest_read_at_once(Slot& slot, Handle handle, Word sets) noexcept {
    constexpr auto read = core::events(core::Event::read);
    const bool alone = net::alone();
    auto seen = slot.word.load();
    const auto word = seen | sets;
    const bool common = names(seen, handle) && (seen & owners::posting) == 0 && core::only_read_is_due(word);
    if (!common || slot.shared.load()) return false;
    if (!replace(slot.word, seen, core::with_read_posted(word) | owners::posting, alone)) return false;
    constexpr auto told = static_cast<std::intptr_t>(lparam_of(core::Event::read, core::error::none));
    if (window::post_notification(slot.window, slot.message, handle, told) != window::Post::posted) [[unlikely]]
        post_or_wait_for_room(slot, handle, word, read);
    take_off(slot.word, owners::posting);
    return true;
}

void step_uncounted(Handle handle, const core::Stimulus& stimulus) noexcept {
    auto* slot = slot_of(handle);
    if (slot == nullptr) return;
    for (auto seen = slot->word.load(); step_once(*slot, handle, seen, stimulus, 0) == Stepped::changed;) {
    }
}

}  // namespace asyncselect::winsock
