// The queues of all threads, and how one of them fills, empties and waits.
#include "impl/window/queue.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <new>

#include "impl/window/clock.hpp"
#include "impl/window/immortal.hpp"
#include "impl/window/prefetch.hpp"
#include "impl/window/sent_messages.hpp"
#include "impl/window/window.hpp"

namespace asyncselect::window {

constinit thread_local Queue* detail::queue_of_this_thread = nullptr;
constinit std::atomic<std::size_t> detail::post_limit{default_post_limit};

namespace {

struct Hooks {
    std::atomic<decltype(SocketHooks::ready)> ready{nullptr};
    std::atomic<decltype(SocketHooks::room)> room{nullptr};
};
constinit Hooks hooks;

using detail::post_limit;
using detail::queue_of_this_thread;

struct AllQueues {
    std::mutex mutex;
    std::vector<std::unique_ptr<Queue>> queues;
    std::vector<Queue*> free;
    pthread_key_t key{};
    bool has_key = false;
};
constinit Immortal<AllQueues> all;

// A key's destructor and not a thread_local object's: it runs after all of those, which may still use windows, and
// runs again if a later one brings a queue back.
extern "C" void asyncselect_window_end_of_thread(void* of_thread) {
    auto& queue = *static_cast<Queue*>(of_thread);
    queue_of_this_thread = &queue;
    end_windows_of(queue);
    queue.end_of_thread();
    queue_of_this_thread = nullptr;
    const std::scoped_lock lock{all->mutex};
    all->free.push_back(&queue);  // room was made when the queue was
}

}  // namespace

void set_socket_hooks(const SocketHooks& wanted) noexcept {
    hooks.ready.store(wanted.ready, std::memory_order_release);
    hooks.room.store(wanted.room, std::memory_order_release);
}

void set_post_limit(std::size_t limit) noexcept {
    post_limit.store(std::max<std::size_t>(limit, 1), std::memory_order_relaxed);
}

// ---- posting

Post post_message(Handle window, std::uint32_t number, std::uintptr_t w_param, std::intptr_t l_param) noexcept {
    Queue* const queue = queue_of(window);
    if (queue == nullptr) return Post::no_window;
    return queue->post(window, number, w_param, l_param, false);
}

Post post_thread_message(std::uint32_t thread, std::uint32_t number, std::uintptr_t w_param,
                         std::intptr_t l_param) noexcept {
    const Message message{.w_param = w_param, .l_param = l_param, .number = number};
    if (thread == 0) return Post::no_window;
    Queue* receiver = queue_of_this_thread;
    if (receiver == nullptr || receiver->thread() != thread) {
        const std::scoped_lock lock{all->mutex};
        const auto found = std::find_if(all->queues.begin(), all->queues.end(),
                                        [&](const auto& queue) { return queue->thread() == thread; });
        if (found == all->queues.end()) return Post::no_window;
        receiver = found->get();
    }
    return receiver->post_to_thread(thread, message);
}

Post Queue::hand_in(const Message& message, bool notification) noexcept {
    Post result = Post::no_window;
    {
        const std::scoped_lock lock{mutex_};
        // Looked at under the mutex: what is put here now is found by `discard_messages_of`, which comes later.
        if (exists(message.window)) result = put_into_inbox(message, notification);
    }
    if (result == Post::posted) wake_if_asleep();
    return result;
}

Post Queue::post_to_thread(std::uint32_t thread, const Message& message) noexcept {
    if (owned_by_this_thread()) return append(no_window, message.number, message.w_param, message.l_param, false);
    Post result = Post::no_window;
    {
        const std::scoped_lock lock{mutex_};
        if (thread_.load(std::memory_order_relaxed) == thread) result = put_into_inbox(message, false);
    }
    if (result == Post::posted) wake_if_asleep();
    return result;
}

Post Queue::put_into_inbox(const Message& message, bool notification) {
    if (notification && (attention_.load(std::memory_order_relaxed) & line_bit) != 0) return Post::full;
    if (!has_room_in_inbox()) return Post::full;
    try {
        inbox_.push_back(message);
    } catch (const std::bad_alloc&) {
        return Post::full;
    }
    // The owner has read what this memory held before, so each place would have to be waited for when it is written to.
    prefetch_to_write(reinterpret_cast<std::uintptr_t>(inbox_.data()) + (inbox_.size() + 6) * sizeof(Message));
    call_for(inbox_bit);
    return Post::posted;
}

bool Queue::has_room_in_inbox() noexcept {
    // The owner counts its ring without the mutex, so beside a busy owner the limit can be passed by the few messages
    // that are under way at this moment. In this order: what has left the ring has entered it before.
    const auto waiting = [&] {
        return next_sequence_.load(std::memory_order_relaxed) - known_to_have_left_ + inbox_.size();
    };
    const std::size_t limit = post_limit.load(std::memory_order_relaxed);
    if (waiting() < limit) return true;
    known_to_have_left_ = left_ring_.load(std::memory_order_acquire);
    return waiting() < limit;
}

Post Queue::append(Handle window, std::uint32_t number, std::uintptr_t w_param, std::intptr_t l_param,
                   bool notification) noexcept {
    if (attention_.load(std::memory_order_relaxed) != 0) [[unlikely]] {
        // What is in the inbox was posted before this message, perhaps as its cause.
        take_inbox();
        const std::uint32_t left = attention_.load(std::memory_order_relaxed);
        if ((left & line_bit) != 0 && notification && !serving_) return Post::full;
    }
    const std::size_t waiting = ring_.size();
    if (waiting >= post_limit.load(std::memory_order_relaxed)) return Post::full;
    try {
        ring_.reserve(waiting + 1);
    } catch (const std::bad_alloc&) {
        return Post::full;
    }
    push_behind({window, w_param, l_param, 0, number, time_});
    announce();
    return Post::posted;
}

void Queue::take_inbox() noexcept {
    std::uint64_t sequence = next_sequence_.load(std::memory_order_relaxed);
    {
        const std::scoped_lock lock{mutex_};
        if (inbox_.empty()) return;
        try {
            ring_.reserve(ring_.size() + inbox_.size());
        } catch (const std::bad_alloc&) {
            return;  // they stay where they are, until there is memory
        }
        taken_.swap(inbox_);
        calm(inbox_bit);
        // Under the mutex, so that `mark` counts each message once, here or there.
        next_sequence_.store(sequence + taken_.size(), std::memory_order_relaxed);
    }
    for (Message& message : taken_) {
        message.sequence = sequence++;
        message.time = time_;
        ring_.push(message);
    }
    taken_.clear();
}

void Queue::wake_if_asleep() noexcept {
    if (sleeping_.load(std::memory_order_seq_cst) && sleeping_.exchange(false, std::memory_order_seq_cst)) {
        poller().wake();
    }
    announce();
}

// ---- the bell of foreign loops

int Queue::descriptor() noexcept {
    if (!bell_ || !bell_->valid()) bell_.emplace(poller());
    if (!bell_->valid()) return -1;
    announces_.store(true, std::memory_order_seq_cst);
    // Whatever came before nobody has announced.
    ring_bell();
    return bell_->descriptor();
}

void Queue::ring_bell() noexcept {
    if (!rings_.exchange(true, std::memory_order_seq_cst)) bell_->ring();
}

void Queue::fall_silent() noexcept {
    constexpr std::uint32_t everything = inbox_bit | sent_bit | line_bit;
    // What a filter held back is there still.
    if (ring_.empty() && !quit_ && rings_.load(std::memory_order_relaxed)) {
        // In this order: who finds `rings_` set does not ring, but has set `attention_` before.
        bell_->silence();
        rings_.store(false, std::memory_order_seq_cst);
        if (!nothing_to_attend(everything)) ring_bell();
    }
    announce_timers();
}

void Queue::announce_timers() noexcept {
    const Timer* const timer = timers_.first(Filter{});
    const std::uint64_t due = timer != nullptr ? timer->due : 0;
    if (due != bell_rings_at_) bell_->ring_at(due);
    bell_rings_at_ = due;
}

// ---- retrieving

bool Queue::retrieve(Message& out, const Filter& filter, Removal removal, Waiting waiting) {
    constexpr std::uint32_t everything = inbox_bit | sent_bit | line_bit;
    bool found = true;
    for (bool looked = false; !take_posted(out, filter, removal); looked = true) {
        if (quit_) {
            out = {.w_param = static_cast<std::uintptr_t>(quit_code_), .number = asyncselect_WM_QUIT, .time = time_};
            if (removal == Removal::take) quit_ = false;
            break;
        }
        int milliseconds = -1;
        if (Timer* const timer = timers_.first(filter); timer != nullptr) {
            const std::uint64_t now = exact_time();
            if (timer->due <= now && looked) {
                out = {.window = timer->window,
                       .w_param = timer->id,
                       .l_param = reinterpret_cast<std::intptr_t>(timer->procedure),
                       .number = asyncselect_WM_TIMER,
                       .time = static_cast<std::uint32_t>(now)};
                if (removal == Removal::take) Timers::restart(*timer, now);
                break;
            }
            // A due timer comes after everything that the sockets have to say.
            milliseconds =
                timer->due <= now ? 0 : static_cast<int>(std::min<std::uint64_t>(timer->due - now, INT32_MAX));
        }
        if (waiting == Waiting::no) {
            if (looked) {
                found = false;
                if (announces_.load(std::memory_order_relaxed)) fall_silent();
                break;
            }
            milliseconds = 0;
        }
        sleep(milliseconds, everything);
    }
    seen_sequence_ = next_sequence_.load(std::memory_order_relaxed);
    quit_seen_ = quit_;
    return found;
}

const Message* Queue::wait_at_once() noexcept {
    constexpr std::uint32_t everything = inbox_bit | sent_bit | line_bit;
    if (!ring_.empty() || attention_.load(std::memory_order_relaxed) != 0 || quit_ || !timers_.empty() || !usable_)
        return nullptr;
    sleep(-1, everything);
    return take_at_once();
}

bool Queue::take_posted(Message& out, const Filter& filter, Removal removal) {
    if (attention_.load(std::memory_order_relaxed) != 0) attend();
    if (since_harvest_ >= messages_per_harvest) harvest(0);
    std::size_t position = 0;
    if (!filter.passes_all) {
        while (position < ring_.size() && !filter.passes(ring_.at(position))) ++position;
    }
    if (position >= ring_.size()) return false;
    out = ring_.at(position);
    if (removal == Removal::take) {
        ring_.erase(position);
        ++since_harvest_;
        publish();
        if ((attention_.load(std::memory_order_relaxed) & line_bit) != 0) serve_line();
    }
    return true;
}

void Queue::attend() {
    const std::uint32_t waiting = attention_.load(std::memory_order_relaxed);
    if ((waiting & sent_bit) != 0) run_sent_messages();
    if ((waiting & inbox_bit) != 0) take_inbox();
    if ((waiting & line_bit) != 0) serve_line();
}

void Queue::harvest(int milliseconds) noexcept {
    std::array<net::Readiness, 64> entries;
    const std::size_t count = poller().wait(entries, milliseconds);
    since_harvest_ = 0;
    time_ = static_cast<std::uint32_t>(tick_count());
    if (count == 0) return;
    if (const auto ready = hooks.ready.load(std::memory_order_acquire); ready != nullptr) {
        ready(*this, std::span{entries}.first(count));
    }
}

void Queue::sleep(int milliseconds, std::uint32_t attended) noexcept {
    if (milliseconds == 0) return harvest(0);
    sleeping_.store(true, std::memory_order_seq_cst);
    if (nothing_to_attend(attended)) harvest(milliseconds);
    // A poster that still reads `true` wakes in vain: the next wait ends early, no more.
    sleeping_.store(false, std::memory_order_relaxed);
}

bool Queue::nothing_to_attend(std::uint32_t attended) const noexcept {
    const std::uint32_t waiting = attention_.load(std::memory_order_seq_cst) & attended;
    if ((waiting & (inbox_bit | sent_bit | objects_bit)) != 0) return false;
    return (waiting & line_bit) == 0 || ring_.size() >= post_limit.load(std::memory_order_relaxed);
}

bool Queue::wait_for_input(std::uint32_t milliseconds, std::uint32_t wake_mask, bool seen_counts, Also also) {
    const bool for_ever = milliseconds == asyncselect_INFINITE;
    const std::uint64_t deadline = exact_time() + milliseconds;
    // Sent messages are not run here, only told of: to run them is the retrieval's affair.
    const std::uint32_t attended =
        inbox_bit | line_bit | objects_bit | ((wake_mask & asyncselect_QS_SENDMESSAGE) != 0 ? sent_bit : 0);
    for (bool looked = false;; looked = true) {
        const std::uint32_t waiting = attention_.load(std::memory_order_relaxed);
        if ((waiting & inbox_bit) != 0) take_inbox();
        if ((waiting & line_bit) != 0) serve_line();
        const std::uint64_t now = exact_time();
        if ((waiting & objects_bit) != 0) calm(objects_bit);
        const bool any = (input(seen_counts, now) & wake_mask) != 0;
        auto over = any ? Over::by_input : Over::no;
        if (also.is_over != nullptr) over = also.is_over(also.context, any);
        if (over == Over::by_objects) return true;
        if (over == Over::by_input) {
            seen_sequence_ = next_sequence_.load(std::memory_order_relaxed);
            quit_seen_ = quit_;
            return true;
        }
        if (!for_ever && now >= deadline && looked) return false;
        std::uint64_t left = for_ever ? std::numeric_limits<std::uint64_t>::max() : deadline - std::min(now, deadline);
        if ((wake_mask & asyncselect_QS_TIMER) != 0) {
            if (const Timer* const timer = timers_.first(Filter{}); timer != nullptr)
                left = std::min(left, timer->due - now);
        }
        sleep(left > INT32_MAX ? (for_ever && timers_.empty() ? -1 : INT32_MAX) : static_cast<int>(left), attended);
    }
}

std::uint32_t Queue::input(bool seen_counts, std::uint64_t now) noexcept {
    std::uint32_t kinds = 0;
    const bool unseen = next_sequence_.load(std::memory_order_relaxed) != seen_sequence_;
    if ((!ring_.empty() && (seen_counts || unseen)) || (quit_ && (seen_counts || !quit_seen_))) {
        kinds |= asyncselect_QS_POSTMESSAGE | asyncselect_QS_ALLPOSTMESSAGE;
    }
    if (const Timer* const timer = timers_.first(Filter{}); timer != nullptr && timer->due <= now) {
        kinds |= asyncselect_QS_TIMER;
    }
    if ((attention_.load(std::memory_order_relaxed) & sent_bit) != 0) kinds |= asyncselect_QS_SENDMESSAGE;
    return kinds;
}

void Queue::discard_messages_of(Handle window) noexcept {
    // Through the ring, so that what is discarded is counted in the order in which it was posted.
    take_inbox();
    ring_.erase_if([&](const Message& message) { return message.window == window; });
    publish();
    timers_.kill_all_of(window);
    std::vector<std::shared_ptr<SentMessage>> unanswered;
    {
        const std::scoped_lock lock{mutex_};
        const auto first = std::stable_partition(sent_.begin(), sent_.end(),
                                                 [&](const auto& message) { return message->window != window; });
        std::move(first, sent_.end(), std::back_inserter(unanswered));
        sent_.erase(first, sent_.end());
        if (sent_.empty()) calm(sent_bit);
    }
    for (const auto& message : unanswered) {
        if (message->sender != nullptr) message->sender->answer(*message, 0);
    }
    if ((attention_.load(std::memory_order_relaxed) & line_bit) != 0) serve_line();
}

// ---- room for those that found the queue full

void Queue::wait_for_room(std::uint64_t token) {
    {
        const std::scoped_lock lock{mutex_};
        if (thread_.load(std::memory_order_relaxed) == 0) return;
        line_.push_back({token, next_ticket_++});
        call_for(line_bit);
    }
    // The queue can have been emptied since the post that failed.
    if (owned_by_this_thread())
        announce();
    else
        wake_if_asleep();
}

void Queue::forget_waiting(std::uint64_t token) noexcept {
    const std::scoped_lock lock{mutex_};
    std::erase_if(line_, [&](const InLine& waiting) { return waiting.token == token; });
    if (line_.empty()) calm(line_bit);
}

void Queue::serve_line() noexcept {
    if (serving_) return;
    serving_ = true;
    const auto room = hooks.room.load(std::memory_order_acquire);
    while (ring_.size() < post_limit.load(std::memory_order_relaxed)) {
        InLine first{};
        {
            const std::scoped_lock lock{mutex_};
            if (line_.empty()) break;
            first = line_.front();
        }
        if (room != nullptr && !room(*this, first.token)) break;
        const std::scoped_lock lock{mutex_};
        // It can have been forgotten meanwhile, and have come back behind others.
        if (!line_.empty() && line_.front().ticket == first.ticket) line_.pop_front();
        if (line_.empty()) calm(line_bit);
    }
    serving_ = false;
}

// ---- sent messages

bool Queue::hand_over(Queue& receiver, const std::shared_ptr<SentMessage>& message) {
    {
        const std::scoped_lock lock{receiver.mutex_};
        if (!exists(message->window)) return false;
        receiver.sent_.push_back(message);
        receiver.call_for(sent_bit);
        receiver.changed_.notify_all();
    }
    receiver.wake_if_asleep();
    return true;
}

void Queue::run_sent_messages() {
    for (;;) {
        std::shared_ptr<SentMessage> message;
        {
            const std::scoped_lock lock{mutex_};
            if (sent_.empty()) return;
            message = std::move(sent_.front());
            sent_.pop_front();
            if (sent_.empty()) calm(sent_bit);
        }
        run(*message);
    }
}

std::intptr_t Queue::wait_for_answer(const SentMessage& message) {
    std::unique_lock<std::mutex> lock{mutex_};
    while (!message.answered) {
        if (sent_.empty()) {
            changed_.wait(lock);
            continue;
        }
        // Two threads that send to each other answer each other here.
        lock.unlock();
        run_sent_messages();
        lock.lock();
    }
    return message.result;
}

void Queue::answer(SentMessage& message, std::intptr_t result) noexcept {
    const std::scoped_lock lock{mutex_};
    message.result = result;
    message.answered = true;
    changed_.notify_all();
}

// ---- threads and their queues

Queue& Queue::begin_of_this_thread() {
    const std::scoped_lock lock{all->mutex};
    if (!all->has_key) {
        if (pthread_key_create(&all->key, &asyncselect_window_end_of_thread) != 0) throw std::bad_alloc{};
        all->has_key = true;
    }
    if (all->free.empty()) {
        all->free.reserve(all->queues.size() + 1);
        all->queues.push_back(std::make_unique<Queue>());
        all->free.push_back(all->queues.back().get());
    }
    Queue* const queue = all->free.back();
    if (pthread_setspecific(all->key, queue) != 0) throw std::bad_alloc{};
    all->free.pop_back();
    queue->begin_of_thread(static_cast<std::uint32_t>(gettid()));
    queue_of_this_thread = queue;
    return *queue;
}

Queue::Queue() { try_again(); }

bool Queue::try_again() noexcept {
    poller_.emplace();
    usable_ = poller_->valid();
    return usable_;
}

void Queue::begin_of_thread(std::uint32_t thread) noexcept {
    const std::scoped_lock lock{mutex_};
    time_ = static_cast<std::uint32_t>(tick_count());
    seen_sequence_ = next_sequence_.load(std::memory_order_relaxed);
    since_harvest_ = 0;
    thread_.store(thread, std::memory_order_relaxed);
}

void Queue::end_of_thread() noexcept {
    std::deque<std::shared_ptr<SentMessage>> unanswered;
    std::deque<InLine> line;
    {
        const std::scoped_lock lock{mutex_};
        thread_.store(0, std::memory_order_relaxed);
        unanswered.swap(sent_);
        line.swap(line_);
        next_sequence_.store(next_sequence_.load(std::memory_order_relaxed) + inbox_.size(), std::memory_order_relaxed);
        inbox_.clear();
        calm(inbox_bit | sent_bit | line_bit);
    }
    ring_.clear();
    publish();
    timers_.clear();
    quit_ = false;
    if (announces_.exchange(false)) announce_timers();
    for (const auto& message : unanswered) {
        if (message->sender != nullptr) message->sender->answer(*message, 0);
    }
    // Their windows have ended, so each of these posts finds no window and is done with it.
    if (const auto room = hooks.room.load(std::memory_order_acquire); room != nullptr) {
        for (const InLine& waiting : line) (void)room(*this, waiting.token);
    }
}

// ---- marks

std::optional<Mark::Entry> Queue::mark() const {
    const std::scoped_lock lock{mutex_};
    const std::uint64_t posted = next_sequence_.load(std::memory_order_relaxed) + inbox_.size();
    if (oldest_.load(std::memory_order_acquire) >= posted) return std::nullopt;
    return Mark::Entry{this, posted};
}

Mark mark_now() {
    Mark mark;
    const std::scoped_lock lock{all->mutex};
    for (const auto& queue : all->queues) {
        if (const auto entry = queue->mark(); entry.has_value()) mark.entries.push_back(*entry);
    }
    return mark;
}

bool all_retrieved_since(const Mark& mark) noexcept {
    return std::all_of(mark.entries.begin(), mark.entries.end(),
                       [](const Mark::Entry& entry) { return entry.queue->oldest_waiting() >= entry.posted; });
}

// ---- filters

bool Filter::passes_window(Handle of_message) const noexcept {
    if (window == no_window || of_message == window) return true;
    if (of_message == no_window) return window == thread_messages_only;
    return window != thread_messages_only && is_child(window, of_message);
}

bool Filter::passes(const Message& message) const noexcept {
    return (passes_number(message.number) || message.number == asyncselect_WM_QUIT) && passes_window(message.window);
}

}  // namespace asyncselect::window
