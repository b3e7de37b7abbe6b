// A client for lines of text, in the C++ of about 2010: getaddrinfo, a connect that does not block, select with a time
// limit. It must not know on what system it is compiled.
//
//   chat_client HOST PORT LINE...
//
// Sends each line and prints what comes back until each has come back too. Exit 0 if they all did within ten seconds
// each.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

class NetworkError : public std::runtime_error {
  public:
    explicit NetworkError(const std::string& what, int code = WSAGetLastError())
        : std::runtime_error(what + " failed: error " + std::to_string(code)) {}
};

class Winsock {
  public:
    Winsock() {
        WSADATA data;
        const int error = WSAStartup(MAKEWORD(2, 2), &data);
        if (error != 0) throw NetworkError("WSAStartup", error);
    }
    ~Winsock() { WSACleanup(); }
    Winsock(const Winsock&) = delete;
    Winsock& operator=(const Winsock&) = delete;
};

class Connection {
  public:
    Connection(const char* host, const char* port) {
        addrinfo hints = {};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_protocol = IPPROTO_TCP;
        addrinfo* addresses = nullptr;
        const int error = getaddrinfo(host, port, &hints, &addresses);
        if (error != 0) throw NetworkError(std::string("getaddrinfo: ") + gai_strerrorA(error), error);
        for (const addrinfo* address = addresses; address != nullptr && socket_ == INVALID_SOCKET;
             address = address->ai_next)
            try_to_connect(*address);
        freeaddrinfo(addresses);
        if (socket_ == INVALID_SOCKET) throw NetworkError("connect", last_error_);
    }
    ~Connection() { closesocket(socket_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send_line(const std::string& line) {
        const std::string text = line + "\r\n";
        std::size_t sent = 0;
        while (sent < text.size()) {
            if (!wait(Wanted::writing)) throw NetworkError("send", WSAETIMEDOUT);
            const int count = send(socket_, text.data() + sent, static_cast<int>(text.size() - sent), 0);
            if (count == SOCKET_ERROR && WSAGetLastError() != WSAEWOULDBLOCK) throw NetworkError("send");
            if (count > 0) sent += static_cast<std::size_t>(count);
        }
    }

    std::string receive_line() {
        for (;;) {
            const auto end = received_.find('\n');
            if (end != std::string::npos) {
                std::string line = received_.substr(0, end);
                received_.erase(0, end + 1);
                line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
                return line;
            }
            if (!wait(Wanted::reading)) throw NetworkError("recv", WSAETIMEDOUT);
            char buffer[512];
            const int count = recv(socket_, buffer, sizeof buffer, 0);
            if (count == 0) throw NetworkError("recv", WSAECONNRESET);
            if (count == SOCKET_ERROR && WSAGetLastError() != WSAEWOULDBLOCK) throw NetworkError("recv");
            if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
        }
    }

  private:
    enum class Wanted { reading, writing };

    // False when ten seconds have gone by.
    bool wait(Wanted wanted) const {
        fd_set sockets;
        FD_ZERO(&sockets);
        FD_SET(socket_, &sockets);
        timeval limit = {10, 0};
        const bool reads = wanted == Wanted::reading;
        const int ready = select(0, reads ? &sockets : nullptr, reads ? nullptr : &sockets, nullptr, &limit);
        if (ready == SOCKET_ERROR) throw NetworkError("select");
        return ready != 0;
    }

    void try_to_connect(const addrinfo& address) {
        const SOCKET s = socket(address.ai_family, address.ai_socktype, address.ai_protocol);
        if (s == INVALID_SOCKET) {
            last_error_ = WSAGetLastError();
            return;
        }
        u_long nonblocking = 1;
        ioctlsocket(s, FIONBIO, &nonblocking);
        last_error_ = 0;
        if (connect(s, address.ai_addr, static_cast<int>(address.ai_addrlen)) == SOCKET_ERROR)
            last_error_ = WSAGetLastError() == WSAEWOULDBLOCK ? outcome_of_connect(s) : WSAGetLastError();
        if (last_error_ == 0)
            socket_ = s;
        else
            closesocket(s);
    }

    static int outcome_of_connect(SOCKET s) {
        fd_set connected;
        fd_set failed;
        FD_ZERO(&connected);
        FD_ZERO(&failed);
        FD_SET(s, &connected);
        FD_SET(s, &failed);
        timeval limit = {5, 500000};
        const int ready = select(static_cast<int>(s) + 1, nullptr, &connected, &failed, &limit);
        if (ready == SOCKET_ERROR) return WSAGetLastError();
        if (ready == 0) return WSAETIMEDOUT;
        int error = 0;
        int size = sizeof error;
        if (FD_ISSET(s, &failed)) {
            getsockopt(s, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size);
            return error != 0 ? error : WSAECONNREFUSED;
        }
        return 0;
    }

    SOCKET socket_ = INVALID_SOCKET;
    int last_error_ = 0;
    std::string received_;
};

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc < 3) {
        std::cerr << "usage: chat_client HOST PORT LINE...\n";
        return 2;
    }
    try {
        const Winsock winsock;
        Connection connection(argv[1], argv[2]);
        for (const std::string& line : std::vector<std::string>(argv + 3, argv + argc)) {
            connection.send_line(line);
            std::string answer;
            do {
                answer = connection.receive_line();
                std::cout << answer << std::endl;
            } while (!ends_with(answer, ": " + line));
        }
    } catch (const NetworkError& error) {
        std::cerr << "chat_client: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
