// The provider that this project implements, through its public C API. It must not know scenarios or clauses.
#include <asyncselect/asyncselect.h>

#include <array>
#include <bit>
#include <cstring>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::uint16_t network_order(std::uint16_t port) {
    if constexpr (std::endian::native == std::endian::little) {
        return static_cast<std::uint16_t>((port >> 8U) | (port << 8U));
    } else {
        return port;
    }
}

// A loopback address in the layout of the SDK.
class Address {
  public:
    explicit Address(Endpoint endpoint) {
        if (endpoint.ipv6) {
            asyncselect_sockaddr_in6 address{};
            address.sin6_family = asyncselect_AF_INET6;
            address.sin6_port = network_order(endpoint.port);
            address.sin6_addr[15] = 1;
            set(address);
        } else {
            asyncselect_sockaddr_in address{};
            address.sin_family = asyncselect_AF_INET;
            address.sin_port = network_order(endpoint.port);
            constexpr std::array<unsigned char, 4> loopback{127, 0, 0, 1};
            std::memcpy(&address.sin_addr, loopback.data(), loopback.size());
            set(address);
        }
    }
    Address() = default;

    asyncselect_sockaddr* get() { return reinterpret_cast<asyncselect_sockaddr*>(&storage_); }
    int* length() { return &length_; }

    [[nodiscard]] Endpoint endpoint() const {
        // The port is at the same place in both families.
        asyncselect_sockaddr_in address{};
        std::memcpy(&address, &storage_, sizeof address);
        return {address.sin_family == asyncselect_AF_INET6, network_order(address.sin_port)};
    }

  private:
    template <class T>
    void set(const T& address) {
        std::memcpy(&storage_, &address, sizeof address);
        length_ = sizeof address;
    }

    asyncselect_sockaddr_storage storage_{};
    int length_ = sizeof(asyncselect_sockaddr_storage);
};

Result result(std::int64_t value) {
    return value == asyncselect_SOCKET_ERROR ? Result{value, asyncselect_WSAGetLastError()} : Result{value, 0};
}

Result socket_result(asyncselect_SOCKET socket) {
    if (socket == asyncselect_INVALID_SOCKET) return {asyncselect_SOCKET_ERROR, asyncselect_WSAGetLastError()};
    return {static_cast<std::int64_t>(socket), 0};
}

Result window_result(std::int64_t value, bool ok) {
    return ok ? Result{value, 0} : Result{0, static_cast<int>(asyncselect_GetLastError())};
}

asyncselect_HWND window_of(Handle handle) {
    return std::bit_cast<asyncselect_HWND>(static_cast<std::uintptr_t>(handle));
}
Handle handle_of(asyncselect_HWND window) { return std::bit_cast<std::uintptr_t>(window); }

constexpr const char* class_name = "asyncselect conformance";

class NativeProvider final : public Provider {
  public:
    NativeProvider() {
        asyncselect_WNDCLASSA made{};
        made.lpfnWndProc = asyncselect_DefWindowProcA;
        made.hInstance = asyncselect_GetModuleHandleA(nullptr);
        made.lpszClassName = class_name;
        asyncselect_RegisterClassA(&made);
    }
    ~NativeProvider() override { asyncselect_UnregisterClassA(class_name, asyncselect_GetModuleHandleA(nullptr)); }

    std::string_view name() const override { return "native"; }
    bool ours() const override { return true; }

    Result startup() override {
        asyncselect_WSADATA data{};
        const int error = asyncselect_WSAStartup(0x0202, &data);
        return {error == 0 ? 0 : asyncselect_SOCKET_ERROR, error};
    }
    Result cleanup() override { return result(asyncselect_WSACleanup()); }
    int last_error() override { return asyncselect_WSAGetLastError(); }
    void set_last_error(int error) override { asyncselect_WSASetLastError(error); }

    Result open_stream(bool ipv6) override {
        return socket_result(asyncselect_socket(ipv6 ? asyncselect_AF_INET6 : asyncselect_AF_INET,
                                                asyncselect_SOCK_STREAM, asyncselect_IPPROTO_TCP));
    }
    Result bind(Handle socket, Endpoint at) override {
        Address address(at);
        return result(asyncselect_bind(socket, address.get(), *address.length()));
    }
    Result listen(Handle socket, int backlog) override { return result(asyncselect_listen(socket, backlog)); }
    Result connect(Handle socket, Endpoint to) override {
        Address address(to);
        return result(asyncselect_connect(socket, address.get(), *address.length()));
    }
    Result accept(Handle socket, Endpoint& peer) override {
        Address address;
        const Result accepted = socket_result(asyncselect_accept(socket, address.get(), address.length()));
        if (accepted.ok()) peer = address.endpoint();
        return accepted;
    }
    Result receive(Handle socket, std::span<char> into, int length, std::uint32_t flags) override {
        return result(asyncselect_recv(socket, into.data(), length, static_cast<int>(flags)));
    }
    Result send(Handle socket, std::span<const char> from, int length, std::uint32_t flags) override {
        return result(asyncselect_send(socket, from.data(), length, static_cast<int>(flags)));
    }
    Result shut_down(Handle socket, int how) override { return result(asyncselect_shutdown(socket, how)); }
    Result close(Handle socket) override { return result(asyncselect_closesocket(socket)); }
    Result set_nonblocking(Handle socket, std::uint32_t value) override {
        return result(asyncselect_ioctlsocket(socket, static_cast<long>(asyncselect_FIONBIO), &value));
    }
    Result bytes_available(Handle socket) override {
        std::uint32_t bytes = 0;
        Result asked = result(asyncselect_ioctlsocket(socket, static_cast<long>(asyncselect_FIONREAD), &bytes));
        if (asked.ok()) asked.value = bytes;
        return asked;
    }
    Result set_oob_inline(Handle socket, bool on) override {
        return set_option(socket, asyncselect_SO_OOBINLINE, on ? 1 : 0);
    }
    Result set_buffer(Handle socket, bool sending, int bytes) override {
        return set_option(socket, sending ? asyncselect_SO_SNDBUF : asyncselect_SO_RCVBUF, bytes);
    }
    std::optional<Endpoint> local(Handle socket) override {
        Address address;
        if (asyncselect_getsockname(socket, address.get(), address.length()) != 0) return std::nullopt;
        return address.endpoint();
    }
    Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) override {
        return result(asyncselect_WSAAsyncSelect(socket, window_of(window), message, static_cast<long>(mask)));
    }

    Result create_window() override {
        const asyncselect_HWND parent =
            std::bit_cast<asyncselect_HWND>(static_cast<std::intptr_t>(asyncselect_HWND_MESSAGE));
        const asyncselect_HWND window = asyncselect_CreateWindowExA(0, class_name, "", 0, 0, 0, 0, 0, parent, nullptr,
                                                                    asyncselect_GetModuleHandleA(nullptr), nullptr);
        return window_result(static_cast<std::int64_t>(handle_of(window)), window != nullptr);
    }
    Result destroy_window(Handle window) override {
        return window_result(0, asyncselect_DestroyWindow(window_of(window)) != 0);
    }
    bool post(Handle window, std::uint32_t number) override {
        return asyncselect_PostMessageA(window_of(window), number, 0, 0) != 0;
    }
    std::optional<WindowMessage> peek(bool remove) override {
        asyncselect_MSG message{};
        if (asyncselect_PeekMessageA(&message, nullptr, 0, 0,
                                     remove ? asyncselect_PM_REMOVE : asyncselect_PM_NOREMOVE) == 0) {
            return std::nullopt;
        }
        const auto lparam = static_cast<std::uint32_t>(message.lParam);
        // The macros of winsock2.h, LOWORD and HIWORD, as the compat header has them.
        return WindowMessage{handle_of(message.hwnd), message.message, message.wParam, lparam,
                             lparam & 0xffffU,        lparam >> 16U};
    }
    void wait(int milliseconds) override {
        asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, static_cast<std::uint32_t>(milliseconds),
                                                asyncselect_QS_ALLINPUT, asyncselect_MWMO_INPUTAVAILABLE);
    }

  private:
    static Result set_option(Handle socket, int option, int value) {
        return result(asyncselect_setsockopt(socket, asyncselect_SOL_SOCKET, option,
                                             reinterpret_cast<const char*>(&value), sizeof value));
    }
};

}  // namespace

std::unique_ptr<Provider> make_native_provider() { return std::make_unique<NativeProvider>(); }

}  // namespace asyncselect::conformance
