// FD_QOS and what a flow specification does: the edges of SIO_SET_QOS and SIO_GET_QOS, the marks that a plain receiver
// sees, the pace of a stream (a lower bound of time, never an upper one), and who inherits it.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "conformance/native/families.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;

constexpr std::uint32_t set_qos = 0x8800000bU;
constexpr std::uint32_t get_qos = 0xc8000007U;
constexpr std::uint32_t set_group_qos = 0x8800000cU;
constexpr std::uint32_t get_group_qos = 0xc8000008U;

constexpr std::uint32_t not_specified = 0xffffffffU;
constexpr std::uint32_t best_effort = 1;
constexpr std::uint32_t controlled_load = 2;
constexpr std::uint32_t guaranteed = 3;
constexpr std::uint32_t no_change = 6;
constexpr std::uint32_t network_control = 10;
constexpr std::uint32_t qualitative = 13;

constexpr asyncselect_FLOWSPEC flow(std::uint32_t type, std::uint32_t rate = not_specified) {
    return {rate, not_specified, not_specified, not_specified, not_specified, type, not_specified, not_specified};
}

constexpr asyncselect_QOS quality(std::uint32_t sending, std::uint32_t receiving = best_effort) {
    return {flow(sending), flow(receiving), {}};
}

int set(asyncselect_SOCKET s, asyncselect_QOS wanted) {
    std::uint32_t returned = 7;
    const int result =
        asyncselect_WSAIoctl(s, set_qos, &wanted, sizeof wanted, nullptr, 0, &returned, nullptr, nullptr);
    EXPECT_EQ(returned, result == 0 ? 0U : returned);
    return result;
}

asyncselect_QOS get(asyncselect_SOCKET s) {
    asyncselect_QOS present{};
    std::uint32_t returned = 0;
    EXPECT_EQ(asyncselect_WSAIoctl(s, get_qos, nullptr, 0, &present, sizeof present, &returned, nullptr, nullptr), 0);
    EXPECT_EQ(returned, sizeof present);
    return present;
}

bool same(const asyncselect_QOS& one, const asyncselect_QOS& other) {
    return std::memcmp(&one.SendingFlowspec, &other.SendingFlowspec, sizeof one.SendingFlowspec) == 0 &&
           std::memcmp(&one.ReceivingFlowspec, &other.ReceivingFlowspec, sizeof one.ReceivingFlowspec) == 0;
}

int type_of_service(asyncselect_SOCKET s) {
    int value = -1;
    int length = sizeof value;
    EXPECT_EQ(asyncselect_getsockopt(s, 0, 3, reinterpret_cast<char*>(&value), &length), 0);
    return value;
}

class Qos : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, Qos, ::testing::Values(Family::ipv4, Family::ipv6), text_of);

TEST_P(Qos, UntilOneIsSetNothingIsSpecified) {
    for (const auto s : {stream_of(GetParam()), datagram_of(GetParam())}) {
        EXPECT_TRUE(same(get(s), quality(best_effort)));
        EXPECT_EQ(set(s, quality(guaranteed, controlled_load)), 0);
        EXPECT_TRUE(same(get(s), quality(guaranteed, controlled_load)));
    }
}

TEST_P(Qos, AChangeIsOneEdge) {
    cite<"AS-EDGE-1", "AS-QOS-2", "AS-ENABLE-6", "AS-ENABLE-1", "R-22">();
    const auto s = datagram_of(GetParam());
    EXPECT_EQ(select(s, fd_qos), 0);
    EXPECT_TRUE(mailbox_.drain().empty()) << "nothing has changed";
    EXPECT_EQ(set(s, quality(best_effort)), 0);
    EXPECT_TRUE(mailbox_.drain().empty()) << "what is there already is no change";
    EXPECT_EQ(set(s, quality(guaranteed)), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_qos, 0}}));
    EXPECT_EQ(set(s, quality(controlled_load)), 0);
    EXPECT_TRUE(mailbox_.drain().empty()) << "not enabled";
    EXPECT_TRUE(same(get(s), quality(controlled_load)));
    EXPECT_TRUE(mailbox_.drain().empty()) << "the fetch covers it";
    EXPECT_EQ(set(s, quality(controlled_load)), 0);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(set(s, quality(best_effort)), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_qos, 0}}));
}

TEST_P(Qos, AnyParameterOfEitherDirectionCounts) {
    cite<"AS-QOS-2", "AS-EDGE-1">();
    const auto s = datagram_of(GetParam());
    EXPECT_EQ(select(s, fd_qos), 0);
    auto wanted = quality(best_effort);
    for (auto* direction : {&wanted.SendingFlowspec, &wanted.ReceivingFlowspec})
        for (auto* parameter : {&direction->TokenRate, &direction->TokenBucketSize, &direction->PeakBandwidth,
                                &direction->Latency, &direction->DelayVariation, &direction->ServiceType,
                                &direction->MaxSduSize, &direction->MinimumPolicedSize}) {
            *parameter = parameter == &direction->ServiceType ? qualitative : 1'000'000;
            EXPECT_EQ(set(s, wanted), 0);
            EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_qos, 0}}));
            EXPECT_TRUE(same(get(s), wanted));
        }
}

TEST_P(Qos, AChangeThatNobodyWasToldOfIsToldByARegistration) {
    cite<"AS-QOS-1", "AS-REG-3", "R-22">();
    const auto s = stream_of(GetParam());
    EXPECT_EQ(set(s, quality(guaranteed)), 0);
    EXPECT_EQ(select(s, fd_qos), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_qos, 0}}));
    EXPECT_EQ(select(s, fd_qos), 0);
    EXPECT_TRUE(mailbox_.drain().empty()) << "told already";
    EXPECT_EQ(select(s, fd_read), 0);
    EXPECT_EQ(set(s, quality(controlled_load)), 0);
    get(s);
    EXPECT_EQ(select(s, fd_qos), 0);
    EXPECT_TRUE(mailbox_.drain().empty()) << "fetched already";
}

TEST_P(Qos, AFailingFetchEnablesToo) {
    cite<"AS-ENABLE-8", "AS-ENABLE-6">();
    const auto s = stream_of(GetParam());
    EXPECT_EQ(select(s, fd_qos), 0);
    asyncselect_QOS present{};
    std::uint32_t returned = 0;
    const auto fetch = [&](void* out, std::uint32_t size, std::uint32_t* count, asyncselect_WSAOVERLAPPED* overlapped) {
        return asyncselect_WSAIoctl(s, get_qos, nullptr, 0, out, size, count, overlapped, nullptr);
    };
    std::uint32_t type = guaranteed;
    const std::pair<std::function<int()>, int> calls[] = {
        {[&] { return fetch(&present, sizeof present - 1, &returned, nullptr); }, error::fault},
        {[&] { return fetch(nullptr, sizeof present, &returned, nullptr); }, error::fault},
        {[&] { return fetch(wild<void>(), sizeof present, &returned, nullptr); }, error::fault},
        {[&] { return fetch(&present, sizeof present, nullptr, nullptr); }, error::fault},
        {[&] { return fetch(&present, sizeof present, &returned, wild<asyncselect_WSAOVERLAPPED>()); },
         error::operation_not_supported},
    };
    for (const auto& [call, reason] : calls) {
        EXPECT_EQ(set(s, quality(type)), 0);
        EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_qos, 0}}));
        EXPECT_EQ(call(), -1);
        EXPECT_EQ(last_error(), reason);
        type = type == guaranteed ? controlled_load : guaranteed;
    }
}

TEST_P(Qos, GroupsAreReserved) {
    cite<"AS-GQOS-1", "AS-ENABLE-6", "AS-API-7">();
    const auto s = stream_of(GetParam());
    EXPECT_EQ(select(s, fd_group_qos), 0);
    auto wanted = quality(guaranteed);
    std::uint32_t returned = 0;
    for (const auto code : {set_group_qos, get_group_qos}) {
        EXPECT_EQ(
            asyncselect_WSAIoctl(s, code, &wanted, sizeof wanted, &wanted, sizeof wanted, &returned, nullptr, nullptr),
            -1);
        EXPECT_EQ(last_error(), error::operation_not_supported);
    }
    EXPECT_EQ(set(s, wanted), 0);
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Qos, WhatCannotBeIsRefusedAndChangesNothing) {
    cite<"AS-EDGE-1">();
    const auto s = stream_of(GetParam());
    EXPECT_EQ(select(s, fd_qos), 0);
    const auto refuses = [&](const asyncselect_QOS& wanted, int reason) {
        EXPECT_EQ(set(s, wanted), -1);
        EXPECT_EQ(last_error(), reason);
    };
    for (const std::uint32_t type : {4U, 5U, 7U, 9U, 14U, 0xffffU, 0x10001U, 0x80010000U, not_specified}) {
        refuses(quality(type), error::invalid);
        refuses(quality(best_effort, type), error::invalid);
    }
    auto wanted = quality(guaranteed);
    wanted.SendingFlowspec.TokenRate = 2000;
    wanted.SendingFlowspec.PeakBandwidth = 1000;
    refuses(wanted, error::invalid);
    wanted = quality(guaranteed);
    wanted.ReceivingFlowspec.MinimumPolicedSize = 2000;
    wanted.ReceivingFlowspec.MaxSduSize = 1000;
    refuses(wanted, error::invalid);
    wanted = quality(guaranteed);
    char object = 0;
    wanted.ProviderSpecific = {1, &object};
    refuses(wanted, error::operation_not_supported);
    std::uint32_t returned = 0;
    wanted = quality(guaranteed);
    EXPECT_EQ(asyncselect_WSAIoctl(s, set_qos, &wanted, sizeof wanted - 1, nullptr, 0, &returned, nullptr, nullptr),
              -1);
    EXPECT_EQ(last_error(), error::fault);
    for (void* in : {static_cast<void*>(nullptr), wild<void>()}) {
        EXPECT_EQ(asyncselect_WSAIoctl(s, set_qos, in, sizeof wanted, nullptr, 0, &returned, nullptr, nullptr), -1);
        EXPECT_EQ(last_error(), error::fault);
    }
    EXPECT_EQ(asyncselect_WSAIoctl(s, set_qos, &wanted, sizeof wanted, nullptr, 0, nullptr, nullptr, nullptr), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_TRUE(same(get(s), quality(best_effort)));
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Qos, NoChangeLeavesADirectionAsItIs) {
    const auto s = stream_of(GetParam());
    EXPECT_EQ(set(s, quality(guaranteed, controlled_load)), 0);
    EXPECT_EQ(select(s, fd_qos), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_qos, 0}}));
    get(s);
    EXPECT_EQ(set(s, {flow(no_change, 5), flow(no_change, 5), {}}), 0);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_TRUE(same(get(s), quality(guaranteed, controlled_load)));
    EXPECT_EQ(set(s, {flow(no_change, 5), flow(best_effort), {}}), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_qos, 0}}));
    EXPECT_TRUE(same(get(s), quality(guaranteed, best_effort)));
}

TEST_P(Qos, AnAcceptedSocketHasTheListenersWhichIsNoChange) {
    cite<"AS-INHERIT-1", "R-3", "AS-EDGE-1">();
    const auto from = listener_of(GetParam());
    const auto early = request_to(from, GetParam());
    EXPECT_EQ(set(from, quality(guaranteed)), 0);
    EXPECT_EQ(select(from, fd_qos | fd_accept), 0);
    EXPECT_EQ(mailbox_.collect(2), (std::vector<Notification>{{from, fd_accept, 0}, {from, fd_qos, 0}}));
    const auto made = asyncselect_accept(from, nullptr, nullptr);
    ASSERT_NE(made, invalid_socket);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_TRUE(same(get(made), quality(guaranteed)));
    if (GetParam() == Family::ipv4) {
        EXPECT_EQ(type_of_service(made), 0x28 << 2) << "though it came before it was set";
    }
    EXPECT_EQ(set(made, quality(best_effort)), 0);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{made, fd_qos, 0}}));
    EXPECT_TRUE(same(get(from), quality(guaranteed))) << "each has its own";

    const auto late = request_to(from, GetParam());
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0}));
    EXPECT_EQ(set(from, quality(best_effort)), 0);
    const auto second = asyncselect_accept(from, nullptr, nullptr);
    ASSERT_NE(second, invalid_socket);
    EXPECT_TRUE(same(get(second), quality(best_effort)));
    if (GetParam() == Family::ipv4) {
        EXPECT_EQ(type_of_service(second), 0) << "though it came before it was set";
    }
    EXPECT_EQ(asyncselect_closesocket(early), 0);
    EXPECT_EQ(asyncselect_closesocket(late), 0);
}

TEST_P(Qos, ASocketMadeLaterHasNothingOfAnEarlierOne) {
    for (int round = 0; round < 200; ++round) {
        const auto s = datagram_of(GetParam());
        ASSERT_TRUE(same(get(s), quality(best_effort))) << round;
        ASSERT_EQ(set(s, quality(guaranteed)), 0);
        ASSERT_EQ(asyncselect_closesocket(s), 0);
    }
}

TEST_P(Qos, ConnectingSetsItBeforeAndTellsItAfterTheConnection) {
    cite<"AS-QOS-2", "AS-CONNECT-2", "AS-WRITE-2", "R-9", "R-16">();
    const auto to = bound(datagram_of(GetParam()), loopback_of(GetParam()));
    const auto name = name_of(to);
    const auto s = datagram_of(GetParam());
    EXPECT_EQ(select(s, fd_qos | fd_connect), 0);
    auto wanted = quality(guaranteed);
    char data[4] = "abc";
    asyncselect_WSABUF callee{sizeof data, data};
    asyncselect_WSABUF caller{0, nullptr};
    EXPECT_EQ(asyncselect_WSAConnect(s, name.get(), name.length, &caller, &callee, &wanted, nullptr), 0);
    EXPECT_EQ(callee.len, 0U) << "no data came back";
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{s, fd_connect, 0}, {s, fd_qos, 0}}));
    EXPECT_TRUE(same(get(s), wanted));

    const auto from = listener_of(GetParam());
    const auto listening = name_of(from);
    const auto one = stream_of(GetParam());
    EXPECT_EQ(select(one, fd_qos | fd_connect | fd_write), 0);
    EXPECT_EQ(asyncselect_WSAConnect(one, listening.get(), listening.length, nullptr, nullptr, &wanted, nullptr), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(mailbox_.collect(3),
              (std::vector<Notification>{{one, fd_qos, 0}, {one, fd_connect, 0}, {one, fd_write, 0}}));
    get(one);
    auto other = quality(controlled_load);
    EXPECT_EQ(asyncselect_WSAConnect(one, listening.get(), listening.length, nullptr, nullptr, &other, nullptr), -1);
    EXPECT_EQ(last_error(), error::is_connected);
    EXPECT_TRUE(same(get(one), wanted)) << "that call has done nothing";
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Qos, ConnectingRefusesWhatItCannotCarry) {
    const auto from = listener_of(GetParam());
    const auto name = name_of(from);
    const auto s = stream_of(GetParam());
    EXPECT_EQ(select(s, 1023), 0);
    char data[4] = "abc";
    asyncselect_WSABUF some{sizeof data, data};
    auto good = quality(guaranteed);
    auto bad = quality(5);
    const auto fails = [&](asyncselect_WSABUF* caller, asyncselect_WSABUF* callee, asyncselect_QOS* sending,
                           asyncselect_QOS* group, int reason) {
        EXPECT_EQ(asyncselect_WSAConnect(s, name.get(), name.length, caller, callee, sending, group), -1);
        EXPECT_EQ(last_error(), reason);
    };
    fails(&some, nullptr, &good, nullptr, error::protocol_not_supported);
    fails(wild<asyncselect_WSABUF>(), nullptr, &good, nullptr, error::fault);
    fails(nullptr, wild<asyncselect_WSABUF>(), &good, nullptr, error::fault);
    fails(nullptr, nullptr, wild<asyncselect_QOS>(), nullptr, error::fault);
    fails(nullptr, nullptr, &bad, nullptr, error::invalid);
    fails(nullptr, nullptr, &good, &good, error::operation_not_supported);
    EXPECT_TRUE(same(get(s), quality(best_effort)));
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(asyncselect_WSAConnect(s, name.get(), name.length, nullptr, nullptr, nullptr, nullptr), -1);
    EXPECT_EQ(last_error(), error::would_block) << "and then it connects";
}

// A datagram socket of the system that sees the six bits and the two of ECN of each datagram.
class Receiver {
  public:
    explicit Receiver(Family family)
        : inet6_{family == Family::ipv6},
          descriptor_{socket(inet6_ ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
        const int on = 1;
        sockaddr_in6 own6{};
        sockaddr_in own{};
        own6.sin6_family = AF_INET6;
        own6.sin6_addr = in6addr_loopback;
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = inet6_ ? sizeof own6 : sizeof own;
        auto* name = inet6_ ? reinterpret_cast<sockaddr*>(&own6) : reinterpret_cast<sockaddr*>(&own);
        EXPECT_EQ(setsockopt(descriptor_, inet6_ ? IPPROTO_IPV6 : IPPROTO_IP, inet6_ ? IPV6_RECVTCLASS : IP_RECVTOS,
                             &on, sizeof on),
                  0);
        EXPECT_EQ(::bind(descriptor_, name, length), 0);
        EXPECT_EQ(getsockname(descriptor_, name, &length), 0);
        port_ = inet6_ ? own6.sin6_port : own.sin_port;
    }
    ~Receiver() { close(descriptor_); }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    // The mark of the next datagram; -1: none came.
    [[nodiscard]] int mark() const {
        pollfd asked{descriptor_, POLLIN, 0};
        if (poll(&asked, 1, 10'000) != 1) return -1;
        char data[16];
        alignas(cmsghdr) char control[64];
        iovec piece{data, sizeof data};
        msghdr message{};
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        if (recvmsg(descriptor_, &message, 0) < 0) return -1;
        for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
            int six = 0;
            if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_TCLASS)
                std::memcpy(&six, CMSG_DATA(part), sizeof six);
            else if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_TOS)
                six = *CMSG_DATA(part);
            else
                continue;
            return six;
        }
        return -1;
    }

  private:
    bool inet6_;
    int descriptor_;
    std::uint16_t port_ = 0;
};

TEST_P(Qos, AReceiverSeesTheCodePointOfTheServiceType) {
    const Receiver receiver{GetParam()};
    const auto s = datagram_of(GetParam());
    const auto to = loopback_of(GetParam(), receiver.port());
    ASSERT_EQ(asyncselect_connect(s, to.get(), to.length), 0);
    constexpr std::uint32_t no_signaling = 0x40000000U;
    constexpr std::uint32_t no_traffic_control = 0x81000000U;
    const std::pair<std::uint32_t, int> marks[] = {
        {best_effort, 0},
        {guaranteed, 0x28},
        {controlled_load, 0x18},
        {no_change, 0x18},
        {network_control, 0x30},
        {qualitative, 0},
        {guaranteed | no_signaling, 0x28},
        {guaranteed | no_traffic_control, 0},
        {controlled_load, 0x18},
        {0, 0},
    };
    for (const auto& [type, code_point] : marks) {
        EXPECT_EQ(set(s, quality(type)), 0);
        EXPECT_EQ(send_text(s, "x"), 1);
        EXPECT_EQ(receiver.mark(), code_point << 2) << type;
    }
}

// How long a stream takes for so many bytes at a rate, after enough small pieces that it is no longer let go unpaced.
std::chrono::nanoseconds time_to_send(Family family, const asyncselect_QOS& wanted, std::size_t bytes) {
    const auto from = listener_of(family);
    const auto one = request_to(from, family);
    const auto other = asyncselect_accept(from, nullptr, nullptr);
    const int on = 1;
    EXPECT_EQ(asyncselect_setsockopt(one, 6, 1, reinterpret_cast<const char*>(&on), sizeof on), 0);
    EXPECT_EQ(set(one, wanted), 0);
    for (int i = 0; i < 50; ++i) {
        send_text(one, "x");
        EXPECT_EQ(receive_text(other), "x");
    }
    const auto begin = std::chrono::steady_clock::now();
    std::thread sender{[&] { EXPECT_EQ(send_text(one, std::string(bytes, 'p')), static_cast<int>(bytes)); }};
    for (std::size_t got = 0; got < bytes;) {
        const auto part = receive_text(other);
        if (part.empty()) break;
        got += part.size();
    }
    const auto taken = std::chrono::steady_clock::now() - begin;
    sender.join();
    return taken;
}

TEST_P(Qos, TheTokenRateIsTheRateOfAStreamAtMost) {
    using std::chrono::milliseconds;
    auto wanted = quality(best_effort);
    wanted.SendingFlowspec.TokenRate = 2'000'000;
    EXPECT_GE(time_to_send(GetParam(), wanted, 400'000), milliseconds{100}) << "0.4 MB at 2 MB a second";
}

// Threads change and fetch it while the window's thread answers each message by a fetch: no change goes untold.
TEST_P(Qos, NoChangeIsLostAmongThreads) {
    cite<"AS-EDGE-1", "R-22">();
    const auto s = datagram_of(GetParam());
    EXPECT_EQ(select(s, fd_qos), 0);
    constexpr std::uint32_t last = 4000;
    std::thread changer{[&] {
        for (std::uint32_t rate = 1000; rate <= last; ++rate)
            EXPECT_EQ(set(s, {flow(best_effort, rate), flow(best_effort), {}}), 0);
    }};
    std::uint32_t seen = 0;
    mailbox_.collect([&](const auto& got) {
        if (!got.empty()) seen = get(s).SendingFlowspec.TokenRate;
        return seen == last;
    });
    changer.join();
    EXPECT_EQ(seen, last) << "the last change was told";
}

}  // namespace
}  // namespace asyncselect::conformance::native
