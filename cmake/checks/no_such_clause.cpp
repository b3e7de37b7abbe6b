// A control: this must not compile, since there is no such clause.
#include "model/cite.hpp"

TEST(Control, CitesNoClause) { asyncselect::model::cite<"AS-API-1", "AS-READ-99">(); }
