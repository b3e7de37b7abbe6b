/* Holds the compat headers to the Windows SDK's numbers, layouts and signatures, at compile time. Compiled as C and as
 * C++, with gcc and clang against asyncselect-compat, and with mingw-w64 against its own headers: since that is another
 * source of the same numbers, what passes there is what Windows has. So it must not know anything of asyncselect. */
#include <winsock2.h>

#include <ws2tcpip.h>

#include <mswsock.h>
#include <windows.h>

#include <assert.h>
#include <stddef.h>

/* Network events. */
static_assert(FD_READ == 0x01 && FD_WRITE == 0x02 && FD_OOB == 0x04 && FD_ACCEPT == 0x08, "events");
static_assert(FD_CONNECT == 0x10 && FD_CLOSE == 0x20 && FD_QOS == 0x40 && FD_GROUP_QOS == 0x80, "events");
static_assert(FD_ROUTING_INTERFACE_CHANGE == 0x100 && FD_ADDRESS_LIST_CHANGE == 0x200, "events");
static_assert(FD_ALL_EVENTS == 0x3ff && FD_MAX_EVENTS == 10, "events");
static_assert(FD_READ_BIT == 0 && FD_WRITE_BIT == 1 && FD_OOB_BIT == 2 && FD_ACCEPT_BIT == 3, "event bits");
static_assert(FD_CONNECT_BIT == 4 && FD_CLOSE_BIT == 5 && FD_QOS_BIT == 6 && FD_GROUP_QOS_BIT == 7, "event bits");
static_assert(FD_ROUTING_INTERFACE_CHANGE_BIT == 8 && FD_ADDRESS_LIST_CHANGE_BIT == 9, "event bits");
static_assert(WSAGETSELECTEVENT((LPARAM)0x274D0010) == FD_CONNECT, "AS-MSG-3: the event is the lower half");
static_assert(WSAGETSELECTERROR((LPARAM)0x274D0010) == WSAECONNREFUSED, "AS-MSG-3: the error is the upper half");
static_assert(WSAMAKESELECTREPLY(FD_CLOSE, WSAECONNRESET) == 0x27460020, "AS-MSG-3");

/* Errors. */
static_assert(WSABASEERR == 10000 && WSAEINTR == 10004 && WSAEBADF == 10009 && WSAEACCES == 10013, "errors");
static_assert(WSAEFAULT == 10014 && WSAEINVAL == 10022 && WSAEMFILE == 10024, "errors");
static_assert(WSAEWOULDBLOCK == 10035 && WSAEINPROGRESS == 10036 && WSAEALREADY == 10037, "errors");
static_assert(WSAENOTSOCK == 10038 && WSAEDESTADDRREQ == 10039 && WSAEMSGSIZE == 10040, "errors");
static_assert(WSAEPROTOTYPE == 10041 && WSAENOPROTOOPT == 10042 && WSAEPROTONOSUPPORT == 10043, "errors");
static_assert(WSAESOCKTNOSUPPORT == 10044 && WSAEOPNOTSUPP == 10045 && WSAEPFNOSUPPORT == 10046, "errors");
static_assert(WSAEAFNOSUPPORT == 10047 && WSAEADDRINUSE == 10048 && WSAEADDRNOTAVAIL == 10049, "errors");
static_assert(WSAENETDOWN == 10050 && WSAENETUNREACH == 10051 && WSAENETRESET == 10052, "errors");
static_assert(WSAECONNABORTED == 10053 && WSAECONNRESET == 10054 && WSAENOBUFS == 10055, "errors");
static_assert(WSAEISCONN == 10056 && WSAENOTCONN == 10057 && WSAESHUTDOWN == 10058, "errors");
static_assert(WSAETOOMANYREFS == 10059 && WSAETIMEDOUT == 10060 && WSAECONNREFUSED == 10061, "errors");
static_assert(WSAELOOP == 10062 && WSAENAMETOOLONG == 10063 && WSAEHOSTDOWN == 10064, "errors");
static_assert(WSAEHOSTUNREACH == 10065 && WSAENOTEMPTY == 10066 && WSAEPROCLIM == 10067, "errors");
static_assert(WSAEUSERS == 10068 && WSAEDQUOT == 10069 && WSAESTALE == 10070 && WSAEREMOTE == 10071, "errors");
static_assert(WSASYSNOTREADY == 10091 && WSAVERNOTSUPPORTED == 10092 && WSANOTINITIALISED == 10093, "errors");
static_assert(WSAEDISCON == 10101 && WSAENOMORE == 10102 && WSAECANCELLED == 10103, "errors");
static_assert(WSAEINVALIDPROCTABLE == 10104 && WSAEINVALIDPROVIDER == 10105, "errors");
static_assert(WSAEPROVIDERFAILEDINIT == 10106 && WSASYSCALLFAILURE == 10107, "errors");
static_assert(WSASERVICE_NOT_FOUND == 10108 && WSATYPE_NOT_FOUND == 10109, "errors");
static_assert(WSA_E_NO_MORE == 10110 && WSA_E_CANCELLED == 10111 && WSAEREFUSED == 10112, "errors");
static_assert(WSAHOST_NOT_FOUND == 11001 && WSATRY_AGAIN == 11002, "errors");
static_assert(WSANO_RECOVERY == 11003 && WSANO_DATA == 11004, "errors");
static_assert(WSA_INVALID_HANDLE == 6 && WSA_NOT_ENOUGH_MEMORY == 8 && WSA_INVALID_PARAMETER == 87, "errors");
static_assert(WSA_OPERATION_ABORTED == 995 && WSA_IO_INCOMPLETE == 996 && WSA_IO_PENDING == 997, "errors");
static_assert(ERROR_SUCCESS == 0 && NO_ERROR == 0 && ERROR_INVALID_FUNCTION == 1, "errors");
static_assert(ERROR_ACCESS_DENIED == 5 && ERROR_INVALID_HANDLE == 6 && ERROR_NOT_ENOUGH_MEMORY == 8, "errors");
static_assert(ERROR_OUTOFMEMORY == 14 && ERROR_NOT_SUPPORTED == 50 && ERROR_INVALID_PARAMETER == 87, "errors");
static_assert(ERROR_CALL_NOT_IMPLEMENTED == 120 && ERROR_INSUFFICIENT_BUFFER == 122, "errors");
static_assert(ERROR_MOD_NOT_FOUND == 126 && ERROR_ALREADY_EXISTS == 183 && ERROR_NOACCESS == 998, "errors");
static_assert(ERROR_INVALID_WINDOW_HANDLE == 1400 && ERROR_CANNOT_FIND_WND_CLASS == 1407, "errors");
static_assert(ERROR_WINDOW_OF_OTHER_THREAD == 1408 && ERROR_CLASS_ALREADY_EXISTS == 1410, "errors");
static_assert(ERROR_CLASS_DOES_NOT_EXIST == 1411 && ERROR_CLASS_HAS_WINDOWS == 1412, "errors");
static_assert(ERROR_INVALID_INDEX == 1413 && ERROR_INVALID_THREAD_ID == 1444, "errors");
static_assert(ERROR_TIMEOUT == 1460 && ERROR_NOT_ENOUGH_QUOTA == 1816, "errors");

/* Families, types, protocols, flags. */
static_assert(AF_UNSPEC == 0 && AF_UNIX == 1 && AF_INET == 2 && AF_IPX == 6 && AF_NETBIOS == 17, "families");
static_assert(AF_INET6 == 23 && AF_IRDA == 26 && AF_BTH == 32, "families");
static_assert(PF_UNSPEC == 0 && PF_UNIX == 1 && PF_INET == 2 && PF_INET6 == 23, "families");
static_assert(SOCK_STREAM == 1 && SOCK_DGRAM == 2 && SOCK_RAW == 3, "types");
static_assert(SOCK_RDM == 4 && SOCK_SEQPACKET == 5, "types");
static_assert((int)IPPROTO_IP == 0 && (int)IPPROTO_ICMP == 1 && (int)IPPROTO_IGMP == 2, "protocols");
static_assert((int)IPPROTO_TCP == 6 && (int)IPPROTO_UDP == 17 && (int)IPPROTO_IPV6 == 41, "protocols");
static_assert((int)IPPROTO_ICMPV6 == 58 && (int)IPPROTO_RAW == 255 && (int)IPPROTO_MAX == 256, "protocols");
static_assert(IPPORT_RESERVED == 1024, "ports");
static_assert(MSG_OOB == 1 && MSG_PEEK == 2 && MSG_DONTROUTE == 4 && MSG_WAITALL == 8, "flags");
static_assert(MSG_PARTIAL == 0x8000, "flags");
static_assert(SD_RECEIVE == 0 && SD_SEND == 1 && SD_BOTH == 2, "shutdown");
static_assert(SOMAXCONN == 0x7fffffff && SOCKET_ERROR == -1, "results");
static_assert(INVALID_SOCKET == (SOCKET)-1 && sizeof(SOCKET) == 8 && (SOCKET)-1 > 0, "SOCKET is unsigned");
static_assert(FROM_PROTOCOL_INFO == -1, "WSASocket");
static_assert(INADDR_ANY == 0 && INADDR_LOOPBACK == 0x7f000001, "addresses");
static_assert((ULONG)INADDR_NONE == 0xffffffffU && (ULONG)INADDR_BROADCAST == 0xffffffffU, "addresses");

/* Options. */
static_assert(SOL_SOCKET == 0xffff && SO_DEBUG == 1 && SO_ACCEPTCONN == 2 && SO_REUSEADDR == 4, "options");
static_assert(SO_KEEPALIVE == 8 && SO_DONTROUTE == 0x10 && SO_BROADCAST == 0x20, "options");
static_assert(SO_USELOOPBACK == 0x40 && SO_LINGER == 0x80 && SO_OOBINLINE == 0x100, "options");
static_assert(SO_DONTLINGER == -129 && SO_EXCLUSIVEADDRUSE == -5, "options");
static_assert(SO_SNDBUF == 0x1001 && SO_RCVBUF == 0x1002 && SO_SNDLOWAT == 0x1003, "options");
static_assert(SO_RCVLOWAT == 0x1004 && SO_SNDTIMEO == 0x1005 && SO_RCVTIMEO == 0x1006, "options");
static_assert(SO_ERROR == 0x1007 && SO_TYPE == 0x1008 && SO_GROUP_ID == 0x2001, "options");
static_assert(SO_GROUP_PRIORITY == 0x2002 && SO_MAX_MSG_SIZE == 0x2003, "options");
static_assert(SO_PROTOCOL_INFOA == 0x2004 && SO_PROTOCOL_INFOW == 0x2005, "options");
static_assert(SO_CONDITIONAL_ACCEPT == 0x3002 && TCP_NODELAY == 1, "options");
static_assert(IP_OPTIONS == 1 && IP_HDRINCL == 2 && IP_TOS == 3 && IP_TTL == 4, "options");
static_assert(IP_MULTICAST_IF == 9 && IP_MULTICAST_TTL == 10 && IP_MULTICAST_LOOP == 11, "options");
static_assert(IP_ADD_MEMBERSHIP == 12 && IP_DROP_MEMBERSHIP == 13 && IP_DONTFRAGMENT == 14, "options");
static_assert(IPV6_HDRINCL == 2 && IPV6_UNICAST_HOPS == 4 && IPV6_MULTICAST_IF == 9, "options");
static_assert(IPV6_MULTICAST_HOPS == 10 && IPV6_MULTICAST_LOOP == 11 && IPV6_V6ONLY == 27, "options");
static_assert(IPV6_ADD_MEMBERSHIP == 12 && IPV6_JOIN_GROUP == 12, "options");
static_assert(IPV6_DROP_MEMBERSHIP == 13 && IPV6_LEAVE_GROUP == 13, "options");
static_assert(INET_ADDRSTRLEN == 22 && INET6_ADDRSTRLEN == 65, "text");

/* Waiting for several sockets. */
static_assert(FD_SETSIZE == 64 && sizeof(fd_set) == 520, "fd_set");
static_assert(offsetof(fd_set, fd_count) == 0 && offsetof(fd_set, fd_array) == 8, "fd_set");
static_assert(sizeof(FD_SET) == sizeof(struct fd_set), "fd_set");
static_assert(sizeof(TIMEVAL) == 2 * sizeof(long) && sizeof(struct timeval) == 2 * sizeof(long), "timeval");
static_assert(offsetof(struct timeval, tv_usec) == sizeof(long), "timeval");
static_assert(POLLERR == 1 && POLLHUP == 2 && POLLNVAL == 4 && POLLWRNORM == 0x10, "WSAPoll");
static_assert(POLLOUT == POLLWRNORM && POLLWRBAND == 0x20 && POLLRDNORM == 0x100, "WSAPoll");
static_assert(POLLRDBAND == 0x200 && POLLIN == 0x300 && POLLPRI == 0x400, "WSAPoll");
static_assert(sizeof(WSAPOLLFD) == 16 && offsetof(WSAPOLLFD, events) == 8, "WSAPOLLFD");
static_assert(offsetof(WSAPOLLFD, revents) == 10 && sizeof(struct pollfd) == 16, "WSAPOLLFD");

/* Names and addresses. */
static_assert(AI_PASSIVE == 1 && AI_CANONNAME == 2 && AI_NUMERICHOST == 4 && AI_NUMERICSERV == 8, "getaddrinfo");
static_assert(AI_ALL == 0x100 && AI_ADDRCONFIG == 0x400 && AI_V4MAPPED == 0x800, "getaddrinfo");
static_assert(NI_NOFQDN == 1 && NI_NUMERICHOST == 2 && NI_NAMEREQD == 4 && NI_NUMERICSERV == 8, "getnameinfo");
static_assert(NI_DGRAM == 16 && NI_MAXHOST == 1025 && NI_MAXSERV == 32, "getnameinfo");
static_assert(EAI_AGAIN == 11002 && EAI_BADFLAGS == 10022 && EAI_FAIL == 11003, "getaddrinfo");
static_assert(EAI_FAMILY == 10047 && EAI_MEMORY == 8 && EAI_NONAME == 11001, "getaddrinfo");
static_assert(EAI_SERVICE == 10109 && EAI_SOCKTYPE == 10044, "getaddrinfo");
static_assert(GAI_STRERROR_BUFFER_SIZE == 1024 && MAXGETHOSTSTRUCT == 1024, "room");
static_assert(sizeof(ADDRINFOA) == 48 && offsetof(ADDRINFOA, ai_flags) == 0, "addrinfo");
static_assert(offsetof(ADDRINFOA, ai_family) == 4 && offsetof(ADDRINFOA, ai_socktype) == 8, "addrinfo");
static_assert(offsetof(ADDRINFOA, ai_protocol) == 12 && offsetof(ADDRINFOA, ai_addrlen) == 16, "addrinfo");
static_assert(offsetof(ADDRINFOA, ai_canonname) == 24 && offsetof(ADDRINFOA, ai_addr) == 32, "addrinfo");
static_assert(offsetof(ADDRINFOA, ai_next) == 40 && sizeof(struct addrinfo) == 48, "addrinfo");
static_assert(sizeof(HOSTENT) == 32 && offsetof(HOSTENT, h_aliases) == 8, "hostent");
static_assert(offsetof(HOSTENT, h_addrtype) == 16 && offsetof(HOSTENT, h_length) == 18, "hostent");
static_assert(offsetof(HOSTENT, h_addr_list) == 24, "hostent");
static_assert(sizeof(SERVENT) == 32 && offsetof(SERVENT, s_proto) == 16 && offsetof(SERVENT, s_port) == 24, "servent");
static_assert(sizeof(PROTOENT) == 24 && offsetof(PROTOENT, p_aliases) == 8, "protoent");
static_assert(offsetof(PROTOENT, p_proto) == 16 && sizeof(((PROTOENT*)0)->p_proto) == 2, "protoent");
static_assert(sizeof(((HOSTENT*)0)->h_length) == 2 && sizeof(((SERVENT*)0)->s_port) == 2, "short");
static_assert(IPPORT_ECHO == 7 && IPPORT_DISCARD == 9 && IPPORT_DAYTIME == 13, "ports");
static_assert(IPPORT_FTP == 21 && IPPORT_TELNET == 23 && IPPORT_SMTP == 25, "ports");
static_assert(IN_CLASSA(0x7f000001) && IN_CLASSC(0xc0a80001U) && !IN_CLASSB(0x7f000001), "classes");

/* Commands. */
static_assert((ULONG)FIONREAD == 0x4004667FU && (ULONG)FIONBIO == 0x8004667EU, "commands");
static_assert((ULONG)SIOCATMARK == 0x40047307U, "commands");
static_assert((ULONG)SIO_ENABLE_CIRCULAR_QUEUEING == 0x28000002U && (ULONG)SIO_FLUSH == 0x28000004U, "commands");
static_assert((ULONG)SIO_GET_BROADCAST_ADDRESS == 0x48000005U, "commands");
static_assert((ULONG)SIO_GET_EXTENSION_FUNCTION_POINTER == 0xC8000006U, "commands");
static_assert((ULONG)SIO_GET_QOS == 0xC8000007U && (ULONG)SIO_GET_GROUP_QOS == 0xC8000008U, "commands");
static_assert((ULONG)SIO_MULTIPOINT_LOOPBACK == 0x88000009U && (ULONG)SIO_MULTICAST_SCOPE == 0x8800000AU, "commands");
static_assert((ULONG)SIO_SET_QOS == 0x8800000BU && (ULONG)SIO_SET_GROUP_QOS == 0x8800000CU, "commands");
static_assert((ULONG)SIO_ROUTING_INTERFACE_QUERY == 0xC8000014U, "commands");
static_assert((ULONG)SIO_ROUTING_INTERFACE_CHANGE == 0x88000015U, "commands");
static_assert((ULONG)SIO_ADDRESS_LIST_QUERY == 0x48000016U, "commands");
static_assert((ULONG)SIO_ADDRESS_LIST_CHANGE == 0x28000017U, "commands");
static_assert((ULONG)SIO_UDP_CONNRESET == 0x9800000CU, "commands");
static_assert(WSA_FLAG_OVERLAPPED == 0x01 && WSA_FLAG_NO_HANDLE_INHERIT == 0x80, "flags of WSASocket");
static_assert(WSA_FLAG_MULTIPOINT_C_ROOT == 0x02 && WSA_FLAG_MULTIPOINT_C_LEAF == 0x04, "flags of WSASocket");
static_assert(WSA_FLAG_MULTIPOINT_D_ROOT == 0x08 && WSA_FLAG_MULTIPOINT_D_LEAF == 0x10, "flags of WSASocket");
static_assert(WSA_FLAG_ACCESS_SYSTEM_SECURITY == 0x40, "flags of WSASocket");
static_assert(JL_SENDER_ONLY == 1 && JL_RECEIVER_ONLY == 2 && JL_BOTH == 4, "flags of WSAJoinLeaf");
static_assert(SG_UNCONSTRAINED_GROUP == 1 && SG_CONSTRAINED_GROUP == 2, "groups");
static_assert(CF_ACCEPT == 0 && CF_REJECT == 1 && CF_DEFER == 2, "decisions of condition functions");
static_assert(MAKEWORD(2, 2) == 0x0202 && MAKEWORD(1, 2) == 0x0201, "versions");
static_assert(LOBYTE(0x0201) == 1 && HIBYTE(0x0201) == 2, "bytes");
static_assert(LOWORD(0x12345678) == 0x5678 && HIWORD(0x12345678) == 0x1234, "halves");
static_assert(MAKELPARAM(0xffff, 0xffff) == (LPARAM)0xffffffff, "MAKELPARAM does not extend the sign");
static_assert(SERVICETYPE_NOTRAFFIC == 0 && SERVICETYPE_BESTEFFORT == 1, "qualities of service");
static_assert(SERVICETYPE_CONTROLLEDLOAD == 2 && SERVICETYPE_GUARANTEED == 3, "qualities of service");
static_assert(SERVICETYPE_NETWORK_UNAVAILABLE == 4 && SERVICETYPE_GENERAL_INFORMATION == 5, "qualities of service");
static_assert(SERVICETYPE_NOCHANGE == 6 && SERVICETYPE_QUALITATIVE == 13, "qualities of service");
static_assert(SERVICETYPE_NONCONFORMING == 9 && SERVICETYPE_NETWORK_CONTROL == 10, "qualities of service");
static_assert(SERVICE_NO_TRAFFIC_CONTROL == 0x81000000U, "qualities of service");
static_assert(SERVICE_NO_QOS_SIGNALING == 0x40000000U, "qualities of service");
static_assert(QOS_NOT_SPECIFIED == 0xFFFFFFFFU && POSITIVE_INFINITY_RATE == 0xFFFFFFFEU, "qualities of service");

/* Texts of errors, memory, clock, locks. */
static_assert(FORMAT_MESSAGE_ALLOCATE_BUFFER == 0x100 && FORMAT_MESSAGE_IGNORE_INSERTS == 0x200, "FormatMessage");
static_assert(FORMAT_MESSAGE_FROM_SYSTEM == 0x1000 && FORMAT_MESSAGE_ARGUMENT_ARRAY == 0x2000, "FormatMessage");
static_assert(FORMAT_MESSAGE_MAX_WIDTH_MASK == 0xff && MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT) == 0x400, "languages");
static_assert(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US) == 0x409 && SUBLANG_NEUTRAL == 0, "languages");
static_assert(ERROR_MR_MID_NOT_FOUND == 317 && LPTR == 0x40, "others");
static_assert(sizeof(LARGE_INTEGER) == 8 && offsetof(LARGE_INTEGER, u.HighPart) == 4, "LARGE_INTEGER");
static_assert(sizeof(CRITICAL_SECTION) == 40 && offsetof(CRITICAL_SECTION, LockCount) == 8, "CRITICAL_SECTION");
static_assert(offsetof(CRITICAL_SECTION, OwningThread) == 16 && offsetof(CRITICAL_SECTION, SpinCount) == 32,
              "CRITICAL_SECTION");

/* Windows and messages. */
static_assert(WM_NULL == 0 && WM_CREATE == 1 && WM_DESTROY == 2 && WM_MOVE == 3 && WM_SIZE == 5, "messages");
static_assert(WM_ACTIVATE == 6 && WM_SETFOCUS == 7 && WM_KILLFOCUS == 8 && WM_ENABLE == 10, "messages");
static_assert(WM_SETTEXT == 12 && WM_GETTEXT == 13 && WM_GETTEXTLENGTH == 14 && WM_PAINT == 15, "messages");
static_assert(WM_CLOSE == 0x10 && WM_QUERYENDSESSION == 0x11 && WM_QUIT == 0x12, "messages");
static_assert(WM_ERASEBKGND == 0x14 && WM_ENDSESSION == 0x16 && WM_SHOWWINDOW == 0x18, "messages");
static_assert(WM_ACTIVATEAPP == 0x1c && WM_TIMECHANGE == 0x1e && WM_COPYDATA == 0x4a, "messages");
static_assert(WM_NOTIFY == 0x4e && WM_NCCREATE == 0x81 && WM_NCDESTROY == 0x82, "messages");
static_assert(WM_KEYDOWN == 0x100 && WM_KEYUP == 0x101 && WM_CHAR == 0x102, "messages");
static_assert(WM_COMMAND == 0x111 && WM_SYSCOMMAND == 0x112 && WM_TIMER == 0x113, "messages");
static_assert(WM_MOUSEMOVE == 0x200 && WM_POWERBROADCAST == 0x218 && WM_DEVICECHANGE == 0x219, "messages");
static_assert(WM_USER == 0x400 && WM_APP == 0x8000, "messages");
static_assert(PM_NOREMOVE == 0 && PM_REMOVE == 1 && PM_NOYIELD == 2, "PeekMessage");
static_assert(QS_KEY == 1 && QS_MOUSEMOVE == 2 && QS_MOUSEBUTTON == 4 && QS_POSTMESSAGE == 8, "queue status");
static_assert(QS_TIMER == 0x10 && QS_PAINT == 0x20 && QS_SENDMESSAGE == 0x40 && QS_HOTKEY == 0x80, "queue status");
static_assert(QS_ALLPOSTMESSAGE == 0x100 && QS_RAWINPUT == 0x400 && QS_MOUSE == 6, "queue status");
static_assert((QS_INPUT & 0x7ff) == 0x407, "queue status");
static_assert((QS_ALLEVENTS & 0x7ff) == 0x4bf && (QS_ALLINPUT & 0x7ff) == 0x4ff, "queue status");
static_assert(MWMO_WAITALL == 1 && MWMO_ALERTABLE == 2 && MWMO_INPUTAVAILABLE == 4, "waiting");
static_assert(MAXIMUM_WAIT_OBJECTS == 64 && WAIT_OBJECT_0 == 0 && WAIT_ABANDONED_0 == 0x80, "waiting");
static_assert(WAIT_IO_COMPLETION == 0xc0 && WAIT_TIMEOUT == 258, "waiting");
static_assert((DWORD)WAIT_FAILED == 0xffffffffU && (DWORD)INFINITE == 0xffffffffU, "waiting");
static_assert(WSA_WAIT_EVENT_0 == 0 && WSA_WAIT_TIMEOUT == 258 && WSA_WAIT_IO_COMPLETION == 0xc0, "waiting");
static_assert(WSA_MAXIMUM_WAIT_EVENTS == 64 && WSA_WAIT_FAILED == 0xffffffffU && WSA_INFINITE == 0xffffffffU,
              "waiting");
static_assert(CREATE_SUSPENDED == 4 && STACK_SIZE_PARAM_IS_A_RESERVATION == 0x10000, "threads");
static_assert(STILL_ACTIVE == 259, "threads");
static_assert(GWLP_WNDPROC == -4 && GWLP_HINSTANCE == -6 && GWLP_HWNDPARENT == -8, "window data");
static_assert(GWLP_ID == -12 && GWL_STYLE == -16 && GWL_EXSTYLE == -20 && GWLP_USERDATA == -21, "window data");
static_assert(CS_VREDRAW == 1 && CS_HREDRAW == 2 && CS_DBLCLKS == 8 && CS_OWNDC == 0x20, "class styles");
static_assert(CS_GLOBALCLASS == 0x4000, "class styles");
static_assert((DWORD)WS_OVERLAPPED == 0 && (DWORD)WS_POPUP == 0x80000000U, "window styles");
static_assert(WS_CHILD == 0x40000000 && WS_MINIMIZE == 0x20000000 && WS_VISIBLE == 0x10000000, "window styles");
static_assert(WS_DISABLED == 0x08000000 && WS_CLIPSIBLINGS == 0x04000000, "window styles");
static_assert(WS_CLIPCHILDREN == 0x02000000 && WS_MAXIMIZE == 0x01000000, "window styles");
static_assert(WS_CAPTION == 0xC00000 && WS_BORDER == 0x800000 && WS_DLGFRAME == 0x400000, "window styles");
static_assert(WS_VSCROLL == 0x200000 && WS_HSCROLL == 0x100000 && WS_SYSMENU == 0x80000, "window styles");
static_assert(WS_THICKFRAME == 0x40000 && WS_MINIMIZEBOX == 0x20000 && WS_MAXIMIZEBOX == 0x10000, "window styles");
static_assert(WS_OVERLAPPEDWINDOW == 0xCF0000 && (DWORD)WS_POPUPWINDOW == 0x80880000U, "window styles");
static_assert(WS_EX_TOPMOST == 8 && WS_EX_TOOLWINDOW == 0x80, "window styles");
static_assert(WS_EX_APPWINDOW == 0x40000 && WS_EX_NOACTIVATE == 0x08000000, "window styles");
static_assert(CW_USEDEFAULT == -0x7fffffff - 1, "CreateWindow");
static_assert(USER_TIMER_MINIMUM == 10 && USER_TIMER_MAXIMUM == 0x7fffffff, "timers");
static_assert(COLOR_WINDOW == 5 && COLOR_WINDOWTEXT == 8 && COLOR_BTNFACE == 15 && MAX_PATH == 260, "others");
static_assert(TRUE == 1 && FALSE == 0, "truth");

/* Widths. */
static_assert(sizeof(BYTE) == 1 && sizeof(WORD) == 2 && sizeof(DWORD) == 4 && sizeof(BOOL) == 4, "widths");
static_assert(sizeof(CHAR) == 1 && sizeof(SHORT) == 2 && sizeof(INT) == 4 && sizeof(LONG) == 4, "widths");
static_assert(sizeof(UCHAR) == 1 && sizeof(USHORT) == 2 && sizeof(UINT) == 4 && sizeof(ULONG) == 4, "widths");
static_assert(sizeof(LONGLONG) == 8 && sizeof(ULONGLONG) == 8 && sizeof(DWORD64) == 8, "widths");
static_assert(sizeof(u_char) == 1 && sizeof(u_short) == 2 && sizeof(u_int) == 4 && sizeof(u_long) == 4, "widths");
static_assert(sizeof(INT_PTR) == 8 && sizeof(UINT_PTR) == 8 && sizeof(LONG_PTR) == 8, "widths");
static_assert(sizeof(ULONG_PTR) == 8 && sizeof(DWORD_PTR) == 8 && sizeof(SIZE_T) == 8, "widths");
static_assert(sizeof(WPARAM) == 8 && sizeof(LPARAM) == 8 && sizeof(LRESULT) == 8, "widths");
static_assert(sizeof(HWND) == 8 && sizeof(HANDLE) == 8 && sizeof(ATOM) == 2 && sizeof(GROUP) == 4, "widths");
static_assert((DWORD)-1 > 0 && (u_long)-1 > 0 && (WPARAM)-1 > 0 && (LPARAM)-1 < 0 && (LONG)-1 < 0, "signs");
static_assert(sizeof(socklen_t) == 4 && (socklen_t)-1 < 0, "socklen_t is int");

/* Layouts of x64. */
static_assert(sizeof(struct sockaddr) == 16 && offsetof(struct sockaddr, sa_data) == 2, "sockaddr");
static_assert(sizeof(struct in_addr) == 4, "in_addr");
static_assert(sizeof(struct sockaddr_in) == 16 && offsetof(struct sockaddr_in, sin_port) == 2, "sockaddr_in");
static_assert(offsetof(struct sockaddr_in, sin_addr) == 4 && offsetof(struct sockaddr_in, sin_zero) == 8,
              "sockaddr_in");
static_assert(sizeof(struct in6_addr) == 16, "in6_addr");
static_assert(sizeof(struct sockaddr_in6) == 28 && offsetof(struct sockaddr_in6, sin6_port) == 2, "sockaddr_in6");
static_assert(offsetof(struct sockaddr_in6, sin6_flowinfo) == 4, "sockaddr_in6");
static_assert(offsetof(struct sockaddr_in6, sin6_addr) == 8, "sockaddr_in6");
static_assert(offsetof(struct sockaddr_in6, sin6_scope_id) == 24, "sockaddr_in6");
static_assert(sizeof(struct sockaddr_storage) == 128, "sockaddr_storage");
static_assert(offsetof(struct sockaddr_storage, ss_family) == 0, "sockaddr_storage");
static_assert(sizeof(SOCKET_ADDRESS) == 16 && offsetof(SOCKET_ADDRESS, iSockaddrLength) == 8, "SOCKET_ADDRESS");
static_assert(sizeof(SOCKET_ADDRESS_LIST) == 24 && offsetof(SOCKET_ADDRESS_LIST, Address) == 8, "SOCKET_ADDRESS_LIST");
static_assert(sizeof(struct linger) == 4 && offsetof(struct linger, l_linger) == 2, "linger");
static_assert(sizeof(struct ip_mreq) == 8 && offsetof(struct ip_mreq, imr_interface) == 4, "ip_mreq");
static_assert(sizeof(struct ipv6_mreq) == 20 && offsetof(struct ipv6_mreq, ipv6mr_interface) == 16, "ipv6_mreq");
static_assert(sizeof(WSABUF) == 16 && offsetof(WSABUF, len) == 0 && offsetof(WSABUF, buf) == 8, "WSABUF");
static_assert(WSADESCRIPTION_LEN == 256 && WSASYS_STATUS_LEN == 128, "WSADATA");
static_assert(sizeof(WSADATA) == 408 && offsetof(WSADATA, wHighVersion) == 2, "WSADATA");
static_assert(offsetof(WSADATA, iMaxSockets) == 4 && offsetof(WSADATA, iMaxUdpDg) == 6, "WSADATA");
static_assert(offsetof(WSADATA, lpVendorInfo) == 8 && offsetof(WSADATA, szDescription) == 16, "WSADATA");
static_assert(offsetof(WSADATA, szSystemStatus) == 273, "WSADATA");
static_assert(sizeof(WSAOVERLAPPED) == 32 && offsetof(WSAOVERLAPPED, InternalHigh) == 8, "WSAOVERLAPPED");
static_assert(offsetof(WSAOVERLAPPED, Offset) == 16 && offsetof(WSAOVERLAPPED, OffsetHigh) == 20, "WSAOVERLAPPED");
static_assert(offsetof(WSAOVERLAPPED, hEvent) == 24, "WSAOVERLAPPED");
static_assert(sizeof(FLOWSPEC) == 32 && offsetof(FLOWSPEC, TokenBucketSize) == 4, "FLOWSPEC");
static_assert(offsetof(FLOWSPEC, PeakBandwidth) == 8 && offsetof(FLOWSPEC, Latency) == 12, "FLOWSPEC");
static_assert(offsetof(FLOWSPEC, DelayVariation) == 16 && offsetof(FLOWSPEC, ServiceType) == 20, "FLOWSPEC");
static_assert(offsetof(FLOWSPEC, MaxSduSize) == 24 && offsetof(FLOWSPEC, MinimumPolicedSize) == 28, "FLOWSPEC");
static_assert(sizeof(QOS) == 80 && offsetof(QOS, ReceivingFlowspec) == 32, "QOS");
static_assert(offsetof(QOS, ProviderSpecific) == 64, "QOS");
static_assert(sizeof(GUID) == 16 && sizeof(WSAPROTOCOLCHAIN) == 32, "protocols");
static_assert(sizeof(WSAPROTOCOL_INFOA) == 372, "WSAPROTOCOL_INFOA");
static_assert(offsetof(WSAPROTOCOL_INFOA, ProviderId) == 20, "WSAPROTOCOL_INFOA");
static_assert(offsetof(WSAPROTOCOL_INFOA, iAddressFamily) == 76, "WSAPROTOCOL_INFOA");
static_assert(offsetof(WSAPROTOCOL_INFOA, iSocketType) == 88, "WSAPROTOCOL_INFOA");
static_assert(offsetof(WSAPROTOCOL_INFOA, szProtocol) == 116, "WSAPROTOCOL_INFOA");
static_assert(offsetof(WSAPROTOCOL_INFOW, szProtocol) == 116, "WSAPROTOCOL_INFOW");
static_assert(sizeof(WSANETWORKEVENTS) == 44 && offsetof(WSANETWORKEVENTS, iErrorCode) == 4, "WSANETWORKEVENTS");
static_assert(sizeof(((WSANETWORKEVENTS*)0)->iErrorCode) == FD_MAX_EVENTS * sizeof(int), "WSANETWORKEVENTS");
static_assert(sizeof(SECURITY_ATTRIBUTES) == 24 && offsetof(SECURITY_ATTRIBUTES, bInheritHandle) == 16, "attributes");
static_assert(sizeof(POINT) == 8 && sizeof(MSG) == 48 && offsetof(MSG, hwnd) == 0, "MSG");
static_assert(offsetof(MSG, message) == 8 && offsetof(MSG, wParam) == 16 && offsetof(MSG, lParam) == 24, "MSG");
static_assert(offsetof(MSG, time) == 32 && offsetof(MSG, pt) == 36, "MSG");
static_assert(sizeof(WNDCLASSA) == 72 && offsetof(WNDCLASSA, lpfnWndProc) == 8, "WNDCLASSA");
static_assert(offsetof(WNDCLASSA, cbClsExtra) == 16 && offsetof(WNDCLASSA, cbWndExtra) == 20, "WNDCLASSA");
static_assert(offsetof(WNDCLASSA, hInstance) == 24 && offsetof(WNDCLASSA, hIcon) == 32, "WNDCLASSA");
static_assert(offsetof(WNDCLASSA, hCursor) == 40 && offsetof(WNDCLASSA, hbrBackground) == 48, "WNDCLASSA");
static_assert(offsetof(WNDCLASSA, lpszMenuName) == 56 && offsetof(WNDCLASSA, lpszClassName) == 64, "WNDCLASSA");
static_assert(sizeof(WNDCLASSW) == 72 && offsetof(WNDCLASSW, lpszClassName) == 64, "WNDCLASSW");
static_assert(sizeof(WNDCLASSEXA) == 80 && offsetof(WNDCLASSEXA, style) == 4, "WNDCLASSEXA");
static_assert(offsetof(WNDCLASSEXA, lpfnWndProc) == 8 && offsetof(WNDCLASSEXA, lpszClassName) == 64, "WNDCLASSEXA");
static_assert(offsetof(WNDCLASSEXA, hIconSm) == 72, "WNDCLASSEXA");
static_assert(sizeof(WNDCLASSEXW) == 80 && offsetof(WNDCLASSEXW, hIconSm) == 72, "WNDCLASSEXW");
static_assert(sizeof(CREATESTRUCTA) == 80 && offsetof(CREATESTRUCTA, hInstance) == 8, "CREATESTRUCTA");
static_assert(offsetof(CREATESTRUCTA, hMenu) == 16 && offsetof(CREATESTRUCTA, hwndParent) == 24, "CREATESTRUCTA");
static_assert(offsetof(CREATESTRUCTA, cy) == 32 && offsetof(CREATESTRUCTA, cx) == 36, "CREATESTRUCTA");
static_assert(offsetof(CREATESTRUCTA, y) == 40 && offsetof(CREATESTRUCTA, x) == 44, "CREATESTRUCTA");
static_assert(offsetof(CREATESTRUCTA, style) == 48 && offsetof(CREATESTRUCTA, lpszName) == 56, "CREATESTRUCTA");
static_assert(offsetof(CREATESTRUCTA, lpszClass) == 64 && offsetof(CREATESTRUCTA, dwExStyle) == 72, "CREATESTRUCTA");
static_assert(sizeof(CREATESTRUCTW) == 80 && offsetof(CREATESTRUCTW, dwExStyle) == 72, "CREATESTRUCTW");
static_assert(sizeof(struct tagMSG) == 48 && sizeof(struct WSAData) == 408, "the tags of structures");

/* Signatures: every function, as a pointer of the type that the SDK documents. Never called. */
int compat_test_signatures(void);
int compat_test_signatures(void) {
    int(WSAAPI * start)(WORD, LPWSADATA) = WSAStartup;
    int(WSAAPI * cleanup)(void) = WSACleanup;
    int(WSAAPI * last_error)(void) = WSAGetLastError;
    void(WSAAPI * set_last_error)(int) = WSASetLastError;
    SOCKET(WSAAPI * make)(int, int, int) = socket;
    SOCKET(WSAAPI * make_a)(int, int, int, LPWSAPROTOCOL_INFOA, GROUP, DWORD) = WSASocketA;
    SOCKET(WSAAPI * make_w)(int, int, int, LPWSAPROTOCOL_INFOW, GROUP, DWORD) = WSASocketW;
    int(WSAAPI * name_it)(SOCKET, const struct sockaddr*, int) = bind;
    int(WSAAPI * wait_for)(SOCKET, int) = listen;
    SOCKET(WSAAPI * take)(SOCKET, struct sockaddr*, int*) = accept;
    SOCKET(WSAAPI * take_2)(SOCKET, struct sockaddr*, int*, LPCONDITIONPROC, DWORD_PTR) = WSAAccept;
    int(WSAAPI * reach)(SOCKET, const struct sockaddr*, int) = connect;
    int(WSAAPI * reach_2)(SOCKET, const struct sockaddr*, int, LPWSABUF, LPWSABUF, LPQOS, LPQOS) = WSAConnect;
    SOCKET(WSAAPI * join)
    (SOCKET, const struct sockaddr*, int, LPWSABUF, LPWSABUF, LPQOS, LPQOS, DWORD) = WSAJoinLeaf;
    int(WSAAPI * put)(SOCKET, const char*, int, int) = send;
    int(WSAAPI * get)(SOCKET, char*, int, int) = recv;
    int(WSAAPI * put_2)(SOCKET, LPWSABUF, DWORD, LPDWORD, DWORD, LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE) =
        WSASend;
    int(WSAAPI * get_2)(SOCKET, LPWSABUF, DWORD, LPDWORD, LPDWORD, LPWSAOVERLAPPED,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE) = WSARecv;
    int(WSAAPI * half)(SOCKET, int) = shutdown;
    int(WSAAPI * end)(SOCKET) = closesocket;
    int(WSAAPI * control)(SOCKET, long, u_long*) = ioctlsocket;
    int(WSAAPI * control_2)(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE) = WSAIoctl;
    int(WSAAPI * ask)(SOCKET, int, int, char*, int*) = getsockopt;
    int(WSAAPI * set)(SOCKET, int, int, const char*, int) = setsockopt;
    int(WSAAPI * here)(SOCKET, struct sockaddr*, int*) = getsockname;
    int(WSAAPI * there)(SOCKET, struct sockaddr*, int*) = getpeername;
    int(WSAAPI * notify)(SOCKET, HWND, u_int, long) = WSAAsyncSelect;
    int(WSAAPI * record)(SOCKET, WSAEVENT, long) = WSAEventSelect;
    int(WSAAPI * recorded)(SOCKET, WSAEVENT, LPWSANETWORKEVENTS) = WSAEnumNetworkEvents;
    WSAEVENT(WSAAPI * socket_event)(void) = WSACreateEvent;
    BOOL(WSAAPI * set_socket_event)(WSAEVENT) = WSASetEvent;
    BOOL(WSAAPI * reset_socket_event)(WSAEVENT) = WSAResetEvent;
    BOOL(WSAAPI * close_socket_event)(WSAEVENT) = WSACloseEvent;
    DWORD(WSAAPI * wait_for_events)(DWORD, const WSAEVENT*, BOOL, DWORD, BOOL) = WSAWaitForMultipleEvents;
    u_short(WSAAPI * short_out)(u_short) = htons;
    u_short(WSAAPI * short_in)(u_short) = ntohs;
    u_long(WSAAPI * long_out)(u_long) = htonl;
    u_long(WSAAPI * long_in)(u_long) = ntohl;

    LRESULT(CALLBACK * procedure_a)(HWND, UINT, WPARAM, LPARAM) = DefWindowProcA;
    WNDPROC procedure_w = DefWindowProcW;
    ATOM(WINAPI * class_a)(const WNDCLASSA*) = RegisterClassA;
    ATOM(WINAPI * class_w)(const WNDCLASSW*) = RegisterClassW;
    ATOM(WINAPI * class_ex_a)(const WNDCLASSEXA*) = RegisterClassExA;
    ATOM(WINAPI * class_ex_w)(const WNDCLASSEXW*) = RegisterClassExW;
    BOOL(WINAPI * no_class_a)(LPCSTR, HINSTANCE) = UnregisterClassA;
    BOOL(WINAPI * no_class_w)(LPCWSTR, HINSTANCE) = UnregisterClassW;
    HWND(WINAPI * window_a)
    (DWORD, LPCSTR, LPCSTR, DWORD, int, int, int, int, HWND, HMENU, HINSTANCE, LPVOID) = CreateWindowExA;
    HWND(WINAPI * window_w)
    (DWORD, LPCWSTR, LPCWSTR, DWORD, int, int, int, int, HWND, HMENU, HINSTANCE, LPVOID) = CreateWindowExW;
    BOOL(WINAPI * destroy)(HWND) = DestroyWindow;
    BOOL(WINAPI * alive)(HWND) = IsWindow;
    BOOL(WINAPI * next_a)(LPMSG, HWND, UINT, UINT) = GetMessageA;
    BOOL(WINAPI * next_w)(LPMSG, HWND, UINT, UINT) = GetMessageW;
    BOOL(WINAPI * peek_a)(LPMSG, HWND, UINT, UINT, UINT) = PeekMessageA;
    BOOL(WINAPI * peek_w)(LPMSG, HWND, UINT, UINT, UINT) = PeekMessageW;
    LRESULT(WINAPI * dispatch_a)(const MSG*) = DispatchMessageA;
    LRESULT(WINAPI * dispatch_w)(const MSG*) = DispatchMessageW;
    BOOL(WINAPI * translate)(const MSG*) = TranslateMessage;
    BOOL(WINAPI * post_a)(HWND, UINT, WPARAM, LPARAM) = PostMessageA;
    BOOL(WINAPI * post_w)(HWND, UINT, WPARAM, LPARAM) = PostMessageW;
    LRESULT(WINAPI * send_a)(HWND, UINT, WPARAM, LPARAM) = SendMessageA;
    LRESULT(WINAPI * send_w)(HWND, UINT, WPARAM, LPARAM) = SendMessageW;
    BOOL(WINAPI * thread_a)(DWORD, UINT, WPARAM, LPARAM) = PostThreadMessageA;
    BOOL(WINAPI * thread_w)(DWORD, UINT, WPARAM, LPARAM) = PostThreadMessageW;
    VOID(WINAPI * quit)(int) = PostQuitMessage;
    UINT_PTR(WINAPI * timer)(HWND, UINT_PTR, UINT, TIMERPROC) = SetTimer;
    BOOL(WINAPI * no_timer)(HWND, UINT_PTR) = KillTimer;
    LONG_PTR(WINAPI * datum_a)(HWND, int) = GetWindowLongPtrA;
    LONG_PTR(WINAPI * datum_w)(HWND, int) = GetWindowLongPtrW;
    LONG_PTR(WINAPI * set_datum_a)(HWND, int, LONG_PTR) = SetWindowLongPtrA;
    LONG_PTR(WINAPI * set_datum_w)(HWND, int, LONG_PTR) = SetWindowLongPtrW;
    DWORD(WINAPI * wait)(DWORD, const HANDLE*, BOOL, DWORD, DWORD) = MsgWaitForMultipleObjects;
    DWORD(WINAPI * wait_ex)(DWORD, const HANDLE*, DWORD, DWORD, DWORD) = MsgWaitForMultipleObjectsEx;
    HANDLE(WINAPI * event_a)(LPSECURITY_ATTRIBUTES, BOOL, BOOL, LPCSTR) = CreateEventA;
    HANDLE(WINAPI * event_w)(LPSECURITY_ATTRIBUTES, BOOL, BOOL, LPCWSTR) = CreateEventW;
    BOOL(WINAPI * set_event)(HANDLE) = SetEvent;
    BOOL(WINAPI * reset_event)(HANDLE) = ResetEvent;
    BOOL(WINAPI * close_handle)(HANDLE) = CloseHandle;
    DWORD(WINAPI * wait_for_one)(HANDLE, DWORD) = WaitForSingleObject;
    DWORD(WINAPI * wait_for_several)(DWORD, const HANDLE*, BOOL, DWORD) = WaitForMultipleObjects;
    HANDLE(WINAPI * new_thread)
    (LPSECURITY_ATTRIBUTES, SIZE_T, LPTHREAD_START_ROUTINE, LPVOID, DWORD, LPDWORD) = CreateThread;
    BOOL(WINAPI * exit_code)(HANDLE, LPDWORD) = GetExitCodeThread;
    VOID(WINAPI * exit_thread)(DWORD) = ExitThread;
    VOID(WINAPI * rest)(DWORD) = Sleep;
    DWORD(WINAPI * thread)(void) = GetCurrentThreadId;
    HMODULE(WINAPI * module_a)(LPCSTR) = GetModuleHandleA;
    HMODULE(WINAPI * module_w)(LPCWSTR) = GetModuleHandleW;
    DWORD(WINAPI * ticks)(void) = GetTickCount;
    ULONGLONG(WINAPI * ticks_64)(void) = GetTickCount64;
    DWORD(WINAPI * error)(void) = GetLastError;
    VOID(WINAPI * set_error)(DWORD) = SetLastError;

    return start && cleanup && last_error && set_last_error && make && make_a && make_w && name_it && wait_for &&
           take && take_2 && reach && reach_2 && join && put && get && put_2 && get_2 && half && end && control &&
           control_2 && ask && set && here && there && notify && short_out && short_in && long_out && long_in &&
           procedure_a && procedure_w && class_a && class_w && class_ex_a && class_ex_w && no_class_a && no_class_w &&
           window_a && window_w && destroy && alive && next_a && next_w && peek_a && peek_w && dispatch_a &&
           dispatch_w && translate && post_a && post_w && send_a && send_w && thread_a && thread_w && quit && timer &&
           no_timer && datum_a && datum_w && set_datum_a && set_datum_w && wait && wait_ex && thread && module_a &&
           module_w && ticks && ticks_64 && error && set_error && record && recorded && socket_event &&
           set_socket_event && reset_socket_event && close_socket_event && wait_for_events && event_a && event_w &&
           set_event && reset_event && close_handle && wait_for_one && wait_for_several && new_thread && exit_code &&
           exit_thread && rest;
}

/* The same for sets of sockets, names and addresses. */
int compat_test_name_signatures(void);
int compat_test_name_signatures(void) {
    VOID(WSAAPI * forget)(PADDRINFOA) = freeaddrinfo;
    u_long(WSAAPI * from_dotted)(const char*) = inet_addr;
    int(WSAAPI * in_set)(SOCKET, fd_set*) = __WSAFDIsSet;
    int(WSAAPI * any_of_2)(LPWSAPOLLFD, ULONG, INT) = WSAPoll;
    struct hostent*(WSAAPI * host)(const char*) = gethostbyname;
    struct hostent*(WSAAPI * host_2)(const char*, int, int) = gethostbyaddr;
    int(WSAAPI * own_name)(char*, int) = gethostname;
    struct servent*(WSAAPI * service)(const char*, const char*) = getservbyname;
    struct servent*(WSAAPI * service_2)(int, const char*) = getservbyport;
    struct protoent*(WSAAPI * protocol)(const char*) = getprotobyname;
    struct protoent*(WSAAPI * protocol_2)(int) = getprotobynumber;
    char*(WSAAPI * dotted)(struct in_addr) = inet_ntoa;
    INT(WSAAPI * resolve)(PCSTR, PCSTR, const ADDRINFOA*, PADDRINFOA*) = getaddrinfo;
    INT(WSAAPI * names)(const SOCKADDR*, socklen_t, PCHAR, DWORD, PCHAR, DWORD, INT) = getnameinfo;
    INT(WSAAPI * to_binary)(INT, PCSTR, PVOID) = inet_pton;
    INT(WSAAPI * to_text)(LPSOCKADDR, DWORD, LPWSAPROTOCOL_INFOA, LPSTR, LPDWORD) = WSAAddressToStringA;
    INT(WSAAPI * from_text)(LPSTR, INT, LPWSAPROTOCOL_INFOA, LPSOCKADDR, LPINT) = WSAStringToAddressA;
    int(WSAAPI * swap_l)(SOCKET, u_long, u_long*) = WSAHtonl;
    int(WSAAPI * swap_s)(SOCKET, u_short, u_short*) = WSAHtons;
    int(WSAAPI * swap_back_l)(SOCKET, u_long, u_long*) = WSANtohl;
    int(WSAAPI * swap_back_s)(SOCKET, u_short, u_short*) = WSANtohs;
    return forget && from_dotted && in_set && any_of_2 && host && host_2 && own_name && service && service_2 &&
           protocol && protocol_2 && dotted && resolve && names && to_binary && to_text && from_text && swap_l &&
           swap_s && swap_back_l && swap_back_s;
}

/* The same for what stands beside windows and sockets. */
int compat_test_companion_signatures(LONG* count, PVOID* pointer);
int compat_test_companion_signatures(LONG* count, PVOID* pointer) {
    DWORD(WINAPI * text_a)(DWORD, LPCVOID, DWORD, DWORD, LPSTR, DWORD, va_list*) = FormatMessageA;
    DWORD(WINAPI * text_w)(DWORD, LPCVOID, DWORD, DWORD, LPWSTR, DWORD, va_list*) = FormatMessageW;
    HLOCAL(WINAPI * allocate)(UINT, SIZE_T) = LocalAlloc;
    HLOCAL(WINAPI * release)(HLOCAL) = LocalFree;
    int(WINAPIV * format)(LPSTR, LPCSTR, ...) = wsprintfA;
    VOID(WINAPI * trace_a)(LPCSTR) = OutputDebugStringA;
    VOID(WINAPI * trace_w)(LPCWSTR) = OutputDebugStringW;
    BOOL(WINAPI * counter)(LARGE_INTEGER*) = QueryPerformanceCounter;
    BOOL(WINAPI * frequency)(LARGE_INTEGER*) = QueryPerformanceFrequency;
    VOID(WINAPI * make)(LPCRITICAL_SECTION) = InitializeCriticalSection;
    BOOL(WINAPI * make_2)(LPCRITICAL_SECTION, DWORD) = InitializeCriticalSectionAndSpinCount;
    VOID(WINAPI * end)(LPCRITICAL_SECTION) = DeleteCriticalSection;
    VOID(WINAPI * enter)(LPCRITICAL_SECTION) = EnterCriticalSection;
    BOOL(WINAPI * try_to)(LPCRITICAL_SECTION) = TryEnterCriticalSection;
    VOID(WINAPI * leave)(LPCRITICAL_SECTION) = LeaveCriticalSection;
    LARGE_INTEGER time;
    time.QuadPart = 1;
    return text_a && text_w && allocate && release && format && trace_a && trace_w && counter && frequency && make &&
           make_2 && end && enter && try_to && leave && time.LowPart == 1 && time.u.HighPart == 0 &&
           InterlockedIncrement(count) && InterlockedDecrement(count) && InterlockedExchange(count, 5) &&
           InterlockedExchangeAdd(count, 2) && InterlockedCompareExchange(count, 1, 7) &&
           InterlockedExchangePointer(pointer, NULL) && InterlockedCompareExchangePointer(pointer, count, NULL) &&
           lstrlenA("text") == 4 && lstrcmpA("a", "b") < 0 && lstrcmpiA("a", "A") == 0;
}

/* The same for datagrams. */
int compat_test_datagram_signatures(void);
int compat_test_datagram_signatures(void) {
    int(WSAAPI * put)(SOCKET, const char*, int, int, const struct sockaddr*, int) = sendto;
    int(WSAAPI * get)(SOCKET, char*, int, int, struct sockaddr*, int*) = recvfrom;
    int(WSAAPI * put_2)(SOCKET, LPWSABUF, DWORD, LPDWORD, DWORD, const struct sockaddr*, int, LPWSAOVERLAPPED,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE) = WSASendTo;
    int(WSAAPI * get_2)(SOCKET, LPWSABUF, DWORD, LPDWORD, LPDWORD, struct sockaddr*, LPINT, LPWSAOVERLAPPED,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE) = WSARecvFrom;
    return put && get && put_2 && get_2;
}

/* Members and spellings that programs use. */
int compat_test_spellings(const struct sockaddr_in* address, const struct sockaddr_in6* address6, const char* text);
int compat_test_spellings(const struct sockaddr_in* address, const struct sockaddr_in6* address6, const char* text) {
    SOCKADDR_STORAGE storage;
    LPSOCKADDR generic = (LPSOCKADDR)&storage;
    LPCTSTR name = TEXT("name");
    LINGER linger = {1, 0};
    const TIMEVAL time = {1, 500000};
    struct fd_set readable;
    ADDRINFO hints;
    struct in6_addr any = IN6ADDR_ANY_INIT;
    WNDCLASSEX window_class;
    CREATESTRUCT* create = NULL;
    ZeroMemory(&storage, sizeof storage);
    ZeroMemory(&window_class, sizeof window_class);
    ZeroMemory(&hints, sizeof hints);
    FD_ZERO(&readable);
    FD_SET(INVALID_SOCKET, &readable);
    if (FD_ISSET(INVALID_SOCKET, &readable)) FD_CLR(INVALID_SOCKET, &readable);
    window_class.cbSize = sizeof window_class;
    window_class.lpfnWndProc = DefWindowProc;
    window_class.hInstance = GetModuleHandle(NULL);
    window_class.hbrBackground = (HBRUSH)(COLOR_WINDOW + 1);
    window_class.lpszClassName = name;
    UNREFERENCED_PARAMETER(text);
    return (int)address->sin_addr.s_addr + address->sin_addr.S_un.S_un_b.s_b1 + address->sin_addr.S_un.S_un_w.s_w2 +
           address6->sin6_addr.s6_addr[15] + any.s6_addr[0] + (int)address6->sin6_scope_id + generic->sa_family +
           linger.l_onoff + select(0, &readable, NULL, NULL, (TIMEVAL*)&time) + (int)hints.ai_addrlen + h_errno +
           (int)window_class.style + (create != NULL) + (HWND_MESSAGE == (HWND)(LONG_PTR)-3) +
           (INVALID_HANDLE_VALUE == (HANDLE)(LONG_PTR)-1);
}
