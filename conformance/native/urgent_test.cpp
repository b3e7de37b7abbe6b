// Urgent (out-of-band) data over loopback connections, both families: MSG_OOB in both directions, FD_OOB, SO_OOBINLINE
// switched at any time, and a stream of normal data that urgent bytes leave intact.
#include <atomic>
#include <random>
#include <thread>

#include "conformance/native/families.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;

constexpr int socket_level = 0xffff;
constexpr int oob_inline = 0x0100;
constexpr int oob = 1;
constexpr int peek = 2;
int send_urgent(asyncselect_SOCKET s, std::string_view text) {
    return asyncselect_send(s, text.data(), static_cast<int>(text.size()), oob);
}

// The urgent byte, or "" and the last error.
std::string receive_urgent(asyncselect_SOCKET s, int flags = 0) {
    char byte = 0;
    return asyncselect_recv(s, &byte, 1, oob | flags) == 1 ? std::string(1, byte) : std::string{};
}

int set_inline(asyncselect_SOCKET s, bool on) {
    const int value = on ? 1 : 0;
    return asyncselect_setsockopt(s, socket_level, oob_inline, reinterpret_cast<const char*>(&value), sizeof value);
}

int inline_of(asyncselect_SOCKET s) {
    int value = -1;
    int length = sizeof value;
    EXPECT_EQ(asyncselect_getsockopt(s, socket_level, oob_inline, reinterpret_cast<char*>(&value), &length), 0);
    return value;
}

std::uint32_t ask(asyncselect_SOCKET s, long command) {
    std::uint32_t answer = 77;
    EXPECT_EQ(asyncselect_ioctlsocket(s, command, &answer), 0);
    return answer;
}

class Urgent : public BothFamilies {
  protected:
    // A connection whose sender does not wait to fill packets, and its listener.
    struct Connection {
        asyncselect_SOCKET listener;
        asyncselect_SOCKET one;    // receives
        asyncselect_SOCKET other;  // sends
    };

    static asyncselect_SOCKET connected_to(asyncselect_SOCKET listener) {
        const auto s = request_to(listener, GetParam());
        const int on = 1;
        EXPECT_EQ(asyncselect_setsockopt(s, 6, 1, reinterpret_cast<const char*>(&on), sizeof on), 0);
        return s;
    }

    static Connection connection() {
        const auto from = listener_of(GetParam());
        const auto other = connected_to(from);
        const auto one = asyncselect_accept(from, nullptr, nullptr);
        std::uint32_t on = 1;
        EXPECT_EQ(asyncselect_ioctlsocket(one, asyncselect_FIONBIO, &on), 0);
        return {from, one, other};
    }

    // Sends normal data, and waits until the other end has all of it: what was sent before has arrived too.
    static void arrive(const Connection& c, std::string_view text, std::uint32_t bytes_there) {
        EXPECT_EQ(send_text(c.other, text), static_cast<int>(text.size()));
        wait_until([&] { return ask(c.one, asyncselect_FIONREAD) == bytes_there; });
    }

    // Everything that comes until there is nothing.
    static std::string receive_all(asyncselect_SOCKET s) {
        std::string all;
        for (;;) {
            const auto some = receive_text(s);
            if (some.empty()) return all;
            all += some;
        }
    }

    [[nodiscard]] std::vector<long> events() {
        std::vector<long> told;
        for (const auto& one : mailbox_.drain()) {
            EXPECT_EQ(one.error, 0);
            told.push_back(one.event);
        }
        return told;
    }

    // Messages until this event is among them.
    void expect_event(asyncselect_SOCKET s, long event) {
        const auto told = mailbox_.collect([&](const auto& got) { return !got.empty() && got.back().event == event; });
        ASSERT_FALSE(told.empty());
        EXPECT_EQ(told.back(), (Notification{s, event, 0}));
    }
};

INSTANTIATE_TEST_SUITE_P(Families, Urgent, ::testing::Values(Family::ipv4, Family::ipv6), text_of);

using Events = std::vector<long>;

TEST_P(Urgent, AByteIsToldByItsOwnEventAndLeavesTheDataIntact) {
    cite<"AS-OOB-1", "AS-OOB-3", "AS-ENABLE-1", "AS-ENABLE-2", "AS-READ-2">();
    const auto c = connection();
    EXPECT_EQ(select(c.one, fd_read | fd_oob), 0);
    EXPECT_EQ(send_urgent(c.other, "abX"), 3) << "the last one is urgent";
    expect_event(c.one, fd_oob);
    EXPECT_EQ(send_text(c.other, "cd"), 2);
    EXPECT_EQ(receive_urgent(c.one), "X");
    EXPECT_EQ(receive_urgent(c.one), "");
    EXPECT_EQ(last_error(), error::invalid);
    mailbox_.drain();
    EXPECT_EQ(receive_text(c.one), "ab") << "up to the mark";
    expect_event(c.one, fd_read);
    EXPECT_EQ(receive_text(c.one), "cd");
    EXPECT_EQ(receive_text(c.one), "");
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(send_urgent(c.other, "Y"), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{c.one, fd_oob, 0})) << "a second one is news";
    EXPECT_TRUE(mailbox_.drain().empty()) << "and no normal data";
    EXPECT_EQ(receive_urgent(c.one), "Y");
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(asyncselect_send(c.one, "Z", 1, oob), 1) << "the other way";
    EXPECT_EQ(send_text(c.one, "!"), 1);
    EXPECT_EQ(receive_text(c.other), "!");
}

TEST_P(Urgent, WhatWaitsIsToldWhenTheSocketIsRegistered) {
    cite<"AS-OOB-2", "AS-REG-3", "R-2", "R-9", "R-3">();
    const auto c = connection();
    EXPECT_EQ(send_urgent(c.other, "aX"), 2);
    arrive(c, "b", 1);
    EXPECT_EQ(select(c.one, fd_read | fd_oob | fd_write), 0);
    EXPECT_EQ(events(), (Events{fd_oob, fd_read, fd_write}));
    EXPECT_EQ(select(c.one, fd_oob), 0);
    EXPECT_EQ(events(), (Events{fd_oob})) << "again, having been fetched";
    EXPECT_EQ(select(c.one, fd_read), 0);
    EXPECT_EQ(events(), (Events{fd_read}));
    EXPECT_EQ(receive_urgent(c.one), "X");
    EXPECT_EQ(events(), (Events{fd_read})) << "enabled by that (R-8)";
    EXPECT_EQ(select(c.one, fd_oob), 0);
    EXPECT_EQ(events(), (Events{}));

    // What arrived before accept, for an inherited registration.
    EXPECT_EQ(select(c.listener, fd_oob | fd_read | fd_write), 0);
    const auto early = connected_to(c.listener);
    EXPECT_EQ(send_urgent(early, "Q"), 1);
    asyncselect_SOCKET accepted = ~asyncselect_SOCKET{0};
    wait_until([&] {
        accepted = asyncselect_accept(c.listener, nullptr, nullptr);
        return accepted != ~asyncselect_SOCKET{0};
    });
    const auto told = mailbox_.collect(2);
    EXPECT_TRUE(std::ranges::count(told, Notification{accepted, fd_oob, 0}) == 1);
    EXPECT_EQ(receive_urgent(accepted), "Q");
}

TEST_P(Urgent, EachReceiveEnablesBothEvents) {
    cite<"R-8", "AS-OOB-4", "AS-READ-3", "AS-ENABLE-2", "AS-ENABLE-8", "R-20">();
    const auto c = connection();
    EXPECT_EQ(send_urgent(c.other, "abX"), 3);
    arrive(c, "cd", 2);
    EXPECT_EQ(select(c.one, fd_read | fd_oob), 0);
    EXPECT_EQ(events(), (Events{fd_oob, fd_read}));
    EXPECT_EQ(receive_text(c.one, 1), "a");
    EXPECT_EQ(events(), (Events{fd_oob, fd_read}));
    EXPECT_EQ(receive_urgent(c.one, peek), "X");
    EXPECT_EQ(events(), (Events{fd_oob, fd_read}));
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(c.one, &byte, 0, oob), 0);
    EXPECT_EQ(events(), (Events{fd_oob, fd_read})) << "no room, nothing taken";
    EXPECT_EQ(asyncselect_recv(c.one, nullptr, 1, oob), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(events(), (Events{fd_oob, fd_read}));
    EXPECT_EQ(asyncselect_recv(c.one, &byte, 1, 0x400), -1);
    EXPECT_EQ(last_error(), error::operation_not_supported);
    EXPECT_EQ(events(), (Events{fd_oob, fd_read}));
    EXPECT_EQ(receive_urgent(c.one), "X");
    EXPECT_EQ(events(), (Events{fd_read}));
    EXPECT_EQ(receive_urgent(c.one), "");
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(events(), (Events{fd_read})) << "none there, but enabled";
    EXPECT_EQ(receive_all(c.one), "bcd");
}

TEST_P(Urgent, AByteStaysWhenTheDataBehindItIsReceived) {
    cite<"R-26", "AS-OOB-4", "R-8">();
    for (const long mask : {fd_read | fd_oob, fd_oob, fd_read}) {
        const auto c = connection();
        EXPECT_EQ(select(c.one, mask), 0);
        EXPECT_EQ(send_urgent(c.other, "abX"), 3);
        expect_event(c.one, mask & fd_oob ? fd_oob : fd_read);
        arrive(c, "cd", 2);
        mailbox_.drain();
        EXPECT_EQ(receive_all(c.one), "abcd");
        if (mask & fd_oob) expect_event(c.one, fd_oob);
        mailbox_.drain();
        EXPECT_EQ(receive_urgent(c.one, peek), "X");
        EXPECT_EQ(events(), mask & fd_oob ? (Events{fd_oob}) : (Events{})) << "it is there still";
        EXPECT_EQ(receive_urgent(c.one), "X");
        EXPECT_EQ(events(), (Events{}));
    }
    // Not harvested before it is passed: the receive itself looks.
    const auto c = connection();
    EXPECT_EQ(select(c.one, fd_oob), 0);
    EXPECT_EQ(send_urgent(c.other, "X"), 1);
    wait_until([&] { return ask(c.one, asyncselect_SIOCATMARK) == 1 && receive_text(c.one).empty(); });
    EXPECT_EQ(send_text(c.other, "cd"), 2);
    wait_until([&] { return receive_text(c.one) == "cd"; });
    EXPECT_EQ(receive_urgent(c.one), "X");
}

TEST_P(Urgent, ANewerByteReplacesItAndTheDataStaysIntact) {
    cite<"R-26", "AS-OOB-3", "AS-ENABLE-1">();
    const auto c = connection();
    EXPECT_EQ(select(c.one, fd_read | fd_oob), 0);
    EXPECT_EQ(send_urgent(c.other, "abX"), 3);
    expect_event(c.one, fd_oob);
    EXPECT_EQ(send_urgent(c.other, "cdY"), 3);
    arrive(c, "ef", 2);
    mailbox_.drain();
    EXPECT_EQ(receive_urgent(c.one), "Y") << "the older one is gone";
    EXPECT_EQ(receive_urgent(c.one), "");
    mailbox_.drain();
    EXPECT_EQ(receive_all(c.one), "abcdef");

    // One that was taken, but whose mark was not passed.
    EXPECT_EQ(send_urgent(c.other, "ghX"), 3);
    expect_event(c.one, fd_oob);
    EXPECT_EQ(receive_urgent(c.one), "X");
    EXPECT_EQ(send_urgent(c.other, "Y"), 1);
    expect_event(c.one, fd_oob);
    EXPECT_EQ(receive_urgent(c.one), "Y");
    EXPECT_EQ(send_urgent(c.other, "ijZ"), 3);
    expect_event(c.one, fd_oob);
    mailbox_.drain();
    EXPECT_EQ(receive_text(c.one, 1), "g");
    EXPECT_EQ(receive_all(c.one), "hij");
    EXPECT_EQ(receive_urgent(c.one), "Z");
}

TEST_P(Urgent, TheMarkIsWhereTheCountStops) {
    cite<"R-26">();
    const auto c = connection();
    EXPECT_EQ(ask(c.one, asyncselect_SIOCATMARK), 1U);
    EXPECT_EQ(send_urgent(c.other, "abcX"), 4);
    arrive(c, "de", 3);
    EXPECT_EQ(ask(c.one, asyncselect_SIOCATMARK), 0U);
    EXPECT_EQ(receive_urgent(c.one), "X");
    EXPECT_EQ(ask(c.one, asyncselect_FIONREAD), 3U);
    EXPECT_EQ(ask(c.one, asyncselect_SIOCATMARK), 0U) << "also when it was taken";
    EXPECT_EQ(receive_text(c.one, 2), "ab");
    EXPECT_EQ(ask(c.one, asyncselect_FIONREAD), 1U);
    EXPECT_EQ(receive_text(c.one), "c");
    EXPECT_EQ(ask(c.one, asyncselect_SIOCATMARK), 1U);
    EXPECT_EQ(ask(c.one, asyncselect_FIONREAD), 2U);
    EXPECT_EQ(receive_text(c.one), "de");
}

TEST_P(Urgent, InlineItIsNormalData) {
    cite<"AS-OOB-1", "AS-READ-4", "AS-READ-1", "AS-READ-2", "AS-READ-3">();
    const auto c = connection();
    EXPECT_EQ(inline_of(c.one), 0);
    EXPECT_EQ(set_inline(c.one, true), 0);
    EXPECT_EQ(inline_of(c.one), 1);
    EXPECT_EQ(select(c.one, fd_read | fd_oob), 0);
    EXPECT_EQ(send_urgent(c.other, "X"), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{c.one, fd_read, 0}));
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(receive_urgent(c.one), "");
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(mailbox_.next(), (Notification{c.one, fd_read, 0}));
    EXPECT_EQ(receive_text(c.one), "X");
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(send_urgent(c.other, "abY"), 3);
    EXPECT_EQ(mailbox_.next(), (Notification{c.one, fd_read, 0}));
    EXPECT_EQ(send_text(c.other, "cd"), 2);
    EXPECT_EQ(receive_text(c.one), "ab") << "a receive ends before the mark";
    EXPECT_EQ(mailbox_.next(), (Notification{c.one, fd_read, 0}));
    EXPECT_EQ(ask(c.one, asyncselect_SIOCATMARK), 1U);
    std::string rest;
    wait_until([&] {
        rest += receive_text(c.one);
        return rest == "Ycd";
    });
    for (const auto event : events()) EXPECT_EQ(event, fd_read);
    EXPECT_EQ(send_urgent(c.other, "Z"), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{c.one, fd_read, 0}));
    EXPECT_EQ(select(c.one, fd_read | fd_oob), 0);
    EXPECT_EQ(events(), (Events{fd_read}));
}

TEST_P(Urgent, SwitchedOnItGovernsWhatArrivesFromThenOn) {
    cite<"R-26", "AS-READ-4", "AS-OOB-1", "AS-OOB-2">();
    for (const bool seen_before : {true, false}) {
        const auto c = connection();
        if (seen_before) {
            EXPECT_EQ(select(c.one, fd_oob | fd_read), 0);
        }
        EXPECT_EQ(send_urgent(c.other, "abX"), 3);
        if (seen_before) {
            expect_event(c.one, fd_oob);
        } else {
            wait_until([&] { return ask(c.one, asyncselect_FIONREAD) == 2; });
        }
        mailbox_.drain();
        EXPECT_EQ(set_inline(c.one, true), 0);
        EXPECT_EQ(inline_of(c.one), 1);
        EXPECT_EQ(events(), (Events{})) << "it posts nothing";
        EXPECT_EQ(send_urgent(c.other, "cdY"), 3);
        EXPECT_EQ(send_text(c.other, "ef"), 2);
        std::string all;
        wait_until([&] {
            all += receive_text(c.one);
            return all == "abcdYef";
        });
        EXPECT_EQ(receive_urgent(c.one), "X") << "arrived before, and still there";
        EXPECT_EQ(receive_urgent(c.one), "");
        for (const auto event : events()) EXPECT_TRUE(event == fd_read || event == fd_oob);
        EXPECT_EQ(inline_of(c.one), 1);
        EXPECT_EQ(send_urgent(c.other, "Z"), 1);
        wait_until([&] { return receive_text(c.one) == "Z"; });
        for (const auto event : events()) EXPECT_EQ(event, fd_read);
    }
}

TEST_P(Urgent, SwitchedOffItGovernsWhatArrivesFromThenOn) {
    cite<"R-26", "AS-OOB-1", "AS-OOB-3", "AS-READ-4">();
    const auto c = connection();
    EXPECT_EQ(set_inline(c.one, true), 0);
    EXPECT_EQ(select(c.one, fd_read | fd_oob), 0);
    EXPECT_EQ(send_urgent(c.other, "abX"), 3);
    EXPECT_EQ(mailbox_.next(), (Notification{c.one, fd_read, 0}));
    wait_until([&] { return ask(c.one, asyncselect_FIONREAD) == 3; });
    EXPECT_EQ(set_inline(c.one, false), 0);
    EXPECT_EQ(inline_of(c.one), 0);
    EXPECT_EQ(events(), (Events{}));
    EXPECT_EQ(receive_urgent(c.one), "") << "it arrived inline";
    EXPECT_EQ(events(), (Events{fd_read}));
    EXPECT_EQ(send_urgent(c.other, "cdY"), 3);
    expect_event(c.one, fd_oob);
    EXPECT_EQ(send_text(c.other, "ef"), 2);
    std::string all;
    wait_until([&] {
        all += receive_text(c.one);
        return all == "abXcdef";
    });
    EXPECT_EQ(receive_urgent(c.one), "Y");
    // With nothing behind it.
    EXPECT_EQ(set_inline(c.one, true), 0);
    EXPECT_EQ(send_urgent(c.other, "V"), 1);
    wait_until([&] { return ask(c.one, asyncselect_FIONREAD) == 1; });
    EXPECT_EQ(set_inline(c.one, false), 0);
    EXPECT_EQ(receive_text(c.one), "V");
    mailbox_.drain();
    EXPECT_EQ(send_urgent(c.other, "W"), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{c.one, fd_oob, 0}));
    EXPECT_EQ(receive_text(c.one), "");
    EXPECT_EQ(receive_urgent(c.one), "W");
}

TEST_P(Urgent, AnAcceptedSocketHasItAsItsListener) {
    cite<"AS-INHERIT-1", "AS-READ-4", "AS-OOB-1">();
    const auto from = listener_of(GetParam());
    EXPECT_EQ(set_inline(from, true), 0);
    const auto first = connected_to(from);
    const auto one = asyncselect_accept(from, nullptr, nullptr);
    EXPECT_EQ(inline_of(one), 1);
    EXPECT_EQ(send_urgent(first, "aX"), 2);
    EXPECT_EQ(send_text(first, "b"), 1);
    std::string all;
    while (all.size() < 3) all += receive_text(one);
    EXPECT_EQ(all, "aXb");

    const auto second = connected_to(from);
    EXPECT_EQ(set_inline(from, false), 0) << "between the request and its accept";
    const auto other = asyncselect_accept(from, nullptr, nullptr);
    EXPECT_EQ(inline_of(other), 0);
    EXPECT_EQ(select(other, fd_oob), 0);
    EXPECT_EQ(send_urgent(second, "X"), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{other, fd_oob, 0}));
    EXPECT_EQ(receive_urgent(other), "X");
}

TEST_P(Urgent, TheEndComesAfterAllOfIt) {
    cite<"AS-CLOSE-3", "AS-CLOSE-7", "R-9", "AS-OOB-3">();
    for (const std::string_view before : {"", "ab"}) {
        const auto c = connection();
        EXPECT_EQ(select(c.one, fd_read | fd_oob | fd_close), 0);
        EXPECT_EQ(send_urgent(c.other, std::string{before} + "X"), static_cast<int>(before.size()) + 1);
        EXPECT_EQ(asyncselect_closesocket(c.other), 0);
        if (before.empty()) {
            expect_event(c.one, fd_close);
        } else {
            expect_event(c.one, fd_read);
            EXPECT_EQ(receive_text(c.one), before);
            expect_event(c.one, fd_close);
        }
        EXPECT_EQ(receive_text(c.one), "");
        EXPECT_EQ(last_error() == error::would_block, false);
        EXPECT_EQ(receive_urgent(c.one), "X") << "it stays (R-26)";
        for (const auto event : events()) EXPECT_EQ(event, fd_oob);
    }
}

TEST_P(Urgent, WhereNothingIsReceivedItIsNotEither) {
    cite<"R-6", "R-20">();
    const auto c = connection();
    EXPECT_EQ(send_urgent(c.other, "X"), 1);
    EXPECT_EQ(asyncselect_shutdown(c.one, 0), 0);
    EXPECT_EQ(select(c.one, fd_read | fd_oob), 0);
    EXPECT_EQ(events(), (Events{}));
    EXPECT_EQ(receive_urgent(c.one), "");
    EXPECT_EQ(last_error(), error::shut_down);
    const auto idle = stream_of(GetParam());
    EXPECT_EQ(receive_urgent(idle), "");
    EXPECT_EQ(last_error(), error::not_connected);
    EXPECT_EQ(inline_of(idle), 0);
    EXPECT_EQ(set_inline(idle, true), 0);
    EXPECT_EQ(inline_of(idle), 1);
}

TEST_P(Urgent, ScatteredBuffersTakeIt) {
    const auto c = connection();
    std::uint32_t off = 0;
    EXPECT_EQ(asyncselect_ioctlsocket(c.one, asyncselect_FIONBIO, &off), 0);
    EXPECT_EQ(send_urgent(c.other, "abcX"), 4);
    arrive(c, "def", 3);
    std::array<char, 8> room{};
    std::array<asyncselect_WSABUF, 3> buffers{{{0, room.data()}, {2, room.data()}, {6, room.data() + 2}}};
    std::uint32_t count = 0;
    std::uint32_t flags = oob;
    EXPECT_EQ(asyncselect_WSARecv(c.one, buffers.data(), 3, &count, &flags, nullptr, nullptr), 0);
    EXPECT_EQ(count, 1U);
    EXPECT_EQ(room[0], 'X');
    flags = 0;
    EXPECT_EQ(asyncselect_WSARecv(c.one, buffers.data(), 3, &count, &flags, nullptr, nullptr), 0);
    EXPECT_EQ(std::string(room.data(), count), "abc");
    EXPECT_EQ(asyncselect_WSARecv(c.one, buffers.data(), 3, &count, &flags, nullptr, nullptr), 0);
    EXPECT_EQ(std::string(room.data(), count), "def");
    // A blocking receive that wants all waits beyond the mark.
    EXPECT_EQ(send_urgent(c.other, "ghY"), 3);
    EXPECT_EQ(send_text(c.other, "ij"), 2);
    EXPECT_EQ(asyncselect_recv(c.one, room.data(), 4, 8), 4);
    EXPECT_EQ(std::string(room.data(), 4), "ghij");
}

// Whatever is sent, received and switched in whatever order: the normal data is that which was sent as such, and an
// urgent byte is in it exactly if it arrived while SO_OOBINLINE was on.
TEST_P(Urgent, NormalDataIsIntactWhateverIsSwitched) {
    cite<"R-26", "AS-OOB-1", "AS-READ-4">();
    for (unsigned seed = 1; seed <= 40; ++seed) {
        std::mt19937 random{seed};
        const auto below = [&](unsigned limit) {
            return std::uniform_int_distribution<unsigned>{0, limit - 1}(random);
        };
        const auto c = connection();
        ASSERT_EQ(select(c.one, below(2) == 0 ? fd_read | fd_oob : fd_read | fd_oob | fd_close), 0);
        std::string expected;
        std::string got;
        std::string urgent;
        bool is_inline = false;
        char next = 0;
        const auto letter = [&] { return static_cast<char>('a' + next++ % 26); };
        for (int step = 0; step < 60; ++step) {
            switch (below(6)) {
                case 0: {
                    std::string text;
                    for (auto left = below(5) + 1; left > 0; --left) text += letter();
                    ASSERT_EQ(send_text(c.other, text), static_cast<int>(text.size()));
                    expected += text;
                    break;
                }
                case 1: {
                    const char byte = static_cast<char>(letter() - 'a' + 'A');
                    ASSERT_EQ(send_urgent(c.other, {&byte, 1}), 1);
                    if (is_inline) {
                        expected += byte;
                        // Until it is there, since what is set now is what counts.
                        wait_until([&] {
                            mailbox_.drain();
                            got += receive_text(c.one, 1);
                            return got.size() == expected.size();
                        });
                    } else {
                        urgent = byte;
                        wait_until([&] {
                            mailbox_.drain();
                            return receive_urgent(c.one, peek) == urgent;
                        });
                    }
                    break;
                }
                case 2:
                    got += receive_text(c.one, below(6) + 1);
                    break;
                case 3:
                    ASSERT_EQ(receive_urgent(c.one), urgent) << "seed " << seed << ", step " << step;
                    urgent.clear();
                    break;
                case 4:
                    is_inline = below(2) == 0;
                    ASSERT_EQ(set_inline(c.one, is_inline), 0);
                    break;
                default:
                    mailbox_.drain();
                    break;
            }
        }
        wait_until([&] {
            got += receive_text(c.one);
            return got.size() >= expected.size();
        });
        EXPECT_EQ(got, expected) << "seed " << seed;
        EXPECT_EQ(receive_text(c.one), "") << "seed " << seed;
        asyncselect_closesocket(c.one);
        asyncselect_closesocket(c.other);
        asyncselect_closesocket(c.listener);
        mailbox_.drain();
    }
}

// A sender in a hurry: bytes that are replaced before anybody sees them may come in the normal data, but nothing of
// the normal data is lost or out of order, and the last urgent byte is there at last.
TEST_P(Urgent, NothingIsLostHoweverFastItComes) {
    cite<"R-26", "AS-OOB-3", "AS-OOB-4", "AS-READ-2", "AS-READ-3">();
    constexpr int total = 30'000;
    const auto c = connection();
    ASSERT_EQ(select(c.one, fd_read | fd_oob | fd_close), 0);
    std::thread sender{[&] {
        for (int sent = 0; sent < total; ++sent) {
            const char byte = static_cast<char>('a' + sent % 26);
            EXPECT_EQ(asyncselect_send(c.other, &byte, 1, 0), 1);
            if (sent % 5 == 0) {
                EXPECT_EQ(send_urgent(c.other, sent + 5 < total ? "U" : "Z"), 1);
            }
        }
        EXPECT_EQ(asyncselect_shutdown(c.other, 1), 0);
    }};
    int normal = 0;
    int told = 0;
    int fetched = 0;
    bool in_order = true;
    std::string last;
    mailbox_.collect([&](const auto& messages) {
        if (messages.empty()) return false;
        const auto& message = messages.back();
        EXPECT_EQ(message.socket, c.one);
        if (message.event == fd_oob) {
            ++told;
            if (const auto byte = receive_urgent(c.one); !byte.empty()) {
                ++fetched;
                last = byte;
            }
        } else if (message.event == fd_read) {
            for (const char byte : receive_text(c.one, 64)) {
                if (byte == 'U' || byte == 'Z') continue;
                in_order = in_order && byte == 'a' + normal % 26;
                ++normal;
            }
        }
        return message.event == fd_close;
    });
    sender.join();
    EXPECT_EQ(normal, total);
    EXPECT_TRUE(in_order);
    EXPECT_GT(fetched, 0);
    EXPECT_GE(told, fetched);
    EXPECT_EQ(last, "Z");
}

// Two threads receive at one socket, one of them the window's. Each urgent byte follows when the one before was taken,
// so none of them has a reason to be in the normal data, though its mark may not be passed yet.
TEST_P(Urgent, TwoThreadsAtOneSocketKeepItApart) {
    cite<"R-26", "AS-OOB-3", "AS-OOB-4", "AS-READ-2", "AS-READ-3">();
    constexpr int total = 4000;
    const auto c = connection();
    ASSERT_EQ(select(c.one, fd_read | fd_oob), 0);
    std::atomic<int> normal{0};
    std::atomic<int> misplaced{0};
    std::atomic<int> urgent{0};
    std::atomic<bool> over{false};
    const auto receive_some = [&] {
        for (const char byte : receive_text(c.one, 3)) ++(byte == 'n' ? normal : misplaced);
        if (!receive_urgent(c.one).empty()) ++urgent;
    };
    std::thread worker{[&] {
        while (!over) receive_some();
    }};
    std::thread sender{[&] {
        int urgent_sent = 0;
        for (int sent = 0; sent < total && !over; ++sent) {
            EXPECT_EQ(send_text(c.other, "n"), 1);
            if (urgent == urgent_sent) {
                EXPECT_EQ(send_urgent(c.other, "U"), 1);
                ++urgent_sent;
            }
        }
        while (urgent < urgent_sent && !over) std::this_thread::yield();
    }};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (normal < total && std::chrono::steady_clock::now() < deadline) {
        asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, 5, 0x04ff, 0x0004);
        if (!mailbox_.drain().empty()) receive_some();
    }
    // The last urgent byte may still be on its way.
    wait_until([&] { return receive_urgent(c.one, peek).empty() && ask(c.one, asyncselect_FIONREAD) == 0; });
    over = true;
    worker.join();
    sender.join();
    EXPECT_EQ(normal, total);
    EXPECT_EQ(misplaced, 0);
    EXPECT_GT(urgent, 0);
}

// The system shows the byte only when the data before it has been received: by then FD_CLOSE has been told.
TEST_P(Urgent, AByteHiddenByAResetIsLostWithIt) {
    cite<"R-9", "R-26", "AS-CLOSE-5">();
    const auto c = connection();
    EXPECT_EQ(send_text(c.other, "data"), 4);
    EXPECT_EQ(send_urgent(c.other, "!"), 1);
    wait_until([&] { return ask(c.one, asyncselect_FIONREAD) == 4; });
    const asyncselect_linger hard{1, 0};
    asyncselect_setsockopt(c.other, socket_level, 0x0080, reinterpret_cast<const char*>(&hard), sizeof hard);
    asyncselect_closesocket(c.other);
    asyncselect_WSAPOLLFD over{c.one, 0, 0};
    wait_until([&] { return asyncselect_WSAPoll(&over, 1, 0) == 1; });
    EXPECT_EQ(asyncselect_WSAAsyncSelect(c.one, mailbox_.window(), socket_message, fd_read | fd_oob | fd_close), 0);
    const auto told = mailbox_.collect([&](const auto& got) { return !got.empty() && got.back().event == fd_close; });
    EXPECT_EQ(told, (std::vector<Notification>{{c.one, fd_read, 0}, {c.one, fd_close, error::connection_reset}}));
    EXPECT_EQ(receive_text(c.one), "data");
    EXPECT_EQ(set_inline(c.one, true), 0);
    EXPECT_EQ(ask(c.one, asyncselect_FIONREAD), 0) << "no normal data either";
    EXPECT_EQ(mailbox_.drain(), std::vector<Notification>{});
    EXPECT_EQ(receive_urgent(c.one), "");
}

}  // namespace
}  // namespace asyncselect::conformance::native
