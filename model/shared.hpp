// A value that copies share until one of them changes it: what makes a snapshot of an oracle cheap. Knows nothing of
// what it holds. For one thread.
#pragma once

#include <memory>
#include <utility>

namespace asyncselect::model {

template <class T>
class Shared {
  public:
    Shared() : value_(std::make_shared<T>()) {}
    explicit Shared(T value) : value_(std::make_shared<T>(std::move(value))) {}

    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_.get(); }

    // The value, to be changed: from now on it is this copy's own.
    T& change() {
        if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
        return *value_;
    }

    // Whether both are still the same object; if not, they may be equal all the same.
    [[nodiscard]] bool same(const Shared& other) const { return value_ == other.value_; }

  private:
    std::shared_ptr<T> value_;
};

}  // namespace asyncselect::model
