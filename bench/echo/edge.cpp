// The echo server over epoll, edge-triggered: every interest registered once, and a short read taken for the end of
// what is there, so that it needs no more calls than the level-triggered one.
#include <sys/epoll.h>

#include <memory>

#include "bench/echo/serving.hpp"

namespace {

using namespace asyncselect::bench;

struct Connection {
    int descriptor;
    bool readable = false;
    bool ended = false;
    std::string left;  // what the peer has not taken yet
};

class Server {
  public:
    explicit Server(Serving serving)
        : serving_{serving}, listener_{listen_on_loopback(serving)}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {
        watch(listener_, EPOLLIN | EPOLLET, nullptr);
    }

    void run() {
        std::array<epoll_event, 64> events;
        while (!over_) {
            const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                auto* const connection = static_cast<Connection*>(event.data.ptr);
                if (connection == nullptr) {
                    accept_all();
                    continue;
                }
                if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) connection->readable = true;
                if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) connection->ended = true;
                echo(connection);
            }
        }
    }

  private:
    void watch(int descriptor, std::uint32_t events, Connection* connection) const {
        epoll_event event{};
        event.events = events;
        event.data.ptr = connection;
        if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
    }

    void accept_all() const {
        for (;;) {
            const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0) return;
            watch(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                  std::make_unique<Connection>(Connection{descriptor, false, false, {}}).release());
        }
    }

    void echo(Connection* connection) {
        if (!connection->left.empty()) {
            const ssize_t sent =
                send(connection->descriptor, connection->left.data(), connection->left.size(), MSG_NOSIGNAL);
            if (sent < 0 && would_block()) return;
            if (sent < 0) return end(connection);
            connection->left.erase(0, static_cast<std::size_t>(sent));
            if (!connection->left.empty()) return;
        }
        while (connection->readable) {
            const ssize_t got = recv(connection->descriptor, buffer.data(), buffer.size(), 0);
            if (got < 0 && would_block()) {
                connection->readable = false;
                return;
            }
            if (got <= 0) return end(connection);
            // What comes from now on is a new edge; only the end was told already.
            connection->readable = static_cast<std::size_t>(got) == buffer.size() || connection->ended;
            ssize_t sent = send(connection->descriptor, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
            if (sent < 0 && !would_block()) return end(connection);
            sent = sent < 0 ? 0 : sent;
            if (sent == got) continue;
            connection->left.assign(buffer.data() + sent, static_cast<std::size_t>(got - sent));
            return;
        }
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
