// Runs a fuzz target on files, once each: the main program of a target where there is no fuzzing engine. So finds are
// played again by tests that any compiler builds. Knows no target.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/target.hpp"

namespace {

constexpr const char* usage =
    "usage: %s FILE|FOLDER...\n"
    "       %s --show FILE...\n"
    "\n"
    "Runs the fuzz target on each file, once. Where it finds a fault the program aborts, behind the name of the file.\n"
    "  --show    prints the inputs in words, and runs none\n"
    "Exit: 0 all ran, 2 bad usage or a file that cannot be read.\n";

std::vector<std::uint8_t> contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot be read");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
    if (!std::filesystem::is_directory(path)) return {path};
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
        if (entry.is_regular_file() && entry.path().extension() != ".md") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

}  // namespace

int main(int count, char** arguments) {
    LLVMFuzzerInitialize(&count, &arguments);
    const std::span<char*> all(arguments, static_cast<std::size_t>(count));
    std::vector<std::filesystem::path> files;
    for (const std::string_view argument : all.subspan(1)) {
        if (argument == "--help" || argument == "-h") {
            std::printf(usage, all[0], all[0]);
            return 0;
        }
        for (auto& file : files_of(argument)) files.push_back(std::move(file));
    }
    if (files.empty()) {
        std::fprintf(stderr, usage, all[0], all[0]);
        return 2;
    }
    for (const auto& file : files) {
        try {
            const auto input = contents(file);
            std::printf("%s\n", file.c_str());
            std::fflush(stdout);
            LLVMFuzzerTestOneInput(input.data(), input.size());
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s: %s: %s\n", all[0], file.c_str(), error.what());
            return 2;
        }
    }
    std::printf("%zu inputs\n", files.size());
    return 0;
}
