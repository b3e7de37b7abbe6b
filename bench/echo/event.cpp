// The echo server over libevent: its events with recv and send, which is the fast way; its buffered one costs more.
#include <event2/event.h>
#include <event2/event_struct.h>

#include <memory>

#include "bench/echo/serving.hpp"

namespace {

using namespace asyncselect::bench;

struct Server {
    Serving serving;
    event_base* base;
    int listener;
};

struct Connection {
    Server* server = nullptr;
    event reading{};
    event writing{};
    std::string left;  // what the peer has not taken yet
};

void end(Connection& connection) {
    event_del(&connection.reading);
    event_del(&connection.writing);
    close(event_get_fd(&connection.reading));
    const std::unique_ptr<Connection> ended{&connection};
    if (connection.server->serving.ended()) event_base_loopbreak(connection.server->base);
}

void echo(int descriptor, short, void* context) {
    auto& connection = *static_cast<Connection*>(context);
    const ssize_t got = recv(descriptor, buffer.data(), buffer.size(), 0);
    if (got < 0 && would_block()) return;
    if (got <= 0) return end(connection);
    ssize_t sent = send(descriptor, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
    if (sent == got) return;
    if (sent < 0 && !would_block()) return end(connection);
    sent = sent < 0 ? 0 : sent;
    connection.left.assign(buffer.data() + sent, static_cast<std::size_t>(got - sent));
    event_del(&connection.reading);
    event_add(&connection.writing, nullptr);
}

void send_left(int descriptor, short, void* context) {
    auto& connection = *static_cast<Connection*>(context);
    const ssize_t sent = send(descriptor, connection.left.data(), connection.left.size(), MSG_NOSIGNAL);
    if (sent < 0 && would_block()) return;
    if (sent < 0) return end(connection);
    connection.left.erase(0, static_cast<std::size_t>(sent));
    if (!connection.left.empty()) return;
    event_del(&connection.writing);
    event_add(&connection.reading, nullptr);
}

void accept_one(int listener, short, void* context) {
    auto& server = *static_cast<Server*>(context);
    const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    auto& connection = *std::make_unique<Connection>().release();
    connection.server = &server;
    event_assign(&connection.reading, server.base, descriptor, EV_READ | EV_PERSIST, echo, &connection);
    event_assign(&connection.writing, server.base, descriptor, EV_WRITE | EV_PERSIST, send_left, &connection);
    event_add(&connection.reading, nullptr);
}

}  // namespace

int main(int count, char** arguments) {
    const Serving serving{count, arguments};
    event_config* const config = event_config_new();
    // One thread, so no locks; and changes of one event between two waits become one call.
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    Server server{serving, event_base_new_with_config(config), listen_on_loopback(serving)};
    event_config_free(config);
    event listening{};
    event_assign(&listening, server.base, server.listener, EV_READ | EV_PERSIST, accept_one, &server);
    event_add(&listening, nullptr);
    event_base_dispatch(server.base);
    return 0;
}
