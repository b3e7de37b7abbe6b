// What stands in the library for std::atomic, std::mutex and std::condition_variable where it is built for the
// scheduler: the same, but before each operation another thread can be chosen, and a store that is not sequentially
// consistent waits in the buffer of its thread as in that of a processor. It must not know the library, nor include
// anything of the project.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <type_traits>

namespace asyncselect_scheduled {

// A store that the memory does not have yet.
struct Store {
    void* to;
    std::uint64_t value;
    void (*write)(void* to, std::uint64_t value) noexcept;
};

void point() noexcept;
void wait() noexcept;
// Whether the buffer of this thread takes it; otherwise it is to be made at once.
[[nodiscard]] bool keeps(const Store& store, std::memory_order order) noexcept;
// The memory takes all that this thread has stored.
void settle() noexcept;
// What this thread has stored there last, if the memory does not have it yet. Otherwise nullptr: the memory is to be
// asked, where what other threads have stored may have arrived by now.
[[nodiscard]] const Store* look(const void* where) noexcept;
[[nodiscard]] bool sees_nothing_shared() noexcept;
[[nodiscard]] bool does_not_look(std::memory_order order) noexcept;

}  // namespace asyncselect_scheduled

// The library says std::atomic: so this must be there too. Of the same layout: other files see it as std::atomic.
namespace std {  // NOLINT(cert-dcl58-cpp)

template <class T>
class asyncselect_scheduled_atomic {
  public:
    constexpr asyncselect_scheduled_atomic() noexcept = default;
    constexpr asyncselect_scheduled_atomic(T value) noexcept : value_{value} {}  // NOLINT: as std::atomic's
    asyncselect_scheduled_atomic(const asyncselect_scheduled_atomic&) = delete;
    asyncselect_scheduled_atomic& operator=(const asyncselect_scheduled_atomic&) = delete;

    T load(memory_order order = memory_order_seq_cst) const noexcept {
        point();
        // Of a socket's flags, what is asked while threads act is whether it is shared.
        if constexpr (std::is_same_v<T, bool>) {
            if (asyncselect_scheduled::sees_nothing_shared()) return false;
        }
        // Of what has 32 bits, what calls for a queue's owner is alone looked at in one order with all else.
        if constexpr (std::is_same_v<T, std::uint32_t>) {
            if (asyncselect_scheduled::does_not_look(order)) return 0;
        }
        if (const auto* const own = asyncselect_scheduled::look(this)) return value_in(own->value);
        return value_.load(order);
    }
    void store(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        if (asyncselect_scheduled::keeps({this, bits_of(value), &write}, order)) return;
        settle();
        value_.store(value, order);
    }
    T exchange(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        settle();
        return value_.exchange(value, order);
    }
    bool compare_exchange_weak(T& expected, T value, memory_order = memory_order_seq_cst,
                               memory_order = memory_order_seq_cst) noexcept {
        return compare_exchange_strong(expected, value);
    }
    bool compare_exchange_strong(T& expected, T value) noexcept {
        point();
        settle();
        return value_.compare_exchange_strong(expected, value);
    }
    T fetch_add(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        settle();
        return value_.fetch_add(value, order);
    }
    T fetch_sub(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        settle();
        return value_.fetch_sub(value, order);
    }
    T fetch_and(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        settle();
        return value_.fetch_and(value, order);
    }
    T fetch_or(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        settle();
        return value_.fetch_or(value, order);
    }
    T operator++() noexcept { return static_cast<T>(fetch_add(1) + 1); }
    T operator--() noexcept { return static_cast<T>(fetch_sub(1) - 1); }
    T operator=(T value) noexcept {  // NOLINT: as std::atomic's
        store(value);
        return value;
    }
    operator T() const noexcept { return load(); }  // NOLINT: as std::atomic's

  private:
    static_assert(sizeof(T) <= sizeof(std::uint64_t) && std::is_trivially_copyable_v<T>);

    // Pointers, phases and the like change where the word does, between two points of its.
    static void point() noexcept {
        if constexpr (std::is_integral_v<T>) asyncselect_scheduled::point();
    }
    // Before what is done to the memory itself: all that this thread has stored is there, and of others some.
    void settle() const noexcept {
        asyncselect_scheduled::settle();
        (void)asyncselect_scheduled::look(this);
    }

    static std::uint64_t bits_of(const T& value) noexcept {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof value);
        return bits;
    }
    static T value_in(std::uint64_t bits) noexcept {
        T value{};
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    static void write(void* to, std::uint64_t bits) noexcept {
        static_cast<asyncselect_scheduled_atomic*>(to)->value_.store(value_in(bits));
    }

    atomic<T> value_{};
};
static_assert(sizeof(asyncselect_scheduled_atomic<bool>) == sizeof(atomic<bool>));

// Who holds it can have been made to wait: so who finds it taken lets others go on, and looks again.
class asyncselect_scheduled_mutex {
  public:
    constexpr asyncselect_scheduled_mutex() noexcept = default;
    asyncselect_scheduled_mutex(const asyncselect_scheduled_mutex&) = delete;
    asyncselect_scheduled_mutex& operator=(const asyncselect_scheduled_mutex&) = delete;

    void lock() {
        while (!try_lock()) {
        }
    }
    bool try_lock() noexcept {
        asyncselect_scheduled::point();
        asyncselect_scheduled::settle();
        if (mutex_.try_lock()) return true;
        asyncselect_scheduled::wait();
        return false;
    }
    void unlock() noexcept {
        asyncselect_scheduled::settle();
        mutex_.unlock();
    }

  private:
    mutex mutex_;
};
static_assert(sizeof(asyncselect_scheduled_mutex) == sizeof(mutex));

// Returns early, as the standard allows, whenever others have gone on.
class asyncselect_scheduled_condition_variable {
  public:
    asyncselect_scheduled_condition_variable() noexcept = default;
    asyncselect_scheduled_condition_variable(const asyncselect_scheduled_condition_variable&) = delete;
    asyncselect_scheduled_condition_variable& operator=(const asyncselect_scheduled_condition_variable&) = delete;

    template <class Lock>
    void wait(Lock& lock) {
        lock.unlock();
        asyncselect_scheduled::wait();
        lock.lock();
    }
    void notify_all() noexcept { condition_.notify_all(); }

  private:
    condition_variable condition_;
};
static_assert(sizeof(asyncselect_scheduled_condition_variable) == sizeof(condition_variable));

}  // namespace std
