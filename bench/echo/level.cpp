// The echo server over epoll, level-triggered: what the others are compared with. What could not be sent at once is
// kept, and nothing is read from who takes nothing.
#include <sys/epoll.h>

#include <memory>

#include "bench/echo/serving.hpp"

namespace {

using namespace asyncselect::bench;

struct Connection {
    int descriptor;
    std::string left;  // what the peer has not taken yet
};

class Server {
  public:
    explicit Server(Serving serving)
        : serving_{serving}, listener_{listen_on_loopback(serving)}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN, nullptr);
    }

    void run() {
        std::array<epoll_event, 64> events;
        while (!over_) {
            const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                auto* const connection = static_cast<Connection*>(event.data.ptr);
                if (connection == nullptr)
                    accept_one();
                else if ((event.events & EPOLLOUT) != 0)
                    send_left(connection);
                else
                    echo(connection);
            }
        }
    }

  private:
    void watch(int operation, int descriptor, std::uint32_t events, Connection* connection) const {
        epoll_event event{};
        event.events = events;
        event.data.ptr = connection;
        if (epoll_ctl(epoll_, operation, descriptor, &event) != 0) fail("epoll_ctl");
    }

    void accept_one() const {
        const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        watch(EPOLL_CTL_ADD, descriptor, EPOLLIN, std::make_unique<Connection>(Connection{descriptor, {}}).release());
    }

    void echo(Connection* connection) {
        const ssize_t got = recv(connection->descriptor, buffer.data(), buffer.size(), 0);
        if (got < 0 && would_block()) return;
        if (got <= 0) return end(connection);
        ssize_t sent = send(connection->descriptor, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
        if (sent < 0 && !would_block()) return end(connection);
        sent = sent < 0 ? 0 : sent;
        if (sent == got) return;
        connection->left.assign(buffer.data() + sent, static_cast<std::size_t>(got - sent));
        watch(EPOLL_CTL_MOD, connection->descriptor, EPOLLOUT, connection);
    }

    void send_left(Connection* connection) {
        const ssize_t sent =
            send(connection->descriptor, connection->left.data(), connection->left.size(), MSG_NOSIGNAL);
        if (sent < 0 && would_block()) return;
        if (sent < 0) return end(connection);
        connection->left.erase(0, static_cast<std::size_t>(sent));
        if (connection->left.empty()) watch(EPOLL_CTL_MOD, connection->descriptor, EPOLLIN, connection);
    }

    void end(Connection* connection) {
        close(connection->descriptor);
        const std::unique_ptr<Connection> ended{connection};
        over_ = serving_.ended();
    }

    Serving serving_;
    int listener_;
    int epoll_;
    bool over_ = false;
};

}  // namespace

int main(int count, char** arguments) {
    Server{Serving{count, arguments}}.run();
    return 0;
}
