// `asyncselect describe`: the command line as a manual page and as completions for shells, read off CLI11's own account
// of it, so that they say what --help says. It must not know any other subcommand.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/command.hpp"
#include "conformance/help_format.hpp"
#include "conformance/versions.hpp"

namespace asyncselect::conformance {

namespace {

struct DescribeArguments {
    std::string form;
    std::string output;
};

// What completes the value of an option.
struct Value {
    bool wanted = false;               // there is one
    bool file = false;                 // it is a file or a folder
    std::vector<std::string> choices;  // or one of these
};

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(at), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string replace_all(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

std::string join(const std::vector<std::string>& words, std::string_view between = " ") {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
    return text;
}

// TEXT:{spec,windows}, pump|eager|exec:COMMAND, FILE: as the help writes them.
Value value_of(const CLI::Option& option) {
    Value value;
    value.wanted = option.get_items_expected_max() > 0;
    const std::string type = option.get_type_name();
    value.file = type.find("FILE") != std::string::npos || type.find("DIR") != std::string::npos;
    const std::size_t begin = type.find('{');
    if (begin != std::string::npos) {
        value.choices = split(type.substr(begin + 1, type.find('}') - begin - 1), ',');
    } else if (!value.file && type.find('|') != std::string::npos) {
        for (const std::string& choice : split(type, '|')) value.choices.push_back(choice.substr(0, choice.find('[')));
        std::ranges::for_each(value.choices, [](std::string& choice) {
            if (choice.find(':') != std::string::npos) choice.resize(choice.find(':') + 1);
        });
    }
    // What a command works on is a file, unless it is one of few.
    if (option.get_positional() && value.choices.empty()) value.file = true;
    return value;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* command) { return !command->get_name().empty(); });
}

// The words by which an option is given, as -h and --help.
std::vector<std::string> words_of(const CLI::Option& option) {
    std::vector<std::string> words;
    for (const std::string& name : option.get_snames()) words.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) words.push_back("--" + name);
    return words;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
    return app.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

const CLI::Option* positional_of(const CLI::App& app) {
    const auto found = app.get_options([](const CLI::Option* option) { return option->get_positional(); });
    return found.empty() ? nullptr : found.front();
}

// ---- the manual page ----

std::string in_roff(std::string text) {
    text = replace_all(std::move(text), "\\", "\\e");
    text = replace_all(std::move(text), "-", "\\-");
    text = replace_all(std::move(text), "'", "\\(aq");
    text = replace_all(std::move(text), "\n.", "\n\\&.");
    if (text.starts_with('.')) text.insert(0, "\\&");
    return text;
}

// As the help lays it out, line by line.
void write_lines(std::ostream& to, const std::string& text) { to << ".nf\n" << in_roff(text) << "\n.fi\n"; }

void write_options(std::ostream& to, const CLI::App& app) {
    std::string group;
    for (const CLI::Option* option : app.get_options()) {
        const Value value = value_of(*option);
        if (option->get_group() != group && option->get_group() != "Options" && option->nonpositional()) {
            to << ".PP\n" << in_roff(option->get_group()) << ":\n";
            group = option->get_group();
        }
        to << ".TP\n\\fB";
        to << in_roff(option->nonpositional() ? join(words_of(*option), ", ") : option->get_name(true));
        to << "\\fR";
        if (value.wanted && option->nonpositional()) to << " \\fI" << in_roff(option->get_type_name()) << "\\fR";
        to << '\n' << in_roff(replace_all(option->get_description(), "\n", " "));
        if (!option->get_default_str().empty())
            to << " (" << in_roff(option->get_default_str()) << " if it is not given)";
        to << '\n';
    }
}

void write_manual(std::ostream& to, const CLI::App& app) {
    to << ".\\\" Made by \"asyncselect describe man\": do not edit.\n.TH ASYNCSELECT 1 \"\" \"asyncselect "
       << versions().suite << "\" \"User Commands\"\n"
       << ".SH NAME\nasyncselect \\- holds a Winsock against the specification of WSAAsyncSelect\n.SH SYNOPSIS\n";
    for (const CLI::App* command : subcommands_of(app)) {
        to << ".B asyncselect " << in_roff(command->get_name()) << "\n[\\fIOPTIONS\\fR]";
        if (const CLI::Option* of = positional_of(*command))
            to << " [\\fI" << in_roff(of->get_name(true)) << "\\fR ...]";
        to << "\n.br\n";
    }
    to << ".SH DESCRIPTION\n";
    write_lines(to, app.get_description());
    to << ".SH OPTIONS\n";
    write_options(to, app);
    to << ".SH COMMANDS\n";
    for (const CLI::App* command : subcommands_of(app)) {
        to << ".SS " << in_roff(command->get_name()) << '\n';
        write_lines(to, command->get_description());
        write_options(to, *command);
        if (!command->get_footer().empty()) {
            to << ".PP\n";
            write_lines(to, command->get_footer());
        }
    }
    to << ".SH EXIT STATUS\n.TP\n0\nIt conforms, or was done.\n.TP\n1\nIt does not conform.\n.TP\n2\nBad usage or "
          "input; what "
          "is wrong and where is said on standard error.\n";
}

// ---- shells ----

std::vector<std::string> all_words(const CLI::App& app) {
    std::vector<std::string> words;
    for (const CLI::Option* option : options_of(app)) std::ranges::copy(words_of(*option), std::back_inserter(words));
    return words;
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
    std::vector<std::string> names;
    names.reserve(commands.size());
    for (const CLI::App* command : commands) names.push_back(command->get_name());
    return names;
}

void write_bash(std::ostream& to, const CLI::App& app) {
    const std::string commands = join(names_of(subcommands_of(app)));
    to << "# Completion of asyncselect for bash. Made by \"asyncselect describe bash\": do not edit.\n"
          "_asyncselect() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=\"\" word "
          "files=\"\"\n"
          "    # bash takes --profile=spec apart.\n"
          "    if [[ $current == = ]]; then\n"
          "        current=\"\"\n"
          "    elif [[ $previous == = ]]; then\n"
          "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case $word in\n"
       << "        " << join(names_of(subcommands_of(app)), " | ") << ") command=$word && break ;;\n"
       << "        esac\n"
          "    done\n"
          "    COMPREPLY=()\n"
          "    case \"$command $previous\" in\n";
    for (const CLI::App* command : subcommands_of(app)) {
        for (const CLI::Option* option : options_of(*command)) {
            const Value value = value_of(*option);
            if (!value.wanted) continue;
            std::vector<std::string> patterns;
            for (const std::string& word : words_of(*option))
                patterns.push_back("\"" + command->get_name() + " " + word + "\"");
            to << "    " << join(patterns, " | ") << ")\n";
            if (value.file)
                to << "        compopt -o filenames\n        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n";
            else if (!value.choices.empty())
                to << "        mapfile -t COMPREPLY < <(compgen -W '" << join(value.choices) << "' -- \"$current\")\n";
            to << "        return\n        ;;\n";
        }
    }
    to << "    esac\n"
          "    case \"$command\" in\n"
       << "    '') word='" << commands << ' ' << join(all_words(app)) << "' ;;\n";
    for (const CLI::App* command : subcommands_of(app)) {
        const CLI::Option* const positional = positional_of(*command);
        std::vector<std::string> words = all_words(*command);
        if (positional != nullptr) std::ranges::copy(value_of(*positional).choices, std::back_inserter(words));
        to << "    " << command->get_name() << ") word='" << join(words) << "'";
        if (positional != nullptr && value_of(*positional).file) to << " files=yes";
        to << " ;;\n";
    }
    to << "    esac\n"
          "    if [[ $files && $current != -* ]]; then\n"
          "        compopt -o filenames\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
          "    else\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$word\" -- \"$current\")\n"
          "    fi\n"
          "}\n"
          "complete -F _asyncselect asyncselect\n";
}

// Within '...' of any shell.
std::string quoted(const std::string& text) { return replace_all(text, "'", "'\\''"); }

std::string for_zsh(const CLI::Option& option) {
    const Value value = value_of(option);
    std::string text = quoted(in_short(option.get_description()));
    for (const char special : {'[', ']', ':'})
        text = replace_all(text, std::string(1, special), "\\" + std::string(1, special));
    std::string what;
    if (value.file)
        what = ":file:_files";
    else if (!value.choices.empty())
        what = ":value:(" + replace_all(join(value.choices), ":", "\\:") + ")";
    else if (value.wanted)
        what = ":value: ";
    std::string lines;
    for (const std::string& word : words_of(option))
        lines += " \\\n            '*" + word + (value.wanted ? "=" : "") + "[" + text + "]" + what + "'";
    return lines;
}

void write_zsh(std::ostream& to, const CLI::App& app) {
    to << "#compdef asyncselect\n# Completion of asyncselect for zsh. Made by \"asyncselect describe zsh\": do not "
          "edit.\n"
          "local state\nlocal -a commands\ncommands=(\n";
    for (const CLI::App* command : subcommands_of(app))
        to << "    '" << command->get_name() << ':' << quoted(in_short(command->get_description())) << "'\n";
    to << ")\n_arguments -C";
    for (const CLI::Option* option : options_of(app)) to << for_zsh(*option);
    to << " \\\n            '1:command:->command' '*::argument:->argument'\n"
          "case $state in\ncommand) _describe command commands ;;\nargument)\n    case $words[1] in\n";
    for (const CLI::App* command : subcommands_of(app)) {
        to << "    " << command->get_name() << ")\n        _arguments";
        for (const CLI::Option* option : options_of(*command)) to << for_zsh(*option);
        if (const CLI::Option* of = positional_of(*command)) {
            const Value value = value_of(*of);
            to << " \\\n            '*:" << (value.file ? "file:_files" : "value:(" + join(value.choices) + ")") << "'";
        }
        to << "\n        ;;\n";
    }
    to << "    esac\n    ;;\nesac\n";
}

void write_fish_options(std::ostream& to, const CLI::App& app, const std::string& when) {
    for (const CLI::Option* option : options_of(app)) {
        const Value value = value_of(*option);
        to << "complete -c asyncselect -n '" << when << '\'';
        for (const std::string& name : option->get_snames()) to << " -s " << name;
        for (const std::string& name : option->get_lnames()) to << " -l " << name;
        if (value.file)
            to << " -r -F";
        else if (value.wanted)
            to << " -x";
        if (!value.choices.empty()) to << " -a '" << join(value.choices) << '\'';
        to << " -d '" << replace_all(in_short(option->get_description()), "'", "\\'") << "'\n";
    }
}

void write_fish(std::ostream& to, const CLI::App& app) {
    to << "# Completion of asyncselect for fish. Made by \"asyncselect describe fish\": do not edit.\n"
          "complete -c asyncselect -f\n";
    write_fish_options(to, app, "__fish_use_subcommand");
    for (const CLI::App* command : subcommands_of(app)) {
        const std::string when = "__fish_seen_subcommand_from " + command->get_name();
        to << "complete -c asyncselect -n '__fish_use_subcommand' -a " << command->get_name() << " -d '"
           << replace_all(in_short(command->get_description()), "'", "\\'") << "'\n";
        write_fish_options(to, *command, when);
        if (const CLI::Option* of = positional_of(*command)) {
            const Value value = value_of(*of);
            to << "complete -c asyncselect -n '" << when << "' "
               << (value.file ? "-F" : "-a '" + join(value.choices) + "'") << '\n';
        }
    }
}

int run_describe(const CLI::App& app, const DescribeArguments& arguments) {
    std::ostringstream text;
    if (arguments.form == "man") write_manual(text, app);
    if (arguments.form == "bash") write_bash(text, app);
    if (arguments.form == "zsh") write_zsh(text, app);
    if (arguments.form == "fish") write_fish(text, app);
    if (arguments.output.empty()) {
        std::cout << text.str();
        return conform;
    }
    try {
        write_file(arguments.output, text.str());
    } catch (const std::exception& error) {
        return complain(error.what());
    }
    return conform;
}

}  // namespace

Command add_describe(CLI::App& app) {
    CLI::App& command =
        *app.add_subcommand("describe",
                            "Prints this command line as a manual page (man -l FILE shows it), or as a\n"
                            "completion: source <(asyncselect describe bash) is enough for a shell.");
    const auto kept = std::make_shared<DescribeArguments>();
    command.add_option("form", kept->form, "As what")->required()->check(CLI::IsMember({"man", "bash", "zsh", "fish"}));
    command.add_option("--output", kept->output, "Writes it there, not to standard output")->type_name("FILE");
    return {&command, [kept, &app] { return run_describe(app, *kept); }};
}

}  // namespace asyncselect::conformance
