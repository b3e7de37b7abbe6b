// The subcommand `tables`. It must not know what a table says.
#include "conformance/tables.hpp"

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>

#include "conformance/command.hpp"
#include "model/tables.hpp"

namespace asyncselect::conformance {

Command add_tables(CLI::App& app) {
    const auto kept = std::make_shared<TablesArguments>();
    TablesArguments& arguments = *kept;
    CLI::App& command = *app.add_subcommand(
        "tables", "Prints the transition tables of the ten machines, as they run, and their complete matrices.");
    command.add_option("--format", arguments.format, "markdown, dot (Graphviz) or json")
        ->check(CLI::IsMember({"markdown", "dot", "json"}))
        ->capture_default_str();
    command.add_option("--machine", arguments.machine, "Only the machine of this event, as FD_READ");
    command.add_option("--write", arguments.folder, "Writes what the repository keeps in docs/model into this folder")
        ->type_name("DIR");
    return {&command, [kept] { return run_tables(*kept); }};
}

int write_tables(const std::string& folder) {
    std::filesystem::create_directories(folder);
    int written = 0;
    for (const model::Document& document : model::documents()) {
        const std::filesystem::path path = std::filesystem::path(folder) / document.name;
        std::ifstream present(path, std::ios::binary);
        if (present && std::string{std::istreambuf_iterator<char>(present), {}} == document.text) continue;
        std::ofstream file(path, std::ios::binary);
        file << document.text;
        file.close();
        if (!file) throw std::runtime_error("cannot write " + path.string());
        ++written;
    }
    return written;
}

int run_tables(const TablesArguments& arguments) {
    std::optional<model::Event> event;
    if (!arguments.machine.empty()) {
        event = model::event_named(arguments.machine);
        if (!event) {
            std::cerr << "asyncselect: " << arguments.machine << " is no network event\n";
            return 2;
        }
    }
    if (!arguments.folder.empty()) {
        try {
            std::cout << write_tables(arguments.folder) << " files written to " << arguments.folder << '\n';
        } catch (const std::exception& error) {
            std::cerr << "asyncselect: " << error.what() << '\n';
            return 2;
        }
        return 0;
    }
    model::print_tables(std::cout, model::format_named(arguments.format).value_or(model::TableFormat::markdown), event);
    return 0;
}

}  // namespace asyncselect::conformance
