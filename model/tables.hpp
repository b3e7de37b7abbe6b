// The transition tables as they run, for people and tools: rows, the complete matrix, diagrams. Reads the machines and
// changes nothing; must not know what any row means.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/coverage.hpp"
#include "model/event.hpp"
#include "model/facts.hpp"
#include "model/machine.hpp"
#include "model/profile.hpp"
#include "model/signal.hpp"
#include "model/socket.hpp"

namespace asyncselect::model {

// The rows of the event's machine in the order of its table. The pointers in Socket::fired point into these spans, or
// into composition_rows. Valid for ever; any thread.
std::span<const Row> rows(Event event);

// The states of the event's machine by number; the first is the initial one. Valid for ever; any thread.
std::span<const std::string_view> states(Event event);

// The guards and actions that the table of the event uses, with what they mean. Valid for ever; any thread.
std::span<const Term> terms(Event event);

// Everything that a machine can be told, in the order of the matrices. Valid for ever; any thread.
std::span<const std::string_view> stimuli();

// The rules of the composed socket (R-9, R-13 and the like), each for the ten events. Valid for ever; any thread.
std::span<const Row* const> composition_rows();

// The rows that fire in one cell of the matrix with these facts. More than one is a defect of the table. `refused`: the
// event's message is due and a full queue did not take it. Any thread.
std::vector<const Row*> open_rows(Event event, std::string_view state, const Signal& signal, const Facts& facts,
                                  const Profile& profile, bool refused = false);

// "read" for FD_READ: the name of the table's file, model/read.hpp, and of its documents.
std::string_view file_name_of(Event event);

// The event of "FD_READ", "READ" or "read", in upper or lower case; nothing if it is none of the ten. Any thread.
std::optional<Event> event_named(std::string_view name);

enum class TableFormat { markdown, graphviz, json };

// The format of "markdown", "graphviz" (or "dot") or "json"; nothing for another word. Any thread.
std::optional<TableFormat> format_named(std::string_view name);

// One machine as a document of its own. A diagram with `coverage` draws boldly what is in it, faintly what is not.
//
// In a diagram the keys of model/coverage.hpp are classes, so that an SVG made of it can be looked through: an edge has
// the keys of all the rows that it stands for, and the first of them as its id; a state has those of its rows that
// stay. Any thread.
std::string print_table(Event event, TableFormat format, const Coverage* coverage = nullptr);

// The ten machines, or only the one that `filter` names, as one document: Markdown with one section a machine, one
// Graphviz digraph after the other (dot takes them so), or one JSON object. Any thread.
void print_tables(std::ostream& out, TableFormat format, std::optional<Event> filter = {},
                  const Coverage* coverage = nullptr);

// A file and what is to be in it.
struct Document {
    std::string name;  // "read.md"
    std::string text;
};

// What the repository keeps in docs/model: for each event its table and matrix (.md) and its diagram (.dot), and a
// README.md that leads to them and lists the rules of the composed socket. Any thread.
std::vector<Document> documents();

}  // namespace asyncselect::model
