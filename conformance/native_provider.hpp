// A provider through the public C API of the library that it is compiled against. In an unnamed namespace: the native
// one and the one over the simulated network are compiled from it, each with the names of its library. It must not know
// scenarios or clauses.
#pragma once

#include <asyncselect/asyncselect.h>

#include <array>
#include <bit>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "conformance/provider.hpp"
#include "conformance/versions.hpp"

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
    explicit Address(const RemoteAddress& remote) {
        if (remote.ipv6) {
            asyncselect_sockaddr_in6 address{};
            address.sin6_family = asyncselect_AF_INET6;
            address.sin6_port = network_order(remote.port);
            std::memcpy(&address.sin6_addr, remote.bytes.data(), remote.bytes.size());
            set(address);
        } else {
            asyncselect_sockaddr_in address{};
            address.sin_family = asyncselect_AF_INET;
            address.sin_port = network_order(remote.port);
            std::memcpy(&address.sin_addr, remote.bytes.data(), sizeof address.sin_addr);
            set(address);
        }
    }
    // Of the loopback interface, or of every one.
    explicit Address(Endpoint endpoint, bool any = false) : Address(remote(endpoint, any)) {}
    Address() = default;

    asyncselect_sockaddr* get() { return reinterpret_cast<asyncselect_sockaddr*>(&storage_); }
    int* length() { return &length_; }

    // An address as it stands in a buffer.
    static Endpoint endpoint_in(const asyncselect_WSABUF& buffer) {
        Address address;
        if (buffer.len <= sizeof address.storage_) std::memcpy(&address.storage_, buffer.buf, buffer.len);
        return address.endpoint();
    }

    [[nodiscard]] Endpoint endpoint() const {
        // The port is at the same place in both families.
        asyncselect_sockaddr_in address{};
        std::memcpy(&address, &storage_, sizeof address);
        return {address.sin_family == asyncselect_AF_INET6, network_order(address.sin_port)};
    }

  private:
    static RemoteAddress remote(Endpoint endpoint, bool any) {
        RemoteAddress address{endpoint.ipv6, {}, endpoint.port};
        if (any) return address;
        if (endpoint.address) {
            address.bytes = *endpoint.address;
            return address;
        }
        if (endpoint.ipv6) {
            address.bytes[15] = 1;
        } else {
            address.bytes = {127, 0, 0, 1};
        }
        return address;
    }
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

constexpr const char* class_name = "conformance";

// What a WSAAccept carries through to its condition function.
struct Condition {
    const ConditionFunction& function;
};

int ask(asyncselect_WSABUF* caller, asyncselect_WSABUF* /*caller_data*/, asyncselect_QOS* /*qos*/,
        asyncselect_QOS* /*group_qos*/, asyncselect_WSABUF* /*callee*/, asyncselect_WSABUF* /*callee_data*/,
        uint32_t* /*group*/, uintptr_t data) {
    switch (std::bit_cast<const Condition*>(data)->function(Address::endpoint_in(*caller))) {
        case model::Condition::reject:
            return asyncselect_CF_REJECT;
        case model::Condition::defer:
            return asyncselect_CF_DEFER;
        default:
            return asyncselect_CF_ACCEPT;
    }
}

constexpr std::uint32_t not_specified = 0xffffffffU;

// The default, but for the parameter of that number.
asyncselect_QOS flow_specification(std::uint32_t number) {
    asyncselect_FLOWSPEC flow{};
    const std::array<std::uint32_t*, 8> parameters{&flow.TokenRate,  &flow.TokenBucketSize,   &flow.PeakBandwidth,
                                                   &flow.Latency,    &flow.DelayVariation,    &flow.ServiceType,
                                                   &flow.MaxSduSize, &flow.MinimumPolicedSize};
    for (std::uint32_t* const parameter : parameters) *parameter = not_specified;
    flow.ServiceType = asyncselect_SERVICETYPE_BESTEFFORT;
    asyncselect_QOS qos{};
    qos.ReceivingFlowspec = flow;
    std::uint32_t& differing = *parameters.at(number - 1);
    differing = &differing == &flow.ServiceType ? std::uint32_t{asyncselect_SERVICETYPE_GUARANTEED} : 1'000'000;
    qos.SendingFlowspec = flow;
    return qos;
}

// The first page of an address space is never there.
void* wild_address() { return std::bit_cast<void*>(std::uintptr_t{16}); }

// The sockets. Whoever derives from it adds the windows.
class NativeSockets : public Provider {
  public:
    explicit NativeSockets(Posting posting) : posting_(posting) {}

    std::string_view name() const override { return eager() ? "eager" : "pump"; }
    std::string_view version() const override { return versions().suite; }
    bool ours() const override { return true; }
    bool eager() const override { return posting_ == Posting::eager; }

    Result startup() override {
        // Refused once a WSAStartup is in force; then it has been set.
        asyncselect_SetPosting(eager() ? asyncselect_POSTING_EAGER : asyncselect_POSTING_PUMP);
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
    Result open_datagram(bool ipv6) override {
        return socket_result(asyncselect_socket(ipv6 ? asyncselect_AF_INET6 : asyncselect_AF_INET,
                                                asyncselect_SOCK_DGRAM, asyncselect_IPPROTO_UDP));
    }
    Result bind(Handle socket, Endpoint at, bool any) override {
        Address address(at, any);
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
    Result accept_wild(Handle socket) override {
        Address address;
        auto* const nowhere = std::bit_cast<asyncselect_sockaddr*>(std::uintptr_t{16});
        return socket_result(asyncselect_accept(socket, nowhere, address.length()));
    }
    Result wsa_accept(Handle socket, Endpoint& peer, const ConditionFunction& condition) override {
        Address address;
        const Condition carried{condition};
        const Result accepted =
            socket_result(asyncselect_WSAAccept(socket, address.get(), address.length(), condition ? ask : nullptr,
                                                std::bit_cast<std::uintptr_t>(&carried)));
        if (accepted.ok()) peer = address.endpoint();
        return accepted;
    }
    Result wsa_connect(Handle socket, Endpoint to, std::uint32_t flow) override {
        Address address(to);
        asyncselect_QOS qos{};
        if (flow != 0) qos = flow_specification(flow);
        return result(asyncselect_WSAConnect(socket, address.get(), *address.length(), nullptr, nullptr,
                                             flow != 0 ? &qos : nullptr, nullptr));
    }
    Result join(Handle socket, const RemoteAddress& group, bool sends, bool receives, std::uint32_t flow) override {
        Address address(group);
        asyncselect_QOS qos{};
        if (flow != 0) qos = flow_specification(flow);
        const std::uint32_t role = !receives ? asyncselect_JL_SENDER_ONLY
                                   : sends   ? asyncselect_JL_BOTH
                                             : asyncselect_JL_RECEIVER_ONLY;
        return socket_result(asyncselect_WSAJoinLeaf(socket, address.get(), *address.length(), nullptr, nullptr,
                                                     flow != 0 ? &qos : nullptr, nullptr, role));
    }
    Result receive(Handle socket, std::span<char> into, int length, std::uint32_t flags, Way way) override {
        Address from;
        asyncselect_WSABUF buffer{static_cast<std::uint32_t>(length), into.data()};
        std::uint32_t received = 0;
        const auto counted = [&received](int failed) { return failed == 0 ? Result{received, 0} : result(failed); };
        switch (way) {
            case Way::address:
                return result(asyncselect_recvfrom(socket, into.data(), length, static_cast<int>(flags), from.get(),
                                                   from.length()));
            case Way::wsa:
                return counted(asyncselect_WSARecv(socket, &buffer, 1, &received, &flags, nullptr, nullptr));
            case Way::wsa_address:
                return counted(asyncselect_WSARecvFrom(socket, &buffer, 1, &received, &flags, from.get(), from.length(),
                                                       nullptr, nullptr));
            case Way::plain:
                break;
        }
        return result(asyncselect_recv(socket, into.data(), length, static_cast<int>(flags)));
    }
    Result send(Handle socket, std::span<const char> from, int length, std::uint32_t flags, Way way,
                std::optional<Endpoint> to) override {
        Address address;
        if (to) address = Address(*to);
        const asyncselect_sockaddr* const where = to ? address.get() : nullptr;
        const int where_length = to ? *address.length() : 0;
        // A provider sends from the buffer and does not write to it.
        asyncselect_WSABUF buffer{static_cast<std::uint32_t>(length), const_cast<char*>(from.data())};
        std::uint32_t sent = 0;
        const auto counted = [&sent](int failed) { return failed == 0 ? Result{sent, 0} : result(failed); };
        switch (way) {
            case Way::address:
                return result(
                    asyncselect_sendto(socket, from.data(), length, static_cast<int>(flags), where, where_length));
            case Way::wsa:
                return counted(asyncselect_WSASend(socket, &buffer, 1, &sent, flags, nullptr, nullptr));
            case Way::wsa_address:
                return counted(
                    asyncselect_WSASendTo(socket, &buffer, 1, &sent, flags, where, where_length, nullptr, nullptr));
            case Way::plain:
                break;
        }
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
    Result set_qos(Handle socket, std::uint32_t number) override {
        asyncselect_QOS qos = flow_specification(number);
        return ioctl(socket, asyncselect_SIO_SET_QOS, &qos, sizeof qos, nullptr, 0);
    }
    Result get_qos(Handle socket, bool wild) override {
        asyncselect_QOS qos{};
        return ioctl(socket, asyncselect_SIO_GET_QOS, nullptr, 0, wild ? wild_address() : &qos, sizeof qos);
    }
    Result get_group_qos(Handle socket, bool wild) override {
        asyncselect_QOS qos{};
        return ioctl(socket, asyncselect_SIO_GET_GROUP_QOS, nullptr, 0, wild ? wild_address() : &qos, sizeof qos);
    }
    Result watch_route(Handle socket, const RemoteAddress& destination) override {
        Address address(destination);
        return ioctl(socket, asyncselect_SIO_ROUTING_INTERFACE_CHANGE, address.get(),
                     static_cast<std::uint32_t>(*address.length()), nullptr, 0);
    }
    Result watch_addresses(Handle socket) override {
        return ioctl(socket, asyncselect_SIO_ADDRESS_LIST_CHANGE, nullptr, 0, nullptr, 0);
    }
    std::optional<Endpoint> local(Handle socket) override {
        Address address;
        if (asyncselect_getsockname(socket, address.get(), address.length()) != 0) return std::nullopt;
        return address.endpoint();
    }
    Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) override {
        return result(asyncselect_WSAAsyncSelect(socket, window_of(window), message, static_cast<long>(mask)));
    }

    Result event_select(Handle socket, std::uint32_t mask) override {
        Event event;
        const asyncselect_HANDLE handle = event.get();
        {
            const std::lock_guard lock(events_mutex_);
            events_.push_back(std::move(event));
        }
        return result(asyncselect_WSAEventSelect(socket, handle, static_cast<long>(mask)));
    }

    std::optional<std::string> cannot_queue_urgent() const override {
        return "TCP of Linux keeps a single urgent byte: a newer one replaces it";
    }

  private:
    class Event {
      public:
        Event() : event_(asyncselect_WSACreateEvent()) {}
        Event(Event&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
        Event& operator=(Event&&) = delete;
        ~Event() {
            if (event_ != nullptr) asyncselect_WSACloseEvent(event_);
        }
        [[nodiscard]] asyncselect_HANDLE get() const { return event_; }

      private:
        asyncselect_HANDLE event_;
    };

    static Result ioctl(Handle socket, std::uint32_t code, void* in, std::uint32_t in_length, void* out,
                        std::uint32_t out_length) {
        std::uint32_t returned = 0;
        return result(asyncselect_WSAIoctl(socket, code, in, in_length, out, out_length, &returned, nullptr, nullptr));
    }
    static Result set_option(Handle socket, int option, int value) {
        return result(asyncselect_setsockopt(socket, asyncselect_SOL_SOCKET, option,
                                             reinterpret_cast<const char*>(&value), sizeof value));
    }

    Posting posting_;
    std::mutex events_mutex_;
    std::vector<Event> events_;
};

// With the library's windows.
class NativeProvider : public NativeSockets {
  public:
    explicit NativeProvider(Posting posting) : NativeSockets(posting) {
        asyncselect_WNDCLASSA made{};
        made.lpfnWndProc = asyncselect_DefWindowProcA;
        made.hInstance = asyncselect_GetModuleHandleA(nullptr);
        made.lpszClassName = class_name;
        asyncselect_RegisterClassA(&made);
    }
    ~NativeProvider() override { asyncselect_UnregisterClassA(class_name, asyncselect_GetModuleHandleA(nullptr)); }

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
};

}  // namespace

}  // namespace asyncselect::conformance
