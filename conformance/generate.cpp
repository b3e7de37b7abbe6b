// See conformance/generate.hpp.
#include "conformance/generate.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <random>
#include <set>
#include <unordered_set>
#include <utility>

#include "conformance/exploration.hpp"
#include "conformance/scene.hpp"
#include "model/event.hpp"

namespace asyncselect::conformance {

namespace {

namespace op = operation;
using model::Event;
using model::Row;

// The numbers of std::mt19937_64 are the same everywhere; those of the distributions are not.
class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(engine_() % limit); }
    bool one_in(std::size_t number) { return below(number) == 0; }
    template <class T>
    const T& one_of(const std::vector<T>& choices) {
        return choices[below(choices.size())];
    }
    template <class T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t left = values.size(); left > 1; --left) std::swap(values[left - 1], values[below(left)]);
    }

  private:
    std::mt19937_64 engine_;
};

// What a variant does otherwise than the script that it is a variant of.
struct Style {
    bool ipv6 = false;
    bool hurried = false;          // nothing is retrieved before the end
    bool other_thread = false;     // the window is another thread's
    std::uint32_t companions = 0;  // events that are registered too
    Way receiving = Way::plain;
    Way sending = Way::plain;
    bool wsa = false;  // WSAConnect, WSAAccept

    [[nodiscard]] std::string name() const {
        std::string name;
        if (ipv6) name += "-ipv6";
        if (hurried) name += "-hurried";
        if (other_thread) name += "-thread";
        if (companions != 0) name += "-with-" + std::to_string(companions);
        if (wsa) name += "-wsa";
        constexpr std::array<std::string_view, 4> ways{"", "-address", "-wsarecv", "-wsarecvfrom"};
        return name + std::string(ways[static_cast<std::size_t>(receiving)]);
    }
};

Operation in_style(Operation operation, const Style& style, bool datagram) {
    if (auto* const receive = std::get_if<op::Receive>(&operation)) receive->way = style.receiving;
    if (auto* const send = std::get_if<op::Send>(&operation)) {
        const bool to = style.sending == Way::address || style.sending == Way::wsa_address;
        if (!to || !datagram) send->way = to ? Way::wsa : style.sending;
    }
    if (auto* const connect = std::get_if<op::Connect>(&operation)) connect->wsa = connect->wsa || style.wsa;
    if (auto* const accept = std::get_if<op::Accept>(&operation)) accept->wsa = accept->wsa || style.wsa;
    return operation;
}

void add_step(Script& script, Operation operation, const std::string& thread = "main") {
    Step step;
    step.thread = thread;
    step.operation = std::move(operation);
    script.steps.push_back(std::move(step));
}

void cite(Script& script, const std::vector<const Row*>& rows) {
    for (const Row* const row : rows) {
        const std::string id{row->clause};
        if (std::ranges::find(script.clauses, id) == script.clauses.end()) script.clauses.push_back(id);
    }
}

std::uint32_t other_than(Event event) {
    return model::bit_of(event == Event::group_qos ? Event::close : Event::group_qos);
}

// The script of a path in a style; nothing if the path makes no sense in it.
std::optional<Script> script_of(const Path& path, Event event, const model::Profile& profile, const Style& style) {
    Script script;
    script.name = "gen-" + path.name + style.name();
    script.title = path.title;
    cite(script, path.rows);
    if (script.clauses.empty()) script.clauses.emplace_back("AS-API-1");
    Cast cast;
    cast.ipv6 = style.ipv6;
    if (style.other_thread) {
        cast.window = "v";
        add_step(script, op::MakeWindow{"v"}, "t");
    }
    Scene scene(path.root, path.mask | style.companions, other_than(event), profile);
    const bool datagram = scene.socket().facts().kind == model::Kind::datagram;
    for (Operation& operation : scene.opening(cast)) add_step(script, in_style(std::move(operation), style, datagram));
    bool quiet = false;
    for (const Move move : path.moves) {
        const bool was_full = scene.queue_full();
        if (!scene.make(move)) return std::nullopt;
        for (Operation& operation : scene.operations(move, cast)) {
            // What fills a queue runs on its thread.
            const bool there = style.other_thread && move == Move::fill_queue;
            add_step(script, in_style(std::move(operation), style, datagram), there ? "t" : "main");
        }
        quiet = move == Move::make_room;
        if (quiet) continue;
        if (scene.queue_full()) {
            add_step(script, op::Look{});
        } else if (!style.hurried || was_full) {
            add_step(script, op::Quiet{});
            quiet = true;
        }
    }
    if (!quiet) add_step(script, op::Quiet{});
    return script;
}

std::string steps_of(const Script& script) {
    std::string text;
    for (const Step& step : script.steps) text += show(step) + '\n';
    return text;
}

// ---- random walks -------------------------------------------------------------------------------------------------

// Several sockets, windows and threads.
class Walk {
  public:
    Walk(std::uint64_t seed, std::size_t number, std::size_t length, const model::Profile& profile)
        : random_(seed * 1'000'003 + number), profile_(profile) {
        const std::size_t moves = length != 0 ? length : 5 + random_.below(36);
        script_.name = "gen-walk-" + std::to_string(seed) + '-' + std::to_string(number);
        script_.title = "A random walk of " + std::to_string(moves) + " moves, number " + std::to_string(number) +
                        " of seed " + std::to_string(seed);
        hurry_ = 1 + random_.below(4);
        ipv6_ = random_.one_in(4);
        network_ = random_.one_in(8);
        other_window_ = random_.one_in(3);
        if (other_window_) {
            window_thread_ = random_.one_in(2) ? "t" : "main";
            add_step(script_, op::MakeWindow{"v"}, window_thread_);
        }
        const std::size_t actors = 1 + random_.below(3);
        for (std::size_t index = 0; index < actors; ++index) begin(index);
        constexpr std::size_t most_tries = 400;
        for (std::size_t made = 0, tried = 0; made < moves;) {
            if (step()) {
                ++made;
                tried = 0;
            } else if (++tried == most_tries) {
                begin(actors_.size());  // with the others nothing more can be done
                tried = 0;
            }
        }
        settle();
        for (const Actor& actor : actors_) {
            if (actor.scene.over() || actor.scene.waiting() || random_.one_in(2)) continue;
            add_step(script_, op::Close{actor.cast.socket});
        }
        add_step(script_, op::Quiet{});
        if (script_.clauses.empty()) script_.clauses.emplace_back("AS-API-1");
    }

    Script take() { return std::move(script_); }

  private:
    struct Actor {
        Cast cast;
        Scene scene;
        Style style;
        bool datagram = false;
    };

    std::uint32_t mask() {
        switch (random_.below(4)) {
            case 0:
                return model::every_event;
            case 1:
                return model::bit_of(model::events_in_posting_order[random_.below(model::event_count)]);
            default: {
                // What sockets are used with.
                std::uint32_t mask = 0;
                for (const Event event :
                     {Event::read, Event::write, Event::close, Event::connect, Event::accept, Event::oob})
                    if (!random_.one_in(3)) mask |= model::bit_of(event);
                return mask == 0 ? model::bit_of(Event::read) : mask;
            }
        }
    }

    void begin(std::size_t index) {
        constexpr std::array<std::string_view, 3> names{"s", "t", "u"};
        const std::vector<Root> roots{Root::connection, Root::connection, Root::stream,
                                      Root::datagram,   Root::accepted,   Root::listener};
        const Root root = random_.one_of(roots);
        Cast cast;
        cast.socket = index < names.size() ? std::string(names[index]) : "s" + std::to_string(index);
        cast.listener = cast.socket + ".l";
        cast.caller = cast.socket + ".c";
        cast.window = other_window_ && random_.one_in(2) ? "v" : "w";
        cast.message = 1 + static_cast<unsigned>(random_.below(3));
        cast.ipv6 = ipv6_;
        Style style;
        style.receiving = static_cast<Way>(random_.below(4));
        style.sending = random_.one_in(2) ? Way::plain : Way::wsa;
        style.wsa = random_.one_in(3);
        actors_.push_back({std::move(cast), Scene(root, mask(), model::bit_of(Event::group_qos), profile_), style,
                           root == Root::datagram});
        Actor& actor = actors_.back();
        for (Operation& operation : actor.scene.opening(actor.cast)) add_step(script_, std::move(operation));
    }

    // One move of one actor. False if it made no sense.
    bool step() {
        Actor& actor = actors_[random_.below(actors_.size())];
        const Move move = static_cast<Move>(random_.below(move_count));
        switch (move) {
            case Move::peer_admits:  // takes a second
            case Move::make_room:
            case Move::receive_reset:
            case Move::send_reset:
            case Move::send_refused:
            case Move::connect_at_once:
                return false;
            case Move::close:
            case Move::peer_resets:
            case Move::event_select:
            case Move::select_none:
            case Move::select_others:
            case Move::shut_down_both:
            case Move::shut_down_receive:
            case Move::shut_down_send:
            case Move::peer_closes:
            case Move::fill:
            case Move::send_too_much:
                if (!random_.one_in(3)) return false;
                break;
            case Move::subsystem_fails:
                return false;
            case Move::fill_queue:
                if (full_ || actor.cast.window != "w" || !random_.one_in(6)) return false;
                add_step(script_, op::FillQueue{"w"});
                full_ = true;
                return true;
            case Move::join:
            case Move::watch_route:
            case Move::watch_addresses:
            case Move::route_through_one:
            case Move::route_through_other:
            case Move::route_to_nothing:
            case Move::address_changes:
                // One of them is enough: there is one network.
                if (!network_ || &actor != actors_.data()) return false;
                break;
            default:
                break;
        }
        Scene next = actor.scene;
        if (move == Move::select_event && random_.one_in(2)) next.aim(mask());
        if (!next.make(move)) return false;
        actor.scene = std::move(next);
        cite(script_, actor.scene.fired());
        const std::string thread = random_.one_in(10) ? "t" : "main";
        for (Operation& operation : actor.scene.operations(move, actor.cast))
            add_step(script_, in_style(std::move(operation), actor.style, actor.datagram), thread);
        between();
        return true;
    }

    // What the application does with its queue meanwhile.
    void between() {
        if (!random_.one_in(hurry_)) return;
        if (full_ && !random_.one_in(3)) {
            add_step(script_, op::Look{});
            return;
        }
        switch (full_ ? 9 : random_.below(10)) {
            case 0:
                add_step(script_, op::Look{});
                break;
            case 1:
                add_step(script_, op::Retrieve{});
                break;
            case 2:
                add_step(script_, op::RetrieveAll{});
                break;
            case 3:
                add_step(script_, op::Arrived{});
                break;
            default:
                settle();
        }
    }

    void settle() {
        add_step(script_, op::Quiet{});
        full_ = false;
    }

    Random random_;
    model::Profile profile_;
    Script script_;
    std::vector<Actor> actors_;
    std::size_t hurry_ = 1;
    bool ipv6_ = false;
    bool network_ = false;
    bool other_window_ = false;
    bool full_ = false;
    std::string window_thread_ = "main";
};

// ---- all of them --------------------------------------------------------------------------------------------------

// Scripts, none with the steps of another.
class Collection {
  public:
    explicit Collection(const GenerateOptions& options) : options_(options) {}

    bool add(std::optional<Script> script, Kind kind) {
        if (!script || !steps_.insert(steps_of(*script)).second) return false;
        // The same goal in another profile can need other steps.
        std::string name = script->name;
        for (int number = 2; !names_.insert(name).second; ++number) name = script->name + '.' + std::to_string(number);
        script->name = std::move(name);
        scripts_.push_back({std::move(*script), kind});
        if (options_.on_progress && scripts_.size() % 500 == 0) options_.on_progress(scripts_.size());
        return true;
    }
    [[nodiscard]] std::size_t size() const { return scripts_.size(); }
    std::vector<GeneratedScript> take() { return std::move(scripts_); }

  private:
    const GenerateOptions& options_;
    std::vector<GeneratedScript> scripts_;
    std::unordered_set<std::string> steps_;
    std::unordered_set<std::string> names_;
};

// Where what a full queue does must show in the messages: what was known to be due does not come, or comes with what
// holds then. No search finds these, as it does not ask what can be seen.
constexpr std::array<std::string_view, 9> probes{
    "# FD_CONNECT for a second WSAJoinLeaf, while it is posted for the first\n"
    "clauses R-4 R-29\nsocket s datagram\nbind s any\nselect s FD_CONNECT\nquiet\njoin s receiver\nquiet\njoin s "
    "both\nquiet\n",
    "# FD_READ, refused by a full queue, is not due any more when there is room\n"
    "clauses R-13\nconnection s\nselect s FD_READ\npeer s send 10\nquiet\nfill-queue w\nrecv s 5\n"
    "shutdown s receive\nquiet\n",
    "# FD_CLOSE, refused by a full queue, tells what holds when there is room\n"
    "clauses R-13\nconnection s\nselect s FD_CLOSE\nquiet\nfill-queue w\npeer s shutdown\narrived\nlook\n"
    "recv s 10\npeer s reset\nlook\nquiet\n",
    "# FD_ACCEPT, refused by a full queue, is dropped once no request waits\n"
    "clauses R-13\nlistener l\nselect l FD_ACCEPT\npeer a connect l\npeer b connect l\nquiet\nfill-queue w\n"
    "accept l s\naccept l t\nquiet\n",
    "# FD_OOB, refused by a full queue, is dropped once the urgent byte is read\n"
    "clauses R-13\nconnection s\nselect s FD_OOB\npeer s urgent\nquiet\nfill-queue w\nrecv s 1 peek oob\n"
    "recv s 1 oob\nquiet\n",
    "# FD_ROUTING_INTERFACE_CHANGE, refused by a full queue, tells what holds when there is room\n"
    "clauses R-13\nroute red one\nsocket s datagram\nselect s FD_ROUTING_INTERFACE_CHANGE\nwatch-route s red\nquiet\n"
    "fill-queue w\nroute red other\nlook\nroute red nothing\nlook\nquiet\n",
    "# FD_ROUTING_INTERFACE_CHANGE, refused by a full queue, is dropped by the next request\n"
    "clauses R-13\nroute red one\nsocket s datagram\nselect s FD_ROUTING_INTERFACE_CHANGE\nwatch-route s red\nquiet\n"
    "fill-queue w\nroute red other\nlook\nwatch-route s red\nquiet\n",
    "# FD_ADDRESS_LIST_CHANGE, refused by a full queue, is dropped by the next request\n"
    "clauses R-13\nsocket s datagram\nselect s FD_ADDRESS_LIST_CHANGE\nwatch-addresses s\nquiet\n"
    "fill-queue w\naddress add\nlook\nwatch-addresses s\nquiet\n",
    "# FD_ADDRESS_LIST_CHANGE behind FD_WRITE, both due when they are registered\n"
    "clauses R-9 R-21\nsocket s datagram\nselect s FD_GROUP_QOS\nwatch-addresses s\naddress add\nquiet\n"
    "select s FD_WRITE|FD_ADDRESS_LIST_CHANGE\nquiet\n",
};

struct Explored {
    const Exploration& exploration;
    model::Profile profile;
};

// A second passes until a peer takes what it did not take at first.
bool slow(const Path& path) { return std::ranges::find(path.moves, Move::peer_admits) != path.moves.end(); }

std::vector<Style> styles(Random& random, Event event) {
    Style ipv6;
    ipv6.ipv6 = true;
    ipv6.receiving = Way::wsa;
    Style hurried;
    hurried.hurried = true;
    Style with_all;
    with_all.companions = model::every_event;
    with_all.receiving = Way::address;
    Style thread;
    thread.other_thread = true;
    thread.wsa = true;
    thread.sending = Way::wsa;
    Style mixed;
    mixed.ipv6 = true;
    mixed.hurried = random.one_in(2);
    mixed.receiving = Way::wsa_address;
    mixed.companions = static_cast<std::uint32_t>(random.below(model::every_event + 1)) & ~other_than(event);
    return {ipv6, hurried, with_all, thread, mixed};
}

// Of each kind its share, in their order.
std::vector<GeneratedScript> sample(std::vector<GeneratedScript> all, std::size_t count, Random& random) {
    std::vector<std::size_t> places(all.size());
    for (std::size_t index = 0; index < all.size(); ++index) places[index] = index;
    random.shuffle(places);
    // In a random order, those of one kind take turns with the others'.
    std::array<std::size_t, 4> taken{};
    std::array<std::vector<std::size_t>, 4> of_kind;
    for (const std::size_t place : places) of_kind[static_cast<std::size_t>(all[place].kind)].push_back(place);
    std::vector<std::size_t> chosen;
    while (chosen.size() < count) {
        for (std::size_t kind = 0; kind < of_kind.size() && chosen.size() < count; ++kind) {
            if (taken[kind] < of_kind[kind].size()) chosen.push_back(of_kind[kind][taken[kind]++]);
        }
    }
    std::ranges::sort(chosen);
    std::vector<GeneratedScript> sampled;
    sampled.reserve(count);
    for (const std::size_t place : chosen) sampled.push_back(std::move(all[place]));
    return sampled;
}

}  // namespace

std::vector<GeneratedScript> generate(const GenerateOptions& options) {
    Random random(options.seed);
    std::vector<Explored> explored;
    for (const model::Profile& profile : options.profiles) {
        for (const Event event : model::events_in_posting_order) explored.push_back({explore(event, profile), profile});
    }
    Collection collection(options);
    for (std::size_t number = 0; number < probes.size(); ++number)
        collection.add(parse(probes[number], "gen-probe-" + std::to_string(number + 1)), Kind::goal);
    for (const Explored& found : explored) {
        for (const Path& path : found.exploration.paths) {
            if (path.goal != Path::Goal::situation)
                collection.add(script_of(path, found.exploration.event, found.profile, {}), Kind::goal);
        }
    }
    for (const Explored& found : explored) {
        for (const Path& path : found.exploration.paths) {
            if (path.goal == Path::Goal::situation || slow(path)) continue;
            for (const Style& style : styles(random, found.exploration.event))
                collection.add(script_of(path, found.exploration.event, found.profile, style), Kind::variant);
        }
    }
    // Situations in an order of chance, as many as leave room for the walks.
    std::vector<std::pair<const Explored*, const Path*>> situations;
    for (const Explored& found : explored) {
        for (const Path& path : found.exploration.paths)
            if (path.goal == Path::Goal::situation && !slow(path)) situations.emplace_back(&found, &path);
    }
    random.shuffle(situations);
    const std::size_t least = std::max<std::size_t>(options.count, 20000);
    const std::size_t room = least > options.walks ? least - options.walks : 0;
    for (const auto& [found, path] : situations) {
        if (collection.size() >= room) break;
        Style style;
        style.hurried = random.one_in(4);
        collection.add(script_of(*path, found->exploration.event, found->profile, style), Kind::situation);
    }
    std::size_t walked = 0;
    for (std::size_t number = 1; walked < options.walks || collection.size() < options.count; ++number) {
        const model::Profile& profile = options.profiles[number % options.profiles.size()];
        if (collection.add(Walk(options.seed, number, options.length, profile).take(), Kind::walk)) ++walked;
    }
    std::vector<GeneratedScript> all = collection.take();
    if (all.size() > options.count) all = sample(std::move(all), options.count, random);
    return all;
}

std::string text_of(const Script& script) {
    std::string text = "# " + script.title + "\nclauses";
    for (const std::string& id : script.clauses) text += ' ' + id;
    text += '\n';
    if (!script.only.empty()) text += "only " + script.only + '\n';
    return text + steps_of(script);
}

}  // namespace asyncselect::conformance
