// What holds of one socket whatever happens to it: random sequences of stimuli, in both profiles and in those between.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "model/cite.hpp"
#include "model/coverage.hpp"
#include "model/possible.hpp"
#include "model/socket.hpp"
#include "model/tables.hpp"

namespace asyncselect::model {
namespace {

struct Step {
    std::string_view name;
    Stimulus stimulus;
};

// Every stimulus with every value that makes a difference.
const std::vector<Step>& alphabet() {
    using namespace stimulus;
    constexpr std::uint32_t some = bit_of(Event::read) | bit_of(Event::write) | bit_of(Event::close);
    static const std::vector<Step> steps{
        {"DataArrived 1", DataArrived{1}},
        {"DataArrived 2", DataArrived{2}},
        {"DatagramArrived", DatagramArrived{}},
        {"OobArrived", OobArrived{}},
        {"ConnectionRequest", ConnectionRequest{}},
        {"ConnectOutcome success", ConnectOutcome{0}},
        {"ConnectOutcome refused", ConnectOutcome{10061}},
        {"JoinOutcome success", JoinOutcome{0}},
        {"JoinOutcome no buffers", JoinOutcome{10055}},
        {"SendSpaceAvailable", SendSpaceAvailable{}},
        {"PeerClosed", PeerClosed{}},
        {"ConnectionAborted reset", ConnectionAborted{10054}},
        {"ConnectionAborted aborted", ConnectionAborted{10053}},
        {"QosChanged", QosChanged{}},
        {"RouteChanged", RouteChanged{0}},
        {"RouteChanged unreachable", RouteChanged{10051}},
        {"AddressListChanged", AddressListChanged{}},
        {"SubsystemFailed", SubsystemFailed{}},
        {"AsyncSelect all", AsyncSelect{every_event}},
        {"AsyncSelect all but FD_WRITE", AsyncSelect{every_event & ~bit_of(Event::write)}},
        {"AsyncSelect some", AsyncSelect{some}},
        {"AsyncSelect 0", AsyncSelect{0}},
        {"AsyncSelect bad", AsyncSelect{1024}},
        {"EventSelect", EventSelect{every_event}},
        {"Inherit all", Inherit{every_event}},
        {"Inherit some", Inherit{some}},
        {"Received 0", Received{}},
        {"Received 1", Received{1}},
        {"Received urgent", Received{0, true}},
        {"Received reset", Received{0, false, 10054}},
        {"Sent", Sent{}},
        {"Sent would block", Sent{SentOutcome::would_block}},
        {"Sent short", Sent{SentOutcome::short_count}},
        {"Sent failure", Sent{SentOutcome::failure}},
        {"Sent reset", Sent{SentOutcome::failure, 10054}},
        {"Accepted", Accepted{}},
        {"Accepted deferred", Accepted{AcceptOutcome::deferred}},
        {"Accepted rejected", Accepted{AcceptOutcome::rejected}},
        {"Accepted failure", Accepted{AcceptOutcome::failure}},
        {"ConnectCalled success", ConnectCalled{Outcome::success}},
        {"ConnectCalled would block", ConnectCalled{Outcome::would_block}},
        {"ConnectCalled failure", ConnectCalled{Outcome::failure}},
        {"JoinCalled success", JoinCalled{Outcome::success}},
        {"JoinCalled would block", JoinCalled{Outcome::would_block}},
        {"JoinCalled failure", JoinCalled{Outcome::failure}},
        {"Bound", Bound{}},
        {"Listened", Listened{}},
        {"ShutDown receive", ShutDown{How::receive}},
        {"ShutDown send", ShutDown{How::send}},
        {"ShutDown both", ShutDown{How::both}},
        {"Closed", Closed{}},
        {"QosFetched", QosFetched{}},
        {"GroupQosFetched", GroupQosFetched{}},
        {"RouteRequested", RouteRequested{}},
        {"AddressListRequested", AddressListRequested{}},
        {"OobInlineSet on", OobInlineSet{true}},
        {"OobInlineSet off", OobInlineSet{false}},
        {"QueueFilled", QueueFilled{}},
        {"QueueHasRoom", QueueHasRoom{}},
    };
    return steps;
}

Profile profile_of(std::uint32_t bits) {
    return {(bits & 1U) != 0, (bits & 2U) != 0, (bits & 4U) != 0, (bits & 8U) != 0, (bits & 16U) != 0};
}

Socket socket_of(std::uint32_t kind, const Profile& profile) {
    switch (kind % 3) {
        case 0:
            return Socket(Kind::stream, profile);
        case 1:
            return Socket(Kind::datagram, profile);
        default:
            return Socket::accepted(profile);
    }
}

bool has(std::uint32_t mask, Event event) { return (mask & bit_of(event)) != 0; }

// The codes of AS-ERROR-1 to AS-ERROR-4, and 0.
bool permitted(const Post& post) {
    static const std::set<ErrorCode> connect{0, 10047, 10061, 10051, 10014, 10022, 10056, 10024, 10055, 10057, 10060};
    switch (post.event) {
        case Event::connect:
            return connect.contains(post.error);
        case Event::close:
            return post.error == 0 || post.error == 10050 || post.error == 10054 || post.error == 10053;
        case Event::routing_interface_change:
            return post.error == 0 || post.error == 10051 || post.error == 10050;
        default:
            return post.error == 0 || post.error == 10050;
    }
}

// Whether the stimulus allows a further message of the event (AS-ENABLE-1 to AS-ENABLE-8, R-2, R-4, W-4).
bool re_enables(const Stimulus& stimulus, Event event, const Profile& profile) {
    const auto is = [&stimulus]<class... Any>(std::type_identity<Any>...) {
        return (std::holds_alternative<Any>(stimulus) || ...);
    };
    using namespace stimulus;
    if (is(std::type_identity<AsyncSelect>{}, std::type_identity<EventSelect>{}, std::type_identity<Inherit>{}))
        return true;
    switch (event) {
        case Event::read:
        case Event::oob:
            return is(std::type_identity<Received>{});
        case Event::write:
            return is(std::type_identity<Sent>{}) ||
                   (profile.datagram_connect_posts_write && is(std::type_identity<ConnectCalled>{}));
        case Event::accept:
            return is(std::type_identity<Accepted>{});
        case Event::connect:
            return is(std::type_identity<ConnectCalled>{}, std::type_identity<JoinCalled>{});
        case Event::qos:
            return is(std::type_identity<QosFetched>{});
        case Event::routing_interface_change:
            return is(std::type_identity<RouteRequested>{});
        case Event::address_list_change:
            return is(std::type_identity<AddressListRequested>{});
        default:
            return false;
    }
}

// What is wrong after a step, or nothing.
class Watcher {
  public:
    explicit Watcher(const Socket& socket) : before_(socket) {}

    // `socket` has just applied the stimulus.
    std::string look(const Socket& socket, const Stimulus& stimulus, const std::vector<Post>& posts) {
        const Facts& f = socket.facts();
        std::ostringstream wrong;
        const auto expect = [&wrong](bool holds, std::string_view what) {
            if (!holds) wrong << what << "; ";
        };

        if (!possible(before_, stimulus))
            expect(socket == before_ && posts.empty() && socket.fired().empty(), "what is impossible did something");

        const std::uint32_t mask_then =
            std::holds_alternative<stimulus::AsyncSelect>(stimulus) ? socket.mask() : before_.mask();
        const bool inherits = std::holds_alternative<stimulus::Inherit>(stimulus);
        std::optional<Event> last;
        for (const Event event : events_in_posting_order)
            if (re_enables(stimulus, event, socket.profile())) told_[index_of(event)] = false;
        for (const Post& post : posts) {
            expect(!last || index_of(*last) < index_of(post.event), "R-9: not in the order, or an event twice");
            last = post.event;
            expect(has(inherits ? socket.mask() : mask_then, post.event), "an event that is not registered");
            expect(permitted(post), "an error code that the message may not carry");
            expect(post.event != Event::group_qos, "AS-GQOS-1: FD_GROUP_QOS was posted");
            expect(post.event != Event::close || f.kind == Kind::stream, "AS-CLOSE-1: FD_CLOSE on a datagram socket");
            expect(post.event != Event::connect || post.error != 0 || !has(socket.pending(), Event::connect), "R-13");
            expect(!told_[index_of(post.event)], "AS-ENABLE-1: posted again and not re-enabled");
            told_[index_of(post.event)] = true;
        }
        if (!std::holds_alternative<stimulus::QueueHasRoom>(stimulus) && before_.facts().queue_full)
            expect(posts.empty(), "R-13: posted to a full queue");

        for (const Event event : events_in_posting_order) {
            expect(has(socket.mask(), event) == (socket.state(event) != "Off"), "the mask and the states disagree");
            if (has(socket.pending(), event)) expect(socket.state(event) == "Posted", "a refused message is not owed");
        }
        expect(socket.pending() == 0 || f.queue_full, "R-13: something is kept though there is room");

        const auto enabled = [&socket](Event event) { return socket.state(event) == "Enabled"; };
        if (enabled(Event::read)) expect(!f.data_available(), "FD_READ is owed");
        if (enabled(Event::oob)) expect(!f.urgent_available(), "FD_OOB is owed");
        if (enabled(Event::accept)) expect(f.requests == 0, "FD_ACCEPT is owed");
        if (enabled(Event::close))
            expect(f.aborted == 0 && !(socket.profile().close_at_fin ? f.fin : f.end_of_data()), "FD_CLOSE is owed");
        if (enabled(Event::qos)) expect(!f.qos_changed, "FD_QOS is owed");
        if (enabled(Event::routing_interface_change))
            expect(f.route != Watch::changed, "FD_ROUTING_INTERFACE_CHANGE is owed");
        if (enabled(Event::address_list_change))
            expect(f.addresses != Watch::changed, "FD_ADDRESS_LIST_CHANGE is owed");

        before_ = socket;
        return wrong.str();
    }

  private:
    Socket before_;
    std::array<bool, event_count> told_{};
};

std::string names_of(const std::vector<std::uint8_t>& sequence, std::size_t count) {
    std::string names;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view name = alphabet()[sequence[i] % alphabet().size()].name;
        names += "\n    " + std::string(name);
    }
    return names;
}

TEST(Properties, HoldWhateverHappens) {
    cite<"AS-ENABLE-1", "AS-MSG-2", "AS-GQOS-1", "AS-CLOSE-1", "AS-ERROR-1", "AS-ERROR-2", "AS-ERROR-3", "AS-ERROR-4",
         "R-9", "R-13", "AS-LEVEL-1">();
    EXPECT_TRUE(rc::check("what is due is posted, in order, once",
                          [](std::uint8_t kind, std::uint8_t profile, const std::vector<std::uint8_t>& sequence) {
                              Socket socket = socket_of(kind, profile_of(profile));
                              Watcher watcher(socket);
                              for (std::size_t i = 0; i < sequence.size(); ++i) {
                                  const Stimulus& stimulus = alphabet()[sequence[i] % alphabet().size()].stimulus;
                                  const std::vector<Post> posts = socket.apply(stimulus);
                                  const std::string wrong = watcher.look(socket, stimulus, posts);
                                  if (!wrong.empty()) RC_FAIL(wrong + "after" + names_of(sequence, i + 1));
                              }
                          }));
}

TEST(Properties, CopiesBehaveAlike) {
    EXPECT_TRUE(rc::check("a copy is the same socket",
                          [](std::uint8_t kind, std::uint8_t profile, const std::vector<std::uint8_t>& sequence) {
                              Socket socket = socket_of(kind, profile_of(profile));
                              for (const std::uint8_t letter : sequence) {
                                  const Stimulus& stimulus = alphabet()[letter % alphabet().size()].stimulus;
                                  Socket copy = socket;
                                  RC_ASSERT(copy == socket);
                                  RC_ASSERT(copy.hash() == socket.hash());
                                  RC_ASSERT(copy.apply(stimulus) == socket.apply(stimulus));
                                  RC_ASSERT(copy.fired() == socket.fired());
                                  RC_ASSERT(copy == socket);
                                  RC_ASSERT(copy.hash() == socket.hash());
                              }
                          }));
}

// A step of a long walk: possible, and with what ends a walk or empties the socket's life rare.
Step next_step(const Socket& socket, std::mt19937& random) {
    using namespace stimulus;
    while (true) {
        Step step = alphabet()[random() % alphabet().size()];
        if (std::holds_alternative<AsyncSelect>(step.stimulus)) {
            if (random() % 2 == 0) step.stimulus = AsyncSelect{static_cast<std::uint32_t>(random()) & every_event};
        }
        if (std::holds_alternative<Received>(step.stimulus) && random() % 4 == 0) {
            step = {"Received all", Received{socket.facts().readable}};
        }
        const bool rare = std::holds_alternative<Closed>(step.stimulus) ||
                          std::holds_alternative<SubsystemFailed>(step.stimulus) ||
                          std::holds_alternative<ConnectionAborted>(step.stimulus);
        if (rare && random() % 8 != 0) continue;
        if (std::holds_alternative<ShutDown>(step.stimulus) && random() % 4 != 0) continue;
        if (possible(socket, step.stimulus) || random() % 64 == 0) return step;
    }
}

// Long walks of possible steps in all thirty-two profiles: the same properties, and no row is dead.
TEST(Properties, HoldOnLongWalksThatUseEveryRow) {
    std::mt19937 random(20);  // the same walks each time
    std::set<const Row*> fired;
    for (std::uint32_t walk = 0; walk < 20000; ++walk) {
        Socket socket = socket_of(walk, profile_of(walk / 3));
        Watcher watcher(socket);
        for (int step = 0; step < 50 && !socket.facts().closed; ++step) {
            const Step next = next_step(socket, random);
            const std::vector<Post> posts = socket.apply(next.stimulus);
            fired.insert(socket.fired().begin(), socket.fired().end());
            const std::string wrong = watcher.look(socket, next.stimulus, posts);
            ASSERT_EQ(wrong, "") << "walk " << walk << ", step " << step << ": " << next.name;
        }
    }
    for (const Event event : events_in_posting_order)
        for (const Row& row : rows(event))
            EXPECT_TRUE(fired.contains(&row)) << name_of(event) << ": never fired: " << row.source << ' '
                                              << row.stimulus << " [" << row.guard << "] " << row.clause;
    for (const Row* const row : composition_rows()) {
        const bool can = std::ranges::find(transitions(), row) != transitions().end();
        EXPECT_EQ(fired.contains(row), can) << show(*row);
    }
}

}  // namespace
}  // namespace asyncselect::model
