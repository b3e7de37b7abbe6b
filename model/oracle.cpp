// The oracle as others see it, and the search for the switches that explain a trace. It must not know how it judges.
#include "model/oracle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "model/judge.hpp"

namespace asyncselect::model {

Oracle::Oracle(const OracleOptions& options) : judge_(std::make_unique<Judge>(options)) {}
Oracle::~Oracle() = default;
Oracle::Oracle(const Oracle& other) : judge_(std::make_unique<Judge>(*other.judge_)) {}
Oracle& Oracle::operator=(const Oracle& other) {
    if (this != &other) judge_ = std::make_unique<Judge>(*other.judge_);
    return *this;
}
Oracle::Oracle(Oracle&&) noexcept = default;
Oracle& Oracle::operator=(Oracle&&) noexcept = default;

std::optional<Violation> Oracle::observe(const Observation& observation) { return judge_->observe(observation); }
bool Oracle::accept(const Observation& observation) { return judge_->accept(observation); }
std::optional<Violation> Oracle::observe_taking(const observation::Call& receive, unsigned number) {
    return judge_->observe_taking(receive, number);
}
bool Oracle::accept_taking(const observation::Call& receive, unsigned number) {
    return judge_->accept_taking(receive, number);
}
void Oracle::ask(Handle socket, unsigned number) { judge_->ask(socket, number); }
bool Oracle::asks(Handle socket, unsigned number) const { return judge_->asks(socket, number); }
bool Oracle::settled() const { return judge_->settled(); }
std::vector<std::string> Oracle::owed() const { return judge_->owed(); }
std::set<std::string> Oracle::evidence() const { return judge_->evidence(); }
Coverage Oracle::coverage() const { return judge_->coverage(); }
std::vector<Registered> Oracle::registered() const { return judge_->registered(); }
const std::string& Oracle::undecided() const { return judge_->undecided(); }
Coverage Oracle::coverage_so_far() const { return judge_->coverage_so_far(); }
void Oracle::forget_coverage() { judge_->forget_coverage(); }
std::size_t Oracle::states() const { return judge_->states(); }
bool Oracle::alike(const Oracle& other) const { return judge_->alike(*other.judge_); }
std::size_t Oracle::hash() const { return judge_->hash(); }

Verdict judge(std::span<const Observation> trace, const OracleOptions& options) {
    Oracle oracle(options);
    Verdict verdict;
    for (const Observation& observation : trace) {
        verdict.violation = oracle.observe(observation);
        if (verdict.violation) break;
    }
    verdict.evidence = oracle.evidence();
    verdict.coverage = oracle.coverage();
    verdict.reason = oracle.undecided();
    return verdict;
}

Verdict judge_with_deviations(std::span<const Observation> trace, const OracleOptions& options) {
    Verdict verdict = judge(trace, options);
    if (verdict.outcome() != Outcome::violates) return verdict;
    constexpr std::array<bool Profile::*, 5> switches{
        &Profile::close_at_fin, &Profile::reset_tells_aborted, &Profile::no_connect_at_select,
        &Profile::datagram_connect_posts_write, &Profile::urgent_bytes_queue};
    std::vector<unsigned> combinations;
    for (unsigned combination = 1; combination < 1U << switches.size(); ++combination)
        combinations.push_back(combination);
    std::ranges::stable_sort(combinations, {}, [](unsigned combination) { return std::popcount(combination); });
    std::string reason;       // why the first set could not be followed
    int undecided_size = 64;  // of that set
    for (const unsigned combination : combinations) {
        if (std::popcount(combination) > undecided_size) break;
        OracleOptions other = options;
        std::vector<std::string> names;
        for (std::size_t index = 0; index < switches.size(); ++index) {
            if ((combination >> index & 1U) == 0) continue;
            bool& position = other.profile.*switches[index];
            names.push_back((position ? "not W-" : "W-") + std::to_string(index + 1));
            position = !position;
        }
        Verdict explained = judge(trace, other);
        if (!explained.reason.empty() && reason.empty()) {
            reason = join(names, ", ") + ": " + explained.reason;
            undecided_size = std::popcount(combination);
        }
        if (!explained.conforms()) continue;
        verdict.deviations = std::move(names);
        verdict.evidence = std::move(explained.evidence);
        verdict.coverage = explained.coverage;
        return verdict;
    }
    verdict.reason = std::move(reason);
    return verdict;
}

}  // namespace asyncselect::model
