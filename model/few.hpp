// A sequence that is short most of the time: as long as it is, its elements are in the object itself, so that a copy
// needs no memory of its own. For values that can be copied as bytes. Knows nothing of what it holds.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

namespace asyncselect::model {

template <class T, std::size_t N>
class Few {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    Few() = default;
    Few(std::initializer_list<T> values) { append(values.begin(), values.size()); }
    Few(const Few& other) { append(other.begin(), other.size()); }
    Few(Few&& other) noexcept { steal(other); }
    Few& operator=(const Few& other) {
        if (this != &other) {
            size_ = 0;
            append(other.begin(), other.size());
        }
        return *this;
    }
    Few& operator=(Few&& other) noexcept {
        if (this != &other) steal(other);
        return *this;
    }
    ~Few() = default;

    [[nodiscard]] T* data() { return reinterpret_cast<T*>(bytes()); }
    [[nodiscard]] const T* data() const { return reinterpret_cast<const T*>(bytes()); }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] T* begin() { return data(); }
    [[nodiscard]] T* end() { return data() + size_; }
    [[nodiscard]] const T* begin() const { return data(); }
    [[nodiscard]] const T* end() const { return data() + size_; }
    [[nodiscard]] T& operator[](std::size_t index) { return data()[index]; }
    [[nodiscard]] const T& operator[](std::size_t index) const { return data()[index]; }
    [[nodiscard]] T& front() { return *data(); }
    [[nodiscard]] const T& front() const { return *data(); }
    [[nodiscard]] T& back() { return data()[size_ - 1]; }
    [[nodiscard]] const T& back() const { return data()[size_ - 1]; }

    void clear() { size_ = 0; }
    // By value: it may be one of this sequence.
    void push_back(T value) { append(&value, 1); }
    T* insert(T* place, T value) {
        const std::size_t index = static_cast<std::size_t>(place - begin());
        append(&value, 1);
        std::rotate(begin() + index, end() - 1, end());
        return begin() + index;
    }
    T* erase(T* place) { return erase(place, place + 1); }
    T* erase(T* first, T* last) {
        std::copy(last, end(), first);
        size_ -= static_cast<std::uint32_t>(last - first);
        return first;
    }

    friend bool operator==(const Few& a, const Few& b) {
        return a.size_ == b.size_ && std::equal(a.begin(), a.end(), b.begin());
    }

  private:
    std::byte* bytes() { return heap_ ? heap_.get() : inside_.data(); }
    [[nodiscard]] const std::byte* bytes() const { return heap_ ? heap_.get() : inside_.data(); }

    void append(const T* values, std::size_t count) {
        if (count == 0) return;
        if (size_ + count > room_) grow(size_ + count);
        std::memcpy(bytes() + size_ * sizeof(T), values, count * sizeof(T));
        size_ += static_cast<std::uint32_t>(count);
    }
    void grow(std::size_t least) {
        const std::size_t room = std::max(least, std::size_t{2} * room_);
        auto larger = std::make_unique_for_overwrite<std::byte[]>(room * sizeof(T));
        if (size_ > 0) std::memcpy(larger.get(), bytes(), size_ * sizeof(T));
        heap_ = std::move(larger);
        room_ = static_cast<std::uint32_t>(room);
    }
    void steal(Few& other) {
        heap_ = std::move(other.heap_);
        if (!heap_ && other.size_ > 0) std::memcpy(inside_.data(), other.inside_.data(), other.size_ * sizeof(T));
        size_ = std::exchange(other.size_, 0);
        room_ = std::exchange(other.room_, static_cast<std::uint32_t>(N));
    }

    std::unique_ptr<std::byte[]> heap_;  // where they are too many
    std::uint32_t size_ = 0;
    std::uint32_t room_ = N;
    alignas(T) std::array<std::byte, N * sizeof(T)> inside_;
};

// As std::erase_if.
template <class T, std::size_t N, class Predicate>
std::size_t erase_if(Few<T, N>& sequence, Predicate predicate) {
    const std::size_t before = sequence.size();
    sequence.erase(std::remove_if(sequence.begin(), sequence.end(), predicate), sequence.end());
    return before - sequence.size();
}

}  // namespace asyncselect::model
