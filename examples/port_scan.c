/* Tells which ports of a host take connections: many connects at once, watched by WSAPoll. It must not know on what
 * system it is compiled.
 *
 *   port_scan HOST FIRST LAST
 *
 * HOST is a name or an IPv4 address. Exit 0 if a port is open, 1 if none is. */
#include <winsock2.h>

#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 50
#define PATIENCE_MS 2000

static WSAPOLLFD attempts[AT_ONCE];
static int ports[AT_ONCE];
static ULONG attemptCount;
static int openPorts;

static void Report(int port, const char* state) {
    struct servent* service = getservbyport(htons((u_short)port), "tcp");
    printf("port %d %s%s%s\n", port, state, service != NULL ? ", " : "", service != NULL ? service->s_name : "");
}

static void EndAttempt(ULONG i) {
    closesocket(attempts[i].fd);
    attemptCount--;
    attempts[i] = attempts[attemptCount];
    ports[i] = ports[attemptCount];
}

static int BeginAttempt(struct in_addr host, int port) {
    struct sockaddr_in address;
    u_long nonblocking = 1;
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (s == INVALID_SOCKET) return WSAGetLastError();
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr = host;
    address.sin_port = htons((u_short)port);
    ioctlsocket(s, (long)FIONBIO, &nonblocking);
    if (connect(s, (struct sockaddr*)&address, sizeof address) == SOCKET_ERROR && WSAGetLastError() != WSAEWOULDBLOCK) {
        closesocket(s);
        Report(port, "closed");
        return 0;
    }
    attempts[attemptCount].fd = s;
    attempts[attemptCount].events = POLLWRNORM;
    attempts[attemptCount].revents = 0;
    ports[attemptCount++] = port;
    return 0;
}

static int LookAtAttempts(void) {
    ULONG i = 0;
    int ready = WSAPoll(attempts, attemptCount, PATIENCE_MS);
    if (ready == SOCKET_ERROR) return WSAGetLastError();
    if (ready == 0) {
        while (attemptCount > 0) {
            Report(ports[0], "silent");
            EndAttempt(0);
        }
    }
    while (i < attemptCount) {
        if (attempts[i].revents == 0) {
            i++;
            continue;
        }
        if (attempts[i].revents & (POLLERR | POLLHUP | POLLNVAL)) {
            Report(ports[i], "closed");
        } else {
            Report(ports[i], "open");
            openPorts++;
        }
        EndAttempt(i);
    }
    return 0;
}

int main(int argc, char* argv[]) {
    WSADATA data;
    struct hostent* host;
    struct in_addr address;
    int port, last, error;
    if (argc != 4) {
        fprintf(stderr, "usage: port_scan HOST FIRST LAST\n");
        return 2;
    }
    error = WSAStartup(MAKEWORD(2, 2), &data);
    if (error != 0) {
        fprintf(stderr, "port_scan: WSAStartup failed: error %d\n", error);
        return 2;
    }
    host = gethostbyname(argv[1]);
    if (host == NULL || host->h_addrtype != AF_INET) {
        fprintf(stderr, "port_scan: no address of %s: error %d\n", argv[1], WSAGetLastError());
        return 2;
    }
    memcpy(&address, host->h_addr_list[0], sizeof address);
    port = atoi(argv[2]);
    last = atoi(argv[3]);
    while (error == 0 && (port <= last || attemptCount > 0)) {
        while (error == 0 && port <= last && attemptCount < AT_ONCE) error = BeginAttempt(address, port++);
        if (error == 0 && attemptCount > 0) error = LookAtAttempts();
    }
    if (error != 0) fprintf(stderr, "port_scan: error %d\n", error);
    WSACleanup();
    if (error != 0) return 2;
    return openPorts > 0 ? 0 : 1;
}
