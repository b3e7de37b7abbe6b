// Writes what fuzz targets begin with: seed corpora, made from the scenarios, the traces and the alphabets that are
// there anyway, and dictionaries, made from the vocabularies. So neither is kept twice. Must not know what a target
// does.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "conformance/script.hpp"
#include "conformance/suite.hpp"
#include "conformance/trace_file.hpp"
#include "conformance/trace_schema.hpp"
#include "fuzz/api_programs.hpp"
#include "fuzz/lines.hpp"
#include "model/event.hpp"
#include "model/possible.hpp"
#include "proofs/alphabet.hpp"

namespace asyncselect::fuzz {
namespace {

constexpr const char* usage =
    "usage: %s TARGET ROOT FOLDER\n"
    "       %s --dictionary script|trace\n"
    "\n"
    "Writes the seed corpus of a fuzz target into FOLDER, a file for each input; ROOT is the folder of the project.\n"
    "Or prints a dictionary (fuzz/dictionaries/*.dict are these).\n"
    "Exit: 0 done, 2 bad usage, or a file that cannot be read or written.\n";

using Seeds = std::map<std::string, std::string>;  // by name

// ---- seeds ----------------------------------------------------------------------------------------------------------

Seeds scripts() {
    Seeds seeds;
    for (const auto& script : conformance::embedded_scripts()) seeds[std::string(script.name)] = script.text;
    return seeds;
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path.string() + " cannot be read");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// As somebody writes it down who does not see what peers do. Nothing if nothing is told of them, or if it is no trace.
std::optional<std::string> without_peers(const std::string& text) {
    std::istringstream stream(text);
    try {
        conformance::TraceReader reader(stream);
        conformance::TraceHeader header = reader.header();
        if (std::exchange(header.unobserved_peers, true)) return std::nullopt;
        std::string unseen = conformance::write_header(header) + '\n';
        while (const auto observation = reader.next()) {
            if (std::holds_alternative<model::observation::Peer>(*observation) ||
                std::holds_alternative<model::observation::Change>(*observation))
                continue;
            unseen += conformance::write_observation(*observation) + '\n';
        }
        return unseen;
    } catch (const conformance::TraceError&) {
        return std::nullopt;
    }
}

// What the traces that are there anyway do not come to, and mutations seldom: each behind a header, a start, a window
// 1, and a socket 5.
constexpr std::array seldom{
    // A datagram is received while others have arrived, and one more is under way.
    R"({"call":"bind","socket":5,"result":0}
{"call":"WSAAsyncSelect","socket":5,"window":1,"message":1025,"events":1,"result":0}
{"peer":"p","does":"datagram","socket":5,"bytes":9}
{"peer":"p","does":"datagram","socket":5,"bytes":8}
{"message":1025,"window":1,"socket":5,"event":1}
{"quiet":true}
{"peer":"p","does":"datagram","socket":5,"bytes":7}
{"call":"recv","socket":5,"length":100,"result":9}
{"message":1025,"window":1,"socket":5,"event":1}
{"call":"recv","socket":5,"length":100,"result":8}
{"call":"recv","socket":5,"length":100,"result":7}
{"quiet":true}
)",
    // An urgent byte from before SO_OOBINLINE is not given out any more.
    R"({"call":"connect","socket":5,"result":0}
{"peer":"p","does":"established","socket":5}
{"call":"WSAAsyncSelect","socket":5,"window":1,"message":1025,"events":5,"result":0}
{"peer":"p","does":"urgent"}
{"message":1025,"window":1,"socket":5,"event":4}
{"call":"setsockopt SO_OOBINLINE","socket":5,"value":1,"result":0}
{"call":"recv","socket":5,"length":1,"flags":1,"result":-1,"error":10022}
{"quiet":true}
)",
    // A join that takes its time.
    R"({"call":"WSAAsyncSelect","socket":5,"window":1,"message":1025,"events":16,"result":0}
{"call":"WSAJoinLeaf","socket":5,"result":-1,"error":10035}
{"peer":"p","does":"established","socket":5}
{"message":1025,"window":1,"socket":5,"event":16}
{"quiet":true}
)",
    R"({"call":"WSAAsyncSelect","socket":5,"window":1,"message":1025,"events":16,"result":0}
{"call":"WSAJoinLeaf","socket":5,"result":-1,"error":10035}
{"peer":"p","does":"refused","socket":5,"error":10061}
{"quiet":true}
)",
    R"({"call":"WSAAsyncSelect","socket":5,"window":1,"message":1025,"events":17,"result":0}
{"call":"bind","socket":5,"result":0}
{"call":"WSAJoinLeaf","socket":5,"result":-1,"error":10035}
{"peer":"p","does":"established","socket":5}
{"message":1025,"window":1,"socket":5,"event":1}
)",
    // More than the peer has sent, and the most that it could have been lies between what is tried.
    R"({"call":"connect","socket":5,"result":0}
{"peer":"p","does":"established","socket":5}
{"call":"WSAAsyncSelect","socket":5,"window":1,"message":1025,"events":1,"result":0}
{"peer":"p","does":"send","bytes":101}
{"message":1025,"window":1,"socket":5,"event":1}
{"call":"recv","socket":5,"length":4000,"result":500}
)",
    // FD_WRITE while the peer has received nothing.
    R"({"call":"connect","socket":5,"result":0}
{"peer":"p","does":"established","socket":5}
{"call":"WSAAsyncSelect","socket":5,"window":1,"message":1025,"events":2,"result":0}
{"message":1025,"window":1,"socket":5,"event":2}
{"call":"send","socket":5,"length":65536,"result":65536}
{"call":"send","socket":5,"length":65536,"result":-1,"error":10035}
{"message":1025,"window":1,"socket":5,"event":2}
)",
};

std::string with_head(std::string_view lines, bool datagrams) {
    conformance::TraceHeader header;
    header.provider = "made by hand";
    return conformance::write_header(header) + R"(
{"call":"WSAStartup","result":0}
{"call":"CreateWindow","result":1,"created":1}
{"call":"socket")" +
           (datagrams ? R"(,"datagram":true)" : "") +
           R"(,"result":5,"created":5}
)" + std::string(lines);
}

// More sockets than what is allowed in place of a message is told of.
std::string many_sockets() {
    std::string text = with_head("", false);
    for (int socket = 6; socket < 28; ++socket) {
        const std::string handle = std::to_string(socket);
        text += R"({"call":"socket","datagram":true,"result":)" + handle + R"(,"created":)" + handle + "}\n";
        text += R"({"call":"WSAAsyncSelect","socket":)" + handle +
                R"(,"window":1,"message":1025,"events":2,"result":0})" + '\n';
    }
    return text + R"({"message":1026,"window":1,"socket":5,"event":1})" + '\n';
}

// Calls of so many threads at once. With registrations each order leaves another end, with sends none another.
std::string overlapping(unsigned threads, bool registrations) {
    namespace seen = model::observation;
    std::string text = with_head(R"({"call":"connect","socket":5,"result":0}
{"peer":"p","does":"established","socket":5}
)",
                                 false);
    const auto add = [&text](const model::Observation& observation) {
        text += conformance::write_observation(observation) + '\n';
    };
    seen::Call call;
    call.socket = 5;
    for (unsigned number = 1; number <= threads; ++number) add(seen::Began{number, "t" + std::to_string(number), ""});
    for (unsigned number = 1; number <= threads; ++number) {
        call.thread = "t" + std::to_string(number);
        call.function = registrations ? model::Function::async_select : model::Function::send;
        call.window = 1;
        call.message = 1024 + number;
        call.mask = registrations ? number : 0;
        call.length = number;
        call.result = registrations ? 0 : number;
        add(seen::Ended{number, call});
    }
    add(seen::Quiet{});
    return text;
}

Seeds traces(const std::filesystem::path& root) {
    Seeds seeds;
    // Up to what is tried, and beyond.
    for (const unsigned threads : {3U, 9U, 14U}) {
        seeds["registrations-" + std::to_string(threads) + ".jsonl"] = overlapping(threads, true);
        seeds["sends-" + std::to_string(threads) + ".jsonl"] = overlapping(threads, false);
    }
    for (std::size_t number = 0; number < seldom.size(); ++number) {
        const std::string name = "seldom-" + std::to_string(number);
        seeds[name + "-stream.jsonl"] = with_head(seldom[number], false);
        seeds[name + "-datagrams.jsonl"] = with_head(seldom[number], true);
    }
    seeds["many-sockets.jsonl"] = many_sockets();
    for (const char* folder : {"docs/traces", "conformance/traces"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder))
            if (entry.path().extension() == ".jsonl") seeds[entry.path().filename().string()] = contents(entry.path());
    for (auto& [name, text] : Seeds(seeds))
        if (auto unseen = without_peers(text)) seeds["unobserved-" + name] = std::move(*unseen);
    return seeds;
}

// Lives that mostly consist of what can happen: a socket that connects or listens, and what follows.
Seeds lives() {
    constexpr std::size_t steps = 40;
    Seeds seeds;
    const auto alphabet = proofs::alphabet();
    for (std::uint64_t number = 0; number < 64; ++number) {
        Chance chance(number);
        std::string life(1, static_cast<char>(number % 4));
        model::Socket socket((number & 1U) != 0 ? model::Kind::datagram : model::Kind::stream);
        while (life.size() < steps) {
            if (chance.one_in(6)) {
                // A registration: the mask is in the two bytes behind.
                const auto mask =
                    chance.one_in(2) ? model::every_event : static_cast<std::uint32_t>(chance.below(1024));
                life +=
                    {static_cast<char>(232 + chance.below(24)), static_cast<char>(mask), static_cast<char>(mask >> 8U)};
                socket.apply(model::stimulus::AsyncSelect{mask});
                continue;
            }
            const std::size_t index = chance.below(alphabet.size());
            if (!model::possible(socket, alphabet[index])) continue;
            if (std::holds_alternative<model::stimulus::Closed>(alphabet[index])) continue;
            life += static_cast<char>(index);
            socket.apply(alphabet[index]);
        }
        seeds["life-" + std::to_string(number)] = life;
    }
    return seeds;
}

// Each program with each of its first choices, and with some of those that follow.
void add_programs(Seeds& seeds) {
    constexpr unsigned most_choices = 40;
    constexpr unsigned choices = 16;  // more than any but the first has, which is of options
    constexpr std::size_t length = 40;
    std::uint64_t seed = 0;
    for (unsigned number = 0; number < program_count; ++number) {
        for (unsigned choice = 0; choice < (number == 0 ? most_choices : choices); ++choice) {
            for (unsigned others = 0; others < 3; ++others) {
                Chance chance(++seed);
                std::string program{'\0', static_cast<char>(program_follows), static_cast<char>(number),
                                    static_cast<char>(choice)};
                while (program.size() < length) program += static_cast<char>(chance.below(256));
                seeds["program-" + std::to_string(number) + '-' + std::to_string(choice) + '-' +
                      std::to_string(others)] = program;
            }
        }
    }
}

// Each number of a function, with arguments that are plain, and with some of all sorts.
Seeds calls() {
    Seeds seeds;
    for (unsigned number = 0; number < 128; ++number) {
        Chance chance(number);
        std::string plain{'\0', static_cast<char>(number)};
        plain.append(24, static_cast<char>(200));
        seeds["plain-" + std::to_string(number)] = plain;
        std::string any{static_cast<char>(number % 2)};
        for (int count = 0; count < 12; ++count) {
            any += static_cast<char>((number * 7 + static_cast<unsigned>(count) * 11) % 128);
            for (std::size_t arguments = chance.below(20); arguments > 0; --arguments)
                any += static_cast<char>(chance.below(256));
        }
        seeds["any-" + std::to_string(number)] = any;
    }
    add_programs(seeds);
    return seeds;
}

Seeds seeds_of(std::string_view target, const std::filesystem::path& root) {
    if (target == "word_against_model") return lives();
    if (target == "script_parser" || target == "live_provider" || target == "stack_over_simulation") return scripts();
    if (target == "trace_reader" || target == "trace_lines") return traces(root);
    if (target == "api_arguments") return calls();
    throw std::runtime_error("there is no target \"" + std::string(target) + "\"");
}

void write(const Seeds& seeds, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    for (const auto& [name, text] : seeds) {
        std::ofstream file(folder / name, std::ios::binary);
        file << text;
        if (!file.flush()) throw std::runtime_error((folder / name).string() + " cannot be written");
    }
}

// ---- dictionaries
// -----------------------------------------------------------------------------------------------------

std::string entry(std::string_view word) {
    std::string text = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + "\"\n";
}

std::string script_dictionary() {
    std::set<std::string> words{"#",   "clauses", "only pump", "only eager", "times",
                                "all", "0x400",   "none",      "nothing",    "|"};
    for (const auto& description : conformance::operation_descriptions()) {
        for (const std::string_view text : {description.syntax, description.example}) {
            std::string word;
            for (const char c : std::string(text) + ' ') {
                if ((c >= 'a' && c <= 'z') || c == '-' || (c >= '0' && c <= '9') || (c == '_')) {
                    word += c;
                    continue;
                }
                if (word.size() > 1) words.insert(word);
                word.clear();
            }
        }
    }
    for (const auto event : model::events_in_posting_order) words.insert(std::string(model::name_of(event)));
    std::string text = "# The words of scripts. Written by fuzz_seeds --dictionary script, and compared by a test.\n";
    for (const auto& word : words) text += entry(word);
    return text;
}

void collect(const nlohmann::json& schema, std::set<std::string>& words) {
    if (schema.is_object()) {
        for (const auto& [key, value] : schema.items()) {
            if (key == "properties" && value.is_object())
                for (const auto& [name, ignored] : value.items()) words.insert('"' + name + "\":");
            if ((key == "const" || key == "enum") && !value.is_object()) {
                for (const auto& one : value.is_array() ? value : nlohmann::json::array({value}))
                    if (one.is_string()) words.insert(one.dump());
            }
            collect(value, words);
        }
    } else if (schema.is_array()) {
        for (const auto& value : schema) collect(value, words);
    }
}

std::string trace_dictionary() {
    std::set<std::string> words{"{\"",   "}\n",   "true",   "false", "-1", "18446744073709551615",
                                "10035", "10054", "\\u0000"};
    collect(nlohmann::json::parse(conformance::trace_schema()), words);
    std::string text = "# The words of traces. Written by fuzz_seeds --dictionary trace, and compared by a test.\n";
    for (const auto& word : words) text += word == "}\n" ? "\"}\\x0a\"\n" : entry(word);
    return text;
}

int run(std::span<char*> arguments) {
    const std::vector<std::string_view> words(arguments.begin() + 1, arguments.end());
    if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) {
        std::printf(usage, arguments[0], arguments[0]);
        return 0;
    }
    if (words.size() == 2 && words[0] == "--dictionary" && (words[1] == "script" || words[1] == "trace")) {
        std::printf("%s", (words[1] == "script" ? script_dictionary() : trace_dictionary()).c_str());
        return 0;
    }
    if (words.size() != 3 || words[0].starts_with("--")) {
        std::fprintf(stderr, usage, arguments[0], arguments[0]);
        return 2;
    }
    write(seeds_of(words[0], words[1]), words[2]);
    return 0;
}

}  // namespace
}  // namespace asyncselect::fuzz

int main(int count, char** arguments) {
    try {
        return asyncselect::fuzz::run({arguments, static_cast<std::size_t>(count)});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", arguments[0], error.what());
        return 2;
    }
}
