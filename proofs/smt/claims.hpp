// The claims about the word that a solver proves, each as a function that asks; a control asks the same of a word with
// a fault in it. Knows the word and the solver; must know no model.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proofs/claim.hpp"
#include "proofs/smt/named.hpp"
#include "proofs/smt/solver.hpp"

namespace asyncselect::proofs {

// What is asked about: what runs, or that with a fault in it.
struct Subject {
    StepFunction step = step_that_runs;
    core::Stimulus (*altered)(std::string_view name, core::Stimulus stimulus) = nullptr;
    core::Error (*error_of)(core::Word word, core::Event event) = core::error_of;

    [[nodiscard]] core::Stimulus alter(std::string_view name, const core::Stimulus& stimulus) const {
        return altered != nullptr ? altered(name, stimulus) : stimulus;
    }
    // The stimuli of named.hpp.
    [[nodiscard]] std::vector<Named> named(const core::Profile& profile = core::spec_profile) const;
    // One of them.
    [[nodiscard]] Stimulus one(Question& question, std::string_view name,
                               const core::Profile& profile = core::spec_profile) const;
    // WSAAsyncSelect, and what an accepted socket begins with, with any events.
    [[nodiscard]] Stimulus select(Question& question, const Bits& events,
                                  const core::Profile& profile = core::spec_profile) const;
    [[nodiscard]] Stimulus inherit(Question& question, const Bits& events) const;
};

// Collects answers: the first refutation is kept.
class Proof {
  public:
    // `condition` follows from what the question assumes; `what` says it in words.
    void holds(Question& question, const z3::expr& condition, std::string_view what);
    void holds(bool condition, std::string_view what);
    [[nodiscard]] bool refuted() const { return counterexample_.has_value(); }
    [[nodiscard]] Outcome outcome() const;

  private:
    std::uint64_t queries_ = 0;
    std::optional<std::string> counterexample_;
};

void invariant_is_kept(Proof& proof, const Subject& subject);
void stimuli_have_the_form(Proof& proof, const Subject& subject);
void nothing_is_owed(Proof& proof, const Subject& subject);
void enabled_once(Proof& proof, const Subject& subject);
void enabling_is_exact(Proof& proof, const Subject& subject);
void registration_is_fresh(Proof& proof, const Subject& subject);
void inheritance(Proof& proof, const Subject& subject);
void cancellation(Proof& proof, const Subject& subject);
void levels(Proof& proof, const Subject& subject);
void arrivals(Proof& proof, const Subject& subject);
void deferral(Proof& proof, const Subject& subject);
void writing(Proof& proof, const Subject& subject);
void connecting(Proof& proof, const Subject& subject);
void connect_before_write(Proof& proof, const Subject& subject);
void edges_once(Proof& proof, const Subject& subject);
void closing_waits(Proof& proof, const Subject& subject);
void end_is_not_read(Proof& proof, const Subject& subject);
void errors_are_permitted(Proof& proof, const Subject& subject);
void switches_are_exact(Proof& proof, const Subject& subject);
void lanes_are_apart(Proof& proof, const Subject& subject);
void room_in_the_queue(Proof& proof, const Subject& subject);

}  // namespace asyncselect::proofs
