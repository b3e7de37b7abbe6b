// The oracle. Each socket is judged for itself: a state is the model's socket, the effects of the peer that have not
// taken place yet, and the messages that were posted and not yet retrieved. It must not know any provider.
#include "model/oracle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <deque>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "model/event.hpp"
#include "model/possible.hpp"
#include "model/socket.hpp"

namespace asyncselect::model {

namespace {

using observation::Call;
using observation::Message;
using observation::Peer;
using observation::PeerVerb;
using observation::QueueLimit;

// The clauses that rows or checks have cited, as bits of a set. Ids are few and short, and never forgotten.
class Citations {
  public:
    std::size_t index(std::string_view id) {
        if (const auto found = indices_.find(id); found != indices_.end()) return found->second;
        const std::size_t index = names_.size();
        names_.emplace_back(id);
        indices_.emplace(names_.back(), index);
        return index;
    }
    [[nodiscard]] const std::string& name(std::size_t index) const { return names_[index]; }
    [[nodiscard]] std::size_t size() const { return names_.size(); }

  private:
    std::deque<std::string> names_;
    std::map<std::string_view, std::size_t, std::less<>> indices_;
};

using Evidence = std::bitset<256>;

// Something that a peer did and that has not taken effect here yet.
struct Effect {
    enum class What : std::uint8_t { data, urgent, fin, reset, request, outcome };
    What what = What::data;
    std::uint32_t bytes = 0;
    ErrorCode error = 0;

    friend bool operator==(const Effect&, const Effect&) = default;
};

// A message in the window's queue.
struct Posted {
    Handle window = 0;
    std::uint32_t message = 0;
    Event event = Event::connect;
    ErrorCode error = 0;
    bool optional = false;  // posted before a cancellation: may be retrieved or not (AS-CANCEL-2)
    bool together = false;  // at the same moment as the one before it
    std::string_view clause;
    Evidence shows;  // what its retrieval is evidence of

    friend bool operator==(const Posted& a, const Posted& b) {
        return a.window == b.window && a.message == b.message && a.event == b.event && a.error == b.error &&
               a.optional == b.optional && a.together == b.together;
    }
};

struct State {
    Socket socket;
    std::vector<Effect> effects;
    std::vector<Posted> posted;
    bool space_waived = false;    // a send succeeded before the room was told: another provider may have noticed
    bool reset_possible = false;  // what was sent to a peer that is gone may come back as a reset
    Evidence evidence;

    friend bool operator==(const State& a, const State& b) {
        return a.space_waived == b.space_waived && a.reset_possible == b.reset_possible && a.effects == b.effects &&
               a.posted == b.posted && a.socket == b.socket;
    }
};

struct Registration {
    Handle window = 0;
    std::uint32_t message = 0;
    std::uint32_t mask = 0;
};

// One socket from its creation on. A handle that is used again is another track.
struct Track {
    Handle handle = invalid_handle;
    bool closed = false;
    bool accepted = false;
    bool nonblocking = false;
    bool nonblocking_by_select = false;        // and by nothing else
    bool nonblocking_inherited = false;        // and by nothing else
    std::optional<Registration> registration;  // as WSAAsyncSelect or the listening socket gave it; mask is never 0
    std::vector<Registration> earlier;         // those that were replaced or cancelled
    unsigned registrations = 0;                // successful WSAAsyncSelect calls with events
    bool cancelled = false;                    // by lEvent 0 or WSAEventSelect, and not registered since
    bool own_select = false;                   // an accepted socket that was registered by itself
    bool refused_call = false;                 // a failed WSAAsyncSelect while registered (AS-API-8)
    bool effects_after_cancel = false;
    bool had_urgent = false;
    std::string connection;
    std::deque<std::string> requests;  // a listener's, in order
    std::uint64_t sent = 0;
    std::uint64_t peer_received = 0;
    bool peer_closed = false;
    bool shut_down = false;  // by a local shutdown
    bool short_send = false;
    bool sent_since_write = false;  // a send succeeded, and none met WSAEWOULDBLOCK, since FD_WRITE
    unsigned connects = 0;
    bool connect_failed = false;
    bool window_died = false;
    bool peeked = false;
    bool due_while_full = false;                         // something came, or was registered, while the queue was full
    unsigned calls_since_close = 0;                      // recv and send after FD_CLOSE was retrieved
    unsigned receives_since_read = 0;                    // since FD_READ was retrieved
    std::array<unsigned, event_count> retrieved{};       // in the present registration
    std::array<bool, event_count> enabled_by_failure{};  // the last re-enabling call failed
    std::array<bool, event_count> enabled_again{};       // re-enabled since the last message
    std::vector<State> states;
};

// What peers did on a connection that no socket here has yet.
struct Connection {
    std::vector<Effect> effects;
    bool peer_closed = false;
    std::uint64_t peer_received = 0;
    bool had_urgent = false;
};

constexpr std::size_t effects_at_once = 4;

std::string show_effect(const Effect& effect) {
    switch (effect.what) {
        case Effect::What::data:
            return std::to_string(effect.bytes) + " bytes";
        case Effect::What::urgent:
            return "an urgent byte";
        case Effect::What::fin:
            return "the end of data";
        case Effect::What::reset:
            return "a reset";
        case Effect::What::request:
            return "a connection request";
        case Effect::What::outcome:
            return "the outcome of connect (" + show_error(effect.error) + ')';
    }
    return "";
}

std::string show_posted(const Posted& posted) {
    std::string text{name_of(posted.event)};
    if (posted.error != 0) text += " with " + show_error(posted.error);
    text += " as message " + std::to_string(posted.message) + " to window " + std::to_string(posted.window);
    if (!posted.clause.empty()) text += " (" + std::string(posted.clause) + ')';
    return text;
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty()) text += between;
        text += part;
    }
    return text;
}

std::string describe(const Track& track, const State& state) {
    const Facts& facts = state.socket.facts();
    std::vector<std::string> parts;
    std::string first = "socket " + std::to_string(track.handle) + ": ";
    if (facts.closed) {
        first += "closed";
    } else {
        switch (facts.phase) {
            case Phase::idle:
                first += "not connected";
                break;
            case Phase::listening:
                first += "listening, " + std::to_string(facts.requests) + " requests";
                break;
            case Phase::connecting:
                first += "connecting";
                break;
            case Phase::established:
                first += facts.connection_established() ? "connected" : "was connected";
                break;
        }
    }
    parts.push_back(first);
    if (facts.readable > 0) parts.push_back(std::to_string(facts.readable) + " to read");
    if (facts.urgent) parts.emplace_back("an urgent byte to read");
    if (facts.fin) parts.emplace_back("end of data has arrived");
    if (facts.aborted != 0) parts.push_back("aborted with " + show_error(facts.aborted));
    if (facts.phase == Phase::established && !facts.send_possible) parts.emplace_back("no room to send");
    if (facts.send_shut) parts.emplace_back("sending shut down");
    if (facts.receive_shut) parts.emplace_back("receiving shut down");
    if (facts.queue_full) parts.emplace_back("the queue is full");
    std::string machines;
    for (const Event event : events_in_posting_order) {
        if ((state.socket.mask() & bit_of(event)) == 0) continue;
        if (!machines.empty()) machines += ", ";
        machines += std::string(name_of(event)) + ' ' + std::string(state.socket.state(event));
    }
    parts.push_back(machines.empty() ? "no events registered" : machines);
    std::vector<std::string> queue;
    for (const Posted& posted : state.posted)
        queue.push_back((posted.optional ? "perhaps " : "") + show_posted(posted));
    if (!queue.empty()) parts.push_back("in the queue: " + join(queue, ", "));
    std::vector<std::string> effects;
    for (const Effect& effect : state.effects) effects.push_back(show_effect(effect));
    if (!effects.empty()) parts.push_back("still to take effect: " + join(effects, ", "));
    return join(parts, "; ");
}

bool permitted_error(Event event, std::uint32_t error) {
    constexpr std::array<std::uint32_t, 11> connect{0,     10047, 10061, 10051, 10014, 10022,
                                                    10056, 10024, 10055, 10057, 10060};
    switch (event) {
        case Event::connect:
            return std::ranges::find(connect, error) != connect.end();
        case Event::close:
            return error == 0 || error == 10050 || error == 10054 || error == 10053;
        case Event::routing_interface_change:
            return error == 0 || error == 10051 || error == 10050;
        default:
            return error == 0 || error == 10050;
    }
}

std::string_view error_clause(Event event) {
    switch (event) {
        case Event::connect:
            return "AS-ERROR-1";
        case Event::close:
            return "AS-ERROR-2";
        case Event::routing_interface_change:
            return "AS-ERROR-4";
        default:
            return "AS-ERROR-3";
    }
}

std::optional<Event> single_event(std::uint32_t bits) {
    for (const Event event : events_in_posting_order) {
        if (bits == bit_of(event)) return event;
    }
    return std::nullopt;
}

}  // namespace

class Oracle::Judge {
  public:
    explicit Judge(const OracleOptions& options) : options_(options) {}

    std::optional<Violation> observe(const Observation& observation) {
        if (ended_) return std::nullopt;
        std::optional<Violation> violation =
            std::visit([this](const auto& specific) { return take(specific); }, observation);
        if (violation) {
            violation->step = step_;
            if (violation->came.empty()) violation->came = show(observation);
            ended_ = true;
        }
        ++step_;
        return violation;
    }

    [[nodiscard]] bool settled() const {
        return ended_ || std::ranges::all_of(tracks_, [this](const Track& track) {
                   return std::ranges::any_of(track.states,
                                              [&](const State& state) { return reproach(track, state).empty(); });
               });
    }

    [[nodiscard]] std::vector<std::string> owed() const {
        std::vector<std::string> owed;
        for (const Track& track : tracks_) {
            const auto [state, words, clause] = nearest_to_quiet(track);
            if (!words.empty()) owed.push_back("socket " + std::to_string(track.handle) + ": " + words);
        }
        return owed;
    }

    [[nodiscard]] std::set<std::string> evidence() const { return evidence_; }

    [[nodiscard]] std::size_t states() const {
        std::size_t count = 0;
        for (const Track& track : tracks_) count += track.states.size();
        return count;
    }

  private:
    // ---- evidence -------------------------------------------------------------------------------------------------

    void note(std::string_view clause) { evidence_.emplace(clause); }

    Evidence bit(std::string_view clause) {
        Evidence evidence;
        if (const std::size_t index = citations_.index(clause); index < evidence.size()) evidence.set(index);
        return evidence;
    }

    // What every surviving path of the track has shown.
    void collect(Track& track) {
        if (track.states.empty()) return;
        Evidence common;
        common.set();
        for (const State& state : track.states) common &= state.evidence;
        for (std::size_t index = 0; index < citations_.size() && index < common.size(); ++index) {
            if (common.test(index)) evidence_.insert(citations_.name(index));
        }
    }

    // ---- states ---------------------------------------------------------------------------------------------------

    std::vector<Post> fire(State& state, const Stimulus& stimulus) {
        std::vector<Post> posts = state.socket.apply(stimulus);
        for (const Row* row : state.socket.fired()) state.evidence |= bit(row->clause);
        return posts;
    }

    // Puts the messages of one moment into the queue. A window that was destroyed takes none.
    void put(const Track& track, State& state, const std::vector<Post>& posts, const Evidence& shows = {}) {
        if (!track.registration || !alive(track.registration->window)) return;
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
                posted.shows |= bit("R-1");
                if (post.event == Event::read) posted.shows |= bit("AS-LEVEL-3");
            }
            if (together) posted.shows |= bit("R-9") | bit("AS-MSG-2");
            state.posted.push_back(posted);
            together = true;
        }
    }

    static Stimulus stimulus_of(const Effect& effect) {
        switch (effect.what) {
            case Effect::What::data:
                return stimulus::DataArrived{effect.bytes};
            case Effect::What::urgent:
                return stimulus::OobArrived{};
            case Effect::What::fin:
                return stimulus::PeerClosed{};
            case Effect::What::reset:
                return stimulus::ConnectionAborted{static_cast<ErrorCode>(wsa::reset)};
            case Effect::What::request:
                return stimulus::ConnectionRequest{};
            case Effect::What::outcome:
                break;
        }
        return stimulus::ConnectOutcome{effect.error};
    }

    // What a reset leaves no room for: everything behind it.
    static void after_reset(State& state) {
        state.effects.clear();
        state.reset_possible = false;
    }

    // Adds the state unless an equal one is there; of two equal paths only what both have shown is kept.
    static void add(std::vector<State>& states, State state) {
        for (State& present : states) {
            if (present == state) {
                present.evidence &= state.evidence;
                return;
            }
        }
        states.push_back(std::move(state));
    }

    // Where something can be read already, more of it makes no difference but in number, and `receive` puts back what
    // turns out not to have arrived: one state stands for every number.
    void gather_data(State& state) {
        const Facts& facts = state.socket.facts();
        while (facts.readable > 0 && !state.effects.empty() && state.effects.front().what == Effect::What::data &&
               facts.aborted == 0 && !facts.subsystem_failed) {
            const bool silent = state.socket.state(Event::read) != "Enabled" || facts.receive_shut;
            if (!silent) return;
            fire(state, stimulus::DataArrived{state.effects.front().bytes});
            state.effects.erase(state.effects.begin());
        }
    }

    // Everything that can have happened unseen: effects in order, one by one or several at one moment; room to send
    // at any time; a full queue at any time where there is a limit.
    void close_under_the_unseen(Track& track) {
        std::vector<State> closed;
        for (State& state : track.states) {
            gather_data(state);
            add(closed, std::move(state));
        }
        for (std::size_t index = 0; index < closed.size(); ++index) {
            State harvested = closed[index];
            std::vector<Post> posts;
            for (std::size_t count = 0; count < effects_at_once && !harvested.effects.empty(); ++count) {
                const Effect effect = harvested.effects.front();
                harvested.effects.erase(harvested.effects.begin());
                for (const Post& post : fire(harvested, stimulus_of(effect))) posts.push_back(post);
                if (effect.what == Effect::What::reset) after_reset(harvested);
                State taken = harvested;
                std::vector<Post> sorted = posts;
                std::ranges::stable_sort(sorted, {}, [](const Post& post) { return index_of(post.event); });
                put(track, taken, sorted);
                gather_data(taken);
                add(closed, std::move(taken));
            }
            const Facts& facts = closed[index].socket.facts();
            if (!facts.closed && !facts.send_possible && facts.phase == Phase::established && facts.aborted == 0) {
                State roomy = closed[index];
                const std::vector<Post> told = fire(roomy, stimulus::SendSpaceAvailable{});
                put(track, roomy, told, track.short_send ? bit("R-19") : Evidence{});
                add(closed, std::move(roomy));
            }
            if (closed[index].reset_possible) {
                State reset = closed[index];
                if (reset.socket.facts().aborted == 0) {
                    const std::vector<Post> told =
                        fire(reset, stimulus::ConnectionAborted{static_cast<ErrorCode>(wsa::reset)});
                    put(track, reset, told);
                }
                after_reset(reset);
                add(closed, std::move(reset));
            }
            if (limited_ || closed[index].socket.facts().queue_full) {
                State other = closed[index];
                if (other.socket.facts().queue_full) {
                    const std::vector<Post> told = fire(other, stimulus::QueueHasRoom{});
                    put(track, other, told, bit("R-13"));
                } else {
                    fire(other, stimulus::QueueFilled{});
                }
                add(closed, std::move(other));
            }
        }
        track.states = std::move(closed);
    }

    // Applies one stimulus to every state of the track.
    void fire_all(Track& track, const Stimulus& stimulus, const Evidence& shows = {}) {
        for (State& state : track.states) {
            const std::vector<Post> posts = fire(state, stimulus);
            put(track, state, posts, shows);
        }
        close_under_the_unseen(track);
    }

    static void make_optional(Track& track) {
        for (State& state : track.states) {
            for (Posted& posted : state.posted) posted.optional = true;
        }
    }

    [[nodiscard]] bool alive(Handle window) const { return windows_.contains(window); }

    Track* find_open(Handle handle) {
        for (Track& track : tracks_) {
            if (track.handle == handle && !track.closed) return &track;
        }
        return nullptr;
    }

    Track* find_any(Handle handle) {
        if (Track* open = find_open(handle)) return open;
        for (auto track = tracks_.rbegin(); track != tracks_.rend(); ++track) {
            if (track->handle == handle) return &*track;
        }
        return nullptr;
    }

    Track* find_connected(const std::string& connection) {
        for (Track& track : tracks_) {
            if (!connection.empty() && track.connection == connection) return &track;
        }
        return nullptr;
    }

    static std::vector<std::string> words(const Track& track, const std::vector<State>& states) {
        constexpr std::size_t enough = 8;
        std::vector<std::string> lines;
        for (const State& state : states) {
            if (lines.size() == enough) {
                lines.push_back("and " + std::to_string(states.size() - enough) + " more");
                break;
            }
            lines.push_back(describe(track, state));
        }
        return lines;
    }

    static Violation violation(std::string_view clause, std::string due, std::string came = {},
                               std::vector<std::string> states = {}) {
        return {std::string(clause), 0, std::move(due), std::move(came), std::move(states)};
    }

    // ---- quiet ----------------------------------------------------------------------------------------------------

    struct Reproach {
        std::string words;  // empty: nothing is owed
        std::string_view clause;
        std::size_t weight = 0;

        [[nodiscard]] bool empty() const { return words.empty(); }
    };

    // Why this state cannot be the one at a moment of quiet.
    [[nodiscard]] Reproach reproach(const Track& track, const State& state) const {
        if (!state.effects.empty() && !track.closed) return {"effects have not taken place", "", 1000};
        const Facts& facts = state.socket.facts();
        if (facts.queue_full) return {"the queue is full", "R-13", 900};
        if (!track.closed && track.sent == track.peer_received && !facts.send_possible && !facts.send_shut &&
            facts.phase == Phase::established && facts.aborted == 0 && !state.space_waived && !track.peer_closed) {
            return {"there is room to send again", track.short_send ? "R-19" : "AS-WRITE-3", 800};
        }
        std::vector<std::string> due;
        std::string_view clause;
        for (const Posted& posted : state.posted) {
            if (posted.optional) continue;
            if (due.empty()) clause = track.short_send && posted.event == Event::write ? "R-19" : posted.clause;
            due.push_back(show_posted(posted));
        }
        return {join(due, ", then "), clause, due.size()};
    }

    // The state that owes least, and what.
    [[nodiscard]] std::tuple<const State*, std::string, std::string_view> nearest_to_quiet(const Track& track) const {
        const State* nearest = nullptr;
        Reproach least;
        for (const State& state : track.states) {
            Reproach found = reproach(track, state);
            if (found.empty()) return {&state, "", ""};
            if (nearest == nullptr || found.weight < least.weight) {
                nearest = &state;
                least = std::move(found);
            }
        }
        return {nearest, least.words, least.clause};
    }

    std::optional<Violation> take(const observation::Quiet& /*quiet*/) {
        for (Track& track : tracks_) {
            const auto [nearest, owed, clause] = nearest_to_quiet(track);
            if (nearest == nullptr) continue;
            if (!owed.empty()) {
                // Not one of the messages that it should have inherited.
                const bool bereft = track.accepted && !track.own_select && !track.closed &&
                                    std::ranges::all_of(track.retrieved, [](unsigned count) { return count == 0; });
                return violation(bereft ? "AS-INHERIT-1" : clause, owed, "nothing more", words(track, {*nearest}));
            }
        }
        for (Track& track : tracks_) {
            std::vector<State> quiet;
            for (State& state : track.states) {
                if (!reproach(track, state).empty()) continue;
                state.posted.clear();
                add(quiet, std::move(state));
            }
            track.states = std::move(quiet);
            collect(track);
            note_quiet(track);
            close_under_the_unseen(track);
        }
        return std::nullopt;
    }

    // What the absence of any further message shows.
    void note_quiet(Track& track) {
        if (track.states.empty()) return;
        const auto all = [&track](auto&& predicate) {
            return std::ranges::all_of(track.states,
                                       [&](const State& state) { return predicate(state.socket.facts()); });
        };
        if (track.closed) {
            if (track.registration) {
                note("AS-CANCEL-3");
                if ((track.registration->mask & bit_of(Event::close)) != 0) note("AS-CLOSE-6");
            }
            return;
        }
        const std::uint32_t mask = track.registration ? track.registration->mask : 0;
        const auto wants = [mask](Event event) { return (mask & bit_of(event)) != 0; };
        if (track.cancelled && track.effects_after_cancel) note("AS-CANCEL-1");
        if (wants(Event::close) && track.shut_down &&
            all([](const Facts& facts) { return !facts.fin && facts.aborted == 0; })) {
            note("R-7");
        }
        if (wants(Event::read) && all([](const Facts& facts) { return facts.fin && facts.end_of_data(); })) {
            note("AS-CLOSE-7");
        }
        if (wants(Event::read) &&
            all([](const Facts& facts) { return facts.aborted != 0 && !facts.data_available(); })) {
            note("R-28");
        }
        if (wants(Event::connect) && all([](const Facts& facts) {
                return facts.phase == Phase::established && !facts.connection_established();
            })) {
            note("R-28");
        }
        if (wants(Event::accept) && all([](const Facts& facts) { return facts.phase == Phase::established; }))
            note("R-11");
        if ((wants(Event::read) || wants(Event::write)) &&
            all([](const Facts& facts) { return facts.phase == Phase::listening; })) {
            note("R-11");
        }
        if (wants(Event::write) && all([](const Facts& facts) { return facts.phase == Phase::idle; })) note("R-14");
        if (track.calls_since_close > 0 && track.retrieved[index_of(Event::close)] == 1) note("AS-ENABLE-5");
        if (track.accepted && track.window_died && !track.own_select) {
            note("R-3");
            note("R-12");
        }
        if (track.sent_since_write && wants(Event::write)) note("AS-WRITE-5");
    }

    // ---- messages -------------------------------------------------------------------------------------------------

    // Messages are in order within a queue, and each thread has one.
    [[nodiscard]] bool same_queue(const Posted& a, const Posted& b) const {
        if (a.window == b.window) return true;
        const auto of_a = threads_.find(a.window);
        const auto of_b = threads_.find(b.window);
        return of_a != threads_.end() && of_b != threads_.end() && of_a->second == of_b->second;
    }

    // Whether the message at `index` may be retrieved next.
    [[nodiscard]] bool may_be_next(const std::vector<Posted>& queue, std::size_t index) const {
        for (std::size_t before = 0; before < index; ++before) {
            if (queue[before].optional || !same_queue(queue[before], queue[index])) continue;
            if (options_.ours) return false;
            // R-9 for any provider: of one moment, CONNECT comes before WRITE and READ before CLOSE; else any order.
            for (std::size_t between = before + 1; between <= index; ++between) {
                if (!queue[between].together) return false;
            }
            const Event first = queue[before].event;
            const Event second = queue[index].event;
            if (first == Event::connect && second == Event::write) return false;
            if (first == Event::read && second == Event::close) return false;
        }
        return true;
    }

    std::vector<State> retrieve(const Track& track, const Message& message) {
        std::vector<State> explained;
        for (const State& state : track.states) {
            for (std::size_t index = 0; index < state.posted.size(); ++index) {
                const Posted& posted = state.posted[index];
                const bool same = posted.window == message.window && posted.message == message.message &&
                                  bit_of(posted.event) == (message.lparam & 0xffffU) &&
                                  posted.error == (message.lparam >> 16U);
                if (!same || !may_be_next(state.posted, index)) continue;
                State next = state;
                next.evidence |= posted.shows;
                next.evidence |= bit(posted.clause);
                if (posted.optional) next.evidence |= bit("AS-CANCEL-2");
                // What was passed over in the same queue and did not have to come will not come any more.
                std::vector<Posted> left;
                for (std::size_t other = 0; other < state.posted.size(); ++other) {
                    if (other == index) continue;
                    const Posted& kept = state.posted[other];
                    if (other < index && kept.optional && same_queue(kept, posted)) continue;
                    left.push_back(kept);
                    // The first that is left of its moment.
                    if (other == index + 1 && !posted.together) left.back().together = false;
                }
                if (!left.empty()) left.front().together = false;
                next.posted = std::move(left);
                add(explained, std::move(next));
            }
        }
        return explained;
    }

    std::optional<Violation> take(const Message& message) {
        if (message.event != (message.lparam & 0xffffU) || message.error != (message.lparam >> 16U)) {
            return violation("AS-MSG-3", "WSAGETSELECTEVENT is LOWORD(lParam), WSAGETSELECTERROR is HIWORD(lParam)",
                             "event " + std::to_string(message.event) + ", error " + std::to_string(message.error) +
                                 " from lParam " + std::to_string(message.lparam));
        }
        retrieved_since_error_.insert(message.thread);
        Track* track = find_any(message.socket);
        if (track == nullptr) return violation("AS-MSG-1", "wParam is a socket that was registered");
        const std::uint32_t bits = message.lparam & 0xffffU;
        const std::optional<Event> event = single_event(bits);
        if (!event) {
            return violation((bits & every_event) == bits && bits != 0 ? "AS-MSG-2" : "AS-MSG-1",
                             "LOWORD(lParam) is exactly one of the ten events", show(message),
                             words(*track, track->states));
        }
        std::vector<State> explained = retrieve(*track, message);
        if (explained.empty()) {
            // A closed socket whose handle is in use again, by a provider that does so.
            for (Track& older : tracks_) {
                if (&older == track || older.handle != message.socket) continue;
                if (std::vector<State> of_older = retrieve(older, message); !of_older.empty()) {
                    older.states = std::move(of_older);
                    note("AS-CANCEL-2");
                    return std::nullopt;
                }
            }
            return diagnose(*track, message, *event);
        }
        track->states = std::move(explained);
        note_message(*track, message, *event);
        close_under_the_unseen(*track);
        return std::nullopt;
    }

    void note_message(Track& track, const Message& message, Event event) {
        note("AS-MSG-1");
        note("AS-MSG-3");
        note(error_clause(event));
        const std::size_t index = index_of(event);
        if (track.registration && message.message == track.registration->message &&
            message.window == track.registration->window) {
            if (track.registrations >= 2) {
                note("AS-REG-1");
                for (const Registration& other : track.earlier) {
                    if (other.message != message.message && (other.mask & bit_of(event)) == 0) note("AS-REG-2");
                }
            }
            if (track.accepted) note(track.own_select ? "AS-INHERIT-2" : "AS-INHERIT-1");
            if (track.refused_call) note("AS-API-8");
            if (track.window_died) note("R-12");
        }
        if (track.enabled_again[index] && track.retrieved[index] > 0) {
            if (event == Event::read) {
                note("AS-ENABLE-2");
                if (track.peeked) note("AS-READ-3");
            }
            if (event == Event::write) note("AS-ENABLE-3");
            if (event == Event::accept) note("AS-ENABLE-4");
            if (track.enabled_by_failure[index]) {
                note("AS-ENABLE-8");
                note("R-20");
            }
        }
        if (track.due_while_full) note("R-13");
        if (event == Event::connect) {
            if (track.connect_failed && track.connects > 1) note("R-4");
            if ((message.lparam >> 16U) != 0) track.connect_failed = true;
        }
        if (event == Event::close && (message.lparam >> 16U) != 0) {
            const bool unread =
                std::ranges::all_of(track.states, [](const State& state) { return state.socket.facts().readable > 0; });
            if (unread) note("R-6");
        }
        if (event == Event::close && std::ranges::all_of(track.states, [](const State& state) {
                const Facts& facts = state.socket.facts();
                return facts.receive_shut && facts.readable > 0;
            })) {
            note("R-6");
        }
        if (event == Event::close && track.registrations >= 2) note("R-5");
        ++track.retrieved[index];
        track.enabled_again[index] = false;
        if (event == Event::read) track.receives_since_read = 0;
        if (event == Event::write) track.sent_since_write = false;
    }

    // The clause that a message breaks which no state explains.
    Violation diagnose(const Track& track, const Message& message, Event event) {
        const std::vector<std::string> states = words(track, track.states);
        const std::uint32_t error = message.lparam >> 16U;
        const auto broken = [&](std::string_view clause, std::string due) {
            return violation(clause, std::move(due), show(message), states);
        };
        const auto any = [&track](auto&& predicate) { return std::ranges::any_of(track.states, predicate); };
        const auto all = [&track](auto&& predicate) { return std::ranges::all_of(track.states, predicate); };
        const auto queued = [&](auto&& predicate) {
            return any([&](const State& state) { return std::ranges::any_of(state.posted, predicate); });
        };
        const std::string name{name_of(event)};

        if (!permitted_error(event, error)) {
            return broken(error_clause(event), "an error code that " + name + " may carry");
        }
        if (track.closed) {
            return event == Event::close ? broken("AS-CLOSE-6", "no FD_CLOSE after closesocket")
                                         : broken("AS-CANCEL-3", "no message that was posted after closesocket");
        }
        // The right event with something wrong about it.
        const auto right_event = [&](const Posted& posted) { return posted.event == event; };
        if (queued([&](const Posted& posted) {
                return right_event(posted) && posted.error == error &&
                       (posted.window != message.window || posted.message != message.message);
            })) {
            const bool earlier = std::ranges::any_of(track.earlier, [&](const Registration& other) {
                return other.window == message.window && other.message == message.message;
            });
            return broken(earlier ? "AS-REG-1" : "AS-MSG-1", "the window and the message of the last registration");
        }
        if (!track.registration) {
            if (track.cancelled) return broken("AS-CANCEL-1", "no message after lEvent 0");
            if (!track.earlier.empty()) return broken("AS-CANCEL-4", "no message after WSAEventSelect");
            return broken("AS-MSG-1", "no message for a socket that was never registered");
        }
        if ((track.registration->mask & bit_of(event)) == 0) {
            for (const Registration& other : track.earlier) {
                if ((other.mask & bit_of(event)) == 0) continue;
                return broken(other.message == track.registration->message ? "AS-REG-1" : "AS-REG-2",
                              "only the events of the last registration: " + show_mask(track.registration->mask));
            }
            return broken("AS-REG-1", "only the events of the registration: " + show_mask(track.registration->mask));
        }
        if (queued([&](const Posted& posted) { return right_event(posted) && posted.error != error; })) {
            if (event == Event::connect) return broken("AS-CONNECT-4", "FD_CONNECT with the outcome of the connect");
            if (event == Event::close) {
                const bool abortive = queued([&](const Posted& p) { return right_event(p) && p.error != 0; });
                return abortive ? broken("AS-CLOSE-5", "FD_CLOSE with the error of the reset")
                                : broken("AS-CLOSE-3", "FD_CLOSE with error 0 for a graceful close");
            }
            return broken(error_clause(event), name + " without an error");
        }
        if (queued(right_event)) {
            if (event == Event::write && queued([](const Posted& p) { return p.event == Event::connect; })) {
                return broken("AS-WRITE-2", "FD_CONNECT before FD_WRITE");
            }
            return broken("R-9", "the order of posting: CONNECT, ACCEPT, OOB, READ, WRITE, CLOSE");
        }
        const bool already = any([&](const State& state) { return state.socket.state(event) == "Posted"; });
        const auto facts_any = [&](auto&& predicate) {
            return any([&](const State& state) { return predicate(state.socket.facts()); });
        };
        const auto facts_all = [&](auto&& predicate) {
            return all([&](const State& state) { return predicate(state.socket.facts()); });
        };
        switch (event) {
            case Event::read:
                if (facts_any([](const Facts& facts) { return facts.end_of_data(); }) &&
                    facts_all([](const Facts& facts) { return !facts.data_available() || facts.fin; })) {
                    return broken("AS-CLOSE-7", "no FD_READ for end of data");
                }
                if (facts_all([](const Facts& facts) { return facts.aborted != 0 && !facts.data_available(); })) {
                    return broken("R-28", "no FD_READ for an error alone");
                }
                if (track.receives_since_read == 0 && already) {
                    return broken("AS-ENABLE-1", "no further FD_READ until recv");
                }
                return broken(track.receives_since_read > 0 ? "AS-READ-3" : "AS-READ-2",
                              "FD_READ only where there is data");
            case Event::write:
                if (facts_all([](const Facts& facts) { return facts.phase != Phase::established; })) {
                    return broken("AS-WRITE-2", "no FD_WRITE before the connection is established");
                }
                if (already && !track.enabled_again[index_of(Event::write)]) {
                    return broken("AS-ENABLE-1", "no further FD_WRITE until send");
                }
                if (facts_any([](const Facts& facts) { return facts.can_send(); })) {
                    return broken("AS-WRITE-5", "no FD_WRITE because a send succeeded");
                }
                return broken("AS-WRITE-3", "FD_WRITE when a send can succeed again");
            case Event::oob:
                if (facts_all([](const Facts& facts) { return facts.oob_inline; })) {
                    return broken("AS-OOB-1", "no FD_OOB with SO_OOBINLINE on");
                }
                return broken(already ? "AS-ENABLE-1" : "AS-OOB-3", "FD_OOB only where there is an urgent byte");
            case Event::accept:
                return broken(already ? "AS-ENABLE-1" : "AS-ACCEPT-2",
                              "FD_ACCEPT only for a request, once until accept");
            case Event::connect:
                if (facts_any([](const Facts& facts) { return facts.phase == Phase::connecting; })) {
                    return broken("AS-CONNECT-4", "FD_CONNECT when the outcome is known");
                }
                if (track.accepted && !track.own_select) return broken("R-3", "no FD_CONNECT on an accepted socket");
                if (already || track.retrieved[index_of(event)] > 0)
                    return broken("AS-ENABLE-5", "one FD_CONNECT for each connect");
                return broken("AS-CONNECT-1", "FD_CONNECT only for a connection");
            case Event::close:
                if (facts_all([](const Facts& facts) { return facts.kind == Kind::datagram; })) {
                    return broken("AS-CLOSE-1", "no FD_CLOSE on a socket without connections");
                }
                if (already) return broken("AS-ENABLE-5", "one FD_CLOSE for each registration");
                if (facts_any([](const Facts& facts) { return facts.fin && facts.data_available(); })) {
                    return broken("AS-CLOSE-3", "FD_CLOSE once no received data is left");
                }
                if (track.shut_down) return broken("R-7", "no FD_CLOSE for a local shutdown");
                if (track.connect_failed) return broken("R-4", "no FD_CLOSE after a failed connect");
                return broken("AS-CLOSE-3", "FD_CLOSE once the peer has closed");
            case Event::qos:
                return broken("AS-EDGE-1", "one FD_QOS for each change");
            case Event::group_qos:
                return broken("AS-GQOS-1", "FD_GROUP_QOS is never posted");
            case Event::routing_interface_change:
            case Event::address_list_change:
                break;
        }
        return broken("AS-EDGE-2", "one message for a change after each request");
    }

    // ---- what peers do --------------------------------------------------------------------------------------------

    void append(Track& track, const Effect& effect) {
        for (State& state : track.states) {
            if (state.socket.facts().aborted != 0) continue;
            const bool doomed = !state.effects.empty() && state.effects.back().what == Effect::What::reset;
            if (doomed) continue;
            const bool more = effect.what == Effect::What::data && !state.effects.empty() &&
                              state.effects.back().what == Effect::What::data;
            if (more) {
                state.effects.back().bytes += effect.bytes;
            } else {
                state.effects.push_back(effect);
            }
        }
        if (track.cancelled) track.effects_after_cancel = true;
        if (limited_) track.due_while_full = true;
        close_under_the_unseen(track);
    }

    std::optional<Violation> take(const Peer& peer) {
        switch (peer.verb) {
            case PeerVerb::connect: {
                connections_[peer.connection] = {};
                Track* listener = find_open(peer.socket);
                if (listener == nullptr) return violation("", "a listening socket");
                listener->requests.push_back(peer.connection);
                append(*listener, {Effect::What::request, 0, 0});
                return std::nullopt;
            }
            case PeerVerb::established:
            case PeerVerb::refused: {
                Track* track = find_open(peer.socket);
                if (track == nullptr) return std::nullopt;
                if (peer.verb == PeerVerb::established) track->connection = peer.connection;
                for (State& state : track->states) {
                    const bool waits = state.socket.facts().phase == Phase::connecting;
                    if (waits) state.effects.push_back({Effect::What::outcome, 0, static_cast<ErrorCode>(peer.error)});
                }
                if (track->cancelled) track->effects_after_cancel = true;
                close_under_the_unseen(*track);
                return std::nullopt;
            }
            default:
                break;
        }
        Track* track = find_connected(peer.connection);
        if (track == nullptr) {
            take_early(peer);
            return std::nullopt;
        }
        switch (peer.verb) {
            case PeerVerb::send:
                append(*track, {Effect::What::data, peer.bytes, 0});
                break;
            case PeerVerb::urgent:
                track->had_urgent = true;
                append(*track, {Effect::What::urgent, 1, 0});
                break;
            case PeerVerb::shutdown:
                append(*track, {Effect::What::fin, 0, 0});
                break;
            case PeerVerb::reset:
                track->peer_closed = true;
                append(*track, {Effect::What::reset, 0, 0});
                break;
            case PeerVerb::close:
                close_peer(*track);
                break;
            case PeerVerb::receive:
                track->peer_received += peer.bytes;
                break;
            default:
                break;
        }
        return std::nullopt;
    }

    // A peer that closes with something unread answers with a reset; what is still on its way to it, too.
    void close_peer(Track& track) {
        track.peer_closed = true;
        const bool unread = track.sent > track.peer_received;
        if (unread) {
            std::vector<State> both = track.states;
            for (State& state : both) {
                const Facts& facts = state.socket.facts();
                if (facts.aborted == 0) state.effects.push_back({Effect::What::reset, 0, 0});
            }
            for (State& state : track.states) {
                state.reset_possible = true;
                both.push_back(std::move(state));
            }
            // The reset alone, or the end of data with perhaps a reset behind it.
            for (std::size_t index = both.size() / 2; index < both.size(); ++index) push_fin(both[index]);
            track.states = std::move(both);
        } else {
            for (State& state : track.states) push_fin(state);
        }
        if (track.cancelled) track.effects_after_cancel = true;
        close_under_the_unseen(track);
    }

    static void push_fin(State& state) {
        const Facts& facts = state.socket.facts();
        const bool there = facts.fin || std::ranges::any_of(state.effects, [](const Effect& effect) {
                               return effect.what == Effect::What::fin || effect.what == Effect::What::reset;
                           });
        if (!there && facts.aborted == 0) state.effects.push_back({Effect::What::fin, 0, 0});
    }

    // On a connection that waits to be accepted, or whose connect has not been seen to succeed.
    void take_early(const Peer& peer) {
        Connection& connection = connections_[peer.connection];
        switch (peer.verb) {
            case PeerVerb::send:
                if (!connection.effects.empty() && connection.effects.back().what == Effect::What::data) {
                    connection.effects.back().bytes += peer.bytes;
                } else {
                    connection.effects.push_back({Effect::What::data, peer.bytes, 0});
                }
                break;
            case PeerVerb::urgent:
                connection.had_urgent = true;
                connection.effects.push_back({Effect::What::urgent, 1, 0});
                break;
            case PeerVerb::close:
                connection.peer_closed = true;
                [[fallthrough]];
            case PeerVerb::shutdown:
                if (connection.effects.empty() || connection.effects.back().what != Effect::What::fin) {
                    connection.effects.push_back({Effect::What::fin, 0, 0});
                }
                break;
            case PeerVerb::reset:
                connection.peer_closed = true;
                connection.effects.push_back({Effect::What::reset, 0, 0});
                break;
            default:
                break;
        }
    }

    std::optional<Violation> take(const observation::Change& /*change*/) { return std::nullopt; }

    std::optional<Violation> take(const QueueLimit& limit) {
        limited_ = limit.on;
        for (Track& track : tracks_) {
            if (!limited_) track.due_while_full = false;
        }
        for (Track& track : tracks_) close_under_the_unseen(track);
        return std::nullopt;
    }

    // ---- calls ----------------------------------------------------------------------------------------------------

    std::optional<Violation> take(const Call& call) {
        std::optional<Violation> violation = take_call(call);
        if (call.function != Function::get_last_error) {
            retrieved_since_error_.erase(call.thread);
            if (call.failed()) {
                last_error_[call.thread] = call.error;
            } else if (call.function == Function::set_last_error) {
                last_error_[call.thread] = static_cast<int>(call.value);
            } else {
                last_error_.erase(call.thread);  // a success may leave it or clear it
            }
        }
        return violation;
    }

    std::optional<Violation> take_call(const Call& call) {
        switch (call.function) {
            case Function::startup:
                if (!call.failed()) ++startups_;
                return std::nullopt;
            case Function::cleanup:
                if (!call.failed() && startups_ > 0 && --startups_ == 0) {
                    for (Track& track : tracks_) {
                        if (!track.closed) close_track(track);
                    }
                }
                return std::nullopt;
            case Function::get_last_error: {
                const auto expected = last_error_.find(call.thread);
                if (expected == last_error_.end()) return std::nullopt;
                const bool retrieved = retrieved_since_error_.contains(call.thread);
                if (call.result != expected->second) {
                    if (retrieved && !options_.ours) return std::nullopt;
                    return violation(retrieved ? "R-27" : "AS-API-1",
                                     show_error(expected->second) + ", as the last call left it");
                }
                note(retrieved ? "R-27" : "AS-API-1");
                return std::nullopt;
            }
            case Function::set_last_error:
                return std::nullopt;
            case Function::create_window:
                if (!call.failed()) {
                    windows_.insert(call.created);
                    threads_[call.created] = call.thread;
                }
                return std::nullopt;
            case Function::destroy_window:
                if (!call.failed()) destroy(call.window);
                return std::nullopt;
            case Function::socket:
                return call.failed() ? std::nullopt
                                     : open(call.created,
                                            Socket(call.datagram ? Kind::datagram : Kind::stream, options_.profile));
            case Function::async_select:
                return take_select(call);
            default:
                break;
        }
        Track* track = startups_ > 0 ? find_open(call.socket) : nullptr;
        if (track == nullptr) {
            if (startups_ == 0) return std::nullopt;
            if (options_.ours && call.error != wsa::not_a_socket) {
                return violation(find_any(call.socket) != nullptr ? "R-17" : "", "WSAENOTSOCK");
            }
            if (find_any(call.socket) != nullptr && call.error == wsa::not_a_socket) note("R-17");
            return std::nullopt;
        }
        if (call.error == wsa::not_a_socket) return violation("", "the socket is open");
        const bool had_states = !track->states.empty();
        const std::vector<State> before = track->states;
        std::optional<Violation> broken = take_on_socket(*track, call);
        if (broken) return broken;
        if (had_states && track->states.empty()) {
            return violation("", "a result that agrees with what the peers did and with the results before", "",
                             words(*track, before));
        }
        close_under_the_unseen(*track);
        return std::nullopt;
    }

    std::optional<Violation> take_on_socket(Track& track, const Call& call) {
        switch (call.function) {
            case Function::bind:
                if (!call.failed()) fire_all(track, stimulus::Bound{});
                return std::nullopt;
            case Function::listen:
                if (!call.failed()) fire_all(track, stimulus::Listened{});
                return std::nullopt;
            case Function::connect:
                take_connect(track, call);
                return std::nullopt;
            case Function::accept:
                return take_accept(track, call);
            case Function::recv:
                take_recv(track, call);
                return std::nullopt;
            case Function::send:
                take_send(track, call);
                return std::nullopt;
            case Function::shutdown:
                if (!call.failed()) {
                    track.shut_down = true;
                    fire_all(track, stimulus::ShutDown{call.value == 0   ? stimulus::How::receive
                                                       : call.value == 1 ? stimulus::How::send
                                                                         : stimulus::How::both});
                }
                return std::nullopt;
            case Function::closesocket:
                if (!call.failed()) close_track(track);
                return std::nullopt;
            case Function::set_nonblocking:
                return take_nonblocking(track, call);
            case Function::set_oob_inline:
                if (!call.failed()) fire_all(track, stimulus::OobInlineSet{call.value != 0});
                return std::nullopt;
            case Function::event_select:
                if (!call.failed()) {
                    cancel(track);
                    fire_all(track, stimulus::EventSelect{call.mask});
                }
                return std::nullopt;
            default:
                return std::nullopt;
        }
    }

    std::optional<Violation> open(Handle handle, Socket socket) {
        Track* before = find_any(handle);
        if (before != nullptr && !before->closed) return violation("", "a handle that is not in use");
        if (before != nullptr && options_.ours &&
            std::ranges::any_of(before->states, [](const State& state) { return !state.posted.empty(); })) {
            return violation("R-17", "a handle that no message in a queue bears", "", words(*before, before->states));
        }
        Track track;
        track.handle = handle;
        track.states.push_back(State{std::move(socket), {}, {}, false, false, {}});
        tracks_.push_back(std::move(track));
        return std::nullopt;
    }

    void close_track(Track& track) {
        make_optional(track);
        for (State& state : track.states) {
            fire(state, stimulus::Closed{});
            after_reset(state);
        }
        track.closed = true;
    }

    void destroy(Handle window) {
        windows_.erase(window);
        for (Track& track : tracks_) {
            std::vector<State> left;
            for (State& state : track.states) {
                std::erase_if(state.posted, [window](const Posted& posted) { return posted.window == window; });
                add(left, std::move(state));
            }
            track.states = std::move(left);
            if (track.registration && track.registration->window == window) track.window_died = true;
        }
    }

    void cancel(Track& track) {
        make_optional(track);
        if (track.registration) track.earlier.push_back(*track.registration);
        track.registration.reset();
        track.effects_after_cancel = false;
        track.retrieved.fill(0);
        track.enabled_again.fill(false);
    }

    std::optional<Violation> take_select(const Call& call) {
        // Every error that applies, in the order of R-23.
        struct Applying {
            int error;
            std::string_view clause;
        };
        std::vector<Applying> errors;
        if (startups_ == 0) errors.push_back({wsa::not_initialised, "AS-API-2"});
        Track* track = find_open(call.socket);
        if (track == nullptr) {
            errors.push_back(
                {wsa::not_a_socket, find_any(call.socket) != nullptr && options_.ours ? "R-17" : "AS-API-6"});
        }
        if ((call.mask & ~every_event) != 0) {
            errors.push_back({wsa::invalid, "R-10"});
        } else if (call.mask != 0 && !alive(call.window)) {
            errors.push_back({wsa::invalid, call.window == 0 ? "R-10" : "AS-API-4"});
        }
        if (call.failed() != (call.result == socket_error) || (!call.failed() && call.result != 0)) {
            return violation("AS-API-1", "0, or SOCKET_ERROR and an error code",
                             std::to_string(call.result) + " with " + show_error(call.error));
        }
        if (!errors.empty()) {
            const Applying& first = errors.front();
            if (call.error != first.error) {
                const bool later =
                    std::ranges::any_of(errors, [&](const Applying& other) { return other.error == call.error; });
                return violation(later ? "R-23" : first.clause, show_error(first.error));
            }
            note("AS-API-1");
            note(first.clause);
            if (first.clause == "R-10") note("AS-API-4");
            if (first.clause == "R-17") note("AS-API-6");
            if (errors.size() > 1) note("R-23");
            if (track != nullptr && track->registration) track->refused_call = true;
            return std::nullopt;
        }
        if (call.failed()) {
            std::string_view clause = "AS-API-1";
            if (call.error == wsa::invalid)
                clause = call.mask == 0 ? "R-10" : call.window != 0 ? "AS-API-7" : "AS-API-4";
            return violation(clause, "0: nothing is wrong with this call", "", words(*track, track->states));
        }
        note("AS-API-1");
        if (call.mask == every_event) note("AS-API-7");
        if (call.mask == 0 && !alive(call.window)) note("R-10");
        if (std::ranges::all_of(track->states, [](const State& state) {
                const Facts& facts = state.socket.facts();
                return !facts.connection_established();
            })) {
            note("R-24");
        }
        register_anew(*track, call);
        return std::nullopt;
    }

    void register_anew(Track& track, const Call& call) {
        const bool had_messages = std::ranges::any_of(track.states, [](const State& s) { return !s.posted.empty(); });
        const std::array<unsigned, event_count> before = track.retrieved;
        const bool again = track.registration.has_value();
        cancel(track);
        if (!track.nonblocking) {
            track.nonblocking = true;
            track.nonblocking_by_select = true;
            track.nonblocking_inherited = false;
        }
        track.refused_call = false;
        if (call.mask == 0) {
            track.cancelled = true;
            fire_all(track, stimulus::AsyncSelect{0});
            if (had_messages) note("AS-CANCEL-2");
            return;
        }
        track.cancelled = false;
        if (limited_) track.due_while_full = true;
        track.registration = Registration{call.window, call.message, call.mask};
        ++track.registrations;
        if (track.accepted) track.own_select = true;
        for (State& state : track.states) {
            const std::vector<Post> posts = fire(state, stimulus::AsyncSelect{call.mask});
            Evidence shows = bit("AS-REG-3");
            put(track, state, posts, shows);
            for (Posted& posted : state.posted) {
                if (!posted.optional && again && before[index_of(posted.event)] > 0) posted.shows |= bit("R-2");
            }
        }
        close_under_the_unseen(track);
    }

    std::optional<Violation> take_nonblocking(Track& track, const Call& call) {
        if (call.value != 0) {
            if (!call.failed()) {
                track.nonblocking = true;
                track.nonblocking_by_select = false;
                track.nonblocking_inherited = false;
            }
            return std::nullopt;
        }
        if (track.registration) {
            if (call.error != wsa::invalid) return violation("AS-MODE-2", "WSAEINVAL while an event record is set");
            note("AS-MODE-2");
            return std::nullopt;
        }
        if (call.failed()) return violation(track.cancelled ? "AS-MODE-3" : "", "0: no event record is set");
        if (track.cancelled) note("AS-MODE-3");
        track.nonblocking = false;
        track.nonblocking_by_select = false;
        track.nonblocking_inherited = false;
        return std::nullopt;
    }

    // Remembers that the re-enabling function of an event was called.
    static void enable(Track& track, Event event, bool failed) {
        track.enabled_again[index_of(event)] = true;
        track.enabled_by_failure[index_of(event)] = failed;
    }

    void note_would_block(Track& track) {
        if (track.nonblocking_by_select) note("AS-MODE-1");
        if (track.nonblocking_inherited) note("AS-INHERIT-1");
    }

    void take_connect(Track& track, const Call& call) {
        ++track.connects;
        stimulus::ConnectCalled called{stimulus::Outcome::success};
        if (call.error == wsa::would_block)
            called.outcome = stimulus::Outcome::would_block;
        else if (call.failed())
            called.outcome = stimulus::Outcome::failure;
        if (called.outcome != stimulus::Outcome::failure) {
            std::erase_if(track.states, [&called](const State& state) { return !possible(state.socket, called); });
        }
        fire_all(track, called);
        const bool told = called.outcome == stimulus::Outcome::failure && track.registration &&
                          (track.registration->mask & bit_of(Event::connect)) != 0;
        if (!told) return;
        // the call has told it; a message with that error is accepted all the same.
        std::vector<State> both = track.states;
        for (State& state : both) {
            const Post post{Event::connect, static_cast<ErrorCode>(call.error), "R-4"};
            put(track, state, {post});
            state.posted.back().optional = true;
        }
        for (State& state : both) add(track.states, std::move(state));
    }

    std::optional<Violation> take_accept(Track& track, const Call& call) {
        std::vector<State> next;
        enable(track, Event::accept, call.failed());
        Evidence shows = bit("AS-LEVEL-1");
        if (call.failed()) shows |= bit("AS-ENABLE-8") | bit("R-20");
        if (call.error == wsa::would_block) note_would_block(track);
        for (const State& state : track.states) {
            const Facts& facts = state.socket.facts();
            stimulus::Accepted accepted{stimulus::AcceptOutcome::success};
            if (!call.failed()) {
                if (facts.requests == 0) {
                    // A request that arrives at the moment of the call is taken before a message was posted for it.
                    if (state.effects.empty() || state.effects.front().what != Effect::What::request) continue;
                    State after = state;
                    after.effects.erase(after.effects.begin());
                    // Like any accept that leaves none waiting.
                    after.socket.apply(stimulus::Accepted{stimulus::AcceptOutcome::failure});
                    add(next, std::move(after));
                    continue;
                }
            } else {
                if (call.error == wsa::would_block && facts.requests > 0) continue;
                accepted.outcome = stimulus::AcceptOutcome::failure;
            }
            State after = state;
            const std::vector<Post> posts = fire(after, accepted);
            put(track, after, posts, shows);
            add(next, std::move(after));
        }
        track.states = std::move(next);
        if (call.failed() || track.states.empty()) return std::nullopt;

        std::string name = call.connection;
        if (name.empty() && !track.requests.empty()) name = track.requests.front();
        std::erase(track.requests, name);
        const std::optional<Registration> inherited = track.registration;
        const bool nonblocking = track.nonblocking;
        close_under_the_unseen(track);
        // `track` may move when the new one is added.
        if (std::optional<Violation> broken = open(call.created, Socket::accepted(options_.profile))) return broken;
        Track& made = tracks_.back();
        made.accepted = true;
        made.nonblocking = nonblocking;
        made.nonblocking_inherited = nonblocking;
        made.connection = name;
        made.window_died = inherited && !alive(inherited->window);
        const Connection early = connections_[name];
        made.peer_closed = early.peer_closed;
        made.had_urgent = early.had_urgent;
        made.states.front().effects = early.effects;
        // What had arrived before accept is seen by it at one moment: with no registration yet, nothing is posted.
        close_under_the_unseen(made);
        made.registration = inherited;
        if (inherited) {
            for (State& state : made.states) {
                const std::vector<Post> posts = fire(state, stimulus::Inherit{inherited->mask});
                put(made, state, posts, bit("AS-INHERIT-1") | bit("R-3"));
            }
            close_under_the_unseen(made);
        }
        return std::nullopt;
    }

    void take_recv(Track& track, const Call& call) {
        enable(track, Event::read, call.failed());
        enable(track, Event::oob, call.failed());
        ++track.receives_since_read;
        if (track.retrieved[index_of(Event::close)] > 0) ++track.calls_since_close;
        if (call.error == wsa::would_block) {
            note_would_block(track);
            if (track.retrieved[index_of(Event::read)] > 0) note("AS-ROBUST-1");
        }
        track.peeked = (call.flags & flag_peek) != 0;
        Evidence shows = bit("AS-LEVEL-1");
        if (call.failed()) shows |= bit("AS-ENABLE-8") | bit("R-20");
        if (call.length == 0) shows |= bit("R-20");
        if (call.result > 0 && !track.peeked) shows |= bit("AS-LEVEL-2");
        std::vector<State> next;
        const auto proceed = [&](State after, const stimulus::Received& received) {
            if (!possible(after.socket, received)) return;
            const std::vector<Post> posts = fire(after, received);
            put(track, after, posts, shows);
            add(next, std::move(after));
        };
        for (const State& state : track.states) receive(track, state, call, proceed);
        track.states = std::move(next);
    }

    // The ways in which one state explains what recv returned.
    template <class Proceed>
    void receive(const Track& track, const State& state, const Call& call, const Proceed& proceed) {
        const Facts& facts = state.socket.facts();
        const bool peek = (call.flags & flag_peek) != 0;
        if (call.failed()) {
            if (call.error == wsa::would_block && (call.flags & flag_oob) == 0) {
                if (facts.data_available() || facts.fin || facts.aborted != 0) return;
                return proceed(state, {});
            }
            if (call.error == wsa::reset || call.error == wsa::aborted) {
                const bool coming = !state.effects.empty() && state.effects.front().what == Effect::What::reset;
                if (coming) {
                    State after = state;
                    after_reset(after);
                    return proceed(std::move(after), {0, false, static_cast<ErrorCode>(call.error)});
                }
                if (facts.aborted == 0) return;
                if (facts.readable == 0) return proceed(state, {});
                // Data that was not read before the reset may be gone.
                return proceed(state, {facts.readable, false, 0});
            }
            return proceed(state, {});
        }
        if ((call.flags & flag_oob) != 0) {
            if (call.result > 0 && !facts.urgent) return;
            return proceed(state, {0, call.result > 0 && !peek, 0});
        }
        const auto got = static_cast<std::uint32_t>(call.result);
        if (got == 0) {
            if (call.length != 0 && !facts.end_of_data() && !facts.receive_shut && facts.aborted == 0) return;
            return proceed(state, {});
        }
        // Data that arrives at the moment of the call may be taken by it before any message was posted for it.
        if (facts.readable < got) {
            const bool data_next = !state.effects.empty() && state.effects.front().what == Effect::What::data;
            if (!data_next || facts.fin || facts.aborted != 0) return;
            const std::uint32_t fresh = got - facts.readable;
            if (state.effects.front().bytes < fresh) return;
            State after = state;
            if (peek) return proceed(std::move(after), {});
            after.effects.front().bytes -= fresh;
            if (after.effects.front().bytes == 0) after.effects.erase(after.effects.begin());
            return proceed(std::move(after), {facts.readable, false, 0});
        }
        const std::uint32_t taken = peek ? 0 : got;
        const std::uint32_t rest = facts.readable - got;
        const bool took_less = got < call.length;
        // The rest may not have arrived yet: then it goes back among what is to come.
        if (rest > 0 && !facts.fin && facts.aborted == 0 && !peek) {
            State later = state;
            const bool data_next = !later.effects.empty() && later.effects.front().what == Effect::What::data;
            if (data_next)
                later.effects.front().bytes += rest;
            else
                later.effects.insert(later.effects.begin(), Effect{Effect::What::data, rest, 0});
            proceed(std::move(later), {facts.readable, false, 0});
        }
        if (rest == 0 || !took_less || peek || track.had_urgent) proceed(state, {taken, false, 0});
    }

    void take_send(Track& track, const Call& call) {
        enable(track, Event::write, call.failed());
        if (track.retrieved[index_of(Event::close)] > 0) ++track.calls_since_close;
        if (call.error == wsa::would_block) note_would_block(track);
        const bool success = !call.failed();
        const bool is_short = success && call.result < call.length;
        if (success) track.sent += static_cast<std::uint64_t>(call.result);
        track.sent_since_write = success && !is_short;
        track.short_send = is_short;
        Evidence shows = bit("AS-LEVEL-1");
        if (call.failed()) shows = bit("AS-ENABLE-8");
        std::vector<State> next;
        const auto proceed = [&](State after, stimulus::Sent sent) {
            if (!possible(after.socket, sent)) {
                // Nothing can be taken from a socket that is not connected, but a send can meet WSAEWOULDBLOCK there.
                if (sent.outcome != stimulus::SentOutcome::would_block) return;
                sent.outcome = stimulus::SentOutcome::failure;
            }
            const std::vector<Post> posts = fire(after, sent);
            put(track, after, posts, shows);
            add(next, std::move(after));
        };
        for (const State& state : track.states) {
            const Facts& facts = state.socket.facts();
            if (success) {
                if (facts.aborted != 0) continue;
                State after = state;
                // Nobody is there to read it.
                if (track.peer_closed && call.length > 0) after.reset_possible = true;
                if (is_short) {
                    proceed(after, {stimulus::SentOutcome::short_count, 0});
                    if (!options_.ours) proceed(after, {stimulus::SentOutcome::success, 0});
                    continue;
                }
                if (!facts.send_possible && !options_.ours) {
                    State waived = after;
                    waived.space_waived = true;
                    proceed(std::move(waived), {stimulus::SentOutcome::success, 0});
                }
                proceed(std::move(after), {stimulus::SentOutcome::success, 0});
            } else if (call.error == wsa::would_block) {
                if (facts.aborted != 0) continue;
                State after = state;
                after.space_waived = false;
                proceed(std::move(after), {stimulus::SentOutcome::would_block, 0});
            } else if (call.error == wsa::reset || call.error == wsa::aborted) {
                const bool coming = state.reset_possible ||
                                    (!state.effects.empty() && state.effects.front().what == Effect::What::reset);
                if (facts.aborted == 0 && !coming) continue;
                State after = state;
                after_reset(after);
                proceed(std::move(after), {stimulus::SentOutcome::failure,
                                           facts.aborted == 0 ? static_cast<ErrorCode>(call.error) : ErrorCode{0}});
            } else {
                proceed(state, {stimulus::SentOutcome::failure, 0});
            }
        }
        track.states = std::move(next);
    }

    OracleOptions options_;
    std::size_t step_ = 0;
    bool ended_ = false;
    bool limited_ = false;
    unsigned startups_ = 0;
    std::set<Handle> windows_;                     // that exist
    std::map<Handle, std::string> threads_;        // of windows, also of those that are gone
    std::map<std::string, int> last_error_;        // of each thread, where it is known
    std::set<std::string> retrieved_since_error_;  // threads that have retrieved a message since
    std::map<std::string, Connection> connections_;
    std::deque<Track> tracks_;
    Citations citations_;
    std::set<std::string> evidence_;
};

Oracle::Oracle(const OracleOptions& options) : judge_(std::make_unique<Judge>(options)) {}
Oracle::~Oracle() = default;
Oracle::Oracle(Oracle&&) noexcept = default;
Oracle& Oracle::operator=(Oracle&&) noexcept = default;

std::optional<Violation> Oracle::observe(const Observation& observation) { return judge_->observe(observation); }
bool Oracle::settled() const { return judge_->settled(); }
std::vector<std::string> Oracle::owed() const { return judge_->owed(); }
std::set<std::string> Oracle::evidence() const { return judge_->evidence(); }
std::size_t Oracle::states() const { return judge_->states(); }

Verdict judge(std::span<const Observation> trace, const OracleOptions& options) {
    Oracle oracle(options);
    Verdict verdict;
    for (const Observation& observation : trace) {
        verdict.violation = oracle.observe(observation);
        if (verdict.violation) break;
    }
    verdict.evidence = oracle.evidence();
    return verdict;
}

Verdict judge_with_deviations(std::span<const Observation> trace, const OracleOptions& options) {
    Verdict verdict = judge(trace, options);
    if (verdict.conforms()) return verdict;
    constexpr std::array<bool Profile::*, 5> switches{
        &Profile::close_at_fin, &Profile::reset_tells_aborted, &Profile::no_connect_at_select,
        &Profile::datagram_connect_posts_write, &Profile::urgent_bytes_queue};
    std::vector<unsigned> combinations;
    for (unsigned combination = 1; combination < 1U << switches.size(); ++combination)
        combinations.push_back(combination);
    std::ranges::stable_sort(combinations, {}, [](unsigned combination) { return std::popcount(combination); });
    for (const unsigned combination : combinations) {
        OracleOptions other = options;
        std::vector<std::string> names;
        for (std::size_t index = 0; index < switches.size(); ++index) {
            if ((combination >> index & 1U) == 0) continue;
            bool& position = other.profile.*switches[index];
            names.push_back((position ? "not W-" : "W-") + std::to_string(index + 1));
            position = !position;
        }
        Verdict explained = judge(trace, other);
        if (!explained.conforms()) continue;
        verdict.deviations = std::move(names);
        verdict.evidence = std::move(explained.evidence);
        break;
    }
    return verdict;
}

}  // namespace asyncselect::model
