// The library as it is installed against every scenario that it can play. The tool and scenarios_test judge the same
// sources over a transport that can be made to fail.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "conformance/network.hpp"
#include "conformance/provider.hpp"
#include "conformance/report.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

// Before any thread is started.
const std::optional<std::string> no_network = network::enter_namespace();

class InstalledLibrary : public ::testing::TestWithParam<Posting> {};

TEST_P(InstalledLibrary, Conforms) {
    const std::unique_ptr<Provider> provider = make_native_provider(GetParam());
    SuiteOptions options;
    options.complete = true;
    options.no_network = no_network.value_or("");
    const SuiteOutcome outcome = run(embedded_suite(), *provider, options);
    EXPECT_TRUE(outcome.passes()) << text_report({outcome}, false);
    EXPECT_EQ(outcome.count(Status::deviates), 0U);
    for (const ClauseVerdict& verdict : outcome.clauses) {
        if (verdict.status != Status::not_possible) continue;
        EXPECT_TRUE(verdict.clause->id == "AS-API-3" || verdict.clause->id == "R-18") << verdict.clause->id;
    }
}

INSTANTIATE_TEST_SUITE_P(Posting, InstalledLibrary, ::testing::Values(Posting::pump, Posting::eager),
                         [](const auto& instance) { return instance.param == Posting::pump ? "pump" : "eager"; });

}  // namespace
}  // namespace asyncselect::conformance
