/* Compat header <winsock.h>: Winsock 1.1's header is a part of <winsock2.h> here. It must not know anything else. */
#ifndef ASYNCSELECT_COMPAT_WINSOCK_H
#define ASYNCSELECT_COMPAT_WINSOCK_H

#include "winsock2.h"

#endif
