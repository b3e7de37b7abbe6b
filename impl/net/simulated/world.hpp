// A network in memory: sockets, connections, datagrams and those who wait for them, as Linux has them, in virtual time.
// One thread at a time; the same seed and the same calls give the same, always. No system calls, no threads, no real
// time. Contents are not carried: a stream is counts and marks, a datagram is a length.
//
// What is sent is under way until `deliver` moves it. Without disorder that is at once, as on the loopback interface;
// with disorder a seed chooses how much arrives when, at every call. It must not know the library: both of its builds
// and the tests see this header, so its namespace stands beside theirs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace simulated {

// The SDK's numbers of errors, as far as the network gives any.
namespace error {
inline constexpr std::uint16_t none = 0;
inline constexpr std::uint16_t fault = 10014;
inline constexpr std::uint16_t invalid = 10022;
inline constexpr std::uint16_t too_many_files = 10024;
inline constexpr std::uint16_t would_block = 10035;
inline constexpr std::uint16_t already = 10037;
inline constexpr std::uint16_t not_socket = 10038;
inline constexpr std::uint16_t message_size = 10040;
inline constexpr std::uint16_t operation_not_supported = 10045;
inline constexpr std::uint16_t address_in_use = 10048;
inline constexpr std::uint16_t net_unreachable = 10051;
inline constexpr std::uint16_t connection_reset = 10054;
inline constexpr std::uint16_t no_buffers = 10055;
inline constexpr std::uint16_t is_connected = 10056;
inline constexpr std::uint16_t not_connected = 10057;
inline constexpr std::uint16_t timed_out = 10060;
inline constexpr std::uint16_t connection_refused = 10061;
}  // namespace error

// A count or a descriptor, or the error that says why there is none.
struct Outcome {
    std::int64_t value = 0;
    std::uint16_t error = error::none;

    [[nodiscard]] bool ok() const { return error == error::none; }
};

// Readiness, in epoll's bits.
inline constexpr std::uint32_t in = 1;
inline constexpr std::uint32_t urgent = 2;
inline constexpr std::uint32_t out = 4;
inline constexpr std::uint32_t broken = 8;
inline constexpr std::uint32_t hung_up = 16;
inline constexpr std::uint32_t end = 0x2000;

using Number = std::array<std::uint8_t, 16>;  // of a host; four bytes of IPv4

struct Name {
    bool ipv6 = false;
    std::uint16_t port = 0;
    Number host{};

    [[nodiscard]] bool any_host() const { return host == Number{}; }
};

// Not initialized: there are many in a row for those who wait, and most of them are never filled.
struct Report {
    std::uint64_t token;
    std::uint32_t events;
};

// How the network departs from what it does at its best. All of it is chosen by the seed.
struct Disorder {
    std::uint64_t seed = 0;
    // Arrivals are late, in pieces, and come in the middle of calls; readiness comes late, twice and in any order.
    bool arrivals = false;
    // Of a thousand calls of a kind so many fail as the system can: no memory, no descriptors, short sends.
    unsigned failures = 0;
    // Of a thousand datagrams so many are lost, and so many overtake the one before. Of those that a peer sends, who
    // plays the peer decides.
    unsigned lost = 0;
    unsigned overtaking = 0;
    // Of a thousand changes so many are told to nobody who waits: no network does that. For tests of those who judge.
    unsigned untold = 0;
};

// A route, or a local address with the length of its prefix.
struct Way {
    Name to;
    std::uint8_t length = 0;  // bits
    std::uint32_t interface = 0;

    friend bool operator==(const Way& one, const Way& other) {
        return one.to.ipv6 == other.to.ipv6 && one.to.host == other.to.host && one.length == other.length &&
               one.interface == other.interface;
    }
};

struct WayChange {
    Way way;
    bool address = false;  // or a route
    bool added = false;
};

class World {
  public:
    // The one that the library is built over.
    static World& get() {
        // Not destroyed: the library may use its sockets while the process ends.
        static World& world = *new World;
        return world;
    }

    World();

    // Everything as it was in the beginning, but for those who wait and have not gone.
    void reset(const Disorder& disorder);

    // ---- sockets; descriptors count from 3

    // How many there can be at once: 20,000, unless this says otherwise.
    void allow_descriptors(std::size_t most) { descriptor_limit_ = most; }
    [[nodiscard]] Outcome open(bool ipv6, bool stream);
    void close(int descriptor);
    void abort(int descriptor);  // so that the peer sees a reset
    [[nodiscard]] Outcome bind(int descriptor, Name at);
    [[nodiscard]] Outcome listen(int descriptor, int backlog);
    [[nodiscard]] Outcome accept(int descriptor, Name& peer);
    [[nodiscard]] Outcome connect(int descriptor, const Name& to);
    [[nodiscard]] Outcome disconnect(int descriptor);
    // `wild`: the memory is not there.
    [[nodiscard]] Outcome send(int descriptor, std::size_t bytes, bool urgent, bool wild);
    // `urgent_at`: set to the place of the urgent byte in what was received, if it is among it.
    [[nodiscard]] Outcome receive(int descriptor, std::size_t bytes, bool urgent, bool peek, bool wild,
                                  std::optional<std::size_t>& urgent_at);
    [[nodiscard]] Outcome send_to(int descriptor, std::size_t bytes, const Name* to, bool wild);
    [[nodiscard]] Outcome receive_from(int descriptor, std::size_t bytes, bool peek, bool wild, Name& from);
    [[nodiscard]] Outcome shut_down(int descriptor, int how);
    [[nodiscard]] Outcome bytes_available(int descriptor);
    [[nodiscard]] Outcome at_mark(int descriptor);
    [[nodiscard]] Outcome bytes_before_mark(int descriptor);
    [[nodiscard]] std::uint16_t take_error(int descriptor);
    // What ICMP has said of datagrams: whether anything, and what a receive is to tell.
    [[nodiscard]] std::pair<bool, std::uint16_t> take_reports(int descriptor);
    [[nodiscard]] std::uint32_t readiness(int descriptor);
    [[nodiscard]] Outcome local(int descriptor, Name& out);
    [[nodiscard]] Outcome peer(int descriptor, Name& out);
    [[nodiscard]] Outcome join(int descriptor, const Name& group);

    void set_inline(int descriptor, bool on);
    void set_buffer(int descriptor, bool sending, int bytes);
    void set_abortive(int descriptor, bool on);  // closing resets
    [[nodiscard]] std::int64_t& option(int descriptor, int level, int name);
    [[nodiscard]] bool ipv6(int descriptor);
    [[nodiscard]] bool stream(int descriptor);
    [[nodiscard]] bool listening(int descriptor);

    // ---- those who wait

    [[nodiscard]] int add_poller();
    void remove_poller(int poller);
    [[nodiscard]] bool watch(int poller, int descriptor, std::uint64_t token);
    void unwatch(int poller, int descriptor);
    // Fills `reports`; returns how many. Waits at most so long in virtual time, -1: until something is there or nothing
    // can come any more: then `quiescent` tells.
    std::size_t wait(int poller, Report* reports, std::size_t room, int milliseconds);
    void wake(int poller);
    [[nodiscard]] bool anything_for(int poller) const;
    // Whether everything that has changed was told to those who wait.
    [[nodiscard]] bool told() const;

    // ---- time, and what is under way

    [[nodiscard]] std::uint64_t milliseconds() const { return now_; }
    // A wait without end found nothing under way: how often.
    [[nodiscard]] std::uint64_t quiescent() const { return quiescent_; }
    void pass(std::uint64_t milliseconds) { now_ += milliseconds; }
    // Delivers something, if anything is under way. Whether it was.
    bool deliver();
    void deliver_all();
    // Everything that is under way to and from this socket. Whether there was anything.
    bool deliver_all_of(int descriptor);
    // How many calls of the library there have been.
    [[nodiscard]] std::uint64_t calls() const { return calls_; }
    // Peers do not meet failures.
    class ByPeer {
      public:
        explicit ByPeer(World& world) : world_(world), before_(std::exchange(world.by_peer_, true)) {}
        ~ByPeer() { world_.by_peer_ = before_; }
        ByPeer(const ByPeer&) = delete;
        ByPeer& operator=(const ByPeer&) = delete;

      private:
        World& world_;
        bool before_;
    };

    // A number below `bound`, from the seed.
    [[nodiscard]] std::uint32_t choose(std::uint32_t bound);
    [[nodiscard]] const Disorder& disorder() const { return disorder_; }

    // ---- the network as a whole

    void fail(bool failed);
    [[nodiscard]] bool failed() const { return failed_; }
    // Routes and local addresses; what is told of their changes since the last time it was taken, by one who takes it.
    void change(const WayChange& change);
    [[nodiscard]] std::vector<WayChange> take_changes() { return std::exchange(untold_, {}); }
    [[nodiscard]] const std::vector<Way>& routes() const { return routes_; }
    [[nodiscard]] const std::vector<Way>& addresses() const { return addresses_; }
    // Is ready when there are changes to be taken.
    [[nodiscard]] int changes_descriptor();
    // A listener that hears no requests, so that a connect stays under way, until it is told otherwise.
    void stall(int descriptor, bool on);

  private:
    static constexpr int first_descriptor = 3;

    enum class State : std::uint8_t { idle, listening, connecting, connected, over };

    struct Watcher {
        int poller;
        std::uint64_t token;
        bool queued;
    };

    struct Datagram {
        std::uint32_t bytes;
        Name from;
    };

    // One direction of a connection, kept by who receives it. Positions count from the connection's beginning.
    struct Flow {
        std::uint64_t written = 0;    // by the sender
        std::uint64_t arrived = 0;    // here
        std::uint64_t read = 0;       // by the application here
        std::uint64_t mark = 0;       // position of the urgent byte here; of no meaning without `urgent`
        std::uint64_t sent_mark = 0;  // of the last urgent byte that was written
        bool urgent = false;          // one is known here
        bool fetched = false;         // and was read out of band
        bool mark_under_way = false;
        bool fin = false;  // written
        bool fin_arrived = false;
    };

    // What begins anew with each socket, and what is kept for its successor, empty, because it has memory of its own.
    struct Life {
        bool held = false;  // by a descriptor, or by the line of a listener
        bool used = false;
        bool is_stream = true;
        bool is_ipv6 = false;
        bool oob_inline = false;
        bool abortive = false;
        bool receive_shut = false;
        bool send_shut = false;
        bool stalled = false;
        bool no_space = false;   // somebody waits for room
        bool in_motion = false;  // stands in the line of what is under way
        bool bound = false;
        bool asking = false;  // its request is under way
        bool reset_under_way = false;
        bool reported = false;  // an ICMP report waits
        State state = State::idle;
        std::uint16_t error = 0;
        int other = -1;  // the other end
        int backlog = 0;
        std::uint32_t send_buffer = 0;
        std::uint32_t receive_buffer = 0;
        Name own;
        Name peer;
        Flow flow;
        std::uint64_t datagram_bytes = 0;
    };
    struct Socket : Life {
        std::deque<int> requests;  // of a listener
        std::deque<Datagram> datagrams;
        std::deque<Datagram> datagrams_under_way;
        std::vector<Watcher> watchers;
        std::vector<Name> groups;
        std::vector<std::pair<std::uint64_t, std::int64_t>> options;
    };

    struct Waiter {
        bool used = false;
        bool woken = false;
        std::deque<int> ready;
    };

    // Defined here, as it is asked for with nearly everything.
    [[nodiscard]] Socket* find(int descriptor) {
        const auto index = static_cast<std::size_t>(descriptor - first_descriptor);
        if (descriptor < first_descriptor || index >= sockets_.size()) return nullptr;
        Socket& socket = *sockets_[index];
        return socket.used ? &socket : nullptr;
    }
    [[nodiscard]] std::uint32_t readiness_of(Socket& socket);
    [[nodiscard]] bool readable(const Socket& socket) const;
    [[nodiscard]] std::uint64_t room(const Socket& socket) const;
    [[nodiscard]] bool writable(Socket& socket);
    [[nodiscard]] std::uint16_t failure(std::uint16_t error);
    [[nodiscard]] std::uint16_t taken_error(Socket& socket);
    void touch(int descriptor);  // something has changed: those who watch it are to look
    // Something is under way to this socket: it arrives at once, or when the seed says.
    void set_in_motion(int descriptor);
    bool move(int descriptor);
    bool move_request(int descriptor);
    bool move_datagram(Socket& socket, int descriptor);
    bool move_stream(Socket& socket, int descriptor);
    void send_reset(int to);
    void reset_arrives(int descriptor);
    void free_if_over(int descriptor);
    void free(int descriptor);
    void leave(int descriptor, bool with_reset);
    [[nodiscard]] int listener_at(const Name& at) const;
    [[nodiscard]] int datagrams_at(const Name& at) const;
    [[nodiscard]] bool port_used(std::uint16_t port, bool stream, bool ipv6) const;
    [[nodiscard]] std::uint16_t free_port(bool stream, bool ipv6);
    void name(Socket& socket);
    void ask_again();
    void in_the_middle();

    std::size_t descriptor_limit_ = 20'000;
    std::vector<std::unique_ptr<Socket>> sockets_;
    std::vector<int> unused_;
    std::vector<int> in_motion_;
    std::vector<Waiter> waiters_;
    std::vector<Way> routes_;
    std::vector<Way> addresses_;
    std::vector<WayChange> untold_;
    int changes_descriptor_ = -1;
    Disorder disorder_;
    std::uint64_t random_ = 0;
    std::uint64_t now_ = 1000;
    std::uint64_t quiescent_ = 0;
    std::uint64_t calls_ = 0;
    std::uint16_t next_port_ = 32768;
    bool by_peer_ = false;
    bool failed_ = false;
};

}  // namespace simulated
