// The subcommand `tables`. It must not know what a table says.
#include "conformance/tables.hpp"

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "conformance/command.hpp"
#include "conformance/file_error.hpp"
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
    command
        .add_option("--coverage", arguments.coverage,
                    "Draws boldly the transitions that this JSON file names (\"transitions\": [\"read-5\", ...]); with "
                    "--format dot")
        ->type_name("FILE");
    command.add_option("--write", arguments.folder, "Writes what the repository keeps in docs/model into this folder")
        ->type_name("DIR");
    return {&command, [kept] { return run_tables(*kept); }};
}

int write_tables(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw std::runtime_error(folder + ": cannot be made: " + error.message());
    int written = 0;
    for (const model::Document& document : model::documents()) {
        const std::filesystem::path path = std::filesystem::path(folder) / document.name;
        std::ifstream present(path, std::ios::binary);
        if (present && std::string{std::istreambuf_iterator<char>(present), {}} == document.text) continue;
        std::ofstream file(path, std::ios::binary);
        file << document.text;
        file.close();
        if (!file) throw std::runtime_error(unwritable(path.string()));
        ++written;
    }
    return written;
}

model::Coverage read_coverage(std::istream& text) {
    nlohmann::json document;
    try {
        document = nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        throw std::runtime_error(error.what());
    }
    if (!document.is_object() || !document.contains("transitions") || !document["transitions"].is_array())
        throw std::runtime_error("there is no array \"transitions\"");
    model::Coverage coverage;
    for (const nlohmann::json& key : document["transitions"]) {
        if (!key.is_string()) throw std::runtime_error(key.dump() + " is no key of a transition");
        const model::Row* const row = model::row_named(key.get<std::string>());
        if (row == nullptr) throw std::runtime_error(key.dump() + " is no key of a transition");
        coverage.set(model::number_of(*row));
    }
    return coverage;
}

int run_tables(const TablesArguments& arguments) {
    std::optional<model::Event> event;
    if (!arguments.machine.empty()) {
        event = model::event_named(arguments.machine);
        if (!event) {
            return complain(arguments.machine +
                            " is no network event; `asyncselect tables` without --machine shows all ten");
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
    const model::TableFormat format = model::format_named(arguments.format).value_or(model::TableFormat::markdown);
    std::optional<model::Coverage> coverage;
    if (!arguments.coverage.empty()) {
        if (format != model::TableFormat::graphviz) {
            std::cerr << "asyncselect: --coverage draws: it needs --format dot\n";
            return 2;
        }
        std::ifstream file(arguments.coverage);
        if (!file) {
            return complain(unreadable(arguments.coverage));
        }
        try {
            coverage = read_coverage(file);
        } catch (const std::exception& error) {
            std::cerr << "asyncselect: " << arguments.coverage << ": " << error.what() << '\n';
            return 2;
        }
    }
    model::print_tables(std::cout, format, event, coverage ? &*coverage : nullptr);
    return 0;
}

}  // namespace asyncselect::conformance
