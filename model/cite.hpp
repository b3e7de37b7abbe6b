// How a test says which clauses it shows. It must not know any machine or provider.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "model/clauses.hpp"

namespace asyncselect::model {

// Call it inside a test: `cite<"AS-API-1", "R-10">();`. An id that is no clause does not compile. The ids become the
// property "clauses" of the test; model/traceability_test.cpp finds them in the source.
template <Citation... Ids>
void cite() {
    static_assert((ExistingClause<Ids> && ...), "this test cites a clause that does not exist");
    std::string ids;
    ((ids += ids.empty() ? "" : " ", ids += Ids.view()), ...);
    ::testing::Test::RecordProperty("clauses", ids);
}

}  // namespace asyncselect::model
