/* A Winsock program in a loop that is not its own: GLib runs, and wakes it through the descriptor of its message queue.
 * Qt, libuv, asio and plain poll are used alike.
 *
 *   foreign_loop CONNECTIONS
 *
 * It prints the port on which it listens (127.0.0.1), counts the bytes of so many connections, and prints the sum. */
#include <winsock2.h>

#include <windows.h>

#include <asyncselect/asyncselect.h>
#include <glib-unix.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#define WM_SOCKET (WM_USER + 1)

static long wanted; /* connections to come to their end */
static long ended;
static long long bytes;
static int ours;   /* WM_TIMER messages */
static int theirs; /* calls of GLib's own timer */

static void EndConnection(SOCKET s) {
    closesocket(s);
    if (++ended == wanted) PostQuitMessage(0);
}

static void OnSocket(SOCKET s, int event, int error) {
    char data[4096];
    int received;
    if (event == FD_ACCEPT) {
        accept(s, NULL, NULL); /* it inherits window, message and events */
    } else if (error != 0 || event == FD_CLOSE) {
        EndConnection(s);
    } else if (event == FD_READ) {
        received = recv(s, data, sizeof data, 0);
        if (received > 0) bytes += received;
    }
}

static LRESULT CALLBACK WindowProc(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
    switch (message) {
        case WM_SOCKET:
            OnSocket((SOCKET)wParam, WSAGETSELECTEVENT(lParam), WSAGETSELECTERROR(lParam));
            return 0;
        case WM_TIMER:
            ++ours;
            return 0;
        default:
            return DefWindowProc(window, message, wParam, lParam);
    }
}

/* The queue has something: a few messages at a time, since others live in this loop too. What is left keeps the
 * descriptor readable. */
static gboolean OnReadable(gint descriptor, GIOCondition condition, gpointer loop) {
    MSG message;
    int turn;
    (void)descriptor;
    (void)condition;
    for (turn = 0; turn < 8 && PeekMessage(&message, NULL, 0, 0, PM_REMOVE); ++turn) {
        if (message.message == WM_QUIT) {
            g_main_loop_quit((GMainLoop*)loop);
            break;
        }
        DispatchMessage(&message);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean OnTick(gpointer unused) {
    (void)unused;
    ++theirs;
    return G_SOURCE_CONTINUE;
}

static SOCKET Listen(HWND window, unsigned* port) {
    struct sockaddr_in address;
    int length = sizeof address;
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ZeroMemory(&address, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr*)&address, sizeof address) == SOCKET_ERROR ||
        listen(s, SOMAXCONN) == SOCKET_ERROR || getsockname(s, (struct sockaddr*)&address, &length) == SOCKET_ERROR ||
        WSAAsyncSelect(s, window, WM_SOCKET, FD_ACCEPT | FD_READ | FD_CLOSE) == SOCKET_ERROR)
        return INVALID_SOCKET;
    *port = ntohs(address.sin_port);
    return s;
}

int main(int argc, char* argv[]) {
    WSADATA data;
    WNDCLASS windowClass;
    HWND window;
    SOCKET listener;
    GMainLoop* loop;
    guint source, tick;
    unsigned port = 0;
    int descriptor;

    wanted = argc > 1 ? atol(argv[1]) : 1;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    ZeroMemory(&windowClass, sizeof windowClass);
    windowClass.lpfnWndProc = WindowProc;
    windowClass.hInstance = GetModuleHandle(NULL);
    windowClass.lpszClassName = TEXT("ForeignLoop");
    RegisterClass(&windowClass);
    window =
        CreateWindow(TEXT("ForeignLoop"), TEXT(""), 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, windowClass.hInstance, NULL);
    listener = Listen(window, &port);
    descriptor = asyncselect_QueueDescriptor();
    if (window == NULL || listener == INVALID_SOCKET || descriptor < 0) {
        fprintf(stderr, "foreign_loop: error %d\n", WSAGetLastError());
        return 1;
    }
    SetTimer(window, 1, 10, NULL);

    loop = g_main_loop_new(NULL, FALSE);
    source = g_unix_fd_add(descriptor, G_IO_IN, OnReadable, loop);
    tick = g_timeout_add(10, OnTick, NULL);
    printf("listening on 127.0.0.1 port %u\n", port);
    fflush(stdout);
    g_main_loop_run(loop);

    g_source_remove(source);
    g_source_remove(tick);
    g_main_loop_unref(loop);
    closesocket(listener);
    DestroyWindow(window);
    WSACleanup();
    printf("%ld connections, %lld bytes, %s\n", ended, bytes,
           ours > 0 && theirs > 0 ? "both timers have run" : "a timer was starved");
    return 0;
}
