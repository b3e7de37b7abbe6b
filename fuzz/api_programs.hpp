// Calls that make sense together only, or with arguments that chance hardly finds: an option with its level and a value
// of its form, a text that is an address, a message to a window of another thread. Each program is played by itself,
// with sockets, windows and threads of its own, and leaves nothing behind. Knows the public header only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

namespace asyncselect::fuzz {

// Where programs get what they choose; the first choice of each is the one that matters most.
class Draw {
  public:
    explicit Draw(std::function<std::uint8_t()> byte) : byte_(std::move(byte)) {}
    std::uint8_t byte() { return byte_(); }
    std::size_t below(std::size_t limit) { return byte() % limit; }
    bool one_in(std::size_t number) { return below(number) == number - 1; }
    template <class T, std::size_t size>
    const T& one_of(const std::array<T, size>& choices) {
        return choices[below(size)];
    }

  private:
    std::function<std::uint8_t()> byte_;
};

struct Program {
    std::string_view name;
    void (*play)(Draw& draw);
};

// What does not hold: told, and the end.
[[noreturn]] void fail(std::string_view function, std::string_view what);

std::span<const Program> socket_programs();
std::span<const Program> window_programs();

// In an input this byte stands where a function would, and behind it the number of a program: first those of sockets.
inline constexpr std::uint8_t program_follows = 255;
inline constexpr std::size_t program_count = 19;

}  // namespace asyncselect::fuzz
