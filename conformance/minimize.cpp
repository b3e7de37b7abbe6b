// Making a failing script small. It must not know what is expected of a provider.
#include "conformance/minimize.hpp"

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "model/event.hpp"

namespace asyncselect::conformance {

namespace {

namespace op = operation;
using Clock = std::chrono::steady_clock;

// How often a script is played that breaks the clause now and then.
constexpr unsigned most_attempts = 10;
// What is due comes within this time, but for the rare case; the last plays have the patience that was asked for.
constexpr std::chrono::milliseconds short_patience{300};
constexpr std::chrono::milliseconds short_watchdog{2000};

template <class T>
void try_value(std::vector<Operation>& found, const T& operation, auto T::*member, auto value) {
    if (operation.*member == value) return;
    T other = operation;
    other.*member = value;
    found.emplace_back(std::move(other));
}

void try_fewer(std::vector<Operation>& found, const auto& operation, std::uint32_t least) {
    if (operation.bytes <= least) return;
    for (const std::uint32_t bytes : {least, operation.bytes / 2}) {
        auto other = operation;
        other.bytes = bytes;
        found.emplace_back(std::move(other));
    }
}

void try_fewer_events(std::vector<Operation>& found, const auto& operation) {
    for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) {
        if ((operation.mask & bit) == 0) continue;
        auto other = operation;
        other.mask &= ~bit;
        found.emplace_back(std::move(other));
    }
}

template <class T>
void plainer_of(std::vector<Operation>& found, const T& o) {
    if constexpr (std::is_same_v<T, op::MakeSocket> || std::is_same_v<T, op::Listener> ||
                  std::is_same_v<T, op::Address>) {
        try_value(found, o, &T::ipv6, false);
    } else if constexpr (std::is_same_v<T, op::Connection>) {
        try_value(found, o, &T::ipv6, false);
        try_value(found, o, &T::accepted, false);
    } else if constexpr (std::is_same_v<T, op::Bind>) {
        try_value(found, o, &T::any, false);
    } else if constexpr (std::is_same_v<T, op::Connect>) {
        if (o.wsa) found.emplace_back(op::Connect{o.socket, o.target, false, 0});
        try_value(found, o, &T::qos, 0U);
        try_value(found, o, &T::target, op::Target::peer);
    } else if constexpr (std::is_same_v<T, op::Accept>) {
        if (o.wsa) found.emplace_back(op::Accept{o.listener, o.socket, false, model::Condition::none});
        try_value(found, o, &T::condition, model::Condition::none);
        try_value(found, o, &T::wild, false);
    } else if constexpr (std::is_same_v<T, op::Join>) {
        try_value(found, o, &T::qos, 0U);
        try_value(found, o, &T::role, op::How::both);
    } else if constexpr (std::is_same_v<T, op::Select>) {
        try_fewer_events(found, o);
        try_value(found, o, &T::message, 1U);
        try_value(found, o, &T::window, std::string("w"));
    } else if constexpr (std::is_same_v<T, op::EventSelect>) {
        try_fewer_events(found, o);
    } else if constexpr (std::is_same_v<T, op::Receive>) {
        try_value(found, o, &T::way, Way::plain);
        try_value(found, o, &T::peek, false);
        try_value(found, o, &T::oob, false);
        try_value(found, o, &T::wild, false);
        try_value(found, o, &T::odd_flags, false);
        try_fewer(found, o, 1);
    } else if constexpr (std::is_same_v<T, op::Drain>) {
        found.emplace_back(op::Receive{o.socket, 4096});
    } else if constexpr (std::is_same_v<T, op::Send>) {
        if (!o.to) try_value(found, o, &T::way, Way::plain);
        try_value(found, o, &T::oob, false);
        try_value(found, o, &T::wild, false);
        try_fewer(found, o, 1);
    } else if constexpr (std::is_same_v<T, op::GetQos> || std::is_same_v<T, op::GetGroupQos>) {
        try_value(found, o, &T::wild, false);
    } else if constexpr (std::is_same_v<T, op::SetQos>) {
        try_value(found, o, &T::number, 1U);
    } else if constexpr (std::is_same_v<T, op::PeerSend>) {
        try_fewer(found, o, 1);
    } else if constexpr (std::is_same_v<T, op::PeerDatagram>) {
        try_fewer(found, o, 0);
    } else if constexpr (std::is_same_v<T, op::PeerReceive>) {
        try_value(found, o, &T::bytes, 0U);
    }
}

class Search {
  public:
    Search(Provider& provider, std::string clause, const MinimizeOptions& options, std::chrono::milliseconds patience)
        : provider_(provider), clause_(std::move(clause)), options_(options), end_(Clock::now() + options.limit) {
        patience_ = options.executor.patience;
        options_.executor.patience = patience;
        // A call that waits for what was left out hangs.
        options_.executor.watchdog = std::min(options_.executor.watchdog, short_watchdog);
        options_.executor.on_step = nullptr;
        options_.executor.on_observation = nullptr;
    }

    std::optional<Minimized> run(const Script& script) {
        if (!learn(script)) return std::nullopt;
        shorten();
        bool smaller = true;
        while (smaller && !over()) {
            smaller = leave_steps_out();
            smaller = make_plainer() || smaller;
        }
        found_.plays = plays_;
        found_.cut_short = over();
        if (!found_.played.stuck && !confirm()) return std::nullopt;
        found_.script.title = title() + ": minimized from " + script.name;
        found_.script.clauses.clear();
        if (!clause_.empty()) found_.script.clauses.push_back(clause_);
        return std::move(found_);
    }

  private:
    [[nodiscard]] bool over() const { return found_.played.stuck || Clock::now() >= end_; }

    [[nodiscard]] std::string title() const {
        if (clause_.empty()) return "What was observed contradicts itself";
        if (options_.deviations.empty()) return "Breaks " + clause_;
        std::string deviations;
        for (const std::string& one : options_.deviations) deviations += (deviations.empty() ? "" : ", ") + one;
        return "Deviates from " + clause_ + " as " + deviations;
    }

    // Whether it breaks the clause when it is played once.
    bool broken_once(const Script& script) {
        ++plays_;
        Played played = play(script, provider_, options_.executor);
        if (played.stuck) found_.played.stuck = true;  // the provider is of no use any more
        const auto wanted = options_.deviations.empty() ? model::Outcome::violates : model::Outcome::deviates;
        if (played.outcome != wanted || played.violation->clause != clause_) return false;
        if (wanted == model::Outcome::deviates && played.deviations != options_.deviations) return false;
        found_.script = script;
        found_.played = std::move(played);
        return true;
    }

    // Whether it breaks the clause, and with how little patience; how often it is to be played to see that.
    bool learn(const Script& script) {
        found_.script = script;
        for (const std::chrono::milliseconds patience : {options_.executor.patience, patience_}) {
            options_.executor.patience = patience;
            unsigned broken = 0;
            unsigned plays = 0;
            while (plays < 3 || (broken == 0 && plays < most_attempts)) {
                if (found_.played.stuck || (broken > 0 && Clock::now() >= end_)) break;
                ++plays;
                if (broken_once(script)) ++broken;
            }
            attempts_ = broken == plays ? 1 : most_attempts;
            if (broken > 0) return true;
            if (patience == patience_) break;
        }
        return false;
    }

    // Whether the changed script still breaks the clause; then it is the one to go on with.
    bool broken(Script script) {
        try {
            // A step can lose what it overlaps with.
            script = parse(show(script), script.name);
        } catch (const ScriptError&) {
            return false;
        }
        for (unsigned attempt = 0; attempt < attempts_ && !over(); ++attempt) {
            if (broken_once(script)) return true;
        }
        return false;
    }

    // What comes after the break is of no use.
    void shorten() {
        const Played& played = found_.played;
        const std::size_t last = played.step_of[played.violation->step];
        Script script = found_.script;
        script.steps.resize(end_of_overlap(script, last));
        if (script.steps.size() < found_.script.steps.size()) broken(std::move(script));
    }

    // Halves, quarters, ... of the steps.
    bool leave_steps_out() {
        bool any = false;
        std::size_t parts = 2;
        while (found_.script.steps.size() > 1 && !over()) {
            const std::size_t count = found_.script.steps.size();
            parts = std::min(parts, count);
            const std::size_t length = (count + parts - 1) / parts;
            bool smaller = false;
            // From the end: what comes late rests on what comes early.
            for (std::size_t end = count; end > 0 && !smaller;) {
                const std::size_t begin = end > length ? end - length : 0;
                Script script = found_.script;
                script.steps.erase(script.steps.begin() + static_cast<std::ptrdiff_t>(begin),
                                   script.steps.begin() + static_cast<std::ptrdiff_t>(end));
                smaller = !script.steps.empty() && broken(std::move(script));
                end = begin;
            }
            if (smaller) {
                any = true;
                parts = std::max<std::size_t>(parts - 1, 2);
            } else if (length == 1) {
                break;
            } else {
                parts *= 2;
            }
        }
        return any;
    }

    bool make_plainer() {
        bool any = false;
        for (std::size_t index = 0; index < found_.script.steps.size() && !over();) {
            if (make_plainer(index)) {
                any = true;
            } else {
                ++index;
            }
        }
        return any;
    }
    bool make_plainer(std::size_t index) {
        const Step step = found_.script.steps[index];
        std::vector<Step> candidates;
        const auto with = [&](auto change) {
            candidates.push_back(step);
            change(candidates.back());
        };
        if (step.meanwhile) with([](Step& other) { other.meanwhile = false; });
        if (step.inside) with([](Step& other) { other.inside = false; });
        if (step.thread != "main") with([](Step& other) { other.thread = "main"; });
        for (Operation& operation : plainer(step.operation)) {
            with([&operation](Step& other) { other.operation = std::move(operation); });
        }
        for (Step& candidate : candidates) {
            Script script = found_.script;
            script.steps[index] = std::move(candidate);
            if (broken(std::move(script))) return true;
        }
        return false;
    }

    // Whether it is so with the patience that was asked for, and how often.
    bool confirm() {
        options_.executor.patience = patience_;
        const Script script = found_.script;
        // What has always happened so far need not be waited for more than once.
        while (found_.of < (attempts_ == 1 && found_.happened == found_.of ? 1 : most_attempts)) {
            if (found_.played.stuck || (found_.happened > 0 && over())) break;
            ++found_.of;
            if (broken_once(script)) ++found_.happened;
        }
        return found_.happened > 0;
    }

    Provider& provider_;
    std::string clause_;
    MinimizeOptions options_;
    Clock::time_point end_;
    std::chrono::milliseconds patience_{};
    unsigned attempts_ = 1;
    std::size_t plays_ = 0;
    Minimized found_;
};

}  // namespace

std::vector<Operation> plainer(const Operation& operation) {
    std::vector<Operation> found;
    std::visit([&found](const auto& specific) { plainer_of(found, specific); }, operation);
    return found;
}

std::string Minimized::remark() const {
    std::string text;
    if (happened < of) {
        text = "it does not always happen: in " + std::to_string(happened) + " of " + std::to_string(of) + " plays";
    }
    if (cut_short) text += std::string(text.empty() ? "" : "; ") + "the time was over: it may be made smaller still";
    return text;
}

std::optional<Minimized> minimize(const Script& script, Provider& provider, const std::string& clause,
                                  const MinimizeOptions& options) {
    const std::chrono::milliseconds patience = options.executor.patience;
    if (patience > short_patience) {
        if (std::optional<Minimized> found = Search(provider, clause, options, short_patience).run(script))
            return found;
    }
    // Where the provider or its host is slow, with too little patience something else is found.
    return Search(provider, clause, options, patience).run(script);
}

}  // namespace asyncselect::conformance
