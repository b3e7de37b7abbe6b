/* An echo server as its Windows author wrote it: one thread, one message-only window, WSAAsyncSelect. It must not know
 * on what system it is compiled.
 *
 *   echo_server [CONNECTIONS [PORT]]
 *
 * It prints the port on which it listens (127.0.0.1; 0 or nothing: the system chooses) and returns to each client what
 * came from it. With CONNECTIONS it ends after so many of them; with 0 or nothing it runs until it is stopped. */
#include <winsock2.h>

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WM_SOCKET (WM_USER + 1)
#define BUFFER_SIZE 65536
#define BUCKETS 4096 /* a power of two */

typedef struct CONNECTION {
    SOCKET socket;
    struct CONNECTION* next; /* in its bucket */
    BOOL readable;           /* FD_READ came while something was still to be sent: recv is still owed */
    BOOL closing;            /* FD_CLOSE came: close when all is read and sent */
    char* kept;              /* what is still to be sent: kept[begin..end); NULL: nothing */
    int begin, end;
} CONNECTION;

static CONNECTION* connections[BUCKETS];
static char buffer[BUFFER_SIZE]; /* one for all: it is sent before anything else is read, or kept */
static long wanted;              /* how many connections to serve, 0: no limit */
static long served;
static int failed;

static void Fail(const char* what) {
    fprintf(stderr, "echo_server: %s failed: error %d\n", what, WSAGetLastError());
    failed = 1;
    PostQuitMessage(1);
}

/* Socket handles are multiples of four. */
static CONNECTION** BucketOf(SOCKET s) { return &connections[(s >> 2) % BUCKETS]; }

static CONNECTION* FindConnection(SOCKET s) {
    CONNECTION* c;
    for (c = *BucketOf(s); c != NULL && c->socket != s; c = c->next) {
    }
    return c;
}

static void EndConnection(CONNECTION* c) {
    CONNECTION** link = BucketOf(c->socket);
    while (*link != c) link = &(*link)->next;
    *link = c->next;
    closesocket(c->socket);
    free(c->kept);
    free(c);
    if (++served == wanted) PostQuitMessage(0);
}

/* How much of it the peer took: less than all when FD_WRITE will come, -1 when the connection has gone. */
static int SendSome(CONNECTION* c, const char* data, int length) {
    int begin = 0;
    while (begin < length) {
        int sent = send(c->socket, data + begin, length - begin, 0);
        if (sent == SOCKET_ERROR) {
            if (WSAGetLastError() == WSAEWOULDBLOCK) break;
            EndConnection(c);
            return -1;
        }
        begin += sent;
    }
    return begin;
}

/* Sends what was kept. Returns FALSE when the connection has gone. */
static BOOL SendKept(CONNECTION* c) {
    int sent;
    if (c->kept == NULL) return TRUE;
    sent = SendSome(c, c->kept + c->begin, c->end - c->begin);
    if (sent < 0) return FALSE;
    c->begin += sent;
    if (c->begin == c->end) {
        free(c->kept);
        c->kept = NULL;
    }
    return TRUE;
}

/* Sends what is in the buffer, and keeps what the peer does not take. Returns FALSE when the connection has gone. */
static BOOL Send(CONNECTION* c, int length) {
    int sent = SendSome(c, buffer, length);
    if (sent < 0) return FALSE;
    if (sent == length) return TRUE;
    c->begin = 0;
    c->end = length - sent;
    c->kept = (char*)malloc((size_t)c->end);
    if (c->kept == NULL) {
        EndConnection(c);
        return FALSE;
    }
    memcpy(c->kept, buffer + sent, (size_t)c->end);
    return TRUE;
}

/* Reads once if nothing is still to be sent, and sends. While the peer takes nothing nothing is read from it. */
static void Echo(CONNECTION* c) {
    do {
        int received;
        if (c->kept != NULL) return;
        received = recv(c->socket, buffer, BUFFER_SIZE, 0);
        c->readable = FALSE;
        if (received == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK) {
            if (!c->closing) return; /* another message has read it already */
            received = 0;
        }
        if (received == SOCKET_ERROR || (received == 0 && c->closing)) {
            EndConnection(c);
            return;
        }
        if (!Send(c, received)) return;
    } while (c->closing); /* no FD_READ need come after FD_CLOSE: read on to the end */
}

static void OnAccept(HWND window, SOCKET listener) {
    CONNECTION* c;
    CONNECTION** bucket;
    SOCKET s = accept(listener, NULL, NULL);
    if (s == INVALID_SOCKET) {
        /* The client can have gone again. */
        if (WSAGetLastError() != WSAEWOULDBLOCK && WSAGetLastError() != WSAECONNRESET) Fail("accept");
        return;
    }
    c = (CONNECTION*)calloc(1, sizeof *c);
    if (c == NULL) {
        closesocket(s);
        return;
    }
    c->socket = s;
    bucket = BucketOf(s);
    c->next = *bucket;
    *bucket = c;
    if (WSAAsyncSelect(s, window, WM_SOCKET, FD_READ | FD_WRITE | FD_CLOSE) == SOCKET_ERROR) {
        Fail("WSAAsyncSelect");
        EndConnection(c);
    }
}

static void OnSocket(HWND window, SOCKET s, int event, int error) {
    CONNECTION* c;
    if (event == FD_ACCEPT) {
        OnAccept(window, s);
        return;
    }
    c = FindConnection(s);
    if (c == NULL) return; /* a message from before the connection's end */
    if (error != 0) {
        EndConnection(c);
        return;
    }
    switch (event) {
        case FD_READ:
            c->readable = TRUE;
            Echo(c);
            break;
        case FD_WRITE:
            if (SendKept(c) && (c->readable || c->closing)) Echo(c);
            break;
        case FD_CLOSE:
            c->closing = TRUE;
            Echo(c);
            break;
    }
}

static LRESULT CALLBACK WindowProc(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
    if (message == WM_SOCKET) {
        OnSocket(window, (SOCKET)wParam, WSAGETSELECTEVENT(lParam), WSAGETSELECTERROR(lParam));
        return 0;
    }
    return DefWindowProc(window, message, wParam, lParam);
}

int main(int argc, char* argv[]) {
    WSADATA data;
    WNDCLASS windowClass;
    HWND window;
    SOCKET listener;
    struct sockaddr_in address;
    int length = sizeof address;
    int error;
    int i;
    MSG message;

    wanted = argc > 1 ? atol(argv[1]) : 0;

    error = WSAStartup(MAKEWORD(2, 2), &data);
    if (error != 0) {
        fprintf(stderr, "echo_server: WSAStartup failed: error %d\n", error);
        return 1;
    }

    ZeroMemory(&windowClass, sizeof windowClass);
    windowClass.lpfnWndProc = WindowProc;
    windowClass.hInstance = GetModuleHandle(NULL);
    windowClass.lpszClassName = TEXT("EchoServer");
    if (RegisterClass(&windowClass) == 0) {
        fprintf(stderr, "echo_server: RegisterClass failed: error %u\n", (unsigned)GetLastError());
        return 1;
    }
    window = CreateWindow(TEXT("EchoServer"), TEXT(""), 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, windowClass.hInstance, NULL);
    if (window == NULL) {
        fprintf(stderr, "echo_server: CreateWindow failed: error %u\n", (unsigned)GetLastError());
        return 1;
    }

    ZeroMemory(&address, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((u_short)(argc > 2 ? atoi(argv[2]) : 0));
    listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr*)&address, sizeof address) == SOCKET_ERROR ||
        listen(listener, SOMAXCONN) == SOCKET_ERROR ||
        getsockname(listener, (struct sockaddr*)&address, &length) == SOCKET_ERROR ||
        WSAAsyncSelect(listener, window, WM_SOCKET, FD_ACCEPT | FD_READ | FD_WRITE | FD_CLOSE) == SOCKET_ERROR) {
        fprintf(stderr, "echo_server: cannot listen: error %d\n", WSAGetLastError());
        return 1;
    }
    printf("listening on 127.0.0.1 port %u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);

    while (GetMessage(&message, NULL, 0, 0) > 0) {
        TranslateMessage(&message);
        DispatchMessage(&message);
    }

    for (i = 0; i < BUCKETS; ++i)
        while (connections[i] != NULL) EndConnection(connections[i]);
    closesocket(listener);
    DestroyWindow(window);
    WSACleanup();
    printf("%ld connections served\n", served);
    return failed;
}
