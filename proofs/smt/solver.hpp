// The notification word's own step over a solver's bit vectors, and questions about it: is there a word, and a
// stimulus, for which this does not hold? Knows the word; must know no claim.
#pragma once

#include <z3++.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "impl/core/word.hpp"

// What the word's templates ask of an integer (impl/core/word.hpp).
namespace z3 {
inline expr left(const expr& word, unsigned bits) { return shl(word, word.ctx().bv_val(bits, 64)); }
inline expr right(const expr& word, unsigned bits) { return lshr(word, word.ctx().bv_val(bits, 64)); }
inline expr lift(const expr& word, std::uint64_t constant) { return word.ctx().bv_val(constant, 64); }
}  // namespace z3

namespace asyncselect::proofs {

using Bits = z3::expr;
using Stimulus = core::BasicStimulus<Bits>;
using Step = core::BasicStep<Bits>;

// The step that is asked about: the word's own, or one with a fault in it.
using StepFunction = Step (*)(const Bits& before, const Stimulus& stimulus);
inline Step step_that_runs(const Bits& before, const Stimulus& stimulus) { return core::step(before, stimulus); }

// One question to the solver.
class Question {
  public:
    // Any 64-bit value: `name` is what it is called in a counterexample.
    [[nodiscard]] Bits any_word(const std::string& name);
    // Any lanes: ten bits.
    [[nodiscard]] Bits any_lanes(const std::string& name);
    // Any four masks.
    [[nodiscard]] Stimulus any_stimulus(const std::string& name);
    [[nodiscard]] Stimulus lifted(const core::Stimulus& stimulus);
    [[nodiscard]] Bits constant(core::Word value);

    // Told in a counterexample: what stands in a word, which events lanes name.
    void tell_word(const std::string& name, const Bits& word);
    void tell_lanes(const std::string& name, const Bits& lanes);
    void tell_stimulus(const std::string& name, const Stimulus& stimulus);

    void assume(const z3::expr& condition) {
        solver_.add(condition);
        satisfied_ = false;
    }
    // Whether nothing satisfies what is assumed, so that anything would follow.
    [[nodiscard]] bool is_vacuous() {
        if (!satisfied_) satisfied_ = solver_.check() == z3::sat;
        return !satisfied_;
    }
    // Nothing of it is set.
    static z3::expr none(const Bits& bits) { return bits == lift(bits, 0); }
    static z3::expr some(const Bits& bits) { return bits != lift(bits, 0); }

    // Nothing if `condition` follows from what is assumed; otherwise what refutes it, in words. Throws
    // std::runtime_error if the solver gives up.
    [[nodiscard]] std::optional<std::string> refute(const z3::expr& condition);

  private:
    using Teller = std::function<std::string(const z3::model&)>;

    // One for all: to make one takes longer than most answers. So questions are for one thread.
    static z3::context& shared_context();

    z3::context& context_ = shared_context();
    z3::solver solver_{context_};
    std::vector<Teller> tellers_;
    bool satisfied_ = false;
};

// "FD_READ enabled", ...: what is set of the word; "nothing" for none.
[[nodiscard]] std::string describe_word(core::Word word);
[[nodiscard]] std::string describe_lanes(core::Events lanes);

}  // namespace asyncselect::proofs
