// A static object that is never destroyed. Threads can still use windows while static objects are being destroyed at
// the end of the process, so the tables of this folder must outlive everything. It must not know what it holds.
#pragma once

namespace asyncselect::window {

template <class T>
class Immortal {
  public:
    constexpr Immortal() : value_{} {}
    ~Immortal() {}  // not `= default`: that would be deleted, and the point is to leave the value alone
    Immortal(const Immortal&) = delete;
    Immortal& operator=(const Immortal&) = delete;

    T& operator*() noexcept { return value_; }
    T* operator->() noexcept { return &value_; }

  private:
    union {
        T value_;
    };
};

}  // namespace asyncselect::window
