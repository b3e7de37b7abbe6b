// Providers behind a separate program: the example adapter against every scenario, adapters that misbehave, and what is
// left of them afterwards.
#include "conformance/exec_provider.hpp"

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "conformance/agent.hpp"
#include "conformance/child_process.hpp"
#include "conformance/network.hpp"
#include "conformance/program.hpp"
#include "conformance/providers.hpp"
#include "conformance/report.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

using std::chrono::milliseconds;

// Before any thread is started.
const std::optional<std::string> no_network = network::enter_namespace();

const std::string adapter = ASYNCSELECT_ADAPTER;
const std::string misbehaving = ASYNCSELECT_MISBEHAVING_ADAPTER;

std::unique_ptr<Provider> started(const std::string& command, milliseconds start = milliseconds(10'000)) {
    ExecOptions options;
    options.command = command;
    options.start = start;
    return make_exec_provider(options);
}

// ---- the example adapter ------------------------------------------------------------------------------------------

class Adapter : public ::testing::TestWithParam<const char*> {};

// As scenarios_test has it of the same library without an adapter between.
TEST_P(Adapter, HasTheVerdictsOfTheLibraryItself) {
    const std::unique_ptr<Provider> provider = started(adapter + ' ' + GetParam());
    SuiteOptions options;
    options.complete = true;
    options.no_network = no_network.value_or("");
    const SuiteOutcome outcome = run(embedded_suite(), *provider, options);
    EXPECT_TRUE(outcome.passes()) << text_report({outcome}, false);
    for (const ClauseVerdict& verdict : outcome.clauses) {
        const bool needs_injection = verdict.clause->id == "AS-API-3" || verdict.clause->id == "R-18";
        if (verdict.status == Status::skipped && no_network) continue;
        EXPECT_EQ(verdict.status, needs_injection ? Status::not_possible : Status::conforms) << verdict.clause->id;
        if (needs_injection) {
            EXPECT_EQ(verdict.reason, "the adapter has no means to let the network subsystem fail");
        }
    }
    if (no_network) GTEST_SKIP() << "without what needs a network of our own: " << *no_network;
}

INSTANTIATE_TEST_SUITE_P(Posting, Adapter, ::testing::Values("", "--eager"),
                         [](const auto& instance) { return *instance.param == '\0' ? "pump" : "eager"; });

TEST(ExampleAdapter, SaysWhoItIs) {
    const std::unique_ptr<Provider> pump = started(adapter);
    EXPECT_EQ(pump->name(), "asyncselect pump");
    EXPECT_EQ(pump->version(), "0.1.0");
    EXPECT_TRUE(pump->ours());
    EXPECT_FALSE(pump->eager());
    const std::unique_ptr<Provider> other = started(adapter + " --eager --name 'an \"other\" one'");
    EXPECT_EQ(other->name(), "an \"other\" one");
    EXPECT_TRUE(other->eager());
    const SuiteOutcome outcome = run({}, *pump, {});
    EXPECT_EQ(outcome.provider, "asyncselect pump");
    EXPECT_EQ(trace_header(*pump, {}).provider_version, "0.1.0");
}

struct Fault {
    const char* name;
    std::vector<std::string> only;
    const char* clause;
};

class AdapterWithAFault : public ::testing::TestWithParam<Fault> {};

TEST_P(AdapterWithAFault, FailsTheClauseByName) {
    for (const char* const posting : {"", " --eager"}) {
        const std::unique_ptr<Provider> provider = started(adapter + posting + " --fault " + GetParam().name);
        SuiteOptions options;
        options.only = GetParam().only;
        options.executor.patience = milliseconds(300);
        const SuiteOutcome outcome = run(embedded_suite(), *provider, options);
        EXPECT_FALSE(outcome.passes());
        // One fault does not make the suite impatient with the rest: a connection that comes slowly is waited for.
        for (const std::string& error : outcome.errors)
            EXPECT_EQ(error.find("does not reach the peer"), std::string::npos) << error;
        const auto failing = std::ranges::find_if(
            outcome.clauses, [&](const ClauseVerdict& verdict) { return verdict.clause->id == GetParam().clause; });
        ASSERT_NE(failing, outcome.clauses.end());
        EXPECT_EQ(failing->status, Status::fails) << text_report({outcome}, false);
    }
}

INSTANTIATE_TEST_SUITE_P(Faults, AdapterWithAFault,
                         ::testing::Values(Fault{"second-read", {"AS-READ", "AS-ENABLE-1"}, "AS-ENABLE-1"},
                                           Fault{"no-write", {"AS-WRITE"}, "AS-WRITE-1"},
                                           Fault{"no-error", {"AS-CLOSE", "AS-CONNECT-2"}, "AS-CLOSE-5"},
                                           Fault{"combined", {"AS-MSG", "AS-WRITE"}, "AS-MSG-2"}),
                         [](const auto& instance) {
                             std::string name = instance.param.name;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(ExampleAdapter, ACallThatBlocksLeavesTheOtherThreadsAlone) {
    const std::unique_ptr<Provider> provider = started(adapter);
    Agent one("one");
    Agent other("other");
    ASSERT_TRUE(provider->startup().ok());
    const Result opened = provider->open_datagram(false);
    ASSERT_TRUE(opened.ok());
    const auto socket = static_cast<Handle>(opened.value);
    ASSERT_TRUE(provider->bind(socket, {}, false).ok());
    auto blocked = one.start([&] {
        std::array<char, 10> buffer{};
        return provider->receive(socket, buffer, 10, 0, Way::plain);
    });
    EXPECT_EQ(blocked.wait_for(milliseconds(100)), std::future_status::timeout);
    const Result sent = other
                            .start([&] {
                                provider->set_last_error(7);
                                EXPECT_EQ(provider->last_error(), 7);
                                const std::array<char, 3> data{};
                                const Result second = provider->open_datagram(false);
                                return provider->send(static_cast<Handle>(second.value), data, 3, 0, Way::address,
                                                      provider->local(socket));
                            })
                            .get();
    EXPECT_EQ(sent.value, 3);
    EXPECT_EQ(blocked.get().value, 3);
    EXPECT_EQ(provider->last_error(), 0) << "another thread's";
    EXPECT_TRUE(provider->cleanup().ok());
}

TEST(ExampleAdapter, AThreadThatHasGoneLeavesNothingToTheNextOfItsName) {
    const std::unique_ptr<Provider> provider = started(adapter);
    Agent("t").start([&] {
        provider->set_last_error(7);
        return 0;
    });
    EXPECT_EQ(Agent("t").start([&] { return provider->last_error(); }).get(), 0);
}

TEST(ExampleAdapter, AConditionFunctionMayMakeCallsAndAskWhoCalls) {
    const std::unique_ptr<Provider> provider = started(adapter);
    ASSERT_TRUE(provider->startup().ok());
    const auto listener = static_cast<Handle>(provider->open_stream(false).value);
    ASSERT_TRUE(provider->bind(listener, {}, false).ok());
    ASSERT_TRUE(provider->listen(listener, 5).ok());
    const auto there = provider->local(listener);
    ASSERT_TRUE(there.has_value());
    const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    const PeerConnection peer = PeerConnection::connect(*there, deadline);
    std::optional<Endpoint> caller;
    Endpoint accepted;
    const Result result = provider->wsa_accept(listener, accepted, [&](const Endpoint& who) {
        caller = who;
        EXPECT_EQ(provider->async_select(listener, 0, 0, 0).error, 10036);
        EXPECT_EQ(Agent("other").start([&] { return provider->set_nonblocking(listener, 1); }).get().error, 0);
        return model::Condition::accept;
    });
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(caller, peer.here());
    EXPECT_EQ(accepted, peer.here());
    EXPECT_TRUE(provider->cleanup().ok());
}

// What the adapter says of a line, and how it ends.
std::string said_of(const std::string& line) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<std::string> said;
    ChildProcess child(adapter, {[](std::string_view) {},
                                 [&](const std::string& how, const std::string& error) {
                                     const std::lock_guard lock(mutex);
                                     said = how + ": " + error;
                                     changed.notify_all();
                                 }});
    child.send(line, std::chrono::steady_clock::now() + std::chrono::seconds(5));
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(10), [&] { return said.has_value(); });
    return said.value_or("nothing");
}

TEST(ExampleAdapter, SaysWhatIsWrongWithARequest) {
    const std::string head = "ended with exit status 2: adapter: line 1, column ";
    EXPECT_EQ(said_of("nonsense"), head + "1: a request is a JSON object, which begins with {");
    EXPECT_EQ(said_of("{\"id\":1"), head + "9: a comma stands between two fields");
    EXPECT_EQ(said_of("{\"id\":1.5}"), head + "8: the number is no whole one");
    EXPECT_EQ(said_of("{\"id\":99999999999999999999}"), head + "26: the number is too large");
    EXPECT_EQ(said_of("{\"id\":}"), head + "7: this is no value");
    EXPECT_EQ(said_of("{\"id\":[1]}"), head + "7: no field of a request is an object or an array");
    EXPECT_EQ(said_of("{\"call\":\"\\x\"}"), head + "11: this escape is unknown");
    EXPECT_EQ(said_of("{\"call\":\"\\uD800\"}"), head + "16: half of a character stands alone");
    EXPECT_EQ(said_of("{\"call\":\"recv"), head + "14: the text has no end, or an unescaped control character");
    EXPECT_EQ(said_of("{\"" + std::string(100, 'x') + "\":1}"),
              head + "26: the text is longer than any that is expected here");
    EXPECT_EQ(said_of("{\"id\":1} {}"), head + "10: something follows the object");
    std::string many = "{\"f\":0";
    for (int count = 0; count < 30; ++count) many += ",\"f\":0";
    EXPECT_EQ(said_of(many + '}'), head + "145: no request has so many fields");
    EXPECT_EQ(said_of(std::string(100'000, ' ')),
              "ended with exit status 2: adapter: no request is as long as this line");
    EXPECT_EQ(said_of("{\"id\":1,\"call\":\"bind\",\"address\":\"nowhere\"}"),
              "ended with exit status 2: adapter: a request has no IPv4 address");
}

TEST(ExampleAdapter, DoesNotKnowEverything) {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> lines;
    ChildProcess child(adapter, {[&](std::string_view line) {
                                     const std::lock_guard lock(mutex);
                                     lines.emplace_back(line);
                                     changed.notify_all();
                                 },
                                 [](const std::string&, const std::string&) {}});
    child.send(R"({"id":18446744073709551615,"call":"\u0066\u006fretell","thread":"\u00e4\ud83d\ude00","x":null})",
               std::chrono::steady_clock::now() + std::chrono::seconds(5));
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(10), [&] { return lines.size() >= 2; });
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1], R"({"id":18446744073709551615,"unsupported":"this adapter does not know how"})");
}

// ---- adapters that misbehave --------------------------------------------------------------------------------------

std::string trouble_in_starting(const std::string& command) {
    try {
        started(command, milliseconds(700));
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

TEST(MisbehavingAdapter, DoesNotStart) {
    EXPECT_EQ(trouble_in_starting("/nonexistent/adapter").substr(0, 60),
              "the adapter ended with exit status 127 before its first line");
    EXPECT_NE(trouble_in_starting("/nonexistent/adapter").find("/nonexistent/adapter: not found"), std::string::npos);
    EXPECT_EQ(trouble_in_starting("true"), "the adapter ended with exit status 0 before its first line");
    EXPECT_EQ(trouble_in_starting("echo no license >&2; exit 3"),
              "the adapter ended with exit status 3 before its first line; the last line of its standard error: "
              "no license");
    EXPECT_EQ(trouble_in_starting("kill -TERM $$"),
              "the adapter was ended by signal 15 (Terminated) before its first line");
    EXPECT_EQ(trouble_in_starting("echo still loading >&2; sleep 1000"),
              "the adapter says nothing within 700 ms; its first line is {\"adapter\":1,\"provider\":\"NAME\"}; the "
              "last line of its standard error: still loading");
    EXPECT_EQ(trouble_in_starting("exec 1>&-; exec sleep 1000").substr(0, 37), "the adapter says nothing within 700 m");
}

TEST(MisbehavingAdapter, SaysSomethingElseFirst) {
    const std::string head = "the adapter wrote what is no answer: ";
    EXPECT_EQ(trouble_in_starting("echo Welcome; sleep 1000"), head + "it is no JSON; the line is: Welcome");
    EXPECT_EQ(trouble_in_starting("echo '[1]'"), head + "it is no JSON object; the line is: [1]");
    EXPECT_EQ(trouble_in_starting("echo '{}'"), head + "the field \"adapter\" is missing; the line is: {}");
    EXPECT_EQ(trouble_in_starting("echo '{\"adapter\":2}'"),
              head + "it speaks version 2 of the protocol; version 1 is understood here; the line is: {\"adapter\":2}");
    EXPECT_EQ(trouble_in_starting("echo '{\"adapter\":1,\"provider\":7}'"),
              head + "the field \"provider\" is a text; the line is: {\"adapter\":1,\"provider\":7}");
    EXPECT_EQ(trouble_in_starting("echo '{\"adapter\":1,\"provider\":\"x\",\"egaer\":true}'"),
              head +
                  "the field \"egaer\" is not known in the first line; the line is: "
                  "{\"adapter\":1,\"provider\":\"x\",\"egaer\":true}");
    EXPECT_EQ(trouble_in_starting("yes | tr -d '\\n'").substr(0, 60),
              "the adapter wrote a line of more than 1 MiB, which begins wi");
}

std::vector<std::string> errors_with(const std::string& way, const SuiteOptions& options = {}) {
    const std::string command = "exec " + misbehaving + ' ' + way;
    const std::unique_ptr<Provider> provider = started(command);
    const char* const text = "# two\nclauses AS-MODE-1\nsocket s\nselect s FD_READ\n";
    const SuiteOutcome outcome = run({parse(text, "first"), parse(text, "second")}, *provider, options);
    EXPECT_FALSE(outcome.stuck);
    EXPECT_FALSE(outcome.passes());
    return outcome.errors;
}

// In both scripts: the adapter is started again for the second one.
void expect_in_both(const std::vector<std::string>& errors, const std::string& expected) {
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors[0], "first, at \"socket s\": the adapter " + expected);
    EXPECT_EQ(errors[1], "second, at \"socket s\": the adapter " + expected);
}

TEST(MisbehavingAdapter, EndsInTheMidst) {
    expect_in_both(errors_with("ends"), "ended with exit status 3; the last line of its standard error: no more paper");
    expect_in_both(errors_with("crashes"), "was ended by signal 11 (Segmentation fault)");
    expect_in_both(errors_with("falls-silent"), "closed its standard output");
}

TEST(MisbehavingAdapter, WritesNonsense) {
    const std::string head = "wrote what is no answer: ";
    expect_in_both(errors_with("babbles"), head + "it is no JSON; the line is: what?");
    expect_in_both(errors_with("misspells"),
                   head + "the field \"reslut\" is not known here; the line is: {\"id\":3,\"reslut\":0}");
    expect_in_both(errors_with("answers-others"),
                   head + "nothing waits for an answer to 99999; the line is: {\"id\":99999,\"result\":0}");
    expect_in_both(errors_with("asks"), head +
                                            "a socket has no condition function that could be asked; the line is: "
                                            "{\"asking\":3,\"port\":1}");
    expect_in_both(errors_with("floods-lines"),
                   head + "nothing waits for an answer to 1; the line is: {\"id\":1,\"result\":0}");
    for (const std::string& error : errors_with("floods")) {
        EXPECT_NE(error.find("the adapter wrote a line of more than 1 MiB, which begins with \"aaaaaa"),
                  std::string::npos)
            << error;
    }
    const std::vector<std::string> twice = errors_with("answers-twice");
    ASSERT_FALSE(twice.empty());
    EXPECT_NE(twice[0].find("nothing waits for an answer to 3; the line is: {\"id\":3,\"result\":0,\"created\":3}"),
              std::string::npos)
        << twice[0];
}

TEST(MisbehavingAdapter, Hangs) {
    SuiteOptions options;
    options.executor.watchdog = milliseconds(300);
    for (const char* const way : {"hangs", "ignores", "floods-errors"}) {
        const std::vector<std::string> errors = errors_with(way, options);
        ASSERT_EQ(errors.size(), 2U) << way;
        EXPECT_EQ(errors[0], "first, at \"socket s\": the call does not return") << way;
        EXPECT_EQ(errors[1], "second, at \"socket s\": the call does not return") << way;
    }
}

TEST(MisbehavingAdapter, ThatAlwaysHangsIsNotStartedForEver) {
    const std::unique_ptr<Provider> provider = started("exec " + misbehaving + " hangs");
    SuiteOptions options;
    options.executor.watchdog = milliseconds(50);
    const Script script = parse("# x\nclauses AS-MODE-1\nsocket s\nselect s FD_READ\n", "x");
    const SuiteOutcome outcome = run(std::vector<Script>(8, script), *provider, options);
    ASSERT_EQ(outcome.errors.size(), 8U);
    EXPECT_EQ(outcome.errors[4], "x, at \"socket s\": the call does not return");
    EXPECT_NE(outcome.errors[5].find("the adapter was not started again: calls have hung 5 times"), std::string::npos);
    EXPECT_NE(outcome.errors[7].find("the adapter was not started again: calls have hung 5 times"), std::string::npos);
}

TEST(MisbehavingAdapter, WhatItCannotDoIsNotPossible) {
    const std::unique_ptr<Provider> provider = started("exec " + misbehaving + " refuses");
    const SuiteOutcome outcome =
        run({parse("# x\nclauses AS-MODE-1 AS-MODE-2\nsocket s\nselect s FD_READ\n", "x")}, *provider, {});
    EXPECT_TRUE(outcome.passes()) << text_report({outcome}, false);
    ASSERT_EQ(outcome.scenarios.size(), 1U);
    EXPECT_EQ(outcome.scenarios[0].left_out, Status::not_possible);
    EXPECT_EQ(outcome.scenarios[0].reason, "this is beyond it");
    EXPECT_NE(text_report({outcome}, false).find("\nNot possible\n  AS-MODE-1, AS-MODE-2: this is beyond it\n"),
              std::string::npos);
}

// ---- what is left -------------------------------------------------------------------------------------------------

std::size_t descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

TEST(AdapterProcess, LeavesNothingBehind) {
    { const std::unique_ptr<Provider> first = started(adapter); }
    const std::size_t before = descriptors();
    for (int count = 0; count < 5; ++count) {
        const std::unique_ptr<Provider> provider = started(adapter);
        const std::unique_ptr<Provider> other = started("exec " + misbehaving + " ends");
        EXPECT_TRUE(provider->startup().ok());
        EXPECT_TRUE(other->startup().ok());
        EXPECT_TRUE(other->cleanup().ok());
        EXPECT_THROW(other->startup(), std::runtime_error);
    }
    EXPECT_EQ(trouble_in_starting("exit 1"), "the adapter ended with exit status 1 before its first line");
    EXPECT_EQ(descriptors(), before);
    errno = 0;
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a process is left";
    EXPECT_EQ(errno, ECHILD);
}

TEST(AdapterProcess, WritingToOneThatHasGoneIsNoSignal) {
    const std::unique_ptr<Provider> provider = started("exec " + misbehaving + " ends 1");
    for (int count = 0; count < 3; ++count) EXPECT_THROW(provider->startup(), std::runtime_error);
}

// The file in which a process has written its number, once it has.
pid_t written_in(const std::filesystem::path& file) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end) {
        std::ifstream stream(file);
        pid_t number = 0;
        std::string whole;
        if (stream >> number >> whole && whole == "whole") return number;
        std::this_thread::sleep_for(milliseconds(2));  // between two looks at a condition
    }
    return 0;
}

bool gone(pid_t process) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (::kill(process, 0) == 0) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(milliseconds(2));  // between two looks at a condition
    }
    return true;
}

// Also what the adapter has started in its turn.
TEST(AdapterProcess, EndsWithThisProgramHoweverThatEnds) {
    for (const int signal : {SIGKILL, SIGINT}) {
        const std::filesystem::path file =
            std::filesystem::temp_directory_path() / ("asyncselect-adapter-" + std::to_string(::getpid()));
        const std::filesystem::path grandchild = file.string() + "-2";
        const std::string command = "echo $$ whole >" + file.string() + "; sh -c 'echo $$ whole >" +
                                    grandchild.string() + "; sleep 1000'; true";
        const pid_t program = ::fork();
        ASSERT_GE(program, 0);
        if (program == 0) {
            std::signal(SIGINT, SIG_DFL);
            const ChildProcess child(command, {[](std::string_view) {}, [](const std::string&, const std::string&) {}});
            while (true) ::pause();
        }
        const pid_t shell = written_in(file);
        const pid_t deeper = written_in(grandchild);
        ASSERT_GT(shell, 0);
        ASSERT_GT(deeper, 0);
        ::kill(program, signal);
        ::waitpid(program, nullptr, 0);
        EXPECT_TRUE(gone(shell));
        EXPECT_TRUE(gone(deeper));
        std::filesystem::remove(file);
        std::filesystem::remove(grandchild);
    }
}

// ---- addresses of peers -------------------------------------------------------------------------------------------

TEST(Elsewhere, AddressesInDigits) {
    EXPECT_EQ(address_in("192.0.2.1")->bytes, (AddressBytes{192, 0, 2, 1}));
    EXPECT_FALSE(address_in("192.0.2.1")->ipv6);
    EXPECT_TRUE(address_in("2001:db8::1")->ipv6);
    for (const char* const wrong : {"", "localhost", "192.0.2", "192.0.2.1:80"}) EXPECT_FALSE(address_in(wrong));
}

// ---- the program --------------------------------------------------------------------------------------------------

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
};

Ran run_program(const std::vector<std::string>& arguments) {
    std::vector<const char*> pointers{"asyncselect"};
    for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Ran ran;
    ran.code = program(static_cast<int>(pointers.size()), pointers.data());
    ran.out = testing::internal::GetCapturedStdout();
    ran.err = testing::internal::GetCapturedStderr();
    return ran;
}

TEST(Program, JudgesAnAdapter) {
    const Ran ran = run_program({"conformance", "--only", "AS-MODE", "--provider", "exec:" + adapter});
    EXPECT_EQ(ran.code, 0);
    EXPECT_TRUE(ran.out.ends_with("\n\nasyncselect pump: 3 clauses: 3 conform, 0 deviate, 0 fail, 0 not covered\n"))
        << ran.out;
    EXPECT_EQ(run_program({"conformance", "--only", "AS-WRITE", "--patience", "300", "--no-minimize", "--provider",
                           "exec:" + adapter + " --fault no-write"})
                  .code,
              1);
}

TEST(Program, JudgesSeveralSideBySide) {
    const Ran ran = run_program({"conformance", "--only", "AS-MODE-1", "--provider", "pump", "--provider",
                                 "exec:" + adapter + " --name pump", "--provider", "all"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_TRUE(
        ran.out.ends_with("\n\n"
                          "pump:     1 clauses: 1 conform, 0 deviate, 0 fail, 0 not covered\n"
                          "pump (2): 1 clauses: 1 conform, 0 deviate, 0 fail, 0 not covered\n"
                          "eager:    1 clauses: 1 conform, 0 deviate, 0 fail, 0 not covered\n"))
        << ran.out;
    const Ran one_is_not_there =
        run_program({"conformance", "--only", "AS-MODE-1", "--provider", "pump", "--provider", "exec:true"});
    EXPECT_EQ(one_is_not_there.code, 2);
    EXPECT_EQ(one_is_not_there.err,
              "asyncselect: exec:true: the adapter ended with exit status 0 before its first line\n")
        << "and nothing was played";
}

TEST(Program, SaysWhatIsWrongWithAnAdapter) {
    const auto complaint = [](std::vector<std::string> more) {
        std::vector<std::string> arguments{"conformance", "--only", "AS-MODE"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Ran ran = run_program(arguments);
        EXPECT_EQ(ran.code, 2);
        return ran.out + ran.err;
    };
    EXPECT_NE(complaint({"--provider", "exec:"}).find("exec: names a command"), std::string::npos);
    EXPECT_NE(complaint({"--provider", "exec:true"}).find("ended with exit status 0 before"), std::string::npos);
    EXPECT_NE(complaint({"--provider", "exec:sleep 1000", "--provider-start", "200"}).find("nothing within 200 ms"),
              std::string::npos);
    EXPECT_NE(complaint({"--provider", "exec:" + adapter, "--peers-at", "here"}).find("\"here\" is no address"),
              std::string::npos);
    EXPECT_NE(complaint({"--provider", "exec:" + adapter, "--provider-at", "10.0.0.1", "--provider-at", "10.0.0.2"})
                  .find("two addresses of one family"),
              std::string::npos);
    EXPECT_NE(complaint({"--provider", "pump", "--peers-at", "127.0.0.2"}).find("is in this process"),
              std::string::npos);
}

}  // namespace
}  // namespace asyncselect::conformance
