// Judging traces and telling what came of it. It must not know where a trace comes from.
#include "conformance/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "conformance/coverage_file.hpp"
#include "conformance/text.hpp"
#include "conformance/trace_beginning.hpp"
#include "conformance/trace_slice.hpp"
#include "model/clauses.hpp"
#include "model/follower.hpp"

namespace asyncselect::conformance {

namespace {

// How many lines before a violation are told.
constexpr std::size_t most_before = 20;
constexpr std::size_t lines_between_reports = 200'000;

// Finds the observation with the number of the violation in the trace.
Departure find(TraceSource& source, const model::Violation& violation) {
    Departure finding;
    finding.violation = violation;
    std::deque<SeenLine> last;
    const std::unique_ptr<std::istream> stream = source.open();
    TraceReader reader(*stream);
    std::size_t index = 0;
    while (std::optional<TraceLine> read = reader.next_line()) {
        if (const auto* const note = std::get_if<Note>(&*read)) {
            last.push_back({reader.line(), true, note->text});
        } else {
            const std::string shown = model::show(std::get<model::Observation>(*read));
            if (index++ == violation.step) {
                finding.line = reader.line();
                finding.observed = shown;
                break;
            }
            last.push_back({reader.line(), false, shown});
        }
        if (last.size() > most_before) last.pop_front();
    }
    finding.before.assign(last.begin(), last.end());
    return finding;
}

bool overlaps(std::span<const model::Observation> trace) {
    return std::ranges::any_of(trace, [](const model::Observation& observation) {
        return std::holds_alternative<model::observation::Began>(observation) ||
               std::holds_alternative<model::observation::Ended>(observation);
    });
}

// Whether the oracle rejects the last observation, and no other, for this clause.
bool broken_at_the_end(std::span<const model::Observation> trace, const std::string& clause,
                       const model::OracleOptions& options) {
    model::Oracle oracle(options);
    for (const model::Observation& observation : trace.first(trace.size() - 1)) {
        if (!oracle.accept(observation)) return false;
    }
    const std::optional<model::Violation> violation = oracle.observe(trace.back());
    return violation && violation->clause == clause;
}

// The same with what overlaps; and whether deviations explain it, or do not, as in the whole trace.
bool followed_to_the_end(std::span<const model::Observation> trace, const std::string& clause, model::Outcome outcome,
                         const model::OracleOptions& options) {
    model::Follower follower(options);
    for (const model::Observation& observation : trace) follower.observe(observation);
    return follower.outcome() == outcome && follower.violation() && follower.violation()->step + 1 == trace.size() &&
           follower.violation()->clause == clause;
}

// The profile in which the violation was found: the one that was asked for, or that with the deviations.
model::Profile profile_of(const Checked& checked, model::Profile profile) {
    constexpr std::array<bool model::Profile::*, 5> switches{
        &model::Profile::close_at_fin, &model::Profile::reset_tells_aborted, &model::Profile::no_connect_at_select,
        &model::Profile::datagram_connect_posts_write, &model::Profile::urgent_bytes_queue};
    if (checked.outcome != model::Outcome::violates) return profile;
    for (const std::string& deviation : checked.deviations) {
        const auto number = static_cast<std::size_t>(deviation.back() - '1');
        if (number < switches.size()) profile.*switches[number] = !deviation.starts_with("not ");
    }
    return profile;
}

void make_smaller(Checked& checked, TraceSource& source, model::OracleOptions options) {
    const model::Violation& violation = checked.finding->violation;
    options.profile = profile_of(checked, options.profile);
    // Where it is undecided in the end, what was found before is a deviation.
    const model::Outcome outcome =
        checked.outcome == model::Outcome::violates ? model::Outcome::violates : model::Outcome::deviates;
    const WrongAtItsEnd wrong = [&](std::span<const model::Observation> trial) {
        if (!overlaps(trial) && !broken_at_the_end(trial, violation.clause, options)) return false;
        return followed_to_the_end(trial, violation.clause, outcome, options);
    };
    const Beginning beginning = beginning_of(source, violation);
    if (!wrong(beginning.trace)) {
        checked.not_smaller = beginning.whole ? "the violation lies in the middle of what overlaps"
                                              : "the beginning is long, and what the socket was part of is not wrong "
                                                "by itself";
        return;
    }
    Slice slice = smallest_slice(beginning.trace, wrong);
    const std::string clause = violation.clause.empty() ? "A contradiction" : violation.clause;
    Smaller smaller;
    smaller.script = script_of_trace(slice.trace, "smaller", clause + ", as it was seen in " + checked.name,
                                     model::exists(violation.clause) ? violation.clause : "");
    smaller.trace = std::move(slice.trace);
    smaller.cut_short = slice.cut_short;
    checked.smaller = std::move(smaller);
}

}  // namespace

Checked check(TraceSource& source, const CheckOptions& options) {
    const std::unique_ptr<std::istream> stream = source.open();
    TraceReader reader(*stream);
    Checked checked;
    checked.name = source.name();
    checked.header = reader.header();
    checked.profile = options.profile_name;
    checked.ours = options.ours || checked.header.ours;
    const model::OracleOptions judging{options.profile, checked.ours, checked.header.unobserved_peers};
    model::Follower follower(judging, [&source](const std::function<bool(const model::Observation&)>& take) {
        const std::unique_ptr<std::istream> again = source.open();
        TraceReader earlier(*again);
        while (const std::optional<model::Observation> observation = earlier.next()) {
            if (!take(*observation)) return;
        }
    });
    bool goes_on = true;
    while (goes_on) {
        const std::optional<model::Observation> observation = reader.next();
        if (!observation) break;
        goes_on = follower.observe(*observation);
        if (options.on_line && reader.line() % lines_between_reports == 0) options.on_line(reader.line());
    }
    // What stands behind is not judged, but it should be a trace.
    while (!goes_on && reader.next()) {
    }
    if (goes_on) follower.end();
    checked.lines = reader.line();
    checked.observations = follower.observed();
    checked.outcome = follower.outcome();
    checked.evidence = follower.evidence();
    checked.coverage = follower.coverage();
    checked.deviations = follower.deviations();
    checked.undecided = follower.reason();
    if (follower.violation()) {
        checked.finding = find(source, *follower.violation());
        checked.finding->violation.allowed = follower.allowed();
        if (options.smaller) make_smaller(checked, source, judging);
    }
    return checked;
}

// ---- for people ---------------------------------------------------------------------------------------------------

namespace {

std::string plural(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ", ")); }

std::string_view text_of_clause(std::string_view id) {
    const model::Clause* const clause = model::find(id);
    return clause == nullptr ? std::string_view() : clause->text;
}

// "the spec profile", "the spec profile as W-1".
std::string judged_by(const Checked& checked) {
    std::string text = "the " + checked.profile + " profile";
    if (checked.ours) text += " and what binds our own providers";
    return text;
}

std::string headline(const Checked& checked) {
    const std::string measure = fmt::format("{}, {} exercised", plural(checked.observations, "observation"),
                                            plural(checked.evidence.size(), "clause"));
    const std::string where = checked.finding ? fmt::format(" at line {}", checked.finding->line) : std::string();
    const std::string clause = checked.finding ? checked.finding->violation.clause : "";
    switch (checked.outcome) {
        case model::Outcome::conforms:
            return fmt::format("conforms to {}, {}", judged_by(checked), measure);
        case model::Outcome::deviates:
            return fmt::format("deviates from {} as {}, first{}, {}", judged_by(checked), joined(checked.deviations),
                               where, measure);
        case model::Outcome::violates:
            if (clause.empty()) return fmt::format("contradicts itself{} ({})", where, judged_by(checked));
            return fmt::format("violates {}{} ({})", clause, where, judged_by(checked));
        case model::Outcome::undecided:
            return "undecided: " + checked.undecided;
    }
    return "";
}

std::string steps(const Departure& finding) {
    std::string out = "  steps\n";
    for (const SeenLine& seen : finding.before) {
        const std::string number = fmt::format("{:>6} ", seen.line);
        std::string lines = wrap(seen.note ? "# " + seen.text : seen.text, seen.note ? 7 : 9);
        if (lines.empty()) continue;
        lines.replace(0, number.size(), number);
        out += lines;
    }
    const std::string number = fmt::format("{:>6} > ", finding.line);
    std::string lines = wrap(finding.observed, 9);
    lines.replace(0, number.size(), number);
    return out + lines;
}

std::string details(const Checked& checked) {
    const Departure& finding = *checked.finding;
    const model::Violation& violation = finding.violation;
    std::string out;
    for (std::string_view deviation : checked.deviations) {
        const std::string_view id = deviation.substr(deviation.rfind(' ') + 1);
        out += labelled(deviation, text_of_clause(id));
    }
    if (violation.clause.empty())
        out += wrap("No clause speaks of it, but the observation cannot be true after those before it.", 2);
    else
        out += labelled(violation.clause, text_of_clause(violation.clause));
    out += steps(finding);
    out += labelled("due", violation.due);
    out += labelled("came", violation.came);
    for (const std::string& line : violation.allowed) out += labelled("allowed", line);
    for (const std::string& state : violation.states) out += labelled("state", state);
    out += labelled("prefix", fmt::format("the first {}: without the last of them the trace is accepted",
                                          plural(violation.step + 1, "observation")));
    if (checked.smaller) {
        out += "  script\n";
        const std::string script = script_text(checked.smaller->script);
        for (std::size_t at = 0; at < script.size();) {
            const std::size_t end = script.find('\n', at);
            out += "    " + script.substr(at, end - at) + '\n';
            at = end + 1;
        }
    } else if (!checked.not_smaller.empty()) {
        out += labelled("script", "none: " + checked.not_smaller);
    }
    return out;
}

}  // namespace

std::string trace_text(const Checked& checked) {
    if (!checked.smaller) return "";
    std::string text = write_header(checked.header) + '\n';
    text += write_note(headline(checked)) + '\n';
    text += write_note("what can be left out of " + checked.name + " is left out") + '\n';
    for (const model::Observation& observation : checked.smaller->trace) text += write_observation(observation) + '\n';
    return text;
}

std::string text_of(const Checked& checked) {
    std::string out = checked.name + ": " + headline(checked) + '\n';
    if (checked.finding) out += details(checked);
    return out;
}

// ---- for programs -------------------------------------------------------------------------------------------------

namespace {

using nlohmann::ordered_json;

constexpr int report_version = 1;

std::string_view name_of(model::Outcome outcome) {
    switch (outcome) {
        case model::Outcome::conforms:
            return "conforms";
        case model::Outcome::deviates:
            return "deviates";
        case model::Outcome::violates:
            return "violates";
        case model::Outcome::undecided:
            return "undecided";
    }
    return "";
}

ordered_json json_of(const Departure& finding) {
    ordered_json before = ordered_json::array();
    for (const SeenLine& seen : finding.before)
        before.push_back({{"line", seen.line}, {seen.note ? "note" : "observed", seen.text}});
    const model::Violation& violation = finding.violation;
    return {{"clause", violation.clause},   {"text", text_of_clause(violation.clause)},
            {"line", finding.line},         {"observed", finding.observed},
            {"due", violation.due},         {"came", violation.came},
            {"allowed", violation.allowed}, {"states", violation.states},
            {"prefix", violation.step + 1}, {"before", std::move(before)}};
}

ordered_json json_of(const Checked& checked) {
    ordered_json object = {{"trace", checked.name},
                           {"provider", checked.header.provider},
                           {"provider_version", checked.header.provider_version},
                           {"script", checked.header.script},
                           {"profile", checked.profile},
                           {"ours", checked.ours},
                           {"verdict", name_of(checked.outcome)},
                           {"words", headline(checked)},
                           {"observations", checked.observations},
                           {"lines", checked.lines},
                           {"deviations", checked.deviations},
                           {"undecided", checked.undecided},
                           {"exercised", checked.evidence},
                           {"transitions", keys_of(checked.coverage)}};
    if (checked.finding) object["finding"] = json_of(*checked.finding);
    if (checked.smaller) {
        ordered_json observed = ordered_json::array();
        for (const model::Observation& observation : checked.smaller->trace)
            observed.push_back(model::show(observation));
        object["smaller"] = {{"observed", std::move(observed)},
                             {"cut_short", checked.smaller->cut_short},
                             {"script", script_text(checked.smaller->script)}};
    }
    return object;
}

}  // namespace

std::string json_of(const std::vector<Checked>& all) {
    ordered_json traces = ordered_json::array();
    for (const Checked& checked : all) traces.push_back(json_of(checked));
    const ordered_json report = {{"version", report_version}, {"traces", std::move(traces)}};
    return report.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace asyncselect::conformance
