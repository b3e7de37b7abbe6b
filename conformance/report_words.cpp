// See conformance/report_words.hpp.
#include "conformance/report_words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "conformance/known.hpp"

namespace asyncselect::conformance {

namespace {

// The sections of the specification, by what stands between "AS-" and the number.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> sections{{
    {"API", "The call"},
    {"MODE", "Blocking mode"},
    {"REG", "Registration"},
    {"CANCEL", "Cancellation"},
    {"INHERIT", "Accepted sockets"},
    {"MSG", "The message"},
    {"ENABLE", "No flooding, and re-enabling"},
    {"LEVEL", "Level-triggered events"},
    {"EDGE", "Edge-triggered events"},
    {"ROBUST", "Robustness"},
    {"READ", "FD_READ"},
    {"WRITE", "FD_WRITE"},
    {"OOB", "FD_OOB"},
    {"ACCEPT", "FD_ACCEPT"},
    {"CONNECT", "FD_CONNECT"},
    {"CLOSE", "FD_CLOSE"},
    {"QOS", "FD_QOS"},
    {"GQOS", "FD_GROUP_QOS"},
    {"ROUTE", "FD_ROUTING_INTERFACE_CHANGE"},
    {"ADDR", "FD_ADDRESS_LIST_CHANGE"},
    {"ERROR", "Error codes in the message"},
}};

}  // namespace

std::string_view section_of(std::string_view id) {
    if (id.starts_with("W-")) return "Windows profile";
    if (!id.starts_with("AS-")) return "Readings";
    const std::string_view rest = id.substr(3);
    const std::string_view key = rest.substr(0, rest.find('-'));
    const auto* const found = std::ranges::find(sections, key, &std::pair<std::string_view, std::string_view>::first);
    return found == sections.end() ? key : found->second;
}

std::string_view name_of(Status status) {
    switch (status) {
        case Status::conforms:
            return "conforms";
        case Status::deviates:
            return "deviates";
        case Status::fails:
            return "fails";
        case Status::not_covered:
            return "not yet covered";
        case Status::not_possible:
            return "not possible";
        case Status::skipped:
            return "skipped";
    }
    return "";
}

std::string words_for(const ClauseVerdict& verdict) {
    std::string status{name_of(verdict.status)};
    if (verdict.status == Status::deviates) status += " (" + join(verdict.deviations, ", ") + ')';
    return status;
}

std::string_view errors_title(const SuiteOutcome& outcome) {
    return outcome.ours ? "Errors of the suite" : "Not shown, or not played to the end";
}

std::string_view news_of(const SuiteOutcome& outcome, const ClauseVerdict& verdict) {
    if (!outcome.comparison) return "";
    const auto about = [&](const Finding& finding) { return finding.clause == verdict.clause->id; };
    if (std::ranges::any_of(outcome.comparison->fresh, about)) return "new";
    if (std::ranges::any_of(outcome.comparison->known, about)) return "known";
    return "";
}

bool is_known(const SuiteOutcome& outcome, const ScenarioOutcome& scenario) {
    if (!outcome.comparison || !scenario.played.violation) return false;
    const Finding finding = finding_of(scenario);
    return std::ranges::any_of(outcome.comparison->known, [&](const Finding& known) {
        return known.clause == finding.clause && known.as == finding.as &&
               std::ranges::find(known.scenarios, scenario.script.name) != known.scenarios.end();
    });
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const std::string& part : parts) {
        if (&part != &parts.front()) text += between;
        text += part;
    }
    return text;
}

namespace {

// The length of the UTF-8 sequence of a character that XML 1.0 permits, or 0.
std::size_t character_at(std::string_view text) {
    const auto byte = [text](std::size_t index) {
        return index < text.size() ? static_cast<std::uint8_t>(text[index]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' ? 1 : 0;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) return 0;
    unsigned code = first & (0x7fU >> length);
    for (std::size_t index = 1; index < length; ++index) {
        if ((byte(index) & 0xc0U) != 0x80) return 0;
        code = code << 6U | (byte(index) & 0x3fU);
    }
    constexpr std::array<unsigned, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[length] || code > 0x10ffff || surrogate || code == 0xfffe || code == 0xffff ? 0 : length;
}

}  // namespace

std::string readable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = character_at(text);
        out += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char character : readable(text)) {
        switch (character) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&apos;";
                break;
            default:
                out += character;
        }
    }
    return out;
}

}  // namespace asyncselect::conformance
