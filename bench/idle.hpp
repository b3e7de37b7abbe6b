// For benchmarks of few busy sockets among many idle ones, over whatever network the library is built on. It must not
// know which that is.
#pragma once

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
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

inline void close_all(const std::vector<asyncselect_SOCKET>& sockets) {
    for (const auto s : sockets) asyncselect_closesocket(s);
    drop_messages();
}

// A round trip on each of 64 connections, both ends of it, while whatever else there is is idle.
inline void echo_among_idle(benchmark::State& state, const Window& window) {
    std::vector<std::array<asyncselect_SOCKET, 2>> busy(64);
    for (auto& ends : busy) {
        ends = connection();
        window.registers(ends[1], fd_read | fd_close);
    }
    drop_messages();
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
    for (const auto& ends : busy) close_all({ends.begin(), ends.end()});
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(busy.size()));
}

}  // namespace asyncselect::bench
