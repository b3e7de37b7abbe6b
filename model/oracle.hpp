// Judges what a provider was seen to do: follows, for each socket, the set of states that explain the observations so
// far, and says which clause is broken when none is left. It must not know which provider it looks at, and no
// scenario tells it what to expect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "model/coverage.hpp"
#include "model/profile.hpp"
#include "model/trace.hpp"

namespace asyncselect::model {

struct OracleOptions {
    Profile profile = spec_profile;
    // The readings marked *ours* are enforced as well.
    bool ours = false;
    // The trace does not tell what peers did: anything a peer can do may have happened at any time.
    bool unobserved_peers = false;
    // How many states of one socket are followed; a trace that leaves more is undecided. See docs/oracle.md.
    std::size_t most_states = 20'000;
};

// Where a trace leaves what is allowed.
struct Violation {
    std::string clause;                  // empty: no clause speaks of it, but the observation contradicts earlier ones
    std::size_t step = 0;                // index of the observation, from 0
    std::string due;                     // what was due or allowed there
    std::string came;                    // what came instead
    std::vector<std::string> states;     // the states that were possible before, in words
    std::vector<std::string> allowed{};  // what could have come instead, in words, where somebody has searched it
    Handle socket = invalid_handle;      // that it is about, if it is about one
};

// A registration of a socket, the present one or one whose messages may still be in a queue.
struct Registered {
    Handle socket = invalid_handle;
    Handle window = 0;
    std::uint32_t message = 0;

    friend bool operator==(const Registered&, const Registered&) = default;
};

// Follows one trace, one observation after the other. Use one oracle in one thread.
class Oracle {
  public:
    explicit Oracle(const OracleOptions& options = {});
    ~Oracle();
    // A copy is cheap: the two share what neither has changed since.
    Oracle(const Oracle&);
    Oracle& operator=(const Oracle&);
    Oracle(Oracle&&) noexcept;
    Oracle& operator=(Oracle&&) noexcept;

    // Takes the next observation. What overlaps with others takes effect when it has ended: see Follower for every
    // other order. Returns why it cannot be explained; after that the oracle is at its end and every further
    // observation is ignored.
    std::optional<Violation> observe(const Observation& observation);

    // The same for those who only want to know whether, and try often. False also when it is at its end already, or
    // when it becomes undecided.
    bool accept(const Observation& observation);

    // A receive that overlaps another one, in its two parts. Another can take the rest between them; then nobody is
    // owed a message for it. The first takes what the call returned, the second asks what is left, re-enables and
    // posts; each receive has a number, less than 64, until it has asked. Only where the rest must have arrived does it
    // matter.
    std::optional<Violation> observe_taking(const observation::Call& receive, unsigned number);
    bool accept_taking(const observation::Call& receive, unsigned number);
    void ask(Handle socket, unsigned number);
    // Whether `ask` would make a difference.
    [[nodiscard]] bool asks(Handle socket, unsigned number) const;

    // Why the trace cannot be followed any more: which socket is in too many possible states, how many, at which step;
    // empty while it can. From then on the oracle is at its end: it finds no violation, and has shown what it had
    // shown.
    [[nodiscard]] const std::string& undecided() const;

    // Whether a moment of quiet would be accepted now: every message that is due has been retrieved.
    [[nodiscard]] bool settled() const;

    // What is still due before quiet, in words, one line each.
    [[nodiscard]] std::vector<std::string> owed() const;

    // The clauses that the accepted observations have exercised, up to the last moment of quiet of each socket: rows
    // that fired on every surviving path, and the checks of the oracle itself.
    [[nodiscard]] std::set<std::string> evidence() const;

    // The transitions that they have exercised in the same sense: rows that fired on every surviving path.
    [[nodiscard]] Coverage coverage() const;

    // Every registration by which a message could come: where a socket has several, the present one is the first.
    [[nodiscard]] std::vector<Registered> registered() const;

    // The same without waiting for a moment of quiet: what has fired on every path that is possible now.
    [[nodiscard]] Coverage coverage_so_far() const;

    // From here on `coverage` and `coverage_so_far` tell of what comes only.
    void forget_coverage();

    // The number of states in the sets, over all sockets.
    [[nodiscard]] std::size_t states() const;

    // Whether the two, with the same options, accept the same from now on; false where that is not plain to see. What
    // they have shown may differ.
    [[nodiscard]] bool alike(const Oracle& other) const;

    // Equal for oracles that are alike.
    [[nodiscard]] std::size_t hash() const;

  private:
    class Judge;
    std::unique_ptr<Judge> judge_;
};

enum class Outcome : std::uint8_t {
    conforms,
    deviates,  // not to the profile; named switches explain it
    violates,
    undecided,  // the limits of the search did not suffice
};

struct Verdict {
    std::optional<Violation> violation;   // none: the profile that it was judged with allows what was followed
    std::vector<std::string> deviations;  // the switches that explain it although the profile rejects it: "W-1"
    std::set<std::string> evidence;       // of the explanation, or up to the violation
    Coverage coverage;                    // the same
    std::string reason;                   // why it is undecided; empty: it is not

    [[nodiscard]] Outcome outcome() const {
        if (!reason.empty()) return Outcome::undecided;
        if (!violation) return Outcome::conforms;
        return deviations.empty() ? Outcome::violates : Outcome::deviates;
    }
    [[nodiscard]] bool conforms() const { return outcome() == Outcome::conforms; }
    [[nodiscard]] bool deviates() const { return outcome() == Outcome::deviates; }
};

// Judges a whole trace with one profile. Any thread.
Verdict judge(std::span<const Observation> trace, const OracleOptions& options = {});

// The same; where the profile rejects the trace, tries each switch against it, then pairs and so on, and tells the
// smallest set that explains it. A switch that the profile has and the explanation has not is written "not W-1". Where
// a set could not be followed to the end and none that is as small explains the trace, it is undecided.
Verdict judge_with_deviations(std::span<const Observation> trace, const OracleOptions& options = {});

}  // namespace asyncselect::model
