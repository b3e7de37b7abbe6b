// What ./dev prove wrote of its claims, as far as a report tells of it: which of them speak of a clause, and whether
// they are proved. It must not know what is proved, or how.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace asyncselect::conformance {

struct ProvedClaim {
    std::string id;
    std::string claim;  // one sentence
    std::string tool;
    std::string verdict;  // "proved", "refuted" or "unknown"
    std::vector<std::string> clauses;
    bool controls_refuted = false;  // each fault that was put in was noticed

    [[nodiscard]] bool holds() const { return verdict == "proved" && controls_refuted; }
    [[nodiscard]] bool speaks_of(std::string_view clause) const;
};

// The claims of such a file. Throws std::runtime_error if it cannot be read or is of another form.
std::vector<ProvedClaim> proved_claims(const std::string& file);

}  // namespace asyncselect::conformance
