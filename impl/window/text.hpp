// Strings as programs give them, bytes or wide characters, in UTF-8 and back. It must not know what they name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace asyncselect::window {

// Both put U+FFFD in the place of what is no character. Throw std::bad_alloc.
[[nodiscard]] std::string to_utf8(std::wstring_view wide);
[[nodiscard]] std::wstring to_wide(std::string_view utf8);

// The string at `text` up to its null character, but not more than `limit` characters.
[[nodiscard]] std::string_view view(const char* text, std::size_t limit) noexcept;
[[nodiscard]] std::wstring_view view(const wchar_t* text, std::size_t limit) noexcept;

}  // namespace asyncselect::window
