// Traces as JSON Lines: one observation a line, behind a first line that says what the trace is of. docs/traces.md is
// the description for others. Reads and writes a line at a time; it must not judge what it reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "model/trace.hpp"

namespace asyncselect::conformance {

// Counts changes of the form. A reader takes no other.
inline constexpr int trace_version = 1;

// The first line.
struct TraceHeader {
    std::string provider;           // who was observed, as it calls itself
    std::string provider_version;   // may be empty
    std::string script;             // what was played, by name; may be empty
    bool ours = false;              // the readings marked *ours* bind the provider
    bool unobserved_peers = false;  // the trace does not tell what peers did
};

// Why a text is no trace. `line` and `column` count from 1.
struct TraceError : std::runtime_error {
    TraceError(std::size_t at_line, std::size_t at_column, const std::string& what)
        : std::runtime_error(what), line(at_line), column(at_column) {}
    std::size_t line;
    std::size_t column;
};

// Each returns one line without the newline. Any thread.
std::string write_header(const TraceHeader& header);
std::string write_observation(const model::Observation& observation);
// A line for people, which readers pass over: what is being done.
std::string write_note(std::string_view text);

// Reads a trace from a stream, holding one line of it. Use one reader in one thread.
class TraceReader {
  public:
    // Reads the first line. Throws TraceError if it is no header of this version.
    explicit TraceReader(std::istream& in);

    [[nodiscard]] const TraceHeader& header() const { return header_; }

    // The next observation; nothing at the end. Throws TraceError: no JSON, an unknown or missing field, a value of the
    // wrong kind or out of range, or a sequence that cannot be (an end without a beginning, a clock that runs back, a
    // thread that calls while its call is under way).
    std::optional<model::Observation> next();

    // The number of the line that was read last, from 1.
    [[nodiscard]] std::size_t line() const { return line_; }

  private:
    void check_sequence(const model::Observation& observation);
    [[noreturn]] void fail(std::string_view field, const std::string& what) const;

    std::istream& in_;
    std::string text_;
    std::size_t line_ = 0;
    TraceHeader header_;
    std::map<std::uint64_t, std::string> begun_;  // that has not ended, and its thread
    std::uint64_t clock_ = 0;
};

// One observation from one line, for protocols that use the same lines. Throws TraceError with line 1.
model::Observation parse_observation(std::string_view line);

}  // namespace asyncselect::conformance
