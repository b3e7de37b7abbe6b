// The subcommand `conformance`: plays the scenarios on providers and reports. It must not judge or print reports
// itself.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "conformance/command.hpp"
#include "conformance/coverage_file.hpp"
#include "conformance/file_error.hpp"
#include "conformance/generate.hpp"
#include "conformance/generated_suite.hpp"
#include "conformance/known.hpp"
#include "conformance/network.hpp"
#include "conformance/own_providers.hpp"
#include "conformance/providers.hpp"
#include "conformance/report.hpp"
#include "conformance/report_file.hpp"
#include "conformance/report_html.hpp"
#include "conformance/report_junit.hpp"
#include "conformance/suite.hpp"
#include "conformance/terminal.hpp"
#include "conformance/text.hpp"
#include "conformance/workers.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

namespace {

// How many failures of a clause get a small script.
constexpr std::size_t minimized_of_each_clause = 2;

struct ConformanceArguments {
    std::vector<std::string> providers{"all"};
    std::string profile = "spec";
    std::vector<std::string> only;
    std::string format = "text";
    std::vector<std::string> scenarios;
    bool list = false;
    bool verbose = false;
    bool no_minimize = false;
    std::size_t minimize = minimized_of_each_clause;
    bool first_failure = false;
    unsigned patience = 5000;
    ProviderOptions provider_options;
    bool generated = false;
    GenerateOptions generate;
    unsigned jobs = processors();
    std::string coverage;
    // Files to write; empty: none.
    std::string json_file;
    std::string junit_file;
    std::string html_file;
    std::string proofs_file;  // to read
    std::vector<std::string> known;
    std::string write_known;
};

std::string report_as(const std::string& format, const std::vector<SuiteOutcome>& outcomes,
                      const std::vector<ProvedClaim>& proved) {
    if (format == "json") return json_report(outcomes);
    if (format == "junit") return junit_report(outcomes);
    if (format == "html") return html_report(outcomes, proved);
    return text_report(outcomes, wants_colours());
}

// The lists in these files. Throws std::runtime_error with file, line and column.
std::vector<KnownList> lists_in(const std::vector<std::string>& files) {
    std::vector<KnownList> lists;
    for (const std::string& file : files) {
        std::ifstream stream(file, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(stream), {}};
        if (!stream.is_open() || stream.bad()) throw std::runtime_error(unreadable(file));
        try {
            for (KnownList& list : parse_known(text)) lists.push_back(std::move(list));
        } catch (const KnownError& error) {
            throw std::runtime_error(file + ':' + std::to_string(error.line) + ':' + std::to_string(error.column) +
                                     ": " + error.what());
        }
    }
    for (std::size_t index = 0; index < lists.size(); ++index) {
        for (std::size_t other = 0; other < index; ++other) {
            if (lists[index].provider == lists[other].provider && lists[index].profile == lists[other].profile) {
                throw std::runtime_error("there are two lists of what " + lists[index].provider + " is known to do (" +
                                         lists[index].profile + " profile)");
            }
        }
    }
    return lists;
}

const KnownList* list_for(const std::vector<KnownList>& lists, std::string_view provider, std::string_view profile) {
    const auto found = std::ranges::find_if(
        lists, [&](const KnownList& list) { return list.provider == provider && list.profile == profile; });
    return found == lists.end() ? nullptr : &*found;
}

// Compares each outcome with its list. What is wrong with the lists as a whole, or nothing.
std::string compare_with(const std::vector<KnownList>& lists, std::vector<SuiteOutcome>& outcomes) {
    bool used = false;
    std::string judged;
    for (SuiteOutcome& outcome : outcomes) {
        judged += (judged.empty() ? "" : ", ") + outcome.provider;
        const KnownList* const list = list_for(lists, outcome.provider, outcome.profile);
        if (list == nullptr) continue;
        outcome.comparison = compare(*list, outcome);
        used = true;
    }
    if (lists.empty() || used) return "";
    return "--known tells of " + lists.front().provider + " in the " + lists.front().profile + " profile; judged " +
           (outcomes.size() == 1 ? "is " : "are ") + judged + " in the " + outcomes.front().profile + " profile";
}

// Writes what is asked for. The exit code.
int write_files(const ConformanceArguments& arguments, const std::vector<SuiteOutcome>& outcomes,
                const std::vector<KnownList>& lists, const std::vector<ProvedClaim>& proved) {
    try {
        if (!arguments.json_file.empty()) write_file(arguments.json_file, json_report(outcomes));
        if (!arguments.junit_file.empty()) write_file(arguments.junit_file, junit_report(outcomes));
        if (!arguments.html_file.empty()) write_file(arguments.html_file, html_report(outcomes, proved));
        if (!arguments.write_known.empty()) {
            std::vector<KnownList> present;
            present.reserve(outcomes.size());
            for (const SuiteOutcome& outcome : outcomes)
                present.push_back(known_now(outcome, list_for(lists, outcome.provider, outcome.profile)));
            write_file(arguments.write_known, conformance::write_known(present));
        }
    } catch (const std::runtime_error& error) {
        return complain(error.what());
    }
    return conform;
}

std::vector<Script> scripts_for(const ConformanceArguments& arguments) {
    if (arguments.generated) {
        std::vector<Script> scripts;
        for (GeneratedScript& generated : generate(arguments.generate)) scripts.push_back(std::move(generated.script));
        return scripts;
    }
    if (arguments.scenarios.empty()) return embedded_suite();
    std::vector<Script> scripts;
    for (const std::string& name : arguments.scenarios) {
        scripts.push_back(script_called(name));
        try {
            demand_claims(scripts.back());
        } catch (const ScriptError& error) {
            throw std::runtime_error(name + ": a scenario has claims: " + error.what());
        }
    }
    return scripts;
}

void list(const std::vector<Script>& scripts, const std::vector<std::string>& only) {
    for (const Script& script : scripts) {
        const bool wanted =
            std::ranges::any_of(script.clauses, [&](const std::string& id) { return selected(id, only); });
        if (!wanted) continue;
        std::string clauses;
        for (const std::string& id : script.clauses) clauses += id + ' ';
        // A title that goes on in the next line is indented further than the clauses.
        constexpr std::size_t further = 6;
        std::cout << wrap(script.name + ": " + script.title, further).substr(further) << wrap(clauses, 4);
    }
}

SuiteOutcome run_generated(const std::vector<Script>& scripts, const std::string& provider, SuiteOptions options,
                           const ConformanceArguments& arguments, Progress& progress) {
    std::size_t failed = 0;
    options.on_outcome = [&](const ScenarioOutcome& outcome) {
        const Played& played = outcome.played;
        if (!played.fails()) return;
        ++failed;
        progress.done();
        std::cerr << provider << ": " << outcome.script.name << ", at \""
                  << show(outcome.script.steps[played.last_step]) << "\": "
                  << (played.violation ? played.violation->clause + ", due " + played.violation->due + ", came " +
                                             played.violation->came
                                       : played.trouble)
                  << "\n  asyncselect generate --count " << arguments.generate.count << " --seed "
                  << arguments.generate.seed << " --script " << outcome.script.name << '\n';
    };
    options.on_scenario = [&](const Script&, std::size_t done, std::size_t count) {
        const std::size_t seldom = watched() ? 20 : 1000;
        if ((done + 1) % seldom != 0) return;
        progress.step(provider + " [" + std::to_string(done + 1) + '/' + std::to_string(count) + "]" +
                      (failed == 0 ? "" : ", " + std::to_string(failed) + " fail"));
    };
    return run_apart(scripts, provider, options, arguments.jobs, arguments.provider_options);
}

// A separate program is started at once, so that one that cannot be is told before anything is played; providers in
// this process are made when it is their turn. Throws std::runtime_error.
struct Named {
    std::string name;
    std::unique_ptr<Provider> provider;
};
std::vector<Named> providers_for(const ConformanceArguments& arguments) {
    std::vector<Named> providers;
    for (const std::string& given : arguments.providers) {
        for (const std::string& name : providers_named(given)) {
            if (std::ranges::find(providers, name, &Named::name) != providers.end()) continue;
            providers.push_back({name, nullptr});
            try {
                if (is_separate(name)) providers.back().provider = make_provider(name, arguments.provider_options);
            } catch (const std::runtime_error& error) {
                throw std::runtime_error(name + ": " + error.what());
            }
        }
    }
    return providers;
}

// Two of one name could not be told apart in a report.
void name_apart(SuiteOutcome& outcome, const std::vector<SuiteOutcome>& others) {
    const std::string name = outcome.provider;
    for (int number = 2; std::ranges::find(others, outcome.provider, &SuiteOutcome::provider) != others.end(); ++number)
        outcome.provider = name + " (" + std::to_string(number) + ')';
}

int run_conformance(const ConformanceArguments& arguments) {
    for (const std::string& selection : arguments.only) {
        const bool known = std::ranges::any_of(model::clauses, [&](const model::Clause& clause) {
            return selected(clause.id, std::vector<std::string>{selection});
        });
        if (!known) return complain("no clause is called " + selection);
    }
    std::vector<Script> scripts;
    std::vector<KnownList> lists;
    std::vector<ProvedClaim> proved;
    try {
        scripts = scripts_for(arguments);
        lists = lists_in(arguments.known);
        if (!arguments.proofs_file.empty()) proved = proved_claims(arguments.proofs_file);
        // Not only when everything has been played.
        for (const std::string& file :
             {arguments.json_file, arguments.junit_file, arguments.html_file, arguments.write_known}) {
            if (!file.empty()) demand_writable(file);
        }
    } catch (const std::runtime_error& error) {
        return complain(error.what());
    }
    if (arguments.list) {
        list(scripts, arguments.only);
        return conform;
    }

    // Scenarios that change routes and addresses need a network that nobody else uses. Before any thread is started.
    // A provider on another host is not reached from there.
    const bool elsewhere = !arguments.provider_options.provider_at.empty();
    std::optional<std::string> no_network;
    if (elsewhere) {
        no_network = "the provider is on another host";
    } else if (!arguments.generated) {
        no_network = network::enter_namespace();
    }
    const bool text = arguments.format == "text";
    Progress progress;
    SuiteOptions options;
    options.only = arguments.only;
    options.complete = arguments.only.empty() && arguments.scenarios.empty() && !arguments.generated;
    options.given_scripts = !arguments.scenarios.empty() || arguments.generated;
    options.no_network = no_network.value_or("");
    options.profile = arguments.profile;
    options.first_failure = arguments.first_failure;
    options.executor.profile = arguments.profile == "windows" ? model::windows_profile : model::spec_profile;
    options.executor.patience = std::chrono::milliseconds(arguments.patience);
    if (arguments.verbose) {
        std::ostream& out = text ? std::cout : std::cerr;
        options.executor.on_step = [&out](const Step& step) { out << "  " << show(step) << '\n'; };
        options.executor.on_observation = [&out](const model::Observation& observation) {
            out << "      " << model::show(observation) << std::endl;
        };
    }
    std::vector<SuiteOutcome> outcomes;
    std::vector<Named> providers;
    try {
        providers = providers_for(arguments);
    } catch (const std::runtime_error& error) {
        return complain(error.what());
    }
    for (auto& [name, provider] : providers) {
        try {
            if (!provider) provider = make_provider(name, arguments.provider_options);
        } catch (const std::runtime_error& error) {
            progress.done();
            return complain(error.what());
        }
        if (arguments.generated) {
            provider.reset();  // each process starts one of its own
            outcomes.push_back(run_generated(scripts, name, options, arguments, progress));
            outcomes.back().chosen_as = name;
            name_apart(outcomes.back(), {outcomes.begin(), outcomes.end() - 1});
            continue;
        }
        options.on_scenario = [&, provider = provider.get()](const Script& script, std::size_t index,
                                                             std::size_t count) {
            progress.step(std::string(provider->name()) + " [" + std::to_string(index + 1) + '/' +
                          std::to_string(count) + "] " + script.name);
        };
        options.minimize = arguments.no_minimize ? 0 : arguments.minimize;
        options.on_minimize = [&, provider = provider.get()](const Script& script) {
            progress.step(std::string(provider->name()) + ": a small script for " + script.name);
        };
        outcomes.push_back(run(scripts, *provider, options));
        outcomes.back().chosen_as = name;
        name_apart(outcomes.back(), {outcomes.begin(), outcomes.end() - 1});
        if (outcomes.back().stuck || (arguments.first_failure && !outcomes.back().passes())) break;
        provider.reset();
    }
    progress.done();
    const std::string wrong_lists = compare_with(lists, outcomes);
    std::cout << report_as(arguments.format, outcomes, proved) << std::flush;
    int code = std::ranges::all_of(outcomes, &SuiteOutcome::passes) ? conform : not_conform;
    if (const int written = write_files(arguments, outcomes, lists, proved); written != conform) code = written;
    if (!arguments.coverage.empty()) {
        try {
            write_coverage(arguments.coverage, coverage_of(outcomes));
        } catch (const std::runtime_error& error) {
            code = complain(error.what());
        }
    }
    if (arguments.generated && text) {
        const ShownTransitions shown = shown_transitions(coverage_of(outcomes).transitions);
        std::cout << '\n' << shown.text << std::flush;
        // Fewer scripts, one way of posting or a machine that does not permit everything need not show all.
        const bool all = arguments.generate.count >= GenerateOptions{}.count &&
                         std::ranges::find(arguments.providers, "all") != arguments.providers.end() &&
                         arguments.profile == "spec" && arguments.only.empty();
        if (all && !shown.exact && code == conform) code = not_conform;
    }
    if (!wrong_lists.empty()) code = complain(wrong_lists);
    if (outcomes.back().stuck) std::_Exit(code);  // a thread still hangs in the provider
    return code;
}

}  // namespace

Command add_conformance(CLI::App& app) {
    const auto arguments = std::make_shared<ConformanceArguments>();
    CLI::App* const command = app.add_subcommand(
        "conformance",
        "Plays every scenario on a provider and says of each clause whether it conforms.\n"
        "Counted are the must and may clauses and the readings; not counted are the duties of the\n"
        "application (AS-MSG-4: there is nothing to judge) and the deviations W-1 to W-5, which\n"
        "are told beside the clause that they depart from. A clause conforms when a scenario has\n"
        "exercised it and none has seen it broken. The providers are this project's own\n"
        "implementation in its two ways of posting: pump (while the window's thread looks for\n"
        "messages) and eager (from a thread of its own, at any time); or any other that an adapter\n"
        "stands before: exec:COMMAND has the shell run it. The report ends with a line\n"
        "for each of them,\n"
        "  NAME: N clauses: A conform, B deviate, C fail, D not covered\n"
        "followed by \", E not possible\" for what the transport cannot bring about and \", F\n"
        "skipped\" for what this machine does not permit, if there are such; the reasons stand above.\n"
        "The exit code is 0 only if C is 0, the suite itself has no error and, unless --only or\n"
        "--scenario choose some, D is 0. With --known it is 0 only if exactly that was found which is on\n"
        "the list.");
    command
        ->add_option("--provider", arguments->providers,
                     "Whom to judge; several times for several, side by side in one report")
        ->allow_extra_args(false)
        ->check(known_provider)
        ->type_name(std::string(provider_names()))
        ->capture_default_str();
    command->add_option("--profile", arguments->profile, "What to judge by: the page, or Windows as published")
        ->check(CLI::IsMember({"spec", "windows"}))
        ->capture_default_str();
    command->add_option("--only", arguments->only, "Only these clauses, as AS-READ,R-13")->delimiter(',');
    command->add_option("--format", arguments->format, "How to report")
        ->check(CLI::IsMember({"text", "json", "junit", "html"}))
        ->capture_default_str();
    command->add_option("--json", arguments->json_file, "Writes the report as JSON there, besides")->type_name("FILE");
    command->add_option("--junit", arguments->junit_file, "The same as JUnit XML, for CI systems")->type_name("FILE");
    command->add_option("--html", arguments->html_file, "The same as one page for a browser, with the evidence")
        ->type_name("FILE");
    command
        ->add_option("--proofs", arguments->proofs_file,
                     "What ./dev prove --json wrote: the page shows beside each clause which proofs speak of it")
        ->type_name("FILE");
    command
        ->add_option("--known", arguments->known,
                     "A list of what a provider is known to do otherwise (docs/reports.md): what is on it does not\n"
                     "count as a failure; what is new counts, and so does what is on it and no longer occurs")
        ->type_name("FILE");
    command->add_option("--write-known", arguments->write_known, "Writes what was found as such a list")
        ->type_name("FILE");
    command
        ->add_option("--scenario", arguments->scenarios, "Plays this file, or the scenario of this name, and no other")
        ->type_name("FILE|NAME");
    command->add_option("--patience", arguments->patience, "Milliseconds that a message may take")
        ->check(CLI::Range(1, 600000))
        ->capture_default_str();
    command
        ->add_flag("--generated", arguments->generated,
                   "Plays the scripts that `asyncselect generate` makes, in several processes; clauses that none of\n"
                   "them shows are no error")
        ->excludes("--scenario");
    command->add_option("--count", arguments->generate.count, "With --generated: how many scripts")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    command->add_option("--seed", arguments->generate.seed, "With --generated: of all that is left to chance")
        ->capture_default_str();
    command->add_option("--jobs", arguments->jobs, "With --generated: in how many processes")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command
        ->add_option("--coverage", arguments->coverage,
                     "Writes as JSON which transitions and which clauses were exercised, for\n"
                     "`asyncselect tables --format dot --coverage`")
        ->type_name("FILE");
    command
        ->add_option("--minimize", arguments->minimize,
                     "For how many scenarios that break a clause a small script is looked for")
        ->capture_default_str();
    command->add_flag("--no-minimize", arguments->no_minimize, "Looks for no small scripts for what fails")
        ->excludes("--minimize");
    command->add_flag("--first-failure", arguments->first_failure, "Plays no scenario after one that fails")
        ->excludes("--generated")
        ->excludes("--known");
    command->add_flag("--list", arguments->list, "Lists the scenarios and plays none");
    command->add_flag("--verbose", arguments->verbose, "Tells each step and what was observed");
    add_provider_options(*command, arguments->provider_options);
    command->footer("A scenario is a text file:\n" + std::string(language()));
    return {command, [arguments] { return run_conformance(*arguments); }};
}

}  // namespace asyncselect::conformance
