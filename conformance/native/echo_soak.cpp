// Many connections, both ends ours, one thread, one window: 64-byte echoes through the message loop until so many
// messages were retrieved. Every byte is checked. Ends by itself. Uses the public API alone.
//
//   echo_soak [MESSAGES [CONNECTIONS]]
#include <asyncselect/asyncselect.h>
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <vector>

namespace {

constexpr unsigned socket_message = 0x0400 + 1;
constexpr long fd_read = 1;
constexpr long fd_write = 2;
constexpr long fd_accept = 8;
constexpr long fd_connect = 16;
constexpr long fd_close = 32;
constexpr int would_block = 10035;
constexpr std::size_t size = 64;

using Bytes = std::array<unsigned char, size>;

// What a connection's client sends in a given round: no two are alike.
Bytes expected(std::size_t client, std::uint64_t round) {
    Bytes bytes{};
    std::uint64_t state = client * 0x9e3779b97f4a7c15U + round + 1;
    for (auto& byte : bytes) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<unsigned char>(state >> 56U);
    }
    return bytes;
}

struct Client {
    std::uint64_t round = 0;
    std::size_t have = 0;
    Bytes got{};
};

[[noreturn]] void fail(const char* what, unsigned long long detail) {
    std::fprintf(stderr, "echo_soak: %s (%llu), last error %d\n", what, detail, asyncselect_WSAGetLastError());
    std::exit(1);
}

void send_round(asyncselect_SOCKET s, std::size_t number, const Client& client) {
    const auto bytes = expected(number, client.round);
    // One message is under way a connection, so there is always room.
    if (asyncselect_send(s, reinterpret_cast<const char*>(bytes.data()), size, 0) != size) fail("send", s);
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000;
    const std::size_t connections = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1000;
    if (wanted == 0 || connections == 0 || argc > 3) {
        std::fputs("usage: echo_soak [MESSAGES [CONNECTIONS]]\n", stderr);
        return 2;
    }
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    asyncselect_WSADATA data{};
    if (asyncselect_WSAStartup(0x0202, &data) != 0) fail("WSAStartup", 0);
    asyncselect_WNDCLASSA window_class{};
    window_class.lpfnWndProc = asyncselect_DefWindowProcA;
    window_class.lpszClassName = "soak";
    asyncselect_RegisterClassA(&window_class);
    const auto window = asyncselect_CreateWindowExA(
        0, "soak", "", 0, 0, 0, 0, 0, reinterpret_cast<asyncselect_HWND>(std::intptr_t{-3}), nullptr, nullptr, nullptr);
    const auto listener = asyncselect_socket(2, 1, 0);
    asyncselect_sockaddr_in address{};
    address.sin_family = 2;
    const std::array<unsigned char, 4> host{127, 0, 0, 1};
    std::memcpy(&address.sin_addr, host.data(), host.size());
    int length = sizeof address;
    if (asyncselect_bind(listener, reinterpret_cast<asyncselect_sockaddr*>(&address), length) != 0 ||
        asyncselect_listen(listener, 0x7fffffff) != 0 ||
        asyncselect_getsockname(listener, reinterpret_cast<asyncselect_sockaddr*>(&address), &length) != 0 ||
        asyncselect_WSAAsyncSelect(listener, window, socket_message, fd_accept | fd_read | fd_close) != 0)
        fail("listening", 0);

    std::vector<Client> clients(connections);
    std::unordered_map<asyncselect_SOCKET, std::size_t> number_of;
    for (std::size_t i = 0; i < connections; ++i) {
        const auto s = asyncselect_socket(2, 1, 0);
        if (asyncselect_WSAAsyncSelect(s, window, socket_message, fd_connect | fd_read | fd_write | fd_close) != 0)
            fail("WSAAsyncSelect", i);
        number_of[s] = i;
        if (asyncselect_connect(s, reinterpret_cast<asyncselect_sockaddr*>(&address), length) != 0 &&
            asyncselect_WSAGetLastError() != would_block)
            fail("connect", i);
    }

    const auto begin = std::chrono::steady_clock::now();
    std::uint64_t messages = 0;
    std::uint64_t bytes_echoed = 0;
    std::size_t accepted = 0;
    std::size_t connected = 0;
    asyncselect_MSG message{};
    while (messages < wanted && asyncselect_GetMessageA(&message, nullptr, 0, 0) > 0) {
        if (message.message != socket_message) continue;
        ++messages;
        const auto s = message.wParam;
        const long event = message.lParam & 0xffff;
        if (message.lParam >> 16 != 0) fail("a message with an error", static_cast<unsigned long long>(message.lParam));
        const auto client = number_of.find(s);
        if (event == fd_accept) {
            // As many as there are: one a message would let each wait behind all that is said on those before it.
            while (asyncselect_accept(s, nullptr, nullptr) != ~asyncselect_SOCKET{0}) ++accepted;
            if (asyncselect_WSAGetLastError() != would_block) fail("accept", accepted);
        } else if (event == fd_connect) {
            ++connected;
        } else if (event == fd_write && client != number_of.end()) {
            send_round(s, client->second, clients[client->second]);
        } else if (event == fd_read && client != number_of.end()) {
            auto& state = clients[client->second];
            const int got = asyncselect_recv(s, reinterpret_cast<char*>(state.got.data() + state.have),
                                             static_cast<int>(size - state.have), 0);
            if (got <= 0) fail("recv of a client", static_cast<unsigned long long>(state.round));
            state.have += static_cast<std::size_t>(got);
            if (state.have < size) continue;
            if (state.got != expected(client->second, state.round)) fail("bytes differ in round", state.round);
            bytes_echoed += size;
            state.have = 0;
            ++state.round;
            send_round(s, client->second, state);
        } else if (event == fd_read) {
            std::array<char, 4096> buffer{};
            const int got = asyncselect_recv(s, buffer.data(), static_cast<int>(buffer.size()), 0);
            if (got <= 0) fail("recv of the server", messages);
            if (asyncselect_send(s, buffer.data(), got, 0) != got) fail("send of the server", messages);
        } else {
            fail("an unexpected event", static_cast<unsigned long long>(event));
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::uint64_t least = ~std::uint64_t{0};
    for (const auto& client : clients) least = std::min(least, client.round);
    if (accepted != connections || connected != connections)
        fail("connections that were not made", connections - accepted);
    asyncselect_WSACleanup();
    std::printf("%llu messages, %zu connections, %llu bytes echoed and checked, at least %llu rounds each, %.1f s\n",
                static_cast<unsigned long long>(messages), connections, static_cast<unsigned long long>(bytes_echoed),
                static_cast<unsigned long long>(least), took.count());
    return 0;
}
