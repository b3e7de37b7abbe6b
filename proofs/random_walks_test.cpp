// The notification word against the ten Boost.MSM machines along random walks, as word_against_model_test.cpp does it,
// without a library for properties: where rapidcheck is not to be had, as for Windows. A difference is told with the
// number that makes the same walk again, and is not made smaller. And the negative controls.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <random>

#include "model/cite.hpp"
#include "proofs/alphabet.hpp"
#include "proofs/walks.hpp"

namespace asyncselect::proofs {
namespace {

using model::cite;
namespace st = model::stimulus;

// Numbers of one walk. Made from the generator alone, so that each system makes the same.
class Chance {
  public:
    explicit Chance(std::uint32_t seed) : generator_{seed} {}
    std::uint32_t below(std::size_t end) { return static_cast<std::uint32_t>(generator_() % end); }

  private:
    std::mt19937 generator_;
};

// Registrations often, with every mask or with the events that connections live on; now and then the end.
std::uint32_t any_mask(Chance& chance) {
    const auto which = chance.below(7);
    if (which < 4) return chance.below(model::every_event + 1);
    return which < 6 ? model::every_event : 0;
}

model::Stimulus any_stimulus(Chance& chance) {
    const auto which = chance.below(47);
    if (which < 6) return st::AsyncSelect{any_mask(chance)};
    if (which < 7) return st::EventSelect{any_mask(chance)};
    return alphabet()[chance.below(alphabet().size())];
}

// The first difference in so many walks, with the number of the walk.
std::optional<std::string> find_difference(const model::Profile& profile, std::uint32_t walks, std::size_t longest,
                                           Twin::Fault fault, std::size_t& steps) {
    for (std::uint32_t number = 0; number < walks; ++number) {
        Chance chance{number};
        const bool stream = chance.below(5) != 0;
        const auto begins = stream ? static_cast<int>(chance.below(beginnings)) : 0;
        std::vector<model::Stimulus> sequence;
        for (auto left = chance.below(longest); left > 0; --left) sequence.push_back(any_stimulus(chance));
        Twin twin{stream ? model::Kind::stream : model::Kind::datagram, profile};
        twin.seed(fault);
        for (const auto& part : {beginning(begins), sequence}) {
            const auto done = walk(twin, part);
            steps += done.steps;
            if (done.difference) return fmt::format("walk {}, {}", number, *done.difference);
        }
    }
    return std::nullopt;
}

void agrees(const model::Profile& profile) {
    cite<"AS-ENABLE-1", "AS-LEVEL-1", "AS-EDGE-1", "R-2", "R-9", "R-13">();
    std::size_t steps = 0;
    const auto found = find_difference(profile, 20'000, 140, nullptr, steps);
    EXPECT_FALSE(found) << *found;
    EXPECT_GE(steps, 500'000U);
}

TEST(RandomWalks, AgreeByThePage) { agrees(model::spec_profile); }
TEST(RandomWalks, AgreeByWhatWindowsDoes) { agrees(model::windows_profile); }

class RandomWalksControl : public ::testing::TestWithParam<Seeded> {};

TEST_P(RandomWalksControl, IsRefuted) {
    std::size_t steps = 0;
    const auto found = find_difference(model::spec_profile, 3000, 100, GetParam().fault, steps);
    ASSERT_TRUE(found) << "the walks did not notice that " << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(Faults, RandomWalksControl,
                         ::testing::ValuesIn(seeded_faults().begin(), seeded_faults().end()),
                         [](const auto& instance) { return std::string{instance.param.name}; });

}  // namespace
}  // namespace asyncselect::proofs
