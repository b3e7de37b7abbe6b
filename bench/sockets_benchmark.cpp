// The API on loopback, both ends in one thread with one window: registering, accepting, connections that come and go,
// datagrams, bulk data with FD_WRITE as brake, and few busy sockets among many idle ones.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <vector>

#include "bench/api.hpp"
#include "bench/idle.hpp"

namespace asyncselect::bench {
namespace {

void registers(benchmark::State& state) {
    const Window window;
    const auto [one, other] = connection();
    for (auto _ : state) window.registers(one, fd_read | fd_close);
    asyncselect_closesocket(one);
    asyncselect_closesocket(other);
    drop_messages();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(registers);

// A connection comes, is accepted by a message, and goes.
void connections(benchmark::State& state) {
    const Window window;
    asyncselect_sockaddr_in address{};
    const auto listener = bound(1, address);
    must(asyncselect_listen(listener, 128) == 0, "listen");
    window.registers(listener, fd_accept | fd_read | fd_close);
    for (auto _ : state) {
        const auto client = asyncselect_socket(2, 1, 0);
        must(connect(client, address) == 0, "connect");
        next_of(fd_accept);
        const auto accepted = asyncselect_accept(listener, nullptr, nullptr);
        must(accepted != invalid_socket, "accept");
        asyncselect_closesocket(client);
        next_of(fd_close);
        asyncselect_closesocket(accepted);
    }
    asyncselect_closesocket(listener);
    drop_messages();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(connections);

// So many requests wait at once.
void accepts(benchmark::State& state) {
    const Window window;
    asyncselect_sockaddr_in address{};
    const auto listener = bound(1, address);
    must(asyncselect_listen(listener, 128) == 0, "listen");
    window.registers(listener, fd_accept);
    constexpr int at_once = 64;
    std::vector<asyncselect_SOCKET> sockets;
    for (auto _ : state) {
        state.PauseTiming();
        for (const auto s : sockets) asyncselect_closesocket(s);
        sockets.clear();
        drop_messages();
        for (int i = 0; i < at_once; ++i) {
            sockets.push_back(asyncselect_socket(2, 1, 0));
            must(connect(sockets.back(), address) == 0, "connect");
        }
        state.ResumeTiming();
        for (int i = 0; i < at_once; ++i) {
            next_of(fd_accept);
            sockets.push_back(asyncselect_accept(listener, nullptr, nullptr));
        }
    }
    for (const auto s : sockets) asyncselect_closesocket(s);
    asyncselect_closesocket(listener);
    drop_messages();
    state.SetItemsProcessed(state.iterations() * at_once);
}
BENCHMARK(accepts);

void datagrams(benchmark::State& state) {
    const Window window;
    asyncselect_sockaddr_in address{};
    asyncselect_sockaddr_in unused{};
    const auto receiver = bound(2, address);
    const auto sender = bound(2, unused);
    must(connect(sender, address) == 0, "connect");
    window.registers(receiver, fd_read);
    std::array<char, 64> data{};
    for (auto _ : state) {
        must(asyncselect_send(sender, data.data(), data.size(), 0) == static_cast<int>(data.size()), "send");
        next_of(fd_read);
        must(asyncselect_recv(receiver, data.data(), data.size(), 0) == static_cast<int>(data.size()), "recv");
    }
    asyncselect_closesocket(sender);
    asyncselect_closesocket(receiver);
    drop_messages();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(datagrams);

// Both ends send all that is taken and receive all that comes; who cannot send waits for FD_WRITE.
void bulk_both_ways(benchmark::State& state) {
    const Window window;
    const auto ends = connection();
    for (const auto s : ends) window.registers(s, fd_read | fd_write | fd_close);
    std::vector<char> data(static_cast<std::size_t>(state.range(0)));
    const auto size = static_cast<int>(data.size());
    std::int64_t received = 0;
    for (auto _ : state) {
        const auto message = next_message();
        if (event_of(message) == fd_write) {
            // A few at a time, so that the other end has its turn.
            for (int i = 0; i < 16 && asyncselect_send(message.wParam, data.data(), size, 0) > 0; ++i) {
            }
        } else {
            const int got = asyncselect_recv(message.wParam, data.data(), size, 0);
            received += got > 0 ? got : 0;
            asyncselect_send(message.wParam, data.data(), size, 0);
        }
    }
    for (const auto s : ends) asyncselect_closesocket(s);
    drop_messages();
    state.SetBytesProcessed(received);
}
BENCHMARK(bulk_both_ways)->Arg(16384)->Arg(65536);

void busy_among_idle(benchmark::State& state) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    const Window window;
    const auto idle = idle_sockets(window, state.range(0));
    const auto busy = busy_connections(window);
    echo_among_idle(state, busy);
    close_all(busy);
    close_all(idle);
}
BENCHMARK(busy_among_idle)->Arg(0)->Arg(1000)->Arg(10000);

}  // namespace
}  // namespace asyncselect::bench

BENCHMARK_MAIN();
