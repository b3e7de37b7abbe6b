// The parts of the report's page as they are in the executable. Knows nothing of reports.
#pragma once

#include <span>
#include <string_view>

namespace asyncselect::conformance {

struct PageFile {
    std::string_view name;  // "page.css", "read.svg"
    std::string_view text;
};

// Any thread.
std::span<const PageFile> page_files();

// The text of the file, or nothing.
std::string_view page_file(std::string_view name);

}  // namespace asyncselect::conformance
