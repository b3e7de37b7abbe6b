/* Compat header <winsock2.h>: Winsock 2 as far as the library offers it, with the names, numbers and layouts of the
 * Windows SDK, so that a Winsock program in C or C++ compiles unmodified on Linux. The Winsock names are names of the
 * library's prefixed symbols (assembler labels), so nothing of libc is replaced. It must not meet the system's socket
 * headers in one source file: their names are the same and their numbers are not.
 *
 * libc's own headers give a few names another meaning (u_long has 64 bits there; fd_set, select and gethostname are
 * others). These, and only these, are renamed by macros, after the headers that declare them. struct timeval is libc's:
 * what is `long` on Windows is `long` here.
 *
 * A set has room for FD_SETSIZE sockets: 64, or what the program defines before it includes this header. */
#ifndef ASYNCSELECT_COMPAT_WINSOCK2_H

#if defined(_SYS_SOCKET_H) || defined(_NETINET_IN_H) || defined(_ARPA_INET_H) || defined(_NETDB_H)
#error "a source file can use Winsock or the system's sockets, not both: <winsock2.h> after <sys/socket.h>"
#endif

#define ASYNCSELECT_COMPAT_WINSOCK2_H

#include <sys/select.h>
#include <sys/time.h>
#include <sys/types.h>

#include "qos.h"
#include "windows.h"

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef uint32_t asyncselect_u_long;
#define u_long asyncselect_u_long

#ifdef ASYNCSELECT_COMPAT_FD_SETSIZE_KEPT
#undef FD_SETSIZE
#pragma pop_macro("FD_SETSIZE")
#else
/* Does it stand for libc's number still? */
#pragma push_macro("__FD_SETSIZE")
#undef __FD_SETSIZE
#define __FD_SETSIZE (-1)
#if FD_SETSIZE == -1
#undef FD_SETSIZE
#endif
#pragma pop_macro("__FD_SETSIZE")
#endif
#ifndef FD_SETSIZE
#define FD_SETSIZE 64
#endif
#undef FD_SET
#undef FD_CLR
#undef FD_ISSET
#undef FD_ZERO
#define fd_set asyncselect_compat_fd_set
#define select asyncselect_compat_select
#define gethostname asyncselect_compat_gethostname

#define WSAAPI
#define WINSOCK_API_LINKAGE
#define WINSOCK_VERSION MAKEWORD(2, 2)

/* ---- sockets ---- */

typedef asyncselect_SOCKET SOCKET;
typedef unsigned int GROUP;

#define INVALID_SOCKET ((SOCKET)(~0))
#define SOCKET_ERROR (-1)
#define SOMAXCONN 0x7fffffff
#define SOMAXCONN_HINT(backlog) (-(backlog))
#define FROM_PROTOCOL_INFO (-1)

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_RDM 4
#define SOCK_SEQPACKET 5

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_IPX 6
#define AF_NETBIOS 17
#define AF_INET6 23
#define AF_IRDA 26
#define AF_BTH 32
#define PF_UNSPEC AF_UNSPEC
#define PF_UNIX AF_UNIX
#define PF_INET AF_INET
#define PF_INET6 AF_INET6

#define IPPROTO_IP 0
#define IPPROTO_ICMP 1
#define IPPROTO_IGMP 2
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_IPV6 41
#define IPPROTO_ICMPV6 58
#define IPPROTO_RAW 255
#define IPPROTO_MAX 256

#define IPPORT_RESERVED 1024

#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_DONTROUTE 0x4
#define MSG_WAITALL 0x8
#define MSG_PARTIAL 0x8000

#define SD_RECEIVE 0x00
#define SD_SEND 0x01
#define SD_BOTH 0x02

/* ---- options ---- */

#define SOL_SOCKET 0xffff
#define SO_DEBUG 0x0001
#define SO_ACCEPTCONN 0x0002
#define SO_REUSEADDR 0x0004
#define SO_EXCLUSIVEADDRUSE ((int)(~SO_REUSEADDR))
#define SO_KEEPALIVE 0x0008
#define SO_DONTROUTE 0x0010
#define SO_BROADCAST 0x0020
#define SO_USELOOPBACK 0x0040
#define SO_LINGER 0x0080
#define SO_DONTLINGER ((int)(~SO_LINGER))
#define SO_OOBINLINE 0x0100
#define SO_SNDBUF 0x1001
#define SO_RCVBUF 0x1002
#define SO_SNDLOWAT 0x1003
#define SO_RCVLOWAT 0x1004
#define SO_SNDTIMEO 0x1005
#define SO_RCVTIMEO 0x1006
#define SO_ERROR 0x1007
#define SO_TYPE 0x1008
#define SO_GROUP_ID 0x2001
#define SO_GROUP_PRIORITY 0x2002
#define SO_MAX_MSG_SIZE 0x2003
#define SO_PROTOCOL_INFOA 0x2004
#define SO_PROTOCOL_INFOW 0x2005
#define SO_CONDITIONAL_ACCEPT 0x3002
#ifdef UNICODE
#define SO_PROTOCOL_INFO SO_PROTOCOL_INFOW
#else
#define SO_PROTOCOL_INFO SO_PROTOCOL_INFOA
#endif
#define TCP_NODELAY 0x0001

struct linger {
    u_short l_onoff;
    u_short l_linger;
};
typedef struct linger LINGER, *PLINGER, *LPLINGER;
typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;

/* ---- waiting for several sockets ---- */

typedef struct fd_set {
    u_int fd_count;
    SOCKET fd_array[FD_SETSIZE];
} fd_set, FD_SET, *PFD_SET, *LPFD_SET;

/* Each is a statement. A socket that is in the set already is not added, nor one for which there is no room. */
#define FD_ZERO(set) ((void)(((fd_set*)(set))->fd_count = 0))
#define FD_SET(fd, set) asyncselect_compat_fd_add((SOCKET)(fd), (fd_set*)(set))
#define FD_CLR(fd, set) asyncselect_compat_fd_remove((SOCKET)(fd), (fd_set*)(set))
#define FD_ISSET(fd, set) __WSAFDIsSet((SOCKET)(fd), (fd_set*)(set))

static __inline__ void asyncselect_compat_fd_add(SOCKET s, fd_set* set) {
    u_int i = 0;
    while (i < set->fd_count && set->fd_array[i] != s) ++i;
    if (i == set->fd_count && i < FD_SETSIZE) {
        set->fd_array[i] = s;
        ++set->fd_count;
    }
}

static __inline__ void asyncselect_compat_fd_remove(SOCKET s, fd_set* set) {
    u_int i = 0;
    while (i < set->fd_count && set->fd_array[i] != s) ++i;
    if (i == set->fd_count) return;
    for (--set->fd_count; i < set->fd_count; ++i) set->fd_array[i] = set->fd_array[i + 1];
}

#undef timerisset
#undef timerclear
#undef timercmp
#define timerisset(time) ((time)->tv_sec || (time)->tv_usec)
#define timerclear(time) ((void)((time)->tv_sec = (time)->tv_usec = 0))
#define timercmp(a, b, compare) \
    ((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec compare(b)->tv_usec : (a)->tv_sec compare(b)->tv_sec)

#define POLLERR 0x0001
#define POLLHUP 0x0002
#define POLLNVAL 0x0004
#define POLLWRNORM 0x0010
#define POLLOUT POLLWRNORM
#define POLLWRBAND 0x0020
#define POLLRDNORM 0x0100
#define POLLRDBAND 0x0200
#define POLLIN (POLLRDNORM | POLLRDBAND)
#define POLLPRI 0x0400

typedef struct pollfd {
    SOCKET fd;
    SHORT events;
    SHORT revents;
} WSAPOLLFD, *PWSAPOLLFD, *LPWSAPOLLFD;

/* ---- ioctl ---- */

#define IOCPARM_MASK 0x7f
#define IOC_VOID 0x20000000
#define IOC_OUT 0x40000000
#define IOC_IN 0x80000000
#define IOC_INOUT (IOC_IN | IOC_OUT)
#define _IO(group, number) (IOC_VOID | ((group) << 8) | (number))
#define _IOR(group, number, type) (IOC_OUT | (((long)sizeof(type) & IOCPARM_MASK) << 16) | ((group) << 8) | (number))
#define _IOW(group, number, type) (IOC_IN | (((long)sizeof(type) & IOCPARM_MASK) << 16) | ((group) << 8) | (number))
#undef FIONREAD
#undef FIONBIO
#undef SIOCATMARK
#define FIONREAD _IOR('f', 127, u_long)
#define FIONBIO _IOW('f', 126, u_long)
#define SIOCATMARK _IOR('s', 7, u_long)

#define IOC_UNIX 0x00000000
#define IOC_WS2 0x08000000
#define IOC_PROTOCOL 0x10000000
#define IOC_VENDOR 0x18000000
#define _WSAIO(group, number) (IOC_VOID | (group) | (number))
#define _WSAIOR(group, number) (IOC_OUT | (group) | (number))
#define _WSAIOW(group, number) (IOC_IN | (group) | (number))
#define _WSAIORW(group, number) (IOC_INOUT | (group) | (number))
#define SIO_ENABLE_CIRCULAR_QUEUEING _WSAIO(IOC_WS2, 2)
#define SIO_FLUSH _WSAIO(IOC_WS2, 4)
#define SIO_GET_BROADCAST_ADDRESS _WSAIOR(IOC_WS2, 5)
#define SIO_GET_EXTENSION_FUNCTION_POINTER _WSAIORW(IOC_WS2, 6)
#define SIO_GET_QOS _WSAIORW(IOC_WS2, 7)
#define SIO_GET_GROUP_QOS _WSAIORW(IOC_WS2, 8)
#define SIO_MULTIPOINT_LOOPBACK _WSAIOW(IOC_WS2, 9)
#define SIO_MULTICAST_SCOPE _WSAIOW(IOC_WS2, 10)
#define SIO_SET_QOS _WSAIOW(IOC_WS2, 11)
#define SIO_SET_GROUP_QOS _WSAIOW(IOC_WS2, 12)
#define SIO_ROUTING_INTERFACE_QUERY _WSAIORW(IOC_WS2, 20)
#define SIO_ROUTING_INTERFACE_CHANGE _WSAIOW(IOC_WS2, 21)
#define SIO_ADDRESS_LIST_QUERY _WSAIOR(IOC_WS2, 22)
#define SIO_ADDRESS_LIST_CHANGE _WSAIO(IOC_WS2, 23)

/* ---- network events ---- */

#define FD_READ_BIT 0
#define FD_WRITE_BIT 1
#define FD_OOB_BIT 2
#define FD_ACCEPT_BIT 3
#define FD_CONNECT_BIT 4
#define FD_CLOSE_BIT 5
#define FD_QOS_BIT 6
#define FD_GROUP_QOS_BIT 7
#define FD_ROUTING_INTERFACE_CHANGE_BIT 8
#define FD_ADDRESS_LIST_CHANGE_BIT 9
#define FD_MAX_EVENTS 10
#define FD_READ (1 << FD_READ_BIT)
#define FD_WRITE (1 << FD_WRITE_BIT)
#define FD_OOB (1 << FD_OOB_BIT)
#define FD_ACCEPT (1 << FD_ACCEPT_BIT)
#define FD_CONNECT (1 << FD_CONNECT_BIT)
#define FD_CLOSE (1 << FD_CLOSE_BIT)
#define FD_QOS (1 << FD_QOS_BIT)
#define FD_GROUP_QOS (1 << FD_GROUP_QOS_BIT)
#define FD_ROUTING_INTERFACE_CHANGE (1 << FD_ROUTING_INTERFACE_CHANGE_BIT)
#define FD_ADDRESS_LIST_CHANGE (1 << FD_ADDRESS_LIST_CHANGE_BIT)
#define FD_ALL_EVENTS ((1 << FD_MAX_EVENTS) - 1)

#define WSAMAKESELECTREPLY(event, error) MAKELONG(event, error)
#define WSAGETSELECTEVENT(lParam) LOWORD(lParam)
#define WSAGETSELECTERROR(lParam) HIWORD(lParam)

/* ---- errors ---- */

#define WSABASEERR 10000
#define WSAEINTR 10004
#define WSAEBADF 10009
#define WSAEACCES 10013
#define WSAEFAULT 10014
#define WSAEINVAL 10022
#define WSAEMFILE 10024
#define WSAEWOULDBLOCK 10035
#define WSAEINPROGRESS 10036
#define WSAEALREADY 10037
#define WSAENOTSOCK 10038
#define WSAEDESTADDRREQ 10039
#define WSAEMSGSIZE 10040
#define WSAEPROTOTYPE 10041
#define WSAENOPROTOOPT 10042
#define WSAEPROTONOSUPPORT 10043
#define WSAESOCKTNOSUPPORT 10044
#define WSAEOPNOTSUPP 10045
#define WSAEPFNOSUPPORT 10046
#define WSAEAFNOSUPPORT 10047
#define WSAEADDRINUSE 10048
#define WSAEADDRNOTAVAIL 10049
#define WSAENETDOWN 10050
#define WSAENETUNREACH 10051
#define WSAENETRESET 10052
#define WSAECONNABORTED 10053
#define WSAECONNRESET 10054
#define WSAENOBUFS 10055
#define WSAEISCONN 10056
#define WSAENOTCONN 10057
#define WSAESHUTDOWN 10058
#define WSAETOOMANYREFS 10059
#define WSAETIMEDOUT 10060
#define WSAECONNREFUSED 10061
#define WSAELOOP 10062
#define WSAENAMETOOLONG 10063
#define WSAEHOSTDOWN 10064
#define WSAEHOSTUNREACH 10065
#define WSAENOTEMPTY 10066
#define WSAEPROCLIM 10067
#define WSAEUSERS 10068
#define WSAEDQUOT 10069
#define WSAESTALE 10070
#define WSAEREMOTE 10071
#define WSASYSNOTREADY 10091
#define WSAVERNOTSUPPORTED 10092
#define WSANOTINITIALISED 10093
#define WSAEDISCON 10101
#define WSAENOMORE 10102
#define WSAECANCELLED 10103
#define WSAEINVALIDPROCTABLE 10104
#define WSAEINVALIDPROVIDER 10105
#define WSAEPROVIDERFAILEDINIT 10106
#define WSASYSCALLFAILURE 10107
#define WSASERVICE_NOT_FOUND 10108
#define WSATYPE_NOT_FOUND 10109
#define WSA_E_NO_MORE 10110
#define WSA_E_CANCELLED 10111
#define WSAEREFUSED 10112
#define WSAHOST_NOT_FOUND 11001
#define WSATRY_AGAIN 11002
#define WSANO_RECOVERY 11003
#define WSANO_DATA 11004
#define WSANO_ADDRESS WSANO_DATA
#define HOST_NOT_FOUND WSAHOST_NOT_FOUND
#define TRY_AGAIN WSATRY_AGAIN
#define NO_RECOVERY WSANO_RECOVERY
#define NO_DATA WSANO_DATA
#define NO_ADDRESS WSANO_ADDRESS
#define WSA_INVALID_HANDLE ERROR_INVALID_HANDLE
#define WSA_INVALID_PARAMETER ERROR_INVALID_PARAMETER
#define WSA_NOT_ENOUGH_MEMORY ERROR_NOT_ENOUGH_MEMORY
#define WSA_IO_INCOMPLETE ERROR_IO_INCOMPLETE
#define WSA_IO_PENDING ERROR_IO_PENDING
#define WSA_OPERATION_ABORTED ERROR_OPERATION_ABORTED

/* ---- addresses ---- */

typedef USHORT ADDRESS_FAMILY;

struct in_addr {
    union {
        struct {
            UCHAR s_b1, s_b2, s_b3, s_b4;
        } S_un_b;
        struct {
            USHORT s_w1, s_w2;
        } S_un_w;
        ULONG S_addr;
    } S_un;
};
typedef struct in_addr IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
#define s_addr S_un.S_addr
#define s_host S_un.S_un_b.s_b2
#define s_net S_un.S_un_b.s_b1
#define s_imp S_un.S_un_w.s_w2
#define s_impno S_un.S_un_b.s_b4
#define s_lh S_un.S_un_b.s_b3

struct sockaddr {
    ADDRESS_FAMILY sa_family;
    CHAR sa_data[14];
};
typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;

struct sockaddr_in {
    ADDRESS_FAMILY sin_family;
    USHORT sin_port;
    struct in_addr sin_addr;
    CHAR sin_zero[8];
};
typedef struct sockaddr_in SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;

struct sockaddr_storage {
    ADDRESS_FAMILY ss_family;
    CHAR __ss_pad1[6];
    int64_t __ss_align;
    CHAR __ss_pad2[112];
};
typedef struct sockaddr_storage SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;

typedef struct _SOCKET_ADDRESS {
    LPSOCKADDR lpSockaddr;
    INT iSockaddrLength;
} SOCKET_ADDRESS, *PSOCKET_ADDRESS, *LPSOCKET_ADDRESS;

typedef struct _SOCKET_ADDRESS_LIST {
    INT iAddressCount;
    SOCKET_ADDRESS Address[1];
} SOCKET_ADDRESS_LIST, *PSOCKET_ADDRESS_LIST, *LPSOCKET_ADDRESS_LIST;

#define INADDR_ANY ((ULONG)0x00000000)
#define INADDR_LOOPBACK 0x7f000001
#define INADDR_BROADCAST ((ULONG)0xffffffff)
#define INADDR_NONE 0xffffffff
#define ADDR_ANY INADDR_ANY

/* ---- hosts, services, protocols ---- */

struct hostent {
    char* h_name;
    char** h_aliases;
    short h_addrtype;
    short h_length;
    char** h_addr_list;
};
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
#define h_addr h_addr_list[0]

struct servent {
    char* s_name;
    char** s_aliases;
    char* s_proto;
    short s_port;
};
typedef struct servent SERVENT, *PSERVENT, *LPSERVENT;

struct protoent {
    char* p_name;
    char** p_aliases;
    short p_proto;
};
typedef struct protoent PROTOENT, *PPROTOENT, *LPPROTOENT;

#define h_errno WSAGetLastError()
#define MAXGETHOSTSTRUCT 1024

#define IPPORT_ECHO 7
#define IPPORT_DISCARD 9
#define IPPORT_DAYTIME 13
#define IPPORT_FTP 21
#define IPPORT_TELNET 23
#define IPPORT_SMTP 25

#define IN_CLASSA(i) (((long)(i)&0x80000000L) == 0)
#define IN_CLASSB(i) (((long)(i)&0xc0000000L) == 0x80000000L)
#define IN_CLASSC(i) (((long)(i)&0xe0000000L) == 0xc0000000L)
#define IN_CLASSD(i) (((long)(i)&0xf0000000L) == 0xe0000000L)
#define IN_MULTICAST(i) IN_CLASSD(i)

/* ---- start-up, buffers, overlapped operations, protocols ---- */

#define WSADESCRIPTION_LEN 256
#define WSASYS_STATUS_LEN 128
typedef asyncselect_WSADATA WSADATA, *LPWSADATA;
#define WSAData asyncselect_WSADATA

typedef asyncselect_WSABUF WSABUF, *LPWSABUF;
#define _WSABUF asyncselect_WSABUF

typedef HANDLE WSAEVENT, *LPWSAEVENT;
typedef OVERLAPPED WSAOVERLAPPED, *LPWSAOVERLAPPED;
typedef asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE LPWSAOVERLAPPED_COMPLETION_ROUTINE;

typedef asyncselect_WSANETWORKEVENTS WSANETWORKEVENTS, *LPWSANETWORKEVENTS;
#define _WSANETWORKEVENTS asyncselect_WSANETWORKEVENTS

#define WSA_INVALID_EVENT ((WSAEVENT)NULL)
#define WSA_MAXIMUM_WAIT_EVENTS MAXIMUM_WAIT_OBJECTS
#define WSA_WAIT_FAILED WAIT_FAILED
#define WSA_WAIT_EVENT_0 WAIT_OBJECT_0
#define WSA_WAIT_IO_COMPLETION WAIT_IO_COMPLETION
#define WSA_WAIT_TIMEOUT WAIT_TIMEOUT
#define WSA_INFINITE INFINITE

typedef asyncselect_QOS QOS, *LPQOS;
#define _QualityOfService asyncselect_QOS

#define CF_ACCEPT 0x0000
#define CF_REJECT 0x0001
#define CF_DEFER 0x0002
typedef int(CALLBACK* LPCONDITIONPROC)(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS, LPQOS lpGQOS,
                                       LPWSABUF lpCalleeId, LPWSABUF lpCalleeData, GROUP* g, DWORD_PTR dwCallbackData);

#define JL_SENDER_ONLY 0x01
#define JL_RECEIVER_ONLY 0x02
#define JL_BOTH 0x04

#define SG_UNCONSTRAINED_GROUP 0x01
#define SG_CONSTRAINED_GROUP 0x02

#define WSA_FLAG_OVERLAPPED 0x01
#define WSA_FLAG_MULTIPOINT_C_ROOT 0x02
#define WSA_FLAG_MULTIPOINT_C_LEAF 0x04
#define WSA_FLAG_MULTIPOINT_D_ROOT 0x08
#define WSA_FLAG_MULTIPOINT_D_LEAF 0x10
#define WSA_FLAG_ACCESS_SYSTEM_SECURITY 0x40
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80

#define MAX_PROTOCOL_CHAIN 7
#define WSAPROTOCOL_LEN 255

typedef struct _WSAPROTOCOLCHAIN {
    int ChainLen;
    DWORD ChainEntries[MAX_PROTOCOL_CHAIN];
} WSAPROTOCOLCHAIN, *LPWSAPROTOCOLCHAIN;

typedef struct _WSAPROTOCOL_INFOA {
    DWORD dwServiceFlags1;
    DWORD dwServiceFlags2;
    DWORD dwServiceFlags3;
    DWORD dwServiceFlags4;
    DWORD dwProviderFlags;
    GUID ProviderId;
    DWORD dwCatalogEntryId;
    WSAPROTOCOLCHAIN ProtocolChain;
    int iVersion;
    int iAddressFamily;
    int iMaxSockAddr;
    int iMinSockAddr;
    int iSocketType;
    int iProtocol;
    int iProtocolMaxOffset;
    int iNetworkByteOrder;
    int iSecurityScheme;
    DWORD dwMessageSize;
    DWORD dwProviderReserved;
    CHAR szProtocol[WSAPROTOCOL_LEN + 1];
} WSAPROTOCOL_INFOA, *LPWSAPROTOCOL_INFOA;

typedef struct _WSAPROTOCOL_INFOW {
    DWORD dwServiceFlags1;
    DWORD dwServiceFlags2;
    DWORD dwServiceFlags3;
    DWORD dwServiceFlags4;
    DWORD dwProviderFlags;
    GUID ProviderId;
    DWORD dwCatalogEntryId;
    WSAPROTOCOLCHAIN ProtocolChain;
    int iVersion;
    int iAddressFamily;
    int iMaxSockAddr;
    int iMinSockAddr;
    int iSocketType;
    int iProtocol;
    int iProtocolMaxOffset;
    int iNetworkByteOrder;
    int iSecurityScheme;
    DWORD dwMessageSize;
    DWORD dwProviderReserved;
    WCHAR szProtocol[WSAPROTOCOL_LEN + 1];
} WSAPROTOCOL_INFOW, *LPWSAPROTOCOL_INFOW;

#ifdef UNICODE
typedef WSAPROTOCOL_INFOW WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#else
typedef WSAPROTOCOL_INFOA WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#endif

/* ---- functions: described in <asyncselect/asyncselect.h> ---- */

#ifdef __cplusplus
extern "C" {
#endif

int WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData) __asm__("asyncselect_WSAStartup");
int WSACleanup(void) __asm__("asyncselect_WSACleanup");
int WSAGetLastError(void) __asm__("asyncselect_WSAGetLastError");
void WSASetLastError(int iError) __asm__("asyncselect_WSASetLastError");
SOCKET socket(int af, int type, int protocol) __asm__("asyncselect_socket");
SOCKET WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g,
                  DWORD dwFlags) __asm__("asyncselect_WSASocketA");
SOCKET WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
                  DWORD dwFlags) __asm__("asyncselect_WSASocketW");
int bind(SOCKET s, const struct sockaddr* name, int namelen) __asm__("asyncselect_bind");
int listen(SOCKET s, int backlog) __asm__("asyncselect_listen");
SOCKET accept(SOCKET s, struct sockaddr* addr, int* addrlen) __asm__("asyncselect_accept");
int connect(SOCKET s, const struct sockaddr* name, int namelen) __asm__("asyncselect_connect");
int WSAConnect(SOCKET s, const struct sockaddr* name, int namelen, LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
               LPQOS lpSQOS, LPQOS lpGQOS) __asm__("asyncselect_WSAConnect");
int send(SOCKET s, const char* buf, int len, int flags) __asm__("asyncselect_send");
int recv(SOCKET s, char* buf, int len, int flags) __asm__("asyncselect_recv");
int WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
            LPWSAOVERLAPPED lpOverlapped,
            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) __asm__("asyncselect_WSASend");
int WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
            LPWSAOVERLAPPED lpOverlapped,
            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) __asm__("asyncselect_WSARecv");
int shutdown(SOCKET s, int how) __asm__("asyncselect_shutdown");
int closesocket(SOCKET s) __asm__("asyncselect_closesocket");
int ioctlsocket(SOCKET s, long cmd, u_long* argp) __asm__("asyncselect_ioctlsocket");
int WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer, LPVOID lpvOutBuffer,
             DWORD cbOutBuffer, LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
             LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) __asm__("asyncselect_WSAIoctl");
int getsockopt(SOCKET s, int level, int optname, char* optval, int* optlen) __asm__("asyncselect_getsockopt");
int setsockopt(SOCKET s, int level, int optname, const char* optval, int optlen) __asm__("asyncselect_setsockopt");
int getsockname(SOCKET s, struct sockaddr* name, int* namelen) __asm__("asyncselect_getsockname");
int getpeername(SOCKET s, struct sockaddr* name, int* namelen) __asm__("asyncselect_getpeername");
int WSAAsyncSelect(SOCKET s, HWND hWnd, u_int wMsg, long lEvent) __asm__("asyncselect_WSAAsyncSelect");

/* datagrams */
int sendto(SOCKET s, const char* buf, int len, int flags, const struct sockaddr* to,
           int tolen) __asm__("asyncselect_sendto");
int recvfrom(SOCKET s, char* buf, int len, int flags, struct sockaddr* from,
             int* fromlen) __asm__("asyncselect_recvfrom");
int WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
              const struct sockaddr* lpTo, int iTolen, LPWSAOVERLAPPED lpOverlapped,
              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) __asm__("asyncselect_WSASendTo");
int WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                struct sockaddr* lpFrom, LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) __asm__("asyncselect_WSARecvFrom");

/* conditional acceptance, multicast, quality of service */
SOCKET WSAAccept(SOCKET s, struct sockaddr* addr, int* addrlen, LPCONDITIONPROC lpfnCondition,
                 DWORD_PTR dwCallbackData) __asm__("asyncselect_WSAAccept");
SOCKET WSAJoinLeaf(SOCKET s, const struct sockaddr* name, int namelen, LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                   LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags) __asm__("asyncselect_WSAJoinLeaf");

/* event objects */
int WSAEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents) __asm__("asyncselect_WSAEventSelect");
int WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                         LPWSANETWORKEVENTS lpNetworkEvents) __asm__("asyncselect_WSAEnumNetworkEvents");
WSAEVENT WSACreateEvent(void) __asm__("asyncselect_WSACreateEvent");
BOOL WSASetEvent(WSAEVENT hEvent) __asm__("asyncselect_WSASetEvent");
BOOL WSAResetEvent(WSAEVENT hEvent) __asm__("asyncselect_WSAResetEvent");
BOOL WSACloseEvent(WSAEVENT hEvent) __asm__("asyncselect_WSACloseEvent");
DWORD WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT* lphEvents, BOOL fWaitAll, DWORD dwTimeout,
                               BOOL fAlertable) __asm__("asyncselect_WSAWaitForMultipleEvents");

/* waiting for several sockets */
int select(int nfds, fd_set* readfds, fd_set* writefds, fd_set* exceptfds,
           const struct timeval* timeout) __asm__("asyncselect_select");
int __WSAFDIsSet(SOCKET fd, fd_set* set) __asm__("asyncselect___WSAFDIsSet");
int WSAPoll(LPWSAPOLLFD fdArray, ULONG fds, INT timeout) __asm__("asyncselect_WSAPoll");

/* names and addresses */
struct hostent* gethostbyname(const char* name) __asm__("asyncselect_gethostbyname");
struct hostent* gethostbyaddr(const char* addr, int len, int type) __asm__("asyncselect_gethostbyaddr");
int gethostname(char* name, int namelen) __asm__("asyncselect_gethostname");
struct servent* getservbyname(const char* name, const char* proto) __asm__("asyncselect_getservbyname");
struct servent* getservbyport(int port, const char* proto) __asm__("asyncselect_getservbyport");
struct protoent* getprotobyname(const char* name) __asm__("asyncselect_getprotobyname");
struct protoent* getprotobynumber(int number) __asm__("asyncselect_getprotobynumber");
u_long inet_addr(const char* cp) __asm__("asyncselect_inet_addr");
char* inet_ntoa(struct in_addr in) __asm__("asyncselect_inet_ntoa");
INT WSAAddressToStringA(LPSOCKADDR lpsaAddress, DWORD dwAddressLength, LPWSAPROTOCOL_INFOA lpProtocolInfo,
                        LPSTR lpszAddressString,
                        LPDWORD lpdwAddressStringLength) __asm__("asyncselect_WSAAddressToStringA");
INT WSAStringToAddressA(LPSTR AddressString, INT AddressFamily, LPWSAPROTOCOL_INFOA lpProtocolInfo,
                        LPSOCKADDR lpAddress, LPINT lpAddressLength) __asm__("asyncselect_WSAStringToAddressA");
int WSAHtonl(SOCKET s, u_long hostlong, u_long* lpnetlong) __asm__("asyncselect_WSAHtonl");
int WSAHtons(SOCKET s, u_short hostshort, u_short* lpnetshort) __asm__("asyncselect_WSAHtons");
int WSANtohl(SOCKET s, u_long netlong, u_long* lphostlong) __asm__("asyncselect_WSANtohl");
int WSANtohs(SOCKET s, u_short netshort, u_short* lphostshort) __asm__("asyncselect_WSANtohs");

#ifdef __cplusplus
}
#endif

#ifdef UNICODE
#define WSASocket WSASocketW
#else
#define WSASocket WSASocketA
#define WSAAddressToString WSAAddressToStringA
#define WSAStringToAddress WSAStringToAddressA
#endif

/* ---- byte order: that of the network has the high byte first ---- */

static __inline__ u_short htons(u_short hostshort) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap16(hostshort);
#else
    return hostshort;
#endif
}

static __inline__ u_long htonl(u_long hostlong) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap32(hostlong);
#else
    return hostlong;
#endif
}

static __inline__ u_short ntohs(u_short netshort) { return htons(netshort); }
static __inline__ u_long ntohl(u_long netlong) { return htonl(netlong); }

/* ---- `unsigned long` has 32 bits on Windows and is the same as u_long; here it has 64 ---- */

#if __SIZEOF_LONG__ == 8
/* Hands over the low half and, for a command that yields a value, fills the whole. */
static __inline__ int asyncselect_compat_ioctlsocket(SOCKET s, long cmd, unsigned long* argp) {
    typedef u_long __attribute__((may_alias)) half;
    half* low = (half*)(void*)argp;
    int result;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    if (low) ++low;
#endif
    result = ioctlsocket(s, cmd, (u_long*)low);
    if (result == 0 && (cmd & IOC_OUT)) *argp = *low;
    return result;
}

#ifdef __cplusplus
/* A template, so that a null pointer goes to the function itself. */
template <class Word>
struct asyncselect_compat_ioctlsocket_result {};
template <>
struct asyncselect_compat_ioctlsocket_result<unsigned long> {
    typedef int type;
};
template <class Word>
inline typename asyncselect_compat_ioctlsocket_result<Word>::type ioctlsocket(SOCKET s, long cmd, Word* argp) {
    return asyncselect_compat_ioctlsocket(s, cmd, argp);
}
#else
#define ioctlsocket(s, cmd, argp) \
    __extension__ _Generic((argp), unsigned long*: asyncselect_compat_ioctlsocket, default: (ioctlsocket))(s, cmd, \
                                                                                                           argp)
#endif
#endif

#endif
