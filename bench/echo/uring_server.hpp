// The echo server over io_uring: multishot accept and multishot receive into a ring of provided buffers. Sends are
// submitted with the wait for completions, so that a round trip needs less than one system call, or are made by calls
// of their own, as a program does that wants to be told at once what was sent. A buffer goes back when what it holds
// was sent; the sends of one connection are made one after the other. It must not know which of the two is measured.
#pragma once

#include <liburing.h>

#include <deque>
#include <memory>

#include "bench/echo/serving.hpp"

namespace asyncselect::bench {

inline constexpr unsigned entries = 4096;
inline constexpr unsigned buffers = 4096;  // a power of two
inline constexpr unsigned buffer_size = 4096;
inline constexpr int group = 0;

// What a completion is of: the kind in the lowest bits of the connection's address.
enum class Kind : std::uintptr_t { accept = 0, receive = 1, send = 2 };

struct Waiting {
    std::uint16_t buffer;
    unsigned begin;
    unsigned end;
};

struct alignas(8) Connection {
    int descriptor;
    bool receiving = true;
    bool ended = false;
    std::deque<Waiting> waiting;  // the first is being sent
};

enum class Sending { through_the_ring, by_calls };

class UringServer {
  public:
    UringServer(Serving serving, Sending sending)
        : serving_{serving}, sending_{sending}, listener_{listen_on_loopback(serving)} {
        io_uring_params parameters{};
        parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
        parameters.cq_entries = 4 * entries;
        if (io_uring_queue_init_params(entries, &ring_, &parameters) != 0) fail("io_uring_queue_init");
        memory_ = std::make_unique<std::array<char, std::size_t{buffers} * buffer_size>>();
        const std::size_t size = buffers * sizeof(io_uring_buf);
        void* place = nullptr;
        if (posix_memalign(&place, 4096, size) != 0) fail("posix_memalign");
        provided_ = static_cast<io_uring_buf_ring*>(place);
        io_uring_buf_reg registration{};
        registration.ring_addr = reinterpret_cast<std::uintptr_t>(place);
        registration.ring_entries = buffers;
        registration.bgid = group;
        if (io_uring_register_buf_ring(&ring_, &registration, 0) != 0) fail("io_uring_register_buf_ring");
        io_uring_buf_ring_init(provided_);
        for (unsigned i = 0; i < buffers; ++i) give(static_cast<std::uint16_t>(i));
        auto* const entry = next_entry();
        io_uring_prep_multishot_accept(entry, listener_, nullptr, nullptr, SOCK_CLOEXEC);
        io_uring_sqe_set_data64(entry, 0);
    }

    void run() {
        while (!over_) {
            io_uring_submit_and_wait(&ring_, 1);
            io_uring_cqe* completion = nullptr;
            unsigned head = 0;
            unsigned count = 0;
            io_uring_for_each_cqe(&ring_, head, completion) {
                take(*completion);
                ++count;
            }
            io_uring_cq_advance(&ring_, count);
        }
        io_uring_queue_exit(&ring_);
    }

  private:
    [[nodiscard]] char* at(std::uint16_t buffer) { return memory_->data() + std::size_t{buffer} * buffer_size; }

    void give(std::uint16_t buffer) {
        io_uring_buf_ring_add(provided_, at(buffer), buffer_size, buffer, io_uring_buf_ring_mask(buffers), 0);
        io_uring_buf_ring_advance(provided_, 1);
    }

    io_uring_sqe* next_entry() {
        auto* entry = io_uring_get_sqe(&ring_);
        if (entry == nullptr) {
            io_uring_submit(&ring_);
            entry = io_uring_get_sqe(&ring_);
        }
        return entry;
    }

    static void mark(io_uring_sqe* entry, Connection* connection, Kind kind) {
        io_uring_sqe_set_data64(entry,
                                reinterpret_cast<std::uintptr_t>(connection) | static_cast<std::uintptr_t>(kind));
    }

    void receive(Connection* connection) {
        auto* const entry = next_entry();
        io_uring_prep_recv_multishot(entry, connection->descriptor, nullptr, 0, 0);
        entry->flags |= IOSQE_BUFFER_SELECT;
        entry->buf_group = group;
        mark(entry, connection, Kind::receive);
        connection->receiving = true;
    }

    void send_first(Connection* connection) {
        const auto& first = connection->waiting.front();
        auto* const entry = next_entry();
        io_uring_prep_send(entry, connection->descriptor, at(first.buffer) + first.begin, first.end - first.begin,
                           MSG_NOSIGNAL);
        mark(entry, connection, Kind::send);
    }

    void take(const io_uring_cqe& completion) {
        auto* const connection = reinterpret_cast<Connection*>(completion.user_data & ~std::uintptr_t{7});
        switch (static_cast<Kind>(completion.user_data & 7)) {
            case Kind::accept:
                if (completion.res >= 0)
                    receive(std::make_unique<Connection>(Connection{completion.res, true, false, {}}).release());
                break;
            case Kind::receive:
                took(connection, completion);
                break;
            case Kind::send:
                sent(connection, completion.res);
                break;
        }
    }

    void took(Connection* connection, const io_uring_cqe& completion) {
        if (completion.res > 0) {
            const auto buffer = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
            const auto length = static_cast<unsigned>(completion.res);
            const unsigned gone = connection->ended ? length : sent_at_once(*connection, buffer, length);
            if (gone == length) {
                give(buffer);
            } else {
                connection->waiting.push_back({buffer, gone, length});
                if (connection->waiting.size() == 1) send_first(connection);
            }
        } else if (completion.res != -ENOBUFS) {
            connection->ended = true;
        }
        if ((completion.flags & IORING_CQE_F_MORE) != 0) return;
        connection->receiving = false;
        if (connection->ended)
            end_if_idle(connection);
        else
            receive(connection);
    }

    // How much a call has sent; what it has not goes through the ring, as it does where something waits already.
    unsigned sent_at_once(const Connection& connection, std::uint16_t buffer, unsigned length) {
        if (sending_ != Sending::by_calls || !connection.waiting.empty()) return 0;
        const ssize_t count = send(connection.descriptor, at(buffer), length, MSG_NOSIGNAL | MSG_DONTWAIT);
        return count < 0 ? 0 : static_cast<unsigned>(count);
    }

    void sent(Connection* connection, int count) {
        auto& first = connection->waiting.front();
        if (count < 0) connection->ended = true;
        first.begin += count < 0 ? first.end - first.begin : static_cast<unsigned>(count);
        if (first.begin == first.end) {
            give(first.buffer);
            connection->waiting.pop_front();
        }
        if (!connection->waiting.empty())
            send_first(connection);
        else
            end_if_idle(connection);
    }

    void end_if_idle(Connection* connection) {
        if (!connection->ended || !connection->waiting.empty()) return;
        if (connection->receiving) {
            // Its end is told by the receive's last completion.
            shutdown(connection->descriptor, SHUT_RDWR);
            return;
        }
        close(connection->descriptor);
        const std::unique_ptr<Connection> ended{connection};
        over_ = serving_.ended();
    }

    Serving serving_;
    Sending sending_;
    int listener_;
    io_uring ring_{};
    io_uring_buf_ring* provided_ = nullptr;
    std::unique_ptr<std::array<char, std::size_t{buffers} * buffer_size>> memory_;
    bool over_ = false;
};

}  // namespace asyncselect::bench
