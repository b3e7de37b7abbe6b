// Playing scripts. It must not know what a scenario expects, nor what a report looks like.
#include "conformance/executor.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <ostream>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

#include "conformance/agent.hpp"
#include "conformance/gate.hpp"
#include "conformance/surroundings.hpp"
#include "model/event.hpp"
#include "model/few.hpp"
#include "model/follower.hpp"

namespace asyncselect::conformance {

namespace {

namespace op = operation;
using model::Function;
using model::observation::Call;
using model::observation::PeerVerb;

// The messages of the executor itself; scripts use WM_USER to WM_USER + 100.
constexpr std::uint32_t marker_number = 0xbffe;
constexpr std::uint32_t filler_number = 0xbfff;
constexpr int most_fillers = 20'000;  // twice what Windows takes
constexpr int most_startups = 1'000;
constexpr std::size_t fill_piece = 65536;
constexpr std::size_t most_filled = std::size_t{1} << 28U;

// The two interfaces of a network of our own, and what is made of them. There are addresses so that IPv4 can send.
constexpr std::string_view interface_one = "one";
constexpr std::string_view interface_other = "other";
constexpr std::uint16_t group_port = 40007;

struct NetworkPlan {
    std::string_view name;
    RemoteAddress host;  // there
    // A route to all of it leads through the first interface; one to the half with the host, where there is one, goes
    // before and leads through the other. So each change is made at one moment.
    std::string_view whole;
    std::string_view half;
};
constexpr RemoteAddress ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port = 0) {
    return {false, {a, b, c, d}, port};
}
constexpr RemoteAddress documentation_ipv6(std::uint8_t network) {  // 2001:db8:<network>::1
    return {true, {0x20, 0x01, 0x0d, 0xb8, 0, network, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0};
}
constexpr std::array<NetworkPlan, 4> plans{{
    {"red", ipv4(198, 51, 100, 1), "198.51.100.0/24", "198.51.100.0/25"},
    {"blue", ipv4(203, 0, 113, 1), "203.0.113.0/24", "203.0.113.0/25"},
    {"red6", documentation_ipv6(1), "2001:db8:1::/64", "2001:db8:1::/65"},
    {"blue6", documentation_ipv6(2), "2001:db8:2::/64", "2001:db8:2::/65"},
}};
constexpr RemoteAddress group_ipv4 = ipv4(239, 255, 0, 7, group_port);
constexpr RemoteAddress group_ipv6{true, {0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, group_port};

void make_interfaces_in(Surroundings& around) {
    around.add_interfaces(interface_one, interface_other);
    around.add_address(interface_one, "192.0.2.1/25");
    around.add_address(interface_other, "192.0.2.129/25");
    around.add_address(interface_one, "2001:db8:a::1/64");
    around.add_address(interface_other, "2001:db8:b::1/64");
    around.add_route("239.0.0.0/8", interface_one);
}

void make_interfaces(Surroundings& around) {
    if (around.fresh()) return make_interfaces_in(around);
    // They stay from one scenario to the next.
    static const bool made = [&around] {
        make_interfaces_in(around);
        return true;
    }();
    static_cast<void>(made);
}

// Of IPv6 one that is never nearer to a destination than the interface's own: it would be what is sent from, and so
// change routes too.
constexpr std::string_view address_of(bool ipv6) { return ipv6 ? "3fff::77/128" : "192.0.2.77/32"; }

// Asked with every call, so it makes none itself.
constexpr bool is_main(std::string_view thread) {
    constexpr std::string_view main = "main";
    return thread.size() == main.size() && thread.starts_with(main);
}

// The rest of the script makes no sense any more.
struct Stop {};

struct Hung : std::runtime_error {
    Hung() : std::runtime_error("the call does not return") {}
};

class Session {
  public:
    Session(const Script& script, Provider& provider, const ExecutorOptions& options)
        : script_(script),
          provider_(provider),
          around_(provider.surroundings() != nullptr ? *provider.surroundings() : system_surroundings()),
          options_(options),
          follower_({options.profile, provider.ours(), false}, [this](const auto& take) { each_observed(take); }) {}

    Played run() {
        constexpr std::size_t most_have = 64;
        constexpr std::size_t most_named = 8;
        played_.trace.reserve(most_have);
        played_.step_of.reserve(most_have);
        names_.reserve(most_named);
        try {
            prepare();
            for (std::size_t index = 0; index < script_.steps.size();) {
                const std::size_t end = end_of_overlap(script_, index);
                if (end > index + 1) {
                    play_together(index, end);
                } else if (script_.steps[index].inside) {
                    inside_.push_back(index);
                } else {
                    play_step(index);
                }
                index = end;
            }
            if (!inside_.empty()) throw std::runtime_error("no condition function runs what is to be done inside");
        } catch (const Stop&) {
            // The violation says it all.
        } catch (const Unsupported& why) {
            played_.not_possible = why.what();
        } catch (const Hung& hung) {
            played_.trouble = hung.what();
            unblock();
        } catch (const std::exception& trouble) {
            played_.trouble = trouble.what();
        }
        if (!played_.stuck) tidy_up();
        keep_agents();
        follower_.end();
        played_.outcome = follower_.outcome();
        played_.violation = follower_.violation();
        if (played_.violation) played_.violation->allowed = follower_.allowed();
        played_.deviations = follower_.deviations();
        played_.undecided = follower_.reason();
        if (options_.tell_evidence) played_.evidence = follower_.evidence();
        played_.coverage = follower_.coverage();
        return std::move(played_);
    }

  private:
    struct SocketState {
        bool ipv6 = false;
        std::uint64_t sent = 0;  // to its peer
        bool datagram = false;
        bool to_nowhere = false;  // a datagram socket that is connected to a closed port
    };
    struct ConnectionState {
        std::unique_ptr<Surroundings::Connection> peer;
        std::shared_ptr<Surroundings::Datagrams> datagrams;
        Handle socket = model::invalid_handle;
        std::uint64_t received = 0;
        bool over = false;                        // the peer has closed or reset it
        std::vector<op::PeerDatagram> late = {};  // under way longer than others
    };

    // ---- threads --------------------------------------------------------------------------------------------------

    Agent& agent(std::string_view name) {
        if (const auto known = agents_.find(name); known != agents_.end()) return *known->second;
        std::unique_ptr<Agent>& agent = agents_[std::string(name)];
        const auto kept = around_.deterministic() ? kept_agents().find(name) : kept_agents().end();
        if (kept != kept_agents().end()) {
            agent = std::move(kept_agents().extract(kept).mapped());
            // All that is left of the script before.
            agent->run([this] {
                provider_.set_last_error(0);
                return 0;
            });
        } else {
            agent = std::make_unique<Agent>(std::string(name));
        }
        return *agent;
    }
    // Where nothing happens by itself a thread that has done its work is as good as a new one for the next script, as
    // the calling thread is: to make one costs more than to play a script. Such a world is the only one of its process.
    using Agents = std::map<std::string, std::unique_ptr<Agent>, std::less<>>;
    static Agents& kept_agents() {
        static Agents kept;
        return kept;
    }
    void keep_agents() {
        constexpr std::size_t most_kept = 8;
        if (!around_.deterministic() || !played_.trouble.empty() || kept_agents().size() > most_kept) return;
        kept_agents().merge(agents_);
    }

    void play_step(std::size_t index) {
        played_.last_step = index;
        const Step& step = script_.steps[index];
        if (options_.on_step) options_.on_step(step);
        playing_->step = index;
        if (!playing_->gate_of_all) playing_->thread = step.thread;
        std::visit([this](const auto& specific) { perform(specific); }, step.operation);
    }

    // ---- steps that overlap ---------------------------------------------------------------------------------------

    // What plays a step. Of steps that overlap each actor's are played by a thread of their own, which has its turn
    // with the session, and gives it up for as long as a call or a peer's doing takes.
    struct Playing {
        std::string_view thread = "main";  // the script's, or a member's name
        std::size_t step = 0;
        std::optional<std::uint64_t> begun;  // what has begun and not ended
        std::shared_ptr<Gate> gate_of_all;   // there while steps overlap
        std::shared_ptr<Gate> gate;          // to be passed before the first of them: all begin together
    };
    class Away {
      public:
        explicit Away(Session& session) : session_(session), mine_(session.playing_) {
            if (mine_->gate_of_all) session_.turn_.unlock();
        }
        ~Away() {
            if (!mine_->gate_of_all) return;
            session_.turn_.lock();
            session_.playing_ = mine_;
        }
        Away(const Away&) = delete;
        Away& operator=(const Away&) = delete;

      private:
        Session& session_;
        Playing* mine_;
    };

    [[nodiscard]] bool overlaps() const { return playing_->gate_of_all != nullptr; }

    // The thread that makes the calls of a step, or the peer's.
    static std::string actor_of(const Step& step) {
        const std::string shown = show(step.operation);
        if (!shown.starts_with("peer ")) return step.thread;
        return shown.substr(0, shown.find(' ', std::string_view("peer ").size()));
    }

    struct Member {
        std::vector<std::size_t> steps;
        Playing playing;
        std::exception_ptr trouble;
        bool stopped = false;
    };

    void play_together(std::size_t begin, std::size_t end) {
        std::map<std::string, Member> members;
        for (std::size_t index = begin; index < end; ++index) {
            const Step& step = script_.steps[index];
            if (const std::optional<std::string> why = cannot_overlap(step.operation); why || step.inside) {
                played_.last_step = index;
                throw std::runtime_error("it cannot overlap with others: it " + why.value_or("waits for a function"));
            }
            members[actor_of(step)].steps.push_back(index);
        }
        if (around_.deterministic()) {
            try {
                interleave(members);
            } catch (...) {
                playing_ = &alone_;  // the members go
                throw;
            }
            return;
        }
        const auto gate = std::make_shared<Gate>(members.size());
        std::vector<std::thread> threads;
        for (auto& entry : members) {
            Member& member = entry.second;
            member.playing = {entry.first, member.steps.front(), std::nullopt, gate, gate};
            threads.emplace_back([this, &member] { play_member(member); });
        }
        for (std::thread& thread : threads) thread.join();
        playing_ = &alone_;
        for (const auto& [actor, member] : members) {
            if (member.stopped) throw Stop();
        }
        for (const auto& [actor, member] : members) {
            if (!member.trouble) continue;
            played_.last_step = member.playing.step;
            std::rethrow_exception(member.trouble);
        }
    }

    // In one thread: all begin, then one after the other goes on by a step, chosen by the surroundings.
    void interleave(std::map<std::string, Member>& members) {
        const std::lock_guard turn(turn_);
        const auto none = std::make_shared<Gate>(0);
        std::vector<Member*> going;
        for (auto& [actor, member] : members) {
            member.playing = {actor, member.steps.front(), std::nullopt, none, nullptr};
            playing_ = &member.playing;
            begin();
            going.push_back(&member);
        }
        std::map<Member*, std::size_t> done;
        while (!going.empty()) {
            const auto chosen = static_cast<std::size_t>(around_.choose(static_cast<std::uint32_t>(going.size())));
            Member& member = *going[chosen];
            playing_ = &member.playing;
            play_step(member.steps[done[&member]++]);
            if (done[&member] == member.steps.size()) going.erase(going.begin() + static_cast<std::ptrdiff_t>(chosen));
        }
        playing_ = &alone_;
    }

    void play_member(Member& member) {
        const std::lock_guard turn(turn_);
        playing_ = &member.playing;
        try {
            for (const std::size_t index : member.steps) play_step(index);
        } catch (const Stop&) {
            member.stopped = true;
        } catch (...) {
            member.trouble = std::current_exception();
        }
        if (const std::shared_ptr<Gate> gate = std::move(member.playing.gate)) gate->count_down();
    }

    // What is done now takes effect between this and the observation that tells of it.
    void begin() {
        if (!overlaps() || playing_->begun) return;
        const std::uint64_t number = ++begun_;
        observe(model::observation::Began{number, std::string(playing_->thread),
                                          show(script_.steps[playing_->step].operation)});
        playing_->begun = number;
    }

    template <class O>
    model::Observation ended(O&& what) {
        if constexpr (std::is_constructible_v<decltype(model::observation::Ended::what), O>) {
            return model::observation::Ended{*std::exchange(playing_->begun, std::nullopt), std::forward<O>(what)};
        } else {
            return std::forward<O>(what);
        }
    }

    // Runs what a peer does.
    template <class F>
    auto peer_does(F function) {
        begin();
        const std::shared_ptr<Gate> gate = std::move(playing_->gate);
        const Away away(*this);
        if (gate) gate->arrive_and_wait();
        return function();
    }

    // Runs a function on a thread of the scenario; it must hold by value what it needs.
    template <class F>
    auto on(std::string_view name, F function) {
        if (is_callback_thread(name)) return function();  // that is where we are
        if (around_.deterministic()) {
            if (!is_main(name)) return agent(name).run(function);
            // A thread that runs a condition function is waited for by this one.
            if (!callback_thread_.empty()) return agent(callback_thread_).run_where_waited_for(function);
            return function();
        }
        auto future = agent(name).start(std::move(function));
        {
            const Away away(*this);
            if (future.wait_for(options_.watchdog) != std::future_status::ready) throw Hung();
        }
        return future.get();
    }

    template <class F>
    auto here(F function) {
        begin();
        if (!playing_->gate) return on(playing_->thread, std::move(function));
        return on(playing_->thread, [gate = std::move(playing_->gate), function = std::move(function)]() mutable {
            gate->arrive_and_wait();
            return function();
        });
    }

    // Closing its socket should end a call that hangs.
    void unblock() {
        if (provider_.end_calls()) sockets_.clear();
        for (const auto& [handle, state] : sockets_) {
            Provider& provider = provider_;
            auto closed = agent("rescue").start([&provider, handle = handle] { return provider.close(handle); });
            if (closed.wait_for(std::chrono::seconds(2)) != std::future_status::ready) break;
        }
        sockets_.clear();
        for (auto& [name, agent] : agents_) {
            auto idle = agent->start([] { return 0; });
            if (idle.wait_for(std::chrono::seconds(2)) == std::future_status::ready) continue;
            agent->abandon();
            played_.stuck = true;
        }
    }

    // ---- observations ---------------------------------------------------------------------------------------------

    template <class O>
    void observe(O&& seen) {
        played_.step_of.push_back(playing_->step);
        if (playing_->begun) {
            played_.trace.push_back(ended(std::forward<O>(seen)));
        } else {
            played_.trace.emplace_back(std::forward<O>(seen));
        }
        const model::Observation& observation = played_.trace.back();
        if (options_.on_observation) options_.on_observation(observation);
        if (!follower_.observe(observation)) throw Stop();
    }
    // The follower looks back here, so that it need not remember the trace as well.
    void each_observed(const std::function<bool(const model::Observation&)>& take) const {
        for (const model::Observation& observation : played_.trace) {
            if (!take(observation)) return;
        }
    }

    [[nodiscard]] bool is_callback_thread(std::string_view name) const {
        return !callback_thread_.empty() && name == callback_thread_;
    }

    Call call(Function function, Handle socket = model::invalid_handle) const {
        return {.thread = std::string(playing_->thread),
                .function = function,
                .socket = socket,
                .in_callback = is_callback_thread(playing_->thread),
                .destination = {},
                .connection = {}};
    }

    void finish(Call&& made, const Result& result) {
        made.result = result.value;
        made.error = result.error;
        observe(std::move(made));
    }

    void peer_did(const std::string& connection, PeerVerb verb, std::uint32_t bytes = 0,
                  Handle socket = model::invalid_handle, int error = 0) {
        // In a trace a name stands for one connection.
        const bool new_one = verb == PeerVerb::connect || verb == PeerVerb::established;
        if (new_one && !told_.insert(connection).second) {
            throw std::runtime_error("there has been a connection \"" + connection +
                                     "\": another one needs another name");
        }
        observe(model::observation::Peer{connection, verb, socket, bytes, error});
    }

    [[nodiscard]] Deadline deadline() const { return around_.now() + options_.patience; }
    [[nodiscard]] Deadline connected_by() const { return around_.now() + options_.connecting; }

    // ---- names ----------------------------------------------------------------------------------------------------

    void name_socket(const std::string& name, Handle handle) {
        const auto known = std::ranges::find(names_, name, &Name::first);
        if (known != names_.end()) {
            known->second = handle;
        } else {
            names_.emplace_back(name, handle);
        }
    }
    [[nodiscard]] Handle socket(const std::string& name) const {
        if (name == "nothing") return model::invalid_handle;
        const auto found = std::ranges::find(names_, name, &Name::first);
        if (found == names_.end()) throw std::runtime_error("there is no socket \"" + name + "\"");
        return found->second;
    }
    [[nodiscard]] Handle window(const std::string& name) const {
        if (name == "none") return 0;
        const auto found = windows_.find(name);
        if (found == windows_.end()) throw std::runtime_error("there is no window \"" + name + "\"");
        return found->second.handle;
    }
    ConnectionState& connection(const std::string& name) {
        const auto found = connections_.find(name);
        if (found == connections_.end() || !found->second.peer) {
            throw std::runtime_error("there is no connection \"" + name + "\"");
        }
        if (found->second.over) throw std::runtime_error("the peer \"" + name + "\" has closed its connection already");
        return found->second;
    }
    // What the peer does last.
    ConnectionState& last_of(const std::string& name) {
        ConnectionState& state = connection(name);
        state.over = true;
        return state;
    }

    // ---- the queue ------------------------------------------------------------------------------------------------

    // Those that have windows, in the order of the windows' names. Asked for with every look, and nothing is done
    // beside one.
    [[nodiscard]] const std::pmr::vector<std::string>& window_threads() const { return window_threads_; }
    void find_window_threads() {
        window_threads_.clear();
        for (const auto& [name, window] : windows_) {
            if (std::ranges::find(window_threads_, window.thread) == window_threads_.end())
                window_threads_.push_back(window.thread);
        }
    }

    bool sees_a_message(const std::string& thread) {
        Provider& provider = provider_;
        return on(thread, [&provider] { return provider.peek(false).has_value(); });
    }

    // Takes messages that are there now: up to the first of the network's, or some. Whether there may be more. Several
    // at once, since a thread is woken for it.
    bool take(const std::string& thread, bool only_one) {
        struct Taken {
            model::Few<WindowMessage, 4> messages;
            std::size_t markers = 0;
            bool more = false;  // there may be some
        };
        Provider& provider = provider_;
        const Taken taken = on(thread, [&provider, most = only_one ? 1U : 4U] {
            Taken now;
            for (unsigned count = 0; count < most_fillers && now.messages.size() < most; ++count) {
                const std::optional<WindowMessage> message = provider.peek(true);
                now.more = message.has_value();
                if (!message) break;
                if (message->number == marker_number) {
                    ++now.markers;
                } else if (message->number >= wm_user && message->number != filler_number) {
                    now.messages.push_back(*message);
                }
            }
            return now;
        });
        markers_ += taken.markers;
        for (const WindowMessage& message : taken.messages) {
            model::observation::Message seen;
            seen.thread = thread;
            seen.window = message.window;
            seen.message = message.number;
            seen.socket = message.wparam;
            seen.lparam = message.lparam;
            seen.event = message.event;
            seen.error = message.error;
            ++network_messages_;
            observe(std::move(seen));
        }
        return taken.more;
    }

    void pump() {
        for (const std::string& thread : window_threads()) {
            while (take(thread, false)) {
            }
        }
    }

    // Until something may have changed, but not for long.
    void wait_a_little() {
        const std::pmr::vector<std::string>& threads = window_threads();
        Provider& provider = provider_;
        if (threads.empty()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));  // between two looks at a condition
            return;
        }
        const int milliseconds = threads.size() == 1 ? 20 : 1;
        on(threads[waited_++ % threads.size()], [&provider, milliseconds] {
            provider.wait(milliseconds);
            return 0;
        });
    }

    // Messages that were posted before this have been taken after it.
    void pass_markers() {
        if (around_.at_rest() && !provider_.eager()) return;
        markers_ = 0;
        std::size_t posted = 0;
        for (const auto& [name, window] : windows_) {
            if (!window.exists) continue;
            Provider& provider = provider_;
            const Handle handle = window.handle;
            if (on(window.thread, [&provider, handle] { return provider.post(handle, marker_number); })) ++posted;
        }
        // On a thread of its own, since what it fails in is no failure of the script's; that of the calling thread is
        // put back.
        const std::string_view prober = around_.deterministic() ? "main" : "probe";
        const int error = around_.deterministic() ? provider_.last_error() : 0;
        const std::optional<Handle> probe = start_probe(prober);
        if (probe) ++posted;
        const Deadline end = deadline();
        while (true) {
            pump();
            if (markers_ >= posted || around_.now() >= end) break;
            wait_a_little();
        }
        Provider& provider = provider_;
        if (probe) on(prober, [&provider, socket = *probe] { return provider.close(socket); });
        if (around_.deterministic()) provider_.set_last_error(error);
    }

    // Where messages are posted at any time one can still be on its way while the queue is empty. What is caused now
    // comes after it: data for a socket of our own, which nobody judges.
    std::optional<Handle> start_probe(std::string_view thread) {
        if (!provider_.eager()) return std::nullopt;
        Provider& provider = provider_;
        const Result opened = on(thread, [&provider] { return provider.open_datagram(false); });
        if (!opened.ok()) return std::nullopt;
        const auto probe = static_cast<Handle>(opened.value);
        const std::optional<Endpoint> there = on(thread, [&provider, probe] {
            return provider.bind(probe, {}, false).ok() ? provider.local(probe) : std::nullopt;
        });
        for (const auto& [name, window] : windows_) {
            if (!there) break;
            const Handle handle = window.handle;
            const Result selected = on(thread, [&provider, probe, handle] {
                return provider.async_select(probe, handle, marker_number, model::bit_of(model::Event::read));
            });
            if (!selected.ok()) continue;
            around_.datagrams(provider_.peers_at(false))->send(1, *there);
            return probe;
        }
        on(thread, [&provider, probe] { return provider.close(probe); });
        return std::nullopt;
    }

    void arrive() {
        bool datagrams = false;
        for (auto& [name, state] : connections_) {
            if (state.peer) state.peer->arrived(deadline());
            if (!state.datagrams) continue;
            datagrams = true;
            if (!state.late.empty()) send_late(name);
        }
        if (datagrams || !closed_ports_.empty()) around_.datagrams_arrived(deadline());
        // There is no condition to wait for.
        if (!connections_.empty() || !closed_ports_.empty()) std::this_thread::sleep_for(provider_.out_of_sight());
    }

    // ---- operations: calls ----------------------------------------------------------------------------------------

    void prepare() {
        provider_.prepare();
        for (const Need need : needs_of(script_)) {
            if (need == Need::own_network) make_interfaces(around_);
        }
        perform(op::Startup{});
        perform(op::MakeWindow{"w"});
    }

    void perform(const op::Startup& /*operation*/) {
        Provider& provider = provider_;
        finish(call(Function::startup), here([&provider] { return provider.startup(); }));
    }
    void perform(const op::Cleanup& /*operation*/) {
        Provider& provider = provider_;
        finish(call(Function::cleanup), here([&provider] { return provider.cleanup(); }));
    }
    void perform(const op::GetLastError& /*operation*/) {
        Provider& provider = provider_;
        const int error = here([&provider] { return provider.last_error(); });
        finish(call(Function::get_last_error), {error, 0});
    }
    void perform(const op::SetLastError& operation) {
        Provider& provider = provider_;
        here([&provider, error = operation.error] {
            provider.set_last_error(error);
            return 0;
        });
        Call made = call(Function::set_last_error);
        made.value = operation.error;
        finish(std::move(made), {});
    }
    void perform(const op::MakeWindow& operation) {
        Provider& provider = provider_;
        const auto present = windows_.find(operation.window);
        if (present != windows_.end() && present->second.exists) {
            throw std::runtime_error("there is a window \"" + operation.window + "\" already");
        }
        const Result result = here([&provider] { return provider.create_window(); });
        if (!result.ok()) throw std::runtime_error("the window cannot be made");
        const auto handle = static_cast<Handle>(result.value);
        windows_[operation.window] = {handle, std::string(playing_->thread), true};
        find_window_threads();
        Call made = call(Function::create_window);
        made.created = handle;
        finish(std::move(made), result);
    }
    void perform(const op::DestroyWindow& operation) {
        Provider& provider = provider_;
        const Handle handle = window(operation.window);
        Call made = call(Function::destroy_window);
        made.window = handle;
        const Result result = here([&provider, handle] { return provider.destroy_window(handle); });
        const auto known = windows_.find(operation.window);
        if (result.ok() && known != windows_.end()) known->second.exists = false;
        finish(std::move(made), result);
    }
    void perform(const op::MakeSocket& operation) {
        Provider& provider = provider_;
        const Result result = here([&provider, ipv6 = operation.ipv6, datagram = operation.datagram] {
            return datagram ? provider.open_datagram(ipv6) : provider.open_stream(ipv6);
        });
        Call made = call(Function::socket);
        made.datagram = operation.datagram;
        made.ipv6 = operation.ipv6;
        created(made, result, operation.socket);
        finish(std::move(made), result);
    }
    void created(Call& made, const Result& result, const std::string& name) {
        const Handle handle = result.ok() ? static_cast<Handle>(result.value) : model::invalid_handle;
        made.created = handle;
        if (!name.empty()) name_socket(name, handle);
        if (result.ok()) sockets_[handle] = {made.ipv6, 0, made.datagram, false};
    }
    void perform(const op::Bind& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        const Endpoint at{sockets_[handle].ipv6, 0};
        finish(call(Function::bind, handle),
               here([&provider, handle, at, any = operation.any] { return provider.bind(handle, at, any); }));
    }
    void perform(const op::Listen& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        finish(call(Function::listen, handle), here([&provider, handle] { return provider.listen(handle, 128); }));
    }
    void perform(const op::Connect& operation) {
        const Handle handle = socket(operation.socket);
        const bool ipv6 = sockets_[handle].ipv6;
        if (sockets_[handle].datagram) return connect_datagrams(operation, handle);
        std::shared_ptr<Surroundings::Listener> listener;
        std::shared_ptr<Surroundings::Closed> closed;
        Endpoint to;
        if (operation.target == op::Target::nowhere) {
            closed = around_.closed_port(provider_.peers_at(ipv6), false);
            to = closed->endpoint();
        } else {
            listener = around_.listen(provider_.peers_at(ipv6), operation.target == op::Target::stalled);
            to = listener->endpoint();
        }
        const Result result = connect(operation, handle, to);
        const bool under_way = result.ok() || result.error == model::wsa::would_block;
        if (!under_way) return;
        if (closed) {
            peer_did(operation.socket, PeerVerb::refused, 0, handle, model::wsa::refused);
            closed_ports_.push_back(std::move(closed));
        } else {
            listeners_[operation.socket] = std::move(listener);
            connections_[operation.socket] = {nullptr, nullptr, handle, 0, false};
            if (operation.target == op::Target::peer) perform(op::PeerAdmit{operation.socket});
        }
    }
    Result connect(const op::Connect& operation, Handle handle, Endpoint to) {
        Provider& provider = provider_;
        Call made = call(Function::connect, handle);
        made.value = operation.qos;
        const Result result = here([&provider, handle, to, wsa = operation.wsa, qos = operation.qos] {
            return wsa ? provider.wsa_connect(handle, to, qos) : provider.connect(handle, to);
        });
        finish(std::move(made), result);
        return result;
    }
    void connect_datagrams(const op::Connect& operation, Handle handle) {
        const bool nowhere = operation.target == op::Target::nowhere;
        const Endpoint to = nowhere ? closed_port(handle) : datagrams(operation.socket, handle).endpoint();
        if (connect(operation, handle, to).ok()) sockets_[handle].to_nowhere = nowhere;
    }
    // The peer that bears the name, with an end for datagrams.
    Surroundings::Datagrams& datagrams(const std::string& name, Handle handle) {
        ConnectionState& state = connections_[name];
        if (!state.datagrams) {
            state.datagrams = around_.datagrams(provider_.peers_at(sockets_[handle].ipv6));
            state.socket = handle;
        }
        return *state.datagrams;
    }
    // For datagrams that nobody takes.
    Endpoint closed_port(Handle handle) {
        closed_ports_.push_back(around_.closed_port(provider_.peers_at(sockets_[handle].ipv6), true));
        return closed_ports_.back()->endpoint();
    }
    void perform(const op::Accept& operation) {
        Provider& provider = provider_;
        const Handle listener = socket(operation.listener);
        Call made = call(Function::accept, listener);
        made.ipv6 = sockets_[listener].ipv6;
        const std::shared_ptr<Asked> asked = std::make_shared<Asked>();
        ConditionFunction condition;
        if (operation.condition != model::Condition::none && overlaps()) {
            if (!inside_.empty()) throw std::runtime_error("nothing can be done inside a call that overlaps");
            condition = [asked, answer = operation.condition](const Endpoint& caller) {
                asked->answer = answer;
                asked->caller = caller;
                return answer;
            };
        } else if (operation.condition != model::Condition::none) {
            condition = [this, asked, answer = operation.condition](const Endpoint& caller) {
                return ask(*asked, answer, caller);
            };
        }
        const auto [result, peer] = here([&provider, listener, condition, wsa = operation.wsa, wild = operation.wild] {
            Endpoint endpoint;
            if (wild) return std::pair(provider.accept_wild(listener), endpoint);
            const Result accepted =
                wsa ? provider.wsa_accept(listener, endpoint, condition) : provider.accept(listener, endpoint);
            return std::pair(accepted, endpoint);
        });
        // Taken over from the thread of the call, which has gone on meanwhile and does not keep it.
        if (asked->trouble) std::rethrow_exception(std::exchange(asked->trouble, nullptr));
        made.condition = asked->answer;
        created(made, result, operation.socket);
        const std::optional<Endpoint> caller = result.ok() ? std::optional(peer) : asked->caller;
        if (caller) {
            made.connection = connection_from(*caller);
            if (!made.connection.empty() && result.ok()) connections_[made.connection].socket = made.created;
        }
        finish(std::move(made), result);
    }
    // The name of the connection that a peer asked for from there. One that does so at the same time is waited for.
    std::string connection_from(Endpoint caller) {
        while (true) {
            for (const auto& [name, state] : connections_) {
                if (state.peer && state.peer->here() == caller) return name;
            }
            if (connecting_ == 0) return "";
            Playing* const mine = playing_;
            std::unique_lock turn(turn_, std::adopt_lock);
            connected_.wait(turn);
            turn.release();  // it stays ours
            playing_ = mine;
        }
    }
    // What a condition function was asked, and has answered.
    struct Asked {
        model::Condition answer = model::Condition::none;
        std::optional<Endpoint> caller;
        std::exception_ptr trouble;
    };
    // The condition function, on the thread that called WSAAccept; `here` waits for that meanwhile.
    model::Condition ask(Asked& asked, model::Condition answer, const Endpoint& caller) {
        const std::string_view thread = playing_->thread;
        const std::size_t step = played_.last_step;
        asked.answer = answer;
        asked.caller = caller;
        callback_thread_ = thread;
        try {
            for (const std::size_t index : std::exchange(inside_, {})) play_step(index);
        } catch (...) {
            asked.trouble = std::current_exception();  // a provider need not know exceptions
        }
        callback_thread_.clear();
        playing_->thread = thread;
        playing_->step = step;
        played_.last_step = step;
        return answer;
    }
    void perform(const op::Join& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        const RemoteAddress group = sockets_[handle].ipv6 ? group_ipv6 : group_ipv4;
        Call made = call(Function::join_leaf, handle);
        made.value = operation.qos;
        finish(std::move(made), here([&provider, handle, group, operation] {
                   return provider.join(handle, group, operation.role != op::How::receive,
                                        operation.role != op::How::send, operation.qos);
               }));
    }
    void perform(const op::Select& operation) {
        Provider& provider = provider_;
        Call made = call(Function::async_select, socket(operation.socket));
        made.window = window(operation.window);
        made.message = wm_user + operation.message;
        made.mask = operation.mask;
        finish(std::move(made),
               here([&provider, socket = made.socket, window = made.window, message = made.message, mask = made.mask] {
                   return provider.async_select(socket, window, message, mask);
               }));
    }
    void perform(const op::EventSelect& operation) {
        Provider& provider = provider_;
        Call made = call(Function::event_select, socket(operation.socket));
        made.mask = operation.mask;
        finish(std::move(made), here([&provider, socket = made.socket, mask = made.mask] {
                   return provider.event_select(socket, mask);
               }));
    }
    Result receive(Call made, bool wild, Way way) {
        Provider& provider = provider_;
        const auto length = static_cast<std::size_t>(made.length);
        // A call that hangs may write to it after everybody else has gone.
        const std::shared_ptr<char[]> buffer = std::make_shared_for_overwrite<char[]>(length);
        const Result result = here([&provider, socket = made.socket, flags = made.flags, buffer, length, wild, way] {
            // The first page of an address space is never there.
            const std::span<char> into(wild ? reinterpret_cast<char*>(16) : buffer.get(), length);
            return provider.receive(socket, into, static_cast<int>(length), flags, way);
        });
        finish(std::move(made), result);
        return result;
    }
    void perform(const op::Receive& operation) {
        Call made = call(Function::recv, socket(operation.socket));
        made.length = operation.bytes;
        if (operation.peek) made.flags |= model::flag_peek;
        if (operation.oob) made.flags |= model::flag_oob;
        if (operation.odd_flags) made.flags |= 0x10000000U;
        receive(std::move(made), operation.wild, operation.way);
    }
    void perform(const op::Drain& operation) {
        Call made = call(Function::recv, socket(operation.socket));
        made.length = 4096;
        while (true) {
            const Result result = receive(made, false, Way::plain);
            if (!result.ok() || result.value == 0) return;
        }
    }
    // So many bytes to be sent. They stay as long as the process.
    static std::span<const char> letters(std::size_t length) {
        static const std::string most(fill_piece, 'y');
        if (length <= most.size()) return {most.data(), length};
        static std::mutex mutex;
        static std::map<std::size_t, std::string> longer;
        const std::lock_guard lock(mutex);
        return longer.try_emplace(length, length, 'y').first->second;
    }
    Result send(Call made, bool wild, Way way, std::optional<Endpoint> to) {
        Provider& provider = provider_;
        const auto length = static_cast<std::size_t>(made.length);
        const std::span<const char> from =
            wild ? std::span<const char>(reinterpret_cast<const char*>(16), length) : letters(length);
        const Result result = here([&provider, socket = made.socket, flags = made.flags, from, way, to] {
            return provider.send(socket, from, static_cast<int>(from.size()), flags, way, to);
        });
        finish(std::move(made), result);
        return result;
    }
    void perform(const op::Send& operation) {
        Call made = call(Function::send, socket(operation.socket));
        made.length = operation.bytes;
        if (operation.oob) made.flags |= model::flag_oob;
        const Handle handle = made.socket;
        std::optional<Endpoint> to;
        bool nowhere = sockets_[handle].to_nowhere;
        if (nowhere && overlaps()) throw std::runtime_error("it is refused at a moment that nobody can tell");
        if (operation.to) {
            if (const auto known = sockets_.find(handle); known != sockets_.end() && !known->second.datagram)
                throw std::runtime_error("a stream is sent to its peer alone: \"" + operation.socket + "\" is one");
            nowhere = *operation.to == op::Target::nowhere;
            to = nowhere ? closed_port(handle) : datagrams(operation.socket, handle).endpoint();
        }
        const Result result = send(std::move(made), operation.wild, operation.way, to);
        if (!result.ok()) return;
        if (nowhere) {
            // ICMP says so.
            peer_did(operation.socket, PeerVerb::refused, 0, handle, model::wsa::reset);
        } else {
            count_sent(handle, result);
        }
    }
    void count_sent(Handle handle, const Result& result) {
        const auto found = sockets_.find(handle);  // it may have been closed meanwhile
        if (found != sockets_.end()) found->second.sent += static_cast<std::uint64_t>(result.value);
    }
    void perform(const op::Fill& operation) {
        Call made = call(Function::send, socket(operation.socket));
        made.length = fill_piece;
        for (std::size_t filled = 0; filled < most_filled; filled += fill_piece) {
            const Result result = send(made, false, Way::plain, std::nullopt);
            if (!result.ok()) return;
            count_sent(made.socket, result);
        }
        throw std::runtime_error("the send buffer takes 256 MB and is not full");
    }
    void perform(const op::ShutDown& operation) {
        Provider& provider = provider_;
        Call made = call(Function::shutdown, socket(operation.socket));
        made.value = static_cast<int>(operation.how);
        finish(std::move(made), here([&provider, socket = made.socket, how = operation.how] {
                   return provider.shut_down(socket, static_cast<int>(how));
               }));
    }
    void perform(const op::Close& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        const Result result = here([&provider, handle] { return provider.close(handle); });
        if (result.ok()) sockets_.erase(handle);
        finish(call(Function::closesocket, handle), result);
    }
    void perform(const op::SetBlocking& operation) {
        Provider& provider = provider_;
        Call made = call(Function::set_nonblocking, socket(operation.socket));
        made.value = operation.on ? 0 : 1;
        finish(std::move(made), here([&provider, socket = made.socket, value = made.value] {
                   return provider.set_nonblocking(socket, static_cast<std::uint32_t>(value));
               }));
    }
    void perform(const op::BytesAvailable& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        finish(call(Function::bytes_available, handle),
               here([&provider, handle] { return provider.bytes_available(handle); }));
    }
    void perform(const op::SetOobInline& operation) {
        Provider& provider = provider_;
        Call made = call(Function::set_oob_inline, socket(operation.socket));
        made.value = operation.on ? 1 : 0;
        finish(std::move(made), here([&provider, socket = made.socket, on = operation.on] {
                   return provider.set_oob_inline(socket, on);
               }));
    }
    void perform(const op::SetBuffer& operation) {
        Provider& provider = provider_;
        Call made = call(Function::set_option, socket(operation.socket));
        made.value = operation.bytes;
        finish(std::move(made),
               here([&provider, socket = made.socket, sending = operation.sending, value = made.value] {
                   return provider.set_buffer(socket, sending, static_cast<int>(value));
               }));
    }

    void perform(const op::SetQos& operation) {
        Provider& provider = provider_;
        Call made = call(Function::set_qos, socket(operation.socket));
        made.value = operation.number;
        finish(std::move(made), here([&provider, socket = made.socket, value = made.value] {
                   return provider.set_qos(socket, static_cast<std::uint32_t>(value));
               }));
    }
    void perform(const op::GetQos& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        finish(call(Function::get_qos, handle),
               here([&provider, handle, wild = operation.wild] { return provider.get_qos(handle, wild); }));
    }
    void perform(const op::GetGroupQos& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        finish(call(Function::get_group_qos, handle),
               here([&provider, handle, wild = operation.wild] { return provider.get_group_qos(handle, wild); }));
    }
    static const NetworkPlan& plan(op::Network network) { return plans[static_cast<std::size_t>(network)]; }
    void perform(const op::WatchRoute& operation) {
        Provider& provider = provider_;
        const NetworkPlan& to = plan(operation.to);
        Call made = call(Function::routing_interface_change, socket(operation.socket));
        made.destination = to.name;
        finish(std::move(made),
               here([&provider, socket = made.socket, host = to.host] { return provider.watch_route(socket, host); }));
    }
    void perform(const op::WatchAddresses& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        finish(call(Function::address_list_change, handle),
               here([&provider, handle] { return provider.watch_addresses(handle); }));
    }

    // ---- operations: the queue ------------------------------------------------------------------------------------

    void perform(const op::Look& /*operation*/) {
        arrive();
        const Deadline end = deadline();
        while (true) {
            for (const std::string& thread : window_threads()) {
                if (sees_a_message(thread)) return;
            }
            if (follower_.settled() || around_.now() >= end) return;
            wait_a_little();
        }
    }
    void perform(const op::Retrieve& /*operation*/) {
        arrive();
        const Deadline end = deadline();
        const std::size_t before = network_messages_;
        while (true) {
            for (const std::string& thread : window_threads()) {
                while (take(thread, true)) {
                    if (network_messages_ > before) return;
                }
            }
            if (follower_.settled() || around_.now() >= end) return;
            wait_a_little();
        }
    }
    void perform(const op::RetrieveAll& /*operation*/) {
        arrive();
        pump();
    }
    void perform(const op::Quiet& /*operation*/) {
        arrive();
        const Deadline end = deadline();
        while (true) {
            pump();
            if (follower_.settled() && around_.told()) {
                pass_markers();
                if (follower_.settled()) break;
            }
            if (around_.now() >= end) break;
            wait_a_little();
        }
        if (limited_) {
            // Everything that filled the queue has been taken from it.
            observe(model::observation::QueueLimit{false});
            limited_ = false;
        }
        observe(model::observation::Quiet{});
    }
    void perform(const op::FillQueue& operation) {
        Provider& provider = provider_;
        const Handle handle = window(operation.window);
        observe(model::observation::QueueLimit{true});
        limited_ = true;
        here([&provider, handle] {
            // The failure of the last one is no call of the script's.
            const int error = provider.last_error();
            for (int count = 0; count < most_fillers && provider.post(handle, filler_number); ++count) {
            }
            provider.set_last_error(error);
            return 0;
        });
    }
    void perform(const op::Arrived& /*operation*/) { arrive(); }

    // ---- operations: this host's network --------------------------------------------------------------------------

    void perform(const op::Route& operation) {
        const NetworkPlan& to = plan(operation.to);
        Routes& routes = routes_[operation.to];
        const op::Through before = routes.through();
        switch (operation.through) {
            case op::Through::one:
                keep_route(routes.whole, true, to.whole, interface_one);
                keep_route(routes.half, false, to.half, interface_other);
                break;
            case op::Through::other:
                keep_route(routes.half, true, to.half, interface_other);
                break;
            case op::Through::nothing:
                // Where a route goes before the other, this one is not in use.
                keep_route(routes.whole, false, to.whole, interface_one);
                keep_route(routes.half, false, to.half, interface_other);
                break;
        }
        if (routes.through() == before) return;
        model::observation::Change change;
        change.what = model::observation::Change::What::route;
        change.destination = to.name;
        if (operation.through == op::Through::nothing) change.error = model::wsa::net_unreachable;
        observe(change);
    }
    struct Routes {
        bool whole = false;
        bool half = false;

        [[nodiscard]] op::Through through() const {
            if (half) return op::Through::other;
            return whole ? op::Through::one : op::Through::nothing;
        }
    };
    void keep_route(bool& is_there, bool wanted, std::string_view to, std::string_view interface) {
        if (is_there == wanted) return;
        if (wanted) {
            around_.add_route(to, interface);
        } else {
            around_.remove_route(to, interface);
        }
        is_there = wanted;
    }
    void perform(const op::Address& operation) {
        if (operation.add) {
            around_.add_address(interface_one, address_of(operation.ipv6));
            addresses_.insert(operation.ipv6);
        } else {
            around_.remove_address(interface_one, address_of(operation.ipv6));
            addresses_.erase(operation.ipv6);
        }
        model::observation::Change change;
        change.what = model::observation::Change::What::address_list;
        change.ipv6 = operation.ipv6;
        observe(change);
    }
    void perform(const op::FailSubsystem& /*operation*/) {
        if (!provider_.fail_subsystem()) throw std::runtime_error("the network subsystem does not fail");
        subsystem_failed_ = true;
        model::observation::Change change;
        change.what = model::observation::Change::What::subsystem;
        observe(change);
    }

    // ---- operations: the peer -------------------------------------------------------------------------------------

    void perform(const op::PeerConnect& operation) {
        Provider& provider = provider_;
        const Handle listener = socket(operation.listener);
        const std::optional<Endpoint> there =
            on(playing_->thread, [&provider, listener] { return provider.local(listener); });
        if (!there) throw std::runtime_error("the listening socket has no address");
        ++connecting_;
        std::unique_ptr<Surroundings::Connection> made;
        std::exception_ptr trouble;
        try {
            made = peer_does([this, there] { return around_.connect(*there, connected_by()); });
        } catch (...) {
            trouble = std::current_exception();
        }
        --connecting_;
        connected_.notify_all();
        if (trouble) std::rethrow_exception(trouble);
        connections_[operation.connection] = {std::move(made), nullptr, model::invalid_handle, 0, false};
        std::this_thread::sleep_for(provider_.out_of_sight());  // there is no condition to wait for
        peer_did(operation.connection, PeerVerb::connect, 0, listener);
    }
    void perform(const op::PeerAdmit& operation) {
        const auto listener = listeners_.find(operation.connection);
        if (listener == listeners_.end()) throw std::runtime_error("nothing waits to be admitted");
        ConnectionState& state = connections_[operation.connection];
        state.peer = peer_does([this, waiting = listener->second] {
            waiting->unblock();
            return waiting->accept(connected_by());
        });
        if (!state.peer) throw std::runtime_error("the connection does not reach the peer");
        listeners_.erase(listener);
        peer_did(operation.connection, PeerVerb::established, 0, state.socket);
    }
    void perform(const op::PeerSend& operation) {
        Surroundings::Connection& peer = *connection(operation.connection).peer;
        peer_does([&] { peer.send(operation.bytes, deadline()); });
        peer_did(operation.connection, PeerVerb::send, operation.bytes);
    }
    void perform(const op::PeerDatagram& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        const auto known = sockets_.find(handle);
        if (known != sockets_.end() && !known->second.datagram)
            throw std::runtime_error("a datagram cannot be sent to a stream: \"" + operation.socket + "\" is one");
        const std::optional<Endpoint> there =
            on(playing_->thread, [&provider, handle] { return provider.local(handle); });
        if (!there) throw std::runtime_error("the socket has no address");
        Surroundings::Datagrams& peer = datagrams(operation.connection, handle);
        const Surroundings::Fate fate = peer.fate();
        if (fate == Surroundings::Fate::lost) return;
        if (fate == Surroundings::Fate::late) {
            connections_[operation.connection].late.push_back(operation);
            return;
        }
        send_datagram(operation, handle, *there);
        send_late(operation.connection);
    }
    void send_datagram(const op::PeerDatagram& operation, Handle handle, Endpoint there) {
        Surroundings::Datagrams& peer = datagrams(operation.connection, handle);
        peer_does([&] { peer.send(operation.bytes, there); });
        peer_did(operation.connection, PeerVerb::datagram, operation.bytes, handle);
    }
    // Datagrams that others have overtaken. What they were sent to may be gone, or take them from others alone.
    void send_late(const std::string& connection) {
        Provider& provider = provider_;
        for (const op::PeerDatagram& datagram : std::exchange(connections_[connection].late, {})) {
            const Handle handle = socket(datagram.socket);
            const std::optional<Endpoint> there =
                on(playing_->thread, [&provider, handle] { return provider.local(handle); });
            if (there && !sockets_[handle].to_nowhere) send_datagram(datagram, handle, *there);
        }
    }
    void perform(const op::PeerEnded& operation) {
        if (!connection(operation.connection).peer->ended(deadline())) {
            throw std::runtime_error("the peer does not see the end of its connection");
        }
    }
    void perform(const op::PeerUrgent& operation) {
        Surroundings::Connection& peer = *connection(operation.connection).peer;
        peer_does([&peer] { peer.send_urgent(); });
        peer_did(operation.connection, PeerVerb::urgent);
    }
    void perform(const op::PeerShutDown& operation) {
        Surroundings::Connection& peer = *connection(operation.connection).peer;
        peer_does([&peer] { peer.shut_down(); });
        peer_did(operation.connection, PeerVerb::shutdown);
    }
    void perform(const op::PeerClose& operation) {
        const auto named = connections_.find(operation.connection);
        if (named != connections_.end() && named->second.datagrams) {
            begin();
            peer_did(operation.connection, PeerVerb::close, 0, named->second.socket);
            named->second.datagrams.reset();
            named->second.late.clear();
            return;
        }
        Surroundings::Connection& peer = *last_of(operation.connection).peer;
        peer_does([&peer] { peer.close(); });
        peer_did(operation.connection, PeerVerb::close);
    }
    void perform(const op::PeerReset& operation) {
        Surroundings::Connection& peer = *last_of(operation.connection).peer;
        peer_does([&peer] { peer.reset(); });
        peer_did(operation.connection, PeerVerb::reset);
    }
    void perform(const op::PeerReceive& operation) {
        const auto named = connections_.find(operation.connection);
        const bool datagrams = named != connections_.end() && named->second.datagrams;
        ConnectionState& state = datagrams ? named->second : connection(operation.connection);
        const auto found = sockets_.find(state.socket);
        const std::uint64_t sent = found == sockets_.end() ? 0 : found->second.sent;
        const std::uint64_t wanted = operation.bytes != 0 ? operation.bytes : sent - std::min(sent, state.received);
        const std::uint64_t got = peer_does([&] {
            return datagrams ? state.datagrams->receive(wanted, deadline()) : state.peer->receive(wanted, deadline());
        });
        const bool lossy = datagrams && state.datagrams->lossy();
        if (datagrams && !lossy && got < wanted) throw std::runtime_error("the datagrams do not reach the peer");
        state.received += lossy ? wanted : got;
        peer_did(operation.connection, PeerVerb::receive, static_cast<std::uint32_t>(got));
    }

    // ---- operations: several at once ------------------------------------------------------------------------------

    void perform(const op::Listener& operation) {
        perform(op::MakeSocket{operation.socket, false, operation.ipv6});
        perform(op::Bind{operation.socket});
        perform(op::Listen{operation.socket});
    }
    void perform(const op::Connection& operation) {
        if (!operation.accepted) {
            perform(op::MakeSocket{operation.socket, false, operation.ipv6});
            perform(op::Connect{operation.socket, op::Target::peer});
            return;
        }
        const std::string listener = operation.socket + ".listener";
        perform(op::Listener{listener, operation.ipv6});
        perform(op::PeerConnect{operation.socket, listener});
        perform(op::Accept{listener, operation.socket});
        perform(op::Close{listener});
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    // Leaves the provider as it was found. Nothing of this is judged.
    void tidy_up() {
        try {
            Provider& provider = provider_;
            if (subsystem_failed_) provider.restore_subsystem();
            for (auto& [network, routes] : routes_) {
                keep_route(routes.whole, false, plan(network).whole, interface_one);
                keep_route(routes.half, false, plan(network).half, interface_other);
            }
            for (const bool ipv6 : addresses_) around_.remove_address(interface_one, address_of(ipv6));
            connections_.clear();
            listeners_.clear();
            model::Few<Handle, 16> open;
            for (const auto& [handle, state] : sockets_) open.push_back(handle);
            on("main", [&provider, open = std::move(open)] {
                for (const Handle handle : open) provider.close(handle);
                return 0;
            });
            for (const auto& [name, window] : windows_) {
                const Handle handle = window.handle;
                // Its messages go with it. Where others may still post one, all that have come are taken before.
                on(window.thread, [&provider, handle, drained = around_.deterministic()] {
                    while (!drained && provider.peek(true)) {
                    }
                    return provider.destroy_window(handle);
                });
            }
            on("main", [&provider] {
                for (int more = most_startups; more > 0 && provider.cleanup().ok(); --more) {
                }
                return 0;
            });
        } catch (const Unsupported&) {
            // Then it stays as it is.
        } catch (const std::exception& trouble) {
            if (played_.trouble.empty()) played_.trouble = std::string("while tidying up: ") + trouble.what();
            unblock();
        }
    }

    struct WindowState {
        Handle handle = 0;
        std::string thread;
        bool exists = false;
    };

    const Script& script_;
    Provider& provider_;
    Surroundings& around_;
    ExecutorOptions options_;
    model::Follower follower_;
    Played played_;
    Playing alone_;
    Playing* playing_ = &alone_;  // whose turn it is
    std::mutex turn_;             // of the threads that play steps which overlap
    std::condition_variable connected_;
    std::size_t connecting_ = 0;  // peers that are asking for a connection
    std::uint64_t begun_ = 0;
    // Of the tables below, as they are small and live as long as the script does.
    std::array<std::byte, 6144> room_;
    std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
    using Name = std::pair<std::string, Handle>;
    std::pmr::vector<Name> names_{&memory_};  // a handful, and every step asks for one
    std::pmr::map<Handle, SocketState> sockets_{&memory_};
    std::pmr::map<std::string, WindowState> windows_{&memory_};
    std::pmr::vector<std::string> window_threads_{&memory_};
    std::pmr::map<std::string, ConnectionState> connections_{&memory_};
    std::pmr::set<std::string> told_{&memory_};  // connections that the trace has told of, by their names
    std::pmr::map<std::string, std::shared_ptr<Surroundings::Listener>> listeners_{&memory_};
    std::vector<std::shared_ptr<Surroundings::Closed>> closed_ports_;
    std::pmr::map<op::Network, Routes> routes_{&memory_};
    std::set<bool> addresses_;         // that were added: of IPv6, or of IPv4
    std::vector<std::size_t> inside_;  // steps that wait for a condition function
    std::string callback_thread_;      // that runs one now
    bool subsystem_failed_ = false;
    std::size_t markers_ = 0;
    std::size_t network_messages_ = 0;
    std::size_t waited_ = 0;
    bool limited_ = false;
    Agents agents_;  // last: their threads end before the rest goes
};

}  // namespace

TraceHeader trace_header(const Provider& provider, const Script& script) {
    TraceHeader header;
    header.provider = provider.name();
    header.provider_version = provider.version();
    header.script = script.name;
    header.ours = provider.ours();
    return header;
}

void write_trace(std::ostream& out, const TraceHeader& header, const Script& script, const Played& played) {
    out << write_header(header) << '\n';
    std::set<std::size_t> told;
    for (std::size_t index = 0; index < played.trace.size(); ++index) {
        const std::size_t step = played.step_of[index];
        if (told.insert(step).second) out << write_note(show(script.steps[step])) << '\n';
        out << write_observation(played.trace[index]) << '\n';
    }
}

Played play(const Script& script, Provider& provider, const ExecutorOptions& options) {
    Session session(script, provider, options);
    return session.run();
}

}  // namespace asyncselect::conformance
