// What the tests here rely on of rapidcheck: properties that hold pass, one that does not is refuted and its
// counterexample made as small as can be, and what is picked at random is spread. Linked twice on Linux: with Debian's
// library and with what stands in for it on Windows. It must not know which.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using rc::detail::TestParams;
using rc::detail::TestResult;

TestParams parameters(int cases) {
    TestParams params;
    params.maxSuccess = cases;
    params.seed = 20180829;
    return params;
}

template <typename Property>
TestResult tried(const Property& property, const TestParams& params = parameters(200)) {
    return rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params);
}

std::string told(const TestResult& result) {
    std::ostringstream out;
    rc::detail::printResultMessage(result, out);
    return out.str();
}

bool says(const TestResult& result, const std::string& part) { return told(result).find(part) != std::string::npos; }

bool refuted(const TestResult& result) { return result.is<rc::detail::FailureResult>(); }

TEST(Rapidcheck, TriesAsManyCasesAsItIsTold) {
    int played = 0;
    const auto result = tried([&played](std::uint8_t, const std::vector<std::uint8_t>&) { ++played; });
    ASSERT_TRUE(result.is<rc::detail::SuccessResult>());
    EXPECT_EQ(played, 200);
    EXPECT_TRUE(says(result, "OK, passed 200 tests")) << told(result);
}

TEST(Rapidcheck, AFalsePropertyIsRefutedAndTheSmallestCounterexampleTold) {
    const auto result = tried([](std::uint8_t, const std::vector<std::uint8_t>& list) {
        for (const std::uint8_t one : list) RC_ASSERT(one < 10);
    });
    ASSERT_TRUE(refuted(result));
    EXPECT_TRUE(says(result, "Falsifiable after ")) << told(result);
    EXPECT_TRUE(says(result, " shrink")) << told(result);
    EXPECT_TRUE(says(result, "std::tuple<unsigned char, std::vector<unsigned char>>:\n(0, [10])\n")) << told(result);
    EXPECT_TRUE(says(result, "RC_ASSERT(one < 10)\n\nExpands to:\n10 < 10")) << told(result);
    EXPECT_TRUE(says(result, "rapidcheck_test.cpp:")) << told(result);
}

TEST(Rapidcheck, WhatAPropertyPicksIsMadeSmallToo) {
    const auto result = tried([] {
        const int first = *rc::gen::inRange(0, 1000).as("the first");
        const auto second = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000));
        (void)*rc::gen::weightedElement<bool>({{4, true}, {1, false}});
        if (first > 6 && second.size() > 2) RC_FAIL("too much");
    });
    ASSERT_TRUE(refuted(result));
    EXPECT_TRUE(says(result, "the first:\n7\n\n")) << told(result);
    EXPECT_TRUE(says(result, "std::vector<int>:\n[0, 0, 0]\n\n")) << told(result);
    EXPECT_TRUE(says(result, "too much")) << told(result);
}

TEST(Rapidcheck, WithoutShrinkingTheFirstCounterexampleIsTold) {
    TestParams params = parameters(200);
    params.disableShrinking = true;
    const auto result = tried([](const std::vector<int>& list) { RC_ASSERT(list.size() < 20U); }, params);
    ASSERT_TRUE(refuted(result));
    EXPECT_FALSE(says(result, " shrink")) << told(result);
}

TEST(Rapidcheck, AnExceptionIsAFailure) {
    const auto result = tried([] { throw std::runtime_error("thrown by the property"); });
    ASSERT_TRUE(refuted(result));
    EXPECT_TRUE(says(result, "Exception thrown with message:\nthrown by the property")) << told(result);
}

TEST(Rapidcheck, GivesUpWhereNoCaseIsLeft) {
    int played = 0;
    const auto result = tried(
        [&played] {
            ++played;
            RC_DISCARD("none will do");
        },
        parameters(10));
    ASSERT_TRUE(result.is<rc::detail::GaveUpResult>());
    EXPECT_GE(played, 100);
    EXPECT_TRUE(says(result, "Gave up after 0 tests")) << told(result);
    EXPECT_TRUE(says(result, "none will do")) << told(result);
}

TEST(Rapidcheck, WhatCannotBeGeneratedIsNoFailure) {
    const auto result = tried([] { (void)*rc::gen::inRange(3, 3); }, parameters(10));
    ASSERT_TRUE(result.is<rc::detail::GaveUpResult>());
    EXPECT_TRUE(says(result, "Generation failed")) << told(result);
}

TEST(Rapidcheck, TheSameSeedPicksTheSame) {
    const auto picked = [](std::uint64_t seed) {
        std::vector<std::uint64_t> all;
        TestParams params = parameters(50);
        params.seed = seed;
        (void)tried([&all](std::uint64_t one, std::uint8_t other) { all.insert(all.end(), {one, other}); }, params);
        return all;
    };
    EXPECT_EQ(picked(1).size(), 100U);
    EXPECT_EQ(picked(1), picked(1));
    EXPECT_NE(picked(1), picked(2));
}

TEST(Rapidcheck, CasesGrowFromNothingToTheLargest) {
    std::vector<std::size_t> lengths;
    TestParams params = parameters(400);
    params.maxSize = 60;
    (void)tried([&lengths](const std::vector<std::uint8_t>& list) { lengths.push_back(list.size()); }, params);
    ASSERT_EQ(lengths.size(), 400U);
    EXPECT_EQ(lengths.front(), 0U);
    EXPECT_GT(*std::max_element(lengths.begin(), lengths.end()), 50U);
    EXPECT_LE(*std::max_element(lengths.begin(), lengths.end()), 60U);
}

TEST(Rapidcheck, PicksAreSpreadOverWhatThereIs) {
    std::array<int, 4> counts{};
    std::array<int, 3> weighted{};
    int yes = 0;
    (void)tried(
        [&] {
            ++counts.at(static_cast<std::size_t>(*rc::gen::resize(100, rc::gen::inRange(0, 4))));
            ++weighted.at(*rc::gen::weightedElement<std::size_t>({{3, 0}, {0, 1}, {1, 2}}));
            yes += *rc::gen::arbitrary<bool>() ? 1 : 0;
        },
        parameters(4000));
    for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
    EXPECT_NEAR(weighted[0], 3000, 150);
    EXPECT_EQ(weighted[1], 0);
    EXPECT_NEAR(weighted[2], 1000, 150);
    EXPECT_NEAR(yes, 2000, 150);
}

TEST(Rapidcheck, ARandomNumberHasEachBitHalfOfTheTime) {
    std::array<int, 64> set{};
    rc::Random random(7);
    std::set<std::uint64_t> numbers;
    for (int i = 0; i < 2000; ++i) {
        // More splits than a way has bits.
        rc::Random one = random.split();
        for (int part = 0; part < 5; ++part) {
            const std::uint64_t number = one.next();
            numbers.insert(number);
            for (std::size_t bit = 0; bit < set.size(); ++bit) set.at(bit) += static_cast<int>((number >> bit) & 1U);
        }
    }
    EXPECT_EQ(numbers.size(), 10'000U);
    for (const int count : set) EXPECT_NEAR(count, 5000, 300);
}

TEST(Rapidcheck, WhatIsSplitGoesTwoWays) {
    rc::Random one(7);
    rc::Random other = one.split();
    EXPECT_NE(one.next(), other.next());
    rc::Random again(7);
    rc::Random other_again = again.split();
    EXPECT_NE(again.next(), other_again.next());
    EXPECT_EQ(one.next(), again.next());
    EXPECT_EQ(other.next(), other_again.next());
}

TEST(Rapidcheck, ASizeScalesARange) {
    using rc::gen::detail::scaleInteger;
    EXPECT_EQ(scaleInteger(1, 49), 0U);
    EXPECT_EQ(scaleInteger(1, 50), 1U);
    EXPECT_EQ(scaleInteger(7, 67), 5U);
    EXPECT_EQ(scaleInteger(1000, 0), 0U);
    EXPECT_EQ(scaleInteger(1000, 50), 500U);
    EXPECT_EQ(scaleInteger(1000, 100), 1000U);
    EXPECT_EQ(scaleInteger(1000, 140), 1000U);
    EXPECT_EQ(scaleInteger(~std::uint64_t{0}, 100), ~std::uint64_t{0});
    EXPECT_NEAR(static_cast<double>(scaleInteger(~std::uint64_t{0}, 50)), 9.2e18, 1e17);
}

TEST(Rapidcheck, ParametersAreReadAndWhatIsNoneIsRefused) {
    const auto params =
        rc::detail::configFromString("seed=7 max_success=11 max_size=12 max_discard_ratio=3 noshrink=1").testParams;
    EXPECT_EQ(params.seed, 7U);
    EXPECT_EQ(params.maxSuccess, 11);
    EXPECT_EQ(params.maxSize, 12);
    EXPECT_EQ(params.maxDiscardRatio, 3);
    EXPECT_TRUE(params.disableShrinking);
    EXPECT_EQ(rc::detail::configFromString("").testParams.maxSuccess, 100);
    EXPECT_THROW(rc::detail::configFromString("max_success=many"), rc::detail::ConfigurationException);
}

}  // namespace
