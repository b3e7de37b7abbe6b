// Reading and writing scripts. It must not know how they are played.
#include "conformance/script.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "model/clauses.hpp"
#include "model/event.hpp"
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

void words_of(std::string_view line, std::vector<Word>& words) {
    words.clear();
    const auto between = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    std::size_t at = 0;
    while (at < line.size()) {
        if (between(line[at])) {
            ++at;
            continue;
        }
        if (line[at] == '#') break;
        std::size_t end = at;
        while (end < line.size() && (line[end] > ' ' || !between(line[end]))) ++end;
        words.push_back({line.substr(at, end - at), at + 1});
        at = end;
    }
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
        if (!more()) throw ScriptError(number_, length_ + 1, std::string(what) + " is missing");
        return words_[next_++].text;
    }

    std::string name(std::string_view what) {
        const std::string_view word = take(what);
        const auto fits = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
        };
        if (!std::ranges::all_of(word, fits)) fail("\"" + std::string(word) + "\" is no name");
        return std::string(word);
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
        if (!more() || words_[next_].text != word) return false;
        ++next_;
        return true;
    }

    template <class T, std::size_t N>
    T one_of(std::string_view what, const std::array<std::pair<std::string_view, T>, N>& choices) {
        const std::string_view word = take(what);
        for (const auto& [name, value] : choices) {
            if (name == word) return value;
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
    std::uint32_t bits_of(std::string_view part) const {
        for (const model::Event event : model::events_in_posting_order) {
            if (model::name_of(event) == part) return model::bit_of(event);
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
std::optional<T> value_of(const std::array<std::pair<std::string_view, T>, N>& choices, std::string_view word) {
    for (const auto& [name, value] : choices) {
        if (name == word) return value;
    }
    return std::nullopt;
}

template <class T, std::size_t N>
std::string word_for(const std::array<std::pair<std::string_view, T>, N>& choices, T value) {
    for (const auto& [name, choice] : choices) {
        if (choice == value) return std::string(name);
    }
    return "";
}

Operation parse_peer(Line& line) {
    std::string connection = line.name("the name of the connection");
    const std::string_view verb = line.take("what the peer does");
    if (verb == "connect") return op::PeerConnect{std::move(connection), line.name("the listening socket")};
    if (verb == "admit") return op::PeerAdmit{std::move(connection)};
    if (verb == "send") return op::PeerSend{std::move(connection), line.count("the number of bytes")};
    if (verb == "datagram") {
        op::PeerDatagram datagram{std::move(connection), line.name("the socket")};
        datagram.bytes = line.count("the number of bytes");
        if (datagram.bytes > 65000) line.fail("a datagram has 65000 bytes at most");
        return datagram;
    }
    if (verb == "ended") return op::PeerEnded{std::move(connection)};
    if (verb == "urgent") return op::PeerUrgent{std::move(connection)};
    if (verb == "shutdown") return op::PeerShutDown{std::move(connection)};
    if (verb == "close") return op::PeerClose{std::move(connection)};
    if (verb == "reset") return op::PeerReset{std::move(connection)};
    if (verb == "receive") {
        if (line.option("all")) return op::PeerReceive{std::move(connection), 0};
        const std::uint32_t bytes = line.count("the number of bytes");
        if (bytes == 0) line.fail("a peer receives at least one byte, or \"all\"");
        return op::PeerReceive{std::move(connection), bytes};
    }
    line.fail("a peer cannot \"" + std::string(verb) + "\"");
}

Operation parse_operation(Line& line) {
    const std::string_view verb = line.take("an operation");
    constexpr std::string_view socket = "the socket";
    if (verb == "peer") return parse_peer(line);
    if (verb == "startup") return op::Startup{};
    if (verb == "cleanup") return op::Cleanup{};
    if (verb == "last-error") return op::GetLastError{};
    if (verb == "set-last-error") return op::SetLastError{static_cast<int>(line.count("the error") & 0xffffU)};
    if (verb == "window") return op::MakeWindow{line.name("the window")};
    if (verb == "destroy") return op::DestroyWindow{line.name("the window")};
    if (verb == "socket") {
        op::MakeSocket made{line.name(socket)};
        made.datagram = line.option("datagram");
        made.ipv6 = line.option("ipv6");
        return made;
    }
    if (verb == "bind") {
        op::Bind bind{line.name(socket)};
        bind.any = line.option("any");
        return bind;
    }
    if (verb == "listen") return op::Listen{line.name(socket)};
    if (verb == "connect" || verb == "wsaconnect") {
        op::Connect connect{line.name(socket)};
        connect.target = line.one_of("whom to connect to", targets);
        connect.wsa = verb == "wsaconnect";
        if (connect.wsa) connect.qos = line.flow();
        return connect;
    }
    if (verb == "accept") {
        op::Accept accept{line.name("the listening socket"), ""};
        accept.wild = line.option("wild");
        if (!accept.wild && line.more()) {
            accept.socket = line.name("the new socket");
            accept.wild = line.option("wild");
        }
        return accept;
    }
    if (verb == "wsaaccept") {
        op::Accept accept{line.name("the listening socket"), ""};
        accept.wsa = true;
        bool conditional = line.option("condition");
        if (!conditional && line.more()) {
            accept.socket = line.name("the new socket");
            conditional = line.option("condition");
        }
        if (conditional) accept.condition = line.one_of("what the condition function returns", conditions);
        return accept;
    }
    if (verb == "join") {
        op::Join join{line.name(socket)};
        join.role = line.one_of("the role", roles);
        join.qos = line.flow();
        return join;
    }
    if (verb == "event-select") {
        op::EventSelect select{line.name(socket)};
        select.mask = line.mask();
        return select;
    }
    if (verb == "select") {
        op::Select select{line.name(socket)};
        select.mask = line.mask();
        if (line.option("window")) select.window = line.name("the window");
        if (line.option("message")) select.message = line.count("the number of the message");
        if (select.message > 100) line.fail("messages are numbered from 0 to 100");
        return select;
    }
    if (const std::optional<Way> way = value_of(receiving, verb)) {
        op::Receive receive{line.name(socket)};
        receive.way = *way;
        receive.bytes = line.count("the number of bytes");
        if (receive.bytes > 1U << 20U) line.fail("a recv asks for 1048576 bytes at most");
        receive.peek = line.option("peek");
        receive.oob = line.option("oob");
        receive.wild = line.option("wild");
        receive.odd_flags = line.option("odd-flags");
        return receive;
    }
    if (verb == "drain") return op::Drain{line.name(socket)};
    if (const std::optional<Way> way = value_of(sending, verb)) {
        op::Send send{line.name(socket)};
        send.way = *way;
        send.bytes = line.count("the number of bytes");
        if (send.bytes > 1U << 26U) line.fail("a send offers 67108864 bytes at most");
        if (*way == Way::address || *way == Way::wsa_address) {
            for (const auto& [word, target] : receivers) {
                if (!send.to && line.option(word)) send.to = target;
            }
        }
        send.oob = line.option("oob");
        send.wild = line.option("wild");
        return send;
    }
    if (verb == "fill") return op::Fill{line.name(socket)};
    if (verb == "shutdown") {
        op::ShutDown shut_down{line.name(socket)};
        shut_down.how = line.one_of("the direction", hows);
        return shut_down;
    }
    if (verb == "close") return op::Close{line.name(socket)};
    if (verb == "blocking") {
        op::SetBlocking blocking{line.name(socket)};
        blocking.on = line.one_of("on or off", switches);
        return blocking;
    }
    if (verb == "available") return op::BytesAvailable{line.name(socket)};
    if (verb == "oobinline") {
        op::SetOobInline set{line.name(socket)};
        set.on = line.one_of("on or off", switches);
        return set;
    }
    if (verb == "buffer") {
        op::SetBuffer set{line.name(socket)};
        set.sending = line.one_of("which buffer", buffers);
        set.bytes = line.count("the number of bytes");
        return set;
    }
    if (verb == "qos") {
        op::SetQos set{line.name(socket)};
        set.number = line.count("the number of the flow specification");
        if (set.number == 0 || set.number > 8) line.fail("flow specifications are numbered from 1 to 8");
        return set;
    }
    if (verb == "get-qos") {
        op::GetQos get{line.name(socket)};
        get.wild = line.option("wild");
        return get;
    }
    if (verb == "get-group-qos") {
        op::GetGroupQos get{line.name(socket)};
        get.wild = line.option("wild");
        return get;
    }
    if (verb == "watch-route") {
        op::WatchRoute watch{line.name(socket)};
        watch.to = line.one_of("the network", networks);
        return watch;
    }
    if (verb == "watch-addresses") return op::WatchAddresses{line.name(socket)};
    if (verb == "route") {
        op::Route route{line.one_of("the network", networks)};
        route.through = line.one_of("the interface", throughs);
        return route;
    }
    if (verb == "address") {
        op::Address address{line.one_of("add or remove", additions)};
        address.ipv6 = line.option("ipv6");
        return address;
    }
    if (verb == "fail-subsystem") return op::FailSubsystem{};
    if (verb == "look") return op::Look{};
    if (verb == "message") return op::Retrieve{};
    if (verb == "messages") return op::RetrieveAll{};
    if (verb == "quiet") return op::Quiet{};
    if (verb == "fill-queue") return op::FillQueue{line.name("the window")};
    if (verb == "arrived") return op::Arrived{};
    if (verb == "listener") {
        op::Listener listener{line.name(socket)};
        listener.ipv6 = line.option("ipv6");
        return listener;
    }
    if (verb == "connection") {
        op::Connection connection{line.name(socket)};
        connection.accepted = line.option("accepted");
        connection.ipv6 = line.option("ipv6");
        return connection;
    }
    line.fail("\"" + std::string(verb) + "\" is no operation");
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

std::size_t end_of_overlap(const Script& script, std::size_t index) {
    std::size_t end = index + 1;
    while (end < script.steps.size() && script.steps[end].meanwhile) ++end;
    return end;
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
    const auto has = [&script](auto&& wanted) {
        return std::ranges::any_of(script.steps, [&](const Step& step) { return std::visit(wanted, step.operation); });
    };
    std::vector<Need> needs;
    if (has(Overloaded{[](const op::Route&) { return true; }, [](const op::Address&) { return true; },
                       [](const op::Join&) { return true; }, [](const auto&) { return false; }})) {
        needs.push_back(Need::own_network);
    }
    if (has(Overloaded{[](const op::FailSubsystem&) { return true; }, [](const auto&) { return false; }})) {
        needs.push_back(Need::fault_injection);
    }
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
    std::vector<Word> all_words;  // of a line
    std::size_t number = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        ++number;
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view whole = text.substr(at, end - at);
        at = end + 1;
        words_of(whole, all_words);
        std::span<const Word> words = all_words;
        if (words.empty()) {
            if (script.title.empty() && whole.starts_with("# ")) script.title = whole.substr(2);
            continue;
        }
        if (words.front().text == "clauses") {
            for (const Word& word : words.subspan(1)) {
                if (!model::exists(word.text)) {
                    throw ScriptError(number, word.column, "there is no clause \"" + std::string(word.text) + "\"");
                }
                script.clauses.emplace_back(word.text);
            }
            continue;
        }
        if (words.front().text == "only") {
            Line line(number, words, whole.size());
            line.take("only");
            script.only = line.one_of("the way of posting", postings);
            line.end();
            continue;
        }
        Step step;
        step.line = number;
        if (words.size() > 1 && words.front().text == "meanwhile") {
            step.meanwhile = true;
            if (script.steps.empty()) throw ScriptError(number, words.front().column, "there is no step before it");
            words = words.subspan(1);
        }
        if (words.front().text.size() > 1 && words.front().text.ends_with(':')) {
            step.thread = words.front().text.substr(0, words.front().text.size() - 1);
            words = words.subspan(1);
        }
        if (words.size() > 1 && words.front().text == "inside") {
            step.inside = true;
            words = words.subspan(1);
        }
        std::uint32_t times = 1;
        if (words.size() > 1 && words.front().text == "times") {
            Line head(number, words.first(2), whole.size());
            head.take("times");
            times = head.count("how many times");
            if (times == 0 || times > 100000) head.fail("an operation is repeated 1 to 100000 times");
            words = words.subspan(2);
        }
        Line line(number, words, whole.size());
        step.operation = parse_operation(line);
        line.end();
        for (; times > 1; --times) script.steps.push_back(step);
        script.steps.push_back(std::move(step));
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
