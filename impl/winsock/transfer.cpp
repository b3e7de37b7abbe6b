// send, recv, WSASend, WSARecv: one system call each, and one more only where what it returned leaves open whether a
// message is due.
#include <algorithm>
#include <array>
#include <span>

#include "impl/net/memory.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/harvest.hpp"

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

// Asks whether anything is left, if there is somebody to tell (AS-LEVEL-1).
core::Stimulus asked_what_is_left(const Call& call) noexcept {
    if (!call.wants(events(Event::read, Event::close))) return stimulus::received(false, false);
    const auto word = call.slot().word.load();
    const bool left = !is_set(word, core::layout::unreceivable) && data_left(call.slot());
    const auto after = stimulus::received(left, false);
    const bool fin_seen = is_set(call.before(), core::fact(events(Event::close)));
    return !left && fin_seen ? stimulus::both(after, stimulus::end_of_data()) : after;
}

// What a receive has found out by what it returned.
core::Stimulus after_receive(const Call& call, const Result& got, std::size_t size, int flags) noexcept {
    const auto& slot = call.slot();
    const bool takes = (flags & (oob | peek)) == 0;
    if (!got.ok()) {
        if (got.error == error::would_block && (flags & oob) == 0) return stimulus::received(false, false);
        if (slot.kind == Kind::stream && breaks_the_connection(got.error))
            return stimulus::both(asked_what_is_left(call), aborted_with(got.error));
        return asked_what_is_left(call);
    }
    if (slot.kind == Kind::datagram || size == 0 || (flags & oob) != 0) return asked_what_is_left(call);
    // The end of the stream.
    if (got.value == 0) return stimulus::both(stimulus::received(false, false), stimulus::end_of_data());
    // Less than there was room for: that was all, and after a FIN that was reported before the call all for good. Where
    // urgent data came it can have been all up to the mark.
    if (takes && static_cast<std::size_t>(got.value) < size && !slot.urgent_seen.load()) {
        const auto drained = stimulus::received(false, false);
        const bool fin_seen = is_set(call.before(), core::fact(events(Event::close)));
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

// Why nothing can be received, before the system is asked; none if it is to be asked.
Error cannot_receive(const Slot& slot, Word word, int flags) noexcept {
    if ((flags & ~(oob | peek | wait_all)) != 0) return error::operation_not_supported;
    if (slot.kind == Kind::stream && slot.phase.load() != Phase::established) return error::not_connected;
    if (is_set(word, core::layout::unreceivable)) return error::shut_down;
    return error::none;
}

Result receive(Handle handle, std::span<Buffer> buffers, int flags) noexcept {
    std::int64_t taken = 0;
    bool waited = false;
    for (;;) {
        auto entry = enter(handle, stimulus::receive_begins());
        auto& call = entry.call;
        if (!call) return {-1, waited && entry.error == error::not_socket ? error::intr : entry.error};
        auto& slot = call->slot();
        if (slot.phase.load() == Phase::connecting) resolve_connecting(handle);
        if (const auto reason = cannot_receive(slot, slot.word.load(), flags); reason != error::none) {
            call->end(asked_what_is_left(*call));
            return {-1, reason};
        }
        const auto size = total(buffers);
        auto got = Network::receive(slot.descriptor, buffers, flags);
        if (got.ok() && got.value == 0 && size != 0 && slot.kind == Kind::stream)
            if (const auto reason = reset_told_elsewhere(*call); reason != error::none) got = {-1, reason};
        const auto after = after_receive(*call, got, size, flags);
        if (got.ok()) taken += got.value;

        const bool blocking = slot.blocking.load() && (flags & oob) == 0;
        const bool wants_more = (flags & wait_all) != 0 && (flags & peek) == 0 && got.ok() && got.value != 0 &&
                                static_cast<std::size_t>(got.value) < size && slot.kind == Kind::stream;
        if (blocking && (wants_more || (!got.ok() && got.error == error::would_block))) {
            if (wants_more) buffers = rest_of(buffers, static_cast<std::size_t>(got.value));
            Error reason = error::none;
            if (!call->await(net::Await::readable, slot.receive_timeout.load(), reason))
                return taken > 0 ? Result{taken} : Result{-1, error::intr};
            waited = true;
            call->end(stimulus::nothing);
            if (reason == error::none) continue;
            return taken > 0 ? Result{taken} : Result{-1, reason};
        }
        if (got.error == error::would_block)
            call->end_empty(events(Event::read), after);
        else
            call->end(after);
        if (!got.ok() && taken > 0) return {taken};
        return got.ok() ? Result{taken} : got;
    }
}

Error cannot_send(const Slot& slot, Word word, int flags) noexcept {
    if ((flags & ~(oob | dont_route)) != 0) return error::operation_not_supported;
    if (slot.kind == Kind::stream && slot.phase.load() != Phase::established) return error::not_connected;
    if (is_set(word, core::layout::aborted)) return core::error_of(word, Event::close);
    if (is_set(word, core::layout::unsendable)) return error::shut_down;
    return error::none;
}

Result send(Handle handle, std::span<Buffer> buffers, int flags) noexcept {
    std::int64_t sent = 0;
    bool waited = false;
    for (;;) {
        auto entry = enter(handle, stimulus::send_begins());
        auto& call = entry.call;
        if (!call) return {-1, waited && entry.error == error::not_socket ? error::intr : entry.error};
        auto& slot = call->slot();
        if (slot.phase.load() == Phase::connecting) resolve_connecting(handle);
        const auto room_as_before = stimulus::sent(is_set(call->before(), core::fact(events(Event::write))));
        if (const auto reason = cannot_send(slot, slot.word.load(), flags); reason != error::none) {
            call->end(room_as_before);
            return {-1, reason};
        }
        const auto size = total(buffers);
        auto took = Network::send(slot.descriptor, buffers, flags);
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
            call->end(stimulus::both(room_as_before, aborted_with(reason == error::none ? took.error : reason)));
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
    const auto done = transfer(handle, std::span<Buffer>{}, no_such_flag);
    return failed(done.error == error::operation_not_supported ? reason : done.error);
}

}  // namespace

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

int asyncselect_recv(asyncselect_SOCKET s, char* buf, int len, int flags) {
    if (len < 0) return refused(s, receive, error::invalid);
    Buffer buffer{buf, static_cast<std::size_t>(len)};
    return told(receive(s, {&buffer, 1}, flags));
}

int asyncselect_send(asyncselect_SOCKET s, const char* buf, int len, int flags) {
    if (len < 0) return refused(s, send, error::invalid);
    Buffer buffer{const_cast<char*>(buf), static_cast<std::size_t>(len)};
    return told(send(s, {&buffer, 1}, flags));
}

int asyncselect_WSARecv(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers, uint32_t dwBufferCount,
                        uint32_t* lpNumberOfBytesRecvd, uint32_t* lpFlags, asyncselect_WSAOVERLAPPED* lpOverlapped,
                        asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    if (lpOverlapped != nullptr || lpCompletionRoutine != nullptr)
        return refused(s, receive, error::operation_not_supported);
    std::uint32_t flags = 0;
    const std::uint32_t none = 0;
    // Both places must take what is to be written before data is taken: it could not be put back.
    if (!net::read_memory(&flags, lpFlags, sizeof flags) || !net::write_memory(lpFlags, &flags, sizeof flags) ||
        !net::write_memory(lpNumberOfBytesRecvd, &none, sizeof none))
        return refused(s, receive, error::fault);
    Scattered scattered{lpBuffers, dwBufferCount};
    if (scattered.error() != error::none) return refused(s, receive, scattered.error());
    const auto done = receive(s, scattered.buffers(), static_cast<int>(flags));
    if (!done.ok()) return failed(done.error);
    *lpNumberOfBytesRecvd = static_cast<std::uint32_t>(done.value);
    *lpFlags = 0;
    return 0;
}

int asyncselect_WSASend(asyncselect_SOCKET s, const asyncselect_WSABUF* lpBuffers, uint32_t dwBufferCount,
                        uint32_t* lpNumberOfBytesSent, uint32_t dwFlags, asyncselect_WSAOVERLAPPED* lpOverlapped,
                        asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    if (lpOverlapped != nullptr || lpCompletionRoutine != nullptr)
        return refused(s, send, error::operation_not_supported);
    const std::uint32_t none = 0;
    if (!net::write_memory(lpNumberOfBytesSent, &none, sizeof none)) return refused(s, send, error::fault);
    Scattered scattered{lpBuffers, dwBufferCount};
    if (scattered.error() != error::none) return refused(s, send, scattered.error());
    const auto done = send(s, scattered.buffers(), static_cast<int>(dwFlags));
    if (!done.ok()) return failed(done.error);
    *lpNumberOfBytesSent = static_cast<std::uint32_t>(done.value);
    return 0;
}
