// Memory for arguments: places that can be read and written, that can only be read, and that cannot be touched, side by
// side, so that what lies at a border reaches over it. Knows no function that is called with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace asyncselect::fuzz {

// One for the process. Not for several threads.
class WildMemory {
  public:
    static constexpr std::size_t page = 4096;

    WildMemory();
    WildMemory(const WildMemory&) = delete;
    WildMemory& operator=(const WildMemory&) = delete;
    ~WildMemory();

    // Everything that can be written is 0 again, and all of it is free.
    void clear();
    // All of it is free, and keeps what is in it.
    void begin_again() { used_ = 0; }

    // `size` bytes of their own that can be written, aligned as any type wants. Once there is no room they begin anew.
    std::byte* room(std::size_t size);
    // The same, up against what cannot be touched: `size` bytes and not one more. Not aligned; the next ones lie there
    // too.
    std::byte* room_at_the_border(std::size_t size);

    // Can be read, not written.
    [[nodiscard]] std::byte* read_only() const { return memory_ + 3 * page; }
    // Cannot be touched.
    [[nodiscard]] std::byte* forbidden() const { return memory_ + 2 * page; }

  private:
    [[nodiscard]] std::span<std::byte> writable() const { return {memory_, 2 * page}; }

    std::byte* memory_;
    std::size_t used_ = 0;
};

}  // namespace asyncselect::fuzz
