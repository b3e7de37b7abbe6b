// Traces in words. It must not judge them.
#include "model/trace.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/event.hpp"

namespace asyncselect::model {

namespace {

std::string show_handle(Handle handle) { return handle == invalid_handle ? "INVALID_SOCKET" : std::to_string(handle); }

std::string show_call(const observation::Call& call) {
    std::string text;
    if (call.thread != "main") text += call.thread + ": ";
    if (call.in_callback) text += "in the condition function: ";
    text += name_of(call.function);
    text += '(';
    switch (call.function) {
        case Function::startup:
        case Function::cleanup:
        case Function::get_last_error:
        case Function::create_window:
            break;
        case Function::socket:
            text += call.datagram ? "datagram" : "stream";
            if (call.ipv6) text += ", IPv6";
            break;
        case Function::set_last_error:
            text += show_error(static_cast<int>(call.value));
            break;
        case Function::destroy_window:
            text += std::to_string(call.window);
            break;
        case Function::bind:
        case Function::listen:
        case Function::connect:
        case Function::accept:
        case Function::closesocket:
        case Function::bytes_available:
        case Function::set_option:
        case Function::join_leaf:
        case Function::get_qos:
        case Function::get_group_qos:
        case Function::address_list_change:
            text += show_handle(call.socket);
            if (call.condition != Condition::none) text += ", " + std::string(name_of(call.condition));
            break;
        case Function::set_qos:
            text += show_handle(call.socket) + ", " + std::to_string(call.value);
            break;
        case Function::routing_interface_change:
            text += show_handle(call.socket) + ", " + call.destination;
            break;
        case Function::recv:
        case Function::send:
            text += show_handle(call.socket) + ", " + std::to_string(call.length);
            if ((call.flags & flag_oob) != 0) text += ", MSG_OOB";
            if ((call.flags & flag_peek) != 0) text += ", MSG_PEEK";
            if ((call.flags & ~(flag_oob | flag_peek)) != 0) text += ", flags " + std::to_string(call.flags);
            break;
        case Function::shutdown: {
            constexpr std::array<std::string_view, 3> how{"SD_RECEIVE", "SD_SEND", "SD_BOTH"};
            text += show_handle(call.socket) + ", ";
            text += call.value >= 0 && call.value < 3 ? std::string(how[static_cast<std::size_t>(call.value)])
                                                      : std::to_string(call.value);
            break;
        }
        case Function::set_nonblocking:
        case Function::set_oob_inline:
            text += show_handle(call.socket) + ", " + std::to_string(call.value);
            break;
        case Function::async_select:
            text += show_handle(call.socket) + ", window " + std::to_string(call.window) + ", message " +
                    std::to_string(call.message) + ", " + show_mask(call.mask);
            break;
        case Function::event_select:
            text += show_handle(call.socket) + ", " + show_mask(call.mask);
            break;
    }
    text += ") = ";
    if (call.failed()) return text + show_error(call.error);
    if (call.function == Function::get_last_error) return text + show_error(static_cast<int>(call.result));
    if (call.created != invalid_handle) return text + show_handle(call.created);
    return text + std::to_string(call.result);
}

std::string show_message(const observation::Message& message) {
    std::string text = "message " + std::to_string(message.message) + " to window " + std::to_string(message.window) +
                       ": socket " + show_handle(message.socket) + ", " + show_mask(message.lparam & 0xffffU);
    if (const int error = static_cast<int>(message.lparam >> 16U); error != 0) text += ", " + show_error(error);
    return text;
}

std::string show_peer(const observation::Peer& peer) {
    std::string text = "peer " + peer.connection + ' ';
    text += name_of(peer.verb);
    switch (peer.verb) {
        case observation::PeerVerb::connect:
        case observation::PeerVerb::established:
            return text + " (socket " + show_handle(peer.socket) + ')';
        case observation::PeerVerb::refused:
            return text + " (socket " + show_handle(peer.socket) + ", " + show_error(peer.error) + ')';
        case observation::PeerVerb::send:
        case observation::PeerVerb::receive:
            return text + ' ' + std::to_string(peer.bytes);
        case observation::PeerVerb::datagram:
            return text + ' ' + std::to_string(peer.bytes) + " (socket " + show_handle(peer.socket) + ')';
        default:
            return text;
    }
}

std::string show_change(const observation::Change& change) {
    switch (change.what) {
        case observation::Change::What::route:
            return "the route to " + change.destination +
                   (change.error == 0 ? " changes" : " ends: " + show_error(change.error));
        case observation::Change::What::address_list:
            return std::string("the IPv") + (change.ipv6 ? '6' : '4') + " addresses change";
        case observation::Change::What::subsystem:
            break;
    }
    return "the network subsystem fails";
}

}  // namespace

std::string_view name_of(Condition condition) {
    switch (condition) {
        case Condition::none:
            break;
        case Condition::accept:
            return "CF_ACCEPT";
        case Condition::reject:
            return "CF_REJECT";
        case Condition::defer:
            return "CF_DEFER";
    }
    return "";
}

std::string_view name_of(Function function) {
    switch (function) {
        case Function::startup:
            return "WSAStartup";
        case Function::cleanup:
            return "WSACleanup";
        case Function::get_last_error:
            return "WSAGetLastError";
        case Function::set_last_error:
            return "WSASetLastError";
        case Function::socket:
            return "socket";
        case Function::bind:
            return "bind";
        case Function::listen:
            return "listen";
        case Function::connect:
            return "connect";
        case Function::accept:
            return "accept";
        case Function::recv:
            return "recv";
        case Function::send:
            return "send";
        case Function::shutdown:
            return "shutdown";
        case Function::closesocket:
            return "closesocket";
        case Function::set_nonblocking:
            return "ioctlsocket FIONBIO";
        case Function::bytes_available:
            return "ioctlsocket FIONREAD";
        case Function::set_oob_inline:
            return "setsockopt SO_OOBINLINE";
        case Function::set_option:
            return "setsockopt";
        case Function::async_select:
            return "WSAAsyncSelect";
        case Function::event_select:
            return "WSAEventSelect";
        case Function::join_leaf:
            return "WSAJoinLeaf";
        case Function::set_qos:
            return "WSAIoctl SIO_SET_QOS";
        case Function::get_qos:
            return "WSAIoctl SIO_GET_QOS";
        case Function::get_group_qos:
            return "WSAIoctl SIO_GET_GROUP_QOS";
        case Function::routing_interface_change:
            return "WSAIoctl SIO_ROUTING_INTERFACE_CHANGE";
        case Function::address_list_change:
            return "WSAIoctl SIO_ADDRESS_LIST_CHANGE";
        case Function::create_window:
            return "CreateWindow";
        case Function::destroy_window:
            return "DestroyWindow";
    }
    return "";
}

namespace observation {

std::string_view name_of(PeerVerb verb) {
    switch (verb) {
        case PeerVerb::connect:
            return "connects";
        case PeerVerb::established:
            return "takes the connection";
        case PeerVerb::refused:
            return "refuses the connection";
        case PeerVerb::send:
            return "sends";
        case PeerVerb::datagram:
            return "sends a datagram of";
        case PeerVerb::urgent:
            return "sends an urgent byte";
        case PeerVerb::shutdown:
            return "shuts down its sending";
        case PeerVerb::close:
            return "closes";
        case PeerVerb::reset:
            return "resets";
        case PeerVerb::receive:
            return "receives";
    }
    return "";
}

Message message(Handle window, std::uint32_t number, Handle socket, std::uint32_t event, std::uint32_t error) {
    Message made;
    made.window = window;
    made.message = number;
    made.socket = socket;
    made.lparam = (event & 0xffffU) | (error << 16U);
    made.event = event & 0xffffU;
    made.error = error;
    return made;
}

}  // namespace observation

Observation done(const observation::Ended& ended) {
    return std::visit([](const auto& what) { return Observation(what); }, ended.what);
}

std::string show(const Observation& observation) {
    if (const auto* call = std::get_if<observation::Call>(&observation)) return show_call(*call);
    if (const auto* message = std::get_if<observation::Message>(&observation)) return show_message(*message);
    if (const auto* peer = std::get_if<observation::Peer>(&observation)) return show_peer(*peer);
    if (const auto* change = std::get_if<observation::Change>(&observation)) return show_change(*change);
    if (const auto* limit = std::get_if<observation::QueueLimit>(&observation)) {
        return limit->on ? "the queue is limited" : "the queue is no longer limited";
    }
    if (const auto* clock = std::get_if<observation::Clock>(&observation))
        return "after " + std::to_string(clock->microseconds) + " us";
    if (const auto* began = std::get_if<observation::Began>(&observation))
        return (began->thread == "main" ? "" : began->thread + ": ") + "begins #" + std::to_string(began->number) +
               (began->what.empty() ? "" : ": " + began->what);
    if (const auto* ended = std::get_if<observation::Ended>(&observation))
        return "ends #" + std::to_string(ended->number) + ": " + show(done(*ended));
    return "quiet";
}

std::string show_mask(std::uint32_t mask) {
    if (mask == 0) return "0";
    if (mask == every_event) return "all";
    std::string text;
    const auto add = [&text](std::string_view part) {
        if (!text.empty()) text += '|';
        text += part;
    };
    for (const Event event : events_in_posting_order) {
        if ((mask & bit_of(event)) != 0) add(name_of(event));
    }
    if (std::uint32_t rest = mask & ~every_event; rest != 0) {
        std::string digits;
        for (; rest != 0; rest >>= 4U) digits.insert(digits.begin(), "0123456789abcdef"[rest & 15U]);
        add("0x" + digits);
    }
    return text;
}

std::string show_error(int error) {
    constexpr std::array<std::pair<int, std::string_view>, 36> names{{
        {0, "0"},
        {10004, "WSAEINTR"},
        {10009, "WSAEBADF"},
        {10013, "WSAEACCES"},
        {10014, "WSAEFAULT"},
        {10022, "WSAEINVAL"},
        {10024, "WSAEMFILE"},
        {10035, "WSAEWOULDBLOCK"},
        {10036, "WSAEINPROGRESS"},
        {10037, "WSAEALREADY"},
        {10038, "WSAENOTSOCK"},
        {10039, "WSAEDESTADDRREQ"},
        {10040, "WSAEMSGSIZE"},
        {10042, "WSAENOPROTOOPT"},
        {10043, "WSAEPROTONOSUPPORT"},
        {10044, "WSAESOCKTNOSUPPORT"},
        {10045, "WSAEOPNOTSUPP"},
        {10047, "WSAEAFNOSUPPORT"},
        {10048, "WSAEADDRINUSE"},
        {10049, "WSAEADDRNOTAVAIL"},
        {10050, "WSAENETDOWN"},
        {10051, "WSAENETUNREACH"},
        {10052, "WSAENETRESET"},
        {10053, "WSAECONNABORTED"},
        {10054, "WSAECONNRESET"},
        {10055, "WSAENOBUFS"},
        {10056, "WSAEISCONN"},
        {10057, "WSAENOTCONN"},
        {10058, "WSAESHUTDOWN"},
        {10060, "WSAETIMEDOUT"},
        {10061, "WSAECONNREFUSED"},
        {10064, "WSAEHOSTDOWN"},
        {10065, "WSAEHOSTUNREACH"},
        {10091, "WSASYSNOTREADY"},
        {10093, "WSANOTINITIALISED"},
        {11002, "WSATRY_AGAIN"},
    }};
    const auto* const found = std::ranges::find(names, error, &std::pair<int, std::string_view>::first);
    return found == names.end() ? std::to_string(error) : std::string(found->second);
}

}  // namespace asyncselect::model
