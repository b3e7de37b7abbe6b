// See fuzz/lines.hpp.
#include "fuzz/lines.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace asyncselect::fuzz {

std::uint64_t Chance::next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t value = state_;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

std::uint64_t Chance::number() {
    static constexpr std::array<std::uint64_t, 24> borders{
        0,    1,    2,     3,     10,    16,    100,   127,   128,     255,       256,         1000,
        4095, 4096, 10035, 10054, 32767, 65000, 65535, 65536, 1048576, 1U << 31U, 0xffffffffU, ~std::uint64_t{0}};
    switch (below(4)) {
        case 0:
            return below(8);
        case 1:
            return below(200);
        default:
            return borders[below(borders.size())];
    }
}

std::string_view text_of(std::span<const std::uint8_t> input) {
    return {reinterpret_cast<const char*>(input.data()), input.size()};
}

Lines lines_of(std::string_view text) {
    Lines lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::string text_of(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
}

std::size_t store(const std::string& text, std::uint8_t* data, std::size_t max_size) {
    std::size_t size = text.size();
    if (size > max_size) {
        const std::size_t last = std::string_view(text).substr(0, max_size).rfind('\n');
        size = last == std::string::npos ? 0 : last + 1;
    }
    std::memcpy(data, text.data(), size);
    return size;
}

Lines mutated(Lines lines, Chance& chance, const LineLanguage& language) {
    const std::size_t fixed = std::min(language.fixed, lines.size());
    const auto place = [&] { return fixed + chance.below(lines.size() - fixed); };
    const auto at = [&](std::size_t index) { return lines.begin() + static_cast<std::ptrdiff_t>(index); };
    for (std::size_t times = 1 + chance.below(4); times > 0; --times) {
        const bool none = lines.size() <= fixed;
        switch (none ? 0 : chance.below(10)) {
            case 0:
            case 1:
            case 2:
                lines.insert(at(fixed + chance.below(lines.size() - fixed + 1)), language.any_line(chance, lines));
                break;
            case 3: {
                const std::size_t first = place();
                const std::size_t count = 1 + chance.below(std::min<std::size_t>(4, lines.size() - first));
                lines.erase(at(first), at(first + count));
                break;
            }
            case 4: {
                const std::size_t first = place();
                const std::size_t count = 1 + chance.below(std::min<std::size_t>(4, lines.size() - first));
                const Lines copied(at(first), at(first + count));
                lines.insert(at(fixed + chance.below(lines.size() - fixed + 1)), copied.begin(), copied.end());
                break;
            }
            case 5:
                std::swap(lines[place()], lines[place()]);
                break;
            default: {
                std::string& line = lines[place()];
                line = language.changed(chance, line, lines);
            }
        }
    }
    if (lines.size() > language.most_lines) lines.resize(language.most_lines);
    return lines;
}

Lines crossed(const Lines& one, const Lines& other, Chance& chance, const LineLanguage& language) {
    const std::size_t kept = chance.below(one.size() + 1);
    Lines lines(one.begin(),
                one.begin() + static_cast<std::ptrdiff_t>(std::max(std::min(language.fixed, one.size()), kept)));
    const std::size_t from = std::min(language.fixed, other.size());
    const std::size_t begin = from + chance.below(other.size() - from + 1);
    const std::size_t end = begin + chance.below(other.size() - begin + 1);
    lines.insert(lines.end(), other.begin() + static_cast<std::ptrdiff_t>(begin),
                 other.begin() + static_cast<std::ptrdiff_t>(end));
    if (lines.size() > language.most_lines) lines.resize(language.most_lines);
    return lines;
}

}  // namespace asyncselect::fuzz
