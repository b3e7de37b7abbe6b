// The tables as such: their documents are those that the repository keeps, and no two rows of a cell can fire together.
// Must not know what any row means.
#include "model/tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "model/cite.hpp"
#include "model/clauses.hpp"

namespace asyncselect::model {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Snapshot, IsWhatTheRepositoryKeeps) {
    const fs::path folder = ASYNCSELECT_DOCS;
    std::set<std::string> known;
    for (const Document& document : documents()) {
        known.insert(document.name);
        EXPECT_TRUE(read_file(folder / document.name) == document.text)
            << (folder / document.name) << " is not what the running tables say.\n"
            << "If the change of meaning is wanted: ./dev tables, then look at the difference and commit it.";
    }
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string extension = entry.path().extension();
        if (extension != ".md" && extension != ".dot") continue;
        EXPECT_TRUE(known.contains(entry.path().filename()))
            << entry.path() << " is written by nobody: remove it, or run ./dev tables.";
    }
}

TEST(Tables, CiteExistingClausesAndTheirOwnStates) {
    for (const Event event : events_in_posting_order) {
        std::set<std::string_view> sources;
        for (const Row& row : rows(event)) {
            EXPECT_EQ(row.machine, event);
            EXPECT_TRUE(exists(row.clause)) << row.clause;
            EXPECT_TRUE(std::ranges::count(states(event), row.source) == 1) << row.source;
            EXPECT_TRUE(row.target.empty() || std::ranges::count(states(event), row.target) == 1) << row.target;
            EXPECT_TRUE(std::ranges::count(stimuli(), row.stimulus) == 1) << row.stimulus;
            sources.insert(row.source);
        }
        EXPECT_EQ(sources.size(), states(event).size()) << name_of(event) << ": a state without a way out";
        EXPECT_EQ(states(event).front(), "Off");
    }
    for (const Row* const row : composition_rows()) EXPECT_TRUE(exists(row->clause)) << row->clause;
}

// A clause about one event is cited by the machine of another only as a limit: by a row that posts nothing.
TEST(Tables, PostOnlyByClausesOfTheirEvent) {
    for (const Event event : events_in_posting_order) {
        for (const Row& row : rows(event)) {
            const Clause& clause = *find(row.clause);
            if (row.action.empty() || clause.event.empty()) continue;
            EXPECT_EQ(clause.event, name_of(event)) << row.clause;
        }
    }
}

// ---- No two rows of a cell fire together, whatever the facts

struct World {
    Facts facts;
    Profile profile;
    bool refused = false;
};

using Choices = std::vector<std::function<void(World&)>>;

// The facts that each guard depends on, as all the values that make a difference to it.
const std::map<std::string_view, std::vector<std::string_view>>& dimensions_of_terms() {
    static const std::map<std::string_view, std::vector<std::string_view>> dimensions{
        {"DataAvailable", {"readable", "receive_shut"}},
        {"UrgentAvailable", {"urgent", "receive_shut"}},
        {"OobInline", {"oob_inline"}},
        {"SendPossible", {"send_possible", "send_shut", "aborted", "kind", "phase"}},
        {"RequestWaiting", {"requests"}},
        {"ConnectionEstablished", {"phase", "fin", "aborted"}},
        {"EndOfData", {"fin", "readable", "receive_shut"}},
        {"FinArrived", {"fin"}},
        {"ConnectionBroken", {"aborted"}},
        {"WasReset", {"aborted"}},
        {"SendShut", {"send_shut"}},
        {"ChangeOfQos", {"qos_changed"}},
        {"ChangeOfRoute", {"route"}},
        {"ChangeOfAddresses", {"addresses"}},
        {"IsDatagram", {"kind"}},
        {"IsListening", {"phase"}},
        {"NetworkDown", {"subsystem_failed"}},
        {"Refused", {"refused"}},
        {"W-1", {"w1"}},
        {"W-2", {"w2"}},
        {"W-3", {"w3"}},
        {"W-4", {"w4"}},
        // Of the result of the call: every signal is tried with every result.
        {"Succeeded", {}},
        {"WouldBlock", {}},
        {"Failed", {}},
        {"Short", {}},
        {"Rejected", {}},
        {"WasDeferred", {}},
        {"TookData", {}},
        {"TookUrgent", {}},
        // Actions.
        {"Post", {}},
        {"PostKept", {}},
        {"Forget", {}},
    };
    return dimensions;
}

const std::map<std::string_view, Choices>& dimensions() {
    const auto flag = [](bool Facts::*member) {
        return Choices{[member](World& w) { w.facts.*member = false; }, [member](World& w) { w.facts.*member = true; }};
    };
    const auto departure = [](bool Profile::*member) {
        return Choices{[member](World& w) { w.profile.*member = false; },
                       [member](World& w) { w.profile.*member = true; }};
    };
    const auto number = [](std::uint32_t Facts::*member) {
        return Choices{[member](World& w) { w.facts.*member = 0; }, [member](World& w) { w.facts.*member = 1; }};
    };
    const auto watch = [](Watch Facts::*member) {
        return Choices{[member](World& w) { w.facts.*member = Watch::not_requested; },
                       [member](World& w) { w.facts.*member = Watch::requested; },
                       [member](World& w) { w.facts.*member = Watch::changed; }};
    };
    static const std::map<std::string_view, Choices> all{
        {"readable", number(&Facts::readable)},
        {"requests", number(&Facts::requests)},
        {"receive_shut", flag(&Facts::receive_shut)},
        {"urgent", flag(&Facts::urgent)},
        {"oob_inline", flag(&Facts::oob_inline)},
        {"send_possible", flag(&Facts::send_possible)},
        {"send_shut", flag(&Facts::send_shut)},
        {"fin", flag(&Facts::fin)},
        {"qos_changed", flag(&Facts::qos_changed)},
        {"subsystem_failed", flag(&Facts::subsystem_failed)},
        {"route", watch(&Facts::route)},
        {"addresses", watch(&Facts::addresses)},
        {"kind", {[](World& w) { w.facts.kind = Kind::stream; }, [](World& w) { w.facts.kind = Kind::datagram; }}},
        {"phase",
         {[](World& w) { w.facts.phase = Phase::idle; }, [](World& w) { w.facts.phase = Phase::listening; },
          [](World& w) { w.facts.phase = Phase::connecting; }, [](World& w) { w.facts.phase = Phase::established; }}},
        {"aborted",
         {[](World& w) { w.facts.aborted = 0; }, [](World& w) { w.facts.aborted = 10053; },
          [](World& w) { w.facts.aborted = 10054; }}},
        {"refused", {[](World& w) { w.refused = false; }, [](World& w) { w.refused = true; }}},
        {"w1", departure(&Profile::close_at_fin)},
        {"w2", departure(&Profile::reset_tells_aborted)},
        {"w3", departure(&Profile::no_connect_at_select)},
        {"w4", departure(&Profile::datagram_connect_posts_write)},
    };
    return all;
}

// Every signal with every result that a guard can tell from another.
std::vector<Signal> every_signal() {
    using namespace stimulus;
    std::vector<Signal> all{signal::Select{},
                            signal::Deselect{},
                            Inherit{},
                            Closed{},
                            QueueHasRoom{},
                            DataArrived{},
                            DatagramArrived{},
                            OobArrived{},
                            ConnectionRequest{},
                            SendSpaceAvailable{},
                            PeerClosed{},
                            ConnectionAborted{},
                            QosChanged{},
                            AddressListChanged{},
                            SubsystemFailed{},
                            Bound{},
                            Listened{},
                            QosFetched{},
                            GroupQosFetched{},
                            RouteRequested{},
                            AddressListRequested{},
                            OobInlineSet{false},
                            OobInlineSet{true}};
    for (const ErrorCode error : {ErrorCode{0}, ErrorCode{10051}}) {
        all.emplace_back(ConnectOutcome{error});
        all.emplace_back(JoinOutcome{error});
        all.emplace_back(RouteChanged{error});
    }
    for (const std::uint32_t taken : {0U, 1U})
        for (const bool urgent : {false, true}) all.emplace_back(Received{taken, urgent});
    for (const auto outcome :
         {SentOutcome::success, SentOutcome::would_block, SentOutcome::short_count, SentOutcome::failure})
        all.emplace_back(Sent{outcome});
    for (const auto outcome :
         {AcceptOutcome::success, AcceptOutcome::deferred, AcceptOutcome::rejected, AcceptOutcome::failure})
        all.emplace_back(Accepted{outcome});
    for (const auto outcome : {Outcome::success, Outcome::would_block, Outcome::failure}) {
        all.emplace_back(ConnectCalled{outcome});
        all.emplace_back(JoinCalled{outcome});
    }
    for (const auto how : {How::receive, How::send, How::both}) all.emplace_back(ShutDown{how});
    return all;
}

void for_each_world(const std::vector<const Choices*>& chosen, std::size_t next, World& world,
                    const std::function<void(const World&)>& visit) {
    if (next == chosen.size()) {
        visit(world);
        return;
    }
    for (const auto& choice : *chosen[next]) {
        choice(world);
        for_each_world(chosen, next + 1, world, visit);
    }
}

TEST(Tables, NoTwoRowsOfACellFireTogether) {
    const std::vector<Signal> signals = every_signal();
    std::set<std::size_t> covered;
    for (const Signal& signal : signals) covered.insert(signal.index());
    ASSERT_EQ(covered.size(), signal_count) << "a signal is missing here";

    for (const Event event : events_in_posting_order) {
        std::set<std::string_view> names;
        for (const Term& term : terms(event)) {
            ASSERT_TRUE(dimensions_of_terms().contains(term.name)) << term.name << ": say which facts it depends on";
            for (const std::string_view dimension : dimensions_of_terms().at(term.name)) names.insert(dimension);
        }
        std::vector<const Choices*> chosen;
        for (const std::string_view name : names) chosen.push_back(&dimensions().at(name));

        std::set<const Row*> fired;
        World start;
        for_each_world(chosen, 0, start, [&](const World& world) {
            for (const std::string_view state : states(event)) {
                for (const Signal& signal : signals) {
                    const auto open = open_rows(event, state, signal, world.facts, world.profile, world.refused);
                    fired.insert(open.begin(), open.end());
                    if (open.size() > 1) {
                        ADD_FAILURE() << name_of(event) << ", " << state << ", " << signal_names[signal.index()] << ": "
                                      << open[0]->clause << " [" << open[0]->guard << "] and " << open[1]->clause
                                      << " [" << open[1]->guard << ']';
                        return;
                    }
                }
            }
        });
        for (const Row& row : rows(event))
            EXPECT_TRUE(fired.contains(&row)) << name_of(event) << ": this guard never holds: " << row.source << ' '
                                              << row.stimulus << " [" << row.guard << "] " << row.clause;
    }
}

// ---- Names, formats

TEST(Names, OfEventsAndFormats) {
    EXPECT_EQ(event_named("FD_READ"), Event::read);
    EXPECT_EQ(event_named("fd_group_qos"), Event::group_qos);
    EXPECT_EQ(event_named("Close"), Event::close);
    EXPECT_EQ(event_named("FD_"), std::nullopt);
    EXPECT_EQ(event_named(""), std::nullopt);
    EXPECT_EQ(format_named("markdown"), TableFormat::markdown);
    EXPECT_EQ(format_named("dot"), TableFormat::graphviz);
    EXPECT_EQ(format_named("graphviz"), TableFormat::graphviz);
    EXPECT_EQ(format_named("json"), TableFormat::json);
    EXPECT_EQ(format_named("yaml"), std::nullopt);
    for (const Event event : events_in_posting_order) EXPECT_EQ(event_named(file_name_of(event)), event);
}

// ---- Diagrams

std::size_t count(const std::string& text, std::string_view wanted) {
    std::size_t found = 0;
    for (std::size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) ++found;
    return found;
}

TEST(Diagrams, NameEachTransitionOnce) {
    for (const Event event : events_in_posting_order) {
        const std::string graph = print_table(event, TableFormat::graphviz);
        std::multiset<std::string> named;
        for (std::size_t at = graph.find("class=\""); at != std::string::npos; at = graph.find("class=\"", at + 1)) {
            const std::size_t begin = at + std::string_view("class=\"").size();
            std::istringstream classes(graph.substr(begin, graph.find('"', begin) - begin));
            for (std::string name; classes >> name;) named.insert(name);
        }
        for (const Row& row : rows(event)) EXPECT_EQ(named.count(key_of(row)), 1U) << key_of(row);
        EXPECT_EQ(named.size(), rows(event).size());
        EXPECT_EQ(count(graph, " id=\"") + count(graph, "[id=\""), count(graph, "];\n") - 4)
            << "an edge or a state without an id";
    }
}

TEST(Diagrams, DrawBoldlyWhatIsCovered) {
    const std::string plain = print_table(Event::read, TableFormat::graphviz);
    EXPECT_EQ(count(plain, "penwidth=3.2"), 0U);
    const Coverage none;
    const std::string pale = print_table(Event::read, TableFormat::graphviz, &none);
    EXPECT_EQ(count(pale, "penwidth=3.2"), 0U);
    EXPECT_GT(count(pale, "penwidth=0.6"), 0U);
    Coverage some;
    some.set(number_of(*row_named("read-5")));   // Enabled to Posted
    some.set(number_of(*row_named("read-13")));  // stays in Enabled
    const std::string drawn = print_table(Event::read, TableFormat::graphviz, &some);
    EXPECT_EQ(count(drawn, "penwidth=3.2"), 1U);
    EXPECT_EQ(count(drawn, "penwidth=0.6") + 1, count(pale, "penwidth=0.6"));
    EXPECT_EQ(count(drawn, "<b>DataArrived</b>") + count(drawn, "<b>PeerClosed</b>"), 2U);
    Coverage all;
    all.set();
    EXPECT_EQ(count(print_table(Event::read, TableFormat::graphviz, &all), "penwidth=0.6"), 0U);
}

TEST(Formats, AreWholeDocuments) {
    for (const TableFormat format : {TableFormat::markdown, TableFormat::graphviz, TableFormat::json}) {
        std::ostringstream all;
        print_tables(all, format);
        for (const Event event : events_in_posting_order) {
            EXPECT_NE(all.str().find(name_of(event)), std::string::npos);
            std::ostringstream one;
            print_tables(one, format, event);
            EXPECT_NE(one.str().find(name_of(event)), std::string::npos);
            EXPECT_LT(one.str().size(), all.str().size());
        }
        // Nothing in the text opens what it does not close.
        for (const auto& [opening, closing] : {std::pair{'{', '}'}, std::pair{'[', ']'}, std::pair{'(', ')'}})
            EXPECT_EQ(std::ranges::count(all.str(), opening), std::ranges::count(all.str(), closing));
    }
}

}  // namespace
}  // namespace asyncselect::model
