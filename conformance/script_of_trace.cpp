// Finding the operations behind observations. It must not know what is allowed.
#include "conformance/script_of_trace.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "conformance/provider.hpp"

namespace asyncselect::conformance {

namespace {

namespace op = operation;
namespace seen = model::observation;
using model::Condition;
using model::Function;
using model::Observation;
using seen::Call;
using seen::Change;
using seen::Peer;
using seen::PeerVerb;

// As the executor fills a send buffer.
constexpr std::int64_t fill_piece = 65536;
constexpr std::uint32_t highest_message = 100;

// What began and ended counts where it ended.
Observation plain(const Observation& observation) {
    const auto* const ended = std::get_if<seen::Ended>(&observation);
    return ended == nullptr ? observation : model::done(*ended);
}

class Finder {
  public:
    explicit Finder(std::span<const Observation> trace) {
        std::size_t open = 0;
        std::size_t overlap = 0;
        for (const Observation& observation : trace) {
            const bool begins = std::holds_alternative<seen::Began>(observation);
            if (begins && open++ == 0) ++overlap;
            if (!begins && !std::holds_alternative<seen::Clock>(observation)) {
                trace_.push_back(plain(observation));
                overlap_of_.push_back(open > 0 ? overlap : 0);
            }
            if (std::holds_alternative<seen::Ended>(observation) && open > 0) --open;
        }
    }

    ScriptOfTrace find() {
        prepare();
        for (; at_ < trace_.size(); ++at_) {
            std::visit([this](const auto& what) { this->take(what); }, trace_[at_]);
        }
        overlap();
        return std::move(made_);
    }

  private:
    // ---- names ----------------------------------------------------------------------------------------------------

    // A name of the language that nobody has yet, as near to the wanted one as can be.
    static std::string name_near(std::string_view wanted, std::set<std::string>& taken) {
        std::string name;
        for (const char c : wanted) {
            const bool fits =
                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
            name += fits ? c : '_';
        }
        // Words that stand behind a name would be taken for one.
        constexpr std::array<std::string_view, 12> words{"nothing", "none", "condition", "datagram", "ipv6", "any",
                                                         "window",  "qos",  "message",   "accepted", "peek", "all"};
        if (name.empty() || std::ranges::find(words, name) != words.end()) name += '_';
        std::string unused = name;
        for (int number = 2; !taken.insert(unused).second; ++number) unused = name + '_' + std::to_string(number);
        return unused;
    }

    [[nodiscard]] std::string socket(Handle handle) const {
        const auto found = sockets_.find(handle);
        return found == sockets_.end() ? "nothing" : found->second.name;
    }
    std::string connection(const std::string& peer) {
        const auto found = connections_.find(peer);
        if (found != connections_.end()) return found->second;
        return connections_[peer] = name_near(peer, connection_names_);
    }
    std::string thread(const std::string& name) {
        const auto found = threads_.find(name);
        if (found != threads_.end()) return found->second;
        return threads_[name] = name_near(name, thread_names_);
    }
    // A window that does not exist, where the trace names one.
    std::string window(Handle handle) {
        if (handle == 0) return "none";
        const auto found = windows_.find(handle);
        if (found != windows_.end()) return found->second;
        if (gone_.empty()) {
            gone_ = name_near("gone", window_names_);
            add(op::MakeWindow{gone_});
            add(op::DestroyWindow{gone_});
        }
        return gone_;
    }

    // ---- steps ----------------------------------------------------------------------------------------------------

    void add(Operation operation) {
        Step step;
        step.inside = inside_;
        step.operation = std::move(operation);
        push(std::move(step));
    }
    void push(Step step) {
        made_.script.steps.push_back(std::move(step));
        overlaps_.push_back(at_ < overlap_of_.size() ? overlap_of_[at_] : 0);
    }
    void add(const Call& call, Operation operation) {
        Step step;
        step.thread = thread(call.thread);
        if (call.function == Function::accept && !call.in_callback) inside_ = false;
        inside_ = inside_ || call.in_callback;
        step.inside = inside_;
        step.operation = std::move(operation);
        push(std::move(step));
    }
    // Steps of different threads that overlapped are played at the same time, as far as the language can say so.
    void overlap() {
        std::vector<Step>& steps = made_.script.steps;
        std::set<std::string> threads;
        const auto can = [&steps](std::size_t index) {
            return !steps[index].inside && !cannot_overlap(steps[index].operation);
        };
        for (std::size_t index = 1; index < steps.size(); ++index) {
            const bool together = overlaps_[index] != 0 && overlaps_[index] == overlaps_[index - 1];
            if (!together || !steps[index - 1].meanwhile) threads = {steps[index - 1].thread};
            if (!together) continue;
            steps[index].meanwhile = can(index - 1) && can(index) && threads.insert(steps[index].thread).second;
            if (!steps[index].meanwhile)
                remark("what overlapped is done one after the other, in the order of its ends");
        }
        try {
            Script trial = made_.script;
            trial.title = "a trial";
            trial.clauses = {"AS-MSG-1"};
            parse(show(trial), "");
        } catch (const ScriptError&) {
            for (Step& step : steps) step.meanwhile = false;
            remark("what overlapped is done one after the other, in the order of its ends");
        }
    }

    void remark(const std::string& words) {
        if (std::ranges::find(made_.remarks, words) == made_.remarks.end()) made_.remarks.push_back(words);
    }

    // One startup and the window w of the main thread are there when a script begins.
    void prepare() {
        thread("main");
        const auto is = [](const Observation& observation, Function function) {
            const auto* const call = std::get_if<Call>(&observation);
            return call != nullptr && call->function == function && !call->failed();
        };
        const auto startup =
            std::ranges::find_if(trace_, [&](const auto& observation) { return is(observation, Function::startup); });
        // What comes before it, comes without.
        const bool early =
            startup != trace_.end() && std::ranges::any_of(trace_.begin(), startup, [](const Observation& observation) {
                const auto* const call = std::get_if<Call>(&observation);
                return call != nullptr && call->function != Function::create_window &&
                       call->function != Function::startup;
            });
        if (early || startup == trace_.end())
            add(op::Cleanup{});
        else
            erase(startup);
        const auto first = std::ranges::find_if(trace_, [&](const auto& observation) {
            return is(observation, Function::create_window) && std::get<Call>(observation).thread == "main";
        });
        window_names_.insert("w");
        if (first == trace_.end()) return;
        windows_[std::get<Call>(*first).created] = "w";
        erase(first);
    }
    void erase(std::vector<Observation>::iterator which) {
        overlap_of_.erase(overlap_of_.begin() + (which - trace_.begin()));
        trace_.erase(which);
    }

    // The next observation from here on for which the predicate holds, before one for which `stop` holds.
    template <class Wanted, class Stop>
    std::optional<std::size_t> ahead(const Wanted& wanted, const Stop& stop) const {
        for (std::size_t index = at_ + 1; index < trace_.size(); ++index) {
            if (std::visit(wanted, trace_[index])) return index;
            if (std::visit(stop, trace_[index])) return std::nullopt;
        }
        return std::nullopt;
    }

    // ---- calls ----------------------------------------------------------------------------------------------------

    void take(const Call& call) {
        const std::string name = socket(call.socket);
        switch (call.function) {
            case Function::startup:
                return add(call, op::Startup{});
            case Function::cleanup:
                return add(call, op::Cleanup{});
            case Function::get_last_error:
                return add(call, op::GetLastError{});
            case Function::set_last_error:
                return add(call, op::SetLastError{static_cast<int>(call.value & 0xffff)});
            case Function::create_window:
                if (call.failed()) return;
                windows_[call.created] = name_near("w" + std::to_string(window_names_.size() + 1), window_names_);
                return add(call, op::MakeWindow{windows_[call.created]});
            case Function::destroy_window:
                return add(call, op::DestroyWindow{window(call.window)});
            case Function::socket:
                return open(call);
            case Function::bind:
                return add(call, op::Bind{name, joins_later(call.socket)});
            case Function::listen:
                return add(call, op::Listen{name});
            case Function::connect:
                return connect(call);
            case Function::accept:
                return accept(call);
            case Function::join_leaf:
                return add(call, op::Join{name, op::How::both, flow(call.value)});
            case Function::async_select:
                return add(call, op::Select{name, call.mask, window(call.window), message(call.message)});
            case Function::event_select:
                return add(call, op::EventSelect{name, call.mask});
            case Function::recv:
                return receive(call);
            case Function::send:
                return send(call);
            case Function::shutdown:
                if (call.value < 0 || call.value > 2) return remark("a shutdown with another number is left out");
                return add(call, op::ShutDown{name, static_cast<op::How>(call.value)});
            case Function::closesocket:
                return add(call, op::Close{name});
            case Function::set_nonblocking:
                return add(call, op::SetBlocking{name, call.value == 0});
            case Function::bytes_available:
                return add(call, op::BytesAvailable{name});
            case Function::set_oob_inline:
                return add(call, op::SetOobInline{name, call.value != 0});
            case Function::set_option:
                remark("of options only the size of a send buffer can be set");
                return add(call, op::SetBuffer{name, true, static_cast<std::uint32_t>(call.value & 0x7fffffff)});
            case Function::set_qos:
                if (flow(call.value) == 0) return remark("a flow specification that has no number is left out");
                return add(call, op::SetQos{name, flow(call.value)});
            case Function::get_qos:
                return add(call, op::GetQos{name, call.error == model::wsa::fault});
            case Function::get_group_qos:
                return add(call, op::GetGroupQos{name, call.error == model::wsa::fault});
            case Function::routing_interface_change:
                return add(call, op::WatchRoute{name, network(call.destination, call.socket)});
            case Function::address_list_change:
                return add(call, op::WatchAddresses{name});
        }
    }

    struct Socket {
        std::string name;
        bool datagram = false;
        bool ipv6 = false;
        bool connected = false;  // a datagram socket
    };

    void open(const Call& call) {
        op::MakeSocket made{"", call.datagram, call.ipv6};
        const std::string wanted = call.failed() ? "unmade" : wanted_name(call);
        made.socket = name_near(wanted, socket_names_);
        if (!call.failed()) {
            sockets_[call.created] = {made.socket, call.datagram, call.ipv6, false};
            if (call.datagram && correspondents_.contains(wanted)) {
                connections_[wanted] = made.socket;
                connection_names_.insert(made.socket);
            }
        }
        add(call, std::move(made));
    }
    // In a script the peer bears the name of the socket that has connected, or that sends datagrams.
    [[nodiscard]] std::string wanted_name(const Call& call) {
        const Handle handle = call.created;
        const auto closed = [handle](const auto& what) {
            if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Call>)
                return what.function == Function::closesocket && what.socket == handle;
            return false;
        };
        const auto established = ahead(
            [handle](const auto& what) {
                if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Peer>)
                    return what.verb == PeerVerb::established && what.socket == handle;
                return false;
            },
            closed);
        if (established) return std::get<Peer>(trace_[*established]).connection;
        if (call.datagram) {
            std::string peer = correspondent(handle);
            if (!peer.empty()) return peer;
        }
        return "s" + std::to_string(socket_names_.size() + 1);
    }
    // Who receives what the datagram socket sends: one who is not told of as a connection, and who names the socket or
    // nobody. Empty if there is none.
    [[nodiscard]] std::string correspondent(Handle handle) {
        std::set<std::string> connected;
        std::map<std::string, Handle> sends_to;
        std::vector<std::string> receivers;
        for (const Observation& observation : trace_) {
            const auto* const peer = std::get_if<Peer>(&observation);
            if (peer == nullptr) continue;
            if (peer->verb == PeerVerb::connect || peer->verb == PeerVerb::established)
                connected.insert(peer->connection);
            // What came to nobody is told in the name of the socket.
            if (peer->verb == PeerVerb::refused && peer->socket == handle)
                return *correspondents_.insert(peer->connection).first;
            if (peer->socket != model::invalid_handle) sends_to.emplace(peer->connection, peer->socket);
            if (peer->verb == PeerVerb::receive) receivers.push_back(peer->connection);
        }
        const auto takes = [&](const std::string& name, bool named) {
            const auto to = sends_to.find(name);
            if (connected.contains(name) || correspondents_.contains(name)) return false;
            return named ? to != sends_to.end() && to->second == handle : to == sends_to.end();
        };
        for (const bool named : {true, false}) {
            for (const std::string& name : receivers) {
                if (takes(name, named)) return *correspondents_.insert(name).first;
            }
        }
        for (const auto& [name, to] : sends_to) {
            if (takes(name, true)) return *correspondents_.insert(name).first;
        }
        return "";
    }
    [[nodiscard]] bool joins_later(Handle handle) const {
        return ahead(
                   [handle](const auto& what) {
                       if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Call>)
                           return what.function == Function::join_leaf && what.socket == handle;
                       return false;
                   },
                   [handle](const auto& what) {
                       if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Call>)
                           return what.function == Function::closesocket && what.socket == handle;
                       return false;
                   })
            .has_value();
    }

    // The flow specifications of the language are numbered from 1 to 8.
    static std::uint32_t flow(std::int64_t value) {
        return value >= 1 && value <= 8 ? static_cast<std::uint32_t>(value) : 0;
    }

    // WM_USER + what the language writes; another number gets one of its own.
    unsigned message(std::uint32_t number) {
        if (number >= wm_user && number <= wm_user + highest_message) return number - wm_user;
        const auto found = std::ranges::find(odd_messages_, number);
        if (found == odd_messages_.end()) {
            odd_messages_.push_back(number);
            remark("message " + std::to_string(number) + " gets another number");
            return highest_message - static_cast<unsigned>(odd_messages_.size() - 1) % highest_message;
        }
        return highest_message - static_cast<unsigned>(found - odd_messages_.begin()) % highest_message;
    }

    // What becomes of a connect: what the peer does before the next one.
    [[nodiscard]] std::optional<std::size_t> outcome_of_connect(Handle handle) const {
        return ahead(
            [handle](const auto& what) {
                if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Peer>)
                    return what.socket == handle &&
                           (what.verb == PeerVerb::established || what.verb == PeerVerb::refused);
                return false;
            },
            [handle](const auto& what) {
                if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Call>)
                    return what.socket == handle && what.function == Function::closesocket;
                return false;
            });
    }
    void connect(const Call& call) {
        op::Connect connect{socket(call.socket), op::Target::peer, flow(call.value) != 0, flow(call.value)};
        const auto found = sockets_.find(call.socket);
        if (found != sockets_.end() && found->second.datagram) {
            // A datagram to nowhere is answered.
            if (const auto first = next_send(call.socket); first && refused_behind(*first, call.socket))
                connect.target = op::Target::nowhere;
            if (!call.failed()) found->second.connected = true;
            return add(call, std::move(connect));
        }
        const bool under_way = !call.failed() || call.error == model::wsa::would_block;
        if (!under_way) {
            if (call.error == model::wsa::refused) connect.target = op::Target::nowhere;
            return add(call, std::move(connect));
        }
        connect.target = op::Target::stalled;
        if (const auto outcome = outcome_of_connect(call.socket)) {
            const Peer& peer = std::get<Peer>(trace_[*outcome]);
            if (peer.verb == PeerVerb::refused) {
                connect.target = op::Target::nowhere;
            } else {
                connections_[peer.connection] = connect.socket;
                connection_names_.insert(connect.socket);
                if (*outcome == at_ + 1) {
                    connect.target = op::Target::peer;
                    add(call, std::move(connect));
                    ++at_;  // that is part of it
                    return;
                }
            }
        }
        add(call, std::move(connect));
    }
    [[nodiscard]] std::optional<std::size_t> next_send(Handle handle) const {
        return ahead(
            [handle](const auto& what) {
                if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Call>)
                    return what.socket == handle && what.function == Function::send && !what.failed();
                return false;
            },
            [handle](const auto& what) {
                if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Call>)
                    return what.socket == handle &&
                           (what.function == Function::connect || what.function == Function::closesocket);
                return false;
            });
    }
    [[nodiscard]] bool refused_behind(std::size_t index, Handle handle) const {
        if (index + 1 >= trace_.size()) return false;
        const auto* const peer = std::get_if<Peer>(&trace_[index + 1]);
        return peer != nullptr && peer->verb == PeerVerb::refused && peer->socket == handle;
    }

    void accept(const Call& call) {
        op::Accept accept{socket(call.socket), "", call.condition != Condition::none, call.condition};
        accept.wild = call.error == model::wsa::fault && !accept.wsa;
        if (!call.failed()) {
            const std::string wanted =
                call.connection.empty() ? "s" + std::to_string(socket_names_.size() + 1) : call.connection;
            accept.socket = name_near(wanted, socket_names_);
            const auto listener = sockets_.find(call.socket);
            sockets_[call.created] = {accept.socket, false, listener != sockets_.end() && listener->second.ipv6, false};
        }
        add(call, std::move(accept));
    }

    void receive(const Call& call) {
        op::Receive receive{socket(call.socket)};
        receive.bytes = static_cast<std::uint32_t>(std::clamp<std::int64_t>(call.length, 0, 1 << 20));
        if (receive.bytes != call.length) remark("a recv asks for other than 0 to 1048576 bytes");
        receive.peek = (call.flags & model::flag_peek) != 0;
        receive.oob = (call.flags & model::flag_oob) != 0;
        receive.odd_flags = (call.flags & ~(model::flag_peek | model::flag_oob)) != 0;
        receive.wild = call.error == model::wsa::fault;
        add(call, std::move(receive));
    }

    void send(const Call& call) {
        if (fills(call)) return;
        op::Send send{socket(call.socket)};
        send.bytes = static_cast<std::uint32_t>(std::clamp<std::int64_t>(call.length, 0, 1 << 26));
        if (send.bytes != call.length) remark("a send offers other than 0 to 67108864 bytes");
        send.oob = (call.flags & model::flag_oob) != 0;
        send.wild = call.error == model::wsa::fault;
        const auto found = sockets_.find(call.socket);
        const bool datagram = found != sockets_.end() && found->second.datagram;
        if (datagram && !found->second.connected) {
            send.way = Way::address;
            send.to = refused_behind(at_, call.socket) ? op::Target::nowhere : op::Target::peer;
        }
        // ICMP's answer is part of it.
        const bool answered = datagram && refused_behind(at_, call.socket);
        add(call, std::move(send));
        if (answered) ++at_;
    }
    // A run of sends until one takes less.
    bool fills(const Call& call) {
        const auto alike = [&call](const Observation& observation) {
            const auto* const other = std::get_if<Call>(&observation);
            return other != nullptr && other->function == Function::send && other->socket == call.socket &&
                   other->thread == call.thread && other->length == fill_piece && other->flags == 0;
        };
        std::size_t end = at_;
        while (end < trace_.size() && alike(trace_[end])) {
            if (std::get<Call>(trace_[end]).error == model::wsa::would_block) {
                if (end == at_) return false;  // one that finds no room is one
                add(call, op::Fill{socket(call.socket)});
                at_ = end;
                return true;
            }
            if (std::get<Call>(trace_[end]).failed()) return false;
            ++end;
        }
        return false;
    }

    // One of the four networks of the language, of the socket's family.
    op::Network network(const std::string& destination, Handle handle) {
        constexpr std::array<std::pair<std::string_view, op::Network>, 4> named{{{"red", op::Network::red},
                                                                                 {"blue", op::Network::blue},
                                                                                 {"red6", op::Network::red6},
                                                                                 {"blue6", op::Network::blue6}}};
        const auto* const own = std::ranges::find(named, destination, &std::pair<std::string_view, op::Network>::first);
        if (own != named.end()) return networks_[destination] = own->second;
        if (const auto found = networks_.find(destination); found != networks_.end()) return found->second;
        const auto socket = sockets_.find(handle);
        const bool ipv6 = socket != sockets_.end() && socket->second.ipv6;
        const op::Network first = ipv6 ? op::Network::red6 : op::Network::red;
        const op::Network second = ipv6 ? op::Network::blue6 : op::Network::blue;
        const bool taken = std::ranges::any_of(networks_, [first](const auto& pair) { return pair.second == first; });
        remark("the destination " + destination + " is another network");
        return networks_[destination] = taken ? second : first;
    }

    // ---- messages and the rest ------------------------------------------------------------------------------------

    void take(const seen::Message& /*message*/) { add(op::Retrieve{}); }
    void take(const seen::Quiet& /*quiet*/) { add(op::Quiet{}); }
    void take(const seen::QueueLimit& limit) {
        // It ends with the next moment of quiet.
        if (limit.on) add(op::FillQueue{"w"});
    }
    static void take(const seen::Clock& /*clock*/) {}
    static void take(const seen::Began& /*began*/) {}
    static void take(const seen::Ended& /*ended*/) {}

    void take(const Peer& peer) {
        if (peer.verb == PeerVerb::refused) return;  // of what was done to nowhere
        if (peer.verb == PeerVerb::connect)
            connections_[peer.connection] = name_near(peer.connection, connection_names_);
        const std::string name = connection(peer.connection);
        switch (peer.verb) {
            case PeerVerb::connect:
                return add(op::PeerConnect{name, socket(peer.socket)});
            case PeerVerb::established:
                return add(op::PeerAdmit{name});
            case PeerVerb::refused:
                return;
            case PeerVerb::send:
                if (const std::string to = datagram_socket_of(peer); !to.empty())
                    return add(op::PeerDatagram{name, to, std::min(peer.bytes, 65000U)});
                return add(op::PeerSend{name, peer.bytes});
            case PeerVerb::datagram:
                return add(op::PeerDatagram{name, socket(peer.socket), std::min(peer.bytes, 65000U)});
            case PeerVerb::urgent:
                return add(op::PeerUrgent{name});
            case PeerVerb::shutdown:
                return add(op::PeerShutDown{name});
            case PeerVerb::close:
                return add(op::PeerClose{name});
            case PeerVerb::reset:
                return add(op::PeerReset{name});
            case PeerVerb::receive:
                if (peer.bytes > 0) add(op::PeerReceive{name, peer.bytes});
                return;
        }
    }
    // The socket whose peer sends in datagrams, if it is one.
    [[nodiscard]] std::string datagram_socket_of(const Peer& peer) const {
        const auto found = sockets_.find(peer.socket);
        return found != sockets_.end() && found->second.datagram ? found->second.name : "";
    }

    void take(const Change& change) {
        switch (change.what) {
            case Change::What::route: {
                const op::Network to = network(change.destination, model::invalid_handle);
                op::Through& through = routes_.emplace(to, op::Through::nothing).first->second;
                through = change.error != 0             ? op::Through::nothing
                          : through == op::Through::one ? op::Through::other
                                                        : op::Through::one;
                return add(op::Route{to, through});
            }
            case Change::What::address_list: {
                bool& there = addresses_[change.ipv6];
                there = !there;
                return add(op::Address{there, change.ipv6});
            }
            case Change::What::subsystem:
                return add(op::FailSubsystem{});
        }
    }

    std::vector<Observation> trace_;
    std::vector<std::size_t> overlap_of_;  // for each of them: with which others it overlapped; 0: with none
    std::vector<std::size_t> overlaps_;    // the same for the steps
    std::size_t at_ = 0;
    ScriptOfTrace made_;
    std::map<Handle, Socket> sockets_;
    std::set<std::string> socket_names_;
    std::map<Handle, std::string> windows_;
    std::set<std::string> window_names_;
    std::string gone_;
    std::map<std::string, std::string> connections_;
    std::set<std::string> connection_names_;
    std::set<std::string> correspondents_;  // peers that bear the name of a datagram socket
    bool inside_ = false;                   // a condition function runs, and with it whatever else is done
    std::map<std::string, std::string> threads_;
    std::set<std::string> thread_names_;
    std::vector<std::uint32_t> odd_messages_;
    std::map<std::string, op::Network> networks_;
    std::map<op::Network, op::Through> routes_;
    std::map<bool, bool> addresses_;
};

}  // namespace

ScriptOfTrace script_of_trace(std::span<const Observation> trace, std::string name, std::string title,
                              const std::string& clause) {
    ScriptOfTrace made = Finder(trace).find();
    made.script.name = std::move(name);
    made.script.title = std::move(title);
    // A script claims a clause; where none is broken, that a message is what was posted.
    made.script.clauses = {clause.empty() ? "AS-MSG-1" : clause};
    return made;
}

std::string script_text(const ScriptOfTrace& made) {
    std::string text = show(made.script);
    std::string remarks;
    for (const std::string& remark : made.remarks) remarks += "# " + remark + '\n';
    // Behind the title.
    return text.insert(text.find('\n') + 1, remarks);
}

}  // namespace asyncselect::conformance
