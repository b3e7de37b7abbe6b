// select and WSAPoll through the API: what counts as ready, what they refuse, that a wait ends when a socket is closed,
// and that whoever only looks changes no message (field note 23). Runs under ThreadSanitizer too.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <span>
#include <thread>

#include "conformance/native/mailbox.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;
using Sockets = std::vector<asyncselect_SOCKET>;

constexpr short poll_read = 0x0100;
constexpr short poll_urgent = 0x0200;
constexpr short poll_write = 0x0010;
constexpr short poll_error = 0x0001;
constexpr short poll_hung_up = 0x0002;
constexpr short poll_invalid = 0x0004;
constexpr asyncselect_timeval at_once{0, 0};
constexpr asyncselect_timeval patience{10, 0};

// A set as FD_SET fills it; longer than the declared one where that is asked for.
class Set {
  public:
    Set(std::initializer_list<asyncselect_SOCKET> sockets) : Set{Sockets{sockets}} {}
    explicit Set(const Sockets& sockets) : memory_(sockets.size() + 1) {
        const auto count = static_cast<unsigned>(sockets.size());
        std::memcpy(memory_.data(), &count, sizeof count);
        std::ranges::copy(sockets, memory_.begin() + 1);
    }

    [[nodiscard]] asyncselect_fd_set* get() { return reinterpret_cast<asyncselect_fd_set*>(memory_.data()); }
    [[nodiscard]] Sockets sockets() const {
        unsigned count = 0;
        std::memcpy(&count, memory_.data(), sizeof count);
        return {memory_.begin() + 1, memory_.begin() + 1 + count};
    }

  private:
    static_assert(offsetof(asyncselect_fd_set, fd_array) == sizeof(asyncselect_SOCKET));
    Sockets memory_;
};

struct Answer {
    bool readable;
    bool writable;
    bool exceptional;

    friend bool operator==(const Answer&, const Answer&) = default;
};

void PrintTo(const Answer& a, std::ostream* out) {
    *out << (a.readable ? "readable " : "") << (a.writable ? "writable " : "") << (a.exceptional ? "exceptional" : "");
}

// One socket in all three sets.
Answer select_now(asyncselect_SOCKET s, asyncselect_timeval time = at_once) {
    Set readable{s};
    Set writable{s};
    Set exceptional{s};
    const int count = asyncselect_select(0, readable.get(), writable.get(), exceptional.get(), &time);
    const Answer answer{!readable.sockets().empty(), !writable.sockets().empty(), !exceptional.sockets().empty()};
    EXPECT_EQ(count, answer.readable + answer.writable + answer.exceptional);
    return answer;
}

bool becomes_readable(asyncselect_SOCKET s) {
    Set readable{s};
    return asyncselect_select(0, readable.get(), nullptr, nullptr, &patience) == 1;
}

// What WSAPoll says of one socket that is asked everything.
int poll_now(asyncselect_SOCKET s, int milliseconds = 0, short events = poll_read | poll_urgent | poll_write) {
    asyncselect_WSAPOLLFD entry{s, events, -1};
    const int count = asyncselect_WSAPoll(&entry, 1, milliseconds);
    if (count < 0) return count;
    EXPECT_EQ(count, entry.revents != 0);
    return entry.revents;
}

void set_nonblocking(asyncselect_SOCKET s) {
    std::uint32_t on = 1;
    EXPECT_EQ(asyncselect_ioctlsocket(s, static_cast<long>(0x8004667EU), &on), 0);
}

void reset(asyncselect_SOCKET s) {
    const asyncselect_linger abort{1, 0};
    EXPECT_EQ(asyncselect_setsockopt(s, 0xffff, 0x0080, reinterpret_cast<const char*>(&abort), sizeof abort), 0);
    EXPECT_EQ(asyncselect_closesocket(s), 0);
}

// An address at which nobody listens.
asyncselect_sockaddr_in nowhere() {
    const auto s = listener();
    const auto address = address_of(s);
    asyncselect_closesocket(s);
    return address;
}

asyncselect_SOCKET refused_soon() {
    const auto s = stream();
    set_nonblocking(s);
    const auto address = nowhere();
    EXPECT_EQ(asyncselect_connect(s, as_address(address), sizeof address), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), error::would_block);
    return s;
}

std::int64_t cpu_milliseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
}

class Select : public ::testing::Test {
  protected:
    Winsock winsock_;
    Mailbox mailbox_;
};

TEST_F(Select, AConnectionIsWritableAndReadableWhenSomethingHasCome) {
    const auto pair = connected_pair();
    EXPECT_EQ(select_now(pair.one), (Answer{false, true, false}));
    EXPECT_EQ(poll_now(pair.one), poll_write);
    send_text(pair.other, "x");
    ASSERT_TRUE(becomes_readable(pair.one));
    EXPECT_EQ(select_now(pair.one), (Answer{true, true, false}));
    EXPECT_EQ(poll_now(pair.one), poll_read | poll_write);
    EXPECT_EQ(poll_now(pair.one, 0, poll_write), poll_write);
    EXPECT_EQ(receive_text(pair.one), "x");
    EXPECT_EQ(select_now(pair.one), (Answer{false, true, false}));
}

TEST_F(Select, AFullConnectionIsNotWritable) {
    const auto pair = connected_pair();
    set_nonblocking(pair.one);
    const std::string much(1 << 20, 'x');
    std::size_t sent = 0;
    // The last bytes one by one: the system's reckoning of room is not ours.
    for (const auto piece : {much.size(), std::size_t{1}})
        for (int took = 0; (took = asyncselect_send(pair.one, much.data(), static_cast<int>(piece), 0)) > 0;)
            sent += static_cast<std::size_t>(took);
    ASSERT_EQ(asyncselect_WSAGetLastError(), error::would_block);
    EXPECT_EQ(select_now(pair.one), (Answer{false, false, false}));
    EXPECT_EQ(poll_now(pair.one), 0);
    std::thread reader{[&] {
        for (std::size_t got = 0; got < sent;) got += receive_text(pair.other).size();
    }};
    EXPECT_EQ(poll_now(pair.one, 10'000), poll_write);
    reader.join();
}

TEST_F(Select, TheEndOfAConnectionIsReadable) {
    auto pair = connected_pair();
    send_text(pair.other, "x");
    asyncselect_shutdown(pair.other, 1);
    ASSERT_TRUE(becomes_readable(pair.one));
    EXPECT_EQ(receive_text(pair.one, 1), "x");
    ASSERT_TRUE(becomes_readable(pair.one));
    EXPECT_EQ(select_now(pair.one), (Answer{true, true, false}));
    EXPECT_EQ(poll_now(pair.one), poll_read | poll_write | poll_hung_up);

    pair = connected_pair();
    reset(pair.other);
    ASSERT_TRUE(becomes_readable(pair.one));
    EXPECT_EQ(select_now(pair.one), (Answer{true, true, false}));
    EXPECT_EQ(poll_now(pair.one), poll_read | poll_write | poll_hung_up | poll_error);
    char byte{};
    EXPECT_EQ(asyncselect_recv(pair.one, &byte, 1, 0), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), error::connection_reset) << "to look takes no error";
    EXPECT_EQ(poll_now(pair.one), poll_read | poll_write | poll_hung_up | poll_error) << "and once told it stays";
}

// Told that it is over only when nothing is left to read: a program can close then.
TEST_F(Select, AConnectionHangsUpAfterItsData) {
    const auto pair = connected_pair();
    send_text(pair.other, "x");
    asyncselect_shutdown(pair.other, 1);
    ASSERT_TRUE(becomes_readable(pair.one));
    EXPECT_EQ(poll_now(pair.one), poll_read | poll_write);
    receive_text(pair.one, 1);
    ASSERT_TRUE(becomes_readable(pair.one));
    EXPECT_EQ(poll_now(pair.one) & poll_hung_up, poll_hung_up);
}

TEST_F(Select, AListenerIsReadableWhenARequestWaits) {
    const auto from = listener();
    EXPECT_EQ(select_now(from), (Answer{false, false, false}));
    EXPECT_EQ(poll_now(from), 0);
    const auto s = stream();
    EXPECT_EQ(connect_to(s, from), 0);
    ASSERT_TRUE(becomes_readable(from));
    EXPECT_EQ(select_now(from), (Answer{true, false, false}));
    EXPECT_EQ(poll_now(from), poll_read);
}

TEST_F(Select, AStreamThatWasNeverConnectedIsReadyForNothingAndNoTimeIsWasted) {
    const auto s = stream();
    EXPECT_EQ(poll_now(s), 0);
    const auto before = cpu_milliseconds();
    EXPECT_EQ(select_now(s, {0, 300'000}), (Answer{false, false, false}));
    EXPECT_LT(cpu_milliseconds() - before, 100) << "it turned round and round";
}

TEST_F(Select, WaitsForAStreamThatAnotherThreadConnects) {
    const auto from = listener();
    const auto s = stream();
    std::thread connecting{[&] { EXPECT_EQ(connect_to(s, from), 0); }};
    Set writable{s};
    EXPECT_EQ(asyncselect_select(0, nullptr, writable.get(), nullptr, &patience), 1);
    connecting.join();
}

TEST_F(Select, AConnectIsWritableWhenItSucceedsAndAnExceptionWhenItFails) {
    const auto from = listener();
    const auto good = stream();
    set_nonblocking(good);
    connect_to(good, from);
    Set writable{good};
    EXPECT_EQ(asyncselect_select(0, nullptr, writable.get(), nullptr, &patience), 1);
    EXPECT_EQ(select_now(good), (Answer{false, true, false}));

    const auto bad = refused_soon();
    writable = Set{bad};
    Set exceptional{bad};
    EXPECT_EQ(asyncselect_select(0, nullptr, writable.get(), exceptional.get(), &patience), 1);
    EXPECT_TRUE(writable.sockets().empty());
    EXPECT_EQ(exceptional.sockets(), Sockets{bad});
    EXPECT_EQ(poll_now(bad), poll_write | poll_hung_up | poll_error);
    int reason = 0;
    int size = sizeof reason;
    EXPECT_EQ(asyncselect_getsockopt(bad, 0xffff, 0x1007, reinterpret_cast<char*>(&reason), &size), 0);
    EXPECT_EQ(reason, error::connection_refused);
    // The error was taken: the failure stays one.
    EXPECT_EQ(select_now(bad), (Answer{false, false, true}));
    EXPECT_EQ(poll_now(bad), poll_write | poll_hung_up | poll_error);
}

TEST_F(Select, OutOfBandDataIsAnExceptionUnlessItIsInline) {
    const auto pair = connected_pair();
    ASSERT_EQ(asyncselect_send(pair.other, "u", 1, 1), 1);
    Set exceptional{pair.one};
    EXPECT_EQ(asyncselect_select(0, nullptr, nullptr, exceptional.get(), &patience), 1);
    EXPECT_EQ(select_now(pair.one), (Answer{false, true, true}));
    EXPECT_EQ(poll_now(pair.one), poll_urgent | poll_write);
    char byte{};
    EXPECT_EQ(asyncselect_recv(pair.one, &byte, 1, 1), 1);
    EXPECT_EQ(select_now(pair.one), (Answer{false, true, false}));

    const int on = 1;
    ASSERT_EQ(asyncselect_setsockopt(pair.one, 0xffff, 0x0100, reinterpret_cast<const char*>(&on), sizeof on), 0);
    ASSERT_EQ(asyncselect_send(pair.other, "v", 1, 1), 1);
    ASSERT_TRUE(becomes_readable(pair.one));
    EXPECT_EQ(select_now(pair.one), (Answer{true, true, false}));
    EXPECT_EQ(poll_now(pair.one), poll_read | poll_write);
}

TEST_F(Select, ADatagramSocketIsWritableAndReadableWhenADatagramHasCome) {
    const auto one = asyncselect_socket(2, 2, 0);
    const auto any = loopback();
    ASSERT_EQ(asyncselect_bind(one, as_address(any), sizeof any), 0);
    const auto other = asyncselect_socket(2, 2, 0);
    ASSERT_EQ(connect_to(other, one), 0);
    EXPECT_EQ(select_now(one), (Answer{false, true, false}));
    ASSERT_EQ(asyncselect_send(other, "", 0, 0), 0);
    ASSERT_TRUE(becomes_readable(one)) << "an empty datagram is one";
    EXPECT_EQ(poll_now(one), poll_read | poll_write);
}

TEST_F(Select, TellsOfEachSetAndLeavesWhatIsReady) {
    const auto idle = stream();
    const auto first = connected_pair();
    const auto second = connected_pair();
    send_text(first.one, "x");
    send_text(second.one, "x");
    ASSERT_TRUE(becomes_readable(first.other));
    ASSERT_TRUE(becomes_readable(second.other));
    Set readable{second.one, second.other, idle, first.other, first.other};
    Set writable{idle, first.one, first.other};
    Set exceptional{idle, first.one};
    EXPECT_EQ(asyncselect_select(-5, readable.get(), writable.get(), exceptional.get(), nullptr), 5);
    EXPECT_EQ(readable.sockets(), (Sockets{second.other, first.other, first.other}));
    EXPECT_EQ(writable.sockets(), (Sockets{first.one, first.other}));
    EXPECT_TRUE(exceptional.sockets().empty());
    EXPECT_TRUE(asyncselect___WSAFDIsSet(first.other, readable.get()));
    EXPECT_FALSE(asyncselect___WSAFDIsSet(idle, readable.get()));
    EXPECT_FALSE(asyncselect___WSAFDIsSet(idle, nullptr));
}

TEST_F(Select, ATimeThatIsOverEmptiesTheSets) {
    const auto pair = connected_pair();
    Set readable{pair.one};
    const auto begin = std::chrono::steady_clock::now();
    const asyncselect_timeval time{0, 30'000};
    EXPECT_EQ(asyncselect_select(0, readable.get(), nullptr, nullptr, &time), 0);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{30});
    EXPECT_TRUE(readable.sockets().empty());
    EXPECT_EQ(poll_now(pair.one, 20, poll_read), 0);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{50});
}

TEST_F(Select, RefusesWhatCannotBeAnswered) {
    const auto pair = connected_pair();
    const auto fails = [](Set* readable, const asyncselect_timeval* time) {
        asyncselect_WSASetLastError(0);
        EXPECT_EQ(asyncselect_select(0, readable == nullptr ? nullptr : readable->get(), nullptr, nullptr, time), -1);
        return asyncselect_WSAGetLastError();
    };
    Set good{pair.one};
    Set empty{};
    Set stale{pair.one, 12'345};
    Set no_socket{~asyncselect_SOCKET{0}};
    EXPECT_EQ(fails(nullptr, &at_once), error::invalid);
    EXPECT_EQ(fails(&empty, &at_once), error::invalid);
    EXPECT_EQ(fails(&stale, &at_once), error::not_socket);
    EXPECT_EQ(stale.sockets().size(), 2U);
    EXPECT_EQ(fails(&no_socket, &at_once), error::not_socket);
    for (const asyncselect_timeval& time :
         {asyncselect_timeval{-1, 0}, {0, -1}, {1L << 31, 0}, {0, std::numeric_limits<long>::max()}})
        EXPECT_EQ(fails(&good, &time), error::invalid) << time.tv_sec << ", " << time.tv_usec;
    EXPECT_EQ(fails(&good, reinterpret_cast<const asyncselect_timeval*>(8)), error::fault);
    EXPECT_EQ(asyncselect_select(0, reinterpret_cast<asyncselect_fd_set*>(8), nullptr, nullptr, &at_once), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), error::fault);
    unsigned garbage = 0xccccccccU;
    EXPECT_EQ(asyncselect_select(0, reinterpret_cast<asyncselect_fd_set*>(&garbage), nullptr, nullptr, &at_once), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), error::invalid);
    // More than a million microseconds are a time too.
    send_text(pair.other, "x");
    const asyncselect_timeval ten_seconds{0, 10'000'000};
    EXPECT_EQ(asyncselect_select(0, good.get(), nullptr, nullptr, &ten_seconds), 1);
}

TEST_F(Select, PollRefusesWhatCannotBeAnswered) {
    const auto pair = connected_pair();
    const auto fails = [](asyncselect_WSAPOLLFD* array, std::uint32_t count) {
        asyncselect_WSASetLastError(0);
        EXPECT_EQ(asyncselect_WSAPoll(array, count, 0), -1);
        return asyncselect_WSAGetLastError();
    };
    asyncselect_WSAPOLLFD none[]{{12'345, poll_read, 0}, {~asyncselect_SOCKET{0}, poll_read, 0}};
    EXPECT_EQ(fails(none, 2), error::invalid);
    EXPECT_EQ(fails(none, 0), error::invalid);
    EXPECT_EQ(fails(nullptr, 1), error::fault);
    EXPECT_EQ(fails(reinterpret_cast<asyncselect_WSAPOLLFD*>(8), 1), error::fault);
    for (const short bits : {short{0x0400}, short{0x0020}, short{0x0008}}) {
        asyncselect_WSAPOLLFD unknown{pair.one, bits, 0};
        EXPECT_EQ(fails(&unknown, 1), error::invalid) << bits;
    }
    // Among good ones a bad one is told, and a negative one is left out.
    asyncselect_WSAPOLLFD some[]{
        {12'345, poll_read, 0}, {pair.one, poll_read, 0}, {~asyncselect_SOCKET{0}, poll_read, 99}};
    EXPECT_EQ(asyncselect_WSAPoll(some, 3, -1), 1);
    EXPECT_EQ(some[0].revents, poll_invalid);
    EXPECT_EQ(some[1].revents, 0);
    EXPECT_EQ(some[2].revents, 0);
}

TEST(SelectBeforeStartup, Fails) {
    cite<"AS-API-2">();
    Set readable{4};
    EXPECT_EQ(asyncselect_select(0, readable.get(), nullptr, nullptr, &at_once), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), error::not_initialised);
    EXPECT_EQ(poll_now(4), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), error::not_initialised);
}

// Both as often as one likes: what the window is told is the same as if nobody had looked.
TEST_F(Select, ToLookChangesNoMessage) {
    cite<"AS-ENABLE-1", "AS-LEVEL-2", "AS-WRITE-5", "AS-CLOSE-3", "AS-MSG-1">();
    const auto play = [&](bool looks) {
        const auto pair = connected_pair();
        const auto look = [&] {
            if (!looks) return;
            for (int i = 0; i < 1000; ++i) {
                select_now(pair.one);
                poll_now(pair.one);
            }
        };
        std::vector<std::pair<long, int>> told;
        const auto wait_for = [&](std::size_t count) {
            look();
            for (const auto& each : mailbox_.collect(count)) told.emplace_back(each.event, each.error);
            look();
            for (const auto& each : mailbox_.drain()) told.emplace_back(each.event, each.error);
        };
        EXPECT_EQ(
            asyncselect_WSAAsyncSelect(pair.one, mailbox_.window(), socket_message, fd_read | fd_write | fd_close), 0);
        wait_for(1);
        send_text(pair.other, "abcdef");
        EXPECT_TRUE(becomes_readable(pair.one));
        wait_for(1);
        receive_text(pair.one, 3);
        wait_for(1);
        receive_text(pair.one, 3);
        look();
        asyncselect_shutdown(pair.other, 1);
        wait_for(1);
        asyncselect_closesocket(pair.one);
        asyncselect_closesocket(pair.other);
        return told;
    };
    const auto without = play(false);
    EXPECT_EQ(without, (std::vector<std::pair<long, int>>{{fd_write, 0}, {fd_read, 0}, {fd_read, 0}, {fd_close, 0}}));
    EXPECT_EQ(play(true), without);
}

TEST_F(Select, ToLookTakesNoErrorAwayFromTheWindow) {
    cite<"AS-CONNECT-4", "AS-CLOSE-5", "AS-ERROR-1", "AS-ERROR-2">();
    const auto s = stream();
    ASSERT_EQ(asyncselect_WSAAsyncSelect(s, mailbox_.window(), socket_message, fd_connect | fd_close | fd_write), 0);
    const auto address = nowhere();
    asyncselect_connect(s, as_address(address), sizeof address);
    for (int i = 0; i < 1000; ++i) {
        select_now(s);
        poll_now(s);
    }
    EXPECT_EQ(mailbox_.next(), (Notification{s, fd_connect, error::connection_refused}));
    // Harvested: the system tells of the failure no more, the word does.
    EXPECT_EQ(select_now(s), (Answer{false, false, true}));
    EXPECT_EQ(poll_now(s), poll_write | poll_hung_up | poll_error);
    EXPECT_TRUE(mailbox_.drain().empty());

    const auto pair = connected_pair();
    ASSERT_EQ(asyncselect_WSAAsyncSelect(pair.one, mailbox_.window(), socket_message, fd_close), 0);
    reset(pair.other);
    ASSERT_TRUE(becomes_readable(pair.one));
    for (int i = 0; i < 1000; ++i) {
        select_now(pair.one);
        poll_now(pair.one);
    }
    EXPECT_EQ(mailbox_.next(), (Notification{pair.one, fd_close, error::connection_reset}));
    EXPECT_EQ(poll_now(pair.one), poll_read | poll_write | poll_hung_up | poll_error);
}

TEST_F(Select, AThousandSocketsAndMore) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 4096) {
        if (files.rlim_max < 4096) GTEST_SKIP() << "no more than " << files.rlim_max << " files may be open";
        files.rlim_cur = 4096;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    constexpr std::size_t many = 1100;
    Sockets all;
    Sockets theirs;
    const auto from = listener();
    for (std::size_t i = 0; i < many; ++i) {
        const auto s = stream();
        ASSERT_EQ(connect_to(s, from), 0);
        theirs.push_back(s);
        all.push_back(asyncselect_accept(from, nullptr, nullptr));
    }
    Set readable{all};
    EXPECT_EQ(asyncselect_select(0, readable.get(), nullptr, nullptr, &at_once), 0);
    std::thread sender{[&] { send_text(theirs.back(), "x"); }};
    readable = Set{all};
    EXPECT_EQ(asyncselect_select(0, readable.get(), nullptr, nullptr, &patience), 1);
    EXPECT_EQ(readable.sockets(), Sockets{all.back()});
    sender.join();
    // With one that the system would always report, so that all of them are watched for edges.
    all.insert(all.begin(), stream());
    receive_text(all.back());
    std::vector<asyncselect_WSAPOLLFD> entries;
    for (const auto s : all) entries.push_back({s, poll_read, 0});
    sender = std::thread{[&] { send_text(theirs.front(), "x"); }};
    EXPECT_EQ(asyncselect_WSAPoll(entries.data(), static_cast<std::uint32_t>(entries.size()), 10'000), 1);
    EXPECT_EQ(entries[1].revents, poll_read);
    sender.join();
}

TEST_F(Select, AWaitEndsWhenAnotherThreadClosesASocket) {
    for (int round = 0; round < 100; ++round) {
        const auto pair = connected_pair();
        const auto s = round % 4 == 0   ? stream()
                       : round % 4 == 1 ? listener()
                       : round % 4 == 2 ? connected_pair().one
                                        : asyncselect_socket(2, 2, 0);
        std::atomic<bool> waits{false};
        std::thread closer{[&] {
            waits.wait(false);
            EXPECT_EQ(asyncselect_closesocket(s), 0);
        }};
        Set readable{pair.one, s};
        asyncselect_WSAPOLLFD entries[]{{pair.one, poll_read, 0}, {s, poll_read, 0}};
        waits = true;
        waits.notify_one();
        if (round % 8 < 4) {
            EXPECT_EQ(asyncselect_select(0, readable.get(), nullptr, nullptr, nullptr), -1);
            EXPECT_EQ(asyncselect_WSAGetLastError(), error::not_socket);
        } else {
            EXPECT_EQ(asyncselect_WSAPoll(entries, 2, -1), 1);
            EXPECT_EQ(entries[0].revents, 0);
            EXPECT_EQ(entries[1].revents, poll_invalid);
        }
        closer.join();
        asyncselect_closesocket(pair.one);
        asyncselect_closesocket(pair.other);
    }
}

// More threads than a socket counts calls, each naming the sockets in another order.
TEST_F(Select, ManyThreadsLookAtTheSameSockets) {
    Sockets all;
    for (int i = 0; i < 8; ++i) {
        const auto pair = connected_pair();
        all.push_back(pair.one);
        all.push_back(pair.other);
    }
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < 12; ++seed)
        threads.emplace_back([&all, seed] {
            auto mine = all;
            std::ranges::rotate(mine, mine.begin() + seed);
            for (int i = 0; i < 200; ++i) {
                Set readable{mine};
                Set writable{mine};
                EXPECT_GE(asyncselect_select(0, readable.get(), writable.get(), nullptr, &at_once), 16);
                send_text(mine.front(), "x");
            }
        });
    for (auto& thread : threads) thread.join();
    for (const auto s : all) {
        EXPECT_EQ(select_now(s).writable, true);
        EXPECT_EQ(asyncselect_closesocket(s), 0);
    }
}

}  // namespace
}  // namespace asyncselect::conformance::native
