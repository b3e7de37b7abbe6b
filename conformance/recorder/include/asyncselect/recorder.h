/* Writes what a Winsock program calls, and which messages it retrieves, to a trace that `asyncselect check` judges. The
 * program includes this header behind <winsock2.h>, <ws2tcpip.h> and <windows.h>, or the compiler is told to put it in
 * front of every source file (-include asyncselect/recorder.h), which is the better way for C++; then it is linked with
 * the library asyncselect_recorder. Nothing else changes: each function below calls Winsock's with the same arguments,
 * returns what that returns and leaves WSAGetLastError as that left it.
 *
 * The trace goes to the file that the environment variable ASYNCSELECT_TRACE names ("-": standard output), or to
 * asyncselect-trace.jsonl. docs/recorder.md tells what is recorded and what a verdict on it is worth.
 *
 * Macros are unavoidable here: only they rename what the system's headers declare. It must not know what is allowed. */
#ifndef ASYNCSELECT_RECORDER_H
#define ASYNCSELECT_RECORDER_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#define ASYNCSELECT_RECORDER_LEAN
#endif
#include <winsock2.h>

#include <windows.h>
#include <ws2tcpip.h>
#ifdef ASYNCSELECT_RECORDER_LEAN
#undef WIN32_LEAN_AND_MEAN
#undef ASYNCSELECT_RECORDER_LEAN
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Says that nothing is under way: every peer has fallen silent long enough for its last doing to have arrived, and the
 * thread has retrieved every message. Then a message that is missing shows. Call it only if that is so; any thread. */
void asyncselect_recorder_quiet(void);

/* Writes a line for people into the trace; a null text is passed over. Any thread. */
void asyncselect_recorder_note(const char* text);

/* Each as the function whose name it bears behind `asyncselect_recorded_`, by any thread that may call that one. */
int WSAAPI asyncselect_recorded_WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData);
int WSAAPI asyncselect_recorded_WSACleanup(void);
int WSAAPI asyncselect_recorded_WSAGetLastError(void);
void WSAAPI asyncselect_recorded_WSASetLastError(int iError);
SOCKET WSAAPI asyncselect_recorded_socket(int af, int type, int protocol);
SOCKET WSAAPI asyncselect_recorded_WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo,
                                              GROUP g, DWORD dwFlags);
SOCKET WSAAPI asyncselect_recorded_WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                              GROUP g, DWORD dwFlags);
int WSAAPI asyncselect_recorded_bind(SOCKET s, const struct sockaddr* name, int namelen);
int WSAAPI asyncselect_recorded_listen(SOCKET s, int backlog);
SOCKET WSAAPI asyncselect_recorded_accept(SOCKET s, struct sockaddr* addr, int* addrlen);
SOCKET WSAAPI asyncselect_recorded_WSAAccept(SOCKET s, struct sockaddr* addr, LPINT addrlen,
                                             LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData);
int WSAAPI asyncselect_recorded_connect(SOCKET s, const struct sockaddr* name, int namelen);
int WSAAPI asyncselect_recorded_WSAConnect(SOCKET s, const struct sockaddr* name, int namelen, LPWSABUF lpCallerData,
                                           LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS);
SOCKET WSAAPI asyncselect_recorded_WSAJoinLeaf(SOCKET s, const struct sockaddr* name, int namelen,
                                               LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS,
                                               DWORD dwFlags);
int WSAAPI asyncselect_recorded_recv(SOCKET s, char* buf, int len, int flags);
int WSAAPI asyncselect_recorded_recvfrom(SOCKET s, char* buf, int len, int flags, struct sockaddr* from, int* fromlen);
int WSAAPI asyncselect_recorded_WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
                                        LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                                        LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI asyncselect_recorded_WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                            LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, struct sockaddr* lpFrom,
                                            LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
                                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI asyncselect_recorded_send(SOCKET s, const char* buf, int len, int flags);
int WSAAPI asyncselect_recorded_sendto(SOCKET s, const char* buf, int len, int flags, const struct sockaddr* to,
                                       int tolen);
int WSAAPI asyncselect_recorded_WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                                        DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                                        LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI asyncselect_recorded_WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                          LPDWORD lpNumberOfBytesSent, DWORD dwFlags, const struct sockaddr* lpTo,
                                          int iTolen, LPWSAOVERLAPPED lpOverlapped,
                                          LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI asyncselect_recorded_shutdown(SOCKET s, int how);
int WSAAPI asyncselect_recorded_closesocket(SOCKET s);
int WSAAPI asyncselect_recorded_ioctlsocket(SOCKET s, long cmd, u_long* argp);
int WSAAPI asyncselect_recorded_WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
                                         LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
                                         LPWSAOVERLAPPED lpOverlapped,
                                         LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI asyncselect_recorded_setsockopt(SOCKET s, int level, int optname, const char* optval, int optlen);
int WSAAPI asyncselect_recorded_WSAAsyncSelect(SOCKET s, HWND hWnd, u_int wMsg, long lEvent);
int WSAAPI asyncselect_recorded_WSAEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents);
HWND WINAPI asyncselect_recorded_CreateWindowExA(DWORD dwExStyle, LPCSTR lpClassName, LPCSTR lpWindowName,
                                                 DWORD dwStyle, int X, int Y, int nWidth, int nHeight, HWND hWndParent,
                                                 HMENU hMenu, HINSTANCE hInstance, LPVOID lpParam);
HWND WINAPI asyncselect_recorded_CreateWindowExW(DWORD dwExStyle, LPCWSTR lpClassName, LPCWSTR lpWindowName,
                                                 DWORD dwStyle, int X, int Y, int nWidth, int nHeight, HWND hWndParent,
                                                 HMENU hMenu, HINSTANCE hInstance, LPVOID lpParam);
BOOL WINAPI asyncselect_recorded_DestroyWindow(HWND hWnd);
BOOL WINAPI asyncselect_recorded_GetMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax);
BOOL WINAPI asyncselect_recorded_GetMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax);
BOOL WINAPI asyncselect_recorded_PeekMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax,
                                              UINT wRemoveMsg);
BOOL WINAPI asyncselect_recorded_PeekMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax,
                                              UINT wRemoveMsg);

#ifdef __cplusplus
}
#endif

/* ---- the program's calls become the functions above ---- */

#ifndef ASYNCSELECT_RECORDER_LIBRARY

#define WSAStartup asyncselect_recorded_WSAStartup
#define WSACleanup asyncselect_recorded_WSACleanup
#define WSAGetLastError asyncselect_recorded_WSAGetLastError
#define WSASetLastError asyncselect_recorded_WSASetLastError
#define socket asyncselect_recorded_socket
#define WSASocketA asyncselect_recorded_WSASocketA
#define WSASocketW asyncselect_recorded_WSASocketW
#define bind asyncselect_recorded_bind
#define listen asyncselect_recorded_listen
#define accept asyncselect_recorded_accept
#define WSAAccept asyncselect_recorded_WSAAccept
#define connect asyncselect_recorded_connect
#define WSAConnect asyncselect_recorded_WSAConnect
#define WSAJoinLeaf asyncselect_recorded_WSAJoinLeaf
#define recv asyncselect_recorded_recv
#define recvfrom asyncselect_recorded_recvfrom
#define WSARecv asyncselect_recorded_WSARecv
#define WSARecvFrom asyncselect_recorded_WSARecvFrom
#define send asyncselect_recorded_send
#define sendto asyncselect_recorded_sendto
#define WSASend asyncselect_recorded_WSASend
#define WSASendTo asyncselect_recorded_WSASendTo
#define shutdown asyncselect_recorded_shutdown
#define closesocket asyncselect_recorded_closesocket
#define WSAIoctl asyncselect_recorded_WSAIoctl
#define setsockopt asyncselect_recorded_setsockopt
#define WSAAsyncSelect asyncselect_recorded_WSAAsyncSelect
#define WSAEventSelect asyncselect_recorded_WSAEventSelect
#define CreateWindowExA asyncselect_recorded_CreateWindowExA
#define CreateWindowExW asyncselect_recorded_CreateWindowExW
#define DestroyWindow asyncselect_recorded_DestroyWindow
#define GetMessageA asyncselect_recorded_GetMessageA
#define GetMessageW asyncselect_recorded_GetMessageW
#define PeekMessageA asyncselect_recorded_PeekMessageA
#define PeekMessageW asyncselect_recorded_PeekMessageW

/* Where `unsigned long` has more bits than u_long, a program may hand over either. */
#undef ioctlsocket
#if !defined(_WIN32) && defined(__SIZEOF_LONG__) && __SIZEOF_LONG__ == 8
static __inline__ int asyncselect_recorder_ioctlsocket_long(SOCKET s, long cmd, unsigned long* argp) {
    typedef u_long __attribute__((may_alias)) half;
    half* low = (half*)(void*)argp;
    int result;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    if (low) ++low;
#endif
    result = asyncselect_recorded_ioctlsocket(s, cmd, (u_long*)low);
    if (result == 0 && (cmd & IOC_OUT)) *argp = *low;
    return result;
}
#ifdef __cplusplus
extern "C++" {
inline int asyncselect_recorder_ioctlsocket(SOCKET s, long cmd, u_long* argp) {
    return asyncselect_recorded_ioctlsocket(s, cmd, argp);
}
inline int asyncselect_recorder_ioctlsocket(SOCKET s, long cmd, unsigned long* argp) {
    return asyncselect_recorder_ioctlsocket_long(s, cmd, argp);
}
}
#define ioctlsocket asyncselect_recorder_ioctlsocket
#else
#define ioctlsocket(s, cmd, argp) \
    __extension__ _Generic((argp), unsigned long*: asyncselect_recorder_ioctlsocket_long,                              \
                           default: asyncselect_recorded_ioctlsocket)(s, cmd, argp)
#endif
#else
#define ioctlsocket asyncselect_recorded_ioctlsocket
#endif

#endif

#endif
