// The claims that a solver proves of the word's own step, and their controls. What each asks stands in claims.cpp; this
// file says it in English.
#include "proofs/claim.hpp"
#include "proofs/smt/assumptions.hpp"
#include "proofs/smt/claims.hpp"

namespace asyncselect::proofs {

namespace {

namespace layout = core::layout;
using core::Event;
using core::Word;

constexpr const char* tool = "z3 4.8.12";
constexpr const char* file = "proofs/smt/claims.cpp";
constexpr const char* any_word = "all 2^64 words, ";
constexpr const char* words_at_rest = "all 2^64 words that keep the invariant, ";
constexpr const char* single_step =
    "Steps of several threads between the two of a call: that is what spin is for. Whether the provider tells the word "
    "what "
    "happened is what conformance is for.";

using Ask = void (*)(Proof& proof, const Subject& subject);

struct Seeded {
    const char* name;
    const char* fault;
    Subject subject;
};

struct Said {
    const char* name;
    const char* claim;
    std::vector<std::string> clauses;
    std::string scope;
    const char* not_covered;
    Ask ask;
    std::vector<Seeded> controls;
};

Claim claim_of(Said said) {
    Claim claim{
        .id = std::string{"smt."} + said.name,
        .claim = said.claim,
        .clauses = std::move(said.clauses),
        .tool = tool,
        .scope = std::move(said.scope),
        .not_covered = said.not_covered,
        .file = file,
        .prove =
            [ask = said.ask](Bounds) {
                Proof proof;
                ask(proof, Subject{});
                return proof.outcome();
            },
        .controls = {},
    };
    for (const auto& [name, fault, subject] : said.controls) {
        claim.controls.push_back({name, fault, [ask = said.ask, subject = subject] {
                                      Proof proof;
                                      ask(proof, subject);
                                      return proof.outcome();
                                  }});
    }
    return claim;
}

// ---- faults of the step

Bits lane(const Bits& word, Event event) { return lift(word, lane_of(event)); }

// Undoes that the events were posted.
Step held_back(const Step& step, const Bits& events) {
    const auto edges = events & lift(events, core::edges);
    return {step.word | left(events, layout::enabled) | left(edges, layout::met), step.posts & ~events};
}

Step tells_edges_twice(const Bits& before, const Stimulus& stimulus) {
    auto step = core::step(before, stimulus);
    step.word = step.word | left(step.posts & lift(before, core::edges), layout::met);
    return step;
}

Step posts_only_the_first(const Bits& before, const Stimulus& stimulus) {
    const auto step = core::step(before, stimulus);
    return held_back(step, step.posts & ~(step.posts & (~step.posts + lift(before, 1))));
}

Step leaves_enabled(const Bits& before, const Stimulus& stimulus) {
    auto step = core::step(before, stimulus);
    step.word = step.word | left(step.posts, layout::enabled);
    return step;
}

Step posts_close_to_nobody(const Bits& before, const Stimulus& stimulus) {
    auto step = core::step(before, stimulus);
    step.posts =
        step.posts | (right(step.word, layout::enabled) & right(step.word, layout::met) & lane(before, Event::close));
    return step;
}

Step keeps_requests(const Bits& before, const Stimulus& stimulus) {
    auto step = core::step(before, stimulus);
    step.word = step.word | (before & lift(before, core::fact(core::requested)));
    return step;
}

Step write_yields(const Bits& before, const Stimulus& stimulus) {
    const auto step = core::step(before, stimulus);
    const auto others = step.posts & ~lane(before, Event::write);
    const auto held = z3::ite(others != lift(before, 0), step.posts & lane(before, Event::write), lift(before, 0));
    return held_back(step, held);
}

Step forgets_the_line(const Bits& before, const Stimulus& stimulus) {
    auto step = core::step(before & ~lift(before, layout::refused), stimulus);
    return step;
}

// ---- faults of the stimuli

template <class Change>
core::Stimulus changed(std::string_view name, std::string_view which, core::Stimulus stimulus, Change change) {
    if (name == which) change(stimulus);
    return stimulus;
}

core::Error tells_the_index(Word word, Event event) {
    return event == Event::close ? core::message_errors[(word & layout::error_bits) >> layout::error]
                                 : core::error_of(word, event);
}

Subject with(StepFunction step) { return {.step = step}; }
Subject with(core::Stimulus (*altered)(std::string_view, core::Stimulus)) { return {.altered = altered}; }

std::vector<Claim> claims() {
    std::vector<Claim> all;
    const auto say = [&all](Said said) { all.push_back(claim_of(std::move(said))); };

    say({"invariant",
         "What the other claims assume of a word holds of a new socket's and is kept by every stimulus, as is what the "
         "owner "
         "of the word keeps beside it.",
         {"AS-GQOS-1", "AS-CLOSE-1"},
         std::string{words_at_rest} +
             "every stimulus of the form of smt.stimuli, and what the queue refuses of its posts",
         "A refusal that comes when another thread has stepped the word since.",
         invariant_is_kept,
         {{"edge-told-twice", "What was told of an edge stays met.", with(tells_edges_twice)}}});
    say({"stimuli",
         "Every named stimulus has the form that the other claims assume, any two that are told at once have it "
         "together, and "
         "a registration differs from another by the wanted events alone.",
         {"AS-API-7"},
         "every named stimulus with each parameter, all 1024 masks, both profiles; any two masks of the form",
         "That the provider tells no other stimulus: its sources make them of these by stimulus::both and "
         "stimulus::sets.",
         stimuli_have_the_form,
         {{"owner-touched", "An arrival sets a bit of the word's owner.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "data arrived", made, [](auto& s) { s.set |= Word{1} << layout::owners_bits; });
           })},
          {"connect-told-as-aborted",
           "A connect that failed with WSAECONNABORTED, which FD_CONNECT may not tell, is remembered so.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "connect's outcome: 10053", made, [](auto& s) {
                   s.set = core::layout::connect_failed | core::index_of_error(core::error::connection_aborted)
                                                              << layout::error;
               });
           })}}});
    say({"nothing-owed",
         "No notification is lost: after any step nothing that is wanted, enabled and met is left unposted, unless the "
         "socket "
         "waits for room in the queue.",
         {"AS-REG-3", "AS-LEVEL-1", "AS-READ-1", "AS-READ-2", "AS-READ-3", "AS-OOB-2", "AS-OOB-3", "AS-OOB-4",
          "AS-ACCEPT-1", "AS-ACCEPT-2", "AS-ACCEPT-3", "R-13"},
         std::string{any_word} + "all stimuli, of any form",
         single_step,
         nothing_is_owed,
         {{"only-the-first", "Of several that are due at one moment only the first is posted.",
           with(posts_only_the_first)}}});
    say({"enabled-once",
         "No event is posted twice without its re-enabling function: what is posted is not enabled any more, and no "
         "stimulus "
         "but that function, a registration or a new attempt to connect enables or posts it.",
         {"AS-ENABLE-1", "AS-ENABLE-5", "AS-EDGE-1", "AS-EDGE-2", "R-1", "R-5"},
         std::string{any_word} + "every named stimulus, both profiles (W-4 apart)",
         single_step,
         enabled_once,
         {{"stays-enabled", "A posted event stays enabled.", with(leaves_enabled)},
          {"arrival-enables", "An arrival enables FD_READ.", with([](std::string_view name, core::Stimulus made) {
               return changed(name, "data arrived", made,
                              [](auto& s) { s.set |= core::enabled(lane_of(Event::read)); });
           })}}});
    say({"enabling",
         "Each re-enabling function enables exactly its events, whatever it returned, and leaves all others and the "
         "registration as they are; nothing enables FD_CLOSE, and FD_CONNECT only a new attempt.",
         {"AS-ENABLE-2", "AS-ENABLE-3", "AS-ENABLE-4", "AS-ENABLE-5", "AS-ENABLE-6", "AS-ENABLE-7", "AS-ENABLE-8",
          "R-4", "R-20"},
         std::string{any_word} + "every named stimulus of a call, both profiles",
         "That the API makes the step for every call with a valid handle, whatever its arguments: the scenarios for "
         "R-20.",
         enabling_is_exact,
         {{"recv-forgets-oob", "A receiving call that leaves nothing does not enable FD_OOB.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "recv returned: data left no, urgent left no", made,
                              [](auto& s) { s.set &= ~core::enabled(lane_of(Event::oob)); });
           })},
          {"send-enables-read", "A send that blocks enables FD_READ too.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "send blocked or fell short", made,
                              [](auto& s) { s.set |= core::enabled(lane_of(Event::read)); });
           })}}});
    say({"registration",
         "WSAAsyncSelect makes the record fresh: the new mask alone counts, every event is enabled, and exactly those "
         "are "
         "posted that are registered and whose condition holds now.",
         {"AS-REG-1", "AS-REG-2", "AS-REG-3", "AS-READ-1", "AS-WRITE-1", "AS-OOB-2", "AS-ACCEPT-1", "AS-CONNECT-1",
          "AS-CLOSE-2", "AS-QOS-1", "AS-GQOS-1", "R-2", "R-11", "R-14", "R-21", "W-3"},
         std::string{words_at_rest} + "all 1024 masks, both profiles",
         "Window and message of the registration, which are not in the word: scenarios of AS-REG-2.",
         registration_is_fresh,
         {{"not-fresh", "What was posted of FD_READ is not enabled by a registration.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "WSAAsyncSelect", made,
                              [](auto& s) { s.set &= ~core::enabled(lane_of(Event::read)); });
           })},
          {"write-not-owed", "A registration does not owe FD_WRITE.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "WSAAsyncSelect", made,
                              [](auto& s) { s.set &= ~core::met(lane_of(Event::write)); });
           })}}});
    say({"inheritance",
         "An accepted socket begins with a fresh record of the inherited events; FD_WRITE and what holds already is "
         "posted, "
         "FD_CONNECT is not.",
         {"AS-INHERIT-1", "AS-INHERIT-2", "R-3", "AS-WRITE-2"},
         std::string{words_at_rest} + "all 1024 masks",
         "That the accepted socket has the listener's mask, window and mode: scenarios of AS-INHERIT-1.",
         inheritance,
         {{"connect-posted", "The accepted socket's connection is told by FD_CONNECT.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "accepted", made, [](auto& s) { s.recall |= lane_of(Event::connect); });
           })}}});
    say({"cancellation",
         "Cancellation silences: WSAAsyncSelect with an empty mask posts nothing, and from then on no stimulus but a "
         "registration posts anything.",
         {"AS-CANCEL-1", "AS-CANCEL-3", "AS-CANCEL-4", "AS-CLOSE-6"},
         std::string{any_word} + "all stimuli, of any form",
         "That WSAEventSelect and closesocket make this step, and that a thread that posts has ended by then: spin.",
         cancellation,
         {{"close-to-nobody", "FD_CLOSE is posted whether wanted or not.", with(posts_close_to_nobody)}}});
    say({"levels",
         "After recv, FD_READ and FD_OOB are posted exactly if their data is left, and after accept FD_ACCEPT exactly "
         "if "
         "another request is; whatever was posted before, and no other event.",
         {"AS-LEVEL-1", "AS-LEVEL-2", "AS-READ-3", "AS-OOB-4", "AS-ACCEPT-3", "AS-ENABLE-2", "AS-ENABLE-4",
          "AS-ENABLE-8", "R-8"},
         std::string{words_at_rest} + "both steps of the call",
         single_step,
         levels,
         {{"urgent-forgotten", "A receiving call that leaves data and an urgent byte posts FD_READ alone.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "recv returned: data left yes, urgent left yes", made,
                              [](auto& s) { s.set &= ~core::met(lane_of(Event::oob)); });
           })}}});
    say({"arrivals",
         "Data, an urgent byte and a connection request each post their event exactly if it is wanted and enabled, and "
         "are "
         "remembered if not; urgent data that is inline is told by FD_READ.",
         {"AS-READ-2", "AS-READ-4", "AS-OOB-1", "AS-OOB-3", "AS-ACCEPT-2", "R-15"},
         words_at_rest + std::string{"each arrival"},
         single_step,
         arrivals,
         {{"inline-told-apart", "Urgent data that is inline is told by FD_OOB.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "an urgent byte arrived inline", made,
                              [](auto& s) { s.set = core::met(lane_of(Event::oob)); });
           })}}});
    say({"deferral",
         "After an accept whose condition function deferred the request, FD_ACCEPT is posted for no request, old or "
         "new, until "
         "accept is called again.",
         {"AS-ENABLE-4"},
         std::string{words_at_rest} + "a deferral, a request and another accept",
         single_step,
         deferral,
         {{"deferral-enables", "A deferral enables FD_ACCEPT like any other accept.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "accept deferred", made, [](auto& s) {
                   s.keep = core::stimulus::everything;
                   s.set |= core::enabled(lane_of(Event::accept));
               });
           })}}});
    say({"writing",
         "A send that succeeds posts nothing; after one that blocked or fell short FD_WRITE is posted when there is "
         "room, once; "
         "a connection that is established posts it.",
         {"AS-WRITE-2", "AS-WRITE-3", "AS-WRITE-5", "AS-ENABLE-3", "R-19", "R-28"},
         std::string{words_at_rest} + "both steps of the call, and room after it",
         single_step,
         writing,
         {{"success-tells", "A send that succeeds owes FD_WRITE.", with([](std::string_view name, core::Stimulus made) {
               return changed(name, "send took all, room as before", made,
                              [](auto& s) { s.set |= core::met(lane_of(Event::write)); });
           })}}});
    say({"connecting",
         "Each attempt to connect or join whose outcome the call did not tell posts FD_CONNECT, once, success or "
         "failure; after "
         "a failure neither FD_WRITE nor FD_CLOSE follows, and no registration tells it again.",
         {"AS-CONNECT-2", "AS-CONNECT-3", "AS-CONNECT-4", "R-4", "R-16"},
         std::string{words_at_rest} + "every outcome with every error",
         single_step,
         connecting,
         {{"attempt-not-new", "A second attempt is no new occurrence of FD_CONNECT.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "connect began", made, [](auto& s) { s.set = 0; });
           })}}});
    say({"connect-before-write",
         "FD_CONNECT comes before FD_WRITE: no room is known before a connection is established, and the step that "
         "tells of it "
         "posts FD_CONNECT first.",
         {"AS-WRITE-2", "AS-CONNECT-2", "R-9", "R-16"},
         std::string{words_at_rest} + "every named stimulus",
         "A socket that is registered between the attempt and its outcome: its record is fresh, smt.registration.",
         connect_before_write,
         {{"write-alone", "A connection that is established posts FD_WRITE alone.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "connect's outcome: established", made,
                              [](auto& s) { s.occasion = lane_of(Event::write); });
           })}}});
    say({"edges",
         "FD_QOS, FD_ROUTING_INTERFACE_CHANGE and FD_ADDRESS_LIST_CHANGE are told once a change: the first after the "
         "request, "
         "and none until the next one; a change that nobody asked for, or before SIO_GET_QOS, is not remembered.",
         {"AS-EDGE-1", "AS-EDGE-2", "AS-ENABLE-6", "AS-ENABLE-7", "AS-QOS-1", "AS-QOS-2", "AS-ROUTE-1", "AS-ADDR-1",
          "R-21", "R-22"},
         std::string{words_at_rest} + "each change, a second one, and the request again",
         "Whether a change of the system's routes and addresses is noticed: scenarios of AS-ROUTE-1 and AS-ADDR-1.",
         edges_once,
         {{"request-outlives", "A request is not used up by the change.", with(keeps_requests)}}});
    say({"closing",
         "FD_CLOSE for a graceful close is posted only with nothing left to read, then at once; for an abort at once, "
         "unread "
         "data or not; a local shutdown posts nothing by itself.",
         {"AS-CLOSE-1", "AS-CLOSE-3", "AS-CLOSE-4", "AS-CLOSE-5", "R-5", "R-6", "R-7"},
         std::string{words_at_rest} + "every stimulus of the form of smt.stimuli that is possible; spec profile",
         "Data that a thread reports behind the end of the data, which it has been told meanwhile: asked for once more "
         "(impl/winsock/slot.cpp), and judged by native_hammering_test.",
         closing_waits,
         {{"fin-is-enough", "FD_CLOSE is posted when the FIN arrives, data or not.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "the FIN arrived, data is left", made,
                              [](auto& s) { s.set |= core::met(lane_of(Event::close)); });
           })}}});
    say({"end-is-not-read",
         "The end of the data and an abort are told by FD_CLOSE alone, never by FD_READ.",
         {"AS-CLOSE-7", "R-28"},
         std::string{words_at_rest} + "every stimulus that ends a connection",
         single_step,
         end_is_not_read,
         {{"end-is-read", "The end of the data counts as data.", with([](std::string_view name, core::Stimulus made) {
               return changed(name, "the end of the data", made,
                              [](auto& s) { s.set |= core::met(lane_of(Event::read)); });
           })}}});
    say({"errors",
         "A message never carries an error that the page does not permit for its event, and the error depends on what "
         "failed "
         "alone.",
         {"AS-MSG-1", "AS-ERROR-1", "AS-ERROR-2", "AS-ERROR-3", "AS-ERROR-4", "R-18"},
         "every error and every flag that an error can depend on, by exhaustion, where the invariant is kept",
         "That HIWORD(lParam) is this error, and that it is the error of what happened: scenarios of AS-ERROR-1 to -4.",
         errors_are_permitted,
         {{"failed-connect-told-by-close",
           "FD_CLOSE tells whatever error is remembered.",
           {.error_of = tells_the_index}}}});
    say({"switches",
         "Each of W-1 to W-4 changes what it names and nothing else, whichever of the others are on.",
         {"W-1", "W-2", "W-3", "W-4"},
         std::string{any_word} + "every named stimulus, all 16 combinations of the four",
         "W-5 is no matter of the word.",
         switches_are_exact,
         {{"more-than-named", "W-3 suppresses FD_WRITE at a registration too.",
           with([](std::string_view name, core::Stimulus made) {
               return changed(name, "WSAAsyncSelect", made, [](auto& s) {
                   if (s.recall == 0) s.set &= ~core::met(lane_of(Event::write));
               });
           })}}});
    say({"lanes-apart",
         "Whether a message of an event is due, and what is known afterwards, does not depend on which other events "
         "are "
         "registered, posted or refused.",
         {"AS-REG-2", "AS-MSG-2", "R-11", "R-13"},
         std::string{any_word} + "every stimulus of the form of smt.stimuli, each event, queue full or not",
         "That the provider posts one message for each of them: one loop (impl/winsock/slot.cpp), and every scenario.",
         lanes_are_apart,
         {{"write-yields", "FD_WRITE waits while another event is posted.", with(write_yields)}}});
    say({"room",
         "A full queue loses no event: what was refused is posted when there is room, with what holds then, and while "
         "a socket "
         "waits for room nothing overtakes.",
         {"R-13"},
         std::string{words_at_rest} + "every stimulus of the form of smt.stimuli",
         "The order among sockets that wait, which is the queue's: unit tests of the window layer.",
         room_in_the_queue,
         {{"line-forgotten", "A socket that waits for room posts what comes meanwhile.", with(forgets_the_line)}}});
    return all;
}

}  // namespace

}  // namespace asyncselect::proofs

int main(int argc, char** argv) {
    return asyncselect::proofs::tell(
        "The notification word's own step, over a solver's bit vectors: for every word and stimulus.",
        asyncselect::proofs::claims(), argc, argv);
}
