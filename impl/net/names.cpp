// The system's resolver under the SDK's numbers. Its functions with a buffer of the caller's are used, so that threads
// do not meet in its own.
#include "impl/net/names.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "impl/net/memory.hpp"

namespace asyncselect::net {

namespace {

namespace error = core::error;

constexpr int sdk_inet = 2;
constexpr int sdk_inet6 = 23;

std::optional<int> system_family(int sdk) noexcept {
    if (sdk == 0) return AF_UNSPEC;
    if (sdk == sdk_inet) return AF_INET;
    if (sdk == sdk_inet6) return AF_INET6;
    return std::nullopt;
}

int sdk_family(int system) noexcept { return system == AF_INET6 ? sdk_inet6 : sdk_inet; }

struct Flag {
    int sdk;
    int system;
};

// The system's bits for the SDK's; nothing if one of them is not offered.
template <std::size_t size>
std::optional<int> system_flags(const std::array<Flag, size>& known, int sdk) noexcept {
    int system = 0;
    for (const auto& flag : known) {
        if ((sdk & flag.sdk) != 0) system |= flag.system;
        sdk &= ~flag.sdk;
    }
    return sdk == 0 ? std::optional{system} : std::nullopt;
}

constexpr std::array question_flags{Flag{0x1, AI_PASSIVE},     Flag{0x2, AI_CANONNAME}, Flag{0x4, AI_NUMERICHOST},
                                    Flag{0x8, AI_NUMERICSERV}, Flag{0x100, AI_ALL},     Flag{0x400, AI_ADDRCONFIG},
                                    Flag{0x800, AI_V4MAPPED}};
constexpr std::array name_flags{Flag{0x1, NI_NOFQDN}, Flag{0x2, NI_NUMERICHOST}, Flag{0x4, NI_NAMEREQD},
                                Flag{0x8, NI_NUMERICSERV}, Flag{0x10, NI_DGRAM}};

core::Error of_resolver(int code) noexcept {
    switch (code) {
        case 0:
            return error::none;
        case EAI_BADFLAGS:
            return error::invalid;
        case EAI_AGAIN:
            return name_error::try_again;
        case EAI_FAMILY:
            return error::family_not_supported;
        case EAI_SOCKTYPE:
            return error::socket_type_not_supported;
        case EAI_SERVICE:
            return name_error::service_not_found;
        case EAI_MEMORY:
            return name_error::not_enough_memory;
        case EAI_OVERFLOW:
            return name_error::insufficient_buffer;
        case EAI_FAIL:
        case EAI_SYSTEM:
            return name_error::no_recovery;
        default:
            return name_error::host_not_found;
    }
}

core::Error of_host_look_up(int code) noexcept {
    switch (code) {
        case TRY_AGAIN:
            return name_error::try_again;
        case NO_RECOVERY:
            return name_error::no_recovery;
        case NO_DATA:
            return name_error::no_data;
        default:
            return name_error::host_not_found;
    }
}

std::vector<std::string> copied(char* const* list) {
    std::vector<std::string> out;
    for (; list != nullptr && *list != nullptr; ++list) out.emplace_back(*list);
    return out;
}

Host copied(const hostent& from) {
    Host out;
    out.name = from.h_name;
    out.aliases = copied(from.h_aliases);
    out.family = static_cast<std::int16_t>(sdk_family(from.h_addrtype));
    out.address_length = static_cast<std::int16_t>(from.h_length);
    for (auto* const* list = from.h_addr_list; *list != nullptr; ++list) {
        std::array<char, 16> address{};
        std::copy_n(*list, std::min<std::size_t>(static_cast<std::size_t>(from.h_length), address.size()),
                    address.begin());
        out.addresses.push_back(address);
    }
    return out;
}

// Calls a look-up with a buffer that grows until the answer fits.
template <class LookUp>
int with_room(LookUp look_up) {
    std::vector<char> room(1024);
    for (;;) {
        const int code = look_up(room.data(), room.size());
        if (code != ERANGE || room.size() > (1U << 24U)) return code;
        room.resize(room.size() * 2);
    }
}

template <class LookUp>
Found<Host> host_from(LookUp look_up) {
    Found<Host> found;
    int reason = 0;
    with_room([&](char* room, std::size_t size) {
        hostent entry{};
        hostent* result = nullptr;
        const int code = look_up(&entry, room, size, &result, &reason);
        if (result != nullptr) found.value = copied(*result);
        found.error = result != nullptr ? error::none : of_host_look_up(reason);
        return code;
    });
    return found;
}

template <class Entry, class LookUp, class Copy>
Found<Numbered> numbered_from(LookUp look_up, Copy copy) {
    Found<Numbered> found;
    const int code = with_room([&](char* room, std::size_t size) {
        Entry entry{};
        Entry* result = nullptr;
        const int returned = look_up(&entry, room, size, &result);
        if (result != nullptr) found.value = copy(*result);
        found.error = result != nullptr ? error::none : name_error::no_data;
        return returned;
    });
    if (code != 0 && code != ENOENT) found.error = name_error::no_recovery;
    return found;
}

Numbered copied(const servent& from) {
    return {from.s_name, copied(from.s_aliases), static_cast<std::int16_t>(from.s_port), from.s_proto};
}

Numbered copied(const protoent& from) {
    return {from.p_name, copied(from.p_aliases), static_cast<std::int16_t>(from.p_proto), {}};
}

// This host's own addresses, as Windows tells them for its own name: no name server need know it.
Found<Host> this_host(const std::string& name) {
    Found<Host> found;
    found.value = {name, {}, sdk_inet, sizeof(in_addr), {}};
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0) return {{}, name_error::no_recovery};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner{first, freeifaddrs};
    const auto add = [&found](const in_addr& from) {
        std::array<char, 16> address{};
        std::memcpy(address.data(), &from, sizeof from);
        found.value.addresses.push_back(address);
    };
    for (const auto* each = first; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
        if ((each->ifa_flags & IFF_UP) == 0 || (each->ifa_flags & IFF_LOOPBACK) != 0) continue;
        add(reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr);
    }
    if (found.value.addresses.empty()) add({htonl(INADDR_LOOPBACK)});
    return found;
}

Resolved copied(const addrinfo& from) {
    Resolved out{sdk_family(from.ai_family), from.ai_socktype, from.ai_protocol, {}, {}};
    out.address.length = std::min<std::uint32_t>(from.ai_addrlen, sizeof out.address.bytes);
    std::memcpy(out.address.bytes, from.ai_addr, out.address.length);
    const auto family = static_cast<std::uint16_t>(out.family);
    std::memcpy(out.address.bytes, &family, sizeof family);
    if (from.ai_canonname != nullptr) out.canonical_name = from.ai_canonname;
    return out;
}

}  // namespace

std::optional<std::string> read_text(const char* from) {
    if (from == nullptr) return std::nullopt;
    // To the end of the page and no further: what lies behind need not be there.
    constexpr std::size_t page = 4096;
    constexpr std::size_t longest = 16 * page;
    std::string text;
    while (text.size() < longest) {
        const auto* piece = from + text.size();
        std::array<char, 256> read;
        const auto size = std::min(read.size(), page - reinterpret_cast<std::uintptr_t>(piece) % page);
        if (!read_memory(read.data(), piece, size)) return std::nullopt;
        const auto length = strnlen(read.data(), size);
        text.append(read.data(), length);
        if (length != size) return text;
    }
    return std::nullopt;
}

Found<std::vector<Resolved>> resolve(const char* node, const char* service, const Question& question) {
    const auto flags = system_flags(question_flags, question.flags);
    if (!flags) return {{}, error::invalid};
    const auto family = system_family(question.family);
    if (!family) return {{}, error::family_not_supported};
    if (question.type != 0 && question.type != SOCK_STREAM && question.type != SOCK_DGRAM)
        return {{}, error::socket_type_not_supported};
    if (node == nullptr && service == nullptr) return {{}, name_error::host_not_found};
    addrinfo hints{};
    hints.ai_flags = *flags;
    hints.ai_family = *family;
    hints.ai_socktype = question.type;
    hints.ai_protocol = question.protocol;
    addrinfo* first = nullptr;
    const int code = getaddrinfo(node, service, &hints, &first);
    if (code != 0) return {{}, of_resolver(code)};
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner{first, freeaddrinfo};
    Found<std::vector<Resolved>> found;
    for (const auto* each = first; each != nullptr; each = each->ai_next)
        if (each->ai_socktype == SOCK_STREAM || each->ai_socktype == SOCK_DGRAM) found.value.push_back(copied(*each));
    if (found.value.empty()) found.error = name_error::host_not_found;
    return found;
}

Found<NodeAndService> names_of(const Address& address, bool node, bool service, int flags) {
    const auto system = system_flags(name_flags, flags);
    if (!system) return {{}, error::invalid};
    std::uint16_t family = 0;
    std::memcpy(&family, address.bytes, sizeof family);
    const auto known = system_family(family);
    if (!known || *known == AF_UNSPEC) return {{}, error::family_not_supported};
    sockaddr_storage storage{};
    const auto length = *known == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    if (address.length < length) return {{}, error::fault};
    std::memcpy(&storage, address.bytes, length);
    storage.ss_family = static_cast<sa_family_t>(*known);
    std::array<char, NI_MAXHOST> node_name{};
    std::array<char, NI_MAXSERV> service_name{};
    const int code = getnameinfo(reinterpret_cast<const sockaddr*>(&storage), static_cast<socklen_t>(length),
                                 node ? node_name.data() : nullptr, node ? node_name.size() : 0,
                                 service ? service_name.data() : nullptr, service ? service_name.size() : 0, *system);
    if (code != 0) return {{}, of_resolver(code)};
    return {{node_name.data(), service_name.data()}, error::none};
}

Found<Host> host_by_name(const std::string& name) {
    const auto own = host_name();
    if (name.empty() || name == own) return this_host(own);
    return host_from([&](hostent* entry, char* room, std::size_t size, hostent** result, int* reason) {
        return gethostbyname2_r(name.c_str(), AF_INET, entry, room, size, result, reason);
    });
}

Found<Host> host_by_address(const std::array<std::byte, 16>& address, std::uint16_t family) {
    const auto known = system_family(family);
    if (!known || *known == AF_UNSPEC) return {{}, error::family_not_supported};
    const socklen_t length = *known == AF_INET6 ? sizeof(in6_addr) : sizeof(in_addr);
    return host_from([&](hostent* entry, char* room, std::size_t size, hostent** result, int* reason) {
        return gethostbyaddr_r(address.data(), length, *known, entry, room, size, result, reason);
    });
}

Found<Numbered> service_by_name(const char* name, const char* protocol) {
    return numbered_from<servent>(
        [&](servent* entry, char* room, std::size_t size, servent** result) {
            return getservbyname_r(name, protocol, entry, room, size, result);
        },
        [](const servent& entry) { return copied(entry); });
}

Found<Numbered> service_by_port(int port_in_network_order, const char* protocol) {
    return numbered_from<servent>(
        [&](servent* entry, char* room, std::size_t size, servent** result) {
            return getservbyport_r(port_in_network_order & 0xffff, protocol, entry, room, size, result);
        },
        [](const servent& entry) { return copied(entry); });
}

Found<Numbered> protocol_by_name(const char* name) {
    return numbered_from<protoent>([&](protoent* entry, char* room, std::size_t size,
                                       protoent** result) { return getprotobyname_r(name, entry, room, size, result); },
                                   [](const protoent& entry) { return copied(entry); });
}

Found<Numbered> protocol_by_number(int number) {
    return numbered_from<protoent>(
        [&](protoent* entry, char* room, std::size_t size, protoent** result) {
            return getprotobynumber_r(number, entry, room, size, result);
        },
        [](const protoent& entry) { return copied(entry); });
}

std::string host_name() {
    std::array<char, 257> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    return name.data();
}

std::optional<std::uint32_t> loose_address(const std::string& text) {
    in_addr address{};
    if (inet_aton(text.c_str(), &address) == 0) return std::nullopt;
    return address.s_addr;
}

std::optional<std::array<std::byte, 16>> strict_address(std::uint16_t family, const std::string& text) {
    std::array<std::byte, 16> address{};
    if (inet_pton(family == sdk_inet6 ? AF_INET6 : AF_INET, text.c_str(), address.data()) != 1) return std::nullopt;
    return address;
}

std::string text_of(std::uint16_t family, const std::array<std::byte, 16>& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(family == sdk_inet6 ? AF_INET6 : AF_INET, address.data(), text.data(), text.size());
    return text.data();
}

}  // namespace asyncselect::net
