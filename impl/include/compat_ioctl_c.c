/* The C half of compat_use_test.cpp: `unsigned long` and u_long are two types here and one on Windows, and C programs
 * use either for ioctlsocket. It must not know asyncselect. */
#include <winsock2.h>

/* Both return what FIONREAD yields, or all bits set. */
unsigned long compat_bytes_by_unsigned_long(SOCKET s);
unsigned long compat_bytes_by_u_long(SOCKET s);
/* The results of FIONBIO through unsigned long, u_long and a null pointer; 0, 0 and SOCKET_ERROR are right. */
void compat_set_nonblocking(SOCKET s, int results[3]);

unsigned long compat_bytes_by_unsigned_long(SOCKET s) {
    unsigned long bytes = ~0UL;
    return ioctlsocket(s, FIONREAD, &bytes) == 0 ? bytes : ~0UL;
}

unsigned long compat_bytes_by_u_long(SOCKET s) {
    u_long bytes = 0xffffffffU;
    return ioctlsocket(s, FIONREAD, &bytes) == 0 ? bytes : ~0UL;
}

void compat_set_nonblocking(SOCKET s, int results[3]) {
    unsigned long wide = 1;
    u_long narrow = 1;
    results[0] = ioctlsocket(s, FIONBIO, &wide);
    results[1] = ioctlsocket(s, FIONBIO, &narrow);
    results[2] = ioctlsocket(s, FIONBIO, NULL);
}
