// send, recv and their kin: one system call each, and one more only where what it returned leaves open whether a
// message is due.
#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "impl/net/memory.hpp"
#include "impl/winsock/address.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/datagram.hpp"
#include "impl/winsock/harvest.hpp"
#include "impl/winsock/join_leaf.hpp"
#include "impl/winsock/urgent.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Error;
using core::Event;
using core::events;
using core::Word;
using net::Buffer;
using net::Network;
using net::Result;

namespace {

constexpr int oob = 1;
constexpr int peek = 2;
constexpr int dont_route = 4;
constexpr int wait_all = 8;

std::size_t total(std::span<const Buffer> buffers) noexcept {
    std::size_t bytes = 0;
    for (const auto& buffer : buffers) bytes += buffer.length;
    return bytes;
}

// The buffers of one call: what is left of them after `bytes` were transferred.
std::span<Buffer> rest_of(std::span<Buffer> buffers, std::size_t bytes) noexcept {
    while (!buffers.empty() && bytes >= buffers.front().length) {
        bytes -= buffers.front().length;
        buffers = buffers.subspan(1);
    }
    if (!buffers.empty()) {
        buffers.front().base = static_cast<std::byte*>(buffers.front().base) + bytes;
        buffers.front().length -= bytes;
    }
    return buffers;
}

bool is_set(Word word, Word bits) noexcept { return (word & bits) != 0; }

bool breaks_the_connection(Error code) noexcept {
    return code == error::connection_reset || code == error::timed_out || code == error::connection_aborted ||
           code == error::net_reset;
}

// Where the sender's address goes, or the destination comes from: the application's, both null if it does not ask.
// Streams ignore them.
struct From {
    asyncselect_sockaddr* name = nullptr;
    int* length = nullptr;
};
struct To {
    const asyncselect_sockaddr* name = nullptr;
    int length = 0;
};

// Asks whether anything is left, if there is somebody to tell (AS-LEVEL-1).
core::Stimulus asked_what_is_left(const Call& call) noexcept {
    auto& slot = call.slot();
    if (!call.wants(events(Event::read, Event::close))) return stimulus::received(false, urgent_waits(slot));
    const auto word = slot.word.load();
    const bool left = !is_set(word, core::layout::unreceivable) && data_left(slot);
    const auto after = stimulus::received(left, urgent_waits(slot));
    const bool fin_seen = is_set(call.before(), core::fact(events(Event::close)));
    return !left && fin_seen ? stimulus::both(after, stimulus::end_of_data()) : after;
}

// What a receive has found out by what it returned.
core::Stimulus after_receive(const Call& call, const Received& received, std::size_t size, int flags) noexcept {
    const auto& slot = call.slot();
    const auto& got = received.result;
    const bool takes = (flags & (oob | peek)) == 0;
    if (!got.ok()) {
        if (got.error == error::would_block && (flags & oob) == 0) return stimulus::received(false, urgent_waits(slot));
        if (slot.kind == Kind::stream && breaks_the_connection(got.error))
            return stimulus::both(asked_what_is_left(call), aborted_with(got.error));
        return asked_what_is_left(call);
    }
    if (slot.kind == Kind::datagram || size == 0 || (flags & oob) != 0) return asked_what_is_left(call);
    // The end of the stream.
    if (got.value == 0) return stimulus::both(stimulus::received(false, urgent_waits(slot)), stimulus::end_of_data());
    if (received.left == Left::something) return stimulus::received(true, urgent_waits(slot));
    // Less than there was room for: that was all, and after a FIN that was reported before the call all for good. Where
    // urgent data came it can have been all up to the mark.
    const bool fin_seen = is_set(call.before(), core::fact(events(Event::close)));
    if (received.left == Left::nothing && !fin_seen) return stimulus::received(false, urgent_waits(slot));
    if (takes && static_cast<std::size_t>(got.value) < size && !slot.urgent_seen.load() &&
        received.left == Left::unknown) {
        const auto drained = stimulus::received(false, urgent_waits(slot));
        return fin_seen ? stimulus::both(drained, stimulus::end_of_data()) : drained;
    }
    return asked_what_is_left(call);
}

// The system tells of a reset once, to whoever asks first; to all others it speaks of an end. The error, if that is
// what this end is: another thread was told, and may not have said so yet.
Error reset_told_elsewhere(Call& call) noexcept {
    const auto& slot = call.slot();
    const auto known = [&slot] {
        const auto word = slot.word.load();
        return is_set(word, core::layout::aborted) ? core::error_of(word, Event::close) : error::none;
    };
    if (const auto code = known(); code != error::none) return code;
    if (!Network::conditions_now(slot.descriptor).hung_up) return error::none;
    if (!call.hold()) return error::none;
    const auto code = known();
    call.release();
    if (code != error::none) return code;
    // Over in both directions though we did not end ours.
    return is_set(slot.word.load(), core::layout::unsendable) ? error::none : error::connection_reset;
}

// For the system a broken pipe, too: another thread has shut sending down since the call began, or has closed the
// socket. The error for that; none if the connection is broken, which alone FD_CLOSE tells as an error (AS-CLOSE-5).
Error ended_by_another_thread(Call& call) noexcept {
    if (!call.hold()) return error::not_socket;
    call.release();
    return is_set(call.slot().word.load(), core::layout::unsendable) ? error::shut_down : error::none;
}

// Why nothing can be received, before the system is asked; none if it is to be asked.
Error cannot_receive(const Slot& slot, Word word, int flags, const From& from) noexcept {
    const bool is_stream = slot.kind == Kind::stream;
    if ((flags & ~(is_stream ? oob | peek | wait_all : peek)) != 0) return error::operation_not_supported;
    if (is_stream && slot.phase.load() != Phase::established) return error::not_connected;
    if (is_set(word, core::layout::unreceivable)) return error::shut_down;
    if (is_stream || from.name == nullptr) return error::none;
    return check_address_room(from.name, from.length, is_inet6(slot) ? inet6_length : inet_length);
}

Received receive_once(const Call& call, std::span<Buffer> buffers, int flags, net::Address* from) noexcept {
    auto& slot = call.slot();
    if (slot.kind == Kind::datagram) return {receive_datagram(slot, buffers, flags, from)};
    if ((flags & oob) != 0) return {receive_urgent(slot, buffers, (flags & peek) != 0)};
    if (slot.urgent_seen.load()) return receive_around_marks(slot, buffers, flags);
    if (call.wants(events(Event::oob))) return receive_watchfully(slot, buffers, flags);
    return {Network::receive(slot.descriptor, buffers, flags)};
}

// A call that has begun already, and what it has received if it has done that.
struct Begun {
    Call call;
    std::optional<Received> received;
};

// The count, or the error; message_size has both.
Result receive(Handle handle, std::span<Buffer> buffers, int flags, const From& from = {},
               Begun* begun = nullptr) noexcept {
    std::int64_t taken = 0;
    bool waited = false;
    for (;;) {
        auto entry = begun == nullptr ? enter(handle, stimulus::receive_begins()) : Entry{std::move(begun->call)};
        const auto had = begun == nullptr ? std::nullopt : begun->received;
        begun = nullptr;
        auto& call = entry.call;
        if (!call) {
            if (taken > 0) return {taken};
            return {-1, waited && entry.error == error::not_socket ? error::intr : entry.error};
        }
        auto& slot = call->slot();
        if (slot.phase.load() == Phase::connecting) resolve_connecting(handle);
        const auto reason = had ? error::none : cannot_receive(slot, slot.word.load(), flags, from);
        if (reason != error::none) {
            call->end(asked_what_is_left(*call));
            return taken > 0 ? Result{taken} : Result{-1, reason};
        }
        const auto size = total(buffers);
        net::Address sender;
        auto received = had ? *had : receive_once(*call, buffers, flags, from.name == nullptr ? nullptr : &sender);
        auto& got = received.result;
        if (got.ok() && got.value == 0 && size != 0 && slot.kind == Kind::stream)
            if (const auto reset = reset_told_elsewhere(*call); reset != error::none) got = {-1, reset};
        const bool nothing_there = got.error == error::would_block;

        const bool blocking = slot.blocking.load() && (flags & oob) == 0;
        const bool has_room = got.ok() && got.value != 0 && static_cast<std::size_t>(got.value) < size &&
                              (flags & (oob | peek)) == 0 && slot.kind == Kind::stream;
        const bool wants_more = (flags & wait_all) != 0 && has_room;
        if (blocking && (wants_more || nothing_there)) {
            // An error of an earlier datagram would end each wait at once.
            if (slot.kind == Kind::datagram) collect_reports(slot);
            if (wants_more) buffers = rest_of(buffers, static_cast<std::size_t>(got.value));
            if (wants_more) taken += got.value;
            Error ended_by = error::none;
            const bool told_already = slot.kind == Kind::datagram && report_waits(slot);
            if (!told_already && !call->await(net::Await::readable, slot.receive_timeout.load(), ended_by))
                return taken > 0 ? Result{taken} : Result{-1, error::intr};
            waited = true;
            call->end(stimulus::nothing);
            if (ended_by == error::none) continue;
            return taken > 0 ? Result{taken} : Result{-1, ended_by};
        }
        const auto after = after_receive(*call, received, size, flags);
        bool ended = true;
        if (nothing_there)
            ended = call->end_empty(events(Event::read), after);
        else if ((flags & oob) != 0 && got.error == error::invalid)
            ended = call->end_empty(events(Event::oob), after);
        else if (has_room && !slot.urgent_seen.load())
            ended = call->end_before_abort(after);
        else
            call->end(after);
        if (!ended) {
            // Once more, for what came meanwhile.
            if (has_room) buffers = rest_of(buffers, static_cast<std::size_t>(got.value));
            if (has_room) taken += got.value;
            continue;
        }
        if (slot.kind == Kind::datagram) {
            const bool came = got.ok() || got.error == error::message_size;
            if (came && from.name != nullptr && write_address(sender, from.name, from.length) != error::none)
                return {-1, error::fault};
            return got;
        }
        if (got.ok()) return {taken + got.value};
        return taken > 0 ? Result{taken} : got;
    }
}

Error cannot_send(const Slot& slot, Word word, int flags, bool has_destination) noexcept {
    const bool is_stream = slot.kind == Kind::stream;
    if ((flags & ~(is_stream ? oob | dont_route : dont_route)) != 0) return error::operation_not_supported;
    if ((is_stream || !has_destination) && slot.phase.load() != Phase::established) return error::not_connected;
    if (is_set(word, core::layout::aborted)) return core::error_of(word, Event::close);
    if (is_set(word, core::layout::unsendable)) return error::shut_down;
    return error::none;
}

Error read_destination(const Slot& slot, const To& to, net::Address& out) noexcept {
    if (const auto bad = read_address(to.name, to.length, out); bad != error::none) return bad;
    if (family_of(out) != (is_inet6(slot) ? inet6_family : inet_family)) return error::family_not_supported;
    return names_a_destination(out) ? error::none : error::address_not_available;
}

Result send(Handle handle, std::span<Buffer> buffers, int flags, const To& to = {}, Begun* begun = nullptr) noexcept {
    std::int64_t sent = 0;
    bool waited = false;
    net::Address destination;
    for (;;) {
        auto entry = begun == nullptr ? enter(handle, stimulus::send_begins()) : Entry{std::move(begun->call)};
        const auto had = begun == nullptr ? std::nullopt : begun->received;
        begun = nullptr;
        auto& call = entry.call;
        if (!call) return {-1, waited && entry.error == error::not_socket ? error::intr : entry.error};
        auto& slot = call->slot();
        if (slot.phase.load() == Phase::connecting) resolve_connecting(handle);
        const auto room_as_before = stimulus::sent(is_set(call->before(), core::fact(events(Event::write))));
        const bool is_given = slot.kind == Kind::datagram && to.name != nullptr;
        const bool names_it = is_given || (slot.kind == Kind::datagram && slot.phase.load() != Phase::established &&
                                           default_destination(slot, destination));
        auto refusal = had ? error::none : cannot_send(slot, slot.word.load(), flags, names_it);
        if (refusal == error::none && is_given) refusal = read_destination(slot, to, destination);
        if (refusal != error::none) {
            call->end(room_as_before);
            return {-1, refusal};
        }
        const auto size = total(buffers);
        auto took = had ? had->result
                    : slot.kind == Kind::datagram
                        ? send_datagram(slot, buffers, flags, names_it ? &destination : nullptr)
                        : Network::send(slot.descriptor, buffers, flags);
        if (took.ok()) sent += took.value;
        const bool short_count = took.ok() && static_cast<std::size_t>(took.value) < size;
        const bool blocked = short_count || took.error == error::would_block;
        if (blocked && slot.blocking.load()) {
            if (took.ok()) buffers = rest_of(buffers, static_cast<std::size_t>(took.value));
            Error reason = error::none;
            if (!call->await(net::Await::writable, slot.send_timeout.load(), reason))
                return sent > 0 ? Result{sent} : Result{-1, error::intr};
            waited = true;
            call->end(stimulus::nothing);
            if (reason == error::none) continue;
            return sent > 0 ? Result{sent} : Result{-1, reason};
        }
        if (blocked) {
            call->end(stimulus::send_blocked());  // a short count too: R-19
        } else if (slot.kind == Kind::stream && breaks_the_connection(took.error)) {
            // A broken pipe says nothing of how it broke, unless the error still waits.
            const auto reason = Network::take_error(slot.descriptor);
            const auto ours = reason == error::none ? ended_by_another_thread(*call) : error::none;
            if (ours == error::none) {
                end_aborted(*call, room_as_before, reason == error::none ? took.error : reason);
            } else {
                call->end(room_as_before);
                took.error = waited && ours == error::not_socket ? error::intr : ours;
            }
        } else {
            call->end(room_as_before);
        }
        if (!took.ok() && sent > 0) return {sent};
        return took.ok() ? Result{sent} : took;
    }
}

// The scattered buffers of WSASend and WSARecv, read from memory that is not to be trusted.
class Scattered {
  public:
    Scattered(const asyncselect_WSABUF* array, std::uint32_t count) noexcept {
        if (count == 0 || count > buffers_.size()) {
            error_ = error::invalid;
            return;
        }
        for (; count_ < count; ++count_) {
            asyncselect_WSABUF one{};
            if (!net::read_memory(&one, array + count_, sizeof one)) {
                error_ = error::fault;
                return;
            }
            buffers_[count_] = {one.buf, one.len};
        }
    }

    [[nodiscard]] Error error() const noexcept { return error_; }
    [[nodiscard]] std::span<Buffer> buffers() noexcept { return {buffers_.data(), count_}; }

  private:
    std::array<Buffer, 1024> buffers_;  // as many as the system takes in one call; filled as far as count_
    std::size_t count_ = 0;
    Error error_ = error::none;
};

int told(const Result& done) noexcept { return done.ok() ? static_cast<int>(done.value) : failed(done.error); }

// A call whose arguments are wrong is a re-enabling call all the same (AS-ENABLE-8).
template <class Transfer>
int refused(Handle handle, Transfer transfer, Error reason) noexcept {
    constexpr int no_such_flag = -1;
    const auto done = transfer(handle, std::span<Buffer>{}, no_such_flag, {}, nullptr);
    return failed(done.error == error::operation_not_supported ? reason : done.error);
}

int send_one(Handle s, const char* buf, int len, int flags, const To& to) noexcept {
    if (len < 0) return refused(s, send, error::invalid);
    Buffer buffer{const_cast<char*>(buf), static_cast<std::size_t>(len)};
    return told(send(s, {&buffer, 1}, flags, to));
}

int receive_one(Handle s, char* buf, int len, int flags, const From& from) noexcept {
    if (len < 0) return refused(s, receive, error::invalid);
    Buffer buffer{buf, static_cast<std::size_t>(len)};
    return told(receive(s, {&buffer, 1}, flags, from));
}

// The common case of recv and send, with little code: a connected stream, on which nothing is known that they would
// have to heed; all that is there is taken, or all of it sent. What is not so goes on in `receive` and `send`.
bool is_plain(const Slot& slot, Word before, Word heeded) noexcept {
    return slot.kind.load() == Kind::stream && slot.phase.load() == Phase::established && !is_set(before, heeded);
}

[[gnu::noinline, gnu::cold]] int go_on_receiving(Slot& slot, Handle handle, Word before, Buffer buffer,
                                                 std::optional<Received> received) noexcept {
    Begun begun{Call::adopt(slot, handle, before), received};
    return told(receive(handle, {&buffer, 1}, 0, {}, &begun));
}

int receive_plainly(Slot& slot, Handle handle, Word before, Buffer buffer) noexcept {
    constexpr auto heeded = core::layout::unreceivable | core::layout::aborted | core::layout::subsystem_failed |
                            core::fact(events(Event::close)) | core::wanted(events(Event::oob));
    if (!is_plain(slot, before, heeded) || slot.urgent_seen.load()) [[unlikely]]
        return go_on_receiving(slot, handle, before, buffer, std::nullopt);
    const auto got = Network::receive(slot.descriptor, {&buffer, 1}, 0);
    constexpr auto drained = stimulus::received(false, false).set;
    if (got.value <= 0 || static_cast<std::size_t>(got.value) == buffer.length || slot.urgent_seen.load() ||
        !end_at_once(slot, drained)) [[unlikely]]
        return go_on_receiving(slot, handle, before, buffer, Received{got});
    return static_cast<int>(got.value);
}

[[gnu::noinline, gnu::cold]] int go_on_sending(Slot& slot, Handle handle, Word before, Buffer buffer,
                                               std::optional<Received> sent) noexcept {
    Begun begun{Call::adopt(slot, handle, before), sent};
    return told(send(handle, {&buffer, 1}, 0, {}, &begun));
}

int send_plainly(Slot& slot, Handle handle, Word before, Buffer buffer) noexcept {
    constexpr auto heeded = core::layout::unsendable | core::layout::aborted;
    if (!is_plain(slot, before, heeded)) [[unlikely]]
        return go_on_sending(slot, handle, before, buffer, std::nullopt);
    const auto took = Network::send(slot.descriptor, {&buffer, 1}, 0);
    const auto room_as_before = stimulus::sent(is_set(before, core::fact(events(Event::write)))).set;
    if (took.value != static_cast<std::int64_t>(buffer.length) || !end_at_once(slot, room_as_before)) [[unlikely]]
        return go_on_sending(slot, handle, before, buffer, Received{took});
    return static_cast<int>(took.value);
}

// The arguments that WSASend and WSARecv and their kin have in common.
struct Request {
    const asyncselect_WSABUF* buffers;
    std::uint32_t buffer_count;
    std::uint32_t* transferred;
    bool overlapped;
};

int send_scattered(Handle s, const Request& request, std::uint32_t flags, const To& to) noexcept {
    if (request.overlapped) return refused(s, send, error::operation_not_supported);
    const std::uint32_t none = 0;
    if (!net::write_memory(request.transferred, &none, sizeof none)) return refused(s, send, error::fault);
    Scattered scattered{request.buffers, request.buffer_count};
    if (scattered.error() != error::none) return refused(s, send, scattered.error());
    const auto done = send(s, scattered.buffers(), static_cast<int>(flags), to);
    if (!done.ok()) return failed(done.error);
    *request.transferred = static_cast<std::uint32_t>(done.value);
    return 0;
}

int receive_scattered(Handle s, const Request& request, std::uint32_t* lpFlags, const From& from) noexcept {
    if (request.overlapped) return refused(s, receive, error::operation_not_supported);
    std::uint32_t flags = 0;
    const std::uint32_t none = 0;
    // Both places must take what is to be written before data is taken: it could not be put back.
    if (!net::read_memory(&flags, lpFlags, sizeof flags) || !net::write_memory(lpFlags, &flags, sizeof flags) ||
        !net::write_memory(request.transferred, &none, sizeof none))
        return refused(s, receive, error::fault);
    Scattered scattered{request.buffers, request.buffer_count};
    if (scattered.error() != error::none) return refused(s, receive, scattered.error());
    const auto done = receive(s, scattered.buffers(), static_cast<int>(flags), from);
    if (done.ok() || done.error == error::message_size) *request.transferred = static_cast<std::uint32_t>(done.value);
    if (!done.ok()) return failed(done.error);
    *lpFlags = 0;
    return 0;
}

}  // namespace

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

int asyncselect_recv(asyncselect_SOCKET s, char* buf, int len, int flags) {
    Word before = 0;
    auto* slot = slot_of(s);
    if (flags != 0 || len <= 0 || cannot_begin() != error::none ||
        !begin_at_once(slot, s, stimulus::receive_begins(), before)) [[unlikely]]
        return receive_one(s, buf, len, flags, {});
    return receive_plainly(*slot, s, before, {buf, static_cast<std::size_t>(len)});
}

int asyncselect_recvfrom(asyncselect_SOCKET s, char* buf, int len, int flags, asyncselect_sockaddr* from,
                         int* fromlen) {
    return receive_one(s, buf, len, flags, {from, fromlen});
}

int asyncselect_send(asyncselect_SOCKET s, const char* buf, int len, int flags) {
    Word before = 0;
    auto* slot = slot_of(s);
    if (flags != 0 || len <= 0 || cannot_begin() != error::none ||
        !begin_at_once(slot, s, stimulus::send_begins(), before)) [[unlikely]]
        return send_one(s, buf, len, flags, {});
    return send_plainly(*slot, s, before, {const_cast<char*>(buf), static_cast<std::size_t>(len)});
}

int asyncselect_sendto(asyncselect_SOCKET s, const char* buf, int len, int flags, const asyncselect_sockaddr* to,
                       int tolen) {
    return send_one(s, buf, len, flags, {to, tolen});
}

int asyncselect_WSARecv(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers, uint32_t dwBufferCount,
                        uint32_t* lpNumberOfBytesRecvd, uint32_t* lpFlags, asyncselect_WSAOVERLAPPED* lpOverlapped,
                        asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    const bool overlapped = lpOverlapped != nullptr || lpCompletionRoutine != nullptr;
    return receive_scattered(s, {lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, overlapped}, lpFlags, {});
}

int asyncselect_WSARecvFrom(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers, uint32_t dwBufferCount,
                            uint32_t* lpNumberOfBytesRecvd, uint32_t* lpFlags, asyncselect_sockaddr* lpFrom,
                            int* lpFromlen, asyncselect_WSAOVERLAPPED* lpOverlapped,
                            asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    const bool overlapped = lpOverlapped != nullptr || lpCompletionRoutine != nullptr;
    return receive_scattered(s, {lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, overlapped}, lpFlags,
                             {lpFrom, lpFromlen});
}

int asyncselect_WSASend(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers, uint32_t dwBufferCount,
                        uint32_t* lpNumberOfBytesSent, uint32_t dwFlags, asyncselect_WSAOVERLAPPED* lpOverlapped,
                        asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    const bool overlapped = lpOverlapped != nullptr || lpCompletionRoutine != nullptr;
    return send_scattered(s, {lpBuffers, dwBufferCount, lpNumberOfBytesSent, overlapped}, dwFlags, {});
}

int asyncselect_WSASendTo(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers, uint32_t dwBufferCount,
                          uint32_t* lpNumberOfBytesSent, uint32_t dwFlags, const asyncselect_sockaddr* lpTo, int iToLen,
                          asyncselect_WSAOVERLAPPED* lpOverlapped,
                          asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    const bool overlapped = lpOverlapped != nullptr || lpCompletionRoutine != nullptr;
    return send_scattered(s, {lpBuffers, dwBufferCount, lpNumberOfBytesSent, overlapped}, dwFlags, {lpTo, iToLen});
}
