// The network in memory against the kernel's: one script, played over both, shows the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

#include "conformance/generate.hpp"
#include "conformance/provider.hpp"
#include "conformance/simulated/shown.hpp"
#include "conformance/simulated_provider.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

// Sends fill a buffer, and peers empty it: how much it takes is the kernel's own affair.
bool is_about_room(const model::Observation& observation) {
    const auto* const call = std::get_if<model::observation::Call>(&observation);
    const auto* const peer = std::get_if<model::observation::Peer>(&observation);
    return (call != nullptr && call->function == model::Function::send) ||
           (peer != nullptr && peer->verb == model::observation::PeerVerb::receive);
}

// Held against the kernel: what one thread plays over the loopback interface shows the same there, call by call and
// message by message. Where steps overlap, threads decide which of the permitted traces it is; how much of a send that
// is too large is taken, and when there is room again, the kernel decides.
void expect_what_the_kernel_shows(Provider& kernel, Provider& simulated, const Script& script, std::size_t& alike) {
    Played there = play(script, kernel);
    Played here = play(script, simulated);
    EXPECT_EQ(there.outcome, model::Outcome::conforms) << show(script);
    EXPECT_EQ(here.outcome, model::Outcome::conforms) << show(script);
    const auto open = [](const Step& step) {
        constexpr std::uint32_t more_than_fits = 1'000'000;
        const auto* const send = std::get_if<operation::Send>(&step.operation);
        return step.meanwhile || (send != nullptr && send->bytes > more_than_fits);
    };
    if (std::ranges::any_of(script.steps, open)) return;
    const auto fills = [](const Step& step) { return std::holds_alternative<operation::Fill>(step.operation); };
    if (std::ranges::any_of(script.steps, fills)) {
        std::erase_if(there.trace, is_about_room);
        std::erase_if(here.trace, is_about_room);
    }
    EXPECT_EQ(shown(there), shown(here)) << show(script);
    ++alike;
}

TEST(AgainstTheKernel, TheSameIsShown) {
    const auto kernel = make_native_provider();
    const auto simulated = make_simulated_provider();
    std::size_t alike = 0;
    for (const Script& script : embedded_suite()) {
        if (script.only != "eager" && needs_of(script).empty())
            expect_what_the_kernel_shows(*kernel, *simulated, script, alike);
    }
    EXPECT_GT(alike, 140U);
    GenerateOptions options;
    options.count = 80;
    options.walks = 80;
    alike = 0;
    for (const GeneratedScript& generated : generate(options)) {
        if (needs_of(generated.script).empty())
            expect_what_the_kernel_shows(*kernel, *simulated, generated.script, alike);
    }
    EXPECT_GT(alike, 30U);
}

// Its control: what is late in the simulated network is seen.
TEST(AgainstTheKernel, SomethingElseIsShownInDisorder) {
    const auto kernel = make_native_provider();
    const auto simulated = make_simulated_provider({Posting::pump, 7, 0, 0});
    std::size_t different = 0;
    for (const Script& script : embedded_suite()) {
        if (!script.only.empty() || !needs_of(script).empty() || !script.name.starts_with("read-")) continue;
        if (shown(play(script, *kernel)) != shown(play(script, *simulated))) ++different;
    }
    EXPECT_GT(different, 0U);
}

}  // namespace
}  // namespace asyncselect::conformance
