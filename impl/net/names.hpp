// Names of hosts, services and protocols, and addresses as text, over the system's resolver; its constants stay in this
// folder. Numbers and layouts are the SDK's. It must know nothing of the API's functions, nor where their answers live.
// Memory that runs out is thrown as std::bad_alloc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "impl/core/error.hpp"
#include "impl/net/transport.hpp"

namespace asyncselect::net {

namespace name_error {
inline constexpr core::Error not_enough_memory = 8;
inline constexpr core::Error insufficient_buffer = 122;
inline constexpr core::Error service_not_found = 10109;
inline constexpr core::Error host_not_found = 11001;
inline constexpr core::Error try_again = 11002;
inline constexpr core::Error no_recovery = 11003;
inline constexpr core::Error no_data = 11004;
}  // namespace name_error

// A value, or the error that says why there is none.
template <class T>
struct Found {
    T value{};
    core::Error error = core::error::none;

    [[nodiscard]] bool ok() const { return error == core::error::none; }
};

// One answer of getaddrinfo.
struct Resolved {
    int family;
    int type;
    int protocol;
    Address address;
    std::string canonical_name;
};

struct Question {
    int flags = 0;  // AI_...
    int family = 0;
    int type = 0;
    int protocol = 0;
};

struct Host {
    std::string name;
    std::vector<std::string> aliases;
    std::int16_t family = 0;
    std::int16_t address_length = 0;  // in bytes
    std::vector<std::array<char, 16>> addresses;
};

// A service, or a protocol: `number` is the port in network byte order, or the protocol's number.
struct Numbered {
    std::string name;
    std::vector<std::string> aliases;
    std::int16_t number = 0;
    std::string protocol;
};

struct NodeAndService {
    std::string node;
    std::string service;
};

// Text in memory that is not to be trusted; nothing if it is not all readable, or ends nowhere. Any thread.
[[nodiscard]] std::optional<std::string> read_text(const char* from);

// Look-ups: any thread, and they can take as long as the system's resolver does. Null stands for what was left out.
[[nodiscard]] Found<std::vector<Resolved>> resolve(const char* node, const char* service, const Question& question);
[[nodiscard]] Found<NodeAndService> names_of(const Address& address, bool node, bool service, int flags);
[[nodiscard]] Found<Host> host_by_name(const std::string& name);
[[nodiscard]] Found<Host> host_by_address(const std::array<std::byte, 16>& address, std::uint16_t family);
[[nodiscard]] Found<Numbered> service_by_name(const char* name, const char* protocol);
[[nodiscard]] Found<Numbered> service_by_port(int port_in_network_order, const char* protocol);
[[nodiscard]] Found<Numbered> protocol_by_name(const char* name);
[[nodiscard]] Found<Numbered> protocol_by_number(int number);
[[nodiscard]] std::string host_name();

// Text and addresses, in network byte order.
[[nodiscard]] std::optional<std::uint32_t> loose_address(const std::string& text);  // as inet_addr takes it
[[nodiscard]] std::optional<std::array<std::byte, 16>> strict_address(std::uint16_t family, const std::string& text);
[[nodiscard]] std::string text_of(std::uint16_t family, const std::array<std::byte, 16>& address);

}  // namespace asyncselect::net
