// Playing scripts. It must not know what a scenario expects, nor what a report looks like.
#include "conformance/executor.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "conformance/agent.hpp"
#include "conformance/peer.hpp"

namespace asyncselect::conformance {

namespace {

namespace op = operation;
using model::Function;
using model::observation::Call;
using model::observation::PeerVerb;
using Clock = std::chrono::steady_clock;

// The messages of the executor itself; scripts use WM_USER to WM_USER + 100.
constexpr std::uint32_t marker_number = 0xbffe;
constexpr std::uint32_t filler_number = 0xbfff;
constexpr int most_fillers = 100'000;
constexpr std::size_t fill_piece = 65536;
constexpr std::size_t most_filled = std::size_t{1} << 28U;

// Follows the trace with the profile that was asked for, and where that rejects it, with one that explains it.
class Follower {
  public:
    explicit Follower(const model::OracleOptions& options) : options_(options), oracle_(options) {}

    // Whether the trace is still explained, as it was asked or with deviations.
    bool observe(const model::Observation& observation, Played& played) {
        played.trace.push_back(observation);
        std::optional<model::Violation> broken = oracle_.observe(observation);
        if (!broken) return true;
        if (!played.violation) played.violation = std::move(broken);
        const model::Verdict verdict = model::judge_with_deviations(played.trace, options_);
        played.deviations = verdict.deviations;
        if (verdict.deviations.empty()) return false;
        model::OracleOptions explaining = options_;
        explaining.profile = profile_of(verdict.deviations);
        oracle_ = model::Oracle(explaining);
        for (const model::Observation& earlier : played.trace) oracle_.observe(earlier);
        return true;
    }

    [[nodiscard]] bool settled() const { return oracle_.settled(); }
    [[nodiscard]] std::set<std::string> evidence() const { return oracle_.evidence(); }

  private:
    [[nodiscard]] model::Profile profile_of(const std::vector<std::string>& deviations) const {
        model::Profile profile = options_.profile;
        for (const std::string& name : deviations) {
            bool& position = switch_of(profile, name.back());
            position = !position;
        }
        return profile;
    }
    static bool& switch_of(model::Profile& profile, char digit) {
        switch (digit) {
            case '1':
                return profile.close_at_fin;
            case '2':
                return profile.reset_tells_aborted;
            case '3':
                return profile.no_connect_at_select;
            case '4':
                return profile.datagram_connect_posts_write;
            default:
                return profile.urgent_bytes_queue;
        }
    }

    model::OracleOptions options_;
    model::Oracle oracle_;
};

// The rest of the script makes no sense any more.
struct Stop {};

struct Hung : std::runtime_error {
    Hung() : std::runtime_error("the call does not return") {}
};

class Session {
  public:
    Session(const Script& script, Provider& provider, const ExecutorOptions& options)
        : script_(script), provider_(provider), options_(options), follower_({options.profile, provider.ours()}) {}

    Played run() {
        try {
            prepare();
            for (std::size_t index = 0; index < script_.steps.size(); ++index) {
                played_.last_step = index;
                const Step& step = script_.steps[index];
                if (options_.on_step) options_.on_step(step);
                thread_ = step.thread;
                std::visit([this](const auto& specific) { perform(specific); }, step.operation);
            }
        } catch (const Stop&) {
            // The violation says it all.
        } catch (const Hung& hung) {
            played_.trouble = hung.what();
            unblock();
        } catch (const std::exception& trouble) {
            played_.trouble = trouble.what();
        }
        if (!played_.stuck) tidy_up();
        played_.evidence = follower_.evidence();
        return std::move(played_);
    }

  private:
    struct SocketState {
        bool ipv6 = false;
        std::uint64_t sent = 0;
    };
    struct ConnectionState {
        std::optional<PeerConnection> peer;
        Handle socket = model::invalid_handle;
        std::uint64_t received = 0;
    };

    // ---- threads --------------------------------------------------------------------------------------------------

    Agent& agent(const std::string& name) {
        std::unique_ptr<Agent>& agent = agents_[name];
        if (!agent) agent = std::make_unique<Agent>();
        return *agent;
    }

    // Runs a function on a thread of the scenario; it must hold by value what it needs.
    template <class F>
    auto on(const std::string& name, F function) {
        auto future = agent(name).start(std::move(function));
        if (future.wait_for(options_.watchdog) != std::future_status::ready) throw Hung();
        return future.get();
    }

    template <class F>
    auto here(F function) {
        return on(thread_, std::move(function));
    }

    // Closing its socket should end a call that hangs.
    void unblock() {
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

    void observe(const model::Observation& observation) {
        if (options_.on_observation) options_.on_observation(observation);
        played_.step_of.push_back(played_.last_step);
        if (!follower_.observe(observation, played_)) throw Stop();
    }

    Call call(Function function, Handle socket = model::invalid_handle) const {
        Call made;
        made.thread = thread_;
        made.function = function;
        made.socket = socket;
        return made;
    }

    void finish(Call made, const Result& result) {
        made.result = result.value;
        made.error = result.error;
        observe(made);
    }

    void peer_did(const std::string& connection, PeerVerb verb, std::uint32_t bytes = 0,
                  Handle socket = model::invalid_handle, int error = 0) {
        observe(model::observation::Peer{connection, verb, socket, bytes, error});
    }

    [[nodiscard]] Deadline deadline() const { return Clock::now() + options_.patience; }

    // ---- names ----------------------------------------------------------------------------------------------------

    [[nodiscard]] Handle socket(const std::string& name) const {
        if (name == "nothing") return model::invalid_handle;
        const auto found = names_.find(name);
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
        return found->second;
    }

    // ---- the queue ------------------------------------------------------------------------------------------------

    [[nodiscard]] std::vector<std::string> window_threads() const {
        std::vector<std::string> threads;
        for (const auto& [name, window] : windows_) {
            if (std::ranges::find(threads, window.thread) == threads.end()) threads.push_back(window.thread);
        }
        return threads;
    }

    std::optional<WindowMessage> peek(const std::string& thread, bool remove) {
        Provider& provider = provider_;
        return on(thread, [&provider, remove] { return provider.peek(remove); });
    }

    // Takes one message that is there now. Whether there was one, of whatever kind.
    bool take(const std::string& thread) {
        const std::optional<WindowMessage> message = peek(thread, true);
        if (!message) return false;
        if (message->number == marker_number) {
            ++markers_;
        } else if (message->number >= wm_user && message->number != filler_number) {
            model::observation::Message seen;
            seen.thread = thread;
            seen.window = message->window;
            seen.message = message->number;
            seen.socket = message->wparam;
            seen.lparam = message->lparam;
            seen.event = message->event;
            seen.error = message->error;
            ++network_messages_;
            observe(seen);
        }
        return true;
    }

    void pump() {
        for (const std::string& thread : window_threads()) {
            while (take(thread)) {
            }
        }
    }

    // Until something may have changed, but not for long.
    void wait_a_little() {
        const std::vector<std::string> threads = window_threads();
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
        markers_ = 0;
        std::size_t posted = 0;
        for (const auto& [name, window] : windows_) {
            Provider& provider = provider_;
            const Handle handle = window.handle;
            if (on(window.thread, [&provider, handle] { return provider.post(handle, marker_number); })) ++posted;
        }
        const Deadline end = deadline();
        while (true) {
            pump();
            if (markers_ >= posted || Clock::now() >= end) return;
            wait_a_little();
        }
    }

    void arrive() {
        for (auto& [name, state] : connections_) {
            if (state.peer) state.peer->arrived(deadline());
        }
    }

    // ---- operations: calls ----------------------------------------------------------------------------------------

    void prepare() {
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
        finish(made, {});
    }
    void perform(const op::MakeWindow& operation) {
        Provider& provider = provider_;
        const Result result = here([&provider] { return provider.create_window(); });
        if (!result.ok()) throw std::runtime_error("the window cannot be made");
        const auto handle = static_cast<Handle>(result.value);
        windows_[operation.window] = {handle, thread_};
        Call made = call(Function::create_window);
        made.created = handle;
        finish(made, result);
    }
    void perform(const op::DestroyWindow& operation) {
        Provider& provider = provider_;
        const Handle handle = window(operation.window);
        Call made = call(Function::destroy_window);
        made.window = handle;
        finish(made, here([&provider, handle] { return provider.destroy_window(handle); }));
    }
    void perform(const op::MakeSocket& operation) {
        Provider& provider = provider_;
        const Result result = here([&provider, ipv6 = operation.ipv6] { return provider.open_stream(ipv6); });
        Call made = call(Function::socket);
        created(made, result, operation.socket, operation.ipv6);
        finish(made, result);
    }
    void created(Call& made, const Result& result, const std::string& name, bool ipv6) {
        const Handle handle = result.ok() ? static_cast<Handle>(result.value) : model::invalid_handle;
        made.created = handle;
        if (!name.empty()) names_[name] = handle;
        if (result.ok()) sockets_[handle] = {ipv6, 0};
    }
    void perform(const op::Bind& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        const Endpoint any{sockets_[handle].ipv6, 0};
        finish(call(Function::bind, handle), here([&provider, handle, any] { return provider.bind(handle, any); }));
    }
    void perform(const op::Listen& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        finish(call(Function::listen, handle), here([&provider, handle] { return provider.listen(handle, 128); }));
    }
    void perform(const op::Connect& operation) {
        Provider& provider = provider_;
        const Handle handle = socket(operation.socket);
        const bool ipv6 = sockets_[handle].ipv6;
        std::shared_ptr<PeerListener> listener;
        std::shared_ptr<ClosedPort> closed;
        Endpoint to;
        if (operation.target == op::Target::nowhere) {
            closed = std::make_shared<ClosedPort>(ipv6);
            to = closed->endpoint();
        } else {
            listener = std::make_shared<PeerListener>(ipv6, operation.target == op::Target::stalled);
            to = listener->endpoint();
        }
        const Result result = here([&provider, handle, to] { return provider.connect(handle, to); });
        finish(call(Function::connect, handle), result);
        const bool under_way = result.ok() || result.error == model::wsa::would_block;
        if (!under_way) return;
        if (closed) {
            peer_did(operation.socket, PeerVerb::refused, 0, handle, model::wsa::refused);
            closed_ports_.push_back(std::move(closed));
        } else {
            listeners_[operation.socket] = std::move(listener);
            connections_[operation.socket] = {std::nullopt, handle, 0};
            if (operation.target == op::Target::peer) perform(op::PeerAdmit{operation.socket});
        }
    }
    void perform(const op::Accept& operation) {
        Provider& provider = provider_;
        const Handle listener = socket(operation.listener);
        const auto [result, peer] = here([&provider, listener] {
            Endpoint endpoint;
            const Result accepted = provider.accept(listener, endpoint);
            return std::pair(accepted, endpoint);
        });
        Call made = call(Function::accept, listener);
        created(made, result, operation.socket, sockets_[listener].ipv6);
        if (result.ok()) {
            for (auto& [name, state] : connections_) {
                if (!state.peer || !(state.peer->here() == peer)) continue;
                made.connection = name;
                state.socket = made.created;
            }
        }
        finish(made, result);
    }
    void perform(const op::Select& operation) {
        Provider& provider = provider_;
        Call made = call(Function::async_select, socket(operation.socket));
        made.window = window(operation.window);
        made.message = wm_user + operation.message;
        made.mask = operation.mask;
        finish(made, here([&provider, made] {
                   return provider.async_select(made.socket, made.window, made.message, made.mask);
               }));
    }
    Result receive(const Call& made, bool wild) {
        Provider& provider = provider_;
        const auto buffer = std::make_shared<std::vector<char>>(static_cast<std::size_t>(made.length));
        const Result result = here([&provider, made, buffer, wild] {
            // The first page of an address space is never there.
            const std::span<char> into = wild ? std::span<char>(reinterpret_cast<char*>(16), buffer->size()) : *buffer;
            return provider.receive(made.socket, into, static_cast<int>(made.length), made.flags);
        });
        finish(made, result);
        return result;
    }
    void perform(const op::Receive& operation) {
        Call made = call(Function::recv, socket(operation.socket));
        made.length = operation.bytes;
        if (operation.peek) made.flags |= model::flag_peek;
        if (operation.oob) made.flags |= model::flag_oob;
        if (operation.odd_flags) made.flags |= 0x10000000U;
        receive(made, operation.wild);
    }
    void perform(const op::Drain& operation) {
        Call made = call(Function::recv, socket(operation.socket));
        made.length = 4096;
        while (true) {
            const Result result = receive(made, false);
            if (!result.ok() || result.value == 0) return;
        }
    }
    Result send(const Call& made, bool wild) {
        Provider& provider = provider_;
        const auto buffer = std::make_shared<std::vector<char>>(static_cast<std::size_t>(made.length), 'y');
        const Result result = here([&provider, made, buffer, wild] {
            const std::span<const char> from =
                wild ? std::span<const char>(reinterpret_cast<const char*>(16), buffer->size()) : *buffer;
            return provider.send(made.socket, from, static_cast<int>(made.length), made.flags);
        });
        if (result.ok()) sockets_[made.socket].sent += static_cast<std::uint64_t>(result.value);
        finish(made, result);
        return result;
    }
    void perform(const op::Send& operation) {
        Call made = call(Function::send, socket(operation.socket));
        made.length = operation.bytes;
        send(made, operation.wild);
    }
    void perform(const op::Fill& operation) {
        Call made = call(Function::send, socket(operation.socket));
        made.length = fill_piece;
        for (std::size_t filled = 0; filled < most_filled; filled += fill_piece) {
            const Result result = send(made, false);
            if (!result.ok()) return;
        }
        throw std::runtime_error("the send buffer takes 256 MB and is not full");
    }
    void perform(const op::ShutDown& operation) {
        Provider& provider = provider_;
        Call made = call(Function::shutdown, socket(operation.socket));
        made.value = static_cast<int>(operation.how);
        finish(made, here([&provider, made] { return provider.shut_down(made.socket, static_cast<int>(made.value)); }));
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
        finish(made, here([&provider, made] {
                   return provider.set_nonblocking(made.socket, static_cast<std::uint32_t>(made.value));
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
        finish(made, here([&provider, made] { return provider.set_oob_inline(made.socket, made.value != 0); }));
    }
    void perform(const op::SetBuffer& operation) {
        Provider& provider = provider_;
        Call made = call(Function::set_option, socket(operation.socket));
        made.value = operation.bytes;
        finish(made, here([&provider, made, sending = operation.sending] {
                   return provider.set_buffer(made.socket, sending, static_cast<int>(made.value));
               }));
    }

    // ---- operations: the queue ------------------------------------------------------------------------------------

    void perform(const op::Look& /*operation*/) {
        arrive();
        const Deadline end = deadline();
        while (true) {
            for (const std::string& thread : window_threads()) {
                if (peek(thread, false)) return;
            }
            if (follower_.settled() || Clock::now() >= end) return;
            wait_a_little();
        }
    }
    void perform(const op::Retrieve& /*operation*/) {
        arrive();
        const Deadline end = deadline();
        const std::size_t before = network_messages_;
        while (true) {
            for (const std::string& thread : window_threads()) {
                while (take(thread)) {
                    if (network_messages_ > before) return;
                }
            }
            if (follower_.settled() || Clock::now() >= end) return;
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
            if (follower_.settled()) {
                pass_markers();
                if (follower_.settled()) break;
            }
            if (Clock::now() >= end) break;
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
            for (int count = 0; count < most_fillers && provider.post(handle, filler_number); ++count) {
            }
            return 0;
        });
    }
    void perform(const op::Arrived& /*operation*/) { arrive(); }

    // ---- operations: the peer -------------------------------------------------------------------------------------

    void perform(const op::PeerConnect& operation) {
        Provider& provider = provider_;
        const Handle listener = socket(operation.listener);
        const std::optional<Endpoint> there = here([&provider, listener] { return provider.local(listener); });
        if (!there) throw std::runtime_error("the listening socket has no address");
        connections_[operation.connection] = {PeerConnection::connect(*there, deadline()), model::invalid_handle, 0};
        peer_did(operation.connection, PeerVerb::connect, 0, listener);
    }
    void perform(const op::PeerAdmit& operation) {
        const auto listener = listeners_.find(operation.connection);
        if (listener == listeners_.end()) throw std::runtime_error("nothing waits to be admitted");
        listener->second->unblock();
        ConnectionState& state = connections_[operation.connection];
        state.peer = listener->second->accept(deadline());
        if (!state.peer) throw std::runtime_error("the connection does not reach the peer");
        listeners_.erase(listener);
        peer_did(operation.connection, PeerVerb::established, 0, state.socket);
    }
    void perform(const op::PeerSend& operation) {
        connection(operation.connection).peer->send(operation.bytes, deadline());
        peer_did(operation.connection, PeerVerb::send, operation.bytes);
    }
    void perform(const op::PeerUrgent& operation) {
        connection(operation.connection).peer->send_urgent();
        peer_did(operation.connection, PeerVerb::urgent);
    }
    void perform(const op::PeerShutDown& operation) {
        connection(operation.connection).peer->shut_down();
        peer_did(operation.connection, PeerVerb::shutdown);
    }
    void perform(const op::PeerClose& operation) {
        connection(operation.connection).peer->close();
        peer_did(operation.connection, PeerVerb::close);
    }
    void perform(const op::PeerReset& operation) {
        connection(operation.connection).peer->reset();
        peer_did(operation.connection, PeerVerb::reset);
    }
    void perform(const op::PeerReceive& operation) {
        ConnectionState& state = connection(operation.connection);
        const auto found = sockets_.find(state.socket);
        const std::uint64_t sent = found == sockets_.end() ? 0 : found->second.sent;
        const std::uint64_t wanted = operation.bytes != 0 ? operation.bytes : sent - std::min(sent, state.received);
        const std::uint64_t got = state.peer->receive(wanted, deadline());
        state.received += got;
        peer_did(operation.connection, PeerVerb::receive, static_cast<std::uint32_t>(got));
    }

    // ---- operations: several at once ------------------------------------------------------------------------------

    void perform(const op::Listener& operation) {
        perform(op::MakeSocket{operation.socket, operation.ipv6});
        perform(op::Bind{operation.socket});
        perform(op::Listen{operation.socket});
    }
    void perform(const op::Connection& operation) {
        if (!operation.accepted) {
            perform(op::MakeSocket{operation.socket, operation.ipv6});
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
            connections_.clear();
            listeners_.clear();
            std::vector<Handle> open;
            for (const auto& [handle, state] : sockets_) open.push_back(handle);
            on("main", [&provider, open] {
                for (const Handle handle : open) provider.close(handle);
                return 0;
            });
            for (const auto& [name, window] : windows_) {
                const Handle handle = window.handle;
                on(window.thread, [&provider, handle] {
                    while (provider.peek(true)) {
                    }
                    return provider.destroy_window(handle);
                });
            }
            on("main", [&provider] {
                while (provider.cleanup().ok()) {
                }
                return 0;
            });
        } catch (const std::exception& trouble) {
            if (played_.trouble.empty()) played_.trouble = std::string("while tidying up: ") + trouble.what();
            unblock();
        }
    }

    struct WindowState {
        Handle handle = 0;
        std::string thread;
    };

    const Script& script_;
    Provider& provider_;
    ExecutorOptions options_;
    Follower follower_;
    Played played_;
    std::string thread_ = "main";
    std::map<std::string, Handle> names_;
    std::map<Handle, SocketState> sockets_;
    std::map<std::string, WindowState> windows_;
    std::map<std::string, ConnectionState> connections_;
    std::map<std::string, std::shared_ptr<PeerListener>> listeners_;
    std::vector<std::shared_ptr<ClosedPort>> closed_ports_;
    std::size_t markers_ = 0;
    std::size_t network_messages_ = 0;
    std::size_t waited_ = 0;
    bool limited_ = false;
    std::map<std::string, std::unique_ptr<Agent>> agents_;  // last: their threads end before the rest goes
};

}  // namespace

Played play(const Script& script, Provider& provider, const ExecutorOptions& options) {
    Session session(script, provider, options);
    return session.run();
}

}  // namespace asyncselect::conformance
