// Making wrong traces small: nothing is left that could be left out, and the end is wrong as before. It must not know
// any provider.
#include "conformance/trace_slice.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>

#include "conformance/check.hpp"
#include "conformance/trace_beginning.hpp"
#include "model/story.hpp"

namespace asyncselect::conformance {
namespace {

using namespace model::story;
using model::Function;
using model::Handle;
using model::Observation;

WrongAtItsEnd broken(const std::string& clause) {
    return [clause](std::span<const Observation> trace) {
        const model::Verdict verdict = model::judge(trace);
        return verdict.violation && verdict.violation->clause == clause && verdict.violation->step + 1 == trace.size();
    };
}

std::string shown(const model::Trace& trace) {
    std::string text;
    for (const Observation& observation : trace) text += model::show(observation) + '\n';
    return text;
}

TEST(TraceSlice, WhatHasNothingToDoWithItGoes) {
    Story story;
    for (Handle handle = 10; handle < 20; ++handle)
        story.connection(handle).select(handle, fd_read | fd_write).message(handle, fd_write);
    story.connection(1).select(1, fd_read).quiet();
    for (Handle handle = 10; handle < 20; ++handle)
        story.sends(handle, 5).message(handle, fd_read).recv(handle, 5, 5).call(Function::closesocket, handle);
    story.quiet().sends(1, 10).quiet();
    const Slice slice = smallest_slice(story.trace(), broken("AS-READ-2"));
    EXPECT_FALSE(slice.cut_short);
    EXPECT_EQ(shown(slice.trace), R"(WSAStartup() = 0
CreateWindow() = 100
socket(stream) = 1
connect(1) = 0
peer 1 takes the connection (socket 1)
WSAAsyncSelect(1, window 100, message 1025, FD_READ) = 0
peer 1 sends 10
quiet
)");
}

TEST(TraceSlice, AnAcceptedSocketKeepsItsListener) {
    Story story;
    story.listener(1).select(1, fd_accept | fd_read).request("c", 1).request("d", 1).message(1, fd_accept);
    story.accept(1, 2, "c").message(1, fd_accept).accept(1, 3, "d").quiet();
    story.add(Peer{"c", PeerVerb::send, model::invalid_handle, 5, 0}).quiet();
    const Slice slice = smallest_slice(story.trace(), broken("AS-INHERIT-1"));
    const std::string text = shown(slice.trace);
    EXPECT_NE(text.find("accept(1) = 2"), std::string::npos) << text;
    EXPECT_EQ(text.find("accept(1) = 3"), std::string::npos) << text;
    EXPECT_NE(text.find("listen(1)"), std::string::npos) << text;
}

TEST(TraceSlice, WhatIsLeftOutIsLimited) {
    Story story;
    for (Handle handle = 10; handle < 60; ++handle) story.connection(handle);
    story.connection(1).select(1, fd_read).sends(1, 10).quiet();
    const Slice slice = smallest_slice(story.trace(), broken("AS-READ-2"), 100);
    EXPECT_TRUE(slice.cut_short);
    EXPECT_TRUE(broken("AS-READ-2")(slice.trace));
}

// Of a beginning that is too long for memory, what the socket was part of: that is enough to see what is wrong.
TEST(TraceBeginning, OfALongOneWhatTheSocketWasPartOf) {
    Story story;
    story.listener(1).select(1, fd_accept | fd_read);
    for (Handle handle = 10; handle < 200; ++handle) {
        const std::string name = "c" + std::to_string(handle);
        story.request(name, 1).message(1, fd_accept).accept(1, handle, name);
        for (int count = 0; count < 5; ++count) {
            story.add(Peer{name, PeerVerb::send, model::invalid_handle, 5, 0}).message(handle, fd_read);
            story.recv(handle, 5, 5);
        }
        if (handle % 7 == 0) story.quiet();
        if (handle % 2 == 0) story.call(Function::closesocket, handle);
    }
    story.quiet().add(Peer{"c199", PeerVerb::send, model::invalid_handle, 5, 0}).quiet();
    std::string text = write_header({}) + '\n';
    for (const Observation& observation : story.trace()) text += write_observation(observation) + '\n';
    std::istringstream stream(text);
    const std::unique_ptr<TraceSource> source = trace_in_stream(stream, "long");
    const Checked checked = check(*source, {});
    ASSERT_TRUE(checked.finding.has_value());
    EXPECT_EQ(checked.finding->violation.clause, "AS-READ-2");
    EXPECT_EQ(checked.finding->violation.socket, 199U);
    const Beginning whole = beginning_of(*source, checked.finding->violation);
    EXPECT_TRUE(whole.whole);
    EXPECT_EQ(shown(whole.trace), shown(story.trace()));
    const Beginning part = beginning_of(*source, checked.finding->violation, 300);
    EXPECT_FALSE(part.whole);
    EXPECT_LT(part.trace.size(), 200U);
    EXPECT_TRUE(broken("AS-READ-2")(part.trace)) << shown(part.trace);
    EXPECT_LT(smallest_slice(part.trace, broken("AS-READ-2")).trace.size(), 15U);
}

// Of each wrong trace a part is left that is wrong in the same way, in the same profile, and of which nothing can be
// left out but in pairs.
TEST(TraceSlice, EachWrongTraceHasOne) {
    std::size_t without = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(ASYNCSELECT_TRACES) + "/wrong")) {
        SCOPED_TRACE(entry.path().string());
        const std::unique_ptr<TraceSource> source = trace_in_file(entry.path().string());
        const Checked checked = check(*source, {});
        ASSERT_TRUE(checked.finding.has_value());
        if (!checked.smaller) {
            EXPECT_EQ(checked.not_smaller, "the violation lies in the middle of what overlaps");
            ++without;
            continue;
        }
        EXPECT_LE(checked.smaller->trace.size(), checked.finding->violation.step + 1);
        std::istringstream text(trace_text(checked));
        const std::unique_ptr<TraceSource> again = trace_in_stream(text, "slice");
        CheckOptions as_it_is;
        as_it_is.smaller = false;
        const Checked slice = check(*again, as_it_is);
        EXPECT_EQ(slice.outcome, checked.outcome);
        ASSERT_TRUE(slice.finding.has_value());
        EXPECT_EQ(slice.finding->violation.clause, checked.finding->violation.clause);
        EXPECT_EQ(slice.finding->violation.step + 1, checked.smaller->trace.size());
        EXPECT_NO_THROW(parse(script_text(checked.smaller->script), "slice"));
    }
    EXPECT_LE(without, 1U);
}

}  // namespace
}  // namespace asyncselect::conformance
