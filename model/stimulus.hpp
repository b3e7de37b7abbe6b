// Everything that can happen to one socket: what the network does, what the application calls and with which result,
// and what the window's queue tells. Plain values: one alphabet for model, word, oracle, property tests and proofs.
#pragma once

#include <cstdint>
#include <variant>

#include "model/facts.hpp"

namespace asyncselect::model {

namespace stimulus {

// From the network.
struct DataArrived {
    std::uint32_t bytes = 1;
};
struct DatagramArrived {
    std::uint32_t bytes = 1;
};  // 0 is a datagram too
struct OobArrived {};
struct ConnectionRequest {};
struct ConnectOutcome {
    ErrorCode error = 0;
};
struct JoinOutcome {
    ErrorCode error = 0;
};
struct SendSpaceAvailable {};
struct PeerClosed {};  // the FIN
struct ConnectionAborted {
    ErrorCode error = 10054;
};  // WSAECONNRESET or WSAECONNABORTED
struct QosChanged {};
struct RouteChanged {
    ErrorCode error = 0;
};  // 0 or WSAENETUNREACH
struct AddressListChanged {};
struct SubsystemFailed {};

// From the application, each with what the call returned.
struct AsyncSelect {
    std::uint32_t mask = 0;
};  // a successful WSAAsyncSelect
struct EventSelect {
    std::uint32_t mask = 0;
};  // a successful WSAEventSelect (AS-CANCEL-4)
struct Inherit {
    std::uint32_t mask = 0;
};  // this socket was just returned by accept

enum class Outcome : std::uint8_t { success, would_block, failure };

// recv, recvfrom, WSARecv, WSARecvFrom. `taken`: bytes or datagrams that left the socket (0 for a peek or a failure).
struct Received {
    std::uint32_t taken = 0;
    bool urgent_taken = false;  // the urgent byte was read with MSG_OOB
    ErrorCode reset = 0;        // the call itself told that the connection broke down
};
// send, sendto, WSASend, WSASendTo.
enum class SentOutcome : std::uint8_t { success, would_block, short_count, failure };
struct Sent {
    SentOutcome outcome = SentOutcome::success;
    ErrorCode reset = 0;
};
// accept, WSAAccept.
enum class AcceptOutcome : std::uint8_t { success, deferred, rejected, failure };
struct Accepted {
    AcceptOutcome outcome = AcceptOutcome::success;
};
struct ConnectCalled {
    Outcome outcome = Outcome::would_block;
};  // connect, WSAConnect
struct JoinCalled {
    Outcome outcome = Outcome::success;
};  // WSAJoinLeaf
struct Bound {};
struct Listened {};
enum class How : std::uint8_t { receive, send, both };
struct ShutDown {
    How how = How::send;
};
struct Closed {};                // closesocket
struct QosFetched {};            // SIO_GET_QOS
struct GroupQosFetched {};       // SIO_GET_GROUP_QOS
struct RouteRequested {};        // SIO_ROUTING_INTERFACE_CHANGE
struct AddressListRequested {};  // SIO_ADDRESS_LIST_CHANGE
struct OobInlineSet {
    bool on = false;
};  // setsockopt(SO_OOBINLINE)

// From the window's queue.
struct QueueFilled {};
struct QueueHasRoom {};

}  // namespace stimulus

using Stimulus =
    std::variant<stimulus::DataArrived, stimulus::DatagramArrived, stimulus::OobArrived, stimulus::ConnectionRequest,
                 stimulus::ConnectOutcome, stimulus::JoinOutcome, stimulus::SendSpaceAvailable, stimulus::PeerClosed,
                 stimulus::ConnectionAborted, stimulus::QosChanged, stimulus::RouteChanged,
                 stimulus::AddressListChanged, stimulus::SubsystemFailed, stimulus::AsyncSelect, stimulus::EventSelect,
                 stimulus::Inherit, stimulus::Received, stimulus::Sent, stimulus::Accepted, stimulus::ConnectCalled,
                 stimulus::JoinCalled, stimulus::Bound, stimulus::Listened, stimulus::ShutDown, stimulus::Closed,
                 stimulus::QosFetched, stimulus::GroupQosFetched, stimulus::RouteRequested,
                 stimulus::AddressListRequested, stimulus::OobInlineSet, stimulus::QueueFilled, stimulus::QueueHasRoom>;

}  // namespace asyncselect::model
