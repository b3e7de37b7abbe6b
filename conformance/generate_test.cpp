// What is generated: that it is language, each script once, the same each time, and complete; and that what cannot be
// reached is listed exactly. Plays nothing.
#include "conformance/generate.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "conformance/exploration.hpp"
#include "conformance/unreachable.hpp"
#include "model/coverage.hpp"
#include "model/tables.hpp"

namespace asyncselect::conformance {
namespace {

std::string steps_of(const Script& script) {
    std::string text;
    for (const Step& step : script.steps) text += show(step) + '\n';
    return text;
}

TEST(Generate, TwentyThousandScriptsEachOnce) {
    const std::vector<GeneratedScript> scripts = generate({});
    EXPECT_EQ(scripts.size(), 20000U);
    std::set<std::string> steps;
    std::set<std::string> names;
    for (const GeneratedScript& generated : scripts) {
        EXPECT_TRUE(steps.insert(steps_of(generated.script)).second) << generated.script.name;
        EXPECT_TRUE(names.insert(generated.script.name).second) << generated.script.name;
    }
}

TEST(Generate, TheyAreLanguageAndTheSameForASeed) {
    GenerateOptions options;
    options.count = 300;
    options.walks = 400;
    const std::vector<GeneratedScript> scripts = generate(options);
    const std::vector<GeneratedScript> again = generate(options);
    options.seed = 2;
    const std::vector<GeneratedScript> others = generate(options);
    ASSERT_EQ(scripts.size(), 300U);
    ASSERT_EQ(again.size(), 300U);
    std::set<Kind> kinds;
    std::size_t same = 0;
    for (std::size_t index = 0; index < scripts.size(); ++index) {
        const std::string text = text_of(scripts[index].script);
        EXPECT_EQ(text, text_of(again[index].script));
        if (text == text_of(others[index].script)) ++same;
        const Script parsed = parse(text, scripts[index].script.name);
        EXPECT_EQ(text_of(parsed), text);
        kinds.insert(scripts[index].kind);
    }
    EXPECT_EQ(kinds.size(), 4U);
    EXPECT_LT(same, 150U);
}

TEST(Generate, AWalkIsAsLongAsItIsAskedToBe) {
    GenerateOptions options;
    options.count = 20;
    options.walks = 20;
    options.length = 200;
    for (const GeneratedScript& generated : generate(options)) {
        if (generated.kind == Kind::walk) {
            EXPECT_GE(generated.script.steps.size(), 200U);
        }
    }
}

// Everything is reached, or is listed with a reason: one that is reached after all, or is not any more, fails here.
TEST(Generate, WhatNoScriptReachesIsListedExactly) {
    std::size_t reached = 0;
    for (const WhoseTables whose : {WhoseTables::spec, WhoseTables::windows}) {
        const model::Profile profile = whose == WhoseTables::spec ? model::spec_profile : model::windows_profile;
        for (const model::Event event : model::events_in_posting_order) {
            const Exploration& exploration = explore(event, profile);
            for (const model::Row* const row : model::transitions()) {
                if (row->machine != event) continue;
                EXPECT_NE(exploration.transitions.contains(row), why_unreachable(*row, whose).has_value())
                    << model::key_of(*row) << ", " << (whose == WhoseTables::spec ? "spec" : "windows");
            }
            for (const model::Row& first : model::rows(event)) {
                for (const model::Row& second : model::rows(event)) {
                    if (!consecutive(first, second)) continue;
                    const bool is_reached = exploration.pairs.contains({&first, &second});
                    if (is_reached) ++reached;
                    EXPECT_NE(is_reached, why_unreachable(first, second, whose).has_value())
                        << model::key_of(first) << " then " << model::key_of(second) << ", "
                        << (whose == WhoseTables::spec ? "spec" : "windows");
                }
            }
            for (const std::string_view state : model::states(event)) {
                bool found = state == "Off";
                for (const Path& path : exploration.paths)
                    for (const model::Row* const row : path.rows) found = found || row->target == state;
                EXPECT_TRUE(found) << model::name_of(event) << ' ' << state;
            }
        }
    }
    EXPECT_GT(reached, 2000U);
}

}  // namespace
}  // namespace asyncselect::conformance
