// SendMessage: a message that its sender waits for. On the window's own thread it is a call; to another thread it is
// handed over and run when that thread retrieves messages or waits itself. It must not know posted messages.
#pragma once

#include <cstdint>

#include "impl/window/message.hpp"

namespace asyncselect::window {

class Queue;

// One message on its way to another thread. `answered` and `result` belong to the sender's mutex.
struct SentMessage {
    enum class Kind { message, destroy_window };

    Kind kind = Kind::message;
    Handle window = no_window;
    std::uint32_t number = 0;
    std::uintptr_t w_param = 0;
    std::intptr_t l_param = 0;
    Queue* sender = nullptr;  // null: nobody waits
    bool answered = false;
    std::intptr_t result = 0;
};

// Has the window's procedure handle the message and returns its result; 0 when the window does not exist, or it or its
// thread ends before it answers. Sets `no_such_window` when it did not exist. Any thread. Throws std::bad_alloc.
std::intptr_t send_message(Handle window, std::uint32_t number, std::uintptr_t w_param, std::intptr_t l_param,
                           bool& no_such_window);

// Asks the window's thread to destroy it, without waiting: a child goes with its parent, whosever it is.
void send_destroy(Handle window);

// Runs one on the thread of its window and answers it, also when the procedure leaves by an exception.
void run(SentMessage& message);

}  // namespace asyncselect::window
