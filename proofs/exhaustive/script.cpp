// See script.hpp. The model's socket is stepped along, for what a line needs depends on what it has come to.
#include "proofs/exhaustive/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "model/facts.hpp"
#include "proofs/alphabet.hpp"

namespace asyncselect::proofs {

namespace {

namespace st = model::stimulus;

std::string events_of(std::uint32_t mask) {
    std::string text;
    for (const auto event : model::events_in_posting_order)
        if ((mask & model::bit_of(event)) != 0)
            text += fmt::format("{}{}", text.empty() ? "" : "|", model::name_of(event));
    return text.empty() ? "0" : text;
}

class Writing {
  public:
    Writing(Beginning beginning, std::span<const model::Stimulus> path, const model::Profile& profile)
        : beginning_{beginning},
          path_{path},
          socket_{beginning == Beginning::accepted
                      ? model::Socket::accepted(profile)
                      : model::Socket{beginning == Beginning::datagram ? model::Kind::datagram : model::Kind::stream,
                                      profile}} {}

    std::string write() {
        begin();
        for (place_ = 0; place_ < path_.size(); ++place_) {
            stimulus_ = show(path_[place_]);
            std::visit(*this, path_[place_]);
            socket_.apply(path_[place_]);
        }
        if (!socket_.facts().closed) text_ += "quiet\n";
        return std::move(text_);
    }

    // ---- the network
    void operator()(const st::DataArrived& s) { peer(fmt::format("peer s send {}", s.bytes)); }
    void operator()(const st::DatagramArrived& s) {
        bind_first();
        peer(fmt::format("peer p datagram s {}", s.bytes));
    }
    void operator()(const st::OobArrived&) { peer("peer s urgent"); }
    void operator()(const st::ConnectionRequest&) { peer(fmt::format("peer c{} connect s", ++requests_)); }
    void operator()(const st::ConnectOutcome& s) {
        if (s.error == 0 && stalled_) return peer("peer s admit");
        if (s.error == refused && !stalled_) return line("arrived");
        no_line("an attempt to connect does not end like this by anything a peer does");
    }
    void operator()(const st::JoinOutcome&) { no_line("when a join has its outcome is up to the system"); }
    void operator()(const st::SendSpaceAvailable&) {
        if (socket_.facts().kind == model::Kind::datagram) return no_line("a datagram leaves when the system sends it");
        peer("peer s receive all");
    }
    void operator()(const st::PeerClosed&) { peer("peer s shutdown"); }
    void operator()(const st::ConnectionAborted& s) {
        if (s.error == reset) return peer("peer s reset");
        no_line("the system gives a connection up when it pleases");
    }
    void operator()(const st::QosChanged&) { line(fmt::format("qos s {}", 1 + changes_++ % 8)); }
    void operator()(const st::RouteChanged& s) {
        const bool other = changes_++ % 2 == 0;
        line(fmt::format("route red {}", s.error != 0 ? "nothing" : other ? "other" : "one"));
    }
    void operator()(const st::AddressListChanged&) {
        line(fmt::format("address {}", changes_++ % 2 == 0 ? "add" : "remove"));
    }
    void operator()(const st::SubsystemFailed&) { line("fail-subsystem"); }

    // ---- the application
    void operator()(const st::AsyncSelect& s) { line(fmt::format("select s {}", events_of(s.mask))); }
    void operator()(const st::EventSelect& s) { line(fmt::format("event-select s {}", events_of(s.mask))); }
    void operator()(const st::Inherit&) { line("accept l s"); }
    void operator()(const st::Received& s) {
        if (s.urgent_taken) return line("recv s 1 oob");
        if (socket_.facts().kind == model::Kind::datagram) {
            if (s.taken == 0 && s.reset == 0 && socket_.facts().readable > 0) return line("recv s 100 peek");
            for (std::uint32_t count = 0; count < std::max(s.taken, 1U); ++count) line("recv s 100");
            return;
        }
        if (s.taken == 0 && s.reset == 0 && socket_.facts().readable > 0) return line("recv s 1 peek");
        line(fmt::format("recv s {}", std::max(s.taken, 1U)));
    }
    void operator()(const st::Sent& s) {
        const bool datagram = socket_.facts().kind == model::Kind::datagram;
        const bool to_nobody = datagram && socket_.facts().phase != model::Phase::established;
        switch (s.outcome) {
            case st::SentOutcome::success:
                return line(to_nobody ? "sendto s 1 nowhere" : "send s 1");
            case st::SentOutcome::would_block:
            case st::SentOutcome::short_count:
                if (datagram)
                    return no_line("there is always room to send a datagram in, or the system says otherwise");
                return line("fill s");
            case st::SentOutcome::failure:
                return line(s.reset != 0 ? "send s 1" : "send s 1 wild");
        }
    }
    void operator()(const st::Accepted& s) {
        switch (s.outcome) {
            case st::AcceptOutcome::success:
                return line("accept s");
            case st::AcceptOutcome::deferred:
                return line("wsaaccept s condition defer");
            case st::AcceptOutcome::rejected:
                return line("wsaaccept s condition reject");
            case st::AcceptOutcome::failure:
                if (socket_.facts().requests == 0) return line("accept s");
                return no_line("accept does not fail while a request waits, unless the system lacks something");
        }
    }
    void operator()(const st::ConnectCalled& s) {
        const bool idle = socket_.facts().phase == model::Phase::idle;
        const bool datagram = socket_.facts().kind == model::Kind::datagram;
        switch (s.outcome) {
            case st::Outcome::success:
                if (datagram) return line("connect s peer");
                return at_once("connect s peer");
            case st::Outcome::would_block:
                if (datagram) return no_line("a datagram socket connects at once");
                stalled_ = !is_refused();
                return line(stalled_ ? "connect s stalled" : "connect s nowhere");
            case st::Outcome::failure:
                if (datagram) return no_line("a datagram socket connects, unless the system lacks something");
                return idle ? at_once("connect s nowhere") : line("connect s nowhere");
        }
    }
    void operator()(const st::JoinCalled& s) {
        if (s.outcome == st::Outcome::success) return line("join s both");
        no_line("a join succeeds at once, unless the system lacks something");
    }
    void operator()(const st::Bound&) {
        if (std::exchange(bound_, true)) return no_line("it is bound already");
        line("bind s");
    }
    void operator()(const st::Listened&) {
        bind_first();
        line("listen s");
    }
    void operator()(const st::ShutDown& s) {
        line(fmt::format("shutdown s {}", s.how == st::How::receive ? "receive"
                                          : s.how == st::How::send  ? "send"
                                                                    : "both"));
    }
    void operator()(const st::Closed&) { line("close s"); }
    void operator()(const st::QosFetched&) { line("get-qos s"); }
    void operator()(const st::GroupQosFetched&) { line("get-group-qos s"); }
    void operator()(const st::RouteRequested&) { line("watch-route s red"); }
    void operator()(const st::AddressListRequested&) { line("watch-addresses s"); }
    void operator()(const st::OobInlineSet& s) { line(s.on ? "oobinline s on" : "oobinline s off"); }
    void operator()(const st::QueueFilled&) { line("fill-queue w"); }
    void operator()(const st::QueueHasRoom&) { line("messages"); }

  private:
    static constexpr model::ErrorCode refused = 10061;
    static constexpr model::ErrorCode reset = 10054;

    // The socket. One that accept returns gets its registration from a listener, and is not there before that.
    void begin() {
        if (beginning_ != Beginning::accepted) {
            text_ += beginning_ == Beginning::datagram ? "socket s datagram\n" : "socket s\n";
            text_ += "blocking s off\n";
            return;
        }
        const auto inherits = std::ranges::find_if(
            path_, [](const auto& stimulus) { return std::holds_alternative<st::Inherit>(stimulus); });
        if (inherits == path_.end()) {
            text_ += "connection s accepted\nblocking s off\n";
            return;
        }
        text_ += fmt::format("listener l\nselect l {}\npeer s connect l\narrived\n",
                             events_of(std::get<st::Inherit>(*inherits).mask));
    }

    void line(const std::string& operation) {
        // What stands for a stimulus in several lines bears it once.
        text_ +=
            stimulus_.empty() ? fmt::format("{}\n", operation) : fmt::format("{:<27} # {}\n", operation, stimulus_);
        stimulus_.clear();
    }
    void peer(const std::string& operation) {
        line(operation);
        text_ += "arrived\n";
    }
    void no_line(const char* why) { text_ += fmt::format("# {}: no line: {}\n", stimulus_, why); }
    void bind_first() {
        if (!bound_) text_ += "bind s\n";
        bound_ = true;
    }
    // In blocking mode, where the socket's mode is not locked by a registration (AS-MODE-2).
    void at_once(const char* operation) {
        const bool locked = socket_.mask() != 0;
        if (locked) {
            line(operation);
            text_ += "arrived\n";
            return;
        }
        text_ += "blocking s on\n";
        line(operation);
        text_ += "blocking s off\n";
    }
    // Whether the connect that begins here is refused in the end.
    [[nodiscard]] bool is_refused() const {
        for (const auto& later : path_.subspan(place_))
            if (const auto* outcome = std::get_if<st::ConnectOutcome>(&later)) return outcome->error == refused;
        return false;
    }

    Beginning beginning_;
    std::span<const model::Stimulus> path_;
    model::Socket socket_;
    std::string text_;
    std::string stimulus_;
    std::size_t place_ = 0;
    unsigned requests_ = 0;
    unsigned changes_ = 0;
    bool bound_ = false;
    bool stalled_ = false;
};

}  // namespace

std::string script_of(Beginning beginning, std::span<const model::Stimulus> path, const model::Profile& profile) {
    return Writing{beginning, path, profile}.write();
}

}  // namespace asyncselect::proofs
