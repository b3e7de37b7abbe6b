// `asyncselect play` as a program: what it writes, where, and its exit codes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/program.hpp"
#include "conformance/script.hpp"
#include "conformance/trace_file.hpp"
#include "model/follower.hpp"

namespace asyncselect::conformance {
namespace {

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
};

Ran run_program(std::vector<const char*> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), "asyncselect");
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    std::streambuf* const real_in = std::cin.rdbuf(in.rdbuf());
    std::streambuf* const real_out = std::cout.rdbuf(out.rdbuf());
    std::streambuf* const real_err = std::cerr.rdbuf(err.rdbuf());
    Ran ran;
    ran.code = program(static_cast<int>(arguments.size()), arguments.data());
    std::cin.rdbuf(real_in);
    std::cout.rdbuf(real_out);
    std::cerr.rdbuf(real_err);
    ran.out = out.str();
    ran.err = err.str();
    return ran;
}

// The observations of a trace that the oracle accepts.
std::size_t accepted(const std::string& text) {
    std::istringstream in(text);
    TraceReader reader(in);
    model::Follower follower({model::spec_profile, reader.header().ours, false});
    std::size_t count = 0;
    while (const auto observation = reader.next()) {
        if (!follower.observe(*observation)) return 0;
        ++count;
    }
    return follower.end() ? count : 0;
}

const std::string little = "connection s\nselect s FD_READ\npeer s send 3\nquiet\n";

TEST(Play, WritesATraceOfAScenarioByItsName) {
    for (const char* provider : {"pump", "eager"}) {
        const Ran ran = run_program({"play", "read-level", "--provider", provider});
        EXPECT_EQ(ran.code, 0) << ran.err;
        std::istringstream text(ran.out);
        const TraceHeader header = TraceReader(text).header();
        EXPECT_EQ(header.provider, provider);
        EXPECT_EQ(header.script, "read-level");
        EXPECT_TRUE(header.ours);
        EXPECT_GT(accepted(ran.out), 10U);
        EXPECT_EQ(ran.err, "");
    }
}

TEST(Play, AScriptNeedsNoTitleAndNoClauses) {
    const Ran ran = run_program({"play", "-", "--judge"}, little);
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "input on pump: conforms\n");
    EXPECT_NE(ran.out.find("{\"note\":\"peer s send 3\"}\n"), std::string::npos) << ran.out;
    EXPECT_EQ(accepted(ran.out), 9U) << ran.out;
    const Ran conformance = run_program({"conformance", "--scenario", "-"}, little);
    EXPECT_EQ(conformance.code, 2);
    EXPECT_NE(conformance.err.find("the first comment, which says what is shown, is missing"), std::string::npos);
}

TEST(Play, WritesToAFile) {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("asyncselect_play_test_" + std::to_string(::getpid()) + ".jsonl");
    const Ran ran = run_program({"play", "-", "--trace", path.c_str()}, little);
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, "");
    std::ifstream file(path);
    EXPECT_EQ(accepted({std::istreambuf_iterator<char>(file), {}}), 9U);
    std::filesystem::remove(path);
}

TEST(Play, TellsTheTime) {
    const std::string text = "connection s\nselect s FD_READ\ntimes 2000 recv s 1\nquiet\n";
    const Ran without = run_program({"play", "-"}, text);
    EXPECT_EQ(without.out.find("\"clock\""), std::string::npos);
    const Ran with = run_program({"play", "-", "--clock"}, text);
    EXPECT_NE(with.out.find("{\"clock\":"), std::string::npos);
    EXPECT_GT(accepted(with.out), accepted(without.out));
}

TEST(Play, ReadsAlong) {
    const Ran ran = run_program({"play", "-", "--format", "text"}, little);
    EXPECT_TRUE(ran.out.starts_with("input on pump\n")) << ran.out;
    EXPECT_NE(ran.out.find("\n  select s FD_READ\n      WSAAsyncSelect("), std::string::npos) << ran.out;
}

TEST(Play, SeveralOneAfterTheOther) {
    const Ran ran = run_program({"play", "read-once", "write-once"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.out.find("\n{\"trace\":1,"), std::string::npos);
}

TEST(Play, SaysWhatIsWrong) {
    const auto fails = [](const std::vector<const char*>& arguments, const std::string& input, const std::string& why) {
        const Ran ran = run_program(arguments, input);
        EXPECT_EQ(ran.code, 2) << why;
        EXPECT_NE(ran.err.find(why), std::string::npos) << ran.err;
    };
    fails({"play"}, "", "which script?");
    fails({"play", "nonsense"}, "", "nonsense: there is neither such a file nor a scenario of that name");
    fails({"play", "-"}, "sokcet s\n", "-:1:1: \"sokcet\" is no operation");
    fails({"play", "-"}, "", "there are no steps");
    fails({"play", "-"}, "recv s 10\n", "input, at \"recv s 10\": there is no socket \"s\"");
    fails({"play", "-", "--provider", "all"}, little, "a script is played on one provider: pump, eager");
    fails({"play", "-", "--trace", "/nonexistent/folder/t"}, little, "/nonexistent/folder/t: cannot be written");
    fails({"play", "read-once", "write-once", "--trace", "t"}, "", "--trace takes the trace of one script");
    fails({"play", "subsystem-fails"}, "", "subsystem-fails: cannot be played here: ");
}

// What nobody could do, or would not mean what it says in the trace.
TEST(Play, RefusesWhatAPeerCannotDo) {
    const auto refuses = [](const std::string& input, const std::string& why) {
        for (const char* provider : {"pump", "simulated"}) {
            const Ran ran = run_program({"play", "-", "--provider", provider}, input);
            EXPECT_EQ(ran.code, 2) << provider << ": " << input;
            EXPECT_NE(ran.err.find(why), std::string::npos) << provider << ": " << ran.err;
        }
    };
    refuses("connection s\npeer s datagram s 10\n", "a datagram cannot be sent to a stream: \"s\" is one");
    refuses("connection s\nsendto s 10 peer\n", "a stream is sent to its peer alone: \"s\" is one");
    refuses("connection s\npeer s close\npeer s reset\n", "the peer \"s\" has closed its connection already");
    refuses("connection s\npeer s reset\npeer s send 1\n", "the peer \"s\" has closed its connection already");
    refuses("t: window v\nwindow v\n", "there is a window \"v\" already");
}

TEST(Play, AWindowsNameIsFreeAgainWhenItIsDestroyed) {
    const Ran ran = run_program({"play", "-", "--judge"}, "window v\ndestroy v\nwindow v\nquiet\n");
    EXPECT_EQ(ran.code, 0) << ran.err;
}

// What the suite posts for its own ends fails where the queue is full or the window gone.
TEST(Play, TheSuiteLeavesTheLastErrorOfTheScript) {
    for (const char* script : {"fill-queue w\nlast-error\nquiet\n", "window v\ndestroy v\nquiet\nlast-error\n"}) {
        const Ran ran = run_program({"play", "-"}, "set-last-error 7\n" + std::string(script));
        EXPECT_EQ(ran.code, 0) << ran.err;
        EXPECT_NE(ran.out.find("{\"call\":\"WSAGetLastError\",\"result\":7}"), std::string::npos) << ran.out;
    }
}

TEST(Play, WhereNothingIsBrokenThereIsNothingToMinimize) {
    const Ran ran = run_program({"play", "-", "--minimize"}, little);
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, "input on pump: no clause is broken, so there is nothing to minimize\n");
}

TEST(Play, DescribesTheLanguage) {
    const Ran ran = run_program({"play", "--language"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, language_document());
}

TEST(Conformance, TakesScenariosByName) {
    const Ran ran = run_program({"conformance", "--scenario", "read-level", "--provider", "pump"});
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    EXPECT_NE(ran.out.find("spec profile, 1 scenarios\n"), std::string::npos) << ran.out;
    const Ran only = run_program({"conformance", "--list", "--only", "AS-READ"});
    EXPECT_EQ(only.code, 0);
    EXPECT_NE(only.out.find("read-once: "), std::string::npos);
    EXPECT_EQ(only.out.find("qos-get-fails: "), std::string::npos);
    const Ran none = run_program({"conformance", "--scenario", "nonsense"});
    EXPECT_EQ(none.code, 2);
}

}  // namespace
}  // namespace asyncselect::conformance
