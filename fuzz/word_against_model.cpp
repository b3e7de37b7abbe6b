// Each input is a life of one socket: the first byte chooses its kind, its beginning and the profile, each further byte
// a stimulus. The word and the model are stepped together; where they disagree the life is printed and the target
// aborts. Knows the twin and the alphabet; must know no system.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

#include "model/possible.hpp"
#include "proofs/alphabet.hpp"
#include "proofs/twin.hpp"

namespace {

using namespace asyncselect;

// Registrations take two bytes more, for the mask.
constexpr std::uint8_t first_registration = 232;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::span<const std::uint8_t> input{data, size};
    if (input.empty()) return 0;
    const auto choice = input.front();
    input = input.subspan(1);
    const auto& profile = (choice & 2U) != 0 ? model::windows_profile : model::spec_profile;
    proofs::Twin twin{(choice & 1U) != 0 ? model::Kind::datagram : model::Kind::stream, profile};
    std::string life;
    constexpr std::size_t longest = 64;
    for (std::size_t steps = 0; !input.empty() && steps < longest; ++steps) {
        const auto byte = input.front();
        input = input.subspan(1);
        model::Stimulus stimulus;
        if (byte < first_registration) {
            stimulus = proofs::alphabet()[byte % proofs::alphabet().size()];
        } else {
            if (input.size() < 2) break;
            const std::uint32_t mask = (input[0] | std::uint32_t{input[1]} << 8U) & model::every_event;
            input = input.subspan(2);
            stimulus = model::stimulus::AsyncSelect{mask};
        }
        if (!model::possible(twin.socket(), stimulus)) continue;
        life += proofs::show(stimulus) + "\n";
        if (const auto difference = twin.apply(stimulus)) {
            std::fprintf(stderr, "%s%s\n", life.c_str(), difference->c_str());
            std::abort();
        }
    }
    return 0;
}
