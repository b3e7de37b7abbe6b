// See model/coverage.hpp.
#include "model/coverage.hpp"

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/composition.hpp"
#include "model/machine.hpp"
#include "model/tables.hpp"

namespace asyncselect::model {

namespace {

constexpr std::size_t places = most_rows_of_a_table + composition::rules.size();

struct Numbering {
    std::vector<const Row*> rows;
    std::array<std::array<std::uint16_t, places>, event_count> numbers{};  // by event and place

    Numbering() {
        for (const Event event : events_in_posting_order) {
            for (const Row& row : model::rows(event)) add(row);
        }
        for (std::size_t rule = 0; rule < composition::rules.size(); ++rule) {
            for (const Row& row : *composition::rules[rule]) {
                if (composition::applies(rule, row.machine)) add(row);
            }
        }
        for (std::size_t rule = 0; rule < composition::rules.size(); ++rule) {
            for (const Row& row : *composition::rules[rule]) {
                if (!composition::applies(rule, row.machine)) number(row) = static_cast<std::uint16_t>(rows.size());
            }
        }
    }

    void add(const Row& row) {
        number(row) = static_cast<std::uint16_t>(rows.size());
        rows.push_back(&row);
    }
    std::uint16_t& number(const Row& row) { return numbers[index_of(row.machine)][row.place]; }
};

const Numbering& numbering() {
    static const Numbering all;
    return all;
}

bool is_rule(const Row& row) { return row.place >= most_rows_of_a_table; }

}  // namespace

std::span<const Row* const> transitions() { return numbering().rows; }

std::size_t number_of(const Row& row) { return numbering().numbers[index_of(row.machine)][row.place]; }

std::string key_of(const Row& row) {
    const std::string file{file_name_of(row.machine)};
    if (!is_rule(row)) return file + '-' + std::to_string(row.place + 1);
    return "socket-" + std::string(composition::names[row.place - most_rows_of_a_table]) + '-' + file;
}

const Row* row_named(std::string_view key) {
    static const std::unordered_map<std::string, const Row*> by_key = [] {
        std::unordered_map<std::string, const Row*> found;
        for (const Row* const row : transitions()) found.emplace(key_of(*row), row);
        return found;
    }();
    const auto found = by_key.find(std::string(key));
    return found == by_key.end() ? nullptr : found->second;
}

std::string show(const Row& row) {
    std::string text{name_of(row.machine)};
    text += ' ' + std::string(row.source) + " --" + std::string(row.stimulus);
    if (!row.guard.empty()) text += " [" + std::string(row.guard) + ']';
    // A row without a target stays; a rule without one leaves it to the machine.
    const std::string_view target = !row.target.empty() ? row.target : is_rule(row) ? "any" : row.source;
    return text + "--> " + std::string(target) + " (" + std::string(row.clause) + ')';
}

}  // namespace asyncselect::model
