// Reading and writing scripts. It must not know how they are played.
#include "conformance/script.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "model/clauses.hpp"
#include "model/event.hpp"
#include "model/few.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

Operation::Operation() noexcept = default;
Operation::Operation(const Operation&) = default;
Operation::Operation(Operation&&) noexcept = default;
Operation& Operation::operator=(const Operation&) = default;
Operation& Operation::operator=(Operation&&) noexcept = default;
Operation::~Operation() = default;

namespace {

struct Word {
    std::string_view text;
    std::size_t column;
};

// Of a line, without what a comment says.
using Words = model::Few<Word, 16>;

// Whether a byte stands between words.
constexpr auto between_words = [] {
    std::array<bool, 256> found{};
    for (const char c : {' ', '\t', '\r'}) found[static_cast<unsigned char>(c)] = true;
    return found;
}();

void words_of(std::string_view line, Words& words) {
    words.clear();
    const auto between = [](char c) { return between_words[static_cast<unsigned char>(c)]; };
    const char* const begin = line.data();
    const char* const end = begin + line.size();
    for (const char* at = begin; at != end;) {
        if (between(*at)) {
            ++at;
            continue;
        }
        if (*at == '#') break;
        const char* const word = at;
        while (at != end && !between(*at)) ++at;
        words.push_back({{word, static_cast<std::size_t>(at - word)}, static_cast<std::size_t>(word - begin) + 1});
    }
}

// As ==, but where the lengths differ, as they mostly do, without a call, and with a known word without one at all.
inline bool same(std::string_view word, std::string_view known) {
    return word.size() == known.size() && std::memcmp(word.data(), known.data(), known.size()) == 0;
}

// The words of one line, taken one after the other.
class Line {
  public:
    Line(std::size_t number, std::span<const Word> words, std::size_t length)
        : number_(number), words_(words), length_(length) {}

    [[nodiscard]] bool more() const { return next_ < words_.size(); }
    [[nodiscard]] std::size_t number() const { return number_; }

    [[noreturn]] void fail(const std::string& what) const {
        const std::size_t column = next_ > 0 ? words_[next_ - 1].column : 1;
        throw ScriptError(number_, column, what);
    }

    std::string_view take(std::string_view what) {
        if (!more()) miss(what);
        return words_[next_++].text;
    }

    std::string_view name(std::string_view what) {
        const std::string_view word = take(what);
        static constexpr auto letters = [] {
            std::array<bool, 256> found{};
            for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."))
                found[static_cast<unsigned char>(c)] = true;
            return found;
        }();
        const auto fits = [](char c) { return letters[static_cast<unsigned char>(c)]; };
        if (!std::ranges::all_of(word, fits)) fail("\"" + std::string(word) + "\" is no name");
        return word;
    }

    std::uint32_t count(std::string_view what) {
        const std::string_view word = take(what);
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc{} || end != word.data() + word.size()) {
            fail("\"" + std::string(word) + "\" is not a number from 0 to 4294967295");
        }
        return value;
    }

    // Takes the word if it is the next.
    bool option(std::string_view word) {
        if (!more() || !same(words_[next_].text, word)) return false;
        ++next_;
        return true;
    }

    template <class T, std::size_t N>
    T one_of(std::string_view what, const std::array<std::pair<std::string_view, T>, N>& choices) {
        const std::string_view word = take(what);
        for (const auto& [name, value] : choices) {
            if (same(word, name)) return value;
        }
        std::string known;
        for (const auto& choice : choices) known += (known.empty() ? "" : ", ") + std::string(choice.first);
        fail("\"" + std::string(word) + "\" is not one of " + known);
    }

    // The number of a flow specification, if one is given.
    std::uint32_t flow() {
        if (!option("qos")) return 0;
        const std::uint32_t number = count("the number of the flow specification");
        if (number == 0 || number > 8) fail("flow specifications are numbered from 1 to 8");
        return number;
    }

    std::uint32_t mask() {
        const std::string_view word = take("the events");
        if (word == "0") return 0;
        if (word == "all") return model::every_event;
        std::uint32_t mask = 0;
        std::size_t at = 0;
        while (at <= word.size()) {
            const std::size_t end = std::min(word.find('|', at), word.size());
            const std::string_view part = word.substr(at, end - at);
            mask |= bits_of(part);
            at = end + 1;
        }
        return mask;
    }

    void end() {
        if (more()) {
            ++next_;
            fail("\"" + std::string(words_[next_ - 1].text) + "\" is not expected here");
        }
    }

  private:
    [[noreturn]] void miss(std::string_view what) const {
        throw ScriptError(number_, length_ + 1, std::string(what) + " is missing");
    }

    std::uint32_t bits_of(std::string_view part) const {
        for (const model::Event event : model::events_in_posting_order) {
            if (same(part, model::name_of(event))) return model::bit_of(event);
        }
        if (part.starts_with("0x")) {
            std::uint32_t bits = 0;
            const auto [end, error] = std::from_chars(part.data() + 2, part.data() + part.size(), bits, 16);
            if (error == std::errc{} && end == part.data() + part.size()) return bits;
        }
        fail("\"" + std::string(part) + "\" is no network event");
    }

    std::size_t number_;
    std::span<const Word> words_;
    std::size_t length_;
    std::size_t next_ = 0;
};

namespace op = operation;

constexpr std::array<std::pair<std::string_view, op::Target>, 3> targets{
    {{"peer", op::Target::peer}, {"nowhere", op::Target::nowhere}, {"stalled", op::Target::stalled}}};
constexpr std::array<std::pair<std::string_view, op::How>, 3> hows{
    {{"receive", op::How::receive}, {"send", op::How::send}, {"both", op::How::both}}};
constexpr std::array<std::pair<std::string_view, op::How>, 3> roles{
    {{"receiver", op::How::receive}, {"sender", op::How::send}, {"both", op::How::both}}};
constexpr std::array<std::pair<std::string_view, op::Target>, 2> receivers{
    {{"peer", op::Target::peer}, {"nowhere", op::Target::nowhere}}};
constexpr std::array<std::pair<std::string_view, model::Condition>, 3> conditions{
    {{"accept", model::Condition::accept}, {"reject", model::Condition::reject}, {"defer", model::Condition::defer}}};
constexpr std::array<std::pair<std::string_view, Way>, 4> receiving{
    {{"recv", Way::plain}, {"recvfrom", Way::address}, {"wsarecv", Way::wsa}, {"wsarecvfrom", Way::wsa_address}}};
constexpr std::array<std::pair<std::string_view, Way>, 4> sending{
    {{"send", Way::plain}, {"sendto", Way::address}, {"wsasend", Way::wsa}, {"wsasendto", Way::wsa_address}}};
constexpr std::array<std::pair<std::string_view, op::Network>, 4> networks{{{"red", op::Network::red},
                                                                            {"blue", op::Network::blue},
                                                                            {"red6", op::Network::red6},
                                                                            {"blue6", op::Network::blue6}}};
constexpr std::array<std::pair<std::string_view, op::Through>, 3> throughs{
    {{"one", op::Through::one}, {"other", op::Through::other}, {"nothing", op::Through::nothing}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> additions{{{"add", true}, {"remove", false}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> postings{{{"pump", "pump"}, {"eager", "eager"}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> switches{{{"on", true}, {"off", false}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> buffers{{{"send", true}, {"receive", false}}};

template <class T, std::size_t N>
std::string word_for(const std::array<std::pair<std::string_view, T>, N>& choices, T value) {
    for (const auto& [name, choice] : choices) {
        if (choice == value) return std::string(name);
    }
    return "";
}

// Every word that can begin an operation.
enum class Verb : std::uint8_t {
    peer,
    startup,
    cleanup,
    last_error,
    set_last_error,
    window,
    destroy,
    socket,
    bind,
    listen,
    connect,
    wsaconnect,
    accept,
    wsaaccept,
    join,
    event_select,
    select,
    recv,
    recvfrom,
    wsarecv,
    wsarecvfrom,
    drain,
    send,
    sendto,
    wsasend,
    wsasendto,
    fill,
    shutdown,
    close,
    blocking,
    available,
    oobinline,
    buffer,
    qos,
    get_qos,
    get_group_qos,
    watch_route,
    watch_addresses,
    route,
    address,
    fail_subsystem,
    look,
    message,
    messages,
    quiet,
    fill_queue,
    arrived,
    listener,
    connection,
};
constexpr std::array<std::pair<std::string_view, Verb>, 49> verbs{{
    {"peer", Verb::peer},
    {"startup", Verb::startup},
    {"cleanup", Verb::cleanup},
    {"last-error", Verb::last_error},
    {"set-last-error", Verb::set_last_error},
    {"window", Verb::window},
    {"destroy", Verb::destroy},
    {"socket", Verb::socket},
    {"bind", Verb::bind},
    {"listen", Verb::listen},
    {"connect", Verb::connect},
    {"wsaconnect", Verb::wsaconnect},
    {"accept", Verb::accept},
    {"wsaaccept", Verb::wsaaccept},
    {"join", Verb::join},
    {"event-select", Verb::event_select},
    {"select", Verb::select},
    {"recv", Verb::recv},
    {"recvfrom", Verb::recvfrom},
    {"wsarecv", Verb::wsarecv},
    {"wsarecvfrom", Verb::wsarecvfrom},
    {"drain", Verb::drain},
    {"send", Verb::send},
    {"sendto", Verb::sendto},
    {"wsasend", Verb::wsasend},
    {"wsasendto", Verb::wsasendto},
    {"fill", Verb::fill},
    {"shutdown", Verb::shutdown},
    {"close", Verb::close},
    {"blocking", Verb::blocking},
    {"available", Verb::available},
    {"oobinline", Verb::oobinline},
    {"buffer", Verb::buffer},
    {"qos", Verb::qos},
    {"get-qos", Verb::get_qos},
    {"get-group-qos", Verb::get_group_qos},
    {"watch-route", Verb::watch_route},
    {"watch-addresses", Verb::watch_addresses},
    {"route", Verb::route},
    {"address", Verb::address},
    {"fail-subsystem", Verb::fail_subsystem},
    {"look", Verb::look},
    {"message", Verb::message},
    {"messages", Verb::messages},
    {"quiet", Verb::quiet},
    {"fill-queue", Verb::fill_queue},
    {"arrived", Verb::arrived},
    {"listener", Verb::listener},
    {"connection", Verb::connection},
}};

// Where each verb is in `verbs`, found by a hash that is quick: a script asks with every line.
class VerbPlaces {
  public:
    constexpr VerbPlaces() noexcept {
        for (std::size_t place = 0; place < verbs.size(); ++place) {
            std::size_t slot = begin(verbs[place].first);
            while (table_[slot] != 0) slot = (slot + 1) % table_.size();
            table_[slot] = static_cast<std::uint8_t>(place + 1);
        }
    }
    [[nodiscard]] constexpr std::optional<Verb> of(std::string_view word) const noexcept {
        if (word.empty()) return std::nullopt;
        for (std::size_t slot = begin(word); table_[slot] != 0; slot = (slot + 1) % table_.size()) {
            const auto& [name, verb] = verbs[table_[slot] - 1U];
            if (name == word) return verb;
        }
        return std::nullopt;
    }

  private:
    static constexpr std::size_t slots = 256;

    static constexpr std::size_t begin(std::string_view word) noexcept {
        const auto at = [word](std::size_t index) { return static_cast<unsigned char>(word[index]); };
        return (at(0) + 5U * at(word.size() - 1) + 11U * at(word.size() / 2) + 37U * word.size()) % slots;
    }
    std::array<std::uint8_t, slots> table_{};
};
constexpr VerbPlaces verb_places;

// An operation is made where it is to be, as those who play it have it in their hands soon enough.
void parse_peer(Line& line, Operation& into) {
    const std::string_view connection = line.name("the name of the connection");
    const std::string_view verb = line.take("what the peer does");
    const auto make = [&]<class O>(O made) {
        made.connection = connection;
        into.emplace<O>(std::move(made));
    };
    if (verb == "send") return make(op::PeerSend{"", line.count("the number of bytes")});
    if (verb == "connect") return make(op::PeerConnect{"", std::string(line.name("the listening socket"))});
    if (verb == "admit") return make(op::PeerAdmit{});
    if (verb == "datagram") {
        op::PeerDatagram datagram{"", std::string(line.name("the socket"))};
        datagram.bytes = line.count("the number of bytes");
        if (datagram.bytes > 65000) line.fail("a datagram has 65000 bytes at most");
        return make(std::move(datagram));
    }
    if (verb == "ended") return make(op::PeerEnded{});
    if (verb == "urgent") return make(op::PeerUrgent{});
    if (verb == "shutdown") return make(op::PeerShutDown{});
    if (verb == "close") return make(op::PeerClose{});
    if (verb == "reset") return make(op::PeerReset{});
    if (verb == "receive") {
        if (line.option("all")) return make(op::PeerReceive{"", 0});
        const std::uint32_t bytes = line.count("the number of bytes");
        if (bytes == 0) line.fail("a peer receives at least one byte, or \"all\"");
        return make(op::PeerReceive{"", bytes});
    }
    line.fail("a peer cannot \"" + std::string(verb) + "\"");
}

template <class O>
O& of_socket(Line& line, Operation& into) {
    O& made = into.emplace<O>();
    made.socket = line.name("the socket");
    return made;
}

void parse_receive(Line& line, Operation& into, Way way) {
    auto& receive = of_socket<op::Receive>(line, into);
    receive.way = way;
    receive.bytes = line.count("the number of bytes");
    if (receive.bytes > 1U << 20U) line.fail("a recv asks for 1048576 bytes at most");
    receive.peek = line.option("peek");
    receive.oob = line.option("oob");
    receive.wild = line.option("wild");
    receive.odd_flags = line.option("odd-flags");
}

void parse_send(Line& line, Operation& into, Way way) {
    auto& send = of_socket<op::Send>(line, into);
    send.way = way;
    send.bytes = line.count("the number of bytes");
    if (send.bytes > 1U << 26U) line.fail("a send offers 67108864 bytes at most");
    if (way == Way::address || way == Way::wsa_address) {
        for (const auto& [word, target] : receivers) {
            if (!send.to && line.option(word)) send.to = target;
        }
    }
    send.oob = line.option("oob");
    send.wild = line.option("wild");
}

void parse_operation(Line& line, Operation& into) {
    const std::string_view word = line.take("an operation");
    const std::optional<Verb> verb = verb_places.of(word);
    if (!verb) line.fail("\"" + std::string(word) + "\" is no operation");
    switch (*verb) {
        case Verb::peer:
            return parse_peer(line, into);
        case Verb::startup:
            into.emplace<op::Startup>();
            return;
        case Verb::cleanup:
            into.emplace<op::Cleanup>();
            return;
        case Verb::last_error:
            into.emplace<op::GetLastError>();
            return;
        case Verb::set_last_error:
            into.emplace<op::SetLastError>().error = static_cast<int>(line.count("the error") & 0xffffU);
            return;
        case Verb::window:
            into.emplace<op::MakeWindow>().window = line.name("the window");
            return;
        case Verb::destroy:
            into.emplace<op::DestroyWindow>().window = line.name("the window");
            return;
        case Verb::socket: {
            auto& made = of_socket<op::MakeSocket>(line, into);
            made.datagram = line.option("datagram");
            made.ipv6 = line.option("ipv6");
            return;
        }
        case Verb::bind: {
            auto& made = of_socket<op::Bind>(line, into);
            made.any = line.option("any");
            return;
        }
        case Verb::listen:
            of_socket<op::Listen>(line, into);
            return;
        case Verb::connect:
        case Verb::wsaconnect: {
            auto& connect = of_socket<op::Connect>(line, into);
            connect.target = line.one_of("whom to connect to", targets);
            connect.wsa = *verb == Verb::wsaconnect;
            if (connect.wsa) connect.qos = line.flow();
            return;
        }
        case Verb::accept: {
            auto& accept = into.emplace<op::Accept>();
            accept.listener = line.name("the listening socket");
            accept.wild = line.option("wild");
            if (!accept.wild && line.more()) {
                accept.socket = line.name("the new socket");
                accept.wild = line.option("wild");
            }
            return;
        }
        case Verb::wsaaccept: {
            auto& accept = into.emplace<op::Accept>();
            accept.listener = line.name("the listening socket");
            accept.wsa = true;
            bool conditional = line.option("condition");
            if (!conditional && line.more()) {
                accept.socket = line.name("the new socket");
                conditional = line.option("condition");
            }
            if (conditional) accept.condition = line.one_of("what the condition function returns", conditions);
            return;
        }
        case Verb::join: {
            auto& join = of_socket<op::Join>(line, into);
            join.role = line.one_of("the role", roles);
            join.qos = line.flow();
            return;
        }
        case Verb::event_select: {
            auto& made = of_socket<op::EventSelect>(line, into);
            made.mask = line.mask();
            return;
        }
        case Verb::select: {
            auto& select = of_socket<op::Select>(line, into);
            select.mask = line.mask();
            if (line.option("window")) select.window = line.name("the window");
            if (line.option("message")) select.message = line.count("the number of the message");
            if (select.message > 100) line.fail("messages are numbered from 0 to 100");
            return;
        }
        case Verb::recv:
            return parse_receive(line, into, Way::plain);
        case Verb::recvfrom:
            return parse_receive(line, into, Way::address);
        case Verb::wsarecv:
            return parse_receive(line, into, Way::wsa);
        case Verb::wsarecvfrom:
            return parse_receive(line, into, Way::wsa_address);
        case Verb::drain:
            of_socket<op::Drain>(line, into);
            return;
        case Verb::send:
            return parse_send(line, into, Way::plain);
        case Verb::sendto:
            return parse_send(line, into, Way::address);
        case Verb::wsasend:
            return parse_send(line, into, Way::wsa);
        case Verb::wsasendto:
            return parse_send(line, into, Way::wsa_address);
        case Verb::fill:
            of_socket<op::Fill>(line, into);
            return;
        case Verb::shutdown: {
            auto& made = of_socket<op::ShutDown>(line, into);
            made.how = line.one_of("the direction", hows);
            return;
        }
        case Verb::close:
            of_socket<op::Close>(line, into);
            return;
        case Verb::blocking: {
            auto& made = of_socket<op::SetBlocking>(line, into);
            made.on = line.one_of("on or off", switches);
            return;
        }
        case Verb::available:
            of_socket<op::BytesAvailable>(line, into);
            return;
        case Verb::oobinline: {
            auto& made = of_socket<op::SetOobInline>(line, into);
            made.on = line.one_of("on or off", switches);
            return;
        }
        case Verb::buffer: {
            auto& set = of_socket<op::SetBuffer>(line, into);
            set.sending = line.one_of("which buffer", buffers);
            set.bytes = line.count("the number of bytes");
            return;
        }
        case Verb::qos: {
            auto& set = of_socket<op::SetQos>(line, into);
            set.number = line.count("the number of the flow specification");
            if (set.number == 0 || set.number > 8) line.fail("flow specifications are numbered from 1 to 8");
            return;
        }
        case Verb::get_qos: {
            auto& made = of_socket<op::GetQos>(line, into);
            made.wild = line.option("wild");
            return;
        }
        case Verb::get_group_qos: {
            auto& made = of_socket<op::GetGroupQos>(line, into);
            made.wild = line.option("wild");
            return;
        }
        case Verb::watch_route: {
            auto& made = of_socket<op::WatchRoute>(line, into);
            made.to = line.one_of("the network", networks);
            return;
        }
        case Verb::watch_addresses:
            of_socket<op::WatchAddresses>(line, into);
            return;
        case Verb::route: {
            auto& route = into.emplace<op::Route>();
            route.to = line.one_of("the network", networks);
            route.through = line.one_of("the interface", throughs);
            return;
        }
        case Verb::address: {
            auto& address = into.emplace<op::Address>();
            address.add = line.one_of("add or remove", additions);
            address.ipv6 = line.option("ipv6");
            return;
        }
        case Verb::fail_subsystem:
            into.emplace<op::FailSubsystem>();
            return;
        case Verb::look:
            into.emplace<op::Look>();
            return;
        case Verb::message:
            into.emplace<op::Retrieve>();
            return;
        case Verb::messages:
            into.emplace<op::RetrieveAll>();
            return;
        case Verb::quiet:
            into.emplace<op::Quiet>();
            return;
        case Verb::fill_queue:
            into.emplace<op::FillQueue>().window = line.name("the window");
            return;
        case Verb::arrived:
            into.emplace<op::Arrived>();
            return;
        case Verb::listener: {
            auto& made = of_socket<op::Listener>(line, into);
            made.ipv6 = line.option("ipv6");
            return;
        }
        case Verb::connection: {
            auto& connection = of_socket<op::Connection>(line, into);
            connection.accepted = line.option("accepted");
            connection.ipv6 = line.option("ipv6");
            return;
        }
    }
}

// Makes one type out of several lambdas.
template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;  // clang before 17 does not find it by itself

std::string flow(std::uint32_t number) { return number == 0 ? "" : " qos " + std::to_string(number); }

std::string ipv6(bool on) { return on ? " ipv6" : ""; }

}  // namespace

std::string show(const Operation& operation) {
    return std::visit(
        Overloaded{
            [](const op::Startup&) -> std::string { return "startup"; },
            [](const op::Cleanup&) -> std::string { return "cleanup"; },
            [](const op::GetLastError&) -> std::string { return "last-error"; },
            [](const op::SetLastError& o) { return "set-last-error " + std::to_string(o.error); },
            [](const op::MakeWindow& o) { return "window " + o.window; },
            [](const op::DestroyWindow& o) { return "destroy " + o.window; },
            [](const op::MakeSocket& o) {
                return "socket " + o.socket + (o.datagram ? " datagram" : "") + ipv6(o.ipv6);
            },
            [](const op::Bind& o) { return "bind " + o.socket + (o.any ? " any" : ""); },
            [](const op::Listen& o) { return "listen " + o.socket; },
            [](const op::Connect& o) {
                return (o.wsa ? "wsaconnect " : "connect ") + o.socket + ' ' + word_for(targets, o.target) +
                       flow(o.qos);
            },
            [](const op::Accept& o) {
                return (o.wsa ? "wsaaccept " : "accept ") + o.listener + (o.socket.empty() ? "" : " " + o.socket) +
                       (o.condition == model::Condition::none ? ""
                                                              : " condition " + word_for(conditions, o.condition)) +
                       (o.wild ? " wild" : "");
            },
            [](const op::Join& o) { return "join " + o.socket + ' ' + word_for(roles, o.role) + flow(o.qos); },
            [](const op::Select& o) {
                return "select " + o.socket + ' ' + model::show_mask(o.mask) +
                       (o.window == "w" ? "" : " window " + o.window) +
                       (o.message == 1 ? "" : " message " + std::to_string(o.message));
            },
            [](const op::EventSelect& o) { return "event-select " + o.socket + ' ' + model::show_mask(o.mask); },
            [](const op::Receive& o) {
                return word_for(receiving, o.way) + ' ' + o.socket + ' ' + std::to_string(o.bytes) +
                       (o.peek ? " peek" : "") + (o.oob ? " oob" : "") + (o.wild ? " wild" : "") +
                       (o.odd_flags ? " odd-flags" : "");
            },
            [](const op::Drain& o) { return "drain " + o.socket; },
            [](const op::Send& o) {
                return word_for(sending, o.way) + ' ' + o.socket + ' ' + std::to_string(o.bytes) +
                       (o.to ? ' ' + word_for(receivers, *o.to) : "") + (o.oob ? " oob" : "") + (o.wild ? " wild" : "");
            },
            [](const op::Fill& o) { return "fill " + o.socket; },
            [](const op::ShutDown& o) { return "shutdown " + o.socket + ' ' + word_for(hows, o.how); },
            [](const op::Close& o) { return "close " + o.socket; },
            [](const op::SetBlocking& o) { return "blocking " + o.socket + ' ' + word_for(switches, o.on); },
            [](const op::BytesAvailable& o) { return "available " + o.socket; },
            [](const op::SetOobInline& o) { return "oobinline " + o.socket + ' ' + word_for(switches, o.on); },
            [](const op::SetBuffer& o) {
                return "buffer " + o.socket + ' ' + word_for(buffers, o.sending) + ' ' + std::to_string(o.bytes);
            },
            [](const op::SetQos& o) { return "qos " + o.socket + ' ' + std::to_string(o.number); },
            [](const op::GetQos& o) { return "get-qos " + o.socket + (o.wild ? " wild" : ""); },
            [](const op::GetGroupQos& o) { return "get-group-qos " + o.socket + (o.wild ? " wild" : ""); },
            [](const op::WatchRoute& o) { return "watch-route " + o.socket + ' ' + word_for(networks, o.to); },
            [](const op::WatchAddresses& o) { return "watch-addresses " + o.socket; },
            [](const op::Look&) -> std::string { return "look"; },
            [](const op::Retrieve&) -> std::string { return "message"; },
            [](const op::RetrieveAll&) -> std::string { return "messages"; },
            [](const op::Quiet&) -> std::string { return "quiet"; },
            [](const op::FillQueue& o) { return "fill-queue " + o.window; },
            [](const op::Route& o) {
                return "route " + word_for(networks, o.to) + ' ' + word_for(throughs, o.through);
            },
            [](const op::Address& o) { return "address " + word_for(additions, o.add) + ipv6(o.ipv6); },
            [](const op::FailSubsystem&) -> std::string { return "fail-subsystem"; },
            [](const op::PeerConnect& o) { return "peer " + o.connection + " connect " + o.listener; },
            [](const op::PeerAdmit& o) { return "peer " + o.connection + " admit"; },
            [](const op::PeerSend& o) { return "peer " + o.connection + " send " + std::to_string(o.bytes); },
            [](const op::PeerDatagram& o) {
                return "peer " + o.connection + " datagram " + o.socket + ' ' + std::to_string(o.bytes);
            },
            [](const op::PeerUrgent& o) { return "peer " + o.connection + " urgent"; },
            [](const op::PeerShutDown& o) { return "peer " + o.connection + " shutdown"; },
            [](const op::PeerClose& o) { return "peer " + o.connection + " close"; },
            [](const op::PeerReset& o) { return "peer " + o.connection + " reset"; },
            [](const op::PeerReceive& o) {
                return "peer " + o.connection + " receive " + (o.bytes == 0 ? "all" : std::to_string(o.bytes));
            },
            [](const op::PeerEnded& o) { return "peer " + o.connection + " ended"; },
            [](const op::Arrived&) -> std::string { return "arrived"; },
            [](const op::Listener& o) { return "listener " + o.socket + ipv6(o.ipv6); },
            [](const op::Connection& o) {
                return "connection " + o.socket + (o.accepted ? " accepted" : "") + ipv6(o.ipv6);
            },
        },
        operation);
}

std::string show(const Step& step) {
    return std::string(step.meanwhile ? "meanwhile " : "") + (step.thread == "main" ? "" : step.thread + ": ") +
           (step.inside ? "inside " : "") + show(step.operation);
}

std::optional<std::string> cannot_overlap(const Operation& operation) {
    const auto waits = [](const auto&) -> std::optional<std::string> { return "waits for what others do"; };
    const auto several = [](const auto&) -> std::optional<std::string> { return "is several steps in one"; };
    const auto network = [](const auto&) -> std::optional<std::string> { return "changes this host's network"; };
    const auto refused = [](op::Target target) -> std::optional<std::string> {
        if (target != op::Target::nowhere) return std::nullopt;
        return "is refused at a moment that nobody can tell";
    };
    return std::visit(Overloaded{
                          [&](const op::Look& o) { return waits(o); },
                          [&](const op::Retrieve& o) { return waits(o); },
                          [&](const op::RetrieveAll& o) { return waits(o); },
                          [&](const op::Quiet& o) { return waits(o); },
                          [&](const op::FillQueue& o) { return several(o); },
                          [&](const op::Arrived& o) { return waits(o); },
                          [&](const op::PeerEnded& o) { return waits(o); },
                          [&](const op::Route& o) { return network(o); },
                          [&](const op::Address& o) { return network(o); },
                          [&](const op::FailSubsystem& o) { return network(o); },
                          [&](const op::Listener& o) { return several(o); },
                          [&](const op::Connection& o) { return several(o); },
                          [&](const op::Connect& o) { return refused(o.target); },
                          [&](const op::Send& o) { return refused(o.to.value_or(op::Target::peer)); },
                          [](const auto&) -> std::optional<std::string> { return std::nullopt; },
                      },
                      operation);
}

std::string show(const Script& script) {
    std::string text;
    if (!script.title.empty()) text += "# " + script.title + '\n';
    if (!script.clauses.empty()) {
        text += "clauses";
        for (const std::string& id : script.clauses) text += ' ' + id;
        text += '\n';
    }
    if (!script.only.empty()) text += "only " + script.only + '\n';
    for (const Step& step : script.steps) text += show(step) + '\n';
    return text;
}

std::string_view name_of(Need need) {
    return need == Need::own_network ? "a network of its own" : "a network subsystem that can be made to fail";
}

std::vector<Need> needs_of(const Script& script) {
    bool network = false;
    bool injection = false;
    for (const Step& step : script.steps) {
        const Operation& operation = step.operation;
        network = network || std::holds_alternative<op::Route>(operation) ||
                  std::holds_alternative<op::Address>(operation) || std::holds_alternative<op::Join>(operation);
        injection = injection || std::holds_alternative<op::FailSubsystem>(operation);
    }
    std::vector<Need> needs;
    if (network) needs.push_back(Need::own_network);
    if (injection) needs.push_back(Need::fault_injection);
    return needs;
}

namespace {

// Whether something else is done with a socket while it connects: its connection is established at a moment that is
// known only when it is over.
bool beside_its_connect(const Operation& operation, const std::string& socket) {
    const std::string shown = show(operation) + ' ';
    return !shown.starts_with("peer ") && shown.find(' ' + socket + ' ') != std::string::npos;
}

void check_overlaps(const Script& script) {
    if (std::ranges::none_of(script.steps, &Step::meanwhile)) return;
    for (std::size_t begin = 0; begin < script.steps.size();) {
        const std::size_t end = end_of_overlap(script, begin);
        const std::span<const Step> together(script.steps.data() + begin, end - begin);
        begin = end;
        if (together.size() == 1) continue;
        for (const Step& step : together) {
            const std::size_t line = step.meanwhile ? step.line : together[1].line;
            const auto fail = [&](const std::string& why) { throw ScriptError(line, 1, why); };
            if (step.inside) fail("what is inside a condition function cannot be meanwhile as well");
            if (const std::optional<std::string> why = cannot_overlap(step.operation)) {
                fail("nothing can be done meanwhile: \"" + show(step.operation) + "\" " + *why);
            }
            const auto* connect = std::get_if<op::Connect>(&step.operation);
            if (connect == nullptr) continue;
            for (const Step& other : together) {
                if (&other != &step && beside_its_connect(other.operation, connect->socket)) {
                    fail("\"" + show(other.operation) + "\" cannot be done while " + connect->socket +
                         " connects: nobody can tell which was first");
                }
            }
        }
    }
}

}  // namespace

Script parse(std::string_view text, std::string name) {
    Script script;
    script.name = std::move(name);
    constexpr std::size_t short_line = 8;
    constexpr std::size_t most_foreseen = 64;
    script.steps.reserve(std::min(text.size() / short_line + 1, most_foreseen));
    Words all_words;
    std::size_t number = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        ++number;
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view whole = text.substr(at, end - at);
        at = end + 1;
        words_of(whole, all_words);
        std::span<const Word> words(all_words.begin(), all_words.size());
        if (words.empty()) {
            if (script.title.empty() && whole.starts_with("# ")) script.title = whole.substr(2);
            continue;
        }
        if (same(words.front().text, "clauses")) {
            script.clauses.reserve(script.clauses.size() + words.size() - 1);
            for (const Word& word : words.subspan(1)) {
                if (!model::exists(word.text)) {
                    throw ScriptError(number, word.column, "there is no clause \"" + std::string(word.text) + "\"");
                }
                script.clauses.emplace_back(word.text);
            }
            continue;
        }
        if (same(words.front().text, "only")) {
            Line line(number, words, whole.size());
            line.take("only");
            script.only = line.one_of("the way of posting", postings);
            line.end();
            continue;
        }
        const bool is_first = script.steps.empty();
        Step& step = script.steps.emplace_back();
        step.line = number;
        if (words.size() > 1 && same(words.front().text, "meanwhile")) {
            step.meanwhile = true;
            if (is_first) throw ScriptError(number, words.front().column, "there is no step before it");
            words = words.subspan(1);
        }
        if (words.front().text.size() > 1 && words.front().text.ends_with(':')) {
            step.thread = words.front().text.substr(0, words.front().text.size() - 1);
            words = words.subspan(1);
        }
        if (words.size() > 1 && same(words.front().text, "inside")) {
            step.inside = true;
            words = words.subspan(1);
        }
        std::uint32_t times = 1;
        if (words.size() > 1 && same(words.front().text, "times")) {
            Line head(number, words.first(2), whole.size());
            head.take("times");
            times = head.count("how many times");
            if (times == 0 || times > 100000) head.fail("an operation is repeated 1 to 100000 times");
            words = words.subspan(2);
        }
        Line line(number, words, whole.size());
        parse_operation(line, step.operation);
        line.end();
        if (times > 1) script.steps.insert(script.steps.end(), times - 1, Step(step));
    }
    if (script.steps.empty()) throw ScriptError(number == 0 ? 1 : number, 1, "there are no steps");
    check_overlaps(script);
    return script;
}

void demand_claims(const Script& script) {
    if (script.title.empty()) throw ScriptError(1, 1, "the first comment, which says what is shown, is missing");
    if (script.clauses.empty()) throw ScriptError(1, 1, "the line \"clauses\" is missing");
}

}  // namespace asyncselect::conformance
