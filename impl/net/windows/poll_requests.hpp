// The requests by which a socket is watched. AFD tells of what holds, once for each request; those above want to be
// told of what comes, once each time, as epoll's edges are. So there are three requests for a socket:
//
//   arriving   data, a connection request, the peer's FIN, a reset. Made anew by who has just received or accepted
//              (`look_again`): what is there then is told once more, and what comes is told.
//   room       to send, or the outcome of a connect. Made anew by who connects, or finds no room.
//   urgent     an urgent byte. Made anew by a receive; and where data is left unread for a while it asks for a reset
//   too,
//              of which nobody would be told otherwise. Not at once: Wine's server is busy all the time with a
//              request for a reset of a socket that has data.
//
// A request that is under way when it is wanted anew may have completed without anybody knowing, for a reason that the
// caller has just taken away: so it is made once more when it has (`again`). What is told needlessly does no harm,
// since who is told asks what holds now. Knows sockets and AFD; must not know who waits for what.
#pragma once

#include <cstdint>

#include "impl/net/poller.hpp"
#include "impl/net/transport.hpp"

namespace asyncselect::net::poll_requests {

enum class What : std::uint8_t { arriving, room, urgent };

// Has the poller be told of the socket, by this token. False: the system refuses.
[[nodiscard]] bool begin(const Poller& poller, Descriptor descriptor, std::uint64_t token) noexcept;
// Ends that. What is under way is not told any more.
void end(const Poller& poller, Descriptor descriptor) noexcept;

// Has this told anew. Nothing for a socket that nobody watches. Any thread.
void look_again(Descriptor descriptor, What what) noexcept;

// Has the conditions of a socket asked for anew, because an option has changed what they mean.
void ask_anew(Descriptor descriptor, What what) noexcept;

// While it lives, nobody else receives from the socket. Of two threads that do so at once Wine tells one that there is
// nothing, though there is more than the other takes.
class Receiving {
  public:
    explicit Receiving(Descriptor descriptor) noexcept;
    ~Receiving();
    Receiving(const Receiving&) = delete;
    Receiving& operator=(const Receiving&) = delete;

  private:
    void* lock_;  // null: nobody has ever watched a socket of this number
};

// What is due by time: requests for a reset where data was left unread. Returns in how many milliseconds the next one
// is; -1: none. For the thread that waits.
[[nodiscard]] int attend() noexcept;

// A request has completed, as the port says by the pointer. Whether there is something to tell.
[[nodiscard]] bool completed(void* request, Readiness& told) noexcept;

}  // namespace asyncselect::net::poll_requests
