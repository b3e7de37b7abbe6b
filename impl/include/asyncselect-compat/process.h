/* Compat header <process.h>: _beginthreadex, the C runtime's CreateThread. libc needs no set-up for a thread of its
 * own, so it is CreateThread itself. It must not know sockets. */
#ifndef ASYNCSELECT_COMPAT_PROCESS_H
#define ASYNCSELECT_COMPAT_PROCESS_H

#include <asyncselect/asyncselect.h>

/* As asyncselect_CreateThread; 0 where that returns null. The thread ends when its function returns. */
static __inline__ uintptr_t _beginthreadex(void* security, unsigned stack_size, unsigned (*start_address)(void*),
                                           void* arglist, unsigned initflag, unsigned* thrdaddr) {
    return (uintptr_t)asyncselect_CreateThread((const asyncselect_SECURITY_ATTRIBUTES*)security, stack_size,
                                               start_address, arglist, initflag, thrdaddr);
}

#endif
