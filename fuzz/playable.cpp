// See fuzz/playable.hpp.
#include "fuzz/playable.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "model/event.hpp"

namespace asyncselect::fuzz {

namespace {

namespace op = conformance::operation;
using conformance::Script;
using conformance::Step;

constexpr std::size_t most_steps = 40;
constexpr std::uint32_t most_bytes = 65536;
constexpr std::uint32_t most_datagram = 1000;  // all of them find room
constexpr std::string_view main_thread = "main";

class Playable {
  public:
    Playable(Script script, Network network) : script_(std::move(script)), network_(network) {
        made_.name = std::move(script_.name);
        made_.only = std::move(script_.only);
        made_.steps.reserve(script_.steps.size() * 2);
    }

    Script make() {
        for (Step& kept : script_.steps) {
            if (taken_ == most_steps) break;
            if (kept.thread != main_thread) kept.thread.assign(1, 't');
            const bool plays = std::visit([this, &kept](auto& what) { return take(kept, what); }, kept.operation);
            if (!plays) continue;
            ++taken_;
            if (made_.steps.empty() || stands_alone_) kept.meanwhile = false;
            stands_alone_ = std::exchange(alone_next_, false);
            made_.steps.push_back(std::move(kept));
            if (!nonblocking_.empty()) {
                // Made in its place, as steps are large.
                add<op::SetBlocking>().socket.swap(nonblocking_);
                stands_alone_ = true;
            }
            if (std::exchange(look_next_, false)) {
                add<op::RetrieveAll>();
                stands_alone_ = true;
            }
        }
        if (made_.steps.empty()) add<op::Quiet>();
        return std::move(made_);
    }

  private:
    // Whether the step stays, and in which form.
    template <class O>
    bool take(Step& step, O& what) {
        constexpr bool changes_network = std::is_same_v<O, op::Route> || std::is_same_v<O, op::Address> ||
                                         std::is_same_v<O, op::Join> || std::is_same_v<O, op::FailSubsystem>;
        // Those may wait in vain where time is real.
        constexpr bool waits = std::is_same_v<O, op::PeerEnded> || std::is_same_v<O, op::PeerAdmit>;
        if constexpr (changes_network || waits) {
            if (network_ == Network::loopback) return false;
            if constexpr (std::is_same_v<O, op::PeerEnded>) return !over_.contains(what.connection);
            // What is there already is not added, nor removed what is not.
            if constexpr (std::is_same_v<O, op::Address>)
                return what.add ? addresses_.insert(what.ipv6).second : addresses_.erase(what.ipv6) != 0;
        } else if constexpr (std::is_same_v<O, op::SetBlocking>) {
            what.on = false;
        } else if constexpr (std::is_same_v<O, op::MakeSocket> || std::is_same_v<O, op::Listener> ||
                             std::is_same_v<O, op::Connection>) {
            // A name stands for one socket, and for one connection. Who connects has both under one name.
            if (connections_.contains(what.socket) || !sockets_.insert(what.socket).second) return false;
            if constexpr (std::is_same_v<O, op::MakeSocket>)
                if (what.datagram) datagrams_.insert(what.socket);
            if constexpr (std::is_same_v<O, op::Listener>) listeners_[what.socket];
            step.meanwhile = false;  // what follows must follow
            step.inside = false;
            nonblocking_ = what.socket;
        } else if constexpr (std::is_same_v<O, op::Connect>) {
            if (what.target == op::Target::stalled && network_ == Network::loopback) what.target = op::Target::peer;
            if (what.target == op::Target::nowhere) nowhere_.insert(what.socket);
        } else if constexpr (std::is_same_v<O, op::Accept>) {
            // While a condition function runs, no other call finds its request; the oracle has no words for that. And
            // it is to be known whether the socket inherits FD_OOB.
            if (what.condition != model::Condition::none || urgent_wanted_.contains(what.listener)) {
                step.meanwhile = false;
                alone_next_ = true;
            }
            return accept(what.listener, what.socket);
        } else if constexpr (std::is_same_v<O, op::PeerConnect>) {
            // The address of an accepted socket is its listener's.
            const auto listener = listeners_.find(what.listener);
            if (listener == listeners_.end() || listener->second.urgent_sent) return false;
            if (sockets_.contains(what.connection)) return false;
            if (!connections_.emplace(what.connection, what.listener).second) return false;
            ++listener->second.connections;
        } else if constexpr (std::is_same_v<O, op::Listen>) {
            listeners_[what.socket];
        } else if constexpr (std::is_same_v<O, op::PeerDatagram>) {
            // A socket that is connected gets datagrams from there alone, and from the peer of its name.
            if (nowhere_.contains(what.socket) || !datagrams_.contains(what.socket)) return false;
            what.connection = what.socket;
            what.bytes = std::min(what.bytes, most_datagram);
        } else if constexpr (std::is_same_v<O, op::PeerClose> || std::is_same_v<O, op::PeerReset>) {
            // A new peer of datagrams would have another address.
            return !datagrams_.contains(what.connection) && over_.insert(what.connection).second;
        } else if constexpr (std::is_same_v<O, op::Select> || std::is_same_v<O, op::EventSelect>) {
            // Linux loses an urgent byte that a receive passes before anybody looks for it (SOUNDNESS.md).
            const bool wants_urgent = (what.mask & model::bit_of(model::Event::oob)) != 0;
            if (unseen_.contains(what.socket)) {
                if (!sure_to_succeed(what)) return false;
                unseen_.erase(what.socket);
                look_next_ = true;
            }
            if (wants_urgent) {
                // Nor may one pass while it is being asked for.
                if (urgent_wanted_.insert(what.socket).second) {
                    step.inside = false;  // a function that may never run
                    step.meanwhile = false;
                    alone_next_ = true;
                }
            } else if (urgent_sent_.contains(what.socket))
                return false;
            else
                urgent_wanted_.erase(what.socket);
        } else if constexpr (std::is_same_v<O, op::Send>) {
            if (!datagrams_.contains(what.socket)) what.to.reset();
            what.bytes = std::min(what.bytes, most_bytes);
        } else if constexpr (std::is_same_v<O, op::PeerShutDown>) {
            return !over_.contains(what.connection);
        } else if constexpr (std::is_same_v<O, op::PeerSend>) {
            if (over_.contains(what.connection)) return false;
            what.bytes = std::min(what.bytes, most_bytes);
        } else if constexpr (std::is_same_v<O, op::PeerUrgent>) {
            if (over_.contains(what.connection)) return false;
            const std::string* const socket = socket_of(what.connection);
            if (socket == nullptr) return false;
            const bool wanted = urgent_wanted_.contains(*socket);
            if (!urgent_sent_.insert(*socket).second && !wanted) return false;
            if (!wanted) unseen_.insert(*socket);
            // Nothing else may get into the place of this socket.
            if (const auto at = connections_.find(what.connection); at != connections_.end())
                listeners_[at->second].urgent_sent = true;
            // One is looked at before another replaces it: what several unseen ones may come to is a study of its own.
            step.meanwhile = false;
            step.inside = false;
            alone_next_ = true;
            look_next_ = wanted;
        } else if constexpr (std::is_same_v<O, op::Receive>) {
            if (unseen_.contains(what.socket) && !what.oob) return false;
            what.bytes = std::min(what.bytes, most_bytes);
        } else if constexpr (std::is_same_v<O, op::Drain> || std::is_same_v<O, op::SetOobInline>) {
            return !unseen_.contains(what.socket);
        } else if constexpr (std::is_same_v<O, op::DestroyWindow>) {
            destroyed_.insert(what.window);
        } else if constexpr (std::is_same_v<O, op::SetBuffer>) {
            return what.sending;  // where there is no room datagrams are dropped
        } else if constexpr (std::is_same_v<O, op::Fill>) {
            return fills_++ == 0;
        } else if constexpr (std::is_same_v<O, op::FillQueue>) {
            return queues_filled_++ == 0;
        } else if constexpr (std::is_same_v<O, op::Cleanup>) {
            // It closes one socket after the other before Winsock is gone; the oracle takes it for one step.
            step.meanwhile = false;
            alone_next_ = true;
        } else if constexpr (std::is_same_v<O, op::Startup>) {
            return startups_++ < 4;
        } else if constexpr (std::is_same_v<O, op::PeerReceive>) {
            if (over_.contains(what.connection)) return false;
            what.bytes = 0;  // all: what was never sent would be waited for
        } else if constexpr (requires { what.bytes; }) {
            what.bytes = std::min(what.bytes, most_bytes);
        }
        return true;
    }

    // Whether FD_OOB is sure to be looked for from the call on.
    bool sure_to_succeed(const op::Select& select) const {
        const std::uint32_t oob = model::bit_of(model::Event::oob);
        return (select.mask & oob) != 0 && (select.mask & ~model::every_event) == 0 && select.window == "w" &&
               !destroyed_.contains(select.window);
    }
    bool sure_to_succeed(const op::EventSelect& /*select*/) const { return false; }

    struct OfListener {
        unsigned connections = 0;
        unsigned accepts = 0;
        std::string accepted;  // the socket
        bool urgent_sent = false;
    };

    bool accept(const std::string& listener, const std::string& socket) {
        const auto at = listeners_.find(listener);
        if (at != listeners_.end() && at->second.urgent_sent) return false;
        if (!socket.empty() && !sockets_.insert(socket).second) return false;
        if (at != listeners_.end()) {
            ++at->second.accepts;
            at->second.accepted = socket;
        }
        if (urgent_wanted_.contains(listener)) urgent_wanted_.insert(socket);
        return true;
    }

    // The socket that is sure to get what the peer of the connection sends, if one is.
    const std::string* socket_of(const std::string& connection) {
        const auto accepting = connections_.find(connection);
        if (accepting == connections_.end()) return &connection;
        const OfListener& at = listeners_[accepting->second];
        return at.connections == 1 && at.accepts == 1 ? &at.accepted : nullptr;
    }

    // A step of the thread "main".
    template <class O>
    O& add() {
        return made_.steps.emplace_back().operation.emplace<O>();
    }

    Script script_;
    Network network_;
    Script made_;
    std::string nonblocking_;    // the socket to be made so next
    bool alone_next_ = false;    // nor with the one being made
    bool look_next_ = false;     // messages are retrieved before the next step
    bool stands_alone_ = false;  // nothing overlaps with the step made last
    using Names = std::pmr::set<std::string>;
    std::array<std::byte, 3072> room_;  // of the names
    std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
    Names sockets_{&memory_};
    std::pmr::map<std::string, std::string> connections_{&memory_};  // that peers have asked for, and of which listener
    std::pmr::map<std::string, OfListener> listeners_{&memory_};
    Names over_{&memory_};  // connections that their peer has closed or reset
    Names datagrams_{&memory_};
    Names nowhere_{&memory_};   // sockets that were connected to a closed port
    std::set<bool> addresses_;  // that were added: of IPv6, or of IPv4
    Names urgent_wanted_{&memory_};
    Names urgent_sent_{&memory_};
    Names unseen_{&memory_};  // sockets whose urgent byte nobody looks for yet
    Names destroyed_{&memory_};
    std::size_t taken_ = 0;
    unsigned fills_ = 0;
    unsigned queues_filled_ = 0;
    unsigned startups_ = 0;
};

}  // namespace

Script playable(Script script, Network network) { return Playable(std::move(script), network).make(); }

}  // namespace asyncselect::fuzz
