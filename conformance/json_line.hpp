// One line of JSON Lines as traces use it: an object of texts, whole numbers, true and false, and nothing nested. So it
// is read in place, in one pass, and the column of everything is known. It must not know which fields there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace asyncselect::conformance {

// Why a text is no trace. `line` and `column` count from 1; columns are bytes.
struct TraceError : std::runtime_error {
    TraceError(std::size_t at_line, std::size_t at_column, const std::string& what)
        : std::runtime_error(what), line(at_line), column(at_column) {}
    std::size_t line;
    std::size_t column;
};

struct JsonField {
    enum class Kind : std::uint8_t { text, number, truth };

    std::string name;
    Kind kind = Kind::truth;
    std::string text;             // of a text
    bool negative = false;        // of a number
    std::uint64_t magnitude = 0;  // the same
    bool truth = false;
    std::size_t name_column = 1;
    std::size_t value_column = 1;
};

// More than any line of a trace has.
inline constexpr std::size_t most_fields = 64;

// The fields in their order; each name is there once. Throws TraceError, with `line`: this is no JSON, a name stands
// there twice, or a value is of another kind. Any thread.
std::vector<JsonField> fields_of_line(std::string_view text, std::size_t line);

}  // namespace asyncselect::conformance
