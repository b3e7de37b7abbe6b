// Counts the system calls of a program, for tests of what the library costs. It must not know what the program does.
// Needs strace and the permission to trace.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>

namespace asyncselect::conformance {

[[nodiscard]] inline bool can_count_system_calls() { return std::system("strace -o /dev/null true 2>/dev/null") == 0; }

// The total of the table that `strace -c` has written.
[[nodiscard]] inline std::optional<long> total_of_system_calls(const std::string& table) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
        if (line.size() < 5 || !line.ends_with("total")) continue;
        std::istringstream columns(line);
        std::string share;
        std::string seconds;
        long calls = 0;
        std::string next;
        columns >> share >> seconds >> next;
        // The column of microseconds a call is empty in some versions.
        std::istringstream(next) >> calls;
        if (columns >> next && next.find_first_not_of("0123456789") == std::string::npos) {
            long following = 0;
            std::istringstream(next) >> following;
            // calls, then errors if there were any: the larger of what can be either.
            calls = std::max(calls, following);
        }
        return calls;
    }
    return std::nullopt;
}

enum class Whose { everybodys, the_first_threads };

// Runs `command` (of the shell, quoted where it must be) to its end and counts its calls, with those of the threads and
// processes that it starts or without. `output` reads what it says; false if it is not what was expected. Ends
// the command after half a minute: one that is broken must not keep a test waiting. Nothing if it failed or was ended.
[[nodiscard]] inline std::optional<long> count_system_calls(
    const std::string& command, Whose whose = Whose::everybodys,
    const std::function<bool(FILE*)>& output = [](FILE*) { return true; }) {
    const char* const folder = std::getenv("TMPDIR");
    const std::string table =
        std::string{folder != nullptr ? folder : "/tmp"} + "/asyncselect_calls_" + std::to_string(getpid()) + ".txt";
    // LeakSanitizer, where this is built with it, does not work under strace.
    FILE* const program =
        popen(("ASAN_OPTIONS=detect_leaks=0 timeout 30 strace " + std::string{whose == Whose::everybodys ? "-f " : ""} +
               "-qq -c -o '" + table + "' " + command)
                  .c_str(),
              "r");
    if (program == nullptr) return std::nullopt;
    const bool as_expected = output(program);
    // What it says at its end needs a reader.
    while (std::fgetc(program) != EOF) {
    }
    const int status = pclose(program);
    const auto total = total_of_system_calls(table);
    std::remove(table.c_str());
    return as_expected && status == 0 ? total : std::nullopt;
}

}  // namespace asyncselect::conformance
