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

// Of each wrong trace a part is left that is wrong in the same way, in the same profile, and of which nothing can be
// left out but in pairs.
TEST(TraceSlice, EachWrongTraceHasOne) {
    for (const auto& entry : std::filesystem::directory_iterator(std::string(ASYNCSELECT_TRACES) + "/wrong")) {
        SCOPED_TRACE(entry.path().string());
        const std::unique_ptr<TraceSource> source = trace_in_file(entry.path().string());
        const Checked checked = check(*source, {});
        ASSERT_TRUE(checked.finding.has_value());
        ASSERT_TRUE(checked.smaller.has_value()) << checked.not_smaller;
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
}

}  // namespace
}  // namespace asyncselect::conformance
