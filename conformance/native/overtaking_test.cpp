// Calls of several threads on one socket, interleaved as no scheduler would often do it: what happens between a call's
// system call and its end. Our own provider over the injecting transport, through its public API.
#include <semaphore>
#include <string>
#include <thread>

#include "conformance/injecting/injection.hpp"
#include "conformance/native/mailbox.hpp"
#include "impl/net/transport.hpp"
#include "impl/winsock/slot.hpp"
#include "model/cite.hpp"

namespace asyncselect::conformance::native {
namespace {

namespace error = core::error;
namespace injection = net::injection;
using injection::Function;
using model::cite;
using Notifications = std::vector<Notification>;

void reset(asyncselect_SOCKET s) {
    const asyncselect_linger hard{1, 0};
    asyncselect_setsockopt(s, 0xffff, 0x0080, reinterpret_cast<const char*>(&hard), sizeof hard);
    asyncselect_closesocket(s);
}

// Nothing is told or taken by looking.
void await_the_end_of(asyncselect_SOCKET s) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!net::Linux::conditions_now(winsock::slot_of(s)->descriptor).hung_up) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);
        std::this_thread::yield();
    }
}

// What a call brought.
struct Outcome {
    int result = 0;
    int error = 0;
    std::string text;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
    *out << outcome.result << ", error " << outcome.error << ", \"" << outcome.text << '"';
}

Outcome receive(asyncselect_SOCKET s) {
    Outcome outcome;
    outcome.text.resize(100);
    outcome.result = asyncselect_recv(s, outcome.text.data(), 100, 0);
    outcome.error = outcome.result < 0 ? asyncselect_WSAGetLastError() : 0;
    outcome.text.resize(outcome.result > 0 ? static_cast<std::size_t>(outcome.result) : 0);
    return outcome;
}

Outcome got(std::string_view text) { return {static_cast<int>(text.size()), 0, std::string{text}}; }
Outcome failed(int error) { return {-1, error, {}}; }

// A call on a thread of its own that stands still just before its system call, and just after it, until it is told to
// go on.
class StandingCall {
  public:
    StandingCall(Function function, std::function<Outcome()> call) {
        injection::surround_next(
            function, [this] { stand(); }, [this] { stand(); });
        thread_ = std::thread{[this, call = std::move(call)] { outcome_ = call(); }};
        arrived_.acquire();
    }
    StandingCall(const StandingCall&) = delete;
    StandingCall& operator=(const StandingCall&) = delete;
    ~StandingCall() {
        if (thread_.joinable()) end();
    }

    // It makes its system call.
    void make() {
        go_on_.release();
        arrived_.acquire();
        made_ = true;
    }
    Outcome end() {
        if (!made_) make();
        go_on_.release();
        thread_.join();
        return outcome_;
    }

  private:
    void stand() {
        arrived_.release();
        go_on_.acquire();
    }

    std::binary_semaphore arrived_{0};
    std::binary_semaphore go_on_{0};
    bool made_ = false;
    Outcome outcome_;
    std::thread thread_;
};

class Overtaking : public ::testing::Test {
  protected:
    Winsock winsock_;
    Mailbox mailbox_;

    void select(asyncselect_SOCKET s, long events) {
        EXPECT_EQ(asyncselect_WSAAsyncSelect(s, mailbox_.window(), socket_message, events), 0);
    }
    // The data arrives, and FD_READ for it.
    void arrive(const Pair& pair, std::string_view text) {
        send_text(pair.other, text);
        EXPECT_EQ(mailbox_.next(), (Notification{pair.one, fd_read, 0}));
    }
    Notifications rest() { return mailbox_.drain(); }
};

Notification closed(asyncselect_SOCKET s) { return {s, fd_close, error::connection_reset}; }

TEST_F(Overtaking, AReceiveThatTookAllBeforeTheResetTakesWhatCameWithIt) {
    cite<"R-9", "R-6", "AS-CLOSE-5">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_close);
    arrive(pair, "one");
    StandingCall call{Function::receive, [&] { return receive(pair.one); }};
    call.make();
    send_text(pair.other, "two");
    reset(pair.other);
    EXPECT_EQ(mailbox_.next(), closed(pair.one));
    EXPECT_EQ(call.end(), got("onetwo"));
    EXPECT_EQ(rest(), Notifications{}) << "no FD_READ after FD_CLOSE";
    EXPECT_EQ(receive(pair.one), failed(error::connection_reset));
}

TEST_F(Overtaking, AReceiveThatTookAllBeforeTheResetKeepsIt) {
    cite<"R-6", "AS-CLOSE-5">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_close);
    arrive(pair, "one");
    StandingCall call{Function::receive, [&] { return receive(pair.one); }};
    call.make();
    reset(pair.other);
    EXPECT_EQ(mailbox_.next(), closed(pair.one));
    EXPECT_EQ(call.end(), got("one"));
    EXPECT_EQ(rest(), Notifications{});
}

TEST_F(Overtaking, AReceiveThatFoundNothingBeforeTheResetTakesWhatCameWithIt) {
    cite<"R-9", "R-6", "AS-CLOSE-5">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_close);
    arrive(pair, "one");
    StandingCall call{Function::receive, [&] { return receive(pair.one); }};
    EXPECT_EQ(receive(pair.one), got("one")) << "a second receive was faster";
    call.make();
    send_text(pair.other, "two");
    EXPECT_EQ(mailbox_.next(), (Notification{pair.one, fd_read, 0}));
    reset(pair.other);
    EXPECT_EQ(mailbox_.next(), closed(pair.one));
    EXPECT_EQ(call.end(), got("two"));
    EXPECT_EQ(rest(), Notifications{});
}

TEST_F(Overtaking, AReceiveThatFoundNothingBeforeTheResetFailsWithIt) {
    cite<"R-6", "AS-CLOSE-5">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_close);
    StandingCall call{Function::receive, [&] { return receive(pair.one); }};
    call.make();
    reset(pair.other);
    EXPECT_EQ(mailbox_.next(), closed(pair.one));
    EXPECT_EQ(call.end(), failed(error::connection_reset));
    EXPECT_EQ(rest(), Notifications{});
}

// Found nothing, and FD_READ was posted since for what came: it is posted once.
TEST_F(Overtaking, AReceiveThatFoundNothingPostsNothing) {
    cite<"AS-ENABLE-1", "AS-READ-2">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_close);
    arrive(pair, "one");
    StandingCall call{Function::receive, [&] { return receive(pair.one); }};
    EXPECT_EQ(receive(pair.one), got("one")) << "a second receive was faster";
    call.make();
    arrive(pair, "two");
    EXPECT_EQ(call.end(), got("two"));
    EXPECT_EQ(rest(), Notifications{});
    arrive(pair, "three");
}

TEST_F(Overtaking, ASendThatMeetsTheResetTellsOfTheDataBeforeIt) {
    cite<"R-9", "R-6", "AS-CLOSE-5">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_close);
    send_text(pair.other, "one");
    reset(pair.other);
    await_the_end_of(pair.one);
    EXPECT_EQ(send_text(pair.one, "x"), -1);
    EXPECT_EQ(mailbox_.collect(2), (Notifications{{pair.one, fd_read, 0}, closed(pair.one)}));
    EXPECT_EQ(receive(pair.one), got("one"));
    EXPECT_EQ(rest(), Notifications{});
}

TEST_F(Overtaking, AskingForTheErrorTellsOfTheDataBeforeIt) {
    cite<"R-9", "R-6", "AS-CLOSE-5">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_close);
    send_text(pair.other, "one");
    reset(pair.other);
    await_the_end_of(pair.one);
    int reason = 0;
    int length = sizeof reason;
    EXPECT_EQ(asyncselect_getsockopt(pair.one, 0xffff, 0x1007, reinterpret_cast<char*>(&reason), &length), 0);
    EXPECT_EQ(mailbox_.collect(2), (Notifications{{pair.one, fd_read, 0}, closed(pair.one)}));
}

TEST_F(Overtaking, ASendThatMeetsTheResetIsOvertakenByNoReceive) {
    cite<"R-9", "R-6", "AS-CLOSE-5">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_close);
    arrive(pair, "one");
    StandingCall call{Function::receive, [&] { return receive(pair.one); }};
    call.make();
    send_text(pair.other, "two");
    reset(pair.other);
    await_the_end_of(pair.one);
    EXPECT_EQ(send_text(pair.one, "x"), -1);
    EXPECT_EQ(call.end(), got("onetwo"));
    EXPECT_EQ(mailbox_.next(), closed(pair.one));
    EXPECT_EQ(rest(), Notifications{});
}

// Connected, sent to and reset before anybody looks: told in this order.
TEST_F(Overtaking, TheOutcomeOfAConnectTellsOfTheDataBeforeTheReset) {
    cite<"R-9", "R-6", "AS-CONNECT-4", "AS-CLOSE-5">();
    const auto from = listener();
    const auto s = stream();
    select(s, fd_read | fd_connect | fd_close);
    // The outcome is found out by the call itself where it is known at once; so it stands before it looks.
    StandingCall call{Function::connect, [&] { return Outcome{connect_to(s, from), 0, {}}; }};
    call.make();
    const auto peer = asyncselect_accept(from, nullptr, nullptr);
    send_text(peer, "one");
    reset(peer);
    EXPECT_EQ(call.end().result, -1);
    const auto told = mailbox_.collect(3);
    EXPECT_EQ(told, (Notifications{{s, fd_connect, 0}, {s, fd_read, 0}, closed(s)}));
}

// FD_OOB is posted for the urgent byte, and then the receive that was under way takes it.
TEST_F(Overtaking, AReceiveOfTheUrgentByteThatWasToldMeanwhilePostsNothing) {
    cite<"AS-OOB-4", "AS-ENABLE-1">();
    const auto pair = connected_pair();
    select(pair.one, fd_oob);
    const auto call_elsewhere = [&] { std::thread{[&] { send_text(pair.one, "x"); }}.join(); };
    call_elsewhere();
    std::optional<StandingCall> call;
    const auto stand_in_receive = [&] {
        call.emplace(Function::conditions_now, [&] {
            Outcome outcome{0, 0, "?"};
            outcome.result = asyncselect_recv(pair.one, outcome.text.data(), 1, 1);
            return outcome;
        });
    };
    // The harvester has fetched the byte, and has to look again because of another call. Then the receive begins.
    injection::surround_next(Function::receive, {}, [&] {
        call_elsewhere();
        injection::surround_next(Function::conditions_now, {},
                                 [&] { injection::surround_next(Function::conditions_now, stand_in_receive, {}); });
    });
    EXPECT_EQ(asyncselect_send(pair.other, "!", 1, 1), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{pair.one, fd_oob, 0}));
    ASSERT_TRUE(call);
    EXPECT_EQ(call->end(), got("!"));
    EXPECT_EQ(rest(), Notifications{});
}

// The byte comes when it has looked for one, and FD_OOB is posted for that.
TEST_F(Overtaking, AReceiveThatFoundNoUrgentByteDoesNotTellOfOneAgain) {
    cite<"AS-OOB-3", "AS-ENABLE-1">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_oob);
    // It stands where it asks whether there is normal data.
    StandingCall call{Function::bytes_available, [&] {
                          char byte = 0;
                          return Outcome{asyncselect_recv(pair.one, &byte, 1, 1), asyncselect_WSAGetLastError(), {}};
                      }};
    EXPECT_EQ(asyncselect_send(pair.other, "!", 1, 1), 1);
    EXPECT_EQ(mailbox_.next(), (Notification{pair.one, fd_oob, 0}));
    EXPECT_EQ(call.end(), failed(error::invalid));
    EXPECT_EQ(rest(), Notifications{});
}

// It took effect before all that came, and FD_OOB was posted for the byte already.
TEST_F(Overtaking, AReceiveThatFoundNothingDoesNotTellOfAnUrgentByteAgain) {
    cite<"AS-OOB-3", "AS-ENABLE-1">();
    const auto pair = connected_pair();
    select(pair.one, fd_read | fd_oob);
    StandingCall call{Function::receive, [&] { return receive(pair.one); }};
    call.make();
    EXPECT_EQ(asyncselect_send(pair.other, "one!", 4, 1), 4);
    auto told = mailbox_.collect(2);
    std::ranges::sort(told, {}, &Notification::event);
    EXPECT_EQ(told, (Notifications{{pair.one, fd_read, 0}, {pair.one, fd_oob, 0}}));
    EXPECT_EQ(call.end(), failed(error::would_block));
    EXPECT_EQ(rest(), Notifications{});
}

// A receive takes the data between the registration's look at the socket and its question what is left: nothing is
// told.
TEST_F(Overtaking, ARegistrationTellsOfNoDataThatAReceiveHasTakenMeanwhile) {
    cite<"AS-REG-3", "AS-READ-2">();
    const auto pair = connected_pair();
    send_text(pair.other, "one");
    select(pair.one, fd_close);
    StandingCall other{Function::receive, [&] { return receive(pair.one); }};
    bool taken = false;
    injection::surround_next(Function::conditions_now, {}, [&, here = std::this_thread::get_id()] {
        taken = std::this_thread::get_id() == here;  // else the harvester looked first
        if (taken) other.make();
    });
    select(pair.one, fd_read | fd_close);
    EXPECT_EQ(rest(), taken ? Notifications{} : (Notifications{{pair.one, fd_read, 0}}));
    EXPECT_EQ(other.end(), got("one"));
    arrive(pair, "two");
}

}  // namespace
}  // namespace asyncselect::conformance::native
