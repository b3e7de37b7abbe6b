// What the rows of the machines do when they fire, and what they may look at. The socket hands both to a machine with
// each signal, so that a machine holds nothing but its state. Knows no machine and no MSM.
#pragma once

#include <cstdint>
#include <vector>

#include "model/event.hpp"
#include "model/facts.hpp"
#include "model/profile.hpp"
#include "model/socket.hpp"

namespace asyncselect::model {

// Takes what rows report. Not for sharing between threads.
class Journal {
  public:
    // The journal writes to what it is given; nothing of it may go away while the journal is used.
    Journal(Facts& facts, const Profile& profile, std::uint32_t& pending, ErrorCode& kept_error,
            std::vector<Post>& posts, std::vector<const Row*>& fired)
        : facts_(facts), profile_(profile), pending_(pending), kept_error_(kept_error), posts_(posts), fired_(fired) {}

    // The row fired.
    void record(const Row& row) { fired_.push_back(&row); }

    // The message of the row's event is due. `outcome` is the error of the attempt that FD_CONNECT tells; the errors
    // of the other events follow from the facts. While the queue is full, the message is kept.
    void post(const Row& row, ErrorCode outcome);

    // The change of the quality of service is covered by the next SIO_GET_QOS.
    void forget_qos_change() { facts_.qos_changed = false; }

  private:
    Facts& facts_;
    const Profile& profile_;
    std::uint32_t& pending_;
    ErrorCode& kept_error_;
    std::vector<Post>& posts_;
    std::vector<const Row*>& fired_;
};

// What the guards of one machine may look at.
struct Situation {
    const Facts& facts;
    const Profile& profile;
    bool refused;          // this event's message is due and the queue did not take it yet
    ErrorCode kept_error;  // the outcome that the refused FD_CONNECT is to tell
};

}  // namespace asyncselect::model
