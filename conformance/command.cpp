// What the subcommands have in common. It must not know what any of them does.
#include "conformance/command.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "conformance/suite.hpp"

namespace asyncselect::conformance {

namespace {

std::string text_in(const std::string& file) {
    if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream stream(file, std::ios::binary);
    if (!stream || std::filesystem::is_directory(file)) throw std::runtime_error(file + ": cannot be read");
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

int complain(const std::string& what) {
    std::cerr << "asyncselect: " << what << '\n';
    return bad_usage;
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
