// See conformance/exploration.hpp.
#include "conformance/exploration.hpp"

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <mutex>
#include <span>
#include <unordered_set>

#include "model/coverage.hpp"
#include "model/tables.hpp"

namespace asyncselect::conformance {

namespace {

using model::Event;
using model::Row;

// Where the search for an event begins, and what is done there. Moves that the machine neither hears of nor asks for
// are left out: they would only multiply the scenes.
struct Alphabet {
    std::vector<Root> roots;
    std::vector<Move> moves;
};

using Moves = std::initializer_list<Move>;
constexpr Moves registering{Move::select_event, Move::select_others,     Move::select_none,
                            Move::event_select, Move::event_select_none, Move::close};
constexpr Moves queueing{Move::fill_queue, Move::make_room};
constexpr Moves receiving{Move::receive_part, Move::receive_all, Move::receive_nothing, Move::peek};
constexpr Moves urgent{Move::receive_urgent, Move::peek_urgent, Move::oob_inline_on, Move::oob_inline_off,
                       Move::peer_sends_urgent};
constexpr Moves arriving{Move::peer_sends, Move::peer_shuts_down, Move::peer_resets};
constexpr Moves shutting{Move::shut_down_receive, Move::shut_down_send, Move::shut_down_both};
constexpr Moves sending{Move::send,          Move::send_refused, Move::send_in_vain,
                        Move::send_too_much, Move::fill,         Move::peer_receives};
constexpr Moves connecting{Move::connect, Move::connect_at_once, Move::connect_nowhere, Move::connect_stalled,
                           Move::peer_admits};
constexpr Moves ending{Move::peer_shuts_down, Move::peer_closes, Move::peer_resets};

// What is registered instead of the event: FD_GROUP_QOS is never posted.
std::uint32_t other_than(Event event) {
    return model::bit_of(event == Event::group_qos ? Event::close : Event::group_qos);
}

Alphabet alphabet_of(Event event) {
    Alphabet alphabet;
    const auto add = [&alphabet](std::initializer_list<Moves> groups) {
        for (const Moves& group : groups)
            for (const Move move : group)
                if (std::ranges::find(alphabet.moves, move) == alphabet.moves.end()) alphabet.moves.push_back(move);
    };
    add({registering, {Move::accept}});
    switch (event) {
        case Event::read:
            alphabet.roots = {Root::connection, Root::datagram, Root::accepted};
            add({queueing,
                 receiving,
                 urgent,
                 arriving,
                 {Move::shut_down_receive, Move::bind, Move::connect, Move::subsystem_fails,
                  Move::peer_sends_datagram}});
            break;
        case Event::oob:
            alphabet.roots = {Root::connection, Root::accepted};
            add({queueing, receiving, urgent, {Move::peer_sends, Move::peer_resets, Move::shut_down_receive}});
            break;
        case Event::write:
            alphabet.roots = {Root::stream, Root::datagram, Root::accepted};
            add({queueing, sending, connecting, {Move::bind, Move::shut_down_send, Move::peer_resets}});
            break;
        case Event::accept:
            alphabet.roots = {Root::listener, Root::stream, Root::accepted};
            add({queueing, {Move::reject, Move::defer, Move::peer_asks, Move::subsystem_fails}});
            break;
        case Event::connect:
            alphabet.roots = {Root::stream, Root::datagram, Root::accepted};
            add({queueing, connecting, ending, {Move::join}});
            break;
        case Event::close:
            alphabet.roots = {Root::stream, Root::accepted};
            add({queueing,
                 arriving,
                 shutting,
                 {Move::receive_part, Move::receive_all, Move::receive_reset, Move::send, Move::send_reset,
                  Move::send_in_vain, Move::connect, Move::connect_nowhere, Move::subsystem_fails}});
            break;
        case Event::qos:
            alphabet.roots = {Root::connection, Root::accepted};
            add({queueing, {Move::change_qos, Move::get_qos}});
            break;
        case Event::group_qos:
            alphabet.roots = {Root::stream, Root::accepted};
            add({{Move::change_qos, Move::get_group_qos}});
            break;
        case Event::routing_interface_change:
            alphabet.roots = {Root::datagram, Root::accepted};
            add({queueing,
                 {Move::watch_route, Move::route_through_one, Move::route_through_other, Move::route_to_nothing}});
            break;
        case Event::address_list_change:
            alphabet.roots = {Root::datagram, Root::accepted};
            add({queueing, {Move::watch_addresses, Move::address_changes}});
            break;
    }
    return alphabet;
}

std::uint64_t mixed(std::uint64_t value, std::uint64_t more) {
    value = (value ^ more) * 0x9e3779b97f4a7c15U;
    return value ^ value >> 31U;
}

bool is_rule(const Row& row) { return row.place >= model::most_rows_of_a_table; }

// The rows of one event's machine, by their place.
constexpr std::size_t no_row = 0xff;

class Search {
  public:
    Search(Event event, const model::Profile& profile, bool of_rules)
        : event_(event), profile_(profile), of_rules_(of_rules), alphabet_(alphabet_of(event)) {
        result_.event = event;
        if (of_rules) alphabet_.moves.insert(alphabet_.moves.begin(), Move::select_all);
    }

    Exploration run() {
        for (const Root root : alphabet_.roots) {
            for (const std::uint32_t mask : masks()) begin(root, mask);
        }
        // The queue of the search is the list of what was found.
        for (std::size_t index = 0; index < nodes_.size(); ++index) {
            if (of_rules_ && all_rules_found()) break;
            expand(index);
        }
        result_.situations = scenes_.size();
        return std::move(result_);
    }

  private:
    struct Node {
        Scene scene;
        std::size_t parent;
        Move move;
        Root root;
        std::uint32_t mask;
        std::size_t last;  // the place of the row that fired last
    };

    [[nodiscard]] std::vector<std::uint32_t> masks() const {
        if (of_rules_) return {model::every_event};
        return {model::bit_of(event_)};
    }

    void begin(Root root, std::uint32_t mask) {
        Scene scene(root, mask, other_than(event_), profile_);
        nodes_.push_back({std::move(scene), no_parent, Move::close, root, mask, no_row});
        seen_.insert(mixed(nodes_.back().scene.hash(), no_row));
        scenes_.insert(nodes_.back().scene.hash());
    }

    void expand(std::size_t index) {
        for (const Move move : alphabet_.moves) {
            // While the queue is full nothing is retrieved, and quiet makes room.
            Scene scene = nodes_[index].scene;
            if (!scene.make(move)) continue;
            std::size_t last = nodes_[index].last;
            std::vector<const Row*> reached;
            for (const Row* const row : scene.fired()) {
                if (row->machine != event_) continue;
                if (is_rule(*row)) {
                    if (of_rules_ && result_.transitions.insert(row).second) reached.push_back(row);
                    continue;
                }
                if (!of_rules_) {
                    if (last != no_row) found_pair(index, move, *rows()[last], *row);
                    if (result_.transitions.insert(row).second) reached.push_back(row);
                }
                last = row->place;
            }
            for (const Row* const row : reached)
                add(Path::Goal::transition, index, move, model::key_of(*row), model::show(*row), {row});
            const std::uint64_t hash = scene.hash();
            if (!seen_.insert(mixed(hash, of_rules_ ? no_row : last)).second) continue;
            if (scenes_.insert(hash).second && !of_rules_) found_scene(index, move, scene);
            nodes_.push_back({std::move(scene), index, move, nodes_[index].root, nodes_[index].mask, last});
        }
    }

    void found_pair(std::size_t index, Move move, const Row& first, const Row& second) {
        if (!result_.pairs.emplace(&first, &second).second) return;
        add(Path::Goal::pair, index, move, model::key_of(first) + '-' + std::to_string(second.place + 1),
            model::show(first) + ", then " + model::show(second), {&first, &second});
    }

    void found_scene(std::size_t index, Move move, const Scene& scene) {
        const std::string file{model::file_name_of(event_)};
        const std::string state{scene.socket().state(event_)};
        std::vector<const Row*> rows;
        Scene again(nodes_[index].root, nodes_[index].mask, other_than(event_), profile_);
        for (const Move made : moves_to(index, move)) {
            again.make(made);
            for (const Row* const row : again.fired())
                if (row->machine == event_ && std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
        }
        if (states_.insert(state).second) {
            std::string lower = state;
            lower.front() = static_cast<char>(lower.front() - 'A' + 'a');
            add(Path::Goal::state, index, move, file + '-' + lower,
                std::string(model::name_of(event_)) + " in the state " + state, rows);
        }
        add(Path::Goal::situation, index, move, file + "-situation-" + std::to_string(scenes_.size()),
            "A situation of " + std::string(model::name_of(event_)) + ", in the state " + state, rows);
    }

    [[nodiscard]] std::vector<Move> moves_to(std::size_t index, Move move) const {
        std::vector<Move> moves{move};
        for (; nodes_[index].parent != no_parent; index = nodes_[index].parent) moves.push_back(nodes_[index].move);
        std::ranges::reverse(moves);
        return moves;
    }

    void add(Path::Goal goal, std::size_t index, Move move, std::string name, std::string title,
             std::vector<const Row*> rows) {
        result_.paths.push_back({goal, std::move(name), std::move(title), std::move(rows), nodes_[index].root,
                                 nodes_[index].mask, moves_to(index, move)});
    }

    [[nodiscard]] std::vector<const Row*> rows() const {
        std::vector<const Row*> rows;
        for (const Row& row : model::rows(event_)) rows.push_back(&row);
        return rows;
    }

    [[nodiscard]] bool all_rules_found() const {
        return std::ranges::all_of(model::transitions(), [this](const Row* row) {
            return row->machine != event_ || !is_rule(*row) || result_.transitions.contains(row);
        });
    }

    static constexpr std::size_t no_parent = static_cast<std::size_t>(-1);

    Event event_;
    model::Profile profile_;
    bool of_rules_;
    Alphabet alphabet_;
    Exploration result_;
    std::vector<Node> nodes_;
    std::unordered_set<std::uint64_t> seen_;
    std::unordered_set<std::uint64_t> scenes_;
    std::set<std::string> states_;
};

Exploration explored_now(Event event, const model::Profile& profile) {
    Exploration found = Search(event, profile, false).run();
    Exploration rules = Search(event, profile, true).run();
    found.transitions.insert(rules.transitions.begin(), rules.transitions.end());
    std::ranges::move(rules.paths, std::back_inserter(found.paths));
    return found;
}

struct Known {
    Event event;
    model::Profile profile;
    Exploration exploration;
};

}  // namespace

const Exploration& explore(Event event, const model::Profile& profile) {
    static std::mutex mutex;
    static std::deque<Known> all;  // none moves when others come
    const std::lock_guard lock(mutex);
    const auto known =
        std::ranges::find_if(all, [&](const Known& one) { return one.event == event && one.profile == profile; });
    if (known != all.end()) return known->exploration;
    return all.emplace_back(event, profile, explored_now(event, profile)).exploration;
}

bool consecutive(const Row& first, const Row& second) {
    const std::string_view reached = first.target.empty() ? first.source : first.target;
    return first.machine == second.machine && reached == second.source;
}

}  // namespace asyncselect::conformance
