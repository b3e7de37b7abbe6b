// WSAAsyncSelect, the function that all of this is about, and what it shares with WSAEventSelect.
#include <asyncselect/asyncselect.h>

#include "impl/winsock/api.hpp"
#include "impl/winsock/changes.hpp"
#include "impl/winsock/harvest.hpp"
#include "impl/winsock/harvester.hpp"
#include "impl/winsock/registration.hpp"

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Event;
using core::events;
using net::Network;

void end_registration(Slot& slot, Handle handle) noexcept {
    if (auto* poller = slot.poller.exchange(nullptr)) poller->remove(slot.descriptor);
    if (auto* queue = slot.queue.exchange(nullptr)) queue->forget_waiting(handle);
    if (slot.window != 0) window::release(std::exchange(slot.window, 0));
    if (auto* seldom = slot.seldom.load()) seldom->record = {};
}

std::optional<std::uint32_t> inherit_registration(const Slot& listener, Slot& slot) noexcept {
    const auto mask = core::mask_of(listener.word.load() & core::all_events);
    if (mask == 0) return mask;
    if (const auto* theirs = listener.seldom.load(); theirs != nullptr && theirs->record.event != nullptr) {
        auto* own = seldom_of(slot);
        if (own == nullptr) return std::nullopt;
        own->record.event = theirs->record.event;
    }
    // The listener's registration keeps the handle of its window: also one that was destroyed is inherited.
    slot.window = window::retain(listener.window) ? listener.window : 0;
    slot.message = listener.message;
    slot.queue = listener.queue.load();
    slot.poller = listener.poller.load();
    slot.shared = slot.poller != nullptr && is_harvester(*slot.poller);
    return mask;
}

namespace {

// What a registration asks for anew: it may have changed since it was last of interest to anybody.
constexpr core::Events conditions = events(Event::read, Event::accept, Event::oob);
constexpr core::Stimulus forget_conditions{~(core::met(conditions) | core::fact(events(Event::write))), 0, 0, 0};

// What the system says of the socket. Of a stream without a connection it is not asked, since nothing can hold; nor can
// that change while the posting bit is held.
net::Conditions conditions_of(const Slot& slot) noexcept {
    const bool nothing_can_hold = slot.kind == Kind::stream && slot.phase.load() == Phase::idle;
    return nothing_can_hold ? net::Conditions{} : Network::conditions_now(slot.descriptor);
}

// Steps what holds now, and `besides`. A call that ends meanwhile may have taken it: then it is asked again.
void step_what_holds(Call& call, const core::Stimulus& besides, core::Error aborted = error::none) noexcept {
    auto& slot = call.slot();
    auto seen = slot.word.load();
    for (;;) {
        // Another thread's call can have begun before the registration and end after it.
        if ((seen & owners::calls) != owners::one_call || slot.waiting.load() != 0) slot.shared = true;
        const auto found = told_by(slot, seen, conditions_of(slot), aborted);
        // It is newer than what was harvested before.
        const auto only = stimulus::both(forget_conditions, found);
        if (call.step_holding_if_unchanged(seen, stimulus::both(only, besides))) return;
    }
}

}  // namespace

core::Error cancel(Call& call) noexcept {
    auto& slot = call.slot();
    if (!call.hold()) return error::not_socket;
    slot.blocking = false;
    call.step_holding(stimulus::select(0));
    end_registration(slot, call.handle());
    call.release();
    return error::none;
}

core::Error register_for(Call& call, const Destination& destination, std::uint32_t mask) noexcept {
    auto& slot = call.slot();
    auto* queue = destination.window != 0 ? window::Queue::of_window(destination.window) : nullptr;
    if (destination.window != 0 && queue == nullptr) return error::invalid;
    const bool pumped = window::Queue::can_harvest && queue != nullptr && posting() == Posting::pump;
    auto* poller = pumped ? &queue->poller() : harvester();
    auto* seldom = destination.event != nullptr ? seldom_of(slot) : slot.seldom.load();
    if (poller == nullptr || (destination.event != nullptr && seldom == nullptr)) return error::no_buffers;
    constexpr auto changes =
        core::mask_of(events(Event::routing_interface_change) | events(Event::address_list_change));
    // What is told until here was not reported yet, and came before the registration.
    if ((mask & changes) != 0) look_for_changes();
    if (!call.hold()) return error::not_socket;

    if (destination.window != 0 && !window::retain(destination.window)) {
        call.release();
        return error::invalid;  // destroyed since it was found
    }
    auto* former_poller = slot.poller.load();
    auto* former_queue = slot.queue.load();
    // Before another thread than this one can harvest it.
    if (!pumped || !queue->owned_by_this_thread()) slot.shared = true;
    // Forgotten before they are asked for: what is reported from now on is newer.
    call.step_holding(forget_conditions);
    if (former_poller != poller) {
        if (poller->add(slot.descriptor, call.handle()) != 0) {
            // Nothing has changed (AS-API-8).
            step_what_holds(call, stimulus::nothing);
            if (destination.window != 0) window::release(destination.window);
            call.release();
            return error::no_buffers;
        }
        if (former_poller != nullptr) former_poller->remove(slot.descriptor);
        slot.poller = poller;
    }
    tell_of_urgent(slot, mask);
    if ((mask & changes) != 0) watch_changes(*poller);
    slot.queue = queue;
    if (former_queue != nullptr) former_queue->forget_waiting(call.handle());
    if (slot.window != 0) window::release(slot.window);
    slot.window = destination.window;
    slot.message = destination.message;
    if (seldom != nullptr) seldom->record = {destination.event, 0, {}};
    slot.blocking = false;
    // Found out after the former registration has ended, and before what holds is posted: a connection that is
    // established is told by that, in its order; why there is none is news for the new registration.
    const auto outcome = outcome_known(slot);
    if (outcome) call.step_holding(stimulus::select(0));
    if (outcome && outcome->error == error::none) call.step_holding(stimulus::connect_outcome(error::none));
    // What holds now is posted now, in the order of R-9 (AS-REG-3); the poller tells only of what comes.
    const bool failed = outcome && outcome->error != error::none;
    const auto news = failed ? stimulus::connect_outcome(outcome->error) : stimulus::nothing;
    step_what_holds(call, stimulus::both(stimulus::select(mask), news), outcome ? outcome->aborted : error::none);
    call.release();
    return error::none;
}

}  // namespace asyncselect::winsock

using namespace asyncselect;
using namespace asyncselect::winsock;

int asyncselect_WSAAsyncSelect(asyncselect_SOCKET s, asyncselect_HWND hWnd, unsigned int wMsg, long lEvent) {
    auto entry = enter(s);
    auto& call = entry.call;
    if (!call) return failed(entry.error);
    if ((static_cast<unsigned long>(lEvent) & ~static_cast<unsigned long>(core::every_bit)) != 0)
        return failed(error::invalid);
    if (lEvent == 0) return result(cancel(*call));
    const auto window = reinterpret_cast<window::Handle>(hWnd);
    if (!window::exists(window)) return failed(error::invalid);
    return result(register_for(*call, {window, wMsg, nullptr}, static_cast<std::uint32_t>(lEvent)));
}
