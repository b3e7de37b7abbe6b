// Functions that the native provider calls and that are not there yet: they fail. This file goes when they come.
// It must not know anything else.
#pragma once

#include <asyncselect/asyncselect.h>

inline int asyncselect_not_yet() {
    asyncselect_WSASetLastError(asyncselect_WSAEOPNOTSUPP);
    return asyncselect_SOCKET_ERROR;
}
inline int asyncselect_sendto(asyncselect_SOCKET, const char*, int, int, const asyncselect_sockaddr*, int) {
    return asyncselect_not_yet();
}
inline int asyncselect_recvfrom(asyncselect_SOCKET, char*, int, int, asyncselect_sockaddr*, int*) {
    return asyncselect_not_yet();
}
inline int asyncselect_WSASendTo(asyncselect_SOCKET, asyncselect_WSABUF*, uint32_t, uint32_t*, uint32_t,
                                 const asyncselect_sockaddr*, int, asyncselect_WSAOVERLAPPED*,
                                 asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE) {
    return asyncselect_not_yet();
}
inline int asyncselect_WSARecvFrom(asyncselect_SOCKET, asyncselect_WSABUF*, uint32_t, uint32_t*, uint32_t*,
                                   asyncselect_sockaddr*, int*, asyncselect_WSAOVERLAPPED*,
                                   asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE) {
    return asyncselect_not_yet();
}
