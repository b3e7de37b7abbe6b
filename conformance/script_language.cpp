// The language of scripts told to people: on one page for --help, and operation by operation for docs/scripts.md. It
// must not know how a script is read or played; a test compares the two.
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "conformance/script.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::string_view around = "What stands before operations";
constexpr std::string_view sockets = "Sockets and connections";
constexpr std::string_view registering = "Registering";
constexpr std::string_view data = "Data";
constexpr std::string_view settings = "Settings of a socket";
constexpr std::string_view other_events = "Quality of service, routes and addresses";
constexpr std::string_view windows = "Windows and messages";
constexpr std::string_view winsock = "Winsock itself";
constexpr std::string_view host = "This host's network";
constexpr std::string_view peer = "The peer";

constexpr std::array descriptions{
    OperationDescription{around, "THREAD: OPERATION",
                         "Runs the operation on the thread of that name; without a name it is `main`.", "u: recv s 10"},
    OperationDescription{
        around, "meanwhile OPERATION",
        "Runs it at the same time as the step before it and the other `meanwhile`s behind that one. "
        "All are started together, each on its thread, a peer's doings on a thread of that peer; the "
        "next step waits until all have returned. So a blocking call can be waited for with what ends "
        "it. What waits by itself (`quiet`, `message`, ...), is several steps in one (`connection`, "
        "...), is refused or changes this host's network cannot be part of it, nor what is done with a "
        "socket while it connects: let it connect `stalled` before, and `admit` it meanwhile.",
        "meanwhile u: recv s 10"},
    OperationDescription{around, "inside OPERATION",
                         "Keeps the operation until the condition function of the next `wsaaccept` runs, and does it "
                         "there.",
                         "inside select s FD_READ"},
    OperationDescription{around, "times N OPERATION", "Repeats it, 1 to 100000 times.", "times 3 recv s 10"},

    OperationDescription{sockets, "socket S [datagram] [ipv6]", "Makes a socket: a stream of IPv4 if nothing is said.",
                         "socket s datagram ipv6"},
    OperationDescription{sockets, "bind S [any]",
                         "Binds it to a free port of the loopback interface, or of every interface.", "bind s any"},
    OperationDescription{sockets, "listen S", "Lets it take connections.", "listen s"},
    OperationDescription{sockets, "listener S [ipv6]", "`socket`, `bind` and `listen` in one.", "listener l ipv6"},
    OperationDescription{sockets, "connection S [accepted] [ipv6]",
                         "A connected socket, whose peer bears the same name: the socket has connected, or was "
                         "accepted from a listener that is closed again.",
                         "connection s accepted"},
    OperationDescription{sockets, "connect S peer|nowhere|stalled",
                         "Calls `connect`. A peer called S takes the connection at once; nobody listens there; or the "
                         "peer lets it wait until `peer S admit`. A datagram socket connects to a peer or to a closed "
                         "port.",
                         "connect s stalled"},
    OperationDescription{sockets, "wsaconnect S peer|nowhere|stalled [qos N]",
                         "The same with `WSAConnect`, and with flow specification N if one is given.",
                         "wsaconnect s peer qos 3"},
    OperationDescription{sockets, "accept L [S] [wild]",
                         "Calls `accept`; the new socket is called S, or is not used any more. With `wild` the peer's "
                         "address is to go into memory that is not there.",
                         "accept l s"},
    OperationDescription{sockets, "wsaaccept L [S] [condition accept|reject|defer]",
                         "Calls `WSAAccept`, with a condition function that returns CF_ACCEPT, CF_REJECT or CF_DEFER.",
                         "wsaaccept l s condition defer"},
    OperationDescription{sockets, "join S sender|receiver|both [qos N]",
                         "Calls `WSAJoinLeaf` with a multicast group. Needs a network of its own.", "join s receiver"},
    OperationDescription{sockets, "shutdown S receive|send|both", "Calls `shutdown`.", "shutdown s send"},
    OperationDescription{sockets, "close S", "Calls `closesocket`; the name goes on standing for the old handle.",
                         "close s"},

    OperationDescription{registering, "select S EVENTS [window W] [message N]",
                         "Calls `WSAAsyncSelect`. EVENTS are names joined by `|`, `all`, 0 or bits in hexadecimal; the "
                         "window is `w` and the message WM_USER + 1 if nothing is said.",
                         "select s FD_READ|FD_CLOSE window v message 2"},
    OperationDescription{registering, "event-select S EVENTS",
                         "Calls `WSAEventSelect` with an event object of its own.", "event-select s FD_READ"},

    OperationDescription{data, "recv S N [peek] [oob] [wild] [odd-flags]",
                         "Calls `recv` for N bytes; with MSG_PEEK, with MSG_OOB, into memory that is not there, with a "
                         "flag that does not exist.",
                         "recv s 50 peek"},
    OperationDescription{data, "recvfrom|wsarecv|wsarecvfrom S N [peek] [oob] [wild] [odd-flags]",
                         "The same with the other functions that receive.", "wsarecv s 50"},
    OperationDescription{data, "drain S", "Calls `recv` until it fails or returns 0.", "drain s"},
    OperationDescription{data, "send S N [oob] [wild]",
                         "Calls `send` with N bytes; with MSG_OOB, from memory that is not there.", "send s 100"},
    OperationDescription{data, "wsasend S N [oob] [wild]", "The same with `WSASend`.", "wsasend s 1 oob"},
    OperationDescription{data, "sendto|wsasendto S N [peer|nowhere] [oob] [wild]",
                         "Calls `sendto` or `WSASendTo`, to the peer called S, to a closed port, or to whom the socket "
                         "is connected.",
                         "sendto s 10 peer"},
    OperationDescription{data, "fill S", "Calls `send` until it fails: the buffers are full.", "fill s"},
    OperationDescription{data, "available S", "Asks with FIONREAD how many bytes can be received.", "available s"},

    OperationDescription{settings, "blocking S on|off", "Sets FIONBIO to 0 (on) or 1 (off).", "blocking s on"},
    OperationDescription{settings, "oobinline S on|off", "Sets SO_OOBINLINE.", "oobinline s on"},
    OperationDescription{settings, "buffer S send|receive N", "Sets SO_SNDBUF or SO_RCVBUF to N bytes.",
                         "buffer s send 4096"},

    OperationDescription{other_events, "qos S N",
                         "Calls SIO_SET_QOS with flow specification N: each of 1 to 8 differs from the default one in "
                         "another parameter.",
                         "qos s 1"},
    OperationDescription{other_events, "get-qos S [wild]", "Calls SIO_GET_QOS.", "get-qos s"},
    OperationDescription{other_events, "get-group-qos S [wild]", "Calls SIO_GET_GROUP_QOS.", "get-group-qos s"},
    OperationDescription{other_events, "watch-route S red|blue|red6|blue6",
                         "Calls SIO_ROUTING_INTERFACE_CHANGE for one of four networks: two of IPv4, two of IPv6.",
                         "watch-route s red"},
    OperationDescription{other_events, "watch-addresses S", "Calls SIO_ADDRESS_LIST_CHANGE.", "watch-addresses s"},

    OperationDescription{windows, "window W", "Makes a window that belongs to the step's thread; `w` is there already.",
                         "window v"},
    OperationDescription{windows, "destroy W", "Destroys it. The window `none` is hWnd 0 and never exists.",
                         "destroy v"},
    OperationDescription{windows, "look", "Waits until a message can be seen, and leaves it in the queue.", "look"},
    OperationDescription{windows, "message", "Waits for one message and takes it; returns too when none is due.",
                         "message"},
    OperationDescription{windows, "messages", "Takes the messages that are there now.", "messages"},
    OperationDescription{
        windows, "quiet",
        "Waits until what peers did has arrived and every message that is due has been taken; one that "
        "does not come in time is missing.",
        "quiet"},
    OperationDescription{windows, "arrived", "Waits until what peers did has reached this host; takes no message.",
                         "arrived"},
    OperationDescription{windows, "fill-queue W", "Posts other messages to the window until its queue refuses.",
                         "fill-queue w"},

    OperationDescription{winsock, "startup", "Calls `WSAStartup`, which was called once before the first step.",
                         "startup"},
    OperationDescription{winsock, "cleanup", "Calls `WSACleanup`.", "cleanup"},
    OperationDescription{winsock, "last-error", "Calls `WSAGetLastError`.", "last-error"},
    OperationDescription{winsock, "set-last-error N", "Calls `WSASetLastError`.", "set-last-error 5"},

    OperationDescription{host, "route red|blue|red6|blue6 one|other|nothing",
                         "The route to a network leads through one of two interfaces now, or there is none. Needs a "
                         "network of its own.",
                         "route red other"},
    OperationDescription{host, "address add|remove [ipv6]",
                         "Adds an address to this host or removes it. Needs a network of its own.", "address add ipv6"},
    OperationDescription{host, "fail-subsystem", "The network subsystem fails. Needs a provider that can be told to.",
                         "fail-subsystem"},

    OperationDescription{peer, "peer C connect L", "A new peer asks the listening socket for a connection, called C.",
                         "peer c connect l"},
    OperationDescription{peer, "peer C admit", "Takes the connection that `connect C stalled` asked for.",
                         "peer c admit"},
    OperationDescription{peer, "peer C send N", "Sends N bytes.", "peer c send 100"},
    OperationDescription{peer, "peer C urgent", "Sends one urgent byte.", "peer c urgent"},
    OperationDescription{peer, "peer C datagram S N", "Sends a datagram of N bytes to the socket.",
                         "peer c datagram s 10"},
    OperationDescription{peer, "peer C receive N|all", "Receives N bytes, or everything that was sent so far.",
                         "peer c receive all"},
    OperationDescription{peer, "peer C shutdown", "Ends its sending side: a FIN.", "peer c shutdown"},
    OperationDescription{peer, "peer C close", "Closes its socket.", "peer c close"},
    OperationDescription{peer, "peer C reset", "Ends the connection with a RST.", "peer c reset"},
    OperationDescription{peer, "peer C ended", "Waits until it has seen the end of its connection.", "peer c ended"},
};

}  // namespace

std::string_view language() {
    return R"(One operation a line; # begins a comment, the first comment says what is shown.
THREAD: before an operation runs it on that thread; `inside` does so while the
condition function of the next wsaaccept runs; `times N` repeats it; `meanwhile`
runs it at the same time as the step before it and its other `meanwhile`s.

  clauses ID...              what the script claims to exercise
  only pump|eager            it shows that in this way of posting
  startup | cleanup          WSAStartup, WSACleanup (one startup and window w
                             are there already)
  window W | destroy W       the window `none` is hWnd 0
  socket S [datagram] [ipv6] | bind S [any] | listen S | close S
  listener S [ipv6]          these three
  connection S [accepted] [ipv6]
                             a connected socket; its peer bears the same name
  connect S peer|nowhere|stalled | wsaconnect S peer|nowhere|stalled [qos N]
  accept L [S] [wild] | wsaaccept L [S] [condition accept|reject|defer]
  join S sender|receiver|both [qos N]
                             WSAJoinLeaf to a multicast group
  select S EVENTS [window W] [message N]
                             EVENTS: FD_READ|FD_CLOSE, all, 0, 0x400
  event-select S EVENTS      WSAEventSelect
  recv|recvfrom|wsarecv|wsarecvfrom S N [peek] [oob] [wild] [odd-flags]
  drain S                    recv until WSAEWOULDBLOCK
  send|wsasend S N [oob] [wild] | fill S
  sendto|wsasendto S N [peer|nowhere] [oob] [wild]
  shutdown S receive|send|both
  blocking S on|off | available S | oobinline S on|off | buffer S send|receive N
  qos S N                    SIO_SET_QOS with flow specification N, from 1 to 8:
                             each differs from the default in one parameter
  get-qos S [wild] | get-group-qos S [wild]
  watch-route S red|blue|red6|blue6 | watch-addresses S
                             SIO_ROUTING_INTERFACE_CHANGE for one of four
                             networks, SIO_ADDRESS_LIST_CHANGE
  last-error | set-last-error N
  look | message | messages  sees a message, takes one, takes all that are there
  fill-queue W               posts other messages until the queue refuses
  arrived                    waits until what peers did has reached this host
  quiet                      and until every message that is due has been taken
  route red|blue|red6|blue6 one|other|nothing
                             the route to a network leads through an interface
  address add|remove [ipv6]  an address of this host
  fail-subsystem             the network subsystem fails
  peer C connect L | admit | send N | urgent | shutdown | close | reset
  peer C datagram S N | receive N|all
  peer C ended               waits until it has seen the end of its connection
)";
}

std::span<const OperationDescription> operation_descriptions() { return descriptions; }

std::string language_document() {
    std::string text = R"(# Scripts

A script says what an application and its peers do: calls, and doings of the other end. It never says what is to be
expected: the model knows that. `asyncselect play` plays a script on a provider and writes what was observed,
`asyncselect conformance --scenario` judges with it, and the scenarios in
[conformance/scenarios](../conformance/scenarios) are scripts. This page is written by `asyncselect play --language`
(`./dev tables`), and a test compares the two.

    # What the peer sends is read in two halves
    clauses AS-LEVEL-2
    connection s
    select s FD_READ|FD_CLOSE
    peer s send 100
    message
    recv s 50
    quiet

 - One operation a line; `#` begins a comment. The first comment is the title.
 - `clauses ID...` says which clauses the script exercises, and `only pump` or `only eager` for which way of posting it
   is. A scenario of the suite has a title and clauses; a script that is only played needs neither.
 - S, L, W and C are names of sockets, listening sockets, windows and the peers' ends of connections; letters, digits,
   `_` and `.`. The socket `nothing` never exists. The peer of a socket that connects bears its name.
 - Before the first step WSAStartup has been called once, and there is a window `w`.
 - Peers are plain sockets of the system on the loopback interface.

## On one page

```
)" + std::string(language()) +
                       "```\n";
    std::string_view section;
    for (const OperationDescription& operation : descriptions) {
        if (operation.section != section) {
            section = operation.section;
            text += "\n## " + std::string(section) + "\n\n";
        }
        text += " - **`" + std::string(operation.syntax) + "`** " + std::string(operation.sentence) +
                "\n   For example: `" + std::string(operation.example) + "`\n";
    }
    return text;
}

}  // namespace asyncselect::conformance
