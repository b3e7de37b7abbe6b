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
    wait_for_post,    // GetMessage until what was posted is there; only the window's thread
    wait_for_input,   // the same with PeekMessage and MsgWaitForMultipleObjects
    wait_for_end,     // GetMessage until FD_CLOSE is there; only the window's thread
    receive,          // up to 64 bytes
    receive_one,      // one byte
    send,             // one byte
    select_all,       // WSAAsyncSelect with FD_READ | FD_WRITE | FD_CLOSE, another message
    cancel,           // WSAAsyncSelect with no events
    shut_down,        // of sending
    close,            // closesocket
    post,             // PostMessage, of a message of the program's own
    peer_sends,       // two bytes
    peer_shuts_down,  // a FIN
    peer_resets,
};

// More than all orders of a program bring, so that it makes no difference how many there were before.
inline constexpr std::uint32_t any_number = 0x7fffffff;

struct Program {
    std::string name;
    std::vector<std::vector<Act>> threads;   // the window's first
    std::vector<Act> before{};               // by the window's thread, while there is no other one yet
    std::uint32_t most_posted = any_number;  // that the window's queue holds
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
// threads wait for one another or go on for ever.
[[nodiscard]] Played explore(const Program& program, unsigned most_preemptions, Fault fault, Network network);

}  // namespace asyncselect::proofs
