// WSAAccept with a condition function, over real connections: what it is shown, each of its answers and what the peer
// sees of it, what fails while it runs, and threads that do something else meanwhile. Runs under ThreadSanitizer too.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <stdexcept>
#include <thread>

#include "conformance/native/families.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
using model::cite;

// A condition function as the tests write it: what it was shown, to what it answers.
struct Shown {
    Name caller;
    Name callee;
    bool others_empty = false;
};
using Condition = std::function<int(const Shown&)>;

Name name_in(const asyncselect_WSABUF* buffer) {
    Name name;
    name.length = static_cast<int>(buffer->len);
    std::memcpy(&name.storage, buffer->buf, buffer->len);
    return name;
}

int call_back(asyncselect_WSABUF* caller_id, asyncselect_WSABUF* caller_data, asyncselect_QOS* sending,
              asyncselect_QOS* group_quality, asyncselect_WSABUF* callee_id, asyncselect_WSABUF* callee_data,
              unsigned* group, std::uintptr_t data) {
    Shown shown{name_in(caller_id), name_in(callee_id)};
    shown.others_empty = caller_data == nullptr && sending == nullptr && group_quality == nullptr &&
                         callee_data != nullptr && callee_data->len == 0 && *group == 0;
    *group = 1;
    return (*reinterpret_cast<const Condition*>(data))(shown);
}

asyncselect_SOCKET accept_if(asyncselect_SOCKET listener, const Condition& condition, Name* peer = nullptr) {
    return asyncselect_WSAAccept(listener, peer == nullptr ? nullptr : peer->put(),
                                 peer == nullptr ? nullptr : &peer->length, call_back,
                                 reinterpret_cast<std::uintptr_t>(&condition));
}

constexpr int cf_accept = 0;
constexpr int cf_reject = 1;
constexpr int cf_defer = 2;

Condition answers(int decision) {
    return [decision](const Shown&) { return decision; };
}

bool sees_a_reset(asyncselect_SOCKET s) {
    char byte = 0;
    return asyncselect_recv(s, &byte, 1, 0) == -1 && last_error() == error::connection_reset;
}

class Accept : public BothFamilies {
  protected:
    // A listener that is registered for FD_ACCEPT, and a request that it was told of.
    asyncselect_SOCKET told_listener(long events = fd_accept) {
        const auto from = listener_of(GetParam());
        EXPECT_EQ(select(from, events), 0);
        return from;
    }
    asyncselect_SOCKET told_request(asyncselect_SOCKET from) {
        const auto s = request_to(from, GetParam());
        EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0}));
        return s;
    }
};
INSTANTIATE_TEST_SUITE_P(, Accept, ::testing::Values(Family::ipv4, Family::ipv6), text_of);

TEST_P(Accept, TheConditionFunctionIsShownBothEnds) {
    const auto from = listener_of(GetParam());
    const auto s = request_to(from, GetParam());
    Shown seen;
    Name peer;
    const auto made = accept_if(
        from,
        [&](const Shown& shown) {
            seen = shown;
            return cf_accept;
        },
        &peer);
    ASSERT_NE(made, invalid_socket);
    EXPECT_EQ(seen.caller, name_of(s));
    EXPECT_EQ(seen.callee, name_of(from));
    EXPECT_TRUE(seen.others_empty);
    EXPECT_EQ(peer, name_of(s));
    EXPECT_EQ(peer_of(made), name_of(s));
    send_text(s, "hello");
    EXPECT_EQ(receive_text(made), "hello");
}

TEST_P(Accept, AnAcceptedSocketInheritsAsWithAccept) {
    cite<"AS-INHERIT-1", "R-3", "AS-ENABLE-4", "AS-ACCEPT-3", "AS-WRITE-2">();
    const auto from = told_listener(fd_accept | fd_write | fd_read | fd_connect);
    const auto first = told_request(from);
    const auto second = request_to(from, GetParam());
    EXPECT_TRUE(mailbox_.drain().empty()) << "FD_ACCEPT is posted already";
    send_text(first, "early");
    const auto made = accept_if(from, answers(cf_accept));
    ASSERT_NE(made, invalid_socket);
    const auto got = mailbox_.collect(3);
    for (const auto& expected : {Notification{made, fd_read, 0}, {made, fd_write, 0}, {from, fd_accept, 0}})
        EXPECT_EQ(std::ranges::count(got, expected), 1) << expected.event;
    EXPECT_NE(accept_if(from, answers(cf_accept)), invalid_socket);
    EXPECT_EQ(accept_if(from, answers(cf_accept)), invalid_socket);
    EXPECT_EQ(last_error(), error::would_block);
    EXPECT_EQ(asyncselect_closesocket(second), 0);
}

TEST_P(Accept, WithoutAConditionFunctionItIsAccept) {
    cite<"AS-ENABLE-4", "AS-ENABLE-8">();
    const auto from = told_listener();
    const auto s = told_request(from);
    Name peer;
    const auto made = asyncselect_WSAAccept(from, peer.put(), &peer.length, nullptr, 0);
    ASSERT_NE(made, invalid_socket);
    EXPECT_EQ(peer, name_of(s));
    EXPECT_EQ(asyncselect_WSAAccept(from, nullptr, nullptr, nullptr, 0), invalid_socket);
    EXPECT_EQ(last_error(), error::would_block);
    told_request(from);
}

TEST_P(Accept, ARejectedPeerSeesAResetAndFdAcceptIsEnabledAgain) {
    cite<"AS-ENABLE-4", "AS-LEVEL-1", "AS-CLOSE-5">();
    const auto from = told_listener();
    const auto first = told_request(from);
    const auto second = request_to(from, GetParam());
    EXPECT_EQ(select(second, fd_close), 0);
    EXPECT_EQ(accept_if(from, answers(cf_reject)), invalid_socket);
    EXPECT_EQ(last_error(), error::connection_refused);
    EXPECT_TRUE(sees_a_reset(first));
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0})) << "the second request still waits";
    EXPECT_EQ(accept_if(from, answers(cf_reject)), invalid_socket);
    EXPECT_EQ(mailbox_.next(), (Notification{second, fd_close, error::connection_reset}));
    EXPECT_TRUE(mailbox_.drain().empty()) << "no request is left";
    told_request(from);
}

TEST_P(Accept, ADeferredRequestStaysAndNothingIsPostedUntilTheNextAccept) {
    cite<"AS-ENABLE-4", "AS-ACCEPT-3">();
    const auto from = told_listener();
    const auto first = told_request(from);
    EXPECT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
    EXPECT_EQ(last_error(), error::try_again);
    const auto second = request_to(from, GetParam());
    EXPECT_TRUE(mailbox_.drain().empty()) << "neither for the deferred request nor for a newer one";
    send_text(first, "x");
    Name peer;
    const auto made = asyncselect_accept(from, peer.put(), &peer.length);
    ASSERT_NE(made, invalid_socket);
    EXPECT_EQ(peer, name_of(first)) << "the deferred one comes first";
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0})) << "for the newer one";
    peer = {};
    EXPECT_NE(asyncselect_accept(from, peer.put(), &peer.length), invalid_socket);
    EXPECT_EQ(peer, name_of(second));
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Accept, ADeferredRequestIsARequestThatIsThere) {
    cite<"AS-ACCEPT-1", "AS-ACCEPT-3", "AS-ENABLE-4", "AS-ENABLE-8", "R-2", "R-3">();
    const auto from = told_listener(fd_accept | fd_write);
    const auto s = told_request(from);
    EXPECT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(from, fd_accept | fd_write), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0})) << "a fresh record";
    EXPECT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
    EXPECT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
    EXPECT_EQ(last_error(), error::try_again);
    EXPECT_TRUE(mailbox_.drain().empty());
    int too_small = 1;
    Name peer;
    EXPECT_EQ(asyncselect_accept(from, peer.put(), &too_small), invalid_socket);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0})) << "a failing accept is another accept";
    const auto made = accept_if(from, answers(cf_accept), &peer);
    EXPECT_EQ(peer, name_of(s));
    EXPECT_EQ(mailbox_.next(), (Notification{made, fd_write, 0})) << "it inherits when it is accepted at last";
    EXPECT_TRUE(mailbox_.drain().empty());
}

TEST_P(Accept, APollFindsADeferredRequest) {
    const auto from = listener_of(GetParam());
    const auto s = request_to(from, GetParam());
    const auto readable = [&] {
        asyncselect_WSAPOLLFD asked{from, 0x0100, 0};
        return asyncselect_WSAPoll(&asked, 1, 0) == 1 && asked.revents == 0x0100;
    };
    EXPECT_EQ(accept_if(from,
                        [&](const Shown&) {
                            std::thread other{[&] { EXPECT_FALSE(readable()) << "no accept would get it"; }};
                            other.join();
                            return cf_defer;
                        }),
              invalid_socket);
    EXPECT_TRUE(readable());
    EXPECT_NE(asyncselect_accept(from, nullptr, nullptr), invalid_socket);
    EXPECT_FALSE(readable());
    EXPECT_EQ(asyncselect_closesocket(s), 0);
}

TEST_P(Accept, AnInvalidAnswerLeavesTheRequest) {
    cite<"AS-ENABLE-8", "AS-LEVEL-1">();
    const auto from = told_listener();
    const auto s = told_request(from);
    for (const int answer : {3, -1, 1 << 20}) {
        EXPECT_EQ(accept_if(from, answers(answer)), invalid_socket);
        EXPECT_EQ(last_error(), error::invalid);
        EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0}));
    }
    Name peer;
    EXPECT_NE(asyncselect_accept(from, peer.put(), &peer.length), invalid_socket);
    EXPECT_EQ(peer, name_of(s));
}

TEST_P(Accept, AConditionFunctionThatThrowsHasDeferred) {
    const auto from = told_listener();
    const auto s = told_request(from);
    EXPECT_THROW(accept_if(from, [](const Shown&) -> int { throw std::runtime_error{"left"}; }), std::runtime_error);
    EXPECT_TRUE(mailbox_.drain().empty());
    Name peer;
    EXPECT_NE(asyncselect_accept(from, peer.put(), &peer.length), invalid_socket);
    EXPECT_EQ(peer, name_of(s));
}

TEST_P(Accept, FailsAsAcceptDoesBeforeItTakesARequest) {
    cite<"AS-ENABLE-8", "AS-API-6">();
    const auto never = [](const Shown&) {
        ADD_FAILURE() << "called";
        return cf_accept;
    };
    EXPECT_EQ(accept_if(stream_of(GetParam()), never), invalid_socket);
    EXPECT_EQ(last_error(), error::invalid);
    EXPECT_EQ(accept_if(datagram_of(GetParam()), never), invalid_socket);
    EXPECT_EQ(last_error(), error::operation_not_supported);
    EXPECT_EQ(accept_if(invalid_socket, never), invalid_socket);
    EXPECT_EQ(last_error(), error::not_socket);

    const auto from = told_listener();
    told_request(from);
    Name peer;
    EXPECT_EQ(
        asyncselect_WSAAccept(from, nullptr, nullptr, reinterpret_cast<asyncselect_LPCONDITIONPROC>(wild<void>()), 0),
        invalid_socket);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0}));
    EXPECT_EQ(asyncselect_WSAAccept(from, wild<asyncselect_sockaddr>(), &peer.length, call_back, 0), invalid_socket);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0}));
    EXPECT_EQ(asyncselect_WSAAccept(from, peer.put(), nullptr, call_back, 0), invalid_socket);
    EXPECT_EQ(last_error(), error::fault);
    EXPECT_EQ(mailbox_.next(), (Notification{from, fd_accept, 0}));
    EXPECT_NE(asyncselect_accept(from, nullptr, nullptr), invalid_socket) << "the request is still there";
}

TEST_P(Accept, ClosingTheListenerResetsDeferredRequests) {
    const auto from = listener_of(GetParam());
    const auto s = request_to(from, GetParam());
    EXPECT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
    EXPECT_EQ(asyncselect_closesocket(from), 0);
    EXPECT_TRUE(sees_a_reset(s));
}

TEST_P(Accept, AListenerMadeLaterHoldsNoRequestOfAnEarlierOne) {
    // As many as slots are kept in reserve, and more: each is used again.
    for (int round = 0; round < 200; ++round) {
        const auto from = listener_of(GetParam());
        const auto s = request_to(from, GetParam());
        ASSERT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
        ASSERT_EQ(last_error(), error::try_again);
        ASSERT_EQ(asyncselect_closesocket(from), 0);
        ASSERT_EQ(asyncselect_closesocket(s), 0);
    }
    const auto from = told_listener();
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(asyncselect_accept(from, nullptr, nullptr), invalid_socket);
    EXPECT_EQ(last_error(), error::would_block);
}

TEST_P(Accept, AWindowDestroyedWhileTheRequestIsDeferredIsInheritedAsSuch) {
    cite<"R-3", "R-12">();
    Mailbox second;
    const auto from = listener_of(GetParam());
    EXPECT_EQ(asyncselect_WSAAsyncSelect(from, second.window(), socket_message, fd_accept | fd_write), 0);
    const auto s = request_to(from, GetParam());
    EXPECT_EQ(second.next(), (Notification{from, fd_accept, 0}));
    EXPECT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
    second.destroy();
    const auto made = accept_if(from, answers(cf_accept));
    ASSERT_NE(made, invalid_socket);
    EXPECT_TRUE(mailbox_.drain().empty());
    EXPECT_EQ(select(made, fd_write), 0);
    EXPECT_EQ(mailbox_.next(), (Notification{made, fd_write, 0}));
    EXPECT_EQ(asyncselect_closesocket(s), 0);
}

TEST_P(Accept, NoOtherSocketFunctionCanBeCalledByTheConditionFunction) {
    cite<"AS-API-5", "R-23", "R-25">();
    const auto from = listener_of(GetParam());
    const auto s = request_to(from, GetParam());
    const auto name = name_of(from);
    char byte = 0;
    std::uint32_t number = 0;
    std::uint32_t flags = 0;
    int length = sizeof byte;
    asyncselect_WSADATA data{};
    asyncselect_WSABUF buffer{1, &byte};
    constexpr auto fionbio = static_cast<std::uint32_t>(0x8004667eU);
    std::size_t failed = 0;
    asyncselect_WSAPOLLFD polled{s, 0x0100, 0};
    const std::vector<std::function<std::int64_t()>> calls{
        [&] { return asyncselect_WSAAsyncSelect(s, mailbox_.window(), socket_message, 0); },
        [&] { return asyncselect_WSAAsyncSelect(invalid_socket, nullptr, 0, 1L << 20); },  // before the others
        [&] { return static_cast<std::int64_t>(stream_of(GetParam())); },
        [&] { return static_cast<std::int64_t>(asyncselect_WSASocketA(2, 1, 0, nullptr, 0, 1)); },
        [&] { return asyncselect_bind(s, name.get(), name.length); },
        [&] { return asyncselect_listen(s, 1); },
        [&] { return static_cast<std::int64_t>(asyncselect_accept(from, nullptr, nullptr)); },
        [&] { return static_cast<std::int64_t>(accept_if(from, answers(cf_accept))); },
        [&] { return asyncselect_connect(s, name.get(), name.length); },
        [&] { return asyncselect_WSAConnect(s, name.get(), name.length, nullptr, nullptr, nullptr, nullptr); },
        [&] { return asyncselect_send(s, &byte, 1, 0); },
        [&] { return asyncselect_recv(s, &byte, 1, 0); },
        [&] { return asyncselect_WSASend(s, &buffer, 1, &number, 0, nullptr, nullptr); },
        [&] { return asyncselect_WSARecv(s, &buffer, 1, &number, &flags, nullptr, nullptr); },
        [&] { return asyncselect_shutdown(s, 0); },
        [&] { return asyncselect_closesocket(from); },
        [&] { return asyncselect_ioctlsocket(s, static_cast<long>(fionbio), &number); },
        [&] { return asyncselect_WSAIoctl(s, fionbio, &number, 4, nullptr, 0, &number, nullptr, nullptr); },
        [&] { return asyncselect_getsockopt(s, 0xffff, 0x1007, &byte, &length); },
        [&] { return asyncselect_setsockopt(s, 0xffff, 0x0004, &byte, 1); },
        [&] { return asyncselect_getsockname(s, reinterpret_cast<asyncselect_sockaddr*>(&byte), &length); },
        [&] { return asyncselect_getpeername(s, reinterpret_cast<asyncselect_sockaddr*>(&byte), &length); },
        [&] { return asyncselect_WSAEventSelect(s, nullptr, 0); },
        [&] { return asyncselect_WSAEnumNetworkEvents(s, nullptr, nullptr); },
        [&] {
            return static_cast<std::int64_t>(
                asyncselect_WSAJoinLeaf(s, name.get(), name.length, nullptr, nullptr, nullptr, nullptr, 4));
        },
        [&] { return asyncselect_WSAPoll(&polled, 1, 0); },
        [&] { return asyncselect_WSACleanup(); },
    };
    const auto made = accept_if(from, [&](const Shown&) {
        for (const auto& call : calls) {
            asyncselect_WSASetLastError(7);
            EXPECT_EQ(last_error(), 7);
            EXPECT_EQ(call(), -1) << "call " << failed;
            EXPECT_EQ(last_error(), error::in_progress) << "call " << failed;
            ++failed;
        }
        EXPECT_EQ(asyncselect_WSAStartup(0x0202, &data), error::in_progress);
        EXPECT_EQ(asyncselect_WSACreateEvent(), nullptr);
        EXPECT_EQ(last_error(), error::in_progress);
        EXPECT_EQ(asyncselect_WSAWaitForMultipleEvents(0, nullptr, 0, 0, 0), 0xffffffffU);
        EXPECT_EQ(last_error(), error::in_progress);
        // Another thread is not concerned.
        std::thread other{[&] { EXPECT_EQ(send_text(s, "meanwhile"), 9); }};
        other.join();
        EXPECT_TRUE(mailbox_.drain().empty()) << "nor are windows and messages";
        return cf_accept;
    });
    EXPECT_EQ(failed, calls.size());
    ASSERT_NE(made, invalid_socket);
    EXPECT_EQ(receive_text(made), "meanwhile");
}

TEST_P(Accept, ABlockingListenerWaitsForARequestToShow) {
    const auto from = listener_of(GetParam());
    asyncselect_SOCKET s = invalid_socket;
    std::thread other{[&] { s = request_to(from, GetParam()); }};
    Name peer;
    const auto made = accept_if(from, answers(cf_accept), &peer);
    other.join();
    ASSERT_NE(made, invalid_socket);
    EXPECT_EQ(peer, name_of(s));
}

TEST_P(Accept, TheListenerCanBeClosedWhileTheFunctionRuns) {
    cite<"R-25">();
    for (const int answer : {cf_accept, cf_reject, cf_defer, 77}) {
        const auto from = told_listener();
        const auto s = told_request(from);
        EXPECT_EQ(accept_if(from,
                            [&](const Shown&) {
                                std::thread other{[&] { EXPECT_EQ(asyncselect_closesocket(from), 0); }};
                                other.join();  // so closesocket does not wait for this function
                                return answer;
                            }),
                  invalid_socket);
        EXPECT_EQ(last_error(), error::intr) << answer;
        EXPECT_TRUE(sees_a_reset(s)) << answer;
        EXPECT_EQ(accept_if(from, answers(cf_accept)), invalid_socket);
        EXPECT_EQ(last_error(), error::not_socket);
        EXPECT_TRUE(mailbox_.drain().empty());
    }
}

TEST_P(Accept, ARegistrationWhileTheFunctionRunsIsToldOfTheRequest) {
    cite<"AS-ACCEPT-1", "AS-REG-3", "AS-ENABLE-4">();
    const auto from = listener_of(GetParam());
    const auto s = request_to(from, GetParam());
    EXPECT_EQ(accept_if(from,
                        [&](const Shown&) {
                            std::thread other{[&] { EXPECT_EQ(select(from, fd_accept), 0); }};
                            other.join();
                            return cf_defer;
                        }),
              invalid_socket);
    EXPECT_EQ(mailbox_.drain(), (std::vector<Notification>{{from, fd_accept, 0}}));
    const auto second = request_to(from, GetParam());
    EXPECT_TRUE(mailbox_.drain().empty()) << "deferred since";
    EXPECT_EQ(asyncselect_closesocket(s), 0);
    EXPECT_EQ(asyncselect_closesocket(second), 0);
}

TEST_P(Accept, TwoConditionFunctionsRunOnOneListenerAtOnce) {
    cite<"R-25", "AS-ENABLE-4">();
    const auto from = told_listener();
    const auto first = told_request(from);
    const auto second = request_to(from, GetParam());
    std::barrier both{2};
    std::array<Name, 2> seen;
    std::array<asyncselect_SOCKET, 2> made{};
    const auto examine = [&](std::size_t which, int answer) {
        do {
            made[which] = accept_if(from, [&, which, answer](const Shown& shown) {
                seen[which] = shown.caller;
                both.arrive_and_wait();
                return answer;
            });
        } while (made[which] == invalid_socket && last_error() == error::would_block);  // the second is on its way
    };
    std::thread other{[&] { examine(0, cf_accept); }};
    examine(1, cf_defer);
    other.join();
    EXPECT_NE(made[0], invalid_socket);
    EXPECT_EQ(made[1], invalid_socket);
    const auto names = {name_of(first), name_of(second)};
    EXPECT_NE(seen[0], seen[1]);
    for (const auto& name : seen) EXPECT_NE(std::ranges::find(names, name), names.end());
    Name peer;
    EXPECT_NE(asyncselect_accept(from, peer.put(), &peer.length), invalid_socket);
    EXPECT_EQ(peer, seen[1]) << "the deferred one";
    EXPECT_EQ(asyncselect_accept(from, nullptr, nullptr), invalid_socket);
    EXPECT_EQ(last_error(), error::would_block);
}

// Of two that were deferred the older one comes first, whichever was decided on first.
TEST_P(Accept, DeferredRequestsKeepTheirOrder) {
    const auto from = listener_of(GetParam());
    const auto first = request_to(from, GetParam());
    const auto second = request_to(from, GetParam());
    const auto older = name_of(first);
    EXPECT_EQ(accept_if(from,
                        [&](const Shown& shown) {
                            EXPECT_EQ(shown.caller, older);
                            std::thread other{[&] {
                                EXPECT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
                                EXPECT_EQ(last_error(), error::try_again);
                            }};
                            other.join();
                            return cf_defer;
                        }),
              invalid_socket);
    for (const auto expected : {first, second}) {
        Name peer;
        EXPECT_NE(asyncselect_accept(from, peer.put(), &peer.length), invalid_socket);
        EXPECT_EQ(peer, name_of(expected));
    }
}

// Threads that accept, reject and defer what keeps coming, until every peer has been accepted or reset once.
TEST_P(Accept, NoRequestIsLostAmongThreadsThatDecideDifferently) {
    cite<"AS-ENABLE-4">();
    constexpr int requests = 120;
    const auto from = listener_of(GetParam());
    std::uint32_t on = 1;
    EXPECT_EQ(asyncselect_ioctlsocket(from, static_cast<long>(0x8004667eU), &on), 0);
    std::atomic<int> accepted{0};
    std::atomic<int> rejected{0};
    std::vector<std::thread> threads;
    for (int which = 0; which < 3; ++which)
        threads.emplace_back([&, which] {
            for (int turn = which; accepted + rejected < requests; ++turn) {
                const int answer = turn % 3;
                const auto made = accept_if(from, answers(answer));
                if (made != invalid_socket) {
                    ++accepted;
                    send_text(made, "x");
                    asyncselect_closesocket(made);
                } else if (last_error() == error::connection_refused) {
                    ++rejected;
                } else if (last_error() == error::would_block) {
                    std::this_thread::yield();
                } else {
                    EXPECT_EQ(last_error(), error::try_again);
                }
            }
        });
    std::vector<asyncselect_SOCKET> peers;
    for (int i = 0; i < requests; ++i) peers.push_back(request_to(from, GetParam()));
    int greeted = 0;
    for (const auto s : peers) {
        const bool got = receive_text(s) == "x";
        if (got) ++greeted;
        EXPECT_TRUE(got || last_error() == error::connection_reset);
        EXPECT_EQ(asyncselect_closesocket(s), 0);
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(greeted, accepted);
    EXPECT_EQ(accepted + rejected, requests);
}

TEST(AcceptAtTheEnd, CleanupResetsDeferredRequests) {
    cite<"AS-API-2">();
    asyncselect_WSADATA data{};
    ASSERT_EQ(asyncselect_WSAStartup(0x0202, &data), 0);
    const auto from = listener_of(Family::ipv4);
    // A socket of the system, since ours are all closed by the cleanup.
    const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = name_of(from).port();
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(peer, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    EXPECT_EQ(accept_if(from, answers(cf_defer)), invalid_socket);
    EXPECT_EQ(asyncselect_WSACleanup(), 0);
    char byte = 0;
    EXPECT_EQ(recv(peer, &byte, 1, 0), -1);
    EXPECT_EQ(errno, ECONNRESET);
    close(peer);
    EXPECT_EQ(accept_if(from, answers(cf_accept)), invalid_socket);
    EXPECT_EQ(last_error(), error::not_initialised);
}

}  // namespace
}  // namespace asyncselect::conformance::native
