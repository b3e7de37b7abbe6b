/* Sends a file to everybody who connects, no faster than each of them takes it: while a send would block nothing is
 * read from the file, and FD_WRITE tells when to go on. It must not know on what system it is compiled.
 *
 *   file_sender FILE [RECEIVERS [PORT]]
 *
 * It prints the port on which it listens (127.0.0.1; 0 or nothing: the system chooses) and a line when a receiver takes
 * nothing for the first time. With RECEIVERS it ends after so many of them; with 0 or nothing it runs until it is
 * stopped. */
#include <winsock2.h>

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

#define WM_SOCKET (WM_USER + 1)
#define BLOCK_SIZE 65536

typedef struct RECEIVER {
    SOCKET socket;
    struct RECEIVER* next;
    FILE* file;
    int begin, end; /* block[begin..end) was read and is still to be sent */
    long sent;      /* blocks */
    long waits;     /* how often it took nothing */
    char block[BLOCK_SIZE];
} RECEIVER;

static const char* fileName;
static RECEIVER* receivers;
static long served, wanted;
static int failed;

static void Fail(const char* what) {
    fprintf(stderr, "file_sender: %s failed: error %d\n", what, WSAGetLastError());
    failed = 1;
    PostQuitMessage(1);
}

static RECEIVER* FindReceiver(SOCKET s) {
    RECEIVER* r;
    for (r = receivers; r != NULL && r->socket != s; r = r->next) {
    }
    return r;
}

static void EndReceiver(RECEIVER* r, const char* how) {
    RECEIVER** link = &receivers;
    while (*link != r) link = &(*link)->next;
    *link = r->next;
    printf("%s after %ld blocks, waited %s\n", how, r->sent, r->waits != 0 ? "for room" : "never");
    fflush(stdout);
    closesocket(r->socket);
    fclose(r->file);
    free(r);
    if (++served == wanted) PostQuitMessage(0);
}

/* Sends until the receiver takes no more, or all is sent. */
static void SendOn(RECEIVER* r) {
    for (;;) {
        int sent;
        if (r->begin == r->end) {
            r->begin = 0;
            r->end = (int)fread(r->block, 1, BLOCK_SIZE, r->file);
            if (r->end == 0) {
                EndReceiver(r, "sent");
                return;
            }
            r->sent++;
        }
        sent = send(r->socket, r->block + r->begin, r->end - r->begin, 0);
        if (sent != SOCKET_ERROR) {
            r->begin += sent;
        } else if (WSAGetLastError() == WSAEWOULDBLOCK) {
            if (r->waits++ == 0) {
                printf("a receiver is slow: waiting for FD_WRITE\n");
                fflush(stdout);
            }
            return; /* FD_WRITE comes when there is room again */
        } else {
            EndReceiver(r, "broken off");
            return;
        }
    }
}

static void OnAccept(HWND window, SOCKET listener) {
    RECEIVER* r;
    SOCKET s = accept(listener, NULL, NULL);
    if (s == INVALID_SOCKET) return; /* it has gone again */
    r = (RECEIVER*)calloc(1, sizeof *r);
    if (r == NULL || (r->file = fopen(fileName, "rb")) == NULL) {
        fprintf(stderr, "file_sender: cannot open %s\n", fileName);
        free(r);
        closesocket(s);
        return;
    }
    r->socket = s;
    r->next = receivers;
    receivers = r;
    /* FD_WRITE comes at once, for there is room: that begins the sending. */
    if (WSAAsyncSelect(s, window, WM_SOCKET, FD_WRITE | FD_CLOSE) == SOCKET_ERROR) Fail("WSAAsyncSelect");
}

static LRESULT CALLBACK OnMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
    RECEIVER* r;
    if (message != WM_SOCKET) return DefWindowProc(window, message, wParam, lParam);
    if (WSAGETSELECTEVENT(lParam) == FD_ACCEPT) {
        OnAccept(window, (SOCKET)wParam);
        return 0;
    }
    r = FindReceiver((SOCKET)wParam);
    if (r == NULL) return 0; /* a message from before the end */
    if (WSAGETSELECTEVENT(lParam) == FD_CLOSE || WSAGETSELECTERROR(lParam) != 0)
        EndReceiver(r, "broken off");
    else
        SendOn(r);
    return 0;
}

int main(int argc, char* argv[]) {
    WSADATA data;
    WNDCLASS windowClass = {0};
    HWND window;
    SOCKET listener;
    struct sockaddr_in address = {0};
    int length = sizeof address;
    MSG message;
    FILE* file;
    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: file_sender FILE [RECEIVERS [PORT]]\n");
        return 2;
    }
    fileName = argv[1];
    file = fopen(fileName, "rb");
    if (file == NULL) {
        fprintf(stderr, "file_sender: cannot open %s\n", fileName);
        return 2;
    }
    fclose(file);
    wanted = argc > 2 ? atol(argv[2]) : 0;

    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    windowClass.lpfnWndProc = OnMessage;
    windowClass.hInstance = GetModuleHandle(NULL);
    windowClass.lpszClassName = TEXT("FileSender");
    RegisterClass(&windowClass);
    window = CreateWindow(TEXT("FileSender"), NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, windowClass.hInstance, NULL);
    if (window == NULL) return 1;

    listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)(argc > 3 ? atoi(argv[3]) : 0));
    if (bind(listener, (struct sockaddr*)&address, sizeof address) == SOCKET_ERROR ||
        listen(listener, 5) == SOCKET_ERROR ||
        getsockname(listener, (struct sockaddr*)&address, &length) == SOCKET_ERROR ||
        WSAAsyncSelect(listener, window, WM_SOCKET, FD_ACCEPT) == SOCKET_ERROR) {
        Fail("listen");
    } else {
        printf("listening on 127.0.0.1 port %u\n", (unsigned)ntohs(address.sin_port));
        fflush(stdout);
    }
    while (GetMessage(&message, NULL, 0, 0) > 0) DispatchMessage(&message);
    while (receivers != NULL) EndReceiver(receivers, "broken off");
    closesocket(listener);
    WSACleanup();
    return failed;
}
