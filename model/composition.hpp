// The rules that belong to no single machine but to the socket that composes them, told as rows so that documentation
// and coverage see them beside the tables. Knows no machine.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "model/clauses.hpp"
#include "model/event.hpp"
#include "model/socket.hpp"

namespace asyncselect::model::composition {

// One rule: the same row for each of the ten events.
using Rule = std::array<Row, event_count>;

template <Citation Id>
requires ExistingClause<Id>
constexpr Rule rule(std::string_view source, std::string_view stimulus, std::string_view target,
                    std::string_view action, std::string_view guard) {
    Rule rows{};
    for (const Event event : events_in_posting_order)
        rows[index_of(event)] = Row{event, Id.view(), source, stimulus, target, action, guard};
    return rows;
}

inline constexpr Rule cancelled = rule<"AS-CANCEL-1">("any", "AsyncSelect", "Off", "Deselect", "the mask is 0");
inline constexpr Rule replaced =
    rule<"AS-REG-2">("any", "AsyncSelect", "Off", "Deselect", "the event was in the mask before and is not now");
inline constexpr Rule posted_at_once =
    rule<"AS-REG-3">("Off", "AsyncSelect", "Posted", "Select", "the event's condition holds");
inline constexpr Rule other_record = rule<"AS-CANCEL-4">("any", "EventSelect", "Off", "Deselect", "");
inline constexpr Rule inherited = rule<"AS-INHERIT-1">("Off", "Inherit", "", "Inherit", "the event is in the mask");
inline constexpr Rule one_message_each =
    rule<"AS-MSG-2">("any", "any", "", "Post", "another event is due at the same moment: each has its own message");
inline constexpr Rule in_order =
    rule<"R-9">("any", "any", "", "Post", "another event is due at the same moment and comes first");
inline constexpr Rule refused = rule<"R-13">("any", "any", "Posted", "keep the message", "the queue is full");
inline constexpr Rule dropped =
    rule<"R-13">("Posted", "any", "any", "drop the kept message", "the event is not Posted any more");

inline constexpr std::array<const Rule*, 9> rules{&cancelled,    &replaced,  &posted_at_once,
                                                  &other_record, &inherited, &one_message_each,
                                                  &in_order,     &refused,   &dropped};

}  // namespace asyncselect::model::composition
