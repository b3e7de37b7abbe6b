// The poller is kept when its thread ends: a registration that comes late must not meet one that is gone.
#include "impl/winsock/harvester.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>

#include "impl/net/background.hpp"
#include "impl/window/immortal.hpp"
#include "impl/window/queue.hpp"
#include "impl/winsock/harvest.hpp"

namespace asyncselect::winsock {

namespace {

std::atomic<Posting> posting_now{Posting::pump};
std::atomic<const net::Poller*> the_poller{nullptr};

struct Harvester {
    std::mutex mutex;  // of who starts and who ends it
    std::optional<net::Poller> poller;
    net::Background thread;
    std::atomic<bool> ending{false};
};

// The process can end while it runs.
Harvester& the_harvester() noexcept {
    static window::Immortal<Harvester> instance;
    return *instance;
}

void run() noexcept {
    auto& self = the_harvester();
    std::array<net::Readiness, 64> reports;
    while (!self.ending.load()) {
        const auto count = window::wait_for_sockets(*self.poller, reports);
        harvest_all(std::span{reports}.first(count));
    }
}

}  // namespace

Posting posting() noexcept { return posting_now.load(std::memory_order_relaxed); }
void set_posting(Posting wanted) noexcept { posting_now.store(wanted, std::memory_order_relaxed); }

net::Poller* harvester() noexcept {
    auto& self = the_harvester();
    const std::scoped_lock lock{self.mutex};
    if (!self.poller || !self.poller->valid()) self.poller.emplace();
    if (!self.poller->valid()) return nullptr;
    the_poller = &*self.poller;
    if (!self.thread.running()) {
        self.ending = false;
        if (!self.thread.start(run)) return nullptr;
    }
    return &*self.poller;
}

bool is_harvester(const net::Poller& poller) noexcept { return the_poller.load() == &poller; }

void end_harvester() noexcept {
    auto& self = the_harvester();
    const std::scoped_lock lock{self.mutex};
    if (!self.thread.running()) return;
    self.ending = true;
    window::end_wait_for_sockets(*self.poller);
    self.thread.join();
}

}  // namespace asyncselect::winsock
