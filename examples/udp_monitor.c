/* Watches a UDP port: what comes, from whom and how much, and once a second how many. It must not know on what system
 * it is compiled.
 *
 *   udp_monitor [DATAGRAMS [PORT]]
 *
 * It prints the port (127.0.0.1; 0 or nothing: the system chooses), a line for each datagram with as much of its text
 * as fits, and a line for each second in which something came. With DATAGRAMS it ends after so many of them; with 0 or
 * nothing it runs until it is stopped. */
#include <winsock2.h>

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

#define WM_SOCKET (WM_USER + 1)
#define TEXT_SIZE 64

static long wanted, came, before;
static long long bytes;

/* What would disturb a terminal is a dot. */
static void PrintText(const char* text, int length) {
    int i;
    for (i = 0; i < length; i++) putchar(text[i] >= ' ' && text[i] <= '~' ? text[i] : '.');
}

static void OnDatagram(SOCKET s) {
    char text[TEXT_SIZE];
    struct sockaddr_in from;
    int fromLength = sizeof from;
    int length = recvfrom(s, text, sizeof text, 0, (struct sockaddr*)&from, &fromLength);
    BOOL cut = FALSE;
    if (length == SOCKET_ERROR) {
        switch (WSAGetLastError()) {
            case WSAEMSGSIZE: /* longer than the buffer: the rest is lost, the sender is known */
                cut = TRUE;
                length = sizeof text;
                break;
            case WSAEWOULDBLOCK: /* an earlier message has led to this datagram already */
            case WSAECONNRESET:  /* Windows: somebody refused what was sent from here */
                return;
            default:
                fprintf(stderr, "udp_monitor: recvfrom failed: error %d\n", WSAGetLastError());
                PostQuitMessage(1);
                return;
        }
    }
    came++;
    bytes += length;
    printf("%s port %u: %s%d bytes: ", inet_ntoa(from.sin_addr), (unsigned)ntohs(from.sin_port),
           cut ? "more than " : "", length);
    PrintText(text, length);
    printf("\n");
    fflush(stdout);
    if (came == wanted) PostQuitMessage(0);
}

static LRESULT CALLBACK OnMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
    switch (message) {
        case WM_SOCKET:
            if (WSAGETSELECTEVENT(lParam) == FD_READ) OnDatagram((SOCKET)wParam);
            return 0;
        case WM_TIMER:
            if (came != before) printf("%ld datagrams in a second\n", came - before);
            fflush(stdout);
            before = came;
            return 0;
    }
    return DefWindowProc(window, message, wParam, lParam);
}

int main(int argc, char* argv[]) {
    WSADATA data;
    WNDCLASS windowClass = {0};
    HWND window;
    SOCKET s;
    struct sockaddr_in address = {0};
    int length = sizeof address;
    MSG message;
    wanted = argc > 1 ? atol(argv[1]) : 0;

    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    windowClass.lpfnWndProc = OnMessage;
    windowClass.hInstance = GetModuleHandle(NULL);
    windowClass.lpszClassName = TEXT("UdpMonitor");
    RegisterClass(&windowClass);
    window = CreateWindow(TEXT("UdpMonitor"), NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, windowClass.hInstance, NULL);
    s = socket(AF_INET, SOCK_DGRAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)(argc > 2 ? atoi(argv[2]) : 0));
    if (window == NULL || bind(s, (struct sockaddr*)&address, sizeof address) == SOCKET_ERROR ||
        getsockname(s, (struct sockaddr*)&address, &length) == SOCKET_ERROR ||
        WSAAsyncSelect(s, window, WM_SOCKET, FD_READ) == SOCKET_ERROR || SetTimer(window, 1, 1000, NULL) == 0) {
        fprintf(stderr, "udp_monitor: cannot watch the port: error %d\n", WSAGetLastError());
        return 1;
    }
    printf("watching 127.0.0.1 port %u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    while (GetMessage(&message, NULL, 0, 0) > 0) DispatchMessage(&message);
    printf("%ld datagrams, %lld bytes\n", came, bytes);
    closesocket(s);
    WSACleanup();
    return (int)message.wParam;
}
