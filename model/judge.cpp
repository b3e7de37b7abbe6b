// The states of a socket: what can have happened unseen, and what a moment of quiet shows.
#include "model/judge.hpp"

#include <algorithm>
#include <span>

#include "model/machine.hpp"

namespace asyncselect::model {

namespace {

constexpr std::size_t effects_at_once = 4;

// However long a trace is, what is remembered of it is not: closed sockets, and datagrams that were received.
constexpr std::size_t most_forgotten = 1024;
constexpr std::uint32_t many_datagrams = 1024;

// Of datagrams that every state has received, the sizes are not needed any more.
void forget_datagrams(Track& track) {
    if (track.datagrams.size() < many_datagrams || track.states.empty()) return;
    const std::uint32_t taken = std::ranges::min_element(track.states, {}, &State::taken)->taken;
    if (taken < many_datagrams) return;
    track.datagrams.erase(track.datagrams.begin(), track.datagrams.begin() + taken);
    for (State& state : track.states) state.taken -= taken;
}

Handle socket_of(const Observation& observation) {
    if (const auto* const ended = std::get_if<observation::Ended>(&observation)) return socket_of(done(*ended));
    if (const auto* const call = std::get_if<observation::Call>(&observation)) return call->socket;
    if (const auto* const message = std::get_if<observation::Message>(&observation)) return message->socket;
    if (const auto* const peer = std::get_if<observation::Peer>(&observation)) return peer->socket;
    return invalid_handle;
}

bool can_miss_room(const Facts& facts) {
    return !facts.closed && !facts.send_possible && !facts.subsystem_failed &&
           (facts.kind == Kind::datagram || (facts.phase == Phase::established && facts.aborted == 0));
}

// Of a state that is asked for often: names are compared once.
std::uint8_t place_of(Event event, std::string_view state) {
    const auto& states = machine_of(event).states;
    return static_cast<std::uint8_t>(std::ranges::find(states, state) - states.begin());
}

// More data would be told to nobody, unless it changes what a call returns.
bool silent(const State& state) {
    static const auto enabled = place_of(Event::read, "Enabled");
    return state.socket.states()[index_of(Event::read)] != enabled || state.socket.facts().receive_shut;
}

// The clause of each transition, as evidence.
const Evidence& shown_by(std::size_t transition) {
    static const std::vector<Evidence> all = [] {
        std::vector<Evidence> found;
        for (const Row* const row : transitions()) found.push_back(bit(row->clause));
        found.emplace_back();  // of a rule that cannot hold
        return found;
    }();
    return all[transition];
}

void mark(State& state, const Row& row) {
    const std::size_t number = number_of(row);
    state.coverage.set(number);
    state.evidence |= shown_by(number);
}

}  // namespace

std::optional<Violation> Oracle::Judge::observe(const Observation& observation) {
    if (ended_) return std::nullopt;
    Result found = take_or_give_up(observation);
    if (found) {
        found->step = step_;
        if (found->socket == invalid_handle) found->socket = socket_of(observation);
        if (found->came.empty() && !terse_) found->came = show(observation);
        ended_ = true;
    }
    ++step_;
    return found;
}

std::optional<Violation> Oracle::Judge::take_or_give_up(const Observation& observation) {
    const Evidence evidence = evidence_;
    const Coverage coverage = coverage_;
    try {
        Result found = std::visit([this](const auto& specific) { return this->take(specific); }, observation);
        for (const Shared<Track>& track : tracks_) {
            if (track->states.size() > options_.most_states && !found) throw TooManyStates{track->handle};
        }
        return found;
    } catch (const TooManyStates& many) {
        give_up(many.socket);
        evidence_ = evidence;
        coverage_ = coverage;
        return std::nullopt;
    }
}

std::optional<Violation> Oracle::Judge::take(const observation::Ended& ended) {
    return std::visit([this](const auto& what) { return this->take(what); }, ended.what);
}

// Nothing is known of any socket any more: what it has shown stays.
void Oracle::Judge::give_up(Handle socket) {
    undecided_ = "socket " + std::to_string(socket) + " can be in more than " + std::to_string(options_.most_states) +
                 " states at step " + std::to_string(step_);
    ended_ = true;
    tracks_.clear();
    replaced_.clear();
}

bool Oracle::Judge::accept(const Observation& observation) {
    terse_ = true;
    const bool accepted = !ended_ && !observe(observation) && !ended_;
    terse_ = false;
    return accepted;
}

bool Oracle::Judge::settled() const {
    return ended_ || std::ranges::all_of(tracks_, [this](const Shared<Track>& track) {
               return std::ranges::any_of(track->states, [&](const State& state) { return !owes(*track, state); });
           });
}

std::vector<std::string> Oracle::Judge::owed() const {
    std::vector<std::string> owed;
    for (const Shared<Track>& track : tracks_) {
        const auto [state, words, clause] = nearest_to_quiet(*track);
        if (!words.empty()) owed.push_back("socket " + std::to_string(track->handle) + ": " + words);
    }
    return owed;
}

std::set<std::string> Oracle::Judge::evidence() const {
    std::set<std::string> ids;
    for (std::size_t place = 0; place < clauses.size(); ++place) {
        if (evidence_.test(place)) ids.emplace(clauses[place].id);
    }
    return ids;
}

std::vector<Registered> Oracle::Judge::registered() const {
    std::vector<Registered> all;
    for (const Shared<Track>& track : tracks_) {
        const auto add = [&](const Registration& registration) {
            const Registered found{track->handle, registration.window, registration.message};
            if (std::ranges::find(all, found) == all.end()) all.push_back(found);
        };
        if (track->registration) add(*track->registration);
        std::ranges::for_each(track->earlier, add);
    }
    return all;
}

Coverage Oracle::Judge::coverage_so_far() const {
    Coverage all = coverage_;
    for (const Shared<Track>& track : tracks_) {
        if (track->states.empty()) continue;
        Coverage common = track->states.front().coverage;
        for (const State& state : track->states) common &= state.coverage;
        all |= common;
    }
    return all;
}

void Oracle::Judge::forget_coverage() {
    coverage_.reset();
    for (Shared<Track>& track : tracks_) {
        for (State& state : track.change().states) state.coverage.reset();
    }
}

std::size_t Oracle::Judge::states() const {
    std::size_t count = 0;
    for (const Shared<Track>& track : tracks_) count += track->states.size();
    return count;
}

bool Oracle::Judge::alike(const Judge& other) const {
    const auto same = [](const auto& a, const auto& b) { return a.same(b) || *a == *b; };
    return ended_ == other.ended_ && limited_ == other.limited_ && subsystem_ == other.subsystem_ &&
           startups_ == other.startups_ && same(world_, other.world_) && same(last_errors_, other.last_errors_) &&
           tracks_.size() == other.tracks_.size() && (!options_.unobserved_peers || closed_alike(other)) &&
           std::ranges::equal(tracks_, other.tracks_, [](const Shared<Track>& a, const Shared<Track>& b) {
               return a.same(b) || model::alike(*a, *b);
           });
}

std::size_t Oracle::Judge::hash() const {
    std::size_t value = tracks_.size();
    for (const Shared<Track>& track : tracks_) {
        std::size_t of_track = track->handle + track->sent;
        // The order of the states says nothing.
        for (const State& state : track->states) {
            of_track += state.socket.hash() ^ (state.posted.size() * 0x9e3779b97f4a7c15U) ^
                        (state.effects.size() * 0xc2b2ae3d27d4eb4fU) ^ (state.changes.size() * 0x165667b19e3779f9U);
        }
        value = value * 0x100000001b3U + of_track;
    }
    return value;
}

// ---- states -------------------------------------------------------------------------------------------------------

Posts Oracle::Judge::fire(State& state, const Stimulus& stimulus) {
    thread_local Applied applied;
    state.socket.apply(stimulus, applied);
    for (const Row* const row : applied.fired) mark(state, *row);
    Posts posts;
    for (const Post& post : applied.posts) posts.push_back(post);
    // One change was told: what was asked for of other destinations is left over.
    if (state.requested != 0 && state.socket.facts().route == Watch::not_requested) {
        state.left_over |= state.requested;
        state.requested = 0;
    }
    if (state.changed != 0 && state.socket.facts().route != Watch::changed) state.changed = 0;
    return posts;
}

// The same, where what that posts is told to nobody and is no evidence.
void Oracle::Judge::fire_untold(State& state, const Stimulus& stimulus) {
    thread_local Applied applied;
    state.socket.apply(stimulus, applied);
}

// Lets an effect of a peer take place: all of it, but one datagram only. Returns what that posts.
Posts Oracle::Judge::happen(const Track& track, State& state, const Effect& effect) const {
    switch (effect.what) {
        case Effect::What::data:
            return fire(state, stimulus::DataArrived{effect.count});
        case Effect::What::datagrams: {
            const std::size_t index = std::size_t{state.taken} + state.socket.facts().readable + state.more;
            const std::uint32_t size = options_.unobserved_peers        ? 1
                                       : index < track.datagrams.size() ? track.datagrams[index]
                                                                        : 0;
            // The row is for every datagram; what it shows depends on this one.
            const Evidence before = state.evidence;
            Posts posts = fire(state, stimulus::DatagramArrived{size});
            if (size == 0) return posts;
            state.evidence = before | (state.evidence & ~bit<"R-15">());
            for (Post& post : posts) {
                if (post.event == Event::read) post.clause = "AS-READ-2";
            }
            return posts;
        }
        case Effect::What::urgent: {
            const Facts before = state.socket.facts();
            Posts posts = fire(state, stimulus::OobArrived{});
            if (before.oob_inline) return posts;
            if (before.urgent && options_.profile.urgent_bytes_queue) return posts;
            if (before.urgent) ++state.loose;
            state.before_mark = before.readable;
            state.passed = false;
            return posts;
        }
        case Effect::What::fin:
            return fire(state, stimulus::PeerClosed{});
        case Effect::What::reset:
            return fire(state, stimulus::ConnectionAborted{static_cast<ErrorCode>(wsa::reset)});
        case Effect::What::request:
            return fire(state, stimulus::ConnectionRequest{});
        case Effect::What::joined:
            return fire(state, stimulus::JoinOutcome{effect.error});
        case Effect::What::outcome:
            if (!track.wants(Event::connect)) state.untold = effect.error;
            return fire(state, stimulus::ConnectOutcome{effect.error});
        default:
            return fire(state, stimulus::ConnectOutcome{effect.error});
    }
}

// Puts the messages of one moment into the queue. A window that was destroyed takes none.
void Oracle::Judge::put(const Track& track, State& state, const Posts& posts, const Evidence& shows) const {
    if (posts.empty() || !track.registration || !alive(track.registration->window)) return;
    bool together = false;
    for (const Post& post : posts) {
        Posted posted{track.registration->window,
                      track.registration->message,
                      post.event,
                      post.error,
                      false,
                      together,
                      post.clause,
                      shows};
        const bool behind = std::ranges::any_of(
            state.posted, [&post](const Posted& other) { return !other.optional && other.event == post.event; });
        if (behind) {
            posted.shows |= bit<"R-1">();
            if (post.event == Event::read) posted.shows |= bit<"AS-LEVEL-3">();
        }
        if (together) posted.shows |= bit<"R-9">() | bit<"AS-MSG-2">();
        // Whether an urgent byte that came before stays one is R-26's to say, which binds our own.
        if (post.event == Event::oob && !options_.ours && state.socket.facts().oob_inline) posted.optional = true;
        if (options_.unobserved_peers) {
            const bool begins = track.kind == Kind::stream && posts.front().event == Event::connect;
            posted.before = perhaps_before(track, state, post.event, begins);
            posted.registration = track.registrations;
        }
        state.posted.push_back(posted);
        together = true;
    }
}

// Applies one stimulus to every state of the track.
void Oracle::Judge::fire_all(Track& track, const Stimulus& stimulus, const Evidence& shows) const {
    for (State& state : track.states) {
        const Posts posts = fire(state, stimulus);
        put(track, state, posts, shows);
    }
    close_under_the_unseen(track);
}

// What a reset leaves no room for: everything behind it.
void Oracle::Judge::after_reset(State& state) {
    state.effects.clear();
    state.reset_possible = false;
    state.loose = 0;
}

// Where something can be read already, more of it makes no difference but in number, and `receive` puts back what turns
// out not to have arrived: one state stands for every number.
void Oracle::Judge::gather(State& state) {
    const Facts& facts = state.socket.facts();
    while (facts.readable > 0 && !state.effects.empty() && facts.aborted == 0 && !facts.subsystem_failed) {
        const Effect& next = state.effects.front();
        const bool datagrams = next.what == Effect::What::datagrams;
        if ((next.what != Effect::What::data && !datagrams) || !silent(state)) return;
        if (datagrams) {
            state.more += next.count;
            static const auto posted = place_of(Event::read, "Posted");
            if (state.socket.states()[index_of(Event::read)] == posted) state.evidence |= bit<"AS-ENABLE-1">();
            thread_local Applied applied;
            Socket told = state.socket;
            told.apply(stimulus::DatagramArrived{}, applied);
            for (const Row* const row : applied.fired) state.coverage.set(number_of(*row));
        } else {
            fire(state, stimulus::DataArrived{next.count});
        }
        state.effects.erase(state.effects.begin());
    }
}

// Whether anything can happen to the state unseen.
bool Oracle::Judge::may_move(const Track& /*track*/, const State& state) const {
    const Facts& facts = state.socket.facts();
    if (options_.unobserved_peers) return !state.changes.empty() || limited_ || facts.queue_full;
    return !state.effects.empty() || !state.changes.empty() || state.loose > 0 || state.reset_possible || limited_ ||
           facts.queue_full || can_miss_room(facts);
}

// A reset hides an urgent byte that nobody has looked at: with MSG_OOB it can be received no more.
void Oracle::Judge::lose_urgent(const Track& track, const State& state, StateSet& closed) {
    const Facts& facts = state.socket.facts();
    const auto is = [](Effect::What what) { return [what](const Effect& effect) { return effect.what == what; }; };
    const Effect* const reset = std::ranges::find_if(state.effects, is(Effect::What::reset));
    if (reset == state.effects.end() || facts.oob_inline) return;
    if (std::any_of(state.effects.begin(), reset, is(Effect::What::urgent))) {
        State lost = state;
        for (std::size_t index = lost.effects.size(); index-- > 0;) {
            if (lost.effects[index].what == Effect::What::urgent)
                lost.effects.erase(lost.effects.begin() + static_cast<std::ptrdiff_t>(index));
        }
        closed.add(std::move(lost));
    }
    if (facts.urgent && reset == state.effects.begin() && !track.registration) {
        State lost = state;
        fire(lost, stimulus::Received{0, true, 0});
        closed.add(std::move(lost));
    }
}

// The effects of peers, in order, one by one or several at one moment.
void Oracle::Judge::take_next_effects(const Track& track, State state, StateSet& closed) const {
    // Whoever looks after both sees the reset alone (AS-CLOSE-5), as the state at that moment.
    const auto both = [](const Effect& a, const Effect& b) {
        return a.what == Effect::What::fin && b.what == Effect::What::reset;
    };
    if (const Effect* const fin = std::ranges::adjacent_find(state.effects, both); fin != state.effects.end()) {
        State reset = state;
        reset.effects.erase(reset.effects.begin() + (fin - state.effects.begin()));
        closed.add(std::move(reset));
    }
    lose_urgent(track, state, closed);
    Posts posts;
    for (std::size_t count = 0; count < effects_at_once && !state.effects.empty(); ++count) {
        const Effect effect = state.effects.front();
        if (effect.what == Effect::What::datagrams && effect.count > 1)
            --state.effects.front().count;
        else
            state.effects.erase(state.effects.begin());
        for (const Post& post : happen(track, state, effect)) posts.push_back(post);
        if (effect.what == Effect::What::reset) after_reset(state);
        State taken = state;
        Posts sorted = posts;
        sort_as_posted(sorted);
        // A connection that was reset before anybody looked at it takes no send.
        const auto is_write = [](const Post& post) { return post.event == Event::write; };
        if (count > 0 && effect.what == Effect::What::reset && std::ranges::any_of(sorted, is_write)) {
            State late = state;
            Posts others;
            for (const Post& post : sorted) {
                if (!is_write(post)) others.push_back(post);
            }
            put(track, late, others);
            gather(late);
            closed.add(std::move(late));
        }
        put(track, taken, sorted);
        gather(taken);
        closed.add(std::move(taken));
    }
}

// A change of this host's network. Those of one kind, and of the route to one destination, are in order; which is
// noticed first, nobody knows.
void Oracle::Judge::take_next_changes(const Track& track, const State& state, StateSet& closed) const {
    for (std::size_t index = 0; index < state.changes.size(); ++index) {
        const auto before = [&change = state.changes[index]](const Effect& other) {
            return other.what == change.what && (change.what != Effect::What::route || other.count == change.count);
        };
        if (std::ranges::none_of(std::span(state.changes).first(index), before))
            take_change(track, state, index, closed);
    }
}

void Oracle::Judge::take_change(const Track& track, const State& state, std::size_t index, StateSet& closed) const {
    State after = state;
    const Effect change = after.changes[index];
    after.changes.erase(after.changes.begin() + static_cast<std::ptrdiff_t>(index));
    Posts posts;
    switch (change.what) {
        case Effect::What::qos:
            posts = fire(after, stimulus::QosChanged{});
            break;
        case Effect::What::route: {
            // A provider whose network subsystem has failed may tell of it, or of nothing any more
            //
            if (after.socket.facts().subsystem_failed) closed.add(after);
            const std::uint64_t destination = std::uint64_t{1} << change.count % 64;
            const bool asked = (after.requested & destination) != 0;
            const auto same = [&change](const Effect& other) {
                return other.what == Effect::What::route && other.count == change.count;
            };
            // Whoever looks after the next change of it too sees what holds then.
            const bool overtaken =
                std::any_of(after.changes.begin() + static_cast<std::ptrdiff_t>(index), after.changes.end(), same);
            if (asked && overtaken) closed.add(after);
            if (!asked && (after.left_over & destination) == 0) {
                // The message that is still due says what holds when it is posted, or what held before.
                const bool untold = (after.changed & destination) != 0;
                if (untold) closed.add(after);
                if (untold || after.socket.facts().route == Watch::not_requested)
                    posts = fire(after, stimulus::RouteChanged{change.error});
                break;
            }
            // Whether a request outlives the message for another destination's change, the page does not say.
            if (!asked) closed.add(after);
            if (after.socket.facts().route == Watch::not_requested) break;
            after.requested &= ~destination;
            after.left_over &= ~destination;
            posts = fire(after, stimulus::RouteChanged{change.error});
            if (after.socket.facts().route == Watch::changed) after.changed |= destination;
            break;
        }
        case Effect::What::addresses:
            if (after.socket.facts().subsystem_failed) closed.add(after);
            posts = fire(after, stimulus::AddressListChanged{});
            break;
        default:
            posts = fire(after, stimulus::SubsystemFailed{});
            after_reset(after);
            // Routes and addresses are the host's, and may be told later than this.
            erase_if(after.changes, [](const Effect& other) {
                return other.what != Effect::What::route && other.what != Effect::What::addresses;
            });
            after.more = 0;
            after.before_mark = 0;
            // of another provider, one of many events will do.
            if (!options_.ours && !posts.empty()) {
                after.down_owed = track.registration && alive(track.registration->window);
                posts.clear();
            }
            break;
    }
    put(track, after, posts);
    closed.add(std::move(after));
}

// Everything that can have happened unseen: effects and changes; room to send at any time; a full queue at any time
// where there is a limit.
void Oracle::Judge::close_under_the_unseen(Track& track) const {
    if (options_.unobserved_peers) settle_effects(track);
    if (std::ranges::none_of(track.states, [&](const State& state) { return may_move(track, state); })) return;
    const auto may_happen = [this](const State& state) {
        return !state.effects.empty() || !state.changes.empty() || state.loose > 0 || state.reset_possible ||
               limited_ || state.socket.facts().queue_full ||
               (can_miss_room(state.socket.facts()) && !options_.unobserved_peers);
    };
    for (State& state : track.states) gather(state);
    StateSet closed(std::move(track.states));
    for (std::size_t index = 0; index < closed.size(); ++index) {
        if (closed.size() > options_.most_states) throw TooManyStates{track.handle};
        if (!may_happen(closed[index])) continue;
        // Whatever happens to the state takes something from it, so none that follows is as good as it is: it stays at
        // its place, but not where it is in memory, since `closed` grows.
        if (!closed[index].effects.empty()) take_next_effects(track, closed[index], closed);
        if (!closed[index].changes.empty()) {
            const State before = closed[index];
            take_next_changes(track, before, closed);
        }
        if (can_miss_room(closed[index].socket.facts()) && !options_.unobserved_peers) {
            State roomy = closed[index];
            const Posts told = fire(roomy, stimulus::SendSpaceAvailable{});
            put(track, roomy, told, track.short_send ? bit<"R-19">() : Evidence{});
            closed.add(std::move(roomy));
        }
        if (closed[index].loose > 0) {
            State found = closed[index];
            --found.loose;
            const Posts told = fire(found, stimulus::DataArrived{1});
            put(track, found, told);
            closed.add(std::move(found));
        }
        if (closed[index].reset_possible) {
            State reset = closed[index];
            if (reset.socket.facts().aborted == 0) {
                const Posts told = fire(reset, stimulus::ConnectionAborted{static_cast<ErrorCode>(wsa::reset)});
                put(track, reset, told);
            }
            after_reset(reset);
            closed.add(std::move(reset));
        }
        const bool full = closed[index].socket.facts().queue_full;
        if (limited_ || full) {
            State other = closed[index];
            if (full) {
                const Posts told = fire(other, stimulus::QueueHasRoom{});
                put(track, other, told, bit<"R-13">());
            } else {
                fire(other, stimulus::QueueFilled{});
            }
            closed.add(std::move(other));
        }
    }
    closed.take_into(track.states);
}

// More than a few equal changes in a row are as good as a few: each message needs a call of the application between.
void Oracle::Judge::push_change(State& state, const Effect& change) {
    constexpr std::ptrdiff_t few = 3;
    if (std::ranges::count(state.changes, change) >= few) {
        const auto first = std::ranges::find(state.changes, change);
        state.changes.erase(std::find(first + 1, state.changes.end(), change));
    }
    state.changes.push_back(change);
}

void Oracle::Judge::make_optional(Track& track) {
    for (State& state : track.states) {
        for (Posted& posted : state.posted) {
            posted.optional = true;
            posted.together = false;
        }
    }
}

// Gives the track its next states. Where there are none, those before are remembered.
void Oracle::Judge::replace(Track& track, StateSet& next) {
    if (next.empty() && !terse_) replaced_ = std::move(track.states);
    next.take_into(track.states);
}

std::vector<std::string> Oracle::Judge::words(const Track& track, const States& states) const {
    return terse_ ? std::vector<std::string>{} : describe(track, states);
}

Violation Oracle::Judge::violation(std::string_view clause, std::string due, std::string came,
                                   std::vector<std::string> states) {
    return {std::string(clause), 0, std::move(due), std::move(came), std::move(states)};
}

// ---- sockets ------------------------------------------------------------------------------------------------------

Track* Oracle::Judge::find_open(Handle handle) {
    for (Shared<Track>& track : tracks_) {
        if (track->handle == handle && !track->closed) return &track.change();
    }
    return nullptr;
}

bool Oracle::Judge::known(Handle handle) const {
    return world_->forgotten.contains(handle) ||
           std::ranges::any_of(tracks_, [handle](const Shared<Track>& track) { return track->handle == handle; });
}

Track* Oracle::Judge::find_connected(const std::string& connection) {
    if (connection.empty()) return nullptr;
    for (Shared<Track>& track : tracks_) {
        if (track->connection == connection) return &track.change();
    }
    return nullptr;
}

// ---- quiet --------------------------------------------------------------------------------------------------------

// Asked of every state, and hardly ever answered with words.
bool Oracle::Judge::owes(const Track& track, const State& state) const {
    const bool to_come = !state.effects.empty() || !state.changes.empty() || state.down_owed;
    return (to_come && !track.closed) || state.socket.facts().queue_full || owes_room(track, state) ||
           std::ranges::any_of(state.posted, [](const Posted& posted) { return !posted.optional; });
}

bool Oracle::Judge::owes_room(const Track& track, const State& state) const {
    const Facts& facts = state.socket.facts();
    if (track.closed || !can_miss_room(facts) || facts.send_shut || state.space_waived) return false;
    // What a connectionless socket has sent leaves by itself.
    const bool drained = track.kind == Kind::datagram ||
                         (track.sent == track.peer_received && !track.peer_closed && !options_.unobserved_peers);
    // Where peers are not told of, room comes when it is seen: by a message, if one is wanted.
    return drained && (!options_.unobserved_peers || (perhaps_posted(track, state) & bit_of(Event::write)) != 0);
}

Oracle::Judge::Reproach Oracle::Judge::reproach(const Track& track, const State& state) const {
    if ((!state.effects.empty() || !state.changes.empty()) && !track.closed)
        return {"effects have not taken place", "", 1000};
    if (state.socket.facts().queue_full) return {"the queue is full", "R-13", 900};
    if (owes_room(track, state)) return {"there is room to send again", track.short_send ? "R-19" : "AS-WRITE-3", 800};
    if (state.down_owed && !track.closed) return {"a message that tells WSAENETDOWN", "R-18", 700};
    std::vector<std::string> due;
    std::string_view clause;
    for (const Posted& posted : state.posted) {
        if (posted.optional) continue;
        if (due.empty()) clause = track.short_send && posted.event == Event::write ? "R-19" : posted.clause;
        due.push_back(terse_ ? "a message" : show_posted(posted));
    }
    return {join(due, ", then "), clause, due.size()};
}

// The state that owes least, and what.
std::tuple<const State*, std::string, std::string_view> Oracle::Judge::nearest_to_quiet(const Track& track) const {
    for (const State& state : track.states)
        if (!owes(track, state)) return {&state, "", ""};
    const State* nearest = nullptr;
    Reproach least;
    for (const State& state : track.states) {
        Reproach found = reproach(track, state);
        if (nearest == nullptr || found.weight < least.weight) {
            nearest = &state;
            least = std::move(found);
        }
    }
    return {nearest, least.words, least.clause};
}

std::optional<Violation> Oracle::Judge::take(const observation::Quiet& /*quiet*/) {
    for (const Shared<Track>& shared : tracks_) {
        const Track& track = *shared;
        const auto [nearest, owed, clause] = nearest_to_quiet(track);
        if (nearest == nullptr || owed.empty()) continue;
        // Not one of the messages that it should have inherited.
        const bool bereft = track.accepted && !track.own_select && !track.closed &&
                            std::ranges::all_of(track.retrieved, [](unsigned count) { return count == 0; });
        // Nor any since a call that failed.
        const std::string_view broken = bereft                                ? "AS-INHERIT-1"
                                        : track.refused_call && !track.closed ? "AS-API-8"
                                                                              : clause;
        Violation missing = violation(broken, owed, "nothing more", words(track, {*nearest}));
        missing.socket = track.handle;
        return missing;
    }
    for (Shared<Track>& shared : tracks_) {
        Track& track = shared.change();
        std::erase_if(track.states, [&](const State& state) { return owes(track, state); });
        for (State& state : track.states) {
            state.posted.clear();
            if (options_.unobserved_peers && track.kind == Kind::datagram) fire(state, stimulus::SendSpaceAvailable{});
        }
        StateSet(std::move(track.states)).take_into(track.states);
        if (!track.states.empty()) {
            // What every surviving path has shown.
            Evidence evidence = track.states.front().evidence;
            Coverage coverage = track.states.front().coverage;
            for (const State& state : track.states) {
                evidence &= state.evidence;
                coverage &= state.coverage;
            }
            evidence_ |= evidence;
            coverage_ |= coverage;
            note_quiet(track);
        }
        forget_datagrams(track);
        close_under_the_unseen(track);
    }
    if (subsystem_ == Subsystem::failing) subsystem_ = Subsystem::down;
    forget_closed();
    return std::nullopt;
}

// What the absence of any further message shows.
void Oracle::Judge::note_quiet(const Track& track) {
    const auto all = [&track](auto&& predicate) {
        return std::ranges::all_of(track.states, [&](const State& state) { return predicate(state.socket.facts()); });
    };
    if (track.closed) {
        if (track.registration) {
            note<"AS-CANCEL-3">();
            if (track.wants(Event::close)) note<"AS-CLOSE-6">();
        }
        return;
    }
    if (track.cancelled && track.effects_after_cancel) note<"AS-CANCEL-1">();
    if (track.event_record == EventRecord::set && !track.earlier.empty() && track.effects_after_cancel)
        note<"AS-CANCEL-4">();
    if (track.wants(Event::close) && track.shut_down &&
        all([](const Facts& facts) { return !facts.fin && facts.aborted == 0; })) {
        note<"R-7">();
    }
    if (track.wants(Event::close) && track.kind == Kind::datagram && track.peer_closed) note<"AS-CLOSE-1">();
    if (track.wants(Event::read) && all([](const Facts& facts) { return facts.fin && facts.end_of_data(); }))
        note<"AS-CLOSE-7">();
    if (track.wants(Event::read) &&
        all([](const Facts& facts) { return facts.aborted != 0 && !facts.data_available(); })) {
        note<"R-28">();
    }
    if (track.wants(Event::connect) &&
        all([](const Facts& facts) { return facts.phase == Phase::established && !facts.connection_established(); })) {
        note<"R-28">();
    }
    if (track.wants(Event::accept) &&
        (track.kind == Kind::datagram || all([](const Facts& facts) { return facts.phase == Phase::established; }))) {
        note<"R-11">();
    }
    if ((track.wants(Event::read) || track.wants(Event::write)) &&
        all([](const Facts& facts) { return facts.phase == Phase::listening; })) {
        note<"R-11">();
    }
    if (track.wants(Event::write) &&
        all([](const Facts& facts) { return facts.kind == Kind::stream && facts.phase == Phase::idle; })) {
        note<"R-14">();
    }
    if (track.calls_since_close > 0 && track.retrieved[index_of(Event::close)] == 1) note<"AS-ENABLE-5">();
    if (track.accepted && track.window_died && !track.own_select) {
        note<"R-3">();
        note<"R-12">();
    }
    if (track.sent_since_write && track.wants(Event::write)) note<"AS-WRITE-5">();
    if (track.wants(Event::group_qos) && track.qos_changed) note<"AS-GQOS-1">();
    if (track.retrieved[index_of(Event::qos)] > 0) note<"AS-EDGE-1">();
    if (track.retrieved[index_of(Event::routing_interface_change)] > 0 ||
        track.retrieved[index_of(Event::address_list_change)] > 0) {
        note<"AS-EDGE-2">();
    }
}

// A closed socket is only remembered as such once nothing of it can be in a queue any more.
void Oracle::Judge::forget_closed() {
    forget([](const Track& track) { return track.closed; });
}

void Oracle::Judge::forget(const std::function<bool(const Track&)>& of) {
    if (std::ranges::none_of(tracks_, [&of](const Shared<Track>& track) { return of(*track); })) return;
    World& world = world_.change();
    for (const Shared<Track>& track : tracks_) {
        if (!of(*track) || !world.forgotten.insert(track->handle).second) continue;
        world.forgotten_in_order.push_back(track->handle);
        // Of those before only the words of a violation would be others.
        if (world.forgotten_in_order.size() <= most_forgotten) continue;
        world.forgotten.erase(world.forgotten_in_order.front());
        world.forgotten_in_order.erase(world.forgotten_in_order.begin());
    }
    std::erase_if(tracks_, [&of](const Shared<Track>& track) { return of(*track); });
}

}  // namespace asyncselect::model
