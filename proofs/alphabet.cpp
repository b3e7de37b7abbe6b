// The stimuli, written out.
#include "proofs/alphabet.hpp"

#include <fmt/format.h>

#include <vector>

#include "model/event.hpp"

namespace asyncselect::proofs {

namespace st = model::stimulus;

namespace {

constexpr model::ErrorCode network_unreachable = 10051;
constexpr model::ErrorCode aborted = 10053;
constexpr model::ErrorCode reset = 10054;
constexpr model::ErrorCode timed_out = 10060;
constexpr model::ErrorCode refused = 10061;

std::string events(std::uint32_t mask) {
    std::string text;
    for (const auto event : model::events_in_posting_order)
        if (mask & model::bit_of(event)) text += fmt::format("{}{}", text.empty() ? "" : "|", model::name_of(event));
    return text.empty() ? "0" : text;
}

std::string_view name(st::Outcome outcome) {
    switch (outcome) {
        case st::Outcome::success:
            return "success";
        case st::Outcome::would_block:
            return "WSAEWOULDBLOCK";
        case st::Outcome::failure:
            return "failure";
    }
    return "";
}

std::string_view name(st::SentOutcome outcome) {
    switch (outcome) {
        case st::SentOutcome::success:
            return "success";
        case st::SentOutcome::would_block:
            return "WSAEWOULDBLOCK";
        case st::SentOutcome::short_count:
            return "short count";
        case st::SentOutcome::failure:
            return "failure";
    }
    return "";
}

std::string_view name(st::AcceptOutcome outcome) {
    switch (outcome) {
        case st::AcceptOutcome::success:
            return "success";
        case st::AcceptOutcome::deferred:
            return "deferred";
        case st::AcceptOutcome::rejected:
            return "rejected";
        case st::AcceptOutcome::failure:
            return "failure";
    }
    return "";
}

std::string_view name(st::How how) {
    switch (how) {
        case st::How::receive:
            return "SD_RECEIVE";
        case st::How::send:
            return "SD_SEND";
        case st::How::both:
            return "SD_BOTH";
    }
    return "";
}

struct Show {
    std::string operator()(const st::DataArrived& s) const { return fmt::format("DataArrived{{{}}}", s.bytes); }
    std::string operator()(const st::DatagramArrived& s) const { return fmt::format("DatagramArrived{{{}}}", s.bytes); }
    std::string operator()(const st::OobArrived&) const { return "OobArrived"; }
    std::string operator()(const st::ConnectionRequest&) const { return "ConnectionRequest"; }
    std::string operator()(const st::ConnectOutcome& s) const { return fmt::format("ConnectOutcome{{{}}}", s.error); }
    std::string operator()(const st::JoinOutcome& s) const { return fmt::format("JoinOutcome{{{}}}", s.error); }
    std::string operator()(const st::SendSpaceAvailable&) const { return "SendSpaceAvailable"; }
    std::string operator()(const st::PeerClosed&) const { return "PeerClosed"; }
    std::string operator()(const st::ConnectionAborted& s) const {
        return fmt::format("ConnectionAborted{{{}}}", s.error);
    }
    std::string operator()(const st::QosChanged&) const { return "QosChanged"; }
    std::string operator()(const st::RouteChanged& s) const { return fmt::format("RouteChanged{{{}}}", s.error); }
    std::string operator()(const st::AddressListChanged&) const { return "AddressListChanged"; }
    std::string operator()(const st::SubsystemFailed&) const { return "SubsystemFailed"; }
    std::string operator()(const st::AsyncSelect& s) const { return fmt::format("AsyncSelect{{{}}}", events(s.mask)); }
    std::string operator()(const st::EventSelect& s) const { return fmt::format("EventSelect{{{}}}", events(s.mask)); }
    std::string operator()(const st::Inherit& s) const { return fmt::format("Inherit{{{}}}", events(s.mask)); }
    std::string operator()(const st::Received& s) const {
        return fmt::format("Received{{taken {}{}{}}}", s.taken, s.urgent_taken ? ", the urgent byte" : "",
                           s.reset != 0 ? fmt::format(", told {}", s.reset) : "");
    }
    std::string operator()(const st::Sent& s) const {
        return fmt::format("Sent{{{}{}}}", name(s.outcome), s.reset != 0 ? fmt::format(", told {}", s.reset) : "");
    }
    std::string operator()(const st::Accepted& s) const { return fmt::format("Accepted{{{}}}", name(s.outcome)); }
    std::string operator()(const st::ConnectCalled& s) const {
        return fmt::format("ConnectCalled{{{}}}", name(s.outcome));
    }
    std::string operator()(const st::JoinCalled& s) const { return fmt::format("JoinCalled{{{}}}", name(s.outcome)); }
    std::string operator()(const st::Bound&) const { return "Bound"; }
    std::string operator()(const st::Listened&) const { return "Listened"; }
    std::string operator()(const st::ShutDown& s) const { return fmt::format("ShutDown{{{}}}", name(s.how)); }
    std::string operator()(const st::Closed&) const { return "Closed"; }
    std::string operator()(const st::QosFetched&) const { return "QosFetched"; }
    std::string operator()(const st::GroupQosFetched&) const { return "GroupQosFetched"; }
    std::string operator()(const st::RouteRequested&) const { return "RouteRequested"; }
    std::string operator()(const st::AddressListRequested&) const { return "AddressListRequested"; }
    std::string operator()(const st::OobInlineSet& s) const { return s.on ? "OobInlineSet{on}" : "OobInlineSet{off}"; }
    std::string operator()(const st::QueueFilled&) const { return "QueueFilled"; }
    std::string operator()(const st::QueueHasRoom&) const { return "QueueHasRoom"; }
};

}  // namespace

std::span<const model::Stimulus> alphabet() {
    static const std::vector<model::Stimulus> stimuli{
        st::DataArrived{1},
        st::DataArrived{2},
        st::DatagramArrived{0},
        st::DatagramArrived{1},
        st::OobArrived{},
        st::ConnectionRequest{},
        st::ConnectOutcome{0},
        st::ConnectOutcome{refused},
        st::ConnectOutcome{timed_out},
        st::JoinOutcome{0},
        st::JoinOutcome{network_unreachable},
        st::SendSpaceAvailable{},
        st::PeerClosed{},
        st::ConnectionAborted{reset},
        st::ConnectionAborted{aborted},
        st::QosChanged{},
        st::RouteChanged{0},
        st::RouteChanged{network_unreachable},
        st::AddressListChanged{},
        st::SubsystemFailed{},
        st::Received{0, false, 0},
        st::Received{1, false, 0},
        st::Received{2, false, 0},
        st::Received{0, true, 0},
        st::Received{0, false, reset},
        st::Sent{st::SentOutcome::success, 0},
        st::Sent{st::SentOutcome::would_block, 0},
        st::Sent{st::SentOutcome::short_count, 0},
        st::Sent{st::SentOutcome::failure, 0},
        st::Sent{st::SentOutcome::failure, reset},
        st::Accepted{st::AcceptOutcome::success},
        st::Accepted{st::AcceptOutcome::deferred},
        st::Accepted{st::AcceptOutcome::rejected},
        st::Accepted{st::AcceptOutcome::failure},
        st::ConnectCalled{st::Outcome::success},
        st::ConnectCalled{st::Outcome::would_block},
        st::ConnectCalled{st::Outcome::failure},
        st::JoinCalled{st::Outcome::success},
        st::JoinCalled{st::Outcome::would_block},
        st::JoinCalled{st::Outcome::failure},
        st::Bound{},
        st::Listened{},
        st::ShutDown{st::How::receive},
        st::ShutDown{st::How::send},
        st::ShutDown{st::How::both},
        st::Closed{},
        st::QosFetched{},
        st::GroupQosFetched{},
        st::RouteRequested{},
        st::AddressListRequested{},
        st::OobInlineSet{true},
        st::OobInlineSet{false},
        st::QueueFilled{},
        st::QueueHasRoom{},
    };
    return stimuli;
}

std::string show(const model::Stimulus& stimulus) { return std::visit(Show{}, stimulus); }

}  // namespace asyncselect::proofs
