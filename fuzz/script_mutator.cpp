// See fuzz/script_mutator.hpp.
#include "fuzz/script_mutator.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "conformance/script.hpp"
#include "fuzz/lines.hpp"
#include "model/event.hpp"
#include "model/trace.hpp"

namespace asyncselect::fuzz {

namespace {

using conformance::Script;

// How often a change is tried until it yields a line of the language.
constexpr int most_attempts = 8;

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        if (end > at) words.emplace_back(line.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

std::string line_of(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
    return line;
}

// The one step of a line, as `show` writes it; nothing if it is none.
std::optional<std::string> as_step(const std::string& line) {
    const bool meanwhile = line.starts_with("meanwhile ");
    try {
        const Script script = conformance::parse(meanwhile ? line.substr(10) : line, "");
        if (script.steps.size() != 1) return std::nullopt;
        return (meanwhile ? "meanwhile " : "") + conformance::show(script.steps.front());
    } catch (const conformance::ScriptError&) {
        return std::nullopt;
    }
}

// A line for each operation of the language, as its description has it.
const Lines& examples() {
    static const Lines all = [] {
        Lines lines;
        for (const auto& description : conformance::operation_descriptions())
            if (auto line = as_step(std::string(description.example))) lines.push_back(std::move(*line));
        return lines;
    }();
    return all;
}

// Every word behind the first of any line: names, events, options.
std::vector<std::string> words_after_verbs(const Lines& lines) {
    std::vector<std::string> found;
    for (const std::string& line : lines) {
        const auto words = words_of(line);
        if (words.size() > 1) found.insert(found.end(), words.begin() + 1, words.end());
    }
    return found;
}

bool is_number(const std::string& word) {
    return !word.empty() && std::ranges::all_of(word, [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string events(Chance& chance) {
    if (chance.one_in(3)) return "all";
    std::uint32_t mask = 0;
    for (std::size_t count = chance.below(4); count > 0; --count)
        mask |= model::bit_of(model::events_in_posting_order[chance.below(model::event_count)]);
    return model::show_mask(mask);
}

std::string another_word(Chance& chance, const std::string& word, const Lines& all) {
    static const std::vector<std::string> of_language = words_after_verbs(examples());
    if (is_number(word)) return std::to_string(chance.number());
    if (word.find("FD_") != std::string::npos || word == "all" || word == "0") return events(chance);
    const auto here = words_after_verbs(all);
    return here.empty() || chance.one_in(3) ? chance.one_of(of_language) : chance.one_of(here);
}

// Words in front of an operation: another thread, at the same time.
std::string with_prefix(Chance& chance, const std::string& line) {
    std::string bare = line;
    if (bare.starts_with("meanwhile ")) bare = bare.substr(10);
    if (const std::size_t colon = bare.find(": "); colon != std::string::npos) bare = bare.substr(colon + 2);
    switch (chance.below(4)) {
        case 0:
            return "t: " + bare;
        case 1:
            return "meanwhile " + bare;
        case 2:
            return "meanwhile t: " + bare;
        default:
            return bare;
    }
}

std::string changed(Chance& chance, const std::string& line, const Lines& all) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        if (chance.one_in(10)) {
            if (auto step = as_step(with_prefix(chance, line))) return *step;
            continue;
        }
        auto words = words_of(line);
        if (words.empty()) return line;
        const std::size_t place = chance.below(words.size());
        switch (chance.below(8)) {
            case 0:
                words.erase(words.begin() + static_cast<std::ptrdiff_t>(place));
                break;
            case 1:
                words.push_back(another_word(chance, "", all));
                break;
            case 2:  // another verb with the same words
                words.front() = words_of(chance.one_of(examples())).front();
                break;
            default:
                words[place] = another_word(chance, words[place], all);
        }
        auto step = as_step(line_of(words));
        if (step && *step != line) return *step;
    }
    return line;
}

std::string any_line(Chance& chance, const Lines& all) {
    // What lets something happen, or shows what has happened, more often than the rest.
    static const Lines often{"quiet",
                             "quiet",
                             "messages",
                             "connection s",
                             "select s all",
                             "recv s 10",
                             "peer s send 10",
                             "listener l",
                             "peer c connect l",
                             "accept l s",
                             "socket d datagram",
                             "bind d",
                             "peer p datagram d 5",
                             "fill s",
                             "peer s receive all"};
    const std::string line = chance.one_of(chance.one_in(2) ? often : examples());
    return chance.one_in(2) ? changed(chance, line, all) : line;
}

const LineLanguage& language() {
    static const LineLanguage of_scripts{0, 48, any_line, changed};
    return of_scripts;
}

// The steps alone, one a line: a title and clauses change nothing.
Lines steps_of(std::string_view text) {
    try {
        Lines lines;
        for (const auto& step : conformance::parse(text, "").steps) {
            lines.push_back(conformance::show(step));
            if (lines.size() == language().most_lines) break;
        }
        return lines;
    } catch (const conformance::ScriptError&) {
        return {"connection s", "select s all"};
    }
}

std::string only_of(std::string_view text) {
    try {
        return conformance::parse(text, "").only;
    } catch (const conformance::ScriptError&) {
        return "";
    }
}

// Steps that cannot overlap as they were put together do so one after the other.
std::string script_of(Lines lines, const std::string& only) {
    const std::string head = only.empty() ? "" : "only " + only + '\n';
    if (lines.empty()) lines.emplace_back("quiet");
    try {
        return conformance::show(conformance::parse(head + text_of(lines), ""));
    } catch (const conformance::ScriptError&) {
        for (std::string& line : lines)
            if (line.starts_with("meanwhile ")) line = line.substr(10);
        return head + text_of(lines);
    }
}

}  // namespace

std::string mutated_script(std::string_view text, std::uint64_t seed) {
    Chance chance(seed);
    std::string only = only_of(text);
    if (chance.one_in(20)) only = only == "eager" ? "" : "eager";
    return script_of(mutated(steps_of(text), chance, language()), only);
}

std::string crossed_scripts(std::string_view one, std::string_view other, std::uint64_t seed) {
    Chance chance(seed);
    return script_of(crossed(steps_of(one), steps_of(other), chance, language()), only_of(one));
}

}  // namespace asyncselect::fuzz
