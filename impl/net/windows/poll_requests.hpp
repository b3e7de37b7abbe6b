// The requests by which sockets are watched. AFD tells of what holds, once for each request; those above want to be
// told of what comes, once each time, as epoll's edges are. So three things are asked for each socket:
//
//   arriving   data, a connection request, the peer's FIN, a reset. Asked anew by who has just received or accepted
//              (`look_again`): what is there then is told once more, and what comes is told.
//   room       to send, or the outcome of a connect. Asked anew by who connects, or finds no room.
//   urgent     an urgent byte, if somebody wants to know. Not of every socket: the more are asked about, the longer
//              each receive and send takes Wine's server, as it seems. Asked anew by a receive; and where data is left
//              unread for a while it asks for a reset too, of which nobody would be told otherwise. Not at once:
//              Wine's server is busy all the time with a request for a reset of a socket that has data.
//
// Requests are made by the thread that waits, each for all sockets of which the same is to be asked at that time, up to
// a limit: a request costs nearly as much for thirty sockets as for one. It completes once something holds for one of
// them, and the others are asked for again. So that many come together, who receives wakes that thread only when all
// that it has told is taken, or it looks by itself a moment later: a program that has more to receive has no use for
// news.
//
// Under Wine a thread that waits for an event has streams received from ahead instead, a few kilobytes each: who
// receives is given what is kept (Receiving), and the system is asked only where that is nothing. A poll request and a
// receive cost more there than a message of Wine's own WSAAsyncSelect and a receive; one receive costs less. While such
// a receive is under way the system gives nothing to another one, so the order is kept. An urgent byte would be passed
// over; so sockets of which somebody wants to know of those, or waits otherwise, are polled.
//
// What is under way when it is wanted anew may have completed without anybody knowing, for a reason that the caller has
// just taken away: so it is asked once more when it has (`again`). What is told needlessly does no harm, since who is
// told asks what holds now; unless the report is known to be younger than all that was received (`unchanged_since`).
// Knows sockets and AFD; must not know who waits for what.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "impl/net/poller.hpp"
#include "impl/net/transport.hpp"

namespace asyncselect::net::poll_requests {

enum class What : std::uint8_t { arriving, room, urgent };

// Has the poller be told of the socket, by this token. False: the system refuses.
[[nodiscard]] bool begin(Poller& poller, Descriptor descriptor, std::uint64_t token) noexcept;
// Ends that. What is under way is not told any more.
void end(const Poller& poller, Descriptor descriptor) noexcept;

// Has this told anew. Nothing for a socket that nobody watches. Any thread.
void look_again(Descriptor descriptor, What what) noexcept;

// Has urgent bytes told of as well.
void ask_for_urgent(Descriptor descriptor) noexcept;

// Has the conditions of a socket asked for anew, because an option has changed what they mean.
void ask_anew(Descriptor descriptor, What what) noexcept;

// Whether nothing was received or accepted since the report with this number was asked for, so that what it says holds
// still: by a call that has returned, or that will. 0 is the number of reports of which that cannot be said.
[[nodiscard]] bool unchanged_since(Descriptor descriptor, std::uint64_t number) noexcept;

// Receives nothing ahead from the socket any more, as long as it is watched.
void poll_only(Descriptor descriptor) noexcept;

// How many bytes were received ahead, and whether these are all that a receive would return.
[[nodiscard]] std::size_t received_ahead(Descriptor descriptor, bool& all) noexcept;

// The socket is about to be closed: forgets what was received ahead. Whether there was something.
[[nodiscard]] bool closes(Descriptor descriptor) noexcept;

// While it lives, nobody else receives from the socket. Of two threads that do so at once Wine tells one that there is
// nothing, though there is more than the other takes.
class Receiving {
  public:
    explicit Receiving(Descriptor descriptor) noexcept;
    ~Receiving();
    Receiving(const Receiving&) = delete;
    Receiving& operator=(const Receiving&) = delete;

    // Takes what was received ahead. would_block: there is nothing. in_progress: nor is there anything in the system
    // that could be received before what is under way. `all`: it is not worth asking the system for more.
    [[nodiscard]] Result take(std::span<const Buffer> buffers, bool peek, bool& all) noexcept;

  private:
    void* watch_;  // null: nobody has ever watched a socket of this number
};

// The requests of one poller. All but `wanted` is for the thread that waits.
class Requests {
  public:
    explicit Requests(void* afd) noexcept;
    ~Requests();
    Requests(const Requests&) = delete;
    Requests& operator=(const Requests&) = delete;

    [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }

    // Makes what is wanted, and what is due by time. Returns in how many milliseconds the next is; -1: none.
    [[nodiscard]] int attend() noexcept;

    // Whether more is to be made since then, because something has completed that told nothing.
    [[nodiscard]] bool wants_more() noexcept;

    // A request has completed, as the port says by the pointer.
    void completed(void* request) noexcept;

    // Has what is made from now on complete by this event; nullptr: by the port. Whether that is a change.
    [[nodiscard]] bool complete_by(void* event) noexcept;

    // What has completed by the event: it says that something has, not what.
    void collect() noexcept;
    void cancel_by_event() noexcept;
    // What is still to come by it never will: it is asked for anew. Its memory is left to the system.
    void forget_by_event() noexcept;

    // Whether there are requests that have not completed yet, and will by the one or by the other.
    [[nodiscard]] bool some_by_event() const noexcept;
    [[nodiscard]] bool some_by_port() const noexcept;

    // News that concern no socket, to be told by this token.
    void tell(std::uint64_t token) noexcept;

    // Nothing has completed for as long as `attend` said.
    void time_is_over() noexcept;

    // What is to be told: takes as much as there is room for.
    [[nodiscard]] std::size_t take(std::span<Readiness> out) noexcept;
    [[nodiscard]] bool has_news() const noexcept;

    // Whether some are under way, which write to memory when they complete.
    [[nodiscard]] bool under_way() const noexcept;

    class State;
    [[nodiscard]] State& state() noexcept { return *state_; }

  private:
    std::unique_ptr<State> state_;
};

}  // namespace asyncselect::net::poll_requests
