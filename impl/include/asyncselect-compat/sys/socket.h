/* Stands before the system's <sys/socket.h> in the compat directory, to say clearly that one source file cannot have
 * both: their names are the same and their numbers are not. A source file without <winsock2.h> gets the system's. */
#ifndef ASYNCSELECT_COMPAT_SYS_SOCKET_H
#define ASYNCSELECT_COMPAT_SYS_SOCKET_H

#ifdef ASYNCSELECT_COMPAT_WINSOCK2_H
#error "a source file can use Winsock or the system's sockets, not both: <sys/socket.h> after <winsock2.h>"
#endif
#pragma GCC system_header
#include_next <sys/socket.h>

#endif
