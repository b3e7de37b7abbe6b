// Runs a fuzz target on files, once each: the main program of a target where there is no fuzzing engine. So finds are
// played again by tests that any compiler builds. Knows no target.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
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
    "usage: %s [--times N] FILE|FOLDER...\n"
    "       %s --show FILE...\n"
    "\n"
    "Runs the fuzz target on each file, once. Where it finds a fault the program aborts, behind the name of the file.\n"
    "  --times N    then runs all of them N times more, and tells how many that were for each second of processor "
    "time\n"
    "  --show       prints the inputs in words, and runs none\n"
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

// Of the processor, not of the clock: others may be busy.
void tell_rate(const std::vector<std::vector<std::uint8_t>>& inputs, unsigned long times) {
    const std::clock_t begin = std::clock();
    for (unsigned long turn = 0; turn < times; ++turn) {
        for (const auto& input : inputs) LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf("%.0f inputs a second\n", static_cast<double>(inputs.size()) * static_cast<double>(times) / seconds);
}

}  // namespace

int main(int count, char** arguments) {
    LLVMFuzzerInitialize(&count, &arguments);
    const std::span<char*> all(arguments, static_cast<std::size_t>(count));
    std::vector<std::filesystem::path> files;
    unsigned long times = 0;
    for (std::size_t index = 1; index < all.size(); ++index) {
        const std::string_view argument = all[index];
        if (argument == "--help" || argument == "-h") {
            std::printf(usage, all[0], all[0]);
            return 0;
        }
        if (argument == "--times" && index + 1 < all.size()) {
            const std::string_view number = all[++index];
            const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), times);
            if (error != std::errc{} || end != number.data() + number.size() || times == 0) {
                std::fprintf(stderr, "%s: --times takes a number from 1 on, not \"%s\"\n", all[0], all[index]);
                return 2;
            }
            continue;
        }
        for (auto& file : files_of(argument)) files.push_back(std::move(file));
    }
    if (files.empty()) {
        std::fprintf(stderr, usage, all[0], all[0]);
        return 2;
    }
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const auto& file : files) {
        try {
            const auto& input = inputs.emplace_back(contents(file));
            std::printf("%s\n", file.c_str());
            std::fflush(stdout);
            LLVMFuzzerTestOneInput(input.data(), input.size());
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s: %s: %s\n", all[0], file.c_str(), error.what());
            return 2;
        }
    }
    std::printf("%zu inputs\n", files.size());
    if (times > 0) tell_rate(inputs, times);
    return 0;
}
