// Choosing from a long beginning. It must not judge.
#include "conformance/trace_beginning.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "conformance/trace_file.hpp"

namespace asyncselect::conformance {

namespace {

namespace seen = model::observation;
using model::Function;
using model::Handle;
using model::Observation;
using seen::PeerVerb;

// Shows the observations up to the one with the index `last`.
void each(TraceSource& source, std::size_t last, const std::function<void(std::size_t, Observation&&)>& take) {
    const std::unique_ptr<std::istream> stream = source.open();
    TraceReader reader(*stream);
    for (std::size_t index = 0; index <= last; ++index) {
        std::optional<Observation> observation = reader.next();
        if (!observation) return;
        take(index, std::move(*observation));
    }
}

// Where the socket comes from.
struct Origin {
    std::size_t made = 0;  // the index of the call that has made it
    std::string connection;
    std::size_t connected = 0;  // where the connection begins
    Handle listener = model::invalid_handle;
    std::size_t listener_made = 0;
};

Origin origin_of(TraceSource& source, Handle socket, std::size_t last) {
    Origin origin;
    std::map<Handle, std::size_t> made;           // sockets that are open
    std::map<std::string, std::size_t> requests;  // that wait to be accepted
    each(source, last, [&](std::size_t index, Observation&& observation) {
        const Observation what = std::holds_alternative<seen::Ended>(observation)
                                     ? model::done(std::get<seen::Ended>(observation))
                                     : observation;
        if (const auto* const call = std::get_if<seen::Call>(&what)) {
            if (call->function == Function::closesocket) made.erase(call->socket);
            const bool makes = call->function == Function::socket || call->function == Function::accept;
            if (!makes || call->failed()) return;
            made[call->created] = index;
            const auto request = requests.find(call->connection);
            if (call->created == socket) {
                origin = {};
                origin.made = index;
                if (call->function == Function::accept) {
                    origin.listener = call->socket;
                    origin.listener_made = made[call->socket];
                    origin.connection = call->connection;
                    if (request != requests.end()) origin.connected = request->second;
                }
            }
            if (request != requests.end()) requests.erase(request);
        } else if (const auto* const peer = std::get_if<seen::Peer>(&what)) {
            if (peer->verb == PeerVerb::connect) requests[peer->connection] = index;
            if (peer->verb == PeerVerb::established && peer->socket == socket) {
                origin.connection = peer->connection;
                origin.connected = index;
            }
        }
    });
    return origin;
}

class Choice {
  public:
    Choice(Handle socket, Origin origin) : socket_(socket), origin_(std::move(origin)) {}

    bool wants(std::size_t index, const Observation& observation) {
        if (const auto* const ended = std::get_if<seen::Ended>(&observation)) return wants(index, model::done(*ended));
        if (std::holds_alternative<seen::Quiet>(observation)) return std::exchange(since_quiet_, false);
        const bool wanted = std::visit([&](const auto& what) { return about(index, what); }, observation);
        since_quiet_ = since_quiet_ || wanted;
        return wanted;
    }

  private:
    [[nodiscard]] bool about(std::size_t index, const seen::Call& call) const {
        switch (call.function) {
            case Function::startup:
            case Function::cleanup:
            case Function::create_window:
            case Function::destroy_window:
                return true;
            default:
                break;
        }
        if (index >= origin_.made && (call.socket == socket_ || call.created == socket_)) return true;
        const bool of_listener = call.socket == origin_.listener || call.created == origin_.listener;
        return origin_.listener != model::invalid_handle && of_listener && index >= origin_.listener_made &&
               index < origin_.made && call.function != Function::accept;
    }
    [[nodiscard]] bool about(std::size_t index, const seen::Message& message) const {
        if (message.socket == socket_ && index >= origin_.made) return true;
        return message.socket == origin_.listener && index >= origin_.connected && index < origin_.made;
    }
    [[nodiscard]] bool about(std::size_t index, const seen::Peer& peer) const {
        if (peer.socket == socket_ && index >= origin_.made) return true;
        return !origin_.connection.empty() && peer.connection == origin_.connection && index >= origin_.connected;
    }
    static bool about(std::size_t /*index*/, const seen::Change& /*change*/) { return true; }
    static bool about(std::size_t /*index*/, const seen::QueueLimit& /*limit*/) { return true; }
    template <class Other>
    static bool about(std::size_t /*index*/, const Other& /*other*/) {
        return false;
    }

    Handle socket_;
    Origin origin_;
    bool since_quiet_ = false;
};

}  // namespace

Beginning beginning_of(TraceSource& source, const model::Violation& violation, std::size_t most) {
    Beginning beginning;
    const std::size_t last = violation.step;
    if (last < most) {
        each(source, last, [&](std::size_t /*index*/, Observation&& observation) {
            beginning.trace.push_back(std::move(observation));
        });
        return beginning;
    }
    beginning.whole = false;
    Choice choice(violation.socket, origin_of(source, violation.socket, last));
    each(source, last, [&](std::size_t index, Observation&& observation) {
        if (index != last && !choice.wants(index, observation)) return;
        if (beginning.trace.size() == most) return;
        const auto* const ended = std::get_if<seen::Ended>(&observation);
        beginning.trace.push_back(ended == nullptr ? std::move(observation) : model::done(*ended));
    });
    return beginning;
}

}  // namespace asyncselect::conformance
