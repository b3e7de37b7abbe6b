// Traces as JSON Lines: one observation a line, behind a first line that says what the trace is of. docs/traces.md is
// the description for others. Reads and writes a line at a time; it must not judge what it reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "conformance/json_line.hpp"
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

// Each returns one line without the newline. Any thread.
std::string write_header(const TraceHeader& header);
std::string write_observation(const model::Observation& observation);
// A line for people, which readers pass over: what is being done.
std::string write_note(std::string_view text);

// What somebody has written beside the observations.
struct Note {
    std::string text;
};

using TraceLine = std::variant<model::Observation, Note>;

// Reads a trace from a stream, holding one line of it. Lines end with a newline, or with carriage return and newline;
// the last one need not. A byte order mark at the beginning is passed over. Use one reader in one thread.
class TraceReader {
  public:
    class Fields;

    // The longest line that is read.
    static constexpr std::size_t most_bytes = std::size_t{1} << 20U;

    // Reads the first line. Throws TraceError if it is no header of this version.
    explicit TraceReader(std::istream& in);

    [[nodiscard]] const TraceHeader& header() const { return header_; }

    // The next observation; nothing at the end. Throws TraceError: no JSON, an unknown or missing field, a value of the
    // wrong kind or out of range, a line that is too long, or a sequence that cannot be (an end without a beginning, a
    // clock that runs back, a thread that calls while its call is under way, a peer that sends after it has closed).
    std::optional<model::Observation> next();

    // The same with what `next` passes over: notes.
    std::optional<TraceLine> next_line();

    // The number of the line that was read last, from 1.
    [[nodiscard]] std::size_t line() const { return line_; }

  private:
    bool read_line();
    [[nodiscard]] Fields fields_of_this_line() const;
    void check_sequence(const model::Observation& observation, const Fields& fields);
    void check_peer(const model::observation::Peer& peer, const Fields& fields);

    std::istream& in_;
    std::string text_;
    bool complete_ = true;  // the line ended with a newline
    std::size_t line_ = 0;
    TraceHeader header_;
    std::map<std::uint64_t, std::string> begun_;  // that has not ended, and its thread
    std::set<std::string> gone_;                  // connections whose peer has closed its end since the last quiet
    std::uint64_t clock_ = 0;
};

// One observation from one line, for protocols that use the same lines. Throws TraceError with line 1.
model::Observation parse_observation(std::string_view line);

}  // namespace asyncselect::conformance
