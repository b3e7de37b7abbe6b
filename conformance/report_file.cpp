// See conformance/report_file.hpp.
#include "conformance/report_file.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <system_error>

namespace asyncselect::conformance {

namespace {

namespace fs = std::filesystem;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void fail(const std::string& path, const std::error_code& why) {
    throw std::runtime_error(path + ": cannot be written: " + why.message());
}

std::error_code last_error() { return {errno, std::generic_category()}; }

// Where it leads to, if it is a link: that is what is replaced.
fs::path place_of(const std::string& path) {
    std::error_code error;
    const fs::path place = fs::canonical(path, error);
    return error ? fs::path(path) : place;
}

bool replaceable(const fs::path& place) {
    std::error_code error;
    const fs::file_status status = fs::status(place, error);
    return !fs::exists(status) || fs::is_regular_file(status);
}

// A new file in the same folder.
std::pair<fs::path, File> beside(const fs::path& place, const std::string& path) {
    std::random_device random;
    for (int attempt = 0; attempt < 100; ++attempt) {
        fs::path name = place;
        name.replace_filename('.' + place.filename().string() + '.' + std::to_string(random()));
        if (File file{std::fopen(name.string().c_str(), "wbx")}) return {name, std::move(file)};
        if (errno != EEXIST) break;
    }
    fail(path, last_error());
}

void write_all(File file, std::string_view text, const std::string& path) {
    const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
    const std::error_code why = last_error();
    if (!written) fail(path, why);
    // What is in the buffer still may fail.
    if (std::fclose(file.release()) != 0) fail(path, last_error());
}

}  // namespace

void demand_writable(const std::string& path) {
    const fs::path place = place_of(path);
    if (fs::is_directory(place)) fail(path, std::make_error_code(std::errc::is_a_directory));
    if (!replaceable(place)) return;
    const auto [name, file] = beside(place, path);
    std::error_code ignored;
    fs::remove(name, ignored);
}

void write_file(const std::string& path, std::string_view text) {
    const fs::path place = place_of(path);
    if (!replaceable(place)) {
        File file{std::fopen(path.c_str(), "wb")};
        if (!file) fail(path, last_error());
        write_all(std::move(file), text, path);
        return;
    }
    auto [name, file] = beside(place, path);
    try {
        write_all(std::move(file), text, path);
        std::error_code error;
        const fs::file_status status = fs::status(place, error);
        if (fs::exists(status)) fs::permissions(name, status.permissions(), error);
        fs::rename(name, place, error);
        if (error) fail(path, error);
    } catch (const std::runtime_error&) {
        std::error_code ignored;
        fs::remove(name, ignored);
        throw;
    }
}

}  // namespace asyncselect::conformance
