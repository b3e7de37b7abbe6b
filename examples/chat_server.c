/* A chat server for lines of text, as one wrote it for Windows 95: a window, WSAAsyncSelect, Winsock 1.1. It must not
 * know on what system it is compiled.
 *
 *   chat_server [VISITORS [PORT]]
 *
 * What a visitor writes, line by line, goes to everybody, himself included. It listens on 127.0.0.1 and ends when
 * VISITORS of them have come and gone; with 0 or nothing it runs until it is stopped. */
#include <windows.h>

#include <winsock.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WM_NETWORK (WM_USER + 100)
#define MAX_VISITORS 256
#define LINE_LENGTH 512
#define PENDING_LENGTH 16384

typedef struct {
    SOCKET s;
    char name[32];
    char line[LINE_LENGTH]; /* what has come of a line */
    int lineLength;
    char pending[PENDING_LENGTH]; /* what is still to be sent */
    int pendingLength;
} VISITOR;

static VISITOR visitors[MAX_VISITORS];
static unsigned visitorCount;
static int visitorsLeft;
static int visitorsWanted;

static void ShowError(const char* what, int error) {
    LPSTR text = NULL;
    if (FormatMessageA(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
                       NULL, (DWORD)error, MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPSTR)&text, 0, NULL) != 0) {
        fprintf(stderr, "%s: %s", what, text);
        LocalFree(text);
    } else {
        fprintf(stderr, "%s: error %d\n", what, error);
    }
}

static VISITOR* FindVisitor(SOCKET s) {
    unsigned i;
    for (i = 0; i < visitorCount; i++)
        if (visitors[i].s == s) return &visitors[i];
    return NULL;
}

static void Goodbye(VISITOR* v) {
    closesocket(v->s);
    visitorCount--;
    memmove(v, v + 1, (size_t)(&visitors[visitorCount] - v) * sizeof *v);
    visitorsLeft++;
    if (visitorsWanted != 0 && visitorsLeft >= visitorsWanted) PostQuitMessage(0);
}

static void SendPending(VISITOR* v) {
    while (v->pendingLength > 0) {
        int sent = send(v->s, v->pending, v->pendingLength, 0);
        if (sent == SOCKET_ERROR) {
            if (WSAGetLastError() != WSAEWOULDBLOCK) v->pendingLength = 0; /* FD_CLOSE comes, and tells why */
            return;                                                        /* or FD_WRITE */
        }
        v->pendingLength -= sent;
        memmove(v->pending, v->pending + sent, (size_t)v->pendingLength);
    }
}

static void Tell(VISITOR* v, const char* text) {
    int length = lstrlenA(text);
    if (v->pendingLength + length > PENDING_LENGTH) return; /* he does not listen */
    CopyMemory(v->pending + v->pendingLength, text, (size_t)length);
    v->pendingLength += length;
    SendPending(v);
}

static void TellEverybody(const char* name, const char* line) {
    char text[LINE_LENGTH + 64];
    unsigned i;
    wsprintfA(text, "%s: %s\r\n", name, line);
    for (i = 0; i < visitorCount; i++) Tell(&visitors[i], text);
}

static void TakeText(VISITOR* v, const char* text, int length) {
    int i;
    for (i = 0; i < length; i++) {
        if (text[i] == '\r') continue;
        if (text[i] != '\n' && v->lineLength < LINE_LENGTH - 1) {
            v->line[v->lineLength++] = text[i];
            continue;
        }
        v->line[v->lineLength] = '\0';
        v->lineLength = 0;
        TellEverybody(v->name, v->line);
    }
}

static void OnAccept(SOCKET listener) {
    struct sockaddr_in from;
    int length = sizeof from;
    VISITOR* v;
    SOCKET s = accept(listener, (struct sockaddr*)&from, &length);
    if (s == INVALID_SOCKET) {
        if (WSAGetLastError() != WSAEWOULDBLOCK) ShowError("accept", WSAGetLastError());
        return;
    }
    if (visitorCount >= MAX_VISITORS) {
        closesocket(s);
        return;
    }
    v = &visitors[visitorCount++];
    ZeroMemory(v, sizeof *v);
    v->s = s;
    wsprintfA(v->name, "%s port %u", inet_ntoa(from.sin_addr), (unsigned)ntohs(from.sin_port));
    Tell(v, "Welcome. Write a line.\r\n");
}

static void OnNetwork(SOCKET s, int event, int error) {
    char text[256];
    int received;
    VISITOR* v;
    if (event == FD_ACCEPT) {
        OnAccept(s);
        return;
    }
    v = FindVisitor(s);
    if (v == NULL) return;
    switch (event) {
        case FD_READ:
            received = recv(s, text, sizeof text, 0);
            if (received > 0) TakeText(v, text, received);
            break;
        case FD_WRITE:
            SendPending(v);
            break;
        case FD_CLOSE:
            if (error != 0) ShowError(v->name, error);
            Goodbye(v);
            break;
    }
}

LRESULT CALLBACK ChatProc(HWND hWnd, UINT message, WPARAM wParam, LPARAM lParam);
LRESULT CALLBACK ChatProc(HWND hWnd, UINT message, WPARAM wParam, LPARAM lParam) {
    switch (message) {
        case WM_NETWORK:
            OnNetwork((SOCKET)wParam, WSAGETSELECTEVENT(lParam), WSAGETSELECTERROR(lParam));
            return 0;
        case WM_DESTROY:
            PostQuitMessage(0);
            return 0;
    }
    return DefWindowProc(hWnd, message, wParam, lParam);
}

static void ShowOwnAddress(void) {
    char name[256];
    struct hostent* host;
    struct in_addr address;
    if (gethostname(name, sizeof name) == SOCKET_ERROR || (host = gethostbyname(name)) == NULL) {
        ShowError("this host", WSAGetLastError());
        return;
    }
    memcpy(&address, host->h_addr, sizeof address);
    printf("this host is %s, %s\n", host->h_name, inet_ntoa(address));
}

static SOCKET Listen(HWND hWnd, unsigned short port) {
    struct sockaddr_in address;
    int length = sizeof address;
    SOCKET s = socket(PF_INET, SOCK_STREAM, 0);
    ZeroMemory(&address, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    address.sin_port = htons(port);
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr*)&address, sizeof address) == SOCKET_ERROR ||
        listen(s, SOMAXCONN) == SOCKET_ERROR || getsockname(s, (struct sockaddr*)&address, &length) == SOCKET_ERROR ||
        WSAAsyncSelect(s, hWnd, WM_NETWORK, FD_ACCEPT | FD_READ | FD_WRITE | FD_CLOSE) == SOCKET_ERROR) {
        ShowError("listen", WSAGetLastError());
        return INVALID_SOCKET;
    }
    printf("listening on 127.0.0.1 port %u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return s;
}

int main(int argc, char* argv[]) {
    WSADATA wsaData;
    WNDCLASS wc;
    HWND hWnd;
    SOCKET listener;
    MSG msg;
    int error = WSAStartup(MAKEWORD(1, 1), &wsaData);
    if (error != 0) {
        ShowError("WSAStartup", error);
        return 1;
    }
    visitorsWanted = argc > 1 ? atoi(argv[1]) : 0;

    ZeroMemory(&wc, sizeof wc);
    wc.lpfnWndProc = ChatProc;
    wc.hInstance = GetModuleHandle(NULL);
    wc.lpszClassName = TEXT("ChatServer");
    if (!RegisterClass(&wc)) {
        ShowError("RegisterClass", (int)GetLastError());
        return 1;
    }
    hWnd = CreateWindow(TEXT("ChatServer"), TEXT("Chat"), WS_OVERLAPPEDWINDOW, CW_USEDEFAULT, CW_USEDEFAULT,
                        CW_USEDEFAULT, CW_USEDEFAULT, NULL, NULL, wc.hInstance, NULL);
    if (hWnd == NULL) {
        ShowError("CreateWindow", (int)GetLastError());
        return 1;
    }

    ShowOwnAddress();
    listener = Listen(hWnd, (unsigned short)(argc > 2 ? atoi(argv[2]) : 0));
    if (listener == INVALID_SOCKET) return 1;
    while (GetMessage(&msg, NULL, 0, 0)) {
        TranslateMessage(&msg);
        DispatchMessage(&msg);
    }
    closesocket(listener);
    WSACleanup();
    printf("%d visitors\n", visitorsLeft);
    return (int)msg.wParam;
}
