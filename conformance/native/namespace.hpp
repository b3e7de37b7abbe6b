// For tests that change routes, addresses and interfaces: they run in a network namespace of their own, or are skipped
// and say why. Knows no provider.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "conformance/network.hpp"

namespace asyncselect::conformance::native {

// Why the process has no network of its own, if it has none.
inline std::optional<std::string>& not_permitted() {
    static std::optional<std::string> reason;
    return reason;
}

// The main function of such a test. The namespace comes before any thread.
inline int run_in_namespace(int argc, char** argv) {
    not_permitted() = network::enter_namespace();
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}

}  // namespace asyncselect::conformance::native
