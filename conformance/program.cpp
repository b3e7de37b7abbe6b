// The command line of `asyncselect`: what it takes, and who does it. It must not judge or print reports itself.
#include "conformance/program.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/network.hpp"
#include "conformance/provider.hpp"
#include "conformance/report.hpp"
#include "conformance/suite.hpp"
#include "conformance/tables.hpp"
#include "conformance/terminal.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

namespace {

constexpr int conform = 0;
constexpr int not_conform = 1;
constexpr int bad_usage = 2;

struct ConformanceArguments {
    std::string provider = "all";
    std::string profile = "spec";
    std::vector<std::string> only;
    std::string format = "text";
    std::vector<std::string> scenarios;
    bool list = false;
    bool verbose = false;
    unsigned patience = 5000;
};

int complain(const std::string& what) {
    std::cerr << "asyncselect: " << what << '\n';
    return bad_usage;
}

std::vector<Script> scripts_for(const ConformanceArguments& arguments) {
    if (arguments.scenarios.empty()) return embedded_suite();
    std::vector<Script> scripts;
    for (const std::string& file : arguments.scenarios) {
        std::ifstream stream(file, std::ios::binary);
        if (!stream) throw std::runtime_error(file + ": cannot be read");
        const std::string text{std::istreambuf_iterator<char>(stream), {}};
        try {
            scripts.push_back(parse(text, std::filesystem::path(file).stem().string()));
        } catch (const ScriptError& error) {
            throw std::runtime_error(file + ':' + std::to_string(error.line) + ':' + std::to_string(error.column) +
                                     ": " + error.what());
        }
    }
    return scripts;
}

void list(const std::vector<Script>& scripts, const std::vector<std::string>& only) {
    for (const Script& script : scripts) {
        const bool wanted =
            std::ranges::any_of(script.clauses, [&](const std::string& id) { return selected(id, only); });
        if (!wanted) continue;
        std::cout << script.name << ": " << script.title << "\n   ";
        for (const std::string& id : script.clauses) std::cout << ' ' << id;
        std::cout << '\n';
    }
}

int run_conformance(const ConformanceArguments& arguments) {
    for (const std::string& selection : arguments.only) {
        const bool known = std::ranges::any_of(model::clauses, [&](const model::Clause& clause) {
            return selected(clause.id, std::vector<std::string>{selection});
        });
        if (!known) return complain("no clause is called " + selection);
    }
    std::vector<Script> scripts;
    try {
        scripts = scripts_for(arguments);
    } catch (const std::runtime_error& error) {
        return complain(error.what());
    }
    if (arguments.list) {
        list(scripts, arguments.only);
        return conform;
    }

    // Scenarios that change routes and addresses need a network that nobody else uses. Before any thread is started.
    const std::optional<std::string> no_network = network::enter_namespace();
    const bool json = arguments.format == "json";
    Progress progress;
    SuiteOptions options;
    options.only = arguments.only;
    options.complete = arguments.only.empty() && arguments.scenarios.empty();
    options.no_network = no_network.value_or("");
    options.profile = arguments.profile;
    options.executor.profile = arguments.profile == "windows" ? model::windows_profile : model::spec_profile;
    options.executor.patience = std::chrono::milliseconds(arguments.patience);
    if (arguments.verbose) {
        std::ostream& out = json ? std::cerr : std::cout;
        options.executor.on_step = [&out](const Step& step) { out << "  " << show(step) << '\n'; };
        options.executor.on_observation = [&out](const model::Observation& observation) {
            out << "      " << model::show(observation) << std::endl;
        };
    }
    std::vector<SuiteOutcome> outcomes;
    for (const Posting posting : {Posting::pump, Posting::eager}) {
        const std::unique_ptr<Provider> provider = make_native_provider(posting);
        if (arguments.provider != "all" && arguments.provider != provider->name()) continue;
        options.on_scenario = [&](const Script& script, std::size_t index, std::size_t count) {
            progress.step(std::string(provider->name()) + " [" + std::to_string(index + 1) + '/' +
                          std::to_string(count) + "] " + script.name);
        };
        outcomes.push_back(run(scripts, *provider, options));
        if (outcomes.back().stuck) break;
    }
    progress.done();
    std::cout << (json ? json_report(outcomes) : text_report(outcomes, wants_colours())) << std::flush;
    const bool passes = std::ranges::all_of(outcomes, &SuiteOutcome::passes);
    const int code = passes ? conform : not_conform;
    if (outcomes.back().stuck) std::_Exit(code);  // a thread still hangs in the provider
    return code;
}

}  // namespace

int program(int argc, const char* const* argv) {
    CLI::App app{
        "The reference implementation of WSAAsyncSelect: conformance of a provider, clause by clause, and\n"
        "the transition tables that it is held to.\n"
        "Exit code: 0 conforms, 1 does not, 2 bad usage or input."};
    app.require_subcommand(1);

    ConformanceArguments conformance;
    CLI::App* const conformance_command = app.add_subcommand(
        "conformance",
        "Plays every scenario on a provider and says of each clause whether it conforms.\n"
        "Counted are the must and may clauses and the readings; not counted are the duties of the\n"
        "application (AS-MSG-4: there is nothing to judge) and the deviations W-1 to W-5, which\n"
        "are told beside the clause that they depart from. A clause conforms when a scenario has\n"
        "exercised it and none has seen it broken. The providers are this project's own\n"
        "implementation in its two ways of posting: pump (while the window's thread looks for\n"
        "messages) and eager (from a thread of its own, at any time). The report ends with a line\n"
        "for each of them,\n"
        "  NAME: N clauses: A conform, B deviate, C fail, D not covered\n"
        "followed by \", E not possible\" for what the transport cannot bring about and \", F\n"
        "skipped\" for what this machine does not permit, if there are such; the reasons stand above.\n"
        "The exit code is 0 only if C is 0, the suite itself has no error and, unless --only or\n"
        "--scenario choose some, D is 0.");
    conformance_command->add_option("--provider", conformance.provider, "Whom to judge")
        ->check(CLI::IsMember({"pump", "eager", "all"}))
        ->capture_default_str();
    conformance_command
        ->add_option("--profile", conformance.profile, "What to judge by: the page, or Windows as published")
        ->check(CLI::IsMember({"spec", "windows"}))
        ->capture_default_str();
    conformance_command->add_option("--only", conformance.only, "Only these clauses, as AS-READ,R-13")->delimiter(',');
    conformance_command->add_option("--format", conformance.format, "How to report")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    conformance_command->add_option("--scenario", conformance.scenarios, "Plays this file instead of the own scenarios")
        ->type_name("FILE");
    conformance_command->add_option("--patience", conformance.patience, "Milliseconds that a message may take")
        ->check(CLI::Range(1, 600000))
        ->capture_default_str();
    conformance_command->add_flag("--list", conformance.list, "Lists the scenarios and plays none");
    conformance_command->add_flag("--verbose", conformance.verbose, "Tells each step and what was observed");
    conformance_command->footer("A scenario is a text file:\n" + std::string(language()));

    TablesArguments tables;
    CLI::App* const tables_command = app.add_subcommand(
        "tables", "Prints the transition tables of the ten machines, as they run, and their complete matrices.");
    add_tables_options(*tables_command, tables);

    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError& error) {
        // CLI11 speaks of what is missing before it speaks of what it did not understand.
        const std::string_view first = argc > 1 ? argv[1] : "";
        if (first.empty() || first.starts_with('-')) return app.exit(error) == 0 ? conform : bad_usage;
        std::cerr << "asyncselect: there is no subcommand \"" << first << "\"; asyncselect --help lists them\n";
        return bad_usage;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? conform : bad_usage;
    }
    if (*conformance_command) return run_conformance(conformance);
    return run_tables(tables);
}

}  // namespace asyncselect::conformance
