// What is watched is found by the socket's handle, a small multiple of four. A request lives until it has completed,
// whoever has forgotten its sockets meanwhile.
#include "impl/net/windows/poll_requests.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "impl/net/memory.hpp"
#include "impl/net/windows/afd.hpp"

namespace asyncselect::net::poll_requests {

namespace {

namespace condition = afd::condition;

constexpr std::size_t kinds = 3;
constexpr std::array<std::uint32_t, kinds> asked_for{
    condition::receive | condition::accept | condition::disconnect | condition::abort,
    condition::send | condition::connect | condition::connect_fail, condition::receive_expedited};

// What an arriving report may say that holds until somebody receives or accepts.
constexpr std::uint32_t lasting = condition::receive | condition::accept;

// What one receive takes ahead. Who asks for more is given what is left in the system as well.
constexpr std::size_t at_a_time = 4096;

// More sockets in one request save little, and those for which nothing holds are asked for again each time.
constexpr std::size_t in_request = 32;

class Lock {
  public:
    explicit Lock(SRWLOCK& lock) noexcept : lock_{lock} { ::AcquireSRWLockExclusive(&lock_); }
    ~Lock() { ::ReleaseSRWLockExclusive(&lock_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    SRWLOCK& lock_;
};

struct Request;

using Room = std::array<std::byte, at_a_time>;

// What was received ahead, and not taken yet.
struct Kept {
    std::unique_ptr<Room> room;
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
    // Then the system may have more.
    [[nodiscard]] bool was_full() const noexcept { return end == at_a_time; }
};

enum class Progress : std::uint8_t { idle, wanted, under_way, again };

// One of the three things that are asked of a socket. With the watch's lock.
struct Asking {
    Progress progress = Progress::idle;
    Request* request = nullptr;  // while it is under way
};

struct Watch {
    SRWLOCK lock = SRWLOCK_INIT;
    SRWLOCK receiving = SRWLOCK_INIT;
    std::atomic<bool> watched{false};
    std::atomic<std::uint64_t> turn{1};  // counts what is received and accepted
    // With the lock.
    Poller* poller = nullptr;
    SOCKET socket = INVALID_SOCKET;  // as AFD knows it
    std::uint64_t token = 0;
    std::uint64_t registration = 0;
    std::array<Asking, kinds> asking;
    bool connected_stream = false;  // once it was found to be one
    bool only_polled = false;       // not received from ahead any more
    Request* ahead = nullptr;       // a receive that is under way, for this registration or for one before
    Kept kept;
    bool urgent_wanted = false;
    bool urgent_told = false;  // not asked for until it is wanted again
    bool asks_reset = false;   // with what is urgent

    Asking& of(What what) noexcept { return asking[static_cast<std::size_t>(what)]; }
};

// A socket in a request, as it was when that was made.
struct Member {
    Watch* watch;
    std::uint64_t registration;
    std::uint64_t turn;
    SOCKET socket;
};

// The layout that AFD wants, for several sockets.
struct Message {
    LARGE_INTEGER timeout;
    ULONG sockets;
    ULONG exclusive;
    std::array<afd::Asked, in_request> asked;

    [[nodiscard]] ULONG size() const noexcept {
        return static_cast<ULONG>(offsetof(Message, asked) + sockets * sizeof(afd::Asked));
    }
};

constexpr ULONG_PTR unknown = ~ULONG_PTR{0};  // how much was received

struct Request {
    IO_STATUS_BLOCK status{};  // begins an OVERLAPPED too, of which the rest follows
    std::array<std::byte, sizeof(OVERLAPPED) - sizeof(IO_STATUS_BLOCK)> rest_of_overlapped{};
    HANDLE handle = nullptr;  // AFD, or the socket that is received from ahead
    bool receives = false;
    std::unique_ptr<Room> room;  // that it receives into, until it is known what came
    DWORD thread = 0;            // that has made it
    DWORD flags = 0;             // Wine writes them when it has ended
    Message message{};
    What what = What::arriving;
    std::array<Member, in_request> members{};
    std::atomic<bool> unwanted{false};
    Request* next = nullptr;  // of those that complete by the event

    // Whether it has ended, as another thread may see it: how much it has received may be written behind the status.
    [[nodiscard]] bool told() const noexcept {
        const volatile ULONG_PTR& bytes = status.Information;
        return !pending() && (status.Status != 0 || bytes != unknown);
    }
    [[nodiscard]] std::size_t received() const noexcept { return status.Status == 0 ? status.Information : 0; }

    // The system writes it at any time.
    [[nodiscard]] bool pending() const noexcept {
        const volatile NTSTATUS& now = status.Status;
        const bool still = now == afd::pending;
        std::atomic_thread_fence(std::memory_order_acquire);
        return still;
    }
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

// What is wanted of one poller, and by what it is told that something is.
class Wanted {
  public:
    struct One {
        Watch* watch;
        std::uint64_t registration;
    };
    using List = std::vector<One>;

    // One socket more, and memory for it, so that nothing fails later. Throws bad_alloc.
    void begin_socket() {
        const Lock lock{lock_};
        for (auto& list : all_) list.reserve(list.size() + sockets_ + 1);
        ++sockets_;
    }
    void end_socket() noexcept {
        const Lock lock{lock_};
        --sockets_;
    }

    // Whether the thread that waits is to be woken.
    bool add(const One& one, What what) noexcept {
        const Lock lock{lock_};
        all_[static_cast<std::size_t>(what)].push_back(one);
        if (what == What::arriving) {
            last_received_ = ::GetTickCount64();
            if (told_ > 0) --told_;
        }
        if (woken_ || (what == What::arriving && told_ > 0)) return false;
        woken_ = true;
        return true;
    }

    // The same by the thread that waits: it will look.
    void add_here(const One& one, What what) noexcept {
        const Lock lock{lock_};
        all_[static_cast<std::size_t>(what)].push_back(one);
        left_ = true;
    }

    // Whether the thread that waits has wanted anything since it last asked.
    [[nodiscard]] bool left() noexcept {
        const Lock lock{lock_};
        return std::exchange(left_, false);
    }

    // Until the next call.
    [[nodiscard]] List& take(What what) noexcept {
        const Lock lock{lock_};
        auto& taken = taken_[static_cast<std::size_t>(what)];
        taken.clear();
        woken_ = false;
        try {
            // Each socket once, and those that are wanted anew while these are made.
            taken.reserve(2 * (sockets_ + 1));
            taken.swap(all_[static_cast<std::size_t>(what)]);
        } catch (const std::bad_alloc&) {
            // They wait for the next look.
        }
        return taken;
    }

    // Of arriving things: who is told receives, and so wants to be told again.
    void tells(unsigned more) noexcept {
        const Lock lock{lock_};
        told_ += more;
    }
    [[nodiscard]] bool expects_more() noexcept {
        const Lock lock{lock_};
        return told_ > 0;
    }
    void expects_no_more() noexcept {
        const Lock lock{lock_};
        told_ = 0;
    }
    [[nodiscard]] ULONGLONG last_received() noexcept {
        const Lock lock{lock_};
        return last_received_;
    }

  private:
    SRWLOCK lock_ = SRWLOCK_INIT;
    std::array<List, kinds> all_;
    std::array<List, kinds> taken_;
    std::size_t sockets_ = 0;
    ULONGLONG last_received_ = 0;
    unsigned told_ = 0;
    bool woken_ = false;
    bool left_ = false;
};

// Where data was told of, until it is left unread for a while. A program that receives all the time leaves nothing
// unread but what it has not come to yet.
class Unread {
  public:
    struct One {
        Watch* watch;
        std::uint64_t registration;
        std::uint64_t turn;
        ULONGLONG since;
    };
    void add(const One& one) noexcept {
        try {
            all_.push_back(one);
        } catch (const std::bad_alloc&) {
            // A reset is told when the data is read.
        }
    }
    // The oldest, if it is due; else in how many milliseconds it is, -1: there is none.
    bool take(ULONGLONG last_received, One& one, int& milliseconds) noexcept {
        milliseconds = -1;
        if (all_.empty()) return false;
        const auto now = ::GetTickCount64();
        one = all_.front();
        const auto due = std::min(std::max(one.since, last_received) + a_while, one.since + at_most);
        if (due > now) {
            milliseconds = static_cast<int>(due - now);
            return false;
        }
        all_.pop_front();
        return true;
    }

  private:
    static constexpr ULONGLONG a_while = 20;
    static constexpr ULONGLONG at_most = 400;
    std::deque<One> all_;
};

// With the watch's lock.
void cancel(const Asking& asking) noexcept {
    // For a request that is being made at this moment.
    asking.request->unwanted = true;
    ::CancelIoEx(asking.request->handle, reinterpret_cast<OVERLAPPED*>(&asking.request->status));
}

// What a receive ahead has come to is for the socket's readers from the moment that it has ended, whoever sees it
// first. With the watch's lock.
void settle(Watch& watch) noexcept {
    auto* request = watch.ahead;
    if (request == nullptr || request->room == nullptr || !request->told()) return;
    auto room = std::exchange(request->room, nullptr);
    if (request->received() != 0) watch.kept = {std::move(room), 0, request->received()};
}

// With the watch's lock.
void poll_only(Watch& watch) noexcept {
    watch.only_polled = true;
    auto& arriving = watch.of(What::arriving);
    if (arriving.progress != Progress::under_way || !arriving.request->receives) return;
    arriving.progress = Progress::again;
    cancel(arriving);
}

// On Windows itself nothing is received ahead: there a poll request costs what others do.
bool is_wine() noexcept {
    static const bool found = ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr;
    return found;
}

bool is_connected_stream(SOCKET socket) noexcept {
    int type = 0;
    int length = sizeof type;
    if (::getsockopt(socket, SOL_SOCKET, SO_TYPE, reinterpret_cast<char*>(&type), &length) != 0 || type != SOCK_STREAM)
        return false;
    sockaddr_storage peer{};
    length = sizeof peer;
    return ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &length) == 0;
}

SOCKET base_of(SOCKET socket) noexcept {
    constexpr DWORD base_handle = 0x48000022;  // SIO_BASE_HANDLE
    SOCKET base = INVALID_SOCKET;
    DWORD returned = 0;
    const bool told = ::WSAIoctl(socket, base_handle, nullptr, 0, &base, sizeof base, &returned, nullptr, nullptr) == 0;
    return told ? base : socket;
}

}  // namespace

class Requests::State {
  public:
    explicit State(HANDLE afd) noexcept : afd_{afd} {}

    Wanted wanted;

    int attend() noexcept {
        static_cast<void>(wanted.left());
        for (const auto what : {What::arriving, What::room, What::urgent}) make(what);
        int milliseconds = -1;
        for (Unread::One one{}; unread_.take(wanted.last_received(), one, milliseconds);) ask_for_reset(one);
        // Something that was made has completed at once, with nothing to tell; or a reset is to be asked for.
        if (wanted.left()) return 0;
        constexpr int a_moment = 2;
        if (wanted.expects_more() && (milliseconds < 0 || milliseconds > a_moment)) return a_moment;
        return milliseconds;
    }

    void cancel_by_event() noexcept {
        for (auto* request = first_; request != nullptr; request = request->next)
            ::CancelIoEx(request->handle, reinterpret_cast<OVERLAPPED*>(&request->status));
    }

    [[nodiscard]] bool complete_by(HANDLE event) noexcept { return std::exchange(event_, event) != event; }

    void collect() noexcept {
        for (auto** place = &first_; *place != nullptr;) {
            auto* request = *place;
            if (request->pending()) {
                place = &request->next;
                continue;
            }
            *place = request->next;
            --by_event_;
            completed(request);
        }
    }

    void forget_by_event() noexcept {
        collect();
        for (; first_ != nullptr; first_ = first_->next) {
            --by_event_;
            --under_way_;
            if (first_->receives) forget_ahead(*first_);
            for (const auto& member : first_->members)
                if (member.watch != nullptr) tell(*first_, member, 0);
        }
    }

    [[nodiscard]] bool some_by_event() const noexcept { return by_event_ != 0; }
    [[nodiscard]] bool some_by_port() const noexcept { return under_way_ != by_event_; }

    void completed(Request* request) noexcept {
        --under_way_;
        const std::unique_ptr<Request> own{request};
        const bool answered = request->status.Status == 0;
        const auto answers = std::span{request->message.asked}.first(answered ? request->message.sockets : 0);
        if (request->receives) return received(*request);
        for (auto& member : request->members) {
            if (member.watch == nullptr) break;
            const auto same = [&member](const afd::Asked& one) {
                return reinterpret_cast<SOCKET>(one.socket) == member.socket;
            };
            const auto found = std::ranges::find_if(answers, same);
            tell(*request, member, found == answers.end() ? 0 : found->conditions);
        }
    }

    void tell(std::uint64_t token) noexcept {
        try {
            told_.push_back({token, 0, 0});
        } catch (const std::bad_alloc&) {
            // Seen when somebody asks.
        }
    }

    std::size_t take(std::span<Readiness> out) noexcept {
        const auto count = std::min(out.size(), told_.size());
        std::copy_n(told_.begin(), count, out.begin());
        told_.erase(told_.begin(), told_.begin() + static_cast<std::ptrdiff_t>(count));
        return count;
    }

    [[nodiscard]] bool has_news() const noexcept { return !told_.empty(); }
    [[nodiscard]] bool under_way() const noexcept { return under_way_ != 0; }

  private:
    // Conditions to ask for; 0: none. With the watch's lock.
    static std::uint32_t conditions(const Watch& watch, What what) noexcept {
        if (what != What::urgent) return asked_for[static_cast<std::size_t>(what)];
        const bool asks_urgent = watch.urgent_wanted && !watch.urgent_told;
        return (asks_urgent ? condition::receive_expedited : 0) | (watch.asks_reset ? condition::abort : 0);
    }

    // All that is wanted of this kind.
    void make(What what) noexcept {
        auto& list = wanted.take(what);
        if (what == What::arriving && event_ != nullptr && is_wine())
            std::erase_if(list, [this](const auto& one) { return receive_ahead(one); });
        for (std::size_t next = 0; next < list.size();) {
            auto* request = new (std::nothrow) Request;
            if (request == nullptr) {
                // Tried again with the next wait.
                for (; next < list.size(); ++next) wanted.add_here(list[next], what);
                return;
            }
            request->what = what;
            for (; next < list.size() && request->message.sockets < in_request; ++next) join(*request, list[next]);
            make(request);
        }
    }

    // By the event. False: it is to be polled.
    bool receive_ahead(const Wanted::One& one) noexcept {
        auto& watch = *one.watch;
        // Until the system has the receive: a socket that is closed meanwhile could be another one.
        const Lock lock{watch.lock};
        if (!is_wanted(one, What::arriving) || !may_receive_ahead(watch)) return false;
        // What comes later must not be received by another thread meanwhile.
        if (::TryAcquireSRWLockExclusive(&watch.receiving) == 0) return false;
        const bool made = receive_ahead(watch);
        ::ReleaseSRWLockExclusive(&watch.receiving);
        return made;
    }

    // With both locks.
    bool receive_ahead(Watch& watch) noexcept {
        auto* request = new (std::nothrow) Request;
        if (request == nullptr) return false;
        request->room.reset(new (std::nothrow) Room);
        if (request->room == nullptr) {
            delete request;
            return false;
        }
        auto& overlapped = *reinterpret_cast<OVERLAPPED*>(&request->status);
        overlapped.hEvent = event_;
        request->status.Status = afd::pending;
        request->status.Information = unknown;
        request->handle = reinterpret_cast<HANDLE>(watch.socket);
        WSABUF room{static_cast<ULONG>(request->room->size()), reinterpret_cast<char*>(request->room->data())};
        if (::WSARecv(watch.socket, &room, 1, nullptr, &request->flags, &overlapped, nullptr) != 0 &&
            ::WSAGetLastError() != WSA_IO_PENDING) {
            delete request;
            watch.only_polled = true;
            return false;
        }
        request->receives = true;
        request->thread = ::GetCurrentThreadId();
        request->members[0] = {&watch, watch.registration, watch.turn.load(), watch.socket};
        watch.of(What::arriving) = {Progress::under_way, request};
        watch.ahead = request;
        ++under_way_;
        keep(request);
        return true;
    }

    // With the watch's lock, as what follows.
    static bool is_wanted(const Wanted::One& one, What what) noexcept {
        return one.watch->registration == one.registration && one.watch->of(what).progress == Progress::wanted;
    }

    static bool may_receive_ahead(Watch& watch) noexcept {
        settle(watch);
        // What is urgent would be passed over.
        if (watch.only_polled || watch.urgent_wanted || watch.ahead != nullptr || watch.kept.size() != 0) return false;
        if (!watch.connected_stream) watch.connected_stream = is_connected_stream(watch.socket);
        return watch.connected_stream;
    }

    void received(const Request& request) noexcept {
        const auto& member = request.members[0];
        auto& watch = *member.watch;
        const Lock lock{watch.lock};
        if (watch.ahead != &request) return;
        settle(watch);
        watch.ahead = nullptr;
        if (watch.registration == member.registration) {
            auto& asking = watch.of(What::arriving);
            const bool by_itself = asking.request == &request && asking.progress == Progress::under_way;
            const auto holds = request.received() != 0
                                   ? condition::receive
                                   : afd::holding(watch.socket, asked_for[static_cast<std::size_t>(What::arriving)]);
            if (holds == 0 && by_itself) watch.only_polled = true;
            tell_of(request, member, holds);
        } else if (watch.watched.load() && watch.kept.size() != 0) {
            look_anew(watch);
        }
    }

    // It will never complete.
    static void forget_ahead(const Request& request) noexcept {
        auto& watch = *request.members[0].watch;
        const Lock lock{watch.lock};
        if (watch.ahead == &request) watch.ahead = nullptr;
    }

    // Nobody but the readers knows of what is kept: whoever polls would wait for more.
    void look_anew(Watch& watch) noexcept {
        auto& asking = watch.of(What::arriving);
        if (asking.progress == Progress::idle) {
            asking.progress = Progress::wanted;
            wanted.add_here({&watch, watch.registration}, What::arriving);
        } else if (asking.progress == Progress::under_way) {
            asking.progress = Progress::again;
            cancel(asking);
        }
    }

    void tell_of_kept(Watch& watch) noexcept {
        auto& asking = watch.of(What::arriving);
        asking = {};
        try {
            told_.push_back({watch.token, condition::receive, watch.turn.load()});
        } catch (const std::bad_alloc&) {
            asking.progress = Progress::wanted;
            wanted.add_here({&watch, watch.registration}, What::arriving);
            return;
        }
        wanted.tells(1);
        unread_.add({&watch, watch.registration, watch.turn.load(), ::GetTickCount64()});
    }

    void keep(Request* request) noexcept {
        request->next = std::exchange(first_, request);
        ++by_event_;
        if (request->unwanted) ::CancelIoEx(request->handle, reinterpret_cast<OVERLAPPED*>(&request->status));
    }

    void join(Request& request, const Wanted::One& one) noexcept {
        auto& watch = *one.watch;
        const Lock lock{watch.lock};
        if (!is_wanted(one, request.what)) return;
        if (request.what == What::arriving) settle(watch);
        if (request.what == What::arriving && watch.kept.size() != 0) return tell_of_kept(watch);
        auto& asking = watch.of(request.what);
        const auto asked = conditions(watch, request.what);
        asking.progress = asked == 0 ? Progress::idle : Progress::under_way;
        if (asked == 0) return;
        asking.request = &request;
        const auto index = request.message.sockets++;
        request.message.asked[index] = {reinterpret_cast<HANDLE>(watch.socket), asked, 0};
        request.members[index] = {&watch, watch.registration, watch.turn.load(), watch.socket};
    }

    void make(Request* request) noexcept {
        auto& message = request->message;
        if (message.sockets == 0) {
            delete request;
            return;
        }
        request->handle = afd_;
        message.timeout.QuadPart = afd::without_end;
        const auto size = message.size();
        ++under_way_;
        // Without a context nothing goes to the port.
        const bool by_event = event_ != nullptr;
        const auto made =
            afd::poll(afd_, event_, by_event ? nullptr : request, request->status, &message, &message, size);
        if (made < 0) return refused(request, made);
        if (by_event) return keep(request);
        // What completes at once is told of in the same way.
        if (request->unwanted) ::CancelIoEx(afd_, reinterpret_cast<OVERLAPPED*>(&request->status));
    }

    // One of several sockets can have been closed meanwhile, and the others are to be asked for.
    void refused(Request* request, NTSTATUS why) noexcept {
        request->status.Status = why;
        if (request->members[1].watch == nullptr) {
            forget(*request, request->members[0]);
            --under_way_;
            delete request;
            return;
        }
        for (auto& member : request->members) {
            if (member.watch == nullptr) break;
            auto* single = new (std::nothrow) Request;
            if (single == nullptr) break;
            single->what = request->what;
            {
                const Lock lock{member.watch->lock};
                auto& asking = member.watch->of(request->what);
                if (asking.request == request) asking = {Progress::wanted, nullptr};
            }
            join(*single, {member.watch, member.registration});
            make(single);
        }
        completed(request);
    }

    static void forget(const Request& request, const Member& member) noexcept {
        const Lock lock{member.watch->lock};
        auto& asking = member.watch->of(request.what);
        if (asking.request == &request) asking = {};
    }

    // What a request has come to for one socket.
    void tell(const Request& request, const Member& member, std::uint32_t holds) noexcept {
        const Lock lock{member.watch->lock};
        tell_of(request, member, holds);
    }

    void tell_of(const Request& request, const Member& member, std::uint32_t holds) noexcept {
        auto& watch = *member.watch;
        auto& asking = watch.of(request.what);
        if (watch.registration != member.registration || asking.request != &request) return;
        const bool wanted_again = asking.progress == Progress::again;
        asking = {};
        if ((holds & condition::local_close) != 0) return;
        const auto once_more = [&] {
            asking.progress = Progress::wanted;
            wanted.add_here({&watch, watch.registration}, request.what);
        };
        if (holds == 0) return once_more();
        std::uint64_t turn = 0;
        switch (request.what) {
            case What::urgent:
                if ((holds & condition::receive_expedited) != 0) watch.urgent_told = true;
                // After a reset nothing comes any more.
                if ((holds & condition::abort) == 0) once_more();
                break;
            case What::arriving:
                if (wanted_again) {
                    once_more();
                    break;
                }
                wanted.tells(1);
                if ((holds & ~lasting) == 0) turn = member.turn;
                if (holds == condition::receive)
                    unread_.add({&watch, watch.registration, watch.turn.load(), ::GetTickCount64()});
                break;
            case What::room:
                if (wanted_again) once_more();
                break;
        }
        try {
            told_.push_back({watch.token, holds, turn});
        } catch (const std::bad_alloc&) {
            // Asked for once more, where it still holds.
            if (asking.progress == Progress::idle) once_more();
        }
    }

    void ask_for_reset(const Unread::One& one) noexcept {
        auto& watch = *one.watch;
        const Lock lock{watch.lock};
        if (watch.registration != one.registration || watch.turn.load() != one.turn) return;
        auto& asking = watch.of(What::urgent);
        watch.asks_reset = true;
        if (asking.progress == Progress::under_way) {
            asking.progress = Progress::again;
            cancel(asking);
        } else if (asking.progress == Progress::idle) {
            asking.progress = Progress::wanted;
            wanted.add_here({&watch, watch.registration}, What::urgent);
        }
    }

    HANDLE afd_;
    HANDLE event_ = nullptr;  // by which what is made completes; nullptr: by the port
    Request* first_ = nullptr;
    std::size_t by_event_ = 0;
    std::size_t under_way_ = 0;
    std::deque<Readiness> told_;
    Unread unread_;
};

namespace {

// With the lock.
void want(Watch& watch, What what) noexcept {
    watch.of(what).progress = Progress::wanted;
    auto& wanted = watch.poller->requests().state().wanted;
    if (wanted.add({&watch, watch.registration}, what)) watch.poller->wake();
}

// With the lock.
void forget_all(Watch& watch) noexcept {
    ++watch.registration;
    ++watch.turn;
    if (watch.watched.exchange(false)) watch.poller->requests().state().wanted.end_socket();
    for (auto& asking : watch.asking) {
        if (asking.request != nullptr) cancel(asking);
        asking = {};
    }
    watch.connected_stream = false;
    watch.only_polled = false;
    watch.urgent_wanted = false;
    watch.urgent_told = false;
    watch.asks_reset = false;
}

}  // namespace

Requests::Requests(void* afd) noexcept : state_{new (std::nothrow) State{afd}} {}
Requests::~Requests() = default;
int Requests::attend() noexcept { return state_->attend(); }
bool Requests::wants_more() noexcept { return state_->wanted.left(); }
void Requests::completed(void* request) noexcept { state_->completed(static_cast<Request*>(request)); }
bool Requests::complete_by(void* event) noexcept { return state_->complete_by(event); }
void Requests::cancel_by_event() noexcept { state_->cancel_by_event(); }
void Requests::collect() noexcept { state_->collect(); }
void Requests::forget_by_event() noexcept { state_->forget_by_event(); }
bool Requests::some_by_event() const noexcept { return state_->some_by_event(); }
bool Requests::some_by_port() const noexcept { return state_->some_by_port(); }
void Requests::tell(std::uint64_t token) noexcept { state_->tell(token); }
void Requests::time_is_over() noexcept { state_->wanted.expects_no_more(); }
bool Requests::has_news() const noexcept { return state_->has_news(); }
std::size_t Requests::take(std::span<Readiness> out) noexcept { return state_->take(out); }
bool Requests::under_way() const noexcept { return state_->under_way(); }

bool begin(Poller& poller, Descriptor descriptor, std::uint64_t token) noexcept {
    auto* watch = table().find(descriptor, true);
    if (watch == nullptr) return false;
    const Lock lock{watch->lock};
    forget_all(*watch);
    try {
        poller.requests().state().wanted.begin_socket();
    } catch (const std::bad_alloc&) {
        return false;
    }
    watch->poller = &poller;
    watch->socket = base_of(static_cast<SOCKET>(descriptor));
    watch->token = token;
    watch->watched = true;
    for (const auto what : {What::arriving, What::room}) want(*watch, what);
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
    auto& asking = watch->of(what);
    if (what == What::arriving) ++watch->turn;
    if (what == What::urgent) {
        // As it is, unless there is something to change.
        if (!watch->urgent_told && !watch->asks_reset) return;
        watch->urgent_told = false;
        watch->asks_reset = false;
        if (asking.progress == Progress::under_way) {
            asking.progress = Progress::again;
            cancel(asking);
            return;
        }
    }
    if (asking.progress == Progress::idle) {
        want(*watch, what);
    } else if (asking.progress == Progress::under_way) {
        asking.progress = Progress::again;
    }
}

void ask_for_urgent(Descriptor descriptor) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr || !watch->watched.load()) return;
    const Lock lock{watch->lock};
    if (std::exchange(watch->urgent_wanted, true)) return;
    poll_only(*watch);
    auto& asking = watch->of(What::urgent);
    if (asking.progress == Progress::idle) {
        want(*watch, What::urgent);
    } else if (asking.progress == Progress::under_way) {
        asking.progress = Progress::again;
        cancel(asking);
    }
}

void ask_anew(Descriptor descriptor, What what) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr || !watch->watched.load()) return;
    const Lock lock{watch->lock};
    auto& asking = watch->of(what);
    if (asking.progress != Progress::under_way) return;
    asking.progress = Progress::again;
    cancel(asking);
}

bool unchanged_since(Descriptor descriptor, std::uint64_t number) noexcept {
    if (number == 0) return false;
    const auto* watch = table().find(descriptor, false);
    return watch != nullptr && watch->turn.load() == number;
}

void poll_only(Descriptor descriptor) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr) return;
    const Lock lock{watch->lock};
    poll_only(*watch);
}

std::size_t received_ahead(Descriptor descriptor, bool& all) noexcept {
    all = false;
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr) return 0;
    const Lock lock{watch->lock};
    settle(*watch);
    all = watch->kept.size() != 0 && !watch->kept.was_full();
    return watch->kept.size();
}

bool closes(Descriptor descriptor) noexcept {
    auto* watch = table().find(descriptor, false);
    if (watch == nullptr) return false;
    const Lock lock{watch->lock};
    settle(*watch);
    const bool unread = watch->kept.size() != 0;
    watch->kept = {};
    if (auto* request = std::exchange(watch->ahead, nullptr)) {
        if (auto& arriving = watch->of(What::arriving); arriving.request == request) arriving = {};
        ::CancelIoEx(request->handle, reinterpret_cast<OVERLAPPED*>(&request->status));
    }
    return unread;
}

Receiving::Receiving(Descriptor descriptor) noexcept : watch_{table().find(descriptor, false)} {
    if (watch_ != nullptr) ::AcquireSRWLockExclusive(&static_cast<Watch*>(watch_)->receiving);
}

Receiving::~Receiving() {
    if (watch_ != nullptr) ::ReleaseSRWLockExclusive(&static_cast<Watch*>(watch_)->receiving);
}

Result Receiving::take(std::span<const Buffer> buffers, bool peek, bool& all) noexcept {
    all = true;
    if (watch_ == nullptr) return {-1, core::error::would_block};
    auto& watch = *static_cast<Watch*>(watch_);
    const Lock lock{watch.lock};
    settle(watch);
    // Two threads that receive are not told apart by what comes by itself.
    if (watch.ahead != nullptr && watch.ahead->thread != ::GetCurrentThreadId()) watch.only_polled = true;
    auto& kept = watch.kept;
    if (kept.size() == 0) {
        const bool under_way = watch.ahead != nullptr && watch.ahead->room != nullptr;
        return {-1, under_way ? core::error::in_progress : core::error::would_block};
    }
    all = !kept.was_full();
    std::size_t taken = 0;
    for (const auto& buffer : buffers) {
        const auto size = std::min(buffer.length, kept.size() - taken);
        if (!can_be_written(buffer.base, size)) return {-1, core::error::fault};
        std::copy_n(kept.room->data() + kept.begin + taken, size, static_cast<std::byte*>(buffer.base));
        taken += size;
    }
    if (!peek) kept.begin += taken;
    if (kept.size() == 0) kept = {};
    return {static_cast<std::int64_t>(taken)};
}

}  // namespace asyncselect::net::poll_requests
