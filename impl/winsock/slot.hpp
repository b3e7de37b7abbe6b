// One open socket as its callers share it: the notification word in an atomic, the descriptor, and where its messages
// go. The rules by which threads step the word together are here, and nowhere else:
//
//   A call is counted in the word from its first step to its last, so that the descriptor it uses stays open and the
//   slot is not given to another socket. closesocket waits for the count to fall to none.
//   Two steps a call: the first forgets what the system call is about to look at, the second adds what the call found
//   out. What another thread harvests in between is newer than the call, and stays: no wake-up is lost.
//   Where more threads than one use a socket, what was harvested during a call may be older than what the call took,
//   and what the call found out older than what another one has taken since. So what its end would post for is asked of
//   the system once more, under the posting bit, for which the ends of other calls wait: no message is without a cause.
//   A call that left nothing there took effect before what came since. But if an abort was told since, a message for
//   that would come behind FD_CLOSE; and if it found nothing at all, there may be such a message already. Then
//   the call is made once more instead of ended, and takes effect after both. Who tells an abort tells what came before
//   it in the same step. Who posts holds the posting bit from the step that made messages due until they are in the
//   queue. It is a lock of one bit, taken only when there is something to post or the registration changes, so messages
//   of one socket keep their order, none follows a completed cancellation (AS-CANCEL-1), and window and message are
//   read while they hold.
//   Where the process has one thread the common cases take the same steps without locking (net/alone.hpp): nobody else
//   can step between the look and the store. That thread makes others by a call of its own, which is not in between,
//   and they see what it has stored before; a signal's handler calls nothing of the library (asyncselect.h).
//
// Knows the word, the transport and the queues; must know nothing of argument checks or of the API.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "impl/core/word.hpp"
#include "impl/net/alone.hpp"
#include "impl/net/network.hpp"
#include "impl/window/queue.hpp"
#include "impl/winsock/seldom.hpp"

namespace asyncselect::winsock {

using Handle = std::uintptr_t;
inline constexpr Handle invalid_handle = ~Handle{0};

namespace owners {
inline constexpr core::Word open = core::Word{1} << 50;
inline constexpr core::Word posting = core::Word{1} << 51;
inline constexpr core::Word one_call = core::Word{1} << 52;
inline constexpr core::Word calls = core::Word{7} << 52;
inline constexpr unsigned generation_shift = 55;
inline constexpr unsigned generation_bits = 7;
inline constexpr core::Word generation = core::Word{(1U << generation_bits) - 1} << generation_shift;
// Counts completed calls, so that none goes unnoticed. On top, where it begins anew without a bit to carry.
inline constexpr core::Word one_turn = core::Word{1} << (generation_shift + generation_bits);
inline constexpr core::Word turns = core::Word{3} << (generation_shift + generation_bits);
static_assert((open >> core::layout::owners_bits) == 1);
static_assert(turns + one_turn == 0);
}  // namespace owners

enum class Kind : std::uint8_t { stream, datagram };
enum class Phase : std::uint8_t { idle, listening, connecting, established };

struct alignas(64) Slot {
    std::atomic<core::Word> word{0};
    net::Descriptor descriptor = net::no_descriptor;
    std::uint32_t message = 0;                      // wMsg; held by the posting bit, as `window` is
    std::atomic<net::Poller*> poller{nullptr};      // watches the descriptor: of a window's thread, or the harvester's
    std::atomic<window::Queue*> queue{nullptr};     // of the window's thread, in whose line the socket waits for room
    window::Handle window = 0;                      // hWnd
    std::atomic<std::uint32_t> receive_timeout{0};  // SO_RCVTIMEO in milliseconds, 0 is none
    std::atomic<std::uint32_t> send_timeout{0};     // SO_SNDTIMEO
    std::atomic<std::uint16_t> waiting{0};          // who waits for the descriptor, or looks at it
    std::atomic<Phase> phase{Phase::idle};
    std::atomic<Kind> kind{Kind::stream};  // a late report can meet the slot of a closed socket
    std::atomic<bool> blocking{true};
    std::atomic<bool> shared{false};  // a thread that does not harvest it has made calls on it
    std::atomic<bool> urgent_seen{false};
    std::atomic<std::uint8_t> aware{0};    // calls that know of an urgent byte's place, or receive nothing any more
    std::atomic<Seldom*> seldom{nullptr};  // what few sockets need; see seldom_of
};
static_assert(sizeof(Slot) == 64, "a socket is one cache line");

// What few sockets need, made when the socket first does; it lives until the slot is given back. nullptr: out of
// memory. Any thread that is in a call on the socket.
[[nodiscard]] Seldom* seldom_of(Slot& slot) noexcept;

// A handle is a multiple of four below 2^31, as programs expect: the slot's index, then its generation. Index 0 is
// nobody's: that slot is never open.
namespace handles {
inline constexpr unsigned index_shift = 2;
inline constexpr unsigned index_bits = 20;
inline constexpr unsigned generation_place = index_shift + index_bits;
inline constexpr std::uint32_t slot_limit = 1U << index_bits;
inline constexpr std::uint32_t slots_in_chunk = 1024;

constexpr std::uint32_t index_of(Handle handle) noexcept {
    return static_cast<std::uint32_t>(handle >> index_shift) & (slot_limit - 1);
}
// The generation bits of the word that an open socket of this handle has.
constexpr core::Word generation_of(Handle handle) noexcept {
    return core::Word{handle >> generation_place} << owners::generation_shift;
}
constexpr bool well_formed(Handle handle) noexcept {
    constexpr auto bits = ((Handle{1} << (generation_place + owners::generation_bits - index_shift)) - 1)
                          << index_shift;
    return (handle & ~bits) == 0;
}
constexpr bool names(core::Word word, Handle handle) noexcept {
    return (word & (owners::open | owners::generation)) == (owners::open | generation_of(handle));
}

struct Chunk {
    std::array<Slot, slots_in_chunk> slots;
};
// Made when they are first needed; they stay.
extern constinit std::array<std::atomic<Chunk*>, slot_limit / slots_in_chunk> chunks;

[[nodiscard]] inline Slot* slot_at(std::uint32_t index) noexcept {
    auto* chunk = chunks[index / slots_in_chunk].load(std::memory_order_acquire);
    if (chunk == nullptr) [[unlikely]]
        return nullptr;
    return &chunk->slots[index % slots_in_chunk];
}
}  // namespace handles

// The slot that a handle names, whoever uses it now, or nullptr if there never was one. Any thread.
[[nodiscard]] inline Slot* slot_of(Handle handle) noexcept {
    if (!handles::well_formed(handle)) [[unlikely]]
        return nullptr;
    return handles::slot_at(handles::index_of(handle));
}

// Takes a free slot for `descriptor` and returns its handle; nothing if a million sockets are open. The slot is not
// open yet: `publish` opens it. Any thread.
[[nodiscard]] std::optional<Handle> reserve_slot() noexcept;
// Opens a reserved slot with this much of the word set.
void publish(Handle handle, core::Word word) noexcept;
// Gives a slot back, open or only reserved; its handle is not used again while a message can bear it.
void give_back(Handle handle) noexcept;

// Calls `visit(handle)` for every open socket.
void for_each_open(void (*visit)(Handle) noexcept) noexcept;

// A call on a socket, between its two steps.
class Call {
  public:
    // Makes the first step. Nothing if the handle names no open socket (WSAENOTSOCK). Any thread.
    [[nodiscard]] static std::optional<Call> begin(Handle handle,
                                                   const core::Stimulus& first = core::stimulus::nothing) noexcept;

    Call(Call&& other) noexcept
        : slot_{std::exchange(other.slot_, nullptr)}, handle_{other.handle_}, before_{other.before_} {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    Call& operator=(Call&&) = delete;
    // A call that was not ended has changed nothing.
    ~Call() {
        if (slot_ != nullptr) end(core::stimulus::nothing);
    }

    [[nodiscard]] Slot& slot() const noexcept { return *slot_; }
    [[nodiscard]] Handle handle() const noexcept { return handle_; }
    // The word as it was before the first step.
    [[nodiscard]] core::Word before() const noexcept { return before_; }
    [[nodiscard]] bool wants(core::Events set) const noexcept { return (before_ & core::wanted(set)) != 0; }

    // Makes the last step and posts what it made due.
    void end(const core::Stimulus& last) noexcept;

    // A call that `begin_at_once` has begun, for who does what is not common.
    [[nodiscard]] static Call adopt(Slot& slot, Handle handle, core::Word before) noexcept {
        return Call{&slot, handle, before};
    }

    // The same for a call that left nothing there. False if an abort was told since it began: then it has not ended,
    // and is to be made once more. What it would post would come behind FD_CLOSE.
    [[nodiscard]] bool end_before_abort(const core::Stimulus& last) noexcept;

    // The same for a call that found nothing there, and so posts no message of `lanes`: false also where one would be
    // due. What was posted since it began follows it, of whatever event, and is not enabled a second time
    // (AS-ENABLE-1).
    [[nodiscard]] bool end_empty(core::Events lanes, const core::Stimulus& last) noexcept;

    // The same, but only if no other call has stepped the word since `seen`, which is reloaded if one has.
    [[nodiscard]] bool end_if_unchanged(core::Word& seen, const core::Stimulus& last) noexcept;

    // Holds the posting bit: registration, window and message stay as they are until `release`. False if another thread
    // has closed the socket meanwhile: nothing is held.
    [[nodiscard]] bool hold() noexcept;
    // Steps and posts while holding.
    void step_holding(const core::Stimulus& stimulus) noexcept;
    // The same, but only if the word is still what was `seen`, which is reloaded if it is not.
    [[nodiscard]] bool step_holding_if_unchanged(core::Word& seen, const core::Stimulus& stimulus) noexcept;
    void release() noexcept;
    // Steps, posts, lets go and ends the call: with the step it counts as completed, so that a harvest which looked
    // before does not take it for none. False if the word is not what was `seen` any more: that is reloaded.
    [[nodiscard]] bool end_holding_if_unchanged(core::Word& seen, const core::Stimulus& last) noexcept;

    // the socket's turn in the line for room. True when it has posted all that is due.
    [[nodiscard]] bool take_room() noexcept;

    // Waits for the descriptor, not counted meanwhile, so that closesocket can end the wait. False if it did.
    [[nodiscard]] bool await(net::Await what, std::uint32_t milliseconds, core::Error& error) noexcept;

    // The same at a poller of the caller's own, which watches the descriptor among others.
    [[nodiscard]] bool await(net::Poller& poller) noexcept;

    // closesocket: the handle names nothing from now on, the calls in progress have ended, waiting ones were woken.
    // False if another thread was faster. Ends this call.
    [[nodiscard]] bool close() noexcept;

  private:
    Call(Slot* slot, Handle handle, core::Word before) noexcept : slot_{slot}, handle_{handle}, before_{before} {}

    enum class Left : std::uint8_t { anything, nothing };
    [[nodiscard]] bool end(Left left, core::Events found_none_of, const core::Stimulus& last) noexcept;
    // The same while the posting bit is held: what is in doubt is asked for.
    [[nodiscard]] bool end_sure(Left left, core::Events found_none_of, const core::Stimulus& last) noexcept;
    [[nodiscard]] bool told_of_abort_since(Left left, core::Word seen) const noexcept;
    void begin_waiting() noexcept;
    [[nodiscard]] bool end_waiting() noexcept;

    Slot* slot_;
    Handle handle_;
    core::Word before_;
};

// The word after one more completed call.
constexpr core::Word next_turn(core::Word word) noexcept { return word + owners::one_turn; }

// Puts `after` in the place of what was `seen`, unless that has changed, and then reloads it. `alone` is net::alone(),
// asked before the look at the word: then no thread can have stepped it since, so nothing has to be compared and no
// memory to be locked, which takes as long as some twenty other instructions.
[[nodiscard]] inline bool replace(std::atomic<core::Word>& word, core::Word& seen, core::Word after,
                                  bool alone) noexcept;
// Takes these bits, which are set, off the word; without locking in a process of one thread, too.
inline void take_off(std::atomic<core::Word>& word, core::Word bits) noexcept;

// The two steps of a call in the common case, with little code: nobody else is inside or uses the socket, and nothing
// becomes due. Both return whether they were made; if not, nothing was done, and a Call does it. In between the call is
// one like any other: what `Call` says of it holds.
[[nodiscard]] bool begin_at_once(Slot* slot, Handle handle, const core::Stimulus& first, core::Word& before) noexcept;
[[nodiscard]] bool end_at_once(Slot& slot, core::Word sets) noexcept;

inline bool replace(std::atomic<core::Word>& word, core::Word& seen, core::Word after, bool alone) noexcept {
    if (!alone) [[unlikely]]
        return word.compare_exchange_strong(seen, after);
    word.store(after, std::memory_order_relaxed);
    return true;
}

inline void take_off(std::atomic<core::Word>& word, core::Word bits) noexcept {
    if (net::alone()) [[likely]]
        word.store(word.load(std::memory_order_relaxed) - bits, std::memory_order_relaxed);
    else
        word.fetch_sub(bits);
}

inline bool begin_at_once(Slot* slot, Handle handle, const core::Stimulus& first, core::Word& before) noexcept {
    if (slot == nullptr) [[unlikely]]
        return false;
    const bool alone = net::alone();
    before = slot->word.load();
    constexpr auto owned = owners::open | owners::calls | owners::generation;
    if ((before & owned) != (owners::open | handles::generation_of(handle))) [[unlikely]]
        return false;
    const auto* queue = slot->queue.load(std::memory_order_relaxed);
    if (queue != nullptr && !queue->owned_by_this_thread()) [[unlikely]]
        return false;
    return replace(slot->word, before, ((before & first.keep) | first.set) + owners::one_call, alone);
}

inline bool end_at_once(Slot& slot, core::Word sets) noexcept {
    const bool alone = net::alone();
    auto seen = slot.word.load();
    const bool common = (seen & (owners::open | core::layout::aborted)) == owners::open;
    if (!common || core::may_post(seen | sets) || slot.shared.load(std::memory_order_relaxed)) [[unlikely]]
        return false;
    return replace(slot.word, seen, next_turn(seen | sets) - owners::one_call, alone);
}

// While it lives, its call is none that may be in a plain receive: it knows of the marks (urgent.hpp), or waits for
// another call and receives nothing any more. So who waits for receives to end does not wait for who waits for them.
class Aware {
  public:
    explicit Aware(Slot& slot) noexcept : calls_{slot.aware} { ++calls_; }
    Aware(const Aware&) = delete;
    Aware& operator=(const Aware&) = delete;
    ~Aware() { --calls_; }

  private:
    std::atomic<std::uint8_t>& calls_;
};

// Keeps the slot and the descriptor of an open socket in place without being a call: for who looks at several sockets,
// or waits for them. It steps nothing, and closesocket does not count it: it shuts the descriptor down, which ends a
// wait for it, until nobody stays. So nothing may be done while staying but to look and to wait.
class Stay {
  public:
    // Nothing if the handle names no open socket (WSAENOTSOCK). Any thread.
    [[nodiscard]] static std::optional<Stay> begin(Handle handle) noexcept;

    Stay(Stay&& other) noexcept : slot_{std::exchange(other.slot_, nullptr)}, handle_{other.handle_} {}
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;
    Stay& operator=(Stay&&) = delete;
    ~Stay() {
        if (slot_ != nullptr) slot_->waiting.fetch_sub(1);
    }

    [[nodiscard]] const Slot& slot() const noexcept { return *slot_; }
    [[nodiscard]] Handle handle() const noexcept { return handle_; }
    // False once another thread closes the socket: leave soon.
    [[nodiscard]] bool open() const noexcept;

  private:
    Stay(Slot* slot, Handle handle) noexcept : slot_{slot}, handle_{handle} {}

    Slot* slot_;
    Handle handle_;
};

// Steps the word with what was harvested, without being a call. Stale handles are ignored. False if nothing was done,
// because other threads make calls on the socket: what the poller saw may have been taken since. Any thread.
[[nodiscard]] bool harvest_step(Slot& slot, Handle handle, core::Word sets) noexcept;

// The same in the most common case, with little code: FD_READ becomes due and nothing else (AS-READ-2). False if
// nothing was done.
[[nodiscard]] bool harvest_read_at_once(Slot& slot, Handle handle, core::Word sets) noexcept;

// The same with news that no call can have taken. The caller holds no posting bit. Any thread.
void step_uncounted(Handle handle, const core::Stimulus& stimulus) noexcept;

}  // namespace asyncselect::winsock
