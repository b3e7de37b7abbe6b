// What is said of a file that cannot be read or written. See file_error.hpp.
#include "conformance/file_error.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace asyncselect::conformance {

namespace {

std::string with_reason(std::string text, const std::string& file, int error) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) return text + ": it is a folder";
    if (error != 0) text += ": " + std::generic_category().message(error);
    return text;
}

}  // namespace

std::string unreadable(const std::string& file) {
    const int error = errno;
    return with_reason(file + ": cannot be read", file, error);
}

std::string unwritable(const std::string& file) {
    const int error = errno;
    return with_reason(file + ": cannot be written", file, error);
}

}  // namespace asyncselect::conformance
