// Poller, bell and the library's own threads over the simulated network: what poller.hpp, bell.hpp and background.hpp
// declare. Their numbers of descriptors are the simulated network's numbers of those who wait.
//
// A thread of the library's own and the one that plays have turns: there is never more than one at work. A thread of
// the library's own has its turn when the player gives it (turns.hpp), and gives it back when it would wait.
#include <thread>

#include "impl/net/background.hpp"
#include "impl/net/bell.hpp"
#include "impl/net/poller.hpp"
#include "impl/net/simulated/turn.hpp"
#include "impl/net/simulated/turns.hpp"
#include "impl/net/simulated/world.hpp"

namespace asyncselect::net {

using simulated::World;

namespace {

// There is one such thread, the harvester. It is kept for the next time: to make one takes longer than to play a
// script.
struct Turns {
    simulated::Turn background;
    simulated::Turn player;
    std::thread kept;
    void (*body)() noexcept = nullptr;
    int waits_at = -1;  // the poller
};

Turns& turns() {
    static Turns& all = *new Turns;
    return all;
}

// Whether it has a body to run. Beside the rest, as it is asked for with every look at a queue.
constinit bool body_runs = false;

thread_local bool is_background = false;

void give_turn() {
    turns().background.release_nearby();
    turns().player.acquire();
}

void give_back() {
    turns().player.release();
    turns().background.acquire();
}

}  // namespace

Poller::Poller() noexcept : epoll_{World::get().add_poller()}, wake_{0} {}
Poller::~Poller() { World::get().remove_poller(epoll_); }

int Poller::add(int descriptor, std::uint64_t token) noexcept {
    constexpr int out_of_memory = 12;
    return World::get().watch(epoll_, descriptor, token) ? 0 : out_of_memory;
}

void Poller::remove(int descriptor) noexcept { World::get().unwatch(epoll_, descriptor); }

std::size_t Poller::wait(std::span<Readiness> out, int milliseconds) noexcept {
    World& world = World::get();
    if (is_background) {
        turns().waits_at = epoll_;
        while (!world.anything_for(epoll_)) give_back();
        turns().waits_at = -1;
        milliseconds = 0;
    } else if (simulated::players.waits != nullptr) {
        simulated::players.waits(epoll_, milliseconds < 0);
    }
    constexpr std::size_t most = 64;
    std::array<simulated::Report, most> reports;
    const auto count = world.wait(epoll_, reports.data(), std::min(out.size(), most), milliseconds);
    for (std::size_t index = 0; index < count; ++index) out[index] = {reports[index].token, reports[index].events};
    return count;
}

void Poller::wake() noexcept {
    if (simulated::players.wakes != nullptr) simulated::players.wakes();
    World::get().wake(epoll_);
}

// Nothing rings for a foreign loop here: there is none.
Bell::Bell(const Poller&) noexcept : all_{-1}, bell_{-1}, clock_{-1}, valid_{bell_ >= 0 && clock_ >= 0} {}
Bell::~Bell() = default;
bool Bell::add(int) const noexcept { return false; }
void Bell::ring() noexcept {}
void Bell::silence() noexcept {}
void Bell::ring_at(std::uint64_t) noexcept {}

bool Background::start(void (*body)() noexcept) noexcept {
    body_runs = true;
    turns().body = body;
    thread_ = std::move(turns().kept);
    if (!thread_.joinable()) {
        thread_ = std::thread{[] {
            is_background = true;
            for (;;) {
                turns().background.acquire();
                turns().body();
                body_runs = false;
                turns().player.release();
            }
        }};
    }
    give_turn();
    return true;
}

void Background::join() noexcept {
    while (body_runs) give_turn();
    if (thread_.joinable()) turns().kept = std::move(thread_);
}

}  // namespace asyncselect::net

namespace simulated {

bool let_background_work() {
    if (!asyncselect::net::body_runs) return false;
    auto& turns = asyncselect::net::turns();
    bool worked = false;
    while (asyncselect::net::body_runs && turns.waits_at >= 0 && World::get().anything_for(turns.waits_at)) {
        asyncselect::net::give_turn();
        worked = true;
    }
    return worked;
}

}  // namespace simulated
