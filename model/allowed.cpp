// Trying what else is accepted. It must not know any rule.
#include "model/allowed.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "model/event.hpp"

namespace asyncselect::model {

namespace {

using observation::Call;
using observation::Message;

// Of more sockets nothing is told.
constexpr std::size_t most_sockets = 20;
constexpr std::size_t most_lines = 20;

// Every error that a table of the page names, and none.
constexpr std::array<std::uint32_t, 13> message_errors{0,     10014, 10022, 10024, 10047, 10050, 10051,
                                                       10053, 10054, 10055, 10056, 10057, 10060};

// What the functions' pages name, as far as a clause or a reading speaks of it; what else a call may return is the
// provider's affair.
constexpr std::array<int, 19> call_errors{wsa::would_block,
                                          wsa::invalid,
                                          wsa::not_a_socket,
                                          wsa::fault,
                                          wsa::refused,
                                          wsa::try_again,
                                          wsa::net_down,
                                          wsa::reset,
                                          wsa::aborted,
                                          wsa::message_size,
                                          wsa::in_progress,
                                          wsa::not_initialised,
                                          10057,
                                          10058,
                                          10060,
                                          10055,
                                          10024,
                                          10051,
                                          wsa::not_supported};

bool accepts(std::span<const Oracle> before, const Observation& observation) {
    return std::ranges::any_of(before, [&observation](const Oracle& oracle) {
        Oracle trial = oracle;
        return trial.accept(observation);
    });
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (std::size_t index = 0; index < parts.size(); ++index) {
        if (index > 0) text += index + 1 == parts.size() ? " or " : ", ";
        text += parts[index];
    }
    return text;
}

// ---- messages and quiet -------------------------------------------------------------------------------------------

// Every registration that any of the oracles knows, those of `first` before the others.
std::vector<Registered> registrations(std::span<const Oracle> before, Handle first) {
    std::vector<Registered> all;
    for (const Oracle& oracle : before) {
        for (const Registered& registered : oracle.registered()) {
            if (std::ranges::find(all, registered) == all.end()) all.push_back(registered);
        }
    }
    std::ranges::stable_partition(all, [first](const Registered& registered) { return registered.socket == first; });
    return all;
}

std::vector<std::string> allowed_messages(std::span<const Oracle> before, Handle first) {
    std::vector<std::string> lines;
    std::set<Handle> sockets;
    for (const Registered& registered : registrations(before, first)) {
        sockets.insert(registered.socket);
        if (sockets.size() > most_sockets || lines.size() == most_lines) {
            lines.emplace_back("... of further sockets nothing is told");
            break;
        }
        std::vector<std::string> events;
        for (const Event event : events_in_posting_order) {
            for (const std::uint32_t error : message_errors) {
                const Message message = observation::message(registered.window, registered.message, registered.socket,
                                                             bit_of(event), error);
                if (!accepts(before, message)) continue;
                events.push_back(std::string(name_of(event)) +
                                 (error == 0 ? "" : " with " + show_error(static_cast<int>(error))));
            }
        }
        if (events.empty()) continue;
        lines.push_back(joined(events) + " for socket " + std::to_string(registered.socket) + " (message " +
                        std::to_string(registered.message) + " to window " + std::to_string(registered.window) + ')');
    }
    if (accepts(before, observation::Quiet{})) lines.emplace_back("quiet: nothing is due");
    return lines;
}

// ---- calls --------------------------------------------------------------------------------------------------------

Call with(Call call, std::int64_t result, int error) {
    call.result = error == 0 ? result : socket_error;
    call.error = error;
    if (error != 0) call.created = invalid_handle;
    return call;
}

// The counts from `low` to `high` that are accepted, as "1 to 50"; what lies between two neighbours on a coarse grid
// that are both accepted, or both not, is taken to be like them.
std::vector<std::string> allowed_counts(std::span<const Oracle> before, const Call& call) {
    if (call.length < 1) return {};
    const auto accepted = [&](std::int64_t count) { return accepts(before, with(call, count, 0)); };
    constexpr std::int64_t grid = 256;
    const std::int64_t stride = std::max<std::int64_t>(1, call.length / grid);
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
    std::int64_t place = 1;
    bool here = accepted(place);
    std::int64_t begin = place;
    while (place < call.length) {
        const std::int64_t next = std::min(place + stride, call.length);
        if (const bool there = accepted(next); there != here) {
            // The last place that is like this one.
            std::int64_t low = place;
            std::int64_t high = next;
            while (high - low > 1) {
                const std::int64_t middle = low + (high - low) / 2;
                (accepted(middle) == here ? low : high) = middle;
            }
            if (here) ranges.emplace_back(begin, low);
            begin = high;
            here = there;
        }
        place = next;
    }
    if (here) ranges.emplace_back(begin, call.length);
    std::vector<std::string> words;
    for (const auto& [low, high] : ranges)
        words.push_back(low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high));
    return words;
}

// In one line of words; empty where no result is accepted.
std::string allowed_results(std::span<const Oracle> before, const Call& call) {
    std::vector<std::string> results;
    const auto attempt = [&](const Call& other, std::string words) {
        if (accepts(before, other)) results.push_back(std::move(words));
    };
    switch (call.function) {
        case Function::get_last_error:
            attempt(with(call, 0, 0), "0");
            for (const int error : call_errors) attempt(with(call, error, 0), show_error(error));
            break;
        case Function::socket:
        case Function::accept: {
            // A handle of which nothing has been heard.
            Call other = with(call, 0, 0);
            other.created = (Handle{1} << 62U) + 1;
            attempt(other, call.function == Function::socket ? "a handle that is not in use" : "a new socket");
            break;
        }
        case Function::recv:
        case Function::send:
            attempt(with(call, 0, 0), "0");
            std::ranges::move(allowed_counts(before, call), std::back_inserter(results));
            break;
        case Function::join_leaf: {
            Call other = with(call, static_cast<std::int64_t>(call.socket), 0);
            other.created = call.socket;
            attempt(other, "the socket itself");
            break;
        }
        default:
            attempt(with(call, 0, 0), "0");
            break;
    }
    if (call.function == Function::get_last_error) return joined(results);
    std::vector<std::string> errors;
    std::vector<std::string> without;
    for (const int error : call_errors)
        (accepts(before, with(call, 0, error)) ? errors : without).push_back(show_error(error));
    // Where no clause speaks of the errors, most of them will do.
    if (errors.size() > without.size()) {
        const std::string any = "any error" + (without.empty() ? "" : " but " + joined(without));
        return results.empty() ? any : joined(results) + "; or " + any;
    }
    std::ranges::move(errors, std::back_inserter(results));
    return joined(results);
}

}  // namespace

std::vector<std::string> allowed_instead(std::span<const Oracle> before, const Observation& came) {
    if (const auto* const ended = std::get_if<observation::Ended>(&came)) return allowed_instead(before, done(*ended));
    if (const auto* const message = std::get_if<Message>(&came)) return allowed_messages(before, message->socket);
    if (std::holds_alternative<observation::Quiet>(came)) return allowed_messages(before, invalid_handle);
    const auto* const call = std::get_if<Call>(&came);
    if (call == nullptr) return {};
    const std::string results = allowed_results(before, *call);
    if (results.empty()) return {};
    return {std::string(name_of(call->function)) + " could return " + results};
}

}  // namespace asyncselect::model
