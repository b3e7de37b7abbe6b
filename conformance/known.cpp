// See conformance/known.hpp.
#include "conformance/known.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "conformance/report_words.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view fails = "fails";
constexpr std::string_view not_covered = "not covered";
constexpr std::string_view error = "error";
constexpr std::string_view no_scenario = "no scenario covers ";

bool contains(const std::vector<std::string>& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

// ---- reading -------------------------------------------------------------------------------------------------------

using Place = std::vector<std::variant<std::string, std::size_t>>;

// Finds where a value stands in a text that is known to be JSON.
class Locator {
  public:
    explicit Locator(std::string_view text) : text_(text) {}

    std::size_t find(const Place& place) {
        blanks();
        for (const auto& part : place) {
            if (const auto* key = std::get_if<std::string>(&part)) {
                enter_field(*key);
            } else {
                enter_element(std::get<std::size_t>(part));
            }
        }
        return at_;
    }

  private:
    void blanks() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
    }
    void pass(char /*expected*/) {
        blanks();
        ++at_;
        blanks();
    }
    std::string string() {
        const std::size_t begin = at_++;
        while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
        ++at_;
        return ordered_json::parse(text_.substr(begin, at_ - begin)).get<std::string>();
    }
    void value() {
        if (text_[at_] == '"') {
            string();
        } else if (text_[at_] == '{' || text_[at_] == '[') {
            std::size_t depth = 0;
            do {
                if (text_[at_] == '"') {
                    string();
                    continue;
                }
                if (text_[at_] == '{' || text_[at_] == '[') ++depth;
                if (text_[at_] == '}' || text_[at_] == ']') --depth;
                ++at_;
            } while (depth > 0);
        } else {
            while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos)
                ++at_;
        }
        blanks();
    }
    void enter_field(const std::string& key) {
        std::size_t found = at_;
        pass('{');
        while (text_[at_] != '}') {
            const bool meant = string() == key;
            pass(':');
            if (meant) found = at_;
            value();
            if (text_[at_] == ',') pass(',');
        }
        at_ = found;
    }
    void enter_element(std::size_t index) {
        pass('[');
        for (; index > 0; --index) {
            value();
            pass(',');
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

[[noreturn]] void fail_at(std::string_view text, std::size_t at, const std::string& what) {
    const std::string_view before = text.substr(0, at);
    const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
    const std::size_t newline = before.rfind('\n');
    throw KnownError(line, newline == std::string_view::npos ? at + 1 : at - newline, what);
}

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<KnownList> read() {
        ordered_json whole;
        try {
            whole = ordered_json::parse(text_);
        } catch (const ordered_json::parse_error& parse_error) {
            // Its text names the place in its own way; `byte` counts the last one that was read.
            const std::string text = parse_error.what();
            const std::size_t colon = text.find(": ");
            fail_at(text_, parse_error.byte == 0 ? 0 : parse_error.byte - 1,
                    "this is no JSON" + (colon == std::string::npos ? "" : text.substr(colon)));
        }
        std::vector<KnownList> lists;
        if (whole.is_array()) {
            for (std::size_t index = 0; index < whole.size(); ++index) {
                place_.emplace_back(index);
                lists.push_back(list(whole[index]));
                place_.pop_back();
            }
        } else {
            lists.push_back(list(whole));
        }
        return lists;
    }

  private:
    [[noreturn]] void fail(const std::string& what) const { fail_at(text_, Locator(text_).find(place_), what); }
    [[noreturn]] void fail(const std::string& field, const std::string& what) const {
        Place place = place_;
        place.emplace_back(field);
        fail_at(text_, Locator(text_).find(place), what);
    }

    void check_fields(const ordered_json& object, const std::vector<std::string>& names) const {
        if (!object.is_object()) fail("an object is expected here");
        for (const auto& [key, value] : object.items()) {
            if (!contains(names, key))
                fail(key, "the field \"" + key + "\" is not known here: " + join(names, ", ") + " are");
        }
    }
    std::string text(const ordered_json& object, const std::string& field) const {
        const auto found = object.find(field);
        if (found == object.end()) fail("the field \"" + field + "\" is missing");
        if (!found->is_string()) fail(field, "\"" + field + "\" is a text");
        return found->get<std::string>();
    }

    KnownList list(const ordered_json& object) {
        check_fields(object, {"provider", "profile", "known"});
        KnownList made{text(object, "provider"), text(object, "profile"), {}};
        if (made.profile != "spec" && made.profile != "windows") fail("profile", "the profile is spec or windows");
        const auto known = object.find("known");
        if (known == object.end()) fail("the field \"known\" is missing");
        if (!known->is_array()) fail("known", "\"known\" is an array");
        place_.emplace_back("known");
        for (std::size_t index = 0; index < known->size(); ++index) {
            place_.emplace_back(index);
            made.known.push_back(finding((*known)[index], made));
            place_.pop_back();
        }
        place_.pop_back();
        return made;
    }

    Finding finding(const ordered_json& object, const KnownList& before) const {
        check_fields(object, {"clause", "as", "scenarios", "why", "at_times"});
        Finding made;
        made.as = text(object, "as");
        if (made.as != error) {
            made.clause = text(object, "clause");
            const model::Clause* const clause = model::find(made.clause);
            if (clause == nullptr) fail("clause", "no clause is called " + made.clause);
            if (!counted(*clause)) fail("clause", made.clause + " is not counted: nothing is reported for it");
            if (made.as != fails && made.as != not_covered && !deviations(made.as))
                fail("as", "\"as\" is \"fails\", \"not covered\", \"error\" or deviations, as \"W-2\" or \"W-1, W-2\"");
        } else if (object.contains("clause")) {
            fail("clause", "an error of the suite is about scenarios, not about a clause");
        }
        if (object.contains("why")) made.why = text(object, "why");
        if (const auto at_times = object.find("at_times"); at_times != object.end()) {
            if (!at_times->is_boolean()) fail("at_times", "\"at_times\" is true or false");
            made.at_times = at_times->get<bool>();
        }
        if (const auto scenarios = object.find("scenarios"); scenarios != object.end()) {
            if (!scenarios->is_array() || scenarios->empty() ||
                !std::ranges::all_of(*scenarios, [](const ordered_json& name) { return name.is_string(); }))
                fail("scenarios", "\"scenarios\" is an array of names; without the field any is meant");
            made.scenarios = scenarios->get<std::vector<std::string>>();
        }
        if (made.as == error && made.scenarios.empty()) fail("an error is known of scenarios: name them");
        if (made.as == not_covered && !made.scenarios.empty())
            fail("scenarios", "what is not covered has no scenarios");
        for (const Finding& other : before.known) {
            const bool shares = made.scenarios.empty() || other.scenarios.empty() ||
                                std::ranges::any_of(made.scenarios, [&](const std::string& name) {
                                    return contains(other.scenarios, name);
                                });
            if (other.clause == made.clause && other.as == made.as && shares) fail("this is on the list already");
        }
        return made;
    }

    // "W-2", "not W-1, W-3".
    static bool deviations(std::string_view text) {
        while (true) {
            const std::size_t end = text.find(", ");
            std::string_view name = text.substr(0, end);
            if (name.starts_with("not ")) name.remove_prefix(4);
            if (!name.starts_with("W-") || !model::exists(name)) return false;
            if (end == std::string_view::npos) return true;
            text.remove_prefix(end + 2);
        }
    }

    std::string_view text_;
    Place place_;
};

// ---- finding -------------------------------------------------------------------------------------------------------

void add(std::vector<Finding>& findings, const Finding& found) {
    const auto same = std::ranges::find_if(findings, [&](const Finding& finding) {
        return finding.clause == found.clause && finding.as == found.as && finding.why == found.why &&
               finding.at_times == found.at_times;
    });
    if (same == findings.end()) {
        findings.push_back(found);
        return;
    }
    for (const std::string& name : found.scenarios) {
        if (!contains(same->scenarios, name)) same->scenarios.push_back(name);
    }
}

// An error of the suite as it is told: of a clause that nothing covers, or of a scenario.
Finding finding_of(const std::string& told, const SuiteOutcome& outcome) {
    if (told.starts_with(no_scenario)) {
        const std::string clause = told.substr(no_scenario.size(), told.find(':') - no_scenario.size());
        return {clause, std::string(not_covered), {}, {}};
    }
    Finding found{{}, std::string(error), {}, {}};
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        const std::string& name = scenario.script.name;
        if (!told.starts_with(name) || told.size() == name.size()) continue;
        const char next = told[name.size()];
        if (next == ' ' || next == ',') found.scenarios = {name};
    }
    if (found.scenarios.empty()) found.why = told;  // no list can have it
    return found;
}

bool listed(const Finding& entry, const Finding& found, const std::string& scenario) {
    return entry.clause == found.clause && entry.as == found.as && (!scenario.empty() || entry.as == not_covered) &&
           (entry.scenarios.empty() || contains(entry.scenarios, scenario));
}

// Whether what was played could have shown what the entry says, of any scenario that has it.
bool examined(const Finding& entry, const SuiteOutcome& outcome) {
    const auto verdict = std::ranges::find_if(
        outcome.clauses, [&](const ClauseVerdict& candidate) { return candidate.clause->id == entry.clause; });
    if (verdict == outcome.clauses.end()) return false;
    if (entry.as == not_covered)
        return verdict->status != Status::not_covered && verdict->status != Status::not_possible &&
               verdict->status != Status::skipped;
    return std::ranges::any_of(outcome.scenarios, [&](const ScenarioOutcome& scenario) {
        return scenario.reason.empty() && contains(scenario.script.clauses, entry.clause);
    });
}

bool played(const std::string& name, const SuiteOutcome& outcome) {
    return std::ranges::any_of(outcome.scenarios, [&](const ScenarioOutcome& scenario) {
        return scenario.script.name == name && scenario.reason.empty();
    });
}

}  // namespace

std::string show(const Finding& finding) {
    std::string text;
    if (finding.as == error) {
        if (finding.scenarios.empty()) return finding.why;
        text = "an error of the suite";
    } else if (finding.as == not_covered) {
        text = finding.clause + " is not covered";
    } else {
        text = finding.clause + (finding.as == fails ? " fails" : " deviates (" + finding.as + ')');
    }
    return text + (finding.scenarios.empty() ? "" : " in " + join(finding.scenarios, ", "));
}

std::vector<KnownList> parse_known(std::string_view text) { return Reader(text).read(); }

std::string write_known(const std::vector<KnownList>& lists) {
    ordered_json all = ordered_json::array();
    for (const KnownList& list : lists) {
        ordered_json known = ordered_json::array();
        for (const Finding& finding : list.known) {
            ordered_json entry = ordered_json::object();
            if (!finding.clause.empty()) entry["clause"] = finding.clause;
            entry["as"] = finding.as;
            if (!finding.scenarios.empty()) entry["scenarios"] = finding.scenarios;
            entry["why"] = finding.why;
            if (finding.at_times) entry["at_times"] = true;
            known.push_back(std::move(entry));
        }
        all.push_back({{"provider", list.provider}, {"profile", list.profile}, {"known", std::move(known)}});
    }
    return (all.size() == 1 ? all.front() : all).dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

Finding finding_of(const ScenarioOutcome& scenario) {
    const Played& played = scenario.played;
    return {std::string(counted_as(played.violation->clause)),
            played.deviates() ? join(played.deviations, ", ") : std::string(fails),
            {scenario.script.name},
            {}};
}

std::vector<Finding> findings_of(const SuiteOutcome& outcome) {
    std::vector<Finding> findings;
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        // Where the clause is none, or not one of this report, there is an error of the suite.
        if (!scenario.played.violation) continue;
        const Finding found = finding_of(scenario);
        const bool reported = std::ranges::any_of(
            outcome.clauses, [&](const ClauseVerdict& verdict) { return verdict.clause->id == found.clause; });
        if (reported) add(findings, found);
    }
    std::ranges::stable_sort(findings, {}, [](const Finding& finding) {
        return std::ranges::find(model::clauses, finding.clause, &model::Clause::id) - model::clauses.begin();
    });
    for (const std::string& told : outcome.errors) add(findings, finding_of(told, outcome));
    return findings;
}

bool is_known_error(const SuiteOutcome& outcome, const std::string& told) {
    if (!outcome.comparison) return false;
    const Finding found = finding_of(told, outcome);
    return std::ranges::any_of(outcome.comparison->known, [&](const Finding& known) {
        return known.clause == found.clause && known.as == found.as &&
               std::ranges::all_of(found.scenarios,
                                   [&](const std::string& name) { return contains(known.scenarios, name); }) &&
               (found.as == not_covered || !found.scenarios.empty());
    });
}

Comparison compare(const KnownList& list, const SuiteOutcome& outcome) {
    Comparison comparison;
    std::vector<std::vector<std::string>> seen(list.known.size());  // the scenarios that show each entry
    for (const Finding& found : findings_of(outcome)) {
        std::vector<std::string> scenarios = found.scenarios;
        if (scenarios.empty()) scenarios.emplace_back();
        for (const std::string& scenario : scenarios) {
            Finding one{found.clause, found.as, {}, found.why};
            if (!scenario.empty()) one.scenarios.push_back(scenario);
            const auto entry = std::ranges::find_if(
                list.known, [&](const Finding& candidate) { return listed(candidate, found, scenario); });
            if (entry == list.known.end()) {
                add(comparison.fresh, one);
                continue;
            }
            one.why = entry->why;
            one.at_times = entry->at_times;
            add(comparison.known, one);
            seen[static_cast<std::size_t>(entry - list.known.begin())].push_back(scenario);
        }
    }
    for (std::size_t index = 0; index < list.known.size(); ++index) {
        const Finding& entry = list.known[index];
        const auto missing = [&](bool was_examined) -> std::vector<Finding>& {
            return was_examined && !entry.at_times ? comparison.gone : comparison.unexamined;
        };
        if (entry.scenarios.empty()) {
            if (seen[index].empty()) add(missing(examined(entry, outcome)), entry);
            continue;
        }
        for (const std::string& scenario : entry.scenarios) {
            if (contains(seen[index], scenario)) continue;
            add(missing(played(scenario, outcome)), {entry.clause, entry.as, {scenario}, entry.why, entry.at_times});
        }
    }
    return comparison;
}

KnownList known_now(const SuiteOutcome& outcome, const KnownList* before) {
    KnownList list{outcome.provider, outcome.profile, {}};
    if (before == nullptr) {
        list.known = findings_of(outcome);
        std::erase_if(list.known,
                      [](const Finding& finding) { return finding.as == error && finding.scenarios.empty(); });
        for (Finding& finding : list.known) finding.why.clear();
        return list;
    }
    const Comparison comparison = compare(*before, outcome);
    for (const auto* const part : {&comparison.known, &comparison.fresh, &comparison.unexamined}) {
        for (const Finding& finding : *part) {
            if (finding.as != error || !finding.scenarios.empty()) list.known.push_back(finding);
        }
    }
    return list;
}

}  // namespace asyncselect::conformance
