// The notification word beside the model: what the word is told when the model takes a stimulus, what the word says in
// the model's terms, and whether the two agree. Serves the property tests, the fuzzers and the exhaustive proof alike.
// Knows both vocabularies (the only place that does); must know no sockets, no threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "impl/core/word.hpp"
#include "model/socket.hpp"

namespace asyncselect::proofs {

// A model socket and the word that stands for it, stepped together.
class Twin {
  public:
    explicit Twin(model::Kind kind, const model::Profile& profile = model::spec_profile);

    // The same as another Twin, without its allocations.
    void begin_again(model::Kind kind, const model::Profile& profile);

    // A socket as accept() makes it, before it inherits its registration.
    static Twin accepted(const model::Profile& profile = model::spec_profile);

    // Goes on from where another Twin was: `socket` and `word` stood side by side there.
    void go_on(const model::Socket& socket, core::Word word);

    // Steps both. Returns what they disagree about, in words; nothing if they agree on every post (event, error, order)
    // and on every fact.
    [[nodiscard]] std::optional<std::string> apply(const model::Stimulus& stimulus);

    [[nodiscard]] const model::Socket& socket() const { return socket_; }
    [[nodiscard]] core::Word word() const { return word_; }
    // The rows that the model fired in the last step.
    [[nodiscard]] const std::vector<const model::Row*>& fired() const { return applied_.fired; }
    // What the word was told in the last step.
    [[nodiscard]] const core::Stimulus& told() const { return told_; }
    // The posts of the last step, as the word made them.
    [[nodiscard]] const std::vector<model::Post>& posts() const { return posts_; }

    // A fault put into the word's step on purpose, for negative controls: called with the word before and its result.
    using Fault = core::Step (*)(core::Word before, core::Step result);
    void seed(Fault fault) { fault_ = fault; }

  private:
    core::Step step(const core::Stimulus& stimulus) const;
    [[nodiscard]] bool agree() const;
    [[nodiscard]] std::optional<std::string> difference(const std::vector<model::Post>& expected) const;

    model::Socket socket_;
    model::Applied applied_;
    core::Word word_;
    core::Stimulus told_ = core::stimulus::nothing;
    bool queue_full_ = false;
    std::vector<model::Post> posts_;
    Fault fault_ = nullptr;
};

// What the word is told of a stimulus that led to these facts.
[[nodiscard]] core::Stimulus told_to_word(const model::Stimulus& stimulus, const model::Facts& after,
                                          const model::Profile& profile);

[[nodiscard]] core::Profile profile_of_word(const model::Profile& profile);

}  // namespace asyncselect::proofs
