// Small programs of several threads on one socket, played on the library in every order that a scheduler allows; the
// oracle judges what each order shows. It must not know claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proofs/linearizability/scheduler.hpp"

namespace asyncselect::proofs {

// What a thread does, one after the other.
enum class Act : std::uint8_t {
    pump,             // takes what is in the window's queue; only the window's thread
    receive,          // up to 64 bytes
    receive_one,      // one byte
    send,             // one byte
    select_all,       // WSAAsyncSelect with FD_READ | FD_WRITE | FD_CLOSE, another message
    cancel,           // WSAAsyncSelect with no events
    shut_down,        // of sending
    close,            // closesocket
    peer_sends,       // two bytes
    peer_shuts_down,  // a FIN
    peer_resets,
};

struct Program {
    std::string name;
    std::vector<std::vector<Act>> threads;  // the window's first
};

// How the network departs from what it should do, for controls.
enum class Network : std::uint8_t { as_it_should, tells_nobody };

struct Played {
    std::size_t orders = 0;
    std::size_t points = 0;
    std::size_t undecided = 0;
    std::optional<std::string> refuted;  // the history that has no order, in words
};

// Plays the program in every order with so many preemptions. Stops at the first that is refuted. Ends the process where
// threads wait for one another for ever.
[[nodiscard]] Played explore(const Program& program, unsigned most_preemptions, Fault fault, Network network);

}  // namespace asyncselect::proofs
