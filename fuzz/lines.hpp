// Inputs that consist of lines (scripts, traces) as the mutators see them, and chance that depends on a seed alone.
// Knows no language: what makes a good line is told by whoever mutates one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace asyncselect::fuzz {

// The same numbers for the same seed on every machine (splitmix64).
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    // From 0 to limit - 1; limit is at least 1.
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
    bool one_in(std::size_t number) { return below(number) == 0; }
    template <class T>
    const T& one_of(const std::vector<T>& choices) {
        return choices[below(choices.size())];
    }
    // One that stands at a border of some type or buffer, or a small one.
    std::uint64_t number();

  private:
    std::uint64_t next();

    std::uint64_t state_;
};

using Lines = std::vector<std::string>;

std::string_view text_of(std::span<const std::uint8_t> input);
Lines lines_of(std::string_view text);
// Each line with a newline behind it.
std::string text_of(const Lines& lines);

// Puts the text where libFuzzer wants it, cut behind the last line that fits. Returns its size.
std::size_t store(const std::string& text, std::uint8_t* data, std::size_t max_size);

// What a language knows of its lines.
struct LineLanguage {
    std::size_t fixed = 0;        // how many lines at the beginning stay where they are
    std::size_t most_lines = 64;  // a mutation makes no more
    // A line that may stand anywhere.
    std::function<std::string(Chance&, const Lines& all)> any_line;
    // The line with a word or a value changed.
    std::function<std::string(Chance&, const std::string& line, const Lines& all)> changed;
};

// Leaves lines out, doubles, moves, changes or adds some. At least one thing is done.
Lines mutated(Lines lines, Chance& chance, const LineLanguage& language);

// A beginning of the one and an end of the other.
Lines crossed(const Lines& one, const Lines& other, Chance& chance, const LineLanguage& language);

}  // namespace asyncselect::fuzz
