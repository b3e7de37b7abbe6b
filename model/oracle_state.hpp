// What the oracle remembers of a socket: the states that explain what was seen, and what was seen that no state holds.
// Values and their words; it must not know how they come about, nor which of them are allowed.
#pragma once

#include <array>
#include <bit>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/clauses.hpp"
#include "model/coverage.hpp"
#include "model/event.hpp"
#include "model/facts.hpp"
#include "model/few.hpp"
#include "model/socket.hpp"
#include "model/trace.hpp"

namespace asyncselect::model {

// A set of clauses, each at its place in `clauses`.
using Evidence = std::bitset<128>;
static_assert(clauses.size() <= Evidence{}.size());

// The set of this one clause; empty for an id that is none.
Evidence bit(std::string_view clause);

// The same without a search, for an id that is written down: it must be one.
template <Citation Id>
requires ExistingClause<Id> Evidence bit() {
    constexpr std::size_t place = clause_places.of(Id.view());
    return Evidence{}.set(place);
}

// Something that a peer did, or that happened to the network, and that has not taken effect here yet.
struct Effect {
    enum class What : std::uint8_t {
        data,
        datagrams,  // `count` of them
        urgent,
        fin,
        reset,
        request,
        outcome,  // of connect
        joined,   // the outcome of WSAJoinLeaf
        qos,
        route,      // to the destination with the number `count`
        addresses,  // of the socket's family
        subsystem,
    };
    What what = What::data;
    std::uint32_t count = 0;  // bytes of data, or as said above
    ErrorCode error = 0;

    friend bool operator==(const Effect&, const Effect&) = default;
};

using Effects = Few<Effect, 3>;

// The error of a FD_CONNECT of which is only known that it is one: no trace tells what the peer did.
inline constexpr ErrorCode any_failure = 0xffff;

// A message in the window's queue.
struct Posted {
    Handle window = 0;
    std::uint32_t message = 0;
    Event event = Event::connect;
    ErrorCode error = 0;
    bool optional =
        false;  // may be retrieved or not: posted before a cancellation (AS-CANCEL-2), or a provider's choice
    bool together = false;  // at the same moment as the one before it
    std::string_view clause;
    Evidence shows;  // what its retrieval is evidence of
    // Where the trace does not tell what peers did:
    bool floating = false;      // nobody knows what it stands before and behind
    std::uint8_t count = 1;     // of floating ones, 8 for any number
    std::uint32_t before = 0;   // the events whose message may have been posted before this one, unseen
    unsigned registration = 0;  // what is of an earlier one is in front

    // Whether it is the one that was retrieved.
    [[nodiscard]] bool explains(const observation::Message& message) const;

    friend bool operator==(const Posted& a, const Posted& b) {
        return a.window == b.window && a.message == b.message && a.event == b.event && a.error == b.error &&
               a.optional == b.optional && a.together == b.together && a.floating == b.floating && a.count == b.count &&
               a.before == b.before && a.registration == b.registration;
    }
};

using Queue = Few<Posted, 6>;

// The messages of one moment.
using Posts = Few<Post, 2>;

// Into the order of R-9; those of one event stay in theirs. There are a few.
void sort_as_posted(Posts& posts);

// What is known of a socket beside the model's facts. Many are compared, and that is done with whole numbers, as there
// are no bytes between the members.
struct Besides {
    std::uint64_t requested = 0;    // destinations asked for, whose change is to be told; bits
    std::uint64_t left_over = 0;    // destinations asked for before another one's change was told
    std::uint64_t changed = 0;      // destinations whose change is not told yet
    std::uint64_t unasked = 0;      // receives that have taken data and not yet asked what is left; bits
    std::uint32_t taken = 0;        // datagrams that were received
    std::uint32_t more = 0;         // datagrams that can be received besides those that the socket counts
    std::uint32_t before_mark = 0;  // normal data that can be received before the urgent byte's place
    std::uint32_t loose = 0;        // urgent bytes that were replaced: each may turn up in normal data or not
    std::uint32_t down_told = 0;    // the events that have told that the network subsystem has failed
    ErrorCode untold = 0;           // why the last connect failed, if no registration was there to be told
    bool down_owed = false;         // some message must tell that the network subsystem has failed
    bool passed = false;            // normal data behind the urgent byte was received
    bool space_waived = false;      // a send succeeded before the room was told: another provider may have noticed
    bool reset_possible = false;    // what was sent to a peer that is gone may come back as a reset
    std::array<std::uint8_t, 6> unused{};  // fills the last whole number

    using Words = std::array<std::uint64_t, 8>;
    [[nodiscard]] Words words() const { return std::bit_cast<Words>(*this); }
};
static_assert(std::has_unique_object_representations_v<Besides> && sizeof(Besides) == sizeof(Besides::Words));

struct State : Besides {
    explicit State(Socket made) : socket(std::move(made)) {}

    Socket socket;
    Effects effects;  // of peers, in order
    Effects changes;  // of this host's network, those of one kind in order
    Queue posted;
    Evidence evidence;
    Coverage coverage;

    friend bool operator==(const State& a, const State& b);
};

// States one behind the other. There are some for nearly every call, and they are large: the memory of those that are
// gone serves the next of the same thread.
class States : public std::vector<State> {
  public:
    States() = default;
    States(std::initializer_list<State> some);
    States(const States&) = default;
    States(States&&) noexcept = default;
    States& operator=(const States&) = default;
    States& operator=(States&& other) noexcept;
    ~States() {
        if (capacity() > 0) give_back();
    }

    // In memory that there is, if there is some.
    static States in_spare_memory();

  private:
    explicit States(std::vector<State>&& empty) noexcept : std::vector<State>(std::move(empty)) {}
    void give_back() noexcept;
};

struct Registration {
    Handle window = 0;
    std::uint32_t message = 0;
    std::uint32_t mask = 0;

    friend bool operator==(const Registration&, const Registration&) = default;
};

// WSAEventSelect's: whether one is set. An accepted socket's depends on the provider.
enum class EventRecord : std::uint8_t { none, perhaps, set };

// One socket from its creation on. A handle that is used again is another track.
struct Track {
    Handle handle = invalid_handle;
    Kind kind = Kind::stream;
    bool ipv6 = false;
    bool closed = false;
    bool accepted = false;
    bool nonblocking = false;
    bool nonblocking_by_select = false;        // and by nothing else
    bool nonblocking_inherited = false;        // and by nothing else
    bool cancelled = false;                    // by lEvent 0, and not registered since
    std::optional<Registration> registration;  // as WSAAsyncSelect or the listening socket gave it; mask is never 0
    std::vector<Registration> earlier;         // those that were replaced or cancelled, each once
    std::size_t registered_at = 0;  // the step of the last WSAAsyncSelect, or of the accept that it was inherited by
    std::size_t closed_at = 0;      // the step
    unsigned registrations = 0;     // successful WSAAsyncSelect calls with events
    std::uint32_t event_object_mask = 0;  // what an event object may have reported since the last WSAAsyncSelect
    EventRecord event_record = EventRecord::none;
    bool own_select = false;    // an accepted socket that was registered by itself
    bool refused_call = false;  // a failed WSAAsyncSelect while registered (AS-API-8)
    bool effects_after_cancel = false;
    bool had_urgent = false;
    bool addresses_requested = false;
    bool qos_changed = false;  // ever
    bool sent_any = false;
    std::string connection;
    std::vector<std::string> requests;        // a listener's, in order
    std::string deferred;                     // the one of them that the last accept deferred
    std::vector<std::string> correspondents;  // peers that sent datagrams to it
    std::vector<std::uint32_t> datagrams;     // the size of each, in order
    std::vector<std::string> destinations;    // that SIO_ROUTING_INTERFACE_CHANGE named
    std::optional<std::int64_t> qos = 0;      // the number of its flow specification; none: not known
    std::uint64_t sent = 0;
    std::uint64_t peer_received = 0;
    unsigned changes = 0;  // of the kind that was asked for, since the last request
    unsigned connects = 0;
    bool peer_closed = false;
    bool shut_down = false;  // by a local shutdown
    bool short_send = false;
    bool sent_since_write = false;  // a send succeeded, and none met WSAEWOULDBLOCK, since FD_WRITE
    bool connect_failed = false;
    bool joined_last = false;  // the last attempt was WSAJoinLeaf, not connect
    bool window_died = false;
    bool peeked = false;
    unsigned calls_since_close = 0;                      // recv and send after FD_CLOSE was retrieved
    unsigned receives_since_read = 0;                    // since FD_READ was retrieved
    std::array<unsigned, event_count> retrieved{};       // in the present registration
    std::array<bool, event_count> enabled_by_failure{};  // the last re-enabling call failed
    std::array<bool, event_count> enabled_again{};       // re-enabled since the last message
    bool due_while_full = false;                         // something came, or was registered, while the queue was full
    States states;

    [[nodiscard]] bool wants(Event event) const { return registration && (registration->mask & bit_of(event)) != 0; }
};

// Whether the two accept the same from now on. Where they differ in what they tell about it, they may still be alike.
bool alike(const Track& a, const Track& b);

// States, each once: one is not added if another explains as much, an equal one or one with more messages that need not
// come. Of two such paths only what both have shown is kept.
class StateSet {
  public:
    StateSet() = default;
    // These, in their place.
    explicit StateSet(States&& states);
    ~StateSet() = default;
    StateSet(const StateSet&) = delete;
    StateSet& operator=(const StateSet&) = delete;

    void add(State&& state);
    void add(const State& state) { add(State(state)); }
    [[nodiscard]] bool empty() const { return states_.empty(); }
    [[nodiscard]] std::size_t size() const { return states_.size(); }
    [[nodiscard]] const State& operator[](std::size_t index) const { return states_[index]; }
    // The last that is asked of it. Into others' place, whose memory serves the next set.
    States take() { return std::move(states_); }
    void take_into(States& place) { states_.swap(place); }

  private:
    static bool merge(State& present, State& state);
    void make_places();

    States states_ = States::in_spare_memory();
    // Only if there are many:
    std::vector<std::size_t> hashes_;    // of the states
    std::vector<std::uint32_t> places_;  // a table of those by hash, with room: index + 1, or 0
};

// Whether the event's message may carry the error (AS-ERROR-1 to AS-ERROR-4).
bool permitted_error(Event event, std::uint32_t error);

std::string show_posted(const Posted& posted);

// The state in one line.
std::string describe(const Track& track, const State& state);

// The first states in a line each.
std::vector<std::string> describe(const Track& track, const States& states);

std::string join(const std::vector<std::string>& parts, std::string_view between);

}  // namespace asyncselect::model
