// The clauses of the specification at compile time, and how the rest cites them.
// It must not know who cites a clause: no machine, no test, no scenario, no provider.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace asyncselect::model {

// What follows from a clause that is not met.
enum class ClauseKind {
    must,       // a defect
    may,        // nothing: an implementation is free
    app,        // nothing: a duty of the application
    reading,    // a defect, where the reading binds (see Clause::ours)
    deviation,  // what Windows does instead of the page: a switch of the windows profile
};

// One clause, as in model/clauses.json.
struct Clause {
    // Stable: "AS-READ-1", "R-10", "W-3".
    std::string_view id;
    ClauseKind kind;
    // The one event it is about ("FD_READ"), or empty.
    std::string_view event;
    // A reading that binds our own providers only.
    bool ours;
    // In our own words.
    std::string_view text;
};

}  // namespace asyncselect::model

// Needs Clause; defines `clauses`, a std::array in the order of the specification.
#include "model/clauses_data.hpp"

namespace asyncselect::model {

// Where each clause is in `clauses`, found by a hash that is quick: the oracle and the parser ask all the time.
class ClausePlaces {
  public:
    constexpr ClausePlaces() noexcept {
        for (std::size_t place = 0; place < clauses.size(); ++place) {
            std::size_t slot = begin(clauses[place].id);
            while (table_[slot] != 0) slot = (slot + 1) % table_.size();
            table_[slot] = static_cast<std::uint8_t>(place + 1);
        }
    }
    // The size of `clauses` if there is none.
    [[nodiscard]] constexpr std::size_t of(std::string_view id) const noexcept {
        for (std::size_t slot = begin(id); table_[slot] != 0; slot = (slot + 1) % table_.size()) {
            const std::size_t place = table_[slot] - 1U;
            if (clauses[place].id == id) return place;
        }
        return clauses.size();
    }

  private:
    static constexpr std::size_t slots = 512;
    static_assert(clauses.size() < 256);

    static constexpr std::size_t begin(std::string_view id) noexcept {
        if (id.size() < 4) return id.size();
        const auto at = [id](std::size_t index) { return static_cast<unsigned char>(id[index]); };
        const std::size_t last = id.size() - 1;
        return (at(3) + 7U * at(last) + 31U * at(last / 2) + 67U * at(last - 1) + 131U * id.size()) % slots;
    }
    std::array<std::uint8_t, slots> table_{};
};

inline constexpr ClausePlaces clause_places;

// The clause with this id, or nullptr. The pointer stays valid for ever. Any thread may call it.
constexpr const Clause* find(std::string_view id) noexcept {
    const std::size_t place = clause_places.of(id);
    return place < clauses.size() ? &clauses[place] : nullptr;
}

// Whether a clause has this id. Any thread may call it.
constexpr bool exists(std::string_view id) noexcept {
    // Not by way of find: g++ 12 takes no comparison with nullptr for a constant under UndefinedBehaviorSanitizer.
    return clause_places.of(id) < clauses.size();
}

// The name of a kind as model/clauses.json spells it.
constexpr std::string_view name(ClauseKind kind) noexcept {
    switch (kind) {
        case ClauseKind::must:
            return "must";
        case ClauseKind::may:
            return "may";
        case ClauseKind::app:
            return "app";
        case ClauseKind::reading:
            return "reading";
        case ClauseKind::deviation:
            return "deviation";
    }
    return "";
}

// An id as a template argument: `by<"AS-READ-1", ...>`. N counts the terminating zero.
template <std::size_t N>
struct Citation {
    // Implicit, so that a string literal is a template argument.
    consteval Citation(const char (&literal)[N]) { std::copy_n(literal, N, text.begin()); }

    constexpr std::string_view view() const noexcept { return {text.data(), N - 1}; }

    std::array<char, N> text{};
};

// Holds for the ids of existing clauses. A template that is constrained with it cannot be given any other:
//     template <Citation Id, class... R> requires ExistingClause<Id> struct by ...
template <Citation Id>
concept ExistingClause = exists(Id.view());

}  // namespace asyncselect::model
