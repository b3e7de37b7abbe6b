// The peer with Winsock. Winsock is started once for each socket of a peer and ended with it, so that a script which
// ends it has ended it. Must not know any provider, scenario or clause.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <windows.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/address_windows.hpp"
#include "conformance/peer.hpp"
#include "conformance/system_provider.hpp"

namespace asyncselect::conformance {

namespace {

[[noreturn]] void fail(const std::string& what, int error = ::WSAGetLastError()) {
    throw std::runtime_error("peer: " + what + ": Winsock error " + std::to_string(error));
}

// Of a handle of the system 32 bits are significant.
SOCKET socket_of(const Descriptor& descriptor) { return static_cast<SOCKET>(descriptor.get()); }

// A socket's share of Winsock, until `Descriptor::close` gives both back.
class Started {
  public:
    Started() {
        WSADATA data{};
        if (const int error = ::WSAStartup(0x0202, &data); error != 0) fail("WSAStartup", error);
    }
    ~Started() {
        if (!kept_) ::WSACleanup();
    }
    Started(const Started&) = delete;
    Started& operator=(const Started&) = delete;

    Descriptor keep(SOCKET socket, const char* what) {
        if (socket == INVALID_SOCKET) fail(what);
        kept_ = true;
        return Descriptor(static_cast<int>(socket));
    }

  private:
    bool kept_ = false;
};

Endpoint local_of(const Descriptor& descriptor) {
    SystemAddress address;
    if (::getsockname(socket_of(descriptor), address.get(), address.length()) != 0) fail("getsockname");
    return address.endpoint();
}

Descriptor open(bool ipv6, int type) {
    Started started;
    return started.keep(::socket(ipv6 ? AF_INET6 : AF_INET, type, 0), "socket");
}

void bind_to(const Descriptor& descriptor, Endpoint at) {
    SystemAddress address(at);
    if (::bind(socket_of(descriptor), address.get(), *address.length()) != 0) fail("bind");
}

Descriptor open_datagram(Endpoint at) {
    Descriptor descriptor = open(at.ipv6, SOCK_DGRAM);
    bind_to(descriptor, at);
    return descriptor;
}

enum class Wanted { readable, writable };

bool ready(const Descriptor& descriptor, Wanted wanted, Deadline deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto milliseconds = static_cast<long>(std::clamp<long long>(left.count(), 0, 60'000));
    timeval time{milliseconds / 1000, milliseconds % 1000 * 1000};
    fd_set set{1, {socket_of(descriptor)}};
    fd_set failed = set;  // where a connect that failed is told
    fd_set none{};
    return ::select(0, wanted == Wanted::readable ? &set : &none, wanted == Wanted::writable ? &set : &none, &failed,
                    &time) > 0;
}

void set_nonblocking(const Descriptor& descriptor) {
    u_long on = 1;
    if (::ioctlsocket(socket_of(descriptor), static_cast<long>(FIONBIO), &on) != 0) fail("ioctlsocket");
}

template <class T>
bool set_option(const Descriptor& descriptor, int level, int name, const T& value) {
    return ::setsockopt(socket_of(descriptor), level, name, reinterpret_cast<const char*>(&value), sizeof value) == 0;
}

constexpr bool would_block(int error) { return error == WSAEWOULDBLOCK || error == WSAEINTR; }

DWORD state_told_by(const MIB_TCPROW& row) { return row.dwState; }
DWORD state_told_by(const MIB_TCP6ROW& row) { return row.State; }

// The state of the end at `local` of the connection to `remote`, or nothing if there is no such connection any more.
// The tables that tell the owner of each connection too take seconds under Wine; these do not.
template <class Table>
std::optional<DWORD> state_in(ULONG(WINAPI* get_table)(Table*, ULONG*, BOOL), Endpoint local, Endpoint remote) {
    std::vector<std::byte> memory(65536);
    auto size = static_cast<ULONG>(memory.size());
    ULONG error = NO_ERROR;
    // Wine says that it has no memory when connections come and go while it reads its own table.
    int attempts = 100;
    while ((error = get_table(reinterpret_cast<Table*>(memory.data()), &size, FALSE)) == ERROR_INSUFFICIENT_BUFFER ||
           (error == ERROR_OUTOFMEMORY && --attempts > 0)) {
        memory.resize(size + 4096);  // there can be more by then
        size = static_cast<ULONG>(memory.size());
    }
    if (error == ERROR_NO_DATA) return std::nullopt;
    if (error != NO_ERROR) fail("the table of connections", static_cast<int>(error));
    const auto* const table = reinterpret_cast<const Table*>(memory.data());
    for (DWORD index = 0; index < table->dwNumEntries; ++index) {
        const auto& row = table->table[index];
        const auto port = [](DWORD in_network_order) { return ntohs(static_cast<u_short>(in_network_order)); };
        if (port(row.dwLocalPort) == local.port && port(row.dwRemotePort) == remote.port) return state_told_by(row);
    }
    return std::nullopt;
}

std::optional<DWORD> state_of(Endpoint local, Endpoint remote) {
    return local.ipv6 ? state_in<MIB_TCP6TABLE>(::GetTcp6Table, local, remote)
                      : state_in<MIB_TCPTABLE>(::GetTcpTable, local, remote);
}

// Bytes on their way to the other end, where the system tells (Windows 10 since 1703; Wine does not, where the system
// below has taken them there before `send` returns).
std::uint64_t under_way(const Descriptor& descriptor) {
    struct TcpInfo {  // TCP_INFO_v0, which the headers of mingw-w64 do not have
        ULONG state;
        ULONG mss;
        ULONG64 connection_milliseconds;
        BOOLEAN timestamps;
        ULONG round_trip;
        ULONG least_round_trip;
        ULONG bytes_in_flight;
        ULONG windows[4];
        ULONG64 bytes_out;
        ULONG64 bytes_in;
        ULONG counts[4];
        UCHAR last;
    };
    constexpr DWORD tcp_info = 0xd8000027;  // SIO_TCP_INFO
    TcpInfo info{};
    DWORD version = 0;
    DWORD returned = 0;
    const bool told = ::WSAIoctl(socket_of(descriptor), tcp_info, &version, sizeof version, &info, sizeof info,
                                 &returned, nullptr, nullptr) == 0;
    return told ? info.bytes_in_flight : 0;
}

constexpr auto between_two_looks = std::chrono::microseconds(200);

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        number_ = other.release();
    }
    return *this;
}

int Descriptor::release() noexcept {
    const int number = number_;
    number_ = -1;
    return number;
}

void Descriptor::close() noexcept {
    if (number_ < 0) return;
    ::closesocket(static_cast<SOCKET>(release()));
    ::WSACleanup();
}

PeerConnection::PeerConnection(Descriptor descriptor, Endpoint here, Endpoint there)
    : descriptor_(std::move(descriptor)), here_(here), there_(there) {
    set_nonblocking(descriptor_);
    const BOOL on = TRUE;
    set_option(descriptor_, IPPROTO_TCP, TCP_NODELAY, on);
    // Whatever the provider sends can be counted.
    set_option(descriptor_, SOL_SOCKET, SO_OOBINLINE, on);
}

PeerConnection PeerConnection::connect(Endpoint there, Deadline deadline) {
    Descriptor descriptor = open(there.ipv6, SOCK_STREAM);
    set_nonblocking(descriptor);
    SystemAddress address(there);
    if (::connect(socket_of(descriptor), address.get(), *address.length()) != 0) {
        if (!would_block(::WSAGetLastError())) fail("connect");
        if (!ready(descriptor, Wanted::writable, deadline)) fail("connect", WSAETIMEDOUT);
        int error = 0;
        int length = sizeof error;
        ::getsockopt(socket_of(descriptor), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &length);
        if (error != 0) fail("connect", error);
    }
    const Endpoint here = local_of(descriptor);
    // The request is in the listener's queue once the last packet of the handshake has come there.
    while (state_of(there, here).value_or(MIB_TCP_STATE_ESTAB) != MIB_TCP_STATE_ESTAB) {
        if (std::chrono::steady_clock::now() >= deadline) break;
        std::this_thread::sleep_for(between_two_looks);
    }
    return {std::move(descriptor), here, there};
}

void PeerConnection::send(std::uint32_t bytes, Deadline deadline) {
    const std::vector<char> data(std::min<std::size_t>(bytes, 65536), 'x');
    std::size_t left = bytes;
    while (left > 0) {
        const int sent = ::send(socket_of(descriptor_), data.data(), static_cast<int>(std::min(left, data.size())), 0);
        if (sent >= 0) {
            left -= static_cast<std::size_t>(sent);
        } else if (!would_block(::WSAGetLastError()) || !ready(descriptor_, Wanted::writable, deadline)) {
            fail("send");
        }
    }
}

void PeerConnection::send_urgent() {
    const char byte = 'u';
    if (::send(socket_of(descriptor_), &byte, 1, MSG_OOB) != 1) fail("send of an urgent byte");
}

void PeerConnection::shut_down() {
    if (::shutdown(socket_of(descriptor_), SD_SEND) != 0) fail("shutdown");
    ended_ = true;
}

void PeerConnection::close() {
    descriptor_.close();
    ended_ = true;
}

void PeerConnection::reset() {
    const linger hard{1, 0};
    set_option(descriptor_, SOL_SOCKET, SO_LINGER, hard);
    descriptor_.close();
    gone_ = true;
}

std::uint64_t PeerConnection::receive(std::uint64_t bytes, Deadline deadline) {
    std::vector<char> data(65536);
    std::uint64_t got = 0;
    while (got < bytes) {
        const auto wanted = static_cast<int>(std::min<std::uint64_t>(bytes - got, data.size()));
        const int came = ::recv(socket_of(descriptor_), data.data(), wanted, 0);
        if (came > 0) {
            got += static_cast<std::uint64_t>(came);
            continue;
        }
        const bool over = came == 0 || !would_block(::WSAGetLastError());
        if (over || !ready(descriptor_, Wanted::readable, deadline)) break;
    }
    return got;
}

bool PeerConnection::ended(Deadline deadline) {
    std::vector<char> data(4096);
    while (true) {
        const int came = ::recv(socket_of(descriptor_), data.data(), static_cast<int>(data.size()), 0);
        if (came > 0) continue;
        if (came == 0 || !would_block(::WSAGetLastError())) return true;
        if (!ready(descriptor_, Wanted::readable, deadline)) return false;
    }
}

bool PeerConnection::arrived(Deadline deadline) const {
    const auto done = [this] {
        if (descriptor_.valid() && under_way(descriptor_) > 0) return false;
        if (!ended_ && !gone_) return true;
        const std::optional<DWORD> state = state_of(there_, here_);
        if (gone_) return !state.has_value();
        if (!state.has_value()) return true;
        return *state != MIB_TCP_STATE_ESTAB && *state != MIB_TCP_STATE_FIN_WAIT1 && *state != MIB_TCP_STATE_FIN_WAIT2;
    };
    while (!over_ && !done()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(between_two_looks);
    }
    over_ = !descriptor_.valid();
    return true;
}

// Where the system has it, who asks is kept waiting until the listener answers (SO_CONDITIONAL_ACCEPT). Under Wine the
// queue is filled, as on Linux: Windows would refuse what finds no room.
PeerListener::PeerListener(Endpoint at, bool stalled) : descriptor_(open(at.ipv6, SOCK_STREAM)) {
    const bool filled = stalled && wine_version().has_value();
    const BOOL on = TRUE;
    if (stalled && !filled && !set_option(descriptor_, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, on)) {
        fail("setsockopt of SO_CONDITIONAL_ACCEPT");
    }
    bind_to(descriptor_, at);
    if (::listen(socket_of(descriptor_), filled ? 0 : 128) != 0) fail("listen");
    endpoint_ = local_of(descriptor_);
    if (!filled) return;
    filler_ = open(at.ipv6, SOCK_STREAM);
    SystemAddress to(endpoint_);
    if (::connect(socket_of(filler_), to.get(), *to.length()) != 0) fail("connect");
}

void PeerListener::unblock() {
    if (filler_.valid() && ::listen(socket_of(descriptor_), 128) != 0) fail("listen");
}

std::optional<PeerConnection> PeerListener::accept(Deadline deadline) {
    while (ready(descriptor_, Wanted::readable, deadline)) {
        SystemAddress address;
        Started started;
        Descriptor taken = started.keep(::accept(socket_of(descriptor_), address.get(), address.length()), "accept");
        if (filler_.valid() && local_of(filler_) == address.endpoint()) {
            filler_.close();
            continue;
        }
        return PeerConnection(std::move(taken), endpoint_, address.endpoint());
    }
    return std::nullopt;
}

PeerDatagrams::PeerDatagrams(Endpoint at) : descriptor_(open_datagram(at)), endpoint_(local_of(descriptor_)) {
    set_nonblocking(descriptor_);
}

void PeerDatagrams::send(std::uint32_t bytes, Endpoint to) {
    const std::vector<char> data(bytes + 1, 'd');
    SystemAddress address(to);
    // An error that an earlier datagram has met is told first.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (::sendto(socket_of(descriptor_), data.data(), static_cast<int>(bytes), 0, address.get(),
                     *address.length()) >= 0)
            return;
    }
    fail("sendto");
}

std::uint64_t PeerDatagrams::receive(std::uint64_t bytes, Deadline deadline) {
    std::vector<char> data(65536);
    std::uint64_t got = 0;
    while (got < bytes) {
        const int came = ::recv(socket_of(descriptor_), data.data(), static_cast<int>(data.size()), 0);
        if (came >= 0) {
            got += static_cast<std::uint64_t>(came);
        } else if (::WSAGetLastError() == WSAECONNRESET) {
            // A datagram of ours went nowhere.
        } else if (!would_block(::WSAGetLastError()) || !ready(descriptor_, Wanted::readable, deadline)) {
            break;
        }
    }
    return got;
}

bool datagrams_arrived(Deadline deadline) {
    PeerDatagrams probe(Endpoint{});
    probe.send(1, probe.endpoint());
    return probe.receive(1, deadline) == 1;
}

ClosedPort::ClosedPort(Endpoint at, bool datagram)
    : descriptor_(datagram ? open_datagram(at) : open(at.ipv6, SOCK_STREAM)) {
    if (!datagram) bind_to(descriptor_, at);
    endpoint_ = local_of(descriptor_);
    if (!datagram) return;
    // Connected to itself it takes nothing from others.
    SystemAddress itself(endpoint_);
    if (::connect(socket_of(descriptor_), itself.get(), *itself.length()) != 0) fail("connect");
}

}  // namespace asyncselect::conformance
