// See conformance/path.hpp.
#include "conformance/path.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "model/coverage.hpp"
#include "model/event.hpp"

namespace asyncselect::conformance {

namespace {

using model::Coverage;
using model::Oracle;

std::array<Coverage, model::event_count> coverage_of_machines() {
    std::array<Coverage, model::event_count> all;
    for (std::size_t number = 0; number < model::transitions().size(); ++number)
        all[model::index_of(model::transitions()[number]->machine)].set(number);
    return all;
}

template <class Take>
void each(const Coverage& coverage, const Take& take) {
    for (std::size_t number = 0; number < model::transitions().size(); ++number) {
        if (coverage.test(number)) take(*model::transitions()[number]);
    }
}

}  // namespace

PathTaken path_of(std::span<const model::Observation> trace, const model::OracleOptions& options) {
    PathTaken path;
    std::vector<Oracle> before;
    Coverage seen;
    Oracle oracle(options);
    for (const model::Observation& observation : trace) {
        before.push_back(oracle);
        if (oracle.observe(observation)) {
            before.pop_back();
            break;
        }
        const Coverage now = oracle.coverage_so_far();
        each(now & ~seen, [&](const model::Row& row) { path.fired.push_back({before.size() - 1, &row}); });
        seen |= now;
    }
    // What has fired from an observation on, to the end.
    std::vector<std::optional<Coverage>> since(before.size());
    const auto fired_since = [&](std::size_t observation) {
        std::optional<Coverage>& known = since[observation];
        if (!known) {
            Oracle from = before[observation];
            from.forget_coverage();
            for (std::size_t index = observation; index < before.size(); ++index) from.observe(trace[index]);
            known = from.coverage_so_far();
        }
        return *known;
    };
    static const std::array<Coverage, model::event_count> machines = coverage_of_machines();
    for (const Coverage& machine : machines) {
        if ((seen & machine).none()) continue;
        // The last observation from which on the machine still moved.
        std::size_t moved = 0;
        for (std::size_t end = before.size(); end - moved > 1;) {
            const std::size_t middle = moved + (end - moved) / 2;
            ((fired_since(middle) & machine).any() ? moved : end) = middle;
        }
        each(fired_since(moved) & machine, [&](const model::Row& row) { path.last.push_back(&row); });
    }
    return path;
}

model::Profile with_deviations(model::Profile profile, const std::vector<std::string>& deviations) {
    constexpr std::array<bool model::Profile::*, 5> switches{
        &model::Profile::close_at_fin, &model::Profile::reset_tells_aborted, &model::Profile::no_connect_at_select,
        &model::Profile::datagram_connect_posts_write, &model::Profile::urgent_bytes_queue};
    for (std::string_view name : deviations) {
        const bool off = name.starts_with("not ");
        if (off) name.remove_prefix(4);
        if (name.size() != 3 || name[2] < '1' || name[2] > '5') continue;
        profile.*switches[static_cast<std::size_t>(name[2] - '1')] = !off;
    }
    return profile;
}

}  // namespace asyncselect::conformance
