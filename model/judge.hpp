// The oracle's inside. Each socket is judged for itself: a state is the model's socket, the effects of peers and
// network that have not taken place yet, and the messages that were posted and not yet retrieved. It must not know any
// provider. Its parts: judge.cpp (states, quiet), judge_messages.cpp, judge_network.cpp, judge_calls.cpp,
// judge_unobserved.cpp (peers that no trace tells of).
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>

#include "model/oracle.hpp"
#include "model/oracle_state.hpp"
#include "model/shared.hpp"
#include "model/stimulus.hpp"

namespace asyncselect::model {

class Oracle::Judge {
  public:
    explicit Judge(const OracleOptions& options) : options_(options) {}

    std::optional<Violation> observe(const Observation& observation);
    bool accept(const Observation& observation);
    std::optional<Violation> observe_taking(const observation::Call& receive, unsigned number);
    bool accept_taking(const observation::Call& receive, unsigned number);
    void ask(Handle socket, unsigned number);
    [[nodiscard]] bool asks(Handle socket, unsigned number) const;
    [[nodiscard]] const std::string& undecided() const { return undecided_; }
    [[nodiscard]] bool settled() const;
    [[nodiscard]] std::vector<std::string> owed() const;
    [[nodiscard]] std::set<std::string> evidence() const;
    [[nodiscard]] Coverage coverage() const { return coverage_; }
    [[nodiscard]] std::vector<Registered> registered() const;
    [[nodiscard]] Coverage coverage_so_far() const;
    void forget_coverage();
    [[nodiscard]] std::size_t states() const;
    [[nodiscard]] bool alike(const Judge& other) const;
    [[nodiscard]] std::size_t hash() const;

  private:
    using Result = std::optional<Violation>;

    // What peers did on a connection that no socket here has yet.
    struct Connection {
        Effects effects;
        bool peer_closed = false;
        bool had_urgent = false;

        friend bool operator==(const Connection&, const Connection&) = default;
    };

    // Thrown where a socket has more states than are followed.
    struct TooManyStates {
        Handle socket;
    };

    // In one piece of memory: there are a few of them at a time.
    template <class T>
    using FlatSet = boost::container::flat_set<T>;
    template <class K, class V>
    using FlatMap = boost::container::flat_map<K, V>;

    // What is not a socket's own.
    struct World {
        FlatSet<Handle> windows;                       // that exist
        FlatMap<Handle, std::string> threads;          // of windows, also of those that are gone
        FlatMap<std::string, Connection> connections;  // that wait to be accepted, or whose connect has not succeeded
        FlatSet<Handle> forgotten;                     // closed sockets of which nothing is left to be told
        std::vector<Handle> forgotten_in_order;        // the same, as many as are remembered

        friend bool operator==(const World&, const World&) = default;
    };

    struct LastErrors {
        FlatMap<std::string, int> known;           // of each thread, where it is known
        FlatSet<std::string> retrieved_a_message;  // threads that have since

        // Every call asks, and mostly the threads are one or two.
        [[nodiscard]] auto of(const std::string& thread) const {
            if (known.size() > 2) return known.find(thread);
            return std::ranges::find(known, thread,
                                     [](const auto& entry) -> const std::string& { return entry.first; });
        }

        friend bool operator==(const LastErrors&, const LastErrors&) = default;
    };

    enum class Subsystem : std::uint8_t { up, failing, down };

    // Why a state cannot be the one at a moment of quiet.
    struct Reproach {
        std::string words;
        std::string_view clause;
        std::size_t weight = 0;
    };

    Result take_or_give_up(const Observation& observation);
    void give_up(Handle socket);

    // ---- states
    void note(std::string_view clause) { evidence_ |= bit(clause); }
    template <Citation Id>
    requires ExistingClause<Id>
    void note() { evidence_ |= bit<Id>(); }
    static Posts fire(State& state, const Stimulus& stimulus);
    static void fire_untold(State& state, const Stimulus& stimulus);
    Posts happen(const Track& track, State& state, const Effect& effect) const;
    void put(const Track& track, State& state, const Posts& posts, const Evidence& shows = {}) const;
    void fire_all(Track& track, const Stimulus& stimulus, const Evidence& shows = {}) const;
    void close_under_the_unseen(Track& track) const;
    [[nodiscard]] bool may_move(const Track& track, const State& state) const;
    static void lose_urgent(const Track& track, const State& state, StateSet& closed);
    void take_next_effects(const Track& track, State state, StateSet& closed) const;
    void take_next_changes(const Track& track, const State& state, StateSet& closed) const;
    void take_change(const Track& track, const State& state, std::size_t index, StateSet& closed) const;
    static void gather(State& state);
    static void after_reset(State& state);
    static void push_change(State& state, const Effect& change);
    void ignore_change(Shared<Track>& shared, const Stimulus& change);
    // ---- peers that the trace does not tell of
    [[nodiscard]] std::uint32_t perhaps_posted(const Track& track, const State& state) const;
    [[nodiscard]] std::uint32_t perhaps_before(const Track& track, const State& state, Event event, bool begins) const;
    void leave_behind(const Track& track, State& state, Event event, ErrorCode error) const;
    void leave_perhaps(const Track& track, State& state, std::uint32_t events) const;
    static void enable_anew(State& state, std::uint32_t events);
    void retrieve_posted_by(const Track& track, State state, const Stimulus& stimulus,
                            const observation::Message& message, StateSet& explained) const;
    [[nodiscard]] bool tells_more(const observation::Message& message) const;
    void retrieve_unseen(const Track& track, const State& before, const observation::Message& message,
                         StateSet& explained) const;
    void put_unseen(const Track& track, State& state, const Stimulus& stimulus) const;
    void move_forward(State& state, std::size_t there) const;
    void remove_retrieved(State& state, std::size_t index) const;
    [[nodiscard]] States reset_unseen(const Track& track, const State& state) const;
    void establish(const Track& track, State& state) const;
    void foresee(Track& track, const observation::Call& call) const;
    void foresee_recv(Track& track, State& state, const observation::Call& call, StateSet& foreseen) const;
    void foresee_send(const Track& track, State& state, const observation::Call& call, StateSet& foreseen) const;
    void foresee_registration(Track& track, std::uint32_t mask, bool connect_too) const;
    void settle_effects(Track& track) const;
    void suspect_failure();
    void note_retrieved(const States& before, const observation::Message& message);
    void forget_outlived(const Track& by, Handle window);
    [[nodiscard]] bool closed_alike(const Judge& other) const;
    static void make_optional(Track& track);
    void replace(Track& track, StateSet& next);
    [[nodiscard]] std::vector<std::string> words(const Track& track, const States& states) const;
    static Violation violation(std::string_view clause, std::string due, std::string came = {},
                               std::vector<std::string> states = {});

    // ---- sockets and windows
    [[nodiscard]] bool alive(Handle window) const { return world_->windows.contains(window); }
    Track* find_open(Handle handle);
    [[nodiscard]] bool known(Handle handle) const;
    Track* find_connected(const std::string& connection);

    // ---- quiet
    [[nodiscard]] bool owes(const Track& track, const State& state) const;
    [[nodiscard]] bool owes_room(const Track& track, const State& state) const;
    [[nodiscard]] Reproach reproach(const Track& track, const State& state) const;
    [[nodiscard]] std::tuple<const State*, std::string, std::string_view> nearest_to_quiet(const Track& track) const;
    Result take(const observation::Quiet& quiet);
    void note_quiet(const Track& track);
    void forget_closed();
    void forget(const std::function<bool(const Track&)>& of);

    // ---- messages
    [[nodiscard]] bool same_queue(const Posted& a, const Posted& b) const;
    struct InFront {
        const Posted* posted;  // in the queue that was asked about
        bool one_moment;       // both were posted at one moment
    };
    [[nodiscard]] std::optional<InFront> in_front(const Queue& queue, std::size_t index) const;
    [[nodiscard]] States retrieve(const Track& track, const observation::Message& message) const;
    [[nodiscard]] States retrieve_failure(const Track& track, const observation::Message& message, Event event) const;
    Result take(const observation::Message& message);
    void note_message(Track& track, const observation::Message& message, Event event);
    [[nodiscard]] Violation diagnose(const Track& track, const observation::Message& message, Event event) const;
    [[nodiscard]] std::pair<std::string_view, std::string> diagnose_condition(const Track& track, Event event) const;

    // ---- peers and network
    void append(Track& track, const Effect& effect);
    void note_arrival(Track& track) const;
    Result take(const observation::Peer& peer);
    void take_outcome(const observation::Peer& peer);
    void take_datagram(Track& track, const observation::Peer& peer);
    void end_correspondence(const observation::Peer& peer);
    void close_peer(Track& track);
    static void push_fin(State& state);
    void take_early(const observation::Peer& peer);
    Result take(const observation::Change& change);
    Result take(const observation::QueueLimit& limit);
    static Result take(const observation::Clock& /*clock*/) { return std::nullopt; }
    static Result take(const observation::Began& /*began*/) { return std::nullopt; }
    Result take(const observation::Ended& ended);

    // ---- calls
    Result take(const observation::Call& call);
    Result take_call(const observation::Call& call);
    Result take_on_socket(Track& track, const observation::Call& call);
    Result take_last_error(const observation::Call& call);
    Result open(Handle handle, Socket socket, bool ipv6);
    void close_track(Track& track) const;
    void destroy(Handle window);
    static void cancel(Track& track);
    Result take_select(const observation::Call& call);
    void register_anew(Track& track, const observation::Call& call);
    static void may_have_reported_otherwise(Track& track);
    void take_event_select(Track& track, const observation::Call& call);
    Result take_nonblocking(Track& track, const observation::Call& call);
    static void enable(Track& track, Event event, bool failed);
    void note_would_block(const Track& track);
    Result take_attempt(Track& track, const observation::Call& call);
    Result take_accept(Track& track, const observation::Call& call);
    Result make_accepted(const Track& from, Handle handle, const std::string& name);
    Result take_recv(Track& track, const observation::Call& call);
    State told_of_reset(const Track& track, State state, const stimulus::Received& received,
                        const Evidence& shows) const;
    [[nodiscard]] bool asks_later(const State& state, const stimulus::Received& received) const;
    bool meets_the_end(const State& state, const observation::Call& call) const;
    static std::uint32_t take_replaced(State& state, std::uint32_t most);
    State at_the_end(const Track& track, const State& state, const Evidence& shows) const;
    template <class Proceed>
    void receive(const Track& track, const State& state, const observation::Call& call, const Proceed& proceed) const;
    template <class Proceed>
    void fail_to_receive(const Track& track, const State& state, const observation::Call& call,
                         const Proceed& proceed) const;
    template <class Proceed>
    void receive_datagram(const Track& track, const State& state, const observation::Call& call,
                          const Proceed& proceed) const;
    template <class Proceed>
    void receive_urgent(const State& state, const observation::Call& call, const Proceed& proceed) const;
    template <class Proceed>
    void receive_arriving(const State& state, bool takes, const Proceed& proceed) const;
    template <class Proceed>
    void receive_data(State after, const observation::Call& call, std::uint32_t taken, const Proceed& proceed) const;
    void take_send(Track& track, const observation::Call& call);
    void arrive_before_setting(const Track& track, const State& state, StateSet& ways) const;
    void take_oob_inline(Track& track, const observation::Call& call);
    void change_qos(Track& track, bool perhaps);
    void take_get_qos(Track& track, const observation::Call& call);
    Result take_get_group_qos(Track& track, const observation::Call& call);
    void request_change(Track& track, const observation::Call& call);

    OracleOptions options_;
    std::size_t step_ = 0;
    bool ended_ = false;
    bool terse_ = false;              // nobody will read the words of a violation
    std::optional<unsigned> taking_;  // the number of the receive that asks what is left later
    bool limited_ = false;
    Subsystem subsystem_ = Subsystem::up;
    unsigned startups_ = 0;
    Shared<World> world_;
    Shared<LastErrors> last_errors_;
    std::vector<Shared<Track>> tracks_;
    std::string undecided_;  // why it is at its end without a violation
    States replaced_;        // for the words of a violation: the states that an observation has left no others of
    Evidence evidence_;
    Coverage coverage_;
};

}  // namespace asyncselect::model
