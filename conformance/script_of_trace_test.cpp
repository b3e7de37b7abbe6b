// Scripts made from traces: played, they do what was done, and wrong traces yield scripts in the language. It must not
// know what is allowed.
#include "conformance/script_of_trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "conformance/executor.hpp"
#include "conformance/network.hpp"
#include "conformance/suite.hpp"
#include "model/story.hpp"

namespace asyncselect::conformance {
namespace {

namespace seen = model::observation;
using model::Function;

// Before any thread is started.
const std::optional<std::string> no_network = network::enter_namespace();

// What was done, without what came of it: handles and names are numbered as they come.
std::vector<std::string> operations(const model::Trace& trace) {
    std::map<model::Handle, std::size_t> handles;
    std::map<std::string, std::size_t> names;
    const auto handle = [&handles](model::Handle which) {
        return handles.emplace(which, handles.size()).first->second;
    };
    const auto name = [&names](const std::string& which) { return names.emplace(which, names.size()).first->second; };
    std::vector<std::string> found;
    for (const model::Observation& observation : trace) {
        std::string text;
        if (const auto* const call = std::get_if<seen::Call>(&observation)) {
            text = std::string(model::name_of(call->function)) + ' ' + std::to_string(handle(call->socket)) + ' ' +
                   std::to_string(handle(call->window)) + ' ' + model::show_mask(call->mask) + ' ' +
                   std::to_string(call->message) + ' ' + std::to_string(call->length) + ' ' +
                   std::to_string(call->flags) + ' ' + std::to_string(call->value) + ' ' + call->thread +
                   (call->in_callback ? " inside" : "") + ' ' + std::string(model::name_of(call->condition)) +
                   call->destination + (call->datagram ? " datagram" : "") + (call->ipv6 ? " ipv6" : "");
            if (!call->failed() && call->created != model::invalid_handle) handle(call->created);
        } else if (const auto* const peer = std::get_if<seen::Peer>(&observation)) {
            // How much has arrived at a peer is a matter of time.
            const bool counts = peer->verb != seen::PeerVerb::receive;
            text = "peer " + std::to_string(name(peer->connection)) + ' ' + std::string(name_of(peer->verb)) + ' ' +
                   (counts ? std::to_string(peer->bytes) : "");
        } else if (std::holds_alternative<seen::Change>(observation) ||
                   std::holds_alternative<seen::Quiet>(observation) ||
                   std::holds_alternative<seen::QueueLimit>(observation)) {
            text = model::show(observation);
        }
        // How often a send buffer takes something is a matter of time as well.
        const bool repeated = text.starts_with("send ") && !found.empty() && found.back() == text;
        if (!text.empty() && !repeated) found.push_back(text);
    }
    return found;
}

// What the executor's Drain does depends on when data arrives, and looking without taking leaves no trace.
bool depends_on_time(const Script& script) {
    return std::ranges::any_of(script.steps, [](const Step& step) {
        return step.meanwhile || std::holds_alternative<operation::Drain>(step.operation) ||
               std::holds_alternative<operation::Look>(step.operation) ||
               std::holds_alternative<operation::RetrieveAll>(step.operation) ||
               std::holds_alternative<operation::SetBuffer>(step.operation);
    });
}

TEST(ScriptOfTrace, PlayedItDoesWhatWasDone) {
    const std::unique_ptr<Provider> provider = make_native_provider();
    std::size_t played = 0;
    for (const Script& script : embedded_suite()) {
        if (script.only == "eager" || depends_on_time(script)) continue;
        if (!needs_of(script).empty() && no_network) continue;
        SCOPED_TRACE(script.name);
        const Played first = play(script, *provider);
        ASSERT_EQ(first.trouble, "");
        const ScriptOfTrace made = script_of_trace(first.trace, script.name, script.title, "AS-MSG-1");
        const std::string text = script_text(made);
        const Played second = play(parse(text, script.name), *provider);
        EXPECT_EQ(second.trouble, "") << text;
        EXPECT_EQ(second.outcome, first.outcome) << text;
        EXPECT_EQ(operations(second.trace), operations(first.trace)) << text;
        ++played;
    }
    EXPECT_GT(played, 100U);
}

TEST(ScriptOfTrace, WhatOverlappedIsPlayedAtTheSameTime) {
    using namespace model::story;
    Story story;
    story.connection(5).add(seen::Began{1, "a", ""}).add(seen::Began{2, "b", ""});
    seen::Call receives;
    receives.function = Function::recv;
    receives.thread = "a";
    receives.socket = 5;
    receives.length = 10;
    receives.error = model::wsa::would_block;
    seen::Call closes;
    closes.function = Function::closesocket;
    closes.thread = "b";
    closes.socket = 5;
    story.add(seen::Ended{2, closes}).message(5, fd_read).add(seen::Ended{1, receives}).quiet();
    ScriptOfTrace made = script_of_trace(story.trace(), "n", "t", "");
    // A message cannot be awaited meanwhile.
    EXPECT_EQ(made.remarks.size(), 1U);
    model::Trace without = story.trace();
    std::erase_if(without, [](const auto& what) { return std::holds_alternative<seen::Message>(what); });
    made = script_of_trace(without, "n", "t", "");
    EXPECT_TRUE(made.remarks.empty());
    EXPECT_NE(script_text(made).find("b: close 5\nmeanwhile a: recv 5 10\nquiet\n"), std::string::npos)
        << script_text(made);
}

TEST(ScriptOfTrace, NamesAndWindowsAreFound) {
    using namespace model::story;
    Story story;
    story.listener(4).select(4, fd_accept | fd_read, other_window, other_wm).request("a peer", 4);
    story.message(4, fd_accept, 0, other_window, other_wm).accept(4, 5, "a peer").select(5, fd_read, 77, 5000, 10022);
    story.add(Peer{"a peer", PeerVerb::send, model::invalid_handle, 10, 0}).recv(5, 10, 0, model::wsa::fault);
    story.recv(9, 10, 0, model::wsa::not_a_socket).quiet();
    const ScriptOfTrace made = script_of_trace(story.trace(), "n", "shows something", "AS-READ-2");
    EXPECT_EQ(script_text(made), R"(# shows something
# message 5000 gets another number
clauses AS-READ-2
other: window w2
socket s1
bind s1
listen s1
select s1 FD_ACCEPT|FD_READ window w2 message 2
peer a_peer connect s1
message
accept s1 a_peer
window gone
destroy gone
select a_peer FD_READ window gone message 100
peer a_peer send 10
recv a_peer 10 wild
recv nothing 10
quiet
)");
    EXPECT_EQ(parse(script_text(made), "n").steps.size(), made.script.steps.size());
}

}  // namespace
}  // namespace asyncselect::conformance
