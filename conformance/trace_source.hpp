// Where a trace is read from, and read again: what explains it may be known only at its end. Input that cannot be read
// twice is kept in a temporary file as it is read. It must not know what a trace is.
#pragma once

#include <istream>
#include <memory>
#include <string>

namespace asyncselect::conformance {

// Use one source, and the streams that it has opened, in one thread.
class TraceSource {
  public:
    TraceSource() = default;
    TraceSource(const TraceSource&) = delete;
    TraceSource& operator=(const TraceSource&) = delete;
    virtual ~TraceSource() = default;

    // As it is to be called in a report.
    [[nodiscard]] virtual std::string name() const = 0;

    // A stream at the beginning. It must end before the source does. Of input that is kept, the first stream reads the
    // input, and each other one what the first has read so far. Throws std::runtime_error: it cannot be read.
    virtual std::unique_ptr<std::istream> open() = 0;
};

// Throws std::runtime_error when it cannot be read.
std::unique_ptr<TraceSource> trace_in_file(const std::string& file);

// `input` must outlive the source. Its temporary file stands where TMPDIR says, and has no name.
std::unique_ptr<TraceSource> trace_in_stream(std::istream& input, std::string name);

}  // namespace asyncselect::conformance
