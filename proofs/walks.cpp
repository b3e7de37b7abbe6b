// What walks.hpp declares. Each fault is told by its name.
#include "proofs/walks.hpp"

#include <fmt/format.h>

#include <variant>

#include "model/possible.hpp"
#include "proofs/alphabet.hpp"

namespace asyncselect::proofs {

namespace st = model::stimulus;

std::vector<model::Stimulus> beginning(int which) {
    switch (which) {
        case 1:
            return {st::ConnectCalled{st::Outcome::would_block}};
        case 2:
            return {st::ConnectCalled{st::Outcome::would_block}, st::ConnectOutcome{0}};
        case 3:
            return {st::Listened{}, st::ConnectionRequest{}};
        default:
            return {};
    }
}

Walk walk(Twin& twin, const std::vector<model::Stimulus>& sequence) {
    Walk done;
    for (const auto& stimulus : sequence) {
        if (!model::possible(twin.socket(), stimulus)) continue;
        // A random walk that closes its socket early tells nothing more.
        if (std::holds_alternative<st::Closed>(stimulus) && &stimulus != &sequence.back()) continue;
        ++done.steps;
        if (auto difference = twin.apply(stimulus)) {
            done.difference = fmt::format("at {}: {}", show(stimulus), *difference);
            return done;
        }
    }
    return done;
}

namespace {

constexpr core::Word lane(core::Event event) { return core::events(event); }

constexpr Seeded faults[] = {
    {"ReceiveDoesNotReEnable",
     [](core::Word before, core::Step result) {
         const auto read = core::enabled(lane(core::Event::read));
         const bool posted_then = (before & read) == 0 && (before & core::wanted(lane(core::Event::read))) != 0;
         if (posted_then && (result.word & core::wanted(core::all_events)) == (before & core::wanted(core::all_events)))
             result.word &= ~read;
         return result;
     }},
    {"WriteIsPostedAfterEverySend",
     [](core::Word before, core::Step result) {
         const auto write = lane(core::Event::write);
         if ((before & core::enabled(write)) == 0 && (result.word & core::enabled(write)) != 0 &&
             (result.word & core::wanted(write)) != 0 && (result.word & core::fact(write)) != 0)
             result.posts |= write;
         return result;
     }},
    {"CloseDoesNotWaitForTheData",
     [](core::Word before, core::Step result) {
         const auto close = lane(core::Event::close);
         if ((before & core::fact(close)) == 0 && (result.word & core::fact(close)) != 0 &&
             (result.word & core::wanted(close)) != 0 && (result.word & core::enabled(close)) != 0)
             result.posts |= close;
         return result;
     }},
    {"APostedEventStaysEnabled",
     [](core::Word, core::Step result) {
         result.word |= core::enabled(result.posts);
         return result;
     }},
    {"AnEdgeIsToldTwice",
     [](core::Word, core::Step result) {
         result.word |= core::met(result.posts & core::events(core::Event::qos));
         return result;
     }},
    {"ARequestOutlivesItsChange",
     [](core::Word before, core::Step result) {
         result.word |= before & core::fact(core::events(core::Event::routing_interface_change));
         return result;
     }},
    {"TheAbortIsForgotten",
     [](core::Word, core::Step result) {
         result.word &= ~core::layout::aborted;
         return result;
     }},
    {"RoomIsNeverTaken",
     [](core::Word before, core::Step result) {
         result.word |= before & core::layout::refused;
         return result;
     }},
};

}  // namespace

std::span<const Seeded> seeded_faults() { return faults; }

}  // namespace asyncselect::proofs
