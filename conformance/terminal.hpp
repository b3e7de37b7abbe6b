// What the program prints to: whether somebody watches, and progress for those who do. It must not know what is run.
#pragma once

#include <string>
#include <string_view>

namespace asyncselect::conformance {

// Whether standard output is a terminal, and whether it wants colours (NO_COLOR is unset or empty).
bool on_terminal();
bool wants_colours();

// Whether somebody watches what is written to standard error.
bool watched();

// On standard error, so that standard output is the report alone: one line that is written over on a terminal, a line
// for each step elsewhere.
class Progress {
  public:
    Progress();
    // A new state of affairs, e.g. "[3/40] read-level".
    void step(std::string_view text);
    // Takes the line away.
    void done();

  private:
    bool rewrites_;
};

}  // namespace asyncselect::conformance
