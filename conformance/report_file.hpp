// Files that are there as a whole or not at all. It must not know what is in them.
#pragma once

#include <string>
#include <string_view>

namespace asyncselect::conformance {

// Throws std::runtime_error, with the reason, if `write_file` could not even begin there: for those who work long
// before they write.
void demand_writable(const std::string& path);

// Writes the text beside the file, then puts it in its place; whoever reads meanwhile sees the old one or the new one.
// What is no regular file (a pipe, /dev/stdout) is written to as it is. Throws std::runtime_error with the reason, and
// leaves the old file as it was: the folder does not exist, the disk is full, ...
void write_file(const std::string& path, std::string_view text);

}  // namespace asyncselect::conformance
