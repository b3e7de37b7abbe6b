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

typedef struct CONNECTION {
    SOCKET socket;
    struct CONNECTION* next;
    BOOL readable;  /* FD_READ came while the buffer was not empty: recv is still owed */
    BOOL closing;   /* FD_CLOSE came: close when all is read and sent */
    int begin, end; /* what is still to be sent: buffer[begin..end) */
    char buffer[BUFFER_SIZE];
} CONNECTION;

static CONNECTION* connections;
static long wanted; /* how many connections to serve, 0: no limit */
static long served;
static int failed;

static void Fail(const char* what) {
    fprintf(stderr, "echo_server: %s failed: error %d\n", what, WSAGetLastError());
    failed = 1;
    PostQuitMessage(1);
}

static CONNECTION* FindConnection(SOCKET s) {
    CONNECTION* c;
    for (c = connections; c != NULL && c->socket != s; c = c->next) {
    }
    return c;
}

static void EndConnection(CONNECTION* c) {
    CONNECTION** link = &connections;
    while (*link != c) link = &(*link)->next;
    *link = c->next;
    closesocket(c->socket);
    free(c);
    if (++served == wanted) PostQuitMessage(0);
}

/* Sends what is in the buffer. Returns FALSE when the connection has gone. */
static BOOL Send(CONNECTION* c) {
    while (c->begin < c->end) {
        int sent = send(c->socket, c->buffer + c->begin, c->end - c->begin, 0);
        if (sent == SOCKET_ERROR) {
            if (WSAGetLastError() == WSAEWOULDBLOCK) return TRUE; /* FD_WRITE will come */
            EndConnection(c);
            return FALSE;
        }
        c->begin += sent;
    }
    return TRUE;
}

/* Reads once if the buffer is free, and sends. While the peer takes nothing nothing is read from it. */
static void Echo(CONNECTION* c) {
    do {
        int received;
        if (c->begin < c->end) return;
        received = recv(c->socket, c->buffer, BUFFER_SIZE, 0);
        c->readable = FALSE;
        if (received == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK) {
            if (!c->closing) return; /* another message has read it already */
            received = 0;
        }
        if (received == SOCKET_ERROR || (received == 0 && c->closing)) {
            EndConnection(c);
            return;
        }
        c->begin = 0;
        c->end = received;
        if (!Send(c)) return;
    } while (c->closing); /* no FD_READ need come after FD_CLOSE: read on to the end */
}

static void OnAccept(HWND window, SOCKET listener) {
    CONNECTION* c;
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
    c->next = connections;
    connections = c;
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
            if (Send(c) && (c->readable || c->closing)) Echo(c);
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

    while (connections != NULL) EndConnection(connections);
    closesocket(listener);
    DestroyWindow(window);
    WSACleanup();
    printf("%ld connections served\n", served);
    return failed;
}
