// Providers that are wrong on purpose, for tests: another one with a fault. It must not know who notices.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/provider.hpp"
#include "model/event.hpp"

namespace asyncselect::conformance {

// A provider that does what another one does.
class Faulty : public Provider {
  public:
    explicit Faulty(std::unique_ptr<Provider> real = make_native_provider()) : real_(std::move(real)) {}
    std::string_view name() const override { return "faulty"; }
    bool ours() const override { return true; }
    Result startup() override { return real_->startup(); }
    Result cleanup() override { return real_->cleanup(); }
    int last_error() override { return real_->last_error(); }
    void set_last_error(int error) override { real_->set_last_error(error); }
    bool eager() const override { return real_->eager(); }
    Result open_stream(bool ipv6) override { return real_->open_stream(ipv6); }
    Result open_datagram(bool ipv6) override { return real_->open_datagram(ipv6); }
    Result bind(Handle socket, Endpoint at, bool any) override { return real_->bind(socket, at, any); }
    Result listen(Handle socket, int backlog) override { return real_->listen(socket, backlog); }
    Result connect(Handle socket, Endpoint to) override { return real_->connect(socket, to); }
    Result wsa_connect(Handle socket, Endpoint to, std::uint32_t flow) override {
        return real_->wsa_connect(socket, to, flow);
    }
    Result accept(Handle socket, Endpoint& peer) override { return real_->accept(socket, peer); }
    Result accept_wild(Handle socket) override { return real_->accept_wild(socket); }
    Result wsa_accept(Handle socket, Endpoint& peer, const ConditionFunction& condition) override {
        return real_->wsa_accept(socket, peer, condition);
    }
    Result join(Handle socket, const RemoteAddress& group, bool sends, bool receives, std::uint32_t flow) override {
        return real_->join(socket, group, sends, receives, flow);
    }
    Result receive(Handle socket, std::span<char> into, int length, std::uint32_t flags, Way way) override {
        return real_->receive(socket, into, length, flags, way);
    }
    Result send(Handle socket, std::span<const char> from, int length, std::uint32_t flags, Way way,
                std::optional<Endpoint> to) override {
        return real_->send(socket, from, length, flags, way, to);
    }
    Result shut_down(Handle socket, int how) override { return real_->shut_down(socket, how); }
    Result close(Handle socket) override { return real_->close(socket); }
    Result set_nonblocking(Handle socket, std::uint32_t value) override {
        return real_->set_nonblocking(socket, value);
    }
    Result bytes_available(Handle socket) override { return real_->bytes_available(socket); }
    Result set_oob_inline(Handle socket, bool on) override { return real_->set_oob_inline(socket, on); }
    Result set_buffer(Handle socket, bool sending, int bytes) override {
        return real_->set_buffer(socket, sending, bytes);
    }
    Result set_qos(Handle socket, std::uint32_t number) override { return real_->set_qos(socket, number); }
    Result get_qos(Handle socket, bool wild) override { return real_->get_qos(socket, wild); }
    Result get_group_qos(Handle socket, bool wild) override { return real_->get_group_qos(socket, wild); }
    Result watch_route(Handle socket, const RemoteAddress& to) override { return real_->watch_route(socket, to); }
    Result watch_addresses(Handle socket) override { return real_->watch_addresses(socket); }
    std::optional<Endpoint> local(Handle socket) override { return real_->local(socket); }
    Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) override {
        return real_->async_select(socket, window, message, mask);
    }
    Result event_select(Handle socket, std::uint32_t mask) override { return real_->event_select(socket, mask); }
    Result create_window() override { return real_->create_window(); }
    Result destroy_window(Handle window) override { return real_->destroy_window(window); }
    bool post(Handle window, std::uint32_t number) override { return real_->post(window, number); }
    std::optional<WindowMessage> peek(bool remove) override { return real_->peek(remove); }
    void wait(int milliseconds) override { real_->wait(milliseconds); }
    std::optional<std::string> cannot_fail_subsystem() const override { return real_->cannot_fail_subsystem(); }
    bool fail_subsystem() override { return real_->fail_subsystem(); }
    void restore_subsystem() override { real_->restore_subsystem(); }
    std::optional<std::string> cannot_queue_urgent() const override { return real_->cannot_queue_urgent(); }

  protected:
    std::unique_ptr<Provider> real_;
};

// Loses, adds or changes messages.
class Garbling : public Faulty {
  public:
    using Faulty::Faulty;
    std::optional<WindowMessage> peek(bool remove) override {
        while (true) {
            if (!again_.empty()) {
                const WindowMessage message = again_.front();
                if (remove) again_.pop_front();
                return message;
            }
            std::optional<WindowMessage> message = Faulty::peek(remove);
            if (!message || message->number < wm_user || message->number > wm_user + 100) return message;
            if (garble(*message)) return message;
            if (!remove) Faulty::peek(true);
        }
    }

  protected:
    // Whether the message is to be seen at all.
    virtual bool garble(WindowMessage& message) = 0;
    std::deque<WindowMessage> again_;
};

// Every message of the event comes twice.
template <model::Event event>
class Doubles final : public Garbling {
  public:
    using Garbling::Garbling;

  private:
    bool garble(WindowMessage& message) override {
        if (message.event == model::bit_of(event)) again_.push_back(message);
        return true;
    }
};

// No message of the event comes.
template <model::Event event>
class Drops final : public Garbling {
  public:
    using Garbling::Garbling;

  private:
    bool garble(WindowMessage& message) override { return message.event != model::bit_of(event); }
};

// FD_CLOSE comes a while after it is due.
class DelaysClose final : public Faulty {
  public:
    using Faulty::Faulty;
    std::optional<WindowMessage> peek(bool remove) override {
        if (held_ && std::chrono::steady_clock::now() >= due_) {
            std::optional<WindowMessage> message = held_;
            if (remove) held_.reset();
            return message;
        }
        std::optional<WindowMessage> message = Faulty::peek(remove);
        if (!message || message->number < wm_user || message->number > wm_user + 100) return message;
        if (message->event != model::bit_of(model::Event::close)) return message;
        if (!remove) Faulty::peek(true);
        held_ = message;
        due_ = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        return std::nullopt;
    }

  private:
    std::optional<WindowMessage> held_;
    std::chrono::steady_clock::time_point due_;
};

// A reset is told without an error.
class HidesResets final : public Garbling {
  public:
    using Garbling::Garbling;

  private:
    bool garble(WindowMessage& message) override {
        if (message.event == model::bit_of(model::Event::close)) {
            message.lparam &= 0xffffU;
            message.error = 0;
        }
        return true;
    }
};

// What is no socket is told to be an invalid argument.
class TellsAnotherError final : public Faulty {
  public:
    using Faulty::Faulty;
    Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) override {
        Result result = Faulty::async_select(socket, window, message, mask);
        if (result.error == model::wsa::not_a_socket) result.error = model::wsa::invalid;
        return result;
    }
};

}  // namespace asyncselect::conformance
