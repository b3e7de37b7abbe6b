// Two threads hammer one socket: one receives, the other registers it anew again and again, while the window's thread
// pumps and the peer sends, closes and resets. Every call is recorded with the moments of its start and its return,
// and the oracle judges each round: nothing lost, nothing without a cause.
// ASYNCSELECT_HAMMER_SECONDS says for how long (3 unless it is set), ASYNCSELECT_HAMMER_SEED where the chance begins.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <sstream>
#include <thread>

#include "conformance/native/mailbox.hpp"
#include "conformance/peer.hpp"
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

// What one thread did, in its order; the stamps of all threads are of one clock.
class Recorder {
  public:
    Recorder(std::atomic<std::uint64_t>& stamps, std::string name, std::uint32_t thread)
        : stamps_{stamps}, name_{std::move(name)}, thread_{thread} {}

    // Runs `act`, which returns the observation that it made, if any.
    template <class Act>
    void record(Act act) {
        const auto start = ++stamps_;
        std::optional<model::Observation> seen = act();
        const auto end = ++stamps_;
        if (seen) history_.push_back({*std::move(seen), start, end, thread_});
    }

    [[nodiscard]] Call call(Function function, Handle socket) const {
        Call made;
        made.thread = name_;
        made.function = function;
        made.socket = socket;
        return made;
    }

    [[nodiscard]] const std::vector<model::Happening>& history() const { return history_; }

  private:
    std::atomic<std::uint64_t>& stamps_;
    std::string name_;
    std::uint32_t thread_;
    std::vector<model::Happening> history_;
};

Call finished(Call call, std::int64_t result) {
    call.result = result;
    call.error = result < 0 ? asyncselect_WSAGetLastError() : 0;
    return call;
}

class Hammering : public testing::Test {
  protected:
    using Random = std::mt19937_64;

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

    void register_anew(Recorder& recorder, Handle socket, Random random) {
        constexpr std::array<long, 6> masks{fd_read, fd_read | fd_close,    fd_read | fd_write | fd_close,
                                            0x3ff,   fd_write | fd_connect, 0};
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
                if (!found) return std::nullopt;
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

    // One connection, hammered. What the oracle says of it, when everything has come.
    model::Linearization round(Random& random) {
        std::atomic<std::uint64_t> stamps{0};
        Recorder here{stamps, "window", 0};
        Recorder receiver{stamps, "receiver", 1};
        Recorder registrar{stamps, "registrar", 2};
        Recorder others{stamps, "peer", 3};

        here.record(
            [&]() -> std::optional<model::Observation> { return here.call(Function::startup, model::invalid_handle); });
        here.record([&]() -> std::optional<model::Observation> {
            auto call = here.call(Function::create_window, model::invalid_handle);
            call.created = window_;
            return call;
        });
        Handle socket = 0;
        here.record([&]() -> std::optional<model::Observation> {
            auto call = here.call(Function::socket, model::invalid_handle);
            socket = call.created = stream();
            return call;
        });
        PeerListener listener{false, false};
        here.record([&]() -> std::optional<model::Observation> {
            const auto port = listener.endpoint().port;
            const auto to = loopback(static_cast<std::uint16_t>(port << 8U | port >> 8U));
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

        std::atomic<int> running{3};
        const auto run = [&running](auto act) {
            return std::thread{[&running, act] {
                act();
                --running;
            }};
        };
        std::array threads{run([&, seed = random()] { receive(receiver, socket, Random{seed}); }),
                           run([&, seed = random()] { register_anew(registrar, socket, Random{seed}); }),
                           run([&, seed = random()] { do_as_peers_do(others, *peer, Random{seed}); })};
        while (running.load() > 0) pump(here);
        for (auto& thread : threads) thread.join();

        // With events wanted at the end nothing can hide.
        here.record([&]() -> std::optional<model::Observation> {
            return select(here, socket, fd_read | fd_write | fd_close, 2);
        });
        EXPECT_TRUE(peer->arrived(Clock::now() + patience));
        model::Linearization verdict;
        for (const auto deadline = Clock::now() + patience;;) {
            pump(here);
            auto history = here.history();
            for (const auto* other : {&receiver, &registrar, &others})
                history.insert(history.end(), other->history().begin(), other->history().end());
            history.push_back({model::observation::Quiet{}, stamps + 1, stamps + 2, 0});
            model::OracleOptions options;
            options.ours = true;
            verdict = model::linearize(history, options);
            calls_ += history.size();
            // Where another thread posts, a message can still be on its way.
            if (verdict.accepted() || Clock::now() >= deadline) {
                if (!verdict.accepted()) tell(history, verdict);
                break;
            }
            asyncselect_MsgWaitForMultipleObjectsEx(0, nullptr, 10, 0x04ff, 0x0004);
        }
        asyncselect_closesocket(static_cast<asyncselect_SOCKET>(socket));
        mailbox_.drain();
        return verdict;
    }

    Winsock winsock_;
    Mailbox mailbox_;
    Handle window_ = reinterpret_cast<Handle>(mailbox_.window());
    std::size_t calls_ = 0;
};

TEST_F(Hammering, NothingIsLostAndNothingComesWithoutACause) {
    cite<"AS-ENABLE-1", "AS-LEVEL-1", "AS-READ-2", "AS-REG-1", "AS-CLOSE-3", "AS-CLOSE-5", "AS-CANCEL-1">();
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

}  // namespace
}  // namespace asyncselect::conformance::native
