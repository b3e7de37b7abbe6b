/* Stands before the system's <sys/select.h> in the compat directory, for one thing alone: a program sets FD_SETSIZE
 * before it includes <winsock2.h>, and libc's headers, which come in between, would set it anew. A source file without
 * <winsock2.h> gets the system's. It must not know anything else of Winsock. */
#if !defined(ASYNCSELECT_COMPAT_SYS_SELECT_H)
#define ASYNCSELECT_COMPAT_SYS_SELECT_H
#ifdef FD_SETSIZE
#define ASYNCSELECT_COMPAT_FD_SETSIZE_KEPT
#pragma push_macro("FD_SETSIZE")
#undef FD_SETSIZE
#endif
#endif
#pragma GCC system_header
#include_next <sys/select.h>
