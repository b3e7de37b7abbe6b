// The words of the ten transition tables: states, stimuli, guards, actions, and `by`, the row that cites its clause.
// A guard is a question about the facts, the profile or the result of a call, nothing more; its name is what the
// generated tables print. Knows no table.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

// Tables of up to forty rows; MSM reads the limits, so they come before any Boost header.
#define BOOST_MPL_CFG_NO_PREPROCESSED_HEADERS
#define BOOST_MPL_LIMIT_VECTOR_SIZE 40
#define BOOST_MPL_LIMIT_MAP_SIZE 40
#include <boost/mpl/vector.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>
#include <boost/msm/front/states.hpp>

#include "model/clauses.hpp"
#include "model/event.hpp"
#include "model/journal.hpp"
#include "model/signal.hpp"

namespace asyncselect::model::machine {

namespace mpl = boost::mpl;
namespace msm = boost::msm;
using msm::front::none;

// A name that can be put together at compile time.
template <std::size_t N>
struct Text {
    std::array<char, N> characters{};

    constexpr Text() = default;
    constexpr explicit(false) Text(const char (&literal)[N + 1]) { std::copy_n(literal, N, characters.begin()); }
    constexpr std::string_view view() const { return {characters.data(), N}; }

    template <std::size_t M>
    friend constexpr Text<N + M> operator+(const Text& left, const Text<M>& right) {
        Text<N + M> both;
        std::ranges::copy(left.characters, both.characters.begin());
        std::ranges::copy(right.characters, both.characters.begin() + N);
        return both;
    }
};
template <std::size_t N>
Text(const char (&)[N]) -> Text<N - 1>;

// ---- States ----------------------------------------------------------------------------------------------------

struct Off : msm::front::state<> {  // not registered for this event
    static constexpr Text name{"Off"};
};
struct Enabled : msm::front::state<> {  // registered, and a message may be posted
    static constexpr Text name{"Enabled"};
};
struct Posted : msm::front::state<> {  // posted, and not re-enabled since
    static constexpr Text name{"Posted"};
};
struct Deferred : msm::front::state<> {  // accept deferred a request: nothing until another accept
    static constexpr Text name{"Deferred"};
};

// ---- Stimuli ---------------------------------------------------------------------------------------------------

// A signal with what guards may ask and where rows report to.
template <class Signal>
struct Told {
    using What = Signal;

    const What& what;
    const Facts& facts;
    const Profile& profile;
    bool refused;
    ErrorCode kept_error;
    Journal& journal;
};

using Select = Told<signal::Select>;
using Deselect = Told<signal::Deselect>;
using Inherit = Told<stimulus::Inherit>;
using Closed = Told<stimulus::Closed>;
using QueueHasRoom = Told<stimulus::QueueHasRoom>;
using DataArrived = Told<stimulus::DataArrived>;
using DatagramArrived = Told<stimulus::DatagramArrived>;
using OobArrived = Told<stimulus::OobArrived>;
using ConnectionRequest = Told<stimulus::ConnectionRequest>;
using ConnectOutcome = Told<stimulus::ConnectOutcome>;
using JoinOutcome = Told<stimulus::JoinOutcome>;
using SendSpaceAvailable = Told<stimulus::SendSpaceAvailable>;
using PeerClosed = Told<stimulus::PeerClosed>;
using ConnectionAborted = Told<stimulus::ConnectionAborted>;
using QosChanged = Told<stimulus::QosChanged>;
using RouteChanged = Told<stimulus::RouteChanged>;
using AddressListChanged = Told<stimulus::AddressListChanged>;
using SubsystemFailed = Told<stimulus::SubsystemFailed>;
using Received = Told<stimulus::Received>;
using Sent = Told<stimulus::Sent>;
using Accepted = Told<stimulus::Accepted>;
using ConnectCalled = Told<stimulus::ConnectCalled>;
using JoinCalled = Told<stimulus::JoinCalled>;
using Bound = Told<stimulus::Bound>;
using Listened = Told<stimulus::Listened>;
using ShutDown = Told<stimulus::ShutDown>;
using QosFetched = Told<stimulus::QosFetched>;
using GroupQosFetched = Told<stimulus::GroupQosFetched>;
using RouteRequested = Told<stimulus::RouteRequested>;
using AddressListRequested = Told<stimulus::AddressListRequested>;
using OobInlineSet = Told<stimulus::OobInlineSet>;

// ---- Guards ----------------------------------------------------------------------------------------------------

// Makes a MSM guard of a type with `name`, `meaning` and `holds`.
template <class Self>
struct Guard {
    template <class Told, class Fsm, class Source, class Target>
    bool operator()(const Told& told, Fsm&, Source&, Target&) const {
        return Self::holds(told);
    }
};

// Of the facts, after the stimulus has changed them.

struct DataAvailable : Guard<DataAvailable> {
    static constexpr Text name{"DataAvailable"};
    static constexpr std::string_view meaning = "there is something to receive, and receiving is not shut down";
    static constexpr bool holds(const auto& told) { return told.facts.data_available(); }
};
struct UrgentAvailable : Guard<UrgentAvailable> {
    static constexpr Text name{"UrgentAvailable"};
    static constexpr std::string_view meaning = "an urgent byte can be received with MSG_OOB";
    static constexpr bool holds(const auto& told) { return told.facts.urgent_available(); }
};
struct OobInline : Guard<OobInline> {
    static constexpr Text name{"OobInline"};
    static constexpr std::string_view meaning = "SO_OOBINLINE is on";
    static constexpr bool holds(const auto& told) { return told.facts.oob_inline; }
};
struct SendPossible : Guard<SendPossible> {
    static constexpr Text name{"SendPossible"};
    static constexpr std::string_view meaning =
        "a send can be expected to succeed: connected or a datagram socket, room in the buffer, sending neither shut "
        "down nor cut off by a reset";
    static constexpr bool holds(const auto& told) { return told.facts.can_send(); }
};
struct RequestWaiting : Guard<RequestWaiting> {
    static constexpr Text name{"RequestWaiting"};
    static constexpr std::string_view meaning = "a connection request can be accepted";
    static constexpr bool holds(const auto& told) { return told.facts.requests > 0; }
};
struct ConnectionEstablished : Guard<ConnectionEstablished> {
    static constexpr Text name{"ConnectionEstablished"};
    static constexpr std::string_view meaning = "a connection is established: neither FIN nor reset has arrived";
    static constexpr bool holds(const auto& told) { return told.facts.connection_established(); }
};
struct EndOfData : Guard<EndOfData> {
    static constexpr Text name{"EndOfData"};
    static constexpr std::string_view meaning = "the FIN has arrived and nothing is left to read";
    static constexpr bool holds(const auto& told) { return told.facts.end_of_data(); }
};
struct FinArrived : Guard<FinArrived> {
    static constexpr Text name{"FinArrived"};
    static constexpr std::string_view meaning = "the FIN has arrived, whatever is left to read";
    static constexpr bool holds(const auto& told) { return told.facts.fin; }
};
struct ConnectionBroken : Guard<ConnectionBroken> {
    static constexpr Text name{"ConnectionBroken"};
    static constexpr std::string_view meaning = "the connection was reset or broke down";
    static constexpr bool holds(const auto& told) { return told.facts.aborted != 0; }
};
struct WasReset : Guard<WasReset> {
    static constexpr Text name{"WasReset"};
    static constexpr std::string_view meaning = "the connection was reset by the peer (WSAECONNRESET)";
    static constexpr bool holds(const auto& told) { return told.facts.aborted == 10054; }
};
struct SendShut : Guard<SendShut> {
    static constexpr Text name{"SendShut"};
    static constexpr std::string_view meaning = "the application has shut down sending";
    static constexpr bool holds(const auto& told) { return told.facts.send_shut; }
};
struct ChangeOfQos : Guard<ChangeOfQos> {
    static constexpr Text name{"ChangeOfQos"};
    static constexpr std::string_view meaning =
        "the quality of service has changed, which was neither told nor fetched";
    static constexpr bool holds(const auto& told) { return told.facts.qos_changed; }
};
struct ChangeOfRoute : Guard<ChangeOfRoute> {
    static constexpr Text name{"ChangeOfRoute"};
    static constexpr std::string_view meaning = "the route has changed since SIO_ROUTING_INTERFACE_CHANGE, untold";
    static constexpr bool holds(const auto& told) { return told.facts.route == Watch::changed; }
};
struct ChangeOfAddresses : Guard<ChangeOfAddresses> {
    static constexpr Text name{"ChangeOfAddresses"};
    static constexpr std::string_view meaning = "the addresses have changed since SIO_ADDRESS_LIST_CHANGE, untold";
    static constexpr bool holds(const auto& told) { return told.facts.addresses == Watch::changed; }
};
struct IsDatagram : Guard<IsDatagram> {
    static constexpr Text name{"IsDatagram"};
    static constexpr std::string_view meaning = "a connectionless socket";
    static constexpr bool holds(const auto& told) { return told.facts.kind == Kind::datagram; }
};
struct IsListening : Guard<IsListening> {
    static constexpr Text name{"IsListening"};
    static constexpr std::string_view meaning = "a listening socket";
    static constexpr bool holds(const auto& told) { return told.facts.phase == Phase::listening; }
};
struct NetworkDown : Guard<NetworkDown> {
    static constexpr Text name{"NetworkDown"};
    static constexpr std::string_view meaning = "the network subsystem has failed";
    static constexpr bool holds(const auto& told) { return told.facts.subsystem_failed; }
};

// Of the message that a full queue refused.

struct Refused : Guard<Refused> {
    static constexpr Text name{"Refused"};
    static constexpr std::string_view meaning = "the message is due still, because the queue was full";
    static constexpr bool holds(const auto& told) { return told.refused; }
};

// Of the call's result, or of the outcome that the network tells.

struct Succeeded : Guard<Succeeded> {
    static constexpr Text name{"Succeeded"};
    static constexpr std::string_view meaning = "the call succeeded at once, or the outcome is success";
    static constexpr bool holds(const auto& told) {
        if constexpr (requires { told.what.error; })
            return told.what.error == 0;
        else
            return told.what.outcome == decltype(told.what.outcome)::success;
    }
};
struct WouldBlock : Guard<WouldBlock> {
    static constexpr Text name{"WouldBlock"};
    static constexpr std::string_view meaning = "the call returned WSAEWOULDBLOCK";
    static constexpr bool holds(const auto& told) {
        return told.what.outcome == decltype(told.what.outcome)::would_block;
    }
};
struct Failed : Guard<Failed> {
    static constexpr Text name{"Failed"};
    static constexpr std::string_view meaning =
        "the call failed with an error of another kind, or the outcome is failure";
    static constexpr bool holds(const auto& told) {
        if constexpr (requires { told.what.error; })
            return told.what.error != 0;
        else
            return told.what.outcome == decltype(told.what.outcome)::failure;
    }
};
struct Short : Guard<Short> {
    static constexpr Text name{"Short"};
    static constexpr std::string_view meaning = "the send took fewer bytes than it was given";
    static constexpr bool holds(const auto& told) { return told.what.outcome == stimulus::SentOutcome::short_count; }
};
struct Rejected : Guard<Rejected> {
    static constexpr Text name{"Rejected"};
    static constexpr std::string_view meaning = "the condition function returned CF_REJECT (WSAECONNREFUSED)";
    static constexpr bool holds(const auto& told) { return told.what.outcome == stimulus::AcceptOutcome::rejected; }
};
struct WasDeferred : Guard<WasDeferred> {
    static constexpr Text name{"WasDeferred"};
    static constexpr std::string_view meaning = "the condition function returned CF_DEFER (WSATRY_AGAIN)";
    static constexpr bool holds(const auto& told) { return told.what.outcome == stimulus::AcceptOutcome::deferred; }
};
struct TookData : Guard<TookData> {
    static constexpr Text name{"TookData"};
    static constexpr std::string_view meaning = "the call took normal data";
    static constexpr bool holds(const auto& told) { return told.what.taken > 0; }
};
struct TookUrgent : Guard<TookUrgent> {
    static constexpr Text name{"TookUrgent"};
    static constexpr std::string_view meaning = "the call took an urgent byte with MSG_OOB";
    static constexpr bool holds(const auto& told) { return told.what.urgent_taken; }
};

// Of the profile: its departures. What W-2 tells is up to Post; that urgent bytes queue (W-5) is up to the facts.

struct W1 : Guard<W1> {
    static constexpr Text name{"W-1"};
    static constexpr std::string_view meaning = "the profile says: FD_CLOSE at the FIN, unread data or not";
    static constexpr bool holds(const auto& told) { return told.profile.close_at_fin; }
};
struct W2 : Guard<W2> {
    static constexpr Text name{"W-2"};
    static constexpr std::string_view meaning = "the profile says: a reset is told as WSAECONNABORTED";
    static constexpr bool holds(const auto& told) { return told.profile.reset_tells_aborted; }
};
struct W3 : Guard<W3> {
    static constexpr Text name{"W-3"};
    static constexpr std::string_view meaning =
        "the profile says: no FD_CONNECT for a connection that is established already";
    static constexpr bool holds(const auto& told) { return told.profile.no_connect_at_select; }
};
struct W4 : Guard<W4> {
    static constexpr Text name{"W-4"};
    static constexpr std::string_view meaning = "the profile says: a datagram connect posts FD_WRITE and no FD_CONNECT";
    static constexpr bool holds(const auto& told) { return told.profile.datagram_connect_posts_write; }
};

// Combinations.

// The name of a guard as part of another: "or" binds least.
template <class G>
constexpr auto part() {
    return G::name;
}
template <class G>
requires requires { typename G::Alternatives; }
constexpr auto part() { return Text{"("} + G::name + Text{")"}; }

template <class A, class B>
struct Both : Guard<Both<A, B>> {
    static constexpr Text name = part<A>() + Text{" and "} + part<B>();
    static constexpr bool holds(const auto& told) { return A::holds(told) && B::holds(told); }
};
template <class A, class B>
struct Either : Guard<Either<A, B>> {
    using Alternatives = void;
    static constexpr Text name = A::name + Text{" or "} + B::name;
    static constexpr bool holds(const auto& told) { return A::holds(told) || B::holds(told); }
};
template <class G>
struct Not : Guard<Not<G>> {
    static constexpr Text name = Text{"not "} + part<G>();
    static constexpr bool holds(const auto& told) { return !G::holds(told); }
};
template <class A, class B>
struct Not<Both<A, B>> : Guard<Not<Both<A, B>>> {
    static constexpr Text name = Text{"not ("} + Both<A, B>::name + Text{")"};
    static constexpr bool holds(const auto& told) { return !Both<A, B>::holds(told); }
};

// ---- Actions ---------------------------------------------------------------------------------------------------

struct Post {
    static constexpr Text name{"Post"};
    static constexpr std::string_view meaning =
        "post the event's message with the error that holds (with W-2, FD_CLOSE tells WSAECONNABORTED for a reset)";
    static void act(const auto& told, const Row& row) {
        if constexpr (requires { told.what.error; })
            told.journal.post(row, told.what.error);
        else
            told.journal.post(row, 0);
    }
};
struct PostKept {
    static constexpr Text name{"PostKept"};
    static constexpr std::string_view meaning = "post the message with the outcome that was to be told at first";
    static void act(const auto& told, const Row& row) { told.journal.post(row, told.kept_error); }
};
struct Forget {
    static constexpr Text name{"Forget"};
    static constexpr std::string_view meaning = "do not remember this change";
    static void act(const auto& told, const Row&) { told.journal.forget_qos_change(); }
};

// ---- Rows and machines -----------------------------------------------------------------------------------------

// The description of one row of a machine, an element of the array that the tables are printed from.
template <class Front, class TheRow>
const Row& description();  // model/machine_instance.hpp

// Writes to the journal that the row fired, then does what the row says.
template <class TheRow, class Action>
struct Recorded {
    template <class Told, class Fsm, class Source, class Target>
    void operator()(const Told& told, Fsm&, Source&, Target&) const {
        const Row& row = description<typename Fsm::Front, TheRow>();
        told.journal.record(row);
        if constexpr (!std::is_same_v<Action, none>) Action::act(told, row);
    }
};

// A row of a transition table with the clause that demands it. Without a target the state stays as it is; an absence
// that a clause demands is such a row, without an action.
template <Citation Id, class Source, class Stimulus, class Target, class Action = none, class When = none>
requires ExistingClause<Id>
struct by : msm::front::Row<Source, Stimulus, Target, Recorded<by<Id, Source, Stimulus, Target, Action, When>, Action>,
                            When> {
    static constexpr std::string_view clause() { return Id.view(); }
    using From = Source;
    using On = Stimulus;
    using To = Target;
    using Do = Action;
    using If = When;
};

// What the ten have in common: they start in Off, hold no data, queue nothing, throw nothing.
template <class Self, Event the_event>
struct EventMachine : msm::front::state_machine_def<Self> {
    using Front = Self;
    using initial_state = Off;
    using no_message_queue = int;
    using no_exception_thrown = int;

    static constexpr Event event = the_event;

    // A stimulus without a row is ignored; the matrix says so.
    template <class Fsm, class Told>
    void no_transition(const Told&, Fsm&, int) {}
};

}  // namespace asyncselect::model::machine
