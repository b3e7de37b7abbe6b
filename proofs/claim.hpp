// A claim that a program proves, its controls, and the program around them: README.md describes how it tells. Serves
// the provers of this folder that are programs. Knows no claim.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace asyncselect::proofs {

enum class Verdict : std::uint8_t { proved, refuted, unknown };

struct Outcome {
    Verdict verdict = Verdict::unknown;
    std::string counterexample;  // in words; or why it is unknown
    std::vector<std::pair<std::string, std::uint64_t>> measure;
};

// What one attempt may take.
enum class Bounds : std::uint8_t { usual, full };

// A fault that was put in on purpose. With it the claim must be refuted.
struct Control {
    std::string name;
    std::string fault;  // one sentence
    std::function<Outcome()> attempt;
};

struct Claim {
    std::string id;
    std::string claim;  // one sentence
    std::vector<std::string> clauses;
    std::string tool;
    std::string scope;
    std::string not_covered;
    std::string file;  // from the root of the project
    std::function<Outcome(Bounds)> prove;
    std::vector<Control> controls;
};

// The program: reads the command line, makes the attempts that are asked for, tells what came of them. `about` says in
// a few lines what is proved. Returns the exit code.
int tell(const std::string& about, const std::vector<Claim>& claims, int argc, char** argv);

}  // namespace asyncselect::proofs
