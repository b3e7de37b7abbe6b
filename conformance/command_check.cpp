// The subcommand `check`: judges traces. It must not judge itself, nor know how a verdict is told.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "conformance/check.hpp"
#include "conformance/command.hpp"
#include "conformance/coverage_file.hpp"
#include "conformance/file_error.hpp"
#include "conformance/terminal.hpp"
#include "conformance/trace_file.hpp"
#include "conformance/trace_schema.hpp"

namespace asyncselect::conformance {

namespace {

struct CheckArguments {
    std::vector<std::string> traces;
    std::string profile = "spec";
    bool ours = false;
    std::string format = "text";
    std::string script;
    std::string slice;
    std::string coverage;
    bool quiet = false;
    bool schema = false;
};

// Whether it could be written.
bool write(const std::string& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary);
    stream << text << std::flush;
    if (!stream) complain(unwritable(file));
    return static_cast<bool>(stream);
}

int write_smaller(const Checked& checked, const CheckArguments& arguments) {
    if (arguments.script.empty() && arguments.slice.empty()) return conform;
    if (!checked.smaller) {
        std::cerr << "asyncselect: " << checked.name << ": there is nothing to be written"
                  << (checked.not_smaller.empty() ? "" : ": " + checked.not_smaller) << '\n';
        return conform;
    }
    const bool written = (arguments.script.empty() || write(arguments.script, script_text(checked.smaller->script))) &&
                         (arguments.slice.empty() || write(arguments.slice, trace_text(checked)));
    return written ? conform : bad_usage;
}

int run_check(const CheckArguments& arguments) {
    if (arguments.schema) {
        std::cout << trace_schema();
        return conform;
    }
    if (arguments.traces.empty()) return complain("which trace? asyncselect check --help tells more");
    if (std::ranges::count(arguments.traces, "-") > 1) return complain("standard input is one trace");
    if (arguments.traces.size() > 1 && !(arguments.script.empty() && arguments.slice.empty()))
        return complain("--script and --slice are for a single trace");
    const bool json = arguments.format == "json";
    Progress progress;
    CheckOptions options;
    options.profile = arguments.profile == "windows" ? model::windows_profile : model::spec_profile;
    options.profile_name = arguments.profile;
    options.ours = arguments.ours;
    std::vector<Checked> all;
    Exercised exercised;
    int code = conform;
    for (const std::string& name : arguments.traces) {
        if (!arguments.quiet) {
            options.on_line = [&](std::size_t line) { progress.step(name + ": line " + std::to_string(line)); };
        }
        try {
            const std::unique_ptr<TraceSource> source =
                name == "-" ? trace_in_stream(std::cin, "standard input") : trace_in_file(name);
            Checked checked = check(*source, options);
            progress.done();
            if (checked.outcome != model::Outcome::conforms) code = std::max(code, not_conform);
            code = std::max(code, write_smaller(checked, arguments));
            exercised.transitions |= checked.coverage;
            exercised.clauses.insert(checked.evidence.begin(), checked.evidence.end());
            if (json)
                all.push_back(std::move(checked));
            else if (!arguments.quiet || checked.outcome != model::Outcome::conforms)
                std::cout << text_of(checked) << std::flush;
        } catch (const TraceError& error) {
            progress.done();
            code = complain(name + ':' + std::to_string(error.line) + ':' + std::to_string(error.column) + ": " +
                            error.what());
        } catch (const std::runtime_error& error) {
            progress.done();
            code = complain(error.what());
        }
    }
    if (json) std::cout << json_of(all) << std::flush;
    if (arguments.coverage.empty()) return code;
    try {
        write_coverage(arguments.coverage, exercised);
    } catch (const std::runtime_error& error) {
        return complain(error.what());
    }
    if (!json && !arguments.quiet) {
        std::cout << exercised.transitions.count() << " of " << model::transitions().size() << " transitions and "
                  << exercised.clauses.size() << " clauses exercised\n";
    }
    return code;
}

}  // namespace

Command add_check(CLI::App& app) {
    const auto arguments = std::make_shared<CheckArguments>();
    CLI::App* const command = app.add_subcommand(
        "check",
        "Judges traces: what a provider was seen to do, one observation a line (docs/traces.md says how\n"
        "to write one; any program can). The first line of a verdict is one of\n"
        "  TRACE: conforms to the spec profile, N observations, M clauses exercised\n"
        "  TRACE: deviates from the spec profile as W-1, first at line L, ...\n"
        "  TRACE: violates CLAUSE at line L (the spec profile)\n"
        "  TRACE: contradicts itself at line L: no provider can do that\n"
        "  TRACE: undecided: why\n"
        "and what does not conform is followed by the clause, the last steps before, what was due and\n"
        "what came. A trace is judged up to the first violation. It is read line by line and never\n"
        "held as a whole, so it may be larger than memory.\n"
        "Exit code: 0 all conform; 1 one does not (deviates, violates or is undecided); 2 one is no\n"
        "trace or cannot be read.");
    command->add_option("TRACE", arguments->traces, "Files; \"-\" is standard input, kept in a temporary file");
    command->add_option("--profile", arguments->profile, "What to judge by: the page, or Windows as published")
        ->check(CLI::IsMember({"spec", "windows"}))
        ->capture_default_str();
    command->add_flag("--ours", arguments->ours,
                      "The readings marked *ours* bind the provider (else the trace's first line says so)");
    command->add_option("--format", arguments->format, "How to report")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command
        ->add_option("--script", arguments->script,
                     "Of a violation: writes a script that brings it about again. It is made from the smallest part\n"
                     "of the trace that is wrong in the same way; asyncselect play shows whether it happens again")
        ->type_name("FILE");
    command->add_option("--slice", arguments->slice, "The same part as a trace")->type_name("FILE");
    command
        ->add_option("--coverage", arguments->coverage,
                     "Writes as JSON which transitions of the model and which clauses all of the traces together have\n"
                     "exercised, for `asyncselect tables --format dot --coverage`")
        ->type_name("FILE");
    command->add_flag("--quiet", arguments->quiet, "Says nothing of traces that conform, and shows no progress");
    command->add_flag("--schema", arguments->schema, "Prints the JSON Schema of a line and judges nothing");
    return {command, [arguments] { return run_check(*arguments); }};
}

}  // namespace asyncselect::conformance
