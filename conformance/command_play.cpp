// The subcommand `play`: plays scripts on a provider and writes what was observed, as it comes. It must not judge by
// itself.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conformance/command.hpp"
#include "conformance/export_c.hpp"
#include "conformance/file_error.hpp"
#include "conformance/minimize.hpp"
#include "conformance/network.hpp"
#include "conformance/own_providers.hpp"
#include "conformance/providers.hpp"
#include "conformance/suite.hpp"
#include "model/clauses.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

namespace {

struct PlayArguments {
    std::vector<std::string> scripts;
    ProviderOptions provider_options;
    std::string provider{usual_provider()};
    std::string profile = "spec";
    std::string trace;
    std::string format = "jsonl";
    bool judge = false;
    bool clock = false;
    bool language = false;
    bool minimize = false;
    std::string export_c;
    unsigned limit = 30;
    unsigned patience = 5000;
};

// Writes a trace while it comes: what hangs or crashes leaves all the lines before.
class Writer {
  public:
    Writer(std::ostream& out, bool for_people, bool clock) : out_(out), for_people_(for_people), clock_(clock) {}

    void begin(const Provider& provider, const Script& script) {
        began_ = Clock::now();
        told_ = began_;
        if (for_people_) {
            out_ << script.name << " on " << provider.name() << std::endl;
        } else {
            out_ << write_header(trace_header(provider, script)) << std::endl;
        }
    }
    void step(const Step& step) { out_ << (for_people_ ? "  " + show(step) : write_note(show(step))) << std::endl; }
    void observation(const model::Observation& observation) {
        tell_the_time();
        write(observation);
    }

  private:
    using Clock = std::chrono::steady_clock;

    void write(const model::Observation& observation) {
        out_ << (for_people_ ? "      " + model::show(observation) : write_observation(observation)) << std::endl;
    }
    // Now and then: for people who look for where the time went.
    void tell_the_time() {
        const Clock::time_point now = Clock::now();
        if (!clock_ || now - told_ < std::chrono::milliseconds(10)) return;
        told_ = now;
        const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - began_);
        write(model::observation::Clock{static_cast<std::uint64_t>(passed.count())});
    }

    std::ostream& out_;
    bool for_people_;
    bool clock_;
    Clock::time_point began_;
    Clock::time_point told_;
};

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

// On standard error. The exit code.
int tell_verdict(const Script& script, const Provider& provider, const Played& played) {
    const std::string who = script.name + " on " + std::string(provider.name()) + ": ";
    switch (played.outcome) {
        case model::Outcome::conforms:
            std::cerr << who << "conforms\n";
            return conform;
        case model::Outcome::deviates:
            std::cerr << who << "deviates (" << joined(played.deviations) << ")\n";
            return conform;
        case model::Outcome::undecided:
            std::cerr << who << "undecided: " << played.undecided << '\n';
            return not_conform;
        case model::Outcome::violates:
            break;
    }
    const model::Violation& violation = *played.violation;
    std::cerr << who << "violates " << (violation.clause.empty() ? "what was observed before" : violation.clause)
              << '\n';
    if (const model::Clause* clause = model::find(violation.clause)) std::cerr << "  " << clause->text << '\n';
    std::cerr << "  at    " << show(script.steps[played.step_of[violation.step]]) << "\n  due   " << violation.due
              << "\n  came  " << violation.came << '\n';
    return not_conform;
}

ExecutorOptions executor_options(const PlayArguments& arguments) {
    ExecutorOptions options;
    options.profile = arguments.profile == "windows" ? model::windows_profile : model::spec_profile;
    options.patience = std::chrono::milliseconds(arguments.patience);
    return options;
}

// Plays one script. The exit code.
int play_one(const Script& script, Provider& provider, std::ostream& out, const PlayArguments& arguments) {
    Writer writer(out, arguments.format == "text", arguments.clock);
    ExecutorOptions options = executor_options(arguments);
    options.on_step = [&writer](const Step& step) { writer.step(step); };
    options.on_observation = [&writer](const model::Observation& observation) { writer.observation(observation); };
    writer.begin(provider, script);
    const Played played = play(script, provider, options);
    int code = conform;
    if (!played.not_possible.empty()) {
        code = complain(script.name + ", at \"" + show(script.steps[played.last_step]) +
                        "\": not possible with this provider: " + played.not_possible);
    } else if (!played.trouble.empty()) {
        code = complain(script.name + ", at \"" + show(script.steps[played.last_step]) + "\": " + played.trouble);
    } else if (arguments.judge) {
        code = tell_verdict(script, provider, played);
    }
    if (!arguments.export_c.empty()) {
        const bool fails = played.outcome == model::Outcome::violates;
        try {
            write_file(arguments.export_c, export_c(script, fails ? &played : nullptr));
        } catch (const std::runtime_error& error) {
            code = complain(script.name + ": " + error.what());
        }
    }
    if (played.stuck) {
        out.flush();
        std::_Exit(code);  // a thread still hangs in the provider
    }
    return code;
}

// Prints a small script that breaks the same clause, in the same way. The exit code.
int minimize_one(const Script& script, Provider& provider, const PlayArguments& arguments) {
    MinimizeOptions options{executor_options(arguments), std::chrono::seconds(arguments.limit), {}};
    const Played played = play(script, provider, options.executor);
    if (played.stuck) {
        complain(script.name + ", at \"" + show(script.steps[played.last_step]) + "\": " + played.trouble);
        std::_Exit(bad_usage);  // a thread still hangs in the provider
    }
    if (played.deviates()) {
        options.deviations = played.deviations;
    } else if (played.outcome != model::Outcome::violates) {
        if (!played.trouble.empty()) return complain(script.name + ": " + played.trouble);
        std::cerr << script.name << " on " << provider.name()
                  << ": no clause is broken, so there is nothing to minimize\n";
        return conform;
    }
    const std::optional<Minimized> found = minimize(script, provider, played.violation->clause, options);
    if (!found) {
        std::cerr << script.name << " on " << provider.name() << ": breaks " << played.violation->clause
                  << ", but did not when it was played again\n";
        return not_conform;
    }
    std::cout << show(found->script) << std::flush;
    if (!arguments.export_c.empty()) write_file(arguments.export_c, export_c(found->script, &found->played));
    std::cerr << found->script.steps.size() << " of " << script.steps.size() << " steps are left after " << found->plays
              << " plays\n";
    if (const std::string remark = found->remark(); !remark.empty()) std::cerr << "but " << remark << '\n';
    if (found->played.stuck) std::_Exit(not_conform);
    return not_conform;
}

bool needs_network(const std::vector<Script>& scripts) {
    for (const Script& script : scripts) {
        for (const Need need : needs_of(script)) {
            if (need == Need::own_network) return true;
        }
    }
    return false;
}

int run_play(const PlayArguments& arguments) {
    if (arguments.language) {
        std::cout << language_document() << std::flush;
        return conform;
    }
    if (arguments.scripts.empty()) return complain("play: which script? A file, - or the name of a scenario");
    if (!arguments.export_c.empty() && arguments.scripts.size() > 1)
        return complain("--export-c takes the program of one script");
    if (!arguments.trace.empty() && arguments.scripts.size() > 1)
        return complain("--trace takes the trace of one script; several are written to standard output");
    const std::vector<std::string> names = providers_named(arguments.provider);
    if (names.size() != 1) return complain("a script is played on one provider: " + joined(names));
    std::ofstream file;
    try {
        std::vector<Script> scripts;
        for (const std::string& name : arguments.scripts) scripts.push_back(script_called(name));
        // Before any thread is started.
        std::optional<std::string> no_network;
        // A provider on another host is not reached from there.
        if (!arguments.provider_options.provider_at.empty()) {
            no_network = "the provider is on another host";
        } else if (needs_network(scripts)) {
            no_network = network::enter_namespace();
        }
        if (!arguments.trace.empty()) {
            file.open(arguments.trace, std::ios::binary);
            if (!file) throw std::runtime_error(unwritable(arguments.trace));
        }
        const std::unique_ptr<Provider> provider = make_provider(names.front(), arguments.provider_options);
        int worst = conform;
        for (const Script& script : scripts) {
            if (const std::optional<LeftOut> why = left_out(script, *provider, no_network.value_or("")))
                throw std::runtime_error(script.name + ": cannot be played here: " + why->reason);
            if (arguments.minimize) {
                worst = std::max(worst, minimize_one(script, *provider, arguments));
                continue;
            }
            worst = std::max(worst, play_one(script, *provider, file.is_open() ? file : std::cout, arguments));
        }
        if (file.is_open() && !file.flush()) throw std::runtime_error(unwritable(arguments.trace));
        return worst;
    } catch (const std::runtime_error& error) {
        return complain(error.what());
    }
}

}  // namespace

Command add_play(CLI::App& app) {
    const auto arguments = std::make_shared<PlayArguments>();
    CLI::App* const command =
        app.add_subcommand("play",
                           "Plays a script on a provider and writes what was observed, line by line as it comes: a\n"
                           "trace, which `asyncselect check` judges. A script is a file, - for standard input, or the\n"
                           "name of one of the scenarios (asyncselect conformance --list). Several are played one\n"
                           "after the other, and each trace begins with its own first line.\n"
                           "The model is asked while the script is played, since it knows for which messages to wait;\n"
                           "so the trace ends where the provider does what is not allowed.\n"
                           "Exit code: 0 played; with --judge 0 only if it conforms or deviates as Windows does, 1 if\n"
                           "not; 2 for bad usage, or if the script could not be played to its end.");
    command->add_option("script", arguments->scripts, "What to play")->type_name("SCRIPT...");
    command->add_option("--provider", arguments->provider, "On whom to play")
        ->check(known_provider)
        ->type_name(std::string(provider_names()))
        ->capture_default_str();
    command->add_option("--trace", arguments->trace, "Writes the trace there, not to standard output")
        ->type_name("FILE");
    command->add_option("--format", arguments->format, "JSON Lines, or text to read along")
        ->check(CLI::IsMember({"jsonl", "text"}))
        ->capture_default_str();
    command->add_flag("--judge", arguments->judge, "Says on standard error whether it conforms");
    command->add_flag("--minimize", arguments->minimize,
                      "Writes no trace, but the smallest script that can be found which breaks the same clause");
    command
        ->add_option("--export-c", arguments->export_c,
                     "Writes a C program of plain Winsock as well, which shows the fault if there is one (see\n"
                     "asyncselect export --help)")
        ->type_name("FILE");
    command->add_option("--limit", arguments->limit, "Seconds that this may take")
        ->check(CLI::Range(1, 86400))
        ->capture_default_str();
    command->add_flag("--clock", arguments->clock, "Tells in the trace how much time has passed");
    command->add_option("--profile", arguments->profile, "What to judge by: the page, or Windows as published")
        ->check(CLI::IsMember({"spec", "windows"}))
        ->capture_default_str();
    command->add_option("--patience", arguments->patience, "Milliseconds that a message may take")
        ->check(CLI::Range(1, 600000))
        ->capture_default_str();
    command->add_flag("--language", arguments->language, "Describes the language of scripts and plays none");
    add_provider_options(*command, arguments->provider_options);
    command->footer("A script is a text file:\n" + std::string(language()));
    return {command, [arguments] { return run_play(*arguments); }};
}

}  // namespace asyncselect::conformance
