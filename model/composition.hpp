// The rules that belong to no single machine but to the socket that composes them, told as rows so that documentation
// and coverage see them beside the tables. Knows no machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/clauses.hpp"
#include "model/event.hpp"
#include "model/socket.hpp"

namespace asyncselect::model::composition {

// One rule: the same row for each of the ten events.
using Rule = std::array<Row, event_count>;

template <Citation Id>
requires ExistingClause<Id>
constexpr Rule rule(std::size_t number, std::string_view source, std::string_view stimulus, std::string_view target,
                    std::string_view action, std::string_view guard) {
    Rule rows{};
    for (const Event event : events_in_posting_order) {
        rows[index_of(event)] =
            Row{event,  Id.view(), source, stimulus,
                target, action,    guard,  static_cast<std::uint8_t>(most_rows_of_a_table + number)};
    }
    return rows;
}

// Numbered as in `rules`.
inline constexpr Rule cancelled = rule<"AS-CANCEL-1">(0, "any", "AsyncSelect", "Off", "Deselect", "the mask is 0");
inline constexpr Rule replaced =
    rule<"AS-REG-2">(1, "any", "AsyncSelect", "Off", "Deselect", "the event was in the mask before and is not now");
inline constexpr Rule posted_at_once =
    rule<"AS-REG-3">(2, "Off", "AsyncSelect", "Posted", "Select", "the event's condition holds");
inline constexpr Rule other_record = rule<"AS-CANCEL-4">(3, "any", "EventSelect", "Off", "Deselect", "");
inline constexpr Rule inherited = rule<"AS-INHERIT-1">(4, "Off", "Inherit", "", "Inherit", "the event is in the mask");
inline constexpr Rule one_message_each =
    rule<"AS-MSG-2">(5, "any", "any", "", "Post", "another event is due at the same moment: each has its own message");
inline constexpr Rule in_order =
    rule<"R-9">(6, "any", "any", "", "Post", "another event is due at the same moment and comes first");
inline constexpr Rule refused = rule<"R-13">(7, "any", "any", "Posted", "keep the message", "the queue is full");
inline constexpr Rule dropped =
    rule<"R-13">(8, "Posted", "any", "any", "drop the kept message", "the event is not Posted any more");

inline constexpr std::array<const Rule*, 9> rules{&cancelled,    &replaced,  &posted_at_once,
                                                  &other_record, &inherited, &one_message_each,
                                                  &in_order,     &refused,   &dropped};
inline constexpr std::array<std::string_view, 9> names{"cancelled",    "replaced",  "posted-at-once",
                                                       "other-record", "inherited", "one-message-each",
                                                       "in-order",     "refused",   "dropped"};

// Whether the rule can ever hold for the event: FD_GROUP_QOS is never posted, and nothing is posted before FD_CONNECT
// nor, on a listener, before FD_ACCEPT.
constexpr bool applies(std::size_t rule, Event event) {
    const bool behind_another = rules[rule] == &one_message_each || rules[rule] == &in_order;
    const bool posts =
        behind_another || rules[rule] == &posted_at_once || rules[rule] == &refused || rules[rule] == &dropped;
    if (event == Event::group_qos) return !posts;
    return !behind_another || (event != Event::connect && event != Event::accept);
}

}  // namespace asyncselect::model::composition
