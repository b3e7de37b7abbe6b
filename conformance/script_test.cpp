// The language of scripts: what it reads it writes again, and what is no script is told with line and column.
#include "conformance/script.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

const std::string head = "# title\nclauses AS-READ-1\n";

// What is wrong with the text, as "line:column: why".
std::string complaint(const std::string& text) {
    try {
        parse(text, "test");
    } catch (const ScriptError& error) {
        return std::to_string(error.line) + ':' + std::to_string(error.column) + ": " + error.what();
    }
    return "nothing";
}

TEST(Script, HasTitleClausesAndSteps) {
    const Script script = parse(
        "# What it shows\n#not this\n\n  clauses AS-READ-1 R-3  # why\nsocket s\nt1: times 3 recv s 10 peek\n", "a");
    EXPECT_EQ(script.name, "a");
    EXPECT_EQ(script.title, "What it shows");
    EXPECT_EQ(script.clauses, (std::vector<std::string>{"AS-READ-1", "R-3"}));
    ASSERT_EQ(script.steps.size(), 4U);
    EXPECT_EQ(show(script.steps[0]), "socket s");
    EXPECT_EQ(show(script.steps[3]), "t1: recv s 10 peek");
    EXPECT_EQ(script.steps[3].line, 6U);
}

TEST(Script, ReadsWhatItWrites) {
    for (const char* line : {"startup",
                             "cleanup",
                             "last-error",
                             "set-last-error 5",
                             "window v",
                             "destroy v",
                             "socket s",
                             "socket s ipv6",
                             "bind s",
                             "listen s",
                             "connect s peer",
                             "connect s nowhere",
                             "connect s stalled",
                             "accept l",
                             "accept l s",
                             "accept l wild",
                             "accept l s wild",
                             "select s FD_READ|FD_WRITE",
                             "select s 0",
                             "select s all",
                             "select s FD_READ|0x400 window none message 3",
                             "recv s 10",
                             "recv s 10 peek oob wild odd-flags",
                             "drain s",
                             "send s 10",
                             "send s 10 wild",
                             "fill s",
                             "shutdown s receive",
                             "shutdown s send",
                             "shutdown s both",
                             "close s",
                             "blocking s on",
                             "blocking s off",
                             "available s",
                             "oobinline s on",
                             "buffer s send 4096",
                             "buffer s receive 4096",
                             "look",
                             "message",
                             "messages",
                             "quiet",
                             "fill-queue w",
                             "arrived",
                             "listener l ipv6",
                             "connection s accepted ipv6",
                             "connection s",
                             "peer c connect l",
                             "peer c admit",
                             "peer c send 9",
                             "peer c urgent",
                             "peer c shutdown",
                             "peer c close",
                             "peer c reset",
                             "peer c receive 9",
                             "peer c receive all",
                             "socket s datagram",
                             "socket s datagram ipv6",
                             "bind s any",
                             "wsaconnect s peer",
                             "wsaconnect s stalled qos 3",
                             "wsaaccept l",
                             "wsaaccept l s",
                             "wsaaccept l condition reject",
                             "wsaaccept l s condition accept",
                             "wsaaccept l s condition defer",
                             "join s sender",
                             "join s receiver",
                             "join s both qos 8",
                             "event-select s FD_READ",
                             "event-select s 0",
                             "recvfrom s 10 peek",
                             "wsarecv s 10 oob",
                             "wsarecvfrom s 10 wild odd-flags",
                             "send s 1 oob",
                             "wsasend s 1 oob wild",
                             "sendto s 10",
                             "sendto s 10 peer",
                             "wsasendto s 10 nowhere wild",
                             "qos s 1",
                             "get-qos s",
                             "get-qos s wild",
                             "get-group-qos s",
                             "get-group-qos s wild",
                             "watch-route s red",
                             "watch-route s blue6",
                             "watch-addresses s",
                             "route red one",
                             "route red6 other",
                             "route blue nothing",
                             "address add",
                             "address remove ipv6",
                             "fail-subsystem",
                             "peer c datagram s 0",
                             "peer c datagram s 65000",
                             "peer c ended"}) {
        const Script script = parse(head + line + "\n", "test");
        ASSERT_EQ(script.steps.size(), 1U) << line;
        const std::string shown = show(script.steps[0].operation);
        EXPECT_EQ(show(parse(head + shown + "\n", "test").steps[0].operation), shown);
        // Events are written in posting order; otherwise it is the same text.
        EXPECT_EQ(shown.size(), std::string(line).size()) << shown;
    }
}

TEST(Script, TellsWhereItIsWrong) {
    EXPECT_EQ(complaint(head + "sokcet s\n"), "3:1: \"sokcet\" is no operation");
    EXPECT_EQ(complaint(head + "socket\n"), "3:7: the socket is missing");
    EXPECT_EQ(complaint(head + "socket s ipv4\n"), "3:10: \"ipv4\" is not expected here");
    EXPECT_EQ(complaint(head + "\n  select s FD_REED\n"), "4:12: \"FD_REED\" is no network event");
    EXPECT_EQ(complaint(head + "select s FD_READ window\n"), "3:24: the window is missing");
    EXPECT_EQ(complaint(head + "select s FD_READ|\n"), "3:10: \"\" is no network event");
    EXPECT_EQ(complaint(head + "select s 0 message 101\n"), "3:20: messages are numbered from 0 to 100");
    EXPECT_EQ(complaint(head + "recv s ten\n"), "3:8: \"ten\" is not a number from 0 to 4294967295");
    EXPECT_EQ(complaint(head + "recv s 4294967296\n"), "3:8: \"4294967296\" is not a number from 0 to 4294967295");
    EXPECT_EQ(complaint(head + "recv s 2000000\n"), "3:8: a recv asks for 1048576 bytes at most");
    EXPECT_EQ(complaint(head + "shutdown s sideways\n"), "3:12: \"sideways\" is not one of receive, send, both");
    EXPECT_EQ(complaint(head + "peer c explode\n"), "3:8: a peer cannot \"explode\"");
    EXPECT_EQ(complaint(head + "peer c receive 0\n"), "3:16: a peer receives at least one byte, or \"all\"");
    EXPECT_EQ(complaint(head + "times 0 quiet\n"), "3:7: an operation is repeated 1 to 100000 times");
    EXPECT_EQ(complaint(head + "times 5\n"), "3:8: an operation is missing");
    EXPECT_EQ(complaint(head + "wsaaccept l s condition maybe\n"),
              "3:25: \"maybe\" is not one of accept, reject, defer");
    EXPECT_EQ(complaint(head + "accept l s condition accept\n"), "3:12: \"condition\" is not expected here");
    EXPECT_EQ(complaint(head + "connect s peer qos 1\n"), "3:16: \"qos\" is not expected here");
    EXPECT_EQ(complaint(head + "qos s 9\n"), "3:7: flow specifications are numbered from 1 to 8");
    EXPECT_EQ(complaint(head + "join s both qos 0\n"), "3:17: flow specifications are numbered from 1 to 8");
    EXPECT_EQ(complaint(head + "send s 10 peer\n"), "3:11: \"peer\" is not expected here");
    EXPECT_EQ(complaint(head + "watch-route s green\n"), "3:15: \"green\" is not one of red, blue, red6, blue6");
    EXPECT_EQ(complaint(head + "peer c datagram s 65001\n"), "3:19: a datagram has 65000 bytes at most");
    EXPECT_EQ(complaint(head + "inside\n"), "3:1: \"inside\" is no operation");
    EXPECT_EQ(complaint(head + "only lazy\n"), "3:6: \"lazy\" is not one of pump, eager");
    EXPECT_EQ(complaint(head + "socket s;\n"), "3:8: \"s;\" is no name");
    EXPECT_EQ(complaint("# title\nclauses AS-READ-1 AS-READ"
                        "-99\nquiet\n"),
              "2:19: there is no clause \"AS-READ"
              "-99\"");
    EXPECT_EQ(complaint(head), "2:1: there are no steps");
    EXPECT_EQ(complaint(""), "1:1: there are no steps");
}

TEST(Script, AScenarioMakesClaims) {
    const auto missing = [](const std::string& text) -> std::string {
        try {
            demand_claims(parse(text, "test"));
        } catch (const ScriptError& error) {
            return error.what();
        }
        return "nothing";
    };
    EXPECT_EQ(missing(head + "quiet\n"), "nothing");
    EXPECT_EQ(missing("# title\nquiet\n"), "the line \"clauses\" is missing");
    EXPECT_EQ(missing("clauses AS-READ-1\nquiet\n"), "the first comment, which says what is shown, is missing");
}

TEST(Script, IsWrittenAsItIsRead) {
    const std::string text =
        "# title\nclauses AS-READ-1 R-3\nonly eager\nu: recv s 5\nmeanwhile peer s send 1\ninside quiet\n";
    EXPECT_EQ(show(parse(text, "test")), text);
    for (const EmbeddedScript& embedded : embedded_scripts()) {
        const Script script = parse(embedded.text, std::string(embedded.name));
        EXPECT_EQ(show(parse(show(script), script.name)), show(script)) << embedded.name;
    }
}

TEST(Script, StepsOverlap) {
    const Script script =
        parse(head + "socket s\nrecv s 1\nmeanwhile u: times 2 send s 1\nmeanwhile peer s close\nquiet\n", "a");
    ASSERT_EQ(script.steps.size(), 6U);
    EXPECT_EQ(end_of_overlap(script, 0), 1U);
    EXPECT_EQ(end_of_overlap(script, 1), 5U);
    EXPECT_EQ(show(script.steps[2]), "meanwhile u: send s 1");
    EXPECT_EQ(complaint(head + "meanwhile recv s 1\n"), "3:1: there is no step before it");
    EXPECT_EQ(complaint(head + "recv s 1\nmeanwhile quiet\n"),
              "4:1: nothing can be done meanwhile: \"quiet\" waits for what others do");
    EXPECT_EQ(complaint(head + "quiet\nmeanwhile recv s 1\n"),
              "4:1: nothing can be done meanwhile: \"quiet\" waits for what others do");
    EXPECT_EQ(complaint(head + "recv s 1\nmeanwhile inside recv s 1\n"),
              "4:1: what is inside a condition function cannot be meanwhile as well");
    EXPECT_EQ(complaint(head + "recv s 1\nmeanwhile connect t nowhere\n"),
              "4:1: nothing can be done meanwhile: \"connect t nowhere\" is refused at a moment that nobody can tell");
    EXPECT_EQ(complaint(head + "socket s\nconnect s peer\nmeanwhile u: select s FD_CONNECT\n"),
              "5:1: \"select s FD_CONNECT\" cannot be done while s connects: nobody can tell which was first");
    EXPECT_EQ(complaint(head + "connect s peer\nmeanwhile u: send s 1\n"),
              "4:1: \"send s 1\" cannot be done while s connects: nobody can tell which was first");
}

// ---- the description ----------------------------------------------------------------------------------------------

TEST(Script, IsDescribedAsItIsRead) {
    std::set<std::size_t> kinds;
    for (const OperationDescription& described : operation_descriptions()) {
        EXPECT_TRUE(described.sentence.ends_with('.')) << described.syntax;
        const std::string text = "socket before\n" + std::string(described.example) + '\n';
        const Script script = parse(text, "example");
        EXPECT_EQ(show(script.steps.back()), described.example.substr(described.example.starts_with("times") ? 8 : 0));
        kinds.insert(script.steps.back().operation.index());
        // The words of the syntax that are typed as they are stand on the page for --help.
        const std::string_view verb = described.syntax.substr(0, described.syntax.find_first_of(" |"));
        if (verb != "peer" && verb != "THREAD:") {
            EXPECT_NE(language().find(verb), std::string_view::npos) << verb;
        }
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<operation::Any>) << "an operation is not described";
}

TEST(Script, TheDescriptionIsUpToDate) {
    std::ifstream file(ASYNCSELECT_SCRIPTS_DOCUMENT, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text, language_document()) << "run ./dev tables";
}

TEST(Script, AStepCanBeInsideAConditionFunction) {
    const Script script = parse(head + "inside select s FD_READ\nt: inside times 2 recv s 1\nquiet\n", "a");
    ASSERT_EQ(script.steps.size(), 4U);
    EXPECT_TRUE(script.steps[0].inside);
    EXPECT_EQ(show(script.steps[0]), "inside select s FD_READ");
    EXPECT_EQ(show(script.steps[2]), "t: inside recv s 1");
    EXPECT_FALSE(script.steps[3].inside);
}

TEST(Script, CanBeForOneWayOfPosting) {
    EXPECT_EQ(parse(head + "quiet\n", "a").only, "");
    EXPECT_EQ(parse(head + "only eager\nquiet\n", "a").only, "eager");
    EXPECT_EQ(parse(head + "  only pump # there\nquiet\n", "a").only, "pump");
}

TEST(Script, SaysWhatItNeeds) {
    EXPECT_TRUE(needs_of(parse(head + "watch-route s red\nquiet\n", "a")).empty());
    for (const char* line : {"route red one", "address add", "join s both"}) {
        EXPECT_EQ(needs_of(parse(head + line + "\n", "a")), std::vector<Need>{Need::own_network}) << line;
    }
    EXPECT_EQ(needs_of(parse(head + "fail-subsystem\naddress add\n", "a")),
              (std::vector<Need>{Need::own_network, Need::fault_injection}));
}

TEST(Script, TheEmbeddedOnesAreWellFormed) {
    const std::vector<Script> scripts = embedded_suite();
    EXPECT_GE(scripts.size(), 80U);
    for (const Script& script : scripts) {
        // The last moment of every scenario is quiet: nothing may be left over.
        EXPECT_EQ(show(script.steps.back()), "quiet") << script.name;
    }
}

}  // namespace
}  // namespace asyncselect::conformance
