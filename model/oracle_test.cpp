// The oracle on traces made by hand: wrong ones are rejected at the right step for the right clause, unusual but
// allowed ones are accepted, in both profiles. It must not know any provider.
#include "model/oracle.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/cite.hpp"
#include "model/event.hpp"
#include "model/story.hpp"

namespace asyncselect::model {
namespace {

using namespace story;

// ---- wrong --------------------------------------------------------------------------------------------------------

TEST(OracleRejects, SecondReadWithoutRecv) {
    cite<"AS-ENABLE-1">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read).sends(1, 10).message(1, fd_read);
    expect_broken(story, "AS-ENABLE-1");
    expect_broken(story, "AS-ENABLE-1", windows);
}

TEST(OracleRejects, MissingReadAtQuiet) {
    cite<"AS-READ-2">();
    expect_broken(Story().connection(1).select(1, fd_read).sends(1, 10).quiet(), "AS-READ-2");
}

TEST(OracleRejects, MissingReadAtRegistration) {
    cite<"AS-READ-1", "AS-REG-3">();
    expect_broken(Story().connection(1).sends(1, 10).quiet().select(1, fd_read).quiet(), "AS-READ-1");
}

TEST(OracleRejects, MissingReadAfterPartialRecv) {
    cite<"AS-LEVEL-1", "AS-LEVEL-2", "AS-ENABLE-2">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 100).message(1, fd_read).quiet().recv(1, 50, 50).quiet();
    expect_broken(story, "AS-LEVEL-2");
    expect_broken(story, "AS-LEVEL-2", windows);
}

TEST(OracleRejects, MissingReadAfterPeek) {
    cite<"AS-READ-3">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 9).message(1, fd_read).quiet().recv(1, 9, 9, 0, flag_peek).quiet();
    expect_broken(story, "AS-READ-3");
}

TEST(OracleRejects, MissingReadAfterFailingRecv) {
    cite<"AS-ENABLE-8", "R-20">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 9).message(1, fd_read).quiet().recv(1, 9, 0, wsa::fault).quiet();
    expect_broken(story, "AS-READ-3");
}

TEST(OracleRejects, ReadWithoutData) {
    cite<"AS-READ-2">();
    expect_broken(Story().connection(1).select(1, fd_read).message(1, fd_read), "AS-READ-2");
}

TEST(OracleRejects, ReadForEndOfData) {
    cite<"AS-CLOSE-7">();
    Story story;
    story.connection(1).select(1, fd_read | fd_close).peer(1, PeerVerb::close).message(1, fd_close).quiet();
    story.message(1, fd_read);
    expect_broken(story, "AS-CLOSE-7");
}

TEST(OracleRejects, ReadForAnErrorAlone) {
    cite<"R-28">();
    Story story;
    story.connection(1).select(1, fd_read | fd_close).peer(1, PeerVerb::reset).message(1, fd_close, wsa::reset).quiet();
    story.message(1, fd_read);
    expect_broken(story, "R-28");
}

TEST(OracleRejects, CloseBeforeTheDataIsRead) {
    cite<"AS-CLOSE-3", "W-1">();
    Story story;
    story.connection(1).select(1, fd_read | fd_close).sends(1, 10).peer(1, PeerVerb::close).message(1, fd_read).quiet();
    story.message(1, fd_close);
    expect_broken(story, "AS-CLOSE-3");
}

TEST(OracleRejects, MissingCloseAfterTheLastByte) {
    cite<"AS-CLOSE-3">();
    Story story;
    story.connection(1).select(1, fd_read | fd_close).sends(1, 10).peer(1, PeerVerb::close).message(1, fd_read).quiet();
    story.recv(1, 10, 10).quiet();
    expect_broken(story, "AS-CLOSE-3");
}

TEST(OracleRejects, MissingCloseAfterLocalShutdown) {
    cite<"AS-CLOSE-4">();
    Story story;
    story.connection(1).select(1, fd_close).shutdown(1, 1).quiet().peer(1, PeerVerb::close).quiet();
    expect_broken(story, "AS-CLOSE-4");
}

TEST(OracleRejects, CloseForALocalShutdown) {
    cite<"R-7">();
    expect_broken(Story().connection(1).select(1, fd_close).shutdown(1, 1).message(1, fd_close), "R-7");
}

TEST(OracleRejects, SecondClose) {
    cite<"AS-ENABLE-5", "R-5">();
    Story story;
    story.connection(1).select(1, fd_close).peer(1, PeerVerb::close).message(1, fd_close).send(1, 5, 5);
    story.message(1, fd_close, wsa::reset);
    expect_broken(story, "AS-ENABLE-5");
    expect_broken(story, "AS-ENABLE-5", ours);
}

TEST(OracleRejects, CloseAfterClosesocket) {
    cite<"AS-CLOSE-6">();
    Story story;
    story.connection(1).select(1, fd_close).call(Function::closesocket, 1).peer(1, PeerVerb::close);
    story.message(1, fd_close);
    expect_broken(story, "AS-CLOSE-6");
}

TEST(OracleRejects, ReadAfterClosesocket) {
    cite<"AS-CANCEL-3">();
    Story story;
    story.connection(1).select(1, fd_read).call(Function::closesocket, 1).sends(1, 10).message(1, fd_read);
    expect_broken(story, "AS-CANCEL-3");
}

TEST(OracleRejects, CloseWithErrorZeroAfterReset) {
    cite<"AS-CLOSE-5">();
    expect_broken(Story().connection(1).select(1, fd_close).peer(1, PeerVerb::reset).message(1, fd_close),
                  "AS-CLOSE-5");
}

TEST(OracleRejects, CloseWithAnErrorThatIsNotInTheTable) {
    cite<"AS-ERROR-2">();
    expect_broken(Story().connection(1).select(1, fd_close).peer(1, PeerVerb::reset).message(1, fd_close, 10060),
                  "AS-ERROR-2");
}

TEST(OracleRejects, ReadWithAnError) {
    cite<"AS-ERROR-3">();
    expect_broken(Story().connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read, wsa::reset), "AS-ERROR-3");
}

TEST(OracleRejects, ConnectWithAnErrorThatIsNotInTheTable) {
    cite<"AS-ERROR-1">();
    Story story;
    story.socket(1).select(1, fd_connect).call(Function::connect, 1, wsa::would_block);
    story.peer(1, PeerVerb::refused, 0, 1, wsa::refused).message(1, fd_connect, wsa::reset);
    expect_broken(story, "AS-ERROR-1");
}

TEST(OracleRejects, ConnectWithTheWrongOutcome) {
    cite<"AS-CONNECT-4">();
    Story story;
    story.socket(1).select(1, fd_connect).call(Function::connect, 1, wsa::would_block);
    story.peer(1, PeerVerb::refused, 0, 1, wsa::refused).message(1, fd_connect);
    expect_broken(story, "AS-CONNECT-4");
}

TEST(OracleRejects, MissingConnect) {
    cite<"AS-CONNECT-2">();
    Story story;
    story.socket(1).select(1, fd_connect).call(Function::connect, 1, wsa::would_block);
    story.peer(1, PeerVerb::established, 0, 1).quiet();
    expect_broken(story, "AS-CONNECT-2");
}

TEST(OracleRejects, WriteBeforeConnect) {
    cite<"AS-WRITE-2">();
    Story story;
    story.socket(1).select(1, fd_connect | fd_write).call(Function::connect, 1, wsa::would_block);
    story.peer(1, PeerVerb::established, 0, 1).message(1, fd_write);
    expect_broken(story, "AS-WRITE-2");
    expect_broken(story, "AS-WRITE-2", ours);
}

TEST(OracleRejects, WriteAfterARefusedConnect) {
    cite<"R-4">();
    Story story;
    story.socket(1).select(1, fd_connect | fd_write).call(Function::connect, 1, wsa::would_block);
    story.peer(1, PeerVerb::refused, 0, 1, wsa::refused).message(1, fd_connect, wsa::refused).message(1, fd_write);
    expect_broken(story, "AS-WRITE-2");
}

TEST(OracleRejects, MissingConnectAtRegistration) {
    cite<"AS-CONNECT-1", "W-3">();
    Story story;
    story.connection(1).select(1, fd_connect).quiet();
    expect_broken(story, "AS-CONNECT-1");
    expect_allowed(story, windows);
    EXPECT_EQ(judge_with_deviations(story.trace()).deviations, std::vector<std::string>{"W-3"});
}

TEST(OracleRejects, ConnectOnAnAcceptedSocket) {
    cite<"R-3">();
    Story story;
    story.listener(9).select(9, fd_accept | fd_connect).request("c", 9).message(9, fd_accept).accept(9, 1, "c");
    story.message(1, fd_connect);
    expect_broken(story, "R-3");
}

TEST(OracleRejects, WriteAfterASuccessfulSend) {
    cite<"AS-WRITE-5">();
    Story story;
    story.connection(1).select(1, fd_write).message(1, fd_write).send(1, 10, 10).message(1, fd_write);
    expect_broken(story, "AS-WRITE-5");
    expect_broken(story, "AS-WRITE-5", windows);
}

TEST(OracleRejects, SecondWriteWithoutSend) {
    cite<"AS-ENABLE-1">();
    expect_broken(Story().connection(1).select(1, fd_write).message(1, fd_write).message(1, fd_write), "AS-ENABLE-1");
}

TEST(OracleRejects, MissingWriteAtFirst) {
    cite<"AS-WRITE-1">();
    expect_broken(Story().connection(1).select(1, fd_write).quiet(), "AS-WRITE-1");
}

TEST(OracleRejects, MissingWriteWhenThereIsRoom) {
    cite<"AS-WRITE-3">();
    Story story;
    story.connection(1).select(1, fd_write).message(1, fd_write).send(1, 100, 100).send(1, 100, 0, wsa::would_block);
    story.quiet().peer(1, PeerVerb::receive, 100).quiet();
    expect_broken(story, "AS-WRITE-3");
}

TEST(OracleRejects, WriteOnAnUnconnectedStream) {
    cite<"R-14">();
    expect_broken(Story().socket(1).select(1, fd_write).message(1, fd_write), "AS-WRITE-2");
}

TEST(OracleRejects, MissingAcceptAfterAFailingAccept) {
    cite<"AS-ENABLE-8", "AS-ACCEPT-2">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).message(9, fd_accept).accept(9, 1, "a");
    story.accept(9, 0, "", wsa::would_block).quiet().request("b", 9).quiet();
    expect_broken(story, "AS-ACCEPT-2");
}

TEST(OracleRejects, MissingAcceptForTheSecondRequest) {
    cite<"AS-ACCEPT-3", "AS-LEVEL-1">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).request("b", 9).message(9, fd_accept).quiet();
    story.accept(9, 1, "a").quiet();
    expect_broken(story, "AS-ACCEPT-3");
}

TEST(OracleRejects, SecondAcceptMessage) {
    cite<"AS-ENABLE-1">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).message(9, fd_accept).request("b", 9).message(9, fd_accept);
    expect_broken(story, "AS-ENABLE-1");
}

TEST(OracleRejects, AcceptedSocketWithoutWhatItInherits) {
    cite<"AS-INHERIT-1", "AS-WRITE-2">();
    Story story;
    story.listener(9).select(9, fd_accept | fd_write).request("a", 9).message(9, fd_accept).accept(9, 1, "a").quiet();
    expect_broken(story, "AS-INHERIT-1");
}

TEST(OracleRejects, MessageAfterCancellation) {
    cite<"AS-CANCEL-1">();
    Story story;
    story.connection(1).select(1, fd_read).quiet().select(1, 0).sends(1, 10).message(1, fd_read);
    expect_broken(story, "AS-CANCEL-1");
}

TEST(OracleRejects, EventOfAnEarlierRegistration) {
    cite<"AS-REG-2", "AS-REG-1">();
    Story story;
    story.connection(1)
        .select(1, fd_read)
        .select(1, fd_write, window, other_wm)
        .message(1, fd_write, 0, window, other_wm);
    story.sends(1, 10);
    Story same_number = story;
    story.message(1, fd_read);
    expect_broken(story, "AS-REG-2");
    Story replaced;
    replaced.connection(1).select(1, fd_read).select(1, fd_close).sends(1, 10).message(1, fd_read);
    expect_broken(replaced, "AS-REG-1");
}

TEST(OracleRejects, MessageOfAnEarlierRegistration) {
    cite<"AS-REG-1">();
    Story story;
    story.connection(1).select(1, fd_read).select(1, fd_read, other_window, other_wm).sends(1, 10).message(1, fd_read);
    expect_broken(story, "AS-REG-1");
}

TEST(OracleRejects, WrongWindowOrMessage) {
    cite<"AS-MSG-1">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read, 0, other_window);
    expect_broken(story, "AS-MSG-1");
    Story number;
    number.connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read, 0, window, other_wm);
    expect_broken(number, "AS-MSG-1");
    Story socket;
    socket.connection(1).select(1, fd_read).sends(1, 10).message(77, fd_read);
    expect_broken(socket, "AS-MSG-1");
}

TEST(OracleRejects, CombinedEvents) {
    cite<"AS-MSG-2">();
    Story story;
    story.connection(1).sends(1, 10).quiet().select(1, fd_read | fd_write).message(1, fd_read | fd_write);
    expect_broken(story, "AS-MSG-2");
}

TEST(OracleRejects, MacrosThatDisagree) {
    cite<"AS-MSG-3">();
    Story story;
    observation::Message odd = observation::message(window, wm, 1, fd_read);
    odd.event = fd_write;
    story.connection(1).select(1, fd_read).sends(1, 10).add(odd);
    expect_broken(story, "AS-MSG-3");
}

TEST(OracleRejects, OobEventInline) {
    cite<"AS-OOB-1">();
    Call inline_on;
    inline_on.function = Function::set_oob_inline;
    inline_on.socket = 1;
    inline_on.value = 1;
    Story story;
    story.connection(1).add(inline_on).select(1, fd_read | fd_oob).peer(1, PeerVerb::urgent).message(1, fd_oob);
    expect_broken(story, "AS-OOB-1");
}

TEST(OracleRejects, MessagesToADestroyedWindow) {
    cite<"R-12">();
    Story story;
    story.connection(1).select(1, fd_read).destroy(window).sends(1, 10).quiet().message(1, fd_read);
    expect_broken(story, "R-12");
}

TEST(OracleRejects, ErrorsOfTheCall) {
    cite<"AS-API-1", "AS-API-4", "AS-API-6", "AS-API-7", "R-10", "R-23">();
    expect_broken(Story().select(55, fd_read), "AS-API-6");
    expect_broken(Story().select(55, fd_read, window, wm, wsa::invalid), "AS-API-6");
    expect_broken(Story().select(55, fd_read, 0, wm, wsa::invalid), "R-23");
    expect_broken(Story().socket(1).select(1, fd_read, 4711), "AS-API-4");
    expect_broken(Story().socket(1).select(1, fd_read, 0), "R-10");
    expect_broken(Story().socket(1).select(1, 0x400), "R-10");
    expect_broken(Story().socket(1).select(1, every_event, window, wm, wsa::invalid), "AS-API-7");
    expect_broken(Story().socket(1).select(1, 0, 0, 0, wsa::invalid), "R-10");
    Story odd;
    Call made;
    made.function = Function::async_select;
    made.socket = 1;
    made.window = window;
    made.mask = fd_read;
    made.result = 7;
    odd.socket(1).add(made);
    expect_broken(odd, "AS-API-1");
}

TEST(OracleRejects, CallBeforeStartup) {
    cite<"AS-API-2">();
    expect_broken(Story().socket(1).call(Function::cleanup).select(1, fd_read), "AS-API-2");
}

TEST(OracleRejects, FailedCallThatChangesSomething) {
    cite<"AS-API-8">();
    Story story;
    story.connection(1).select(1, fd_read).select(1, fd_write, 4711, other_wm, wsa::invalid).sends(1, 10).quiet();
    expect_broken(story, "AS-API-8");
    // A message shows that the registration is as it was: what is missing later has another reason.
    Story later;
    later.connection(1).select(1, fd_read).select(1, fd_write, 4711, other_wm, wsa::invalid).sends(1, 10);
    later.message(1, fd_read).recv(1, 10, 10).quiet().sends(1, 10).quiet();
    expect_broken(later, "AS-READ-2");
}

TEST(OracleRejects, InheritedMessageInSpiteOfAnOwnRegistration) {
    cite<"AS-INHERIT-2", "AS-REG-1">();
    Story story;
    story.listener(1).select(1, fd_accept | fd_read).request("c", 1).message(1, fd_accept).accept(1, 2, "c").quiet();
    story.select(2, fd_read, other_window, other_wm).quiet();
    story.add(Peer{"c", PeerVerb::send, invalid_handle, 5, 0});
    Story again = story;
    story.message(2, fd_read);
    expect_broken(story, "AS-INHERIT-2");
    again.message(2, fd_read, 0, other_window, other_wm).recv(2, 5, 5).quiet().select(2, fd_read, other_window, 1027);
    again.quiet().add(Peer{"c", PeerVerb::send, invalid_handle, 5, 0}).message(2, fd_read, 0, other_window, other_wm);
    expect_broken(again, "AS-REG-1");
}

TEST(OracleRejects, BlockingWhileRegistered) {
    cite<"AS-MODE-2", "AS-MODE-3">();
    expect_broken(Story().connection(1).select(1, fd_read).nonblocking(1, 0), "AS-MODE-2");
    expect_broken(Story().connection(1).select(1, 0).nonblocking(1, 0, wsa::invalid), "AS-MODE-3");
}

TEST(OracleRejects, OursOnly) {
    cite<"R-9", "R-17", "R-19", "R-27">();
    Story order;
    order.connection(1).sends(1, 10).quiet().select(1, fd_read | fd_write).message(1, fd_write);
    expect_broken(order, "R-9", ours);
    expect_allowed(order);

    Story reused;
    reused.connection(1).select(1, fd_read).sends(1, 10).call(Function::closesocket, 1).socket(1);
    expect_broken(reused, "R-17", ours);
    expect_allowed(reused);

    Story short_send;
    short_send.connection(1).select(1, fd_write).message(1, fd_write).send(1, 100, 60).quiet();
    short_send.peer(1, PeerVerb::receive, 60).quiet();
    expect_broken(short_send, "R-19", ours);
    expect_allowed(short_send);

    Call set;
    set.function = Function::set_last_error;
    set.value = 5;
    Call get;
    get.function = Function::get_last_error;
    get.result = 6;
    Story last_error;
    last_error.connection(1).select(1, fd_read).sends(1, 10).add(set).message(1, fd_read).add(get);
    expect_broken(last_error, "R-27", ours);
    expect_allowed(last_error);
}

// However many they are.
TEST(OracleRejects, LastErrorsOfOtherThreads) {
    cite<"AS-API-1", "R-27">();
    for (const int threads : {1, 2, 3, 20}) {
        Story all;
        for (int number = 0; number < threads; ++number) {
            Call set;
            set.thread = "t" + std::to_string(number);
            set.function = Function::set_last_error;
            set.value = number;
            all.add(set);
        }
        for (int number = 0; number < threads; ++number) {
            Call get;
            get.thread = "t" + std::to_string(number);
            get.function = Function::get_last_error;
            get.result = number;
            Story own = all;
            expect_allowed(own.add(get), ours);
            get.result = number + 1;
            Story another = all;
            expect_broken(another.add(get), "AS-API-1", ours);
        }
    }
}

// Who looks after a connection was established, ended and reset sees the reset alone: no send is possible any more.
TEST(OracleAccepts, AConnectionThatIsResetBeforeAnybodyLooks) {
    cite<"R-28", "AS-WRITE-2", "AS-CLOSE-5">();
    for (const bool ends : {false, true}) {
        Story story;
        story.socket(1).select(1, fd_connect | fd_write | fd_close).call(Function::connect, 1, wsa::would_block);
        story.peer(1, PeerVerb::established, 0, 1);
        if (ends) story.peer(1, PeerVerb::shutdown);
        story.peer(1, PeerVerb::reset).message(1, fd_connect);
        expect_allowed(Story(story).message(1, fd_close, wsa::reset).quiet(), ours);
        expect_allowed(Story(story).message(1, fd_write).message(1, fd_close, wsa::reset).quiet(), ours);
        expect_broken(Story(story).quiet(), ends ? "AS-CLOSE-3" : "AS-CLOSE-5", ours);
    }
    Story looked;
    looked.socket(1).select(1, fd_connect | fd_write | fd_close).call(Function::connect, 1, wsa::would_block);
    looked.peer(1, PeerVerb::established, 0, 1).message(1, fd_connect).send(1, 5, 5).peer(1, PeerVerb::reset);
    expect_broken(looked.message(1, fd_close, wsa::reset), "AS-WRITE-2", ours);
}

TEST(OracleRejects, ResultsThatContradictThePeer) {
    expect_broken(Story().connection(1).select(1, fd_read).sends(1, 10).recv(1, 100, 11), "");
    expect_broken(Story().connection(1).select(1, fd_read).recv(1, 100, 0), "");
    expect_broken(Story().listener(9).accept(9, 1, ""), "");
    expect_broken(Story().connection(1).sends(1, 50).quiet().recv(1, 10, 11), "");
    expect_broken(Story().connection(1).send(1, 10, 11), "");
    expect_broken(Story().connection(1).send(1, 10, -1), "");
}

TEST(OracleRejects, EventsThatCannotOccur) {
    cite<"R-11", "R-28">();
    expect_broken(Story().listener(1).select(1, fd_accept | fd_read).request("c", 1).message(1, fd_read), "R-11");
    expect_broken(Story().connection(1).select(1, fd_accept).sends(1, 10).message(1, fd_accept), "R-11");
    expect_broken(Story().connection(1).shutdown(1, 1).select(1, fd_write).message(1, fd_write), "R-28");
    expect_broken(Story().connection(1).peer(1, PeerVerb::reset).quiet().select(1, fd_write).message(1, fd_write),
                  "R-28");
}

TEST(OracleRejects, OnlyTheShortestPrefix) {
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read).message(1, fd_read);
    const std::size_t wrong = story.trace().size() - 1;
    story.recv(1, 10, 10).quiet();
    const Verdict verdict = judge(story.trace());
    ASSERT_TRUE(verdict.violation);
    EXPECT_EQ(verdict.violation->step, wrong);
    EXPECT_EQ(verdict.violation->clause, "AS-ENABLE-1");
    EXPECT_FALSE(verdict.violation->states.empty());
}

// ---- unusual and allowed ------------------------------------------------------------------------------------------

TEST(OracleAccepts, DataInPieces) {
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 100).message(1, fd_read).recv(1, 100, 30).message(1, fd_read);
    story.recv(1, 100, 70).quiet();
    expect_allowed(story);
    expect_allowed(story, windows);
    expect_allowed(story, ours);
}

TEST(OracleAccepts, ExactlyWhatHadArrived) {
    Story story;
    story.connection(1).select(1, fd_read | fd_write).message(1, fd_write).sends(1, 100).message(1, fd_read);
    story.recv(1, 30, 30).message(1, fd_read).recv(1, 70, 70).quiet();
    expect_allowed(story);
}

TEST(OracleAccepts, StaleMessages) {
    cite<"AS-LEVEL-3", "AS-ROBUST-1", "R-1">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 100).quiet();
    Story several;
    several.connection(1).select(1, fd_read).sends(1, 100).message(1, fd_read).quiet();
    several.recv(1, 10, 10).recv(1, 10, 10).recv(1, 80, 80);
    several.message(1, fd_read).message(1, fd_read).recv(1, 1, 0, wsa::would_block).quiet();
    expect_allowed(several);
    expect_allowed(several, ours);
}

TEST(OracleAccepts, TakenAtTheMomentOfArrival) {
    cite<"AS-READ-2">();
    expect_allowed(Story().connection(1).select(1, fd_read).sends(1, 10).recv(1, 10, 10).quiet());
    expect_allowed(Story().connection(1).select(1, fd_read).sends(1, 10).recv(1, 10, 10).message(1, fd_read).quiet());
    expect_allowed(Story().connection(1).select(1, fd_read).sends(1, 10).recv(1, 5, 5).message(1, fd_read).quiet());
    expect_allowed(Story().listener(9).select(9, fd_accept).request("a", 9).accept(9, 1, "a").quiet());
}

TEST(OracleAccepts, MessagesPostedBeforeACancellation) {
    cite<"AS-CANCEL-2", "AS-CANCEL-3">();
    Story cancelled;
    cancelled.connection(1).select(1, fd_read).sends(1, 10).select(1, 0);
    expect_allowed(Story(cancelled).quiet());
    expect_allowed(Story(cancelled).message(1, fd_read).quiet());
    Story closed;
    closed.connection(1).select(1, fd_read | fd_write).sends(1, 10).call(Function::closesocket, 1);
    expect_allowed(Story(closed).quiet());
    expect_allowed(Story(closed).message(1, fd_write).quiet());
    expect_allowed(Story(closed).message(1, fd_write).message(1, fd_read).quiet());
    Story replaced;
    replaced.connection(1).select(1, fd_read).sends(1, 10).select(1, fd_read, window, other_wm);
    expect_allowed(Story(replaced).message(1, fd_read).message(1, fd_read, 0, window, other_wm).quiet());
    expect_allowed(Story(replaced).message(1, fd_read, 0, window, other_wm).quiet());
}

TEST(OracleAccepts, NoOrderBetweenTheQueuesOfThreads) {
    cite<"AS-CANCEL-2">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).select(1, fd_read, other_window);
    story.message(1, fd_read, 0, other_window).message(1, fd_read).quiet();
    expect_allowed(story, ours);
}

TEST(OracleAccepts, TheNewRegistrationAnswersAfresh) {
    cite<"R-2">();
    Story story;
    story.connection(1).select(1, fd_write).message(1, fd_write).select(1, fd_write).message(1, fd_write).quiet();
    expect_allowed(story);
}

TEST(OracleAccepts, RoomAtAnyTime) {
    cite<"AS-WRITE-3", "AS-WRITE-5">();
    Story story;
    story.connection(1).select(1, fd_write).message(1, fd_write).send(1, 100, 100).send(1, 100, 0, wsa::would_block);
    expect_allowed(Story(story).quiet());
    expect_allowed(Story(story).message(1, fd_write).quiet());
    expect_allowed(Story(story).message(1, fd_write).send(1, 9, 0, wsa::would_block).message(1, fd_write).quiet());
}

TEST(OracleAccepts, RetriedSendBeforeTheRoomWasTold) {
    cite<"AS-WRITE-3">();
    Story story;
    story.connection(1).select(1, fd_write).message(1, fd_write).send(1, 100, 0, wsa::would_block).send(1, 100, 100);
    story.peer(1, PeerVerb::receive, 100);
    expect_allowed(Story(story).quiet());
    expect_allowed(Story(story).message(1, fd_write).quiet());
    expect_allowed(Story(story).message(1, fd_write).quiet(), ours);
}

TEST(OracleAccepts, FilledBeforeTheRegistration) {
    cite<"R-2">();
    Story story;
    story.connection(1).select(1, 0).send(1, 100, 0, wsa::would_block).select(1, fd_write);
    expect_allowed(Story(story).message(1, fd_write).quiet());
}

TEST(OracleAccepts, ShortSend) {
    cite<"R-19">();
    Story story;
    story.connection(1).select(1, fd_write).message(1, fd_write).send(1, 100, 60).message(1, fd_write).quiet();
    expect_allowed(story, ours);
    expect_allowed(story);
}

TEST(OracleAccepts, ResetOvertakesAGracefulClose) {
    cite<"R-6", "AS-CLOSE-5">();
    Story story;
    story.connection(1)
        .select(1, fd_read | fd_close)
        .sends(1, 10)
        .peer(1, PeerVerb::shutdown)
        .message(1, fd_read)
        .quiet();
    story.peer(1, PeerVerb::reset).message(1, fd_close, wsa::reset).quiet();
    expect_allowed(story);
    expect_allowed(Story(story).recv(1, 10, 10).quiet());
    expect_allowed(Story(story).recv(1, 10, 0, wsa::reset).quiet());
}

TEST(OracleAccepts, ResetToldByACall) {
    cite<"AS-CLOSE-5">();
    Story story;
    story.connection(1).select(1, fd_close).peer(1, PeerVerb::reset).recv(1, 10, 0, wsa::reset);
    story.message(1, fd_close, wsa::reset).quiet();
    expect_allowed(story);
}

TEST(OracleAccepts, ToldAgainByANewRegistration) {
    cite<"R-5", "AS-CLOSE-2">();
    Story story;
    story.connection(1).select(1, fd_close).peer(1, PeerVerb::shutdown).message(1, fd_close).quiet();
    story.peer(1, PeerVerb::reset).quiet().select(1, fd_close).message(1, fd_close, wsa::reset).quiet();
    expect_allowed(story);
}

TEST(OracleAccepts, SendToAPeerThatIsGone) {
    cite<"AS-ENABLE-5">();
    Story story;
    story.connection(1).select(1, fd_close).peer(1, PeerVerb::close).message(1, fd_close).send(1, 5, 5).quiet();
    expect_allowed(Story(story).select(1, fd_close).message(1, fd_close).quiet());
    expect_allowed(Story(story).select(1, fd_close).message(1, fd_close, wsa::reset).quiet());
    expect_allowed(Story(story).send(1, 5, 0, wsa::reset).quiet());
}

TEST(OracleAccepts, PeerClosesWithOurDataUnread) {
    Story story;
    story.connection(1).select(1, fd_close).send(1, 5, 5).peer(1, PeerVerb::close);
    expect_allowed(Story(story).message(1, fd_close).quiet());
    expect_allowed(Story(story).message(1, fd_close, wsa::reset).quiet());
}

TEST(OracleAccepts, RefusedThenConnected) {
    cite<"R-4", "AS-CONNECT-4">();
    Story story;
    story.socket(1).select(1, fd_connect | fd_write | fd_close).call(Function::connect, 1, wsa::would_block);
    story.peer(1, PeerVerb::refused, 0, 1, wsa::refused).message(1, fd_connect, wsa::refused).quiet();
    story.select(1, fd_connect | fd_write | fd_close).quiet().call(Function::connect, 1, wsa::would_block);
    story.peer(1, PeerVerb::established, 0, 1).message(1, fd_connect).message(1, fd_write).quiet();
    expect_allowed(story);
    expect_allowed(story, ours);
}

TEST(OracleAccepts, FailureToldByTheCallAndAMessage) {
    cite<"R-4">();
    Story story;
    story.socket(1).select(1, fd_connect).call(Function::connect, 1, wsa::refused);
    expect_allowed(Story(story).quiet());
    expect_allowed(Story(story).message(1, fd_connect, wsa::refused).quiet());
}

TEST(OracleAccepts, HarvestedAtOnce) {
    cite<"R-9">();
    Story story;
    story.socket(1).select(1, fd_connect | fd_read | fd_write).call(Function::connect, 1, wsa::would_block);
    story.peer(1, PeerVerb::established, 0, 1).sends(1, 10);
    expect_allowed(Story(story).message(1, fd_connect).message(1, fd_read).message(1, fd_write).quiet(), ours);
    expect_allowed(Story(story).message(1, fd_connect).message(1, fd_write).message(1, fd_read).quiet(), ours);
}

TEST(OracleAccepts, AnotherOrderOfOneMoment) {
    cite<"R-9">();
    Story story;
    story.connection(1).sends(1, 10).peer(1, PeerVerb::shutdown).quiet();
    story.select(1, fd_read | fd_write | fd_connect | fd_close);
    expect_allowed(Story(story).message(1, fd_write).message(1, fd_read).quiet());
}

TEST(OracleAccepts, WhatCameBeforeAccept) {
    cite<"R-3", "AS-INHERIT-1">();
    Story story;
    story.listener(9).select(9, fd_accept | fd_read | fd_write | fd_close).request("7", 9).message(9, fd_accept);
    story.sends(7, 10).peer(7, PeerVerb::close).accept(9, 7, "7").message(7, fd_read).message(7, fd_write);
    story.recv(7, 10, 10).message(7, fd_close).quiet();
    expect_allowed(story);
    expect_allowed(story, ours);
}

TEST(OracleAccepts, AcceptsUntilWouldBlock) {
    cite<"AS-ENABLE-8", "AS-ENABLE-4">();
    Story story;
    story.listener(9).select(9, fd_accept).request("a", 9).request("b", 9).message(9, fd_accept).quiet();
    story.accept(9, 1, "a").accept(9, 2, "b").accept(9, 0, "", wsa::would_block).message(9, fd_accept).quiet();
    story.request("c", 9).message(9, fd_accept).quiet();
    expect_allowed(story, ours);
}

TEST(OracleAccepts, HandleUsedAgain) {
    cite<"R-17">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).call(Function::closesocket, 1).socket(1).message(1, fd_read);
    expect_allowed(story);
}

TEST(OracleAccepts, DestroyedWindow) {
    cite<"R-12">();
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).destroy(window).quiet().make_window(window + 5);
    story.select(1, fd_read, window + 5).message(1, fd_read, 0, window + 5).quiet();
    expect_allowed(story);
}

TEST(OracleAccepts, FullQueue) {
    cite<"R-13">();
    Story story;
    story.connection(1).select(1, fd_read | fd_close).limit(true).sends(1, 10).recv(1, 10, 10).peer(1, PeerVerb::close);
    expect_allowed(Story(story).message(1, fd_close).limit(false).quiet(), ours);
    expect_allowed(Story(story).message(1, fd_read).message(1, fd_close).limit(false).quiet(), ours);
    expect_broken(Story(story).limit(false).quiet(), "AS-CLOSE-3", ours);
}

// ---- the windows profile ------------------------------------------------------------------------------------------

TEST(OracleProfiles, CloseAtTheFin) {
    cite<"W-1">();
    Story story;
    story.connection(1).select(1, fd_read | fd_close).sends(1, 10).peer(1, PeerVerb::close).message(1, fd_read);
    story.message(1, fd_close).recv(1, 5, 5).message(1, fd_read).recv(1, 5, 5).quiet();
    expect_allowed(story, windows);
    const Verdict verdict = judge_with_deviations(story.trace());
    EXPECT_TRUE(verdict.deviates());
    EXPECT_EQ(verdict.violation->clause, "AS-CLOSE-3");
    EXPECT_EQ(verdict.deviations, std::vector<std::string>{"W-1"});
}

TEST(OracleProfiles, CloseWaitsAfterAll) {
    cite<"W-1">();
    Story story;
    story.connection(1).select(1, fd_read | fd_close).sends(1, 10).peer(1, PeerVerb::close).message(1, fd_read).quiet();
    expect_allowed(story);
    expect_broken(story, "W-1", windows);
    EXPECT_EQ(judge_with_deviations(story.trace(), windows).deviations, std::vector<std::string>{"not W-1"});
}

TEST(OracleProfiles, ResetTellsAborted) {
    cite<"W-2">();
    Story story;
    story.connection(1).select(1, fd_close).peer(1, PeerVerb::reset).message(1, fd_close, wsa::aborted).quiet();
    expect_allowed(story, windows);
    expect_broken(Story().connection(1).select(1, fd_close).peer(1, PeerVerb::reset).message(1, fd_close, wsa::aborted),
                  "AS-CLOSE-5");
    EXPECT_EQ(judge_with_deviations(story.trace()).deviations, std::vector<std::string>{"W-2"});
}

TEST(OracleProfiles, SeveralSwitches) {
    Story story;
    story.connection(1).select(1, fd_connect | fd_close).sends(1, 3).peer(1, PeerVerb::shutdown).message(1, fd_close);
    story.quiet().peer(1, PeerVerb::reset).select(1, fd_close).message(1, fd_close, wsa::aborted).quiet();
    EXPECT_EQ(judge_with_deviations(story.trace()).deviations, (std::vector<std::string>{"W-1", "W-2", "W-3"}));
}

TEST(OracleProfiles, NothingExplainsIt) {
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10).message(1, fd_read).message(1, fd_read);
    const Verdict verdict = judge_with_deviations(story.trace());
    EXPECT_FALSE(verdict.conforms());
    EXPECT_FALSE(verdict.deviates());
}

// ---- evidence -----------------------------------------------------------------------------------------------------

TEST(OracleEvidence, IsOfWhatHappened) {
    Story story;
    story.connection(1).select(1, fd_read | fd_close).sends(1, 100).message(1, fd_read).quiet().recv(1, 50, 50);
    story.message(1, fd_read).quiet();
    const std::set<std::string> evidence = judge(story.trace()).evidence;
    for (const char* id : {"AS-READ-2", "AS-LEVEL-1", "AS-LEVEL-2", "AS-ENABLE-2", "AS-MSG-1"}) {
        EXPECT_TRUE(evidence.contains(id)) << id;
    }
    for (const char* id : {"AS-CLOSE-3", "AS-CANCEL-1", "AS-ACCEPT-1", "R-13", "AS-WRITE-3"}) {
        EXPECT_FALSE(evidence.contains(id)) << id;
    }
}

TEST(OracleEvidence, EveryIdIsAClause) {
    Story story;
    story.connection(1).select(1, every_event).message(1, fd_connect).message(1, fd_write).sends(1, 100);
    story.message(1, fd_read).recv(1, 100, 100).peer(1, PeerVerb::close).message(1, fd_close).quiet();
    for (const std::string& id : judge(story.trace()).evidence) EXPECT_TRUE(exists(id)) << id;
}

TEST(Oracle, TellsWhatIsOwed) {
    Oracle oracle;
    Story story;
    story.connection(1).select(1, fd_read).sends(1, 10);
    for (const Observation& observation : story.trace()) EXPECT_FALSE(oracle.observe(observation));
    EXPECT_FALSE(oracle.settled());
    ASSERT_EQ(oracle.owed().size(), 1U);
    EXPECT_NE(oracle.owed().front().find("FD_READ"), std::string::npos);
    EXPECT_FALSE(oracle.observe(observation::message(window, wm, 1, fd_read)));
    EXPECT_TRUE(oracle.settled());
    EXPECT_TRUE(oracle.owed().empty());
}

TEST(Oracle, StaysSmall) {
    Story story;
    story.connection(1).select(1, fd_read | fd_write).message(1, fd_write);
    for (int turn = 0; turn < 200; ++turn) story.sends(1, 1);
    story.message(1, fd_read).recv(1, 50, 50).message(1, fd_read).recv(1, 150, 150).quiet();
    Oracle oracle;
    for (const Observation& observation : story.trace()) {
        const auto violation = oracle.observe(observation);
        ASSERT_FALSE(violation) << violation->due;
        EXPECT_LT(oracle.states(), 50U);
    }
}

TEST(Trace, ShowsItself) {
    EXPECT_EQ(show(observation::message(7, wm, 5, fd_close, wsa::reset)),
              "message 1025 to window 7: socket 5, FD_CLOSE, WSAECONNRESET");
    EXPECT_EQ(show(Story().recv(5, 50, 50, 0, flag_peek).trace().back()), "recv(5, 50, MSG_PEEK) = 50");
    EXPECT_EQ(show(Story().select(5, fd_read | 0x400).trace().back()),
              "WSAAsyncSelect(5, window 100, message 1025, FD_READ|0x400) = 0");
    EXPECT_EQ(show(Story().sends(5, 10).trace().back()), "peer 5 sends 10");
    EXPECT_EQ(show(Story().quiet().trace().back()), "quiet");
}

// ---- long traces --------------------------------------------------------------------------------------------------

// What is forgotten in the course of a long trace is missed by nobody.
TEST(OracleAccepts, ThousandsOfDatagramsWithMomentsOfQuiet) {
    Story story;
    story.datagram_socket(1).call(Function::bind, 1).select(1, fd_read);
    for (std::uint32_t count = 1; count <= 5000; ++count) {
        story.datagram(1, count).message(1, fd_read);
        if (count % 3 != 0) story.recv(1, 10'000, count);
        if (count % 3 == 0) story.recv(1, count - 1, 0, wsa::message_size);
        if (count % 500 == 0) story.quiet();
    }
    EXPECT_TRUE(judge(story.trace()).conforms());
    story.datagram(1, 7).message(1, fd_read).recv(1, 10'000, 8);
    EXPECT_EQ(judge(story.trace()).violation->step, story.trace().size() - 1);
}

TEST(OracleAccepts, ThousandsOfSocketsWithMomentsOfQuiet) {
    Story story;
    for (Handle handle = 10; handle < 3010; ++handle) {
        story.connection(handle).select(handle, fd_read).call(Function::closesocket, handle);
        if (handle % 10 == 0) story.quiet();
        // Its peer notices later.
        story.peer(handle, PeerVerb::close);
    }
    story.quiet();
    EXPECT_TRUE(judge(story.trace()).conforms());
    Story recent = story;
    expect_broken(recent.message(3005, fd_read), "AS-CANCEL-3");
    // Of a socket that was closed so long ago nobody knows that there was one.
    expect_broken(story.message(11, fd_read), "AS-MSG-1");
}

}  // namespace
}  // namespace asyncselect::model
