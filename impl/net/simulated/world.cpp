// See world.hpp. The rules are those of Linux, as its documentation and its sockets show them.
#include "impl/net/simulated/world.hpp"

#include <algorithm>
#include <utility>

namespace simulated {

namespace {

// Sending soon meets a full buffer; receiving takes what a script's peers send.
constexpr std::uint32_t default_send_buffer = 16384;
constexpr std::uint32_t default_receive_buffer = 131072;
constexpr std::uint32_t least_buffer = 2048;
constexpr std::uint32_t most_buffer = 1U << 20U;
constexpr std::uint32_t longest_datagram = 65527;
constexpr std::uint16_t first_port = 32768;
constexpr int shut_receive = 0;
constexpr int shut_send = 1;
constexpr int shut_both = 2;

Number loopback(bool ipv6) {
    Number host{};
    if (ipv6)
        host[15] = 1;
    else
        host = {127, 0, 0, 1};
    return host;
}

bool multicast(const Name& name) { return name.ipv6 ? name.host[0] == 0xff : (name.host[0] & 0xf0) == 0xe0; }

}  // namespace

World::World() { reset({}); }

void World::reset(const Disorder& disorder) {
    disorder_ = disorder;
    random_ = disorder.seed;
    now_ = 1000;
    quiescent_ = 0;
    calls_ = 0;
    next_port_ = first_port;
    failed_ = false;
    routes_.clear();
    addresses_.clear();
    untold_.clear();
    changes_descriptor_ = -1;
    for (std::size_t index = 0; index < sockets_.size(); ++index) {
        if (sockets_[index]->used) free(static_cast<int>(index) + first_descriptor);
    }
    in_motion_.clear();
    // Which numbers come next is part of what a seed repeats.
    unused_.clear();
    for (std::size_t index = sockets_.size(); index > 0; --index)
        unused_.push_back(static_cast<int>(index) - 1 + first_descriptor);
    for (Waiter& waiter : waiters_) {
        waiter.ready.clear();
        waiter.woken = false;
    }
}

std::uint32_t World::choose(std::uint32_t bound) {
    random_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = random_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    z ^= z >> 31U;
    return static_cast<std::uint32_t>((z >> 32U) * bound >> 32U);
}

std::uint16_t World::failure(std::uint16_t error) {
    if (by_peer_ || disorder_.failures == 0) return error::none;
    return choose(1000) < disorder_.failures ? error : error::none;
}

void World::in_the_middle() {
    if (by_peer_) return;
    ++calls_;
    if (disorder_.arrivals && !in_motion_.empty() && choose(4) == 0) deliver();
}

// ---- sockets

Outcome World::open(bool ipv6, bool stream) {
    in_the_middle();
    if (const auto failed = failure(choose(2) == 0 ? error::too_many_files : error::no_buffers); failed != 0)
        return {-1, failed};
    if (unused_.empty()) {
        if (sockets_.size() >= descriptor_limit_) return {-1, error::too_many_files};
        sockets_.push_back(std::make_unique<Socket>());
        unused_.push_back(static_cast<int>(sockets_.size()) - 1 + first_descriptor);
    }
    const int descriptor = unused_.back();
    unused_.pop_back();
    Socket& socket = *sockets_[static_cast<std::size_t>(descriptor - first_descriptor)];
    socket.used = true;
    socket.held = true;
    socket.is_stream = stream;
    socket.is_ipv6 = ipv6;
    socket.own.ipv6 = ipv6;
    socket.send_buffer = default_send_buffer;
    socket.receive_buffer = default_receive_buffer;
    return {descriptor, error::none};
}

void World::free(int descriptor) {
    Socket& socket = *find(descriptor);
    for (const Watcher& watcher : socket.watchers) {
        if (watcher.queued) std::erase(waiters_[static_cast<std::size_t>(watcher.poller)].ready, descriptor);
    }
    if (socket.in_motion) std::erase(in_motion_, descriptor);
    socket.requests.clear();
    socket.datagrams.clear();
    socket.datagrams_under_way.clear();
    socket.watchers.clear();
    socket.groups.clear();
    socket.options.clear();
    static_cast<Life&>(socket) = {};
    unused_.push_back(descriptor);
}

void World::free_if_over(int descriptor) {
    Socket* const socket = find(descriptor);
    if (socket == nullptr || socket->held) return;
    const int other = socket->other;
    Socket* const there = find(other);
    if (there != nullptr && there->held) return;  // it may still send to this one, and is told by it
    free(descriptor);
    if (there != nullptr) free(other);
}

void World::leave(int descriptor, bool with_reset) {
    Socket* const socket = find(descriptor);
    if (socket == nullptr || !socket->held) return;
    // Nobody hears of it any more.
    for (const Watcher& watcher : socket->watchers) {
        if (watcher.queued) std::erase(waiters_[static_cast<std::size_t>(watcher.poller)].ready, descriptor);
    }
    socket->watchers.clear();
    if (!socket->is_stream) return free(descriptor);
    if (socket->state == State::listening) {
        const std::vector<int> waiting(socket->requests.begin(), socket->requests.end());
        socket->requests.clear();
        for (const int request : waiting) leave(request, true);
        return free(descriptor);
    }
    socket->held = false;
    if (socket->state == State::connected) {
        const Socket* const there = find(socket->other);
        const bool unread = socket->flow.arrived > socket->flow.read;
        const bool finished = socket->flow.fin_arrived && there != nullptr && there->flow.fin_arrived;
        if (there != nullptr && !finished && (with_reset || unread)) {
            socket->state = State::over;
            send_reset(socket->other);
        } else if (there != nullptr && !socket->send_shut) {
            find(socket->other)->flow.fin = true;
            set_in_motion(socket->other);
        }
    } else if (socket->asking) {
        return free(descriptor);
    }
    free_if_over(descriptor);
}

void World::close(int descriptor) {
    in_the_middle();
    const Socket* const socket = find(descriptor);
    leave(descriptor, socket != nullptr && socket->abortive);
}

void World::abort(int descriptor) {
    in_the_middle();
    leave(descriptor, true);
}

bool World::port_used(std::uint16_t port, bool stream, bool ipv6) const {
    return std::ranges::any_of(sockets_, [&](const auto& socket) {
        return socket->used && socket->bound && socket->own.port == port && socket->is_stream == stream &&
               socket->is_ipv6 == ipv6;
    });
}

std::uint16_t World::free_port(bool stream, bool ipv6) {
    for (;;) {
        if (next_port_ < first_port) next_port_ = first_port;
        const std::uint16_t port = next_port_++;
        // As long as the numbers have not come round nobody can have taken it, but who chose it.
        if (!port_used(port, stream, ipv6)) return port;
    }
}

// A socket that sends without having been bound is bound then.
void World::name(Socket& socket) {
    if (socket.bound) return;
    socket.bound = true;
    socket.own.port = free_port(socket.is_stream, socket.is_ipv6);
}

Outcome World::bind(int descriptor, Name at) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (const auto failed = failure(error::no_buffers); failed != 0) return {-1, failed};
    if (socket->bound) return {-1, error::invalid};
    if (at.port == 0)
        at.port = free_port(socket->is_stream, socket->is_ipv6);
    else if (port_used(at.port, socket->is_stream, socket->is_ipv6))
        return {-1, error::address_in_use};
    socket->own = at;
    socket->bound = true;
    return {};
}

Outcome World::listen(int descriptor, int backlog) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (!socket->is_stream) return {-1, error::operation_not_supported};
    if (const auto failed = failure(error::no_buffers); failed != 0) return {-1, failed};
    if (socket->state != State::idle && socket->state != State::listening) return {-1, error::invalid};
    name(*socket);
    socket->state = State::listening;
    socket->backlog = std::clamp(backlog, 1, 4096);
    return {};
}

Outcome World::accept(int descriptor, Name& peer) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (socket->state != State::listening) return {-1, error::invalid};
    if (const auto failed = failure(choose(2) == 0 ? error::too_many_files : error::no_buffers); failed != 0)
        return {-1, failed};
    if (socket->requests.empty()) return {-1, error::would_block};
    const int taken = socket->requests.front();
    socket->requests.pop_front();
    peer = find(taken)->peer;
    // There is room for one that found none.
    if (socket->requests.size() + 1 >= static_cast<std::size_t>(socket->backlog)) ask_again();
    return {taken, error::none};
}

int World::listener_at(const Name& at) const {
    for (std::size_t index = 0; index < sockets_.size(); ++index) {
        const Socket& socket = *sockets_[index];
        if (socket.used && socket.state == State::listening && socket.own.port == at.port &&
            socket.is_ipv6 == at.ipv6 && (socket.own.any_host() || socket.own.host == at.host))
            return static_cast<int>(index) + first_descriptor;
    }
    return -1;
}

int World::datagrams_at(const Name& at) const {
    for (std::size_t index = 0; index < sockets_.size(); ++index) {
        const Socket& socket = *sockets_[index];
        if (socket.used && socket.held && !socket.is_stream && socket.bound && socket.own.port == at.port &&
            socket.is_ipv6 == at.ipv6 && (socket.own.any_host() || socket.own.host == at.host))
            return static_cast<int>(index) + first_descriptor;
    }
    return -1;
}

Outcome World::connect(int descriptor, const Name& to) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (const auto failed = failure(error::no_buffers); failed != 0) return {-1, failed};
    if (!socket->is_stream) {
        if (const auto waiting = taken_error(*socket); waiting != 0) return {-1, waiting};
        name(*socket);
        if (socket->own.any_host()) socket->own.host = loopback(socket->is_ipv6);
        socket->peer = to;
        return {};
    }
    switch (socket->state) {
        case State::idle:
            break;
        case State::connecting:
            return {-1, error::already};
        case State::listening:
            return {-1, error::invalid};
        default:
            return {-1, error::is_connected};
    }
    socket->error = 0;
    name(*socket);
    if (socket->own.any_host()) socket->own.host = loopback(socket->is_ipv6);
    socket->peer = to;
    socket->state = State::connecting;
    socket->asking = true;
    set_in_motion(descriptor);
    return {-1, error::would_block};
}

Outcome World::disconnect(int descriptor) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    socket->peer = {};
    return {};
}

std::uint16_t World::taken_error(Socket& socket) { return std::exchange(socket.error, error::none); }

std::uint64_t World::room(const Socket& socket) const {
    const auto& there = *sockets_[static_cast<std::size_t>(socket.other - first_descriptor)];
    const std::uint64_t waiting = there.flow.written - there.flow.arrived;
    return waiting >= socket.send_buffer ? 0 : socket.send_buffer - waiting;
}

bool World::writable(Socket& socket) {
    if (socket.send_shut || socket.state == State::over || socket.other < 0) return true;
    const std::uint64_t free = room(socket);
    // A third at least, as Linux has it.
    if (free >= socket.send_buffer / 3) return true;
    socket.no_space = true;
    return false;
}

Outcome World::send(int descriptor, std::size_t bytes, bool urgent_byte, bool wild) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (!socket->is_stream) return send_to(descriptor, bytes, nullptr, wild);
    if (socket->error != 0) return {-1, taken_error(*socket)};
    if (socket->send_shut || socket->state == State::over) return {-1, error::connection_reset};
    if (socket->state == State::connecting) return {-1, error::would_block};
    if (socket->state != State::connected) return {-1, error::connection_reset};
    if (const auto failed = failure(error::no_buffers); failed != 0) return {-1, failed};
    const std::uint64_t free = room(*socket);
    if (free == 0) {
        socket->no_space = true;
        return {-1, error::would_block};
    }
    if (wild && bytes != 0) return {-1, error::fault};
    std::uint64_t taken = std::min<std::uint64_t>(free, bytes);
    if (taken > 1 && failure(1) != 0) taken = 1 + choose(static_cast<std::uint32_t>(taken - 1));
    if (taken < bytes) socket->no_space = true;
    if (taken == 0) return {0, error::none};
    Flow& flow = find(socket->other)->flow;
    flow.written += taken;
    if (urgent_byte) {
        flow.sent_mark = flow.written - 1;
        flow.mark_under_way = true;
    }
    set_in_motion(socket->other);
    return {static_cast<std::int64_t>(taken), error::none};
}

Outcome World::receive(int descriptor, std::size_t bytes, bool urgent_byte, bool peek, bool wild,
                       std::optional<std::size_t>& urgent_at) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    Flow& flow = socket->flow;
    const bool connected = socket->state == State::connected || socket->state == State::over;
    if (urgent_byte) {
        if (!connected || socket->oob_inline || !flow.urgent || flow.fetched) return {-1, error::invalid};
        if (wild && bytes != 0) return {-1, error::fault};
        if (!peek) flow.fetched = true;
        urgent_at = 0;
        return {bytes == 0 ? 0 : 1, error::none};
    }
    if (!connected) {
        if (socket->error != 0) return {-1, taken_error(*socket)};
        return {-1, socket->state == State::connecting ? error::would_block : error::not_connected};
    }
    std::uint64_t position = flow.read;
    if (flow.urgent && flow.mark == position && !socket->oob_inline) ++position;  // skipped
    std::uint64_t there = flow.arrived - std::min(position, flow.arrived);
    if (there == 0) {
        // Who asks for the data behind an urgent byte discards it.
        if (!peek && bytes != 0 && position > flow.read && position <= flow.arrived) {
            flow.read = position;
            flow.urgent = false;
        }
        if (flow.fin_arrived && socket->state == State::connected) return {0, error::none};
        if (socket->error != 0) return {-1, taken_error(*socket)};
        if (socket->receive_shut || flow.fin_arrived || socket->state == State::over) return {0, error::none};
        return {-1, error::would_block};
    }
    // Receives end before the mark.
    if (flow.urgent && flow.mark > position) there = std::min(there, flow.mark - position);
    const std::uint64_t taken = std::min<std::uint64_t>(there, bytes);
    if (wild && taken != 0) return {-1, error::fault};
    if (flow.urgent && flow.mark == position && socket->oob_inline && taken != 0) urgent_at = 0;
    if (peek || taken == 0) return {static_cast<std::int64_t>(taken), error::none};
    flow.read = position + taken;
    if (flow.urgent && flow.read > flow.mark) flow.urgent = false;
    if (flow.written > flow.arrived) set_in_motion(descriptor);
    return {static_cast<std::int64_t>(taken), error::none};
}

Outcome World::send_to(int descriptor, std::size_t bytes, const Name* to, bool wild) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (socket->is_stream) return send(descriptor, bytes, false, wild);
    if (socket->error != 0) return {-1, taken_error(*socket)};
    if (socket->send_shut) return {-1, error::connection_reset};
    if (const auto failed = failure(error::no_buffers); failed != 0) return {-1, failed};
    if (to == nullptr && socket->peer.port == 0) return {-1, error::not_connected};
    if (bytes > longest_datagram) return {-1, error::message_size};
    if (wild && bytes != 0) return {-1, error::fault};
    const Name where = to != nullptr ? *to : socket->peer;
    name(*socket);
    Name from = socket->own;
    if (from.any_host()) from.host = loopback(from.ipv6);
    const Datagram datagram{static_cast<std::uint32_t>(bytes), from};
    const bool disorderly = !by_peer_;
    if (disorderly && disorder_.lost != 0 && choose(1000) < disorder_.lost)
        return {static_cast<std::int64_t>(bytes), error::none};
    if (multicast(where)) {
        for (std::size_t index = 0; index < sockets_.size(); ++index) {
            Socket& member = *sockets_[index];
            if (!member.used || member.own.port != where.port) continue;
            const bool joined =
                std::ranges::any_of(member.groups, [&](const Name& group) { return group.host == where.host; });
            if (!joined) continue;
            member.datagrams_under_way.push_back(datagram);
            set_in_motion(static_cast<int>(index) + first_descriptor);
        }
        return {static_cast<std::int64_t>(bytes), error::none};
    }
    const int receiver = datagrams_at(where);
    Socket* const there = find(receiver);
    const bool refuses =
        there != nullptr && there->peer.port != 0 && (there->peer.port != from.port || there->peer.host != from.host);
    if (there == nullptr || refuses) {
        // ICMP says so, at once.
        socket->reported = true;
        socket->error = error::connection_refused;
        touch(descriptor);
        return {static_cast<std::int64_t>(bytes), error::none};
    }
    auto& line = there->datagrams_under_way;
    line.push_back(datagram);
    if (disorderly && disorder_.overtaking != 0 && line.size() > 1 && choose(1000) < disorder_.overtaking)
        std::swap(line[line.size() - 1], line[line.size() - 2]);
    set_in_motion(receiver);
    return {static_cast<std::int64_t>(bytes), error::none};
}

Outcome World::receive_from(int descriptor, std::size_t bytes, bool peek, bool wild, Name& from) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (socket->error != 0) return {-1, taken_error(*socket)};
    if (const auto failed = failure(error::no_buffers); failed != 0) return {-1, failed};
    if (socket->datagrams.empty()) {
        if (socket->receive_shut) return {0, error::none};
        return {-1, error::would_block};
    }
    const Datagram datagram = socket->datagrams.front();
    // Linux takes the datagram even where it cannot copy it.
    if (!peek) {
        socket->datagrams.pop_front();
        socket->datagram_bytes -= datagram.bytes;
    }
    if (wild && datagram.bytes != 0 && bytes != 0) return {-1, error::fault};
    from = datagram.from;
    if (datagram.bytes > bytes) return {static_cast<std::int64_t>(bytes), error::message_size};
    return {datagram.bytes, error::none};
}

Outcome World::shut_down(int descriptor, int how) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (how < shut_receive || how > shut_both) return {-1, error::invalid};
    if (!socket->is_stream) {
        if (how != shut_send) socket->receive_shut = true;
        if (how != shut_receive) socket->send_shut = true;
        touch(descriptor);
        return socket->peer.port == 0 ? Outcome{-1, error::not_connected} : Outcome{};
    }
    if (socket->state != State::connected) return {-1, error::not_connected};
    if (how != shut_send) socket->receive_shut = true;
    if (how != shut_receive && !socket->send_shut) {
        socket->send_shut = true;
        if (Socket* const there = find(socket->other)) {
            there->flow.fin = true;
            set_in_motion(socket->other);
        }
    }
    touch(descriptor);
    return {};
}

Outcome World::bytes_available(int descriptor) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (!socket->is_stream) return {socket->datagrams.empty() ? 0 : socket->datagrams.front().bytes, error::none};
    if (socket->state == State::listening) return {-1, error::invalid};
    const Flow& flow = socket->flow;
    if (socket->oob_inline || !flow.urgent || flow.mark < flow.read)
        return {static_cast<std::int64_t>(flow.arrived - flow.read), error::none};
    return {static_cast<std::int64_t>(flow.mark - flow.read), error::none};
}

Outcome World::at_mark(int descriptor) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    return {socket->flow.urgent && socket->flow.mark == socket->flow.read ? 1 : 0, error::none};
}

Outcome World::bytes_before_mark(int descriptor) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    const Flow& flow = socket->flow;
    if (!flow.urgent || flow.mark < flow.read || flow.mark >= flow.arrived) return {-1, error::invalid};
    return {static_cast<std::int64_t>(flow.mark - flow.read), error::none};
}

std::uint16_t World::take_error(int descriptor) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    return socket == nullptr ? error::not_socket : taken_error(*socket);
}

std::pair<bool, std::uint16_t> World::take_reports(int descriptor) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr || (!socket->reported && socket->error == 0)) return {false, error::none};
    socket->reported = false;
    socket->error = error::none;
    return {true, error::connection_reset};
}

bool World::readable(const Socket& socket) const {
    const Flow& flow = socket.flow;
    const std::uint64_t there = flow.arrived - flow.read;
    const bool at_urgent = flow.urgent && flow.mark == flow.read && !socket.oob_inline;
    return there >= (at_urgent ? 2U : 1U);
}

std::uint32_t World::readiness_of(Socket& socket) {
    std::uint32_t ready = socket.error != 0 || socket.reported || failed_ ? broken : 0;
    if (!socket.is_stream) {
        if (!socket.datagrams.empty()) ready |= in;
        if (socket.receive_shut) ready |= in | end;
        if (socket.receive_shut && socket.send_shut) ready |= hung_up;
        return ready | out;
    }
    switch (socket.state) {
        case State::idle:
            return ready | hung_up | out;
        case State::listening:
            return ready | (socket.requests.empty() ? 0 : in);
        case State::connecting:
            return ready;
        default:
            break;
    }
    const bool over = socket.state == State::over;
    const bool no_more = socket.receive_shut || socket.flow.fin_arrived || over;
    if (no_more) ready |= in | end;
    if (over || (no_more && socket.send_shut)) ready |= hung_up;
    if (readable(socket)) ready |= in;
    if (writable(socket)) ready |= out;
    if (socket.flow.urgent && !socket.flow.fetched) ready |= urgent;
    return ready;
}

std::uint32_t World::readiness(int descriptor) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    return socket == nullptr ? 0 : readiness_of(*socket);
}

Outcome World::local(int descriptor, Name& out) {
    const Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    out = socket->own;
    return {};
}

Outcome World::peer(int descriptor, Name& out) {
    const Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    const bool has_one = socket->is_stream ? socket->state == State::connected : socket->peer.port != 0;
    if (!has_one) return {-1, error::not_connected};
    out = socket->peer;
    return {};
}

Outcome World::join(int descriptor, const Name& group) {
    in_the_middle();
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return {-1, error::not_socket};
    if (!multicast(group)) return {-1, error::invalid};
    if (const auto failed = failure(error::no_buffers); failed != 0) return {-1, failed};
    const bool is_member =
        std::ranges::any_of(socket->groups, [&](const Name& joined) { return joined.host == group.host; });
    if (is_member) return {-1, error::address_in_use};
    socket->groups.push_back(group);
    return {};
}

void World::set_inline(int descriptor, bool on) {
    if (Socket* const socket = find(descriptor)) socket->oob_inline = on;
}

void World::set_buffer(int descriptor, bool sending, int bytes) {
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return;
    const auto size = std::clamp(static_cast<std::uint32_t>(std::max(bytes, 0)), least_buffer, most_buffer);
    (sending ? socket->send_buffer : socket->receive_buffer) = size;
}

void World::set_abortive(int descriptor, bool on) {
    if (Socket* const socket = find(descriptor)) socket->abortive = on;
}

std::int64_t& World::option(int descriptor, int level, int name) {
    static thread_local std::int64_t nothing;
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return nothing = 0;
    const auto key =
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(level)) << 32U | static_cast<std::uint32_t>(name);
    for (auto& [known, value] : socket->options) {
        if (known == key) return value;
    }
    return socket->options.emplace_back(key, 0).second;
}

bool World::ipv6(int descriptor) {
    const Socket* const socket = find(descriptor);
    return socket != nullptr && socket->is_ipv6;
}

bool World::stream(int descriptor) {
    const Socket* const socket = find(descriptor);
    return socket != nullptr && socket->is_stream;
}

bool World::listening(int descriptor) {
    const Socket* const socket = find(descriptor);
    return socket != nullptr && socket->state == State::listening;
}

// ---- what is under way

void World::set_in_motion(int descriptor) {
    Socket& socket = *find(descriptor);
    if (!disorder_.arrivals) {
        while (move(descriptor)) {
        }
        return;
    }
    if (std::exchange(socket.in_motion, true)) return;
    in_motion_.push_back(descriptor);
}

bool World::deliver() {
    while (!in_motion_.empty()) {
        const std::size_t which = choose(static_cast<std::uint32_t>(in_motion_.size()));
        const int descriptor = in_motion_[which];
        if (move(descriptor)) return true;
        // Perhaps it is gone, and the line is another one.
        const auto at = std::ranges::find(in_motion_, descriptor);
        if (at == in_motion_.end()) continue;
        *at = in_motion_.back();
        in_motion_.pop_back();
        if (Socket* const socket = find(descriptor)) socket->in_motion = false;
    }
    return false;
}

void World::deliver_all() {
    while (deliver()) {
    }
}

bool World::deliver_all_of(int descriptor) {
    bool moved = false;
    while (move(descriptor)) moved = true;
    const Socket* const socket = find(descriptor);
    const int other = socket == nullptr ? -1 : socket->other;
    while (other >= 0 && move(other)) moved = true;
    return moved;
}

bool World::move(int descriptor) {
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return false;
    if (socket->asking) return move_request(descriptor);
    return socket->is_stream ? move_stream(*socket, descriptor) : move_datagram(*socket, descriptor);
}

bool World::move_request(int descriptor) {
    Socket& socket = *find(descriptor);
    const int listener = listener_at(socket.peer);
    if (listener < 0) {
        socket.asking = false;
        socket.state = State::idle;
        socket.error = error::connection_refused;
        touch(descriptor);
        return true;
    }
    Socket& there = *find(listener);
    if (there.stalled || there.requests.size() >= static_cast<std::size_t>(there.backlog)) return false;
    const bool before = std::exchange(by_peer_, true);  // the system's own doing meets no failures
    const Outcome made = open(socket.is_ipv6, true);
    by_peer_ = before;
    if (!made.ok()) return false;
    const auto answering = static_cast<int>(made.value);
    Socket& accepted = *find(answering);
    accepted.own = socket.peer;
    accepted.peer = socket.own;
    accepted.state = State::connected;
    accepted.other = descriptor;
    accepted.oob_inline = there.oob_inline;
    accepted.send_buffer = there.send_buffer;
    accepted.receive_buffer = there.receive_buffer;
    socket.asking = false;
    socket.state = State::connected;
    socket.other = answering;
    there.requests.push_back(answering);
    touch(listener);
    touch(descriptor);
    return true;
}

bool World::move_datagram(Socket& socket, int descriptor) {
    if (socket.datagrams_under_way.empty()) return false;
    const Datagram datagram = socket.datagrams_under_way.front();
    socket.datagrams_under_way.pop_front();
    // Linux counts what it keeps with each as well.
    constexpr std::uint64_t beside = 256;
    if (socket.datagram_bytes + datagram.bytes + beside * socket.datagrams.size() > socket.receive_buffer) return true;
    socket.datagrams.push_back(datagram);
    socket.datagram_bytes += datagram.bytes;
    touch(descriptor);
    return true;
}

bool World::move_stream(Socket& socket, int descriptor) {
    if (socket.state != State::connected) return false;
    Flow& flow = socket.flow;
    // Mostly nothing is under way.
    if (flow.written == flow.arrived && flow.fin == flow.fin_arrived && !socket.reset_under_way) return false;
    if (!socket.held) {
        if (socket.reset_under_way) {
            reset_arrives(descriptor);
            return true;
        }
        // Nobody takes it: it is answered with a reset.
        if (flow.written > flow.arrived) {
            flow.arrived = flow.written;
            send_reset(socket.other);
            return true;
        }
        if (flow.fin && !flow.fin_arrived) {
            flow.fin_arrived = true;
            return true;
        }
        return false;
    }
    const std::uint64_t unread = flow.arrived - flow.read;
    const std::uint64_t window = unread >= socket.receive_buffer ? 0 : socket.receive_buffer - unread;
    std::uint64_t piece = std::min(flow.written - flow.arrived, window);
    if (piece > 1 && disorder_.arrivals && choose(2) == 0) piece = 1 + choose(static_cast<std::uint32_t>(piece - 1));
    bool moved = false;
    if (piece > 0) {
        const std::uint64_t before = flow.arrived;
        flow.arrived += piece;
        if (flow.mark_under_way && flow.sent_mark >= before && flow.sent_mark < flow.arrived) {
            flow.mark_under_way = false;
            // An urgent byte that comes next and was not read is skipped when a newer one comes.
            if (flow.urgent && flow.mark == flow.read && !socket.oob_inline && flow.read != before) ++flow.read;
            flow.urgent = true;
            flow.fetched = false;
            flow.mark = flow.sent_mark;
        }
        touch(descriptor);
        if (Socket* const there = find(socket.other); there != nullptr && there->no_space && writable(*there)) {
            there->no_space = false;
            touch(socket.other);
        }
        moved = true;
    }
    // It does not overtake what found room; the rest is lost.
    if (socket.reset_under_way && !moved) {
        reset_arrives(descriptor);
        return true;
    }
    if (flow.fin && !flow.fin_arrived && flow.arrived == flow.written && (!moved || !disorder_.arrivals)) {
        flow.fin_arrived = true;
        touch(descriptor);
        moved = true;
    }
    return moved;
}

void World::send_reset(int to) {
    Socket* const socket = find(to);
    if (socket == nullptr || socket->state != State::connected) return;
    socket->reset_under_way = true;
    set_in_motion(to);
}

void World::reset_arrives(int descriptor) {
    Socket& socket = *find(descriptor);
    socket.reset_under_way = false;
    socket.flow.written = socket.flow.arrived;
    socket.flow.mark_under_way = false;
    socket.state = State::over;
    socket.error = error::connection_reset;
    if (Socket* const there = find(socket.other)) there->flow.written = there->flow.arrived;
    touch(descriptor);
}

// ---- those who wait

int World::add_poller() {
    for (std::size_t index = 0; index < waiters_.size(); ++index) {
        if (waiters_[index].used) continue;
        waiters_[index].used = true;
        return static_cast<int>(index);
    }
    waiters_.emplace_back().used = true;
    return static_cast<int>(waiters_.size()) - 1;
}

void World::remove_poller(int poller) {
    for (const auto& socket : sockets_)
        std::erase_if(socket->watchers, [&](const Watcher& watcher) { return watcher.poller == poller; });
    Waiter& waiter = waiters_[static_cast<std::size_t>(poller)];
    waiter.ready.clear();
    waiter.woken = waiter.used = false;
}

bool World::watch(int poller, int descriptor, std::uint64_t token) {
    Socket* const socket = find(descriptor);
    // Never for want of memory: the page has no error for that in WSAAsyncSelect.
    if (socket == nullptr) return false;
    for (const Watcher& watcher : socket->watchers) {
        if (watcher.poller == poller && watcher.token == token) return true;
    }
    socket->watchers.push_back({poller, token, false});
    if (readiness_of(*socket) != 0) touch(descriptor);
    return true;
}

void World::unwatch(int poller, int descriptor) {
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return;
    std::erase_if(socket->watchers, [&](const Watcher& watcher) { return watcher.poller == poller; });
    std::erase(waiters_[static_cast<std::size_t>(poller)].ready, descriptor);
}

void World::touch(int descriptor) {
    Socket* const socket = find(descriptor);
    if (disorder_.untold != 0 && choose(1000) < disorder_.untold) return;
    for (Watcher& watcher : socket->watchers) {
        if (std::exchange(watcher.queued, true)) continue;
        waiters_[static_cast<std::size_t>(watcher.poller)].ready.push_back(descriptor);
    }
}

void World::wake(int poller) { waiters_[static_cast<std::size_t>(poller)].woken = true; }

bool World::anything_for(int poller) const {
    const Waiter& waiter = waiters_[static_cast<std::size_t>(poller)];
    return waiter.woken || !waiter.ready.empty();
}

bool World::told() const {
    return std::ranges::none_of(waiters_, [](const Waiter& waiter) { return waiter.used && !waiter.ready.empty(); });
}

std::size_t World::wait(int poller, Report* reports, std::size_t room_for, int milliseconds) {
    ++calls_;
    Waiter& waiter = waiters_[static_cast<std::size_t>(poller)];
    if (disorder_.arrivals && choose(2) == 0) deliver();
    for (bool late_allowed = disorder_.arrivals;; late_allowed = false) {
        std::size_t filled = 0;
        std::size_t left = waiter.ready.size();
        while (left-- > 0 && filled < room_for) {
            if (disorder_.arrivals && waiter.ready.size() > 1)
                std::swap(waiter.ready.front(), waiter.ready[choose(static_cast<std::uint32_t>(waiter.ready.size()))]);
            const int descriptor = waiter.ready.front();
            waiter.ready.pop_front();
            if (late_allowed && choose(8) == 0) {
                waiter.ready.push_back(descriptor);
                continue;
            }
            Socket& socket = *find(descriptor);
            const auto watcher =
                std::ranges::find_if(socket.watchers, [&](const Watcher& one) { return one.poller == poller; });
            if (watcher == socket.watchers.end()) continue;
            const std::uint32_t ready = readiness_of(socket);
            // Once more for nothing, now and then.
            if (disorder_.arrivals && choose(16) == 0)
                waiter.ready.push_back(descriptor);
            else
                watcher->queued = false;
            if (ready != 0) reports[filled++] = {watcher->token, ready};
        }
        const bool woken = std::exchange(waiter.woken, false);
        if (filled > 0 || woken || milliseconds == 0) return filled;
        if (!waiter.ready.empty()) continue;
        if (deliver()) continue;
        if (milliseconds < 0)
            ++quiescent_;
        else
            now_ += static_cast<std::uint64_t>(milliseconds);
        return 0;
    }
}

void World::change(const WayChange& change) {
    auto& ways = change.address ? addresses_ : routes_;
    const auto found = std::ranges::find(ways, change.way);
    if ((found != ways.end()) == change.added) return;
    if (change.added)
        ways.push_back(change.way);
    else
        ways.erase(found);
    untold_.push_back(change);
    if (changes_descriptor_ >= 0) touch(changes_descriptor_);
}

int World::changes_descriptor() {
    if (changes_descriptor_ < 0) {
        const ByPeer system(*this);
        changes_descriptor_ = static_cast<int>(open(false, false).value);
        find(changes_descriptor_)->receive_shut = true;  // always ready: it is looked at when it is touched
    }
    return changes_descriptor_;
}

void World::fail(bool failed) {
    failed_ = failed;
    if (!failed) return;
    // News of an end makes everybody look.
    for (std::size_t index = 0; index < sockets_.size(); ++index) {
        if (sockets_[index]->used) touch(static_cast<int>(index) + first_descriptor);
    }
}

void World::stall(int descriptor, bool on) {
    Socket* const socket = find(descriptor);
    if (socket == nullptr) return;
    socket->stalled = on;
    if (on) return;
    ask_again();
}

// Those who were not heard.
void World::ask_again() {
    for (std::size_t index = 0; index < sockets_.size(); ++index) {
        if (sockets_[index]->used && sockets_[index]->asking) set_in_motion(static_cast<int>(index) + first_descriptor);
    }
}

}  // namespace simulated
