// The questions. What a claim says of an event is written bit by bit, from the page; it shares nothing with the masks
// that the word computes with.
#include "proofs/smt/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "proofs/smt/assumptions.hpp"

namespace asyncselect::proofs {

namespace {

namespace layout = core::layout;
namespace stimulus = core::stimulus;
namespace error = core::error;
using core::Event;
using core::Word;
using z3::expr;

constexpr std::array every_event{Event::connect,
                                 Event::accept,
                                 Event::oob,
                                 Event::read,
                                 Event::write,
                                 Event::close,
                                 Event::qos,
                                 Event::group_qos,
                                 Event::routing_interface_change,
                                 Event::address_list_change};

expr is(const Bits& word, Word bit) { return (word & lift(word, bit)) != lift(word, 0); }
expr is_wanted(const Bits& word, Event event) { return is(word, core::wanted(lane_of(event))); }
expr is_enabled(const Bits& word, Event event) { return is(word, core::enabled(lane_of(event))); }
expr is_met(const Bits& word, Event event) { return is(word, core::met(lane_of(event))); }
expr has_fact(const Bits& word, Event event) { return is(word, core::fact(lane_of(event))); }
expr is_posted(const Step& step, Event event) { return is(step.posts, lane_of(event)); }
expr can_receive(const Bits& word) { return !is(word, layout::unreceivable); }
expr can_send(const Bits& word) { return has_fact(word, Event::write) && !is(word, layout::unsendable); }
expr in_line(const Bits& word) { return is(word, layout::refused); }

// As the page says it: a message for the event is due.
expr is_due(const Bits& word, Event event) {
    expr due = is_wanted(word, event) && is_enabled(word, event) && is_met(word, event) && !in_line(word);
    if (event == Event::write) due = due && can_send(word);
    if (event == Event::oob || event == Event::read) due = due && can_receive(word);
    return due;
}

Bits lanes_at(const Bits& word, unsigned from) { return right(word, from) & lift(word, core::all_events); }
expr same(const Bits& a, const Bits& b, Word where) { return ((a ^ b) & lift(a, where)) == lift(a, 0); }
expr nothing_of(const Bits& bits) { return bits == lift(bits, 0); }

template <std::size_t n>
expr kept(const std::array<Rule<Bits>, n>& rules) {
    expr all = nothing_of(rules.front().broken);
    for (const auto& rule : rules) all = all && nothing_of(rule.broken);
    return all;
}

// A word at rest, any. With W-1 the invariant asks for less, so that what follows from it holds in both profiles.
Bits any_word_at_rest(Question& question, bool close_at_fin = true) {
    auto word = question.any_word("the word");
    question.assume(kept(invariant(word, close_at_fin)));
    return word;
}

void tell_step(Question& question, const Step& step) {
    question.tell_word("the word after it", step.word);
    question.tell_lanes("posted", step.posts);
}

// One step from a word at rest.
struct FromRest {
    Question question;
    Bits before = any_word_at_rest(question);
    Step after;

    FromRest(const Subject& subject, std::string_view name) : after{subject.step(before, subject.one(question, name))} {
        tell_step(question, after);
    }
};

struct NamedProfile {
    const char* name;
    core::Profile profile;
};
constexpr std::array both_profiles{NamedProfile{"spec", core::spec_profile},
                                   NamedProfile{"windows", core::windows_profile}};

// What the page lets the call enable.
core::Events enabled_by(Call call) {
    switch (call) {
        case Call::registration:
            return core::all_events;
        case Call::receive:
            return core::events(Event::read, Event::oob);
        case Call::send:
            return core::events(Event::write);
        case Call::accept:
            return core::events(Event::accept);
        case Call::connect:
            return core::events(Event::connect);
        case Call::get_qos:
            return core::events(Event::qos);
        case Call::get_group_qos:
            return core::events(Event::group_qos);
        case Call::ask_route:
            return core::events(Event::routing_interface_change);
        case Call::ask_addresses:
            return core::events(Event::address_list_change);
        case Call::none:
            break;
    }
    return 0;
}

// W-4: a datagram connect posts FD_WRITE whether enabled or not.
core::Events enabled_by(const Named& named, const core::Profile& profile) {
    const bool as_windows = profile.datagram_connect_posts_write && named.name == "connect of a datagram socket";
    return enabled_by(named.call) | (as_windows ? core::events(Event::write) : 0);
}

}  // namespace

std::vector<Named> Subject::named(const core::Profile& profile) const {
    auto all = named_stimuli(profile);
    for (auto& one : all) one.stimulus = alter(one.name, one.stimulus);
    return all;
}

Stimulus Subject::one(Question& question, std::string_view name, const core::Profile& profile) const {
    for (const auto& one : named(profile))
        if (one.name == name) return question.lifted(one.stimulus);
    throw std::logic_error{fmt::format("there is no stimulus \"{}\"", name)};
}

Stimulus Subject::select(Question& question, const Bits& events, const core::Profile& profile) const {
    auto made = question.lifted(alter("WSAAsyncSelect", stimulus::select(0, profile)));
    made.set = made.set | left(events, layout::wanted);
    return made;
}

Stimulus Subject::inherit(Question& question, const Bits& events) const {
    auto made = question.lifted(alter("accepted", stimulus::inherit(0)));
    made.set = made.set | left(events, layout::wanted);
    return made;
}

void Proof::holds(Question& question, const expr& condition, std::string_view what) {
    if (refuted()) return;
    ++queries_;
    if (question.is_vacuous())
        counterexample_ = fmt::format("nothing is what \"{}\" assumes", what);
    else if (const auto found = question.refute(condition))
        counterexample_ = fmt::format("not so: {}\n{}", what, *found);
}

void Proof::holds(bool condition, std::string_view what) {
    if (!refuted() && !condition) counterexample_ = fmt::format("not so: {}", what);
}

Outcome Proof::outcome() const {
    Outcome outcome;
    outcome.verdict = refuted() ? Verdict::refuted : Verdict::proved;
    outcome.counterexample = counterexample_.value_or("");
    outcome.measure = {{"queries", queries_}};
    return outcome;
}

void invariant_is_kept(Proof& proof, const Subject& subject) {
    for (const bool datagram : {false, true}) {
        const Word first = core::enabled(core::all_events) | (datagram ? core::fact(lane_of(Event::write)) : 0);
        const auto* broken = first_broken(invariant(first, false));
        proof.holds(broken == nullptr, fmt::format("a new socket keeps: {}", broken != nullptr ? broken : ""));
    }
    for (const bool close_at_fin : {false, true}) {
        Question question;
        const auto before = any_word_at_rest(question, close_at_fin);
        const auto told = question.any_stimulus("the stimulus");
        question.assume(kept(form(told, close_at_fin)) && kept(possible(before, told, close_at_fin)));
        const auto after = subject.step(before, told);
        tell_step(question, after);
        for (const auto& [name, broken] : invariant(after.word, close_at_fin))
            proof.holds(question, nothing_of(broken), name);
        proof.holds(question, same(before, after.word, ~Word{0} << layout::owners_bits), "the owner's bits stay");

        // What the queue refuses of what is posted.
        const auto refused = question.any_lanes("refused") & after.posts;
        auto telling = question.lifted(stimulus::refused(0));
        telling.set =
            telling.set | left(refused, layout::enabled) | left(refused & question.constant(core::edges), layout::met);
        const auto at_last = subject.step(after.word, telling);
        question.tell_word("the word after the refusal", at_last.word);
        for (const auto& [name, broken] : invariant(at_last.word, close_at_fin))
            proof.holds(question, nothing_of(broken), fmt::format("after a refusal: {}", name));
    }
    for (core::Events lanes = 0; lanes <= core::all_events; ++lanes) {
        const auto made = stimulus::refused(lanes);
        proof.holds(made.set == (stimulus::refused(0).set | core::enabled(lanes) | core::met(lanes & core::edges)) &&
                        made.keep == stimulus::everything && made.occasion == 0 && made.recall == 0,
                    "refusals are made so from any events");
    }
}

void stimuli_have_the_form(Proof& proof, const Subject& subject) {
    for (const auto& [profile_name, profile] : both_profiles) {
        for (const auto& one : subject.named(profile)) {
            const auto* broken = first_broken(form(one.stimulus, profile.close_at_fin));
            proof.holds(broken == nullptr,
                        fmt::format("{} profile, {}: {}", profile_name, one.name, broken != nullptr ? broken : ""));
        }
        for (std::uint32_t mask = 0; mask <= core::every_bit; ++mask) {
            const auto wanted = core::wanted(core::events_of(mask));
            const auto select = stimulus::select(mask, profile);
            const auto none = stimulus::select(0, profile);
            proof.holds(select.keep == none.keep && select.set == (none.set | wanted) && select.occasion == 0 &&
                            select.recall == none.recall && first_broken(form(select, profile.close_at_fin)) == nullptr,
                        "registrations are made so from any mask");
            const auto inherit = stimulus::inherit(mask);
            proof.holds(inherit.keep == stimulus::inherit(0).keep &&
                            inherit.set == (stimulus::inherit(0).set | wanted) && inherit.occasion == 0 &&
                            inherit.recall == 0 && first_broken(form(inherit, profile.close_at_fin)) == nullptr,
                        "what is inherited is made so from any mask");
        }
        Question question;
        const auto first = question.any_stimulus("the first");
        const auto second = question.any_stimulus("the second");
        question.assume(kept(form(first, profile.close_at_fin)) && kept(form(second, profile.close_at_fin)));
        // The second is possible after the first, whatever the word was.
        question.assume(kept(possible(first.set, second, profile.close_at_fin)));
        const Stimulus both{first.keep & second.keep, (first.set & second.keep) | second.set,
                            first.occasion | second.occasion, first.recall | second.recall};
        for (const auto& [name, broken] : form(both, profile.close_at_fin))
            proof.holds(question, nothing_of(broken), fmt::format("two together: {}", name));
    }
}

void nothing_is_owed(Proof& proof, const Subject& subject) {
    Question question;
    const auto before = question.any_word("the word");
    const auto told = question.any_stimulus("the stimulus");
    const auto after = subject.step(before, told);
    tell_step(question, after);
    for (const auto event : every_event)
        proof.holds(question, !is_due(after.word, event), "nothing that is wanted, enabled and met is left unposted");
}

void enabled_once(Proof& proof, const Subject& subject) {
    {
        Question question;
        const auto before = question.any_word("the word");
        const auto told = question.any_stimulus("the stimulus");
        const auto after = subject.step(before, told);
        tell_step(question, after);
        proof.holds(question, nothing_of(after.posts & lanes_at(after.word, layout::enabled)),
                    "what is posted is not enabled any more");
        proof.holds(question, nothing_of(after.posts & ~lanes_at(after.word, layout::wanted)),
                    "what is posted is wanted");
    }
    for (const auto& [profile_name, profile] : both_profiles) {
        for (const auto& one : subject.named(profile)) {
            Question question;
            const auto before = question.any_word("the word");
            const auto after = subject.step(before, question.lifted(one.stimulus));
            tell_step(question, after);
            const auto others = question.constant(core::all_events & ~enabled_by(one, profile));
            proof.holds(
                question,
                nothing_of((lanes_at(after.word, layout::enabled) | after.posts) & ~lanes_at(before, layout::enabled) &
                           others),
                fmt::format("{} posts or enables no event of another call ({} profile)", one.name, profile_name));
        }
    }
}

void enabling_is_exact(Proof& proof, const Subject& subject) {
    for (const auto& [profile_name, profile] : both_profiles) {
        for (const auto& one : subject.named(profile)) {
            if (one.call == Call::none) continue;
            Question question;
            const auto before = question.any_word("the word");
            const auto after = subject.step(before, question.lifted(one.stimulus));
            tell_step(question, after);
            const auto its = question.constant(enabled_by(one, profile));
            const auto now = lanes_at(after.word, layout::enabled);
            const auto then = lanes_at(before, layout::enabled);
            proof.holds(
                question, nothing_of(its & ~(now | after.posts)),
                fmt::format("{} enables its events, or posts them at once ({} profile)", one.name, profile_name));
            proof.holds(question,
                        nothing_of((now ^ (then & ~after.posts)) & ~its & question.constant(core::all_events)),
                        fmt::format("{} leaves all others as they are ({} profile)", one.name, profile_name));
            proof.holds(question, same(before, after.word, core::wanted(core::all_events)),
                        fmt::format("{} leaves the registration as it is ({} profile)", one.name, profile_name));
        }
    }
}

void registration_is_fresh(Proof& proof, const Subject& subject) {
    for (const auto& [profile_name, profile] : both_profiles) {
        Question question;
        const auto before = any_word_at_rest(question, profile.close_at_fin);
        const auto events = question.any_lanes("registered");
        const auto after = subject.step(before, subject.select(question, events, profile));
        tell_step(question, after);
        proof.holds(question, lanes_at(after.word, layout::wanted) == events,
                    "the new events are wanted, and no others");
        proof.holds(question,
                    lanes_at(after.word, layout::enabled) == (question.constant(core::all_events) & ~after.posts),
                    "every event is enabled but what is posted now");
        proof.holds(question, !in_line(after.word), "it waits for no room any more");
        proof.holds(question,
                    same(before, after.word,
                         (core::fact(core::all_events) & ~layout::connect_failed) |
                             core::met(core::events(Event::accept, Event::oob, Event::read, Event::close))),
                    "what is known of the connection stays");
        for (const auto event : every_event) {
            expr holds = is_met(before, event);
            if (event == Event::connect)
                holds =
                    has_fact(before, Event::connect) && question.constant(profile.no_connect_at_select ? 1 : 0) == 0;
            if (event == Event::write) holds = can_send(before);
            if (event == Event::oob || event == Event::read) holds = holds && can_receive(before);
            const expr registered = is(events, lane_of(event));
            proof.holds(question, is_posted(after, event) == (registered && holds),
                        fmt::format("{} is posted exactly if it is registered and its condition holds ({} profile)",
                                    describe_lanes(lane_of(event)), profile_name));
        }
    }
}

void inheritance(Proof& proof, const Subject& subject) {
    Question question;
    const auto before = any_word_at_rest(question);
    // Nobody called connect on it.
    question.assume(!is_met(before, Event::connect));
    const auto events = question.any_lanes("inherited");
    const auto after = subject.step(before, subject.inherit(question, events));
    tell_step(question, after);
    proof.holds(question, lanes_at(after.word, layout::wanted) == events,
                "what is inherited is wanted, and nothing else");
    proof.holds(question, lanes_at(after.word, layout::enabled) == (question.constant(core::all_events) & ~after.posts),
                "every event is enabled but what is posted now");
    for (const auto event : every_event) {
        expr holds = is_met(before, event);
        if (event == Event::write) holds = !is(before, layout::unsendable);
        if (event == Event::oob || event == Event::read) holds = holds && can_receive(before);
        if (event == Event::connect) holds = question.constant(0) != 0;
        proof.holds(question, is_posted(after, event) == (is(events, lane_of(event)) && holds),
                    fmt::format("{} is posted exactly if it is inherited and its condition holds, FD_CONNECT never",
                                describe_lanes(lane_of(event))));
    }
}

void cancellation(Proof& proof, const Subject& subject) {
    for (const auto& [profile_name, profile] : both_profiles) {
        Question question;
        const auto before = question.any_word("the word");
        const auto after = subject.step(before, subject.select(question, question.constant(0), profile));
        tell_step(question, after);
        proof.holds(question, nothing_of(after.posts), "a cancellation posts nothing");
        proof.holds(question, nothing_of(lanes_at(after.word, layout::wanted)), "nothing is wanted after it");
        proof.holds(question, !in_line(after.word), "it waits for no room any more");
    }
    Question question;
    const auto before = question.any_word("the word");
    const auto told = question.any_stimulus("the stimulus");
    question.assume(nothing_of(lanes_at(before, layout::wanted)) && nothing_of(lanes_at(told.set, layout::wanted)));
    const auto after = subject.step(before, told);
    tell_step(question, after);
    proof.holds(question, nothing_of(after.posts), "where nothing is wanted nothing is posted");
    proof.holds(question, nothing_of(lanes_at(after.word, layout::wanted)), "nothing but a registration changes that");
}

void levels(Proof& proof, const Subject& subject) {
    const auto of_recv = [&](const char* data, const char* urgent) {
        Question question;
        const auto before = any_word_at_rest(question);
        const auto begun = subject.step(before, subject.one(question, "recv begins"));
        const auto after = subject.step(
            begun.word,
            subject.one(question, fmt::format("recv returned: data left {}, urgent left {}", data, urgent)));
        tell_step(question, after);
        proof.holds(question, nothing_of(begun.posts), "nothing is posted before the data is looked at");
        const auto left = [&](const char* which) {
            return question.constant(which == std::string_view{"yes"} ? 1 : 0) == 1;
        };
        const auto posted = [&](Event event, const char* which) {
            return is_posted(after, event) ==
                   (is_wanted(before, event) && left(which) && can_receive(before) && !in_line(before));
        };
        proof.holds(question, posted(Event::read, data), fmt::format("data left {}: FD_READ exactly then", data));
        proof.holds(question, posted(Event::oob, urgent),
                    fmt::format("urgent data left {}: FD_OOB exactly then", urgent));
        proof.holds(question, nothing_of(after.posts & question.constant(~core::events(Event::read, Event::oob))),
                    "and no other event");
    };
    for (const char* data : {"yes", "no"})
        for (const char* urgent : {"yes", "no"}) of_recv(data, urgent);
    for (const bool another : {false, true}) {
        Question question;
        const auto before = any_word_at_rest(question);
        const auto begun = subject.step(before, subject.one(question, "accept begins"));
        const auto after = subject.step(begun.word, subject.one(question, another ? "accept returned, another is left"
                                                                                  : "accept returned, none is left"));
        tell_step(question, after);
        proof.holds(question, nothing_of(begun.posts), "nothing is posted before the requests are looked at");
        proof.holds(question,
                    is_posted(after, Event::accept) == (is_wanted(before, Event::accept) && !in_line(before) &&
                                                        question.constant(another ? 1 : 0) == 1),
                    "FD_ACCEPT exactly if another request is left");
        proof.holds(question, nothing_of(after.posts & question.constant(~lane_of(Event::accept))),
                    "and no other event");
    }
}

void arrivals(Proof& proof, const Subject& subject) {
    const auto posts_just = [&](const char* name, Event event) {
        FromRest one{subject, name};
        expr due = is_wanted(one.before, event) && is_enabled(one.before, event) && !in_line(one.before);
        if (event != Event::accept) due = due && can_receive(one.before);
        proof.holds(one.question, is_posted(one.after, event) == due,
                    fmt::format("{} posts its event exactly if it is wanted and enabled", name));
        proof.holds(one.question, nothing_of(one.after.posts & one.question.constant(~lane_of(event))),
                    fmt::format("{} posts no other event", name));
        proof.holds(one.question, is_met(one.after.word, event), fmt::format("{} is remembered", name));
    };
    posts_just("data arrived", Event::read);
    posts_just("an urgent byte arrived", Event::oob);
    posts_just("an urgent byte arrived inline", Event::read);
    posts_just("a connection request", Event::accept);
}

void deferral(Proof& proof, const Subject& subject) {
    Question question;
    const auto before = any_word_at_rest(question);
    const auto deferred = subject.step(before, subject.one(question, "accept deferred"));
    proof.holds(question, nothing_of(deferred.posts), "a deferral posts nothing");
    proof.holds(question, !is_enabled(deferred.word, Event::accept), "FD_ACCEPT is not enabled after a deferral");
    const auto request = subject.step(deferred.word, subject.one(question, "a connection request"));
    question.tell_lanes("posted for a request after the deferral", request.posts);
    proof.holds(question, nothing_of(request.posts), "a request after a deferral posts nothing");
    const auto begun = subject.step(request.word, subject.one(question, "accept begins"));
    const auto after = subject.step(begun.word, subject.one(question, "accept returned, another is left"));
    tell_step(question, after);
    proof.holds(question, is_posted(after, Event::accept) == (is_wanted(before, Event::accept) && !in_line(before)),
                "accept called again posts FD_ACCEPT while a request waits");
}

void writing(Proof& proof, const Subject& subject) {
    for (const auto* name : {"send took all", "send took all, room as before"}) {
        FromRest sent{subject, name};
        // Unless room came, which is what FD_WRITE waits for where it is owed.
        const expr owed = is_met(sent.before, Event::write) && !has_fact(sent.before, Event::write);
        proof.holds(sent.question, owed || nothing_of(sent.after.posts), "a send that succeeds posts nothing");
    }
    Question question;
    const auto before = any_word_at_rest(question);
    const auto begun = subject.step(before, subject.one(question, "send begins"));
    const auto blocked = subject.step(begun.word, subject.one(question, "send blocked or fell short"));
    question.tell_word("the word after the send", blocked.word);
    proof.holds(question, nothing_of(begun.posts | blocked.posts), "a send that blocks posts nothing");
    const auto room = subject.step(blocked.word, subject.one(question, "send space available"));
    tell_step(question, room);
    proof.holds(question,
                is_posted(room, Event::write) ==
                    (is_wanted(before, Event::write) && !in_line(before) && !is(before, layout::unsendable)),
                "room after a send that blocked posts FD_WRITE, whatever was posted before");
    const auto more = subject.step(room.word, subject.one(question, "send space available"));
    proof.holds(question, nothing_of(more.posts), "more room posts nothing more");

    FromRest established{subject, "connect's outcome: established"};
    proof.holds(established.question,
                is_posted(established.after, Event::write) ==
                    (is_wanted(established.before, Event::write) && is_enabled(established.before, Event::write) &&
                     !is(established.before, layout::unsendable) && !in_line(established.before)),
                "a connection that is established posts FD_WRITE if it is enabled");
}

void connecting(Proof& proof, const Subject& subject) {
    for (const auto* name : {"connect succeeded at once", "a join succeeded at once", "connect of a datagram socket"}) {
        FromRest at_once{subject, name};
        proof.holds(at_once.question,
                    is_posted(at_once.after, Event::connect) ==
                        (is_wanted(at_once.before, Event::connect) && !in_line(at_once.before)),
                    fmt::format("{}: FD_CONNECT is posted, whatever was posted before", name));
    }
    for (const auto& outcome : subject.named()) {
        if (outcome.name.find("outcome") == std::string::npos) continue;
        const bool fails = outcome.name.find(": 1") != std::string::npos;
        Question question;
        const auto before = any_word_at_rest(question);
        const auto begun = subject.step(before, subject.one(question, "connect began"));
        proof.holds(question, nothing_of(begun.posts), "an attempt that is under way posts nothing");
        const auto after = subject.step(begun.word, question.lifted(outcome.stimulus));
        tell_step(question, after);
        proof.holds(question,
                    is_posted(after, Event::connect) == (is_wanted(before, Event::connect) && !in_line(before)),
                    fmt::format("{}: posts FD_CONNECT", outcome.name));
        const auto twice = subject.step(after.word, question.lifted(outcome.stimulus));
        proof.holds(question, !is_posted(twice, Event::connect), fmt::format("{}: once", outcome.name));
        if (!fails) continue;
        proof.holds(question, nothing_of(after.posts & question.constant(~lane_of(Event::connect))),
                    fmt::format("{}: neither FD_WRITE nor FD_CLOSE follows", outcome.name));
        const auto again = subject.step(after.word, subject.select(question, question.constant(core::all_events)));
        proof.holds(question, has_fact(before, Event::connect) || !is_posted(again, Event::connect),
                    fmt::format("{}: no registration tells it again", outcome.name));
    }
}

void connect_before_write(Proof& proof, const Subject& subject) {
    for (const auto* name :
         {"connect succeeded at once", "connect's outcome: established", "connect of a datagram socket"}) {
        FromRest one{subject, name};
        // The attempt began with FD_CONNECT enabled, unless the call is itself the attempt.
        if (name == std::string_view{"connect's outcome: established"})
            one.question.assume(is_enabled(one.before, Event::connect));
        const auto lowest = one.after.posts & (~one.after.posts + one.question.constant(1));
        proof.holds(one.question,
                    !(is_posted(one.after, Event::write) && is_wanted(one.before, Event::connect)) ||
                        lowest == one.question.constant(lane_of(Event::connect)),
                    fmt::format("{}: where FD_WRITE is posted FD_CONNECT is, and is the first", name));
    }
    // A stream that was never connected has no room to send in, so nothing posts FD_WRITE before it is.
    constexpr std::array tell_of_room{"connect succeeded at once", "connect of a datagram socket",
                                      "connect's outcome: established", "send space available",
                                      "send took all, room as before"};
    for (const auto& one : subject.named()) {
        if (std::ranges::find(tell_of_room, one.name) != tell_of_room.end()) continue;
        Question question;
        const auto before = any_word_at_rest(question);
        question.assume(!has_fact(before, Event::write));
        const auto after = subject.step(before, question.lifted(one.stimulus));
        tell_step(question, after);
        proof.holds(question, !is_posted(after, Event::write) && !has_fact(after.word, Event::write),
                    fmt::format("{}: no FD_WRITE and no room before a connection", one.name));
    }
}

void edges_once(Proof& proof, const Subject& subject) {
    {
        FromRest change{subject, "the quality of service changed"};
        auto& question = change.question;
        proof.holds(
            question,
            is_posted(change.after, Event::qos) == (is_wanted(change.before, Event::qos) &&
                                                    is_enabled(change.before, Event::qos) && !in_line(change.before)),
            "a change is told if FD_QOS is enabled");
        proof.holds(question, nothing_of(change.after.posts & question.constant(~lane_of(Event::qos))), "FD_QOS alone");
        proof.holds(question, is_enabled(change.before, Event::qos) || change.after.word == change.before,
                    "a change while FD_QOS is not enabled is not remembered");
        const auto fetched = subject.step(change.after.word, subject.one(question, "SIO_GET_QOS"));
        proof.holds(question, !is_posted(fetched, Event::qos) && !is_met(fetched.word, Event::qos),
                    "SIO_GET_QOS covers every change before it");
    }
    for (const auto& [change_name, request_name, event] :
         {std::tuple{"the route changed", "SIO_ROUTING_INTERFACE_CHANGE", Event::routing_interface_change},
          std::tuple{"the route changed: unreachable", "SIO_ROUTING_INTERFACE_CHANGE", Event::routing_interface_change},
          std::tuple{"the addresses changed", "SIO_ADDRESS_LIST_CHANGE", Event::address_list_change}}) {
        FromRest change{subject, change_name};
        auto& question = change.question;
        const expr asked = has_fact(change.before, event);
        proof.holds(
            question,
            is_posted(change.after, event) == (is_wanted(change.before, event) && asked && !in_line(change.before)),
            fmt::format("{}: told exactly if it was asked for", change_name));
        proof.holds(question, !has_fact(change.after.word, event),
                    fmt::format("{}: the request is used up", change_name));
        proof.holds(question, asked || is_met(change.after.word, event) == is_met(change.before, event),
                    fmt::format("{}: not remembered where it was not asked for", change_name));
        const auto next = subject.step(change.after.word, subject.one(question, change_name));
        proof.holds(question, !is_posted(next, event), fmt::format("{}: a second one is not told", change_name));
        const auto request = subject.step(next.word, subject.one(question, request_name));
        proof.holds(question,
                    !is_posted(request, event) && is_enabled(request.word, event) && has_fact(request.word, event),
                    fmt::format("{} posts nothing and begins afresh", request_name));
    }
    // An edge is forgotten when it is told.
    Question question;
    const auto before = any_word_at_rest(question);
    const auto told = question.any_stimulus("the stimulus");
    question.assume(kept(form(told, true)));
    const auto after = subject.step(before, told);
    tell_step(question, after);
    proof.holds(question, nothing_of(after.posts & lanes_at(after.word, layout::met) & question.constant(core::edges)),
                "what was told of an edge is not told again");
}

void closing_waits(Proof& proof, const Subject& subject) {
    {
        Question question;
        const auto before = any_word_at_rest(question, false);
        const auto told = question.any_stimulus("the stimulus");
        question.assume(kept(form(told, false)) && kept(possible(before, told, false)));
        const auto after = subject.step(before, told);
        tell_step(question, after);
        const expr over = is(after.word, layout::aborted) || is(after.word, layout::subsystem_failed);
        const expr drained = has_fact(after.word, Event::close) &&
                             (!is_met(after.word, Event::read) || is(after.word, layout::unreceivable));
        proof.holds(question, !is_posted(after, Event::close) || over || drained,
                    "FD_CLOSE is posted for an abort, or after the FIN with nothing left to read");
    }
    FromRest fin_first{subject, "the FIN arrived, data is left"};
    proof.holds(fin_first.question, !is_posted(fin_first.after, Event::close),
                "a FIN with data before it posts no FD_CLOSE");
    for (const auto& one : subject.named()) {
        if (one.name.find("aborted (") == std::string::npos) continue;
        FromRest abort{subject, one.name};
        proof.holds(
            abort.question,
            is_posted(abort.after, Event::close) == (is_wanted(abort.before, Event::close) &&
                                                     is_enabled(abort.before, Event::close) && !in_line(abort.before)),
            "an abort is told at once, unread data or not");
    }
    for (const auto* name : {"the end of the data", "the FIN arrived, nothing is left",
                             "recv found the end: urgent left no", "recv found the end: urgent left yes"}) {
        FromRest end{subject, name};
        proof.holds(
            end.question,
            is_posted(end.after, Event::close) ==
                (is_wanted(end.before, Event::close) && is_enabled(end.before, Event::close) && !in_line(end.before)),
            fmt::format("{}: FD_CLOSE is told, once", name));
    }
    for (const auto& one : subject.named()) {
        if (one.name.find("shutdown") == std::string::npos) continue;
        FromRest shut{subject, one.name};
        proof.holds(shut.question,
                    nothing_of(shut.after.posts & shut.question.constant(~lane_of(Event::close))) &&
                        (!is_posted(shut.after, Event::close) || has_fact(shut.before, Event::close)),
                    "a local shutdown posts nothing by itself: FD_CLOSE if the FIN came before it");
    }
}

void end_is_not_read(Proof& proof, const Subject& subject) {
    for (const auto* name : {"the end of the data", "the FIN arrived, nothing is left", "the FIN arrived, data is left",
                             "recv found the end: urgent left no", "recv found the end: urgent left yes"}) {
        FromRest end{subject, name};
        proof.holds(end.question, !is_posted(end.after, Event::read), fmt::format("{}: no FD_READ", name));
    }
    for (const auto& one : subject.named()) {
        if (one.name.find("aborted (") == std::string::npos) continue;
        FromRest abort{subject, one.name};
        proof.holds(abort.question, !is_posted(abort.after, Event::read), "an abort: no FD_READ");
    }
}

void errors_are_permitted(Proof& proof, const Subject& subject) {
    const auto permitted = [](Event event, core::Error told) {
        if (told == error::none) return true;
        switch (event) {
            case Event::connect:
                return told == error::family_not_supported || told == error::connection_refused ||
                       told == error::net_unreachable || told == error::fault || told == error::invalid ||
                       told == error::is_connected || told == error::too_many_files || told == error::no_buffers ||
                       told == error::not_connected || told == error::timed_out;
            case Event::close:
                return told == error::net_down || told == error::connection_reset || told == error::connection_aborted;
            case Event::routing_interface_change:
                return told == error::net_unreachable || told == error::net_down;
            default:
                return told == error::net_down;
        }
    };
    // All that an error can depend on.
    constexpr std::array flags{layout::connect_failed, layout::aborted, layout::subsystem_failed,
                               layout::route_unreachable};
    for (Word index = 0; index < core::message_errors.size(); ++index) {
        for (Word chosen = 0; chosen < (Word{1} << flags.size()); ++chosen) {
            Word word = index << layout::error;
            for (std::size_t flag = 0; flag < flags.size(); ++flag)
                if ((chosen >> flag & 1U) != 0) word |= flags.at(flag);
            if (first_broken(invariant(word, false)) != nullptr) continue;
            for (const auto event : every_event) {
                const auto told = subject.error_of(word, event);
                proof.holds(
                    permitted(event, told),
                    fmt::format("{} never tells {} ({})", describe_lanes(lane_of(event)), told, describe_word(word)));
                // Nothing else of the word makes a difference.
                for (Word rest = 1; rest != 0; rest <<= 1U) {
                    if ((rest & (layout::error_bits | layout::connect_failed | layout::aborted |
                                 layout::subsystem_failed | layout::route_unreachable)) != 0)
                        continue;
                    proof.holds(subject.error_of(word | rest, event) == told, "an error depends on what failed alone");
                }
            }
        }
    }
}

void switches_are_exact(Proof& proof, const Subject& subject) {
    struct Switch {
        const char* name;
        bool core::Profile::*on;
        core::Events events;  // whose messages it may change
    };
    const Switch switches[] = {
        {"W-1", &core::Profile::close_at_fin, core::events(Event::close)},
        {"W-2", &core::Profile::reset_tells_aborted, 0},
        {"W-3", &core::Profile::no_connect_at_select, core::events(Event::connect)},
        {"W-4", &core::Profile::datagram_connect_posts_write, core::events(Event::connect, Event::write)},
    };
    for (const auto& [name, on, events] : switches) {
        for (unsigned others = 0; others < 16; ++others) {
            core::Profile without{(others & 1U) != 0, (others & 2U) != 0, (others & 4U) != 0, (others & 8U) != 0};
            if (without.*on) continue;
            auto with = without;
            with.*on = true;
            auto before_it = subject.named(without);
            auto after_it = subject.named(with);
            before_it.push_back(
                {"WSAAsyncSelect", subject.alter("WSAAsyncSelect", stimulus::select(core::every_bit, without))});
            after_it.push_back(
                {"WSAAsyncSelect", subject.alter("WSAAsyncSelect", stimulus::select(core::every_bit, with))});
            for (std::size_t i = 0; i < before_it.size(); ++i) {
                const auto& a = before_it[i].stimulus;
                const auto& b = after_it[i].stimulus;
                if (a.keep == b.keep && a.set == b.set && a.occasion == b.occasion && a.recall == b.recall) continue;
                Question question;
                const auto before = question.any_word("the word");
                const auto plain = subject.step(before, question.lifted(a));
                const auto changed = subject.step(before, question.lifted(b));
                question.tell_word("without the switch", plain.word);
                question.tell_word("with it", changed.word);
                proof.holds(question, same(plain.posts, changed.posts, ~events),
                            fmt::format("{} at \"{}\" changes no message of other events", name, before_it[i].name));
                const Word may = core::enabled(events) | core::met(events) |
                                 (name == std::string_view{"W-2"} ? layout::error_bits : 0);
                proof.holds(question, same(plain.word, changed.word, ~may),
                            fmt::format("{} at \"{}\" changes nothing else of the word", name, before_it[i].name));
            }
        }
    }
    // Each does what it names.
    const auto windows = core::windows_profile;
    Question question;
    const auto before = any_word_at_rest(question, true);
    const auto wanted = [&](Event event) { return is_wanted(before, event) && !in_line(before); };
    const auto fin_comes = subject.step(before, subject.one(question, "the FIN arrived, data is left", windows));
    proof.holds(question,
                is_posted(fin_comes, Event::close) == (wanted(Event::close) && is_enabled(before, Event::close)),
                "W-1: FD_CLOSE is posted when the FIN arrives");
    const auto datagram = subject.step(before, subject.one(question, "connect of a datagram socket", windows));
    proof.holds(question, !is_posted(datagram, Event::connect), "W-4: no FD_CONNECT");
    proof.holds(question, is_posted(datagram, Event::write) == (wanted(Event::write) && can_send(before)),
                "W-4: FD_WRITE, enabled or not");
    const auto registered =
        subject.step(before, subject.select(question, question.constant(core::all_events), windows));
    proof.holds(question, !is_posted(registered, Event::connect), "W-3: no FD_CONNECT at a registration");
    proof.holds(core::message_errors[(stimulus::connection_aborted(error::connection_reset, windows).set &
                                      layout::error_bits) >>
                                     layout::error] == error::connection_aborted,
                "W-2: a reset tells WSAECONNABORTED");
}

void lanes_are_apart(Proof& proof, const Subject& subject) {
    for (const auto event : every_event) {
        Question question;
        const auto together = question.any_word("the word");
        const auto told = question.any_stimulus("the stimulus");
        const auto its = question.constant(lane_of(event));
        const auto full = question.any_word("the queue") == question.constant(1);
        // The same socket with this event alone registered: what concerns the event and the connection is the same.
        const Word shared = core::fact(core::all_events) | core::enabled(lane_of(event)) |
                            core::wanted(lane_of(event)) | core::met(lane_of(event)) |
                            core::met(core::events(Event::accept, Event::oob, Event::read, Event::close)) |
                            (~Word{0} << layout::error & ~layout::refused);
        const auto alone = question.any_word("the word of a socket with this event alone");
        question.assume(same(together, alone, shared));
        question.assume(nothing_of(lanes_at(alone, layout::wanted) & ~its));
        // It waits in line only while the queue is full, and the socket with more events does if the other does.
        question.assume((!in_line(together) || full) && (!in_line(alone) || in_line(together)));
        Stimulus told_alone = told;
        told_alone.set = told.set & ~left(~its & question.constant(core::all_events), layout::wanted);
        question.assume(kept(form(told, true)) && !is(told.set, layout::refused));

        const auto of = [&](const Bits& before, const Stimulus& stimulus) { return subject.step(before, stimulus); };
        const auto a = of(together, told);
        const auto b = of(alone, told_alone);
        tell_step(question, a);
        question.tell_word("the other's word after it", b.word);
        question.tell_lanes("posted by the other", b.posts);
        const auto refusal = [&](const Bits& posts) {
            auto made = question.lifted(stimulus::refused(0));
            made.set =
                made.set | left(posts, layout::enabled) | left(posts & question.constant(core::edges), layout::met);
            return made;
        };
        const auto a_refused = of(a.word, refusal(a.posts));
        const auto b_refused = of(b.word, refusal(b.posts));
        proof.holds(question, full || same(a.posts, b.posts, lane_of(event)),
                    "whether a message is due does not depend on other events");
        proof.holds(question, full || same(a.word, b.word, shared), "nor does what is known afterwards");
        const auto when_full = [&](const Step& step, const Step& refused) {
            return z3::ite(nothing_of(step.posts), step.word, refused.word);
        };
        proof.holds(question, !full || same(when_full(a, a_refused), when_full(b, b_refused), shared),
                    "nor while the queue is full, when nothing is posted");
        proof.holds(question, !full || !in_line(when_full(b, b_refused)) || in_line(when_full(a, a_refused)),
                    "and the socket with more events waits in line if the other does");
    }

    // What concerns one event alone touches no other.
    for (const auto& [name, event] :
         {std::pair{"the quality of service changed", Event::qos}, std::pair{"SIO_GET_QOS", Event::qos},
          std::pair{"SIO_GET_GROUP_QOS", Event::group_qos},
          std::pair{"the route changed", Event::routing_interface_change},
          std::pair{"the route changed: unreachable", Event::routing_interface_change},
          std::pair{"SIO_ROUTING_INTERFACE_CHANGE", Event::routing_interface_change},
          std::pair{"the addresses changed", Event::address_list_change},
          std::pair{"SIO_ADDRESS_LIST_CHANGE", Event::address_list_change}}) {
        FromRest one{subject, name};
        const auto its = lane_of(event);
        const Word may = core::enabled(its) | core::met(its) | core::fact(its) | layout::route_unreachable;
        proof.holds(one.question, nothing_of(one.after.posts & one.question.constant(~its)),
                    fmt::format("{} posts no other event", name));
        proof.holds(one.question, same(one.before, one.after.word, ~may), fmt::format("{} changes nothing else", name));
    }
}

void room_in_the_queue(Proof& proof, const Subject& subject) {
    Question question;
    const auto before = any_word_at_rest(question);
    const auto told = question.any_stimulus("the stimulus");
    question.assume(kept(form(told, true)));
    const auto after = subject.step(before, told);
    tell_step(question, after);
    proof.holds(question, !in_line(after.word) || nothing_of(after.posts), "a socket that waits in line posts nothing");

    const expr stays = in_line(before) && is(told.keep, layout::refused);
    proof.holds(question, !stays || (in_line(after.word) && nothing_of(after.posts)),
                "it waits until there is room, or until it is registered anew");

    auto refusal = question.lifted(subject.alter("refused", stimulus::refused(0)));
    refusal.set = refusal.set | left(after.posts, layout::enabled) |
                  left(after.posts & question.constant(core::edges), layout::met);
    const auto waits = subject.step(after.word, refusal);
    proof.holds(question, nothing_of(waits.posts), "a refusal posts nothing");
    const auto turn = subject.step(waits.word, subject.one(question, "there is room in the queue"));
    question.tell_lanes("posted when there is room", turn.posts);
    proof.holds(question, in_line(after.word) || turn.posts == after.posts,
                "what was refused is posted when there is room, and nothing else");

    Question later;
    const auto waiting = any_word_at_rest(later);
    later.assume(in_line(waiting));
    const auto room = subject.step(waiting, subject.one(later, "there is room in the queue"));
    tell_step(later, room);
    const auto stands = waiting & later.constant(~layout::refused);
    for (const auto event : every_event)
        proof.holds(later, is_posted(room, event) == is_due(stands, event),
                    "when there is room, what holds then is posted");
}

}  // namespace asyncselect::proofs
