// The command line of `asyncselect`: what it takes, and who does it. It must not know what a subcommand does.
#include "conformance/program.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "conformance/command.hpp"
#include "conformance/help_format.hpp"
#include "conformance/versions.hpp"

namespace asyncselect::conformance {

namespace {

// What was done is worth nothing if nobody can read it.
int written(int code) {
    if (std::cout.flush()) return code;
    return complain("standard output cannot be written: is there room where it goes?");
}

}  // namespace

int program(int argc, const char* const* argv) {
    CLI::App app{
        "The reference implementation of WSAAsyncSelect: conformance of a provider, clause by clause, and\n"
        "the transition tables that it is held to.\n"
        "Exit code: 0 conforms, 1 does not, 2 bad usage or input."};
    app.formatter(help_formatter());
    app.require_subcommand(1);
    // The same command line everywhere: /tmp/trace is a file.
    app.allow_windows_style_options(false);
    app.set_version_flag("--version", "asyncselect " + std::string(versions().suite), "Prints the version and exits");
    const std::vector<Command> commands{
        add_check(app),  add_conformance(app), add_generate(app), add_play(app),
        add_export(app), add_tables(app),      add_describe(app),
    };
    // After the subcommands, which would take it over.
    app.footer("asyncselect SUBCOMMAND --help tells more of each; so does the manual page.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError& error) {
        // CLI11 speaks of what is missing before it speaks of what it did not understand.
        const std::string first = argc > 1 ? argv[1] : "";
        if (first.empty()) return complain("which subcommand? asyncselect --help lists them");
        if (first.starts_with('-')) return complain(first + " is not understood; asyncselect --help lists what is");
        for (const Command& command : commands) {
            if (command.app->get_name() != first) continue;
            return complain(first + ": " + error.what() + "; asyncselect " + first + " --help tells more");
        }
        return complain("there is no subcommand \"" + first + "\"; asyncselect --help lists them");
    } catch (const CLI::ParseError& error) {
        return written(app.exit(error) == 0 ? conform : bad_usage);
    }
    for (const Command& command : commands) {
        if (*command.app) return written(command.run());
    }
    return bad_usage;
}

}  // namespace asyncselect::conformance
