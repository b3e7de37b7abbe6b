// The native provider against every scenario, and the judge against providers that are wrong on purpose.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/faulty_provider.hpp"
#include "conformance/network.hpp"
#include "conformance/program.hpp"
#include "conformance/provider.hpp"
#include "conformance/report.hpp"
#include "conformance/suite.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {
namespace {

// Before any thread is started.
const std::optional<std::string> no_network = network::enter_namespace();

class NativeProvider : public ::testing::TestWithParam<Posting> {};

TEST_P(NativeProvider, Conforms) {
    const std::unique_ptr<Provider> provider = make_native_provider(GetParam());
    SuiteOptions options;
    options.complete = true;
    options.no_network = no_network.value_or("");
    const SuiteOutcome outcome = run(embedded_suite(), *provider, options);
    EXPECT_TRUE(outcome.passes()) << text_report({outcome}, false);
    EXPECT_EQ(outcome.count(Status::fails), 0U);
    EXPECT_EQ(outcome.count(Status::deviates), 0U);
    EXPECT_EQ(outcome.count(Status::not_covered), 0U);
    if (no_network) GTEST_SKIP() << "without what needs a network of our own: " << *no_network;
    EXPECT_EQ(outcome.count(Status::skipped), 0U);
}

INSTANTIATE_TEST_SUITE_P(Posting, NativeProvider, ::testing::Values(Posting::pump, Posting::eager),
                         [](const auto& instance) { return instance.param == Posting::pump ? "pump" : "eager"; });

TEST(Scenarios, TheNativeProviderDeviatesFromWindowsByName) {
    const std::unique_ptr<Provider> provider = make_native_provider();
    SuiteOptions options;
    options.profile = "windows";
    options.executor.profile = model::windows_profile;
    options.executor.patience = std::chrono::milliseconds(300);
    options.only = {"AS-CLOSE-5"};
    const SuiteOutcome outcome = run(embedded_suite(), *provider, options);
    ASSERT_EQ(outcome.clauses.size(), 1U);
    EXPECT_EQ(outcome.clauses[0].status, Status::deviates);
    EXPECT_NE(std::ranges::find(outcome.clauses[0].deviations, "not W-2"), outcome.clauses[0].deviations.end());
}

constexpr std::uint32_t fd_read = 1;
constexpr std::uint32_t fd_write = 2;
constexpr std::uint32_t fd_oob = 4;
constexpr std::uint32_t fd_connect = 16;
constexpr std::uint32_t fd_close = 32;
constexpr std::uint32_t fd_qos = 64;
constexpr std::uint32_t fd_routing_interface_change = 256;
constexpr std::uint32_t fd_address_list_change = 512;

class LosesSecondRead final : public Garbling {
    bool garble(WindowMessage& message) override { return message.event != fd_read || ++reads_ % 2 == 1; }
    unsigned reads_ = 0;
};

class RepeatsWrite final : public Garbling {
    bool garble(WindowMessage& message) override {
        if (message.event == fd_write) again_.push_back(message);
        return true;
    }
};

class HidesTheError final : public Garbling {
    bool garble(WindowMessage& message) override {
        if (message.event == fd_close) {
            message.lparam &= 0xffffU;
            message.error = 0;
        }
        return true;
    }
};

class CombinesEvents final : public Garbling {
    bool garble(WindowMessage& message) override {
        if (message.event == fd_write) {
            message.lparam |= fd_read;
            message.event |= fd_read;
        }
        return true;
    }
};

class TakesAnyWindow final : public Faulty {
    Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) override {
        const Result result = Faulty::async_select(socket, window, message, mask);
        return result.error == 10022 ? Result{} : result;
    }
};

class AcceptedSocketsInheritNothing final : public Garbling {
    // What accept has posted already.
    bool garble(WindowMessage& message) override { return std::ranges::find(bereft_, message.wparam) == bereft_.end(); }
    std::vector<Handle> bereft_;
    Result accept(Handle socket, Endpoint& peer) override {
        const Result result = Faulty::accept(socket, peer);
        if (!result.ok()) return result;
        const auto made = static_cast<Handle>(result.value);
        Faulty::async_select(made, 0, 0, 0);
        bereft_.push_back(made);
        return result;
    }
};

template <std::uint32_t event>
class Loses final : public Garbling {
    bool garble(WindowMessage& message) override { return message.event != event; }
};

template <std::uint32_t event>
class Repeats final : public Garbling {
    bool garble(WindowMessage& message) override {
        if (message.event == event) again_.push_back(message);
        return true;
    }
};

class EventSelectDoesNothing final : public Faulty {
    Result event_select(Handle /*socket*/, std::uint32_t /*mask*/) override { return {}; }
};

class SelectsInsideAConditionFunction final : public Faulty {
    Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) override {
        const Result result = Faulty::async_select(socket, window, message, mask);
        return result.error == model::wsa::in_progress ? Result{} : result;
    }
};

class DefersByRejecting final : public Faulty {
    Result wsa_accept(Handle socket, Endpoint& peer, const ConditionFunction& condition) override {
        bool deferred = false;
        const Result result = Faulty::wsa_accept(socket, peer, [&](const Endpoint& caller) {
            const model::Condition answer = condition(caller);
            deferred = answer == model::Condition::defer;
            return deferred ? model::Condition::reject : answer;
        });
        return deferred ? Result{result.value, model::wsa::try_again} : result;
    }
};

class HidesThatNobodyIsReached final : public Garbling {
    bool garble(WindowMessage& message) override {
        if (message.event == fd_routing_interface_change) {
            message.lparam &= 0xffffU;
            message.error = 0;
        }
        return true;
    }
};

class ReadsNothingOfLengthZero final : public Garbling {
    bool garble(WindowMessage& message) override {
        return message.event != fd_read || real_->bytes_available(message.wparam).value != 0;
    }
};

// The clauses that fail when this provider is judged.
template <class P>
std::string failing(const std::vector<std::string>& only) {
    P provider;
    SuiteOptions options;
    options.only = only;
    options.executor.patience = std::chrono::milliseconds(200);
    const SuiteOutcome outcome = run(embedded_suite(), provider, options);
    EXPECT_FALSE(outcome.passes());
    std::string ids = " ";
    for (const ClauseVerdict& verdict : outcome.clauses) {
        if (verdict.status == Status::fails) ids += std::string(verdict.clause->id) + ' ';
    }
    return ids;
}

TEST(Scenarios, AFaultyProviderIsCaughtByName) {
    EXPECT_NE(failing<LosesSecondRead>({"AS-LEVEL"}).find(" AS-LEVEL-2 "), std::string::npos);
    EXPECT_NE(failing<RepeatsWrite>({"AS-WRITE", "AS-ENABLE"}).find(" AS-ENABLE-1 "), std::string::npos);
    EXPECT_NE(failing<HidesTheError>({"AS-CLOSE"}).find(" AS-CLOSE-5 "), std::string::npos);
    EXPECT_NE(failing<CombinesEvents>({"AS-MSG"}).find(" AS-MSG-2 "), std::string::npos);
    EXPECT_NE(failing<TakesAnyWindow>({"AS-API-4", "R-10"}).find(" R-10 "), std::string::npos);
    EXPECT_NE(failing<AcceptedSocketsInheritNothing>({"AS-INHERIT"}).find(" AS-INHERIT-1 "), std::string::npos);
}

TEST(Scenarios, EndWithTheFirstThatFailsWhereThatIsAskedFor) {
    LosesSecondRead provider;
    SuiteOptions options;
    options.complete = true;
    options.first_failure = true;
    options.executor.patience = std::chrono::milliseconds(200);
    const SuiteOutcome outcome = run(embedded_suite(), provider, options);
    EXPECT_FALSE(outcome.passes());
    EXPECT_TRUE(outcome.errors.empty()) << outcome.errors.front();
    ASSERT_FALSE(outcome.scenarios.empty());
    EXPECT_LT(outcome.scenarios.size(), embedded_suite().size());
    EXPECT_TRUE(outcome.scenarios.back().played.fails());
    EXPECT_EQ(std::ranges::count_if(outcome.scenarios, [](const auto& one) { return one.played.fails(); }), 1);
}

TEST(Scenarios, AFaultyProviderIsCaughtByNameOnTheRestOfThePage) {
    EXPECT_NE(failing<Loses<fd_oob>>({"AS-OOB"}).find(" AS-OOB-3 "), std::string::npos);
    EXPECT_NE(failing<Repeats<fd_oob>>({"AS-OOB", "AS-ENABLE-1"}).find(" AS-ENABLE-1 "), std::string::npos);
    EXPECT_NE(failing<Repeats<fd_qos>>({"AS-QOS", "AS-EDGE-1"}).find(" AS-EDGE-1 "), std::string::npos);
    EXPECT_NE(failing<Loses<fd_qos>>({"AS-QOS"}).find(" AS-QOS-2 "), std::string::npos);
    EXPECT_NE(failing<EventSelectDoesNothing>({"AS-CANCEL-4"}).find(" AS-CANCEL-4 "), std::string::npos);
    EXPECT_NE(failing<SelectsInsideAConditionFunction>({"AS-API-5"}).find(" AS-API-5 "), std::string::npos);
    EXPECT_NE(failing<DefersByRejecting>({"AS-ENABLE-4"}).find(" AS-ENABLE-4 "), std::string::npos);
    EXPECT_NE(failing<ReadsNothingOfLengthZero>({"R-15"}).find(" R-15 "), std::string::npos);
    if (no_network) GTEST_SKIP() << "without what needs a network of our own: " << *no_network;
    EXPECT_NE(failing<Loses<fd_connect>>({"R-29", "AS-CONNECT-3"}).find(" AS-CONNECT-3 "), std::string::npos);
    EXPECT_NE(failing<Loses<fd_routing_interface_change>>({"AS-ROUTE"}).find(" AS-ROUTE-1 "), std::string::npos);
    EXPECT_NE(failing<HidesThatNobodyIsReached>({"AS-ERROR-4"}).find(" AS-ERROR-4 "), std::string::npos);
    EXPECT_NE(failing<Repeats<fd_address_list_change>>({"AS-ADDR", "AS-EDGE-2"}).find(" AS-EDGE-2 "),
              std::string::npos);
}

class Hangs final : public Faulty {
    Result receive(Handle socket, std::span<char> into, int length, std::uint32_t flags, Way way) override {
        Faulty::async_select(socket, 0, 0, 0);
        Faulty::set_nonblocking(socket, 0);
        return Faulty::receive(socket, into, length, flags, way);
    }
};

TEST(Scenarios, ACallThatHangsIsToldWithItsStep) {
    Hangs provider;
    SuiteOptions options;
    options.executor.watchdog = std::chrono::milliseconds(300);
    const SuiteOutcome outcome =
        run({parse("# hangs\nclauses AS-MODE-1\nconnection s\nselect s FD_READ\nrecv s 10\nquiet\n", "hangs")},
            provider, options);
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_EQ(outcome.errors[0], "hangs, at \"recv s 10\": the call does not return");
    EXPECT_FALSE(outcome.passes());
}

TEST(Scenarios, AClaimThatIsNotExercisedIsAnError) {
    const std::unique_ptr<Provider> provider = make_native_provider();
    const SuiteOutcome outcome =
        run({parse("# vacuous\nclauses AS-READ-1 AS-CLOSE-3\nconnection s\nselect s FD_READ\nquiet\n", "vacuous")},
            *provider, {});
    ASSERT_EQ(outcome.errors.size(), 2U);
    EXPECT_EQ(outcome.errors[0], "vacuous claims AS-READ-1 but did not exercise it");
    EXPECT_EQ(outcome.errors[1], "vacuous claims AS-CLOSE-3 but did not exercise it");
    EXPECT_FALSE(outcome.passes());
}

TEST(Scenarios, AClauseThatNobodyCoversIsAnErrorWhereAllAreAskedFor) {
    const std::unique_ptr<Provider> provider = make_native_provider();
    const std::vector<Script> scripts{parse("# little\nclauses AS-API-1\nsocket s\nselect s 0\nquiet\n", "little")};
    SuiteOptions options;
    EXPECT_TRUE(run(scripts, *provider, options).passes());
    options.complete = true;
    const SuiteOutcome outcome = run(scripts, *provider, options);
    EXPECT_FALSE(outcome.passes());
    EXPECT_EQ(outcome.errors.size(), outcome.count(Status::not_covered));
    EXPECT_EQ(outcome.errors.front(), "no scenario covers AS-API-2");
}

TEST(Scenarios, AScriptForTheOtherWayOfPostingIsNotPlayed) {
    const std::vector<Script> scripts{parse("# e\nclauses AS-API-1\nonly eager\nsocket s\nselect s 0\nquiet\n", "e"),
                                      parse("# p\nclauses AS-API-1\nonly pump\nsocket s\nselect s 0\nquiet\n", "p")};
    for (const Posting posting : {Posting::pump, Posting::eager}) {
        const std::unique_ptr<Provider> provider = make_native_provider(posting);
        const SuiteOutcome outcome = run(scripts, *provider, {});
        ASSERT_EQ(outcome.scenarios.size(), 1U);
        EXPECT_EQ(outcome.scenarios[0].script.name, posting == Posting::pump ? "p" : "e");
    }
}

class NeverFails final : public Faulty {
    std::optional<std::string> cannot_fail_subsystem() const override { return "it never fails"; }
};

TEST(Scenarios, WhatAProviderCannotDoIsNamedWithTheReason) {
    NeverFails provider;
    const SuiteOutcome outcome =
        run({parse("# fails\nclauses AS-API-3\nsocket s\nfail-subsystem\nselect s 0\nquiet\n", "fails")}, provider, {});
    EXPECT_TRUE(outcome.passes());
    EXPECT_EQ(outcome.count(Status::not_possible), 1U);
    EXPECT_EQ(outcome.scenarios[0].reason, "it never fails");
    EXPECT_NE(text_report({outcome}, false).find("\nNot possible\n  AS-API-3: it never fails\n"), std::string::npos);
}

TEST(Scenarios, StepsThatNoConditionFunctionRunsAreTrouble) {
    const std::unique_ptr<Provider> provider = make_native_provider();
    const SuiteOutcome outcome =
        run({parse("# idle\nclauses AS-API-5\nlistener l\ninside select l FD_ACCEPT\nquiet\n", "idle")}, *provider, {});
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_EQ(outcome.errors[0], "idle, at \"quiet\": no condition function runs what is to be done inside");
}

// ---- the program --------------------------------------------------------------------------------------------------

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
};

Ran run_program(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "asyncselect");
    std::ostringstream out;
    std::ostringstream err;
    std::streambuf* const real_out = std::cout.rdbuf(out.rdbuf());
    std::streambuf* const real_err = std::cerr.rdbuf(err.rdbuf());
    Ran ran;
    ran.code = program(static_cast<int>(arguments.size()), arguments.data());
    std::cout.rdbuf(real_out);
    std::cerr.rdbuf(real_err);
    ran.out = out.str();
    ran.err = err.str();
    return ran;
}

TEST(Program, ExitCodes) {
    EXPECT_EQ(run_program({"--help"}).code, 0);
    EXPECT_EQ(run_program({"conformance", "--help"}).code, 0);
    EXPECT_EQ(run_program({"conformance", "--list"}).code, 0);
    EXPECT_EQ(run_program({"conformance", "--only", "AS-API"}).code, 0);
    EXPECT_EQ(run_program({"tables", "--machine", "FD_READ"}).code, 0);
    for (const std::vector<const char*>& wrong :
         std::vector<std::vector<const char*>>{{},
                                               {"nonsense"},
                                               {"conformance", "--nonsense"},
                                               {"conformance", "--provider", "nobody"},
                                               {"conformance", "--profile", "nobody"},
                                               {"conformance", "--format", "nothing"},
                                               {"conformance", "--only", "AS-NOTHING"},
                                               {"conformance", "--scenario", "/nonexistent/file.script"},
                                               {"tables", "--machine", "FD_NOTHING"},
                                               {"tables", "--format", "nothing"}}) {
        const Ran ran = run_program(wrong);
        EXPECT_EQ(ran.code, 2) << (wrong.empty() ? "no arguments" : wrong.back());
        EXPECT_NE(ran.out + ran.err, "");
    }
}

TEST(Program, LastLineAndJson) {
    const Ran text = run_program({"conformance", "--only", "AS-MODE"});
    EXPECT_EQ(text.code, 0);
    EXPECT_TRUE(
        text.out.ends_with("\n\npump:  3 clauses: 3 conform, 0 deviate, 0 fail, 0 not covered\n"
                           "eager: 3 clauses: 3 conform, 0 deviate, 0 fail, 0 not covered\n"))
        << text.out;
    const Ran one = run_program({"conformance", "--only", "AS-MODE", "--provider", "eager"});
    EXPECT_TRUE(one.out.ends_with("\n\neager: 3 clauses: 3 conform, 0 deviate, 0 fail, 0 not covered\n")) << one.out;
    EXPECT_EQ(text.out.find('\033'), std::string::npos);
    const Ran json = run_program({"conformance", "--only", "AS-MODE", "--format", "json"});
    EXPECT_EQ(json.code, 0);
    EXPECT_EQ(json.out.front(), '{');
    EXPECT_NE(json.out.find("\"version\": 4"), std::string::npos);
    EXPECT_NE(json.out.find("\"conform\": 3"), std::string::npos);
}

}  // namespace
}  // namespace asyncselect::conformance
