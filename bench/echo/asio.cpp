// The echo server over Boost.Asio: one thread and so no locks in its scheduler, reads with async_read_some, and an
// answer that is sent at once without another asynchronous operation.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <memory>

#include "bench/echo/serving.hpp"

namespace {

using namespace asyncselect::bench;
using boost::asio::ip::tcp;
using boost::system::error_code;

struct Server {
    Serving serving;
    boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
    tcp::acceptor acceptor{context};
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Server& server, tcp::socket socket) : server_{server}, socket_{std::move(socket)} {
        socket_.non_blocking(true);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        if (server_.serving.ended()) server_.context.stop();
    }

    void read() {
        // A buffer of its own: what is read is there before the handler runs, and others are read meanwhile.
        socket_.async_read_some(boost::asio::buffer(own_),
                                [self = shared_from_this()](error_code error, std::size_t got) {
                                    if (!error) self->echo(got);
                                });
    }

  private:
    void echo(std::size_t got) {
        error_code error;
        const std::size_t sent = socket_.write_some(boost::asio::buffer(own_, got), error);
        if (sent == got) return read();
        if (error && error != boost::asio::error::would_block) return;
        boost::asio::async_write(socket_, boost::asio::buffer(own_.data() + sent, got - sent),
                                 [self = shared_from_this()](error_code failure, std::size_t) {
                                     if (!failure) self->read();
                                 });
    }

    Server& server_;
    tcp::socket socket_;
    std::array<char, 4096> own_;
};

void accept_next(Server& server) {
    server.acceptor.async_accept([&server](error_code error, tcp::socket socket) {
        if (!error) std::make_shared<Connection>(server, std::move(socket))->read();
        accept_next(server);
    });
}

}  // namespace

int main(int count, char** arguments) {
    Server server{Serving{count, arguments}};
    server.acceptor.assign(tcp::v4(), listen_on_loopback(server.serving));
    accept_next(server);
    server.context.run();
    return 0;
}
