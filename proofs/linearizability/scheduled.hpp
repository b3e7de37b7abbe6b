// What stands in the library for std::atomic where it is built for the scheduler: the same, but before each
// operation another thread can be chosen. It must not know the library, nor include anything of the project.
#pragma once

#include <atomic>
#include <type_traits>

namespace asyncselect_scheduled {
void point() noexcept;
void wait() noexcept;
[[nodiscard]] bool sees_nothing_shared() noexcept;
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
        return value_.load(order);
    }
    void store(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        value_.store(value, order);
    }
    T exchange(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        return value_.exchange(value, order);
    }
    bool compare_exchange_weak(T& expected, T value, memory_order = memory_order_seq_cst,
                               memory_order = memory_order_seq_cst) noexcept {
        return compare_exchange_strong(expected, value);
    }
    bool compare_exchange_strong(T& expected, T value) noexcept {
        point();
        return value_.compare_exchange_strong(expected, value);
    }
    T fetch_add(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        return value_.fetch_add(value, order);
    }
    T fetch_sub(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        return value_.fetch_sub(value, order);
    }
    T fetch_and(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
        return value_.fetch_and(value, order);
    }
    T fetch_or(T value, memory_order order = memory_order_seq_cst) noexcept {
        point();
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
    // Pointers, phases and the like change where the word does, between two points of its.
    static void point() noexcept {
        if constexpr (std::is_integral_v<T>) asyncselect_scheduled::point();
    }

    atomic<T> value_{};
};

}  // namespace std
