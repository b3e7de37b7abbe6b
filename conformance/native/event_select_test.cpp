// WSAEventSelect: the sibling of WSAAsyncSelect on the same word. What a window would be told is recorded, the event
// object is set, and any thread can wait for it. Each of the two functions ends the registration of the other.
#include <atomic>
#include <filesystem>
#include <thread>

#include "conformance/native/mailbox.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;

constexpr std::uint32_t patience = 20'000;
constexpr std::uint32_t timed_out = 0x102;
constexpr std::uint32_t wait_failed = 0xffffffffU;
constexpr long fionbio = static_cast<long>(0x8004667eU);

int last_error() { return asyncselect_WSAGetLastError(); }

class Event {
  public:
    Event() : handle_{asyncselect_WSACreateEvent()} { EXPECT_NE(handle_, nullptr); }
    ~Event() { close(); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    [[nodiscard]] asyncselect_HANDLE get() const { return handle_; }
    [[nodiscard]] bool is_set() const { return wait(0) == 0; }
    [[nodiscard]] std::uint32_t wait(std::uint32_t milliseconds = patience) const {
        return asyncselect_WSAWaitForMultipleEvents(1, &handle_, 0, milliseconds, 0);
    }
    void close() {
        if (handle_ != nullptr) asyncselect_WSACloseEvent(std::exchange(handle_, nullptr));
    }

  private:
    asyncselect_HANDLE handle_;
};

// What was recorded: each event and its error code, by the number of its bit.
struct Recorded {
    long events = 0;
    std::array<int, 10> errors{};

    friend bool operator==(const Recorded&, const Recorded&) = default;
};

void PrintTo(const Recorded& recorded, std::ostream* out) {
    *out << "events " << recorded.events << ", errors";
    for (const int code : recorded.errors) *out << ' ' << code;
}

Recorded with_error(long event, int number, int code) {
    Recorded recorded{event, {}};
    recorded.errors[static_cast<std::size_t>(number)] = code;
    return recorded;
}

class EventSelect : public ::testing::Test {
  protected:
    Winsock winsock_;
    Event event_;

    int select(asyncselect_SOCKET s, long events) { return asyncselect_WSAEventSelect(s, event_.get(), events); }

    // Whatever is there now, and the event is reset.
    Recorded take(asyncselect_SOCKET s) {
        asyncselect_WSANETWORKEVENTS told{};
        EXPECT_EQ(asyncselect_WSAEnumNetworkEvents(s, event_.get(), &told), 0);
        Recorded recorded{told.lNetworkEvents, {}};
        std::copy(std::begin(told.iErrorCode), std::end(told.iErrorCode), recorded.errors.begin());
        return recorded;
    }
    // The same once the event is set.
    Recorded next(asyncselect_SOCKET s) {
        EXPECT_EQ(event_.wait(), 0U) << "nothing was recorded for twenty seconds";
        return take(s);
    }
    Recorded collect(asyncselect_SOCKET s, long events) {
        Recorded all;
        while ((all.events & events) != events) {
            if (event_.wait() != 0) {
                ADD_FAILURE() << "only " << all.events << " was recorded";
                break;
            }
            const auto more = take(s);
            all.events |= more.events;
            for (std::size_t i = 0; i < all.errors.size(); ++i) all.errors[i] += more.errors[i];
        }
        return all;
    }
};

TEST(EventObjects, NeedWinsock) {
    cite<"AS-API-2">();
    asyncselect_HANDLE handle = nullptr;
    asyncselect_WSANETWORKEVENTS told{};
    EXPECT_EQ(asyncselect_WSACreateEvent(), nullptr);
    EXPECT_EQ(last_error(), error::not_initialised);
    EXPECT_EQ(asyncselect_WSASetEvent(handle), 0);
    EXPECT_EQ(last_error(), error::not_initialised);
    EXPECT_EQ(asyncselect_WSAResetEvent(handle), 0);
    EXPECT_EQ(last_error(), error::not_initialised);
    EXPECT_EQ(asyncselect_WSACloseEvent(handle), 0);
    EXPECT_EQ(last_error(), error::not_initialised);
    EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(1, &handle, 0, 0, 0), wait_failed);
    EXPECT_EQ(last_error(), error::not_initialised);
    EXPECT_EQ(asyncselect_WSAEventSelect(4, handle, 1L << 20), -1);
    EXPECT_EQ(last_error(), error::not_initialised);
    EXPECT_EQ(asyncselect_WSAEnumNetworkEvents(4, handle, &told), -1);
    EXPECT_EQ(last_error(), error::not_initialised);
}

TEST_F(EventSelect, EventObjectsAreObjects) {
    EXPECT_FALSE(event_.is_set());
    EXPECT_NE(asyncselect_WSASetEvent(event_.get()), 0);
    EXPECT_TRUE(event_.is_set());
    EXPECT_TRUE(event_.is_set()) << "reset by hand";
    EXPECT_EQ(asyncselect_WaitForSingleObject(event_.get(), 0), 0U);
    EXPECT_NE(asyncselect_WSAResetEvent(event_.get()), 0);
    EXPECT_FALSE(event_.is_set());

    Event second;
    const std::array<asyncselect_HANDLE, 2> both{event_.get(), second.get()};
    asyncselect_WSASetEvent(second.get());
    EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(2, both.data(), 0, 0, 1), 1U);
    EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(2, both.data(), 1, 1, 0), timed_out);
    asyncselect_WSASetEvent(event_.get());
    EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(2, both.data(), 1, patience, 0), 0U);

    EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(0, both.data(), 0, 0, 0), wait_failed);
    EXPECT_EQ(last_error(), 87);
    EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(65, both.data(), 0, 0, 0), wait_failed);
    EXPECT_EQ(last_error(), 87);
    EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(2, nullptr, 0, 0, 0), wait_failed);
    EXPECT_EQ(last_error(), error::fault);
    auto* const stale = second.get();
    second.close();
    EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(2, both.data(), 0, 0, 0), wait_failed);
    EXPECT_EQ(last_error(), 6);
    EXPECT_EQ(asyncselect_WSASetEvent(stale), 0);
    EXPECT_EQ(last_error(), 6);
    EXPECT_EQ(asyncselect_WSAResetEvent(stale), 0);
    EXPECT_EQ(last_error(), 6);
    EXPECT_EQ(asyncselect_WSACloseEvent(stale), 0);
    EXPECT_EQ(last_error(), 6);
}

TEST_F(EventSelect, ErrorsChangeNothing) {
    const auto pair = connected_pair();
    ASSERT_EQ(select(pair.one, fd_read), 0);
    Event gone;
    auto* const stale = gone.get();
    gone.close();
    asyncselect_WSANETWORKEVENTS told{};
    EXPECT_EQ(asyncselect_WSAEventSelect(4, event_.get(), fd_read), -1);
    EXPECT_EQ(last_error(), error::not_socket);
    EXPECT_EQ(asyncselect_WSAEventSelect(pair.one, stale, fd_read), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(asyncselect_WSAEventSelect(pair.one, nullptr, fd_read), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(select(pair.one, 1L << 10), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(asyncselect_WSAEnumNetworkEvents(4, event_.get(), &told), -1);
    EXPECT_EQ(last_error(), error::not_socket);

    send_text(pair.other, "x");
    ASSERT_EQ(event_.wait(), 0U);
    EXPECT_EQ(asyncselect_WSAEnumNetworkEvents(pair.one, stale, &told), -1);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(asyncselect_WSAEnumNetworkEvents(pair.one, event_.get(), nullptr), -1);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_TRUE(event_.is_set());
    EXPECT_EQ(asyncselect_WSAEnumNetworkEvents(pair.one, nullptr, &told), 0);
    EXPECT_EQ(told.lNetworkEvents, fd_read);
    EXPECT_TRUE(event_.is_set()) << "without the event it is left alone";
    EXPECT_EQ(take(pair.one), Recorded{});
    EXPECT_FALSE(event_.is_set());
}

// The page's hundred bytes, by record.
TEST_F(EventSelect, ReceivingRecordsWhatIsLeft) {
    cite<"AS-ENABLE-1", "AS-ENABLE-2", "AS-LEVEL-1", "AS-LEVEL-2">();
    const auto pair = connected_pair();
    ASSERT_EQ(select(pair.one, fd_read | fd_write | fd_close), 0);
    EXPECT_EQ(next(pair.one), (Recorded{fd_write, {}}));
    send_text(pair.other, std::string(100, 'x'));
    EXPECT_EQ(next(pair.one), (Recorded{fd_read, {}}));
    send_text(pair.other, "y");
    EXPECT_EQ(receive_text(pair.one, 50).size(), 50U);
    EXPECT_EQ(next(pair.one), (Recorded{fd_read, {}}));
    EXPECT_EQ(receive_text(pair.one, 51).size(), 51U);
    EXPECT_EQ(take(pair.one), Recorded{});
    EXPECT_FALSE(event_.is_set());
    asyncselect_shutdown(pair.other, 1);
    EXPECT_EQ(next(pair.one), (Recorded{fd_close, {}}));
}

TEST_F(EventSelect, OutcomesComeWithTheirErrors) {
    cite<"AS-CONNECT-4", "AS-ERROR-1", "AS-CLOSE-5", "AS-ERROR-2">();
    const auto gone = listener();
    const auto nobody = address_of(gone);
    asyncselect_closesocket(gone);
    const auto refused = stream();
    ASSERT_EQ(select(refused, fd_connect | fd_read | fd_write | fd_close), 0);
    EXPECT_EQ(asyncselect_connect(refused, as_address(nobody), sizeof nobody), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(next(refused), with_error(fd_connect, 4, error::connection_refused));

    const auto pair = connected_pair();
    ASSERT_EQ(select(pair.one, fd_close), 0);
    const asyncselect_linger hard{1, 0};
    asyncselect_setsockopt(pair.other, 0xffff, 0x0080, reinterpret_cast<const char*>(&hard), sizeof hard);
    asyncselect_closesocket(pair.other);
    EXPECT_EQ(next(pair.one), with_error(fd_close, 5, error::connection_reset));
}

TEST_F(EventSelect, AcceptedSocketsInherit) {
    cite<"AS-INHERIT-1", "AS-ACCEPT-1", "AS-ACCEPT-3", "R-3">();
    const auto from = listener();
    const auto client = stream();
    const auto another = stream();
    ASSERT_EQ(connect_to(client, from), 0);
    ASSERT_EQ(connect_to(another, from), 0);
    ASSERT_EQ(select(from, fd_accept | fd_read | fd_close), 0);
    EXPECT_EQ(next(from), (Recorded{fd_accept, {}}));
    const auto first = asyncselect_accept(from, nullptr, nullptr);
    EXPECT_EQ(next(from), (Recorded{fd_accept, {}})) << "another request waits";
    const auto second = asyncselect_accept(from, nullptr, nullptr);
    EXPECT_EQ(take(from), Recorded{});
    send_text(client, "x");
    EXPECT_EQ(next(first), (Recorded{fd_read, {}}));
    EXPECT_EQ(take(second), Recorded{});
    // Blocking mode too, and each on its own from now on.
    char byte = 0;
    EXPECT_EQ(asyncselect_recv(second, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::would_block);
    ASSERT_EQ(asyncselect_WSAEventSelect(first, nullptr, 0), 0);
    send_text(client, "y");
    send_text(another, "z");
    EXPECT_EQ(next(second), (Recorded{fd_read, {}}));
    EXPECT_EQ(take(first), Recorded{});
}

TEST_F(EventSelect, MakesNonblockingAndForbidsBlocking) {
    cite<"AS-MODE-1", "AS-MODE-2", "AS-MODE-3">();
    const auto pair = connected_pair();
    std::uint32_t off = 0;
    char byte = 0;
    ASSERT_EQ(asyncselect_WSAEventSelect(pair.one, nullptr, 0), 0);
    EXPECT_EQ(asyncselect_recv(pair.one, &byte, 1, 0), -1);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(asyncselect_ioctlsocket(pair.one, fionbio, &off), 0);
    ASSERT_EQ(select(pair.one, fd_read), 0);
    EXPECT_EQ(asyncselect_ioctlsocket(pair.one, fionbio, &off), -1);
    EXPECT_EQ(last_error(), error::invalid);
    ASSERT_EQ(select(pair.one, 0), 0);
    EXPECT_EQ(asyncselect_ioctlsocket(pair.one, fionbio, &off), 0);
}

TEST_F(EventSelect, EachCancelsTheOther) {
    cite<"AS-CANCEL-4", "AS-REG-1", "AS-REG-3">();
    Mailbox mailbox;
    const auto pair = connected_pair();
    ASSERT_EQ(asyncselect_WSAAsyncSelect(pair.one, mailbox.window(), socket_message, fd_read), 0);
    ASSERT_EQ(select(pair.one, fd_read), 0);
    send_text(pair.other, "x");
    EXPECT_EQ(next(pair.one), (Recorded{fd_read, {}}));
    EXPECT_TRUE(mailbox.drain().empty());

    ASSERT_EQ(asyncselect_WSAAsyncSelect(pair.one, mailbox.window(), socket_message, fd_read), 0);
    EXPECT_EQ(mailbox.next(), (Notification{pair.one, fd_read, 0}));
    EXPECT_FALSE(event_.is_set());
    EXPECT_EQ(receive_text(pair.one), "x");
    send_text(pair.other, "y");
    EXPECT_EQ(mailbox.next(), (Notification{pair.one, fd_read, 0}));
    EXPECT_EQ(take(pair.one), Recorded{});

    // Without events either of them cancels both.
    ASSERT_EQ(asyncselect_WSAEventSelect(pair.one, nullptr, 0), 0);
    EXPECT_EQ(receive_text(pair.one), "y");
    send_text(pair.other, "z");
    ASSERT_EQ(select(pair.one, fd_read), 0);
    EXPECT_EQ(next(pair.one), (Recorded{fd_read, {}}));
    ASSERT_EQ(asyncselect_WSAAsyncSelect(pair.one, nullptr, 0, 0), 0);
    EXPECT_EQ(receive_text(pair.one, 1), "z");
    send_text(pair.other, "unheard");
    EXPECT_EQ(event_.wait(20), timed_out);
    EXPECT_TRUE(mailbox.drain().empty());
}

TEST_F(EventSelect, ARegistrationIsAFreshRecord) {
    cite<"R-2", "AS-REG-1", "AS-CANCEL-1">();
    const auto pair = connected_pair();
    send_text(pair.other, "x");
    ASSERT_EQ(select(pair.one, fd_read | fd_write), 0);
    ASSERT_EQ(select(pair.one, fd_write), 0);
    EXPECT_EQ(next(pair.one), (Recorded{fd_write, {}})) << "what was recorded before is forgotten";
    Event other;
    ASSERT_EQ(asyncselect_WSAEventSelect(pair.one, other.get(), fd_read), 0);
    EXPECT_EQ(other.wait(), 0U);
    EXPECT_FALSE(event_.is_set());
    EXPECT_EQ(take(pair.one), (Recorded{fd_read, {}}));
    ASSERT_EQ(select(pair.one, fd_read), 0);
    ASSERT_EQ(asyncselect_WSAEventSelect(pair.one, nullptr, 0), 0);
    EXPECT_EQ(take(pair.one), Recorded{});
}

TEST_F(EventSelect, AnEventThatIsClosedIsNotMissed) {
    Event soon_gone;
    const auto pair = connected_pair();
    ASSERT_EQ(asyncselect_WSAEventSelect(pair.one, soon_gone.get(), fd_read), 0);
    soon_gone.close();
    send_text(pair.other, "x");
    // It is recorded all the same.
    asyncselect_WSANETWORKEVENTS told{};
    while (told.lNetworkEvents == 0) {
        ASSERT_EQ(asyncselect_WSAEnumNetworkEvents(pair.one, nullptr, &told), 0);
        std::this_thread::yield();
    }
    EXPECT_EQ(told.lNetworkEvents, fd_read);
}

std::size_t threads_of_this_process() {
    const std::filesystem::directory_iterator tasks{"/proc/self/task"};
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

TEST(Harvester, EndsWithTheLastCleanupAndBeginsAnew) {
    // A sanitizer starts a thread of its own with the first one: counted there, and without that one.
    std::size_t before = 0;
    std::thread{[&before] { before = threads_of_this_process() - 1; }}.join();
    // A thread that was joined can still be seen for a moment.
    const auto gone = [&before] {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (threads_of_this_process() != before && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        return threads_of_this_process() == before;
    };
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(gone()) << "before round " << round;
        Winsock winsock;
        const Winsock again;
        Event event;
        const auto pair = connected_pair();
        ASSERT_EQ(asyncselect_WSAEventSelect(pair.one, event.get(), fd_read), 0);
        EXPECT_EQ(threads_of_this_process(), before + 1);
        send_text(pair.other, "x");
        EXPECT_EQ(event.wait(), 0U);
    }
    EXPECT_TRUE(gone());
}

// ---- several threads

// A server that knows no windows: three threads serve one listener and all its connections with a single event each.
TEST_F(EventSelect, ThreadsServeConnectionsByTheirEvents) {
    cite<"AS-ENABLE-2", "AS-ENABLE-4", "AS-CLOSE-3">();
    constexpr int servers = 3;
    constexpr int connections = 60;
    const auto from = listener();
    const auto address = address_of(from);
    ASSERT_EQ(asyncselect_WSAEventSelect(from, event_.get(), fd_accept), 0);
    std::atomic<int> served{0};
    std::atomic<int> failures{0};
    const Event over;
    const auto serve = [&](asyncselect_SOCKET s) {
        const Event event;
        asyncselect_WSAEventSelect(s, event.get(), fd_read | fd_close);
        for (;;) {
            if (event.wait() != 0) {
                ++failures;
                break;
            }
            asyncselect_WSANETWORKEVENTS told{};
            asyncselect_WSAEnumNetworkEvents(s, event.get(), &told);
            if ((told.lNetworkEvents & fd_read) != 0) send_text(s, receive_text(s));
            if ((told.lNetworkEvents & fd_close) != 0) break;
        }
        asyncselect_closesocket(s);
        ++served;
    };
    std::vector<std::thread> threads;
    threads.reserve(2 * servers);
    for (int i = 0; i < servers; ++i) {
        threads.emplace_back([&] {
            const std::array<asyncselect_HANDLE, 2> both{over.get(), event_.get()};
            while (asyncselect_WSAWaitForMultipleEvents(2, both.data(), 0, patience, 0) == 1) {
                asyncselect_WSANETWORKEVENTS told{};
                asyncselect_WSAEnumNetworkEvents(from, event_.get(), &told);
                for (;;) {
                    const auto s = asyncselect_accept(from, nullptr, nullptr);
                    if (s == ~asyncselect_SOCKET{0}) break;
                    serve(s);
                }
            }
        });
    }
    for (int i = 0; i < servers; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < connections; ++j) {
                const auto s = stream();
                const std::uint32_t limit = patience;
                asyncselect_setsockopt(s, 0xffff, 0x1006, reinterpret_cast<const char*>(&limit), sizeof limit);
                if (asyncselect_connect(s, as_address(address), sizeof address) != 0 || send_text(s, "ping") != 4 ||
                    receive_text(s, 4) != "ping")
                    ++failures;
                asyncselect_closesocket(s);
            }
        });
    }
    for (std::size_t i = servers; i < threads.size(); ++i) threads[i].join();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (served < servers * connections && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    asyncselect_WSASetEvent(over.get());
    for (std::size_t i = 0; i < servers; ++i) threads[i].join();
    EXPECT_EQ(served, servers * connections);
    EXPECT_EQ(failures, 0);
}

// One thread receives by the event, another hands the socket back and forth between the event and a window, the peer
// sends. Nothing is lost: at the end all bytes were received, and the end is told.
TEST_F(EventSelect, HandingBackAndForthLosesNothing) {
    cite<"AS-CANCEL-4", "AS-REG-3", "AS-LEVEL-1">();
    constexpr std::size_t total = 300'000;
    Mailbox mailbox;
    const auto pair = connected_pair();
    const auto one = pair.one;
    ASSERT_EQ(select(one, fd_read | fd_close), 0);
    std::atomic<std::size_t> received{0};
    std::atomic<bool> ended{false};
    const auto drain_socket = [&] {
        std::array<char, 700> buffer{};
        const int got = asyncselect_recv(one, buffer.data(), static_cast<int>(buffer.size()), 0);
        if (got > 0) received += static_cast<std::size_t>(got);
    };
    std::thread receiver{[&] {
        while (!ended) {
            if (event_.wait(10) != 0) continue;
            asyncselect_WSANETWORKEVENTS told{};
            asyncselect_WSAEnumNetworkEvents(one, event_.get(), &told);
            if ((told.lNetworkEvents & fd_close) != 0) ended = true;
            if ((told.lNetworkEvents & fd_read) != 0) drain_socket();
        }
    }};
    std::thread sender{[&, s = pair.other] {
        const std::string chunk(500, 'c');
        for (std::size_t sent = 0; sent < total; sent += chunk.size()) send_text(s, chunk);
        asyncselect_shutdown(s, 1);
    }};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    for (int round = 0; !ended && std::chrono::steady_clock::now() < deadline; ++round) {
        if (round % 2 == 0) {
            asyncselect_WSAAsyncSelect(one, mailbox.window(), socket_message, fd_read | fd_close);
        } else {
            select(one, fd_read | fd_close);
        }
        for (int turn = 0; turn < 20 && !ended; ++turn) {
            for (const auto& told : mailbox.drain()) {
                if (told.event == fd_read) drain_socket();
                if (told.event == fd_close) ended = true;
            }
            std::this_thread::yield();
        }
    }
    EXPECT_TRUE(ended);
    // If it did not come to its end, nobody is to wait for ever.
    if (!ended) asyncselect_closesocket(pair.other);
    ended = true;
    sender.join();
    receiver.join();
    // The thread that was told of the end can be ahead of the one that takes the last of the data.
    while (received < total) {
        const auto before = received.load();
        drain_socket();
        if (received == before) break;
    }
    EXPECT_EQ(received, total);
}

}  // namespace
}  // namespace asyncselect::conformance::native
