// The translation between the two vocabularies, and the comparison.
#include "proofs/twin.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "model/machine.hpp"

namespace asyncselect::proofs {

namespace stimulus = core::stimulus;
namespace happened = model::stimulus;
using core::Word;
namespace layout = core::layout;

namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

constexpr std::optional<core::Event> told_of_failure(const model::Facts& facts) {
    if (facts.kind == model::Kind::datagram) return core::Event::read;
    if (facts.phase == model::Phase::listening) return core::Event::accept;
    if (facts.phase == model::Phase::established) return core::Event::close;
    return std::nullopt;
}

bool is_set(Word word, Word bits) { return (word & bits) != 0; }

Word lane(model::Event event) { return Word{1} << model::index_of(event); }

// What stands in the lanes of an event while its machine is in a state: by event, then by the state's number.
using LanesOfStates = std::array<std::array<Word, 8>, model::event_count>;
const LanesOfStates& lanes_of_states() {
    static const LanesOfStates all = [] {
        LanesOfStates lanes{};
        for (const auto event : model::events_in_posting_order) {
            const auto names = model::machine_of(event).states;
            for (std::size_t number = 0; number < names.size(); ++number) {
                if (names[number] == "Off") continue;
                lanes[model::index_of(event)].at(number) =
                    core::wanted(lane(event)) | (names[number] == "Enabled" ? core::enabled(lane(event)) : 0);
            }
        }
        return lanes;
    }();
    return all;
}

// The bits of the word that stand for facts of the model.
constexpr Word met_facts =
    core::met(core::events(core::Event::read, core::Event::oob, core::Event::accept, core::Event::qos));
constexpr Word fact_bits =
    met_facts | layout::aborted |
    core::fact(core::events(core::Event::connect, core::Event::oob, core::Event::write, core::Event::close,
                            core::Event::routing_interface_change, core::Event::address_list_change));

Word facts_of_word(Word word) {
    Word facts = word & fact_bits;
    if (is_set(word, layout::unreceivable)) facts &= ~core::met(core::events(core::Event::read));
    if (is_set(word, layout::unsendable)) facts &= ~core::fact(core::events(core::Event::write));
    return facts;
}

Word facts_of_model(const model::Facts& facts) {
    const auto bits = [](bool holds, Word those) { return holds ? those : Word{0}; };
    using core::Event;
    using core::events;
    return bits(facts.connection_established(), core::fact(events(Event::connect))) |
           bits(facts.data_available(), core::met(events(Event::read))) |
           bits(facts.urgent, core::met(events(Event::oob))) | bits(facts.oob_inline, core::fact(events(Event::oob))) |
           bits(facts.requests > 0, core::met(events(Event::accept))) |
           bits(facts.can_send(), core::fact(events(Event::write))) |
           bits(facts.fin, core::fact(events(Event::close))) | bits(facts.aborted != 0, layout::aborted) |
           bits(facts.qos_changed, core::met(events(Event::qos))) |
           bits(facts.route == model::Watch::requested, core::fact(events(Event::routing_interface_change))) |
           bits(facts.addresses == model::Watch::requested, core::fact(events(Event::address_list_change)));
}

std::string show(const std::vector<model::Post>& posts) {
    std::string text;
    for (const auto& post : posts)
        text += fmt::format("{}{}({})", text.empty() ? "" : ", ", model::name_of(post.event), post.error);
    return text.empty() ? "nothing" : text;
}

}  // namespace

core::Profile profile_of_word(const model::Profile& profile) {
    return {profile.close_at_fin, profile.reset_tells_aborted, profile.no_connect_at_select,
            profile.datagram_connect_posts_write};
}

core::Stimulus told_to_word(const model::Stimulus& what, const model::Facts& after, const model::Profile& profile) {
    const auto switches = profile_of_word(profile);
    const auto closing = [&](core::Stimulus told) {
        return after.end_of_data() ? stimulus::both(told, stimulus::end_of_data()) : told;
    };
    const auto breaking = [&](core::Stimulus told, model::ErrorCode reset) {
        return reset != 0 ? stimulus::both(told, stimulus::connection_aborted(reset, switches)) : told;
    };
    return std::visit(
        Overloaded{
            [&](const happened::DataArrived&) { return stimulus::data_arrived(); },
            [&](const happened::DatagramArrived&) { return stimulus::data_arrived(); },
            [&](const happened::OobArrived&) { return stimulus::urgent_arrived(after.oob_inline); },
            [&](const happened::ConnectionRequest&) { return stimulus::connection_request(); },
            [&](const happened::ConnectOutcome& s) { return stimulus::connect_outcome(s.error); },
            [&](const happened::JoinOutcome& s) { return stimulus::join_outcome(s.error); },
            [&](const happened::SendSpaceAvailable&) { return stimulus::send_space_available(); },
            [&](const happened::PeerClosed&) { return closing(stimulus::peer_closed(after.end_of_data(), switches)); },
            [&](const happened::ConnectionAborted& s) { return stimulus::connection_aborted(s.error, switches); },
            [&](const happened::QosChanged&) { return stimulus::qos_changed(); },
            [&](const happened::RouteChanged& s) { return stimulus::route_changed(s.error != 0); },
            [&](const happened::AddressListChanged&) { return stimulus::address_list_changed(); },
            [&](const happened::SubsystemFailed&) {
                const auto event = told_of_failure(after);
                return event ? stimulus::subsystem_failed(*event) : stimulus::nothing;
            },
            [&](const happened::AsyncSelect& s) { return stimulus::select(s.mask, switches); },
            [&](const happened::EventSelect&) { return stimulus::select(0, switches); },
            // The record is fresh, and then what holds already is found out.
            [&](const happened::Inherit& s) {
                auto told = stimulus::inherit(s.mask);
                if (after.fin)
                    told = closing(stimulus::both(told, stimulus::peer_closed(after.end_of_data(), switches)));
                return breaking(told, after.aborted);
            },
            [&](const happened::Received& s) {
                return breaking(closing(stimulus::both(stimulus::receive_begins(),
                                                       stimulus::received(after.data_available(), after.urgent))),
                                s.reset);
            },
            [&](const happened::Sent& s) {
                const bool blocked =
                    s.outcome == happened::SentOutcome::would_block || s.outcome == happened::SentOutcome::short_count;
                return breaking(
                    blocked ? stimulus::both(stimulus::send_begins(), stimulus::send_blocked()) : stimulus::sent(false),
                    s.reset);
            },
            [&](const happened::Accepted& s) {
                if (s.outcome == happened::AcceptOutcome::deferred) return stimulus::accept_deferred();
                return stimulus::both(stimulus::accept_begins(), stimulus::accepted(after.requests > 0));
            },
            [&](const happened::ConnectCalled& s) {
                if (s.outcome == happened::Outcome::failure) return stimulus::nothing;
                if (s.outcome == happened::Outcome::would_block) return stimulus::connect_begun();
                return stimulus::connected_at_once(after.kind == model::Kind::datagram, switches);
            },
            [&](const happened::JoinCalled& s) {
                if (s.outcome == happened::Outcome::failure) return stimulus::nothing;
                if (s.outcome == happened::Outcome::would_block) return stimulus::connect_begun();
                return stimulus::joined_at_once();
            },
            [&](const happened::Bound&) { return stimulus::nothing; },
            [&](const happened::Listened&) { return stimulus::nothing; },
            [&](const happened::ShutDown& s) {
                return stimulus::shut_down(s.how != happened::How::send, s.how != happened::How::receive);
            },
            [&](const happened::Closed&) { return stimulus::select(0, switches); },
            [&](const happened::QosFetched&) { return stimulus::qos_fetched(); },
            [&](const happened::GroupQosFetched&) { return stimulus::group_qos_fetched(); },
            [&](const happened::RouteRequested&) { return stimulus::route_requested(); },
            [&](const happened::AddressListRequested&) { return stimulus::address_list_requested(); },
            [&](const happened::OobInlineSet& s) { return stimulus::oob_inline(s.on); },
            [&](const happened::QueueFilled&) { return stimulus::nothing; },
            [&](const happened::QueueHasRoom&) { return stimulus::room(); },
        },
        what);
}

namespace {
Word first_word(model::Kind kind) {
    return core::enabled(core::all_events) |
           (kind == model::Kind::datagram ? core::fact(core::events(core::Event::write)) : 0);
}
}  // namespace

Twin::Twin(model::Kind kind, const model::Profile& profile) : socket_{kind, profile}, word_{first_word(kind)} {}

void Twin::begin_again(model::Kind kind, const model::Profile& profile) {
    socket_ = model::Socket{kind, profile};
    word_ = first_word(kind);
    queue_full_ = false;
    posts_.clear();
}

Twin Twin::accepted(const model::Profile& profile) {
    Twin twin{model::Kind::stream, profile};
    const auto socket = model::Socket::accepted(profile);
    twin.go_on(socket, core::enabled(core::all_events) | facts_of_model(socket.facts()));
    return twin;
}

void Twin::go_on(const model::Socket& socket, core::Word word) {
    socket_ = socket;
    word_ = word;
    queue_full_ = socket.facts().queue_full;
    posts_.clear();
}

core::Step Twin::step(const core::Stimulus& told) const {
    const auto result = core::step(word_, told);
    return fault_ != nullptr ? fault_(word_, result) : result;
}

std::optional<std::string> Twin::apply(const model::Stimulus& what) {
    socket_.apply(what, applied_);
    const auto& expected = applied_.posts;
    if (std::holds_alternative<happened::QueueFilled>(what)) queue_full_ = true;
    if (std::holds_alternative<happened::QueueHasRoom>(what)) queue_full_ = false;

    const auto before = word_;
    told_ = told_to_word(what, socket_.facts(), socket_.profile());
    const auto [word, due] = step(told_);
    word_ = word;
    posts_.clear();
    if (queue_full_ && due != 0) {
        word_ = core::step(word_, stimulus::refused(due)).word;
    } else {
        for (auto left = due; left != 0; left &= left - 1) {
            const auto event = static_cast<core::Event>(std::countr_zero(left));
            posts_.push_back(
                {static_cast<model::Event>(event), static_cast<model::ErrorCode>(core::error_of(word_, event)), {}});
        }
    }
    if (posts_ == expected && agree()) return std::nullopt;
    if (auto found = difference(expected))
        return fmt::format("{} (the word was {:#x}, is {:#x})", *found, before, word_);
    return std::nullopt;
}

// Whether `difference` would find none but in the posts: the same comparison, of all events at once. A fuzzer makes
// millions of steps a second, and hardly ever needs words.
bool Twin::agree() const {
    const auto& facts = socket_.facts();
    const Word pending = core::events_of(socket_.pending());
    Word expected = 0;
    const auto& lanes = lanes_of_states();
    for (std::size_t event = 0; event < model::event_count; ++event)
        expected |= lanes[event][socket_.states()[event]];  // a machine has no more states than that
    expected |= core::enabled(pending);
    const Word wanted = word_ & core::all_events;
    // Whether an event that nobody wants is enabled makes no difference.
    Word compared = core::wanted(core::all_events) | core::enabled(wanted);
    if (facts.send_shut || facts.aborted != 0) compared &= ~core::enabled(core::events(core::Event::write));
    if (((word_ ^ expected) & compared) != 0 || (pending & ~wanted) != 0) return false;
    if (core::events_of(socket_.mask()) != wanted) return false;
    return facts.closed || facts.subsystem_failed || facts_of_word(word_) == facts_of_model(facts);
}

std::optional<std::string> Twin::difference(const std::vector<model::Post>& expected) const {
    if (posts_ != expected) return fmt::format("the model posts {}, the word {}", show(expected), show(posts_));
    if (core::mask_of(word_ & core::all_events) != socket_.mask())
        return fmt::format("the model's mask is {}, the word's {}", socket_.mask(),
                           core::mask_of(word_ & core::all_events));
    for (const auto event : model::events_in_posting_order) {
        const auto state = socket_.state(event);
        const bool wanted = is_set(word_, core::wanted(lane(event)));
        const bool enabled = is_set(word_, core::enabled(lane(event)));
        const bool pending = (socket_.pending() & model::bit_of(event)) != 0;
        const std::string_view as_word = !wanted ? "Off" : enabled ? "Enabled" : "Posted";
        const std::string_view as_model = pending ? "Enabled" : state == "Deferred" ? "Posted" : state;
        // Of a socket that can never send again no stimulus but a registration, which makes all fresh, tells the two
        // apart.
        const bool never_again = socket_.facts().send_shut || socket_.facts().aborted != 0;
        if (event == model::Event::write && never_again && wanted == (state != "Off")) continue;
        if (as_word != as_model)
            return fmt::format("{} is {}{} in the model, {} in the word", model::name_of(event), state,
                               pending ? " but waits for room" : "", as_word);
    }
    const auto& facts = socket_.facts();
    if (facts.closed) return std::nullopt;  // of a closed socket nothing is known
    const auto fact = [&](model::Event event) { return is_set(word_, core::fact(lane(event))); };
    const auto met = [&](model::Event event) { return is_set(word_, core::met(lane(event))); };
    const bool broken = facts.aborted != 0;
    const std::pair<const char*, std::pair<bool, bool>> facts_side_by_side[] = {
        {"a connection is established", {facts.connection_established(), fact(model::Event::connect)}},
        {"there is data", {facts.data_available(), met(model::Event::read) && !is_set(word_, layout::unreceivable)}},
        {"an urgent byte waits", {facts.urgent, met(model::Event::oob)}},
        {"urgent data is inline", {facts.oob_inline, fact(model::Event::oob)}},
        {"a request waits", {facts.requests > 0, met(model::Event::accept)}},
        {"a send is possible", {facts.can_send(), fact(model::Event::write) && !is_set(word_, layout::unsendable)}},
        {"the FIN has arrived", {facts.fin, fact(model::Event::close)}},
        {"the connection was aborted", {broken, is_set(word_, layout::aborted)}},
        {"the quality of service was changed", {facts.qos_changed, met(model::Event::qos)}},
        {"a route change was requested",
         {facts.route == model::Watch::requested, fact(model::Event::routing_interface_change)}},
        {"an address list change was requested",
         {facts.addresses == model::Watch::requested, fact(model::Event::address_list_change)}},
    };
    for (const auto& [what, sides] : facts_side_by_side) {
        if (sides.first == sides.second) continue;
        // Told of a failure, the word keeps its event met as the way to post it: no fact of the model.
        if (facts.subsystem_failed) continue;
        return fmt::format("that {} is {} in the model, {} in the word", what, sides.first, sides.second);
    }
    return std::nullopt;
}

}  // namespace asyncselect::proofs
