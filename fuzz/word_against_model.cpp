// Each input is a life of one socket: the first byte chooses its kind, its beginning and the profile, each further byte
// a stimulus. The word and the model are stepped together; where they disagree the life is printed and the target
// aborts. Knows the twin and the alphabet; must know no system.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>

#include "fuzz/target.hpp"
#include "model/possible.hpp"
#include "proofs/alphabet.hpp"
#include "proofs/twin.hpp"

namespace asyncselect::fuzz {

namespace {

// Registrations take two bytes more, for the mask.
constexpr std::uint8_t first_registration = 232;
constexpr std::size_t longest = 64;

// The stimuli of an input, one after the other.
class Life {
  public:
    explicit Life(std::span<const std::uint8_t> input) : choice_(input.front()), left_(input.subspan(1)) {}

    [[nodiscard]] model::Kind kind() const { return (choice_ & 1U) != 0 ? model::Kind::datagram : model::Kind::stream; }
    [[nodiscard]] const model::Profile& profile() const {
        return (choice_ & 2U) != 0 ? model::windows_profile : model::spec_profile;
    }

    // The next one, nothing at the end. Good until the next call.
    const model::Stimulus* next() {
        if (left_.empty() || steps_ == longest) return nullptr;
        ++steps_;
        const auto byte = left_.front();
        left_ = left_.subspan(1);
        if (byte < first_registration) return &alphabet_[byte % alphabet_.size()];
        if (left_.size() < 2) return nullptr;
        const std::uint32_t mask = (left_[0] | std::uint32_t{left_[1]} << 8U) & model::every_event;
        left_ = left_.subspan(2);
        registration_ = model::stimulus::AsyncSelect{mask};
        return &registration_;
    }

  private:
    std::uint8_t choice_;
    std::span<const std::uint8_t> left_;
    std::span<const model::Stimulus> alphabet_ = proofs::alphabet();
    std::size_t steps_ = 0;
    model::Stimulus registration_;
};

}  // namespace

std::string show_input(std::span<const std::uint8_t> input) {
    if (input.empty()) return "";
    Life life(input);
    proofs::Twin twin(life.kind(), life.profile());
    std::string text = life.kind() == model::Kind::datagram ? "a datagram socket" : "a stream socket";
    text += life.profile() == model::windows_profile ? ", the windows profile\n" : ", the spec profile\n";
    while (const auto* stimulus = life.next()) {
        if (!model::possible(twin.socket(), *stimulus)) continue;
        text += proofs::show(*stimulus) + "\n";
        if (twin.apply(*stimulus)) break;
    }
    return text;
}

}  // namespace asyncselect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asyncselect;
    if (size == 0) return 0;
    const std::span<const std::uint8_t> input{data, size};
    fuzz::Life life(input);
    static proofs::Twin twin(model::Kind::stream);
    twin.begin_again(life.kind(), life.profile());
    while (const auto* stimulus = life.next()) {
        if (!model::possible(twin.socket(), *stimulus)) continue;
        if (const auto difference = twin.apply(*stimulus)) {
            std::fprintf(stderr, "%s%s\n", fuzz::show_input(input).c_str(), difference->c_str());
            std::abort();
        }
    }
    return 0;
}
