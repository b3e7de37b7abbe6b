// Scripts as C programs: they compile without a warning, run over our library without a fault, and show a fault that
// was found where the provider has it.
#include "conformance/export_c.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "conformance/exported_program.hpp"
#include "conformance/faulty_provider.hpp"
#include "conformance/provider.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

using model::Event;

Script scenario(const std::string& name) {
    for (Script& script : embedded_suite()) {
        if (script.name == name) return script;
    }
    ADD_FAILURE() << "there is no scenario " << name;
    return {};
}

std::string refusal(const std::string& text) {
    try {
        export_c(parse(text, "test"));
    } catch (const NotExportable& error) {
        return error.what();
    }
    return "nothing";
}

// Of each kind some.
constexpr const char* sample[] = {"read-once",
                                  "read-every-function",
                                  "write-every-function",
                                  "write-after-full",
                                  "accept-each",
                                  "accept-condition-defer",
                                  "accept-condition-inside-other-thread",
                                  "close-reset",
                                  "close-after-data",
                                  "close-accepted-ipv6",
                                  "connect-refused",
                                  "connect-wsaconnect",
                                  "datagram-every-function",
                                  "datagram-to-nowhere",
                                  "event-select",
                                  "qos-each-parameter",
                                  "oob-and-data",
                                  "message-leaves-last-error",
                                  "window-of-another-thread",
                                  "overlap-recv-blocking",
                                  "overlap-accepts"};

class Exported : public ::testing::TestWithParam<const char*> {};

TEST_P(Exported, CompilesAndRuns) {
    const ExportedProgram program(export_c(scenario(GetParam())));
    if (!there_is(ASYNCSELECT_C_COMPILER)) GTEST_SKIP() << "there is no C compiler on this machine";
    ASSERT_EQ(program.build(), "");
    const CommandResult ran = program.run();
    EXPECT_EQ(ran.code, 0) << ran.text;
    EXPECT_TRUE(ran.text.ends_with("The script was played to its end.\n")) << ran.text;
}

INSTANTIATE_TEST_SUITE_P(Sample, Exported, ::testing::ValuesIn(sample), [](const auto& instance) {
    std::string name = instance.param;
    std::ranges::replace(name, '-', '_');
    return name;
});

TEST(ExportC, CompilesWithEachCompiler) {
    for (const char* name :
         {"read-once", "accept-condition-inside-other-thread", "overlap-accepts", "datagram-read-ipv6"}) {
        const ExportedProgram program(export_c(scenario(name)));
        for (const char* compiler : {"gcc", "clang"}) {
            if (there_is(compiler)) {
                EXPECT_EQ(program.compile(compiler), "") << name;
            }
        }
        if (there_is("x86_64-w64-mingw32-gcc")) {
            EXPECT_EQ(program.compile_for_windows(), "") << name;
        }
    }
}

TEST(ExportC, WhatAPlainProgramCannotDoIsToldWithItsStep) {
    EXPECT_EQ(refusal("route red one\n"), "\"route red one\": a plain program cannot change the routes of its host");
    EXPECT_EQ(refusal("address add\n"), "\"address add\": a plain program cannot change the addresses of its host");
    EXPECT_EQ(refusal("fail-subsystem\n"),
              "\"fail-subsystem\": a plain program cannot make the network subsystem fail");
    EXPECT_EQ(refusal("fill-queue w\n"),
              "\"fill-queue w\": how many messages a queue takes is not the same everywhere");
    EXPECT_EQ(refusal("socket s\nconnect s stalled\n"),
              "\"connect s stalled\": a plain program cannot make a connection wait until it is admitted");
    EXPECT_EQ(refusal("recv s 1\n"), "\"recv s 1\": there is no socket \"s\"");
    EXPECT_EQ(refusal("connection s\ncleanup\n"),
              "cleanup: WSACleanup would close the peers' sockets too, which are the same program's");
    EXPECT_EQ(refusal("quiet\n"), "nothing");
}

TEST(ExportC, ReadsLikeTheScript) {
    const std::string program =
        export_c(parse("# Title\nclauses AS-READ-2\nconnection s\nselect s FD_READ\nquiet\n", "a"));
    EXPECT_TRUE(program.starts_with("/* Title\n *\n * AS-READ-2: ")) << program;
    EXPECT_NE(program.find("    /* 2: select s FD_READ */\n"
                           "    said(2, \"WSAAsyncSelect(s, w, WM_USER+1, FD_READ)\",\n"
                           "         WSAAsyncSelect(socket_s, window_w, WM_USER + 1, FD_READ));\n"),
              std::string::npos)
        << program;
    EXPECT_EQ(program.find("peer_reset"), std::string::npos) << "a helper that is not used";
    EXPECT_EQ(program.find("{{"), std::string::npos);
}

struct Fault {
    const char* name;
    std::unique_ptr<Provider> (*make)();
    const char* script;
};

template <class P>
std::unique_ptr<Provider> faulty() {
    return std::make_unique<P>(make_native_provider());
}

TEST(ExportC, ShowsTheFaultOnlyWhereItIs) {
    if (!there_is(ASYNCSELECT_C_COMPILER)) GTEST_SKIP() << "there is no C compiler on this machine";
    const std::vector<Fault> faults{
        {"doubles FD_READ", faulty<Doubles<Event::read>>,
         "connection s\nselect s FD_READ\npeer s send 5\nquiet\nclose s\n"},
        {"drops FD_WRITE", faulty<Drops<Event::write>>,
         "connection s\nselect s FD_WRITE|FD_READ\npeer s send 1\nquiet\n"},
        {"hides resets", faulty<HidesResets>, "connection s accepted\nselect s FD_CLOSE\npeer s reset\nquiet\n"},
        {"tells another error", faulty<TellsAnotherError>, "select nothing FD_READ\nquiet\n"}};
    for (const Fault& fault : faults) {
        const Script script = parse(fault.script, "fault");
        ExecutorOptions options;
        options.patience = std::chrono::milliseconds(200);
        const Played played = play(script, *fault.make(), options);
        ASSERT_EQ(played.outcome, model::Outcome::violates) << fault.name;
        const std::string source = export_c(script, &played);
        EXPECT_NE(source.find(played.violation->clause + ": "), std::string::npos) << source;
        const ExportedProgram program(source);
        ASSERT_EQ(program.build(), "") << source;
        const CommandResult without = program.run();
        EXPECT_EQ(without.code, 0) << fault.name << '\n' << without.text;
        EXPECT_TRUE(without.text.ends_with("came: something else: the fault does not show\n")) << without.text;
        const CommandResult with = program.run("EXPORTED_FAULT='" + std::string(fault.name) + "'");
        EXPECT_EQ(with.code, 1) << fault.name << '\n' << with.text << source;
        EXPECT_NE(with.text.find("\ndue:  "), std::string::npos) << with.text;
        if (there_is("x86_64-w64-mingw32-gcc")) {
            EXPECT_EQ(program.compile_for_windows(), "");
        }
    }
}

}  // namespace
}  // namespace asyncselect::conformance
