// Each function of the provider is a call of its namesake in ws2_32 or user32. It must not know scenarios or clauses.
#include "conformance/system_provider.hpp"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <qos.h>

#include <windows.h>

#include <array>
#include <bit>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "conformance/address_windows.hpp"
#include "conformance/system_windows.hpp"

namespace asyncselect::conformance {

namespace {

Result result(std::int64_t value) {
    return value == SOCKET_ERROR ? Result{value, ::WSAGetLastError()} : Result{value, 0};
}

Result socket_result(SOCKET socket) {
    if (socket == INVALID_SOCKET) return {SOCKET_ERROR, ::WSAGetLastError()};
    return {static_cast<std::int64_t>(socket), 0};
}

// What a WSAAccept carries through to its condition function.
struct Condition {
    const ConditionFunction& function;
};

int CALLBACK ask(LPWSABUF caller, LPWSABUF /*caller_data*/, LPQOS /*qos*/, LPQOS /*group_qos*/, LPWSABUF /*callee*/,
                 LPWSABUF /*callee_data*/, GROUP* /*group*/, DWORD_PTR data) {
    switch (std::bit_cast<const Condition*>(data)->function(SystemAddress::endpoint_in(*caller))) {
        case model::Condition::reject:
            return CF_REJECT;
        case model::Condition::defer:
            return CF_DEFER;
        default:
            return CF_ACCEPT;
    }
}

// The default, but for the parameter of that number.
QOS flow_specification(std::uint32_t number) {
    FLOWSPEC flow{};
    const std::array<ULONG*, 8> parameters{&flow.TokenRate,  &flow.TokenBucketSize,   &flow.PeakBandwidth,
                                           &flow.Latency,    &flow.DelayVariation,    &flow.ServiceType,
                                           &flow.MaxSduSize, &flow.MinimumPolicedSize};
    for (ULONG* const parameter : parameters) *parameter = QOS_NOT_SPECIFIED;
    flow.ServiceType = SERVICETYPE_BESTEFFORT;
    QOS qos{};
    qos.ReceivingFlowspec = flow;
    ULONG& differing = *parameters.at(number - 1);
    differing = &differing == &flow.ServiceType ? ULONG{SERVICETYPE_GUARANTEED} : 1'000'000;
    qos.SendingFlowspec = flow;
    return qos;
}

// The first page of an address space is never there.
void* wild_address() { return std::bit_cast<void*>(std::uintptr_t{16}); }

std::string version_of_the_system() {
    if (const std::optional<std::string> wine = wine_version()) return "Wine " + *wine;
    // GetVersionEx tells a program what it wants to hear.
    using GetVersion = LONG(WINAPI*)(OSVERSIONINFOW*);
    const HMODULE library = ::GetModuleHandleA("ntdll.dll");
    const auto get_version = std::bit_cast<GetVersion>(::GetProcAddress(library, "RtlGetVersion"));
    OSVERSIONINFOW told{};
    told.dwOSVersionInfoSize = sizeof told;
    if (get_version == nullptr || get_version(&told) != 0) return "Windows";
    return "Windows " + std::to_string(told.dwMajorVersion) + '.' + std::to_string(told.dwMinorVersion) + '.' +
           std::to_string(told.dwBuildNumber);
}

class SystemProvider final : public WithSystemWindows<Provider> {
  public:
    SystemProvider() : version_(version_of_the_system()) {}
    ~SystemProvider() override {
        // Event objects go with Winsock.
        for (const WSAEVENT event : events_) ::CloseHandle(event);
    }

    std::string_view name() const override { return "system"; }
    std::string_view version() const override { return version_; }
    bool ours() const override { return false; }
    bool eager() const override { return true; }

    bool end_calls() override {
        // Closing alone ends no call under Wine.
        const std::lock_guard lock(sockets_mutex_);
        for (const Handle socket : sockets_) {
            ::shutdown(socket, SD_BOTH);
            ::closesocket(socket);
        }
        sockets_.clear();
        return true;
    }

    Result startup() override {
        WSADATA data{};
        const int error = ::WSAStartup(0x0202, &data);
        return {error == 0 ? 0 : SOCKET_ERROR, error};
    }
    Result cleanup() override { return result(::WSACleanup()); }
    int last_error() override { return ::WSAGetLastError(); }
    void set_last_error(int error) override { ::WSASetLastError(error); }

    Result open_stream(bool ipv6) override {
        return opened(socket_result(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, IPPROTO_TCP)));
    }
    Result open_datagram(bool ipv6) override {
        return opened(socket_result(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, IPPROTO_UDP)));
    }
    Result bind(Handle socket, Endpoint at, bool any) override {
        SystemAddress address(at, any);
        return result(::bind(socket, address.get(), *address.length()));
    }
    Result listen(Handle socket, int backlog) override { return result(::listen(socket, backlog)); }
    Result connect(Handle socket, Endpoint to) override {
        SystemAddress address(to);
        return result(::connect(socket, address.get(), *address.length()));
    }
    Result accept(Handle socket, Endpoint& peer) override {
        SystemAddress address;
        const Result accepted = opened(socket_result(::accept(socket, address.get(), address.length())));
        if (accepted.ok()) peer = address.endpoint();
        return accepted;
    }
    Result accept_wild(Handle socket) override {
        int length = sizeof(sockaddr_storage);
        return opened(socket_result(::accept(socket, static_cast<sockaddr*>(wild_address()), &length)));
    }
    Result wsa_accept(Handle socket, Endpoint& peer, const ConditionFunction& condition) override {
        SystemAddress address;
        const Condition carried{condition};
        const Result accepted = socket_result(::WSAAccept(
            socket, address.get(), address.length(), condition ? ask : nullptr, std::bit_cast<DWORD_PTR>(&carried)));
        if (accepted.ok()) peer = address.endpoint();
        return accepted;
    }
    Result wsa_connect(Handle socket, Endpoint to, std::uint32_t flow) override {
        SystemAddress address(to);
        QOS qos{};
        if (flow != 0) qos = flow_specification(flow);
        return result(::WSAConnect(socket, address.get(), *address.length(), nullptr, nullptr,
                                   flow != 0 ? &qos : nullptr, nullptr));
    }
    Result join(Handle socket, const RemoteAddress& group, bool sends, bool receives, std::uint32_t flow) override {
        SystemAddress address(group);
        QOS qos{};
        if (flow != 0) qos = flow_specification(flow);
        const DWORD role = !receives ? JL_SENDER_ONLY : sends ? JL_BOTH : JL_RECEIVER_ONLY;
        return socket_result(::WSAJoinLeaf(socket, address.get(), *address.length(), nullptr, nullptr,
                                           flow != 0 ? &qos : nullptr, nullptr, role));
    }
    Result receive(Handle socket, std::span<char> into, int length, std::uint32_t flags, Way way) override {
        SystemAddress from;
        WSABUF buffer{static_cast<ULONG>(length), into.data()};
        DWORD received = 0;
        DWORD changed_flags = flags;
        const auto counted = [&received](int failed) { return failed == 0 ? Result{received, 0} : result(failed); };
        switch (way) {
            case Way::address:
                return result(
                    ::recvfrom(socket, into.data(), length, static_cast<int>(flags), from.get(), from.length()));
            case Way::wsa:
                return counted(::WSARecv(socket, &buffer, 1, &received, &changed_flags, nullptr, nullptr));
            case Way::wsa_address:
                return counted(::WSARecvFrom(socket, &buffer, 1, &received, &changed_flags, from.get(), from.length(),
                                             nullptr, nullptr));
            case Way::plain:
                break;
        }
        return result(::recv(socket, into.data(), length, static_cast<int>(flags)));
    }
    Result send(Handle socket, std::span<const char> from, int length, std::uint32_t flags, Way way,
                std::optional<Endpoint> to) override {
        SystemAddress address;
        if (to) address = SystemAddress(*to);
        const sockaddr* const where = to ? address.get() : nullptr;
        const int where_length = to ? *address.length() : 0;
        // A provider sends from the buffer and does not write to it.
        WSABUF buffer{static_cast<ULONG>(length), const_cast<char*>(from.data())};
        DWORD sent = 0;
        const auto counted = [&sent](int failed) { return failed == 0 ? Result{sent, 0} : result(failed); };
        switch (way) {
            case Way::address:
                return result(::sendto(socket, from.data(), length, static_cast<int>(flags), where, where_length));
            case Way::wsa:
                return counted(::WSASend(socket, &buffer, 1, &sent, flags, nullptr, nullptr));
            case Way::wsa_address:
                return counted(::WSASendTo(socket, &buffer, 1, &sent, flags, where, where_length, nullptr, nullptr));
            case Way::plain:
                break;
        }
        return result(::send(socket, from.data(), length, static_cast<int>(flags)));
    }
    Result shut_down(Handle socket, int how) override { return result(::shutdown(socket, how)); }
    Result close(Handle socket) override {
        {
            const std::lock_guard lock(sockets_mutex_);
            sockets_.erase(socket);
        }
        return result(::closesocket(socket));
    }
    Result set_nonblocking(Handle socket, std::uint32_t value) override {
        u_long on = value;
        return result(::ioctlsocket(socket, static_cast<long>(FIONBIO), &on));
    }
    Result bytes_available(Handle socket) override {
        u_long bytes = 0;
        Result asked = result(::ioctlsocket(socket, static_cast<long>(FIONREAD), &bytes));
        if (asked.ok()) asked.value = bytes;
        return asked;
    }
    Result set_oob_inline(Handle socket, bool on) override { return set_option(socket, SO_OOBINLINE, on ? 1 : 0); }
    Result set_buffer(Handle socket, bool sending, int bytes) override {
        return set_option(socket, sending ? SO_SNDBUF : SO_RCVBUF, bytes);
    }
    Result set_qos(Handle socket, std::uint32_t number) override {
        QOS qos = flow_specification(number);
        return ioctl(socket, SIO_SET_QOS, &qos, sizeof qos, nullptr, 0);
    }
    Result get_qos(Handle socket, bool wild) override {
        QOS qos{};
        return ioctl(socket, SIO_GET_QOS, nullptr, 0, wild ? wild_address() : &qos, sizeof qos);
    }
    Result get_group_qos(Handle socket, bool wild) override {
        QOS qos{};
        return ioctl(socket, SIO_GET_GROUP_QOS, nullptr, 0, wild ? wild_address() : &qos, sizeof qos);
    }
    Result watch_route(Handle socket, const RemoteAddress& destination) override {
        SystemAddress address(destination);
        return ioctl(socket, SIO_ROUTING_INTERFACE_CHANGE, address.get(), static_cast<DWORD>(*address.length()),
                     nullptr, 0);
    }
    Result watch_addresses(Handle socket) override {
        return ioctl(socket, SIO_ADDRESS_LIST_CHANGE, nullptr, 0, nullptr, 0);
    }
    std::optional<Endpoint> local(Handle socket) override {
        SystemAddress address;
        if (::getsockname(socket, address.get(), address.length()) != 0) return std::nullopt;
        return Endpoint{address.endpoint().ipv6, address.endpoint().port};
    }
    Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) override {
        return result(::WSAAsyncSelect(socket, system_window(window), message, static_cast<long>(mask)));
    }

    Result event_select(Handle socket, std::uint32_t mask) override {
        const WSAEVENT event = ::WSACreateEvent();
        if (event != WSA_INVALID_EVENT) {
            const std::lock_guard lock(events_mutex_);
            events_.push_back(event);
        }
        return result(::WSAEventSelect(socket, event, static_cast<long>(mask)));
    }

    std::optional<std::string> cannot_fail_subsystem() const override {
        return "the network of this machine cannot be made to fail";
    }
    bool fail_subsystem() override { return false; }
    void restore_subsystem() override {}
    std::optional<std::string> cannot_queue_urgent() const override { return why_urgent_is_single(); }

  private:
    Result opened(const Result& made) {
        if (!made.ok()) return made;
        const std::lock_guard lock(sockets_mutex_);
        sockets_.insert(static_cast<Handle>(made.value));
        return made;
    }
    static Result ioctl(Handle socket, DWORD code, void* in, DWORD in_length, void* out, DWORD out_length) {
        DWORD returned = 0;
        return result(::WSAIoctl(socket, code, in, in_length, out, out_length, &returned, nullptr, nullptr));
    }
    static Result set_option(Handle socket, int option, int value) {
        return result(::setsockopt(socket, SOL_SOCKET, option, reinterpret_cast<const char*>(&value), sizeof value));
    }

    std::string version_;
    std::mutex events_mutex_;
    std::vector<WSAEVENT> events_;
    std::mutex sockets_mutex_;
    std::set<Handle> sockets_;  // that are open, as far as this provider knows
};

}  // namespace

std::unique_ptr<Provider> make_system_provider() { return std::make_unique<SystemProvider>(); }

std::optional<std::string> wine_version() {
    using GetVersion = const char*(__cdecl*)();
    const HMODULE library = ::GetModuleHandleA("ntdll.dll");
    const auto get_version = std::bit_cast<GetVersion>(::GetProcAddress(library, "wine_get_version"));
    if (get_version == nullptr) return std::nullopt;
    return get_version();
}

std::optional<std::string> why_urgent_is_single() {
    if (!wine_version()) return std::nullopt;
    return "TCP of Linux, below Wine, keeps a single urgent byte: a newer one replaces it";
}

}  // namespace asyncselect::conformance
