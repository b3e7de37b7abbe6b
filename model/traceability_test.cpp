// Who cites which clause: reads the sources of the whole project and holds what they cite against model/clauses.json
// and a list. It must not know what a row, a test or a scenario does.
//
// A clause is cited in three places:
//     row        by<"AS-READ-1", ...> in a transition table, model/*.hpp
//     test       cite<"AS-READ-1", ...>() in a test, *_test.cpp anywhere
//     scenario   a line `clauses AS-READ-1 ...` in conformance/scenarios/*.script
// A must clause and a reading need all three. A may clause, a duty of the application and a deviation of Windows need a
// test only: there is nothing that a row could demand or a scenario could see fail. (The rows consult W-1 to W-5 in
// their guards; the report tells a deviation beside the clause that it departs from.) Where there will be no citation,
// model/clauses_without.txt says why: `<place> <id>... : <reason>`. The list is exact.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "model/clauses.hpp"

namespace asyncselect::model {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> places{"row", "test", "scenario"};

// Where an id stands: `line` counts from 1.
struct Mention {
    std::string id;
    std::string file;
    std::size_t line;
};

// The ids that each place cites, or that a list names for it.
using ByPlace = std::map<std::string, std::set<std::string>, std::less<>>;

std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) { return is_digit(c) || is_capital(c) || (c >= 'a' && c <= 'z') || c == '_'; }

// The id that begins at `at`, or nothing. Its shape decides, not whether there is such a clause.
std::optional<std::string> id_at(std::string_view text, std::size_t at) {
    if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '-')) {
        return std::nullopt;
    }
    const std::string_view rest = text.substr(at);
    std::size_t length = 0;
    if (rest.starts_with("AS-")) {
        length = 3;
        while (length < rest.size() && is_capital(rest[length])) {
            ++length;
        }
        if (length == 3 || length == rest.size() || rest[length] != '-') {
            return std::nullopt;
        }
        ++length;
    } else if (rest.starts_with("R-") || rest.starts_with("W-")) {
        length = 2;
    } else {
        return std::nullopt;
    }
    const std::size_t number = length;
    while (length < rest.size() && is_digit(rest[length])) {
        ++length;
    }
    if (length == number || (length < rest.size() && is_word(rest[length]))) {
        return std::nullopt;
    }
    return std::string(rest.substr(0, length));
}

std::vector<std::string> ids_in(std::string_view text) {
    std::vector<std::string> ids;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (const auto id = id_at(text, at)) {
            ids.push_back(*id);
            at += id->size();
        }
    }
    return ids;
}

// The files below a folder, or the file itself; sorted, so that complaints come in one order.
std::vector<fs::path> files(const fs::path& place) {
    std::vector<fs::path> found;
    if (fs::is_regular_file(place)) {
        found.push_back(place);
    } else if (fs::is_directory(place)) {
        for (const auto& entry : fs::recursive_directory_iterator(place)) {
            if (entry.is_regular_file()) {
                found.push_back(entry.path());
            }
        }
    }
    std::ranges::sort(found);
    return found;
}

// Every mention of an id, in code, comments and prose.
std::vector<Mention> mentions(const fs::path& root) {
    std::vector<Mention> found;
    for (const char* const place : {"model", "impl", "conformance", "examples", "fuzz", "proofs", "bench", "docs",
                                    "README.md", "CONTRIBUTING.md", "SOUNDNESS.md"}) {
        for (const fs::path& file : files(root / place)) {
            std::size_t number = 0;
            for (const std::string& line : lines_of(read(file))) {
                ++number;
                for (std::string& id : ids_in(line)) {
                    found.push_back({std::move(id), fs::relative(file, root).string(), number});
                }
            }
        }
    }
    return found;
}

std::vector<std::string> unknown_ids(const fs::path& root) {
    std::vector<std::string> complaints;
    for (const Mention& mention : mentions(root)) {
        if (!exists(mention.id)) {
            complaints.push_back(mention.file + ":" + std::to_string(mention.line) + ": there is no clause " +
                                 mention.id);
        }
    }
    return complaints;
}

// Comments may show how to cite without citing.
std::string without_comments(const std::string& text) {
    std::string code;
    for (const std::string& line : lines_of(text)) {
        code += line.substr(0, line.find("//"));
        code += '\n';
    }
    return code;
}

// The ids in the template arguments that follow each `word<`, up to the first one that is no string literal.
std::set<std::string> cited_by(std::string_view word, const std::string& code) {
    std::set<std::string> ids;
    const std::string opening = std::string(word) + "<";
    for (std::size_t at = code.find(opening); at != std::string::npos; at = code.find(opening, at + 1)) {
        if (at > 0 && is_word(code[at - 1])) {
            continue;
        }
        std::size_t next = at + opening.size();
        while ((next = code.find_first_not_of(" \t\n,", next)) != std::string::npos && code[next] == '"') {
            const std::size_t end = code.find('"', next + 1);
            if (end == std::string::npos) {
                break;
            }
            ids.insert(code.substr(next + 1, end - next - 1));
            next = end + 1;
        }
    }
    return ids;
}

ByPlace citations(const fs::path& root) {
    ByPlace cited;
    for (const char* const folder : {"model", "impl", "conformance", "examples", "fuzz", "proofs", "bench"}) {
        for (const fs::path& file : files(root / folder)) {
            if (folder == std::string_view("model") && file.extension() == ".hpp") {
                cited["row"].merge(cited_by("by", without_comments(read(file))));
            } else if (file.filename().string().ends_with("_test.cpp")) {
                cited["test"].merge(cited_by("cite", without_comments(read(file))));
            } else if (file.extension() == ".script") {
                for (const std::string& line : lines_of(read(file))) {
                    std::istringstream words(line);
                    std::string word;
                    if (words >> word && word == "clauses") {
                        while (words >> word && word.front() != '#') {
                            cited["scenario"].insert(word);
                        }
                    }
                }
            }
        }
    }
    return cited;
}

// Reads the list; what is wrong with its form goes to `complaints`.
ByPlace list(const fs::path& root, const std::string& name, std::vector<std::string>& complaints) {
    ByPlace named;
    std::size_t number = 0;
    for (const std::string& line : lines_of(read(root / name))) {
        const std::string here = name + ":" + std::to_string(++number) + ": ";
        const std::size_t colon = line.find(':');
        std::istringstream words(line.substr(0, colon));
        std::string place;
        if (line.starts_with('#') || !(words >> place)) {
            continue;
        }
        if (std::ranges::find(places, place) == places.end()) {
            complaints.push_back(here + "\"" + place + "\" is not a place: row, test or scenario");
            continue;
        }
        if (colon == std::string::npos || line.find_first_not_of(' ', colon + 1) == std::string::npos) {
            complaints.push_back(here + "a reason is missing");
        }
        for (std::string id; words >> id;) {
            if (!exists(id)) {
                complaints.push_back(here + "there is no clause " + id);
            } else if (!named[place].insert(id).second) {
                complaints.push_back(here + place + " " + id + " is there twice");
            }
        }
    }
    return named;
}

bool needs(ClauseKind kind, std::string_view place) {
    return kind == ClauseKind::must || kind == ClauseKind::reading || place == "test";
}

// What is wrong with the citations.
std::vector<std::string> judge(const fs::path& root) {
    std::vector<std::string> complaints;
    const std::string without_name = "model/clauses_without.txt";
    ByPlace cited = citations(root);
    ByPlace without = list(root, without_name, complaints);
    for (const std::string_view place_name : places) {
        const std::string place(place_name);
        for (const Clause& clause : clauses) {
            const std::string id(clause.id);
            const std::string what = place + " " + id;
            const bool is_cited = cited[place].contains(id);
            const bool has_reason = without[place].contains(id);
            if (needs(clause.kind, place) && !is_cited && !has_reason) {
                complaints.push_back("no " + place + " cites " + id);
            }
            if (has_reason && is_cited) {
                complaints.push_back(without_name + ": " + what + " is cited: remove it from the list");
            }
            if (has_reason && !needs(clause.kind, place)) {
                complaints.push_back(without_name + ": " + what + " needs no reason: remove it from the list");
            }
        }
    }
    return complaints;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

TEST(Traceability, EveryIdNamesAClause) { EXPECT_EQ(joined(unknown_ids(ASYNCSELECT_ROOT)), ""); }

TEST(Traceability, EveryClauseIsCitedOrAccountedFor) { EXPECT_EQ(joined(judge(ASYNCSELECT_ROOT)), ""); }

// ---- controls: each of these checks must be able to fail ----

// An id that must not be found in this file, which is read by the test above.
std::string no_clause(std::string_view prefix) { return std::string(prefix) + "-99"; }

// A small tree in a folder of its own: wholly in order, until a test spoils it.
class TraceabilityControl : public ::testing::Test {
  protected:
    TraceabilityControl() {
        std::string name = (fs::temp_directory_path() / "asyncselect-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        root = name;
        write("model/read.hpp",
              "// Shows by<\"AS-READ-2\", ...> and cites nothing with it.\nby<\"AS-READ-1\", Off, Select>,\n");
        write("impl/core/word_test.cpp", "cite<\"AS-READ-1\",\n     \"R-8\">();\n");
        write("conformance/scenarios/read.script", "# clauses AS-READ-4\nclauses AS-READ-1 AS-READ-2\nsend 1\n");
        write("model/clauses_without.txt", "# Reasons.\nrow AS-READ-2 : a reason\n" + reasons_for_the_rest());
    }
    TraceabilityControl(const TraceabilityControl&) = delete;
    TraceabilityControl& operator=(const TraceabilityControl&) = delete;
    ~TraceabilityControl() override {
        std::error_code ignored;
        fs::remove_all(root, ignored);
    }

    // For every clause that this small tree neither cites nor gives a reason for.
    static std::string reasons_for_the_rest() {
        const ByPlace there{{"row", {"AS-READ-1", "AS-READ-2"}},
                            {"test", {"AS-READ-1", "R-8"}},
                            {"scenario", {"AS-READ-1", "AS-READ-2"}}};
        std::string text;
        for (const std::string_view place : places) {
            for (const Clause& clause : clauses) {
                const std::string id(clause.id);
                if (!needs(clause.kind, place) || there.find(place)->second.contains(id)) {
                    continue;
                }
                text += std::string(place) + " " + id + " : it is a small tree\n";
            }
        }
        return text;
    }

    void write(const fs::path& file, const std::string& text) const {
        fs::create_directories((root / file).parent_path());
        std::ofstream(root / file, std::ios::binary) << text;
    }
    void append(const fs::path& file, const std::string& text) const {
        std::ofstream(root / file, std::ios::binary | std::ios::app) << text;
    }

    fs::path root;
};

TEST_F(TraceabilityControl, ATreeThatIsInOrderIsNotComplainedAbout) {
    EXPECT_EQ(joined(judge(root)), "");
    EXPECT_EQ(joined(unknown_ids(root)), "");
}

TEST_F(TraceabilityControl, ReadsWhatRowsTestsAndScenariosCite) {
    const ByPlace expected{
        {"row", {"AS-READ-1"}}, {"test", {"AS-READ-1", "R-8"}}, {"scenario", {"AS-READ-1", "AS-READ-2"}}};
    EXPECT_EQ(citations(root), expected);
}

TEST_F(TraceabilityControl, AnIdThatNamesNoClauseIsFoundWithFileAndLine) {
    write("impl/net/poller.cpp", "// Rests on R-8.\n// Rests on " + no_clause("AS-READ") + ", they say.\n");
    write("README.md", "(" + no_clause("R") + ")\n");
    write("docs/model/read.md", "| " + no_clause("W") + " |\n");
    EXPECT_EQ(joined(unknown_ids(root)), "impl/net/poller.cpp:2: there is no clause " + no_clause("AS-READ") +
                                             "\ndocs/model/read.md:1: there is no clause " + no_clause("W") +
                                             "\nREADME.md:1: there is no clause " + no_clause("R") + "\n");
}

TEST_F(TraceabilityControl, WhatOnlyLooksLikeAnIdIsLeftAlone) {
    write("README.md",
          "X" + no_clause("R") + " A-" + no_clause("R") + " " + no_clause("R") + "th UTF-8 AS-READ-* AS--99 R-x\n");
    EXPECT_EQ(joined(unknown_ids(root)), "");
}

TEST_F(TraceabilityControl, ACitationThatGoesIsMissed) {
    write("model/read.hpp", "// Empty.\n");
    EXPECT_EQ(joined(judge(root)), "no row cites AS-READ-1\n");
}

TEST_F(TraceabilityControl, ATestThatGoesIsMissed) {
    write("impl/core/word_test.cpp", "// cite<\"R-8\">();\ncite<\"AS-READ-1\">();\n");
    EXPECT_EQ(joined(judge(root)), "no test cites R-8\n");
}

TEST_F(TraceabilityControl, AScenarioThatGoesIsMissed) {
    write("conformance/scenarios/read.script", "clauses AS-READ-1 # AS-READ-2\n");
    EXPECT_EQ(joined(judge(root)), "no scenario cites AS-READ-2\n");
}

TEST_F(TraceabilityControl, AReasonForWhatIsCitedMustGo) {
    append("model/clauses_without.txt", "test R-8 : a reason\n");
    append("model/read.hpp", "by<\"AS-READ-3\", Posted, Received>,\n");
    EXPECT_EQ(joined(judge(root)),
              "model/clauses_without.txt: row AS-READ-3 is cited: remove it from the list\n"
              "model/clauses_without.txt: test R-8 is cited: remove it from the list\n");
}

TEST_F(TraceabilityControl, AReasonThatIsNotNeededMustGo) {
    append("model/clauses_without.txt", "row W-1 : a reason\n");
    EXPECT_EQ(joined(judge(root)), "model/clauses_without.txt: row W-1 needs no reason: remove it from the list\n");
}

TEST_F(TraceabilityControl, AListThatIsMalformedIsComplainedAbout) {
    append("model/clauses_without.txt",
           "row AS-READ-3\nproof AS-READ-1 : a reason\ntest " + no_clause("R") + " : a reason\nrow AS-READ-4 :\n");
    const std::string complaints = joined(judge(root));
    for (const std::string& expected :
         {std::string("a reason is missing"), std::string("\"proof\" is not a place"),
          "there is no clause " + no_clause("R"), std::string("row AS-READ-4 is there twice")}) {
        EXPECT_NE(complaints.find(expected), std::string::npos) << expected << " is not among\n" << complaints;
    }
}

TEST_F(TraceabilityControl, WithoutTheListEverythingIsMissed) {
    fs::remove(root / "model/clauses_without.txt");
    const std::string complaints = joined(judge(root));
    EXPECT_NE(complaints.find("no row cites AS-READ-3\n"), std::string::npos);
    EXPECT_NE(complaints.find("no test cites W-1\n"), std::string::npos);
    EXPECT_NE(complaints.find("no scenario cites R-8\n"), std::string::npos);
    // A deviation, a permission and a duty of the application need neither row nor scenario.
    EXPECT_EQ(complaints.find("no row cites W-1\n"), std::string::npos);
    EXPECT_EQ(complaints.find("no scenario cites AS-MSG-4\n"), std::string::npos);
    EXPECT_EQ(complaints.find("no row cites AS-CANCEL-2\n"), std::string::npos);
}

}  // namespace
}  // namespace asyncselect::model
