/* Tells when the addresses of this host change, and when the interface changes by which a destination is reached. It
 * must not know on what system it is compiled.
 *
 *   change_watcher [DESTINATION [CHANGES]]
 *
 * DESTINATION is an IPv4 address; without it, it is 192.0.2.1, which stands for everything that has no route of its
 * own. With CHANGES it ends after so many of them; with 0 or nothing it runs until it is stopped. */
#include <winsock2.h>

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WM_SOCKET (WM_USER + 1)

static struct sockaddr_in destination;
static long changes, wanted;

static void Fail(const char* what) {
    fprintf(stderr, "change_watcher: %s failed: error %d\n", what, WSAGetLastError());
    PostQuitMessage(1);
}

/* inet_addr and inet_ntoa are enough for IPv4, and as old as Winsock. */
static void PrintAddress(const struct sockaddr* address) {
    printf(" %s", inet_ntoa(((const struct sockaddr_in*)address)->sin_addr));
}

/* Asks to be told of the next change, once: each notification is asked for anew. */
static void AskForAddresses(SOCKET s) {
    DWORD returned;
    if (WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &returned, NULL, NULL) == SOCKET_ERROR &&
        WSAGetLastError() != WSAEWOULDBLOCK)
        Fail("SIO_ADDRESS_LIST_CHANGE");
}

static void AskForRoute(SOCKET s) {
    DWORD returned;
    if (WSAIoctl(s, SIO_ROUTING_INTERFACE_CHANGE, &destination, sizeof destination, NULL, 0, &returned, NULL, NULL) ==
            SOCKET_ERROR &&
        WSAGetLastError() != WSAEWOULDBLOCK)
        Fail("SIO_ROUTING_INTERFACE_CHANGE");
}

static void PrintAddresses(SOCKET s) {
    union {
        SOCKET_ADDRESS_LIST list;
        char room[16384];
    } answer;
    const SOCKET_ADDRESS* addresses = answer.list.Address; /* as many as the list says, not one */
    DWORD returned;
    int i;
    printf("addresses:");
    if (WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, &answer, sizeof answer, &returned, NULL, NULL) == SOCKET_ERROR)
        printf(" error %d", WSAGetLastError());
    else
        for (i = 0; i < answer.list.iAddressCount; i++) PrintAddress(addresses[i].lpSockaddr);
    printf("\n");
    fflush(stdout);
}

static void PrintRoute(SOCKET s) {
    struct sockaddr_storage from;
    DWORD returned;
    printf("reached from:");
    if (WSAIoctl(s, SIO_ROUTING_INTERFACE_QUERY, &destination, sizeof destination, &from, sizeof from, &returned, NULL,
                 NULL) == SOCKET_ERROR)
        printf(" error %d", WSAGetLastError());
    else
        PrintAddress((struct sockaddr*)&from);
    printf("\n");
    fflush(stdout);
}

static LRESULT CALLBACK OnMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
    SOCKET s = (SOCKET)wParam;
    if (message != WM_SOCKET) return DefWindowProc(window, message, wParam, lParam);
    /* First ask, then look: a change between the two is told once more, and none is missed. */
    switch (WSAGETSELECTEVENT(lParam)) {
        case FD_ADDRESS_LIST_CHANGE:
            AskForAddresses(s);
            PrintAddresses(s);
            break;
        case FD_ROUTING_INTERFACE_CHANGE:
            AskForRoute(s);
            PrintRoute(s);
            break;
    }
    if (++changes == wanted) PostQuitMessage(0);
    return 0;
}

int main(int argc, char* argv[]) {
    WSADATA data;
    WNDCLASS windowClass = {0};
    HWND window;
    SOCKET s;
    MSG message;
    destination.sin_family = AF_INET;
    destination.sin_addr.s_addr = inet_addr(argc > 1 ? argv[1] : "192.0.2.1");
    if (destination.sin_addr.s_addr == INADDR_NONE) {
        fprintf(stderr, "change_watcher: %s is no IPv4 address\n", argv[1]);
        return 2;
    }
    wanted = argc > 2 ? atol(argv[2]) : 0;

    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    windowClass.lpfnWndProc = OnMessage;
    windowClass.hInstance = GetModuleHandle(NULL);
    windowClass.lpszClassName = TEXT("ChangeWatcher");
    RegisterClass(&windowClass);
    window = CreateWindow(TEXT("ChangeWatcher"), NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, windowClass.hInstance, NULL);
    s = socket(AF_INET, SOCK_DGRAM, 0);
    if (window == NULL ||
        WSAAsyncSelect(s, window, WM_SOCKET, FD_ADDRESS_LIST_CHANGE | FD_ROUTING_INTERFACE_CHANGE) == SOCKET_ERROR) {
        fprintf(stderr, "change_watcher: WSAAsyncSelect failed: error %d\n", WSAGetLastError());
        return 1;
    }
    AskForAddresses(s);
    AskForRoute(s);
    PrintAddresses(s);
    PrintRoute(s);
    while (GetMessage(&message, NULL, 0, 0) > 0) DispatchMessage(&message);
    closesocket(s);
    WSACleanup();
    return (int)message.wParam;
}
