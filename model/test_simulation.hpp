// A provider that does what the model says, under an application and peers that do anything at random: whatever it does
// is right. For the tests of the oracle and for its benchmark. It must not know the oracle.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/socket.hpp"
#include "model/story.hpp"

namespace asyncselect::model::simulation {

using observation::PeerVerb;
using story::fd_read;
using story::other_wm;
using story::Story;
using story::window;
using story::wm;

// One socket, which has the handle 1, and the trace that shows it.
class Provider {
  public:
    Provider(std::uint32_t seed, Kind kind, const Profile& profile)
        : random_(seed),
          profile_(profile),
          socket_(kind == Kind::stream ? Socket::accepted(profile) : Socket(kind, profile)) {
        if (kind == Kind::stream)
            story_.connection(1);
        else
            story_.datagram_socket(1);
        story_.quiet();
    }

    const Story& run(int steps) {
        for (int step = 0; step < steps; ++step) {
            if (socket_.facts().kind == Kind::stream ? stream_step() : datagram_step()) continue;
            common_step();
            // What waits for long can have happened at many moments.
            while (queue_.size() > below(4)) retrieve();
            if (changes_.size() > below(3)) network_changes();
            if (one_in(5)) quiet();
        }
        quiet();
        return story_;
    }

  private:
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
    bool one_in(std::uint32_t number) { return below(number) == 0; }

    // Something from outside: it takes effect later, those of one source in their order.
    struct Coming {
        Stimulus stimulus;
        std::uint32_t size = 0;
        std::string destination;
    };

    void apply(const Stimulus& stimulus) {
        for (const Post& post : socket_.apply(stimulus)) {
            queue_.push_back(observation::message(window, number_, 1, bit_of(post.event), post.error));
            // What was asked for of other destinations goes with the message, which is one way to read the page.
            if (post.event == Event::routing_interface_change) destinations_.clear();
        }
    }
    void peer_arrives() {
        if (peers_.empty()) return;
        const Coming coming = peers_.front();
        peers_.pop_front();
        const Facts before = socket_.facts();
        apply(coming.stimulus);
        if (std::holds_alternative<stimulus::DatagramArrived>(coming.stimulus)) sizes_.push_back(coming.size);
        if (std::holds_alternative<stimulus::OobArrived>(coming.stimulus) && !before.oob_inline &&
            !(before.urgent && profile_.urgent_bytes_queue)) {
            before_mark_ = before.readable;
        }
    }
    void network_changes() {
        if (changes_.empty()) return;
        const Coming coming = changes_.front();
        changes_.pop_front();
        if (!coming.destination.empty() && destinations_.erase(coming.destination) == 0) return;
        apply(coming.stimulus);
    }
    void retrieve() {
        if (queue_.empty()) return;
        story_.add(queue_.front());
        queue_.pop_front();
    }
    void quiet() {
        while (!peers_.empty()) peer_arrives();
        while (!changes_.empty()) network_changes();
        if (!socket_.facts().send_possible && socket_.facts().kind == Kind::datagram)
            apply(stimulus::SendSpaceAvailable{});
        while (!queue_.empty()) retrieve();
        story_.quiet();
    }

    void common_step() {
        constexpr std::array<std::string_view, 2> destinations{"d", "e"};
        const std::string destination{destinations[below(2)]};
        switch (below(14)) {
            case 0:
                number_ = one_in(2) ? wm : other_wm;
                {
                    const std::uint32_t mask = one_in(3) ? every_event : below(every_event + 1);
                    story_.select(1, mask, window, number_);
                    apply(stimulus::AsyncSelect{mask});
                }
                break;
            case 1: {
                if (!one_in(4)) break;
                const std::uint32_t mask = below(2) * fd_read;
                story_.event_select(1, mask);
                apply(stimulus::EventSelect{mask});
                break;
            }
            case 2: {
                const std::int64_t number = 1 + below(3);
                story_.set_qos(1, number);
                if (number != qos_) apply(stimulus::QosChanged{});
                qos_ = number;
                break;
            }
            case 3:
                story_.call(Function::get_qos, 1, one_in(3) ? wsa::fault : 0);
                apply(stimulus::QosFetched{});
                break;
            case 4:
                story_.watch_route(1, destination);
                destinations_.insert(destination);
                asked_.insert(destination);
                apply(stimulus::RouteRequested{});
                break;
            case 5: {
                const int error = one_in(3) ? wsa::net_unreachable : 0;
                story_.route_changes(destination, error);
                if (!asked_.contains(destination)) break;  // what comes before any request is past
                changes_.push_back({stimulus::RouteChanged{static_cast<ErrorCode>(error)}, 0, destination});
                break;
            }
            case 6:
                story_.watch_addresses(1);
                asked_.insert("addresses");
                apply(stimulus::AddressListRequested{});
                break;
            case 7:
                story_.addresses_change();
                if (!asked_.contains("addresses")) break;
                changes_.push_back({stimulus::AddressListChanged{}, 0, ""});
                break;
            case 8:
                network_changes();
                break;
            case 9:
                if (one_in(3)) quiet();
                break;
            case 10:
                story_.call(Function::get_group_qos, 1, wsa::not_supported);
                apply(stimulus::GroupQosFetched{});
                break;
            default:
                retrieve();
        }
    }

    bool datagram_step() {
        switch (below(10)) {
            case 0:
            case 1: {
                const std::uint32_t size = below(4);
                story_.datagram(1, size);
                peers_.push_back({stimulus::DatagramArrived{size}, size, ""});
                return true;
            }
            case 2:
                peer_arrives();
                return true;
            case 3:
            case 4:
                receive_datagram();
                return true;
            case 5: {
                const bool fails = !socket_.facts().send_possible || one_in(4);
                story_.send(1, 3, 3, fails ? wsa::would_block : 0);
                apply(stimulus::Sent{fails ? stimulus::SentOutcome::would_block : stimulus::SentOutcome::success});
                sent_ = sent_ || !fails;
                return true;
            }
            case 6:
                if (!socket_.facts().send_possible) apply(stimulus::SendSpaceAvailable{});
                if (one_in(8)) {
                    story_.call(Function::connect, 1);
                    apply(stimulus::ConnectCalled{stimulus::Outcome::success});
                }
                if (one_in(8)) {
                    story_.join(1, 1);
                    apply(stimulus::JoinCalled{stimulus::Outcome::success});
                }
                return true;
            default:
                return false;
        }
    }
    void receive_datagram() {
        const std::uint32_t length = 1 + below(3);
        const bool peek = one_in(4);
        const std::uint32_t flags = peek ? flag_peek : 0;
        if (sent_ && one_in(6)) {
            story_.recv(1, length, 0, wsa::reset, flags);
            apply(stimulus::Received{});
        } else if (sizes_.empty()) {
            story_.recv(1, length, 0, wsa::would_block, flags);
            apply(stimulus::Received{});
        } else {
            story_.recv(1, length, sizes_.front(), sizes_.front() > length ? wsa::message_size : 0, flags);
            if (!peek) sizes_.pop_front();
            apply(stimulus::Received{peek ? 0U : 1U});
        }
    }

    bool stream_step() {
        switch (below(10)) {
            case 0: {
                if (ended_) return true;
                const std::uint32_t bytes = 1 + below(4);
                story_.sends(1, bytes);
                peers_.push_back({stimulus::DataArrived{bytes}, 0, ""});
                return true;
            }
            case 1:
                if (ended_) return true;
                if (one_in(30)) {
                    ended_ = true;
                    story_.peer(1, PeerVerb::shutdown);
                    peers_.push_back({stimulus::PeerClosed{}, 0, ""});
                } else {
                    story_.peer(1, PeerVerb::urgent);
                    peers_.push_back({stimulus::OobArrived{}, 0, ""});
                }
                return true;
            case 2:
            case 3:
                peer_arrives();
                return true;
            case 4:
            case 5:
                receive_data();
                return true;
            case 6: {
                const bool there = socket_.facts().urgent;
                const bool peek = one_in(4);
                story_.recv(1, 1, 1, there ? 0 : wsa::invalid, flag_oob | (peek ? flag_peek : 0));
                apply(stimulus::Received{0, there && !peek, 0});
                return true;
            }
            case 7:
                if (one_in(4)) {
                    const bool on = one_in(2);
                    story_.oob_inline(1, on);
                    apply(stimulus::OobInlineSet{on});
                }
                return true;
            default:
                return false;
        }
    }
    void receive_data() {
        const Facts& facts = socket_.facts();
        const std::uint32_t length = 1 + below(5);
        const bool peek = one_in(4);
        std::uint32_t got = std::min(length, facts.readable);
        // It stops at the mark.
        if (facts.urgent && before_mark_ > 0) got = std::min(got, before_mark_);
        const int error = got == 0 && !facts.fin ? wsa::would_block : 0;
        story_.recv(1, length, got, error, peek ? flag_peek : 0);
        if (peek) got = 0;
        before_mark_ -= std::min(got, before_mark_);
        apply(stimulus::Received{got});
    }

    std::mt19937 random_;
    Profile profile_;
    Socket socket_;
    Story story_;
    std::uint32_t number_ = wm;
    std::deque<Coming> peers_;
    std::deque<Coming> changes_;
    std::deque<observation::Message> queue_;
    std::deque<std::uint32_t> sizes_;
    std::set<std::string> destinations_;  // whose change is to be told
    std::set<std::string> asked_;         // whose change was to be told at some time
    std::uint32_t before_mark_ = 0;
    std::int64_t qos_ = 0;
    bool sent_ = false;
    bool ended_ = false;
};

}  // namespace asyncselect::model::simulation
