// A script that brings about again what a trace tells: the same calls and peer actions, in the same order, under names.
// It must not know what is allowed, nor whether playing it shows the same.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "conformance/script.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

struct ScriptOfTrace {
    Script script;
    // What the language has no words for, and what is done in its place; one line each.
    std::vector<std::string> remarks;
};

// `clause`: what the script is to show; may be empty. Messages become steps that wait for one. What overlaps is played
// at the same time where the language can say so, otherwise in the order in which it ended. Any thread.
ScriptOfTrace script_of_trace(std::span<const model::Observation> trace, std::string name, std::string title,
                              const std::string& clause);

// The text of a script; `parse` of that yields the same script. Any thread.
std::string script_text(const ScriptOfTrace& made);

}  // namespace asyncselect::conformance
