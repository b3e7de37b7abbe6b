// See conformance/exec_provider.hpp. On Windows the program judges what is in it; adapters are run on Linux, where
// those for Windows run under Wine.
#include "conformance/exec_provider.hpp"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdexcept>

namespace asyncselect::conformance {

std::unique_ptr<Provider> make_exec_provider(ExecOptions /*options*/) {
    throw std::runtime_error(
        "exec:COMMAND is not there on Windows: run the program for Linux, and give it the adapter");
}

std::optional<RemoteAddress> address_in(const std::string& text) {
    RemoteAddress address;
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
    address.ipv6 = true;
    if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

}  // namespace asyncselect::conformance
