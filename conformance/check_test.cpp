// Judging traces from files: the traces made by hand, what a person is told, and traces that are read from a pipe. It
// must not know any provider.
#include "conformance/check.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/program.hpp"
#include "model/clauses.hpp"
#include "model/profile.hpp"

namespace asyncselect::conformance {
namespace {

using model::Outcome;

const std::filesystem::path traces = ASYNCSELECT_TRACES;

std::vector<std::filesystem::path> files_in(const std::string& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(traces / folder)) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

// The notes of a trace, in their order.
std::vector<std::string> notes_of(const std::filesystem::path& file) {
    std::ifstream stream(file);
    TraceReader reader(stream);
    std::vector<std::string> notes;
    while (const std::optional<TraceLine> line = reader.next_line()) {
        if (const auto* const note = std::get_if<Note>(&*line)) notes.push_back(note->text);
    }
    return notes;
}

// What a note of the file says is expected in the profile; nothing if none does.
std::optional<std::string> expected_in(const std::vector<std::string>& notes, const std::string& profile) {
    const std::regex both("expected in both profiles: (.*)");
    const std::regex each("expected: spec (.*); windows (.*)");
    for (const std::string& note : notes) {
        std::smatch found;
        if (std::regex_match(note, found, both)) return found[1].str();
        if (std::regex_match(note, found, each)) return found[profile == "spec" ? 1 : 2].str();
    }
    return std::nullopt;
}

// In the words of the notes; the line of a deviation is told where the note tells one.
std::string words_for(const Checked& checked, const std::string& expected) {
    const std::string at = checked.finding ? " at line " + std::to_string(checked.finding->line) : "";
    switch (checked.outcome) {
        case Outcome::conforms:
            return "conforms";
        case Outcome::deviates: {
            std::string names;
            for (const std::string& name : checked.deviations) names += (names.empty() ? "" : ", ") + name;
            return "deviates as " + names + (expected.find(" at line ") == std::string::npos ? "" : at);
        }
        case Outcome::violates: {
            const std::string& clause = checked.finding->violation.clause;
            return (clause.empty() ? "contradicts itself" : "violates " + clause) + at;
        }
        case Outcome::undecided:
            break;
    }
    return "undecided: " + checked.undecided;
}

CheckOptions judging_by(const std::string& profile) {
    CheckOptions options;
    options.profile_name = profile;
    options.profile = profile == "windows" ? model::windows_profile : model::spec_profile;
    return options;
}

Checked checked_text(const std::string& text, const CheckOptions& options = {}) {
    std::istringstream stream(text);
    const std::unique_ptr<TraceSource> source = trace_in_stream(stream, "text");
    return check(*source, options);
}

void expect_as_noted(const std::string& folder, const std::string& profile) {
    const std::vector<std::filesystem::path> files = files_in(folder);
    EXPECT_GE(files.size(), 40U);
    for (const std::filesystem::path& file : files) {
        SCOPED_TRACE(file.filename().string() + ", " + profile);
        const std::vector<std::string> notes = notes_of(file);
        ASSERT_FALSE(notes.empty());
        const std::optional<std::string> expected = expected_in(notes, profile);
        ASSERT_TRUE(expected.has_value()) << "no note says what is expected";
        const std::unique_ptr<TraceSource> source = trace_in_file(file.string());
        const Checked checked = check(*source, judging_by(profile));
        EXPECT_EQ(words_for(checked, *expected), *expected) << text_of(checked);
    }
}

TEST(TracesMadeByHand, WrongOnesAreRejectedInTheSpecProfile) { expect_as_noted("wrong", "spec"); }
TEST(TracesMadeByHand, WrongOnesAreRejectedInTheWindowsProfile) { expect_as_noted("wrong", "windows"); }
TEST(TracesMadeByHand, AllowedOnesAreAcceptedInTheSpecProfile) { expect_as_noted("allowed", "spec"); }
TEST(TracesMadeByHand, AllowedOnesAreAcceptedInTheWindowsProfile) { expect_as_noted("allowed", "windows"); }
TEST(TracesMadeByHand, ExamplesOfTheDocumentation) {
    for (const auto& entry : std::filesystem::directory_iterator(ASYNCSELECT_TRACE_EXAMPLES)) {
        SCOPED_TRACE(entry.path().string());
        const std::optional<std::string> expected = expected_in(notes_of(entry.path()), "spec");
        ASSERT_TRUE(expected.has_value());
        const std::unique_ptr<TraceSource> source = trace_in_file(entry.path().string());
        EXPECT_EQ(words_for(check(*source, judging_by("spec")), *expected), *expected);
    }
}

// A wrong trace is wrong in one of the profiles at least, and an allowed one is rejected in neither.
TEST(TracesMadeByHand, WrongAndAllowedAreKeptApart) {
    for (const std::filesystem::path& file : files_in("wrong")) {
        const std::vector<std::string> notes = notes_of(file);
        EXPECT_NE(*expected_in(notes, "spec"), "conforms") << file;
    }
    for (const std::filesystem::path& file : files_in("allowed")) {
        const std::vector<std::string> notes = notes_of(file);
        EXPECT_EQ(*expected_in(notes, "spec"), "conforms") << file;
        EXPECT_TRUE(expected_in(notes, "windows") == "conforms" ||
                    expected_in(notes, "windows")->starts_with("deviates as not W-"))
            << file;
    }
}

// The note "breaks too" names clauses that are broken at the same place; the oracle names one of them.
TEST(TracesMadeByHand, EveryMustClauseIsBrokenByOne) {
    std::set<std::string> broken;
    const std::regex id("AS-[A-Z]+-[0-9]+|R-[0-9]+|W-[0-9]+");
    for (const std::filesystem::path& file : files_in("wrong")) {
        for (const std::string& note : notes_of(file)) {
            if (!note.starts_with("expected") && !note.starts_with("breaks too")) continue;
            for (std::sregex_iterator at(note.begin(), note.end(), id); at != std::sregex_iterator(); ++at)
                broken.insert(at->str());
        }
    }
    for (const std::string& named : broken) EXPECT_TRUE(model::exists(named)) << named;
    // Whether a call would have blocked, no trace can tell.
    broken.insert("AS-MODE-1");
    for (const model::Clause& clause : model::clauses) {
        const bool must = clause.kind == model::ClauseKind::must;
        EXPECT_TRUE(!must || broken.contains(std::string(clause.id))) << clause.id;
    }
}

// A control: an expectation that is not met is noticed.
TEST(TracesMadeByHand, AnExpectationCanFail) {
    const std::unique_ptr<TraceSource> source =
        trace_in_file((traces / "wrong/read-twice-without-recv.jsonl").string());
    const Checked checked = check(*source, judging_by("spec"));
    EXPECT_NE(words_for(checked, "conforms"), "conforms");
    EXPECT_NE(words_for(checked, ""), "violates AS-ENABLE-1 at line 12");
    EXPECT_EQ(words_for(checked, ""), "violates AS-ENABLE-1 at line 13");
}

// ---- what is told -------------------------------------------------------------------------------------------------

const std::string wrong_text =
    R"({"trace":1}
{"call":"WSAStartup","result":0}
{"call":"CreateWindow","result":1,"created":1}
{"note":"a connected socket"}
{"call":"socket","result":5,"created":5}
{"call":"connect","socket":5,"result":0}
{"peer":"s","does":"established","socket":5}
{"call":"WSAAsyncSelect","socket":5,"window":1,"message":1025,"events":1,"result":0}
{"peer":"s","does":"send","bytes":10}

{"quiet":true}
)";

TEST(Check, AViolationIsToldWithEverythingThatBelongsToIt) {
    const Checked checked = checked_text(wrong_text);
    EXPECT_EQ(checked.outcome, Outcome::violates);
    ASSERT_TRUE(checked.finding.has_value());
    EXPECT_EQ(checked.finding->line, 11U);
    EXPECT_EQ(checked.finding->violation.step, 7U);
    const std::string text = text_of(checked);
    EXPECT_TRUE(text.starts_with("text: violates AS-READ-2 at line 11 (the spec profile)\n")) << text;
    for (const std::string part : {"  AS-READ-2 ", "     4 # a connected socket\n", "     9   peer s sends 10\n",
                                   "    11 > quiet\n", "  due       FD_READ", "  came      nothing more\n",
                                   "  allowed   FD_READ for socket 5", "  prefix    the first 8 observations"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
    }
    const nlohmann::json json = nlohmann::json::parse(json_of(std::vector<Checked>{checked}));
    const nlohmann::json& first = json["traces"][0];
    EXPECT_EQ(json["version"], 1);
    EXPECT_EQ(first["verdict"], "violates");
    EXPECT_EQ(first["finding"]["clause"], "AS-READ-2");
    EXPECT_EQ(first["finding"]["line"], 11);
    EXPECT_EQ(first["finding"]["allowed"].size(), 1U);
}

TEST(Check, WhatConformsIsToldInOneLine) {
    const std::string head = wrong_text.substr(0, wrong_text.find("{\"peer\":\"s\",\"does\":\"send\""));
    const std::string text = text_of(checked_text(head + "{\"quiet\":true}\n"));
    EXPECT_EQ(text, "text: conforms to the spec profile, 7 observations, 2 clauses exercised\n");
}

TEST(Check, ADeviationIsToldInWords) {
    const std::unique_ptr<TraceSource> source =
        trace_in_file((traces / "wrong/close-of-a-reset-as-aborted.jsonl").string());
    const std::string text = text_of(check(*source, {}));
    EXPECT_NE(text.find("deviates from the spec profile as W-2, first at line 11"), std::string::npos) << text;
    EXPECT_NE(text.find("  W-2       "), std::string::npos) << text;
    EXPECT_NE(text.find("  AS-CLOSE-5 "), std::string::npos) << text;
}

TEST(Check, WhatHasNotEndedIsUndecided) {
    const Checked checked = checked_text("{\"trace\":1}\n{\"begin\":1,\"what\":\"recv\"}\n");
    EXPECT_EQ(checked.outcome, Outcome::conforms);  // nothing has been seen that a recv could explain
    const std::string head = wrong_text.substr(0, wrong_text.find("{\"peer\":\"s\",\"does\":\"send\""));
    const Checked open = checked_text(
        head + "{\"begin\":1,\"thread\":\"u\"}\n{\"message\":1025,\"window\":1,\"socket\":5,\"event\":1}\n");
    EXPECT_EQ(open.outcome, Outcome::undecided);
    EXPECT_NE(text_of(open).find("undecided: something has begun and not ended"), std::string::npos);
}

TEST(Check, OursBindsWhereTheHeaderOrTheCallerSaysSo) {
    CheckOptions ours;
    ours.ours = true;
    const std::string order = "{\"trace\":1}\n" + wrong_text.substr(wrong_text.find('\n') + 1);
    EXPECT_FALSE(checked_text(order).ours);
    EXPECT_TRUE(checked_text(order, ours).ours);
    EXPECT_TRUE(checked_text("{\"trace\":1,\"ours\":true}\n").ours);
}

// What stands behind a violation is not judged, but it is to be a trace.
TEST(Check, WhatIsNoTraceIsToldAlsoBehindAViolation) {
    EXPECT_THROW(checked_text(wrong_text + "nonsense\n"), TraceError);
    EXPECT_EQ(checked_text(wrong_text + wrong_text.substr(wrong_text.find('\n') + 1)).observations, 8U);
}

// The search for what explains a deviation reads the trace again, in the middle of the first reading.
TEST(Check, InputIsKeptAndReadAgain) {
    std::string text = "{\"trace\":1}\n";
    std::ifstream file(traces / "wrong/close-of-a-reset-as-aborted.jsonl");
    std::string line;
    std::getline(file, line);
    std::string rest;
    while (std::getline(file, line)) rest += line + '\n';
    text += rest;
    for (int count = 0; count < 20'000; ++count) text += "{\"clock\":" + std::to_string(count) + "}\n";
    text += "{\"quiet\":true}\n";
    const Checked checked = checked_text(text);
    EXPECT_EQ(checked.outcome, Outcome::deviates);
    EXPECT_GT(checked.observations, 20'000U);
    EXPECT_EQ(checked.finding->line, 11U);
}

// ---- the command --------------------------------------------------------------------------------------------------

int run(std::vector<std::string> arguments, std::string* out = nullptr, std::string* errors = nullptr) {
    arguments.insert(arguments.begin(), {"asyncselect", "check"});
    std::vector<const char*> words;
    words.reserve(arguments.size());
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = program(static_cast<int>(words.size()), words.data());
    const std::string printed = ::testing::internal::GetCapturedStdout();
    const std::string told = ::testing::internal::GetCapturedStderr();
    if (out != nullptr) *out = printed;
    if (errors != nullptr) *errors = told;
    return code;
}

TEST(CheckCommand, TheExitCodeTellsTheWorst) {
    const std::string allowed = (traces / "allowed/read-in-pieces.jsonl").string();
    const std::string wrong = (traces / "wrong/read-twice-without-recv.jsonl").string();
    const std::string deviating = (traces / "wrong/close-of-a-reset-as-aborted.jsonl").string();
    EXPECT_EQ(run({allowed}), 0);
    EXPECT_EQ(run({allowed, wrong}), 1);
    EXPECT_EQ(run({deviating}), 1);
    EXPECT_EQ(run({deviating, "--profile", "windows"}), 0);
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(run({allowed, "--profile", "nonsense"}), 2);
    std::string errors;
    std::string out;
    EXPECT_EQ(run({"no/such/file", allowed}, &out, &errors), 2);
    EXPECT_EQ(errors, "asyncselect: no/such/file: cannot be read: No such file or directory\n");
    EXPECT_NE(out.find("conforms"), std::string::npos);
    EXPECT_EQ(run({allowed, wrong, "--quiet"}, &out), 1);
    EXPECT_EQ(out.find("conforms to"), std::string::npos);
    EXPECT_NE(out.find("violates AS-ENABLE-1 at line 13"), std::string::npos);
}

TEST(CheckCommand, WritesWhatAllTracesHaveExercised) {
    const std::string file = ::testing::TempDir() + "coverage_" + std::to_string(::getpid());
    std::string out;
    EXPECT_EQ(run({(traces / "allowed/read-arrives-late.jsonl").string(),
                   (traces / "allowed/close-of-a-reset.jsonl").string(), "--coverage", file},
                  &out),
              0);
    const nlohmann::json written = nlohmann::json::parse(std::ifstream(file));
    std::filesystem::remove(file);
    const auto has = [](const nlohmann::json& list, const char* name) {
        return std::ranges::find(list, nlohmann::json(name)) != list.end();
    };
    EXPECT_TRUE(has(written["transitions"], "read-5")) << written;
    EXPECT_TRUE(has(written["clauses"], "AS-READ-2")) << written;
    EXPECT_TRUE(has(written["clauses"], "AS-CLOSE-5")) << "of the other trace: " << written;
    EXPECT_FALSE(has(written["clauses"], "AS-ACCEPT-1")) << written;
    EXPECT_NE(out.find(" transitions and "), std::string::npos) << out;
    EXPECT_EQ(run({(traces / "allowed/close-of-a-reset.jsonl").string(), "--coverage", "/no/such/folder/file"}), 2);
}

}  // namespace
}  // namespace asyncselect::conformance
