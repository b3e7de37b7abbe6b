// One socket: ten machines, one for each network event, and the facts that their guards ask for. Composes them in
// the order of R-9 and keeps what a full queue refused. Knows no I/O, no clock, no window.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "model/event.hpp"
#include "model/facts.hpp"
#include "model/profile.hpp"
#include "model/signal.hpp"
#include "model/stimulus.hpp"

namespace asyncselect::model {

// A message that became due: HIWORD(lParam) is `error`; `clause` is the row that says so.
struct Post {
    Event event;
    ErrorCode error = 0;
    std::string_view clause;

    // Two posts are the same message if event and error agree, whichever row demanded them.
    friend bool operator==(const Post& a, const Post& b) { return a.event == b.event && a.error == b.error; }
};

// One row of one machine's transition table, as it runs. The rules of the composed socket are told as rows too, one for
// each event that they concern (composition_rows of model/tables.hpp).
struct Row {
    Event machine;
    std::string_view clause;
    std::string_view source;
    std::string_view stimulus;
    std::string_view target;  // empty: an internal transition, the state stays
    std::string_view action;  // empty: none
    std::string_view guard;   // empty: none
    std::uint8_t place = 0;   // in its table, from 0; rules of the composed socket come behind those of any table
};

// More than any table has.
inline constexpr std::size_t most_rows_of_a_table = 64;

// What one stimulus did.
struct Applied {
    std::vector<Post> posts;        // the messages that became due, in posting order
    std::vector<const Row*> fired;  // the rows that fired
};

class Socket {
  public:
    // A new socket as `socket()` makes it: no registration, blocking, unconnected.
    explicit Socket(Kind kind, const Profile& profile = spec_profile);
    // A socket as accept() makes it: an established stream with nothing received yet. The registration follows with
    // stimulus::Inherit.
    static Socket accepted(const Profile& profile = spec_profile);

    // A copy is the same socket, but what the last stimulus did (`fired`) stays with the original.
    Socket(const Socket& other)
        : states_(other.states_),
          facts_(other.facts_),
          profile_(other.profile_),
          mask_(other.mask_),
          pending_(other.pending_),
          kept_error_(other.kept_error_) {}
    Socket(Socket&&) noexcept = default;
    Socket& operator=(const Socket& other);
    Socket& operator=(Socket&&) noexcept = default;
    ~Socket() = default;

    // Applies one stimulus: first to the facts, then to the ten machines in posting order. Returns the messages that
    // became due, in posting order. The rows that fired are in `fired()`; both stay as they are until the next call.
    // A stimulus that cannot happen to this socket now (model/possible.hpp) is ignored.
    const std::vector<Post>& apply(const Stimulus& stimulus);
    [[nodiscard]] const std::vector<const Row*>& fired() const;

    // The same for those who have many sockets: what the stimulus did replaces what is in `applied`.
    void apply(const Stimulus& stimulus, Applied& applied);

    // The same socket with other counts of what waits. What the machines do depends on a count only by its being 0 or
    // not, so a proof need not tell large ones apart.
    struct Counts {
        std::uint32_t readable;
        std::uint32_t urgent_queued;
        std::uint32_t requests;
    };
    void recount(const Counts& counts);

    // A change that no message has told of was reported otherwise, by an event object: it is no news any more (R-21,
    // Of events that are not about changes, and where there is none to report, nothing happens.
    void reported_otherwise(Event event);

    [[nodiscard]] const Facts& facts() const { return facts_; }
    [[nodiscard]] const Profile& profile() const { return profile_; }
    // The mask of the registration that is in force; 0 is none.
    [[nodiscard]] std::uint32_t mask() const { return mask_; }
    // The name of the state in which the machine of `event` is: "Off", "Enabled", "Posted", "Deferred".
    [[nodiscard]] std::string_view state(Event event) const;
    // The same as numbers, by event: places in Machine::states of machine_of(event).
    [[nodiscard]] const std::array<std::uint8_t, event_count>& states() const { return states_; }
    // The events whose message is due but was refused by the full queue, as FD_ bits.
    [[nodiscard]] std::uint32_t pending() const { return pending_; }

    // Equal exactly if no sequence of stimuli can tell the two apart: states, facts, pending messages, profile.
    friend bool operator==(const Socket& a, const Socket& b) {
        return a.facts_ == b.facts_ && same(a.states_, b.states_) && a.mask_ == b.mask_ && a.pending_ == b.pending_ &&
               a.kept_error_ == b.kept_error_ && a.profile_ == b.profile_;
    }
    // A value that is equal for equal sockets; for hash sets.
    [[nodiscard]] std::size_t hash() const;

  private:
    using MachineStates = std::array<std::uint8_t, event_count>;
    // As ==, but without a call for so few bytes: the first eight, and the last.
    static bool same(const MachineStates& a, const MachineStates& b) {
        const auto eight_from = [](const MachineStates& states, std::size_t place) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, states.data() + place, sizeof eight);
            return eight;
        };
        constexpr std::size_t last = event_count - sizeof(std::uint64_t);
        static_assert(event_count >= sizeof(std::uint64_t) && last <= sizeof(std::uint64_t));
        return eight_from(a, 0) == eight_from(b, 0) && eight_from(a, last) == eight_from(b, last);
    }

    void dispatch(const Stimulus& stimulus, Applied& applied);
    void tell(Event event, const Signal& signal, Applied& applied);
    void tell_all(const Signal& signal, Applied& applied);

    MachineStates states_{};  // the machines hold no other data
    Facts facts_;
    Profile profile_;
    std::uint32_t mask_ = 0;
    std::uint32_t pending_ = 0;
    ErrorCode kept_error_ = 0;       // what a pending FD_CONNECT is to tell
    std::unique_ptr<Applied> last_;  // what `apply` told last, if it was asked to keep it
};

}  // namespace asyncselect::model
