// The faults that tests have asked for, and the transport that carries them out.
#include "conformance/injecting/injecting.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

namespace asyncselect::net {

namespace injection {

namespace {

std::array<std::atomic<core::Error>, function_count> next_failures{};
std::atomic<bool> failed{false};

// Every descriptor that a socket has.
struct OpenDescriptors {
    std::mutex mutex;
    std::set<Descriptor> all;
};
OpenDescriptors& open_descriptors() {
    static OpenDescriptors descriptors;
    return descriptors;
}

core::Error take(Function function) noexcept {
    return next_failures[static_cast<std::size_t>(function)].exchange(core::error::none);
}

void opened(const Result& result) {
    if (!result.ok()) return;
    auto& descriptors = open_descriptors();
    const std::scoped_lock lock{descriptors.mutex};
    descriptors.all.insert(static_cast<Descriptor>(result.value));
}

struct Surroundings {
    std::function<void()> before;
    std::function<void()> after;
};

struct AllSurroundings {
    std::mutex mutex;
    std::array<Surroundings, function_count> next;
};
AllSurroundings& all_surroundings() {
    static AllSurroundings all;
    return all;
}

// What was asked for is done around the call.
template <class Call>
auto surrounded(Function function, Call call) {
    Surroundings now;
    {
        auto& all = all_surroundings();
        const std::scoped_lock lock{all.mutex};
        now = std::exchange(all.next[static_cast<std::size_t>(function)], {});
    }
    if (now.before) now.before();
    const auto result = call();
    if (now.after) now.after();
    return result;
}

template <class Call>
Result unless(Function function, Call call) noexcept {
    if (const auto error = take(function); error != core::error::none) return {-1, error};
    return call();
}

Conditions with_failure(Conditions conditions) noexcept {
    if (subsystem_failed()) conditions.broken = true;
    return conditions;
}

}  // namespace

void fail_next(Function function, core::Error error) noexcept {
    next_failures[static_cast<std::size_t>(function)] = error;
}

void surround_next(Function function, std::function<void()> before, std::function<void()> after) {
    auto& all = all_surroundings();
    const std::scoped_lock lock{all.mutex};
    all.next[static_cast<std::size_t>(function)] = {std::move(before), std::move(after)};
}

bool waiting(Function function) noexcept {
    return next_failures[static_cast<std::size_t>(function)].load() != core::error::none;
}

void fail_subsystem() noexcept {
    failed = true;
    // The kernel's own news of an end makes every poller look; what it finds is told differently from now on.
    auto& descriptors = open_descriptors();
    const std::scoped_lock lock{descriptors.mutex};
    constexpr int both = 2;
    for (const auto descriptor : descriptors.all) static_cast<void>(Linux::shut_down(descriptor, both));
}

void restore() noexcept { failed = false; }

bool subsystem_failed() noexcept { return failed.load(); }

}  // namespace injection

using injection::Function;
using injection::surrounded;
using injection::unless;

Result Injecting::open(int family, int type, int protocol) noexcept {
    const auto result = unless(Function::open, [&] { return Linux::open(family, type, protocol); });
    injection::opened(result);
    return result;
}

void Injecting::close(Descriptor descriptor) noexcept {
    auto& descriptors = injection::open_descriptors();
    const std::scoped_lock lock{descriptors.mutex};
    descriptors.all.erase(descriptor);
    Linux::close(descriptor);
}

Result Injecting::bind(Descriptor descriptor, const Address& to) noexcept {
    return unless(Function::bind, [&] { return Linux::bind(descriptor, to); });
}

Result Injecting::listen(Descriptor descriptor, int backlog) noexcept {
    return unless(Function::listen, [&] { return Linux::listen(descriptor, backlog); });
}

Result Injecting::accept(Descriptor descriptor, Address& peer) noexcept {
    const auto result = unless(Function::accept, [&] { return Linux::accept(descriptor, peer); });
    injection::opened(result);
    return result;
}

Result Injecting::connect(Descriptor descriptor, const Address& to) noexcept {
    return surrounded(Function::connect,
                      [&] { return unless(Function::connect, [&] { return Linux::connect(descriptor, to); }); });
}

Result Injecting::send(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    return unless(Function::send, [&] { return Linux::send(descriptor, buffers, flags); });
}

Result Injecting::receive(Descriptor descriptor, std::span<const Buffer> buffers, int flags) noexcept {
    return surrounded(Function::receive, [&] {
        return unless(Function::receive, [&] { return Linux::receive(descriptor, buffers, flags); });
    });
}

Result Injecting::shut_down(Descriptor descriptor, int how) noexcept {
    return unless(Function::shut_down, [&] { return Linux::shut_down(descriptor, how); });
}

core::Error Injecting::take_error(Descriptor descriptor) noexcept {
    const auto waiting = Linux::take_error(descriptor);
    const auto injected = injection::take(Function::take_error);
    return injected != core::error::none ? injected : waiting;
}

Result Injecting::bytes_available(Descriptor descriptor) noexcept {
    return surrounded(Function::bytes_available, [&] { return Linux::bytes_available(descriptor); });
}

Conditions Injecting::conditions_now(Descriptor descriptor) noexcept {
    return surrounded(Function::conditions_now,
                      [&] { return injection::with_failure(Linux::conditions_now(descriptor)); });
}

Conditions Injecting::conditions(std::uint32_t events) noexcept {
    return injection::with_failure(Linux::conditions(events));
}

}  // namespace asyncselect::net
