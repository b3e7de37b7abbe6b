// Compiles and runs the programs that `asyncselect export` writes, for tests. It must not know what they show.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace asyncselect::conformance {

// What a command prints and its exit code.
struct CommandResult {
    int code = 0;
    std::string text;
};

inline CommandResult run_command(const std::string& command) {
    CommandResult result;
    std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return {-1, "popen"};
    char piece[4096];
    for (std::size_t got = 0; (got = std::fread(piece, 1, sizeof piece, pipe)) > 0;) result.text.append(piece, got);
    const int status = ::pclose(pipe);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

inline bool there_is(const std::string& program) { return run_command("command -v " + program).code == 0; }

// A folder of the test's own, with the program in it.
class ExportedProgram {
  public:
    explicit ExportedProgram(const std::string& source) {
        std::string name = (std::filesystem::temp_directory_path() / "asyncselect_exported_XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        std::ofstream(folder_ / "exported.c") << source;
    }
    ~ExportedProgram() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    ExportedProgram(const ExportedProgram&) = delete;
    ExportedProgram& operator=(const ExportedProgram&) = delete;

    // Without a warning, or what the compiler says.
    [[nodiscard]] std::string compile(const std::string& compiler) const {
        return run_command(compiler + " -std=c99 -Wall -Wextra -Werror " + ASYNCSELECT_INCLUDES + " -c " + source() +
                           " -o " + (folder_ / "exported.o").string())
            .text;
    }
    [[nodiscard]] std::string compile_for_windows() const {
        return run_command("x86_64-w64-mingw32-gcc -std=c99 -Wall -Wextra -Werror " + source() + " -o " +
                           (folder_ / "exported.exe").string() + " -lws2_32")
            .text;
    }
    // Over our library, which stands in for Winsock; with the faults of exported_fault.c beside it.
    [[nodiscard]] std::string build() const {
        const std::string flags = "-std=gnu99 -Wall -Wextra -Werror ";
        const std::string fault = (folder_ / "fault.o").string();
        std::string compiled = run_command(std::string(ASYNCSELECT_C_COMPILER " ") + flags + ASYNCSELECT_INCLUDES +
                                           " -c " + ASYNCSELECT_EXPORTED_FAULT + " -o " + fault)
                                   .text;
        if (!compiled.empty()) return compiled;
        return run_command(std::string(ASYNCSELECT_C_COMPILER " ") + flags + ASYNCSELECT_INCLUDES + ' ' + source() +
                           ' ' + fault + " -Wl,--wrap=asyncselect_PeekMessageA -Wl,--wrap=asyncselect_WSAAsyncSelect " +
                           ASYNCSELECT_LIBRARY + ' ' + ASYNCSELECT_LIBRARY_NEEDS + " -lstdc++ -lm -pthread -o " +
                           (folder_ / "exported").string())
            .text;
    }
    [[nodiscard]] CommandResult run(const std::string& environment = "") const {
        return run_command(environment + ' ' + (folder_ / "exported").string() + " 100");
    }

  private:
    [[nodiscard]] std::string source() const { return (folder_ / "exported.c").string(); }
    std::filesystem::path folder_;
};

}  // namespace asyncselect::conformance
