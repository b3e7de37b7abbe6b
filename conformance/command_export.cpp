// The subcommand `export`: a script as a C program. It must not play.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "conformance/command.hpp"
#include "conformance/export_c.hpp"

namespace asyncselect::conformance {

namespace {

struct ExportArguments {
    std::string script;
    std::string output;
};

int run_export(const ExportArguments& arguments) {
    try {
        const std::string text = export_c(script_called(arguments.script));
        if (arguments.output.empty()) {
            std::cout << text << std::flush;
        } else {
            write_file(arguments.output, text);
        }
        return conform;
    } catch (const NotExportable& error) {
        return complain(arguments.script + ": cannot be a plain Winsock program: " + error.what());
    } catch (const std::runtime_error& error) {
        return complain(error.what());
    }
}

}  // namespace

Command add_export(CLI::App& app) {
    const auto arguments = std::make_shared<ExportArguments>();
    CLI::App* const command = app.add_subcommand(
        "export",
        "Writes a script as a C program of plain Winsock, which needs nothing of this project: the\n"
        "script's calls in their order, with peers of its own, and prints of what they return and\n"
        "which messages come. It is C99, compiles with mingw-w64 (-lws2_32) and Visual C, and on\n"
        "Linux with the compat headers of this project.\n"
        "asyncselect play --export-c FILE SCRIPT writes one that looks in the end for the very fault\n"
        "that playing has found: its exit code is 1 if the fault shows, 0 if not.\n"
        "What a plain program cannot do (change routes and addresses, make the network subsystem\n"
        "fail, fill a queue, hold up a connection) is told, with the step. Exit code: 0 written,\n"
        "2 if not.");
    command->add_option("script", arguments->script, "What to export: a file, - or the name of a scenario")
        ->type_name("SCRIPT")
        ->required();
    command->add_option("--output", arguments->output, "Writes it there, not to standard output")->type_name("FILE");
    return {command, [arguments] { return run_export(*arguments); }};
}

}  // namespace asyncselect::conformance
