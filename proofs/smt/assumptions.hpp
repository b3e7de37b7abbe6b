// What the solver assumes: of every word at rest, of every stimulus, and of when a stimulus can be. Written for any
// integer, so that the exhaustive proof can look whether it holds wherever a word can get. Knows the word alone.
#pragma once

#include <array>
#include <bit>
#include <cstddef>

#include "impl/core/word.hpp"

namespace asyncselect::proofs {

// Those of plain integers; a solver's are found by their argument.
using core::lift;
using core::right;

// A rule, and the bits that break it: none where it is kept.
template <class Bits>
struct Rule {
    const char* name;
    Bits broken;
};

namespace bits {

// A flag or a bit of a lane, as 0 or 1.
template <class Bits>
Bits flag(const Bits& word, core::Word which) {
    return right(word & lift(word, which), static_cast<unsigned>(std::countr_zero(which)));
}
template <class Bits>
Bits one(const Bits& word) {
    return lift(word, 1);
}
// 0 becomes 1, 1 becomes 0.
template <class Bits>
Bits negated(const Bits& value) {
    return ~value & one(value);
}
// 1 if any of the four bits of the error's index is set.
template <class Bits>
Bits has_error(const Bits& word) {
    const Bits index = right(word, core::layout::error);
    return (index | right(index, 1) | right(index, 2) | right(index, 3)) & one(word);
}
// 1 if the index is that of WSAECONNRESET or WSAECONNABORTED: 12 or 13.
template <class Bits>
Bits is_abort(const Bits& word) {
    const Bits index = right(word, core::layout::error);
    return right(index, 3) & right(index, 2) & ~right(index, 1) & one(word);
}
// 1 if the index is 14 or 15, of which there is no error.
template <class Bits>
Bits no_error(const Bits& word) {
    const Bits index = right(word, core::layout::error);
    return right(index, 3) & right(index, 2) & right(index, 1) & one(word);
}

// 1 if the index is of none of the errors that FD_CONNECT may carry: 0, or 11 and above.
template <class Bits>
Bits is_of_no_connect(const Bits& word) {
    const Bits index = right(word, core::layout::error);
    const Bits beyond = right(index, 3) & (right(index, 2) | (right(index, 1) & index));
    return (beyond & one(word)) | negated(has_error(word));
}

}  // namespace bits

// The first rule that is broken; nothing if all are kept.
template <std::size_t n>
const char* first_broken(const std::array<Rule<core::Word>, n>& rules) {
    for (const auto& [name, broken] : rules)
        if (broken != 0) return name;
    return nullptr;
}

inline constexpr core::Word lane_of(core::Event event) { return core::events(event); }
inline constexpr core::Word fin = core::fact(core::events(core::Event::close));
inline constexpr core::Word connected = core::fact(core::events(core::Event::connect));
inline constexpr core::Word closing = core::met(core::events(core::Event::close));
inline constexpr core::Word readable = core::met(core::events(core::Event::read));
inline constexpr core::Word oob_barred = lane_of(core::Event::oob) << core::layout::flags;
inline constexpr core::Word read_barred = lane_of(core::Event::read) << core::layout::flags;
static_assert((oob_barred | read_barred) == core::layout::unreceivable);

// What holds of every word between two steps. `close_at_fin`: with W-1, which gives up the rules about a close that
// waits.
template <class Bits>
auto invariant(const Bits& word, bool close_at_fin) {
    using bits::flag;
    using bits::is_abort;
    using bits::is_of_no_connect;
    using bits::negated;
    using bits::no_error;
    namespace layout = core::layout;
    const auto constant = [&word](core::Word value) { return lift(word, value); };
    const Bits enabled = right(word, layout::enabled);
    const Bits met = right(word, layout::met);
    const Bits fact = right(word, layout::fact);
    const core::BasicStimulus<Bits> nothing{constant(~core::Word{0}), constant(0), constant(0), constant(0)};
    const Bits over = flag(word, layout::aborted) | flag(word, layout::subsystem_failed);
    const Bits waits = constant(close_at_fin ? 0 : 1);
    return std::array{
        Rule<Bits>{"nothing that is due is left unposted", core::step(word, nothing).posts},
        Rule<Bits>{"an edge that is met is enabled", met & ~enabled & constant(core::edges)},
        Rule<Bits>{"a request that is in force was met by no change", met & fact & constant(core::requested)},
        Rule<Bits>{"a request that is in force has its event enabled", fact & ~enabled & constant(core::requested)},
        Rule<Bits>{"FD_GROUP_QOS is never met", met & constant(lane_of(core::Event::group_qos))},
        Rule<Bits>{"FD_CLOSE is met by the FIN, an abort or a failure only",
                   flag(word, closing) & negated(flag(word, fin) | over)},
        Rule<Bits>{"no connection is established once the FIN or an abort came",
                   flag(word, connected) & (flag(word, fin) | flag(word, layout::aborted))},
        Rule<Bits>{"FD_OOB and FD_READ are barred together", flag(word, oob_barred) ^ flag(word, read_barred)},
        Rule<Bits>{"the error has an index", no_error(word)},
        Rule<Bits>{"a connect that failed has an error that it may have",
                   flag(word, layout::connect_failed) & negated(flag(word, layout::aborted)) & is_of_no_connect(word)},
        Rule<Bits>{"what was aborted has the error of an abort", flag(word, layout::aborted) & negated(is_abort(word))},
        Rule<Bits>{"a graceful close is met with nothing left to read", waits & flag(word, closing) & negated(over) &
                                                                            flag(word, readable) &
                                                                            negated(flag(word, layout::unreceivable))},
    };
}

// The form of every stimulus but those that refuse. What two of them make together (stimulus::both) has it too,
// provided that the second is possible after the first.
template <class Bits>
auto form(const core::BasicStimulus<Bits>& stimulus, bool close_at_fin) {
    using bits::flag;
    using bits::has_error;
    using bits::is_abort;
    using bits::is_of_no_connect;
    using bits::negated;
    using bits::no_error;
    using bits::one;
    namespace layout = core::layout;
    const auto& [keep, set, occasion, recall] = stimulus;
    const auto constant = [&keep = keep](core::Word value) { return lift(keep, value); };
    const auto lanes = [](const Bits& word, unsigned from) { return right(word, from); };
    constexpr core::Word owners = ~core::Word{0} << layout::owners_bits;
    constexpr core::Word for_good = fin | layout::aborted | layout::subsystem_failed;
    constexpr auto accept = lane_of(core::Event::accept);
    const Bits error_kept = right(keep, layout::error);
    const Bits all_kept = right(error_kept, 3) & right(error_kept, 2) & right(error_kept, 1) & error_kept & one(keep);
    const Bits none_kept = negated(has_error(keep));
    const Bits ends = flag(set, fin) | flag(set, layout::aborted);
    const Bits waits = constant(close_at_fin ? 0 : 1);
    const Bits graceful =
        flag(set, closing) & negated(flag(set, layout::aborted) | flag(set, layout::subsystem_failed));
    return std::array{
        Rule<Bits>{"it leaves the owner's bits alone", (~keep | set) & constant(owners)},
        Rule<Bits>{"it has lanes of ten events", (occasion | recall) & constant(~core::all_events)},
        Rule<Bits>{"it disables nothing but FD_ACCEPT", ~keep & constant(core::enabled(core::all_events & ~accept))},
        Rule<Bits>{"it keeps what holds for good", ~keep & constant(for_good)},
        Rule<Bits>{"it bars FD_OOB and FD_READ together", (flag(keep, oob_barred) ^ flag(keep, read_barred)) |
                                                              (flag(set, oob_barred) ^ flag(set, read_barred))},
        Rule<Bits>{"an edge that it meets it enables",
                   lanes(set, layout::met) & ~lanes(set, layout::enabled) & constant(core::edges)},
        Rule<Bits>{"it meets no request by itself", lanes(set, layout::met) & constant(core::requested)},
        Rule<Bits>{"a request begins afresh, and enabled",
                   lanes(set, layout::fact) & (lanes(keep, layout::met) | ~lanes(set, layout::enabled)) &
                       constant(core::requested)},
        Rule<Bits>{"it does not meet FD_GROUP_QOS",
                   (lanes(set, layout::met) | occasion | recall) & constant(lane_of(core::Event::group_qos))},
        Rule<Bits>{"edges are what happens", occasion & constant(~core::edges & core::all_events)},
        Rule<Bits>{"only a connection or a FIN is recalled",
                   recall & constant(core::all_events & ~core::events(core::Event::connect, core::Event::close))},
        Rule<Bits>{"an edge that it recalls it enables", recall & ~lanes(set, layout::enabled) & constant(core::edges)},
        Rule<Bits>{"FD_CLOSE is met by the FIN, an abort or a failure only",
                   flag(set, closing) & negated(ends | flag(set, layout::subsystem_failed))},
        Rule<Bits>{"the FIN and an abort end the connection", ends & (flag(keep, connected) | flag(set, connected))},
        Rule<Bits>{"an error replaces the one before it",
                   (has_error(set) & negated(none_kept)) | (negated(all_kept) & negated(none_kept)) | no_error(set)},
        Rule<Bits>{"an error is forgotten with the failure that it was of",
                   negated(all_kept) & flag(keep, layout::connect_failed) & negated(flag(set, layout::aborted))},
        Rule<Bits>{"a connect that failed has an error of those that it may have",
                   flag(set, layout::connect_failed) & negated(flag(set, layout::aborted)) & is_of_no_connect(set)},
        Rule<Bits>{"an abort has its error", flag(set, layout::aborted) & negated(is_abort(set))},
        Rule<Bits>{"a graceful close leaves nothing to read", waits & graceful &
                                                                  (flag(keep, readable) | flag(set, readable)) &
                                                                  negated(flag(set, layout::unreceivable))},
        Rule<Bits>{"FD_CLOSE is recalled where nothing can be received",
                   waits & flag(recall, lane_of(core::Event::close)) &
                       negated(flag(set, layout::unreceivable) | flag(set, layout::aborted) |
                               flag(set, layout::subsystem_failed))},
    };
}

// When a stimulus can be: `word` is before it. What the network and the calls do, not what the word does.
template <class Bits>
auto possible(const Bits& word, const core::BasicStimulus<Bits>& stimulus, bool close_at_fin) {
    using bits::flag;
    using bits::has_error;
    using bits::negated;
    namespace layout = core::layout;
    const auto& [keep, set, occasion, recall] = stimulus;
    const Bits waits = lift(word, close_at_fin ? 0 : 1);
    const Bits changes_error = has_error(~keep) | has_error(set) | flag(set, layout::connect_failed);
    const Bits over = flag(word | set, layout::aborted) | flag(word | set, layout::subsystem_failed);
    return std::array{
        Rule<Bits>{"nothing connects what a FIN or an abort has ended",
                   flag(set, connected) & (flag(word, fin) | flag(word, layout::aborted))},
        Rule<Bits>{"the error of an abort stays",
                   flag(word, layout::aborted) & changes_error & negated(flag(set, layout::aborted))},
        Rule<Bits>{"no data comes behind its end", waits & flag(word, closing) & flag(set, readable) & negated(over) &
                                                       negated(flag(word | set, layout::unreceivable))},
        Rule<Bits>{"receiving stays shut down",
                   waits & flag(word, layout::unreceivable) & flag(~keep, layout::unreceivable) & negated(over)},
    };
}

}  // namespace asyncselect::proofs
