// See fuzz/trace_property.hpp.
#include "fuzz/trace_property.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <variant>

#include "conformance/script.hpp"
#include "conformance/script_of_trace.hpp"
#include "conformance/trace_file.hpp"
#include "model/coverage.hpp"
#include "model/follower.hpp"
#include "model/oracle.hpp"

namespace asyncselect::fuzz {

namespace {

using conformance::TraceError;
using model::Observation;

// Enough for every interplay, and little enough for thousands of traces a second.
constexpr std::size_t most_observations = 100;
constexpr std::size_t most_states = 200;
constexpr model::LinearizationLimits overlap_limits{2000, 200, 8};

[[noreturn]] void fail(const std::string& what, std::string_view text) {
    std::fprintf(stderr, "%s\n%.*s\n", what.c_str(), static_cast<int>(text.size()), text.data());
    std::abort();
}

struct Read {
    conformance::TraceHeader header;
    model::Trace trace;
};

std::optional<Read> read(std::string_view text) {
    std::istringstream stream{std::string(text)};
    Read read;
    std::optional<conformance::TraceReader> reader;
    try {
        reader.emplace(stream);
        read.header = reader->header();
        while (auto observation = reader->next()) {
            if (read.trace.size() == most_observations) return read;
            read.trace.push_back(std::move(*observation));
        }
    } catch (const TraceError& error) {
        if (error.line == 0 || error.column == 0) fail(std::string("refused without a place: ") + error.what(), text);
        if (!reader) return std::nullopt;
    }
    return read;
}

void check_written(const model::Trace& trace, std::string_view text) {
    for (const Observation& observation : trace) {
        const std::string written = conformance::write_observation(observation);
        std::string again;
        try {
            again = conformance::write_observation(conformance::parse_observation(written));
        } catch (const TraceError& error) {
            fail(written + " is written and not read: " + error.what(), text);
        }
        if (again != written) fail(written + " is read as " + again, text);
    }
}

bool overlaps(const model::Trace& trace) {
    for (const Observation& observation : trace)
        if (std::holds_alternative<model::observation::Began>(observation) ||
            std::holds_alternative<model::observation::Ended>(observation))
            return true;
    return false;
}

bool is_out_of_sight(const Observation& observation) {
    return std::holds_alternative<model::observation::Peer>(observation) ||
           std::holds_alternative<model::observation::Change>(observation);
}

// Whether peers do only what peers of these sockets can do, and the network subsystem holds. Where they are out of
// sight the oracle thinks of nothing else.
class PossiblePeers {
  public:
    bool allow(const Observation& observation) {
        if (const auto* call = std::get_if<model::observation::Call>(&observation)) {
            note(*call);
        } else if (const auto* peer = std::get_if<model::observation::Peer>(&observation)) {
            possible_ = possible_ && can(*peer);
        } else if (const auto* change = std::get_if<model::observation::Change>(&observation)) {
            // After that nothing need come any more; who does not see it and is not told of it cannot know.
            possible_ = possible_ && change->what != model::observation::Change::What::subsystem;
        }
        return possible_;
    }

  private:
    void note(const model::observation::Call& call) {
        using model::Function;
        if (call.function == Function::socket && !call.failed()) {
            connecting_.erase(call.created);
            listening_.erase(call.created);
            datagrams_.erase(call.created);
            if (call.datagram) datagrams_.insert(call.created);
        } else if (call.function == Function::listen && !call.failed()) {
            listening_.insert(call.socket);
        } else if (call.function == Function::connect || call.function == Function::join_leaf) {
            connecting_.insert(call.socket);
        } else if (call.function == Function::closesocket) {
            connecting_.erase(call.socket);
            listening_.erase(call.socket);
            datagrams_.erase(call.socket);
        }
    }
    bool can(const model::observation::Peer& peer) {
        using model::observation::PeerVerb;
        switch (peer.verb) {
            case PeerVerb::connect:
                return listening_.contains(peer.socket) && connections_.insert(peer.connection).second;
            case PeerVerb::established:
                // One connection for each request.
                return connecting_.erase(peer.socket) != 0 && connections_.insert(peer.connection).second;
            case PeerVerb::refused:
                return connecting_.contains(peer.socket) || datagrams_.contains(peer.socket);
            case PeerVerb::datagram:
                return datagrams_.contains(peer.socket);
            case PeerVerb::close:
                return connections_.erase(peer.connection) != 0 || datagrams_.contains(peer.socket);
            case PeerVerb::reset:
                return connections_.erase(peer.connection) != 0;
            default:
                return connections_.contains(peer.connection);
        }
    }

    std::set<model::Handle> connecting_;
    std::set<model::Handle> listening_;
    std::set<model::Handle> datagrams_;
    std::set<std::string> connections_;  // that their peer has not ended
    bool possible_ = true;
};

// Whoever has the whole trace is told the same as who follows it, and by what switches it is explained.
void check_as_a_whole(const Read& read, const model::OracleOptions& options, const model::Follower& follower,
                      std::string_view text) {
    const model::Verdict verdict = model::judge_with_deviations(read.trace, options);
    const model::Outcome followed = follower.outcome();
    if (verdict.outcome() == model::Outcome::undecided || followed == model::Outcome::undecided) return;
    if (verdict.outcome() != followed) fail("judged as a whole it comes to another end than followed", text);
    if (verdict.deviates() && verdict.deviations != follower.deviations())
        fail("judged as a whole it is explained by other switches than followed", text);
    if (verdict.conforms() && (verdict.evidence != follower.evidence() || verdict.coverage != follower.coverage()))
        fail("judged as a whole it has shown something else than followed", text);
}

// What is said of the trace, and of what could have come in its place.
void check_told(const Read& read, const model::Follower& follower, std::string_view text) {
    for (const Observation& observation : read.trace)
        if (model::show(observation).empty()) fail("an observation that shows nothing", text);
    static_cast<void>(follower.owed());
    for (const std::string& line : follower.allowed())
        if (line.empty()) fail("what is allowed instead is nothing", text);
    const model::Coverage coverage = follower.coverage();
    for (std::size_t number = 0; number < model::transitions().size(); ++number) {
        if (!coverage.test(number)) continue;
        const model::Row* const row = model::transitions()[number];
        if (model::row_named(model::key_of(*row)) != row || model::show(*row).empty())
            fail("a transition that is not known by its name", text);
    }
}

// A message that is accepted is one of a registration that the oracle knows of.
bool is_registered(const model::Oracle& oracle, const Observation& observation) {
    const auto* const message = std::get_if<model::observation::Message>(&observation);
    if (message == nullptr) return true;
    const auto known = oracle.registered();
    return std::ranges::any_of(known, [message](const model::Registered& one) {
        return one.socket == message->socket && one.window == message->window && one.message == message->message;
    });
}

void check_judged(const Read& read, const model::Profile& profile, std::string_view text) {
    const model::OracleOptions options{profile, read.header.ours, read.header.unobserved_peers, most_states};
    model::Follower follower(options, {}, overlap_limits);
    for (const Observation& observation : read.trace)
        if (!follower.observe(observation)) break;
    follower.end();
    if (follower.outcome() == model::Outcome::violates && !follower.violation())
        fail("a violation that says nothing", text);
    check_told(read, follower, text);
    if (overlaps(read.trace)) return;
    check_as_a_whole(read, options, follower, text);

    // Without overlaps an oracle alone says the same.
    model::OracleOptions strict = options;
    strict.ours = true;
    model::OracleOptions loose = options;
    loose.ours = false;
    model::Oracle with_ours(strict);
    model::Oracle without(loose);
    // Who sees less accepts no less.
    model::OracleOptions blind = loose;
    blind.unobserved_peers = true;
    model::Oracle unseen(blind);
    PossiblePeers peers;
    for (std::size_t index = 0; index < read.trace.size(); ++index) {
        const Observation& observation = read.trace[index];
        std::optional<model::Oracle> copy;
        if (index % 8 == 3) copy.emplace(with_ours);
        const auto broken = with_ours.observe(observation);
        if (copy) {
            const auto broken_too = copy->observe(observation);
            if (broken.has_value() != broken_too.has_value() || (broken && broken->clause != broken_too->clause))
                fail("a copy of the oracle goes on otherwise, at " + model::show(observation), text);
            if (copy->alike(with_ours) && copy->hash() != with_ours.hash()) fail("oracles alike, hashes not", text);
        }
        if (broken || !with_ours.undecided().empty()) return;
        if (copy) {
            if (!is_registered(*copy, observation))
                fail("a message of no registration: " + model::show(observation), text);
            const model::Coverage so_far = with_ours.coverage_so_far();
            if ((with_ours.coverage() & ~so_far).any()) fail("at quiet more had been shown than by now", text);
            copy->forget_coverage();
            if (copy->coverage_so_far().any()) fail("what was forgotten is still there", text);
        }
        const auto broken_without = without.observe(observation);
        if (broken_without)
            fail("accepted with the readings of ours, not without: " + broken_without->clause + " at " +
                     model::show(observation),
                 text);
        if (!without.undecided().empty()) return;
        if (!peers.allow(observation) || is_out_of_sight(observation) || !unseen.undecided().empty()) continue;
        const auto broken_unseen = unseen.observe(observation);
        if (broken_unseen)
            fail("accepted where peers are told of, not where they are out of sight: " + broken_unseen->clause +
                     " at " + model::show(observation),
                 text);
    }
}

void check_told_as_script(const model::Trace& trace, std::string_view text) {
    if (trace.empty()) return;
    const auto made = conformance::script_of_trace(trace, "fuzzed", "what was seen", "");
    if (made.script.steps.empty()) return;
    const std::string shown = conformance::script_text(made);
    try {
        if (conformance::show(conformance::parse(shown, "fuzzed").steps.front()).empty())
            fail("a step that shows nothing", text);
    } catch (const conformance::ScriptError& error) {
        fail("told as what is no script: " + std::to_string(error.line) + ": " + error.what() + "\n" + shown, text);
    }
}

}  // namespace

void check_trace(std::string_view text) {
    const auto read_text = read(text);
    if (!read_text) return;
    check_written(read_text->trace, text);
    check_judged(*read_text, text.size() % 4 == 0 ? model::windows_profile : model::spec_profile, text);
    check_told_as_script(read_text->trace, text);
}

}  // namespace asyncselect::fuzz
