// See programs.hpp. What cannot be played is what needs a peer that is not there any more; everything else is played,
// also on sockets that are closed.
#include "conformance/simulated/programs.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "conformance/minimize.hpp"
#include "model/event.hpp"

namespace asyncselect::conformance {

namespace {

namespace op = operation;

// The names of a program: two connections, a datagram socket, a listening socket with those who ask it and those whom
// it accepts, and a socket that connects.
const std::vector<std::string> streams{"s", "u", "a", "b", "p"};
const std::vector<std::string> sockets{"s", "u", "d", "l", "a", "b", "p"};
const std::vector<std::string> peers{"s", "u", "x", "y"};
const std::vector<std::string> callers{"x", "y"};
const std::vector<std::string> accepted{"a", "b"};
const std::vector<std::string> windows{"w", "v"};

template <class T>
rc::Gen<T> one_of(const std::vector<T>& values) {
    return rc::gen::elementOf(values);
}

rc::Gen<std::uint32_t> any_mask() {
    return rc::gen::weightedOneOf<std::uint32_t>({{3, rc::gen::just(std::uint32_t{model::every_event})},
                                                  {3, rc::gen::inRange<std::uint32_t>(0, model::every_event + 1)},
                                                  {1, rc::gen::just(std::uint32_t{0})}});
}

rc::Gen<std::uint32_t> any_bytes() { return rc::gen::elementOf(std::vector<std::uint32_t>{1, 10, 100, 1000}); }

template <class T>
Operation as_operation(T operation) {
    return operation;
}

rc::Gen<Operation> any_call() {
    using rc::gen::arbitrary;
    using rc::gen::exec;
    return rc::gen::weightedOneOf<Operation>({
        {8, exec([] {
             return as_operation(
                 op::Select{*one_of(sockets), *any_mask(), *one_of(windows), *rc::gen::inRange(1U, 4U)});
         })},
        {8, exec([] {
             op::Receive receive{*one_of(sockets), *any_bytes()};
             receive.peek = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
             receive.oob = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
             receive.wild = *rc::gen::weightedElement<bool>({{12, false}, {1, true}});
             receive.way = *rc::gen::element(Way::plain, Way::address, Way::wsa, Way::wsa_address);
             return as_operation(receive);
         })},
        {4, exec([] { return as_operation(op::Drain{*one_of(streams)}); })},
        {4, exec([] {
             op::Send send{*one_of(streams), *any_bytes()};
             send.oob = *rc::gen::weightedElement<bool>({{6, false}, {1, true}});
             return as_operation(send);
         })},
        {2, exec([] { return as_operation(op::Fill{*one_of(streams)}); })},
        {5, exec([] {
             op::Accept accept{"l", *one_of(accepted)};
             accept.wsa = *arbitrary<bool>();
             if (accept.wsa)
                 accept.condition = *rc::gen::element(model::Condition::none, model::Condition::accept,
                                                      model::Condition::reject, model::Condition::defer);
             return as_operation(accept);
         })},
        {1, exec([] {
             return as_operation(
                 op::ShutDown{*one_of(streams), *rc::gen::element(op::How::receive, op::How::send, op::How::both)});
         })},
        {1, exec([] { return as_operation(op::Close{*one_of(sockets)}); })},
        {1, exec([] {
             return as_operation(op::EventSelect{*one_of(sockets), *any_mask()});
         })},
        {1, exec([] {
             return as_operation(op::SetOobInline{*one_of(streams), *arbitrary<bool>()});
         })},
        {1, exec([] {
             return as_operation(op::SetBuffer{*one_of(streams), *arbitrary<bool>(), *any_bytes()});
         })},
        {1, exec([] { return as_operation(op::BytesAvailable{*one_of(streams)}); })},
        {1, exec([] {
             return as_operation(op::SetQos{*one_of(sockets), *rc::gen::inRange(1U, 9U)});
         })},
        {1, exec([] { return as_operation(op::GetQos{*one_of(sockets)}); })},
        {2, exec([] {
             return as_operation(
                 op::Connect{"p", *rc::gen::element(op::Target::peer, op::Target::nowhere, op::Target::stalled)});
         })},
        {1, rc::gen::just(as_operation(op::WatchRoute{"d", op::Network::red}))},
        {1, rc::gen::just(as_operation(op::WatchAddresses{"d"}))},
        {1, exec([] { return as_operation(op::FillQueue{"w"}); })},
    });
}

rc::Gen<Operation> any_doing() {
    using rc::gen::exec;
    return rc::gen::weightedOneOf<Operation>({
        {8, exec([] {
             return as_operation(op::PeerSend{*one_of(peers), *any_bytes()});
         })},
        {3, exec([] { return as_operation(op::PeerUrgent{*one_of(peers)}); })},
        {4, exec([] { return as_operation(op::PeerReceive{*one_of(peers)}); })},
        {2, exec([] { return as_operation(op::PeerShutDown{*one_of(peers)}); })},
        {1, exec([] { return as_operation(op::PeerClose{*one_of(peers)}); })},
        {2, exec([] { return as_operation(op::PeerReset{*one_of(peers)}); })},
        {4, exec([] {
             return as_operation(
                 op::PeerDatagram{"e", "d", *rc::gen::elementOf(std::vector<std::uint32_t>{0, 1, 100, 3000})});
         })},
        {5, exec([] {
             return as_operation(op::PeerConnect{*one_of(callers), "l"});
         })},
        {2, rc::gen::just(as_operation(op::PeerAdmit{"p"}))},
        {1, exec([] {
             return as_operation(op::Route{
                 op::Network::red, *rc::gen::element(op::Through::one, op::Through::other, op::Through::nothing)});
         })},
        {1, exec([] {
             return as_operation(op::Address{*rc::gen::arbitrary<bool>(), false});
         })},
    });
}

rc::Gen<Operation> any_look() {
    return rc::gen::weightedElement<Operation>({{3, as_operation(op::Quiet{})},
                                                {2, as_operation(op::Retrieve{})},
                                                {2, as_operation(op::RetrieveAll{})},
                                                {1, as_operation(op::Look{})},
                                                {1, as_operation(op::Arrived{})}});
}

// The peers and their connections while a program is gone through.
class Stage {
  public:
    // Whether the operation can be played now; then it counts as played.
    bool play(const Operation& operation) {
        return std::visit([this](const auto& specific) { return perform(specific); }, operation);
    }

  private:
    struct Peer {
        std::string socket;  // of the provider; empty while it waits to be accepted
        bool can_send = true;
    };

    template <class T>
    bool perform(const T&) {
        return true;
    }
    bool perform(const op::Close& close) {
        if (!made_.contains(close.socket)) return false;
        gone_.insert(close.socket);
        std::erase_if(peers_, [&](const auto& peer) { return peer.second.socket == close.socket; });
        if (close.socket == "l") std::erase_if(peers_, [](const auto& peer) { return peer.second.socket.empty(); });
        if (close.socket == "p") pending_ = false;
        return true;
    }
    bool perform(const op::ShutDown& shut) {
        if (!made_.contains(shut.socket)) return false;
        // What comes for a socket that receives no more is answered with a reset: its peer cannot be asked anything.
        if (shut.how != op::How::send)
            std::erase_if(peers_, [&](const auto& peer) { return peer.second.socket == shut.socket; });
        return true;
    }
    // Whom a call accepts depends on what it finds: peers that asked are left alone from then on, but for their data
    // before it.
    bool perform(const op::Accept& accept) {
        if (!made_.insert(accept.socket).second) return false;
        std::erase_if(peers_, [](const auto& peer) { return peer.second.socket.empty(); });
        return true;
    }
    bool perform(const op::Connect& connect) {
        if (connecting_ || gone_.contains("p")) return false;
        connecting_ = true;
        pending_ = connect.target == op::Target::stalled;
        return true;
    }
    bool perform(const op::PeerAdmit&) { return std::exchange(pending_, false); }
    bool perform(const op::PeerConnect& connect) {
        if (gone_.contains("l") || !made_.insert(connect.connection).second) return false;
        peers_[connect.connection] = {};
        return true;
    }
    bool perform(const op::PeerSend& send) { return sends(send.connection); }
    // A receive that comes before anybody has seen the urgent byte can discard it, on Linux and here (R-26 is ours, and
    // that much is not kept): so only where somebody looks.
    bool perform(const op::PeerUrgent& send) {
        return sends(send.connection) && watched_.contains(peers_[send.connection].socket);
    }
    bool perform(const op::Select& select) { return registers(select); }
    bool perform(const op::EventSelect& select) { return registers(select); }
    bool registers(const auto& call) {
        if (!made_.contains(call.socket)) return false;
        watched_.erase(call.socket);
        if (call.mask != 0) watched_.insert(call.socket);
        return true;
    }
    bool perform(const op::PeerShutDown& shut) {
        if (!sends(shut.connection)) return false;
        peers_[shut.connection].can_send = false;
        return true;
    }
    bool perform(const op::PeerReceive& receive) {
        const auto found = peers_.find(receive.connection);
        return found != peers_.end() && !found->second.socket.empty();
    }
    bool perform(const op::PeerClose& close) { return peers_.erase(close.connection) != 0; }
    bool perform(const op::PeerReset& reset) { return peers_.erase(reset.connection) != 0; }
    bool perform(const op::PeerDatagram&) { return !gone_.contains("d"); }
    bool perform(const op::Address& address) {
        return address.add ? !std::exchange(address_, true) : std::exchange(address_, false);
    }

    // On a socket that nobody has accepted yet, calls have no name for it.
    template <class T>
    requires std::is_same_v<T, op::Receive> || std::is_same_v<T, op::Drain> || std::is_same_v<T, op::Send> ||
        std::is_same_v<T, op::Fill> || std::is_same_v<T, op::SetOobInline> || std::is_same_v<T, op::SetBuffer> ||
        std::is_same_v<T, op::BytesAvailable> || std::is_same_v<T, op::SetQos> || std::is_same_v<T, op::GetQos>
    bool perform(const T& call) { return made_.contains(call.socket); }

    bool sends(const std::string& name) {
        const auto found = peers_.find(name);
        return found != peers_.end() && found->second.can_send;
    }

    std::map<std::string, Peer> peers_{{"s", {"s", true}}, {"u", {"u", true}}};
    std::set<std::string> made_{"s", "u", "d", "l", "p"};
    std::set<std::string> gone_;
    std::set<std::string> watched_;  // registered
    bool connecting_ = false;
    bool pending_ = false;
    bool address_ = false;
};

Script opening() {
    return parse(
        "# A random program.\nt: window v\nconnection s\nblocking s off\nconnection u accepted\nblocking u off\n"
        "listener l\nblocking l off\nsocket d datagram\nbind d\nblocking d off\nsocket p\nblocking p off\n",
        "random");
}

}  // namespace

rc::Gen<std::vector<Step>> any_steps() {
    const auto operation = rc::gen::weightedOneOf<Operation>({{5, any_call()}, {4, any_doing()}, {3, any_look()}});
    const auto step = rc::gen::exec([operation] {
        Step made;
        made.operation = *operation;
        const bool by_peer = show(made.operation).starts_with("peer ");
        if (!by_peer && !cannot_overlap(made.operation))
            made.thread = *rc::gen::weightedElement<std::string>({{5, "main"}, {1, "t"}});
        made.meanwhile = *rc::gen::weightedElement<bool>({{6, false}, {1, true}});
        return made;
    });
    const auto with_plainer = rc::gen::shrink(step, [](const Step& whole) {
        std::vector<Step> found;
        for (Operation& operation : plainer(whole.operation)) {
            found.push_back(whole);
            found.back().operation = std::move(operation);
        }
        if (whole.meanwhile) {
            found.push_back(whole);
            found.back().meanwhile = false;
        }
        if (whole.thread != "main") {
            found.push_back(whole);
            found.back().thread = "main";
        }
        return rc::seq::fromContainer(std::move(found));
    });
    return rc::gen::container<std::vector<Step>>(with_plainer);
}

Script script_of(const std::vector<Step>& steps) {
    constexpr std::size_t most_together = 3;
    Script script = opening();
    Stage stage;
    std::size_t together = 1;
    for (Step step : steps) {
        // Who fills a queue from another thread than its window's, or accepts for others, tells no more.
        if (!stage.play(step.operation)) continue;
        const Operation& before = script.steps.back().operation;
        // Whom an accept yields is known when it is over.
        const bool alone = cannot_overlap(step.operation) || cannot_overlap(before) ||
                           std::holds_alternative<op::Connect>(step.operation) ||
                           std::holds_alternative<op::Connect>(before) || std::holds_alternative<op::Accept>(before);
        // A peer finds out where a socket is when it begins.
        const auto* const close = std::get_if<op::Close>(&step.operation);
        if (close != nullptr && (close->socket == "l" || close->socket == "d" || close->socket == "p"))
            step.meanwhile = false;
        if (alone || together >= most_together) step.meanwhile = false;
        together = step.meanwhile ? together + 1 : 1;
        const bool is_urgent = std::holds_alternative<op::PeerUrgent>(step.operation);
        if (is_urgent) step.meanwhile = false;
        script.steps.push_back(std::move(step));
        if (!is_urgent) continue;
        Step look;
        look.operation = op::RetrieveAll{};
        script.steps.push_back(std::move(look));
    }
    Step last;
    last.operation = op::Quiet{};
    script.steps.push_back(std::move(last));
    return script;
}

}  // namespace asyncselect::conformance
