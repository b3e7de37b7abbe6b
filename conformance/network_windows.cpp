// See conformance/network.hpp: Windows has no network that would be a process's own, so nothing is ever changed; but
// under Wine a program of the system below can be asked to, if conformance/wine/run has given us a network.
#include "conformance/network.hpp"

#include <windows.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#undef interface  // a word of Windows' headers

namespace asyncselect::conformance::network {

namespace {

constexpr const char* why = "Windows has no network namespaces: routes and addresses would be those of the machine";

// Paths of the system below are on this drive.
constexpr const char* drive = "Z:";

bool entered = false;

[[noreturn]] void refuse(const std::string& what) { throw std::runtime_error("network: " + what); }

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

// Such a program cannot be waited for: it tells by a file that it is done.
std::string awaited(const std::string& result) {
    constexpr auto patience = std::chrono::seconds{60};
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < give_up) {
        std::string line;
        if (std::ifstream file{drive + result}; std::getline(file, line)) {
            file.close();
            std::remove((drive + result).c_str());
            return line;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return "nothing came of it in a minute";
}

void change(std::initializer_list<std::string_view> arguments) {
    static unsigned number = 0;
    // By the namespace too: two of Wine's servers give their processes the same numbers.
    auto own = variable("ASYNCSELECT_OWN_NETWORK");
    std::erase_if(own, [](char c) { return c < '0' || c > '9'; });
    const auto result = "/tmp/asyncselect-network-" + own + "-" + std::to_string(::GetCurrentProcessId()) + "-" +
                        std::to_string(++number);
    const auto program = drive + variable("ASYNCSELECT_NETWORK_PROGRAM");
    auto command = "\"" + program + "\" " + result;
    std::string told;
    for (const auto argument : arguments) told.append(told.empty() ? "" : " ").append(argument);
    command += " " + told;
    STARTUPINFOA startup{};
    startup.cb = sizeof startup;
    PROCESS_INFORMATION process{};
    if (::CreateProcessA(program.c_str(), command.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup,
                         &process) == 0)
        refuse("cannot start " + program + ": error " + std::to_string(::GetLastError()));
    if (const auto came_to = awaited(result); came_to != "ok") refuse(told + ": " + came_to);
}

void change_if_entered(std::initializer_list<std::string_view> arguments) {
    if (!entered) refuse(why);
    change(arguments);
}

}  // namespace

std::optional<std::string> enter_namespace() {
    if (variable("ASYNCSELECT_NETWORK_PROGRAM").empty() || variable("ASYNCSELECT_OWN_NETWORK").empty()) return why;
    try {
        change({"begin"});
    } catch (const std::exception& error) {
        return error.what();
    }
    entered = true;
    return std::nullopt;
}

bool in_namespace() noexcept { return entered; }

void add_interfaces(std::string_view one, std::string_view other) { change_if_entered({"add-interfaces", one, other}); }
void remove_interface(std::string_view name) { change_if_entered({"remove-interface", name}); }
void set_up(std::string_view interface, bool up) { change_if_entered({up ? "up" : "down", interface}); }
void add_address(std::string_view interface, std::string_view address) {
    change_if_entered({"add-address", interface, address});
}
void remove_address(std::string_view interface, std::string_view address) {
    change_if_entered({"remove-address", interface, address});
}
void renew_address(std::string_view interface, std::string_view address) {
    change_if_entered({"renew-address", interface, address});
}
void add_route(std::string_view destination, std::string_view interface, std::string_view router) {
    change_if_entered({"add-route", destination, interface, router});
}
void remove_route(std::string_view destination, std::string_view interface) {
    change_if_entered({"remove-route", destination, interface});
}
void set_parameter(std::string_view name, std::string_view) { refuse(std::string{name} + " cannot be set under Wine"); }

struct Host::Inside {};

Host::Host() { refuse("there is no other host under Wine"); }
Host::~Host() = default;
void Host::take(std::string_view) { refuse("there is no other host under Wine"); }
void Host::run(std::function<void()>) { refuse("there is no other host under Wine"); }

}  // namespace asyncselect::conformance::network
