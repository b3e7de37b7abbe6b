// Scripts as C programs: each step becomes a few lines of main, or of a function for the thread that it belongs to; of
// the helpers there are those that are used. It must not know how a script is played.
#include "conformance/export_c.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/clauses.hpp"
#include "model/event.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

namespace {

namespace op = operation;
namespace seen = model::observation;
using model::Handle;

// ---- the helpers of a program -------------------------------------------------------------------------------------

struct Helper {
    std::string_view name;
    std::string_view needs;  // names, each with a space behind it
    std::string_view text;
};

// In the order in which they stand in the program. {{...}} is replaced by what the script makes of it.
constexpr std::array helpers{
    Helper{"error_text", "", R"(
static const char* error_text(int error) {
    switch (error) {
        case 0: return "no error";
        case WSAEFAULT: return "WSAEFAULT";
        case WSAEINVAL: return "WSAEINVAL";
        case WSAEMFILE: return "WSAEMFILE";
        case WSAEWOULDBLOCK: return "WSAEWOULDBLOCK";
        case WSAEINPROGRESS: return "WSAEINPROGRESS";
        case WSAEALREADY: return "WSAEALREADY";
        case WSAENOTSOCK: return "WSAENOTSOCK";
        case WSAEMSGSIZE: return "WSAEMSGSIZE";
        case WSAEOPNOTSUPP: return "WSAEOPNOTSUPP";
        case WSAEAFNOSUPPORT: return "WSAEAFNOSUPPORT";
        case WSAENETDOWN: return "WSAENETDOWN";
        case WSAENETUNREACH: return "WSAENETUNREACH";
        case WSAECONNABORTED: return "WSAECONNABORTED";
        case WSAECONNRESET: return "WSAECONNRESET";
        case WSAENOBUFS: return "WSAENOBUFS";
        case WSAEISCONN: return "WSAEISCONN";
        case WSAENOTCONN: return "WSAENOTCONN";
        case WSAESHUTDOWN: return "WSAESHUTDOWN";
        case WSAETIMEDOUT: return "WSAETIMEDOUT";
        case WSAECONNREFUSED: return "WSAECONNREFUSED";
        case WSANOTINITIALISED: return "WSANOTINITIALISED";
        case WSATRY_AGAIN: return "WSATRY_AGAIN";
        default: return "another error";
    }
}
)"},
    Helper{"watch", "", R"(
/* The call that is looked at in the end: which of its step it is, and what it returned. */
enum { watched_step = {{watched_step}}, watched_call = {{watched_call}} };
static int calls_of_watched_step;
static int watched_result, watched_error;
)"},
    Helper{"told", "error_text ", R"(
/* Prints what a call of the script's step returned, and its error, 0 if it has none. */
static void told(int step, const char* call, long result, int error) {
    if (error != 0) {
        printf("%3d  %s = %ld, error %d (%s)\n", step, call, result, error, error_text(error));
    } else {
        printf("%3d  %s = %ld\n", step, call, result);
    }
    fflush(stdout);{{watch_call}}
}
)"},
    Helper{"said", "told ", R"(
/* A call that returns SOCKET_ERROR when it fails. WSAGetLastError still tells why afterwards. */
static int said(int step, const char* call, int result) {
    int error = result == SOCKET_ERROR ? WSAGetLastError() : 0;
    told(step, call, result, error);
    if (error != 0) WSASetLastError(error);
    return result;
}
)"},
    Helper{"said_socket", "told ", R"(
/* A call that makes a socket. */
static SOCKET said_socket(int step, const char* call, SOCKET result) {
    int error = result == INVALID_SOCKET ? WSAGetLastError() : 0;
    told(step, call, result == INVALID_SOCKET ? -1 : 0, error);
    if (error != 0) WSASetLastError(error);
    return result;
}
)"},
    Helper{"said_window", "told ", R"(
static HWND said_window(int step, const char* call, HWND result) {
    told(step, call, result != NULL, result != NULL ? 0 : (int)GetLastError());
    return result;
}
)"},
    Helper{"must", "error_text ", R"(
/* What is no call of the script has to succeed. */
static void must(const char* what, int succeeded) {
    int error = WSAGetLastError();
    if (succeeded) return;
    printf("%s failed: error %d (%s)\nThe script could not be played.\n", what, error, error_text(error));
    exit(2);
}
)"},
    Helper{"size_of", "", R"(
static int size_of(const struct sockaddr_storage* address) {
    return address->ss_family == AF_INET6 ? (int)sizeof(struct sockaddr_in6) : (int)sizeof(struct sockaddr_in);
}
)"},
    Helper{"loopback", "", R"(
/* The loopback interface, and a port in network byte order; 0: any. */
static struct sockaddr_storage loopback(int family, u_short port) {
    struct sockaddr_storage address;
    memset(&address, 0, sizeof address);
    address.ss_family = (short)family;
    if (family == AF_INET6) {
        struct sockaddr_in6* there = (struct sockaddr_in6*)&address;
        there->sin6_addr.s6_addr[15] = 1;
        there->sin6_port = port;
    } else {
        struct sockaddr_in* there = (struct sockaddr_in*)&address;
        there->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        there->sin_port = port;
    }
    return address;
}
)"},
    Helper{"address_of", "must loopback ", R"(
/* Where a socket can be reached from this host. */
static struct sockaddr_storage address_of(SOCKET s) {
    struct sockaddr_storage bound;
    int length = sizeof bound;
    must("getsockname", getsockname(s, (struct sockaddr*)&bound, &length) == 0);
    if (bound.ss_family == AF_INET6) return loopback(AF_INET6, ((struct sockaddr_in6*)&bound)->sin6_port);
    return loopback(AF_INET, ((struct sockaddr_in*)&bound)->sin_port);
}
)"},
    Helper{"bind_loopback", "loopback size_of ", R"(
static int bind_loopback(SOCKET s, int family) {
    struct sockaddr_storage address = loopback(family, 0);
    return bind(s, (struct sockaddr*)&address, size_of(&address));
}
)"},
    Helper{"bind_any", "size_of ", R"(
static int bind_any(SOCKET s, int family) {
    struct sockaddr_storage address;
    memset(&address, 0, sizeof address);
    address.ss_family = (short)family;
    return bind(s, (struct sockaddr*)&address, size_of(&address));
}
)"},
    Helper{"connect_to", "size_of ", R"(
static int connect_to(SOCKET s, struct sockaddr_storage there) {
    return connect(s, (struct sockaddr*)&there, size_of(&there));
}
)"},
    Helper{"flow", "", R"(
/* The default flow specification, but for the parameter of that number. */
static QOS flow(int number) {
    QOS qos;
    FLOWSPEC* sending = &qos.SendingFlowspec;
    memset(&qos, 0, sizeof qos);
    sending->TokenRate = sending->TokenBucketSize = sending->PeakBandwidth = QOS_NOT_SPECIFIED;
    sending->Latency = sending->DelayVariation = QOS_NOT_SPECIFIED;
    sending->MaxSduSize = sending->MinimumPolicedSize = QOS_NOT_SPECIFIED;
    sending->ServiceType = SERVICETYPE_BESTEFFORT;
    qos.ReceivingFlowspec = *sending;
    switch (number) {
        case 1: sending->TokenRate = 1000000; break;
        case 2: sending->TokenBucketSize = 1000000; break;
        case 3: sending->PeakBandwidth = 1000000; break;
        case 4: sending->Latency = 1000000; break;
        case 5: sending->DelayVariation = 1000000; break;
        case 6: sending->ServiceType = SERVICETYPE_GUARANTEED; break;
        case 7: sending->MaxSduSize = 1000000; break;
        case 8: sending->MinimumPolicedSize = 1000000; break;
    }
    return qos;
}
)"},
    Helper{"set_qos", "flow ", R"(
static int set_qos(SOCKET s, int number) {
    QOS qos = flow(number);
    DWORD returned = 0;
    return WSAIoctl(s, SIO_SET_QOS, &qos, sizeof qos, NULL, 0, &returned, NULL, NULL);
}
)"},
    Helper{"get_qos", "", R"(
static int get_qos(SOCKET s, DWORD code, char* into) {
    static char room[sizeof(QOS) + 1000];
    DWORD returned = 0;
    return WSAIoctl(s, code, NULL, 0, into != NULL ? into : room, sizeof room, &returned, NULL, NULL);
}
)"},
    Helper{"wsa_connect_to", "size_of ", R"(
static int wsa_connect_to(SOCKET s, struct sockaddr_storage there, QOS* qos) {
    return WSAConnect(s, (struct sockaddr*)&there, size_of(&there), NULL, NULL, qos, NULL);
}
)"},
    Helper{"wsa_connect_with", "wsa_connect_to flow ", R"(
static int wsa_connect_with(SOCKET s, struct sockaddr_storage there, int number) {
    QOS qos = flow(number);
    return wsa_connect_to(s, there, &qos);
}
)"},
    Helper{"watch_addresses", "", R"(
static int watch_addresses(SOCKET s) {
    DWORD returned = 0;
    return WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &returned, NULL, NULL);
}
)"},
    Helper{"buffer", "", R"(
static char buffer[{{buffer}}];
)"},
    Helper{"wild", "", R"(
/* The first page of an address space is never there. */
static char* volatile wild = (char*)16;
)"},
    Helper{"accept_wild", "wild ", R"(
static SOCKET accept_wild(SOCKET s) {
    int length = sizeof(struct sockaddr_storage);
    return accept(s, (struct sockaddr*)wild, &length);
}
)"},
    Helper{"recv_from", "", R"(
static int recv_from(SOCKET s, char* into, int bytes, int flags) {
    struct sockaddr_storage from;
    int length = sizeof from;
    return recvfrom(s, into, bytes, flags, (struct sockaddr*)&from, &length);
}
)"},
    Helper{"wsa_recv", "", R"(
static int wsa_recv(SOCKET s, char* into, int bytes, DWORD flags) {
    WSABUF data;
    DWORD received = 0;
    data.buf = into;
    data.len = (ULONG)bytes;
    return WSARecv(s, &data, 1, &received, &flags, NULL, NULL) == 0 ? (int)received : SOCKET_ERROR;
}
)"},
    Helper{"wsa_recv_from", "", R"(
static int wsa_recv_from(SOCKET s, char* into, int bytes, DWORD flags) {
    struct sockaddr_storage from;
    int length = sizeof from;
    WSABUF data;
    DWORD received = 0;
    data.buf = into;
    data.len = (ULONG)bytes;
    if (WSARecvFrom(s, &data, 1, &received, &flags, (struct sockaddr*)&from, &length, NULL, NULL) != 0) return SOCKET_ERROR;
    return (int)received;
}
)"},
    Helper{"wsa_send", "", R"(
static int wsa_send(SOCKET s, char* from, int bytes, DWORD flags) {
    WSABUF data;
    DWORD sent = 0;
    data.buf = from;
    data.len = (ULONG)bytes;
    return WSASend(s, &data, 1, &sent, flags, NULL, NULL) == 0 ? (int)sent : SOCKET_ERROR;
}
)"},
    Helper{"send_to", "size_of ", R"(
static int send_to(SOCKET s, char* from, int bytes, int flags, struct sockaddr_storage there) {
    return sendto(s, from, bytes, flags, (struct sockaddr*)&there, size_of(&there));
}
)"},
    Helper{"wsa_send_to", "size_of ", R"(
static int wsa_send_to(SOCKET s, char* from, int bytes, DWORD flags, struct sockaddr_storage there) {
    WSABUF data;
    DWORD sent = 0;
    data.buf = from;
    data.len = (ULONG)bytes;
    if (WSASendTo(s, &data, 1, &sent, flags, (struct sockaddr*)&there, size_of(&there), NULL, NULL) != 0) return SOCKET_ERROR;
    return (int)sent;
}
)"},
    Helper{"wsa_send_on", "", R"(
static int wsa_send_on(SOCKET s, char* from, int bytes, DWORD flags) {
    WSABUF data;
    DWORD sent = 0;
    data.buf = from;
    data.len = (ULONG)bytes;
    return WSASendTo(s, &data, 1, &sent, flags, NULL, 0, NULL, NULL) == 0 ? (int)sent : SOCKET_ERROR;
}
)"},
    Helper{"drain", "said buffer ", R"(
/* Receives until a call fails or returns 0. */
static void drain(int step, const char* call, SOCKET s) {
    while (said(step, call, recv(s, buffer, 4096, 0)) > 0) {
    }
}
)"},
    Helper{"fill", "said buffer ", R"(
/* Sends until a call fails: the buffers are full. */
static void fill(int step, const char* call, SOCKET s) {
    while (said(step, call, send(s, buffer, 65536, 0)) > 0) {
    }
}
)"},
    Helper{"available", "", R"(
static int available(SOCKET s) {
    u_long bytes = 0;
    return ioctlsocket(s, FIONREAD, &bytes) == 0 ? (int)bytes : SOCKET_ERROR;
}
)"},
    Helper{"set_nonblocking", "", R"(
static int set_nonblocking(SOCKET s, u_long on) {
    return ioctlsocket(s, FIONBIO, &on);
}
)"},
    Helper{"set_option", "", R"(
static int set_option(SOCKET s, int option, int value) {
    return setsockopt(s, SOL_SOCKET, option, (const char*)&value, sizeof value);
}
)"},
    Helper{"start_winsock", "", R"(
static int start_winsock(void) {
    WSADATA data;
    return WSAStartup(MAKEWORD(2, 2), &data);
}
)"},
    Helper{"make_window", "", R"(
/* A window of the calling thread that only gets messages. */
static HWND make_window(void) {
    WNDCLASSA made;
    memset(&made, 0, sizeof made);
    made.lpfnWndProc = DefWindowProcA;
    made.hInstance = GetModuleHandleA(NULL);
    made.lpszClassName = "exported script";
    RegisterClassA(&made); /* all but the first time it is there already */
    return CreateWindowExA(0, "exported script", "", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, made.hInstance, NULL);
}
)"},
    Helper{"ready", "", R"(
/* Waits until a peer's socket can be read, at most so long. */
static int ready(SOCKET s, long milliseconds) {
    struct timeval time;
    fd_set sockets;
    time.tv_sec = milliseconds / 1000;
    time.tv_usec = milliseconds % 1000 * 1000;
    FD_ZERO(&sockets);
    FD_SET(s, &sockets);
    return select((int)s + 1, &sockets, NULL, NULL, &time) == 1;
}
)"},
    Helper{"peer_socket", "must bind_loopback ", R"(
/* The peers: plain blocking sockets of this program. What they do leaves WSAGetLastError as it is. */
static SOCKET peer_socket(int family, int type) {
    SOCKET s = socket(family, type, 0);
    must("socket", s != INVALID_SOCKET);
    must("bind", bind_loopback(s, family) == 0);
    return s;
}
)"},
    Helper{"peer_listener", "peer_socket ", R"(
static SOCKET peer_listener(int family) {
    int error = WSAGetLastError();
    SOCKET s = peer_socket(family, SOCK_STREAM);
    must("listen", listen(s, 5) == 0);
    WSASetLastError(error);
    return s;
}
)"},
    Helper{"peer_options", "", R"(
static void peer_options(SOCKET s) {
    int on = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char*)&on, sizeof on);
    setsockopt(s, SOL_SOCKET, SO_OOBINLINE, (const char*)&on, sizeof on);
}
)"},
    Helper{"peer_accept", "must ready peer_options ", R"(
static SOCKET peer_accept(SOCKET listener) {
    int error = WSAGetLastError();
    SOCKET s;
    must("waiting for the connection", ready(listener, 5000));
    s = accept(listener, NULL, NULL);
    must("the peer's accept", s != INVALID_SOCKET);
    peer_options(s);
    closesocket(listener);
    WSASetLastError(error);
    return s;
}
)"},
    Helper{"peer_connect", "address_of connect_to peer_options ", R"(
static SOCKET peer_connect(SOCKET listener) {
    int error = WSAGetLastError();
    struct sockaddr_storage there = address_of(listener);
    SOCKET s = socket(there.ss_family, SOCK_STREAM, 0);
    must("socket", s != INVALID_SOCKET);
    must("the peer's connect", connect_to(s, there) == 0);
    peer_options(s);
    WSASetLastError(error);
    return s;
}
)"},
    Helper{"peer_datagrams", "peer_socket ", R"(
static SOCKET peer_datagrams(int family) {
    int error = WSAGetLastError();
    SOCKET s = peer_socket(family, SOCK_DGRAM);
    WSASetLastError(error);
    return s;
}
)"},
    Helper{"closed_port", "peer_socket address_of connect_to ", R"(
/* A port on which nobody listens; it is kept from others as long as the program runs. */
static struct sockaddr_storage closed_port(int family, int type) {
    int error = WSAGetLastError();
    SOCKET s = peer_socket(family, type);
    struct sockaddr_storage there = address_of(s);
    if (type == SOCK_DGRAM) connect_to(s, there); /* so it takes nothing from others */
    WSASetLastError(error);
    return there;
}
)"},
    Helper{"peer_send", "must ", R"(
static void peer_send(SOCKET s, int bytes) {
    int error = WSAGetLastError();
    char data[4096];
    memset(data, 'x', sizeof data);
    while (bytes > 0) {
        int sent = send(s, data, bytes < (int)sizeof data ? bytes : (int)sizeof data, 0);
        must("the peer's send", sent > 0);
        bytes -= sent;
    }
    WSASetLastError(error);
}
)"},
    Helper{"peer_send_datagram", "must address_of size_of ", R"(
static void peer_send_datagram(SOCKET s, int bytes, SOCKET to) {
    static char data[65536];
    int error = WSAGetLastError();
    struct sockaddr_storage there = address_of(to);
    must("the peer's sendto", sendto(s, data, bytes, 0, (struct sockaddr*)&there, size_of(&there)) == bytes);
    WSASetLastError(error);
}
)"},
    Helper{"peer_urgent", "must ", R"(
static void peer_urgent(SOCKET s) {
    int error = WSAGetLastError();
    must("the peer's send of an urgent byte", send(s, "u", 1, MSG_OOB) == 1);
    WSASetLastError(error);
}
)"},
    Helper{"peer_shutdown", "must ", R"(
static void peer_shutdown(SOCKET s) {
    int error = WSAGetLastError();
    must("the peer's shutdown", shutdown(s, SD_SEND) == 0);
    WSASetLastError(error);
}
)"},
    Helper{"peer_close", "must ", R"(
static void peer_close(SOCKET s) {
    int error = WSAGetLastError();
    must("the peer's closesocket", closesocket(s) == 0);
    WSASetLastError(error);
}
)"},
    Helper{"peer_reset", "must peer_close ", R"(
/* Closed without lingering the connection ends with a RST. */
static void peer_reset(SOCKET s) {
    int error = WSAGetLastError();
    struct linger hard;
    hard.l_onoff = 1;
    hard.l_linger = 0;
    must("SO_LINGER", setsockopt(s, SOL_SOCKET, SO_LINGER, (const char*)&hard, sizeof hard) == 0);
    peer_close(s);
    WSASetLastError(error);
}
)"},
    Helper{"peer_receive", "ready ", R"(
/* Receives so many bytes, or what comes until the end of the connection or for a while nothing does. */
static void peer_receive(SOCKET s, long bytes, long milliseconds) {
    static char data[65536];
    int error = WSAGetLastError();
    while (bytes > 0 && ready(s, milliseconds)) {
        int received = recv(s, data, bytes < (long)sizeof data ? (int)bytes : (int)sizeof data, 0);
        if (received <= 0) break;
        bytes -= received;
    }
    WSASetLastError(error);
}
)"},
    Helper{"names", "", R"(
static const char* name_of_window(HWND window) {
{{window_names}}    return "another window";
}
static const char* name_of_socket(SOCKET s) {
{{socket_names}}    return "another socket";
}
static const char* name_of_event(int event) {
    switch (event) {
        case FD_READ: return "FD_READ";
        case FD_WRITE: return "FD_WRITE";
        case FD_OOB: return "FD_OOB";
        case FD_ACCEPT: return "FD_ACCEPT";
        case FD_CONNECT: return "FD_CONNECT";
        case FD_CLOSE: return "FD_CLOSE";
        case FD_QOS: return "FD_QOS";
        case FD_GROUP_QOS: return "FD_GROUP_QOS";
        case FD_ROUTING_INTERFACE_CHANGE: return "FD_ROUTING_INTERFACE_CHANGE";
        case FD_ADDRESS_LIST_CHANGE: return "FD_ADDRESS_LIST_CHANGE";
        default: return "no single event";
    }
}
)"},
    Helper{"messages", "", R"(
/* The messages of the step that is looked at in the end. */
enum { watched_step = {{watched_step}} };
struct message {
    HWND window;
    unsigned number;
    SOCKET socket;
    int event;
    int error;
};
static struct message messages[1000];
static int message_count;
)"},
    Helper{"take_message", "names error_text ", R"(
/* Takes a message of this thread, if there is one, and prints it if it is one of WSAAsyncSelect. Returns whether there was
 * one: 1, or 2 if it was one of those. */
static int take_message(int step) {
    MSG message;
    int event, error;
    if (!PeekMessageA(&message, NULL, 0, 0, PM_REMOVE)) return 0;
    if (message.message < WM_USER || message.message > WM_USER + 100) {
        DispatchMessageA(&message);
        return 1;
    }
    event = WSAGETSELECTEVENT(message.lParam);
    error = WSAGETSELECTERROR(message.lParam);
    printf("%3d  message WM_USER+%u to %s: socket %s, %s, error %d (%s)\n", step, (unsigned)message.message - WM_USER,
           name_of_window(message.hwnd), name_of_socket((SOCKET)message.wParam), name_of_event(event), error,
           error_text(error));
    fflush(stdout);{{watch_message}}
    return 2;
}
)"},
    Helper{"worker", "must ", R"(
/* A thread that does one thing after the other. */
struct worker {
    HANDLE go;
    HANDLE done;
    void (*work)(void);
};

static DWORD WINAPI run(LPVOID argument) {
    struct worker* worker = (struct worker*)argument;
    while (WaitForSingleObject(worker->go, INFINITE) == WAIT_OBJECT_0) {
        worker->work();
        SetEvent(worker->done);
    }
    return 0;
}

static void start(struct worker* worker, void (*work)(void)) {
    worker->work = work;
    if (worker->go == NULL) {
        worker->go = CreateEventA(NULL, FALSE, FALSE, NULL);
        worker->done = CreateEventA(NULL, FALSE, FALSE, NULL);
        must("CreateThread", CreateThread(NULL, 0, run, worker, 0, NULL) != NULL);
    }
    SetEvent(worker->go);
}

static void wait_for(struct worker* worker) {
    WaitForSingleObject(worker->done, INFINITE);
}
{{workers}})"},
    Helper{"take_everywhere", "take_message worker ", R"(
/* The same on each thread that has a window. */
static int step_of_taking, taken;
static void take_here(void) {
    taken = take_message(step_of_taking);
}
static int take_everywhere(int step) {
    int most = take_message(step);
    step_of_taking = step;
{{take_on_threads}}    return most;
}
)"},
    Helper{"quiet_milliseconds", "", R"(
/* When no message has come for so long, none is on its way any more; so long a message is waited for. */
static DWORD quiet_milliseconds = 500;
)"},
    Helper{"arrived", "", R"(
/* On the loopback interface what a peer does arrives in far less than this. */
static void arrived(void) {
    Sleep(50);
}
)"},
    Helper{"quiet", "quiet_milliseconds ", R"(
static void quiet(int step) {
    DWORD last = GetTickCount();
    while (GetTickCount() - last < quiet_milliseconds) {
        if ({{take}}(step)) {
            last = GetTickCount();
        } else {
            Sleep(1); /* so that several threads are looked after */
        }
    }
}
)"},
    Helper{"one_message", "quiet_milliseconds ", R"(
/* Takes one message of WSAAsyncSelect, if one comes. */
static void one_message(int step) {
    DWORD begin = GetTickCount();
    int took = 0;
    while (took != 2 && GetTickCount() - begin < quiet_milliseconds) {
        took = {{take}}(step);
        if (!took) Sleep(1);
    }
}
)"},
    Helper{"all_messages", "arrived ", R"(
static void all_messages(int step) {
    arrived();
    while ({{take}}(step)) {
    }
}
)"},
    Helper{"look", "quiet_milliseconds ", R"(
/* Waits until there is a message, and leaves it in the queue. */
static void look(void) {
    DWORD begin = GetTickCount();
    MSG message;
    while (!PeekMessageA(&message, NULL, 0, 0, PM_NOREMOVE) && GetTickCount() - begin < quiet_milliseconds) Sleep(1);
}
)"},
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

// A name of a script as a part of a C name.
std::string part(const std::string& name) { return replaced(name, ".", "_"); }

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c != '\n') out += c;
    }
    return out + '"';
}

// Text that cannot end a comment.
std::string in_comment(std::string text) { return replaced(std::move(text), "*/", "* /"); }

std::string wrapped(std::string_view text, std::string_view indent) {
    std::string out;
    std::string line(indent);
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string_view word = text.substr(at, end - at);
        at = end + 1;
        if (line.size() + 1 + word.size() > 110 && line.size() > indent.size()) {
            out += line + '\n';
            line = indent;
        }
        line += ' ';
        line += word;
    }
    return out + line + '\n';
}

std::string mask_of(std::uint32_t mask) {
    std::string text;
    for (const model::Event event : model::events_in_posting_order) {
        if ((mask & model::bit_of(event)) == 0) continue;
        text += (text.empty() ? "" : " | ") + std::string(model::name_of(event));
        mask &= ~model::bit_of(event);
    }
    if (mask != 0 || text.empty()) text += (text.empty() ? "" : " | ") + std::to_string(mask) + (mask != 0 ? "L" : "");
    return text;
}

// ---- the program --------------------------------------------------------------------------------------------------

class Exporter {
  public:
    Exporter(const Script& script, const Played* played) : script_(script) {
        if (played != nullptr && played->violation) watch(*played);
    }

    std::string run() {
        windows_["w"] = "main";
        emit_prelude();
        std::size_t last = script_.steps.size();
        if (violation_) last = end_of_overlap(script_, watched_step_);
        for (std::size_t index = 0; index < last;) {
            const std::size_t end = end_of_overlap(script_, index);
            if (end > index + 1) {
                together(index, end);
            } else if (script_.steps[index].inside) {
                inside_.push_back(index);
            } else {
                alone(index);
            }
            index = end;
        }
        if (cleaned_up_ && !peers_.empty()) {
            throw NotExportable("cleanup: WSACleanup would close the peers' sockets too, which are the same program's");
        }
        if (!inside_.empty()) throw NotExportable("no condition function runs what is to be done inside");
        return program();
    }

  private:
    // ---- what is looked at in the end ---

    void watch(const Played& played) {
        violation_ = *played.violation;
        watched_step_ = played.step_of[violation_->step];
        const model::Observation at = plain(played.trace[violation_->step]);
        std::map<Handle, std::string> sockets;
        std::map<Handle, std::string> windows;
        int calls = 0;
        for (std::size_t index = 0; index <= violation_->step; ++index) {
            const model::Observation observation = plain(played.trace[index]);
            const bool watched = played.step_of[index] == watched_step_ && index >= of_the_prelude;
            if (const auto* call = std::get_if<seen::Call>(&observation)) {
                if (watched) ++calls;
                learn_names(*call, index < of_the_prelude ? nullptr : &script_.steps[played.step_of[index]].operation,
                            sockets, windows);
            } else if (const auto* message = std::get_if<seen::Message>(&observation); message != nullptr && watched) {
                const auto socket = sockets.find(message->socket);
                const auto window = windows.find(message->window);
                came_.push_back({window == windows.end() ? "" : window->second, message->message,
                                 socket == sockets.end() ? "" : socket->second, message->event, message->error});
            }
        }
        if (violation_->step < of_the_prelude)
            throw NotExportable("what fails comes before the first step: " + violation_->came);
        if (const auto* call = std::get_if<seen::Call>(&at)) {
            if (call->function == model::Function::create_window || call->function == model::Function::destroy_window)
                throw NotExportable("what fails is a window: " + violation_->came);
            watched_ = *call;
            watched_number_ = calls;
        } else if (std::holds_alternative<seen::Message>(at)) {
            message_fails_ = true;
        } else if (!std::holds_alternative<seen::Quiet>(at)) {
            throw NotExportable("what fails is neither a call nor a message: " + violation_->came);
        }
    }
    static model::Observation plain(const model::Observation& observation) {
        const auto* ended = std::get_if<seen::Ended>(&observation);
        return ended != nullptr ? model::done(*ended) : observation;
    }
    static void learn_names(const seen::Call& call, const Operation* operation, std::map<Handle, std::string>& sockets,
                            std::map<Handle, std::string>& windows) {
        if (call.created == model::invalid_handle) return;
        if (call.function == model::Function::create_window) {
            const auto* made = operation != nullptr ? std::get_if<op::MakeWindow>(operation) : nullptr;
            windows[call.created] = made != nullptr ? made->window : "w";
            return;
        }
        if (operation == nullptr) return;
        std::string name;
        if (const auto* made = std::get_if<op::MakeSocket>(operation)) name = made->socket;
        if (const auto* made = std::get_if<op::Accept>(operation)) name = made->socket;
        if (const auto* made = std::get_if<op::Listener>(operation)) name = made->socket;
        if (const auto* made = std::get_if<op::Connection>(operation)) {
            const bool listens = made->accepted && call.function == model::Function::socket;
            name = made->socket + (listens ? ".listener" : "");
        }
        sockets[call.created] = name;
    }

    // ---- names ---

    struct Known {
        bool datagram = false;
        bool ipv6 = false;
    };

    [[noreturn]] void refuse(const std::string& why) const {
        throw NotExportable("\"" + show(script_.steps[step_]) + "\": " + why);
    }
    std::string socket(const std::string& name) const {
        if (name == "nothing") return "INVALID_SOCKET";
        if (!sockets_.contains(name)) refuse("there is no socket \"" + name + '"');
        return "socket_" + part(name);
    }
    std::string make_socket(const std::string& name, Known known) {
        sockets_[name] = known;
        return "socket_" + part(name);
    }
    [[nodiscard]] Known known(const std::string& name) const {
        const auto found = sockets_.find(name);
        return found == sockets_.end() ? Known{} : found->second;
    }
    [[nodiscard]] std::string family(const std::string& name) const {
        return known(name).ipv6 ? "AF_INET6" : "AF_INET";
    }
    std::string window(const std::string& name) const {
        if (name == "none") return "NULL";
        if (!windows_.contains(name)) refuse("there is no window \"" + name + '"');
        return "window_" + part(name);
    }
    std::string peer(const std::string& name) const {
        if (!peers_.contains(name)) refuse("there is no connection \"" + name + '"');
        return "peer_" + part(name);
    }
    std::string make_peer(const std::string& name) {
        peers_.insert(name);
        return "peer_" + part(name);
    }
    // The peer with that name, with an end for datagrams.
    std::string datagram_peer(const std::string& name, const std::string& family) {
        const bool there = peers_.contains(name);
        const std::string variable = make_peer(name);
        if (!there) line(variable + " = " + use("peer_datagrams") + '(' + family + ");");
        return variable;
    }
    std::string use(std::string_view helper) {
        const auto found = std::ranges::find(helpers, helper, &Helper::name);
        if (!used_.insert(helper).second) return std::string(helper);
        std::string_view needs = found->needs;
        while (!needs.empty()) {
            const std::size_t end = needs.find(' ');
            use(needs.substr(0, end));
            needs.remove_prefix(end + 1);
        }
        return std::string(helper);
    }

    // ---- lines ---

    void line(const std::string& text) { *out_ += "    " + text + '\n'; }
    [[nodiscard]] std::string number() const { return std::to_string(step_ + 1); }
    // The arguments of `said`.
    [[nodiscard]] std::string saying(const std::string& call) const { return number() + ", " + quoted(call) + ", "; }
    void call(const std::string& shown, const std::string& text) {
        const std::string begin = use("said") + '(' + number() + ", " + quoted(shown) + ',';
        constexpr std::size_t room = 105;
        line(begin + (begin.size() + text.size() > room ? "\n         " : " ") + text + ");");
    }
    void value(const std::string& shown, const std::string& text) {
        line(use("told") + '(' + saying(shown) + text + ", 0);");
    }

    void emit_prelude() {
        use("must");
        use("start_winsock");
        use("make_window");
    }

    void comment(std::size_t index) {
        *out_ += "\n    /* " + std::to_string(index + 1) + ": " + in_comment(show(script_.steps[index])) + " */\n";
    }

    void emit(std::size_t index) {
        step_ = index;
        std::visit([this](const auto& specific) { perform(specific); }, script_.steps[index].operation);
    }

    // Steps on another thread become a function.
    std::string function_for(const std::string& name, std::span<const std::size_t> steps) {
        std::string body;
        std::string* const before = std::exchange(out_, &body);
        for (const std::size_t index : steps) {
            comment(index);
            emit(index);
        }
        out_ = before;
        if (body.starts_with('\n')) body.erase(0, 1);
        functions_ += "\nstatic void " + name + "(void) {\n" + body + "}\n";
        return name;
    }
    std::string worker(const std::string& actor) {
        use("worker");
        const std::string name = replaced(part(actor), " ", "_") + "_thread";
        workers_.insert(name);
        return '&' + name;
    }

    void alone(std::size_t index) {
        const Step& step = script_.steps[index];
        if (step.thread == "main" || is_waiting(step.operation)) {
            comment(index);
            emit(index);
            return;
        }
        const std::size_t only[] = {index};
        thread_ = step.thread;
        const std::string function = function_for(part(step.thread) + "_" + std::to_string(index + 1), only);
        thread_ = "main";
        *out_ += '\n';
        line("start(" + worker(step.thread) + ", " + function + ");");
        line("wait_for(" + worker(step.thread) + ");");
    }
    // What looks after every thread's messages is not done on one of them.
    static bool is_waiting(const Operation& operation) {
        return std::holds_alternative<op::Quiet>(operation) || std::holds_alternative<op::Retrieve>(operation) ||
               std::holds_alternative<op::RetrieveAll>(operation) || std::holds_alternative<op::Look>(operation) ||
               std::holds_alternative<op::Arrived>(operation);
    }

    void together(std::size_t begin, std::size_t end) {
        std::map<std::string, std::vector<std::size_t>> actors;
        for (std::size_t index = begin; index < end; ++index) {
            const std::string shown = show(script_.steps[index].operation);
            const bool peers = shown.starts_with("peer ");
            actors[peers ? shown.substr(0, shown.find(' ', 5)) : script_.steps[index].thread].push_back(index);
        }
        std::string starts;
        std::string waits;
        for (const auto& [actor, steps] : actors) {
            if (actor == "main") continue;
            thread_ = actor;
            const std::string function =
                function_for(replaced(part(actor), " ", "_") + '_' + std::to_string(steps.front() + 1), steps);
            starts += "    start(" + worker(actor) + ", " + function + ");\n";
            waits += "    wait_for(" + worker(actor) + ");\n";
        }
        thread_ = "main";
        *out_ += "\n    /* Steps " + std::to_string(begin + 1) + " to " + std::to_string(end) +
                 " at the same time. */\n" + starts;
        if (const auto own = actors.find("main"); own != actors.end()) {
            for (const std::size_t index : own->second) {
                comment(index);
                emit(index);
            }
        }
        *out_ += waits;
    }

    // ---- operations: calls ---

    void perform(const op::Startup& /*o*/) {
        use("start_winsock");
        line("{");
        line("    int error = start_winsock();");
        line("    " + use("told") + '(' + saying("WSAStartup(2.2)") + "error, error);");
        line("}");
    }
    void perform(const op::Cleanup& /*o*/) {
        cleaned_up_ = true;
        call("WSACleanup()", "WSACleanup()");
    }
    void perform(const op::GetLastError& /*o*/) { value("WSAGetLastError()", "WSAGetLastError()"); }
    void perform(const op::SetLastError& o) {
        line("WSASetLastError(" + std::to_string(o.error) + ");");
        value("WSASetLastError(" + std::to_string(o.error) + ')', "0");
        line("WSASetLastError(" + std::to_string(o.error) + ");");
    }
    void perform(const op::MakeWindow& o) {
        windows_[o.window] = thread_;
        use("make_window");
        line("window_" + part(o.window) + " = " + use("said_window") + '(' +
             saying("CreateWindowEx(" + o.window + ")") + "make_window());");
    }
    void perform(const op::DestroyWindow& o) {
        value("DestroyWindow(" + o.window + ')', "DestroyWindow(" + window(o.window) + ")");
    }
    void perform(const op::MakeSocket& o) {
        const std::string type = o.datagram ? "SOCK_DGRAM" : "SOCK_STREAM";
        const std::string family = o.ipv6 ? "AF_INET6" : "AF_INET";
        const std::string made = make_socket(o.socket, {o.datagram, o.ipv6});
        line(made + " = " + use("said_socket") + '(' + saying(o.socket + " = socket(" + family + ", " + type + ")") +
             "socket(" + family + ", " + type + ", 0));");
    }
    void perform(const op::Bind& o) {
        call("bind(" + o.socket + ')',
             use(o.any ? "bind_any" : "bind_loopback") + '(' + socket(o.socket) + ", " + family(o.socket) + ")");
    }
    void perform(const op::Listen& o) { call("listen(" + o.socket + ')', "listen(" + socket(o.socket) + ", 128)"); }
    void perform(const op::Connect& o) {
        const Known is = known(o.socket);
        const std::string handle = socket(o.socket);
        std::string there;
        const bool waits_for_peer = o.target == op::Target::peer && !is.datagram;
        std::string listener;
        if (o.target == op::Target::stalled) {
            refuse("a plain program cannot make a connection wait until it is admitted");
        } else if (o.target == op::Target::nowhere) {
            there =
                use("closed_port") + '(' + family(o.socket) + ", " + (is.datagram ? "SOCK_DGRAM" : "SOCK_STREAM") + ")";
        } else if (is.datagram) {
            there = use("address_of") + '(' + datagram_peer(o.socket, family(o.socket)) + ")";
        } else {
            const std::string name = make_peer(o.socket);
            listener = "listener_of_" + name;
            line("{");
            line("    SOCKET " + listener + " = " + use("peer_listener") + '(' + family(o.socket) + ");");
            there = use("address_of") + '(' + listener + ")";
        }
        const std::string shown = std::string(o.wsa ? "WSAConnect(" : "connect(") + o.socket + ')';
        std::string made;
        if (!o.wsa) {
            made = use("connect_to") + '(' + handle + ", " + there + ")";
        } else if (o.qos == 0) {
            made = use("wsa_connect_to") + '(' + handle + ", " + there + ", NULL)";
        } else {
            made = use("wsa_connect_with") + '(' + handle + ", " + there + ", " + std::to_string(o.qos) + ")";
        }
        if (!waits_for_peer) {
            call(shown, made);
            return;
        }
        line("    if (" + use("said") + '(' + saying(shown) + made + ") == 0 ||");
        line("        WSAGetLastError() == WSAEWOULDBLOCK) {");
        line("        peer_" + part(o.socket) + " = " + use("peer_accept") + '(' + listener + ");");
        line("    }");
        line("}");
    }
    void perform(const op::Accept& o) {
        const std::string listener = socket(o.listener);
        std::string function = "NULL";
        if (o.wsa && o.condition != model::Condition::none) function = condition_function(o.condition);
        const std::string shown = (o.wsa ? "WSAAccept(" : "accept(") + o.listener + ')';
        const std::string made = o.wild  ? use("accept_wild") + '(' + listener + ')'
                                 : o.wsa ? "WSAAccept(" + listener + ", NULL, NULL, " + function + ", 0)"
                                         : "accept(" + listener + ", NULL, NULL)";
        const std::string said =
            use("said_socket") + '(' + saying((o.socket.empty() ? "" : o.socket + " = ") + shown) + made + ")";
        line((o.socket.empty() ? "" : make_socket(o.socket, known(o.listener)) + " = ") + said + ';');
    }
    std::string condition_function(model::Condition condition) {
        const std::size_t step = step_;
        const std::string thread = thread_;
        const std::string name = "condition_" + number();
        std::string body;
        std::string* const before = std::exchange(out_, &body);
        for (const std::size_t index : std::exchange(inside_, {})) alone(index);
        out_ = before;
        step_ = step;
        thread_ = thread;
        const std::string_view answer = condition == model::Condition::accept   ? "CF_ACCEPT"
                                        : condition == model::Condition::reject ? "CF_REJECT"
                                                                                : "CF_DEFER";
        functions_ += "\nstatic int CALLBACK " + name +
                      "(LPWSABUF caller, LPWSABUF caller_data, LPQOS qos, LPQOS group_qos, LPWSABUF callee,\n"
                      "                                LPWSABUF callee_data, GROUP* group, DWORD_PTR data) {\n"
                      "    (void)caller, (void)caller_data, (void)qos, (void)group_qos;\n"
                      "    (void)callee, (void)callee_data, (void)group, (void)data;\n" +
                      body + "    return " + std::string(answer) + ";\n}\n";
        return name;
    }
    void perform(const op::Join& /*o*/) { refuse("its multicast group needs a network that is made for it"); }
    void perform(const op::Select& o) {
        const std::string made = "WSAAsyncSelect(" + socket(o.socket) + ", " + window(o.window) + ", WM_USER + " +
                                 std::to_string(o.message) + ", " + mask_of(o.mask) + ")";
        call("WSAAsyncSelect(" + o.socket + ", " + o.window + ", WM_USER+" + std::to_string(o.message) + ", " +
                 model::show_mask(o.mask) + ')',
             made);
    }
    void perform(const op::EventSelect& o) {
        call("WSAEventSelect(" + o.socket + ", " + model::show_mask(o.mask) + ')',
             "WSAEventSelect(" + socket(o.socket) + ", WSACreateEvent(), " + mask_of(o.mask) + ")");
    }
    std::string room(bool is_wild, std::size_t bytes) {
        buffer_ = std::max(buffer_, bytes);
        if (is_wild) return use("wild");
        return use("buffer");
    }
    void perform(const op::Receive& o) {
        std::string flags;
        const auto flag = [&flags](bool on, std::string_view name) {
            if (on) flags += (flags.empty() ? "" : " | ") + std::string(name);
        };
        flag(o.peek, "MSG_PEEK");
        flag(o.oob, "MSG_OOB");
        flag(o.odd_flags, "0x10000000");
        if (flags.empty()) flags = "0";
        constexpr std::array<std::string_view, 4> functions{"recv", "recv_from", "wsa_recv", "wsa_recv_from"};
        constexpr std::array<std::string_view, 4> names{"recv", "recvfrom", "WSARecv", "WSARecvFrom"};
        const std::size_t way = index_of(o.way);
        const std::string bytes = std::to_string(o.bytes);
        const std::string into = room(o.wild, o.bytes);
        if (way != 0) use(functions[way]);
        call(std::string(names[way]) + '(' + o.socket + ", " + bytes + (flags == "0" ? "" : ", " + flags) + ')',
             std::string(functions[way]) + '(' + socket(o.socket) + ", " + into + ", " + bytes + ", " + flags + ")");
    }
    static std::size_t index_of(Way way) {
        switch (way) {
            case Way::plain:
                return 0;
            case Way::address:
                return 1;
            case Way::wsa:
                return 2;
            case Way::wsa_address:
                break;
        }
        return 3;
    }
    void perform(const op::Drain& o) {
        buffer_ = std::max<std::size_t>(buffer_, 4096);
        line(use("drain") + '(' + saying("recv(" + o.socket + ", 4096)") + socket(o.socket) + ");");
    }
    void perform(const op::Send& o) {
        const std::string handle = socket(o.socket);
        const std::string bytes = std::to_string(o.bytes);
        const std::string flags = o.oob ? "MSG_OOB" : "0";
        const std::string from = room(o.wild, o.bytes);
        const std::string start = '(' + handle + ", " + from + ", " + bytes + ", " + flags;
        constexpr std::array<std::string_view, 4> names{"send", "sendto", "WSASend", "WSASendTo"};
        const std::size_t way = index_of(o.way);
        const std::string shown =
            std::string(names[way]) + '(' + o.socket + ", " + bytes + (o.oob ? ", MSG_OOB" : "") + ')';
        std::string there;
        if (o.to) {
            there = *o.to == op::Target::nowhere
                        ? use("closed_port") + '(' + family(o.socket) + ", SOCK_DGRAM)"
                        : use("address_of") + '(' + datagram_peer(o.socket, family(o.socket)) + ")";
        }
        switch (o.way) {
            case Way::plain:
                call(shown, "send" + start + ")");
                break;
            case Way::wsa:
                call(shown, use("wsa_send") + start + ")");
                break;
            case Way::address:
                call(shown,
                     there.empty() ? "sendto" + start + ", NULL, 0)" : use("send_to") + start + ", " + there + ")");
                break;
            case Way::wsa_address:
                call(shown, there.empty() ? use("wsa_send_on") + start + ")"
                                          : use("wsa_send_to") + start + ", " + there + ")");
                break;
        }
    }
    void perform(const op::Fill& o) {
        buffer_ = std::max<std::size_t>(buffer_, 65536);
        line(use("fill") + '(' + saying("send(" + o.socket + ", 65536)") + socket(o.socket) + ");");
    }
    void perform(const op::ShutDown& o) {
        constexpr std::array<std::string_view, 3> hows{"SD_RECEIVE", "SD_SEND", "SD_BOTH"};
        const std::string how(hows.at(static_cast<std::size_t>(o.how)));
        call("shutdown(" + o.socket + ", " + how + ')', "shutdown(" + socket(o.socket) + ", " + how + ")");
    }
    void perform(const op::Close& o) { call("closesocket(" + o.socket + ')', "closesocket(" + socket(o.socket) + ")"); }
    void perform(const op::SetBlocking& o) {
        const std::string value = o.on ? "0" : "1";
        call("ioctlsocket(" + o.socket + ", FIONBIO, " + value + ')',
             use("set_nonblocking") + '(' + socket(o.socket) + ", " + value + ")");
    }
    void perform(const op::BytesAvailable& o) {
        call("ioctlsocket(" + o.socket + ", FIONREAD)", use("available") + '(' + socket(o.socket) + ")");
    }
    void option(const std::string& name, const std::string& which, std::uint32_t value) {
        call("setsockopt(" + name + ", " + which + ", " + std::to_string(value) + ')',
             use("set_option") + '(' + socket(name) + ", " + which + ", " + std::to_string(value) + ")");
    }
    void perform(const op::SetOobInline& o) { option(o.socket, "SO_OOBINLINE", o.on ? 1 : 0); }
    void perform(const op::SetBuffer& o) { option(o.socket, o.sending ? "SO_SNDBUF" : "SO_RCVBUF", o.bytes); }
    void perform(const op::SetQos& o) {
        call("WSAIoctl(" + o.socket + ", SIO_SET_QOS)",
             use("set_qos") + '(' + socket(o.socket) + ", " + std::to_string(o.number) + ")");
    }
    void get_qos(const std::string& name, const std::string& code, bool is_wild) {
        call("WSAIoctl(" + name + ", " + code + ')',
             use("get_qos") + '(' + socket(name) + ", " + code + ", " + (is_wild ? use("wild") : "NULL") + ")");
    }
    void perform(const op::GetQos& o) { get_qos(o.socket, "SIO_GET_QOS", o.wild); }
    void perform(const op::GetGroupQos& o) { get_qos(o.socket, "SIO_GET_GROUP_QOS", o.wild); }
    void perform(const op::WatchRoute& /*o*/) { refuse("it is about a network that is made for it"); }
    void perform(const op::WatchAddresses& o) {
        call("WSAIoctl(" + o.socket + ", SIO_ADDRESS_LIST_CHANGE)",
             use("watch_addresses") + '(' + socket(o.socket) + ")");
    }

    // ---- operations: the queue, the network ---

    void perform(const op::Look& /*o*/) { line(use("look") + "();"); }
    void taking(std::string_view helper) {
        takes_ = true;
        line(use(helper) + '(' + number() + ");");
    }
    void perform(const op::Retrieve& /*o*/) { taking("one_message"); }
    void perform(const op::RetrieveAll& /*o*/) { taking("all_messages"); }
    void perform(const op::Quiet& /*o*/) { taking("quiet"); }
    void perform(const op::Arrived& /*o*/) { line(use("arrived") + "();"); }
    void perform(const op::FillQueue& /*o*/) { refuse("how many messages a queue takes is not the same everywhere"); }
    void perform(const op::Route& /*o*/) { refuse("a plain program cannot change the routes of its host"); }
    void perform(const op::Address& /*o*/) { refuse("a plain program cannot change the addresses of its host"); }
    void perform(const op::FailSubsystem& /*o*/) { refuse("a plain program cannot make the network subsystem fail"); }

    // ---- operations: the peer ---

    void perform(const op::PeerConnect& o) {
        const std::string listener = socket(o.listener);
        line(make_peer(o.connection) + " = " + use("peer_connect") + '(' + listener + ");");
    }
    void perform(const op::PeerAdmit& /*o*/) {
        refuse("a plain program cannot make a connection wait until it is admitted");
    }
    void perform(const op::PeerSend& o) {
        line(use("peer_send") + '(' + peer(o.connection) + ", " + std::to_string(o.bytes) + ");");
    }
    void perform(const op::PeerDatagram& o) {
        const std::string to = socket(o.socket);
        const std::string from = datagram_peer(o.connection, family(o.socket));
        line(use("peer_send_datagram") + '(' + from + ", " + std::to_string(o.bytes) + ", " + to + ");");
    }
    void on_peer(std::string_view helper, const std::string& name) { line(use(helper) + '(' + peer(name) + ");"); }
    void perform(const op::PeerUrgent& o) { on_peer("peer_urgent", o.connection); }
    void perform(const op::PeerShutDown& o) { on_peer("peer_shutdown", o.connection); }
    void perform(const op::PeerClose& o) { on_peer("peer_close", o.connection); }
    void perform(const op::PeerReset& o) { on_peer("peer_reset", o.connection); }
    void perform(const op::PeerReceive& o) {
        // "All" is what comes until nothing does.
        const std::string how_many = o.bytes == 0 ? "0x7fffffff, 200" : std::to_string(o.bytes) + ", 5000";
        line(use("peer_receive") + '(' + peer(o.connection) + ", " + how_many + ");");
    }
    void perform(const op::PeerEnded& o) {
        line(use("peer_receive") + '(' + peer(o.connection) + ", 0x7fffffff, 5000);");
    }

    // ---- operations: several at once ---

    void perform(const op::Listener& o) {
        perform(op::MakeSocket{o.socket, false, o.ipv6});
        perform(op::Bind{o.socket});
        perform(op::Listen{o.socket});
    }
    void perform(const op::Connection& o) {
        if (!o.accepted) {
            perform(op::MakeSocket{o.socket, false, o.ipv6});
            perform(op::Connect{o.socket, op::Target::peer});
            return;
        }
        const std::string listener = o.socket + ".listener";
        perform(op::Listener{listener, o.ipv6});
        perform(op::PeerConnect{o.socket, listener});
        perform(op::Accept{listener, o.socket});
        perform(op::Close{listener});
    }

    // ---- the whole ---

    struct Came {
        std::string window;
        std::uint32_t number;
        std::string socket;
        std::uint32_t event;
        std::uint32_t error;
    };

    [[nodiscard]] std::string clause_text() const {
        const model::Clause* clause = model::find(violation_->clause);
        return violation_->clause + (clause != nullptr ? ": " + std::string(clause->text) : "");
    }

    // The look at what fails.
    std::string check() {
        if (!violation_)
            return "\n    printf(\"The script was played to its end.\\n\");\n    WSACleanup();\n    return 0;\n";
        const std::string clause = violation_->clause.empty() ? "What was observed contradicts itself." : clause_text();
        std::string text;
        for (const std::string& said :
             {clause, "Due here: " + violation_->due, "Where the fault was found came: " + violation_->came}) {
            text += wrapped(in_comment(said), "     *");
        }
        text.replace(0, std::string_view("     *").size(), "\n    /*");
        text.insert(text.size() - 1, " */");
        text += "    {\n";
        if (watched_) {
            text += "        int shows = ";
            if (watched_->failed()) {
                text += "watched_error == " + std::to_string(watched_->error) + ";\n";
            } else if (returns_a_number(watched_->function)) {
                text += "watched_error == 0 && watched_result == " + std::to_string(watched_->result) + ";\n";
            } else {
                text += "watched_error == 0;\n";
            }
            text += "        if (calls_of_watched_step < watched_call) return 2;\n";
        } else {
            text += came_.empty() ? "" : "        const struct message came[] = {\n";
            for (const Came& message : came_) {
                text += "            {" + (message.window.empty() ? "NULL" : "window_" + part(message.window)) +
                        ", WM_USER + " + std::to_string(message.number - 0x400) + ", " +
                        (message.socket.empty() ? "INVALID_SOCKET" : "socket_" + part(message.socket)) + ", " +
                        std::to_string(message.event) + ", " + std::to_string(message.error) + "},  /* " +
                        model::show_mask(message.event) + ", " + model::show_error(static_cast<int>(message.error)) +
                        " */\n";
            }
            text += came_.empty() ? "" : "        };\n";
            const std::string count = std::to_string(came_.size());
            text += message_fails_ ? "        int shows = message_count >= " + count + ";\n"
                                   : "        int shows = message_count == " + count + ";\n";
            if (!came_.empty()) {
                text += "        for (int i = 0; shows && i < " + count +
                        "; ++i) {\n"
                        "            shows = came[i].window == messages[i].window && came[i].number == "
                        "messages[i].number &&\n"
                        "                    came[i].socket == messages[i].socket && came[i].event == "
                        "messages[i].event &&\n"
                        "                    came[i].error == messages[i].error;\n"
                        "        }\n";
            }
        }
        text += "        printf(\"due:  %s\\ncame: %s\\n\", " + quoted(violation_->due) + ",\n               shows ? " +
                quoted(violation_->came) +
                " : \"something else: the fault does not show\");\n"
                "        WSACleanup();\n        return shows ? 1 : 0;\n    }\n";
        return text;
    }
    static bool returns_a_number(model::Function function) {
        return function == model::Function::recv || function == model::Function::send ||
               function == model::Function::bytes_available || function == model::Function::get_last_error ||
               function == model::Function::startup;
    }

    std::string program() {
        if (takes_ || (violation_ && !watched_))
            use(threads_with_windows().empty() ? "take_message" : "take_everywhere");
        if (watched_) use("watch");
        if (violation_ && !watched_) use("messages");
        const bool waits = used_.contains("quiet_milliseconds");
        std::string text = head();
        text +=
            "#include <winsock2.h>\n#include <ws2tcpip.h>\n#include <windows.h>\n\n#include <stdio.h>\n#include "
            "<stdlib.h>\n#include <string.h>\n\n";
        for (const auto& [name, thread] : windows_) text += "static HWND window_" + part(name) + ";\n";
        for (const auto& [name, known] : sockets_)
            text += "static SOCKET socket_" + part(name) + " = INVALID_SOCKET;\n";
        for (const std::string& name : peers_) {
            text += "static SOCKET peer_" + part(name) + " = INVALID_SOCKET; /* the peer's end */\n";
        }
        for (const Helper& helper : helpers) {
            if (used_.contains(helper.name)) text += filled(std::string(helper.text));
        }
        text += functions_;
        text +=
            waits
                ? "\nint main(int argc, char** argv) {\n    if (argc > 1) quiet_milliseconds = (DWORD)atoi(argv[1]);\n"
                : "\nint main(void) {\n";
        text +=
            "    must(\"WSAStartup\", start_winsock() == 0);\n    window_w = make_window();\n"
            "    must(\"CreateWindowEx\", window_w != NULL);\n";
        return text + body_ + check() + "}\n";
    }

    [[nodiscard]] std::set<std::string> threads_with_windows() const {
        std::set<std::string> threads;
        for (const auto& [name, thread] : windows_) {
            if (thread != "main") threads.insert(thread);
        }
        return threads;
    }

    std::string filled(std::string text) {
        text = replaced(text, "{{buffer}}", std::to_string(std::max<std::size_t>(buffer_, 16)));
        text = replaced(text, "{{watched_step}}", std::to_string(watched_step_ + 1));
        text = replaced(text, "{{watched_call}}", std::to_string(watched_number_));
        text = replaced(text, "{{watch_call}}",
                        watched_ ? "\n    if (step == watched_step && ++calls_of_watched_step == watched_call) {\n"
                                   "        watched_result = (int)result;\n        watched_error = error;\n    }"
                                 : "");
        text =
            replaced(text, "{{watch_message}}",
                     violation_ && !watched_
                         ? "\n    if (step == watched_step && message_count < 1000) {\n"
                           "        struct message* kept = &messages[message_count++];\n"
                           "        kept->window = message.hwnd;\n        kept->number = (unsigned)message.message;\n"
                           "        kept->socket = (SOCKET)message.wParam;\n        kept->event = event;\n"
                           "        kept->error = error;\n    }"
                         : "");
        text = replaced(text, "{{take}}", threads_with_windows().empty() ? "take_message" : "take_everywhere");
        std::string names;
        for (const auto& [name, thread] : windows_) {
            names += "    if (window == window_" + part(name) + ") return " + quoted(name) + ";\n";
        }
        text = replaced(text, "{{window_names}}", names);
        names = sockets_.empty() ? "    (void)s;\n" : "";
        for (const auto& [name, known] : sockets_) {
            names += "    if (s == socket_" + part(name) + ") return " + quoted(name) + ";\n";
        }
        text = replaced(text, "{{socket_names}}", names);
        std::string workers;
        for (const std::string& name : workers_) workers += "static struct worker " + name + ";\n";
        text = replaced(text, "{{workers}}", workers);
        std::string taking;
        for (const std::string& thread : threads_with_windows()) {
            taking += "    start(" + worker(thread) + ", take_here);\n    wait_for(" + worker(thread) +
                      ");\n    if (taken > most) most = taken;\n";
        }
        return replaced(text, "{{take_on_threads}}", taking);
    }

    std::string head() const {
        std::string text = "/* " + in_comment(script_.title.empty() ? script_.name : script_.title) + "\n *\n";
        for (const std::string& id : script_.clauses) {
            const model::Clause* clause = model::find(id);
            text += wrapped(in_comment(id + ": " + (clause != nullptr ? std::string(clause->text) : "")), " *");
        }
        if (!script_.clauses.empty()) text += " *\n";
        text += " * A Winsock program of one file, made from the script \"" + script_.name +
                "\". It makes the script's calls in their order and\n"
                " * prints what they return and which messages come; the numbers are those of the steps. The peers are "
                "plain\n"
                " * sockets of the same program.\n *\n"
                " *   x86_64-w64-mingw32-gcc -std=c99 -Wall -Wextra THIS.c -o THIS.exe -lws2_32\n"
                " *   cl /W3 THIS.c ws2_32.lib user32.lib\n *\n";
        if (used_.contains("quiet_milliseconds")) {
            text +=
                " * It takes one argument: for how many milliseconds no message has to come until it believes that "
                "none will\n"
                " * (500 if none is given).\n *\n";
        }
        text +=
            violation_
                ? " * Exit code: 1 if the fault that is described at the end shows, 0 if it does not, 2 if the script "
                  "could not be\n * played.\n */\n"
                : " * Exit code: 0, or 2 if the script could not be played.\n */\n";
        return text;
    }

    static constexpr std::size_t of_the_prelude = 2;  // observations: WSAStartup and the window w

    const Script& script_;
    std::optional<model::Violation> violation_;
    std::size_t watched_step_ = 0;
    std::optional<seen::Call> watched_;
    int watched_number_ = 0;
    bool message_fails_ = false;
    std::vector<Came> came_;

    std::string body_;
    std::string functions_;
    std::string* out_ = &body_;
    std::size_t step_ = 0;
    std::string thread_ = "main";
    std::set<std::string_view> used_;
    std::map<std::string, Known> sockets_;
    std::map<std::string, std::string> windows_;  // and their threads
    std::set<std::string> peers_;
    std::set<std::string> workers_;
    std::vector<std::size_t> inside_;
    std::size_t buffer_ = 0;
    bool takes_ = false;
    bool cleaned_up_ = false;
};

}  // namespace

std::string export_c(const Script& script, const Played* played) { return Exporter(script, played).run(); }

}  // namespace asyncselect::conformance
