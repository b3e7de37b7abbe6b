// Sets of states: each is in them once, however many there are, and the one that explains more stands for the other. A
// few are compared with each other and many are found by a hash; both must come to the same. It must not know which
// states a trace leads to.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/oracle_state.hpp"

namespace asyncselect::model {
namespace {

constexpr std::uint32_t message = 1025;

State fresh() { return State(Socket(Kind::stream)); }

Posted posted(Event event, ErrorCode error = 0) {
    Posted made;
    made.window = 1;
    made.message = message;
    made.event = event;
    made.error = error;
    return made;
}

// Differs from the others in one thing that a later observation can tell.
std::vector<State> each_different() {
    std::vector<State> all{fresh()};
    const auto with = [&all](auto&& change) {
        State state = fresh();
        change(state);
        all.push_back(std::move(state));
    };
    with([](State& state) { state.socket = Socket(Kind::datagram); });
    with([](State& state) { state.socket.apply(stimulus::AsyncSelect{bit_of(Event::read)}); });
    with([](State& state) { state.socket.apply(stimulus::AsyncSelect{bit_of(Event::address_list_change)}); });
    // By the state of the last machine alone.
    with([](State& state) {
        state.socket.apply(stimulus::AsyncSelect{bit_of(Event::address_list_change)});
        state.socket.apply(stimulus::AddressListRequested{});
        state.socket.apply(stimulus::AddressListChanged{});
    });
    with([](State& state) { state.effects.push_back({Effect::What::data, 1, 0}); });
    with([](State& state) { state.effects.push_back({Effect::What::data, 2, 0}); });
    with([](State& state) { state.effects.push_back({Effect::What::outcome, 1, 10061}); });
    with([](State& state) { state.changes.push_back({Effect::What::qos, 0, 0}); });
    with([](State& state) { state.changes.push_back({Effect::What::route, 0, 0}); });
    with([](State& state) { state.posted.push_back(posted(Event::read)); });
    with([](State& state) { state.posted.push_back(posted(Event::close)); });
    with([](State& state) { state.posted.push_back(posted(Event::close, 10054)); });
    with([](State& state) { state.taken = 1; });
    with([](State& state) { state.more = 1; });
    with([](State& state) { state.before_mark = 1; });
    with([](State& state) { state.loose = 1; });
    with([](State& state) { state.passed = true; });
    with([](State& state) { state.space_waived = true; });
    with([](State& state) { state.reset_possible = true; });
    with([](State& state) { state.untold = 10061; });
    with([](State& state) { state.down_owed = true; });
    with([](State& state) { state.down_told = bit_of(Event::read); });
    with([](State& state) { state.requested = 1; });
    with([](State& state) { state.left_over = 1; });
    with([](State& state) { state.changed = 1; });
    with([](State& state) { state.unasked = 1; });
    return all;
}

// Others, so that a set has many.
void add_others(StateSet& set, std::uint32_t count) {
    for (std::uint32_t number = 0; number < count; ++number) {
        State other = fresh();
        other.taken = 1000 + number;
        set.add(std::move(other));
    }
}

class AmongOthers : public testing::TestWithParam<std::uint32_t> {};

TEST_P(AmongOthers, WhatDiffersInOneThingIsKept) {
    const std::vector<State> all = each_different();
    for (std::size_t a = 0; a < all.size(); ++a) {
        for (std::size_t b = a + 1; b < all.size(); ++b) {
            StateSet set;
            add_others(set, GetParam());
            set.add(all[a]);
            set.add(all[b]);
            EXPECT_EQ(set.size(), GetParam() + 2) << "of states " << a << " and " << b;
        }
    }
}

TEST_P(AmongOthers, EachIsThereOnce) {
    StateSet set;
    add_others(set, GetParam());
    const std::vector<State> all = each_different();
    for (int times = 0; times < 3; ++times) {
        for (const State& state : all) set.add(state);
        EXPECT_EQ(set.size(), GetParam() + all.size());
    }
    EXPECT_EQ(StateSet(set.take()).size(), GetParam() + all.size());
}

TEST_P(AmongOthers, OneWithMoreMessagesThatNeedNotComeStandsForTheOther) {
    State less = fresh();
    less.posted.push_back(posted(Event::read));
    State more = less;
    Posted optional = posted(Event::write);
    optional.optional = true;
    more.posted.insert(more.posted.begin(), optional);
    for (const auto& [first, second] : {std::pair(less, more), std::pair(more, less)}) {
        StateSet set;
        add_others(set, GetParam());
        set.add(first);
        set.add(second);
        ASSERT_EQ(set.size(), GetParam() + 1);
        EXPECT_EQ(set[GetParam()].posted.size(), 2U);
    }
}

TEST_P(AmongOthers, OnlyWhatBothHaveShownIsKept) {
    State one = fresh();
    one.evidence = bit<"AS-READ-1">() | bit<"AS-CLOSE-1">();
    State other = fresh();
    other.evidence = bit<"AS-READ-1">() | bit<"AS-WRITE-1">();
    StateSet set;
    add_others(set, GetParam());
    set.add(one);
    set.add(other);
    ASSERT_EQ(set.size(), GetParam() + 1);
    EXPECT_EQ(set[GetParam()].evidence, bit<"AS-READ-1">());
}

// As many as are compared, one more, and so many that the table grows.
INSTANTIATE_TEST_SUITE_P(Sizes, AmongOthers, testing::Values(0, 7, 8, 100),
                         [](const auto& info) { return std::to_string(info.param); });

}  // namespace
}  // namespace asyncselect::model
