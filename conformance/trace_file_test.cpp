// Traces as files: what is written is read as it was, and what is no trace is told with line and column. It must not
// judge traces.
#include "conformance/trace_file.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace asyncselect::conformance {
namespace {

namespace seen = model::observation;
using model::Function;

// Reads all of it. The error in words, "LINE:COLUMN: what", or "".
std::string trouble(const std::string& text) {
    std::istringstream in(text);
    try {
        TraceReader reader(in);
        while (reader.next()) {
        }
    } catch (const TraceError& error) {
        return std::to_string(error.line) + ':' + std::to_string(error.column) + ": " + error.what();
    }
    return "";
}

TEST(TraceFile, EachObservationIsReadAsItWasWritten) {
    std::vector<model::Observation> all;
    for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(Function::destroy_window); ++number) {
        for (const bool fails : {false, true}) {
            seen::Call call;
            call.function = static_cast<Function>(number);
            call.thread = fails ? "u" : "main";
            call.in_callback = fails;
            call.result = fails ? -1 : 7;
            call.error = fails ? 10035 : 0;
            all.emplace_back(call);
        }
    }
    all.emplace_back(seen::message(3, 1025, 5, 32, 10054));
    for (std::uint8_t verb = 0; verb <= static_cast<std::uint8_t>(seen::PeerVerb::receive); ++verb)
        all.emplace_back(seen::Peer{"s", static_cast<seen::PeerVerb>(verb), 9, 10, 10061});
    all.emplace_back(seen::Change{seen::Change::What::route, "red", false, 10051});
    all.emplace_back(seen::Change{seen::Change::What::address_list, "", true, 0});
    all.emplace_back(seen::Quiet{});
    all.emplace_back(seen::QueueLimit{true});
    all.emplace_back(seen::Clock{12});
    all.emplace_back(seen::Began{4, "u", "recv"});
    all.emplace_back(seen::Ended{4, seen::Peer{"s", seen::PeerVerb::send, model::invalid_handle, 10, 0}});
    for (model::Observation& observation : all) {
        auto* const call = std::get_if<seen::Call>(&observation);
        const bool makes =
            call != nullptr && (call->function == Function::socket || call->function == Function::accept ||
                                call->function == Function::create_window);
        if (makes && !call->failed()) call->created = 5;
        const std::string line = write_observation(observation);
        EXPECT_EQ(write_observation(parse_observation(line)), line);
        EXPECT_EQ(model::show(parse_observation(line)), model::show(observation)) << line;
    }
}

TEST(TraceFile, TheHeaderIsReadAsItWasWritten) {
    TraceHeader header{"pump", "1.2", "read-level", true, true};
    std::istringstream in(write_header(header) + "\n" + write_note("recv s 50") + "\n\n{\"quiet\":true}\n");
    TraceReader reader(in);
    EXPECT_EQ(write_header(reader.header()), write_header(header));
    EXPECT_TRUE(reader.next().has_value());
    EXPECT_EQ(reader.line(), 4U);
    EXPECT_FALSE(reader.next().has_value());
}

TEST(TraceFile, WhatIsNoTraceIsToldWithLineAndColumn) {
    const std::string head = "{\"trace\":1}\n";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "1:1: the trace is empty"},
        {"{\"quiet\":true}", "1:1: the first line"},
        {"{\"trace\":2}", "1:2: this is version 2"},
        {head + "nonsense", "2:2: this is no JSON"},
        {head + "[]", "2:1: a line is a JSON object"},
        {head + "{\"call\":\"rceive\"}", "2:2: \"rceive\" is no function"},
        {head + "{\"call\":\"recv\",\"socket\":5,\"result\":3}", "2:38: the field \"length\" is missing"},
        {head + "{\"call\":\"listen\",\"socket\":5,\"length\":1,\"result\":0}",
         "2:29: the field \"length\" is not known"},
        {head + "{\"call\":\"listen\",\"socket\":\"5\",\"result\":0}", "2:18: \"socket\" is a number"},
        {head + "{\"peer\":\"s\",\"does\":\"sneeze\"}", "2:13: \"sneeze\" is not one of connect"},
        {head + "{\"call\":\"socket\",\"result\":5}", "2:2: what has succeeded here"},
        {head + "{}", "2:1: a line has one of the fields"},
        {head + "{\"peer\":\"s\",\"does\":\"send\",\"end\":1}", "2:27: #1 ends and has not begun"},
        {head + "{\"begin\":1}\n{\"begin\":1}", "3:2: #1 has begun already"},
        {head + "{\"begin\":1}\n{\"call\":\"listen\",\"socket\":5,\"result\":0}", "3:2: the thread main calls while"},
        {head + "{\"clock\":5}\n{\"clock\":4}", "3:2: the clock runs back"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_TRUE(trouble(text).starts_with(expected)) << trouble(text) << "\nexpected: " << expected;
    }
    EXPECT_EQ(trouble(head + "{\"begin\":1}\n{\"call\":\"listen\",\"socket\":5,\"result\":0,\"end\":1}"), "");
}

}  // namespace
}  // namespace asyncselect::conformance
