// Traces made by hand, told in few words, and what is expected of them: for the tests of the oracle. Knows no clause.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/event.hpp"
#include "model/linearization.hpp"
#include "model/oracle.hpp"

namespace asyncselect::model::story {

using observation::Call;
using observation::Peer;
using observation::PeerVerb;

inline constexpr Handle window = 100;
inline constexpr Handle other_window = 101;
inline constexpr std::uint32_t wm = 1025;
inline constexpr std::uint32_t other_wm = 1026;

inline constexpr std::uint32_t fd_read = bit_of(Event::read);
inline constexpr std::uint32_t fd_write = bit_of(Event::write);
inline constexpr std::uint32_t fd_oob = bit_of(Event::oob);
inline constexpr std::uint32_t fd_accept = bit_of(Event::accept);
inline constexpr std::uint32_t fd_connect = bit_of(Event::connect);
inline constexpr std::uint32_t fd_close = bit_of(Event::close);

// Writes a trace the way one would tell it.
class Story {
  public:
    Story() {
        call(Function::startup);
        make_window(window);
        make_window(other_window, "other");
    }

    // Without the windows and WSAStartup: a part of another one.
    static Story empty() {
        Story story;
        story.trace_.clear();
        return story;
    }

    Story& make_window(Handle handle, const std::string& thread = "main") {
        Call made;
        made.function = Function::create_window;
        made.thread = thread;
        made.created = handle;
        return add(made);
    }
    Story& destroy(Handle handle) {
        Call made;
        made.function = Function::destroy_window;
        made.window = handle;
        return add(made);
    }
    Story& socket(Handle handle) {
        Call made;
        made.function = Function::socket;
        made.created = handle;
        return add(made);
    }
    // A socket that is connected and not registered. The peer is called as the handle.
    Story& connection(Handle handle) {
        socket(handle);
        call(Function::connect, handle);
        return peer(handle, PeerVerb::established, 0, handle);
    }
    Story& listener(Handle handle) {
        socket(handle);
        call(Function::bind, handle);
        return call(Function::listen, handle);
    }
    Story& call(Function function, Handle handle = invalid_handle, int error = 0) {
        Call made;
        made.function = function;
        made.socket = handle;
        made.error = error;
        made.result = error == 0 ? 0 : socket_error;
        return add(made);
    }
    Story& select(Handle handle, std::uint32_t mask, Handle to = window, std::uint32_t number = wm, int error = 0) {
        Call made;
        made.function = Function::async_select;
        made.socket = handle;
        made.window = to;
        made.message = number;
        made.mask = mask;
        made.error = error;
        made.result = error == 0 ? 0 : socket_error;
        return add(made);
    }
    Story& recv(Handle handle, std::int64_t length, std::int64_t result, int error = 0, std::uint32_t flags = 0) {
        Call made;
        made.function = Function::recv;
        made.socket = handle;
        made.length = length;
        made.flags = flags;
        made.result = error == 0 ? result : socket_error;
        made.error = error;
        return add(made);
    }
    Story& send(Handle handle, std::int64_t length, std::int64_t result, int error = 0) {
        Call made;
        made.function = Function::send;
        made.socket = handle;
        made.length = length;
        made.result = error == 0 ? result : socket_error;
        made.error = error;
        return add(made);
    }
    Story& accept(Handle listener, Handle made_socket, const std::string& name, int error = 0) {
        Call made;
        made.function = Function::accept;
        made.socket = listener;
        made.error = error;
        made.result = error == 0 ? static_cast<std::int64_t>(made_socket) : socket_error;
        if (error == 0) made.created = made_socket;
        made.connection = name;
        return add(made);
    }
    Story& shutdown(Handle handle, int how) {
        Call made;
        made.function = Function::shutdown;
        made.socket = handle;
        made.value = how;
        return add(made);
    }
    Story& nonblocking(Handle handle, int value, int error = 0) {
        Call made;
        made.function = Function::set_nonblocking;
        made.socket = handle;
        made.value = value;
        made.error = error;
        made.result = error == 0 ? 0 : socket_error;
        return add(made);
    }
    Story& peer(Handle connection, PeerVerb verb, std::uint32_t bytes = 0, Handle handle = invalid_handle,
                int error = 0) {
        return add(Peer{std::to_string(connection), verb, handle, bytes, error});
    }
    Story& sends(Handle connection, std::uint32_t bytes) { return peer(connection, PeerVerb::send, bytes); }
    Story& request(const std::string& name, Handle listener) {
        return add(Peer{name, PeerVerb::connect, listener, 0, 0});
    }
    Story& message(Handle handle, std::uint32_t event, std::uint32_t error = 0, Handle to = window,
                   std::uint32_t number = wm) {
        return add(observation::message(to, number, handle, event, error));
    }
    // ---- datagrams
    Story& datagram_socket(Handle handle, bool ipv6 = false) {
        Call made;
        made.function = Function::socket;
        made.created = handle;
        made.datagram = true;
        made.ipv6 = ipv6;
        return add(made);
    }
    Story& datagram(Handle handle, std::uint32_t bytes, const std::string& from = "p") {
        return add(Peer{from, PeerVerb::datagram, handle, bytes, 0});
    }
    // ---- what comes with a call
    Story& accept_if(Handle listener, Condition condition, int error, const std::string& name = "") {
        accept(listener, 0, name, error);
        std::get<Call>(trace_.back()).condition = condition;
        return *this;
    }
    // The last call was made by a condition function.
    Story& in_callback() {
        std::get<Call>(trace_.back()).in_callback = true;
        return *this;
    }
    // The last call came with this flow specification.
    Story& with_qos(std::int64_t number) {
        std::get<Call>(trace_.back()).value = number;
        return *this;
    }
    Story& oob_inline(Handle handle, bool on) {
        call(Function::set_oob_inline, handle);
        return with_qos(on ? 1 : 0);
    }
    Story& event_select(Handle handle, std::uint32_t mask) {
        call(Function::event_select, handle);
        std::get<Call>(trace_.back()).mask = mask;
        return *this;
    }
    Story& join(Handle handle, Handle returned, int error = 0) {
        call(Function::join_leaf, handle, error);
        if (error == 0) std::get<Call>(trace_.back()).created = returned;
        return *this;
    }
    Story& set_qos(Handle handle, std::int64_t number, int error = 0) {
        return call(Function::set_qos, handle, error).with_qos(number);
    }
    // SIO_ROUTING_INTERFACE_CHANGE; on a nonblocking socket it returns WSAEWOULDBLOCK.
    Story& watch_route(Handle handle, const std::string& destination, int error = wsa::would_block) {
        call(Function::routing_interface_change, handle, error);
        std::get<Call>(trace_.back()).destination = destination;
        return *this;
    }
    Story& watch_addresses(Handle handle, int error = wsa::would_block) {
        return call(Function::address_list_change, handle, error);
    }
    // ---- the network
    Story& route_changes(const std::string& destination, int error = 0) {
        return add(observation::Change{observation::Change::What::route, destination, false, error});
    }
    Story& addresses_change(bool ipv6 = false) {
        return add(observation::Change{observation::Change::What::address_list, "", ipv6, 0});
    }
    Story& subsystem_fails() { return add(observation::Change{observation::Change::What::subsystem, "", false, 0}); }

    Story& quiet() { return add(observation::Quiet{}); }
    Story& limit(bool on) { return add(observation::QueueLimit{on}); }
    Story& add(const Observation& observation) {
        trace_.push_back(observation);
        return *this;
    }

    [[nodiscard]] const Trace& trace() const { return trace_; }

  private:
    Trace trace_;
};

// The story as one of several threads that never overlap.
inline std::vector<Happening> without_overlap(const Trace& trace) {
    std::vector<Happening> history;
    for (std::size_t index = 0; index < trace.size(); ++index)
        history.push_back({trace[index], 2 * index, 2 * index + 1, static_cast<std::uint32_t>(index % 3)});
    return history;
}

// Without overlap there is one order, and so the same verdict.
inline void expect_the_same_of_threads(const Story& story, const Verdict& verdict, const OracleOptions& options) {
    const Linearization found = linearize(without_overlap(story.trace()), options);
    ASSERT_EQ(found.outcome, verdict.violation ? Linearization::Outcome::violation : Linearization::Outcome::accepted);
    EXPECT_EQ(found.evidence, verdict.evidence);
    EXPECT_EQ(found.coverage, verdict.coverage);
    if (!verdict.violation) return;
    EXPECT_EQ(found.violation->clause, verdict.violation->clause);
    EXPECT_EQ(found.violation->step, verdict.violation->step);
}

// The last observation of the story is the one that breaks `clause`.
inline void expect_broken(const Story& story, std::string_view clause, const OracleOptions& options = {}) {
    const Verdict verdict = judge(story.trace(), options);
    expect_the_same_of_threads(story, verdict, options);
    ASSERT_TRUE(verdict.violation.has_value()) << "nothing was found wrong; " << clause << " is broken";
    EXPECT_EQ(verdict.violation->clause, clause) << "due: " << verdict.violation->due;
    EXPECT_EQ(verdict.violation->step, story.trace().size() - 1) << "came: " << verdict.violation->came;
    EXPECT_FALSE(verdict.violation->due.empty());
    EXPECT_FALSE(verdict.violation->came.empty());
}

inline void expect_allowed(const Story& story, const OracleOptions& options = {}) {
    const Verdict verdict = judge(story.trace(), options);
    expect_the_same_of_threads(story, verdict, options);
    if (!verdict.violation) return;
    std::string states;
    for (const std::string& state : verdict.violation->states) states += "\n  " + state;
    ADD_FAILURE() << verdict.violation->clause << " at " << verdict.violation->step << ": due "
                  << verdict.violation->due << ", came " << verdict.violation->came << states;
}

inline constexpr OracleOptions ours{spec_profile, true};
inline constexpr OracleOptions windows{windows_profile, false};

inline bool shows(const Story& story, const std::string& clause, const OracleOptions& options = {}) {
    return judge(story.trace(), options).evidence.contains(clause);
}

}  // namespace asyncselect::model::story
