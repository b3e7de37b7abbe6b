// The messages that wait in a queue, first in, first out: a ring that grows and is kept, so that its owner allocates
// nothing once it is warm. One thread's alone; it must not know of other threads, windows or limits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "impl/window/message.hpp"

namespace asyncselect::window {

class Ring {
  public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] Message& front() noexcept { return slots_[head_]; }
    // The message at `position`, counted from the oldest.
    [[nodiscard]] Message& at(std::size_t position) noexcept { return slots_[index(position)]; }

    [[nodiscard]] bool has_room() const noexcept { return size_ < capacity_; }

    // Makes room for `size` messages in all. Throws std::bad_alloc and then has changed nothing.
    void reserve(std::size_t size) {
        if (size > capacity_) [[unlikely]]
            grow(size);
    }

    // Room must have been reserved.
    void push(const Message& message) noexcept {
        slots_[index(size_)] = message;
        ++size_;
    }

    void pop() noexcept {
        head_ = (head_ + 1) & (capacity_ - 1);
        --size_;
    }

    // Takes the message at `position` out; the older ones close the gap, so this costs what finding it has cost.
    void erase(std::size_t position) noexcept {
        for (std::size_t i = position; i > 0; --i) at(i) = at(i - 1);
        pop();
    }

    template <class Predicate>
    void erase_if(Predicate predicate) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            if (!predicate(std::as_const(at(i)))) at(kept++) = at(i);
        }
        size_ = kept;
    }

    void clear() noexcept { size_ = 0; }

  private:
    static constexpr std::size_t first_capacity = 256;

    [[gnu::noinline, gnu::cold]] void grow(std::size_t size) {
        std::size_t capacity = std::max(capacity_, first_capacity);
        while (capacity < size) capacity *= 2;
        std::vector<Message> larger(capacity);
        for (std::size_t i = 0; i < size_; ++i) larger[i] = at(i);
        slots_.swap(larger);
        capacity_ = capacity;
        head_ = 0;
    }

    [[nodiscard]] std::size_t index(std::size_t position) const noexcept {
        return (head_ + position) & (capacity_ - 1);
    }

    std::vector<Message> slots_;
    std::size_t capacity_ = 0;  // slots_.size(), without the division; a power of two
    std::size_t head_ = 0;
    std::size_t size_ = 0;
};

}  // namespace asyncselect::window
