// What is watched is found by the socket's handle, a small multiple of four. A request lives until it has completed,
// whoever has forgotten it meanwhile.
#include "impl/net/windows/poll_requests.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <new>

#include "impl/net/windows/afd.hpp"

namespace asyncselect::net::poll_requests {

namespace {

namespace condition = afd::condition;

constexpr std::size_t kinds = 3;
constexpr std::array<std::uint32_t, kinds> asked_for{condition::receive | condition::accept | condition::disconnect,
                                                     condition::send | condition::connect | condition::connect_fail,
                                                     condition::receive_expedited | condition::abort};

struct Watch;

enum class State : std::uint8_t { idle, under_way, again };

// The status comes first: a completion names it by its address, as it names an OVERLAPPED.
struct Operation {
    IO_STATUS_BLOCK status{};
    afd::Request request{};
    Watch* watch = nullptr;
    What what = What::arriving;
    // With the watch's lock.
    State state = State::idle;
    bool forgotten = false;
    std::uint32_t told = 0;  // of `seldom`: not asked for until it is wanted again
};

class Lock {
  public:
    explicit Lock(SRWLOCK& lock) noexcept : lock_{lock} { ::AcquireSRWLockExclusive(&lock_); }
    ~Lock() { ::ReleaseSRWLockExclusive(&lock_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    SRWLOCK& lock_;
};

struct Watch {
    SRWLOCK lock = SRWLOCK_INIT;
    SRWLOCK receiving = SRWLOCK_INIT;
    std::atomic<bool> watched{false};
    HANDLE afd = nullptr;
    SOCKET socket = INVALID_SOCKET;  // as AFD knows it
    std::uint64_t token = 0;
    std::array<std::unique_ptr<Operation>, kinds> operations;
};

// Never destroyed: requests complete until the process ends.
class Table {
  public:
    // nullptr: none of this number was ever watched and `make` is not wanted, or there is no memory.
    Watch* find(Descriptor descriptor, bool make) noexcept {
        const auto index = static_cast<std::uint32_t>(descriptor) >> 2U;
        if (index >= chunks_.size() * in_chunk) return nullptr;
        auto& place = chunks_[index / in_chunk];
        auto* chunk = place.load(std::memory_order_acquire);
        if (chunk == nullptr && make) {
            auto* made = new (std::nothrow) Chunk;
            if (made == nullptr) return nullptr;
            if (place.compare_exchange_strong(chunk, made)) {
                chunk = made;
            } else {
                delete made;
            }
        }
        return chunk == nullptr ? nullptr : &(*chunk)[index % in_chunk];
    }

  private:
    static constexpr std::size_t in_chunk = 1024;
    using Chunk = std::array<Watch, in_chunk>;
    std::array<std::atomic<Chunk*>, 4096> chunks_{};
};

Table& table() noexcept {
    static constinit Table the_table;
    return the_table;
}

// With the lock. False: the system refuses.
bool make_request(Operation& operation) noexcept {
    const auto& watch = *operation.watch;
    const auto wanted = asked_for[static_cast<std::size_t>(operation.what)] & ~operation.told;
    operation.request = {{}, 1, 0, {{reinterpret_cast<HANDLE>(watch.socket), wanted, 0}}};
    operation.request.timeout.QuadPart = afd::without_end;
    operation.state = State::under_way;
    const auto made = afd::poll(watch.afd, nullptr, &operation, operation.status, &operation.request,
                                &operation.request, sizeof operation.request);
    // What completes at once goes through the port as well.
    const bool accepted = made >= 0;
    if (!accepted) operation.state = State::idle;
    return accepted;
}

// With the lock.
void cancel(const Operation& operation) noexcept {
    ::CancelIoEx(operation.watch->afd, reinterpret_cast<OVERLAPPED*>(const_cast<IO_STATUS_BLOCK*>(&operation.status)));
}

// With the lock.
void forget_all(Watch& watch) noexcept {
    watch.watched = false;
    for (auto& operation : watch.operations) {
        if (operation == nullptr || operation->state == State::idle) {
            operation.reset();
            continue;
        }
        operation->forgotten = true;
        cancel(*operation);
        // Whoever takes the completion deletes it.
        static_cast<void>(operation.release());
    }
}

SOCKET base_of(SOCKET socket) noexcept {
    constexpr DWORD base_handle = 0x48000022;  // SIO_BASE_HANDLE
    SOCKET base = INVALID_SOCKET;
    DWORD returned = 0;
    const bool told = ::WSAIoctl(socket, base_handle, nullptr, 0, &base, sizeof base, &returned, nullptr, nullptr) == 0;
    return told ? base : socket;
}

}  // namespace

bool begin(const Poller& poller, Descriptor descriptor, std::uint64_t token) noexcept {
    auto* watch = table().find(descriptor, true);
    if (watch == nullptr) return false;
    const Lock lock{watch->lock};
    forget_all(*watch);
    watch->afd = poller.afd();
    watch->socket = base_of(static_cast<SOCKET>(descriptor));
    watch->token = token;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        auto operation = std::unique_ptr<Operation>(new (std::nothrow) Operation);
        if (operation != nullptr) {
            operation->watch = watch;
            operation->what = static_cast<What>(kind);
        }
        if (operation == nullptr || !make_request(*operation)) {
            forget_all(*watch);
            return false;
        }
        watch->operations[kind] = std::move(operation);
    }
    watch->watched = true;
    return true;
}

void end(const Poller& poller, Descriptor descriptor) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr) return;
    const Lock lock{watch->lock};
    if (watch->afd == poller.afd()) forget_all(*watch);
}

void look_again(Descriptor descriptor, What what) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr || !watch->watched.load()) return;
    const Lock lock{watch->lock};
    if (!watch->watched.load()) return;
    auto& operation = *watch->operations[static_cast<std::size_t>(what)];
    if (what == What::seldom) {
        // Under way without what was told.
        if ((operation.told & condition::receive_expedited) == 0) return;
        operation.told &= ~condition::receive_expedited;
        if (operation.state == State::under_way) {
            operation.state = State::again;
            cancel(operation);
            return;
        }
    }
    if (operation.state == State::idle) {
        static_cast<void>(make_request(operation));
    } else {
        operation.state = State::again;
    }
}

void ask_anew(Descriptor descriptor, What what) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr || !watch->watched.load()) return;
    const Lock lock{watch->lock};
    if (!watch->watched.load()) return;
    auto& operation = *watch->operations[static_cast<std::size_t>(what)];
    if (operation.state == State::idle) return;
    operation.state = State::again;
    cancel(operation);
}

Receiving::Receiving(Descriptor descriptor) noexcept : lock_{nullptr} {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr) return;
    lock_ = &watch->receiving;
    ::AcquireSRWLockExclusive(&watch->receiving);
}

Receiving::~Receiving() {
    if (lock_ != nullptr) ::ReleaseSRWLockExclusive(static_cast<SRWLOCK*>(lock_));
}

bool completed(void* request, Readiness& told) noexcept {
    auto* operation = static_cast<Operation*>(request);
    auto& watch = *operation->watch;
    const Lock lock{watch.lock};
    if (operation->forgotten) {
        delete operation;
        return false;
    }
    const bool wanted_again = operation->state == State::again;
    const bool answered = operation->status.Status == 0 && operation->request.sockets != 0;
    const std::uint32_t holds = answered ? operation->request.asked[0].conditions : 0;
    operation->state = State::idle;
    if ((holds & condition::local_close) != 0) return false;
    if (operation->what == What::seldom) {
        operation->told |= holds & (condition::abort | condition::receive_expedited);
        // After a reset nothing comes any more.
        if ((holds & condition::abort) == 0) static_cast<void>(make_request(*operation));
    } else if (wanted_again) {
        static_cast<void>(make_request(*operation));
    }
    told = {watch.token, holds};
    return holds != 0;
}

}  // namespace asyncselect::net::poll_requests
