// What is watched is found by the socket's handle, a small multiple of four. A request lives until it has completed,
// whoever has forgotten it meanwhile.
#include "impl/net/windows/poll_requests.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <new>
#include <vector>

#include "impl/net/windows/afd.hpp"

namespace asyncselect::net::poll_requests {

namespace {

namespace condition = afd::condition;

constexpr std::size_t kinds = 3;
constexpr std::array<std::uint32_t, kinds> asked_for{
    condition::receive | condition::accept | condition::disconnect | condition::abort,
    condition::send | condition::connect | condition::connect_fail, condition::receive_expedited};

struct Watch;

enum class State : std::uint8_t { idle, wanted, under_way, again };

// The status comes first: a completion names it by its address, as it names an OVERLAPPED.
struct Operation {
    IO_STATUS_BLOCK status{};
    afd::Request request{};
    Watch* watch = nullptr;
    What what = What::arriving;
    // With the watch's lock.
    State state = State::idle;
    bool forgotten = false;
    bool told = false;   // of `urgent`: not asked for until it is wanted again
    bool reset = false;  // of `urgent`: asks for a reset too
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
    const Poller* poller = nullptr;
    SOCKET socket = INVALID_SOCKET;  // as AFD knows it
    std::uint64_t token = 0;
    std::uint64_t turn = 0;  // counts what is made anew, so that data is known to be left
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
    auto wanted = asked_for[static_cast<std::size_t>(operation.what)];
    if (operation.told) wanted = 0;
    if (operation.reset) wanted |= condition::abort;
    if (wanted == 0) return true;
    operation.request = {{}, 1, 0, {{reinterpret_cast<HANDLE>(watch.socket), wanted, 0}}};
    operation.request.timeout.QuadPart = afd::without_end;
    operation.state = State::under_way;
    const auto made = afd::poll(watch.poller->afd(), nullptr, &operation, operation.status, &operation.request,
                                &operation.request, sizeof operation.request);
    // What completes at once goes through the port as well.
    const bool accepted = made >= 0;
    if (!accepted) operation.state = State::idle;
    return accepted;
}

// Requests are made by the thread that waits, since Wine completes each on the thread that made it: whoever receives
// has other things to do.
class ToMake {
  public:
    // Whether there was nothing to make before.
    bool add(Watch& watch, What what) noexcept {
        const Lock lock{lock_};
        try {
            all_.push_back({&watch, what});
        } catch (const std::bad_alloc&) {
            return false;
        }
        return all_.size() == 1;
    }
    struct One {
        Watch* watch;
        What what;
    };
    void take(std::vector<One>& all) noexcept {
        const Lock lock{lock_};
        all.swap(all_);
    }

  private:
    SRWLOCK lock_ = SRWLOCK_INIT;
    std::vector<One> all_;
};

ToMake& to_make() noexcept {
    static auto& all = *new ToMake;
    return all;
}

// With the lock.
void have_made(Operation& operation) noexcept {
    operation.state = State::wanted;
    if (to_make().add(*operation.watch, operation.what)) const_cast<Poller*>(operation.watch->poller)->wake();
}

// With the lock.
void cancel(const Operation& operation) noexcept {
    ::CancelIoEx(operation.watch->poller->afd(),
                 reinterpret_cast<OVERLAPPED*>(const_cast<IO_STATUS_BLOCK*>(&operation.status)));
}

// Where data was told of, until it is left unread for a while.
class Unread {
  public:
    void add(Watch& watch) noexcept {
        const Lock lock{lock_};
        try {
            all_.push_back({&watch, watch.turn, ::GetTickCount64() + a_while});
        } catch (const std::bad_alloc&) {
            // A reset is told when the data is read.
        }
    }
    struct One {
        Watch* watch;
        std::uint64_t turn;
        ULONGLONG due;
    };
    // The oldest, if it is due; else in how many milliseconds it is, -1: there is none.
    bool take(One& one, int& milliseconds) noexcept {
        const Lock lock{lock_};
        milliseconds = -1;
        if (all_.empty()) return false;
        const auto now = ::GetTickCount64();
        one = all_.front();
        if (one.due > now) {
            milliseconds = static_cast<int>(one.due - now);
            return false;
        }
        all_.pop_front();
        return true;
    }

  private:
    static constexpr ULONGLONG a_while = 20;
    SRWLOCK lock_ = SRWLOCK_INIT;
    std::deque<One> all_;
};

Unread& unread() noexcept {
    static auto& all = *new Unread;  // the process can end while a thread waits
    return all;
}

// With the lock.
void forget_all(Watch& watch) noexcept {
    watch.watched = false;
    ++watch.turn;
    for (auto& operation : watch.operations) {
        if (operation == nullptr || operation->state == State::idle || operation->state == State::wanted) {
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
    watch->poller = &poller;
    watch->socket = base_of(static_cast<SOCKET>(descriptor));
    watch->token = token;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        auto operation = std::unique_ptr<Operation>(new (std::nothrow) Operation);
        if (operation != nullptr) {
            operation->watch = watch;
            operation->what = static_cast<What>(kind);
        }
        if (operation == nullptr) {
            forget_all(*watch);
            return false;
        }
        watch->operations[kind] = std::move(operation);
    }
    watch->watched = true;
    for (const auto& operation : watch->operations) have_made(*operation);
    return true;
}

void end(const Poller& poller, Descriptor descriptor) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr) return;
    const Lock lock{watch->lock};
    if (watch->poller == &poller) forget_all(*watch);
}

void look_again(Descriptor descriptor, What what) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr || !watch->watched.load()) return;
    const Lock lock{watch->lock};
    if (!watch->watched.load()) return;
    auto& operation = *watch->operations[static_cast<std::size_t>(what)];
    if (what == What::arriving) ++watch->turn;
    if (what == What::urgent) {
        // As it is, unless there is something to change.
        if (!operation.told && !operation.reset) return;
        operation.told = false;
        operation.reset = false;
        if (operation.state == State::wanted) return;
        if (operation.state != State::idle) {
            operation.state = State::again;
            cancel(operation);
            return;
        }
    }
    if (operation.state == State::idle) {
        have_made(operation);
    } else if (operation.state == State::under_way) {
        operation.state = State::again;
    }
}

void ask_anew(Descriptor descriptor, What what) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr || !watch->watched.load()) return;
    const Lock lock{watch->lock};
    if (!watch->watched.load()) return;
    auto& operation = *watch->operations[static_cast<std::size_t>(what)];
    if (operation.state != State::under_way) return;
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

int attend() noexcept {
    static thread_local std::vector<ToMake::One> wanted;
    to_make().take(wanted);
    for (const auto& each : wanted) {
        const Lock lock{each.watch->lock};
        if (!each.watch->watched.load()) continue;
        auto& operation = *each.watch->operations[static_cast<std::size_t>(each.what)];
        if (operation.state == State::wanted) static_cast<void>(make_request(operation));
    }
    wanted.clear();
    Unread::One one{};
    int milliseconds = -1;
    while (unread().take(one, milliseconds)) {
        const Lock lock{one.watch->lock};
        if (!one.watch->watched.load() || one.watch->turn != one.turn) continue;
        auto& operation = *one.watch->operations[static_cast<std::size_t>(What::urgent)];
        operation.reset = true;
        if (operation.state == State::idle) {
            static_cast<void>(make_request(operation));
        } else if (operation.state == State::under_way) {
            operation.state = State::again;
            cancel(operation);
        }
    }
    return milliseconds;
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
    if (operation->what == What::urgent) {
        if ((holds & condition::receive_expedited) != 0) operation->told = true;
        // After a reset nothing comes any more.
        if ((holds & condition::abort) == 0) static_cast<void>(make_request(*operation));
    } else if (wanted_again) {
        static_cast<void>(make_request(*operation));
    } else if (operation->what == What::arriving && (holds & ~condition::receive) == 0 && holds != 0) {
        unread().add(watch);
    }
    told = {watch.token, holds};
    return holds != 0;
}

}  // namespace asyncselect::net::poll_requests
