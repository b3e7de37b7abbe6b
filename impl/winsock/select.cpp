// select and WSAPoll: what several sockets are ready for, asked without disturbing the notification of their events. No
// error is taken off a descriptor, no word is stepped. Knows slots and descriptors; must know nothing of windows.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "impl/net/memory.hpp"
#include "impl/net/several.hpp"
#include "impl/winsock/accept.hpp"
#include "impl/winsock/api.hpp"
#include "impl/winsock/datagram.hpp"
#include "impl/winsock/urgent.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
using core::Error;
using core::Event;
using core::events;
using Clock = std::chrono::steady_clock;

namespace {

// What a socket is ready for, in Winsock's words.
struct Ready {
    bool readable = false;        // a receive or an accept would not block
    bool writable = false;        // a send would not block, or a connect has succeeded
    bool urgent = false;          // out-of-band data can be received with MSG_OOB
    bool connect_failed = false;  // an attempt to connect has failed
    bool disconnected = false;    // the connection is over, and nothing is left to read
    bool aborted = false;         // it was reset, or has broken down
};

// What the system does not tell any more, because another function took it and keeps it for the next call.
struct Kept {
    bool urgent = false;   // an urgent byte
    bool failure = false;  // an error that the next receive tells
};

Kept kept_by(const Slot& slot) noexcept {
    if (slot.kind == Kind::datagram) return {.failure = report_waits(slot)};
    return {.urgent = urgent_waits(slot)};
}

Ready of_stream(const Slot& slot, core::Word word, const net::Conditions& now, const Kept& kept) noexcept {
    Ready ready;
    switch (slot.phase.load()) {
        case Phase::idle:
            // One that was never connected is hung up, but its peer has not ended anything.
            ready.connect_failed = (word & core::layout::connect_failed) != 0 || (now.hung_up && now.end);
            return ready;
        case Phase::listening:
            ready.readable = request_waits(slot);
            return ready;
        case Phase::connecting:
            // The outcome, if there is one, waits for the harvest: it is looked at and stays.
            ready.connect_failed = now.broken || (now.hung_up && now.end);
            if (now.broken || now.hung_up) return ready;
            break;
        case Phase::established:
            break;
    }
    const bool reset = (word & core::layout::aborted) != 0;
    const bool ended = (word & core::layout::unreceivable) != 0;
    ready.aborted = now.broken || reset;
    ready.readable = now.readable || now.end || now.hung_up || ready.aborted || ended || kept.failure;
    ready.writable = now.writable || ready.aborted;
    const bool inline_data = (word & core::fact(events(Event::oob))) != 0;
    ready.urgent = (now.urgent || kept.urgent) && !inline_data;
    if (now.end || now.hung_up) {
        const auto left = net::Network::bytes_available(slot.descriptor);
        ready.disconnected = ended || !left.ok() || left.value == 0;
    }
    return ready;
}

Ready of_datagrams(core::Word word, const net::Conditions& now, const Kept& kept) noexcept {
    Ready ready;
    ready.readable = now.readable || now.broken || (word & core::layout::unreceivable) != 0 || kept.failure;
    ready.writable = now.writable;
    return ready;
}

// A socket of the question: each once, however often it was named.
struct Asked {
    Stay stay;
    bool readable = false;
    bool writable = false;
    bool urgent = false;
    Ready ready{};
    bool closed = false;
};

class Question {
  public:
    // Names a socket. False if it is none. Names come in the order of their handles.
    bool add(Handle handle, bool readable, bool writable, bool urgent) {
        if (asked_.empty() || asked_.back().stay.handle() != handle) {
            auto stay = Stay::begin(handle);
            if (!stay) return false;
            asked_.push_back({std::move(*stay)});
        }
        auto& one = asked_.back();
        one.readable |= readable;
        one.writable |= writable;
        one.urgent |= urgent;
        return true;
    }

    [[nodiscard]] const Asked* find(Handle handle) const noexcept {
        const auto found = std::ranges::lower_bound(asked_, handle, {}, [](const Asked& a) { return a.stay.handle(); });
        return found != asked_.end() && found->stay.handle() == handle ? &*found : nullptr;
    }

    [[nodiscard]] bool any_closed() const noexcept { return std::ranges::any_of(asked_, &Asked::closed); }

    // Looks, and waits until `answered` says of one of them that it will do, one is closed, or the time is over.
    template <class Answered>
    Error ask(std::optional<std::chrono::milliseconds> patience, Answered answered) {
        const auto begin = Clock::now();
        std::vector<net::Watched> watched;
        watched.reserve(asked_.size());
        for (const auto& one : asked_)
            watched.push_back({one.stay.slot().descriptor, one.readable, one.writable, one.urgent});
        for (;;) {
            if (const auto failed = net::look(watched); failed != error::none) return failed;
            for (std::size_t i = 0; i < asked_.size(); ++i) take(asked_[i], watched[i].now);
            if (any_closed() || std::ranges::any_of(asked_, answered)) return error::none;
            int milliseconds = -1;
            if (patience) {
                const auto left = std::chrono::ceil<std::chrono::milliseconds>(begin + *patience - Clock::now());
                if (left.count() <= 0) return error::none;
                milliseconds = static_cast<int>(std::min<std::int64_t>(left.count(), std::numeric_limits<int>::max()));
            }
            if (const auto failed = net::await_any(watched, milliseconds); failed != error::none) return failed;
        }
    }

  private:
    static void take(Asked& one, const net::Conditions& now) noexcept {
        const auto& slot = one.stay.slot();
        // After the look: what closesocket does to the descriptor is not taken for the peer's doing.
        const auto word = slot.word.load();
        one.closed = !one.stay.open();
        const auto kept = kept_by(slot);
        one.ready = slot.kind == Kind::stream ? of_stream(slot, word, now, kept) : of_datagrams(word, now, kept);
    }

    std::vector<Asked> asked_;
};

// ---- select

constexpr std::uint32_t most_in_a_set = 1U << 20U;

// A set of the application: its own memory, as long as its count says. The type declares as many as FD_SETSIZE of the
// program; the count alone counts.
class Set {
  public:
    Error read(asyncselect_fd_set* from) {
        if (from == nullptr) return error::none;
        std::uint32_t count = 0;
        if (!net::read_memory(&count, from, sizeof count)) return error::fault;
        if (count > most_in_a_set) return error::invalid;
        from_ = reinterpret_cast<std::byte*>(from);
        named_.resize(count);
        return net::read_memory(named_.data(), from_ + array_begins, count * sizeof(Handle)) ? error::none
                                                                                             : error::fault;
    }

    // Leaves those in the set that `is_ready` says are.
    template <class IsReady>
    Error write(IsReady is_ready) {
        if (from_ == nullptr) return error::none;
        std::erase_if(named_, [&](Handle handle) { return !is_ready(handle); });
        const auto count = static_cast<std::uint32_t>(named_.size());
        const bool written = net::write_memory(from_ + array_begins, named_.data(), count * sizeof(Handle)) &&
                             net::write_memory(from_, &count, sizeof count);
        return written ? error::none : error::fault;
    }

    [[nodiscard]] std::span<const Handle> named() const noexcept { return named_; }

  private:
    static constexpr std::size_t array_begins = offsetof(asyncselect_fd_set, fd_array);
    static_assert(offsetof(asyncselect_fd_set, fd_count) == 0);

    std::byte* from_ = nullptr;
    std::vector<Handle> named_;
};

struct Sets {
    Set readable;
    Set writable;
    Set exceptional;
};

bool exceptional(const Ready& ready) noexcept { return ready.urgent || ready.connect_failed; }

Error question_of(const Sets& sets, Question& question) {
    struct Named {
        Handle handle;
        bool readable;
        bool writable;
        bool exceptional;
    };
    std::vector<Named> all;
    all.reserve(sets.readable.named().size() + sets.writable.named().size() + sets.exceptional.named().size());
    for (const auto handle : sets.readable.named()) all.push_back({handle, true, false, false});
    for (const auto handle : sets.writable.named()) all.push_back({handle, false, true, false});
    for (const auto handle : sets.exceptional.named()) all.push_back({handle, false, false, true});
    if (all.empty()) return error::invalid;
    std::ranges::sort(all, {}, &Named::handle);
    for (const auto& one : all)
        if (!question.add(one.handle, one.readable, one.writable, one.exceptional)) return error::not_socket;
    return error::none;
}

Error read_timeout(const asyncselect_timeval* from, std::optional<std::chrono::milliseconds>& out) noexcept {
    if (from == nullptr) return error::none;
    asyncselect_timeval time{};
    if (!net::read_memory(&time, from, sizeof time)) return error::fault;
    constexpr long most = 0x7fffffffL;
    if (time.tv_sec < 0 || time.tv_usec < 0 || time.tv_sec > most || time.tv_usec > most) return error::invalid;
    out = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::seconds{time.tv_sec} +
                                                       std::chrono::microseconds{time.tv_usec});
    return error::none;
}

// How many are left in the three sets, or the error.
net::Result select(asyncselect_fd_set* readable, asyncselect_fd_set* writable, asyncselect_fd_set* except,
                   const asyncselect_timeval* timeout) {
    Sets sets;
    std::optional<std::chrono::milliseconds> patience;
    for (const auto bad : {sets.readable.read(readable), sets.writable.read(writable), sets.exceptional.read(except),
                           read_timeout(timeout, patience)})
        if (bad != error::none) return {-1, bad};
    Question question;
    if (const auto bad = question_of(sets, question); bad != error::none) return {-1, bad};
    const auto waited = question.ask(patience, [](const Asked& one) {
        return (one.readable && one.ready.readable) || (one.writable && one.ready.writable) ||
               (one.urgent && exceptional(one.ready));
    });
    if (waited != error::none) return {-1, waited};
    if (question.any_closed()) return {-1, error::not_socket};
    for (const auto bad :
         {sets.readable.write([&](Handle handle) { return question.find(handle)->ready.readable; }),
          sets.writable.write([&](Handle handle) { return question.find(handle)->ready.writable; }),
          sets.exceptional.write([&](Handle handle) { return exceptional(question.find(handle)->ready); })})
        if (bad != error::none) return {-1, bad};
    return {static_cast<std::int64_t>(sets.readable.named().size() + sets.writable.named().size() +
                                      sets.exceptional.named().size())};
}

// ---- WSAPoll

constexpr unsigned poll_error = 0x0001;
constexpr unsigned poll_hung_up = 0x0002;
constexpr unsigned poll_invalid = 0x0004;
constexpr unsigned poll_writable = 0x0010;
constexpr unsigned poll_readable = 0x0100;
constexpr unsigned poll_urgent = 0x0200;
constexpr unsigned poll_answers = poll_error | poll_hung_up | poll_invalid;
constexpr unsigned poll_questions = poll_writable | poll_readable | poll_urgent;

// A negative one is left out.
bool names_nothing(Handle handle) noexcept { return static_cast<std::intptr_t>(handle) < 0; }

unsigned answer_to(unsigned asked, const Asked* found) noexcept {
    if (found == nullptr || found->closed) return poll_invalid;
    const auto& ready = found->ready;
    unsigned answer =
        (ready.readable ? poll_readable : 0) | (ready.writable ? poll_writable : 0) | (ready.urgent ? poll_urgent : 0);
    if (ready.connect_failed) answer |= poll_writable;
    answer &= asked;
    if (ready.connect_failed || ready.aborted) answer |= poll_error | poll_hung_up;
    if (ready.disconnected) answer |= poll_hung_up;
    return answer;
}

// How many have an answer, or the error.
net::Result poll(asyncselect_WSAPOLLFD* array, std::uint32_t count, int milliseconds) {
    if (count == 0 || count > most_in_a_set) return {-1, error::invalid};
    std::vector<asyncselect_WSAPOLLFD> entries(count);
    if (!net::read_memory(entries.data(), array, count * sizeof(asyncselect_WSAPOLLFD))) return {-1, error::fault};
    const auto asked_of = [](const asyncselect_WSAPOLLFD& entry) {
        return static_cast<unsigned>(entry.events) & 0xffff;
    };
    std::vector<std::uint32_t> order;
    order.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (names_nothing(entries[i].fd)) continue;
        if ((asked_of(entries[i]) & ~(poll_questions | poll_answers)) != 0) return {-1, error::invalid};
        order.push_back(i);
    }
    std::ranges::sort(order, {}, [&](std::uint32_t i) { return entries[i].fd; });
    Question question;
    bool any_invalid = false;
    bool any_valid = false;
    for (const auto i : order) {
        const auto asked = asked_of(entries[i]);
        const bool valid = question.add(entries[i].fd, (asked & poll_readable) != 0, (asked & poll_writable) != 0,
                                        (asked & poll_urgent) != 0);
        any_valid = any_valid || valid;
        any_invalid = any_invalid || !valid;
    }
    if (!any_valid) return {-1, error::invalid};
    std::optional<std::chrono::milliseconds> patience;
    if (milliseconds >= 0) patience = std::chrono::milliseconds{milliseconds};
    if (any_invalid) patience = std::chrono::milliseconds{0};  // that is an answer
    const auto asked_by_all = [](const Asked& one) {
        return (one.readable ? poll_readable : 0) | (one.writable ? poll_writable : 0) | (one.urgent ? poll_urgent : 0);
    };
    const auto waited =
        question.ask(patience, [&](const Asked& one) { return answer_to(asked_by_all(one), &one) != 0; });
    if (waited != error::none) return {-1, waited};
    std::int64_t answered = 0;
    for (auto& entry : entries) {
        const auto answer = names_nothing(entry.fd) ? 0 : answer_to(asked_of(entry), question.find(entry.fd));
        entry.revents = static_cast<short>(answer);
        answered += answer != 0;
    }
    if (!net::write_memory(array, entries.data(), count * sizeof(asyncselect_WSAPOLLFD))) return {-1, error::fault};
    return {answered};
}

// What every function that asks of several sockets begins and ends with.
template <class Function>
int answered(Function function) noexcept {
    if (const auto reason = cannot_begin(); reason != error::none) return failed(reason);
    try {
        const net::Result done = function();
        return done.ok() ? static_cast<int>(done.value) : failed(done.error);
    } catch (const std::bad_alloc&) {
        return failed(error::no_buffers);
    }
}

}  // namespace

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

int asyncselect_select(int, asyncselect_fd_set* readfds, asyncselect_fd_set* writefds, asyncselect_fd_set* exceptfds,
                       const asyncselect_timeval* timeout) {
    return answered([&] { return select(readfds, writefds, exceptfds, timeout); });
}

int asyncselect___WSAFDIsSet(asyncselect_SOCKET fd, asyncselect_fd_set* set) {
    // As quick as the loops that ask this of each socket expect: the set is what FD_SET has just written to.
    if (set == nullptr) return 0;
    const std::span named{&set->fd_array[0], set->fd_count};
    return std::ranges::find(named, fd) != named.end() ? 1 : 0;
}

int asyncselect_WSAPoll(asyncselect_WSAPOLLFD* fdArray, uint32_t fds, int timeout) {
    return answered([&] { return poll(fdArray, fds, timeout); });
}
