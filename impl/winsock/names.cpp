// Names and addresses: the functions of the API over the system's resolver. What they return pointers to is a thread's
// own. Must know no socket.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <memory>
#include <new>

#include "impl/net/memory.hpp"
#include "impl/net/names.hpp"
#include "impl/winsock/api.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace name_error = net::name_error;
using core::Error;

namespace {

constexpr std::uint16_t inet = 2;
constexpr std::uint16_t inet6 = 23;
constexpr Error invalid_parameter = 87;

bool known(int family) noexcept { return family == inet || family == inet6; }
std::size_t size_of(int family) noexcept { return family == inet6 ? 16 : 4; }

// The resolver's functions return the error itself, and it is the last error too.
int told(Error code) noexcept {
    if (code != error::none) core::set_last_error(static_cast<std::uint32_t>(code));
    return code;
}

// Text that may be left out.
struct Text {
    std::optional<std::string> value;
    bool readable = true;

    explicit Text(const char* from) : value{net::read_text(from)}, readable{from == nullptr || value.has_value()} {}
    [[nodiscard]] const char* get() const noexcept { return value ? value->c_str() : nullptr; }
};

// ---- getaddrinfo, getnameinfo

// One answer with all that it points to.
struct Answer : asyncselect_ADDRINFOA {
    net::Address address;
    std::string canonical_name;
};

void free_answers(asyncselect_ADDRINFOA* first) noexcept {
    while (first != nullptr) {
        const std::unique_ptr<Answer> owned{static_cast<Answer*>(first)};
        first = owned->ai_next;
    }
}

struct FreeAnswers {
    void operator()(asyncselect_ADDRINFOA* first) const noexcept { free_answers(first); }
};
using Answers = std::unique_ptr<asyncselect_ADDRINFOA, FreeAnswers>;

Answers answers_of(std::vector<net::Resolved>&& resolved) {
    Answers first;
    for (auto each = resolved.rbegin(); each != resolved.rend(); ++each) {
        auto answer = std::make_unique<Answer>();
        answer->address = each->address;
        answer->canonical_name = std::move(each->canonical_name);
        static_cast<asyncselect_ADDRINFOA&>(*answer) = {
            0,
            each->family,
            each->type,
            each->protocol,
            answer->address.length,
            answer->canonical_name.empty() ? nullptr : answer->canonical_name.data(),
            reinterpret_cast<asyncselect_sockaddr*>(answer->address.bytes),
            first.release(),
        };
        first.reset(answer.release());
    }
    return first;
}

Error get_addresses(const char* node, const char* service, const asyncselect_ADDRINFOA* hints,
                    asyncselect_ADDRINFOA** out) {
    asyncselect_ADDRINFOA* nothing = nullptr;
    if (!net::write_memory(out, &nothing, sizeof nothing)) return error::fault;
    const Text node_name{node};
    const Text service_name{service};
    asyncselect_ADDRINFOA asked{};
    if (!node_name.readable || !service_name.readable) return error::fault;
    if (hints != nullptr && !net::read_memory(&asked, hints, sizeof asked)) return error::fault;
    auto found = net::resolve(node_name.get(), service_name.get(),
                              {asked.ai_flags, asked.ai_family, asked.ai_socktype, asked.ai_protocol});
    if (!found.ok()) return found.error;
    auto answers = answers_of(std::move(found.value));
    auto* first = answers.get();
    if (!net::write_memory(out, &first, sizeof first)) return error::fault;
    static_cast<void>(answers.release());  // the application's now
    return error::none;
}

Error write_text(const std::string& text, char* to, std::uint32_t size) noexcept {
    if (to == nullptr || size == 0) return error::none;
    if (text.size() >= size) return name_error::insufficient_buffer;
    return net::write_memory(to, text.c_str(), text.size() + 1) ? error::none : error::fault;
}

Error read_address(const asyncselect_sockaddr* from, std::int64_t length, net::Address& out) noexcept {
    if (from == nullptr || length < static_cast<std::int64_t>(sizeof(asyncselect_sockaddr_in))) return error::fault;
    out.length = static_cast<std::uint32_t>(std::min<std::int64_t>(length, sizeof out.bytes));
    return net::read_memory(out.bytes, from, out.length) ? error::none : error::fault;
}

Error get_names(const asyncselect_sockaddr* address, int length, char* node, std::uint32_t node_size, char* service,
                std::uint32_t service_size, int flags) {
    net::Address read;
    if (const auto bad = read_address(address, length, read); bad != error::none) return bad;
    const bool wants_node = node != nullptr && node_size != 0;
    const bool wants_service = service != nullptr && service_size != 0;
    if (!wants_node && !wants_service) return name_error::host_not_found;
    const auto found = net::names_of(read, wants_node, wants_service, flags);
    if (!found.ok()) return found.error;
    if (const auto bad = write_text(found.value.node, node, node_size); bad != error::none) return bad;
    return write_text(found.value.service, service, service_size);
}

// ---- hosts, services, protocols: the thread's own answers

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

struct HostAnswer {
    net::Host host;
    std::vector<char*> aliases;
    std::vector<char*> addresses;
    asyncselect_hostent entry{};

    asyncselect_hostent* keep(net::Host&& found) {
        host = std::move(found);
        aliases = pointers_to(host.aliases);
        addresses.clear();
        for (auto& address : host.addresses) addresses.push_back(address.data());
        addresses.push_back(nullptr);
        entry = {host.name.data(), aliases.data(), host.family, host.address_length, addresses.data()};
        return &entry;
    }
};

struct NumberedAnswer {
    net::Numbered found;
    std::vector<char*> aliases;

    void keep(net::Numbered&& answer) {
        found = std::move(answer);
        aliases = pointers_to(found.aliases);
    }
};

thread_local HostAnswer host_of_this_thread;
thread_local NumberedAnswer service_of_this_thread;
thread_local asyncselect_servent servent_of_this_thread;
thread_local NumberedAnswer protocol_of_this_thread;
thread_local asyncselect_protoent protoent_of_this_thread;
thread_local std::array<char, 16> dotted_of_this_thread;

// Null and the last error, if it fails or memory runs out.
template <class T, class Function>
T* pointer_or_error(Function function) noexcept {
    auto code = cannot_begin();
    T* answer = nullptr;
    try {
        if (code == error::none) code = function(answer);
    } catch (const std::bad_alloc&) {
        code = error::no_buffers;
    }
    if (code == error::none) return answer;
    failed(code);
    return nullptr;
}

Error keep_host(net::Found<net::Host>&& found, asyncselect_hostent*& answer) {
    if (!found.ok()) return found.error;
    answer = host_of_this_thread.keep(std::move(found.value));
    return error::none;
}

Error keep_service(net::Found<net::Numbered>&& found, asyncselect_servent*& answer) {
    if (!found.ok()) return found.error;
    auto& kept = service_of_this_thread;
    kept.keep(std::move(found.value));
    servent_of_this_thread = {kept.found.name.data(), kept.aliases.data(), kept.found.protocol.data(),
                              kept.found.number};
    answer = &servent_of_this_thread;
    return error::none;
}

Error keep_protocol(net::Found<net::Numbered>&& found, asyncselect_protoent*& answer) {
    if (!found.ok()) return found.error;
    auto& kept = protocol_of_this_thread;
    kept.keep(std::move(found.value));
    protoent_of_this_thread = {kept.found.name.data(), kept.aliases.data(), kept.found.number};
    answer = &protoent_of_this_thread;
    return error::none;
}

// ---- addresses as text

template <class T>
T swapped(T value) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        std::array<std::byte, sizeof(T)> bytes{};
        std::memcpy(bytes.data(), &value, sizeof value);
        std::ranges::reverse(bytes);
        std::memcpy(&value, bytes.data(), sizeof value);
    }
    return value;
}

template <class T>
int swap_into(asyncselect_SOCKET s, T value, T* to) noexcept {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    const T out = swapped(value);
    return net::write_memory(to, &out, sizeof out) ? 0 : failed(error::fault);
}

std::array<std::byte, 16> host_part(const asyncselect_sockaddr_in& address) noexcept {
    std::array<std::byte, 16> host{};
    std::memcpy(host.data(), &address.sin_addr, sizeof address.sin_addr);
    return host;
}

std::optional<std::string> with_port(const net::Address& address) {
    asyncselect_sockaddr_in6 any{};
    std::memcpy(&any, address.bytes, std::min<std::size_t>(address.length, sizeof any));
    const auto port = swapped(any.sin6_port);
    if (any.sin6_family == inet) {
        asyncselect_sockaddr_in four{};
        std::memcpy(&four, &any, sizeof four);
        const auto host = net::text_of(inet, host_part(four));
        return port == 0 ? host : host + ':' + std::to_string(port);
    }
    if (any.sin6_family != inet6 || address.length < sizeof any) return std::nullopt;
    std::array<std::byte, 16> bytes{};
    std::memcpy(bytes.data(), any.sin6_addr, bytes.size());
    auto host = net::text_of(inet6, bytes);
    if (any.sin6_scope_id != 0) host += '%' + std::to_string(any.sin6_scope_id);
    return port == 0 ? host : '[' + host + "]:" + std::to_string(port);
}

// A decimal number that is all of the text.
template <class T>
bool read_number(std::string_view text, T& out) noexcept {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    return code == std::errc{} && end == text.data() + text.size();
}

// The port behind the last colon, if there is one; takes it off the text.
bool take_port(std::string& text, std::uint16_t& port) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return true;
    if (!read_number(std::string_view{text}.substr(colon + 1), port)) return false;
    text.resize(colon);
    return true;
}

std::optional<net::Address> address_with_port(std::string text, int family) {
    net::Address out;
    std::uint16_t port = 0;
    if (family == inet) {
        if (!take_port(text, port)) return std::nullopt;
        const auto host = net::strict_address(inet, text);
        if (!host) return std::nullopt;
        asyncselect_sockaddr_in four{inet, swapped(port), 0, {}};
        std::memcpy(&four.sin_addr, host->data(), sizeof four.sin_addr);
        std::memcpy(out.bytes, &four, out.length = sizeof four);
        return out;
    }
    asyncselect_sockaddr_in6 six{};
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string::npos) return std::nullopt;
        auto rest = text.substr(bracket + 1);
        if (!rest.empty() && (rest.front() != ':' || !take_port(rest, port) || !rest.empty())) return std::nullopt;
        text = text.substr(1, bracket - 1);
    }
    if (const auto scope = text.find('%'); scope != std::string::npos) {
        if (!read_number(std::string_view{text}.substr(scope + 1), six.sin6_scope_id)) return std::nullopt;
        text.resize(scope);
    }
    const auto host = net::strict_address(inet6, text);
    if (!host) return std::nullopt;
    six.sin6_family = inet6;
    six.sin6_port = swapped(port);
    std::memcpy(six.sin6_addr, host->data(), host->size());
    std::memcpy(out.bytes, &six, out.length = sizeof six);
    return out;
}

// Runs a function that may run out of memory.
template <class Function>
Error guarded(Function function, Error out_of_memory) noexcept {
    try {
        return function();
    } catch (const std::bad_alloc&) {
        return out_of_memory;
    }
}

}  // namespace

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

int asyncselect_getaddrinfo(const char* pNodeName, const char* pServiceName, const asyncselect_ADDRINFOA* pHints,
                            asyncselect_ADDRINFOA** ppResult) {
    if (const auto bad = cannot_begin(); bad != error::none) return told(bad);
    return told(guarded([&] { return get_addresses(pNodeName, pServiceName, pHints, ppResult); },
                        name_error::not_enough_memory));
}

void asyncselect_freeaddrinfo(asyncselect_ADDRINFOA* pAddrInfo) { free_answers(pAddrInfo); }

int asyncselect_getnameinfo(const asyncselect_sockaddr* pSockaddr, int SockaddrLength, char* pNodeBuffer,
                            uint32_t NodeBufferSize, char* pServiceBuffer, uint32_t ServiceBufferSize, int Flags) {
    if (const auto bad = cannot_begin(); bad != error::none) return told(bad);
    const auto get = [&] {
        return get_names(pSockaddr, SockaddrLength, pNodeBuffer, NodeBufferSize, pServiceBuffer, ServiceBufferSize,
                         Flags);
    };
    return told(guarded(get, name_error::not_enough_memory));
}

asyncselect_hostent* asyncselect_gethostbyname(const char* name) {
    return pointer_or_error<asyncselect_hostent>([&](asyncselect_hostent*& answer) {
        const Text text{name};
        if (!text.readable) return error::fault;
        return keep_host(net::host_by_name(text.value.value_or("")), answer);
    });
}

asyncselect_hostent* asyncselect_gethostbyaddr(const char* addr, int len, int type) {
    return pointer_or_error<asyncselect_hostent>([&](asyncselect_hostent*& answer) -> Error {
        if (!known(type)) return error::family_not_supported;
        std::array<std::byte, 16> address{};
        if (len < static_cast<int>(size_of(type)) || !net::read_memory(address.data(), addr, size_of(type)))
            return error::fault;
        return keep_host(net::host_by_address(address, static_cast<std::uint16_t>(type)), answer);
    });
}

int asyncselect_gethostname(char* name, int namelen) {
    if (const auto bad = cannot_begin(); bad != error::none) return failed(bad);
    const auto get = [&]() -> Error {
        const auto own = net::host_name();
        if (name == nullptr || namelen <= static_cast<int>(own.size())) return error::fault;
        return net::write_memory(name, own.c_str(), own.size() + 1) ? error::none : error::fault;
    };
    return result(guarded(get, error::no_buffers));
}

asyncselect_servent* asyncselect_getservbyname(const char* name, const char* proto) {
    return pointer_or_error<asyncselect_servent>([&](asyncselect_servent*& answer) {
        const Text service{name};
        const Text protocol{proto};
        if (!service.value || !protocol.readable) return error::fault;
        return keep_service(net::service_by_name(service.get(), protocol.get()), answer);
    });
}

asyncselect_servent* asyncselect_getservbyport(int port, const char* proto) {
    return pointer_or_error<asyncselect_servent>([&](asyncselect_servent*& answer) {
        const Text protocol{proto};
        if (!protocol.readable) return error::fault;
        return keep_service(net::service_by_port(port, protocol.get()), answer);
    });
}

asyncselect_protoent* asyncselect_getprotobyname(const char* name) {
    return pointer_or_error<asyncselect_protoent>([&](asyncselect_protoent*& answer) {
        const Text protocol{name};
        if (!protocol.value) return error::fault;
        return keep_protocol(net::protocol_by_name(protocol.get()), answer);
    });
}

asyncselect_protoent* asyncselect_getprotobynumber(int number) {
    return pointer_or_error<asyncselect_protoent>(
        [&](asyncselect_protoent*& answer) { return keep_protocol(net::protocol_by_number(number), answer); });
}

uint32_t asyncselect_inet_addr(const char* cp) {
    std::uint32_t address = 0xffffffffU;
    const auto read = [&]() -> Error {
        const Text text{cp};
        if (!text.value) return error::fault;
        address = net::loose_address(*text.value).value_or(address);
        return error::none;
    };
    if (const auto bad = guarded(read, error::no_buffers); bad != error::none) failed(bad);
    return address;
}

char* asyncselect_inet_ntoa(asyncselect_in_addr in) {
    std::array<unsigned char, 4> bytes{};
    std::memcpy(bytes.data(), &in, sizeof in);
    auto& text = dotted_of_this_thread;
    auto* at = text.data();
    for (const unsigned byte : bytes) {
        if (at != text.data()) *at++ = '.';
        at = std::to_chars(at, text.data() + text.size() - 1, byte).ptr;
    }
    *at = '\0';
    return text.data();
}

int asyncselect_inet_pton(int Family, const char* pszAddrString, void* pAddrBuf) {
    if (!known(Family)) return failed(error::family_not_supported);
    int answer = 0;
    const auto read = [&]() -> Error {
        const Text text{pszAddrString};
        if (!text.value) return error::fault;
        const auto address = net::strict_address(static_cast<std::uint16_t>(Family), *text.value);
        if (!address) return error::none;
        answer = 1;
        return net::write_memory(pAddrBuf, address->data(), size_of(Family)) ? error::none : error::fault;
    };
    const auto bad = guarded(read, error::no_buffers);
    return bad == error::none ? answer : failed(bad);
}

const char* asyncselect_inet_ntop(int Family, const void* pAddr, char* pStringBuf, size_t StringBufSize) {
    const auto write = [&]() -> Error {
        if (!known(Family)) return error::family_not_supported;
        std::array<std::byte, 16> address{};
        if (!net::read_memory(address.data(), pAddr, size_of(Family))) return error::fault;
        const auto text = net::text_of(static_cast<std::uint16_t>(Family), address);
        if (pStringBuf == nullptr || text.size() >= StringBufSize) return invalid_parameter;
        return net::write_memory(pStringBuf, text.c_str(), text.size() + 1) ? error::none : error::fault;
    };
    const auto bad = guarded(write, error::no_buffers);
    if (bad == error::none) return pStringBuf;
    failed(bad);
    return nullptr;
}

int asyncselect_WSAAddressToStringA(asyncselect_sockaddr* lpsaAddress, uint32_t dwAddressLength, void*,
                                    char* lpszAddressString, uint32_t* lpdwAddressStringLength) {
    if (const auto bad = cannot_begin(); bad != error::none) return failed(bad);
    const auto write = [&]() -> Error {
        net::Address address;
        if (const auto bad = read_address(lpsaAddress, dwAddressLength, address); bad != error::none) return bad;
        const auto text = with_port(address);
        if (!text) return error::invalid;
        std::uint32_t room = 0;
        if (!net::read_memory(&room, lpdwAddressStringLength, sizeof room)) return error::fault;
        const auto needed = static_cast<std::uint32_t>(text->size() + 1);
        if (!net::write_memory(lpdwAddressStringLength, &needed, sizeof needed) || room < needed) return error::fault;
        return net::write_memory(lpszAddressString, text->c_str(), needed) ? error::none : error::fault;
    };
    return result(guarded(write, error::no_buffers));
}

int asyncselect_WSAStringToAddressA(char* AddressString, int AddressFamily, void*, asyncselect_sockaddr* lpAddress,
                                    int* lpAddressLength) {
    if (const auto bad = cannot_begin(); bad != error::none) return failed(bad);
    const auto read = [&]() -> Error {
        const Text text{AddressString};
        if (!text.value) return error::fault;
        if (!known(AddressFamily)) return error::invalid;
        const auto address = address_with_port(*text.value, AddressFamily);
        if (!address) return error::invalid;
        int room = 0;
        if (!net::read_memory(&room, lpAddressLength, sizeof room)) return error::fault;
        const auto needed = static_cast<int>(address->length);
        if (!net::write_memory(lpAddressLength, &needed, sizeof needed) || room < needed) return error::fault;
        return net::write_memory(lpAddress, address->bytes, address->length) ? error::none : error::fault;
    };
    return result(guarded(read, error::no_buffers));
}

int asyncselect_WSAHtonl(asyncselect_SOCKET s, uint32_t hostlong, uint32_t* lpnetlong) {
    return swap_into(s, hostlong, lpnetlong);
}
int asyncselect_WSAHtons(asyncselect_SOCKET s, uint16_t hostshort, uint16_t* lpnetshort) {
    return swap_into(s, hostshort, lpnetshort);
}
int asyncselect_WSANtohl(asyncselect_SOCKET s, uint32_t netlong, uint32_t* lphostlong) {
    return swap_into(s, netlong, lphostlong);
}
int asyncselect_WSANtohs(asyncselect_SOCKET s, uint16_t netshort, uint16_t* lphostshort) {
    return swap_into(s, netshort, lphostshort);
}

// The descriptions are constant; the type lets a program write to them, as the SDK's does.
char* asyncselect_gai_strerrorA(int ecode) {
    struct Description {
        Error code;
        const char* text;
    };
    static constexpr std::array descriptions{
        Description{error::none, "No error."},
        Description{name_error::not_enough_memory, "There is not enough memory."},
        Description{name_error::insufficient_buffer, "The buffer is too small for the name."},
        Description{error::fault, "A pointer is not accessible."},
        Description{error::invalid, "A flag is not known, or does not go with the rest."},
        Description{error::socket_type_not_supported, "The socket type is not supported."},
        Description{error::family_not_supported, "The address family is not supported."},
        Description{error::net_down, "The network subsystem has failed."},
        Description{error::not_initialised, "WSAStartup was not called, or has failed."},
        Description{name_error::service_not_found, "There is no such service."},
        Description{name_error::host_not_found, "There is no such host."},
        Description{name_error::try_again, "The name server did not answer; it may do so later."},
        Description{name_error::no_recovery, "The name server failed for good."},
        Description{name_error::no_data, "The name is valid, but has no such data."},
    };
    const auto found = std::ranges::find(descriptions, ecode, &Description::code);
    return const_cast<char*>(found == descriptions.end() ? "Another error." : found->text);
}
