// The subcommand `generate`: scripts from the model's tables, as files or as one text. It must not play any.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "conformance/command.hpp"
#include "conformance/file_error.hpp"
#include "conformance/generate.hpp"
#include "conformance/terminal.hpp"

namespace asyncselect::conformance {

namespace {

struct GenerateArguments {
    std::string profile = "both";
    GenerateOptions options;
    std::string folder;
    std::string script;
    bool list = false;
    bool text = false;
};

void write(const std::vector<GeneratedScript>& scripts, const std::filesystem::path& folder) {
    for (const GeneratedScript& generated : scripts) {
        const std::filesystem::path path = folder / (generated.script.name + ".script");
        std::ofstream file(path, std::ios::binary);
        file << text_of(generated.script);
        file.close();
        if (!file) throw std::runtime_error(unwritable(path.string()));
    }
}

int run_generate(const GenerateArguments& arguments) {
    const int outputs = (arguments.folder.empty() ? 0 : 1) + (arguments.list ? 1 : 0) + (arguments.text ? 1 : 0) +
                        (arguments.script.empty() ? 0 : 1);
    if (outputs > 1) return complain("generate: one of --output, --list, --stdout and --script");
    // What cannot be done is said before the work.
    std::error_code error;
    if (!arguments.folder.empty()) std::filesystem::create_directories(arguments.folder, error);
    if (error) return complain(arguments.folder + ": cannot be made: " + error.message());
    GenerateOptions options = arguments.options;
    if (arguments.profile == "spec") options.profiles = {model::spec_profile};
    if (arguments.profile == "windows") options.profiles = {model::windows_profile};
    Progress progress;
    if (watched()) {
        options.on_progress = [&](std::size_t made) {
            progress.step(std::to_string(made) + " of " + std::to_string(options.count) + " scripts");
        };
    }
    const std::vector<GeneratedScript> scripts = generate(options);
    if (watched()) progress.done();
    try {
        if (!arguments.folder.empty()) write(scripts, arguments.folder);
    } catch (const std::exception& error) {
        return complain(error.what());
    }
    bool found = arguments.script.empty();
    for (const GeneratedScript& generated : scripts) {
        const Script& script = generated.script;
        if (arguments.list) std::cout << script.name << ": " << script.title << '\n';
        if (arguments.text) std::cout << "# " << script.name << '\n' << text_of(script) << '\n';
        if (script.name == arguments.script) {
            std::cout << text_of(script);
            found = true;
        }
    }
    if (!found) return complain("generate: with these options no script is called " + arguments.script);
    if (outputs == 0 || !arguments.folder.empty()) std::cout << scripts.size() << " scripts\n";
    return conform;
}

}  // namespace

Command add_generate(CLI::App& app) {
    const auto arguments = std::make_shared<GenerateArguments>();
    CLI::App* const command = app.add_subcommand(
        "generate",
        "Makes scripts from the model's tables: for every state, every transition and every pair of\n"
        "consecutive transitions that a script can reach, in both profiles; variants of these; other\n"
        "situations; and random walks over several sockets, windows and threads. No two have the\n"
        "same steps, and the same options make the same scripts. They carry no expectations: play\n"
        "one with `asyncselect conformance --scenario FILE`, all with\n"
        "`asyncselect conformance --generated`. Without --output, --list, --stdout or --script the\n"
        "number of scripts is printed.");
    command->add_option("--profile", arguments->profile, "Whose tables: the page's, those of Windows, or both")
        ->check(CLI::IsMember({"spec", "windows", "both"}))
        ->capture_default_str();
    command->add_option("--count", arguments->options.count, "How many scripts")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    command->add_option("--seed", arguments->options.seed, "Of all that is left to chance")->capture_default_str();
    command->add_option("--walks", arguments->options.walks, "At least so many random walks, before --count chooses")
        ->capture_default_str();
    command->add_option("--length", arguments->options.length, "The moves of each walk; 0: from 5 to 40")
        ->check(CLI::Range(0, 100'000))
        ->capture_default_str();
    command->add_option("--output", arguments->folder, "Writes them into this folder, NAME.script each")
        ->type_name("DIR");
    command->add_option("--script", arguments->script, "Prints the script of this name")->type_name("NAME");
    command->add_flag("--list", arguments->list, "Lists them: name and what each shows");
    command->add_flag("--stdout", arguments->text, "Prints them all");
    return {command, [arguments] { return run_generate(*arguments); }};
}

}  // namespace asyncselect::conformance
