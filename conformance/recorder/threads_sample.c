/* A program whose threads use Winsock at the same time, for the recorder: the window's thread retrieves messages, a
 * worker receives from and sends on the same sockets, and another one connects and writes. It must not know that it is
 * recorded; but it includes the recorder's header by itself, behind the system's, as a program may.
 *
 * It prints "N bytes" and ends with 0 if all bytes came back. */
#include <winsock2.h>

#include <windows.h>

#include <asyncselect/recorder.h>

#include <stdio.h>
#include <string.h>

#define WM_SOCKET (WM_USER + 5)
#define ROUNDS 200

static SOCKET to_worker[16];
static volatile LONG handed_over;
static volatile LONG finished;
static volatile LONG echoed;
static struct sockaddr_in server;

/* Answers what comes on the sockets that it was handed, by polling; the window's thread is told of the same. */
static DWORD WINAPI Work(LPVOID unused) {
    char data[256];
    LONG known;
    LONG i;
    (void)unused;
    while (!InterlockedCompareExchange(&finished, 0, 0)) {
        known = InterlockedCompareExchange(&handed_over, 0, 0);
        for (i = 0; i < known; ++i) {
            int received = recv(to_worker[i], data, sizeof data, 0);
            if (received > 0) send(to_worker[i], data, received, 0);
        }
        Sleep(0);
    }
    return 0;
}

/* A client with blocking calls: sends a letter and waits until it is back. */
static DWORD WINAPI Ask(LPVOID unused) {
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    char letter = 'a';
    int round;
    (void)unused;
    if (s == INVALID_SOCKET || connect(s, (struct sockaddr*)&server, sizeof server) == SOCKET_ERROR) return 1;
    for (round = 0; round < ROUNDS; ++round) {
        char back = 0;
        if (send(s, &letter, 1, 0) != 1 || recv(s, &back, 1, 0) != 1 || back != letter) break;
        InterlockedIncrement(&echoed);
        letter = (char)(letter == 'z' ? 'a' : letter + 1);
    }
    shutdown(s, SD_SEND);
    closesocket(s);
    return 0;
}

int main(void) {
    WSADATA data;
    WNDCLASS windowClass;
    HWND window;
    HANDLE worker;
    HANDLE asking[2];
    SOCKET listener;
    u_long yes = 1;
    int length = sizeof server;
    int open = 0;
    int closed = 0;
    int i;
    MSG message;

    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    ZeroMemory(&windowClass, sizeof windowClass);
    windowClass.lpfnWndProc = DefWindowProc;
    windowClass.hInstance = GetModuleHandle(NULL);
    windowClass.lpszClassName = TEXT("Threads");
    if (RegisterClass(&windowClass) == 0) return 1;
    window = CreateWindow(TEXT("Threads"), TEXT(""), 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, windowClass.hInstance, NULL);
    if (window == NULL) return 1;

    server.sin_family = AF_INET;
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (bind(listener, (struct sockaddr*)&server, sizeof server) == SOCKET_ERROR ||
        listen(listener, 5) == SOCKET_ERROR ||
        getsockname(listener, (struct sockaddr*)&server, &length) == SOCKET_ERROR ||
        ioctlsocket(listener, (long)FIONBIO, &yes) == SOCKET_ERROR ||
        WSAAsyncSelect(listener, window, WM_SOCKET, FD_ACCEPT | FD_READ | FD_CLOSE) == SOCKET_ERROR) {
        return 1;
    }
    worker = CreateThread(NULL, 0, Work, NULL, 0, NULL);
    for (i = 0; i < 2; ++i) asking[i] = CreateThread(NULL, 0, Ask, NULL, 0, NULL);

    while (closed < 2 && GetMessage(&message, NULL, 0, 0) > 0) {
        if (message.message != WM_SOCKET) continue;
        if (WSAGETSELECTEVENT(message.lParam) == FD_ACCEPT) {
            SOCKET s = accept(listener, NULL, NULL);
            if (s == INVALID_SOCKET) continue;
            to_worker[open++] = s;
            InterlockedIncrement(&handed_over);
        } else if (WSAGETSELECTEVENT(message.lParam) == FD_CLOSE) {
            ++closed;
        }
    }
    for (i = 0; i < 2; ++i) {
        WaitForSingleObject(asking[i], INFINITE);
        CloseHandle(asking[i]);
    }
    InterlockedIncrement(&finished);
    WaitForSingleObject(worker, INFINITE);
    CloseHandle(worker);
    for (i = 0; i < open; ++i) closesocket(to_worker[i]);
    closesocket(listener);
    DestroyWindow(window);
    WSACleanup();
    printf("%ld bytes\n", (long)echoed);
    return echoed == 2 * ROUNDS ? 0 : 1;
}
