// See conformance/coverage_file.hpp.
#include "conformance/coverage_file.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "conformance/file_error.hpp"
#include "conformance/unreachable.hpp"

namespace asyncselect::conformance {

Exercised coverage_of(const std::vector<SuiteOutcome>& outcomes) {
    Exercised exercised;
    for (const SuiteOutcome& outcome : outcomes) {
        exercised.transitions |= outcome.transitions();
        for (const ScenarioOutcome& scenario : outcome.scenarios) {
            exercised.clauses.insert(scenario.played.evidence.begin(), scenario.played.evidence.end());
        }
    }
    return exercised;
}

std::vector<std::string> keys_of(const model::Coverage& exercised) {
    std::vector<std::string> keys;
    const auto transitions = model::transitions();
    for (std::size_t number = 0; number < transitions.size(); ++number) {
        if (exercised.test(number)) keys.push_back(model::key_of(*transitions[number]));
    }
    return keys;
}

ShownTransitions shown_transitions(const model::Coverage& exercised) {
    std::string rest;
    std::string wrong;
    std::size_t possible = 0;
    std::size_t shown = 0;
    const auto transitions = model::transitions();
    for (std::size_t number = 0; number < transitions.size(); ++number) {
        const model::Row& row = *transitions[number];
        const std::string line = "  " + model::key_of(row) + ": " + model::show(row) + "\n";
        const std::optional<std::string_view> why = why_not_shown(row);
        if (why) {
            rest += line + "      " + std::string(*why) + '\n';
            if (exercised.test(number)) wrong += line + "      shown, and listed as what cannot be\n";
            continue;
        }
        ++possible;
        if (exercised.test(number)) {
            ++shown;
        } else {
            wrong += line + "      not shown\n";
        }
    }
    ShownTransitions told;
    told.exact = wrong.empty();
    told.text = "Transitions that cannot be shown here\n" + rest + '\n';
    if (!told.exact) told.text += "Transitions that should be shown, or should not\n" + wrong + '\n';
    told.text += "transitions: " + std::to_string(shown) + " of " + std::to_string(possible) +
                 " that the transport can reach, " + std::to_string(transitions.size() - possible) + " others\n";
    return told;
}

void write_coverage(const std::string& file, const Exercised& exercised) {
    const nlohmann::json document{{"transitions", keys_of(exercised.transitions)}, {"clauses", exercised.clauses}};
    std::ofstream stream(file, std::ios::binary);
    stream << document.dump(1) << '\n';
    stream.close();
    if (!stream) throw std::runtime_error(unwritable(file));
}

}  // namespace asyncselect::conformance
