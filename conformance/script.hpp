// What an application or a peer can do, one type for scripts, generators and traces alike, and the language in which
// scripts are written. It must not know how an operation is carried out, nor what is expected of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conformance/way.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

// The names in operations are the script's own: sockets, windows, connections (a peer's end) and threads.
// The socket `nothing` never exists; the window `none` is hWnd 0.
namespace operation {

enum class Target : std::uint8_t {
    peer,     // the peer takes the connection at once
    nowhere,  // nobody listens there
    stalled,  // the peer lets it wait until `admit`
};

// The application: calls.
struct Startup {};
struct Cleanup {};
struct GetLastError {};
struct SetLastError {
    int error = 0;
};
struct MakeWindow {
    std::string window;
};
struct DestroyWindow {
    std::string window;
};
struct MakeSocket {
    std::string socket;
    bool datagram = false;
    bool ipv6 = false;
};
struct Bind {
    std::string socket;
    bool any = false;  // to every address of this host, and not to the loopback interface's
};
struct Listen {
    std::string socket;
};
struct Connect {
    std::string socket;
    Target target = Target::peer;
    bool wsa = false;       // WSAConnect
    std::uint32_t qos = 0;  // the flow specification's number; 0: none is given
};
struct Accept {
    std::string listener;
    std::string socket;  // no name: the new socket is not used any more
    bool wsa = false;    // WSAAccept
    model::Condition condition = model::Condition::none;
    bool wild = false;  // the peer's address is to go where there is no memory
};
enum class How : std::uint8_t { receive, send, both };
struct Join {
    std::string socket;
    How role = How::both;
    std::uint32_t qos = 0;
};  // a group of the socket's family
struct Select {
    std::string socket;
    std::uint32_t mask = 0;
    std::string window = "w";
    unsigned message = 1;  // WM_USER + this
};
struct EventSelect {
    std::string socket;
    std::uint32_t mask = 0;
};  // with an event object of its own
struct Receive {
    std::string socket;
    std::uint32_t bytes = 0;
    Way way = Way::plain;
    bool peek = false;
    bool oob = false;
    bool wild = false;       // the buffer is not accessible
    bool odd_flags = false;  // a flag that does not exist
};
struct Drain {
    std::string socket;
};  // recv until WSAEWOULDBLOCK, 0 or another error
struct Send {
    std::string socket;
    std::uint32_t bytes = 0;
    Way way = Way::plain;
    std::optional<Target> to = std::nullopt;  // a datagram's; nothing: where the socket is connected to
    bool oob = false;
    bool wild = false;
};
struct Fill {
    std::string socket;
};  // send until a call takes less than it was given
struct ShutDown {
    std::string socket;
    How how = How::send;
};
struct Close {
    std::string socket;
};
struct SetBlocking {
    std::string socket;
    bool on = false;
};  // FIONBIO 0 or 1
struct BytesAvailable {
    std::string socket;
};
struct SetOobInline {
    std::string socket;
    bool on = true;
};
struct SetBuffer {
    std::string socket;
    bool sending = true;
    std::uint32_t bytes = 0;
};
struct SetQos {
    std::string socket;
    std::uint32_t number = 1;
};  // from 1 to 8: a flow specification that differs from the default one in a parameter
struct GetQos {
    std::string socket;
    bool wild = false;
};
struct GetGroupQos {
    std::string socket;
    bool wild = false;
};

// Networks that nothing leads to unless a script makes a route: two of IPv4, two of IPv6 (RFC 5737, RFC 3849).
enum class Network : std::uint8_t { red, blue, red6, blue6 };
struct WatchRoute {
    std::string socket;
    Network to = Network::red;
};
struct WatchAddresses {
    std::string socket;
};

// The application: its window's queue.
struct Look {};         // waits until a message can be seen, and leaves it there
struct Retrieve {};     // waits for one message and takes it
struct RetrieveAll {};  // takes what is there now
struct Quiet {};        // all effects, then all messages
struct FillQueue {
    std::string window = "w";
};  // messages of its own until the queue refuses

// This host's network.
enum class Through : std::uint8_t { one, other, nothing };  // of two interfaces
struct Route {
    Network to = Network::red;
    Through through = Through::one;
};
struct Address {
    bool add = true;
    bool ipv6 = false;
};
struct FailSubsystem {};

// The peer.
struct PeerConnect {
    std::string connection;
    std::string listener;
};
struct PeerAdmit {
    std::string connection;
};
struct PeerSend {
    std::string connection;
    std::uint32_t bytes = 0;
};
struct PeerDatagram {
    std::string connection;
    std::string socket;
    std::uint32_t bytes = 0;
};
struct PeerUrgent {
    std::string connection;
};
struct PeerShutDown {
    std::string connection;
};
struct PeerClose {
    std::string connection;
};
struct PeerReset {
    std::string connection;
};
struct PeerReceive {
    std::string connection;
    std::uint32_t bytes = 0;
};  // 0: everything that was sent so far
struct PeerEnded {
    std::string connection;
};                  // waits until it has seen the end of its connection
struct Arrived {};  // waits until what peers did has reached this host

// Several of the above.
struct Listener {
    std::string socket;
    bool ipv6 = false;
};  // socket, bind, listen
struct Connection {
    std::string socket;
    bool accepted = false;
    bool ipv6 = false;
};

using Any = std::variant<Startup, Cleanup, GetLastError, SetLastError, MakeWindow, DestroyWindow, MakeSocket, Bind,
                         Listen, Connect, Accept, Join, Select, EventSelect, Receive, Drain, Send, Fill, ShutDown,
                         Close, SetBlocking, BytesAvailable, SetOobInline, SetBuffer, SetQos, GetQos, GetGroupQos,
                         WatchRoute, WatchAddresses, Look, Retrieve, RetrieveAll, Quiet, FillQueue, Route, Address,
                         FailSubsystem, PeerConnect, PeerAdmit, PeerSend, PeerDatagram, PeerUrgent, PeerShutDown,
                         PeerClose, PeerReset, PeerReceive, PeerEnded, Arrived, Listener, Connection>;

}  // namespace operation

// One of the above. A type of its own, so that its copies and its end are compiled once: in each file that copies steps
// they would be a third of what it takes to compile.
struct Operation : operation::Any {
    Operation() noexcept;
    using operation::Any::variant;
    Operation(const Operation&);
    Operation(Operation&&) noexcept;
    Operation& operator=(const Operation&);
    Operation& operator=(Operation&&) noexcept;
    ~Operation();
};

// The operation as the language writes it; `parse` of that yields the same operation. Any thread.
std::string show(const Operation& operation);

struct Step {
    std::string thread = "main";
    bool inside = false;  // waits for the next accept with a condition function, and is done while that runs
    Operation operation;
    std::size_t line = 0;    // in the script, from 1; 0 if it comes from elsewhere
    bool meanwhile = false;  // at the same time as the step before it and the other steps since that one began
};
std::string show(const Step& step);

// Why the operation cannot be done while others are: it waits for messages or for all of them, or it is several calls.
// Nothing if it can.
std::optional<std::string> cannot_overlap(const Operation& operation);

struct Script {
    std::string name;                  // of the file, without folder and suffix
    std::string title;                 // what it shows: the first comment
    std::vector<std::string> clauses;  // the ids that it claims to exercise
    std::string only;                  // the way of posting that it is for: "pump", "eager"; empty: both
    std::vector<Step> steps;
};

// The script as a file: title, clauses, steps. `parse` of that yields the same.
std::string show(const Script& script);

// Where the step at `index` and everything that is played at the same time ends: the index of the next step.
inline std::size_t end_of_overlap(const Script& script, std::size_t index) {
    std::size_t end = index + 1;
    while (end < script.steps.size() && script.steps[end].meanwhile) ++end;
    return end;
}

// What a script needs that not every provider or machine has.
enum class Need : std::uint8_t {
    own_network,      // routes and addresses that may be changed
    fault_injection,  // a network subsystem that fails when it is told to
};
std::string_view name_of(Need need);
std::vector<Need> needs_of(const Script& script);

// Why a text is no script. `line` and `column` count from 1.
struct ScriptError : std::runtime_error {
    ScriptError(std::size_t at_line, std::size_t at_column, const std::string& what)
        : std::runtime_error(what), line(at_line), column(at_column) {}
    std::size_t line;
    std::size_t column;
};

// Reads a script. Throws ScriptError: an unknown word, a missing or superfluous one, a number out of range, a clause
// that does not exist, a step that cannot overlap with others where it should, or a script without steps. Any thread.
Script parse(std::string_view text, std::string name);

// A scenario says what it shows and which clauses it exercises. Throws ScriptError where one of them is missing.
void demand_claims(const Script& script);

// The language on one page, for --help and docs.
std::string_view language();

// One operation as docs/scripts.md tells of it.
struct OperationDescription {
    std::string_view section;
    std::string_view syntax;
    std::string_view sentence;
    std::string_view example;  // a line of a script
};
std::span<const OperationDescription> operation_descriptions();

// docs/scripts.md: the language for those who write scripts.
std::string language_document();

}  // namespace asyncselect::conformance
