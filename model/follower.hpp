// Follows a trace as it comes: what overlaps is tried in every order, and where the profile rejects the trace, the
// switches that explain it are searched. Keeps no more of the trace than what is not decided yet, if others can show it
// again. It must not know where the trace comes from.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/coverage.hpp"
#include "model/linearization.hpp"
#include "model/oracle.hpp"
#include "model/trace.hpp"

namespace asyncselect::model {

// Use one follower in one thread.
class Follower {
  public:
    // How much may overlap before the trace is undecided: observations from when one began until nothing is open.
    static constexpr std::size_t most_at_once = 2000;

    // Shows the observations so far once more, from the first one, until `take` returns false.
    using Replay = std::function<void(const std::function<bool(const Observation&)>& take)>;

    // Without `replay` the follower remembers the trace itself.
    explicit Follower(const OracleOptions& options = {}, Replay replay = {}, const LinearizationLimits& limits = {});
    ~Follower();
    Follower(Follower&&) noexcept;
    Follower& operator=(Follower&&) noexcept;

    // Takes the next observation. Whether the trace is still explained, as it was asked or with deviations; false too
    // where it is undecided. After false further observations change nothing.
    bool observe(const Observation& observation);

    // The trace has ended. Whether it is explained, without what has begun and not ended; if not so, it is undecided,
    // since that may have taken effect.
    bool end();

    [[nodiscard]] Outcome outcome() const { return outcome_; }
    // Of an outcome that is `violates`: where even the nearest explanation ends. Of `deviates`: where the profile that
    // was asked for ends. `step` is the index of the observation.
    [[nodiscard]] const std::optional<Violation>& violation() const { return violation_; }
    // What could have come in place of that observation, in words (see allowed_instead): follows the trace once more up
    // to there. Nothing where the observation overlapped with others.
    [[nodiscard]] std::vector<std::string> allowed() const;
    // The switches that the nearest explanation needs: "W-1", "not W-2".
    [[nodiscard]] const std::vector<std::string>& deviations() const { return deviations_; }
    // Why it is undecided.
    [[nodiscard]] const std::string& reason() const { return reason_; }

    // As the oracle's own, where several are possible: of all of them.
    [[nodiscard]] bool settled() const;
    [[nodiscard]] std::vector<std::string> owed() const;
    [[nodiscard]] std::set<std::string> evidence() const;
    [[nodiscard]] Coverage coverage() const;

    // The number of observations taken.
    [[nodiscard]] std::size_t observed() const { return observed_; }

  private:
    struct Overlap;

    // The oracles of one profile.
    struct Explanation {
        OracleOptions options;
        std::vector<std::string> deviations;
        std::vector<Oracle> oracles;       // more than one after an overlap that left several possible
        std::unique_ptr<Overlap> overlap;  // the one that goes on, if any
        std::string reason;                // why it is undecided
    };

    static Explanation begin(const OracleOptions& options, std::vector<std::string> deviations);
    std::optional<Violation> take(Explanation& explanation, const Observation& observation, std::size_t step) const;
    std::optional<Violation> close_overlap(Explanation& explanation) const;
    bool deviate();
    bool judged(std::optional<Violation> broken);
    void each_earlier(const std::function<bool(const Observation&)>& take) const;

    OracleOptions options_;
    Replay replay_;
    LinearizationLimits limits_;
    std::vector<Observation> remembered_;
    Explanation explanation_;
    std::size_t observed_ = 0;
    bool ended_ = false;
    Outcome outcome_ = Outcome::conforms;
    std::optional<Violation> violation_;
    std::vector<std::string> deviations_;
    std::string reason_;
};

}  // namespace asyncselect::model
