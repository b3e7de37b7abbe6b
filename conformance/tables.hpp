// The subcommand `tables`: the model's tables, printed or written to files.
#pragma once

#include <iosfwd>
#include <string>

#include "model/coverage.hpp"

namespace asyncselect::conformance {

struct TablesArguments {
    std::string format = "markdown";
    std::string machine;   // FD_READ, or empty for all
    std::string coverage;  // a file with the transitions to be drawn boldly, or empty
    std::string folder;    // where to write one file a machine, or empty: to standard output
};

// Writes model::documents() into the folder, which it creates if need be; a file that is up to date is not touched.
// Returns how many files it wrote. Throws std::runtime_error, with the path, if the folder or a file cannot be written.
int write_tables(const std::string& folder);

// What a JSON text with an array "transitions" of keys (model/coverage.hpp) covers. Throws std::runtime_error, which
// says what is wrong with it.
model::Coverage read_coverage(std::istream& text);

// Returns the program's exit code.
int run_tables(const TablesArguments& arguments);

}  // namespace asyncselect::conformance
