// wchar_t holds a whole character on Linux: no surrogates to pair. Where it does not, half of a pair is no character.
#include "impl/window/text.hpp"

#include <cstdint>

namespace asyncselect::window {

namespace {
constexpr std::uint32_t replacement = 0xfffd;

bool is_character(std::uint32_t code) noexcept { return code < 0xd800 || (code > 0xdfff && code < 0x110000); }

void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](unsigned shift) { out.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3f))); };
    if (code < 0x80) {
        out.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        out.push_back(static_cast<char>(0xc0 | code >> 6));
        tail(0);
    } else if (code < 0x10000) {
        out.push_back(static_cast<char>(0xe0 | code >> 12));
        tail(6);
        tail(0);
    } else {
        out.push_back(static_cast<char>(0xf0 | code >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

}  // namespace

std::string to_utf8(std::wstring_view wide) {
    std::string out;
    for (const wchar_t character : wide) {
        const auto code = static_cast<std::uint32_t>(character);
        append_utf8(out, is_character(code) ? code : replacement);
    }
    return out;
}

std::wstring to_wide(std::string_view utf8) {
    std::wstring out;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto first = static_cast<unsigned char>(utf8[i]);
        const std::size_t length = first < 0x80         ? 1
                                   : first >> 5 == 0x6  ? 2
                                   : first >> 4 == 0xe  ? 3
                                   : first >> 3 == 0x1e ? 4
                                                        : 0;
        std::uint32_t code = length == 1 ? first : length == 0 ? replacement : first & (0x7fU >> length);
        bool whole = length != 0 && i + length <= utf8.size();
        for (std::size_t k = 1; whole && k < length; ++k) {
            const auto next = static_cast<unsigned char>(utf8[i + k]);
            whole = next >> 6 == 0x2;
            code = code << 6 | (next & 0x3f);
        }
        out.push_back(static_cast<wchar_t>(whole && is_character(code) ? code : replacement));
        i += whole ? length : 1;
    }
    return out;
}

std::string_view view(const char* text, std::size_t limit) noexcept {
    std::size_t length = 0;
    while (length < limit && text[length] != '\0') ++length;
    return {text, length};
}

std::wstring_view view(const wchar_t* text, std::size_t limit) noexcept {
    std::size_t length = 0;
    while (length < limit && text[length] != L'\0') ++length;
    return {text, length};
}

}  // namespace asyncselect::window
