// The command line and the JSON document of a prover.
#include "proofs/claim.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

namespace asyncselect::proofs {

namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::proved:
            return "proved";
        case Verdict::refuted:
            return "refuted";
        case Verdict::unknown:
            break;
    }
    return "unknown";
}

struct Timed {
    Outcome outcome;
    double seconds;
};

Timed timed(const std::function<Outcome()>& attempt) {
    const auto begin = std::chrono::steady_clock::now();
    auto outcome = attempt();
    return {std::move(outcome), std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()};
}

Json told(const Claim& claim) {
    Json document{{"id", claim.id},     {"claim", claim.claim},     {"clauses", claim.clauses},
                  {"tool", claim.tool}, {"scope", claim.scope},     {"not_covered", claim.not_covered},
                  {"file", claim.file}, {"controls", Json::array()}};
    for (const auto& control : claim.controls)
        document["controls"].push_back({{"name", control.name}, {"fault", control.fault}});
    return document;
}

Json proved(const Claim& claim, Bounds bounds) {
    auto document = told(claim);
    const auto [outcome, seconds] = timed([&] { return claim.prove(bounds); });
    document["measure"] = Json::object();
    for (const auto& [what, figure] : outcome.measure) document["measure"][what] = figure;
    document["measure"]["seconds"] = seconds;
    document["verdict"] = name_of(outcome.verdict);
    document["counterexample"] = outcome.counterexample;
    fmt::print(stderr, "{} is {} ({:.1f} s)\n", claim.id, name_of(outcome.verdict), seconds);
    for (std::size_t number = 0; number < claim.controls.size(); ++number) {
        const auto& control = claim.controls[number];
        const auto [found, took] = timed(control.attempt);
        const bool refuted = found.verdict == Verdict::refuted;
        auto& entry = document["controls"][number];
        entry["refuted"] = refuted;
        entry["counterexample"] = found.counterexample;
        entry["seconds"] = took;
        fmt::print(stderr, "{}: its control {} is {}refuted ({:.1f} s)\n", claim.id, control.name,
                   refuted ? "" : "not ", took);
    }
    return document;
}

// For who only asks whether the sources are right: the exit code.
int prove_until_refuted(const std::vector<Claim>& claims, const std::vector<std::string>& only, Bounds bounds) {
    for (const auto& claim : claims) {
        if (!only.empty() && std::ranges::find(only, claim.id) == only.end()) continue;
        const auto [outcome, seconds] = timed([&] { return claim.prove(bounds); });
        fmt::print("{} is {} ({:.1f} s)\n", claim.id, name_of(outcome.verdict), seconds);
        if (outcome.verdict == Verdict::proved) continue;
        fmt::print("{}\n{}\n", claim.claim, outcome.counterexample);
        return 1;
    }
    return 0;
}

}  // namespace

int tell(const std::string& about, const std::vector<Claim>& claims, int argc, char** argv) {
    CLI::App app{
        about +
        "\nWrites what it proved to standard output, as JSON; proofs/README.md describes the form. `./dev "
        "prove` runs it.\nExit: 0 whatever is proved or not, 2 bad usage; with --first-refuted 0 all is proved, "
        "1 not."};
    bool list = false;
    bool full = false;
    bool first_refuted = false;
    std::vector<std::string> only;
    app.add_flag("--list", list, "tell the claims, and prove nothing");
    app.add_flag("--full", full, "larger bounds");
    app.add_flag("--first-refuted", first_refuted,
                 "end at the first claim that is not proved and tell of it; no controls, no document");
    app.add_option("--only", only, "only the claim with this id; several times for several");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    for (const auto& id : only) {
        if (std::ranges::find(claims, id, &Claim::id) != claims.end()) continue;
        fmt::print(stderr, "there is no claim \"{}\"; --list tells them\n", id);
        return 2;
    }
    if (first_refuted) return prove_until_refuted(claims, only, full ? Bounds::full : Bounds::usual);
    Json document{{"claims", Json::array()}};
    for (const auto& claim : claims) {
        if (!only.empty() && std::ranges::find(only, claim.id) == only.end()) continue;
        document["claims"].push_back(list ? told(claim) : proved(claim, full ? Bounds::full : Bounds::usual));
    }
    fmt::print("{}\n", document.dump(1));
    return 0;
}

}  // namespace asyncselect::proofs
