// See conformance/report_html.hpp. What is written here can be read without a script: the matrix with its verdicts and
// reasons. Behind it stand the traces, once each, as data; page/page.js draws of them what is asked for.
#include "conformance/report_html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "conformance/coverage_file.hpp"
#include "conformance/known.hpp"
#include "conformance/page/page.hpp"
#include "conformance/path.hpp"
#include "conformance/report.hpp"
#include "conformance/report_words.hpp"
#include "conformance/versions.hpp"
#include "model/coverage.hpp"
#include "model/event.hpp"
#include "model/tables.hpp"

namespace asyncselect::conformance {

namespace {

using nlohmann::ordered_json;
namespace seen = model::observation;

constexpr std::array statuses{Status::fails,       Status::deviates,     Status::conforms,
                              Status::not_covered, Status::not_possible, Status::skipped};

std::string_view style_of(Status status) {
    switch (status) {
        case Status::conforms:
            return "conforms";
        case Status::deviates:
            return "deviates";
        case Status::fails:
            return "fails";
        case Status::not_covered:
            return "not-covered";
        case Status::not_possible:
            return "not-possible";
        case Status::skipped:
            return "skipped";
    }
    return "";
}

// Beside the word, and beside the colour: nobody need see it.
std::string_view symbol_of(Status status) {
    switch (status) {
        case Status::conforms:
            return "\u2713";
        case Status::deviates:
            return "\u2248";
        case Status::fails:
            return "\u2717";
        case Status::not_covered:
            return "?";
        case Status::not_possible:
            return "\u2205";
        case Status::skipped:
            return "\u2013";
    }
    return "";
}

// ---- the matrix ----------------------------------------------------------------------------------------------------

std::string cell(const SuiteOutcome& outcome, const ClauseVerdict& verdict) {
    const std::string_view news = news_of(outcome, verdict);
    std::string words{name_of(verdict.status)};
    std::string more = join(verdict.deviations, ", ");
    if (!news.empty()) more += (more.empty() ? "" : ", ") + std::string(news);
    const std::string name = escaped(std::string(verdict.clause->id) + ',' + outcome.provider);
    std::string html = fmt::format(
        R"(<td><a class="cell {0}" href="#cell={1}" data-cell="{1}" data-verdict="{0}" data-news="{7}"><span class="symbol" aria-hidden="true">{2}</span>)"
        R"(<span class="of">{3}: </span><span class="word">{4}</span>{5}<span class="profile">{6}<span class="aside"> profile</span></span></a>)",
        style_of(verdict.status), name, symbol_of(verdict.status), escaped(outcome.provider), words,
        more.empty() ? "" : fmt::format(R"(<span class="more">{}</span>)", escaped(more)), escaped(outcome.profile),
        news);
    // Why it is not covered can be long, and stands above the matrix and in the evidence.
    if (!verdict.reason.empty() && verdict.status != Status::not_covered)
        html += fmt::format(R"(<p class="reason">{}</p>)", escaped(verdict.reason));
    return html + "</td>";
}

// Which proofs speak of a clause.
std::string proofs_of(std::string_view clause, const std::vector<ProvedClaim>& proved) {
    std::string list;
    std::size_t speak = 0;
    std::size_t hold = 0;
    for (const ProvedClaim& claim : proved) {
        if (!claim.speaks_of(clause)) continue;
        ++speak;
        hold += claim.holds() ? 1 : 0;
        const std::string verdict = claim.verdict == "proved" && !claim.holds() ? "a control passes" : claim.verdict;
        list += fmt::format("<li><span class=\"proof\">{}</span> {} ({}, {})</li>", escaped(claim.id),
                            escaped(claim.claim), escaped(verdict), escaped(claim.tool));
    }
    if (speak == 0) return "";
    return fmt::format(
        R"(<details class="proofs" data-proofs="{}"><summary>{} {} of {} {}</summary><ul>{}</ul></details>)",
        hold == speak ? "hold" : "fail", hold == speak ? "\u2713" : "\u2717", hold, speak,
        speak == 1 ? "proof holds" : "proofs hold", list);
}

std::string matrix(const std::vector<SuiteOutcome>& outcomes, const std::vector<ProvedClaim>& proved) {
    std::string html = R"(<table class="matrix"><thead><tr><th scope="col">Clause</th>)";
    for (const SuiteOutcome& outcome : outcomes) {
        html += fmt::format(R"(<th scope="col">{}<span class="version">{}</span></th>)", escaped(outcome.provider),
                            escaped(outcome.version));
    }
    html += "</tr></thead>\n";
    std::string_view section;
    for (std::size_t index = 0; index < outcomes.front().clauses.size(); ++index) {
        const model::Clause& clause = *outcomes.front().clauses[index].clause;
        if (section_of(clause.id) != section) {
            html += section.empty() ? "" : "</tbody>\n";
            section = section_of(clause.id);
            html += fmt::format("<tbody>\n<tr class=\"section\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
                                outcomes.size() + 1, escaped(section));
        }
        html += fmt::format(R"(<tr class="clause" data-clause="{0}"><th scope="row"><span class="id">{0}</span> )"
                            R"(<span class="text">{1}</span>{2}</th>)",
                            clause.id, escaped(clause.text), proofs_of(clause.id, proved));
        for (const SuiteOutcome& outcome : outcomes) html += cell(outcome, outcome.clauses[index]);
        html += "</tr>\n";
    }
    return html + (section.empty() ? "" : "</tbody>") + "</table>\n";
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
}

// How many transitions of each machine were exercised; page.js draws which, where somebody asks.
std::string coverage(const std::vector<SuiteOutcome>& outcomes) {
    std::string html = R"(<table class="coverage"><thead><tr><th scope="col">Machine</th>)";
    for (const SuiteOutcome& outcome : outcomes)
        html += fmt::format(R"(<th scope="col">{}</th>)", escaped(outcome.provider));
    html += "</tr></thead>\n<tbody>\n";
    const auto transitions = model::transitions();
    std::vector<model::Coverage> exercised;
    exercised.reserve(outcomes.size());
    for (const SuiteOutcome& outcome : outcomes) exercised.push_back(outcome.transitions());
    for (const model::Event event : model::events_in_posting_order) {
        model::Coverage of_machine;
        for (std::size_t number = 0; number < transitions.size(); ++number)
            of_machine[number] = transitions[number]->machine == event;
        // A long name is broken between its words.
        std::string name(model::name_of(event));
        replace_all(name, "_", "_<wbr>");
        html += fmt::format("<tr><th scope=\"row\">{}</th>", name);
        for (std::size_t index = 0; index < outcomes.size(); ++index) {
            html += fmt::format(
                R"(<td><a class="covered" href="#covered={0},{1}" data-covered="{0},{1}">{2} of {3}</a></td>)",
                model::file_name_of(event), escaped(outcomes[index].provider), (exercised[index] & of_machine).count(),
                of_machine.count());
        }
        html += "</tr>\n";
    }
    html += "</tbody>\n<tfoot><tr><th scope=\"row\">All</th>";
    for (const model::Coverage& all : exercised)
        html += fmt::format("<td>{} of {}</td>", all.count(), transitions.size());
    return html + "</tr></tfoot></table>\n";
}

// As many clauses do.
std::string_view plural_of(Status status) {
    switch (status) {
        case Status::conforms:
            return "conform";
        case Status::deviates:
            return "deviate";
        case Status::fails:
            return "fail";
        default:
            return name_of(status);
    }
}

// A provider's counts, and a bar of them.
std::string counts(const SuiteOutcome& outcome) {
    std::string bar;
    std::string words;
    for (const Status status : statuses) {
        const std::size_t count = outcome.count(status);
        if (count > 0) bar += fmt::format(R"(<span class="{}" style="flex-grow:{}"></span>)", style_of(status), count);
        // What never occurs need not be said, except that nothing fails or deviates.
        if (count == 0 && status != Status::fails && status != Status::deviates) continue;
        words += fmt::format(R"(<li class="{} {}"><span class="symbol" aria-hidden="true">{}</span><b>{}</b> {}</li>)",
                             style_of(status), count == 0 ? "none" : "some", symbol_of(status), count,
                             count == 1 ? name_of(status) : plural_of(status));
    }
    if (outcome.comparison) {
        words += fmt::format("<li><b>{}</b> known</li><li><b>{}</b> new</li><li><b>{}</b> fixed</li>",
                             outcome.comparison->known.size(), outcome.comparison->fresh.size(),
                             outcome.comparison->gone.size());
    }
    return fmt::format(
        R"(<section class="provider"><h2>{} <span class="version">{}</span></h2><p class="judged">{} profile, {} clauses, {} scenarios</p>)"
        R"(<div class="bar" aria-hidden="true">{}</div><ul class="counts">{}</ul></section>)"
        "\n",
        escaped(outcome.provider), escaped(outcome.version), escaped(outcome.profile), outcome.clauses.size(),
        outcome.scenarios.size(), bar, words);
}

// What stands above the matrix: news, errors, what is known.
std::string notices(const std::vector<SuiteOutcome>& outcomes) {
    std::string html;
    for (const SuiteOutcome& outcome : outcomes) {
        const std::string who = outcomes.size() > 1 ? ", " + outcome.provider : "";
        const auto list = [&](std::string_view style, std::string_view title, const std::vector<std::string>& lines) {
            if (lines.empty()) return;
            html +=
                fmt::format("<section class=\"notice {}\"><h2>{}</h2><ul>", style, escaped(std::string(title) + who));
            for (const std::string& line : lines) html += "<li>" + escaped(line) + "</li>";
            html += "</ul></section>\n";
        };
        if (outcome.comparison) {
            const auto shown = [](const std::vector<Finding>& findings, std::string_view before) {
                std::vector<std::string> lines;
                for (const Finding& finding : findings) {
                    lines.push_back(std::string(before) + show(finding));
                    if (!finding.why.empty() && finding.why != show(finding)) lines.back() += ": " + finding.why;
                }
                return lines;
            };
            list("bad", "New", shown(outcome.comparison->fresh, ""));
            list("bad", "Fixed: take it off the list", shown(outcome.comparison->gone, ""));
            list("", "Known", shown(outcome.comparison->known, ""));
            list("", "Known, and not examined", shown(outcome.comparison->unexamined, ""));
        }
        std::vector<std::string> errors;
        for (const std::string& error : outcome.errors)
            errors.push_back((is_known_error(outcome, error) ? "known: " : "") + error);
        list("bad", errors_title(outcome), errors);
    }
    return html;
}

// What is no part of the matrix: the deviations of Windows that a transport has no means for.
std::string not_counted(const std::vector<SuiteOutcome>& outcomes) {
    std::map<std::string, std::vector<std::string>> providers;  // of each line
    for (const SuiteOutcome& outcome : outcomes) {
        for (const ClauseVerdict& verdict : outcome.not_counted) {
            providers[std::string(verdict.clause->id) + " of the windows profile is " +
                      std::string(name_of(verdict.status)) + ": " + verdict.reason]
                .push_back(outcome.provider);
        }
    }
    if (providers.empty()) return "";
    std::string html = "<h2>Not counted</h2><ul>";
    for (const auto& [line, names] : providers) {
        const std::string who = names.size() == outcomes.size() ? "" : " (" + join(names, ", ") + ')';
        html += "<li>" + escaped(line + who) + "</li>";
    }
    return html + "</ul>";
}

std::string filters(const std::vector<SuiteOutcome>& outcomes) {
    std::string html;
    for (const Status status : statuses) {
        std::size_t count = 0;
        for (const SuiteOutcome& outcome : outcomes) count += outcome.count(status);
        if (count == 0) continue;
        html += fmt::format(
            R"(<button type="button" class="{0}" data-filter="{0}" aria-pressed="false"><span class="symbol" aria-hidden="true">{1}</span>{2} <b>{3}</b></button>)",
            style_of(status), symbol_of(status), name_of(status), count);
    }
    return html;
}

std::string judged_with(const std::vector<SuiteOutcome>& outcomes) {
    const bool given = outcomes.front().given_scripts;
    std::string html = fmt::format("<dt>Suite</dt><dd>asyncselect {}</dd>", escaped(versions().suite));
    for (const SuiteOutcome& outcome : outcomes) {
        html += fmt::format("<dt>Provider</dt><dd>{} {}</dd>", escaped(outcome.provider), escaped(outcome.version));
    }
    html += fmt::format("<dt>Profile</dt><dd>{}: {}</dd>", escaped(outcomes.front().profile),
                        outcomes.front().profile == "windows" ? "what was published of Windows 10 and 11"
                                                              : "the page and our readings of it");
    html += given ? "<dt>Scripts</dt><dd>as given, not those of the suite</dd>"
                  : fmt::format("<dt>Scripts, SHA-256</dt><dd class=\"hash\">{}</dd>", versions().scripts_sha256);
    return html + fmt::format("<dt>Clauses, SHA-256</dt><dd class=\"hash\">{}</dd>", versions().clauses_sha256);
}

// ---- the data ------------------------------------------------------------------------------------------------------

// Texts that occur again and again, each once.
class Texts {
  public:
    std::size_t add(std::string_view text) {
        const auto [place, added] = places_.emplace(std::string(text), all_.size());
        if (added) all_.push_back(readable(text));
        return place->second;
    }
    [[nodiscard]] ordered_json json() const { return all_; }

  private:
    std::unordered_map<std::string, std::size_t> places_;
    std::vector<std::string> all_;
};

// What an observation is, and on whose lane it is drawn: the name of a thread or a connection, where it has one.
struct Drawn {
    std::string_view kind;
    std::string lane;
    std::string text;
    std::uint64_t number = 0;  // of what has begun, or ends
};

Drawn drawn(const model::Observation& observation) {
    std::string text = model::show(observation);
    if (const auto* call = std::get_if<seen::Call>(&observation)) {
        if (call->thread != "main") text.erase(0, call->thread.size() + 2);
        return {"call", call->thread, std::move(text)};
    }
    if (const auto* message = std::get_if<seen::Message>(&observation))
        return {"message", message->thread, std::move(text)};
    if (const auto* peer = std::get_if<seen::Peer>(&observation)) {
        text.erase(0, std::string_view("peer ").size() + peer->connection.size() + 1);
        return {peer->verb == seen::PeerVerb::receive ? "receives" : "peer", peer->connection, std::move(text)};
    }
    if (std::holds_alternative<seen::Change>(observation)) return {"change", "", std::move(text)};
    if (std::holds_alternative<seen::QueueLimit>(observation)) return {"limit", "", std::move(text)};
    if (std::holds_alternative<seen::Clock>(observation)) return {"clock", "", std::move(text)};
    if (const auto* began = std::get_if<seen::Began>(&observation)) {
        std::string what = began->what.empty() ? "begins" : "begins: " + began->what;
        return {"began", began->thread, std::move(what), began->number};
    }
    if (const auto* ended = std::get_if<seen::Ended>(&observation)) {
        Drawn what = drawn(model::done(*ended));
        what.number = ended->number;
        return what;
    }
    return {"quiet", "", std::move(text)};
}

ordered_json path_json(const SuiteOutcome& outcome, const Played& played, std::set<const model::Row*>& rows) {
    model::OracleOptions options;
    options.profile =
        with_deviations(outcome.profile == "windows" ? model::windows_profile : model::spec_profile, played.deviations);
    options.ours = outcome.ours;
    const PathTaken path = path_of(played.trace, options);
    ordered_json fired = ordered_json::array();
    for (const Fired& one : path.fired) {
        fired.push_back({model::key_of(*one.row), one.observation});
        rows.insert(one.row);
    }
    ordered_json last = ordered_json::array();
    for (const model::Row* const row : path.last) {
        last.push_back(model::key_of(*row));
        rows.insert(row);
    }
    return {{"fired", std::move(fired)}, {"last", std::move(last)}};
}

ordered_json trace_json(const SuiteOutcome& outcome, const ScenarioOutcome& scenario, Texts& texts,
                        std::set<const model::Row*>& rows) {
    const Played& played = scenario.played;
    ordered_json trace = ordered_json::array();
    for (std::size_t index = 0; index < played.trace.size(); ++index) {
        const Drawn one = drawn(played.trace[index]);
        ordered_json entry = {played.step_of[index], texts.add(one.kind), texts.add(one.lane), texts.add(one.text)};
        if (one.number != 0) entry.push_back(one.number);
        trace.push_back(std::move(entry));
    }
    ordered_json json = {{"trace", std::move(trace)}, {"path", path_json(outcome, played, rows)}};
    if (played.violation) {
        const model::Violation& violation = *played.violation;
        std::vector<std::string> states;
        for (const std::string& state : violation.states) states.push_back(readable(state));
        json["violation"] = {{"clause", counted_as(violation.clause)},
                             {"at", violation.step},
                             {"due", readable(violation.due)},
                             {"came", readable(violation.came)},
                             {"states", std::move(states)},
                             {"deviations", played.deviations},
                             {"deviates", played.deviates()},
                             {"known", is_known(outcome, scenario)}};
    }
    if (!played.trouble.empty()) json["trouble"] = readable(played.trouble);
    if (scenario.minimized) {
        json["minimized"] = readable(show(*scenario.minimized));
        json["minimized_remark"] = readable(scenario.minimized_remark);
    }
    return json;
}

// As one word of a shell.
std::string word_of_a_shell(const std::string& text) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@";
    if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
    std::string word = "'";
    for (const char character : text) word += character == '\'' ? std::string(R"('\'')") : std::string(1, character);
    return word + '\'';
}

ordered_json data(const std::vector<SuiteOutcome>& outcomes) {
    Texts texts;
    std::set<const model::Row*> rows;
    ordered_json scripts = ordered_json::object();
    ordered_json providers = ordered_json::object();
    for (const SuiteOutcome& outcome : outcomes) {
        ordered_json traces = ordered_json::object();
        for (const ScenarioOutcome& scenario : outcome.scenarios) {
            if (!scenario.reason.empty() && scenario.played.trace.empty()) continue;
            const Script& script = scenario.script;
            if (!scripts.contains(script.name)) {
                ordered_json steps = ordered_json::array();
                for (const Step& step : script.steps) steps.push_back(texts.add(show(step)));
                scripts[script.name] = {{"title", readable(script.title)},
                                        {"clauses", script.clauses},
                                        {"only", script.only},
                                        {"steps", std::move(steps)}};
            }
            traces[script.name] = trace_json(outcome, scenario, texts, rows);
        }
        ordered_json cells = ordered_json::object();
        for (const ClauseVerdict& verdict : outcome.clauses) {
            cells[std::string(verdict.clause->id)] = {
                {"words", words_for(verdict)}, {"reason", readable(verdict.reason)}, {"scenarios", verdict.scenarios}};
        }
        const std::string& chosen = outcome.chosen_as.empty() ? outcome.provider : outcome.chosen_as;
        for (const model::Row* const row : model::transitions()) rows.insert(row);
        providers[outcome.provider] = {{"exercised", keys_of(outcome.transitions())},
                                       {"version", readable(outcome.version)},
                                       {"chosen_as", readable(word_of_a_shell(chosen))},
                                       {"cells", std::move(cells)},
                                       {"traces", std::move(traces)}};
    }
    ordered_json clauses = ordered_json::object();
    for (const ClauseVerdict& verdict : outcomes.front().clauses)
        clauses[std::string(verdict.clause->id)] = {{"text", verdict.clause->text}, {"event", verdict.clause->event}};
    ordered_json shown = ordered_json::object();
    for (const model::Row* const row : rows) shown[model::key_of(*row)] = model::show(*row);
    ordered_json machines = ordered_json::object();
    for (const model::Event event : model::events_in_posting_order)
        machines[std::string(model::name_of(event))] = model::file_name_of(event);
    return {{"profile", outcomes.front().profile},
            {"given", outcomes.front().given_scripts},
            {"clauses", std::move(clauses)},
            {"machines", std::move(machines)},
            {"rows", std::move(shown)},
            {"scripts", std::move(scripts)},
            {"providers", std::move(providers)},
            {"texts", texts.json()}};
}

// Within a script element nothing may look like its end.
std::string within_script(std::string text) {
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) text.replace(at, 1, "\\u003c");
    return text;
}

// A diagram without what every one of them has.
std::string diagram(std::string_view svg) {
    std::string text{svg.substr(std::min(svg.find("<svg"), svg.size()))};
    for (std::size_t at = 0; (at = text.find("<!--")) != std::string::npos;)
        text.erase(at, text.find("-->", at) + 4 - at);
    for (const std::string_view same : {" text-anchor=\"start\"", " font-family=\"Helvetica,sans-Serif\""})
        replace_all(text, same, "");
    replace_all(text, "&#45;", "-");
    return text;
}

std::string machines() {
    std::string html;
    for (const PageFile& file : page_files()) {
        if (!file.name.ends_with(".svg")) continue;
        html += fmt::format("<script type=\"image/svg+xml\" id=\"machine-{}\">{}</script>\n",
                            file.name.substr(0, file.name.size() - 4), diagram(file.text));
    }
    return html;
}

}  // namespace

std::string html_report(const std::vector<SuiteOutcome>& outcomes, const std::vector<ProvedClaim>& proved) {
    std::string of_providers;
    std::string names;
    for (const SuiteOutcome& outcome : outcomes) {
        of_providers += counts(outcome);
        names += (names.empty() ? "" : ", ") + outcome.provider;
    }
    const std::string json = data(outcomes).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    const std::map<std::string_view, std::string> parts{
        {"title", escaped("Conformance of " + names)},
        {"style", std::string(page_file("page.css"))},
        {"profile", escaped(outcomes.front().profile)},
        {"providers", of_providers},
        {"columns", std::to_string(outcomes.size())},
        {"notices", notices(outcomes)},
        {"filters", filters(outcomes)},
        {"matrix", matrix(outcomes, proved)},
        {"coverage", coverage(outcomes)},
        {"not-counted", not_counted(outcomes)},
        {"judged-with", judged_with(outcomes)},
        {"machines", machines()},
        {"data", within_script(json)},
        {"script", std::string(page_file("page.js"))},
    };
    // Each {{part}} of the skeleton, once.
    std::string page;
    std::string_view rest = page_file("page.html");
    while (true) {
        const std::size_t begin = rest.find("{{");
        page += rest.substr(0, begin);
        if (begin == std::string_view::npos) return page;
        const std::size_t end = rest.find("}}", begin);
        const auto part = parts.find(rest.substr(begin + 2, end - begin - 2));
        if (part != parts.end()) page += part->second;
        rest.remove_prefix(end + 2);
    }
}

}  // namespace asyncselect::conformance
