/* Compat header <mswsock.h>: the commands of WSAIoctl that Microsoft's own protocols add to <winsock2.h>. */
#ifndef ASYNCSELECT_COMPAT_MSWSOCK_H
#define ASYNCSELECT_COMPAT_MSWSOCK_H

#include "winsock2.h"

#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)

#endif
