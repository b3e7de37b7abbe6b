// One socket with its peer, its host's network and its window's queue, as the model sees them while a script is made:
// which operations make sense next, and which transitions they bring about. Plain values; it must not know any
// provider, nor why a script is made.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "conformance/script.hpp"
#include "model/profile.hpp"
#include "model/socket.hpp"

namespace asyncselect::conformance {

// What the subject of a scene is at its beginning.
enum class Root : std::uint8_t {
    stream,      // a socket
    datagram,    // one without connections
    connection,  // a connected one, which is blocking still
    listener,    // a listening one
    accepted,    // one that is not there yet: its request waits, and the listening socket is registered
};

// What can be done next. Each is one operation or a few that belong together.
enum class Move : std::uint8_t {
    select_event,   // WSAAsyncSelect with the mask of the scene
    select_all,     // with all events
    select_others,  // with none of the mask
    select_none,
    event_select,
    event_select_none,
    receive_part,
    receive_all,
    receive_nothing,
    peek,
    receive_urgent,
    peek_urgent,
    oob_inline_on,
    oob_inline_off,
    receive_reset,  // the peer resets the connection, and receiving is what tells so first
    send,
    send_refused,  // the same, where there is no room although the model knows of none that was taken
    send_reset,    // as receive_reset
    send_in_vain,
    send_too_much,
    fill,
    shut_down_receive,
    shut_down_send,
    shut_down_both,
    bind,
    connect,
    connect_at_once,  // the same, on a provider that knows the outcome at once
    connect_nowhere,
    connect_stalled,
    join,
    accept,
    reject,
    defer,
    change_qos,
    get_qos,
    get_group_qos,
    watch_route,
    watch_addresses,
    close,
    peer_sends,
    peer_sends_urgent,
    peer_sends_datagram,
    peer_shuts_down,
    peer_closes,
    peer_resets,
    peer_receives,
    peer_admits,
    peer_asks,  // for a connection
    route_through_one,
    route_through_other,
    route_to_nothing,
    address_changes,
    subsystem_fails,
    fill_queue,
    make_room,
};
inline constexpr std::size_t move_count = static_cast<std::size_t>(Move::make_room) + 1;

// The names that the operations of a scene bear, and what is chosen once for all of them.
struct Cast {
    std::string socket = "s";
    std::string listener = "l";
    std::string caller = "c";  // with a number behind it: who asks a listening socket for a connection
    std::string window = "w";
    unsigned message = 1;
    bool ipv6 = false;
};

class Scene {
  public:
    // `mask`: the events that the scene is about; those of the listening socket, where there is one. `others`: what is
    // registered instead.
    Scene(Root root, std::uint32_t mask, std::uint32_t others, const model::Profile& profile);

    // From now on the scene is about other events.
    void aim(std::uint32_t mask) { mask_ = mask; }

    // The operations that bring the subject about.
    [[nodiscard]] std::vector<Operation> opening(const Cast& cast) const;

    // Makes the move. False if it makes no sense now, or what comes of it depends on more than the model knows; then
    // the scene is not to be used any more. The rows that fired are in `fired` until the next move.
    bool make(Move move);

    // The operations of the move, which has just been made.
    [[nodiscard]] std::vector<Operation> operations(Move move, const Cast& cast) const;

    // The transitions of the last move, in order.
    [[nodiscard]] const std::vector<const model::Row*>& fired() const { return fired_; }

    [[nodiscard]] const model::Socket& socket() const { return socket_; }
    // The window's queue is full: nothing is retrieved until there is room again.
    [[nodiscard]] bool queue_full() const { return socket_.facts().queue_full; }
    // It is not there yet: nobody has accepted its request.
    [[nodiscard]] bool waiting() const { return waiting_; }
    // Nothing can be done any more.
    [[nodiscard]] bool over() const { return socket_.facts().closed; }

    // Equal for scenes that can go on in the same way.
    [[nodiscard]] std::uint64_t hash() const;

  private:
    enum class Peer : std::uint8_t { none, stalled, there, shut, gone };

    bool tell(const model::Stimulus& stimulus);
    bool select(std::uint32_t mask);
    bool receive(std::uint32_t length, bool peek);
    bool receive_urgent(bool peek);
    bool send(bool refused);
    bool told_of_reset(Move move);
    bool fill(bool at_once);
    bool shut_down(model::stimulus::How how);
    bool connect(Move move);
    bool accept(Move move);
    bool peer(Move move);
    bool peer_receives();
    bool route(std::uint8_t through);
    void become_accepted();

    model::Socket socket_;
    std::uint32_t mask_;
    std::uint32_t others_;
    Root root_;
    Peer peer_ = Peer::none;
    bool nonblocking_ = false;
    bool bound_ = false;
    bool waiting_ = false;        // to be accepted
    bool unread_ = false;         // the peer has not received everything
    bool full_ = false;           // nothing can be sent
    bool urgent_passed_ = false;  // by normal data behind it: a system may have discarded it
    std::uint8_t before_mark_ = 0;
    std::uint8_t route_ = 0;  // through nothing, one, other
    bool address_ = false;
    std::uint8_t qos_ = 0;
    std::uint8_t callers_ = 0;
    std::uint8_t accepted_ = 0;
    std::vector<model::Stimulus> early_;  // what came before it was accepted
    std::vector<const model::Row*> fired_;
};

}  // namespace asyncselect::conformance
