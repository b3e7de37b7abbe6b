// What no script can lead the model to, and why: transitions, and pairs of consecutive ones. A test holds the list
// against what is reached, so that it is exact. It must not know how scripts are made.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/socket.hpp"

namespace asyncselect::conformance {

enum class WhoseTables : std::uint8_t { spec, windows };

// Why playing scripts over the transport of this project, on a provider that follows the page, cannot show that the row
// fired; nothing if it can. Any thread.
std::optional<std::string_view> why_not_shown(const model::Row& row);

// Why no script reaches the row with the tables of this profile; nothing if one does. Any thread.
std::optional<std::string_view> why_unreachable(const model::Row& row, WhoseTables whose);

// The same of the second row right after the first, in the same machine; nothing too where the one does not begin in
// the state in which the other ends. Any thread.
std::optional<std::string_view> why_unreachable(const model::Row& first, const model::Row& second, WhoseTables whose);

}  // namespace asyncselect::conformance
