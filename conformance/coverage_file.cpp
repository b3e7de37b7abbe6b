// See conformance/coverage_file.hpp.
#include "conformance/coverage_file.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace asyncselect::conformance {

Exercised coverage_of(const std::vector<SuiteOutcome>& outcomes) {
    Exercised exercised;
    for (const SuiteOutcome& outcome : outcomes) {
        for (const ScenarioOutcome& scenario : outcome.scenarios) {
            exercised.transitions |= scenario.played.coverage;
            exercised.clauses.insert(scenario.played.evidence.begin(), scenario.played.evidence.end());
        }
    }
    return exercised;
}

void write_coverage(const std::string& file, const Exercised& exercised) {
    nlohmann::json document{{"transitions", nlohmann::json::array()}, {"clauses", exercised.clauses}};
    const auto transitions = model::transitions();
    for (std::size_t number = 0; number < transitions.size(); ++number) {
        if (exercised.transitions.test(number)) document["transitions"].push_back(model::key_of(*transitions[number]));
    }
    std::ofstream stream(file, std::ios::binary);
    stream << document.dump(1) << '\n';
    stream.close();
    if (!stream) throw std::runtime_error(file + ": cannot be written");
}

}  // namespace asyncselect::conformance
