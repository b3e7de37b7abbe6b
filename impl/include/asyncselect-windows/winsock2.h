/* For a Winsock program on Windows that is to use this library's sockets: with this folder before the SDK's on the
 * include path it compiles unmodified. Types, constants, windows and everything that is about no socket stay the SDK's;
 * the functions of sockets are the library's. A socket of the one is none of the other, so all of a program must be
 * compiled so. It must not know how anything is implemented. */
#ifndef ASYNCSELECT_WINDOWS_WINSOCK2_H
#define ASYNCSELECT_WINDOWS_WINSOCK2_H

/* Before the SDK's header, which makes macros of some of its names. */
#include <asyncselect/asyncselect.h>

#ifdef __GNUC__
/* What follows is an extension, and no fault of the program's. */
#pragma GCC system_header
#endif
#include_next <winsock2.h>

/* As functions with arguments, so that a member of a structure may be called `send`. */
#define WSAStartup(version, data) asyncselect_WSAStartup((version), (asyncselect_WSADATA*)(void*)(data))
#define WSACleanup() asyncselect_WSACleanup()
#define WSAGetLastError() asyncselect_WSAGetLastError()
#define WSASetLastError(error) asyncselect_WSASetLastError(error)

#define socket(family, type, protocol) asyncselect_socket((family), (type), (protocol))
#define WSASocketA(family, type, protocol, information, group, flags) \
    asyncselect_WSASocketA((family), (type), (protocol), (void*)(information), (group), (flags))
#define WSASocketW(family, type, protocol, information, group, flags) \
    asyncselect_WSASocketW((family), (type), (protocol), (void*)(information), (group), (flags))
#define closesocket(s) asyncselect_closesocket(s)
#define bind(s, name, length) asyncselect_bind((s), (const asyncselect_sockaddr*)(const void*)(name), (length))
#define listen(s, backlog) asyncselect_listen((s), (backlog))
#define accept(s, name, length) asyncselect_accept((s), (asyncselect_sockaddr*)(void*)(name), (length))
#define connect(s, name, length) asyncselect_connect((s), (const asyncselect_sockaddr*)(const void*)(name), (length))
#define send(s, data, length, flags) asyncselect_send((s), (data), (length), (flags))
#define recv(s, data, length, flags) asyncselect_recv((s), (data), (length), (flags))
#define sendto(s, data, length, flags, name, name_length) \
    asyncselect_sendto((s), (data), (length), (flags), (const asyncselect_sockaddr*)(const void*)(name), (name_length))
#define recvfrom(s, data, length, flags, name, name_length) \
    asyncselect_recvfrom((s), (data), (length), (flags), (asyncselect_sockaddr*)(void*)(name), (name_length))
#define shutdown(s, how) asyncselect_shutdown((s), (how))
#define ioctlsocket(s, command, argument) asyncselect_ioctlsocket((s), (command), (uint32_t*)(void*)(argument))
#define getsockopt(s, level, name, value, length) asyncselect_getsockopt((s), (level), (name), (value), (length))
#define setsockopt(s, level, name, value, length) asyncselect_setsockopt((s), (level), (name), (value), (length))
#define getsockname(s, name, length) asyncselect_getsockname((s), (asyncselect_sockaddr*)(void*)(name), (length))
#define getpeername(s, name, length) asyncselect_getpeername((s), (asyncselect_sockaddr*)(void*)(name), (length))

#define WSAAccept(s, name, length, condition, data)                            \
    asyncselect_WSAAccept((s), (asyncselect_sockaddr*)(void*)(name), (length), \
                          (asyncselect_LPCONDITIONPROC)(void*)(condition), (data))
#define WSAConnect(s, name, length, caller, callee, qos, group_qos)                                    \
    asyncselect_WSAConnect((s), (const asyncselect_sockaddr*)(const void*)(name), (length),            \
                           (asyncselect_WSABUF*)(void*)(caller), (asyncselect_WSABUF*)(void*)(callee), \
                           (asyncselect_QOS*)(void*)(qos), (asyncselect_QOS*)(void*)(group_qos))
#define WSAJoinLeaf(s, name, length, caller, callee, qos, group_qos, flags)                             \
    asyncselect_WSAJoinLeaf((s), (const asyncselect_sockaddr*)(const void*)(name), (length),            \
                            (asyncselect_WSABUF*)(void*)(caller), (asyncselect_WSABUF*)(void*)(callee), \
                            (asyncselect_QOS*)(void*)(qos), (asyncselect_QOS*)(void*)(group_qos), (flags))
#define WSAIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine)                    \
    asyncselect_WSAIoctl((s), (code), (in), (in_size), (out), (out_size), (uint32_t*)(void*)(returned), \
                         (asyncselect_WSAOVERLAPPED*)(void*)(overlapped),                               \
                         (asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE)(void*)(routine))
#define WSASend(s, buffers, count, sent, flags, overlapped, routine)                                               \
    asyncselect_WSASend((s), (const asyncselect_WSABUF*)(const void*)(buffers), (count), (uint32_t*)(void*)(sent), \
                        (flags), (asyncselect_WSAOVERLAPPED*)(void*)(overlapped),                                  \
                        (asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE)(void*)(routine))
#define WSASendTo(s, buffers, count, sent, flags, name, length, overlapped, routine)                                 \
    asyncselect_WSASendTo((s), (const asyncselect_WSABUF*)(const void*)(buffers), (count), (uint32_t*)(void*)(sent), \
                          (flags), (const asyncselect_sockaddr*)(const void*)(name), (length),                       \
                          (asyncselect_WSAOVERLAPPED*)(void*)(overlapped),                                           \
                          (asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE)(void*)(routine))
#define WSARecv(s, buffers, count, received, flags, overlapped, routine)                                               \
    asyncselect_WSARecv((s), (const asyncselect_WSABUF*)(const void*)(buffers), (count), (uint32_t*)(void*)(received), \
                        (uint32_t*)(void*)(flags), (asyncselect_WSAOVERLAPPED*)(void*)(overlapped),                    \
                        (asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE)(void*)(routine))
#define WSARecvFrom(s, buffers, count, received, flags, name, length, overlapped, routine)   \
    asyncselect_WSARecvFrom((s), (const asyncselect_WSABUF*)(const void*)(buffers), (count), \
                            (uint32_t*)(void*)(received), (uint32_t*)(void*)(flags),         \
                            (asyncselect_sockaddr*)(void*)(name), (length),                  \
                            (asyncselect_WSAOVERLAPPED*)(void*)(overlapped),                 \
                            (asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE)(void*)(routine))

/* Sets and times are laid out alike. FD_SET and the like are the SDK's, and look at numbers alone. */
#define select(count, readable, writable, exceptional, timeout)                                                 \
    asyncselect_select((count), (asyncselect_fd_set*)(void*)(readable), (asyncselect_fd_set*)(void*)(writable), \
                       (asyncselect_fd_set*)(void*)(exceptional), (const asyncselect_timeval*)(const void*)(timeout))
#define WSAPoll(sockets, count, timeout) \
    asyncselect_WSAPoll((asyncselect_WSAPOLLFD*)(void*)(sockets), (count), (timeout))

/* A thread that retrieves so is handed what its sockets have to say without a detour; one that does not gets it as
 * well. */
#define GetMessageA(message, window, first, last) \
    asyncselect_GetMessageA((asyncselect_MSG*)(void*)(message), (asyncselect_HWND)(void*)(window), (first), (last))
#define GetMessageW(message, window, first, last) \
    asyncselect_GetMessageW((asyncselect_MSG*)(void*)(message), (asyncselect_HWND)(void*)(window), (first), (last))
#define PeekMessageA(message, window, first, last, remove)                                                           \
    asyncselect_PeekMessageA((asyncselect_MSG*)(void*)(message), (asyncselect_HWND)(void*)(window), (first), (last), \
                             (remove))
#define PeekMessageW(message, window, first, last, remove)                                                           \
    asyncselect_PeekMessageW((asyncselect_MSG*)(void*)(message), (asyncselect_HWND)(void*)(window), (first), (last), \
                             (remove))

#define WSAAsyncSelect(s, window, message, events) \
    asyncselect_WSAAsyncSelect((s), (asyncselect_HWND)(void*)(window), (message), (events))
#define WSAEventSelect(s, event, events) asyncselect_WSAEventSelect((s), (asyncselect_HANDLE)(void*)(event), (events))
#define WSAEnumNetworkEvents(s, event, events)                                \
    asyncselect_WSAEnumNetworkEvents((s), (asyncselect_HANDLE)(void*)(event), \
                                     (asyncselect_WSANETWORKEVENTS*)(void*)(events))

#endif
