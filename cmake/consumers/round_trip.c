/* A Winsock program as small as one can be that still waits for something: a datagram that it sends to itself. It must
 * not know how the library beneath it came onto this machine. */
#include <winsock2.h>

#include <windows.h>

#include <stdio.h>

#define WM_SOCKET (WM_USER + 1)

int main(void) {
    WSADATA data;
    MSG message;
    struct sockaddr_in address = {0};
    int length = sizeof address;
    char text[16];
    int received;
    HWND window;
    SOCKET s;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    window = CreateWindow(TEXT("STATIC"), NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    s = socket(AF_INET, SOCK_DGRAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (window == NULL || bind(s, (struct sockaddr*)&address, sizeof address) != 0 ||
        getsockname(s, (struct sockaddr*)&address, &length) != 0 ||
        WSAAsyncSelect(s, window, WM_SOCKET, FD_READ) != 0 ||
        sendto(s, "round trip", 10, 0, (struct sockaddr*)&address, sizeof address) != 10) {
        fprintf(stderr, "round_trip: error %d\n", WSAGetLastError());
        return 1;
    }
    while (GetMessage(&message, NULL, 0, 0) > 0) {
        if (message.message == WM_SOCKET && WSAGETSELECTEVENT(message.lParam) == FD_READ) break;
        DispatchMessage(&message);
    }
    received = recv(s, text, sizeof text, 0);
    printf("FD_READ: %.*s\n", received, text);
    closesocket(s);
    WSACleanup();
    return received == 10 ? 0 : 1;
}
