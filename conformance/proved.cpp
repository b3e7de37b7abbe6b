// See conformance/proved.hpp; proofs/README.md describes the form.
#include "conformance/proved.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace asyncselect::conformance {

bool ProvedClaim::speaks_of(std::string_view clause) const {
    return std::ranges::find(clauses, clause) != clauses.end();
}

std::vector<ProvedClaim> proved_claims(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream.is_open()) throw std::runtime_error(file + ": cannot be read; ./dev prove writes it");
    try {
        std::vector<ProvedClaim> claims;
        const auto document = nlohmann::json::parse(stream);
        for (const auto& told : document.at("claims")) {
            const auto& controls = told.at("controls");
            const bool refuted = !controls.empty() && std::ranges::all_of(controls, [](const nlohmann::json& control) {
                return control.at("refuted").get<bool>();
            });
            claims.push_back({told.at("id"), told.at("claim"), told.at("tool"), told.at("verdict"),
                              told.at("clauses").get<std::vector<std::string>>(), refuted});
        }
        return claims;
    } catch (const nlohmann::json::exception& error) {
        throw std::runtime_error(file + ": is not what ./dev prove --json writes: " + error.what());
    }
}

}  // namespace asyncselect::conformance
