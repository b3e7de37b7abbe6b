// The message queue of one thread, and its pump: the one place where the thread waits, for messages and for its
// sockets alike. The layer above harvests through two hooks and posts through post_notification; to the queue a socket
// is a token that the poller reports and a token that waits for room. It must not know what sockets are.
//
// Two halves. The owner's half is touched by its thread alone: the ring of messages, timers, the quit flag. The shared
// half is what other threads leave here under the mutex: the inbox, sent messages, the line of those that wait for
// room. `attention_` tells the owner, in one load, which of these is not empty.
//
// Sleeping without a lost wake-up: the owner sets `sleeping_`, then looks at `attention_` for the last time, then
// waits; whoever leaves something sets `attention_`, then looks at `sleeping_`. All four are sequentially consistent,
// so they have one order in which at least one of the two sees what the other has written: the owner does not go to
// sleep, or it is woken. Whoever turns `sleeping_` off is the one that wakes, so a burst costs one system call; a
// wake-up that comes late only ends a wait early.
//
// A thread that waits elsewhere, in a foreign loop, hears a bell instead (net/bell.hpp). The same two pairs: a
// retrieval that finds nothing silences the bell, then looks at `attention_` for the last time; whoever leaves
// something sets `attention_`, then rings, unless it rings already.
#pragma once

#include <asyncselect/asyncselect.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "impl/net/bell.hpp"
#include "impl/net/poller.hpp"
#include "impl/window/brief_mutex.hpp"
#include "impl/window/handle_table.hpp"
#include "impl/window/message.hpp"
#include "impl/window/ring.hpp"
#include "impl/window/timers.hpp"

namespace asyncselect::window {

class Queue;
struct SentMessage;

enum class Post { posted, full, no_window };

// How the layer above takes part. Both are called on the queue's owner thread, never while a lock of this layer is
// held; they may post, but must not retrieve messages or run window procedures.
struct SocketHooks {
    // The poller has reported these. What is due is to be posted.
    void (*ready)(Queue& queue, std::span<const net::Readiness> entries) noexcept = nullptr;
    // There is room again for the token that waits longest. Returns true when it needs no more of it (it leaves the
    // line), false when a post found the queue full again (it stays first). Can be called once more for a token that
    // is being forgotten at this moment.
    bool (*room)(Queue& queue, std::uint64_t token) noexcept = nullptr;
};

// Once, before the first socket. Any thread.
void set_socket_hooks(const SocketHooks& hooks) noexcept;

// How many posted messages a queue holds at most; Windows and we start with 10,000. At least 1. Any thread.
inline constexpr std::size_t default_post_limit = 10'000;
void set_post_limit(std::size_t limit) noexcept;

// Posts a message of the layer above. While tokens wait for room the queue counts as full for all but the token
// whose turn it is. On the owner's thread nothing is allocated once the ring has grown. Never changes the last error
// . Any thread.
[[nodiscard]] inline Post post_notification(Handle window, std::uint32_t number, std::uintptr_t w_param,
                                            std::intptr_t l_param) noexcept;

// The same for a program's own message, which finds the queue full only when it is.
[[nodiscard]] Post post_message(Handle window, std::uint32_t number, std::uintptr_t w_param,
                                std::intptr_t l_param) noexcept;

// A message of no window, for a thread. no_window: there is no such thread or it has no queue.
[[nodiscard]] Post post_thread_message(std::uint32_t thread, std::uint32_t number, std::uintptr_t w_param,
                                       std::intptr_t l_param) noexcept;

// A moment, as every queue sees it: those that held messages then, and how many they had been given.
struct Mark {
    struct Entry {
        const Queue* queue;
        std::uint64_t posted;
    };
    std::vector<Entry> entries;  // empty: nothing waited anywhere
};

// Covers every message whose post happened before the call. Throws std::bad_alloc. Any thread.
[[nodiscard]] Mark mark_now();

// Whether no message that waited at the mark can wait still: each was retrieved or discarded. A few loads. Any thread.
[[nodiscard]] bool all_retrieved_since(const Mark& mark) noexcept;

// Waits for what the poller has to report, for the harvester's thread. Can return early, with nothing.
[[nodiscard]] inline std::size_t wait_for_sockets(net::Poller& poller, std::span<net::Readiness> out) noexcept {
    return poller.wait(out, -1);
}
// Ends that wait, or the next one at once. Any thread.
inline void end_wait_for_sockets(net::Poller& poller) noexcept { poller.wake(); }

namespace detail {
// initial-exec: one load also from within a shared library; a pointer's room is always there.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local Queue* queue_of_this_thread;

extern constinit std::atomic<std::size_t> post_limit;
}  // namespace detail

// One per thread that uses windows or messages, made when the thread first does. Never destroyed: when its thread ends
// its windows are ended, it is emptied, and a later thread gets it.
class Queue {
  public:
    [[nodiscard]] static Queue& of_this_thread() {  // throws std::bad_alloc
        return detail::queue_of_this_thread != nullptr ? *detail::queue_of_this_thread : begin_of_this_thread();
    }
    [[nodiscard]] static Queue* of_window(Handle window) noexcept { return queue_of(window); }
    // Whether a thread that looks for messages can be had to look at its sockets.
    static constexpr bool can_harvest = true;

    Queue();
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    // Whether the system gave what waiting needs (descriptors); asks again when it did not. The owner's to call, and a
    // window is made only where this is true.
    [[nodiscard]] bool usable() noexcept { return usable_ || try_again(); }
    [[nodiscard]] net::Poller& poller() noexcept { return *poller_; }
    [[nodiscard]] bool owned_by_this_thread() const noexcept { return detail::queue_of_this_thread == this; }

    // Puts the token at the end of the line of those that wait for room. The caller sees to it that it stands there
    // once. Ignored when the queue's thread has ended: its windows are gone. Any thread.
    void wait_for_room(std::uint64_t token);
    // Any thread. A call of `room` for it that has begun is not waited for.
    void forget_waiting(std::uint64_t token) noexcept;

    // ---- the rest is for the owner's thread and this folder

    enum class Waiting { no, yes };
    enum class Removal { keep, take };

    // Runs sent messages, then finds the next message: posted ones, WM_QUIT, WM_TIMER, in this order. Without waiting
    // it harvests once before it says that there is none. Leaves the last error alone.
    [[nodiscard]] bool retrieve(Message& out, const Filter& filter, Removal removal, Waiting waiting);

    // The same where the oldest posted message is all that it can find, and there is nothing to do before or after.
    // Otherwise nothing, and nothing was done.
    [[nodiscard]] const Message* take_at_once() noexcept;
    // The same where there is no message, and none can come but from sockets and other threads: waits for them first.
    // Nothing also if it has waited, and more than to take a message is to be done now.
    [[nodiscard]] const Message* wait_at_once() noexcept;

    // What else than input can end a wait for it: asked whenever there is input, and whenever `tell_of_objects` was
    // called.
    enum class Over : std::uint8_t { no, by_objects, by_input };
    struct Also {
        Over (*is_over)(void* context, bool input) noexcept = nullptr;
        void* context = nullptr;
    };

    // Waits until there is input of the kinds in `wake_mask` (QS_...), new since the queue was last looked at unless
    // `seen_counts`, or until `also` says so; false when `milliseconds` (INFINITE: never) have passed.
    [[nodiscard]] bool wait_for_input(std::uint32_t milliseconds, std::uint32_t wake_mask, bool seen_counts, Also also);
    // Any thread.
    void tell_of_objects() noexcept {
        // In any case, set or not: it is calmed without the mutex.
        attention_.fetch_or(objects_bit, std::memory_order_seq_cst);
        wake_if_asleep();
    }
    // Nobody tells of them any more.
    void told_of_objects() noexcept { calm(objects_bit); }

    // For a foreign loop: a descriptor that is readable as long as a retrieval would find something or has work to do.
    // -1 when the system refuses. From the first call on the queue keeps it so; before, it costs nothing.
    [[nodiscard]] int descriptor() noexcept;

    void post_quit(std::int32_t code) noexcept {
        quit_ = true;
        quit_seen_ = false;
        quit_code_ = code;
        announce();
    }
    [[nodiscard]] Timers& timers() noexcept { return timers_; }
    // Timers were set or killed.
    void timers_changed() noexcept {
        if (announces_.load(std::memory_order_relaxed)) announce_timers();
    }

    // What waits for the window is discarded; the handle must have ended.
    void discard_messages_of(Handle window) noexcept;

    // Hands a sent message to the owner of `receiver`; false when its window has ended. Any thread.
    [[nodiscard]] static bool hand_over(Queue& receiver, const std::shared_ptr<SentMessage>& message);
    // Waits for the answer, running what is sent to this queue meanwhile.
    std::intptr_t wait_for_answer(const SentMessage& message);
    // Any thread.
    void answer(SentMessage& message, std::intptr_t result) noexcept;

    // Any thread.
    [[nodiscard]] Post post(Handle window, std::uint32_t number, std::uintptr_t w_param, std::intptr_t l_param,
                            bool notification) noexcept {
        // Field by field down to the ring: each stays in a register on the way.
        return owned_by_this_thread() ? append(window, number, w_param, l_param, notification)
                                      : hand_in({window, w_param, l_param, 0, number, 0}, notification);
    }
    // The same by its owner where there is nothing to do but to put it behind the others. Otherwise false, and nothing
    // was done.
    [[nodiscard]] bool append_at_once(Handle window, std::uint32_t number, std::uintptr_t w_param,
                                      std::intptr_t l_param) noexcept;
    [[nodiscard]] Post post_to_thread(std::uint32_t thread, const Message& message) noexcept;
    [[nodiscard]] std::uint32_t thread() const noexcept { return thread_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::optional<Mark::Entry> mark() const;
    [[nodiscard]] std::uint64_t oldest_waiting() const noexcept { return oldest_.load(std::memory_order_acquire); }

    void begin_of_thread(std::uint32_t thread) noexcept;
    void end_of_thread() noexcept;

  private:
    // What the shared half holds for the owner: bits of attention_, which change under the mutex.
    static constexpr std::uint32_t inbox_bit = 1;
    static constexpr std::uint32_t sent_bit = 2;
    static constexpr std::uint32_t line_bit = 4;
    static constexpr std::uint32_t objects_bit = 8;  // of no container here, so without the mutex

    // A program that keeps posting to itself must not starve its sockets: they are harvested this often at least.
    static constexpr std::uint32_t messages_per_harvest = 64;

    // Whose turn it is. The ticket tells one stay in the line from a later one of the same token.
    struct InLine {
        std::uint64_t token;
        std::uint64_t ticket;
    };

    static Queue& begin_of_this_thread();

    // The owner's.
    bool try_again() noexcept;
    Post append(Handle window, std::uint32_t number, std::uintptr_t w_param, std::intptr_t l_param,
                bool notification) noexcept;
    bool take_posted(Message& out, const Filter& filter, Removal removal);
    void attend();
    void take_inbox() noexcept;
    void run_sent_messages();
    void serve_line() noexcept;
    void harvest(int milliseconds) noexcept;
    void sleep(int milliseconds, std::uint32_t attended) noexcept;
    [[nodiscard]] bool nothing_to_attend(std::uint32_t attended) const noexcept;
    [[nodiscard]] std::uint32_t input(bool seen_counts, std::uint64_t now) noexcept;
    void push_behind(Message message) noexcept;
    void publish() noexcept {
        const std::uint64_t next = next_sequence_.load(std::memory_order_relaxed);
        oldest_.store(ring_.empty() ? next : ring_.front().sequence, std::memory_order_release);
        left_ring_.store(next - ring_.size(), std::memory_order_release);
    }
    void announce_timers() noexcept;
    void fall_silent() noexcept;

    // Other threads.
    Post hand_in(const Message& message, bool notification) noexcept;

    // Any thread, with the mutex held; the caller wakes after unlocking.
    void call_for(std::uint32_t bit) noexcept;
    void calm(std::uint32_t bit) noexcept { attention_.fetch_and(~bit, std::memory_order_relaxed); }
    Post put_into_inbox(const Message& message, bool notification);
    [[nodiscard]] bool has_room_in_inbox() noexcept;
    void wake_if_asleep() noexcept;
    // Something has come that a retrieval would find.
    void announce() noexcept {
        if (announces_.load(std::memory_order_seq_cst)) [[unlikely]]
            ring_bell();
    }
    void ring_bell() noexcept;

    // ---- the owner's half
    Ring ring_;
    bool usable_ = false;
    bool quit_ = false;
    bool quit_seen_ = false;
    bool serving_ = false;  // `room` is running: its posts go before everybody's
    std::uint32_t since_harvest_ = 0;
    std::uint32_t time_ = 0;
    std::int32_t quit_code_ = 0;
    std::uint64_t seen_sequence_ = 0;  // what was posted later is new to MsgWaitForMultipleObjects
    Timers timers_;
    std::vector<Message> taken_;  // the inbox as it is moved; its memory goes back and forth
    std::optional<net::Poller> poller_;
    std::optional<net::Bell> bell_;  // others use it where announces_ is set
    std::uint64_t bell_rings_at_ = 0;

    // ---- written by the owner, read by others. By who writes what when: a line that one thread writes with each
    // message and another reads goes to and fro between two processors, which takes longer than all the rest of
    // posting.
    alignas(64) std::atomic<std::uint64_t> next_sequence_{0};  // of the next message that enters the ring
    std::atomic<std::uint32_t> thread_{0};                     // changes under the mutex; 0: of no thread
    // With each message that is retrieved.
    alignas(64) std::atomic<std::uint64_t> oldest_{0};  // in the ring; next_sequence_ if that is empty
    std::atomic<std::uint64_t> left_ring_{0};           // so many messages have left the ring

    // ---- the shared half. Looked at with each message, and seldom written:
    alignas(64) std::atomic<std::uint32_t> attention_{0};
    std::atomic<bool> sleeping_{false};
    std::atomic<bool> announces_{false};
    std::atomic<bool> rings_{false};
    // Written with each message that another thread leaves here:
    alignas(64) mutable BriefMutex mutex_;
    std::vector<Message> inbox_;
    std::uint64_t known_to_have_left_ = 0;  // left_ring_, when somebody last had to know
    std::condition_variable changed_;       // sent_ has grown, or an answer to this thread is there
    std::deque<std::shared_ptr<SentMessage>> sent_;
    std::deque<InLine> line_;
    std::uint64_t next_ticket_ = 0;
};

// Nothing where it is set: it changes under the mutex, so who set it has called since the owner calmed it.
inline void Queue::call_for(std::uint32_t bit) noexcept {
    if ((attention_.load(std::memory_order_relaxed) & bit) == 0) attention_.fetch_or(bit, std::memory_order_seq_cst);
}

inline void Queue::push_behind(Message message) noexcept {
    message.sequence = next_sequence_.load(std::memory_order_relaxed);
    ring_.push(message);
    next_sequence_.store(message.sequence + 1, std::memory_order_relaxed);
}

inline const Message* Queue::take_at_once() noexcept {
    // What is in the inbox comes behind what is in the ring: it is left there until that is empty, so that a batch of
    // another thread's messages takes the mutex once.
    const bool quiet =
        (attention_.load(std::memory_order_relaxed) & ~inbox_bit) == 0 && since_harvest_ < messages_per_harvest;
    if (!quiet || ring_.empty() || !usable_) [[unlikely]]
        return nullptr;
    const Message& taken = ring_.front();
    ring_.pop();  // leaves what was in its place until the next one comes
    ++since_harvest_;
    publish();
    seen_sequence_ = next_sequence_.load(std::memory_order_relaxed);
    quit_seen_ = quit_;
    return &taken;
}

inline bool Queue::append_at_once(Handle window, std::uint32_t number, std::uintptr_t w_param,
                                  std::intptr_t l_param) noexcept {
    const std::size_t waiting = ring_.size();
    const bool quiet = attention_.load(std::memory_order_relaxed) == 0 && !announces_.load(std::memory_order_relaxed);
    if (!quiet || !ring_.has_room() || waiting >= detail::post_limit.load(std::memory_order_relaxed)) [[unlikely]]
        return false;
    push_behind({window, w_param, l_param, 0, number, time_});
    return true;
}

inline Post post_notification(Handle window, std::uint32_t number, std::uintptr_t w_param,
                              std::intptr_t l_param) noexcept {
    Queue* const queue = queue_of(window);
    if (queue == nullptr) return Post::no_window;
    if (queue->owned_by_this_thread() && queue->append_at_once(window, number, w_param, l_param)) [[likely]]
        return Post::posted;
    return queue->post(window, number, w_param, l_param, true);
}

}  // namespace asyncselect::window
