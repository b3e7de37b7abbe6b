// Traces as files: what is written is read as it was, and what is no trace is told with line and column. It must not
// judge traces.
#include "conformance/trace_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/trace_schema.hpp"

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

// One of each kind, and each function that succeeds and that fails.
std::vector<model::Observation> one_of_each() {
    std::vector<model::Observation> all;
    for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(Function::destroy_window); ++number) {
        for (const bool fails : {false, true}) {
            seen::Call call;
            call.function = static_cast<Function>(number);
            call.thread = fails ? "u" : "main";
            call.in_callback = fails;
            call.result = fails ? -1 : 7;
            call.error = fails ? 10035 : 0;
            const bool makes = call.function == Function::socket || call.function == Function::accept ||
                               call.function == Function::create_window;
            if (makes && !fails) call.created = 5;
            all.emplace_back(call);
            call.socket = 5;
            call.window = 1;
            call.message = 1025;
            call.mask = 1023;
            call.length = 50;
            call.flags = 3;
            call.value = -7;
            call.datagram = call.ipv6 = true;
            if (call.function == Function::accept) call.condition = model::Condition::defer;
            call.destination = "red \"\\\n\t\x01 \xc3\xa4 \xf0\x9f\x98\x80";
            call.connection = "c";
            all.emplace_back(call);
        }
    }
    all.emplace_back(seen::message(3, 1025, 5, 32, 10054));
    seen::Message odd = seen::message(3, 1025, 5, 32, 10054);
    odd.lparam = 7;
    all.emplace_back(odd);
    for (std::uint8_t verb = 0; verb <= static_cast<std::uint8_t>(seen::PeerVerb::receive); ++verb)
        all.emplace_back(seen::Peer{"s", static_cast<seen::PeerVerb>(verb), 9, 10, 10061});
    all.emplace_back(seen::Change{seen::Change::What::route, "red", false, 10051});
    all.emplace_back(seen::Change{seen::Change::What::address_list, "", true, 0});
    all.emplace_back(seen::Change{seen::Change::What::subsystem, "", false, 0});
    all.emplace_back(seen::Quiet{});
    all.emplace_back(seen::QueueLimit{true});
    all.emplace_back(seen::Clock{12});
    all.emplace_back(seen::Began{4, "u", "recv"});
    all.emplace_back(seen::Ended{4, seen::Peer{"s", seen::PeerVerb::send, model::invalid_handle, 10, 0}});
    all.emplace_back(seen::Ended{4, seen::Message{}});
    all.emplace_back(seen::Ended{4, seen::Change{seen::Change::What::subsystem, "", false, 0}});
    return all;
}

TEST(TraceFile, EachObservationIsReadAsItWasWritten) {
    for (const model::Observation& observation : one_of_each()) {
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
        {head + "nonsense", "2:1: a line is a JSON object, which begins with {; here is \"n\""},
        {head + "[]", "2:1: a line is a JSON object"},
        {head + "{\"quiet\":tru}", "2:10: a value is expected"},
        {head + "{\"quiet\":true",
         "2:14: a comma or } is expected behind a value; but the line ends here. It is the last"},
        {head + "{\"quiet\":true\n", "2:14: a comma or } is expected behind a value; but the line ends here"},
        {head + "{\"quiet\":true}}", "2:15: the object has ended"},
        {head + "{\"quiet\":true}{\"quiet\":true}", "2:15: the object has ended: one observation a line"},
        {head + "{\"quiet\":true,}", "2:15: the name of a field is expected"},
        {head + "{\"quiet\":true,\"quiet\":true}", "2:15: the field \"quiet\" stands there twice"},
        {head + "{\"quiet\":null}", "2:10: null says nothing here: leave the field \"quiet\" out"},
        {head + "{\"quiet\":[true]}", "2:10: nothing is nested"},
        {head + "{\"quiet\":" + std::string(100'000, '['), "2:10: nothing is nested"},
        {head + "{\"quiet\":" + std::string(100'000, '{'), "2:10: nothing is nested"},
        {head + std::string(500'000, '['), "2:1: a line is a JSON object"},
        {head + "{\"note\":\"" + std::string(TraceReader::most_bytes, 'n') + "\"}",
         "2:1048577: a line has at most 1048576 bytes"},
        {head + "{\"clock\":5.0}", "2:10: numbers are whole here"},
        {head + "{\"clock\":1e3}", "2:10: numbers are whole here"},
        {head + "{\"clock\":007}", "2:10: a number does not begin with 0"},
        {head + "{\"clock\":-}", "2:11: a digit is expected"},
        {head + "{\"clock\":-1}", "2:10: \"clock\" is a number from 0 to 18446744073709551615"},
        {head + "{\"clock\":18446744073709551616}", "2:10: this number is larger"},
        {head + "{\"clock\":\"5\"}", "2:10: \"clock\" is a number"},
        {head + "{\"note\":\"\xff\"}", "2:10: the byte 0xff is no UTF-8"},
        {head + "{\"note\":\"a\xc3\"}", "2:11: the byte 0xc3 begins a character of UTF-8 that does not go on"},
        {head + "{\"note\":\"\xc0\x80\"}", "2:10: the byte 0xc0 is no UTF-8"},
        {head + "{\"note\":\"\xe0\x80\x80\"}", "2:10: these bytes are no character"},
        {head + "{\"note\":\"\xed\xa0\x80\"}", "2:10: these bytes are no character"},
        {head + "{\"note\":\"\\ud800\"}", "2:10: half of a surrogate pair"},
        {head + "{\"note\":\"\\u00g0\"}", "2:10: behind \\u stand four"},
        {head + "{\"note\":\"\\x\"}", "2:10: behind \\ stands one of"},
        {head + "{\"note\":\"a\tb\"}", "2:11: a text does not hold the byte 0x09 as it is: write \\u0009"},
        {head + std::string("{\"note\":\"a\0b\"}", 14), "2:11: a text does not hold the byte 0x00"},
        {head + std::string("\0", 1), "2:1: a line is a JSON object, which begins with {; here is the byte 0x00"},
        {head + "{\"note\":\"a", "2:9: this text has no end: its closing quote is missing. It is the last line"},
        {head + "{\"note\":5}", "2:9: \"note\" is a text"},
        {head + "{\"note\":\"a\",\"quiet\":true}", "2:13: the field \"quiet\" is not known here"},
        {head + head, "2:2: a trace begins within another one"},
        {"\xff\xfe{", "1:1: this is UTF-16: write traces in UTF-8"},
        {"{\"trace\":\"1\"}", "1:10: \"trace\" is a number"},
        {"{\"trace\":1,\"peers\":\"maybe\"}", "1:12: \"maybe\" is not one of observed, unobserved"},
        {head + "{\"peer\":\"s\",\"does\":\"close\"}\n{\"peer\":\"s\",\"does\":\"send\",\"bytes\":1}",
         "3:13: the peer s has closed its end"},
        {head + "{\"call\":\"rceive\"}", "2:2: \"rceive\" is no function"},
        {head + "{\"call\":\"recv\",\"socket\":5,\"result\":3}", "2:38: the field \"length\" is missing"},
        {head + "{\"call\":\"listen\",\"socket\":5,\"length\":1,\"result\":0}",
         "2:29: the field \"length\" is not known"},
        {head + "{\"call\":\"listen\",\"socket\":\"5\",\"result\":0}", "2:27: \"socket\" is a number"},
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
    std::string many = head + "{\"quiet\":true";
    for (int count = 0; count < 100; ++count) many += ",\"f" + std::to_string(count) + "\":1";
    EXPECT_NE(trouble(many + '}').find("a line has fewer fields"), std::string::npos);
    EXPECT_EQ(trouble(head + "{\"begin\":1}\n{\"call\":\"listen\",\"socket\":5,\"result\":0,\"end\":1}"), "");
}

TEST(TraceFile, WhatProgramsForWindowsWriteIsRead) {
    EXPECT_EQ(trouble("\xef\xbb\xbf{\"trace\":1}\r\n\r\n{\"quiet\":true}\r\n{\"quiet\":true}\r\n"), "");
    EXPECT_EQ(trouble("{\"trace\":1}\n{\"quiet\":true}"), "");
    EXPECT_EQ(trouble(" { \"trace\" : 1 } \n\t{\t\"quiet\"\t:\ttrue}"), "");
    EXPECT_EQ(trouble("\xef\xbb\xbf{\"trace\":1,}"),
              "1:12: the name of a field is expected, in quotes; here is \"}\". "
              "It is the last line and has no newline: perhaps the trace "
              "was cut off here");
}

TEST(TraceFile, APeerMayComeAgainUnderTheSameName) {
    const std::string head = "{\"trace\":1}\n";
    const std::string closes = "{\"peer\":\"s\",\"does\":\"close\"}\n";
    const std::string sends = "{\"peer\":\"s\",\"does\":\"send\",\"bytes\":1}\n";
    EXPECT_EQ(trouble(head + closes + "{\"peer\":\"s\",\"does\":\"connect\",\"socket\":4}\n" + sends), "");
    EXPECT_EQ(trouble(head + closes + "{\"quiet\":true}\n" + sends), "");
    EXPECT_EQ(trouble(head + "{\"begin\":1,\"thread\":\"p\"}\n" + closes +
                      "{\"peer\":\"s\",\"does\":\"send\",\"bytes\":1,\"end\":1}\n"),
              "");
}

// Whatever is done to a trace, it is read or told why not. The sanitizers watch.
TEST(TraceFile, DamagedTracesAreReadOrTold) {
    std::vector<std::string> texts;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(ASYNCSELECT_TRACES)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    ASSERT_GT(texts.size(), 80U);
    std::mt19937 random(4);  // the same ones each time
    const auto below = [&random](std::size_t bound) { return random() % bound; };
    std::size_t read = 0;
    for (int count = 0; count < 5'000; ++count) {
        std::string text = texts[below(texts.size())];
        for (std::size_t damage = 0; damage <= below(3); ++damage) {
            const std::size_t at = below(text.size());
            switch (below(5)) {
                case 0:
                    text[at] = static_cast<char>(below(256));
                    break;
                case 1:
                    text.erase(at, 1 + below(20));
                    break;
                case 2:
                    text.insert(at, text.substr(below(text.size()), 1 + below(20)));
                    break;
                case 3:
                    text.insert(at, 1, "\"{}[]:,\\0\n-.e"[below(13)]);
                    break;
                default:
                    text.resize(at);
                    break;
            }
            if (text.empty()) text = " ";
        }
        const std::string told = trouble(text);
        if (told.empty()) ++read;
        EXPECT_TRUE(told.empty() || told.find(": ") != std::string::npos);
    }
    EXPECT_GT(read, 50U);
}

// ---- the schema ---------------------------------------------------------------------------------------------------

using nlohmann::json;

// nlohmann-json compares signed and unsigned numbers as if both were signed.
bool less(const json& a, const json& b) {
    const auto negative = [](const json& value) {
        return !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
    };
    if (negative(a) != negative(b)) return negative(a);
    return negative(a) ? a.get<std::int64_t>() < b.get<std::int64_t>()
                       : a.get<std::uint64_t>() < b.get<std::uint64_t>();
}

// As much of JSON Schema as the schema of traces uses; a keyword that is not known here fails the test.
bool valid(const json& schema, const json& value) {
    const auto within = [&](std::string_view keyword, const json& bound) {
        if (!value.is_number_integer()) return true;
        return keyword == "minimum" ? !less(value, bound) : !less(bound, value);
    };
    for (const auto& [keyword, what] : schema.items()) {
        bool holds = true;
        if (keyword == "$schema" || keyword == "title" || keyword == "description") {
        } else if (keyword == "type") {
            holds = what == "object"    ? value.is_object()
                    : what == "string"  ? value.is_string()
                    : what == "integer" ? value.is_number_integer()
                                        : what == "boolean" && value.is_boolean();
        } else if (keyword == "const") {
            holds = value == what && value.type() != json::value_t::number_float;
        } else if (keyword == "enum") {
            holds = std::ranges::find(what, value) != what.end();
        } else if (keyword == "minimum" || keyword == "maximum") {
            holds = within(keyword, what);
        } else if (keyword == "properties") {
            for (const auto& [name, part] : what.items())
                holds = holds && (!value.is_object() || !value.contains(name) || valid(part, value[name]));
        } else if (keyword == "required") {
            for (const json& name : what) holds = holds && value.contains(name.get<std::string>());
        } else if (keyword == "additionalProperties") {
            for (const auto& [name, part] : value.items()) holds = holds && schema["properties"].contains(name);
        } else if (keyword == "oneOf" || keyword == "anyOf") {
            const auto count = std::ranges::count_if(what, [&](const json& part) { return valid(part, value); });
            holds = keyword == "oneOf" ? count == 1 : count > 0;
        } else if (keyword == "not") {
            holds = !valid(what, value);
        } else {
            ADD_FAILURE() << "the keyword " << keyword << " is not known to this test";
        }
        if (!holds) return false;
    }
    return true;
}

bool readable(const json& line) {
    if (line.is_object() && line.contains("trace")) return trouble(line.dump()).empty();
    if (line.is_object() && line.contains("note")) return trouble("{\"trace\":1}\n" + line.dump()).empty();
    try {
        parse_observation(line.dump());
        return true;
    } catch (const TraceError&) {
        return false;
    }
}

TEST(TraceSchema, TheOneInTheDocumentationIsMadeFromTheTable) {
    std::ifstream file(ASYNCSELECT_TRACE_SCHEMA);
    const std::string committed{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(committed, trace_schema())
        << "asyncselect check --schema prints what belongs into " ASYNCSELECT_TRACE_SCHEMA;
}

// The two agree on every line that is written, and on each with a field less, a field more, or another value.
TEST(TraceSchema, SaysWhatTheReaderTakes) {
    const json schema = json::parse(trace_schema());
    std::vector<json> lines{json::parse(write_header({"pump", "1.2", "read-level", true, true})),
                            json::parse(write_note("a note"))};
    for (const model::Observation& observation : one_of_each())
        lines.push_back(json::parse(write_observation(observation)));
    std::set<std::string> names;
    for (const json& line : lines) {
        for (const auto& [name, value] : line.items()) names.insert(name);
    }
    const std::vector<json> values{"text",
                                   "CF_REJECT",
                                   true,
                                   false,
                                   0,
                                   1,
                                   -1,
                                   -2,
                                   5,
                                   4294967296,
                                   -4294967296,
                                   std::numeric_limits<std::int64_t>::min(),
                                   std::numeric_limits<std::uint64_t>::max()};
    std::size_t accepted = 0;
    std::size_t rejected = 0;
    std::size_t turn = 0;
    const auto agree = [&](const json& line) {
        const bool by_schema = valid(schema, line);
        ASSERT_EQ(by_schema, readable(line)) << line.dump();
        ++(by_schema ? accepted : rejected);
    };
    for (const json& line : lines) {
        ASSERT_TRUE(valid(schema, line)) << line.dump();
        agree(line);
        for (const std::string& name : names) {
            json less = line;
            less.erase(name);
            agree(less);
            // A third of them for each field; all of them over the lines.
            for (std::size_t index = turn++ % 3; index < values.size(); index += 3) {
                json other = line;
                other[name] = values[index];
                agree(other);
            }
        }
    }
    EXPECT_GT(accepted, 500U);
    EXPECT_GT(rejected, 5000U);
}

TEST(TraceSchema, HoldsForTheTracesMadeByHand) {
    const json schema = json::parse(trace_schema());
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(ASYNCSELECT_TRACES)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path());
        std::string line;
        while (std::getline(file, line)) {
            EXPECT_TRUE(valid(schema, json::parse(line))) << entry.path() << ": " << line;
            ++count;
        }
    }
    EXPECT_GT(count, 1000U);
}

}  // namespace
}  // namespace asyncselect::conformance
