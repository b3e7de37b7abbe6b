// See program.hpp. The peer is a socket of the simulated network; what it does is one step.
#include "proofs/linearizability/program.hpp"

#include <asyncselect/asyncselect.h>

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "conformance/recording.hpp"
#include "impl/net/simulated/turns.hpp"
#include "impl/net/simulated/world.hpp"
#include "model/linearization.hpp"

namespace asyncselect::proofs {

namespace {

using conformance::Recorder;
using model::Function;
using model::Handle;
using model::observation::Call;
using model::observation::PeerVerb;
using simulated::World;

constexpr std::uint32_t first_message = 0x0401;
constexpr std::uint32_t own_message = 0x8001;  // WM_APP + 1
constexpr std::uint32_t fd_all = 1 | 2 | 32;
constexpr int sending_ends = 1;

constexpr std::uint16_t swapped(std::uint16_t port) { return static_cast<std::uint16_t>(port << 8U | port >> 8U); }

Call finished(Call call, std::int64_t result) {
    call.result = result;
    call.error = result < 0 ? asyncselect_WSAGetLastError() : 0;
    return call;
}

// The window, made once: its thread is this one.
asyncselect_HWND the_window() {
    static const asyncselect_HWND window = [] {
        asyncselect_WNDCLASSA window_class{};
        window_class.lpfnWndProc = asyncselect_DefWindowProcA;
        window_class.lpszClassName = "program";
        asyncselect_RegisterClassA(&window_class);
        return asyncselect_CreateWindowExA(0, "program", "", 0, 0, 0, 0, 0,
                                           reinterpret_cast<asyncselect_HWND>(std::intptr_t{-3}), nullptr, nullptr,
                                           nullptr);
    }();
    return window;
}

// What a thread does to those who wait is a system call: other threads can go on before it.
void makes_a_call() {
    auto* const scheduler = Scheduler::of_this_thread();
    if (scheduler == nullptr) return;
    scheduler->point();
    scheduler->settle();
}
void wakes() noexcept { makes_a_call(); }
void waits(int poller, bool without_end) noexcept {
    makes_a_call();
    auto* const scheduler = Scheduler::of_this_thread();
    if (scheduler == nullptr || !without_end) return;
    const auto anything = [poller] {
        World::get().deliver_all();
        return World::get().anything_for(poller);
    };
    // What sleeps for ever is to come back all the same, and tell of it.
    if (!anything() && !scheduler->sleep(anything)) asyncselect_PostQuitMessage(0);
}

// One run of a program.
class Playing {
  public:
    Playing(const Program& program, Network network) : program_{program} {
        asyncselect_WSADATA data{};
        asyncselect_WSAStartup(0x0202, &data);
        simulated::Disorder disorder;
        constexpr unsigned always = 1000;
        disorder.untold = network == Network::tells_nobody ? always : 0;
        World::get().reset(disorder);
        simulated::players = {waits, wakes};
        asyncselect_SetPostLimit(program.most_posted);
        for (std::uint32_t thread = 0; thread < program.threads.size(); ++thread)
            recorders_.emplace_back(stamps_, "thread " + std::to_string(thread), thread);
        open();
        for (const auto act : program.before) play(recorders_.front(), act);
    }
    Playing(const Playing&) = delete;
    Playing& operator=(const Playing&) = delete;
    ~Playing() {
        if (!closed_) asyncselect_closesocket(static_cast<asyncselect_SOCKET>(socket_));
        pump(recorders_.front());
        asyncselect_WSACleanup();
    }

    [[nodiscard]] std::vector<std::function<void()>> bodies() {
        std::vector<std::function<void()>> bodies;
        for (std::uint32_t thread = 0; thread < program_.threads.size(); ++thread) {
            bodies.emplace_back([this, thread] {
                for (const auto act : program_.threads[thread]) play(recorders_[thread], act);
            });
        }
        return bodies;
    }

    // Judges what was seen, once nothing is under way any more; `text` is the history and what is wrong with it.
    model::Linearization::Outcome judge(std::string& text) {
        auto& here = recorders_.front();
        pump(here);
        auto history = seen();
        history.push_back({model::observation::Quiet{}, stamps_ + 1, stamps_ + 2, 0});
        model::OracleOptions options;
        options.ours = true;
        const auto verdict = model::linearize(history, options);
        if (verdict.outcome != model::Linearization::Outcome::accepted) text = told(history, verdict);
        return verdict.outcome;
    }

    // What is to be told where the window's thread has slept for ever.
    [[nodiscard]] std::optional<std::string> lost() const {
        return lost_.empty() ? std::nullopt : std::optional{lost_ + told(seen())};
    }

  private:
    static World& world() { return World::get(); }

    static void must(const simulated::Outcome& outcome, const char* what) {
        if (!outcome.ok()) throw std::runtime_error(std::string{"the peer cannot "} + what);
    }

    // A connection, and the registration that the program begins with.
    void open() {
        auto& here = recorders_.front();
        here.record(
            [&] { return std::optional<model::Observation>{here.call(Function::startup, model::invalid_handle)}; });
        here.record([&] {
            auto call = here.call(Function::create_window, model::invalid_handle);
            call.created = window_;
            return std::optional<model::Observation>{call};
        });
        here.record([&] {
            auto call = here.call(Function::socket, model::invalid_handle);
            socket_ = call.created = asyncselect_socket(2, 1, 6);
            return std::optional<model::Observation>{call};
        });
        int listener = -1;
        simulated::Name at;
        {
            const World::ByPeer peer(world());
            const auto made = world().open(false, true);
            must(made, "open");
            listener = static_cast<int>(made.value);
            at.host = {127, 0, 0, 1};
            must(world().bind(listener, at), "bind");
            must(world().listen(listener, 1), "listen");
            must(world().local(listener, at), "be found");
        }
        here.record([&] {
            asyncselect_sockaddr_in to{};
            to.sin_family = 2;
            to.sin_port = swapped(at.port);
            constexpr std::array<unsigned char, 4> host{127, 0, 0, 1};
            std::memcpy(&to.sin_addr, host.data(), host.size());
            return std::optional<model::Observation>{
                finished(here.call(Function::connect, socket_),
                         asyncselect_connect(static_cast<asyncselect_SOCKET>(socket_),
                                             reinterpret_cast<const asyncselect_sockaddr*>(&to), sizeof to))};
        });
        {
            const World::ByPeer peer(world());
            world().deliver_all();
            simulated::Name caller;
            const auto taken = world().accept(listener, caller);
            must(taken, "accept");
            peer_ = static_cast<int>(taken.value);
            world().close(listener);
        }
        here.record([&] {
            return std::optional<model::Observation>{
                model::observation::Peer{"peer", PeerVerb::established, socket_, 0, 0}};
        });
        here.record([&] { return std::optional<model::Observation>{select(here, fd_all)}; });
    }

    Call select(const Recorder& recorder, std::uint32_t mask) {
        auto call = recorder.call(Function::async_select, socket_);
        call.window = window_;
        call.message = next_message_++;
        call.mask = mask;
        return finished(call, asyncselect_WSAAsyncSelect(static_cast<asyncselect_SOCKET>(socket_), the_window(),
                                                         call.message, static_cast<long>(mask)));
    }

    void play(Recorder& recorder, Act act) {
        using Seen = std::optional<model::Observation>;
        const auto socket = static_cast<asyncselect_SOCKET>(socket_);
        std::array<char, 64> buffer{};
        switch (act) {
            case Act::pump:
                return pump(recorder);
            case Act::wait_for_post:
            case Act::wait_for_input:
                return wait_for(recorder, act, [](const auto& message) { return message.message == own_message; });
            case Act::wait_for_end:
                return wait_for(recorder, act, [](const auto& message) {
                    constexpr std::intptr_t fd_close = 32;
                    return message.message != own_message && (message.lParam & 0xffff) == fd_close;
                });
            case Act::post:
                asyncselect_PostMessageA(the_window(), own_message, 0, 0);
                return;
            case Act::receive:
            case Act::receive_one:
                return recorder.record([&]() -> Seen {
                    auto call = recorder.call(Function::recv, socket_);
                    call.length = act == Act::receive ? static_cast<std::int64_t>(buffer.size()) : 1;
                    return finished(call, asyncselect_recv(socket, buffer.data(), static_cast<int>(call.length), 0));
                });
            case Act::send:
                return recorder.record([&]() -> Seen {
                    auto call = recorder.call(Function::send, socket_);
                    call.length = 1;
                    return finished(call, asyncselect_send(socket, buffer.data(), 1, 0));
                });
            case Act::select_all:
                return recorder.record([&]() -> Seen { return select(recorder, fd_all); });
            case Act::cancel:
                return recorder.record([&]() -> Seen { return select(recorder, 0); });
            case Act::shut_down:
                return recorder.record([&]() -> Seen {
                    auto call = recorder.call(Function::shutdown, socket_);
                    call.value = sending_ends;
                    return finished(call, asyncselect_shutdown(socket, sending_ends));
                });
            case Act::close:
                return recorder.record([&]() -> Seen {
                    const auto* const scheduler = Scheduler::of_this_thread();
                    const bool closes = scheduler == nullptr || scheduler->fault() != Fault::closes_nothing;
                    auto call = finished(recorder.call(Function::closesocket, socket_),
                                         closes ? asyncselect_closesocket(socket) : 0);
                    closed_ = closes;
                    return call;
                });
            case Act::peer_sends:
                return peer_does(recorder, PeerVerb::send, 2,
                                 [&] { return world().send(peer_, 2, false, false).ok(); });
            case Act::peer_shuts_down:
                return peer_does(recorder, PeerVerb::shutdown, 0,
                                 [&] { return world().shut_down(peer_, sending_ends).ok(); });
            case Act::peer_resets:
                return peer_does(recorder, PeerVerb::reset, 0, [&] {
                    world().abort(peer_);
                    return true;
                });
        }
    }

    template <class Doing>
    static void peer_does(Recorder& recorder, PeerVerb verb, std::uint32_t bytes, Doing doing) {
        if (auto* const scheduler = Scheduler::of_this_thread()) scheduler->point();
        recorder.record([&]() -> std::optional<model::Observation> {
            const World::ByPeer peer(world());
            // Where the other end is closed there is nothing to do.
            if (!doing()) return std::nullopt;
            world().deliver_all();
            return std::optional<model::Observation>{
                model::observation::Peer{"peer", verb, model::invalid_handle, bytes, 0}};
        });
    }

    // Takes what is in the window's queue now.
    void pump(Recorder& recorder) {
        for (bool found = true; found;) {
            recorder.record([&] {
                asyncselect_MSG message{};
                found = asyncselect_PeekMessageA(&message, nullptr, 0, 0, 1) != 0;
                return found ? taken(message) : std::nullopt;
            });
        }
    }

    // Takes messages, and waits for each, to the one that `is_last` knows.
    template <class IsLast>
    void wait_for(Recorder& recorder, Act act, IsLast is_last) {
        for (bool last = false; !last && lost_.empty();) {
            asyncselect_MSG message{};
            bool quits = false;
            recorder.record([&] {
                if (act == Act::wait_for_input)
                    while (asyncselect_PeekMessageA(&message, nullptr, 0, 0, 1) == 0)
                        asyncselect_MsgWaitForMultipleObjects(0, nullptr, 0, asyncselect_INFINITE,
                                                              asyncselect_QS_ALLINPUT);
                else
                    asyncselect_GetMessageA(&message, nullptr, 0, 0);
                quits = message.message == asyncselect_WM_QUIT;
                return quits ? std::nullopt : taken(message);
            });
            last = is_last(message);
            if (!Scheduler::of_this_thread()->slept_for_ever()) continue;
            const auto told_of = quits ? std::nullopt : taken(message);
            lost_ = "The window's thread sleeps, nobody is left who could wake it, and in its queue lies " +
                    (told_of ? model::show(*told_of)
                     : quits ? "nothing"
                             : "the message that was posted") +
                    ".\n";
        }
    }

    // What is seen of a socket's message; of the program's own the oracle is told nothing.
    [[nodiscard]] std::optional<model::Observation> taken(const asyncselect_MSG& message) const {
        if (message.message == own_message) return std::nullopt;
        auto seen = model::observation::message(window_, message.message, message.wParam,
                                                static_cast<std::uint32_t>(message.lParam & 0xffff),
                                                static_cast<std::uint32_t>(message.lParam >> 16));
        seen.thread = "thread 0";
        return seen;
    }

    [[nodiscard]] std::vector<model::Happening> seen() const {
        std::vector<model::Happening> history;
        for (const auto& recorder : recorders_)
            history.insert(history.end(), recorder.history().begin(), recorder.history().end());
        return history;
    }

    static std::string told(const std::vector<model::Happening>& history) {
        std::ostringstream text;
        text << "What the threads saw, with the moments of start and return:\n";
        for (const auto& happening : history)
            text << "  thread " << happening.thread << " [" << happening.start << ", " << happening.end << "] "
                 << model::show(happening.observation) << '\n';
        return text.str();
    }

    static std::string told(const std::vector<model::Happening>& history, const model::Linearization& verdict) {
        std::ostringstream text;
        text << told(history) << "The longest order that is allowed, and at its end what is not:\n";
        for (const auto index : verdict.order) text << "  " << model::show(history[index].observation) << '\n';
        if (verdict.violation)
            text << verdict.violation->clause << ": due: " << verdict.violation->due
                 << "; came: " << verdict.violation->came << '\n';
        if (!verdict.reason.empty()) text << "undecided: " << verdict.reason << '\n';
        return text.str();
    }

    const Program& program_;
    std::atomic<std::uint64_t> stamps_{0};
    std::vector<Recorder> recorders_;
    Handle window_ = reinterpret_cast<Handle>(the_window());
    Handle socket_ = model::invalid_handle;
    int peer_ = -1;
    std::uint32_t next_message_ = first_message;
    bool closed_ = false;
    std::string lost_;
};

}  // namespace

Played explore(const Program& program, unsigned most_preemptions, Fault fault, Network network) {
    static_cast<void>(the_window());
    Played explored;
    Scheduler scheduler{most_preemptions, fault};
    do {
        Playing playing{program, network};
        const auto bodies = playing.bodies();
        scheduler.run(bodies);
        ++explored.orders;
        const auto refuted = [&](const std::string& text) {
            explored.refuted = "Program " + program.name + ", order " + std::to_string(explored.orders) + ". " + text;
        };
        if (const auto lost = playing.lost()) {
            refuted(*lost);
            break;
        }
        std::string text;
        const auto outcome = playing.judge(text);
        if (outcome == model::Linearization::Outcome::violation) {
            refuted(text);
            break;
        }
        if (outcome == model::Linearization::Outcome::undecided) ++explored.undecided;
    } while (scheduler.next());
    explored.points = scheduler.points();
    return explored;
}

}  // namespace asyncselect::proofs
