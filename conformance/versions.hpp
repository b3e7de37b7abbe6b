// What judged: the versions and hashes of the suite, put in at build time. Knows no provider.
#pragma once

#include <string_view>

namespace asyncselect::conformance {

struct Versions {
    std::string_view suite;           // of this project
    std::string_view scripts_sha256;  // of conformance/scenarios/*.script, one behind the other in the order of names
    std::string_view clauses_sha256;  // of model/clauses.json
};

// Any thread.
const Versions& versions();

}  // namespace asyncselect::conformance
