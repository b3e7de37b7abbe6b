// The claims that the library over the simulated network is linearizable, and their controls. Knows what is claimed;
// how a program is played stands in program.hpp.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proofs/claim.hpp"
#include "proofs/linearizability/program.hpp"

namespace asyncselect::proofs {

namespace {

const std::vector<Program> of_data{
    {"receive beside pump", {{Act::pump, Act::receive_one}, {Act::receive}, {Act::peer_sends, Act::peer_sends}}},
    {"receive one by one beside pump", {{Act::pump}, {Act::receive_one, Act::receive_one}, {Act::peer_sends}}},
    {"send beside receive", {{Act::pump, Act::receive}, {Act::send}, {Act::peer_sends}}},
};
const std::vector<Program> of_ends{
    {"receive beside the end", {{Act::pump, Act::receive}, {Act::receive}, {Act::peer_sends, Act::peer_shuts_down}}},
    {"receive one by one beside the end",
     {{Act::pump, Act::receive}, {Act::receive_one}, {Act::peer_sends, Act::peer_shuts_down}}},
    {"receive the last byte beside the end",
     {{Act::pump}, {Act::receive_one, Act::receive_one}, {Act::peer_sends, Act::peer_shuts_down}}},
    {"receive beside a reset", {{Act::pump, Act::receive}, {Act::receive_one}, {Act::peer_sends, Act::peer_resets}}},
    {"send beside a shutdown", {{Act::pump, Act::send}, {Act::shut_down}, {Act::peer_sends}}},
    {"receive beside a shutdown", {{Act::pump, Act::receive}, {Act::shut_down}, {Act::peer_shuts_down}}},
};
const std::vector<Program> of_registrations{
    {"register anew beside pump", {{Act::pump, Act::receive}, {Act::select_all}, {Act::peer_sends}}},
    {"cancel beside pump", {{Act::pump, Act::receive_one}, {Act::cancel}, {Act::peer_sends}}},
    {"register beside a receive", {{Act::pump}, {Act::select_all}, {Act::receive_one}, {Act::peer_sends}}},
};
const std::vector<Program> of_closing{
    {"close beside a receive", {{Act::pump, Act::receive}, {Act::close}, {Act::peer_sends}}},
    {"close beside a registration", {{Act::pump}, {Act::close}, {Act::select_all}, {Act::peer_sends}}},
};

const std::vector<Program> of_waking{
    {"wait beside a post", {{Act::wait_for_post}, {Act::post}}},
    {"wait beside two posts", {{Act::wait_for_post, Act::wait_for_post}, {Act::post}, {Act::post}}},
    {"wait for input beside a post", {{Act::wait_for_input}, {Act::post}}},
    {"wait beside the last receive",
     {{Act::wait_for_end}, {Act::receive}},
     {Act::peer_sends, Act::peer_shuts_down, Act::pump}},
    {"wait with a full queue beside the last receive",
     {{Act::wait_for_end}, {Act::receive}},
     {Act::peer_sends, Act::peer_shuts_down, Act::pump, Act::post},
     1},
};

// Plays the programs in a process of its own: threads that wait for one another or go on for ever end it.
Outcome play_all(const std::vector<Program>& programs, unsigned most_preemptions, Fault fault, Network network,
                 unsigned seconds) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return {};
    const auto child = fork();
    if (child == 0) {
        alarm(seconds);
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{fdopen(ends[1], "w"), &std::fclose};
        auto* const out = file.get();
        std::size_t orders = 0;
        std::size_t points = 0;
        for (const auto& program : programs) {
            const auto explored = explore(program, most_preemptions, fault, network);
            orders += explored.orders;
            points += explored.points;
            if (explored.undecided != 0)
                fmt::print(out, "U{} orders of {} are undecided\n", explored.undecided, program.name);
            if (explored.refuted) {
                fmt::print(out, "R{}", *explored.refuted);
                break;
            }
        }
        fmt::print(out, "\nD{} {}\n", orders, points);
        file.reset();
        _exit(0);
    }
    close(ends[1]);
    std::string told;
    std::array<char, 4096> piece{};
    for (ssize_t count = 0; (count = read(ends[0], piece.data(), piece.size())) > 0;)
        told.append(piece.data(), static_cast<std::size_t>(count));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    Outcome outcome;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        const bool late = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
        const bool strays = WIFEXITED(status) && WEXITSTATUS(status) == not_repeatable;
        const bool stuck = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
        outcome.verdict = late || strays ? Verdict::unknown : Verdict::refuted;
        outcome.counterexample = late ? fmt::format("It took more than {} s.", seconds)
                                 : strays
                                     ? "A program that was run again did not do the same: not every order was played."
                                 : stuck ? "The threads wait for one another, or go on, for ever."
                                         : "The library ended the process.";
        return outcome;
    }
    const auto done = told.rfind("\nD");
    unsigned long long orders = 0;
    unsigned long long points = 0;
    if (done == std::string::npos || std::sscanf(told.c_str() + done + 2, "%llu %llu", &orders, &points) != 2)
        return outcome;
    outcome.measure = {{"orders", orders}, {"points", points}};
    if (const auto refuted = told.find('R'); !told.empty() && told.front() == 'R') {
        outcome.verdict = Verdict::refuted;
        outcome.counterexample = told.substr(refuted + 1, done - refuted - 1);
    } else if (!told.empty() && told.front() == 'U') {
        outcome.counterexample = told.substr(1, done - 1);
    } else {
        outcome.verdict = Verdict::proved;
    }
    return outcome;
}

struct OfPrograms {
    const char* name;
    const char* claim;
    std::vector<std::string> clauses;
    const std::vector<Program>& programs;
    bool closes = false;
    bool takes_data = false;  // a fault in how threads share it shows
    bool waits = false;       // a wake-up that is lost shows
};

std::string listed(const std::vector<Program>& programs) {
    std::string all;
    for (const auto& program : programs) all += (all.empty() ? "" : "; ") + program.name;
    return all;
}

Claim claim_of(const OfPrograms& of) {
    constexpr unsigned usual = 1;
    constexpr unsigned full = 2;
    constexpr unsigned usual_seconds = 120;
    constexpr unsigned full_seconds = 1800;
    constexpr unsigned control_seconds = 60;
    const auto* const programs = &of.programs;
    Claim claim;
    claim.id = std::string{"linearizability."} + of.name;
    claim.claim = of.claim;
    claim.clauses = of.clauses;
    claim.tool = "scheduler and oracle";
    claim.scope = fmt::format(
        "every order with at most {} preemption (--full: {}) at the atomic operations on sockets and queues, at their "
        "locks and at the calls that wait and wake, of the library over the simulated network, where each thread's "
        "stores wait in a store buffer (TSO) as long as that can be seen; posting by the pump; the programs: {}",
        usual, full, listed(of.programs));
    claim.not_covered =
        "Orders with more preemptions, or in which it is not the next thread that goes on where one waits for a lock; "
        "other programs; orders within an operation on the network; memory orders weaker than TSO, the kernel in the "
        "place of the simulated network; eager posting; a data race within a step.";
    claim.file = "proofs/linearizability/prove.cpp";
    claim.prove = [programs](Bounds bounds) {
        return play_all(*programs, bounds == Bounds::full ? full : usual, Fault::none, Network::as_it_should,
                        bounds == Bounds::full ? full_seconds : usual_seconds);
    };
    const auto control = [&](const char* name, const char* fault_told, Fault fault, Network network, unsigned most) {
        claim.controls.push_back({name, fault_told, [programs, fault, network, most] {
                                      return play_all(*programs, most, fault, network, control_seconds);
                                  }});
    };
    if (of.closes)
        control("closes-nothing", "closesocket returns, and has done nothing.", Fault::closes_nothing,
                Network::as_it_should, usual);
    else
        control("tells-nobody", "The network tells nobody who waits of what changes.", Fault::none,
                Network::tells_nobody, usual);
    if (of.takes_data)
        control("nothing-is-shared", "A thread never sees that another one makes calls on the socket.",
                Fault::nothing_is_shared, Network::as_it_should, full);
    if (of.waits) {
        control("no-last-look", "Who falls asleep says so, and does not see what has come before.", Fault::no_last_look,
                Network::as_it_should, usual);
        control("all-stores-wait", "A sequentially consistent store waits in the store buffer like any other.",
                Fault::all_stores_wait, Network::as_it_should, usual);
    }
    return claim;
}

// What native_hammering_test says, run for so many seconds of a connection and of a listener, in each way of posting.
Outcome hammer(const std::string& programs, unsigned seconds, const char* fault) {
    Outcome outcome;
    unsigned long long rounds = 0;
    unsigned long long observations = 0;
    unsigned long long undecided = 0;
    for (const char* posting : {"pump", "eager"}) {
        const auto command = fmt::format("ASYNCSELECT_POSTING={} ASYNCSELECT_HAMMER_SECONDS={} {} '{}' 2>&1", posting,
                                         seconds, fault, programs + "/native_hammering_test");
        std::FILE* const out = popen(command.c_str(), "r");
        if (out == nullptr) return outcome;
        std::string told;
        std::array<char, 4096> line{};
        while (std::fgets(line.data(), line.size(), out) != nullptr) {
            unsigned long long some = 0;
            unsigned long long seen = 0;
            unsigned long long open = 0;
            if (std::sscanf(line.data(), "%llu rounds, %llu observations, %llu undecided", &some, &seen, &open) == 3) {
                rounds += some;
                observations += seen;
                undecided += open;
            }
            told += line.data();
        }
        const int status = pclose(out);
        outcome.measure = {{"rounds", rounds}, {"observations", observations}, {"undecided", undecided}};
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
        constexpr int no_such_program = 127;
        const bool missing = WIFEXITED(status) && WEXITSTATUS(status) == no_such_program;
        outcome.verdict = missing ? Verdict::unknown : Verdict::refuted;
        constexpr std::size_t most = 6000;
        outcome.counterexample = fmt::format("Posting {}: {}", posting, told.substr(0, most));
        return outcome;
    }
    outcome.verdict = rounds > 0 ? Verdict::proved : Verdict::unknown;
    return outcome;
}

Claim hammering(const std::string& programs) {
    constexpr unsigned usual = 2;
    constexpr unsigned full = 30;
    Claim claim;
    claim.id = "linearizability.hammering";
    claim.claim =
        "Whatever threads were seen to do to one socket of the system's own network, receiving or accepting, "
        "registering anew and pumping at once, there is an order of their calls, one at a time, that the oracle "
        "accepts.";
    claim.clauses = {"AS-ENABLE-1", "AS-LEVEL-1",  "AS-READ-2",   "AS-REG-1",    "AS-CLOSE-3",
                     "AS-CLOSE-5",  "AS-CANCEL-1", "AS-ENABLE-4", "AS-ACCEPT-2", "AS-ACCEPT-3"};
    claim.tool = "threads and oracle";
    claim.scope = fmt::format(
        "recorded histories, no proof: {} s (--full: {}) of rounds on a connection, and as long on a listener, in each "
        "way of posting",
        usual, full);
    claim.not_covered =
        "Orders in which the threads did not happen to meet, and rounds too entangled to be judged (at most one in a "
        "hundred; they are counted).";
    claim.file = "conformance/native/hammering_test.cpp";
    claim.prove = [programs](Bounds bounds) { return hammer(programs, bounds == Bounds::full ? full : usual, ""); };
    claim.controls = {{"unseen", "Every second message is retrieved and not recorded.",
                       [programs] { return hammer(programs, 1, "ASYNCSELECT_HAMMER_FAULT=unseen"); }}};
    return claim;
}

std::vector<Claim> claims(const std::string& programs) {
    return {
        claim_of({"data",
                  "In whatever order threads receive, send and pump while the peer sends, there is an order of their "
                  "calls, one at a time, that the oracle accepts.",
                  {"AS-READ-2", "AS-READ-3", "AS-ENABLE-1", "AS-LEVEL-1", "AS-WRITE-1"},
                  of_data,
                  false,
                  true}),
        claim_of({"ends",
                  "In whatever order threads send, receive and pump while the peer or another thread ends the "
                  "connection, or the peer resets it, there is an order of their calls, one at a time, that the oracle "
                  "accepts.",
                  {"AS-CLOSE-3", "AS-CLOSE-4", "AS-CLOSE-5", "AS-CLOSE-7", "R-6", "R-9"},
                  of_ends}),
        claim_of({"registrations",
                  "In whatever order threads receive and pump while another one registers the socket anew or cancels, "
                  "there is an order of their calls, one at a time, that the oracle accepts.",
                  {"AS-REG-1", "AS-REG-3", "AS-CANCEL-1", "AS-CANCEL-2"},
                  of_registrations}),
        claim_of({"closing",
                  "In whatever order threads receive, register and pump while another one closes the socket, there is "
                  "an order of their calls, one at a time, that the oracle accepts.",
                  {"AS-CANCEL-3", "AS-CLOSE-6"},
                  of_closing,
                  true}),
        claim_of({.name = "waking",
                  .claim = "What other threads post is retrieved by a window's thread that waits for it, their own "
                           "messages and those of a socket, also of one that found the queue full: no wake-up is lost.",
                  .clauses = {"AS-MSG-1", "AS-CLOSE-3", "R-13"},
                  .programs = of_waking,
                  .waits = true}),
        hammering(programs)};
}

}  // namespace

}  // namespace asyncselect::proofs

int main(int argc, char** argv) {
    using namespace asyncselect::proofs;
    return tell(
        "Proves that what several threads see of the library is what the oracle accepts of their calls in some order: "
        "small programs are played in every order with few preemptions.",
        claims(std::filesystem::path{argv[0]}.parent_path().string()), argc, argv);
}
