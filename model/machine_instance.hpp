// Makes a Machine of a transition table: runs it with the MSM back-end and reads its rows. Each event's .cpp includes
// this once; nothing else does.
#pragma once

// First: it sets the limits that Boost's headers read.
#include "model/vocabulary.hpp"

#include <array>
#include <boost/mpl/at.hpp>
#include <boost/mpl/for_each.hpp>
#include <boost/mpl/size.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/serialization/access.hpp>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "model/machine.hpp"

namespace asyncselect::model::machine {

template <class Front>
inline constexpr std::size_t row_count = static_cast<std::size_t>(mpl::size<typename Front::transition_table>::value);

template <class Front, std::size_t I>
using RowAt = typename mpl::at_c<typename Front::transition_table, static_cast<long>(I)>::type;

// The name of a state, guard or action; none has no name.
template <class T>
constexpr std::string_view name_or_nothing() {
    if constexpr (std::is_same_v<T, none>)
        return {};
    else
        return T::name.view();
}

template <class Front>
inline constexpr auto rows = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Row, sizeof...(I)>{
        Row{Front::event, RowAt<Front, I>::clause(), name_or_nothing<typename RowAt<Front, I>::From>(),
            signal_names[signal_index<typename RowAt<Front, I>::On::What>],
            name_or_nothing<typename RowAt<Front, I>::To>(), name_or_nothing<typename RowAt<Front, I>::Do>(),
            name_or_nothing<typename RowAt<Front, I>::If>(), static_cast<std::uint8_t>(I)}...};
}
(std::make_index_sequence<row_count<Front>>{});

template <class Front, class TheRow>
const Row& description() {
    constexpr std::size_t index = []<std::size_t... I>(std::index_sequence<I...>) {
        return ((std::is_same_v<TheRow, RowAt<Front, I>> ? I : 0) + ...);
    }
    (std::make_index_sequence<row_count<Front>>{});
    return rows<Front>[index];
}

template <class Front>
using BackEnd = msm::back::state_machine<Front>;

template <class Front>
using StateSet = typename msm::back::generate_state_set<typename BackEnd<Front>::stt>::type;

template <class Front, class State>
inline constexpr std::uint8_t number_of =
    static_cast<std::uint8_t>(msm::back::get_state_id<typename BackEnd<Front>::stt, State>::value);

// The names of the states at the places where MSM numbers them.
template <class Front>
const auto& states() {
    static const auto by_number = [] {
        std::array<std::string_view, mpl::size<StateSet<Front>>::value> names;
        mpl::for_each<StateSet<Front>, msm::wrap<mpl::placeholders::_1>>(
            [&names]<class State>(msm::wrap<State>) { names[number_of<Front, State>] = State::name.view(); });
        return names;
    }();
    return by_number;
}

// The number of the state Posted, or 255.
template <class Front>
constexpr std::uint8_t posted_number() {
    constexpr bool exists = []<std::size_t... I>(std::index_sequence<I...>) {
        return (std::is_same_v<typename RowAt<Front, I>::From, Posted> || ...);
    }
    (std::make_index_sequence<row_count<Front>>{});
    if constexpr (exists)
        return number_of<Front, Posted>;
    else
        return 255;
}

// MSM lets a state be set through its serialization only; this is an archive that reads the state from one number.
class StateNumber {
  public:
    explicit StateNumber(int number) : number_(number) {}

    StateNumber& operator&(int (&regions)[1]) {
        regions[0] = number_;
        return *this;
    }
    // The rest of what a machine would save (history, flags of processing) these machines do not use.
    template <class Other>
    StateNumber& operator&(Other&) {
        return *this;
    }

  private:
    int number_;
};

// Gives one signal, which is a What, to the machine.
template <class Front, class What>
void process(BackEnd<Front>& machine, const Signal& signal, const Situation& situation, Journal& journal) {
    machine.process_event(Told<What>{*std::get_if<What>(&signal), situation.facts, situation.profile, situation.refused,
                                     situation.kept_error, journal});
}

template <class Front>
using Process = void (*)(BackEnd<Front>&, const Signal&, const Situation&, Journal&);

// By signal; nothing for those that no row waits for.
template <class Front>
constexpr auto processes = []<std::size_t... I>(std::index_sequence<I...>) {
    std::array<Process<Front>, signal_count> found{};
    ((found[signal_index<typename RowAt<Front, I>::On::What>] = &process<Front, typename RowAt<Front, I>::On::What>),
     ...);
    return found;
}
(std::make_index_sequence<row_count<Front>>{});

template <class Front>
std::uint8_t tell(std::uint8_t state, const Signal& signal, const Situation& situation, Journal& journal) {
    const Process<Front> process_signal = processes<Front>[signal.index()];
    if (process_signal == nullptr) return state;
    // One machine a thread serves all sockets: it holds no data but the state.
    thread_local BackEnd<Front> machine;
    StateNumber number{state};
    boost::serialization::access::serialize(number, machine, 0);
    process_signal(machine, signal, situation, journal);
    return static_cast<std::uint8_t>(machine.current_state()[0]);
}

// Whether the guard of a row holds; the signal is the one that the row waits for.
template <class TheRow>
bool guard_holds(const Signal& signal, const Situation& situation, Journal& unused) {
    if constexpr (std::is_same_v<typename TheRow::If, none>)
        return true;
    else
        return TheRow::If::holds(typename TheRow::On{*std::get_if<typename TheRow::On::What>(&signal), situation.facts,
                                                     situation.profile, situation.refused, situation.kept_error,
                                                     unused});
}

template <class Front>
std::uint64_t open(std::uint8_t state, const Signal& signal, const Situation& situation) {
    Facts facts = situation.facts;
    std::uint32_t pending = 0;
    ErrorCode kept_error = 0;
    std::vector<model::Post> posts;
    std::vector<const Row*> fired;
    Journal unused(facts, situation.profile, pending, kept_error, posts, fired);  // guards do not report
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return ((number_of<Front, typename RowAt<Front, I>::From> == state &&
                         signal_index<typename RowAt<Front, I>::On::What> == signal.index() &&
                         guard_holds<RowAt<Front, I>>(signal, situation, unused)
                     ? std::uint64_t{1} << I
                     : 0) |
                ...);
    }
    (std::make_index_sequence<row_count<Front>>{});
}

// The terms of a guard or action, the combinations taken apart.
template <class T>
struct TermsOf {
    static void add(std::vector<Term>& terms) {
        if (std::ranges::none_of(terms, [](const Term& term) { return term.name == T::name.view(); }))
            terms.push_back({T::name.view(), T::meaning});
    }
};
template <>
struct TermsOf<none> {
    static void add(std::vector<Term>&) {}
};
template <class G>
struct TermsOf<Not<G>> {
    static void add(std::vector<Term>& terms) { TermsOf<G>::add(terms); }
};
template <class A, class B>
struct TermsOf<Both<A, B>> {
    static void add(std::vector<Term>& terms) {
        TermsOf<A>::add(terms);
        TermsOf<B>::add(terms);
    }
};
template <class A, class B>
struct TermsOf<Either<A, B>> : TermsOf<Both<A, B>> {};
template <class A, class B>
struct TermsOf<Not<Both<A, B>>> : TermsOf<Both<A, B>> {};

template <class Front>
const std::vector<Term>& terms() {
    static const auto all = [] {
        std::vector<Term> found;
        mpl::for_each<typename Front::transition_table, msm::wrap<mpl::placeholders::_1>>(
            [&found]<class TheRow>(msm::wrap<TheRow>) { TermsOf<typename TheRow::If>::add(found); });
        mpl::for_each<typename Front::transition_table, msm::wrap<mpl::placeholders::_1>>(
            [&found]<class TheRow>(msm::wrap<TheRow>) { TermsOf<typename TheRow::Do>::add(found); });
        return found;
    }();
    return all;
}

template <class Front>
const Machine& instance() {
    static_assert(row_count<Front> <= most_rows_of_a_table && most_rows_of_a_table <= 64 && signal_count <= 64,
                  "rows and signals are told as bits of 64");
    static_assert(number_of<Front, Off> == 0, "a new socket's machines are in state 0");
    static const Machine machine{Front::event,           rows<Front>,  states<Front>(), terms<Front>(),
                                 posted_number<Front>(), &tell<Front>, &open<Front>};
    return machine;
}

}  // namespace asyncselect::model::machine
