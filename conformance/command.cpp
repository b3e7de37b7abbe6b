// What the subcommands have in common. It must not know what any of them does.
#include "conformance/command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "conformance/file_error.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {

namespace {

std::string text_in(const std::string& file) {
    if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream stream(file, std::ios::binary);
    if (!stream || std::filesystem::is_directory(file)) throw std::runtime_error(unreadable(file));
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

int complain(const std::string& what) {
    std::cerr << "asyncselect: " << what << '\n';
    return bad_usage;
}

void add_provider_options(CLI::App& command, ProviderOptions& to) {
    const std::string group = "A provider that is a separate program (exec:COMMAND; docs/adapter.md)";
    command
        .add_option("--peers-at", to.peers_at,
                    "The address of this host at which peers listen and that the provider is told;\n"
                    "twice for both families. Default: that of the loopback interface")
        ->type_name("ADDRESS")
        ->group(group);
    command
        .add_option("--provider-at", to.provider_at,
                    "The address under which the provider's host is reached; twice for both\n"
                    "families. The network of this host is used then, and none of its own")
        ->type_name("ADDRESS")
        ->group(group);
    command
        .add_option_function<unsigned>(
            "--provider-start",
            [&to](const unsigned& milliseconds) { to.start = std::chrono::milliseconds(milliseconds); },
            "Milliseconds that it may take until its first line [30000]")
        ->check(CLI::Range(1, 600000))
        ->group(group);
    command
        .add_option_function<unsigned>(
            "--on-the-way",
            [&to](const unsigned& milliseconds) { to.out_of_sight = std::chrono::milliseconds(milliseconds); },
            "With --provider-at: milliseconds within which what a peer did has come there\n"
            "where that cannot be seen from here [100]")
        ->check(CLI::Range(0, 600000))
        ->group(group);
}

void write_file(const std::string& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    if (!stream.flush()) throw std::runtime_error(unwritable(file));
}

Script script_in(const std::string& file) {
    try {
        return parse(text_in(file), file == "-" ? "input" : std::filesystem::path(file).stem().string());
    } catch (const ScriptError& error) {
        throw std::runtime_error(file + ':' + std::to_string(error.line) + ':' + std::to_string(error.column) + ": " +
                                 error.what());
    }
}

Script script_called(const std::string& name) {
    const auto embedded = std::ranges::find(embedded_scripts(), name, &EmbeddedScript::name);
    if (embedded != embedded_scripts().end() && !std::filesystem::exists(name)) {
        return parse(embedded->text, name);
    }
    if (name != "-" && !std::filesystem::exists(name)) {
        throw std::runtime_error(name + ": there is neither such a file nor a scenario of that name; asyncselect " +
                                 "conformance --list names the scenarios");
    }
    return script_in(name);
}

}  // namespace asyncselect::conformance
