// For benchmarks of few busy sockets among many idle ones, over whatever network the library is built on. It must not
// know which that is.
#pragma once

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/api.hpp"

namespace asyncselect::bench {

// So many streams that are registered, and on which nothing will happen.
inline std::vector<asyncselect_SOCKET> idle_sockets(const Window& window, std::int64_t count) {
    std::vector<asyncselect_SOCKET> idle(static_cast<std::size_t>(count));
    for (auto& one : idle) {
        one = asyncselect_socket(2, 1, 0);
        must(one != invalid_socket, "socket");
        window.registers(one, fd_read | fd_close);
        drop_messages();  // which looks at what it reports: that it is not connected
    }
    return idle;
}

inline void close_all(std::span<const asyncselect_SOCKET> sockets) {
    for (const auto s : sockets) asyncselect_closesocket(s);
    drop_messages();
}

using Ends = std::array<asyncselect_SOCKET, 2>;  // of one connection; the second is registered

inline std::vector<Ends> busy_connections(const Window& window) {
    std::vector<Ends> busy(64);
    for (auto& ends : busy) {
        ends = connection();
        window.registers(ends[1], fd_read | fd_close);
    }
    drop_messages();
    return busy;
}

inline void close_all(const std::vector<Ends>& connections) {
    for (const auto& ends : connections) close_all(std::span{ends});
}

// A round trip on each of the connections, both ends of it, while whatever else there is is idle.
inline void echo_among_idle(benchmark::State& state, const std::vector<Ends>& busy) {
    std::array<char, 64> data{};
    constexpr auto size = static_cast<int>(data.size());
    for (auto _ : state) {
        for (const auto& ends : busy) asyncselect_send(ends[0], data.data(), size, 0);
        for (std::size_t i = 0; i < busy.size(); ++i) {
            const auto message = next_of(fd_read);
            const int got = asyncselect_recv(message.wParam, data.data(), size, 0);
            asyncselect_send(message.wParam, data.data(), got, 0);
        }
        for (const auto& ends : busy) must(asyncselect_recv(ends[0], data.data(), size, 0) == size, "recv");
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(busy.size()));
}

}  // namespace asyncselect::bench
