// What notifications say of a route and of the address list, without a system: the news are made up.
#include "impl/net/route_changes.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace asyncselect::net {
namespace {

constexpr std::uint32_t main_table = 254;
constexpr std::uint32_t local_table = 255;
constexpr std::uint32_t one = 2;
constexpr std::uint32_t other = 3;

Number number(std::initializer_list<unsigned> bytes) {
    Number out{};
    std::size_t at = 0;
    for (const auto byte : bytes) out[at++] = static_cast<std::byte>(byte);
    return out;
}

Address address(std::initializer_list<unsigned> bytes) {
    Address out{};
    std::memcpy(out.bytes, &inet, sizeof inet);
    const auto bits = number(bytes);
    std::memcpy(out.bytes + 4, bits.data(), 4);
    out.length = 16;
    return out;
}

News route(News::What what, std::uint8_t length, std::uint32_t interface, std::uint32_t metric = 0,
           std::uint32_t table = main_table, std::initializer_list<unsigned> prefix = {198, 51, 100, 0}) {
    return {what, inet, interface, {table, metric, length}, false, number(prefix)};
}
News added(std::uint8_t length, std::uint32_t interface, std::uint32_t metric = 0, std::uint32_t table = main_table) {
    return route(News::What::route_added, length, interface, metric, table);
}
News removed(std::uint8_t length, std::uint32_t interface, std::uint32_t metric = 0, std::uint32_t table = main_table) {
    return route(News::What::route_removed, length, interface, metric, table);
}

class Displaced : public ::testing::Test {
  protected:
    Displaced() {
        recorded_.reachable = true;
        recorded_.interface = one;
        recorded_.source = address({192, 0, 2, 1});
        recorded_.entry = RouteEntry{main_table, 100, 24};
        unreachable_.no_entry = true;
    }
    [[nodiscard]] bool by(std::initializer_list<News> news) const { return displaced(recorded_, to_, {.news = news}); }

    Address to_ = address({198, 51, 100, 7});
    Route recorded_;
    Route unreachable_;
};

TEST_F(Displaced, ByNothingAndByWhatConcernsOthers) {
    EXPECT_FALSE(by({}));
    EXPECT_FALSE(by({route(News::What::route_added, 25, other, 0, main_table, {198, 51, 100, 128})}))
        << "the other half of the net";
    EXPECT_FALSE(by({route(News::What::route_removed, 24, one, 100, main_table, {198, 51, 99, 0})}));
    EXPECT_FALSE(by({{News::What::route_added, inet6, other, {main_table, 0, 0}, false, {}}})) << "another family";
    EXPECT_FALSE(by({{News::What::interface_down, 0, other, {}, false, {}}}));
    EXPECT_FALSE(by({{News::What::address_gone, inet, one, {}, false, number({192, 0, 2, 2})}}));
}

TEST_F(Displaced, ByTheRemovalOfItsEntry) {
    EXPECT_TRUE(by({removed(24, one, 100)}));
    EXPECT_TRUE(by({removed(24, one, 100), added(24, one, 100)})) << "undone or not";
    EXPECT_FALSE(by({removed(24, one, 200)})) << "another metric";
    EXPECT_FALSE(by({removed(16, one, 100)})) << "a shorter prefix";
    EXPECT_FALSE(by({removed(24, other, 100)})) << "another interface";
    EXPECT_FALSE(by({removed(24, one, 100, 77)})) << "another table";
}

TEST_F(Displaced, ByABetterEntry) {
    EXPECT_TRUE(by({added(25, other), removed(25, other)}));
    EXPECT_TRUE(by({added(24, other, 50), removed(24, other, 50)}));
    EXPECT_TRUE(by({route(News::What::route_added, 32, other, 0, local_table, {198, 51, 100, 7})})) << "it is our own";
    EXPECT_TRUE(by({added(25, nowhere), removed(25, nowhere)})) << "unreachable for a time";
    EXPECT_FALSE(by({added(24, other, 200)}));
    EXPECT_FALSE(by({added(16, other)}));
    EXPECT_FALSE(by({added(25, other, 0, 77)})) << "whether that table comes first is a matter of rules";
    EXPECT_FALSE(by({added(25, several_interfaces)})) << "perhaps still by the same one";
    auto replacing = added(24, other, 100);
    EXPECT_FALSE(by({replacing})) << "beside it";
    replacing.replaces = true;
    EXPECT_TRUE(by({replacing}));
}

TEST_F(Displaced, NotWhileAnotherEntryLeadsToTheSameInterface) {
    EXPECT_FALSE(by({added(25, one), removed(25, one)}));
    EXPECT_FALSE(by({added(25, one), removed(24, one, 100)})) << "the longer one leads there all the time";
    EXPECT_TRUE(by({added(25, one), removed(24, one, 100), removed(25, one)}));
    EXPECT_TRUE(by({added(25, one), added(26, other)}));
}

TEST_F(Displaced, ByTheEndOfItsInterfaceOrItsAddress) {
    EXPECT_TRUE(by({{News::What::interface_down, 0, one, {}, false, {}}}));
    EXPECT_TRUE(by({{News::What::address_gone, inet, one, {}, false, number({192, 0, 2, 1})}}));
}

TEST_F(Displaced, WhereThereWasNoneByAnyThatLeadsThere) {
    recorded_ = unreachable_;
    EXPECT_TRUE(by({added(24, one), removed(24, one)}));
    EXPECT_TRUE(by({added(0, several_interfaces)}));
    EXPECT_FALSE(by({added(24, nowhere)}));
    EXPECT_FALSE(by({removed(24, one)}));
    EXPECT_FALSE(by({{News::What::interface_down, 0, one, {}, false, {}}}));
    recorded_.no_entry = false;
    EXPECT_FALSE(by({added(24, one)})) << "an entry says that it cannot be reached, and may go on to say so";
}

TEST_F(Displaced, ByWhatWasLost) { EXPECT_TRUE(displaced(recorded_, to_, {.news_lost = true, .news = {}})); }

TEST(SameWay, ComparesWhatTheApplicationCanSee) {
    Route a;
    Route b;
    EXPECT_TRUE(same_way(a, b));
    a.reachable = true;
    EXPECT_FALSE(same_way(a, b));
    b.reachable = true;
    a.interface = b.interface = one;
    a.source = b.source = address({192, 0, 2, 1});
    a.entry = RouteEntry{main_table, 0, 24};
    EXPECT_TRUE(same_way(a, b)) << "by another entry";
    b.interface = other;
    EXPECT_FALSE(same_way(a, b));
    b.interface = one;
    b.source = address({192, 0, 2, 2});
    EXPECT_FALSE(same_way(a, b));
}

TEST(AddressTable, TellsWhetherTheListIsAnotherOne) {
    AddressTable table;
    const AddressTable::Entry first{inet, 24, one, number({192, 0, 2, 1})};
    const AddressTable::Entry longer{inet, 25, one, number({192, 0, 2, 1})};
    const AddressTable::Entry elsewhere{inet, 24, other, number({192, 0, 2, 1})};
    const AddressTable::Entry loopback{inet, 8, 1, number({127, 0, 0, 1})};
    EXPECT_FALSE(table.remove(first));
    EXPECT_TRUE(table.add(first));
    EXPECT_FALSE(table.add(first)) << "there already";
    EXPECT_FALSE(table.add(longer)) << "the same address again";
    EXPECT_FALSE(table.add(elsewhere));
    EXPECT_FALSE(table.add(loopback));
    EXPECT_EQ(table.list(inet).size(), 1U);
    EXPECT_TRUE(table.list(inet6).empty());
    EXPECT_FALSE(table.remove(first));
    EXPECT_FALSE(table.remove(longer));
    EXPECT_TRUE(table.remove(elsewhere));
    EXPECT_TRUE(table.list(inet).empty());
}

TEST(AddressTable, TakesLinkLocalAddressesForOneOnEachInterface) {
    AddressTable table;
    const AddressTable::Entry here{inet6, 64, one, number({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})};
    auto there = here;
    there.interface = other;
    EXPECT_TRUE(table.add(here));
    EXPECT_TRUE(table.add(there));
    EXPECT_EQ(table.list(inet6).size(), 2U);
    AddressTable same;
    same.add(there);
    EXPECT_FALSE(table.same_list(same, inet6));
    same.add(here);
    EXPECT_TRUE(table.same_list(same, inet6)) << "the order does not matter";
}

}  // namespace
}  // namespace asyncselect::net
