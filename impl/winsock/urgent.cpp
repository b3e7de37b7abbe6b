// Urgent data over a system that keeps one urgent byte, forgets it when a receive passes its mark, leaves an older one
// in the normal data when a newer one replaces it, and lets SO_OOBINLINE decide when data is read, not when it arrives.
// R-26 asks for none of that. So:
//
//   The byte is fetched when it is first seen, and kept here for MSG_OOB.
//   From then on until all its marks are passed, the system is told SO_OOBINLINE, so that every byte comes in its
//   place in the stream; positions are counted, and the bytes that do not belong to the normal data are cut out here.
//   Which these are was decided by what the application wanted when they were first seen.
//
// A system that keeps urgent bytes apart (keeps_urgent_apart) is asked for each when it is seen, and nothing is
// counted. Below Wine is one that gives it out again when SO_OOBINLINE is switched on before its place is passed; so
// that is put off until then.
//
// While no mark is pending a receive is the plain system call, uncounted. Counting can begin only when no other call is
// inside that may be such a receive; where that stays so, the system's own way has to do for this byte: it is kept for
// MSG_OOB all the same, but if a newer one replaces it before it is passed, it comes in the normal data too. The same
// becomes of a byte that was replaced before anybody could see it.
#include "impl/winsock/urgent.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "impl/net/memory.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Error;
using net::Buffer;
using net::Network;
using net::Result;

namespace {

constexpr int oob = 1;
constexpr int peek = 2;

Error tell_system(const Slot& slot, bool inline_data) noexcept {
    constexpr int socket_level = 0xffff;
    constexpr int oob_inline = 0x0100;
    const int value = inline_data ? 1 : 0;
    return Network::set_option(slot.descriptor, socket_level, oob_inline, std::as_bytes(std::span{&value, 1})).error;
}

std::size_t total(std::span<const Buffer> buffers) noexcept {
    std::size_t bytes = 0;
    for (const auto& buffer : buffers) bytes += buffer.length;
    return bytes;
}

// Receives at most `most` bytes.
Result receive_up_to(const Slot& slot, std::span<Buffer> buffers, std::size_t most, int flags) noexcept {
    std::size_t whole = 0;
    while (whole < buffers.size() && buffers[whole].length <= most) most -= buffers[whole++].length;
    if (whole == buffers.size() || most == 0)
        return Network::receive(slot.descriptor, buffers.first(std::max<std::size_t>(whole, 1)), flags);
    const auto length = std::exchange(buffers[whole].length, most);
    const auto got = Network::receive(slot.descriptor, buffers.first(whole + 1), flags);
    buffers[whole].length = length;
    return got;
}

// Nothing is there: whether that is so, or why. A value above 0: something has come meanwhile.
Result look_at_next(const Slot& slot) noexcept {
    std::byte first{};
    const Buffer buffer{&first, sizeof first};
    return Network::receive(slot.descriptor, {&buffer, 1}, peek);
}

// The marks of one stream, locked.
class Marks {
  public:
    Marks(Slot& slot, Seldom& seldom) noexcept
        : slot_{slot}, urgent_{seldom.urgent}, aware_{slot}, lock_{seldom.mutex} {}

    [[nodiscard]] bool counting() const noexcept { return urgent_.in_place; }
    [[nodiscard]] std::uint64_t position() const noexcept { return urgent_.position; }
    [[nodiscard]] bool cut_ahead() const noexcept { return !urgent_.cuts.empty(); }

    // Fetches each urgent byte that was not seen yet. True if a byte is kept that was not kept before.
    bool look() noexcept {
        if ((slot_.word.load() & core::layout::aborted) == 0) return fetch_unseen();
        // The system hid it behind data, and the abort has been told: FD_OOB would come behind FD_CLOSE. What is
        // normal data stays so, and the byte is lost with the connection.
        const auto kept = urgent_.kept.load();
        fetch_unseen();
        urgent_.kept = kept;
        return false;
    }

    // Back to plain receives, if nothing is pending.
    void settle() noexcept {
        if (urgent_.inline_mark && *urgent_.inline_mark < urgent_.position) urgent_.inline_mark.reset();
        if (!urgent_.in_place || cut_ahead() || urgent_.inline_mark) return;
        if (!urgent_.wanted_inline && tell_system(slot_, false) != error::none) return;
        urgent_.in_place = false;
        slot_.urgent_seen = false;
    }

    void taken(std::int64_t bytes) noexcept {
        urgent_.position += static_cast<std::uint64_t>(bytes);
        cut_here();
    }

    // Bytes of normal data that come before the next cut.
    [[nodiscard]] std::size_t before_cut() const noexcept {
        return cut_ahead() ? urgent_.cuts.front() - urgent_.position : std::numeric_limits<std::size_t>::max();
    }

    // The application's wish. While marks are pending the system hears of it when they are passed.
    Error want(bool inline_data) noexcept {
        urgent_.inline_postponed = Network::keeps_urgent_apart && inline_data && urgent_.fetched;
        if (!urgent_.in_place && !urgent_.inline_postponed)
            if (const auto bad = tell_system(slot_, inline_data); bad != error::none) return bad;
        urgent_.wanted_inline = inline_data;
        return error::none;
    }

    // A receive has found nothing, and so come past what was fetched; or another urgent byte has pushed that aside.
    void passed() noexcept {
        urgent_.fetched = false;
        if (std::exchange(urgent_.inline_postponed, false)) tell_system(slot_, true);
    }

  private:
    bool fetch_unseen() noexcept {
        bool found = false;
        while (Network::conditions_now(slot_.descriptor).urgent) {
            if (urgent_.inline_postponed) {
                passed();
                break;
            }
            if (!begin_counting()) return fetch_plainly() || found;
            const auto ahead = Network::bytes_before_mark(slot_.descriptor);
            if (!ahead.ok()) break;
            const auto mark = urgent_.position + static_cast<std::uint64_t>(ahead.value);
            if (urgent_.inline_mark == mark) break;
            urgent_.inline_mark.reset();
            if (urgent_.wanted_inline) {
                urgent_.inline_mark = mark;
                break;
            }
            if (!(ahead.value == 0 ? take_next() : fetch_at(mark))) break;
            found = true;
        }
        cut_here();
        return found;
    }

    bool begin_counting() noexcept {
        if (urgent_.in_place) return true;
        // First this, then who is inside: a call that begins later sees it, and takes the lock.
        slot_.urgent_seen = true;
        if constexpr (Network::keeps_urgent_apart) return false;
        if (!only_aware_calls_inside()) return false;
        if (!urgent_.wanted_inline && tell_system(slot_, true) != error::none) return false;
        urgent_.in_place = true;
        urgent_.position = 0;
        urgent_.cuts.clear();
        urgent_.inline_mark.reset();
        return true;
    }

    // Waits for those that may be in a plain receive, which are gone in a moment: whoever waits for the descriptor does
    // not count, nor who waits for another call, which may be this one.
    bool only_aware_calls_inside() noexcept {
        constexpr int patience = 10'000;
        for (int turn = 0; turn < patience; ++turn) {
            // No call has come or gone between the two counts.
            const auto word = slot_.word.load();
            const auto aware = slot_.aware.load();
            const auto inside = (word & owners::calls) / owners::one_call;
            if (inside <= aware && slot_.word.load() == word) return true;
            std::this_thread::yield();
        }
        return false;
    }

    bool fetch_plainly() noexcept {
        if (urgent_.wanted_inline || !fetch()) return false;
        urgent_.fetched = Network::keeps_urgent_apart;
        return true;
    }

    bool fetch() noexcept {
        std::byte byte{};
        const Buffer buffer{&byte, sizeof byte};
        const auto got = Network::receive(slot_.descriptor, {&buffer, 1}, oob);
        if (!got.ok() || got.value != 1) return false;
        urgent_.kept = std::to_integer<std::int16_t>(byte);
        return true;
    }

    // The urgent byte is the next one of the stream.
    bool take_next() noexcept {
        std::byte byte{};
        if (!discard(byte)) return false;
        urgent_.kept = std::to_integer<std::int16_t>(byte);
        return true;
    }

    // The urgent byte has others before it: they stay, and it is cut out when they have been received. The system may
    // not skip it, which it would only if its mark came next.
    bool fetch_at(std::uint64_t mark) noexcept {
        if (tell_system(slot_, false) != error::none) return false;
        const bool fetched = fetch();
        if (tell_system(slot_, true) != error::none) return false;
        // Also where the system gives it out no more, because the connection has been reset: it is no normal data.
        cut(mark);
        if (!fetched) return false;
        // Another may have come meanwhile, and be the one that was fetched. If it is not, `look` sees it.
        if (!Network::conditions_now(slot_.descriptor).urgent) {
            const auto ahead = Network::bytes_before_mark(slot_.descriptor);
            if (ahead.ok()) cut(urgent_.position + static_cast<std::uint64_t>(ahead.value));
        }
        return true;
    }

    void cut(std::uint64_t position) noexcept {
        if (cut_ahead() && urgent_.cuts.back() >= position) return;
        try {
            urgent_.cuts.push_back(position);
        } catch (const std::bad_alloc&) {
            // It comes in the normal data.
        }
    }

    bool discard(std::byte& byte) noexcept {
        const Buffer buffer{&byte, sizeof byte};
        const auto got = Network::receive(slot_.descriptor, {&buffer, 1}, 0);
        if (!got.ok() || got.value != 1) return false;
        ++urgent_.position;
        return true;
    }

    void cut_here() noexcept {
        while (cut_ahead() && urgent_.cuts.front() == urgent_.position) {
            std::byte unwanted{};
            if (!discard(unwanted)) {
                urgent_.cuts.clear();  // the connection has ended
                return;
            }
            urgent_.cuts.erase(urgent_.cuts.begin());
        }
    }

    Slot& slot_;
    Urgent& urgent_;
    Aware aware_;  // from before the lock is waited for
    std::lock_guard<std::mutex> lock_;
};

// Tells of a byte that was found by who is not asked for it, unless it was taken meanwhile.
void tell(Call& call, bool found) noexcept {
    if (!found || !call.hold()) return;
    auto seen = call.slot().word.load();
    while (urgent_waits(call.slot()) && !call.step_holding_if_unchanged(seen, stimulus::urgent_arrived(false))) {
    }
    call.release();
}

}  // namespace

bool urgent_waits(const Slot& slot) noexcept {
    const auto* seldom = slot.seldom.load();
    return seldom != nullptr && seldom->urgent.kept.load() != Urgent::none;
}

bool wants_inline(const Slot& slot) noexcept {
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr) return false;
    const std::lock_guard lock{seldom->mutex};
    return seldom->urgent.wanted_inline;
}

Error set_inline(Call& call, bool on) noexcept {
    auto& slot = call.slot();
    auto* seldom = seldom_of(slot);
    if (seldom == nullptr) return error::no_buffers;
    bool found = false;
    Error bad = error::none;
    {
        Marks marks{slot, *seldom};
        // What has arrived is still governed by what was set before.
        if (slot.phase.load() == Phase::established) found = marks.look();
        bad = marks.want(on);
        marks.settle();
    }
    tell(call, found);
    return bad;
}

Error inherit_inline(const Slot& listener, Slot& accepted) noexcept {
    auto* seldom = listener.seldom.load();
    if (seldom == nullptr) return error::none;
    const bool on = wants_inline(listener);
    // The system has given it what the listener had when the request came.
    if (const auto bad = tell_system(accepted, on); bad != error::none || !on) return bad;
    auto* own = seldom_of(accepted);
    if (own == nullptr) return error::no_buffers;
    const std::lock_guard lock{own->mutex};
    own->urgent.wanted_inline = true;
    return error::none;
}

void look_for_urgent(Slot& slot) noexcept {
    auto* seldom = seldom_of(slot);
    if (seldom == nullptr) return;  // out of memory: it is seen again
    Marks marks{slot, *seldom};
    marks.look();
    marks.settle();
}

Result receive_urgent(Slot& slot, std::span<const Buffer> buffers, bool peeks) noexcept {
    look_for_urgent(slot);
    auto* seldom = slot.seldom.load();
    if (seldom == nullptr) return {-1, error::no_buffers};
    const std::lock_guard lock{seldom->mutex};
    const auto kept = seldom->urgent.kept.load();
    if (kept == Urgent::none) return {-1, error::invalid};
    const auto into = std::ranges::find_if(buffers, [](const Buffer& buffer) { return buffer.length != 0; });
    if (into == buffers.end()) return {0};
    const auto byte = static_cast<std::byte>(kept);
    if (!net::write_memory(into->base, &byte, sizeof byte)) return {-1, error::fault};
    if (!peeks) seldom->urgent.kept = Urgent::none;
    return {1};
}

Received receive_around_marks(Slot& slot, std::span<Buffer> buffers, int flags) noexcept {
    auto* seldom = seldom_of(slot);
    const auto size = total(buffers);
    if (seldom == nullptr || size == 0) return {Network::receive(slot.descriptor, buffers, flags)};
    Marks marks{slot, *seldom};
    for (;;) {
        // Asked before looking: a byte that comes after the look comes behind these.
        const auto there = Network::bytes_available(slot.descriptor);
        const auto start = marks.position();
        const bool counted = marks.counting();
        marks.look();
        if (!marks.counting()) {
            const auto got = Network::receive(slot.descriptor, buffers, flags);
            if (got.error == error::would_block && (flags & peek) == 0) marks.passed();
            return {got};
        }
        if (!counted) continue;
        const auto cut_out = static_cast<std::int64_t>(marks.position() - start);
        const auto seen = there.value - cut_out;
        if (!there.ok() || seen <= 0) {
            const auto next = look_at_next(slot);
            if (next.ok() && next.value > 0) continue;
            marks.settle();
            return {next};
        }
        const auto most = std::min({size, static_cast<std::size_t>(seen), marks.before_cut()});
        const auto got = receive_up_to(slot, buffers, most, flags);
        const bool takes = got.ok() && (flags & peek) == 0;
        if (takes) marks.taken(got.value);
        // Before it settles: a receive that is not counted knows nothing of the mark at which this one ended.
        const bool more = there.value > static_cast<std::int64_t>(marks.position() - start);
        marks.settle();
        return {got, !takes ? Left::unknown : more ? Left::something : Left::nothing};
    }
}

Received receive_watchfully(Slot& slot, std::span<Buffer> buffers, int flags) noexcept {
    const auto size = total(buffers);
    auto* seldom = size == 0 ? nullptr : seldom_of(slot);
    if (seldom == nullptr) return {Network::receive(slot.descriptor, buffers, flags)};
    for (;;) {
        {
            // It receives nothing but under the lock: nobody who would count has to wait for it.
            const Aware aware{slot};
            {
                // Between the two calls no other thread may take what lies before an urgent byte: then the byte would
                // come next, and the system would skip it.
                const std::lock_guard lock{seldom->mutex};
                // Of these none lies behind an urgent byte that waits, or comes meanwhile.
                const auto there = slot.urgent_seen.load() ? Result{} : Network::bytes_available(slot.descriptor);
                if (there.ok() && there.value > 0) {
                    const auto most = std::min(size, static_cast<std::size_t>(there.value));
                    const auto got = receive_up_to(slot, buffers, most, flags);
                    const bool all = got.ok() && (flags & peek) == 0 && got.value == there.value;
                    return {got, all ? Left::nothing : got.ok() ? Left::something : Left::unknown};
                }
            }
            if (!slot.urgent_seen.load() && !Network::conditions_now(slot.descriptor).urgent) {
                const auto next = look_at_next(slot);
                if (!next.ok() || next.value == 0) return {next};
                continue;
            }
        }
        look_for_urgent(slot);
        if (slot.urgent_seen.load()) return receive_around_marks(slot, buffers, flags);
        const auto next = look_at_next(slot);
        if (!next.ok() || next.value == 0) return {next};
    }
}

Result bytes_to_mark(Call& call) noexcept {
    auto& slot = call.slot();
    auto* seldom = slot.urgent_seen.load() ? seldom_of(slot) : nullptr;
    if (seldom == nullptr) return Network::bytes_available(slot.descriptor);
    bool found = false;
    Result answer;
    {
        Marks marks{slot, *seldom};
        found = marks.look();
        answer = Network::bytes_available(slot.descriptor);
        if (answer.ok() && marks.counting() && marks.cut_ahead())
            answer.value = std::min(answer.value, static_cast<std::int64_t>(marks.before_cut()));
        marks.settle();
    }
    tell(call, found);
    return answer;
}

Result at_mark(Call& call) noexcept {
    auto& slot = call.slot();
    if (slot.kind != Kind::stream) return {-1, error::invalid};
    constexpr Result none_to_come{1};
    if (!slot.urgent_seen.load() && !Network::conditions_now(slot.descriptor).urgent) return none_to_come;
    auto* seldom = seldom_of(slot);
    if (seldom == nullptr) return {-1, error::no_buffers};
    bool found = false;
    auto answer = none_to_come;
    {
        Marks marks{slot, *seldom};
        found = marks.look();
        if (marks.cut_ahead())
            answer.value = 0;
        else if (Network::conditions_now(slot.descriptor).urgent)
            answer = Network::at_mark(slot.descriptor);
        marks.settle();
    }
    tell(call, found);
    return answer;
}

bool data_left_around_marks(Slot& slot) noexcept {
    auto* seldom = seldom_of(slot);
    if (seldom != nullptr) {
        Marks marks{slot, *seldom};
        marks.look();
        const bool counting = marks.counting();
        const auto there = counting ? Network::bytes_available(slot.descriptor) : Result{};
        marks.settle();
        if (counting) return there.ok() && there.value > 0;
    }
    const auto next = look_at_next(slot);
    return next.ok() && next.value > 0;
}

}  // namespace asyncselect::winsock
