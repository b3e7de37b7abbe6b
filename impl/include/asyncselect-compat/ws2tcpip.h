/* Compat header <ws2tcpip.h>: what TCP/IP adds to <winsock2.h>: IPv6 addresses and the options of the IP protocols,
 * with the numbers and layouts of the Windows SDK. It must not meet the system's socket headers, as <winsock2.h>. */
#ifndef ASYNCSELECT_COMPAT_WS2TCPIP_H
#define ASYNCSELECT_COMPAT_WS2TCPIP_H

#include "winsock2.h"

/* int on Windows, unsigned in libc's <unistd.h>, which is told not to declare it. */
#ifndef __socklen_t_defined
#define __socklen_t_defined
#endif
#ifndef __DEFINED_socklen_t
#define __DEFINED_socklen_t
#endif
typedef int asyncselect_socklen_t;
#define socklen_t asyncselect_socklen_t

struct in6_addr {
    union {
        UCHAR Byte[16];
        USHORT Word[8];
    } u;
};
typedef struct in6_addr IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;
#define s6_addr u.Byte
#define s6_bytes u.Byte
#define s6_words u.Word

struct sockaddr_in6 {
    ADDRESS_FAMILY sin6_family;
    USHORT sin6_port;
    ULONG sin6_flowinfo;
    struct in6_addr sin6_addr;
    ULONG sin6_scope_id;
};
typedef struct sockaddr_in6 SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6;
typedef struct sockaddr_in6 SOCKADDR_IN6_LH, *PSOCKADDR_IN6_LH;

#define INET_ADDRSTRLEN 22
#define INET6_ADDRSTRLEN 65

#define IN6ADDR_ANY_INIT                                       \
    {                                                          \
        {                                                      \
            { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } \
        }                                                      \
    }
#define IN6ADDR_LOOPBACK_INIT                                  \
    {                                                          \
        {                                                      \
            { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } \
        }                                                      \
    }
static const struct in6_addr in6addr_any __attribute__((unused)) = IN6ADDR_ANY_INIT;
static const struct in6_addr in6addr_loopback __attribute__((unused)) = IN6ADDR_LOOPBACK_INIT;

struct ip_mreq {
    struct in_addr imr_multiaddr;
    struct in_addr imr_interface;
};
typedef struct ip_mreq IP_MREQ, *PIP_MREQ;

struct ipv6_mreq {
    struct in6_addr ipv6mr_multiaddr;
    ULONG ipv6mr_interface;
};
typedef struct ipv6_mreq IPV6_MREQ, *PIPV6_MREQ;

#define IP_OPTIONS 1
#define IP_HDRINCL 2
#define IP_TOS 3
#define IP_TTL 4
#define IP_MULTICAST_IF 9
#define IP_MULTICAST_TTL 10
#define IP_MULTICAST_LOOP 11
#define IP_ADD_MEMBERSHIP 12
#define IP_DROP_MEMBERSHIP 13
#define IP_DONTFRAGMENT 14

#define IPV6_HDRINCL 2
#define IPV6_UNICAST_HOPS 4
#define IPV6_MULTICAST_IF 9
#define IPV6_MULTICAST_HOPS 10
#define IPV6_MULTICAST_LOOP 11
#define IPV6_ADD_MEMBERSHIP 12
#define IPV6_JOIN_GROUP IPV6_ADD_MEMBERSHIP
#define IPV6_DROP_MEMBERSHIP 13
#define IPV6_LEAVE_GROUP IPV6_DROP_MEMBERSHIP
#define IPV6_V6ONLY 27

#define AI_PASSIVE 0x00000001
#define AI_CANONNAME 0x00000002
#define AI_NUMERICHOST 0x00000004
#define AI_NUMERICSERV 0x00000008
#define AI_ALL 0x00000100
#define AI_ADDRCONFIG 0x00000400
#define AI_V4MAPPED 0x00000800

#define NI_NOFQDN 0x01
#define NI_NUMERICHOST 0x02
#define NI_NAMEREQD 0x04
#define NI_NUMERICSERV 0x08
#define NI_DGRAM 0x10
#define NI_MAXHOST 1025
#define NI_MAXSERV 32

#define EAI_AGAIN WSATRY_AGAIN
#define EAI_BADFLAGS WSAEINVAL
#define EAI_FAIL WSANO_RECOVERY
#define EAI_FAMILY WSAEAFNOSUPPORT
#define EAI_MEMORY WSA_NOT_ENOUGH_MEMORY
#define EAI_NONAME WSAHOST_NOT_FOUND
#define EAI_NODATA EAI_NONAME
#define EAI_SERVICE WSATYPE_NOT_FOUND
#define EAI_SOCKTYPE WSAESOCKTNOSUPPORT
#define GAI_STRERROR_BUFFER_SIZE 1024

typedef struct addrinfo {
    int ai_flags;
    int ai_family;
    int ai_socktype;
    int ai_protocol;
    size_t ai_addrlen;
    char* ai_canonname;
    struct sockaddr* ai_addr;
    struct addrinfo* ai_next;
} ADDRINFOA, *PADDRINFOA;
#ifndef UNICODE
typedef ADDRINFOA ADDRINFOT, *PADDRINFOT;
#endif
typedef ADDRINFOA ADDRINFO, *LPADDRINFO;

/* ---- functions: described in <asyncselect/asyncselect.h> ---- */

#ifdef __cplusplus
extern "C" {
#endif

INT getaddrinfo(PCSTR pNodeName, PCSTR pServiceName, const ADDRINFOA* pHints,
                PADDRINFOA* ppResult) __asm__("asyncselect_getaddrinfo");
VOID freeaddrinfo(PADDRINFOA pAddrInfo) __asm__("asyncselect_freeaddrinfo");
INT getnameinfo(const SOCKADDR* pSockaddr, socklen_t SockaddrLength, PCHAR pNodeBuffer, DWORD NodeBufferSize,
                PCHAR pServiceBuffer, DWORD ServiceBufferSize, INT Flags) __asm__("asyncselect_getnameinfo");
char* gai_strerrorA(int ecode) __asm__("asyncselect_gai_strerrorA");
INT inet_pton(INT Family, PCSTR pszAddrString, PVOID pAddrBuf) __asm__("asyncselect_inet_pton");
PCSTR inet_ntop(INT Family, const VOID* pAddr, PSTR pStringBuf, size_t StringBufSize) __asm__("asyncselect_inet_ntop");

#ifdef __cplusplus
}
#endif

#define GetAddrInfoA getaddrinfo
#define FreeAddrInfoA freeaddrinfo
#define GetNameInfoA getnameinfo
#define InetPtonA inet_pton
#define InetNtopA inet_ntop
#ifndef UNICODE
#define GetAddrInfo getaddrinfo
#define FreeAddrInfo freeaddrinfo
#define GetNameInfo getnameinfo
#define InetPton inet_pton
#define InetNtop inet_ntop
#define gai_strerror gai_strerrorA
#endif

#define IN6_IS_ADDR_UNSPECIFIED(a) (asyncselect_compat_in6_is(a, &in6addr_any))
#define IN6_IS_ADDR_LOOPBACK(a) (asyncselect_compat_in6_is(a, &in6addr_loopback))
#define IN6_IS_ADDR_MULTICAST(a) ((a)->s6_addr[0] == 0xff)
#define IN6_IS_ADDR_LINKLOCAL(a) ((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0x80)

static __inline__ BOOLEAN asyncselect_compat_in6_is(const struct in6_addr* a, const struct in6_addr* b) {
    return (BOOLEAN)(memcmp(a, b, sizeof *a) == 0);
}

#define TCP_KEEPALIVE 3
#define TCP_KEEPIDLE TCP_KEEPALIVE
#define TCP_MAXRT 5
#define TCP_MAXRTMS 14
#define TCP_KEEPCNT 16
#define TCP_KEEPINTVL 17

#endif
