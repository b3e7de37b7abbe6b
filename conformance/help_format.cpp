// How --help is laid out. See help_format.hpp.
#include "conformance/help_format.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "conformance/text.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::size_t line_width = 80;
constexpr std::size_t option_column = 30;
constexpr std::size_t subcommand_column = 16;

// Without the indentation that whoever prints it adds again.
std::string wrapped_behind(std::size_t column, const std::string& text) {
    std::istringstream lines(wrap(text, column));
    std::string result;
    for (std::string line; std::getline(lines, line);) result += (result.empty() ? "" : "\n") + line.substr(column);
    return result;
}

// Lines that are indented stay as they are, and what tells of exit codes begins a line; the others are one paragraph.
std::string reflowed(const std::string& description) {
    std::istringstream lines(description);
    std::string result;
    std::string paragraph;
    const auto end_paragraph = [&] {
        result += wrap(paragraph, 0);
        paragraph.clear();
    };
    for (std::string line; std::getline(lines, line);) {
        const bool stays = line.starts_with(' ');
        if (stays || line.starts_with("Exit code")) end_paragraph();
        if (stays)
            result += line + '\n';
        else
            paragraph += (paragraph.empty() ? "" : " ") + line;
    }
    end_paragraph();
    return result;
}

class HelpFormatter : public CLI::Formatter {
  public:
    HelpFormatter() { column_width(option_column); }

    std::string make_description(const CLI::App* app) const override { return reflowed(app->get_description()) + '\n'; }

    std::string make_subcommand(const CLI::App* command) const override {
        std::ostringstream line;
        CLI::detail::format_help(line, command->get_name(),
                                 wrapped_behind(subcommand_column, in_short(command->get_description())),
                                 subcommand_column);
        return line.str();
    }

    // What can be given does not always fit into one line: FILE|NAME goes on in the next one, behind a bar.
    std::string make_option_opts(const CLI::Option* option) const override {
        std::string text = CLI::Formatter::make_option_opts(option);
        std::size_t begin = 0;
        std::size_t room = line_width - 2 - make_option_name(option, false).size();
        while (text.size() - begin > room) {
            const std::size_t bar = text.rfind('|', begin + room - 1);
            if (bar == std::string::npos || bar < begin) break;
            text.insert(bar + 1, "\n      ");
            begin = bar + 2;
            room = line_width;
        }
        return text;
    }

    std::string make_option_desc(const CLI::Option* option) const override {
        std::string text = option->get_description();
        std::ranges::replace(text, '\n', ' ');
        return wrapped_behind(option_column, text);
    }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() { return std::make_shared<HelpFormatter>(); }

std::string in_short(const std::string& description) {
    std::string text = description;
    std::ranges::replace(text, '\n', ' ');
    const std::size_t end = std::min({text.find(". "), text.find(": "), text.find("; "), text.size()});
    text.resize(end);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace asyncselect::conformance
