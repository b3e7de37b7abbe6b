// Lines of text for people, 80 columns wide. It must not know what they say.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace asyncselect::conformance {

inline constexpr std::size_t text_width = 80;

// Breaks at spaces so that each line, indented, fits; each ends with a newline. Any thread.
std::string wrap(std::string_view text, std::size_t indent);

// The same behind a label in a column of its own. Any thread.
std::string labelled(std::string_view label, std::string_view text);

}  // namespace asyncselect::conformance
