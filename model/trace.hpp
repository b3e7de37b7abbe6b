// What can be seen of a provider from outside: calls with their results, messages retrieved, what the peer did, and
// moments of quiet. Plain values; it must not know what is allowed, nor how a trace is stored or made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace asyncselect::model {

// A SOCKET or an HWND as the provider returned it. 0 is the null window.
using Handle = std::uint64_t;

// INVALID_SOCKET as it stands in a trace.
inline constexpr Handle invalid_handle = ~Handle{0};

// SOCKET_ERROR.
inline constexpr std::int64_t socket_error = -1;

// The WSAE numbers that the oracle asks for by name.
namespace wsa {
inline constexpr int fault = 10014;
inline constexpr int invalid = 10022;
inline constexpr int would_block = 10035;
inline constexpr int in_progress = 10036;
inline constexpr int not_a_socket = 10038;
inline constexpr int message_size = 10040;
inline constexpr int not_supported = 10045;
inline constexpr int net_down = 10050;
inline constexpr int net_unreachable = 10051;
inline constexpr int aborted = 10053;
inline constexpr int reset = 10054;
inline constexpr int refused = 10061;
inline constexpr int not_initialised = 10093;
inline constexpr int try_again = 11002;
}  // namespace wsa

// What the application can call. Variants of one function (recv, WSARecv, ...) that the page treats alike are one.
enum class Function : std::uint8_t {
    startup,
    cleanup,
    get_last_error,
    set_last_error,
    socket,
    bind,
    listen,
    connect,
    accept,
    recv,
    send,
    shutdown,
    closesocket,
    set_nonblocking,  // ioctlsocket or WSAIoctl with FIONBIO
    bytes_available,  // ioctlsocket FIONREAD
    set_oob_inline,   // setsockopt SO_OOBINLINE
    set_option,       // any other option: no clause asks which
    async_select,
    event_select,
    join_leaf,                 // WSAJoinLeaf
    set_qos,                   // WSAIoctl SIO_SET_QOS
    get_qos,                   // WSAIoctl SIO_GET_QOS
    get_group_qos,             // WSAIoctl SIO_GET_GROUP_QOS
    routing_interface_change,  // WSAIoctl SIO_ROUTING_INTERFACE_CHANGE
    address_list_change,       // WSAIoctl SIO_ADDRESS_LIST_CHANGE
    create_window,
    destroy_window,
};

std::string_view name_of(Function function);

// What the condition function of a WSAAccept returned; `none`: there was none, or it was not called.
enum class Condition : std::uint8_t { none, accept, reject, defer };

std::string_view name_of(Condition condition);

// Flags of recv and send, as the Windows SDK numbers them.
inline constexpr std::uint32_t flag_oob = 1;
inline constexpr std::uint32_t flag_peek = 2;

namespace observation {

// One call of the application and what it returned. Only the fields that the function has are meaningful.
struct Call {
    std::string thread = "main";
    Function function = Function::socket;
    Handle socket = invalid_handle;
    Handle window = 0;          // async_select, destroy_window
    std::uint32_t message = 0;  // async_select: wMsg
    std::uint32_t mask = 0;     // async_select, event_select: lEvent
    std::int64_t length = 0;    // recv, send: bytes asked for
    std::uint32_t flags = 0;    // recv, send
    std::int64_t value = 0;     // shutdown: how (0 receive, 1 send, 2 both); set_*: the value
                                // set_qos, connect, join_leaf: the flow specification's number; 0: none given
    bool datagram = false;      // socket
    bool ipv6 = false;          // socket
    Condition condition = Condition::none;  // accept
    bool in_callback = false;               // made by a condition function, on the thread that runs it
    std::string destination;                // routing_interface_change: the name under which Change speaks of it
    std::int64_t result = 0;                // what the function returned: bytes, 0, SOCKET_ERROR
    int error = 0;                          // WSAGetLastError right after a failure, 0 otherwise
    Handle created = invalid_handle;        // socket, accept, create_window: the new handle
    std::string connection;                 // accept: the peer's name of the connection, where it is known

    [[nodiscard]] bool failed() const { return error != 0; }
};

// One message taken from the queue.
struct Message {
    std::string thread = "main";
    Handle window = 0;
    std::uint32_t message = 0;
    Handle socket = invalid_handle;  // wParam
    std::uint32_t lparam = 0;
    std::uint32_t event = 0;  // what WSAGETSELECTEVENT said of lParam
    std::uint32_t error = 0;  // what WSAGETSELECTERROR said of it
};

// A message whose macros agree with its halves.
Message message(Handle window, std::uint32_t number, Handle socket, std::uint32_t event, std::uint32_t error = 0);

enum class PeerVerb : std::uint8_t {
    connect,      // asks the listener `socket` for a connection, called `connection` from now on
    established,  // has taken the connection that `socket` asked for
    refused,      // has turned it down, with `error`
    send,         // `bytes` of normal data
    datagram,     // one datagram of `bytes` to `socket`, which need not be connected
    urgent,       // one urgent byte
    shutdown,     // its sending side
    close,        // closesocket
    reset,        // a hard close: RST
    receive,      // has read `bytes`
};

std::string_view name_of(PeerVerb verb);

// What the other end did. It takes effect here at some later moment, in order.
struct Peer {
    std::string connection;
    PeerVerb verb = PeerVerb::send;
    Handle socket = invalid_handle;  // connect, established, refused, datagram
    std::uint32_t bytes = 0;
    int error = 0;
};

// What happened to this host's network. It takes effect at some later moment, in order.
struct Change {
    enum class What : std::uint8_t {
        route,         // the local interface to be used for `destination` is another one now; error 0 or WSAENETUNREACH
        address_list,  // the local addresses of a family are others now
        subsystem,     // the network subsystem has failed: until the end of the trace (AS-API-3, R-18)
    };
    What what = What::route;
    std::string destination;  // route
    bool ipv6 = false;        // address_list
    int error = 0;            // route
};

// Everything that peers did has taken effect, every message that was posted has been retrieved.
struct Quiet {};

// From now on (until `on` is false) the window's queue may refuse messages: it has a limit.
struct QueueLimit {
    bool on = false;
};

// Time that has passed since the trace began. For people: no clause speaks of time.
struct Clock {
    std::uint64_t microseconds = 0;
};

// Something begins, and other observations may follow before it has ended: from here to the Ended with the same number
// it takes effect at some moment. Whatever is told without is over before the next.
struct Began {
    std::uint64_t number = 0;
    std::string thread = "main";
    std::string what;  // in words; may be empty
};

struct Ended {
    std::uint64_t number = 0;
    std::variant<Call, Message, Peer, Change> what;
};

}  // namespace observation

using Observation =
    std::variant<observation::Call, observation::Message, observation::Peer, observation::Change, observation::Quiet,
                 observation::QueueLimit, observation::Clock, observation::Began, observation::Ended>;

using Trace = std::vector<Observation>;

// What has ended, as it would be told if nothing had come between.
Observation done(const observation::Ended& ended);

// One line for people: `recv(s=5, 50) = 50`. Any thread.
std::string show(const Observation& observation);

// `FD_READ|FD_WRITE`, `0`, `all`; bits without a name in hexadecimal.
std::string show_mask(std::uint32_t mask);

// `WSAECONNRESET` for the codes that the page and its calls name, the number otherwise.
std::string show_error(int error);

}  // namespace asyncselect::model
