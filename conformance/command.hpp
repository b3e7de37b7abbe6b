// What the subcommands of `asyncselect` have in common. It must not know what any of them does.
#pragma once

#include <functional>
#include <string>

#include "conformance/providers.hpp"
#include "conformance/script.hpp"

namespace CLI {
class App;
}

namespace asyncselect::conformance {

// Exit codes of the program.
inline constexpr int conform = 0;
inline constexpr int not_conform = 1;
inline constexpr int bad_usage = 2;

// A subcommand that was added to the command line, and what runs it once that was parsed: it returns the exit code.
struct Command {
    CLI::App* app = nullptr;
    std::function<int()> run;
};

// Each in the file of its name.
Command add_check(CLI::App& app);
Command add_conformance(CLI::App& app);
Command add_describe(CLI::App& app);
Command add_export(CLI::App& app);
Command add_generate(CLI::App& app);
Command add_play(CLI::App& app);
Command add_tables(CLI::App& app);

// Adds the options that tell of a provider that is a separate program; `to` must outlive the command line.
void add_provider_options(CLI::App& command, ProviderOptions& to);

// Says on standard error what is wrong with a command or its input. Returns bad_usage.
int complain(const std::string& what);

// Throws std::runtime_error if it cannot be written.
void write_file(const std::string& file, const std::string& text);

// The script in a file; "-" is standard input. Throws std::runtime_error: it cannot be read, or it is no script: with
// file, line and column.
Script script_in(const std::string& file);

// The same, or the embedded scenario of that name where there is no such file. Throws std::runtime_error.
Script script_called(const std::string& name);

}  // namespace asyncselect::conformance
