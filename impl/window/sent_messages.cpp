// Sending: a call on the window's own thread, a wait for another one's.
#include "impl/window/sent_messages.hpp"

#include <memory>

#include "impl/window/queue.hpp"
#include "impl/window/window.hpp"

namespace asyncselect::window {

std::intptr_t send_message(Handle window, std::uint32_t number, std::uintptr_t w_param, std::intptr_t l_param,
                           bool& no_such_window) {
    Queue* const owner = queue_of(window);
    no_such_window = owner == nullptr;
    if (no_such_window) return 0;
    if (owner->owned_by_this_thread()) return call_procedure(window, number, w_param, l_param);

    Queue& sender = Queue::of_this_thread();
    const auto message = std::make_shared<SentMessage>(
        SentMessage{.window = window, .number = number, .w_param = w_param, .l_param = l_param, .sender = &sender});
    no_such_window = !Queue::hand_over(*owner, message);
    return no_such_window ? 0 : sender.wait_for_answer(*message);
}

void send_destroy(Handle window) {
    Queue* const owner = queue_of(window);
    if (owner == nullptr) return;
    const auto message =
        std::make_shared<SentMessage>(SentMessage{.kind = SentMessage::Kind::destroy_window, .window = window});
    (void)Queue::hand_over(*owner, message);
}

void run(SentMessage& message) {
    // A destructor answers: the sender must not wait for ever when the procedure throws or ends its thread.
    struct Answer {
        SentMessage& message;
        std::intptr_t result = 0;
        ~Answer() {
            if (message.sender != nullptr) message.sender->answer(message, result);
        }
    } answer{message};
    if (message.kind == SentMessage::Kind::destroy_window) {
        (void)destroy_window(message.window);
    } else {
        answer.result = call_procedure(message.window, message.number, message.w_param, message.l_param);
    }
}

}  // namespace asyncselect::window
