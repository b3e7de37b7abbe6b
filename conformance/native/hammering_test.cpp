// Two threads hammer one socket: one receives or accepts, the other registers it anew again and again, while the
// window's thread pumps and the peer sends, closes and resets, or connects. Every call is recorded with the moments of
// its start and its return, and the oracle judges each round: nothing lost, nothing without a cause.
// ASYNCSELECT_HAMMER_SECONDS says for how long (3 unless it is set), ASYNCSELECT_HAMMER_SEED where the chance begins.
// ASYNCSELECT_HAMMER_FAULT=unseen is a control: every second message is retrieved and not recorded, which must be
// found.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>
#include <span>
#include <sstream>
#include <thread>

#include "conformance/native/mailbox.hpp"
#include "conformance/peer.hpp"
#include "conformance/recording.hpp"
#include "model/cite.hpp"
#include "model/linearization.hpp"

namespace asyncselect::conformance::native {
namespace {

using model::cite;
using model::Function;
using model::Handle;
using model::observation::Call;
using model::observation::PeerVerb;
using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds{10};

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

Call finished(Call call, std::int64_t result) {
    call.result = result;
    call.error = result < 0 ? asyncselect_WSAGetLastError() : 0;
    return call;
}

constexpr std::uint16_t swapped(std::uint16_t port) { return static_cast<std::uint16_t>(port << 8U | port >> 8U); }

std::string connection_from(std::uint16_t port) { return "from port " + std::to_string(port); }

class Hammering : public testing::Test {
  protected:
    using Random = std::mt19937_64;
    // Three threads that act besides the window's.
    using Threads = std::array<std::function<void()>, 3>;

    template <class Number>
    static Number between(Random& random, Number least, Number most) {
        return std::uniform_int_distribution<Number>{least, most}(random);
    }

    void receive(Recorder& recorder, Handle socket, Random random) {
        std::array<char, 64> buffer{};
        for (int count = between(random, 3, 12); count > 0; --count) {
            recorder.record([&]() -> std::optional<model::Observation> {
                auto call = recorder.call(Function::recv, socket);
                call.length = between(random, 1, 64);
                if (between(random, 0, 7) == 0) call.flags = model::flag_peek;
                return finished(call, asyncselect_recv(static_cast<asyncselect_SOCKET>(socket), buffer.data(),
                                                       static_cast<int>(call.length), static_cast<int>(call.flags)));
            });
        }
    }

    void accept(Recorder& recorder, Handle socket, std::vector<asyncselect_SOCKET>& accepted, Random random) {
        for (int count = between(random, 3, 12); count > 0; --count) {
            recorder.record([&]() -> std::optional<model::Observation> {
                asyncselect_sockaddr_in from{};
                int length = sizeof from;
                const auto made = asyncselect_accept(static_cast<asyncselect_SOCKET>(socket),
                                                     reinterpret_cast<asyncselect_sockaddr*>(&from), &length);
                const bool failed = made == ~asyncselect_SOCKET{0};
                auto call = finished(recorder.call(Function::accept, socket), failed ? -1 : 0);
                if (failed) return call;
                accepted.push_back(made);
                call.created = made;
                call.connection = connection_from(swapped(from.sin_port));
                return call;
            });
        }
    }

    void register_anew(Recorder& recorder, Handle socket, std::span<const long> masks, Random random) {
        for (int count = between(random, 2, 6); count > 0; --count) {
            recorder.record([&]() -> std::optional<model::Observation> {
                const auto mask = masks[between(random, std::size_t{0}, masks.size() - 1)];
                return select(recorder, socket, mask, between(random, 1U, 3U));
            });
        }
    }

    Call select(const Recorder& recorder, Handle socket, long mask, unsigned message) {
        auto call = recorder.call(Function::async_select, socket);
        call.window = window_;
        call.message = socket_message + message;
        call.mask = static_cast<std::uint32_t>(mask);
        return finished(call, asyncselect_WSAAsyncSelect(static_cast<asyncselect_SOCKET>(socket), mailbox_.window(),
                                                         call.message, mask));
    }

    static void ask_for_connections(Recorder& recorder, Handle socket, Endpoint listener,
                                    std::vector<PeerConnection>& peers, Random random) {
        for (int count = between(random, 0, 3); count > 0; --count) {
            recorder.record([&]() -> std::optional<model::Observation> {
                peers.push_back(PeerConnection::connect(listener, Clock::now() + patience));
                return model::observation::Peer{connection_from(peers.back().here().port), PeerVerb::connect, socket, 0,
                                                0};
            });
        }
    }

    static void do_as_peers_do(Recorder& recorder, PeerConnection& peer, Random random) {
        const auto did = [&](PeerVerb verb, std::uint32_t bytes, auto act) {
            recorder.record([&]() -> std::optional<model::Observation> {
                act();
                return model::observation::Peer{"peer", verb, model::invalid_handle, bytes, 0};
            });
        };
        for (int count = between(random, 0, 4); count > 0; --count) {
            const auto bytes = between(random, 1U, 100U);
            did(PeerVerb::send, bytes, [&] { peer.send(bytes, Clock::now() + patience); });
        }
        switch (between(random, 0, 3)) {
            case 0:
                did(PeerVerb::shutdown, 0, [&] { peer.shut_down(); });
                break;
            case 1:
                did(PeerVerb::close, 0, [&] { peer.close(); });
                break;
            case 2:
                did(PeerVerb::reset, 0, [&] { peer.reset(); });
                break;
            default:
                break;
        }
    }

    // Takes what is in the window's queue now.
    void pump(Recorder& recorder) {
        for (bool found = true; found;) {
            recorder.record([&]() -> std::optional<model::Observation> {
                asyncselect_MSG message{};
                found = asyncselect_PeekMessageA(&message, nullptr, 0, 0, 1) != 0;
                if (!found || (unseen_ && ++messages_ % 2 == 0)) return std::nullopt;
                auto seen = model::observation::message(window_, message.message, message.wParam,
                                                        static_cast<std::uint32_t>(message.lParam & 0xffff),
                                                        static_cast<std::uint32_t>(message.lParam >> 16));
                seen.thread = "window";
                return seen;
            });
        }
    }

    static void tell(const std::vector<model::Happening>& history, const model::Linearization& verdict) {
        std::ostringstream text;
        for (const auto& happening : history)
            text << happening.thread << " [" << happening.start << ", " << happening.end << "] "
                 << model::show(happening.observation) << '\n';
        text << "the longest order that is allowed, and what is not:\n";
        for (const auto index : verdict.order) text << "  " << model::show(history[index].observation) << '\n';
        if (verdict.violation) {
            text << verdict.violation->clause << ": due: " << verdict.violation->due
                 << "; came: " << verdict.violation->came << '\n';
            for (const auto& state : verdict.violation->states) text << "  " << state << '\n';
        }
        std::puts(text.str().c_str());
    }

    // Who takes part in a round.
    struct Recorders {
        std::atomic<std::uint64_t> stamps{0};
        Recorder here{stamps, "window", 0};
        Recorder caller{stamps, "caller", 1};
        Recorder registrar{stamps, "registrar", 2};
        Recorder others{stamps, "peer", 3};
    };

    // What comes before any socket.
    void begin(Recorder& here) {
        here.record(
            [&]() -> std::optional<model::Observation> { return here.call(Function::startup, model::invalid_handle); });
        here.record([&]() -> std::optional<model::Observation> {
            auto call = here.call(Function::create_window, model::invalid_handle);
            call.created = window_;
            return call;
        });
    }

    static Handle make_socket(Recorder& here) {
        Handle socket = 0;
        here.record([&]() -> std::optional<model::Observation> {
            auto call = here.call(Function::socket, model::invalid_handle);
            socket = call.created = stream();
            return call;
        });
        return socket;
    }

    // Lets the threads act, while this one pumps.
    void run(Recorder& here, const Threads& acts) {
        std::atomic<int> running{static_cast<int>(acts.size())};
        std::vector<std::thread> threads;
        for (const auto& act : acts)
            threads.emplace_back([&running, &act] {
                act();
                --running;
            });
        while (running.load() > 0) pump(here);
        for (auto& thread : threads) thread.join();
    }

    // What the oracle says, when everything has come.
    model::Linearization judge(Recorders& all) {
        for (const auto deadline = Clock::now() + (unseen_ ? Clock::duration{} : patience);;) {
            pump(all.here);
            auto history = all.here.history();
            for (const auto* other : {&all.caller, &all.registrar, &all.others})
                history.insert(history.end(), other->history().begin(), other->history().end());
            history.push_back({model::observation::Quiet{}, all.stamps + 1, all.stamps + 2, 0});
            model::OracleOptions options;
            options.ours = true;
            auto verdict = model::linearize(history, options);
            calls_ += history.size();
            // Where another thread posts, a message can still be on its way.
            if (verdict.accepted() || Clock::now() >= deadline) {
                if (!verdict.accepted()) tell(history, verdict);
                return verdict;
            }
            asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, 10, 0x04ff, 0x0004);
        }
    }

    // One connection, hammered.
    model::Linearization connection_round(Random& random) {
        constexpr std::array<long, 6> masks{fd_read, fd_read | fd_close,    fd_read | fd_write | fd_close,
                                            0x3ff,   fd_write | fd_connect, 0};
        Recorders all;
        auto& here = all.here;
        begin(here);
        const auto socket = make_socket(here);
        PeerListener listener{Endpoint{}, false};
        here.record([&]() -> std::optional<model::Observation> {
            const auto to = loopback(swapped(listener.endpoint().port));
            return finished(here.call(Function::connect, socket),
                            asyncselect_connect(static_cast<asyncselect_SOCKET>(socket), as_address(to), sizeof to));
        });
        auto peer = listener.accept(Clock::now() + patience);
        if (!peer) return {};
        here.record([&]() -> std::optional<model::Observation> {
            return model::observation::Peer{"peer", PeerVerb::established, socket, 0, 0};
        });
        here.record([&]() -> std::optional<model::Observation> {
            return select(here, socket, fd_read | fd_write | fd_close, 1);
        });
        run(here, {[&, seed = random()] { receive(all.caller, socket, Random{seed}); },
                   [&, seed = random()] { register_anew(all.registrar, socket, masks, Random{seed}); },
                   [&, seed = random()] { do_as_peers_do(all.others, *peer, Random{seed}); }});
        // With events wanted at the end nothing can hide.
        here.record([&]() -> std::optional<model::Observation> {
            return select(here, socket, fd_read | fd_write | fd_close, 2);
        });
        EXPECT_TRUE(peer->arrived(Clock::now() + patience));
        auto verdict = judge(all);
        asyncselect_closesocket(static_cast<asyncselect_SOCKET>(socket));
        mailbox_.drain();
        return verdict;
    }

    // One listener, hammered.
    model::Linearization listener_round(Random& random) {
        constexpr std::array<long, 4> masks{fd_accept, fd_accept | fd_write, fd_read | fd_close, 0};
        Recorders all;
        auto& here = all.here;
        begin(here);
        const auto socket = make_socket(here);
        const auto handle = static_cast<asyncselect_SOCKET>(socket);
        here.record([&]() -> std::optional<model::Observation> {
            const auto any = loopback();
            return finished(here.call(Function::bind, socket), asyncselect_bind(handle, as_address(any), sizeof any));
        });
        here.record([&]() -> std::optional<model::Observation> {
            return finished(here.call(Function::listen, socket), asyncselect_listen(handle, 16));
        });
        here.record([&]() -> std::optional<model::Observation> { return select(here, socket, fd_accept, 1); });
        const Endpoint endpoint{false, swapped(address_of(handle).sin_port)};
        std::vector<PeerConnection> peers;
        std::vector<asyncselect_SOCKET> accepted;
        // Some wait already.
        ask_for_connections(all.others, socket, endpoint, peers, Random{random()});
        run(here, {[&, seed = random()] { accept(all.caller, socket, accepted, Random{seed}); },
                   [&, seed = random()] { register_anew(all.registrar, socket, masks, Random{seed}); },
                   [&, seed = random()] { ask_for_connections(all.others, socket, endpoint, peers, Random{seed}); }});
        here.record([&]() -> std::optional<model::Observation> { return select(here, socket, fd_accept, 2); });
        for (const auto& peer : peers) EXPECT_TRUE(peer.arrived(Clock::now() + patience));
        auto verdict = judge(all);
        for (const auto made : accepted) asyncselect_closesocket(made);
        asyncselect_closesocket(handle);
        mailbox_.drain();
        return verdict;
    }

    // Round after round, for as long as is asked.
    template <class Round>
    void hammer(Round round) {
        const auto seed = number_of("ASYNCSELECT_HAMMER_SEED", std::random_device{}());
        const auto end = Clock::now() + std::chrono::seconds{number_of("ASYNCSELECT_HAMMER_SECONDS", 3)};
        Random random{seed};
        int rounds = 0;
        int undecided = 0;
        do {
            const auto verdict = round(random);
            ++rounds;
            const bool too_entangled = verdict.outcome == model::Linearization::Outcome::undecided;
            if (too_entangled) ++undecided;
            ASSERT_TRUE(verdict.accepted() || too_entangled) << "round " << rounds << " of seed " << seed;
        } while (Clock::now() < end);
        RecordProperty("rounds", rounds);
        RecordProperty("calls", std::to_string(calls_));
        std::printf("%d rounds, %zu observations, %d undecided, seed %llu\n", rounds, calls_, undecided,
                    static_cast<unsigned long long>(seed));
        EXPECT_LE(undecided * 100, rounds) << "one in a hundred rounds may be too entangled to judge";
    }

    Winsock winsock_;
    Mailbox mailbox_;
    Handle window_ = reinterpret_cast<Handle>(mailbox_.window());
    std::size_t calls_ = 0;
    const bool unseen_ = std::getenv("ASYNCSELECT_HAMMER_FAULT") != nullptr;
    std::size_t messages_ = 0;
};

TEST_F(Hammering, NothingIsLostAndNothingComesWithoutACause) {
    cite<"AS-ENABLE-1", "AS-LEVEL-1", "AS-READ-2", "AS-REG-1", "AS-CLOSE-3", "AS-CLOSE-5", "AS-CANCEL-1">();
    hammer([this](Random& random) { return connection_round(random); });
}

TEST_F(Hammering, NothingIsLostAndNothingComesWithoutACauseOnAListener) {
    cite<"AS-ENABLE-1", "AS-ENABLE-4", "AS-ACCEPT-2", "AS-ACCEPT-3", "AS-INHERIT-1", "AS-REG-1", "AS-CANCEL-1">();
    hammer([this](Random& random) { return listener_round(random); });
}

}  // namespace
}  // namespace asyncselect::conformance::native
