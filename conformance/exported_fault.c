/* A provider's faults for programs that `asyncselect export` wrote, for tests: linked in with --wrap, so that the
 * program meets them and not the library. The environment variable EXPORTED_FAULT names one. It must not know any
 * script. */
#include <asyncselect/asyncselect.h>
#include <stdlib.h>
#include <string.h>

int __real_asyncselect_PeekMessageA(asyncselect_MSG* message, asyncselect_HWND window, uint32_t first, uint32_t last,
                                    uint32_t remove);
int __wrap_asyncselect_PeekMessageA(asyncselect_MSG* message, asyncselect_HWND window, uint32_t first, uint32_t last,
                                    uint32_t remove);
int __real_asyncselect_WSAAsyncSelect(asyncselect_SOCKET s, asyncselect_HWND window, unsigned message, long events);
int __wrap_asyncselect_WSAAsyncSelect(asyncselect_SOCKET s, asyncselect_HWND window, unsigned message, long events);

static int is(const char* fault) {
    const char* wanted = getenv("EXPORTED_FAULT");
    return wanted != NULL && strcmp(wanted, fault) == 0;
}

int __wrap_asyncselect_PeekMessageA(asyncselect_MSG* message, asyncselect_HWND window, uint32_t first, uint32_t last,
                                    uint32_t remove) {
    static asyncselect_MSG again;
    static int there;
    if (there) {
        *message = again;
        there = 0;
        return 1;
    }
    while (__real_asyncselect_PeekMessageA(message, window, first, last, remove)) {
        const int event = (int)(message->lParam & 0xffff);
        const int ours = message->message >= 0x400 && message->message <= 0x400 + 100;
        if (!ours || !remove) return 1;
        if (is("doubles FD_READ") && event == asyncselect_FD_READ) {
            again = *message;
            there = 1;
        }
        if (is("drops FD_WRITE") && event == asyncselect_FD_WRITE) continue;
        if (is("hides resets") && event == asyncselect_FD_CLOSE) message->lParam = event;
        return 1;
    }
    return 0;
}

int __wrap_asyncselect_WSAAsyncSelect(asyncselect_SOCKET s, asyncselect_HWND window, unsigned message, long events) {
    const int result = __real_asyncselect_WSAAsyncSelect(s, window, message, events);
    if (result != 0 && is("tells another error") && asyncselect_WSAGetLastError() == asyncselect_WSAENOTSOCK)
        asyncselect_WSASetLastError(asyncselect_WSAEINVAL);
    return result;
}
