// ioctlsocket, WSAIoctl, getsockopt, setsockopt.
#include <algorithm>
#include <array>
#include <cstring>

#include "impl/net/memory.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/changes.hpp"
#include "impl/winsock/datagram.hpp"
#include "impl/winsock/harvest.hpp"
#include "impl/winsock/ioctl.hpp"
#include "impl/winsock/join_leaf.hpp"
#include "impl/winsock/quality_of_service.hpp"
#include "impl/winsock/urgent.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Error;
using core::Event;
using core::events;
using net::Network;

namespace {

// AS-MODE-2: blocking again only when no registration is set.
Error set_blocking(Call& call, bool blocking) noexcept {
    auto& slot = call.slot();
    // Held, so that no registration comes between the question and the answer.
    if (!call.hold()) return error::not_socket;
    const bool registered = (slot.word.load() & core::wanted(core::all_events)) != 0;
    const bool permitted = !blocking || !registered;
    if (permitted) slot.blocking = blocking;
    call.release();
    return permitted ? error::none : error::invalid;
}

// A question that is answered with a number of 32 bits.
net::Result ask(Call& call, std::uint32_t command) noexcept {
    const auto& slot = call.slot();
    if (command == asyncselect_SIOCATMARK) return at_mark(call);
    if (slot.kind == Kind::datagram) return Network::bytes_available(slot.descriptor);
    return slot.phase.load() == Phase::established ? bytes_to_mark(call) : net::Result{0};
}

Error set_mode(Call& call, const Ioctl& request) noexcept {
    std::uint32_t on = 0;
    if (const auto bad = request.check(sizeof on, 0); bad != error::none) return bad;
    if (const auto bad = request.read(on); bad != error::none) return bad;
    return set_blocking(call, on == 0);
}

Error answer_question(Call& call, const Ioctl& request) noexcept {
    std::uint32_t number = 0;
    if (const auto bad = request.check(0, sizeof number); bad != error::none) return bad;
    const auto answer = ask(call, request.code);
    if (!answer.ok()) return answer.error;
    number = static_cast<std::uint32_t>(answer.value);
    return request.answer(std::as_bytes(std::span{&number, 1}));
}

struct Command {
    std::uint32_t code;
    IoctlFunction function;
};

// Every code of WSAIoctl.
constexpr std::array commands{
    Command{asyncselect_FIONBIO, set_mode},
    Command{asyncselect_FIONREAD, answer_question},
    Command{asyncselect_SIOCATMARK, answer_question},
    // ---- datagrams
    Command{asyncselect_SIO_UDP_CONNRESET, set_reset_reports},

    // ---- multicast
    Command{asyncselect_SIO_MULTIPOINT_LOOPBACK, sio_multipoint_loopback},
    Command{asyncselect_SIO_MULTICAST_SCOPE, sio_multicast_scope},

    // ---- quality of service
    Command{asyncselect_SIO_SET_QOS, sio_set_qos},
    Command{asyncselect_SIO_GET_QOS, sio_get_qos},
    Command{asyncselect_SIO_SET_GROUP_QOS, sio_set_group_qos},
    Command{asyncselect_SIO_GET_GROUP_QOS, sio_get_group_qos},

    // ---- routes and addresses
    Command{asyncselect_SIO_ROUTING_INTERFACE_QUERY, query_route},
    Command{asyncselect_SIO_ROUTING_INTERFACE_CHANGE, request_route_change},
    Command{asyncselect_SIO_ADDRESS_LIST_QUERY, query_address_list},
    Command{asyncselect_SIO_ADDRESS_LIST_CHANGE, request_address_list_change},
};

Error control(Call& call, const Ioctl& request) noexcept {
    const auto command = std::ranges::find(commands, request.code, &Command::code);
    return command == commands.end() ? error::operation_not_supported : command->function(call, request);
}

std::atomic<std::uint32_t>* timeout_of(Slot& slot, int level, int name) noexcept {
    if (level != asyncselect_SOL_SOCKET) return nullptr;
    if (name == asyncselect_SO_SNDTIMEO) return &slot.send_timeout;
    return name == asyncselect_SO_RCVTIMEO ? &slot.receive_timeout : nullptr;
}

constexpr std::size_t longest_option = 64;

}  // namespace

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

int asyncselect_ioctlsocket(asyncselect_SOCKET s, long cmd, uint32_t* argp) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    const auto command = static_cast<std::uint32_t>(static_cast<unsigned long>(cmd));
    if (command != asyncselect_FIONBIO && command != asyncselect_FIONREAD && command != asyncselect_SIOCATMARK)
        return failed(error::invalid);
    std::uint32_t returned = 0;
    return result(control(*call, {command, argp, sizeof *argp, argp, sizeof *argp, &returned}));
}

int asyncselect_WSAIoctl(asyncselect_SOCKET s, uint32_t dwIoControlCode, void* lpvInBuffer, uint32_t cbInBuffer,
                         void* lpvOutBuffer, uint32_t cbOutBuffer, uint32_t* lpcbBytesReturned,
                         asyncselect_WSAOVERLAPPED* lpOverlapped,
                         asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    return result(control(*call, {dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
                                  lpcbBytesReturned, lpOverlapped != nullptr || lpCompletionRoutine != nullptr}));
}

int asyncselect_getsockopt(asyncselect_SOCKET s, int level, int optname, char* optval, int* optlen) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    auto& slot = call->slot();
    int room = 0;
    if (optval == nullptr || !net::read_memory(&room, optlen, sizeof room) || room <= 0) return failed(error::fault);
    std::array<std::byte, longest_option> value{};
    std::uint32_t length = 0;
    const auto wanted = std::min(static_cast<std::size_t>(room), value.size());
    if (const auto* timeout = timeout_of(slot, level, optname)) {
        const auto milliseconds = timeout->load();
        if (wanted < sizeof milliseconds) return failed(error::fault);
        std::memcpy(value.data(), &milliseconds, sizeof milliseconds);
        length = sizeof milliseconds;
    } else if (level == asyncselect_SOL_SOCKET && optname == asyncselect_SO_ERROR) {
        if (wanted < sizeof(Error)) return failed(error::fault);
        if (slot.phase.load() == Phase::connecting) resolve_connecting(s);
        if (slot.kind == Kind::datagram) collect_reports(slot);
        Error reason = slot.kind == Kind::datagram ? take_report(slot) : Network::take_error(slot.descriptor);
        const auto word = slot.word.load();
        // Asking takes the error away from the harvest: pass it on.
        if (reason != error::none && slot.kind == Kind::stream && slot.phase.load() == Phase::established)
            end_aborted(*call, stimulus::nothing, reason);
        else if (reason == error::none)
            reason = core::message_errors[(word & core::layout::error_bits) >> core::layout::error];
        std::memcpy(value.data(), &reason, sizeof reason);
        length = sizeof reason;
    } else if (level == asyncselect_SOL_SOCKET && optname == asyncselect_SO_OOBINLINE && slot.kind == Kind::stream) {
        const int on = wants_inline(slot) ? 1 : 0;
        length = static_cast<std::uint32_t>(std::min(wanted, sizeof on));
        std::memcpy(value.data(), &on, length);
    } else if (level == asyncselect_SOL_SOCKET && optname == asyncselect_SO_MAX_MSG_SIZE &&
               slot.kind == Kind::datagram) {
        const std::uint32_t bytes = is_inet6(slot) ? longest_inet6_datagram : longest_inet_datagram;
        if (wanted < sizeof bytes) return failed(error::fault);
        std::memcpy(value.data(), &bytes, sizeof bytes);
        length = sizeof bytes;
    } else {
        const auto got = Network::get_option(slot.descriptor, level, optname, {value.data(), wanted}, length);
        if (!got.ok()) return failed(got.error);
    }
    const int written = static_cast<int>(length);
    if (!net::write_memory(optval, value.data(), length) || !net::write_memory(optlen, &written, sizeof written))
        return failed(error::fault);
    return 0;
}

int asyncselect_setsockopt(asyncselect_SOCKET s, int level, int optname, const char* optval, int optlen) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    auto& slot = call->slot();
    if (optval == nullptr || optlen <= 0) return failed(error::fault);
    std::array<std::byte, longest_option> value{};
    const auto length = std::min(static_cast<std::size_t>(optlen), value.size());
    if (!net::read_memory(value.data(), optval, length)) return failed(error::fault);
    if (auto* timeout = timeout_of(slot, level, optname)) {
        std::uint32_t milliseconds = 0;
        if (length < sizeof milliseconds) return failed(error::fault);
        std::memcpy(&milliseconds, value.data(), sizeof milliseconds);
        *timeout = milliseconds;
        return 0;
    }
    if (level == asyncselect_SOL_SOCKET && optname == asyncselect_SO_OOBINLINE && slot.kind == Kind::stream) {
        int on = 0;
        std::memcpy(&on, value.data(), std::min(length, sizeof on));
        if (const auto bad = set_inline(*call, on != 0); bad != error::none) return failed(bad);
        call->end(stimulus::oob_inline(on != 0));
        return 0;
    }
    return result(Network::set_option(slot.descriptor, level, optname, {value.data(), length}).error);
}
