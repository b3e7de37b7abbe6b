// The notification word by itself: what holds for every word and every stimulus, and the page's own sequences at
// compile time. What it means is held against the model in proofs/.
#include "impl/core/word.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace asyncselect::core {
namespace {

constexpr Events read = events(Event::read);
constexpr Events close = events(Event::close);
constexpr std::uint32_t fd_read = 1;
constexpr std::uint32_t fd_close = 32;

// The page's example, decided by the compiler: 100 bytes arrive, 50 are read, and so on.
constexpr bool hundred_bytes() {
    auto now = step(Word{0}, stimulus::select(fd_read | fd_close));
    if (now.posts != 0) return false;
    now = step(now.word, stimulus::data_arrived());
    if (now.posts != read) return false;
    now = step(now.word, stimulus::data_arrived());  // not again before the recv
    if (now.posts != 0) return false;
    now = step(step(now.word, stimulus::receive_begins()).word, stimulus::received(true, false));
    if (now.posts != read) return false;
    now = step(step(now.word, stimulus::receive_begins()).word, stimulus::received(false, false));
    if (now.posts != 0) return false;
    now = step(now.word, stimulus::end_of_data());
    return now.posts == close && step(now.word, stimulus::end_of_data()).posts == 0;
}
static_assert(hundred_bytes());

// Whatever was met before, at the end of the data nothing is left to be read.
static_assert(step(wanted(read) | enabled(read) | met(read), stimulus::end_of_data()).posts == 0);

std::vector<Stimulus> every_stimulus() {
    std::vector<Stimulus> all;
    for (const Profile profile : {spec_profile, windows_profile}) {
        for (const std::uint32_t mask : {0U, 1U, 2U, 33U, 1023U}) all.push_back(stimulus::select(mask, profile));
        for (const bool yes : {false, true}) {
            all.push_back(stimulus::peer_closed(yes, profile));
            all.push_back(stimulus::connected_at_once(yes, profile));
        }
        for (const Error code : {error::connection_reset, error::connection_aborted})
            all.push_back(stimulus::connection_aborted(code, profile));
    }
    for (const bool one : {false, true}) {
        for (const bool other : {false, true}) {
            all.push_back(stimulus::received(one, other));
            all.push_back(stimulus::shut_down(one, other));
        }
        all.push_back(stimulus::urgent_arrived(one));
        all.push_back(stimulus::sent(one));
        all.push_back(stimulus::accepted(one));
        all.push_back(stimulus::oob_inline(one));
        all.push_back(stimulus::route_changed(one));
    }
    for (const Error code : {error::none, error::connection_refused, error::timed_out}) {
        all.push_back(stimulus::connect_outcome(code));
        all.push_back(stimulus::join_outcome(code));
    }
    for (const auto& one : {stimulus::nothing,
                            stimulus::inherit(1023),
                            stimulus::data_arrived(),
                            stimulus::connection_request(),
                            stimulus::send_space_available(),
                            stimulus::connect_begun(),
                            stimulus::joined_at_once(),
                            stimulus::receive_begins(),
                            stimulus::end_of_data(),
                            stimulus::send_begins(),
                            stimulus::send_blocked(),
                            stimulus::accept_begins(),
                            stimulus::accept_deferred(),
                            stimulus::qos_changed(),
                            stimulus::qos_fetched(),
                            stimulus::group_qos_fetched(),
                            stimulus::route_requested(),
                            stimulus::address_list_requested(),
                            stimulus::address_list_changed(),
                            stimulus::subsystem_failed(Event::close),
                            stimulus::subsystem_failed(Event::read),
                            stimulus::subsystem_failed(Event::accept),
                            stimulus::refused(all_events),
                            stimulus::room()})
        all.push_back(one);
    return all;
}

class EveryWord : public ::testing::Test {
  protected:
    template <class Check>
    void for_each(Check check) {
        std::mt19937_64 random{20180829};
        const auto stimuli = every_stimulus();
        for (int i = 0; i < 20'000; ++i) {
            // Sparse words and dense ones too: the interesting bits are seldom alone.
            Word word = random();
            if (i % 3 == 1) word &= random();
            if (i % 3 == 2) word |= random();
            for (const auto& one : stimuli) check(word, one, step(word, one));
        }
    }
};

TEST_F(EveryWord, PostsOnlyWhatIsWantedAndDisablesIt) {
    for_each([](Word before, const Stimulus& one, const Step& after) {
        const Word then = (before & one.keep) | one.set;
        ASSERT_EQ(after.posts & ~(then >> layout::wanted & all_events), 0U);
        ASSERT_EQ(after.posts & ~(then >> layout::enabled & all_events), 0U);
        ASSERT_EQ(after.posts & (after.word >> layout::enabled & all_events), 0U);
    });
}

TEST_F(EveryWord, PostsNothingTwiceAndOwesNothing) {
    for_each(
        [](Word, const Stimulus&, const Step& after) { ASSERT_EQ(step(after.word, stimulus::nothing).posts, 0U); });
}

TEST_F(EveryWord, LeavesTheOwnersBitsAlone) {
    constexpr Word owners = ~Word{0} << layout::owners_bits;
    for_each([](Word before, const Stimulus&, const Step& after) { ASSERT_EQ(before & owners, after.word & owners); });
}

TEST_F(EveryWord, PostsNothingWhileItWaitsForRoom) {
    for_each([](Word before, const Stimulus& one, const Step& after) {
        if ((((before & one.keep) | one.set) & layout::refused) != 0) {
            ASSERT_EQ(after.posts, 0U);
        }
    });
}

TEST_F(EveryWord, TakesTwoThingsAtOnceAsOneAfterTheOther) {
    // Where neither makes anything due, the order of the two steps cannot matter to the bits they set.
    for_each([](Word before, const Stimulus& one, const Step&) {
        const auto quiet = before & ~wanted(all_events);
        if ((one.set & wanted(all_events)) != 0) return;
        const auto together = step(quiet, stimulus::both(one, stimulus::data_arrived()));
        const auto after = step(step(quiet, one).word, stimulus::data_arrived());
        ASSERT_EQ(together.word, after.word);
    });
}

TEST_F(EveryWord, PostsWhatTheShortWaysSay) {
    std::size_t quiet = 0;
    std::size_t read = 0;
    for_each([&](Word before, const Stimulus& one, const Step&) {
        const auto made = before | one.set;
        const auto after = step(before, stimulus::sets(one.set));
        if (after.posts != 0) {
            ASSERT_TRUE(may_post(made));
        }
        if (only_read_is_due(made)) {
            ++read;
            ASSERT_EQ(after.posts, events(Event::read));
            ASSERT_EQ(after.word, with_read_posted(made));
            ASSERT_EQ(error_of(after.word, Event::read), error::none);
        }
        if (may_post(made)) return;
        ++quiet;
        ASSERT_EQ(after.word, made);
        ASSERT_EQ(after.posts, Word{0});
    });
    ASSERT_NE(quiet, 0U);
    ASSERT_NE(read, 0U);
}

TEST(Errors, FitTheirIndex) {
    for (const auto code : message_errors) EXPECT_EQ(message_errors[index_of_error(code)], code);
    // The page lists no code for a host that cannot be reached: its network cannot.
    EXPECT_EQ(message_errors[index_of_error(error::host_unreachable)], error::net_unreachable);
}

TEST(Errors, OfAConnectAreThoseThatItsMessageMayCarry) {
    EXPECT_EQ(message_errors[index_of_connect_error(error::connection_refused)], error::connection_refused);
    for (const auto code : {error::net_down, error::connection_reset, error::connection_aborted}) {
        EXPECT_EQ(message_errors[index_of_connect_error(code)], error::net_unreachable);
        const auto failed = step(Word{0}, stimulus::connect_outcome(code)).word;
        EXPECT_EQ(error_of(failed, Event::connect), error::net_unreachable);
    }
}

TEST(Events, AreMaskAndLanesAlike) {
    for (std::uint32_t mask = 0; mask <= every_bit; ++mask) {
        ASSERT_EQ(mask_of(events_of(mask)), mask);
        ASSERT_EQ(std::popcount(events_of(mask)), std::popcount(mask));
    }
}

}  // namespace
}  // namespace asyncselect::core
