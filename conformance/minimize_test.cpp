// Minimizing, with providers that are wrong on purpose: each is found by the suite, by a handful of steps, and by the
// oracle from the trace alone.
#include "conformance/minimize.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "conformance/faulty_provider.hpp"
#include "conformance/provider.hpp"
#include "conformance/report.hpp"
#include "conformance/suite.hpp"
#include "conformance/trace_file.hpp"
#include "model/follower.hpp"

namespace asyncselect::conformance {
namespace {

using model::Event;

// What the oracle says of a trace, as `asyncselect check` would.
std::string broken_in(std::istream& trace) {
    TraceReader reader(trace);
    model::Follower follower({model::spec_profile, reader.header().ours, false});
    while (const auto observation = reader.next()) {
        if (!follower.observe(*observation)) break;
    }
    follower.end();
    return follower.outcome() == model::Outcome::violates ? follower.violation()->clause : "nothing";
}

struct Fault {
    std::string name;
    std::unique_ptr<Provider> (*make)(Posting);
    std::string scenario;
    std::string clause;
    std::size_t most_steps;
};

template <class P>
std::unique_ptr<Provider> faulty(Posting posting) {
    return std::make_unique<P>(make_native_provider(posting));
}

class SeededFault : public ::testing::TestWithParam<std::tuple<std::size_t, Posting>> {
  public:
    static const std::vector<Fault>& all() {
        static const std::vector<Fault> faults{
            {"DoublesRead", faulty<Doubles<Event::read>>, "read-once", "AS-ENABLE-1", 4},
            {"DropsWrite", faulty<Drops<Event::write>>, "write-once", "AS-WRITE-1", 3},
            {"DelaysClose", faulty<DelaysClose>, "close-after-data", "AS-CLOSE-3", 4},
            {"TellsAnotherError", faulty<TellsAnotherError>, "api-not-a-socket", "AS-API-6", 1},
            {"HidesResets", faulty<HidesResets>, "close-reset", "AS-CLOSE-5", 4},
            {"DropsAccept", faulty<Drops<Event::accept>>, "accept-each", "AS-ACCEPT-2", 4},
        };
        return faults;
    }
};

INSTANTIATE_TEST_SUITE_P(Each, SeededFault,
                         ::testing::Combine(::testing::Range(std::size_t{0}, SeededFault::all().size()),
                                            ::testing::Values(Posting::pump, Posting::eager)),
                         [](const auto& instance) {
                             return SeededFault::all()[std::get<0>(instance.param)].name +
                                    (std::get<1>(instance.param) == Posting::pump ? "Pump" : "Eager");
                         });

TEST_P(SeededFault, IsFoundMinimizedAndJudgedAgain) {
    const Fault& fault = SeededFault::all()[std::get<0>(GetParam())];
    const std::unique_ptr<Provider> provider = fault.make(std::get<1>(GetParam()));
    SuiteOptions options;
    options.executor.patience = std::chrono::milliseconds(100);
    options.minimize = 1;
    options.minimize_limit = std::chrono::minutes(4);
    std::vector<Script> scripts = embedded_suite();
    std::erase_if(scripts, [&fault](const Script& script) { return script.name != fault.scenario; });
    const SuiteOutcome outcome = run(scripts, *provider, options);
    EXPECT_FALSE(outcome.passes());
    const Script* small = nullptr;
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        if (!scenario.played.violation || scenario.played.violation->clause != fault.clause) continue;
        ASSERT_TRUE(scenario.minimized) << scenario.script.name << ": " << scenario.minimized_remark;
        EXPECT_EQ(scenario.minimized_remark, "");
        small = &*scenario.minimized;
        break;
    }
    ASSERT_NE(small, nullptr) << text_report({outcome}, false);
    EXPECT_LE(small->steps.size(), fault.most_steps) << show(*small);
    const Played played = play(*small, *provider, options.executor);
    std::stringstream trace;
    write_trace(trace, trace_header(*provider, *small), *small, played);
    EXPECT_EQ(broken_in(trace), fault.clause) << trace.str();
    const std::string report = text_report({outcome}, false);
    EXPECT_NE(report.find("\n  minimized\n    " + show(small->steps.front()) + '\n'), std::string::npos) << report;
    EXPECT_NE(json_report({outcome}).find("\"minimized\": \"# Breaks " + fault.clause), std::string::npos);
}

TEST(Minimize, OperandsBecomePlainer) {
    const auto shown = [](const std::string& text) {
        std::vector<std::string> all;
        for (const Operation& operation : plainer(parse(text, "a").steps.front().operation))
            all.push_back(show(operation));
        return all;
    };
    EXPECT_EQ(shown("select s FD_READ|FD_WRITE message 3\n"),
              (std::vector<std::string>{"select s FD_WRITE message 3", "select s FD_READ message 3",
                                        "select s FD_READ|FD_WRITE"}));
    EXPECT_EQ(shown("wsarecv s 100 peek\n"),
              (std::vector<std::string>{"recv s 100 peek", "wsarecv s 100", "wsarecv s 1 peek", "wsarecv s 50 peek"}));
    EXPECT_EQ(shown("peer s send 1\n"), std::vector<std::string>{});
    EXPECT_EQ(shown("quiet\n"), std::vector<std::string>{});
}

TEST(Minimize, OfAProviderThatDoesRightThereIsNothing) {
    const std::unique_ptr<Provider> provider = make_native_provider();
    EXPECT_FALSE(minimize(parse("connection s\nselect s FD_READ\nquiet\n", "a"), *provider, "AS-ENABLE-1").has_value());
}

// A reset is told as W-2 says.
class TellsAResetAsAnAbort final : public Garbling {
    bool garble(WindowMessage& message) override {
        if (message.event == model::bit_of(Event::close) && message.error == 10054) {
            message.error = 10053;
            message.lparam = 10053U << 16U | (message.lparam & 0xffffU);
        }
        return true;
    }
};

TEST(Minimize, ADeviationStaysTheSameOne) {
    TellsAResetAsAnAbort provider;
    MinimizeOptions options;
    options.executor.patience = std::chrono::milliseconds(200);
    const Script script =
        parse("connection s\nconnection t\nselect s FD_READ|FD_CLOSE\npeer t close\npeer s reset\nquiet\n", "a");
    EXPECT_FALSE(minimize(script, provider, "AS-CLOSE-5", options)) << "it does not fail";
    options.deviations = {"W-1"};
    EXPECT_FALSE(minimize(script, provider, "AS-CLOSE-5", options));
    options.deviations = {"W-2"};
    const auto found = minimize(script, provider, "AS-CLOSE-5", options);
    ASSERT_TRUE(found);
    EXPECT_EQ(show(found->script),
              "# Deviates from AS-CLOSE-5 as W-2: minimized from a\nclauses AS-CLOSE-5\n"
              "connection s\nselect s FD_CLOSE\npeer s reset\nquiet\n");
    EXPECT_EQ(found->played.deviations, std::vector<std::string>{"W-2"});
}

// Doubles every third FD_WRITE.
class DoublesNowAndThen final : public Garbling {
    bool garble(WindowMessage& message) override {
        if (message.event == model::bit_of(Event::write) && ++count_ % 3 == 0) again_.push_back(message);
        return true;
    }
    unsigned count_ = 0;
};

TEST(Minimize, WhatDoesNotAlwaysHappenIsTold) {
    DoublesNowAndThen provider;
    MinimizeOptions options;
    options.executor.patience = std::chrono::milliseconds(200);
    const auto found = minimize(parse("connection s\nsocket t\nselect s FD_READ|FD_WRITE\nquiet\nclose t\n", "a"),
                                provider, "AS-ENABLE-1", options);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->of, 10U);
    EXPECT_GE(found->happened, 3U);
    EXPECT_LE(found->happened, 4U);
    EXPECT_EQ(show(found->script),
              "# Breaks AS-ENABLE-1: minimized from a\nclauses AS-ENABLE-1\nconnection s\nselect s FD_WRITE\nquiet\n");
    EXPECT_EQ(found->remark(), "it does not always happen: in " + std::to_string(found->happened) + " of 10 plays");
}

TEST(Minimize, TimeIsLimited) {
    Doubles<Event::write> provider(make_native_provider());
    MinimizeOptions options;
    options.limit = std::chrono::milliseconds(0);
    const auto found =
        minimize(parse("connection s\nsocket t\nselect s FD_WRITE\nquiet\n", "a"), provider, "AS-ENABLE-1", options);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->cut_short);
    EXPECT_EQ(found->remark(), "the time was over: it may be made smaller still");
    EXPECT_EQ(found->script.steps.size(), 4U);
}

}  // namespace
}  // namespace asyncselect::conformance
