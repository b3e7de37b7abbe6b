// The echo server over libuv: reads into one buffer, and uv_try_write, so that nothing is allocated for an answer that
// is sent at once.
#include <uv.h>

#include <memory>

#include "bench/echo/serving.hpp"

namespace {

using namespace asyncselect::bench;

struct Connection {
    uv_tcp_t stream{};
    uv_write_t request{};
    std::string left;  // what the peer has not taken yet
};

// The library's callbacks get no more than a handle.
Serving* serving = nullptr;

uv_stream_t* stream_of(Connection& connection) { return reinterpret_cast<uv_stream_t*>(&connection.stream); }

void end(Connection& connection) {
    uv_close(reinterpret_cast<uv_handle_t*>(&connection.stream), [](uv_handle_t* handle) {
        uv_loop_t* const loop = handle->loop;
        const std::unique_ptr<Connection> ended{static_cast<Connection*>(handle->data)};
        if (serving->ended()) uv_stop(loop);
    });
}

void give_buffer(uv_handle_t*, std::size_t, uv_buf_t* out) {
    *out = uv_buf_init(buffer.data(), static_cast<unsigned>(buffer.size()));
}

void echo(uv_stream_t* stream, ssize_t got, const uv_buf_t* data) {
    auto& connection = *static_cast<Connection*>(stream->data);
    if (got == 0) return;
    if (got < 0) return end(connection);
    uv_buf_t out = uv_buf_init(data->base, static_cast<unsigned>(got));
    int sent = uv_try_write(stream, &out, 1);
    if (sent == got) return;
    if (sent < 0 && sent != UV_EAGAIN) return end(connection);
    sent = sent < 0 ? 0 : sent;
    connection.left.assign(data->base + sent, static_cast<std::size_t>(got - sent));
    uv_read_stop(stream);
    out = uv_buf_init(connection.left.data(), static_cast<unsigned>(connection.left.size()));
    connection.request.data = &connection;
    uv_write(&connection.request, stream, &out, 1, [](uv_write_t* request, int status) {
        auto& writing = *static_cast<Connection*>(request->data);
        if (status != 0) return end(writing);
        uv_read_start(stream_of(writing), give_buffer, echo);
    });
}

void accept_one(uv_stream_t* listener, int status) {
    if (status != 0) return;
    auto connection = std::make_unique<Connection>();
    uv_tcp_init(listener->loop, &connection->stream);
    connection->stream.data = connection.get();
    auto& accepted = *connection.release();
    if (uv_accept(listener, stream_of(accepted)) != 0) return end(accepted);
    uv_read_start(stream_of(accepted), give_buffer, echo);
}

}  // namespace

int main(int count, char** arguments) {
    Serving given{count, arguments};
    serving = &given;
    uv_tcp_t listener;
    uv_tcp_init(uv_default_loop(), &listener);
    if (uv_tcp_open(&listener, listen_on_loopback(given)) != 0 ||
        uv_listen(reinterpret_cast<uv_stream_t*>(&listener), SOMAXCONN, accept_one) != 0)
        fail("cannot listen");
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return 0;
}
