/* The public interface of asyncselect: sockets, windows and messages, every name prefixed so that it clashes with
 * nothing. Plain C (C11 or later) and C++ alike. It knows the layouts and numbers of the Windows SDK on x64; it must
 * not know the system's socket headers, its errno, nor any other header of this project.
 *
 * Naming: the prefix `asyncselect_` before the exact Windows name of a function, type or constant. A function whose
 * name ends in A takes strings of bytes, one whose name ends in W takes strings of wchar_t.
 *
 * Errors: a socket function that fails returns asyncselect_SOCKET_ERROR (or asyncselect_INVALID_SOCKET), and
 * asyncselect_WSAGetLastError tells the reason on that thread (AS-API-1). A window function that fails returns what its
 * description says, and asyncselect_GetLastError tells the reason; the two read the same value. What a function stores
 * there on success is not specified, except that posting and retrieving messages leave it alone.
 *
 * Every socket function that is called without a successful asyncselect_WSAStartup (or after the last matching
 * asyncselect_WSACleanup) fails with WSANOTINITIALISED (AS-API-2), with WSAENETDOWN when the network subsystem has
 * failed (AS-API-3), with WSAENOTSOCK when the handle is no open socket (AS-API-6), and with WSAEFAULT when a pointer
 * is null or known not to be accessible. These four are not repeated below.
 *
 * Threads: unless the description says otherwise, any thread may call any function at any time, on any socket. A window
 * belongs to the thread that made it: only that thread retrieves its messages. No function may be called by a signal's
 * handler: it can have interrupted one. */
#ifndef ASYNCSELECT_ASYNCSELECT_H
#define ASYNCSELECT_ASYNCSELECT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) && !defined(_WIN32)
#define ASYNCSELECT_API __attribute__((visibility("default")))
#else
#define ASYNCSELECT_API
#endif

#if defined(__GNUC__)
#define ASYNCSELECT_NORETURN __attribute__((noreturn))
#else
#define ASYNCSELECT_NORETURN
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- handles ---- */

/* A socket: a small integer below 2^31, not a file descriptor, not used again while a message that bears it can still
 * wait in a queue. */
typedef uintptr_t asyncselect_SOCKET;

/* A window: never to be dereferenced; its value is a small integer below 2^31, not used again while a socket is
 * registered for it. */
typedef struct asyncselect_HWND_* asyncselect_HWND;

/* Handles that window classes mention. They are kept and returned, and have no meaning here. */
typedef struct asyncselect_HINSTANCE_* asyncselect_HINSTANCE;
typedef struct asyncselect_HMENU_* asyncselect_HMENU;
typedef struct asyncselect_HICON_* asyncselect_HICON;
typedef struct asyncselect_HBRUSH_* asyncselect_HBRUSH;

/* An object that a thread can wait for. */
typedef void* asyncselect_HANDLE;

/* ---- socket types ---- */

/* Socket addresses have the layout and the address families of Windows (AF_INET6 is 23); ports and addresses are in
 * network byte order. A function takes the address of any of them as `asyncselect_sockaddr*`, with its length in bytes.
 */
typedef struct asyncselect_sockaddr {
    uint16_t sa_family;
    char sa_data[14];
} asyncselect_sockaddr;

typedef struct asyncselect_sockaddr_in {
    uint16_t sin_family;
    uint16_t sin_port;
    uint32_t sin_addr;
    char sin_zero[8];
} asyncselect_sockaddr_in;

typedef struct asyncselect_sockaddr_in6 {
    uint16_t sin6_family;
    uint16_t sin6_port;
    uint32_t sin6_flowinfo;
    uint8_t sin6_addr[16];
    uint32_t sin6_scope_id;
} asyncselect_sockaddr_in6;

/* Room for an address of any family. */
typedef struct asyncselect_sockaddr_storage {
    uint16_t ss_family;
    char ss_pad1[6];
    int64_t ss_align;
    char ss_pad2[112];
} asyncselect_sockaddr_storage;

/* The values of IP_ADD_MEMBERSHIP and IP_DROP_MEMBERSHIP, and of IPV6_ADD_MEMBERSHIP and IPV6_DROP_MEMBERSHIP: a group
 * and an interface. For IPv4 that is one of its addresses or its index as 0.x.x.x, for IPv6 its index; 0 is the one
 * that leads to the group. */
typedef struct asyncselect_ip_mreq {
    uint32_t imr_multiaddr;
    uint32_t imr_interface;
} asyncselect_ip_mreq;

typedef struct asyncselect_ipv6_mreq {
    uint8_t ipv6mr_multiaddr[16];
    uint32_t ipv6mr_interface;
} asyncselect_ipv6_mreq;

/* What asyncselect_WSAStartup tells. */
typedef struct asyncselect_WSADATA {
    uint16_t wVersion;
    uint16_t wHighVersion;
    uint16_t iMaxSockets;
    uint16_t iMaxUdpDg;
    char* lpVendorInfo;
    char szDescription[256 + 1];
    char szSystemStatus[128 + 1];
} asyncselect_WSADATA;

/* One buffer of asyncselect_WSASend and asyncselect_WSARecv: `len` bytes at `buf`. */
typedef struct asyncselect_WSABUF {
    uint32_t len;
    char* buf;
} asyncselect_WSABUF;

/* One address of a list: iSockaddrLength bytes at lpSockaddr. */
typedef struct asyncselect_SOCKET_ADDRESS {
    asyncselect_sockaddr* lpSockaddr;
    int iSockaddrLength;
} asyncselect_SOCKET_ADDRESS;

/* What SIO_ADDRESS_LIST_QUERY tells: iAddressCount addresses, as many as there are, also none. */
typedef struct asyncselect_SOCKET_ADDRESS_LIST {
    int32_t iAddressCount;
    asyncselect_SOCKET_ADDRESS Address[1];
} asyncselect_SOCKET_ADDRESS_LIST;

/* The value of SO_LINGER: l_linger is in seconds. */
typedef struct asyncselect_linger {
    uint16_t l_onoff;
    uint16_t l_linger;
} asyncselect_linger;

/* An overlapped operation. Overlapped operations are refused with WSAEOPNOTSUPP; the type exists for signatures. */
typedef struct asyncselect_WSAOVERLAPPED {
    uintptr_t Internal;
    uintptr_t InternalHigh;
    uint32_t Offset;
    uint32_t OffsetHigh;
    asyncselect_HANDLE hEvent;
} asyncselect_WSAOVERLAPPED;

typedef void (*asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE)(uint32_t dwError, uint32_t cbTransferred,
                                                             asyncselect_WSAOVERLAPPED* lpOverlapped, uint32_t dwFlags);

/* A flow specification: rates in bytes a second, sizes in bytes, latency and its variation in microseconds. */
typedef struct asyncselect_FLOWSPEC {
    uint32_t TokenRate;
    uint32_t TokenBucketSize;
    uint32_t PeakBandwidth;
    uint32_t Latency;
    uint32_t DelayVariation;
    uint32_t ServiceType;
    uint32_t MaxSduSize;
    uint32_t MinimumPolicedSize;
} asyncselect_FLOWSPEC;

/* What asyncselect_WSAEnumNetworkEvents tells: FD_ events, and an error code for each, at the place that is the number
 * of its bit (0 for FD_READ, 5 for FD_CLOSE). */
typedef struct asyncselect_WSANETWORKEVENTS {
    int32_t lNetworkEvents;
    int iErrorCode[10];
} asyncselect_WSANETWORKEVENTS;

typedef struct asyncselect_QOS {
    asyncselect_FLOWSPEC SendingFlowspec;
    asyncselect_FLOWSPEC ReceivingFlowspec;
    asyncselect_WSABUF ProviderSpecific;
} asyncselect_QOS;

/* A condition function of asyncselect_WSAAccept: returns CF_ACCEPT, CF_REJECT or CF_DEFER. */
typedef int (*asyncselect_LPCONDITIONPROC)(asyncselect_WSABUF* lpCallerId, asyncselect_WSABUF* lpCallerData,
                                           asyncselect_QOS* lpSQOS, asyncselect_QOS* lpGQOS,
                                           asyncselect_WSABUF* lpCalleeId, asyncselect_WSABUF* lpCalleeData,
                                           unsigned int* g, uintptr_t dwCallbackData);

/* A set of sockets: the first fd_count of fd_array. The array may be longer or shorter than here: the count alone is
 * looked at. */
typedef struct asyncselect_fd_set {
    unsigned int fd_count;
    asyncselect_SOCKET fd_array[64];
} asyncselect_fd_set;

/* A time: seconds, and microseconds besides. The members are `long`, as they are on Windows. */
typedef struct asyncselect_timeval {
    long tv_sec;
    long tv_usec;
} asyncselect_timeval;

/* What asyncselect_WSAPoll is asked of one socket, and what it answers. */
typedef struct asyncselect_WSAPOLLFD {
    asyncselect_SOCKET fd;
    short events;
    short revents;
} asyncselect_WSAPOLLFD;

/* An IPv4 address in network byte order. */
typedef struct asyncselect_in_addr {
    uint32_t s_addr;
} asyncselect_in_addr;

/* An answer of asyncselect_getaddrinfo; ai_addrlen is in bytes. As hints, the first four members. */
typedef struct asyncselect_ADDRINFOA {
    int ai_flags;
    int ai_family;
    int ai_socktype;
    int ai_protocol;
    size_t ai_addrlen;
    char* ai_canonname;
    asyncselect_sockaddr* ai_addr;
    struct asyncselect_ADDRINFOA* ai_next;
} asyncselect_ADDRINFOA;

/* A host: its names, and its addresses of h_length bytes each; the lists end with null. */
typedef struct asyncselect_hostent {
    char* h_name;
    char** h_aliases;
    short h_addrtype;
    short h_length;
    char** h_addr_list;
} asyncselect_hostent;

/* A service; the port is in network byte order. */
typedef struct asyncselect_servent {
    char* s_name;
    char** s_aliases;
    char* s_proto;
    short s_port;
} asyncselect_servent;

typedef struct asyncselect_protoent {
    char* p_name;
    char** p_aliases;
    short p_proto;
} asyncselect_protoent;

/* ---- window types ---- */

/* Who may use an object: ignored. */
typedef struct asyncselect_SECURITY_ATTRIBUTES {
    uint32_t nLength;
    void* lpSecurityDescriptor;
    int bInheritHandle;
} asyncselect_SECURITY_ATTRIBUTES;

/* What a thread runs; what it returns is the thread's exit code. */
typedef uint32_t (*asyncselect_THREAD_START_ROUTINE)(void* lpThreadParameter);

/* Handles a message; what it returns is what asyncselect_DispatchMessage or asyncselect_SendMessage return. */
typedef intptr_t (*asyncselect_WNDPROC)(asyncselect_HWND hWnd, unsigned int message, uintptr_t wParam, intptr_t lParam);

/* Called by asyncselect_DispatchMessage for a WM_TIMER that names it; `time` is in milliseconds. */
typedef void (*asyncselect_TIMERPROC)(asyncselect_HWND hWnd, unsigned int message, uintptr_t idEvent, uint32_t time);

typedef struct asyncselect_POINT {
    int32_t x;
    int32_t y;
} asyncselect_POINT;

/* A message. `time` is in milliseconds, of the clock that asyncselect_GetTickCount reads. */
typedef struct asyncselect_MSG {
    asyncselect_HWND hwnd;
    unsigned int message;
    uintptr_t wParam;
    intptr_t lParam;
    uint32_t time;
    asyncselect_POINT pt;
} asyncselect_MSG;

/* A window class. Style, icon, cursor, brush and menu are kept and otherwise ignored; cbWndExtra is in bytes, and is
 * room for asyncselect_SetWindowLongPtrA and W. */
typedef struct asyncselect_WNDCLASSA {
    unsigned int style;
    asyncselect_WNDPROC lpfnWndProc;
    int cbClsExtra;
    int cbWndExtra;
    asyncselect_HINSTANCE hInstance;
    asyncselect_HICON hIcon;
    asyncselect_HICON hCursor;
    asyncselect_HBRUSH hbrBackground;
    const char* lpszMenuName;
    const char* lpszClassName;
} asyncselect_WNDCLASSA;

typedef struct asyncselect_WNDCLASSW {
    unsigned int style;
    asyncselect_WNDPROC lpfnWndProc;
    int cbClsExtra;
    int cbWndExtra;
    asyncselect_HINSTANCE hInstance;
    asyncselect_HICON hIcon;
    asyncselect_HICON hCursor;
    asyncselect_HBRUSH hbrBackground;
    const wchar_t* lpszMenuName;
    const wchar_t* lpszClassName;
} asyncselect_WNDCLASSW;

/* The same with its own size in bytes first, and a small icon. */
typedef struct asyncselect_WNDCLASSEXA {
    unsigned int cbSize;
    unsigned int style;
    asyncselect_WNDPROC lpfnWndProc;
    int cbClsExtra;
    int cbWndExtra;
    asyncselect_HINSTANCE hInstance;
    asyncselect_HICON hIcon;
    asyncselect_HICON hCursor;
    asyncselect_HBRUSH hbrBackground;
    const char* lpszMenuName;
    const char* lpszClassName;
    asyncselect_HICON hIconSm;
} asyncselect_WNDCLASSEXA;

typedef struct asyncselect_WNDCLASSEXW {
    unsigned int cbSize;
    unsigned int style;
    asyncselect_WNDPROC lpfnWndProc;
    int cbClsExtra;
    int cbWndExtra;
    asyncselect_HINSTANCE hInstance;
    asyncselect_HICON hIcon;
    asyncselect_HICON hCursor;
    asyncselect_HBRUSH hbrBackground;
    const wchar_t* lpszMenuName;
    const wchar_t* lpszClassName;
    asyncselect_HICON hIconSm;
} asyncselect_WNDCLASSEXW;

/* What lParam of WM_NCCREATE and WM_CREATE points to: the arguments of asyncselect_CreateWindowExA or W. */
typedef struct asyncselect_CREATESTRUCTA {
    void* lpCreateParams;
    asyncselect_HINSTANCE hInstance;
    asyncselect_HMENU hMenu;
    asyncselect_HWND hwndParent;
    int cy;
    int cx;
    int y;
    int x;
    int32_t style;
    const char* lpszName;
    const char* lpszClass;
    uint32_t dwExStyle;
} asyncselect_CREATESTRUCTA;

typedef struct asyncselect_CREATESTRUCTW {
    void* lpCreateParams;
    asyncselect_HINSTANCE hInstance;
    asyncselect_HMENU hMenu;
    asyncselect_HWND hwndParent;
    int cy;
    int cx;
    int y;
    int x;
    int32_t style;
    const wchar_t* lpszName;
    const wchar_t* lpszClass;
    uint32_t dwExStyle;
} asyncselect_CREATESTRUCTW;

/* ---- constants: the numbers of the Windows SDK ---- */

/* The network events of asyncselect_WSAAsyncSelect (AS-API-7). */
enum {
    asyncselect_FD_READ = 1 << 0,
    asyncselect_FD_WRITE = 1 << 1,
    asyncselect_FD_OOB = 1 << 2,
    asyncselect_FD_ACCEPT = 1 << 3,
    asyncselect_FD_CONNECT = 1 << 4,
    asyncselect_FD_CLOSE = 1 << 5,
    asyncselect_FD_QOS = 1 << 6,
    asyncselect_FD_GROUP_QOS = 1 << 7,
    asyncselect_FD_ROUTING_INTERFACE_CHANGE = 1 << 8,
    asyncselect_FD_ADDRESS_LIST_CHANGE = 1 << 9,
    asyncselect_FD_ALL_EVENTS = (1 << 10) - 1
};

/* What asyncselect_WSAGetLastError and the upper half of a message's lParam tell. */
enum {
    asyncselect_WSAEINTR = 10004,
    asyncselect_WSAEBADF = 10009,
    asyncselect_WSAEACCES = 10013,
    asyncselect_WSAEFAULT = 10014,
    asyncselect_WSAEINVAL = 10022,
    asyncselect_WSAEMFILE = 10024,
    asyncselect_WSAEWOULDBLOCK = 10035,
    asyncselect_WSAEINPROGRESS = 10036,
    asyncselect_WSAEALREADY = 10037,
    asyncselect_WSAENOTSOCK = 10038,
    asyncselect_WSAEDESTADDRREQ = 10039,
    asyncselect_WSAEMSGSIZE = 10040,
    asyncselect_WSAEPROTOTYPE = 10041,
    asyncselect_WSAENOPROTOOPT = 10042,
    asyncselect_WSAEPROTONOSUPPORT = 10043,
    asyncselect_WSAESOCKTNOSUPPORT = 10044,
    asyncselect_WSAEOPNOTSUPP = 10045,
    asyncselect_WSAEPFNOSUPPORT = 10046,
    asyncselect_WSAEAFNOSUPPORT = 10047,
    asyncselect_WSAEADDRINUSE = 10048,
    asyncselect_WSAEADDRNOTAVAIL = 10049,
    asyncselect_WSAENETDOWN = 10050,
    asyncselect_WSAENETUNREACH = 10051,
    asyncselect_WSAENETRESET = 10052,
    asyncselect_WSAECONNABORTED = 10053,
    asyncselect_WSAECONNRESET = 10054,
    asyncselect_WSAENOBUFS = 10055,
    asyncselect_WSAEISCONN = 10056,
    asyncselect_WSAENOTCONN = 10057,
    asyncselect_WSAESHUTDOWN = 10058,
    asyncselect_WSAETOOMANYREFS = 10059,
    asyncselect_WSAETIMEDOUT = 10060,
    asyncselect_WSAECONNREFUSED = 10061,
    asyncselect_WSAELOOP = 10062,
    asyncselect_WSAENAMETOOLONG = 10063,
    asyncselect_WSAEHOSTDOWN = 10064,
    asyncselect_WSAEHOSTUNREACH = 10065,
    asyncselect_WSAENOTEMPTY = 10066,
    asyncselect_WSAEPROCLIM = 10067,
    asyncselect_WSAEUSERS = 10068,
    asyncselect_WSAEDQUOT = 10069,
    asyncselect_WSAESTALE = 10070,
    asyncselect_WSAEREMOTE = 10071,
    asyncselect_WSASYSNOTREADY = 10091,
    asyncselect_WSAVERNOTSUPPORTED = 10092,
    asyncselect_WSANOTINITIALISED = 10093,
    asyncselect_WSAEDISCON = 10101,
    asyncselect_WSAENOMORE = 10102,
    asyncselect_WSAECANCELLED = 10103,
    asyncselect_WSAEINVALIDPROCTABLE = 10104,
    asyncselect_WSAEINVALIDPROVIDER = 10105,
    asyncselect_WSAEPROVIDERFAILEDINIT = 10106,
    asyncselect_WSASYSCALLFAILURE = 10107,
    asyncselect_WSASERVICE_NOT_FOUND = 10108,
    asyncselect_WSATYPE_NOT_FOUND = 10109,
    asyncselect_WSA_E_NO_MORE = 10110,
    asyncselect_WSA_E_CANCELLED = 10111,
    asyncselect_WSAEREFUSED = 10112,
    asyncselect_WSAHOST_NOT_FOUND = 11001,
    asyncselect_WSATRY_AGAIN = 11002,
    asyncselect_WSANO_RECOVERY = 11003,
    asyncselect_WSANO_DATA = 11004
};

/* Socket calls: results, families, types, protocols, flags, options. */
enum {
    asyncselect_SOCKET_ERROR = -1,
    asyncselect_SOMAXCONN = 0x7fffffff,

    asyncselect_AF_UNSPEC = 0,
    asyncselect_AF_INET = 2,
    asyncselect_AF_INET6 = 23,

    asyncselect_SOCK_STREAM = 1,
    asyncselect_SOCK_DGRAM = 2,
    asyncselect_SOCK_RAW = 3,

    asyncselect_IPPROTO_IP = 0,
    asyncselect_IPPROTO_TCP = 6,
    asyncselect_IPPROTO_UDP = 17,
    asyncselect_IPPROTO_IPV6 = 41,

    asyncselect_MSG_OOB = 0x1,
    asyncselect_MSG_PEEK = 0x2,
    asyncselect_MSG_DONTROUTE = 0x4,
    asyncselect_MSG_WAITALL = 0x8,
    asyncselect_MSG_PARTIAL = 0x8000,

    asyncselect_SD_RECEIVE = 0,
    asyncselect_SD_SEND = 1,
    asyncselect_SD_BOTH = 2,

    asyncselect_CF_ACCEPT = 0,
    asyncselect_CF_REJECT = 1,
    asyncselect_CF_DEFER = 2,

    asyncselect_SOL_SOCKET = 0xffff,
    asyncselect_SO_DEBUG = 0x0001,
    asyncselect_SO_ACCEPTCONN = 0x0002,
    asyncselect_SO_REUSEADDR = 0x0004,
    asyncselect_SO_EXCLUSIVEADDRUSE = ~0x0004,
    asyncselect_SO_KEEPALIVE = 0x0008,
    asyncselect_SO_DONTROUTE = 0x0010,
    asyncselect_SO_BROADCAST = 0x0020,
    asyncselect_SO_USELOOPBACK = 0x0040,
    asyncselect_SO_LINGER = 0x0080,
    asyncselect_SO_DONTLINGER = ~0x0080,
    asyncselect_SO_OOBINLINE = 0x0100,
    asyncselect_SO_SNDBUF = 0x1001,
    asyncselect_SO_RCVBUF = 0x1002,
    asyncselect_SO_SNDLOWAT = 0x1003,
    asyncselect_SO_RCVLOWAT = 0x1004,
    asyncselect_SO_SNDTIMEO = 0x1005,
    asyncselect_SO_RCVTIMEO = 0x1006,
    asyncselect_SO_ERROR = 0x1007,
    asyncselect_SO_TYPE = 0x1008,
    asyncselect_SO_MAX_MSG_SIZE = 0x2003,
    asyncselect_TCP_NODELAY = 0x0001,
    asyncselect_TCP_KEEPIDLE = 3,
    asyncselect_TCP_MAXRT = 5,
    asyncselect_TCP_MAXRTMS = 14,
    asyncselect_TCP_KEEPCNT = 16,
    asyncselect_TCP_KEEPINTVL = 17,
    asyncselect_IP_TOS = 3,
    asyncselect_IP_TTL = 4,
    asyncselect_IP_MULTICAST_IF = 9,
    asyncselect_IP_MULTICAST_TTL = 10,
    asyncselect_IP_MULTICAST_LOOP = 11,
    asyncselect_IP_ADD_MEMBERSHIP = 12,
    asyncselect_IP_DROP_MEMBERSHIP = 13,
    asyncselect_IPV6_UNICAST_HOPS = 4,
    asyncselect_IPV6_MULTICAST_IF = 9,
    asyncselect_IPV6_MULTICAST_HOPS = 10,
    asyncselect_IPV6_MULTICAST_LOOP = 11,
    asyncselect_IPV6_ADD_MEMBERSHIP = 12,
    asyncselect_IPV6_JOIN_GROUP = 12,
    asyncselect_IPV6_DROP_MEMBERSHIP = 13,
    asyncselect_IPV6_LEAVE_GROUP = 13,
    asyncselect_IPV6_V6ONLY = 27,

    asyncselect_WSA_WAIT_EVENT_0 = 0,
    asyncselect_WSA_WAIT_IO_COMPLETION = 0x00C0,
    asyncselect_WSA_WAIT_TIMEOUT = 0x0102,
    asyncselect_WSA_MAXIMUM_WAIT_EVENTS = 64,
    asyncselect_WSA_INVALID_HANDLE = 6,
    asyncselect_WSA_NOT_ENOUGH_MEMORY = 8,
    asyncselect_WSA_INVALID_PARAMETER = 87,

    asyncselect_WSA_FLAG_OVERLAPPED = 0x01,
    asyncselect_WSA_FLAG_MULTIPOINT_C_ROOT = 0x02,
    asyncselect_WSA_FLAG_MULTIPOINT_C_LEAF = 0x04,
    asyncselect_WSA_FLAG_MULTIPOINT_D_ROOT = 0x08,
    asyncselect_WSA_FLAG_MULTIPOINT_D_LEAF = 0x10,
    asyncselect_WSA_FLAG_NO_HANDLE_INHERIT = 0x80,

    asyncselect_SG_UNCONSTRAINED_GROUP = 1,
    asyncselect_SG_CONSTRAINED_GROUP = 2,

    asyncselect_JL_SENDER_ONLY = 1,
    asyncselect_JL_RECEIVER_ONLY = 2,
    asyncselect_JL_BOTH = 4
};

/* Questions and answers of asyncselect_WSAPoll. */
enum {
    asyncselect_FD_SETSIZE = 64,
    asyncselect_POLLERR = 0x0001,
    asyncselect_POLLHUP = 0x0002,
    asyncselect_POLLNVAL = 0x0004,
    asyncselect_POLLWRNORM = 0x0010,
    asyncselect_POLLOUT = asyncselect_POLLWRNORM,
    asyncselect_POLLWRBAND = 0x0020,
    asyncselect_POLLRDNORM = 0x0100,
    asyncselect_POLLRDBAND = 0x0200,
    asyncselect_POLLIN = asyncselect_POLLRDNORM | asyncselect_POLLRDBAND,
    asyncselect_POLLPRI = 0x0400
};

/* Names and addresses: flags, errors, sizes in bytes. */
enum {
    asyncselect_AI_PASSIVE = 0x00000001,
    asyncselect_AI_CANONNAME = 0x00000002,
    asyncselect_AI_NUMERICHOST = 0x00000004,
    asyncselect_AI_NUMERICSERV = 0x00000008,
    asyncselect_AI_ALL = 0x00000100,
    asyncselect_AI_ADDRCONFIG = 0x00000400,
    asyncselect_AI_V4MAPPED = 0x00000800,

    asyncselect_NI_NOFQDN = 0x01,
    asyncselect_NI_NUMERICHOST = 0x02,
    asyncselect_NI_NAMEREQD = 0x04,
    asyncselect_NI_NUMERICSERV = 0x08,
    asyncselect_NI_DGRAM = 0x10,
    asyncselect_NI_MAXHOST = 1025,
    asyncselect_NI_MAXSERV = 32,

    asyncselect_EAI_AGAIN = asyncselect_WSATRY_AGAIN,
    asyncselect_EAI_BADFLAGS = asyncselect_WSAEINVAL,
    asyncselect_EAI_FAIL = asyncselect_WSANO_RECOVERY,
    asyncselect_EAI_FAMILY = asyncselect_WSAEAFNOSUPPORT,
    asyncselect_EAI_MEMORY = 8,
    asyncselect_EAI_NONAME = asyncselect_WSAHOST_NOT_FOUND,
    asyncselect_EAI_SERVICE = asyncselect_WSATYPE_NOT_FOUND,
    asyncselect_EAI_SOCKTYPE = asyncselect_WSAESOCKTNOSUPPORT,

    asyncselect_INET_ADDRSTRLEN = 22,
    asyncselect_INET6_ADDRSTRLEN = 65
};

static const uint32_t asyncselect_INADDR_NONE = 0xffffffffU;

static const asyncselect_SOCKET asyncselect_INVALID_SOCKET = (asyncselect_SOCKET)-1;

/* Commands of asyncselect_ioctlsocket and asyncselect_WSAIoctl. */
static const uint32_t asyncselect_FIONREAD = 0x4004667FU;
static const uint32_t asyncselect_FIONBIO = 0x8004667EU;
static const uint32_t asyncselect_SIOCATMARK = 0x40047307U;
static const uint32_t asyncselect_SIO_SET_QOS = 0x8800000BU;
static const uint32_t asyncselect_SIO_GET_QOS = 0xC8000007U;
static const uint32_t asyncselect_SIO_SET_GROUP_QOS = 0x8800000CU;
static const uint32_t asyncselect_SIO_GET_GROUP_QOS = 0xC8000008U;
static const uint32_t asyncselect_SIO_MULTIPOINT_LOOPBACK = 0x88000009U;
static const uint32_t asyncselect_SIO_MULTICAST_SCOPE = 0x8800000AU;

/* Members of a flow specification: the types in ServiceType, its flags, and rates and sizes that say nothing. */
enum {
    asyncselect_SERVICETYPE_NOTRAFFIC = 0,
    asyncselect_SERVICETYPE_BESTEFFORT = 1,
    asyncselect_SERVICETYPE_CONTROLLEDLOAD = 2,
    asyncselect_SERVICETYPE_GUARANTEED = 3,
    asyncselect_SERVICETYPE_NETWORK_UNAVAILABLE = 4,
    asyncselect_SERVICETYPE_GENERAL_INFORMATION = 5,
    asyncselect_SERVICETYPE_NOCHANGE = 6,
    asyncselect_SERVICETYPE_NONCONFORMING = 9,
    asyncselect_SERVICETYPE_NETWORK_CONTROL = 10,
    asyncselect_SERVICETYPE_QUALITATIVE = 13
};
static const uint32_t asyncselect_SERVICE_NO_TRAFFIC_CONTROL = 0x81000000U;
static const uint32_t asyncselect_SERVICE_NO_QOS_SIGNALING = 0x40000000U;
static const uint32_t asyncselect_QOS_NOT_SPECIFIED = 0xFFFFFFFFU;
static const uint32_t asyncselect_POSITIVE_INFINITY_RATE = 0xFFFFFFFEU;
static const uint32_t asyncselect_SIO_ROUTING_INTERFACE_QUERY = 0xC8000014U;
static const uint32_t asyncselect_SIO_ROUTING_INTERFACE_CHANGE = 0x88000015U;
static const uint32_t asyncselect_SIO_ADDRESS_LIST_QUERY = 0x48000016U;
static const uint32_t asyncselect_SIO_ADDRESS_LIST_CHANGE = 0x28000017U;
static const uint32_t asyncselect_SIO_UDP_CONNRESET = 0x9800000CU;

/* Windows, messages, waits. */
enum {
    asyncselect_WM_NULL = 0x0000,
    asyncselect_WM_CREATE = 0x0001,
    asyncselect_WM_DESTROY = 0x0002,
    asyncselect_WM_CLOSE = 0x0010,
    asyncselect_WM_QUIT = 0x0012,
    asyncselect_WM_NCCREATE = 0x0081,
    asyncselect_WM_NCDESTROY = 0x0082,
    asyncselect_WM_TIMER = 0x0113,
    asyncselect_WM_USER = 0x0400,
    asyncselect_WM_APP = 0x8000,

    asyncselect_PM_NOREMOVE = 0x0000,
    asyncselect_PM_REMOVE = 0x0001,
    asyncselect_PM_NOYIELD = 0x0002,

    asyncselect_QS_KEY = 0x0001,
    asyncselect_QS_MOUSEMOVE = 0x0002,
    asyncselect_QS_MOUSEBUTTON = 0x0004,
    asyncselect_QS_POSTMESSAGE = 0x0008,
    asyncselect_QS_TIMER = 0x0010,
    asyncselect_QS_PAINT = 0x0020,
    asyncselect_QS_SENDMESSAGE = 0x0040,
    asyncselect_QS_HOTKEY = 0x0080,
    asyncselect_QS_ALLPOSTMESSAGE = 0x0100,
    asyncselect_QS_RAWINPUT = 0x0400,
    asyncselect_QS_ALLEVENTS = 0x04BF,
    asyncselect_QS_ALLINPUT = 0x04FF,

    asyncselect_MWMO_WAITALL = 0x0001,
    asyncselect_MWMO_ALERTABLE = 0x0002,
    asyncselect_MWMO_INPUTAVAILABLE = 0x0004,
    asyncselect_MAXIMUM_WAIT_OBJECTS = 64,
    asyncselect_WAIT_OBJECT_0 = 0x0000,
    asyncselect_WAIT_ABANDONED_0 = 0x0080,
    asyncselect_WAIT_IO_COMPLETION = 0x00C0,
    asyncselect_WAIT_TIMEOUT = 0x0102,

    asyncselect_CREATE_SUSPENDED = 0x00000004,
    asyncselect_STACK_SIZE_PARAM_IS_A_RESERVATION = 0x00010000,
    asyncselect_STILL_ACTIVE = 0x0103,

    asyncselect_GWLP_WNDPROC = -4,
    asyncselect_GWLP_HINSTANCE = -6,
    asyncselect_GWLP_HWNDPARENT = -8,
    asyncselect_GWLP_ID = -12,
    asyncselect_GWL_STYLE = -16,
    asyncselect_GWL_EXSTYLE = -20,
    asyncselect_GWLP_USERDATA = -21,

    asyncselect_HWND_MESSAGE = -3,       /* an asyncselect_HWND by a cast over intptr_t */
    asyncselect_HWND_BROADCAST = 0xffff, /* the same */
    asyncselect_CW_USEDEFAULT = -0x7fffffff - 1,
    asyncselect_USER_TIMER_MINIMUM = 0x0000000A,
    asyncselect_USER_TIMER_MAXIMUM = 0x7FFFFFFF
};

static const uint32_t asyncselect_WSA_INFINITE = 0xFFFFFFFFU;
static const uint32_t asyncselect_WSA_WAIT_FAILED = 0xFFFFFFFFU;
/* Flags of asyncselect_FormatMessageA. */
enum {
    asyncselect_FORMAT_MESSAGE_ALLOCATE_BUFFER = 0x0100,
    asyncselect_FORMAT_MESSAGE_IGNORE_INSERTS = 0x0200,
    asyncselect_FORMAT_MESSAGE_FROM_SYSTEM = 0x1000,
    asyncselect_FORMAT_MESSAGE_ARGUMENT_ARRAY = 0x2000,
    asyncselect_FORMAT_MESSAGE_MAX_WIDTH_MASK = 0x00FF
};

static const uint32_t asyncselect_INFINITE = 0xFFFFFFFFU;
static const uint32_t asyncselect_WAIT_FAILED = 0xFFFFFFFFU;

/* What asyncselect_GetLastError tells after a window function. */
enum {
    asyncselect_ERROR_SUCCESS = 0,
    asyncselect_ERROR_INVALID_FUNCTION = 1,
    asyncselect_ERROR_ACCESS_DENIED = 5,
    asyncselect_ERROR_INVALID_HANDLE = 6,
    asyncselect_ERROR_NOT_ENOUGH_MEMORY = 8,
    asyncselect_ERROR_NOT_SUPPORTED = 50,
    asyncselect_ERROR_INVALID_PARAMETER = 87,
    asyncselect_ERROR_INSUFFICIENT_BUFFER = 122,
    asyncselect_ERROR_MOD_NOT_FOUND = 126,
    asyncselect_ERROR_MR_MID_NOT_FOUND = 317,
    asyncselect_ERROR_NOACCESS = 998,
    asyncselect_ERROR_INVALID_WINDOW_HANDLE = 1400,
    asyncselect_ERROR_CANNOT_FIND_WND_CLASS = 1407,
    asyncselect_ERROR_WINDOW_OF_OTHER_THREAD = 1408,
    asyncselect_ERROR_CLASS_ALREADY_EXISTS = 1410,
    asyncselect_ERROR_CLASS_DOES_NOT_EXIST = 1411,
    asyncselect_ERROR_CLASS_HAS_WINDOWS = 1412,
    asyncselect_ERROR_INVALID_INDEX = 1413,
    asyncselect_ERROR_INVALID_THREAD_ID = 1444,
    asyncselect_ERROR_NOT_ENOUGH_QUOTA = 1816
};

/* ---- socket functions ---- */

/* Makes the socket functions usable in this process; calls are counted.
 * wVersionRequested: the highest version wanted, major in the low byte, minor in the high byte; 2.2 is offered.
 * lpWSAData: receives what is offered.
 * Returns 0, or the error itself: WSAVERNOTSUPPORTED (major below 1), WSAEFAULT (lpWSAData is null),
 * WSAENOBUFS (no resources). Clause AS-API-2. */
ASYNCSELECT_API int asyncselect_WSAStartup(uint16_t wVersionRequested, asyncselect_WSADATA* lpWSAData);

/* Undoes one asyncselect_WSAStartup; the last one closes every socket that is still open, without messages.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSANOTINITIALISED. Clause AS-API-2. */
ASYNCSELECT_API int asyncselect_WSACleanup(void);

/* Returns why the last function that failed on this thread did so; 0 before any failed. Never fails, and needs no
 * asyncselect_WSAStartup. Clauses AS-API-1, AS-MSG-4. */
ASYNCSELECT_API int asyncselect_WSAGetLastError(void);

/* Sets what asyncselect_WSAGetLastError returns on this thread. Never fails. */
ASYNCSELECT_API void asyncselect_WSASetLastError(int iError);

/* The last error under the names of the window functions: the value of asyncselect_WSAGetLastError. */
ASYNCSELECT_API uint32_t asyncselect_GetLastError(void);
ASYNCSELECT_API void asyncselect_SetLastError(uint32_t dwErrCode);

/* Makes a blocking socket.
 * af: AF_INET or AF_INET6; type: SOCK_STREAM or SOCK_DGRAM; protocol: 0, or the one that belongs to the type.
 * Returns the socket, or asyncselect_INVALID_SOCKET: WSAEAFNOSUPPORT, WSAESOCKTNOSUPPORT, WSAEPROTONOSUPPORT,
 * WSAEPROTOTYPE (protocol does not fit type), WSAEMFILE (no more descriptors), WSAENOBUFS (no memory). */
ASYNCSELECT_API asyncselect_SOCKET asyncselect_socket(int af, int type, int protocol);

/* Makes a socket as asyncselect_socket does, with flags.
 * lpProtocolInfo: null; af, type and protocol describe the socket. g: 0, or SG_UNCONSTRAINED_GROUP or
 * SG_CONSTRAINED_GROUP, which have no effect (groups are reserved).
 * dwFlags: WSA_FLAG_OVERLAPPED and WSA_FLAG_NO_HANDLE_INHERIT are accepted; with SOCK_DGRAM also
 * WSA_FLAG_MULTIPOINT_C_LEAF and WSA_FLAG_MULTIPOINT_D_LEAF, for asyncselect_WSAJoinLeaf.
 * Errors: those of asyncselect_socket, and WSAEINVAL (any other flag, group or protocol information). */
ASYNCSELECT_API asyncselect_SOCKET asyncselect_WSASocketA(int af, int type, int protocol, void* lpProtocolInfo,
                                                          unsigned int g, uint32_t dwFlags);
ASYNCSELECT_API asyncselect_SOCKET asyncselect_WSASocketW(int af, int type, int protocol, void* lpProtocolInfo,
                                                          unsigned int g, uint32_t dwFlags);

/* Gives the socket a local address of namelen bytes; port 0 lets the system choose.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEFAULT (namelen too short), WSAEAFNOSUPPORT (family), WSAEADDRINUSE,
 * WSAEADDRNOTAVAIL, WSAEACCES, WSAEINVAL (already bound), WSAENOBUFS. Posts at most FD_WRITE (AS-WRITE-4). */
ASYNCSELECT_API int asyncselect_bind(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen);

/* Lets a bound stream socket take connections.
 * backlog: how many may wait; SOMAXCONN for as many as the system allows.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEINVAL (not bound), WSAEISCONN, WSAEOPNOTSUPP (not a stream),
 * WSAEADDRINUSE, WSAEMFILE, WSAENOBUFS. */
ASYNCSELECT_API int asyncselect_listen(asyncselect_SOCKET s, int backlog);

/* Takes a waiting connection; on a blocking socket it waits for one. The new socket has the listening socket's
 * registration and mode (AS-INHERIT-1). Re-enables FD_ACCEPT whatever it returns (AS-ENABLE-4, AS-ENABLE-8).
 * addr, addrlen: both null, or room for the peer's address; *addrlen is its size in bytes, then the address's.
 * Returns the new socket, or asyncselect_INVALID_SOCKET: WSAEWOULDBLOCK (nonblocking, and none waits), WSAEINVAL (not
 * listening), WSAEOPNOTSUPP (not a stream), WSAEFAULT (*addrlen too small), WSAEMFILE, WSAENOBUFS, WSAECONNRESET (the
 * request went away), WSAEINTR (the socket was closed meanwhile). */
ASYNCSELECT_API asyncselect_SOCKET asyncselect_accept(asyncselect_SOCKET s, asyncselect_sockaddr* addr, int* addrlen);

/* Connects to the address of namelen bytes. A blocking socket waits for the outcome; on a nonblocking one it comes with
 * FD_CONNECT (AS-CONNECT-2, AS-CONNECT-4, R-4). A datagram socket only notes the address, which can be changed by
 * connecting again; a host of zeros, or AF_UNSPEC, ends the association. Datagrams that wait already stay, also
 * those from elsewhere. Returns 0, or
 * asyncselect_SOCKET_ERROR: WSAEWOULDBLOCK (under way), WSAEALREADY (an earlier one is), WSAEISCONN, WSAEINVAL
 * (listening), WSAEFAULT (namelen too short), WSAEAFNOSUPPORT, WSAEADDRNOTAVAIL (address or port 0), WSAEADDRINUSE,
 * WSAECONNREFUSED, WSAENETUNREACH, WSAEHOSTUNREACH, WSAETIMEDOUT, WSAEACCES, WSAENOBUFS, WSAEINTR (the socket was
 * closed meanwhile). */
ASYNCSELECT_API int asyncselect_connect(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen);

/* asyncselect_connect with a quality of service.
 * lpCallerData: null or empty, since TCP and UDP carry no data with a request. lpCalleeData: null, or its len becomes
 * 0: none comes back. lpSQOS: null, or a flow specification, which is set before the connection is made, as by
 * SIO_SET_QOS; it stays if the connection fails. lpGQOS: null (groups are reserved). Errors: those of
 * asyncselect_connect, those of SIO_SET_QOS for lpSQOS, WSAEPROTONOSUPPORT (lpCallerData is not empty), WSAEOPNOTSUPP
 * (lpGQOS is not null). */
ASYNCSELECT_API int asyncselect_WSAConnect(asyncselect_SOCKET s, const asyncselect_sockaddr* name, int namelen,
                                           const asyncselect_WSABUF* lpCallerData, asyncselect_WSABUF* lpCalleeData,
                                           const asyncselect_QOS* lpSQOS, const asyncselect_QOS* lpGQOS);

/* Sends up to len bytes. A blocking socket waits until all are taken; a nonblocking stream may take fewer.
 * Re-enables FD_WRITE whatever it returns (AS-ENABLE-3, AS-ENABLE-8).
 * flags: 0, MSG_OOB (the last byte is urgent), MSG_DONTROUTE.
 * Returns how many bytes were taken, or asyncselect_SOCKET_ERROR: WSAEWOULDBLOCK (FD_WRITE follows: AS-WRITE-3),
 * WSAENOTCONN, WSAESHUTDOWN (sending was shut down), WSAECONNRESET, WSAECONNABORTED, WSAENETRESET, WSAETIMEDOUT,
 * WSAEHOSTUNREACH, WSAEMSGSIZE (datagram too long), WSAEOPNOTSUPP (flags), WSAEINVAL (len below 0), WSAENOBUFS,
 * WSAEINTR (the socket was closed meanwhile). */
ASYNCSELECT_API int asyncselect_send(asyncselect_SOCKET s, const char* buf, int len, int flags);

/* Receives up to len bytes; a blocking socket waits for the first. Re-enables FD_READ and FD_OOB whatever it returns
 * (AS-ENABLE-2, AS-ENABLE-8). A receive of normal data ends before an urgent byte.
 * flags: 0 or any of MSG_PEEK (leaves the data there), MSG_OOB (the urgent byte; never waits for one), MSG_WAITALL
 * (blocking streams).
 * Returns how many bytes came, 0 at the end of the stream, or asyncselect_SOCKET_ERROR: WSAEWOULDBLOCK (nothing there),
 * WSAENOTCONN, WSAESHUTDOWN (receiving was shut down), WSAECONNRESET, WSAECONNABORTED, WSAENETRESET, WSAETIMEDOUT,
 * WSAEMSGSIZE (the rest of the datagram is lost), WSAEOPNOTSUPP (flags), WSAEINVAL (len below 0, unbound, or MSG_OOB
 * and none there), WSAENOBUFS, WSAEINTR (the socket was closed meanwhile). */
ASYNCSELECT_API int asyncselect_recv(asyncselect_SOCKET s, char* buf, int len, int flags);

/* asyncselect_send from dwBufferCount buffers, one after another.
 * lpNumberOfBytesSent: receives how many bytes were taken.
 * lpOverlapped, lpCompletionRoutine: null.
 * Returns 0, or asyncselect_SOCKET_ERROR: as asyncselect_send, and WSAEOPNOTSUPP (an overlapped operation), WSAEINVAL
 * (no buffers, or too many). */
ASYNCSELECT_API int asyncselect_WSASend(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers,
                                        uint32_t dwBufferCount, uint32_t* lpNumberOfBytesSent, uint32_t dwFlags,
                                        asyncselect_WSAOVERLAPPED* lpOverlapped,
                                        asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* asyncselect_recv into dwBufferCount buffers, one after another.
 * lpNumberOfBytesRecvd: receives how many bytes came. lpFlags: the flags, and what is to be told of the data on return
 * (0). lpOverlapped, lpCompletionRoutine: null.
 * Returns 0, or asyncselect_SOCKET_ERROR: as asyncselect_recv, and WSAEOPNOTSUPP (an overlapped operation), WSAEINVAL
 * (no buffers, or too many). */
ASYNCSELECT_API int asyncselect_WSARecv(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers,
                                        uint32_t dwBufferCount, uint32_t* lpNumberOfBytesRecvd, uint32_t* lpFlags,
                                        asyncselect_WSAOVERLAPPED* lpOverlapped,
                                        asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* Ends receiving (SD_RECEIVE), sending (SD_SEND) or both (SD_BOTH); posts nothing by itself.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEINVAL (how), WSAENOTCONN, WSAECONNRESET, WSAECONNABORTED. */
ASYNCSELECT_API int asyncselect_shutdown(asyncselect_SOCKET s, int how);

/* Closes the socket and cancels its registration; messages already posted may still be retrieved (AS-CANCEL-3), and no
 * FD_CLOSE follows (AS-CLOSE-6). Calls that wait on it in other threads fail with WSAEINTR.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEWOULDBLOCK (nonblocking, with SO_LINGER and a time above 0). */
ASYNCSELECT_API int asyncselect_closesocket(asyncselect_SOCKET s);

/* Asks or sets one thing; only the low 32 bits of cmd count.
 * cmd: FIONBIO (*argp not 0: nonblocking), FIONREAD (*argp receives how many bytes a recv could return: those of the
 * stream up to the urgent mark, or of the first datagram), SIOCATMARK (*argp receives 0 when an urgent byte is still to
 * come in the stream, 1 when not).
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEINVAL (FIONBIO 0 while a registration is set: AS-MODE-2; any other cmd;
 * or SIOCATMARK on a datagram socket). */
ASYNCSELECT_API int asyncselect_ioctlsocket(asyncselect_SOCKET s, long cmd, uint32_t* argp);

/* asyncselect_ioctlsocket with sizes in bytes: FIONBIO takes its 4 bytes at lpvInBuffer, FIONREAD and SIOCATMARK put
 * theirs at lpvOutBuffer; *lpcbBytesReturned receives how many were put there.
 * SIO_ROUTING_INTERFACE_QUERY takes a destination, an address of the socket's family whose port does not matter, and
 * puts the address of the local interface there that leads to it (port 0).
 * SIO_ADDRESS_LIST_QUERY puts an asyncselect_SOCKET_ADDRESS_LIST there and behind it the addresses that it points to:
 * those of the socket's family to which sockets can be bound, with port 0, without 127.0.0.0/8 and ::1, which are
 * always there; link-local ones with their interface in sin6_scope_id. SIO_ROUTING_INTERFACE_CHANGE (a destination as
 * above) and SIO_ADDRESS_LIST_CHANGE (no buffers) ask to be told when that changes from now on, once: by a message for
 * FD_ROUTING_INTERFACE_CHANGE and FD_ADDRESS_LIST_CHANGE on a nonblocking socket, where they fail with WSAEWOULDBLOCK;
 * on a blocking one by returning 0, then (AS-ROUTE-1, AS-ADDR-1, AS-EDGE-2). They re-enable their event also when they
 * fail otherwise (AS-ENABLE-7, AS-ENABLE-8). Several destinations of one socket are each told of once; the requests are
 * the socket's, whatever its registration. lpOverlapped, lpCompletionRoutine: null. Returns 0, or
 * asyncselect_SOCKET_ERROR: those of asyncselect_ioctlsocket, WSAEFAULT (a buffer too small; for the two queries
 * *lpcbBytesReturned is the size that is needed then), WSAEWOULDBLOCK (the request is made), WSAEINTR (the socket was
 * closed while it waited), WSAENETUNREACH (SIO_ROUTING_INTERFACE_QUERY: the destination cannot be reached),
 * WSAEAFNOSUPPORT (a destination of another family), WSAENOBUFS,
 * WSAEOPNOTSUPP (an overlapped operation, or a code that is not offered). */
ASYNCSELECT_API int asyncselect_WSAIoctl(asyncselect_SOCKET s, uint32_t dwIoControlCode, void* lpvInBuffer,
                                         uint32_t cbInBuffer, void* lpvOutBuffer, uint32_t cbOutBuffer,
                                         uint32_t* lpcbBytesReturned, asyncselect_WSAOVERLAPPED* lpOverlapped,
                                         asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* Reads an option.
 * level, optname: SOL_SOCKET with SO_..., IPPROTO_TCP with TCP_..., IPPROTO_IP and IPPROTO_IPV6 with theirs.
 * optval, optlen: room for the value; *optlen is its size in bytes, then the value's. Times are in milliseconds (a
 * DWORD), truth values are 4 bytes. TCP_MAXRT (seconds) and TCP_MAXRTMS (milliseconds) are one: for how long
 * unacknowledged data is sent again before the connection is given up; -1 is without end, 0 as long as the system
 * likes. Returns 0, or asyncselect_SOCKET_ERROR: WSAEFAULT (*optlen too small), WSAEINVAL (level), WSAENOPROTOOPT
 * (optname).
 */
ASYNCSELECT_API int asyncselect_getsockopt(asyncselect_SOCKET s, int level, int optname, char* optval, int* optlen);

/* Sets an option from the optlen bytes at optval; otherwise as asyncselect_getsockopt. SO_OOBINLINE posts nothing
 * . Returns 0, or asyncselect_SOCKET_ERROR: WSAEFAULT (optlen too small), WSAEINVAL (level, value, or not in this
 * state), WSAENOPROTOOPT (optname), WSAENOTCONN, WSAENOBUFS. */
ASYNCSELECT_API int asyncselect_setsockopt(asyncselect_SOCKET s, int level, int optname, const char* optval,
                                           int optlen);

/* The local address. *namelen is the size of name in bytes, then the address's.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEINVAL (neither bound nor connected), WSAEFAULT (*namelen too small). */
ASYNCSELECT_API int asyncselect_getsockname(asyncselect_SOCKET s, asyncselect_sockaddr* name, int* namelen);

/* The peer's address; the sizes as for asyncselect_getsockname.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAENOTCONN, WSAEFAULT (*namelen too small). */
ASYNCSELECT_API int asyncselect_getpeername(asyncselect_SOCKET s, asyncselect_sockaddr* name, int* namelen);

/* Asks for messages about network events: the function that this library is about.
 * s: the socket; it becomes nonblocking, whatever lEvent is (AS-MODE-1). An earlier registration is replaced, also by
 * lEvent 0, which ends it (AS-REG-1, AS-CANCEL-1).
 * hWnd: the window that receives the messages, of any thread. wMsg: their number.
 * lEvent: any OR of FD_READ, FD_WRITE, FD_OOB, FD_ACCEPT, FD_CONNECT, FD_CLOSE, FD_QOS, FD_GROUP_QOS,
 * FD_ROUTING_INTERFACE_CHANGE and FD_ADDRESS_LIST_CHANGE (AS-API-7). What holds already is posted at once (AS-REG-3).
 * A message's wParam is the socket; the low half of lParam is the event, the high half the error code or 0 (AS-MSG-1).
 * Returns 0, or asyncselect_SOCKET_ERROR and changes nothing (AS-API-8): WSANOTINITIALISED, WSAENETDOWN, WSAEINPROGRESS
 * (on a thread that runs a condition function: R-25), WSAENOTSOCK, WSAEINVAL (hWnd is no existing window while lEvent
 * is not 0, or lEvent has another bit: AS-API-4, R-10). Where several apply: the first of these. */
ASYNCSELECT_API int asyncselect_WSAAsyncSelect(asyncselect_SOCKET s, asyncselect_HWND hWnd, unsigned int wMsg,
                                               long lEvent);

/* ---- datagrams ---- */
/* One call sends or receives one datagram; one of no bytes is a datagram too. The longest that can be sent is
 * told by getsockopt SO_MAX_MSG_SIZE (65507 bytes for IPv4, 65527 for IPv6). A socket that sends or connects without
 * having been bound is bound to a free port.
 *
 * An ICMP error that an earlier datagram brought about fails the next receive, once, with WSAECONNRESET (WSAENETRESET:
 * its time to live was over), and loses none of the datagrams that wait. It posts nothing, but the receive that
 * it fails re-enables FD_READ (AS-ENABLE-8). WSAIoctl with SIO_UDP_CONNRESET and a BOOL of 0 ends these reports.
 *
 * On a stream socket the four functions are send, recv, WSASend and WSARecv: addresses are ignored. */

/* asyncselect_send to the address of tolen bytes, whatever the socket is connected to. to null: where it is connected.
 * Returns how many bytes were sent, or asyncselect_SOCKET_ERROR: as asyncselect_send, and WSAENOTCONN (to is null and
 * the socket is not connected), WSAEFAULT (tolen too short), WSAEAFNOSUPPORT (not the socket's family),
 * WSAEADDRNOTAVAIL (host or port 0), WSAEMSGSIZE (longer than SO_MAX_MSG_SIZE), WSAEACCES (a broadcast address without
 * SO_BROADCAST), WSAENETUNREACH, WSAEHOSTUNREACH. */
ASYNCSELECT_API int asyncselect_sendto(asyncselect_SOCKET s, const char* buf, int len, int flags,
                                       const asyncselect_sockaddr* to, int tolen);

/* asyncselect_recv that tells who has sent it.
 * from, fromlen: room for the address; *fromlen is its size in bytes, then the address's. from null: nothing is told,
 * and fromlen is ignored. Returns how many bytes came, or asyncselect_SOCKET_ERROR: as asyncselect_recv, and WSAEFAULT
 * (*fromlen too small: nothing was taken), WSAEINVAL (no port that a datagram could come to), WSAECONNRESET and
 * WSAENETRESET (an ICMP error), WSAEMSGSIZE (longer than len: the rest is lost, buf and from are filled; with MSG_PEEK
 * it stays). */
ASYNCSELECT_API int asyncselect_recvfrom(asyncselect_SOCKET s, char* buf, int len, int flags,
                                         asyncselect_sockaddr* from, int* fromlen);

/* asyncselect_WSASend with an address as asyncselect_sendto. The buffers together are one datagram. */
ASYNCSELECT_API int asyncselect_WSASendTo(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers,
                                          uint32_t dwBufferCount, uint32_t* lpNumberOfBytesSent, uint32_t dwFlags,
                                          const asyncselect_sockaddr* lpTo, int iToLen,
                                          asyncselect_WSAOVERLAPPED* lpOverlapped,
                                          asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* asyncselect_WSARecv with an address as asyncselect_recvfrom. *lpNumberOfBytesRecvd is set with WSAEMSGSIZE too. */
ASYNCSELECT_API int asyncselect_WSARecvFrom(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers,
                                            uint32_t dwBufferCount, uint32_t* lpNumberOfBytesRecvd, uint32_t* lpFlags,
                                            asyncselect_sockaddr* lpFrom, int* lpFromlen,
                                            asyncselect_WSAOVERLAPPED* lpOverlapped,
                                            asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* ---- conditional acceptance, multicast, quality of service ---- */

/* asyncselect_accept, but lpfnCondition decides on the request that has waited longest; null accepts it.
 * It is called on this thread, at most once, with lpCallerId and lpCalleeId (the addresses of the peer and of this end,
 * as asyncselect_sockaddr), lpCallerData, lpSQOS and lpGQOS null, lpCalleeData of length 0 (TCP carries no data with a
 * request), *g 0 (what it stores there has no effect: groups are reserved), and dwCallbackData. While it runs, every
 * socket function on its thread but asyncselect_WSAGetLastError and asyncselect_WSASetLastError fails with
 * WSAEINPROGRESS (AS-API-5, R-25); other threads may do anything, also close s.
 * CF_ACCEPT: the new socket is made as by asyncselect_accept. CF_REJECT: the peer sees a reset. CF_DEFER: the request
 * stays, in front of all others, for the next accept; FD_ACCEPT is not re-enabled, for it or a newer one, until then
 * (AS-ENABLE-4). It counts as a request that waits; an accept that blocks already does not get it. Whatever else
 * happens re-enables FD_ACCEPT (AS-ENABLE-8). Closing s resets deferred requests.
 * Returns the new socket, or asyncselect_INVALID_SOCKET: as asyncselect_accept, and WSAECONNREFUSED (CF_REJECT),
 * WSATRY_AGAIN (CF_DEFER), WSAEINVAL (it returned something else; the request stays in front), WSAEFAULT (lpfnCondition
 * is no memory of this process), WSAEINTR (s was closed while it ran; the peer sees a reset). */
ASYNCSELECT_API asyncselect_SOCKET asyncselect_WSAAccept(asyncselect_SOCKET s, asyncselect_sockaddr* addr, int* addrlen,
                                                         asyncselect_LPCONDITIONPROC lpfnCondition,
                                                         uintptr_t dwCallbackData);

/* Joins the multicast group `name` (namelen bytes), IPv4 or IPv6, with a datagram socket.
 * s: any that is not connected: WSA_FLAG_MULTIPOINT_C_LEAF and WSA_FLAG_MULTIPOINT_D_LEAF are not insisted on. An
 * unbound one is bound to a port that the system chooses. It may join several groups, one call each. lpCallerData,
 * lpCalleeData, lpSQOS, lpGQOS: as for asyncselect_WSAConnect. dwFlags: JL_RECEIVER_ONLY receives what is sent to the
 * group: on the interface of the address that s is bound to, or else of IP_MULTICAST_IF or IPV6_MULTICAST_IF (or of the
 * address's sin6_scope_id), or else the one that leads to the group. JL_SENDER_ONLY makes the group the place to which
 * asyncselect_send sends, in place of one that was joined as a sender before; what s receives does not change. JL_BOTH
 * does both. Returns s itself, and FD_CONNECT is posted (AS-CONNECT-3), also by a later WSAAsyncSelect
 * (AS-CONNECT-1); or asyncselect_INVALID_SOCKET: WSAEOPNOTSUPP (not a datagram socket, or lpGQOS is not null),
 * WSAEINVAL (dwFlags), WSAEAFNOSUPPORT (not of the socket's family), WSAEADDRNOTAVAIL (no multicast address, or a
 * sender's port is 0), WSAEISCONN (s is connected, or a member in this way already), WSAENETUNREACH (no interface leads
 * to the group), WSAENOBUFS (too many groups), WSAEFAULT, WSAEPROTONOSUPPORT (lpCallerData is not empty), those of
 * SIO_SET_QOS. */
ASYNCSELECT_API asyncselect_SOCKET asyncselect_WSAJoinLeaf(asyncselect_SOCKET s, const asyncselect_sockaddr* name,
                                                           int namelen, const asyncselect_WSABUF* lpCallerData,
                                                           asyncselect_WSABUF* lpCalleeData,
                                                           const asyncselect_QOS* lpSQOS, const asyncselect_QOS* lpGQOS,
                                                           uint32_t dwFlags);

/* Multicasts, by asyncselect_WSAIoctl with 4 bytes at lpvInBuffer: SIO_MULTIPOINT_LOOPBACK (a BOOL: whether what s
 * sends to a group comes back to members on this machine), SIO_MULTICAST_SCOPE (how many hops it may take, 0 to 255:
 * else WSAEINVAL). Both are the sender's affair, as IP_MULTICAST_LOOP and IP_MULTICAST_TTL are; those of
 * asyncselect_setsockopt do the same. WSAEOPNOTSUPP: not a datagram socket. */

/* Quality of service, by asyncselect_WSAIoctl.
 * SIO_SET_QOS takes an asyncselect_QOS at lpvInBuffer, SIO_GET_QOS puts the present one at lpvOutBuffer and re-enables
 * FD_QOS whatever it returns (AS-ENABLE-6, AS-ENABLE-8). Until one is set it is SERVICETYPE_BESTEFFORT with
 * QOS_NOT_SPECIFIED for all else, in both directions; an accepted socket has the listener's (AS-INHERIT-1).
 * What takes effect, at once, is the specification for sending:
 *  - TokenRate (bytes a second) is the rate at which a stream is sent at most; a datagram socket is held to it only
 * where the interface has Linux's `fq` discipline. 0, QOS_NOT_SPECIFIED and POSITIVE_INFINITY_RATE are no limit.
 *  - The type in ServiceType marks what is sent with a DSCP: 0x18 for SERVICETYPE_CONTROLLEDLOAD, 0x28 for
 *    SERVICETYPE_GUARANTEED, 0x30 for SERVICETYPE_NETWORK_CONTROL, 0 for SERVICETYPE_BESTEFFORT,
 *    SERVICETYPE_QUALITATIVE and SERVICETYPE_NOTRAFFIC (which has no rate either).
 *  - SERVICETYPE_NOCHANGE leaves the direction as it is; SERVICE_NO_TRAFFIC_CONTROL lets it have neither rate nor mark;
 *    SERVICE_NO_QOS_SIGNALING has no effect, for nothing is signalled.
 * The rest is kept and told. A change of any parameter, in either direction, is one FD_QOS (AS-EDGE-1, AS-QOS-2, R-22);
 * setting what is there already is none.
 * Errors: those of asyncselect_WSAIoctl, WSAEFAULT (a buffer too small or no memory), WSAEINVAL (another service type
 * or flag, a TokenRate above PeakBandwidth, a MinimumPolicedSize above MaxSduSize), WSAEOPNOTSUPP (ProviderSpecific is
 * not empty), WSAENOBUFS. Groups are reserved: SIO_SET_GROUP_QOS and SIO_GET_GROUP_QOS fail with WSAEOPNOTSUPP
 * (AS-GQOS-1). */

/* ---- event objects ---- */

/* asyncselect_WSAAsyncSelect for programs without windows: where that posts a message, this records the network event
 * and sets the event object. All else is the same: the socket becomes nonblocking (AS-MODE-1), the registration
 * replaces an earlier one of either function (AS-REG-1, AS-CANCEL-4), an event is recorded once until its re-enabling
 * function is called, and accepted sockets have the listening socket's event object and events (AS-INHERIT-1).
 * hEventObject: an event, of asyncselect_WSACreateEvent or asyncselect_CreateEventA; it may be closed later.
 * lNetworkEvents: any OR of the FD_ events; 0 ends the registration, and hEventObject is ignored.
 * What is recorded for the socket and was not looked at yet is forgotten.
 * Returns 0, or asyncselect_SOCKET_ERROR and changes nothing: WSAEINVAL (hEventObject is no event while lNetworkEvents
 * is not 0, or lNetworkEvents has another bit), WSAENOBUFS (no memory, or no thread that could look at the sockets). */
ASYNCSELECT_API int asyncselect_WSAEventSelect(asyncselect_SOCKET s, asyncselect_HANDLE hEventObject,
                                               long lNetworkEvents);

/* Tells which network events were recorded for the socket since the last call, and their error codes, and clears the
 * record; nothing is recorded in between.
 * hEventObject: null, or an event that is reset at the same moment.
 * lpNetworkEvents: receives lNetworkEvents, and the error code or 0 for each of them at its place.
 * Returns 0, or asyncselect_SOCKET_ERROR and changes nothing: WSAEINVAL (hEventObject is neither null nor an event). */
ASYNCSELECT_API int asyncselect_WSAEnumNetworkEvents(asyncselect_SOCKET s, asyncselect_HANDLE hEventObject,
                                                     asyncselect_WSANETWORKEVENTS* lpNetworkEvents);

/* Makes an event that is reset by hand and not signaled. Returns null when it fails: WSANOTINITIALISED,
 * WSA_NOT_ENOUGH_MEMORY. */
ASYNCSELECT_API asyncselect_HANDLE asyncselect_WSACreateEvent(void);

/* asyncselect_SetEvent, asyncselect_ResetEvent, and asyncselect_CloseHandle for events.
 * Return not 0, or 0: WSANOTINITIALISED, WSA_INVALID_HANDLE. */
ASYNCSELECT_API int asyncselect_WSASetEvent(asyncselect_HANDLE hEvent);
ASYNCSELECT_API int asyncselect_WSAResetEvent(asyncselect_HANDLE hEvent);
ASYNCSELECT_API int asyncselect_WSACloseEvent(asyncselect_HANDLE hEvent);

/* asyncselect_WaitForMultipleObjects. fAlertable is accepted; there is nothing here that could end a wait so.
 * Returns WSA_WAIT_EVENT_0 + the event's index (of the first that is signaled; any, if fWaitAll), WSA_WAIT_TIMEOUT, or
 * asyncselect_WSA_WAIT_FAILED: WSANOTINITIALISED, WSAEFAULT, WSA_INVALID_HANDLE, WSA_INVALID_PARAMETER (cEvents is 0 or
 * above WSA_MAXIMUM_WAIT_EVENTS, or one event is there twice while all are waited for), WSA_NOT_ENOUGH_MEMORY. */
ASYNCSELECT_API uint32_t asyncselect_WSAWaitForMultipleEvents(uint32_t cEvents, const asyncselect_HANDLE* lphEvents,
                                                              int fWaitAll, uint32_t dwTimeout, int fAlertable);

/* ---- waiting for several sockets ---- */

/* Waits until one of the sockets in the sets is ready, and leaves in each set those that are. It only looks: messages
 * of asyncselect_WSAAsyncSelect come as they would have come without it. nfds: ignored.
 * readfds: receive or accept would not block (data, the end of the connection, a reset, a connection request).
 * writefds: send would not block, or a connect has succeeded.
 * exceptfds: a connect on a nonblocking socket has failed, or there is out-of-band data (and SO_OOBINLINE is off).
 * Each set may be null; all of them together name one socket at least. timeout: how long to wait; null is for ever.
 * Returns how many sockets are left in the three sets, 0 when the time is over, or asyncselect_SOCKET_ERROR:
 * WSAENOTSOCK (also for a socket that another thread closes meanwhile), WSAEINVAL (no socket at all, a set of more than
 * 1,048,576, or a time below 0 or above 2,147,483,647 in one of its members), WSAENOBUFS. On failure the sets are as
 * they were, unless one of them could be read and not written. */
ASYNCSELECT_API int asyncselect_select(int nfds, asyncselect_fd_set* readfds, asyncselect_fd_set* writefds,
                                       asyncselect_fd_set* exceptfds, const asyncselect_timeval* timeout);

/* Returns not 0 when fd is in the set; never fails, and needs no asyncselect_WSAStartup. The macro FD_ISSET calls it.
 */
ASYNCSELECT_API int asyncselect___WSAFDIsSet(asyncselect_SOCKET fd, asyncselect_fd_set* set);

/* Waits until one of the `fds` sockets of fdArray has an answer, and tells it in revents. It only looks, as
 * asyncselect_select.
 * events: any of POLLRDNORM, POLLRDBAND (out-of-band data, SO_OOBINLINE off), POLLIN (both) and POLLWRNORM (POLLOUT).
 * revents: those of them that hold, and POLLHUP (the connection is over, and nothing is left to read), POLLERR (it was
 * reset or has broken down), POLLHUP | POLLERR | POLLWRNORM (a connect has failed), POLLNVAL (no socket, or one that
 * another thread closes meanwhile). A negative fd is left out: its revents becomes 0.
 * timeout: in milliseconds; 0 only looks, below 0 is for ever.
 * Returns how many sockets have an answer, 0 when the time is over, or asyncselect_SOCKET_ERROR: WSAEINVAL (none of fds
 * names a socket, fds is 0 or above 1,048,576, or events has another bit: POLLPRI and POLLWRBAND are not offered),
 * WSAENOBUFS. */
ASYNCSELECT_API int asyncselect_WSAPoll(asyncselect_WSAPOLLFD* fdArray, uint32_t fds, int timeout);

/* ---- names and addresses ---- */
/* Hosts, services and protocols are looked up as the system does it (its hosts file, its name servers); that can take a
 * while. Names are strings of bytes. What a function returns a pointer to belongs to the calling thread and is good
 * until that thread calls a function of the same kind again; it is not to be freed. */

/* Looks up a host, a service or both.
 * pNodeName: a name, or an address as text; null is this host: its loopback address, or with AI_PASSIVE any address.
 * pServiceName: a name, or a port number as text; null is port 0. One of the two is not null.
 * pHints: null, or which answers are wanted: ai_flags (AI_...), ai_family (AF_UNSPEC, AF_INET, AF_INET6), ai_socktype
 * (0, SOCK_STREAM, SOCK_DGRAM) and ai_protocol; the rest is ignored. ppResult: receives the first of a list, to be
 * given to asyncselect_freeaddrinfo. Returns 0, or the error itself, which asyncselect_WSAGetLastError tells too:
 * EAI_NONAME (no such host), EAI_SERVICE (no such service), EAI_AGAIN, EAI_FAIL, EAI_FAMILY, EAI_SOCKTYPE, EAI_BADFLAGS
 * (an AI_ that is not listed here, or AI_CANONNAME without a name), EAI_MEMORY, WSANOTINITIALISED, WSAEFAULT. */
ASYNCSELECT_API int asyncselect_getaddrinfo(const char* pNodeName, const char* pServiceName,
                                            const asyncselect_ADDRINFOA* pHints, asyncselect_ADDRINFOA** ppResult);

/* Frees a whole list of asyncselect_getaddrinfo; null is let pass. Needs no asyncselect_WSAStartup. */
ASYNCSELECT_API void asyncselect_freeaddrinfo(asyncselect_ADDRINFOA* pAddrInfo);

/* The names of an address and of its port.
 * pSockaddr, SockaddrLength: the address, its length in bytes. pNodeBuffer, pServiceBuffer: room for the names, with
 * their sizes in bytes, or null with 0; not both. Flags: any of NI_....
 * Returns 0, or the error itself, which asyncselect_WSAGetLastError tells too: EAI_NONAME (NI_NAMEREQD and there is
 * none, or both buffers null), EAI_FAMILY, EAI_BADFLAGS, EAI_AGAIN, EAI_FAIL, EAI_MEMORY, ERROR_INSUFFICIENT_BUFFER,
 * WSANOTINITIALISED, WSAEFAULT (also SockaddrLength too small). */
ASYNCSELECT_API int asyncselect_getnameinfo(const asyncselect_sockaddr* pSockaddr, int SockaddrLength,
                                            char* pNodeBuffer, uint32_t NodeBufferSize, char* pServiceBuffer,
                                            uint32_t ServiceBufferSize, int Flags);

/* The text of an error of asyncselect_getaddrinfo and asyncselect_getnameinfo. Never null, never to be freed. */
ASYNCSELECT_API char* asyncselect_gai_strerrorA(int ecode);

/* The IPv4 addresses of a host.
 * name: a name, or an address as text; null or empty is this host.
 * Returns them, or null: WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_RECOVERY, WSANO_DATA (it has no such address). */
ASYNCSELECT_API asyncselect_hostent* asyncselect_gethostbyname(const char* name);

/* The names of the host with the address of len bytes, in network byte order. type: AF_INET or AF_INET6.
 * Returns them, or null: those of asyncselect_gethostbyname, WSAEAFNOSUPPORT, WSAEFAULT (len too small). */
ASYNCSELECT_API asyncselect_hostent* asyncselect_gethostbyaddr(const char* addr, int len, int type);

/* The name of this host. namelen: the room at name, in bytes.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEFAULT (also namelen too small). */
ASYNCSELECT_API int asyncselect_gethostname(char* name, int namelen);

/* A service by its name, and by its port in network byte order. proto: "tcp", "udp", or null for any.
 * Returns it, or null: WSANO_DATA (no such service), WSANO_RECOVERY. */
ASYNCSELECT_API asyncselect_servent* asyncselect_getservbyname(const char* name, const char* proto);
ASYNCSELECT_API asyncselect_servent* asyncselect_getservbyport(int port, const char* proto);

/* A protocol by its name, and by its number. Returns it, or null: WSANO_DATA (no such protocol), WSANO_RECOVERY. */
ASYNCSELECT_API asyncselect_protoent* asyncselect_getprotobyname(const char* name);
ASYNCSELECT_API asyncselect_protoent* asyncselect_getprotobynumber(int number);

/* An IPv4 address from text: up to four numbers with dots between them, decimal, octal or hexadecimal.
 * Returns it in network byte order, or INADDR_NONE: WSAEFAULT, or none when the text is no address. Needs no
 * asyncselect_WSAStartup, as the three below. */
ASYNCSELECT_API uint32_t asyncselect_inet_addr(const char* cp);

/* An IPv4 address as text. Never fails; the text belongs to the thread and is good until its next call. */
ASYNCSELECT_API char* asyncselect_inet_ntoa(asyncselect_in_addr in);

/* An address from text, strictly four decimal numbers or the forms of IPv6. Family: AF_INET or AF_INET6; pAddrBuf:
 * room for its 4 or 16 bytes. Returns 1, 0 when the text is no address, or -1: WSAEAFNOSUPPORT, WSAEFAULT. */
ASYNCSELECT_API int asyncselect_inet_pton(int Family, const char* pszAddrString, void* pAddrBuf);

/* An address as text. pStringBuf: room for it, StringBufSize bytes.
 * Returns pStringBuf, or null: WSAEAFNOSUPPORT, WSAEFAULT, ERROR_INVALID_PARAMETER (pStringBuf is null, or too small).
 */
ASYNCSELECT_API const char* asyncselect_inet_ntop(int Family, const void* pAddr, char* pStringBuf,
                                                  size_t StringBufSize);

/* An address with its port as text: 127.0.0.1:80, [::1]:80; without it when it is 0.
 * lpsaAddress, dwAddressLength: the address, its length in bytes. lpProtocolInfo: ignored.
 * lpszAddressString: room for *lpdwAddressStringLength bytes, which receives how many were used or are needed.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEFAULT (also room too small), WSAEINVAL (no address of a known family). */
ASYNCSELECT_API int asyncselect_WSAAddressToStringA(asyncselect_sockaddr* lpsaAddress, uint32_t dwAddressLength,
                                                    void* lpProtocolInfo, char* lpszAddressString,
                                                    uint32_t* lpdwAddressStringLength);

/* An address, with its port if it has one, from text. AddressFamily: AF_INET or AF_INET6. *lpAddressLength: the room at
 * lpAddress in bytes, then what was used. Returns 0, or asyncselect_SOCKET_ERROR: WSAEINVAL (the text is no such
 * address, or the family is another), WSAEFAULT (also room too small). */
ASYNCSELECT_API int asyncselect_WSAStringToAddressA(char* AddressString, int AddressFamily, void* lpProtocolInfo,
                                                    asyncselect_sockaddr* lpAddress, int* lpAddressLength);

/* To the byte order of the network and back; the result goes to the place that the last parameter points to.
 * s: any open socket. Each returns 0, or asyncselect_SOCKET_ERROR with no error of its own. */
ASYNCSELECT_API int asyncselect_WSAHtonl(asyncselect_SOCKET s, uint32_t hostlong, uint32_t* lpnetlong);
ASYNCSELECT_API int asyncselect_WSAHtons(asyncselect_SOCKET s, uint16_t hostshort, uint16_t* lpnetshort);
ASYNCSELECT_API int asyncselect_WSANtohl(asyncselect_SOCKET s, uint32_t netlong, uint32_t* lphostlong);
ASYNCSELECT_API int asyncselect_WSANtohs(asyncselect_SOCKET s, uint16_t netshort, uint16_t* lphostshort);

/* ---- this library's own: how and where messages are posted ---- */

enum { asyncselect_POSTING_PUMP = 0, asyncselect_POSTING_EAGER = 1 };

/* Chooses who posts the messages about network events, for the process:
 * asyncselect_POSTING_PUMP (the default): the window's thread itself, when it looks for messages. No other thread is
 * needed, and a socket that has much to tell costs nothing while the window does something else.
 * asyncselect_POSTING_EAGER: a thread of the library, at once, as on Windows; the queue fills while the window does
 * something else, and a message can be stale when it is retrieved (AS-ROBUST-1).
 * For a program that cannot be changed the environment variable ASYNCSELECT_POSTING, "pump" or "eager", says the same;
 * it is read by the first asyncselect_WSAStartup, and this function wins over it.
 * Returns 0, or asyncselect_SOCKET_ERROR: WSAEINVAL (posting is neither), WSAEALREADY (an asyncselect_WSAStartup is in
 * force). Needs no asyncselect_WSAStartup. Any thread. */
ASYNCSELECT_API int asyncselect_SetPosting(int posting);

/* How many posted messages a queue may hold before it counts as full; 10,000 at first, as on Windows. It holds
 * for every queue, from now on; what is in a queue already stays there. messages: 1 at least. The environment variable
 * ASYNCSELECT_POST_LIMIT says the same for a program that cannot be changed; it is read by the first
 * asyncselect_WSAStartup, and this function wins over it. Returns 0, or asyncselect_SOCKET_ERROR: WSAEINVAL (messages
 * is 0). Needs no asyncselect_WSAStartup. Any thread. */
ASYNCSELECT_API int asyncselect_SetPostLimit(uint32_t messages);

/* A file descriptor for a foreign event loop (poll, GLib, libuv, Qt, asio) that the calling thread runs in place of
 * asyncselect_GetMessageA. It is readable, and level-triggered, as long as asyncselect_PeekMessageA would find
 * something or has work to do: messages that any thread has posted or sent, timers, sockets that have something to
 * tell. When it is readable, call asyncselect_PeekMessageA and dispatch what it returns, until it returns 0 or, if the
 * loop has other things to do, fewer times: it stays readable until a call has returned 0. It can be readable in vain.
 * The descriptor belongs to the thread's queue: wait for it, but neither read nor close it. It is the same in every
 * call, and good until the thread ends.
 * Returns the descriptor, or -1: ERROR_NOT_ENOUGH_MEMORY (no descriptors left, or no memory). */
ASYNCSELECT_API int asyncselect_QueueDescriptor(void);

/* ---- windows ---- */
/* There is no display: a window is a mailbox with a procedure. Where a string can be given an atom can be given in its
 * stead, as a pointer whose value is the atom. */

/* Makes a window class known to the process.
 * Returns its atom, or 0: ERROR_INVALID_PARAMETER (no procedure, no name, extra bytes below 0, cbSize wrong),
 * ERROR_CLASS_ALREADY_EXISTS, ERROR_NOT_ENOUGH_MEMORY. */
ASYNCSELECT_API uint16_t asyncselect_RegisterClassA(const asyncselect_WNDCLASSA* lpWndClass);
ASYNCSELECT_API uint16_t asyncselect_RegisterClassW(const asyncselect_WNDCLASSW* lpWndClass);
ASYNCSELECT_API uint16_t asyncselect_RegisterClassExA(const asyncselect_WNDCLASSEXA* lpWndClass);
ASYNCSELECT_API uint16_t asyncselect_RegisterClassExW(const asyncselect_WNDCLASSEXW* lpWndClass);

/* Forgets a window class. Returns not 0, or 0: ERROR_CLASS_DOES_NOT_EXIST, ERROR_CLASS_HAS_WINDOWS. */
ASYNCSELECT_API int asyncselect_UnregisterClassA(const char* lpClassName, asyncselect_HINSTANCE hInstance);
ASYNCSELECT_API int asyncselect_UnregisterClassW(const wchar_t* lpClassName, asyncselect_HINSTANCE hInstance);

/* Makes a window that belongs to the calling thread, and sends it WM_NCCREATE and WM_CREATE.
 * lpClassName: a registered class. hWndParent: HWND_MESSAGE, null or a window. Styles, position, size and menu are
 * passed on to the procedure in the create structure, with lpParam, and otherwise ignored. Returns the window, or null:
 * ERROR_CANNOT_FIND_WND_CLASS, ERROR_INVALID_WINDOW_HANDLE (hWndParent), ERROR_NOT_ENOUGH_MEMORY, or none when the
 * procedure refused (0 to WM_NCCREATE, -1 to WM_CREATE). */
ASYNCSELECT_API asyncselect_HWND asyncselect_CreateWindowExA(uint32_t dwExStyle, const char* lpClassName,
                                                             const char* lpWindowName, uint32_t dwStyle, int X, int Y,
                                                             int nWidth, int nHeight, asyncselect_HWND hWndParent,
                                                             asyncselect_HMENU hMenu, asyncselect_HINSTANCE hInstance,
                                                             void* lpParam);
ASYNCSELECT_API asyncselect_HWND asyncselect_CreateWindowExW(uint32_t dwExStyle, const wchar_t* lpClassName,
                                                             const wchar_t* lpWindowName, uint32_t dwStyle, int X,
                                                             int Y, int nWidth, int nHeight,
                                                             asyncselect_HWND hWndParent, asyncselect_HMENU hMenu,
                                                             asyncselect_HINSTANCE hInstance, void* lpParam);

/* Sends the window WM_DESTROY and WM_NCDESTROY and ends it: its timers, the messages that wait for it and the network
 * events that were to come to it go with it.
 * Returns not 0, or 0: ERROR_INVALID_WINDOW_HANDLE, ERROR_ACCESS_DENIED (another thread's window). */
ASYNCSELECT_API int asyncselect_DestroyWindow(asyncselect_HWND hWnd);

/* Returns not 0 when the window exists, of whatever thread; never fails. */
ASYNCSELECT_API int asyncselect_IsWindow(asyncselect_HWND hWnd);

/* What a window procedure leaves undone: WM_CLOSE destroys the window, WM_NCCREATE is allowed; the rest returns 0. */
ASYNCSELECT_API intptr_t asyncselect_DefWindowProcA(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam,
                                                    intptr_t lParam);
ASYNCSELECT_API intptr_t asyncselect_DefWindowProcW(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam,
                                                    intptr_t lParam);

/* What was given for the window with nIndex: GWLP_WNDPROC, GWLP_HINSTANCE, GWLP_HWNDPARENT, GWLP_ID, GWLP_USERDATA,
 * GWL_STYLE, GWL_EXSTYLE, or an offset in bytes into its extra bytes.
 * Returns the value, or 0: ERROR_INVALID_WINDOW_HANDLE, ERROR_INVALID_INDEX. */
ASYNCSELECT_API intptr_t asyncselect_GetWindowLongPtrA(asyncselect_HWND hWnd, int nIndex);
ASYNCSELECT_API intptr_t asyncselect_GetWindowLongPtrW(asyncselect_HWND hWnd, int nIndex);

/* Sets what asyncselect_GetWindowLongPtrA tells. Returns the earlier value, or 0 with the errors of
 * asyncselect_GetWindowLongPtrA. */
ASYNCSELECT_API intptr_t asyncselect_SetWindowLongPtrA(asyncselect_HWND hWnd, int nIndex, intptr_t dwNewLong);
ASYNCSELECT_API intptr_t asyncselect_SetWindowLongPtrW(asyncselect_HWND hWnd, int nIndex, intptr_t dwNewLong);

/* ---- messages ---- */

/* Waits for a message of the calling thread, takes it, and runs sent messages meanwhile.
 * hWnd: null for any, (asyncselect_HWND)-1 for those of the thread itself, or one window of this thread.
 * wMsgFilterMin, wMsgFilterMax: the range of numbers, 0 and 0 for all; WM_QUIT passes always.
 * Returns above 0, 0 for WM_QUIT, or -1: ERROR_INVALID_WINDOW_HANDLE, ERROR_NOACCESS (lpMsg is null). */
ASYNCSELECT_API int asyncselect_GetMessageA(asyncselect_MSG* lpMsg, asyncselect_HWND hWnd, unsigned int wMsgFilterMin,
                                            unsigned int wMsgFilterMax);
ASYNCSELECT_API int asyncselect_GetMessageW(asyncselect_MSG* lpMsg, asyncselect_HWND hWnd, unsigned int wMsgFilterMin,
                                            unsigned int wMsgFilterMax);

/* Looks for a message without waiting; wRemoveMsg: PM_REMOVE takes it, PM_NOREMOVE leaves it.
 * Returns not 0 when there is one, 0 when there is none, or 0 with the errors of asyncselect_GetMessageA. */
ASYNCSELECT_API int asyncselect_PeekMessageA(asyncselect_MSG* lpMsg, asyncselect_HWND hWnd, unsigned int wMsgFilterMin,
                                             unsigned int wMsgFilterMax, unsigned int wRemoveMsg);
ASYNCSELECT_API int asyncselect_PeekMessageW(asyncselect_MSG* lpMsg, asyncselect_HWND hWnd, unsigned int wMsgFilterMin,
                                             unsigned int wMsgFilterMax, unsigned int wRemoveMsg);

/* Calls the window's procedure, or a timer's. Returns what it returned, or 0 when the message has no window. */
ASYNCSELECT_API intptr_t asyncselect_DispatchMessageA(const asyncselect_MSG* lpMsg);
ASYNCSELECT_API intptr_t asyncselect_DispatchMessageW(const asyncselect_MSG* lpMsg);

/* There is no keyboard: does nothing, and returns 0. */
ASYNCSELECT_API int asyncselect_TranslateMessage(const asyncselect_MSG* lpMsg);

/* Puts a message into the queue of the window's thread (hWnd null: of the calling thread) and returns at once.
 * Returns not 0, or 0: ERROR_INVALID_WINDOW_HANDLE, ERROR_NOT_ENOUGH_QUOTA (the queue is full: R-13). */
ASYNCSELECT_API int asyncselect_PostMessageA(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam,
                                             intptr_t lParam);
ASYNCSELECT_API int asyncselect_PostMessageW(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam,
                                             intptr_t lParam);

/* Has the window's procedure handle a message and waits for it: called directly on the window's own thread; on another
 * one it runs when the window's thread retrieves messages.
 * Returns what the procedure returned, or 0: ERROR_INVALID_WINDOW_HANDLE. */
ASYNCSELECT_API intptr_t asyncselect_SendMessageA(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam,
                                                  intptr_t lParam);
ASYNCSELECT_API intptr_t asyncselect_SendMessageW(asyncselect_HWND hWnd, unsigned int Msg, uintptr_t wParam,
                                                  intptr_t lParam);

/* Puts a message without a window into a thread's queue.
 * Returns not 0, or 0: ERROR_INVALID_THREAD_ID (no such thread, or it has no queue), ERROR_NOT_ENOUGH_QUOTA. */
ASYNCSELECT_API int asyncselect_PostThreadMessageA(uint32_t idThread, unsigned int Msg, uintptr_t wParam,
                                                   intptr_t lParam);
ASYNCSELECT_API int asyncselect_PostThreadMessageW(uint32_t idThread, unsigned int Msg, uintptr_t wParam,
                                                   intptr_t lParam);

/* Lets the calling thread's queue yield WM_QUIT, with wParam nExitCode, once nothing else is left in it. */
ASYNCSELECT_API void asyncselect_PostQuitMessage(int nExitCode);

/* Has WM_TIMER come every uElapse milliseconds (10 at least); lpTimerFunc, if not null, is called for it by
 * asyncselect_DispatchMessageA and W. hWnd: a window of this thread, or null for the thread itself, where the id is
 * chosen. Returns the timer's id, or 0: ERROR_INVALID_WINDOW_HANDLE, ERROR_ACCESS_DENIED (another thread's window). */
ASYNCSELECT_API uintptr_t asyncselect_SetTimer(asyncselect_HWND hWnd, uintptr_t nIDEvent, unsigned int uElapse,
                                               asyncselect_TIMERPROC lpTimerFunc);

/* Ends a timer. Returns not 0, or 0: ERROR_INVALID_WINDOW_HANDLE, ERROR_INVALID_PARAMETER (no such timer). */
ASYNCSELECT_API int asyncselect_KillTimer(asyncselect_HWND hWnd, uintptr_t uIDEvent);

/* Waits for one of nCount objects (all of them, if fWaitAll) or for a message of the kinds in dwWakeMask (QS_...), at
 * most dwMilliseconds; INFINITE for ever. Messages that an earlier call has seen already do not count, except with
 * MWMO_INPUTAVAILABLE in dwFlags of the Ex function.
 * Returns WAIT_OBJECT_0 + the object's index, WAIT_OBJECT_0 + nCount for a message, WAIT_TIMEOUT, or
 * asyncselect_WAIT_FAILED: ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER (nCount above MAXIMUM_WAIT_OBJECTS - 1,
 * flags). */
ASYNCSELECT_API uint32_t asyncselect_MsgWaitForMultipleObjects(uint32_t nCount, const asyncselect_HANDLE* pHandles,
                                                               int fWaitAll, uint32_t dwMilliseconds,
                                                               uint32_t dwWakeMask);
ASYNCSELECT_API uint32_t asyncselect_MsgWaitForMultipleObjectsEx(uint32_t nCount, const asyncselect_HANDLE* pHandles,
                                                                 uint32_t dwMilliseconds, uint32_t dwWakeMask,
                                                                 uint32_t dwFlags);

/* ---- objects that a thread can wait for ---- */
/* Events and threads. Their handles are small integers below 2^31, not used again for long after they were closed. What
 * fails returns what its description says, and ERROR_INVALID_HANDLE when the handle names no such object. An object may
 * be closed while a thread waits for it: the wait goes on. */

/* Makes an event: with bManualReset it stays signaled until asyncselect_ResetEvent, without it ends the wait of one
 * thread and is reset by that. bInitialState: not 0 for signaled. lpEventAttributes is ignored; lpName must be null.
 * Returns the event, or null: ERROR_NOT_SUPPORTED (lpName), ERROR_NOT_ENOUGH_MEMORY. */
ASYNCSELECT_API asyncselect_HANDLE asyncselect_CreateEventA(const asyncselect_SECURITY_ATTRIBUTES* lpEventAttributes,
                                                            int bManualReset, int bInitialState, const char* lpName);
ASYNCSELECT_API asyncselect_HANDLE asyncselect_CreateEventW(const asyncselect_SECURITY_ATTRIBUTES* lpEventAttributes,
                                                            int bManualReset, int bInitialState, const wchar_t* lpName);

/* Signals an event, or ends that. Waits are ended in the order in which they began. Return not 0, or 0. */
ASYNCSELECT_API int asyncselect_SetEvent(asyncselect_HANDLE hEvent);
ASYNCSELECT_API int asyncselect_ResetEvent(asyncselect_HANDLE hEvent);

/* Gives an event or a thread's handle back; the thread runs on. Returns not 0, or 0. */
ASYNCSELECT_API int asyncselect_CloseHandle(asyncselect_HANDLE hObject);

/* Waits until the object is signaled, at most dwMilliseconds; INFINITE for ever. Messages are not looked at meanwhile.
 * Returns WAIT_OBJECT_0, WAIT_TIMEOUT, or asyncselect_WAIT_FAILED. */
ASYNCSELECT_API uint32_t asyncselect_WaitForSingleObject(asyncselect_HANDLE hHandle, uint32_t dwMilliseconds);

/* Waits for one of nCount objects, or, with bWaitAll, until all are signaled at one moment; events that reset
 * themselves are taken then and not before.
 * Returns WAIT_OBJECT_0 + the index of the first that is signaled (WAIT_OBJECT_0 for all), WAIT_TIMEOUT, or
 * asyncselect_WAIT_FAILED: ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER (nCount is 0 or above MAXIMUM_WAIT_OBJECTS, or
 * the same handle is there twice while all are waited for), ERROR_NOACCESS (lpHandles), ERROR_NOT_ENOUGH_MEMORY. */
ASYNCSELECT_API uint32_t asyncselect_WaitForMultipleObjects(uint32_t nCount, const asyncselect_HANDLE* lpHandles,
                                                            int bWaitAll, uint32_t dwMilliseconds);

/* Starts a thread of the system that runs lpStartAddress(lpParameter). Its handle is signaled when it has ended, and
 * its windows with it. lpThreadAttributes is ignored. dwStackSize: bytes, 0 for the system's usual; less than a
 * megabyte is taken for that unless dwCreationFlags has STACK_SIZE_PARAM_IS_A_RESERVATION. lpThreadId: null, or
 * receives what asyncselect_GetCurrentThreadId returns there. Returns the thread, or null: ERROR_INVALID_PARAMETER (no
 * function, flags), ERROR_NOT_SUPPORTED (CREATE_SUSPENDED), ERROR_NOACCESS (lpThreadId), ERROR_NOT_ENOUGH_MEMORY (no
 * memory, or no more threads). */
ASYNCSELECT_API asyncselect_HANDLE asyncselect_CreateThread(const asyncselect_SECURITY_ATTRIBUTES* lpThreadAttributes,
                                                            size_t dwStackSize,
                                                            asyncselect_THREAD_START_ROUTINE lpStartAddress,
                                                            void* lpParameter, uint32_t dwCreationFlags,
                                                            uint32_t* lpThreadId);

/* What the thread returned or gave to asyncselect_ExitThread; STILL_ACTIVE before it has ended.
 * Returns not 0, or 0: ERROR_NOACCESS (lpExitCode). */
ASYNCSELECT_API int asyncselect_GetExitCodeThread(asyncselect_HANDLE hThread, uint32_t* lpExitCode);

/* Ends the calling thread. Unlike on Windows its stack is unwound: destructors of C++ run. The C library does that with
 * the shared libgcc_s, so a program must not have another unwinder linked in (-static-libgcc). Does not return. */
ASYNCSELECT_API void asyncselect_ExitThread(uint32_t dwExitCode) ASYNCSELECT_NORETURN;

/* Does nothing for dwMilliseconds; 0 lets other threads run, INFINITE never ends. Messages are not looked at. */
ASYNCSELECT_API void asyncselect_Sleep(uint32_t dwMilliseconds);

/* ---- thread, module, clock ---- */

/* The calling thread's id, as asyncselect_PostThreadMessageA takes it; never 0. */
ASYNCSELECT_API uint32_t asyncselect_GetCurrentThreadId(void);

/* lpModuleName null: a handle that stands for the program, never null, to be given to the class functions.
 * Otherwise null: ERROR_MOD_NOT_FOUND. */
ASYNCSELECT_API asyncselect_HINSTANCE asyncselect_GetModuleHandleA(const char* lpModuleName);
ASYNCSELECT_API asyncselect_HINSTANCE asyncselect_GetModuleHandleW(const wchar_t* lpModuleName);

/* Milliseconds since the system started, of a clock that is never set; the first wraps around after 49.7 days. */
ASYNCSELECT_API uint32_t asyncselect_GetTickCount(void);
ASYNCSELECT_API uint64_t asyncselect_GetTickCount64(void);

/* ---- what programs use beside windows and sockets ---- */
/* These trust their pointers, as on Windows. */

/* The text of an error of this library, in English, with a line break at its end.
 * dwFlags: FORMAT_MESSAGE_FROM_SYSTEM, and any of FORMAT_MESSAGE_IGNORE_INSERTS (there are none),
 * FORMAT_MESSAGE_ARGUMENT_ARRAY, FORMAT_MESSAGE_MAX_WIDTH_MASK (a space instead of the line break) and
 * FORMAT_MESSAGE_ALLOCATE_BUFFER (lpBuffer is the address of a pointer, which receives memory for
 * asyncselect_LocalFree, of nSize characters at least; 64 KB at most). dwMessageId: the error. nSize: the room at
 * lpBuffer in characters. lpSource, dwLanguageId, Arguments: ignored.
 * Returns how many characters it has, or 0: ERROR_MR_MID_NOT_FOUND (no text for it), ERROR_INSUFFICIENT_BUFFER,
 * ERROR_INVALID_PARAMETER (another flag, no buffer, or one too large), ERROR_NOT_ENOUGH_MEMORY. */
ASYNCSELECT_API uint32_t asyncselect_FormatMessageA(uint32_t dwFlags, const void* lpSource, uint32_t dwMessageId,
                                                    uint32_t dwLanguageId, char* lpBuffer, uint32_t nSize,
                                                    va_list* Arguments);
ASYNCSELECT_API uint32_t asyncselect_FormatMessageW(uint32_t dwFlags, const void* lpSource, uint32_t dwMessageId,
                                                    uint32_t dwLanguageId, wchar_t* lpBuffer, uint32_t nSize,
                                                    va_list* Arguments);

/* Memory of uBytes bytes, all of them 0, that does not move; uFlags is ignored. Null: ERROR_NOT_ENOUGH_MEMORY. */
ASYNCSELECT_API void* asyncselect_LocalAlloc(unsigned int uFlags, size_t uBytes);

/* Frees memory of asyncselect_LocalAlloc or asyncselect_FormatMessageA and W; null is let pass. Returns null. */
ASYNCSELECT_API void* asyncselect_LocalFree(void* hMem);

/* Formatted text of 1,023 bytes at most, at lpOut: the conversions c C d i p s S u x X with flags, width and precision.
 * `l` stands for the 32 bits of a `long` on Windows, or for wchar_t; I64 for 64 bits. Returns its length. */
ASYNCSELECT_API int asyncselect_wsprintfA(char* lpOut, const char* lpFmt, ...);
ASYNCSELECT_API int asyncselect_wvsprintfA(char* lpOutput, const char* lpFmt, va_list arglist);

/* Writes text to the standard error output: there is no debugger that would listen. Never fails. */
ASYNCSELECT_API void asyncselect_OutputDebugStringA(const char* lpOutputString);
ASYNCSELECT_API void asyncselect_OutputDebugStringW(const wchar_t* lpOutputString);

/* A clock that is never set, and how many times it counts in a second (10,000,000). Both return not 0. */
ASYNCSELECT_API int asyncselect_QueryPerformanceCounter(int64_t* lpPerformanceCount);
ASYNCSELECT_API int asyncselect_QueryPerformanceFrequency(int64_t* lpFrequency);

/* A lock between the threads of the process, which its owner may enter again. It must not be moved or copied. */
typedef struct asyncselect_CRITICAL_SECTION {
    void* DebugInfo;
    int32_t LockCount;
    int32_t RecursionCount;
    asyncselect_HANDLE OwningThread;
    asyncselect_HANDLE LockSemaphore;
    uintptr_t SpinCount;
} asyncselect_CRITICAL_SECTION;

/* Makes a lock that is free; the spin count is kept and ignored. The second returns not 0. */
ASYNCSELECT_API void asyncselect_InitializeCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection);
ASYNCSELECT_API int asyncselect_InitializeCriticalSectionAndSpinCount(asyncselect_CRITICAL_SECTION* lpCriticalSection,
                                                                      uint32_t dwSpinCount);

/* Ends a lock that nobody holds. */
ASYNCSELECT_API void asyncselect_DeleteCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection);

/* Waits until the lock is free, and holds it; the owner enters at once, and leaves as many times. */
ASYNCSELECT_API void asyncselect_EnterCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection);

/* Enters without waiting. Returns not 0, or 0 when another thread holds the lock. */
ASYNCSELECT_API int asyncselect_TryEnterCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection);

/* Leaves; on a thread that does not hold the lock it does nothing. */
ASYNCSELECT_API void asyncselect_LeaveCriticalSection(asyncselect_CRITICAL_SECTION* lpCriticalSection);

#ifdef __cplusplus
}
#endif

#endif
